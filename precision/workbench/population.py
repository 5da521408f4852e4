"""Some patients of a cohort taken together: how many, how old, at what risk, and in which groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from precision.coefficients import Coefficients
from precision.result import OK, STATUSES, Array, Citation
from precision.workbench.query import level_word, risk_range
from precision.workbench.ranking import ATTENTION
from precision.workbench.roster import Mask, Roster, groups, in_group

FEWEST_SHOWN = 5  # smaller groups are not shown, to protect privacy
FEWEST_COMPUTED = 30  # the spread of fewer estimates says little
FEWEST_IN_CELL = 5  # ages with fewer patients have no median
MANY = 1000  # from so many patients on the cells are small
AGE_STEPS = (5.0, 2.0)  # years; of few and of many patients
MOST_STEPS = (16, 32)  # cells from no risk to the highest
RISK_STEPS = (0.0025, 0.005, 0.01, 0.02, 0.05, 0.1)
DECADE = 10
GUIDELINE = Citation(
    "ACC/AHA 2026, dyslipidemia guideline: PREVENT-ASCVD risk groups", "10.1161/CIR.0000000000001423", 2026
)


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
    """A range of risk of a guideline, and how many patients are in it."""

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
    ages, risks : (A + 1,) years and (R + 1,) probabilities, the edges of the cells
    counts : (R, A) patients in each cell
    median : (A,) median risk at each age, NaN where fewer than FEWEST_IN_CELL patients are
    """

    ages: Array
    risks: Array
    counts: NDArray[np.int64]
    median: Array


def spread(values: Array) -> Spread:
    """Median and quartiles of the known values."""
    known = values[~np.isnan(values)]
    if not len(known):
        return Spread(0, np.nan, np.nan, np.nan)
    low, median, high = (float(x) for x in np.quantile(known, (0.25, 0.5, 0.75)))
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
        risk=spread(people.column("risk")[kept]),
        attention=int(calling[people.top[kept]].sum()),
        not_estimated={STATUSES[i]: int(n) for i, n in enumerate(status) if n and i != OK},
        reasons={code: n for code, n in sorted(found, key=lambda item: -item[1]) if n},
    )


@cache
def bounds() -> Coefficients:
    """The risk groups of the guideline: from (included) and below (excluded), as probabilities."""
    return Coefficients.read("risk_groups", "precision.workbench")


def risk_groups(people: Roster, kept: Mask) -> tuple[RiskGroup, ...]:
    """How many of the patients that are kept have a risk in each group of the guideline, lowest first."""
    table, risk = bounds(), people.column("risk")[kept]
    lowest = table.values[:, table.strata.index("from")]
    counts = np.bincount(np.searchsorted(lowest, risk[~np.isnan(risk)], side="right") - 1, minlength=len(lowest))
    return tuple(
        RiskGroup(name, risk_range(*map(float, limits)), int(count))
        for name, limits, count in zip(table.terms, table.values, counts, strict=True)
    )


def strata(people: Roster, kept: Mask) -> tuple[Stratum, ...]:
    """The patients that are kept by group; groups of nobody are left out."""
    risk = people.column("risk")
    found: list[Stratum] = []
    for group in groups(people):
        members = kept & in_group(people, group)
        if count := int(members.sum()):
            found.append(_stratum(level_word(people.grouping, group), count, risk[members]))
    return tuple(found)


def _stratum(name: str, count: int, risk: Array) -> Stratum:
    if count < FEWEST_SHOWN:
        return Stratum(name, None, None)
    found = spread(risk)
    few = found.count < FEWEST_COMPUTED
    return Stratum(name, count, Spread(found.count, np.nan, np.nan, np.nan) if few else found)


def decades(people: Roster, kept: Mask) -> tuple[Stratum, ...]:
    """The patients that are kept by ten years of age; those of unknown age come last."""
    risk, decade = people.column("risk")[kept], np.floor(people.column("age")[kept] / DECADE)
    found: list[Stratum] = []
    for start in np.unique(decade[~np.isnan(decade)]):
        here = risk[decade == start]
        found.append(_stratum(f"{DECADE * start:.0f} to {DECADE * start + DECADE - 1:.0f}", len(here), here))
    unknown = risk[np.isnan(decade)]
    return (*found, _stratum("Age not recorded", len(unknown), unknown)) if len(unknown) else tuple(found)


def density(people: Roster, kept: Mask) -> Density | None:
    """Risk by age of the patients that are kept, counted in cells; None where nobody has both."""
    age, risk = people.column("age")[kept], people.column("risk")[kept]
    known = ~np.isnan(age) & ~np.isnan(risk)
    age, risk = age[known], risk[known]
    if not len(age):
        return None
    many = len(age) >= MANY
    years, most = AGE_STEPS[many], MOST_STEPS[many]
    step = next((size for size in RISK_STEPS if risk.max() < most * size), RISK_STEPS[-1])
    ages = years * np.arange(age.min() // years, age.max() // years + 2)
    risks = np.arange(int(risk.max() // step) + 2, dtype=np.float64) * step
    shape = (len(risks) - 1, len(ages) - 1)
    row, column = (
        np.minimum(np.searchsorted(edges, values, side="right"), len(edges) - 1) - 1
        for edges, values in ((risks, risk), (ages, age))
    )
    counts = np.bincount(row * shape[1] + column, minlength=shape[0] * shape[1]).reshape(shape)
    return Density(ages, risks, counts, _medians(column, risk, shape[1]))


def _medians(column: NDArray[np.intp], risk: Array, columns: int) -> Array:
    """(columns,) median risk of the patients of each column: those of a column stand together once sorted."""
    order = np.lexsort((risk, column))
    ends = np.cumsum(np.bincount(column, minlength=columns))
    found = np.full(columns, np.nan)
    for k, (start, end) in enumerate(zip((0, *ends), ends, strict=False)):
        if end - start >= FEWEST_IN_CELL:
            found[k] = np.median(risk[order[start:end]])
    return found
