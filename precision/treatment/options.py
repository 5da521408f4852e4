"""The treatment options of one patient: what each would gain and cost, or why it does not come into question."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from precision.criteria import TRUE, UNKNOWN
from precision.model import Patients
from precision.result import Result
from precision.treatment.conditions import label
from precision.treatment.effects import Change, apply, effect_of, people_for_one
from precision.treatment.indications import DEFAULT, INSUFFICIENT, Indication, followed
from precision.treatment.interventions import DRUG, Intervention, KnownHarm, harms, interventions, measured_on
from precision.treatment.suitability import (
    AVOID,
    IN_USE,
    NOT_APPLICABLE,
    NOT_DETERMINED,
    NOT_INDICATED,
    STATES,
    SUITABLE,
    People,
    person,
    verdict,
)

__all__ = [
    "AVOID",
    "IN_USE",
    "NOT_APPLICABLE",
    "NOT_DETERMINED",
    "NOT_INDICATED",
    "STATES",
    "SUITABLE",
    "Harm",
    "TreatmentOption",
    "options",
    "person",
    "threshold",
    "verdict",
]


@dataclass(frozen=True, slots=True)
class Harm:
    """More events of one harm among people treated, as a probability over the horizon; NaN = no verified figure.

    ratio : of hazards, NaN where not verified; it is shown where no rate makes it an absolute figure
    """

    name: str
    more: float
    low: float
    high: float
    note: str
    source: str
    ratio: float = math.nan

    @property
    def number_needed(self) -> float:
        """People treated over the horizon among whom one more is harmed, rounded up; NaN = no verified figure."""
        return float(people_for_one(np.array([self.more]))[0])

    @property
    def number_needed_bounds(self) -> tuple[float, float]:
        """Fewest and most people; most is inf where the interval includes no harm."""
        fewest, most = people_for_one(np.array([self.high, self.low]))
        return float(fewest), math.inf if self.low <= 0 else float(most)


@dataclass(frozen=True, slots=True)
class TreatmentOption:
    """One intervention for one patient.

    Attributes
    ----------
    state : one of STATES
    reason : why, in one sentence; unknown : contraindications that are not recorded
    change : risk before and after; None where it is not computed
    """

    intervention: Intervention
    state: str
    reason: str
    unknown: tuple[str, ...]
    change: Change | None
    harms: tuple[Harm, ...]

    @property
    def benefit(self) -> float:
        """Fewer events of the outcome, as a probability; NaN where not computed."""
        return math.nan if self.change is None else float(self.change.reduction[0])

    @property
    def harm(self) -> float:
        """More events of all harms with a rate, as a probability; NaN where there is none."""
        known = [harm.more for harm in self.harms if not math.isnan(harm.more)]
        return sum(known) if known else math.nan

    @property
    def benefit_text(self) -> str:
        """'2.2 fewer' of 100 people over the horizon."""
        return self.benefit_among(100)

    @property
    def harm_text(self) -> str:
        """'1.1 new diabetes' of 100 people over the horizon, or the words for the absence of a figure."""
        return self.harm_among(100)

    def benefit_among(self, people: int) -> str:
        """As `benefit_text`, among so many people."""
        if self.state == IN_USE:
            return "In the estimate"
        return "Not computed" if math.isnan(self.benefit) else f"{_among(people, self.benefit)} fewer"

    def harm_among(self, people: int) -> str:
        """As `harm_text`, among so many people."""
        if not self.harms:
            return "No verified figure" if self.intervention.kind == DRUG else "None expected"
        return ", ".join(_harm_words(harm, people) for harm in self.harms)

    @property
    def check(self) -> str:
        """What to find out before it is begun, in one sentence; empty where there is nothing."""
        asked = f"Check first: {self.intervention.ask_first}." if self.intervention.ask_first else ""
        unknown = f"Not recorded: {', '.join(self.unknown)}." if self.unknown else ""
        return f"{asked} {unknown}".strip()


def options(
    patients: Patients,
    result: Result,
    row: int,
    estimate: int,
    *,
    guideline: str = DEFAULT,
    others: Mapping[str, Result] | None = None,
) -> tuple[TreatmentOption, ...]:
    """Every intervention for one patient, those with the largest gain first, those that do not apply last.

    Parameters
    ----------
    patients : the cohort that the result is about; row : position of the patient; estimate : index of the outcome
    guideline : whose thresholds count, of `indications.guidelines`
    others : further results of the same cohort, for thresholds that a guideline states for another model

    Raises
    ------
    InputError : the patient has no estimate to start from, it is not a risk, or no such guideline
    """
    asked = person(patients, result, row, estimate, guideline=guideline, others=others)
    found = [_option(one, asked) for one in interventions().values()]
    return tuple(sorted(found, key=lambda option: (STATES.index(option.state), -np.nan_to_num(option.benefit))))


def threshold(
    result: Result, row: int, estimate: int, guideline: str = DEFAULT
) -> tuple[Intervention, Indication] | None:
    """The nearest risk from which a guideline advises a treatment: the next above the patient's, else the last below.

    None where the guideline does not speak of this outcome and horizon in terms of this model, or not at this age.
    """
    asked, risk = result.estimates[estimate], float(result.value[row, estimate])
    age = float(result.inputs["age"][row])
    found = [
        (treatment, one)
        for treatment in interventions().values()
        for one in followed(treatment.id, guideline)
        if one.judged_on(result.model) and one.advice != INSUFFICIENT and not math.isnan(one.risk_low)
        if (one.outcome, one.horizon_years) == (asked.outcome, asked.horizon_years)
        if one.ages[0] <= age < one.ages[1] + 1
    ]
    return min(found, key=lambda pair: (pair[1].risk_low <= risk, abs(pair[1].risk_low - risk)), default=None)


def _option(one: Intervention, asked: People) -> TreatmentOption:
    state, reason = verdict(one, asked)
    effect = effect_of([one], asked.outcome, asked.values["ldl_cholesterol"], horizon_years=asked.horizon)
    change = None
    if effect.not_measured:
        state, reason = NOT_APPLICABLE, _mismatch(one, asked)
    elif state in (SUITABLE, AVOID, NOT_INDICATED) and not np.isnan(effect.ratio).any():
        change = apply(asked.risk, effect)
    return TreatmentOption(
        intervention=one,
        state=state,
        reason=reason,
        unknown=tuple(label(c.variable) for c in one.not_if if c.holds(asked.values)[0] == UNKNOWN),
        change=change,
        harms=tuple(
            _harm(known, float(asked.horizon[0]))
            for known in harms().get(one.id, ())
            if not any(condition.holds(asked.values)[0] == TRUE for condition in known.not_if)
        ),
    )


def _mismatch(one: Intervention, asked: People) -> str:
    """Why an effect is not used: it was measured on something else."""
    here = asked.result.estimates[asked.estimate].label
    elsewhere = "; ".join(measured_on(one.lowers or one.id))
    return f"No verified effect on this outcome ({here[:1].lower()}{here[1:]}). Measured on: {elsewhere}."


def _harm(known: KnownHarm, horizon_years: float) -> Harm:
    """The extra events over the horizon, from the rate without the treatment and the ratio of hazards."""
    without = math.exp(-known.per_100_years / 100 * horizon_years)
    more, low, high = (without - without**ratio for ratio in (known.ratio, known.low, known.high))
    return Harm(known.name, more, low, high, known.note, known.citation.text, known.ratio)


def _harm_words(harm: Harm, people: int) -> str:
    if not math.isnan(harm.more):
        return f"{_among(people, harm.more)} {harm.name}"
    ratio = "no verified figure" if math.isnan(harm.ratio) else f"{harm.ratio:.2f} times as often, no verified rate"
    return f"{harm.name}: {harm.note or ratio}"


def _among(people: int, probability: float) -> str:
    count = people * probability
    return "<0.1" if 0 < count < 0.05 else f"{count:.1f}"
