"""Comparisons: the healthy peer, heart age, the cohort, and several models side by side."""

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from precision.errors import InputError
from precision.model import registry
from precision.result import Result
from precision.treatment.contributions import contributions, peers
from precision.workbench.comparison import standing
from precision.workbench.heart_age import LABEL, OUTCOMES, heart_age
from precision.workbench.side_by_side import questions, side_by_side, traits

HEALTHY = {
    "total_cholesterol": 170.0,
    "hdl_cholesterol": 50.0,
    "systolic_bp": 110.0,
    "antihypertensive_treatment": 0.0,
    "statin_treatment": 0.0,
    "diabetes": 0.0,
    "current_smoker": 0.0,
    "egfr": 90.0,
    "bmi": 25.0,
    "prior_cvd": 0.0,
}


def result_of(model: str = "prevent_base", *people: Mapping[str, float | str]) -> Result:
    rows = [
        HEALTHY | {"patient_id": f"P{i}", "sex": "male", "age": 55.0} | dict(person) for i, person in enumerate(people)
    ]
    return registry()[model](pd.DataFrame(rows))


# --- heart age -------------------------------------------------------------------------------------------------------


@given(st.floats(30, 78.9), st.sampled_from(["female", "male"]), st.sampled_from(OUTCOMES))
def test_the_heart_age_of_a_healthy_person_is_their_age(age: float, sex: str, outcome: str) -> None:
    found = heart_age(registry()["prevent_base"], result_of("prevent_base", {"age": age, "sex": sex}), outcome)
    assert found.age[0] == pytest.approx(age, abs=0.01)
    assert found.difference[0] == pytest.approx(0, abs=0.01)


@given(st.floats(110, 180), st.floats(45, 60), st.sampled_from([0.0, 1.0]))
def test_a_healthy_person_of_the_heart_age_has_the_same_risk(systolic: float, age: float, smokes: float) -> None:
    model = registry()["prevent_base"]
    result = result_of("prevent_base", {"age": age, "systolic_bp": systolic, "current_smoker": smokes})
    found = heart_age(model, result)
    if math.isnan(found.age[0]):
        assert found.text(0) == "79 or more"
        return
    healthy = result_of("prevent_base", {"age": float(found.age[0])})
    assert healthy.value[0, 0] == pytest.approx(result.value[0, 0], rel=1e-4)


def test_outside_the_ages_of_the_model_heart_age_has_no_number() -> None:
    model = registry()["prevent_base"]
    ill = {"age": 70.0, "systolic_bp": 170.0, "current_smoker": 1.0, "diabetes": 1.0}
    fit = {"age": 30.0, "total_cholesterol": 150.0, "hdl_cholesterol": 80.0, "systolic_bp": 95.0}
    found = heart_age(model, result_of("prevent_base", ill, fit, {"total_cholesterol": math.nan}))
    assert [found.text(row) for row in range(3)] == ["79 or more", "below 30", "not estimated"]
    assert np.isnan(found.age).all()
    assert found.side.tolist() == [1, -1, 0]


def test_heart_age_of_a_patient_does_not_depend_on_the_others() -> None:
    people = [
        {"age": age, "sex": sex, "systolic_bp": systolic, "hba1c": hba1c}
        for age, systolic, hba1c in ((40.0, 150.0, 6.0), (60.0, 125.0, math.nan), (52.0, 140.0, 5.0))
        for sex in ("female", "male")
    ]
    model = registry()["prevent"]
    together = heart_age(model, result_of("prevent", *people))
    for row, person in enumerate(people):
        alone = heart_age(model, result_of("prevent", person))
        assert together.age[row] == pytest.approx(alone.age[0], rel=1e-12)


def test_heart_age_is_for_lifestyle_talk_and_two_outcomes() -> None:
    assert "lifestyle talk only" in LABEL
    assert "lifestyle" in str(heart_age.__doc__)
    with pytest.raises(InputError, match="heart age is for"):
        heart_age(registry()["prevent_base"], result_of("prevent_base", {}), "stroke")


# --- peer and cohort -------------------------------------------------------------------------------------------------


def test_the_peer_of_a_patient_whose_non_hdl_is_healthy_is_the_healthy_peer() -> None:
    # non-HDL 120 as in the peer, HDL lower: total cholesterol must move with HDL
    result = result_of("prevent_base", {"total_cholesterol": 160.0, "hdl_cholesterol": 40.0})
    model = registry()["prevent_base"]
    parts = contributions(model, result, 0, 1)
    assert parts.peer == pytest.approx(peers(model, result)[0, 1], rel=1e-12)
    assert [row.label for row in parts.rows if row.share] == ["HDL cholesterol"]


