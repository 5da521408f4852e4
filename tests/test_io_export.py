"""Tables for spreadsheets: nothing of ours is calculated when the file is opened."""

import csv
import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from precision.io.export import TRIGGERS, safe_csv, safe_text, unguarded


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\tx", "\r=1", "|calc", "＝1", "-5.2.1", "--5"])
def test_text_that_a_spreadsheet_would_calculate_is_guarded(text: str) -> None:
    assert safe_text(text) == "'" + text


@pytest.mark.parametrize("text", ["-5.2", "+3", "1e5", "-.5E-3", "plain", "", "5=5", "a@b"])
def test_plain_numbers_and_text_stay(text: str) -> None:
    assert safe_text(text) == text


@given(st.text(max_size=12))
def test_the_guard_comes_off_again(text: str) -> None:
    assert unguarded(safe_text(text)) == text or text.startswith("'")


@given(st.lists(st.text(max_size=8), min_size=1, max_size=6))
def test_no_written_cell_begins_a_formula(texts: list[str]) -> None:
    written = safe_csv(pd.DataFrame({"=header": pd.Series(texts, dtype="str"), "n": [-1.5] * len(texts)}))
    rows = list(csv.reader(io.StringIO(written, newline="")))
    assert rows[0] == ["'=header", "n"]
    assert all(not row[0].startswith(TRIGGERS) or row[0].lstrip("+-").replace(".", "").isalnum() for row in rows[1:])
    assert {row[1] for row in rows[1:]} == {"-1.5"}


def test_missing_cells_are_empty_and_numbers_stay_numbers() -> None:
    frame = pd.DataFrame({"name": pd.Series(["=x", None], dtype="str"), "value": [-2, 3]})
    assert safe_csv(frame) == "name,value\r\n'=x,-2\r\n,3\r\n"
