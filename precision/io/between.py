"""Checks that need more than one cell: required columns, duplicates, contradictions, patients that are not there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.io.arrow import Floats, Mask
from precision.io.drafts import Draft, Known, id_series
from precision.io.issues import Ledger
from precision.io.roles import INTERNAL
from precision.io.shipped import rows
from precision.io.text import Cells, Rows, TextColumn
from precision.schema import variable, variables

AGES = ("age", "birth_date", "birth_year")


def is_primary(draft: Draft) -> bool:
    """Whether a wide table can make patients: it says their sex and age."""
    return "sex" in draft.columns and any(name in draft.columns for name in AGES)


def require(draft: Draft) -> None:
    """Report what every patient must have and some have not: sex, and age or date or year of birth."""
    _required(draft, ("sex",), "sex")
    _required(draft, AGES, "age")


def _required(draft: Draft, names: tuple[str, ...], what: str) -> None:
    known = [draft.columns[name] for name in names if name in draft.columns]
    held = {state.becomes: state for state in draft.states if state.becomes in names}
    if not known:
        fix = f"Choose the column that holds {what}, or add one; write 'unknown' where it is not known."
        draft.ledger.column("missing_column", "", what, f"no column holds {what}.", fix)
        return
    if all(held[name].state == "confirm" and _empty(draft.columns[name]) for name in held):
        header = known[0].column.header
        reason = f"{what} cannot be read before the coding of '{header}' is confirmed."
        draft.ledger.column("missing_column", header, what, reason, f"Confirm the coding of '{header}'.")
        return
    blank = np.logical_and.reduce([item.column.spread(item.column.blank()) for item in known])
    rows = np.flatnonzero(blank)
    draft.ledger.rows("missing_required", known[0].column.header, rows, [""] * len(rows), f"{what} is empty.")


def _empty(known: Known) -> bool:
    return known.kind == "number" and bool(np.isnan(known.numbers()).all())


def report_duplicates(draft: Draft) -> None:
    """Report patients that stand in several rows of a wide table: the same row again, or another one."""
    if draft.ids.codes is None and draft.ids.distinct.all_different():
        return
    ids, good = id_series(draft.ids), draft.ledger.accepted
    twice = ids.duplicated(keep=False).to_numpy() & good & ~draft.ids.spread(draft.ids.blank())
    if not twice.any():
        return
    rows = np.flatnonzero(twice)
    content = _content(draft, rows)
    groups: dict[str, list[int]] = defaultdict(list)
    for position, name in enumerate(ids.iloc[rows]):
        groups[name].append(position)
    same, unlike = dict[int, str](), dict[int, str]()
    for members in groups.values():
        _sort_duplicates(members, content, rows, draft.ledger, same, unlike)
    _report(draft, "duplicate_row", same, "the same row stands at row %s.")
    _report(draft, "conflicting_duplicate", unlike, "the patient stands in row %s too, with other values.")


def _sort_duplicates(
    members: list[int],
    content: NDArray[np.uint64],
    rows: Rows,
    ledger: Ledger,
    same: dict[int, str],
    unlike: dict[int, str],
) -> None:
    """Row -> the row that it repeats or contradicts, for the rows of one patient."""
    first: dict[int, int] = {}
    for member in members:
        seen = first.setdefault(int(content[member]), member)
        if seen != member:
            same[int(rows[member])] = f"{ledger.table.rows[rows[seen]]:,}"
    kept = list(first.values())
    if len(kept) > 1:
        for member in kept:
            others = [f"{ledger.table.rows[rows[other]]:,}" for other in kept if other != member]
            unlike[int(rows[member])] = ", ".join(others[:3]) + (" and others" if len(others) > 3 else "")


def _report(draft: Draft, code: str, found: Mapping[int, str], reason: str) -> None:
    rows = np.array(sorted(found), dtype=np.int64)
    names = id_series(draft.ids, rows).tolist()
    by_other: dict[str, list[int]] = defaultdict(list)
    for position, row in enumerate(rows):
        by_other[found[int(row)]].append(position)
    for other, positions in by_other.items():
        at = np.array(positions)
        draft.ledger.rows(code, draft.ids.header, rows[at], [names[p] for p in positions], reason % other)


def report_repeated_rows(draft: Draft) -> None:
    """Report rows of a long table that say word for word what an earlier row says."""
    good = np.flatnonzero(draft.ledger.accepted)
    content = pd.Series(_content(draft, good))
    again = content.duplicated().to_numpy()
    if not again.any():
        return
    first = pd.Series(draft.ledger.table.rows[good]).groupby(content.to_numpy()).transform("first").to_numpy()
    rows = good[again]
    found = {int(row): f"{number:,}" for row, number in zip(rows, first[again], strict=True)}
    _report(draft, "duplicate_row", found, "the same row stands at row %s.")


def _content(draft: Draft, rows: Rows) -> NDArray[np.uint64]:
    """A fingerprint of what each row holds, in the columns that are the file's own."""
    total = np.zeros(len(rows), dtype=np.uint64)
    for column in draft.ledger.table.columns:
        if column.header in INTERNAL:
            continue
        total = total * np.uint64(0x9E3779B97F4A7C15) + _fingerprint(column, rows)
    return total


