"""The Worklist page in its states: the sample cohort, an empty worklist, nothing recorded."""

import re
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from precision.cohort import Cohort
from precision.ui.workspace import KEY, Workspace
from precision.workbench import assess

APP = str(Path(__file__).parents[1] / "app.py")


def app() -> AppTest:
    return AppTest.from_file(APP, default_timeout=60)


def cohort(**columns: list[float | str]) -> Cohort:
    frame = pd.DataFrame({"patient_id": ["A1", "A2"], **columns})
    return Cohort("tiny", {"patients": frame}, index_date=date(2026, 11, 22))


def using(people: Cohort) -> AppTest:
    test = app()
    test.session_state[KEY] = Workspace(assess(people), uploaded=True)
    return test.run()


def said(test: AppTest) -> str:
    return " ".join(str(block.proto.body) for block in test.get("html"))


def test_the_reason_and_domains_of_the_chosen_patient_stand_in_full_under_the_table() -> None:
    """A cell of the table has one line, in which long ones are cut off."""
    test = app().run()
    first = test.dataframe[0].value.iloc[0]
    shown = re.findall(r'<div class="worklist-full"><p class="sentence"><b>([^<]*)</b>([^<]*)</p>', said(test))
    assert shown == [(f"{first['Patient']}, {first['Age, sex']}", f": {first['Why']}. {first['Domains']}.")]


def test_a_column_of_domains_names_two_and_counts_the_rest() -> None:
    domains = app().run().dataframe[0].value["Domains"]
    assert all(re.fullmatch(r"[^,]+(, [^,+]+( \+ \d+)?)?", one) for one in domains)
    assert any(one.endswith(" + 1") for one in domains)


def test_the_sample_cohort_lists_who_needs_attention_first() -> None:
    test = app().run()
    assert not test.exception
    assert "of 300 patients need attention" in said(test)
    table = test.dataframe[0].value
    assert table["Priority"].iloc[0] == ["■ Avoid"]
    assert table["Patient"].is_unique
    assert test.button(key="worklist_open").label == f"Open {table['Patient'].iloc[0]}"


def test_a_priority_leaves_only_its_patients() -> None:
    test = app().run()
    test.button_group(key="worklist_priority").set_value("Not estimated").run()
    assert {chips[0] for chips in test.dataframe[0].value["Priority"]} == {"○ Not estimated"}


def test_search_finds_a_patient_and_says_when_nobody_fits() -> None:
    test = app().run()
    test.text_input(key="worklist_search").set_value("P-00005").run()
    assert test.dataframe[0].value["Patient"].tolist() == ["P-00005"]
    test.text_input(key="worklist_search").set_value("[nobody](http://example.org)").run()
    assert not test.dataframe
    assert "No match" in said(test)


def test_opening_a_patient_goes_to_the_patient_page() -> None:
    test = app().run()
    patient = test.button(key="worklist_open").label.removeprefix("Open ")
    test.button(key="worklist_open").click().run()
    assert not test.exception
    assert patient in said(test)
    assert "Data behind this page" in said(test)


@pytest.mark.parametrize(
    ("columns", "state"),
    [({}, "No data"), ({"age": [50.0, 61.0], "sex": ["female", "male"]}, "Not estimated")],
)
def test_an_uploaded_cohort_with_nothing_recorded_is_told_apart_from_a_healthy_one(
    columns: dict[str, list[float | str]], state: str
) -> None:
    test = using(cohort(**columns))
    assert not test.exception
    text = said(test)
    assert "Uploaded cohort" in text
    assert "Demonstrations" not in text
    assert {word for word in ("No data", "Not estimated", "No action") if f"<span>{word}</span>" in text} == {state}


def test_the_uploaded_cohort_can_be_left_for_the_demo_cohort() -> None:
    test = using(cohort(age=[50.0, 61.0], sex=["female", "male"]))
    test.button(key="worklist_return").click().run()
    assert "Synthetic demo cohort" in said(test)


def test_a_filter_leads_back_to_the_first_page_and_can_be_cleared() -> None:
    test = app().run()
    test.session_state["worklist_page"] = 3
    test.run()
    first = test.dataframe[0].value["Patient"].iloc[0]
    test.text_input(key="worklist_search").set_value("ldl").run()
    assert test.session_state["worklist_page"] == 1
    assert test.dataframe[0].value["Why"].str.contains("LDL").any()
    test.text_input(key="worklist_search").set_value("nobody is called so").run()
    test.button(key="worklist_clear").click().run()
    assert test.text_input(key="worklist_search").value == ""
    assert first not in test.dataframe[0].value["Patient"].tolist()


def test_rows_that_an_upload_set_aside_are_counted() -> None:
    test = app()
    test.session_state[KEY] = Workspace(assess(cohort(age=[50.0, 61.0], sex=["female", "male"])), True, quarantined=7)
    assert "Quarantined rows</dt><dd>7<" in said(test.run())


def test_an_identifier_is_never_read_as_markdown() -> None:
    frame = pd.DataFrame({"patient_id": ["A![x](https://example.org/a.png) :red[b]"], "age": [50.0], "sex": ["female"]})
    test = using(Cohort("tiny", {"patients": frame}, index_date=date(2026, 11, 22)))
    label = test.button(key="worklist_open").label
    assert "![" not in label
    assert "](" not in label
    assert ":red" not in label
    test.button(key="worklist_open").click().run()
    assert not test.exception
    assert "A![x](https://example.org/a.png) :red[b]</h1>" in said(test)


def test_the_reason_names_what_to_do_and_the_gene() -> None:
    rows = app().run().dataframe[0].value
    medicines = [why for why, word in zip(rows["Why"], rows["Priority"], strict=True) if word[0].startswith("■ Avoid")]
    assert any(re.fullmatch(r"Avoid tramadol \(CYP2D6\), and \d+ more", why) for why in medicines)
    assert not any(" with CYP" in why for why in rows["Why"])


def test_variants_of_a_word_are_one_filter() -> None:
    test = app().run()
    words = [re.sub(r"^:material/\w+: | [\d,]+$", "", option) for option in test.button_group[0].options]
    assert [word for word in words if word.startswith(("Avoid", "Change", "Monitor"))] == ["Avoid", "Change"]
    test.button_group(key="worklist_priority").set_value("Change").run()
    assert not test.exception
    chips = {chip[0].split()[1] for chip in test.dataframe[0].value["Priority"]}
    assert chips == {"Change"}
    assert "Change dose" in {chip[0].removeprefix("▲ ") for chip in test.dataframe[0].value["Priority"]}


def test_medicines_that_wait_for_a_gene_result_are_counted_among_what_is_missing() -> None:
    text = said(app().run())
    quality = text[text.index("Data quality") :]
    assert "Medicines not judged" in quality
