"""ADA risk test: points for undiagnosed diabetes and prediabetes, no laboratory needed (Bang 2009, later form)."""

import numpy as np

from precision.coefficients import Coefficients
from precision.model import Inputs, Mask, Model, Rule
from precision.result import Array, Citation, Estimate
from precision.risk.derivations import BMI
from precision.risk.points import graded
from precision.schema import variable

TABLE = Coefficients.read("ada_diabetes")
ASIAN = [variable("ancestry").code(level) for level in ("asian", "chinese")]
FIRST_DEGREE = variable("family_history_diabetes").code("first_degree")
NEEDS = ("age", "sex", "bmi", "family_history_diabetes", "hypertension", "physically_active")


def points(x: Inputs, coefficients: Coefficients) -> Array:
    """Sum of seven items, and the class that it falls into; gestational diabetes counts in women only.

    Returns
    -------
    (n, 2) points 0 to 10, class 0 or 1
    """
    own, cut = coefficients.strata.index("points"), coefficients.strata.index("cut")
    general = graded(x["bmi"], coefficients, ("bmi_from_25", "bmi_from_30", "bmi_from_40"))
    asian = graded(x["bmi"], coefficients, ("asian_bmi_from_23", "bmi_from_30", "bmi_from_40"))
    items = {
        "man": x["sex"],
        "woman_with_gestational_diabetes": 1.0 * ((x["sex"] == 0) & (x["gestational_diabetes"] == 1)),
        "diabetes_of_parent_or_sibling": 1.0 * (x["family_history_diabetes"] == FIRST_DEGREE),
        "hypertension": x["hypertension"],
        "not_physically_active": 1 - x["physically_active"],
    }
    score = (
        graded(x["age"], coefficients, ("age_from_40", "age_from_50", "age_from_60"))
        + np.where(np.isin(x["ancestry"], ASIAN), asian, general)
        + coefficients.predictor(items, own)
    )
    return np.column_stack([score, (score >= coefficients.of("high_from_5", cut)).astype(np.float64)])


def gestational_diabetes_unknown(x: Inputs) -> Mask:
    """Where it is a woman and the item is not recorded."""
    return (x["sex"] == 0) & np.isnan(x["gestational_diabetes"])


def ancestry_decides(x: Inputs) -> Mask:
    """Where the ancestry is not recorded and body mass index lies between the two first cuts."""
    cut = TABLE.strata.index("cut")
    lower, upper = TABLE.of("asian_bmi_from_23", cut), TABLE.of("bmi_from_25", cut)
    return np.isnan(x["ancestry"]) & (x["bmi"] >= lower) & (x["bmi"] < upper)


MODEL = Model(
    name="ada_diabetes",
    label="ADA diabetes risk test",
    domain="diabetes",
    estimates=(
        Estimate("ada_risk_test", "Diabetes risk test", unit="{score}", required=NEEDS),
        Estimate(
            "ada_risk_class",
            "Risk of type 2 diabetes by the test",
            unit="{class}",
            required=NEEDS,
            levels=("not_high", "high"),
        ),
    ),
    coefficients=TABLE,
    formula=points,
    optional=("gestational_diabetes", "ancestry"),
    derivations=(BMI,),
    excluded=("diabetes",),
    rules=(
        Rule("missing", "gestational_diabetes", gestational_diabetes_unknown),
        Rule("missing", "ancestry", ancestry_decides),
    ),
    citation=Citation(
        "Bang H et al. Development and validation of a patient self-assessment score for diabetes risk. "
        "Ann Intern Med 2009;151:775-783; in the form of the American Diabetes Association and the CDC",
        doi="10.7326/0003-4819-151-11-200912010-00005",
        year=2009,
    ),
    population=(
        "Adults of the United States without diagnosed diabetes; derived in NHANES, validated in two cohorts. "
        "The form sets no limit of age or body mass index."
    ),
    notice=(
        "From 5 points on: higher risk of prediabetes and type 2 diabetes, have blood glucose tested; no diagnosis. "
        "Gestational diabetes was added after the validation. The family item means parents and siblings; a family "
        "history recorded as 'first degree', which may be a child, is counted. The paper form reads weight from a "
        "chart in whole pounds, so at the edge of a class it can differ by a point."
    ),
)
