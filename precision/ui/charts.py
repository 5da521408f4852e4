"""Small charts in markup, each with its words: the range bar, one hundred people, benefit beside harm."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from precision.errors import InputError
from precision.ui.html import NOTHING, Column, Html, chip, lines, note, table, tag
from precision.ui.severity import Level

BAR_REM = 6.0
"""Length of the longest bar of a benefit and harm table."""
MANY = 100
"""More people than this are drawn small, forty in a row."""
CHARACTER, EDGE = 2.0, 12.0
"""Width of a letter, and of the room kept at each end, in percent of the narrowest range bar (300 px)."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A point of comparison on a range bar, in the bar's unit: 'Same age, sex' at 5.6."""

    label: str
    value: float


@dataclass(frozen=True, slots=True)
class Range:
    """A patient's value on its scale from 0 to ``maximum``; low and high are NaN where no interval is published."""

    value: float
    low: float
    high: float
    maximum: float
    unit: str = "%"


@dataclass(frozen=True, slots=True)
class Frequency:
    """How many of ``total`` people like this have the outcome, and how many no longer do.

    ``outcome`` completes "10 of 100 ...": "have a heart attack or stroke within 10 years".
    """

    heading: str
    estimate: str
    spread: str
    events: int
    outcome: str
    prevented: int = 0
    total: int = 100


@dataclass(frozen=True, slots=True)
class Effect:
    """A benefit or harm in events of 100 people; NaN where it is not known, 0 where none is expected."""

    size: float
    words: str


@dataclass(frozen=True, slots=True)
class Option:
    """A treatment for this patient: how it suits, what it gains and costs, the risk after it, and why."""

    level: Level
    word: str
    name: str
    detail: str
    benefit: Effect
    harm: Effect
    risk_after: str
    why: str


def bullet(scale: Range, marks: Sequence[Mark] = ()) -> Html:
    """The patient's value on a bar: range as a band, at most two comparisons as thin marks with their labels.

    Raises
    ------
    InputError : the scale has no length, or there are more than two marks
    """
    if not scale.maximum > 0 or len(marks) > 2:
        raise InputError(f"a range bar needs a scale above 0 (not {scale.maximum:g}) and two marks (not {len(marks)})")
    ordered = sorted(marks, key=lambda mark: mark.value)
    ticks = (_spot("mark", _percent(mark.value, scale)) for mark in ordered)
    return tag(
        "div",
        tag("div", _own_label(scale), cls="above"),
        tag("div", _band(scale), *ticks, _spot("here", _percent(scale.value, scale)), cls="track"),
        _mark_labels(ordered, scale),
        cls="bullet",
        role="img",
        aria_label=_bullet_words(scale, ordered),
    )


def _band(scale: Range) -> Html:
    if math.isnan(scale.low) or math.isnan(scale.high):
        return NOTHING
    low, high = _percent(scale.low, scale), _percent(scale.high, scale)
    return tag("i", cls="band", style=f"left:{low:g}%;width:{high - low:g}%")


def _own_label(scale: Range) -> Html:
    at = _percent(scale.value, scale)
    side = "after" if at < EDGE else "before" if at > 100 - EDGE else "middle"
    place = f"left:0;right:{100 - at:g}%" if side == "before" else f"left:{at:g}%"
    return tag("span", f"This patient {scale.value:g}", cls=side, style=place)


def _mark_labels(marks: Sequence[Mark], scale: Range) -> Html:
    """Labels under the bar: the lower one ends at its mark, the upper begins there; two lines if they would meet."""
    labels: list[Html] = []
    taken = 0.0
    for mark in marks:
        text, at = f"{mark.label} {mark.value:g}", _percent(mark.value, scale)
        width = CHARACTER * len(text)
        before = at + width > 100 - EDGE or (mark is marks[0] and len(marks) == 2)
        start = max(at - width, 0) if before else at
        second = "second" if start < taken else ""
        taken = start + width
        place = f"left:0;right:{100 - at:g}%" if before else f"left:{at:g}%"
        labels.append(tag("span", text, cls=f"{'before' if before else 'after'} {second}".strip(), style=place))
    height = "two" if any("second" in label for label in labels) else ""
    end = tag("span", f"{scale.maximum:g}{scale.unit}", cls="end")
    return tag("div", *labels, end, cls=f"below {height}".strip())


