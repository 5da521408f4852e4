"""The Medicines page: advice by severity with its reasons, genes with what was not seen, what if, and absent data."""

import re
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from precision.pgx.answers import plain
from precision.pgx.definitions import genes
from precision.pgx.of_cohort import calls_of
from precision.pgx.result import Alternative, Call, Diplotype, Interpretation
from precision.synth.sample import load_sample
from precision.ui import medicines_words
from precision.ui.medicines_view import called
from precision.ui.medicines_words import also_possible
from precision.ui.severity import level_of
from precision.workbench import assess
from precision.workbench.gene_names import shortened
from precision.workbench.medicine_changes import differences, gene_differences
from precision.workbench.medicine_list import Change, GeneRow
from precision.workbench.medicines import changed, medicines

APP = str(Path(__file__).parents[1] / "app.py")
TABLE = "patient_id,age,sex\nN1,60,female\nD1,50,male\n"
MEDICINES = "patient_id,drug,dose,status\nD1,clopidogrel,75,active\nD1,snake oil,,active\n"
CONSENT = "patient_id,use,scope,decision\nD1,care,pgx,deny\n"
RESULTS = "patient_id,gene,diplotype\nD1,CYP2C19,*2/*2\n"


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A server with a woman of whom nothing is recorded, and a man with medicines and a laboratory result."""
    for name, text in (("patients", TABLE), ("medications", MEDICINES), ("diplotypes", RESULTS)):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    monkeypatch.setenv("PRECISION_COHORT", str(tmp_path))
    return tmp_path


@pytest.fixture(scope="module")
def sample() -> AppTest:
    """The app with the sample cohort, for tests that leave nothing behind for the next patient."""
    return AppTest.from_file(APP, default_timeout=120).run()


def opened(patient: str, test: AppTest | None = None, page: str = "medicines") -> AppTest:
    test = test or AppTest.from_file(APP, default_timeout=120).run()
    test.query_params["patient"] = patient
    test.switch_page(f"pages/{page}.py").run()
    assert not test.exception
    return test


def blocks(test: AppTest) -> list[str]:
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", str(one.proto.body))) for one in test.get("html")]


def said(test: AppTest) -> str:
    return " ".join(blocks(test))


def test_clopidogrel_in_a_poor_metaboliser_is_to_be_avoided_by_cpic(sample: AppTest) -> None:
    text = said(opened("P-00001", sample))
    row = text[text.index("Avoid Clopidogrel") : text.index("Why")]
    assert "CYP2C19 *2/*2" in row
    assert "Poor metaboliser" in row
    assert "prasugrel" in row
    assert "CPIC 2022" in row  # Lee 2022, PMID 35034351
    assert "Strong" in row


def test_the_cards_of_a_medicine_and_of_a_gene_open_beside_what_is_looked_at(sample: AppTest) -> None:
    test = opened("P-00001", sample)
    test.button(key="medicines_card").click().run()
    assert not test.exception
    assert "RxNorm 32968" in said(test)  # clopidogrel
    test.button(key="medicines_gene_card").click().run()
    assert not test.exception
    alleles = next(table.value for table in test.dataframe if "Allele" in table.value)
    assert alleles[alleles["Allele"] == "*17"]["CPIC function"].tolist() == ["Increased function"]


def test_reset_takes_every_change_back(sample: AppTest) -> None:
    test = opened("P-00011", sample)
    test.multiselect(key="medicines_if_add").set_value(["fluoxetine"])
    test.multiselect(key="medicines_if_without").set_value(["Paroxetine"]).run()
    assert "Choose a change" not in said(test)
    test.button(key="medicines_if_reset").click().run()
    assert test.multiselect(key="medicines_if_add").value == test.multiselect(key="medicines_if_without").value == []
    assert "Choose a change" in said(test)


def test_no_guidance_is_never_green_and_says_that_it_does_not_mean_safe(sample: AppTest) -> None:
    text = said(opened("P-00001", sample))
    assert level_of("No guidance") == "n"
    assert text.count("No row is held here for this medicine.") == 2  # aspirin and losartan
    assert text.count("This does not mean safe.") >= 2


def test_an_inhibitor_shows_the_phenotype_by_genotype_and_with_it(sample: AppTest) -> None:
    text = said(opened("P-00011", sample))
    assert "Normal metaboliser by genotype; with paroxetine as Poor metaboliser" in text
    assert "With paroxetine, strong inhibitor: as Poor metaboliser" in text
    assert "By the genotype alone" in text


def test_the_counts_and_the_order_are_those_of_the_library(sample: AppTest) -> None:
    found = medicines(assess(load_sample()), "P-00011")
    text = said(opened("P-00011", sample))
    listed = found.listed or ()
    assert [one.urgency for one in listed] == sorted((one.urgency for one in listed), reverse=True)
    places = [text.index(f" {one.name} {one.detail} ") for one in listed]
    assert places == sorted(places)
    assert f"{found.counts().get('Avoid', 0)} avoid" in text


def test_missing_positions_are_named_and_never_read_as_reference(sample: AppTest) -> None:
    test = opened("P-00001", sample)
    text = said(test)
    gene = test.selectbox(key="medicines_gene_P-00001")
    assert gene.value == "CYP2C19"  # it decides the most urgent advice
    told = next(str(one) for one in gene.options if one.startswith("CYP2C19:"))
    called, missing = map(int, re.findall(r"\d+(?= called| missing)", told))
    assert called + missing == len(genes()["CYP2C19"].variants)
    assert missing > 0
    assert text.index("Variant A/A") < text.index("Missing No record in the file")  # rs4244285, *2 on both strands
    assert "Missing positions are never read as reference." in text
    assert "Unknown: an absent position is never read as reference" in text


def test_every_known_medicine_can_be_searched_and_filtered(sample: AppTest) -> None:
    test = opened("P-00001", sample)
    test.button_group(key="medicines_shown").set_value("all").run()
    assert "1 to 25 of" in said(test)
    test.text_input(key="medicines_find").set_value("simvast").run()
    assert "Simvastatin" in said(test)
    assert "1 to 1 of 1" in said(test)
    test.text_input(key="medicines_find").set_value("<b>no such").run()
    assert "No match" in said(test)
    test.text_input(key="medicines_find").set_value("").run()
    test.multiselect(key="medicines_words").set_value(["Avoid"]).run()
    table = next(block for block in blocks(test) if "Amitriptyline" in block)
    assert "Monitor" not in table


def test_a_what_if_shows_what_changes_and_stores_nothing() -> None:
    test = opened("P-00011")
    before = said(test)
    test.multiselect(key="medicines_if_without").set_value(["Paroxetine"]).run()
    text = said(test)
    change = text[text.index("What if") :]
    assert "Tamoxifen" in change
    assert "Standard" in change  # *1/*1 without the inhibitor is a normal metaboliser
    assert "Not taken any more" in change
    test.button(key="medicines_if_reset").click().run()
    assert said(test) == before


def test_a_condition_stands_beside_the_advice_of_a_what_if() -> None:
    """P-00011 is CYP2C19 *1/*2: CPIC avoids clopidogrel after an acute coronary syndrome, not in everybody."""
    test = opened("P-00011")
    test.multiselect(key="medicines_if_add").set_value(["clopidogrel"]).run()
    text = said(test)
    change = text[text.index("What if") :]
    assert "Avoid if" in change
    assert "If: acute coronary syndrome" in change


def test_a_recorded_reason_to_give_a_medicine_is_told_in_the_same_words_everywhere(sample: AppTest) -> None:
    """P-00001 had a heart attack in May 2026: CPIC's row for it is no condition, those for others are."""
    met = "For: acute coronary syndrome or percutaneous coronary intervention (on record)"
    test = opened("P-00001", sample)
    text = said(test)
    row = next(block for block in blocks(test) if "Avoid clopidogrel" in block)
    assert f"Avoid clopidogrel; prasugrel or ticagrelor instead {met}." in row
    assert "If: acute coronary syndrome" not in text
    compared = text[text.index("Sources compared") :]
    assert f"Avoid Avoid clopidogrel; prasugrel or ticagrelor instead {met}." in compared
    assert "Avoid if Avoid clopidogrel; another drug, by indication If: stroke" in compared
    note = f"Avoid: Avoid clopidogrel; prasugrel or ticagrelor instead. {met}."
    assert note in test.code[0].value
    patient = opened("P-00001", sample, "patient")
    assert note in patient.code[0].value
    assert f"Avoid clopidogrel; prasugrel or ticagrelor instead. {met}" in said(patient)


@pytest.mark.usefixtures("people")
def test_what_differs_by_population_names_the_one_that_it_is_for() -> None:
    """D1 is CYP2C19 *2/*2 without a recorded diagnosis: CPIC avoids clopidogrel, with another drug for each reason."""
    row = next(block for block in blocks(opened("D1")) if "Avoid clopidogrel" in block)
    assert "Avoid clopidogrel; another drug, by indication If: acute coronary syndrome" in row
    assert "Either way" not in row
    assert "prasugrel or ticagrelor instead" not in row


def test_other_names_of_a_medicine_do_not_lead_to_another() -> None:
    """'codeine' finds codeine, not acetaminophen by 'Tylenol with codeine'."""
    options = opened("P-00011").multiselect(key="medicines_if_add").options
    assert [one.split(" (")[0] for one in options if "codeine" in one.lower()] == ["Codeine"]


def test_reading_absent_positions_as_reference_is_a_choice_and_off() -> None:
    test = opened("P-00001")
    assert not test.toggle(key="medicines_if_every").value
    test.toggle(key="medicines_if_every").set_value(True).run()
    text = said(test)
    change = text[text.index("What if") :]
    assert "CYP3A4" in change
    assert "Not determined" in change


def test_what_was_entered_for_a_patient_is_gone_with_the_cohort() -> None:
    """Another cohort may have other people of the same identifiers."""

    def page() -> None:
        from precision.synth.sample import load_sample
        from precision.ui import html, medicines_data, workspace
        from precision.workbench import assess

        medicines_data.enter("P-00011", "CYP2D6", "*4/*4", "")
        html.show(html.sentence(f"before {dict(medicines_data.entered('P-00011'))}"))
        workspace.use(assess(load_sample(), ()))
        html.show(html.sentence(f"after {dict(medicines_data.entered('P-00011'))}"))

    text = said(AppTest.from_function(page, default_timeout=60).run())
    assert "before {&#x27;CYP2D6" in text
    assert "after {}" in text


def test_a_laboratory_result_counts_for_the_session_and_can_be_removed() -> None:
    test = opened("P-00011")
    test.text_input(key="medicines_result_alleles_CYP2D6").set_value("*4/*4/*4").run()
    test.button(key="medicines_result_enter").click().run()
    assert "expected one allele or two" in said(test)
    test.text_input(key="medicines_result_alleles_CYP2D6").set_value("*4/*4").run()
    test.button(key="medicines_result_enter").click().run()
    text = said(test)
    assert "Entered here CYP2D6 *4/*4, Poor metaboliser. Not stored." in text
    assert text.count("CYP2D6 *4/*4") > 1
    test.button(key="medicines_remove_CYP2D6").click().run()
    assert "Entered here" not in said(test)
    assert "CYP2D6 *1/*1" in said(test)


def test_names_of_results_on_pages_are_short_and_say_what_they_mean() -> None:
    """c.-1639G>A is C>T on the forward strand; CPIC calls the T allele one of higher coumarin sensitivity."""
    assert plain("-1639 AG") == "-1639 AG (increased sensitivity to coumarins)"
    assert plain("-1639 GG") == "-1639 GG (normal sensitivity to coumarins)"
    two = "rs9923231 reference (C)/rs9923231 variant (T)"
    none = "ivacaftor non-responsive CFTR sequence"
    assert shortened({"VKORC1": two, "CFTR": f"{none}/{none}", "CYP2D6": "*1/*4"}) == {
        "VKORC1": "rs9923231 C/T",
        "CFTR": "non-responsive/non-responsive",
        "CYP2D6": "*1/*4",
    }
    text = said(opened("P-00004"))  # VKORC1 -1639 A/A, CYP2C9 *1/*3, warfarin
    assert "VKORC1 rs9923231 T/T -1639 AA (greatly increased sensitivity to coumarins)" in text
    assert "reference (C)" not in text
    assert none not in text


@pytest.mark.parametrize(("written", "told"), [("*57:01", "*57:01 present"), ("*57:01 negative", "*57:01 absent")])
def test_an_entered_hla_allele_says_how_it_was_read(written: str, told: str) -> None:
    test = opened("P-00011")
    test.selectbox(key="medicines_result_gene").set_value("HLA-B").run()
    test.text_input(key="medicines_result_alleles_HLA-B").set_value(written).run()
    test.button(key="medicines_result_enter").click().run()
    text = said(test)
    assert f"Entered here HLA-B {told}. Not stored." in text
    assert f"HLA-B *57:01 {told} –" in text  # the gene table


def test_one_allele_of_g6pd_says_why_it_means_nothing_in_a_woman() -> None:
    test = opened("P-00002")  # female
    test.selectbox(key="medicines_result_gene").set_value("G6PD").run()
    test.text_input(key="medicines_result_alleles_G6PD").set_value("B (reference)").run()
    test.button(key="medicines_result_enter").click().run()
    told = "G6PD B (reference) No phenotype assigned. The laboratory reports one allele where two are expected."
    assert told in said(test)


def test_one_allele_of_two_is_refused_with_what_is_needed() -> None:
    test = opened("P-00011")
    test.text_input(key="medicines_result_alleles_CYP2D6").set_value("*4").run()
    test.button(key="medicines_result_enter").click().run()
    assert "two alleles are needed, as in *4/*4 or *1/*4." in said(test)


def test_a_result_without_a_phenotype_is_refused_with_words() -> None:
    test = opened("P-00001")
    test.button(key="medicines_result_enter").click().run()
    assert "Write a diplotype" in said(test)
    test.text_input(key="medicines_result_alleles_CYP2D6").set_value("*1/<i>").run()
    test.button(key="medicines_result_enter").click().run()
    assert "no source gives a phenotype for it" in said(test)


@pytest.mark.usefixtures("people")
def test_without_a_genotype_nothing_is_called_normal() -> None:
    text = said(opened("N1"))
    assert "No genotype and no laboratory result is recorded for this patient. This does not mean normal." in text
    assert "No medicine is recorded. This does not mean that none is taken." in text
    assert "Standard" not in text


def test_a_medicine_whose_gene_is_unknown_is_not_determined(people: Path) -> None:
    (people / "diplotypes.csv").unlink()
    text = said(opened("D1"))
    assert "Not determined Clopidogrel" in text
    assert "CYP2C19 result needed for clopidogrel" in text
    assert "Depends on CYP2C19" in text
    assert "No result to grade" in text


VARIANTS = (
    "patient_id,assembly,chrom,pos,ref,alt,genotype\n"
    "D1,GRCh38,chr10,94775367,A,G,1/1\nD1,GRCh38,chr10,94781859,G,A,1/1\nD1,GRCh38,chr10,94842866,A,G,1/1\n"
)


def test_genotypes_that_contradict_the_laboratory_stand_beside_the_advice(people: Path) -> None:
    (people / "variants.csv").write_text(VARIANTS, encoding="utf-8")  # CYP2C19*2 on both strands
    (people / "diplotypes.csv").write_text(RESULTS.replace("*2/*2", "*1/*1"), encoding="utf-8")
    text = said(opened("D1"))
    told = "Review The genotypes say *2/*2, Poor metaboliser; advice follows the laboratory."
    advice, why, genes = text.index("Standard Clopidogrel"), text.index("Why"), text.index("24 genes")
    assert advice < text.index(told) < why
    assert told in text[why:genes]
    assert told in text[genes:]


def test_an_entered_result_that_replaces_another_says_which(people: Path) -> None:
    test = opened("D1")
    test.selectbox(key="medicines_result_gene").set_value("CYP2C19").run()
    test.text_input(key="medicines_result_alleles_CYP2C19").set_value("*1/*1").run()
    test.button(key="medicines_result_enter").click().run()
    told = "Review On record is *2/*2, Poor metaboliser; advice follows what was entered here."
    text = said(test)
    assert text.index("Standard Clopidogrel") < text.index(told) < text.index("Why")
    assert told in text[text.index("Enter a laboratory result") :]
    assert people.exists()


@pytest.mark.usefixtures("people")
def test_the_note_on_this_page_counts_what_was_entered_here_and_says_so() -> None:
    test = opened("D1")
    on_record = "Avoid: Avoid clopidogrel; another drug, by indication. If: acute coronary syndrome"
    assert on_record in test.code[0].value
    assert "Entered in this session" not in test.code[0].value
    test.selectbox(key="medicines_result_gene").set_value("CYP2C19").run()
    test.text_input(key="medicines_result_alleles_CYP2C19").set_value("*1/*1").run()
    test.button(key="medicines_result_enter").click().run()
    note = test.code[0].value
    assert "Entered in this session, not stored: CYP2C19 *1/*1." in note
    assert "Avoid clopidogrel" not in note
    assert "Standard Clopidogrel" in said(test)
    elsewhere = opened("D1", test, "patient").code[0].value
    assert on_record in elsewhere
    assert "Entered in this session" not in elsewhere
    opened("D1", test).button(key="medicines_remove_CYP2C19").click().run()
    assert on_record in test.code[0].value


def test_a_medicine_that_acts_on_others_is_marked_and_named_where_it_counts(sample: AppTest) -> None:
    """P-00011 takes paroxetine, which slows CYP2D6 down: tamoxifen, metoprolol and tramadol depend on it."""
    test = opened("P-00011", sample)
    text = said(test)
    assert "Review Slows down CYP2D6: see metoprolol, tamoxifen, tramadol." in text
    counts = "Paroxetine slows down CYP2D6: the advice on tamoxifen counts that."
    row = text[text.index("Change Tamoxifen") : text.index("Change dose Metoprolol")]
    assert counts in row
    assert counts in text[text.index("What if") : text.index("Why ")]
    test.multiselect(key="medicines_if_without").set_value(["Paroxetine"]).run()
    text = said(test)
    change = text[text.index("What if") : text.index("Why ")]
    assert change.count(counts) == 1
    test.button(key="medicines_if_reset").click().run()


def test_the_note_and_the_patient_page_say_that_genotypes_contradict_what_was_entered() -> None:
    """P-00001's genotypes read CYP2C19 *2/*2: an entered *1/*1 takes the 'Avoid' of clopidogrel away, not silently."""
    test = opened("P-00001")
    test.selectbox(key="medicines_result_gene").set_value("CYP2C19").run()
    test.text_input(key="medicines_result_alleles_CYP2C19").set_value("*1/*1").run()
    test.button(key="medicines_result_enter").click().run()
    note = test.code[0].value
    assert "Avoid clopidogrel" not in note
    told = "Review: CYP2C19: The genotypes say *2/*2, Poor metaboliser; advice follows the laboratory."
    assert told in note.splitlines()
    patient = opened("P-00001", test, "patient")
    not_counted = "Entered on the page Medicines in this session, and not counted here: CYP2C19 *1/*1."
    assert f"Note {not_counted}" in said(patient)
    assert not_counted in patient.code[0].value
    assert "Avoid clopidogrel" in patient.code[0].value
    assert told not in patient.code[0].value  # what is on record contradicts nothing


def test_the_patient_page_says_that_results_on_record_contradict_each_other(people: Path) -> None:
    table = "patient_id,assembly,chrom,pos,ref,alt,genotype\nD1,GRCh38,chr10,94781859,G,A,0/0\n"  # CYP2C19*2 not found
    (people / "variants.csv").write_text(table, encoding="utf-8")
    test = opened("D1", page="patient")
    told = "CYP2C19: The genotypes say"
    assert told in said(test)
    assert f"Review: {told}" in test.code[0].value


def test_every_result_that_is_needed_is_named_in_the_same_words_on_every_page(people: Path) -> None:
    (people / "medications.csv").write_text("patient_id,drug,status\nD1,carbamazepine,planned\n", encoding="utf-8")
    needed = "HLA-A*31:01, HLA-B*15:02 and HLA-B*15:11 result needed"
    test = opened("D1")
    assert f"{needed} for carbamazepine" in said(test)
    patient = opened("D1", page="patient")
    assert f"{needed} for carbamazepine" in said(patient)
    assert f"carbamazepine ({needed})" in patient.code[0].value


def test_an_entered_result_settles_in_the_note_what_could_not_be_judged(people: Path) -> None:
    (people / "medications.csv").write_text("patient_id,drug\nD1,codeine\nD1,clopidogrel\n", encoding="utf-8")
    test = opened("D1")
    assert "1 medicine not judged: codeine (CYP2D6 result needed)." in test.code[0].value
    test.text_input(key="medicines_result_alleles_CYP2D6").set_value("*4/*4").run()
    test.button(key="medicines_result_enter").click().run()
    lines = test.code[0].value.splitlines()
    assert "not judged" not in test.code[0].value
    starts = [line.partition(";")[0] for line in lines if line.startswith("Avoid: ")]
    assert sorted(starts) == ["Avoid: Avoid clopidogrel", "Avoid: Avoid codeine"]
    severities = [line.partition(":")[0] for line in lines if line.startswith(("Avoid: ", "Not estimated: "))]
    assert severities == ["Avoid", "Avoid", "Not estimated"]


def test_several_results_of_laboratories_stand_beside_the_advice(people: Path) -> None:
    (people / "diplotypes.csv").write_text(f"{RESULTS}D1,CYP2C19,*1/*1\n", encoding="utf-8")
    text = said(opened("D1"))
    told = "Review The laboratory reports several pairs of alleles; advice looks at each."
    assert told in text[: text.index("Why")]


def test_a_gene_of_which_too_little_was_read_says_how_much(people: Path) -> None:
    (people / "medications.csv").write_text("patient_id,drug,status\nD1,ivacaftor,planned\n", encoding="utf-8")
    table = "patient_id,assembly,chrom,pos,ref,alt,genotype\nD1,GRCh38,chr7,117509035,G,A,0/0\n"  # CFTR
    (people / "variants.csv").write_text(table, encoding="utf-8")
    text = said(opened("D1"))
    positions = len(genes()["CFTR"].variants)
    assert f"1 of {positions} positions read; the others could hold a variant." in text[: text.index("Why")]


def test_a_sentence_of_the_medicine_card_begins_with_a_capital(sample: AppTest) -> None:
    test = opened("P-00001", sample)
    test.selectbox(key="medicines_chosen_P-00001").set_value("Flecainide").run()
    test.button(key="medicines_card").click().run()
    card = str(test.get("html")[-1].proto.body)
    assert "Flecainide is broken down" in card
    assert 'class="qualifier">flecainide' not in card


@pytest.mark.usefixtures("people")
def test_without_genotypes_nothing_is_said_of_a_file() -> None:
    text = said(opened("D1"))
    assert "No genotypes of this patient are recorded." in text
    for words in ("No record in the file", "No position of this gene could be read", "Absent positions"):
        assert words not in text


def test_alleles_of_every_test_that_were_not_tested_stand_in_the_row(people: Path) -> None:
    """One of the DPYD alleles that every test has (rs67376798, c.2846A>T) is read, and the others are not."""
    (people / "medications.csv").write_text("patient_id,drug\nD1,capecitabine\n", encoding="utf-8")
    table = "patient_id,assembly,chrom,pos,ref,alt,genotype\nD1,GRCh38,chr1,97082391,T,A,0/1\n"
    (people / "variants.csv").write_text(table, encoding="utf-8")
    text = said(opened("D1"))
    tier1 = len(genes()["DPYD"].rules.tier1)
    assert f"{tier1 - 1} of {tier1} key alleles not tested" in text[: text.index("Why")]


def test_a_medicine_without_guidance_can_be_chosen_to_see_why(sample: AppTest) -> None:
    test = opened("P-00011", sample)
    test.selectbox(key="medicines_chosen_P-00011").set_value("Amlodipine").run()
    assert not test.exception
    why = said(test).split("Why", 1)[1]
    assert "No row is held here for this medicine." in why
    assert "CPIC, DPWG and FDA say nothing here." in why


def test_advice_under_a_condition_is_counted_apart_and_names_it(people: Path) -> None:
    (people / "diplotypes.csv").write_text(RESULTS.replace("*2/*2", "*1/*2"), encoding="utf-8")
    text = said(opened("D1"))
    assert "0 avoid" in text
    assert "1 under a condition" in text
    assert "Avoid if Clopidogrel" in text
    assert "If: acute coronary syndrome or percutaneous coronary intervention." in text[: text.index("Why")]
    card = said(opened("D1", page="patient"))
    assert "Medicines Avoid if" in card


def test_no_name_of_an_allele_is_broken(sample: AppTest) -> None:
    opened("P-00011", sample)
    cells = "".join(str(one.proto.body) for one in sample.get("html"))
    assert "Reference/<wbr></wbr>c.85T&gt;C (*9A)" in cells


@pytest.mark.usefixtures("people")
def test_a_name_that_is_not_recognised_is_a_row_of_its_own() -> None:
    text = said(opened("D1"))
    assert "Avoid Clopidogrel" in text
    row = text[text.index("Snake oil") :]
    assert "The name is not recognised." in row
    assert "This does not mean safe." in row


def test_without_consent_no_result_is_shown(people: Path) -> None:
    (people / "consent.csv").write_text(CONSENT, encoding="utf-8")
    for page in ("medicines", "patient"):
        text = said(opened("D1", page=page))
        assert "Hidden" in text
        assert "not consented to results of medicine genes" in text
        assert "*2/*2" not in text[text.index("Hidden") :]
    assert "Clopidogrel" in text


def test_an_empty_list_that_is_complete_says_none(sample: AppTest) -> None:
    test = opened("P-00005", sample)
    test.button_group(key="medicines_shown").set_value("listed").run()
    assert "No medicine is taken: the list is said to be complete, and it is empty." in said(test)


def test_the_card_of_the_patient_page_has_the_word_of_the_worst(sample: AppTest) -> None:
    text = said(opened("P-00001", sample, "patient"))
    card = text[text.index("Medicines Avoid") :]
    assert card.index("Clopidogrel") < card.index("Genes determined")


def test_a_what_if_without_a_change_differs_in_nothing() -> None:
    assessment = assess(load_sample(), ())
    before = medicines(assessment, "P-00011")
    after = changed(assessment, "P-00011", Change())
    assert differences(before, after) == ()
    assert gene_differences(before, after) == ()


def test_every_reason_for_a_missing_result_has_words() -> None:
    from precision.pgx.genecalls import REASONS
    from precision.pgx.states import STATES

    assert set(REASONS) <= set(medicines_words.REASONS)
    assert set(STATES.values()) <= set(medicines_words.DISCARDED)
    assert medicines_words.reason("function_not_assigned:*99") == "No body assigns a function to *99."


def test_what_was_read_is_told_apart_from_what_was_assumed() -> None:
    found = replace(call(), positions_called=312)
    row = GeneRow(call=found, phenotype="", activity_score="", positions=312, assumed=311)
    assert called(row) == "1 read, 311 assumed"
    assert called(replace(row, positions=313)) == "1 read, 311 assumed, 1 missing"
    assert called(replace(row, assumed=0)) == "312 of 312"


def test_pairs_that_fit_say_what_their_probability_spans(sample: AppTest) -> None:
    text = said(opened("P-00011", sample))
    assert "Pairs that fit" in text
    assert "Also fits" not in text
    assert "from the lowest to the highest of the ancestry groups" in text


def test_a_rarer_pair_of_another_phenotype_is_called_so() -> None:
    decreased, normal = (Interpretation("CPIC", f"{word} Function", "") for word in ("Decreased", "Normal"))
    pair = Alternative(Diplotype("*1/*15", ("*1", "*15"), (decreased,), 1), False, MappingProxyType({}))
    reported = replace(call(), reasons=("other_phenotype_fits",), alternatives=(pair,), interpretations=(decreased,))
    assert also_possible(reported) == "another phenotype, with rarer pairs that are not listed"
    assert also_possible(replace(reported, interpretations=(normal,))) == "Decreased function"


def call() -> Call:
    """Any call, to set fields of."""
    found = calls_of(load_sample().take(pd.Index(["P-00001"])))
    return found.at(0, "SLCO1B1")


def test_names_inside_a_sentence_are_small_and_a_letter_of_a_name_is_large(sample: AppTest) -> None:
    assert "Slows down CYP2D6: see metoprolol, tamoxifen, tramadol." in said(opened("P-00011", sample))
    test = opened("P-00001", sample)
    test.button_group(key="medicines_shown").set_value("all").run()
    assert "amphotericin B" in said(test)
    assert "amphotericin b" not in said(test)
    test.button_group(key="medicines_shown").set_value("listed").run()


def test_a_title_says_to_what_a_medicine_is_changed(sample: AppTest) -> None:
    assert "Change tamoxifen to an aromatase inhibitor, or give 40 mg/day" in said(opened("P-00011", sample))


def test_a_sentence_of_a_what_if_is_said_once() -> None:
    test = opened("P-00001")
    test.multiselect(key="medicines_if_add").set_value(["carbamazepine"]).run()
    text = said(test)
    change = text[text.index("What changes") if "What changes" in text else text.index("What if") :]
    sentence = next(one for one in re.findall(r"Carbamazepine speeds up [^.]*atorvastatin[^.]*\.", change))
    assert change.count(sentence) == 1


def test_genes_are_told_without_words_of_the_trade(sample: AppTest) -> None:
    text = said(opened("P-00001", sample))
    for words in ("heterozygous", "no score", "Part of every test", "Genome build None"):
        assert words not in text
    assert "Which strand bears which" in text
    assert "–: a gene whose alleles have no activity score." in text
    assert "Genome build None" not in said(opened("P-00017", sample))


def test_what_if_stands_next_to_the_list_and_counts_are_parted(sample: AppTest) -> None:
    test = opened("P-00011", sample)
    text = said(test)
    places = [text.index(part) for part in ("Amlodipine", "What if", "Sources compared", "How genes were called")]
    assert places == sorted(places)
    chips = next(str(one.proto.body) for one in test.get("html") if 'class="chips"' in str(one.proto.body))
    assert re.sub(r"<[^>]*>", "", chips).startswith("1 avoid 2 change")
