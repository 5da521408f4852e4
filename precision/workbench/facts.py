"""Every rule, threshold and effect that Precision rests on, with who says so and whether that was verified."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import StringIO

import pandas as pd

from precision.knowledge.table import sources
from precision.workbench.medicine_facts import medicine_facts

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

    Facts that are not verified come first. Of a few of those not even the year is known.
    """
    found = [
        _facts(source.name, table, files("precision.knowledge") / source.folder / table)
        for source in sources()
        for table in source.tables
    ]
    found.append(_facts("Cohort page", GROUPS, files("precision.workbench") / GROUPS))
    found.append(_facts("Risk page", HEALTHY, files("precision.treatment") / HEALTHY))
    of_medicines = medicine_facts()
    found.append(of_medicines.assign(status=of_medicines["status"].map(STATUS_WORDS)))
    every = pd.concat([frame for frame in found if frame is not None], ignore_index=True)
    place = every["status"].map({word: n for n, word in enumerate(reversed(STATUS_WORDS.values()))})
    return every.iloc[place.argsort(kind="stable")].reset_index(drop=True)


def unverified() -> pd.DataFrame:
    """The facts, those of medicines aside, that nobody here has read in their source: they are not used."""
    return _recalled(of_medicines=False)


def unverified_advice() -> pd.DataFrame:
    """Facts of medicines that nobody here has read in their source: they are used, with 'not verified' beside."""
    return _recalled(of_medicines=True)


def _recalled(of_medicines: bool) -> pd.DataFrame:
    every = facts()
    mine = every["table"].isin(medicine_facts()["table"].unique())
    return every[(every["status"] == STATUS_WORDS["R"]) & (mine == of_medicines)]


@cache
def search_text() -> pd.Series:
    """All cells of each fact in lower case, to search in."""
    every, text = facts(), pd.Series("", index=facts().index, dtype="str")
    for name in COLUMNS:
        text = text + every[name] + " "
    return text.str.lower()


@cache
def by_table() -> pd.DataFrame:
    """One row per table: how many facts, and how many are not verified; the most unverified first."""
    every = facts()
    counted = every.assign(unverified=every["status"] == STATUS_WORDS["R"]).groupby("table")["unverified"]
    found = pd.DataFrame({"facts": counted.size(), "unverified": counted.sum()}).reset_index()
    return found.sort_values(["unverified", "table"], ascending=[False, True], ignore_index=True)


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
