"""Guideline rules as data: who they are for, what they ask, and three-valued answers for all patients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.errors import KnowledgeError
from precision.features import Features
from precision.knowledge.table import read
from precision.result import STATUSES, Array, Citation, Result
from precision.schema import variables

Truth = NDArray[np.int8]
FALSE, UNKNOWN, TRUE = -1, 0, 1  # so that "and" is the minimum, "or" the maximum and "not" the negation

RULES = (
    ("rule", "domain", "topic", "severity", "word", "needed", "title", "finding", "reason")
    + ("not_considered", "source", "year", "version", "doi", "strength", "status")
)  # fmt: skip
CRITERIA = ("rule", "role", "group", "subject", "comparator", "value")
ROLES = ("for", "when", "unless", "except")
SILENCING = ("unless", "except")
COMPARATORS = (">=", ">", "<", "<=", "=", "status")
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
class Criterion:
    """One comparison; those of a rule with the same role and group are alternatives.

    role : whom the rule is "for", "when" it speaks, "unless" what silences it and is asked for where it is not
        known, "except" in what silences it where known and is not asked for (a pregnancy)
    subject : a variable, or model:outcome:horizon; with "|" between them the first that is known
    comparator : on the value, or "status" on the state of an estimate
    """

    role: str
    group: str
    subject: str
    comparator: str
    value: str

    @property
    def number(self) -> float:
        """The threshold, or the status as its index."""
        return float(STATUSES.index(self.value)) if self.comparator == "status" else float(self.value)


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


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules look at: the features and the results of N patients."""

    features: Features
    results: Mapping[str, Result]
    known: dict[str, Array] = field(default_factory=dict)

    def number(self, subject: str) -> Array:
        """(N,) values of a subject, NaN = not known."""
        if subject not in self.known:
            first, *others = (self._single(part) for part in subject.split("|"))
            for other in others:
                first = np.where(np.isnan(first), other, first)
            self.known[subject] = first
        return self.known[subject]

    def estimate(self, subject: str) -> tuple[Result, int] | None:
        """The result and column of model:outcome:horizon; None where the model was not run."""
        model, outcome, horizon = (*subject.split("|")[0].split(":"), "", "")[:3]
        if model not in self.results or not outcome:
            return None
        return self.results[model], self.results[model].column(outcome, float(horizon) if horizon else None)

    def status(self, subject: str) -> Array:
        """(N,) index into STATUSES, NaN where the model was not run."""
        found = self.estimate(subject)
        return np.full(len(self.features), np.nan) if found is None else found[0].status[:, found[1]].astype(np.float64)

    def _single(self, subject: str) -> Array:
        if ":" in subject:
            found = self.estimate(subject)
            column = None if found is None else found[0].value[:, found[1]]
        else:
            column = self.features.column(subject)
        return np.full(len(self.features), np.nan) if column is None else column


@cache
def rules() -> tuple[Rule, ...]:
    """Every shipped rule, in the order of the table.

    Raises
    ------
    KnowledgeError : a rule is unconfirmed, has no criterion, or a criterion cannot be understood
    """
    rows = read("guidelines", "rules.csv", RULES, ("rule",))
    criteria = read("guidelines", "criteria.csv", CRITERIA, ("rule", "role", "group", "subject", "comparator", "value"))
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
        criteria=tuple(_criterion(cells, where) for _, cells in criteria.iterrows()),
    )


def _criterion(cells: pd.Series, where: str) -> Criterion:
    found = Criterion(*(str(cells[name]) for name in CRITERIA[1:]))
    if found.role not in ROLES or found.comparator not in COMPARATORS:
        raise KnowledgeError(f"{where}: '{found.role}' with '{found.comparator}' is not understood")
    if unknown := [part for part in found.subject.split("|") if ":" not in part and part not in variables()]:
        raise KnowledgeError(f"{where}: '{unknown[0]}' is not in the variable dictionary")
    try:
        _ = found.number
    except ValueError as error:
        raise KnowledgeError(
            f"{where}: '{found.value}' is neither a number nor one of {', '.join(STATUSES)}"
        ) from error
    return found


def truth(criterion: Criterion, facts: Facts, rows: slice = slice(None)) -> Truth:
    """(N,) TRUE, FALSE, or UNKNOWN where the subject is not known; of some rows only where they are given."""
    state = criterion.comparator == "status"
    values = (facts.status(criterion.subject) if state else facts.number(criterion.subject))[rows]
    limit = criterion.number
    holds = {
        ">=": lambda: values >= limit,
        ">": lambda: values > limit,
        "<": lambda: values < limit,
        "<=": lambda: values <= limit,
        "=": lambda: values == limit,
        "status": lambda: values == limit,
    }[criterion.comparator]()
    return np.where(np.isnan(values), UNKNOWN, np.where(holds, TRUE, FALSE)).astype(np.int8)


def applies(rule: Rule, facts: Facts) -> Truth:
    """(N,) whether a rule speaks to each patient.

    Every group of "for" and "when" must hold, a group holds when one of its criteria does. "Unless" and "except"
    silence the rule only where they are known to hold: what is not recorded must not hide what is due.
    """
    groups: dict[tuple[str, str], Truth] = {}
    answer = np.full(len(facts.features), TRUE, dtype=np.int8)
    for criterion in rule.criteria:
        here = truth(criterion, facts)
        if criterion.role in SILENCING:
            answer[here == TRUE] = FALSE
        else:
            key = (criterion.role, criterion.group)
            groups[key] = np.maximum(groups[key], here) if key in groups else here
    for here in groups.values():
        answer = np.minimum(answer, here)
    return answer
