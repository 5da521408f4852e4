"""Bars that add up from the healthy peer's risk to the patient's."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from precision import wording
from precision.figures.style import BAR, NEUTRAL, styled
from precision.treatment.contributions import Contributions, rounded

ROW, FRAME = 34, 30  # px of a bar with its gap; of the frame around all of them
ROOM = 0.3  # of the bars' width, left free beside them for their labels


def shown(parts: Contributions) -> list[tuple[str, str, str, float]]:
    """Label, patient's value, healthy value and points of each bar, in points that add up as they are shown."""
    values = rounded([100 * row.share for row in parts.rows], total=difference(parts))
    return [(row.label, row.here, row.healthy, value) for row, value in zip(parts.rows, values, strict=True)]


def difference(parts: Contributions) -> float:
    """Points between the two risks as they are shown: what the bars add up to."""
    return round(round(100 * parts.risk, 1) - round(100 * parts.peer, 1), 1)


def heading(parts: Contributions) -> str:
    """'What makes it 9.8% and not 5.6%'; one decimal at any size, because the bars have one."""
    return f"What makes it {100 * parts.risk:.1f}% and not {100 * parts.peer:.1f}%"


def note(parts: Contributions, peer: str = "a healthy person of the same age and sex") -> str:
    """What the bars are measured against, and their sum."""
    return f"Percentage points against {peer}. Bars add up to {wording.points(difference(parts) / 100)}."


def table(parts: Contributions) -> pd.DataFrame:
    """The bars as a table."""
    return pd.DataFrame(shown(parts), columns=["Input", "This patient", "Healthy value", "Points"])


def healthy(parts: Contributions) -> str:
    """The inputs that are as in the healthy peer, in one sentence; empty where there are none."""
    same = [label for label, here, peer, _ in shown(parts) if here == peer]
    return f"As in the peer: {', '.join(same)}." if same else ""


def figure(parts: Contributions) -> go.Figure:
    """Horizontal bars of the inputs that differ, the largest increase on top, in points against the healthy peer."""
    rows = [row for row in shown(parts) if row[1] != row[2]]
    values = [value for *_, value in rows]
    longest = max((abs(value) for value in values), default=1.0) or 1.0
    room = ROOM * (max([0.0, *values]) - min([0.0, *values]) or longest)
    bars = go.Bar(
        x=values,
        y=[f"{label} {_bare(here)}" for label, here, _, _ in rows],
        orientation="h",
        marker_color=[BAR if value >= 0 else NEUTRAL for value in values],
        text=[wording.points(value / 100) for value in values],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{text} points<extra></extra>",
    )
    made = styled(go.Figure(bars), height=FRAME + ROW * max(len(rows), 1))
    left = min(values, default=0.0) - room if min(values, default=0.0) < 0 else -0.02 * longest
    made.update_xaxes(visible=False, range=[left, max([0.0, *values]) + room])
    made.update_yaxes(autorange="reversed", ticksuffix="  ")
    made.add_vline(x=0, line_width=1, line_color=NEUTRAL)
    return made


def alt(parts: Contributions) -> str:
    """The same in words."""
    bars = "; ".join(f"{label} {here} {wording.points(value / 100)} points" for label, here, _, value in shown(parts))
    return f"From {100 * parts.peer:.1f}% for a healthy peer to {100 * parts.risk:.1f}%: {bars}"


def _bare(value: str) -> str:
    """A value without its unit, which the table gives: room on a phone."""
    return value.partition(" ")[0]
