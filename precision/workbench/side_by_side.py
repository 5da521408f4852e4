"""Several models side by side: what each says of one patient, and one sentence on why they differ."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import pandas as pd

from precision import wording
from precision.errors import InputError
from precision.model import Model, registry
from precision.result import Citation, Finding, Result

TOPICS = {
    "ancestry": "population group",
    "qrisk_ethnicity": "population group",
    "sdi_decile": "deprivation",
    "townsend": "deprivation",
    "egfr": "kidney function",
    "ckd_stage_3_to_5": "kidney function",
    "family_history_mi": "family history",
    "family_history_premature_cvd": "family history",
    "qrisk_smoking": "smoking",
    "current_smoker": "smoking",
    "type1_diabetes": "diabetes",
    "type2_diabetes": "diabetes",
    "cholesterol_hdl_ratio": "lipids",
    "total_cholesterol": "lipids",
    "hdl_cholesterol": "lipids",
    "lipid_lowering_treatment": "lipid treatment",
    "statin_treatment": "lipid treatment",
}
EVERY_MODEL = ("age", "sex", "projection_age", "score2_region", "kfre_region")
MOST_REASONS, MOST_NAMES = 4, 3


@dataclass(frozen=True, slots=True)
class Trait:
    """What a model answers, and where it comes from.

    counts : the definition of its outcome, the same words where two models count the same events
    particular : what sets it apart that its inputs and labels do not say
    """

    question: str
    model: str
    outcome: str
    counts: str
    place: str
    particular: str


@dataclass(frozen=True, slots=True)
class Beside:
    """One model's answer.

    Attributes
    ----------
    value : as text, or the word for its absence; range : its interval or that none is published; why_not : reasons
        where it gives no value
    differs : one sentence against the leading model of the table; empty for that one
    """

    model: str
    label: str
    finding: Finding
    value: str
    range: str
    why_not: tuple[str, ...]
    outcome: str
    horizon_years: float
    population: str
    year: int
    citation: Citation
    differs: str


@cache
def traits() -> tuple[Trait, ...]:
    """Every row of the table whose model the registry has, in order."""
    with (files("precision.workbench") / "model_traits.csv").open(encoding="utf-8") as lines:
        rows = pd.read_csv(lines, dtype="str", keep_default_na=False)
    found = [Trait(*row) for row in rows.to_numpy(dtype=str).tolist()]
    return tuple(trait for trait in found if trait.model in registry())


def questions(results: Mapping[str, Result]) -> tuple[str, ...]:
    """The questions that at least one of the models answers, in the order of the table."""
    return tuple(dict.fromkeys(trait.question for trait in traits() if trait.model in results))


def side_by_side(results: Mapping[str, Result], patient: str, question: str, against: str = "") -> tuple[Beside, ...]:
    """What every model that was run answers to one question about one patient.

    The first model with a value leads, or the one of ``against``: the others say how they differ from it.

    Raises
    ------
    InputError : no such patient, no model answers the question, or ``against`` is not among those that do
    """
    asked = [trait for trait in traits() if trait.question == question and trait.model in results]
    if not asked:
        known = ", ".join(questions(results))
        raise InputError(f"no model that was run answers '{question}'; answered are: {known or 'none'}")
    found = {trait: results[trait.model].finding(patient, trait.outcome, _horizon(results, trait)) for trait in asked}
    named = [trait for trait in asked if trait.model == against]
    if against and not named:
        raise InputError(f"'{against}' does not answer '{question}'; {', '.join(t.model for t in asked)} do")
    leading = [trait for trait in asked if found[trait].status == "ok"]
    lead = [*named, *leading, *asked][0]
    return tuple(_beside(trait, found[trait], lead, found[lead]) for trait in asked)


def _horizon(results: Mapping[str, Result], trait: Trait) -> float | None:
    """The longest horizon up to 10 years that the model states for the outcome; the first where it states none."""
    years = [e.horizon_years for e in results[trait.model].estimates if e.outcome == trait.outcome]
    stated = [year for year in years if year <= 10]
    return max(stated) if stated else None


def _beside(trait: Trait, finding: Finding, lead: Trait, leading: Finding) -> Beside:
    model = registry()[trait.model]
    return Beside(
        model=trait.model,
        label=model.label,
        finding=finding,
        value=finding.text,
        range=wording.interval(finding) if finding.status == "ok" else "",
        why_not=finding.warnings,
        outcome=finding.outcome_label,
        horizon_years=finding.horizon_years,
        population=model.population,
        year=model.citation.year,
        citation=model.citation,
        differs="" if trait == lead else _differs(trait, finding, lead, leading),
    )


def _differs(trait: Trait, finding: Finding, lead: Trait, leading: Finding) -> str:
    """One sentence: outcome, horizon, people, year, then what it reads; the most telling reasons first."""
    model, other = registry()[trait.model], registry()[lead.model]
    reasons: list[str] = []
    if trait.counts != lead.counts:
        reasons.append(f"counts {_inside(finding.outcome_label)} (not {_inside(leading.outcome_label)})")
    if finding.horizon_years != leading.horizon_years and not math.isnan(finding.horizon_years):
        reasons.append(f"looks ahead {finding.horizon_years:g} years (not {leading.horizon_years:g})")
    if trait.place and trait.place != lead.place:
        reasons.append(f"was made with data of {trait.place}")
    if trait.particular:
        reasons.append(trait.particular)
    if model.citation.year != other.citation.year:
        reasons.append(f"dates from {model.citation.year} (not {other.citation.year})")
    reasons += _reading(_topics(model, trait.outcome), _topics(other, lead.outcome))
    return f"Unlike {other.label}, it {_joined(reasons[:MOST_REASONS])}." if reasons else ""


def _reading(mine: list[str], theirs: list[str]) -> list[str]:
    more, less = [name for name in mine if name not in theirs], [name for name in theirs if name not in mine]
    found = [f"also reads {_shortened(more)}"] if more else []
    return [*found, f"does not read {_shortened(less)}"] if less else found


def _topics(model: Model, outcome: str) -> list[str]:
    """What a model reads for one outcome, in words."""
    required = next(estimate.required for estimate in model.estimates if estimate.outcome == outcome)
    names = [name for name in (*required, *model.optional) if name not in EVERY_MODEL]
    return list(dict.fromkeys(TOPICS.get(name) or _short(name) for name in names))


def _shortened(names: list[str]) -> str:
    rest = len(names) - MOST_NAMES
    return _joined(names if rest <= 1 else [*names[:MOST_NAMES], f"{rest} more inputs"])


def _joined(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _short(name: str) -> str:
    """'albumin' of 'Albumin, serum', 'phosphate' of 'Phosphate (as phosphorus)'."""
    return _inside(wording.label(name).partition(",")[0].partition(" (")[0])


def _inside(label: str) -> str:
    """A label inside a sentence; a first word with a capital further in stays: HbA1c, LDL."""
    kept = any(letter.isupper() for letter in label.split(" ")[0][1:])
    return label if kept else label[:1].lower() + label[1:]
