"""What if: the risk of one patient, or of each of a cohort, under changes chosen together, each effect counted once."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from precision.errors import InputError
from precision.model import Patients
from precision.result import Array, Result
from precision.treatment.effects import Basis, Change, RelativeEffect, apply, effect_of
from precision.treatment.interventions import (
    LDL,
    PRESSURE,
    GroupEffect,
    Intervention,
    interventions,
    risk_groups,
    trial_effects,
)
from precision.treatment.suitability import (
    NOT_DETERMINED,
    STATES,
    UNAVAILABLE,
    Judgement,
    People,
    judge,
    person,
)

WORKS_THROUGH = {LDL: "LDL cholesterol", PRESSURE: "Systolic pressure"}


@dataclass(frozen=True, slots=True)
class GroupChange:
    """The same change by the LDL effect that was seen in people of about this risk, with its own, wider interval.

    says : the group's span of risk over ``horizon_years``; confidence : of the interval
    """

    says: str
    horizon_years: float
    ratio: float
    change: Change
    confidence: float


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The patient's risk before and after, and why some of what was chosen does not count, one sentence each.

    by_risk_group : an alternative where LDL cholesterol is lowered, else None
    """

    change: Change
    notes: tuple[str, ...]
    by_risk_group: GroupChange | None = None

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

    @property
    def number_needed_bounds(self) -> tuple[float, float]:
        """Fewest and most patients to treat, from the trials' intervals alone; inf = perhaps no gain."""
        fewest, most = self.change.number_needed_bounds
        return float(fewest[0]), float(most[0])


@dataclass(frozen=True, slots=True)
class CohortWhatIf:
    """The risks of N patients before and after the same C changes.

    state : (N, C) index into STATES; counted : (N, C) whether a change is given to a patient
    """

    chosen: tuple[str, ...]
    change: Change
    state: NDArray[np.int8]
    counted: NDArray[np.bool_]

    @property
    def prevented(self) -> float:
        """Expected events fewer in the cohort over the horizon; patients without an estimate or an LDL do not count."""
        return float(np.nansum(self.change.reduction))


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
    judged = {name: judge(known(name), asked) for name in chosen}
    counted = [known(name) for name in chosen if judged[name].available[0]]
    if np.isnan(asked.values["ldl_cholesterol"][0]) and (
        ldl_goal < math.inf or any(one.lowers == LDL for one in counted)
    ):
        raise InputError("LDL cholesterol is not recorded, so a fall of it cannot be counted; enter LDL cholesterol")
    if np.isnan(asked.values["systolic_bp"][0]) and systolic_goal < math.inf:
        raise InputError("systolic pressure is not recorded, so a goal cannot be counted; enter systolic pressure")
    plan = _Plan(asked, counted, {}, ldl_goal, systolic_goal)
    effect = plan.effect()
    notes = [text for name in chosen if (text := _note(name, judged[name]))]
    notes += [f"{_title(name)}: not counted again, another change works the same way." for name in effect.not_counted]
    notes += [f"{_title(name)}: no trial effect on this outcome is known." for name in effect.not_measured]
    return WhatIf(apply(asked.risk, effect), tuple(notes), plan.by_risk_group())


def what_if_cohort(
    asked: People,
    chosen: Sequence[str] = (),
    *,
    ldl_goal: Array | float = math.inf,
    systolic_goal: Array | float = math.inf,
    suited_only: bool = False,
) -> CohortWhatIf:
    """The risk of each patient who begins those of the chosen interventions that come into question.

    Where an LDL cholesterol or a pressure that a change needs is not known, the risk after is NaN.

    Parameters
    ----------
    asked : the cohort, as `people` gives it
    ldl_goal : mg/dL; systolic_goal : mmHg; of all, or (N,) of each; inf = none
    suited_only : give a change only to those whom it suits, by the guideline; else also to those whom the guideline
        does not advise it, and where a condition is not recorded

    Raises
    ------
    InputError : no such intervention or guideline, or two of one family
    """
    judged = [judge(known(name), asked) for name in chosen]
    empty = np.zeros((len(asked), 0))
    state = np.stack([found.state for found in judged], axis=1) if judged else empty.astype(np.int8)
    allowed = (state == 0) if suited_only else ~np.isin(state, [STATES.index(name) for name in UNAVAILABLE])
    given = {name: allowed[:, c].astype(float) for c, name in enumerate(chosen)}
    effect = _Plan(asked, [known(name) for name in chosen], given, ldl_goal, systolic_goal).effect()
    return CohortWhatIf(tuple(chosen), apply(asked.risk, effect), state, allowed)


