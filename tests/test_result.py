"""A Result can be asked about one patient, all patients, and why."""

import math

import numpy as np
import pandas as pd
import pytest

from precision.errors import InputError
from precision.model import registry
from precision.result import STATUSES, Citation, Result

PEOPLE = pd.DataFrame(
    {
        "patient_id": ["P1", "P2", "P3", "P4"],
        "sex": ["female", "male", "male", "female"],
        "age": [50, 82, 61, 45],
        "total_cholesterol": [200, 200, np.nan, 180],
        "hdl_cholesterol": [45, 45, np.nan, 60],
        "systolic_bp": [160, 140, 130, 120],
        "antihypertensive_treatment": [1, 0, 0, 0],
        "statin_treatment": [0, 0, 0, 0],
        "diabetes": [1, 0, 0, 0],
        "current_smoker": [0, 0, 1, 0],
        "egfr": [90, 70, 80, 95],
        "bmi": [35, 27, 24, 22],
        "prior_cvd": [0, 0, 0, 1],
    }
)


@pytest.fixture(scope="module")
def result() -> Result:
    return registry()["prevent"](PEOPLE)


def test_a_finding_answers_how_much_from_what_and_said_by_whom(result: Result) -> None:
    finding = result.finding("P1", "ascvd", 10)
    assert finding.value == pytest.approx(0.092, abs=0.0005)  # worked example in the README of preventr
    assert (finding.status, finding.text, finding.unit) == ("ok", "9.2%", "probability")
    assert math.isnan(finding.low)
    assert math.isnan(finding.high)
    assert finding.inputs["systolic_bp"] == 160
    assert finding.ranges["age"] == (30, 79)
    assert finding.citation.url == "https://doi.org/10.1161/CIRCULATIONAHA.123.067626"
    assert finding.knowledge == {"prevent": "2023"}
    assert (finding.missing, finding.reasons, finding.warnings) == ((), (), ())


def test_the_first_estimate_and_the_first_horizon_are_given_where_none_is_named(result: Result) -> None:
    assert (result.finding("P1").outcome, result.finding("P1").horizon_years) == ("total_cvd", 10)
    assert result.finding("P1", "hf").horizon_years == 10
    assert result.finding("P1", "hf", 30).ranges["age"] == (30, 59)


def test_the_four_states_are_told_apart(result: Result) -> None:
    states = [result.finding(patient, "ascvd", 10).status for patient in result.patients]
    assert states == ["ok", "out_of_range", "missing", "not_applicable"]
    assert {*states} == {*STATUSES}
    assert result.finding("P2").warnings == ("Age 82 is outside 30 to 79 years.",)
    assert result.finding("P3").missing == ("total_cholesterol", "hdl_cholesterol")
    assert result.finding("P4").warnings == ("This model is for people without known cardiovascular disease.",)


def test_reasons_are_counted_per_estimate_most_frequent_first(result: Result) -> None:
    ascvd, heart_failure = result.column("ascvd", 10), result.column("hf", 10)
    assert sum(result.reason_counts(ascvd).values()) == 4  # P2 age, P3 two cholesterols, P4 prior disease
    assert result.reason_counts(heart_failure) == {"range:age": 1, "population:prior_cvd": 1}
    thirty = result.reason_counts(result.column("hf", 30))
    assert next(iter(thirty.items())) == ("range:age", 2)  # P2 and P3 are over 59


def test_the_long_table_has_one_row_per_patient_and_estimate_in_patient_order(result: Result) -> None:
    table = result.to_frame()
    assert list(table) == [
        *("row_id", "model", "outcome", "horizon_years", "value", "low", "high", "status", "reasons"),
    ]  # fmt: skip
    assert len(table) == 4 * 10
    assert list(table["row_id"].unique()) == ["P1", "P2", "P3", "P4"]
    assert list(table["outcome"].head(5)) == ["total_cvd", "ascvd", "hf", "chd", "stroke"]
    row = table.query("row_id == 'P3' and outcome == 'ascvd' and horizon_years == 30").iloc[0]
    assert row["status"] == "missing"
    assert row["reasons"] == "missing:total_cholesterol;missing:hdl_cholesterol;range:age"
    assert math.isnan(row["value"])
    agreed = table.loc[table["status"] == "ok", "value"]
    assert agreed.notna().all()
    assert agreed.iloc[0] == result.finding("P1").value


def test_a_patient_or_outcome_that_is_not_there_is_named(result: Result) -> None:
    with pytest.raises(InputError, match="no patient 'P9' in this result of 4 patients"):
        result.finding("P9")
    with pytest.raises(InputError, match="prevent has no outcome 'gout'"):
        result.finding("P1", "gout")
    with pytest.raises(InputError, match="at horizon 20; it has total_cvd at 10 years"):
        result.column("ascvd", 20)


def test_an_identifier_that_stands_twice_is_refused_for_one_finding() -> None:
    twice = registry()["prevent"](PEOPLE.assign(patient_id=["P1", "P1", "P2", "P3"]))
    with pytest.raises(InputError, match="'P1' stands in several rows"):
        twice.finding("P1")


def test_rows_without_identifiers_are_found_by_their_number() -> None:
    unnamed = registry()["prevent"](PEOPLE.drop(columns="patient_id"))
    assert unnamed.finding("2").missing == ("total_cholesterol", "hdl_cholesterol")
    with pytest.raises(InputError, match="no patient 'two'"):
        unnamed.finding("two")


def test_a_number_finds_the_patient_whose_identifier_is_that_number() -> None:
    numbered = registry()["prevent"](PEOPLE.assign(patient_id=[7, 8, 9, 10]))
    assert numbered.finding(8).inputs["age"] == numbered.finding("8").inputs["age"] == 82
    assert numbered.finding(8).patient == "8"
    with pytest.raises(InputError, match="no patient '11'"):
        numbered.finding(11)


def test_a_notebook_shows_numbers_and_never_markup_from_the_data() -> None:
    named = registry()["prevent"](PEOPLE.assign(patient_id=["<b>x</b>", "P2", "P3", "P4"]))
    page = named.finding("<b>x</b>", "ascvd", 10)._repr_html_()
    assert "9.2%" in page
    assert "no interval published" in page
    assert "<b>x</b>" not in page
    summary = named._repr_html_()
    assert "4 patients" in summary
    assert "10 years" in summary


def test_a_citation_without_doi_has_no_address() -> None:
    assert Citation("A guideline").url == ""
