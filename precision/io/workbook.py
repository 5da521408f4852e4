"""XLSX and Parquet as text, cell by cell as a person would have typed them."""

from __future__ import annotations

import datetime
import io
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineWorkbook

from precision.errors import InputError
from precision.io.arrow import from_arrow
from precision.io.text import LIMITS, Builder, Limits, TextTable, unique_headers

Cell = int | float | str | bool | datetime.time | datetime.date | datetime.datetime | datetime.timedelta


def read_xlsx(data: bytes, file: str) -> list[TextTable]:
    """Every sheet that holds something; a row's number is that of the sheet.

    Raises
    ------
    InputError : the workbook is damaged, protected by a password, or wider than the limit
    """
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = [(name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in book.sheet_names]
    except (CalamineError, OSError, ValueError) as error:
        raise InputError(f"the workbook cannot be opened: {error}") from error
    filled = [(name, rows) for name, rows in sheets if any(any(_typed(cell).strip() for cell in row) for row in rows)]
    if not filled:
        raise InputError("the file is empty")
    return [_sheet(file, name if len(filled) > 1 else "", rows) for name, rows in filled]


def _sheet(file: str, name: str, rows: list[list[Cell]]) -> TextTable:
    numbered = [(i, [_typed(cell) for cell in row]) for i, row in enumerate(rows, start=1)]
    held = [(i, row) for i, row in numbered if any(map(str.strip, row))]
    (header_row, header), body = held[0], held[1:]
    used = max((i for i, cell in enumerate(header, start=1) if cell.strip()), default=0)
    used = max([used, *(i for _, row in body for i, cell in enumerate(row, start=1) if cell.strip())])
    if used > LIMITS.columns:
        raise InputError(f"it has {used:,} columns; at most {LIMITS.columns:,} are read")
    builder = Builder(file, name, unique_headers(header[:used])[0])
    if body:
        cells = [[row[i] for _, row in body] for i in range(used)]
        builder.add(cells, np.array([i for i, _ in body], dtype=np.int64))
    return builder.finish(header_row=header_row)


def _typed(cell: Cell) -> str:
    """A cell as text: 7.0 is 7, a day without a time is a date."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime.datetime):
        bare = cell.time() == datetime.time(0)
        return cell.date().isoformat() if bare else cell.isoformat(sep=" ")
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    return str(cell)


def read_parquet(stream: BinaryIO, file: str, limits: Limits = LIMITS) -> TextTable:
    """A Parquet table; rows are numbered as if a header line stood above them.

    Raises
    ------
    InputError : the file is damaged, too large or wide, or holds nested columns only
    """
    try:
        parquet = pq.ParquetFile(stream)
        fields = [f for f in parquet.schema_arrow if not pa.types.is_nested(f.type)]
        size = sum(parquet.metadata.row_group(i).total_byte_size for i in range(parquet.metadata.num_row_groups))
        if size > limits.expanded_bytes or len(fields) > limits.columns:
            raise InputError(f"it holds {size:,} bytes in {len(fields):,} columns, more than can be read")
        if not fields:
            raise InputError("it holds no column of plain values")
        names = [f.name for f in fields]
        builder = Builder(file, "", unique_headers(names)[0])
        for batch in parquet.iter_batches(batch_size=65_536, columns=names):
            rows = np.arange(batch.num_rows, dtype=np.int64) + builder.count + 2
            builder.add([from_arrow(column) for column in batch.columns], rows)
        return builder.finish()
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise InputError(f"the Parquet file cannot be read: {error}") from error
