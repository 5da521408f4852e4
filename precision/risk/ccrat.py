"""Colorectal Cancer Risk Assessment Tool: colorectal cancer over any span from 45 to 90 years (Freedman 2009)."""

import numpy as np
from numpy.typing import NDArray

from precision.coefficients import Coefficients
from precision.kernels import product
from precision.model import Derivation, Inputs, Mask, Model, Rule
from precision.result import Array, Citation, Estimate
from precision.risk.absolute_risk import (
    PROJECTION_AGE,
    absolute_risk,
    average_risk,
    band_edges,
    end_of_span,
    rates,
    span_rules,
)
from precision.risk.derivations import BMI
from precision.schema import variable

TABLE = Coefficients.read("ccrat")
CATEGORIES = Coefficients.read("ccrat_categories")
EDGES = band_edges(TABLE)
HORIZON = 5.0
SITES = ("rectal", "proximal", "distal")
MALE = variable("sex").code("male")
SEXES = np.array([TABLE.strata.index(sex) for sex in variable("sex").levels])
# The tool's four groups; Chinese and Pacific Islander people are counted to its group of Asians and Pacific Islanders.
GROUPS = {
    "white": "white",
    "black": "black",
    "hispanic": "hispanic",
    "asian": "asian",
    "chinese": "asian",
    "pacific_islander": "asian",
}
# Column of the rates by sex and ancestry; the first where the tool has no group, which the model discards.
RATES = np.array(
    [
        [TABLE.strata.index(f"{GROUPS.get(level, 'white')}_{sex}") for level in variable("ancestry").levels]
        for sex in variable("sex").levels
    ]
)


