"""What is due for N patients: every rule asked of everyone, the higher level speaking first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.extensions import ExtensionArray

from precision.cohort import Cohort
from precision.criteria import FALSE, TRUE, UNKNOWN, Facts, Truth, holds, truth
from precision.errors import InputError
from precision.features import Features
from precision.result import Result
from precision.screening.dates import FOREVER, NOT_A_DAY, Days, Done, Mask, Rows, on_record, schedule
from precision.screening.facts import gather
from precision.screening.items import Item, because, missing, to_check
from precision.screening.rules import Rule, rules

States = NDArray[np.int8]
Places = NDArray[np.intp]
STATES = ("not_for", "due", "not_due", "unknown", "individual", "do_not", "insufficient", "overridden")
NOT_FOR, DUE, NOT_DUE, NOT_KNOWN, INDIVIDUAL, DO_NOT, INSUFFICIENT, OVERRIDDEN = range(len(STATES))
SHOWN = (DUE, NOT_KNOWN, NOT_DUE, INDIVIDUAL, DO_NOT, INSUFFICIENT)  # in this order, what is overdue before it
DATED = (DUE, NOT_DUE, INDIVIDUAL)
WITHOUT_TEST = {"do_not": DO_NOT, "insufficient": INSUFFICIENT}


@dataclass(frozen=True, slots=True)
class Plan:
    """The rules and what they say of N patients on one day.

    Attributes
    ----------
    rules : R rules
    state : (N, R) index into STATES
    facts : what the rules looked at
    done : name of a test -> when it was done last
    """

    patients: pd.Index
    index_date: date
    rules: tuple[Rule, ...]
    state: States
    facts: Facts
    done: Done

    def __len__(self) -> int:
        return len(self.patients)

    def rule(self, name: str) -> int:
        """Column of a rule.

        Raises
        ------
        InputError : no rule of this name is applied
        """
        names = [rule.name for rule in self.rules]
        if name not in names:
            raise InputError(f"no rule is called '{name}'; known: {', '.join(names)}")
        return names.index(name)

    def dates(self, r: int, rows: Rows = slice(None)) -> tuple[Days, Days]:
        """(n,) day of the last test, and (n,) day from which the rule is due; NaT where there is none."""
        state = self.state[rows, r]
        if not self.rules[r].tests:
            none = np.full(len(state), NOT_A_DAY)
            return none, none
        found = schedule(self.rules[r], self.done, rows)
        return found.last, np.where((found.due == FOREVER) | ~np.isin(state, DATED), NOT_A_DAY, found.due)

    def overdue(self, r: int, rows: Rows = slice(None)) -> Mask:
        """(n,) due, done before, and the day from which it was due has passed."""
        _, due = self.dates(r, rows)
        return (self.state[rows, r] == DUE) & (due < np.datetime64(self.index_date, "D"))

    def of(self, patient: str) -> tuple[Item, ...]:
        """The plan of one patient: overdue, due, unknown, upcoming by date, individual, do not, insufficient.

        Of equals the one of the higher level comes first.

        Raises
        ------
        InputError : no such patient
        """
        row = self.facts.features.row(patient)
        chosen = [r for r in range(len(self.rules)) if self.state[row, r] in SHOWN]
        chosen.sort(key=lambda r: -self.rules[r].of_level)
        items = [self._item(patient, row, r) for r in chosen]
        order = {STATES[state]: place for place, state in enumerate(SHOWN)}
        return tuple(
            sorted(items, key=lambda found: (not found.overdue, order[found.state], found.next_due or date.max))
        )

    def counts(self) -> pd.DataFrame:
        """One row per rule: how many patients are in each state, and how many of the due ones are overdue."""
        frame = pd.DataFrame({"rule": [rule.name for rule in self.rules]})
        for name in ("topic", "domain", "kind", "level", "action"):
            frame[name] = [getattr(rule, name) for rule in self.rules]
        numbers = np.stack([np.bincount(self.state[:, r], minlength=len(STATES)) for r in range(len(self.rules))])
        frame["overdue"] = [int(self.overdue(r, self._due(r)).sum()) for r in range(len(self.rules))]
        return pd.concat([frame, pd.DataFrame(numbers, columns=list(STATES))], axis=1)

    def worklist(self, rule: str | None = None) -> pd.DataFrame:
        """One row per patient and rule that is due, of one rule or of all; longest overdue first, never done last.

        Where `overdue` is false no earlier one is on record: it is due now.

        Raises
        ------
        InputError : no such rule
        """
        at, which = np.nonzero(self.state == DUE)
        if rule is not None:
            mine = which == self.rule(rule)
            at, which = at[mine], which[mine]
        frame = self._lines(at, which).assign(row=at)
        frame = frame.sort_values(["next_due", "row"], kind="stable", na_position="last", ignore_index=True)
        return frame.drop(columns=["row", "state", "missing"])

    def frame(self, rows: slice = slice(None)) -> pd.DataFrame:
        """Long, for export: one row per patient and rule that says something, by patient, then as the rules stand."""
        at, which = np.nonzero(self.state[rows] != NOT_FOR)
        return self._lines(np.arange(len(self))[rows][at], which)

    def _lines(self, at: Places, which: Places) -> pd.DataFrame:
        """One row for each pair of a patient's row and a rule."""
        last, due = (np.full(len(at), NOT_A_DAY) for _ in range(2))
        words = np.full(len(at), "", dtype=object)
        for r in np.unique(which):
            here = np.flatnonzero(which == r)
            last[here], due[here] = self.dates(int(r), at[here])
            words[here] = ["; ".join(text) for text in self._missing(int(r), at[here])]
        state = self.state[at, which]
        names = ("topic", "domain", "kind", "level", "action", "grade", "source", "status", "url")
        return pd.DataFrame(
            {
                "patient": self.patients[at],
                "rule": _texts([rule.name for rule in self.rules], which),
                "state": _texts(STATES, state),
                "overdue": (state == DUE) & (due < np.datetime64(self.index_date, "D")),
                "last_done": last,
                "next_due": due,
                "missing": pd.array(words, dtype="str"),
                **{name: _texts([getattr(rule, name) for rule in self.rules], which) for name in names},
                "year": np.array([rule.year for rule in self.rules])[which],
                "doi": _texts([rule.citation.doi for rule in self.rules], which),
            }
        )

    def _due(self, r: int) -> Places:
        return np.flatnonzero(self.state[:, r] == DUE)

    def _missing(self, r: int, rows: Places) -> list[tuple[str, ...]]:
        """What is not known of each patient, in words, where the rule cannot be judged for want of it."""
        words: list[tuple[str, ...]] = [()] * len(rows)
        unknown = np.flatnonzero(self.state[rows, r] == NOT_KNOWN)
        for place, text in zip(unknown, missing(self.rules[r], self.facts, self.done, rows[unknown]), strict=True):
            words[place] = text
        return words

    def _item(self, patient: str, row: int, r: int) -> Item:
        rule, here = self.rules[r], np.array([row])
        last, due = (days[0] for days in self.dates(r, here))
        unknown = self._missing(r, here)[0]
        return Item(
            patient=patient,
            rule=rule.name,
            title=rule.action,
            topic=rule.topic,
            domain=rule.domain,
            kind=rule.kind,
            level=rule.level,
            state=STATES[self.state[row, r]],
            overdue=bool(self.overdue(r, here)[0]),
            last_done=None if np.isnat(last) else last.item(),
            next_due=None if np.isnat(due) else due.item(),
            because=because(rule, self.facts, self.done, row, unknown),
            missing=unknown,
            check=to_check(rule, self.facts, row),
            grade=rule.grade,
            source=rule.source,
            year=rule.year,
            citation=rule.citation,
            url=rule.url,
            status=rule.status,
            note=rule.note,
        )


