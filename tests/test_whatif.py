"""What-if: effects that build up, count once, fit the outcome and the guideline, for one patient and for a cohort."""

import itertools
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precision.errors import InputError
from precision.model import Frame, registry
from precision.treatment import whatif
from precision.treatment.conditions import condition
from precision.treatment.effects import apply, effect_of, mean_ratio
from precision.treatment.indications import guidelines, indications
from precision.treatment.interventions import (
    LDL,
    aids,
    interventions,
    measured_on,
    risk_groups,
    trial_effects,
    unverified,
)
from precision.treatment.options import TreatmentOption, options, threshold
from precision.treatment.suitability import STATES, judge, people
from precision.treatment.whatif import WhatIf, risk_group, what_if, what_if_cohort
from tests.test_treatment import LDL_MG, One, chosen

OUTCOMES = ("total_cvd", "ascvd", "hf", "chd", "stroke", "type2_diabetes", "breast_cancer")
WOMAN = {
    "risk_reducing_breast_drug": 0.0,
    "patient_id": "W",
    "age": 48.0,
    "sex": "female",
    "bcrat_ancestry": "white",
    "age_at_menarche": 11.0,
    "age_at_first_birth": 32.0,
    "breast_biopsies": 2.0,
    "breast_cancer_relatives": 1.0,
    "atypical_hyperplasia": 1.0,
    "menopausal_status": "premenopausal",
    "pregnant": 0.0,
}
AT_RISK = {
    "patient_id": "D",
    "age": 50.0,
    "sex": "male",
    "bmi": 31.0,
    "waist": 108.0,
    "physically_active": 0.0,
    "daily_vegetables_fruit": 0.0,
    "antihypertensive_treatment": 1.0,
    "high_glucose_history": 1.0,
    "family_history_diabetes": "first_degree",
    "diabetes": 0.0,
    "hba1c": 6.0,
    "glucose_lowering_treatment": 0.0,
    "egfr": 80.0,
}


def of(
    model: str, values: dict[str, float | str], outcome: str, horizon: float, guideline: str = "acc_aha"
) -> dict[str, TreatmentOption]:
    frame = pd.DataFrame([values])
    result = registry()[model](frame)
    found = options(Frame(frame), result, 0, result.column(outcome, horizon), guideline=guideline)
    return {option.intervention.id: option for option in found}


def ask(
    ids: list[str], outcome: str = "ascvd", horizon: float = 10, ldl_goal: float = math.inf, **changes: float
) -> WhatIf:
    patient = One(**changes)
    result = registry()["prevent_base"](patient.frame)
    return what_if(patient, result, 0, result.column(outcome, horizon), ids, ldl_goal=ldl_goal)


# --- smoking ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("years", "expected"),
    [
        (1, 1 - 0.39 / 10),  # a fall of 0.39 over 5 years: on average a tenth of it in the first year
        (5, 1 - 0.39 / 2),
        (10, (5 * 0.805 + 5 * 0.61) / 10),
        (30, (5 * 0.805 + 25 * 0.61) / 30),
    ],
)
def test_the_effect_of_stopping_smoking_builds_up_over_five_years_and_is_held(years: float, expected: float) -> None:
    effect = trial_effects()["smoking", "ascvd"]
    assert float(mean_ratio(effect, effect.ratio, years)) == pytest.approx(expected, rel=1e-12)


def test_stopping_smoking_counts_more_over_thirty_years_than_over_ten_and_never_as_much_as_the_published_mean() -> None:
    ten, thirty = ask(["smoking"]), ask(["smoking"], horizon=30)
    ratios = [math.log(1 - one.after) / math.log(1 - one.before) for one in (ten, thirty)]
    assert 0.61 < ratios[1] < ratios[0] < 1
    assert ratios[0] == pytest.approx(0.7075, rel=1e-9)
    assert math.isnan(ten.bounds[0])


def test_what_helps_to_stop_is_told_as_a_chance_of_stopping() -> None:
    varenicline = next(aid for aid in aids()["smoking"] if aid.name == "varenicline")
    assert (varenicline.ratio, varenicline.with_aid, varenicline.without_aid) == (2.24, 0.256, 0.111)


# --- LDL by risk group -----------------------------------------------------------------------------------------------


