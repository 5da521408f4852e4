"""Filters, lists and groups of a cohort: hand-made people with counts by hand, and the laws that selections obey."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from precision.cohort import Cohort
from precision.errors import InputError
from precision.result import MISSING, OK
from precision.workbench import assess, worklist
from precision.workbench.comparison import compare
from precision.workbench.listing import PAGE, frame, on_page, pages, write_csv, write_definition
from precision.workbench.population import decades, density, risk_groups, spread, strata, summary
from precision.workbench.query import ALL_RISKS, STATES, UNKNOWN, Filter, read_filter, risk_range
from precision.workbench.roster import (
    NO_ACTION,
    ORDERS,
    Roster,
    groups,
    ordered,
    recordable,
    roster,
    select,
)

NAN = float("nan")
ON = date(2026, 6, 30)
NAMES = (
    ("patient_id", "age", "sex", "ancestry", "systolic_bp", "total_cholesterol", "hdl_cholesterol", "egfr")
    + ("diabetes", "current_smoker", "statin_treatment", "antihypertensive_treatment")
)  # fmt: skip
PEOPLE: tuple[tuple[str | float | None, ...], ...] = (
    ("well", 45.0, "female", "white", 115.0, 180.0, 60.0, 95.0, 0.0, 0.0, 0.0, 0.0),
    ("high", 70.0, "male", "black", 150.0, 240.0, 40.0, 70.0, 1.0, 1.0, 0.0, 0.0),
    ("gap", 50.9, "female", "white", 118.0, NAN, 55.0, 90.0, 0.0, 0.0, 1.0, 0.0),
    ("old", 94.0, "female", "asian", 118.0, 200.0, 55.0, 80.0, 1.0, 0.0, 0.0, 0.0),
    ("=2+2", NAN, None, None, 190.0, 200.0, 50.0, 90.0, NAN, 0.0, 0.0, 0.0),
)


def table(people: tuple[tuple[str | float | None, ...], ...] = PEOPLE) -> pd.DataFrame:
    return pd.DataFrame(list(people), columns=list(NAMES)).astype(
        {"patient_id": "str", "sex": "str", "ancestry": "str"}
    )


def listed(patients: pd.DataFrame) -> Roster:
    return roster(assess(Cohort("test", {"patients": patients}, ON), ["prevent"]))


def many(count: int, seed: int = 1) -> pd.DataFrame:
    """Made-up adults inside every range of the model."""
    random = np.random.default_rng(seed)
    columns = {
        "patient_id": [f"P-{i}" for i in range(count)],
        "age": random.uniform(30, 79, count),
        "sex": random.choice(["female", "male"], count),
        "ancestry": random.choice(["white", "black", "asian"], count, p=[0.7, 0.25, 0.05]),
        "systolic_bp": random.uniform(100, 170, count),
        "total_cholesterol": random.uniform(140, 300, count),
        "hdl_cholesterol": random.uniform(30, 90, count),
        "egfr": random.uniform(40, 120, count),
        **{name: (random.random(count) < 0.2).astype(float) for name in NAMES[-4:]},
    }
    return pd.DataFrame(columns)


@pytest.fixture(scope="module")
def few() -> Roster:
    return listed(table())


@pytest.fixture(scope="module")
def crowd() -> Roster:
    return listed(many(400))


def with_risks(people: Roster, risks: list[float]) -> Roster:
    """The same patients with risks of our choice; NaN = an input is missing."""
    value = people.result.value.copy()
    value[:, people.estimate] = risks
    status = people.result.status.copy()
    status[:, people.estimate] = np.where(np.isnan(risks), MISSING, OK)
    return replace(people, result=replace(people.result, value=value, status=status), columns={}, orders={})


def chosen(people: Roster, wanted: Filter) -> list[str]:
    return people.assessment.features.ids[select(people, wanted)].tolist()


# ------------------------------------------------------------------------------------------------- who is meant
def test_without_a_filter_everybody_is_meant(few: Roster) -> None:
    assert len(chosen(few, Filter())) == len(PEOPLE)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Filter(sex="female"), ["well", "gap", "old"]),
        (Filter(age=(45, 50)), ["well", "gap"]),  # 50.9 years are 50 completed years
        (Filter(age=(80, 105)), ["old"]),
        (Filter(group="white"), ["well", "gap"]),
        (Filter(group=UNKNOWN), ["=2+2"]),
        (Filter(recorded=("diabetes",)), ["high", "old"]),
        (Filter(recorded=("diabetes", "current_smoker")), ["high"]),
        (Filter(state="missing"), ["gap", "=2+2"]),
        (Filter(state="out_of_range"), ["old"]),
        (Filter(state="not_estimated"), ["gap", "old", "=2+2"]),
        (Filter(sex="female", recorded=("statin_treatment",)), ["gap"]),
    ],
    ids=str,
)
def test_each_part_of_a_filter_leaves_those_it_names(few: Roster, wanted: Filter, expected: list[str]) -> None:
    assert chosen(few, wanted) == expected


def test_the_upper_end_of_the_ages_is_open() -> None:
    people = listed(table((("a", 106.0, *PEOPLE[0][2:]), ("b", 104.0, *PEOPLE[0][2:]))))
    assert chosen(people, Filter(age=(100, 105))) == ["a", "b"]


def test_a_range_of_risk_holds_its_lower_bound_and_not_its_upper(few: Roster) -> None:
    people = with_risks(few, [0.03, 0.0499, 0.05, 0.1, NAN])
    assert chosen(people, Filter(risk=(0.03, 0.05))) == ["well", "high"]
    assert chosen(people, Filter(risk=(0.1, 1.0))) == ["old"]
    assert chosen(people, Filter(risk=(0.0, 0.05))) == ["well", "high"]


filters = st.builds(
    Filter,
    sex=st.sampled_from(["", "female", "male"]),
    age=st.tuples(st.integers(0, 105), st.integers(0, 105)).map(lambda ends: (min(ends), max(ends))),
    risk=st.tuples(st.floats(0, 1), st.floats(0, 1)).map(lambda ends: (min(ends), max(ends))),
    group=st.sampled_from(["", "white", "black", "asian", UNKNOWN]),
    recorded=st.lists(st.sampled_from(["diabetes", "statin_treatment"]), unique=True).map(tuple),
    state=st.sampled_from(["", *STATES]),
    asks=st.sampled_from(["", "smoking", "statin_high_risk"]),
    due=st.sampled_from(["", "due:lpa", "overdue:htn_40"]),
    gene=st.sampled_from(["", "CYP2C19:Poor Metabolizer", "SLCO1B1:Normal Function"]),
)


@given(wanted=filters)
def test_a_filter_is_the_meeting_of_its_parts(crowd: Roster, wanted: Filter) -> None:
    parts = (
        Filter(sex=wanted.sex),
        Filter(age=wanted.age),
        Filter(risk=wanted.risk),
        Filter(group=wanted.group),
        *(Filter(recorded=(name,)) for name in wanted.recorded),
        Filter(state=wanted.state),
        Filter(asks=wanted.asks),
        Filter(due=wanted.due),
        Filter(gene=wanted.gene),
    )
    np.testing.assert_array_equal(select(crowd, wanted), np.all([select(crowd, part) for part in parts], axis=0))


@given(wanted=filters)
def test_an_exported_definition_gives_the_same_filter_back(crowd: Roster, wanted: Filter) -> None:
    assert read_filter(write_definition(crowd, wanted, "As loaded", 0)) == wanted


def test_a_definition_names_the_model_the_cohort_and_only_what_was_asked_for(few: Roster) -> None:
    facts = json.loads(write_definition(few, Filter(sex="female", risk=(0.05, 1.0)), "Oldest first", 2))
    assert facts["filter"] == {"sex": "female", "risk": {"from": 0.05, "below": 1.0}}
    assert (facts["model"], facts["outcome"], facts["horizon_years"]) == ("prevent", "ascvd", 10.0)
    assert (facts["cohort"], facts["patients"], facts["of"], facts["order"]) == ("test", 2, 5, "Oldest first")


@pytest.mark.parametrize("text", ["", "[]", "{}", "7", '{"filter": 3}', '{"filter": {"age_completed_years": 3}}'])
def test_what_is_no_definition_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        read_filter(text)


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: Filter(sex="F"), "allowed: female, male"),
        (lambda: Filter(age=(60, 40)), "age from 60 to 40"),
        (lambda: Filter(risk=(0.2, 0.1)), "risk from 0.2 to 0.1"),
        (lambda: Filter(recorded=("age",)), "'age' is no yes-or-no variable"),
        (lambda: Filter(state="fine"), "state 'fine' is unknown"),
    ],
)
def test_a_filter_that_cannot_be_is_refused(make: Callable[[], Filter], named: str) -> None:
    with pytest.raises(InputError, match=named):
        make()


def test_a_group_that_does_not_exist_is_refused(few: Roster) -> None:
    with pytest.raises(InputError, match="ancestry 'EUR' is unknown"):
        select(few, Filter(group="EUR"))


def test_a_filter_says_in_words_what_it_asks_for() -> None:
    wanted = Filter("female", (40, 79), (0.05, 0.1), "white", ("diabetes",), "missing")
    words = ("Female", "age 40 to 79", "risk 5% to below 10%", "Diabetes", "White", "Input missing")
    assert wanted.words("ancestry") == words
    assert Filter().words("ancestry") == ()
    assert Filter(age=(65, 105)).words("ancestry") == ("age 65 or more",)


def test_a_range_of_risk_is_written_as_the_guideline_words_it() -> None:
    assert risk_range(0.0, 0.03) == "below 3%"
    assert risk_range(0.075, 0.1) == "7.5% to below 10%"
    assert risk_range(0.1, ALL_RISKS[1]) == "10% or more"


# ------------------------------------------------------------------------------------------------- the list
@pytest.mark.parametrize("order", ORDERS)
def test_an_order_holds_every_patient_once_and_the_unknown_last(crowd: Roster, order: str) -> None:
    rows = crowd.order(order)
    assert sorted(rows.tolist()) == list(range(len(crowd)))
    column, largest_first = ORDERS[order]
    if column:
        values = crowd.column(column)[rows]
        known = values[~np.isnan(values)]
        assert not np.isnan(values[: len(known)]).any()
        assert (np.diff(known) <= 0).all() if largest_first else (np.diff(known) >= 0).all()


def test_equals_stay_as_they_were_loaded(few: Roster) -> None:
    people = with_risks(few, [0.1, NAN, 0.1, 0.2, NAN])
    assert ordered(people, np.ones(5, dtype=bool), "Highest risk first").tolist() == [3, 0, 2, 1, 4]
    assert ordered(people, np.ones(5, dtype=bool), "Lowest risk first").tolist() == [0, 2, 3, 1, 4]


def test_an_unknown_order_is_refused(few: Roster) -> None:
    with pytest.raises(InputError, match="known: Highest risk first"):
        few.order("By name")


@given(count=st.integers(0, 4 * PAGE + 1))
def test_the_pages_of_a_list_hold_each_place_once(count: int) -> None:
    rows = np.arange(count)
    shown = np.concatenate([rows[on_page(rows, number)] for number in range(1, pages(rows) + 1)])
    np.testing.assert_array_equal(shown, rows)
    assert on_page(rows, 999) == on_page(rows, pages(rows))


def test_only_what_somebody_has_can_be_filtered_by(few: Roster) -> None:
    assert recordable(few) == ("antihypertensive_treatment", "diabetes", "statin_treatment")[1:]
    assert groups(few) == ("white", "black", "asian", UNKNOWN)


def test_without_reported_groups_the_genetic_ones_tell_patients_apart() -> None:
    patients = table().drop(columns="ancestry")
    patients["ancestry_group"] = ["EUR", "AFR", "EUR", "EAS", None]
    people = listed(patients)
    assert people.grouping == "ancestry_group"
    assert groups(people) == ("AFR", "EAS", "EUR", UNKNOWN)


def test_the_list_counts_attention_as_the_worklist_does(crowd: Roster) -> None:
    everybody = np.ones(len(crowd), dtype=bool)
    expected = worklist(crowd.assessment).set_index("patient")
    assert summary(crowd, everybody).attention == len(expected)
    shown = frame(crowd, np.arange(len(crowd))).set_index("patient_id")
    assert shown.loc[expected.index, "priority"].tolist() == expected["priority"].tolist()
    assert set(shown["priority"].drop(expected.index)) <= {"Suitable", NO_ACTION}


def test_a_model_that_was_not_run_is_refused(few: Roster) -> None:
    with pytest.raises(InputError, match="model 'pooled_cohort' was not run on this cohort; run: prevent"):
        roster(few.assessment, "pooled_cohort")


def test_the_exported_table_is_safe_and_blunts_high_ages(few: Roster) -> None:
    rows = list(csv.DictReader(io.StringIO(write_csv(few, np.arange(len(few))))))
    found = {row["patient_id"]: row for row in rows}
    assert found["old"]["age"] == "90.0"
    assert found["well"]["age"] == "45.0"
    assert "'=2+2" in found
    assert found["gap"]["reasons"] == "missing:total_cholesterol"
    assert (found["gap"]["risk"], found["gap"]["status"], found["'=2+2"]["sex"]) == ("", "missing", "")
    assert float(found["high"]["risk"]) == pytest.approx(few.result.value[1, few.estimate])


# ------------------------------------------------------------------------------------------------- taken together
def test_a_spread_is_the_median_with_its_quartiles() -> None:
    found = spread(np.array([5.0, NAN, 1.0, 2.0, 4.0, 3.0]))
    assert (found.count, found.median, found.low, found.high) == (5, 3.0, 2.0, 4.0)
    assert spread(np.array([NAN])).count == 0
    assert np.isnan(spread(np.array([])).median)


def test_the_figures_of_a_summary_are_those_of_the_patients(few: Roster) -> None:
    found = summary(few, np.ones(5, dtype=bool))
    assert (found.patients, found.age.count, found.risk.count) == (5, 4, 2)
    assert found.not_estimated == {"missing": 2, "out_of_range": 1}
    assert found.reasons == {
        "missing:total_cholesterol": 1,
        "missing:age": 1,
        "missing:sex": 1,
        "missing:diabetes": 1,
        "range:age": 1,
    }


def test_a_summary_of_nobody_has_no_figures(few: Roster) -> None:
    found = summary(few, np.zeros(5, dtype=bool))
    assert (found.patients, found.attention, found.reasons, found.not_estimated) == (0, 0, {}, {})


@given(wanted=filters)
def test_what_is_counted_in_groups_adds_up(crowd: Roster, wanted: Filter) -> None:
    kept = select(crowd, wanted)
    found = summary(crowd, kept)
    estimated = found.risk.count
    cells = density(crowd, kept)
    assert estimated + sum(found.not_estimated.values()) == found.patients == int(kept.sum())
    assert sum(group.count for group in risk_groups(crowd, kept)) == estimated
    assert (0 if cells is None else int(cells.counts.sum())) == estimated
    for parts in (strata(crowd, kept), decades(crowd, kept)):
        if all(part.patients is not None for part in parts):
            assert sum(part.patients or 0 for part in parts) == found.patients


def test_a_risk_on_a_bound_belongs_to_the_group_above(few: Roster) -> None:
    # 2026 ACC/AHA dyslipidemia guideline, doi:10.1161/CIR.0000000000001423: <3, 3 to <5, 5 to <10, >=10 %
    people = with_risks(few, [0.0299, 0.03, 0.05, 0.1, 0.999])
    found = risk_groups(people, np.ones(5, dtype=bool))
    assert [(group.name, group.range, group.count) for group in found] == [
        ("Low", "below 3%", 1),
        ("Borderline", "3% to below 5%", 1),
        ("Intermediate", "5% to below 10%", 1),
        ("High", "10% or more", 2),
    ]


def test_a_group_under_5_is_not_shown_and_one_under_30_estimates_not_computed() -> None:
    patients = many(79)
    patients["ancestry"] = ["white"] * 30 + ["black"] * 29 + ["asian"] * 5 + ["chinese"] * 4 + [None] * 11
    people = listed(patients)
    found = {part.name: part for part in strata(people, np.ones(79, dtype=bool))}
    assert {name: part.patients for name, part in found.items()} == {
        "White": 30,
        "Black": 29,
        "Asian": 5,
        "Chinese": None,
        "Not recorded": 11,
    }
    assert found["Chinese"].risk is None
    white, black = found["White"].risk, found["Black"].risk
    assert white is not None
    assert black is not None
    assert white.median == pytest.approx(np.median(people.column("risk")[:30]))
    assert (black.count, np.isnan(black.median)) == (29, True)


def test_decades_hold_completed_years() -> None:
    patients = many(3)
    patients["age"] = [39.99, 40.0, 49.99]
    people = listed(pd.concat([patients.assign(patient_id=patients["patient_id"] + f"-{i}") for i in range(5)]))
    found = decades(people, np.ones(15, dtype=bool))
    assert [(part.name, part.patients) for part in found] == [("30 to 39", 5), ("40 to 49", 10)]


def test_the_cells_of_risk_by_age_hold_who_is_in_them(crowd: Roster) -> None:
    everybody = np.ones(len(crowd), dtype=bool)
    cells, age, risk = density(crowd, everybody), crowd.column("age"), crowd.column("risk")
    assert cells is not None
    expected, _, _ = np.histogram2d(risk, age, bins=(cells.risks, cells.ages))
    np.testing.assert_array_equal(cells.counts, expected)
    for k, median in enumerate(cells.median):
        here = risk[(age >= cells.ages[k]) & (age < cells.ages[k + 1])]
        assert (median == pytest.approx(np.median(here))) if len(here) >= 5 else np.isnan(median)


@given(risks=st.lists(st.floats(0, 0.9999), min_size=5, max_size=5))
def test_every_risk_finds_a_cell(few: Roster, risks: list[float]) -> None:
    people = with_risks(few, risks)
    cells = density(people, np.ones(5, dtype=bool))
    assert cells is not None
    assert cells.counts.sum() == 4  # the fifth patient has no age


def test_nobody_with_an_estimate_has_no_cells(few: Roster) -> None:
    assert density(few, select(few, Filter(state="not_estimated"))) is None


def test_patients_stand_side_by_side_with_values_reasons_and_what_is_missing(few: Roster) -> None:
    found = {fact.label: fact.values for fact in compare(few, ("high", "gap"))}
    assert found["Total cholesterol"] == ("240 mg/dL", "missing")
    assert found["Age"] == ("70 years", "50.9 years")
    within_10, within_30 = (
        found["Heart attack or stroke within 10 years"],
        found["Heart attack or stroke within 30 years"],
    )
    assert within_10[0].endswith("%, no interval published")
    assert within_10[1] == "Not estimated. Total cholesterol is missing."
    assert within_30[0].startswith("Out of range. Age 70 is outside 30 to 59")
    assert all(len(values) == 2 for values in found.values())
