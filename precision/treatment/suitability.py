"""Whether an intervention comes into question for each of N patients, and why in one sentence."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from precision import wording
from precision.criteria import FALSE, TRUE, UNKNOWN, Truth
from precision.errors import InputError
from precision.model import Patients
from precision.result import OK, Array, Result
from precision.treatment.conditions import Condition, Group, all_of, any_of, label
from precision.treatment.indications import CONSIDER, DEFAULT, INSUFFICIENT, Indication, counted_as, followed
from precision.treatment.interventions import DRUG, LDL, Intervention, harms, indications, interventions, trial_effects

SUITABLE, IN_USE, AVOID = "suitable", "in_use", "avoid"
NOT_DETERMINED, NOT_INDICATED, NOT_APPLICABLE = "not_determined", "not_indicated", "not_applicable"
STATES = (SUITABLE, IN_USE, AVOID, NOT_DETERMINED, NOT_INDICATED, NOT_APPLICABLE)  # order on the screen
UNAVAILABLE = (IN_USE, AVOID, NOT_APPLICABLE)
MALE = 1
LAST_AGE_OF_PREGNANCY = 55  # years; our definition, above it nobody is asked
ACTIVE_MINUTES = 150  # a week, what the activity trials compared with none (doi:10.1161/JAHA.115.002495)
Mask = NDArray[np.bool_]
Words = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class People:
    """N patients as the rules see them.

    Attributes
    ----------
    values : variable -> (N,), NaN = not known
    result : what the model says of the same N patients; estimate : index of the outcome that is asked about
    others : further results of the same N patients, for guidelines that judge on another model
    """

    values: Mapping[str, Array]
    result: Result
    estimate: int
    guideline: str = DEFAULT
    others: Mapping[str, Result] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.result)

    @property
    def risk(self) -> Array:
        """(N,) the estimate, NaN where there is none."""
        return self.result.value[:, self.estimate]

    @property
    def outcome(self) -> str:
        """The outcome whose trial effects fit the estimate."""
        asked = self.result.estimates[self.estimate].outcome
        return counted_as().get((self.result.model, asked), asked)

    @property
    def horizon(self) -> Array:
        """(N,) years."""
        return self.result.horizon(self.estimate)

    def judged(self, indication: Indication) -> Array | None:
        """(N,) the estimate that a guideline means, NaN where it has no value; None where its model was not run."""
        for result in (self.result, *self.others.values()):
            if indication.judged_on(result.model):
                k = result.column(indication.outcome, indication.horizon_years)
                return np.where(result.horizon(k) == indication.horizon_years, result.value[:, k], np.nan)
        return None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found out about one intervention for N patients.

    Attributes
    ----------
    state : (N,) index into STATES; cause : (N,) index into ``words``, which make the sentence for a row
    """

    state: NDArray[np.int8]
    cause: NDArray[np.int16]
    words: tuple[Words, ...]

    @property
    def available(self) -> Mask:
        """(N,) neither in use already, nor contraindicated, nor for other patients."""
        return ~np.isin(self.state, [STATES.index(name) for name in UNAVAILABLE])

    def of(self, row: int) -> tuple[str, str]:
        """State and reason of one patient."""
        return STATES[self.state[row]], self.words[self.cause[row]](row)


def people(
    patients: Patients,
    result: Result,
    estimate: int,
    rows: Sequence[int] | slice = slice(None),
    *,
    guideline: str = DEFAULT,
    others: Mapping[str, Result] | None = None,
) -> People:
    """The patients of some rows with the values that the interventions ask about.

    Raises
    ------
    InputError : the estimate is not a risk
    """
    unit = result.estimates[estimate].unit
    if unit != "probability":
        raise InputError(f"{result.model} gives {unit}, not a risk; options are for estimates of a probability")
    here = result.take(rows)
    values = {name: _values(patients, name, rows, len(here)) for name in _asked()}
    minutes = _values(patients, "activity_days_per_week", rows, len(here)) * _values(
        patients, "activity_min_per_day", rows, len(here)
    )
    counted = np.where(np.isnan(minutes), np.nan, minutes >= ACTIVE_MINUTES)
    values["physically_active"] = np.where(np.isnan(values["physically_active"]), counted, values["physically_active"])
    never = np.isnan(values["pregnant"]) & ((values["sex"] == MALE) | (values["age"] > LAST_AGE_OF_PREGNANCY))
    values["pregnant"] = np.where(never, 0.0, values["pregnant"])
    beside = {name: other.take(rows) for name, other in (others or {}).items() if name != result.model}
    return People(values, here, estimate, guideline, beside)