def test_the_default_effect_of_ldl_stays_and_the_risk_group_is_the_alternative() -> None:
    # 12 % in 10 years is 1 - 0.88 ** 0.5 = 6.19 % in 5: group 5 to below 10 %, ratio 0.69 (99 % CI 0.60 to 0.79)
    group = risk_group(LDL, 0.12, 10)
    assert group is not None
    assert (group.effect.ratio, group.effect.low, group.effect.high) == (0.69, 0.60, 0.79)
    patient = One(ldl_cholesterol=LDL_MG)
    result = registry()["prevent_base"](patient.frame)
    result.value[0, result.column("ascvd", 10)] = 0.12
    found = what_if(patient, result, 0, result.column("ascvd", 10), ["statin_high"])
    assert found.after == pytest.approx(1 - 0.88 ** (0.78**1.8), rel=1e-9)
    other = found.by_risk_group
    assert other is not None
    assert other.change.after[0] == pytest.approx(1 - 0.88 ** (0.69**1.8), rel=1e-9)
    # half the published width on the log scale, times 1.8 mmol/L
    width = 1.8 * math.log(0.79 / 0.60) / 2
    assert other.change.low[0] == pytest.approx(1 - 0.88 ** math.exp(1.8 * math.log(0.69) - width), rel=1e-6)
    assert other.change.high[0] - other.change.low[0] > 3 * (found.bounds[1] - found.bounds[0])
    assert (other.confidence, other.says) == (0.99, "5% to below 10%")


@pytest.mark.parametrize(("risk", "ratio"), [(0.0499, 0.62), (0.05, 0.69), (0.10, 0.79), (0.20, 0.81), (0.30, 0.79)])
def test_the_cuts_of_the_risk_groups(risk: float, ratio: float) -> None:
    group = risk_group(LDL, risk, 5)
    assert group is not None
    assert group.effect.ratio == ratio
    assert risk_group("pressure", risk, 5) is None


def test_no_risk_group_is_shown_where_ldl_is_not_lowered_or_does_not_matter() -> None:
    assert ask(["pressure_10"], systolic_bp=150.0).by_risk_group is None
    assert ask(["statin_high"], outcome="hf").by_risk_group is None
    assert ask([], ldl_goal=70.0).by_risk_group is not None


# --- number needed ---------------------------------------------------------------------------------------------------


def test_the_number_needed_to_treat_has_the_interval_of_the_trial() -> None:
    # 10 mmHg on a risk of 10 %: 1 - 0.9 ** 0.80 = 8.08 %, ** 0.77 = 7.79 %, ** 0.83 = 8.37 %
    effect = effect_of(chosen("pressure_10"), "ascvd", np.array([130.0]))
    change = apply(np.array([0.10]), effect)
    assert change.number_needed[0] == math.ceil(1 / (0.1 - (1 - 0.9**0.80)))
    fewest, most = change.number_needed_bounds
    assert fewest[0] == pytest.approx(1 / (0.1 - (1 - 0.9**0.77)), abs=1.5)
    assert most[0] == pytest.approx(1 / (0.1 - (1 - 0.9**0.83)), abs=1.5)


def test_an_interval_that_includes_no_gain_has_no_most() -> None:
    effect = effect_of(chosen("pressure_10"), "ascvd", np.array([130.0]))
    change = apply(np.array([0.10]), type(effect)(effect.ratio, effect.low, np.array([1.02])))
    assert change.number_needed_bounds[1][0] == math.inf


def test_harm_has_a_number_needed_with_its_interval() -> None:
    # 16.4 bleeds in 10,000 a year, ratio 1.43 (1.30 to 1.56), 10 years: 0.69 % more, 1 in 145; bounds 1 in 112 to 207
    aspirin = of("prevent_base", one_patient(), "ascvd", 10)["aspirin"]
    major = aspirin.harms[0]
    assert major.number_needed == 145
    assert major.number_needed_bounds == (pytest.approx(112, abs=1), pytest.approx(207, abs=1))
    assert aspirin.harm == pytest.approx(major.more)  # the parts of a harm are not added to it
    assert [harm.ratio for harm in aspirin.harms] == [1.43, 1.31, 1.53]


def one_patient(**changes: float | str) -> dict[str, float | str]:
    return {str(name): value for name, value in One(**changes).frame.iloc[0].items()}


# --- laws ------------------------------------------------------------------------------------------------------------