def plan(cohort: Cohort, features: Features, results: Mapping[str, Result]) -> Plan:
    """Ask every rule about every patient.

    Parameters
    ----------
    features : of the same cohort; their index date is the day that dates are compared with
    results : model name -> its result; what a model that was not run would say is not known

    Notes
    -----
    A rule is `due` when it concerns the patient and no test that answers it is recent enough; `not_due` when one is,
    or the action was taken; `unknown` when a fact that decides is missing; `not_for` when it does not concern them, or
    a fact is missing and nothing would be due in any case. A test of which there is no record counts as not done. Of
    the rules of one topic those of the highest level that concern the patient speak (gene variant, family history,
    disease, average risk), the others are `overridden`. Nothing is due for the dead.
    """
    facts, known = gather(cohort, features, results), rules()
    tests = {test.name: test for rule in known for group in rule.tests for test in group}
    done = {name: on_record(features, test) for name, test in tests.items()}
    state = np.zeros((len(known), len(features)), dtype=np.int8)
    concerns = np.zeros((len(known), len(features)), dtype=bool)
    for r, rule in enumerate(known):
        asked = holds(rule.asks, facts)
        concerns[r] = asked == TRUE
        here = np.flatnonzero(asked != FALSE)
        state[r, here] = _state(rule, asked[here], facts, done, here)
    dead = features.column("deceased")
    if dead is not None:
        state[:, dead == 1] = NOT_FOR
    _override(known, state, concerns)
    return Plan(features.ids, features.index_date, known, state.T, facts, done)


