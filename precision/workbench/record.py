"""What is recorded of one patient, in the order and words in which a page shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from precision.cohort import Cohort
from precision.features import in_use, label_of, to_begin
from precision.features.codes import meanings

MONTH = "%b %Y"
ACTIVE, NEVER_HERE = "active", ("ruled_out", "family_only")
EVENTS = {
    "prior_myocardial_infarction": "Heart attack",
    "prior_stroke": "Stroke",
    "stroke_tia_thromboembolism": "TIA or embolism",
}
LONGEST = 40  # letters of a diagnosis that is not among our own labels


SCOPES: Mapping[str, str] = MappingProxyType(
    {"pgx": "medicine genes", "acmg_sf": "secondary findings", "prs": "polygenic scores"}
)


USES: Mapping[str, str] = MappingProxyType(
    {
        "research_internal": "research here",
        "research_shared": "research elsewhere",
        "commercial": "commercial use",
        "education_demo": "teaching",
    }
)


@dataclass(frozen=True, slots=True)
class Medicine:
    """A medicine and since when it is taken, or that it is planned, stopped or undated."""

    name: str
    state: str
    taken: bool
    planned: bool


@dataclass(frozen=True, slots=True)
class Relative:
    """A relative's diagnosis: 'Father', 'Coronary heart disease at 47'."""

    relation: str
    diagnosis: str


@dataclass(frozen=True, slots=True)
class Consent:
    """What the patient permits and denies on the index date; the last decision on each use and scope counts."""

    decisions: Mapping[tuple[str, str], str]

    @property
    def recorded(self) -> bool:
        """Whether any decision is recorded."""
        return bool(self.decisions)

    def decision(self, use: str, scope: str) -> str:
        """'permit', 'deny', or empty where nothing is recorded of it."""
        return self.decisions.get((use, scope)) or self.decisions.get((use, "all"), "")

    def denies(self, scope: str) -> bool:
        """Whether the use in this patient's own care is denied."""
        return self.decision("care", scope) == "deny"

    def uses(self, decision: str) -> tuple[str, ...]:
        """Uses that are permitted in any scope ("permit"), or denied and permitted in none ("deny").

        One that is denied in single scopes only bears them: 'care for medicine genes'.
        """
        permitted = {use for (use, _), found in self.decisions.items() if found == "permit"}
        meant = [use for (use, _), found in self.decisions.items() if found == decision]
        found = dict.fromkeys(use for use in meant if decision == "permit" or use not in permitted)
        return tuple(self._worded(use, decision) for use in found)

    def _worded(self, use: str, decision: str) -> str:
        scopes = [scope for (of, scope), told in self.decisions.items() if of == use and told == decision]
        words = [SCOPES.get(scope, scope) for scope in scopes]
        named = "" if decision == "permit" or "all" in scopes else f" for {', '.join(words)}"
        return f"{USES.get(use, use)}{named}".replace("_", " ")


@dataclass(frozen=True, slots=True)
class Record:
    """The tables of one patient, read for the page.

    diagnoses, medicines : None where nothing is recorded, empty where the list is complete and holds none
    tumour : gene and change of each variant
    variants, genes : germline variants and gene results that are recorded
    """

    cohort: Cohort
    diagnoses: tuple[str, ...] | None
    medicines: tuple[Medicine, ...] | None
    relatives: tuple[Relative, ...]
    tumour: tuple[tuple[str, str], ...]
    variants: int
    genes: int
    consent: Consent

    @property
    def patient(self) -> str:
        """The identifier."""
        return str(self.cohort.ids[0])

    def text(self, name: str) -> str:
        """A cell of the patients table, empty where it is not recorded."""
        return _cell(self.cohort.table("patients").iloc[0], name)


def record(cohort: Cohort, patient: str) -> Record:
    """Everything recorded of one patient, on the cohort's index date."""
    tables = {name: cohort.of(patient, name) for name in cohort.tables}
    alone = replace(cohort, tables=MappingProxyType(tables))
    return Record(
        cohort=alone,
        diagnoses=_diagnoses(alone),
        medicines=_medicines(alone),
        relatives=tuple(_relative(row) for _, row in alone.table("family_history").iterrows()),
        tumour=tuple(
            (_cell(row, "gene"), _cell(row, "protein_change")) for _, row in alone.table("somatic").iterrows()
        ),
        variants=len(alone.table("variants")),
        genes=len(alone.table("diplotypes")),
        consent=_consent(alone.table("consent"), pd.Timestamp(alone.index_date)),
    )