PLANS = st.sets(st.sampled_from(sorted(interventions())), max_size=6).map(sorted)


def one_of_each_family(ids: list[str]) -> list[str]:
    seen: set[str] = set()
    kept: list[str] = []
    for name in ids:
        family = interventions()[name].family
        if not family or family not in seen:
            kept.append(name)
        seen.add(family)
    return kept


@settings(max_examples=200)
@given(PLANS, st.sampled_from(OUTCOMES), st.floats(40, 250), st.floats(0.001, 0.9))
def test_leaving_a_treatment_out_never_lowers_the_risk(ids: list[str], outcome: str, ldl: float, risk: float) -> None:
    plan = one_of_each_family(ids)
    whole = apply(np.array([risk]), effect_of(chosen(*plan), outcome, np.array([ldl]))).after[0]
    assert 0 <= whole <= risk + 1e-12
    for name in plan:
        rest = [other for other in plan if other != name]
        assert apply(np.array([risk]), effect_of(chosen(*rest), outcome, np.array([ldl]))).after[0] >= whole - 1e-12


@given(st.permutations(["statin_moderate", "ezetimibe", "bempedoic_acid", "pcsk9"]), st.floats(80, 300))
def test_the_order_of_drugs_that_lower_ldl_does_not_matter(order: list[str], ldl: float) -> None:
    here = effect_of(chosen(*order), "ascvd", np.array([ldl])).ratio[0]
    there = effect_of(chosen(*sorted(order)), "ascvd", np.array([ldl])).ratio[0]
    assert here == pytest.approx(there, rel=1e-12)


@given(
    st.permutations(
        sorted(set(interventions()) - {"statin_high", "inclisiran", "raloxifene", "anastrozole", "exemestane"})
    )
)
def test_the_order_of_a_plan_does_not_matter(order: list[str]) -> None:
    for outcome in OUTCOMES:
        here = effect_of(chosen(*order), outcome, np.array([150.0]))
        there = effect_of(chosen(*sorted(order)), outcome, np.array([150.0]))
        assert here.ratio[0] == pytest.approx(there.ratio[0], rel=1e-12)
        assert sorted(here.not_counted) == sorted(there.not_counted)


def test_weight_lost_by_a_drug_is_not_counted_again() -> None:
    alone = effect_of(chosen("glp1"), "ascvd", np.array([100.0]))
    both = effect_of(chosen("glp1", "weight_5"), "ascvd", np.array([100.0]))
    assert both.ratio[0] == alone.ratio[0] == pytest.approx(0.86)
    assert both.not_counted == ("weight_5",)
    assert effect_of(chosen("glp1", "weight_5"), "stroke", np.array([100.0])).ratio[0] < 1


@pytest.mark.parametrize(
    ("name", "taken"),
    [(one.id, one.taken_by) for one in interventions().values() if one.taken_by],
)
def test_nothing_that_is_taken_already_is_applied_again(name: str, taken: str) -> None:
    asked = {"type2_diabetes": 1.0, "ldl_cholesterol": 220.0, taken: 1.0}
    patient = One(**asked)
    result = registry()["prevent_base"](patient.frame)
    found = what_if(patient, result, 0, result.column("ascvd", 10), [name])
    assert found.after == pytest.approx(found.before, rel=1e-12)
    assert "not counted" in found.notes[0]


# --- outcomes match --------------------------------------------------------------------------------------------------


def test_an_effect_on_another_outcome_is_not_applied_and_the_option_says_what_it_was_measured_on() -> None:
    sick = {
        "age": 60.0,
        "sex": "male",
        "egfr": 35.0,
        "uacr": 300.0,
        "kfre_region": "north_america",
        "type2_diabetes": 1.0,
        "sglt2_treatment": 0.0,
    }
    option = of("kfre_4", sick, "kidney_failure", 5)["sglt2"]
    assert option.state == "not_applicable"
    assert option.change is None
    assert "progression of kidney disease" in option.reason
    assert "Kidney failure".lower() in option.reason.lower()


def test_score2_takes_effects_on_heart_attack_and_stroke_although_it_is_called_total() -> None:
    european = {"age": 55.0, "sex": "male", "score2_region": "moderate", "current_smoker": 1.0, "systolic_bp": 150.0}
    european |= {"total_cholesterol": 240.0, "hdl_cholesterol": 45.0, "ldl_cholesterol": 160.0, "statin_treatment": 0.0}
    found = of("score2", european, "total_cvd", 10)
    assert found["statin_high"].benefit > 0
    assert of("prevent_base", one_patient(), "total_cvd", 10)["statin_high"].change is None


