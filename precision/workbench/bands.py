"""The groups of risk of each model: those that a guideline publishes, else even bands of our own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.errors import KnowledgeError
from precision.result import Array, Citation, Estimate

COLUMNS = ("model", "outcome", "horizon", "group", "from", "below", "source", "year", "doi", "status")
VERIFIED = ("V", "C")  # agrees with a source that was read, or was corrected after one
OWN = (0.0, 0.01, 0.05, 0.1, 0.2)  # lower bounds where nobody published any; our definition


@dataclass(frozen=True, slots=True)
class Band:
    """A range of values with its name: the lower bound included, the upper not; infinite = open."""

    name: str
    low: float
    below: float


@dataclass(frozen=True, slots=True)
class Bands:
    """The groups of one estimate, lowest first and without gaps; without a citation nobody published them."""

    bands: tuple[Band, ...]
    citation: Citation | None

    def of(self, values: Array) -> NDArray[np.intp]:
        """(N,) which group each value is in, -1 where there is no value."""
        lowest = np.array([band.low for band in self.bands])
        return np.where(np.isnan(values), -1, np.searchsorted(lowest, values, side="right") - 1)


def code(model: str, estimate: Estimate) -> str:
    """'prevent:ascvd:10'; 'findrisc:findrisc' for what does not look ahead."""
    years = estimate.horizon_years
    return ":".join((model, estimate.outcome, *(() if math.isnan(years) else (f"{years:g}",))))


def bands_of(model: str, estimate: Estimate) -> Bands:
    """The groups of an estimate: its classes, else the published ones, else OWN."""
    if estimate.levels:
        return Bands(tuple(Band(name, float(k), k + 1.0) for k, name in enumerate(estimate.levels)), None)
    own = tuple(Band("", low, below) for low, below in zip(OWN, (*OWN[1:], math.inf), strict=True))
    return published().get(code(model, estimate), Bands(own, None))


@cache
def published() -> Mapping[str, Bands]:
    """Code of an estimate -> its groups.

    Raises
    ------
    KnowledgeError : the groups of an estimate leave a gap, or a row was not verified in its source
    """
    with (files("precision.workbench") / "risk_groups.csv").open(encoding="utf-8") as lines:
        rows = pd.read_csv(lines, dtype="str", keep_default_na=False, comment="#")[list(COLUMNS)]
    if not rows["status"].isin(VERIFIED).all():
        raise KnowledgeError(f"risk_groups.csv: only rows of status {' or '.join(VERIFIED)} can be shown")
    estimates = rows["model"] + ":" + rows["outcome"] + (":" + rows["horizon"]).where(rows["horizon"] != "", "")
    return MappingProxyType({str(key): _bands(str(key), part) for key, part in rows.groupby(estimates, sort=False)})


def _bands(key: str, rows: pd.DataFrame) -> Bands:
    low = [float(cell) for cell in rows["from"]]
    below = [float(cell or math.inf) for cell in rows["below"]]
    if low[1:] != below[:-1] or below[-1] != math.inf or sorted(set(low)) != low:
        raise KnowledgeError(f"risk_groups.csv: the groups of {key} leave a gap or overlap; list them lowest first")
    first = rows.iloc[0]
    citation = Citation(f"{first['source']} {first['year']}", str(first["doi"]), int(first["year"]))
    return Bands(tuple(Band(*band) for band in zip(rows["group"].tolist(), low, below, strict=True)), citation)