def gain(risk: Array, outcome: str, ldl: Array, chosen: Sequence[str], *, horizon_years: Array | float = 10.0) -> Array:
    """(N,) absolute risk reduction that a plan would bring to each of N patients; NaN where it is not known.

    It does not ask who is suited: give NaN as the risk of those who are not.

    Parameters
    ----------
    risk : (N,) probabilities over ``horizon_years``; ldl : (N,) mg/dL
    """
    effect = effect_of([known(name) for name in chosen], outcome, ldl, horizon_years=horizon_years)
    nothing = np.nan if effect.not_measured else 0.0
    return apply(risk, effect).reduction + nothing


def known(name: str) -> Intervention:
    """An intervention by its id.

    Raises
    ------
    InputError : no such intervention
    """
    if name not in interventions():
        raise InputError(f"no intervention is called '{name}'; known: {', '.join(interventions())}")
    return interventions()[name]


def risk_group(name: str, risk: float, horizon_years: float) -> GroupEffect | None:
    """The group of about this risk, brought to the group's horizon at a constant hazard; None where none is known."""
    for group in risk_groups().get(name, ()):
        there = round(1 - (1 - risk) ** (group.horizon_years / horizon_years), 12)
        if group.risk_low <= there < group.risk_high:
            return group
    return None


@dataclass(frozen=True, slots=True)
class _Plan:
    """Changes chosen together for N people."""

    asked: People
    chosen: Sequence[Intervention]
    given: Mapping[str, Array]
    ldl_goal: Array | float
    systolic_goal: Array | float

    def effect(self, group: GroupEffect | None = None) -> RelativeEffect:
        """The ratio of hazards; with the LDL effect of one risk group where one is given."""
        values, outcome = self.asked.values, self.asked.outcome
        aimed = np.asarray(self.systolic_goal) < math.inf
        fall = np.where(aimed, np.maximum(values["systolic_bp"] - np.where(aimed, self.systolic_goal, 0), 0), 0)
        known = trial_effects() | ({} if group is None else {(LDL, outcome): group.effect})
        return effect_of(
            self.chosen,
            outcome,
            values["ldl_cholesterol"],
            self.ldl_goal,
            fall,
            horizon_years=self.asked.horizon,
            basis=Basis(known, 0.95 if group is None else group.effect.confidence, self.given),
        )

    def by_risk_group(self) -> GroupChange | None:
        """For one person whose LDL cholesterol is lowered, the change by the effect in people of about this risk."""
        lowered = any(one.lowers == LDL for one in self.chosen) or np.any(np.asarray(self.ldl_goal) < math.inf)
        if not lowered or (LDL, self.asked.outcome) not in trial_effects():
            return None
        group = risk_group(LDL, float(self.asked.risk[0]), float(self.asked.horizon[0]))
        if group is None:
            return None
        change = apply(self.asked.risk, self.effect(group))
        return GroupChange(group.says, group.horizon_years, group.effect.ratio, change, group.effect.confidence)


def _note(name: str, found: Judgement) -> str:
    state, reason = found.of(0)
    if state in UNAVAILABLE:
        return f"{known(name).name}: not counted. {reason}"
    return f"{known(name).name}: counted, although this is not certain. {reason}" if state == NOT_DETERMINED else ""


def _title(name: str) -> str:
    return WORKS_THROUGH.get(name) or known(name).name
