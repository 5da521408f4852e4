"""Who a page is about: the strip of facts that stands at the top of every patient page."""

from __future__ import annotations

import numpy as np
import pandas as pd
from streamlit.delta_generator import DeltaGenerator

from precision import wording
from precision.features import in_use, label_of
from precision.schema import variable
from precision.ui import chrome, html
from precision.ui.workspace import Workspace

NOT_RECORDED = "not recorded"
AT_MOST = 2  # diagnoses named in the strip; the others are counted
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
    cohort, features = space.assessment.cohort, space.assessment.features
    here = cohort.of(patient, "patients").iloc[0]
    medicines = cohort.of(patient, "medications")
    now = int(in_use(medicines, features.index_date).sum()) if len(medicines) else 0
    planned = int((medicines["status"] == "planned").sum()) if "status" in medicines else 0
    group, how = _ancestry(here)
    return (
        html.Field("Age, sex", _age_and_sex(space, patient)),
        html.Field("Ancestry group", group, how, minor=True),
        html.Field("Diagnoses", *_named(_diagnoses(cohort.of(patient, "conditions"), "conditions" in cohort.complete))),
        html.Field("Medicines", _medicines(now, planned, "medications" in cohort.complete)),
        html.Field("Allergy", _text(here, "allergy") or NOT_RECORDED, minor=True),
        html.Field("Consent", *_consent(cohort.of(patient, "consent")), minor=True),
    )


def _age_and_sex(space: Workspace, patient: str) -> str:
    features = space.assessment.features
    row = features.row(patient)
    values = {name: features.column(name) for name in ("age", "sex")}
    age, sex = (np.nan if column is None else float(column[row]) for column in values.values())
    years = "age not recorded" if np.isnan(age) else f"{age:.0f} y"
    return f"{years}, {wording.value_text('sex', sex).replace('missing', 'sex not recorded')}"


def _ancestry(here: pd.Series) -> tuple[str, str]:
    group = _text(here, "ancestry_group")
    if group:
        return GROUPS.get(group, group), "genetic similarity"
    reported = _text(here, "ancestry")
    return (reported.replace("_", " ").capitalize(), "as recorded") if reported else (NOT_RECORDED, "")


def _diagnoses(rows: pd.DataFrame, complete: bool) -> list[str]:
    if rows.empty:
        return ["None"] if complete else [NOT_RECORDED.capitalize()]
    active = rows[rows["status"].isin(["active", ""])] if "status" in rows else rows
    labels = active["label"] if "label" in active else active["code"]
    names = [_diagnosis(str(code), str(label)) for code, label in zip(active["code"], labels, strict=True)]
    return list(dict.fromkeys(names)) or ["None active"]


def _diagnosis(code: str, label: str) -> str:
    known = label_of(code)
    return known if known != code else _short(label if label and label != "nan" else code)


def _named(names: list[str]) -> tuple[str, str]:
    rest = len(names) - AT_MOST
    return ", ".join(names[:AT_MOST]), f"and {rest} more" if rest > 0 else ""


def _short(name: str) -> str:
    """The leading words of a long coded label."""
    head = name.split(",")[0].split(" without ")[0].split(" (")[0]
    return head if len(head) <= 40 else f"{head[:39]}…"


def _medicines(now: int, planned: int, complete: bool) -> str:
    if not now and not planned:
        return "None" if complete else NOT_RECORDED.capitalize()
    return f"{now} now" + (f", {planned} planned" if planned else "")


def _consent(rows: pd.DataFrame) -> tuple[str, str]:
    if rows.empty or "decision" not in rows:
        return NOT_RECORDED.capitalize(), ""
    given = rows.groupby(rows["use"].astype("str").str.replace("_", " "))["decision"].agg(set)
    permitted = [use for use, decisions in given.items() if "permit" in decisions]
    denied = [str(use) for use, decisions in given.items() if "permit" not in decisions]
    return ", ".join(map(str, permitted)).capitalize() or "None given", f"not {', '.join(denied)}" if denied else ""


def _text(here: pd.Series, name: str) -> str:
    if name not in here or pd.isna(here[name]):
        return ""
    value = here[name]
    known = variable(name) if isinstance(value, float) else None
    return known.levels[int(value)] if known and known.levels else str(value)
