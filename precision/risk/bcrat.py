"""Breast Cancer Risk Assessment Tool (Gail model): invasive breast cancer over any span from 35 to 90 years."""

import numpy as np
from numpy.typing import NDArray

from precision.coefficients import Coefficients
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
from precision.schema import variable

TABLE = Coefficients.read("bcrat")
EDGES = band_edges(TABLE)
HORIZON = 5.0
NO_BIRTH = 98  # how the dictionary, as the tool's data files, writes that there was no live birth
MALE = variable("sex").code("male")
OTHER = variable("bcrat_ancestry").code("other")
# Stratum of each level of bcrat_ancestry; the tool gives women of other groups the numbers of white women.
STRATA = np.array(
    [TABLE.strata.index("white" if level == "other" else level) for level in variable("bcrat_ancestry").levels]
)
FACTORS = {
    "biopsies": "breast_biopsies",
    "menarche": "age_at_menarche",
    "first_birth": "age_at_first_birth",
    "relatives": "breast_cancer_relatives",
}
# Groups of the general dictionary that are one group of the tool; Hispanic and Asian women are told apart there.
SAME_GROUP = {
    "white": "white",
    "black": "black",
    "chinese": "chinese",
    "american_indian": "other",
    "other": "other",
}


def stratum_of(x: Inputs) -> NDArray[np.intp]:
    """Column of each woman's group; the first where it is not known, which the model discards."""
    return STRATA[np.nan_to_num(x["bcrat_ancestry"]).astype(np.intp)]


def categories(x: Inputs, coefficients: Coefficients, stratum: NDArray[np.intp]) -> Inputs:
    """Category of each factor, (n,) each; unknown is 0, as in the tool."""
    menarche, birth = np.zeros(len(stratum)), np.zeros(len(stratum))
    for i in (1, 2):
        menarche += x["age_at_menarche"] < coefficients.of(f"menarche_before_{i}", stratum)
    for i in (1, 2, 3):
        cut = coefficients.of(f"first_birth_from_{i}", stratum)
        birth += (cut > 0) & (x["age_at_first_birth"] >= cut)

    def counted(name: str, most: str) -> Array:
        return np.minimum(np.nan_to_num(x[name]), coefficients.of(most, stratum))

    return {
        "biopsies": counted("breast_biopsies", "most_biopsies"),
        "menarche": menarche,
        "first_birth": np.where(x["age_at_first_birth"] == NO_BIRTH, coefficients.of("no_birth", stratum), birth),
        "relatives": counted("breast_cancer_relatives", "most_relatives"),
    }


def relative_risk(x: Inputs, coefficients: Coefficients) -> tuple[Array, Array]:
    """(n,) risk against a woman with the lowest category of every factor, in the first and second period of age."""
    stratum = stratum_of(x)
    found = categories(x, coefficients, stratum)
    terms = {**found, "first_birth*relatives": found["first_birth"] * found["relatives"]}
    first = np.exp(coefficients.predictor(terms, stratum))
    biopsied = x["breast_biopsies"] > 0
    for name, seen in (("no_hyperplasia", 0), ("hyperplasia", 1)):
        here = biopsied & (x["atypical_hyperplasia"] == seen)
        first = np.where(here, first * coefficients.of(name, stratum), first)
    return first, first * np.exp(coefficients.of("biopsies_from_second_period", stratum) * found["biopsies"])


def risks(x: Inputs, coefficients: Coefficients) -> Array:
    """Risk with incidence x (1 - attributable risk) x relative risk, of the average woman with her group's incidence.

    Returns
    -------
    (n, 3) probability: of her and of the average woman to the projection age, of her to 90 years
    """
    stratum, age = stratum_of(x), x["age"]
    first, second = relative_risk(x, coefficients)
    first = first * coefficients.of("not_attributable_first_period", stratum)
    second = second * coefficients.of("not_attributable_second_period", stratum)
    change = coefficients.of("second_period_from_age", stratum)
    rate = {kind: rates(coefficients, kind) for kind in ("incidence_", "competing_")}
    average, average_other = (rates(coefficients, f"average_{kind}") for kind in rate)
    own = [
        incidence[stratum] * np.where(low < change, first, second)
        for low, incidence in zip(EDGES, rate["incidence_"], strict=False)
    ]
    other = [competing[stratum] for competing in rate["competing_"]]
    end = end_of_span(x, HORIZON, EDGES[-1])
    return np.column_stack(
        [
            absolute_risk(age, end, EDGES, own, other),
            average_risk(age, end, EDGES, average, average_other, stratum),
            absolute_risk(age, np.full_like(age, EDGES[-1]), EDGES, own, other),
        ]
    )


