"""PREVENT for a million people: the whole call of a model, with ranges, states and reasons, beside pyprevent."""

import importlib
import importlib.util
import io
import math
from collections.abc import Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.report import Row, best_of
from precision.model import registry
from precision.result import Array

PEOPLE = 1_000_000
PEER_NAMES = {
    "diabetes": "has_diabetes",
    "antihypertensive_treatment": "on_htn_meds",
    "statin_treatment": "on_cholesterol_meds",
}
PEER_OUTCOMES = ("cvd", "ascvd", "heart_failure")  # pyprevent has no others
BOOLEANS = ("diabetes", "current_smoker", "antihypertensive_treatment", "statin_treatment")


@dataclass(frozen=True, slots=True)
class InMemory:
    """Columns as the feature core hands them to a model."""

    ids: pd.Index
    columns: Mapping[str, Array]

    def column(self, name: str) -> Array | None:
        return self.columns.get(name)


def people(count: int, seed: int = 1) -> dict[str, Array]:
    """Made-up people inside every range of the model; sex and booleans as codes."""
    rng = np.random.default_rng(seed)
    ranges = registry()["prevent_full"].ranges
    measured = {name: rng.uniform(low, min(high, 1e4), count) for name, (low, high) in ranges.items()}
    yes_no = {name: (rng.random(count) < 0.25).astype(np.float64) for name in ("sex", *BOOLEANS)}
    return {**measured, **yes_no, "prior_cvd": np.zeros(count)}


def with_holes(columns: Mapping[str, Array], share: float, seed: int = 2) -> dict[str, Array]:
    """The same with a share of every column missing."""
    rng = np.random.default_rng(seed)
    return {name: np.where(rng.random(len(values)) < share, np.nan, values) for name, values in columns.items()}


def frame(columns: Mapping[str, Array]) -> pd.DataFrame:
    """The table that both packages read: sex as text, booleans as booleans, no optional inputs."""
    table = pd.DataFrame({name: columns[name] for name in registry()["prevent_base"].required})
    return table.assign(
        sex=np.array(["female", "male"])[columns["sex"].astype(int)],
        **{name: columns[name] == 1 for name in BOOLEANS},
    )


def run() -> list[Row]:
    """Measure."""
    base, automatic = registry()["prevent_base"], registry()["prevent"]
    columns = people(PEOPLE)
    known, partly = (InMemory(pd.RangeIndex(PEOPLE), values) for values in (columns, with_holes(columns, 0.05)))
    table = frame(columns)
    peer = _peer(table)
    return [
        Row(
            "PREVENT base, 5 outcomes at 10 and at 30 years, 1 M people in memory",
            best_of(lambda: base(known)),
            target=0.5,
        ),
        Row(
            "PREVENT base from a data frame, 1 M people: ours the 10 numbers, the peer 3 of them",
            best_of(lambda: base(table)),
            peer="pyprevent" if math.isfinite(peer) else "pyprevent is not installed",
            peer_value=peer,
            ratio_target=3,
        ),
        Row(
            "PREVENT, variant by what is known, 5 % of every input missing, 1 M people",
            best_of(lambda: automatic(partly)),
        ),
    ]


def _peer(table: pd.DataFrame) -> float:
    """Seconds for the three 10-year outcomes of pyprevent's batch interface; NaN where it is not installed."""
    if importlib.util.find_spec("pyprevent") is None:
        return math.nan
    pyprevent = importlib.import_module("pyprevent")
    renamed = table.rename(columns=PEER_NAMES)

    def batch() -> None:
        with redirect_stdout(io.StringIO()):  # it prints
            for outcome in PEER_OUTCOMES:
                getattr(pyprevent, f"batch_calculate_10_yr_{outcome}_risk")(renamed)

    return best_of(batch, repeats=3)
