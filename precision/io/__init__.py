"""Reading tables and genotypes of any origin, and writing tables that are safe to open."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from precision.io.importing import Import, merge, read
    from precision.io.risktable import RiskTable, risk_table

__all__ = ["Import", "RiskTable", "merge", "read", "risk_table"]
HOMES = {"RiskTable": "risktable", "risk_table": "risktable"}


def __getattr__(name: str) -> object:
    """Load the readers of tables when they are first asked for: reading genotypes needs none of them."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{HOMES.get(name, 'importing')}"), name)
