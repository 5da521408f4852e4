"""A cohort's risk in two pictures: how it rises with age, and how many patients are in each group."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from precision import wording
from precision.figures.style import BAR, EVENT, NEUTRAL, styled
from precision.result import Array
from precision.workbench.disclosure import FEWEST, few, inside, told
from precision.workbench.population import Density, RiskGroup

NOT_ESTIMATED = "Not estimated"
ROOM = 1.5  # the axis is this much longer than the longest bar, so that its label fits
TICK_EVERY = 10  # years
HEIGHT = 310


def risk_by_age(cells: Density) -> go.Figure:
    """A heat map of patients by age and risk, empty cells blank, with the median risk dashed."""
    levels, scale, mark = cells.risk.estimate.levels, *_scale(cells)
    ages, risks = _middles(cells.ages), _middles(scale * cells.risks)
    words = [[cells.risk.text(k)] * len(ages) for k in range(len(levels))] if levels else None
    value = "%{text}" if levels else f"about %{{y:.3~g}}{mark}"
    made = styled(
        go.Figure(
            [
                go.Heatmap(
                    x=ages,
                    y=risks,
                    z=[[_shade(int(count)) for count in row] for row in cells.counts],
                    customdata=[[inside(int(count)) for count in row] for row in cells.counts],
                    xgap=1,
                    ygap=1,
                    zmin=0,
                    zmax=max(1, int(cells.counts.max())),
                    colorbar={"thickness": 9, "outlinewidth": 0, "nticks": 5, "x": 1.0, "xpad": 6, "ypad": 0},
                    text=words,
                    hovertemplate=(
                        f"Age about %{{x:.0f}}, {cells.risk.kind} {value}: %{{customdata}} patients<extra></extra>"
                    ),
                ),
                go.Scatter(
                    x=ages,
                    y=(scale * cells.median + (0.5 if levels else 0.0)).tolist(),
                    mode="lines",
                    line={"color": EVENT, "dash": "dash", "width": 2},
                    hoverinfo="skip" if levels else "all",
                    hovertemplate=None if levels else f"Age about %{{x:.0f}}: median %{{y:.3~g}}{mark}<extra></extra>",
                ),
            ]
        ),
        height=HEIGHT,
    )
    made.update_xaxes(
        title={"text": "Age, years", "standoff": 6}, showgrid=False, range=_limits(cells.ages), dtick=TICK_EVERY
    )
    top = float(scale * cells.risks[-1])
    title = {"text": f"{cells.risk.title}, %" if mark else cells.risk.title, "standoff": 12}
    made.update_yaxes(title=title, showgrid=False, range=[0, top], nticks=6)
    if levels:
        made.update_yaxes(tickvals=risks, ticktext=[cells.risk.text(k) for k in range(len(levels))])
    return made


def _scale(cells: Density) -> tuple[float, str]:
    """Factor and sign of the axis: percent for a probability."""
    return (100.0, "%") if cells.risk.kind == "risk" else (1.0, "")


def risk_by_age_alt(cells: Density) -> str:
    """The same in words: how many, and the median at the youngest and oldest age that has one."""
    known = np.flatnonzero(~np.isnan(cells.median))
    text = (
        f"{int(cells.counts.sum()):,} patients aged {cells.ages[0]:.0f} to {cells.ages[-1]:.0f} years "
        f"by {cells.risk.inside}"
    )
    if not len(known):
        return f"{text}; too few at any age for a median"
    youngest, oldest = (
        f"{cells.risk.text(float(cells.median[k]))} at {cells.ages[k]:.0f} to {cells.ages[k + 1]:.0f}"
        for k in (known[0], known[-1])
    )
    return f"{text}; median {youngest}" + (f", {oldest}" if len(known) > 1 else "")


def risk_groups(groups: Sequence[RiskGroup], not_estimated: int) -> go.Figure:
    """Bars of patients in each risk group, lowest on top, and hatched those without an estimate."""
    counts = [*(group.count for group in groups), not_estimated]
    shown = [0 if few(count) else count for count in counts]
    words = ["<br>".join(filter(None, (group.name, group.range))) for group in groups] + [NOT_ESTIMATED]
    hatched = [""] * len(groups) + ["/"]
    bars = go.Bar(
        x=shown,
        y=words,
        orientation="h",
        marker={
            "color": [BAR] * len(groups) + [NEUTRAL],
            "pattern": {"shape": hatched, "fillmode": "replace", "solidity": 0.35, "size": 7},
            "line": {"width": [0] * len(groups) + [1], "color": NEUTRAL},
        },
        text=[_bar_text(count, sum(counts)) for count in counts],
        textposition="outside",
        cliponaxis=False,
        customdata=[inside(count) for count in counts],
        hovertemplate="%{y}: %{customdata} patients<extra></extra>",
    )
    made = styled(go.Figure(bars), height=HEIGHT)
    made.update_xaxes(visible=False, range=[0, ROOM * max(1, *shown)])
    made.update_yaxes(autorange="reversed", ticksuffix="  ")
    return made


def risk_groups_alt(groups: Sequence[RiskGroup], not_estimated: int) -> str:
    """The same in words."""
    total = sum(group.count for group in groups) + not_estimated
    bars = [f"{', '.join(filter(None, (group.name, group.range)))}: {share(group.count, total)}" for group in groups]
    return "; ".join([*bars, f"{NOT_ESTIMATED}: {share(not_estimated, total)}"])


def share(count: int, total: int) -> str:
    """'412 (32%)'; nothing in brackets where there are none, or so few that they are not shown."""
    return f"{count:,} ({portion(count, total)})" if count and not few(count) else told(count)


def _bar_text(count: int, total: int) -> str:
    return f"{count:,} <b>{portion(count, total)}</b>" if count and not few(count) else told(count)


def _shade(count: int) -> float | None:
    """What the colour of a cell stands for: none where nobody is, one and the same where few are."""
    return None if not count else FEWEST / 2 if few(count) else count


def portion(count: int, total: int) -> str:
    """The share of a whole, as percent."""
    return "100%" if count == total else wording.percent(count / total)


def _middles(edges: Array) -> list[float]:
    return ((edges[1:] + edges[:-1]) / 2).tolist()


def _limits(edges: Array) -> list[float]:
    return [float(edges[0]), float(edges[-1])]
