"""A list of medicines against everybody's genes, by genotype and with what the other medicines do to the enzymes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from precision.pgx.advice import advice, by_drug
from precision.pgx.advising import UNDETERMINED, Advised, Advisor, Outside, questions
from precision.pgx.answers import Answer, acting_alleles, alone, answers, needed_by_all
from precision.pgx.bearing import Bearing
from precision.pgx.clinical import acted_on, multiplies
from precision.pgx.conditions import GeneResult
from precision.pgx.dosing import Personal, by_dose, dosing_of
from precision.pgx.phenoconversion import Shift
from precision.pgx.populations import Beside, needs, own_enzymes, uncounted
from precision.pgx.profiles import Profile, Profiles, nobody_known

NOTHING_PERSONAL = Personal()
AT_ONCE = 500  # pairs of a review that is worth keeping whole
CHANGE = 5  # urgency from which another drug is asked for
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
    outside, inside : code of a population -> (N,) who is known not to belong to it, and who is known to belong
    personal : what is known of them beside genes and populations
    beside : what else is taken, which some populations depend on; None = not known of anybody
    """

    def __init__(
        self,
        profiles: Profiles,
        shifts: Mapping[str, Shift],
        people: int,
        outside: Outside = MappingProxyType({}),
        inside: Outside = MappingProxyType({}),
        beside: Beside | None = None,
        personal: Personal = NOTHING_PERSONAL,
    ) -> None:
        self.profiles = profiles = _with_silent(profiles, shifts, people)
        self.shifts = {gene: shift for gene, shift in shifts.items() if gene in profiles}
        self.people = people
        self.outside, self.inside, self.beside = outside, inside, beside
        self.by_genotype = Advisor(profiles, people, outside, inside, beside)
        self.personal = personal
        self._suits: tuple[int, dict[str, bool]] = (-1, {})
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
        return Advisor(self.clinical, self.people, self.outside, self.inside, self.beside)

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
        told = (self.by_genotype.advise(person, drug), _joined(parts))
        genotype, clinical = (by_dose(one, person, drug, self.personal.doses) for one in told)
        return Review(self, person, drug, genotype, clinical, shifted)

    def unsuitable(self, person: int, drugs: Sequence[str]) -> tuple[str, ...]:
        """Those of some alternatives that the same person should not be given, by the genes or for another reason."""
        kept = self._suits  # as `_last`: another session may ask about somebody else meanwhile
        if kept[0] != person:
            kept = self._suits = (person, {})
        known = kept[1]
        if new := [drug for drug in drugs if drug not in known]:
            poor = self.poorly(np.full(len(new), person, np.intp), np.array(new))
            known.update({drug: not bad for drug, bad in zip(new, poor.tolist(), strict=True)})
        return tuple(drug for drug in drugs if not known[drug])

    def seen(self, person: int, review: Review) -> None:
        """Keep what a review of the person says, so that `unsuitable` need not ask again."""
        if self._suits[0] != person:
            here = np.flatnonzero(review.person == person)
            poor = ((review.urgency >= CHANGE) & ~review.conditional)[here]
            for name, known in self.personal.never.items():
                poor |= (review.drug[here] == name) & known[person]
            names = review.drug[here].tolist()
            self._suits = (person, dict(zip(names, (~poor).tolist(), strict=True)))

    def poorly(self, person: NDArray[np.intp], drug: NDArray[np.str_]) -> NDArray[np.bool_]:
        """(M,) which people should not be given which medicine in place of another: by the genes, or forbidden."""
        review = self.review(person, drug)
        found = review.urgency >= CHANGE
        if found.any():
            found &= ~review.conditional
        for name, known in self.personal.never.items():
            found |= (drug == name) & known[person]
        return found

    def _without(self, drug: str) -> Mapping[str, NDArray[np.intp]]:
        """The codes if a drug did not act on its own enzymes, whose effect its advice already holds.

        Where rows of a drug speak of what acts on an enzyme themselves, nothing is made of it for that drug.
        """
        if drug not in self._alone:
            alone = {gene: shift.without(drug) for gene, shift in self.shifts.items()}
            changed = {gene: codes_of(shift) for gene, shift in alone.items() if shift is not self.shifts[gene]}
            changed |= {gene: np.zeros(self.people, np.intp) for gene in own_enzymes(drug) if gene in self.shifts}
            self._alone[drug] = {**self.codes, **changed} if changed else self.codes
        return self._alone[drug]

    def _advised(self, drug: str, codes: Mapping[str, NDArray[np.intp]], person: NDArray[np.intp]) -> Advised:
        if codes is self.codes:
            return self._with_others.advise(person, np.full(len(person), drug))
        outside, inside = (
            {code: known[person] for code, known in every.items()} for every in (self.outside, self.inside)
        )
        beside = self.beside and self.beside.take(person)
        alone = Advisor(self._shifted(codes, person), len(person), outside, inside, beside)
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
            gene: acted_on(gene, profile.results[profile.of_person[person]], *_effect(int(codes[gene][person])))
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
        for everyone or for a population to which the person is known to belong, or if a body says as much to every one
        of its populations that the person may belong to.
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
        sure = advised.pair[leads & ~advised.open]
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
        return np.concatenate([sure, pairs[told == wanted[groups]]])

    @property
    def word(self) -> NDArray[np.str_]:
        """(M,) its severity word; without any answer it is 'No guidance'."""
        return words(self.urgency, self.conditional)

    def answers(self, pair: int, named: Mapping[str, str]) -> tuple[tuple[Answer, ...], tuple[Answer, ...]]:
        """The leading answers of a pair, most urgent first, and those by the genotype alone where others lead.

        named : gene -> diplotypes in words
        """
        person = int(self.person[pair])
        by_genotype = self._borne(answers(self.genotype, pair, self.genetics.result(person), named), person)
        if not self.shifted[pair]:
            return by_genotype, ()
        clinical = self.genetics.clinical_result(person, str(self.drug[pair]))
        with_others = answers(self.clinical, pair, self.genetics.result(person), named, clinical)
        with_others = self._borne(with_others, person)
        by_genotype = tuple(replace(one, by_allele=acting_alleles(one, clinical)) for one in by_genotype)
        most, before = (max((one.urgency for one in told), default=-1) for told in (with_others, by_genotype))
        return (with_others, by_genotype) if most >= before else (by_genotype, ())

    def _with_causes(self, told: tuple[Answer, ...], person: int) -> tuple[Answer, ...]:
        """The answers with what else is taken and makes the person belong to their populations."""
        beside = self.genetics.beside
        if beside is None:
            return told
        causes = [beside.causes(one.row.population, one.drug, person) for one in told]
        return tuple(replace(one, taken=names) if names else one for one, names in zip(told, causes, strict=True))

    def _borne(self, told: tuple[Answer, ...], person: int) -> tuple[Answer, ...]:
        """The answers with what makes them this person's, and without alternatives that do not suit."""
        most = max((one.urgency for one in told), default=0)
        alike = self._alike([one for one in told if one.how == UNDETERMINED], person)
        decided = [one.row for one in told if one.determined]
        dosing = dosing_of(decided, person, self.genetics.personal.doses, any(one.clinical for one in told))
        several = bool(told) and _by_several_genes(told[0].drug)
        if len(self.person) <= AT_ONCE:
            self.genetics.seen(person, self)
        found: list[Answer] = []
        for one in self._with_causes(told, person):
            others = () if one.clinical else uncounted(one.row, self.genetics.shifts, person)
            either = self._either(one, alike, person) if one.bearing.open and one.urgency == most else ()
            unsuitable = self.genetics.unsuitable(person, one.row.alternatives) if one.row.alternatives else ()
            by_some = alone(one, told) if several else ((), ())
            lacking = needed_by_all(told) if one.how == UNDETERMINED and not found else ()
            bearing = Bearing(one.bearing.open, either, unsuitable, *by_some, dosing, lacking)
            found.append(replace(one, bearing=bearing, uncounted=others) if others or bearing != one.bearing else one)
        return tuple(found)

    def _either(self, one: Answer, alike: Mapping[str, tuple[str, ...]], person: int) -> tuple[str, ...]:
        if one.how == UNDETERMINED:
            return alike.get(one.row.body, ())
        return self.genetics.by_genotype.labels(one.row, person)

    def _alike(self, told: Sequence[Answer], person: int) -> Mapping[str, tuple[str, ...]]:
        """Body -> labels of its populations, where it waits for a result of all that a person may belong to."""
        labels: dict[str, dict[str, str]] = {}
        for one in told:
            if one.row.population and one.row.population not in needs():
                labels.setdefault(one.row.body, {})[one.row.population] = one.row.population_label
        advisor = self.genetics.by_genotype
        return {
            body: tuple(names.values())
            for body, names in labels.items()
            if advisor.may_belong(told[0].drug, body, person) <= set(names)
        }

    def leading(self) -> tuple[NDArray[np.int32], NDArray[np.int8], NDArray[np.bool_]]:
        """(M,) row of `advice` of the leading answer, -1 = none, (M,) how, and (M,) as `Advised.open`."""
        told = (self.clinical, self.genotype)
        pair, row, how, urgency, unsure = (
            np.concatenate([getattr(one, name) for one in told]) for name in ("pair", "row", "how", "urgency", "open")
        )
        basis = np.arange(len(pair)) >= len(self.clinical)
        order = np.lexsort((np.concatenate([one.place for one in told]), basis, -urgency, pair))
        pair, first = np.unique(pair[order], return_index=True)
        rows, hows = np.full(len(self.person), -1, np.int32), np.zeros(len(self.person), np.int8)
        rows[pair], hows[pair] = row[order][first], how[order][first]
        opened = np.zeros(len(self.person), np.bool_)
        opened[pair] = unsure[order][first]
        return rows, hows, opened


