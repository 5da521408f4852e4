"""Long tables: several rows per patient, each column a part of a canonical table."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.io.arrow import Texts, coded
from precision.io.cells import read_cells
from precision.io.codes import with_system
from precision.io.dates import read_dates
from precision.io.doses import read_doses
from precision.io.drafts import Draft, Known, State, check_ids, check_text
from precision.io.issues import Ledger
from precision.io.mapping import Choices, Use
from precision.io.observations import read_values
from precision.io.roles import INTERNAL, ORIGIN, Role, assigned, identifier_header, identifiers, roles
from precision.io.text import Cells, TextColumn, TextTable, paired
from precision.io.wide import MANGLED_GENE, NO_IDENTIFIER
from precision.schema import MISSING_WORDS, Variable, variable
from precision.units import header_key

NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
STATUS = {"conditions": "condition_status", "medications": "medication_status"}
ENDED = {"conditions": ("end_date", "resolved"), "medications": ("stop", "stopped")}
BEGAN = {"conditions": "onset_date", "medications": "start"}
CHECKED_LEVELS = {("consent", part): f"consent_{part}" for part in ("use", "scope", "decision")}


def read_long(table: TextTable, name: str, choices: Choices) -> Draft:
    """Read a long table as the canonical table of this name."""
    ledger = Ledger(table)
    check_text(ledger)
    found = {h: c for h, c in choices.mapping.items() if h in table.headers}
    parts = assigned(table.headers, name, found)
    by_header = {column.header: column for column in table.columns}
    columns = {part: by_header[header] for part, header in parts.items()}
    draft = Draft(name, ledger, _ids(ledger, columns.pop("patient_id", None), choices, set(parts.values())))
    _read_parts(draft, choices, columns)
    _keep_others(draft, columns, choices)
    return draft


def _ids(ledger: Ledger, chosen: TextColumn | None, choices: Choices, taken: set[str]) -> TextColumn:
    header = chosen.header if chosen else identifier_header(h for h in ledger.table.headers if h not in taken)
    for column in ledger.table.columns:
        if column.header == header:
            check_ids(ledger, column)
            return column
    ledger.column("missing_column", "", "patient_id", NO_IDENTIFIER)
    return TextColumn("", Texts.of([""] * len(ledger.table)))


def _read_parts(draft: Draft, choices: Choices, columns: dict[str, TextColumn]) -> None:
    """Read every part of the table by its kind."""
    name, skipped = draft.table, set[str]()
    if name == "observations":
        read_values(draft, choices, columns)
        skipped = {"variable", "value", "unit", "comparator"}
    for role in roles()[name]:
        if role.column in columns:
            draft.states.append(State(Use(columns[role.column], name), role.column, ""))
            if role.column not in skipped:
                _read_part(draft, role, columns, choices)
    for role in roles()[name]:
        if role.required and name != "observations":
            _require(draft, role, columns)
    if name in STATUS:
        _states(draft, columns, choices.today)
        _report_reversed(draft)


def _read_part(draft: Draft, role: Role, columns: dict[str, TextColumn], choices: Choices) -> None:
    column = columns[role.column]
    if role.kind == "date":
        of = f"medication_{role.column}" if draft.table == "medications" else role.column
        draft.columns[role.column] = Known(column, read_dates(draft.ledger, Cells(column), choices.today, of))
    elif role.kind == "number":
        draft.columns[role.column] = Known(column, _numbers(draft.ledger, column))
    elif role.kind == "dose":
        draft.columns[role.column] = _doses(draft.ledger, column, columns.get("dose_unit"))
    elif role.kind == "code":
        draft.made[role.column] = _coded(draft.table, column, columns.get("system"))
    elif role.kind == "gene":
        wrong = column.stripped().matches(MANGLED_GENE, ignore_case=True)
        draft.ledger.cells("excel_mangled_gene", Cells(column), wrong, lambda text: f"'{text}' was a gene symbol once.")
        draft.columns[role.column] = Known(column)
    elif (draft.table, role.column) in CHECKED_LEVELS:
        item = variable(CHECKED_LEVELS[draft.table, role.column])
        draft.columns[role.column] = Known(column, _levels(draft.ledger, column, item), item)
    else:
        draft.columns[role.column] = Known(column)


def _numbers(ledger: Ledger, column: TextColumn) -> NDArray[np.float64]:
    texts = column.stripped()
    fit = texts.matches(NUMBER)
    missing = np.array([text.lower() in MISSING_WORDS for text in texts.list()], dtype=np.bool_)
    ledger.cells("not_a_number", Cells(column), ~fit & ~missing, lambda text: f"'{text}' is not a number.")
    values = np.full(len(texts), np.nan)
    values[fit] = texts.where(fit).numbers()
    return values


def _doses(ledger: Ledger, column: TextColumn, unit: TextColumn | None) -> Known:
    """Doses in mg, each with the unit that stands beside it."""
    units: tuple[str, ...] | None = None
    if unit is not None:
        column, units = paired(column, unit)
    return Known(column, read_doses(ledger, Cells(column, units)))


def _levels(ledger: Ledger, column: TextColumn, item: Variable) -> NDArray[np.float64]:
    return read_cells(ledger, Cells(column), item, "", confirmed=True).values


def _coded(table: str, column: TextColumn, system: TextColumn | None) -> pd.Series:
    """Codes with their system, read once for each distinct pair."""
    systems: tuple[str, ...] = ("",) * len(column.distinct)
    if system is not None:
        column, systems = paired(column, system)
    kind = table if table == "medications" else "conditions"
    texts = [with_system(kind, code, name) for code, name in zip(column.distinct.list(), systems, strict=True)]
    coded = TextColumn(column.header, Texts.of(texts), column.codes)
    return pd.Series(Known(coded).series())


def _require(draft: Draft, role: Role, columns: dict[str, TextColumn]) -> None:
    """Rows that lack what the table is about; another column may say it instead."""
    several = [columns[name] for name in (role.column, *role.instead) if name in columns]
    column = several[0]
    rows = np.flatnonzero(np.all([one.spread(one.blank()) for one in several], axis=0))
    draft.ledger.rows(
        "missing_required", column.header, rows, [""] * len(rows), "the cell is empty and the row needs it."
    )


def _states(draft: Draft, columns: dict[str, TextColumn], today: date) -> None:
    """Status of each condition or medicine: as stated, else ended where an end before today is dated, else active."""
    end, word = ENDED[draft.table]
    item = variable(STATUS[draft.table])
    codes = np.zeros(len(draft.ledger.table))
    if end in draft.columns:
        codes[draft.columns[end].dates() < np.datetime64(today, "D")] = item.code(word)
    if "status" in columns:
        stated = columns["status"].spread(_levels(draft.ledger, columns["status"], item))
        codes = np.where(np.isnan(stated), codes, stated)
        draft.columns.pop("status", None)
    words = coded(codes.astype(np.int8), item.levels)
    draft.made["status"] = pd.Series(words)


def _report_reversed(draft: Draft) -> None:
    """Warn of what ended before it began."""
    begin, end = BEGAN[draft.table], ENDED[draft.table][0]
    if begin in draft.columns and end in draft.columns:
        first, last = draft.columns[begin], draft.columns[end]
        days = [one.dates().astype("datetime64[D]") for one in (first, last)]
        rows = np.flatnonzero(days[1] < days[0])
        reason = f"the end lies before the day in column '{first.column.header}'."
        draft.ledger.rows("contradiction", last.column.header, rows, last.column.cells(rows).list(), reason)


def _keep_others(draft: Draft, columns: dict[str, TextColumn], choices: Choices) -> None:
    """Columns that are no part of the table are kept as text, direct identifiers left out."""
    used = {id(column) for column in columns.values()} | {id(draft.ids)}
    draft.states.append(State(Use(draft.ids, "id"), "patient_id", ""))
    for column in draft.ledger.table.columns:
        if id(column) in used:
            continue
        what = identifiers().get(header_key(column.header), "")
        if what:
            reason = f"the column looks like a direct identifier ({what}); it is left out before anything is stored."
            draft.ledger.column("phi_suspect", column.header, "", reason)
        internal = column.header in INTERNAL | ORIGIN or choices.mapping.get(column.header) == ""
        part = "identifier" if what else "internal" if internal else "extra"
        draft.states.append(State(Use(column, part), "", ""))
        if part == "extra":
            taken = {*draft.columns, *draft.made, "patient_id"}
            name = f"{column.header} (as in the file)" if column.header in taken else column.header
            draft.columns[name] = Known(column)
