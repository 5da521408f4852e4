"""The filters of the Cohort page: widgets that live in the address, how they are kept, cleared and passed on."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

import streamlit as st

from precision import wording
from precision.schema import variables
from precision.ui import html
from precision.ui.workspace import Workspace
from precision.workbench import query
from precision.workbench.query import ALL_AGES, ALL_RISKS, Filter
from precision.workbench.roster import ORDERS, Mask, Roster, groups, ordered, recordable, write_csv, write_definition

ALL = "all"
SEX, AGE, RISK, RECORDED, GROUP, STATE = FILTERS = (
    ("cohort_sex", "cohort_age", "cohort_risk", "cohort_recorded", "cohort_group", "cohort_state")
)  # fmt: skip
ORDER, PAGE = "cohort_order", "cohort_page"
KEYS = (*FILTERS, ORDER, PAGE)
KEPT = "cohort_filters_kept"
RISK_STEPS = (0.0, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 1.0)
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


def filters(people: Roster) -> Filter:
    """One bordered line of filters; what they ask for."""
    with st.container(border=True, key="cohort_filters"):
        sex, age, risk = _sex(), _age(), _risk(people)
        recorded, group, state = _recorded(people), _group(people), _state()
    return Filter(
        sex="" if sex == ALL else sex,
        age=age,
        risk=risk,
        group="" if group == ALL else group,
        recorded=recorded,
        state="" if state == ALL else state,
    )


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
        f"{people.asked.horizon_years:g}-year risk",
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
        "Ancestry group",
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