def person(
    patients: Patients,
    result: Result,
    row: int,
    estimate: int,
    *,
    guideline: str = DEFAULT,
    others: Mapping[str, Result] | None = None,
) -> People:
    """One patient, as People of one.

    Raises
    ------
    InputError : the patient has no estimate to start from, or it is not a risk
    """
    found = people(patients, result, estimate, [row], guideline=guideline, others=others)
    if result.status[row, estimate] != OK:
        raise InputError(f"patient '{result.patients[row]}' has no estimate to start from; the finding says why")
    return found


def verdict(one: Intervention, asked: People) -> tuple[str, str]:
    """Whether an intervention comes into question for the first patient, as one of STATES, and why in one sentence."""
    return judge(one, asked).of(0)


def judge(one: Intervention, asked: People) -> Judgement:
    """Whether an intervention comes into question for each patient; of several reasons the first counts."""
    state = np.full(len(asked), STATES.index(SUITABLE), dtype=np.int8)
    cause, words = np.zeros(len(asked), dtype=np.int16), []
    undecided = np.ones(len(asked), dtype=bool)
    for here, name, sentence in _checks(one, asked):
        chosen = undecided & here
        state[chosen], cause[chosen] = STATES.index(name), len(words)
        words.append(sentence)
        undecided &= ~here
    return Judgement(state, cause, tuple(words))


def _checks(one: Intervention, asked: People) -> Iterator[tuple[Mask, str, Words]]:
    """(N,) where a reason holds, what follows from it, and its sentence."""
    values = asked.values
    if one.taken_by:
        held = (
            f"{wording.label(one.taken_by)} is recorded as in use: its effect is in the estimate and not counted again."
        )
        sentence = held if one.kind == DRUG else "Done already: not counted again."
        yield values[one.taken_by] == 1, IN_USE, _said(sentence)
    for condition in one.not_if:
        yield condition.holds(values) == TRUE, AVOID, _said(f"Contraindicated: {condition.words}.")
    for group in one.only_if:
        whom = one.for_whom or _alternatives(group)
        yield group.holds(values) == FALSE, NOT_APPLICABLE, _said(f"Only for: {whom}.")
    low, high = one.ages
    outside = (values["age"] < low) | (values["age"] > high)
    yield outside, NOT_APPLICABLE, _said(f"Only {_span(low, high)} of age.")
    yield from _unknown(one, asked)
    yield from _by_guideline(one, asked)
    yield np.ones(len(asked), dtype=bool), SUITABLE, lambda row: _why(one, asked, row)


def _unknown(one: Intervention, asked: People) -> Iterator[tuple[Mask, str, Words]]:
    for group in one.only_if:
        first, *others = group.alternatives
        names = [wording.label(first.variable), *(label(c.variable) for c in others)]
        text = " or ".join(dict.fromkeys(names))
        yield group.holds(asked.values) == UNKNOWN, NOT_DETERMINED, _said(f"{text} is not recorded.")
    needed = [one.taken_by] if one.taken_by and one.kind == DRUG else []
    needed += ["ldl_cholesterol"] if one.lowers == LDL else []
    for name in needed:
        yield np.isnan(asked.values[name]), NOT_DETERMINED, _said(f"{wording.label(name)} is not recorded.")


def _by_guideline(one: Intervention, asked: People) -> Iterator[tuple[Mask, str, Words]]:
    """Where the guideline does not advise it, or cannot be asked for want of its estimate."""
    known = [(row, risk) for row in followed(one.id, asked.guideline) if (risk := asked.judged(row)) is not None]
    if not known:
        return
    advising = [(row, risk) for row, risk in known if row.advice != INSUFFICIENT]
    answers = [np.where(_in_span(row, asked), _holds(row, risk, asked), FALSE) for row, risk in advising]
    answer = np.maximum.reduce([np.full(len(asked), FALSE, dtype=np.int8), *answers])
    blind = np.any([_in_span(row, asked) & np.isnan(risk) & ~np.isnan(row.risk_low) for row, risk in advising], axis=0)

    def sentence(row: int) -> str:
        return _advice(one, asked, row)

    yield (answer != TRUE) & blind, NOT_DETERMINED, lambda row: f"{sentence(row)} This risk is not estimated."
    yield answer != TRUE, NOT_INDICATED, lambda row: " ".join(filter(None, (sentence(row), _open(known, asked, row))))


