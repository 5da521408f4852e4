"""The patients of an assessment by the risk to look at: filtered, grouped and sorted."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from precision import wording
from precision.criteria import TRUE
from precision.errors import InputError
from precision.result import Array, Estimate, Result
from precision.schema import variables
from precision.treatment.actions import Actions
from precision.workbench.assessment import Assessment
from precision.workbench.data import LEADING
from precision.workbench.declining import declined
from precision.workbench.dueness import due_for, planned
from precision.workbench.memberships import Mask, Memberships, gather
from precision.workbench.phenotyped import having, phenotyped
from precision.workbench.query import ALL_AGES, ALL_RISKS, STATES, UNKNOWN, Filter, level_word
from precision.workbench.risks import Risk, risk_of
from precision.workbench.thresholds import asked_for, judged

Rows = NDArray[np.intp]

GROUPINGS = ("ancestry", "ancestry_group")  # as reported, else by genetic similarity
NO_ACTION = "No action"
# What a list can be ordered by: column, and whether its largest values come first.
ORDERS: Mapping[str, tuple[str, bool]] = MappingProxyType(
    {
        "Highest risk first": ("risk", True),
        "Lowest risk first": ("risk", False),
        "Most urgent first": ("urgency", False),
        "Oldest first": ("age", True),
        "Youngest first": ("age", False),
        "Highest systolic pressure first": ("systolic_bp", True),
        "Highest LDL cholesterol first": ("ldl_cholesterol", True),
        "Lowest eGFR first": ("egfr", False),
        "As loaded": ("", False),
    }
)


@dataclass(frozen=True, slots=True)
class Roster:
    """The N patients of an assessment with the risk to look at.

    Attributes
    ----------
    result, estimate, risk : the number in question: a model's result, which of its numbers, and how it is read
    grouping : the category by which patients are told apart
    top : (N,) the rule that stands first among each patient's actions, -1 where none speaks
    columns, orders, members : columns, sorted rows, and who is in which group, kept once they were asked for
    """

    assessment: Assessment
    result: Result
    estimate: int
    risk: Risk
    grouping: str
    top: Rows
    columns: dict[str, Array] = field(default_factory=dict)
    orders: dict[str, Rows] = field(default_factory=dict)
    members: dict[str, Memberships] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.assessment.features)

    @property
    def asked(self) -> Estimate:
        """The number in question."""
        return self.result.estimates[self.estimate]

    @property
    def status(self) -> NDArray[np.int8]:
        """(N,) index into STATUSES."""
        return self.result.status[:, self.estimate]

    @property
    def treatments(self) -> Memberships:
        """Whom each treatment rule speaks to; see `thresholds`."""
        if "treatments" not in self.members:
            self.members["treatments"] = judged(self.assessment.actions)
        return self.members["treatments"]

    @property
    def plan(self) -> Memberships:
        """Who is due by each screening rule; see `dueness`."""
        if "plan" not in self.members:
            self.members["plan"] = planned(self.assessment.plan)
        return self.members["plan"]

    @property
    def phenotypes(self) -> Memberships:
        """Who has which phenotype of which gene, those who declined aside; see `phenotyped`."""
        if "phenotypes" not in self.members:
            calls, hidden = self.assessment.calls, declined(self.assessment.cohort)
            self.members["phenotypes"] = gather((), len(self)) if calls is None else phenotyped(calls, hidden)
        return self.members["phenotypes"]

    def asking(self, risk: Risk) -> Roster:
        """The same patients by another number; what does not depend on it is shared.

        Raises
        ------
        InputError : the model was not run, or has no such number
        """
        years = risk.estimate.horizon_years
        result, estimate = _number(
            self.assessment, risk.model, risk.estimate.outcome, None if math.isnan(years) else years
        )
        return replace(
            self,
            result=result,
            estimate=estimate,
            risk=risk,
            columns={name: values for name, values in self.columns.items() if name != "risk"},
            orders={name: rows for name, rows in self.orders.items() if ORDERS[name][0] != "risk"},
        )

    def column(self, name: str) -> Array:
        """(N,) values of "risk", "urgency" (0 first) or a variable; NaN where nothing is known."""
        if name not in self.columns:
            self.columns[name] = np.ascontiguousarray(self._column(name))
        return self.columns[name]

    def _column(self, name: str) -> Array:
        if name == "risk":
            return self.result.value[:, self.estimate]
        if name == "urgency":
            return np.array([*(float(rule.place) for rule in self.assessment.actions.rules), np.nan])[self.top]
        values = self.assessment.features.column(name)
        return np.full(len(self), np.nan) if values is None else values

    def order(self, name: str) -> Rows:
        """(N,) rows in one of ORDERS; what is not known last, equals as they were loaded.

        Raises
        ------
        InputError : no such order
        """
        if name not in ORDERS:
            raise InputError(f"order '{name}' is unknown; known: {', '.join(ORDERS)}")
        if name not in self.orders:
            column, largest_first = ORDERS[name]
            values = self.column(column) if column else np.zeros(len(self))
            self.orders[name] = np.argsort(-values if largest_first else values, kind="stable")
        return self.orders[name]


def roster(assessment: Assessment, model: str = LEADING, outcome: str = "ascvd", horizon_years: float = 10.0) -> Roster:
    """The patients of an assessment; they are grouped by the first of GROUPINGS that anybody has recorded.

    Raises
    ------
    InputError : the model was not run, or has no such outcome or horizon
    """
    result, estimate = _number(assessment, model, outcome, horizon_years)
    known = (
        name for name in GROUPINGS if (values := assessment.features.column(name)) is not None and _any_known(values)
    )
    return Roster(
        assessment=assessment,
        result=result,
        estimate=estimate,
        risk=risk_of(result, estimate),
        grouping=next(known, GROUPINGS[0]),
        top=_top(assessment.actions),
    )


def _number(assessment: Assessment, model: str, outcome: str, years: float | None) -> tuple[Result, int]:
    if model not in assessment.results:
        raise InputError(f"model '{model}' was not run on this cohort; run: {', '.join(assessment.results) or 'none'}")
    result = assessment.results[model]
    return result, result.column(outcome, years)


def select(people: Roster, wanted: Filter) -> Mask:
    """(N,) the patients who are meant.

    Raises
    ------
    InputError : the group is no level of the grouping, or the number in question has no such band
    """
    kept = np.ones(len(people), dtype=bool)
    if wanted.sex:
        kept &= people.column("sex") == variables()["sex"].levels.index(wanted.sex)
    if wanted.age != ALL_AGES:
        years, (youngest, oldest) = np.floor(people.column("age")), wanted.age
        kept &= (years >= youngest) & ((years <= oldest) | (oldest == ALL_AGES[1]))
    if wanted.risk != ALL_RISKS:
        risk, (low, below) = people.column("risk"), wanted.risk
        kept &= (risk >= low) & ((risk < below) | (below == ALL_RISKS[1]))
    if wanted.group:
        kept &= in_group(people, wanted.group)
    for name in wanted.recorded:
        kept &= people.column(name) == 1
    if wanted.state:
        kept &= np.isin(people.status, STATES[wanted.state])
    if wanted.band:
        kept &= in_band(people, wanted.band)
    for mask in _told(people, wanted):
        kept &= mask
    return kept


def _told(people: Roster, wanted: Filter) -> Iterator[Mask]:
    """Whom the rules and the genes that are asked for speak of."""
    if wanted.asks:
        yield asked_for(people.assessment.actions, wanted.asks)
    if wanted.due:
        which, _, rule = wanted.due.partition(":")
        yield due_for(people.assessment.plan, which, rule)
    if wanted.gene:
        gene, _, phenotype = wanted.gene.partition(":")
        yield having(people.phenotypes, gene, phenotype)


def in_group(people: Roster, group: str) -> Mask:
    """(N,) the patients of a group; UNKNOWN are those whose group is not recorded.

    Raises
    ------
    InputError : the group is no level of the grouping
    """
    values = people.column(people.grouping)
    level_word(people.grouping, group)
    return np.isnan(values) if group == UNKNOWN else values == variables()[people.grouping].levels.index(group)


def in_band(people: Roster, band: str) -> Mask:
    """(N,) the patients in a class or group of the number in question.

    Raises
    ------
    InputError : it has no such group
    """
    names = [one.name for one in people.risk.bands.bands]
    if band not in names:
        raise InputError(f"{people.risk.name} has no group '{band}'; it has {', '.join(filter(None, names)) or 'none'}")
    return people.risk.bands.of(people.column("risk")) == names.index(band)


def groups(people: Roster) -> tuple[str, ...]:
    """The groups that at least one patient belongs to, UNKNOWN last."""
    values = people.column(people.grouping)
    known = variables()[people.grouping].levels
    here = tuple(known[int(code)] for code in np.unique(values[~np.isnan(values)]))
    return (*here, UNKNOWN) if np.isnan(values).any() else here


def recordable(people: Roster) -> tuple[str, ...]:
    """The diagnoses and medicines that at least one patient has, in the order of their labels."""
    features = people.assessment.features
    asked = [name for name in features.names if variables()[name].kind == "boolean"]
    found = [
        name
        for name in asked
        if variables()[name].table in ("conditions", "medications") and (people.column(name) == 1).any()
    ]
    return tuple(sorted(found, key=lambda name: wording.label(name).casefold()))


def ordered(people: Roster, kept: Mask, order: str) -> Rows:
    """(n,) the rows that are kept, in one of ORDERS."""
    rows = people.order(order)
    return rows[kept[rows]]


def _top(actions: Actions) -> Rows:
    shown, ranks = actions.state == TRUE, actions.places
    first = np.where(shown, ranks, len(ranks)).argmin(axis=1)
    return np.where(shown.any(axis=1), first, -1)


def _any_known(values: Array) -> bool:
    return not bool(np.isnan(values).all())
