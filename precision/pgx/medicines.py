"""The medicines of a cohort's patients, in use or stopped, as numbers of ingredients."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.features.codes import in_use, to_begin
from precision.pgx.drugnames import numbers
from precision.pgx.drugs import Resolved

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """K medicines of N patients, in use or stopped.

    patient : (K,) position of the patient; ingredient : (K,) index into ``drugnames.names()``
    days_stopped : (K,) days since the last dose; 0 = in use, or stopped on the day itself
    """

    patients: int
    patient: Ints
    ingredient: Ints
    days_stopped: Array

    @property
    def in_use(self) -> Mask:
        """(K,) not stopped."""
        return self.days_stopped <= 0

    def adding(self, patient: int, name: str) -> Taken:
        """The same with one more medicine of one patient: what if it were begun."""
        return Taken(
            self.patients,
            np.append(self.patient, np.int32(patient)),
            np.append(self.ingredient, np.int32(numbers()[name])),
            np.append(self.days_stopped, 0.0),
        )


def days_stopped(rows: pd.DataFrame, on: date) -> Array:
    """(M,) 0 for a medicine in use on this day, days since the stop for one that ended, NaN for any other.

    Any other: planned, begun later, or stopped without a date. rows is a table of medications.
    """
    ended = pd.to_datetime(rows["stop"]).to_numpy().astype("datetime64[D]") if "stop" in rows else _never(len(rows))
    days = np.where(np.isnat(ended), np.nan, (np.datetime64(on, "D") - ended).astype(np.float64))
    return np.where(in_use(rows, on), 0.0, np.where((days >= 0) & ~to_begin(rows, on), days, np.nan))


def _never(count: int) -> NDArray[np.datetime64]:
    return np.full(count, np.datetime64("NaT"), dtype="datetime64[D]")


def taken(found: Resolved, patient: Ints, days_stopped: Array, patients: int) -> Taken:
    """The medicines that can act on enzymes: recognised, of a known patient, and not of a local form.

    Parameters
    ----------
    patient : (M,) position of the patient of each row, -1 = none
    days_stopped : (M,) days since the last dose, 0 = in use, NaN = does not count (planned, or no date of the stop)
    """
    counts = (patient[found.row] >= 0) & ~found.local[found.row] & (days_stopped[found.row] >= 0)
    row = found.row[counts]
    return Taken(
        patients, patient[row].astype(np.int32), found.ingredient[counts], days_stopped[row].astype(np.float64)
    )
