"""The tables of interventions: what they are, what trials saw of them, how they harm."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import pandas as pd

from precision.errors import KnowledgeError
from precision.result import Citation
from precision.schema import variable
from precision.treatment.conditions import Condition, Group, conditions, groups
from precision.treatment.indications import INDICATIONS, Indication, indications
from precision.treatment.tables import CITED, UNCONFIRMED, all_rows, citation, number, rows_of

__all__ = [
    "Aid",
    "Condition",
    "GroupEffect",
    "Indication",
    "Intervention",
    "KnownHarm",
    "TrialEffect",
    "Unverified",
    "aids",
    "harms",
    "indications",
    "interventions",
    "measured_on",
    "risk_groups",
    "trial_effects",
    "unverified",
]

INTERVENTIONS = (
    ("id", "name", "detail", "kind", "lowers", "amount", "amount_low", "amount_high", "mediated_by", "brought_by")
    + ("family", "taken_by", "for_whom", "only_if", "not_if", "age_low", "age_high", "ask_first", "evidence", *CITED)
)  # fmt: skip
EFFECTS = (
    ("id", "measured_on", "applies_to", "ratio", "low", "high", "confidence", "builds_up_years", "per", *CITED)
)  # fmt: skip
RISK_GROUPS = (
    ("id", "risk_low", "risk_high", "horizon_years", "says", "ratio", "low", "high", "confidence", *CITED)
)  # fmt: skip
HARMS = ("id", "harm", "ratio", "low", "high", "per_100_years", "note", "not_if", *CITED)
AIDS = ("id", "aid", "ratio", "with_aid", "without_aid", *CITED)
LDL, PRESSURE = "ldl", "pressure"
DRUG, LIFESTYLE = "drug", "lifestyle"


@dataclass(frozen=True, slots=True)
class Intervention:
    """A treatment or a change of life.

    Attributes
    ----------
    lowers : "ldl" or "pressure", empty where its effect is direct
    amount : fraction of LDL cholesterol, or mmHg; with the range that the source gives, NaN where it gives none
    mediated_by : what a direct effect works through; brought_by : interventions whose effect includes this one
    family : of one family a patient takes one
    taken_by : the boolean that says it is in use already
    only_if : all must hold, in words ``for_whom``; not_if : none may hold; ages : inclusive
    ask_first : what no variable holds
    """

    id: str
    name: str
    detail: str
    kind: str
    lowers: str
    amount: float
    amount_low: float
    amount_high: float
    mediated_by: frozenset[str]
    brought_by: frozenset[str]
    family: str
    taken_by: str
    for_whom: str
    only_if: tuple[Group, ...]
    not_if: tuple[Condition, ...]
    ages: tuple[float, float]
    ask_first: str
    evidence: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class TrialEffect:
    """A ratio of hazards with its bounds (NaN where not confirmed), and the outcome it was measured on.

    confidence : of the bounds, 0.95 = 95 %; builds_up_years : from ratio 1 at the start; 0 = acts at once
    """

    measured_on: str
    ratio: float
    low: float
    high: float
    per: str
    citation: Citation
    confidence: float = 0.95
    builds_up_years: float = 0.0


@dataclass(frozen=True, slots=True)
class GroupEffect:
    """A ratio as seen in people of one span of risk, from ``risk_low`` to below ``risk_high`` over the horizon."""

    risk_low: float
    risk_high: float
    horizon_years: float
    says: str
    effect: TrialEffect


@dataclass(frozen=True, slots=True)
class KnownHarm:
    """A harm: ratio of hazards (NaN = not confirmed) and events per 100 people and year without the treatment."""

    name: str
    ratio: float
    low: float
    high: float
    per_100_years: float
    note: str
    not_if: tuple[Condition, ...]
    citation: Citation


@dataclass(frozen=True, slots=True)
class Aid:
    """What helps people to carry a change through: shares of people that succeeded with and without it."""

    name: str
    ratio: float
    with_aid: float
    without_aid: float
    citation: Citation


@dataclass(frozen=True, slots=True)
class Unverified:
    """A row that stands in a table and is never used, because nobody has read its source yet."""

    table: str
    id: str
    what: str
    citation: Citation


@cache
def interventions() -> dict[str, Intervention]:
    """Every confirmed intervention by id, in the order in which they are shown among equals.

    Raises
    ------
    KnowledgeError : the table is broken or names no variable of the dictionary
    """
    found = {row["id"]: _intervention(row) for row in rows_of("interventions.csv", INTERVENTIONS, ("id",))}
    for one in found.values():
        if one.kind not in (DRUG, LIFESTYLE) or one.lowers not in ("", LDL, PRESSURE):
            raise KnowledgeError(f"interventions.csv: {one.id} is a '{one.kind}' that lowers '{one.lowers}'")
        if bool(one.lowers) == math.isnan(one.amount):
            raise KnowledgeError(f"interventions.csv: {one.id} needs an amount if, and only if, it lowers something")
    return found


@cache
def trial_effects() -> MappingProxyType[tuple[str, str], TrialEffect]:
    """Every trial effect by (intervention or 'ldl' or 'pressure', outcome of the risk models it applies to)."""
    return MappingProxyType({(row["id"], row["applies_to"]): _effect(row) for row in _effects() if row["applies_to"]})


@cache
def measured_on(name: str) -> tuple[str, ...]:
    """Everything that the effect of an intervention, of 'ldl' or of 'pressure' was measured on, in words."""
    return tuple(dict.fromkeys(row["measured_on"] for row in _effects() if row["id"] == name))


@cache
def risk_groups() -> dict[str, tuple[GroupEffect, ...]]:
    """Effects by the risk of the people in whom they were measured: an alternative to the effect of all together."""
    found: dict[str, tuple[GroupEffect, ...]] = {}
    for row in rows_of("risk_groups.csv", RISK_GROUPS, ("id", "risk_low")):
        effect = TrialEffect("", *_bounds(row), row["says"], citation(row), float(row["confidence"]))
        span = float(row["risk_low"]), float(row["risk_high"]), float(row["horizon_years"])
        found[row["id"]] = (*found.get(row["id"], ()), GroupEffect(*span, row["says"], effect))
    return found


@cache
def harms() -> dict[str, tuple[KnownHarm, ...]]:
    """What is known of the harms of each intervention."""
    found: dict[str, tuple[KnownHarm, ...]] = {}
    for row in rows_of("harms.csv", HARMS, ("id", "harm")):
        one = KnownHarm(
            row["harm"],
            *_bounds(row),
            per_100_years=number(row["per_100_years"]),
            note=row["note"],
            not_if=conditions(row["not_if"]),
            citation=citation(row),
        )
        found[row["id"]] = (*found.get(row["id"], ()), one)
    return found


@cache
def aids() -> dict[str, tuple[Aid, ...]]:
    """What multiplies the chance of success of a change, not its effect on a risk."""
    found: dict[str, tuple[Aid, ...]] = {}
    for row in rows_of("aids.csv", AIDS, ("id", "aid")):
        shares = float(row["ratio"]), float(row["with_aid"]), float(row["without_aid"])
        found[row["id"]] = (*found.get(row["id"], ()), Aid(row["aid"], *shares, citation(row)))
    return found


@cache
def unverified() -> tuple[Unverified, ...]:
    """The rows that stand in the tables but are never used: their source has not been read."""
    tables = {
        "interventions.csv": (INTERVENTIONS, ("id",), ("name", "amount")),
        "effects.csv": (EFFECTS, ("id", "applies_to", "measured_on"), ("measured_on", "ratio")),
        "risk_groups.csv": (RISK_GROUPS, ("id", "risk_low"), ("says", "ratio")),
        "harms.csv": (HARMS, ("id", "harm"), ("harm", "ratio")),
        "aids.csv": (AIDS, ("id", "aid"), ("aid", "ratio")),
        "indications.csv": (INDICATIONS, ("id", "says", "source"), ("says",)),
    }
    return tuple(
        Unverified(table, row["id"], " ".join(filter(None, (row[name] for name in words))), citation(row))
        for table, (columns, key, words) in tables.items()
        for row in all_rows(table, columns, key)
        if row["status"] == UNCONFIRMED
    )


def _effects() -> list[pd.Series[str]]:
    return rows_of("effects.csv", EFFECTS, ("id", "applies_to", "measured_on"))


def _effect(row: pd.Series[str]) -> TrialEffect:
    return TrialEffect(
        row["measured_on"],
        *_bounds(row),
        per=row["per"],
        citation=citation(row),
        confidence=number(row["confidence"], 0.95),
        builds_up_years=number(row["builds_up_years"], 0.0),
    )


def _intervention(row: pd.Series[str]) -> Intervention:
    if row["taken_by"]:
        variable(row["taken_by"])
    return Intervention(
        id=row["id"],
        name=row["name"],
        detail=row["detail"],
        kind=row["kind"],
        lowers=row["lowers"],
        amount=number(row["amount"]),
        amount_low=number(row["amount_low"]),
        amount_high=number(row["amount_high"]),
        mediated_by=_names(row["mediated_by"]),
        brought_by=_names(row["brought_by"]),
        family=row["family"],
        taken_by=row["taken_by"],
        for_whom=row["for_whom"],
        only_if=groups(row["only_if"]),
        not_if=conditions(row["not_if"]),
        ages=(number(row["age_low"], -math.inf), number(row["age_high"], math.inf)),
        ask_first=row["ask_first"],
        evidence=row["evidence"],
        citation=citation(row),
    )


def _names(cell: str) -> frozenset[str]:
    return frozenset(filter(None, cell.split("|")))


def _bounds(row: pd.Series[str]) -> tuple[float, float, float]:
    return number(row["ratio"]), number(row["low"]), number(row["high"])
