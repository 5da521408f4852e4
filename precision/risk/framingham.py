"""Framingham general cardiovascular risk in 10 years, with lipids or with BMI (D'Agostino 2008)."""

import numpy as np

from precision.coefficients import Coefficients
from precision.model import Inputs, Model
from precision.result import Array, Citation, Estimate
from precision.risk.derivations import BMI, CURRENT_SMOKER

# Measurements that enter as their logarithm, beside age and systolic pressure.
LOGGED = {"ln_total_cholesterol": "total_cholesterol", "ln_hdl": "hdl_cholesterol", "ln_bmi": "bmi"}


def risk(x: Inputs, coefficients: Coefficients) -> Array:
    """1 - S0 ** exp(predictor - mean predictor), by sex; never clipped.

    Returns
    -------
    (n, 1) probability in 10 years
    """
    sex = (x["sex"] == 1).astype(np.intp)
    treated, ln_sbp = x["antihypertensive_treatment"], np.log(x["systolic_bp"])
    terms = {
        "ln_age": np.log(x["age"]),
        **{term: np.log(x[name]) for term, name in LOGGED.items() if term in coefficients.terms},
        "ln_untreated_sbp": (1 - treated) * ln_sbp,
        "ln_treated_sbp": treated * ln_sbp,
        "smoker": x["current_smoker"],
        "diabetes": x["diabetes"],
    }
    predictor = coefficients.predictor(terms, sex) - coefficients.of("mean_predictor", sex)
    return (1 - coefficients.of("baseline_survival", sex) ** np.exp(predictor))[:, np.newaxis]


def _model(name: str, label: str, measured: tuple[str, ...], says: str) -> Model:
    derivations = (*([BMI] if "bmi" in measured else []), CURRENT_SMOKER)
    return Model(
        name=name,
        label=label,
        estimates=(
            Estimate(
                "total_cvd",
                "Heart attack, angina, stroke or TIA, leg artery disease or heart failure",
                horizon_years=10.0,
                required=(
                    ("age", "sex", *measured, "systolic_bp", "antihypertensive_treatment")
                    + ("current_smoker", "diabetes")
                ),
            ),
        ),
        coefficients=Coefficients.read(name),
        formula=risk,
        derivations=derivations,
        ranges={"age": (30.0, 74.0)},
        excluded=("prior_cvd",),
        citation=Citation(
            "D'Agostino RB Sr et al. General cardiovascular risk profile for use in primary care: the Framingham "
            "Heart Study. Circulation 2008;117:743-753",
            doi="10.1161/CIRCULATIONAHA.107.699579",
            year=2008,
        ),
        population=(
            "Adults of 30 to 74 years without cardiovascular disease; derived in 8,491 mostly White people of the "
            "Framingham Heart Study, with 12 years of follow-up from 1968 to 1987."
        ),
        notice=(
            f"{says} The outcome is wider than that of newer models (it counts angina, TIA and claudication) and the "
            "people are of an earlier time: expect a higher number than PREVENT gives."
        ),
    )


MODELS = (
    _model(
        "framingham_lipid",
        "Framingham 2008 (lipids)",
        ("total_cholesterol", "hdl_cholesterol"),
        "The primary model of the paper.",
    ),
    _model(
        "framingham_bmi",
        "Framingham 2008 (BMI)",
        ("bmi",),
        "The paper's model for use without a laboratory; prefer the one with lipids where they are known.",
    ),
)
