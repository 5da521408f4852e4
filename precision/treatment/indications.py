"""What guidelines say about when to begin an intervention: versioned thresholds, by the guideline that is followed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import pandas as pd

from precision.errors import InputError, KnowledgeError
from precision.knowledge.table import read
from precision.result import Citation
from precision.treatment.conditions import Condition, Group, conditions, groups
from precision.treatment.tables import CITED, FOLDER, citation, number, rows_of

INDICATIONS = (
    ("guidelines", "id", "model", "outcome", "horizon_years", "age_low", "age_high", "risk_low", "all_of", "or_if")
    + ("advice", "says", *CITED)
)  # fmt: skip
ADVISE, CONSIDER, INSUFFICIENT = "advise", "consider", "insufficient"
VERBS = {ADVISE: "advises it", CONSIDER: "lets it be considered", INSUFFICIENT: "finds the evidence insufficient"}
DEFAULT, EVERY = "acc_aha", "*"


@dataclass(frozen=True, slots=True)
class Indication:
    """From which estimate of which model a guideline speaks for an intervention, or in which condition.

    Attributes
    ----------
    model : name, or the beginning of names before an asterisk; ages : the row speaks to these, inclusive
    risk_low : NaN where the row does not go by the risk
    all_of : must hold beside the risk; or_if : one of these is enough instead of the risk
    advice : advise, consider or insufficient
    """

    guidelines: frozenset[str]
    model: str
    outcome: str
    horizon_years: float
    ages: tuple[float, float]
    risk_low: float
    all_of: tuple[Group, ...]
    or_if: tuple[Condition, ...]
    advice: str
    says: str
    citation: Citation

    @property
    def sentence(self) -> str:
        """Who advises it, and when."""
        return f"{self.citation.text} {VERBS[self.advice]} {self.says}."

    def judged_on(self, model: str) -> bool:
        """Whether a model is the one whose estimate the guideline means."""
        beginning, anything, _ = self.model.partition("*")
        return model.startswith(beginning) if anything else model == self.model

    def followed_in(self, guideline: str) -> bool:
        """Whether the row belongs to a guideline that the user can follow."""
        return bool(self.guidelines & {guideline, EVERY})


@cache
def guidelines() -> dict[str, str]:
    """The guidelines that a user can follow, with their names in words; the first is the default."""
    found = read(FOLDER, "guidelines.csv", ("guideline", "label"), ("guideline",))
    return dict(zip(found["guideline"].astype(str), found["label"].astype(str), strict=True))


@cache
def indications() -> dict[str, tuple[Indication, ...]]:
    """Every confirmed threshold by intervention, of all guidelines.

    Raises
    ------
    KnowledgeError : an advice or guideline is not known
    """
    found: dict[str, tuple[Indication, ...]] = {}
    for row in rows_of("indications.csv", INDICATIONS, ("id", "says", "source")):
        one = _indication(row)
        if one.advice not in VERBS or one.guidelines - {*guidelines(), EVERY}:
            raise KnowledgeError(f"indications.csv: {row['id']}: '{row['guidelines']}' or '{one.advice}' is not known")
        found[row["id"]] = (*found.get(row["id"], ()), one)
    return found


def followed(name: str, guideline: str) -> tuple[Indication, ...]:
    """What one guideline says of an intervention; nothing where it has no row.

    Raises
    ------
    InputError : no such guideline
    """
    if guideline not in guidelines():
        raise InputError(f"no guideline is called '{guideline}'; known: {', '.join(guidelines())}")
    return tuple(one for one in indications().get(name, ()) if one.followed_in(guideline))


@cache
def counted_as() -> dict[tuple[str, str], str]:
    """(model, outcome) -> the outcome whose trial effects fit, where a model's name for it is another's."""
    rows = read(FOLDER, "outcomes.csv", ("model", "outcome", "counted_as", "why"), ("model", "outcome"))
    keys = zip(rows["model"].astype(str), rows["outcome"].astype(str), strict=True)
    return dict(zip(keys, rows["counted_as"].astype(str), strict=True))


def _indication(row: pd.Series[str]) -> Indication:
    return Indication(
        guidelines=frozenset(row["guidelines"].split("|")),
        model=row["model"],
        outcome=row["outcome"],
        horizon_years=float(row["horizon_years"]),
        ages=(number(row["age_low"], -math.inf), number(row["age_high"], math.inf)),
        risk_low=number(row["risk_low"]),
        all_of=groups(row["all_of"]),
        or_if=conditions(row["or_if"]),
        advice=row["advice"],
        says=row["says"],
        citation=citation(row),
    )
