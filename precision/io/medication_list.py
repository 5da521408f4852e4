"""A medicine list on its own: one line for each medicine, with a header or only names."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from precision.errors import InputError
from precision.schema import category_key, header_key, match_header, variable

SAMPLE = ("sample", "sample_id", "patient_id", "patient")
COLUMNS: Mapping[str, str] = {
    "drug": "drug",
    "dose": "dose",
    "medication_start": "start",
    "medication_stop": "stop",
    "medication_status": "status",
}
CODE = re.compile(r"(RXNORM|ATC):\S+", re.IGNORECASE)
DATES = ("start", "stop")
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def read_medications(path: Path, samples: Sequence[str]) -> pd.DataFrame:
    """The medicines of a tab- or comma-separated file.

    The header may name drug (or a code such as RXNORM:6918), dose in mg, start, stop, status (active, stopped,
    planned) and sample; a file without a known header is a list of names, all in use. Bytes that are not UTF-8 are read
    as Windows-1252.

    Returns
    -------
    sample, drug, code, dose, start, stop, status : a row without sample is for the only sample

    Raises
    ------
    InputError : the file has no medicine, two columns say the same, or a row has too many cells, names no medicine, or
        a quote, sample, status or date that is not understood
    """
    lines = [line for line in _text(path).splitlines() if line.strip()]
    if not lines:
        raise InputError(f"{path.name}: no medicine in it; write one on each line, or a table with a column 'drug'")
    between = next((mark for mark in "\t;," if mark in lines[0]), ",")
    try:
        cells = list(csv.reader(lines, delimiter=between, strict=True))
    except csv.Error as error:
        raise InputError(f"{path.name}: {error}; close every quote, or leave quotes out") from None
    header = [_column(cell) for cell in cells[0]]
    first = 2
    if "drug" not in header:
        if len(cells[0]) > 1:
            raise InputError(
                f"{path.name}: no column is 'drug'; found {', '.join(cells[0])}; name the medicine's column"
            )
        header, cells, first = ["drug"], [["drug"], *cells], 1
    if twice := [name for name in header if name and header.count(name) > 1]:
        raise InputError(f"{path.name}: two columns say '{twice[0]}': {', '.join(cells[0])}; keep one of them")
    if len(cells) == 1:
        raise InputError(f"{path.name}: no medicine in it but a header; write one on each line below it")
    rows = [_row(path.name, number, header, row, samples) for number, row in enumerate(cells[1:], start=first)]
    frame = pd.DataFrame(rows, columns=["sample", "drug", "code", *list(COLUMNS.values())[1:]])
    for name in DATES:
        frame[name] = _dates(path.name, name, frame[name], first)
    return frame


def _text(path: Path) -> str:
    raw = path.read_bytes()
    if raw.startswith(UTF_16):
        raise InputError(f"{path.name} is not text in UTF-8; save the medicine list as TSV or CSV in UTF-8")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _column(header: str) -> str:
    if header_key(header) in SAMPLE:
        return "sample"
    found = match_header(header, "medications")
    return COLUMNS.get(found.variable.name, "") if found else ""


def _row(file: str, number: int, header: Sequence[str], cells: Sequence[str], samples: Sequence[str]) -> dict[str, str]:
    if len(cells) > len(header):
        raise InputError(
            f"{file}, line {number}: {len(cells)} cells for {len(header)} columns; remove what is too much"
        )
    found = {"sample": "", "code": "", **dict.fromkeys(COLUMNS.values(), "")}
    found |= {name: cell.strip() for name, cell in zip(header, cells, strict=False) if name}
    if not found["drug"]:
        raise InputError(f"{file}, line {number}: no medicine is named; write a name or a code, or remove the line")
    if CODE.fullmatch(found["drug"]):
        found["code"], found["drug"] = found["drug"], ""
    if found["status"]:
        known = variable("medication_status").synonyms
        if (level := known.get(category_key(found["status"]))) is None:
            raise InputError(f"{file}, line {number}: status '{found['status']}' is not active, stopped or planned")
        found["status"] = level
    if found["sample"] and found["sample"] not in samples:
        raise InputError(f"{file}, line {number}: sample '{found['sample']}' is not in the genotypes")
    if not found["sample"] and len(samples) != 1:
        raise InputError(f"{file}, line {number}: the genotypes have {len(samples)} samples; add a column 'sample'")
    return {**found, "sample": found["sample"] or samples[0]}


def _dates(file: str, name: str, cells: pd.Series, first: int) -> pd.Series:
    dates = pd.to_datetime(cells.where(cells != ""), format="ISO8601", errors="coerce")
    if len(wrong := cells[(cells != "") & dates.isna()]):
        number = int(wrong.index[0]) + first
        raise InputError(f"{file}, line {number}, {name} '{wrong.iloc[0]}' is no date; write it as 2026-11-22")
    return dates
