"""Screening and monitoring rules as data: whom each concerns, which tests answer it, how often, and who says so."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import pandas as pd

from precision.criteria import COLUMNS, ROLES, Criterion, read_criteria
from precision.errors import KnowledgeError
from precision.knowledge.table import read
from precision.result import Citation
from precision.schema import variables
from precision.screening.facts import own_facts

FOLDER = "screening"
RULES = (
    ("rule", "topic", "domain", "kind", "level", "verdict", "action", "tests", "grade", "source", "year", "version")
    + ("doi", "url", "status", "verified_in", "note")
)  # fmt: skip
KINDS = ("screening", "monitoring", "prevention")
LEVELS = ("average", "clinical", "family", "carrier")  # of one topic the later speaks
VERDICTS = ("do", "individual", "do_not", "insufficient")
APPLIED = ("V", "C")  # agrees with a source that was read, or was corrected after it
RECALLED = "R"
DONE = "done"  # role of what shows that the action was taken
NEVER_AGAIN = {"once": "once", "unset": "no interval is set"}


@dataclass(frozen=True, slots=True)
class Test:
    """A test that answers a rule; `months` it holds, None where the answer holds for good.

    name : a date variable of the patient, or a measured variable whose newest value has a day
    """

    name: str
    months: int | None
    interval: str

    @property
    def label(self) -> str:
        """'Mammography' for last_mammography; a measured variable as the dictionary calls it."""
        text = variables()[self.name].label
        if not self.is_date:
            return text
        rest = text.removeprefix("Last ")
        return rest[:1].upper() + rest[1:]

    @property
    def is_date(self) -> bool:
        """Whether the day itself is recorded, and no value."""
        return variables()[self.name].kind == "date"


@dataclass(frozen=True, slots=True)
class Rule:
    """One recommendation.

    Attributes
    ----------
    topic : rules of one topic compete; those of the highest level that applies speak
    level : average, clinical (a disease, a measured value), family, carrier (a gene variant)
    verdict : do, individual (decide one by one), do_not, insufficient (too little is known to say)
    tests : every group is needed, and in a group any one test that is recent enough is
    status : V agrees with a source that was read, C was corrected after one, R is from memory and never applied
    """

    name: str
    topic: str
    domain: str
    kind: str
    level: str
    verdict: str
    action: str
    tests: tuple[tuple[Test, ...], ...]
    grade: str
    source: str
    year: int
    citation: Citation
    url: str
    status: str
    verified_in: str
    note: str
    criteria: tuple[Criterion, ...]

    @property
    def of_level(self) -> int:
        """Rank of the level, 0 the lowest."""
        return LEVELS.index(self.level)

    @property
    def done(self) -> tuple[Criterion, ...]:
        """What shows that the action was taken already."""
        return tuple(criterion for criterion in self.criteria if criterion.role == DONE)

    @property
    def asks(self) -> tuple[Criterion, ...]:
        """Whom it concerns, and what silences it."""
        return tuple(criterion for criterion in self.criteria if criterion.role != DONE)


@cache
def rules() -> tuple[Rule, ...]:
    """The rules that are applied, in the order of the table.

    Raises
    ------
    KnowledgeError : a rule or criterion cannot be understood
    """
    return tuple(rule for rule in _every_rule() if rule.status in APPLIED)


@cache
def unverified() -> tuple[Rule, ...]:
    """The rules that are in the table but never applied: their source was not read."""
    return tuple(rule for rule in _every_rule() if rule.status == RECALLED)


@cache
def _every_rule() -> tuple[Rule, ...]:
    rows = read(FOLDER, "rules.csv", RULES, ("rule",))
    criteria = read(FOLDER, "criteria.csv", COLUMNS, COLUMNS)
    if unknown := set(criteria["rule"]) - set(rows["rule"]):
        raise KnowledgeError(f"screening/criteria.csv: there is no rule '{min(unknown)}' in rules.csv")
    return tuple(_rule(row, criteria[criteria["rule"] == row["rule"]]) for _, row in rows.iterrows())


def _rule(row: pd.Series, criteria: pd.DataFrame) -> Rule:
    where = f"screening/rules.csv: rule '{row['rule']}'"
    allowed = {"kind": KINDS, "level": LEVELS, "verdict": VERDICTS, "status": (*APPLIED, RECALLED)}
    for column, words in allowed.items():
        if row[column] not in words:
            raise KnowledgeError(f"{where}: {column} '{row[column]}' is not one of {', '.join(words)}")
    if criteria.empty or not row["source"] or not row["year"].isdecimal():
        raise KnowledgeError(f"{where} must have criteria, a source and a year")
    year = int(row["year"])
    return Rule(
        name=row["rule"],
        topic=row["topic"],
        domain=row["domain"],
        kind=row["kind"],
        level=row["level"],
        verdict=row["verdict"],
        action=row["action"],
        tests=_tests(row["tests"], where),
        grade=row["grade"],
        source=row["source"],
        year=year,
        citation=Citation(f"{row['source']}, {row['topic']}, {row['version']}", row["doi"], year),
        url=row["url"],
        status=row["status"],
        verified_in=row["verified_in"],
        note=row["note"],
        criteria=read_criteria(criteria, where, (*ROLES, DONE), tuple(own_facts())),
    )


def _tests(text: str, where: str) -> tuple[tuple[Test, ...], ...]:
    """Groups that are all needed ("&") of tests of which one is enough ("|"), each as name:months."""
    return tuple(tuple(_test(part, where) for part in group.split("|")) for group in filter(None, text.split("&")))


def _test(text: str, where: str) -> Test:
    name, _, interval = text.partition(":")
    if name not in variables() or variables()[name].kind not in ("date", "number", "integer"):
        raise KnowledgeError(f"{where}: test '{name}' is neither a date nor a measured variable of the dictionary")
    if interval not in NEVER_AGAIN and not interval.isdecimal():
        raise KnowledgeError(
            f"{where}: interval '{interval}' of {name} is neither months nor {' nor '.join(NEVER_AGAIN)}"
        )
    return Test(name, int(interval) if interval.isdecimal() else None, interval)
