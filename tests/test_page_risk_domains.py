"""The Risk page in every domain: one card per model, its states, and values that are entered for the moment."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from precision.io import read
from precision.model import registry
from precision.synth import load_sample
from precision.ui.risk_question import DOMAINS
from precision.workbench import assess
from precision.workbench.entered import with_values
from precision.workbench.panels import cards, domains, entries

APP = str(Path(__file__).parents[1] / "app.py")
HEADER = (
    "patient_id,age,sex,sbp,tc,hdl,creatinine,diabetes,current_smoker,bp_tx,statin,uacr,kfre_region,"
    "alt,ast,platelets,af,frax_mof\n"
)
ROWS = """\
A1,61,female,140,220,45,1.9,no,yes,no,no,310,north_america,31,40,210,no,
A2,84,male,140,220,45,1.1,no,no,no,no,20,,,,,yes,14.5
A3,44,female,,,,,,,,,,,,,,,
"""


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A server with one whose kidneys are ill, one beyond the ages of most models, and one of whom nothing is known."""
    file = tmp_path / "patients.csv"
    file.write_text(HEADER + ROWS, encoding="utf-8")
    monkeypatch.setenv("PRECISION_COHORT", str(tmp_path))
    return file


def opened(patient: str, domain: str) -> AppTest:
    test = AppTest.from_file(APP, default_timeout=60).run()
    test.query_params["patient"] = patient
    test.switch_page("pages/risk.py").run()
    if domain != "heart":
        test.button_group(key="domain").set_value(domain).run()
    assert not test.exception
    return test


def said(test: AppTest) -> str:
    return " ".join(str(block.proto.body) for block in test.get("html"))


def test_every_model_but_the_variants_of_prevent_and_the_doses_of_medicines_has_one_place() -> None:
    placed = [entry.model for entry in entries()]
    assert len(placed) == len(set(placed))
    elsewhere = {name for name, model in registry().items() if model.domain == "medicines"}
    assert set(registry()) - set(placed) == elsewhere | {name for name in registry() if name.startswith("prevent_")}
    assert domains() == tuple(DOMAINS)


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("patient", ["A1", "A2", "A3"])
def test_every_domain_opens_for_everybody_and_shows_each_model_with_its_number_or_reason(
    people: Path, patient: str, domain: str
) -> None:
    text = said(opened(patient, domain))
    cohort = read([people]).cohort
    assert cohort is not None
    for card in cards(assess(cohort), patient, domain):
        if card.model.name == "prevent":
            continue
        assert card.model.label in text
        if card.status == "ok":
            assert card.finding.text in text


@pytest.mark.usefixtures("people")
def test_the_states_have_their_words() -> None:
    kidney = said(opened("A1", "kidney"))
    assert "In validated range" in kidney
    assert "Cystatin C is missing." in kidney
    assert "The other 3 inputs are present." in kidney
    breast = said(opened("A2", "breast"))
    assert "Not applicable" in breast
    assert "Not estimated" in said(opened("A3", "kidney"))
    assert "Out of range" in said(opened("A2", "heart"))


@pytest.mark.usefixtures("people")
def test_a_model_about_a_diagnosis_is_not_shown_as_a_number_without_it() -> None:
    assert "Atrial fibrillation is not recorded for this patient." in said(opened("A1", "heart"))
    assert "Atrial fibrillation is not recorded for this patient." not in said(opened("A2", "heart"))


@pytest.mark.usefixtures("people")
def test_a_closed_model_says_why_it_is_not_computed_and_hands_on_what_was_imported() -> None:
    imported = said(opened("A2", "bone"))
    assert "14.5%" in imported
    assert "FRAX is not computed here" in imported
    assert "FRAX is not computed here" in said(opened("A1", "bone"))


@pytest.mark.usefixtures("people")
def test_a_value_entered_in_one_card_counts_in_every_model_until_it_is_removed() -> None:
    test = opened("A1", "kidney")
    test.number_input(key="enter_ckd_epi_cystatin_2012_cystatin_c").set_value(1.6)
    button = next(
        one for one in test.button if one.label == "Estimate with these values" and "cystatin_2012" in one.form_id
    )
    button.click().run()
    text = said(test)
    assert not test.exception
    assert "Cystatin C 1.6 mg/L: entered here, not stored." in text
    assert "Cystatin C is missing." not in text
    test.button(key="entered_remove").click().run()
    assert "Cystatin C is missing." in said(test)


def test_entered_values_leave_the_cohort_as_it_was(people: Path) -> None:
    cohort = read([people]).cohort
    assert cohort is not None
    before = assess(cohort)
    after = with_values(before, "A1", {"cystatin_c": 1.6})
    model = registry()["ckd_epi_cystatin_2012"]
    by_hand = 133 * (1.6 / 0.8) ** -1.328 * 0.996**61 * 0.932  # Inker 2012, cystatin C above 0.8 mg/L, woman
    assert after.results[model.name].finding("A1").value == pytest.approx(by_hand, rel=1e-12)
    assert before.results[model.name].finding("A1").missing == ("cystatin_c",)
    assert len(after.cohort) == 1
    assert after.features.origin("A1", "cystatin_c").source_file == "entered on the page"


def test_small_risks_are_told_apart_among_a_thousand() -> None:
    card = next(iter(cards(assess(load_sample()), "P-00016", "colon")))
    small, average = (1000 * one.value for one in card.findings)
    assert max(small, average) < 10
    text = said(opened("P-00016", "colon"))
    assert f"{small:.1f} in 1,000" in text
    assert f"{average:.1f} in 1,000" in text
