"""Calls that are not plainly known: one copy or two, half a genotype, a base that no definition has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from precision.genotypes import HAPLOID
from precision.pgx.definitions import Gene
from precision.pgx.states import MALE_HETEROZYGOUS, ONE_ALLELE, PARTIAL, UNDOCUMENTED

UNKNOWN_SEX, FEMALE, MALE = 0, 1, 2


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """(U, P) the call is not known; (U, P) it has a base that no definition knows; (U,) one copy of the gene."""

    missing: NDArray[np.bool_]
    undocumented: NDArray[np.bool_]
    haploid: NDArray[np.bool_]


def settle(codes: NDArray[np.int8], references: NDArray[np.int8], gene: Gene, sex: NDArray[np.int8]) -> Settled:
    """Make every (U, P, 2) call either two known bases or one state, in place.

    `0/.` is a missing call, `1/.` a variant whose partner is unknown. A call with one allele counts twice where the
    person has one copy, else as if the other were missing. An unknown base is reference in genes whose rules say so.
    """
    pattern, column = where((codes[..., 0] != 0) | (codes[..., 1] != 0))
    one, two = codes[pattern, column, 0], codes[pattern, column, 1]
    alone = two == HAPLOID
    haploid = np.zeros(len(codes), np.bool_)
    if gene.on_x:
        haploid[pattern[alone & (one >= 0)]] = True
        haploid = (sex == MALE) | ((sex == UNKNOWN_SEX) & haploid)
    told = np.where(one == references[column], np.int8(ONE_ALLELE), np.int8(PARTIAL))
    np.copyto(one, told, where=alone & (one >= 0) & ~haploid[pattern])
    np.copyto(two, one, where=alone)
    contradicts = haploid[pattern] & (one >= 0) & (two >= 0) & (one != two)
    half = ((one < 0) != (two < 0)) & (one != UNDOCUMENTED) & (two != UNDOCUMENTED)
    state = np.where(np.maximum(one, two) == references[column], np.minimum(one, two), np.int8(PARTIAL))
    unknown = (one == UNDOCUMENTED) | (two == UNDOCUMENTED)
    for strand in (one, two):
        np.copyto(strand, state, where=half)
        np.copyto(strand, MALE_HETEROZYGOUS, where=contradicts)
        if gene.rules.undocumented_as_reference:
            np.copyto(strand, references[column], where=strand == UNDOCUMENTED)
    codes[pattern, column, 0], codes[pattern, column, 1] = one, two
    undocumented, missing = (np.zeros(codes.shape[1::-1], np.bool_).T for _ in range(2))
    undocumented[pattern, column] = unknown
    missing[pattern, column] = (one < 0) | (two < 0)
    return Settled(missing, undocumented, haploid)


def where(mask: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pattern and variant of each True of a (U, P) mask, variant by variant as they lie in memory."""
    column, pattern = np.divmod(np.flatnonzero(mask.T), len(mask))
    return pattern, column
