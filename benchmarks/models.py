"""Every model for a million people: the whole call, with ranges, states and reasons, a tenth of every input missing."""

import numpy as np
import pandas as pd

from benchmarks.prevent import InMemory
from benchmarks.report import Row, best_of
from precision.model import Model, registry
from precision.result import Array
from precision.schema import variable

PEOPLE = 1_000_000
MISSING = 0.1
SECONDS = {"qrisk3": 3.0, "bcrat": 3.0}
USUAL = 1.0


def people(model: Model, count: int = PEOPLE, seed: int = 1) -> InMemory:
    """Made-up people with the inputs of a model, inside its ranges, each missing in a tenth of them."""
    rng = np.random.default_rng(seed)
    columns = {name: _values(model, name, count, rng) for name in model.inputs}
    for values in columns.values():
        values[rng.random(count) < MISSING] = np.nan
    return InMemory(pd.RangeIndex(count), columns)


def run() -> list[Row]:
    """Measure."""
    rows: list[Row] = []
    for model in registry().values():
        cohort = people(model)
        seconds = best_of(lambda model=model, cohort=cohort: model(cohort), repeats=3)
        rows.append(Row(f"{model.label}, 1 M people", seconds, target=SECONDS.get(model.name, USUAL)))
    return rows


def _values(model: Model, name: str, count: int, rng: np.random.Generator) -> Array:
    item = variable(name)
    if name in model.excluded:
        return (rng.random(count) < 0.05).astype(np.float64)
    if item.levels:
        return rng.integers(len(item.levels), size=count).astype(np.float64)
    low, high = model.ranges.get(name, item.plausible)
    values = rng.uniform(max(low, -1e6), min(high, 1e6), count)
    return np.floor(values) if item.kind == "integer" else values
