"""What diagnosis and medicine codes say about a yes-or-no variable, for all patients at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.cohort import Cohort, positions
from precision.errors import KnowledgeError
from precision.knowledge.table import read
from precision.schema import variables

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
COLUMNS = ("variable", "system", "code", "match", "counts", "source")
TEXT = {"conditions": "label", "medications": "drug"}


@dataclass(frozen=True, slots=True)
class Meaning:
    """The records that make one variable true.

    exact : "SYSTEM:code"; prefix : the same, without points, of which a code must be or begin with;
    name : words of which one must stand in the record's text;
    ever : a resolved record still counts (a past heart attack)
    """

    exact: frozenset[str]
    prefix: tuple[str, ...]
    name: re.Pattern[str] | None
    ever: bool

    def reads(self, code: str, text: str) -> bool:
        """Whether a record could have been recognised: its code is of a system that is listed, or its text is read."""
        listed = {known.partition(":")[0] for known in (*self.exact, *self.prefix)}
        return code.partition(":")[0] in listed or bool(self.name is not None and text)

    def covers(self, code: str, text: str) -> bool:
        """Whether a record with this "SYSTEM:code" and text is meant."""
        if code in self.exact or (self.prefix and code.replace(".", "").startswith(self.prefix)):
            return True
        return self.name is not None and self.name.search(text.casefold()) is not None


@cache
def meanings(table: str) -> Mapping[str, Meaning]:
    """What each variable's records are in "conditions" or "medications".

    Raises
    ------
    KnowledgeError : a row names an unknown variable, or a way of matching or counting that does not exist
    """
    rows = read("codes", f"{table}.csv", COLUMNS, ("variable", "system", "code"))
    for column, allowed in (
        ("variable", variables()),
        ("match", ("exact", "prefix", "name")),
        ("counts", ("ever", "active")),
    ):
        if not (known := rows[column].isin(list(allowed))).all():
            raise KnowledgeError(f"codes/{table}.csv: {column} '{rows[column][~known].iloc[0]}' is not understood")
    return MappingProxyType({str(name): _meaning(group) for name, group in rows.groupby("variable", sort=False)})


@cache
def _labels() -> Mapping[str, str]:
    rows = read("codes", "labels.csv", ("code", "label"), ("code",))
    return MappingProxyType(dict(zip(rows["code"], rows["label"], strict=True)))


def label_of(code: str) -> str:
    """A diagnosis code's category in words, or the code itself where we have none."""
    category = code.partition(".")[0]
    return _labels().get(category, code)


def _meaning(rows: pd.DataFrame) -> Meaning:
    codes = rows["system"] + ":" + rows["code"]
    names = rows.loc[rows["match"] == "name", "code"]
    return Meaning(
        exact=frozenset(codes[rows["match"] == "exact"]),
        prefix=tuple(codes[rows["match"] == "prefix"]),
        name=re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})\b") if len(names) else None,
        ever=bool((rows["counts"] == "ever").any()),
    )


@dataclass(frozen=True, slots=True)
class Records:
    """The M rows of a table of diagnoses or medicines, read once for all variables.

    Attributes
    ----------
    patient : (M,) position of the patient, -1 where the cohort has none
    kind : (M,) index into `kinds`, the distinct pairs of code and text
    holds, over : (M,) counts as present; was present and is no more (resolved, or said not to be)
    resolved : (M,) was present once
    complete : absence of a record means no
    """

    patients: int
    patient: NDArray[np.int32]
    kind: NDArray[np.intp]
    kinds: tuple[tuple[str, str], ...]
    holds: Mask
    resolved: Mask
    denied: Mask
    complete: bool

    def of(self, meaning: Meaning) -> Mask:
        """(M,) records that are meant; each distinct record is looked at once."""
        return np.array([meaning.covers(*kind) for kind in self.kinds] or [False])[self.kind]

    def answer(self, meaning: Meaning) -> Array:
        """(N,) 1 where a record makes the variable true, 0 where one denies it or the list is complete, else NaN.

        A list that holds a record of the patient which cannot be read (free text, another system of codes) does not
        say no: the record may be the one that is asked for.
        """
        meant = self.of(meaning) & (self.patient >= 0)
        past = self.resolved & (not meaning.ever)
        answer = np.full(self.patients, 0.0 if self.complete else np.nan)
        unread = ~np.array([meaning.reads(*kind) for kind in self.kinds] or [True])[self.kind]
        answer[self.patient[unread & (self.patient >= 0)]] = np.nan
        answer[self.patient[meant & (self.denied | past)]] = 0.0
        answer[self.patient[meant & (self.holds | (self.resolved & meaning.ever))]] = 1.0
        return answer


