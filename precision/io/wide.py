"""Wide tables: one row per patient, each column a variable, a part of another table, or kept as it is."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from precision.io.arrow import Texts, give_back
from precision.io.cells import read_cells
from precision.io.dates import read_dates
from precision.io.doses import DOSE, read_doses
from precision.io.drafts import Draft, Known, State, check_ids, check_text
from precision.io.issues import Ledger
from precision.io.mapping import Choices, Use, plan, repeated
from precision.io.parts import split_column
from precision.io.roles import assigned
from precision.io.text import Cells, TextColumn, TextTable, paired
from precision.schema import propose

PROPOSED = 60  # columns of one file up to which a meaning is looked for
GENOTYPE = re.compile(r"^rs[0-9]+$", re.IGNORECASE)
NO_IDENTIFIER = "no column names the patient."
MANGLED_GENE = r"^(?:[0-9]{1,2}[-. ](?:Mar|Sep|Sept|Dec|Oct|Apr|Feb|Nov)|(?:Mar|Sep|Sept|Dec|Oct|Apr)[-. ][0-9]{1,2})$"


def read_wide(table: TextTable, choices: Choices, name: str = "patients") -> Draft:
    """Read every column of a wide table; what stands between rows or tables is checked later."""
    ledger = Ledger(table)
    check_text(ledger)
    uses = plan(ledger, choices)
    draft = Draft(name, ledger, _ids(ledger, uses, choices))
    when = assigned([use.column.header for use in uses if use.part == "extra"], name, {}).get("time")
    for use in uses:
        if use.column.header == when:
            values = read_dates(ledger, Cells(use.column), choices.today)
            draft.columns["time"] = Known(use.column, values)
            draft.states.append(State(use, "time", ""))
        else:
            _take(draft, use, choices)
    give_back()
    if DOSE in draft.columns:
        _give_doses(draft)
    if draft.columns.get("birth_date"):
        _warn_of_birth_dates(draft)
    return draft


def _ids(ledger: Ledger, uses: tuple[Use, ...], choices: Choices) -> TextColumn:
    """The column of identifiers, or row numbers where the person chose so."""
    found = next((use.column for use in uses if use.part == "id"), None)
    if found is not None:
        check_ids(ledger, found)
        return found
    if choices.row_numbers:
        reason = "no column names the patient; each row is a patient called by its row number."
        ledger.column("row_numbers", "", "", reason)
    else:
        fix = "Choose the column that names the patient, or use row numbers as identifiers."
        ledger.column("missing_column", "", "patient_id", NO_IDENTIFIER, fix)
    return TextColumn("", Texts.numbered("row", ledger.table.rows))


def _take(draft: Draft, use: Use, choices: Choices) -> None:
    """Read one column into the draft."""
    if use.part == "variable" and use.variable is not None:
        _variable(draft, use, choices)
        return
    becomes, state = "", ""
    if use.part == "extra":
        if not choices.scope or repeated(use.column.header):
            _unknown(draft, use)
        draft.columns[_free_name(draft, use.column.header)] = Known(use.column)
        _check_extra(draft.ledger, use.column)
    elif use.part == "id":
        becomes = "patient_id"
    elif use.part not in ("identifier", "internal", "unused", "unit"):
        becomes = use.part
        draft.splits.extend(split_column(draft.ledger, use))
    draft.states.append(State(use, becomes, state))


def _variable(draft: Draft, use: Use, choices: Choices) -> None:
    item, column = use.variable, use.column
    if item is None:
        return
    state = ""
    if item.kind == "text":
        draft.columns[item.name] = Known(column, None, item)
        _check_extra(draft.ledger, column)
    elif item.kind == "date":
        draft.columns[item.name] = Known(
            column, read_dates(draft.ledger, Cells(column), choices.today, item.name), item
        )
    else:
        cells = Cells(column)
        if use.beside is not None:
            column, units = paired(column, use.beside)
            cells = Cells(column, units)
        if item.name == DOSE:
            draft.columns[DOSE] = Known(column, read_doses(draft.ledger, cells, use.unit), item)
            draft.states.append(State(use, DOSE, ""))
            return
        reading = read_cells(draft.ledger, cells, item, use.unit, choices.confirmed(column.header, item))
        state = "confirm" if reading.unconfirmed or reading.doubtful else ""
        draft.columns[item.name] = Known(column, reading.values, item)
    draft.states.append(State(use, item.name, state))


def _give_doses(draft: Draft) -> None:
    """Give the dose of a row to its medicine, where that is the only one and has no dose of its own."""
    listed = [split.rows for split in draft.splits if split.table == "medications"]
    count = np.bincount(np.concatenate([np.empty(0, np.int64), *listed]), minlength=len(draft.ledger.table))
    doses = np.where(count == 1, draft.columns[DOSE].numbers(), np.nan)
    for at, split in enumerate(draft.splits):
        if split.table == "medications":
            own = np.asarray(split.columns[DOSE], dtype=np.float64)
            given = np.where(np.isnan(own), doses[split.rows], own)
            draft.splits[at] = replace(split, columns={**split.columns, DOSE: given})


def _unknown(draft: Draft, use: Use) -> None:
    if GENOTYPE.match(use.column.header.strip()):
        reason = "a genotype without genome build and alleles cannot be used; it is kept as text."
        draft.ledger.column("genotype_column", use.column.header, "", reason)
        return
    if first := repeated(use.column.header):
        reason = f"the header '{first}' stands twice; the first column is read, this one is kept as it is."
        draft.ledger.column("duplicate_column", use.column.header, "", reason)
        return
    near = propose(use.column.header) if len(draft.states) < PROPOSED else ()
    meant = f"; it may be {', '.join(match.variable.label for match in near)}" if near else ""
    reason = f"no variable is known by this header{meant}; the column is kept as text."
    draft.ledger.column("unknown_column", use.column.header, "", reason)


def _check_extra(ledger: Ledger, column: TextColumn) -> None:
    """Report gene symbols that a spreadsheet made dates of, and cells that a spreadsheet would calculate."""
    texts = column.stripped()
    mangled = texts.matches(MANGLED_GENE, ignore_case=True)
    if "gene" in column.header.lower():
        ledger.cells("excel_mangled_gene", Cells(column), mangled, lambda text: f"'{text}' was a gene symbol once.")
    formula = texts.matches(r"^(=|@[A-Za-z]|[+-][A-Za-z(])")
    ledger.cells("formula_text", Cells(column), formula, "the text would be calculated by a spreadsheet.")


def _free_name(draft: Draft, header: str) -> str:
    """The header, unless a column of the table is called so already."""
    taken = {*draft.columns, "patient_id", "source_file", "source_row", "time"}
    return f"{header} (as in the file)" if header in taken else header


def _warn_of_birth_dates(draft: Draft) -> None:
    column = draft.columns["birth_date"].column
    reason = "full dates of birth identify people; the day is used for the age only."
    draft.ledger.column("full_birth_date", column.header, "", reason)
