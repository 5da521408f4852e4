"""A table for one model: every row read as the model's inputs, in the dictionary's units or the paper's."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.errors import InputError
from precision.io import issues
from precision.io.dates import today
from precision.io.drafts import Draft
from precision.io.mapping import Choices, repeated
from precision.io.roles import identifier_header
from precision.io.sources import File, Source, read_source
from precision.io.text import TextTable
from precision.io.wide import read_wide
from precision.model import Model
from precision.result import Result
from precision.schema import match_header
from precision.units import header_key

UNASKED = ("row_numbers", "full_birth_date")  # said of cohorts; a table for one model may do without


@dataclass(frozen=True, slots=True)
class RiskTable:
    """The rows of a file as a model reads them.

    frame : (N, K) row_id as patient_id, then dictionary variables as numbers and level codes, NaN = missing
    refused : (N,) rows with an error; all their inputs are missing in the frame
    codes : (N,) what is wrong with each refused row, as code:column
    """

    frame: pd.DataFrame
    issues: pd.DataFrame
    refused: NDArray[np.bool_]
    codes: tuple[str, ...]

    @property
    def row_ids(self) -> pd.Series:
        return self.frame["patient_id"]

    def long(self, result: Result, rows: slice = slice(None)) -> pd.DataFrame:
        """Some rows of a model's result as its long table, refused rows with what is wrong with them."""
        said = result.take(rows).to_frame()
        refused = self.refused[rows]
        if not refused.any():
            return said
        times = len(result.estimates)
        reasons = np.repeat(np.array(self.codes[rows], dtype=object), times)
        refused = np.repeat(refused, times)
        said["reasons"] = np.where(refused, reasons, said["reasons"].to_numpy(dtype=object))
        return said


def risk_table(file: File, model: Model, *, model_units: bool = False, confirm: Collection[str] = ()) -> RiskTable:
    """Read a wide table for a model; an identifier may repeat, and only what the model needs must be there.

    model_units : read headers that name no unit in the units of the model's paper, and its codings as meant
    confirm : headers whose usual coding (sex 1 and 2) is right, or "*" for all

    Raises
    ------
    InputError : the file is no table
    """
    source = Source(file[0], file[1]) if isinstance(file, tuple) else Source(Path(file).name, Path(file))
    try:
        tables = read_source(source)
    except InputError as error:
        raise InputError(f"{source.name} is not CSV, TSV, XLSX or Parquet that can be read: {error}") from error
    filled = [one for one in tables if len(one)]
    if len(filled) > 1:
        names = ", ".join(one.sheet or one.name for one in filled)
        raise InputError(f"{source.name} holds {len(filled)} tables ({names}); give a file with one of them")
    table = filled[0] if filled else tables[0]
    draft = _draft(table, model, model_units, confirm)
    ledger = draft.ledger
    frame = _frame(draft, table)
    rows = np.concatenate([table.rows, np.array([broken.row for broken in table.broken], dtype=np.int64)])
    order = np.argsort(rows, kind="stable")
    frame = pd.concat([frame, _broken(table)], ignore_index=True).iloc[order].reset_index(drop=True)
    refused = np.concatenate([ledger.refused, np.ones(len(table.broken), dtype=np.bool_)])[order]
    found = issues.frame(ledger.batches)
    found = found[~found["code"].isin(UNASKED)].reset_index(drop=True)
    return RiskTable(frame, found, refused, _codes(draft, rows[order]))


def _broken(table: TextTable) -> pd.DataFrame:
    """The identifiers of rows that could not be cut into cells, as far as they can be told."""
    header = identifier_header(table.headers)
    at = None if header is None else table.headers.index(header)
    names = [
        broken.cells[at].strip() if at is not None and at < len(broken.cells) else str(broken.row)
        for broken in table.broken
    ]
    return pd.DataFrame({"patient_id": pd.Series(names, dtype="str")})


def _draft(table: TextTable, model: Model, model_units: bool, confirm: Collection[str]) -> Draft:
    own = {header_key(header): name for header, name in model.headers.items()}
    mapping = {h: own[header_key(h)] for h in table.headers if header_key(h) in own} if model_units else {}
    named = {header_key(header) for header in table.headers}
    for header in table.headers:
        if repeated(header) or header in mapping:
            continue
        match = match_header(header, model.name)
        if match is not None and match.variable.name in named - {header_key(header)}:
            # What the model's paper calls so stands in a column of its own name: this header has its usual meaning.
            match = match_header(header) or match
            mapping[header] = match.variable.name
        if match is None or match.variable.name not in {"patient_id", *model.inputs}:
            mapping[header] = ""
    choices = Choices(
        mapping=mapping,
        confirm=frozenset({"*"} if model_units else confirm),
        row_numbers=True,
        today=today(),
        bare_units=model.units if model_units else {},
        scope=model.name,
    )
    return read_wide(table, choices)


def _frame(draft: Draft, table: TextTable) -> pd.DataFrame:
    header = identifier_header(table.headers)
    ids = next((column.cells().series() for column in table.columns if column.header == header), None)
    names = pd.Series(table.rows).astype("str") if ids is None else ids.str.strip()
    data: dict[str, pd.Series | NDArray[np.float64]] = {"patient_id": names}
    for name, known in draft.columns.items():
        if known.variable is not None and known.kind == "number":
            data[name] = np.where(draft.ledger.refused, np.nan, known.numbers())
    return pd.DataFrame(data)


def _codes(draft: Draft, rows: NDArray[np.int64]) -> tuple[str, ...]:
    """What is wrong with each row, once for each code and column."""
    found: list[list[str]] = [[] for _ in rows]
    index = pd.Index(rows)
    for batch in draft.ledger.batches:
        if batch.kind.action == "quarantined":
            for position in index.get_indexer(pd.Index(np.unique(batch.rows))):
                if position >= 0:
                    found[position].append(":".join(filter(None, ("refused", batch.kind.code, batch.column))))
    return tuple(";".join(texts) for texts in found)
