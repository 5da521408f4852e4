"""Heart age: the age at which a healthy person of the same sex has this risk; for lifestyle talk only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.errors import InputError
from precision.model import Model
from precision.result import OK, Array, Result
from precision.treatment.contributions import factors_of, peers

LABEL = "Heart age, for lifestyle talk only: not a treatment threshold"
STEPS_PER_YEAR = 10  # of the ages at which the healthy risk is known; between them it is taken as straight
OUTCOMES = ("total_cvd", "ascvd")
BELOW, WITHIN, ABOVE = -1, 0, 1


@dataclass(frozen=True, slots=True)
class HeartAges:
    """The heart ages of N patients.

    Attributes
    ----------
    age : (N,) years; NaN where there is no estimate, or where the age lies outside ``limits``
    side : (N,) -1 where the risk is below that of a healthy person at the youngest age, 1 where it is that at the
        oldest or more, else 0
    own : (N,) the patients' ages; limits : the ages for which the model is validated
    """

    age: Array
    side: NDArray[np.int8]
    own: Array
    limits: tuple[float, float]

    def text(self, row: int) -> str:
        """'58', 'below 30', '79 or more', or 'not estimated'; in years."""
        if self.side[row] == BELOW:
            return f"below {self.limits[0]:g}"
        if self.side[row] == ABOVE:
            return f"{self.limits[1]:g} or more"
        return "not estimated" if np.isnan(self.age[row]) else f"{self.age[row]:.0f}"

    @property
    def difference(self) -> Array:
        """(N,) heart age less age, in years; NaN where the heart age has no number."""
        return self.age - self.own


def heart_age(model: Model, result: Result, outcome: str = "total_cvd", horizon_years: float = 10.0) -> HeartAges:
    """The age at which the healthy peer of the same sex has each patient's risk.

    The peer has the healthy values of `contributions.peers`; what the model reads besides (ancestry, region) stays the
    patient's. A number for talk about lifestyle: it overstates what can be changed, so no guideline treats by it.

    Raises
    ------
    InputError : another outcome than `OUTCOMES`, or the model has not this outcome and horizon

    References
    ----------
    D'Agostino 2008, doi:10.1161/CIRCULATIONAHA.107.699579 (vascular age)
    """
    if outcome not in OUTCOMES:
        raise InputError(f"heart age is for {' or '.join(OUTCOMES)}, not for '{outcome}'")
    k = result.column(outcome, horizon_years)
    estimate = model.estimates[k]
    limits = estimate.ranges.get("age") or model.ranges["age"]
    keys, kind = _kinds(model, result, k)
    ages = np.linspace(*limits, round((limits[1] - limits[0]) * STEPS_PER_YEAR) + 1)
    risks = _healthy_risks(model, keys, ages)[:, :, k]
    age = np.full(len(result), np.nan)
    side = np.zeros(len(result), dtype=np.int8)
    good = result.status[:, k] == OK
    for one, curve in enumerate(risks):
        rows = np.flatnonzero(good & (kind == one))
        rising = np.maximum.accumulate(curve)
        here = result.value[rows, k]
        side[rows] = np.where(here < rising[0], BELOW, np.where(here >= rising[-1], ABOVE, WITHIN))
        age[rows] = np.where(side[rows] == WITHIN, np.interp(here, rising, ages), np.nan)
    return HeartAges(age, side, result.inputs["age"], limits)


def _kinds(model: Model, result: Result, estimate: int) -> tuple[dict[str, Array], NDArray[np.intp]]:
    """The C kinds of healthy peers as inputs without age, and (N,) which kind each patient has.

    Peers differ in what is not set to a healthy value, and in which optional inputs are known.
    """
    healthy = {factor.variable for factor in factors_of(model)}
    used = [name for name in (*model.estimates[estimate].required, *model.optional) if name != "age"]
    code = np.zeros(len(result), dtype=np.intp)
    for name in used:
        values = result.inputs[name]
        own = np.isnan(values).astype(float) if name in healthy else np.nan_to_num(values, nan=-1.0)
        levels, place = np.unique(own, return_inverse=True)
        _, code = np.unique(code * len(levels) + place, return_inverse=True)
    _, first = np.unique(code, return_index=True)
    return {name: result.inputs[name][first] for name in result.inputs}, code


def _healthy_risks(model: Model, kinds: dict[str, Array], ages: Array) -> Array:
    """(C, A, K) estimates of every kind of healthy peer at every age."""
    count = len(next(iter(kinds.values())))
    inputs = {name: np.repeat(values, len(ages)) for name, values in kinds.items() if name not in model.excluded}
    inputs["age"] = np.tile(ages, count)
    for factor in factors_of(model):
        if factor.variable in model.required:  # a patient whose value is missing has no estimate, so no kind
            inputs[factor.variable] = np.full(len(inputs["age"]), factor.healthy)
    frame = pd.DataFrame(inputs, index=range(count * len(ages)))
    return peers(model, model(frame)).reshape(count, len(ages), -1)
