"""The filters of the Cohort page: widgets that live in the address, how they are kept, cleared and passed on."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

import streamlit as st

from precision import wording
from precision.pgx.definitions import genes
from precision.schema import variables
from precision.ui import html
from precision.ui.cohort_codes import ALL, coded, drop, put, restore
from precision.ui.identity import GROUPINGS
from precision.ui.workspace import Workspace
from precision.workbench import query
from precision.workbench.dueness import ALL_DUE, OVERDUE, known_rules
from precision.workbench.listing import write_csv, write_definition
from precision.workbench.memberships import Mask
from precision.workbench.phenotyped import OR, phenotypes_of
from precision.workbench.query import ALL_AGES, ALL_RISKS, Filter, due_options
from precision.workbench.risks import capital
from precision.workbench.roster import ORDERS, Roster, groups, ordered, recordable
from precision.workbench.thresholds import asking

SEX, AGE, RISK, RECORDED, GROUP, STATE = FILTERS = (
    ("cohort_sex", "cohort_age", "cohort_risk", "cohort_recorded", "cohort_group", "cohort_state")
)  # fmt: skip
MODEL, BAND, ASKS, DUE, GENE = CODED = (
    ("cohort_model", "cohort_band", "cohort_asks", "cohort_due", "cohort_gene_result")
)  # fmt: skip
ORDER, PAGE = "cohort_order", "cohort_page"
KEYS = (*CODED, *FILTERS, ORDER, PAGE)
KEPT = "cohort_filters_kept"
RISK_STEPS = (0.0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 1.0)
STATES: Mapping[str, str] = {ALL: "All", **query.STATE_WORDS}


def enter(people: Roster) -> None:
    """Drop from the address what belongs to other pages; on coming back without filters, take up the last ones.

    The browser's way back leads here with the query of the page that was left and sets every filter to its default;
    only a run of its own can set them again.
    """
    foreign = [name for name in st.query_params if name not in KEYS]
    for name in foreign:
        del st.query_params[name]
    if foreign and KEPT in st.session_state:
        st.rerun()
    if any(key in st.query_params for key in KEYS):
        return
    kept = dict(st.session_state.get(KEPT, {}))
    if kept.get(GROUP) not in groups(people):
        kept.pop(GROUP, None)
    if RECORDED in kept:
        kept[RECORDED] = [name for name in kept[RECORDED] if name in recordable(people)]
    for key in CODED:
        if key in kept:
            restore(key, kept.pop(key))
    for key, value in kept.items():
        if st.session_state.get(key, value) == value:  # else the reader has just set it back to everybody
            st.session_state[key] = value


def keep() -> None:
    """Remember the filters for the time when the reader comes back from another page."""
    st.session_state[KEPT] = {key: st.session_state[key] for key in KEYS if key in st.session_state}


def first_page() -> None:
    """Go back to the first page of the list: another selection or order begins anew."""
    st.session_state[PAGE] = 1


def clear() -> None:
    """Ask for everybody again."""
    everybody = {SEX: ALL, AGE: ALL_AGES, RISK: ALL_RISKS, RECORDED: [], GROUP: ALL, STATE: ALL, PAGE: 1}
    for key, value in everybody.items():
        st.session_state[key] = value
    for key in (BAND, ASKS, DUE, GENE):
        put(key, ALL)


def filters(space: Workspace) -> tuple[Roster, Filter]:
    """One bordered block of filters; the patients by the number that is chosen, and what is asked for."""
    with st.container(border=True, key="cohort_filters"):
        people = space.asking(_model(space))
        sex, age = _sex(), _age()
        risk, band = _range(people)
        recorded, asks, due = _recorded(people), _asks(), _due(people)
        gene = _gene(people)
        group, state = _group(people), _state()
    return people, Filter(
        sex=_set(sex),
        age=age,
        risk=risk,
        group=_set(group),
        recorded=recorded,
        state=_set(state),
        band=_set(band),
        asks=_set(asks),
        due=_set(due),
        gene=_set(gene),
    )


def _set(code: str) -> str:
    return "" if code == ALL else code


def _model(space: Workspace) -> str:
    every = {code: risk.name for code, risk in space.risks.items()}
    return coded("Risk", MODEL, every, space.roster.risk.code, _another_model)


def _another_model() -> None:
    """A range or a group of one number means nothing for another one."""
    st.session_state[RISK] = ALL_RISKS
    put(BAND, ALL)
    first_page()


def _range(people: Roster) -> tuple[tuple[float, float], str]:
    """A range of a risk, else a class or a group of points."""
    if people.risk.kind != "risk":
        return ALL_RISKS, _band(people)
    drop(BAND)
    return _risk(people), ALL


def _band(people: Roster) -> str:
    words = {band.name: capital(wording.level(band.name)) for band in people.risk.bands.bands}
    return coded(people.risk.title, BAND, {ALL: "All", **words}, ALL, first_page)


def _asks() -> str:
    return coded("Asks for", ASKS, {ALL: "All", **asking()}, ALL, first_page)


def _due(people: Roster) -> str:
    """Rules by which somebody of the cohort is overdue, then those by which somebody is due."""
    keys = set(people.plan.keys)
    asked = st.query_params.get(DUE, "")
    every = {f"{which}:{name}": (name, which) for which in (OVERDUE, ALL_DUE) for name in known_rules()}
    codes = [code for code, key in every.items() if key in keys or code == asked]
    return coded("Overdue for", DUE, {ALL: "All", **due_options(codes)}, ALL, first_page)


def _gene(people: Roster) -> str:
    """Phenotypes that somebody of the cohort has, surely or as one of several."""
    here = {(gene, one) for gene, several in people.phenotypes.keys for one in several.split(OR)}
    asked = st.query_params.get(GENE, "")
    every = (
        f"{gene}:{one}"
        for gene in sorted(genes())
        for one in phenotypes_of(gene)
        if (gene, one) in here or f"{gene}:{one}" == asked
    )
    return coded("Gene result", GENE, {ALL: "All", **{code: query.gene_words(code) for code in every}}, ALL, first_page)


def ask(rule: str) -> None:
    """Leave those whom a treatment rule speaks to, for a callback."""
    put(ASKS, rule)
    first_page()


def call(due: str) -> None:
    """Leave those who are due for something, for a callback."""
    put(DUE, due)
    first_page()


def _sex() -> str:
    return st.segmented_control(
        "Sex",
        (ALL, *variables()["sex"].levels),
        default=ALL,
        required=True,
        format_func=str.capitalize,
        key=SEX,
        on_change=first_page,
        bind="query-params",
    )


def _age() -> tuple[int, int]:
    return st.slider("Age, years", *ALL_AGES, value=ALL_AGES, key=AGE, on_change=first_page, bind="query-params")


def _risk(people: Roster) -> tuple[float, float]:
    return st.select_slider(
        people.risk.title,
        RISK_STEPS,
        value=ALL_RISKS,
        format_func=lambda step: f"{100 * step:g}%",
        key=RISK,
        on_change=first_page,
        bind="query-params",
    )


def _recorded(people: Roster) -> tuple[str, ...]:
    return tuple(
        st.multiselect(
            "Diagnoses and medicines",
            recordable(people),
            format_func=wording.label,
            placeholder="Any; several mean all of them",
            key=RECORDED,
            on_change=first_page,
            bind="query-params",
        )
    )


def _group(people: Roster) -> str:
    return st.selectbox(
        GROUPINGS[people.grouping],
        (ALL, *groups(people)),
        format_func=lambda group: "All" if group == ALL else query.level_word(people.grouping, group),
        key=GROUP,
        on_change=first_page,
        bind="query-params",
    )


def _state() -> str:
    return st.selectbox(
        "Estimate",
        tuple(STATES),
        format_func=lambda state: STATES[state],
        key=STATE,
        on_change=first_page,
        bind="query-params",
    )


def copy_link(space: Workspace) -> None:
    """A button that shows the address of this selection, ready to be copied."""
    with st.popover("Copy link", icon=":material/link:", key="cohort_link"):
        html.show(html.note("Whoever opens this address on this server sees the same selection and order."))
        if space.uploaded:
            html.show(html.note("The uploaded cohort is not part of it: it lives in this browser session only."))
        given = [(key, value) for key in KEYS for value in st.query_params.get_all(key)]
        st.code(
            f"{st.context.url}?{urlencode(given)}" if given else str(st.context.url), language=None, wrap_lines=True
        )


def export(people: Roster, wanted: Filter, kept: Mask) -> None:
    """A button for what can be taken away: the patients as a table, the selection as a definition."""
    count, order = int(kept.sum()), st.session_state.get(ORDER, next(iter(ORDERS)))
    with st.popover("Export", icon=":material/download:", type="primary", key="cohort_export"):
        st.download_button(
            f"Patients, CSV ({count:,} rows)",
            lambda: write_csv(people, ordered(people, kept, order)),
            "cohort.csv",
            "text/csv",
            key="cohort_csv",
            on_click="ignore",
            icon=":material/table:",
        )
        html.show(html.note("As filtered and sorted. Ages above 90 are written as 90."))
        st.download_button(
            "Definition, JSON",
            write_definition(people, wanted, order, count),
            "cohort.json",
            "application/json",
            key="cohort_json",
            on_click="ignore",
            icon=":material/data_object:",
        )
        html.show(html.note("The filters, the order and the model, to repeat the selection."))
