"""Bars that add up from the healthy peer's risk to the patient's."""

from __future__ import annotations

import plotly.graph_objects as go

from precision import wording
from precision.figures.style import BAR, NEUTRAL, styled
from precision.treatment.contributions import Contributions, rounded

ROW, FRAME = 34, 30  # px of a bar with its gap; of the frame around all of them
ROOM = 1.5  # the axis is this much longer than the longest bar, so that its label fits


def shown(parts: Contributions) -> list[tuple[str, str, str, float]]:
    """Label, patient's value, healthy value and points of each bar, in points that add up as they are shown."""
    values = rounded([100 * row.share for row in parts.rows])
    return [(row.label, row.here, row.healthy, value) for row, value in zip(parts.rows, values, strict=True)]


def figure(parts: Contributions) -> go.Figure:
    """Horizontal bars, the largest increase on top, in percentage points against the healthy peer."""
    rows = shown(parts)
    values = [value for *_, value in rows]
    longest = max((abs(value) for value in values), default=1.0) or 1.0
    lowest = min([0.0, *values])
    bars = go.Bar(
        x=values,
        y=[f"{label} {here}" for label, here, _, _ in rows],
        orientation="h",
        marker_color=[BAR if value >= 0 else NEUTRAL for value in values],
        text=[wording.points(value / 100) for value in values],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{text} points<extra></extra>",
    )
    made = styled(go.Figure(bars), height=FRAME + ROW * max(len(rows), 1))
    made.update_xaxes(
        visible=False, range=[ROOM * lowest if lowest else -0.02 * longest, ROOM * max([*values, 0.02 * longest])]
    )
    made.update_yaxes(autorange="reversed", ticksuffix="  ")
    made.add_vline(x=0, line_width=1, line_color=NEUTRAL)
    return made


def alt(parts: Contributions) -> str:
    """The same in words."""
    bars = "; ".join(f"{label} {here} {wording.points(value / 100)} points" for label, here, _, value in shown(parts))
    return f"From {wording.percent(parts.peer)} for a healthy peer to {wording.percent(parts.risk)}: {bars}"
