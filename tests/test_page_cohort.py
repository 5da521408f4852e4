"""The Cohort page in its states: the sample cohort, filtered, nobody left, an empty cohort, everything missing."""

import re
from datetime import date
from html import escape, unescape
from pathlib import Path

import numpy as np
import pandas as pd
from streamlit.testing.v1 import AppTest

from precision.cohort import Cohort
from precision.model import registry
from precision.synth import load_sample
from precision.ui.cohort_filters import KEPT
from precision.ui.workspace import KEY, Workspace
from precision.workbench import assess
from precision.workbench.dueness import dueness
from precision.workbench.listing import PAGE
from precision.workbench.population import summary
from precision.workbench.query import Filter
from precision.workbench.roster import roster, select
from precision.workbench.thresholds import thresholds

APP = str(Path(__file__).parents[1] / "app.py")


def opened(space: Workspace | None = None, **query: str | list[str]) -> AppTest:
    test = AppTest.from_file(APP, default_timeout=60)
    if space is not None:
        test.session_state[KEY] = space
    test.run()
    for name, value in query.items():
        test.query_params[name] = value
    return test.switch_page("pages/cohort.py").run()


def cohort(patients: int = 3, **columns: list[str | float]) -> Workspace:
    ids = pd.Series([f"A{i}" for i in range(patients)], dtype="str")
    people = Cohort(
        "<b>[tiny](http://example.org)", {"patients": pd.DataFrame({"patient_id": ids, **columns})}, date(2026, 6, 30)
    )
    return Workspace(assess(people), uploaded=True)


def said(test: AppTest) -> str:
    """What the page's own markup says, without its tags."""
    markup = " ".join(str(block.proto.body) for block in test.get("html"))
    return " ".join(re.sub(r"<[^>]*>", " ", markup).split())


def test_the_sample_cohort_is_counted_drawn_and_listed() -> None:
    test = opened()
    assert not test.exception
    people = roster(assess(load_sample()))
    found = summary(people, np.ones(len(people), dtype=bool))
    assert f"Patients {found.patients} of 300" in said(test)
    assert f"Not estimated {sum(found.not_estimated.values())} input missing" in said(test)
    assert [chart.proto.alt for chart in test.get("plotly_chart")] != ["", ""]
    table = test.dataframe[0].value
    assert len(table) == PAGE
    assert (
        table["Patient"].tolist() == people.assessment.features.ids[people.order("Highest risk first")[:PAGE]].tolist()
    )


def test_a_filter_leaves_only_its_patients_and_goes_to_the_first_page() -> None:
    test = opened()
    test.session_state["cohort_page"] = 3
    test.run()
    test.button_group(key="cohort_sex").set_value("female").run()
    assert test.session_state["cohort_page"] == 1
    assert set(test.dataframe[0].value["Sex"]) == {"Female"}
    people = roster(assess(load_sample()))
    assert f"Patients {select(people, Filter(sex='female')).sum()} of 300" in said(test)


def test_filters_can_be_cleared() -> None:
    test = opened()
    assert test.button(key="cohort_clear").disabled
    test.slider(key="cohort_age").set_value((40, 50)).run()
    test.multiselect(key="cohort_recorded").set_value(["diabetes"]).run()
    assert "of 300" in said(test)
    assert "Patients 300 of 300" not in said(test)
    test.button(key="cohort_clear").click().run()
    assert "Patients 300 of 300" in said(test)
    assert test.button(key="cohort_clear").disabled


def test_a_filter_that_fits_nobody_says_so_in_its_own_words() -> None:
    test = opened()
    test.slider(key="cohort_age").set_value((0, 3)).run()
    assert not test.exception
    assert "No match No patient matches age 0 to 3." in said(test)
    assert not test.dataframe
    assert not test.get("plotly_chart")


def test_the_address_of_another_page_is_dropped() -> None:
    test = opened(patient="P-00001")
    assert "patient" not in test.query_params


def test_filters_are_there_again_when_the_reader_comes_back() -> None:
    test = opened()
    test.button_group(key="cohort_sex").set_value("male").run()
    test.switch_page("pages/worklist.py").run()
    assert test.session_state[KEPT]["cohort_sex"] == "male"
    test.switch_page("pages/cohort.py").run()
    assert test.button_group(key="cohort_sex").value == "male"
    assert set(test.dataframe[0].value["Sex"]) == {"Male"}


