"""The parts of the Patient page: actions, the data behind them, history, and a note to copy."""

from __future__ import annotations

from datetime import date

import streamlit as st

from precision import wording
from precision.figures import timeline as history
from precision.figures.style import CONFIG
from precision.pgx.answers import DETERMINE, plain
from precision.result import Finding
from precision.treatment.actions import Action, Looked
from precision.ui import chrome, html, medicines_data, medicines_genes, medicines_view, medicines_words
from precision.ui.domain_cards import domains, heart_risk
from precision.ui.identity import identity
from precision.ui.medicines_data import entered, recorded, told
from precision.ui.severity import level_of
from precision.ui.workspace import Workspace, chosen_patient, workspace
from precision.workbench.data import NOT_RECORDED
from precision.workbench.medicine_list import ListedMedicine, Medicines
from precision.workbench.record import LONGEST

AT_MOST = 5  # actions on the page; the others are one click away
NAMED = 3  # inputs in the line on what could not be judged
IN_THE_STRIP = ("Diagnoses", "Medicines", "Consent")
NOT_THEN, NEVER = "Nothing is recorded in this time. Choose a longer one.", "Nothing that is recorded has a date."
SCOPE = "Looked at here: heart, blood pressure, kidney, smoking. Screening stands on the Prevention page. "
NO_ACTION = "For all else, no action does not mean that none is needed."
MEDICINES = "Medicines"  # domain of actions that rest on genes, and the page that they come from
ONLY_NOW = "Entered in this session, not stored"
NOT_HERE = "Entered on the page Medicines in this session, and not counted here"


def opened(title: str) -> tuple[Workspace, str]:
    """Begin a page about one patient: the cohort and the patient who was chosen, under the identity strip.

    Where there is no such patient the page says so and ends here.
    """
    chrome.page(title)
    space = workspace()
    patient = chosen_patient(space)
    if patient is None:
        unknown(space, title)
        st.stop()
    with identity(space, patient):
        note(space, patient, session=title == MEDICINES)
    return space, patient


def unknown(space: Workspace, title: str) -> None:
    """No such patient in the cohort at hand, or nobody at all."""
    chrome.title(title)
    with chrome.card():
        if len(space.assessment.cohort):
            html.show(html.state("No match", "No patient of this cohort has the identifier in the address."))
            if st.button("Open the worklist", icon=":material/arrow_forward:", key="patient_unknown"):
                st.switch_page("pages/worklist.py")
        else:
            html.show(html.state("No data", "This cohort holds no patient."))
            st.page_link("pages/upload.py", label="Load your own tables", icon=":material/arrow_forward:")


def show(space: Workspace, patient: str) -> None:
    """The page of one patient, under the identity strip."""
    left, right = st.columns([7, 3], gap="medium")
    with left:
        actions(space, patient)
    with right:
        behind(space, patient)
    domains(space, patient)
    timeline(space, patient)


def note(space: Workspace, patient: str, *, session: bool = False) -> None:
    """The page as plain text, to copy into another record."""
    with st.popover("Copy note", icon=":material/content_copy:", key="patient_note"):
        st.code(note_text(space, patient, session=session), language=None, wrap_lines=True)


def note_text(space: Workspace, patient: str, *, session: bool = False) -> str:
    """What the page says, as plain text with its sources.

    session : with the laboratory results that were entered on the Medicines page; the note then names them
    """
    session = session and not space.record(patient).consent.denies("pgx")
    finding = heart_risk(space, patient)
    found = told(space, patient) if session else recorded(space, patient)
    lines = [f"Patient {patient}, as of {_day(space.assessment.features.index_date)}"]
    if finding is not None:
        found_how = finding.notes if finding.status == "ok" else ()
        lines += [_risk_line(finding), *finding.warnings, *found_how, f"Source: {finding.citation.text}", ""]
    results = entered_results(space, patient)
    lines += [f"{ONLY_NOW if session else NOT_HERE}: {results}."] if results else []
    lines += [f"Review: {sentence}" for sentence in contradictions(space, patient, found)]
    to_do = medicines_data.actions(space, patient) if session else space.actions(patient)
    lines += [_line(one) for one in to_do] or ["No action."]
    lines += [f"Not determined: {sentence}" for sentence in _undecided(space, patient, found)]
    synthetic = " Synthetic data." if space.synthetic else ""
    lines += ["", _scope(space, patient, found), f"Decision support and research, not a medical device.{synthetic}"]
    return "\n".join(lines)


def entered_results(space: Workspace, patient: str) -> str:
    """'CYP2C19 *1/*1; CYP2D6 *4/*4': what was entered in this session; nothing of a patient who denies it."""
    if space.record(patient).consent.denies("pgx"):
        return ""
    return "; ".join(_result(gene, *words) for gene, words in entered(patient).items())


