"""Pooled Cohort Equations revised in 2018: 10-year risk of a first hard ASCVD event (Yadlowsky 2018)."""

import numpy as np

from precision.coefficients import Coefficients
from precision.kernels import logistic
from precision.model import Inputs, Model
from precision.result import Array, Citation, Estimate
from precision.risk.derivations import CURRENT_SMOKER
from precision.schema import variable

BLACK = variable("ancestry").code("black")


def risk(x: Inputs, coefficients: Coefficients) -> Array:
    """1 / (1 + exp(-log odds)), the log odds a sum over terms of the patient's sex; a term's factors between asterisks.

    Returns
    -------
    (n, 1) probability in 10 years
    """
    sex = (x["sex"] == 1).astype(np.intp)
    of = {
        "constant": np.ones_like(x["age"]),
        "age": x["age"],
        "black": (x["ancestry"] == BLACK).astype(np.float64),
        "sbp": x["systolic_bp"],
        "sbp_squared": np.square(x["systolic_bp"]),
        "bp_treated": x["antihypertensive_treatment"],
        "diabetes": x["diabetes"],
        "smoker": x["current_smoker"],
        "cholesterol_hdl_ratio": x["total_cholesterol"] / x["hdl_cholesterol"],
    }
    log_odds = np.zeros_like(x["age"])
    for term in coefficients.terms:
        first, *others = term.split("*")
        product = coefficients.of(term, sex) * of[first]
        for other in others:
            product *= of[other]
        log_odds += product
    return logistic(log_odds)[:, np.newaxis]


MODEL = Model(
    name="pooled_cohort_2018",
    label="Pooled Cohort Equations, revised 2018",
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
    coefficients=Coefficients.read("pooled_cohort_2018"),
    formula=risk,
    derivations=(CURRENT_SMOKER,),
    ranges={"age": (40.0, 79.0)},
    levels={"ancestry": ("white", "black")},
    excluded=("prior_cvd",),
    citation=Citation(
        "Yadlowsky S et al. Clinical implications of revised pooled cohort equations for estimating atherosclerotic "
        "cardiovascular disease risk. Ann Intern Med 2018;169:20-29",
        doi="10.7326/M17-3011",
        year=2018,
    ),
    population=(
        "White and Black adults of 40 to 79 years without cardiovascular disease; derived in 26,689 people of six "
        "United States cohorts, newer ones than those of 2013."
    ),
    notice=(
        "Guideline thresholds were set for the equations of 2013, whose numbers are often higher. "
        "Published for White and Black people only; asked to extrapolate, it counts other ancestries as White. "
        "PREVENT needs no ancestry and is the newer model."
    ),
)
