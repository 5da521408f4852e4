"""Every rule, threshold and effect that Precision rests on, with who says so and whether that was verified."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from io import StringIO

import pandas as pd

from precision.knowledge.table import Source, sources

STATUS_WORDS = {"V": "Verified", "C": "Corrected, then verified", "R": "Not verified"}
COLUMNS = ("table", "fact", "says", "source", "year", "doi", "status")
NAMES = ("rule", "id", "guidelines", "aid", "gene")  # columns that name a row
WORDS = (
    "title",
    "action",
    "name",
    "harm",
    "measured_on",
    "says",
    "ratio",
    "low",
    "high",
    "per",
    "why",
)  # what a row says


@cache
def facts() -> pd.DataFrame:
    """One row per fact that carries a status: where it stands, what it says, its source, year, DOI and status (word).

    Facts that are not verified come first.
    """
    found = [_facts(source, table) for source in sources() for table in source.tables]
    every = pd.concat([frame for frame in found if frame is not None], ignore_index=True)
    place = every["status"].map({word: n for n, word in enumerate(reversed(STATUS_WORDS.values()))})
    return every.iloc[place.argsort(kind="stable")].reset_index(drop=True)


def unverified() -> pd.DataFrame:
    """The facts that nobody here has read in their source: they are listed, and decide nothing."""
    every = facts()
    return every[every["status"] == STATUS_WORDS["R"]]


def _facts(source: Source, table: str) -> pd.DataFrame | None:
    text = (files("precision.knowledge") / source.folder / table).read_text(encoding="utf-8")
    rows = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))
    frame = pd.read_csv(StringIO(rows), dtype="str", keep_default_na=False)
    if not {"source", "year", "status"} <= set(frame):
        return None
    doi = frame["doi"] if "doi" in frame else pd.Series("", index=frame.index)
    return pd.DataFrame(
        {
            "table": f"{source.name}: {table.removesuffix('.csv').replace('_', ' ')}",
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
