"""Kidney Failure Risk Equation: dialysis or transplant within 2 and 5 years, with 4, 6 or 8 variables (Tangri)."""

import math
from collections.abc import Mapping

import numpy as np

from precision.coefficients import Coefficients
from precision.model import Inputs, Mask, Model, Rule
from precision.result import Array, Citation, Estimate
from precision.risk.derivations import EGFR
from precision.schema import variable

YEARS = (2, 5)
BASE = ("age", "sex", "egfr", "uacr", "kfre_region")
FURTHER: Mapping[int, tuple[str, ...]] = {
    4: (),
    6: ("diabetes", "hypertension"),
    8: ("albumin", "phosphate", "bicarbonate", "calcium"),
}


def risk(x: Inputs, coefficients: Coefficients) -> Array:
    """1 - S0 ** exp(sum of coefficient * (value / divisor - mean)), S0 by region and horizon.

    Returns
    -------
    (n, 2) probability in 2 and in 5 years
    """
    entered = {**x, "male": x["sex"], "ln_uacr": np.log(np.where(x["uacr"] > 0, x["uacr"], np.nan))}
    predictor = np.zeros_like(x["age"])
    for term, (weight, mean, divisor, *_) in zip(coefficients.terms, coefficients.values, strict=True):
        if term in entered:
            predictor += weight * (entered[term] / divisor - mean)
    outside = (x["kfre_region"] == 1).astype(np.intp)
    region = coefficients.strata.index("north_america") + outside
    survival = [coefficients.of(f"baseline_survival_{years}", region) for years in YEARS]
    return (1 - np.stack(survival) ** np.exp(predictor)).T


def no_albumin(x: Inputs) -> Mask:
    """Where the ratio is 0, which has no logarithm."""
    return x["uacr"] <= 0


def _model(count: int) -> Model:
    name = f"kfre_{count}"
    return Model(
        name=name,
        label=f"Kidney failure risk ({count} variables)",
        domain="kidney",
        estimates=tuple(
            Estimate(
                "kidney_failure",
                "Kidney failure (dialysis or transplant)",
                horizon_years=float(years),
                required=(*BASE, *FURTHER[count]),
            )
            for years in YEARS
        ),
        coefficients=Coefficients.read(name),
        formula=risk,
        derivations=(EGFR,),
        # Chronic kidney disease G3 to G5: 60 itself is outside.
        ranges={
            "age": (18.0, variable("age").hard[1]),
            "egfr": (variable("egfr").hard[0], math.nextafter(60.0, 0.0)),
        },
        excluded=("dialysis", "kidney_transplant"),
        rules=(Rule("range", "zero_uacr", no_albumin),),
        citation=Citation(
            "Tangri N et al. Multinational assessment of accuracy of equations for predicting risk of kidney failure. "
            "JAMA 2016;315:164-174; equations of Tangri N et al. JAMA 2011;305:1553-1559",
            doi="10.1001/jama.2015.18202",
            year=2016,
        ),
        population=(
            "Adults with chronic kidney disease and an eGFR below 60; derived in 3,449 people referred in Ontario, "
            "validated in 721,357 people of 31 cohorts in more than 30 countries."
        ),
        notice=(
            "It was derived with the eGFR of CKD-EPI 2009; here the eGFR is that of CKD-EPI 2021, which is a little "
            "higher in most people and lower in Black people. The low filtration must have lasted 3 months. "
            "Death before kidney failure is not counted, so old and frail people get too high a number. "
            "The region has no default: it changes the risk by up to a third."
        ),
    )


MODELS = tuple(_model(count) for count in FURTHER)
