"""The parts of the Cohort page above the list of patients: its heading, key figures and cards."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from precision import wording
from precision.figures import cohort as figures
from precision.figures.style import CONFIG
from precision.model import registry
from precision.result import OK
from precision.ui import chrome, html
from precision.ui.cohort_filters import clear
from precision.ui.identity import GROUPINGS
from precision.ui.workspace import Workspace
from precision.workbench.disclosure import FEW, WHY, few, inside, told
from precision.workbench.memberships import Mask
from precision.workbench.population import (
    FEWEST_COMPUTED,
    RiskGroup,
    Spread,
    Stratum,
    Summary,
    decades,
    density,
    risk_groups,
    strata,
)
from precision.workbench.risks import Risk, capital
from precision.workbench.roster import Roster

NOT_SHOWN = ("Not shown", f"of {FEW.lower()}")
GROUPED = {"ancestry": "Self-reported group.", "ancestry_group": "Group by genetic similarity."}


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
    age = (_number(found.age.median), _years(found.age))
    items = (
        html.Count("Patients", f"{found.patients:,}", f"of {total:,}"),
        html.Count("Median age, years", *(NOT_SHOWN if few(found.age.count) else age)),
        html.Count(
            f"Median {people.risk.inside}",
            *(NOT_SHOWN if few(found.risk.count) else _percents(people.risk, found.risk)),
        ),
        html.Count("Need attention", told(found.attention), _share(found.attention, found.patients)),
        html.Count("Not estimated", told(missing), _states(found), level=0),
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
        html.values([html.Row(capital(wording.short_reason(code)), told(n)) for code, n in found.reasons.items()])
    )


def cards(people: Roster, kept: Mask, found: Summary) -> None:
    """Risk by age, risk groups and ancestry groups of the patients that are kept."""
    grid = st.grid(3, min_column_width=300, border=True)
    with grid.cell():
        _by_age(people, kept, found)
    with grid.cell():
        _by_risk(people, kept, found)
    with grid.cell():
        _by_stratum(people, kept)
    html.show(html.note(WHY))


def _by_age(people: Roster, kept: Mask, found: Summary) -> None:
    html.show(html.card_heading("", f"{people.risk.kind.capitalize()} by age"))
    cells = density(people, kept)
    if cells is None:
        html.show(html.state("Not estimated", "No patient of this selection has an estimate."))
        _reasons(found)
        return
    html.show(html.note("Patients in each cell; the palest has fewer than 5. Dashed: median."))
    st.plotly_chart(
        figures.risk_by_age(cells), config=CONFIG, key="cohort_figure_age", alt=figures.risk_by_age_alt(cells)
    )
    with st.popover("As a table", type="tertiary", key="cohort_table_age"):
        rows = [_stratum(people.risk, row) for row in decades(people, kept)]
        html.show(html.table("Risk by age", _columns("Age, years", people.risk), rows))


def _by_risk(people: Roster, kept: Mask, found: Summary) -> None:
    bands, missing = risk_groups(people, kept), sum(found.not_estimated.values())
    html.show(html.card_heading("", "Risk groups"))
    own = "" if people.risk.kind == "class" or people.risk.bands.citation else " No published groups; bands of our own."
    if not any(band.count for band in bands):
        html.show(html.state("Not estimated", "No patient of this selection has an estimate."))
        return
    html.show(html.note(f"Patients and their share of this selection.{own}"))
    st.plotly_chart(
        figures.risk_groups(bands, missing),
        config=CONFIG,
        key="cohort_figure_groups",
        alt=figures.risk_groups_alt(bands, missing),
    )
    with st.container(horizontal=True, gap="small"):
        with st.popover("As a table", type="tertiary", key="cohort_table_groups"):
            total = sum(band.count for band in bands) + missing
            rows = [(_group(band), figures.share(band.count, total)) for band in bands]
            rows.append((html.lines(figures.NOT_ESTIMATED), figures.share(missing, total)))
            html.show(html.table("Risk groups", (html.Column("Group", 60), html.Column("Patients", 40, "right")), rows))
            cited = people.risk.bands.citation
            html.show(html.source(cited.text, cited.url) if cited else html.note(own))
        if missing:
            with st.popover("Why not estimated", type="tertiary", key="cohort_why_not"):
                _reasons(found)


def _by_stratum(people: Roster, kept: Mask) -> None:
    by = f"By {GROUPINGS[people.grouping].lower()}"
    html.show(html.card_heading("", by))
    unused = people.grouping not in people.result.inputs
    html.show(html.note(GROUPED[people.grouping], f" {people.result.label} does not use it." if unused else ""))
    rows = [_stratum(people.risk, row) for row in strata(people, kept)]
    html.show(html.table(by, _columns("Group", people.risk), rows))
    html.show(html.note("No observed events are recorded, so how well the estimates fit each group is not known."))


def _group(band: RiskGroup) -> html.Html:
    return html.lines(band.name, band.range) if band.name else html.lines(band.range)


def _columns(first: str, risk: Risk) -> tuple[html.Column, ...]:
    last = html.Column(f"Median {risk.kind}", 34, "right")
    return (html.Column(first, 32), html.Column("Patients", 34, "right"), last)


def _stratum(risk: Risk, row: Stratum) -> tuple[html.Text, ...]:
    name = html.tag("b", row.name)
    if row.patients is None or row.risk is None:
        return name, FEW, "not shown"
    patients = _cell(f"{row.patients:,}", f"{inside(row.risk.count)} estimated")
    if row.risk.count < FEWEST_COMPUTED:
        return name, patients, _cell("not computed", f"under {FEWEST_COMPUTED}")
    return name, patients, _cell(*_percents(risk, row.risk))


def _cell(figure: str, qualifier: str) -> html.Html:
    return html.join(figure, html.tag("span", qualifier, cls="qualifier"))


def _number(value: float) -> str:
    return "not known" if np.isnan(value) else f"{value:.0f}"


def _years(found: Spread) -> str:
    return "" if np.isnan(found.low) else f"{found.low:.0f} to {found.high:.0f}"


def _percents(risk: Risk, found: Spread) -> tuple[str, str]:
    """Median and middle half: '8.7%', '6.4% to 13.1%'."""
    return risk.text(found.median), risk.span(found.median, found.low, found.high)


def _share(count: int, total: int) -> str:
    return figures.portion(count, total) if count and not few(count) else ""


def _states(found: Summary) -> str:
    words = {"missing": "input missing", "out_of_range": "out of range", "not_applicable": "not applicable"}
    return ", ".join(f"{words[status]} {inside(count)}" for status, count in found.not_estimated.items())


def sources(people: Roster) -> None:
    """Which number this page shows, by whom, what must be said of it, and what the page does not show yet."""
    result, risk = people.result, people.risk
    estimated = people.status == OK
    none = risk.kind == "risk" and estimated.any() and bool(np.isnan(result.low[estimated, people.estimate]).all())
    what = "Risk of" if risk.kind == "risk" else f"{risk.title}:"
    outcome = f"{risk.within[:1].lower()}{risk.within[1:]}" if risk.kind == "risk" else risk.within
    html.show(html.note(f"{what} {outcome} by {result.label}{', which publishes no interval' if none else ''}."))
    for words in filter(None, (result.disclaimer, registry()[result.model].notice)):
        html.show(html.note(words))
    html.show(html.source(result.citation.text, result.citation.url))
    html.show(html.note("Filters by tumour come in a later release."))
