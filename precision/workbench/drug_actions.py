"""What the genes say of the listed medicines, as actions: one rule for each severity, in the words of its advice.

'Avoid if' (`Review.conditional`) is an action of its own, after 'Avoid' and of its level, with the condition in its
title.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from precision.criteria import FALSE, TRUE
from precision.pgx.advice import Advice, advice
from precision.pgx.advising import HOW, PARTIAL, UNDETERMINED, WAITS
from precision.pgx.answers import STRENGTHS, Answer, condition, undetermined_title
from precision.pgx.answers import title as title_of
from precision.pgx.calls import Calls
from precision.pgx.review import IF, WORDS
from precision.result import Citation
from precision.treatment.actions import Action, Looked
from precision.treatment.rules import Rule
from precision.workbench.pharmacy import CohortReview, Pharmacy

DOMAIN = "Medicines"
BODIES = "CPIC, DPWG, FDA"
UNDER = " under a condition"
SEVERITY = {
    **dict.fromkeys(("Avoid", "Avoid if"), 4),
    **dict.fromkeys(("Change", "Change dose", "Change if", "Change dose if"), 3),
    "Not determined": 0,
    **dict.fromkeys(("Monitor", "Monitor if"), 2),
}
NOT_CONSIDERED = "allergy, kidney and liver function, interactions beside the enzymes named here"


@dataclass(frozen=True, eq=False)
class Listed:
    """The medicines of one severity; of a patient with several, the first leads and the others are also told.

    pair : (K,) places in the review, by patient
    """

    word: str
    drugs: Pharmacy
    calls: Calls | None
    pair: NDArray[np.intp]
    people: int

    @property
    def review(self) -> CohortReview:
        """The listed medicines of everybody."""
        return self.drugs.listed

    @property
    def conditional(self) -> bool:
        """Whether the advice holds only under a condition that is not known; its title then names it."""
        return self.word.endswith(IF)

    @cached_property
    def state(self) -> NDArray[np.int8]:
        """(N,) TRUE for patients with such a medicine."""
        found = np.full(self.people, FALSE, dtype=np.int8)
        found[self.review.person[self.pair]] = TRUE
        return found

    @cached_property
    def rule(self) -> Rule:
        """How the worklist and the cohort know it."""
        name = f"medicine_{self.word.lower().replace(' ', '_')}"
        title = f"{self.word.removesuffix(IF)} a medicine{UNDER if self.conditional else ''}"
        title = "Test a gene before a planned medicine" if self.word == "Not determined" else title
        severity, needed = SEVERITY[self.word], self.word == "Not determined"
        nobody = Citation("")
        return Rule(
            name, DOMAIN, name, severity, self.word, needed, title, "", "", NOT_CONSIDERED, BODIES, "", "", nobody, ()
        )

    @cached_property
    def _leading(self) -> tuple[NDArray[np.int32], NDArray[np.int8]]:
        return self.review.review.leading()

    @cached_property
    def _first(self) -> NDArray[np.intp]:
        """(N,) the leading pair of each patient, -1 = none."""
        first = np.full(self.people, -1, dtype=np.intp)
        first[self.review.person[self.pair[::-1]]] = self.pair[::-1]
        return first

    def texts(self, name: str, rows: NDArray[np.intp]) -> NDArray[np.object_]:
        """(M,) title, finding or reason of the leading medicine; each distinct advice is worded once."""
        pairs = self._first[rows]
        leading, how = (values[pairs] for values in self._leading)
        distinct, which = np.unique(np.column_stack([leading, how]), axis=0, return_inverse=True)
        words = [_worded(name, advice()[int(row)], HOW[int(reached)], self.conditional) for row, reached in distinct]
        return np.array(words, dtype=object)[which.reshape(-1)]

    def action(self, patient: str, row: int) -> Action:
        """The leading medicine of one patient with its results, its source, and the others of this severity."""
        mine = self.pair[self.review.person[self.pair] == row]
        told = [self._leads(int(pair), row) for pair in mine]
        first = told[0]
        rule, cited = self.rule, first.row.citation
        return Action(
            patient=patient,
            rule=rule.name,
            domain=DOMAIN,
            severity=rule.severity,
            word=self.word,
            needed=rule.needed,
            title=self._titled(first),
            reason=f"{first.short.removeprefix(self._under(first))}{self._because_of(first, row)}",
            source=f"{first.row.body} {cited.version}".strip(),
            version=cited.version,
            strength=STRENGTHS[first.row.strength],
            citation=Citation(cited.title, page=cited.url),
            looked_at=tuple(_looked(one) for one in told),
            open=first.missing,
            also=tuple((self._titled(one), one.row.body) for one in told[1:]),
            not_considered=NOT_CONSIDERED,
        )

    def _titled(self, answer: Answer) -> str:
        return f"{answer.title}. {condition(answer.row)}" if self.conditional else answer.title

    def _under(self, answer: Answer) -> str:
        """What the title says already."""
        return f"{condition(answer.row)}. " if self.conditional else ""

    def _because_of(self, answer: Answer, row: int) -> str:
        """Which other medicines, or smoking, an answer rests on beside the genes."""
        acting = [
            self.drugs.shifts[one.gene] for one in answer.genes if answer.clinical and one.gene in self.drugs.shifts
        ]
        causes = [one.name for shift in acting for one in shift.without(answer.drug).of(row).causes if one.decisive]
        return f" This is so with {' and '.join(dict.fromkeys(causes))}." if causes else ""

    def _leads(self, pair: int, row: int) -> Answer:
        named = {} if self.calls is None else self.calls.named(row)
        return self.review.review.answers(pair, named)[0][0]


def drug_actions(drugs: Pharmacy, calls: Calls | None, people: int, hidden: NDArray[np.bool_]) -> Iterator[Listed]:
    """The severities that somebody's medicines have.

    A medicine whose genes are unknown asks for a test only while it is planned. Nothing is told of patients who
    do not permit the use of their genes (``hidden``).
    """
    listed = drugs.listed
    has_advice = listed.review.leading()[0] >= 0
    for word in SEVERITY:
        chosen = (listed.urgency == WORDS.index(word.removesuffix(IF))) & (listed.conditional == word.endswith(IF))
        chosen &= has_advice & ~hidden[listed.person]
        if word == "Not determined":
            chosen &= listed.planned
        pair = np.flatnonzero(chosen)
        if len(pair):
            yield Listed(word, drugs, calls, pair[np.argsort(listed.person[pair], kind="stable")], people)


def _worded(name: str, row: Advice, how: str, conditional: bool) -> str:
    if name == "reason":
        return row.mechanism.replace("{drug}", row.drug)
    if name == "title":
        waits = how == UNDETERMINED or (how == PARTIAL and row.urgency <= WAITS)
        told = undetermined_title(row.drug, row.genes) if waits else title_of(row)
    else:
        told = f"{row.drug[:1].upper()}{row.drug[1:]} with {' and '.join(row.genes)}"
    return f"{told}. {condition(row)}" if conditional else told


def _looked(told: Answer) -> Looked:
    return Looked(told.drug[:1].upper() + told.drug[1:], told.because, None, "genotypes and laboratory results")
