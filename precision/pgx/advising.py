"""Which advice holds for whom: each pair of a person and a drug against the rows of all bodies, all people at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from precision.pgx.advice import Advice, advice, by_drug
from precision.pgx.conditions import FALSE, POSSIBLE, UNKNOWN, Condition, said_by
from precision.pgx.functions import INDETERMINATE
from precision.pgx.profiles import Profile, Profiles, neutral, nobody_known

CERTAIN, SEVERAL, PARTIAL, UNDETERMINED = "certain", "several", "partial", "undetermined"
HOW = (CERTAIN, SEVERAL, PARTIAL, UNDETERMINED)
"""How a row was reached: by a known result; as one of several results that cannot be told apart; with a gene of it
unknown; or not at all, because the genes that decide are unknown (the row then stands for its question)."""

WAITS = 2
"""Advice of at most this urgency does not stand while a gene is unknown: it is not determined."""


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """The rows of one body on one drug for one population, of which one answers for a person.

    when : the conditions of each row; asks_unknown : each row, whether one of them speaks of an unknown gene
    genes : those that decide, in the order of the rows
    urgent : some row asks for more than nothing
    """

    drug: str
    body: str
    population: str
    rows: tuple[int, ...]
    when: tuple[tuple[Condition, ...], ...]
    asks_unknown: tuple[bool, ...]
    genes: tuple[str, ...]
    urgent: bool


@dataclass(frozen=True, eq=False)
class Advised:
    """M answers, in the order of the questions.

    pair : (M,) which pair of person and drug; row : (M,) row of `advice`; how : (M,) index into ``HOW``
    urgency : (M,) of the row, of partial and undetermined answers that of 'not determined' where that is more
    """

    pair: NDArray[np.intp]
    row: NDArray[np.int32]
    how: NDArray[np.int8]
    urgency: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.pair)

    def of(self, pair: int) -> NDArray[np.intp]:
        """The answers of one pair, most urgent first."""
        order, pairs = self._by_pair
        return order[np.searchsorted(pairs, pair, "left") : np.searchsorted(pairs, pair, "right")]

    @cached_property
    def _by_pair(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """(M,) answers by pair and falling urgency, those for everyone first, and (M,) their pairs."""
        order = np.lexsort((for_some()[self.row], -self.urgency, self.pair))
        return order, self.pair[order]


Outside = Mapping[str, NDArray[np.bool_]]
_Row = tuple[int, int, int]  # row of `advice`, how, urgency
NOT_DETERMINED = 3  # urgency: after a change of dose, before monitoring


@cache
def for_some() -> NDArray[np.bool_]:
    """For each row of `advice`, whether it is for one population only."""
    return np.array([bool(row.population) for row in advice()])


@cache
def questions() -> Mapping[str, tuple[Question, ...]]:
    """Drug -> its questions, bodies in their order; rows that share no gene ask apart."""
    number = {row.id: index for index, row in enumerate(advice())}
    found: dict[str, tuple[Question, ...]] = {}
    for drug, rows in by_drug().items():
        groups: dict[tuple[str, str], list[Advice]] = {}
        for row in rows:
            groups.setdefault((row.body, row.population), []).append(row)
        found[drug] = tuple(
            _question(drug, *key, part, tuple(number[row.id] for row in part))
            for key, group in groups.items()
            for part in _by_genes(group)
        )
    return found


def _question(drug: str, body: str, population: str, part: Sequence[Advice], rows: tuple[int, ...]) -> Question:
    return Question(
        drug=drug,
        body=body,
        population=population,
        rows=rows,
        when=tuple(row.when for row in part),
        asks_unknown=tuple(any(one.of_unknown for one in row.when) for row in part),
        genes=tuple(dict.fromkeys(gene for row in part for gene in row.genes)),
        urgent=any(row.urgency for row in part),
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
    """

    def __init__(self, profiles: Profiles, people: int, outside: Outside = MappingProxyType({})) -> None:
        self.profiles = profiles
        self.outside = outside
        self._nothing = nobody_known(people)
        self._truths: dict[tuple[Condition, int, str], int] = {}
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
        for name, start, stop in zip(names.tolist(), ends[:-1], ends[1:], strict=True):
            pairs = order[start:stop]
            for question in questions().get(name, ()):
                asked = pairs
                if question.population in self.outside:
                    asked = pairs[~self.outside[question.population][person[pairs]]]
                parts += self._answers(question, person[asked], asked)
        counts = [len(pairs) for pairs, _ in parts]
        values = np.repeat(np.array([row for _, row in parts], np.int32).reshape(-1, 3), counts, axis=0)
        pair = np.concatenate([np.empty(0, np.intp), *(pairs for pairs, _ in parts)])
        return Advised(pair, values[:, 0], values[:, 1].astype(np.int8), values[:, 2].astype(np.int8))

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
        truths = [self._truths_of(when, results, question.body) for when in question.when]
        least = [min(parts) for parts in truths]
        if max(least) >= POSSIBLE:
            for row, truth, asks in zip(question.rows, least, question.asks_unknown, strict=True):
                if truth >= POSSIBLE:
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

    def _indeterminate(self, gene: str, result: int, body: str) -> bool:
        """Whether a result says only that the function is not known: silence would read as all clear."""
        return said_by(self.profile(gene).results[result].phenotypes, body) == (INDETERMINATE,)

    def _truths_of(self, when: Sequence[Condition], results: Mapping[str, int], body: str) -> list[int]:
        """The truth of each condition of a row, up to the first that is false."""
        found: list[int] = []
        for condition in when:
            key = (condition, results[condition.gene], body)
            truth = self._truths.get(key)
            if truth is None:
                truth = condition.truth(self.profile(condition.gene).results[key[1]], body)
                self._truths[key] = truth
            found.append(truth)
            if truth == FALSE:
                break
        return found


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
