"""How the rows of the intervention tables are read: confirmed ones are used, recalled ones only listed."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pandas as pd

from precision.errors import KnowledgeError
from precision.knowledge.table import read
from precision.result import Citation

FOLDER = "interventions"
CITED = ("source", "year", "doi", "status")
CONFIRMED, UNCONFIRMED = ("V", "C"), "R"  # verified, or corrected, against a source that was read; recalled only


def all_rows(table: str, columns: tuple[str, ...], key: tuple[str, ...]) -> Iterator[pd.Series[str]]:
    """Every row of a table with a status.

    Raises
    ------
    KnowledgeError : the table is broken, or a status is not known
    """
    for _, row in read(FOLDER, table, columns, key=key).iterrows():
        if row["status"] not in (*CONFIRMED, UNCONFIRMED):
            raise KnowledgeError(f"{table}: '{row.iloc[0]}' has status '{row['status']}'; known are V, C and R")
        yield row


def rows_of(table: str, columns: tuple[str, ...], key: tuple[str, ...]) -> list[pd.Series[str]]:
    """The rows of a table that may be used: confirmed ones."""
    return [row for row in all_rows(table, columns, key) if row["status"] in CONFIRMED]


def citation(row: pd.Series[str]) -> Citation:
    """Who says what a row holds."""
    return Citation(f"{row['source']} {row['year']}", doi=row["doi"], year=int(row["year"]))


def number(text: str, absent: float = math.nan) -> float:
    """A cell as a number; ``absent`` where it is empty."""
    return float(text) if text else absent
