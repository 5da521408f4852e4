"""Measurements over time: when each person came, what was measured, and what was left out."""

from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.schema import variables
from precision.synth import scenarios, tables
from precision.synth.draws import Array, Draws
from precision.synth.people import People, creatinine

INDEX_DATE = date(2026, 9, 30)
VISITS = 6  # at most; at least two
STATIN_EFFECT = 0.36  # share of LDL cholesterol that the statin takes away (assumption)
PRESSURE_EFFECT = (11.0, 6.0)  # mm Hg that each antihypertensive takes off systolic and diastolic pressure (assumption)
YEAR = 365.25
ADULT = 18  # nobody falls ill or takes a drug before this age (assumption)


def visits(draws: Draws) -> NDArray[np.int64]:
    """(N, VISITS) days before the index date, newest first; -1 where the person did not come."""
    gap = 20 + 110 * -np.log1p(-draws.uniform("last visit"))
    lapsed = (draws.uniform("lapsed") < 0.05) & ~scenarios.here(draws)
    gap = np.where(lapsed, gap + 1400, gap)
    gap[scenarios.here(draws)] = 12
    between = 120 + 330 * draws.uniform("between visits", VISITS - 1)
    days = np.floor(gap[:, None] + np.hstack([np.zeros((draws.people, 1)), np.cumsum(between, axis=1)])).astype(
        np.int64
    )
    came = np.arange(VISITS) < 2 + np.floor(draws.uniform("number of visits") * (VISITS - 1))[:, None]
    return np.where(came, days, -1)


def observations(person: People, draws: Draws) -> pd.DataFrame:
    """The long table: patient (row number), variable, value in the dictionary's unit, unit, time."""
    days = visits(draws)
    known = variables()
    dates = np.datetime64(INDEX_DATE) - days
    measured = _at_visits(person, draws, days)
    parts: list[pd.DataFrame] = []
    for variable, values in measured.items():
        if variable in known:
            patient, visit = np.nonzero(~np.isnan(values) & (days >= 0))
            parts.append(
                pd.DataFrame(
                    {
                        "patient": patient,
                        "time": dates[patient, visit],
                        "variable": variable,
                        "value": values[patient, visit],
                    }
                )
            )
    table = pd.concat(parts, ignore_index=True)
    table["variable"] = pd.Categorical(table["variable"], list(measured))
    table = table.sort_values(["patient", "time", "variable"], kind="stable", ignore_index=True)
    return table.assign(unit=table["variable"].map({name: known[name].unit for name in measured if name in known}))


def _at_visits(person: People, draws: Draws, days: NDArray[np.int64]) -> dict[str, Array]:
    """Variable -> (N, VISITS) measured values, NaN where not measured."""
    usual = _usual(person, draws, days)
    done = {row["panel"]: _done(person, draws, row) for row in tables.rows("panels")}
    done["lipids"] &= done["cholesterol"]
    values: dict[str, Array] = {}
    for row in tables.rows("measurements"):
        variable, before = row["variable"], usual[row["source"]]
        noise = float(row["day_to_day"]) * draws.normal(f"measured {variable}", VISITS)
        noise[scenarios.here(draws)] = 0
        value = before * np.exp(noise) if row["multiplied"] == "1" else before + noise
        values[variable] = np.where(done[row["panel"]], np.round(value, int(row["decimals"])), np.nan)
    # Friedewald 1972: LDL = total - HDL - triglycerides / 5, all in mg/dL; triglycerides stay under 400 for most.
    ldl = values["total_cholesterol"] - values["hdl_cholesterol"] - np.round(values["triglycerides"] / 5)
    values["ldl_cholesterol"] = np.where(values["triglycerides"] < 400, np.maximum(ldl, 8), np.nan)
    values["egfr"] = _egfr(values["creatinine"], person, days)
    return values


def _usual(person: People, draws: Draws, days: NDArray[np.int64]) -> dict[str, Array]:
    """Each quantity as it was at each visit, before measurement: drugs act from the day they were begun."""
    usual = {name: np.broadcast_to(values[:, None], (draws.people, VISITS)) for name, values in person.items()}
    on_statin = (person["statin"] * started(person, draws, "statin"))[:, None] > days
    first = ((person["hypertension_treated"] * started(person, draws, "hypertension_treated"))[:, None] > days).astype(
        np.float64
    )
    second = (person["second_antihypertensive"] * started(person, draws, "second_antihypertensive"))[:, None] > days
    usual["ldl"] = usual["ldl_untreated"] * (1 - STATIN_EFFECT * on_statin)
    usual["systolic_bp"] = np.maximum(usual["systolic_untreated"] - PRESSURE_EFFECT[0] * (first + second), 88)
    usual["diastolic_bp"] = np.maximum(usual["diastolic_untreated"] - PRESSURE_EFFECT[1] * (first + second), 44)
    usual["total_cholesterol"] = usual["ldl"] + usual["hdl_cholesterol"] + usual["triglycerides"] / 5
    ago = np.maximum(days, 0) / YEAR
    usual["creatinine"] = creatinine(usual["egfr"] + 0.85 * ago, usual["age"] - ago, 1 - usual["female"])
    return usual


def started(person: People, draws: Draws, quantity: str) -> Array:
    """(N,) days before the index date on which the drug for this reason was begun, as an adult."""
    adult = YEAR * np.maximum(person["age"] - ADULT, 0.5)
    begun = np.floor(np.minimum(60 + 2800 * draws.uniform(f"start of {quantity}"), adult))
    begun[scenarios.here(draws)] = 600
    return begun


def _done(person: People, draws: Draws, row: tables.Row) -> NDArray[np.bool_]:
    """(N, VISITS) whether a panel was measured."""
    panel, scenario = row["panel"], scenarios.here(draws)
    share = np.where(person["diabetes_recorded"] == 1, float(row["never_with_diabetes"]), float(row["never"]))
    never = draws.uniform(f"never {panel}") < share
    never[scenario] = person[f"never_{panel}"][scenario] == 1
    at_visit = draws.uniform(f"measured {panel} or not", VISITS) < float(row["per_visit"])
    at_visit[scenarios.here(draws)] = True
    if row["visits"]:
        at_visit[:, int(row["visits"]) :] = False
    if row["among"]:
        never |= person[row["among"]] == 0
    return at_visit & ~never[:, None]


def _egfr(measured: Array, person: People, days: NDArray[np.int64]) -> Array:
    """CKD-EPI 2021 (Inker 2021, doi:10.1056/NEJMoa2102953) from the creatinine as it was written down."""
    female = person["female"][:, None] == 1
    age = person["age"][:, None] - np.maximum(days, 0) / YEAR
    share = measured / np.where(female, 0.7, 0.9)
    curve = np.minimum(share, 1) ** np.where(female, -0.241, -0.302) * np.maximum(share, 1) ** -1.2
    return np.round(142 * curve * 0.9938**age * np.where(female, 1.012, 1.0))
