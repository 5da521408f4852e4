"""From records of a file to the bases that allele definitions know: one small table per record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from precision.genotypes import ABSENT, UNKNOWN_BASE, Genotypes, Sites
from precision.pgx.definitions import BUILDS, Variant
from precision.pgx.states import REF_MISMATCH, SPANNING, UNDOCUMENTED

NOT_TOLD = ("*", ".")
BASES = frozenset("ACGT")
LongRows = Mapping[str, tuple[NDArray[np.intp], NDArray[np.int64], NDArray[np.int64]]]


@dataclass(frozen=True, slots=True, eq=False)
class Located:
    """Where the records of a file lie, found once for all genes.

    at : the rows of each chromosome and position (`Sites.rows`)
    long : by chromosome the rows with an allele of several bases, and the first and last base of their REF
    """

    at: Mapping[tuple[str, int], Sequence[int]]
    long: LongRows

    @classmethod
    def of(cls, sites: Sites) -> Located:
        """Of all records."""
        return cls(sites.rows(), _long_rows(sites))


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """P variants of a gene and the N records of a file at their positions.

    reference : (P,) code of REF in the file's build; indel : (P,) it is an insertion, deletion or repeat
    row, column : (N,) row of the genotypes, and which variant it speaks of
    turn : (N,) 0 for the best record of a variant, 1 for the next; those that begin elsewhere come last
    code : (N, 256) what each allele index of a record means, by its low byte
    """

    reference: NDArray[np.int8]
    indel: NDArray[np.bool_]
    row: NDArray[np.intp]
    column: NDArray[np.intp]
    turn: NDArray[np.intp]
    code: NDArray[np.int8]

    def told_twice(self, column: int, turn: int) -> frozenset[int]:
        """Codes that the record of a turn has as ALT and one before it too."""
        mine = self.column == column
        now, before = self.code[mine & (self.turn == turn)], self.code[mine & (self.turn < turn)]
        codes = np.intersect1d(now[:, 1:128], before[:, 1:128])
        return frozenset(codes[(codes >= 0) & (codes != self.reference[column])].tolist())


def places(
    genotypes: Genotypes,
    variants: tuple[Variant, ...],
    build: str,
    located: Located,
) -> Places:
    """The records of each variant; those whose REF is not the build's come after the others.

    A record that begins elsewhere is taken where its bases reach the variant and it tells something of it.

    located : of the same records
    """
    ref, alts = genotypes.sites.ref, genotypes.sites.alts
    where, reference, indel = _looked_for(variants, build)
    found: list[tuple[int, int, int]] = []
    codes: list[NDArray[np.int8]] = []
    others = _reaching(genotypes.sites, variants, build, located.long)
    for column, (place, variant, code_of_ref) in enumerate(where):
        records = [(row, record_codes(ref[row], alts[row], variant, code_of_ref)) for row in located.at.get(place, ())]
        if len(records) > 1:
            records.sort(key=lambda record: bool(record[1][0] < 0))
        records += others.get(column, ())
        for turn, (row, code) in enumerate(records):
            found.append((row, column, turn))
            codes.append(code)
    row, column, turn = np.array(found, np.intp).reshape(-1, 3).T
    return Places(
        reference=reference,
        indel=indel,
        row=row,
        column=column,
        turn=turn,
        code=np.array(codes, np.int8).reshape(-1, 256),
    )


def _long_rows(sites: Sites) -> LongRows:
    """The rows of each chromosome that have an allele of several bases, with the first and last base of their REF."""
    rows = [
        row
        for row, (ref, alts) in enumerate(zip(sites.ref, sites.alts, strict=True))
        if len(ref) > 1 or max(map(len, alts), default=0) > 1
    ]
    row = np.array(rows, np.intp)
    first = sites.pos[row].astype(np.int64)
    last = first + np.array([len(sites.ref[one]) for one in rows], np.int64) - 1
    on = sites.chrom[row]
    return {str(name): (row[on == name], first[on == name], last[on == name]) for name in np.unique(on)}


def _reaching(
    sites: Sites, variants: tuple[Variant, ...], build: str, long: LongRows
) -> dict[int, list[tuple[int, NDArray[np.int8]]]]:
    """By variant the rows that begin elsewhere, reach it and tell something of it, with their codes.

    A row that is understood at its own position is left out where it is not understood at the other one: the
    definitions of alleles have taken account of it.
    """
    found: dict[int, list[tuple[int, NDArray[np.int8]]]] = {}
    if not variants or variants[0].chromosome not in long:
        return found
    where, _, _ = _looked_for(variants, build)
    begin = np.array([place[1] for place, _, _ in where], np.int64)
    end = begin + np.array([len(one.touched(code)) for _, one, code in where], np.int64) - 1
    rows, first, last = long[variants[0].chromosome]
    near = (last >= begin.min()) & (first <= end.max())
    for row, start, stop in zip(rows[near].tolist(), first[near].tolist(), last[near].tolist(), strict=True):
        ref, alts = sites.ref[row], sites.alts[row]
        own = any(_understood(ref, alts, *where[column][1:], 0) for column in np.flatnonzero(begin == start).tolist())
        for column in np.flatnonzero((begin != start) & (begin <= stop) & (end >= start)).tolist():
            _, one, code = where[column]
            offset = start - int(begin[column])
            codes = record_codes(ref, alts, one, code, offset)
            unclear = SPANNING in codes[: 1 + len(alts)] or not _agree(ref.upper(), one.touched(code), offset)
            if _understood(ref, alts, one, code, offset) or (not own and unclear):
                found.setdefault(column, []).append((row, codes))
    return found


def _understood(ref: str, alts: tuple[str, ...], variant: Variant, reference: int, offset: int) -> bool:
    codes = record_codes(ref, alts, variant, reference, offset)[1 : 1 + len(alts)]
    return bool(np.any((codes >= 0) & (codes != reference)))


@cache
def _looked_for(
    variants: tuple[Variant, ...], build: str
) -> tuple[tuple[tuple[tuple[str, int], Variant, int], ...], NDArray[np.int8], NDArray[np.bool_]]:
    """Where each variant lies in a build with the code of its REF there; (P,) these codes, (P,) which are indels."""
    side = BUILDS.index(build)
    where = tuple(((one.chromosome, one.position[side]), one, one.reference[side]) for one in variants)
    reference, indel = [code for *_, code in where], [one.is_indel for one in variants]
    return where, np.array(reference, np.int8), np.array(indel, np.bool_)


@lru_cache(maxsize=8192)
def record_codes(
    ref: str, alts: tuple[str, ...], variant: Variant, reference: int, offset: int = 0
) -> NDArray[np.int8]:
    """(256,) code of each allele index of a record; a negative index keeps its own meaning.

    A record may spell a change with more or fewer bases than the definition does, or begin elsewhere, such as further
    on in the repeat that an insertion or deletion stands in. A REF that is
    shorter than an insertion or deletion speaks of it only where an ALT of the record is one that is known. The table
    is shared and must not be written to.

    offset : where the record begins, counted from the variant's position. Of a record that begins elsewhere, ABSENT is
        an allele that leaves the variant untold, SPANNING one that touches it in a way that is not understood
    """
    table = np.arange(256, dtype=np.uint8).view(np.int8).copy()
    table[:128] = UNDOCUMENTED
    ref, wanted = ref.upper(), variant.touched(reference) if offset else variant.bases[reference]
    if ref != UNKNOWN_BASE and not _fits(ref, wanted, variant.is_indel, offset):
        table[: 1 + len(alts)] = REF_MISMATCH
        return table
    codes = [_code(ref, alt.upper(), variant, reference, offset) for alt in alts]
    understood = any(code >= 0 and code != reference for code in codes)
    if offset and not understood:
        codes = [ABSENT if code == reference else code for code in codes]
        table[0] = ABSENT
    elif len(ref) == 1 < len(wanted) and ref != UNKNOWN_BASE and not understood:
        codes = [_told(ref, alt.upper(), code) for alt, code in zip(alts, codes, strict=True)]
        table[0] = REF_MISMATCH
    else:
        table[0] = reference
    table[1 : 1 + len(alts)] = codes
    return table


def _told(ref: str, alt: str, code: int) -> int:
    """A single base says nothing of an insertion or deletion that begins there, a longer ALT does."""
    return code if alt.startswith(ref) and len(alt) > len(ref) else REF_MISMATCH


def _fits(ref: str, wanted: str, indel: bool, offset: int = 0) -> bool:
    """REF agrees with the bases of the variant where both have some; all of them unless it is an indel."""
    return (indel or offset <= 0 <= offset + len(ref) - len(wanted)) and _agree(ref, wanted, offset)


def _agree(ref: str, wanted: str, offset: int) -> bool:
    low, high = max(0, offset), min(len(wanted), offset + len(ref))
    return low < high and ref[low - offset : high - offset] == wanted[low:high]


def _code(ref: str, alt: str, variant: Variant, reference: int, offset: int = 0) -> int:
    if alt in NOT_TOLD or alt.startswith("<") or (offset and not set(alt) <= BASES):
        return SPANNING
    if ref == UNKNOWN_BASE:
        return variant.bases.index(alt) if alt in variant.bases and set(alt) <= BASES else UNDOCUMENTED
    own = variant.bases[reference]
    wanted = variant.touched(reference) if offset else own
    if len(alt) == len(ref) and not variant.is_indel:
        base = alt[-offset : len(wanted) - offset]
        return variant.bases.index(base) if base in variant.bases else UNDOCUMENTED
    change = _leftmost(ref, alt, wanted, offset)
    for code, base in enumerate(variant.bases):
        if code != reference and _shortest(own, base) == change:
            return code
    begin, taken, _ = change
    if offset:
        apart = begin + len(taken) <= 0 or (begin >= len(wanted) and not variant.is_indel)
        return reference if apart else SPANNING
    beyond = begin >= len(wanted) and not variant.is_indel
    return reference if beyond and len(ref) > len(wanted) else UNDOCUMENTED


def _leftmost(ref: str, alt: str, wanted: str, offset: int) -> tuple[int, str, str]:
    """A change of a record as `_shortest` gives it, counted from the variant and as far left as its bases allow."""
    begin, taken, put = _shortest(ref, alt)
    begin += offset
    while not (taken and put) and 1 < begin <= len(wanted) and (taken + put)[-1:] == wanted[begin - 1]:
        taken, put = taken[-1:] + taken[:-1], put[-1:] + put[:-1]
        begin -= 1
    return begin, taken, put


def _shortest(ref: str, alt: str) -> tuple[int, str, str]:
    """A change without the bases that REF and ALT share: where it begins, what it takes away, what it puts there."""
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    start = 0
    while start < min(len(ref), len(alt)) and ref[start] == alt[start]:
        start += 1
    return start, ref[start:], alt[start:]
