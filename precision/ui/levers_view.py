"""Lifestyle and surroundings of one patient: what each adds to the estimate, and what changing it would give."""

from __future__ import annotations

import math

from precision import wording
from precision.model import registry
from precision.treatment.levers import PatientLever, patient_levers
from precision.ui import charts, chrome, html
from precision.ui.absence import absence
from precision.ui.workspace import Workspace
from precision.workbench.heart_age import LABEL, heart_age

MODEL, OUTCOME, YEARS = "prevent", "ascvd", 10.0
NOTHING_KNOWN = "Not recorded"
ALONE = "Each gain is of that change alone; gains do not add up. Where no effect is verified, none is claimed."


def levers(space: Workspace, patient: str) -> None:
    """Every lever, the largest absolute gain first; without an estimate, why there is none."""
    result = space.assessment.results[MODEL]
    row, column = result.row(patient), result.column(OUTCOME, YEARS)
    finding = result.finding(patient, OUTCOME, YEARS)
    chrome.section("Lifestyle and environment", "largest gain first")
    with chrome.card(key="prevention_levers"):
        if finding.status != "ok":
            word = "Missing" if finding.status == "missing" else wording.STATUS_WORDS[finding.status]
            why = absence(finding, len(result.estimates[column].required))
            html.show(html.state(word, f"No risk to start from, so no gain is calculated. {why}"))
            return
        model = registry()[MODEL]
        found = patient_levers(space.assessment.features, model, result, row, column)
        age = heart_age(model, result.take([row]), OUTCOME, YEARS).text(0)
        about = f"{YEARS:g}-year risk of {finding.outcome_label[:1].lower()}{finding.outcome_label[1:]}"
        html.show(html.values([html.Row(f"{about}, {model.label}", finding.text), html.Row(f"{LABEL}, years", age)]))
        longest = max((100 * one.gain for one in found if one.gain > 0), default=0.0)
        columns = [
            html.Column("Factor", 15),
            html.Column("Recorded", 23),
            html.Column("In the estimate", 26),
            html.Column("If changed", 36),
        ]
        html.show(html.table("Lifestyle and environment", columns, [_row(one, longest) for one in found]))
        html.show(html.note(ALONE))


def _row(one: PatientLever, longest: float) -> tuple[html.Text, ...]:
    recorded = [
        html.lines(f"{known.label}: {known.value}", f"{known.time.day} {known.time:%b %Y}" if known.time else "undated")
        for known in one.values
    ]
    return (
        html.strong(one.lever.label),
        html.join(*recorded) if recorded else NOTHING_KNOWN,
        one.contribution_words,
        _gain(one, longest),
    )


def _gain(one: PatientLever, longest: float) -> html.Html:
    """The bar of what a change would give, then which change, on what evidence, and what to check first."""
    chosen = one.intervention
    if chosen is None or math.isnan(one.gain) or one.gain <= 0:
        return html.tag("span", one.words, cls="quiet")
    bar = charts.effect_bar(charts.Effect(100 * one.gain, f"{100 * one.gain:.1f} points lower"), longest, "benefit")
    helps = ", ".join(f"{aid.name} {aid.ratio:.2g} times" for aid in one.aids)
    words = (
        f"{chosen.name}. Evidence: {chosen.evidence}.",
        f"Check first: {chosen.ask_first}." if chosen.ask_first else "",
        f"Chance to succeed: {helps}." if helps else "",
    )
    return html.join(bar, html.tag("span", " ".join(filter(None, words)), cls="qualifier"))
