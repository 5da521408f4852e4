"""CKD-EPI with cystatin C: filtration from cystatin C alone (2012) or with creatinine (2021)."""

import numpy as np
from numpy.typing import NDArray

from precision.coefficients import Coefficients
from precision.model import Inputs, Model
from precision.result import Array, Citation, Estimate
from precision.schema import variable

ADULT = (18.0, variable("age").hard[1])
UNIT = "mL/min/{1.73_m2}"


def marker(values: Array, coefficients: Coefficients, sex: NDArray[np.intp], prefix: str = "") -> Array:
    """min(value/k, 1) ** below * max(value/k, 1) ** above, by sex."""
    ratio = values / coefficients.of(f"{prefix}kappa", sex)
    below = coefficients.of(f"{prefix}exponent_below_kappa", sex)
    return np.minimum(ratio, 1) ** below * np.maximum(ratio, 1) ** coefficients.of(f"{prefix}exponent_above_kappa", sex)


def common(x: Inputs, coefficients: Coefficients, sex: NDArray[np.intp]) -> Array:
    """What both equations multiply the markers by: constant, age and sex."""
    aged = coefficients.of("yearly_factor", sex) ** x["age"]
    return coefficients.of("constant", sex) * aged * coefficients.of("sex_factor", sex)


def from_cystatin(x: Inputs, coefficients: Coefficients) -> Array:
    """133 min(Scys/0.8, 1)^-0.499 max(Scys/0.8, 1)^-1.328 0.996^age (0.932 if female), in mg/L.

    Returns
    -------
    (n, 1) mL/min/1.73 m², not rounded
    """
    sex = (x["sex"] == 1).astype(np.intp)
    return (common(x, coefficients, sex) * marker(x["cystatin_c"], coefficients, sex))[:, np.newaxis]


def from_both(x: Inputs, coefficients: Coefficients) -> Array:
    """135 times creatinine (mg/dL) and cystatin C (mg/L) markers, 0.9961^age (0.963 if female).

    Returns
    -------
    (n, 1) mL/min/1.73 m², not rounded
    """
    sex = (x["sex"] == 1).astype(np.intp)
    creatinine = marker(x["creatinine"], coefficients, sex, "creatinine_")
    cystatin = marker(x["cystatin_c"], coefficients, sex, "cystatin_")
    return (common(x, coefficients, sex) * creatinine * cystatin)[:, np.newaxis]


# The papers set no limit to the markers: what the dictionary calls impossible is not one.
MODELS = (
    Model(
        name="ckd_epi_cystatin_2012",
        label="CKD-EPI 2012 (cystatin C)",
        domain="kidney",
        estimates=(
            Estimate(
                "egfr_cystatin_c",
                "Estimated glomerular filtration rate (cystatin C)",
                unit=UNIT,
                required=("cystatin_c", "age", "sex"),
            ),
        ),
        coefficients=Coefficients.read("ckd_epi_cystatin_2012"),
        formula=from_cystatin,
        ranges={"cystatin_c": variable("cystatin_c").hard, "age": ADULT},
        citation=Citation(
            "Inker LA et al. Estimating glomerular filtration rate from serum creatinine and cystatin C. "
            "N Engl J Med 2012;367:20-29",
            doi="10.1056/NEJMoa1114248",
            year=2012,
        ),
        population=(
            "Adults of 18 years and older; derived in 13 studies with measured filtration rate, validated in 5 others. "
            "Not for dialysis, acute kidney injury or pregnancy."
        ),
        notice=(
            "Cystatin C must be standardised (ERM-DA471/IFCC). It does not depend on muscle, but thyroid disease, "
            "steroids, obesity, smoking and inflammation mislead it."
        ),
    ),
    Model(
        name="ckd_epi_2021_creatinine_cystatin",
        label="CKD-EPI 2021 (creatinine and cystatin C)",
        domain="kidney",
        estimates=(
            Estimate(
                "egfr_creatinine_cystatin_c",
                "Estimated glomerular filtration rate (creatinine and cystatin C)",
                unit=UNIT,
                required=("creatinine", "cystatin_c", "age", "sex"),
            ),
        ),
        coefficients=Coefficients.read("ckd_epi_2021_creatinine_cystatin"),
        formula=from_both,
        ranges={
            "creatinine": variable("creatinine").hard,
            "cystatin_c": variable("cystatin_c").hard,
            "age": ADULT,
        },
        citation=Citation(
            "Inker LA et al. New creatinine- and cystatin C-based equations to estimate GFR without race. "
            "N Engl J Med 2021;385:1737-1749",
            doi="10.1056/NEJMoa2102953",
            year=2021,
        ),
        population=(
            "Adults of 18 years and older; derived and validated in cohorts with measured filtration rate. "
            "Not for dialysis, acute kidney injury or pregnancy."
        ),
        notice=(
            "Standardised creatinine (IDMS) and cystatin C (IFCC) of the same day, in a steady state. "
            "The most accurate of the three equations where both are known."
        ),
    ),
)
