"""Damaged input files: each must end in an issue report, lose no row, and show planted faults where they are."""

from __future__ import annotations

import gzip
import io
import random
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from benchmarks.report import Row
from precision.io import Import, read

FILES = 10_000
SHARED = Path(__file__).parents[2] / "shared" / "data"
HEADER = "patient_id,sex,age,sbp,ldl_mg_dl,hdl,hba1c_pct,smoking,diabetes,visit_note,as_of"
LABS = "patient_id,code,value,unit,date"

Lines = list[str]


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault as people make it: where it is put, and the code that must be reported there."""

    column: str
    value: str
    code: str


FAULTS = (
    Fault("patient_id", "", "missing_required"),
    Fault("patient_id", "=1+2", "bad_identifier"),
    Fault("sex", "", "missing_required"),
    Fault("sex", "femle", "unknown_code"),
    Fault("age", "forty", "not_a_number"),
    Fault("age", "300", "out_of_range_hard"),
    Fault("sbp", "1280", "out_of_range_hard"),
    Fault("sbp", "240", "out_of_range_soft"),
    Fault("sbp", "120 mmHg", "not_a_number"),
    Fault("sbp", "=A1*2", "formula_cell"),
    Fault("ldl_mg_dl", "3.4", "unit_suspect"),
    Fault("ldl_mg_dl", "<20", "comparator"),
    Fault("hdl", '"5,3"', "mixed_decimal_comma"),
    Fault("hba1c_pct", "1e400", "not_a_number"),
    Fault("smoking", "chimney", "unknown_code"),
    Fault("diabetes", "perhaps", "unknown_code"),
    Fault("visit_note", "=HYPERLINK(1)", "formula_text"),
    Fault("visit_note", "caf\udce9", "encoding_error"),
    Fault("as_of", "2023-02-30", "bad_date"),
    Fault("as_of", "03/04/2020", "ambiguous_date"),
    Fault("as_of", "2999-01-01", "future_date"),
    Fault("as_of", "44927", "bad_date"),
)
NASTY = (
    ("", "abc", "1e400", "-1e9", "NaN", "null", "=cmd|' /C calc'!A0", "+1", "@x", "5,3", "1.234,5", "<5", ">= 7")
    + ("1-Mar", "03/04/2020", "2999-12-31", "0000-00-00", "'", '"', 'a"b', '"a', "\x00", "\x1b[31m", "\u202e", "😀")
    + ("é", "\ufffd", "0x1F", "--5", "١٢", "x" * 5_000, "x" * 140_000, "007", "1E5", "NA", "TRUE", "\t", " ", "a,b")
    + ("a;b", "a|b", "\r", "\n", "{}", "<b>x</b>", "SEPT9", "𝟓", "1 000", "1_000", "12:30", "2020-01-01T25:61:00Z")
    + ("1/0", "∞", "-", "#REF!", "%", "{0}")
)  # fmt: skip


def clean_wide(rows: int, seed: int) -> Lines:
    """A wide table without a fault."""
    chance = random.Random(seed)
    lines = [HEADER]
    for i in range(rows):
        cells = [f"P-{i:04d}", chance.choice(("female", "male")), chance.randint(30, 79), chance.randint(95, 185)]
        cells += [chance.randint(60, 200), chance.randint(30, 90), round(chance.uniform(4.5, 9), 1)]
        cells += [chance.choice(("never", "former", "current")), chance.choice(("yes", "no")), f"visit {i}"]
        lines.append(",".join(map(str, [*cells, f"2023-{chance.randint(1, 12):02d}-{chance.randint(13, 28)}"])))
    return lines


def clean_labs(rows: int, seed: int) -> Lines:
    """A long table of measurements without a fault."""
    chance = random.Random(seed)
    kinds = (
        ("13457-7", "mg/dL", 60, 200),
        ("2160-0", "mg/dL", 1, 2),
        ("8480-6", "mm[Hg]", 95, 185),
        ("hba1c", "%", 5, 9),
    )
    lines = [LABS]
    for i in range(rows):
        code, unit, low, high = chance.choice(kinds)
        lines.append(
            f"P-{i % 40:04d},{code},{chance.randint(low, high)},{unit},2022-{1 + i % 12:02d}-{1 + i // 12 % 28:02d}"
        )
    return lines


def real(rows: int = 60) -> dict[str, Lines]:
    """Beginnings of files that nobody here made; empty where they are not at hand."""
    found: dict[str, Lines] = {}
    for name in (
        "learn/nhanes1_subset.csv",
        *(f"standards/synthea_csv/{t}.csv" for t in ("patients", "observations", "conditions")),
    ):
        path = SHARED / name
        if path.is_file():
            with path.open(encoding="utf-8") as lines:
                found[path.name] = [line.rstrip("\n") for _, line in zip(range(rows + 1), lines, strict=False)]
    return found


def _some(chance: random.Random, lines: Lines) -> int:
    return chance.randrange(len(lines))


def _cell(chance: random.Random, lines: Lines) -> Lines:
    for _ in range(chance.randint(1, 5)):
        at = _some(chance, lines)
        cells = lines[at].split(",")
        cells[chance.randrange(len(cells))] = chance.choice(NASTY)
        lines[at] = ",".join(cells)
    return lines


def _cut_line(chance: random.Random, lines: Lines) -> Lines:
    at = _some(chance, lines)
    lines[at] = lines[at][: chance.randrange(len(lines[at]) + 1)]
    return lines


def _more_cells(chance: random.Random, lines: Lines) -> Lines:
    at = _some(chance, lines)
    where = chance.randrange(len(lines[at]) + 1)
    lines[at] = lines[at][:where] + chance.choice((",", ",,,", ";", "\t")) + lines[at][where:]
    return lines


def _quote(chance: random.Random, lines: Lines) -> Lines:
    at = _some(chance, lines)
    where = chance.randrange(len(lines[at]) + 1)
    lines[at] = lines[at][:where] + '"' + lines[at][where:]
    return lines


def _twice(chance: random.Random, lines: Lines) -> Lines:
    lines.insert(_some(chance, lines), lines[_some(chance, lines)])
    return lines


def _shuffled(chance: random.Random, lines: Lines) -> Lines:
    chance.shuffle(lines)
    return lines


def _no_header(chance: random.Random, lines: Lines) -> Lines:
    return lines[1:]


def _header(chance: random.Random, lines: Lines) -> Lines:
    cells = lines[0].split(",")
    cells[chance.randrange(len(cells))] = chance.choice(("", "age", "sex", "Sex", "1-Mar", "=x", *NASTY[:20], cells[0]))
    return [",".join(cells), *lines[1:]]


def _blank_lines(chance: random.Random, lines: Lines) -> Lines:
    for _ in range(chance.randint(1, 4)):
        lines.insert(_some(chance, lines), chance.choice(("", "   ", ",,,,")))
    return lines


def _only_header(chance: random.Random, lines: Lines) -> Lines:
    return lines[: chance.randint(0, 1)]


LINE_CHANGES = (
    (_cell, _cell, _cell, _cut_line, _more_cells, _quote, _twice, _shuffled, _no_header, _header, _blank_lines)
    + (_only_header,)
)  # fmt: skip


def _as_bytes(chance: random.Random, lines: Lines) -> bytes:
    end = chance.choice(("\n", "\n", "\n", "\r\n", "\r"))
    text = end.join(lines) + chance.choice(("", end))
    separator = chance.choice((",", ",", ",", ";", "\t", "|"))
    encoding = chance.choice(("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "latin-1"))
    return text.replace(",", separator).encode(encoding, "replace")


def _damaged(chance: random.Random, data: bytes) -> bytes:
    way = chance.randrange(8)
    at = chance.randrange(len(data) + 1)
    if way == 0:
        return data[:at]
    if way == 1:
        return data[:at] + bytes(chance.randrange(256) for _ in range(chance.randint(1, 50))) + data[at:]
    if way == 2:
        return bytes(byte if chance.random() > 0.002 else chance.randrange(256) for byte in data)
    if way == 3:
        return data + data[at:]
    return data


def _workbook(chance: random.Random, lines: Lines) -> bytes:
    from openpyxl import Workbook
    from openpyxl.utils.exceptions import IllegalCharacterError

    book = Workbook()
    sheet = book.create_sheet("data")
    for line in lines:
        cells = [
            float(c) if c.replace(".", "", 1).isdecimal() and chance.random() < 0.8 else c for c in line.split(",")
        ]
        try:
            sheet.append(cells)
        except IllegalCharacterError:
            sheet.append(["?"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _parquet(chance: random.Random, lines: Lines) -> bytes:
    rows = [line.encode("utf-8", "replace").decode().split(",") for line in lines]
    width = max(map(len, rows))
    header = dict.fromkeys(name or f"c{i}" for i, name in enumerate(rows[0]))
    frame = pd.DataFrame([(row + [""] * width)[: len(header)] for row in rows[1:]], columns=pd.Index(list(header)))
    out = io.BytesIO()
    frame.to_parquet(out)
    return out.getvalue()


def _packed(chance: random.Random, name: str, data: bytes) -> bytes:
    way = chance.randrange(12)
    if way == 0:
        return gzip.compress(data)
    if way == 1:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, data)
        return out.getvalue()
    return data


def mutated(files: int, seed: int = 1) -> Iterator[tuple[str, bytes]]:
    """Damaged files, the same for the same seed."""
    chance = random.Random(seed)
    samples = {"cohort.csv": clean_wide(40, seed), "labs.csv": clean_labs(60, seed)} | real()
    for number in range(files):
        name = chance.choice(list(samples))
        lines = list(samples[name])
        for _ in range(chance.randint(1, 3)):
            lines = chance.choice(LINE_CHANGES)(chance, lines) or lines
            lines = lines or [""]
        kind = chance.randrange(20)
        make: Callable[[random.Random, Lines], bytes] = {0: _workbook, 1: _parquet}.get(kind, _as_bytes)
        data = _packed(chance, name, _damaged(chance, make(chance, lines)))
        yield f"{number}_{name}", data


def conserved(imported: Import) -> bool:
    """Whether every row is accounted for, and the quarantine holds as many as the account says."""
    counts = imported.counts
    rows = bool((counts["rows_in"] == counts["accepted"] + counts["quarantined"]).all())
    held = {file: len(frame) for file, frame in imported.quarantine.items()}
    said = {row.file: row.quarantined for row in counts.itertuples() if row.quarantined}
    return rows and held == said


def planted(fault: Fault, row: int, seed: int) -> tuple[Import, int]:
    """A clean table with one fault in it, read; and the number of the row as in the file."""
    lines = clean_wide(40, seed)
    cells = lines[row].split(",")
    cells[list[str](HEADER.split(",")).index(fault.column)] = fault.value
    lines[row] = ",".join(cells)
    data = "\n".join(lines).encode("utf-8", "surrogateescape")
    return read([("cohort.csv", data)]), row + 1


def found(imported: Import, fault: Fault, row: int) -> bool:
    """Whether the fault is reported at its row and column, and nothing else but it at another row."""
    issues = imported.issues
    there = issues[(issues["row"] == row) & (issues["column"] == fault.column) & (issues["code"] == fault.code)]
    elsewhere = issues[(issues["row"] > 1) & (issues["row"] != row)]
    return len(there) == 1 and elsewhere.empty


def run(files: int = FILES) -> list[Row]:
    """Files that ended in a traceback, lost a row or hung; and planted faults that were not found."""
    failures, slowest = Counter[str](), 0.0
    for name, data in mutated(files):
        start = time.perf_counter()
        try:
            imported = read([(name, data)], use_row_numbers=True)
        except Exception as error:  # noqa: BLE001 - that nothing at all is raised is what is measured
            failures[f"{type(error).__name__} in {name}: {error}"[:200]] += 1
            continue
        slowest = max(slowest, time.perf_counter() - start)
        if not conserved(imported):
            failures[f"rows of {name} are not accounted for"] += 1
    sys.stderr.writelines(f"{count} x {what}\n" for what, count in failures.most_common(20))
    missed = 0
    for seed, fault in enumerate(FAULTS * 10):
        imported, row = planted(fault, 1 + seed % 40, seed)
        missed += not (found(imported, fault, row) and conserved(imported))
    return [
        Row(f"{files:,} damaged files: tracebacks and lost rows", sum(failures.values()), "files", target=0),
        Row(f"{files:,} damaged files: slowest", slowest, target=5.0),
        Row(f"{len(FAULTS) * 10} planted faults not at their row and column", missed, "faults", target=0),
    ]
