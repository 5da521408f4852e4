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


EGFR = Derivation("egfr", "ckd_epi_2021", NEEDS, filtration)
BMI = Derivation("bmi", "height_and_weight", ("height", "weight"), body_mass_index)
CURRENT_SMOKER = Derivation("current_smoker", "smoking_status", ("smoking_status",), smokes_now)
SDI_DECILE = Derivation("sdi_decile", "sdi_percentile", ("sdi_percentile",), decile)
