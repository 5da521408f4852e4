"""The list of patients on the Cohort page: a page at a time, sorted on the server, to open or to compare."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from precision.ui import html
from precision.ui.cohort_filters import ORDER, PAGE, first_page, keep
from precision.ui.identity import GROUPINGS
from precision.ui.severity import marked, marked_colours
from precision.ui.workspace import PATIENT
from precision.workbench.comparison import FEWEST, MOST, compare, finding_of, range_or_reason
from precision.workbench.listing import frame, on_page, pages
from precision.workbench.memberships import Mask
from precision.workbench.query import level_word
from precision.workbench.risks import capital
from precision.workbench.roster import NO_ACTION, ORDERS, Roster, Rows, ordered

PAGER = 330  # px of the page numbers; they hide each other where they must fit their content
ROW, IN_SIGHT = 35, 12  # px of a row; rows in sight, the others of a page are scrolled to
PRIORITIES = (
    *("Act now", "Avoid", "Avoid if", "Review", "Change", "Change dose", "Change if", "Change dose if"),
    *("Not estimated", "Out of range", "Not determined", "Discuss", "Monitor", "Monitor if", "Suitable", "Standard"),
    "No guidance",
)
NONE = f"○ {NO_ACTION}"
LONGEST = (2, 5, 10, 20, 40)  # percent; the bar of a higher risk is full too
REASON, MISSING = "Range or reason", "missing"
MEASURED = {"Systolic, mmHg": "systolic_bp", "LDL, mg/dL": "ldl_cholesterol", "HDL, mg/dL": "hdl_cholesterol"}
# Orders that a click on a column's heading goes through.
HEADINGS = {
    "Priority": ("Most urgent first",),
    "Patient": ("As loaded",),
    "Age": ("Oldest first", "Youngest first"),
    "Systolic, mmHg": ("Highest systolic pressure first",),
    "LDL, mg/dL": ("Highest LDL cholesterol first",),
}
BY_RISK = ("Highest risk first", "Lowest risk first")


@st.fragment
def patients(people: Roster, kept: Mask) -> None:
    """The list, a page at a time: sort, open, compare. Only this part runs again when a row or page is chosen."""
    line = st.container(horizontal=True, vertical_alignment="center", gap="small", key="cohort_list")
    with line:
        head = st.container()
        order = st.selectbox(
            "Sort by",
            tuple(ORDERS),
            key=ORDER,
            on_change=first_page,
            bind="query-params",
            label_visibility="collapsed",
            width=250,
        )
    rows, body, foot = ordered(people, kept, order), st.container(), st.container(key="cohort_foot")
    with foot, st.container(horizontal=True, vertical_alignment="center", gap="small"):
        buttons = st.container(horizontal=True, vertical_alignment="center", gap="small")
        if st.session_state.get(PAGE, 1) > pages(rows):
            first_page()
        number = st.pagination(pages(rows), key=PAGE, bind="query-params", width=PAGER)
    here = on_page(rows, number)
    with head:
        note = f"{here.start + 1:,} to {here.stop:,} of {len(rows):,}, {order[:1].lower()}{order[1:]}"
        html.show(html.heading("Patients", right=(note,), level=2))
    with body:
        chosen = _table(people, rows[here], f"{order}-{number}-{hash(rows[here].tobytes())}")
    with buttons:
        _buttons(people, chosen)
    keep()


def _table(people: Roster, rows: Rows, key: str) -> tuple[str, ...]:
    """One page of the list; the patients that are ticked in it."""
    bar, key = _bar(people), f"cohort_rows-{people.risk.code}-{key}"
    shown = _shown(people, rows, f"0 to {bar}%" if bar else "")
    options, colours = marked_colours(PRIORITIES)
    event = st.dataframe(
        shown,
        key=key,
        on_select=partial(_sort_by_heading, key, people.risk.title),
        selection_mode=("multi-row", "single-column"),
        hide_index=True,
        height=ROW * (1 + min(len(shown), IN_SIGHT)) + 1,
        row_height=ROW,
        alt="Patients of this page; tick two to four to compare them",
        column_config={
            "Priority": st.column_config.MultiselectColumn(
                options=[*options, NONE], color=[*colours, "gray"], width=118
            ),
            "Patient": st.column_config.TextColumn(width=82),
            "Age": st.column_config.TextColumn(alignment="right", width=60),
            "Sex": st.column_config.TextColumn(width=65),
            GROUPINGS[people.grouping]: st.column_config.TextColumn(width=130),
            people.risk.title: st.column_config.TextColumn(alignment="right", width=105),
            REASON: st.column_config.TextColumn(width=430),
            f"0 to {bar}%": st.column_config.ProgressColumn(min_value=0, max_value=bar or 1, format=" ", width=90),
            **{
                name: st.column_config.TextColumn(alignment="right", width=108 if "mmHg" in name else 88)
                for name in MEASURED
            },
        },
    )
    return tuple(str(shown["Patient"].iloc[row]) for row in event["selection"]["rows"])


def _bar(people: Roster) -> int:
    """Percent at which the bar of a risk ends, by the highest of the cohort; 0 for what has no bar."""
    if people.risk.kind != "risk":
        return 0
    highest = 100 * np.nanmax(people.column("risk"), initial=0.0)
    return next((end for end in LONGEST if highest <= end), LONGEST[-1]) if highest else 0


def _shown(people: Roster, rows: Rows, bar: str) -> pd.DataFrame:
    table = frame(people, rows)
    found = [finding_of(people, patient) for patient in table["patient_id"]]
    words = {word: marked(word) for word in PRIORITIES} | {NO_ACTION: NONE}
    return pd.DataFrame(
        {
            "Priority": [[words[word]] for word in table["priority"]],
            "Patient": table["patient_id"],
            people.risk.title: [capital(finding.text) for finding in found],
            **({bar: 100 * table["risk"]} if bar else {}),
            "Age": _whole(np.floor(table["age"])),
            "Sex": table["sex"].str.capitalize().replace("", MISSING),
            GROUPINGS[people.grouping]: [
                level_word(people.grouping, level) if level else MISSING for level in table[people.grouping]
            ],
            **{label: _whole(table[name]) for label, name in MEASURED.items()},
            REASON: [range_or_reason(finding, people.risk) for finding in found],
        }
    )


def _whole(values: Iterable[float]) -> list[str]:
    """Whole numbers as text, so that a missing one is as dark as the others."""
    return [MISSING if math.isnan(value) else f"{value:.0f}" for value in values]


def _sort_by_heading(key: str, risk: str) -> None:
    """A click on a heading sorts the whole list, not only the page in sight; a second click turns the order round."""
    columns = st.session_state[key]["selection"]["columns"]
    orders = {**HEADINGS, risk: BY_RISK}.get(str(columns[0]), ()) if columns else ()
    if orders:
        now = st.session_state.get(ORDER)
        st.session_state[ORDER] = orders[(orders.index(now) + 1) % len(orders)] if now in orders else orders[0]
        first_page()


def _buttons(people: Roster, chosen: tuple[str, ...]) -> None:
    if st.button("Open patient", type="primary", key="cohort_open", disabled=len(chosen) != 1):
        st.switch_page("pages/patient.py", query_params={PATIENT: chosen[0]})
    if st.button(
        "Compare selected",
        icon=":material/compare_arrows:",
        key="cohort_compare",
        disabled=not FEWEST <= len(chosen) <= MOST,
    ):
        _comparison(people, chosen)
    ticked = f"{len(chosen)} ticked" if chosen else "Tick one patient to open, two to four to compare"
    html.show(html.note(ticked), width="content")


@st.dialog("Compare patients", width="large")
def _comparison(people: Roster, chosen: tuple[str, ...]) -> None:
    width = 76 / len(chosen)
    columns = (html.Column("Fact", 24), *(html.Column(patient, width) for patient in chosen))
    rows = [(html.lines(fact.label), *fact.values) for fact in compare(people, chosen)]
    html.show(html.table("Patients side by side", columns, rows))
    html.show(html.source(f"Risk by {people.result.label}: {people.result.citation.text}", people.result.citation.url))
