"""Tables to matrix: for each patient and variable the value that holds on the index date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.cohort import Cohort, positions
from precision.errors import InputError
from precision.features.derived import Derivation, derivations, known
from precision.features.latest import UNDATED, Rows, latest
from precision.features.matrix import LONG, Derived, Features, to_days
from precision.schema import Variable, encode, variables

Array = NDArray[np.float64]
Small = NDArray[np.int32]
Whole = NDArray[np.int64]
NUMERIC = ("number", "integer", "boolean", "category")


def integrate(
    cohort: Cohort,
    names: Iterable[str] | None = None,
    *,
    window_days: int | Mapping[str, int] | None = None,
    index_date: date | None = None,
    more: Iterable[Derivation] = (),
) -> Features:
    """The last value of every variable on or before the index date, and what follows from it.

    Parameters
    ----------
    names : variables, in the order of the matrix; all that the cohort knows where None
    window_days : days before the index date in which a dated value counts, for all or by variable; None = no limit
    index_date : the cohort's where None
    more : what else follows, after all that follows from the tables

    Notes
    -----
    A dated value inside the window beats an undated one; of two equal times the later row wins, and of equal
    times in two tables observations win over environment over lifestyle over patients. A value after the index
    date is never used. A recorded value beats one that follows from others; where the two differ the patient is
    counted in `contradictions`.

    Raises
    ------
    InputError : a name is not in the dictionary, or a cell cannot be read
    """
    on = index_date or cohort.index_date
    wanted = None if names is None else tuple(names)
    if unknown := [name for name in wanted or () if name not in variables()]:
        raise InputError(f"no variable is called '{unknown[0]}'; see `precision variables`")
    needed, windows = _needed(wanted), _windows(window_days)
    long, rows = _long(cohort, needed, windows, on)
    bounds, winners = latest(rows, len(cohort), len(long))
    spans = {name: slice(int(bounds[k]), int(bounds[k + 1])) for k, name in enumerate(long)}
    rules = (*derivations(), *more)
    order, columns = _recorded(cohort, needed, wanted, spans, winners, len({rule.variable for rule in rules}))
    derived = _derive(cohort, order, columns, on, rules, grow=wanted is None)
    kept = tuple(order) if wanted is None else wanted
    return Features(
        cohort=cohort,
        index_date=on,
        names=kept,
        values=columns[: len(kept)].T,
        windows=windows,
        derived=MappingProxyType(derived),
        updated=_updated(winners, len(cohort)),
        spans=MappingProxyType(spans),
        winners=winners,
    )


def _needed(wanted: tuple[str, ...] | None) -> frozenset[str]:
    """The recorded variables to read: the wanted ones and those from which they follow."""
    readable = frozenset(name for name, item in variables().items() if item.kind in NUMERIC)
    if wanted is None:
        return readable
    return readable & {*wanted, *(need for rule in derivations() if rule.variable in wanted for need in rule.needs)}


def _windows(window_days: int | Mapping[str, int] | None) -> Mapping[str, int]:
    if isinstance(window_days, int):
        return MappingProxyType(dict.fromkeys(variables(), window_days))
    return MappingProxyType(dict(window_days or {}))


def _long(cohort: Cohort, needed: frozenset[str], windows: Mapping[str, int], on: date) -> tuple[list[str], Rows]:
    """The values of the long tables that may count, and the names of their features."""
    slots: dict[str, int] = {}
    pieces: list[Rows] = []
    for number, table in enumerate(LONG):
        rows = cohort.table(table)
        if rows.empty:
            continue
        patient, time = positions(rows["patient_id"], cohort.ids), _times(rows)
        usable = (patient >= 0) & (time < _microseconds(on + timedelta(days=1)))  # UNDATED is older than any date
        if table == "observations":
            columns = [
                (_features(rows["variable"], needed, slots), rows["value"].to_numpy(np.float64, na_value=np.nan))
            ]
        else:
            columns = [
                (
                    np.full(len(rows), slots.setdefault(name, len(slots)), np.int32),
                    numbers(rows[name], variables()[name], table),
                )
                for name in (str(column) for column in rows if column in needed)
            ]
        for feature, value in columns:
            chosen = np.flatnonzero(usable & (feature >= 0) & ~np.isnan(value))
            pieces.append(_piece(patient, feature, time, value, number, chosen))
    return list(slots), _inside(Rows.together(pieces), list(slots), windows, on)


def _features(cells: pd.Series, needed: frozenset[str], slots: dict[str, int]) -> Small:
    """(M,) slot of each observed variable, -1 where it is not needed; new ones get the next slots."""
    kinds = cells.cat.categories if isinstance(cells.dtype, pd.CategoricalDtype) else pd.unique(cells)
    names = sorted(needed.intersection(map(str, kinds)))
    places = np.array([slots.setdefault(name, len(slots)) for name in names] + [-1], dtype=np.int32)
    return places[positions(cells, pd.Index(names))]


def _piece(patient: Small, feature: Small, time: Whole, value: Array, table: int, chosen: NDArray[np.intp]) -> Rows:
    return Rows(
        patient=patient[chosen],
        feature=feature[chosen],
        time=time[chosen],
        value=value[chosen],
        table=np.full(len(chosen), table, dtype=np.int8),
        row=chosen.astype(np.int32),
    )


def _inside(rows: Rows, names: list[str], windows: Mapping[str, int], on: date) -> Rows:
    """The rows that are inside the window of their variable, or undated."""
    if not windows.keys() & set(names):
        return rows
    starts = [_microseconds(on - timedelta(days=windows[name])) if name in windows else UNDATED for name in names]
    return rows.take((rows.time == UNDATED) | (rows.time >= np.array(starts, dtype=np.int64)[rows.feature]))


def numbers(cells: pd.Series, item: Variable, table: str) -> Array:
    """(M,) values of a wide column: numbers as they are, levels as codes.

    Raises
    ------
    InputError : a text is neither a number nor a level of the variable
    """
    if pd.api.types.is_numeric_dtype(cells) or pd.api.types.is_bool_dtype(cells):
        return cells.to_numpy(dtype=np.float64, na_value=np.nan)
    values, unreadable, _ = encode(item, cells.astype("str").fillna(""))
    if unreadable.any():
        text, allowed = cells[unreadable].iloc[0], ", ".join(item.levels) or item.kind
        raise InputError(
            f"{table}: column '{item.name}' holds '{text}' ({unreadable.sum():,} rows); allowed: {allowed}, or empty"
        )
    return values


def _recorded(
    cohort: Cohort,
    needed: frozenset[str],
    wanted: tuple[str, ...] | None,
    spans: Mapping[str, slice],
    winners: Rows,
    spare: int,
) -> tuple[list[str], Array]:
    """Names and columns (K, N) of what is recorded; spare columns at the end wait for what will follow from it."""
    patients = cohort.table("patients")
    found = {name for name in needed if name in patients or name in spans}
    order = [*(wanted or ()), *(name for name in variables() if name in found and name not in (wanted or ()))]
    columns = np.empty((len(order) + spare, len(cohort)))
    for k, name in enumerate(order):
        columns[k] = (
            numbers(patients[name], variables()[name], "patients") if name in patients and name in found else np.nan
        )
        if name in spans:
            columns[k, winners.patient[spans[name]]] = winners.value[spans[name]]
    return order, columns


def _derive(
    cohort: Cohort, order: list[str], columns: Array, on: date, rules: Iterable[Derivation], *, grow: bool
) -> dict[str, Derived]:
    """Fill what follows from other variables in place; with `grow` a new variable is added to the order."""
    facts = known(cohort, on, lambda name: columns[order.index(name)] if name in order else None)
    found: dict[str, Derived] = {}
    for rule in rules:
        if not grow and rule.variable not in order:
            continue
        follows = rule.compute(facts)
        if follows is None or np.isnan(follows).all():
            continue
        if rule.variable not in order:
            columns[len(order)] = np.nan
            order.append(rule.variable)
        found[rule.variable] = _fill(columns[order.index(rule.variable)], follows, rule, found.get(rule.variable))
    return found


def _fill(column: Array, follows: Array, rule: Derivation, before: Derived | None) -> Derived:
    fill = np.isnan(column) & ~np.isnan(follows)
    recorded = ~np.isnan(column) if before is None else ~np.isnan(column) & ~before.where
    differs = int(np.count_nonzero(recorded & (np.abs(column - follows) > rule.tolerance)))
    column[fill] = follows[fill]
    if before is None:
        return Derived(fill, rule.table, rule.how, differs)
    return Derived(before.where | fill, rule.table, f"{before.how} or {rule.how}", max(before.contradictions, differs))


def _times(rows: pd.DataFrame) -> Whole:
    """(M,) microseconds of the column `time`, UNDATED where there is none."""
    if "time" not in rows:
        return np.full(len(rows), UNDATED)
    return pd.to_datetime(rows["time"]).to_numpy().astype("datetime64[us]").view(np.int64)


def _microseconds(day: date) -> int:
    return int(np.datetime64(day, "us").view(np.int64))


def _updated(winners: Rows, patients: int) -> NDArray[np.datetime64]:
    newest = np.full(patients, UNDATED)
    np.maximum.at(newest, winners.patient, winners.time)
    return to_days(newest)
