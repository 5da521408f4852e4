"""Who is overdue: the screening and monitoring rules, counted in a selection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from precision.screening.plan import DUE, NOT_DUE, NOT_KNOWN, Plan
from precision.screening.rules import Rule, rules
from precision.workbench.memberships import Key, Mask, Memberships, gather

TO_DO = "do"  # verdict of the rules that something can be due by
OVERDUE, ALL_DUE = "overdue", "due"
# What can be asked for, in words; all that is due holds what is overdue.
DUE_WORDS: Mapping[str, str] = MappingProxyType({OVERDUE: "Overdue", ALL_DUE: "Due or overdue"})


@dataclass(frozen=True, slots=True)
class Dueness:
    """One rule and how many of a selection are in which state; each patient once.

    Attributes
    ----------
    overdue : done before, and past its day
    due : due now, with no earlier one on record or on the very day
    up_to_date, unknown : recent enough or done for good; cannot be judged
    """

    rule: Rule
    overdue: int
    due: int
    up_to_date: int
    unknown: int


def known_rules() -> dict[str, Rule]:
    """Name -> rule that something can be due by."""
    return {rule.name: rule for rule in rules() if rule.verdict == TO_DO}


def due_for(plan: Plan, which: str, name: str) -> Mask:
    """(N,) who is overdue for a rule, or due for it at all."""
    r = plan.rule(name)
    return plan.overdue(r) if which == OVERDUE else plan.state[:, r] == DUE


def planned(plan: Plan) -> Memberships:
    """Who is in which state of each rule."""
    return gather(_groups(plan), len(plan))


def dueness(found: Memberships, kept: Mask) -> tuple[Dueness, ...]:
    """The rules that concern somebody of a selection, those with most overdue first, then those with most due.

    found : from `planned`; kept : (N,) the selection
    """
    counts = found.counts(kept)
    every = [_dueness(rule, counts) for rule in known_rules().values()]
    here = [one for one in every if one.overdue or one.due or one.up_to_date or one.unknown]
    return tuple(sorted(here, key=lambda one: (-one.overdue, -one.due, -one.unknown, -one.up_to_date)))


def _dueness(rule: Rule, counts: dict[Key, int]) -> Dueness:
    overdue, due, fresh, unknown = (
        counts.get((rule.name, what), 0) for what in (OVERDUE, ALL_DUE, "up_to_date", "unknown")
    )
    return Dueness(rule, overdue, due - overdue, fresh, unknown)


def _groups(plan: Plan) -> Iterator[tuple[Key, Mask]]:
    for name in known_rules():
        state = np.ascontiguousarray(plan.state[:, plan.rule(name)])
        due = state == DUE
        yield (name, ALL_DUE), due
        yield (name, OVERDUE), plan.overdue(plan.rule(name)) if due.any() else due
        yield (name, "up_to_date"), state == NOT_DUE
        yield (name, "unknown"), state == NOT_KNOWN
