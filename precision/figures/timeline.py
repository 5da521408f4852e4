"""One patient's diagnoses, results and medicines over time, each in its own lane."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from precision import wording
from precision.cohort import Cohort
from precision.figures.style import BAR, NEUTRAL, TIMELINE, in_lanes, plain, styled

YEAR, FIVE_YEARS, ALL = "1 year", "5 years", "All"
SPANS: Mapping[str, int | None] = {YEAR: 1, FIVE_YEARS: 5, ALL: None}
DIAGNOSES, RESULTS = "Diagnoses", "Results"
SHAPES = {DIAGNOSES: "diamond", RESULTS: "circle"}
PANELS: Mapping[str, tuple[str, ...]] = {
    "Lipids": ("total_cholesterol", "hdl_cholesterol", "ldl_cholesterol", "non_hdl_cholesterol", "triglycerides"),
    "HbA1c": ("hba1c",),
    "Kidney": ("creatinine", "egfr", "uacr", "urea_nitrogen"),
    "Glucose": ("glucose", "fasting_glucose", "glucose_2h"),
    "Blood pressure": ("systolic_bp", "diastolic_bp", "heart_rate"),
    "Liver": ("alt", "ast", "bilirubin", "alkaline_phosphatase", "ggt"),
    "Blood count": ("haemoglobin", "haematocrit", "platelets", "white_cell_count", "red_cell_count"),
    "Body measures": ("height", "weight", "bmi", "waist"),
}
MOST_MEDICINES = 12
MOST_LETTERS = 24
LABEL_ROOM = 0.13  # of the width; a label closer than this to the last one is left to the hover text
LANE, FRAME = 30, 50  # px of a lane; of the axis and the margins
EDGE = 0.03  # of the width, free on both sides so that marks and labels are whole


@dataclass(frozen=True, slots=True)
class Event:
    """Something on one day, or from one day to another; ``open_start`` where the first day is not recorded."""

    lane: str
    label: str
    detail: str
    start: pd.Timestamp
    end: pd.Timestamp
    open_start: bool = False


@dataclass(frozen=True, slots=True)
class Timeline:
    """The lanes from the top with their severity (None = no statement), and what is in them.

    left_out : sentences on what is recorded but cannot be drawn
    """

    patient: str
    start: pd.Timestamp
    end: pd.Timestamp
    lanes: Mapping[str, int | None]
    events: tuple[Event, ...]
    left_out: tuple[str, ...]


def timeline(
    cohort: Cohort, patient: str, span: str = YEAR, severities: Mapping[str, tuple[int, str]] | None = None
) -> Timeline:
    """Collect what is dated, up to the cohort's index date.

    Parameters
    ----------
    span : one of SPANS
    severities : medicine as recorded -> level and word of the advice about it
    """
    end = pd.Timestamp(cohort.index_date)
    diagnoses, undated = _diagnoses(cohort.of(patient, "conditions"), end)
    results, unplaced = _results(cohort.of(patient, "observations"), end)
    medicines = _medicines(cohort.of(patient, "medications"), end)
    everything = (*diagnoses, *results, *(event for event in medicines if not event.open_start))
    start = _start(span, end, everything)
    inside = [event for event in (*diagnoses, *results) if event.start >= start]
    drugs = [event for event in medicines if event.end >= start or event.open_start]
    lanes, hidden = _lanes(drugs, severities or {})
    inside += [_clipped(event, start, lanes[event.lane][0]) for event in drugs if event.lane in lanes]
    left_out = [
        f"{undated} diagnoses have no date." if undated else "",
        f"{unplaced} results have no date." if unplaced else "",
        f"{hidden} more medicines are not drawn." if hidden else "",
    ]
    return Timeline(
        patient=patient,
        start=start,
        end=end,
        lanes={DIAGNOSES: None, RESULTS: None} | dict(lanes.values()),
        events=tuple(inside),
        left_out=tuple(filter(None, left_out)),
    )


def figure(found: Timeline) -> go.Figure:
    """Marks for days, bars for medicines, the most severe above; dotted where the first day is not recorded."""
    lanes = [plain(lane) for lane in found.lanes]
    width = max(found.end - found.start, pd.Timedelta(days=1))
    bars = [event for event in found.events if event.lane not in SHAPES]
    marks = [_marks(found, lane, width) for lane in SHAPES]
    made = styled(go.Figure([*marks, *(_bar(event, found) for event in bars)]))
    made.update_layout(height=FRAME + LANE * len(lanes))
    edge = EDGE * width
    short = width < pd.Timedelta(days=3 * 366)
    made.update_xaxes(
        type="date",
        range=[found.start - edge, found.end + edge],
        tickformat="%b %y" if short else "%Y",
        nticks=4,
        showgrid=False,
    )
    return in_lanes(made, lanes, above=0.8)


def alt(found: Timeline) -> str:
    """The same in words: what is in each lane."""
    counts = {lane: sum(event.lane == lane for event in found.events) for lane in found.lanes}
    points = [f"{lane} on {counts[lane]} day{'s'[: counts[lane] != 1]}" for lane in SHAPES if counts[lane]]
    drugs = [lane for lane in found.lanes if lane not in SHAPES]
    words = [*points, f"medicines: {', '.join(drugs)}" if drugs else "no medicine"]
    return f"From {_day(found.start)} to {_day(found.end)}: {'; '.join(words)}"


def table(found: Timeline) -> pd.DataFrame:
    """Every event as a row, the newest first."""
    rows = [
        (event.lane, event.detail, "not recorded" if event.open_start else _day(event.start), _day(event.end))
        for event in sorted(found.events, key=lambda event: (event.end, event.start), reverse=True)
    ]
    return pd.DataFrame(rows, columns=["Lane", "What", "From", "To"])


def _start(span: str, end: pd.Timestamp, events: Iterable[Event]) -> pd.Timestamp:
    years = SPANS[span]
    if years is not None:
        return end - pd.DateOffset(years=years)
    return min((event.start for event in events), default=end - pd.DateOffset(years=1))


def _diagnoses(rows: pd.DataFrame, end: pd.Timestamp) -> tuple[list[Event], int]:
    """One event a day, and how many diagnoses have no day; what was ruled out or is a relative's is left out."""
    rows = rows.reindex(columns=["code", "label", "onset_date", "status"])  # a table of the user's may lack some
    rows = rows[~rows["status"].isin(["ruled_out", "family_only"])]
    days = pd.to_datetime(rows["onset_date"])
    names = rows["label"].where(rows["label"].notna(), rows["code"]).astype("str")
    return _by_day(DIAGNOSES, days, names, end), int(days.isna().sum())


