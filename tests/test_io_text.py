"""Files as text: rows keep their numbers and cells their characters, whatever the file is like."""

import csv
import gzip
import io
import zipfile

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from precision.errors import InputError
from precision.io.sources import Source, read_source
from precision.io.text import Limits, TextTable

PLAIN = st.text(alphabet="abcAB019 .-<>='é\u4e2d\"\n,;", max_size=8)


def table(data: bytes, name: str = "file.csv") -> TextTable:
    return read_source(Source(name, data))[0]


def cells(read: TextTable, header: str) -> list[str]:
    return next(column for column in read.columns if column.header == header).cells().list()


def test_identifiers_stay_as_they_are_written() -> None:
    read = table(b"patient_id,age\n007,1\n1E5,2\nNA,3\nTRUE,4\n")
    assert cells(read, "patient_id") == ["007", "1E5", "NA", "TRUE"]


def test_a_row_has_the_number_of_its_first_line_in_the_file() -> None:
    # line 1 header, 2 and 3 blank, 4 a row, 5-7 a row with a quoted line break, 8 a row
    read = table(b'id,note\n\n  \n1,a\n2,"b\n\nc"\n3,d\n')
    assert read.rows.tolist() == [4, 5, 8]
    assert cells(read, "note") == ["a", "b\n\nc", "d"]


def test_a_row_with_other_cells_than_the_header_is_set_apart() -> None:
    read = table(b"id,age,sex\n1,2,f\n2,3\n3,4,m,x\n4,5,f,,\n")
    assert read.rows.tolist() == [2, 5]
    assert [(broken.row, broken.cells) for broken in read.broken] == [(3, ("2", "3")), (4, ("3", "4", "m", "x"))]


def test_an_unclosed_quotation_mark_costs_its_own_row_only() -> None:
    lines = ["id,note", *(f"{i},ok" for i in range(50_000))]
    lines[100] = '99,"open'
    read = table("\n".join(lines).encode())
    assert [broken.row for broken in read.broken] == [101]
    assert len(read) == 49_999
    assert read.rows[-1] == 50_001


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_told_by_content(separator: str) -> None:
    read = table("id,age\n1,2\n".replace(",", separator).encode())
    assert read.headers == ("id", "age")
    assert table(f"sep={separator}\nid{separator}age\n1{separator}2\n".encode()).rows.tolist() == [3]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_is_told_by_content(encoding: str) -> None:
    read = table("id,städt\n1,Zürich\n2,Bern\n".encode(encoding))
    assert read.headers == ("id", "städt")
    assert cells(read, "städt") == ["Zürich", "Bern"]


def test_bytes_that_are_not_utf_8_are_read_as_windows_1252_and_marked() -> None:
    read = table("id,town\n1,Bern\n2,Zürich\n".encode("cp1252"))
    assert cells(read, "town") == ["Bern", "Zürich"]
    assert [(mended.position, mended.header) for mended in read.mended] == [(1, "town")]


def test_headers_are_made_unique() -> None:
    assert table(b"age,age,,age\n1,2,3,4\n").headers == ("age", "age (2)", "column 3", "age (3)")


@given(st.lists(st.lists(PLAIN, min_size=3, max_size=3), min_size=1, max_size=8))
def test_cells_are_those_that_a_csv_writer_wrote(rows: list[list[str]]) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([["one", "two", "three"], *rows])
    read = table(out.getvalue().encode())
    kept = [row for row in rows if any(cell.strip() for cell in row)]
    columns = [column.cells().list() for column in read.columns]
    assert [list(row) for row in zip(*columns, strict=True)] == kept
    assert not read.broken


@given(st.lists(st.sampled_from(["1,2", "3,4", "", "5", '6,"7"', "8,9,10", ' "x",1', '"a""b",2']), max_size=30))
def test_a_block_read_at_once_equals_one_read_row_by_row(lines: list[str]) -> None:
    text = "\n".join(["a,b", *lines]) + "\n"
    at_once, quoted = table(text.encode()), table(('"a",b\n' + text.partition("\n")[2]).encode())
    assert at_once.rows.tolist() == quoted.rows.tolist()
    assert cells(at_once, "b") == cells(quoted, "b")
    assert at_once.broken == quoted.broken


def test_a_million_cells_of_text_fit_where_few_are_different() -> None:
    read = table(b"id,sex\n" + b"".join(b"%d,%s\n" % (i, (b"f", b"m")[i % 2]) for i in range(70_000)))
    assert read.columns[0].codes is None
    assert read.columns[1].distinct.list() == ["f", "m"]
    assert cells(read, "sex")[:3] == ["f", "m", "f"]


def workbook() -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["patient_id", "age", "born"])
    sheet.append(["007", 61.5, pd.Timestamp("1961-04-02").to_pydatetime()])
    sheet.append([None, None, None])
    sheet.append([12, 7.0, None])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_is_read_as_a_person_typed_it() -> None:
    read = table(workbook(), "cohort.txt")  # by content, not by name
    assert cells(read, "patient_id") == ["007", "12"]
    assert cells(read, "age") == ["61.5", "7"]
    assert cells(read, "born") == ["1961-04-02", ""]
    assert read.rows.tolist() == [2, 4]


def test_parquet_is_read_as_text() -> None:
    out = io.BytesIO()
    frame = pd.DataFrame({"id": ["007", None], "age": [61.5, None], "n": [1, 2], "sex": pd.Categorical(["f", "m"])})
    frame.to_parquet(out)
    read = table(out.getvalue())
    assert [column.cells().list() for column in read.columns] == [["007", ""], ["61.5", ""], ["1", "2"], ["f", "m"]]
    assert read.rows.tolist() == [2, 3]


def test_gzip_and_zip_are_opened() -> None:
    data = b"id,age\n1,2\n"
    assert table(gzip.compress(data)).rows.tolist() == [2]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("folder/labs.csv", data)
    assert table(out.getvalue(), "all.zip").file == "all.zip/labs.csv"


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 200_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"\n\n  \n", "empty"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old Excel"),
        (b'{"resourceType": "Bundle"}', "JSON"),
        (b"##fileformat=VCFv4.2\n#CHROM\n", "variant file"),
        (b"\x80\x04\x95\x10\x00", "pickle"),
        (bytes(range(256)) * 20, "neither text"),
        (b"PK\x03\x04 nothing of the kind", "damaged"),
        (b"PAR1 nothing of the kind PAR1", "Parquet"),
        (b"\x1f\x8b\x08 nothing of the kind", "damaged"),
        (gzip.compress(gzip.compress(b"id,age\n1,2\n")), "archive inside an archive"),
        (gzip.compress(b"0" * 60_000_000), "unpacks to more"),
        (bomb(), "more than a table would"),
        (b",".join(b"c%d" % i for i in range(20_001)) + b"\n1\n", "20,001 columns"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_table_is_refused_with_its_reason(data: bytes, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        table(data)


def test_a_file_beyond_the_limit_is_not_read() -> None:
    with pytest.raises(InputError, match="at most 10"):
        read_source(Source("big.csv", b"id,age\n1,2\n3,4\n"), Limits(file_bytes=10))
