"""The letters in the text files of array tests: 23andMe, AncestryDNA and alike."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.errors import InputError
from precision.genotypes import NAMES, chromosome
from precision.io.delimited import read_delimited
from precision.io.sniff import Dialect
from precision.io.text import TextColumn, TextTable
from precision.io.vcf_issues import Issues
from precision.io.vcf_stream import File, Source, pieces

MOST_BYTES = 1 << 29  # a file of a million positions has some 30 MB
HEADINGS = {
    "rsid": "rsid",
    "snpid": "rsid",
    "chromosome": "chromosome",
    "chrom": "chromosome",
    "chr": "chromosome",
    "position": "position",
    "pos": "position",
    "genotype": "genotype",
    "result": "genotype",
    "allele1": "allele1",
    "allele2": "allele2",
}
LAYOUTS = (("genotype",), ("allele1", "allele2"))
LETTERS = frozenset("ACGTID")
NOT_CALLED = frozenset({"", "-", "--", "0", "00", "?", "??", "NC"})
NONE = "-"  # a letter that was not called
POSITION = r"^[0-9]{1,9}$"
Words = NDArray[np.str_]


@dataclass(frozen=True, slots=True, eq=False)
class ArrayCalls:
    """The N positions of one person's array test, as letters: the file says neither REF nor ALT nor strand.

    rsid, chrom : (N,); pos : (N,) 1-based, in the build that the file was made for
    letters : (N, 2) 'A', 'C', 'G', 'T', 'I' (insertion), 'D' (deletion), '-' not called; the second is '' where the
        file gives one letter, as it may for X, Y and MT of a man
    issues : file, row, column, value, code, severity, reason, fix; rows without chromosome or position are not
        among the N
    """

    sample: str
    rsid: Words
    chrom: Words
    pos: NDArray[np.int32]
    letters: Words
    file: str
    issues: pd.DataFrame

    def __len__(self) -> int:
        return len(self.pos)


def read_array(file: File, sample: str | None = None) -> ArrayCalls:
    """Read the text of an array test: columns rsid, chromosome, position, and genotype or allele1 and allele2.

    The text may be packed with gzip. ``sample`` names the person; the file's name does if nothing is said.

    Raises
    ------
    InputError : empty, packed data damaged, or without these columns
    """
    source = Source.of(file)
    table = _table(source)
    issues = Issues(source.name)
    for broken in table.broken:
        issues.add("ragged_row", broken.row, "", table.separator.join(broken.cells), broken.reason)
    columns = {HEADINGS[column.header]: column for column in table.columns if column.header in HEADINGS}
    chrom, good = _chromosomes(columns["chromosome"], table, issues)
    pos, numbered = _positions(columns["position"], table, issues)
    good &= numbered
    if "genotype" in columns:
        letters, lettered = _letters(columns["genotype"], table, issues)
    else:
        first, one = _letters(columns["allele1"], table, issues)
        second, two = _letters(columns["allele2"], table, issues)
        letters, lettered = np.stack([first[:, 0], second[:, 0]], axis=1), one & two
    letters = np.where(lettered[:, None], letters, NONE)
    rsid = np.array(columns["rsid"].cells().list(), dtype=np.str_)
    name = sample or PurePosixPath(source.name).name.partition(".")[0]
    return ArrayCalls(name, rsid[good], chrom[good], pos[good], letters[good], source.name, issues.frame())


def headings_of(head: bytes) -> list[str]:
    """The names of the columns where a text begins like an array test; none where it does not."""
    try:
        return _headings(head.removeprefix(b"\xef\xbb\xbf"), "")[0]
    except InputError:
        return []


def _table(source: Source) -> TextTable:
    """The rows as text, numbered as in the file."""
    with source.open() as stream:
        text = bytearray()
        for piece in pieces(stream, source.name):
            text += piece
            if len(text) > MOST_BYTES:
                raise InputError(f"{source.name} has more than {MOST_BYTES:,} bytes of text; it is no array test")
    if not text.strip():
        raise InputError(f"{source.name} is empty; choose the raw data of an array test")
    names, separator, row, body = _headings(bytes(text).removeprefix(b"\xef\xbb\xbf"), source.name)
    content = separator.join(names).encode() + b"\n" + body
    table = read_delimited(io.BytesIO(content), source.name, Dialect("utf-8", separator))
    broken = tuple(replace(one, row=one.row + row - 1) for one in table.broken)
    return replace(table, rows=table.rows + row - 1, broken=broken)


def _headings(text: bytes, file: str) -> tuple[list[str], str, int, bytes]:
    """The names of the columns, their separator, the line they stand in, and the rows after the comments."""
    start, stop, row, found = 0, 0, 0, list[tuple[list[str], str, int]]()
    while start < len(text):
        stop = text.find(b"\n", start)
        stop = len(text) if stop < 0 else stop
        line, comment = text[start:stop].decode("utf-8", "replace").strip(), text.startswith(b"#", start)
        row += 1
        separator = "\t" if "\t" in line else ","
        names = [name.strip().strip('"').lower() for name in line.lstrip("# ").split(separator)]
        known = [HEADINGS.get(name, name) for name in names]
        if {"rsid", "chromosome", "position"}.issubset(known) and any(set(known).issuperset(some) for some in LAYOUTS):
            found.append((known, separator, row))
        if line and not comment:
            break
        start = stop + 1
    if not found:
        raise InputError(
            f"{file}: no line of column names; an array test has the columns rsid, chromosome, position, and "
            "genotype or allele1 and allele2"
        )
    names, separator, at = found[-1]
    if at == row:  # the names stand in a line of their own, not in the last comment
        return names, separator, at, text[stop + 1 :]
    return names, separator, row - 1, text[start:]


def _chromosomes(column: TextColumn, table: TextTable, issues: Issues) -> tuple[Words, NDArray[np.bool_]]:
    """(N,) names, and which rows have one."""
    written = column.stripped().list()
    names = [chromosome(name) for name in written]
    good = np.array([name in NAMES for name in names], dtype=np.bool_)
    _report("bad_chromosome", column, good, "is no chromosome; the row is not used.", table, issues)
    return column.spread(np.array(names, dtype=np.str_)), column.spread(good)


def _positions(column: TextColumn, table: TextTable, issues: Issues) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """(N,) positions, and which rows have one."""
    bare = column.stripped()
    good = bare.matches(POSITION)
    _report("bad_position", column, good, "is no position; the row is not used.", table, issues)
    numbers = np.zeros(len(bare), dtype=np.int32)
    numbers[good] = bare.where(good).numbers().astype(np.int32)
    return column.spread(numbers), column.spread(good)


def _letters(column: TextColumn, table: TextTable, issues: Issues) -> tuple[Words, NDArray[np.bool_]]:
    """(N, 2) letters, and which rows have them or say that they were not called."""
    pairs = [_pair(text.upper()) for text in column.stripped().list()]
    good = np.array([pair is not None for pair in pairs], dtype=np.bool_)
    _report("bad_letters", column, good, "is no genotype of letters; it is read as not called.", table, issues)
    letters = np.array([pair or (NONE, NONE) for pair in pairs], dtype="U1").reshape(-1, 2)
    which = column.numbers()
    return letters[which], good[which]


def _pair(text: str) -> tuple[str, str] | None:
    if text in NOT_CALLED:
        return NONE, NONE
    both = text.replace("/", "") if len(text) == 3 else text
    letters = [NONE if letter in "-0" else letter for letter in both]
    if not 1 <= len(letters) <= 2 or not LETTERS.issuperset({*letters} - {NONE}):
        return None
    return letters[0], letters[1] if len(letters) == 2 else ""


def _report(
    code: str, column: TextColumn, good: NDArray[np.bool_], words: str, table: TextTable, issues: Issues
) -> None:
    """An issue for every row whose distinct text is not good."""
    if good.all():
        return
    rows = np.flatnonzero(~column.spread(good))
    for row, value in zip(table.rows[rows].tolist(), column.cells(rows).list(), strict=True):
        issues.add(code, row, column.header, value, f"{value!r} {words}")