def _results(rows: pd.DataFrame, end: pd.Timestamp) -> tuple[list[Event], int]:
    order = {panel: place for place, panel in enumerate(PANELS)}
    variables = rows["variable"].astype("str")
    panels = {str(name): _panel(str(name)) for name in variables.unique()}
    names = variables.map(panels)
    ranks = variables.map({name: order.get(panel, len(order)) for name, panel in panels.items()})
    days = pd.to_datetime(rows["time"]).dt.normalize()
    ranked = ranks.sort_values(kind="stable").index
    return _by_day(RESULTS, days.loc[ranked], names.loc[ranked], end), int(days.isna().sum())


def _panel(name: str) -> str:
    return next((panel for panel, names in PANELS.items() if name in names), wording.label(name))


def _by_day(lane: str, days: pd.Series, names: pd.Series, end: pd.Timestamp) -> list[Event]:
    known = days.notna() & (days <= end)
    found: list[Event] = []
    for day, group in names[known].groupby(days[known].dt.normalize(), sort=True):
        words = list(dict.fromkeys(map(str, group)))
        at = pd.Timestamp(str(day))
        found.append(Event(lane, _short(words), ", ".join(words), at, at))
    return found


def _short(words: Sequence[str]) -> str:
    first = words[0] if len(words[0]) <= MOST_LETTERS else words[0][: MOST_LETTERS - 1].rstrip() + "…"
    return first if len(words) == 1 else f"{first} +{len(words) - 1}"