def contradictions(space: Workspace, patient: str, found: Medicines) -> tuple[str, ...]:
    """'CYP2C19: The genotypes say *2/*2; advice follows the laboratory.', for each gene with results that disagree."""
    if space.record(patient).consent.denies("pgx"):
        return ()
    return tuple(f"{row.call.gene}: {sentence}" for row in found.genes for sentence in medicines_words.doubts(row))


def _result(gene: str, alleles: str, phenotype: str) -> str:
    """'CYP2D6 *4/*4'."""
    return f"{gene} {', '.join(filter(None, (alleles, plain(phenotype))))}"


def _line(one: Action) -> str:
    """An action with the results it rests on and its source."""
    results = "; ".join(look.value for look in one.looked_at[:1] if one.domain == MEDICINES)
    source = one.source if one.version in one.source else f"{one.source}, {one.version}"
    return " ".join(filter(None, (f"{one.word}: {one.title}.", one.reason, results and f"({results})", f"[{source}]")))


def _scope(space: Workspace, patient: str, found: Medicines) -> str:
    """What the actions could speak of, so that silence is not read as all clear."""
    record = space.record(patient)
    if record.consent.denies("pgx"):
        genes = "Medicines against the genes: hidden, the patient has not consented. "
    else:
        genes = f"Medicines against the genes: {_judged(found)}. " if record.medicines else ""
    return f"{SCOPE}{genes}{NO_ACTION}"


def _judged(found: Medicines) -> str:
    listed, waiting = len(found.listed or ()), len(_not_judged(found))
    if not found.tested:
        return "not looked at: no genotype and no laboratory result is recorded"
    if not waiting:
        return "looked at"
    return f"looked at, {waiting} of {listed} not judged" if waiting < listed else "none could be judged"


def actions(space: Workspace, patient: str) -> None:
    """At most five things to do, most severe first, each with its reasons behind one click."""
    found = space.actions(patient)
    shown, rest = found[:AT_MOST], found[AT_MOST:]
    chrome.section("Actions", f"{len(shown)} of {len(found)}, most severe first" if found else "")
    with st.container(border=True, height="stretch", gap="xsmall", key="actions"):
        known = recorded(space, patient)
        for place, one in zip(chrome.actions([_item(one) for one in shown]), shown, strict=True):
            with place:
                _why(one, known)
        if not found:
            html.show(html.sentence("No guideline rule asks for anything with the data that are recorded."))
        if rest:
            with st.popover(f"{len(rest)} more", type="tertiary", key="patient_more"):
                _rest(rest)
        with st.container(gap="xsmall", key="actions_scope"):
            for sentence in contradictions(space, patient, known):
                html.show(html.remark("Review", sentence))
            if results := entered_results(space, patient):
                html.show(html.remark("Note", f"{NOT_HERE}: {results}."))
            for sentence in _undecided(space, patient, known):
                html.show(html.remark("Not determined", sentence))
            html.show(html.note(_scope(space, patient, known)))


def behind(space: Workspace, patient: str) -> None:
    """What the page rests on, and what is missing."""
    chrome.section("Data behind this page")
    known = space.behind(patient)
    rows = [(label, text) for label, text in known.rows if label not in IN_THE_STRIP]
    absent = [*known.missing, *(label for label, text in rows if text == NOT_RECORDED)]
    with chrome.card():
        html.show(html.values([html.Row(label, text) for label, text in rows if text != NOT_RECORDED]))
        if absent:
            html.show(html.remark("Missing", ", ".join(absent)))


def timeline(space: Workspace, patient: str) -> None:
    """Diagnoses, results and medicines by date."""
    with chrome.section("Timeline"):
        span = st.segmented_control(
            "Time shown",
            list(history.SPANS),
            default=history.YEAR,
            required=True,
            key="patient_span",
            label_visibility="collapsed",
        )
    alone = space.record(patient).cohort
    words = severities(space, patient)
    found = history.timeline(alone, patient, span or history.YEAR, words)
    with chrome.card():
        if not found.events:
            ever = history.timeline(alone, patient, history.ALL).events
            html.show(html.state("No data", NOT_THEN if ever else NEVER))
            return
        st.plotly_chart(history.figure(found), config=CONFIG, key="patient_timeline", alt=history.alt(found))
        rows = history.table(found)
        with st.popover("As a table", type="tertiary", key="patient_events"):
            columns = [html.Column(str(name)) for name in rows.columns]
            html.show(html.table("Timeline", columns, rows.to_numpy(dtype=str).tolist()))
        if found.left_out:
            html.show(html.note(" ".join(found.left_out)))


