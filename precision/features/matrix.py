"""The matrix of a cohort: N patients by K variables, with the time and origin of each value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.cohort import Cohort, positions
from precision.errors import InputError
from precision.features.codes import TEXT, Records, diagnoses, meanings, medicines
from precision.features.latest import UNDATED, Rows
from precision.schema import Variable, variables

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Days = NDArray[np.datetime64]

TOLD = ("", "a", "wk", "%")  # units of answers and of results of other tools, which no laboratory gives without a LOINC
LONG = ("lifestyle", "environment", "observations")  # of two equal times the later table wins
VITALS = frozenset({"height", "weight", "bmi", "waist", "systolic_bp", "diastolic_bp", "heart_rate"})
MODALITIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "clinical": (),
        "labs": (),
        "lifestyle": ("lifestyle",),
        "environment": ("environment",),
        "medications": ("medications",),
        "conditions": ("conditions",),
        "family": ("family_history",),
        "germline": ("variants", "diplotypes"),
        "tumour": ("somatic",),
        "expression": ("expression",),
        "consent": ("consent",),
    }
)
METADATA = (
    ("name", "label", "unit", "sources", "conversion", "window_days", "known", "missing_share")
    + ("derived", "undated", "contradictions", "oldest", "newest", "median_age_days")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Origin:
    """Where one value came from; an undated value has no time, a derived one names what it follows from."""

    variable: str
    value: float
    time: date | None
    table: str
    source_file: str = ""
    source_row: str = ""
    value_source: str = ""
    unit_source: str = ""
    derived_from: str = ""


@dataclass(frozen=True, slots=True)
class Derived:
    """Where a variable's values follow from others: (N,) which, from which table or variables, and how often not so."""

    where: Mask
    table: str
    how: str
    contradictions: int


