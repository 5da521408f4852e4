"""The calls of one gene for a cohort: per distinct genotype the pairs of alleles, their phenotypes, and the reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from precision.pgx.definitions import Gene
from precision.pgx.functions import Rules, rules_of
from precision.pgx.matching import Matches
from precision.pgx.patterns import Patterns
from precision.pgx.settling import UNKNOWN_SEX
from precision.pgx.unread import Hidden, hidden, untested

CALLED, AMBIGUOUS, NOT_CALLED = "called", "ambiguous", "not_called"
STATUSES = (NOT_CALLED, CALLED, AMBIGUOUS)
REASONS = MappingProxyType(
    {
        "no_position_known": "not_called",
        "undocumented_allele": "not_called",
        "partial_call": "not_called",
        "male_heterozygous": "not_called",
        "inside_larger_variant": "not_called",
        "required_position_missing": "not_called",
        "no_matching_diplotype": "not_called",
        "several_diplotypes": "ambiguous",
        "phase_matters": "ambiguous",
        "phase_unknown": "note",
        "read_from_one_position": "note",
        "most_frequent_of_ties": "note",
        "untyped_position_decides_name": "note",
        "undocumented_as_reference": "note",
        "deciding_position_missing": "note",
        "dependent_position_contradicts": "note",
        "other_diplotypes_fit": "note",
        "other_phenotype_fits": "note",
        "alleles_not_excluded": "note",
        "tier1_alleles_untested": "note",
        "positions_missing": "note",
        "sex_unknown": "note",
    }
)
COLUMN = MappingProxyType({name: index for index, name in enumerate(REASONS)})
COLUMNS_OF = MappingProxyType(
    {kind: [COLUMN[name] for name, one in REASONS.items() if one == kind] for kind in REASONS.values()}
)


@dataclass(frozen=True, slots=True, eq=False)
class Reasons:
    """(U, R) which of ``REASONS`` holds for a pattern."""

    holds: NDArray[np.bool_]

    @classmethod
    def of(cls, patterns: int) -> Reasons:
        """None holds yet."""
        return cls(np.zeros((patterns, len(REASONS)), np.bool_))

    def set(self, name: str, where: NDArray[np.bool_]) -> None:
        """Say where a reason holds."""
        self.holds[:, COLUMN[name]] |= where

    def where(self, name: str) -> NDArray[np.bool_]:
        """(U,) where a reason holds."""
        return self.holds[:, COLUMN[name]]

    def any_of(self, kind: str) -> NDArray[np.bool_]:
        """(U,) any reason of a kind holds."""
        return np.any(self.holds[:, COLUMNS_OF[kind]], axis=1)

    def names(self, pattern: int) -> tuple[str, ...]:
        """The reasons of one pattern."""
        return tuple(name for name, holds in zip(REASONS, self.holds[pattern], strict=True) if holds)


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What one body (CPIC, DPWG) makes of the pairs.

    phenotype, score : (N,) of each pair, indices into the rules
    phenotypes, scores : (U,) set of those of the reported pairs, bit by index
    """

    rules: Rules
    phenotype: NDArray[np.int16]
    score: NDArray[np.int16]
    phenotypes: NDArray[np.int64]
    scores: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class GeneCalls:
    """One gene: U patterns of genotypes, N pairs of alleles in their order.

    start : (U + 1,) the pairs of pattern u are start[u]:start[u + 1], best score first
    reported : (N,) belongs to the answer; the others fit too
    status : (U,) index into ``STATUSES``
    shown : (V, S, 2) codes of the variants that are only shown
    untested : (U, T) alleles that every test should have, and that nothing excludes
    hidden : pairs that common alleles which were not tested could make; None where the gene has no phenotypes
    """

    gene: Gene
    patterns: Patterns
    matches: Matches
    start: NDArray[np.intp]
    reported: NDArray[np.bool_]
    status: NDArray[np.int8]
    reasons: Reasons
    readings: tuple[Reading, ...]
    shown: NDArray[np.int8]
    untested: NDArray[np.bool_]
    hidden: Hidden | None

    def other_phenotypes(self, pattern: int) -> tuple[str, ...]:
        """The phenotypes by the first body of pairs that fit a pattern too and are not reported."""
        pairs = slice(self.start[pattern], self.start[pattern + 1])
        found = {
            reading.rules.phenotypes[number]
            for reading in self.readings[:1]
            for number in reading.phenotype[pairs].tolist()
            if not int(reading.phenotypes[pattern]) >> number & 1
        }
        return tuple(sorted(filter(None, found)))

    def labels(self, values: NDArray[np.int64], names: Sequence[str]) -> NDArray[np.str_]:
        """(S,) the names in each sample's set, joined by ' or '."""
        distinct, inverse = np.unique(values, return_inverse=True)
        texts = [" or ".join(name for bit, name in enumerate(names) if one >> bit & 1 and name) for one in distinct]
        return np.array(texts, dtype=np.str_)[inverse][self.patterns.of_sample]


