"""The parts of the Patient page: actions, the data behind them, domains, history, and a note to copy."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import streamlit as st

from precision import wording
from precision.features import label_of
from precision.figures import timeline as history
from precision.figures.style import CONFIG
from precision.model import registry
from precision.result import Finding
from precision.treatment.actions import Action, Looked
from precision.treatment.contributions import peers
from precision.ui import chrome, html
from precision.ui.severity import Level, level_of
from precision.ui.workspace import PATIENT, Workspace
from precision.workbench import data_behind
from precision.workbench.data import NOT_RECORDED

MODEL, OUTCOME, HORIZON = "prevent", "ascvd", 10.0
AT_MOST = 5
LATER = "Interpretation comes in a later release."
SCOPE = (
    "Judged here: heart, blood pressure, kidney and smoking. Medicines and genes, tumours, hereditary findings and "
    "family history are recorded but not judged in this release: no action does not mean that none is needed."
)


def unknown() -> None:
    """No such patient in the cohort at hand."""
    with chrome.card():
        html.show(html.state("No match", "No patient of this cohort has the identifier in the address."))
        if st.button("Open the worklist", key="patient_unknown"):
            st.switch_page("pages/worklist.py")


def note(space: Workspace, patient: str) -> None:
    """The page as plain text, to copy into another record."""
    with st.popover("Copy note", icon=":material/content_copy:"):
        st.code(note_text(space, patient), language=None, wrap_lines=True)


def note_text(space: Workspace, patient: str) -> str:
    """What the page says, as plain text with its sources."""
    finding = _finding(space, patient)
    lines = [f"Patient {patient}, as of {space.assessment.features.index_date:%d %b %Y}"]
    if finding is not None:
        lines.append(f"{_risk_name(finding)}: {finding.text} ({wording.interval(finding)}). {finding.citation.text}")
        lines += [*finding.warnings, *finding.notes]
    lines += [
        f"{action.word}: {action.title}. {action.reason} [{action.source}, {action.version}]"
        for action in space.assessment.actions.for_patient(patient)
    ]
    lines.append("Decision support and research, not a medical device." + " Synthetic data." * space.synthetic)
    return "\n".join(lines)


def actions(space: Workspace, patient: str) -> None:
    """At most five things to do, most severe first, each with its reasons behind one click."""
    found = space.assessment.actions.for_patient(patient)
    shown = found[:AT_MOST]
    chrome.section("Actions", f"{len(shown)} of {len(found)}, most severe first" if found else "")
    items = [
        html.Action(level_of(one.word), one.word, one.title, one.reason, one.source, one.strength or one.version)
        for one in shown
    ]
    with st.container(border=True, height="stretch", gap="xsmall", key="actions"):
        for place, one in zip(chrome.actions(items), shown, strict=True):
            with place:
                _why(one)
        if not found:
            html.show(html.sentence("No guideline rule asks for anything with the data that are recorded."))
        _undecided(space, patient)
        html.show(html.note(SCOPE))


def _undecided(space: Workspace, patient: str) -> None:
    """Rules that cannot be judged yet, so that silence is not read as absence."""
    open_rules = space.assessment.actions.undecided(patient)
    if not open_rules:
        return
    needed = list(dict.fromkeys(label for _, labels in open_rules for label in labels))
    count = f"{len(open_rules)} rules" if len(open_rules) > 1 else "1 rule"
    html.show(html.remark("Not determined", f"{count} could not be judged without: {', '.join(needed).lower()}."))


def behind(space: Workspace, patient: str) -> None:
    """What the page rests on, and what is missing."""
    chrome.section("Data behind this page")
    known = data_behind(space.assessment, patient)
    absent = [label for label, text in known.rows if text == NOT_RECORDED]
    with chrome.card():
        html.show(html.values([html.Row(label, text) for label, text in known.rows if text != NOT_RECORDED]))
        if missing := [*known.missing, *absent]:
            html.show(html.remark("Missing", ", ".join(missing)))


def domains(space: Workspace, patient: str) -> None:
    """Six domains in fixed order; those still to come say so in one line."""
    chrome.section("Domains")
    cards = (_heart, _medicines, _tumour, _genome, _prevention, _family)
    for first in (0, 3):
        for place, card in zip(st.columns(3), cards[first : first + 3], strict=True):
            with place, chrome.card():
                card(space, patient)


def timeline(space: Workspace, patient: str) -> None:
    """Diagnoses, results and medicines by date."""
    with chrome.section("Timeline"):
        span = st.segmented_control(
            "Time shown", list(history.SPANS), default=history.YEAR, key="patient_span", label_visibility="collapsed"
        )
    found = history.timeline(space.assessment.cohort, patient, span or history.YEAR)
    with chrome.card():
        if not found.events:
            html.show(html.state("No data", "Nothing dated is recorded in this time. Choose a longer time."))
            return
        st.plotly_chart(history.figure(found), config=CONFIG, key="patient_timeline", alt=history.alt(found))
        rows = history.table(found)
        with st.popover("As a table", type="tertiary"):
            columns = [html.Column(str(name)) for name in rows.columns]
            html.show(html.table("Timeline", columns, rows.to_numpy(dtype=str).tolist()))
        if found.left_out:
            html.show(html.note(" ".join(found.left_out)))


def _why(one: Action) -> None:
    rows = [html.Row(look.label, _looked(look)) for look in one.looked_at]
    rows.append(html.Row("Rule", f"{one.source}, {one.version}"))
    if one.strength:
        rows.append(html.Row("Strength", one.strength))
    rows += [html.Row("Also says", f"{title} ({source})") for title, source in one.also]
    rows += [html.Row("Not recorded, could change this", ", ".join(one.open))] if one.open else []
    html.show(html.join(html.heading(one.title, level=3), html.sentence(one.reason), html.values(rows)))
    if one.not_considered:
        html.show(html.note("Not considered: ", one.not_considered))
    html.show(html.source(one.citation.text, one.citation.url))


def _looked(look: Looked) -> html.Html:
    return html.lines(look.value, ", ".join(filter(None, (_day(look.time), look.origin))))


def _heart(space: Workspace, patient: str) -> None:
    finding = _finding(space, patient)
    if finding is None or finding.status != "ok":
        word = wording.STATUS_WORDS[finding.status] if finding else "Not estimated"
        html.show(html.card_heading("cardiology", "Heart", level_of(word), word))
        html.show(html.sentence(" ".join(finding.warnings) if finding else "No model was run."))
    else:
        level, word = _heart_chip(space, patient)
        html.show(
            html.join(html.card_heading("cardiology", "Heart", level, word), html.values(_heart_rows(space, finding)))
        )
    st.page_link("pages/risk.py", label="Open risk", icon=":material/arrow_forward:", query_params={PATIENT: patient})


def _heart_rows(space: Workspace, finding: Finding) -> list[html.Row]:
    result = space.assessment.results[MODEL]
    one = result.take([result.row(finding.patient)])
    peer = float(peers(registry()[MODEL], one)[0, one.column(OUTCOME, HORIZON)])
    measured = (("Systolic pressure", "systolic_bp"), ("LDL cholesterol", "ldl_cholesterol"), ("HbA1c", "hba1c"))
    return [
        html.Row("10-year heart attack or stroke", finding.text),
        html.Row("Healthy values, same age and sex", wording.percent(peer)),
        *(html.Row(label, _value(space, finding.patient, name)) for label, name in measured),
    ]


def _heart_chip(space: Workspace, patient: str) -> tuple[Level, str]:
    mine = [one for one in space.assessment.actions.for_patient(patient) if one.domain == "Heart"]
    word = mine[0].word if mine else "Standard"
    return level_of(word), word


def _medicines(space: Workspace, patient: str) -> None:
    rows = space.assessment.cohort.of(patient, "medications").drop_duplicates("drug")
    html.show(html.card_heading("medication", "Medicines"))
    states = rows["status"] if "status" in rows else pd.Series("recorded", index=rows.index)
    found = [html.Row(str(drug), str(state)) for drug, state in zip(rows["drug"], states, strict=True)]
    _recorded("medicine", found[:4], len(found))


def _tumour(space: Workspace, patient: str) -> None:
    rows = space.assessment.cohort.of(patient, "somatic")
    html.show(html.card_heading("oncology", "Tumour"))
    found = [
        html.Row(str(gene), str(change)) for gene, change in zip(rows["gene"], rows["protein_change"], strict=True)
    ]
    _recorded("tumour variant", found[:4], len(found))


def _genome(space: Workspace, patient: str) -> None:
    cohort = space.assessment.cohort
    variants, genes = len(cohort.of(patient, "variants")), len(cohort.of(patient, "diplotypes"))
    html.show(html.card_heading("genetics", "Genome"))
    rows = [html.Row("Variants recorded", f"{variants:,}"), html.Row("Gene results recorded", f"{genes:,}")]
    _recorded("genotype", rows if variants + genes else [], 0)


def _prevention(space: Workspace, patient: str) -> None:
    html.show(html.card_heading("event_available", "Prevention"))
    rows = [
        html.Row(wording.label(name), _value(space, patient, name))
        for name in ("smoking_status", "bmi", "activity_days_per_week")
    ]
    known = [row for row in rows if row.value != "missing"]
    _recorded("lifestyle value", rows if known else [], len(known))


def _family(space: Workspace, patient: str) -> None:
    rows = space.assessment.cohort.of(patient, "family_history")
    html.show(html.card_heading("family_history", "Family"))
    found = [
        html.Row(_relation(str(relation)), _relative(str(code), age))
        for relation, code, age in zip(rows["relation"], rows["condition_code"], rows["onset_age"], strict=True)
    ]
    _recorded("relative", found[:4], len(found))


def _relation(name: str) -> str:
    words = name.replace("mat_", "maternal ").replace("pat_", "paternal ").replace("_", " ")
    return words.capitalize()


def _relative(code: str, age: float) -> str:
    return label_of(code) + ("" if pd.isna(age) else f" at {float(age):.0f}")


def _recorded(what: str, rows: list[html.Row], count: int) -> None:
    """What is recorded in a domain that is not interpreted yet."""
    if rows:
        html.show(html.values(rows))
    else:
        html.show(html.state("No data", f"No {what} is recorded."))
    more = f"{count - len(rows)} more recorded. " if count > len(rows) and rows else ""
    html.show(html.note(more + LATER))


def _finding(space: Workspace, patient: str) -> Finding | None:
    result = space.assessment.results.get(MODEL)
    return None if result is None else result.finding(patient, OUTCOME, HORIZON)


def _risk_name(finding: Finding) -> str:
    return f"{finding.horizon_years:g}-year risk, {finding.outcome_label.lower()}"


def _value(space: Workspace, patient: str, name: str) -> str:
    features = space.assessment.features
    column = features.column(name)
    return wording.value_text(name, np.nan if column is None else float(column[features.row(patient)]))


def _day(day: date | None) -> str:
    return "" if day is None else f"{day.day} {day:%b %Y}"
