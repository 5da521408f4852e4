"""Integer scores and the metabolic syndrome: points of the printed forms, their limits, and what is not known."""

import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precision.io import risk_table
from precision.model import registry
from precision.result import OK, STATUSES, Finding, Result

FINN = {
    "age": 30.0, "sex": "male", "bmi": 24.0, "waist": 90.0, "physically_active": True, "daily_vegetables_fruit": True,
    "antihypertensive_treatment": False, "high_glucose_history": False, "family_history_diabetes": "none",
    "diabetes": False,
}  # fmt: skip
AMERICAN = {
    "age": 30.0, "sex": "female", "bmi": 20.0, "ancestry": "white", "gestational_diabetes": False,
    "family_history_diabetes": "none", "hypertension": False, "physically_active": True, "diabetes": False,
}  # fmt: skip
MAN_WITH_AF = {
    "age": 50.0, "sex": "male", "heart_failure": False, "hypertension": False, "diabetes": False,
    "stroke_tia_thromboembolism": False, "vascular_disease": False, "atrial_fibrillation": True,
}  # fmt: skip
ANTICOAGULATED = {
    "uncontrolled_hypertension": False, "abnormal_renal_function": False, "abnormal_liver_function": False,
    "prior_stroke": False, "bleeding_history": False, "labile_inr": False, "age_over_65": False,
    "antiplatelet_or_nsaid": False, "alcohol_excess": False, "atrial_fibrillation": True,
}  # fmt: skip
HEALTHY = {
    "sex": "male", "waist_criteria": "europid", "waist": 80.0, "triglycerides": 100.0, "triglyceride_treatment": False,
    "hdl_cholesterol": 60.0, "hdl_treatment": False, "systolic_bp": 110.0, "diastolic_bp": 70.0,
    "antihypertensive_treatment": False, "fasting_glucose": 85.0, "glucose_lowering_treatment": False,
}  # fmt: skip
PEOPLE = {
    "findrisc": FINN, "ada_diabetes": AMERICAN, "cha2ds2_vasc": MAN_WITH_AF, "has_bled": ANTICOAGULATED,
    "metabolic_syndrome": HEALTHY,
}  # fmt: skip


def assess(model: str, extrapolate: bool = False, /, **changes: object) -> Result:
    """What a model says of its healthy person with some inputs changed; None takes an input away."""
    known = {name: value for name, value in {**PEOPLE[model], **changes}.items() if value is not None}
    people = pd.DataFrame({"patient_id": ["P1"], **{name: [value] for name, value in known.items()}})
    return registry()[model](people, extrapolate)


def finding(model: str, outcome: str | None = None, /, **changes: object) -> Finding:
    return assess(model, **changes).finding("P1", outcome)


# --- every row of the reference -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "file", "rows"),
    [("findrisc", "findrisc", 100), ("cha2ds2_vasc", "cha2ds2vasc", 84), ("has_bled", "hasbled", 60)],
)
def test_every_row_of_the_reference_has_exactly_its_points(model: str, file: str, rows: int, shared: Path) -> None:
    path = shared / "vectors" / "clinrisk" / f"{file}.tsv"
    table = risk_table(path, registry()[model], model_units=True)
    result = registry()[model](table.frame)
    expected = pd.read_csv(path, sep="\t")["exp_result"].to_numpy(dtype=float)
    assert len(expected) == rows
    assert not table.refused.any()
    assert (result.status[:, 0] == OK).all()
    np.testing.assert_array_equal(result.value[:, 0], expected)


def test_the_points_without_sex_are_one_less_in_women_of_the_reference(shared: Path) -> None:
    path = shared / "vectors" / "clinrisk" / "cha2ds2vasc.tsv"
    table = pd.read_csv(path, sep="\t")
    model = registry()["cha2ds2_vasc"]
    value = model(risk_table(path, model, model_units=True).frame).value
    np.testing.assert_array_equal(value[:, 1], table["exp_result"] - (table["sex"] == "female"))


