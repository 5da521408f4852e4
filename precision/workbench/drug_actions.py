"""What the genes say of the listed medicines, as actions: one for each medicine, in the words of its advice.

A rule of `Actions` speaks once to a patient at most. So each severity has as many rules as any patient has medicines
of it: the first holds everybody's first medicine, the second the second. Rules for each medicine by its name would be
hundreds, and most of them would concern next to nobody.

'Avoid if' (`Review.conditional`) comes after 'Avoid' and is of its level, with the condition in its title.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.criteria import FALSE, TRUE
from precision.pgx.advice import Advice, advice, by_drug
from precision.pgx.advising import HOW, PARTIAL
from precision.pgx.answers import STRENGTHS, Answer
from precision.pgx.answers import title as title_of
from precision.pgx.bearing import Bearing, condition
from precision.pgx.calls import Calls
from precision.pgx.dosing import COMPUTED
from precision.pgx.review import IF, WORDS
from precision.result import Citation
from precision.treatment.actions import Action, Looked
from precision.treatment.rules import Rule
from precision.workbench.acting import acting
from precision.workbench.gene_names import shortened
from precision.workbench.pharmacy import CohortReview, Pharmacy

DOMAIN = "Medicines"
BODIES = "CPIC, DPWG, FDA"
UNDER = " under a condition"
INSTEAD = re.compile(r";|, or ")  # what else could be given stands behind it in a title
SEVERITY = {
    **dict.fromkeys(("Avoid", "Avoid if"), 4),
    **dict.fromkeys(("Change", "Change dose", "Change if", "Change dose if"), 3),
    "Not determined": 0,
    **dict.fromkeys(("Monitor", "Monitor if"), 2),
}
NOT_CONSIDERED = (
    "allergy, dose reached, adherence, kidney and liver function unless named, interactions that do not go through "
    "these genes"
)


@dataclass(frozen=True, eq=False)
class Listed:
    """Of the patients with so many medicines of one severity, the first, or the second, and so on.

    number : which of them, from 1
    pair : (K,) places in the review, by patient, each of another one
    leading : (K,) row of `advice` of the most urgent answer of each, (K,) how it was reached, and (K,) whether nobody
        knows if its population is the patient's
    people : N
    """

    word: str
    number: int
    drugs: Pharmacy
    calls: Calls | None
    pair: NDArray[np.intp]
    leading: tuple[NDArray[np.int32], NDArray[np.int8], NDArray[np.bool_]]
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
        found[self._person] = TRUE
        return found

    @cached_property
    def _person(self) -> NDArray[np.intp]:
        """(K,) whose medicine each is, ascending."""
        return self.review.person[self.pair]

    @cached_property
    def rule(self) -> Rule:
        """How the worklist and the cohort know it."""
        topic = f"medicine_{self.word.lower().replace(' ', '_')}"
        name = topic if self.number == 1 else f"{topic}_{self.number}"
        title = f"{self.word.removesuffix(IF)} a medicine{UNDER if self.conditional else ''}"
        title = "Test a gene before a planned medicine" if self.word == "Not determined" else title
        severity, needed = SEVERITY[self.word], self.word == "Not determined"
        nobody = Citation("")
        return Rule(
            name, DOMAIN, topic, severity, self.word, needed, title, "", "", NOT_CONSIDERED, BODIES, "", "", nobody, ()
        )

    def texts(self, name: str, rows: NDArray[np.intp]) -> NDArray[np.object_]:
        """(M,) title, finding (the act in short) or reason of the medicine; each distinct advice is worded once."""
        places = np.searchsorted(self._person, rows)
        leading, how, opened = self.leading[0][places], self.leading[1][places], self.leading[2][places]
        keys = list(zip(leading.tolist(), self._bearings(leading, opened, rows), strict=True))
        words = {key: _worded(name, title_of(advice()[key[0]], key[1]), advice()[key[0]], key[1]) for key in {*keys}}
        found = np.empty(len(keys), dtype=object)
        found[:] = [words[key] for key in keys]
        by_person = _of_some_genes()[leading] | (how >= HOW.index(PARTIAL))
        for place in np.flatnonzero(by_person).tolist() if name != "reason" else ():
            told = self._leads(int(self.pair[places[place]]), int(rows[place]))
            found[place] = _worded(name, told.title, told.row, told.bearing)
        return found

    def _bearings(self, leading: NDArray[np.int32], opened: NDArray[np.bool_], rows: NDArray[np.intp]) -> list[Bearing]:
        """Of M patients, how the leading row of each bears on that patient."""
        unsuitable: list[tuple[str, ...]] = [()] * len(rows)
        genetics = self.drugs.genetics
        for number in np.unique(leading).tolist():
            here, row = np.flatnonzero(leading == number), advice()[number]
            poor = [genetics.poorly(rows[here], np.full(len(here), name)).tolist() for name in row.alternatives]
            for place, bad in zip(here.tolist(), zip(*poor, strict=True), strict=False):
                unsuitable[place] = tuple(name for name, is_bad in zip(row.alternatives, bad, strict=True) if is_bad)
        alike = [
            genetics.by_genotype.labels(advice()[row], person) if unsure and not self.conditional else ()
            for row, unsure, person in zip(leading.tolist(), opened.tolist(), rows.tolist(), strict=True)
        ]
        return [Bearing(*one) for one in zip(opened.tolist(), alike, unsuitable, strict=True)]

    def action(self, patient: str, row: int) -> Action:
        """The medicine of one patient with its results and its source."""
        told = self._leads(int(self.pair[np.searchsorted(self._person, row)]), row)
        rule, cited = self.rule, told.row.citation
        return Action(
            patient=patient,
            rule=rule.name,
            domain=DOMAIN,
            severity=rule.severity,
            word=self.word,
            needed=rule.needed,
            title=self._titled(told),
            reason=f"{told.short.removeprefix(f'{told.condition}. ')}{self._because_of(told, row)}",
            source=f"{told.row.body} {re.split('[,;]', cited.version)[0]}".strip(),
            version=cited.version,
            strength=STRENGTHS[told.row.strength],
            citation=Citation(cited.title, page=cited.url),
            looked_at=(_looked(told),),
            open=told.needed,
            also=(),
            not_considered=NOT_CONSIDERED,
        )

    def _titled(self, answer: Answer) -> str:
        return f"{answer.title}. {answer.condition}" if answer.condition else answer.title

    def _because_of(self, answer: Answer, row: int) -> str:
        """Which other medicines, or smoking, an answer rests on: those that change a result of its genes."""
        causes = [one.name for _, one in acting(self.drugs.genetics, row, answer)]
        return f" This is so with {' and '.join(dict.fromkeys(causes))}." if causes else ""

    def _leads(self, pair: int, row: int) -> Answer:
        named = {} if self.calls is None else shortened(self.calls.named(row))
        return self.review.review.answers(pair, named)[0][0]


def drug_actions(drugs: Pharmacy, calls: Calls | None, people: int, hidden: NDArray[np.bool_]) -> Iterator[Listed]:
    """The medicines of everybody, severity by severity, and of one severity the first of each patient first.

    A medicine that is listed twice counts once. One whose genes are unknown asks for a test only while it is planned.
    Nothing is told of patients who do not permit the use of their genes (``hidden``).
    """
    listed = drugs.listed
    leading, how, opened = listed.review.leading()
    told = (leading >= 0) & ~hidden[listed.person] & _once(listed)
    for word in SEVERITY:
        chosen = (listed.urgency == WORDS.index(word.removesuffix(IF))) & (listed.conditional == word.endswith(IF))
        pair = np.flatnonzero(chosen & told & (listed.planned | (word != "Not determined")))
        pair = pair[np.argsort(listed.person[pair], kind="stable")]
        person = listed.person[pair]
        number = np.arange(len(pair)) - np.searchsorted(person, person) + 1
        for this in range(1, number.max(initial=0) + 1):
            mine = pair[number == this]
            yield Listed(word, this, drugs, calls, mine, (leading[mine], how[mine], opened[mine]), people)


def _once(listed: CohortReview) -> NDArray[np.bool_]:
    """(M,) the first of each patient and ingredient; of one that is taken and planned, that which is planned."""
    order = np.argsort(~listed.planned, kind="stable")
    found = np.empty(len(order), dtype=np.bool_)
    found[order] = ~pd.DataFrame({"person": listed.person[order], "drug": listed.drug[order]}).duplicated().to_numpy()
    return found


def _worded(name: str, told: str, row: Advice, bearing: Bearing) -> str:
    """One of the texts of an answer; told : its title."""
    if name == "reason":
        return row.mechanism.replace("{drug}", row.drug)
    if name == "finding":
        act = told.partition(" to ")[0] if told.startswith("Change ") else INSTEAD.split(told, maxsplit=1)[0]
        told = f"{act} ({', '.join(row.genes)})" if row.genes else act
    only = condition(row, bearing)
    return f"{told}. {only}" if only else told


@cache
def _of_some_genes() -> NDArray[np.bool_]:
    """For each row of `advice`, whether others on its drug ask for other genes, or its dose is computed."""
    asked = {drug: {gene for row in rows for gene in row.genes} for drug, rows in by_drug().items()}
    return np.array([row.drug in COMPUTED or asked[row.drug] != set(row.genes) for row in advice()])


def _looked(told: Answer) -> Looked:
    return Looked(told.drug[:1].upper() + told.drug[1:], told.because, None, "genotypes and laboratory results")
