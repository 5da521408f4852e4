"""Every rule, threshold and effect that Precision rests on, with who says so and whether that was verified."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import StringIO

import pandas as pd

from precision.knowledge.table import sources

STATUS_WORDS = {
    "V": "Verified",
    "C": "Corrected, then verified",
    "O": "Our definition, for comparison only",
    "R": "Not verified",
}
GROUPS, HEALTHY = "risk_groups.csv", "healthy.csv"
COLUMNS = ("table", "fact", "says", "source", "year", "doi", "status")
# Columns that name a row, and columns that say what it holds; a table has some of each.
NAMES = ("rule", "id", "guidelines", "aid", "gene", "model", "outcome", "horizon", "country", "gfr_class", "variable")
WORDS = (
    ("title", "action", "name", "harm", "measured_on", "says", "ratio", "low", "high", "per", "why")
    + ("group", "from", "below", "score2_region", "kfre_region", "egfr_from", "A1", "A2", "A3", "healthy")
)  # fmt: skip


@cache
def facts() -> pd.DataFrame:
    """One row per fact that carries a status: where it stands, what it says, its source, year, DOI and status (word).

    Facts that are not verified come first.
    """
    found = [
        _facts(source.name, table, files("precision.knowledge") / source.folder / table)
        for source in sources()
        for table in source.tables
    ]
    found.append(_facts("Cohort page", GROUPS, files("precision.workbench") / GROUPS))
    found.append(_facts("Risk page", HEALTHY, files("precision.treatment") / HEALTHY))
    every = pd.concat([frame for frame in found if frame is not None], ignore_index=True)
    place = every["status"].map({word: n for n, word in enumerate(reversed(STATUS_WORDS.values()))})
    return every.iloc[place.argsort(kind="stable")].reset_index(drop=True)


def unverified() -> pd.DataFrame:
    """The facts that nobody here has read in their source: they are listed, and decide nothing."""
    every = facts()
    return every[every["status"] == STATUS_WORDS["R"]]


def _facts(source: str, table: str, place: Traversable) -> pd.DataFrame | None:
    """The rows of a table that has source, year and status; None of any other."""
    text = place.read_text(encoding="utf-8")
    rows = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))
    frame = pd.read_csv(StringIO(rows), dtype="str", keep_default_na=False)
    if not {"source", "year", "status"} <= set(frame):
        return None
    doi = frame["doi"] if "doi" in frame else pd.Series("", index=frame.index)
    return pd.DataFrame(
        {
            "table": f"{source}: {table.removesuffix('.csv').replace('_', ' ')}",
            "fact": _joined(frame, NAMES, " "),
            "says": _joined(frame, WORDS, ", "),
            "source": frame["source"],
            "year": frame["year"],
            "doi": doi,
            "status": frame["status"].map(STATUS_WORDS),
        },
        columns=list(COLUMNS),
    )


def _joined(frame: pd.DataFrame, names: tuple[str, ...], between: str) -> pd.Series:
    """The filled cells of some columns, in a row."""
    present = [name for name in names if name in frame]
    return frame[present].apply(lambda row: between.join(filter(None, row)), axis=1)
