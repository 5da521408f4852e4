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
from precision.ui import medicines_data, medicines_view
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
    assert "the list is said to be complete" in said(opened("A1", Workspace(assess(known), uploaded=True)))
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


def taking(*names: str, alleles: tuple[str, str] = ("*4/*4", "*2/*2"), **more: pd.DataFrame) -> Cohort:
    """A woman, A1, with results of CYP2D6 and CYP2C19, who takes these medicines."""
    patients = pd.DataFrame({"patient_id": ["A1"], "sex": ["female"], "age": [50.0]})
    medicines = pd.DataFrame({"patient_id": "A1", "drug": list(names), "status": "active"})
    known = [("A1", gene, told) for gene, told in zip(("CYP2D6", "CYP2C19"), alleles, strict=True) if told]
    genes = pd.DataFrame(known, columns=["patient_id", "gene", "diplotype"])
    tables = {"patients": patients, "medications": medicines, "diplotypes": genes, **more}
    return Cohort("tiny", tables, index_date=date(2026, 11, 22))


def test_every_medicine_to_avoid_stands_in_the_list_and_in_the_note_with_its_source() -> None:
    space = Workspace(assess(taking("clopidogrel", "codeine")), uploaded=True)
    text = said(opened("A1", space))
    listed = text[text.index("Actions") : text.index("Data behind this page")]
    assert listed.count("Avoid codeine") >= 1
    assert listed.count("Avoid clopidogrel") >= 1
    assert "Also says" not in listed
    lines = note_text(space, "A1").splitlines()
    for name, gene, source in (
        ("codeine", "CYP2D6 *4/*4", "[CPIC 2021]"),
        ("clopidogrel", "CYP2C19 *2/*2", "[CPIC 2022]"),
    ):
        line = next(line for line in lines if line.startswith(f"Avoid: Avoid {name}"))
        assert gene in line
        assert line.endswith(source)


def test_medicines_that_could_not_be_judged_are_named_with_the_reason() -> None:
    space = Workspace(assess(taking("codeine", "clopidogrel", "mercaptopurinn", alleles=("", "*1/*1"))), uploaded=True)
    told = "2 medicines not judged: codeine (CYP2D6 result needed), mercaptopurinn (name not recognised)."
    text, note = said(opened("A1", space)), note_text(space, "A1")
    scope = "Medicines against the genes: looked at, 2 of 3 not judged."
    assert told in text[text.index("Actions") : text.index("Data behind this page")]
    assert f"Not determined: {told}" in note
    assert scope in text
    assert scope in note


def test_a_cohort_that_is_replaced_leaves_nothing_behind_for_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A session keeps its last answers; a new cohort may stand at the place in memory of one that is gone."""
    monkeypatch.setattr(medicines_data, "id", lambda _: 1, raising=False)
    unknown, known = (assess(taking("codeine", alleles=(alleles, "")), []) for alleles in ("", "*4/*4"))
    assert "not judged" in note_text(Workspace(unknown, uploaded=True), "A1")
    assert "not judged" not in note_text(Workspace(known, uploaded=True), "A1")


def test_where_no_medicine_could_be_judged_none_is_said_to_be_looked_at() -> None:
    note = note_text(Workspace(assess(taking("codeine", alleles=("", ""))), uploaded=True), "A1")
    assert "1 medicine not judged: codeine (CYP2D6 result needed)." in note
    assert "Medicines against the genes: not looked at: no genotype and no laboratory result is recorded." in note
    other = note_text(Workspace(assess(taking("codeine", alleles=("", "*1/*1"))), uploaded=True), "A1")
    assert "Medicines against the genes: none could be judged." in other
    assert "looked at." not in note + other


def test_a_name_that_is_a_whole_letter_stays_on_one_short_line() -> None:
    space = Workspace(assess(taking(f"snake oil\n{'drops ' * 20}")), uploaded=True)
    line = next(line for line in note_text(space, "A1").splitlines() if "not judged" in line)
    assert "snake oil drops drops" in line
    assert len(line) < 120


def test_of_who_denies_the_use_of_genes_no_medicine_is_said_to_wait() -> None:
    deny = pd.DataFrame({"patient_id": ["A1"], "use": ["care"], "scope": ["pgx"], "decision": ["deny"]})
    denied = Workspace(assess(taking("codeine", "snake oil", alleles=("", ""), consent=deny)), uploaded=True)
    note = note_text(denied, "A1")
    assert "not judged" not in note
    assert "Medicines against the genes: hidden" in note


def test_a_patient_without_genotype_is_not_said_to_be_looked_at() -> None:
    space = Workspace(assess(taking("amlodipine", alleles=("", ""))), uploaded=True)
    text = said(opened("A1", space))
    card = text[text.index("Domains") :]
    assert "Not determined" in card[card.index("Medicines") : card.index("Amlodipine")]
    assert "None: no genotype, no laboratory result" in card
    assert "Medicines against the genes: not looked at: no genotype" in text


def test_the_kidney_value_is_never_written_like_the_gene() -> None:
    text = said(opened("P-00017"))
    assert "eGFR (CKD-EPI 2021) is missing. The other 9 inputs are present." in text
    assert "EGFR" not in text
    behind = text[text.index("Data behind this page") : text.index("Domains")]
    assert "9 of 10" in behind


def test_a_note_without_an_estimate_says_nothing_of_how_it_was_found() -> None:
    space = Workspace(assess(load_sample()), uploaded=False)
    note = note_text(space, "P-00001")
    assert "Not applicable" in note
    assert "is not recorded; the model" not in note
    assert "Found by" not in note
    assert "Found by" in note_text(space, "P-00013")


def popover(test: AppTest) -> str:
    """What stands behind the first "Why?"."""
    first = next(one for one in test.get("popover") if one.proto.popover.label == "Why?")
    return " ".join(str(block.proto.body) for block in first.get("html"))


def test_the_reasons_of_a_medicine_say_what_was_read_and_what_else_acts_and_each_source_once() -> None:
    why = popover(opened("P-00011"))
    assert "laboratory report" in why
    assert "Paroxetine slows down CYP2D6" in why
    assert "strong inhibitor" in why
    assert re.sub(r"<[^>]*>", " ", why).count("2021") == 1
    assert "8 of 35" in popover(opened("P-00001"))
    assert medicines_view.NOT_CONSIDERED.rstrip(".") in re.sub(r"<[^>]*>", "", why)


def test_the_strip_shows_a_past_stroke_and_a_past_heart_attack() -> None:
    space = Workspace(assess(load_sample()), uploaded=False)
    assert "Heart attack May 2026" in said(opened("P-00001", space))
    assert "Stroke Mar 2022" in said(opened("P-00221", space))
    assert "Genetic similarity" in said(opened("P-00001", space))


def test_who_denies_the_use_of_genes_still_sees_the_doses() -> None:
    deny = pd.DataFrame({"patient_id": ["A1"], "use": ["care"], "scope": ["pgx"], "decision": ["deny"]})
    tables = taking("clopidogrel", consent=deny)
    medicines = tables.table("medications").assign(dose=75.0, start=pd.Timestamp("2025-03-01"))
    known = replace(tables, tables=MappingProxyType({**tables.tables, "medications": medicines}))
    text = said(opened("A1", Workspace(assess(known), uploaded=True)))
    assert "75 mg, since Mar 2025" in text
    assert "*2/*2" not in text


def test_the_strip_says_in_words_what_is_not_consented_to() -> None:
    text = said(opened("P-00011"))
    assert "Care but not research here" in " ".join(re.sub(r"<[^>]*>", " ", text).split())
    assert "research internal" not in text
