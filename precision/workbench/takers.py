"""Who of a cohort takes which medicine, and how it fits the genes of those who take it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.pgx.advising import CERTAIN, HOW
from precision.pgx.review import DEPENDING, IF, SEVEREST_FIRST, WORDS
from precision.workbench.declining import declined
from precision.workbench.gene_names import shortened
from precision.workbench.memberships import Key, Mask, Memberships, gather
from precision.workbench.pharmacy import CohortReview
from precision.workbench.roster import Roster

BADLY = ("Avoid", "Change", "Change dose")  # words of a medicine that does not fit, whatever else is so
UNREAD = ""  # ingredient of a name that is not recognised
SURE, UNSURE = "reported result", "one of several results"
LEAST_FIRST = tuple(reversed(SEVEREST_FIRST))
KEPT = "medicines"


@dataclass(frozen=True, slots=True)
class Taken:
    """One medicine in a selection.

    counts : severity word -> how many of those who take it; words of nobody are left out
    certain : word -> for how many of them that does not rest on one of several results that cannot be told apart
    """

    drug: str
    counts: Mapping[str, int]
    certain: Mapping[str, int]

    @property
    def people(self) -> int:
        """How many take it."""
        return sum(self.counts.values())

    @property
    def word(self) -> str:
        """The most cautious word that anybody has."""
        return next(iter(self.counts))

    @property
    def badly(self) -> int:
        """How many take it although it does not fit."""
        return sum(self.counts.get(word, 0) for word in BADLY)


def members(people: Roster) -> Memberships:
    """Who takes or plans which medicine, with which word; found once for all selections of a cohort."""
    if KEPT not in people.members:
        listed, hidden = people.assessment.pharmacy.listed, declined(people.assessment.cohort)
        people.members[KEPT] = taken(listed.person, listed.drug, _place(listed), _certain(listed), hidden)
    return people.members[KEPT]


def _place(listed: CohortReview) -> NDArray[np.int8]:
    """(M,) index into LEAST_FIRST."""
    table = [[LEAST_FIRST.index(word) for word in row] for row in (WORDS, [_under(word) for word in WORDS])]
    return np.array(table, np.int8)[listed.conditional.astype(np.intp), listed.urgency]


def _under(word: str) -> str:
    return f"{word}{IF}" if word in DEPENDING else word


def _certain(listed: CohortReview) -> Mask:
    """(M,) whether an answer as cautious as the word rests on a result that is known for certain."""
    found = np.zeros(len(listed), dtype=bool)
    for advised in (listed.review.genotype, listed.review.clinical):
        leads = advised.urgency == listed.urgency[advised.pair]
        found[advised.pair[leads & (advised.how == HOW.index(CERTAIN))]] = True
    return found


def taken(
    person: NDArray[np.intp], drug: NDArray[np.str_], place: NDArray[np.int8], certain: Mask, hidden: Mask
) -> Memberships:
    """Who takes which medicine how, keys (ingredient, word, SURE or UNSURE); who takes it twice counts once.

    Of several rows of one patient and medicine the most cautious counts.

    Parameters
    ----------
    person, drug : (M,) place of the patient, ingredient (UNREAD = not recognised)
    place, certain : (M,) index into LEAST_FIRST, whether the result behind it is known for certain
    hidden : (N,) patients who are not counted at all
    """
    rank = 2 * place.astype(np.int64) + certain
    return gather(_groups(person, drug, rank, hidden), len(hidden))


def _groups(
    person: NDArray[np.intp], drug: NDArray[np.str_], rank: NDArray[np.int64], hidden: Mask
) -> Iterator[tuple[Key, Mask]]:
    code, drugs = pd.factorize(drug.astype(object), sort=True)
    order = np.lexsort((rank, person, code))
    code, person, rank = code[order], person[order], rank[order]
    last = np.ones(len(order), dtype=bool)
    last[:-1] = (code[1:] != code[:-1]) | (person[1:] != person[:-1])
    last &= ~hidden[person]
    code, person, rank = code[last], person[last], rank[last]
    start = np.searchsorted(code, np.arange(len(drugs) + 1))
    for number, name in enumerate(map(str, drugs)):
        mine = slice(start[number], start[number + 1])
        for one in np.unique(rank[mine]).tolist():
            mask = np.zeros(len(hidden), dtype=bool)
            mask[person[mine][rank[mine] == one]] = True
            yield (name, LEAST_FIRST[one // 2], SURE if one % 2 else UNSURE), mask


def who_takes(found: Memberships, kept: Mask) -> tuple[Taken, ...]:
    """The medicines of the patients that are kept, most severe first, then by how many take it and it fits them so.

    found : from `taken`; medicines whose name is not recognised are left out, see `unread`
    """
    sure, every = _by_drug(found, kept, (SURE,)), _by_drug(found, kept, (SURE, UNSURE))
    listed = [
        Taken(drug, {word: counts[word] for word in SEVEREST_FIRST if word in counts}, sure.get(drug, {}))
        for drug, counts in every.items()
    ]
    return tuple(
        sorted(listed, key=lambda one: (SEVEREST_FIRST.index(one.word), -one.counts[one.word], -one.people, one.drug))
    )


def _by_drug(found: Memberships, kept: Mask, how: tuple[str, ...]) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for (drug, word, certain), count in found.counts(kept).items():
        if count and drug != UNREAD and certain in how:
            of_drug = counts.setdefault(drug, {})
            of_drug[word] = of_drug.get(word, 0) + count
    return counts


def unread(found: Memberships, kept: Mask) -> int:
    """How many of the patients that are kept have a medicine whose name is not recognised."""
    return sum(count for (drug, *_), count in found.counts(kept).items() if drug == UNREAD)


def frame(rows: Sequence[Taken]) -> pd.DataFrame:
    """One row per medicine: how many take it, and how many with each word."""
    return pd.DataFrame(
        [(one.drug, one.people, *(one.counts.get(word, 0) for word in SEVEREST_FIRST)) for one in rows],
        columns=["drug", "people", *SEVEREST_FIRST],
    )


def results(people: Roster, drug: str, patients: Sequence[str]) -> list[str]:
    """The gene results behind the leading answer on a medicine: 'CYP2C19 *2/*2, Poor metaboliser', of each patient."""
    listed, calls = people.assessment.pharmacy.listed, people.assessment.calls
    found: list[str] = []
    for patient in patients:
        row = people.assessment.features.row(patient)
        pairs = np.flatnonzero((listed.person == row) & (listed.drug == drug))
        named = {} if calls is None else shortened(calls.named(row))
        most = pairs[np.lexsort((listed.conditional[pairs], -listed.urgency[pairs]))]
        answers = listed.review.answers(int(most[0]), named)[0] if len(most) else ()
        found.append(answers[0].because if answers else "")
    return found


def takers(found: Memberships, row: Taken, word: str, kept: Mask, ids: pd.Index) -> pd.DataFrame:
    """The patients that are kept, take a medicine and have this word: patient, certain; by identifier."""
    sure = found.of((row.drug, word, SURE)) & kept
    every = sure | (found.of((row.drug, word, UNSURE)) & kept)
    rows = pd.DataFrame({"patient": ids[every].astype("str"), "certain": sure[every]})
    return rows.sort_values("patient", ignore_index=True)
