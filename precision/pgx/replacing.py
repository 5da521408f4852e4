"""Advice for those who take something else: the rows that it stands for where that is so."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from precision.pgx.advice import BODIES, NOT_TOGETHER, advice
from precision.pgx.populations import needs

Mask = NDArray[np.bool_]
AVOID = 6  # urgency of what must not be given


def unreplaced(
    pair: NDArray[np.intp], row: NDArray[np.int32], urgency: NDArray[np.int8], opened: Mask, how: tuple[Mask, Mask]
) -> Mask:
    """(M,) the answers that no other of the same body and pair replaces.

    A row for those who take something else speaks where its population is known to be the person's. It stands for
    every other row of its body on the medicine that asks for no more, and for those of its kind that ask for less, or
    for as much and need less. What is to be avoided by the genes stays so whatever else is taken.

    Parameters
    ----------
    pair, row, urgency, opened : (M,) as `Advised` has them
    how : (M,) reached by a known result, and as one of several that cannot be told apart
    """
    certain, several = how
    met = _stands_for()[row] & ~opened & (certain | several)
    if not met.any():
        return np.ones(len(row), np.bool_)
    _, key = np.unique(pair * len(BODIES) + _bodies()[row], return_inverse=True)
    most, surely, rank = *np.full((2, key.max() + 1), -1.0), urgency + _needed()[row]
    np.maximum.at(most, key[met], urgency[met])
    np.maximum.at(surely, key[met & certain], rank[met & certain])
    return np.where(met, rank >= surely[key], (urgency > most[key]) | ((urgency >= AVOID) & ~opened))


@cache
def for_others() -> Mask:
    """For each row of `advice`, whether it is for those who take something else, or nothing of a kind."""
    return np.array([row.population in needs() for row in advice()])


@cache
def _stands_for() -> Mask:
    """Those of them that say what else to do, and not only that two medicines do not go together."""
    return np.array([row.population in needs() and row.action != NOT_TOGETHER for row in advice()])


@cache
def _needed() -> NDArray[np.float64]:
    """For each row of `advice`, by how much it counts what its population needs; less than one step of urgency."""
    return np.array([len(needs().get(row.population, ())) / 10 for row in advice()])


@cache
def _bodies() -> NDArray[np.intp]:
    """For each row of `advice` its body, as a number."""
    return np.unique([row.body for row in advice()], return_inverse=True)[1]
