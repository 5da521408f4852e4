"""Who a page is about: the strip of facts that stands at the top of every patient page."""

from __future__ import annotations

import math
from collections.abc import Mapping

from streamlit.delta_generator import DeltaGenerator

from precision import wording
from precision.ui import chrome, html
from precision.ui.workspace import Workspace
from precision.workbench.record import Consent, Medicine, Record

NONE, NOT_RECORDED = "None", "Not recorded"
AT_MOST = 2  # diagnoses named in the strip; the others are counted
SIMILARITY, RECORDED = "Genetic similarity", "Recorded ancestry"
GROUPINGS = {"ancestry_group": SIMILARITY, "ancestry": RECORDED}
GROUPS = {
    "AFR": "African",
    "AMR": "American",
    "EAS": "East Asian",
    "EUR": "European",
    "MID": "Middle Eastern",
    "SAS": "South Asian",
    "OTH": "Other",
}


def identity(space: Workspace, patient: str) -> DeltaGenerator:
    """The identity strip of a patient; buttons added to what it returns stand at its right end."""
    return chrome.identity_strip(patient, fields(space, patient))


def fields(space: Workspace, patient: str) -> tuple[html.Field, ...]:
    """Age and sex, ancestry group, diagnoses, medicines, allergy and consent, or that they are not recorded."""
    found = space.record(patient)
    return (
        html.Field("Age, sex", _age_and_sex(known_values(space, patient, "age", "sex"))),
        _ancestry(found),
        html.Field("Diagnoses", *_diagnoses(found.diagnoses)),
        html.Field("Medicines", _medicines(found.medicines)),
        html.Field("Allergy", found.text("allergy") or NOT_RECORDED, minor=True),
        html.Field("Consent", *_consent(found.consent), minor=True),
    )


def known_values(space: Workspace, patient: str, *names: str) -> Mapping[str, float]:
    """The patient's values of some variables in dictionary units, NaN = missing."""
    features = space.assessment.features
    row = features.row(patient)
    columns = {name: features.column(name) for name in names}
    return {name: math.nan if column is None else float(column[row]) for name, column in columns.items()}


def _age_and_sex(known: Mapping[str, float]) -> str:
    age = "age not recorded" if math.isnan(known["age"]) else f"{math.floor(known['age'])} y"
    sex = "sex not recorded" if math.isnan(known["sex"]) else wording.value_text("sex", known["sex"])
    return f"{age}, {sex}"


def _ancestry(found: Record) -> html.Field:
    """By genetic similarity where that is known, else as recorded; each has a name of its own on every page."""
    if group := found.text("ancestry_group"):
        return html.Field(SIMILARITY, GROUPS.get(group, group), minor=True)
    reported = found.text("ancestry").replace("_", " ").capitalize()
    return html.Field(RECORDED, reported or NOT_RECORDED, minor=True)


def _diagnoses(names: tuple[str, ...] | None) -> tuple[str, str]:
    if not names:
        return (NOT_RECORDED if names is None else NONE), ""
    rest = len(names) - AT_MOST
    return ", ".join(names[:AT_MOST]), f"and {rest} more" if rest > 0 else ""


def _medicines(rows: tuple[Medicine, ...] | None) -> str:
    if rows is None:
        return NOT_RECORDED
    taken, planned = (sum(getattr(one, state) for one in rows) for state in ("taken", "planned"))
    return ", ".join(filter(None, (f"{taken} now" * (taken > 0), f"{planned} planned" * (planned > 0)))) or NONE


def _consent(consent: Consent) -> tuple[str, str]:
    if not consent.recorded:
        return NOT_RECORDED, ""
    permitted, denied = ", ".join(consent.uses("permit")), ", ".join(consent.uses("deny"))
    return permitted.capitalize() or ("Limited" if denied else "None given"), f"but not {denied}" if denied else ""
