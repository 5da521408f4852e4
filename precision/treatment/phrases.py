"""The words of rules with each patient's values in them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from precision import wording
from precision.criteria import Facts
from precision.result import Array
from precision.treatment.rules import Rule

Places = NDArray[np.intp]
PLACEHOLDER = re.compile(r"{([^}]+)}")
NAMES_SHOWN = 2  # names in a list; the rest is counted


def filled(template: str, rule: Rule, facts: Facts, rows: Places) -> list[str]:
    """The template for each of the rows, with the patient's value in place of {subject}.

    {missing} and {outside} are the inputs for want of which the rule's estimate has no value, {blood_pressure}
    is systolic over diastolic.
    """
    parts = PLACEHOLDER.split(template)
    columns = [_column(part, rule, facts, rows) if i % 2 else [part] * len(rows) for i, part in enumerate(parts)]
    return ["".join(pieces) for pieces in zip(*columns, strict=True)]


def texts(subject: str, facts: Facts, rows: Places) -> list[str]:
    """The value of a subject for each of the rows as people read it; each distinct value is worded once."""
    values = facts.number(subject)[rows]
    found = facts.estimate(subject)
    if found is not None and "|" not in subject:
        unit = found[0].estimates[found[1]].unit
        return _each(values, lambda value: wording.quantity(value, unit))
    name = subject.split("|")[0]
    return _each(values, lambda value: wording.value_text(name, value))


def label(subject: str, facts: Facts) -> str:
    """'Systolic blood pressure'; '10-year risk: heart attack or stroke'."""
    found = facts.estimate(subject)
    if found is None or "|" in subject:
        return wording.label(subject.split("|")[0])
    estimate = found[0].estimates[found[1]]
    if math.isnan(estimate.horizon_years):
        return estimate.label
    return f"{estimate.horizon_years:g}-year risk: {estimate.label[:1].lower()}{estimate.label[1:]}"


def _column(part: str, rule: Rule, facts: Facts, rows: Places) -> Sequence[str]:
    if part == "blood_pressure":
        return _blood_pressure(facts, rows)
    if part in ("missing", "outside"):
        return _reasons(part, rule, facts, rows)
    return texts(part, facts, rows)


def _blood_pressure(facts: Facts, rows: Places) -> list[str]:
    pairs = np.stack([facts.number(name)[rows] for name in ("systolic_bp", "diastolic_bp")], axis=1)
    distinct, inverse = np.unique(np.nan_to_num(pairs, nan=-1), axis=0, return_inverse=True)
    words = [_pressure(float(systolic), float(diastolic)) for systolic, diastolic in distinct]
    return [words[i] for i in inverse]


def _pressure(systolic: float, diastolic: float) -> str:
    """Systolic over diastolic; below 0 = missing."""
    unit = wording.unit("systolic_bp")
    if diastolic < 0:
        return f"{wording.number(systolic)} {unit} systolic"
    if systolic < 0:
        return f"{wording.number(diastolic)} {unit} diastolic"
    return f"{wording.number(systolic)}/{wording.number(diastolic)} {unit}"


def _reasons(kind: str, rule: Rule, facts: Facts, rows: Places) -> list[str]:
    """The inputs that are missing from, or out of range for, the estimate that the rule looks at."""
    subject = next(criterion.subject for criterion in rule.criteria if criterion.comparator == "status")
    found = facts.estimate(subject)
    if found is None:
        return [""] * len(rows)
    result, k = found
    prefix = "missing:" if kind == "missing" else "range:"

    def worded(row: int) -> str:
        names = [code.partition(":")[2] for code in result.reasons(row, k) if code.startswith(prefix)]
        if kind == "missing":
            return listed([inside(name) for name in names])
        return listed([f"{inside(name)} {wording.value_text(name, float(result.inputs[name][row]))}" for name in names])

    if kind == "outside":
        return [worded(int(row)) for row in rows]
    bits, first, inverse = np.unique(result.problems[rows] & result.relevant[k], return_index=True, return_inverse=True)
    words = [worded(int(rows[i])) for i in first]
    return [words[i] for i in inverse] if len(bits) else []


def inside(name: str) -> str:
    """A variable's label as it stands inside a sentence."""
    return wording.short_reason(f"missing:{name}").removesuffix(" missing")


def listed(names: Sequence[str]) -> str:
    """'a', 'a and b', 'a, b and 3 more'."""
    if len(names) <= NAMES_SHOWN:
        return " and ".join(names)
    return f"{', '.join(names[:NAMES_SHOWN])} and {len(names) - NAMES_SHOWN} more"


def _each(values: Array, word: Callable[[float], str]) -> list[str]:
    distinct, inverse = np.unique(values, return_inverse=True)
    words = [word(float(value)) for value in distinct]
    return [words[i] for i in inverse]
