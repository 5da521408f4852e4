"""From records of a file to the bases that allele definitions know: one small table per record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from precision.genotypes import UNKNOWN_BASE, Genotypes
from precision.pgx.definitions import BUILDS, Variant
from precision.pgx.states import REF_MISMATCH, SPANNING, UNDOCUMENTED

NOT_TOLD = ("*", ".", "<*>", "<NON_REF>")
BASES = frozenset("ACGT")


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """P variants of a gene and the N records of a file at their positions.

    reference : (P,) code of REF in the file's build; indel : (P,) it is an insertion, deletion or repeat
    row, column : (N,) row of the genotypes, and which variant it speaks of
    turn : (N,) 0 for the best record of a variant, 1 for the next
    code : (N, 256) what each allele index of a record means, by its low byte
    """

    reference: NDArray[np.int8]
    indel: NDArray[np.bool_]
    row: NDArray[np.intp]
    column: NDArray[np.intp]
    turn: NDArray[np.intp]
    code: NDArray[np.int8]


def places(
    genotypes: Genotypes, variants: tuple[Variant, ...], build: str, at: Mapping[tuple[str, int], Sequence[int]]
) -> Places:
    """The records of each variant; those whose REF is not the build's come last.

    at : the rows of each position (`Sites.rows`)
    """
    ref, alts = genotypes.sites.ref, genotypes.sites.alts
    where, reference, indel = _looked_for(variants, build)
    found: list[tuple[int, int, int]] = []
    codes: list[NDArray[np.int8]] = []
    for column, (place, variant, code_of_ref) in enumerate(where):
        records = [(row, record_codes(ref[row], alts[row], variant, code_of_ref)) for row in at.get(place, ())]
        if len(records) > 1:
            records.sort(key=lambda record: bool(record[1][0] < 0))
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
def record_codes(ref: str, alts: tuple[str, ...], variant: Variant, reference: int) -> NDArray[np.int8]:
    """(256,) code of each allele index of a record; a negative index keeps its own meaning.

    A record may spell a change with more bases than the definition does; a single base says nothing of an insertion
    or deletion that begins there. The table is shared and must not be written to.
    """
    table = np.arange(256, dtype=np.uint8).view(np.int8).copy()
    table[:128] = UNDOCUMENTED
    ref, wanted = ref.upper(), variant.bases[reference]
    if ref == UNKNOWN_BASE:
        table[0] = reference
    elif not _fits(ref, wanted, variant.is_indel):
        table[: 1 + len(alts)] = REF_MISMATCH
        return table
    else:
        table[0] = reference
    for index, alt in enumerate(alts, start=1):
        table[index] = _code(ref, alt.upper(), variant, reference)
    return table


def _fits(ref: str, wanted: str, indel: bool) -> bool:
    return ref.startswith(wanted) or (indel and len(ref) > 1 and wanted.startswith(ref))


def _code(ref: str, alt: str, variant: Variant, reference: int) -> int:
    if alt in NOT_TOLD:
        return SPANNING
    if ref == UNKNOWN_BASE:
        return variant.bases.index(alt) if alt in variant.bases and set(alt) <= BASES else UNDOCUMENTED
    wanted = variant.bases[reference]
    change = _shortest(ref, alt)
    for code, base in enumerate(variant.bases):
        if code != reference and _shortest(wanted, base) == change:
            return code
    beyond = change[0] >= len(wanted) and not variant.is_indel
    return reference if beyond and len(ref) > len(wanted) else UNDOCUMENTED


def _shortest(ref: str, alt: str) -> tuple[int, str, str]:
    """A change without the bases that REF and ALT share: where it begins, what it takes away, what it puts there."""
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    start = 0
    while start < min(len(ref), len(alt)) and ref[start] == alt[start]:
        start += 1
    return start, ref[start:], alt[start:]
