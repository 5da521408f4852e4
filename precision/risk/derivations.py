"""How inputs of risk models follow from other measurements where they are not recorded."""

import numpy as np

from precision.model import Derivation, Inputs
from precision.result import Array
from precision.risk.ckd_epi_2021 import NEEDS, filtration
from precision.schema import variable

SMOKING_NOW = [i for i, level in enumerate(variable("smoking_status").levels) if level.startswith("current")]


def body_mass_index(x: Inputs) -> Array:
    """Weight in kg over the square of height in m; height comes in cm."""
    return x["weight"] * 100**2 / x["height"] ** 2  # divided once: 59.94 kg at 180 cm is 18.5, not a little less


def smokes_now(x: Inputs) -> Array:
    """1 for who smokes every day or some days, 0 for former and never."""
    return np.isin(x["smoking_status"], SMOKING_NOW).astype(np.float64)


def decile(x: Inputs) -> Array:
    """Tenth of a percentile: above 0 to 10 is the first, above 90 to 100 the tenth; 0 counts to the first."""
    return np.maximum(np.ceil(x["sdi_percentile"] / 10), 1)


def ratio_to_hdl(x: Inputs) -> Array:
    """Total over HDL cholesterol, both in mg/dL."""
    return x["total_cholesterol"] / x["hdl_cholesterol"]


def smoking_of_others(x: Inputs) -> Array:
    """QRISK3's category of who never smoked or stopped; unknown for smokers, whose category is their amount."""
    category = np.full(len(x["smoking_status"]), np.nan)
    for status, name in (("never", "non_smoker"), ("former", "former")):
        category[x["smoking_status"] == variable("smoking_status").code(status)] = variable("qrisk_smoking").code(name)
    return category


def smoking_of_smokers(x: Inputs) -> Array:
    """QRISK3's category of smokers by cigarettes a day: light below 10, moderate below 20, heavy from 20 on."""
    amount = np.digitize(x["cigarettes_per_day"], [10, 20])
    return np.where(smokes_now(x) == 1, variable("qrisk_smoking").code("light") + amount, np.nan)


def implied(name: str, by: str, when: int, then: int) -> Derivation:
    """A yes or no that follows from another: ``then`` where that is ``when``, and nothing where it is not."""

    def follows(x: Inputs) -> Array:
        return np.where(x[by] == when, then, np.nan)

    return Derivation(name, by, (by,), follows)


EGFR = Derivation("egfr", "ckd_epi_2021", NEEDS, filtration)
BMI = Derivation("bmi", "height_and_weight", ("height", "weight"), body_mass_index)
CURRENT_SMOKER = Derivation("current_smoker", "smoking_status", ("smoking_status",), smokes_now)
SDI_DECILE = Derivation("sdi_decile", "sdi_percentile", ("sdi_percentile",), decile)
CHOLESTEROL_HDL_RATIO = Derivation(
    "cholesterol_hdl_ratio", "total_and_hdl_cholesterol", ("total_cholesterol", "hdl_cholesterol"), ratio_to_hdl
)
QRISK_SMOKING = (
    Derivation("qrisk_smoking", "smoking_status", ("smoking_status",), smoking_of_others),
    Derivation("qrisk_smoking", "cigarettes_per_day", ("smoking_status", "cigarettes_per_day"), smoking_of_smokers),
)
DIABETES = (implied("diabetes", "type1_diabetes", 1, 1), implied("diabetes", "type2_diabetes", 1, 1))
NO_DIABETES = (implied("type1_diabetes", "diabetes", 0, 0), implied("type2_diabetes", "diabetes", 0, 0))
KIDNEY_DISEASE = implied("ckd", "ckd_stage_3_to_5", 1, 1)
