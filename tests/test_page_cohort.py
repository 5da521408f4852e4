"""The Cohort page in its states: the sample cohort, filtered, nobody left, an empty cohort, everything missing."""

import re
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from streamlit.testing.v1 import AppTest

from precision.cohort import Cohort
from precision.synth import load_sample
from precision.ui.cohort_filters import KEPT
from precision.ui.workspace import KEY, Workspace
from precision.workbench import assess
from precision.workbench.population import summary
from precision.workbench.query import Filter
from precision.workbench.roster import PAGE, roster, select

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
    assert "Not estimated 3 input missing 3" in text
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
