"""A list of medicines against everybody's genes, by genotype and with what the other medicines do to the enzymes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from precision.pgx.advice import advice
from precision.pgx.advising import Advised, Advisor, Outside, for_some, questions
from precision.pgx.answers import Answer, answers
from precision.pgx.clinical import OR, shifted
from precision.pgx.conditions import GeneResult
from precision.pgx.functions import rules_of
from precision.pgx.phenoconversion import Shift
from precision.pgx.profiles import Profile, Profiles

WORDS = ("No guidance", "Standard", "Monitor", "Not determined", "Change dose", "Change", "Avoid")
"""By urgency."""

IF = " if"
DEPENDING = ("Monitor", "Change dose", "Change", "Avoid")
SEVEREST_FIRST = tuple(
    form for word in reversed(WORDS) for form in ((word, f"{word}{IF}") if word in DEPENDING else (word,))
)
"""Every word that a medicine can have. 'Avoid if' comes right after 'Avoid': the advice holds only under a condition
(a population of the row), nobody knows whether the person meets it, and with another one less is asked for."""


class Genetics:
    """The genes of N people, and what the medicines in use and smoking make of their enzymes.

    profiles : by genotype; shifts : enzyme -> what acts on it
    outside : code of a population -> (N,) who is known not to belong to it
    """

    def __init__(
        self,
        profiles: Profiles,
        shifts: Mapping[str, Shift],
        people: int,
        outside: Outside = MappingProxyType({}),
    ) -> None:
        self.profiles = profiles
        self.shifts = {gene: shift for gene, shift in shifts.items() if gene in profiles}
        self.people = people
        self.outside = outside
        self.by_genotype = Advisor(profiles, people, outside)
        self._alone: dict[str, Mapping[str, NDArray[np.intp]]] = {}
        self._last: tuple[int, Mapping[str, GeneResult]] = (-1, {})

    @cached_property
    def codes(self) -> Mapping[str, NDArray[np.intp]]:
        """Gene -> (N,) which of its changes acts on each person."""
        return {gene: codes_of(shift) for gene, shift in self.shifts.items()}

    @cached_property
    def clinical(self) -> Profiles:
        """The genes with what else is taken."""
        return self._shifted(self.codes, np.arange(self.people))

    @cached_property
    def _with_others(self) -> Advisor:
        return Advisor(self.clinical, self.people, self.outside)

    def review(self, person: NDArray[np.intp], drug: NDArray[np.str_]) -> Review:
        """Every pair of a person and a drug, by genotype and with what else that person takes."""
        shifted = np.zeros(len(person), np.bool_)
        parts: list[tuple[NDArray[np.intp], Advised]] = []
        names, of_drug = np.unique(drug, return_inverse=True)
        for number, name in enumerate(names.tolist()):
            codes, asked = self._without(name), questions().get(name, ())
            acting = [gene for gene in codes if any(gene in one.genes for one in asked) and codes[gene].any()]
            if not acting:
                continue
            pairs = np.flatnonzero(of_drug == number)
            acted = np.any([codes[gene][person[pairs]] for gene in acting], axis=0)
            if not acted.any():
                continue
            pairs = pairs[acted]
            shifted[pairs] = True
            parts.append((pairs, self._advised(name, codes, person[pairs])))
        return Review(self, person, drug, self.by_genotype.advise(person, drug), _joined(parts), shifted)

    def _without(self, drug: str) -> Mapping[str, NDArray[np.intp]]:
        """The codes if a drug did not act on its own enzymes, whose effect its advice already holds."""
        if drug not in self._alone:
            alone = {gene: shift.without(drug) for gene, shift in self.shifts.items()}
            changed = {gene: codes_of(shift) for gene, shift in alone.items() if shift is not self.shifts[gene]}
            self._alone[drug] = {**self.codes, **changed} if changed else self.codes
        return self._alone[drug]

    def _advised(self, drug: str, codes: Mapping[str, NDArray[np.intp]], person: NDArray[np.intp]) -> Advised:
        if codes is self.codes:
            return self._with_others.advise(person, np.full(len(person), drug))
        outside = {code: known[person] for code, known in self.outside.items()}
        alone = Advisor(self._shifted(codes, person), len(person), outside)
        return alone.advise(np.arange(len(person)), np.full(len(person), drug))

    def _shifted(self, codes: Mapping[str, NDArray[np.intp]], person: NDArray[np.intp]) -> Profiles:
        found = {gene: profile.take(person) for gene, profile in self.profiles.items()}
        return found | {gene: _changed(found[gene], codes[gene][person]) for gene in codes}

    def result(self, person: int) -> Mapping[str, GeneResult]:
        """Gene -> one person's result by genotype."""
        last = self._last  # one person's medicines are asked about one after the other; sessions share this object
        if last[0] != person:
            found = {gene: profile.results[profile.of_person[person]] for gene, profile in self.profiles.items()}
            last = self._last = (person, MappingProxyType(found))
        return last[1]

    def clinical_result(self, person: int, without: str = "") -> Mapping[str, GeneResult]:
        """Gene -> one person's result with what else is taken, a drug aside."""
        codes = self._without(without) if without else self.codes
        changed = {
            gene: _clinical(gene, profile.results[profile.of_person[person]], int(codes[gene][person]))
            for gene, profile in self.profiles.items()
            if gene in codes
        }
        return {**self.result(person), **changed}


