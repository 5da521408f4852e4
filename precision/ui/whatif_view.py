"""The parts of the Risk page that say what would help: what if, and the treatment options side by side."""

from __future__ import annotations

import math

import streamlit as st

from precision import wording
from precision.errors import InputError
from precision.result import Citation
from precision.treatment.indications import guidelines, indications
from precision.treatment.interventions import Intervention, harms, interventions, trial_effects
from precision.treatment.options import (
    AVOID,
    IN_USE,
    NOT_APPLICABLE,
    NOT_DETERMINED,
    NOT_INDICATED,
    SUITABLE,
    TreatmentOption,
    options,
    person,
    verdict,
)
from precision.treatment.whatif import WhatIf
from precision.treatment.whatif import what_if as estimate_change
from precision.ui import charts, chrome, html
from precision.ui.risk_question import Asked
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
GUIDELINE = 430  # px of its select box
LOWEST_PRESSURE, LOWEST_LDL = 110, 40  # mmHg, mg/dL: ends of the sliders, our definition
KEYS = ("what_if_pressure", "what_if_ldl", "what_if_statin", "what_if_life")
WHOSE = "what_if_patient"
ASSUMES = (
    "Assumes that effects seen in trials apply to this patient and last {years} years. It is not possible to say which "
    "people benefit."
)
LONGER = "Trials lasted a few years: benefit and yearly harm are carried on to {years} years."


def what_if(asked: Asked) -> None:
    """Controls at the left, two arrays of people at the right; one sentence where there is nothing to start from."""
    if st.session_state.get(WHOSE) != asked.patient:
        _reset()
        st.session_state[WHOSE] = asked.patient
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
    years = f"{asked.finding.horizon_years:g}"
    note = f"Per {asked.among:,} {asked.people} like this, over {years} years; each alone"
    with chrome.section("Treatment options", note):
        guideline = st.selectbox(
            "Guideline",
            tuple(guidelines()),
            format_func=guidelines().__getitem__,
            key="risk_guideline",
            label_visibility="collapsed",
            width=GUIDELINE,
            bind="query-params",
        )
    assessment = asked.space.assessment
    found = options(
        assessment.features, asked.result, asked.row, asked.column, guideline=guideline, others=assessment.results
    )
    shown = [one for one in found if one.state != NOT_APPLICABLE]
    rest = [one for one in found if one.state == NOT_APPLICABLE]
    with st.container(border=True, gap="xsmall", key="risk_options"):
        html.show(charts.treatments("Treatment options", [_option(one, asked.among) for one in shown]))
        html.show(html.note(LONGER.format(years=years)))
        with st.container(horizontal=True, gap="small"):
            with st.popover("Sources of these figures", type="tertiary", key="risk_sources"):
                html.show(html.values([_sources(one.intervention, asked) for one in shown]))
            if rest:
                with st.popover(f"{len(rest)} more do not apply", type="tertiary", key="risk_rest"):
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
        assumption = ASSUMES.format(years=f"{asked.finding.horizon_years:g}")
        html.show(charts.frequencies(_arrays(asked, changed), assumption))
        html.show(html.values(_figures(asked, changed)))
        for text in changed.notes:
            html.show(html.note(text))


def _controls(asked: Asked) -> tuple[list[str], float, float]:
    """Ids of the chosen changes, the goal of LDL in mg/dL and of systolic pressure in mmHg."""
    pressure = _goal("Systolic blood pressure, mmHg", asked.value("systolic_bp"), LOWEST_PRESSURE, KEYS[0])
    ldl = _goal("LDL cholesterol, mg/dL", asked.value("ldl_cholesterol"), LOWEST_LDL, KEYS[1])
    offered = _offered(asked)
    chosen: list[str] = []
    if not offered & set(STATINS.values()):
        html.show(html.remark("In use", "Statin: its effect is in the estimate."))
    else:
        unknown = math.isnan(asked.value("ldl_cholesterol"))
        statin = st.segmented_control(
            "Statin", list(STATINS), default="None", required=True, key=KEYS[2], disabled=unknown
        )
        chosen = [STATINS[statin]] if statin and STATINS[statin] else []
    life = st.pills(
        "Change of life", [name for name in LIFE if LIFE[name] in offered], selection_mode="multi", key=KEYS[3]
    )
    return chosen + [LIFE[name] for name in life], ldl, pressure