def settle(
    gene: Gene,
    patterns: Patterns,
    matches: Matches,
    reasons: Reasons,
    all_matches: bool,
    shown: NDArray[np.int8],
) -> GeneCalls:
    """Choose among the pairs that fit, say why, and read their phenotypes."""
    matches = _named_while_untyped(gene, patterns, matches, reasons)
    start = np.searchsorted(matches.pattern, np.arange(len(patterns) + 1))
    count = np.diff(start)
    reported = np.ones(len(matches.pattern), np.bool_)
    if not all_matches:
        reported = matches.score == matches.score[start[matches.pattern]]
        _decide_ties(gene, matches, reported, reasons)
    none = (count == 0) & ~reasons.any_of("not_called")
    single = patterns.haploid[matches.pattern]
    readings = tuple(_reading(rules, matches, reported, start, single) for rules in rules_of(gene.name))
    fallback = _fall_back(gene, patterns, none, readings)
    reasons.set("read_from_one_position", fallback)
    reasons.set("no_matching_diplotype", none & ~fallback)
    chosen = np.bincount(matches.pattern[reported], minlength=len(patterns))
    reasons.set("several_diplotypes", chosen > 1)
    reasons.set("other_diplotypes_fit", count > chosen)
    reasons.set("other_phenotype_fits", _other_phenotype(readings, matches, len(patterns)))
    reasons.set("alleles_not_excluded", np.bincount(matches.open_pattern, minlength=len(patterns)) > 0)
    not_tested = untested(gene, patterns.missing, matches, reported)
    reasons.set("tier1_alleles_untested", np.logical_or.reduce(not_tested, axis=1))
    unseen = None
    if readings:
        rules, phenotype = readings[0].rules, readings[0].phenotype
        unseen = hidden(gene, patterns, matches, not_tested, reported, rules, phenotype)
        reasons.set("positions_missing", unseen.where)
        reasons.set("positions_missing", _unread_decides(gene, patterns, matches, readings[0]))
    if gene.on_x:
        homozygous = (patterns.codes[..., 0] == patterns.codes[..., 1]).all(axis=1) & ~patterns.missing.all(axis=1)
        reasons.set("sex_unknown", (patterns.sex == UNKNOWN_SEX) & ~patterns.haploid & homozygous)
    status = np.where(reasons.any_of("not_called"), 0, np.where(reasons.any_of("ambiguous"), 2, 1)).astype(np.int8)
    return GeneCalls(gene, patterns, matches, start, reported, status, reasons, readings, shown, not_tested, unseen)


def _unread_decides(gene: Gene, patterns: Patterns, matches: Matches, reading: Reading) -> NDArray[np.bool_]:
    """(U,) the phenotype is that of no variant, and one at a position that was not read would give another.

    Only of genes whose alleles are a list of variants (`Gene.lists_variants`): nothing but all positions shows that
    there is none. A variant that was found stands, whatever else is missing.
    """
    found = np.zeros(len(patterns), np.bool_)
    if not gene.lists_variants:
        return found
    rules, reference = reading.rules, reading.rules.allele_key[gene.reference]
    for copies, plain, beside in (
        (patterns.haploid, rules.single[reference], rules.single),
        (~patterns.haploid, rules.phenotype[reference, reference], rules.phenotype[reference]),
    ):
        changes = (beside != plain)[rules.allele_key[matches.open_allele]]
        unread = np.bincount(matches.open_pattern[changes], minlength=len(patterns)) > 0
        found |= copies & unread & (reading.phenotypes == np.int64(1) << np.int64(plain))
    return found


