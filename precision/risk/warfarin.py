"""Warfarin maintenance dose by IWPC, with and without genotype (Klein 2009), and by Gage (Gage 2008)."""

from collections.abc import Mapping

import numpy as np

from precision.coefficients import Coefficients
from precision.model import Inputs, Mask, Model, Rule
from precision.result import Array, Citation, Estimate
from precision.schema import variable

IWPC, CLINICAL, GAGE = (
    Coefficients.read(name) for name in ("warfarin_iwpc", "warfarin_iwpc_clinical", "warfarin_gage")
)
DAYS = 7  # Gage's equation gives the dose of a day, the estimate is that of a week
GENOTYPES = ("vkorc1_1639", "cyp2c9_genotype")
HEADERS = {"cyp2c9": "cyp2c9_genotype"}  # in other files this header is the gene's diplotype in any nomenclature
COMEDICATION = ("enzyme_inducer", "amiodarone")
RACES = {"white": "", "black": "race_black", "asian": "race_asian", "chinese": "race_asian"}
VKORC1 = {"G/G": "", "A/G": "vkorc1_A/G", "A/A": "vkorc1_A/A"}
CYP2C9 = {"*1/*1": ""} | {pair: f"cyp2c9_{pair}" for pair in ("*1/*2", "*1/*3", "*2/*2", "*2/*3", "*3/*3")}
OTHER_CYP2C9 = variable("cyp2c9_genotype").code("other")
WHITE, BLACK = (variable("ancestry").code(level) for level in ("white", "black"))


def by_level(x: Inputs, name: str, terms: Mapping[str, str], rest: str, coefficients: Coefficients) -> Array:
    """(n,) coefficient of each patient's level; ``rest`` for unknown and for levels without a term of their own."""
    named = [*(terms.get(level, rest) for level in variable(name).levels), rest]
    effects = np.array([coefficients.of(term) if term else 0.0 for term in named])
    return effects[np.where(np.isnan(x[name]), len(effects) - 1, x[name]).astype(np.intp)]


def clinical_root(x: Inputs, coefficients: Coefficients) -> Array:
    """(n,) square root of the dose without genotype; a drug that is not recorded counts as not taken, as published."""
    terms = {
        "age_decade": np.floor(x["age"] / coefficients.of("age_unit")),
        "height": x["height"],
        "weight": x["weight"],
        **{drug: np.nan_to_num(x[drug]) for drug in COMEDICATION},
    }
    race = by_level(x, "ancestry", RACES, "race_missing_or_mixed", coefficients)
    return coefficients.of("intercept") + race + coefficients.predictor(terms)


def genetic_root(x: Inputs, coefficients: Coefficients = IWPC) -> Array:
    """(n,) square root of the dose with genotype; an unknown genotype has its own term."""
    vkorc1 = by_level(x, "vkorc1_1639", VKORC1, "vkorc1_unknown", coefficients)
    cyp2c9 = by_level(x, "cyp2c9_genotype", CYP2C9, "cyp2c9_unknown", coefficients)
    return clinical_root(x, coefficients) + vkorc1 + cyp2c9


def genetic_dose(x: Inputs, coefficients: Coefficients) -> Array:
    """(n, 1) mg a week."""
    return (genetic_root(x, coefficients) ** 2)[:, np.newaxis]


def clinical_dose(x: Inputs, coefficients: Coefficients) -> Array:
    """(n, 1) mg a week."""
    return (clinical_root(x, coefficients) ** 2)[:, np.newaxis]


def body_surface(x: Inputs, coefficients: Coefficients) -> Array:
    """(n,) body surface area in m² by Du Bois from kg and cm."""
    by_weight = x["weight"] ** coefficients.of("bsa_weight_power")
    return coefficients.of("bsa_constant") * by_weight * x["height"] ** coefficients.of("bsa_height_power")


