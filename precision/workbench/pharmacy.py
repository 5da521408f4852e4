"""The medicines of a whole cohort against everybody's genes: what is taken or planned, and how it fits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.cohort import Cohort, positions
from precision.features import Features, end_not_known, in_use, to_begin
from precision.pgx.calls import Calls
from precision.pgx.dosing import SETTLED_DAYS, Doses, Personal
from precision.pgx.drugnames import names, numbers
from precision.pgx.drugs import Resolved, resolve
from precision.pgx.exposure import Affected, affected
from precision.pgx.lingering import Lingering, lingering
from precision.pgx.medicines import Taken, days_stopped, taken
from precision.pgx.phenoconversion import Shift, shifts
from precision.pgx.populations import beside
from precision.pgx.profiles import Profiles, profiles_of
from precision.pgx.review import WORDS, Genetics, Review, words
from precision.result import Array
from precision.schema import variable
from precision.workbench.circumstances import EQUATION, WARFARIN, Circumstances
from precision.workbench.list_conditions import LIST, outside_of_list

NOT_RECOGNISED = WORDS.index("Not determined")
ONCE_A_DAY = ("", "qd", "od", "daily", "once daily", "once a day", "every day", "1/day", "1x/day", "1-0-0", "0-0-1")
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
    known : what the record says of whom advice is for
    lingering : what was stopped on a day that is not recorded and may act still
    smoking : (N,) 1 smokes tobacco, 0 does not, NaN = not known
    """

    resolved: Resolved
    using: NDArray[np.bool_]
    planned: NDArray[np.bool_]
    taken: Taken
    smoking: Array
    shifts: Mapping[str, Shift]
    lingering: tuple[Lingering, ...]
    genetics: Genetics
    listed: CohortReview
    known: Circumstances

    @cached_property
    def affected(self) -> Affected:
        """The medicines in use whose level others, or smoking, change."""
        return affected(self.taken, self.shifts)


def pharmacy(cohort: Cohort, smoking: Array, calls: Calls | None, known: Circumstances) -> Pharmacy:
    """Recognise every medicine, find what acts on the enzymes, and ask what the genes say of what is listed.

    smoking : as `smoking_of` gives it; known : as `circumstances` does
    calls : None where nothing is known of any gene; every answer that rests on one is then 'not determined'
    """
    rows = cohort.table("medications")
    resolved = resolve(cells(rows, "drug"), cells(rows, "code"))
    person = positions(rows["patient_id"], cohort.ids)
    using, planned = in_use(rows, cohort.index_date), to_begin(rows, cohort.index_date)
    acting = taken(resolved, person, days_stopped(rows, cohort.index_date), len(cohort))
    profiles: Profiles = profiles_of(calls) if calls is not None else {}
    acted = shifts(acting, smoking)
    by_list = outside_of_list(cohort, resolved, np.where(using, person, -1).astype(np.intp))
    states = (days_stopped(rows, cohort.index_date), planned | end_not_known(rows))
    others = beside(resolved, person, states, smoking, np.full(len(cohort), LIST in cohort.complete))
    steady = _steady(rows, resolved, np.where(using, person, -1), cohort)
    personal = Personal(known.never, {WARFARIN: Doses(EQUATION, known.weekly, steady)})
    genetics = Genetics(profiles, acted, len(cohort), {**known.outside, **by_list}, known.inside, others, personal)
    listed = _review(genetics, resolved, person, using | planned, planned)
    still = lingering(resolved, person, end_not_known(rows), acting)
    return Pharmacy(resolved, using, planned, acting, smoking, acted, still, genetics, listed, known)


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


def _steady(rows: pd.DataFrame, resolved: Resolved, person: NDArray[np.intp], cohort: Cohort) -> Array:
    """(N,) mg of warfarin that a patient has taken each day for long; NaN where that is not recorded.

    A dose without a frequency is that of a day; of several doses in use none is taken.

    person : (M,) place of the patient, -1 where the row is not in use
    """
    found = np.full(len(cohort), np.nan)
    if not {"start", "dose"} <= set(rows):
        return found
    long = np.datetime64(cohort.index_date, "D") - np.timedelta64(SETTLED_DAYS, "D")
    begun = pd.to_datetime(rows["start"]).to_numpy().astype("datetime64[D]")
    dose = pd.to_numeric(rows["dose"], errors="coerce").to_numpy(dtype=np.float64)
    row = resolved.row[resolved.ingredient == numbers()[WARFARIN]]
    row = row[(person[row] >= 0)]
    daily = cells(rows, "dose_frequency").str.strip().str.casefold().isin(ONCE_A_DAY).to_numpy(dtype=bool)
    steady = row[(begun[row] < long) & (dose[row] > 0) & daily[row]]
    found[person[steady]] = dose[steady]
    several = np.bincount(person[row], minlength=len(cohort)) > 1
    found[several] = np.nan
    return found


def smoking_of(features: Features) -> Array:
    """(N,) 1 smokes tobacco now, 0 does not, NaN = not known."""
    status = features.column(SMOKING)
    known = np.full(len(features), np.nan)
    if status is not None:
        code = variable(SMOKING).code(NOW)
        known = np.where(np.isnan(status), np.nan, (status == code).astype(np.float64))
    current = features.column(SMOKER)
    return known if current is None else np.where(np.isnan(known), current, known)


def cells(rows: pd.DataFrame, name: str) -> pd.Series:
    """(M,) a column as text, empty where it is absent or has no value."""
    if name not in rows:
        return pd.Series("", index=rows.index, dtype="str")
    return rows[name].astype("str").fillna("")
