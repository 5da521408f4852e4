"""What the Risk page is about: which outcome, over which time, of which patient; kept in the address."""

from __future__ import annotations

import math
from dataclasses import dataclass

import streamlit as st

from precision import wording
from precision.model import Model, registry
from precision.result import Finding, Result
from precision.ui import chrome, html
from precision.ui.severity import level_of
from precision.ui.workspace import Workspace

MODEL, LEADING = "prevent", "heart"
OUTCOMES = {
    "ascvd": "Heart attack or stroke",
    "total_cvd": "All cardiovascular",
    "hf": "Heart failure",
    "chd": "Coronary",
    "stroke": "Stroke",
}
WORDS = {
    "ascvd": "have a heart attack or stroke",
    "total_cvd": "have a heart attack, stroke or heart failure",
    "hf": "get heart failure",
    "chd": "have a heart attack or die of one",
    "stroke": "have a stroke",
    "breast_cancer": "get breast cancer",
    "type2_diabetes": "get type 2 diabetes",
}
VARIANTS = {"hba1c": "HbA1c", "uacr": "urine albumin", "sdi": "social deprivation"}
YEARS = (10, 30)
PEOPLE = {0.0: ("women", "woman"), 1.0: ("men", "man")}
RARE = 0.01  # below this risk, frequencies are told among a thousand people


@dataclass(frozen=True, slots=True)
class Asked:
    """Which number of which patient the page is about."""

    space: Workspace
    patient: str
    model: Model
    result: Result
    row: int
    column: int
    finding: Finding

    @property
    def estimated(self) -> bool:
        """Whether there is a number to explain."""
        return self.finding.status == "ok"

    @property
    def outcome(self) -> str:
        """What happens, to complete '10 of 100 ...'."""
        return f"{WORDS[self.finding.outcome]} within {self.finding.horizon_years:g} years"

    @property
    def among(self) -> int:
        """Of how many people every frequency on the page is told."""
        return 1000 if self.finding.value < RARE else 100

    @property
    def people(self) -> str:
        """Who is like this patient: women, men or people."""
        return PEOPLE.get(self.value("sex"), ("people", "person"))[0]

    @property
    def peer(self) -> str:
        """The one the patient is compared with: 'a healthy woman of 58'."""
        return f"a healthy {PEOPLE.get(self.value('sex'), ('people', 'person'))[1]} of {math.floor(self.value('age'))}"

    def value(self, name: str) -> float:
        """The patient's value of a variable, NaN where it is not known."""
        column = self.space.assessment.features.column(name)
        return math.nan if column is None else float(column[self.row])


DOMAINS = {
    "heart": "Heart",
    "kidney": "Kidney",
    "diabetes": "Diabetes",
    "breast": "Breast",
    "colon": "Colon",
    "lung": "Lung",
    "liver": "Liver",
    "bone": "Bone",
}


def domain() -> str:
    """Which part of the body the page is about, kept in the address."""
    chosen = st.segmented_control(
        "Domain",
        list(DOMAINS),
        default=LEADING,
        required=True,
        format_func=DOMAINS.__getitem__,
        key="domain",
        label_visibility="collapsed",
        wrap=True,
        bind="query-params",
    )
    return chosen or LEADING


def question(space: Workspace, patient: str) -> Asked:
    """Outcome and horizon, kept in the address; the heading with model and validated range."""
    result = space.assessment.results[MODEL]
    heading = st.container()
    with st.container(horizontal=True, gap="small", key="risk_question"):
        outcome = st.segmented_control(
            "Outcome",
            list(OUTCOMES),
            default="ascvd",
            required=True,
            format_func=OUTCOMES.__getitem__,
            key="outcome",
            label_visibility="collapsed",
            wrap=True,
            bind="query-params",
        )
        years = st.segmented_control(
            "Horizon",
            list(YEARS),
            default=10,
            required=True,
            format_func=lambda n: f"{n} years",
            key="years",
            label_visibility="collapsed",
            bind="query-params",
        )
    outcome, years = outcome or "ascvd", years or 10
    row, column = result.row(patient), result.column(outcome, float(years))
    finding = result.finding(patient, outcome, float(years))
    asked = Asked(space, patient, registry()[MODEL], result, row, column, finding)
    with heading:
        chrome.section(f"Risk of {finding.outcome_label.lower()} in {years} years", badges=_badges(asked))
    return asked


def _badges(asked: Asked) -> list[html.Html]:
    low, high = asked.finding.ranges["age"]
    variant = next((code.partition(":")[2] for code in asked.finding.assumptions if code.startswith("variant:")), "")
    name = f"PREVENT 2023, {VARIANTS.get(variant, variant)} model" if variant and asked.estimated else "PREVENT 2023"
    state = "In validated range" if asked.estimated else wording.STATUS_WORDS[asked.finding.status]
    icon = "check_circle" if asked.estimated else "help"
    return [html.badge(name), html.badge(f"Age {low:g} to {high:g}"), html.badge(state, icon, level_of(state))]
