"""SCORE2-Diabetes: 10-year risk of cardiovascular disease in type 2 diabetes, in four European risk regions (2023)."""

import numpy as np

from precision.coefficients import Coefficients
from precision.model import Inputs, Mask, Model, Rule
from precision.result import Array, Citation, Estimate
from precision.risk.derivations import CURRENT_SMOKER, DIABETES, EGFR
from precision.risk.score2 import CONVENTIONAL, LIPIDS, OUTCOME, centred, conventional, recalibrated
from precision.units import conversion

HBA1C = conversion("hba1c", "%", "mmol/mol")


def risk(x: Inputs, coefficients: Coefficients) -> Array:
    """1 - S0 ** exp(predictor), recalibrated to the region; everyone has diabetes.

    Returns
    -------
    (n, 1) probability in 10 years
    """
    sex = (x["sex"] == 1).astype(np.intp)
    shared = conventional(x, coefficients, sex)
    age = shared["age"]
    hba1c = centred("hba1c", HBA1C.apply(x["hba1c"]), coefficients, sex)
    ln_egfr = centred("ln_egfr", np.log(x["egfr"]), coefficients, sex)
    own = {
        "diabetes": x["diabetes"],
        "diagnosis": x["diabetes"] * centred("diagnosis", x["age_at_diabetes_diagnosis"], coefficients, sex),
        "hba1c": hba1c,
        "ln_egfr": ln_egfr,
        "ln_egfr_squared": ln_egfr**2,
        "age*diabetes": age * x["diabetes"],
        "age*hba1c": age * hba1c,
        "age*ln_egfr": age * ln_egfr,
    }
    predictor = coefficients.predictor(shared | own, sex)
    return recalibrated(predictor, x["score2_region"], coefficients, sex)[:, np.newaxis]


def without_diabetes(x: Inputs) -> Mask:
    """Known not to have diabetes."""
    return x["diabetes"] == 0


def diagnosed_later(x: Inputs) -> Mask:
    """Diagnosed at an age that is still to come."""
    return x["age_at_diabetes_diagnosis"] > x["age"]


MODEL = Model(
    name="score2_diabetes",
    label="SCORE2-Diabetes 2023",
    estimates=(
        Estimate(
            "total_cvd",
            OUTCOME,
            horizon_years=10.0,
            required=(*CONVENTIONAL, "diabetes", "age_at_diabetes_diagnosis", "hba1c", "egfr"),
        ),
    ),
    coefficients=Coefficients.read("score2_diabetes"),
    formula=risk,
    derivations=(CURRENT_SMOKER, EGFR, *DIABETES),
    ranges={"age": (40.0, 69.0)},
    excluded=("prior_cvd", "type1_diabetes", "familial_hypercholesterolaemia"),
    rules=(
        Rule("population", "no_diabetes", without_diabetes),
        Rule("range", "age_at_diabetes_diagnosis", diagnosed_later),
    ),
    units={**LIPIDS, "hba1c": "mmol/mol"},
    citation=Citation(
        "SCORE2-Diabetes working group and ESC Cardiovascular risk collaboration. SCORE2-Diabetes: 10-year "
        "cardiovascular risk estimation in type 2 diabetes in Europe. Eur Heart J 2023;44:2544-2556",
        doi="10.1093/eurheartj/ehad260",
        year=2023,
    ),
    population=(
        "People of 40 to 69 years with type 2 diabetes and without cardiovascular disease in Europe. Derived in "
        "229,460 people of four data sets, validated in 217,036 others, recalibrated to four risk regions."
    ),
    notice=(
        "For type 2 diabetes only. With severe damage to an organ (much albumin in the urine, low kidney function, "
        "several small-vessel diseases) European guidelines count the risk as very high without a calculation. The "
        "paper states no limits of the measurements: far values go beyond what it was tested on."
    ),
)
