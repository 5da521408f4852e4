"""Guideline rules as data: who they are for, what they ask, and three-valued answers for all patients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import pandas as pd

from precision.criteria import COLUMNS, Criterion, Facts, Truth, holds, read_criteria
from precision.errors import KnowledgeError
from precision.knowledge.table import read
from precision.result import Citation

RULES = (
    ("rule", "domain", "topic", "severity", "word", "needed", "title", "finding", "reason")
    + ("not_considered", "source", "year", "version", "doi", "strength", "status")
)  # fmt: skip
ROLES = ("for", "when", "unless", "except")
# Order on the screen: an unknown that must be settled before an act comes before what may wait.
PLACES: Mapping[tuple[int, bool], int] = {
    (4, False): 0,
    (3, False): 1,
    (0, True): 2,
    (2, False): 3,
    (1, False): 4,
    (0, False): 5,
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A published recommendation: population, condition, exclusions and its own words with {subject} for values."""

    name: str
    domain: str
    topic: str
    severity: int
    word: str
    needed: bool
    title: str
    finding: str
    reason: str
    not_considered: str
    source: str
    version: str
    strength: str
    citation: Citation
    criteria: tuple[Criterion, ...]

    @property
    def place(self) -> int:
        """Order on the screen, most severe first."""
        return PLACES[self.severity, self.needed]

    @property
    def subjects(self) -> tuple[str, ...]:
        """What the rule looks at, exceptions aside, each once, in order."""
        return tuple(dict.fromkeys(criterion.subject for criterion in self.criteria if criterion.role != "except"))


@cache
def rules() -> tuple[Rule, ...]:
    """Every shipped rule, in the order of the table.

    Raises
    ------
    KnowledgeError : a rule is unconfirmed, has no criterion, or a criterion cannot be understood
    """
    rows = read("guidelines", "rules.csv", RULES, ("rule",))
    criteria = read("guidelines", "criteria.csv", COLUMNS, COLUMNS)
    return tuple(_rule(row, criteria[criteria["rule"] == row["rule"]]) for _, row in rows.iterrows())


def _rule(row: pd.Series, criteria: pd.DataFrame) -> Rule:
    where = f"guidelines/rules.csv: rule '{row['rule']}'"
    if row["status"] != "V" or criteria.empty:
        raise KnowledgeError(f"{where} must be verified (status V) and have criteria")
    if (int(row["severity"]), row["needed"] == "yes") not in PLACES:
        raise KnowledgeError(
            f"{where}: severity {row['severity']} with needed '{row['needed']}' has no place on the screen"
        )
    return Rule(
        name=row["rule"],
        domain=row["domain"],
        topic=row["topic"],
        severity=int(row["severity"]),
        word=row["word"],
        needed=row["needed"] == "yes",
        title=row["title"],
        finding=row["finding"],
        reason=row["reason"],
        not_considered=row["not_considered"],
        source=f"{row['source']} {row['year']}",
        version=row["version"],
        strength=row["strength"],
        citation=Citation(f"{row['source']}, {row['version']}", row["doi"], int(row["year"])),
        criteria=read_criteria(criteria, where, ROLES),
    )


def applies(rule: Rule, facts: Facts) -> Truth:
    """(N,) whether a rule speaks to each patient."""
    return holds(rule.criteria, facts)
