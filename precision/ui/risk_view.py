"""The parts of the Risk page that say what the risk is: the question, the estimate, and what makes it so."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from precision import wording
from precision.figures import contributions as bars
from precision.figures import distribution
from precision.figures.style import CONFIG
from precision.model import Model, registry
from precision.result import OK, Finding, Result
from precision.schema import variable
from precision.treatment.contributions import contributions, peers
from precision.ui import charts, chrome, html
from precision.ui.severity import level_of
from precision.ui.workspace import Workspace

MODEL, OTHER = "prevent", "pooled_cohort"
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
}
YEARS = (10, 30)
THRESHOLDS = {("ascvd", 10): ("High from", 0.10), ("total_cvd", 10): ("Treatment from", 0.075)}
"""ACC/AHA lipids 2026, doi:10.1161/CIR.0000000000001423; AHA/ACC pressure 2025, 10.1161/CIR.0000000000001356."""
PLACE = 130  # px of the small distribution
SCALES = (0.05, 0.10, 0.20, 0.40, 0.60, 1.0)
STILL_KNOWN = ("systolic_bp", "ldl_cholesterol", "total_cholesterol", "hba1c", "egfr", "smoking_status", "bmi")
DIFFERS = (
    "The two models differ because the Pooled Cohort Equations (2013) come from older cohorts of White and Black "
    "Americans and use race, while PREVENT (2023) rests on newer records, adds kidney function, and does without race."
)


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

    def value(self, name: str) -> float:
        """The patient's value of a variable, NaN where it is not known."""
        column = self.space.assessment.features.column(name)
        return math.nan if column is None else float(column[self.row])


def question(space: Workspace, patient: str) -> Asked:
    """Outcome and horizon, kept in the address; the heading with model and validated range."""
    result, model = space.assessment.results[MODEL], registry()[MODEL]
    heading = st.container()
    with st.container(horizontal=True, gap="small", key="risk_question"):
        outcome = st.segmented_control(
            "Outcome",
            list(OUTCOMES),
            default="ascvd",
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
            format_func=lambda n: f"{n} years",
            key="years",
            label_visibility="collapsed",
            bind="query-params",
        )
    outcome, years = outcome or "ascvd", years or 10
    row, column = result.row(patient), result.column(outcome, float(years))
    asked = Asked(space, patient, model, result, row, column, result.finding(patient, outcome, float(years)))
    with heading:
        chrome.section(f"Risk: {asked.finding.outcome_label.lower()} within {years} years", badges=_badges(asked))
    return asked


def estimate(asked: Asked) -> None:
    """The number, what it means in people, its range or why it has none, and what it is compared with."""
    with chrome.card():
        if not asked.estimated:
            _not_estimated(asked)
            return
        finding = asked.finding
        html.show(html.estimate(finding.text, _in_people(asked), _spread(finding)))
        html.show(_bullet(asked))
        html.show(html.values(_compared(asked)))
        for code, text in zip(finding.assumptions, finding.notes, strict=True):
            if not code.startswith("variant:"):
                html.show(html.remark("Assumed", text))
        _among(asked)
        _how(asked)


def reasons(asked: Asked) -> None:
    """Bars from the healthy peer to this patient; without an estimate, what is still known."""
    with chrome.card():
        if not asked.estimated:
            rows = [html.Row(wording.label(name), wording.value_text(name, asked.value(name))) for name in STILL_KNOWN]
            html.show(
                html.join(
                    html.card_heading("", "What is still known"), html.note("These values do not depend on the model.")
                )
            )
            html.show(html.values(rows))
            return
        parts = contributions(asked.model, asked.result, asked.row, asked.column)
        html.show(html.join(html.card_heading("", bars.heading(parts)), html.note(bars.note(parts))))
        st.plotly_chart(bars.figure(parts), config=CONFIG, key="risk_contributions", alt=bars.alt(parts))
        html.show(html.note(bars.healthy(parts)))
        with st.popover("As a table", type="tertiary"):
            columns = [
                html.Column("Input", 40),
                html.Column("This patient"),
                html.Column("Healthy value"),
                html.Column("Points", align="right"),
            ]
            rows = [
                (label, here, healthy, wording.points(value / 100)) for label, here, healthy, value in bars.shown(parts)
            ]
            html.show(html.table("What makes the risk", columns, rows))


def _among(asked: Asked) -> None:
    """The patient's place among the patients of this cohort, where enough of them have an estimate."""
    if np.count_nonzero(asked.result.status[:, asked.column] == OK) < distribution.FEWEST:
        return
    html.show(html.note("This patient among the estimated patients of this cohort"))
    made = distribution.figure(asked.result, asked.column, asked.row)
    made.update_layout(height=PLACE)
    words = distribution.alt(asked.result, asked.column, asked.row)
    st.plotly_chart(made, config=CONFIG, key="risk_place", alt=words)


def _badges(asked: Asked) -> list[html.Html]:
    low, high = {**asked.model.ranges, **asked.result.estimates[asked.column].ranges}["age"]
    variant = next((code.partition(":")[2] for code in asked.finding.assumptions if code.startswith("variant:")), "")
    name = f"PREVENT 2023, {variant} model" if variant else "PREVENT 2023"
    state = "In validated range" if asked.estimated else wording.STATUS_WORDS[asked.finding.status]
    icon = "check_circle" if asked.estimated else "help"
    return [html.badge(name), html.badge(f"Age {low:g} to {high:g}"), html.badge(state, icon, level_of(state))]


