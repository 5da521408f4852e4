"""Conditions of advice that a list of medicines answers: who is known not to meet them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.cohort import Cohort
from precision.pgx.advising import Outside
from precision.pgx.drugnames import names, numbers
from precision.pgx.drugs import Resolved
from precision.pgx.modulators import INHIBITOR, modulators
from precision.pgx.phenoconversion import Shift

Mask = NDArray[np.bool_]
LIST, ENZYME, INHIBITED = "medications", "CYP3A4", "with_cyp3a4_inhibitor"
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


def outside_of_list(
    cohort: Cohort, resolved: Resolved, person: NDArray[np.intp], using: Mask, acting: Shift
) -> Outside:
    """Population of advice -> (N,) who is known not to belong to it, by what is listed.

    A list with a name that is not recognised, or no list, cannot show that something is not taken.

    Parameters
    ----------
    resolved : the R rows of the table of medications; person : (R,) place of the patient, -1 = the row does not count
    using : (R,) taken now, the others that count are planned; acting : on CYP3A4
    """
    inhibited = _inhibited(acting, len(cohort))
    found = {
        INHIBITED: _listed(cohort, person, resolved) & ~_may_inhibit(resolved, person, inhibited),
        "without_cyp3a4_inhibitor": inhibited,
        "codeine_low_dose": inhibited,  # it is for those without this risk
    }
    for population, users in _long_users(cohort, resolved, np.where(using, person, -1)):
        found[population] = found.get(population, np.zeros(len(cohort), np.bool_)) | users
    return MappingProxyType(found)


def _inhibited(acting: Shift, people: int) -> Mask:
    """(N,) who takes an inhibitor of the enzyme, of any strength."""
    inhibits = np.array([one.effect == INHIBITOR for one in modulators(ENZYME)])
    found = np.zeros(people, np.bool_)
    found[acting.patient[inhibits[acting.modulator]]] = True
    return found


def _may_inhibit(resolved: Resolved, person: NDArray[np.intp], inhibited: Mask) -> Mask:
    """(N,) the same, or one is planned or of a local form."""
    known = {one.name for one in modulators(ENZYME) if one.effect == INHIBITOR}
    inhibitor = np.array([name in known for name in names()])
    people = person[resolved.row[inhibitor[resolved.ingredient]]]
    found = inhibited.copy()
    found[people[people >= 0]] = True
    return found


def _listed(cohort: Cohort, person: NDArray[np.intp], resolved: Resolved) -> Mask:
    """(N,) whose medicines are all known by name."""
    found = np.full(len(cohort), LIST in cohort.complete)
    found[person[person >= 0]] = True
    unread = person[~resolved.recognised]
    found[unread[unread >= 0]] = False
    return found


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
