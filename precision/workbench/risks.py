"""Which numbers of which models a cohort can be looked at by, and how they are read."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from precision import wording
from precision.result import Estimate, Result
from precision.workbench.assessment import Assessment
from precision.workbench.bands import Bands, bands_of, code, published
from precision.workbench.panels import entries

Kind = Literal["risk", "class", "score"]
RARE = 0.01  # below this risk, frequencies are told among a thousand people


@dataclass(frozen=True, slots=True)
class Risk:
    """One number of a model: what it is about, how far it looks ahead, and how it is read.

    chosen_age : it reaches to an age that was asked for, so that patients have horizons of their own
    """

    model: str
    model_label: str
    estimate: Estimate
    chosen_age: bool = False

    @property
    def code(self) -> str:
        """'prevent:ascvd:10'."""
        return code(self.model, self.estimate)

    @property
    def kind(self) -> Kind:
        """Whether the value is a probability, the index of a class, or points."""
        if self.estimate.levels:
            return "class"
        return "risk" if self.estimate.unit == "probability" else "score"

    @property
    def bands(self) -> Bands:
        """Its groups."""
        return bands_of(self.model, self.estimate)

    @property
    def title(self) -> str:
        """A few words for a heading or a column: '10-year risk', 'Risk to chosen age', 'Score'."""
        word, years = self.kind, self.estimate.horizon_years
        if self.chosen_age:
            return f"{word.capitalize()} to chosen age"
        return word.capitalize() if math.isnan(years) else f"{years:g}-year {word}"

    @property
    def inside(self) -> str:
        """The title inside a sentence: '10-year risk', 'risk to chosen age'."""
        return self.title[:1].lower() + self.title[1:]

    @property
    def name(self) -> str:
        """'Heart attack or stroke, 10 years: AHA PREVENT'."""
        return f"{self.estimate.label}{self._years(', ')}: {self.model_label}"

    @property
    def within(self) -> str:
        """'Heart attack or stroke within 10 years'."""
        return f"{self.estimate.label}{self._years(' within ')}"

    def text(self, value: float) -> str:
        """A value as people read it; a risk under 1 % among a thousand people."""
        if math.isnan(value):
            return wording.percent(value)
        if self.estimate.levels:
            return capital(wording.level(self.estimate.levels[int(value)]))
        if self.kind == "risk" and value < RARE:
            return f"{1000 * value:.1f} in 1,000"
        return wording.quantity(value, self.estimate.unit)

    def span(self, median: float, low: float, high: float) -> str:
        """The quartiles beside their median, told as that is: '6.4% to 13.1%', '0.9 to 12.1 in 1,000', 'G1 to G3a'.

        Nothing where they are unknown or one class.
        """
        if math.isnan(low) or (self.kind == "class" and low == high):
            return ""
        if self.kind == "risk":
            rare = median < RARE
            return (
                f"{1000 * low:.1f} to {1000 * high:.1f} in 1,000"
                if rare
                else f"{wording.percent(low)} to {wording.percent(high)}"
            )
        return f"{self.text(low)} to {self.text(high)}"

    def _years(self, before: str) -> str:
        years = self.estimate.horizon_years
        if math.isnan(years):
            return ""
        return f"{before}{years:g} years{' or to a chosen age' if self.chosen_age else ''}"


def risk_of(result: Result, estimate: int) -> Risk:
    """What one number of a result is."""
    asked = result.estimates[estimate]
    own = bool(asked.until) and not bool(np.isclose(result.horizon(estimate), asked.horizon_years).all())
    return Risk(result.model, result.label, asked, own)


def offered(assessment: Assessment) -> dict[str, Risk]:
    """Code -> number of the models that were run, in the order of the domains.

    A quantity that is neither a probability nor a class is offered where its groups are published.
    """
    found: dict[str, Risk] = {}
    for entry in entries():
        if entry.model in assessment.results:
            result = assessment.results[entry.model]
            every = (risk_of(result, k) for k in range(len(result.estimates)))
            found |= {risk.code: risk for risk in every if risk.kind != "score" or risk.code in published()}
    return found


def capital(text: str) -> str:
    """Upper case at the beginning, abbreviations such as eGFR kept."""
    return text if text[1:2].isupper() else text[:1].upper() + text[1:]
