"""KDIGO categories of filtration and albuminuria, and the risk that they mean together (KDIGO 2024)."""

import numpy as np

from precision.coefficients import Coefficients
from precision.model import Inputs, Mask, Model, Rule
from precision.result import Array, Citation, Estimate
from precision.risk.derivations import EGFR

GFR_CATEGORIES = ("G1", "G2", "G3a", "G3b", "G4", "G5")
ALBUMINURIA_CATEGORIES = ("A1", "A2", "A3")
RISKS = ("low", "moderate", "high", "very_high")
ADULT = 18


def categories(x: Inputs, coefficients: Coefficients) -> Array:
    """Category of the unrounded eGFR, of the urine albumin-creatinine ratio, and their cell of the risk table.

    Returns
    -------
    (n, 3) indices in GFR_CATEGORIES, ALBUMINURIA_CATEGORIES and RISKS
    """
    first = coefficients.strata.index("A1")
    from_30, above_300 = coefficients.values[coefficients.terms.index("uacr_limit"), first + 1 :]
    lowest = coefficients.values[: len(GFR_CATEGORIES) - 1, 0]
    filtration = (x["egfr"][:, np.newaxis] < lowest).sum(axis=1)
    albuminuria = (x["uacr"] >= from_30).astype(np.intp) + (x["uacr"] > above_300)
    return np.column_stack([filtration, albuminuria, coefficients.values[filtration, first + albuminuria]])


def under_age(x: Inputs) -> Mask:
    """Where the risk table, made in adults, is not for the patient."""
    return x["age"] < ADULT


MODEL = Model(
    name="kdigo",
    label="KDIGO kidney categories",
    domain="kidney",
    estimates=(
        Estimate("gfr_category", "Filtration category", unit="", required=("egfr",), levels=GFR_CATEGORIES),
        Estimate("albuminuria_category", "Albuminuria", unit="", required=("uacr",), levels=ALBUMINURIA_CATEGORIES),
        Estimate("ckd_risk", "Risk of kidney disease getting worse", unit="", required=("egfr", "uacr"), levels=RISKS),
    ),
    coefficients=Coefficients.read("kdigo"),
    formula=categories,
    derivations=(EGFR,),
    excluded=("dialysis",),
    rules=(Rule("population", "under_18", under_age),),
    citation=Citation(
        "Kidney Disease: Improving Global Outcomes (KDIGO) CKD Work Group. KDIGO 2024 clinical practice guideline for "
        "the evaluation and management of chronic kidney disease. Kidney Int 2024;105(4S):S117-S314",
        doi="10.1016/j.kint.2023.10.018",
        year=2024,
    ),
    population="Adults; the risk table rests on cohorts of the CKD Prognosis Consortium. Not for dialysis.",
    notice=(
        "One measurement makes no diagnosis: chronic kidney disease needs a finding that persists for 3 months or "
        "longer, and G1 or G2 with A1 is none without another sign of kidney damage. "
        "The limits are those in mg/g, 30 and 300, with exactly 300 in A2; a laboratory that reports mg/mmol rounds "
        "them to 3 and 30, which are 26.5 and 265 mg/g, so a value in between has another category there."
    ),
)
