"""The bars add up: contributions share out exactly what divides a patient from a healthy peer."""

import itertools
import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from precision.coefficients import Coefficients
from precision.errors import InputError
from precision.figures.contributions import alt, difference, figure, heading, note, shown, table
from precision.figures.contributions import healthy as as_in_the_peer
from precision.model import Inputs, Model, registry
from precision.result import OK, Estimate
from precision.treatment.contributions import Contribution, Contributions, contributions, peers, rounded, shares
from tests.vectors import vectors

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
        values = HEALTHY | {"non_hdl": 120.0}
        for name in present:
            values |= groups[name]
        values["total_cholesterol"] = values["non_hdl"] + values["hdl_cholesterol"]
        person = PATIENT | values
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
    assert found["eGFR"] == 0


def test_an_optional_input_that_is_missing_is_missing_for_the_peer_too() -> None:
    model, result = estimated("prevent", hba1c=math.nan)
    assert "HbA1c" not in {row.label for row in contributions(model, result, 0, 0).rows}
    _, known = estimated("prevent", hba1c=6.4)
    assert "HbA1c" in {row.label for row in contributions(model, known, 0, 0).rows}


def test_without_an_estimate_there_is_nothing_to_explain() -> None:
    model, result = estimated(total_cholesterol=math.nan)
    with pytest.raises(InputError, match="no estimate to explain"):
        contributions(model, result, 0, 0)


@example([0.75, 0.85, 0.85])  # 2.45: a tie
@given(st.lists(st.floats(-30, 30), min_size=1, max_size=12))
def test_rounded_points_add_up_to_their_rounded_sum(values: list[float]) -> None:
    shown_values = rounded(values)
    assert sum(shown_values) == pytest.approx(round(sum(values), 1), abs=0.051)
    assert round(sum(shown_values) * 10) == round(round(sum(values), 1) * 10)
    assert all(abs(a - b) < 0.1 + 1e-9 for a, b in zip(values, shown_values, strict=True))


def test_the_figure_shows_what_the_table_says() -> None:
    model, result = estimated()
    parts = contributions(model, result, 0, 1)
    made = figure(parts)
    assert json.loads(str(made.to_json()))["data"][0]["x"] == [
        value for _, here, healthy, value in shown(parts) if here != healthy
    ]
    assert all(value == 0 for _, here, healthy, value in shown(parts) if here == healthy)
    assert "Diabetes" in as_in_the_peer(parts)
    total = sum(value for *_, value in shown(parts))
    assert total == pytest.approx(100 * (parts.risk - parts.peer), abs=0.051)
    assert "Systolic pressure 148 mmHg" in alt(parts)
    assert np.isfinite(made.layout.height)
    assert table(parts)["Points"].sum() == pytest.approx(total)


@settings(max_examples=40)
@given(st.floats(0.01, 0.6), st.lists(st.floats(-0.1, 0.1), min_size=1, max_size=8))
def test_the_sum_on_the_screen_is_that_of_the_two_risks_on_the_screen(peer: float, shares: list[float]) -> None:
    rows = tuple(Contribution(f"Input {i}", "1", "0", share) for i, share in enumerate([*shares, 0.0]))
    parts = Contributions(peer + sum(shares), peer, rows)
    bars = [value for *_, value in shown(parts)]
    on_screen = round(round(100 * parts.risk, 1) - round(100 * parts.peer, 1), 1)
    assert round(sum(bars), 1) == on_screen == difference(parts)
    assert bars[-1] == 0
    assert all(abs(100 * row.share - bar) < 0.1 + 1e-9 for row, bar in zip(rows, bars, strict=True))


def test_heading_and_note_give_the_numbers_that_the_bars_divide() -> None:
    # 9.84 and 5.56 % show as 9.8 and 5.6: the bars add up to 4.2, although the difference is 4.28
    parts = Contributions(0.0984, 0.0556, (Contribution("A", "1", "0", 0.0214), Contribution("B", "1", "0", 0.0214)))
    assert heading(parts) == "What makes it 9.8% and not 5.6%"
    assert note(parts).endswith("Bars add up to +4.2.")
    assert sum(value for *_, value in shown(parts)) == pytest.approx(4.2)


def test_two_inputs_that_act_alike_contribute_alike() -> None:
    # risk depends on the sum of both: their shares are equal whatever the curve
    def formula(inputs: Inputs, table: Coefficients) -> np.ndarray:
        return (1 - np.exp(-0.01 * (inputs["diabetes"] + inputs["current_smoker"]) ** 2 - 0.01))[:, None]

    like = registry()["prevent_base"]
    model = Model(
        name="alike",
        label="Alike",
        estimates=(Estimate("x", "X", horizon_years=10, required=("diabetes", "current_smoker")),),
        coefficients=like.coefficients,
        formula=formula,
        citation=like.citation,
        population="",
    )
    result = model(pd.DataFrame({"diabetes": [1.0], "current_smoker": [1.0]}))
    shares = [row.share for row in contributions(model, result, 0, 0).rows]
    assert shares[0] == pytest.approx(shares[1], abs=1e-15)
    assert sum(shares) == pytest.approx((1 - math.exp(-0.05)) - (1 - math.exp(-0.01)), abs=1e-12)


def test_the_peer_of_a_patient_outside_the_validated_ages_has_no_risk() -> None:
    model, result = estimated(age=84.0)
    assert np.isnan(peers(model, result)).all()


def test_peers_of_a_cohort_are_those_of_each_patient_alone() -> None:
    model = registry()["prevent"]
    people = pd.DataFrame([PATIENT, PATIENT | {"age": 40.0, "sex": 0.0, "hba1c": 6.4}, PATIENT | {"bmi": math.nan}])
    people["patient_id"] = ["P1", "P2", "P3"]
    together = peers(model, model(people))
    for i in range(3):
        alone = peers(model, model(people.iloc[[i]]))
        np.testing.assert_allclose(alone[0], together[i], rtol=1e-12)


def test_only_a_risk_is_shared_out() -> None:
    model = registry()["ckd_epi_2021"]
    result = model(pd.DataFrame([PATIENT | {"creatinine": 1.0}]))
    with pytest.raises(InputError, match="not risks"):
        contributions(model, result, 0, 0)
    with pytest.raises(InputError, match="not risks"):
        peers(model, result)


@pytest.mark.parametrize(
    "name", [name for name, model in registry().items() if any(e.unit == "probability" for e in model.estimates)]
)
def test_the_bars_of_every_risk_model_add_up(name: str) -> None:
    model = registry()[name]
    people = vectors(model).people
    result = model(people.assign(**dict.fromkeys(model.excluded, 0.0)))
    for k, estimate in enumerate(model.estimates):
        good = np.flatnonzero(result.status[:, k] == OK)[:3]
        assert len(good)
        if estimate.unit != "probability":
            continue
        together = shares(model, result, k)
        for row in good:
            parts = contributions(model, result, int(row), k)
            assert sum(bar.share for bar in parts.rows) == pytest.approx(parts.risk - parts.peer, abs=1e-12)
            assert parts.risk == pytest.approx(result.value[row, k], rel=1e-12)
            healthy = peers(model, result)[row, k]
            assert math.isnan(healthy) or parts.peer == pytest.approx(healthy, rel=1e-12)
            of_cohort = sorted(values[row] for values in together.values() if not math.isnan(values[row]))
            assert of_cohort == pytest.approx(sorted(bar.share for bar in parts.rows), abs=1e-12)