def _in_people(asked: Asked) -> html.Html:
    value = asked.finding.value
    total = 100 if value >= 0.01 else 1000
    sex = {0.0: "women", 1.0: "men"}.get(asked.value("sex"), "people")
    return html.join("about ", html.strong(f"{round(total * value):,} in {total:,}"), f" {sex} like this")


def _spread(finding: Finding) -> str:
    if math.isnan(finding.low):
        return "No range: the publisher gives no uncertainty, so no range is shown."
    return f"95% range {wording.interval(finding)}."


def _peer(asked: Asked) -> float:
    return float(peers(asked.model, asked.result.take([asked.row]))[0, asked.column])


def _bullet(asked: Asked) -> html.Html:
    finding, peer = asked.finding, _peer(asked)
    marks = [charts.Mark("Healthy peer", round(100 * peer, 1))]
    known = THRESHOLDS.get((finding.outcome, int(finding.horizon_years)))
    if known:
        marks.append(charts.Mark(known[0], round(100 * known[1], 1)))
    longest = 1.2 * max([finding.value, *(mark.value / 100 for mark in marks)])
    scale = next(size for size in SCALES if longest <= size or size == 1.0)
    return charts.bullet(
        charts.Range(round(100 * finding.value, 1), 100 * finding.low, 100 * finding.high, 100 * scale), marks
    )


def _compared(asked: Asked) -> list[html.Row]:
    finding, results = asked.finding, asked.space.assessment.results
    rows = [html.Row("Healthy values, same age and sex", wording.percent(_peer(asked)))]
    other_years = 30.0 if finding.horizon_years == 10 else 10.0
    other = asked.result.finding(asked.patient, finding.outcome, other_years)
    rows.append(html.Row(f"{other_years:g}-year risk", _text(other)))
    if OTHER in results and finding.outcome == "ascvd":
        rows.append(html.Row("Other model: Pooled Cohort 2013, 10 years", _text(results[OTHER].finding(asked.patient))))
    return rows


def _text(finding: Finding) -> str:
    return finding.text if finding.status == "ok" else f"{finding.text}: {' '.join(finding.warnings[:1])}"


def _not_estimated(asked: Asked) -> None:
    finding = asked.finding
    word = wording.STATUS_WORDS[finding.status]
    known = len(
        [name for name in asked.result.estimates[asked.column].required if not math.isnan(finding.inputs[name])]
    )
    rest = f" The other {known} inputs are present." if finding.status == "missing" else ""
    trust = " No number is shown, because none can be trusted." if finding.status == "out_of_range" else ""
    html.show(html.state(word, " ".join(finding.warnings) + rest + trust, instead="Not estimated"))
    if finding.status == "missing":
        _enter(asked)
    _how(asked)


def _enter(asked: Asked) -> None:
    """Ask for the missing values and estimate with them once; nothing is stored."""
    with st.form("risk_enter", border=False):
        fields = {name: _asked_for(name) for name in asked.finding.missing}
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
        html.show(html.estimate(finding.text, "with the values entered here", _spread(finding)))
    else:
        html.show(html.sentence(" ".join(finding.warnings)))
    html.show(html.remark("Assumed", f"{words}: entered here, not stored."))


def _asked_for(name: str) -> float | None:
    """One field for a missing value, in the dictionary's unit and inside its possible range."""
    item, key = variable(name), f"risk_enter_{name}"
    if item.kind == "boolean":
        return st.selectbox(item.label, [0.0, 1.0], index=None, format_func=lambda v: "yes" if v else "no", key=key)
    if item.levels:
        codes = [float(code) for code in range(len(item.levels))]
        return st.selectbox(item.label, codes, index=None, format_func=lambda v: item.levels[int(v)], key=key)
    low, high = item.hard
    label = f"{item.label}, {wording.unit(name)}".rstrip(", ")
    return st.number_input(
        label,
        min_value=low if math.isfinite(low) else None,
        max_value=high if math.isfinite(high) else None,
        value=None,
        key=key,
    )


def _how(asked: Asked) -> None:
    """Everything that the number rests on, behind one click."""
    finding = asked.finding
    with st.popover("How was this found?", type="tertiary"):
        html.show(html.heading(asked.model.label, level=3))
        html.show(html.values([html.Row(wording.label(name), _input(asked, name)) for name in _shown_inputs(asked)]))
        if finding.missing:
            html.show(html.remark("Missing", ", ".join(wording.label(name) for name in finding.missing)))
        html.show(html.note(asked.model.population))
        html.show(html.note(asked.model.notice))
        if finding.outcome == "ascvd" and OTHER in asked.space.assessment.results:
            html.show(html.note(DIFFERS))
        html.show(html.source(finding.citation.text, finding.citation.url))


def _shown_inputs(asked: Asked) -> list[str]:
    wanted = (*asked.result.estimates[asked.column].required, *asked.model.optional)
    return [name for name in wanted if name in asked.finding.inputs]


def _input(asked: Asked, name: str) -> html.Html:
    value = asked.finding.inputs[name]
    if np.isnan(value):
        return html.lines("missing")
    origin = asked.space.assessment.features.origin(asked.patient, name)
    day = f"{origin.time.day} {origin.time:%b %Y}" if origin.time else "undated"
    place = " row ".join(filter(None, (origin.source_file, origin.source_row))) or origin.derived_from
    return html.lines(wording.value_text(name, value), ", ".join(filter(None, (day, place))))