# --- FINDRISC -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "points"),
    [
        ({"age": 35.0}, 0),  # circulating copies give a point from 35 years
        ({"age": 44.99}, 0),
        ({"age": 45.0}, 2),
        ({"age": 54.99}, 2),
        ({"age": 55.0}, 3),
        ({"age": 64.99}, 3),
        ({"age": 65.0}, 4),
        ({"bmi": 24.99}, 0),
        ({"bmi": 25.0}, 1),
        ({"bmi": 30.0}, 1),
        ({"bmi": 30.01}, 3),
        ({"waist": 93.9}, 0),
        ({"waist": 94.0}, 3),
        ({"waist": 102.0}, 3),
        ({"waist": 102.1}, 4),
        ({"sex": "female", "waist": 79.9}, 0),
        ({"sex": "female", "waist": 80.0}, 3),
        ({"sex": "female", "waist": 88.0}, 3),
        ({"sex": "female", "waist": 88.1}, 4),
        ({"daily_vegetables_fruit": False}, 1),  # circulating copies give 2
        ({"physically_active": False}, 2),
        ({"antihypertensive_treatment": True}, 2),
        ({"high_glucose_history": True}, 5),
        ({"family_history_diabetes": "second_degree"}, 3),
        ({"family_history_diabetes": "first_degree"}, 5),
    ],
)
def test_findrisc_has_the_points_of_the_printed_form(changes: dict[str, object], points: int) -> None:
    assert finding("findrisc", **changes).value == points


@pytest.mark.parametrize(
    ("score", "risk"),
    [(0, 0.01), (6, 0.01), (7, 0.04), (11, 0.04), (12, 0.17), (14, 0.17), (15, 0.33), (20, 0.33), (21, 0.5), (26, 0.5)],
)
def test_findrisc_gives_the_risk_printed_for_the_band_of_points(score: int, risk: float) -> None:
    # Points that can be taken alone make any sum: 5 + 5 + 4 + 4 + 3 + 2 + 2 + 1 = 26
    items: list[tuple[int, dict[str, object]]] = [
        (5, {"high_glucose_history": True}),
        (5, {"family_history_diabetes": "first_degree"}),
        (4, {"age": 70.0}),
        (4, {"waist": 110.0}),
        (3, {"bmi": 33.0}),
        (2, {"physically_active": False}),
        (2, {"antihypertensive_treatment": True}),
        (1, {"daily_vegetables_fruit": False}),
    ]
    changes: dict[str, object] = {}
    left = score
    for worth, change in items:
        if worth <= left:
            left, changes = left - worth, {**changes, **change}
    assert left == 0
    assert finding("findrisc", "findrisc", **changes).value == score
    assert finding("findrisc", "type2_diabetes", **changes).value == risk


def test_findrisc_is_not_for_people_with_diabetes() -> None:
    known = finding("findrisc", diabetes=True)
    assert (known.status, known.reasons) == ("not_applicable", ("population:diabetes",))
    assert known.warnings == ("This model is for people without diabetes.",)
    assert "assumed:diabetes:none" in finding("findrisc", diabetes=None).assumptions


def test_findrisc_takes_the_body_mass_index_from_height_and_weight() -> None:
    # 86.7 / 1.7^2 = 30.0, the middle class
    assert finding("findrisc", bmi=None, height=170.0, weight=86.7).value == 1


# --- ADA ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "points"),
    [
        ({"age": 39.99}, 0),
        ({"age": 40.0}, 1),
        ({"age": 50.0}, 2),
        ({"age": 60.0}, 3),
        ({"bmi": 24.99}, 0),
        ({"bmi": 25.0}, 1),  # ports begin at 26
        ({"bmi": 30.0}, 2),
        ({"bmi": 40.0}, 3),
        ({"family_history_diabetes": "first_degree"}, 1),  # ports give 5
        ({"family_history_diabetes": "second_degree"}, 0),
        ({"hypertension": True}, 1),
        ({"physically_active": False}, 1),
        ({"gestational_diabetes": True}, 1),
        ({"sex": "male"}, 1),
        ({"sex": "male", "gestational_diabetes": True}, 1),  # the two points exclude each other
        ({"sex": "male", "gestational_diabetes": None}, 1),
    ],
)
def test_the_ada_test_has_the_points_of_the_printed_form(changes: dict[str, object], points: int) -> None:
    assert finding("ada_diabetes", **changes).value == points


@pytest.mark.parametrize(("ancestry", "points"), [("asian", 1), ("chinese", 1), ("white", 0), ("pacific_islander", 0)])
def test_asian_people_reach_the_first_class_of_weight_at_23(ancestry: str, points: int) -> None:
    assert finding("ada_diabetes", ancestry=ancestry, bmi=23.0).value == points
    assert finding("ada_diabetes", ancestry=ancestry, bmi=22.99).value == 0
    assert finding("ada_diabetes", ancestry=ancestry, bmi=30.0).value == 2


@pytest.mark.parametrize(("bmi", "reasons"), [(22.9, ()), (23.0, ("missing:ancestry",)), (25.0, ())])
def test_an_unknown_ancestry_matters_only_between_the_two_limits(bmi: float, reasons: tuple[str, ...]) -> None:
    unknown = finding("ada_diabetes", ancestry=None, bmi=bmi)
    assert unknown.reasons == reasons
    assert unknown.status == ("missing" if reasons else "ok")


