"""A medicine list beside a file of genotypes: what each sample takes or plans, and what that does to the enzymes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from precision.features.codes import end_not_known, in_use, to_begin
from precision.pgx.drugnames import names
from precision.pgx.drugs import LOCAL, not_understood, resolve
from precision.pgx.lingering import Lingering, lingering
from precision.pgx.medicines import days_stopped, taken
from precision.pgx.phenoconversion import Shift, shifts
from precision.pgx.populations import Beside, beside

COLUMNS = ("line", "sample", "drug", "code", "start", "stop", "status")


@dataclass(frozen=True, slots=True)
class Medicines:
    """A medicine list.

    listed : ingredients of each sample, in use or planned
    shifts : what those in use, and smoking, do to enzymes; planned : with those planned too, the same object where
        there are none
    lingering : what was stopped on a day that is not recorded and may still act
    beside : what is taken now, and with what is planned, for advice that depends on it; None = there is no list
    unread : line and why no medicine was recognised; doubtful : line and what of it was not understood
    """

    listed: tuple[tuple[str, ...], ...]
    shifts: Mapping[str, Shift]
    planned: Mapping[str, Shift]
    lingering: tuple[Lingering, ...]
    beside: tuple[Beside | None, Beside | None]
    unread: tuple[tuple[int, str], ...]
    doubtful: tuple[tuple[int, str], ...]


def medicines_of(rows: pd.DataFrame | None, samples: Sequence[str], smoking: float, on: date) -> Medicines:
    """Recognise a medicine list (`read_medications`); without one nothing acts on the enzymes but smoking.

    smoking : 1 smokes tobacco, 0 does not, NaN = not known; on : the day that counts as today
    """
    given = rows is not None
    rows = pd.DataFrame(columns=list(COLUMNS), dtype="str") if rows is None else rows
    resolved = resolve(rows["drug"], rows["code"])
    person = pd.Index(samples).get_indexer(pd.Index(rows["sample"])).astype(np.int32)
    days = days_stopped(rows, on)
    planned = to_begin(rows, on)
    wanted = in_use(rows, on) | planned
    each: list[dict[str, None]] = [{} for _ in samples]
    for row, number in zip(resolved.row.tolist(), resolved.ingredient.tolist(), strict=True):
        if wanted[row]:
            each[int(person[row])][names()[number]] = None
    smokes = np.full(len(samples), smoking)
    acting = taken(resolved, person, days, len(samples))
    now = shifts(acting, smokes)
    still = lingering(resolved, person, end_not_known(rows), acting)
    then = shifts(taken(resolved, person, np.where(planned, 0.0, days), len(samples)), smokes) if planned.any() else now
    maybe, nobody = planned | end_not_known(rows), np.zeros(len(samples), np.bool_)
    present, begun = (
        beside(resolved, person, (when, maybe), smokes, nobody) if given else None
        for when in (days, np.where(planned, 0.0, days))
    )
    told: dict[bool, list[tuple[int, str]]] = {True: [], False: []}
    for row in np.flatnonzero(resolved.reason).tolist():
        line, drug, code = rows["line"].iloc[row], str(rows["drug"].iloc[row]), str(rows["code"].iloc[row])
        told[bool(resolved.recognised[row])].append((int(line), not_understood(drug, code)))
    for row in np.flatnonzero(resolved.local & resolved.recognised).tolist():
        told[True].append((int(rows["line"].iloc[row]), LOCAL.format(rows["drug"].iloc[row] or rows["code"].iloc[row])))
    return Medicines(tuple(map(tuple, each)), now, then, still, (present, begun), tuple(told[False]), tuple(told[True]))
