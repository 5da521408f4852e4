"""What needs attention: the guideline rules that speak to each patient, ranked, with their reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.criteria import TRUE, UNKNOWN, Facts, unknown_of
from precision.features import Features
from precision.result import Citation, Result
from precision.treatment.phrases import filled, label, texts
from precision.treatment.rules import Rule, applies, rules

ALSO = 2  # true as well, shown under a more severe action on the same topic


@dataclass(frozen=True, slots=True)
class Looked:
    """One input of an action as the rule saw it; `time` is the day of the value, `origin` its file or model."""

    label: str
    value: str
    time: date | None
    origin: str


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do for one patient, with everything needed to judge it.

    open : what is not recorded although it could silence the rule; also : (title, source) of further rules
    on the same topic
    """

    patient: str
    rule: str
    domain: str
    severity: int
    word: str
    needed: bool
    title: str
    reason: str
    source: str
    version: str
    strength: str
    citation: Citation
    looked_at: tuple[Looked, ...]
    open: tuple[str, ...]
    also: tuple[tuple[str, str], ...]
    not_considered: str


class Told(Protocol):
    """Words of a rule that come from elsewhere than its table."""

    def texts(self, name: str, rows: NDArray[np.intp]) -> NDArray[np.object_]:
        """(M,) the title, finding or reason for some patients whom the rule speaks to."""
        ...

    def action(self, patient: str, row: int) -> Action:
        """All of it for one patient."""
        ...