def _spot(kind: str, percent: float) -> Html:
    return tag("i", cls=kind, style=f"left:{percent:g}%")


def _percent(value: float, scale: Range) -> float:
    return round(100 * min(max(value / scale.maximum, 0), 1), 2)


def _bullet_words(scale: Range, marks: Sequence[Mark]) -> str:
    unit = scale.unit
    known = not (math.isnan(scale.low) or math.isnan(scale.high))
    spread = f"range {scale.low:g} to {scale.high:g}{unit}" if known else "no range"
    others = "".join(f", {mark.label} {mark.value:g}{unit}" for mark in marks)
    return f"This patient {scale.value:g}{unit}, {spread}{others}, scale 0 to {scale.maximum:g}{unit}"


def people(item: Frequency) -> Html:
    """One figure for each person: with the event, no longer with it, without it.

    Raises
    ------
    InputError : more people than ``total``, or fewer than none
    """
    rest = item.total - item.events - item.prevented
    if min(item.events, item.prevented, rest) < 0:
        raise InputError(f"{item.events} events and {item.prevented} prevented do not fit into {item.total} people")
    groups = ((item.events, "event"), (item.prevented, "prevented"), (rest, ""))
    figures = [tag("i", cls=kind) for number, kind in groups for _ in range(number)]
    size = "people many" if item.total > MANY else "people"
    return tag("div", *figures, cls=size, role="img", aria_label=_people_words(item))


def _people_words(item: Frequency) -> str:
    spared = f"{item.prevented} no longer do, " if item.prevented else ""
    rest = f"{item.total - item.events - item.prevented} do not{' either way' if item.prevented else ''}"
    return f"{item.heading}: {item.events} of {item.total:,} people {item.outcome}, {spared}{rest}"


def frequency(item: Frequency) -> Html:
    """One hundred people beside the estimate and the same sentence in numbers."""
    rest = item.total - item.events - item.prevented
    spared = tag("p", tag("b", f"{item.prevented} of {item.total:,}", cls="prevented"), " no longer do.")
    words = tag(
        "div",
        tag("p", item.heading, cls="note"),
        tag("p", item.estimate, cls="figure"),
        tag("p", item.spread, cls="note"),
        tag("p", tag("b", f"{item.events} of {item.total:,}", cls="event"), f" {item.outcome}."),
        spared if item.prevented else NOTHING,
        tag("p", f"{rest} do not{' either way' if item.prevented else ''}.", cls="quiet"),
    )
    return tag("div", people(item), words, cls="frequency")


def frequencies(items: Sequence[Frequency], assumption: str) -> Html:
    """Two or more arrays of people side by side, and what the comparison takes for granted."""
    return tag("div", tag("div", *(frequency(item) for item in items), cls="arrays"), note(assumption))


def effect_bar(effect: Effect, longest: float, kind: Literal["benefit", "harm"]) -> Html:
    """A bar in events of 100 people on the scale whose longest bar is ``longest``, then its words."""
    if math.isnan(effect.size) or effect.size <= 0 or longest <= 0:
        return tag("span", effect.words, cls="quiet")
    width = BAR_REM * min(effect.size / longest, 1)
    bar = tag("i", cls=f"bar {kind}", style=f"width:{width:.2f}rem")
    return tag("span", bar, tag("span", effect.words), cls="effect")


def treatments(label: str, options: Sequence[Option]) -> Html:
    """Options in a table with benefit and harm on one scale, that of the largest effect among all of them."""
    sizes = [effect.size for option in options for effect in (option.benefit, option.harm)]
    longest = max((size for size in sizes if not math.isnan(size)), default=0.0)
    columns = (
        Column("For this patient", 11),
        Column("Option", 18),
        Column("Benefit", 13),
        Column("Harm", 20),
        Column("Risk after", 8, "right"),
        Column("Why", 30),
    )
    return table(label, columns, [_treatment(option, longest) for option in options])


def _treatment(option: Option, longest: float) -> tuple[Html | str, ...]:
    return (
        chip(option.level, option.word),
        lines(option.name, option.detail),
        effect_bar(option.benefit, longest, "benefit"),
        effect_bar(option.harm, longest, "harm"),
        option.risk_after,
        tag("span", option.why, cls="quiet"),
    )
