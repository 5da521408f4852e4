"""Pooled Cohort Equations: 10-year risk of a first hard ASCVD event (Goff 2014)."""

import numpy as np

from precision.coefficients import Coefficients
from precision.model import Inputs, Model
from precision.result import Array, Citation, Estimate
from precision.risk.derivations import CURRENT_SMOKER
from precision.schema import variable

BLACK = variable("ancestry").code("black")


def risk(x: Inputs, coefficients: Coefficients) -> Array:
    """1 - S0 ** exp(predictor - mean predictor), in the sex and ancestry stratum of each patient.

    Ancestries other than black use the White equations, as the guideline has it; the model admits them only when it
    is asked to extrapolate.

    Returns
    -------
    (n, 1) probability in 10 years
    """
    stratum = 2 * (x["sex"] == 1).astype(np.intp) + (x["ancestry"] == BLACK)
    age, tc, hdl, sbp = (np.log(x[name]) for name in ("age", "total_cholesterol", "hdl_cholesterol", "systolic_bp"))
    treated, smoker = x["antihypertensive_treatment"], x["current_smoker"]
    terms = {
        "ln_age": age,
        "ln_age_squared": age**2,
        "ln_total_cholesterol": tc,
        "ln_age*ln_total_cholesterol": age * tc,
        "ln_hdl": hdl,
        "ln_age*ln_hdl": age * hdl,
        "ln_treated_sbp": treated * sbp,
        "ln_age*ln_treated_sbp": treated * age * sbp,
        "ln_untreated_sbp": (1 - treated) * sbp,
        "ln_age*ln_untreated_sbp": (1 - treated) * age * sbp,
        "smoker": smoker,
        "ln_age*smoker": age * smoker,
        "diabetes": x["diabetes"],
    }
    predictor = coefficients.predictor(terms, stratum) - coefficients.of("mean_predictor", stratum)
    return (1 - coefficients.of("baseline_survival", stratum) ** np.exp(predictor))[:, np.newaxis]


MODEL = Model(
    name="pooled_cohort",
    label="Pooled Cohort Equations 2013",
    estimates=(
        Estimate(
            "ascvd",
            "First heart attack, coronary death or stroke",
            horizon_years=10.0,
            required=(
                ("age", "sex", "ancestry", "total_cholesterol", "hdl_cholesterol", "systolic_bp")
                + ("antihypertensive_treatment", "current_smoker", "diabetes")
            ),
        ),
    ),
    coefficients=Coefficients.read("pooled_cohort"),
    formula=risk,
    derivations=(CURRENT_SMOKER,),
    ranges={
        "age": (40.0, 79.0),
        "total_cholesterol": (130.0, 320.0),
        "hdl_cholesterol": (20.0, 100.0),
        "systolic_bp": (90.0, 200.0),
    },
    levels={"ancestry": ("white", "black")},
    excluded=("prior_cvd",),
    citation=Citation(
        "Goff DC et al. 2013 ACC/AHA guideline on the assessment of cardiovascular risk. "
        "Circulation 2014;129(25 suppl 2):S49-S73",
        doi="10.1161/01.cir.0000437741.48606.98",
        year=2013,
    ),
    population=(
        "Non-Hispanic White and African American adults of 40 to 79 years without cardiovascular disease; "
        "derived in ARIC, the Cardiovascular Health Study, CARDIA and Framingham."
    ),
    notice=(
        "Published for White and Black people only; asked to extrapolate, it uses the White equations for others. "
        "PREVENT needs no ancestry and is the newer model."
    ),
)
