"""What makes a risk what it is: the difference from a healthy peer, shared out exactly among the inputs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision import wording
from precision.errors import InputError
from precision.model import Model
from precision.result import OK, Array, Result

FACTOR = ("group", "variable", "healthy", "label", "not_in")  # columns of the table; the others say who defined it
NON_HDL, TOTAL, HDL = "non_hdl", "total_cholesterol", "hdl_cholesterol"
UNKNOWN, SAME, DIFFERS = -1, 0, 1
MOST_AT_ONCE = 1 << 18  # estimates in one call, so that their inputs stay small


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
    """An input, or two that move together, with the value of a healthy peer.

    not_in : models of people who all have it, in which it stays the patient's own
    """

    group: str
    variable: str
    healthy: float
    label: str
    not_in: frozenset[str]


@cache
def factors() -> tuple[Factor, ...]:
    """The inputs that are compared with healthy values; age, sex and ancestry stay the patient's own."""
    with (files("precision.treatment") / "healthy.csv").open(encoding="utf-8") as lines:
        rows = pd.read_csv(lines, comment="#", dtype="str", keep_default_na=False)
    return tuple(
        Factor(group, variable, float(healthy), label, frozenset(not_in.split("|")))
        for group, variable, healthy, label, not_in in rows[list(FACTOR)].to_numpy(dtype=str)
    )


def factors_of(model: Model) -> tuple[Factor, ...]:
    """The factors that are set to healthy values in a model's peers."""
    return tuple(factor for factor in factors() if factor.variable in model.inputs and model.name not in factor.not_in)


def factors_read(model: Model, estimate: int) -> tuple[Factor, ...]:
    """Those of them that one estimate reads: body mass index matters to heart failure only."""
    used = frozenset((*model.estimates[estimate].required, *model.optional))
    return tuple(factor for factor in factors_of(model) if factor.variable in used)


def peers(model: Model, result: Result) -> Array:
    """(N, K) risk of a person of the same age and sex with healthy values; NaN where the model has none at that age.

    An optional input that is missing for the patient is missing for the peer.

    Raises
    ------
    InputError : the model gives something other than risks
    """
    if all(estimate.unit != "probability" for estimate in model.estimates):
        _insist_on_risks(model, 0)
    inputs = dict(result.inputs)
    for factor in factors_of(model):
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
    _insist_on_risks(model, estimate)
    if result.status[row, estimate] != OK:
        raise InputError(f"patient '{result.patients[row]}' has no estimate to explain; the finding says why")
    here = {name: values[[row]] for name, values in result.inputs.items()}
    found = _shared(model, here, estimate, _pattern(model, result.take([row]), estimate)[0])
    rows = [
        Contribution(factor.label, _text(factor, _own(factor, here)), _text(factor, _healthy(factor)), float(share[0]))
        for factor, share in found.shares.items()
    ]
    return Contributions(float(found.risk[0]), float(found.peer[0]), tuple(sorted(rows, key=lambda r: -r.share)))


def shares(model: Model, result: Result, estimate: int) -> dict[str, Array]:
    """Group of factors -> (N,) its share of each patient's difference from the healthy peer, as a probability.

    As `contributions`, for a whole cohort: patients who differ in the same inputs are estimated together. NaN where a
    patient has no estimate or the value is not known; a model that does not read a factor has no such key. Time grows
    with N and with 2 ** inputs: some hundred thousand estimates per thousand patients.

    Raises
    ------
    InputError : the model gives something other than risks
    """
    _insist_on_risks(model, estimate)
    patterns = _pattern(model, result, estimate)
    found = {factor.group: np.full(len(result), np.nan) for factor in factors_read(model, estimate)}
    good = np.flatnonzero(result.status[:, estimate] == OK)
    for pattern in np.unique(patterns[good], axis=0):
        alike = good[(patterns[good] == pattern).all(axis=1)]
        step = max(MOST_AT_ONCE >> int(np.count_nonzero(pattern == DIFFERS)), 1)
        for start in range(0, len(alike), step):
            rows = alike[start : start + step]
            here = {name: values[rows] for name, values in result.inputs.items()}
            for factor, share in _shared(model, here, estimate, pattern).shares.items():
                found[factor.group][rows] = share
    return found


def rounded(values: Sequence[float], total: float | None = None, decimals: int = 1) -> tuple[float, ...]:
    """Values rounded up or down so that they add up to ``total``, or to their own rounded sum.

    Those with the largest remainders are rounded up; a 0 stays 0. ``total`` differs from the sum by less than one unit
    of the last decimal, as a difference of two rounded numbers does.
    """
    scale = 10**decimals
    scaled = np.asarray(values, float) * scale
    floor = np.floor(scaled)
    shown = round(float(np.sum(values)) if total is None else total, decimals)  # as it stands on the screen
    short = round(scale * shown) - int(floor.sum())
    floor[np.argsort(floor - scaled, kind="stable")[:short]] += 1
    return tuple(float(value) for value in floor / scale)


