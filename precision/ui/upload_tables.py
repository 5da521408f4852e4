"""The tables of the Upload page: what each column becomes, what was found, and the values that keep rows out."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from precision import wording
from precision.cohort import TABLES, WIDE
from precision.io.export import safe_csv
from precision.io.review import Review
from precision.io.roles import roles
from precision.schema import variables
from precision.ui import chrome, html
from precision.ui.severity import level_of, marked, marked_colours
from precision.ui.upload_state import Upload
from precision.ui.upload_view import counted, file_note, quarantined

NOT_USED = "Not used"
STATES = ("Mapped", "Confirm", "Fix", "Ignored")
COLUMN, BECOMES, EXAMPLES, UNIT, FILLED, STATE = (
    "Your column", "Becomes", "Examples", "Unit or coding", "Filled", "State",
)  # fmt: skip
VALUE = "Value, editable"
ROW, MAPPED_SHOWN, PROBLEMS_SHOWN, CELLS_SHOWN = 35, 14, 12, 10


def shown_table(review: Review) -> str:
    """The table whose columns are shown; asked where there are several, the one of patients first."""
    columns = review.imported.columns
    held = review.imported.counts[lambda counts: counts["file"].isin(_names(columns))]
    order = held["table"].map({table: place for place, table in enumerate(TABLES)})
    tables = list(held["file"].iloc[np.argsort(order.to_numpy(), kind="stable")])
    if len(tables) < 2:
        return tables[0] if tables else ""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        place = st.selectbox(
            "Table",
            range(len(tables)),
            format_func=lambda i: tables[i],
            key="upload_table",
            label_visibility="collapsed",
            width=300,
        )
        html.show(html.note(f"1 of {len(tables)} tables. A choice holds for the column of this name in every table."))
    return tables[place]


def mapping(upload: Upload, review: Review, chosen: str) -> None:
    """What each column of a table becomes; meaning and unit can be changed."""
    counts, columns = review.imported.counts, review.imported.columns
    if not chosen:
        return
    part = columns[_names(columns) == chosen].reset_index(drop=True)
    line = counts[counts["file"] == chosen].iloc[0]
    chrome.section(chosen, file_note(upload.size(str(part["file"].iloc[0])), int(line["rows_in"]), len(part)))
    meanings = _meanings(str(line["table"]), part)
    key = f"upload_mapping_{list(counts['file']).index(chosen)}_{upload.version}"
    st.data_editor(
        _mapped(upload, part),
        key=key,
        hide_index=True,
        row_height=ROW,
        height=_height(len(part)),
        disabled=[COLUMN, EXAMPLES, FILLED, STATE],
        column_config=_mapping_columns(list(meanings)),
        on_change=_take_mapping,
        args=(upload, part, meanings, key),
    )


def problems(review: Review) -> None:
    """What was found, per kind and column, and what will happen."""
    found, issues = review.problems, review.imported.issues
    if found.empty:
        chrome.section("Issues")
        with chrome.card():
            html.show(html.note("Nothing else was found." if review.tally.refused else "Nothing was found."))
        return
    rows = len(issues.loc[issues["row"] > 1, ["file", "sheet", "row"]].drop_duplicates())
    with chrome.section("Issues", f"{counted(len(found), 'kind')}, {counted(rows, 'row')}"):
        st.download_button(
            "Download all issues",
            lambda: safe_csv(issues, "\t"),
            "issues.tsv",
            mime="text/tab-separated-values",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
            key="upload_issues",
        )
    with chrome.card():
        more = len(found) - PROBLEMS_SHOWN
        everything = more > 0 and st.session_state.get("upload_all_issues", False)
        shown = found if everything else found.head(PROBLEMS_SHOWN)
        html.show(_problem_table(shown, review.imported.counts["file"].nunique() > 1))
        if more > 0:
            st.toggle(f"Show {more:,} more", key="upload_all_issues")


def quarantine(upload: Upload, review: Review) -> None:
    """The cells that keep rows out, to be corrected here, and the rows as a file."""
    held = review.imported.quarantine
    total = review.tally.quarantined
    if not held:
        return
    cells = review.cells
    pages = max(1, math.ceil(len(cells) / CELLS_SHOWN))
    page = min(int(st.session_state.get("upload_page") or 1), pages)
    part = cells.iloc[(page - 1) * CELLS_SHOWN : page * CELLS_SHOWN].reset_index(drop=True)
    shown = len(part.drop_duplicates(["file", "row"]))
    of = f"{shown:,} of {total:,} rows shown" if shown else f"{total:,} rows"
    chrome.section("Quarantine", f"{of}, none is used until corrected")
    if len(part):
        key = f"upload_cells_{page}_{upload.version}"
        st.data_editor(
            _cells(upload, part, several=cells["file"].nunique() > 1),
            key=key,
            hide_index=True,
            row_height=ROW,
            height=_height(len(part)),
            disabled=["File", "Row", "Patient", "Column", "Reason"],
            column_config=_cell_columns(),
            on_change=_take_cells,
            args=(upload, part, key),
        )
    else:
        html.show(html.note("No single value is wrong in these rows: they wait for a column or a coding, see Issues."))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "Check again",
            icon=":material/refresh:",
            disabled=not upload.edits,
            on_click=_check_again,
            args=(upload,),
            key="upload_check",
        )
        quarantined(review)
        if pages > 1:
            st.pagination(pages, key="upload_page")
        if upload.edits:  # last, so that no button moves when it appears
            html.show(html.note(f"{len(upload.edits):,} changed, not checked yet"), width="content")


def _height(rows: int) -> int | Literal["content"]:
    """All rows of a short table; of a long one as many as fit beside the result."""
    return "content" if rows <= MAPPED_SHOWN else ROW * (MAPPED_SHOWN + 1) + 2


def _names(columns: pd.DataFrame) -> pd.Series:
    """The name of each column's table, as counts and quarantine have it."""
    return columns["file"].where(columns["sheet"] == "", columns["file"] + " [" + columns["sheet"] + "]")


