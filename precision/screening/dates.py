"""When a test was done last, and when it is due again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.features import Features
from precision.screening.rules import Rule, Test

Days = NDArray[np.datetime64]
Mask = NDArray[np.bool_]
NOT_A_DAY = np.datetime64("NaT", "D")
FOREVER = np.datetime64("9999-12-31", "D")  # the answer holds for good


@dataclass(frozen=True, slots=True)
class OnRecord:
    """What is recorded of one test in N patients.

    Attributes
    ----------
    days : (N,) day of the newest one on or before the index date, NaT where none is dated
    undated : (N,) one is on record, on a day that is not known
    """

    days: Days
    undated: Mask


def on_record(features: Features, test: Test) -> OnRecord:
    """When a test was done last; a date after the index date is not a test done."""
    if not test.is_date:
        days, values = features.time(test.name), features.column(test.name)
        known = np.zeros(len(features), dtype=bool) if values is None else ~np.isnan(values)
        return OnRecord(days, known & np.isnat(days))
    patients, none = features.cohort.table("patients"), np.zeros(len(features), dtype=bool)
    if test.name not in patients:
        return OnRecord(np.full(len(features), NOT_A_DAY), none)
    days = pd.to_datetime(patients[test.name]).to_numpy().astype("datetime64[D]")
    later = days > np.datetime64(features.index_date, "D")
    return OnRecord(np.where(later, NOT_A_DAY, days), none)


def add_months(days: Days, months: int) -> Days:
    """(N,) the same day of the month so many months later, or the last day of that month where it has no such day.

    29 February 2024 and 12 months is 28 February 2025.
    """
    month = days.astype("datetime64[M]")
    target = month + np.timedelta64(months, "M")
    last = (target + np.timedelta64(1, "M")).astype("datetime64[D]") - np.timedelta64(1, "D")
    return np.minimum(target.astype("datetime64[D]") + (days - month.astype("datetime64[D]")), last)


Done = Mapping[str, OnRecord]
Rows = slice | NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Schedule:
    """A rule's tests in n patients; all (n,).

    Attributes
    ----------
    last : day of the last test, the longest ago where several are needed; NaT where one is not on record
    due : day from which it is due again; NaT where one is not on record, FOREVER where the answer holds for good
    never : a needed test is not on record at all
    undated : a needed test is on record without its day, so that it is not known whether it is due
    """

    last: Days
    due: Days
    never: Mask
    undated: Mask


def schedule(rule: Rule, done: Done, rows: Rows = slice(None)) -> Schedule:
    """When the tests of a rule were done and are due; of alternatives the one that holds longest counts."""
    groups = [_group(group, done, rows) for group in rule.tests]
    return Schedule(
        last=np.minimum.reduce([group.last for group in groups]),
        due=np.minimum.reduce([group.due for group in groups]),
        never=np.logical_or.reduce([group.never for group in groups]),
        undated=np.logical_or.reduce([group.undated for group in groups]),
    )


def _group(tests: tuple[Test, ...], done: Done, rows: Rows) -> Schedule:
    days = [done[test.name].days[rows] for test in tests]
    undated = [done[test.name].undated[rows] for test in tests]
    dues = [_due(*known) for known in zip(tests, days, undated, strict=True)]
    due, somewhen = np.fmax.reduce(dues), np.logical_or.reduce(undated)
    return Schedule(np.fmax.reduce(days), due, np.isnat(due) & ~somewhen, somewhen & (due != FOREVER))


def _due(test: Test, days: Days, undated: Mask) -> Days:
    if test.months is None:
        return np.where(undated | ~np.isnat(days), FOREVER, NOT_A_DAY)
    return add_months(days, test.months)