@dataclass(frozen=True, slots=True, eq=False)
class Review:
    """M pairs of a person and a drug.

    genotype, clinical : what the bodies say by genotype, and with the shifts of the pairs that are ``shifted``
    """

    genetics: Genetics
    person: NDArray[np.intp]
    drug: NDArray[np.str_]
    genotype: Advised
    clinical: Advised
    shifted: NDArray[np.bool_]

    @property
    def urgency(self) -> NDArray[np.int8]:
        """(M,) of the most cautious answer of both."""
        return np.maximum(_most(self.genotype, len(self.person)), _most(self.clinical, len(self.person)))

    @property
    def conditional(self) -> NDArray[np.bool_]:
        """(M,) whether the most cautious answer holds only under a condition of which nobody knows whether it is met.

        A condition that is known not to be met has no answer (``outside``). An answer is unconditional if its row is
        for everyone, or if a body says as much to every one of its populations that the person may belong to.
        """
        by_genotype, with_others = (_most(one, len(self.person)) for one in (self.genotype, self.clinical))
        urgency, shifted = np.maximum(by_genotype, with_others), self.shifted & (with_others >= by_genotype)
        found = np.isin(urgency, [WORDS.index(word) for word in DEPENDING])
        for advised, leads in ((self.genotype, ~shifted), (self.clinical, shifted)):
            pairs = self._for_all(advised, urgency)
            found[pairs[leads[pairs]]] = False
        return found

    def _for_all(self, advised: Advised, urgency: NDArray[np.int8]) -> NDArray[np.intp]:
        """Pairs of which the most urgent answers leave nobody out."""
        leads = advised.urgency == urgency[advised.pair]
        pair, group, place = advised.pair[leads], *(of[advised.row[leads]] for of in _groups_of_rows())
        keys, which = np.unique(pair * len(_populations()) + group, return_inverse=True)
        told = np.zeros(len(keys), np.int64)
        np.bitwise_or.at(told, which, np.int64(1) << place)
        pairs, groups = np.divmod(keys, len(_populations()))
        for number in np.unique(groups).tolist():
            here = np.flatnonzero(groups == number)
            for bit, population in enumerate(_populations()[number]):
                if population in self.genetics.outside:
                    told[here] |= self.genetics.outside[population][self.person[pairs[here]]].astype(np.int64) << bit
        wanted = np.array([(1 << len(names)) - 1 for names in _populations()], np.int64)
        return pairs[told == wanted[groups]]

    @property
    def word(self) -> NDArray[np.str_]:
        """(M,) its severity word; without any answer it is 'No guidance'."""
        return words(self.urgency, self.conditional)

    def answers(self, pair: int, named: Mapping[str, str]) -> tuple[tuple[Answer, ...], tuple[Answer, ...]]:
        """The leading answers of a pair, most urgent first, and those by the genotype alone where others lead.

        named : gene -> diplotypes in words
        """
        person = int(self.person[pair])
        by_genotype = answers(self.genotype, pair, self.genetics.result(person), named)
        if not self.shifted[pair]:
            return by_genotype, ()
        clinical = self.genetics.clinical_result(person, str(self.drug[pair]))
        with_others = answers(self.clinical, pair, self.genetics.result(person), named, clinical)
        most, before = (max((one.urgency for one in told), default=-1) for told in (with_others, by_genotype))
        return (with_others, by_genotype) if most >= before else (by_genotype, ())

    def leading(self) -> tuple[NDArray[np.int32], NDArray[np.int8]]:
        """(M,) row of `advice` of the most urgent answer, -1 = none, and (M,) how it was reached."""
        told = (self.clinical, self.genotype)
        pair, row, how, urgency = (
            np.concatenate([getattr(one, name) for one in told]) for name in ("pair", "row", "how", "urgency")
        )
        basis = np.arange(len(pair)) >= len(self.clinical)
        order = np.lexsort((for_some()[row], basis, -urgency, pair))
        pair, first = np.unique(pair[order], return_index=True)
        rows, hows = np.full(len(self.person), -1, np.int32), np.zeros(len(self.person), np.int8)
        rows[pair], hows[pair] = row[order][first], how[order][first]
        return rows, hows


