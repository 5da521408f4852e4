"""Figures draw what their tables say, nothing that is not recorded, and show a file's text as text."""

import json
from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from precision.cohort import Cohort
from precision.errors import InputError
from precision.figures import distribution
from precision.figures import timeline as history
from precision.figures.style import TIMELINE, plain
from precision.figures.timeline import SPANS, Timeline, timeline
from precision.model import registry
from precision.result import Result

TODAY = date(2026, 9, 30)


def cohort(medications: Sequence[tuple[str, str | None, str | None, str]] = ()) -> Cohort:
    """One patient with two diagnoses, results on two days, and the given medicines (drug, start, stop, status)."""
    conditions = pd.DataFrame(
        [
            ("P1", "ICD10CM:I10", "Hypertension", "2026-03-01", "active"),
            ("P1", "ICD10CM:E11.9", "Type 2 diabetes", "2015-05-01", "active"),
            ("P1", "ICD10CM:C50.9", "Breast cancer", "2026-04-01", "ruled_out"),
            ("P1", "ICD10CM:J45", "Asthma", None, "active"),
            ("P2", "ICD10CM:I10", "Hypertension", "2026-06-01", "active"),
        ],
        columns=["patient_id", "code", "label", "onset_date", "status"],
    ).assign(onset_date=lambda rows: pd.to_datetime(rows["onset_date"]))
    observations = pd.DataFrame(
        [
            ("P1", "hdl_cholesterol", 50.0, "2026-01-10"),
            ("P1", "total_cholesterol", 200.0, "2026-01-10"),
            ("P1", "ferritin", 80.0, "2026-01-10"),
            ("P1", "hba1c", 6.0, "2026-08-01"),
            ("P1", "hba1c", 6.1, "2026-12-01"),
        ],
        columns=["patient_id", "variable", "value", "time"],
    ).assign(time=lambda rows: pd.to_datetime(rows["time"]))
    drugs = pd.DataFrame(
        [("P1", drug, start, stop, status) for drug, start, stop, status in medications],
        columns=["patient_id", "drug", "start", "stop", "status"],
    ).assign(start=lambda r: pd.to_datetime(r["start"]), stop=lambda r: pd.to_datetime(r["stop"]))
    tables = {
        "patients": pd.DataFrame({"patient_id": ["P1", "P2"]}),
        "conditions": conditions,
        "observations": observations,
        "medications": drugs,
    }
    return Cohort("test", tables, TODAY)


def traces(found: Timeline) -> pd.DataFrame:
    """The figure's traces as the browser gets them, one a row."""
    return pd.DataFrame(json.loads(str(history.figure(found).to_json()))["data"])


def bars(found: Timeline) -> pd.DataFrame:
    """Lane -> start, end, dash, colour, hover text of each medicine's bar."""
    rows = traces(found)
    rows = rows[rows["mode"] == "lines"]
    ends = pd.DataFrame(rows["x"].tolist(), columns=["start", "end"]).apply(pd.to_datetime)
    lines = pd.json_normalize(rows["line"].tolist())
    return ends.join(lines).assign(hover=rows["hovertemplate"].tolist()).set_index(rows["y"].str[0])


def drawn(found: Timeline, lane: str) -> list[str]:
    return [event.detail for event in found.events if event.lane == lane]


def test_one_year_shows_what_happened_in_it_and_all_shows_everything() -> None:
    year, everything = timeline(cohort(), "P1"), timeline(cohort(), "P1", history.ALL)
    assert drawn(year, "Diagnoses") == ["Hypertension"]
    assert drawn(everything, "Diagnoses") == ["Type 2 diabetes", "Hypertension"]
    assert everything.start == pd.Timestamp("2015-05-01")
    assert timeline(cohort(), "P1", history.FIVE_YEARS).start == pd.Timestamp("2021-09-30")


def test_results_of_a_day_are_one_mark_named_by_its_panels() -> None:
    found = [event for event in timeline(cohort(), "P1").events if event.lane == "Results"]
    assert [(event.label, event.detail) for event in found] == [("Lipids +1", "Lipids, Ferritin"), ("HbA1c", "HbA1c")]


def test_nothing_after_the_index_date_and_nothing_ruled_out_is_drawn() -> None:
    found = timeline(cohort(), "P1", history.ALL)
    assert all(event.end <= pd.Timestamp(TODAY) for event in found.events)
    assert "Breast cancer" not in " ".join(event.detail for event in found.events)


def test_what_has_no_date_is_counted_in_words() -> None:
    assert timeline(cohort(), "P1").left_out == ("1 diagnoses have no date.",)


