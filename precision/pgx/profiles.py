"""The genes of N people as the results that advice rests on, each distinct result once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from precision.pgx.advice import advice
from precision.pgx.calls import Calls
from precision.pgx.conditions import DIPLOTYPE, GeneResult
from precision.pgx.definitions import genes
from precision.pgx.describe import named_diplotypes
from precision.pgx.functions import CPIC, INDETERMINATE, rules_of
from precision.pgx.genecalls import GeneCalls
from precision.pgx.laboratory_words import worded
from precision.pgx.outside import DIFFERS, LABORATORY, OutsideCall, across, together


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """One gene of N people; of_person : (N,) index into ``results``."""

    gene: str
    of_person: NDArray[np.int32]
    results: tuple[GeneResult, ...]

    def take(self, person: NDArray[np.intp]) -> Profile:
        """The same for some of the people, in this order."""
        return Profile(self.gene, self.of_person[person], self.results)

    def changed(self, code: NDArray[np.intp], change: Callable[[GeneResult, int], GeneResult]) -> Profile:
        """Everyone's result changed by their own code; each distinct pair of result and code is changed once."""
        pairs, of_person = np.unique(np.column_stack([self.of_person, code]), axis=0, return_inverse=True)
        results = tuple(change(self.results[int(one)], int(how)) for one, how in pairs)
        return Profile(self.gene, of_person.reshape(-1).astype(np.int32), results)


Profiles = Mapping[str, Profile]


def profiles_of(calls: Calls) -> Profiles:
    """Gene -> what is known of it for every sample, results of a laboratory before ours."""
    return MappingProxyType({gene: _profile(calls, gene) for gene in calls.genes})


def nobody_known(people: int) -> Profile:
    """A gene of which nothing is known for anybody."""
    return Profile("", np.zeros(people, np.int32), (GeneResult(),))


def _profile(calls: Calls, gene: str) -> Profile:
    results: list[GeneResult] = [GeneResult()]
    of_person = np.zeros(len(calls.samples), np.int32)
    if gene in calls.called:
        found = calls.called[gene]
        of_pattern, results = _of_patterns(found)
        of_person = of_pattern[found.patterns.of_sample]
    if gene in calls.outside:
        outside = calls.outside[gene]
        here = outside.of_sample >= 0
        of_person = np.where(here, outside.of_sample + len(results), of_person).astype(np.int32)
        results = [*results, *(_reported(gene, answers) for answers in outside.answers)]
    return Profile(gene, of_person, tuple(results))


def _of_patterns(calls: GeneCalls) -> tuple[NDArray[np.int32], list[GeneResult]]:
    """(U,) result of each pattern of genotypes, and the distinct results."""
    sets = [values for reading in calls.readings for values in (reading.phenotypes, reading.scores)]
    if calls.gene.name in told_by_diplotype():
        sets.append(np.arange(len(calls.patterns), dtype=np.int64))
    if calls.reasons.where("positions_missing").any():
        read = (~calls.patterns.missing).sum(axis=1, dtype=np.int64)
        sets.append(np.where(calls.reasons.where("positions_missing"), read, -1))
        sets += _hidden_sets(calls)
    if not sets:
        return np.zeros(len(calls.patterns), np.int32), [GeneResult()]
    _, first, of_pattern = np.unique(np.column_stack(sets), axis=0, return_index=True, return_inverse=True)
    return of_pattern.reshape(-1).astype(np.int32), [_result(calls, int(pattern)) for pattern in first]


def _hidden_sets(calls: GeneCalls) -> list[NDArray[np.int64]]:
    """What tells patterns apart of alleles that were not tested: which ones, and the pair in whose place they stand."""
    if calls.hidden is None or not calls.hidden.where.any():
        return []
    where = calls.hidden.where
    alleles = calls.hidden.alleles @ (np.int64(1) << np.arange(calls.hidden.alleles.shape[1], dtype=np.int64))
    best = np.minimum(calls.start[:-1], max(len(calls.matches.first) - 1, 0))
    pair = calls.matches.first[best].astype(np.int64) * len(calls.gene.alleles) + calls.matches.second[best]
    return [np.where(where, alleles, 0), np.where(where, pair, -1)]


