"""QRISK3 agrees with ClinRisk's own program to every digit, fills no gap, and shows the disclaimer."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from precision.coefficients import Coefficients
from precision.io import risk_table
from precision.model import registry
from precision.result import OK, Finding
from precision.risk.qrisk3 import CONDITIONS
from precision.schema import variable
from tests.test_laws import SEEDS, cohort

MODEL = registry()["qrisk3"]
WOMAN = {
    "sex": "female",
    "age": 55.0,
    "qrisk_ethnicity": "white",
    "qrisk_smoking": "non_smoker",
    "bmi": 27.0,
    "cholesterol_hdl_ratio": 4.0,
    "systolic_bp": 130.0,
    "systolic_bp_sd": 8.0,
    "townsend": 0.0,
    **dict.fromkeys(CONDITIONS, False),
}
MAN = {**WOMAN, "sex": "male", "erectile_dysfunction": False}
CODES: Mapping[str, str] = {
    "b_type1": "type1_diabetes",
    "b_type2": "type2_diabetes",
    "fh_cvd": "family_history_premature_cvd",
    "b_renal": "ckd_stage_3_to_5",
    "b_AF": "atrial_fibrillation",
    "b_treatedhyp": "antihypertensive_treatment",
    "b_migraine": "migraine",
    "b_ra": "rheumatoid_arthritis",
    "b_sle": "lupus",
    "b_semi": "severe_mental_illness",
    "b_atypicalantipsy": "atypical_antipsychotic",
    "b_corticosteroids": "corticosteroids",
    "b_impotence2": "erectile_dysfunction",
    "rati": "cholesterol_hdl_ratio",
    "sbp": "systolic_bp",
    "sbps5": "systolic_bp_sd",
    "town": "townsend",
    **{f"(smoke_cat=={i})": f"smoking_{name}" for i, name in enumerate(variable("qrisk_smoking").levels)},
}


def of(person: Mapping[str, object], **changes: object) -> Finding:
    """The estimate of a person with some inputs changed; None takes an input away."""
    kept = {name: [value] for name, value in {**person, **changes}.items() if value is not None}
    return MODEL(pd.DataFrame({"patient_id": ["P1"], **kept})).finding("P1")


def test_every_row_of_the_reference_agrees_to_nine_digits(shared: Path) -> None:
    path = shared / "vectors" / "clinrisk" / "qrisk3.tsv"
    table, read = pd.read_csv(path, sep="\t"), risk_table(path, MODEL, model_units=True)
    result = MODEL(read.frame)
    assert len(table) == 240
    assert not read.refused.any()
    assert (result.status == OK).all()
    np.testing.assert_allclose(result.value[:, 0], table["exp_qrisk3_pct"] / 100, rtol=1e-9)


def published(sheet: Mapping[str, Mapping[str, float]]) -> dict[tuple[str, str], float]:
    """(term, column) -> coefficient or centre of one sex, under the names of our table."""
    ages = ("age_1", "age_2")
    found = {("age", f"_{age}"): sheet["main"][age] for age in ages}
    found |= {("age_centre", f"_{age}"): sheet["centre"][age] for age in ages}
    found |= {(CODES.get(code, code), ""): value for code, value in sheet["main"].items() if code not in ages}
    for code, value in sheet["centre"].items():
        if code not in ages:
            found[f"{CODES.get(code, code)}_centre", ""] = value
    for product, value in sheet["inter"].items():
        age, _, code = product.partition("*")
        found[CODES.get(code, code), f"_{age}"] = value
    return found


@pytest.mark.parametrize("sex", ["female", "male"])
def test_the_table_holds_the_published_numbers_digit_by_digit(sex: str, shared: Path) -> None:
    book = json.loads((shared / "reference" / "clinrisk" / "qrisk3_2017.json").read_text(encoding="utf-8"))
    sheet, ours = book["sexes"][sex], Coefficients.read("qrisk3")
    expected = {**published(sheet), ("baseline_survival", ""): sheet["s0_10y"]}
    for name, values in (("smoking", sheet["smoke"]), ("ethnicity", sheet["ethnicity"][1:])):
        levels = variable(f"qrisk_{name}").levels
        expected |= {(f"{name}_{level}", ""): value for level, value in zip(levels, values, strict=True) if value}
    stored = {
        (term, column): float(ours.values[i, ours.strata.index(f"{sex}{column}")])
        for i, term in enumerate(ours.terms)
        for column in ("", "_age_1", "_age_2")
        if term not in ("age_unit", "age_power", "bmi_lowest", "bmi_highest", "bmi_unit", "bmi_power")
    }
    assert {key: value for key, value in stored.items() if value} == expected


# --- what it needs -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["townsend", "systolic_bp_sd", "qrisk_ethnicity", "cholesterol_hdl_ratio", "migraine"])
def test_nothing_is_filled_in_for_what_is_not_known(name: str) -> None:
    unknown = of(WOMAN, **{name: None})
    assert (unknown.status, unknown.missing) == ("missing", (name,))


def test_erectile_dysfunction_is_asked_of_men_and_counts_in_men() -> None:
    assert of(WOMAN).status == "ok"
    assert of(WOMAN, erectile_dysfunction=True).value == of(WOMAN).value
    assert of(MAN, erectile_dysfunction=None).missing == ("erectile_dysfunction",)
    assert of(MAN, erectile_dysfunction=None).warnings == ("Erectile dysfunction is missing.",)
    assert of(MAN, erectile_dysfunction=True).value > of(MAN).value


@pytest.mark.parametrize(
    ("status", "cigarettes", "category"),
    [
        ("never", None, "non_smoker"),
        ("former", None, "former"),
        ("former", 30.0, "former"),
        ("current", 1.0, "light"),
        ("current", 9.9, "light"),
        ("current", 10.0, "moderate"),
        ("current", 19.9, "moderate"),
        ("current", 20.0, "heavy"),
        ("current_some_day", 3.0, "light"),
    ],
)
def test_the_smoking_category_follows_from_status_and_cigarettes(
    status: str, cigarettes: float | None, category: str
) -> None:
    derived = of(WOMAN, qrisk_smoking=None, smoking_status=status, cigarettes_per_day=cigarettes)
    assert derived.value == of(WOMAN, qrisk_smoking=category).value
    assert any(code.startswith("derived:qrisk_smoking:") for code in derived.assumptions)


def test_a_smoker_of_an_unknown_amount_has_no_category() -> None:
    assert of(WOMAN, qrisk_smoking=None, smoking_status="current").missing == ("qrisk_smoking",)


def test_the_ratio_follows_from_total_and_hdl_cholesterol() -> None:
    derived = of(WOMAN, cholesterol_hdl_ratio=None, total_cholesterol=200.0, hdl_cholesterol=50.0)
    assert derived.value == of(WOMAN).value
    assert "Total to HDL cholesterol ratio 4 was calculated from total and HDL cholesterol." in derived.notes


def test_who_has_no_diabetes_has_neither_type() -> None:
    derived = of({**WOMAN, "type1_diabetes": None, "type2_diabetes": None}, diabetes=False)
    assert derived.value == of(WOMAN).value
    assert {"derived:type1_diabetes:diabetes", "derived:type2_diabetes:diabetes"} <= {*derived.assumptions}


def test_diabetes_of_an_unknown_type_is_missing_its_type() -> None:
    unknown = of({**WOMAN, "type1_diabetes": None, "type2_diabetes": None}, diabetes=True)
    assert unknown.missing == ("type1_diabetes", "type2_diabetes")


# --- limits --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("bmi", "limit"), [(15.0, 20.0), (19.99, 20.0), (40.01, 40.0), (55.0, 40.0)])
def test_a_body_mass_index_beyond_20_to_40_counts_as_the_limit_and_that_is_said(bmi: float, limit: float) -> None:
    beyond = of(WOMAN, bmi=bmi)
    assert beyond.value == of(WOMAN, bmi=limit).value
    assert "limited:bmi" in beyond.assumptions
    assert any("the limit itself was used" in note for note in beyond.notes)
    assert "limited:bmi" not in of(WOMAN, bmi=limit).assumptions


def test_not_stated_counts_as_white_and_missing_does_not() -> None:
    assert of(WOMAN, qrisk_ethnicity="not stated").value == of(WOMAN).value
    assert of(WOMAN, qrisk_ethnicity=None).status == "missing"


def test_the_disclaimer_goes_with_every_value() -> None:
    for words in ("ClinRisk", "GNU Lesser General Public License", "independent", "qrisk.org"):
        assert words in MODEL.disclaimer


# --- laws ----------------------------------------------------------------------------------------------------------

RISES = [
    ("systolic_bp", (70.0, 110.0, 150.0, 210.0)),
    ("systolic_bp_sd", (0.0, 10.0, 40.0)),
    ("cholesterol_hdl_ratio", (1.0, 3.0, 6.0, 12.0)),
    ("rheumatoid_arthritis", (0.0, 1.0)),
    ("severe_mental_illness", (0.0, 1.0)),
    ("atypical_antipsychotic", (0.0, 1.0)),
]


@pytest.mark.parametrize(("name", "steps"), RISES)
@settings(max_examples=10)
@given(seed=SEEDS)
def test_risk_rises_with_what_causes_it(name: str, steps: tuple[float, ...], seed: int) -> None:
    people = cohort(MODEL, 200, seed, holes=0.0).assign(**dict.fromkeys(MODEL.excluded, 0.0))
    # Half of these people have most of the conditions: where the risk is 1 to every digit it cannot rise.
    people = people.assign(**dict.fromkeys(("lupus", "atrial_fibrillation", "type1_diabetes"), 0.0))
    risks = np.stack([MODEL(people.assign(**{name: step})).value[:, 0] for step in steps])
    assert ((np.diff(risks, axis=0) > 0) | (risks[1:] > 0.999)).all()