def test_gestational_diabetes_is_asked_of_women_only() -> None:
    woman = finding("ada_diabetes", gestational_diabetes=None)
    assert (woman.status, woman.missing) == ("missing", ("gestational_diabetes",))
    assert finding("ada_diabetes", sex="male", gestational_diabetes=None).status == "ok"


def test_the_ada_class_is_high_from_five_points_and_no_sum_exceeds_ten() -> None:
    four = {"sex": "male", "age": 60.0}
    everything = {"age": 70.0, "bmi": 45.0, "family_history_diabetes": "first_degree", "hypertension": True,
                  "physically_active": False, "gestational_diabetes": True}  # fmt: skip
    assert finding("ada_diabetes", "ada_risk_class", **four).text == "not high"
    assert finding("ada_diabetes", "ada_risk_class", **four, bmi=25.0).text == "high"
    assert {finding("ada_diabetes", **everything, sex=sex).value for sex in ("female", "male")} == {10}


# --- CHA2DS2-VASc ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("age", "points"), [(64.99, 0), (65.0, 1), (74.99, 1), (75.0, 2)])
def test_age_gives_one_point_from_65_and_two_from_75(age: float, points: int) -> None:
    assert finding("cha2ds2_vasc", age=age).value == points
    assert finding("cha2ds2_vasc", age=age, sex="female").value == points + 1
    assert finding("cha2ds2_vasc", "cha2ds2_va", age=age, sex="female").value == points


def test_the_points_without_sex_need_no_sex() -> None:
    result = assess("cha2ds2_vasc", sex=None, diabetes=True)
    assert result.finding("P1", "cha2ds2_va").value == 1
    assert result.finding("P1", "cha2ds2_vasc").missing == ("sex",)


# Friberg 2012, ischaemic stroke per 100 patient-years, scores 1 to 9
FRIBERG = (0.6, 2.2, 3.2, 4.8, 7.2, 9.7, 11.2, 10.8, 12.2)


@pytest.mark.parametrize("score", range(1, 10))
def test_each_score_has_the_rate_of_the_swedish_cohort(score: int) -> None:
    steps = ({"sex": "female"}, {"hypertension": True}, {"diabetes": True}, {"heart_failure": True},
             {"vascular_disease": True}, {"age": 70.0}, {"age": 75.0})  # fmt: skip
    changes: dict[str, object] = {"stroke_tia_thromboembolism": score > 7}
    for step in steps[: score if score <= 7 else score - 2]:
        changes |= step
    found = assess("cha2ds2_vasc", **changes)
    assert found.finding("P1").value == score
    assert found.finding("P1", "ischaemic_stroke_rate").value == FRIBERG[score - 1]


@pytest.mark.parametrize("extrapolate", [False, True])
def test_a_score_of_0_has_no_rate_and_says_so(extrapolate: bool) -> None:
    nothing = assess("cha2ds2_vasc", extrapolate)
    assert nothing.finding("P1").value == 0
    rate = nothing.finding("P1", "ischaemic_stroke_rate")
    assert (rate.status, rate.reasons) == ("out_of_range", ("range:cha2ds2_vasc_of_0",))
    assert rate.warnings == ("No yearly rate that could be verified is published for a CHA2DS2-VASc of 0.",)
    assert math.isnan(rate.value)


@pytest.mark.parametrize("model", ["cha2ds2_vasc", "has_bled"])
def test_the_scores_are_for_atrial_fibrillation_and_assume_it_where_nothing_is_recorded(model: str) -> None:
    without = assess(model, atrial_fibrillation=False)
    assert {STATUSES[status] for status in without.status.ravel()} == {"not_applicable"}
    assert without.finding("P1").warnings == ("This score is for people with atrial fibrillation.",)
    unknown = finding(model, atrial_fibrillation=None)
    assert unknown.value == 0
    assert "Atrial fibrillation is not recorded; yes was assumed." in unknown.notes
    assert not finding(model).notes


@pytest.mark.parametrize(
    ("infarction", "arteries", "points"),
    [(False, False, 0), (True, False, 1), (False, True, 1), (True, True, 1), (True, None, None), (None, False, None)],
)
def test_vascular_disease_follows_where_infarction_and_artery_disease_are_both_known(
    infarction: bool | None, arteries: bool | None, points: int | None
) -> None:
    recorded = {"prior_myocardial_infarction": infarction, "peripheral_artery_disease": arteries}
    derived = finding("cha2ds2_vasc", vascular_disease=None, **recorded)
    if points is None:
        assert derived.missing == ("vascular_disease",)
    else:
        assert derived.value == points
        assert any(code.startswith("derived:vascular_disease") for code in derived.assumptions)


