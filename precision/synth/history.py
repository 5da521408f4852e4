"""What people tell of schooling, births, relatives and habits of care; some were never asked."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.synth import scenarios, tables
from precision.synth.draws import Array, Draws
from precision.synth.people import GROUPS, People

Mask = NDArray[np.bool_]
Column = pd.Series | Array
NO_BIRTH = 98  # how the dictionary writes that there was no live birth
FIRST_DEGREE = ("mother", "father", "sister", "brother", "daughter", "son")
PREMATURE = 60  # age under which coronary disease of a relative counts as premature (QRISK3)
NOT_ASKED = {"education": 0.12, "family": 0.12, "women": 0.12, "glucose": 0.08, "bowel": 0.1}  # shares (assumptions)
UNKNOWN_RESULT, UNKNOWN_PATHOLOGY = 0.03, 0.1  # shares of colonoscopies and of biopsies (assumptions)


def told(person: People, draws: Draws, made: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """(N, K) answers by the variable's name, consistent with the tables made before; empty where nobody asked."""
    columns: dict[str, Column] = {
        "education": graded(person["schooling"], "schooling").where(asked(draws, "education")),
        "kfre_region": pd.Series("north_america", index=range(draws.people)),
        "waist_criteria": pd.Series("aha_nhlbi", index=range(draws.people)),
        "high_glucose_history": _known(
            asked(draws, "glucose"), np.maximum(person["high_glucose"], person["diabetes_recorded"])
        ),
    }
    columns |= _women(person, draws, made["patients"])
    columns |= _relatives(person, draws, made["family_history"])
    columns |= _painkillers(person, draws, made)
    columns |= _illness(person, made)
    return pd.DataFrame(columns)


def asked(draws: Draws, topic: str) -> Mask:
    """(N,) whether anybody asked about a topic; scenario patients were asked everything."""
    return (draws.uniform(f"asked about {topic}") >= NOT_ASKED[topic]) | scenarios.here(draws)


def graded(values: Array, name: str) -> pd.Series:
    """(N,) level of each value, by the steps of this quantity."""
    steps = [row for row in tables.rows("steps") if row["quantity"] == name]
    reached = np.searchsorted(tables.numbers(steps, "from")[1:], values, side="right")
    return pd.Series(np.array(tables.column(steps, "level"))[reached])


def _known(mask: Mask, values: Array) -> Array:
    return np.where(mask, values, np.nan)


def _women(person: People, draws: Draws, patients: pd.DataFrame) -> dict[str, Column]:
    """Cycle, births, breasts and hormones of women."""
    here = asked(draws, "women") & (person["female"] == 1)
    menarche, age = np.round(person["age_at_menarche"]), person["age"]
    birth = np.minimum(np.maximum(np.round(person["first_birth_age"]), menarche + 2), age)
    biopsies = person["biopsied"] * (1 + person["several_biopsies"])
    examined = here & (biopsies > 0) & ((draws.uniform("pathology") >= UNKNOWN_PATHOLOGY) | scenarios.here(draws))
    state = np.select([person["postmenopausal"] == 1, person["near_menopause"] == 1], ["post", "peri"], "pre")
    no_oestrogen = person["periods_ended_2_years"] * (1 - person["hormone_therapy"])
    return {
        "bcrat_ancestry": _breast_group(person, draws).where(here & patients["ancestry"].notna().to_numpy()),
        "age_at_menarche": _known(here, menarche),
        "nulliparous": _known(here, person["nulliparous"]),
        "age_at_first_birth": _known(here, np.where(person["nulliparous"] == 1, NO_BIRTH, birth)),
        "breast_biopsies": _known(here, biopsies),
        "atypical_hyperplasia": _known(examined, person["atypical_hyperplasia"]),
        "menopausal_status": pd.Series(np.strings.add(state, "menopausal")).where(here),
        "hormone_therapy": _known(here, person["hormone_therapy"]),
        "no_oestrogen_2_years": _known(here, no_oestrogen),
    }


def _breast_group(person: People, draws: Draws) -> pd.Series:
    """(N,) group of the breast cancer tool, by genetic similarity group."""
    rows = tables.rows("breast_groups")
    levels = sorted(set(tables.column(rows, "bcrat_ancestry")))
    shares = np.zeros((len(GROUPS), len(levels)))
    for row in rows:
        shares[GROUPS.index(row["ancestry_group"]), levels.index(row["bcrat_ancestry"])] = float(row["share"])
    picked = draws.chosen("group of the breast cancer tool", shares[person["ancestry_group"].astype(np.intp)])
    return pd.Series(np.array(levels)[picked])


