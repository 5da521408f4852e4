"""The small tables of words that ship with the readers."""

import csv
from importlib.resources import as_file, files


def rows(table: str) -> list[dict[str, str]]:
    """The rows of a CSV table beside this module."""
    with as_file(files("precision.io").joinpath(table)) as path, path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
