"""Absolute risk of a cancer over a span of ages, where other deaths compete and rates are constant in bands of age."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from precision.coefficients import Coefficients
from precision.model import Derivation, Inputs, Mask, Rule
from precision.result import Array

PROJECTION_AGE = Derivation(
    "projection_age",
    "age_and_projection_years",
    ("age", "projection_years"),
    lambda x: x["age"] + x["projection_years"],
)


def band_edges(coefficients: Coefficients, prefix: str = "competing_") -> tuple[int, ...]:
    """Where the bands of age begin and the last one ends, from terms such as ``competing_35_39``."""
    spans = [name.removeprefix(prefix).split("_") for name in coefficients.terms if name.startswith(prefix)]
    return (*(int(low) for low, _ in spans), int(spans[-1][1]) + 1)


def rates(coefficients: Coefficients, prefix: str) -> Array:
    """(B, S) rates of the bands that begin with a prefix, in each stratum."""
    names = [f"{prefix}{band}" for band in band_names(band_edges(coefficients))]
    return coefficients.values[[coefficients.terms.index(name) for name in names]]


def band_names(edges: Sequence[int]) -> tuple[str, ...]:
    """The bands as terms write them: ``35_39``."""
    return tuple(f"{low}_{high - 1}" for low, high in pairwise(edges))


def end_of_span(x: Inputs, horizon_years: float, last_age: float) -> Array:
    """(n,) age that a risk reaches to: the projection age, else so many years from now, at most the last age."""
    asked = x["projection_age"]
    return np.where(np.isnan(asked), np.minimum(x["age"] + horizon_years, last_age), asked)


def absolute_risk(
    age: Array, end: Array, edges: Sequence[int], cause: Sequence[Array], competing: Sequence[Array]
) -> Array:
    """Sum over the bands of cause / total rate x free of it so far x (1 - exp(-total rate x years in the band)).

    Parameters
    ----------
    age, end : (n,) years, the span
    edges : B + 1 ages
    cause, competing : B rates a year of (n,) each, of the cancer and of other deaths

    Returns
    -------
    (n,) probability; NaN where the span is empty or reaches beyond the rates. A first age is taken to the nearest year
    when it is held against the first edge.
    """
    risk, hazard, free = np.zeros_like(age), np.zeros_like(age), np.ones_like(age)
    for (low, high), own, other in zip(pairwise(edges), cause, competing, strict=True):
        years = np.minimum(np.maximum(end, low), high)
        years -= np.minimum(np.maximum(age, low), high)
        total = own + other
        hazard += total * years
        left = np.exp(-hazard)
        risk += own / total * (free - left)
        free = left
    return np.where(_beyond(age, end, edges), np.nan, risk)


def average_risk(
    age: Array, end: Array, edges: Sequence[int], cause: Array, competing: Array, stratum: NDArray[np.intp]
) -> Array:
    """The same risk where the rates are those of a stratum, by sums over the bands that are made once for each stratum.

    Parameters
    ----------
    age, end, edges : as above
    cause, competing : (B, S) rates a year
    stratum : (n,) column of each person

    Returns
    -------
    (n,) probability
    """
    total, low = cause + competing, np.array(edges[:-1])
    free = np.exp(-np.cumsum(total * np.diff(edges)[:, np.newaxis], axis=0))
    free = np.vstack([np.ones(total.shape[1]), free])
    risk = np.cumsum(cause / total * (free[:-1] - free[1:]), axis=0)
    risk = np.vstack([np.zeros(total.shape[1]), risk])

    def until(ages: Array) -> tuple[Array, Array]:
        """Risk from the first edge to an age, and the chance to reach it free of the cancer."""
        band = np.clip(np.searchsorted(low, ages, side="right") - 1, 0, len(low) - 1)
        here, rate = free[band, stratum], total[band, stratum]
        left = here * np.exp(rate * (low[band] - ages))
        return risk[band, stratum] + cause[band, stratum] / rate * (here - left), left

    (before, reached), (after, _) = until(age), until(end)
    return np.where(_beyond(age, end, edges), np.nan, (after - before) / reached)


def _beyond(age: Array, end: Array, edges: Sequence[int]) -> Mask:
    return (end <= age) | (end > edges[-1]) | (np.rint(age) < edges[0]) | np.isnan(age)


def span_rules(last_age: float, outcomes: tuple[str, ...]) -> tuple[Rule, ...]:
    """Reasons against an age to project to that is not ahead, or is beyond the rates."""

    def holds(refused: Callable[[Inputs], Mask], name: str) -> Rule:
        return Rule("range", name, refused, outcomes)

    return (
        holds(lambda x: x["projection_age"] <= x["age"], "projection_not_ahead"),
        holds(lambda x: x["projection_age"] > last_age, "projection_beyond_rates"),
    )
