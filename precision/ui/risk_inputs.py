"""What a risk rests on: each input with its date and place, and missing inputs entered for one estimate."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from precision import wording
from precision.schema import variable, variables
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
    finding = asked.finding
    required, optional = asked.result.estimates[asked.column].required, asked.model.optional
    shown = [name for name in (*required, *optional, *asked.model.excluded) if name in finding.inputs]
    with st.popover("How was this found?", type="tertiary", key="risk_how"):
        html.show(html.heading(asked.model.label, level=3))
        html.show(html.values([html.Row(wording.label(name), _input(asked, name)) for name in shown]))
        if finding.missing:
            html.show(html.remark("Missing", ", ".join(wording.label(name) for name in finding.missing)))
        html.show(html.note(asked.model.population))
        html.show(html.note(asked.model.notice))
        if finding.outcome == "ascvd" and OTHER in asked.space.assessment.results:
            html.show(html.note(DIFFERS))
        html.show(html.source(finding.citation.text, finding.citation.url))


def enter(asked: Asked) -> None:
    """Ask for the missing values and estimate with them once; nothing is stored."""
    with st.form("risk_enter", border=False):
        fields = {name: _field(name) for name in asked.finding.missing}
        if not st.form_submit_button("Estimate with these values"):
            return
    entered = {name: value for name, value in fields.items() if value is not None}
    if len(entered) < len(fields):
        html.show(html.remark("Missing", "Enter every value, then estimate again."))
        return
    values = {name: known for name, known in asked.finding.inputs.items() if not math.isnan(known)} | entered
    found = asked.model(pd.DataFrame([values], index=pd.Index([asked.patient], name="patient_id")))
    finding = found.finding(asked.patient, asked.finding.outcome, asked.finding.horizon_years)
    words = ", ".join(f"{wording.label(name)} {wording.value_text(name, values[name])}" for name in entered)
    if finding.status == "ok":
        html.show(html.estimate(finding.text, "with the values entered here", wording.interval(finding).capitalize()))
    else:
        html.show(html.sentence(" ".join(finding.warnings)))
    html.show(html.remark("Assumed", f"{words}: entered here, not stored."))


def _field(name: str) -> float | None:
    """One field for a missing value, in the dictionary's unit and inside its possible range."""
    item, key = variable(name), f"risk_enter_{name}"
    if item.kind == "boolean":
        return st.selectbox(item.label, [0.0, 1.0], index=None, format_func=lambda v: "yes" if v else "no", key=key)
    if item.levels:
        codes = [float(code) for code in range(len(item.levels))]
        return st.selectbox(item.label, codes, index=None, format_func=lambda v: wording.value_text(name, v), key=key)
    low, high = item.hard
    return st.number_input(
        f"{item.label}, {wording.unit(name)}".rstrip(", "),
        min_value=float(low) if math.isfinite(low) else None,
        max_value=float(high) if math.isfinite(high) else None,
        value=None,
        key=key,
    )


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
    step = next(one for one in asked.model.derivations if one.name == name)
    needs = [need for need in step.needs if need not in asked.result.estimates[asked.column].required]
    found = [f"{wording.label(need)} {wording.value_text(need, asked.value(need))}" for need in needs]
    return f"calculated {BY.get(step.source, '')} from {', '.join(found)} ({_origin(asked, needs[0])})".replace(
        "  ", " "
    )
