"""Phenotypes of a gene in one picture: observed shares with their intervals, and the published shares as marks."""

from __future__ import annotations

import math
from collections.abc import Sequence

import plotly.graph_objects as go

from precision import wording
from precision.figures.style import BAR, EVENT, NEUTRAL, in_lanes, styled
from precision.pgx.answers import plain
from precision.workbench.disclosure import FEW
from precision.workbench.pharmacogenes import PhenotypeShare, PhenotypeShares

LANE, FRAME = 46, 40  # px of a phenotype; of the axis and the margins
ROOM = 1.06  # the axis is this much longer than what is drawn
NARROWEST = 0.1  # share at which the axis ends at least
NOT_PUBLISHED = "not published"


def phenotypes(shares: PhenotypeShares) -> go.Figure:
    """A bar for each phenotype, hatched where patients may have it, its 95 % interval, and the published marks."""
    rows = [row for row in shares.rows if row.count is not None]
    lanes, every = [_lane(row) for row in rows], [_lane(row) for row in shares.rows]
    certain = go.Bar(
        x=[100 * row.share for row in rows],
        y=lanes,
        orientation="h",
        marker={"color": BAR},
        customdata=[words(row) for row in rows],
        hovertemplate="%{customdata} of patients with a result<extra></extra>",
    )
    perhaps = go.Bar(
        x=[100 * (row.most - row.share) for row in rows],
        base=[100 * row.share for row in rows],
        y=lanes,
        orientation="h",
        marker={
            "color": BAR,
            "pattern": {"shape": "/", "fillmode": "replace", "solidity": 0.35, "size": 7},
            "line": {"width": [1 if row.most > row.share else 0 for row in rows], "color": BAR},
        },
        customdata=[words(row) for row in rows],
        hovertemplate="%{customdata} of patients with a result<extra></extra>",
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [100 * (row.high - row.most) for row in rows],
            "arrayminus": [100 * (row.most - row.low) for row in rows],
            "color": NEUTRAL,
            "thickness": 2,
            "width": 5,
        },
    )
    marks = [_mark(row) for row in shares.rows if row.published]
    made = styled(go.Figure([certain, perhaps, *marks]), height=FRAME + LANE * len(every))
    made.update_layout(barmode="overlay")
    made.update_xaxes(range=[0, 100 * ROOM * _end(shares.rows)], ticksuffix="%", nticks=5)
    return in_lanes(made, every)


def phenotypes_alt(shares: PhenotypeShares) -> str:
    """The same in words."""
    rows = [f"{plain(row.phenotype)} {words(row)}, published {published(row)}" for row in shares.rows]
    return f"{shares.gene} phenotypes of {shares.with_result:,} patients with a result: {'; '.join(rows)}"


def words(row: PhenotypeShare) -> str:
    """'24% (19% to 30%)', '0% to 26% (0% to 34%)' where some may have it, or that they are too few to be shown."""
    if row.count is None:
        return FEW
    share = percent(row.share) if row.share == row.most else f"{percent(row.share)} to {percent(row.most)}"
    return f"{share} ({percent(row.low)} to {percent(row.high)})"


def published(row: PhenotypeShare) -> str:
    """'26%', '3.1% to 5.0%' of two groups, or that there is none."""
    low, high = percent(row.published_low), percent(row.published_high)
    return low if low == high else f"{low} to {high}"


def percent(share: float) -> str:
    """A share as percent; unlike a probability it can be none or all."""
    if math.isnan(share):
        return NOT_PUBLISHED
    return f"{100 * share:.0f}%" if share in (0, 1) else wording.percent(share)


def _lane(row: PhenotypeShare) -> str:
    return f"{plain(row.phenotype)}<br>{words(row)}"


def _mark(row: PhenotypeShare) -> go.Scatter:
    figures = sorted({row.published_low, row.published_high})
    return go.Scatter(
        x=[100 * one for one in figures],
        y=[_lane(row)] * len(figures),
        mode="lines+markers",
        marker={"symbol": "diamond", "size": 11, "color": EVENT, "line": {"width": 1, "color": "#FFFFFF"}},
        line={"color": EVENT, "width": 2, "dash": "dot"},
        hovertemplate=f"Published: {published(row)}<extra></extra>",
        cliponaxis=False,
    )


def _end(rows: Sequence[PhenotypeShare]) -> float:
    ends = [one for row in rows for one in (row.high, row.published_high) if not math.isnan(one)]
    return min(max([NARROWEST, *ends]), 1.0)
