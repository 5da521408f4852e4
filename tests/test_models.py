"""Models agree with what was published, and say why where they give no number."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from precision.errors import InputError
from precision.model import Model, registry
from precision.result import NOT_APPLICABLE, OK, OUT_OF_RANGE, STATUSES, Array, Finding
from precision.risk.prevent import OUTCOMES, VARIANTS
from precision.schema import match_header, variables
from tests.vectors import Vectors, vectors

MODELS = sorted(registry())
WOMAN = {
    "sex": "female",
    "age": 50.0,
    "total_cholesterol": 200.0,
    "hdl_cholesterol": 45.0,
    "systolic_bp": 160.0,
    "antihypertensive_treatment": True,
    "statin_treatment": False,
    "diabetes": True,
    "current_smoker": False,
    "egfr": 90.0,
    "bmi": 35.0,
    "prior_cvd": False,
}


def person(**changes: object) -> pd.DataFrame:
    """The woman above with some inputs changed; None takes an input away."""
    known = {name: value for name, value in {**WOMAN, **changes}.items() if value is not None}
    return pd.DataFrame({"patient_id": ["P1"], **{name: [value] for name, value in known.items()}})


def finding(model: str, outcome: str | None = None, years: float | None = None, **changes: object) -> Finding:
    """One estimate of that person."""
    return registry()[model](person(**changes)).finding("P1", outcome, years)


def extrapolated(model: str, outcome: str | None = None, years: float | None = None, **changes: object) -> Finding:
    """One estimate of that person, in or out of range."""
    return registry()[model](person(**changes), extrapolate=True).finding("P1", outcome, years)


# --- what is published --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MODELS)
def test_published_vectors(name: str) -> None:
    known = vectors(registry()[name])
    result = registry()[name](known.people)
    given = ~np.isnan(known.expected)
    assert given.any(axis=0).all(), "an estimate has no vector"
    assert (result.status[given] == OK).all()
    assert (np.abs(result.value - known.expected)[given] <= np.broadcast_to(known.tolerance, given.shape)[given]).all()


def _table(path: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A table of reference vectors, whole, and its inputs under the dictionary's names."""
    table = pd.read_csv(path, sep="\t")
    found = {name: match_header(name) for name in map(str, table) if not name.startswith(("exp_", "chk_"))}
    return table, table.rename(columns={name: match.variable.name for name, match in found.items() if match})


def _prevent_rows(shared: Path, variant: str, years: int) -> tuple[pd.DataFrame, Array]:
    table, people = _table(shared / "vectors" / "clinrisk" / "prevent.tsv")
    rows = (table["variant"] == variant) & (table["horizon"] == f"{years}yr")
    expected = table.loc[rows, [f"exp_{outcome}" for outcome in OUTCOMES]].to_numpy()
    # The source computed 30 years up to 59 only and gives a number in every row, so each row must have ours.
    assert not np.isnan(expected).any()
    assert (years == 10) or (people.loc[rows, "age"] <= 59).all()
    return people[rows].reset_index(drop=True), expected


@pytest.mark.parametrize("years", [10, 30])
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_row_of_the_prevent_reference_agrees_to_eight_digits(variant: str, years: int, shared: Path) -> None:
    people, expected = _prevent_rows(shared, variant, years)
    result = registry()[f"prevent_{variant}"](people)
    columns = [result.column(outcome, years) for outcome in OUTCOMES]
    assert len(people) == {10: 240, 30: 155}[years]
    np.testing.assert_allclose(result.value[:, columns], expected, rtol=0, atol=1e-8)


@pytest.mark.parametrize("years", [10, 30])
def test_prevent_gives_the_number_of_the_variant_that_fits_what_is_known(years: int, shared: Path) -> None:
    tables = {variant: _prevent_rows(shared, variant, years) for variant in VARIANTS}
    people = tables["base"][0]
    known = people[["hba1c", "uacr", "sdi_decile"]].notna()
    single = known.rename(columns={"sdi_decile": "sdi"}).idxmax(axis=1)
    variant = pd.Series(np.select([known.sum(axis=1) == 0, known.sum(axis=1) == 1], ["base", single], "full"))
    result = registry()["prevent"](people)
    columns = [result.column(outcome, years) for outcome in OUTCOMES]
    assert set(variant) == {*VARIANTS}
    for name, (_, expected) in tables.items():
        rows = (variant == name).to_numpy()
        np.testing.assert_allclose(result.value[rows][:, columns], expected[rows], rtol=0, atol=1e-8)
        assert all(f"variant:{name}" in result.assumptions(int(row), 0) for row in np.flatnonzero(rows))


