"""Where a patient stands among a cohort's risks."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from precision import wording
from precision.errors import InputError
from precision.figures.style import EVENT, NEUTRAL, styled
from precision.result import OK, Array, Result

STEPS = (0.0025, 0.005, 0.01, 0.02, 0.05)  # widths of a bar, as probabilities
MOST_BARS = 30
HEIGHT = 240
ROOM = 1.25  # the axis is this much higher than the highest bar, so that the patient's label stands above the bars
FEWEST = 5  # patients; the place among fewer is not told, to protect privacy


def bins(risks: Array) -> tuple[Array, NDArray[np.int64]]:
    """Edges (B + 1,) as probabilities from 0, and the number of patients in each bar (B,)."""
    top = float(risks.max())
    step = next((size for size in STEPS if top < MOST_BARS * size), STEPS[-1])
    edges = step * np.arange(int(top // step) + 2, dtype=np.float64)
    counts, _ = np.histogram(risks, edges)
    return edges, counts.astype(np.int64)


def figure(result: Result, estimate: int, row: int) -> go.Figure:
    """Bars of patients by risk; a line marks the patient.

    Raises
    ------
    InputError : fewer than five patients have an estimate, or this one has none
    """
    risks, own = _known(result, estimate, row)
    edges, counts = bins(risks)
    lows, highs = 100 * edges[:-1], 100 * edges[1:]
    bars = go.Bar(
        x=(lows + highs) / 2,
        y=counts,
        width=0.9 * (highs - lows),
        marker_color=NEUTRAL,
        customdata=np.stack([lows, highs], axis=1),
        hovertemplate="%{customdata[0]:.3g} to %{customdata[1]:.3g}%: %{y:,} patients<extra></extra>",
    )
    made = styled(go.Figure(bars), height=HEIGHT)
    made.update_xaxes(title={"text": f"{_title(result, estimate)}, %", "standoff": 6}, range=[0, highs[-1]])
    made.update_yaxes(
        title={"text": "Patients", "standoff": 6}, nticks=4, showgrid=True, range=[0, ROOM * counts.max()]
    )
    right = 100 * own > highs[-1] / 2
    made.add_vline(
        x=100 * own,
        line_width=2,
        line_color=EVENT,
        annotation={
            "text": f"This patient {wording.percent(own)}",
            "xanchor": "right" if right else "left",
            "xshift": -4 if right else 4,
            "y": 1,
            "yanchor": "top",
            "showarrow": False,
        },
    )
    return made


def alt(result: Result, estimate: int, row: int) -> str:
    """The same in words."""
    risks, own = _known(result, estimate, row)
    lower = wording.percent(float(np.mean(risks < own))) if (risks < own).any() else "none"
    return (
        f"{_title(result, estimate)} of {len(risks):,} patients: median {wording.percent(float(np.median(risks)))}. "
        f"This patient {wording.percent(own)}; {lower} of them have a lower risk"
    )


def table(result: Result, estimate: int, row: int) -> pd.DataFrame:
    """The bars as a table."""
    edges, counts = bins(_known(result, estimate, row)[0])
    words = [f"{100 * low:.3g} to {100 * high:.3g}%" for low, high in pairwise(edges)]
    return pd.DataFrame({_title(result, estimate): words, "Patients": counts})


def _known(result: Result, estimate: int, row: int) -> tuple[Array, float]:
    good = result.status[:, estimate] == OK
    if not good[row]:
        raise InputError(f"patient '{result.patients[row]}' has no estimate to mark; the finding says why")
    if good.sum() < FEWEST:
        raise InputError(
            f"only {good.sum()} patients have an estimate; the place among fewer than {FEWEST} is not shown"
        )
    return result.value[good, estimate], float(result.value[row, estimate])


def _title(result: Result, estimate: int) -> str:
    return f"{result.estimates[estimate].horizon_years:g}-year risk"
