"""Which pairs of alleles explain a genotype: one hash join over all patterns of a gene, whatever is missing or phased.

Every base of every position has a random 64-bit weight; an allele's number is the sum over its bases, a genotype's
the sum over both of its. Two alleles fit when their numbers add up to the genotype's, over the positions that are
known, so the second allele is looked up and no order of strands is enumerated. What the join finds is compared base by
base.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from precision.pgx.definitions import Gene
from precision.pgx.patterns import Patterns

PATTERNS_AT_ONCE = 4096
PAIRS_AT_ONCE = 1 << 18
SEED = 20251105


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """N pairs of alleles that explain a pattern, in the order of patterns, then by falling score.

    pattern, first, second : (N,) pattern and alleles, first <= second; a single copy stands in both
    score : (N,) known positions that the two alleles define explicitly
    open_pattern, open_allele : (K,) alleles that the missing positions leave possible
    """

    pattern: NDArray[np.int32]
    first: NDArray[np.int32]
    second: NDArray[np.int32]
    score: NDArray[np.int32]
    open_pattern: NDArray[np.int32]
    open_allele: NDArray[np.int32]


def match(gene: Gene, patterns: Patterns, keep_undefined: bool = False) -> Matches:
    """The pairs of alleles that fit each pattern.

    Parameters
    ----------
    keep_undefined : also alleles of which no defining position is known
    """
    chunks = [
        _match_some(gene, patterns.take(slice(start, start + PATTERNS_AT_ONCE)), start, keep_undefined)
        for start in range(0, len(patterns), PATTERNS_AT_ONCE)
    ]
    return Matches(*(np.concatenate([getattr(chunk, name) for chunk in chunks]) for name in Matches.__slots__))


def _match_some(gene: Gene, patterns: Patterns, offset: int, keep_undefined: bool) -> Matches:
    known, tables = ~patterns.missing, _tables(gene)
    masks, mask = _distinct(known)
    numbers = masks.astype(np.uint64) @ tables.numbers  # (M, H)
    total = _totals(patterns.codes, known, tables.weights)
    fits = _consistent(tables, patterns.codes, known)
    pattern, row = np.nonzero(fits)
    mine, wanted = numbers[mask[pattern], row], total[pattern] - numbers[mask[pattern], row]
    mine, wanted = mine + _spread()[pattern], wanted + _spread()[pattern]
    defined = (masks.astype(np.float32) @ tables.defines) > 0
    chosen = np.full(len(row), keep_undefined) | defined[mask[pattern], row]
    one, two = _join(mine[chosen], wanted[chosen], row[chosen])
    pattern_of, row_of = pattern[chosen], row[chosen]
    good = _verified(gene, patterns, pattern_of[one], row_of[one], row_of[two])
    one, two = one[good], two[good]
    score = (masks.astype(np.float32) @ tables.counts).astype(np.int32)
    found = _by_allele(gene, pattern_of[one], row_of[one], row_of[two], score[mask[pattern_of[one]]], patterns.haploid)
    unknown = (~masks).astype(np.float32) @ tables.differs
    hidden = unknown[mask[pattern], row] > 0
    hidden[hidden] = _among(wanted[hidden], mine)
    opened = _distinct_pairs(pattern[hidden], gene.row_allele[row[hidden]])
    return Matches(found[0] + offset, *found[1:], opened[0] + offset, opened[1])


@dataclass(frozen=True, slots=True, eq=False)
class _Tables:
    """What the definitions of a gene are in the arithmetic of matching; P positions, H rows, C codes.

    weights : (P, C) a random number for each base; numbers : (P, H) those of the rows
    defines, counts, differs : (P, H) as in the definitions; differs : defined, and not the reference
    bases : for each code the positions that have it in some row, and (p, H) which rows
    """

    weights: NDArray[np.uint64]
    numbers: NDArray[np.uint64]
    defines: NDArray[np.float32]
    counts: NDArray[np.float32]
    differs: NDArray[np.float32]
    bases: tuple[tuple[NDArray[np.intp], NDArray[np.float32]], ...]


@cache
def _tables(gene: Gene) -> _Tables:
    codes = max(len(variant.bases) for variant in gene.variants)
    weights = np.random.default_rng(SEED).integers(0, 2**64, (len(gene.variants), codes), dtype=np.uint64)
    bases: list[tuple[NDArray[np.intp], NDArray[np.float32]]] = []
    for code in range(codes):
        columns = np.flatnonzero((gene.row_code == code).any(axis=0))
        bases.append((columns, (gene.row_code[:, columns] == code).T.astype(np.float32)))
    return _Tables(
        weights=weights,
        numbers=np.take_along_axis(weights, gene.row_code.T.astype(np.intp), axis=1),
        defines=gene.row_defines.T.astype(np.float32),
        counts=gene.row_counts.T.astype(np.float32),
        differs=(gene.row_defines & (gene.row_code != 0)).T.astype(np.float32),
        bases=tuple(bases),
    )


@cache
def _spread() -> NDArray[np.uint64]:
    """A random number for each pattern, so that rows of different patterns never meet."""
    return np.random.default_rng(SEED + 1).integers(0, 2**64, PATTERNS_AT_ONCE, dtype=np.uint64)


def _distinct(known: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
    """(M, P) distinct rows, and (U,) which one each row is."""
    if len(known) == 1:
        return known, np.zeros(1, np.intp)
    packed = np.packbits(known, axis=1)
    _, first, inverse = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    return known[first], inverse.reshape(-1)


def _totals(codes: NDArray[np.int8], known: NDArray[np.bool_], weights: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """(U,) sum of the weights of both alleles over the known positions."""
    column = np.arange(codes.shape[1])
    both = weights[column, np.maximum(codes[..., 0], 0)] + weights[column, np.maximum(codes[..., 1], 0)]
    return np.where(known, both, np.uint64(0)).sum(axis=1, dtype=np.uint64)


def _consistent(tables: _Tables, codes: NDArray[np.int8], known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(U, H) every known position has the base of the row on one strand at least."""
    clashes = np.zeros((len(codes), tables.counts.shape[1]), np.float32)
    for code, (columns, rows) in enumerate(tables.bases):
        lacks = known[:, columns] & (codes[:, columns, 0] != code) & (codes[:, columns, 1] != code)
        clashes += lacks.astype(np.float32) @ rows
    return clashes == 0


