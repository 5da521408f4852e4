"""LDL cholesterol calculated from other lipids: Friedewald 1972, Martin-Hopkins 2013 and Sampson (NIH) 2020."""

import math
from collections.abc import Callable

import numpy as np

from precision.coefficients import Coefficients
from precision.model import Formula, Inputs, Mask, Model, Rule
from precision.result import Array, Citation, Estimate
from precision.schema import variable

LIPIDS = ("total_cholesterol", "hdl_cholesterol", "triglycerides")
TABLES = {name: Coefficients.read(f"ldl_{name}") for name in ("friedewald", "martin_hopkins", "sampson")}
LOWEST = variable("triglycerides").hard[0]  # the papers of Friedewald and Sampson set no lower limit
FIRST_ROW, LAST_ROW = 7, 399  # the verified rows of Martin and Hopkins, whole mg/dL, both inclusive
Equation = Callable[[Inputs, Coefficients], Array]


def friedewald(x: Inputs, coefficients: Coefficients) -> Array:
    """(n,) total - HDL - triglycerides / 5, mg/dL."""
    return x["total_cholesterol"] - x["hdl_cholesterol"] - x["triglycerides"] / coefficients.of("triglycerides")


def sampson(x: Inputs, coefficients: Coefficients) -> Array:
    """(n,) TC/0.948 - HDL/0.971 - (TG/8.56 + TG non-HDL/2140 - TG²/16100) - 9.44, mg/dL."""
    tc, hdl, tg = (x[name] for name in LIPIDS)
    vldl = (
        tg / coefficients.of("triglycerides")
        + tg * (tc - hdl) / coefficients.of("triglycerides*non_hdl_cholesterol")
        - tg**2 / coefficients.of("triglycerides_squared")
    )
    total, own = tc / coefficients.of("total_cholesterol"), hdl / coefficients.of("hdl_cholesterol")
    return total - own - vldl - coefficients.of("subtracted", coefficients.strata.index("constant"))


def martin_hopkins(x: Inputs, coefficients: Coefficients) -> Array:
    """(n,) non-HDL - triglycerides / cell, mg/dL, the cell found by whole mg/dL of both; NaN outside the table."""
    non_hdl = x["total_cholesterol"] - x["hdl_cholesterol"]
    columns, cells = coefficients.values[0, 2:], coefficients.values[1:, 1:]
    rows, whole = coefficients.values[2:, 0], _whole(x["triglycerides"])
    row = np.searchsorted(rows, whole, side="right")
    cell = cells[row, np.searchsorted(columns, _whole(non_hdl), side="right")]
    return non_hdl - x["triglycerides"] / np.where((whole >= FIRST_ROW) & (whole <= LAST_ROW), cell, np.nan)


def _whole(values: Array) -> Array:
    """Rounded, halves upwards, as a laboratory reports: the table knows nothing between two whole numbers."""
    return np.floor(values + 1 / 2)


def below_table(x: Inputs) -> Mask:
    """Where triglycerides lie below the first row."""
    return _whole(x["triglycerides"]) < FIRST_ROW


def above_table(x: Inputs) -> Mask:
    """Where triglycerides lie above the last verified row."""
    return _whole(x["triglycerides"]) > LAST_ROW


EQUATIONS: dict[str, Equation] = {
    "friedewald": friedewald,
    "martin_hopkins": martin_hopkins,
    "sampson": sampson,
}
COMMON = "Calculated, not measured. The three equations differ most where triglycerides are high or LDL is low."


def _formula(equation: Equation) -> Formula:
    """An equation as a model's formula: what is not above 0 is no concentration, and is left out."""

    def positive(x: Inputs, coefficients: Coefficients) -> Array:
        value = equation(x, coefficients)
        return np.where(value > 0, value, np.nan)[:, np.newaxis]

    return positive


def _impossible(equation: Equation, coefficients: Coefficients) -> Rule:
    def holds(x: Inputs) -> Mask:
        return equation(x, coefficients) <= 0

    return Rule("range", "cholesterol_balance", holds)


def _model(
    name: str,
    label: str,
    citation: Citation,
    population: str,
    notice: str,
    highest: float = math.nan,
    rules: tuple[Rule, ...] = (),
) -> Model:
    equation, table = EQUATIONS[name], TABLES[name]
    return Model(
        name=f"ldl_{name}",
        label=label,
        estimates=(Estimate("ldl_cholesterol", "LDL cholesterol, calculated", unit="mg/dL", required=LIPIDS),),
        coefficients=table,
        formula=_formula(equation),
        ranges={} if rules else {"triglycerides": (LOWEST, highest)},
        rules=(*rules, _impossible(equation, table)),
        citation=citation,
        population=population,
        notice=f"{notice} {COMMON}",
    )


MODELS = (
    _model(
        "friedewald",
        "LDL cholesterol (Friedewald)",
        Citation(
            "Friedewald WT, Levy RI, Fredrickson DS. Estimation of the concentration of low-density lipoprotein "
            "cholesterol in plasma, without use of the preparative ultracentrifuge. Clin Chem 1972;18:499-502",
            doi="10.1093/clinchem/18.6.499",
            year=1972,
        ),
        "People with fasting triglycerides below 400 mg/dL (4.5 mmol/L).",
        "Fasting samples only. Too low where LDL is low or triglycerides exceed 150 mg/dL.",
        highest=math.nextafter(400.0, 0.0),
    ),
    _model(
        "martin_hopkins",
        "LDL cholesterol (Martin-Hopkins)",
        Citation(
            "Martin SS et al. Comparison of a novel method vs the Friedewald equation for estimating low-density "
            "lipoprotein cholesterol levels from the standard lipid profile. JAMA 2013;310:2061-2068",
            doi="10.1001/jama.2013.280532",
            year=2013,
        ),
        "People of a clinical laboratory's lipid profiles in the United States; triglycerides of 7 to 399 mg/dL here.",
        "From triglycerides of 400 mg/dL on no value is given: those six of the 180 cells are not verified. "
        "Triglycerides and non-HDL cholesterol are rounded to whole mg/dL to find the cell, and for that only.",
        rules=(
            Rule("range", "triglycerides_below_7", below_table),
            Rule("range", "triglycerides_of_400_and_more", above_table),
        ),
    ),
    _model(
        "sampson",
        "LDL cholesterol (Sampson, NIH equation 2)",
        Citation(
            "Sampson M et al. A new equation for calculation of low-density lipoprotein cholesterol in patients with "
            "normolipidemia and/or hypertriglyceridemia. JAMA Cardiol 2020;5:540-548",
            doi="10.1001/jamacardio.2020.0013",
            year=2020,
        ),
        "People with triglycerides up to 800 mg/dL.",
        "The one of the three that reaches triglycerides of 800 mg/dL.",
        highest=800.0,
    ),
)
