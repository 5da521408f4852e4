"""A medicine list beside a file of genotypes: what each sample takes or plans, and what that does to the enzymes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from precision.pgx.drugnames import names
from precision.pgx.drugs import LOCAL, not_understood, resolve
from precision.pgx.medicines import days_stopped, taken
from precision.pgx.phenoconversion import Shift, shifts

COLUMNS = ("line", "sample", "drug", "code", "start", "stop", "status")


@dataclass(frozen=True, slots=True)
class Medicines:
    """A medicine list.

    listed : ingredients of each sample, in use or planned
    shifts : what those in use, and smoking, do to enzymes; planned : with those planned too, the same object where
        there are none
    unread : line and why no medicine was recognised; doubtful : line and what of it was not understood
    """

    listed: tuple[tuple[str, ...], ...]
    shifts: Mapping[str, Shift]
    planned: Mapping[str, Shift]
    unread: tuple[tuple[int, str], ...]
    doubtful: tuple[tuple[int, str], ...]


def medicines_of(rows: pd.DataFrame | None, samples: Sequence[str], smoking: float, on: date) -> Medicines:
    """Recognise a medicine list (`read_medications`); without one nothing acts on the enzymes but smoking.

    smoking : 1 smokes tobacco, 0 does not, NaN = not known; on : the day that counts as today
    """
    rows = pd.DataFrame(columns=list(COLUMNS), dtype="str") if rows is None else rows
    resolved = resolve(rows["drug"], rows["code"])
    person = pd.Index(samples).get_indexer(pd.Index(rows["sample"])).astype(np.int32)
    days = days_stopped(rows, on)
    planned = (rows["status"].str.lower() == "planned").to_numpy(dtype=bool)
    begins = pd.to_datetime(rows["start"]).to_numpy().astype("datetime64[D]")
    later = (begins > np.datetime64(on, "D")) & ~rows["status"].str.lower().eq("stopped").to_numpy(dtype=bool)
    planned = planned | later
    wanted = (days == 0) | planned
    each: list[dict[str, None]] = [{} for _ in samples]
    for row, number in zip(resolved.row.tolist(), resolved.ingredient.tolist(), strict=True):
        if wanted[row]:
            each[int(person[row])][names()[number]] = None
    smokes = np.full(len(samples), smoking)
    now = shifts(taken(resolved, person, days, len(samples)), smokes)
    then = shifts(taken(resolved, person, np.where(planned, 0.0, days), len(samples)), smokes) if planned.any() else now
    told: dict[bool, list[tuple[int, str]]] = {True: [], False: []}
    for row in np.flatnonzero(resolved.reason).tolist():
        line, drug, code = rows["line"].iloc[row], str(rows["drug"].iloc[row]), str(rows["code"].iloc[row])
        told[bool(resolved.recognised[row])].append((int(line), not_understood(drug, code)))
    for row in np.flatnonzero(resolved.local & resolved.recognised).tolist():
        told[True].append((int(rows["line"].iloc[row]), LOCAL.format(rows["drug"].iloc[row] or rows["code"].iloc[row])))
    return Medicines(tuple(map(tuple, each)), now, then, tuple(told[False]), tuple(told[True]))
