"""What treatments do to a risk: effects seen in trials, applied to the patient's own absolute risk."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import NormalDist

import numpy as np

from precision.errors import InputError
from precision.result import Array
from precision.treatment.interventions import (
    DRUG,
    LDL,
    PRESSURE,
    Intervention,
    TrialEffect,
    interventions,
    trial_effects,
)
from precision.units import conversion

__all__ = [
    "Change",
    "RelativeEffect",
    "apply",
    "effect_of",
    "interventions",
    "ldl_drop",
    "pressure_drop",
    "relative_effect",
]

PRESSURE_STEP = 10.0  # mmHg that the pressure effect is stated per
LDL_FLOOR = 30.0
"""mg/dL; median that evolocumab reached in FOURIER (doi:10.1056/NEJMoa1615664). Nothing is counted for going below."""
HORIZON_YEARS = 10.0
Effects = Mapping[tuple[str, str], TrialEffect]
Given = Mapping[str, Array]


@dataclass(frozen=True, slots=True)
class Basis:
    """What a ratio rests on.

    Attributes
    ----------
    effects : the trial effects; all verified ones where None; confidence : of the bounds
    given : intervention -> (N,) 1 for the patients who get it, 0 for the others; all where an id is absent
    """

    effects: Effects | None = None
    confidence: float = 0.95
    given: Given = field(default_factory=dict)

    @property
    def known(self) -> Effects:
        """The trial effects."""
        return trial_effects() if self.effects is None else self.effects


USUAL = Basis()


@dataclass(frozen=True, slots=True)
class RelativeEffect:
    """The ratio of hazards of N patients under a plan; low and high are NaN where a part has no confirmed interval.

    not_counted : ids of the chosen interventions whose effect another one of the plan brings about in every patient
    not_measured : ids, or "ldl" or "pressure", without a trial effect on this outcome
    """

    ratio: Array
    low: Array
    high: Array
    not_counted: tuple[str, ...] = ()
    not_measured: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """Risk of N patients before and after: probabilities; ``low`` and ``high`` bound ``after`` by the trials alone."""

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
        return people_for_one(self.reduction)

    @property
    def number_needed_bounds(self) -> tuple[Array, Array]:
        """Fewest and most patients to treat; most is inf where the interval includes no gain."""
        fewest, most = people_for_one(self.before - self.low), people_for_one(self.before - self.high)
        return fewest, np.where(self.high >= self.before, np.inf, most)


def people_for_one(difference: Array) -> Array:
    """(N,) people among whom one event more or fewer happens, rounded up; NaN where there is no difference."""
    gain = np.round(difference, 12)
    return np.where(gain > 0, np.ceil(np.round(1 / np.where(gain > 0, gain, 1), 6)), np.nan)


def apply(risk: Array, effect: RelativeEffect) -> Change:
    """Risk after a treatment: 1 - (1 - risk) ** ratio, the ratio acting on the hazard over the whole horizon.

    Parameters
    ----------
    risk : (N,) probabilities of patients as they are treated now; NaN stays NaN
    """
    survival = 1 - risk
    return Change(risk, 1 - survival**effect.ratio, 1 - survival**effect.low, 1 - survival**effect.high)


def effect_of(
    chosen: Sequence[Intervention],
    outcome: str,
    ldl: Array,
    ldl_goal: Array | float = math.inf,
    pressure_fall: Array | float = 0.0,
    *,
    horizon_years: Array | float = HORIZON_YEARS,
    basis: Basis = USUAL,
) -> RelativeEffect:
    """The ratio for N patients who begin all the chosen interventions.

    Parameters
    ----------
    outcome : as the risk models name it
    ldl : (N,) mg/dL now; NaN where not known gives NaN where LDL is lowered and matters to the outcome
    ldl_goal : mg/dL that is reached at least, by whatever means; inf = no goal
    pressure_fall : mmHg that are reached at least, by whatever means
    horizon_years : over which the risk is estimated; it matters where an effect builds up

    Raises
    ------
    InputError : two interventions of one family, such as two statins
    """
    families = [one.family for one in chosen if one.family]
    if len(set(families)) < len(families):
        names = ", ".join(one.name for one in chosen if one.family)
        raise InputError(f"two of one kind were chosen ({names}); choose one of them")
    gets = _gets(chosen, outcome, np.ones(np.shape(ldl)), basis)
    fractions = [one.amount * gets[one.id] for one in chosen if one.lowers == LDL]
    fall = np.maximum(ldl_drop(ldl, fractions), ldl - np.maximum(np.minimum(ldl, ldl_goal), np.minimum(ldl, LDL_FLOOR)))
    aimed = np.sum(fractions, axis=0) > 0 if fractions else np.zeros(np.shape(ldl), dtype=bool)
    pressure = np.maximum(np.asarray(pressure_fall, float), pressure_drop(chosen, gets))
    doses = {
        LDL: mmol(np.where(aimed | (np.asarray(ldl_goal) < math.inf), fall, 0.0)),
        PRESSURE: np.broadcast_to(pressure / PRESSURE_STEP, np.shape(ldl)),
    }
    direct = [one for one in chosen if not one.lowers]
    found = relative_effect(outcome, doses, direct, horizon_years, replace(basis, given=gets))
    never = tuple(one.id for one in chosen if np.any(basis.given.get(one.id, 1)) and not gets[one.id].any())
    return replace(found, not_counted=(*never, *(name for name in found.not_counted if name not in never)))


def relative_effect(
    outcome: str,
    doses: Mapping[str, Array],
    direct: Sequence[Intervention],
    horizon_years: Array | float = HORIZON_YEARS,
    basis: Basis = USUAL,
) -> RelativeEffect:
    """Ratio of hazards: the product of the trial effects, each to the power of its dose.

    An effect counts once: of a direct effect that works through LDL or pressure, and a fall of these that the plan
    brings about by itself, the stronger counts, and of several such direct effects the strongest. The bounds add the
    variances of the log ratios.

    Parameters
    ----------
    doses : (N,) mmol/L of LDL cholesterol and 10 mmHg of systolic pressure; direct : interventions with an own effect

    References
    ----------
    Cholesterol Treatment Trialists 2010, doi:10.1016/S0140-6736(10)61350-5; Ettehad 2016, 10.1016/S0140-6736(15)01225-8
    """
    known = basis.known
    shape = np.shape(next(iter(doses.values())))
    used = {name: dose for name, dose in doses.items() if np.any(dose != 0)}
    measured = [one for one in direct if (one.id, outcome) in known]
    share = {one.id: basis.given.get(one.id, np.ones(shape)) for one in measured}
    powers = {name: dose for name, dose in used.items() if (name, outcome) in known} | share
    parts = {name: _part(known[name, outcome], dose, horizon_years) for name, dose in powers.items()}
    through = {one.id: one.mediated_by for one in measured if one.mediated_by}
    kept = _kept(parts, through, shape)
    log = np.sum([np.where(kept[name], log, 0) for name, (log, _) in parts.items()], axis=0) + np.zeros(shape)
    variance = np.sum([np.where(kept[name], var, 0) for name, (_, var) in parts.items()], axis=0) + np.zeros(shape)
    spread = _quantile(basis.confidence) * np.sqrt(variance)
    return RelativeEffect(
        ratio=np.exp(log),
        low=np.exp(log - spread),
        high=np.exp(log + spread),
        not_counted=tuple(name for name in parts if np.any(powers[name] != 0) and not kept[name].any()),
        not_measured=tuple(name for name in (*used, *(one.id for one in direct)) if (name, outcome) not in known),
    )


def mean_ratio(effect: TrialEffect, ratio: float, horizon_years: Array | float) -> Array:
    """The ratio over a whole horizon, the hazard without treatment taken as constant.

    An effect that builds up falls evenly from 1 at the start to ``ratio`` after ``builds_up_years`` and is held there.
    The even fall is our assumption: it credits less than the study's own mean over those years.
    """
    horizon = np.asarray(horizon_years, float)
    if not effect.builds_up_years:
        return np.broadcast_to(ratio, horizon.shape)
    rising = np.minimum(horizon, effect.builds_up_years)
    lost = (1 - ratio) * (rising - rising**2 / (2 * effect.builds_up_years))
    return ratio + lost / horizon


def mmol(ldl: Array) -> Array:
    """LDL cholesterol in mmol/L from mg/dL."""
    return conversion("cholesterol", "mg/dL", "mmol/L").apply(ldl)


def ldl_drop(ldl: Array, fractions: Iterable[Array | float]) -> Array:
    """LDL cholesterol lowered by drugs one after the other, each by its fraction of what the last one left.

    Parameters
    ----------
    ldl : (N,) mg/dL before; fractions : what each drug takes away, 0 to 1, of each patient or of all

    Returns
    -------
    (N,) drop in mg/dL, not below LDL_FLOOR
    """
    left = ldl.copy()
    for fraction in fractions:
        left = left * (1 - fraction)
    return ldl - np.maximum(left, np.minimum(ldl, LDL_FLOOR))


def pressure_drop(chosen: Iterable[Intervention], gets: Given | None = None) -> Array | float:
    """Fall of systolic pressure in mmHg: that of the drugs, or of the strongest change of life where that is more.

    The two are not added: trials of drugs were done in people who were also advised on their life.

    Parameters
    ----------
    gets : id -> (N,) 1 for the patients who get it; all where an id is absent
    """
    share = gets or {}
    lowering = [one for one in chosen if one.lowers == PRESSURE]
    drugs: Array | float = sum((one.amount * share.get(one.id, 1.0) for one in lowering if one.kind == DRUG), start=0.0)
    for one in lowering:
        if one.kind != DRUG:
            drugs = np.maximum(drugs, one.amount * share.get(one.id, 1.0))
    return drugs


def _gets(chosen: Sequence[Intervention], outcome: str, everyone: Array, basis: Basis) -> Given:
    """Who gets what, less what another one of the plan brings about: weight loss by the drug that brings it."""
    meant = {one.id: basis.given.get(one.id, everyone) for one in chosen}
    found: dict[str, Array] = {}
    for one in chosen:
        bringing = [meant[name] > 0 for name in meant if name in one.brought_by and (name, outcome) in basis.known]
        found[one.id] = np.where(np.any(bringing, axis=0), 0.0, meant[one.id])
    return found


def _part(effect: TrialEffect, dose: Array, horizon_years: Array | float) -> tuple[Array, Array]:
    """(N,) log ratio and its variance; NaN variance where the interval is not confirmed."""
    ratio, low, high = (mean_ratio(effect, each, horizon_years) for each in (effect.ratio, effect.low, effect.high))
    error = np.log(high / low) / (2 * _quantile(effect.confidence))
    return dose * np.log(ratio), np.where(dose == 0, 0, (dose * error) ** 2)


def _kept(
    parts: Mapping[str, tuple[Array, Array]], through: Mapping[str, frozenset[str]], shape: tuple[int, ...]
) -> dict[str, np.ndarray]:
    """Part -> (N,) whether it counts.

    The choices are: no effect that works through another, or one of them without what it works through. Of each
    patient the choice with the lowest ratio counts, so that a further treatment never raises a risk.
    """
    free = [name for name in parts if name not in through]
    choices = [free] + [[*(name for name in free if name not in ways), bound] for bound, ways in through.items()]
    totals = np.array([np.sum([parts[name][0] for name in choice], axis=0) + np.zeros(shape) for choice in choices])
    best = np.argmin(totals, axis=0)  # of a NaN, an unknown, the first
    return {name: np.isin(best, [c for c, choice in enumerate(choices) if name in choice]) for name in parts}


def _quantile(confidence: float) -> float:
    return NormalDist().inv_cdf(0.5 + confidence / 2)