def _diagnoses(alone: Cohort) -> tuple[str, ...] | None:
    """Heart attacks and strokes with their month, then what is active: what we have a label for first, newest first."""
    rows = alone.table("conditions")
    if rows.empty:
        return () if "conditions" in alone.complete else None
    if "onset_date" in rows:
        rows = rows.sort_values("onset_date", ascending=False, kind="stable")
    told = [(row, _cell(row, "status") or ACTIVE, _event(row)) for _, row in rows.iterrows()]
    events: dict[str, str] = {}
    for row, status, event in told:
        if event and status not in NEVER_HERE:
            events.setdefault(event, " ".join(filter(None, (event, _month(row, "onset_date")))))
    named = [_diagnosis(row) for row, status, event in told if status == ACTIVE and not event]
    return tuple(dict.fromkeys((*events.values(), *(name for name, _ in sorted(named, key=lambda one: not one[1])))))


def _event(row: pd.Series) -> str:
    """'Heart attack' or 'Stroke', whose past counts as much as the present; empty for anything else."""
    code, text = _cell(row, "code"), _cell(row, "label")
    return next((event for name, event in EVENTS.items() if meanings("conditions")[name].covers(code, text)), "")


def _diagnosis(row: pd.Series) -> tuple[str, bool]:
    """The diagnosis in our own words, else as recorded without its qualifiers; and whether in our own."""
    code = _cell(row, "code")
    if (known := label_of(code)) != code:
        return known, True
    head = (_cell(row, "label") or code).split(",")[0].split(" without ")[0].split(" (")[0]
    return (head if len(head) <= LONGEST else f"{head[: LONGEST - 1].rstrip()}…"), False


def _medicines(alone: Cohort) -> tuple[Medicine, ...] | None:
    """Each medicine once by the latest record that says most: those taken, then those planned, then the others."""
    rows = alone.table("medications")
    if rows.empty:
        return () if "medications" in alone.complete else None
    states = zip(in_use(rows, alone.index_date), to_begin(rows, alone.index_date), strict=True)
    found: dict[str, Medicine] = {}
    for (_, row), (taken, planned) in zip(rows.iterrows(), states, strict=True):
        one = _medicine(row, bool(taken), bool(planned))
        other = found.get(one.name)
        if other is None or (one.taken, one.planned) >= (other.taken, other.planned):
            found[one.name] = one
    return tuple(sorted(found.values(), key=lambda one: (not one.taken, not one.planned, one.name.casefold())))


def _medicine(row: pd.Series, taken: bool, planned: bool) -> Medicine:
    name = _cell(row, "drug") or _cell(row, "code")
    start, stop = _month(row, "start"), _month(row, "stop")
    if planned:
        state = f"planned for {start}" if start else "planned"
    elif taken:
        since = f"since {start}" if start else "now, since when is not recorded"
        state = f"{since}, until {stop}" if stop else since
    else:
        state = f"stopped {stop}" if stop else "not taken now"
    return Medicine(name[:1].upper() + name[1:], state, taken, planned)


def _relative(row: pd.Series) -> Relative:
    relation = _cell(row, "relation").replace("mat_", "maternal ").replace("pat_", "paternal ").replace("_", " ")
    code, age = _cell(row, "condition_code"), row.get("onset_age", np.nan)
    diagnosis = label_of(code) or "diagnosis not recorded"
    when = "" if age is None or pd.isna(age) else f" at {float(age):.0f}"
    return Relative(relation.capitalize() or "Relative", diagnosis + when)


def _consent(rows: pd.DataFrame, on: pd.Timestamp) -> Consent:
    if "valid_to" in rows:
        rows = rows[~(pd.to_datetime(rows["valid_to"]) < on)]
    if "valid_from" in rows:
        rows = rows[~(pd.to_datetime(rows["valid_from"]) > on)]
        rows = rows.sort_values("valid_from", kind="stable", na_position="first")
    decisions = {
        (_cell(row, "use"), _cell(row, "scope")): _cell(row, "decision")
        for _, row in rows.iterrows()
        if _cell(row, "decision")
    }
    return Consent(MappingProxyType(decisions))


def _month(row: pd.Series, name: str) -> str:
    value = row.get(name)
    return "" if value is None or pd.isna(value) else pd.Timestamp(value).strftime(MONTH)


def _cell(row: pd.Series, name: str) -> str:
    value = row.get(name)
    return "" if value is None or pd.isna(value) else str(value)
