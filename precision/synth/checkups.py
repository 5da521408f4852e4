"""When people were last examined without complaint: many in time, some overdue, some never."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.synth import history, tables
from precision.synth.draws import Array, Draws
from precision.synth.people import People
from precision.synth.visits import INDEX_DATE, YEAR, visits

TODAY = np.datetime64(INDEX_DATE)
OVERDUE = (1.05, 2.5)  # intervals since the last examination of who is overdue, from and to (assumption)


def checkups(person: People, draws: Draws) -> pd.DataFrame:
    """(N, K) date of the last examination of each kind, empty where none is on record, and what the bowel's found."""
    ago: dict[str, Array] = {}
    for row in tables.rows("checkups"):
        before = ago.get(row["variable"], np.full(draws.people, np.nan))
        ago[row["variable"]] = np.where(_asked_for(person, row), _years(person, draws, row), before)
    dates = {name: _day(years) for name, years in ago.items()}
    newest = TODAY - visits(draws)[:, 0]
    dates["last_cac_scan"] = np.where(person["calcium_scan"] == 1, newest, np.datetime64("NaT"))
    return pd.DataFrame(
        {"colorectal_screening": history.examined_bowel(person, draws, ago["last_colonoscopy"]), **dates}
    )


def _asked_for(person: People, row: tables.Row) -> NDArray[np.bool_]:
    """(N,) who the row is about: old enough, with every flag."""
    chosen = person["age"] >= float(row["age_from"])
    for flag in filter(None, row["among"].split("; ")):
        chosen &= person[flag.removeprefix("no ")] == (0 if flag.startswith("no ") else 1)
    return chosen


def _years(person: People, draws: Draws, row: tables.Row) -> Array:
    """(N,) years since the last examination, NaN where there was none since the age at which it begins."""
    chance = draws.uniform(" ".join(("checkup", row["variable"], row["among"])), 3)
    never, interval, age = float(row["never"]), float(row["interval"]), person["age"]
    if never:
        never = 1 / (1 + np.exp(-(np.log(never / (1 - never)) - person["screening_habit"])))
    longer = OVERDUE[0] + (OVERDUE[1] - OVERDUE[0]) * chance[:, 1]
    years = interval * np.where(chance[:, 2] < float(row["overdue"]), longer, chance[:, 1])
    years += np.maximum(age - float(row["age_to"]), 0)
    begun = age - float(row["age_from"]) + 0.5
    return np.where((chance[:, 0] < never) | (years > begun), np.nan, years)


def _day(years: Array) -> NDArray[np.datetime64]:
    """(N,) the day so many years before the index date, NaT where they are NaN."""
    known = ~np.isnan(years)
    days = np.full(len(years), np.datetime64("NaT"), dtype="datetime64[D]")
    days[known] = TODAY - (1 + np.floor(years[known] * YEAR)).astype(np.int64)
    return days
