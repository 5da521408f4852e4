"""CHA2DS2-VASc and CHA2DS2-VA: points for stroke in atrial fibrillation (Lip 2010, ESC 2024, rates of Friberg 2012)."""

import numpy as np

from precision.coefficients import Coefficients
from precision.model import Derivation, Inputs, Mask, Model, Rule
from precision.result import Array, Citation, Estimate
from precision.risk.points import graded, rate

TABLE = Coefficients.read("cha2ds2_vasc")
SCORES = range(1, 10)  # scores that have a published rate
CONDITIONS = ("heart_failure", "hypertension", "diabetes", "stroke_tia_thromboembolism", "vascular_disease")
WITHOUT_SEX = ("age", *CONDITIONS)
NEEDS = ("age", "sex", *CONDITIONS)


def points(x: Inputs, coefficients: Coefficients) -> Array:
    """The sum with sex, the sum without, and the published rate of the sum with sex.

    Returns
    -------
    (n, 3) points 0 to 9, points 0 to 8, ischaemic strokes per 100 patient-years
    """
    own = coefficients.strata.index("points")
    without_sex = graded(x["age"], coefficients, ("age_from_65", "age_from_75"))
    without_sex += coefficients.predictor({name: x[name] for name in CONDITIONS}, own)
    score = without_sex + coefficients.of("female", own) * (1 - x["sex"])
    return np.column_stack([score, without_sex, rate(score, coefficients, SCORES, "ischaemic_strokes")])


def no_rate(x: Inputs) -> Mask:
    """Where the score has no published rate: 0 points."""
    return points(x, TABLE)[:, 0] < SCORES.start


def no_atrial_fibrillation(x: Inputs) -> Mask:
    """Where atrial fibrillation is known to be absent."""
    return x["atrial_fibrillation"] == 0


def atrial_fibrillation_assumed(x: Inputs) -> dict[str, Mask]:
    """Where nothing is recorded of atrial fibrillation: who asks for the score is taken to have it."""
    return {"assumed:atrial_fibrillation:yes": np.isnan(x["atrial_fibrillation"])}


def infarction_or_artery_disease(x: Inputs) -> Array:
    """1 where either is known; aortic plaque is rarely recorded and counts only if vascular disease itself is given."""
    return np.maximum(x["prior_myocardial_infarction"], x["peripheral_artery_disease"])


VASCULAR_DISEASE = Derivation(
    "vascular_disease",
    "myocardial_infarction_and_peripheral_artery_disease",
    ("prior_myocardial_infarction", "peripheral_artery_disease"),
    infarction_or_artery_disease,
)

MODEL = Model(
    name="cha2ds2_vasc",
    label="CHA2DS2-VASc",
    estimates=(
        Estimate("cha2ds2_vasc", "CHA2DS2-VASc", unit="{score}", required=NEEDS),
        Estimate("cha2ds2_va", "CHA2DS2-VA (without sex)", unit="{score}", required=WITHOUT_SEX),
        Estimate(
            "ischaemic_stroke_rate",
            "Ischaemic stroke without anticoagulant, yearly",
            unit="{strokes_per_100_patient_years}",
            required=NEEDS,
        ),
    ),
    coefficients=TABLE,
    formula=points,
    optional=("atrial_fibrillation",),
    derivations=(VASCULAR_DISEASE,),
    rules=(
        Rule("population", "no_atrial_fibrillation", no_atrial_fibrillation),
        Rule("range", "cha2ds2_vasc_of_0", no_rate, ("ischaemic_stroke_rate",)),
    ),
    remarks=atrial_fibrillation_assumed,
    citation=Citation(
        "Lip GYH et al. Refining clinical risk stratification for predicting stroke and thromboembolism in atrial "
        "fibrillation. Chest 2010;137:263-272; rates: Friberg L et al. Eur Heart J 2012;33:1500-1510",
        doi="10.1378/chest.09-1584",
        year=2010,
    ),
    population=(
        "Adults with atrial fibrillation; points from the Euro Heart Survey, "
        "rates from Swedish patients with atrial fibrillation who took no anticoagulant."
    ),
    notice=(
        "The rates belong to the points with sex, never to CHA2DS2-VA, and are of Swedish patients. "
        "Not for mechanical valves or moderate to severe mitral stenosis, where the score does not decide. "
        "Vascular disease is infarction, peripheral artery disease or aortic plaque; "
        "heart failure counts left ventricular dysfunction."
    ),
)
