"""What every figure shares: size, margins, colours that hold in both themes, no decoration."""

from __future__ import annotations

import plotly.graph_objects as go

BAR, NEUTRAL, EVENT = "#3585B5", "#7F8D9B", "#D55E00"
TIMELINE: dict[int | None, str] = {4: "#C0392B", 3: "#C2570C", 2: "#A87B00"}  # bars by severity; NEUTRAL for all others
CONFIG = {"displayModeBar": False, "displaylogo": False}
TEXT = 13


def styled(figure: go.Figure, height: int = 280, margin: int = 8) -> go.Figure:
    """The figure in the app's form: no title, no legend, fixed axes, no zero line."""
    figure.update_layout(
        height=height,
        margin={"l": margin, "r": margin, "t": margin, "b": margin},
        showlegend=False,
        font={"size": TEXT},
        bargap=0.35,
        dragmode=False,
        hovermode="closest",
    )
    figure.update_xaxes(fixedrange=True, zeroline=False, tickangle=0, nticks=5, automargin=True, tickfont_size=TEXT)
    figure.update_yaxes(fixedrange=True, zeroline=False, tickangle=0, automargin=True, tickfont_size=TEXT)
    return figure


def in_lanes(figure: go.Figure, lanes: list[str], above: float = 0.5) -> go.Figure:
    """The figure with named lanes from the top down; ``above`` is the room over the first, in lanes."""
    figure.update_yaxes(
        type="category",
        categoryorder="array",
        categoryarray=lanes,
        range=[len(lanes) - 0.5, -above],
        tickvals=lanes,
        showgrid=False,
        ticksuffix="  ",
    )
    return figure


def plain(text: str) -> str:
    """Text from a file, safe to show: plotly reads a few HTML tags, links among them, in labels and hover texts."""
    return text.replace("&", "&amp;").replace("<", "&lt;")
