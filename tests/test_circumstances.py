"""For whom advice is meant: what the record answers of age, ancestry and the reason why a medicine is given."""

from __future__ import annotations

from types import MappingProxyType

import pandas as pd
import pytest

from precision.cohort import Cohort
from precision.synth.sample import load_sample
from precision.workbench import Assessment, assess
from precision.workbench.circumstances import contraindicated
from precision.workbench.medicine_list import ListedMedicine
from precision.workbench.medicines import actions_recorded, medicines

STROKE, INFARCTION, STENT, CORONARY = "ICD10CM:I63.9", "ICD10CM:I21.4", "ICD10CM:Z95.5", "ICD10CM:I25.10"


@pytest.fixture(scope="module")
def sample() -> Assessment:
    return assess(load_sample(), ())


def assessed(drug: str, results: str, diagnoses: str = "", **patient: str | float) -> Assessment:
    """One patient with a medicine, results 'CYP2C19 *2/*2; ...' and diagnoses 'code; code resolved'."""
    person = {"patient_id": "A", "sex": "female", "age": 50.0, **patient}
    codes = [(f"{one} active").split()[:2] for one in diagnoses.split(";") if one.strip()]
    genes = [one.split() for one in results.split(";")]
    tables = {
        "patients": pd.DataFrame({name: [value] for name, value in person.items()}),
        "medications": pd.DataFrame({"patient_id": ["A"], "drug": [drug]}, dtype="str"),
        "diplotypes": pd.DataFrame([{"patient_id": "A", "gene": g, "diplotype": d} for g, d in genes], dtype="str"),
    }
    if codes:
        rows = [{"patient_id": "A", "code": code, "status": state} for code, state in codes]
        tables["conditions"] = pd.DataFrame(rows, dtype="str")
    return assess(Cohort("test", MappingProxyType(tables), pd.Timestamp("2026-09-30").date()), ())


def first(assessment: Assessment, patient: str, drug: str) -> ListedMedicine:
    return next(one for one in medicines(assessment, patient).listed or () if drug in one.drugs)


@pytest.mark.parametrize(
    ("patient", "condition"),
    [
        ("P-00159", "For: African ancestry (on record)"),  # black, AFR
        ("P-00034", "For: African ancestry (on record)"),
        ("P-00202", "For: ancestry other than African (on record)"),  # hispanic, AMR
    ],
)
def test_recorded_ancestry_answers_for_whom_a_row_is_meant(sample: Assessment, patient: str, condition: str) -> None:
    warfarin = first(sample, patient, "warfarin")
    of_ancestry = [one for one in warfarin.answers if one.row.population]
    assert [one.condition for one in of_ancestry] == [condition]
    assert not warfarin.word.endswith("if")


@pytest.mark.parametrize(
    ("patient", "told"),
    [
        ({"ancestry_group": "AFR", "ancestry": "white"}, ["For: African ancestry (on record)"]),
        ({"ancestry_group": "EUR", "ancestry": "black"}, ["For: ancestry other than African (on record)"]),
        ({"ancestry_group": "OTH", "ancestry": "black"}, ["For: African ancestry (on record)"]),
        ({"ancestry": "asian"}, ["For: ancestry other than African (on record)"]),
        ({"ancestry": "other"}, ["If: ancestry other than African", "If: African ancestry"]),
        ({}, ["If: ancestry other than African", "If: African ancestry"]),
    ],
)
def test_genetic_similarity_comes_before_the_reported_group(patient: dict[str, str], told: list[str]) -> None:
    warfarin = first(assessed("warfarin", "CYP2C9 *1/*1; VKORC1 rs9923231C/T", **patient), "A", "warfarin")
    assert [one.condition for one in warfarin.answers if one.row.population] == told


@pytest.mark.parametrize(("age", "told"), [(10.0, "For: children (on record)"), (50.0, "For: adults (on record)")])
def test_age_answers_for_whom_a_row_is_meant(age: float, told: str) -> None:
    found = first(assessed("voriconazole", "CYP2C19 *17/*17", age=age), "A", "voriconazole")
    assert [one.condition for one in found.answers if one.row.body == "CPIC"] == [told]
    assert found.word == "Change"


