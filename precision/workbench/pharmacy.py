"""The medicines of a whole cohort against everybody's genes: what is taken or planned, and how it fits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.cohort import Cohort, positions
from precision.features import Features, in_use
from precision.pgx.advising import Outside
from precision.pgx.calls import Calls
from precision.pgx.drugnames import names
from precision.pgx.drugs import Resolved, resolve
from precision.pgx.exposure import Affected, affected
from precision.pgx.medicines import Taken, days_stopped, taken
from precision.pgx.phenoconversion import Shift, shifts
from precision.pgx.profiles import Profiles, profiles_of
from precision.pgx.review import WORDS, Genetics, Review, words
from precision.result import Array
from precision.schema import variable
from precision.workbench.list_conditions import outside_of_list

NOT_RECOGNISED = WORDS.index("Not determined")
ADULT, HEAVY_ENOUGH, OVERWEIGHT = 18, 40, 25  # years, kg, kg/m²: limits of the populations that the bodies name
SMOKING, SMOKER, NOW = "smoking_status", "current_smoker", "current"


@dataclass(frozen=True, slots=True, eq=False)
class CohortReview:
    """M medicines that N patients take or plan; each ingredient of a combination by itself.

    row : (M,) row of the table of medications; person : (M,) place of the patient in the cohort
    drug : (M,) ingredient, empty where the name is not known here; planned : (M,) not begun yet
    urgency, word : (M,) of the most cautious answer; a name that is not known is 'not determined'
    conditional : (M,) it holds only under a condition that is not known, see `Review.conditional`
    review : of the same M
    """

    row: NDArray[np.intp]
    person: NDArray[np.intp]
    drug: NDArray[np.str_]
    planned: NDArray[np.bool_]
    urgency: NDArray[np.int8]
    conditional: NDArray[np.bool_]
    review: Review

    def __len__(self) -> int:
        return len(self.row)

    @property
    def word(self) -> NDArray[np.str_]:
        """(M,) severity word."""
        return words(self.urgency, self.conditional)


@dataclass(frozen=True, eq=False)
class Pharmacy:
    """The medicines of N patients, what they make of the enzymes, and the genes that they meet.

    resolved : the rows of the table of medications; using, planned : (rows,) taken now, or to be begun
    taken : what could act on enzymes; shifts : enzyme -> what does
    smoking : (N,) 1 smokes tobacco, 0 does not, NaN = not known
    """

    resolved: Resolved
    using: NDArray[np.bool_]
    planned: NDArray[np.bool_]
    taken: Taken
    smoking: Array
    shifts: Mapping[str, Shift]
    genetics: Genetics
    listed: CohortReview

    @cached_property
    def affected(self) -> Affected:
        """The medicines in use whose level others, or smoking, change."""
        return affected(self.taken, self.shifts)


def pharmacy(cohort: Cohort, smoking: Array, calls: Calls | None, outside: Outside) -> Pharmacy:
    """Recognise every medicine, find what acts on the enzymes, and ask what the genes say of what is listed.

    smoking, outside : as `smoking_of` and `outside_of` give them
    calls : None where nothing is known of any gene; every answer that rests on one is then 'not determined'
    """
    rows = cohort.table("medications")
    resolved = resolve(cells(rows, "drug"), cells(rows, "code"))
    person = positions(rows["patient_id"], cohort.ids)
    using, planned = in_use(rows, cohort.index_date), cells(rows, "status").eq("planned").to_numpy()
    acting = taken(resolved, person, days_stopped(rows, cohort.index_date), len(cohort))
    profiles: Profiles = profiles_of(calls) if calls is not None else {}
    acted = shifts(acting, smoking)
    counted = np.where(using | planned, person, -1).astype(np.intp)
    by_list = outside_of_list(cohort, resolved, counted, using, acted["CYP3A4"])
    genetics = Genetics(profiles, acted, len(cohort), {**outside, **by_list})
    listed = _review(genetics, resolved, person, using | planned, planned)
    return Pharmacy(resolved, using, planned, acting, smoking, acted, genetics, listed)


def _review(
    genetics: Genetics,
    resolved: Resolved,
    person: NDArray[np.int32],
    wanted: NDArray[np.bool_],
    planned: NDArray[np.bool_],
) -> CohortReview:
    unknown = np.flatnonzero(~resolved.recognised)
    row = np.concatenate([resolved.row, unknown]).astype(np.intp)
    known = np.array(names(), dtype=np.str_)[resolved.ingredient]
    drug = np.concatenate([known, np.zeros(len(unknown), known.dtype)])
    keep = wanted[row] & (person[row] >= 0)
    row, drug = row[keep], drug[keep]
    order = np.argsort(row, kind="stable")
    row, drug = row[order], drug[order]
    people = person[row].astype(np.intp)
    review = genetics.review(people, drug)
    urgency = np.where(drug == "", np.int8(NOT_RECOGNISED), review.urgency)
    return CohortReview(row, people, drug, planned[row], urgency, review.conditional & (drug != ""), review)


def smoking_of(features: Features) -> Array:
    """(N,) 1 smokes tobacco now, 0 does not, NaN = not known."""
    status = features.column(SMOKING)
    known = np.full(len(features), np.nan)
    if status is not None:
        code = variable(SMOKING).code(NOW)
        known = np.where(np.isnan(status), np.nan, (status == code).astype(np.float64))
    current = features.column(SMOKER)
    return known if current is None else np.where(np.isnan(known), current, known)


def outside_of(features: Features) -> Outside:
    """Population of advice -> (N,) who is known not to belong to it: by age, weight, body mass index, ancestry, sex."""
    known = {name: features.column(name) for name in ("age", "weight", "bmi", "ancestry", "sex")}
    age, weight, bmi, ancestry, sex = (
        np.full(len(features), np.nan) if column is None else column for column in known.values()
    )
    black = ancestry == variable("ancestry").code("black")
    light = weight < HEAVY_ENOUGH
    return {
        "adults": age < ADULT,
        "children": age >= ADULT,
        "children_or_after_tonsillectomy": age >= ADULT,
        "children_below_40kg": (age >= ADULT) | (weight >= HEAVY_ENOUGH),
        "adults_and_children_40kg": (age < ADULT) & light,
        "from_40kg_bmi_above_25": light | (bmi <= OVERWEIGHT),
        "from_40kg_bmi_up_to_25": light | (bmi > OVERWEIGHT),
        "african_ancestry": ~np.isnan(ancestry) & ~black,
        "other_ancestry": black,
        "breastfeeding": sex == variable("sex").code("male"),
    }


def cells(rows: pd.DataFrame, name: str) -> pd.Series:
    """(M,) a column as text, empty where it is absent or has no value."""
    if name not in rows:
        return pd.Series("", index=rows.index, dtype="str")
    return rows[name].astype("str").fillna("")
