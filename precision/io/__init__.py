"""Reading patient tables: every file becomes a cohort, its issues and its quarantine."""

from precision.io.importing import Import, merge, read
from precision.io.risktable import RiskTable, risk_table

__all__ = ["Import", "RiskTable", "merge", "read", "risk_table"]