@pytest.mark.parametrize(
    ("diagnoses", "word", "led_by"),
    [
        ("", "Avoid if", "If: acute coronary syndrome or percutaneous coronary intervention"),
        (STROKE, "Change", "For: stroke, transient ischaemic attack or neurovascular intervention (on record)"),
        (f"{STROKE} resolved", "Change", "For: stroke, transient ischaemic attack or neurovascular intervention"),
        ("ICD10CM:G45.9", "Change", "For: stroke, transient ischaemic attack or neurovascular intervention"),
        (INFARCTION, "Avoid", "For: acute coronary syndrome or percutaneous coronary intervention (on record)"),
        (f"{STROKE}; {STENT}", "Avoid", "For: acute coronary syndrome or percutaneous coronary intervention"),
        ("SNOMED:22298006", "Avoid", "For: acute coronary syndrome or percutaneous coronary intervention (on record)"),
        ("ICD10CM:I10", "Avoid if", "If: acute coronary syndrome or percutaneous coronary intervention"),
        (f"{INFARCTION} ruled_out", "Avoid if", "If: acute coronary syndrome"),
    ],
)
def test_the_recorded_reason_to_give_clopidogrel_leads(diagnoses: str, word: str, led_by: str) -> None:
    """CYP2C19 *1/*2, CPIC 2022: avoid after an acute coronary syndrome, consider another drug after a stroke."""
    found = first(assessed("clopidogrel", "CYP2C19 *1/*2", diagnoses), "A", "clopidogrel")
    assert found.word == word
    assert found.leading is not None
    assert found.leading.condition.startswith(led_by)


def test_a_reason_that_is_not_recorded_stays_a_condition() -> None:
    found = first(assessed("clopidogrel", "CYP2C19 *1/*2", STROKE), "A", "clopidogrel")
    others = [one for one in found.answers if one.row.body == "CPIC" and one is not found.leading]
    assert [one.condition.partition(":")[0] for one in others] == ["If", "If"]
    assert found.answers.index(others[0]) > 2  # after what holds


@pytest.mark.parametrize(
    "diagnoses", [STROKE, f"{INFARCTION}; {STROKE} resolved", f"{STENT}; ICD10CM:I61.9", STENT, ""]
)
def test_prasugrel_is_not_offered_after_a_stroke(diagnoses: str) -> None:
    """US label of prasugrel, section 4.2: a stroke or transient ischaemic attack rules it out, a bleed too."""
    forbidden = "I6" in diagnoses
    found = first(assessed("clopidogrel", "CYP2C19 *2/*2", diagnoses), "A", "clopidogrel")
    offered = any("prasugrel" in one.title for one in found.answers)
    assert offered == (diagnoses == STENT)
    checked = {one.drug: one.word for one in found.alternatives}
    assert checked.get("prasugrel", "") in (
        ("contraindicated after a stroke or TIA", "") if forbidden else ("No guidance",)
    )


def test_where_both_are_recorded_the_other_alternative_is_named() -> None:
    told = assessed("clopidogrel", "CYP2C19 *2/*2", f"{INFARCTION}; {STROKE} resolved")
    found = first(told, "A", "clopidogrel")
    assert found.leading is not None
    assert found.leading.title == "Avoid clopidogrel; ticagrelor instead"
    assert {one.drug: one.word for one in found.alternatives}["prasugrel"] == contraindicated()["prasugrel"].says
    title = actions_recorded(told, "A")[0].title
    assert title.startswith("Avoid clopidogrel; ticagrelor instead. For: acute coronary syndrome")
    assert told.actions.frame()["title"].tolist()[0] == title  # the table and the page say the same


def test_the_alternatives_of_one_indication_are_not_offered_while_none_is_recorded() -> None:
    told = assessed("clopidogrel", "CYP2C19 *1/*2")
    assert actions_recorded(told, "A")[0].title.startswith("Avoid clopidogrel; another drug, by indication. If: acute")


@pytest.mark.parametrize("patient", ["P-00221", "P-00127"])
def test_patients_after_a_stroke_are_told_of_it(sample: Assessment, patient: str) -> None:
    found = first(sample, patient, "clopidogrel")
    assert found.leading is not None
    assert found.leading.row.population == "neurovascular"
    assert "prasugrel" not in " ".join(one.title for one in found.answers)


def test_what_rules_a_medicine_out_has_its_source() -> None:
    for one in contraindicated().values():
        assert one.status in ("V", "R")
        assert one.source
        assert one.url.startswith("https://")
