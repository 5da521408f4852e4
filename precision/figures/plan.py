"""One patient's screening and monitoring by date: when each was done last, and when it is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import plotly.graph_objects as go

from precision.figures.style import BAR, NEUTRAL, TIMELINE, in_lanes, plain, styled
from precision.screening import Item

MOST = 14  # lanes
LANE, FRAME = 28, 56  # px of a lane; of the axis and the margins
PAST, AHEAD = 6.0, 5.0  # years before and after today that are drawn at most
YEAR = 365.25  # days
LETTERS = 34  # of a lane's name
EDGE = 0.03  # of the width, free on both sides
OVERDUE = 3  # level of what is overdue


@dataclass(frozen=True, slots=True)
class Lane:
    """One action: its last and its next day, and whether that has passed."""

    name: str
    last: date | None
    due: date
    overdue: bool


def lanes(items: Sequence[Item], today: date) -> tuple[Lane, ...]:
    """What has a day: overdue first, then by the day it is due; what is due and was never done stands at today."""
    dated = [item for item in items if item.state == "due" or (item.state == "not_due" and item.next_due)]
    topics = [item.topic for item in dated]
    found = [
        Lane(
            _name(item.topic if topics.count(item.topic) == 1 else item.title),
            item.last_done,
            item.next_due or today,
            item.overdue,
        )
        for item in dated
    ]
    return tuple(sorted(found, key=lambda lane: (not lane.overdue, lane.due))[:MOST])


def figure(found: Sequence[Lane], today: date) -> go.Figure:
    """A circle for the last day, a diamond for the next one, a line between them; today is dashed."""
    names = [plain(lane.name) for lane in found]
    start, end = _range(found, today)
    made = styled(go.Figure([trace for lane in found for trace in _traces(lane, start, end)]))
    made.update_layout(height=FRAME + LANE * len(names))
    made.add_vline(x=str(today), line={"dash": "dash", "width": 1, "color": NEUTRAL})
    edge = EDGE * (end - start)
    made.update_xaxes(type="date", range=[start - edge, end + edge], tickformat="%Y", nticks=6, showgrid=False)
    return in_lanes(made, names)


def alt(found: Sequence[Lane], today: date) -> str:
    """The same in words."""
    overdue = sum(lane.overdue for lane in found)
    words = [f"{lane.name} {'was due' if lane.overdue else 'is due'} {_day(lane.due)}" for lane in found]
    return f"On {_day(today)}, {overdue} of {len(found)} are overdue: {'; '.join(words)}"


def _range(found: Sequence[Lane], today: date) -> tuple[date, date]:
    days = [day for lane in found for day in (lane.last, lane.due) if day is not None]
    first = max(min([*days, today]), today - timedelta(days=PAST * YEAR))
    last = min(max([*days, today]), today + timedelta(days=AHEAD * YEAR))
    return min(first, today - timedelta(days=YEAR)), max(last, today + timedelta(days=YEAR))


def _traces(lane: Lane, start: date, end: date) -> list[go.Scatter]:
    colour = TIMELINE[OVERDUE] if lane.overdue else BAR
    due = min(max(lane.due, start), end)
    said = f"{'was due' if lane.overdue else 'due'} {_day(lane.due)}"
    marks = [_mark(lane, due, "diamond", colour, said)]
    if lane.last is not None:
        last = max(lane.last, start)
        line = {"color": NEUTRAL, "width": 2}
        marks.insert(0, go.Scatter(x=[last, due], y=[plain(lane.name)] * 2, mode="lines", line=line, hoverinfo="skip"))
        marks.append(_mark(lane, last, "circle", NEUTRAL, f"last done {_day(lane.last)}"))
    return marks


def _mark(lane: Lane, day: date, symbol: str, colour: str, said: str) -> go.Scatter:
    return go.Scatter(
        x=[day],
        y=[plain(lane.name)],
        mode="markers",
        marker={"symbol": symbol, "size": 10, "color": colour},
        cliponaxis=False,
        hovertemplate=f"%{{y}}: {said}<extra></extra>",
    )


def _name(text: str) -> str:
    """A lane's name; what is too long for it stands whole in the table above."""
    short = text if len(text) <= LETTERS else text[: LETTERS - 1].rstrip() + "…"
    return short[:1].upper() + short[1:]


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