def _texts(words: Sequence[str], which: Places | States) -> ExtensionArray:
    """(M,) the word of each index; words are stored once and taken."""
    return pd.array(list(words), dtype="str").take(which.astype(np.intp))


def _state(rule: Rule, asked: Truth, facts: Facts, done: Done, rows: Places) -> States:
    """(n,) the state of one rule in the n patients whom it may concern, before higher levels are heard.

    Where a fact is missing, but nothing would be due in any case, the rule has nothing to say.
    """
    if rule.verdict in WITHOUT_TEST:
        spoken = np.full(len(rows), WITHOUT_TEST[rule.verdict], dtype=np.int8)
    elif rule.tests:
        found, today = schedule(rule, done, rows), np.datetime64(facts.features.index_date, "D")
        due = found.never | (found.due <= today)
        spoken = np.where(due, DUE, np.where(found.undated, NOT_KNOWN, NOT_DUE))
    else:
        taken = _taken(rule, facts, rows)
        spoken = np.where(taken == TRUE, NOT_DUE, np.where(taken == UNKNOWN, NOT_KNOWN, DUE))
    if rule.verdict == "individual":
        spoken = np.where(spoken == NOT_DUE, NOT_DUE, INDIVIDUAL)
    otherwise = np.where(spoken == NOT_DUE, NOT_FOR, NOT_KNOWN)
    return np.where(asked == TRUE, spoken, otherwise).astype(np.int8)


def _taken(rule: Rule, facts: Facts, rows: Places) -> Truth:
    """(n,) whether the action was taken already; FALSE where the rule has no way to tell."""
    answers = [truth(criterion, facts, rows) for criterion in rule.done]
    return np.maximum.reduce(answers) if answers else np.full(len(rows), FALSE, dtype=np.int8)


def _override(known: tuple[Rule, ...], state: States, concerns: NDArray[np.bool_]) -> None:
    """Mark in place (R, N) the rules of a topic on which a rule of a higher level concerns the patient."""
    for topic in dict.fromkeys(rule.topic for rule in known):
        mine = sorted((r for r, rule in enumerate(known) if rule.topic == topic), key=lambda r: -known[r].of_level)
        heard = np.zeros(state.shape[1], dtype=bool)
        for level in dict.fromkeys(known[r].of_level for r in mine):
            here = [r for r in mine if known[r].of_level == level]
            for r in here:
                state[r, heard & (state[r] != NOT_FOR)] = OVERRIDDEN
            heard |= np.logical_or.reduce([concerns[r] for r in here])
