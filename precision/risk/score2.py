"""SCORE2 and SCORE2-OP: 10-year risk of cardiovascular disease in four European risk regions (2021)."""

import numpy as np
from numpy.typing import NDArray

from precision.coefficients import Coefficients
from precision.model import Inputs, Model
from precision.result import Array, Citation, Estimate
from precision.risk.derivations import CURRENT_SMOKER, DIABETES, KIDNEY_DISEASE
from precision.schema import variable
from precision.units import conversion

REGIONS = variable("score2_region").levels
CHOLESTEROL = conversion("cholesterol", "mg/dL", "mmol/L")
LIPIDS = {"total_cholesterol": "mmol/L", "hdl_cholesterol": "mmol/L"}
OLDER = 2  # the strata of SCORE2-OP follow the two of SCORE2


def risk(x: Inputs, coefficients: Coefficients) -> Array:
    """1 - S0 ** exp(predictor - mean predictor), recalibrated to the region; SCORE2-OP from 70 years on.

    Returns
    -------
    (n, 1) probability in 10 years
    """
    sex = (x["sex"] == 1).astype(np.intp)
    stratum = sex + OLDER * (x["age"] >= coefficients.of("from_age", OLDER + sex))
    predictor = coefficients.predictor(conventional(x, coefficients, stratum), stratum)
    predictor -= coefficients.of("mean_predictor", stratum)
    return recalibrated(predictor, x["score2_region"], coefficients, stratum)[:, np.newaxis]


def conventional(x: Inputs, coefficients: Coefficients, stratum: NDArray[np.intp]) -> dict[str, Array]:
    """The terms that the models of the SCORE2 family share, (n,) each: centred, in the model's units, and by age."""
    found = {
        "sbp": centred("sbp", x["systolic_bp"], coefficients, stratum),
        "total_cholesterol": CHOLESTEROL.apply(x["total_cholesterol"])
        - coefficients.of("total_cholesterol_centre", stratum),
        "hdl": centred("hdl", CHOLESTEROL.apply(x["hdl_cholesterol"]), coefficients, stratum),
        "smoker": x["current_smoker"],
    }
    age = centred("age", x["age"], coefficients, stratum)
    return found | {f"age*{name}": age * values for name, values in found.items()} | {"age": age}


def centred(term: str, values: Array, coefficients: Coefficients, stratum: NDArray[np.intp]) -> Array:
    """(value - centre) / unit of a term."""
    return (values - coefficients.of(f"{term}_centre", stratum)) / coefficients.of(f"{term}_unit", stratum)


def recalibrated(predictor: Array, region: Array, coefficients: Coefficients, stratum: NDArray[np.intp]) -> Array:
    """(n,) risk of a region: 1 - exp(-exp(scale1 + scale2 ln(-ln(survival)))), survival = S0 ** exp(predictor)."""
    place = np.where(np.isnan(region), 0, region).astype(np.intp)
    every = np.arange(len(coefficients.strata))
    scale1, scale2 = (
        np.array([coefficients.of(f"{scale}_{name}", every) for name in REGIONS])[place, stratum]
        for scale in ("scale1", "scale2")
    )
    log_hazard = np.log(-np.log(coefficients.of("baseline_survival", stratum))) + predictor
    return -np.expm1(-np.exp(scale1 + scale2 * log_hazard))


CONVENTIONAL = ("score2_region", "age", "sex", "current_smoker", "systolic_bp", "total_cholesterol", "hdl_cholesterol")
OUTCOME = "Cardiovascular death, heart attack or stroke"

MODEL = Model(
    name="score2",
    label="SCORE2 and SCORE2-OP 2021",
    estimates=(Estimate("total_cvd", OUTCOME, horizon_years=10.0, required=CONVENTIONAL),),
    coefficients=Coefficients.read("score2"),
    formula=risk,
    derivations=(CURRENT_SMOKER, *DIABETES, KIDNEY_DISEASE),
    ranges={"age": (40.0, 89.0)},
    excluded=("prior_cvd", "diabetes", "ckd", "familial_hypercholesterolaemia"),
    units=LIPIDS,
    citation=Citation(
        "SCORE2 working group and ESC Cardiovascular risk collaboration. SCORE2 risk prediction algorithms: new models "
        "to estimate 10-year risk of cardiovascular disease in Europe. Eur Heart J 2021;42:2439-2454. From 70 years: "
        "SCORE2-OP working group. Eur Heart J 2021;42:2455-2467, doi:10.1093/eurheartj/ehab312",
        doi="10.1093/eurheartj/ehab309",
        year=2021,
    ),
    population=(
        "Adults of 40 to 89 years in Europe without cardiovascular disease or diabetes. SCORE2 (40 to 69 years) was "
        "derived in 677,684 people of 45 cohorts, SCORE2-OP (from 70 years) in 28,503 people of the Cohort of Norway; "
        "both were recalibrated to four risk regions."
    ),
    notice=(
        "The risk region is that of the country of residence; a country outside the published list has none, and none "
        "is assumed. The number jumps at 70 years, where SCORE2-OP takes over. Competing deaths are accounted for."
    ),
)
