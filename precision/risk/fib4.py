"""FIB-4: index of liver fibrosis from age, AST, ALT and platelets (Sterling 2006), with cuts that depend on age."""

import numpy as np

from precision.coefficients import Coefficients
from precision.model import Inputs, Mask, Model, Rule
from precision.result import Array, Citation, Estimate
from precision.schema import variable

TABLE = Coefficients.read("fib4")
CLASSES = ("low", "indeterminate", "high")
NEEDS = ("age", "ast", "alt", "platelets")


def index_and_class(x: Inputs, coefficients: Coefficients) -> Array:
    """Age * AST / (platelets * sqrt(ALT)), and whether it is under the lower, up to or above the upper cut.

    Returns
    -------
    (n, 2) index, and index in CLASSES; enzymes in U/L, platelets in 10⁹/L
    """
    index = x["age"] * x["ast"] / (x["platelets"] * np.sqrt(x["alt"]))
    old = aged(x, coefficients).astype(np.intp)
    cuts = np.stack([index >= coefficients.of("lower_cut", old), index > coefficients.of("upper_cut", old)])
    return np.column_stack([index, cuts.sum(axis=0, dtype=np.float64)])


def aged(x: Inputs, coefficients: Coefficients = TABLE) -> Mask:
    """Where the higher lower cut holds."""
    return x["age"] >= coefficients.of("from_age", coefficients.strata.index("from_65"))


def lower_cut_used(x: Inputs) -> dict[str, Mask]:
    """Which lower cut classed the patient, where it is not the usual one."""
    return {"variant:lower_cut_2.0_from_65_years": aged(x)}


def nothing_to_divide_by(x: Inputs) -> Mask:
    """Where ALT or platelets are 0."""
    return (x["alt"] <= 0) | (x["platelets"] <= 0)


MODEL = Model(
    name="fib4",
    label="FIB-4 liver fibrosis index",
    domain="liver",
    estimates=(
        Estimate("fib4", "FIB-4 index", unit="{score}", required=NEEDS),
        Estimate(
            "advanced_fibrosis",
            "Advanced liver fibrosis, by FIB-4",
            unit="",
            required=NEEDS,
            # Under 35 years the index does not tell who has advanced fibrosis: the number is given, its class is not.
            ranges={"age": (35.0, variable("age").hard[1])},
            levels=CLASSES,
        ),
    ),
    coefficients=TABLE,
    formula=index_and_class,
    rules=(Rule("range", "zero_alt_or_platelets", nothing_to_divide_by),),
    remarks=lower_cut_used,
    citation=Citation(
        "Sterling RK et al. Development of a simple noninvasive index to predict significant fibrosis in patients with "
        "HIV/HCV coinfection. Hepatology 2006;43:1317-1325; cuts of Rinella ME et al. (AASLD) Hepatology "
        "2023;77:1797-1835 and McPherson S et al. Am J Gastroenterol 2017;112:740-751",
        doi="10.1002/hep.21178",
        year=2006,
    ),
    population=(
        "Adults; derived in people with HIV and hepatitis C, the cuts in people with fatty liver disease of 35 years "
        "and older, with a higher lower cut from 65 years."
    ),
    notice=(
        "Under 35 years the class is withheld because the index does not discriminate there. The lower cut is 2.0 "
        "instead of 1.3 from 65 years. It rules out better than it proves: an indeterminate or high class asks for a "
        "second test, such as elastography. Acute hepatitis and other causes of low platelets mislead it."
    ),
)
