"""The columns of a VCF line before its genotypes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from precision.errors import InputError
from precision.genotypes import UNKNOWN_BASE
from precision.io.vcf_header import FIRST_SAMPLE
from precision.io.vcf_issues import Issues
from precision.io.vcf_scan import LAST_POSITION, Lines

BASES = re.compile(rb"[ACGTNRYSWKMBDHV]+", re.IGNORECASE)  # IUPAC letters stand in some references
END, ANY_END = re.compile(rb"(?:^|;)END=(\d+)"), re.compile(rb"(?:^|;)END=[^;]*")
LENGTHS = re.compile(rb"(?:^|;)SVLEN=([-\d.,]+)")
COVERING = ("<DEL", "<DUP", "<CN", "<INV")  # ALTs whose length is one of the reference
UNSPECIFIC = frozenset({"<NON_REF>", "<*>"})  # ALTs of a gVCF that stand for "anything else"
PASSES = (b"PASS", b".", b"")
MOST_ALTS = 126
SHORT = 512  # bytes in which the columns before the calls mostly end


@dataclass(frozen=True, slots=True)
class Form:
    """Where the subfields of a call stand, by FORMAT; -1 where it has none."""

    genotype: int
    filtered: int
    phase_set: int
    quality: int
    depth: int
    allele_depth: int
    only_genotype: bool


BROKEN = Form(-2, -1, -1, -1, -1, -1, only_genotype=False)  # of a line whose calls cannot be read


class Record(NamedTuple):
    """A line's position and alleles, and where its calls are in the text.

    end : last position of a reference block, else 0; spans : that of another record with END or SVLEN, such as a large
    deletion, else 0;
    passed : FILTER says PASS or nothing;
    cells, stop : offsets of the first call and of the line's end
    """

    row: int
    chrom: str
    pos: int
    ref: str
    alts: tuple[str, ...]
    end: int
    spans: int
    passed: bool
    form: Form
    cells: int
    stop: int


def records(text: bytes, lines: Lines, file: str, issues: Issues) -> Iterator[Record]:
    """The lines taken apart up to their calls; one with too few columns or too many ALTs is BROKEN, with an issue.

    Raises
    ------
    InputError : REF is not made of bases
    """
    for start, stop, row, chrom, pos in zip(lines.starts, lines.stops, lines.rows, lines.chrom, lines.pos, strict=True):
        fields = text[start : min(stop, start + SHORT)].split(b"\t", FIRST_SAMPLE)
        if len(fields) <= FIRST_SAMPLE and stop - start > SHORT:
            fields = text[start:stop].split(b"\t", FIRST_SAMPLE)
        if len(fields) <= FIRST_SAMPLE:
            reason = f"{chrom}:{pos} has {len(fields)} columns and no call; it is read as not called."
            issues.add("ragged_row", row, "", b"\t".join(fields).decode("utf-8", "replace"), reason)
            yield _broken(row, chrom, pos, _reference(fields[3]) if len(fields) > 4 else "", stop)
            continue
        ref = _reference(fields[3])
        if not ref:
            raise InputError(_bad_reference(fields[3], file, row, chrom, pos))
        alts = _alternatives(fields[4])
        if len(alts) > MOST_ALTS:
            reason = f"{chrom}:{pos} has {len(alts)} ALTs; it is read as not called."
            issues.add("too_many_alleles", row, "ALT", fields[4].decode("utf-8", "replace"), reason)
            yield _broken(row, chrom, pos, ref, stop)
            continue
        end = _end(fields[7], pos, alts)
        if end < pos and UNSPECIFIC.issuperset(alts) and (told := ANY_END.search(fields[7])):
            reason = f"the block that begins at {chrom}:{pos} tells no end; what it may cover is read as not called."
            issues.add("bad_end", row, "INFO", told[0].lstrip(b";").decode("utf-8", "replace"), reason)
            yield _broken(row, chrom, pos, ref, stop)._replace(end=LAST_POSITION)
            continue
        block = bool(end) and UNSPECIFIC.issuperset(alts)
        yield Record(
            row,
            chrom,
            pos,
            ref,
            alts,
            end if block else 0,
            0 if block else end,
            fields[6] in PASSES,
            form(fields[8]),
            start + sum(map(len, fields[:FIRST_SAMPLE])) + FIRST_SAMPLE,
            stop,
        )


def _broken(row: int, chrom: str, pos: int, ref: str, stop: int) -> Record:
    """What is left of a line: its position, at which nothing is known."""
    return Record(row, chrom, pos, ref or UNKNOWN_BASE, (), 0, 0, True, BROKEN, stop, stop)


def _end(info: bytes, pos: int, alts: tuple[str, ...]) -> int:
    """The last position that INFO gives a record, 0 where it gives none; the length of an insertion says none."""
    found = END.search(info) if b"END=" in info else None
    end = int(found[1]) if found else 0
    covers = [alt.upper().startswith(COVERING) for alt in alts]
    if b"SVLEN=" not in info or not any(covers) or not (lengths := LENGTHS.search(info)):
        return end
    each = [int(one) if one.isdigit() else 0 for one in lengths[1].replace(b"-", b"").split(b",")]
    here = [one for one, covering in zip(each, covers, strict=False) if covering] or each
    return max(end, pos + max(here))


@lru_cache(maxsize=4096)
def _reference(text: bytes) -> str:
    return text.decode().upper() if BASES.fullmatch(text) else ""


@lru_cache(maxsize=4096)
def _alternatives(text: bytes) -> tuple[str, ...]:
    if text in (b".", b""):
        return ()
    return tuple(alt if "<" in alt or "[" in alt or "]" in alt else alt.upper() for alt in _decoded(text).split(","))


def _decoded(text: bytes) -> str:
    return text.decode("utf-8", "replace")


@lru_cache(maxsize=256)
def form(text: bytes) -> Form:
    """Where the subfields stand in a FORMAT; a block's depth is its least one where that is given."""
    keys = text.split(b":")

    def place(*names: bytes) -> int:
        return next((keys.index(name) for name in names if name in keys), -1)

    return Form(
        place(b"GT"), place(b"FT"), place(b"PS"), place(b"GQ"), place(b"MIN_DP", b"DP"), place(b"AD"), text == b"GT"
    )


def _bad_reference(text: bytes, file: str, row: int, chrom: str, pos: int) -> str:
    where = f"line {row}" if row else "a line found by the index"
    return (
        f"{file}, {where} ({chrom}:{pos}), column REF: {_decoded(text)[:40]!r} is not made of bases; "
        "REF has the letters A, C, G, T and N. Write the file again from its reference genome"
    )
