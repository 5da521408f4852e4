"""Published numbers, one table per model: inputs, expected_<outcome>[_<years>], tolerance and source of each row."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from precision.model import Model
from precision.result import Array, Estimate


@dataclass(frozen=True, slots=True)
class Vectors:
    """N people, dictionary names as columns; (N, K) expected values, NaN where none is known; (N, 1) tolerance."""

    people: pd.DataFrame
    expected: Array
    tolerance: Array


def column(estimate: Estimate) -> str:
    """The column that holds the expected values of an estimate."""
    years = f"_{estimate.horizon_years:g}" if estimate.horizon_years > 0 else ""
    return f"expected_{estimate.outcome}{years}"


def vectors(model: Model) -> Vectors:
    """The table of a model."""
    table = pd.read_csv(Path(__file__).parent / f"{model.name}.csv")
    assert table["source"].notna().all(), f"{model.name}.csv: a row has no source"
    names = [
        name for name in map(str, table) if name not in ("tolerance", "source") and not name.startswith("expected_")
    ]
    expected = table[[column(estimate) for estimate in model.estimates]]
    return Vectors(table[names], expected.to_numpy(dtype=float), table[["tolerance"]].to_numpy(dtype=float))
