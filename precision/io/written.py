"""Small files that people write by hand: their text in whichever encoding, and the cells of their lines."""

from __future__ import annotations

import csv
from collections.abc import Sequence
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


def cells_of(file: str, lines: Sequence[str]) -> list[list[str]]:
    """The cells of lines that tabs, semicolons or commas divide, whichever the first line has.

    Raises
    ------
    InputError : a quote is not closed
    """
    between = next((mark for mark in "\t;," if mark in lines[0]), ",")
    try:
        return list(csv.reader(lines, delimiter=between, strict=True))
    except csv.Error as error:
        raise InputError(f"{file}: {error}; close every quote, or leave quotes out") from None
