"""Which advice holds for whom: each pair of a person and a drug against the rows of all bodies, all people at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from precision.pgx.advice import Advice, Dose, advice, by_drug
from precision.pgx.bearing import COVERS, INDICATIONS, told_alike
from precision.pgx.conditions import (
    DIPLOTYPE,
    FALSE,
    NOTHING_KNOWN,
    POSSIBLE,
    TRUE,
    UNKNOWN,
    Condition,
    GeneResult,
    said_by,
)
from precision.pgx.functions import INDETERMINATE
from precision.pgx.populations import AFTER_SMOKING, Beside, needs
from precision.pgx.profiles import Profile, Profiles, neutral, nobody_known
from precision.pgx.replacing import AVOID, for_others, unreplaced

CERTAIN, SEVERAL, PARTIAL, UNDETERMINED = "certain", "several", "partial", "undetermined"
HOW = (CERTAIN, SEVERAL, PARTIAL, UNDETERMINED)
"""How a row was reached: by a known result; as one of several results that cannot be told apart; with a gene of it
unknown; or not at all, because the genes that decide are unknown (the row then stands for its question)."""

WAITS = 2
"""Advice of at most this urgency does not stand while a gene is unknown: it is not determined."""


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """The rows of one body on one drug for one population, of which one answers for a person.

    when : the conditions of each row
    by_allele : genes of which some row names alleles; what else is taken says nothing of those
    genes : those that decide, in the order of the rows
    urgent : some row asks for more than nothing, and no other question of the body asks for the same genes
    """

    drug: str
    body: str
    population: str
    rows: tuple[int, ...]
    when: tuple[tuple[Condition, ...], ...]
    by_allele: frozenset[str]
    genes: tuple[str, ...]
    urgent: bool


@dataclass(frozen=True, eq=False)
class Advised:
    """M answers, in the order of the questions.

    pair : (M,) which pair of person and drug; row : (M,) row of `advice`; how : (M,) index into ``HOW``
    urgency : (M,) of the row, of partial and undetermined answers that of 'not determined' where that is more; 0 where
        the row is for another reason to give the drug than the one on record
    open : (M,) the row is for one population, and nobody knows whether the person belongs to it
    first : (M,) it leads among those of its urgency; None = none does
    """

    pair: NDArray[np.intp]
    row: NDArray[np.int32]
    how: NDArray[np.int8]
    urgency: NDArray[np.int8]
    open: NDArray[np.bool_]
    first: NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        return len(self.pair)

    def of(self, pair: int) -> NDArray[np.intp]:
        """The answers of one pair, most urgent first."""
        order, pairs = self._by_pair
        return order[np.searchsorted(pairs, pair, "left") : np.searchsorted(pairs, pair, "right")]

    @cached_property
    def _by_pair(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """(M,) answers by pair, falling urgency and ``place``, and (M,) their pairs."""
        order = np.lexsort((self.place, -self.urgency, self.pair))
        return order, self.pair[order]

    @property
    def place(self) -> NDArray[np.int8]:
        """(M,) 0 = for those who take something else, as this person does; 1 = surely for the person; 2 = ``open``.

        Before them stands -1 = ``first``. What is to be avoided because of something else taken has no precedence over
        what is to be avoided by the genes.
        """
        place = np.where(self.open, 2, np.where(for_others()[self.row] & (self.urgency < AVOID), 0, 1)).astype(np.int8)
        return place if self.first is None else np.where(self.first, np.int8(-1), place)


Outside = Mapping[str, NDArray[np.bool_]]
_Row = tuple[int, int, int]  # row of `advice`, how, urgency
_Form = tuple[int, int]  # place of a result in its profile, and one of the next three
AS_FOUND, WITH_HIDDEN, NOT_KNOWN = 0, 1, 2
NOT_DETERMINED = 3  # urgency: after a change of dose, before monitoring


@cache
def questions() -> Mapping[str, tuple[Question, ...]]:
    """Drug -> its questions, bodies in their order; rows that share no gene ask apart."""
    number = {row.id: index for index, row in enumerate(advice())}
    found: dict[str, tuple[Question, ...]] = {}
    for drug, rows in by_drug().items():
        groups: dict[tuple[str, str], list[Advice]] = {}
        for row in rows:
            groups.setdefault((row.body, row.population), []).append(row)
        asking = {body for body, population in groups if population not in needs()}
        found[drug] = tuple(
            _question(drug, *key, part, tuple(number[row.id] for row in part), key[1] in needs() and key[0] in asking)
            for key, group in groups.items()
            for part in _by_genes(group)
        )
    return found


def _question(
    drug: str, body: str, population: str, part: Sequence[Advice], rows: tuple[int, ...], asked: bool
) -> Question:
    return Question(
        drug=drug,
        body=body,
        population=population,
        rows=rows,
        when=tuple(row.when for row in part),
        by_allele=frozenset(one.gene for row in part for one in row.when if one.kind == DIPLOTYPE),
        genes=tuple(dict.fromkeys(gene for row in part for gene in row.genes)),
        urgent=not asked and any(row.urgency for row in part),
    )


def _by_genes(rows: Sequence[Advice]) -> list[list[Advice]]:
    """The rows in parts that have no gene in common."""
    parts: list[tuple[set[str], list[Advice]]] = []
    for row in rows:
        joined = [part for part in parts if part[0].intersection(row.genes)]
        genes = set(row.genes).union(*(part[0] for part in joined))
        members = [*(one for part in joined for one in part[1]), row]
        parts = [part for part in parts if part not in joined] + [(genes, members)]
    return [members for _, members in parts]


@cache
def question_of(row: int) -> Question:
    """The question that a row answers."""
    return next(one for one in questions()[advice()[row].drug] if row in one.rows)


class Advisor:
    """What the bodies say to N people with these genes; each distinct combination of results is answered once.

    outside : code of a population -> (N,) who is known not to belong to it, and is not told what is said of it
    inside : code of a population -> (N,) who is known to belong to it: its advice holds without an 'if'
    beside : what else is taken, which some populations depend on; None = not known of anybody
    """

    def __init__(
        self,
        profiles: Profiles,
        people: int,
        outside: Outside = MappingProxyType({}),
        inside: Outside = MappingProxyType({}),
        beside: Beside | None = None,
    ) -> None:
        self.profiles = profiles
        self.outside, self.inside, self.beside = outside, inside, beside
        self._nothing = nobody_known(people)
        self._truths: dict[tuple[Condition, int, int, str], int] = {}
        self._answered: dict[tuple[Question, tuple[int, ...]], tuple[_Row, ...]] = {}

    def profile(self, gene: str) -> Profile:
        """The results of a gene; of nobody where it was never looked at."""
        return self.profiles.get(gene, self._nothing)

    def advise(self, person: NDArray[np.intp], drug: Sequence[str] | NDArray[np.str_]) -> Advised:
        """Everything that any body says of M pairs: whom and what.

        A drug without a row has no answer, which is not the same as a good one.
        """
        names, of_drug = np.unique(np.asarray(drug, dtype=np.str_), return_inverse=True)
        order = np.argsort(of_drug, kind="stable")
        ends = np.searchsorted(of_drug[order], np.arange(len(names) + 1))
        parts: list[tuple[NDArray[np.intp], _Row]] = []
        unsure, aside = [np.empty(0, np.bool_)], [np.empty(0, np.bool_)]
        belongs = np.zeros(len(person), np.int8)
        for name, start, stop in zip(names.tolist(), ends[:-1], ends[1:], strict=True):
            pairs = order[start:stop]
            for question in questions().get(name, ()):
                least = UNKNOWN if question.genes else TRUE  # whatever the genes: only where it is known to hold
                belongs[pairs] = self._belongs(question, person[pairs])
                asked = pairs[belongs[pairs] >= least] if question.population else pairs
                told = list(self._answers(question, person[asked], asked))
                parts += told
                for here, _ in told:
                    unsure.append(belongs[here] == UNKNOWN)
                    aside.append(unsure[-1] & self._elsewhere(question.population, person[here]))
        counts = [len(pairs) for pairs, _ in parts]
        values = np.repeat(np.array([row for _, row in parts], np.int32).reshape(-1, 3), counts, axis=0)
        pair = np.concatenate([np.empty(0, np.intp), *(pairs for pairs, _ in parts)])
        how, urgency = values[:, 1].astype(np.int8), values[:, 2].astype(np.int8)
        urgency[np.concatenate(aside)] = 0
        row, opened = values[:, 0], np.concatenate(unsure)
        stays = unreplaced(pair, row, urgency, opened, (how == HOW.index(CERTAIN), how == HOW.index(SEVERAL)))
        return Advised(pair[stays], row[stays], how[stays], urgency[stays], opened[stays])

    def _belongs(self, question: Question, person: NDArray[np.intp]) -> NDArray[np.int8]:
        """(M,) whether these people belong to the population of a question: FALSE, UNKNOWN or TRUE."""
        population = question.population
        if not population:
            return np.full(len(person), TRUE, np.int8)
        found = np.full(len(person), FALSE if population == AFTER_SMOKING else UNKNOWN, np.int8)
        if self.beside is not None and population in needs():
            found = self.beside.truth(population, question.drug)[person]
        for known, truth in ((self.inside, TRUE), (self.outside, FALSE)):
            if population in known:
                found = np.where(known[population][person], np.int8(truth), found)
        return found

    def _elsewhere(self, population: str, person: NDArray[np.intp]) -> NDArray[np.bool_]:
        """(M,) of several reasons to give a drug another one than this population is on record."""
        found = np.zeros(len(person), np.bool_)
        for other in INDICATIONS if population in INDICATIONS else ():
            if other != population and other not in COVERS.get(population, ()) and other in self.inside:
                found |= self.inside[other][person]
        return found

    def may_belong(self, drug: str, body: str, person: int) -> frozenset[str]:
        """The populations of a body on a drug to which one person belongs or may belong; not those by what is taken."""
        asked = [one for one in questions().get(drug, ()) if one.body == body and one.population]
        asked = [one for one in asked if one.population not in needs()]
        here = np.array([person])
        return frozenset(one.population for one in asked if self._belongs(one, here)[0] != FALSE)

    def labels(self, row: Advice, person: int) -> tuple[str, ...]:
        """Labels of the populations to which one person may belong, where the row's body tells each the same."""
        may = self.may_belong(row.drug, row.body, person)
        if not may <= told_alike(row):
            return ()
        every = {one.population: one.population_label for one in by_drug()[row.drug] if one.body == row.body}
        return tuple(label for population, label in every.items() if population in may)

    def _answers(
        self, question: Question, person: NDArray[np.intp], pairs: NDArray[np.intp]
    ) -> Iterator[tuple[NDArray[np.intp], _Row]]:
        """The pairs of each row that answers the question for somebody."""
        profiles = [self.profile(gene) for gene in question.genes]
        first, which = np.zeros(1, np.intp), np.zeros(1, np.intp)
        if len(pairs) > 1:
            code = np.zeros(len(person), np.int64)
            for profile in profiles:
                code = code * len(profile.results) + profile.of_person[person]
            _, first, which = np.unique(code, return_index=True, return_inverse=True)
        for number, one in enumerate(person[first].tolist() if len(pairs) else ()):
            combination = tuple(int(profile.of_person[one]) for profile in profiles)
            here = pairs[which == number] if len(first) > 1 else pairs
            for row in self._answer(question, combination):
                yield here, row

    def _answer(self, question: Question, combination: tuple[int, ...]) -> tuple[_Row, ...]:
        key = (question, combination)
        if key not in self._answered:
            self._answered[key] = tuple(self._found(question, dict(zip(question.genes, combination, strict=True))))
        return self._answered[key]

    def _found(self, question: Question, results: Mapping[str, int]) -> Iterator[_Row]:
        """The rows that hold; where none does, what the known genes alone would say, or the question itself."""
        if any(self.profile(gene).results[results[gene]].shifted for gene in question.by_allele):
            return
        forms = self._forms(question, results)
        truths, least = self._truths_of_rows(question, forms)
        if max(least) >= POSSIBLE:
            unknown = {gene for gene, form in forms.items() if not self._result(gene, *form).known}
            for row, truth, when in zip(question.rows, least, question.when, strict=True):
                if truth >= POSSIBLE:
                    asks = any(one.of_unknown and one.gene in unknown for one in when)
                    yield _row(row, SEVERAL if truth == POSSIBLE else PARTIAL if asks else CERTAIN)
            return
        alone: list[int] = []
        if UNKNOWN in least:
            alone = [
                row
                for row, when, parts in zip(question.rows, question.when, truths, strict=True)
                if min(parts) == UNKNOWN and _by_known_genes(when, parts, question.body)
            ]
            yield from (_row(row, PARTIAL) for row in alone)
        elif not any(self._indeterminate(gene, one, question.body) for gene, one in results.items()):
            return
        if question.urgent and not alone:
            yield question.rows[0], HOW.index(UNDETERMINED), NOT_DETERMINED

    def _forms(self, question: Question, results: Mapping[str, int]) -> Mapping[str, _Form]:
        """Each result as it was found, or as unknown where alleles that were not tested would change the answer."""
        found = {gene: (number, AS_FOUND) for gene, number in results.items()}
        forms = dict(found)
        for gene, number in results.items():
            if self.profile(gene).results[number].hidden is not None:
                told, otherwise = (
                    self._asked_for(question, one) for one in (found, {**found, gene: (number, WITH_HIDDEN)})
                )
                forms[gene] = found[gene] if otherwise <= told else (number, NOT_KNOWN)
        return forms

    def _asked_for(self, question: Question, results: Mapping[str, _Form]) -> set[tuple[str, Dose | None]]:
        """What the rows that hold ask for, or would once the other genes are known; to say nothing asks for nothing."""
        _, least = self._truths_of_rows(question, results)
        told = (advice()[row] for row, truth in zip(question.rows, least, strict=True) if truth >= UNKNOWN)
        return {(row.action, row.dose) for row in told if row.urgency}

    def _indeterminate(self, gene: str, result: int, body: str) -> bool:
        """Whether a result says only that the function is not known: silence would read as all clear."""
        return said_by(self.profile(gene).results[result].phenotypes, body) == (INDETERMINATE,)

    def _truths_of_rows(self, question: Question, results: Mapping[str, _Form]) -> tuple[list[list[int]], list[int]]:
        """For each row the truths of its conditions, up to the first that is false, and the least of them."""
        truths = [self._truths_of(when, results, question.body) for when in question.when]
        return truths, [min(parts, default=TRUE) for parts in truths]

    def _truths_of(self, when: Sequence[Condition], results: Mapping[str, _Form], body: str) -> list[int]:
        found: list[int] = []
        for condition in when:
            key = (condition, *results[condition.gene], body)
            truth = self._truths.get(key)
            if truth is None:
                truth = condition.truth(self._result(condition.gene, *results[condition.gene]), body)
                self._truths[key] = truth
            found.append(truth)
            if truth == FALSE:
                break
        return found

    def _result(self, gene: str, number: int, form: int) -> GeneResult:
        result = self.profile(gene).results[number]
        if form == WITH_HIDDEN and result.hidden is not None:
            return result.hidden
        return NOTHING_KNOWN if form == NOT_KNOWN else result


def _by_known_genes(when: Sequence[Condition], parts: Sequence[int], body: str) -> bool:
    """Whether a row with a gene unknown holds by its known genes, were the unknown ones ordinary."""
    if len(when) == 1:
        return False
    assumed = [_ordinary(one, body) if truth == UNKNOWN else truth for one, truth in zip(when, parts, strict=True)]
    known = any(truth >= POSSIBLE and not one.of_unknown for one, truth in zip(when, parts, strict=True))
    return known and min(assumed) >= POSSIBLE


@cache
def _ordinary(condition: Condition, body: str) -> int:
    """Whether a condition holds of two reference alleles."""
    return condition.truth(neutral(condition.gene), body)


def _row(row: int, how: str) -> _Row:
    urgency = advice()[row].urgency
    waits = how == PARTIAL and urgency <= WAITS
    return row, HOW.index(how), NOT_DETERMINED if waits else urgency
