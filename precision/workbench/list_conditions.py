"""Conditions of advice that a list of medicines answers: who is known not to meet them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.cohort import Cohort
from precision.pgx.advising import Outside
from precision.pgx.drugnames import numbers
from precision.pgx.drugs import Resolved

Mask = NDArray[np.bool_]
LIST = "medications"
NEW_FOR_DAYS = 92  # 'more than 3 months'
NEW: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "carbamazepine": ("carbamazepine_naive", "carbamazepine_no_alternative"),
        "oxcarbazepine": ("oxcarbazepine_naive",),
        "phenytoin": ("phenytoin_naive",),
        "fosphenytoin": ("phenytoin_naive",),
    }
)
"""Medicine -> the populations that only somebody new to it belongs to."""


def outside_of_list(cohort: Cohort, resolved: Resolved, person: NDArray[np.intp]) -> Outside:
    """Population of advice -> (N,) who is known not to belong to it, by how long something is taken.

    resolved : the R rows of the table of medications; person : (R,) place of the patient, -1 = the row does not count
    """
    found: dict[str, Mask] = {}
    for population, users in _long_users(cohort, resolved, person):
        found[population] = found.get(population, np.zeros(len(cohort), np.bool_)) | users
    return MappingProxyType(found)


def _long_users(cohort: Cohort, resolved: Resolved, person: NDArray[np.intp]) -> Iterator[tuple[str, Mask]]:
    """Each population of somebody new to a medicine, and (N,) who has taken that medicine for longer."""
    rows = cohort.table(LIST)
    if "start" not in rows:
        return
    begun = pd.to_datetime(rows["start"]).to_numpy().astype("datetime64[D]")
    long = begun < np.datetime64(cohort.index_date, "D") - np.timedelta64(NEW_FOR_DAYS, "D")
    for name, populations in NEW.items():
        row = resolved.row[resolved.ingredient == numbers()[name]]
        row = row[long[row] & (person[row] >= 0)]
        users = np.zeros(len(cohort), np.bool_)
        users[person[row]] = True
        yield from ((population, users) for population in populations)
