"""Who crosses a treatment threshold: the guideline rules that start or change a treatment, counted in a selection."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from precision import wording
from precision.criteria import TRUE, UNKNOWN, Criterion, Facts, in_groups, truth
from precision.treatment.actions import ALSO, Actions
from precision.treatment.phrases import label
from precision.treatment.rules import Rule, rules
from precision.workbench.memberships import Key, Mask, Memberships, gather

LEAST = 2  # severity from which a rule starts or changes a treatment
ASKED = ("for", "when")
VALUES = re.compile(r"\s*\{[^}]*\}")
SPEAKS, UNDER, NOT_KNOWN, WANTS = "speaks", "under", "unknown", "wants"


@dataclass(frozen=True, slots=True)
class Threshold:
    """One rule and how many of a selection it concerns.

    Attributes
    ----------
    speaks : patients whom it asks something for; of them `under` have a more urgent action on the same topic
    unknown : patients of whom it cannot be judged
    wants : for want of what, in words, and in how many of them; most frequent first
    """

    rule: Rule
    title: str
    speaks: int
    under: int
    unknown: int
    wants: tuple[tuple[str, int], ...]


def asking() -> dict[str, str]:
    """Rules that start or change a treatment: name -> what they ask for, each worded in its own way."""
    titles = {rule.name: title(rule) for rule in rules() if rule.severity >= LEAST}
    every = list(titles.values())
    return {
        name: f"{text} ({name.replace('_', ' ')})" if every.count(text) > 1 else text for name, text in titles.items()
    }


def title(rule: Rule) -> str:
    """What a rule asks for, without the values of a patient."""
    return VALUES.sub("", rule.title)


def asked_for(actions: Actions, name: str) -> Mask:
    """(N,) whom a rule speaks to, a more urgent one on the same topic or not."""
    state = actions.state[:, [rule.name for rule in actions.rules].index(name)]
    return (state == TRUE) | (state == ALSO)


def judged(actions: Actions) -> Memberships:
    """Whom each rule speaks to, of whom it cannot be judged, and for want of what."""
    return gather(_groups(actions), len(actions.patients))


def thresholds(found: Memberships, kept: Mask) -> tuple[Threshold, ...]:
    """The rules that concern somebody of a selection, most urgent first, then those that speak to most.

    found : from `judged`; kept : (N,) the selection
    """
    counts = found.counts(kept)
    wants: dict[str, list[tuple[str, int]]] = {}
    for (name, what, *words), count in counts.items():
        if what == WANTS and count:
            wants.setdefault(name, []).append((words[0], count))
    every = [_threshold(rule, counts, wants.get(rule.name, [])) for rule in rules() if rule.severity >= LEAST]
    here = [one for one in every if one.speaks or one.unknown]
    return tuple(sorted(here, key=lambda one: (not one.speaks, one.rule.place, -one.speaks, -one.unknown)))


def _threshold(rule: Rule, counts: dict[Key, int], wants: list[tuple[str, int]]) -> Threshold:
    speaks, under, unknown = (counts.get((rule.name, what), 0) for what in (SPEAKS, UNDER, NOT_KNOWN))
    return Threshold(rule, title(rule), speaks, under, unknown, tuple(sorted(wants, key=lambda want: -want[1])))


def _groups(actions: Actions) -> Iterator[tuple[Key, Mask]]:
    for r, rule in enumerate(actions.rules):
        if rule.severity < LEAST:
            continue
        state = actions.state[:, r]
        yield (rule.name, SPEAKS), (state == TRUE) | (state == ALSO)
        yield (rule.name, UNDER), state == ALSO
        yield (rule.name, NOT_KNOWN), state == UNKNOWN
        rows = np.flatnonzero(state == UNKNOWN)
        for words, members in _wants(rule, actions.facts, rows).items():
            mask = np.zeros(len(state), dtype=bool)
            mask[rows[members]] = True
            yield (rule.name, WANTS, words), mask


def _wants(rule: Rule, facts: Facts, rows: NDArray[np.intp]) -> dict[str, Mask]:
    """Words for what is not known -> (n,) which of the rows lack it, in the groups that nothing known decides."""
    found: dict[str, Mask] = {}
    for group in in_groups(rule.criteria, ASKED):
        truths = [truth(criterion, facts, rows) for criterion in group]
        open_ = np.maximum.reduce(truths) == UNKNOWN
        for criterion, answers in zip(group, truths, strict=True):
            for words, lacking in _lacking(criterion, facts, rows):
                mask = open_ & (answers == UNKNOWN) & lacking
                found[words] = found.get(words, np.zeros(len(rows), dtype=bool)) | mask
    return found


def _lacking(criterion: Criterion, facts: Facts, rows: NDArray[np.intp]) -> Iterator[tuple[str, Mask]]:
    """What a criterion wants, in words: of an estimate the reasons why there is none, else the value itself."""
    found = None if "|" in criterion.subject else facts.estimate(criterion.subject)
    if found is None:
        name = criterion.subject.split("|")[0]
        words = wording.short_reason(f"missing:{name}") if ":" not in name else f"{label(name, facts)} not estimated"
        yield words, np.ones(len(rows), dtype=bool)
        return
    result, k = found
    bits = result.problems[rows] & result.relevant[k]
    for place, reason in enumerate(result.reason_codes):
        yield wording.short_reason(reason), bits >> np.uint64(place) & np.uint64(1) == 1