def alleles(x: Inputs, name: str, allele: str) -> Array:
    """(n,) copies of an allele, 0 to 2, in a genotype whose levels write it out."""
    counts = np.array([level.split("/").count(allele) for level in variable(name).levels], dtype=np.float64)
    return counts[np.nan_to_num(x[name]).astype(np.intp)]


def gage_dose(x: Inputs, coefficients: Coefficients) -> Array:
    """7 exp(sum): the terms multiply, and each copy of an allele counts.

    Returns
    -------
    (n, 1) mg a week
    """
    as_recorded = ("age", "target_inr", "amiodarone", "current_smoker", "venous_thromboembolism_indication")
    terms = {
        "vkorc1_A_allele": alleles(x, "vkorc1_1639", "A"),
        "cyp2c9_*2_allele": alleles(x, "cyp2c9_genotype", "*2"),
        "cyp2c9_*3_allele": alleles(x, "cyp2c9_genotype", "*3"),
        "bsa": body_surface(x, coefficients),
        "black": 1.0 * (x["ancestry"] == BLACK),
        **{name: x[name] for name in as_recorded},
    }
    return DAYS * np.exp(coefficients.of("intercept") + coefficients.predictor(terms))[:, np.newaxis]


def clinical_remarks(x: Inputs) -> dict[str, Mask]:
    """Where the term for missing or mixed race was used, and where a drug was taken as not taken."""
    named = [variable("ancestry").code(level) for level in RACES]
    race = x["ancestry"]
    return {
        "absent:ancestry": np.isnan(race),
        "ignored:ancestry": ~np.isnan(race) & ~np.isin(race, named),
        **{f"assumed:{drug}:none": np.isnan(x[drug]) for drug in COMEDICATION},
    }


def genetic_remarks(x: Inputs) -> dict[str, Mask]:
    """The remarks without genotype, and where a term for unknown genotype was used."""
    return {
        **clinical_remarks(x),
        **{f"absent:{name}": np.isnan(x[name]) for name in GENOTYPES},
        "ignored:cyp2c9_genotype": x["cyp2c9_genotype"] == OTHER_CYP2C9,
    }


def gage_remarks(x: Inputs) -> dict[str, Mask]:
    """Where a population group has no part in the equation, which knows one term for African Americans."""
    return {"ignored:ancestry": ~np.isnan(x["ancestry"]) & ~np.isin(x["ancestry"], (WHITE, BLACK))}


def no_root(x: Inputs) -> Mask:
    """Where the sum, the square root of a dose, is not above 0: its square would rise again."""
    return genetic_root(x) <= 0


CONSORTIUM = Citation(
    "International Warfarin Pharmacogenetics Consortium. Estimation of the warfarin dose with clinical and "
    "pharmacogenetic data. N Engl J Med 2009;360:753-764",
    doi="10.1056/NEJMoa0809329",
    year=2009,
)
# The paper prints no limits: these are the least and the greatest of the 5,700 patients that the consortium released,
# whose youngest decade is 10 to 19 and the oldest 90 and above. Its accuracy is that of a target INR of 2 to 3.
RELEASED = {
    "height": (124.97, 202.0),
    "weight": (30.0, 237.7),
    "target_inr": (2.0, 3.0),
}
PATIENTS = (
    "People on a stable dose of warfarin at an INR of 2 to 3; derived in 4,043 patients of 21 groups in 9 countries, "
    "validated in 1,009 others. The paper prints no limits: those of age, height and weight here are of the "
    "5,700 patients whose data it released, few of them below 20 years."
)
CAUTION = (
    "The estimated dose to maintain, not one to load with: INR decides. No interval for one person is published. "
    "The race terms are those of the cohort, not a biological fact; a population group without a term of its own gets "
    "the one for missing or mixed race. Drugs that are not recorded count as not taken, as published."
)


YOUNGEST = Rule("range", "warfarin_below_10_years", lambda x: x["age"] < 10)


