"""AHA PREVENT: 10- and 30-year risk of cardiovascular disease, in five variants by what is known (Khan 2024)."""

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from precision.coefficients import Coefficients
from precision.kernels import logistic, product
from precision.model import Inputs, Mask, Model
from precision.result import Array, Citation, Estimate
from precision.risk.derivations import BMI, CURRENT_SMOKER, EGFR, SDI_DECILE

MMOL_PER_MG = 0.02586  # cholesterol, mg/dL to mmol/L as the PREVENT calculator converts it
OPTIONAL_RANGES = {"hba1c": (4.5, 15.0), "uacr": (0.1, 25_000.0), "sdi_decile": (1.0, 10.0)}
OPTIONAL = tuple(OPTIONAL_RANGES)
VARIANTS = ("base", "hba1c", "uacr", "sdi", "full")

# Which inputs a factor of a term is made of; the factors of a term stand between asterisks.
FACTORS: Mapping[str, tuple[str, ...]] = {
    "constant": ("sex",),
    "age": ("age",),
    "age_squared": ("age",),
    "non_hdl": ("total_cholesterol", "hdl_cholesterol"),
    "hdl": ("hdl_cholesterol",),
    "sbp_below_110": ("systolic_bp",),
    "sbp_from_110": ("systolic_bp",),
    "diabetes": ("diabetes",),
    "no_diabetes": ("diabetes",),
    "smoker": ("current_smoker",),
    "bmi_below_30": ("bmi",),
    "bmi_from_30": ("bmi",),
    "egfr_below_60": ("egfr",),
    "egfr_from_60": ("egfr",),
    "bp_treated": ("antihypertensive_treatment",),
    "statin": ("statin_treatment",),
    "hba1c": ("hba1c",),
    "hba1c_missing": ("hba1c",),
    "ln_uacr": ("uacr",),
    "uacr_missing": ("uacr",),
    "sdi_4_to_6": ("sdi_decile",),
    "sdi_7_to_10": ("sdi_decile",),
    "sdi_missing": ("sdi_decile",),
}
INPUTS = tuple(dict.fromkeys(name for names in FACTORS.values() for name in names))
OUTCOMES = {
    "total_cvd": "Heart attack, stroke or heart failure",
    "ascvd": "Heart attack or stroke",
    "hf": "Heart failure",
    "chd": "Heart attack or coronary death",
    "stroke": "Stroke",
}


def factors(x: Inputs) -> Inputs:
    """Every factor of the equations, (n,) each, centred and scaled as supplemental table S12 has them.

    An optional input that is missing counts 0 and switches its own missing term on.
    """
    non_hdl = (x["total_cholesterol"] - x["hdl_cholesterol"]) * MMOL_PER_MG
    sbp, bmi, egfr = x["systolic_bp"], x["bmi"], x["egfr"]
    age = (x["age"] - 55) / 10
    found = {
        "constant": np.ones_like(age),
        "age": age,
        "age_squared": np.square(age),
        "non_hdl": non_hdl - 3.5,
        "hdl": (x["hdl_cholesterol"] * MMOL_PER_MG - 1.3) / 0.3,
        "sbp_below_110": (np.minimum(sbp, 110) - 110) / 20,
        "sbp_from_110": (np.maximum(sbp, 110) - 130) / 20,
        "diabetes": x["diabetes"],
        "smoker": x["current_smoker"],
        "bmi_below_30": (np.minimum(bmi, 30) - 25) / 5,
        "bmi_from_30": (np.maximum(bmi, 30) - 30) / 5,
        "egfr_below_60": (np.minimum(egfr, 60) - 60) / -15,
        "egfr_from_60": (np.maximum(egfr, 60) - 90) / -15,
        "bp_treated": x["antihypertensive_treatment"],
        "statin": x["statin_treatment"],
    }
    if "hba1c" in x:
        found |= {"no_diabetes": 1 - x["diabetes"], "hba1c": _zero_if_missing(x["hba1c"] - 5.3)}
        found |= {"hba1c_missing": 1.0 * np.isnan(x["hba1c"])}
    if "uacr" in x:
        found |= {"ln_uacr": _zero_if_missing(np.log(x["uacr"])), "uacr_missing": 1.0 * np.isnan(x["uacr"])}
    if "sdi_decile" in x:
        sdi = x["sdi_decile"]
        found |= {"sdi_4_to_6": 1.0 * ((sdi >= 4) & (sdi < 7)), "sdi_7_to_10": 1.0 * (sdi >= 7)}
        found |= {"sdi_missing": 1.0 * np.isnan(sdi)}
    return found