def _join(
    mine: NDArray[np.uint64], wanted: NDArray[np.uint64], row: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Entries (i, j) with wanted[i] == mine[j], each pair once."""
    order = np.argsort(mine, kind="stable")
    low, high = np.searchsorted(mine[order], wanted, "left"), np.searchsorted(mine[order], wanted, "right")
    count = high - low
    one = np.repeat(np.arange(len(mine)), count)
    two = order[np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + np.repeat(low, count)]
    once = row[one] <= row[two]
    return one[once], two[once]


def _verified(
    gene: Gene, patterns: Patterns, pattern: NDArray[np.intp], one: NDArray[np.intp], two: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """(N,) the two rows really have the bases of the genotype, each phase block on one strand."""
    good = np.empty(len(pattern), np.bool_)
    for start in range(0, len(pattern), PAIRS_AT_ONCE):
        part = slice(start, start + PAIRS_AT_ONCE)
        codes, block = patterns.codes[pattern[part]], patterns.block[pattern[part]]
        left, right = gene.row_code[one[part]], gene.row_code[two[part]]
        straight = (codes[..., 0] == left) & (codes[..., 1] == right)
        crossed = (codes[..., 1] == left) & (codes[..., 0] == right)
        fits = straight | crossed | patterns.missing[pattern[part]]
        phased = block >= 0
        first = np.take_along_axis(straight, np.maximum(block, 0).astype(np.intp), axis=1)
        good[part] = (fits & (~phased | (straight == first))).all(axis=1)
    return good & (~patterns.haploid[pattern] | (one == two))


def _by_allele(
    gene: Gene,
    pattern: NDArray[np.intp],
    one: NDArray[np.intp],
    two: NDArray[np.intp],
    score: NDArray[np.int32],
    haploid: NDArray[np.bool_],
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Pairs of rows as pairs of alleles, each once with its best score."""
    entry = np.arange(len(pattern))
    both = score[entry, one] + np.where(haploid[pattern], 0, score[entry, two])
    left, right = gene.row_allele[one], gene.row_allele[two]
    first, second = np.minimum(left, right), np.maximum(left, right)
    pair = (pattern * len(gene.alleles) + first) * len(gene.alleles) + second
    order = np.lexsort((-both, pair))
    keep = np.ones(len(order), np.bool_)
    keep[1:] = np.diff(pair[order]) != 0
    order = order[keep]
    order = order[np.lexsort((pair[order], -both[order], pattern[order]))]
    return pattern[order].astype(np.int32), first[order], second[order], both[order]


def _among(wanted: NDArray[np.uint64], numbers: NDArray[np.uint64]) -> NDArray[np.bool_]:
    if not len(wanted):
        return np.zeros(0, np.bool_)
    ordered = np.sort(numbers)
    return ordered[np.minimum(np.searchsorted(ordered, wanted), len(ordered) - 1)] == wanted


def _distinct_pairs(
    pattern: NDArray[np.intp], allele: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    found = np.unique(pattern.astype(np.int64) << 32 | allele)
    return (found >> 32).astype(np.int32), (found & 0xFFFFFFFF).astype(np.int32)
