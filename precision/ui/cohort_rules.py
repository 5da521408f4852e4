"""Who crosses a treatment threshold and who is overdue: two lists of rules on the Cohort page, each rule a filter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from precision.ui import html
from precision.ui.cohort_filters import ask, call
from precision.ui.severity import level_of
from precision.workbench.disclosure import FEW, few, told
from precision.workbench.dueness import ALL_DUE, OVERDUE, Dueness, dueness
from precision.workbench.memberships import Mask
from precision.workbench.risks import capital
from precision.workbench.roster import Roster
from precision.workbench.thresholds import Threshold, thresholds

SHOWN = 5  # rules on the page; the others are one click away
MOST_WANTED = 2  # reasons that are told
NOBODY = "0"


@dataclass(frozen=True, slots=True)
class Line:
    """One rule of a list.

    Attributes
    ----------
    rule, code : its name, and what its button asks for; the code is empty where nobody would be left
    word : its state or severity
    counts : how many, and in which state; the first with anybody stands out
    remark : what keeps it from being judged
    """

    rule: str
    code: str
    word: str
    title: str
    counts: tuple[tuple[str, str], ...]
    remark: str
    source: html.Html
    strength: str


def sections(people: Roster, kept: Mask) -> None:
    """Both lists, side by side where there is room."""
    grid = st.grid(2, min_column_width=480, border=True)
    with grid.cell():
        note = "Guideline rules that ask to start or change a treatment, most urgent first."
        lines = [_threshold(one) for one in thresholds(people.treatments, kept)]
        _list("Treatment thresholds", note, lines, ask)
    with grid.cell():
        note = "What is due by a rule, most overdue first. What is not on record counts as not done."
        lines = [_dueness(one) for one in dueness(people.plan, kept)]
        _list("Screening and monitoring", note, lines, call)


def _list(name: str, note: str, lines: Sequence[Line], choose: Callable[[str], None]) -> None:
    """A heading, the first rules each with its button, and a way to all of them."""
    key = choose.__name__
    html.show(html.card_heading("", name))
    if not lines:
        html.show(html.sentence("No rule concerns a patient of this selection."))
        return
    html.show(html.note(note))
    with st.container(gap="xsmall", key=f"cohort_rules_{key}"):
        for line in lines[:SHOWN]:
            _row(line, choose)
    if len(lines) > SHOWN and st.button(
        f"All {len(lines)} rules", icon=":material/list:", type="tertiary", key=f"cohort_all_{key}"
    ):
        _every(name, lines)


def _row(line: Line, choose: Callable[[str], None]) -> None:
    (figure, state), *others = [count for count in line.counts if count[0] != NOBODY] or line.counts
    rest = ", ".join(_counted(*other) for other in others)
    remark = html.note(capital(". ".join(filter(None, (rest, line.remark)))))
    what = html.tag("div", html.tag("h3", line.title), remark, cls="what")
    many = html.tag("span", html.strong(figure), f" {state}")
    says = html.tag("div", many, html.tag("span", line.source), html.tag("span", line.strength), cls="says")
    with st.container(horizontal=True, wrap=False, vertical_alignment="top", gap="xsmall"):
        html.show(html.tag("div", html.tag("div", html.chip(level_of(line.word), line.word)), what, says, cls="action"))
        st.button(
            "Show",
            type="tertiary",
            key=f"cohort_show_{line.rule}",
            on_click=choose,
            args=(line.code,),
            disabled=not line.code,
            width="content",
        )


@st.dialog("All rules", width="large")
def _every(name: str, lines: Sequence[Line]) -> None:
    """Every rule that concerns somebody, with its source."""
    states = [state for _, state in lines[0].counts]
    columns = (
        html.Column("State", 16),
        html.Column("Rule", 36),
        *(html.Column(state[:1].upper() + state[1:], 30 / len(states), "right") for state in states),
        html.Column("Source", 18),
    )
    rows = [
        (
            html.chip(level_of(line.word), line.word),
            html.lines(line.title, line.remark),
            *(figure for figure, _ in line.counts),
            html.join(line.source, html.tag("span", line.strength, cls="qualifier")),
        )
        for line in lines
    ]
    html.show(html.table(name, columns, rows))
    html.show(html.note("To list the patients of a rule, choose it in the filters above."))


def _threshold(one: Threshold) -> Line:
    return Line(
        rule=one.rule.name,
        code=one.rule.name if one.speaks else "",
        word=one.rule.word if one.speaks else "Not determined",
        title=one.title,
        counts=(
            (told(one.speaks), "concerned"),
            (told(one.under), "with a more urgent action"),
            (told(one.unknown), "cannot be judged"),
        ),
        remark=_wanted(one),
        source=html.link(one.rule.source, one.rule.citation.url),
        strength=one.rule.strength,
    )


def _wanted(one: Threshold) -> str:
    """For want of what a rule cannot be judged; counts where they may be shown."""
    wants = [words if few(count) else f"{words} {count:,}" for words, count in one.wants[:MOST_WANTED]]
    return f"{'Most often' if len(one.wants) > MOST_WANTED else 'Because'}: {', '.join(wants)}" if wants else ""


def _dueness(one: Dueness) -> Line:
    rule = one.rule
    states = ((one.overdue, "overdue"), (one.due, "due"), (one.up_to_date, "up to date"), (one.unknown, "not known"))
    words = ("Overdue", "Due", "Up to date", "Not determined")
    found = [(count, word) for (count, _), word in zip(states, words, strict=True) if count]
    which = OVERDUE if one.overdue else ALL_DUE
    return Line(
        rule=rule.name,
        code=f"{which}:{rule.name}" if one.overdue or one.due else "",
        word=found[0][1],
        title=rule.action,
        counts=tuple((told(count), state) for count, state in states),
        remark="",
        source=html.link(f"{rule.source} {rule.year}", rule.citation.url or rule.url),
        strength=f"Grade {rule.grade}" if len(rule.grade) in (1, 2) else rule.grade,
    )


def _counted(figure: str, state: str) -> str:
    return f"{figure.lower()} {state}" if figure == FEW else f"{figure} {state}"
