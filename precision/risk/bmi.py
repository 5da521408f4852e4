"""Body mass index and its class in adults (WHO)."""

import numpy as np

from precision.coefficients import Coefficients
from precision.model import Inputs, Model
from precision.result import Array, Citation, Estimate
from precision.risk.derivations import BMI
from precision.schema import variable

TABLE = Coefficients.read("bmi")
CLASSES = ("underweight", *TABLE.terms)


def index_and_class(x: Inputs, coefficients: Coefficients) -> Array:
    """(n, 2) kg/m², and how many classes begin at or below it; not rounded before it is classed."""
    above = (x["bmi"][:, np.newaxis] >= coefficients.values[:, 0]).sum(axis=1)
    return np.column_stack([x["bmi"], above])


MODEL = Model(
    name="bmi",
    label="Body mass index",
    domain="diabetes",
    estimates=(
        Estimate("bmi", "Body mass index", unit="kg/m2", required=("bmi",)),
        Estimate(
            "bmi_class",
            "Weight class (WHO)",
            unit="",
            required=("bmi", "age"),
            ranges={"age": (20.0, variable("age").hard[1])},
            levels=CLASSES,
        ),
    ),
    coefficients=TABLE,
    formula=index_and_class,
    derivations=(BMI,),
    citation=Citation(
        "WHO expert consultation. Appropriate body-mass index for Asian populations and its implications for policy "
        "and intervention strategies. Lancet 2004;363:157-163 (which keeps the classes of WHO technical report 894)",
        doi="10.1016/S0140-6736(03)15268-3",
        year=2004,
    ),
    population="Adults of 20 years and older; younger people are compared with growth curves. Not for pregnancy.",
    notice=(
        "It does not tell fat from muscle, or where the fat lies: look at the waist too. In Asian populations risk "
        "rises earlier; WHO names 23 and 27.5 as further points for action there, and the classes stay the same."
    ),
)