def test_every_row_of_the_pooled_cohort_reference_agrees(shared: Path) -> None:
    table, people = _table(shared / "vectors" / "clinrisk" / "pce_frs_mesa.tsv")
    result = registry()["pooled_cohort"](people)
    value = result.value[:, 0]
    # The source stops at a systolic pressure of 180 and gives no number above; the paper goes on to 200.
    independent = table["exp_pce_preventr"].to_numpy()
    assert (np.isnan(independent) == (people["systolic_bp"] > 180).to_numpy()).all()
    assert (result.status == OK).all()
    assert np.nanmax(np.abs(value - independent)) < 5e-4
    # This column was made with the means of Table A as printed, two decimals: the rounding is worth up to 0.001.
    printed = table["chk_pce_published_3digit_coef_2digit_mean"].to_numpy()
    assert np.max(np.abs(value - printed)) < 1e-3


def test_every_row_of_the_ckd_epi_reference_agrees(shared: Path) -> None:
    table, people = _table(shared / "vectors" / "clinrisk" / "ckdepi.tsv")
    value = registry()["ckd_epi_2021"](people).value[:, 0]
    np.testing.assert_allclose(value, table["chk_cr2021"], rtol=1e-9)


# --- what every model says of itself -----------------------------------------------------------------------------


@pytest.mark.parametrize("model", registry().values(), ids=MODELS)
def test_a_model_is_cited_described_and_made_of_dictionary_variables(model: Model) -> None:
    assert model.citation.doi
    assert model.citation.year
    assert model.population.endswith(".")
    assert model.notice
    assert set(model.inputs) <= set(variables())
    assert set(model.ranges) <= {*model.required, *model.optional}
    assert len({(estimate.outcome, estimate.horizon_years) for estimate in model.estimates}) == len(model.estimates)


def test_the_registry_holds_the_models_of_this_release() -> None:
    prevent = {"prevent", *(f"prevent_{variant}" for variant in VARIANTS)}
    assert prevent | {"pooled_cohort", "ckd_epi_2021"} <= set(registry())
    order = [(estimate.outcome, estimate.horizon_years) for estimate in registry()["prevent"].estimates]
    assert order == [(o, h) for h in (10, 30) for o in ("total_cvd", "ascvd", "hf", "chd", "stroke")]


# --- missing, out of range, not applicable -------------------------------------------------------------------------


def test_a_missing_bmi_leaves_every_outcome_but_heart_failure() -> None:
    assert finding("prevent_base", "ascvd", 10, bmi=None).status == "ok"
    gone = finding("prevent_base", "hf", 10, bmi=None)
    assert (gone.status, gone.missing) == ("missing", ("bmi",))
    assert math.isnan(gone.value)


def test_heart_failure_needs_neither_cholesterol_nor_statin() -> None:
    without = dict.fromkeys(("total_cholesterol", "hdl_cholesterol", "statin_treatment"))
    assert finding("prevent_base", "hf", 10, **without).value == finding("prevent_base", "hf", 10).value
    assert finding("prevent_base", "stroke", 10, **without).missing == tuple(without)


@pytest.mark.parametrize("treatment", ["statin_treatment", "antihypertensive_treatment"])
def test_unknown_treatment_is_missing_and_not_taken_as_none(treatment: str) -> None:
    assert finding("prevent", "ascvd", 10, **{treatment: None}).missing == (treatment,)


def test_thirty_years_are_given_up_to_59_and_ten_years_up_to_79() -> None:
    assert finding("prevent", "ascvd", 30, age=59).status == "ok"
    late = finding("prevent", "ascvd", 30, age=60)
    assert (late.status, late.reasons) == ("out_of_range", ("range:age",))
    assert late.warnings == ("Age 60 is outside 30 to 59 years.",)
    assert finding("prevent", "ascvd", 10, age=79).status == "ok"
    assert finding("prevent", "ascvd", 10, age=80).warnings == ("Age 80 is outside 30 to 79 years.",)


@pytest.mark.parametrize(
    ("bmi", "status"), [(18.5, "ok"), (18.4, "out_of_range"), (39.99, "ok"), (40.0, "out_of_range")]
)
def test_bmi_holds_from_18_5_to_less_than_40(bmi: float, status: str) -> None:
    heart_failure = finding("prevent", "hf", 10, bmi=bmi)
    assert heart_failure.status == status
    if bmi == 40:
        assert heart_failure.warnings == ("Body mass index 40 is outside 18.5 to less than 40 kg/m².",)


def test_prior_disease_is_not_applicable_whatever_else_is_missing() -> None:
    prior = finding("prevent", "ascvd", 10, prior_cvd=True, egfr=None, age=95)
    assert prior.status == "not_applicable"
    assert set(prior.reasons) == {"missing:egfr", "range:age", "population:prior_cvd"}


def test_missing_is_said_before_out_of_range() -> None:
    assert finding("prevent", "ascvd", 10, egfr=None, age=95).status == "missing"


