"""Who takes which medicine on the Cohort page: medicines by severity, and the patients of one of them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from precision.pgx.review import IF
from precision.ui import html
from precision.ui.gene_cards import drug_guidance
from precision.ui.medicines_words import NOT_SAFE, capital
from precision.ui.severity import level_of, marked, marked_colours
from precision.ui.workspace import PATIENT
from precision.workbench import takers
from precision.workbench.disclosure import few, inside, told
from precision.workbench.memberships import Mask
from precision.workbench.roster import Roster
from precision.workbench.takers import SEVEREST_FIRST, Taken

SHOWN = 8  # medicines on the page; the others are one click away
LISTED = 25  # patients of a medicine in its dialog
ROW, IN_SIGHT = 35, 10  # px of a row; rows in sight
NUMBER = 108  # px of a column that may say 'Fewer than 5'
NOT_ON_A_RESULT = ("Not determined", "No guidance")
UNDER_A_CONDITION = "“If”: only under a condition that is not known, and less is asked for without it."


def medicines(people: Roster, kept: Mask) -> None:
    """The card: what the patients that are kept take or plan, most severe first."""
    html.show(html.card_heading("", "Medicines against the genes"))
    found = takers.members(people)
    rows = takers.who_takes(found, kept)
    if not rows:
        html.show(html.state("No data", "No medicine is recorded of a patient of this selection."))
        return
    unread = takers.unread(found, kept)
    left = f" Not counted, name not recognised: {inside(unread)}." if unread else ""
    html.show(html.note(f"Taken or planned, most severe first; each patient by the most cautious advice.{left}"))
    with st.container(gap="xsmall", key="cohort_rules_medicines"):
        for row in rows[:SHOWN]:
            _row(people, row, kept)
    if len(rows) > SHOWN and st.button(
        f"All {len(rows)} medicines", icon=":material/list:", type="tertiary", key="cohort_all_medicines"
    ):
        _every(rows)


def _row(people: Roster, row: Taken, kept: Mask) -> None:
    what = html.tag("div", html.tag("h3", capital(row.drug)), html.note(_others(row)), cls="what")
    many = html.tag(
        "span",
        html.strong(told(row.counts[row.word])),
        "" if few(row.people) else f" of {row.people:,} people",
    )
    says = html.tag("div", many, cls="says")
    with st.container(horizontal=True, wrap=False, vertical_alignment="top", gap="xsmall"):
        html.show(html.tag("div", html.tag("div", html.chip(level_of(row.word), row.word)), what, says, cls="action"))
        if st.button("Show", type="tertiary", key=f"cohort_medicine_{row.drug}", width="content"):
            _open(people, row, kept)


def _others(row: Taken) -> str:
    """On how sure a result the word rests, then the others: '2 by the reported result, 1 by ... Monitor 5'."""
    certain, count = row.certain.get(row.word, 0), row.counts[row.word]
    some = f"{told(certain)} by the reported result, {inside(count - certain)}" if certain else "All"
    sure = f"{some} by one of several possible results." if certain < count else ""
    others = [f"{word}: {inside(count)}" for word, count in row.counts.items() if word != row.word]
    return " ".join(filter(None, ("" if row.word in NOT_ON_A_RESULT else sure, ", ".join(others))))


@st.dialog("All medicines", width="large")
def _every(rows: Sequence[Taken]) -> None:
    words = [word for word in SEVEREST_FIRST if any(row.counts.get(word) for row in rows)]
    shown = pd.DataFrame(
        {
            "Most cautious": [[marked(row.word)] for row in rows],
            "Medicine": [capital(row.drug) for row in rows],
            "People": [told(row.people) for row in rows],
            **{word: [told(row.counts.get(word, 0)) for row in rows] for word in words},
        }
    )
    options, colours = marked_colours(SEVEREST_FIRST)
    st.dataframe(
        shown,
        hide_index=True,
        row_height=ROW,
        height=ROW * (1 + min(len(shown), IN_SIGHT)) + 1,
        alt="Medicines of this selection, how many take or plan them, and how many with each word",
        column_config={
            "Most cautious": st.column_config.MultiselectColumn(options=options, color=colours, width=150),
            "Medicine": st.column_config.TextColumn(width=160),
            **{name: st.column_config.TextColumn(width=NUMBER, alignment="right") for name in ("People", *words)},
        },
        key="cohort_medicines_rows",
    )
    html.show(html.note(f"No guidance: no body speaks of this result. {NOT_SAFE}"))
    if any(word.endswith(IF) for word in words):
        html.show(html.note(UNDER_A_CONDITION))
    names = [row.drug for row in rows]
    chosen = st.selectbox("Guidance for", names, format_func=capital, key="cohort_guidance_for", width=300)
    drug_guidance(chosen)


def _open(people: Roster, row: Taken, kept: Mask) -> None:
    """A dialog with the patients who take a medicine, and what is known of it."""
    st.dialog(capital(row.drug), width="large")(_medicine)(people, row, kept)


def _medicine(people: Roster, row: Taken, kept: Mask) -> None:
    patients, guidance = st.tabs(["Patients", "Guidance"], key="cohort_medicine_tabs")
    with patients:
        _patients(people, row, kept)
    with guidance:
        drug_guidance(row.drug)


def _patients(people: Roster, row: Taken, kept: Mask) -> None:
    word = st.segmented_control(
        "Advice",
        tuple(row.counts),
        default=row.word,
        required=True,
        format_func=lambda word: f"{word} {row.counts[word]:,}",
        key=f"cohort_word_{row.drug}",
    )
    found = takers.takers(takers.members(people), row, word, kept, people.assessment.features.ids)
    html.show(html.sentence(f"{len(found):,} of {row.people:,} people taking or planning {row.drug}: {word}."))
    if word == "No guidance":
        html.show(html.note(NOT_SAFE))
    if word.endswith(IF):
        html.show(html.note(UNDER_A_CONDITION))
    options, colours = marked_colours((word,))
    first = found.head(LISTED)
    shown = pd.DataFrame({"Advice": [[marked(word)]] * len(first), "Patient": first["patient"]})
    if word not in NOT_ON_A_RESULT:
        told = takers.results(people, row.drug, first["patient"].tolist())
        unsure = ["" if sure else f", {takers.UNSURE}" for sure in first["certain"]]
        shown["Result"] = [f"{result}{doubt}" for result, doubt in zip(told, unsure, strict=True)]
    event = st.dataframe(
        shown,
        key=f"cohort_takers_{row.drug}_{word}",
        on_select="rerun",
        selection_mode="single-row-required",
        hide_index=True,
        row_height=ROW,
        height=ROW * (1 + min(len(shown), IN_SIGHT)) + 1,
        alt=f"Patients taking {row.drug} with the advice {word}",
        column_config={"Advice": st.column_config.MultiselectColumn(options=options, color=colours, width=150)},
    )
    chosen = [str(shown["Patient"].iloc[at]) for at in event["selection"]["rows"]]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if st.button("Open medicines", type="primary", key="cohort_open_medicines", disabled=len(chosen) != 1):
            st.switch_page("pages/medicines.py", query_params={PATIENT: chosen[0]})
        more = f"First {LISTED} of {len(found):,} by identifier" if len(found) > LISTED else f"{len(found):,} in all"
        html.show(html.note(f"{chosen[0]} chosen. {more}" if chosen else more), width="content")
