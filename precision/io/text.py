"""Tables as text: every cell as it stands in the file, each distinct text once, every row with its number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from precision.io.arrow import Codes, Gatherer, Mask, Texts

Rows = NDArray[np.int64]
Value = TypeVar("Value", bound=np.generic)
CELL_SHOWN = 200  # characters of a cell that an issue repeats


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may be at most; beyond it is refused before it is unpacked or read."""

    file_bytes: int = 1 << 30
    expanded_bytes: int = 2 << 30
    expansion: int = 100  # expanded to packed
    expansion_from: int = 50 << 20  # below this size the ratio is not asked about
    members: int = 10_000
    columns: int = 20_000


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class TextColumn:
    """A column of N cells: its distinct texts, and for each row the number of its text.

    codes is None where nearly every cell is different; then `distinct` holds the N cells themselves.
    """

    header: str
    distinct: Texts
    codes: Codes | None = None

    def spread(self, values: NDArray[Value]) -> NDArray[Value]:
        """(N,) of what is known about each distinct text."""
        return values if self.codes is None else values[self.codes]

    def numbers(self, rows: Rows | None = None) -> NDArray[np.int64]:
        """The number of the distinct text of some rows, of all where none are named."""
        if self.codes is None:
            return np.arange(len(self.distinct)) if rows is None else rows
        codes = self.codes if rows is None else self.codes[rows]
        return codes.astype(np.int64)

    def cells(self, rows: Rows | None = None) -> Texts:
        """The texts of some rows, of all where none are named."""
        return self.distinct if self.codes is None and rows is None else self.distinct.take(self.numbers(rows))

    def stripped(self) -> Texts:
        """The distinct texts without space around them."""
        return self.distinct.stripped()

    def blank(self) -> Mask:
        """(D,) where a distinct text holds nothing but space."""
        return self.stripped().blank()

    def counts(self) -> NDArray[np.int64]:
        """(D,) how many rows hold each distinct text."""
        if self.codes is None:
            return np.ones(len(self.distinct), dtype=np.int64)
        return np.bincount(self.codes, minlength=len(self.distinct))

    def filled(self) -> float:
        """Share of rows whose cell is not empty."""
        if self.codes is None:
            return 1 - float(self.blank().sum()) / max(1, len(self.distinct))
        counts = self.counts()
        return float(counts[~self.blank()].sum() / max(1, counts.sum()))


@dataclass(frozen=True, slots=True)
class Cells:
    """Some cells of a column, as they are read together.

    units : (D,) the unit stated beside each distinct text, None where the table has no column of units
    at : the rows of the table that the column's rows stand for, None for all of them
    """

    column: TextColumn
    units: tuple[str, ...] | None = None
    at: Rows | None = None


def paired(column: TextColumn, beside: TextColumn) -> tuple[TextColumn, tuple[str, ...]]:
    """A column whose distinct cells are told apart by a second column too, and the second's text of each."""
    many = max(1, len(beside.distinct))
    keys = column.numbers() * many + beside.numbers()
    pairs, codes = np.unique(keys, return_inverse=True)
    left, right = np.divmod(pairs, many)
    return TextColumn(column.header, column.distinct.take(left), codes), tuple(beside.distinct.take(right).list())


def part(column: TextColumn, rows: Rows) -> TextColumn:
    """The column of some rows only."""
    used, codes = np.unique(column.numbers(rows), return_inverse=True)
    return TextColumn(column.header, column.distinct.take(used), codes)


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A row that has not the cells of the header: its number in the file, what it holds, and why."""

    row: int
    cells: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Mended:
    """A cell whose bytes were not of the file's encoding: position of its row (None: the header), and its column."""

    position: int | None
    header: str


@dataclass(frozen=True, slots=True)
class TextTable:
    """One table of a file as text.

    rows : (N,) number of each row as in the file, the header being row 1
    broken : rows that could not be cut into cells; they are not among the N
    """

    file: str
    sheet: str
    columns: tuple[TextColumn, ...]
    rows: Rows
    broken: tuple[BrokenRow, ...] = ()
    mended: tuple[Mended, ...] = ()
    separator: str = ""
    header_row: int = 1

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def name(self) -> str:
        """The file, and its sheet where it has several."""
        return f"{self.file} [{self.sheet}]" if self.sheet else self.file

    @property
    def headers(self) -> tuple[str, ...]:
        return tuple(column.header for column in self.columns)


@dataclass(slots=True)
class Builder:
    """Collects a table block by block."""

    file: str
    sheet: str
    headers: tuple[str, ...]
    columns: list[Gatherer] = field(init=False)
    rows: list[Rows] = field(default_factory=list)
    broken: list[BrokenRow] = field(default_factory=list)
    mended: list[Mended] = field(default_factory=list)
    count: int = 0

    def __post_init__(self) -> None:
        self.columns = [Gatherer() for _ in self.headers]

    def add(self, columns: Sequence[Sequence[str] | Texts], rows: Rows) -> None:
        """Take a block of cells, column by column, with the numbers of its rows."""
        for header, column, cells in zip(self.headers, self.columns, columns, strict=True):
            column.add(cells if isinstance(cells, Texts) else self._texts(header, cells))
        self.rows.append(rows)
        self.count += len(rows)

    def _texts(self, header: str, cells: Sequence[str]) -> Texts:
        try:
            return Texts.of(cells)
        except UnicodeEncodeError:
            whole = [mend(cell) for cell in cells]
            changed = (i for i, (old, new) in enumerate(zip(cells, whole, strict=True)) if old != new)
            self.mended.extend(Mended(self.count + i, header) for i in changed)
            return Texts.of(whole)

    def finish(self, separator: str = "", header_row: int = 1) -> TextTable:
        """The whole table."""
        pairs = zip(self.headers, self.columns, strict=True)
        return TextTable(
            file=self.file,
            sheet=self.sheet,
            columns=tuple(TextColumn(header, *column.finish()) for header, column in pairs),
            rows=np.concatenate([np.empty(0, dtype=np.int64), *self.rows]),
            broken=tuple(self.broken),
            mended=tuple(self.mended),
            separator=separator,
            header_row=header_row,
        )


def mend(text: str) -> str:
    """Text whose bytes were not UTF-8, read as Windows-1252."""
    if text.isascii():
        return text
    raw = text.encode("utf-8", "surrogateescape")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def unique_headers(cells: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Headers without space around them, each made unique, and those that stood twice.

    An empty header becomes ``column 3``; the second ``age`` becomes ``age (2)``.
    """
    seen: set[str] = set()
    twice: list[str] = []
    names: list[str] = []
    for position, cell in enumerate(cells, start=1):
        name = stem = mend(cell).strip() or f"column {position}"
        count = 1
        while name in seen:
            count += 1
            name = f"{stem} ({count})"
        if count > 1:
            twice.append(name)
        seen.add(name)
        names.append(name)
    return tuple(names), tuple(twice)


def shown(text: str) -> str:
    """A cell as an issue repeats it: the beginning of a very long one."""
    return text if len(text) <= CELL_SHOWN else text[:CELL_SHOWN] + "…"
