"""Numbers and reasons read as the design language prescribes."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from precision import wording
from precision.result import Citation, Finding


@pytest.mark.parametrize(
    ("probability", "text"),
    [
        (0.098, "9.8%"),
        (0.0004, "<1%"),
        (0.00999, "<1%"),
        (0.01, "1.0%"),
        (0.1994, "19.9%"),
        (0.1996, "20%"),
        (0.2, "20%"),
        (0.384, "38%"),
        (0.9901, ">99%"),
        (1.0, ">99%"),
        (0.0, "<1%"),
        (math.nan, "not estimated"),
    ],
)
def test_a_probability_reads_as_percent_with_one_decimal_below_twenty(probability: float, text: str) -> None:
    assert wording.percent(probability) == text


@given(st.floats(0, 1))
def test_no_probability_reads_as_certain_or_impossible(probability: float) -> None:
    assert wording.percent(probability) not in ("0%", "0.0%", "100%")


@pytest.mark.parametrize(("difference", "text"), [(0.023, "+2.3"), (-0.005, "-0.5"), (0.0002, "0.0"), (-0.0002, "0.0")])
def test_a_difference_has_a_sign_unless_it_rounds_to_zero(difference: float, text: str) -> None:
    assert wording.points(difference) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(148.0, "148"), (4.1, "4.1"), (0.72, "0.72"), (1284.0, "1,284"), (271.4, "271"), (math.nan, "missing")],
)
def test_a_measured_value_has_as_many_digits_as_a_reader_can_use(value: float, text: str) -> None:
    assert wording.number(value) == text


def test_values_carry_the_unit_or_level_of_the_dictionary() -> None:
    assert wording.value_text("systolic_bp", 148.0) == "148 mmHg"
    assert wording.value_text("sex", 0.0) == "female"
    assert wording.value_text("diabetes", 1.0) == "yes"
    assert wording.value_text("hba1c", 7.2) == "7.2%"
    assert wording.value_text("egfr", math.nan) == "missing"


def test_a_reason_names_the_value_and_the_range() -> None:
    text = wording.reason("range:age", {"age": 84.0}, {"age": (30.0, 79.0)})
    assert text == "Age 84 is outside 30 to 79 years."
    assert wording.reason("missing:total_cholesterol", {}, {}) == "Total cholesterol is missing."
    assert "without known cardiovascular disease" in wording.reason("population:prior_cvd", {}, {})


def test_what_was_derived_or_assumed_is_said_in_a_sentence() -> None:
    derived = wording.assumption("derived:egfr:ckd_epi_2021", {"egfr": 76.0})
    assert "76 mL/min/1.73 m²" in derived
    assert "by CKD-EPI 2021" in derived


def test_an_absent_interval_is_said_and_not_hidden() -> None:
    finding = Finding(
        patient="P4",
        model="m",
        model_label="M",
        outcome="o",
        outcome_label="O",
        horizon_years=10.0,
        unit="probability",
        value=0.098,
        low=math.nan,
        high=math.nan,
        status="ok",
        reasons=(),
        assumptions=(),
        inputs={},
        ranges={},
        citation=Citation("Paper"),
        knowledge={},
    )
    assert wording.interval(finding) == "no interval published"
    assert finding.text == "9.8%"
    assert "no interval published" in finding._repr_html_()


def test_an_abbreviation_inside_a_sentence_keeps_its_letters() -> None:
    assert wording.short_reason("missing:hba1c") == "HbA1c missing"
    assert wording.short_reason("missing:egfr").startswith("eGFR")
    assert wording.short_reason("missing:total_cholesterol") == "total cholesterol missing"


def test_a_sentence_that_begins_with_an_abbreviation_keeps_its_letters() -> None:
    assert wording.capital("eGFR (CKD-EPI 2021) is missing") == "eGFR (CKD-EPI 2021) is missing"  # EGFR is a gene
    assert wording.capital("total cholesterol is missing") == "Total cholesterol is missing"
    assert wording.capital("") == ""


def test_how_a_number_was_found_is_said_without_the_name_of_a_variant() -> None:
    for variant in ("base", "hba1c", "uacr", "sdi", "full"):
        assert wording.assumption(f"variant:{variant}", {}).startswith("Found by the ")
