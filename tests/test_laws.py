"""Laws that hold for every model: rows stand alone, missing stays missing, ranges bind, risks rise with causes."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precision.model import Model, registry
from precision.result import MISSING, NOT_APPLICABLE, OK, OUT_OF_RANGE, Array
from precision.schema import variable
from tests.vectors import vectors

MODELS = sorted(registry())
SEEDS = st.integers(0, 2**32 - 1)


def cohort(model: Model, count: int, seed: int, holes: float = 0.2, beyond: float = 0.0) -> pd.DataFrame:
    """Made-up people: each input inside the model's range, some of them missing, some of them out of range."""
    rng = np.random.default_rng(seed)
    table = {name: _values(model, name, count, rng) for name in model.inputs}
    for name, values in table.items():
        values[rng.random(count) < holes] = np.nan
        if name in model.ranges:
            values[rng.random(count) < beyond] *= rng.choice([0.1, 10.0])
    return pd.DataFrame({"patient_id": [f"P{i}" for i in range(count)], **table})


def _values(model: Model, name: str, count: int, rng: np.random.Generator) -> Array:
    item = variable(name)
    if item.levels:
        covered = model.levels.get(name, item.levels)
        codes = [item.code(level) for level in covered]
        return np.where(rng.random(count) < 0.1, 1.0, 0.0) if name in model.excluded else rng.choice(codes, count)
    low, high = model.ranges.get(name, item.plausible)
    return rng.uniform(low, high, count)


def complete(model: Model) -> pd.DataFrame:
    """People of the published vectors for whom the model gives every estimate, over spans of its own length."""
    people = vectors(model).people
    people = people.drop(columns=[estimate.until for estimate in model.estimates], errors="ignore")
    everything = people[(model(people).status == OK).all(axis=1)].reset_index(drop=True)
    assert len(everything) > 1
    return everything.assign(**dict.fromkeys(model.excluded, 0.0))


@pytest.mark.parametrize("name", MODELS)
@settings(max_examples=15)
@given(seed=SEEDS)
def test_one_patient_alone_is_the_same_patient_in_a_cohort(name: str, seed: int) -> None:
    model = registry()[name]
    people = cohort(model, 7, seed, beyond=0.1)
    together = model(people)
    for row in range(len(people)):
        alone = model(people.iloc[[row]])
        np.testing.assert_allclose(alone.value[0], together.value[row], rtol=1e-12)
        np.testing.assert_array_equal(alone.status[0], together.status[row])
        assert alone.finding(f"P{row}").reasons == together.finding(f"P{row}").reasons
        assert alone.finding(f"P{row}").assumptions == together.finding(f"P{row}").assumptions


@pytest.mark.parametrize("name", MODELS)
@settings(max_examples=15)
@given(seed=SEEDS)
def test_reordering_the_patients_reorders_the_results(name: str, seed: int) -> None:
    model = registry()[name]
    people = cohort(model, 200, seed, beyond=0.1)
    order = np.random.default_rng(seed).permutation(len(people))
    straight, shuffled = model(people), model(people.iloc[order])
    np.testing.assert_allclose(shuffled.value, straight.value[order], rtol=1e-12)
    np.testing.assert_array_equal(shuffled.status, straight.status[order])
    assert list(shuffled.patients) == list(straight.patients[order])


@pytest.mark.parametrize("name", MODELS)
@settings(max_examples=25)
@given(seed=SEEDS, extrapolate=st.booleans())
def test_there_is_a_finite_number_exactly_where_the_status_is_ok(name: str, seed: int, extrapolate: bool) -> None:
    model = registry()[name]
    result = model(cohort(model, 300, seed, holes=0.05, beyond=0.05), extrapolate)
    np.testing.assert_array_equal(np.isfinite(result.value), result.status == OK)
    for k, estimate in enumerate(model.estimates):
        explained = (result.problems & result.relevant[k]) != 0
        assert explained[result.status[:, k] != OK].all(), "no number and no reason"
        assert extrapolate or not explained[result.status[:, k] == OK].any(), "a number in spite of a reason"
        if estimate.unit == "probability":
            assert not (result.value[:, k] < 0).any()
            assert not (result.value[:, k] > 1).any()


REQUIRED = [(name, required) for name in MODELS for required in registry()[name].required]


@pytest.mark.parametrize(("name", "required"), REQUIRED)
def test_a_missing_input_gives_no_value_and_is_named(name: str, required: str) -> None:
    model = registry()[name]
    people = complete(model)
    before, after = model(people), model(people.assign(**{required: np.nan}))
    for k, estimate in enumerate(model.estimates):
        if required in estimate.required:
            assert np.isnan(after.value[:, k]).all()
            assert (after.status[:, k] == MISSING).all()
            assert after.reasons(0, k) == (f"missing:{required}",)
        else:
            np.testing.assert_allclose(after.value[:, k], before.value[:, k], rtol=1e-12)
            assert after.reasons(0, k) == ()


def _limits(model: Model) -> Mapping[str, set[tuple[float, float]]]:
    own = [(name, limits) for estimate in model.estimates for name, limits in estimate.ranges.items()]
    every = [*model.ranges.items(), *own]
    return {name: {limits for other, limits in every if other == name} for name, _ in every}


BOUNDS = [
    (name, ranged, bound, np.inf if bound == limits[1] else -np.inf)
    for name in MODELS
    for ranged, several in _limits(registry()[name]).items()
    if ranged in registry()[name].required
    for limits in several
    for bound in limits
]


