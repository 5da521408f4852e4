"""One card per model: what it says of the patient, what it lacks, and what it rests on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import groupby

import streamlit as st

from precision import wording
from precision.model import registry
from precision.result import Finding
from precision.ui import chrome, entered, html
from precision.ui.absence import absence
from precision.ui.risk_inputs import how, rests_on
from precision.ui.risk_question import RARE, Asked
from precision.ui.severity import level_of
from precision.ui.workspace import Workspace
from precision.workbench.panels import Card, cards
from precision.workbench.side_by_side import questions, side_by_side

WIDE = 3  # cards in a row
SHOWN_FIRST = ("ok", "missing")  # states that get a card; the others stand in one table
ICONS = {
    "heart": "cardiology",
    "kidney": "nephrology",
    "diabetes": "glucose",
    "breast": "female",
    "colon": "gastroenterology",
    "lung": "pulmonology",
    "liver": "biotech",
    "bone": "orthopedics",
}
PREVENTABLE = {"breast": ("bcrat", "breast_cancer"), "diabetes": ("findrisc", "type2_diabetes")}
NOT_THIS_DIAGNOSIS = "{} is not recorded for this patient."


def show(space: Workspace, patient: str, domain: str, leading: str = "") -> None:
    """Every model of a domain, in groups; ``leading`` is a model that the page has shown already."""
    found = [card for card in cards(space.assessment, patient, domain) if card.model.name != leading]
    differs = _differences(space, patient)
    for group, members in groupby(found, key=lambda card: card.entry.group):
        _group(space, patient, group, list(members), differs)


def preventable(space: Workspace, patient: str, domain: str) -> Asked | None:
    """The risk of a domain that trials of prevention lowered, where the patient has an estimate of it."""
    model, outcome = PREVENTABLE.get(domain, ("", ""))
    if model not in space.assessment.results:
        return None
    result = space.assessment.results[model]
    row, column = result.row(patient), result.column(outcome)
    finding = result.finding(patient, outcome)
    return Asked(space, patient, registry()[model], result, row, column, finding) if finding.status == "ok" else None


def _differences(space: Workspace, patient: str) -> dict[str, str]:
    """Model -> why its number differs from that of the first model of the same question."""
    results = space.assessment.results
    answers = (answer for asked in questions(results) for answer in side_by_side(results, patient, asked))
    return {answer.model: answer.differs for answer in answers if answer.differs and answer.finding.status == "ok"}


def _group(space: Workspace, patient: str, group: str, members: list[Card], differs: Mapping[str, str]) -> None:
    chrome.section(group, _account(members))
    shown = sorted((card for card in members if card.status in SHOWN_FIRST), key=lambda card: card.status != "ok")
    if len(members) == len(shown) == 1:
        left, right = st.columns([2, 3], gap="medium")
        with left, chrome.card(key=f"model_{shown[0].model.name}"):
            _card(space, patient, shown[0], differs, alone=True)
        with right, chrome.card(key=f"rests_{shown[0].model.name}"):
            html.show(html.card_heading("", "What it rests on"))
            rests_on(_asked(space, patient, shown[0]))
    else:
        for first in range(0, len(shown), WIDE):
            for place, card in zip(st.columns(WIDE), shown[first : first + WIDE], strict=False):
                with place, chrome.card(key=f"model_{card.model.name}"):
                    _card(space, patient, card, differs)
    if rest := [card for card in members if card.status not in SHOWN_FIRST]:
        columns = [html.Column("Model", 30), html.Column("State", 18), html.Column("Why no number", 52)]
        rows = [
            (
                html.lines(card.model.label, str(card.model.citation.year)),
                html.chip(level_of(wording.STATUS_WORDS[card.status]), wording.STATUS_WORDS[card.status]),
                _why_not(card),
            )
            for card in rest
        ]
        with chrome.card(key=f"not_for_{group}".replace(" ", "_").lower()):
            html.show(html.table(f"{group}: models without a number for this patient", columns, rows))


def _account(members: list[Card]) -> str:
    estimated = sum(card.status == "ok" for card in members)
    return f"{estimated} of {len(members)} models give a number" if len(members) > 1 else ""


def _card(space: Workspace, patient: str, card: Card, differs: Mapping[str, str], alone: bool = False) -> None:
    model, finding = card.model, card.finding
    word = "In validated range" if card.status == "ok" else wording.STATUS_WORDS[card.status]
    html.show(html.card_heading(ICONS.get(model.domain, ""), model.label, level_of(word), word))
    if card.status == "ok":
        html.show(html.figure(_told(finding), _what(finding), _spread(finding)))
        others = [html.Row(_what(other), _text(other)) for other in card.findings if other is not finding]
        if others:
            html.show(html.values(others))
        if model.name in differs:
            html.show(html.note(differs[model.name]))
        if model.disclaimer:
            html.show(html.note(model.disclaimer))
    else:
        html.show(html.sentence(absence(finding, len(card.required))))
    html.show(html.source(f"{model.citation.text.partition('.')[0]}, {model.citation.year}", model.citation.url))
    with st.container(horizontal=True, gap="small"):
        if not alone:
            how(_asked(space, patient, card))
        if card.unknown:
            title = "Refine" if card.status == "ok" else f"Enter {_count(len(card.unknown))}"
            with st.popover(title, type="tertiary", key=f"refine_{model.name}"):
                html.show(html.note("Entered values count on this page only and are not stored."))
                entered.form(patient, card.unknown, f"enter_{model.name}")


def _asked(space: Workspace, patient: str, card: Card) -> Asked:
    return Asked(space, patient, card.model, card.result, card.row, 0, card.finding)


def _count(number: int) -> str:
    return "1 value" if number == 1 else f"{number} values"


def _why_not(card: Card) -> str:
    if not card.concerns:
        return NOT_THIS_DIAGNOSIS.format(wording.label(card.entry.only_if))
    return absence(card.finding, len(card.required))


def _told(finding: Finding) -> str:
    """The value; of a risk below 1 % also in how many of 1,000 people, so that small risks can be told apart."""
    if finding.unit != "probability" or finding.value >= RARE:
        return finding.text
    return f"{finding.text}, {1000 * finding.value:.1f} in 1,000"


def _what(finding: Finding) -> str:
    """What the figure is: 'heart attack or stroke, 10 years'."""
    return f"{finding.outcome_label}{_years(finding)}"


def _years(finding: Finding) -> str:
    return "" if math.isnan(finding.horizon_years) else f", {finding.horizon_years:g} years"


def _text(finding: Finding) -> html.Text:
    return _told(finding) if finding.status == "ok" else html.lines(finding.text, " ".join(finding.warnings))


def _spread(finding: Finding) -> str:
    if finding.unit != "probability":
        return ""
    return wording.interval(finding).capitalize()