def _relatives(person: People, draws: Draws, rows: pd.DataFrame) -> dict[str, Column]:
    """What the relatives of the family history amount to; none where the family was asked about and no row says so."""
    here = asked(draws, "family")
    near, code = rows["relation"].isin(FIRST_DEGREE), rows["condition_code"]

    def count(chosen: "pd.Series[bool]") -> Array:
        return np.bincount(rows.loc[chosen, "patient"], minlength=draws.people).astype(np.float64)

    def told_of(values: Array) -> Array:
        return _known(here | (values > 0), values)

    heart, diabetes = near & code.str.startswith("ICD10CM:I25"), code.str.startswith("ICD10CM:E11")
    early = heart & (rows["onset_age"] < PREMATURE)
    degree = np.where(count(diabetes & near) > 0, 2, np.minimum(count(diabetes), 1)).astype(np.intp)
    levels = np.array(["none", "second_degree", "first_degree"])
    return {
        "breast_cancer_relatives": told_of(count(near & code.str.startswith("ICD10CM:C50"))),
        "ovarian_cancer_relatives": told_of(count(code.str.startswith("ICD10CM:C56"))),
        "colorectal_cancer_relatives": told_of(count(near & code.str.startswith("ICD10CM:C18"))),
        "family_history_lung_cancer": told_of(np.minimum(count(near & code.str.startswith("ICD10CM:C34")), 1)),
        "family_history_diabetes": pd.Series(levels[degree]).where(here | (degree > 0)),
        "family_history_premature_cvd": told_of(np.minimum(count(early), 1)),
        "family_history_mi": told_of(person["relative_heart_attack"] * np.minimum(count(heart), 1)),
        "brca_ancestry": _known(here, person["brca_ancestry"]),
    }


def _painkillers(person: People, draws: Draws, made: dict[str, pd.DataFrame]) -> dict[str, Column]:
    """Painkillers taken regularly; aspirin is that of the medicine list."""
    here = asked(draws, "bowel")
    aspirin = _has(made["medications"], "atc", ("B01AC06",), draws.people)
    return {
        "no_nsaid": _known(here, (1 - person["regular_nsaid"]) * (1 - aspirin)),
        "no_nonaspirin_nsaid": _known(here, 1 - person["regular_nsaid"]),
    }


def examined_bowel(person: People, draws: Draws, ago: Array) -> pd.Series:
    """(N,) colorectal examination of the last 10 years, from years since the last colonoscopy (NaN: none on record)."""
    unknown = (draws.uniform("result of the colonoscopy") < UNKNOWN_RESULT) & ~scenarios.here(draws)
    levels = [~(ago <= 10), unknown, person["colon_polyp"] == 1]
    found = np.select(levels, ["not_examined", "unknown_result", "polyp"], "no_polyp")
    return pd.Series(found).where(asked(draws, "bowel"))


def _illness(person: People, made: dict[str, pd.DataFrame]) -> dict[str, Column]:
    """Cancer from the list of diagnoses; what HAS-BLED asks, of people with atrial fibrillation."""
    people = len(person["age"])
    fibrillation = _has(made["conditions"], "code", ("ICD10CM:I48",), people) == 1
    warfarin = _has(made["medications"], "atc", ("B01AA03",), people)
    return {
        "cancer_history": _has(made["conditions"], "code", ("ICD10CM:C",), people),
        "bleeding_history": _known(fibrillation, person["bleeding_history"]),
        "labile_inr": _known(fibrillation, person["labile_inr"] * warfarin),
        "abnormal_liver_function": _known(fibrillation, person["abnormal_liver_function"]),
    }


def _has(rows: pd.DataFrame, column: str, codes: tuple[str, ...], people: int) -> Array:
    """(N,) 1 for who has a record whose code begins so; a drug that is planned or stopped does not count."""
    kept = rows[column].str.startswith(codes) & ~rows["status"].isin(["planned", "stopped"])
    return (np.bincount(rows.loc[kept, "patient"], minlength=people) > 0).astype(np.float64)
