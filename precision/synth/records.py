"""What stands in the record beside measurements: illness, drugs, habits, surroundings, relatives and consent."""

from itertools import groupby

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.synth import scenarios, tables
from precision.synth.draws import Array, Draws
from precision.synth.history import Column, Mask, graded
from precision.synth.people import GROUPS, People
from precision.synth.visits import ADULT, INDEX_DATE, YEAR, started, visits

TODAY = np.datetime64(INDEX_DATE)
SELF_REPORTED = {"AFR": "black", "AMR": "hispanic", "EAS": "asian", "EUR": "white", "MID": "other", "SAS": "asian"}
UNKNOWN_SMOKING, UNKNOWN_DEPRIVATION, UNKNOWN_ANCESTRY, NO_SURVEY = 0.05, 0.12, 0.04, 0.15  # shares (assumptions)
SCOPES = ("pgx", "primary_findings", "acmg_sf", "carrier", "prs", "family_contact")
PERMITTED = (0.97, 0.98, 0.72, 0.66, 0.8, 0.7)  # share that permits each scope for care (assumption)
NO_CONSENT_RECORD = 0.1
UNITS_PER_DRINK = 14 / 8  # grams of ethanol in a United States drink and in a United Kingdom unit
EXCESS_DRINKS = 8  # a week, from which HAS-BLED counts alcohol


def patients(person: People, draws: Draws) -> pd.DataFrame:
    """One row per person: sex, age, self-reported group, genetic similarity."""
    group = np.array(GROUPS)[person["ancestry_group"].astype(np.intp)]
    told = draws.uniform("ancestry unknown") >= UNKNOWN_ANCESTRY
    told |= scenarios.here(draws)
    return pd.DataFrame(
        {
            "patient": np.arange(draws.people),
            "sex": np.where(person["female"] == 1, "female", "male"),
            "age": person["age"],
            "ancestry": pd.Series(group).map(SELF_REPORTED).where(told),
            "ancestry_group": pd.Series(group).where(told),
        }
    )


def conditions(person: People, draws: Draws) -> pd.DataFrame:
    """Illnesses with ICD-10-CM code, onset and status."""
    parts: list[pd.DataFrame] = []
    for row in tables.rows("conditions"):
        ill = np.flatnonzero(person[row["quantity"]] == 1)
        onset = TODAY - _onset(person, draws, row)[ill].astype(np.int64)
        parts.append(_same(ill, code=row["code"], label=row["label"], onset_date=onset, status=row["status"]))
    return _sorted(parts, "onset_date")


def _onset(person: People, draws: Draws, row: tables.Row) -> Array:
    """(N,) days before the index date on which an illness began, at least two weeks before the drug for it."""
    low, high = float(row["years_low"]), float(row["years_high"])
    years = low + (high - low) * draws.uniform(f"onset of {row['quantity']}")
    years = np.minimum(years, np.maximum(person["age"] - ADULT, 0.5))
    if row["tumour_type"]:
        years[scenarios.here(draws)] = low  # their stories begin with the diagnosis
    days = np.floor(years * YEAR)
    drug = row["drug"]
    return np.maximum(days, (started(person, draws, drug) + 14) * person[drug]) if drug else days


def medications(person: People, draws: Draws) -> pd.DataFrame:
    """Drugs with RxNorm ingredient, ATC code, daily dose in mg, start, stop and status."""
    parts: list[pd.DataFrame] = []
    for name, listed in groupby(tables.rows("medications"), key=lambda row: row["quantity"]):
        options = list(listed)
        choice = draws.chosen(f"drug for {name}", tables.numbers(options, "share"))
        start = TODAY - started(person, draws, name).astype(np.int64)
        stopped = (draws.uniform(f"stopped {name}") < 0.03) & ~np.isin(name, STEADY)
        for k, row in enumerate(options):
            takes = np.flatnonzero((person[name] == 1) & (choice == k))
            gone = stopped[takes]
            stop = np.where(gone, TODAY - 30, np.datetime64("NaT"))
            parts.append(_same(takes, drug=row["drug"], code=row["code"], atc=row["atc"]))
            parts[-1]["dose"] = float(row["dose"] or "nan")
            parts[-1] = parts[-1].assign(start=start[takes], stop=stop, status=np.where(gone, "stopped", "active"))
    return _sorted(parts, "start")


STEADY = ("statin", "hypertension_treated", "second_antihypertensive")  # whose effect the measurements show until today


def lifestyle(person: People, draws: Draws) -> pd.DataFrame:
    """Smoking, alcohol, activity, sleep and diet, asked at the newest visit; some never answered."""
    known = (draws.uniform("smoking unknown") >= UNKNOWN_SMOKING) | scenarios.here(draws)
    answered = (draws.uniform("survey") >= NO_SURVEY) | scenarios.here(draws)
    when = {"patient": np.arange(draws.people), "time": TODAY - visits(draws)[:, 0]}
    table = pd.DataFrame(when | _smoking(person, known) | _habits(person, answered) | _further(person, known, answered))
    return table[known | answered].reset_index(drop=True)


