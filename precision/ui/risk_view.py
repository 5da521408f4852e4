"""The parts of the Risk page that say what the risk is: the estimate, its comparisons, and what makes it so."""

from __future__ import annotations

import math

import numpy as np
import streamlit as st

from precision import wording
from precision.figures import contributions as bars
from precision.figures import distribution
from precision.figures.style import CONFIG
from precision.result import OK, Finding
from precision.treatment.contributions import contributions, peers
from precision.treatment.options import threshold
from precision.ui import charts, chrome, entered, html
from precision.ui.risk_inputs import OTHER, how
from precision.ui.risk_question import Asked
from precision.ui.workspace import PATIENT

SCALES = (0.05, 0.10, 0.20, 0.40, 0.60, 1.0)
STILL_KNOWN = ("systolic_bp", "ldl_cholesterol", "total_cholesterol", "hba1c", "egfr", "smoking_status", "bmi")
ACTIONS = 3  # shown where there is no estimate


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
        if assumed := _assumed(finding):
            html.show(html.remark("Assumed", assumed))
        with st.container(horizontal=True, gap="small"):
            how(asked)
            _among(asked)


def reasons(asked: Asked) -> None:
    """Bars from the healthy peer to this patient; without an estimate, what is still known."""
    with chrome.card():
        if not asked.estimated:
            _still_known(asked)
            return
        parts = contributions(asked.model, asked.result, asked.row, asked.column)
        html.show(html.join(html.card_heading("", bars.heading(parts)), html.note(bars.note(parts, asked.peer))))
        st.plotly_chart(bars.figure(parts), config=CONFIG, key="risk_contributions", alt=bars.alt(parts))
        if same := bars.healthy(parts):
            html.show(html.note(same))
        with st.popover("As a table", type="tertiary", key="risk_table"):
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


def _still_known(asked: Asked) -> None:
    """Values and actions that need no estimate."""
    heading = html.card_heading("", "What is still known")
    html.show(html.join(heading, html.note("These values do not depend on the model.")))
    html.show(html.values([_known(asked, name) for name in STILL_KNOWN]))
    for one in [one for one in asked.space.actions(asked.patient) if one.severity][:ACTIONS]:
        html.show(html.remark(one.word, one.title))
    st.page_link(
        "pages/patient.py", label="Open patient", icon=":material/arrow_forward:", query_params={PATIENT: asked.patient}
    )


def _known(asked: Asked, name: str) -> html.Row:
    value = asked.value(name)
    if math.isnan(value):
        return html.Row(wording.label(name), "Not recorded", 0)
    return html.Row(wording.label(name), wording.value_text(name, value))


def _assumed(finding: Finding) -> str:
    said = zip(finding.assumptions, finding.notes, strict=True)
    return " ".join(text for code, text in said if not code.startswith("variant:"))


def _among(asked: Asked) -> None:
    """The patient's place among the patients of this cohort, where enough of them have an estimate."""
    if np.count_nonzero(asked.result.status[:, asked.column] == OK) < distribution.FEWEST:
        return
    with st.popover("Among this cohort", type="tertiary", key="risk_among"):
        words = distribution.alt(asked.result, asked.column, asked.row)
        html.show(html.note(f"{words}."))
        made = distribution.figure(asked.result, asked.column, asked.row)
        st.plotly_chart(made, config=CONFIG, key="risk_place", alt=words)


def _in_people(asked: Asked) -> html.Html:
    events, total = round(asked.among * asked.finding.value), asked.among
    if not events:
        return html.join("fewer than ", html.strong(f"1 in {total:,}"), f" {asked.people} like this")
    return html.join("about ", html.strong(f"{events:,} in {total:,}"), f" {asked.people} like this")


def _spread(finding: Finding) -> str:
    if math.isnan(finding.low):
        return "No range: the publisher gives no uncertainty, so no range is shown."
    return f"95% range {wording.interval(finding)}."


def _peer(asked: Asked) -> float:
    return float(peers(asked.model, asked.result.take([asked.row]))[0, asked.column])


def _bullet(asked: Asked) -> html.Html:
    finding = asked.finding
    marks = [charts.Mark("Healthy peer", round(100 * _peer(asked), 1))]
    if advised := threshold(asked.result, asked.row, asked.column):
        marks.append(charts.Mark("Treatment from", round(100 * advised[1].risk_low, 1)))
    longest = 1.2 * max([finding.value, *(mark.value / 100 for mark in marks)])
    scale = next(size for size in SCALES if longest <= size or size == 1.0)
    return charts.bullet(
        charts.Range(round(100 * finding.value, 1), 100 * finding.low, 100 * finding.high, 100 * scale), marks
    )


def _compared(asked: Asked) -> list[html.Row]:
    finding, results = asked.finding, asked.space.assessment.results
    rows = [html.Row("Healthy values, same age and sex", wording.percent(_peer(asked)))]
    if advised := threshold(asked.result, asked.row, asked.column):
        treatment, advice = advised
        said = html.lines(f"from {100 * advice.risk_low:g}%", html.link(advice.citation.text, advice.citation.url))
        rows.append(html.Row(f"{treatment.name} advised", said))
    other_years = 30.0 if finding.horizon_years == 10 else 10.0
    other = asked.result.finding(asked.patient, finding.outcome, other_years)
    rows.append(html.Row(f"{other_years:g}-year risk", _text(other)))
    if OTHER in results and finding.outcome == "ascvd":
        rows.append(html.Row("Other model: Pooled Cohort 2013, 10 years", _text(results[OTHER].finding(asked.patient))))
    return rows


def _text(finding: Finding) -> html.Text:
    return finding.text if finding.status == "ok" else html.lines(finding.text, " ".join(finding.warnings))


def _not_estimated(asked: Asked) -> None:
    finding = asked.finding
    missing, beyond = finding.status == "missing", finding.status == "out_of_range"
    required = asked.result.estimates[asked.column].required
    known = sum(not math.isnan(finding.inputs[name]) for name in required)
    rest = f"{known} of {len(required)} inputs are present." if missing else ""
    trust = "No number is shown, because none can be trusted." if beyond else ""
    words = " ".join(filter(None, (*finding.warnings, rest, trust, "" if missing else _elsewhere(asked))))
    html.show(html.state("Missing" if missing else wording.STATUS_WORDS[finding.status], words, "Not estimated"))
    if missing:
        entered.form(asked.patient, finding.missing, "risk_enter")
    how(asked)


def _elsewhere(asked: Asked) -> str:
    """Which other numbers this outcome has for the patient, or that there is none in this release."""
    found = [
        f"{result.label}, {estimate.horizon_years:g} years"
        for result in asked.space.assessment.results.values()
        if not result.model.startswith(f"{asked.result.model}_")
        for k, estimate in enumerate(result.estimates)
        if estimate.outcome == asked.finding.outcome and result.status[asked.row, k] == OK
    ]
    if found:
        return f"Estimated for this patient: {'; '.join(found)}."
    return "No model of this release gives this risk for this patient."