def test_a_kept_group_that_the_next_cohort_does_not_have_is_forgotten() -> None:
    test = opened()
    test.selectbox(key="cohort_group").set_value("black").run()
    test.switch_page("pages/worklist.py").run()
    test.session_state[KEY] = cohort(ancestry=["white"] * 3)
    test.switch_page("pages/cohort.py").run()
    assert not test.exception
    assert "Patients 3 of 3" in said(test)


def test_the_reason_stands_where_there_is_no_estimate() -> None:
    test = opened()
    test.selectbox(key="cohort_state").set_value("out_of_range").run()
    table = test.dataframe[0].value
    assert set(table["10-year risk"]) == {"Out of range"}
    assert table["Range or reason"].str.contains("out of range").all()


def test_an_empty_cohort_offers_to_load_one() -> None:
    test = opened(cohort(0))
    assert not test.exception
    assert "No data This cohort holds no patients." in said(test)
    assert not test.dataframe


def test_a_cohort_with_everything_missing_estimates_nothing_and_says_so() -> None:
    test = opened(cohort())
    assert not test.exception
    text = said(test)
    assert "Median 10-year risk not estimated" in text
    assert "Not estimated Fewer than 5 input missing fewer than 5" in text
    assert "No patient of this selection has an estimate." in text
    assert "Not recorded Fewer than 5 not shown" in text
    assert set(test.dataframe[0].value["10-year risk"]) == {"Not estimated"}


def test_a_hostile_cohort_name_is_text() -> None:
    test = opened(cohort())
    markup = " ".join(str(block.proto.body) for block in test.get("html"))
    assert "&lt;b&gt;[tiny](http://example.org), 1 table" in markup
    assert not any("tiny" in str(item.value) for item in test.markdown)


def test_both_exports_are_offered_with_the_number_of_rows() -> None:
    test = opened()
    test.button_group(key="cohort_sex").set_value("female").run()
    people = roster(assess(load_sample()))
    assert (
        test.download_button(key="cohort_csv").label
        == f"Patients, CSV ({select(people, Filter(sex='female')).sum()} rows)"
    )
    assert test.download_button(key="cohort_json").label == "Definition, JSON"


# ------------------------------------------------------------------------------------------------- another number
def test_another_number_changes_everything_on_the_page_and_its_code_stands_in_the_address() -> None:
    test = opened()
    assert test.selectbox(key="cohort_model").value == "prevent:ascvd:10"
    test.slider(key="cohort_age").set_value((50, 105)).run()
    test.selectbox(key="cohort_model").set_value("kfre_4:kidney_failure:5").run()
    assert not test.exception
    assert test.query_params["cohort_model"] == "kfre_4:kidney_failure:5"
    people = roster(assess(load_sample()), "kfre_4", "kidney_failure", 5)
    found = summary(people, select(people, Filter(age=(50, 105))))
    text = said(test)
    assert f"Patients {found.patients} of 300" in text
    assert f"Not estimated {sum(found.not_estimated.values())}" in text
    assert "Median 5-year risk" in text
    assert "Risk of kidney failure (dialysis or transplant) within 5 years by Kidney failure risk" in text
    assert "KDIGO CKD 2024" in text
    assert {"5-year risk"} <= set(test.dataframe[0].value)
    assert "10-year" not in text.replace("10-year risk: ", "")


def test_the_address_opens_the_number_that_it_names() -> None:
    test = opened(cohort_model="score2:total_cvd:10")
    assert test.selectbox(key="cohort_model").value == "score2:total_cvd:10"
    assert "by SCORE2 and SCORE2-OP 2021" in said(test)


def test_a_code_that_nobody_knows_is_dropped_from_the_address() -> None:
    test = opened(cohort_model="crystal_ball:fate:10", cohort_asks="leeches", cohort_due="overdue:leeches")
    assert not test.exception
    assert not {"cohort_model", "cohort_asks", "cohort_due"} & set(test.query_params)
    assert "Patients 300 of 300" in said(test)