def risk(x: Inputs, coefficients: Coefficients) -> Array:
    """exp(log odds) / (1 + exp(log odds)), the log odds a sum over the terms of the patient's sex.

    A required input that is missing counts 0 here, so that it voids only the estimates that need it:
    the model discards those.

    Returns
    -------
    (n, K) probabilities
    """
    of = factors({name: x[name] if name in OPTIONAL else _zero_if_missing(x[name]) for name in INPUTS if name in x})
    used = np.flatnonzero((coefficients.values != 0).any(axis=1))
    terms = np.empty((len(used), len(x["age"])))
    for row, t in zip(terms, used, strict=True):
        first, *others = coefficients.terms[t].split("*")
        row[:] = of[first]
        for other in others:
            row *= of[other]
    female, male = (product(coefficients.under(f"{sex}_").values[used].T, terms) for sex in ("female", "male"))
    return logistic(np.where(x["sex"] == 1, male, female)).T


def _zero_if_missing(values: Array) -> Array:
    missing = np.isnan(values)
    return np.where(missing, 0, values) if missing.any() else values


def required(coefficients: Coefficients, stratum: str) -> tuple[str, ...]:
    """The inputs without which an outcome and horizon has no value, read from the terms that its equations have.

    So BMI is asked for by heart failure only, cholesterol and statin by all others. Treatment that is not known is
    missing, not "no": the published terms are of people whose treatment was recorded.
    """
    columns = [i for i, name in enumerate(coefficients.strata) if name.endswith(f"_{stratum}")]
    used = (coefficients.values[:, columns] != 0).any(axis=1)
    present = {factor for t in np.flatnonzero(used) for factor in coefficients.terms[t].split("*")}
    names = [name for factor, of in FACTORS.items() if factor in present for name in of]
    return tuple(dict.fromkeys(name for name in names if name not in OPTIONAL))


def estimates(coefficients: Coefficients) -> tuple[Estimate, ...]:
    """The ten numbers of a variant; the 30-year equations hold for 30 to 59 years."""
    return tuple(
        Estimate(
            outcome,
            label,
            horizon_years=float(years),
            required=required(coefficients, f"{outcome}_{years}"),
            ranges={"age": (30.0, 59.0)} if years == 30 else {},
        )
        for years in (10, 30)
        for outcome, label in OUTCOMES.items()
    )


def absent(x: Inputs) -> dict[str, Mask]:
    """Optional inputs for which the equation's own term for a missing value was used."""
    return {f"absent:{name}": np.isnan(x[name]) for name in OPTIONAL if name in x}


def joined(tables: Mapping[str, Coefficients]) -> Coefficients:
    """All variants in one table, strata as ``variant:sex_outcome_years``.

    A variant of one optional input is chosen only where that is known, so its term for a missing one falls away.
    """
    terms = tuple(dict.fromkeys(term for table in tables.values() for term in table.terms))
    columns: dict[str, Array] = {}
    for variant, table in tables.items():
        kept = {term: i for i, term in enumerate(table.terms) if variant == "full" or not term.endswith("_missing")}
        for k, stratum in enumerate(table.strata):
            columns[f"{variant}:{stratum}"] = np.array([table.values[kept[t], k] if t in kept else 0 for t in terms])
    return Coefficients(terms, tuple(columns), np.column_stack(list(columns.values())))