def _result(calls: GeneCalls, pattern: int) -> GeneResult:
    named = calls.gene.name in told_by_diplotype()
    missing = calls.patterns.missing[pattern]
    may = calls.hidden if calls.hidden is not None and calls.hidden.where[pattern] else None
    unread = may is None and bool(calls.reasons.where("positions_missing")[pattern])
    core = np.flatnonzero(may.alleles[pattern]).tolist() if may else ()
    return GeneResult(
        phenotypes={r.rules.body: _set(int(r.phenotypes[pattern]), r.rules.phenotypes) for r in calls.readings},
        scores={r.rules.body: _set(int(r.scores[pattern]), r.rules.scores) for r in calls.readings},
        diplotypes=tuple(one.name for one in named_diplotypes(calls, pattern)) if named else (),
        positions=(int(np.count_nonzero(~missing)), len(missing)) if unread else (0, 0),
        untested=tuple(calls.gene.rules.tier1[one] for one in core),
        hidden=_hidden(calls, *may.of(pattern), single=bool(calls.patterns.haploid[pattern])) if may else None,
    )


def _hidden(calls: GeneCalls, first: NDArray[np.int32], second: NDArray[np.int32], single: bool) -> GeneResult:
    """What pairs with alleles that were not tested would be."""
    names = calls.gene.alleles
    alone = np.full(len(first), single)
    found = [(reading.rules, *reading.rules.of_pairs(first, second, alone)) for reading in calls.readings]
    pairs = zip(first.tolist(), second.tolist(), strict=True)
    return GeneResult(
        phenotypes={rules.body: _distinct(rules.phenotypes[int(one)] for one in ones) for rules, ones, _ in found},
        scores={rules.body: _distinct(rules.scores[int(one)] for one in ones) for rules, _, ones in found},
        diplotypes=tuple(f"{names[one]}/{names[two]}" for one, two in pairs),
    )


def _set(bits: int, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for bit, name in enumerate(names) if bits >> bit & 1 and name)


def _reported(gene: str, answers: Sequence[OutsideCall]) -> GeneResult:
    """A laboratory's answers: the bodies' reading of its alleles, else the phenotype or score as it reported them.

    Where its own phenotype is another one, both are possible; it stands alone where its alleles say nothing. An HLA
    allele that one of several results found is present.
    """
    phenotypes: dict[str, tuple[str, ...]] = {}
    scores: dict[str, tuple[str, ...]] = {}
    differ = any(DIFFERS in reasons for reasons in (across(answers), *(one.reasons for one in answers)))
    for body in dict.fromkeys(body for one in answers for body in (*one.phenotype, *one.activity_score)):
        phenotypes[body] = _distinct(text for one in answers for text in _phenotypes(one, body))
        scores[body] = () if differ else _distinct(one.activity_score.get(body, "") for one in answers)
    phenotypes[CPIC] = phenotypes.get(CPIC, ()) or phenotypes.pop(LABORATORY, ())
    scores[CPIC] = scores.get(CPIC, ()) or scores.pop(LABORATORY, ())
    return GeneResult(
        phenotypes=phenotypes,
        scores=scores,
        diplotypes=_distinct(one.diplotype for one in answers),
        presence=together(one.presence for one in answers)[0],
    )


def _phenotypes(answer: OutsideCall, body: str) -> tuple[str, ...]:
    ours = worded(answer.gene, answer.phenotype.get(body, ""))
    if DIFFERS not in answer.reasons:
        return (ours or answer.reported,)
    return (answer.reported,) if ours == INDETERMINATE else (ours, answer.reported)


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, texts)))


@cache
def told_by_diplotype() -> frozenset[str]:
    """Genes of which some advice asks for the diplotype itself."""
    return frozenset(one.gene for row in advice() for one in row.when if one.kind == DIPLOTYPE)


@cache
def neutral(gene: str) -> GeneResult:
    """The result of two reference alleles; nothing is known where the presence of an allele is what counts."""
    if gene not in genes() or genes()[gene].rules.presence:
        return GeneResult()
    pair, two = np.array([genes()[gene].reference]), np.array([False])
    found = [(rules, *rules.of_pairs(pair, pair, two)) for rules in rules_of(gene)]
    return GeneResult(
        phenotypes={rules.body: _distinct([rules.phenotypes[int(p[0])]]) for rules, p, _ in found},
        scores={rules.body: _distinct([rules.scores[int(s[0])]]) for rules, _, s in found},
    )
