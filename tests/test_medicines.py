"""The medicine list of a patient against all genes: severity, alternatives, other drugs, what if, and the worklist."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest

from precision.cohort import Cohort
from precision.errors import InputError
from precision.pgx.review import SEVEREST_FIRST
from precision.synth.sample import load_sample
from precision.workbench import Assessment, assess, worklist
from precision.workbench.medicine_list import Change, ListedMedicine
from precision.workbench.medicines import changed, every_medicine, medicines

RESULT_COLUMNS = ["patient_id", "gene", "diplotype"]


@pytest.fixture(scope="module")
def sample() -> Assessment:
    return assess(load_sample(), ("warfarin_iwpc", "warfarin_iwpc_clinical", "warfarin_gage"))


def listed(assessment: Assessment, patient: str) -> dict[str, ListedMedicine]:
    return {one.name: one for one in medicines(assessment, patient).listed or ()}


def cohort(drugs: str, diplotypes: str = "", **more: str) -> Cohort:
    """One patient with medicines and results of a laboratory, 'CYP2D6 *1/*1; ...'."""
    tables = {
        "patients": pd.DataFrame(
            {"patient_id": ["A"], "sex": ["female"], "age": [50.0], **{k: [v] for k, v in more.items()}}
        )
    }
    names = [name.strip() for name in drugs.split(",") if name.strip()]
    tables["medications"] = pd.DataFrame({"patient_id": "A", "drug": names}, dtype="str")
    results = [one.split() for one in diplotypes.split(";") if one.strip()]
    tables["diplotypes"] = pd.DataFrame(
        {"patient_id": "A", "gene": [r[0] for r in results], "diplotype": [r[1] for r in results]}, dtype="str"
    )
    return Cohort("test", MappingProxyType(tables), pd.Timestamp("2026-09-30").date())


def test_the_most_urgent_medicine_stands_first_with_its_alternatives_checked(sample: Assessment) -> None:
    """P-00001: CYP2C19 *2/*2 on clopidogrel after a stent."""
    found = medicines(sample, "P-00001")
    assert found.listed is not None
    first = found.listed[0]
    assert (first.name, first.word) == ("Clopidogrel", "Avoid")
    assert first.leading is not None
    assert first.leading.because == "CYP2C19 *2/*2, Poor metaboliser"
    assert {one.drug for one in first.alternatives} >= {"prasugrel", "ticagrelor"}
    assert [one.urgency for one in found.listed] == sorted((one.urgency for one in found.listed), reverse=True)


def test_an_ointment_says_that_its_advice_is_for_other_forms() -> None:
    found = listed(assess(cohort("tacrolimus ointment, tacrolimus capsules", "CYP3A5 *1/*1")), "A")
    assert [any("acts where it is applied" in effect for effect in one.effects) for one in found.values()] == [False]
    alone = listed(assess(cohort("tacrolimus ointment", "CYP3A5 *1/*1")), "A")
    assert [any("acts where it is applied" in effect for effect in one.effects) for one in alone.values()] == [True]


def dated(*rows: tuple[str, str, str, str]) -> Assessment:
    """CYP2D6 *1/*1, and medicines with their start, stop and status, on 30 September 2026."""
    made = cohort("x", "CYP2D6 *1/*1")
    table = pd.DataFrame(rows, columns=["drug", "start", "stop", "status"], dtype="str").assign(patient_id="A")
    dates = {name: pd.to_datetime(table[name]) for name in ("start", "stop")}
    tables = {**made.tables, "medications": table.assign(**dates)}
    return assess(replace(made, tables=MappingProxyType(tables)), ())


@pytest.mark.parametrize("status", ["active", "stopped"])
def test_medicines_with_a_stop_to_come_are_listed_and_act(status: str) -> None:
    """Paroxetine makes the activity of CYP2D6 0, and codeine is avoided (CPIC 2021)."""
    found = dated(("codeine", "", "2026-12-31", status), ("paroxetine", "", "2026-12-31", status))
    assert listed(found, "A")["Codeine"].word == "Avoid"
    assert set(listed(found, "A")) == {"Codeine", "Paroxetine"}


def test_a_medicine_that_begins_later_is_listed_as_planned() -> None:
    found = dated(("codeine", "2026-10-01", "", "active"), ("paroxetine", "2020-01-01", "", ""))
    assert [(one.name, one.planned, one.word) for one in listed(found, "A").values()] == [
        ("Codeine", True, "Avoid"),
        ("Paroxetine", False, "Standard"),
    ]


@pytest.mark.parametrize(
    ("stop", "word"),
    [("2026-09-30", "Avoid"), ("2026-09-29", "Avoid"), ("2026-08-26", "Avoid"), ("2026-08-25", "Standard")],
)
def test_an_inhibitor_stopped_on_the_day_itself_acts_as_one_stopped_before(stop: str, word: str) -> None:
    """Fluoxetine acts for 35 days: until 30 September where the last dose was on 26 August."""
    found = listed(dated(("codeine", "", "", ""), ("fluoxetine", "", stop, "stopped")), "A")
    assert {name: one.word for name, one in found.items()} == {"Codeine": word}


def test_what_was_stopped_on_an_unknown_day_and_lasts_is_told() -> None:
    """Fluoxetine lasts 35 days; no source here says that paroxetine does."""
    rows = (("codeine", "", "", ""), ("fluoxetine", "", "", "stopped"), ("paroxetine", "", "", "stopped"))
    told = "Fluoxetine is stopped, day not known: it may still act on CYP2D6, up to 35 days after the last dose."
    assert medicines(dated(*rows), "A").enzymes == (told,)
    assert [one.effects for one in listed(dated(*rows), "A").values()] == [(told,)]
    again = medicines(dated(*rows, ("fluoxetine", "2026-01-01", "", "active")), "A").enzymes
    assert not [one for one in again if "day not known" in one]


@pytest.mark.parametrize("written", ["cyp2d6", " CYP2D6 "])
def test_a_result_that_is_entered_counts_however_the_recorded_gene_is_spelt(written: str) -> None:
    made = cohort("codeine", "CYP2D6 *1/*1")
    tables = {**made.tables, "diplotypes": made.table("diplotypes").assign(gene=written)}
    found = assess(replace(made, tables=MappingProxyType(tables)), ())
    entered = changed(found, "A", Change(results={"CYP2D6": ("*4/*4", "")}))
    gene = next(row for row in entered.genes if row.call.gene == "CYP2D6")
    assert [one.name for one in gene.call.diplotypes] == ["*4/*4"]
    assert [one.word for one in entered.listed or ()] == ["Avoid"]


@pytest.mark.parametrize("dose", ["30 mg", "", "2 x 20"])
def test_a_dose_that_is_no_number_is_no_dose(dose: str) -> None:
    made = cohort("codeine", "CYP2D6 *4/*4")
    tables = {**made.tables, "medications": made.tables["medications"].assign(dose=pd.Series([dose], dtype="str"))}
    (codeine,) = listed(assess(replace(made, tables=MappingProxyType(tables)), ()), "A").values()
    assert (codeine.word, codeine.amount) == ("Avoid", "")


def test_a_gene_that_nothing_speaks_of_is_determined_in_nobody() -> None:
    made = cohort("codeine", "CYPXX *1/*1; CYP2D6 *1/*1")
    tables = {**made.tables, "patients": pd.concat([made.table("patients")] * 2).assign(patient_id=["A", "B"])}
    found = assess(replace(made, tables=MappingProxyType(tables)), ())
    mine, others = ({row.call.gene: row for row in medicines(found, one).genes} for one in "AB")
    assert not mine["CYPXX"].determined
    assert "gene_without_rules" in mine["CYPXX"].call.reasons
    assert set(mine) - set(others) == {"CYPXX"}


def test_a_medicine_whose_enzyme_makes_its_active_form_loses_it(sample: Assessment) -> None:
    """Ultram, section 7: inhibitors of CYP2D6 raise tramadol and lower M1, which acts on pain."""
    tramadol, metoprolol = (listed(sample, "P-00011")[name] for name in ("Tramadol", "Metoprolol"))
    assert tramadol.effects == ("Paroxetine slows down CYP2D6, so less of the active form of tramadol is made.",)
    assert metoprolol.effects == ("Paroxetine slows down CYP2D6, so the level of metoprolol rises.",)


def test_a_percentage_is_told_as_mg_of_the_recorded_dose(sample: Assessment) -> None:
    """P-00011: metoprolol 100 mg with paroxetine; in poor metabolisers DPWG gives a quarter, CPIC the lowest start."""
    metoprolol = listed(sample, "P-00011")["Metoprolol"]
    condition = "slow heart rate with symptoms, or a gradual slowing is wanted"
    told = "at most 25 mg, 25% of the recorded 100 mg if that is the usual dose"
    assert metoprolol.amount == f"{told} (DPWG: {condition})"


def test_both_phenotypes_are_told_where_another_drug_inhibits(sample: Assessment) -> None:
    """P-00011: CYP2D6 *1/*1, activity 2; paroxetine, a strong inhibitor, makes it 0 (CPIC opioids 2021)."""
    found = medicines(sample, "P-00011")
    gene = next(row for row in found.genes if row.call.gene == "CYP2D6")
    assert (gene.phenotype, gene.clinical) == ("Normal Metabolizer", "Poor Metabolizer")
    assert gene.causes == ("paroxetine, strong inhibitor",)
    tamoxifen = listed(sample, "P-00011")["Tamoxifen"]
    assert tamoxifen.leading is not None
    assert tamoxifen.leading.clinical
    assert next(one.word for one in tamoxifen.by_genotype) == "Standard"


def test_an_enzyme_that_the_genes_leave_without_activity_is_not_slowed_down(sample: Assessment) -> None:
    """P-00011 takes paroxetine, which slows CYP2D6 down where there is any."""
    assert any("Paroxetine slows down CYP2D6" in sentence for sentence in medicines(sample, "P-00011").enzymes)
    poor = changed(sample, "P-00011", Change(results={"CYP2D6": ("*4/*4", "")}))
    assert not any("CYP2D6" in sentence for sentence in poor.enzymes)


def test_an_inhibitor_is_not_its_own(sample: Assessment) -> None:
    """Advice on paroxetine already holds that it slows CYP2D6 down."""
    paroxetine = listed(sample, "P-00011")["Paroxetine"]
    assert paroxetine.word == "Standard"
    assert not paroxetine.by_genotype


def test_the_dose_of_warfarin_is_that_of_the_equations(sample: Assessment) -> None:
    """P-00004: CYP2C9 *1/*3 and VKORC1 -1639 A/A."""
    warfarin = listed(sample, "P-00004")["Warfarin"]
    estimate = sample.results["warfarin_iwpc"].finding("P-00004")
    assert estimate.status == "ok"
    assert dict(warfarin.doses)["IWPC with genotype"] == "1.5 mg/day (10.2 mg/week), no interval published"
    assert dict(warfarin.doses)["Gage with genotype"].startswith("Not estimated: ")
    assert estimate.value == pytest.approx(10.2, abs=0.05)  # both genotypes lower it from about 35 mg


def test_advice_for_another_population_is_left_out(sample: Assessment) -> None:
    """P-00004 is East Asian: what CPIC says of African ancestry is not told; an unknown ancestry hears both."""
    populations = {one.row.population for one in listed(sample, "P-00004")["Warfarin"].answers}
    assert "other_ancestry" in populations
    assert "african_ancestry" not in populations
    unknown = listed(assess(cohort("atomoxetine", "CYP2D6 *1/*1"), ()), "A")["Atomoxetine"]
    assert {one.row.population for one in unknown.answers if one.row.body == "CPIC"} == {"adults"}  # 50 years old


def test_no_guidance_is_not_a_good_answer(sample: Assessment) -> None:
    aspirin = listed(sample, "P-00001")["Aspirin"]
    assert (aspirin.word, aspirin.answers) == ("No guidance", ())


def test_a_name_that_is_not_known_stays_on_the_list() -> None:
    found = listed(assess(cohort("unheardofin, codeine", "CYP2D6 *1/*1"), ()), "A")
    assert found["Unheardofin"].word == "Not determined"
    assert found["Unheardofin"].drugs == ()
    assert found["Codeine"].word == "Standard"


def test_a_combination_is_judged_by_its_parts() -> None:
    found = listed(assess(cohort("simvastatin / ezetimibe"), ()), "A")
    (only,) = found.values()
    assert "simvastatin" in only.drugs
    assert only.word == "Not determined"


def test_without_any_genotype_every_answer_is_open() -> None:
    found = medicines(assess(cohort("codeine, lisinopril"), ()), "A")
    assert found.genes == ()
    words = {one.name: one.word for one in found.listed or ()}
    assert words == {"Codeine": "Not determined", "Lisinopril": "No guidance"}


def test_no_list_is_not_an_empty_list() -> None:
    nobody = cohort("")
    assert medicines(assess(nobody, ()), "A").listed is None
    assert medicines(assess(replace(nobody, complete=frozenset({"medications"})), ()), "A").listed == ()


def test_what_if_adds_and_removes_medicines_and_stores_nothing() -> None:
    known = assess(cohort("codeine", "CYP2D6 *1/*1"), ())
    with_paroxetine = changed(known, "A", Change(add=("paroxetine",)))
    assert {one.name: one.word for one in with_paroxetine.listed or ()} == {
        "Codeine": "Avoid",
        "Paroxetine": "Standard",
    }
    assert {one.name for one in changed(known, "A", Change(without=("codeine",))).listed or ()} == set()
    assert listed(known, "A").keys() == {"Codeine"}
    assert len(known.cohort.table("medications")) == 1


def test_smoking_speeds_up_an_enzyme_without_a_genotype() -> None:
    known = assess(cohort("clozapine", smoking_status="never"), ())
    assert not changed(known, "A", Change(smoking=False)).enzymes
    (told,) = changed(known, "A", Change(smoking=True)).enzymes
    assert "clozapine" in told.lower()
    assert "CYP1A2" in told


def test_a_smoker_who_stops_is_told_what_rises() -> None:
    """Clozapine is cleared by CYP1A2, which tobacco smoke induces: without smoke its level rises."""
    smoker = assess(cohort("clozapine", smoking_status="current"), ())
    stopped = changed(smoker, "A", Change(smoking=False))
    (told,) = stopped.enzymes
    assert "After smoking stops" in told
    assert "clozapine" in told.lower()
    assert [one.effects for one in stopped.listed or ()] == [(told,)]
    never = assess(cohort("clozapine", smoking_status="never"), ())
    assert changed(never, "A", Change(smoking=False)).enzymes == ()


def test_clozapine_is_watched_once_smoking_stops() -> None:
    """Label of clozapine, Table 1: without the inducer watch for adverse reactions, and lower the dose if needed."""
    smoker = assess(cohort("clozapine", "CYP2D6 *1/*1", smoking_status="current"), ())
    (now,) = medicines(smoker, "A").listed or [None]
    (then,) = changed(smoker, "A", Change(smoking=False)).listed or [None]
    assert now is not None
    assert then is not None
    assert now.word == "No guidance"
    assert then.word == "Monitor"
    assert then.leading is not None
    assert then.leading.reason.startswith("Side effects of clozapine are watched")
    assert [one.startswith("After smoking stops, CYP1A2 slows down") for one in then.effects] == [True]
    assert then.leading.row.citation.title.startswith("United States label of clozapine")
    never = assess(cohort("clozapine", "CYP2D6 *1/*1", smoking_status="never"), ())
    assert [one.word for one in changed(never, "A", Change(smoking=False)).listed or ()] == ["No guidance"]


def test_clopidogrel_and_omeprazole_name_each_other_on_the_list() -> None:
    """Label of Plavix, section 7: not with omeprazole; also where it is only asked what if."""
    both = listed(assess(cohort("clopidogrel, omeprazole", "CYP2C19 *1/*1"), ()), "A")
    assert (both["Clopidogrel"].word, both["Omeprazole"].word) == ("Change", "Change")
    assert both["Clopidogrel"].leading is not None
    assert "With omeprazole." in both["Clopidogrel"].leading.reason
    alone = assess(cohort("clopidogrel", "CYP2C19 *1/*1"), ())
    assert listed(alone, "A")["Clopidogrel"].word == "Standard"
    then = {one.name: one.word for one in changed(alone, "A", Change(add=("omeprazole",))).listed or ()}
    assert then == {"Clopidogrel": "Change", "Omeprazole": "Change"}
    poor = listed(assess(cohort("clopidogrel, omeprazole", "CYP2C19 *2/*2"), ()), "A")["Clopidogrel"]
    assert poor.word.startswith("Avoid")
    assert poor.effects == ("Do not give clopidogrel with omeprazole or esomeprazole.",)


def test_a_condition_met_by_the_list_leads_and_names_its_cause() -> None:
    """Label of Camzyos of 2025, section 4: not with a strong CYP2C19 inhibitor."""
    both = listed(assess(cohort("mavacamten, fluvoxamine", "CYP2C19 *1/*1"), ()), "A")
    first = both["Mavacamten"]
    assert (first.word, first.leading and first.leading.row.body) == ("Avoid", "FDA")
    assert first.leading is not None
    assert first.leading.reason.startswith("With fluvoxamine, strong inhibitor of CYP2C19.")
    assert any("CYP2C19" in one and "mavacamten" in one.casefold() for one in both["Fluvoxamine"].acts)


def test_a_result_of_a_laboratory_can_be_entered() -> None:
    known = assess(cohort("codeine"), ())
    poor = changed(known, "A", Change(results={"CYP2D6": ("*4/*4", "")}))
    assert [one.word for one in poor.listed or ()] == ["Avoid"]
    reported = changed(known, "A", Change(results={"CYP2D6": ("", "poor metaboliser")}))
    assert [one.word for one in reported.listed or ()] == ["Avoid"]
    with pytest.raises(InputError, match="expected one allele or two"):
        changed(known, "A", Change(results={"CYP2D6": ("*1/*2/*3", "")}))


def test_every_medicine_with_guidance_is_told_once(sample: Assessment) -> None:
    found = every_medicine(sample, "P-00001")
    assert len(found) > 100
    assert len({one.name for one in found}) == len(found)
    assert found[0].word == "Avoid"


def on_list(drugs: str, results: str, start: str = "") -> dict[str, ListedMedicine]:
    """The medicines of one patient, all begun on a day."""
    told = cohort(drugs, results)
    rows = told.tables["medications"]
    rows = rows.assign(start=pd.to_datetime(pd.Series(start, index=rows.index, dtype="str"), errors="coerce"))
    return listed(assess(replace(told, tables=MappingProxyType({**told.tables, "medications": rows})), ()), "A")


def test_advice_under_a_condition_counts_by_what_is_known_of_it() -> None:
    """FDA, table of 2026: poor metabolisers of CYP2D6 avoid propafenone with a CYP3A4 inhibitor; DPWG: 30% for all."""
    poor = "CYP2D6 *4/*4"
    assert on_list("propafenone", poor)["Propafenone"].word == "Change dose"
    both = on_list("propafenone, ketoconazole", poor)
    assert both["Propafenone"].word == "Avoid"
    assert both["Ketoconazole"].acts == ("Slows down CYP3A4: see propafenone.",)
    unsure = on_list("propafenone, snake oil", poor)["Propafenone"]  # what is not recognised could be an inhibitor
    assert unsure.word == "Avoid if"
    assert unsure.leading is not None
    assert unsure.leading.short.startswith("If: with a CYP3A4 inhibitor.")


def test_advice_that_no_condition_changes_is_without_one() -> None:
    """CPIC 2022 (PMID 35034351): poor metabolisers avoid clopidogrel always, intermediate ones after ACS."""
    assert on_list("clopidogrel", "CYP2C19 *2/*2")["Clopidogrel"].word == "Avoid"
    found = on_list("clopidogrel, codeine", "CYP2C19 *1/*2; CYP2D6 *4/*4")
    assert [(one.name, one.word) for one in found.values()] == [("Codeine", "Avoid"), ("Clopidogrel", "Avoid if")]


def test_who_takes_a_medicine_for_long_is_not_new_to_it() -> None:
    """CPIC 2017 (PMID 29392710): oxcarbazepine with HLA-B*15:02 is for new users; others carry on with care."""
    bodies = {}
    for start in ("2026-09-01", "2020-01-01"):
        found = on_list("oxcarbazepine", "HLA-B *15:02", start)["Oxcarbazepine"]
        bodies[start] = [one.row.population for one in found.answers if one.row.body == "CPIC"]
    assert bodies["2026-09-01"] == ["oxcarbazepine_naive", "oxcarbazepine_over_3_months"]
    assert bodies["2020-01-01"] == ["oxcarbazepine_over_3_months"]


def test_an_action_under_a_condition_names_it_and_comes_after_what_holds() -> None:
    known = assess(cohort("clopidogrel, codeine", "CYP2C19 *1/*2; CYP2D6 *4/*4"), ())
    told = [one for one in known.actions.for_patient("A") if one.domain == "Medicines"]
    assert [one.word for one in told] == ["Avoid", "Avoid if"]
    assert told[1].title.endswith(". If: acute coronary syndrome or percutaneous coronary intervention")
    assert "If:" not in told[1].reason
    assert known.actions.frame().set_index("word").loc["Avoid if", "title"] == told[1].title


def test_on_the_worklist_what_holds_comes_before_what_may_hold() -> None:
    """Among patients to whom the same word applies, whatever else they have."""
    medicines_of = {"A": "clopidogrel", "B": "codeine", "C": "clopidogrel"}
    results = {"A": ("CYP2C19", "*1/*2"), "B": ("CYP2D6", "*4/*4"), "C": ("CYP2C19", "*1/*2")}
    tables = {
        "patients": pd.DataFrame({"patient_id": list("ABC"), "age": [50.0] * 3}),
        "medications": pd.DataFrame({"patient_id": list(medicines_of), "drug": list(medicines_of.values())}),
        "diplotypes": pd.DataFrame([(name, *told) for name, told in results.items()], columns=RESULT_COLUMNS),
    }
    found = worklist(assess(Cohort("test", MappingProxyType(tables), date(2026, 9, 30)), ()))
    assert list(zip(found["patient"], found["priority"], strict=True))[:3] == [
        ("B", "Avoid"),
        ("A", "Avoid if"),
        ("C", "Avoid if"),
    ]


def test_alternatives_are_those_of_the_indication() -> None:
    """CPIC 2022 names ticlopidine after a stroke only."""
    found = on_list("clopidogrel", "CYP2C19 *2/*2")["Clopidogrel"]
    assert found.leading is not None
    assert found.leading.row.population == "acs_pci"
    assert [one.drug for one in found.alternatives] == ["prasugrel", "ticagrelor"]


def test_a_medicine_that_slows_others_down_says_so(sample: Assessment) -> None:
    acting = listed(sample, "P-00011")["Paroxetine"]
    assert acting.word == "Standard"
    assert acting.acts == ("Slows down CYP2D6: see metoprolol, tamoxifen, tramadol.",)
    assert listed(sample, "P-00011")["Tamoxifen"].acts == ()


def test_a_note_that_changes_the_advice_under_a_condition_stands_in_the_row() -> None:
    """CPIC 2020 (PMID 32770672): half the dose after 12 weeks; CPIC 2018 (PMID 29385237): no CYP2D6 inhibitor."""
    found = on_list("omeprazole, tamoxifen", "CYP2C19 *2/*2; CYP2D6 *1/*1")
    for name, told in (("Omeprazole", "12 weeks"), ("Tamoxifen", "CYP2D6 inhibitors")):
        leading = found[name].leading
        assert leading is not None
        assert told in leading.short


VARIANTS = pd.DataFrame(  # CYP2C19*2 on both strands, GRCh38
    {
        "patient_id": "A",
        "assembly": "GRCh38",
        "chrom": "chr10",
        "pos": [94775367, 94781859, 94842866],
        "ref": ["A", "G", "A"],
        "alt": ["G", "A", "G"],
        "genotype": "1/1",
        "source_file": "genes.vcf",
    }
)


def test_a_laboratory_result_that_contradicts_the_genotypes_or_the_record_is_told() -> None:
    told = cohort("clopidogrel", "CYP2C19 *1/*1")
    known = assess(replace(told, tables=MappingProxyType({**told.tables, "variants": VARIANTS})), ())
    found = medicines(known, "A")
    assert found.file == "genes.vcf"
    row = next(row for row in found.genes if row.call.gene == "CYP2C19")
    assert row.by_genotypes is not None
    assert ([one.name for one in row.by_genotypes.diplotypes], row.replaced) == (["*2/*2"], None)
    entered = changed(known, "A", Change(results={"CYP2C19": ("*2/*2", "")}))
    row = next(row for row in entered.genes if row.call.gene == "CYP2C19")
    assert (row.by_genotypes, row.phenotype) == (None, "Poor Metabolizer")
    assert row.replaced is not None
    assert [one.name for one in row.replaced.diplotypes] == ["*1/*1"]
    same = changed(known, "A", Change(results={"CYP2C19": ("*1/*1", "")}))
    assert next(row for row in same.genes if row.call.gene == "CYP2C19").replaced is None


def test_the_worklist_says_which_medicine_does_not_fit(sample: Assessment) -> None:
    found = worklist(sample).set_index("patient")
    assert found.loc["P-00001", "priority"] == "Avoid"
    assert "Avoid clopidogrel (CYP2C19)" in str(found.loc["P-00001", "why"])
    actions = sample.actions.for_patient("P-00003")
    assert [one.title for one in actions if one.domain == "Medicines"] == [
        "Start capecitabine at 50% of the usual starting dose"
    ]


def test_an_action_names_the_medicine_that_it_rests_on(sample: Assessment) -> None:
    """P-00011: CYP2D6 *1/*1 by genotype, poor with paroxetine."""
    reasons = {one.title: one.reason for one in sample.actions.for_patient("P-00011") if one.domain == "Medicines"}
    told = [reason for title, reason in reasons.items() if "tramadol" in title]
    assert told
    assert told[0].endswith("This is so with paroxetine.")


def test_who_does_not_permit_the_use_of_genes_is_not_told() -> None:
    refused = cohort("clopidogrel", "CYP2C19 *2/*2")
    consent = pd.DataFrame({"patient_id": ["A"], "use": ["care"], "scope": ["pgx"], "decision": ["deny"]})
    known = assess(replace(refused, tables=MappingProxyType({**refused.tables, "consent": consent})), ())
    assert not [one for one in known.actions.for_patient("A") if one.domain == "Medicines"]
    assert [one.word for one in assess(refused, ()).actions.for_patient("A") if one.domain == "Medicines"] == ["Avoid"]


def test_everybody_at_once_is_as_one_by_one(sample: Assessment) -> None:
    """A row never influences another."""
    reviewed = sample.pharmacy.listed
    for patient in ("P-00002", "P-00011", "P-00127", "P-00300"):
        alone = assess(sample.cohort.take(pd.Index([patient])), ()).pharmacy.listed
        mine = reviewed.person == sample.features.row(patient)
        assert sorted(zip(reviewed.drug[mine], reviewed.word[mine], strict=True)) == sorted(
            zip(alone.drug, alone.word, strict=True)
        )


def test_the_words_of_a_cohort_add_up(sample: Assessment) -> None:
    reviewed = sample.pharmacy.listed
    assert len(reviewed) == int(np.isin(reviewed.word, SEVEREST_FIRST).sum())
    assert np.count_nonzero(reviewed.word == "Avoid") >= 1


def test_positions_without_a_record_are_counted_apart_where_they_count_as_reference(sample: Assessment) -> None:
    before, after = (
        {row.call.gene: row for row in told.genes}
        for told in (
            medicines(sample, "P-00001"),
            changed(sample, "P-00001", Change(every_variant=True)),
        )
    )
    assert not any(row.assumed for row in before.values())
    for gene in ("CYP2C19", "RYR1", "CYP2C9"):
        assert after[gene].call.positions_called - after[gene].assumed == before[gene].call.positions_called
    assert after["RYR1"].assumed == after["RYR1"].positions  # nothing of it is in the file
