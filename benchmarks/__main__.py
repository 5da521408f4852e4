"""Runs the benchmarks and prints one table: `python -m benchmarks [NAME ...]`.

A benchmark is a module of this folder with a function ``run() -> list[Row]``.
"""

import importlib
import pkgutil
import sys
from collections.abc import Sequence

from rich.console import Console

import benchmarks
from benchmarks.report import Row, show

NOT_BENCHMARKS = ("__main__", "memory", "peers", "report")


def names() -> tuple[str, ...]:
    """The benchmark modules, in alphabetical order."""
    return tuple(
        module.name for module in pkgutil.iter_modules(benchmarks.__path__) if module.name not in NOT_BENCHMARKS
    )


def main(chosen: Sequence[str]) -> int:
    """Run the benchmarks named, or all; 2 if a name is unknown, else 0 whether or not targets are met."""
    console = Console()
    unknown = sorted(set(chosen) - set(names()))
    if unknown:
        console.print(f"no benchmark is called {', '.join(unknown)}; known: {', '.join(names())}")
        return 2
    rows: list[Row] = []
    for name in chosen or names():
        console.print(f"Running {name} ...")
        rows += importlib.import_module(f"benchmarks.{name}").run()
    show(rows, console)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
