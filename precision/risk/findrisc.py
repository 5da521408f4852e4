"""FINDRISC: points for the 10-year risk of type 2 diabetes, no laboratory needed (Lindström 2003, Saaristo 2005)."""

import numpy as np

from precision.coefficients import Coefficients
from precision.model import Inputs, Model
from precision.result import Array, Citation, Estimate
from precision.risk.derivations import BMI
from precision.risk.points import graded
from precision.schema import variable

FAMILY = variable("family_history_diabetes")
NEEDS = (
    ("age", "sex", "bmi", "waist", "physically_active", "daily_vegetables_fruit")
    + ("antihypertensive_treatment", "high_glucose_history", "family_history_diabetes")
)  # fmt: skip
BANDS = ("score_from_0", "score_from_7", "score_from_12", "score_from_15", "score_from_21")


def risk(x: Inputs, coefficients: Coefficients) -> Array:
    """Sum of eight items, and the risk printed for its band; the nearer degree of kinship alone counts.

    Returns
    -------
    (n, 2) points 0 to 26, probability of type 2 diabetes in 10 years
    """
    points = coefficients.strata.index("points")
    waist_women = graded(x["waist"], coefficients, ("women_waist_from_80",), ("women_waist_above_88",))
    waist_men = graded(x["waist"], coefficients, ("men_waist_from_94",), ("men_waist_above_102",))
    family = x["family_history_diabetes"]
    items = {
        "not_physically_active": 1 - x["physically_active"],
        "no_daily_vegetables_fruit": 1 - x["daily_vegetables_fruit"],
        "antihypertensive_treatment": x["antihypertensive_treatment"],
        "high_glucose_history": x["high_glucose_history"],
        "diabetes_in_second_degree": 1.0 * (family == FAMILY.code("second_degree")),
        "diabetes_in_first_degree": 1.0 * (family == FAMILY.code("first_degree")),
    }
    score = (
        graded(x["age"], coefficients, ("age_from_45", "age_from_55", "age_from_65"))
        + graded(x["bmi"], coefficients, ("bmi_from_25",), ("bmi_above_30",))
        + np.where(x["sex"] == 1, waist_men, waist_women)
        + coefficients.predictor(items, points)
    )
    return np.column_stack([score, graded(score, coefficients, BANDS, column="probability")])


MODEL = Model(
    name="findrisc",
    label="FINDRISC",
    domain="diabetes",
    estimates=(
        Estimate("findrisc", "Finnish diabetes risk score", unit="{score}", required=NEEDS),
        Estimate("type2_diabetes", "Type 2 diabetes", horizon_years=10.0, required=NEEDS),
    ),
    coefficients=Coefficients.read("findrisc"),
    formula=risk,
    derivations=(BMI,),
    excluded=("diabetes",),
    citation=Citation(
        "Lindström J, Tuomilehto J. The diabetes risk score: a practical tool to predict type 2 diabetes risk. "
        "Diabetes Care 2003;26:725-731; form of 26 points: Saaristo T et al. Diab Vasc Dis Res 2005;2:67-72",
        doi="10.2337/diacare.26.3.725",
        year=2003,
    ),
    population=(
        "Adults without diabetes; derived in Finnish people of 35 to 64 years who took no drug for diabetes, "
        "the form with family history in people of 45 to 74. The form sets no limit of age, waist or body mass index."
    ),
    notice=(
        "The risk is the one printed on the form for the band of points, about 1 in 100 to 1 in 2, and no finer. "
        "Blood pressure drugs count if ever taken regularly, activity is 30 minutes a day at work or leisure. "
        "Finnish figures: elsewhere the order of people holds better than the risk. It does not diagnose diabetes."
    ),
)
