"""Metabolic syndrome: three of five components by the harmonised definition (Alberti 2009)."""

from dataclasses import dataclass

import numpy as np

from precision.coefficients import Coefficients
from precision.model import Derivation, Inputs, Mask, Model, Rule
from precision.result import Array, Citation, Estimate
from precision.schema import variable

TABLE = Coefficients.read("metabolic_syndrome")
NEEDS = ("sex", "waist_criteria")
PRESENT, COUNT = "metabolic_syndrome", "components"
CRITERIA = variable("waist_criteria").levels


@dataclass(frozen=True, slots=True)
class Component:
    """One of the five: measurements, any of which at its limit makes it positive, and the drug that does so too."""

    measured: tuple[str, ...]
    drugs: tuple[str, ...] = ()

    @property
    def inputs(self) -> tuple[str, ...]:
        return self.measured + self.drugs


COMPONENTS = (
    Component(("waist",)),
    Component(("triglycerides",), ("triglyceride_treatment",)),
    Component(("hdl_cholesterol",), ("hdl_treatment",)),
    Component(("systolic_bp", "diastolic_bp"), ("antihypertensive_treatment",)),
    Component(("fasting_glucose",), ("glucose_lowering_treatment",)),
)
INPUTS = tuple(name for component in COMPONENTS for name in component.inputs)


def limit(name: str, x: Inputs, coefficients: Coefficients) -> Array | float:
    """(n,) the limit of each patient's sex; one number where both have the same."""
    women, men = coefficients.values[coefficients.terms.index(name)]
    return float(men) if women == men else np.where(x["sex"] == 1, men, women)


def at_limit(name: str, x: Inputs, coefficients: Coefficients) -> Mask:
    """(n,) where a measurement is at its limit or beyond it; not where it is missing."""
    if name == "hdl_cholesterol":
        return x[name] < limit(name, x, coefficients)
    if name != "waist":
        return x[name] >= limit(name, x, coefficients)
    limits = np.concatenate([coefficients.values[coefficients.terms.index(f"waist_{chosen}")] for chosen in CRITERIA])
    column = np.where(np.isnan(x["waist_criteria"]), 0, 2 * x["waist_criteria"]) + (x["sex"] == 1)
    return x[name] >= limits.take(column.astype(np.intp))


def state(component: Component, x: Inputs, coefficients: Coefficients) -> tuple[Mask, Mask]:
    """(n,) where any part is known to be positive, and (n,) where that is open: none is, and a part is missing.

    A drug that is not recorded may be taken: without it a normal measurement says nothing of the untreated one.
    """
    positive, missing = (np.zeros(x["sex"].shape, dtype=np.bool_) for _ in range(2))
    for name in component.inputs:
        positive |= x[name] == 1 if name in component.drugs else at_limit(name, x, coefficients)
        missing |= np.isnan(x[name])
    return positive, missing & ~positive


def syndrome(x: Inputs, coefficients: Coefficients) -> Array:
    """Present from three known positive on; absent where even all that is open could not make it three.

    Returns
    -------
    (n, 2) 0 absent or 1 present, and the count of positive components; NaN where what is open decides
    """
    known, possible = (np.zeros(x["sex"].shape, dtype=np.int8) for _ in range(2))
    for component in COMPONENTS:
        positive, unknown = state(component, x, coefficients)
        known += positive
        possible += positive | unknown
    needed = limit("components_needed", x, coefficients)
    present = np.where(known >= needed, 1.0, np.where(possible < needed, 0.0, np.nan))
    return np.column_stack([present, np.where(possible == known, known, np.nan)])


@dataclass(frozen=True, slots=True)
class Unknown:
    """An input that is missing while its component is open, and the syndrome too where that is asked."""

    component: Component
    name: str
    decides: bool

    def __call__(self, x: Inputs) -> Mask:
        """(n,) where it holds; not where sex or criteria are missing, which is said first."""
        holds = np.isnan(x[self.name]) & ~np.isnan(x["sex"]) & ~np.isnan(x["waist_criteria"])
        if holds.any():
            holds &= state(self.component, x, TABLE)[1]
        if self.decides and holds.any():
            rows = np.flatnonzero(holds)  # the others need no second look, which is most of the work
            here = {name: x[name].take(rows) for name in (*NEEDS, *INPUTS)}
            holds[rows] = np.isnan(syndrome(here, TABLE)[:, 0])
        return holds


def takes_none(x: Inputs) -> Array:
    """0 where no lipid drug of any kind is taken; unknown where one is, for it may be another."""
    return np.where(x["lipid_lowering_treatment"] == 0, 0.0, np.nan)


MODEL = Model(
    name="metabolic_syndrome",
    label="Metabolic syndrome",
    estimates=(
        Estimate(PRESENT, "Metabolic syndrome", unit="{class}", required=NEEDS, levels=("absent", "present")),
        Estimate(COUNT, "Components of the metabolic syndrome", unit="{components}", required=NEEDS),
    ),
    coefficients=TABLE,
    formula=syndrome,
    optional=INPUTS,
    derivations=tuple(
        Derivation(drug, "the_absence_of_any_lipid_lowering_drug", ("lipid_lowering_treatment",), takes_none)
        for drug in ("triglyceride_treatment", "hdl_treatment")
    ),
    rules=tuple(
        Rule("missing", name, Unknown(component, name, decides=outcome == PRESENT), (outcome,))
        for outcome in (PRESENT, COUNT)
        for component in COMPONENTS
        for name in component.inputs
    ),
    citation=Citation(
        "Alberti KGMM et al. Harmonizing the metabolic syndrome: a joint interim statement. "
        "Circulation 2009;120:1640-1645",
        doi="10.1161/CIRCULATIONAHA.109.192644",
        year=2009,
    ),
    population="Adults; the limits of waist differ between populations, so the criteria must be chosen.",
    notice=(
        "A definition, not a prediction. Waist criteria: Europid 94/80 cm, AHA/NHLBI 102/88 cm, Asian 90/80 cm in "
        "men/women; those of other regions could not be verified and are left out. Limits are those in mg/dL. "
        "A drug for a component counts as positive, and a drug that is not recorded leaves its component unknown."
    ),
)
