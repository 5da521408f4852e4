"""The parts of the Worklist page: the filters, the ranked list, what is loaded, and the demonstrations."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.elements.lib.column_types import ColumnConfig

from precision.knowledge.table import sources
from precision.ui import chrome, html
from precision.ui.severity import WORDS, level_of, marked, marked_colours, severity
from precision.ui.workspace import PATIENT, Workspace, forget

ALL = "All"
PRIORITY, SEARCH, PAGE, TABLE = "worklist_priority", "worklist_search", "worklist_page", "worklist_table"
ROWS, MORE_ROWS = 12, 16  # of a page, beside demonstrations and without them
HEIGHT, HEADER = 37, 34  # px of a row, of the header with the frame
PAGER = 330  # px of the page numbers; they hide each other where they must fit their content
DOMAINS_SHOWN = 2
KINDS = ("Avoid", "Change", "Monitor")  # words that are one filter with or without a dose or a condition
SEARCHED = ["patient", "why", "domains"]
DEMONSTRATIONS = (  # patient of the sample cohort, title, story
    ("P-00013", "Statin or not", "A risk in the middle, what makes it so, and what each treatment would gain."),
    ("P-00011", "One inhibitor, three medicines", "Paroxetine makes a normal metaboliser poor: which doses still fit?"),
    ("P-00014", "Cholesterol never measured", "What cannot be estimated, why, and the one value that is missing."),
)


def heading(space: Workspace) -> None:
    """The title, what kind of people these are, and the way back from an uploaded cohort."""
    with chrome.title("Worklist", right=_kinds(space)):
        if space.uploaded and st.button("Return to the demo cohort", icon=":material/undo:", key="worklist_return"):
            forget()
            st.rerun()


def _kinds(space: Workspace) -> tuple[html.Html, ...]:
    """Whose data these are: 'Synthetic demo cohort', 'Uploaded cohort', or the name of the served one."""
    if space.uploaded:
        made = (html.badge("Synthetic", "science"),) if space.synthetic else ()
        return (*made, html.badge("Uploaded cohort, in this session only", "upload_file"))
    if space.synthetic:
        return (html.badge("Synthetic demo cohort", "science"),)
    return (html.badge(space.assessment.cohort.name),)


def filters(space: Workspace) -> pd.DataFrame:
    """Priority and search; the rows of the worklist that fit."""
    rows = space.worklist
    groups = rows["priority"].map(_group)
    words = list(dict.fromkeys(groups))
    counts = groups.value_counts()
    labels = {ALL: f"All {len(rows):,}"}
    labels |= {word: f":material/{severity(level_of(word)).icon}: {word} {counts[word]:,}" for word in words}
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="worklist_filters"):
        word = st.segmented_control(
            "Priority",
            [ALL, *words],
            default=ALL,
            required=True,
            format_func=labels.__getitem__,
            key=PRIORITY,
            label_visibility="collapsed",
            on_change=_first_page,
            wrap=True,
        )
        text = st.text_input(
            "Find",
            placeholder="Find patient or reason",
            icon=":material/search:",
            key=SEARCH,
            label_visibility="collapsed",
            on_change=_first_page,
            width=280,
        )
        html.show(_need(space))
    if word in words:
        rows = rows[groups == word]
    if text:
        found = rows[SEARCHED].apply(lambda cells: cells.str.contains(text.strip(), case=False, regex=False))
        rows = rows[found.any(axis=1)]
    return rows


def _group(word: str) -> str:
    """The filter that a word belongs to: 'Change' holds 'Change dose' and 'Change dose if' too."""
    return next((kind for kind in KINDS if word.split()[0] == kind), word)


def columns() -> list[DeltaGenerator]:
    """Three quarters for the list, one for what it rests on."""
    return st.columns([3, 1], gap="medium")


def listing(space: Workspace, rows: pd.DataFrame) -> None:
    """The chosen page of the list, and the button that opens the selected patient."""
    if rows.empty:
        _nobody(space)
        return
    size = ROWS if _stories(space) else MORE_ROWS
    pages = math.ceil(len(rows) / size)
    page = min(int(st.session_state.get(PAGE) or 1), pages)
    part = rows.iloc[(page - 1) * size : page * size].reset_index(drop=True)
    _stacked(part)
    event = st.dataframe(
        _shown(part),
        key=f"{TABLE}_{page}_{len(rows)}",
        hide_index=True,
        height=HEIGHT * len(part) + HEADER,
        row_height=HEIGHT,
        on_select="rerun",
        selection_mode="single-cell",
        selection_default={"selection": {"cells": [(0, "Patient")]}},
        column_config=_columns(),
    )
    cells = event["selection"]["cells"]
    row = part.iloc[cells[0][0] if cells else 0]
    patient = str(row["patient"])
    html.show(_in_full(row))
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="worklist_foot"):
        if st.button(
            f"Open {html.plain(patient)}", type="primary", icon=":material/arrow_forward:", key="worklist_open"
        ):
            st.session_state[PATIENT] = patient
            st.switch_page("pages/patient.py", query_params={PATIENT: patient})
        first = (page - 1) * size + 1
        html.show(html.note(f"{first:,} to {first + len(part) - 1:,} of {len(rows):,}, most severe first"))
        if pages > 1:
            st.pagination(pages, key=PAGE, width=PAGER)


def _in_full(row: pd.Series) -> html.Html:
    """The chosen row without anything cut off: a cell of the table has one line."""
    who = html.strong(f"{row['patient']}, {_age_sex(float(row['age']), str(row['sex']))}")
    return html.tag("div", html.sentence(who, f": {row['why']}. {row['domains']}."), cls="worklist-full")


def _stacked(part: pd.DataFrame) -> None:
    """The same rows as a list, in place of the table on a phone (style.css)."""
    with st.container(key="worklist_stacked", gap="xsmall"):
        ages = [_age_sex(age, sex) for age, sex in zip(part["age"], part["sex"], strict=True)]
        cells = zip(part["patient"], ages, part["priority"], part["why"], strict=True)
        for number, (patient, age, word, why) in enumerate(cells):
            with chrome.card(key=f"worklist_row_{number}"):
                who = html.strong(f"{patient}, {age}")
                html.show(html.join(html.remark(word, who), html.sentence(why)))
                _link(patient)


def _age_sex(age: float, sex: str) -> str:
    return " ".join(filter(None, ("" if math.isnan(age) else f"{math.floor(age)}", sex))) or "not recorded"


def loaded(space: Workspace) -> None:
    """How many patients have what recorded, and the versions of the knowledge that judges them."""
    with chrome.card():
        rows = [html.Row("Cohort", space.assessment.cohort.name)]
        rows += [html.Row(label, f"{count:,}") for label, count in space.loaded]
        html.show(html.join(html.card_heading("", "Loaded"), html.values(rows)))
        with st.popover("Knowledge and models", type="tertiary", key="worklist_knowledge"):
            _knowledge(space)
        st.page_link("pages/upload.py", label="Load your own tables", icon=":material/upload_file:")


def _knowledge(space: Workspace) -> None:
    tables = [(source.name, f"version {source.version}", source.url) for source in sources()]
    papers = {}  # variants of one model share a publication
    for found in space.assessment.results.values():
        papers.setdefault(found.citation, found.label)
    models = [(label, paper.text, paper.url) for paper, label in papers.items()]
    for heading, rows in (("Knowledge tables", tables), ("Models", models)):
        html.show(html.heading(heading, level=3))
        html.show(html.join(*(html.source(f"{name}, {detail}", url) for name, detail, url in rows)))


def data_quality(space: Workspace) -> None:
    """What is doubtful or missing, each with its reason."""
    with chrome.card():
        rows = [html.Row("Quarantined rows", f"{space.quarantined:,}")] if space.uploaded else []
        rows += [html.Row(item.label, f"{item.count:,}") for item in space.quality]
        html.show(html.join(html.card_heading("", "Data quality"), html.values(rows)))
        details = [item for item in space.quality if item.count and item.detail]
        if details:
            with st.popover("Reasons", type="tertiary", key="worklist_reasons"):
                for item in details:
                    html.show(html.join(html.heading(item.label, level=3), html.note(item.detail)))


def demonstrations(space: Workspace) -> None:
    """Patients with a story that this release can tell; only in the demo cohort."""
    shown = _stories(space)
    if not shown:
        return
    chrome.section("Demonstrations")
    for place, (patient, title, story) in zip(st.columns(len(shown)), shown, strict=True):
        with place, chrome.card():
            html.show(html.join(html.card_heading("", title), html.note(story)))
            _link(patient)


def _link(patient: str) -> None:
    st.page_link(
        "pages/patient.py",
        label=f"Open {html.plain(patient)}",
        icon=":material/arrow_forward:",
        query_params={PATIENT: patient},
    )


def _stories(space: Workspace) -> list[tuple[str, str, str]]:
    return [row for row in DEMONSTRATIONS if not space.uploaded and space.has(row[0])]


def _first_page() -> None:
    st.session_state[PAGE] = 1


def _need(space: Workspace) -> html.Html:
    total = len(space.assessment.cohort)
    return html.sentence(html.strong(f"{len(space.worklist):,}"), f" of {total:,} patients need attention")


def _nobody(space: Workspace) -> None:
    with chrome.card():
        if len(space.worklist):
            html.show(html.state("No match", "No patient on the worklist matches these filters."))
            st.button("Clear filters", key="worklist_clear", on_click=_clear)
        elif len(space.assessment.cohort):
            sentence = (
                "No finding needs attention. Where too little is recorded nothing can be found: see Data quality."
            )
            html.show(html.state("No data", sentence))
            st.page_link("pages/cohort.py", label="Open the cohort", icon=":material/arrow_forward:")
        else:
            html.show(html.state("No data", "This cohort holds no patient."))
            st.page_link("pages/upload.py", label="Load your own tables", icon=":material/upload_file:")


def _clear() -> None:
    st.session_state[PRIORITY], st.session_state[SEARCH] = ALL, ""
    _first_page()


def _shown(part: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Priority": [[marked(word)] for word in part["priority"]],
            "Patient": part["patient"],
            "Age, sex": [_age_sex(age, sex) for age, sex in zip(part["age"], part["sex"], strict=True)],
            "Why": part["why"],
            "Domains": [_fitting(domains) for domains in part["domains"]],
            "Actions": part["actions"],
            "Data complete": 100 * part["complete"],
            "Updated": [_day(time) for time in part["updated"]],
        }
    )


def _fitting(domains: str) -> str:
    """'Heart, Kidney + 1': what fits the column; all of them stand under the table."""
    first, *others = domains.split(", ")
    if len(others) < DOMAINS_SHOWN:
        return domains
    return f"{', '.join((first, *others[: DOMAINS_SHOWN - 1]))} + {len(others) + 1 - DOMAINS_SHOWN}"


def _day(time: pd.Timestamp) -> str:
    return "Undated" if pd.isna(time) else f"{time.day} {time:%b %Y}"


def _columns() -> dict[str, ColumnConfig]:
    config = st.column_config
    options, colours = marked_colours(tuple(word for word in WORDS if severity(WORDS[word]).place < 7))
    return {
        "Priority": config.MultiselectColumn("Priority", options=options, color=colours, width=118),
        "Patient": config.TextColumn("Patient", width=78),
        "Age, sex": config.TextColumn("Age, sex", width=58),
        "Why": config.TextColumn("Why", width=392),
        "Domains": config.TextColumn("Domains", width=136),
        "Actions": config.NumberColumn("Actions", width=58),
        "Data complete": config.ProgressColumn("Data complete", min_value=0, max_value=100, format="%d%%", width=92),
        "Updated": config.TextColumn("Updated", width=86),
    }
