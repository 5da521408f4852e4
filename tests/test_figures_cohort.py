"""The cohort's figures: what they draw is what was counted, and their words say the same."""

import json

import numpy as np
import plotly.graph_objects as go
import pytest

from precision.figures import cohort
from precision.figures.style import EVENT
from precision.result import Estimate
from precision.workbench.population import Density, RiskGroup
from precision.workbench.risks import Risk

NAN = float("nan")
ASKED = Risk("prevent", "AHA PREVENT", Estimate("ascvd", "Heart attack or stroke", horizon_years=10.0))
CELLS = Density(
    risk=ASKED,
    ages=np.array([40.0, 50.0, 60.0]),
    risks=np.array([0.0, 0.05, 0.1]),
    counts=np.array([[6, 0], [1, 7]]),
    median=np.array([0.021, 0.071]),
)
GROUPS = (RiskGroup("Low", "below 3%", 412), RiskGroup("High", "10% or more", 0))


def drawn(figure: go.Figure, trace: int) -> dict[str, object]:
    """A trace as the browser gets it."""
    return json.loads(str(figure.to_json()))["data"][trace]


def test_the_heat_map_shows_each_count_in_percent_and_years_and_empty_cells_blank() -> None:
    heat = drawn(cohort.risk_by_age(CELLS), 0)
    assert (heat["x"], heat["y"]) == ([45.0, 55.0], [2.5, 7.5])
    assert heat["z"] == [[6, None], [2.5, 7]]  # 1 patient: the colour of all from 1 to 4
    assert heat["customdata"] == [["6", "0"], ["fewer than 5", "7"]]
    assert heat["zmax"] == 7


def test_the_median_is_a_dashed_line_in_percent() -> None:
    line = drawn(cohort.risk_by_age(CELLS), 1)
    assert line["y"] == pytest.approx([2.1, 7.1])
    assert line["line"] == {"color": EVENT, "dash": "dash", "width": 2}


def test_the_heat_map_says_in_words_how_many_and_how_risk_rises() -> None:
    assert cohort.risk_by_age_alt(CELLS) == (
        "14 patients aged 40 to 60 years by 10-year risk; median 2.1% at 40 to 50, 7.1% at 50 to 60"
    )


def test_too_few_for_a_median_is_said_in_words() -> None:
    none = Density(CELLS.ages, CELLS.risks, CELLS.counts, np.array([NAN, NAN]), ASKED)
    assert cohort.risk_by_age_alt(none).endswith("; too few at any age for a median")
    one = Density(CELLS.ages, CELLS.risks, CELLS.counts, np.array([NAN, 0.071]), ASKED)
    assert cohort.risk_by_age_alt(one).endswith("; median 7.1% at 50 to 60")


def test_the_bars_are_the_counts_and_those_without_an_estimate_are_hatched() -> None:
    bars = drawn(cohort.risk_groups(GROUPS, 88), 0)
    assert bars["x"] == [412, 0, 88]
    assert bars["y"] == ["Low<br>below 3%", "High<br>10% or more", "Not estimated"]
    assert '"shape": ["", "", "/"]' in json.dumps(bars["marker"])
    assert bars["text"] == ["412 <b>82%</b>", "0", "88 <b>17.6%</b>"]  # of 500


def test_a_bar_of_one_to_four_patients_has_no_length_and_no_number() -> None:
    bars = drawn(cohort.risk_groups((RiskGroup("Low", "", 4), RiskGroup("High", "", 5)), 0), 0)
    assert bars["x"] == [0, 5, 0]
    assert bars["text"] == ["Fewer than 5", "5 <b>56%</b>", "0"]
    assert bars["customdata"] == ["fewer than 5", "5", "0"]


def test_labels_fit_because_the_axis_is_longer_than_the_longest_bar() -> None:
    made = json.loads(str(cohort.risk_groups(GROUPS, 88).to_json()))
    assert made["layout"]["xaxis"]["range"] == [0, pytest.approx(1.5 * 412)]


def test_the_bars_say_the_same_in_words() -> None:
    assert cohort.risk_groups_alt(GROUPS, 88) == (
        "Low, below 3%: 412 (82%); High, 10% or more: 0; Not estimated: 88 (17.6%)"
    )
    assert cohort.share(5, 5) == "5 (100%)"


def test_classes_stand_by_name_on_the_axis_and_the_median_in_the_middle_of_one() -> None:
    stage = Risk("kdigo", "KDIGO", Estimate("stage", "Stage", unit="", levels=("G1", "G2")))
    cells = Density(CELLS.ages, np.array([0.0, 1.0, 2.0]), CELLS.counts, np.array([0.0, 1.0]), stage)
    made = json.loads(str(cohort.risk_by_age(cells).to_json()))
    assert made["layout"]["yaxis"]["ticktext"] == ["G1", "G2"]
    assert made["layout"]["yaxis"]["tickvals"] == [0.5, 1.5]
    assert made["layout"]["yaxis"]["title"]["text"] == "Class"
    assert made["data"][1]["y"] == [0.5, 1.5]
    assert cohort.risk_by_age_alt(cells) == (
        "14 patients aged 40 to 60 years by class; median G1 at 40 to 50, G2 at 50 to 60"
    )


def test_points_are_no_percent() -> None:
    score = Risk("findrisc", "FINDRISC", Estimate("findrisc", "Finnish diabetes risk score", unit="{score}"))
    cells = Density(CELLS.ages, np.array([0.0, 5.0, 10.0]), CELLS.counts, np.array([3.0, 7.0]), score)
    made = json.loads(str(cohort.risk_by_age(cells).to_json()))
    assert (made["data"][0]["y"], made["data"][1]["y"]) == ([2.5, 7.5], [3.0, 7.0])
    assert made["layout"]["yaxis"]["title"]["text"] == "Score"


def test_a_group_without_a_name_or_without_a_range_has_one_line() -> None:
    groups = (RiskGroup("", "below 1%", 3), RiskGroup("G3a", "", 1))
    assert drawn(cohort.risk_groups(groups, 0), 0)["y"] == ["below 1%", "G3a", "Not estimated"]
    assert cohort.risk_groups_alt(groups, 0) == "below 1%: Fewer than 5; G3a: Fewer than 5; Not estimated: 0"
