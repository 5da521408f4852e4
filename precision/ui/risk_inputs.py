"""What a risk rests on: each input with its date and place."""

from __future__ import annotations

import math

import streamlit as st

from precision import wording
from precision.schema import variables
from precision.ui import html
from precision.ui.risk_question import Asked

OTHER = "pooled_cohort"
DIFFERS = (
    "The two models differ because the Pooled Cohort Equations (2013) come from older cohorts of White and Black "
    "Americans and use race, while PREVENT (2023) rests on newer records, adds kidney function, and does without race."
)
BY = {"ckd_epi_2021": "by CKD-EPI 2021"}


def how(asked: Asked) -> None:
    """Everything that the number rests on, behind one click."""
    with st.popover("How was this found?", type="tertiary", key=f"how_{asked.model.name}"):
        html.show(html.heading(asked.model.label, level=3))
        rests_on(asked)


def rests_on(asked: Asked) -> None:
    """Each input with its origin, what is missing, whom the model is for, and who published it."""
    finding = asked.finding
    required, optional = asked.result.estimates[asked.column].required, asked.model.optional
    shown = dict.fromkeys(name for name in (*required, *optional, *asked.model.excluded) if name in finding.inputs)
    html.show(html.values([html.Row(wording.label(name), _input(asked, name)) for name in shown]))
    if finding.missing:
        html.show(html.remark("Missing", ", ".join(wording.label(name) for name in finding.missing)))
    if assumed := [note for code, note in zip(finding.assumptions, finding.notes, strict=True) if _said_apart(code)]:
        html.show(html.remark("Assumed", " ".join(assumed)))
    html.show(html.note(asked.model.population))
    html.show(html.note(asked.model.notice))
    if finding.outcome == "ascvd" and OTHER in asked.space.assessment.results:
        html.show(html.note(DIFFERS))
    html.show(html.source(finding.citation.text, finding.citation.url))


def _said_apart(assumption: str) -> bool:
    """Whether an assumption is not said already beside its input."""
    return assumption.partition(":")[0] not in ("derived", "assumed", "variant")


def _input(asked: Asked, name: str) -> html.Html:
    """The value as the model read it, and under it when and where it was recorded or what it follows from."""
    value = asked.finding.inputs[name]
    if math.isnan(value):
        return html.lines("Not recorded", "taken as no" if name in asked.model.excluded else "")
    return html.lines(wording.value_text(name, value), _origin(asked, name))


def _origin(asked: Asked, name: str) -> str:
    if math.isnan(asked.value(name)):
        return _derived(asked, name)
    origin = asked.space.assessment.features.origin(asked.patient, name)
    day = f"{origin.time.day} {origin.time:%b %Y}" if origin.time else "undated"
    place = " row ".join(filter(None, (origin.source_file, origin.source_row))) or _follows(origin.derived_from)
    return ", ".join(filter(None, (day, place)))


def _follows(source: str) -> str:
    """What a value follows from, variables by their labels."""
    return f"from {wording.label(source)}" if source in variables() else source


def _derived(asked: Asked, name: str) -> str:
    """Which recorded values the model calculated an input from, with their own origin."""
    said = f"derived:{name}:"
    source = next(code.removeprefix(said) for code in asked.finding.assumptions if code.startswith(said))
    step = next(one for one in asked.model.derivations if (one.name, one.source) == (name, source))
    needs = [need for need in step.needs if need not in asked.result.estimates[asked.column].required]
    found = [f"{wording.label(need)} {wording.value_text(need, asked.value(need))}" for need in needs]
    return f"calculated {BY.get(step.source, '')} from {', '.join(found)} ({_origin(asked, needs[0])})".replace(
        "  ", " "
    )
