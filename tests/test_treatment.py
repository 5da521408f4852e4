"""Trial effects act on the hazard, count once, and are refused where they do not belong."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from precision.errors import InputError
from precision.model import Frame, registry
from precision.schema import variables
from precision.treatment import effects
from precision.treatment.effects import apply, effect_of, ldl_drop, pressure_drop
from precision.treatment.interventions import Intervention, harms, indications, interventions, trial_effects
from precision.treatment.options import STATES, TreatmentOption, options, threshold
from precision.treatment.whatif import WhatIf, gain, what_if

LDL_MG = 3.6 / 0.02586


def chosen(*ids: str) -> list[Intervention]:
    return [interventions()[name] for name in ids]


def test_the_worked_example_of_a_statin_and_twelve_mmhg() -> None:
    # 12 % risk, LDL 3.6 mmol/L halved, systolic 12 mmHg lower: 1 - 0.88 ** (0.78 ** 1.8 * 0.80 ** 1.2) = 6.06 %
    effect = effect_of(chosen("statin_high"), "ascvd", np.array([LDL_MG]), pressure_fall=12)
    change = apply(np.array([0.12]), effect)
    assert effect.ratio[0] == pytest.approx(0.489, abs=5e-4)
    assert change.after[0] == pytest.approx(0.0606, abs=5e-5)
    assert change.reduction[0] == pytest.approx(0.0594, abs=5e-5)
    assert change.number_needed[0] == 17


def test_drugs_that_lower_ldl_work_one_after_the_other() -> None:
    # 140 mg/dL: half is 70, 23 % of that again leaves 53.9
    assert ldl_drop(np.array([140.0]), [0.5, 0.23])[0] == pytest.approx(140 - 53.9)


def test_nothing_is_counted_for_ldl_below_the_floor() -> None:
    assert ldl_drop(np.array([60.0]), [0.5, 0.59])[0] == pytest.approx(60 - effects.LDL_FLOOR)
    assert ldl_drop(np.array([25.0]), [0.5])[0] == 0


def test_a_fall_of_pressure_by_life_is_not_added_to_that_by_a_drug() -> None:
    assert pressure_drop(chosen("weight_5")) == pytest.approx(5.25)
    assert pressure_drop(chosen("weight_5", "pressure_10")) == pytest.approx(10)


def test_what_lowers_ldl_of_unknown_height_has_an_unknown_effect() -> None:
    unknown = effect_of(chosen("statin_high"), "ascvd", np.array([math.nan, 130.0]))
    assert np.isnan(unknown.ratio).tolist() == [True, False]
    assert effect_of(chosen("statin_high"), "ascvd", np.array([math.nan])).ratio[0] != 1
    assert effect_of(chosen("pressure_10"), "ascvd", np.array([math.nan])).ratio[0] == pytest.approx(0.80)


def test_one_patient_whose_ldl_falls_does_not_change_another_whose_does_not() -> None:
    # the second is at the floor already, so the diet is not brought about by the statin
    plan = chosen("statin_high", "diet_mediterranean")
    together = effect_of(plan, "ascvd", np.array([150.0, effects.LDL_FLOOR]))
    assert together.ratio[1] == pytest.approx(effect_of(plan, "ascvd", np.array([effects.LDL_FLOOR])).ratio[0])
    assert together.ratio[1] == pytest.approx(0.69)
    goals = effect_of([], "ascvd", np.array([150.0, math.nan]), ldl_goal=np.array([70.0, math.inf]))
    assert goals.ratio[1] == 1


def test_a_goal_above_todays_value_changes_nothing() -> None:
    effect = effect_of([], "ascvd", np.array([100.0]), ldl_goal=130.0, pressure_fall=-5.0)
    assert effect.ratio[0] == 1


def test_an_effect_through_pressure_counts_once() -> None:
    alone = effect_of(chosen("activity_150"), "ascvd", np.array([100.0]))
    both = effect_of(chosen("activity_150", "pressure_10"), "ascvd", np.array([100.0]))
    assert alone.ratio[0] == pytest.approx(0.83)
    assert both.ratio[0] == pytest.approx(0.80)
    assert both.not_counted == ("activity_150",)


def test_of_two_changes_of_life_on_one_path_the_stronger_counts() -> None:
    effect = effect_of(chosen("activity_150", "diet_mediterranean"), "ascvd", np.array([100.0]))
    assert effect.ratio[0] == pytest.approx(0.69)
    assert effect.not_counted == ("activity_150",)


def test_an_effect_is_used_only_for_the_outcome_that_it_was_measured_on() -> None:
    statin = effect_of(chosen("statin_high"), "hf", np.array([130.0]))
    assert statin.ratio[0] == 1
    assert statin.not_measured == ("ldl",)
    assert effect_of(chosen("sglt2"), "hf", np.array([130.0])).ratio[0] == pytest.approx(0.68)


def test_two_statins_are_refused() -> None:
    with pytest.raises(InputError, match="two of one kind"):
        effect_of(chosen("statin_high", "statin_moderate"), "ascvd", np.array([130.0]))


def test_the_interval_of_one_effect_is_the_published_one() -> None:
    effect = effect_of(chosen("pressure_10"), "stroke", np.array([130.0]))
    assert (effect.low[0], effect.high[0]) == (pytest.approx(0.68, abs=0.01), pytest.approx(0.77, abs=0.01))


def test_an_effect_without_a_verified_interval_gives_none() -> None:
    effect = effect_of(chosen("smoking"), "ascvd", np.array([130.0]))
    assert effect.ratio[0] == pytest.approx(0.7075)  # builds up to 0.61 over 5 of 10 years: (0.805 + 0.61) / 2
    assert math.isnan(effect.low[0])


@given(st.floats(0.001, 0.9), st.floats(40, 250), st.floats(0, 40))
def test_treatment_that_helps_never_raises_risk_and_stays_inside_its_bounds(
    risk: float, ldl: float, fall: float
) -> None:
    effect = effect_of(chosen("statin_moderate"), "ascvd", np.array([ldl]), pressure_fall=fall)
    change = apply(np.array([risk]), effect)
    assert 0 <= change.low[0] <= change.after[0] + 1e-12 <= change.high[0] + 2e-12
    assert change.after[0] <= risk + 1e-12


@given(st.lists(st.floats(0.01, 0.5), min_size=2, max_size=6))
def test_one_patient_and_a_cohort_get_the_same_change(risks: list[float]) -> None:
    ldl = np.linspace(70, 200, len(risks))
    together = apply(np.array(risks), effect_of(chosen("statin_high"), "ascvd", ldl))
    for i, risk in enumerate(risks):
        alone = apply(np.array([risk]), effect_of(chosen("statin_high"), "ascvd", ldl[i : i + 1]))
        assert alone.after[0] == pytest.approx(together.after[i], rel=1e-12)


PATIENT = {
    "patient_id": "P1",
    "age": 55.0,
    "sex": "male",
    "total_cholesterol": 220.0,
    "hdl_cholesterol": 45.0,
    "ldl_cholesterol": 140.0,
    "systolic_bp": 140.0,
    "diabetes": 0.0,
    "type2_diabetes": 0.0,
    "current_smoker": 1.0,
    "antihypertensive_treatment": 0.0,
    "statin_treatment": 0.0,
    "aspirin": 0.0,
    "ezetimibe_treatment": 0.0,
    "pcsk9_treatment": 0.0,
    "bempedoic_acid_treatment": 0.0,
    "sglt2_treatment": 0.0,
    "glp1_treatment": 0.0,
    "egfr": 90.0,
    "bmi": 27.0,
}


class One:
    """A single patient for the options."""

    def __init__(self, **changes: float | str) -> None:
        self.frame = pd.DataFrame([PATIENT | changes])
        self.ids = pd.Index(self.frame["patient_id"])

    def column(self, name: str) -> np.ndarray | None:
        return Frame(self.frame).column(name)


def by_id(**changes: float | str) -> dict[str, TreatmentOption]:
    patient = One(**changes)
    result = registry()["prevent_base"](patient.frame)
    return {option.intervention.id: option for option in options(patient, result, 0, result.column("ascvd", 10))}


def states(**changes: float | str) -> dict[str, str]:
    return {name: option.state for name, option in by_id(**changes).items()}


def asked(patient: One, ids: list[str], outcome: str = "ascvd", systolic_goal: float = math.inf) -> WhatIf:
    result = registry()["prevent_base"](patient.frame)
    return what_if(patient, result, 0, result.column(outcome, 10), ids, systolic_goal=systolic_goal)


def test_a_treatment_in_use_is_not_offered_again() -> None:
    assert states(statin_treatment=1.0)["statin_moderate"] == "in_use"
    assert states()["statin_moderate"] == "suitable"
    assert math.isnan(by_id(statin_treatment=1.0)["statin_moderate"].benefit)


def test_a_contraindication_wins_over_a_gain() -> None:
    assert states(bleeding_history=1.0)["aspirin"] == "avoid"
    assert states(pregnant=1.0)["statin_moderate"] == "avoid"


def test_what_decides_and_is_not_known_leaves_the_option_undetermined() -> None:
    assert states(ldl_cholesterol=math.nan)["statin_high"] == "not_determined"
    assert states(type2_diabetes=math.nan)["sglt2"] == "not_determined"
    assert states(ezetimibe_treatment=math.nan, ldl_cholesterol=200.0)["ezetimibe"] == "not_determined"


def test_options_for_other_patients_do_not_apply() -> None:
    found = states(current_smoker=0.0, age=62.0)
    assert found["smoking"] == "not_applicable"
    assert found["sglt2"] == "not_applicable"
    assert found["aspirin"] == "not_applicable"
    assert states(systolic_bp=129.0)["pressure_10"] == "not_applicable"
    assert states(bmi=24.0)["weight_5"] == "not_applicable"
    assert states()["pcsk9"] == "not_applicable"


def test_a_treatment_that_does_not_apply_shows_no_gain() -> None:
    assert math.isnan(by_id(current_smoker=0.0)["smoking"].benefit)


def test_below_the_threshold_of_the_guideline_an_option_is_not_indicated() -> None:
    # ACC/AHA 2026: from 3 % by PREVENT-ASCVD, high intensity from 10 %; or LDL cholesterol 190 mg/dL
    low_risk = {"age": 40.0, "current_smoker": 0.0, "systolic_bp": 110.0}
    assert states(**low_risk)["statin_moderate"] == "not_indicated"
    assert states(**low_risk, ldl_cholesterol=190.0)["statin_moderate"] == "suitable"
    assert states(**low_risk, diabetes=1.0)["statin_moderate"] == "suitable"
    assert states(**low_risk, ldl_cholesterol=189.0)["statin_high"] == "not_indicated"


def test_a_threshold_is_judged_on_the_estimate_that_the_guideline_names() -> None:
    # AHA/ACC 2025: 130 to 139 mmHg with total CVD risk of 7.5 % or more, diabetes or kidney disease; else from 140 mmHg
    calm = {"age": 45.0, "current_smoker": 0.0, "ckd": 0.0}
    assert states(**calm, systolic_bp=139.0)["pressure_10"] == "not_indicated"
    assert states(**calm, systolic_bp=140.0)["pressure_10"] == "suitable"
    assert states(**(calm | {"ckd": 1.0}), systolic_bp=135.0)["pressure_10"] == "suitable"


def test_what_is_not_recorded_is_named_for_checking() -> None:
    aspirin = by_id(anticoagulant_treatment=0.0)["aspirin"]
    assert aspirin.state == "suitable"
    assert "Not recorded: major bleeding" in aspirin.check
    assert not by_id(sex="female", age=60.0)["ezetimibe"].unknown
    assert by_id(sex="female", age=40.0)["ezetimibe"].unknown == ("pregnant now",)


def test_activity_is_in_use_where_days_and_minutes_make_150_a_week() -> None:
    assert states(activity_days_per_week=4.0, activity_min_per_day=38.0)["activity_150"] == "in_use"
    assert states(activity_days_per_week=4.0, activity_min_per_day=37.0)["activity_150"] == "suitable"


def test_harm_is_counted_over_the_same_horizon_from_the_published_rate() -> None:
    # new diabetes 1.2 in 100 a year, ratio 1.10: exp(-0.12) - exp(-0.12 * 1.10) = 0.886920 - 0.876341 = 0.010579
    statin = by_id()["statin_moderate"]
    assert statin.harm == pytest.approx(0.010579, abs=1e-6)
    assert statin.harm_text == "1.1 new diabetes"
    # major bleeding 16.4 in 10,000 a year, ratio 1.43: exp(-0.0164) - exp(-0.023452) = 0.983734 - 0.976821 = 0.006913
    assert by_id()["aspirin"].harm == pytest.approx(0.006913, abs=1e-6)


def test_a_harm_without_a_rate_says_so_and_gives_no_number() -> None:
    found = by_id(systolic_bp=150.0)
    assert math.isnan(found["pressure_10"].harm)
    assert "no verified figure" in found["pressure_10"].harm_text
    assert math.isnan(found["statin_high"].harm)
    assert "for high intensity no verified figure" in found["statin_high"].harm_text
    assert by_id()["diet_mediterranean"].harm_text == "None expected"


def test_a_patient_with_diabetes_cannot_get_diabetes() -> None:
    assert "diabetes" not in by_id(diabetes=1.0)["statin_moderate"].harm_text


def test_the_nearest_threshold_is_the_next_above_the_risk_else_the_last_below() -> None:
    # ACC/AHA 2026: a statin from 3 %, a high-intensity one from 10 % of 10-year ASCVD risk
    def nearest(outcome: str, **changes: float | str) -> tuple[str, float] | None:
        result = registry()["prevent_base"](One(**changes).frame)
        found = threshold(result, 0, result.column(outcome, 10))
        return found and (found[0].id, found[1].risk_low)

    assert nearest("ascvd", age=40.0, current_smoker=0.0) == ("statin_moderate", 0.03)
    assert nearest("ascvd") == ("statin_high", 0.10)
    assert nearest("ascvd", age=75.0, systolic_bp=190.0) == ("statin_high", 0.10)
    assert nearest("hf") is None


def test_the_same_option_can_be_told_among_a_thousand_people() -> None:
    statin = by_id()["statin_moderate"]
    assert statin.harm_among(1000) == "10.6 new diabetes"
    assert statin.benefit_among(1000) == f"{1000 * statin.benefit:.1f} fewer"


def test_a_treatment_in_use_is_said_to_be_in_the_estimate() -> None:
    taken = by_id(statin_treatment=1.0)["statin_high"]
    assert taken.benefit_text == "In the estimate"
    assert taken.reason == "Statin is recorded as in use: its effect is in the estimate and not counted again."


def test_options_with_the_largest_gain_come_first() -> None:
    found = list(by_id().values())
    gains = [option.benefit for option in found if option.state == "suitable"]
    assert gains == sorted(gains, reverse=True)
    assert len(gains) > 3
    assert [STATES.index(option.state) for option in found] == sorted(STATES.index(option.state) for option in found)


def test_without_an_estimate_there_are_no_options() -> None:
    with pytest.raises(InputError, match="no estimate to start from"):
        by_id(total_cholesterol=math.nan)


def test_options_are_for_risks_only() -> None:
    patient = One(creatinine=1.0)
    with pytest.raises(InputError, match="not a risk"):
        options(patient, registry()["ckd_epi_2021"](patient.frame), 0, 0)


def test_what_if_gives_the_worked_example_through_the_patients_own_values() -> None:
    patient = One(ldl_cholesterol=LDL_MG, systolic_bp=140.0)
    found = asked(patient, ["statin_high"], systolic_goal=128.0)
    ratio = 0.78**1.8 * 0.80**1.2
    assert found.after == pytest.approx(1 - (1 - found.before) ** ratio, rel=1e-9)
    assert found.bounds[0] < found.after < found.bounds[1]
    assert found.notes == ()


def test_what_if_does_not_count_what_is_in_use_or_contraindicated() -> None:
    found = asked(One(statin_treatment=1.0), ["statin_high"])
    assert found.after == pytest.approx(found.before, rel=1e-12)
    assert "High-intensity statin: not counted." in found.notes[0]
    assert math.isnan(found.number_needed)
    bleeding = asked(One(bleeding_history=1.0), ["aspirin"])
    assert bleeding.after == pytest.approx(bleeding.before, rel=1e-12)
    assert "Contraindicated" in bleeding.notes[0]


def test_what_if_counts_before_the_guideline_speaks_and_says_when_it_is_not_certain() -> None:
    early = asked(One(age=40.0, current_smoker=0.0, systolic_bp=110.0), ["statin_moderate"])
    assert early.after < early.before
    assert early.notes == ()
    doubtful = asked(One(type2_diabetes=math.nan), ["sglt2"])
    assert doubtful.after < doubtful.before
    assert "although this is not certain" in doubtful.notes[0]


def test_what_if_names_what_counts_once_and_what_was_not_measured() -> None:
    found = asked(One(), ["activity_150", "diet_mediterranean"])
    assert "Activity 150 minutes a week: not counted again" in found.notes[0]
    hf = asked(One(), ["statin_high"], outcome="hf")
    assert hf.notes == ("LDL cholesterol: no trial effect on this outcome is known.",)
    assert hf.after == pytest.approx(hf.before, rel=1e-12)


@pytest.mark.parametrize(
    ("changes", "chosen_ids", "goal", "message"),
    [
        ({"ldl_cholesterol": math.nan}, ["statin_high"], math.inf, "enter LDL cholesterol"),
        ({}, ["garlic"], math.inf, "no intervention is called 'garlic'"),
        ({"systolic_bp": 140.0}, ["statin_high", "statin_moderate"], math.inf, "choose one"),
    ],
)
def test_what_if_refuses_what_cannot_be_answered(
    changes: dict[str, float], chosen_ids: list[str], goal: float, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        asked(One(**changes), chosen_ids, systolic_goal=goal)


def test_the_gain_of_a_cohort_is_that_of_each_patient_alone() -> None:
    risk, ldl = np.array([0.05, 0.12, np.nan, 0.2]), np.array([100.0, LDL_MG, 120.0, np.nan])
    together = gain(risk, "ascvd", ldl, ["statin_high"])
    for i in range(4):
        alone = gain(risk[i : i + 1], "ascvd", ldl[i : i + 1], ["statin_high"])
        np.testing.assert_allclose(alone, together[i : i + 1], rtol=1e-12)
    assert np.isnan(together).tolist() == [False, False, True, True]
    assert np.isnan(gain(risk, "hf", ldl, ["statin_high"])).all()


def test_every_fact_has_a_source_and_was_confirmed() -> None:
    facts = [effect.citation for effect in trial_effects().values()]
    facts += [one.citation for one in interventions().values()]
    facts += [harm.citation for found in harms().values() for harm in found]
    facts += [one.citation for found in indications().values() for one in found]
    for citation in facts:
        assert citation.doi.startswith("10.")
        assert citation.year > 1995


def test_every_table_speaks_of_interventions_variables_and_outcomes_that_exist() -> None:
    known = set(interventions())
    outcomes = {estimate.outcome for model in registry().values() for estimate in model.estimates}
    assert {name for name, _ in trial_effects()} <= known | {"ldl", "pressure"}
    assert {outcome for _, outcome in trial_effects()} <= outcomes
    assert set(harms()) | set(indications()) <= known
    assert {one.taken_by for one in interventions().values() if one.taken_by} <= set(variables())
    for one in interventions().values():
        assert one.lowers or any(name == one.id for name, _ in trial_effects())


def test_every_drug_but_a_fall_of_pressure_says_how_it_shows_that_it_is_in_use() -> None:
    drugs = {one.id for one in interventions().values() if one.kind == "drug" and not one.taken_by}
    assert drugs == {"pressure_10"}
