"""The parts of the Prevention page: what is due, when by date, what a change of life gives, and monitoring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import streamlit as st

from precision.figures import plan as timeline
from precision.figures.style import CONFIG
from precision.screening import Item
from precision.ui import chrome, html
from precision.ui.severity import level_of
from precision.ui.workspace import Workspace

OVERDUE = "overdue"
WORDS: Mapping[str, str] = {
    OVERDUE: "Overdue",
    "due": "Due",
    "unknown": "Not determined",
    "not_due": "Up to date",
    "individual": "Discuss",
    "do_not": "Do not",
    "insufficient": "No guidance",
}
GROUPS: Mapping[str, tuple[str, ...]] = {
    "To do": (OVERDUE, "due"),
    "Up to date": ("not_due",),
    "Not determined": ("unknown",),
    "Individual": ("individual",),
    "Do not": ("do_not",),
    "Evidence lacking": ("insufficient",),
}
NOTES: Mapping[str, str] = {
    "To do": "Overdue first. What was never recorded counts as not done.",
    "Up to date": "By the next day it is due.",
    "Not determined": "Each becomes due or not once what is missing is recorded.",
    "Individual": "A choice to make with the patient: the net benefit is small or depends on wishes.",
    "Do not": "Recommended against (grade D) for people like this patient.",
    "Evidence lacking": "The evidence does not say whether benefit outweighs harm (grade I). It is not a no.",
}
MONITORING = "monitoring"


def plan(space: Workspace, patient: str) -> None:
    """Screening and prevention by state, and the same by date."""
    items = [item for item in space.plan(patient) if item.kind != MONITORING]
    chosen = _chosen(items)
    with chrome.card(key="prevention_plan"):
        shown = [item for item in items if _state(item) in GROUPS[chosen]]
        if not shown:
            html.show(html.state("No data", f"Nothing is in '{chosen}' for this patient."))
            return
        html.show(html.note(NOTES[chosen]))
        html.show(_table("Screening and prevention", shown))


def by_date(space: Workspace, patient: str) -> None:
    """The plan as a timeline."""
    today = space.assessment.features.index_date
    found = timeline.lanes(space.plan(patient), today)
    chrome.section("By date", f"as of {_day(today)}")
    with chrome.card(key="prevention_dates"):
        if not found:
            html.show(html.state("No data", "Nothing in the plan has a date."))
            return
        html.show(html.note("Circle: done last. Diamond: due, orange where overdue. Dashed: today."))
        st.plotly_chart(
            timeline.figure(found, today), config=CONFIG, key="prevention_timeline", alt=timeline.alt(found, today)
        )


def monitoring(space: Workspace, patient: str) -> None:
    """What is measured again and again, with its last and its next day."""
    items = [
        item for item in space.plan(patient) if item.kind == MONITORING and item.state in ("due", "not_due", "unknown")
    ]
    chrome.section("Monitoring", f"{sum(item.state == 'due' for item in items)} of {len(items)} due" if items else "")
    with chrome.card(key="prevention_monitoring"):
        if items:
            html.show(_table("Monitoring", items))
        else:
            html.show(html.sentence("No disease or treatment on record asks for regular measurements."))


def _chosen(items: Sequence[Item]) -> str:
    """Which states to show, with their counts; what is to do where nothing was chosen."""
    counts = {group: sum(_state(item) in states for item in items) for group, states in GROUPS.items()}
    with chrome.section("Plan"):
        chosen = st.segmented_control(
            "State",
            list(GROUPS),
            default="To do",
            required=True,
            format_func=lambda group: f"{group} {counts[group]}",
            key="prevention_state",
            label_visibility="collapsed",
            wrap=True,
        )
    return chosen or "To do"


def _table(label: str, items: Sequence[Item]) -> html.Html:
    """Items with their state, reason and source; their days only where one of them has any."""
    dates = [_dates(item) for item in items]
    dated = any(map(any, dates))
    columns = [
        html.Column("State", 13),
        html.Column("What", 32),
        *([html.Column("Last and next", 17)] if dated else []),
        html.Column("Why", 24 if dated else 41),
        html.Column("Source", 14),
    ]
    rows = [_row(item, [_days(*days)] if dated else []) for item, days in zip(items, dates, strict=True)]
    return html.table(label, columns, rows)


def _row(item: Item, days: Sequence[html.Text]) -> tuple[html.Text, ...]:
    word = WORDS[_state(item)]
    why = [item.because, f"Check first: {', '.join(item.check)}." if item.check else ""]
    graded = f"grade {item.grade}" if len(item.grade) <= 2 and item.grade else item.grade
    source = html.link(f"{item.source} {item.year}", item.citation.url or item.url)
    return (
        html.chip(level_of(word), word),
        html.lines(item.title, item.topic),
        *days,
        " ".join(filter(None, why)),
        html.join(source, html.tag("span", graded, cls="qualifier")),
    )


def _days(following: str, last: str) -> html.Html:
    return html.lines(following or "No date", last)


def _dates(item: Item) -> tuple[str, str]:
    """Next day, and under it the last one."""
    last = f"last {_day(item.last_done)}" if item.last_done else ""
    if item.state not in ("due", "not_due"):
        return "", last
    if item.next_due is None:
        return ("Now", last) if item.state == "due" else ("Done", last)
    return _day(item.next_due), last


def _state(item: Item) -> str:
    return OVERDUE if item.overdue else item.state


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