# --- HAS-BLED -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("item", [name for name in ANTICOAGULATED if name != "atrial_fibrillation"])
def test_each_item_of_has_bled_is_one_point_and_none_can_be_left_out(item: str) -> None:
    assert finding("has_bled", **{item: True}).value == 1
    assert finding("has_bled", **{item: None}).missing == (item,)


@pytest.mark.parametrize(("age", "points"), [(64.0, 0), (65.0, 0), (65.01, 1), (66.0, 1)])
def test_has_bled_counts_age_above_65_and_not_65_itself(age: float, points: int) -> None:
    derived = finding("has_bled", age_over_65=None, age=age)
    assert derived.value == points
    assert "derived:age_over_65:age" in derived.assumptions


@pytest.mark.parametrize(("pressure", "points"), [(159.0, 0), (160.0, 0), (160.5, 1)])
def test_has_bled_counts_a_systolic_pressure_above_160(pressure: float, points: int) -> None:
    assert finding("has_bled", uncontrolled_hypertension=None, systolic_bp=pressure).value == points


@pytest.mark.parametrize(
    ("dialysis", "transplant", "creatinine", "points"),
    [(0, 0, 2.25, 0), (0, 0, 2.26, 1), (0, 0, 200 / 88.4, 1), (1, 0, 1.0, 1), (0, 1, 1.0, 1)],
)
def test_the_kidney_item_follows_from_dialysis_transplant_and_creatinine(
    dialysis: int, transplant: int, creatinine: float, points: int
) -> None:
    known = {"dialysis": dialysis, "kidney_transplant": transplant, "creatinine": creatinine}
    assert finding("has_bled", abnormal_renal_function=None, **known).value == points


# Pisters 2010, major bleeds per 100 patient-years, scores 0 to 5
PISTERS = (1.13, 1.02, 1.88, 3.74, 8.70, 12.50)


@pytest.mark.parametrize("score", range(10))
def test_scores_up_to_5_have_a_rate_of_bleeding_and_those_above_say_why_not(score: int) -> None:
    items = dict.fromkeys(list(ANTICOAGULATED)[:score], True)
    found = assess("has_bled", **items)
    rate = found.finding("P1", "major_bleeding_rate")
    assert found.finding("P1").value == score
    if score <= 5:
        assert rate.value == PISTERS[score]
    else:
        assert (rate.status, rate.reasons) == ("out_of_range", ("range:has_bled_above_5",))
        assert rate.warnings == ("Above a HAS-BLED of 5 too few patients were followed for a published rate.",)
        assert math.isnan(assess("has_bled", True, **items).finding("P1", "major_bleeding_rate").value)


# --- metabolic syndrome ---------------------------------------------------------------------------------------------

POSITIVE: list[dict[str, object]] = [
    {"waist": 94.0}, {"triglycerides": 150.0}, {"hdl_cholesterol": 39.9}, {"systolic_bp": 130.0},
    {"fasting_glucose": 100.0},
]  # fmt: skip
UNKNOWN: list[dict[str, object]] = [
    {"waist": None}, {"triglycerides": None}, {"hdl_cholesterol": None}, {"systolic_bp": None},
    {"fasting_glucose": None},
]  # fmt: skip


def mixed(states: tuple[str, ...]) -> dict[str, object]:
    """Changes that make the five components positive (+), negative (-) or unknown (?)."""
    changes: dict[str, object] = {}
    for i, one in enumerate(states):
        changes |= POSITIVE[i] if one == "+" else UNKNOWN[i] if one == "?" else {}
    return changes


@pytest.mark.parametrize(
    ("criteria", "women", "men"), [("europid", 80.0, 94.0), ("aha_nhlbi", 88.0, 102.0), ("asian", 80.0, 90.0)]
)
def test_the_waist_limit_is_that_of_the_chosen_criteria_and_sex(criteria: str, women: float, men: float) -> None:
    for sex, limit in (("female", women), ("male", men)):
        for waist, count in ((limit, 1), (math.nextafter(limit, 0), 0)):
            found = finding("metabolic_syndrome", "components", sex=sex, waist_criteria=criteria, waist=waist)
            assert found.value == count


