"""The bars add up: contributions share out exactly what divides a patient from a healthy peer."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precision.errors import InputError
from precision.figures.contributions import alt, figure, shown
from precision.model import registry
from precision.treatment.contributions import contributions, peers, rounded

HEALTHY = {
    "total_cholesterol": 170.0,
    "hdl_cholesterol": 50.0,
    "systolic_bp": 110.0,
    "antihypertensive_treatment": 0.0,
    "statin_treatment": 0.0,
    "diabetes": 0.0,
    "current_smoker": 0.0,
    "egfr": 90.0,
    "bmi": 25.0,
}
PATIENT = HEALTHY | {
    "patient_id": "P1",
    "sex": 1.0,
    "age": 58.0,
    "systolic_bp": 148.0,
    "total_cholesterol": 240.0,
    "hdl_cholesterol": 40.0,
    "current_smoker": 1.0,
}


def estimated(name: str = "prevent_base", **changes: float):  # noqa: ANN201 (model and result, as the library gives them)
    model = registry()[name]
    return model, model(pd.DataFrame([PATIENT | changes]))


@settings(max_examples=25)
@given(
    st.floats(95, 195),
    st.floats(135, 315),
    st.floats(22, 98),
    st.sampled_from([0.0, 1.0]),
    st.sampled_from([0.0, 1.0]),
    st.floats(16, 138),
)
def test_contributions_add_up_to_the_difference_from_the_peer(
    sbp: float, tc: float, hdl: float, diabetes: float, treated: float, egfr: float
) -> None:
    model, result = estimated(
        systolic_bp=sbp,
        total_cholesterol=tc,
        hdl_cholesterol=hdl,
        diabetes=diabetes,
        antihypertensive_treatment=treated,
        egfr=egfr,
    )
    for k in (0, 1, 2, 6):
        parts = contributions(model, result, 0, k)
        assert sum(row.share for row in parts.rows) == pytest.approx(parts.risk - parts.peer, abs=1e-12)
        assert parts.risk == pytest.approx(result.value[0, k], rel=1e-12)
        assert parts.peer == pytest.approx(peers(model, result)[0, k], rel=1e-12)


def test_the_shares_are_the_mean_over_all_orders_of_change() -> None:
    model, result = estimated()
    k = result.column("ascvd", 10)
    groups = {
        "Systolic pressure": {"systolic_bp": 148.0},
        "Smoking": {"current_smoker": 1.0},
        "Non-HDL cholesterol": {"non_hdl": 200.0},
        "HDL cholesterol": {"hdl_cholesterol": 40.0},
    }

    def risk(present: frozenset[str]) -> float:
        person = PATIENT | HEALTHY | {"non_hdl": 120.0}
        for name in present:
            person |= groups[name]
        person["total_cholesterol"] = person.pop("non_hdl") + person["hdl_cholesterol"]
        return float(model(pd.DataFrame([person])).value[0, k])

    means = dict.fromkeys(groups, 0.0)
    orders = list(itertools.permutations(groups))
    for order in orders:
        for i, name in enumerate(order):
            means[name] += (risk(frozenset(order[: i + 1])) - risk(frozenset(order[:i]))) / len(orders)
    found = {row.label: row.share for row in contributions(model, result, 0, k).rows}
    for name, share in means.items():
        assert found[name] == pytest.approx(share, abs=1e-12)


def test_an_input_at_its_healthy_value_contributes_nothing() -> None:
    model, result = estimated()
    found = {row.label: row.share for row in contributions(model, result, 0, 0).rows}
    assert found["Diabetes"] == 0
    assert found["Kidney function (eGFR)"] == 0


def test_an_optional_input_that_is_missing_is_missing_for_the_peer_too() -> None:
    model, result = estimated("prevent", hba1c=math.nan)
    assert "HbA1c" not in {row.label for row in contributions(model, result, 0, 0).rows}
    _, known = estimated("prevent", hba1c=6.4)
    assert "HbA1c" in {row.label for row in contributions(model, known, 0, 0).rows}


def test_without_an_estimate_there_is_nothing_to_explain() -> None:
    model, result = estimated(total_cholesterol=math.nan)
    with pytest.raises(InputError, match="no estimate to explain"):
        contributions(model, result, 0, 0)


@given(st.lists(st.floats(-30, 30), min_size=1, max_size=12))
def test_rounded_points_add_up_to_their_rounded_sum(values: list[float]) -> None:
    shown_values = rounded(values)
    assert sum(shown_values) == pytest.approx(round(sum(values), 1), abs=0.051)
    assert round(sum(shown_values) * 10) == round(sum(values) * 10)
    assert all(abs(a - b) < 0.1 + 1e-9 for a, b in zip(values, shown_values, strict=True))


def test_the_figure_shows_what_the_table_says() -> None:
    model, result = estimated()
    parts = contributions(model, result, 0, 1)
    made = figure(parts)
    assert list(made.data[0].x) == [value for *_, value in shown(parts)]
    total = sum(value for *_, value in shown(parts))
    assert total == pytest.approx(100 * (parts.risk - parts.peer), abs=0.051)
    assert "Systolic pressure 148 mmHg" in alt(parts)
    assert np.isfinite(made.layout.height)
