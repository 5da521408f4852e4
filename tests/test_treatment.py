"""Trial effects act on the hazard, count once, and are refused where they do not belong."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from precision.errors import InputError
from precision.model import registry
from precision.treatment import effects
from precision.treatment.effects import Intervention, apply, effect_of, interventions, ldl_drop, pressure_drop
from precision.treatment.options import options

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
    assert effect.ratio[0] == pytest.approx(0.61)
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
    "egfr": 90.0,
    "bmi": 27.0,
}


class One:
    """A single patient for the options."""

    def __init__(self, **changes: float) -> None:
        self.frame = pd.DataFrame([PATIENT | changes])
        self.ids = pd.Index(self.frame["patient_id"])

    def column(self, name: str) -> np.ndarray | None:
        return self.frame[name].to_numpy(float) if name in self.frame else None


def states(**changes: float) -> dict[str, str]:
    patient = One(**changes)
    result = registry()["prevent_base"](patient.frame)
    found = options(patient, result, 0, result.column("ascvd", 10))
    return {option.intervention.id: option.state for option in found}


def test_a_treatment_in_use_is_not_offered_again() -> None:
    assert states(statin_treatment=1.0)["statin_high"] == "in_use"
    assert states()["statin_high"] == "suitable"


def test_a_contraindication_wins_over_a_gain() -> None:
    assert states(bleeding_history=1.0)["aspirin"] == "avoid"
    assert states(pregnant=1.0)["statin_moderate"] == "avoid"


def test_what_decides_and_is_not_known_leaves_the_option_undetermined() -> None:
    assert states(ldl_cholesterol=math.nan)["statin_high"] == "not_determined"
    assert states(type2_diabetes=math.nan)["sglt2"] == "not_determined"


def test_options_for_other_patients_do_not_apply() -> None:
    found = states(current_smoker=0.0, age=62.0)
    assert found["smoking"] == "not_applicable"
    assert found["sglt2"] == "not_applicable"
    assert found["aspirin"] == "not_applicable"


def test_options_with_the_largest_gain_come_first() -> None:
    patient = One()
    result = registry()["prevent_base"](patient.frame)
    found = options(patient, result, 0, result.column("ascvd", 10))
    gains = [option.change.reduction[0] for option in found if option.state == "suitable" and option.change]
    assert gains == sorted(gains, reverse=True)
    assert len(gains) > 3


def test_every_effect_and_intervention_has_a_source() -> None:
    for effect in effects.trial_effects().values():
        assert effect.citation.doi.startswith("10.")
        assert effect.citation.year > 1995
    assert all(one.citation.doi for one in interventions().values())
