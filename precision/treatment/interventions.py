"""The tables of interventions: what they are, what trials saw of them, for whom they are meant."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import pandas as pd

from precision.errors import KnowledgeError
from precision.knowledge.table import read
from precision.result import Citation
from precision.schema import variable

FOLDER = "interventions"
INTERVENTIONS = (
    ("id", "name", "detail", "kind", "lowers", "amount", "amount_low", "amount_high", "mediated_by", "family")
    + ("taken_by", "only_if", "not_if", "age_low", "age_high", "ask_first", "evidence", "source", "year", "doi")
    + ("status",)
)  # fmt: skip
EFFECTS = ("id", "measured_on", "applies_to", "ratio", "low", "high", "per", "source", "year", "doi", "status")
HARMS = (
    ("id", "harm", "ratio", "low", "high", "per_100_years", "note", "not_if", "source", "year", "doi", "status")
)  # fmt: skip
INDICATIONS = (
    ("id", "model", "outcome", "horizon_years", "risk_low", "or_if", "says", "source", "year", "doi", "status")
)  # fmt: skip
CONFIRMED = ("V", "C")  # verified, or corrected, against a source that was read
LDL, PRESSURE = "ldl", "pressure"
DRUG, LIFESTYLE = "drug", "lifestyle"


@dataclass(frozen=True, slots=True)
class Condition:
    """A boolean that is true, or a measurement that reaches ``low`` in the dictionary's unit."""

    variable: str
    low: float = 1.0


@dataclass(frozen=True, slots=True)
class Intervention:
    """A treatment or a change of life.

    Attributes
    ----------
    lowers : "ldl" or "pressure", empty where its effect is direct
    amount : fraction of LDL cholesterol, or mmHg; with the range that the source gives, NaN where it gives none
    mediated_by : what a direct effect works through
    family : of one family a patient takes one
    taken_by : the boolean that says it is in use already
    only_if : all must hold; not_if : none may hold; ages : inclusive; ask_first : what no variable holds
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
    family: str
    taken_by: str
    only_if: tuple[Condition, ...]
    not_if: tuple[Condition, ...]
    ages: tuple[float, float]
    ask_first: str
    evidence: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class TrialEffect:
    """A ratio of hazards with its 95 % bounds (NaN where not confirmed), and the outcome it was measured on."""

    measured_on: str
    ratio: float
    low: float
    high: float
    per: str
    citation: Citation


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
class Indication:
    """From which estimate of which model a guideline speaks for an intervention, or in which condition."""

    model: str
    outcome: str
    horizon_years: float
    risk_low: float
    or_if: tuple[Condition, ...]
    says: str
    citation: Citation


@cache
def interventions() -> dict[str, Intervention]:
    """Every intervention by id, in the order in which they are shown among equals.

    Raises
    ------
    KnowledgeError : the table is broken, names no variable of the dictionary, or holds a fact that nobody confirmed
    """
    found = {row["id"]: _intervention(row) for row in _rows("interventions.csv", INTERVENTIONS, ("id",))}
    for one in found.values():
        if one.kind not in (DRUG, LIFESTYLE) or one.lowers not in ("", LDL, PRESSURE):
            raise KnowledgeError(f"interventions.csv: {one.id} is a '{one.kind}' that lowers '{one.lowers}'")
        if bool(one.lowers) == math.isnan(one.amount):
            raise KnowledgeError(f"interventions.csv: {one.id} needs an amount if, and only if, it lowers something")
    return found


@cache
def trial_effects() -> dict[tuple[str, str], TrialEffect]:
    """Every trial effect by (intervention or 'ldl' or 'pressure', outcome of the risk models it applies to)."""
    return {
        (row["id"], row["applies_to"]): TrialEffect(
            row["measured_on"], *_bounds(row), per=row["per"], citation=_citation(row)
        )
        for row in _rows("effects.csv", EFFECTS, ("id", "applies_to"))
    }


@cache
def harms() -> dict[str, tuple[KnownHarm, ...]]:
    """What is known of the harms of each intervention."""
    found: dict[str, tuple[KnownHarm, ...]] = {}
    for row in _rows("harms.csv", HARMS, ("id", "harm")):
        one = KnownHarm(
            row["harm"],
            *_bounds(row),
            per_100_years=_number(row["per_100_years"]),
            note=row["note"],
            not_if=_conditions(row["not_if"]),
            citation=_citation(row),
        )
        found[row["id"]] = (*found.get(row["id"], ()), one)
    return found


@cache
def indications() -> dict[str, tuple[Indication, ...]]:
    """What guidelines say about when to begin each intervention."""
    found: dict[str, tuple[Indication, ...]] = {}
    for row in _rows("indications.csv", INDICATIONS, ("id", "model", "outcome", "horizon_years")):
        one = Indication(
            row["model"],
            row["outcome"],
            float(row["horizon_years"]),
            float(row["risk_low"]),
            _conditions(row["or_if"]),
            row["says"],
            _citation(row),
        )
        found[row["id"]] = (*found.get(row["id"], ()), one)
    return found


def _rows(table: str, columns: tuple[str, ...], key: tuple[str, ...]) -> list[pd.Series[str]]:
    rows = [row for _, row in read(FOLDER, table, columns, key=key).iterrows()]
    for row in rows:
        if row["status"] not in CONFIRMED:
            raise KnowledgeError(f"{table}: {row['id']} has status '{row['status']}'; only V and C rows may be shown")
    return rows


def _intervention(row: pd.Series[str]) -> Intervention:
    if row["taken_by"]:
        variable(row["taken_by"])
    return Intervention(
        id=row["id"],
        name=row["name"],
        detail=row["detail"],
        kind=row["kind"],
        lowers=row["lowers"],
        amount=_number(row["amount"]),
        amount_low=_number(row["amount_low"]),
        amount_high=_number(row["amount_high"]),
        mediated_by=frozenset(filter(None, row["mediated_by"].split("|"))),
        family=row["family"],
        taken_by=row["taken_by"],
        only_if=_conditions(row["only_if"]),
        not_if=_conditions(row["not_if"]),
        ages=(float(row["age_low"] or "-inf"), float(row["age_high"] or "inf")),
        ask_first=row["ask_first"],
        evidence=row["evidence"],
        citation=_citation(row),
    )


def _conditions(cell: str) -> tuple[Condition, ...]:
    """'diabetes|systolic_bp:140' as conditions on variables of the dictionary."""
    parts = [part.partition(":") for part in cell.split("|") if part]
    return tuple(Condition(variable(name).name, float(low or 1)) for name, _, low in parts)


def _bounds(row: pd.Series[str]) -> tuple[float, float, float]:
    return _number(row["ratio"]), _number(row["low"]), _number(row["high"])


def _citation(row: pd.Series[str]) -> Citation:
    return Citation(f"{row['source']} {row['year']}", doi=row["doi"], year=int(row["year"]))


def _number(text: str) -> float:
    return float(text) if text else math.nan
