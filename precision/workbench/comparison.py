"""Some patients side by side: what is known of each, in words."""

from __future__ import annotations

from dataclasses import dataclass

from precision import wording
from precision.result import OK, STATUSES, Estimate, Finding
from precision.workbench.roster import NO_ACTION, Roster

FEWEST, MOST = 2, 4  # patients that can be compared
VARIABLES = (
    ("age", "sex", "systolic_bp", "antihypertensive_treatment", "total_cholesterol", "hdl_cholesterol")
    + ("ldl_cholesterol", "statin_treatment", "egfr", "hba1c", "diabetes", "current_smoker", "bmi")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Comparison:
    """One fact of each patient."""

    label: str
    values: tuple[str, ...]


def compare(people: Roster, patients: tuple[str, ...]) -> tuple[Comparison, ...]:
    """What can be compared of some patients: first action, risks with their range or reason, and what they rest on.

    Raises
    ------
    InputError : no such patient
    """
    rows = [people.assessment.features.row(patient) for patient in patients]
    found = [Comparison("First action", tuple(_action(people, patient) for patient in patients))]
    for estimate in people.result.estimates:
        if estimate.outcome == people.asked.outcome:
            label = f"{estimate.label} within {estimate.horizon_years:g} years"
            found.append(Comparison(label, tuple(_risk(people, patient, estimate) for patient in patients)))
    for name in dict.fromkeys((*VARIABLES[:2], people.grouping, *VARIABLES[2:])):
        values = people.column(name)[rows]
        found.append(Comparison(wording.label(name), tuple(wording.value_text(name, float(v)) for v in values)))
    return tuple(found)


def _action(people: Roster, patient: str) -> str:
    actions = people.assessment.actions.for_patient(patient)
    return f"{actions[0].word}: {actions[0].title}" if actions else NO_ACTION


def _risk(people: Roster, patient: str, estimate: Estimate) -> str:
    found = people.result.finding(patient, estimate.outcome, estimate.horizon_years)
    if found.status == STATUSES[OK]:
        return f"{found.text}, {wording.interval(found)}"
    return " ".join((f"{found.text}.", *found.warnings))


def range_or_reason(found: Finding) -> str:
    """The range of an estimate or that none is published; where there is no estimate, why not."""
    if found.status == STATUSES[OK]:
        return wording.interval(found)
    return ", ".join(wording.short_reason(code) for code in found.reasons)