@dataclass(frozen=True, slots=True)
class Actions:
    """The rules and what they say of N patients.

    Attributes
    ----------
    state : (N, R) FALSE, UNKNOWN, TRUE, or ALSO for a true rule under a more severe one of its topic
    told : name of a rule -> its words, where they do not come from the table
    """

    patients: pd.Index
    rules: tuple[Rule, ...]
    state: NDArray[np.int8]
    facts: Facts
    told: Mapping[str, Told] = field(default_factory=dict)

    def __len__(self) -> int:
        return int(np.count_nonzero(self.state == TRUE))

    @property
    def places(self) -> NDArray[np.intp]:
        """(R,) rank of each rule on the screen, 0 first."""
        order = sorted(range(len(self.rules)), key=lambda r: (self.rules[r].place, r))
        ranks = np.empty(len(order), dtype=np.intp)
        ranks[order] = np.arange(len(order))
        return ranks

    def for_patient(self, patient: str) -> tuple[Action, ...]:
        """The actions of one patient, most severe first.

        Raises
        ------
        InputError : no such patient
        """
        row = self.facts.features.row(patient)
        ranks = self.places
        chosen = sorted(np.flatnonzero(self.state[row] == TRUE), key=lambda r: ranks[r])
        return tuple(self._action(patient, row, int(r)) for r in chosen)

    def undecided(self, patient: str) -> tuple[tuple[Rule, tuple[str, ...]], ...]:
        """The rules that could not be judged for one patient, each with what is not known."""
        row = self.facts.features.row(patient)
        found = [self.rules[r] for r in np.flatnonzero(self.state[row] == UNKNOWN)]
        return tuple((rule, self._unknown(rule, row, ("for", "when"))) for rule in found)

    def frame(self, rows: slice = slice(None)) -> pd.DataFrame:
        """One row per action of the chosen patients, by patient, most severe first, with its words and values."""
        at, which = np.nonzero(self.state[rows] == TRUE)
        ranks = self.places
        order = np.lexsort((ranks[which], at))
        at, which = at[order] + (rows.start or 0), which[order]
        frame = pd.DataFrame(
            {"patient": self.patients[at], "rule": np.array([rule.name for rule in self.rules])[which]}
        )
        for name in ("domain", "severity", "word", "source", "strength"):
            frame[name] = np.array([getattr(rule, name) for rule in self.rules])[which]
        frame["doi"] = np.array([rule.citation.doi for rule in self.rules])[which]
        for name in ("title", "reason"):
            frame[name] = self.texts(name, at, which)
        return frame

    def texts(self, name: str, rows: NDArray[np.intp], which: NDArray[np.intp]) -> NDArray[np.object_]:
        """(M,) the title, finding or reason of rule which[i] for patient rows[i]."""
        found = np.empty(len(rows), dtype=object)
        for r in np.unique(which):
            here, rule = np.flatnonzero(which == r), self.rules[r]
            told = self.told.get(rule.name)
            found[here] = (
                told.texts(name, rows[here]) if told else filled(getattr(rule, name), rule, self.facts, rows[here])
            )
        return found

    def joined(self, more: Sequence[tuple[Rule, NDArray[np.int8], Told]]) -> Actions:
        """The same with further rules: each with its (N,) state and its words."""
        return Actions(
            self.patients,
            (*self.rules, *(rule for rule, _, _ in more)),
            np.column_stack([self.state, *(state for _, state, _ in more)]),
            self.facts,
            MappingProxyType({**self.told, **{rule.name: told for rule, _, told in more}}),
        )

    def _action(self, patient: str, row: int, r: int) -> Action:
        rule, at = self.rules[r], np.array([row])
        if rule.name in self.told:
            return self.told[rule.name].action(patient, row)
        others = [
            other for o, other in enumerate(self.rules) if self.state[row, o] == ALSO and other.topic == rule.topic
        ]
        title, reason = (filled(text, rule, self.facts, at)[0] for text in (rule.title, rule.reason))
        return Action(
            patient=patient,
            rule=rule.name,
            domain=rule.domain,
            severity=rule.severity,
            word=rule.word,
            needed=rule.needed,
            title=title,
            reason=reason,
            source=rule.source,
            version=rule.version,
            strength=rule.strength,
            citation=rule.citation,
            looked_at=tuple(self._looked(patient, row, subject) for subject in rule.subjects),
            open=self._unknown(rule, row, ("unless",)),
            also=tuple((filled(other.title, other, self.facts, at)[0], other.source) for other in others),
            not_considered=rule.not_considered,
        )

    def _unknown(self, rule: Rule, row: int, roles: Sequence[str]) -> tuple[str, ...]:
        """Labels of what is not known in the groups that nothing known decides."""
        unknown = unknown_of(rule.criteria, self.facts, row, roles)
        return tuple(dict.fromkeys(label(criterion.subject, self.facts) for criterion in unknown))

    def _looked(self, patient: str, row: int, subject: str) -> Looked:
        value = float(self.facts.number(subject)[row])
        text = texts(subject, self.facts, np.array([row]))[0]
        found = self.facts.estimate(subject)
        if found is not None:
            return Looked(label(subject, self.facts), text, None, found[0].label)
        if np.isnan(value):
            return Looked(label(subject, self.facts), "not recorded", None, "")
        variable = subject.split("|")[0]
        column = self.facts.features.column(variable)
        if column is None or np.isnan(column[row]):
            fallback = self.facts.estimate(subject.partition("|")[2])
            return Looked(label(subject, self.facts), text, None, fallback[0].label if fallback else "")
        origin = self.facts.features.origin(patient, variable)
        place = " row ".join(filter(None, (origin.source_file, origin.source_row)))
        return Looked(
            label(subject, self.facts), text, origin.time, place or origin.derived_from or f"{origin.table} table"
        )


def find(features: Features, results: Mapping[str, Result]) -> Actions:
    """Ask every rule about every patient; of several true rules on one topic the most severe is shown."""
    facts = Facts(features, results)
    known = rules()
    state = np.empty((len(features), len(known)), dtype=np.int8)
    for r, rule in enumerate(known):
        state[:, r] = applies(rule, facts)
    for topic in dict.fromkeys(rule.topic for rule in known):
        taken = np.zeros(len(features), dtype=bool)
        for r in sorted((r for r, rule in enumerate(known) if rule.topic == topic), key=lambda r: (known[r].place, r)):
            here = state[:, r] == TRUE
            state[here & taken, r] = ALSO
            taken |= here
    return Actions(features.ids, known, state, facts)
