"""CKD-EPI with cystatin C, the kidney failure risk equations, KDIGO, BMI and FIB-4 agree with what was published."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precision.io import risk_table
from precision.model import registry
from precision.result import OK, Array, Finding, Result
from precision.risk.bmi import CLASSES as WEIGHT_CLASSES
from precision.risk.fib4 import CLASSES as FIBROSIS_CLASSES
from precision.risk.kdigo import ALBUMINURIA_CATEGORIES, GFR_CATEGORIES, RISKS
from tests.test_laws import cohort

VECTORS = Path("vectors") / "clinrisk"
KFRE = ("kfre_4", "kfre_6", "kfre_8")
MAN = {
    "sex": "male",
    "age": 60.0,
    "egfr": 35.0,
    "uacr": 200.0,
    "kfre_region": "north_america",
    "diabetes": True,
    "hypertension": True,
    "albumin": 4.0,
    "phosphate": 3.9,
    "bicarbonate": 25.0,
    "calcium": 9.4,
    "dialysis": False,
    "kidney_transplant": False,
    "cystatin_c": 1.2,
    "creatinine": 1.2,
    "bmi": 27.0,
    "ast": 40.0,
    "alt": 64.0,
    "platelets": 200.0,
}


def person(**changes: object) -> pd.DataFrame:
    """The man above with some inputs changed; None takes an input away."""
    known = {name: value for name, value in {**MAN, **changes}.items() if value is not None}
    return pd.DataFrame({"patient_id": ["P1"], **{name: [value] for name, value in known.items()}})


def finding(model: str, outcome: str | None = None, years: float | None = None, **changes: object) -> Finding:
    """What the model says of that man."""
    return registry()[model](person(**changes)).finding("P1", outcome, years)


def extrapolated(model: str, outcome: str | None = None, years: float | None = None, **changes: object) -> Finding:
    """What the model says of that man, in or out of range."""
    return registry()[model](person(**changes), extrapolate=True).finding("P1", outcome, years)


def reference(shared: Path, file: str, model: str) -> tuple[pd.DataFrame, Result]:
    """A reference table as it is, and what the model says about its rows."""
    table = risk_table(shared / VECTORS / file, registry()[model], model_units=True)
    assert not table.refused.any()
    return pd.read_csv(shared / VECTORS / file, sep="\t"), registry()[model](table.frame)


# --- CKD-EPI ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "column"),
    [("ckd_epi_cystatin_2012", "exp_cys2012"), ("ckd_epi_2021_creatinine_cystatin", "exp_crcys2021")],
)
def test_every_row_of_the_filtration_reference_agrees(model: str, column: str, shared: Path) -> None:
    table, result = reference(shared, "ckdepi.tsv", model)
    assert len(table) == 120
    assert (result.status == OK).all()
    np.testing.assert_allclose(result.value[:, 0], table[column], rtol=1e-9)


def test_filtration_from_cystatin_at_its_knot_is_the_constant_aged() -> None:
    # By hand: at 0.8 mg/L both powers are 1; man of 60: 133 x 0.996^60, woman 0.932 of that
    man = finding("ckd_epi_cystatin_2012", cystatin_c=0.8).value
    assert man == pytest.approx(133 * 0.996**60, rel=1e-12)
    assert finding("ckd_epi_cystatin_2012", cystatin_c=0.8, sex="female").value == pytest.approx(0.932 * man, rel=1e-12)


@pytest.mark.parametrize(("sex", "kappa", "factor"), [("female", 0.7, 0.963), ("male", 0.9, 1.0)])
def test_filtration_from_both_markers_at_their_knots_is_the_constant_aged(
    sex: str, kappa: float, factor: float
) -> None:
    value = finding("ckd_epi_2021_creatinine_cystatin", sex=sex, creatinine=kappa, cystatin_c=0.8).value
    assert value == pytest.approx(135 * 0.9961**60 * factor, rel=1e-12)


@pytest.mark.parametrize("model", ["ckd_epi_cystatin_2012", "ckd_epi_2021_creatinine_cystatin"])
def test_filtration_is_for_adults(model: str) -> None:
    assert finding(model, age=18.0).status == "ok"
    assert finding(model, age=17.9).reasons == ("range:age",)


# --- kidney failure ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [4, 6, 8])
def test_every_row_of_the_kidney_failure_reference_agrees(count: int, shared: Path) -> None:
    table, result = reference(shared, "kfre.tsv", f"kfre_{count}")
    assert len(table) == 120
    assert (result.status == OK).all()
    np.testing.assert_allclose(result.value, table[[f"exp_v{count}_2y", f"exp_v{count}_5y"]], rtol=1e-9)


def test_at_the_means_of_the_cohort_the_risk_is_the_complement_of_the_baseline_survival() -> None:
    # The variable male has mean 0.5642, which nobody is: for a man the hazard is exp(0.2467 (1 - 0.5642)) of that.
    mean = {"age": 70.36, "egfr": 36.11, "uacr": math.exp(5.137)}
    for region, survivals in (("north_america", (0.975, 0.924)), ("other", (0.9832, 0.9365))):
        for years, survival in zip((2, 5), survivals, strict=True):
            man = finding("kfre_4", "kidney_failure", years, kfre_region=region, **mean).value
            woman = finding("kfre_4", "kidney_failure", years, kfre_region=region, sex="female", **mean).value
            assert man == pytest.approx(1 - survival ** math.exp(0.2467 * (1 - 0.5642)), rel=1e-12)
            assert woman == pytest.approx(1 - survival ** math.exp(-0.2467 * 0.5642), rel=1e-12)


@pytest.mark.parametrize("model", KFRE)
def test_kidney_failure_is_estimated_below_60_only(model: str) -> None:
    assert finding(model, egfr=59.99).status == "ok"
    refused = finding(model, egfr=60.0)
    assert (refused.status, refused.reasons) == ("out_of_range", ("range:egfr",))
    assert "less than 60" in refused.warnings[0]
    assert extrapolated(model, egfr=60.0).status == "ok"


@pytest.mark.parametrize("model", KFRE)
def test_the_region_has_no_default(model: str) -> None:
    assert finding(model, kfre_region=None).missing == ("kfre_region",)
    elsewhere = finding(model, kfre_region="other")
    assert elsewhere.value != finding(model).value


@pytest.mark.parametrize("model", KFRE)
def test_no_albumin_in_the_urine_gives_a_reason_and_never_a_risk_of_zero(model: str) -> None:
    none = finding(model, uacr=0.0)
    assert (none.status, none.reasons) == ("out_of_range", ("range:zero_uacr",))
    assert none.warnings == ("Urine albumin-creatinine ratio 0 has no logarithm: enter the limit of detection.",)
    assert math.isnan(extrapolated(model, uacr=0.0).value)


@pytest.mark.parametrize(("excluded", "words"), [("dialysis", "on dialysis"), ("kidney_transplant", "transplant")])
def test_kidney_failure_that_has_come_is_not_predicted(excluded: str, words: str) -> None:
    gone = finding("kfre_4", None, None, **{excluded: True})
    assert (gone.status, gone.reasons) == ("not_applicable", (f"population:{excluded}",))
    assert words in gone.warnings[0]


def test_filtration_for_kidney_failure_follows_from_creatinine_and_that_is_said() -> None:
    # Man of 60, creatinine 2.0 mg/dL: 142 (2.0 / 0.9)^-1.2 0.9938^60 = 37.50
    derived = finding("kfre_4", egfr=None, creatinine=2.0)
    assert derived.inputs["egfr"] == pytest.approx(37.50, abs=0.005)
    assert "derived:egfr:ckd_epi_2021" in derived.assumptions
    assert "CKD-EPI 2009" in registry()["kfre_4"].notice


def test_albumin_in_mg_per_mmol_is_converted_by_the_factor_of_the_equation(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("patient_id,uacr_mg_mmol\nA,10\n", encoding="utf-8")
    assert risk_table(file, registry()["kfre_4"]).frame["uacr"].tolist() == pytest.approx([88.4])


@pytest.mark.parametrize("model", KFRE)
@settings(max_examples=10)
@given(seed=st.integers(0, 2**32 - 1))
def test_kidney_failure_rises_with_albumin_with_falling_filtration_and_with_time(model: str, seed: int) -> None:
    people = cohort(registry()[model], 100, seed, holes=0.0).assign(dialysis=0.0, kidney_transplant=0.0)

    def log_hazard(**changes: float) -> Array:
        return np.log(-np.log1p(-registry()[model](people.assign(egfr=30.0, **changes)).value))

    assert (log_hazard(uacr=300.0) > log_hazard(uacr=30.0)).all()
    assert (np.diff(log_hazard(uacr=30.0)) > 0).all()
    lower, higher = (registry()[model](people.assign(egfr=egfr, uacr=100.0)).value for egfr in (20.0, 50.0))
    assert (lower > higher).all()


# --- KDIGO ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("egfr", "category"),
    [(90, "G1"), (89.6, "G2"), (60, "G2"), (59.6, "G3a"), (45, "G3a"), (44.99, "G3b"), (30, "G3b"), (29.99, "G4")]
    + [(15, "G4"), (14.99, "G5"), (0, "G5"), (140, "G1")],
)  # fmt: skip
def test_filtration_is_categorised_before_it_is_rounded(egfr: float, category: str) -> None:
    here = finding("kdigo", "gfr_category", egfr=float(egfr))
    assert (GFR_CATEGORIES[int(here.value)], here.text) == (category, category)


@pytest.mark.parametrize(
    ("uacr", "category"), [(0, "A1"), (29.9, "A1"), (30, "A2"), (300, "A2"), (300.1, "A3"), (5000, "A3")]
)
def test_albuminuria_of_exactly_300_is_still_the_middle_category(uacr: float, category: str) -> None:
    assert ALBUMINURIA_CATEGORIES[int(finding("kdigo", "albuminuria_category", uacr=float(uacr)).value)] == category


HEAT_MAP = {
    "G1": ("low", "moderate", "high"),
    "G2": ("low", "moderate", "high"),
    "G3a": ("moderate", "high", "very_high"),
    "G3b": ("high", "very_high", "very_high"),
    "G4": ("very_high", "very_high", "very_high"),
    "G5": ("very_high", "very_high", "very_high"),
}


@pytest.mark.parametrize(
    ("category", "egfr"), [("G1", 95.0), ("G2", 75.0), ("G3a", 50.0), ("G3b", 40.0), ("G4", 20.0), ("G5", 10.0)]
)
@pytest.mark.parametrize(("albuminuria", "uacr"), [(0, 10.0), (1, 100.0), (2, 500.0)])
def test_every_cell_of_the_risk_table(category: str, egfr: float, albuminuria: int, uacr: float) -> None:
    risk = finding("kdigo", "ckd_risk", egfr=egfr, uacr=uacr)
    assert RISKS[int(risk.value)] == HEAT_MAP[category][albuminuria]


def test_one_of_the_two_measurements_gives_its_own_category() -> None:
    assert finding("kdigo", "gfr_category", uacr=None).status == "ok"
    assert finding("kdigo", "albuminuria_category", egfr=None, creatinine=None).status == "ok"
    assert finding("kdigo", "ckd_risk", uacr=None).missing == ("uacr",)
    assert finding("kdigo", "ckd_risk", egfr=None, creatinine=None).missing == ("egfr",)


def test_the_categories_are_for_adults_and_an_unknown_age_is_not_refused() -> None:
    child = finding("kdigo", "ckd_risk", age=17.9)
    assert (child.status, child.reasons) == ("not_applicable", ("population:under_18",))
    assert child.warnings == ("These categories are for adults of 18 years and older.",)
    assert finding("kdigo", "ckd_risk", age=18.0).status == "ok"
    assert finding("kdigo", "ckd_risk", age=None).status == "ok"


def test_a_table_of_results_names_the_class_and_not_its_number() -> None:
    shown = registry()["kdigo"](person()).to_frame().set_index("outcome")["value"]
    assert shown.to_dict() == {"gfr_category": "G3b", "albuminuria_category": "A2", "ckd_risk": "very_high"}
    assert finding("kdigo", "ckd_risk").text == "very high"


def test_the_notice_says_that_it_must_persist() -> None:
    assert "3 months" in registry()["kdigo"].notice


# --- body mass index --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bmi", "name"),
    [(18.49, "underweight"), (18.5, "normal"), (24.99, "normal"), (25.0, "overweight"), (29.99, "overweight")]
    + [(30.0, "obesity_class_1"), (35.0, "obesity_class_2"), (39.99, "obesity_class_2"), (40.0, "obesity_class_3")],
)  # fmt: skip
def test_a_weight_class_begins_at_its_limit(bmi: float, name: str) -> None:
    assert WEIGHT_CLASSES[int(finding("bmi", "bmi_class", bmi=bmi).value)] == name
    assert finding("bmi", "bmi", bmi=bmi).value == bmi


def test_body_mass_index_follows_from_height_and_weight() -> None:
    # By hand: 59.94 / 1.8² = 18.5, the first that is not underweight
    slim = {"bmi": None, "height": 180.0, "weight": 59.94}
    assert finding("bmi", "bmi", **slim).value == pytest.approx(18.5, rel=1e-12)
    assert finding("bmi", "bmi_class", **slim).text == "normal"
    assert finding("bmi", "bmi", bmi=None, height=180.0).missing == ("bmi",)


def test_who_is_not_grown_up_has_an_index_and_no_adult_class() -> None:
    assert finding("bmi", "bmi", age=19.0).status == "ok"
    assert finding("bmi", "bmi_class", age=19.0).reasons == ("range:age",)
    assert finding("bmi", "bmi_class", age=20.0).status == "ok"
    assert finding("bmi", "bmi", age=None).status == "ok"
    assert finding("bmi", "bmi_class", age=None).missing == ("age",)


# --- FIB-4 ------------------------------------------------------------------------------------------------------------


def test_every_row_of_the_fibrosis_reference_agrees_with_its_two_decimals(shared: Path) -> None:
    table, result = reference(shared, "fib4.tsv", "fib4")
    index = result.value[:, result.column("fib4")]
    assert len(table) == 80
    assert (result.status[:, 0] == OK).all()
    assert np.max(np.abs(index - table["exp_result"])) <= 0.005 + 1e-9
    np.testing.assert_array_equal(result.status[:, 1] == OK, table["age"] >= 35)


# Index of age x AST / (platelets x root of ALT), by hand: 52 x 40 / (200 x 8) = 1.3 and so on
@pytest.mark.parametrize(
    ("age", "ast", "alt", "platelets", "name"),
    [
        (52, 40, 64, 200, "indeterminate"),  # 1.3
        (50, 41, 64, 200, "low"),  # 1.28
        (54, 89, 36, 300, "indeterminate"),  # 2.67
        (50, 86, 64, 200, "high"),  # 2.69
        (64, 37.5, 100, 160, "indeterminate"),  # 1.5
        (65, 36, 100, 156, "low"),  # 1.5
        (80, 40, 64, 200, "indeterminate"),  # 2.0
        (75, 42, 64, 200, "low"),  # 1.97
        (72, 89, 36, 400, "indeterminate"),  # 2.67
        (67, 90, 36, 375, "high"),  # 2.68
    ],
)
def test_the_lower_cut_of_fib4_is_higher_from_65_years(
    age: float, ast: float, alt: float, platelets: float, name: str
) -> None:
    blood = {"ast": float(ast), "alt": float(alt), "platelets": float(platelets)}
    here = finding("fib4", "advanced_fibrosis", age=float(age), **blood)
    assert FIBROSIS_CLASSES[int(here.value)] == name
    assert ("variant:lower_cut_2.0_from_65_years" in here.assumptions) == (age >= 65)


def test_under_35_years_fib4_has_a_number_and_no_class() -> None:
    assert finding("fib4", "fib4", age=34.0).status == "ok"
    young = finding("fib4", "advanced_fibrosis", age=34.9)
    assert (young.status, young.reasons) == ("out_of_range", ("range:age",))
    assert finding("fib4", "advanced_fibrosis", age=35.0).status == "ok"
    assert extrapolated("fib4", "advanced_fibrosis", age=34.9).status == "ok"


@pytest.mark.parametrize("zero", ["alt", "platelets"])
def test_fib4_is_not_divided_by_zero(zero: str) -> None:
    none = finding("fib4", "fib4", **{zero: 0.0})
    assert (none.status, none.reasons) == ("out_of_range", ("range:zero_alt_or_platelets",))
    assert none.warnings == ("ALT or platelets are 0, and FIB-4 divides by them: check the value.",)


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32 - 1))
def test_fib4_rises_with_age_and_ast_and_falls_with_platelets_and_alt(seed: int) -> None:
    people = cohort(registry()["fib4"], 100, seed, holes=0.0)
    index = registry()["fib4"](people).value[:, 0]
    for name, sign in (("age", 1), ("ast", 1), ("platelets", -1), ("alt", -1)):
        more = registry()["fib4"](people.assign(**{name: people[name] * 1.1})).value[:, 0]
        known = (people["age"] > 0).to_numpy()
        assert (np.sign(more - index)[known] == sign).all()
