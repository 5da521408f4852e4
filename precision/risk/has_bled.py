"""HAS-BLED: points for major bleeding under anticoagulants in atrial fibrillation (Pisters 2010)."""

import numpy as np

from precision.coefficients import Coefficients
from precision.model import Derivation, Inputs, Mask, Model, Rule
from precision.result import Array, Citation, Estimate
from precision.risk.cha2ds2_vasc import atrial_fibrillation_assumed, no_atrial_fibrillation
from precision.risk.points import rate

TABLE = Coefficients.read("has_bled")
POINTS, LIMITS = TABLE.under("score_"), TABLE.under("derived_")
SCORES = range(6)  # scores that have a published rate
NEEDS = tuple(term for term in TABLE.terms if not term.startswith("score_"))


def points(x: Inputs, coefficients: Coefficients) -> Array:
    """(n, 2) points 0 to 9, one for each item, and bleeds per 100 patient-years."""
    score = coefficients.predictor({name: x[name] for name in NEEDS}, coefficients.strata.index("points"))
    return np.column_stack([score, rate(score, coefficients, SCORES, "bleeds")])


def no_rate(x: Inputs) -> Mask:
    """Where the score has no published rate: 6 points and more."""
    return points(x, POINTS)[:, 0] >= SCORES.stop


def uncontrolled(x: Inputs) -> Array:
    """1 where systolic pressure is above the limit, not on it."""
    above = LIMITS.of("uncontrolled_hypertension", LIMITS.strata.index("above"))
    return (x["systolic_bp"] > above).astype(np.float64)


def elderly(x: Inputs) -> Array:
    """1 where age is above the limit, not on it."""
    return (x["age"] > LIMITS.of("age_over_65", LIMITS.strata.index("above"))).astype(np.float64)


def kidneys_fail(x: Inputs) -> Array:
    """1 on dialysis, with a transplant, or from the creatinine limit on."""
    high = x["creatinine"] >= LIMITS.of("abnormal_renal_function", LIMITS.strata.index("from"))
    return np.maximum(np.maximum(x["dialysis"], x["kidney_transplant"]), high)


MODEL = Model(
    name="has_bled",
    label="HAS-BLED",
    estimates=(
        Estimate("has_bled", "HAS-BLED", unit="{score}", required=NEEDS),
        Estimate(
            "major_bleeding_rate",
            "Major bleeding under anticoagulant, yearly",
            unit="{bleeds_per_100_patient_years}",
            required=NEEDS,
        ),
    ),
    coefficients=POINTS,
    formula=points,
    optional=("atrial_fibrillation",),
    derivations=(
        Derivation("uncontrolled_hypertension", "systolic_pressure", ("systolic_bp",), uncontrolled),
        Derivation("age_over_65", "age", ("age",), elderly),
        Derivation(
            "abnormal_renal_function",
            "dialysis_transplant_and_creatinine",
            ("dialysis", "kidney_transplant", "creatinine"),
            kidneys_fail,
        ),
    ),
    rules=(
        Rule("population", "no_atrial_fibrillation", no_atrial_fibrillation),
        Rule("range", "has_bled_above_5", no_rate, ("major_bleeding_rate",)),
    ),
    remarks=atrial_fibrillation_assumed,
    citation=Citation(
        "Pisters R et al. A novel user-friendly score (HAS-BLED) to assess 1-year risk of major bleeding in patients "
        "with atrial fibrillation: the Euro Heart Survey. Chest 2010;138:1093-1100",
        doi="10.1378/chest.10-0134",
        year=2010,
    ),
    population="Adults with atrial fibrillation; derived in the Euro Heart Survey, followed for a year.",
    notice=(
        "3 points and more call for closer follow-up and for mending what can be mended; "
        "the score alone is never a reason to withhold an anticoagulant. "
        "Labile INR is a time in range under 60%, and 'no' for who takes no vitamin K antagonist."
    ),
)
