"""Feature integration: a million long laboratory rows to a matrix of 100,000 patients by 200 variables."""

from datetime import date

import numpy as np
import pandas as pd

from benchmarks.report import Row, best_of
from precision.cohort import Cohort
from precision.features import integrate
from precision.features.derived import derivations
from precision.schema import variables

PATIENTS, COLUMNS, ROWS = 100_000, 200, 1_000_000
ON = date(2026, 6, 30)


def run() -> list[Row]:
    """Time ours on text and on categories against sort, drop_duplicates and pivot of pandas; the answers must agree."""
    ids, names = np.array([f"P-{i:06d}" for i in range(PATIENTS)]), _names()
    text = _long(ids, names)
    coded = text.astype({"patient_id": "category", "variable": "category"})
    peer = best_of(lambda: _pivot(text, ids, names), repeats=2)
    expected = _pivot(text, ids, names)
    rows: list[Row] = []
    for label, long in (("categories", coded), ("text", text)):
        cohort = Cohort("benchmark", {"patients": pd.DataFrame({"patient_id": ids}), "observations": long}, ON)
        np.testing.assert_array_equal(integrate(cohort, names).values, expected)
        seconds = best_of(lambda cohort=cohort: integrate(cohort, names))
        name = f"Features, 1 M long rows as {label} to 100,000 x {len(names)}"
        rows.append(Row(name, seconds, "s", 0.5, "pandas", peer))
    return rows


def _names() -> list[str]:
    """Numeric variables that follow from no other; as many as the dictionary has, up to the wanted number."""
    derived = {rule.variable for rule in derivations()}
    kinds = ("number", "integer", "boolean", "category")
    return [name for name, item in variables().items() if item.kind in kinds and name not in derived][:COLUMNS]


def _long(ids: np.ndarray, names: list[str]) -> pd.DataFrame:
    random = np.random.default_rng(20260630)
    days = np.datetime64("2021-01-01") + random.integers(0, 2_000, ROWS).astype("timedelta64[D]")
    return pd.DataFrame(
        {
            "patient_id": ids[random.integers(0, PATIENTS, ROWS)],
            "variable": np.array(names)[random.integers(0, len(names), ROWS)],
            "value": random.random(ROWS),
            "time": days,
        }
    )


def _pivot(long: pd.DataFrame, ids: np.ndarray, names: list[str]) -> np.ndarray:
    known = long[long["time"] <= pd.Timestamp(ON)].sort_values("time", kind="stable")
    last = known.drop_duplicates(["patient_id", "variable"], keep="last")
    return (
        last.pivot(index="patient_id", columns="variable", values="value").reindex(index=ids, columns=names).to_numpy()
    )
