"""The Risk page in its states: estimated, missing, out of range, not applicable, unknown; and what if."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from precision import wording
from precision.synth import load_sample
from precision.treatment.whatif import what_if
from precision.workbench import assess

APP = str(Path(__file__).parents[1] / "app.py")


def opened(patient: str) -> AppTest:
    test = AppTest.from_file(APP, default_timeout=60).run()
    test.query_params["patient"] = patient
    return test.switch_page("pages/risk.py").run()


def said(test: AppTest) -> str:
    return " ".join(str(block.proto.body) for block in test.get("html"))


def test_the_page_shows_the_number_of_the_library() -> None:
    finding = assess(load_sample(), ["prevent"]).results["prevent"].finding("P-00013", "ascvd", 10)
    text = said(opened("P-00013"))
    assert f"<b>{finding.text}</b>" in text
    assert "8 in 100" in text
    assert "No range: the publisher gives no uncertainty" in text
    assert "In validated range" in text


@pytest.mark.parametrize(
    ("patient", "word", "sentence"),
    [
        ("P-00014", "Not estimated", "Total cholesterol is missing."),
        ("P-00015", "Out of range", "Age 84 is outside 30 to 79 years. No number is shown"),
        ("P-00001", "Not applicable", "without known cardiovascular disease"),
        ("P-99999", "No match", "No patient of this cohort"),
    ],
)
def test_each_absence_has_its_own_words_and_no_what_if(patient: str, word: str, sentence: str) -> None:
    test = opened(patient)
    text = said(test)
    assert not test.exception
    assert word in text
    assert sentence in text
    assert not test.slider


def test_another_outcome_and_horizon_can_be_asked_for() -> None:
    test = opened("P-00006")
    test.button_group(key="outcome").set_value("hf").run()
    test.button_group(key="years").set_value(30).run()
    finding = assess(load_sample(), ["prevent"]).results["prevent"].finding("P-00006", "hf", 30)
    assert not test.exception
    assert finding.text in said(test)
    assert "within 30 years" in said(test)


def test_a_what_if_answers_with_the_number_of_the_library() -> None:
    test = opened("P-00013")
    test.slider(key="what_if_pressure").set_value(132).run()
    test.button_group(key="what_if_statin").set_value("Moderate").run()
    space = assess(load_sample())
    result = space.results["prevent"]
    row, column = result.row("P-00013"), result.column("ascvd", 10)
    changed = what_if(space.features, result, row, column, ["statin_moderate"], systolic_goal=132)
    assert not test.exception
    assert wording.percent(changed.after) in said(test)
    test.button(key="what_if_reset").click().run()
    assert test.slider(key="what_if_pressure").value == 144


def test_missing_values_can_be_entered_for_this_session_only() -> None:
    test = opened("P-00014")
    test.number_input(key="risk_enter_total_cholesterol").set_value(230.0)
    test.number_input(key="risk_enter_hdl_cholesterol").set_value(45.0)
    submit = next(button for button in test.button if button.label == "Estimate with these values")
    submit.click().run()
    text = said(test)
    assert not test.exception
    assert "Total cholesterol 230 mg/dL, HDL cholesterol 45 mg/dL: entered here, not stored." in text
    assert "In validated range" in text
    assert test.slider(key="what_if_pressure").value == 148
    again = opened("P-00014")
    assert "entered here" not in said(again)
    test.button(key="entered_remove").click().run()
    assert "entered here, not stored" not in said(test)
    assert "Total cholesterol is missing." in said(test)


def test_options_are_told_apart_with_benefit_and_harm() -> None:
    text = said(opened("P-00013"))
    for word in ("Suitable", "Not indicated", "fewer", "new diabetes", "No verified figure"):
        assert word in text


TABLE = """patient_id,age,sex,sbp,tc,hdl,creatinine,diabetes,current_smoker,bp_tx,statin
A1,55,female,140,220,45,0.9,no,yes,no,no
A2,44,male,,,,,,,,
"""


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server with two people: one without eGFR but with creatinine, one of whom nothing is known."""
    (tmp_path / "patients.csv").write_text(TABLE, encoding="utf-8")
    monkeypatch.setenv("PRECISION_COHORT", str(tmp_path))


@pytest.mark.usefixtures("tiny")
def test_a_derived_input_names_what_it_was_calculated_from_and_where_that_stands() -> None:
    test = opened("A1")
    text = said(test)
    assert not test.exception
    assert "calculated by CKD-EPI 2021 from Creatinine, serum 0.9 mg/dL" in text
    assert "patients.csv row 2" in text
    assert "Not recorded" in text


@pytest.mark.usefixtures("tiny")
def test_a_patient_of_whom_nothing_is_known_gets_a_field_for_each_missing_input() -> None:
    test = opened("A2")
    text = said(test)
    assert not test.exception
    assert "Total cholesterol is missing." in text
    assert "2 of 10 inputs are present." in text
    asked = [field.key for field in (*test.number_input, *test.selectbox) if str(field.key).startswith("risk_enter_")]
    assert len(asked) == 8


def test_frequencies_of_a_small_risk_are_told_among_a_thousand_everywhere() -> None:
    text = said(opened("P-00247"))
    for words in ("1 in 1,000", "1 of 1,000", "Per 1,000 men like this"):
        assert words in text
    assert "of 100 " not in text


def test_the_guideline_threshold_bears_its_name_and_source() -> None:
    text = said(opened("P-00013"))
    assert "High-intensity statin advised" in text
    assert "from 10%" in text
    assert "https://doi.org/10.1161/CIR.0000000000001423" in text


def test_what_is_in_use_is_not_offered_as_a_change() -> None:
    test = opened("P-00002")
    assert "Statin: its effect is in the estimate." in said(test)
    assert [group.key for group in test.button_group] == ["domain", "outcome", "years", "what_if_life"]


@pytest.mark.parametrize("outcome", ["ascvd", "total_cvd", "hf", "chd", "stroke"])
def test_every_outcome_and_horizon_can_be_shown(outcome: str) -> None:
    test = opened("P-00006")
    test.button_group(key="outcome").set_value(outcome).run()
    assert not test.exception
    test.button_group(key="years").set_value(30).run()
    assert not test.exception
    assert "in 30 years" in said(test)