def test_what_all_people_of_a_model_have_stays_the_patients_own_in_the_peer() -> None:
    frame = pd.DataFrame(
        [{"age": 60.0, "sex": "male", "egfr": 40.0, "uacr": 300.0, "kfre_region": "other", "patient_id": "K"}]
    )
    model = registry()["kfre_4"]
    result = model(frame)
    healthy = model(frame.assign(uacr=10.0))
    assert peers(model, result)[0, 1] == pytest.approx(healthy.value[0, 1], rel=1e-12)
    assert [row.label for row in contributions(model, result, 0, 1).rows] == ["Urine albumin"]


def test_a_patient_stands_among_people_of_the_same_sex_and_age() -> None:
    # 40 men of 55 with pressures of 101 to 140: 29 of the 39 others have a lower pressure than the one with 130
    people = [{"systolic_bp": 101.0 + i} for i in range(40)]
    others = [{"age": 61.0, "systolic_bp": 90.0}, {"sex": "female", "systolic_bp": 90.0}]
    result = result_of("prevent_base", *people, *others)
    found = standing(registry()["prevent_base"], result, 29, 1)
    assert found.alike == 39
    assert found.lower == pytest.approx(29 / 39)
    assert found.quartiles[0] < found.quartiles[1] < found.quartiles[2]
    assert found.peer == pytest.approx(result_of("prevent_base", {}).value[0, 1], rel=1e-12)


def test_among_fewer_than_thirty_no_place_is_given() -> None:
    found = standing(registry()["prevent_base"], result_of("prevent_base", *({} for _ in range(30))), 0, 1)
    assert found.alike == 29
    assert math.isnan(found.lower)
    with pytest.raises(InputError, match="no estimate to compare"):
        standing(registry()["prevent_base"], result_of("prevent_base", {"systolic_bp": math.nan}), 0, 1)


# --- side by side ----------------------------------------------------------------------------------------------------


def all_of(**changes: float | str) -> dict[str, Result]:
    person = {"age": 55.0, "sex": "male", "ancestry": "white", "systolic_bp": 140.0, "score2_region": "moderate"}
    frame = pd.DataFrame([HEALTHY | person | {"patient_id": "P"} | changes])
    return {name: registry()[name](frame) for name in ("prevent", "pooled_cohort", "score2", "framingham_lipid")}


def test_models_of_one_question_stand_in_the_order_of_the_table_with_their_reason() -> None:
    found = side_by_side(all_of(), "P", "cardiovascular")
    assert [one.model for one in found] == ["prevent", "score2", "pooled_cohort", "framingham_lipid"]
    by_name = {one.model: one for one in found}
    assert by_name["prevent"].differs == ""
    assert by_name["score2"].differs.startswith("Unlike AHA PREVENT, it counts cardiovascular death")
    assert "was made with data of Europe" in by_name["score2"].differs
    assert "also reads population group" in by_name["pooled_cohort"].differs
    assert "counts" not in by_name["pooled_cohort"].differs  # both count heart attack and stroke
    assert "angina" in by_name["framingham_lipid"].differs
    assert all(one.horizon_years == 10 and one.population and one.year for one in found)


def test_the_table_can_be_read_against_another_model() -> None:
    found = {one.model: one for one in side_by_side(all_of(), "P", "cardiovascular", against="score2")}
    assert found["score2"].differs == ""
    assert found["prevent"].differs.startswith("Unlike SCORE2")
    with pytest.raises(InputError, match="does not answer"):
        side_by_side(all_of(), "P", "cardiovascular", against="kfre_4")


def test_a_model_without_a_value_says_why_and_does_not_lead() -> None:
    found = side_by_side(all_of(statin_treatment=math.nan), "P", "cardiovascular")
    assert found[0].value == "Not estimated"
    assert found[0].why_not == ("Statin is missing.",)
    assert found[1].differs == ""
    assert found[0].differs.startswith("Unlike SCORE2")


def test_only_questions_that_were_asked_are_answered() -> None:
    assert questions(all_of()) == ("cardiovascular", "coronary", "heart_failure")
    with pytest.raises(InputError, match="no model that was run answers 'kidney_failure'"):
        side_by_side(all_of(), "P", "kidney_failure")


def test_every_trait_names_a_model_with_that_outcome() -> None:
    for trait in traits():
        assert trait.outcome in {estimate.outcome for estimate in registry()[trait.model].estimates}
