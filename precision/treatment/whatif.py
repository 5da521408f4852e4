"""What if: one patient's risk under changes that are chosen together, each effect counted once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from precision.errors import InputError
from precision.model import Patients
from precision.result import Array, Result
from precision.treatment.effects import Change, apply, effect_of
from precision.treatment.interventions import LDL, PRESSURE, Intervention, interventions
from precision.treatment.options import AVOID, IN_USE, NOT_APPLICABLE, NOT_DETERMINED, Person, person, verdict

WORKS_THROUGH = {LDL: "LDL cholesterol", PRESSURE: "Systolic pressure"}


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The patient's risk before and after, and why some of what was chosen does not count, one sentence each."""

    change: Change
    notes: tuple[str, ...]

    @property
    def before(self) -> float:
        """Risk now."""
        return float(self.change.before[0])

    @property
    def after(self) -> float:
        """Risk with the changes."""
        return float(self.change.after[0])

    @property
    def bounds(self) -> tuple[float, float]:
        """95 % bounds of the risk after, from those of the trial effects; NaN where one is not published."""
        return float(self.change.low[0]), float(self.change.high[0])

    @property
    def number_needed(self) -> float:
        """Patients like this to treat over the horizon for one event fewer; NaN where nothing is gained."""
        return float(self.change.number_needed[0])


def what_if(
    patients: Patients,
    result: Result,
    row: int,
    estimate: int,
    chosen: Sequence[str] = (),
    *,
    ldl_goal: float = math.inf,
    systolic_goal: float = math.inf,
) -> WhatIf:
    """The risk of one patient who begins the chosen interventions, or reaches a goal by whatever means.

    What is in use already, contraindicated, or not for this patient is not counted, and a note says so. A guideline
    that does not advise it yet does not stop the calculation.

    Parameters
    ----------
    row : position of the patient; estimate : index of the outcome; chosen : ids of interventions
    ldl_goal : mg/dL; systolic_goal : mmHg; inf = none

    Raises
    ------
    InputError : no estimate to start from, no such intervention, two of one family, or a goal without today's value
    """
    asked = person(patients, result, row, estimate)
    ldl, systolic = asked.values["ldl_cholesterol"], asked.values["systolic_bp"]
    if math.isnan(ldl) and (ldl_goal < math.inf or any(_known(name).lowers == LDL for name in chosen)):
        raise InputError("LDL cholesterol is not recorded, so a fall of it cannot be counted; enter LDL cholesterol")
    if math.isnan(systolic) and systolic_goal < math.inf:
        raise InputError("systolic pressure is not recorded, so a goal cannot be counted; enter systolic pressure")
    refused = {name: note for name in chosen if (note := _refusal(name, asked))}
    plan = [interventions()[name] for name in chosen if name not in refused]
    fall = max(systolic - systolic_goal, 0.0) if systolic_goal < math.inf else 0.0
    effect = effect_of(plan, result.estimates[estimate].outcome, np.array([ldl]), ldl_goal, fall)
    notes = [*refused.values(), *filter(None, (_doubt(one.id, asked) for one in plan))]
    notes += [
        f"{_known(name).name}: not counted again, another change works the same way." for name in effect.not_counted
    ]
    notes += [f"{_title(name)}: no trial effect on this outcome is known." for name in effect.not_measured]
    return WhatIf(apply(result.value[row : row + 1, estimate], effect), tuple(notes))


def gain(risk: Array, outcome: str, ldl: Array, chosen: Sequence[str]) -> Array:
    """(N,) absolute risk reduction that a plan would bring to each of N patients; NaN where it is not known.

    It does not ask who is suited: give NaN as the risk of those who are not.

    Parameters
    ----------
    risk : (N,) probabilities; ldl : (N,) mg/dL
    """
    effect = effect_of([_known(name) for name in chosen], outcome, ldl)
    nothing = np.nan if effect.not_measured else 0.0
    return apply(risk, effect).reduction + nothing


def _known(name: str) -> Intervention:
    if name not in interventions():
        raise InputError(f"no intervention is called '{name}'; known: {', '.join(interventions())}")
    return interventions()[name]


def _refusal(name: str, asked: Person) -> str:
    state, reason = verdict(_known(name), asked)
    return f"{_known(name).name}: not counted. {reason}" if state in (IN_USE, AVOID, NOT_APPLICABLE) else ""


def _doubt(name: str, asked: Person) -> str:
    state, reason = verdict(_known(name), asked)
    return f"{_known(name).name}: counted, although this is not certain. {reason}" if state == NOT_DETERMINED else ""


def _title(name: str) -> str:
    return WORKS_THROUGH.get(name) or _known(name).name
