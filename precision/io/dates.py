"""Dates as people write them, read without guessing which number is the month."""

from __future__ import annotations

import re
from datetime import date, datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.io.arrow import Mask
from precision.io.issues import Ledger
from precision.io.text import Cells
from precision.schema import MISSING_WORDS

Dates = NDArray[np.datetime64]
CLOCK = r"[T ][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?\s?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
ISO = rf"^[0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}}(?:{CLOCK})?$"
NUMBERS = r"^(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?:[T ].*)?$"
OTHER = (("%Y/%m/%d", r"^\d{4}/\d{1,2}/\d{1,2}$"), ("%Y%m%d", r"^(?:19|20)\d{6}$"))
NAMED = (("%d-%b-%Y", r"^\d{1,2}[- ][A-Za-z]{3}[- ]\d{4}$"), ("%d-%B-%Y", r"^\d{1,2}[- ][A-Za-z]{4,9}[- ]\d{4}$"))
EARLIEST = np.datetime64("1850-01-01")
UNIT = "datetime64[us]"


AHEAD = ("medication_start", "medication_stop")  # what is planned has a day to come


def today() -> date:
    """The day by the clock of this machine, where its user is."""
    return datetime.now().astimezone().date()


def read_dates(ledger: Ledger, cells: Cells, today: date, variable: str = "") -> Dates:
    """(D,) dates and times in UTC of the distinct texts, NaT where none; unreadable and future ones are reported.

    variable : what the dates are of; those that may be planned may lie in the future
    """
    texts = cells.column.stripped().series()
    missing = texts.str.lower().isin(MISSING_WORDS).to_numpy() | (texts == "").to_numpy()
    found = _iso(texts)
    for pattern, shape in (*OTHER, *NAMED):
        found = _filled(found, texts, shape, pattern)
    found, ambiguous = _day_and_month(ledger, cells, texts, found)
    old = found < EARLIEST
    unread = np.isnat(found) & ~missing & ~ambiguous
    ledger.cells("bad_date", cells, unread | old, lambda text: f"'{text}' {_why(text)}")
    ledger.cells("ambiguous_date", cells, ambiguous, lambda text: f"'{text}' may have the day or the month first.")
    future = (found > np.datetime64(today, "D") + np.timedelta64(1, "D")) & (variable not in AHEAD)
    ledger.cells("future_date", cells, future, lambda text: f"{text} is in the future.")
    return np.where(old | future, np.datetime64("NaT"), found).astype(UNIT)


def _iso(texts: pd.Series) -> Dates:
    shaped = texts.str.match(ISO).to_numpy(dtype=np.bool_)
    found = np.full(len(texts), np.datetime64("NaT"), dtype=UNIT)
    read = pd.to_datetime(texts[shaped], format="ISO8601", utc=True, errors="coerce")
    found[shaped] = read.dt.tz_localize(None).to_numpy(dtype=UNIT)
    return found


def _filled(found: Dates, texts: pd.Series, shape: str, pattern: str) -> Dates:
    shaped = texts.str.match(shape).to_numpy(dtype=np.bool_) & np.isnat(found)
    if shaped.any():
        plain = texts[shaped].str.replace(" ", "-", regex=False)
        found[shaped] = pd.to_datetime(plain, format=pattern, errors="coerce").to_numpy(dtype=UNIT)
    return found


def _day_and_month(ledger: Ledger, cells: Cells, texts: pd.Series, found: Dates) -> tuple[Dates, Mask]:
    """Dates such as 03/04/2020, read when the other dates of the column show which number is the month."""
    parts = texts.str.extract(NUMBERS)
    shaped = parts[0].notna().to_numpy() & np.isnat(found)
    none = np.zeros(len(texts), dtype=np.bool_)
    if not shaped.any():
        return found, none
    numbers = parts[shaped].astype("int64").to_numpy()
    one, two = numbers[:, 0], numbers[:, 1]
    dots = texts[shaped].str.contains(r"^\d{1,2}\.", regex=True).to_numpy()
    day_first = bool((((one > 12) & (two <= 12)) | dots).any())
    month_first = bool(((two > 12) & (one <= 12)).any())
    alike = (one == two) & (one <= 12)
    readable = alike | (one > 12) | (two > 12) | dots
    if day_first != month_first:
        readable = np.ones_like(readable)
        order = "day" if day_first else "month"
        if (~alike).any():
            other = f"the dates are read with the {order} first, as some of them can only be read so."
            ledger.column("date_order", cells.column.header, "", other)
    first_is_day = np.where((one > 12) | dots | (day_first and not month_first), True, alike)
    day, month = np.where(first_is_day, one, two), np.where(first_is_day, two, one)
    written = [f"{y:04d}-{m:02d}-{d:02d}" for y, m, d in zip(numbers[:, 2], month, day, strict=True)]
    read = pd.to_datetime(pd.Series(written, dtype="str"), format="%Y-%m-%d", errors="coerce").to_numpy(dtype=UNIT)
    found[shaped] = np.where(readable, read, np.datetime64("NaT"))
    none[np.flatnonzero(shaped)[~readable]] = True
    return found, none


def _why(text: str) -> str:
    if re.fullmatch(r"[0-9]{5}(\.[0-9]+)?", text):
        return "looks like the number that a spreadsheet keeps for a date; format the column as a date."
    if re.fullmatch(r"[0-9]{4}", text):
        return "is a year only; the column needs a day (a year of birth goes into a column birth_year)."
    return "is not a date."
