"""Small files that people write by hand: their text in whichever encoding, and the cells of their lines."""

from __future__ import annotations

import csv
from pathlib import Path

from precision.errors import InputError

UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def text_of(path: Path) -> str:
    """The text of a small file; bytes that are not UTF-8 are read as Windows-1252.

    Raises
    ------
    InputError : it is UTF-16, or no text
    """
    raw = path.read_bytes()
    if raw.startswith(UTF_16) or b"\0" in raw:
        raise InputError(f"{path.name} is not text in UTF-8; save it as TSV or CSV in UTF-8")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def rows_of(file: str, text: str) -> list[tuple[int, list[str]]]:
    """(line, cells) of each line that is not empty; tabs, semicolons or commas divide, whichever the first line has.

    Raises
    ------
    InputError : a quote is not closed
    """
    lines = text.splitlines()
    first = next((line for line in lines if line.strip()), "")
    reader = csv.reader(lines, delimiter=next((mark for mark in "\t;," if mark in first), ","), strict=True)
    found: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"{file}, line {line}: {error}; close every quote, or leave quotes out") from None
    return found
