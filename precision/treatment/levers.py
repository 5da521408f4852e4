"""Lifestyle and environment: what each adds to a patient's risk, and what changing it would give."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision import wording
from precision.errors import KnowledgeError
from precision.features import Features
from precision.knowledge.table import read
from precision.model import Model, Patients
from precision.result import Array, Result
from precision.schema import variable
from precision.treatment.contributions import factors, factors_read, shares
from precision.treatment.effects import Change, apply, effect_of
from precision.treatment.indications import DEFAULT
from precision.treatment.interventions import Aid, Intervention, aids, interventions, trial_effects
from precision.treatment.suitability import (
    AVOID,
    IN_USE,
    NOT_APPLICABLE,
    NOT_DETERMINED,
    STATES,
    People,
    judge,
    people,
    person,
)

COLUMNS = ("lever", "label", "kind", "variables", "factors", "interventions")
CHANGE, CONTEXT = "change", "context"
NO_EFFECT = "No verified effect"
SURROUNDINGS = "Not the patient's to change: shown as context"
NOT_RECORDED = "Not recorded"


@dataclass(frozen=True, slots=True)
class Lever:
    """One field of life or surroundings: the variables that tell of it, the inputs of models, and what changes it."""

    name: str
    label: str
    kind: str
    variables: tuple[str, ...]
    factors: tuple[str, ...]
    interventions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """One value of a lever as it is recorded; time is None where it is undated."""

    label: str
    value: str
    time: date | None


@dataclass(frozen=True, slots=True)
class PatientLever:
    """What a lever is for one patient.

    Attributes
    ----------
    values : what is recorded of it
    contribution : share of the difference from the healthy peer, a probability; NaN where the model does not read it
    contribution_words : the same in words, with the model
    intervention : the change with the largest verified gain; None where there is none
    state : of that change, as in `suitability.STATES`; change : risk before and after, None where not computed
    words : what changing it would give
    aids : what multiplies the chance to carry it through
    """

    lever: Lever
    values: tuple[Known, ...]
    contribution: float
    contribution_words: str
    intervention: Intervention | None
    state: str
    change: Change | None
    words: str
    aids: tuple[Aid, ...]

    @property
    def gain(self) -> float:
        """Absolute risk reduction; NaN where no effect is verified or none would be gained."""
        return math.nan if self.change is None else float(self.change.reduction[0])


@dataclass(frozen=True, slots=True)
class CohortLevers:
    """What L levers are for N patients.

    Attributes
    ----------
    gain : (N, L) absolute risk reduction; NaN where nothing verified comes into question
    contribution : (N, L) share of the difference from the healthy peer; NaN where the model does not read it
    best : (N, L) index into ``changes`` of the change that brings the gain, -1 where there is none
    """

    patients: pd.Index
    levers: tuple[Lever, ...]
    changes: tuple[str, ...]
    gain: Array
    contribution: Array
    best: NDArray[np.int16]

    def summary(self) -> pd.DataFrame:
        """One row per lever: for how many it would bring something, the mean gain of those, events fewer in all."""
        could = np.nan_to_num(self.gain) > 0
        count = could.sum(axis=0)
        prevented = np.nansum(self.gain, axis=0)
        return pd.DataFrame(
            {
                "lever": [lever.name for lever in self.levers],
                "label": [lever.label for lever in self.levers],
                "context": [lever.kind == CONTEXT for lever in self.levers],
                "patients": count,
                "mean_gain": np.where(count > 0, prevented / np.maximum(count, 1), np.nan),
                "prevented": prevented,
            }
        )


@cache
def levers() -> tuple[Lever, ...]:
    """Every lever, in the order of the table.

    Raises
    ------
    KnowledgeError : a row names a kind, factor or intervention that does not exist
    """
    rows = read("interventions", "levers.csv", COLUMNS, ("lever",))
    found = tuple(
        Lever(row["lever"], row["label"], row["kind"], *(_names(row[name]) for name in COLUMNS[3:]))
        for _, row in rows.iterrows()
    )
    groups = {factor.group for factor in factors()}
    for lever in found:
        for name in lever.variables:
            variable(name)
        if lever.kind not in (CHANGE, CONTEXT) or set(lever.factors) - groups:
            raise KnowledgeError(
                f"levers.csv: {lever.name} is a '{lever.kind}' with factors {', '.join(lever.factors)}"
            )
        if absent := [name for name in lever.interventions if name not in interventions()]:
            raise KnowledgeError(f"levers.csv: {lever.name} names '{absent[0]}', which is no confirmed intervention")
    return found


def patient_levers(
    patients: Patients, model: Model, result: Result, row: int, estimate: int, *, guideline: str = DEFAULT
) -> tuple[PatientLever, ...]:
    """Every lever for one patient: the largest gain first, then without one, surroundings last.

    Each gain is of that change alone: gains do not add up.

    Parameters
    ----------
    patients : the cohort that the result is about; row : position of the patient; estimate : index of the outcome

    Raises
    ------
    InputError : the patient has no estimate to start from, or it is not a risk
    """
    asked = person(patients, result, row, estimate, guideline=guideline)
    shared = shares(model, asked.result, estimate)
    found = [_of_patient(lever, patients, row, asked, model, shared) for lever in levers()]
    order = [(one.lever.kind == CONTEXT, -np.nan_to_num(one.gain), place) for place, one in enumerate(found)]
    return tuple(found[place] for _, _, place in sorted(order))


def cohort_levers(
    patients: Patients, model: Model, result: Result, estimate: int, *, contributions: bool = True
) -> CohortLevers:
    """Every lever for each of N patients.

    Parameters
    ----------
    contributions : also share out the difference from the healthy peer; without it the answer is much faster

    Raises
    ------
    InputError : the estimate is not a risk
    """
    asked = people(patients, result, estimate)
    shared = shares(model, asked.result, estimate) if contributions else {}
    changes = tuple(dict.fromkeys(name for lever in levers() for name in lever.interventions))
    gains = np.stack([_gain(interventions()[name], asked) for name in changes], axis=1)
    gain = np.full((len(asked), len(levers())), np.nan)
    best = np.full(gain.shape, -1, dtype=np.int16)
    for k, lever in enumerate(levers()):
        columns = [changes.index(name) for name in lever.interventions]
        if columns:
            here = np.where(np.isnan(gains[:, columns]), -np.inf, gains[:, columns])
            first = np.argmax(here, axis=1)
            known = np.isfinite(here.max(axis=1))
            gain[known, k] = here.max(axis=1)[known]
            best[known, k] = np.array(columns)[first][known]
    added = np.stack([_contribution(lever, shared, len(asked)) for lever in levers()], axis=1)
    return CohortLevers(result.patients, levers(), changes, gain, added, best)


def _of_patient(
    lever: Lever, patients: Patients, row: int, asked: People, model: Model, shared: dict[str, Array]
) -> PatientLever:
    added = float(_contribution(lever, shared, 1)[0])
    chosen, state, reason, change = _best(lever, asked)
    return PatientLever(
        lever=lever,
        values=tuple(
            _known(patients, name, row) for name in lever.variables if not math.isnan(_value(patients, name, row))
        ),
        contribution=added,
        contribution_words=_contribution_words(lever, model, asked.estimate, added),
        intervention=chosen,
        state=state,
        change=change,
        words=_words(lever, chosen, state, reason, change),
        aids=aids().get(chosen.id, ()) if chosen and change else (),
    )


def _best(lever: Lever, asked: People) -> tuple[Intervention | None, str, str, Change | None]:
    """The change with the largest verified gain; else the first that has an effect on this outcome, and why not."""
    measured = [interventions()[name] for name in lever.interventions if _measured(interventions()[name], asked)]
    found: list[tuple[Intervention, str, str, Change | None]] = []
    for one in measured:
        state, reason = judge(one, asked).of(0)
        possible = state not in (IN_USE, AVOID, NOT_APPLICABLE, NOT_DETERMINED)
        found.append((one, state, reason, _change(one, asked) if possible else None))
    if not found:
        return None, NOT_APPLICABLE, "", None
    return max(found, key=lambda one: -math.inf if one[3] is None else float(one[3].reduction[0]))


def _words(lever: Lever, chosen: Intervention | None, state: str, reason: str, change: Change | None) -> str:
    if lever.kind == CONTEXT:
        return SURROUNDINGS
    if chosen is None:
        return NO_EFFECT
    if change is None:
        return reason
    points = f"{100 * float(change.reduction[0]):.1f} points lower ({chosen.name})."
    check = f" Check first: {chosen.ask_first}." if chosen.ask_first else ""
    return f"{points} Evidence: {chosen.evidence}.{check}"


def _gain(one: Intervention, asked: People) -> Array:
    """(N,) absolute gain of a change where it comes into question and its effect on this outcome is verified."""
    if not _measured(one, asked):
        return np.full(len(asked), np.nan)
    found = judge(one, asked)
    refused = [STATES.index(name) for name in (IN_USE, AVOID, NOT_APPLICABLE, NOT_DETERMINED)]
    return np.where(np.isin(found.state, refused), np.nan, _change(one, asked).reduction)


def _change(one: Intervention, asked: People) -> Change:
    effect = effect_of([one], asked.outcome, asked.values["ldl_cholesterol"], horizon_years=asked.horizon)
    return apply(asked.risk, effect)


def _measured(one: Intervention, asked: People) -> bool:
    return (one.lowers or one.id, asked.outcome) in trial_effects()


def _contribution(lever: Lever, shared: dict[str, Array], count: int) -> Array:
    """(N,) sum of the shares of the factors of a lever that the model reads; NaN where it reads none of them."""
    here = [shared[name] for name in lever.factors if name in shared]
    return np.sum(here, axis=0) if here else np.full(count, np.nan)


def _contribution_words(lever: Lever, model: Model, estimate: int, added: float) -> str:
    groups = {factor.group: factor.label for factor in factors_read(model, estimate)}
    inputs = [groups[name] for name in lever.factors if name in groups]
    if not inputs:
        return f"{model.label} does not use it for this outcome."
    if math.isnan(added):
        return f"{NOT_RECORDED}, so {model.label} does not count it."
    return f"{wording.points(added)} points against a healthy peer, by {model.label} ({', '.join(inputs)})."


def _known(patients: Patients, name: str, row: int) -> Known:
    time = patients.time(name)[row] if isinstance(patients, Features) else np.datetime64("NaT")
    day = None if np.isnat(time) else pd.Timestamp(time).date()
    return Known(wording.label(name), wording.value_text(name, _value(patients, name, row)), day)


def _value(patients: Patients, name: str, row: int) -> float:
    column = patients.column(name)
    return math.nan if column is None else float(column[row])


def _names(cell: str) -> tuple[str, ...]:
    return tuple(filter(None, cell.split("|")))


def ranked(found: Sequence[PatientLever]) -> tuple[PatientLever, ...]:
    """The levers that would bring something, largest gain first."""
    return tuple(sorted((one for one in found if one.gain > 0), key=lambda one: -one.gain))
