"""A table that has been read but not yet accepted: its columns stay text-coded until the good rows are known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.io.arrow import Texts, coded, repeated
from precision.io.issues import Ledger
from precision.io.mapping import Use
from precision.io.text import Cells, Rows, TextColumn
from precision.schema import Variable

Rows32 = NDArray[np.int32]
Values = NDArray[np.float64] | NDArray[np.datetime64]


@dataclass(frozen=True, slots=True)
class Known:
    """A column as values of its D distinct texts: numbers, level codes, dates, or the texts themselves (None)."""

    column: TextColumn
    values: Values | None = None
    variable: Variable | None = None

    def array(self, rows: Rows | None = None) -> Values:
        """Numbers, codes or dates of some rows, of all where none are named."""
        if self.values is None:
            raise TypeError(f"column '{self.column.header}' holds text")
        if self.column.codes is None:
            return self.values if rows is None else self.values[rows]
        return self.values[self.column.codes if rows is None else self.column.codes[rows]]

    @property
    def kind(self) -> str:
        """text, number or date."""
        return "text" if self.values is None else "date" if self.values.dtype.kind == "M" else "number"

    def numbers(self) -> NDArray[np.float64]:
        """(N,) numbers or level codes."""
        return np.asarray(self.array(), dtype=np.float64)

    def dates(self) -> NDArray[np.datetime64]:
        """(N,) dates."""
        return self.array().astype("datetime64[us]")

    def series(self, rows: Rows | None = None) -> pd.Series[str] | Values:
        """The column as a cohort's table holds it: levels as their words, empty text as missing."""
        if self.values is None:
            return _taken(self.column, self.column.stripped(), rows).known()
        if self.variable is not None and self.variable.kind == "category":
            own = np.where(np.isnan(self.values), -1, self.values).astype(np.int8)
            codes = own[self.column.numbers(rows)]
            return pd.Series(coded(codes, self.variable.levels))
        return self.array(rows)


def _taken(column: TextColumn, distinct: Texts, rows: Rows | None) -> Texts:
    return TextColumn(column.header, distinct, column.codes).cells(rows)


@dataclass(frozen=True, slots=True)
class Split:
    """Rows that a column of a wide table gives to another table: the row each comes from, and its cells."""

    table: str
    rows: Rows
    columns: Mapping[str, NDArray[np.object_] | NDArray[np.float64] | str | float]


@dataclass(frozen=True, slots=True)
class State:
    """How a column is understood, for the mapping table of the page."""

    use: Use
    becomes: str
    state: str


@dataclass(slots=True)
class Draft:
    """A table read: its identifiers, its columns and what it gives to other tables."""

    table: str
    ledger: Ledger
    ids: TextColumn
    columns: dict[str, Known] = field(default_factory=dict)
    made: dict[str, pd.Series[str] | pd.Series[float]] = field(default_factory=dict)
    splits: list[Split] = field(default_factory=list)
    states: list[State] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    def forget_text(self) -> None:
        """Let go of the cells of the file; what they mean stays. The column of the file that each came from is kept."""
        self.headers = {name: known.column.header for name, known in self.columns.items()}
        self.ledger.table = replace(self.ledger.table, columns=())
        self.states.clear()

    def accepted(self) -> Rows:
        """Positions of the rows that are used."""
        return np.flatnonzero(self.ledger.accepted)

    def frame(self) -> pd.DataFrame:
        """The accepted rows with their source. Each column is given up as it is written, to spare memory."""
        rows = None if self.ledger.accepted.all() else self.accepted()
        data: dict[str, pd.Series[str] | pd.Series[float] | Values | Rows32] = {"patient_id": id_series(self.ids, rows)}
        self.ids = TextColumn(self.ids.header, Texts.of([]))
        for name in list(self.columns):
            data[name] = self.columns.pop(name).series(rows)
        for name, cells in self.made.items():
            data[name] = cells if rows is None else cells.iloc[rows].reset_index(drop=True)
        return pd.DataFrame(data | self._source(rows), copy=False)

    def split_frames(self) -> Iterable[tuple[str, pd.DataFrame]]:
        """What the accepted rows give to other tables."""
        for split in self.splits:
            kept = self.ledger.accepted[split.rows]
            rows = split.rows[kept]
            cells = {
                name: value if isinstance(value, str | float) else np.asarray(value)[kept]
                for name, value in split.columns.items()
            }
            ids = id_series(self.ids, rows)
            yield split.table, pd.DataFrame({"patient_id": ids} | cells | self._source(rows))

    def _source(self, rows: Rows | None) -> dict[str, pd.Series[str] | Rows32]:
        numbers = self.ledger.table.rows if rows is None else self.ledger.table.rows[rows]
        file = repeated(self.ledger.table.name, len(numbers))
        return {"source_file": pd.Series(file), "source_row": numbers.astype(np.int32)}


def id_series(ids: TextColumn, rows: Rows | None = None) -> pd.Series:
    """Patient identifiers as text, without space around them."""
    return _taken(ids, ids.stripped(), rows).series()


def check_ids(ledger: Ledger, ids: TextColumn) -> None:
    """Report rows without an identifier, or with one that cannot be used."""
    texts, blank = ids.stripped(), ids.blank()
    ledger.cells("missing_required", Cells(ids), blank, "the patient has no identifier.", "Fill in the identifier.")
    fit = texts.matches(r"^[\pL\pN][^\pC]{0,63}$")
    ledger.cells("bad_identifier", Cells(ids), ~fit & ~blank, lambda text: f"'{text}' cannot be used as an identifier.")


def check_text(ledger: Ledger) -> None:
    """Report cells with characters that no text holds: the marks of a damaged or wrongly decoded file."""
    for column in ledger.table.columns:
        wrong = column.distinct.matches(r"[\x00-\x08\x0e-\x1f\x7f\x{FFFD}]")
        reason = "the cell holds characters that are no text; the file was damaged or decoded wrongly."
        ledger.cells("encoding_error", Cells(column), wrong, reason)
