"""What reading came to: the account of rows, the meaning of columns, the issues and the quarantine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from types import MappingProxyType

import pandas as pd

from precision.cohort import GENOTYPES, Cohort
from precision.io.drafts import Draft, State
from precision.io.mapping import examples
from precision.io.quarantine import held, restored
from precision.schema import propose, variables
from precision.wording import unit_text

COUNTS = ("file", "table", "rows_in", "accepted", "quarantined", "with_warning")
COLUMN_FIELDS = (
    ("file", "sheet", "column", "becomes", "label", "proposals", "examples", "unit_source", "unit")
    + ("conversion", "filled", "state")
)  # fmt: skip
NOT_OURS = ("extra", "internal", "unused", "identifier")
PROPOSED = 60  # columns of one file up to which a meaning is proposed


@dataclass(frozen=True, slots=True)
class Import:
    """What reading some files came to.

    Attributes
    ----------
    cohort : the accepted rows; None where there are none
    issues : file, sheet, row (as in the file; 0 = the whole file), column, value, code, severity, reason, fix, action
    quarantine : file -> its rows that are not used: the original columns as text, then _row, _issues, _fix
    columns : one row per column of the files: file, sheet, column, becomes (name of a variable or a part of a table,
        or empty), label, proposals (names, comma separated), examples, unit_source (header, column, chosen, model or
        dictionary), unit, conversion, filled (share), state (mapped, confirm, fix or ignored)
    counts : per file: table, rows_in, accepted, quarantined, with_warning; rows_in = accepted + quarantined; a row of
        a file of genotypes is a sample that is used
    restored : file -> rows of an earlier quarantine that are accepted now
    """

    cohort: Cohort | None
    issues: pd.DataFrame
    quarantine: Mapping[str, pd.DataFrame]
    columns: pd.DataFrame
    counts: pd.DataFrame
    restored: Mapping[str, frozenset[int]] = field(default_factory=dict)


def counts(drafts: Iterable[Draft], refused: Iterable[str], samples: Mapping[str, int]) -> pd.DataFrame:
    """How many rows each file had, and what became of them; ``samples`` that each file of genotypes gave."""
    rows: list[tuple[str, str, int, int, int, int]] = []
    for draft in drafts:
        ledger = draft.ledger
        rows_in = len(ledger.table) + len(ledger.table.broken)
        accepted = int(ledger.accepted.sum())
        warned = int((ledger.warned & ledger.accepted).sum())
        rows.append((ledger.table.name, draft.table, rows_in, accepted, rows_in - accepted, warned))
    rows += [(file, GENOTYPES, count, count, 0, 0) for file, count in samples.items()]
    rows += [(file, "", 0, 0, 0, 0) for file in refused]
    return pd.DataFrame(rows, columns=list(COUNTS))


def quarantine(drafts: Iterable[Draft]) -> Mapping[str, pd.DataFrame]:
    """The rows of each file that are not used."""
    return MappingProxyType(
        {
            draft.ledger.table.name: held(draft)
            for draft in drafts
            if draft.ledger.refused.any() or draft.ledger.table.broken
        }
    )


def restorations(drafts: Iterable[Draft]) -> Mapping[str, frozenset[int]]:
    """For files that are quarantines loaded again, the rows that are accepted now."""
    return MappingProxyType({d.ledger.table.name: rows for d in drafts if (rows := restored(d)) is not None})


def columns(drafts: Iterable[Draft]) -> pd.DataFrame:
    """How each column of the files is understood."""
    rows: list[dict[str, str | float]] = []
    for draft in drafts:
        wrong = {batch.column for batch in draft.ledger.batches if batch.kind.severity == "error"}
        rows += [_row(draft, state, wrong, at < PROPOSED) for at, state in enumerate(_as_in_the_file(draft))]
    return pd.DataFrame(rows, columns=list(COLUMN_FIELDS))


def _as_in_the_file(draft: Draft) -> list[State]:
    place = {header: position for position, header in enumerate(draft.ledger.table.headers)}
    return sorted(draft.states, key=lambda state: place.get(state.use.column.header, len(place)))


def _row(draft: Draft, state: State, wrong: Set[str], asked: bool) -> dict[str, str | float]:
    use, table = state.use, draft.ledger.table
    item = variables().get(state.becomes)
    near = propose(use.column.header) if use.part == "extra" and asked else ()
    return {
        "file": table.file,
        "sheet": table.sheet,
        "column": use.column.header,
        "becomes": state.becomes,
        "label": item.label if item else state.becomes.replace("_", " ").capitalize() or "Not used",
        "proposals": ", ".join(match.variable.name for match in near),
        "examples": examples(use.column),
        "unit_source": use.unit_source,
        "unit": unit_text(use.unit),
        "conversion": _conversion(use.unit, item.unit if item else ""),
        "filled": use.column.filled() if len(table) else 0.0,
        "state": state.state or _state(state, wrong),
    }


def _conversion(stated: str, unit: str) -> str:
    return f"{unit_text(stated)} to {unit_text(unit)}" if stated and unit and stated != unit else ""


def _state(state: State, wrong: Set[str]) -> str:
    if state.use.part == "identifier" or state.use.column.header in wrong:
        return "fix"
    return "ignored" if state.use.part in NOT_OURS else "mapped"
