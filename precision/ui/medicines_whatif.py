"""The last part of the Medicines page: what if a medicine came or went, and results of a laboratory."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import streamlit as st

from precision.pgx.drugnames import drugs
from precision.ui import chrome, html, medicines_words
from precision.ui.medicines_data import told
from precision.ui.medicines_genes import result
from precision.ui.severity import level_of
from precision.ui.workspace import Workspace
from precision.workbench.medicine_changes import Difference, differences, gene_differences
from precision.workbench.medicine_list import Change, GeneRow, ListedMedicine, Medicines

ADD, WITHOUT, SMOKING, EVERY = (f"medicines_if_{name}" for name in ("add", "without", "smoking", "every"))
WHOSE = "medicines_if_patient"
AS_RECORDED = "As recorded"
SMOKES: Mapping[str, bool | None] = {AS_RECORDED: None, "Smokes": True, "Has stopped": False}
NOTHING_CHOSEN = "Choose a change: what it does to the advice appears here."
OF_ARRAY = "Not for an array test: it lists what it tests, not every variant."
NO_CHANGE = "No advice and no gene result changes."


def what_if(space: Workspace, patient: str) -> None:
    """Controls at the left, what they change at the right."""
    if st.session_state.get(WHOSE) != patient:
        _reset()
        st.session_state[WHOSE] = patient
    with chrome.section("What if"):
        st.button("Reset", icon=":material/restart_alt:", type="tertiary", key="medicines_if_reset", on_click=_reset)
    _changes(space, patient)


@st.fragment
def _changes(space: Workspace, patient: str) -> None:
    before = told(space, patient)
    left, right = st.columns([2, 3], gap="medium")
    with left, chrome.card(key="medicines_if"):
        change = _controls(before)
    with right, chrome.card(key="medicines_if_changes"):
        after = told(space, patient, change)
        if after == before:
            html.show(html.sentence(NOTHING_CHOSEN if change == Change() else NO_CHANGE))
            _enzymes(before)
            return
        _shown(before, after)


def _controls(before: Medicines) -> Change:
    listed = {one.name: one.drugs for one in before.listed or () if one.drugs}
    taken = {drug for names in listed.values() for drug in names}
    added = st.multiselect(
        "Add medicines",
        [name for name in drugs() if name not in taken],
        format_func=_named,
        key=ADD,
        filter_mode="contains",
        select_all=False,
    )
    removed = st.multiselect("Without", list(listed), key=WITHOUT, select_all=False)
    smoking = st.segmented_control("Smoking", list(SMOKES), required=True, key=SMOKING)
    whole = "An absent position is then read as reference. Switch on only for a whole genome that lists variants."
    every = st.toggle(
        "The file lists every variant",
        key=EVERY,
        disabled=before.from_array,
        help=OF_ARRAY if before.from_array else whole,
    )
    without = tuple(drug for name in removed for drug in listed[name])
    return Change(tuple(added), without, SMOKES[smoking or AS_RECORDED], every_variant=every)


def _named(drug: str) -> str:
    """A medicine with its other names, so that it is found by them; not with those that hold another medicine's."""
    others = [one for one in (*drugs()[drug].synonyms, *drugs()[drug].brands) if not _of_another(one, drug)]
    return f"{medicines_words.capital(drug)} ({', '.join(others)})" if others else medicines_words.capital(drug)


def _of_another(spelling: str, drug: str) -> bool:
    """'Tylenol with codeine' is not what somebody looks for who types 'codeine' or 'acetaminophen'."""
    return any(word in drugs() and word != drug for word in spelling.lower().split())


def _shown(before: Medicines, after: Medicines) -> None:
    found, changed = differences(before, after), gene_differences(before, after)
    if found:
        columns = [html.Column("Medicine", 20), html.Column("Now", 38), html.Column("Then", 42)]
        html.show(html.table("What changes for medicines", columns, [_difference(one) for one in found]))
    if changed:
        columns = [html.Column("Gene", 20), html.Column("Now", 38), html.Column("Then", 42)]
        html.show(html.table("What changes for genes", columns, [_gene(*pair) for pair in changed]))
    _enzymes(after, {effect for one in found for part in (one.before, one.after) if part for effect in part.effects})
    if not found and not changed:
        html.show(html.sentence(NO_CHANGE))


def _enzymes(found: Medicines, said: Collection[str] = ()) -> None:
    """What acts on enzymes beside the genes, unless it is said already."""
    for sentence in found.enzymes:
        if sentence not in said:
            html.show(html.note(sentence))


def _difference(one: Difference) -> tuple[html.Text, ...]:
    return html.strong(one.name), _state(one.before, "Not taken"), _state(one.after, "Not taken any more")


def _state(one: ListedMedicine | None, absent: str) -> html.Html:
    if one is None:
        return html.tag("span", absent, cls="quiet")
    title = one.leading.title if one.leading else medicines_words.no_gene(one)
    when = medicines_words.only_if(one)
    unsafe = medicines_words.NOT_SAFE if one.word == "No guidance" else ""
    words = " ".join(filter(None, (f"{title}.", when, unsafe, *one.effects)))
    return html.join(html.chip(level_of(one.word), one.word), html.tag("span", words, cls="qualifier"))


def _gene(before: GeneRow, after: GeneRow) -> tuple[html.Text, ...]:
    return html.strong(after.call.gene), _result(before), _result(after)


def _result(row: GeneRow) -> html.Html:
    name = medicines_words.diplotypes(row.call)
    if not name and not row.phenotype:
        return html.chip(0, "Not determined")
    return result(row) if row.call.presence else html.join(html.strong(name), " ", result(row))


def _reset() -> None:
    nothing = {
        ADD: [],
        WITHOUT: [],
        SMOKING: AS_RECORDED,
        EVERY: False,
    }  # a key that is gone keeps what the browser has
    for key, value in nothing.items():
        st.session_state[key] = value