def variant_of(x: Inputs) -> NDArray[np.intp]:
    """Index in VARIANTS: base if no optional input is known, its own variant if one is, full if two or three are."""
    known = np.array([~np.isnan(x[name]) for name in OPTIONAL])
    one = np.array([VARIANTS.index(name) for name in ("hba1c", "uacr", "sdi")]) @ known
    return np.where(known.sum(axis=0) > 1, VARIANTS.index("full"), one)


def risk_by_what_is_known(x: Inputs, coefficients: Coefficients) -> Array:
    """(n, K) probabilities, each patient's by the variant that fits."""
    variants = variant_of(x)
    value = np.empty((len(variants), len(AUTOMATIC_ESTIMATES)))
    for v in np.unique(variants):
        rows = variants == v
        value[rows] = risk({name: values[rows] for name, values in x.items()}, coefficients.under(f"{VARIANTS[v]}:"))
    return value


def variant_used(x: Inputs) -> dict[str, Mask]:
    """Which variant was used, and which optional input the full one did without."""
    variants = variant_of(x)
    full = variants == VARIANTS.index("full")
    chosen = {f"variant:{name}": variants == v for v, name in enumerate(VARIANTS)}
    return chosen | {code: mask & full for code, mask in absent(x).items()}


TABLES = {variant: Coefficients.read(f"prevent_{variant}") for variant in VARIANTS}
AUTOMATIC_ESTIMATES = estimates(TABLES["full"])
LABELS = {
    "base": "AHA PREVENT (base)",
    "hba1c": "AHA PREVENT with HbA1c",
    "uacr": "AHA PREVENT with urine albumin",
    "sdi": "AHA PREVENT with social deprivation",
    "full": "AHA PREVENT (full)",
}
USES: Mapping[str, tuple[str, ...]] = {
    "base": (),
    "hba1c": ("hba1c",),
    "uacr": ("uacr",),
    "sdi": ("sdi_decile",),
    "full": OPTIONAL,
}


def _model(variant: str) -> Model:
    uses = USES[variant]
    return Model(
        name=f"prevent_{variant}",
        label=LABELS[variant],
        estimates=estimates(TABLES[variant]),
        coefficients=TABLES[variant],
        formula=risk,
        optional=uses,
        derivations=(EGFR, BMI, CURRENT_SMOKER, *([SDI_DECILE] if "sdi_decile" in uses else [])),
        ranges={
            "age": (30.0, 79.0),
            "total_cholesterol": (130.0, 320.0),
            "hdl_cholesterol": (20.0, 100.0),
            # The AHA calculator takes up to 200; the R package preventr stops at 180.
            "systolic_bp": (90.0, 200.0),
            # 18.5 to less than 40: 40 itself is outside.
            "bmi": (18.5, math.nextafter(40.0, 0.0)),
            "egfr": (15.0, 140.0),
            **{name: limits for name, limits in OPTIONAL_RANGES.items() if name in uses},
        },
        excluded=("prior_cvd",),
        remarks=absent,
        citation=Citation(
            "Khan SS et al. Development and validation of the American Heart Association's PREVENT equations. "
            "Circulation 2024;149:430-449",
            doi="10.1161/CIRCULATIONAHA.123.067626",
            year=2023,
        ),
        population=(
            "Adults of 30 to 79 years without coronary heart disease, stroke or heart failure. Derived in 3,281,919 "
            "people of 25 United States data sets, 1992 to 2017; validated in 3,330,085 people of 21 others."
        ),
        notice=(
            "The paper's outcomes are total cardiovascular disease, heart attack or stroke (ASCVD) and heart failure; "
            "coronary disease and stroke alone stand in its supplement only. "
            "Changing an input shows another person, not the effect of a treatment."
        ),
    )


MODELS = (
    *(_model(variant) for variant in VARIANTS),
    replace(
        _model("full"),
        name="prevent",
        label="AHA PREVENT",
        coefficients=joined(TABLES),
        formula=risk_by_what_is_known,
        remarks=variant_used,
    ),
)
