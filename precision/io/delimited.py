"""CSV and TSV as text, row by row as they stand in the file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from precision.errors import InputError
from precision.io.arrow import Texts, cut
from precision.io.sniff import Dialect
from precision.io.text import LIMITS, BrokenRow, Builder, Limits, Mended, TextTable, mend, unique_headers

BLOCK = 1 << 20  # bytes taken at a time
UNCLOSED = "a quotation mark is opened and never closed"

Record = tuple[int, list[str], str]  # line in the file, cells, why it is broken


def read_delimited(stream: BinaryIO, file: str, dialect: Dialect, limits: Limits = LIMITS) -> TextTable:
    """Read a delimited table.

    A row's number is that of its first line in the file, whatever blank lines and quoted line breaks stand before it.

    Raises
    ------
    InputError : no header line, or more columns than the limit
    """
    lines = _Lines(_in_utf8(stream, dialect), dialect.skip)
    records = _records(lines, dialect.separator)
    first = next(records, None)
    if first is None:
        raise InputError("the file is empty")
    headers, _ = unique_headers(first[1])
    if len(headers) > limits.columns:
        raise InputError(f"it has {len(headers):,} columns; at most {limits.columns:,} are read")
    builder = Builder(file, "", headers)
    changed = (name for cell, name in zip(first[1], headers, strict=True) if mend(cell) != cell)
    builder.mended.extend(Mended(None, name) for name in changed)
    _read(lines, dialect.separator, builder)
    return builder.finish(dialect.separator, first[0])


def _in_utf8(stream: BinaryIO, dialect: Dialect) -> BinaryIO:
    if dialect.encoding == "utf-8":
        return stream
    if dialect.encoding == "utf-8-sig":
        stream.seek(3)
        return stream
    return io.BytesIO(stream.read().decode(dialect.encoding, "replace").encode())


def _read(lines: _Lines, separator: str, builder: Builder) -> None:
    """Take the file block by block: at once where every line is a whole row, else row by row."""
    width = len(builder.headers)
    while block := lines.block():
        columns = cut(block, separator, width) if _is_regular(block, width) else None
        if columns is not None and not _holds_nothing(columns):
            count = len(columns[0])
            builder.add(columns, np.arange(count, dtype=np.int64) + lines.number + 1)
            lines.number += count
            continue
        lines.feed(block)
        _add(_records(lines, separator, width), builder)


def _holds_nothing(columns: list[Texts]) -> bool:
    """Whether some row is blank in every column."""
    blank = np.ones(len(columns[0]), dtype=np.bool_)
    for column in columns:
        if not blank.any():
            return False
        blank &= column.stripped().blank()
    return bool(blank.any())


def _is_regular(block: bytes, width: int) -> bool:
    """Whether each line of a block can only be a row of its own."""
    if width == 1 or b'"' in block or block.count(b"\r") != block.count(b"\r\n"):
        return False
    return b"\n\n" not in block and b"\n\r\n" not in block and not block.startswith((b"\n", b"\r"))


def _add(records: Iterator[Record], builder: Builder) -> None:
    """Whole rows column by column; what is not whole goes to the builder's broken rows."""
    width = len(builder.headers)
    cells: list[list[str]] = []
    rows: list[int] = []
    for row, record, reason in records:
        if len(record) > width and not any(map(str.strip, record[width:])):
            del record[width:]
        if reason or len(record) != width:
            why = reason or f"the row has {len(record)} cells and the header {width}."
            builder.broken.append(BrokenRow(row, tuple(map(mend, record)), why))
        else:
            cells.append(record)
            rows.append(row)
    if rows:
        builder.add(list(zip(*cells, strict=True)), np.array(rows, dtype=np.int64))


class _Lines:
    """The lines of a file, numbered; those of the present record can be given back.

    Lines wait in turn, last first. As an iterator it goes beyond them only in the middle of a record.
    """

    def __init__(self, stream: BinaryIO, skip: int) -> None:
        self.stream = stream
        self.rest = b""
        self.waiting: list[str] = []
        self.taken: list[str] = []
        self.number = 0
        for _ in range(skip):
            next(self)

    def block(self) -> bytes:
        """The next whole lines, those that wait before them included; empty at the end of the file."""
        waiting = "".join(reversed(self.waiting)).encode("utf-8", "surrogateescape")
        self.waiting.clear()
        pieces = [waiting, self.rest]
        self.rest = b""
        while piece := self.stream.read(BLOCK):
            end = piece.rfind(b"\n") + 1
            if end:
                pieces.append(piece[:end])
                self.rest = piece[end:]
                break
            pieces.append(piece)
        return b"".join(pieces)

    def feed(self, block: bytes) -> None:
        """Let the lines of a block wait."""
        text = block.decode("utf-8", "surrogateescape")
        self.waiting[:0] = reversed(list(io.StringIO(text, newline="")))

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if not self.waiting:
            self.feed(self.block())
            if not self.waiting:
                raise StopIteration
        line = self.waiting.pop()
        self.number += 1
        self.taken.append(line)
        return line

    def give_back(self) -> str:
        """Keep the first line of the record; the others are read again."""
        first, *others = self.taken
        self.waiting.extend(reversed(others))
        self.number -= len(others)
        return first


def _records(lines: _Lines, separator: str, width: int = 0) -> Iterator[Record]:
    """Rows that hold something, up to the last that waits; one with a broken quotation costs its own line only."""
    reader = csv.reader(lines, delimiter=separator, strict=True)
    while lines.waiting or not width:
        lines.taken.clear()
        start, reason = lines.number + 1, ""
        cells: list[str] | None = None
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            cells = None
        if cells is None or (len(lines.taken) > 1 and width and len(cells) != width):
            first = lines.give_back()
            cells = _leniently(first, separator)
            reason = UNCLOSED if first.count('"') % 2 else ""
            reader = csv.reader(lines, delimiter=separator, strict=True)
        if any(map(str.strip, cells)):
            width = width or len(cells)
            yield start, cells, reason


def _leniently(line: str, separator: str) -> list[str]:
    bare = line.rstrip("\r\n")
    try:
        return next(csv.reader([bare], delimiter=separator), [])
    except csv.Error:
        return bare.split(separator)
