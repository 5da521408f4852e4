"""Which row leads on a medicine whose dose is computed, and what rows on one of several genes say of themselves."""

from __future__ import annotations

from types import MappingProxyType

import pandas as pd
import pytest

from precision.cohort import Cohort
from precision.synth.sample import load_sample
from precision.workbench import Assessment, assess
from precision.workbench.medicine_list import Change, ListedMedicine
from precision.workbench.medicines import actions_recorded, changed, medicines

WARFARIN = ("warfarin_iwpc", "warfarin_iwpc_clinical", "warfarin_gage")
SENSITIVE = "rs9923231 variant (T)/rs9923231 variant (T)"


@pytest.fixture(scope="module")
def sample() -> Assessment:
    return assess(load_sample(), WARFARIN)


def assessed(drug: str, results: str, status: str = "active", **more: object) -> Assessment:
    """One patient with a medicine and results 'CYP2C9 *1/*1; ...'; more : columns of the list of medicines."""
    genes = [one.strip().split(" ", 1) for one in results.split(";") if one.strip()]
    person = {"patient_id": "A", "sex": "female", "age": 60.0, "ancestry": "white", "ancestry_group": "EUR"}
    medicine = {"patient_id": "A", "drug": drug, "status": status, **more}
    tables = {
        "patients": pd.DataFrame([person]),
        "medications": pd.DataFrame([medicine]),
        "diplotypes": pd.DataFrame([{"patient_id": "A", "gene": g, "diplotype": d} for g, d in genes], dtype="str"),
    }
    return assess(Cohort("test", MappingProxyType(tables), pd.Timestamp("2026-09-30").date()), ())


def first(assessment: Assessment, patient: str, drug: str) -> ListedMedicine:
    return next(one for one in medicines(assessment, patient).listed or () if drug in one.drugs)


def titles(found: ListedMedicine) -> dict[str, str]:
    """Name of a row -> its title."""
    return {one.row.id: one.title for one in found.answers}


def test_a_computed_dose_leads_with_both_genes_and_one_unit(sample: Assessment) -> None:
    """P-00004 is to begin warfarin: CYP2C9 *1/*3, VKORC1 AA; the equation gives 10.2 mg a week, 29 % of 35."""
    found = first(sample, "P-00004", "warfarin")
    assert found.leading is not None
    computed = "Calculate the dose of warfarin: 1.5 mg/day (10.2 mg/week) by IWPC with CYP2C9 and VKORC1"
    assert (found.word, found.leading.title, found.leading.row.body) == ("Change dose", computed, "CPIC")
    assert dict(found.doses)["IWPC with genotype"].startswith("1.5 mg/day (10.2 mg/week), ")
    told = titles(found)
    assert told["dpwg.warfarin.vkorc1_aa"].endswith("60% of the usual starting dose, by VKORC1 alone; by CYP2C9: 65%")
    assert told["dpwg.warfarin.cyp2c9_1_3_2_2"].endswith("by CYP2C9 alone; by VKORC1: 60%")
    assert told["fda.warfarin.cyp2c9_1_3_2_2_vkorc1_aa"] == "Maintain warfarin at 0.5 to 2 mg/day (3.5 to 14 mg/week)"
    action = next(one for one in actions_recorded(sample, "P-00004") if "warfarin" in one.title)
    assert action.title.startswith(computed)
    assert "CYP2C9 *1/*3" in action.looked_at[0].value
    assert "VKORC1" in action.looked_at[0].value
    row = sample.features.row("P-00004")
    assert action.title in sample.actions.frame(slice(row, row + 1))["title"].tolist()


def test_without_an_equation_the_lowest_share_leads_and_names_the_other_gene() -> None:
    found = first(assessed("warfarin", f"CYP2C9 *1/*3; VKORC1 {SENSITIVE}", "planned"), "A", "warfarin")
    assert found.leading is not None
    assert found.leading.title == "Start warfarin at 60% of the usual starting dose, by VKORC1 alone; by CYP2C9: 65%"


@pytest.mark.parametrize(
    ("results", "weekly"),
    [
        ({"CYP2C9": ("*1/*1", "")}, "17 mg/week"),  # sqrt(10.2) + 0.9357 for *1/*3 against *1/*1, squared
        ({"VKORC1": ("rs9923231 C/C", "")}, "23.9 mg/week"),  # sqrt(10.2) + 1.6974 for AA against GG, squared
    ],
)
def test_another_genotype_gives_another_computed_dose(
    sample: Assessment, results: dict[str, tuple[str, str]], weekly: str
) -> None:
    """The coefficients are those of the consortium's equation: CYP2C9 *1/*3 -0.9357, VKORC1 A/A -1.6974."""
    listed = changed(sample, "P-00004", Change(results=results)).listed or ()
    found = next(one for one in listed if "warfarin" in one.drugs)
    assert found.leading is not None
    assert weekly in found.leading.title
    assert weekly in dict(found.doses)["IWPC with genotype"]


def test_an_allele_that_the_equation_does_not_count_is_not_computed_with() -> None:
    found = first(assessed("warfarin", "CYP2C9 *1/*8; VKORC1 rs9923231 C/C", "planned"), "A", "warfarin")
    assert not any("IWPC" in one.title for one in found.answers)


