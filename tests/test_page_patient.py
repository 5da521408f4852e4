"""The Patient page in its states: a scenario, missing, out of range, prior disease, unknown, nothing recorded."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from precision.cohort import Cohort
from precision.io import read
from precision.synth import load_sample
from precision.synth.sample import FOLDER
from precision.ui.patient_view import note_text
from precision.ui.workspace import KEY, Workspace
from precision.workbench import assess

APP = str(Path(__file__).parents[1] / "app.py")


def opened(patient: str, space: Workspace | None = None) -> AppTest:
    test = AppTest.from_file(APP, default_timeout=60)
    if space is not None:
        test.session_state[KEY] = space
    test.run()
    test.query_params["patient"] = patient
    return test.switch_page("pages/patient.py").run()


def said(test: AppTest) -> str:
    return " ".join(str(block.proto.body) for block in test.get("html"))


def test_a_patient_shows_actions_data_domains_and_history() -> None:
    test = opened("P-00013")
    text = said(test)
    assert not test.exception
    for part in ("P-00013", "Actions", "Data behind this page", "Heart", "Medicines", "Tumour", "Family", "Timeline"):
        assert part in text
    assert "no action does not mean that none is needed" in text
    assert len(test.get("plotly_chart")) == 1


def test_at_most_five_actions_are_shown_each_with_its_why() -> None:
    space = Workspace(assess(load_sample()), uploaded=True)
    most = space.worklist.sort_values("actions", ascending=False)["patient"].iloc[0]
    test = opened(str(most), space)
    whys = [popover for popover in test.get("popover") if popover.proto.popover.label == "Why?"]
    assert 1 <= len(whys) <= 5


@pytest.mark.parametrize(
    ("patient", "word", "sentence"),
    [
        (
            "P-00014",
            "Not estimated",
            "Total cholesterol and HDL cholesterol are missing. The other 8 inputs are present.",
        ),
        ("P-00015", "Out of range", "Age 84 is outside 30 to 79 years."),
        ("P-00001", "Not applicable", "without known cardiovascular disease"),
    ],
)
def test_a_risk_that_is_not_estimated_says_why_in_its_own_words(patient: str, word: str, sentence: str) -> None:
    text = said(opened(patient))
    assert word in text
    assert sentence in text


def test_an_unknown_patient_is_answered_with_a_way_out() -> None:
    test = opened("<b>P-999</b>")
    assert not test.exception
    assert "No match" in said(test)
    test.button(key="patient_unknown").click().run()
    assert "patients need attention" in said(test)


def test_a_patient_with_nothing_recorded_has_no_empty_cell_and_no_zero() -> None:
    people = Cohort("tiny", {"patients": pd.DataFrame({"patient_id": ["A1"]})}, index_date=date(2026, 11, 22))
    test = opened("A1", Workspace(assess(people), uploaded=True))
    text = said(test)
    assert not test.exception
    assert "age not recorded" in text
    assert "Not estimated" in text
    assert text.count("No data") >= 4


def test_genotypes_of_a_file_alone_are_known_and_what_cannot_be_judged_is_not_up_to_date() -> None:
    """A VCF without tables: positions are recorded, and no age says whether any screening is due."""
    cohort = read([FOLDER / "germline.vcf.gz"]).cohort
    assert cohort is not None
    test = opened("P-00001", Workspace(assess(cohort), uploaded=True))
    assert not test.exception
    text = said(test)
    assert "No genotype is recorded" not in text
    assert "<dt>Genotypes</dt><dd>92 positions</dd>" in text
    prevention = text[text.index("Prevention</h2>") :]
    assert "Not determined" in prevention[: prevention.index("Due now")]
    assert "Up to date" not in prevention[: prevention.index("Due now")]
    assert re.search(r"<dt>Cannot be judged yet</dt><dd[^>]*>[1-9]", prevention)


def test_a_cohort_of_nobody_says_so_on_the_patient_page() -> None:
    frame = pd.DataFrame({"patient_id": pd.Series(dtype="str")})
    nobody = Cohort("empty", {"patients": frame}, index_date=date(2026, 11, 22))
    test = AppTest.from_file(APP, default_timeout=60)
    test.session_state[KEY] = Workspace(assess(nobody), uploaded=True)
    test.run()
    assert "This cohort holds no patient." in said(test)
    test.switch_page("pages/patient.py").run()
    assert not test.exception
    assert "This cohort holds no patient." in said(test)


def test_predisposition_results_are_hidden_where_the_patient_does_not_consent() -> None:
    cohort = load_sample()
    consent = cohort.tables["consent"]
    denied = consent[(consent["scope"] == "primary_findings") & (consent["decision"] == "deny")]["patient_id"].iloc[0]
    assert "The patient has not consented to predisposition results. Results are not shown." in said(opened(denied))
    assert "not consented" not in said(opened("P-00006"))


def test_a_number_on_the_page_has_its_horizon_its_range_or_none_and_its_source() -> None:
    text = said(opened("P-00013"))
    assert "10-year heart attack or stroke" in text
    assert "AHA PREVENT 2023, no interval published" in text
    assert "https://doi.org/10.1161/CIRCULATIONAHA.123.067626" in text


def test_an_empty_complete_list_of_medicines_is_told_apart_from_an_unknown_one() -> None:
    frame = pd.DataFrame({"patient_id": ["A1"], "sex": ["female"], "age": [50.0]})
    known, unknown = (
        Cohort("tiny", {"patients": frame}, index_date=date(2026, 11, 22), complete=frozenset(complete))
        for complete in ({"medications"}, set[str]())
    )
    assert "the list of medicines is complete" in said(opened("A1", Workspace(assess(known), uploaded=True)))
    assert "does not mean that none is taken" in said(opened("A1", Workspace(assess(unknown), uploaded=True)))


def test_the_timeline_can_be_widened() -> None:
    test = opened("P-00011")
    test.button_group(key="patient_span").set_value("All").run()
    assert not test.exception
    assert len(test.get("plotly_chart")) == 1


def test_the_note_holds_the_estimate_its_source_and_the_intended_use() -> None:
    space = Workspace(assess(load_sample()), uploaded=False)
    note = note_text(space, "P-00013")
    finding = space.assessment.results["prevent"].finding("P-00013", "ascvd", 10)
    assert finding.text in note
    assert "no interval published" in note
    assert "not a medical device" in note
    assert "Synthetic data." in note


def test_the_note_has_the_results_of_genes_and_each_year_once() -> None:
    space = Workspace(assess(load_sample()), uploaded=False)
    line = next(line for line in note_text(space, "P-00011").splitlines() if "Avoid tramadol" in line)
    assert "CYP2D6 *1/*1" in line
    assert line.endswith("[CPIC 2021]")  # Crews 2021, PMID 33387367


def test_the_scope_names_medicines_only_where_they_were_looked_at() -> None:
    sample = load_sample()
    refused = pd.DataFrame({"patient_id": ["P-00011"], "use": ["care"], "scope": ["pgx"], "decision": ["deny"]})
    denied = replace(sample, tables=MappingProxyType({**sample.tables, "consent": refused}))
    words = [note_text(Workspace(assess(one), uploaded=False), "P-00011") for one in (sample, denied)]
    assert "Medicines against the genes: looked at." in words[0]
    assert "Medicines against the genes: hidden" in words[1]
    assert "tramadol" not in words[1]
