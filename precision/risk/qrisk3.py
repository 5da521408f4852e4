"""QRISK3-2017: 10-year risk of cardiovascular disease in the United Kingdom (Hippisley-Cox 2017)."""

import numpy as np

from precision.coefficients import Coefficients
from precision.kernels import product
from precision.model import Inputs, Mask, Model, Rule
from precision.result import Array, Citation, Estimate
from precision.risk.derivations import BMI, CHOLESTEROL_HDL_RATIO, NO_DIABETES, QRISK_SMOKING
from precision.schema import variable

TABLE = Coefficients.read("qrisk3")
MALE = TABLE.strata.index("male")  # after the female columns: alone, times age_1, times age_2
MEASURED = ("cholesterol_hdl_ratio", "systolic_bp", "systolic_bp_sd", "townsend")
CONDITIONS = (
    ("type1_diabetes", "type2_diabetes", "family_history_premature_cvd", "ckd_stage_3_to_5", "atrial_fibrillation")
    + ("antihypertensive_treatment", "migraine", "rheumatoid_arthritis", "lupus", "severe_mental_illness")
    + ("atypical_antipsychotic", "corticosteroids")
)
SMOKING, ETHNICITIES = (variable(name).levels[1:] for name in ("qrisk_smoking", "qrisk_ethnicity"))


def risk(x: Inputs, coefficients: Coefficients) -> Array:
    """1 - S0 ** exp(predictor), by sex: sums of centred terms, alone and times each of two powers of age.

    Returns
    -------
    (n, 1) probability in 10 years
    """
    male = x["sex"] == 1
    column = np.where(male, MALE, 0)
    terms = factors(x, coefficients)
    weights = coefficients.values[[coefficients.terms.index(term) for term in terms]]
    sums = product(weights.T, np.stack(list(terms.values())))
    predictor, *by_age = np.where(male, sums[MALE:], sums[:MALE])
    for i, times_age in enumerate(by_age, start=1):
        age = (x["age"] / coefficients.of("age_unit", column + i)) ** coefficients.of("age_power", column + i)
        predictor += (age - coefficients.of("age_centre", column + i)) * times_age
    return (1 - coefficients.of("baseline_survival", column) ** np.exp(predictor))[:, np.newaxis]


def factors(x: Inputs, coefficients: Coefficients) -> dict[str, Array]:
    """Every term that age multiplies or that stands alone, (n,) each; erectile dysfunction counts in men only."""
    male = x["sex"] == 1
    column = np.where(male, MALE, 0)
    size = np.clip(x["bmi"], coefficients.of("bmi_lowest", column), coefficients.of("bmi_highest", column))
    size = size / coefficients.of("bmi_unit", column)
    bmi_1 = size ** coefficients.of("bmi_power", column)
    centred = {"bmi_1": bmi_1, "bmi_2": bmi_1 * np.log(size), **{name: x[name] for name in MEASURED}}
    return {
        "age": np.ones_like(size),
        **{name: values - coefficients.of(f"{name}_centre", column) for name, values in centred.items()},
        **{f"smoking_{name}": 1.0 * (x["qrisk_smoking"] == i) for i, name in enumerate(SMOKING, start=1)},
        **{f"ethnicity_{name}": 1.0 * (x["qrisk_ethnicity"] == i) for i, name in enumerate(ETHNICITIES, start=1)},
        **{name: x[name] for name in CONDITIONS},
        "erectile_dysfunction": np.where(male, x["erectile_dysfunction"], 0),
    }


def limited(x: Inputs) -> dict[str, Mask]:
    """Where the algorithm takes its lowest or highest body mass index in place of the measured one."""
    return {"limited:bmi": (x["bmi"] < TABLE.of("bmi_lowest")) | (x["bmi"] > TABLE.of("bmi_highest"))}


def unknown_in_a_man(x: Inputs) -> Mask:
    """Erectile dysfunction is asked of men, who get no value without it."""
    return (x["sex"] == 1) & np.isnan(x["erectile_dysfunction"])


MODEL = Model(
    name="qrisk3",
    label="QRISK3-2017",
    estimates=(
        Estimate(
            "total_cvd",
            "Coronary heart disease, ischaemic stroke or TIA",
            horizon_years=10.0,
            required=("age", "sex", "qrisk_ethnicity", "qrisk_smoking", "bmi", *MEASURED, *CONDITIONS),
        ),
    ),
    coefficients=TABLE,
    formula=risk,
    optional=("erectile_dysfunction",),
    derivations=(BMI, CHOLESTEROL_HDL_RATIO, *QRISK_SMOKING, *NO_DIABETES),
    ranges={
        "age": (25.0, 84.0),
        "cholesterol_hdl_ratio": (1.0, 12.0),
        "systolic_bp": (70.0, 210.0),
        "systolic_bp_sd": (0.0, 40.0),
        "townsend": (-7.0, 11.0),
    },
    excluded=("prior_cvd", "familial_hypercholesterolaemia"),
    rules=(Rule("missing", "erectile_dysfunction", unknown_in_a_man),),
    remarks=limited,
    citation=Citation(
        "Hippisley-Cox J, Coupland C, Brindle P. Development and validation of QRISK3 risk prediction algorithms to "
        "estimate future risk of cardiovascular disease: prospective cohort study. BMJ 2017;357:j2099",
        doi="10.1136/bmj.j2099",
        year=2017,
    ),
    population=(
        "People of 25 to 84 years in England without cardiovascular disease and without statins; derived in "
        "7.89 million patients of 981 QResearch general practices, validated in 2.67 million of 328 others."
    ),
    notice=(
        "For the United Kingdom only: ethnicity and the Townsend score are British. The website fills gaps with "
        "estimates that are not published; here every input must be known."
    ),
    disclaimer=(
        "QRISK3 is the work of ClinRisk Ltd, who opened it under the GNU Lesser General Public License. This is an "
        "independent implementation that ClinRisk has not checked and does not answer for: errors in inputs, "
        "coefficients or programming can lead to wrong treatment, so whoever uses it must make sure that it gives the "
        "same results as the original at qrisk.org."
    ),
)