def test_medicines_stand_by_severity_with_the_word_in_the_name() -> None:
    rows = [
        ("ramipril", "2024-01-01", None, "active"),
        ("simvastatin", "2026-02-01", None, "active"),
        ("codeine", "2026-02-01", "2026-03-01", "stopped"),
        ("warfarin", "2020-02-01", "2021-03-01", "stopped"),
        ("tamoxifen", "2026-12-01", None, "planned"),
    ]
    found = timeline(cohort(rows), "P1", severities={"simvastatin": (4, "Avoid"), "codeine": (2, "Monitor")})
    assert list(found.lanes) == ["Diagnoses", "Results", "Simvastatin, avoid", "Codeine, monitor", "Ramipril"]
    drawn_bars = bars(found)
    assert drawn_bars.loc["Simvastatin, avoid", "color"] == TIMELINE[4]
    assert drawn_bars.loc["Ramipril", "start"] == pd.Timestamp("2025-09-30")
    assert drawn_bars.loc["Codeine, monitor", "end"] == pd.Timestamp("2026-03-01")
    assert "1 Jan 2024" in set(history.table(found)["From"])


def test_a_medicine_with_an_unknown_first_day_is_dotted_and_says_so() -> None:
    found = timeline(cohort([("aspirin", None, None, "active")]), "P1")
    assert bars(found)["dash"].tolist() == ["dot"]
    assert "first day not recorded" in bars(found)["hover"].iloc[0]
    assert "not recorded" in set(history.table(found)["From"])


def test_more_medicines_than_fit_are_counted() -> None:
    rows = [(f"drug {i:02}", "2026-01-01", None, "active") for i in range(history.MOST_MEDICINES + 3)]
    assert "3 more medicines are not drawn." in timeline(cohort(rows), "P1").left_out


@pytest.mark.parametrize("span", SPANS)
def test_a_patient_without_any_record_has_an_empty_timeline(span: str) -> None:
    empty = Cohort("empty", {"patients": pd.DataFrame({"patient_id": ["P1"]})}, TODAY)
    found = timeline(empty, "P1", span)
    assert found.events == ()
    assert history.alt(found).endswith("no medicine")
    assert len(traces(found)) == 2


def test_text_of_a_file_is_not_read_as_markup() -> None:
    rows = [("<a href='x'>pill</a>", "2026-01-01", None, "active")]
    made = history.figure(timeline(cohort(rows), "P1"))
    assert "<a" not in json.dumps(json.loads(str(made.to_json())), ensure_ascii=False)


@given(st.text())
def test_plain_text_holds_no_tag(text: str) -> None:
    assert "<" not in plain(text)


def risks(count: int) -> tuple[Result, int]:
    people = pd.DataFrame(
        {
            "age": np.linspace(40, 79, count),
            "sex": 0.0,
            "total_cholesterol": 200.0,
            "hdl_cholesterol": 50.0,
            "systolic_bp": 130.0,
            "diabetes": 0.0,
            "current_smoker": 0.0,
            "egfr": 90.0,
            "bmi": 27.0,
            "antihypertensive_treatment": 0.0,
            "statin_treatment": 0.0,
        }
    )
    result = registry()["prevent_base"](people)
    return result, result.column("ascvd", 10)


def test_every_patient_stands_in_one_bar() -> None:
    result, k = risks(100)
    edges, counts = distribution.bins(result.value[:, k])
    assert counts.sum() == 100
    assert edges[0] == 0
    assert distribution.table(result, k, 0)["Patients"].sum() == 100


def test_the_patient_is_marked_and_placed_in_words() -> None:
    # risk rises with age, so 75 of 100 patients have a lower risk than the 76th
    result, k = risks(100)
    made = distribution.figure(result, k, 75)
    assert json.loads(str(made.to_json()))["layout"]["shapes"][0]["x0"] == pytest.approx(100 * result.value[75, k])
    assert "75% of them have a lower risk" in distribution.alt(result, k, 75)
    assert "none of them have a lower risk" in distribution.alt(result, k, 0)


def test_the_place_among_fewer_than_five_is_not_told() -> None:
    result, k = risks(4)
    with pytest.raises(InputError, match="fewer than 5"):
        distribution.figure(result, k, 0)


@given(st.lists(st.floats(0.0001, 0.9999), min_size=1, max_size=50))
def test_bars_count_every_risk_once(values: list[float]) -> None:
    edges, counts = distribution.bins(np.array(values))
    assert counts.sum() == len(values)
    assert len(edges) == len(counts) + 1
