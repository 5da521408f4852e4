"""One line of a patient's plan: what, when, and why with the patient's own values."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from precision import wording
from precision.criteria import TRUE, UNKNOWN, Criterion, Facts, in_groups, truth
from precision.result import Citation
from precision.schema import variables
from precision.screening.dates import Done, schedule
from precision.screening.facts import own_facts
from precision.screening.rules import DONE, NEVER_AGAIN, Rule, Test

ASKED = ("for", "when")
NOT_ASKED = ("carrier", "start", "visits")  # kinds of facts that nobody records: they follow from others
TOLD = ("for", "when", "known")


@dataclass(frozen=True, slots=True)
class Item:
    """One rule for one patient.

    Attributes
    ----------
    state : due, not_due, unknown, individual, do_not or insufficient; overdue : done before, and past its day
    because : sentence with the patient's values and the tests on record
    missing : labels of what must be known to judge; check : what is not recorded although it could silence the rule
    status : V agrees with a source that was read, C was corrected after one
    """

    patient: str
    rule: str
    title: str
    topic: str
    domain: str
    kind: str
    level: str
    state: str
    overdue: bool
    last_done: date | None
    next_due: date | None
    because: str
    missing: tuple[str, ...]
    check: tuple[str, ...]
    grade: str
    source: str
    year: int
    citation: Citation
    url: str
    status: str
    note: str


def because(rule: Rule, facts: Facts, done: Done, row: int, missing: Sequence[str]) -> str:
    """What is true of the patient, when the tests were done, and what is not known."""
    why = ", ".join(_reasons(rule, facts, row))
    sentences = [f"{wording.capital(why)}." if why else "", *_tests(rule, done, row)]
    if missing:
        sentences.append(f"Not known: {', '.join(map(_inside, missing))}.")
    return " ".join(filter(None, sentences))


def to_check(rule: Rule, facts: Facts, row: int) -> tuple[str, ...]:
    """What is not recorded of one patient although it could silence the rule."""
    return _unknown(rule, facts, np.array([row]), ("unless",))[0]


def missing(rule: Rule, facts: Facts, done: Done, rows: NDArray[np.intp]) -> list[tuple[str, ...]]:
    """What would have to be known of each of the rows to judge a rule: facts, and the days of undated tests."""
    words = _unknown(rule, facts, rows, (*ASKED, DONE))
    if not rule.tests or rule.verdict in ("do_not", "insufficient"):
        return words
    undated = schedule(rule, done, rows).undated
    tests = [test for group in rule.tests for test in group]
    days = [tuple(f"date of {_inside(test.label)}" for test in tests if done[test.name].undated[row]) for row in rows]
    return [(*one, *(two if open_ else ())) for one, two, open_ in zip(words, days, undated, strict=True)]


def _unknown(rule: Rule, facts: Facts, rows: NDArray[np.intp], roles: Sequence[str]) -> list[tuple[str, ...]]:
    """Labels of what is not known in the groups that nothing known decides, for each of the rows."""
    labels: dict[str, None] = {}
    bits = np.zeros(len(rows), dtype=np.uint64)
    for group in in_groups(rule.criteria, roles):
        truths = [truth(criterion, facts, rows) for criterion in group]
        open_ = np.maximum.reduce(truths) == UNKNOWN
        for criterion, answers in zip(group, truths, strict=True):
            if _is_asked(criterion):
                label = labels.setdefault(_label(criterion.subject, facts)) or _label(criterion.subject, facts)
                bits |= (open_ & (answers == UNKNOWN)).astype(np.uint64) << np.uint64(list(labels).index(label))
    patterns, inverse = np.unique(bits, return_inverse=True)
    words = [tuple(label for i, label in enumerate(labels) if int(pattern) >> i & 1) for pattern in patterns]
    return [words[i] for i in inverse]


def _is_asked(criterion: Criterion) -> bool:
    own = own_facts().get(criterion.subject)
    return own is None or own.kind not in NOT_ASKED


def _reasons(rule: Rule, facts: Facts, row: int) -> Iterator[str]:
    """What is true of the patient among what the rule asks, each subject once."""
    here, told = slice(row, row + 1), set[str]()
    for group in in_groups(rule.criteria, TOLD):
        for criterion in group:
            if truth(criterion, facts, here)[0] == TRUE and criterion.subject not in told:
                told.add(criterion.subject)
                yield _value(criterion.subject, facts, row)
                if criterion.number is None:
                    yield _value(criterion.value, facts, row)
    for criterion in rule.done:
        if truth(criterion, facts, here)[0] == TRUE:
            yield f"already on record: {_inside(_label(criterion.subject, facts))}"


def _value(subject: str, facts: Facts, row: int) -> str:
    """'age 41 years', 'diabetes', 'no hypertension', '10-year risk: first heart attack or stroke 12%'."""
    value, label = float(facts.number(subject)[row]), _inside(_label(subject, facts))
    own = own_facts().get(subject)
    if own is not None:
        return label if own.kind == "carrier" else f"{label}: {wording.number(value)}"
    found = facts.estimate(subject)
    if found is not None and "|" not in subject:
        return f"{label} {wording.quantity(value, found[0].estimates[found[1]].unit)}"
    name = subject.split("|")[0]
    if name in variables() and variables()[name].kind == "boolean":
        return label if value else f"{label}: no"
    return f"{label} {wording.value_text(name, value)}"


def _label(subject: str, facts: Facts) -> str:
    """'Systolic blood pressure'; '5-year risk: breast cancer'; a model that was not run by its outcome."""
    if subject in own_facts():
        return own_facts()[subject].label
    first = subject.split("|")[0]
    if ":" not in first:
        return wording.label(first)
    found = facts.estimate(subject)
    _, outcome, years = (*first.split(":"), "", "")[:3]
    if found is not None:
        estimate = found[0].estimates[found[1]]
        outcome, years = estimate.label, "" if math.isnan(estimate.horizon_years) else f"{estimate.horizon_years:g}"
    words = outcome.replace("_", " ")
    return f"{years}-year risk: {_inside(words)}" if years else words


def _tests(rule: Rule, done: Done, row: int) -> Iterator[str]:
    """One sentence for each group of tests: when it was done last, or that no record of it was found."""
    for group in rule.tests if rule.verdict in ("do", "individual") else ():
        dated = {test: done[test.name].days[row] for test in group if not np.isnat(done[test.name].days[row])}
        undated = [test for test in group if done[test.name].undated[row]]
        for test in undated:
            yield f"{test.label} is on record without a date."
        for test, day in sorted(dated.items(), key=lambda pair: pair[1], reverse=True)[:1]:
            yield f"Last {_inside(test.label)} on {_day(day.item())}; {_interval(test)}."
        if not dated and not undated:
            yield f"No record of an earlier {_either([_inside(test.label) for test in group])}."


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _interval(test: Test) -> str:
    if test.months is None:
        return NEVER_AGAIN[test.interval]
    if test.months % 12:
        return f"every {test.months} months" if test.months > 1 else "every month"
    return f"every {test.months // 12} years" if test.months > 12 else "every year"


def _either(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _inside(text: str) -> str:
    """A label inside a sentence: lower case unless its first word is an abbreviation."""
    return text[:1].lower() + text[1:] if text.split(" ")[0][1:].islower() else text
