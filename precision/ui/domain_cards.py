"""The six domains of the Patient page: what each knows of the patient, and what it lacks."""

from __future__ import annotations

import math
from collections.abc import Sequence

import streamlit as st

from precision import wording
from precision.model import registry
from precision.result import Finding
from precision.treatment.contributions import peers
from precision.ui import chrome, html
from precision.ui.absence import absence
from precision.ui.identity import known_values
from precision.ui.medicines_data import recorded, states
from precision.ui.medicines_view import EMPTY
from precision.ui.severity import level_of
from precision.ui.workspace import PATIENT, Workspace
from precision.workbench.data import positions_called

MODEL, OUTCOME, HORIZON = "prevent", "ascvd", 10.0
KIDNEY = "ckd_epi_2021"
ROWS = 5  # of a card
HIDDEN = "The patient has not consented to predisposition results. Results are not shown."
HIDDEN_GENES = "The patient has not consented to results of medicine genes. Results are not shown."
NO_RELATIVES = "No family history is recorded. The heart risk does not use it."
LIFESTYLE = ("smoking_status", "bmi", "activity_min_per_day")


def domains(space: Workspace, patient: str) -> None:
    """Six domains in fixed order; those still to come say so in one line."""
    chrome.section("Domains", "Tumour, Genome and Family show records. Their advice comes in a later release.")
    cards = (_heart, _medicines, _tumour, _genome, _prevention, _family)
    for first in (0, 3):
        for place, card in zip(st.columns(3), cards[first : first + 3], strict=True):
            with place, chrome.card():
                card(space, patient)


def heart_risk(space: Workspace, patient: str) -> Finding | None:
    """The 10-year risk that the page shows; None where its model was not run."""
    result = space.assessment.results.get(MODEL)
    return None if result is None else result.finding(patient, OUTCOME, HORIZON)


def _heart(space: Workspace, patient: str) -> None:
    finding = heart_risk(space, patient)
    state = wording.STATUS_WORDS[finding.status] if finding else "Not estimated"
    estimated = finding is not None and finding.status == "ok"
    asked = _most_urgent(space, patient, "Heart", "Kidney")
    word = asked or ("In validated range" if estimated else state)
    html.show(html.card_heading("cardiology", "Heart", level_of(word), word))
    if finding is not None and estimated:
        html.show(html.values([*_risk_rows(space, finding), *_measured(space, patient)]))
        source = f"{finding.model_label} {finding.citation.year}, {wording.interval(finding)}"
        html.show(html.source(source, finding.citation.url))
    else:
        why = _absence(space, finding)
        html.show(html.state(state, why) if asked not in ("", state) else html.sentence(why))
        html.show(html.values(_measured(space, patient)))
    _open("pages/risk.py", "Open risk", patient)


def _absence(space: Workspace, finding: Finding | None) -> str:
    """Why there is no number."""
    if finding is None:
        return "The model of heart risk was not run."
    result = space.assessment.results[MODEL]
    return absence(finding, len(result.estimates[result.column(OUTCOME, HORIZON)].required))


def _risk_rows(space: Workspace, finding: Finding) -> list[html.Row]:
    result = space.assessment.results[MODEL]
    one = result.take([result.row(finding.patient)])
    peer = float(peers(registry()[MODEL], one)[0, one.column(OUTCOME, HORIZON)])
    return [
        html.Row("10-year heart attack or stroke", finding.text),
        html.Row("Same age and sex, healthy values", wording.percent(peer)),
    ]


def _measured(space: Workspace, patient: str) -> list[html.Row]:
    known = known_values(space, patient, "systolic_bp", "diastolic_bp", "ldl_cholesterol")
    systolic, diastolic = known["systolic_bp"], known["diastolic_bp"]
    pressure = wording.value_text("systolic_bp", systolic)
    if not math.isnan(systolic) and not math.isnan(diastolic):
        pressure = f"{wording.number(systolic)}/{wording.value_text('diastolic_bp', diastolic)}"
    rows = [
        ("Blood pressure", pressure),
        ("LDL cholesterol", wording.value_text("ldl_cholesterol", known["ldl_cholesterol"])),
    ]
    if KIDNEY in space.assessment.results:
        rows.append(("Kidney function, eGFR", space.assessment.results[KIDNEY].finding(patient).text))
    return [_value(label, text) for label, text in rows]


def _medicines(space: Workspace, patient: str) -> None:
    found = space.record(patient).medicines
    if not found:
        html.show(_heading("medication", "Medicines", found is not None))
        if found is not None:
            html.show(html.sentence(EMPTY))
        else:
            _nothing("No medicine is recorded. This does not mean that none is taken.", "Add medicines")
    elif space.record(patient).consent.denies("pgx"):
        html.show(html.card_heading("medication", "Medicines", 0, "Hidden"))
        html.show(html.sentence(HIDDEN_GENES))
        _listed([html.Row(name, state) for name, state in states(space, patient).items()], "medicines")
    else:
        known = recorded(space, patient)
        listed = known.listed or ()
        word = listed[0].word if listed else "No data"
        word = "Not determined" if word == "No guidance" and not known.tested else word
        html.show(html.card_heading("medication", "Medicines", level_of(word), word))
        genes = sum(row.determined for row in known.genes)
        rows = [html.Row(one.name, one.word, level_of(one.word)) for one in listed]
        told = f"{genes} of {len(known.genes)}" if known.tested else "None: no genotype, no laboratory result"
        _listed(rows, "medicines", html.Row("Genes determined", told))
    _open("pages/medicines.py", "Open medicines", patient)