def test_what_prevents_breast_cancer_by_menopause() -> None:
    before = of("bcrat", WOMAN, "breast_cancer", 5)
    after = of("bcrat", WOMAN | {"age": 58.0, "menopausal_status": "postmenopausal"}, "breast_cancer", 5)
    assert before["tamoxifen"].state == "suitable"
    assert {before[name].state for name in ("raloxifene", "anastrozole", "exemestane")} == {"not_applicable"}
    assert {after[name].state for name in ("raloxifene", "anastrozole", "exemestane")} == {"suitable"}
    change = before["tamoxifen"].change
    assert change is not None
    assert change.after[0] == pytest.approx(1 - (1 - change.before[0]) ** 0.62, rel=1e-12)
    assert change.low[0] == pytest.approx(1 - (1 - change.before[0]) ** 0.56, rel=5e-3)
    assert "1.73 times as often" in before["tamoxifen"].harm_text
    assert math.isnan(before["tamoxifen"].harm)


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"stroke_tia_thromboembolism": 1.0}, "avoid"),
        ({"pregnant": 1.0}, "avoid"),
        ({"age": 34.9}, "not_applicable"),
        ({"risk_reducing_breast_drug": 1.0}, "in_use"),
        ({"risk_reducing_breast_drug": math.nan}, "not_determined"),
        ({"breast_cancer_relatives": 0.0, "breast_biopsies": 0.0, "atypical_hyperplasia": math.nan}, "not_indicated"),
    ],
)
def test_who_does_not_get_tamoxifen(changes: dict[str, float], state: str) -> None:
    frame = pd.DataFrame([WOMAN | changes])
    result = registry()["bcrat"](frame, extrapolate=True)
    found = options(Frame(frame), result, 0, result.column("breast_cancer", 5))
    tamoxifen = next(option for option in found if option.intervention.id == "tamoxifen")
    assert tamoxifen.state == state
    if state == "not_indicated":
        assert "not at average risk (grade D)" in tamoxifen.reason


def test_prevention_of_diabetes_is_for_prediabetes() -> None:
    found = of("findrisc", AT_RISK, "type2_diabetes", 10)
    life, metformin = found["dpp_lifestyle"], found["metformin"]
    assert (life.state, metformin.state) == ("suitable", "suitable")
    assert life.change is not None
    assert life.change.after[0] == pytest.approx(1 - (1 - life.change.before[0]) ** 0.42, rel=1e-12)
    normal = of("findrisc", AT_RISK | {"hba1c": 5.6}, "type2_diabetes", 10)
    assert normal["dpp_lifestyle"].state == "not_applicable"
    unknown = of("findrisc", AT_RISK | {"hba1c": math.nan}, "type2_diabetes", 10)
    assert unknown["dpp_lifestyle"].state == "not_determined"
    assert "HbA1c" in unknown["dpp_lifestyle"].reason
    fasting = of("findrisc", AT_RISK | {"hba1c": math.nan, "fasting_glucose": 110.0}, "type2_diabetes", 10)
    assert fasting["dpp_lifestyle"].state == "suitable"
    assert of("findrisc", AT_RISK | {"egfr": 29.0}, "type2_diabetes", 10)["metformin"].state == "avoid"
    assert found["statin_high"].state == "not_applicable"


# --- guidelines ------------------------------------------------------------------------------------------------------

EUROPEAN = {
    "patient_id": "E",
    "sex": "male",
    "score2_region": "moderate",
    "current_smoker": 0.0,
    "systolic_bp": 135.0,
    "total_cholesterol": 200.0,
    "hdl_cholesterol": 50.0,
    "ldl_cholesterol": 120.0,
    "statin_treatment": 0.0,
    "diabetes": 0.0,
    "ckd": 0.0,
    "familial_hypercholesterolaemia": 0.0,
    "ezetimibe_treatment": 0.0,
}


