"""Medicines whose dose is computed: what an equation gives leads, and a dose that is taken already is compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from precision.pgx.advice import Advice, advice
from precision.pgx.advising import HOW, SEVERAL, UNDETERMINED, Advised
from precision.pgx.bearing import Dosing, ranged, starts

COMPUTED = ("warfarin",)
SETTLED_DAYS = 28
"""Days of use after which advice on starting is past. Ours: DPWG's starting dose is for the first five days, and the
INR has guided the dose for weeks by then."""
MONITOR = 2  # urgency of advice that only asks to watch
LAST, PLAIN, RANGED = 3000, 2000, 1000  # among equals: rows on one gene; on all, without a dose; with a range
Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Doses:
    """Of N people: mg a week by an equation that counts the genes, and mg a day taken for long; NaN = not known."""

    equation: str
    weekly: Array
    steady: Array


@dataclass(frozen=True, slots=True)
class Personal:
    """What is known of N people beside genes and populations.

    never : medicine -> (N,) who must not be given it, whatever the genes say; doses : medicine -> its doses
    """

    never: Mapping[str, Mask] = field(default_factory=lambda: MappingProxyType({}))
    doses: Mapping[str, Doses] = field(default_factory=lambda: MappingProxyType({}))


def by_dose(advised: Advised, person: NDArray[np.intp], drug: NDArray[np.str_], doses: Mapping[str, Doses]) -> Advised:
    """Answers on medicines whose dose is computed, in their order.

    Where an equation gives a dose, the row that asks for it leads; else the lowest share of the usual dose does. For
    somebody who takes the medicine for long a range of maintenance doses leads: a recorded dose inside it is only to
    be watched, and advice on starting too.

    Parameters
    ----------
    person, drug : (M,) of each pair
    doses : medicine -> what is known of it
    """
    mine = np.logical_or.reduce([drug == name for name in COMPUTED])[advised.pair]
    if not mine.any():
        return advised
    decided = mine & (advised.how != HOW.index(UNDETERMINED))
    order = np.argsort(np.where(decided, _order()[advised.row], 0), kind="stable")
    advised = Advised(
        advised.pair[order], advised.row[order], advised.how[order], advised.urgency[order], advised.open[order]
    )
    urgency, first = advised.urgency.copy(), np.zeros(len(advised), np.bool_)
    for name, known in doses.items():
        here = np.flatnonzero(drug[advised.pair] == name)
        pair, row = advised.pair[here], advised.row[here]
        taken, weekly = known.steady[person[pair]], known.weekly[person[pair]]
        low, high = (of[row] for of in _ranges())
        ranged = ~np.isnan(low) & ~np.isnan(taken) & (advised.how[here] <= HOW.index(SEVERAL))
        compared = np.isin(pair, pair[ranged])
        within = ranged & (low <= taken) & (taken <= high)
        waits = advised.how[here] == HOW.index(UNDETERMINED)
        calm = within | (compared & (_starts()[row] | waits) & (urgency[here] > MONITOR))
        urgency[here[calm]] = MONITOR
        first[here] = np.where(compared, ranged, _asks_for_equation()[row] & ~np.isnan(weekly))
    return replace(advised, urgency=urgency, first=first)


def dosing_of(rows: Sequence[Advice], person: int, doses: Mapping[str, Doses], clinical: bool) -> Dosing | None:
    """What the titles of a person's answers on one medicine say of its dose; None where nothing is known.

    rows : of those answers that a result decided
    clinical : they rest on what else is taken, which the equation does not count
    """
    known = doses.get(rows[0].drug) if rows else None
    if known is None:
        return None
    taken, weekly = float(known.steady[person]), float(known.weekly[person])
    compared = not np.isnan(taken) and any(ranged(row) for row in rows)
    computed = not np.isnan(weekly) and not clinical
    return Dosing(known.equation, weekly if computed else None, taken if compared else None)


@cache
def _ranges() -> tuple[Array, Array]:
    """For each row of `advice` the range of its maintenance dose of a computed medicine, mg a day; NaN = none."""
    found = [
        (row.dose.low, row.dose.high) if row.dose and ranged(row) and row.drug in COMPUTED else (np.nan, np.nan)
        for row in advice()
    ]
    low, high = np.array(found, np.float64).T
    return low, high


@cache
def _starts() -> Mask:
    return np.array([starts(row) for row in advice()])


@cache
def _asks_for_equation() -> Mask:
    """For each row of `advice`, whether it asks for a dose by an equation that counts several genes."""
    return np.array([row.action == "calculate_dose" and row.dose is None and len(row.genes) > 1 for row in advice()])


@cache
def _order() -> NDArray[np.intp]:
    """For each row of `advice` its place among equals: the lowest share of a dose first."""
    return np.array([_place(row) for row in advice()], np.intp)


def _place(row: Advice) -> int:
    if row.dose is not None and row.dose.relative:
        return int(row.dose.low)
    if ranged(row):
        return RANGED
    return PLAIN if len(row.genes) > 1 else LAST