def test_a_model_without_published_groups_says_that_the_bands_are_our_own() -> None:
    assert "No published groups; bands of our own." in said(opened(cohort_model="framingham_lipid:total_cvd:10"))
    assert "No published groups" not in said(opened())


def test_a_number_that_nobody_has_says_so() -> None:
    test = opened(cohort_model="boadicea:breast_cancer:10")
    assert not test.exception
    text = said(test)
    assert "Median 10-year risk not estimated" in text
    assert "No patient of this selection has an estimate." in text
    assert "publishes no interval" not in text
    assert set(test.dataframe[0].value["10-year risk"]) == {"Not estimated"}


def test_classes_are_filtered_by_name_and_have_no_bar() -> None:
    test = opened(cohort_model="kdigo:gfr_category")
    assert not test.exception
    assert not [slider for slider in test.get("select_slider") if slider.key == "cohort_risk"]
    test.selectbox(key="cohort_band").set_value("G3a").run()
    table = test.dataframe[0].value
    assert set(table["Class"]) == {"G3a"}
    assert not [name for name in table if str(name).startswith("0 to")]
    assert set(table["Range or reason"]) == {"a class has no range"}
    test.selectbox(key="cohort_model").set_value("prevent:ascvd:10").run()
    assert not test.exception
    assert "cohort_band" not in test.query_params
    assert "Patients 300 of 300" in said(test)


def test_a_required_disclaimer_stands_on_the_page() -> None:
    notice = registry()["qrisk3"].disclaimer
    assert " ".join(notice.split()) in unescape(said(opened(cohort_model="qrisk3:total_cvd:10")))


# ------------------------------------------------------------------------------------------------- rules
def test_the_list_can_be_left_to_whom_a_treatment_rule_asks_something_for() -> None:
    test = opened(cohort_asks="statin_high_risk")
    people = roster(assess(load_sample()))
    expected = people.assessment.features.ids[select(people, Filter(asks="statin_high_risk"))]
    assert set(test.dataframe[0].value["Patient"]) == set(expected)
    test.button(key="cohort_clear").click().run()
    assert "cohort_asks" not in test.query_params
    assert "Patients 300 of 300" in said(test)


def test_the_list_can_be_left_to_who_is_overdue() -> None:
    test = opened()
    test.selectbox(key="cohort_due").set_value("overdue:htn_40").run()
    assert test.query_params["cohort_due"] == "overdue:htn_40"
    people = roster(assess(load_sample()))
    expected = people.assessment.features.ids[select(people, Filter(due="overdue:htn_40"))]
    assert set(test.dataframe[0].value["Patient"]) == set(expected)


def test_the_list_can_be_left_to_a_gene_result() -> None:
    test = opened()
    test.selectbox(key="cohort_gene_result").set_value("CYP2C19:Poor Metabolizer").run()
    assert test.query_params["cohort_gene_result"] == "CYP2C19:Poor Metabolizer"
    people = roster(assess(load_sample()))
    kept = select(people, Filter(gene="CYP2C19:Poor Metabolizer"))
    assert set(test.dataframe[0].value["Patient"]) == set(people.assessment.features.ids[kept])
    assert "Patients 9 of 300" in said(test)
    test.button(key="cohort_clear").click().run()
    assert "Patients 300 of 300" in said(test)


def test_a_link_to_a_gene_result_that_nobody_has_says_so_and_an_unknown_one_is_dropped() -> None:
    test = opened(cohort(age=[50.0] * 3), cohort_gene_result="CYP2C19:Poor Metabolizer")
    assert "No match No patient matches CYP2C19 Poor metaboliser" in said(test)
    test = opened(cohort(age=[50.0] * 3), cohort_gene_result="CYP2C19:Sleepy")
    assert "cohort_gene_result" not in test.query_params


def test_the_rules_are_counted_with_source_and_each_filters_the_list() -> None:
    test = opened()
    people = roster(assess(load_sample()))
    everybody = np.ones(len(people), dtype=bool)
    first, due = thresholds(people.treatments, everybody)[0], dueness(people.plan, everybody)[0]
    text = said(test)
    assert f"{first.title}" in text
    assert f"{first.speaks} concerned {first.rule.source}" in text
    assert f"{due.overdue} overdue {due.rule.source} {due.rule.year}" in text
    test.button(key=f"cohort_show_{first.rule.name}").click().run()
    assert test.query_params["cohort_asks"] == first.rule.name
    assert f"Patients {first.speaks} of 300" in said(test)