def _meanings(table: str, part: pd.DataFrame) -> dict[str, str]:
    """Label -> name of what a column of this table can become."""
    if table in WIDE:
        known = {item.label: name for name, item in variables().items()}
    else:
        known = {wording.label(name): name for name in ("patient_id", *(role.column for role in roles()[table]))}
    here = {str(label): str(name) for label, name in zip(part["label"], part["becomes"], strict=True)}
    return {NOT_USED: ""} | dict(sorted((known | here).items(), key=lambda item: item[0].casefold())) | {NOT_USED: ""}


def _mapped(upload: Upload, part: pd.DataFrame) -> pd.DataFrame:
    units = part["conversion"].where(part["conversion"] != "", part["unit"])
    codings = part["column"].map(upload.codings)
    return pd.DataFrame(
        {
            COLUMN: part["column"],
            BECOMES: part["label"],
            EXAMPLES: part["examples"],
            UNIT: codings.where(codings.notna(), units),
            FILLED: 100 * part["filled"],
            STATE: [[marked(str(state).capitalize())] for state in part["state"]],
        }
    )


def _take_mapping(upload: Upload, part: pd.DataFrame, meanings: dict[str, str], key: str) -> None:
    """Take over what was changed in the mapping table, and read again."""
    for position, cells in st.session_state[key]["edited_rows"].items():
        row = part.iloc[int(position)]
        header = str(row["column"])
        if BECOMES in cells:
            upload.mapping[header] = meanings.get(cells[BECOMES] or NOT_USED, "")
        if UNIT in cells and row["unit"]:
            unit = str(cells[UNIT] or "").partition(" to ")[0].strip()
            upload.units[header] = unit
    upload.changed()


def _take_cells(upload: Upload, part: pd.DataFrame, key: str) -> None:
    for position, cells in st.session_state[key]["edited_rows"].items():
        row = part.iloc[int(position)]
        if VALUE in cells and row["column"]:
            upload.edits[str(row["file"]), int(row["row"]), str(row["column"])] = str(cells[VALUE] or "")


def _check_again(upload: Upload) -> None:
    upload.corrections |= upload.edits
    upload.edits.clear()
    upload.changed()


def _cells(upload: Upload, part: pd.DataFrame, several: bool) -> pd.DataFrame:
    keys = zip(part["file"], part["row"], part["column"], strict=True)
    data = {
        "Row": part["row"],
        "Patient": part["patient"],
        "Column": part["column"].where(part["column"] != "", "whole row"),
        VALUE: [upload.edits.get(key, value) for key, value in zip(keys, part["value"], strict=True)],
        "Reason": part["reason"],
    }
    return pd.DataFrame(({"File": part["file"]} if several else {}) | data)


def _problem_table(found: pd.DataFrame, several: bool) -> html.Html:
    heads = [
        html.Column("State", 12),
        html.Column("Column", 18),
        html.Column("Rows", 14),
        html.Column("What was found", 28),
        html.Column("What will happen", 28),
    ]
    rows: list[tuple[html.Text, ...]] = []
    for file, state, column, rows_text, what, happens in found.itertuples(index=False):
        word = str(state).capitalize()
        whole = "whole file" if rows_text == "all" else "whole row"
        name = html.lines(column or whole, file if several else "")
        rows.append((html.chip(level_of(word), word), name, rows_text, what, html.tag("span", happens, cls="quiet")))
    return html.table("Issues", heads, rows)


def _mapping_columns(meanings: list[str]) -> dict[str, ColumnConfig | str | None]:
    config = st.column_config
    options, colours = marked_colours(STATES)
    return {
        COLUMN: config.TextColumn(COLUMN, width=145),
        BECOMES: config.SelectboxColumn(BECOMES, options=meanings, required=True, width=225),
        EXAMPLES: config.TextColumn(EXAMPLES, width=190),
        UNIT: config.TextColumn(UNIT, width=112),
        FILLED: config.ProgressColumn(FILLED, min_value=0, max_value=100, format="%.0f%%", width=80),
        STATE: config.MultiselectColumn(STATE, options=options, color=colours, width=95),
    }


def _cell_columns() -> dict[str, ColumnConfig | str | None]:
    config = st.column_config
    return {
        "File": config.TextColumn("File", width=140),
        "Row": config.NumberColumn("Row", format="localized", alignment="left", width=60),
        "Patient": config.TextColumn("Patient", width=120),
        "Column": config.TextColumn("Column", width=120),
        VALUE: config.TextColumn(VALUE, width=160),
        "Reason": config.TextColumn("Reason", width=600),
    }
