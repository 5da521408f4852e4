"""Conditions on the result of one gene as cells of the advice tables write them, with four answers."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from precision.errors import KnowledgeError
from precision.pgx.functions import CPIC, NONE_ASSIGNED, Rules, rules_of

FALSE, UNKNOWN, POSSIBLE, TRUE = 0, 1, 2, 3
"""A conjunction is the least of its parts. POSSIBLE: some of the results that cannot be told apart meet it."""

NO_RESULT = "No Result"
PHENOTYPE, SCORE, DIPLOTYPE, PRESENT, ABSENT = "=", "@", ":", "+", "-"
CONDITION = re.compile(r"(?P<gene>\S+) (?P<kind>[=@:+-]) (?P<values>.+)")
POSITIVE, NEGATIVE = "positive", "negative"


@dataclass(frozen=True, slots=True)
class GeneResult:
    """What is known of one gene of a person, by body where they differ; several where they cannot be told apart.

    phenotypes, scores : body -> in CPIC's words, as text ('1.25', '≥3.0', 'n/a')
    diplotypes : names; presence : HLA allele -> positive or negative
    positions : read and there are, where the result is only that nothing was found at those that were read, and a
        variant at the others would change it; (0, 0) = it is not so
    untested : alleles that every test should have, and that were not tested, where it rests on finding nothing
    hidden : the results that those would give instead; None = there are none
    shifted : another drug or smoking changed what the alleles say
    """

    phenotypes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    scores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    diplotypes: tuple[str, ...] = ()
    presence: Mapping[str, str] = field(default_factory=dict)
    positions: tuple[int, int] = (0, 0)
    untested: tuple[str, ...] = ()
    hidden: GeneResult | None = None
    shifted: bool = False

    @property
    def known(self) -> bool:
        """Whether anything is known that advice could rest on."""
        if any(self.positions):
            return False
        return any(self.phenotypes.values()) or any(self.scores.values()) or bool(self.presence)


NOTHING_KNOWN = GeneResult()


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """`gene kind values`: phenotype, activity score (low, high; ends included), diplotype, or presence of an allele.

    The same words are the same object, wherever they stand.

    of_unknown : it speaks of a gene that is not known
    """

    gene: str
    kind: str
    values: tuple[str, ...]
    ranges: tuple[tuple[float, float], ...] = ()
    of_unknown: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "of_unknown", self.kind == PHENOTYPE and NO_RESULT in self.values)

    def truth(self, result: GeneResult, body: str) -> int:
        """FALSE, UNKNOWN, POSSIBLE or TRUE by one body's reading of the result."""
        if self.of_unknown and not result.known:
            return TRUE
        if any(result.positions):
            return UNKNOWN
        if self.kind in (PRESENT, ABSENT):
            return self._presence(result.presence)
        if self.kind == DIPLOTYPE:
            return _share([_ordered(name) in map(_ordered, self.values) for name in result.diplotypes])
        phenotypes = said_by(result.phenotypes, body)
        if self.kind == PHENOTYPE:
            return _share([one in self.values for one in phenotypes])
        if scores := said_by(result.scores, body):
            return _share([self._holds(one) for score in scores for one in listed(self.gene, body, score)])
        return _least_sure([self._covers(scores_of(self.gene, body, phenotype)) for phenotype in phenotypes])

    def _presence(self, told: Mapping[str, str]) -> int:
        wanted = POSITIVE if self.kind == PRESENT else NEGATIVE
        answers = [told.get(allele, "") for allele in self.values]
        if wanted == POSITIVE and POSITIVE in answers:
            return TRUE
        if any(answer not in ("", wanted) for answer in answers):
            return FALSE
        return TRUE if all(answer == wanted for answer in answers) else UNKNOWN

    def _holds(self, score: str) -> bool:
        if score == NONE_ASSIGNED:
            return False
        return any(low <= value_of(score) <= high for low, high in self.ranges)

    def _covers(self, scores: tuple[str, ...]) -> int:
        """Whether activity scores that a phenotype allows lie in the ranges: all, some, none."""
        return _share([self._holds(score) for score in scores]) if scores else FALSE


def said_by(values: Mapping[str, tuple[str, ...]], body: str) -> tuple[str, ...]:
    """What a body says, else what CPIC does: the others follow its words."""
    return values.get(body, ()) or values.get(CPIC, ())


@cache
def scores_of(gene: str, body: str, phenotype: str) -> tuple[str, ...]:
    """Activity scores that one body reads as a phenotype, for results that came without a score."""
    rules = _scored(gene, body)
    if rules is None:
        return ()
    return tuple(
        one for one in rules.scores if one not in ("", NONE_ASSIGNED) and rules.of_score(value_of(one)) == phenotype
    )


def _scored(gene: str, body: str) -> Rules | None:
    """The rules of a body that reads phenotypes off scores, else those of CPIC."""
    bodies = {rules.body: rules for rules in rules_of(gene) if rules.ranges}
    return bodies.get(body) or bodies.get(CPIC)


@cache
def listed(gene: str, body: str, score: str) -> tuple[str, ...]:
    """The activity scores that alleles can have and a score stands for: advice is written for those.

    A score that an inhibitor halved lies between two (0.875 between 0.75 and 1.0): it stands for the nearest of the
    same phenotype, the lower one where both are near. '≥1.5' stands for all from there.
    """
    rules = _scored(gene, body)
    if score == NONE_ASSIGNED or rules is None or score in rules.scores:
        return (score,)
    value = value_of(score)
    known = [one for one in rules.scores if one not in ("", NONE_ASSIGNED)]
    if score.startswith("≥"):
        return tuple(one for one in known if value_of(one) >= value) or (score,)
    near = scores_of(gene, body, rules.of_score(value))
    return (min(near, key=lambda one: (abs(value_of(one) - value), value_of(one)), default=score),)


def value_of(score: str) -> float:
    """The number of an activity score; that of '≥3.0' is 3."""
    return float(score.removeprefix("≥"))


def conditions(cell: str, where: str) -> tuple[Condition, ...]:
    """The conditions of a cell, ' & ' between them; none where it is empty, whatever the genes.

    Raises
    ------
    KnowledgeError : one is not written as `GENE kind value | value`
    """
    try:
        return tuple(_condition(part.strip()) for part in cell.split(" & ")) if cell else ()
    except KnowledgeError as error:
        raise KnowledgeError(f"{where}: {error}") from None


@cache
def _condition(text: str) -> Condition:
    found = CONDITION.fullmatch(text)
    if found is None:
        raise KnowledgeError(f"'{text}' is no condition; write GENE = phenotype, GENE @ 0.25..1, GENE + *57:01")
    values = tuple(value.strip() for value in found["values"].split(" | "))
    ranges = tuple(map(_range, values)) if found["kind"] == SCORE else ()
    return Condition(found["gene"], found["kind"], values, ranges)


def _range(text: str) -> tuple[float, float]:
    low, dots, high = text.partition("..")
    try:
        return float(low), (float(high) if high else math.inf) if dots else float(low)
    except ValueError:
        raise KnowledgeError(f"'{text}' is no activity score; write 1, 0.25..1 or 2.5..") from None


def _share(answers: list[bool]) -> int:
    if not answers:
        return UNKNOWN
    return TRUE if all(answers) else POSSIBLE if any(answers) else FALSE


def _least_sure(answers: list[int]) -> int:
    if not answers:
        return UNKNOWN
    return answers[0] if len(set(answers)) == 1 else POSSIBLE if max(answers) > FALSE else FALSE


def _ordered(diplotype: str) -> tuple[str, ...]:
    return tuple(sorted(diplotype.split("/")))
