"""The listed medicines of a cohort as tables: every answer of every body, and the leading one in words."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.cohort import Cohort
from precision.pgx.advice import advice
from precision.pgx.advising import HOW, UNDETERMINED, Advised
from precision.pgx.answers import Answer
from precision.pgx.calls import Calls
from precision.pgx.review import WORDS, Review
from precision.workbench.declining import declined
from precision.workbench.gene_names import short
from precision.workbench.pharmacy import CohortReview, cells

DECLINED = "declined"  # in the place of how an answer was reached: this patient denies the use of gene results
NO_ANSWER = -1
ANSWER = ("pair", "row", "how", "urgency", "place", "basis")  # row of `advice`; how, basis: index into HOW and BASES
OF_RULE = ("body", "population", "rule", "action")
IN_WORDS = ("title", "because", "body", "strength", "population")
BASES = ("clinical", "genotype")  # with what else is taken, and by the genotype alone
AT_ONCE = 1_000  # medicines put into words at a time: an answer is looked for among those of its part only


def answers_table(listed: CohortReview, cohort: Cohort, patients: slice) -> pd.DataFrame:
    """What every body says of the medicines of some patients: a row for each answer, the most urgent first.

    A medicine without an answer has one row: its word is 'No guidance', or 'Not determined' where its name is not
    recognised. Of patients who deny the use of gene results a row says only what they take.

    Returns
    -------
    patient, recorded, drug, planned : the name as it was written, the ingredient (empty = not recognised)
    leads : the most cautious answer of its medicine; exactly one row of each has it, with the word of the medicine:
        'Avoid if' where its population is not known to be the patient's (`Review.conditional`)
    word, body, population, rule, action, how, basis : as `precision pgx advise` writes them
    """
    stop = len(cohort) if patients.stop is None else patients.stop
    mine = (listed.person >= (patients.start or 0)) & (listed.person < stop)
    hidden = declined(cohort)[listed.person]
    told = _answers(listed, mine, hidden)
    pair, row, how, urgency, _, basis = (told[name].to_numpy() for name in ANSWER)
    rules, which = np.unique(row, return_inverse=True)
    said = pd.DataFrame([_of_rule(int(one)) for one in rules], columns=list(OF_RULE), dtype=object)
    leads = ~told.duplicated("pair").to_numpy()
    words = np.where(leads, listed.word[pair].astype(object), np.array(WORDS, dtype=object)[urgency])
    found = pd.DataFrame(
        {
            "patient": cohort.ids.to_numpy(dtype=object)[listed.person[pair]],
            "recorded": _recorded(listed, cohort)[pair],
            "drug": listed.drug[pair].astype(object),
            "planned": listed.planned[pair],
            "leads": leads,
            "word": np.where(hidden[pair], "", words),
            **{name: said[name].to_numpy()[which] for name in OF_RULE},
            "how": np.where(hidden[pair], DECLINED, np.array([*HOW, ""], dtype=object)[how]),
            "basis": np.array([*BASES, ""], dtype=object)[basis],
        }
    )
    found["action"] = found["action"].where(found["how"] != UNDETERMINED, "not_determined")
    texts = found.columns.drop(["patient", "planned", "leads"])
    return found.astype({"patient": "str", **dict.fromkeys(map(str, texts), "category")})


def medicines_table(listed: CohortReview, cohort: Cohort, calls: Calls | None, patients: pd.Index) -> pd.DataFrame:
    """The medicines of some patients with the leading answer in words: one row each, a patient's most urgent first.

    Patients who deny the use of gene results are left out. A medicine without an answer has no title.

    Returns
    -------
    patient, recorded, drug, planned, word, title, because, body, strength, population : for whom the answer is meant
    """
    row_of = cohort.ids.get_indexer(patients)
    chosen = np.zeros(len(cohort), np.bool_)
    chosen[row_of[row_of >= 0]] = True
    chosen &= ~declined(cohort)
    pairs = np.flatnonzero(chosen[listed.person])
    severity = -listed.urgency[pairs].astype(np.int64)
    pairs = pairs[np.lexsort((listed.conditional[pairs], severity, listed.person[pairs]))]
    diplotypes = {} if calls is None else {gene: calls.diplotype(gene) for gene in calls.genes}
    texts = [
        text
        for start in range(0, len(pairs), AT_ONCE)
        for text in _in_words(listed.review, pairs[start : start + AT_ONCE], diplotypes)
    ]
    said = pd.DataFrame(texts, columns=list(IN_WORDS), dtype="str")
    first = pd.DataFrame(
        {
            "patient": cohort.ids.to_numpy(dtype=object)[listed.person[pairs]],
            "recorded": _recorded(listed, cohort)[pairs],
            "drug": listed.drug[pairs].astype(object),
            "planned": listed.planned[pairs],
            "word": listed.word[pairs].astype(object),
        }
    )
    return pd.concat([first.astype(dict.fromkeys(("patient", "recorded", "drug", "word"), "str")), said], axis=1)


def _answers(listed: CohortReview, mine: NDArray[np.bool_], hidden: NDArray[np.bool_]) -> pd.DataFrame:
    """Every answer of the pairs that are mine, NO_ANSWER where there is none; by patient, pair and urgency."""
    parts = [
        pd.DataFrame(
            dict(zip(ANSWER, (one.pair, one.row, one.how, one.urgency, one.place, np.int8(number)), strict=True))
        )
        for number, one in enumerate((listed.review.clinical, listed.review.genotype))
    ]
    found = pd.concat(parts, ignore_index=True)
    found = found[(mine & ~hidden)[found["pair"]]]
    silent = np.setdiff1d(np.flatnonzero(mine), found["pair"])
    nothing = (silent, NO_ANSWER, NO_ANSWER, listed.urgency[silent], 0, NO_ANSWER)
    found = pd.concat([found, pd.DataFrame(dict(zip(ANSWER, nothing, strict=True)))], ignore_index=True)
    found = found.assign(person=listed.person[found["pair"]])
    order = ["person", "pair", "urgency", "basis", "place"]
    return found.sort_values(order, ascending=[True, True, False, True, True], kind="stable")


def _of_rule(number: int) -> tuple[str, ...]:
    if number == NO_ANSWER:
        return ("",) * len(OF_RULE)
    row = advice()[number]
    return row.body, row.population, row.id, row.action


def _recorded(listed: CohortReview, cohort: Cohort) -> NDArray[np.object_]:
    """(M,) the name of each medicine as it was written, its code where no name was."""
    table = cohort.table("medications")
    names = cells(table, "drug")
    return names.where(names != "", cells(table, "code")).to_numpy(dtype=object)[listed.row]


def _in_words(
    review: Review, pairs: NDArray[np.intp], diplotypes: Mapping[str, NDArray[np.str_]]
) -> list[tuple[str, ...]]:
    part = _part(review, pairs)
    found: list[tuple[str, ...]] = []
    for pair, person in enumerate(part.person.tolist()):
        leading, _ = part.answers(pair, {gene: short(str(names[person])) for gene, names in diplotypes.items()})
        found.append(_told(leading[0]) if leading else ("",) * len(IN_WORDS))
    return found


def _told(one: Answer) -> tuple[str, ...]:
    return one.title, one.because, one.row.body, one.row.strength, one.row.population_label


def _part(review: Review, pairs: NDArray[np.intp]) -> Review:
    """A review of some of its pairs, in this order."""
    place = np.full(len(review.person), -1, np.intp)
    place[pairs] = np.arange(len(pairs))
    genotype, clinical = (_advised(one, place) for one in (review.genotype, review.clinical))
    return Review(review.genetics, review.person[pairs], review.drug[pairs], genotype, clinical, review.shifted[pairs])


def _advised(told: Advised, place: NDArray[np.intp]) -> Advised:
    """The answers of the pairs that have a place, under that number."""
    here = place[told.pair] >= 0
    first = None if told.first is None else told.first[here]
    return Advised(place[told.pair[here]], told.row[here], told.how[here], told.urgency[here], told.open[here], first)