def test_unknown_prior_disease_is_assumed_absent_and_said() -> None:
    unknown = finding("prevent", prior_cvd=None)
    assert unknown.value == finding("prevent").value
    assert "assumed:prior_cvd:none" in unknown.assumptions
    assert "assumed:prior_cvd:none" not in finding("prevent").assumptions


def test_an_ancestry_without_published_equations_gets_no_number_unless_extrapolation_is_asked_for() -> None:
    refused = finding("pooled_cohort", ancestry="asian")
    assert (refused.status, refused.reasons) == ("not_applicable", ("level:ancestry",))
    asked = extrapolated("pooled_cohort", ancestry="asian")
    assert asked.value == finding("pooled_cohort", ancestry="white").value
    assert "extrapolated:ancestry" in asked.assumptions


def test_only_what_concerns_an_outcome_is_called_an_extrapolation() -> None:
    assert "extrapolated:age" not in extrapolated("prevent", "ascvd", 10, age=65.0).assumptions
    asked = extrapolated("prevent", "ascvd", 30, age=65.0)
    assert asked.status == "ok"
    assert "extrapolated:age" in asked.assumptions
    assert any("extrapolation" in note for note in asked.notes)


def test_a_formula_that_breaks_down_far_out_of_range_gives_no_number() -> None:
    broken = extrapolated("pooled_cohort", ancestry="white", hdl_cholesterol=-1.0)
    assert (broken.status, math.isnan(broken.value)) == ("out_of_range", True)


# --- derived inputs and variants ------------------------------------------------------------------------------------


def test_egfr_follows_from_creatinine_and_that_is_said() -> None:
    derived = finding("prevent", egfr=None, creatinine=1.0)
    # Woman of 50 years, creatinine 1.0 mg/dL: 142 (1 / 0.7)^-1.2 0.9938^50 1.012 = 68.63
    assert derived.inputs["egfr"] == pytest.approx(68.63, abs=0.005)
    assert "derived:egfr:ckd_epi_2021" in derived.assumptions
    assert derived.value == finding("prevent", egfr=derived.inputs["egfr"]).value
    assert "derived:egfr:ckd_epi_2021" not in finding("prevent", creatinine=1.0).assumptions


def test_a_derived_egfr_is_held_to_the_range_too() -> None:
    # Woman of 30 years, creatinine 0.2 mg/dL: 142 (0.2 / 0.7)^-0.241 0.9938^30 1.012 = 161
    assert finding("prevent", egfr=None, creatinine=0.2, age=30).reasons == ("range:egfr",)


@pytest.mark.parametrize(("height", "weight", "status"), [(180, 59.94, "ok"), (160, 102.4, "out_of_range")])
def test_a_derived_bmi_on_the_limit_is_not_moved_by_rounding(height: float, weight: float, status: str) -> None:
    # By hand: 59.94 / 1.8² = 18.5, the first inside; 102.4 / 1.6² = 40, the first outside
    assert finding("prevent_base", "hf", bmi=None, height=float(height), weight=weight).status == status


def test_a_column_that_stands_twice_is_refused() -> None:
    twice = pd.concat([person(), person()[["age"]]], axis=1)
    with pytest.raises(InputError, match="column 'age' stands 2 times"):
        registry()["prevent"](twice)


def test_bmi_follows_from_height_and_weight_and_is_said_where_it_is_used() -> None:
    size = {"bmi": None, "height": 170.0, "weight": 86.7}  # 86.7 / 1.7^2 = 30.0
    heart_failure = finding("prevent", "hf", 10, **size)
    assert heart_failure.value == pytest.approx(finding("prevent", "hf", 10, bmi=30.0).value, rel=1e-12)
    assert "derived:bmi:height_and_weight" in heart_failure.assumptions
    assert "derived:bmi:height_and_weight" not in finding("prevent", "ascvd", 10, **size).assumptions


@pytest.mark.parametrize(("status", "smoker"), [("current", 1), ("current_some_day", 1), ("former", 0), ("never", 0)])
def test_current_smoking_follows_from_the_smoking_status(status: str, smoker: int) -> None:
    derived = finding("prevent", current_smoker=None, smoking_status=status)
    assert derived.inputs["current_smoker"] == smoker
    assert "derived:current_smoker:smoking_status" in derived.assumptions


@pytest.mark.parametrize(("percentile", "tenth"), [(0, 1), (10, 1), (10.5, 2), (60, 6), (61, 7), (100, 10)])
def test_the_deprivation_decile_follows_from_the_percentile(percentile: float, tenth: int) -> None:
    derived = finding("prevent", sdi_percentile=percentile)
    assert derived.inputs["sdi_decile"] == tenth
    assert {"derived:sdi_decile:sdi_percentile", "variant:sdi"} <= {*derived.assumptions}