def strata(x: Inputs) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Columns of relative risks, by sex, and of rates, by group and sex; what is unknown the model discards."""
    sex, group = (np.nan_to_num(x[name]).astype(np.intp) for name in ("sex", "ancestry"))
    return SEXES[sex], RATES[sex, group]


def smoking(x: Inputs) -> tuple[Array, Array]:
    """Categories of years and of cigarettes a day; if either is none or unknown, the tool takes both as none."""
    years, cigarettes = x["smoking_years_category"], x["cigarettes_category"]
    smoked = (years > 0) & (cigarettes > 0)
    return np.where(smoked, years, 0), np.where(smoked, cigarettes, 0)


def factors(x: Inputs, most_relatives: Array) -> dict[str, Array | Mask]:
    """Every factor of the relative risks, (n,) each; what is unknown counts as the tool counts it."""
    examined, exercise = x["colorectal_screening"], x["vigorous_exercise_category"]
    levels = {name: variable("colorectal_screening").code(name) for name in ("no_polyp", "not_examined", "polyp")}
    amounts = {
        name: variable("vigorous_exercise_category").code(name) for name in ("none", "up_to_2_h", "from_2_to_4_h")
    }
    spans = {name: variable("smoking_years_category").code(name) for name in ("none", "from_15_to_34", "from_35")}
    years, cigarettes = smoking(x)
    relatives = np.nan_to_num(x["colorectal_cancer_relatives"])
    no_oestrogen = np.nan_to_num(x["no_oestrogen_2_years"])
    screened = {name: examined == code for name, code in levels.items()}
    return screened | {
        "unknown_result": ~np.isin(examined, [*levels.values()]),
        "never_smoked": years == spans["none"],
        "smoked_15_to_34_years": years == spans["from_15_to_34"],
        "smoked_from_35_years": years == spans["from_35"],
        "cigarettes": cigarettes,
        "no_nsaid": x["no_nsaid"] == 1,
        "no_nonaspirin_nsaid": x["no_nonaspirin_nsaid"] == 1,
        "any_relative": relatives > 0,
        "relatives": np.minimum(relatives, most_relatives),
        "exercise": exercise,
        "exercise_none": exercise == amounts["none"],
        "exercise_up_to_2_h": exercise == amounts["up_to_2_h"],
        "exercise_2_to_4_h": exercise == amounts["from_2_to_4_h"],
        "few_vegetables": x["vegetables_under_5_per_week"],
        "bmi": x["ccrat_bmi_category"],
        "no_oestrogen": no_oestrogen,
        "bmi*oestrogen": x["ccrat_bmi_category"] * (1 - no_oestrogen),
    }


def relative_risk(x: Inputs, coefficients: Coefficients, sex: NDArray[np.intp]) -> Inputs:
    """Relative risk of each site, (n,): exp of the sum of coefficient times factor."""
    known = factors(x, coefficients.of("most_relatives", sex))
    values = np.empty((len(known), len(sex)))
    for row, factor in zip(values, known.values(), strict=True):
        row[:] = factor
    rows = dict(zip(coefficients.terms, coefficients.values, strict=True))
    unused = np.zeros(len(coefficients.strata))
    relative: dict[str, Array] = {}
    for site in SITES:
        weights = np.array([rows.get(f"{site}:{name}", unused) for name in known])
        female, male = product(weights[:, SEXES].T, values)
        relative[site] = np.exp(np.where(x["sex"] == MALE, male, female))
    return relative


def risks(x: Inputs, coefficients: Coefficients) -> Array:
    """Risk with the sum over sites of incidence x (1 - attributable risk) x relative risk; of the average: incidence.

    Returns
    -------
    (n, 2) probability up to the projection age: of the person, and of the average one of same age, sex and group
    """
    sex, group = strata(x)
    relative = relative_risk(x, coefficients, sex)
    weight = {site: relative[site] * coefficients.of(f"{site}:not_attributable", sex) for site in SITES}
    late_distal = relative["distal"] * coefficients.of("distal:not_attributable_late", sex)
    late_from = coefficients.of("late_from_age", sex)
    incidence = {site: rates(coefficients, f"{site}:incidence_") for site in SITES}
    competing = rates(coefficients, "competing_")
    own: list[Array] = []
    for band, low in enumerate(EDGES[:-1]):
        late = (late_from > 0) & (low >= late_from)
        rate = incidence["distal"][band][group] * np.where(late, late_distal, weight["distal"])
        for site in ("rectal", "proximal"):
            rate += incidence[site][band][group] * weight[site]
        own.append(rate)
    age, end = x["age"], end_of_span(x, HORIZON, EDGES[-1])
    mean = np.sum([*incidence.values()], axis=0)
    return np.column_stack(
        [
            absolute_risk(age, end, EDGES, own, [rate[group] for rate in competing]),
            average_risk(age, end, EDGES, mean, competing, group),
        ]
    )


def remarks(x: Inputs) -> dict[str, Mask]:
    """What counted as the tool's answer for unknown: no relatives, a regular user of NSAIDs, a man who never smoked."""
    names = ("colorectal_screening", "colorectal_cancer_relatives", "no_nsaid")
    said = {f"absent:{name}": np.isnan(x[name]) for name in names}
    man = x["sex"] == MALE
    said["absent:no_nonaspirin_nsaid"] = man & np.isnan(x["no_nonaspirin_nsaid"])
    years, cigarettes = x["smoking_years_category"], x["cigarettes_category"]
    for name, one, another in (
        ("smoking_years_category", years, cigarettes),
        ("cigarettes_category", cigarettes, years),
    ):
        said[f"absent:{name}"] = man & np.isnan(one)
        said[f"ignored:{name}"] = man & (one > 0) & ~(another > 0)
    return said


def cut(name: str, values: Array, sex: Array | None = None) -> Array:
    """Category of a measurement: how many of the cuts that the sex has it reaches, counted on from the lowest."""
    column = np.zeros(len(values), dtype=np.intp) if sex is None else np.where(sex == MALE, 0, 1)
    terms = [term for term in CATEGORIES.terms if term.startswith(f"{name}_")]
    cuts = [CATEGORIES.of(term, column) for term in terms]
    lowest = float(terms[0].rpartition("_")[2]) - 1
    return lowest + np.sum([(one > 0) & (values >= one) for one in cuts], axis=0)


def bmi_category(x: Inputs) -> Array:
    """Men 0 under 25, 1 under 30, 2 from 30 kg/m2; women 0 under 30, 1 from 30 kg/m2."""
    return cut("bmi", x["bmi"], x["sex"])


def years_category(x: Inputs) -> Array:
    """None, under 15, 15 to 34, 35 years or more."""
    return np.where(x["smoking_years"] > 0, cut("smoking_years", x["smoking_years"]), 0)


