"""What makes a risk what it is: the difference from a healthy peer, shared out exactly among the inputs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd

from precision import wording
from precision.errors import InputError
from precision.model import Model
from precision.result import OK, Array, Result

NON_HDL, TOTAL, HDL = "non_hdl", "total_cholesterol", "hdl_cholesterol"


@dataclass(frozen=True, slots=True)
class Contribution:
    """One input's share of the difference, as a probability; ``here`` and ``healthy`` are its two values as text."""

    label: str
    here: str
    healthy: str
    share: float


@dataclass(frozen=True, slots=True)
class Contributions:
    """The patient's risk, the peer's, and the shares, which sum to ``risk - peer``; largest first."""

    risk: float
    peer: float
    rows: tuple[Contribution, ...]


@dataclass(frozen=True, slots=True)
class Factor:
    """An input, or two that move together, with the value of a healthy peer."""

    group: str
    variable: str
    healthy: float
    label: str


@cache
def factors() -> tuple[Factor, ...]:
    """The inputs that are compared with healthy values; age, sex and ancestry stay the patient's own."""
    with (files("precision.treatment") / "healthy.csv").open(encoding="utf-8") as lines:
        rows = pd.read_csv(lines, comment="#", dtype="str")
    return tuple(
        Factor(group, variable, float(healthy), label) for group, variable, healthy, label in rows.to_numpy(dtype=str)
    )


def peers(model: Model, result: Result) -> Array:
    """(N, K) risk of a person of the same age and sex with healthy values; NaN where the model has none at that age.

    An optional input that is missing for the patient is missing for the peer.

    Raises
    ------
    InputError : the model gives something other than risks
    """
    _insist_on_risks(model)
    inputs = dict(result.inputs)
    for factor in factors():
        if factor.variable in inputs:
            here = inputs[factor.variable]
            known = ~np.isnan(here) | (factor.variable not in model.optional)
            inputs[factor.variable] = np.where(known, factor.healthy, np.nan)
    return _risks(model, inputs, len(result), extrapolate=False)


def contributions(model: Model, result: Result, row: int, estimate: int) -> Contributions:
    """Share the difference between a patient and the healthy peer among the inputs by their Shapley values.

    All 2 ** m combinations of patient's and peer's values of the m inputs that differ are estimated in one call; the
    share of an input is its mean effect over all orders in which the inputs could change.

    Raises
    ------
    InputError : the patient has no estimate to explain, or the model gives something other than risks

    References
    ----------
    Shapley 1953, doi:10.1515/9781400881970-018
    """
    _insist_on_risks(model)
    if result.status[row, estimate] != OK:
        raise InputError(f"patient '{result.patients[row]}' has no estimate to explain; the finding says why")
    here = {name: float(values[row]) for name, values in result.inputs.items()}
    used = _used(model, result, estimate)
    present = [f for f in factors() if f.variable in used and not math.isnan(here[f.variable])]
    differ = [factor for factor in present if _own(factor, here) != _healthy(factor)]
    coalitions = (np.arange(2 ** len(differ))[:, None] >> np.arange(len(differ))) & 1
    risks = _risks(model, _mixed(here, present, differ, coalitions == 1), len(coalitions))[:, estimate]
    shares = _shapley(risks, coalitions)
    rows = [
        Contribution(factor.label, _text(factor, _own(factor, here)), _text(factor, _healthy(factor)), float(share))
        for factor, share in zip(differ, shares, strict=True)
    ]
    rows += [
        Contribution(factor.label, _text(factor, _own(factor, here)), _text(factor, _healthy(factor)), 0.0)
        for factor in present
        if factor not in differ
    ]
    return Contributions(float(risks[-1]), float(risks[0]), tuple(sorted(rows, key=lambda r: -r.share)))


def rounded(values: Sequence[float], total: float | None = None, decimals: int = 1) -> tuple[float, ...]:
    """Values rounded up or down so that they add up to ``total``, or to their own rounded sum.

    Those with the largest remainders are rounded up; a 0 stays 0. ``total`` differs from the sum by less than one unit
    of the last decimal, as a difference of two rounded numbers does.
    """
    scale = 10**decimals
    scaled = np.asarray(values, float) * scale
    floor = np.floor(scaled)
    short = round(scale * (float(np.sum(values)) if total is None else total)) - int(floor.sum())
    floor[np.argsort(floor - scaled, kind="stable")[:short]] += 1
    return tuple(float(value) for value in floor / scale)


def _insist_on_risks(model: Model) -> None:
    if any(estimate.unit != "probability" for estimate in model.estimates):
        raise InputError(f"{model.name} gives {model.estimates[0].unit}, not risks; only a risk is shared out")


def _used(model: Model, result: Result, estimate: int) -> frozenset[str]:
    return frozenset((*result.estimates[estimate].required, *model.optional))


def _mixed(
    here: Mapping[str, float], present: Sequence[Factor], differ: Sequence[Factor], own: np.ndarray
) -> dict[str, Array]:
    """The inputs of every coalition: (C, m) own says which factors keep the patient's value."""
    values = {name: np.full(len(own), value) for name, value in here.items()}
    for factor in present:
        if factor in differ:
            values[factor.variable] = np.where(own[:, differ.index(factor)], _own(factor, here), _healthy(factor))
    if any(factor.group == NON_HDL for factor in differ):
        values[TOTAL] = values[TOTAL] + values[HDL]
    return values


def _own(factor: Factor, here: Mapping[str, float]) -> float:
    """The patient's value; of total cholesterol what is not HDL, so that HDL is counted once."""
    return here[TOTAL] - here[HDL] if factor.group == NON_HDL else here[factor.variable]


def _healthy(factor: Factor) -> float:
    if factor.group != NON_HDL:
        return factor.healthy
    return factor.healthy - next(other.healthy for other in factors() if other.variable == HDL)


def _text(factor: Factor, value: float) -> str:
    return wording.value_text(factor.variable, value)


def _risks(model: Model, inputs: Mapping[str, Array], count: int, extrapolate: bool = True) -> Array:
    """Estimates at given inputs.

    A mixture of the patient's and the healthy values may lie outside the validated range although both lie inside:
    total cholesterol is the sum of two parts. Hence ``extrapolate``.
    """
    frame = pd.DataFrame(
        {name: values for name, values in inputs.items() if name not in model.excluded}, index=range(count)
    )
    return model(frame, extrapolate=extrapolate).value


def _shapley(risks: Array, coalitions: np.ndarray) -> Array:
    """(m,) weighted mean over coalitions without an input of what adding it changes."""
    m = coalitions.shape[1]
    size = coalitions.sum(axis=1)
    weight = np.array([math.factorial(s) * math.factorial(max(m - s - 1, 0)) for s in range(m + 1)]) / math.factorial(m)
    shares = np.zeros(m)
    for i in range(m):
        without = np.flatnonzero(coalitions[:, i] == 0)
        shares[i] = np.sum(weight[size[without]] * (risks[without + (1 << i)] - risks[without]))
    return shares