@pytest.mark.parametrize(
    ("known", "variant"),
    [
        ({}, "base"),
        ({"hba1c": 7.0}, "hba1c"),
        ({"uacr": 20.0}, "uacr"),
        ({"sdi_decile": 5}, "sdi"),
        ({"hba1c": 7.0, "uacr": 20.0}, "full"),
        ({"hba1c": 7.0, "uacr": 20.0, "sdi_decile": 5}, "full"),
    ],
)
def test_prevent_says_which_variant_it_used(known: dict[str, float], variant: str) -> None:
    automatic = finding("prevent", "hf", 30, **known)
    assert automatic.value == pytest.approx(finding(f"prevent_{variant}", "hf", 30, **known).value, rel=1e-12)
    assert [code for code in automatic.assumptions if code.startswith("variant:")] == [f"variant:{variant}"]
    absent = {f"absent:{name}" for name in ("hba1c", "uacr", "sdi_decile") if name not in known}
    assert {code for code in automatic.assumptions if code.startswith("absent:")} == (
        absent if variant == "full" else set()
    )


def test_an_optional_input_out_of_range_is_not_used_and_that_is_said() -> None:
    ignored = finding("prevent", hba1c=16.0, uacr=20.0)
    assert ignored.value == finding("prevent_uacr", uacr=20.0).value
    assert {"ignored:hba1c", "variant:uacr"} <= {*ignored.assumptions}
    assert ignored.inputs["hba1c"] == 16.0
    assert "HbA1c 16% is outside the range of this model and was not used." in ignored.notes
    assert "ignored:hba1c" in extrapolated("prevent", hba1c=16.0).assumptions


# --- reading a frame ------------------------------------------------------------------------------------------------


def test_texts_codes_and_booleans_read_alike() -> None:
    model = registry()["prevent"]
    text = pd.DataFrame([{name: str(value) for name, value in WOMAN.items()}])
    coded = pd.DataFrame([{**WOMAN, "sex": 0, "diabetes": 1, "antihypertensive_treatment": 1.0}])
    expected = model(pd.DataFrame([WOMAN])).value
    np.testing.assert_array_equal(model(text).value, expected)
    np.testing.assert_array_equal(model(coded).value, expected)
    np.testing.assert_array_equal(model(text.astype({"sex": "category"})).value, expected)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("sex", "femail", r"column 'sex' holds 'femail' \(1 rows\); allowed: female, male, or empty"),
        ("sex", "1", "column 'sex' holds '1'"),  # 1 is male in most surveys, female in some: ask
        ("sex", 2, "column 'sex' holds '2'"),
        ("diabetes", 3.0, "column 'diabetes' holds '3.0'"),
        ("age", "fifty", r"column 'age' holds 'fifty' \(1 rows\); allowed: number"),
        ("egfr", math.inf, "column 'egfr' holds 'inf'"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named(column: str, value: str | float, message: str) -> None:
    people = person().assign(**{column: value})
    with pytest.raises(InputError, match=message):
        registry()["prevent"](people)


def test_an_empty_cohort_gives_an_empty_result() -> None:
    for model in registry().values():
        result = model(pd.DataFrame({"patient_id": pd.Series(dtype="str")}))
        assert result.value.shape == (0, len(model.estimates))
        assert result.to_frame().empty


def test_a_cohort_of_which_nothing_is_known_is_missing_everything() -> None:
    for model in registry().values():
        result = model(pd.DataFrame({"patient_id": ["A", "B"]}))
        assert {STATUSES[s] for s in result.status.ravel()} == {"missing"}
        assert result.finding("B").missing == model.estimates[0].required


def test_a_cohort_of_several_blocks_is_the_same_as_one_block(monkeypatch: pytest.MonkeyPatch) -> None:
    known: Vectors = vectors(registry()["prevent"])
    people = pd.concat([known.people] * 3, ignore_index=True)
    people.loc[::5, "egfr"] = np.nan
    people.loc[::7, "age"] = 85.0
    people.loc[::11, "prior_cvd"] = 1.0
    people["creatinine"] = 0.9
    people.loc[::2, "creatinine"] = np.nan
    whole = registry()["prevent"](people)
    monkeypatch.setattr("precision.model.BLOCK", 16)
    parts = registry()["prevent"](people)
    assert {OK, OUT_OF_RANGE, NOT_APPLICABLE} <= {*whole.status.ravel()}
    np.testing.assert_allclose(parts.value, whole.value, rtol=1e-12)
    for field in ("status", "problems", "assumed", "relevant"):
        np.testing.assert_array_equal(getattr(parts, field), getattr(whole, field))
    assert parts.assumption_codes == whole.assumption_codes
