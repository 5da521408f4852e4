"""Some patients of a roster as a table: a page of them, and all of them written out."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.io.export import safe_csv
from precision.result import STATUSES
from precision.schema import variables
from precision.workbench.query import Filter
from precision.workbench.roster import NO_ACTION, Roster, Rows

PAGE = 50  # patients on a page
OLDEST = 90  # written for everybody older, as the dictionary asks: a higher age may identify
MEASURES = ("systolic_bp", "ldl_cholesterol", "hdl_cholesterol", "egfr")


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
    """The same table as text that is safe to open in a spreadsheet, with the model, the outcome and the horizon.

    Ages above OLDEST are written as OLDEST, classes by their names.
    """
    table, levels = frame(people, rows), people.asked.levels
    table["age"] = table["age"].clip(upper=OLDEST)
    if levels:
        names = np.array([*levels, ""], dtype=object)
        table["risk"] = names[np.nan_to_num(people.column("risk")[rows], nan=-1).astype(np.intp)]
    facts = {"model": people.result.model, "outcome": people.asked.outcome}
    for name, values in (*facts.items(), ("horizon_years", people.result.horizon(people.estimate)[rows])):
        table[name] = values
    return safe_csv(table)


def write_definition(people: Roster, wanted: Filter, order: str, patients: int) -> str:
    """A selection as JSON: who is meant, in which order, by which risk, of which cohort. See `query.read_filter`."""
    cohort, years = people.assessment.cohort, people.asked.horizon_years
    facts = {
        "cohort": cohort.name,
        "index_date": cohort.index_date.isoformat(),
        "model": people.result.model,
        "outcome": people.asked.outcome,
        "horizon_years": None if math.isnan(years) else years,
        "knowledge": dict(people.result.knowledge),
        "grouping": people.grouping,
        "filter": wanted.definition(),
        "order": order,
        "patients": patients,
        "of": len(people),
    }
    return json.dumps(facts, indent=2, ensure_ascii=False)


def _levels(people: Roster, name: str, rows: Rows) -> NDArray[np.object_]:
    words = np.array([*variables()[name].levels, ""], dtype=object)
    return words[np.nan_to_num(people.column(name)[rows], nan=-1).astype(np.intp)]