def words(urgency: NDArray[np.int8], conditional: NDArray[np.bool_]) -> NDArray[np.str_]:
    """(M,) severity words."""
    return np.array([*WORDS, *(f"{word}{IF}" for word in WORDS)])[urgency + len(WORDS) * conditional]


@cache
def _populations() -> tuple[tuple[str, ...], ...]:
    """The populations that one body tells apart for one drug; first the only one of rows that are for everyone."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for row in advice():
        if row.population:
            found.setdefault((row.body, row.drug), {})[row.population] = None
    return (("",), *map(tuple, found.values()))


@cache
def _groups_of_rows() -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """For each row of `advice` its place in ``_populations()``, and that of its population therein."""
    keys = list(dict.fromkeys((row.body, row.drug) for row in advice() if row.population))
    groups = [keys.index((row.body, row.drug)) + 1 if row.population else 0 for row in advice()]
    places = [_populations()[group].index(row.population) for group, row in zip(groups, advice(), strict=True)]
    return np.array(groups, np.intp), np.array(places, np.int64)


def _most(advised: Advised, pairs: int) -> NDArray[np.int8]:
    most = np.zeros(pairs, np.int8)
    np.maximum.at(most, advised.pair, advised.urgency)
    return most


def _joined(parts: list[tuple[NDArray[np.intp], Advised]]) -> Advised:
    """Answers of parts of the pairs, under the numbers of all pairs."""
    nothing = np.empty(0, np.intp)
    return Advised(
        np.concatenate([nothing, *(pairs[advised.pair] for pairs, advised in parts)]),
        np.concatenate([nothing.astype(np.int32), *(advised.row for _, advised in parts)]),
        np.concatenate([nothing.astype(np.int8), *(advised.how for _, advised in parts)]),
        np.concatenate([nothing.astype(np.int8), *(advised.urgency for _, advised in parts)]),
    )


def _changed(profile: Profile, code: NDArray[np.intp]) -> Profile:
    return profile.changed(code, lambda result, how: _clinical(profile.gene, result, how))


MULTIPLIERS, STEPS = (1.0, 0.5, 0.0), (0, -1, -2, 1)


def codes_of(shift: Shift) -> NDArray[np.intp]:
    """(N,) one number for what acts on each person's enzyme; 0 = nothing."""
    multiplier = np.argmax(shift.multiplier[:, None] == np.array(MULTIPLIERS), axis=1)
    steps = np.argmax(shift.steps[:, None] == np.array(STEPS), axis=1)
    return multiplier + len(MULTIPLIERS) * steps


def _clinical(gene: str, result: GeneResult, code: int) -> GeneResult:
    """A result with what acts on the enzyme; one without alleles of the enzyme stays."""
    if not code or not result.known:
        return result
    multiplier, steps = MULTIPLIERS[code % len(MULTIPLIERS)], STEPS[code // len(MULTIPLIERS)]
    phenotypes, scores = dict(result.phenotypes), dict(result.scores)
    for rules in rules_of(gene):
        phenotype, score = (OR.join(values.get(rules.body, ())) for values in (result.phenotypes, result.scores))
        now, points = shifted(rules, phenotype, score, multiplier, steps)
        phenotypes[rules.body], scores[rules.body] = (tuple(filter(None, text.split(OR))) for text in (now, points))
    return GeneResult(phenotypes, scores, result.diplotypes, result.presence)