def of_week(*required: str) -> tuple[Estimate, ...]:
    """The one estimate of these models."""
    return (Estimate("warfarin_dose", "Warfarin maintenance dose", unit="mg/wk", required=required),)


MODELS = (
    Model(
        name="warfarin_iwpc",
        label="Warfarin dose, IWPC with genotype",
        domain="medicines",
        estimates=of_week("age", "height", "weight"),
        coefficients=IWPC,
        formula=genetic_dose,
        optional=("ancestry", *GENOTYPES, *COMEDICATION, "target_inr"),
        ranges=RELEASED,
        rules=(YOUNGEST, Rule("population", "warfarin_root_not_above_0", no_root)),
        remarks=genetic_remarks,
        headers=HEADERS,
        citation=CONSORTIUM,
        population=PATIENTS,
        notice=(
            f"{CAUTION} Unknown genotypes, and CYP2C9 alleles other than *2 and *3, get the term for unknown. "
            "On average 8.6 mg a week off (fixed dose of 35 mg: 12.9), further in Black patients (11.7) than in White "
            "(8.9) or Asian ones (6.7). Within 20 % of the dose needed in the paper's validation: 33 % of who needed "
            "21 mg or less, 55 % of 21 to 49 mg, 37 % of 49 mg or more; errors are mostly too high in the first group "
            "(62 %) and too low in the last (63 %)."
        ),
    ),
    Model(
        name="warfarin_iwpc_clinical",
        label="Warfarin dose, IWPC without genotype",
        domain="medicines",
        estimates=of_week("age", "height", "weight"),
        coefficients=CLINICAL,
        formula=clinical_dose,
        optional=("ancestry", *COMEDICATION, "target_inr"),
        ranges=RELEASED,
        rules=(YOUNGEST,),
        remarks=clinical_remarks,
        citation=CONSORTIUM,
        population=PATIENTS,
        notice=(
            f"{CAUTION} On average 10.5 mg a week off (fixed dose of 35 mg: 12.9). Within 20 % of the dose needed in "
            "the paper's validation: 26 % of who needed 21 mg or less, 54 % of 21 to 49 mg, 10 % of 49 mg or more. "
            "With both genotypes known the other IWPC equation is nearer."
        ),
    ),
    Model(
        name="warfarin_gage",
        label="Warfarin dose, Gage with genotype",
        domain="medicines",
        estimates=of_week(
            *("age", "height", "weight", "ancestry", *GENOTYPES, "target_inr", "amiodarone", "current_smoker"),
            "venous_thromboembolism_indication",
        ),
        coefficients=GAGE,
        formula=gage_dose,
        rules=(
            Rule("population", "cyp2c9_without_a_term", lambda x: x["cyp2c9_genotype"] == OTHER_CYP2C9),
            Rule("population", "no_body_surface", lambda x: (x["height"] <= 0) | (x["weight"] <= 0)),
        ),
        remarks=gage_remarks,
        headers=HEADERS,
        citation=Citation(
            "Gage BF et al. Use of pharmacogenetic and clinical factors to predict the therapeutic dose of warfarin. "
            "Clin Pharmacol Ther 2008;84:326-331",
            doi="10.1038/clpt.2008.10",
            year=2008,
        ),
        population=(
            "People on a stable dose of warfarin; derived in 1,015 patients in the United States, validated in "
            "292 others. No limits of age, height, weight or target INR could be verified, so none are applied."
        ),
        notice=(
            "The estimated dose to maintain, not one to load with: INR decides. No interval for one person is "
            "published; the equation explained 53 to 54 % of the variation in dose. It has no term for an unknown "
            "genotype or race, so each must be known; of population groups it has a term for African Americans only. "
            "Body surface is by Du Bois: which formula the paper used is not confirmed. Its slopes agree with the "
            "effects in the paper's abstract; the intercept could be checked against one implementation only."
        ),
    ),
)
