"""What treatments do to a risk: effects seen in trials, applied to the patient's own absolute risk."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from precision.errors import InputError
from precision.knowledge.table import read
from precision.result import Array, Citation
from precision.units import conversion

FOLDER = "interventions"
INTERVENTIONS = (
    ("id", "name", "detail", "kind", "lowers", "amount", "amount_low", "amount_high", "mediated_by", "family")
    + ("taken_by", "only_if", "not_if", "age_low", "age_high", "ask_first", "evidence", "source", "year", "doi")
    + ("status",)
)  # fmt: skip
EFFECTS = ("id", "measured_on", "applies_to", "ratio", "low", "high", "per", "source", "year", "doi", "status")
LDL, PRESSURE = "ldl", "pressure"
PRESSURE_STEP = 10.0  # mmHg that the pressure effect is stated per
LDL_FLOOR = 30.0
"""mg/dL; median that evolocumab reached in FOURIER (doi:10.1056/NEJMoa1615664). Nothing is counted for going below."""
Z95 = 1.959964


@dataclass(frozen=True, slots=True)
class Intervention:
    """A treatment or a change of life; ``lowers`` names what it works through, empty where its effect is direct."""

    id: str
    name: str
    detail: str
    kind: str
    lowers: str
    amount: float
    amount_low: float
    amount_high: float
    mediated_by: frozenset[str]
    family: str
    taken_by: str
    only_if: str
    not_if: tuple[str, ...]
    ages: tuple[float, float]
    ask_first: str
    evidence: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class TrialEffect:
    """A ratio of hazards with its 95 % bounds (NaN where not verified), and the outcome it was measured on."""

    measured_on: str
    ratio: float
    low: float
    high: float
    citation: Citation


@dataclass(frozen=True, slots=True)
class RelativeEffect:
    """The ratio of N patients under a plan; low and high are NaN where a part has no verified interval.

    not_counted : chosen interventions whose effect another one of the plan already brings about
    not_measured : chosen interventions without a trial effect on this outcome
    """

    ratio: Array
    low: Array
    high: Array
    not_counted: tuple[str, ...] = ()
    not_measured: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """Risk of N patients before and after: probabilities; ``low`` and ``high`` bound ``after``."""

    before: Array
    after: Array
    low: Array
    high: Array

    @property
    def reduction(self) -> Array:
        """Absolute risk reduction."""
        return self.before - self.after

    @property
    def number_needed(self) -> Array:
        """Patients to treat over the horizon for one event fewer, rounded up; NaN where nothing is gained."""
        gain = np.round(self.reduction, 12)
        return np.where(gain > 0, np.ceil(1 / np.where(gain > 0, gain, 1)), np.nan)


@cache
def interventions() -> dict[str, Intervention]:
    """Every intervention by id, in the order of the table.

    Raises
    ------
    KnowledgeError : the table is broken
    """
    rows = read(FOLDER, "interventions.csv", INTERVENTIONS, key=("id",))
    return {str(row["id"]): _intervention(row) for _, row in rows.iterrows()}


@cache
def trial_effects() -> dict[tuple[str, str], TrialEffect]:
    """Every trial effect by (intervention or 'ldl' or 'pressure', outcome it applies to)."""
    rows = read(FOLDER, "effects.csv", EFFECTS, key=("id", "applies_to"))
    return {
        (str(row["id"]), str(row["applies_to"])): TrialEffect(
            str(row["measured_on"]), float(row["ratio"]), _number(row["low"]), _number(row["high"]), _citation(row)
        )
        for _, row in rows.iterrows()
    }


def mmol(ldl: Array) -> Array:
    """LDL cholesterol in mmol/L from mg/dL."""
    return conversion("cholesterol", "mg/dL", "mmol/L").apply(ldl)


def ldl_drop(ldl: Array, fractions: Iterable[float]) -> Array:
    """LDL cholesterol lowered by drugs one after the other, each by its fraction of what the last one left.

    Parameters
    ----------
    ldl : (N,) mg/dL before; fractions : what each drug takes away, 0 to 1

    Returns
    -------
    (N,) drop in mg/dL, not below LDL_FLOOR
    """
    left = ldl * math.prod(1 - fraction for fraction in fractions)
    return ldl - np.maximum(left, np.minimum(ldl, LDL_FLOOR))


def pressure_drop(chosen: Sequence[Intervention]) -> float:
    """Fall of systolic pressure in mmHg: that of the drugs, or of the changes of life where there is no drug.

    The two are not added: trials of drugs were done in people who were also advised on their life.
    """
    drugs = sum(one.amount for one in chosen if one.lowers == PRESSURE and one.kind == "drug")
    life = sum(one.amount for one in chosen if one.lowers == PRESSURE and one.kind != "drug")
    return drugs or life


def relative_effect(
    outcome: str, ldl_fall: Array | float, pressure_fall: Array | float, direct: Sequence[Intervention] = ()
) -> RelativeEffect:
    """Ratio of hazards of a plan: the product of its effects, each to the power of its dose.

    An effect counts once: a direct effect that works through LDL, pressure or weight is left out where the plan lowers
    these by itself, and of two such effects the stronger stays. The 95 % bounds add the variances of the log ratios.

    Parameters
    ----------
    ldl_fall : (N,) mg/dL; pressure_fall : (N,) mmHg; direct : interventions with an effect of their own

    References
    ----------
    Cholesterol Treatment Trialists 2010, doi:10.1016/S0140-6736(10)61350-5; Ettehad 2016, 10.1016/S0140-6736(15)01225-8
    """
    ldl_dose, pressure_dose = mmol(np.asarray(ldl_fall, float)), np.asarray(pressure_fall, float) / PRESSURE_STEP
    lowered = {name for name, dose in ((LDL, ldl_dose), (PRESSURE, pressure_dose)) if np.any(dose > 0)}
    doses = [(LDL, ldl_dose)] * bool(lowered & {LDL}) + [(PRESSURE, pressure_dose)] * bool(lowered & {PRESSURE})
    known = [one for one in direct if (one.id, outcome) in trial_effects()]
    counted = _once(known, outcome, lowered)
    doses += [(one.id, np.ones(())) for one in counted]
    parts = [(trial_effects()[name, outcome], dose) for name, dose in doses if (name, outcome) in trial_effects()]
    log = np.asarray(sum((dose * math.log(part.ratio) for part, dose in parts), np.zeros(np.shape(ldl_dose))))
    spread = np.sqrt(sum(((dose * _standard_error(part)) ** 2 for part, dose in parts), np.zeros(())))
    return RelativeEffect(
        ratio=np.exp(log),
        low=np.exp(log - Z95 * spread),
        high=np.exp(log + Z95 * spread),
        not_counted=tuple(one.id for one in known if one not in counted),
        not_measured=tuple(name for name, _ in doses if (name, outcome) not in trial_effects())
        + tuple(one.id for one in direct if one not in known),
    )


def effect_of(
    chosen: Sequence[Intervention],
    outcome: str,
    ldl: Array,
    ldl_goal: Array | None = None,
    pressure_fall: float = 0.0,
) -> RelativeEffect:
    """The ratio for N patients who begin all the chosen interventions.

    Parameters
    ----------
    ldl : (N,) mg/dL now, NaN where not known; matters only to what lowers LDL
    ldl_goal : (N,) mg/dL that is reached by whatever means, instead of the fractions of the chosen drugs
    pressure_fall : mmHg reached by whatever drug, beside the chosen interventions

    Raises
    ------
    InputError : two interventions of one family, such as two statins
    """
    families = [one.family for one in chosen if one.family]
    if len(set(families)) < len(families):
        raise InputError(f"two of one kind were chosen: {', '.join(one.name for one in chosen if one.family)}")
    fractions = [one.amount for one in chosen if one.lowers == LDL]
    fall = ldl_drop(ldl, fractions) if fractions else np.zeros(np.shape(ldl))
    if ldl_goal is not None:
        fall = np.maximum(fall, ldl - np.maximum(ldl_goal, np.minimum(ldl, LDL_FLOOR)))
    drugs = [one for one in chosen if one.kind == "drug" or not pressure_fall]
    return relative_effect(
        outcome, fall, pressure_fall or pressure_drop(drugs), [one for one in chosen if not one.lowers]
    )


def apply(risk: Array, effect: RelativeEffect) -> Change:
    """Risk after a treatment: 1 - (1 - risk) ** ratio, the ratio acting on the hazard over the whole horizon."""
    survival = 1 - risk
    return Change(risk, 1 - survival**effect.ratio, 1 - survival**effect.low, 1 - survival**effect.high)


def _once(direct: Sequence[Intervention], outcome: str, lowered: set[str]) -> list[Intervention]:
    """Those whose effect nothing else in the plan brings about; of several with a common path the strongest."""
    free = [one for one in direct if not one.mediated_by]
    bound = [one for one in direct if one.mediated_by and not one.mediated_by & lowered]
    bound.sort(key=lambda one: trial_effects()[one.id, outcome].ratio)
    return free + bound[:1]


def _standard_error(effect: TrialEffect) -> float:
    return math.log(effect.high / effect.low) / (2 * Z95)


def _intervention(row: pd.Series[str]) -> Intervention:
    return Intervention(
        id=row["id"],
        name=row["name"],
        detail=row["detail"],
        kind=row["kind"],
        lowers=row["lowers"],
        amount=_number(row["amount"]),
        amount_low=_number(row["amount_low"]),
        amount_high=_number(row["amount_high"]),
        mediated_by=frozenset(filter(None, row["mediated_by"].split("|"))),
        family=row["family"],
        taken_by=row["taken_by"],
        only_if=row["only_if"],
        not_if=tuple(filter(None, row["not_if"].split("|"))),
        ages=(float(row["age_low"] or "-inf"), float(row["age_high"] or "inf")),
        ask_first=row["ask_first"],
        evidence=row["evidence"],
        citation=_citation(row),
    )


def _citation(row: pd.Series[str]) -> Citation:
    return Citation(f"{row['source']} {row['year']}", doi=row["doi"], year=int(row["year"]))


def _number(text: str) -> float:
    return float(text) if text else math.nan
