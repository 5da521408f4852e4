"""Dates: read when they can mean one day only."""

import time
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from precision.io import Import, read
from precision.io.dates import today


def load(*cells: str) -> Import:
    rows = "".join(f'p{i},f,50,"{cell}"\n' for i, cell in enumerate(cells))
    return read([("cohort.csv", f"patient_id,sex,age,as_of\n{rows}".encode())])


def days(imported: Import) -> list[str]:
    assert imported.cohort is not None
    return imported.cohort.tables["patients"]["as_of"].dt.strftime("%Y-%m-%d").tolist()


@pytest.mark.parametrize(
    "cell",
    ["2020-03-04", "2020-3-4", "2020/03/04", "20200304", "4-Mar-2020", "04 March 2020", "04.03.2020"]
    + ["2020-03-04T10:11:12Z", "2020-03-04 23:30:00", "2020-03-04T10:11:12.5+02:00"],
)
def test_a_date_that_can_mean_one_day_is_that_day(cell: str) -> None:
    assert days(load(cell)) == ["2020-03-04"]


def test_a_time_zone_is_counted() -> None:
    assert days(load("2020-03-04T23:30:00-05:00")) == ["2020-03-05"]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("2020-02-30", "bad_date"),
        ("31/31/2020", "bad_date"),
        ("soon", "bad_date"),
        ("44000", "bad_date"),
        ("2020", "bad_date"),
        ("03/04/20", "bad_date"),
        ("1066-10-14", "bad_date"),
        ("03/04/2020", "ambiguous_date"),
        ("2999-01-01", "future_date"),
    ],
)
def test_a_date_that_cannot_be_right_quarantines_its_row(cell: str, code: str) -> None:
    imported = load("2020-01-01", cell)
    issue = imported.issues.iloc[0]
    assert (issue["row"], issue["column"], issue["value"], issue["code"]) == (3, "as_of", cell, code)
    assert days(imported) == ["2020-01-01"]


def test_other_rows_show_whether_the_day_or_the_month_comes_first() -> None:
    day_first = load("03/04/2020", "25/03/2020")
    assert days(day_first) == ["2020-04-03", "2020-03-25"]
    assert day_first.issues["code"].tolist() == ["date_order"]
    assert days(load("03/04/2020", "03/25/2020")) == ["2020-03-04", "2020-03-25"]


def test_a_column_in_both_orders_is_not_guessed() -> None:
    imported = load("25/03/2020", "03/25/2020", "03/04/2020", "05/05/2020")
    assert days(imported) == ["2020-03-25", "2020-03-25", "2020-05-05"]
    assert imported.issues[["row", "code"]].to_numpy().tolist() == [[4, "ambiguous_date"]]


def test_the_index_date_may_lie_ahead() -> None:
    data = b"patient_id,sex,age,as_of\na,f,50,2999-01-01\n"
    imported = read([("cohort.csv", data)], index_date=date(2999, 1, 2))
    assert days(imported) == ["2999-01-01"]
    assert imported.cohort is not None
    assert imported.cohort.index_date == date(2999, 1, 2)


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of this system cannot be set for a process")
def test_the_day_is_that_of_the_user_and_the_same_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """26 hours lie between the two zones, so it is never the same day in both."""
    found: list[tuple[date, date, list[str]]] = []
    for zone in ("Etc/GMT+12", "Etc/GMT-14"):
        with monkeypatch.context() as patch:
            patch.setenv("TZ", zone)
            time.tzset()
            soon = today() + timedelta(days=2)
            imported = read([("cohort.csv", f"patient_id,sex,age,as_of\na,f,50,{soon}\nb,f,50,\n".encode())])
            cohort = imported.cohort
            assert cohort is not None
            found.append((today(), cohort.index_date, imported.issues["code"].astype("str").tolist()))
        time.tzset()
    (west, west_index, west_codes), (east, east_index, east_codes) = found
    assert west < east
    assert (west_index, east_index) == (west, east)
    assert west_codes == east_codes == ["future_date"]


def test_missing_dates_are_missing() -> None:
    imported = load("", "NA", "2020-01-01")
    assert imported.cohort is not None
    assert imported.cohort.tables["patients"]["as_of"].isna().tolist() == [True, True, False]
    assert pd.api.types.is_datetime64_dtype(imported.cohort.tables["patients"]["as_of"])


def test_a_planned_medicine_may_begin_and_end_in_the_future(tmp_path: Path) -> None:
    (tmp_path / "patients.csv").write_text("patient_id,sex,age\nA,female,50\nB,male,60\n")
    (tmp_path / "medications.csv").write_text(
        "patient_id,drug,status,start,stop\nA,warfarin,planned,2099-01-01,2099-06-01\n"
    )
    (tmp_path / "conditions.csv").write_text("patient_id,code,onset_date\nB,ICD10CM:I10,2099-01-01\n")
    found = read([tmp_path])
    assert found.cohort is not None
    assert found.cohort.table("medications")["drug"].tolist() == ["warfarin"]
    assert found.issues["code"].tolist().count("future_date") == 1  # a diagnosis cannot