def _insist_on_risks(model: Model, estimate: int) -> None:
    unit = model.estimates[estimate].unit
    if unit != "probability":
        raise InputError(f"{model.name} gives {unit}, not risks; only a risk is shared out")


@dataclass(frozen=True, slots=True)
class _Shared:
    """Risks of n patients and of their peers, and the (n,) share of each factor that is known of them."""

    risk: Array
    peer: Array
    shares: Mapping[Factor, Array]


def _pattern(model: Model, result: Result, estimate: int) -> NDArray[np.int8]:
    """(N, F) whether each factor that the estimate reads is unknown, the same as in the peer, or differs."""
    found = [_own(factor, result.inputs) for factor in factors_read(model, estimate)]
    healthy = [_healthy(factor) for factor in factors_read(model, estimate)]
    states = [
        np.where(np.isnan(a), UNKNOWN, np.where(a == b, SAME, DIFFERS)) for a, b in zip(found, healthy, strict=True)
    ]
    return np.array(states, dtype=np.int8).reshape(len(states), len(result)).T


def _shared(model: Model, here: Mapping[str, Array], estimate: int, pattern: NDArray[np.int8]) -> _Shared:
    """The shares of n patients who differ from their peers in the same m factors: n * 2 ** m estimates in one call."""
    read = factors_read(model, estimate)
    known = [factor for factor, state in zip(read, pattern, strict=True) if state != UNKNOWN]
    differ = [factor for factor, state in zip(read, pattern, strict=True) if state == DIFFERS]
    coalitions = (np.arange(2 ** len(differ))[:, None] >> np.arange(len(differ))) & 1
    inputs = _mixed(here, known, differ, coalitions == 1)
    risks = _risks(model, inputs, len(next(iter(inputs.values()))))[:, estimate].reshape(-1, len(coalitions))
    shared = _shapley(risks, coalitions)
    none = np.zeros(len(risks))
    return _Shared(
        risks[:, -1],
        risks[:, 0],
        {factor: shared[differ.index(factor)] if factor in differ else none for factor in [*differ, *known]},
    )


def _mixed(
    here: Mapping[str, Array], known: Sequence[Factor], differ: Sequence[Factor], own: NDArray[np.bool_]
) -> dict[str, Array]:
    """The inputs of every coalition of n patients, a patient's together: (C, m) own says which keep the patient's."""
    count = len(own)
    values = {name: np.repeat(value, count) for name, value in here.items()}
    for factor in known:
        mine = np.repeat(_own(factor, here), count)
        keeps = own[:, differ.index(factor)] if factor in differ else np.zeros(count, dtype=bool)
        values[factor.variable] = np.where(np.tile(keeps, len(mine) // count), mine, _healthy(factor))
    if any(factor.group == NON_HDL for factor in known):
        values[TOTAL] = values[TOTAL] + values[HDL]
    return values


def _own(factor: Factor, here: Mapping[str, Array]) -> Array:
    """(n,) the patients' values; of total cholesterol what is not HDL, so that HDL is counted once."""
    if factor.group != NON_HDL or HDL not in here:
        return here[factor.variable]
    return here[TOTAL] - here[HDL]


def _healthy(factor: Factor) -> float:
    if factor.group != NON_HDL:
        return factor.healthy
    return factor.healthy - next(other.healthy for other in factors() if other.variable == HDL)


def _text(factor: Factor, value: Array | float) -> str:
    return wording.value_text(factor.variable, float(np.ravel(value)[0]))


def _risks(model: Model, inputs: Mapping[str, Array], count: int, extrapolate: bool = True) -> Array:
    """Estimates at given inputs.

    A mixture of the patient's and the healthy values may lie outside the validated range although both lie inside:
    total cholesterol is the sum of two parts. Hence ``extrapolate``.
    """
    frame = pd.DataFrame(
        {name: values for name, values in inputs.items() if name not in model.excluded}, index=range(count)
    )
    return model(frame, extrapolate=extrapolate).value


def _shapley(risks: Array, coalitions: NDArray[np.int_]) -> Array:
    """(m, n) weighted mean over coalitions without an input of what adding it changes; risks are (n, 2 ** m)."""
    m = coalitions.shape[1]
    size = coalitions.sum(axis=1)
    weight = np.array([math.factorial(s) * math.factorial(max(m - s - 1, 0)) for s in range(m + 1)]) / math.factorial(m)
    found = np.zeros((m, len(risks)))
    for i in range(m):
        without = np.flatnonzero(coalitions[:, i] == 0)
        found[i] = (risks[:, without + (1 << i)] - risks[:, without]) @ weight[size[without]]
    return found
