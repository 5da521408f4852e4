"""Long tables of measurements: one row per value, each read as the variable that its code or name means."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.io.arrow import Floats, coded
from precision.io.cells import read_cells
from precision.io.drafts import Draft, Known
from precision.io.mapping import Choices
from precision.io.text import Cells, Rows, TextColumn, paired, part
from precision.schema import COMPARATORS, Match, Variable, by_loinc, match_header

NONE = -1
Meaning = tuple[Variable, str]  # what a code measures, and in which unit where the row states none


def read_values(draft: Draft, choices: Choices, columns: dict[str, TextColumn]) -> None:
    """Read the values of a long table into the draft.

    columns : part of the table (variable, label, value, unit, comparator) -> column of the file
    """
    meanings, which = _meanings(columns)
    count, value = len(draft.ledger.table), columns["value"]
    numbers, signs = np.full(count, np.nan), np.zeros(count, dtype=np.int8)
    order = np.argsort(which, kind="stable")
    bounds = np.searchsorted(which[order], np.arange(len(meanings) + 1))
    blank = value.spread(value.blank())
    for k, (item, unit) in enumerate(meanings):
        rows = order[bounds[k] : bounds[k + 1]]
        rows = rows[~blank[rows]]
        if not len(rows) or item.kind in ("text", "date"):
            continue
        cells = _cells(value, columns.get("unit") if item.unit else None, rows)
        reading = read_cells(draft.ledger, cells, item, unit, choices.confirmed(value.header, item))
        numbers[rows] = cells.column.spread(reading.values)
        signs[rows] = cells.column.spread(reading.comparator)
    _unknown(draft, columns, which, numbers)
    draft.ledger.rows(
        "empty_value", value.header, np.flatnonzero(blank), [""] * int(blank.sum()), "the row has no value."
    )
    names = [item.name for item, _ in meanings]
    draft.made["variable"] = _variable_names(columns["variable"], names, which)
    draft.made["value"] = pd.Series(numbers)
    draft.made["comparator"] = _stated_signs(columns.get("comparator"), signs)
    draft.columns["value_source"] = Known(value)
    if "unit" in columns:
        draft.columns["unit_source"] = Known(columns["unit"])


def _meanings(columns: dict[str, TextColumn]) -> tuple[list[Meaning], Rows]:
    """What is measured: the distinct meanings, and for each row the number of its own; NONE where unknown."""
    code, label = columns["variable"], columns.get("label")
    labels: tuple[str, ...] = ("",) * len(code.distinct)
    if label is not None:
        code, labels = paired(code, label)
    numbers: dict[tuple[str, str], int] = {}
    found: list[Meaning] = []
    distinct = np.full(len(code.distinct), NONE, dtype=np.int64)
    for i, (text, name) in enumerate(zip(code.stripped().list(), labels, strict=True)):
        match = _match(text) or (_match(name) if name else None)
        if match is None or match.variable.name in ("patient_id", "observation_value"):
            continue
        unit = match.unit or match.variable.unit
        key = (match.variable.name, unit)
        if key not in numbers:
            numbers[key] = len(found)
            found.append((match.variable, unit))
        distinct[i] = numbers[key]
    return found, code.spread(distinct)


def _match(text: str) -> Match | None:
    bare = text.strip().removeprefix("LOINC:").removeprefix("loinc:")
    coded = by_loinc().get(bare)
    if coded is not None:
        return Match(coded, coded.loinc_units.get(bare))
    return None if bare.isdigit() else match_header(bare)


def _cells(value: TextColumn, unit: TextColumn | None, rows: Rows) -> Cells:
    if unit is None:
        return Cells(part(value, rows), None, rows)
    column, units = paired(part(value, rows), part(unit, rows))
    return Cells(column, units, rows)


def _unknown(draft: Draft, columns: dict[str, TextColumn], which: Rows, numbers: Floats) -> None:
    """Measurements that the dictionary does not know are kept under their own code."""
    rows = np.flatnonzero(which == NONE)
    if not len(rows):
        return
    code, value = part(columns["variable"], rows), part(columns["value"], rows)
    read = pd.to_numeric(pd.Series(value.stripped().list(), dtype="str"), errors="coerce").to_numpy(dtype=np.float64)
    numbers[rows] = value.spread(np.where(np.isfinite(read), read, np.nan))
    blank = code.blank()
    at = Cells(replace(code, header=columns["variable"].header), None, rows)
    draft.ledger.cells("missing_required", at, blank, "the row does not say what was measured.", "Fill in the code.")
    reason = "no variable has this code or name; the value is kept under it."
    draft.ledger.cells("unknown_observation", at, ~blank, reason)


def _variable_names(code: TextColumn, names: list[str], which: Rows) -> pd.Series:
    """Name of each row's variable, or its own code where there is none; kept once for each distinct name."""
    own = code.stripped()
    codes = code.numbers()
    categories = [*names, *own.list()]
    merged, unique = pd.factorize(np.array(categories, dtype=object))
    return pd.Series(coded(merged[np.where(which == NONE, codes + len(names), which)], unique.tolist()))


def _stated_signs(column: TextColumn | None, signs: NDArray[np.int8]) -> pd.Series:
    """The comparator of each row: of its own column where there is one, else the sign before the value."""
    if column is not None:
        own = [COMPARATORS.index(text) if text in COMPARATORS else 0 for text in column.stripped().list()]
        signs = np.where(signs == 0, column.spread(np.array(own, dtype=np.int8)), signs)
    return pd.Series(coded(signs, COMPARATORS))