def cigarettes_category(x: Inputs) -> Array:
    """None, 1 to 10, 11 to 20, over 20 a day."""
    return np.where(x["cigarettes_per_day"] > 0, cut("cigarettes", x["cigarettes_per_day"]), 0)


def none_if_never(x: Inputs) -> Array:
    """The category none for who never smoked; nothing follows for others."""
    return np.where(x["smoking_status"] == variable("smoking_status").code("never"), 0.0, np.nan)


def neither_taken(x: Inputs) -> Array:
    """1 for who regularly takes neither aspirin nor another NSAID."""
    return ((x["aspirin"] == 0) & (x["no_nonaspirin_nsaid"] == 1)).astype(np.float64)


AVERAGE_NEEDS = ("age", "sex", "ancestry")
NEEDS = (*AVERAGE_NEEDS, "ccrat_bmi_category", "vigorous_exercise_category", "vegetables_under_5_per_week")
OF_PERSON = ("colorectal_cancer",)
MODEL = Model(
    name="ccrat",
    label="CCRAT",
    domain="colon",
    estimates=(
        Estimate("colorectal_cancer", "Colorectal cancer", "probability", HORIZON, NEEDS, until="projection_age"),
        Estimate(
            "colorectal_cancer_average",
            "Colorectal cancer of the average person of the same age, sex and group",
            horizon_years=HORIZON,
            required=AVERAGE_NEEDS,
            until="projection_age",
        ),
    ),
    coefficients=TABLE,
    formula=risks,
    optional=(
        "colorectal_screening",
        "colorectal_cancer_relatives",
        "no_nsaid",
        "no_nonaspirin_nsaid",
        "no_oestrogen_2_years",
        "smoking_years_category",
        "cigarettes_category",
        "projection_age",
    ),
    derivations=(
        BMI,
        Derivation("ccrat_bmi_category", "bmi_and_sex", ("bmi", "sex"), bmi_category),
        Derivation("smoking_years_category", "smoking_years", ("smoking_years",), years_category),
        Derivation("smoking_years_category", "smoking_status", ("smoking_status",), none_if_never),
        Derivation("cigarettes_category", "cigarettes_per_day", ("cigarettes_per_day",), cigarettes_category),
        Derivation("cigarettes_category", "smoking_status", ("smoking_status",), none_if_never),
        Derivation("no_nsaid", "aspirin_and_other_NSAIDs", ("aspirin", "no_nonaspirin_nsaid"), neither_taken),
        PROJECTION_AGE,
    ),
    ranges={"age": (45.0, 85.0)},
    levels={"ancestry": tuple(GROUPS)},
    excluded=("colorectal_cancer", "inflammatory_bowel_disease", "hereditary_colorectal_variant"),
    rules=(
        Rule(
            "missing",
            "no_oestrogen_2_years",
            lambda x: (x["sex"] == 0) & np.isnan(x["no_oestrogen_2_years"]),
            OF_PERSON,
        ),
        Rule("range", "bmi_category_of_men", lambda x: (x["sex"] == 0) & (x["ccrat_bmi_category"] > 1), OF_PERSON),
        Rule(
            "range",
            "nsaid_taken_and_not",
            lambda x: (x["no_nsaid"] == 1) & (x["no_nonaspirin_nsaid"] == 0),
            OF_PERSON,
        ),
        *span_rules(EDGES[-1], ("colorectal_cancer", "colorectal_cancer_average")),
    ),
    remarks=remarks,
    citation=Citation(
        "Freedman AN et al. Colorectal cancer risk prediction tool for white men and women without known "
        "susceptibility. J Clin Oncol 2009;27:686-693",
        doi="10.1200/JCO.2008.17.4797",
        year=2009,
    ),
    population=(
        "People of 45 to 85 years in the United States without colorectal cancer; relative risks derived in white "
        "people, tested in white people of 50 years and older, joined with rates of four groups."
    ),
    notice=(
        "Not for people with ulcerative colitis, Crohn's disease, familial polyposis, Lynch syndrome or earlier "
        "colorectal cancer. Not tested under 50 years, and the relative risks only in white people. Unknown "
        "relatives count as none, an unknown answer about aspirin or another NSAID as regular use."
    ),
)
