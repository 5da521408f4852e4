"""The treatment options of each patient: what each would gain and cost, or why it does not come into question."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from precision import wording
from precision.knowledge.table import read
from precision.model import Patients
from precision.result import Array, Result
from precision.treatment.effects import (
    FOLDER,
    LDL,
    Change,
    Intervention,
    RelativeEffect,
    apply,
    effect_of,
    interventions,
)

HARMS = ("id", "harm", "points_low", "points_high", "over", "not_if", "source", "year", "doi", "status")
SUITABLE, IN_USE, AVOID, NOT_APPLICABLE, NOT_DETERMINED = (
    "suitable",
    "in_use",
    "avoid",
    "not_applicable",
    "not_determined",
)


@dataclass(frozen=True, slots=True)
class Harm:
    """More events of a harm among people treated: percentage points, over the time the source saw; NaN = no figure."""

    name: str
    low: float
    high: float
    over: str
    source: str


@dataclass(frozen=True, slots=True)
class TreatmentOption:
    """One intervention for one patient."""

    intervention: Intervention
    state: str
    reason: str
    change: Change | None
    harms: tuple[Harm, ...]


@cache
def harms() -> dict[str, tuple[tuple[Harm, str], ...]]:
    """Harms with an absolute figure by intervention; beside each the variable that rules it out."""
    found: dict[str, tuple[tuple[Harm, str], ...]] = {}
    for _, row in read(FOLDER, "harms.csv", HARMS, key=("id", "harm")).iterrows():
        harm = Harm(
            str(row["harm"]),
            float(row["points_low"]) / 100,
            float(row["points_high"]) / 100,
            str(row["over"]),
            f"{row['source']} {row['year']}",
        )
        found[str(row["id"])] = (*found.get(str(row["id"]), ()), (harm, str(row["not_if"])))
    return found


def options(patients: Patients, result: Result, row: int, estimate: int) -> tuple[TreatmentOption, ...]:
    """Every intervention for one patient, those with the largest gain first, those that do not apply last.

    Parameters
    ----------
    patients : the cohort that the result is about; row : position of the patient; estimate : index of the outcome
    """
    outcome, risk = result.estimates[estimate].outcome, result.value[row : row + 1, estimate]
    values = {name: _value(patients, name, row) for name in _asked()}
    found = [_option(one, outcome, risk, values) for one in interventions().values()]
    order = (SUITABLE, IN_USE, AVOID, NOT_DETERMINED, NOT_APPLICABLE)
    return tuple(sorted(found, key=lambda option: (order.index(option.state), -_gain(option))))


def gain(risk: Array, outcome: str, ldl: Array, intervention: Intervention) -> Array:
    """(N,) absolute risk reduction that an intervention would bring to each of N patients; NaN where not known."""
    effect = effect_of([intervention], outcome, ldl)
    return apply(risk, effect).reduction


def _option(one: Intervention, outcome: str, risk: Array, values: dict[str, float]) -> TreatmentOption:
    state, reason = next(_verdicts(one, values))
    suited = state in (SUITABLE, AVOID)
    change = _change(one, outcome, risk, values["ldl_cholesterol"]) if suited else None
    if state == SUITABLE and change is None:
        state, reason = NOT_APPLICABLE, "No trial effect on this outcome is known."
    return TreatmentOption(one, state, reason, change, _harms_for(one, values))


def _verdicts(one: Intervention, values: dict[str, float]) -> Iterator[tuple[str, str]]:
    """Why an intervention comes into question or not; the first is the one that counts."""
    low, high = one.ages
    if one.taken_by and values[one.taken_by] == 1:
        yield IN_USE, "In use now: the estimate is for a patient on treatment, so its effect is not counted again."
    for name in one.not_if:
        if values[name] == 1:
            yield AVOID, f"Contraindicated: {wording.label(name).lower()}."
    if one.only_if and values[one.only_if] == 0:
        yield NOT_APPLICABLE, f"Only with: {wording.label(one.only_if).lower()}."
    if not low <= values["age"] <= high:
        yield NOT_APPLICABLE, f"Age {wording.number(values['age'])}: only from {low:g} to {high:g} years."
    for name in filter(None, (one.only_if, one.taken_by, "ldl_cholesterol" if one.lowers == LDL else "")):
        if np.isnan(values[name]):
            yield NOT_DETERMINED, f"{wording.label(name)} is not known."
    yield SUITABLE, f"Ask first: {one.ask_first}." if one.ask_first else ""


def _change(one: Intervention, outcome: str, risk: Array, ldl: float) -> Change | None:
    effect: RelativeEffect = effect_of([one], outcome, np.array([ldl]))
    return None if effect.not_measured or np.isnan(effect.ratio).any() else apply(risk, effect)


def _harms_for(one: Intervention, values: dict[str, float]) -> tuple[Harm, ...]:
    return tuple(harm for harm, ruled_out in harms().get(one.id, ()) if not (ruled_out and values[ruled_out] == 1))


def _asked() -> tuple[str, ...]:
    """Every variable that an intervention or harm asks about."""
    names = ["age", "ldl_cholesterol"]
    for one in interventions().values():
        names += [one.taken_by, one.only_if, *one.not_if]
    names += [ruled_out for rows in harms().values() for _, ruled_out in rows]
    return tuple(dict.fromkeys(filter(None, names)))


def _value(patients: Patients, name: str, row: int) -> float:
    column = patients.column(name)
    return float("nan") if column is None else float(column[row])


def _gain(option: TreatmentOption) -> float:
    return 0.0 if option.change is None else float(option.change.reduction[0])
