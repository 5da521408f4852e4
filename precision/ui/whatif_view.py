"""The parts of the Risk page that say what would help: what if, and the treatment options side by side."""

from __future__ import annotations

import math

import streamlit as st

from precision import wording
from precision.errors import InputError
from precision.treatment.options import (
    AVOID,
    IN_USE,
    NOT_APPLICABLE,
    NOT_DETERMINED,
    NOT_INDICATED,
    SUITABLE,
    TreatmentOption,
    options,
)
from precision.treatment.whatif import WhatIf
from precision.treatment.whatif import what_if as estimate_change
from precision.ui import charts, chrome, html
from precision.ui.risk_view import Asked
from precision.ui.severity import level_of

STATE_WORDS = {
    SUITABLE: "Suitable",
    IN_USE: "In use",
    AVOID: "Avoid",
    NOT_DETERMINED: "Not determined",
    NOT_INDICATED: "Not indicated",
    NOT_APPLICABLE: "Not applicable",
}
STATINS = {"None": "", "Moderate": "statin_moderate", "High": "statin_high"}
LIFE = {
    "Stop smoking": "smoking",
    "Activity 150 min a week": "activity_150",
    "Mediterranean diet": "diet_mediterranean",
}
LOWEST_PRESSURE, LOWEST_LDL = 110, 40
KEYS = ("what_if_pressure", "what_if_ldl", "what_if_statin", "what_if_life")
ASSUMES = (
    "Assumes that effects seen in trials apply to this patient and last the whole time. Nobody can say which people "
    "benefit. Effects marked observational are less certain."
)


def what_if(asked: Asked) -> None:
    """Controls at the left, two arrays of people at the right; one sentence where there is nothing to start from."""
    with chrome.section("What if"):
        if asked.estimated:
            st.button(
                "Reset to today", icon=":material/restart_alt:", type="tertiary", key="what_if_reset", on_click=_reset
            )
    if not asked.estimated:
        with chrome.card():
            html.show(html.sentence("Available when there is an estimate to start from."))
        return
    _changes(asked)


def treatment_options(asked: Asked) -> None:
    """Every option with benefit and harm on one scale, or why it does not come into question."""
    if not asked.estimated:
        return
    years = f"{asked.finding.horizon_years:g} years"
    chrome.section("Treatment options", f"Per 100 people like this, over {years}; each alone")
    found = options(asked.space.assessment.features, asked.result, asked.row, asked.column)
    shown = [one for one in found if one.state != NOT_APPLICABLE]
    with chrome.card():
        html.show(charts.treatments("Treatment options", [_option(one) for one in shown]))
        rest = [one for one in found if one.state == NOT_APPLICABLE]
        if rest:
            with st.popover(f"{len(rest)} more do not apply", type="tertiary"):
                html.show(html.values([html.Row(one.intervention.name, one.reason) for one in rest]))


@st.fragment
def _changes(asked: Asked) -> None:
    left, right = st.columns([2, 3], gap="medium")
    with left, chrome.card():
        chosen = _controls(asked)
    with right, chrome.card():
        try:
            changed = _changed(asked, chosen)
        except InputError as error:
            html.show(html.state("Not estimated", str(error)))
            return
        html.show(charts.frequencies(_arrays(asked, changed), ASSUMES))
        html.show(html.values(_figures(changed)))
        for text in changed.notes:
            html.show(html.note(text))


def _controls(asked: Asked) -> tuple[list[str], float, float]:
    """Ids of the chosen changes, the goal of LDL in mg/dL and of systolic pressure in mmHg."""
    pressure = _goal("Systolic blood pressure, mmHg", asked.value("systolic_bp"), LOWEST_PRESSURE, KEYS[0])
    ldl = _goal("LDL cholesterol, mg/dL", asked.value("ldl_cholesterol"), LOWEST_LDL, KEYS[1])
    statin = st.segmented_control(
        "Statin", list(STATINS), default="None", key=KEYS[2], disabled=math.isnan(asked.value("ldl_cholesterol"))
    )
    offered = [name for name in LIFE if name != "Stop smoking" or asked.value("current_smoker") == 1]
    life = st.pills("Change of life", offered, selection_mode="multi", key=KEYS[3])
    chosen = [STATINS[statin]] if statin and STATINS[statin] else []
    return chosen + [LIFE[name] for name in life], ldl, pressure


def _goal(label: str, now: float, lowest: int, key: str) -> float:
    """A slider from today's value downwards; infinity where nothing is changed or today's value is not known."""
    if math.isnan(now):
        html.show(html.remark("Missing", f"{label.partition(',')[0]} is not recorded."))
        return math.inf
    today = round(now)
    if today <= lowest:
        html.show(html.note(f"{label} is {today} now: lower is not calculated."))
        return math.inf
    chosen = st.slider(f"{label} (now {today})", lowest, today, today, key=key)
    return math.inf if chosen == today else float(chosen)


def _changed(asked: Asked, chosen: tuple[list[str], float, float]) -> WhatIf:
    names, ldl, pressure = chosen
    features = asked.space.assessment.features
    return estimate_change(features, asked.result, asked.row, asked.column, names, ldl_goal=ldl, systolic_goal=pressure)


def _arrays(asked: Asked, changed: WhatIf) -> list[charts.Frequency]:
    total = 100 if changed.before >= 0.01 else 1000
    before, after = round(total * changed.before), round(total * changed.after)
    low, high = changed.bounds
    spread = "No range published" if math.isnan(low) else f"{wording.percent(low)} to {wording.percent(high)}"
    same = math.isclose(changed.before, changed.after)
    return [
        charts.Frequency(
            "Now", wording.percent(changed.before), "No range published", before, asked.outcome, total=total
        ),
        charts.Frequency(
            "With these changes",
            wording.percent(changed.after),
            "Nothing changed yet" if same else spread,
            after,
            asked.outcome,
            prevented=before - after,
            total=total,
        ),
    ]


def _figures(changed: WhatIf) -> list[html.Row]:
    if math.isclose(changed.before, changed.after):
        return [html.Row("Difference", "none: choose a change at the left")]
    needed = "not calculable" if math.isnan(changed.number_needed) else f"{changed.number_needed:,.0f}"
    return [
        html.Row("Difference", f"{100 * (changed.before - changed.after):.1f} points lower"),
        html.Row("People to treat for one event fewer", needed),
    ]


def _option(one: TreatmentOption) -> charts.Option:
    word = STATE_WORDS[one.state]
    after = "" if one.change is None else wording.percent(float(one.change.after[0]))
    return charts.Option(
        level=level_of(word),
        word=word,
        name=one.intervention.name,
        detail=one.intervention.detail,
        benefit=charts.Effect(100 * one.benefit, one.benefit_text),
        harm=charts.Effect(100 * one.harm, one.harm_text),
        risk_after=after or "Not computed",
        why=" ".join(filter(None, (one.reason, one.check))),
    )


def _reset() -> None:
    for key in KEYS:
        st.session_state.pop(key, None)
