"""Three-valued criteria: what a published rule asks of a patient, answered true, false or unknown for all at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.errors import KnowledgeError
from precision.features import Features
from precision.result import STATUSES, Array, Result
from precision.schema import variables

Truth = NDArray[np.int8]
FALSE, UNKNOWN, TRUE = -1, 0, 1  # so that "and" is the minimum, "or" the maximum and "not" the negation

COLUMNS = ("rule", "role", "group", "subject", "comparator", "value")
ROLES = ("for", "when", "known", "unless", "except")
SILENCING = ("unless", "except")
COMPARATORS = (">=", ">", "<", "<=", "=", "status")


@dataclass(frozen=True, slots=True)
class Criterion:
    """One comparison; those of a rule with the same role and group are alternatives.

    role : whom the rule is "for", "when" it speaks, "known" for what must be on record and is not asked for where it
        is not (a gene variant), "unless" what silences it and is asked for where it is not known, "except" what
        silences it where known and is not asked for (a pregnancy)
    subject : a variable, a fact of its own, or model:outcome:horizon; with "|" between them the first that is known
    comparator : on the value, or "status" on the state of an estimate
    value : a number, a level of the subject, or another subject
    """

    role: str
    group: str
    subject: str
    comparator: str
    value: str

    @property
    def number(self) -> float | None:
        """The threshold, the code of the level, or the status as its index; None where another subject is meant."""
        if self.comparator == "status":
            return float(STATUSES.index(self.value))
        known = variables().get(self.subject)
        if known is not None and self.value in known.levels:
            return known.code(self.value)
        try:
            return float(self.value)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules look at: the features and the results of N patients.

    known : (N,) values of further facts by name, NaN = not known
    """

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
        if subject in self.known:
            return self.known[subject]
        column = self._estimated(subject) if ":" in subject else self.features.column(subject)
        return np.full(len(self.features), np.nan) if column is None else column

    def _estimated(self, subject: str) -> Array | None:
        """(N,) values of an estimate; not known for whom it looks further or less far ahead than the subject says."""
        found = self.estimate(subject)
        if found is None:
            return None
        result, k = found
        years = subject.split(":")[2:]
        if not years or not result.estimates[k].until:
            return result.value[:, k]
        return np.where(np.isclose(result.horizon(k), float(years[0])), result.value[:, k], np.nan)


def read_criteria(
    rows: pd.DataFrame, where: str, roles: Collection[str] = ROLES, facts: Collection[str] = ()
) -> tuple[Criterion, ...]:
    """The criteria of one rule.

    Parameters
    ----------
    rows : the rule's lines with the columns `COLUMNS`, as text
    roles : those that the caller understands
    facts : names of subjects beside the variables of the dictionary

    Raises
    ------
    KnowledgeError : a role, comparator, subject or value cannot be understood
    """
    return tuple(_criterion(cells, where, roles, facts) for _, cells in rows.iterrows())


def _criterion(cells: pd.Series, where: str, roles: Collection[str], facts: Collection[str]) -> Criterion:
    found = Criterion(*(str(cells[name]) for name in COLUMNS[1:]))
    if found.role not in roles or found.comparator not in COMPARATORS:
        raise KnowledgeError(f"{where}: '{found.role}' with '{found.comparator}' is not understood")
    if unknown := [part for part in found.subject.split("|") if not _is_subject(part, facts)]:
        raise KnowledgeError(f"{where}: '{unknown[0]}' is not in the variable dictionary")
    if found.comparator == "status" and found.value not in STATUSES:
        raise KnowledgeError(f"{where}: '{found.value}' is neither a number nor one of {', '.join(STATUSES)}")
    if found.number is None and not _is_subject(found.value, facts):
        raise KnowledgeError(f"{where}: '{found.value}' is neither a number, a level of {found.subject} nor a subject")
    return found


def _is_subject(name: str, facts: Collection[str]) -> bool:
    return ":" in name or name in variables() or name in facts


def truth(criterion: Criterion, facts: Facts, rows: slice | NDArray[np.intp] = slice(None)) -> Truth:
    """(N,) TRUE, FALSE, or UNKNOWN where what is compared is not known; of some rows only where they are given."""
    state = criterion.comparator == "status"
    values = (facts.status(criterion.subject) if state else facts.number(criterion.subject))[rows]
    number = criterion.number
    limit = facts.number(criterion.value)[rows] if number is None else number
    holds = {
        ">=": lambda: values >= limit,
        ">": lambda: values > limit,
        "<": lambda: values < limit,
        "<=": lambda: values <= limit,
        "=": lambda: values == limit,
        "status": lambda: values == limit,
    }[criterion.comparator]()
    answer = holds.view(np.int8) * np.int8(TRUE - FALSE) + np.int8(FALSE)
    answer[np.isnan(values) | np.isnan(limit)] = UNKNOWN
    return answer


def holds(criteria: Iterable[Criterion], facts: Facts) -> Truth:
    """(N,) whether a rule with these criteria speaks to each patient.

    Every group of "for", "when" and "known" must hold, a group holds when one of its criteria does; what is "known"
    does not hold where it is not on record. "Unless" and "except" silence the rule only where they are known to hold:
    what is not recorded must not hide what is due.
    """
    groups: dict[tuple[str, str], Truth] = {}
    answer = np.full(len(facts.features), TRUE, dtype=np.int8)
    for criterion in criteria:
        here = truth(criterion, facts)
        if criterion.role in SILENCING:
            answer[here == TRUE] = FALSE
        else:
            key = (criterion.role, criterion.group)
            groups[key] = np.maximum(groups[key], here) if key in groups else here
    for (role, _), here in groups.items():
        if role == "known":
            here[here == UNKNOWN] = FALSE
        np.minimum(answer, here, out=answer)
    return answer


def in_groups(criteria: Iterable[Criterion], roles: Collection[str]) -> Iterator[tuple[Criterion, ...]]:
    """The alternatives of each group with one of these roles; without a group a criterion stands alone."""
    groups: dict[tuple[str, str], list[Criterion]] = {}
    for criterion in criteria:
        if criterion.role in roles:
            groups.setdefault((criterion.role, criterion.group or criterion.subject), []).append(criterion)
    yield from map(tuple, groups.values())


def unknown_of(criteria: Sequence[Criterion], facts: Facts, row: int, roles: Collection[str]) -> tuple[Criterion, ...]:
    """What is not known of one patient in the groups that nothing known decides."""
    here, found = slice(row, row + 1), list[Criterion]()
    for group in in_groups(criteria, roles):
        truths = [int(truth(criterion, facts, here)[0]) for criterion in group]
        if max(truths) == UNKNOWN:
            found += [criterion for criterion, t in zip(group, truths, strict=True) if t == UNKNOWN]
    return tuple(found)