def judged(model: str, outcome: str, risk: float, guideline: str, name: str, **values: float | str) -> str:
    """The state of an intervention where the model's 10-year risk is this."""
    frame = pd.DataFrame([EUROPEAN | {"ancestry": "white", "antihypertensive_treatment": 0.0, "age": 55.0} | values])
    result = registry()[model](frame)
    k = result.column(outcome, 10)
    result.value[0, k] = risk
    found = judge(interventions()[name], people(Frame(frame), result, k, guideline=guideline))
    return found.of(0)[0]


@pytest.mark.parametrize(
    ("age", "risk", "state"),
    [
        (49.9, 0.0749, "not_indicated"),
        (49.9, 0.075, "suitable"),
        (50.0, 0.0999, "not_indicated"),
        (50.0, 0.10, "suitable"),
        (69.9, 0.10, "suitable"),
        (70.0, 0.1499, "not_indicated"),
        (70.0, 0.15, "suitable"),
    ],
)
def test_esc_2021_goes_by_age_bands(age: float, risk: float, state: str) -> None:
    assert judged("score2", "total_cvd", risk, "esc_2021", "statin_high", age=age) == state


@pytest.mark.parametrize(
    ("name", "risk", "ldl", "state"),
    [
        ("statin_moderate", 0.0199, 120.0, "not_indicated"),
        ("statin_moderate", 0.02, 120.0, "suitable"),
        ("statin_moderate", 0.02, 99.0, "not_indicated"),
        ("statin_high", 0.0999, 120.0, "not_indicated"),
        ("statin_high", 0.10, 70.0, "suitable"),
        ("statin_high", 0.10, 69.0, "not_indicated"),
        ("statin_high", 0.20, 60.0, "suitable"),
    ],
)
def test_esc_2025_goes_by_risk_and_the_ldl_goal_without_age_bands(
    name: str, risk: float, ldl: float, state: str
) -> None:
    for age in (45.0, 60.0, 75.0):
        assert judged("score2", "total_cvd", risk, "esc", name, age=age, ldl_cholesterol=ldl) == state


@pytest.mark.parametrize(
    ("systolic", "risk", "state"),
    [(135.0, 0.0999, "not_indicated"), (135.0, 0.10, "suitable"), (140.0, 0.01, "suitable")],
)
def test_esc_2024_treats_pressure_from_ten_percent(systolic: float, risk: float, state: str) -> None:
    assert judged("score2", "total_cvd", risk, "esc", "pressure_10", systolic_bp=systolic) == state


@pytest.mark.parametrize(
    ("age", "risk", "smokes", "state"),
    [
        (60.0, 0.0749, 1.0, "not_indicated"),
        (60.0, 0.075, 1.0, "suitable"),
        (60.0, 0.075, 0.0, "not_indicated"),
        (75.9, 0.10, 1.0, "suitable"),
        (76.0, 0.30, 1.0, "not_indicated"),
    ],
)
def test_uspstf_2022_asks_for_a_risk_factor_and_stops_at_76(age: float, risk: float, smokes: float, state: str) -> None:
    values = {"age": age, "current_smoker": smokes, "hypertension": 0.0, "lipid_lowering_treatment": 0.0}
    assert judged("pooled_cohort", "ascvd", risk, "uspstf", "statin_moderate", **values) == state


def test_a_guideline_that_judges_on_another_model_says_so_or_is_given_its_result() -> None:
    patient = one_patient() | EUROPEAN | {"age": 45.0, "systolic_bp": 120.0}
    alone = of("prevent_base", patient, "ascvd", 10, guideline="esc")["statin_high"]
    assert "This estimate is another one" in alone.reason
    frame = pd.DataFrame([patient])
    result, score2 = registry()["prevent_base"](frame), registry()["score2"](frame)
    found = options(Frame(frame), result, 0, result.column("ascvd", 10), guideline="esc", others={"score2": score2})
    assert next(one for one in found if one.intervention.id == "statin_high").state == "not_indicated"