@pytest.mark.parametrize(
    ("patient", "word", "title"),
    [
        ("P-00159", "Monitor", "Keep warfarin at 5 mg/day (35 mg/week): within 5 to 7 mg/day (35 to 49 mg/week)"),
        ("P-00034", "Monitor", "Keep warfarin at 5 mg/day (35 mg/week): within 5 to 7 mg/day (35 to 49 mg/week)"),
        ("P-00202", "Change dose", "Expect warfarin at 3 to 4 mg/day (21 to 28 mg/week) for these genes; 5 mg/day"),
    ],
)
def test_a_dose_that_is_taken_for_long_is_compared(sample: Assessment, patient: str, word: str, title: str) -> None:
    """FDA's label: CYP2C9 *1/*1 with VKORC1 GG or AG 5 to 7 mg, *1/*2 with AG 3 to 4 mg; all take 5 mg for years."""
    found = first(sample, patient, "warfarin")
    assert found.leading is not None
    assert (found.word, found.leading.word) == (word, word)
    assert found.leading.title.startswith(title)
    computed = next(one for one in found.answers if one.row.body == "CPIC")
    assert computed.title.startswith("Only when starting: calculate the dose of warfarin: ")
    assert computed.word == "Monitor"


@pytest.mark.parametrize(
    ("status", "start", "dose", "word"),
    [
        ("active", "2026-08-01", 5.0, "Monitor"),
        ("active", "2026-09-10", 5.0, "Change dose"),  # 20 days: advice on starting holds
        ("active", "2026-08-01", 7.5, "Change dose"),  # outside the range
        ("active", "2026-08-01", float("nan"), "Change dose"),
        ("planned", "2026-10-10", 5.0, "Change dose"),
    ],
)
def test_advice_on_starting_is_past_after_four_weeks(status: str, start: str, dose: float, word: str) -> None:
    told = assessed(
        "warfarin", "CYP2C9 *1/*1; VKORC1 rs9923231 C/T", status, start=pd.Timestamp(start), dose=dose, dose_unit="mg"
    )
    assert first(told, "A", "warfarin").word == word


@pytest.mark.parametrize(("frequency", "word"), [("once daily", "Monitor"), ("twice daily", "Change dose")])
def test_a_dose_that_is_not_that_of_a_day_is_not_compared(frequency: str, word: str) -> None:
    """5 mg twice daily is 10 mg a day; FDA's range ends at 7 mg."""
    genes, begun = "CYP2C9 *1/*1; VKORC1 rs9923231 C/T", pd.Timestamp("2026-01-01")
    told = assessed("warfarin", genes, start=begun, dose=5.0, dose_frequency=frequency)
    assert first(told, "A", "warfarin").word == word


def test_a_row_on_one_of_two_genes_says_so() -> None:
    """TPMT *3A/*3A with NUDT15 *1/*1: what DPWG says by NUDT15 is no answer for the patient."""
    found = first(assessed("azathioprine", "TPMT *3A/*3A; NUDT15 *1/*1"), "A", "azathioprine")
    of_nudt15 = next(one for one in found.answers if one.row.body == "DPWG" and "NUDT15" in one.row.genes)
    assert of_nudt15.title == "Usual dose of azathioprine, by NUDT15 alone; by TPMT: 10%"
    assert of_nudt15.decided_by == "partial"
    assert found.leading is not None
    assert found.leading.decided_by == "certain"
    assert "alone" not in found.leading.title


def test_shares_that_disagree_are_told_and_no_poor_alternative_is_offered() -> None:
    """CYP2C19 *2/*2 with CYP2D6 *1x2/*2: 70 % by one gene, 170 % by the other; nortriptyline is to be avoided too."""
    found = first(assessed("imipramine", "CYP2C19 *2/*2; CYP2D6 *1x2/*2"), "A", "imipramine")
    of_dpwg = {one.row.genes: one.title for one in found.answers if one.row.body == "DPWG"}
    assert of_dpwg["CYP2C19",].endswith("by CYP2C19 alone; by CYP2D6: 170%")
    assert of_dpwg["CYP2D6",].endswith("by CYP2D6 alone; by CYP2C19: 70%")
    assert not any("nortriptyline" in title or "citalopram" in title for title in of_dpwg.values())
    assert any("nortriptyline" in one.row.alternatives for one in found.answers)


@pytest.mark.parametrize(
    ("drug", "needed"),
    [
        ("carbamazepine", "HLA-A*31:01, HLA-B*15:02 and HLA-B*15:11"),
        ("warfarin", "CYP2C9 and VKORC1"),
        ("azathioprine", "TPMT and NUDT15"),
    ],
)
def test_every_result_that_a_body_waits_for_is_named(drug: str, needed: str) -> None:
    told = assessed(drug, "CYP3A5 *1/*1", "planned")
    found = first(told, "A", drug)
    assert found.leading is not None
    title = f"{needed} result needed for {drug}"
    assert found.leading.title == title
    assert [one.title.partition(". ")[0] for one in actions_recorded(told, "A") if one.needed] == [title]
    frame = told.actions.frame()
    assert title in [text.partition(". ")[0] for text in frame["title"]]