@dataclass(frozen=True, slots=True)
class Features:
    """The values of N patients in K variables on one day.

    Attributes
    ----------
    values : (N, K) in dictionary units, levels and booleans as codes, NaN = not known
    windows : variable -> days before the index date in which a dated value counts; others have no limit
    derived : variable -> where its values follow from others instead of being recorded
    updated : (N,) day of the newest value in use, NaT where none is dated
    spans, winners : variable -> its rows among the values taken from long tables, ordered by patient
    asked : table -> the patient whose rows were read last for an origin, the rows, and what they say
    """

    cohort: Cohort
    index_date: date
    names: tuple[str, ...]
    values: Array
    windows: Mapping[str, int]
    derived: Mapping[str, Derived]
    updated: Days
    spans: Mapping[str, slice]
    winners: Rows
    asked: dict[str, tuple[str, pd.DataFrame, Records]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def ids(self) -> pd.Index:
        """The N patient identifiers."""
        return self.cohort.ids

    def __len__(self) -> int:
        return len(self.values)

    def column(self, name: str) -> Array | None:
        """(N,) values of a variable, NaN = not known; None where no patient has it."""
        return self.values[:, self.names.index(name)] if name in self.names else None

    def time(self, name: str) -> Days:
        """(N,) day of each value; NaT where it is undated, derived or not known."""
        span = self.spans.get(name, slice(0, 0))
        days = np.full(len(self), np.datetime64("NaT"), dtype="datetime64[D]")
        days[self.winners.patient[span]] = to_days(self.winners.time[span])
        return days

    def row(self, patient: str) -> int:
        """Row of a patient.

        Raises
        ------
        InputError : no such patient
        """
        at = int(self.ids.get_indexer(pd.Index([patient]))[0])
        if at < 0:
            raise InputError(f"no patient '{patient}' among {len(self):,}; choose an identifier of the cohort")
        return at

    def origin(self, patient: str, name: str) -> Origin:
        """Where one patient's value of a variable came from.

        Raises
        ------
        InputError : no such patient, or nothing is known of this variable for them
        """
        at, column = self.row(patient), self.column(name)
        if column is None or np.isnan(column[at]):
            raise InputError(f"{name} of patient '{patient}' is not known; record it to see where it came from")
        value = float(column[at])
        if name in self.derived and self.derived[name].where[at]:
            return self._derived_origin(patient, Origin(name, value, None, self.derived[name].table or "derived"))
        span = self.spans.get(name, slice(0, 0))
        place = span.start + int(np.searchsorted(self.winners.patient[span], at))
        if place < span.stop and self.winners.patient[place] == at:
            time, table = int(self.winners.time[place]), LONG[self.winners.table[place]]
            day = None if time == UNDATED else pd.Timestamp(time, unit="us").date()
            return _origin(self.cohort, Origin(name, value, day, table), int(self.winners.row[place]))
        return _origin(self.cohort, Origin(name, value, None, "patients"), at)

    def _derived_origin(self, patient: str, found: Origin) -> Origin:
        found = replace(found, derived_from=self.derived[found.variable].how)
        if found.table not in TEXT:
            return found
        rows, records = self._records(patient, found.table)
        meant = np.flatnonzero(
            records.of(meanings(found.table)[found.variable]) & (records.holds | records.resolved | records.denied)
        )
        if not len(meant):
            return replace(found, derived_from=f"no such entry in the complete list of {found.derived_from}")
        return _from_record(found, rows.iloc[int(meant[-1])])

    def _records(self, patient: str, table: str) -> tuple[pd.DataFrame, Records]:
        """One patient's diagnoses or medicines, kept until another patient's are asked for."""
        kept = self.asked.get(table)
        if kept is None or kept[0] != patient:
            rows = self.cohort.of(patient, table)
            alone = replace(self.cohort, tables={"patients": self.cohort.of(patient, "patients"), table: rows})
            read = diagnoses if table == "conditions" else medicines
            kept = self.asked[table] = (patient, rows, read(alone, self.index_date))
        return kept[1:]

    def present(self, modality: str) -> Mask:
        """(N,) patients of whom anything of a modality is recorded.

        Raises
        ------
        InputError : the modality is not one of MODALITIES
        """
        if modality not in MODALITIES:
            raise InputError(f"'{modality}' is no modality; known: {', '.join(MODALITIES)}")
        found = np.zeros(len(self), dtype=bool)
        for table in MODALITIES[modality]:
            if table in self.cohort.tables:
                at = positions(self.cohort.table(table)["patient_id"], self.ids)
                found[at[at >= 0]] = True
        if modality == "germline" and self.cohort.genotypes is not None:
            found |= pd.Index(self.cohort.genotypes.samples).get_indexer(self.ids) >= 0
        for k, name in enumerate(self.names):
            if modality_of(variables()[name]) == modality and name not in self.derived:
                found |= ~np.isnan(self.values[:, k])
        return found

    def metadata(self) -> pd.DataFrame:
        """One row per feature: sources, unit, conversion, window, how much is missing, how old the values are."""
        return pd.DataFrame([self._facts(name) for name in self.names], columns=list(METADATA))

    def _facts(self, name: str) -> dict[str, str | int | float | np.datetime64 | None]:
        known = ~np.isnan(self.values[:, self.names.index(name)])
        span = self.spans.get(name, slice(0, 0))
        time = self.winners.time[span]
        days = to_days(time[time != UNDATED])
        ages = (np.datetime64(self.index_date, "D") - days).astype(np.float64)
        derived = self.derived.get(name)
        return {
            "name": name,
            "label": variables()[name].label,
            "unit": variables()[name].unit,
            "sources": ";".join(self._sources(name, known)),
            "conversion": _conversion(self.cohort, name, self.winners, span),
            "window_days": self.windows.get(name),
            "known": int(known.sum()),
            "missing_share": float(1 - known.mean()) if len(known) else 1.0,
            "derived": int(derived.where.sum()) if derived else 0,
            "undated": int(known.sum()) - len(days),
            "contradictions": derived.contradictions if derived else 0,
            "oldest": days.min() if len(days) else np.datetime64("NaT"),
            "newest": days.max() if len(days) else np.datetime64("NaT"),
            "median_age_days": float(np.median(ages)) if len(days) else np.nan,
        }

    def _sources(self, name: str, known: Mask) -> Iterator[str]:
        span, derived = self.spans.get(name, slice(0, 0)), self.derived.get(name)
        long = np.bincount(self.winners.table[span], minlength=len(LONG))
        follows = int(derived.where.sum()) if derived else 0
        if known.sum() > long.sum() + follows:
            yield "patients"
        yield from (table for table, count in zip(LONG, long, strict=True) if count)
        if derived and follows:
            yield derived.table or f"derived from {derived.how}"


def to_days(microseconds: NDArray[np.int64]) -> Days:
    """The day of each time."""
    return microseconds.view("datetime64[us]").astype("datetime64[D]")


def modality_of(item: Variable) -> str:
    """The modality that a value of this variable belongs to, empty where none."""
    if item.table == "observations":
        measured = item.loinc or item.unit not in TOLD
        return "clinical" if item.name in VITALS else "labs" if measured else ""
    if item.table in TEXT:
        return item.table
    return item.domain if item.domain in MODALITIES else ""


def _conversion(cohort: Cohort, name: str, winners: Rows, span: slice) -> str:
    """Units as written in the files, where they differ from the dictionary's."""
    written, table = {cohort.units_read.get(name, "")}, cohort.table("observations")
    if "unit_source" in table:
        rows = winners.row[span][winners.table[span] == LONG.index("observations")]
        written |= set(map(str, table["unit_source"].iloc[rows].dropna().unique()))
    unit = variables()[name].unit
    return "; ".join(f"{text} to {unit}" for text in sorted(written) if text not in ("", unit))


def _from_record(found: Origin, row: pd.Series) -> Origin:
    """The origin that a diagnosis or medicine gives."""
    began = row.get("onset_date" if found.table == "conditions" else "start")
    return replace(
        found,
        time=None if began is None or pd.isna(began) else pd.Timestamp(began).date(),
        source_file=_cell(row, "source_file"),
        source_row=_cell(row, "source_row"),
        value_source=_cell(row, TEXT[found.table]) or _cell(row, "code"),
    )


def _origin(cohort: Cohort, found: Origin, row: int) -> Origin:
    cells = cohort.table(found.table).iloc[row]
    return replace(
        found,
        source_file=_cell(cells, "source_file"),
        source_row=_cell(cells, "source_row"),
        value_source=_cell(cells, "value_source"),
        unit_source=_cell(cells, "unit_source") or cohort.units_read.get(found.variable, ""),
    )


def _cell(row: pd.Series, column: str) -> str:
    value = row.get(column)
    if value is None or pd.isna(value):
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)
