"""A plain spreadsheet file (XLSX, one sheet per table) whose bytes depend on its cells alone."""

from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pandas as pd

NAMESPACE = "http://schemas.openxmlformats.org"
MAIN = f"{NAMESPACE}/spreadsheetml/2006/main"
PACKAGE = f"{NAMESPACE}/package/2006"
OFFICE = f"{NAMESPACE}/officeDocument/2006/relationships"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the zip format's first day, so that no file bears the time of its making
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def write_workbook(path: Path, sheets: Mapping[str, pd.DataFrame]) -> None:
    """Write each table as a sheet; numbers stay numbers, everything else is text, missing cells are left out."""
    count = range(1, len(sheets) + 1)
    parts = {
        "[Content_Types].xml": _content_types(count),
        "_rels/.rels": _relations([f"{OFFICE}/officeDocument"], ["xl/workbook.xml"]),
        "xl/workbook.xml": _workbook(list(sheets)),
        "xl/_rels/workbook.xml.rels": _relations(
            [f"{OFFICE}/worksheet"] * len(sheets), [f"worksheets/sheet{i}.xml" for i in count]
        ),
    }
    parts |= {f"xl/worksheets/sheet{i}.xml": _sheet(table) for i, table in zip(count, sheets.values(), strict=True)}
    with ZipFile(path, "w") as archive:
        for name, content in parts.items():
            info = ZipInfo(name, EPOCH)
            info.compress_type = ZIP_DEFLATED
            archive.writestr(info, XML + content)


def _content_types(count: range) -> str:
    sheets = "".join(
        f'<Override PartName="/xl/worksheets/sheet{i}.xml" ContentType="{TYPE}.worksheet+xml"/>' for i in count
    )
    return (
        f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{TYPE}.sheet.main+xml"/>{sheets}</Types>'
    )


def _relations(kinds: list[str], targets: list[str]) -> str:
    links = "".join(
        f'<Relationship Id="rId{i}" Type="{kind}" Target="{target}"/>'
        for i, (kind, target) in enumerate(zip(kinds, targets, strict=True), start=1)
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{links}</Relationships>'


def _workbook(names: list[str]) -> str:
    sheets = "".join(
        f'<sheet name="{escape(name)}" sheetId="{i}" r:id="rId{i}"/>' for i, name in enumerate(names, start=1)
    )
    return f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{sheets}</sheets></workbook>'


def _sheet(table: pd.DataFrame) -> str:
    numeric = [pd.api.types.is_numeric_dtype(table[column]) for column in table]
    lines = [_row(1, list(table.columns), [False] * len(numeric))]
    cells = [table[column].map(_text, na_action="ignore").astype("str").fillna("") for column in table]
    lines += [_row(i, list(values), numeric) for i, values in enumerate(zip(*cells, strict=True), start=2)]
    return f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>'


def _text(value: object) -> str:
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _row(number: int, values: list[str], numeric: list[bool]) -> str:
    cells = "".join(_cell(f"{_letters(k)}{number}", value, numeric[k]) for k, value in enumerate(values) if value)
    return f'<row r="{number}">{cells}</row>'


def _cell(place: str, value: str, numeric: bool) -> str:
    if numeric:
        return f'<c r="{place}"><v>{value}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'


def _letters(column: int) -> str:
    """The spreadsheet name of a column: 0 is A, 26 is AA."""
    first, last = divmod(column, 26)
    return (_letters(first - 1) if first else "") + chr(ord("A") + last)
