"""The review of an import: what would be loaded, what was found, and cells that are corrected before reading."""

from precision.io import read
from precision.io.review import STATES, Review
from tests.test_io_import import account, people

CLINIC = (
    b"patient_id,dob,gender,sys_bp,postcode,note\n"
    b"P-1,1961-04-02,1,148,SW1A 1AA,x\n"
    b"P-2,2031-02-11,2,131,SW1A 1AB,y\n"  # row 3: born in the future
    b"P-3,1950-04-02,2,1280,SW1A 1AB,\n"  # row 4: impossible
    b"P-4,1950-04-02,2,128,SW1A 1AB,\n"
    b"P-4,1970-04-02,1,140,SW1A 1AB,\n"  # rows 5 and 6: one identifier, two people
    b"P-5,1970-04-02,1,245,SW1A 1AB,\n"  # row 7: unusual
    b"P-6,1970-04-02,1\n"  # row 8: cells are missing
)


def review(data: bytes = CLINIC, **choices: bool) -> Review:
    return Review(read([("clinic.csv", data)], confirm=["gender"] if choices.get("confirmed", True) else []))


def test_the_tally_accounts_for_every_row() -> None:
    tally = review().tally
    assert (tally.read, tally.ready, tally.warned, tally.quarantined) == (7, 1, 1, 5)
    assert tally.loads == 2
    assert tally.duplicates == 2
    assert tally.identifiers == ("postcode",)
    assert not tally.consent


def test_problems_are_listed_once_per_kind_and_column_the_gravest_first() -> None:
    found = review().problems
    assert found["state"].map(STATES.index).is_monotonic_increasing
    listed = {(row.state, row.column, row.rows) for row in found.itertuples()}
    assert listed >= {
        ("fix", "postcode", "all"),
        ("quarantine", "dob", "1, row 3"),
        ("quarantine", "sys_bp", "1, row 4"),
        ("quarantine", "patient_id", "2, rows 5 and 6"),
        ("quarantine", "", "1, row 8"),
        ("warning", "sys_bp", "1, row 7"),
        ("note", "note", "all"),
    }
    assert found["happens"].str.startswith(("Kept out.", "Left out.", "Kept.", "Read as described.")).all()


def test_one_remark_on_many_columns_is_one_line() -> None:
    data = b"patient_id,sex,age," + b",".join(b"zz%d" % k for k in range(9)) + b"\n1,f,50" + b",q" * 9 + b"\n"
    (line,) = review(data).problems.query("state == 'note'").itertuples()
    assert line.column == "zz0, zz1, zz2 and 6 more"


def test_the_cells_that_keep_rows_out_name_patient_and_value() -> None:
    cells = review().cells.set_index("row")
    assert cells["patient"].to_dict() == {3: "P-2", 4: "P-3", 5: "P-4", 6: "P-4", 8: "P-6"}
    assert (cells.at[4, "column"], cells.at[4, "value"]) == ("sys_bp", "1280")
    assert cells.loc[8, "column"] == ""


def test_a_coding_that_waits_for_somebody_is_told_in_words_and_keeps_everything_out() -> None:
    waiting = review(confirmed=False)
    assert waiting.codings == {"gender": "1 = male, 2 = female"}
    assert waiting.tally.loads == 0
    assert waiting.everything_waits["column"].tolist() == ["gender"]
    assert review().codings == {}


def test_a_table_without_an_identifier_is_noticed() -> None:
    assert review(b"sex,age\nf,50\n").without_identifier
    assert not review().without_identifier


def test_a_refused_file_is_named_with_its_reason() -> None:
    imported = read([("empty.csv", b""), ("clinic.csv", b"patient_id,sex,age\n1,f,50\n")])
    assert [file for file, _ in Review(imported).tally.refused] == ["empty.csv"]


def test_corrected_cells_are_read_instead_of_the_files_own_and_noted() -> None:
    corrections = {
        ("clinic.csv", 3, "dob"): "1981-02-11",
        ("clinic.csv", 4, "sys_bp"): "128",
        ("clinic.csv", 6, "patient_id"): "P-44",
        ("clinic.csv", 99, "sys_bp"): "1",
        ("other.csv", 4, "sys_bp"): "1",
    }
    imported = read([("clinic.csv", CLINIC)], confirm=["*"], corrections=corrections)
    assert account(imported) == [[7, 6, 1]]
    table = people(imported).set_index("patient_id")
    assert list(table.index) == ["P-1", "P-2", "P-3", "P-4", "P-44", "P-5"]
    assert table.loc["P-3", "systolic_bp"] == 128.0
    assert table.loc["P-1", "systolic_bp"] == 148.0
    notes = imported.issues[imported.issues["code"] == "corrected"]
    assert notes[["row", "column", "value"]].to_numpy().tolist() == [
        [3, "dob", "2031-02-11"],
        [4, "sys_bp", "1280"],
        [6, "patient_id", "P-4"],
    ]
    assert Review(imported).tally.corrected == 3


def test_a_correction_that_is_wrong_too_stays_in_quarantine() -> None:
    imported = read([("clinic.csv", CLINIC)], confirm=["*"], corrections={("clinic.csv", 4, "sys_bp"): "1290"})
    cells = Review(imported).cells.set_index("row")
    assert cells.loc[4, "value"] == "1290"


def test_a_correction_in_a_column_where_every_cell_differs_changes_that_cell_only() -> None:
    lines = "".join(f"P{k},f,50,{100 + k / 100}\n" for k in range(3_000))
    data = ("patient_id,sex,age,sbp\n" + lines).encode()
    imported = read([("many.csv", data)], corrections={("many.csv", 2_001, "patient_id"): "Q"})
    names = people(imported)["patient_id"].tolist()
    assert names[1_999] == "Q"
    assert names[:1_999] + names[2_000:] == [f"P{k}" for k in range(3_000) if k != 1_999]