@pytest.mark.parametrize(
    ("age", "in_ten_years", "in_thirty", "state"),
    [
        (45.0, 0.029, 0.099, "not_indicated"),
        (45.0, 0.029, 0.10, "suitable"),
        (45.0, 0.03, 0.05, "suitable"),
        (65.0, 0.029, math.nan, "not_indicated"),  # no 30-year risk is estimated from 60 years
    ],
)
def test_acc_aha_2026_lets_a_statin_be_considered_for_a_high_thirty_year_risk(
    age: float, in_ten_years: float, in_thirty: float, state: str
) -> None:
    frame = One(age=age).frame
    result = registry()["prevent_base"](frame)
    k = result.column("ascvd", 10)
    result.value[0, k], result.value[0, result.column("ascvd", 30)] = in_ten_years, in_thirty
    found = judge(interventions()["statin_moderate"], people(Frame(frame), result, k)).of(0)
    assert found[0] == state
    if state == "suitable" and in_ten_years < 0.03:
        assert "lets it be considered from a 30-year risk of 10%" in found[1]


def test_kidney_disease_of_stage_three_is_enough_from_40_to_75_years() -> None:
    for age, state in ((39.9, "not_indicated"), (40.0, "suitable"), (75.9, "suitable"), (76.0, "not_indicated")):
        frame = One(age=age, ckd_stage_3_to_5=1.0).frame
        result = registry()["prevent_base"](frame)
        k = result.column("ascvd", 10)
        result.value[0, [k, result.column("ascvd", 30)]] = 0.01
        assert judge(interventions()["statin_moderate"], people(Frame(frame), result, k)).of(0)[0] == state


def test_the_nearest_threshold_depends_on_the_guideline_and_the_age() -> None:
    frame = pd.DataFrame([EUROPEAN | {"age": 72.0}])
    result = registry()["score2"](frame)
    result.value[0, 0] = 0.12
    nearest = threshold(result, 0, 0, "esc_2021")
    assert nearest is not None
    assert (nearest[0].id, nearest[1].risk_low) == ("statin_high", 0.15)
    assert threshold(result, 0, 0) is None
    with pytest.raises(InputError, match="no guideline is called"):
        threshold(result, 0, 0, "nobody")


def test_the_thresholds_of_score2_are_not_used_for_its_version_for_diabetes() -> None:
    for rows in indications().values():
        for row in rows:
            assert not (row.judged_on("score2") and row.judged_on("score2_diabetes"))
            assert not (row.judged_on("pooled_cohort") and row.judged_on("pooled_cohort_2018"))


# --- a cohort --------------------------------------------------------------------------------------------------------