def test_the_waist_criteria_have_no_default() -> None:
    asked = finding("metabolic_syndrome", waist_criteria=None, **POSITIVE[1], **POSITIVE[3], **POSITIVE[4])
    assert (asked.status, asked.missing) == ("missing", ("waist_criteria",))


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({"triglycerides": 149.9}, 0),
        ({"triglycerides": 150.0}, 1),
        ({"triglyceride_treatment": True}, 1),
        ({"hdl_cholesterol": 40.0}, 0),
        ({"hdl_cholesterol": 39.9}, 1),
        ({"hdl_cholesterol": 50.0, "sex": "female", "waist": 70.0}, 0),
        ({"hdl_cholesterol": 49.9, "sex": "female", "waist": 70.0}, 1),
        ({"hdl_treatment": True}, 1),
        ({"systolic_bp": 129.9, "diastolic_bp": 84.9}, 0),
        ({"systolic_bp": 130.0}, 1),
        ({"diastolic_bp": 85.0}, 1),
        ({"systolic_bp": 150.0, "diastolic_bp": 95.0, "antihypertensive_treatment": True}, 1),
        ({"fasting_glucose": 99.9}, 0),
        ({"fasting_glucose": 100.0}, 1),
        ({"glucose_lowering_treatment": True}, 1),
    ],
)
def test_each_component_begins_at_its_limit_or_with_its_drug(changes: dict[str, object], count: int) -> None:
    assert finding("metabolic_syndrome", "components", **changes).value == count


@settings(max_examples=60)
@given(states=st.tuples(*[st.sampled_from("+-?")] * 5))
def test_the_syndrome_is_said_only_where_what_is_unknown_cannot_change_it(states: tuple[str, ...]) -> None:
    known, unknown = states.count("+"), states.count("?")
    found = assess("metabolic_syndrome", **mixed(states))
    syndrome, count = found.finding("P1", "metabolic_syndrome"), found.finding("P1", "components")
    decided = "present" if known >= 3 else "absent" if known + unknown < 3 else "Not estimated"
    assert syndrome.text == decided
    names = tuple(name for one, change in zip(states, UNKNOWN, strict=True) if one == "?" for name in change)
    assert syndrome.missing == (names if decided == "Not estimated" else ())
    assert count.missing == names
    assert math.isnan(count.value) if names else count.value == known


def test_a_drug_that_is_not_recorded_leaves_its_component_unknown() -> None:
    unknown = finding("metabolic_syndrome", "components", triglyceride_treatment=None)
    assert unknown.missing == ("triglyceride_treatment",)
    assert unknown.warnings == ("Drug for high triglycerides is missing.",)
    assert finding("metabolic_syndrome", "components", triglyceride_treatment=None, triglycerides=150.0).value == 1
    nothing = finding("metabolic_syndrome", "components", systolic_bp=None, antihypertensive_treatment=None)
    assert nothing.missing == ("systolic_bp", "antihypertensive_treatment")


def test_who_takes_no_lipid_lowering_drug_takes_none_for_triglycerides_or_hdl() -> None:
    drugs = {"triglyceride_treatment": None, "hdl_treatment": None}
    none = finding("metabolic_syndrome", "components", **drugs, lipid_lowering_treatment=False)
    some = finding("metabolic_syndrome", "components", **drugs, lipid_lowering_treatment=True)
    assert none.value == 0
    assert some.missing == tuple(drugs)


def test_extrapolation_does_not_make_up_what_is_missing() -> None:
    asked = assess("metabolic_syndrome", True, **mixed(("+", "+", "?", "-", "-"))).finding("P1")
    assert (asked.status, asked.missing) == ("missing", ("hdl_cholesterol",))


# --- laws -----------------------------------------------------------------------------------------------------------

RISING: list[tuple[str, str, tuple[object, ...]]] = [
    ("findrisc", "age", (20.0, 45.0, 55.0, 65.0, 90.0)),
    ("findrisc", "bmi", (18.0, 25.0, 31.0, 50.0)),
    ("findrisc", "waist", (60.0, 94.0, 103.0, 150.0)),
    ("findrisc", "family_history_diabetes", ("none", "second_degree", "first_degree")),
    ("ada_diabetes", "age", (20.0, 40.0, 50.0, 60.0, 90.0)),
    ("ada_diabetes", "bmi", (18.0, 25.0, 30.0, 40.0)),
    ("cha2ds2_vasc", "age", (20.0, 65.0, 75.0, 99.0)),
    ("cha2ds2_vasc", "sex", ("male", "female")),
]


@pytest.mark.parametrize(("model", "name", "steps"), RISING)
def test_a_score_never_falls_with_what_adds_points(model: str, name: str, steps: tuple[object, ...]) -> None:
    scores = [finding(model, **{name: step}).value for step in steps]
    assert all(lower <= higher for lower, higher in pairwise(scores))
    assert scores[0] < scores[-1]
