"""The header of a VCF: which samples it has, and which of them are read."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from precision.errors import InputError

FIXED = ("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT")
FIRST_SAMPLE = len(FIXED)
NEWER = (b"##fileformat=VCFv4.4", b"##fileformat=VCFv4.5")
INFO_END, INFO_LENGTH = b"##INFO=<ID=END,", b"##INFO=<ID=SVLEN,"


@dataclass(frozen=True, slots=True)
class Header:
    """The samples of a file.

    Attributes
    ----------
    file : its name for people
    width : number of sample columns
    samples : (S,) names of those that are read
    columns : (S,) which sample column each is; None where all are read in their order
    rows : lines that the header takes
    by_length : its records may say by SVLEN alone how far they reach, which an index may not know
    prefixed : its version is one in which the first allele of a call may have a mark of phase too
    """

    file: str
    width: int
    samples: tuple[str, ...]
    columns: NDArray[np.intp] | None
    rows: int
    by_length: bool = False
    prefixed: bool = False


def read_header(blocks: Iterator[bytes], file: str, samples: Sequence[str] | None) -> tuple[Header, bytes]:
    """Take the header off the text; with it comes the rest of the last block that was taken.

    Raises
    ------
    InputError : no line of column names, one without samples, a sample twice, or one asked for that is not there
    """
    rows, told = 0, set[bytes]()
    for block in blocks:
        start = 0
        while start < len(block):
            end = block.index(b"\n", start)
            rows += 1
            if block.startswith(b"#CHROM", start):
                header = _header(block[start:end], file, rows, samples)
                newer = not told.isdisjoint(NEWER)
                return replace(header, by_length=_by_length(told), prefixed=newer), block[end + 1 :]
            told.update(line for line in (*NEWER, INFO_END, INFO_LENGTH) if block.startswith(line, start))
            if not block.startswith(b"#", start) and block[start:end].strip():
                raise InputError(
                    f"{file}, line {rows}: the records begin without a line of column names; "
                    "a VCF has one that begins with '#CHROM', 'POS', 'ID'"
                )
            start = end + 1
    raise InputError(
        f"{file}: the header ends without a line of column names ('#CHROM'); the file was not copied whole"
    )


def _by_length(told: set[bytes]) -> bool:
    """Before version 4.4 a variant with SVLEN had to have END too."""
    return INFO_LENGTH in told and (INFO_END not in told or not told.isdisjoint(NEWER))


def _header(line: bytes, file: str, rows: int, samples: Sequence[str] | None) -> Header:
    names = line.decode("utf-8", "replace").split("\t")
    fixed, found = tuple(names[:FIRST_SAMPLE]), tuple(names[FIRST_SAMPLE:])
    if fixed[: len(FIXED) - 1] != FIXED[:-1]:
        wrong = next((n for n, e in zip(fixed, FIXED, strict=False) if n != e), fixed[-1])
        raise InputError(
            f"{file}, line {rows}: column {wrong!r} is not what a VCF has there; "
            f"its columns are {', '.join(FIXED)}, separated by tabs"
        )
    if not found or fixed != FIXED:
        raise InputError(f"{file}, line {rows}: the header names no sample, so the file holds no genotypes")
    name, count = Counter(found).most_common(1)[0]
    if count > 1:
        raise InputError(f"{file}, line {rows}: sample {name!r} has {count} columns; rename or remove all but one")
    return Header(file, len(found), *_chosen(found, samples, file), rows)


def _chosen(
    found: tuple[str, ...], samples: Sequence[str] | None, file: str
) -> tuple[tuple[str, ...], NDArray[np.intp] | None]:
    if samples is None or tuple(samples) == found:
        return found, None
    places = {name: i for i, name in enumerate(found)}
    for name in samples:
        if name not in places:
            close = difflib.get_close_matches(name, found, 3) or found[:3]
            raise InputError(f"{file} has no sample {name!r}; it has {', '.join(close)}, {len(found):,} in all")
    if len(set(samples)) < len(samples):
        raise InputError("a sample is asked for twice; name each once")
    return tuple(samples), np.array([places[name] for name in samples], dtype=np.intp)