def _named_while_untyped(gene: Gene, patterns: Patterns, matches: Matches, reasons: Reasons) -> Matches:
    """Two alleles that one untyped position tells apart are reported under the name of the common one."""
    for rare, common in gene.rules.untyped:
        one, other = gene.alleles.index(rare), gene.alleles.index(common)
        rows = [gene.row_code[np.argmax(gene.row_allele == allele)] for allele in (one, other)]
        untyped = np.all(patterns.missing[:, rows[0] != rows[1]], axis=1)
        touched = untyped[matches.pattern] & ((matches.first == one) | (matches.second == one))
        first = np.where(touched & (matches.first == one), other, matches.first)
        second = np.where(touched & (matches.second == one), other, matches.second)
        pairs = np.column_stack([matches.pattern, -matches.score, np.minimum(first, second), np.maximum(first, second)])
        pairs = np.unique(pairs, axis=0)
        _, best = np.unique(pairs[:, [0, 2, 3]], axis=0, return_index=True)
        pairs = pairs[np.sort(best)].astype(np.int32)
        reasons.set("untyped_position_decides_name", np.bincount(matches.pattern[touched], minlength=len(patterns)) > 0)
        matches = replace(matches, pattern=pairs[:, 0], score=-pairs[:, 1], first=pairs[:, 2], second=pairs[:, 3])
    return matches


def _decide_ties(gene: Gene, matches: Matches, reported: NDArray[np.bool_], reasons: Reasons) -> None:
    """Where exactly the pairs of a listed tie fit, only the frequent one is reported, whatever their scores."""
    pair = matches.first * len(gene.alleles) + matches.second
    count = np.bincount(matches.pattern, minlength=len(reasons.holds))
    for tie, choice in gene.rules.priorities.items():
        if not np.any(count == len(tie)):
            continue
        listed = np.isin(pair, [_pair_number(gene, name) for name in tie])
        whole = (np.bincount(matches.pattern[listed], minlength=len(count)) == len(tie)) & (count == len(tie))
        chosen = whole[matches.pattern]
        reported[chosen] = pair[chosen] == _pair_number(gene, choice)
        reasons.set("most_frequent_of_ties", whole)


def _pair_number(gene: Gene, diplotype: str) -> int:
    first, second = sorted(gene.alleles.index(name) for name in diplotype.split("/"))
    return first * len(gene.alleles) + second


def _reading(
    rules: Rules, matches: Matches, reported: NDArray[np.bool_], start: NDArray[np.intp], single: NDArray[np.bool_]
) -> Reading:
    phenotype, score = rules.of_pairs(matches.first, matches.second, single)
    sets = [np.zeros(len(start) - 1, np.int64), np.zeros(len(start) - 1, np.int64)]
    for found, values in zip(sets, (phenotype, score), strict=True):
        np.bitwise_or.at(found, matches.pattern[reported], np.int64(1) << values[reported].astype(np.int64))
    return Reading(rules, phenotype, score, *sets)


def _fall_back(
    gene: Gene, patterns: Patterns, none: NDArray[np.bool_], readings: tuple[Reading, ...]
) -> NDArray[np.bool_]:
    """(U,) no pair fits, and one position that is known stands in: its phenotype is that of its genotype."""
    found = np.zeros(len(patterns), np.bool_)
    if not gene.rules.fallback:
        return found
    column = gene.index_at(gene.rules.fallback_position)
    genotype = np.sort(patterns.codes[:, column], axis=1)
    for text, phenotype in gene.rules.fallback.items():
        codes = sorted(gene.variants[column].bases.index(base) for base in text.split("/"))
        where = none & np.all(genotype == codes, axis=1)
        for reading in readings:
            if phenotype in reading.rules.phenotypes:
                reading.phenotypes[where] = 1 << reading.rules.phenotypes.index(phenotype)
        found |= where
    return found


def _other_phenotype(readings: tuple[Reading, ...], matches: Matches, patterns: int) -> NDArray[np.bool_]:
    """(U,) a pair that fits and is not reported has a phenotype that no reported pair has."""
    found = np.zeros(patterns, np.bool_)
    for reading in readings[:1]:
        known = reading.phenotypes[matches.pattern] >> reading.phenotype.astype(np.int64) & 1
        found |= np.bincount(matches.pattern[known == 0], minlength=patterns) > 0
    return found
