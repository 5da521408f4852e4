"""The patients of an assessment as a list: filtered, sorted, paged and written out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision import wording
from precision.criteria import TRUE
from precision.errors import InputError
from precision.io.export import safe_csv
from precision.result import STATUSES, Array, Estimate, Result
from precision.schema import variables
from precision.treatment.actions import Actions
from precision.workbench.assessment import Assessment
from precision.workbench.data import LEADING
from precision.workbench.query import ALL_AGES, ALL_RISKS, STATES, UNKNOWN, Filter, level_word

Mask = NDArray[np.bool_]
Rows = NDArray[np.intp]

PAGE = 50  # patients on a page
OLDEST = 90  # written for everybody older, as the dictionary asks: a higher age may identify
GROUPINGS = ("ancestry", "ancestry_group")  # as reported, else by genetic similarity
MEASURES = ("systolic_bp", "ldl_cholesterol", "hdl_cholesterol", "egfr")
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
    result, estimate : the risk in question: a model's result, and which of its numbers
    grouping : the category by which patients are told apart
    top : (N,) the rule that stands first among each patient's actions, -1 where none speaks
    columns, orders : columns and sorted rows, kept once they were asked for
    """

    assessment: Assessment
    result: Result
    estimate: int
    grouping: str
    top: Rows
    columns: dict[str, Array] = field(default_factory=dict)
    orders: dict[str, Rows] = field(default_factory=dict)

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
    if model not in assessment.results:
        raise InputError(f"model '{model}' was not run on this cohort; run: {', '.join(assessment.results) or 'none'}")
    result = assessment.results[model]
    known = (
        name for name in GROUPINGS if (values := assessment.features.column(name)) is not None and _any_known(values)
    )
    return Roster(
        assessment=assessment,
        result=result,
        estimate=result.column(outcome, horizon_years),
        grouping=next(known, GROUPINGS[0]),
        top=_top(assessment.actions),
    )


def select(people: Roster, wanted: Filter) -> Mask:
    """(N,) the patients who are meant.

    Raises
    ------
    InputError : the group is no level of the grouping
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
    return kept


def in_group(people: Roster, group: str) -> Mask:
    """(N,) the patients of a group; UNKNOWN are those whose group is not recorded.

    Raises
    ------
    InputError : the group is no level of the grouping
    """
    values = people.column(people.grouping)
    level_word(people.grouping, group)
    return np.isnan(values) if group == UNKNOWN else values == variables()[people.grouping].levels.index(group)


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


def pages(rows: Rows) -> int:
    """How many pages a list has; an empty one has one."""
    return max(1, -(-len(rows) // PAGE))


def on_page(rows: Rows, number: int) -> slice:
    """The places of a list that page 1, 2, ... shows; beyond the last page that is the last."""
    start = PAGE * (min(max(number, 1), pages(rows)) - 1)
    return slice(start, min(start + PAGE, len(rows)))


def frame(people: Roster, rows: Rows) -> pd.DataFrame:
    """Some patients as a table: patient_id, priority (its word), age, sex, group, MEASURES, risk, status, reasons.

    Empty where nothing is known; reasons are machine-readable codes with ';' between them.
    """
    rules = people.assessment.actions.rules
    bits, which = np.unique(people.result.problems[rows] & people.result.relevant[people.estimate], return_inverse=True)
    first = {int(code): int(row) for code, row in zip(bits[which], rows, strict=True)}
    reasons = [";".join(people.result.reasons(first[int(code)], people.estimate)) for code in bits]
    table = {
        "patient_id": people.assessment.features.ids[rows].astype("str"),
        "priority": np.array([*(rule.word for rule in rules), NO_ACTION], dtype=object)[people.top[rows]],
        "age": people.column("age")[rows],
        "sex": _levels(people, "sex", rows),
        people.grouping: _levels(people, people.grouping, rows),
        **{name: people.column(name)[rows] for name in MEASURES},
        "risk": people.column("risk")[rows],
        "low": people.result.low[rows, people.estimate],
        "high": people.result.high[rows, people.estimate],
        "status": np.array(STATUSES, dtype=object)[people.status[rows]],
        "reasons": np.array([*reasons, ""], dtype=object)[which],
    }
    return pd.DataFrame(table, index=pd.RangeIndex(len(rows)))


def write_csv(people: Roster, rows: Rows) -> str:
    """The same table as text that is safe to open in a spreadsheet; ages above OLDEST are written as OLDEST."""
    table = frame(people, rows)
    table["age"] = table["age"].clip(upper=OLDEST)
    return safe_csv(table)


def write_definition(people: Roster, wanted: Filter, order: str, patients: int) -> str:
    """A selection as JSON: who is meant, in which order, by which risk, of which cohort. See `query.read_filter`."""
    cohort = people.assessment.cohort
    facts = {
        "cohort": cohort.name,
        "index_date": cohort.index_date.isoformat(),
        "model": people.result.model,
        "outcome": people.asked.outcome,
        "horizon_years": people.asked.horizon_years,
        "knowledge": dict(people.result.knowledge),
        "grouping": people.grouping,
        "filter": wanted.definition(),
        "order": order,
        "patients": patients,
        "of": len(people),
    }
    return json.dumps(facts, indent=2, ensure_ascii=False)


def _top(actions: Actions) -> Rows:
    shown, ranks = actions.state == TRUE, actions.places
    first = np.where(shown, ranks, len(ranks)).argmin(axis=1)
    return np.where(shown.any(axis=1), first, -1)


def _levels(people: Roster, name: str, rows: Rows) -> NDArray[np.object_]:
    words = np.array([*variables()[name].levels, ""], dtype=object)
    return words[np.nan_to_num(people.column(name)[rows], nan=-1).astype(np.intp)]


def _any_known(values: Array) -> bool:
    return not bool(np.isnan(values).all())