def diagnoses(cohort: Cohort, on: date) -> Records:
    """The conditions known by this day; a relative's diagnosis says nothing of the patient."""
    rows = cohort.table("conditions")
    known = ~(_dates(rows, "onset_date") > np.datetime64(on, "D")) & ~_among(rows, "status", ("family_only",))
    denied = known & _among(rows, "status", ("ruled_out",))
    going_on = _dates(rows, "end_date") > np.datetime64(on, "D")  # resolved by now, but not by then
    resolved = known & ~going_on & _among(rows, "status", ("resolved", "remission"))
    return _records(cohort, "conditions", rows, (known & ~denied & ~resolved, resolved, denied))


def medicines(cohort: Cohort, on: date) -> Records:
    """The medicines taken on this day; a stopped one leaves open whether another of its kind is taken."""
    rows = cohort.table("medications")
    none = np.zeros(len(rows), dtype=bool)
    return _records(cohort, "medications", rows, (in_use(rows, on), none, none))


def in_use(rows: pd.DataFrame, on: date) -> Mask:
    """(M,) medicines taken on this day: neither stopped, planned, begun later nor ended before."""
    ended = _stopped(rows, on) | (_dates(rows, "stop") < np.datetime64(on, "D"))
    return ~ended & ~_among(rows, "status", ("planned",)) & ~_begins_later(rows, on)


def to_begin(rows: pd.DataFrame, on: date) -> Mask:
    """(M,) medicines that are planned, by their status or because they begin after this day."""
    return _among(rows, "status", ("planned",)) | (_begins_later(rows, on) & ~_stopped(rows, on))


def end_not_known(rows: pd.DataFrame) -> Mask:
    """(M,) medicines that are stopped, on a day that is not recorded."""
    return _among(rows, "status", ("stopped",)) & np.isnat(_dates(rows, "stop"))


def _begins_later(rows: pd.DataFrame, on: date) -> Mask:
    return _dates(rows, "start") > np.datetime64(on, "D")


def _stopped(rows: pd.DataFrame, on: date) -> Mask:
    """(M,) said to be stopped, and not on a later day."""
    return _among(rows, "status", ("stopped",)) & ~(_dates(rows, "stop") > np.datetime64(on, "D"))


def _records(cohort: Cohort, table: str, rows: pd.DataFrame, states: tuple[Mask, Mask, Mask]) -> Records:
    code, codes = _distinct(rows, "code")
    text, words = _distinct(rows, TEXT[table])
    pairs, kind = np.unique(code * len(words) + text, return_inverse=True)
    holds, resolved, denied = states
    return Records(
        patients=len(cohort),
        patient=positions(rows["patient_id"], cohort.ids),
        kind=kind,
        kinds=tuple((codes[pair // len(words)], words[pair % len(words)]) for pair in pairs),
        holds=holds,
        resolved=resolved,
        denied=denied,
        complete=table in cohort.complete,
    )


def _distinct(rows: pd.DataFrame, column: str) -> tuple[NDArray[np.intp], list[str]]:
    """(M,) number of each cell's text, and the distinct texts; empty where nothing is written."""
    if column not in rows:
        return np.zeros(len(rows), dtype=np.intp), [""]
    numbers, texts = pd.factorize(rows[column])
    return numbers + 1, ["", *map(str, texts)]  # number -1 was an empty cell


def _among(rows: pd.DataFrame, column: str, words: tuple[str, ...]) -> Mask:
    numbers, texts = _distinct(rows, column)
    return np.array([text.casefold() in words for text in texts])[numbers]


def _dates(rows: pd.DataFrame, column: str) -> NDArray[np.datetime64]:
    if column not in rows:
        return np.full(len(rows), np.datetime64("NaT"), dtype="datetime64[D]")
    return pd.to_datetime(rows[column]).to_numpy().astype("datetime64[D]")
