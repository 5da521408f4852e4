"""One measured figure, and the table in which the benchmarks print them."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement; less is better.

    Parameters
    ----------
    name : what was done, with its size: "PREVENT, 5 outcomes, 1 M people"
    ours, unit : what Precision took ("s", "ms", "MB", "x the file")
    target : most that it may take, in ``unit``; NaN = none was set
    peer, peer_value : who else did the same work, and what it took, in ``unit``
    ratio_target : least that ``ratio`` may be; NaN = none was set
    """

    name: str
    ours: float
    unit: str = "s"
    target: float = math.nan
    peer: str = ""
    peer_value: float = math.nan
    ratio_target: float = math.nan

    @property
    def ratio(self) -> float:
        """How many times what we took the peer took; NaN = no peer, or we took nothing."""
        return self.peer_value / self.ours if self.ours else math.nan

    @property
    def met(self) -> bool:
        """Whether no target is missed."""
        return not (self.ours > self.target or self.ratio < self.ratio_target)


def best_of(work: Callable[[], object], repeats: int = 5, clock: Callable[[], float] = time.perf_counter) -> float:
    """Seconds of the fastest of ``repeats`` runs: the others waited for the machine.

    Parameters
    ----------
    clock : ``time.process_time`` counts the processor seconds of this process, all threads, children aside
    """
    seconds: list[float] = []
    for _ in range(repeats):
        start = clock()
        work()
        seconds.append(clock() - start)
    return min(seconds)


def show(rows: Sequence[Row], console: Console) -> None:
    """Print the rows as a table."""
    table = Table(title="Precision benchmarks")
    for heading in ("Benchmark", "Ours", "Target", "Peer", "Ratio", "Result"):
        table.add_column(heading, justify="right" if heading in ("Ours", "Target", "Ratio") else "left")
    for row in rows:
        table.add_row(
            row.name,
            _amount(row.ours, row.unit),
            _amount(row.target, row.unit, "≤ "),
            f"{row.peer} {_amount(row.peer_value, row.unit)}".strip(),
            _amount(row.ratio, "x") + (f" (≥ {row.ratio_target:g})" if math.isfinite(row.ratio_target) else ""),
            _verdict(row),
        )
    console.print(table)


def _verdict(row: Row) -> str:
    if math.isnan(row.target) and math.isnan(row.ratio_target):
        return ""
    return "met" if row.met else "MISSED"


def _amount(value: float, unit: str, before: str = "") -> str:
    return f"{before}{value:,.3g} {unit}" if math.isfinite(value) else ""
