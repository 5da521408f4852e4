"""Medicines against genes: one person with all genes and medicines, and a cohort with its medicine lists."""

from __future__ import annotations

from time import process_time

import numpy as np

from benchmarks.pgx import PEOPLE, SETTINGS, people
from benchmarks.report import Row, best_of
from precision.genotypes import Genotypes
from precision.pgx.advice import by_drug
from precision.pgx.calling import call
from precision.pgx.calls import Calls
from precision.pgx.phenoconversion import Taken, shifts
from precision.pgx.profiles import profiles_of
from precision.pgx.review import Genetics

LISTED = 4  # medicines of each person of the cohort


def run() -> list[Row]:
    """One person to the words of every answer; a cohort to a severity for every listed medicine."""
    one = people(1)
    first = Row(
        f"All genes and {len(by_drug())} medicines of one person, from genotypes to words",
        1000 * best_of(lambda: everything(one), 20, process_time),
        "ms",
        50,
    )
    cohort = call(people(PEOPLE), SETTINGS)
    name = f"Severity of {PEOPLE:,} people x {LISTED} medicines"
    return [first, Row(name, best_of(lambda: severities(cohort), 3, process_time), "s")]


def everything(genotypes: Genotypes) -> list[str]:
    """What there is to do for each medicine, in words, from the bases of one person."""
    calls = call(genotypes, SETTINGS)
    named = calls.named(0)
    drugs = np.array(list(by_drug()))
    review = _genetics(calls).review(np.zeros(len(drugs), np.intp), drugs)
    return [f"{told.title} {told.reason}" for pair in range(len(drugs)) for told in review.answers(pair, named)[0]]


def severities(calls: Calls) -> np.ndarray:
    """(M,) severity word of every listed medicine."""
    random = np.random.default_rng(1)
    person = np.repeat(np.arange(len(calls.samples)), LISTED)
    return _genetics(calls).review(person, random.choice(np.array(list(by_drug())), len(person))).word


def _genetics(calls: Calls) -> Genetics:
    nothing = np.zeros(0, np.int32)
    taken = Taken(len(calls.samples), nothing, nothing, np.zeros(0))
    return Genetics(profiles_of(calls), shifts(taken, np.zeros(len(calls.samples))), len(calls.samples))
