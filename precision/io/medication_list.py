"""A medicine list on its own: one line for each medicine, with a header or only names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from precision.errors import InputError
from precision.io.codes import with_system
from precision.io.dates import CLOCK
from precision.io.written import rows_of, text_of
from precision.schema import category_key, header_key, match_header, variable

SAMPLE = ("sample", "sample_id", "patient_id", "patient")
COLUMNS: Mapping[str, str] = {
    "drug": "drug",
    "dose": "dose",
    "medication_start": "start",
    "medication_stop": "stop",
    "medication_status": "status",
}
CODES: Mapping[str, str] = {"code": "code", "rxnorm": "code", "rxcui": "code", "atc": "atc", "atc_code": "atc"}
MEDICINE = ("drug", "code", "atc")  # a row's medicine is the first of these that is written
CODE = re.compile(r"(RXNORM|ATC):\S+", re.IGNORECASE)
BARE = re.compile(r"[A-Z]\d{2}[A-Z]{2}\d{2}|\d{1,8}", re.IGNORECASE)  # an ATC code of a substance, an RxNorm number
DATES = ("start", "stop")
DAY = rf"^([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}|[0-9]{{8}})(?:{CLOCK})?$"


def read_medications(path: Path, samples: Sequence[str]) -> pd.DataFrame:
    """The medicines of a tab- or comma-separated file.

    The header may name drug (or a code: RXNORM:6918, 6918, C07AB02), code, atc, dose in mg, start, stop, status
    (active, stopped, planned) and sample; a row's medicine is its drug, where that is empty its code, else its atc. A
    file without a known header is a list of names, all in use. Bytes that are not UTF-8 are read as Windows-1252.

    Returns
    -------
    line, sample, drug, code, dose, start, stop, status : a row without sample is for the only sample

    Raises
    ------
    InputError : the file has no medicine, two columns say the same, or a row has too many cells, names no medicine, or
        a quote, sample, status or date that is not understood
    """
    rows = rows_of(path.name, text_of(path))
    if not rows:
        raise InputError(f"{path.name}: no medicine in it; write one on each line, or a table with a column 'drug'")
    cells = rows[0][1]
    header = [_column(cell) for cell in cells]
    if not any(name in header for name in MEDICINE):
        if len(cells) > 1:
            raise InputError(f"{path.name}: no column is 'drug'; found {', '.join(cells)}; name the medicine's column")
        header, cells, rows = ["drug"], ["drug"], [(0, ["drug"]), *rows]
    if twice := [name for name in header if name and header.count(name) > 1]:
        alike = " and ".join(f"'{cell}'" for cell, name in zip(cells, header, strict=True) if name == twice[0])
        raise InputError(f"{path.name}: two columns say '{twice[0]}': {alike}; keep one of them")
    if len(rows) == 1:
        raise InputError(f"{path.name}: no medicine in it but a header; write one on each line below it")
    told = [{"line": line, **_row(path.name, line, header, row, samples)} for line, row in rows[1:]]
    frame = pd.DataFrame(told, columns=["line", "sample", "drug", "code", *list(COLUMNS.values())[1:]])
    for name in DATES:
        frame[name] = _dates(path.name, name, frame)
    return frame


def name_or_code(text: str) -> tuple[str, str]:
    """What a person wrote for a medicine, as name and code, one of them empty; a bare code is told by its shape."""
    text = text.strip()
    code = with_system("medications", text) if BARE.fullmatch(text) or ":" in text else ""
    return ("", code) if CODE.fullmatch(code) else (text, "")


def _column(header: str) -> str:
    if header_key(header) in SAMPLE:
        return "sample"
    if header_key(header) in CODES:
        return CODES[header_key(header)]
    found = match_header(header, "medications")
    return COLUMNS.get(found.variable.name, "") if found else ""


def _row(file: str, number: int, header: Sequence[str], cells: Sequence[str], samples: Sequence[str]) -> dict[str, str]:
    if len(cells) > len(header):
        raise InputError(
            f"{file}, line {number}: {len(cells)} cells for {len(header)} columns; remove what is too much"
        )
    found = dict.fromkeys(("sample", *MEDICINE, *COLUMNS.values()), "")
    found |= {name: cell.strip() for name, cell in zip(header, cells, strict=False) if name}
    found["drug"], found["code"] = _medicine(found)
    if not (found["drug"] or found["code"]):
        raise InputError(f"{file}, line {number}: no medicine is named; write a name or a code, or remove the line")
    if found["status"]:
        known = variable("medication_status").synonyms
        if (level := known.get(category_key(found["status"]))) is None:
            raise InputError(f"{file}, line {number}: status '{found['status']}' is not active, stopped or planned")
        found["status"] = level
    if found["sample"] and found["sample"] not in samples:
        raise InputError(
            f"{file}, line {number}: sample '{found['sample']}' is not in the genotypes; correct or remove its lines"
        )
    if not found["sample"] and len(samples) != 1:
        raise InputError(f"{file}, line {number}: the genotypes have {len(samples)} samples; add a column 'sample'")
    return {**found, "sample": found["sample"] or samples[0]}


def _medicine(cells: Mapping[str, str]) -> tuple[str, str]:
    """A row's medicine as name and code, one of them empty; a code without a system is told by its shape."""
    column = next((name for name in MEDICINE if cells[name]), "drug")
    written = cells[column]
    if column == "drug":
        return name_or_code(written)
    codes = ";".join(with_system("medications", one) for one in written.split(";"))
    return ("", codes) if CODE.fullmatch(codes) else (written, "")


def reversed_dates(rows: pd.DataFrame) -> tuple[tuple[int, str], ...]:
    """Line and words of each medicine that stops before it begins; rows as `read_medications` gives them."""
    wrong = rows[rows["stop"] < rows["start"]]
    named = zip(wrong["line"], wrong["drug"].where(wrong["drug"] != "", wrong["code"]), strict=True)
    return tuple((int(line), f"medicine '{name}' stops before it begins; correct a day") for line, name in named)


def _dates(file: str, name: str, rows: pd.DataFrame) -> pd.Series:
    """Whole days as they are written, whatever the time and the zone beside them."""
    cells = rows[name]
    days = cells.str.extract(DAY, expand=False)
    sound = pd.to_datetime(cells.where(days.notna()), format="ISO8601", errors="coerce", utc=True).notna()
    if len(wrong := rows[(cells != "") & ~sound]):
        first = wrong.iloc[0]
        raise InputError(
            f"{file}, line {first['line']}, {name} '{first[name]}' is no date of a whole day; write it as 2026-11-22"
        )
    return pd.to_datetime(days.str.replace("-", ""), format="%Y%m%d")
