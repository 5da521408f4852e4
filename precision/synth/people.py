"""What is true of each synthetic person, quantity after quantity, before anything is measured or written down."""

from collections.abc import Callable
from itertools import groupby

import numpy as np

from precision.synth import scenarios, tables
from precision.synth.draws import Array, Draws

GROUPS = ("AFR", "AMR", "EAS", "EUR", "MID", "SAS")
SHARES = np.array([0.15, 0.14, 0.08, 0.55, 0.02, 0.06])  # an assumption: a mixed city practice
FEMALE = 0.52
AGES = (20, 97)
LOWEST_CREATININE = 0.45  # mg/dL (assumption)
AGE_SHAPE = (1.8, 2.2)  # of a Kumaraswamy distribution over AGES; its mean is 57 years

People = dict[str, Array]


def people(draws: Draws) -> People:
    """Quantity -> (N,) values; flags are 0 or 1. Scenario patients have the values of their table."""
    person: People = {"one": np.ones(draws.people)}
    given = scenarios.values(draws)
    _demography(person, draws)
    scenarios.overwrite(person, given, ("age", "female", "ancestry_group"))
    for code, group in enumerate(GROUPS):
        person[group] = (person["ancestry_group"] == code).astype(np.float64)
    person["years_under_45"] = np.maximum(45 - person["age"], 0)
    for (name, kind), rows in groupby(tables.rows("equations"), key=lambda row: (row["quantity"], row["kind"])):
        person[name] = _quantity(person, draws, name, KINDS[kind], list(rows))
        scenarios.overwrite(person, given, (name,))
    _derive(person)
    scenarios.overwrite(person, given, tuple(given))
    return person


def _demography(person: People, draws: Draws) -> None:
    rise, fall = AGE_SHAPE
    share = (1 - (1 - draws.uniform("age")) ** (1 / fall)) ** (1 / rise)
    person["age"] = np.floor(AGES[0] + (AGES[1] + 1 - AGES[0]) * share)
    person["female"] = (draws.uniform("sex") < FEMALE).astype(np.float64)
    person["ancestry_group"] = draws.chosen("ancestry", SHARES).astype(np.float64)


Link = Callable[[Array, Array], Array]
KINDS: dict[str, Link] = {
    "value": lambda total, chance: total,
    "log": lambda total, chance: np.exp(total),
    "share": lambda total, chance: 100 / (1 + np.exp(-total)),
    "flag": lambda total, chance: (chance < 1 / (1 + np.exp(-total))).astype(np.float64),
    "reached": lambda total, chance: (total >= 0).astype(np.float64),
}


def _quantity(person: People, draws: Draws, name: str, link: Link, terms: list[tables.Row]) -> Array:
    """One equation: the sum of its terms through its link, inside its limits."""
    low, high = -np.inf, np.inf
    total = np.zeros(draws.people)
    for row in terms:
        term, coefficient = row["term"], float(row["coefficient"])
        if term == "low":
            low = coefficient
        elif term == "high":
            high = coefficient
        elif term == "one":
            total += coefficient
        elif term == "spread":
            person[f"{name}_deviation"] = coefficient * draws.normal(name)
            total += person[f"{name}_deviation"]
        else:
            total += coefficient * (person[term] - float(row["centre"])) ** int(row["power"])
    return np.clip(link(total, draws.uniform(f"{name} or not")), low, high)


def _derive(person: People) -> None:
    """Quantities that follow from others without chance."""
    male = 1 - person["female"]
    person["current_smoker"] = person["ever_smoker"] * (1 - person["stopped_smoking"])
    person["former_smoker"] = person["ever_smoker"] * person["stopped_smoking"]
    person["weight"] = person["bmi"] * (person["height"] / 100) ** 2
    person["diabetes_recorded"] = person["diabetes"] * person["diabetes_known"]
    person["smoking_years"] = person["ever_smoker"] * np.maximum(person["age"] - 18, 1)
    person["smoking_years"] *= np.where(person["current_smoker"] == 1, 1.0, 0.55)
    # Nathan 2008, doi:10.2337/dc08-0545: mean glucose = 28.7 HbA1c - 46.7; fasting is taken to be lower (assumption).
    person["fasting_glucose"] = np.maximum(0.8 * (28.7 * person["hba1c"] - 46.7) + 6, 60)
    person["creatinine"] = creatinine(person["egfr"], person["age"], male)
    person["cystatin_c"] = cystatin_c(person["cystatin_filtration"], person["age"], person["female"])
    person["cac_score"] = person["coronary_calcium"] * person["calcium_amount"]
    _smoking(person)


def _smoking(person: People) -> None:
    """What follows from years smoked: pack-years, years without, and who has smoked much and not long ago."""
    smoked = person["smoking_years"]
    ago = np.maximum(np.round(person["age"] - person["smoking_start_age"] - smoked), 1)
    person["years_since_quitting"] = person["former_smoker"] * ago
    person["pack_years"] = person["cigarettes_per_day"] / 20 * smoked
    recent = (person["current_smoker"] == 1) | ((person["former_smoker"] == 1) & (ago <= 15))
    person["heavy_smoker"] = (recent & (person["pack_years"] >= 20)).astype(np.float64)


def creatinine(egfr: Array, age: Array, male: Array) -> Array:
    """(N,) serum creatinine in mg/dL that has this eGFR, not below LOWEST_CREATININE.

    CKD-EPI 2021 (Inker 2021, doi:10.1056/NEJMoa2102953) solved for creatinine.
    """
    kappa = np.where(male == 1, 0.9, 0.7)
    alpha = np.where(male == 1, -0.302, -0.241)
    share = egfr / (142 * 0.9938**age * np.where(male == 1, 1.0, 1.012))
    return np.maximum(kappa * share ** (1 / np.where(share > 1, alpha, -1.2)), LOWEST_CREATININE)


def cystatin_c(egfr: Array, age: Array, female: Array) -> Array:
    """(N,) serum cystatin C in mg/L that has this eGFR.

    CKD-EPI 2012 for cystatin C (Inker 2012, doi:10.1056/NEJMoa1114248) solved for it.
    """
    share = egfr / (133 * 0.996**age * np.where(female == 1, 0.932, 1.0))
    return 0.8 * share ** (1 / np.where(share > 1, -0.499, -1.328))
