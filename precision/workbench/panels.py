"""Which models speak about which part of the body, in the order of a page, and what they say of one patient."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import pandas as pd

from precision.errors import KnowledgeError
from precision.model import Model, registry
from precision.result import Finding, Result
from precision.schema import variable
from precision.workbench.assessment import Assessment

COLUMNS = ("domain", "group", "model", "only_if")


@dataclass(frozen=True, slots=True)
class Entry:
    """A model's place; ``only_if`` is the diagnosis without which it has nothing to say."""

    domain: str
    group: str
    model: str
    only_if: str


@dataclass(frozen=True, slots=True)
class Card:
    """What one model says of the patient in a row of its Result: a finding for each of its estimates."""

    entry: Entry
    model: Model
    result: Result
    row: int
    findings: tuple[Finding, ...]
    concerns: bool

    @property
    def finding(self) -> Finding:
        """The finding that leads the card: that of the model's first estimate."""
        return self.findings[0]

    @property
    def required(self) -> tuple[str, ...]:
        """Inputs that the leading finding cannot do without."""
        return self.result.estimates[0].required

    @property
    def status(self) -> str:
        """State of the leading finding; not applicable where the diagnosis is absent that the model is about."""
        return self.finding.status if self.concerns else "not_applicable"

    @property
    def unknown(self) -> tuple[str, ...]:
        """Inputs that the patient has no value of and that could be entered, required ones first."""
        inputs = self.finding.inputs
        asked = dict.fromkeys((*self.finding.missing, *self.model.required, *self.model.optional))
        return tuple(name for name in asked if pd.isna(inputs[name]))


@cache
def entries() -> tuple[Entry, ...]:
    """Every model's place, in the order of the table.

    Raises
    ------
    KnowledgeError : a row names a model or diagnosis that there is not
    """
    with (files("precision.workbench") / "panels.csv").open(encoding="utf-8") as lines:
        rows = pd.read_csv(lines, dtype="str", keep_default_na=False)[list(COLUMNS)]
    found = tuple(Entry(*row) for row in rows.to_numpy(dtype=str).tolist())
    for entry in found:
        if entry.model not in registry():
            raise KnowledgeError(f"panels.csv: no model is called '{entry.model}'")
        if entry.only_if and variable(entry.only_if).kind != "boolean":
            raise KnowledgeError(f"panels.csv: '{entry.only_if}' is not a diagnosis that is present or absent")
    return found


def domains() -> tuple[str, ...]:
    """The parts of the body that models speak about, in the order of a page."""
    return tuple(dict.fromkeys(entry.domain for entry in entries()))


def cards(assessment: Assessment, patient: str, domain: str) -> Iterator[Card]:
    """What the models of a domain that were run say of a patient, in the order of the page."""
    row = assessment.features.row(patient)
    for entry in entries():
        if entry.domain != domain or entry.model not in assessment.results:
            continue
        result = assessment.results[entry.model]
        present = assessment.features.column(entry.only_if) if entry.only_if else None
        yield Card(
            entry,
            registry()[entry.model],
            result,
            row,
            result.findings(patient),
            concerns=not entry.only_if or (present is not None and present[row] == 1),
        )