def _offered(asked: Asked) -> set[str]:
    """Ids of the interventions that are for this patient and not in use already."""
    who = person(asked.space.assessment.features, asked.result, asked.row, asked.column)
    return {name for name, one in interventions().items() if verdict(one, who)[0] not in (IN_USE, NOT_APPLICABLE)}


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
    total = asked.among
    before, after = round(total * changed.before), round(total * changed.after)
    low, high = changed.bounds
    spread = f"{wording.percent(low)} to {wording.percent(high)}, from the trials' range alone"
    if math.isnan(low):
        spread = "No range: an effect has no verified one"
    if math.isclose(changed.before, changed.after):
        spread = "Nothing changed yet"
    return [
        charts.Frequency("Now", wording.percent(changed.before), "No range published", before, asked.outcome, 0, total),
        charts.Frequency(
            "With these changes",
            wording.percent(changed.after),
            spread,
            after,
            asked.outcome,
            prevented=before - after,
            total=total,
        ),
    ]


def _figures(asked: Asked, changed: WhatIf) -> list[html.Row]:
    gain = changed.before - changed.after
    if math.isclose(changed.before, changed.after):
        return [html.Row("Difference", "None: choose a change")]
    fewer = f"{1000 * gain:.0f} of 1,000" if 1000 * gain >= 1 else "fewer than 1 of 1,000"
    years = f"{asked.finding.horizon_years:g} years"
    rows = [
        html.Row("Difference", f"{100 * gain:.1f} points lower: {fewer} no longer do"),
        html.Row(
            f"Number needed to treat for {years}, for one event fewer",
            html.lines(f"{changed.number_needed:,.0f}", _needed_range(changed.number_needed_bounds)),
        ),
    ]
    if group := changed.by_risk_group:
        after, low, high = (float(values[0]) for values in (group.change.after, group.change.low, group.change.high))
        label = f"With the statin effect seen in people at a {group.horizon_years:g}-year risk {group.says}"
        spread = f"{wording.percent(low)} to {wording.percent(high)}, {100 * group.confidence:g}% range of the trials"
        rows.append(html.Row(label, html.lines(wording.percent(after), spread)))
    return rows


def _needed_range(bounds: tuple[float, float]) -> str:
    fewest, most = bounds
    if math.isnan(fewest):
        return "no verified range"
    return f"{fewest:,.0f} to {most:,.0f}, from the trials' range" if most < math.inf else f"{fewest:,.0f} or more"


def _option(one: TreatmentOption, among: int) -> charts.Option:
    word, in_use = STATE_WORDS[one.state], one.state == IN_USE
    after = "Not computed" if one.change is None else wording.percent(float(one.change.after[0]))
    return charts.Option(
        level=level_of(word),
        word=word,
        name=one.intervention.name,
        detail=one.intervention.detail,
        benefit=charts.Effect(100 * one.benefit, one.benefit_among(among)),
        harm=charts.Effect(math.nan if in_use else 100 * one.harm, _harm(one, among)),
        risk_after="As now" if in_use else after,
        why=" ".join(filter(None, (one.reason, one.check))),
    )


def _harm(one: TreatmentOption, among: int) -> str:
    """Harm in words, and among how many treated one more is harmed, where a rate is verified."""
    needed = [
        f"one more in {harm.number_needed:,.0f} treated" for harm in one.harms if not math.isnan(harm.number_needed)
    ]
    return ", ".join((wording.capital(one.harm_among(among)), *needed))


def _sources(one: Intervention, asked: Asked) -> html.Row:
    """Who says what an intervention does, harms, and for whom it is advised, each with its link."""
    effect = trial_effects().get((one.lowers or one.id, asked.finding.outcome))
    said = (
        [] if effect is None else [_effect_source(effect.ratio, effect.low, effect.high, effect.per, effect.citation)]
    )
    cited = [one.citation, *(harm.citation for harm in harms().get(one.id, ()))]
    cited += [advice.citation for advice in indications().get(one.id, ())]
    others = [citation for citation in dict.fromkeys(cited) if effect is None or citation != effect.citation]
    rest = [text for citation in others for text in ("; ", html.link(citation.text, citation.url))][1:]
    also = html.join("Also: ", *rest) if rest else ""
    return html.Row(one.name, html.lines(said[0] if said else "No trial effect", also))


def _effect_source(ratio: float, low: float, high: float, per: str, citation: Citation) -> html.Html:
    spread = "no verified range" if math.isnan(low) else f"{low:.2f} to {high:.2f}"
    return html.join(f"Hazard ratio {ratio:.2f} ({spread}), {per}: ", html.link(citation.text, citation.url))


def _reset() -> None:
    for key in KEYS:
        st.session_state.pop(key, None)