def severities(space: Workspace, patient: str) -> dict[str, tuple[int, str]]:
    """Medicine as recorded -> level and word of what the genes say of it, where that is anything to act on."""
    if space.record(patient).consent.denies("pgx"):
        return {}
    levels = {one.recorded: (level_of(one.word), one.word) for one in recorded(space, patient).listed or ()}
    return {drug: (level, word) for drug, (level, word) in levels.items() if level in (4, 3, 2)}


def _item(one: Action) -> html.Action:
    return html.Action(level_of(one.word), one.word, one.title, one.reason, one.source, one.strength or one.version)


def _why(one: Action, known: Medicines) -> None:
    rows = [html.Row(look.label, _looked(look)) for look in one.looked_at]
    rows += _of_genes(one, known) if one.domain == MEDICINES else []
    rows.append(html.Row("Rule", html.lines(one.source, "" if one.version in one.source else one.version)))
    rows.append(html.Row("Strength", one.strength or "not graded in our source"))
    rows += [html.Row("Also says", html.lines(title, source)) for title, source in one.also]
    rows += [html.Row("Not recorded, could change this", ", ".join(one.open))] if one.open else []
    html.show(html.join(html.heading(one.title, level=3), html.sentence(one.reason), html.values(rows)))
    if one.not_considered:
        html.show(html.note("Not considered: ", one.not_considered))
    html.show(html.source(one.citation.text, one.citation.url))


def _of_genes(one: Action, known: Medicines) -> list[html.Row]:
    """How much of the genes was read, and what else acts on the medicine."""
    meant = {look.label for look in one.looked_at}
    found = next((it for it in known.listed or () if it.leading and wording.capital(it.leading.drug) in meant), None)
    if found is None or found.leading is None:
        return []
    genes = {row.call.gene: row for row in known.genes}
    used = [genes[gene.gene] for gene in found.leading.genes if gene.gene in genes]
    shifted = [row for row in used if row.causes]
    rows = [html.Row("Positions called", medicines_view.positions(used))]
    rows += [html.Row(f"{row.call.gene} with {', '.join(row.causes)}", medicines_genes.result(row)) for row in shifted]
    return rows + [html.Row("Beside the genes", effect) for effect in found.effects]


def _looked(look: Looked) -> html.Html:
    return html.lines(look.value, ", ".join(filter(None, (_day(look.time), look.origin))))


def _rest(rest: tuple[Action, ...]) -> None:
    columns = [html.Column("Priority", 20), html.Column("Action", 60), html.Column("Source", 20)]
    cells = [
        (
            html.chip(level_of(one.word), one.word),
            html.lines(one.title, one.reason),
            html.lines(one.source, one.strength),
        )
        for one in rest
    ]
    html.show(html.table("Further actions", columns, cells))


def _undecided(space: Workspace, patient: str, found: Medicines) -> tuple[str, ...]:
    """Rules and medicines that cannot be judged yet, so that silence is not read as absence."""
    names = () if space.record(patient).consent.denies("pgx") else _not_judged(found)
    waiting = f"{_counted(len(names), 'medicine')} not judged: {', '.join(names)}." if names else ""
    return tuple(filter(None, (_rules_undecided(space, patient), waiting)))


def _rules_undecided(space: Workspace, patient: str) -> str:
    unjudged = space.undecided(patient)
    lacking = list(dict.fromkeys(label for _, labels in unjudged for label in labels))
    named = [*lacking[:NAMED], *([f"{len(lacking) - NAMED} more"] if len(lacking) > NAMED else [])]
    return f"{_counted(len(unjudged), 'rule')} could not be judged. Missing: {'; '.join(named)}." if unjudged else ""


def _not_judged(found: Medicines) -> tuple[str, ...]:
    """'codeine (CYP2D6 result needed)', for each listed medicine of which the genes cannot say anything yet."""
    waiting = [one for one in found.listed or () if one.word == DETERMINE]
    return tuple(f"{_name(one)} ({_waits_for(one)})" for one in waiting)


def _name(one: ListedMedicine) -> str:
    """As it was written, on one line."""
    words = " ".join((one.recorded or one.name).split())
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"


def _waits_for(one: ListedMedicine) -> str:
    if not one.drugs:
        return "name not recognised"
    missing = () if one.leading is None else one.leading.needed
    return f"{medicines_words.listed(missing, 'and')} result needed" if missing else "another test needed"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _risk_line(finding: Finding) -> str:
    name = f"{finding.horizon_years:g}-year risk, {finding.outcome_label[:1].lower()}{finding.outcome_label[1:]}"
    spread = f" ({wording.interval(finding)})" if finding.status == "ok" else ""
    return f"{name}: {finding.text}{spread}"


def _day(day: date | None) -> str:
    return "" if day is None else f"{day.day} {day:%b %Y}"
