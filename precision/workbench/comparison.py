"""Comparisons: patients side by side, and one patient beside the healthy peer and the cohort."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from precision import wording
from precision.errors import InputError
from precision.model import Model
from precision.result import OK, STATUSES, Finding, Result
from precision.treatment.contributions import peers
from precision.workbench.risks import Risk, capital, risk_of
from precision.workbench.roster import NO_ACTION, Roster

FEWEST, MOST = 2, 4  # patients that can be compared
YEARS_AROUND = 5.0  # whose risk counts as that of people of the same age; our definition
FEWEST_ALIKE = 30  # the spread of fewer says little
VARIABLES = (
    ("age", "sex", "systolic_bp", "antihypertensive_treatment", "total_cholesterol", "hdl_cholesterol")
    + ("ldl_cholesterol", "statin_treatment", "egfr", "hba1c", "diabetes", "current_smoker", "bmi")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Comparison:
    """One fact of each patient."""

    label: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """A patient's risk beside the healthy peer's and those of people of the same sex within 5 years of age.

    Attributes
    ----------
    peer : risk of a person of the same age and sex with healthy values; NaN where the model has none
    alike : how many others of the cohort are compared; of fewer than 30 the rest is NaN
    lower : share of them whose risk is lower; quartiles : of their risks
    """

    risk: float
    peer: float
    alike: int
    lower: float
    quartiles: tuple[float, float, float]


def standing(model: Model, result: Result, row: int, estimate: int) -> Standing:
    """Where one patient stands between the healthy peer and the cohort.

    Raises
    ------
    InputError : the patient has no estimate, or it is not a risk
    """
    if result.status[row, estimate] != OK:
        raise InputError(f"patient '{result.patients[row]}' has no estimate to compare; the finding says why")
    risk, peer = float(result.value[row, estimate]), float(peers(model, result.take([row]))[0, estimate])
    age, sex = result.inputs["age"], result.inputs.get("sex", np.zeros(len(result)))
    alike = (np.abs(age - age[row]) <= YEARS_AROUND) & (sex == sex[row]) & (result.status[:, estimate] == OK)
    alike[row] = False
    others = result.value[alike, estimate]
    if len(others) < FEWEST_ALIKE:
        return Standing(risk, peer, len(others), math.nan, (math.nan, math.nan, math.nan))
    first, median, third = (float(value) for value in np.quantile(others, (0.25, 0.5, 0.75)))
    return Standing(risk, peer, len(others), float(np.mean(others < risk)), (first, median, third))


def compare(people: Roster, patients: tuple[str, ...]) -> tuple[Comparison, ...]:
    """What can be compared of some patients: first action, risks with their range or reason, and what they rest on.

    Raises
    ------
    InputError : no such patient
    """
    rows = [people.assessment.features.row(patient) for patient in patients]
    found = [Comparison("First action", tuple(_action(people, patient) for patient in patients))]
    for k, estimate in enumerate(people.result.estimates):
        if estimate.outcome == people.asked.outcome:
            label = risk_of(people.result, k).within
            found.append(Comparison(label, tuple(_risk(people, patient, k) for patient in patients)))
    for name in dict.fromkeys((*VARIABLES[:2], people.grouping, *VARIABLES[2:])):
        values = people.column(name)[rows]
        found.append(Comparison(wording.label(name), tuple(wording.value_text(name, float(v)) for v in values)))
    return tuple(found)


def _action(people: Roster, patient: str) -> str:
    actions = people.assessment.actions.for_patient(patient)
    return f"{actions[0].word}: {actions[0].title}" if actions else NO_ACTION


def _risk(people: Roster, patient: str, estimate: int) -> str:
    found = people.result.findings(patient)[estimate]
    if found.status == STATUSES[OK]:
        return f"{capital(found.text)}, {range_or_reason(found, risk_of(people.result, estimate))}"
    return " ".join((f"{found.text}.", *found.warnings))


def finding_of(people: Roster, patient: str) -> Finding:
    """What the number in question is for a patient."""
    years = people.asked.horizon_years
    return people.result.finding(patient, people.asked.outcome, None if math.isnan(years) else years)


def range_or_reason(found: Finding, risk: Risk) -> str:
    """The range of an estimate or that none is published; where there is no estimate, why not.

    Of an estimate to a chosen age also how many years that is; a class or a score has no range.
    """
    if found.status == STATUSES[OK]:
        years = f"within {wording.number(found.horizon_years)} years, " if risk.chosen_age else ""
        return years + (wording.interval(found) if risk.kind == "risk" else f"a {risk.kind} has no range")
    return ", ".join(wording.short_reason(code) for code in found.reasons)
