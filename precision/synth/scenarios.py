"""The scenario patients: people with a fixed identifier, made for what later features must show."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from precision.synth import tables
from precision.synth.draws import Array, Draws

Given = dict[str, tuple[NDArray[np.intp], Array]]


def ids() -> tuple[str, ...]:
    """The identifiers of all scenario patients."""
    return tables.column(tables.rows("scenarios"), "patient_id")


def count(draws: Draws) -> int:
    """How many of this partition's first people are scenario patients; they live in the first partition only."""
    return min(len(ids()), draws.people) if draws.partition == 0 else 0


def here(draws: Draws) -> NDArray[np.bool_]:
    """(N,) true for scenario patients."""
    return np.arange(draws.people) < count(draws)


def rows(table: str, draws: Draws) -> list[tuple[int, tables.Row]]:
    """Row number of the person, and the cells, of each line of a scenario table that is about these people."""
    found = [(ids().index(row["patient_id"]), row) for row in tables.rows(table)]
    return [(position, row) for position, row in found if position < count(draws)]


def values(draws: Draws) -> Given:
    """Quantity -> rows of the scenario patients who have it fixed, and its values there.

    A flag that a scenario does not mention is 0 for all of them: they have no illness or drug but those of their story.
    """
    everyone = np.arange(count(draws))
    flags = {row["quantity"] for row in tables.rows("equations") if row["kind"] == "flag"}
    flags |= {f"never_{row['panel']}" for row in tables.rows("panels")}
    given: Given = {name: (everyone, np.zeros(len(everyone))) for name in sorted(flags)}
    for position, row in rows("scenario_values", draws):
        name, value = row["quantity"], float(row["value"])
        if name in flags:
            given[name][1][position] = value
        else:
            before, fixed = given.get(name, (np.empty(0, dtype=np.intp), np.empty(0)))
            given[name] = (np.append(before, position), np.append(fixed, value))
    return given


def overwrite(person: dict[str, Array], given: Given, names: Iterable[str]) -> None:
    """Put the fixed values into the quantities of these names."""
    for name in names:
        if name in given:
            fixed_rows, fixed = given[name]
            person.setdefault(name, np.zeros(len(person["one"])))[fixed_rows] = fixed


def written(table: str, draws: Draws) -> list[tuple[int, dict[str, str]]]:
    """Row number of the person, and column -> text, of each record that the scenarios add to a table."""
    mine = [(position, row["cells"]) for position, row in rows("scenario_rows", draws) if row["table"] == table]
    return [(position, dict(cell.split("=", 1) for cell in cells.split("; "))) for position, cells in mine]
