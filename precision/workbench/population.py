"""Some patients of a cohort taken together: how many, how old, at what risk, and in which groups."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from precision import wording
from precision.result import OK, STATUSES, Array
from precision.workbench.bands import Band
from precision.workbench.disclosure import FEWEST, few
from precision.workbench.query import level_word, risk_range
from precision.workbench.ranking import ATTENTION
from precision.workbench.risks import Kind, Risk, capital
from precision.workbench.roster import Mask, Roster, groups, in_group

FEWEST_COMPUTED = 30  # the spread of fewer estimates says little
MANY = 1000  # from so many patients on the cells are small
AGE_STEPS = (5.0, 2.0)  # years; of few and of many patients
MOST_STEPS = (16, 32)  # cells from no risk to the highest
STEPS: Mapping[Kind, tuple[float, ...]] = MappingProxyType(
    {
        "risk": (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1),
        "score": (1.0, 2.0, 5.0, 10.0, 20.0, 50.0),
        "class": (1.0,),
    }
)
DECADE = 10
OTHER_HORIZON = "Another horizon"


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle of some values: median and quartiles, NaN of none, and of how many."""

    count: int
    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Summary:
    """Some patients in a few figures.

    attention : how many have an action that calls for attention, as the worklist counts them
    not_estimated : status -> how many, each patient once
    reasons : reason code -> how many; a patient may have several
    """

    patients: int
    age: Spread
    risk: Spread
    attention: int
    not_estimated: Mapping[str, int]
    reasons: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class RiskGroup:
    """A group of risk, its range in words, and how many patients are in it; a class has no range, our own no name."""

    name: str
    range: str
    count: int


@dataclass(frozen=True, slots=True)
class Stratum:
    """One group of patients: None where it is too small to be shown, a spread of NaN where too small to compute."""

    name: str
    patients: int | None
    risk: Spread | None


@dataclass(frozen=True, slots=True)
class Density:
    """Patients by age and risk.

    Attributes
    ----------
    ages, risks : (A + 1,) years and (R + 1,) probabilities, points or indices of classes, the edges of the cells
    counts : (R, A) patients in each cell
    median : (A,) median risk at each age, NaN where few patients are (`disclosure`)
    risk : what the risks are, and how they are read
    """

    ages: Array
    risks: Array
    counts: NDArray[np.int64]
    median: Array
    risk: Risk


def spread(values: Array, classes: bool = False) -> Spread:
    """Median and quartiles of the known values; of classes those that somebody is in."""
    known = values[~np.isnan(values)]
    if not len(known):
        return Spread(0, np.nan, np.nan, np.nan)
    method = "inverted_cdf" if classes else "linear"
    low, median, high = (float(x) for x in np.quantile(known, (0.25, 0.5, 0.75), method=method))
    return Spread(len(known), median, low, high)


def summary(people: Roster, kept: Mask) -> Summary:
    """The patients that are kept, in a few figures."""
    rules = people.assessment.actions.rules
    calling = np.array([*((rule.severity, rule.needed) in ATTENTION for rule in rules), False])
    status = np.bincount(people.status[kept], minlength=len(STATUSES))
    bits = people.result.problems[kept] & people.result.relevant[people.estimate]
    found = [(code, int(np.count_nonzero(bits >> i & 1))) for i, code in enumerate(people.result.reason_codes)]
    return Summary(
        patients=int(kept.sum()),
        age=spread(people.column("age")[kept]),
        risk=spread(people.column("risk")[kept], people.risk.kind == "class"),
        attention=int(calling[people.top[kept]].sum()),
        not_estimated={STATUSES[i]: int(n) for i, n in enumerate(status) if n and i != OK},
        reasons={code: n for code, n in sorted(found, key=lambda item: -item[1]) if n},
    )


def risk_groups(people: Roster, kept: Mask) -> tuple[RiskGroup, ...]:
    """How many of the patients that are kept are in each group of the number in question, lowest first.

    Groups hold for their horizon: who was estimated to a chosen age at another one stands in a group at the end.
    """
    found, risk = people.risk.bands, people.column("risk")[kept]
    ahead = people.result.horizon(people.estimate)[kept] if people.risk.chosen_age else None
    other = np.zeros(len(risk), dtype=bool) if ahead is None else ~np.isclose(ahead, people.asked.horizon_years)
    counts = np.bincount(found.of(np.where(other, np.nan, risk)) + 1, minlength=len(found.bands) + 1)[1:]
    known = tuple(RiskGroup(*_words(people.risk, band), int(n)) for band, n in zip(found.bands, counts, strict=True))
    if ahead is None:
        return known
    return (*known, RiskGroup(OTHER_HORIZON, "to a chosen age", int(np.count_nonzero(other & ~np.isnan(risk)))))