def _tumour(space: Workspace, patient: str) -> None:
    found = space.record(patient).tumour
    html.show(_heading("oncology", "Tumour", bool(found)))
    if found:
        _listed([html.Row(gene, change or "change not recorded") for gene, change in found], "variants")
    else:
        _nothing("No tumour variant is recorded.", "Add tumour variants")


def _genome(space: Workspace, patient: str) -> None:
    found = space.record(patient)
    if found.consent.denies("primary_findings"):
        html.show(html.card_heading("genetics", "Genome", 0, "Hidden"))
        html.show(html.sentence(HIDDEN))
        _open("pages/upload.py", "Record consent", patient)
        return
    positions = positions_called(space.assessment, patient)
    html.show(_heading("genetics", "Genome", bool(positions or found.variants or found.genes)))
    if not (positions or found.variants or found.genes):
        _nothing("No genotype is recorded.", "Add genotypes")
        return
    counted = ((positions, "position", "positions"), (found.variants, "variant", "variants"))
    known = ", ".join(f"{count:,} {one if count == 1 else many}" for count, one, many in counted if count)
    rows = [
        html.Row("Genotypes", known or "Not recorded", None if known else 0),
        html.Row("Laboratory results of genes", f"{found.genes:,}"),
    ]
    scopes = (("medicine genes", "pgx"), ("predisposition", "primary_findings"), ("secondary findings", "acmg_sf"))
    html.show(
        html.values(
            [*rows, *(html.Row(f"Consent, {label}", _decision(space, patient, scope)) for label, scope in scopes)]
        )
    )


def _prevention(space: Workspace, patient: str) -> None:
    items = space.plan(patient)
    overdue, due = [item for item in items if item.overdue], [item for item in items if item.state == "due"]
    word = _most_urgent(space, patient, "Prevention")
    unknown = sum(item.state == "unknown" for item in items)
    word = "Overdue" if overdue else word or ("Due" if due else "Not determined" if unknown else "Up to date")
    html.show(html.card_heading("event_available", "Prevention", level_of(word), word))
    known = known_values(space, patient, *LIFESTYLE)
    rows = [html.Row("Due now", f"{len(due):,}"), html.Row("of which overdue", f"{len(overdue):,}")]
    rows += [html.Row("Cannot be judged yet", f"{unknown:,}", 0)] if unknown else []
    rows += [_value(wording.label(name), wording.value_text(name, known[name])) for name in LIFESTYLE]
    html.show(html.values(rows[:ROWS]))
    _open("pages/prevention.py", "Open prevention", patient)


def _family(space: Workspace, patient: str) -> None:
    found = space.record(patient).relatives
    html.show(_heading("family_history", "Family", bool(found)))
    if not found:
        _nothing(NO_RELATIVES, "Add relatives")
        return
    contact = html.Row("Consent to contact", _decision(space, patient, "family_contact"))
    _listed([html.Row(one.relation, one.diagnosis) for one in found], "relatives", contact)


def _heading(icon: str, name: str, known: bool) -> html.Html:
    return html.card_heading(icon, name) if known else html.card_heading(icon, name, 0, "No data")


def _listed(rows: Sequence[html.Row], what: str, *last: html.Row) -> None:
    """As many rows as a card holds; the others are counted."""
    room = ROWS - len(last)
    kept = rows if len(rows) <= room else rows[: room - 1]
    more = [html.Row("Not shown here", f"{len(rows) - len(kept)} more {what}")] if len(kept) < len(rows) else []
    html.show(html.values([*kept, *more, *last]))


def _nothing(sentence: str, add: str) -> None:
    html.show(html.sentence(sentence))
    st.page_link("pages/upload.py", label=add, icon=":material/arrow_forward:")


def _open(page: str, label: str, patient: str) -> None:
    st.page_link(page, label=label, icon=":material/arrow_forward:", query_params={PATIENT: patient})


def _value(label: str, text: str) -> html.Row:
    absent = text in ("missing", *wording.STATUS_WORDS.values())
    return html.Row(label, wording.capital(text), 0 if absent else None)


def _decision(space: Workspace, patient: str, scope: str) -> str:
    words = {"permit": "Permitted", "deny": "Not permitted"}
    return words.get(space.record(patient).consent.decision("care", scope), "Not recorded")


def _most_urgent(space: Workspace, patient: str, *asking: str) -> str:
    """The word of the first action in these domains, empty where there is none."""
    return next((one.word for one in space.actions(patient) if one.domain in asking), "")
