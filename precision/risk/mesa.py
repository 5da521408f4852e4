"""MESA: 10-year risk of coronary heart disease, without and with coronary artery calcium (McClelland 2015)."""

import numpy as np

from precision.coefficients import Coefficients
from precision.model import Derivation, Inputs, Model
from precision.result import Array, Citation, Estimate
from precision.risk.derivations import CURRENT_SMOKER
from precision.schema import variable

ANCESTRIES = ("chinese", "black", "hispanic")  # against White
REQUIRED = (
    ("age", "sex", "ancestry", "diabetes", "current_smoker", "total_cholesterol", "hdl_cholesterol")
    + ("lipid_lowering_treatment", "systolic_bp", "antihypertensive_treatment", "family_history_mi")
)  # fmt: skip


def risk(x: Inputs, coefficients: Coefficients) -> Array:
    """1 - S0 ** exp(predictor); without calcium score where the table has no term for it.

    Returns
    -------
    (n, 1) probability in 10 years
    """
    terms = {
        "age": x["age"],
        "male": x["sex"],
        **{name: x["ancestry"] == variable("ancestry").code(name) for name in ANCESTRIES},
        "diabetes": x["diabetes"],
        "smoker": x["current_smoker"],
        "total_cholesterol": x["total_cholesterol"],
        "hdl": x["hdl_cholesterol"],
        "lipid_lowering_treatment": x["lipid_lowering_treatment"],
        "sbp": x["systolic_bp"],
        "bp_treated": x["antihypertensive_treatment"],
        "family_history_mi": x["family_history_mi"],
    }
    if "ln_cac_plus_1" in coefficients.terms:
        terms["ln_cac_plus_1"] = np.log1p(x["cac_score"])
    predictor = coefficients.predictor(terms)
    return (1 - coefficients.of("baseline_survival") ** np.exp(predictor))[:, np.newaxis]


def lowered_by_statin(x: Inputs) -> Array:
    """1 for who takes a statin; unknown for who takes none, since other drugs lower lipids too."""
    return np.where(x["statin_treatment"] == 1, 1.0, np.nan)


STATIN = Derivation("lipid_lowering_treatment", "statin_treatment", ("statin_treatment",), lowered_by_statin)


def _model(name: str, label: str, further: tuple[str, ...], says: str) -> Model:
    return Model(
        name=name,
        label=label,
        estimates=(
            Estimate(
                "chd",
                "Heart attack, coronary death, cardiac arrest, or revascularisation for angina",
                horizon_years=10.0,
                required=(*REQUIRED, *further),
            ),
        ),
        coefficients=Coefficients.read(name),
        formula=risk,
        derivations=(CURRENT_SMOKER, STATIN),
        ranges={"age": (45.0, 84.0)},
        levels={"ancestry": ("white", *ANCESTRIES)},
        excluded=("prior_cvd",),
        headers={"statin": "lipid_lowering_treatment"},
        citation=Citation(
            "McClelland RL et al. 10-year coronary heart disease risk prediction using coronary artery calcium and "
            "traditional risk factors. J Am Coll Cardiol 2015;66:1643-1653",
            doi="10.1016/j.jacc.2015.08.035",
            year=2015,
        ),
        population=(
            "White, Black, Hispanic and Chinese adults of 45 to 84 years without cardiovascular disease; derived in "
            "6,814 people of six United States communities (MESA), validated in the Heinz Nixdorf Recall and the "
            "Dallas Heart Study."
        ),
        notice=(
            f"{says} It predicts coronary disease only, not stroke, and counts revascularisation. "
            "Published for four groups only; asked to extrapolate, it counts others as White. "
            "Chinese stands for no other Asian ancestry."
        ),
    )


MODELS = (
    _model(
        "mesa_chd",
        "MESA coronary risk",
        (),
        "Where a coronary calcium score is known, the model with calcium is more accurate.",
    ),
    _model(
        "mesa_chd_cac",
        "MESA coronary risk with calcium",
        ("cac_score",),
        "A calcium score of 0 is a measured value; a scan that was not made is missing, never 0.",
    ),
)