def remarks(x: Inputs) -> dict[str, Mask]:
    """What counted as unknown where it matters to the woman's group, and what was taken for granted."""
    stratum = stratum_of(x)
    said = {f"absent:{name}": np.isnan(x[name]) & (TABLE.of(f, stratum) != 0) for f, name in FACTORS.items()}
    said["absent:atypical_hyperplasia"] = np.isnan(x["atypical_hyperplasia"]) & (x["breast_biopsies"] > 0)
    said["variant:numbers_of_white_women"] = x["bcrat_ancestry"] == OTHER
    said["assumed:sex:female"] = np.isnan(x["sex"])
    return said


def group_of(x: Inputs) -> Array:
    """The tool's group where the general one tells it."""
    tool = variable("bcrat_ancestry")
    groups = [tool.code(SAME_GROUP[level]) if level in SAME_GROUP else np.nan for level in variable("ancestry").levels]
    return np.array(groups)[x["ancestry"].astype(np.intp)]


def no_birth(x: Inputs) -> Array:
    """The code for no live birth; nothing follows for a woman who has children."""
    return np.where(x["nulliparous"] == 1, float(NO_BIRTH), np.nan)


def _born_before(x: Inputs) -> Mask:
    return x["age_at_first_birth"] < x["age_at_menarche"]


def _born_after(x: Inputs) -> Mask:
    return (x["age_at_first_birth"] > x["age"]) & (x["age_at_first_birth"] != NO_BIRTH)


OF_HER = ("breast_cancer", "breast_cancer_lifetime")
SPANNED = ("breast_cancer", "breast_cancer_average")
NEEDS = ("age", "bcrat_ancestry")
MODEL = Model(
    name="bcrat",
    label="BCRAT (Gail model)",
    domain="breast",
    estimates=(
        Estimate("breast_cancer", "Invasive breast cancer", "probability", HORIZON, NEEDS, until="projection_age"),
        Estimate(
            "breast_cancer_average",
            "Invasive breast cancer of the average woman of the same age and group",
            horizon_years=HORIZON,
            required=NEEDS,
            until="projection_age",
        ),
        Estimate("breast_cancer_lifetime", f"Invasive breast cancer up to the age of {EDGES[-1]}", required=NEEDS),
    ),
    coefficients=TABLE,
    formula=risks,
    optional=("sex", *FACTORS.values(), "atypical_hyperplasia", "projection_age"),
    derivations=(
        Derivation("bcrat_ancestry", "ancestry", ("ancestry",), group_of),
        Derivation("age_at_first_birth", "nulliparous", ("nulliparous",), no_birth),
        PROJECTION_AGE,
    ),
    ranges={"age": (35.0, 85.0)},
    excluded=("breast_cancer", "prior_chest_radiotherapy", "hereditary_breast_variant"),
    rules=(
        Rule("population", "not_a_woman", lambda x: x["sex"] == MALE),
        Rule(
            "missing",
            "breast_biopsies",
            lambda x: (x["atypical_hyperplasia"] == 1) & np.isnan(x["breast_biopsies"]),
            OF_HER,
        ),
        Rule(
            "range",
            "hyperplasia_without_biopsy",
            lambda x: (x["atypical_hyperplasia"] == 1) & (x["breast_biopsies"] == 0),
            OF_HER,
        ),
        Rule("range", "menarche_after_age", lambda x: x["age_at_menarche"] > x["age"], OF_HER),
        Rule("range", "first_birth_before_menarche", _born_before, OF_HER),
        Rule("range", "first_birth_after_age", _born_after, OF_HER),
        *span_rules(EDGES[-1], SPANNED),
    ),
    remarks=remarks,
    citation=Citation(
        "Gail MH et al. Projecting individualized probabilities of developing breast cancer for white females who are "
        "being examined annually. J Natl Cancer Inst 1989;81:1879-1886; black women: Gail 2007 (djm223), "
        "Asian and Pacific Islander: Matsuno 2011 (djr154), Hispanic: Banegas 2017 (djw215)",
        doi="10.1093/jnci/81.24.1879",
        year=1989,
    ),
    population=(
        "Women of 35 to 85 years in the United States without breast cancer, DCIS or LCIS; derived in a screening "
        "project of white women, and in case-control studies of black, Asian and Pacific Islander, and Hispanic women."
    ),
    notice=(
        "Not for women who had breast cancer, DCIS or LCIS, or radiotherapy to the chest, nor for carriers of a "
        "pathogenic variant in BRCA1, BRCA2 or another gene of high risk: their risk is higher. It uses rates of US "
        "groups. What is unknown counts as the lowest category, so risk may be too low. Not to decide on breast MRI."
    ),
)