def _fingerprint(column: TextColumn, rows: Rows) -> NDArray[np.uint64]:
    return column.cells(rows).hashes() if column.codes is None else column.distinct.hashes()[column.codes[rows]]


@cache
def _contradictions() -> tuple[dict[str, str], ...]:
    return tuple(row for row in rows("contradictions.csv") if {row["variable"], row["other"]} <= set(variables()))


def report_contradictions(draft: Draft) -> None:
    """Report pairs of values that cannot both be right, and dates before birth."""
    for rule in _contradictions():
        one, other = draft.columns.get(rule["variable"]), draft.columns.get(rule["other"])
        if one is None or other is None or {one.kind, other.kind} != {"number"}:
            continue
        mask = _compared(one.numbers(), other.numbers(), rule)
        rows = np.flatnonzero(mask & draft.ledger.accepted)
        values = one.column.cells(rows).list()
        draft.ledger.rows("contradiction", one.column.header, rows, values, f"{rule['reason']}.")
    born = draft.columns.get("birth_date")
    if born is not None:
        report_before_birth(draft, born.dates())


def _compared(one: Floats, other: Floats, rule: Mapping[str, str]) -> Mask:
    if rule["is"] != "number":
        item = variable(rule["variable"])
        level = {"yes": 1.0, "no": 0.0}.get(rule["is"]) if item.kind == "boolean" else item.code(rule["is"])
        held = one == level
        return held & (other > 0)
    return one > other


def report_before_birth(draft: Draft, born: NDArray[np.datetime64]) -> None:
    """Report dates of a table that lie before the birth of the row's patient; born is (N,), NaT where unknown."""
    for name, known in draft.columns.items():
        if name == "birth_date" or known.kind != "date":
            continue
        days = known.dates().astype("datetime64[D]")
        rows = np.flatnonzero((days < born.astype("datetime64[D]")) & draft.ledger.accepted)
        values = known.column.cells(rows).list()
        draft.ledger.rows("date_before_birth", known.column.header, rows, values, "the date lies before the birth.")


def report_orphans(draft: Draft, patients: pd.Index) -> None:
    """Report rows of patients who are not among those that are accepted."""
    names = TextColumn(draft.ids.header, draft.ids.stripped(), draft.ids.codes)
    absent = patients.get_indexer(pd.Index(names.distinct.series())) < 0
    absent &= ~draft.ids.blank()
    reason = "no accepted row of a patients table has this identifier."
    draft.ledger.cells("orphan_patient", Cells(names), absent, reason)


def births(drafts: Iterable[Draft], patients: pd.Index) -> NDArray[np.datetime64]:
    """Date of birth of each patient, NaT where no table gives it."""
    born = np.full(len(patients), np.datetime64("NaT"), dtype="datetime64[us]")
    for draft in drafts:
        if "birth_date" in draft.columns:
            rows = draft.accepted()
            at = patients.get_indexer(pd.Index(id_series(draft.ids, rows)))
            known = (at >= 0) & np.isnat(born[at])
            born[at[known]] = draft.columns["birth_date"].dates()[rows][known]
    return born
