"""What a file is, told by its content: format, text encoding, separator of its columns."""

from __future__ import annotations

import codecs
import csv
from dataclasses import dataclass

from precision.errors import InputError

HEAD = 65_536  # bytes looked at
SEPARATORS = (",", "\t", ";", "|")
BINARY_SHARE = 0.005  # more control characters than this is not text
# First bytes of formats that are not read as tables, and what to say of them.
REFUSED = (
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file; save it as XLSX"),
    (b"%PDF", "a PDF document"),
    (b"##fileformat=VCF", "a variant file (VCF) inside an archive; give it on its own"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"SQLite format 3", "a database"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"\x80\x04", "a pickle, which is never opened"),
    (b"\x80\x05", "a pickle, which is never opened"),
    (b"<?xml", "an XML document"),
    (b"<!DOC", "a web page"),
    (b"<html", "a web page"),
    (b"BZh", "a bzip2 archive; unpack it first"),
    (b"7z\xbc\xaf", "a 7-Zip archive; unpack it first"),
)
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a text table is written: its encoding, the separator, and lines before the header."""

    encoding: str
    separator: str
    skip: int = 0


def container(head: bytes) -> str:
    """The format that the first bytes say: parquet, zip, gzip or text; XLSX is a zip.

    Raises
    ------
    InputError : the file is of a kind that holds no table
    """
    for magic, kind in ((b"PAR1", "parquet"), (b"PK\x03\x04", "zip"), (b"PK\x05\x06", "zip"), (b"\x1f\x8b", "gzip")):
        if head.startswith(magic):
            return kind
    for magic, words in REFUSED:
        if head.startswith(magic):
            raise InputError(f"it is {words}")
    return "text"


def dialect(head: bytes) -> Dialect:
    """Encoding and separator of a text table.

    Raises
    ------
    InputError : the bytes are not text, or text of another kind than a table
    """
    encoding = _encoding(head)
    text = head.decode(encoding, errors="replace")
    controls = sum(text.count(chr(code)) for code in (*range(9), *range(14, 32), 127))
    if controls > 1 + BINARY_SHARE * len(text):
        raise InputError("it is neither text nor a format that is known")
    if text.lstrip()[:1] in ("{", "["):
        raise InputError("it is JSON")
    lines = text.splitlines() if len(head) < HEAD else text.splitlines()[:-1] or [text]
    if lines and lines[0].lower().startswith("sep=") and len(lines[0]) == 5:
        return Dialect(encoding, lines[0][4], 1)
    return Dialect(encoding, _separator([line for line in lines if line.strip()][:50]))


def _encoding(head: bytes) -> str:
    for mark, encoding in BOMS:
        if head.startswith(mark):
            return encoding
    even, odd = head[0:4096:2].count(0), head[1:4096:2].count(0)
    half = min(len(head), 4096) // 2
    if odd > half * 0.4 and even < half * 0.05:
        return "utf-16-le"
    if even > half * 0.4 and odd < half * 0.05:
        return "utf-16-be"
    return "utf-8"


def _separator(lines: list[str]) -> str:
    """The separator that cuts the header into most cells and most lines into as many."""
    best, separator = (0.0, 0), ","
    for candidate in SEPARATORS:
        try:
            widths = [len(cells) for cells in csv.reader(lines, delimiter=candidate)]
        except csv.Error:
            continue
        if not widths or widths[0] < 2:
            continue
        alike = sum(width == widths[0] for width in widths) / len(widths)
        if (round(alike, 1), widths[0]) > best:
            best, separator = (round(alike, 1), widths[0]), candidate
    return separator
