"""Results and actions of a cohort as Parquet files, written some thousand patients at a time."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from precision.result import STATUSES, Result


def write(path: Path, frames: Iterable[pd.DataFrame]) -> None:
    """Append frames with the same columns to one file; categories are stored as a dictionary and read back as such."""
    writer: pq.ParquetWriter | None = None
    try:
        for frame in frames:
            numbers = {str(n) for n in frame if pd.api.types.is_numeric_dtype(frame[n])}
            levels = {str(n) for n in frame if isinstance(frame[n].dtype, pd.CategoricalDtype)}
            kinds = {n: pa.dictionary(pa.int32(), pa.string()) if n in levels else pa.string() for n in map(str, frame)}
            kinds |= {n: pa.from_numpy_dtype(frame[n].dtype) for n in numbers}
            table = pa.Table.from_pandas(frame, schema=pa.schema(list(kinds.items())), preserve_index=False)
            writer = writer or pq.ParquetWriter(path, table.schema)
            writer.write_table(table)
    finally:
        if writer:
            writer.close()


def long_frame(result: Result, rows: slice) -> pd.DataFrame:
    """Some patients' estimates, one row each, estimate by estimate, with the columns that the command `risk` writes.

    The same rows as `Result.to_frame` in another order, with categories in place of repeated text.
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
            "horizon_years": estimate.horizon_years,
            "value": result.value[rows, k],
            "low": result.low[rows, k],
            "high": result.high[rows, k],
            "status": _levels(result.status[rows, k].astype(np.int32), list(STATUSES)),
            "reasons": np.array(words, dtype=object)[which],
        }
    )


def _levels(codes: NDArray[np.int32], words: list[str]) -> pd.Categorical[str]:
    return pd.Categorical.from_codes(codes, categories=pd.Index(words))
