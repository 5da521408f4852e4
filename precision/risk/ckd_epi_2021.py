"""CKD-EPI 2021: estimated glomerular filtration rate from creatinine, age and sex (Inker 2021)."""

import numpy as np

from precision.coefficients import Coefficients
from precision.model import Inputs, Model
from precision.result import Array, Citation, Estimate
from precision.schema import variable

TABLE = Coefficients.read("ckd_epi_2021")
NEEDS = ("creatinine", "age", "sex")


def filtration(x: Inputs, coefficients: Coefficients = TABLE) -> Array:
    """142 min(Scr/k, 1)^a max(Scr/k, 1)^-1.2 0.9938^age (1.012 if female), creatinine in mg/dL.

    Returns
    -------
    (n,) mL/min/1.73 m², not rounded
    """
    sex = (x["sex"] == 1).astype(np.intp)
    ratio = x["creatinine"] / coefficients.of("kappa", sex)
    return (
        coefficients.of("constant", sex)
        * np.minimum(ratio, 1) ** coefficients.of("exponent_below_kappa", sex)
        * np.maximum(ratio, 1) ** coefficients.of("exponent_above_kappa", sex)
        * coefficients.of("yearly_factor", sex) ** x["age"]
        * coefficients.of("sex_factor", sex)
    )


def estimates(x: Inputs, coefficients: Coefficients) -> Array:
    """(n, 1) estimated glomerular filtration rate."""
    return filtration(x, coefficients)[:, np.newaxis]


MODEL = Model(
    name="ckd_epi_2021",
    label="CKD-EPI 2021 (creatinine)",
    domain="kidney",
    estimates=(Estimate("egfr", "Estimated glomerular filtration rate", unit="mL/min/{1.73_m2}", required=NEEDS),),
    coefficients=TABLE,
    formula=estimates,
    # The paper sets no limit to creatinine: what the dictionary calls impossible is not one.
    ranges={"creatinine": variable("creatinine").hard, "age": (18.0, variable("age").hard[1])},
    citation=Citation(
        "Inker LA et al. New creatinine- and cystatin C-based equations to estimate GFR without race. "
        "N Engl J Med 2021;385:1737-1749",
        doi="10.1056/NEJMoa2102953",
        year=2021,
    ),
    population=(
        "Adults of 18 years and older; derived in 10 cohorts with measured filtration rate, "
        "validated in 12 others. Not for dialysis, acute kidney injury or pregnancy."
    ),
    notice="Standardised (IDMS) creatinine in a steady state. Very large or small muscle mass misleads it.",
)