@pytest.mark.parametrize(("name", "ranged", "bound", "outwards"), BOUNDS)
def test_a_range_includes_its_bounds_and_nothing_beyond(name: str, ranged: str, bound: float, outwards: float) -> None:
    model = registry()[name]
    people = complete(model)
    at = model(people.assign(**{ranged: bound}))
    beyond = model(people.assign(**{ranged: np.nextafter(bound, outwards)}))
    asked = model(people.assign(**{ranged: np.nextafter(bound, outwards)}), extrapolate=True)
    crossed = 0
    for k, estimate in enumerate(model.estimates):
        limits = estimate.ranges.get(ranged, model.ranges.get(ranged))
        if ranged not in estimate.required or limits is None or bound not in limits:
            continue
        crossed += 1
        assert (at.status[:, k] == OK).all()
        assert (beyond.status[:, k] == OUT_OF_RANGE).all()
        assert beyond.reasons(0, k) == (f"range:{ranged}",)
        assert (asked.status[:, k] == OK).all()
        assert f"extrapolated:{ranged}" in asked.assumptions(0, k)
        np.testing.assert_allclose(asked.value[:, k], at.value[:, k], rtol=1e-6)
    assert crossed


@pytest.mark.parametrize(
    ("name", "optional"),
    [
        (name, optional)
        for name in MODELS
        for optional in registry()[name].optional
        if optional in registry()[name].ranges
    ],
)
def test_an_optional_input_out_of_range_counts_as_unknown(name: str, optional: str) -> None:
    model = registry()[name]
    people = complete(model)
    without = model(people.assign(**{optional: np.nan}))
    for bound, outwards in zip(model.ranges[optional], (-np.inf, np.inf), strict=True):
        ignored = model(people.assign(**{optional: np.nextafter(bound, outwards)}))
        np.testing.assert_array_equal(ignored.value, without.value)
        assert f"ignored:{optional}" in ignored.assumptions(0, 0)
        assert f"ignored:{optional}" not in model(people.assign(**{optional: bound})).assumptions(0, 0)


@pytest.mark.parametrize(
    ("name", "excluded"), [(name, excluded) for name in MODELS for excluded in registry()[name].excluded]
)
def test_a_person_the_model_is_not_for_gets_no_number(name: str, excluded: str) -> None:
    model = registry()[name]
    for extrapolate in (False, True):
        result = model(complete(model).assign(**{excluded: 1.0}), extrapolate)
        assert (result.status == NOT_APPLICABLE).all()
        assert result.reasons(0, 0) == (f"population:{excluded}",)


@pytest.mark.parametrize("name", [name for name in MODELS if registry()[name].levels])
def test_a_level_that_the_model_does_not_cover_gets_no_number(name: str) -> None:
    model = registry()[name]
    for restricted, covered in model.levels.items():
        for level in set(variable(restricted).levels) - {*covered}:
            result = model(complete(model).assign(**{restricted: level}))
            assert (result.status == NOT_APPLICABLE).all()
            assert result.reasons(0, 0) == (f"level:{restricted}",)


# What rises through which steps, in people with the other inputs inside the given limits. The published equations turn
# outside them: in prevent_full the heart failure of treated men falls with pressure from 75.7 years on,
# 55 + 10 (0.3112 - 0.0591) / 0.1219; the age terms of diabetes, low eGFR and pressure outweigh age itself;
# and in the Pooled Cohort Equations white men of 79 gain from smoking.
Limits = Mapping[str, tuple[float, float]]
HEALTHY: Limits = {"diabetes": (0, 0), "current_smoker": (0, 0), "egfr": (60, 140), "systolic_bp": (110, 140)}
PRESSURES, AGES, NO_YES = (110.0, 125.0, 140.0, 170.0, 200.0), (30.0, 40.0, 50.0, 60.0, 70.0, 79.0), (0.0, 1.0)
PREVENT = [name for name in MODELS if name.startswith("prevent")]
RISES: list[tuple[str, str, tuple[float, ...], Limits]] = [
    *[(name, "systolic_bp", PRESSURES, {"age": (30, 75)}) for name in PREVENT],
    *[(name, "current_smoker", NO_YES, {}) for name in PREVENT],
    *[(name, "age", AGES, HEALTHY) for name in PREVENT],
    ("prevent_base", "diabetes", NO_YES, {}),
    ("pooled_cohort", "systolic_bp", PRESSURES, {}),
    ("pooled_cohort", "current_smoker", NO_YES, {"age": (40, 75)}),
    ("pooled_cohort", "diabetes", NO_YES, {}),
]


@pytest.mark.parametrize(("name", "rising", "steps", "limits"), RISES)
@settings(max_examples=10)
@given(seed=SEEDS)
def test_ten_year_risk_rises_with_what_causes_it(
    name: str, rising: str, steps: tuple[float, ...], limits: Limits, seed: int
) -> None:
    model = registry()[name]
    people = cohort(model, 200, seed, holes=0.0).assign(**dict.fromkeys(model.excluded, 0.0))
    people = people.assign(**{held: people[held].clip(low, high) for held, (low, high) in limits.items()})
    ten = [k for k, estimate in enumerate(model.estimates) if estimate.horizon_years == 10]
    risks = np.stack([model(people.assign(**{rising: step})).value[:, ten] for step in steps])
    assert (np.diff(risks, axis=0) > 0).all()


@settings(max_examples=10)
@given(seed=SEEDS)
def test_filtration_falls_with_creatinine_and_with_age(seed: int) -> None:
    model = registry()["ckd_epi_2021"]
    people = cohort(model, 200, seed, holes=0.0)
    for falling, steps in (("creatinine", (0.3, 0.6, 0.8, 1.0, 3.0, 10.0)), ("age", (18.0, 40.0, 65.0, 90.0))):
        rates = np.stack([model(people.assign(**{falling: step})).value[:, 0] for step in steps])
        assert (np.diff(rates, axis=0) < 0).all()
