"""People of a cohort in whom every input of a model is known, found and not made."""

from collections.abc import Iterator
from itertools import groupby

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.synth import scenarios, tables

HEADERS = ("scenario", "variable", "low", "high", "words")


def exemplars(wide: pd.DataFrame) -> list[tables.Row]:
    """Rows for the list of scenarios; a model for which nobody has everything is left out.

    Parameters
    ----------
    wide : one row per person, as in the wide file
    """
    return list(_found(wide))


def _found(wide: pd.DataFrame) -> Iterator[tables.Row]:
    headers = {row["source"]: row["header"] for row in tables.rows("wide")}
    open_to = ~wide["patient_id"].isin(scenarios.ids()).to_numpy()
    for scenario, needs in groupby(tables.rows("exemplars"), key=lambda row: row["scenario"]):
        rows = list(needs)
        cells = [wide[headers.get(row["variable"], row["variable"])] for row in rows]
        fits = np.logical_and.reduce([open_to, *(_fits(cell, row) for cell, row in zip(cells, rows, strict=True))])
        if fits.any():
            values = [f"{row['variable']} {_text(cell[fits].iloc[0])}" for cell, row in zip(cells, rows, strict=True)]
            person = str(wide.loc[fits, "patient_id"].iloc[0])
            yield {"patient_id": person, "scenario": scenario, "look_at": ", ".join(values)}


def _fits(cells: pd.Series, row: tables.Row) -> NDArray[np.bool_]:
    """(N,) whether a cell is known, inside the bounds and one of the words."""
    fits = cells.notna()
    if row["low"]:
        fits &= cells >= float(row["low"])
    if row["high"]:
        fits &= cells <= float(row["high"])
    if row["words"]:
        fits &= cells.isin(row["words"].split())
    return fits.to_numpy(dtype=bool)


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
