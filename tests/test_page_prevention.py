"""The Prevention page: what is due, up to date, not known, and advised against, for people with and without records."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from precision.io import read
from precision.workbench import assess

APP = str(Path(__file__).parents[1] / "app.py")
TABLE = """patient_id,age,sex,as_of,last_mammogram,last_colonoscopy,last_dexa,current_smoker,smoking_status,pack_years
W1,60,female,2026-09-01,2023-01-10,2022-05-01,,no,never,
M1,62,male,2026-09-01,,,,yes,current,40
N1,30,male,2026-09-01,,,,,,
"""


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A server with a woman whose mammography is overdue, a heavy smoker, and one of whom little is known."""
    file = tmp_path / "patients.csv"
    file.write_text(TABLE, encoding="utf-8")
    monkeypatch.setenv("PRECISION_COHORT", str(tmp_path))
    return file


def opened(patient: str, state: str = "") -> AppTest:
    test = AppTest.from_file(APP, default_timeout=60).run()
    test.query_params["patient"] = patient
    test.switch_page("pages/prevention.py").run()
    if state:
        test.button_group(key="prevention_state").set_value(state).run()
    assert not test.exception
    return test


def said(test: AppTest) -> str:
    return " ".join(str(block.proto.body) for block in test.get("html"))


@pytest.mark.usefixtures("people")
def test_what_is_overdue_stands_first_with_its_days_grade_and_source() -> None:
    text = said(opened("W1"))
    mammography = text.index("Offer mammography")
    assert "Overdue" in text[:mammography]
    assert "10 Jan 2025" in text  # two years after the last one
    assert "last 10 Jan 2023" in text
    assert "grade B" in text
    assert "USPSTF 2024" in text


@pytest.mark.usefixtures("people")
def test_what_is_up_to_date_names_the_next_day() -> None:
    assert "1 May 2032" in said(opened("W1", "Up to date"))  # ten years after the colonoscopy


@pytest.mark.usefixtures("people")
def test_what_cannot_be_judged_names_what_is_missing() -> None:
    text = said(opened("N1", "Not determined"))
    assert "Not determined" in text
    assert "Not known: " in text


@pytest.mark.usefixtures("people")
def test_grade_d_is_shown_as_do_not() -> None:
    text = said(opened("W1", "Do not"))
    assert "Do not" in text
    assert "ovarian cancer" in text
    assert "Overdue" not in text
    plan = text[: text.index("By date")]
    assert "Last and next" not in plan  # what is advised against has no day, and no empty column for it


@pytest.mark.usefixtures("people")
def test_a_heavy_smoker_is_offered_a_ct_of_the_lungs() -> None:
    assert "low-dose CT" in said(opened("M1"))
    assert "low-dose CT" not in said(opened("W1"))


def test_the_counts_on_the_page_are_those_of_the_library(people: Path) -> None:
    cohort = read([people]).cohort
    assert cohort is not None
    items = [item for item in assess(cohort).plan.of("W1") if item.kind != "monitoring"]
    due = sum(item.state == "due" for item in items)
    control = opened("W1").button_group(key="prevention_state")
    assert f"To do {due}" in [str(option) for option in control.options]


@pytest.mark.usefixtures("people")
def test_an_unknown_patient_is_said_to_be_unknown() -> None:
    text = said(opened("P-99999"))
    assert "No match" in text
    assert ">Prevention<" in text
