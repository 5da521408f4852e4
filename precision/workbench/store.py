"""Results, actions, plans and called genes of a cohort as Parquet files, written some thousand patients at a time."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from precision.result import STATUSES, Result
from precision.screening import Plan


def write(path: Path, frames: Iterable[pd.DataFrame]) -> None:
    """Append frames with the same columns to one file; categories are stored as a dictionary and read back as such."""
    writer: pq.ParquetWriter | None = None
    try:
        for frame in frames:
            numbers = {str(n) for n in frame if pd.api.types.is_numeric_dtype(frame[n])}
            levels = {str(n) for n in frame if isinstance(frame[n].dtype, pd.CategoricalDtype)}
            kinds = {n: pa.dictionary(pa.int32(), pa.string()) if n in levels else pa.string() for n in map(str, frame)}
            kinds |= {n: pa.from_numpy_dtype(frame[n].dtype) for n in numbers}
            kinds |= {str(n): pa.date32() for n in frame if pd.api.types.is_datetime64_any_dtype(frame[n])}
            table = pa.Table.from_pandas(frame, schema=pa.schema(list(kinds.items())), preserve_index=False)
            writer = writer or pq.ParquetWriter(path, table.schema)
            writer.write_table(table)
    finally:
        if writer:
            writer.close()


PLAN = ("patient", "rule", "state", "overdue", "last_done", "next_due", "missing")


def plan_frame(plan: Plan, rows: slice) -> pd.DataFrame:
    """Some patients' plans, one row for each rule that concerns them; `precision.screening.rules` says the rest."""
    frame = plan.frame(rows)[list(PLAN)]
    return frame.astype(dict.fromkeys(("rule", "state", "missing"), "category"))


def calls_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """The calls of one gene, with categories in place of repeated text."""
    texts = frame.columns.drop("sample")
    return frame.rename(columns={"sample": "patient"}).astype(dict.fromkeys(map(str, texts), "category"))


def long_frame(result: Result, rows: slice) -> pd.DataFrame:
    """Some patients' estimates, one row each, estimate by estimate, with the columns that the command `risk` writes.

    The same rows as `Result.to_frame` in another order, with categories in place of repeated text; a class stands as
    its number in ``value`` and by its name in a last column ``level``.
    """
    return pd.concat([_estimate(result, rows, k) for k in range(len(result.estimates))], ignore_index=True)


def _estimate(result: Result, rows: slice, k: int) -> pd.DataFrame:
    estimate, patients = result.estimates[k], result.patients[rows]
    bits = result.problems[rows] & result.relevant[k]
    _, first, which = np.unique(bits, return_index=True, return_inverse=True)
    words = [";".join(result.reasons(int(row) + (rows.start or 0), k)) for row in first]
    outcomes = list(dict.fromkeys(estimate.outcome for estimate in result.estimates))
    same = np.zeros(len(patients), dtype=np.int32)
    return pd.DataFrame(
        {
            "row_id": patients.astype("str"),
            "model": _levels(same, [result.model]),
            "outcome": _levels(same + outcomes.index(estimate.outcome), outcomes),
            "horizon_years": result.horizon(k)[rows],
            "value": result.value[rows, k],
            "low": result.low[rows, k],
            "high": result.high[rows, k],
            "status": _levels(result.status[rows, k].astype(np.int32), list(STATUSES)),
            "reasons": np.array(words, dtype=object)[which],
            "level": _class(result, rows, k),
        }
    )


def _class(result: Result, rows: slice, k: int) -> NDArray[np.object_]:
    """The name of the class where an estimate gives classes, else nothing."""
    names = np.array([*result.estimates[k].levels, None], dtype=object)
    values = result.value[rows, k] if len(names) > 1 else np.full(len(result.patients[rows]), np.nan)
    return names[np.nan_to_num(values, nan=-1).astype(np.intp)]


def _levels(codes: NDArray[np.int32], words: list[str]) -> pd.Categorical[str]:
    return pd.Categorical.from_codes(codes, categories=pd.Index(words))