def _holds(row: Indication, risk: Array, asked: People) -> Truth:
    """(N,) whether a threshold is met: the risk or a condition instead of it, and everything else that it asks for."""
    by_risk = np.where(np.isnan(risk), UNKNOWN, np.where(risk >= row.risk_low, TRUE, FALSE))
    reached = np.full(len(asked), FALSE) if math.isnan(row.risk_low) else by_risk
    enough = np.maximum(reached, any_of(row.or_if, asked.values))
    return np.minimum(enough, all_of(row.all_of, asked.values)).astype(np.int8)


def _in_span(row: Indication, asked: People) -> Mask:
    """(N,) whether a row speaks to the patient's age; 49.5 years are 49."""
    low, high = row.ages
    return (asked.values["age"] >= low) & (asked.values["age"] < high + 1)


def _advice(one: Intervention, asked: People, row: int) -> str:
    """What the guideline says at the age of one patient; of its rows at other ages where it has none there."""
    found = followed(one.id, asked.guideline)
    here = [indication for indication in found if _in_span(indication, asked)[row]] or found
    return " ".join(dict.fromkeys(indication.sentence for indication in here))


def _open(known: Sequence[tuple[Indication, Array]], asked: People, row: int) -> str:
    """The conditions that could make a guideline speak, where they are not recorded."""
    possible = [c for one, _ in known if _in_span(one, asked)[row] for c in _all_conditions(one)]
    names = [label(c.variable) for c in possible if c.holds(asked.values)[row] == UNKNOWN]
    return f"Not recorded: {', '.join(dict.fromkeys(names))}." if names else ""


def _all_conditions(one: Indication) -> tuple[Condition, ...]:
    return (*one.or_if, *(condition for group in one.all_of for condition in group.alternatives))


def _why(one: Intervention, asked: People, row: int) -> str:
    judged = [indication for indication in followed(one.id, asked.guideline) if _in_span(indication, asked)[row]]
    there = [indication for indication in judged if asked.judged(indication) is not None]
    met = [i for i in there if (risk := asked.judged(i)) is not None and _holds(i, risk, asked)[row] == TRUE]
    parts = [indication.sentence for indication in _strongest(met)]
    if judged and not there:
        parts.append(f"{judged[0].sentence} This estimate is another one: it says nothing of this threshold.")
    if not judged and indications().get(one.id):
        parts.append("The guideline that is followed has no verified threshold for it.")
    if one.lowers == LDL:
        spread = "" if math.isnan(one.amount_low) else f" ({100 * one.amount_low:g} to {100 * one.amount_high:g})"
        parts.insert(0, f"LDL cholesterol {100 * one.amount:g}% lower{spread}.")
    effect = trial_effects().get((one.lowers or one.id, asked.outcome))
    seen = f" Measured on: {effect.measured_on}." if effect else ""
    return " ".join([*dict.fromkeys(parts), f"Evidence: {one.evidence}.{seen}"])


def _strongest(met: Sequence[Indication]) -> list[Indication]:
    """What is advised; what may be considered only where nothing is advised."""
    return [one for one in met if one.advice != CONSIDER] or list(met)


def _alternatives(group: Group) -> str:
    return " or ".join(condition.words for condition in group.alternatives)


def _span(low: float, high: float) -> str:
    return f"from {low:g} years" if math.isinf(high) else f"from {low:g} to {high:g} years"


def _said(text: str) -> Words:
    return lambda row: text


def _asked() -> tuple[str, ...]:
    """Every variable that an intervention, harm or indication asks about."""
    names = ["age", "sex", "ldl_cholesterol", "systolic_bp", "physically_active", "pregnant"]
    for one in interventions().values():
        found = [condition for group in one.only_if for condition in group.alternatives]
        names += [one.taken_by, *(condition.variable for condition in (*found, *one.not_if))]
    names += [condition.variable for rows in harms().values() for harm in rows for condition in harm.not_if]
    names += [c.variable for rows in indications().values() for row in rows for c in _all_conditions(row)]
    return tuple(dict.fromkeys(filter(None, names)))


def _values(patients: Patients, name: str, rows: Sequence[int] | slice, count: int) -> Array:
    column = patients.column(name)
    return np.full(count, np.nan) if column is None else column[rows]