def words(urgency: NDArray[np.int8], conditional: NDArray[np.bool_]) -> NDArray[np.str_]:
    """(M,) severity words."""
    return np.array([*WORDS, *(f"{word}{IF}" for word in WORDS)])[urgency + len(WORDS) * conditional]


@cache
def _by_several_genes(drug: str) -> bool:
    """Whether some rows on a drug rest on other genes than others."""
    return len({frozenset(row.genes) for row in by_drug()[drug]}) > 1


@cache
def _populations() -> tuple[tuple[str, ...], ...]:
    """The populations that one body tells apart for one drug; first the only one of rows that are for everyone.

    Last two that no row has: by what else is taken nobody is told apart, so that such a row never speaks to all.
    """
    found: dict[tuple[str, str], dict[str, None]] = {}
    for row in advice():
        if row.population and row.population not in needs():
            found.setdefault((row.body, row.drug), {})[row.population] = None
    return (("",), *map(tuple, found.values()), ("", ""))


@cache
def _groups_of_rows() -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """For each row of `advice` its place in ``_populations()``, and that of its population therein."""
    told = [row for row in advice() if row.population and row.population not in needs()]
    keys = {key: place for place, key in enumerate(dict.fromkeys((row.body, row.drug) for row in told), 1)}
    last = len(keys) + 1
    groups = [
        last if row.population in needs() else keys[row.body, row.drug] if row.population else 0 for row in advice()
    ]
    places = [
        0 if group == last else _populations()[group].index(row.population)
        for group, row in zip(groups, advice(), strict=True)
    ]
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
        np.concatenate([nothing.astype(np.bool_), *(advised.open for _, advised in parts)]),
    )


