"""The last value of each patient's feature: long rows in, one winner per patient and feature out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Small = NDArray[np.int32]
Tiny = NDArray[np.int8]

DAY = 86_400_000_000  # microseconds
UNDATED = int(np.iinfo(np.int64).min)  # what NumPy stores for NaT: older than any date


@dataclass(frozen=True, slots=True)
class Rows:
    """M values that may stand for a patient's feature; of two equal times the later row wins.

    Attributes
    ----------
    patient, feature : (M,) position of the patient and of the feature
    time : (M,) microseconds since 1970-01-01, or UNDATED
    value : (M,) float64, never NaN
    table, row : (M,) which table, and which row of it
    """

    patient: Small
    feature: Small
    time: Whole
    value: NDArray[np.float64]
    table: Tiny
    row: Small

    def take(self, chosen: NDArray[np.intp] | NDArray[np.bool_]) -> Rows:
        """Some of the rows."""
        return Rows(
            patient=self.patient[chosen],
            feature=self.feature[chosen],
            time=self.time[chosen],
            value=self.value[chosen],
            table=self.table[chosen],
            row=self.row[chosen],
        )

    @staticmethod
    def together(pieces: Sequence[Rows]) -> Rows:
        """All rows of several pieces, in their order."""
        if len(pieces) == 1:
            return pieces[0]
        whole, small, tiny = np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0, np.int8)
        return Rows(
            patient=np.concatenate([small, *(piece.patient for piece in pieces)]),
            feature=np.concatenate([small, *(piece.feature for piece in pieces)]),
            time=np.concatenate([whole, *(piece.time for piece in pieces)]),
            value=np.concatenate([np.empty(0), *(piece.value for piece in pieces)]),
            table=np.concatenate([tiny, *(piece.table for piece in pieces)]),
            row=np.concatenate([small, *(piece.row for piece in pieces)]),
        )


def latest(rows: Rows, patients: int, features: int) -> tuple[Whole, Rows]:
    """The last row of each patient and feature.

    Returns
    -------
    bounds : (features + 1,) where each feature's winners begin
    winners : at most one row per patient and feature, by feature, then patient

    Notes
    -----
    The rows are ordered by feature and time. Those of one feature are then written, oldest first, into one place
    per patient, so that the last one stays: no sort by patient, and the places of one feature fit the cache.
    """
    order = _by_time(rows.time)
    order = order[np.argsort(rows.feature[order].astype(np.uint16), kind="stable")]
    starts = np.concatenate([[0], np.cumsum(np.bincount(rows.feature, minlength=features))])
    newest = np.full(patients, -1, dtype=np.int32)
    picked: list[Small] = [np.empty(0, dtype=np.int32)]
    for k in range(features):
        mine = order[starts[k] : starts[k + 1]]
        newest[rows.patient[mine]] = mine
        here = np.flatnonzero(newest >= 0)
        picked.append(newest[here])
        newest[here] = -1
    bounds = np.cumsum([len(rows_of_one) for rows_of_one in picked], dtype=np.int64)
    return bounds, rows.take(np.concatenate(picked).astype(np.intp))


def _by_time(time: Whole) -> NDArray[np.intp]:
    """Order of time, undated first; whole days within 179 years by a radix sort of 16-bit keys."""
    dated = time != UNDATED
    if not dated.any():
        return np.arange(len(time))
    days = time // DAY
    first = int(days[dated].min())
    if int(days.max()) - first < np.iinfo(np.uint16).max and not (time[dated] % DAY).any():
        return np.argsort(np.where(dated, days - first + 1, 0).astype(np.uint16), kind="stable")
    return np.argsort(time, kind="stable")
