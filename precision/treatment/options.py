"""The treatment options of one patient: what each would gain and cost, or why it does not come into question."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from precision import wording
from precision.errors import InputError
from precision.model import Patients
from precision.result import OK, Result
from precision.treatment.effects import Change, apply, effect_of
from precision.treatment.interventions import (
    DRUG,
    LDL,
    Condition,
    Indication,
    Intervention,
    KnownHarm,
    harms,
    indications,
    interventions,
)

SUITABLE, IN_USE, AVOID = "suitable", "in_use", "avoid"
NOT_DETERMINED, NOT_INDICATED, NOT_APPLICABLE = "not_determined", "not_indicated", "not_applicable"
STATES = (SUITABLE, IN_USE, AVOID, NOT_DETERMINED, NOT_INDICATED, NOT_APPLICABLE)  # order on the screen
MALE = 1
LAST_AGE_OF_PREGNANCY = 55  # years; our definition, above it nobody is asked
ACTIVE_MINUTES = 150  # a week, what the activity trials compared with none (doi:10.1161/JAHA.115.002495)


@dataclass(frozen=True, slots=True)
class Harm:
    """More events of one harm among people treated, as a probability over the horizon; NaN = no verified figure."""

    name: str
    more: float
    low: float
    high: float
    note: str
    source: str


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


@dataclass(frozen=True, slots=True)
class Person:
    """One patient as the rules see them: values by variable, and estimates by model."""

    values: Mapping[str, float]
    result: Result
    row: int

    def holds(self, condition: Condition) -> float:
        """1 where it holds, 0 where it does not, NaN where the variable is not known."""
        value = self.values[condition.variable]
        return math.nan if math.isnan(value) else float(value >= condition.low)

    def estimate(self, outcome: str, horizon_years: float) -> float:
        """An estimate of the model, NaN where it has none for this patient."""
        return float(self.result.value[self.row, self.result.column(outcome, horizon_years)])


def options(patients: Patients, result: Result, row: int, estimate: int) -> tuple[TreatmentOption, ...]:
    """Every intervention for one patient, those with the largest gain first, those that do not apply last.

    Parameters
    ----------
    patients : the cohort that the result is about; row : position of the patient; estimate : index of the outcome

    Raises
    ------
    InputError : the patient has no estimate to start from, or it is not a risk
    """
    asked = person(patients, result, row, estimate)
    found = [_option(one, asked, estimate) for one in interventions().values()]
    return tuple(sorted(found, key=lambda option: (STATES.index(option.state), -np.nan_to_num(option.benefit))))


def threshold(result: Result, row: int, estimate: int) -> tuple[Intervention, Indication] | None:
    """The nearest risk from which a guideline advises a treatment: the next above the patient's, else the last below.

    None where no guideline speaks of this outcome and horizon in terms of this model.
    """
    asked, risk = result.estimates[estimate], float(result.value[row, estimate])
    found = [
        (treatment, one)
        for treatment in interventions().values()
        for one in _of_model(treatment, result.model)
        if (one.outcome, one.horizon_years) == (asked.outcome, asked.horizon_years)
    ]
    return min(found, key=lambda pair: (pair[1].risk_low <= risk, abs(pair[1].risk_low - risk)), default=None)


def person(patients: Patients, result: Result, row: int, estimate: int) -> Person:
    """One patient with the values that the interventions ask about.

    Raises
    ------
    InputError : the patient has no estimate to start from, or it is not a risk
    """
    unit = result.estimates[estimate].unit
    if unit != "probability":
        raise InputError(f"{result.model} gives {unit}, not a risk; options are for estimates of a probability")
    if result.status[row, estimate] != OK:
        raise InputError(f"patient '{result.patients[row]}' has no estimate to start from; the finding says why")
    values = {name: _value(patients, name, row) for name in _asked()}
    minutes = _value(patients, "activity_days_per_week", row) * _value(patients, "activity_min_per_day", row)
    if math.isnan(values["physically_active"]) and not math.isnan(minutes):
        values["physically_active"] = float(minutes >= ACTIVE_MINUTES)
    if math.isnan(values["pregnant"]) and (values["sex"] == MALE or values["age"] > LAST_AGE_OF_PREGNANCY):
        values["pregnant"] = 0.0
    return Person(values, result, row)


def verdict(one: Intervention, asked: Person) -> tuple[str, str]:
    """Whether an intervention comes into question, as one of STATES, and why in one sentence."""
    return next(_verdicts(one, asked))


def _option(one: Intervention, asked: Person, estimate: int) -> TreatmentOption:
    state, reason = verdict(one, asked)
    chosen = asked.result.estimates[estimate]
    risk = asked.result.value[asked.row : asked.row + 1, estimate]
    effect = effect_of([one], chosen.outcome, np.array([asked.values["ldl_cholesterol"]]))
    change = None
    if state == SUITABLE and effect.not_measured:
        state, reason = NOT_APPLICABLE, "No trial effect on this outcome is known."
    elif state in (SUITABLE, AVOID, NOT_INDICATED) and not effect.not_measured and not np.isnan(effect.ratio).any():
        change = apply(risk, effect)
    return TreatmentOption(
        intervention=one,
        state=state,
        reason=reason,
        unknown=tuple(_inside(c.variable) for c in one.not_if if math.isnan(asked.holds(c))),
        change=change,
        harms=tuple(
            _harm(known, chosen.horizon_years)
            for known in harms().get(one.id, ())
            if not any(asked.holds(condition) == 1 for condition in known.not_if)
        ),
    )


def _verdicts(one: Intervention, asked: Person) -> Iterator[tuple[str, str]]:
    """Why an intervention comes into question or not; the first is the one that counts."""
    if one.taken_by and asked.values[one.taken_by] == 1:
        held = f"{wording.label(one.taken_by)} is recorded as in use" if one.kind == DRUG else "Done already"
        yield IN_USE, f"{held}: its effect is in the estimate and not counted again."
    for condition in one.not_if:
        if asked.holds(condition) == 1:
            yield AVOID, f"Contraindicated: {_inside(condition.variable)}."
    for condition in one.only_if:
        if asked.holds(condition) == 0:
            yield NOT_APPLICABLE, f"Only for: {_requirement(condition)}."
    low, high = one.ages
    if not low <= asked.values["age"] <= high:
        yield NOT_APPLICABLE, f"Only from {low:g} to {high:g} years of age."
    yield from _unknown(one, asked)
    yield from _not_indicated(one, asked)
    yield SUITABLE, _why(one, asked)


def _unknown(one: Intervention, asked: Person) -> Iterator[tuple[str, str]]:
    needed = [condition.variable for condition in one.only_if]
    needed += [one.taken_by] if one.taken_by and one.kind == DRUG else []
    needed += ["ldl_cholesterol"] if one.lowers == LDL else []
    for name in needed:
        if math.isnan(asked.values[name]):
            yield NOT_DETERMINED, f"{wording.label(name)} is not recorded."


def _not_indicated(one: Intervention, asked: Person) -> Iterator[tuple[str, str]]:
    for indication in _of_model(one, asked.result.model):
        others = {condition.variable: asked.holds(condition) for condition in indication.or_if}
        risk = asked.estimate(indication.outcome, indication.horizon_years)
        if risk >= indication.risk_low or 1 in others.values():
            continue
        advice = f"{indication.citation.text} advises it {indication.says}."
        open_ones = [_inside(name) for name, holds in others.items() if math.isnan(holds)]
        if math.isnan(risk):
            yield NOT_DETERMINED, f"{advice} This risk is not estimated."
        yield NOT_INDICATED, f"{advice} Not recorded: {', '.join(open_ones)}." if open_ones else advice


def _why(one: Intervention, asked: Person) -> str:
    parts = [f"{i.citation.text} advises it {i.says}." for i in _of_model(one, asked.result.model)]
    if one.lowers == LDL:
        spread = "" if math.isnan(one.amount_low) else f" ({100 * one.amount_low:g} to {100 * one.amount_high:g})"
        parts.insert(0, f"LDL cholesterol {100 * one.amount:g}% lower{spread}.")
    return " ".join([*parts, f"Evidence: {one.evidence}."])


def _of_model(one: Intervention, model: str) -> list[Indication]:
    found = indications().get(one.id, ())
    return [indication for indication in found if f"{model}_".startswith(f"{indication.model}_")]


def _harm(known: KnownHarm, horizon_years: float) -> Harm:
    """The extra events over the horizon, from the rate without the treatment and the ratio of hazards."""
    without = math.exp(-known.per_100_years / 100 * horizon_years)
    more, low, high = (without - without**ratio for ratio in (known.ratio, known.low, known.high))
    return Harm(known.name, more, low, high, known.note, known.citation.text)


def _harm_words(harm: Harm, people: int) -> str:
    if math.isnan(harm.more):
        return f"{harm.name}: {harm.note or 'no verified figure'}"
    return f"{_among(people, harm.more)} {harm.name}"


def _among(people: int, probability: float) -> str:
    count = people * probability
    return "<0.1" if 0 < count < 0.05 else f"{count:.1f}"


def _requirement(condition: Condition) -> str:
    label = _inside(condition.variable)
    if condition.low == 1:
        return label
    return f"{label} {wording.value_text(condition.variable, condition.low)} or more"


def _inside(name: str) -> str:
    return wording.short_reason(f"missing:{name}").removesuffix(" missing")


def _asked() -> tuple[str, ...]:
    """Every variable that an intervention, harm or indication asks about."""
    names = ["age", "sex", "ldl_cholesterol", "systolic_bp", "physically_active", "pregnant"]
    for one in interventions().values():
        names += [one.taken_by, *(condition.variable for condition in (*one.only_if, *one.not_if))]
    names += [condition.variable for rows in harms().values() for harm in rows for condition in harm.not_if]
    names += [condition.variable for rows in indications().values() for row in rows for condition in row.or_if]
    return tuple(dict.fromkeys(filter(None, names)))


def _value(patients: Patients, name: str, row: int) -> float:
    column = patients.column(name)
    return math.nan if column is None else float(column[row])
