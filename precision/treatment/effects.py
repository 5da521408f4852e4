"""What treatments do to a risk: effects seen in trials, applied to the patient's own absolute risk."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

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
Z95 = 1.959964


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
) -> RelativeEffect:
    """The ratio for N patients who begin all the chosen interventions.

    Parameters
    ----------
    outcome : as the risk models name it
    ldl : (N,) mg/dL now; NaN where not known gives NaN where LDL is lowered and matters to the outcome
    ldl_goal : mg/dL that is reached at least, by whatever means; inf = no goal
    pressure_fall : mmHg that are reached at least, by whatever means

    Raises
    ------
    InputError : two interventions of one family, such as two statins
    """
    families = [one.family for one in chosen if one.family]
    if len(set(families)) < len(families):
        names = ", ".join(one.name for one in chosen if one.family)
        raise InputError(f"two of one kind were chosen ({names}); choose one of them")
    fractions = [one.amount for one in chosen if one.lowers == LDL]
    fall = np.maximum(ldl_drop(ldl, fractions), ldl - np.maximum(np.minimum(ldl, ldl_goal), np.minimum(ldl, LDL_FLOOR)))
    aimed = bool(fractions) | (np.asarray(ldl_goal) < math.inf)
    pressure = np.maximum(np.asarray(pressure_fall, float), pressure_drop(chosen))
    doses = {
        LDL: mmol(np.where(aimed, fall, 0.0)),
        PRESSURE: np.broadcast_to(pressure / PRESSURE_STEP, np.shape(ldl)),
    }
    return relative_effect(outcome, doses, [one for one in chosen if not one.lowers])


def relative_effect(outcome: str, doses: Mapping[str, Array], direct: Sequence[Intervention]) -> RelativeEffect:
    """Ratio of hazards: the product of the trial effects, each to the power of its dose.

    An effect counts once: a direct effect that works through LDL or pressure is left out where the plan lowers these
    by itself, and of several such effects the strongest stays. The 95 % bounds add the variances of the log ratios.

    Parameters
    ----------
    doses : (N,) mmol/L of LDL cholesterol and 10 mmHg of systolic pressure; direct : interventions with an own effect

    References
    ----------
    Cholesterol Treatment Trialists 2010, doi:10.1016/S0140-6736(10)61350-5; Ettehad 2016, 10.1016/S0140-6736(15)01225-8
    """
    known = trial_effects()
    used = {name: dose for name, dose in doses.items() if np.any(dose != 0)}
    shape = np.shape(next(iter(doses.values())))
    log, variance = np.zeros(shape), np.zeros(shape)
    counted = _counted([one for one in direct if (one.id, outcome) in known], outcome, used, shape)
    for name, dose in (used | counted).items():
        if (name, outcome) in known:
            part = known[name, outcome]
            log += dose * math.log(part.ratio)
            variance += np.where(dose == 0, 0, (dose * _standard_error(part)) ** 2)
    spread = Z95 * np.sqrt(variance)
    return RelativeEffect(
        ratio=np.exp(log),
        low=np.exp(log - spread),
        high=np.exp(log + spread),
        not_counted=tuple(name for name, dose in counted.items() if not dose.any()),
        not_measured=tuple(name for name in (*used, *(one.id for one in direct)) if (name, outcome) not in known),
    )


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


def pressure_drop(chosen: Iterable[Intervention]) -> float:
    """Fall of systolic pressure in mmHg: that of the drugs, or of the strongest change of life where there is no drug.

    The two are not added: trials of drugs were done in people who were also advised on their life.
    """
    lowering = [one for one in chosen if one.lowers == PRESSURE]
    drugs = sum(one.amount for one in lowering if one.kind == DRUG)
    return drugs or max((one.amount for one in lowering), default=0.0)


def _counted(
    direct: Sequence[Intervention], outcome: str, doses: Mapping[str, Array], shape: tuple[int, ...]
) -> dict[str, Array]:
    """Intervention id -> (N,) 1 where its effect counts, 0 where something else of the plan brings it about."""
    counts = {one.id: np.ones(shape) for one in direct if not one.mediated_by}
    free = np.ones(shape, dtype=bool)
    bound = [one for one in direct if one.mediated_by]
    for one in sorted(bound, key=lambda one: trial_effects()[one.id, outcome].ratio):
        lowered = [dose > 0 for name, dose in doses.items() if name in one.mediated_by]
        here = free & ~np.any(lowered, axis=0) if lowered else free.copy()
        counts[one.id] = here.astype(float)
        free &= ~here
    return counts


def _standard_error(effect: TrialEffect) -> float:
    return math.log(effect.high / effect.low) / (2 * Z95)
