"""Levers of life and surroundings: what they add, what changing them would give, and what nobody has verified."""

import math
from datetime import date

import numpy as np
import pandas as pd
import pytest

from precision.errors import InputError
from precision.features import integrate
from precision.model import Frame, registry
from precision.result import OK
from precision.synth import load_sample
from precision.treatment.contributions import contributions
from precision.treatment.levers import PatientLever, cohort_levers, levers, patient_levers, ranked
from tests.test_treatment import One
from tests.test_whatif import AT_RISK

SURROUNDED = {
    "alcohol_drinks_per_day": 3.0,
    "sleep_hours": 5.0,
    "pm25": 14.0,
    "no2": 30.0,
    "sdi_decile": 9.0,
    "diet_score": 4.0,
    "physically_active": 0.0,
    "bmi": 31.0,
}


def of(model: str = "prevent_sdi", outcome: str = "ascvd", **changes: float | str) -> dict[str, PatientLever]:
    patient = One(**(SURROUNDED | changes))
    result = registry()[model](patient.frame)
    found = patient_levers(patient, registry()[model], result, 0, result.column(outcome, 10))
    return {one.lever.name: one for one in found}


def test_every_field_of_the_brief_is_there() -> None:
    assert {lever.name for lever in levers()} == (
        {"smoking", "alcohol", "activity", "diet", "sleep", "weight", "air", "deprivation"}
    )


def test_a_verified_change_gives_its_absolute_gain() -> None:
    # Wahid 2016: 0.83 on the hazard of cardiovascular disease
    activity = of()["activity"]
    assert activity.change is not None
    before = activity.change.before[0]
    assert activity.gain == pytest.approx(before - (1 - (1 - before) ** 0.83), rel=1e-12)
    assert activity.words.startswith(f"{100 * activity.gain:.1f} points lower (Activity 150 minutes a week).")


def test_what_nobody_has_verified_says_so() -> None:
    found = of()
    for name in ("alcohol", "sleep"):
        assert found[name].words == "No verified effect"
        assert math.isnan(found[name].gain)
    assert of(outcome="hf")["smoking"].words == "No verified effect"


def test_surroundings_are_context_and_come_last() -> None:
    found = of()
    assert list(found)[-2:] == ["air", "deprivation"]
    for name in ("air", "deprivation"):
        assert "Not the patient's to change" in found[name].words
        assert found[name].intervention is None
    assert [known.label for known in found["air"].values] == ["Fine particles (PM2.5)", "Nitrogen dioxide"]


def test_levers_are_ranked_by_absolute_gain() -> None:
    found = tuple(of().values())
    gains = [one.gain for one in found if one.gain > 0]
    assert len(gains) == 4
    assert gains == sorted(gains, reverse=True)
    assert [one.gain for one in ranked(found)] == gains


def test_the_contribution_is_that_of_the_input_and_only_where_the_model_has_it() -> None:
    patient = One(**SURROUNDED)
    model = registry()["prevent_sdi"]
    result = model(patient.frame)
    k = result.column("ascvd", 10)
    shares = {row.label: row.share for row in contributions(model, result, 0, k).rows}
    found = of()
    assert found["smoking"].contribution == pytest.approx(shares["Smoking"], abs=1e-12)
    assert found["deprivation"].contribution == pytest.approx(shares["Area deprivation"], abs=1e-12)
    assert "by AHA PREVENT with social deprivation (Smoking)" in found["smoking"].contribution_words
    assert math.isnan(found["weight"].contribution)  # PREVENT reads body mass index for heart failure only
    assert "does not use it for this outcome" in found["weight"].contribution_words
    assert of(outcome="hf", bmi=39.0)["weight"].contribution > 0
    assert "Not recorded" in of(sdi_decile=math.nan)["deprivation"].contribution_words


def test_who_has_nothing_to_change_is_told_why() -> None:
    found = of(current_smoker=0.0, physically_active=1.0, bmi=24.0)
    assert found["smoking"].state == "not_applicable"
    assert found["activity"].words == "Done already: not counted again."
    assert "25 kg/m²" in found["weight"].words


def test_the_lever_of_smoking_says_what_helps() -> None:
    assert next(aid.name for aid in of()["smoking"].aids) == "varenicline"
    assert of(current_smoker=0.0)["smoking"].aids == ()


def test_for_diabetes_the_programme_of_the_trial_is_the_lever_of_weight() -> None:
    frame = pd.DataFrame([AT_RISK])
    model = registry()["findrisc"]
    result = model(frame)
    k = result.column("type2_diabetes", 10)
    found = {one.lever.name: one for one in patient_levers(Frame(frame), model, result, 0, k)}
    weight = found["weight"]
    assert weight.intervention is not None
    assert weight.intervention.id == "dpp_lifestyle"
    assert weight.contribution > 0  # body mass index and waist together
    assert found["smoking"].words == "No verified effect"


def test_values_carry_their_day() -> None:
    features = integrate(load_sample())
    model = registry()["prevent"]
    result = model(features)
    k = result.column("ascvd", 10)
    row = int(np.flatnonzero(result.status[:, k] == OK)[0])
    found = patient_levers(features, model, result, row, k)
    days = [known.time for one in found for known in one.values if known.time is not None]
    assert days
    assert all(isinstance(day, date) for day in days)


def test_a_patient_of_a_cohort_has_the_gains_and_contributions_they_would_have_alone() -> None:
    features = integrate(load_sample())
    model = registry()["prevent"]
    result = model(features)
    k = result.column("ascvd", 10)
    together = cohort_levers(features, model, result, k)
    rows = np.flatnonzero(result.status[:, k] == OK)[:12]
    for row in rows:
        alone = {one.lever.name: one for one in patient_levers(features, model, result, int(row), k)}
        for place, lever in enumerate(together.levers):
            one = alone[lever.name]
            assert together.gain[row, place] == pytest.approx(one.gain, rel=1e-12, nan_ok=True)
            assert together.contribution[row, place] == pytest.approx(
                one.contribution, rel=1e-9, abs=1e-15, nan_ok=True
            )
            if one.change is not None and one.intervention is not None:
                assert together.changes[together.best[row, place]] == one.intervention.id
    unknown = np.flatnonzero(result.status[:, k] != OK)
    assert np.isnan(together.gain[unknown]).all()


def test_the_summary_of_a_cohort_counts_whom_each_lever_would_help() -> None:
    features = integrate(load_sample())
    model = registry()["prevent"]
    result = model(features)
    found = cohort_levers(features, model, result, result.column("ascvd", 10), contributions=False)
    summary = found.summary().set_index("lever")
    assert summary.loc["smoking", "patients"] == np.count_nonzero(found.gain[:, 0] > 0)
    assert summary.loc["smoking", "prevented"] == pytest.approx(np.nansum(found.gain[:, 0]))
    assert summary.loc["air", "context"]
    assert summary.loc["sleep", "patients"] == 0
    assert np.isnan(found.contribution).all()


def test_without_an_estimate_there_are_no_levers() -> None:
    with pytest.raises(InputError, match="no estimate to start from"):
        of(total_cholesterol=math.nan)