def _changed(profile: Profile, code: NDArray[np.intp]) -> Profile:
    return profile.changed(code, lambda result, how: acted_on(profile.gene, result, *_effect(how)))


MULTIPLIERS, STEPS = (1.0, 0.5, 0.0), (0, -1, -2, 1)


def codes_of(shift: Shift) -> NDArray[np.intp]:
    """(N,) one number for what acts on each person's enzyme; 0 = nothing."""
    multiplier = np.argmax(shift.multiplier[:, None] == np.array(MULTIPLIERS), axis=1)
    steps = np.argmax(shift.steps[:, None] == np.array(STEPS), axis=1)
    return multiplier + len(MULTIPLIERS) * steps


def _with_silent(profiles: Profiles, shifts: Mapping[str, Shift], people: int) -> Profiles:
    """The same with the genes that nobody was tested for and that a medicine leaves without any activity."""
    silent = [gene for gene, one in shifts.items() if multiplies(gene) and (one.multiplier == 0).any()]
    added = {gene: Profile(gene, *_nobody(people)) for gene in silent if gene not in profiles}
    return {**profiles, **added} if added else profiles


def _nobody(people: int) -> tuple[NDArray[np.int32], tuple[GeneResult, ...]]:
    known = nobody_known(people)
    return known.of_person, known.results


def _effect(code: int) -> tuple[float, int]:
    """The multiplier and the steps of a number of ``codes_of``."""
    return MULTIPLIERS[code % len(MULTIPLIERS)], STEPS[code // len(MULTIPLIERS)]