def _words(risk: Risk, band: Band) -> tuple[str, str]:
    """Name and range of a group: 'Low' and 'below 3%', 'High' and '15 to 20', 'G3a' and nothing."""
    if risk.kind == "class":
        return capital(wording.level(band.name)), ""
    if risk.kind == "risk":
        return band.name, risk_range(band.low, min(band.below, 1.0))
    if math.isinf(band.below):
        return band.name, f"{band.low:g} or more"
    return band.name, f"{band.low:g} to {band.below - 1:g}"


def strata(people: Roster, kept: Mask) -> tuple[Stratum, ...]:
    """The patients that are kept by group; groups of nobody are left out."""
    risk = people.column("risk")
    found: list[Stratum] = []
    for group in groups(people):
        members = kept & in_group(people, group)
        if members.any():
            found.append(_stratum(people, level_word(people.grouping, group), risk[members]))
    return tuple(found)


def _stratum(people: Roster, name: str, risk: Array) -> Stratum:
    if few(len(risk)):
        return Stratum(name, None, None)
    found = spread(risk, people.risk.kind == "class")
    known = found if found.count >= FEWEST_COMPUTED else Spread(found.count, np.nan, np.nan, np.nan)
    return Stratum(name, len(risk), known)


def decades(people: Roster, kept: Mask) -> tuple[Stratum, ...]:
    """The patients that are kept by ten years of age; those of unknown age come last."""
    risk, decade = people.column("risk")[kept], np.floor(people.column("age")[kept] / DECADE)
    found: list[Stratum] = []
    for start in np.unique(decade[~np.isnan(decade)]):
        here = risk[decade == start]
        found.append(_stratum(people, f"{DECADE * start:.0f} to {DECADE * start + DECADE - 1:.0f}", here))
    unknown = risk[np.isnan(decade)]
    return (*found, _stratum(people, "Age not recorded", unknown)) if len(unknown) else tuple(found)


def density(people: Roster, kept: Mask) -> Density | None:
    """Risk by age of the patients that are kept, counted in cells; None where nobody has both."""
    rows = people.order("Lowest risk first")  # so that the risks of each age are in order too
    rows = rows[kept[rows]]
    age, risk = people.column("age")[rows], people.column("risk")[rows]
    known = ~np.isnan(age) & ~np.isnan(risk)
    age, risk = age[known], risk[known]
    if not len(age):
        return None
    many, steps = len(age) >= MANY, STEPS[people.risk.kind]
    years, most = AGE_STEPS[many], MOST_STEPS[many]
    step = next((size for size in steps if risk[-1] < most * size), steps[-1])
    ages = years * np.arange(age.min() // years, age.max() // years + 2)
    highest = len(people.asked.levels) or int(risk[-1] // step) + 1
    risks = np.arange(highest + 1, dtype=np.float64) * step
    shape = (len(risks) - 1, len(ages) - 1)
    row = np.repeat(np.arange(shape[0]), np.diff(np.searchsorted(risk, risks[1:-1]), prepend=0, append=len(risk)))
    column = (age // years - ages[0] // years).astype(np.int16)
    counts = np.bincount(row * shape[1] + column, minlength=shape[0] * shape[1]).reshape(shape)
    return Density(ages, risks, counts, _medians(column, risk, shape[1], people.risk.kind == "class"), people.risk)


def _medians(column: NDArray[np.int16], risk: Array, columns: int, classes: bool) -> Array:
    """(columns,) median of the risks of each column, which come in ascending order; of classes one that somebody is in.

    NaN where few are (`disclosure`).
    """
    risk = risk[np.argsort(column, kind="stable")]
    count = np.bincount(column, minlength=columns)
    start = np.cumsum(count) - count
    found = np.full(columns, np.nan)
    many = np.flatnonzero(count >= FEWEST)
    lower, upper = (risk[start[many] + (count[many] - more) // 2] for more in (1, 0))
    found[many] = lower if classes else (lower + upper) / 2
    return found
