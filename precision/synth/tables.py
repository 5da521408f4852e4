"""The tables of assumptions and facts beside this module, read once."""

import csv
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files

import numpy as np

from precision.synth.draws import Array

Row = Mapping[str, str]


@cache
def rows(name: str) -> tuple[Row, ...]:
    """The rows of ``<name>.csv`` in this package: header -> cell as text, empty where empty."""
    lines = files("precision.synth").joinpath(f"{name}.csv").read_text(encoding="utf-8").splitlines()
    return tuple(csv.DictReader(line for line in lines if not line.startswith("#")))


def column(table: Iterable[Row], name: str) -> tuple[str, ...]:
    """The cells of one column."""
    return tuple(row[name] for row in table)


def numbers(table: Iterable[Row], name: str) -> Array:
    """(rows,) numbers of one column; empty cells are NaN."""
    return np.array([float(row[name] or "nan") for row in table])