def _medicines(rows: pd.DataFrame, end: pd.Timestamp) -> list[Event]:
    """One bar for each record of a medicine that was begun; those stopped on an unknown day end where they began."""
    rows = rows.reindex(columns=["drug", "start", "stop", "status"])  # a table of the user's may lack some
    starts, stops = pd.to_datetime(rows["start"]), pd.to_datetime(rows["stop"])
    found: list[Event] = []
    for drug, status, start, stop in zip(rows["drug"].astype("str"), rows["status"], starts, stops, strict=True):
        if str(status) == "planned" or start > end or (pd.isna(start) and pd.isna(stop) and str(status) == "stopped"):
            continue
        last = min(stop, end) if not pd.isna(stop) else (start if str(status) == "stopped" else end)
        found.append(Event(drug, drug, drug, last if pd.isna(start) else start, last, bool(pd.isna(start))))
    return found


def _lanes(
    drugs: Sequence[Event], severities: Mapping[str, tuple[int, str]]
) -> tuple[dict[str, tuple[str, int | None]], int]:
    """Medicine -> lane name and level, the most severe, then the most recent first; and how many do not fit."""
    newest: dict[str, pd.Timestamp] = {}
    for event in drugs:
        newest[event.lane] = max(newest.get(event.lane, event.end), event.end)
    order = sorted(newest, key=lambda drug: (-severities.get(drug, (-1, ""))[0], -newest[drug].value, drug.casefold()))
    lanes: dict[str, tuple[str, int | None]] = {}
    for drug in order[:MOST_MEDICINES]:
        level, word = severities.get(drug, (None, ""))
        name = drug[:1].upper() + drug[1:]
        lanes[drug] = (f"{name}, {word.lower()}" if word else name, level)
    return lanes, max(len(order) - MOST_MEDICINES, 0)


def _clipped(event: Event, start: pd.Timestamp, lane: str) -> Event:
    begins = start if event.open_start else event.start
    return Event(lane, event.label, event.detail, begins, event.end, event.open_start)


def _marks(found: Timeline, lane: str, width: pd.Timedelta) -> go.Scatter:
    events = [event for event in found.events if event.lane == lane]
    return go.Scatter(
        x=[event.start for event in events],
        y=[lane] * len(events),
        mode="markers+text",
        marker={"symbol": SHAPES[lane], "size": 9, "color": BAR},
        text=_labels(events, width),
        textposition=_sides(events, found, width),
        cliponaxis=False,
        customdata=[plain(event.detail) for event in events],
        hovertemplate="%{x|%-d %b %Y}: %{customdata}<extra></extra>",
    )


def _labels(events: Sequence[Event], width: pd.Timedelta) -> list[str]:
    """The label of each event, empty where it would stand on the next one; the newest is always named."""
    words: list[str] = []
    following: pd.Timestamp | None = None
    for event in reversed(events):
        clear = following is None or (following - event.start) / width >= LABEL_ROOM * _relative_length(event.label)
        words.append(plain(event.label) if clear else "")
        following = event.start if clear else following
    return words[::-1]


def _relative_length(label: str) -> float:
    return max(1.0, len(label) / 14)


def _sides(events: Sequence[Event], found: Timeline, width: pd.Timedelta) -> list[str]:
    """Above the mark; to its inner side at both ends, so that a label is not cut."""
    places = [(event.start - found.start) / width for event in events]
    return [
        "top right" if at < LABEL_ROOM / 2 else "top left" if at > 1 - LABEL_ROOM / 2 else "top center" for at in places
    ]


def _bar(event: Event, found: Timeline) -> go.Scatter:
    begun = "first day not recorded" if event.open_start else f"from {_day(event.start)}"
    return go.Scatter(
        x=[max(event.start, found.start), event.end],
        y=[plain(event.lane)] * 2,
        mode="lines",
        line={
            "color": TIMELINE.get(found.lanes[event.lane], NEUTRAL),
            "width": 6,
            "dash": "dot" if event.open_start else "solid",
        },
        hovertemplate=f"%{{y}}: {begun} to {_day(event.end)}<extra></extra>",
    )


def _day(day: pd.Timestamp) -> str:
    return f"{day.day} {day:%b %Y}"