def _smoking(person: People, known: Mask) -> dict[str, Column]:
    status = np.select([person["current_smoker"] == 1, person["former_smoker"] == 1], ["current", "former"], "never")
    return {
        "smoking_status": pd.Series(status).where(known),
        "pack_years": _where(known, np.round(person["pack_years"], 1)),
        "cigarettes_per_day": _where(known, np.round(person["cigarettes_per_day"] * person["ever_smoker"])),
    }


def _habits(person: People, answered: Mask) -> dict[str, Column]:
    days = np.clip(np.round(person["activity_minutes"] / 35), 0, 7)
    return {
        "alcohol_drinks_per_day": _where(answered, _drinks(person)),
        "activity_days_per_week": _where(answered, days),
        "activity_min_per_day": _where(answered, np.round(person["activity_minutes"] / np.maximum(days, 1))),
        "sleep_hours": _where(answered, np.round(person["sleep_hours"], 1)),
        "diet_score": _where(answered, np.round(person["diet_score"])),
    }


def _drinks(person: People) -> Array:
    return np.round(person["drinks_per_day"] * person["drinks_alcohol"], 1)


def _further(person: People, known: Mask, answered: Mask) -> dict[str, Column]:
    """Years of smoking and without, and the answers that single risk models ask for."""
    smoked = known & (person["ever_smoker"] == 1)
    hours = person["activity_minutes"] / 60 * person["vigorous_share"] / 100
    week = 7 * _drinks(person)
    return {
        "smoking_years": _where(known, np.round(person["smoking_years"], 1)),
        "years_since_quitting": _where(smoked, person["years_since_quitting"]),
        "alcohol_units_per_week": _where(answered, np.round(week * UNITS_PER_DRINK, 1)),
        "alcohol_excess": _where(answered, (week >= EXCESS_DRINKS).astype(np.float64)),
        "physically_active": _where(answered, person["active_daily"]),
        "vigorous_exercise_category": graded(hours, "vigorous_hours").where(answered),
        "daily_vegetables_fruit": _where(answered, person["daily_vegetables"]),
        "vegetables_under_5_per_week": _where(answered, person["few_vegetables"]),
    }


def environment(person: People, draws: Draws) -> pd.DataFrame:
    """Air and deprivation at the residence; unknown where the address could not be placed."""
    placed = (draws.uniform("address") >= UNKNOWN_DEPRIVATION) | scenarios.here(draws)
    table = pd.DataFrame(
        {
            "patient": np.arange(draws.people),
            "time": np.full(draws.people, np.datetime64("2025-12-31", "D")),
            "pm25": np.round(person["pm25"], 1),
            "no2": np.round(person["no2"], 1),
            "sdi_percentile": np.clip(np.round(person["sdi_percentile"]), 1, 100),
        }
    )
    return table[placed].reset_index(drop=True)


def family_history(draws: Draws) -> pd.DataFrame:
    """Illness of relatives with the age at which it began."""
    parts: list[pd.DataFrame] = []
    for row in tables.rows("relatives"):
        name = f"{row['relation']} {row['condition_code']}"
        ill = np.flatnonzero((draws.uniform(name) < float(row["share"])) & ~scenarios.here(draws))
        age = float(row["onset_mean"]) + float(row["onset_spread"]) * draws.normal(f"onset {name}")
        onset = np.clip(np.round(age), 25, 95)[ill]
        parts.append(_same(ill, relation=row["relation"], condition_code=row["condition_code"], onset_age=onset))
    return _sorted(parts, "relation")


def consent(draws: Draws) -> pd.DataFrame:
    """What each person permits, by use and scope; people without any row were never asked."""
    asked = (draws.uniform("consent") >= NO_CONSENT_RECORD) | scenarios.here(draws)
    day = TODAY - (30 + np.floor(900 * draws.uniform("consent date"))).astype(np.int64)
    parts: list[pd.DataFrame] = []
    for scope, share in zip(SCOPES, PERMITTED, strict=True):
        yes = (draws.uniform(f"consent {scope}") < share) | scenarios.here(draws)
        parts.append(_consent(asked, "care", scope, yes, day))
    yes = draws.uniform("consent research") < 0.78
    parts.append(_consent(asked, "research_internal", "all", yes, day))
    return _sorted(parts, "use")


def _consent(asked: Mask, use: str, scope: str, yes: Mask, day: NDArray[np.datetime64]) -> pd.DataFrame:
    who = np.flatnonzero(asked)
    decision = np.where(yes[who], "permit", "deny")
    return _same(
        who, use=use, scope=scope, decision=decision, valid_from=day[who], given_by="self", form_version="demo-1"
    )


def _where(known: Mask, values: Array) -> Array:
    return np.where(known, values, np.nan)


def _same(patient: NDArray[np.intp], **columns: str | NDArray[np.generic]) -> pd.DataFrame:
    """Rows of these people; a text stands in every row."""
    return pd.DataFrame({"patient": patient, **columns}, index=range(len(patient)))


def _sorted(parts: list[pd.DataFrame], by: str) -> pd.DataFrame:
    kept = [part for part in parts if len(part)]
    table = pd.concat(kept or parts[:1], ignore_index=True)
    return table.sort_values(["patient", by], kind="stable", ignore_index=True)