def test_every_rule_is_one_click_away() -> None:
    test = opened()
    people = roster(assess(load_sample()))
    every = dueness(people.plan, np.ones(len(people), dtype=bool))
    test.button(key="cohort_all_call").click().run()
    assert not test.exception
    text = said(test)
    assert all(escape(one.rule.action) in text for one in every)


def test_small_counts_of_a_rule_are_not_shown() -> None:
    smokers = cohort(age=[50.0] * 3, current_smoker=[1.0, 1.0, 0.0])
    text = said(opened(smokers))
    assert "Fewer than 5 concerned USPSTF 2021" in text
    assert "2 concerned" not in text


def test_no_figure_of_one_to_four_patients_is_on_the_page_and_it_says_why() -> None:
    """Two risks, one smoker, four with the medicine: nothing but the size of the selection and the list is exact."""
    people = cohort(4, age=[50.0, 52.0, 54.0, 56.0], current_smoker=[1.0, 0.0, 0.0, 0.0], ancestry=["white"] * 4)
    text = said(opened(people))
    assert "Figures of groups of 1 to 4 patients are not shown, to protect privacy." in text
    assert "Lists that name patients are complete." in text
    assert "Patients 4 of 4" in text
    assert "Median age, years Not shown of fewer than 5" in text
    assert "White Fewer than 5 not shown" in text
    assert "Need attention Fewer than 5" in text
    assert not re.search(r"\b[1-4] (overdue|due|concerned|cannot be judged|of \d+ people|estimated)", text)


def test_five_patients_are_enough_to_be_counted() -> None:
    text = said(opened(cohort(5, age=[50.0] * 5, ancestry=["white"] * 5)))
    assert "Median age, years 50" in text
    assert "White 5 0 estimated" in text


def test_rules_that_nobody_fits_together_say_so() -> None:
    test = opened(cohort(age=[50.0] * 3, current_smoker=[1.0, 1.0, 0.0]), cohort_asks="ldl_190")
    assert not test.exception
    assert "No match No patient matches advice 'Start the strongest tolerated statin" in unescape(said(test))


def test_a_link_to_who_is_overdue_where_nobody_is_says_so() -> None:
    test = opened(cohort(age=[50.0] * 3), cohort_due="overdue:htn_40")
    assert not test.exception
    assert "No match No patient matches overdue 'Measure blood pressure every year'" in unescape(said(test))


def test_the_filters_by_rule_are_there_again_when_the_reader_comes_back() -> None:
    test = opened(cohort_asks="smoking", cohort_model="prevent:total_cvd:10")
    smokers = set(test.dataframe[0].value["Patient"])
    test.switch_page("pages/worklist.py").run()
    test.switch_page("pages/cohort.py").run()
    assert test.selectbox(key="cohort_asks").value == "smoking"
    assert test.selectbox(key="cohort_model").value == "prevent:total_cvd:10"
    assert "cohort_due" not in test.query_params
    assert set(test.dataframe[0].value["Patient"]) == smokers


def test_the_risk_that_orders_the_list_stands_beside_the_patient() -> None:
    """The first columns are those that a phone shows."""
    assert list(opened().dataframe[0].value)[:3] == ["Priority", "Patient", "10-year risk"]


def test_a_missing_value_is_text_like_the_others() -> None:
    table = opened(cohort(ancestry=["white"] * 3)).dataframe[0].value
    assert set(table["LDL, mg/dL"]) == {"missing"}
    assert not table.drop(columns=[name for name in table if str(name).startswith("0 to")]).isna().any().any()


def test_risk_groups_of_whom_nothing_is_estimated_are_no_zeros() -> None:
    test = opened(cohort(ancestry=["white"] * 3))
    text = said(test)
    card = text[text.index("Risk groups") : text.index("By ")]
    assert "Not estimated" in card
    assert not any("group" in str(chart.proto.id) for chart in test.get("plotly_chart"))
