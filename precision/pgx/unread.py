"""What was not tested and would count: alleles that every test should have, at positions that were not read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from precision.pgx.definitions import Gene
from precision.pgx.functions import Rules
from precision.pgx.matching import Matches
from precision.pgx.patterns import Patterns

COMMON = 0.015
"""Alleles that were not tested count where so many people of some population carry one. The figure is ours: it counts
DPYD *2A alone (1.6 % of Europeans) and leaves out, with a word, those that a panel by the European standard lacks."""


@dataclass(frozen=True, slots=True, eq=False)
class Hidden:
    """Pairs of alleles that U patterns may have in truth: one that was not tested in the place of the reference.

    alleles : (U, T) which of the T core alleles of the gene make them; pattern, first, second : (K,), by pattern
    """

    alleles: NDArray[np.bool_]
    pattern: NDArray[np.intp]
    first: NDArray[np.int32]
    second: NDArray[np.int32]

    @property
    def where(self) -> NDArray[np.bool_]:
        """(U,) there are such pairs."""
        return np.logical_or.reduce(self.alleles, axis=1)

    def of(self, pattern: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """The pairs of one pattern."""
        low, high = np.searchsorted(self.pattern, [pattern, pattern + 1])
        return self.first[low:high], self.second[low:high]


def untested(
    gene: Gene, missing: NDArray[np.bool_], matches: Matches, reported: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """(U, T) alleles that every test should have and that may be there unseen.

    A position is missing in each of its forms, no other position excludes it, and no reported pair has it.
    """
    forms, first = _forms(gene)
    if not (len(first) and missing.any()):
        return np.zeros((len(missing), len(first)), np.bool_)
    unseen = np.logical_and.reduceat(missing.astype(np.float32) @ forms > 0, first, axis=1)
    possible = np.zeros((len(missing), len(gene.alleles)), np.bool_)
    possible[np.bincount(matches.pattern, minlength=len(missing)) == 0] = True  # nothing fits: nothing is excluded
    possible[matches.open_pattern, matches.open_allele] = True
    for found in (matches.first, matches.second):
        possible[matches.pattern[reported], found[reported]] = False
    return unseen & possible[:, _core(gene)]


def hidden(
    gene: Gene,
    patterns: Patterns,
    matches: Matches,
    not_tested: NDArray[np.bool_],
    reported: NDArray[np.bool_],
    rules: Rules,
    phenotype: NDArray[np.int16],
) -> Hidden:
    """What common alleles that were not tested would make of results that rest on finding nothing.

    A result rests on it where every reported pair has a strand that functions like the reference, and its phenotype is
    that of two of them, or one of which advice asks for more instead of less (`GeneRules.rests_on_absence`). Any other
    variant that was found stands, whatever else was not tested.

    Parameters
    ----------
    not_tested : (U, T) as ``untested`` found
    reported : (N,) the pairs that are the answer; phenotype : (N,) of each pair by ``rules``
    """
    core, keys = _core(gene), rules.allele_key
    count = len(patterns)
    nothing = Hidden(np.zeros((count, len(core)), np.bool_), *(np.zeros(0, kind) for kind in (np.intp, "i4", "i4")))
    if not len(core):
        return nothing
    plain = keys[gene.reference]
    unseen = not_tested & (keys[core] != plain)
    if not unseen.any():
        return nothing
    pattern, single = matches.pattern[reported], patterns.haploid[matches.pattern[reported]]
    strands = matches.first[reported], matches.second[reported]
    free = keys[strands[0]] == plain, (keys[strands[1]] == plain) & ~single
    resting = _resting(gene, rules)[phenotype[reported]] & (free[0] | free[1])
    rests = np.bincount(pattern[resting], minlength=count) == np.bincount(pattern, minlength=count)
    places = np.zeros(count, np.int64)
    np.maximum.at(places, pattern, free[0].astype(np.int64) + free[1])
    unseen &= (rests & (places > 0) & (_carriers(gene, unseen, places) >= COMMON))[:, None]
    chosen = unseen.any(axis=1)[pattern]
    pattern, strands = pattern[chosen], tuple(one[chosen] for one in strands)
    options = [_options(core, unseen[pattern], one, may[chosen]) for one, may in zip(strands, free, strict=True)]
    found = [
        np.stack([pattern, one, two])[:, may_one & may_two]
        for number, (one, may_one) in enumerate(options[0])
        for other, (two, may_two) in enumerate(options[1])
        if number or other
    ]
    pairs = np.unique(np.concatenate([np.zeros((3, 0), np.intp), *found], axis=1), axis=1)
    return Hidden(unseen, pairs[0], pairs[1].astype(np.int32), pairs[2].astype(np.int32))


def _options(
    core: NDArray[np.intp], unseen: NDArray[np.bool_], strand: NDArray[np.int32], may: NDArray[np.bool_]
) -> list[tuple[NDArray[np.int32], NDArray[np.bool_]]]:
    """What may be on one strand of N pairs, and of which of them: what was found, then each core allele."""
    others = [(np.full_like(strand, allele), may & unseen[:, place]) for place, allele in enumerate(core.tolist())]
    return [(strand, np.ones(len(strand), np.bool_)), *others]


def _resting(gene: Gene, rules: Rules) -> NDArray[np.bool_]:
    """For each phenotype of the rules, whether it rests on finding nothing."""
    plain = rules.phenotypes[rules.phenotype[(rules.allele_key[gene.reference],) * 2]]
    return np.isin(rules.phenotypes, [plain, *gene.rules.rests_on_absence])


def _carriers(gene: Gene, unseen: NDArray[np.bool_], places: NDArray[np.int64]) -> NDArray[np.float64]:
    """(U,) share of people who carry one on so many strands, in the population that has most; 1 where nobody knows."""
    frequency = gene.frequency[_core(gene)]
    frequency = np.where(np.isnan(frequency).all(axis=1, keepdims=True), 1.0, np.nan_to_num(frequency))
    share = np.minimum(unseen @ frequency, 1.0)
    return (1 - (1 - share) ** places[:, None]).max(axis=1)


@cache
def _core(gene: Gene) -> NDArray[np.intp]:
    return np.array([gene.alleles.index(name) for name in gene.rules.tier1], np.intp)


@cache
def _forms(gene: Gene) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """(P, F) the positions that each form of the core alleles needs, and the first form of each allele."""
    needed = gene.row_defines & (gene.row_code != 0)
    rows = [np.flatnonzero(gene.row_allele == allele) for allele in _core(gene)]
    first = np.cumsum([0, *map(len, rows)])[:-1]
    return needed[np.concatenate([np.zeros(0, np.intp), *rows])].T.astype(np.float32), first