def made_up(count: int, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame([one_patient()] * count).assign(patient_id=[f"P{i}" for i in range(count)])
    for name, low, high in (("age", 35, 75), ("systolic_bp", 100, 180), ("ldl_cholesterol", 60, 220)):
        frame[name] = rng.uniform(low, high, count)
    for name in ("current_smoker", "statin_treatment", "type2_diabetes", "aspirin"):
        frame[name] = (rng.random(count) < 0.4).astype(float)
    frame.loc[frame.index % 7 == 0, "ldl_cholesterol"] = np.nan
    frame.loc[frame.index % 11 == 0, "total_cholesterol"] = np.nan
    return frame


@pytest.mark.parametrize(
    "ids", [["statin_high"], ["smoking", "activity_150", "pressure_10"], ["glp1", "weight_5", "aspirin"]]
)
def test_each_patient_of_a_cohort_gets_what_they_would_get_alone(ids: list[str]) -> None:
    frame = made_up(40)
    result = registry()["prevent_base"](frame)
    k = result.column("ascvd", 10)
    together = what_if_cohort(people(Frame(frame), result, k), ids, systolic_goal=120.0)
    for row in range(len(frame)):
        try:
            alone = what_if(Frame(frame), result, row, k, ids, systolic_goal=120.0)
        except InputError:  # no estimate to start from, or an LDL cholesterol that is not known
            assert np.isnan(together.change.after[row])
            continue
        assert together.change.after[row] == pytest.approx(alone.after, rel=1e-12)
        assert together.change.low[row] == pytest.approx(alone.bounds[0], rel=1e-12, nan_ok=True)


def test_a_cohort_can_be_limited_to_those_whom_the_treatment_suits() -> None:
    frame = made_up(60)
    result = registry()["prevent_base"](frame)
    k = result.column("ascvd", 10)
    asked = people(Frame(frame), result, k)
    everyone = what_if_cohort(asked, ["statin_high"])
    suited = what_if_cohort(asked, ["statin_high"], suited_only=True)
    assert 0 < suited.counted.sum() < everyone.counted.sum()
    assert 0 < suited.prevented < everyone.prevented
    assert suited.prevented == pytest.approx(np.nansum(suited.change.before - suited.change.after))


def test_a_plan_of_nothing_changes_nothing() -> None:
    frame = made_up(5)
    result = registry()["prevent_base"](frame)
    found = what_if_cohort(people(Frame(frame), result, 1))
    np.testing.assert_allclose(found.change.after, found.change.before, rtol=1e-12)
    assert found.state.shape == (5, 0)


# --- tables ----------------------------------------------------------------------------------------------------------


def test_rows_that_nobody_has_verified_are_listed_and_never_used() -> None:
    listed = {(row.table, row.id) for row in unverified()}
    assert listed == {
        ("interventions.csv", "statin_low"),
        ("interventions.csv", "pressure_drug"),
        ("harms.csv", "statin_high"),
    }
    assert "statin_low" not in interventions()
    with pytest.raises(InputError, match="no intervention is called 'statin_low'"):
        whatif.known("statin_low")


def test_effects_agree_with_the_reference(shared: Path) -> None:
    table = pd.read_csv(shared / "reference/clinrisk/interventions.tsv", sep="\t", dtype="str", keep_default_na=False)
    reference = {row["id"]: row for row in table.to_dict("records")}
    pairs = {
        "statin_ldl": ("ldl", "ascvd"),
        "bp10": ("pressure", "ascvd"),
        "bp10_chd": ("pressure", "chd"),
        "bp10_stroke": ("pressure", "stroke"),
        "bp10_hf": ("pressure", "hf"),
        "pa_cvd": ("activity_150", "ascvd"),
        "pa150": ("activity_150", "chd"),
        "pa_dm": ("activity_150", "type2_diabetes"),
        "med_evoo": ("diet_mediterranean", "ascvd"),
        "dpp_life": ("dpp_lifestyle", "type2_diabetes"),
        "dpp_metf": ("metformin", "type2_diabetes"),
        "sglt2_mace": ("sglt2", "ascvd"),
        "sglt2_hf": ("sglt2", "hf"),
        "glp1_mace": ("glp1", "ascvd"),
        "serm": ("tamoxifen", "breast_cancer"),
        "ai": ("anastrozole", "breast_cancer"),
        "exemestane": ("exemestane", "breast_cancer"),
    }
    for row, key in pairs.items():
        found, expected = trial_effects()[key], reference[row]
        low, high = (float(part) for part in expected["ci"].split("-"))
        assert (found.ratio, found.low, found.high) == (float(expected["value"]), low, high), row
        assert found.citation.doi == expected["doi"]
        assert expected["status"] in ("V", "C")
    groups = ["statin_lowrisk5", "statin_lowrisk10", "statin_risk10_20", "statin_risk20_30", "statin_risk30"]
    for group, row in zip(risk_groups()["ldl"], groups, strict=True):
        ci = reference[row]["ci"].split(" ")[0]
        assert f"{group.effect.low:.2f}-{group.effect.high:.2f}" == ci
        assert group.effect.ratio == float(reference[row]["value"])


def test_every_group_and_guideline_of_the_tables_is_whole() -> None:
    spans = [(group.risk_low, group.risk_high) for group in risk_groups()["ldl"]]
    assert all(one[1] == other[0] for one, other in itertools.pairwise(spans))
    assert next(iter(guidelines())) == "acc_aha"
    assert all(
        row.citation.doi.startswith("10.") and row.citation.year >= 2019
        for rows in indications().values()
        for row in rows
    )
    assert measured_on("sglt2")[-1] == "progression of kidney disease"
    assert set(STATES) >= {"suitable", "not_indicated"}


@pytest.mark.parametrize(
    ("cell", "value", "holds"),
    [
        ("diabetes", 1.0, 1),
        ("diabetes=no", 0.0, 1),
        ("diabetes=no", math.nan, 0),
        ("sex=female", 0.0, 1),
        ("sex=female", 1.0, -1),
        ("egfr<30", 29.9, 1),
        ("egfr<30", 30.0, -1),
        ("hba1c:5.7<6.5", 5.7, 1),
        ("hba1c:5.7<6.5", 6.5, -1),
        ("systolic_bp:140", 140.0, 1),
    ],
)
def test_conditions_of_the_tables(cell: str, value: float, holds: int) -> None:
    one = condition(cell)
    assert one.holds({one.variable: np.array([value])})[0] == holds
