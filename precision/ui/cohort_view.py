"""The parts of the Cohort page: its heading, key figures, cards, and the list of patients."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from precision import wording
from precision.figures import cohort as figures
from precision.figures.style import CONFIG
from precision.ui import chrome, html
from precision.ui.cohort_filters import ORDER, PAGE, clear, first_page
from precision.ui.severity import marked, marked_colours
from precision.ui.workspace import PATIENT, Workspace
from precision.workbench.comparison import FEWEST, MOST, compare, range_or_reason
from precision.workbench.population import (
    FEWEST_COMPUTED,
    GUIDELINE,
    Spread,
    Stratum,
    Summary,
    decades,
    density,
    risk_groups,
    strata,
)
from precision.workbench.query import level_word
from precision.workbench.roster import NO_ACTION, ORDERS, Mask, Roster, Rows, frame, on_page, ordered, pages

PAGER = 330  # px of the page numbers; they hide each other where they must fit their content
ROW, IN_SIGHT = 35, 12  # px of a row; rows in sight, the others of a page are scrolled to
PRIORITIES = ("Act now", "Review", "Not estimated", "Out of range", "Discuss", "Suitable")
NONE = f"○ {NO_ACTION}"
GROUPED = {"ancestry": "Self-reported group.", "ancestry_group": "Group by genetic similarity."}
FEW = "Fewer than 5"
LONGEST = 40  # percent; the bar of a higher risk is full too
RISK, BAR = "10-year risk", f"0 to {LONGEST}%"
# Orders that a click on a column's heading goes through.
HEADINGS = {
    "Priority": ("Most urgent first",),
    "Patient": ("As loaded",),
    "Age": ("Oldest first", "Youngest first"),
    RISK: ("Highest risk first", "Lowest risk first"),
    "Systolic, mmHg": ("Highest systolic pressure first",),
    "LDL, mg/dL": ("Highest LDL cholesterol first",),
}


def heading(space: Workspace) -> DeltaGenerator:
    """Title line: what cohort this is; buttons are added to what it returns."""
    cohort = space.assessment.cohort
    kind = html.badge("Synthetic", "science") if space.synthetic else html.badge("Uploaded", "upload_file")
    tables = f"{cohort.name}, {len(cohort.tables)} table{'s' * (len(cohort.tables) > 1)}"
    shown = (kind, html.badge(tables)) if space.synthetic or space.uploaded else (html.badge(tables),)
    return chrome.title("Cohort", shown)


def nobody() -> None:
    """Instead of the page where the cohort is empty."""
    with st.container(border=True, gap="small", key="cohort_empty"):
        html.show(html.state("No data", "This cohort holds no patients. Load a table to see one."))
        if st.button("Upload a table", icon=":material/upload_file:", key="cohort_upload"):
            st.switch_page("pages/upload.py")


def no_match(words: Sequence[str]) -> None:
    """Instead of cards and list where the filters leave nobody."""
    with st.container(border=True, key="cohort_no_match"):
        html.show(html.state("No match", f"No patient matches {', '.join(words)}. Widen or clear a filter."))


def strip(people: Roster, found: Summary, filtered: bool) -> None:
    """Five figures with their spread, and the way back to everybody."""
    total = len(people)
    missing = sum(found.not_estimated.values())
    items = (
        html.Count("Patients", f"{found.patients:,}", f"of {total:,}"),
        html.Count("Median age, years", _number(found.age.median), _years(found.age)),
        html.Count(f"Median {people.asked.horizon_years:g}-year risk", *_percents(found.risk)),
        html.Count("Need attention", f"{found.attention:,}", _share(found.attention, found.patients)),
        html.Count("Not estimated", f"{missing:,}", _states(found), level=0),
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="cohort_strip"):
        html.show(html.counts(items))
        st.button(
            "Clear filters",
            icon=":material/close:",
            type="tertiary",
            key="cohort_clear",
            on_click=clear,
            disabled=not filtered,
        )


def _reasons(found: Summary) -> None:
    html.show(html.note("Why no estimate. A patient can have several reasons."))
    html.show(
        html.values([html.Row(_capital(wording.short_reason(code)), f"{n:,}") for code, n in found.reasons.items()])
    )


def _capital(text: str) -> str:
    """Upper case at the beginning, abbreviations such as eGFR kept."""
    return text if text[1:2].isupper() else text[:1].upper() + text[1:]


def cards(people: Roster, kept: Mask, found: Summary) -> None:
    """Risk by age, risk groups and ancestry groups of the patients that are kept."""
    grid = st.grid(3, min_column_width=300, border=True)
    with grid.cell():
        _by_age(people, kept)
    with grid.cell():
        _by_risk(people, kept, found)
    with grid.cell():
        _by_stratum(people, kept)


def _by_age(people: Roster, kept: Mask) -> None:
    html.show(html.card_heading("", "Risk by age"))
    cells = density(people, kept)
    if cells is None:
        html.show(html.state("Not estimated", "No patient of this selection has an estimate."))
        return
    html.show(html.note("Patients in each cell, counted on the server. Dashed: median."))
    st.plotly_chart(
        figures.risk_by_age(cells), config=CONFIG, key="cohort_figure_age", alt=figures.risk_by_age_alt(cells)
    )
    with st.popover("As a table", type="tertiary", key="cohort_table_age"):
        html.show(html.table("Risk by age", _columns("Age, years"), [_stratum(row) for row in decades(people, kept)]))


def _by_risk(people: Roster, kept: Mask, found: Summary) -> None:
    bands, missing = risk_groups(people, kept), sum(found.not_estimated.values())
    html.show(html.card_heading("", "Risk groups"))
    html.show(html.note("Patients and their share of this selection."))
    st.plotly_chart(
        figures.risk_groups(bands, missing),
        config=CONFIG,
        key="cohort_figure_groups",
        alt=figures.risk_groups_alt(bands, missing),
    )
    with st.container(horizontal=True, gap="small"):
        with st.popover("As a table", type="tertiary", key="cohort_table_groups"):
            total = sum(band.count for band in bands) + missing
            rows = [(html.lines(band.name, band.range), figures.share(band.count, total)) for band in bands]
            rows.append((html.lines(figures.NOT_ESTIMATED), figures.share(missing, total)))
            html.show(html.table("Risk groups", (html.Column("Group", 60), html.Column("Patients", 40, "right")), rows))
            html.show(html.source(GUIDELINE.text, GUIDELINE.url))
        if missing:
            with st.popover("Why not estimated", type="tertiary", key="cohort_why_not"):
                _reasons(found)


def _by_stratum(people: Roster, kept: Mask) -> None:
    html.show(html.card_heading("", "By ancestry group"))
    unused = people.grouping not in people.result.inputs
    html.show(html.note(GROUPED[people.grouping], f" {people.result.label} does not use it." if unused else ""))
    html.show(html.table("By ancestry group", _columns("Group"), [_stratum(row) for row in strata(people, kept)]))
    html.show(html.note("No observed events are recorded, so how well the estimates fit each group is not known."))


def _columns(first: str) -> tuple[html.Column, ...]:
    return (html.Column(first, 32), html.Column("Patients", 34, "right"), html.Column("Median risk", 34, "right"))


def _stratum(row: Stratum) -> tuple[html.Text, ...]:
    name = html.tag("b", row.name)
    if row.patients is None or row.risk is None:
        return name, FEW, "not shown"
    patients = _cell(f"{row.patients:,}", f"{row.risk.count:,} estimated")
    if row.risk.count < FEWEST_COMPUTED:
        return name, patients, _cell("not computed", f"under {FEWEST_COMPUTED}")
    return name, patients, _cell(*_percents(row.risk))


def _cell(figure: str, qualifier: str) -> html.Html:
    return html.join(figure, html.tag("span", qualifier, cls="qualifier"))


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


def _table(people: Roster, rows: Rows, key: str) -> tuple[str, ...]:
    """One page of the list; the patients that are ticked in it."""
    shown, key = _shown(people, rows), f"cohort_rows-{key}"
    options, colours = marked_colours(PRIORITIES)
    event = st.dataframe(
        shown,
        key=key,
        on_select=partial(_sort_by_heading, key),
        selection_mode=("multi-row", "single-column"),
        hide_index=True,
        height=ROW * (1 + min(len(shown), IN_SIGHT)) + 1,
        row_height=ROW,
        placeholder="missing",
        alt="Patients of this page; tick two to four to compare them",
        column_config={
            "Priority": st.column_config.MultiselectColumn(options=[*options, NONE], color=[*colours, "gray"]),
            "Patient": st.column_config.TextColumn(),
            "Age": st.column_config.NumberColumn(format="%d"),
            RISK: st.column_config.TextColumn(alignment="right"),
            BAR: st.column_config.ProgressColumn(min_value=0, max_value=LONGEST, format=" ", width=110),
            "Systolic, mmHg": st.column_config.NumberColumn(format="%.0f", width=110),
            "LDL, mg/dL": st.column_config.NumberColumn(format="%.0f", width=90),
            "HDL, mg/dL": st.column_config.NumberColumn(format="%.0f", width=90),
        },
    )
    return tuple(str(shown["Patient"].iloc[row]) for row in event["selection"]["rows"])


def _shown(people: Roster, rows: Rows) -> pd.DataFrame:
    table = frame(people, rows)
    found = [
        people.result.finding(patient, people.asked.outcome, people.asked.horizon_years)
        for patient in table["patient_id"]
    ]
    words = {word: marked(word) for word in PRIORITIES} | {NO_ACTION: NONE}
    return pd.DataFrame(
        {
            "Priority": [[words[word]] for word in table["priority"]],
            "Patient": table["patient_id"],
            "Age": np.floor(table["age"]),
            "Sex": table["sex"].str.capitalize().replace("", None),
            "Ancestry group": [
                level_word(people.grouping, level) if level else None for level in table[people.grouping]
            ],
            "Systolic, mmHg": table["systolic_bp"],
            "LDL, mg/dL": table["ldl_cholesterol"],
            "HDL, mg/dL": table["hdl_cholesterol"],
            RISK: [finding.text for finding in found],
            BAR: 100 * table["risk"],
            "Range or reason": [range_or_reason(finding) for finding in found],
        }
    )


def _sort_by_heading(key: str) -> None:
    """A click on a heading sorts the whole list, not only the page in sight; a second click turns the order round."""
    columns = st.session_state[key]["selection"]["columns"]
    orders = HEADINGS.get(str(columns[0]), ()) if columns else ()
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


def _number(value: float) -> str:
    return "not known" if np.isnan(value) else f"{value:.0f}"


def _years(found: Spread) -> str:
    return "" if np.isnan(found.low) else f"{found.low:.0f} to {found.high:.0f}"


def _percents(found: Spread) -> tuple[str, str]:
    """Median and middle half: '8.7%', '6.4% to 13.1%'."""
    if np.isnan(found.median):
        return wording.percent(found.median), ""
    return wording.percent(found.median), f"{wording.percent(found.low)} to {wording.percent(found.high)}"


def _share(count: int, total: int) -> str:
    return figures.portion(count, total) if count else ""


def _states(found: Summary) -> str:
    words = {"missing": "input missing", "out_of_range": "out of range", "not_applicable": "not applicable"}
    return ", ".join(f"{words[status]} {count:,}" for status, count in found.not_estimated.items())


def sources(people: Roster) -> None:
    """Which risk this page shows, by whom, and what it does not show yet."""
    asked, cited = people.asked, people.result.citation
    outcome = f"{asked.label[:1].lower()}{asked.label[1:]} within {asked.horizon_years:g} years"
    html.show(html.note(f"Risk of {outcome} by {people.result.label}, which publishes no interval."))
    html.show(html.source(cited.text, cited.url))
    html.show(html.note("Filters by gene result, medicine advice and tumour come with those domains."))
