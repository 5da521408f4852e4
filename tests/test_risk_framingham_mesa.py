"""Framingham 2008, MESA and the Pooled Cohort Equations of 2018 agree with what was published."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precision.io import risk_table
from precision.model import registry
from precision.result import OK, OUT_OF_RANGE, Array, Finding, Result
from tests.test_laws import cohort

FILE = Path("vectors") / "clinrisk" / "pce_frs_mesa.tsv"
MAN = {
    "sex": "male",
    "age": 60.0,
    "ancestry": "white",
    "total_cholesterol": 200.0,
    "hdl_cholesterol": 50.0,
    "systolic_bp": 130.0,
    "antihypertensive_treatment": False,
    "lipid_lowering_treatment": False,
    "current_smoker": False,
    "diabetes": False,
    "family_history_mi": False,
    "bmi": 27.0,
    "cac_score": 100.0,
    "prior_cvd": False,
}


def person(**changes: object) -> pd.DataFrame:
    """The man above with some inputs changed; None takes an input away."""
    known = {name: value for name, value in {**MAN, **changes}.items() if value is not None}
    return pd.DataFrame({"patient_id": ["P1"], **{name: [value] for name, value in known.items()}})


def finding(model: str, **changes: object) -> Finding:
    """What the model says of that man."""
    return registry()[model](person(**changes)).finding("P1")


def extrapolated(model: str, **changes: object) -> Finding:
    """What the model says of that man, in or out of range."""
    return registry()[model](person(**changes), extrapolate=True).finding("P1")


def reference(shared: Path, model: str, extrapolate: bool = False) -> tuple[pd.DataFrame, Result]:
    """The reference table as it is, and what the model says about its rows."""
    table = risk_table(shared / FILE, registry()[model], model_units=True)
    assert not table.refused.any()
    return pd.read_csv(shared / FILE, sep="\t"), registry()[model](table.frame, extrapolate)


def hazard_ratio(one: float, other: float) -> float:
    """How many times the hazard of one risk is that of another."""
    return math.log(1 - one) / math.log(1 - other)


# --- the reference table ----------------------------------------------------------------------------------------------


def test_every_row_of_the_framingham_reference_with_lipids_agrees(shared: Path) -> None:
    table, result = reference(shared, "framingham_lipid")
    value, independent = result.value[:, 0], table["exp_frs_lipid_pct_2dp"].to_numpy() / 100
    assert np.count_nonzero(~np.isnan(independent)) == 216
    np.testing.assert_array_equal(np.isnan(value), np.isnan(independent))
    assert np.nanmax(np.abs(value - independent)) <= 5.01e-5  # it rounds percent to 2 decimals
    assert (result.status[table["age"] > 74] == OUT_OF_RANGE).all()


def test_every_row_of_the_framingham_reference_with_bmi_agrees_where_it_is_not_clipped(shared: Path) -> None:
    table, result = reference(shared, "framingham_bmi")
    value, clipped = result.value[:, 0], table["exp_frs_bmi_pct_cap1_30"].to_numpy() / 100
    inside = (clipped > 0.01) & (clipped < 0.30)
    assert np.count_nonzero(inside) > 90
    assert np.max(np.abs(value - clipped)[inside]) <= 5.01e-5
    assert (value[clipped == 0.30] >= 0.29995).all()
    assert np.nanmax(value) > 0.9


def test_framingham_goes_on_beyond_its_ages_only_when_asked(shared: Path) -> None:
    table, asked = reference(shared, "framingham_bmi", extrapolate=True)
    np.testing.assert_allclose(asked.value[:, 0], table["chk_frs_bmi_pct"] / 100, rtol=1e-9)
    _, lipid = reference(shared, "framingham_lipid", extrapolate=True)
    known = table["chk_frs_lipid_pct"].notna().to_numpy()
    np.testing.assert_allclose(lipid.value[known, 0], table["chk_frs_lipid_pct"][known] / 100, rtol=1e-9)


@pytest.mark.parametrize(
    ("model", "column", "youngest"),
    [("mesa_chd", "exp_mesa", 45), ("mesa_chd_cac", "exp_mesa_cac", 45), ("pooled_cohort_2018", "exp_pce_rev2018", 40)],
)
def test_every_row_of_the_mesa_and_2018_reference_agrees(model: str, column: str, youngest: int, shared: Path) -> None:
    table, result = reference(shared, model)
    value, independent = result.value[:, 0], table[column].to_numpy()
    # The source stops at a systolic pressure of 180, which is its own limit and not that of the papers.
    unknown = (table["sbp"] > 180) | (table["age"] < youngest)
    np.testing.assert_array_equal(np.isnan(independent), unknown)
    np.testing.assert_array_equal(result.status[:, 0] == OK, table["age"] >= youngest)
    np.testing.assert_array_equal(result.status[:, 0] == OUT_OF_RANGE, table["age"] < youngest)
    assert np.nanmax(np.abs(value - independent)) < 1e-9


# --- what the papers print --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "printed"),
    [
        (
            {"sex": "female", "age": 61, "total_cholesterol": 180, "hdl_cholesterol": 47, "systolic_bp": 124}
            | {"current_smoker": True},
            0.1048,
        ),
        (
            {"sex": "male", "age": 53, "total_cholesterol": 161, "hdl_cholesterol": 55, "systolic_bp": 125}
            | {"antihypertensive_treatment": True, "diabetes": True},
            0.1562,
        ),
    ],
)
def test_the_worked_examples_of_the_framingham_paper(person: dict[str, object], printed: float) -> None:
    assert finding("framingham_lipid", **person).value == pytest.approx(printed, abs=5e-5)


def test_framingham_at_the_mean_of_its_predictor_gives_the_complement_of_its_baseline_survival() -> None:
    # By hand: the untreated man of 49 years with HDL 45 and pressure 129 reaches the mean 23.9802 at the cholesterol
    # exp((23.9802 - 3.06117 ln 49 + 0.93263 ln 45 - 1.93303 ln 129) / 1.12370); his risk is 1 - 0.88936.
    mean = 23.9802 - 3.06117 * math.log(49) + 0.93263 * math.log(45) - 1.93303 * math.log(129)
    cholesterol = math.exp(mean / 1.12370)
    man = {"age": 49.0, "hdl_cholesterol": 45.0, "systolic_bp": 129.0, "total_cholesterol": cholesterol}
    assert finding("framingham_lipid", **man).value == pytest.approx(1 - 0.88936, rel=1e-9)


def test_framingham_is_never_clipped_at_one_or_thirty_percent() -> None:
    worst = {"age": 74.0, "systolic_bp": 200.0, "diabetes": True, "current_smoker": True, "bmi": 40.0}
    best = {"sex": "female", "age": 30.0, "systolic_bp": 90.0, "bmi": 19.0, "hdl_cholesterol": 90.0}
    for model in ("framingham_lipid", "framingham_bmi"):
        assert finding(model, **worst).value > 0.8
        assert finding(model, **best).value < 0.01


@pytest.mark.parametrize(
    ("model", "changed", "log_hazard"),
    [
        ("mesa_chd", {"sex": "female"}, -0.7496),
        ("mesa_chd", {"ancestry": "chinese"}, -0.5055),
        ("mesa_chd", {"ancestry": "hispanic"}, -0.19),
        ("mesa_chd", {"lipid_lowering_treatment": True}, 0.2473),
        ("mesa_chd_cac", {"ancestry": "black"}, 0.0353),  # a public description has 0.353
        ("mesa_chd_cac", {"ancestry": "hispanic"}, -0.0222),
        ("mesa_chd_cac", {"family_history_mi": True}, 0.3239),
        ("mesa_chd_cac", {"cac_score": 0.0}, -0.2743 * math.log(101)),
        ("framingham_bmi", {"current_smoker": True}, 0.70953),
        ("framingham_lipid", {"antihypertensive_treatment": True}, (1.99881 - 1.93303) * math.log(130)),
    ],
)
def test_a_changed_input_changes_the_hazard_as_the_table_says(
    model: str, changed: dict[str, object], log_hazard: float
) -> None:
    ratio = hazard_ratio(finding(model, **changed).value, finding(model).value)
    assert math.log(ratio) == pytest.approx(log_hazard, rel=1e-9)


def test_the_equations_of_2018_know_cholesterol_only_as_its_ratio() -> None:
    doubled = finding("pooled_cohort_2018", total_cholesterol=400.0, hdl_cholesterol=100.0)
    assert doubled.value == pytest.approx(finding("pooled_cohort_2018").value, rel=1e-12)


def test_the_equations_of_2018_add_up_by_hand() -> None:
    # Woman of 50, black, pressure 140 treated, diabetes, smoker, cholesterol 200 over 50
    log_odds = (
        (-12.823110 + 0.106501 * 50 + 0.432440 + 0.000056 * 140**2 + 0.017666 * 140 + 0.731678)
        + (0.943970 + 1.009790 + 0.151318 * 4 - 0.008580 * 50 - 0.003647 * 140 + 0.006208 * 140 + 0.152968)
        + (-0.000153 * 50 * 140 + 0.115232 - 0.092231 + 0.070498 * 4 - 0.000173 * 140 - 0.000094 * 50 * 140)
    )
    woman = {"sex": "female", "age": 50.0, "ancestry": "black", "systolic_bp": 140.0}
    woman |= dict.fromkeys(("antihypertensive_treatment", "diabetes", "current_smoker"), True)
    value = finding("pooled_cohort_2018", **woman).value
    assert math.log(value / (1 - value)) == pytest.approx(log_odds, rel=1e-9)


# --- whom a model is for ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "low", "high"),
    [
        ("framingham_lipid", 30, 74),
        ("framingham_bmi", 30, 74),
        ("mesa_chd", 45, 84),
        ("mesa_chd_cac", 45, 84),
        ("pooled_cohort_2018", 40, 79),
    ],
)
def test_the_ages_of_the_paper_are_inside_and_the_next_are_outside(model: str, low: float, high: float) -> None:
    assert [finding(model, age=age).status for age in (low, high)] == ["ok", "ok"]
    for age in (low - 1, high + 1):
        beyond = finding(model, age=age)
        assert (beyond.status, beyond.reasons) == ("out_of_range", ("range:age",))
        assert extrapolated(model, age=age).status == "ok"


@pytest.mark.parametrize(
    ("model", "covered"),
    [
        ("mesa_chd", {"white", "black", "hispanic", "chinese"}),
        ("mesa_chd_cac", {"white", "black", "hispanic", "chinese"}),
        ("pooled_cohort_2018", {"white", "black"}),
    ],
)
def test_an_ancestry_that_was_not_studied_is_refused_and_counts_as_white_when_asked(
    model: str, covered: set[str]
) -> None:
    for ancestry in ("white", "black", "hispanic", "chinese", "asian", "american_indian", "other"):
        here = finding(model, ancestry=ancestry)
        assert (here.status == "ok") == (ancestry in covered)
        if ancestry not in covered:
            assert here.reasons == ("level:ancestry",)
            asked = extrapolated(model, ancestry=ancestry)
            assert asked.value == finding(model, ancestry="white").value
            assert "extrapolated:ancestry" in asked.assumptions


def test_framingham_asks_for_no_ancestry() -> None:
    assert finding("framingham_lipid", ancestry=None).status == "ok"


# --- what follows from what -------------------------------------------------------------------------------------------


def test_a_statin_is_a_lipid_lowering_drug_and_its_absence_is_not_known_to_be_none() -> None:
    treated = finding("mesa_chd", lipid_lowering_treatment=None, statin_treatment=True)
    assert treated.value == finding("mesa_chd", lipid_lowering_treatment=True).value
    assert "derived:lipid_lowering_treatment:statin_treatment" in treated.assumptions
    unknown = finding("mesa_chd", lipid_lowering_treatment=None, statin_treatment=False)
    assert unknown.missing == ("lipid_lowering_treatment",)
    recorded = finding("mesa_chd", lipid_lowering_treatment=False, statin_treatment=True)
    assert recorded.value == finding("mesa_chd").value


def test_the_column_statin_is_the_lipid_lowering_drug_in_the_units_of_the_model_only(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("patient_id,statin\nA,0\nB,1\n", encoding="utf-8")
    model = registry()["mesa_chd"]
    assert risk_table(file, model, model_units=True).frame["lipid_lowering_treatment"].tolist() == [0, 1]
    assert "lipid_lowering_treatment" not in risk_table(file, model).frame


def test_a_calcium_score_that_was_not_measured_is_missing_and_not_zero() -> None:
    assert finding("mesa_chd_cac", cac_score=None).missing == ("cac_score",)
    assert finding("mesa_chd_cac", cac_score=0.0).status == "ok"
    assert finding("mesa_chd", cac_score=None).status == "ok"


def test_body_mass_index_and_smoking_follow_from_what_is_recorded() -> None:
    derived = finding(
        "framingham_bmi", bmi=None, height=170.0, weight=78.03, current_smoker=None, smoking_status="former"
    )
    assert derived.value == pytest.approx(finding("framingham_bmi", bmi=27.0).value, rel=1e-9)  # 78.03 / 1.7² = 27
    assert {"derived:bmi:height_and_weight", "derived:current_smoker:smoking_status"} <= {*derived.assumptions}


# --- laws -------------------------------------------------------------------------------------------------------------

NO_YES = (0.0, 1.0)
STEPS: dict[str, tuple[float, ...]] = {
    "age": (45.0, 55.0, 65.0, 74.0),
    "systolic_bp": (100.0, 120.0, 140.0, 180.0),
    "total_cholesterol": (140.0, 200.0, 280.0),
    "hdl_cholesterol": (90.0, 60.0, 30.0),
    "bmi": (19.0, 25.0, 32.0),
    "cac_score": (0.0, 1.0, 100.0, 1000.0),
    "current_smoker": NO_YES,
    "diabetes": NO_YES,
    "antihypertensive_treatment": NO_YES,
    "family_history_mi": NO_YES,
}
RISES = [
    (model, name)
    for model in ("framingham_lipid", "framingham_bmi", "mesa_chd", "mesa_chd_cac")
    for name in STEPS
    if name in registry()[model].required
]


def risks(model: str, name: str, seed: int) -> Array:
    """(steps, people) risk of made-up people with one input set to each step."""
    people = cohort(registry()[model], 100, seed, holes=0.0).assign(prior_cvd=0.0)
    return np.stack([registry()[model](people.assign(**{name: step})).value[:, 0] for step in STEPS[name]])


@pytest.mark.parametrize(("model", "name"), RISES)
@settings(max_examples=5)
@given(seed=st.integers(0, 2**32 - 1))
def test_risk_rises_with_what_causes_it(model: str, name: str, seed: int) -> None:
    found = risks(model, name, seed)
    assert (np.diff(found, axis=0) >= 0).all()
    assert (np.diff(found, axis=0)[:, found[-1] < 0.999] > 0).all()
