"""Medicines and genes on the Cohort page: the sample cohort, filtered, small groups, no genes, an empty cohort."""

import re
from datetime import date
from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from precision.cohort import Cohort
from precision.synth import load_sample
from precision.ui.cohort_medicines import GENE, GROUP
from precision.ui.workspace import KEY, Workspace
from precision.workbench import assess, pharmacogenes, takers
from precision.workbench.roster import Roster, roster

APP = str(Path(__file__).parents[1] / "app.py")


def opened(space: Workspace | None = None) -> AppTest:
    test = AppTest.from_file(APP, default_timeout=60)
    if space is not None:
        test.session_state[KEY] = space
    return test.run().switch_page("pages/cohort.py").run()


def said(test: AppTest) -> str:
    markup = " ".join(str(block.proto.body) for block in test.get("html"))
    return unescape(" ".join(re.sub(r"<[^>]*>", " ", markup).split()))


@pytest.fixture(scope="module")
def sample() -> Workspace:
    return Workspace(assess(load_sample()), uploaded=True)


@pytest.fixture(scope="module")
def people(sample: Workspace) -> Roster:
    return roster(sample.assessment)


def tiny(patients: int, **tables: pd.DataFrame) -> Workspace:
    ids = pd.Series([f"A{i}" for i in range(patients)], dtype="str")
    return Workspace(
        assess(Cohort("tiny", {"patients": pd.DataFrame({"patient_id": ids}), **tables}, date(2026, 6, 30))),
        uploaded=True,
    )


def of_patients(**columns: list[str]) -> pd.DataFrame:
    rows = len(next(iter(columns.values())))
    return pd.DataFrame({"patient_id": [f"A{i}" for i in range(rows)], **columns}, dtype="str")


def test_shares_and_medicines_of_the_sample_cohort_are_those_of_the_library(sample: Workspace, people: Roster) -> None:
    test = opened(sample)
    assert not test.exception
    everybody = np.ones(len(people), dtype=bool)
    shares = pharmacogenes.phenotype_shares(people.phenotypes, "CYP2C19", everybody)
    text = said(test)
    assert test.selectbox(key=GENE).value == "CYP2C19"
    assert f"Shares of the {shares.with_result:,} patients with a result" in text
    assert f"{shares.unknown:,} without one are not determined, which does not mean normal" in text
    rows = takers.who_takes(takers.members(people), everybody)
    assert f"{rows[0].word} {rows[0].drug.capitalize()}" in text
    many = next(row for row in rows[:8] if row.counts[row.word] >= 5)
    assert f"{many.counts[many.word]} of {many.people} people" in text
    some = next(row for row in rows[:8] if row.counts[row.word] < 5 <= row.people)
    assert f"Fewer than 5 of {some.people} people" in text
    assert f"{some.counts[some.word]} of {some.people} people" not in text


def test_a_group_is_compared_with_its_published_figures_and_a_mixed_selection_with_none(sample: Workspace) -> None:
    test = opened(sample)
    assert "Published figures are by group" in said(test)
    test.selectbox(key=GROUP).set_value("EUR").run()
    assert not test.exception
    text = said(test)
    assert "Group: European." in text
    assert "Normal metaboliser" in text
    assert "40%" in text  # CPIC's normal metabolisers of Europe: 0.396
    test.selectbox(key=GROUP).set_value("AFR").run()
    assert "Group: African American, Caribbean and Sub-Saharan African. The line joins both groups." in said(test)
    test.selectbox(key=GENE).set_value("CYP2D6").run()
    assert "No frequencies of CYP2D6 phenotypes are published" in said(test)


def test_the_filters_of_the_page_apply(sample: Workspace, people: Roster) -> None:
    test = opened(sample)
    test.button_group(key="cohort_sex").set_value("female").run()
    women = people.column("sex") == 0
    shares = pharmacogenes.phenotype_shares(people.phenotypes, "CYP2C19", women)
    assert 0 < shares.with_result < 200
    assert f"Shares of the {shares.with_result:,} patients with a result" in said(test)


def test_the_patients_of_a_medicine_are_listed_and_one_is_opened(sample: Workspace, people: Roster) -> None:
    test = opened(sample)
    everybody = np.ones(len(people), dtype=bool)
    first = takers.who_takes(takers.members(people), everybody)[0]
    test.button(key=f"cohort_medicine_{first.drug}").click().run()
    assert not test.exception
    found = takers.takers(takers.members(people), first, first.word, everybody, people.assessment.features.ids)
    assert f"{len(found)} of {first.people} people taking or planning {first.drug}: {first.word}." in said(test)
    assert [table.value["Patient"].tolist() for table in test.dataframe if "Advice" in table.value] == [
        found["patient"].head(25).tolist()
    ]
    shown = next(table.value for table in test.dataframe if "Advice" in table.value).set_index("Patient")["Result"]
    assert shown["P-00001"].startswith("CYP2C19 *2/*2")
    assert "RxNorm" in said(test)


def test_the_gene_card_tells_functions_by_body(sample: Workspace) -> None:
    test = opened(sample)
    test.button(key="cohort_gene_card").click().run()
    assert not test.exception
    alleles = next(table.value for table in test.dataframe if "Allele" in table.value)
    row = alleles[alleles["Allele"] == "*2"].iloc[0]
    assert (row["CPIC function"], row["DPWG function"]) == ("No function", "No function")
    assert "Medicines with guidance" in said(test)


def test_a_group_under_five_is_not_shown() -> None:
    results = of_patients(gene=["CYP2D6"] * 4, diplotype=["*1/*1", "*4/*4", "*1/*4", "*1/*1"])
    test = opened(tiny(4, diplotypes=results))
    assert not test.exception
    assert "Figures of groups of 1 to 4 patients are not shown, to protect privacy." in said(test)
    assert "Poor metaboliser" not in said(test)


def test_without_genes_or_medicines_both_cards_say_so() -> None:
    test = opened(tiny(3))
    assert not test.exception
    assert "No gene result is known of a patient of this cohort." in said(test)
    assert "No medicine is recorded of a patient of this selection." in said(test)


def test_an_empty_cohort_has_no_such_section() -> None:
    test = opened(tiny(0))
    assert not test.exception
    assert "Medicines and genes" not in said(test)


def test_a_medicine_of_unknown_name_is_counted_and_never_markup() -> None:
    hostile = "<b>[nostrum](http://example.org)"
    drugs = of_patients(drug=[hostile, "codeine"], status=["active", "active"])
    test = opened(tiny(2, medications=drugs))
    assert not test.exception
    assert "Not counted, name not recognised: fewer than 5." in said(test)
    assert "<b>[nostrum]" not in " ".join(str(block.proto.body) for block in test.get("html"))
    assert "Not determined Codeine" in said(test)


def test_a_group_that_the_next_cohort_does_not_have_is_forgotten(sample: Workspace) -> None:
    test = opened(sample)
    test.selectbox(key=GROUP).set_value("EUR").run()
    results = of_patients(gene=["CYP2D6"] * 6, diplotype=["*4/*4"] * 6)
    test.session_state[KEY] = tiny(6, diplotypes=results)
    test.run()
    assert not test.exception
    assert test.selectbox(key=GENE).value == "CYP2D6"
    assert "Poor metaboliser 6 100% (61% to 100%) not published" in said(test)
