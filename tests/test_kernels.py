"""The numerical kernels agree with their plain definitions."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from precision.kernels import STRIP, logistic, product


@pytest.mark.parametrize(("log_odds", "probability"), [(0.0, 0.5), (math.log(3), 0.75), (-math.log(3), 0.25)])
def test_log_odds_of_three_to_one_are_three_quarters(log_odds: float, probability: float) -> None:
    assert logistic(np.array([log_odds]))[0] == pytest.approx(probability, rel=1e-15)


@given(st.floats(-700, 700))
def test_log_odds_and_their_opposite_add_up_to_one(log_odds: float) -> None:
    given_odds = np.array([log_odds, -log_odds])
    assert logistic(given_odds).sum() == pytest.approx(1, rel=1e-12)
    assert given_odds.tolist() == [log_odds, -log_odds], "the argument was changed"


@pytest.mark.parametrize("patients", [0, 1, STRIP - 1, STRIP, 2 * STRIP + 7])
def test_a_product_in_strips_is_the_product(patients: int) -> None:
    rng = np.random.default_rng(7)
    weights, terms = rng.normal(size=(3, 5)), rng.normal(size=(5, patients))
    expected = np.array([[math.fsum(weights[k] * terms[:, i]) for i in range(patients)] for k in range(3)])
    np.testing.assert_allclose(product(weights, terms), expected.reshape(3, patients), atol=1e-13)
