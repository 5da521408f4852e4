"""Points of integer scores: what a class is worth, and what is published for a sum of points."""

import numpy as np

from precision.coefficients import Coefficients
from precision.result import Array


def graded(
    values: Array,
    coefficients: Coefficients,
    reached: tuple[str, ...],
    passed: tuple[str, ...] = (),
    column: str = "points",
) -> Array:
    """What the highest class is worth that a value belongs to.

    Parameters
    ----------
    values : (n,) NaN = missing
    coefficients : strata ``cut``, where a class begins, and ``column``, what it is worth
    reached : classes in rising order whose cut belongs to them
    passed : further classes above them, whose cut belongs to the class below

    Returns
    -------
    (n,) 0 below every class, NaN where the value is missing
    """
    cut, worth = (coefficients.strata.index(name) for name in ("cut", column))
    total = np.where(np.isnan(values), np.nan, 0.0)
    for name in reached:
        total[values >= coefficients.of(name, cut)] = coefficients.of(name, worth)
    for name in passed:
        total[values > coefficients.of(name, cut)] = coefficients.of(name, worth)
    return total


def rate(score: Array, coefficients: Coefficients, scores: range, column: str) -> Array:
    """(n,) what the terms ``score_<n>`` say of these scores; NaN for other scores and where the score is missing."""
    stratum = coefficients.strata.index(column)
    known = np.array([*(coefficients.of(f"score_{points}", stratum) for points in scores), np.nan])
    place = np.rint(score) - scores.start
    outside = ~((place >= 0) & (place < len(scores)))
    return known[np.where(outside, len(scores), place).astype(np.intp)]
