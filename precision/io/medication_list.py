"""A medicine list on its own: one line for each medicine, with a header or only names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from precision.errors import InputError
from precision.io.codes import with_system
from precision.io.written import cells_of, text_of
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
DATES = ("start", "stop")


def read_medications(path: Path, samples: Sequence[str]) -> pd.DataFrame:
    """The medicines of a tab- or comma-separated file.

    The header may name drug (or a code such as RXNORM:6918), code, atc, dose in mg, start, stop, status (active,
    stopped, planned) and sample; a row's medicine is its drug, where that is empty its code, else its atc. A file
    without a known header is a list of names, all in use. Bytes that are not UTF-8 are read as Windows-1252.

    Returns
    -------
    sample, drug, code, dose, start, stop, status : a row without sample is for the only sample

    Raises
    ------
    InputError : the file has no medicine, two columns say the same, or a row has too many cells, names no medicine, or
        a quote, sample, status or date that is not understood
    """
    lines = [line for line in text_of(path).splitlines() if line.strip()]
    if not lines:
        raise InputError(f"{path.name}: no medicine in it; write one on each line, or a table with a column 'drug'")
    cells = cells_of(path.name, lines)
    header = [_column(cell) for cell in cells[0]]
    first = 2
    if not any(name in header for name in MEDICINE):
        if len(cells[0]) > 1:
            raise InputError(
                f"{path.name}: no column is 'drug'; found {', '.join(cells[0])}; name the medicine's column"
            )
        header, cells, first = ["drug"], [["drug"], *cells], 1
    if twice := [name for name in header if name and header.count(name) > 1]:
        alike = " and ".join(f"'{cell}'" for cell, name in zip(cells[0], header, strict=True) if name == twice[0])
        raise InputError(f"{path.name}: two columns say '{twice[0]}': {alike}; keep one of them")
    if len(cells) == 1:
        raise InputError(f"{path.name}: no medicine in it but a header; write one on each line below it")
    rows = [_row(path.name, number, header, row, samples) for number, row in enumerate(cells[1:], start=first)]
    frame = pd.DataFrame(rows, columns=["sample", "drug", "code", *list(COLUMNS.values())[1:]])
    for name in DATES:
        frame[name] = _dates(path.name, name, frame[name], first)
    return frame


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
    codes = written
    if column != "drug":
        codes = ";".join(with_system("medications", one) for one in written.split(";"))
    return ("", codes) if CODE.fullmatch(codes) else (written, "")


def _dates(file: str, name: str, cells: pd.Series, first: int) -> pd.Series:
    dates = pd.to_datetime(cells.where(cells != ""), format="ISO8601", errors="coerce")
    if len(wrong := cells[(cells != "") & dates.isna()]):
        number = int(wrong.index[0]) + first
        raise InputError(f"{file}, line {number}, {name} '{wrong.iloc[0]}' is no date; write it as 2026-11-22")
    return dates
