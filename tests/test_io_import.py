"""From files to a cohort: no row is lost, what was mended comes back, and real exports are read as they are."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.mutate import FAULTS, Fault, conserved, found, mutated, planted
from precision.errors import InputError
from precision.io import Import, merge, read
from precision.io.export import safe_csv
from precision.io.issues import COLUMNS, kinds
from precision.io.quarantine import save

CELLS = st.sampled_from(["a", "b", "c", "", "f", "male", "50", "300", "-1", "x", "5,3", "NA", "2", '"', "a,b", "=1"])


def people(imported: Import) -> pd.DataFrame:
    assert imported.cohort is not None, imported.issues.to_string()
    return imported.cohort.tables["patients"]


def account(imported: Import) -> list[list[int]]:
    return imported.counts[["rows_in", "accepted", "quarantined"]].to_numpy().tolist()


@given(st.lists(st.lists(CELLS, min_size=3, max_size=5), max_size=12))
def test_rows_in_are_rows_accepted_and_rows_quarantined(rows: list[list[str]]) -> None:
    text = "patient_id,sex,age,sbp\n" + "".join(",".join(row) + "\n" for row in rows)
    imported = read([("cohort.csv", text.encode())])
    assert conserved(imported)
    if imported.cohort is not None:
        assert len(people(imported)) == imported.counts["accepted"].sum()


@pytest.mark.parametrize(
    "fault", FAULTS, ids=lambda fault: f"{fault.column}={fault.value[:12]}".encode("ascii", "replace")
)
def test_a_planted_fault_is_reported_at_its_row_and_column_and_nowhere_else(fault: Fault) -> None:
    imported, row = planted(fault, 7, 1)
    assert found(imported, fault, row), imported.issues.to_string()
    assert conserved(imported)


def test_damaged_files_end_in_an_issue_report() -> None:
    for name, data in mutated(80, seed=7):
        imported = read([(name, data)], use_row_numbers=True)
        assert conserved(imported), name
        assert imported.cohort is not None or len(imported.issues), name


def test_every_issue_says_what_why_and_the_way_out() -> None:
    imported = read([("cohort.csv", b"patient_id,sex,age,ssn\na,xx,50,1\nb,f,-5,2\nb,f,51\n")])
    assert tuple(imported.issues.columns) == COLUMNS
    assert imported.issues["row"].tolist() == [1, 2, 3, 4]
    for column in ("file", "code", "severity", "reason", "fix", "action"):
        assert (imported.issues[column].astype("str").str.len() > 0).all()
    assert all(kind.severity in ("error", "warning", "info") for kind in kinds().values())
    assert all(kind.action in ("quarantined", "coerced", "kept", "dropped") for kind in kinds().values())
    assert all(kind.severity != "info" for kind in kinds().values() if kind.action == "quarantined")


FIRST = b"patient_id,sex,age,sbp,note\na,f,50,120,=1+1\nb,f,300,130,fine\nc,m,60,1280,\nd,m,61,131\n"


def test_a_quarantine_that_is_mended_and_loaded_again_comes_out_of_it() -> None:
    first = read([("cohort.csv", FIRST)])
    assert account(first) == [[4, 1, 3]]
    held = first.quarantine["cohort.csv"]
    assert list(held.columns) == ["patient_id", "sex", "age", "sbp", "note", "_more", "_row", "_issues", "_fix"]
    assert held["_row"].tolist() == [3, 4, 5]
    held.loc[0, "age"] = "30"
    held.loc[2, "note"] = "=2+2"
    second = read([("quarantine_cohort.csv", safe_csv(held).encode())])
    assert people(second)["patient_id"].tolist() == ["b", "d"]
    both = merge(first, second)
    assert people(both)["patient_id"].tolist() == ["a", "b", "d"]
    assert people(both)["note"].tolist() == ["=1+1", "fine", "=2+2"]
    assert account(both) == [[4, 3, 1]]
    assert both.quarantine["cohort.csv"]["patient_id"].tolist() == ["c"]
    assert conserved(both)


def test_loading_more_patients_never_overwrites_a_value() -> None:
    first = read([("one.csv", b"patient_id,sex,age,sbp\na,f,50,120\nb,m,51,\n")])
    second = read([("two.csv", b"patient_id,sex,age,sbp\na,f,50,140\nb,m,51,131\nc,f,52,132\n")])
    both = merge(first, second)
    assert people(both)["systolic_bp"].tolist() == [120.0, 131.0, 132.0]
    issue = both.issues[both.issues["code"] == "contradiction"].iloc[0]
    assert (issue["file"], issue["row"], issue["column"]) == ("two.csv", 2, "systolic_bp")


def test_a_saved_quarantine_is_a_csv_for_each_file(tmp_path: Path) -> None:
    imported = read([("cohort.csv", FIRST)])
    (path,) = save(imported.quarantine, tmp_path / "held")
    assert path.name == "quarantine_cohort.csv"
    assert read([path]).counts["rows_in"].tolist() == [3]


def test_several_wide_files_make_one_cohort() -> None:
    imported = read(
        [
            ("site_a.csv", b"patient_id,sex,age\na,f,50\nb,m,51\n"),
            ("site_b.csv", b"patient_id,sex,age\nc,f,52\n"),
            ("pressure.csv", b"patient_id,sbp,age\na,120,50\nc,130,53\nz,140,54\n"),
        ]
    )
    table = people(imported).set_index("patient_id")
    assert table["systolic_bp"].fillna(0).to_dict() == {"a": 120.0, "b": 0.0, "c": 130.0}
    assert table["age"].to_dict() == {"a": 50.0, "b": 51.0, "c": 52.0}
    codes = imported.issues.set_index("row")["code"].astype("str")
    assert codes.loc[[3, 4]].tolist() == ["contradiction", "orphan_patient"]
    assert conserved(imported)


def test_a_declared_folder_is_a_cohort(tmp_path: Path) -> None:
    (tmp_path / "cohort.toml").write_text(
        'name = "Demo"\nsynthetic = true\nindex_date = 2024-05-01\ncomplete = ["conditions"]\nseed = 1\n'
    )
    (tmp_path / "patients.csv").write_text("patient_id,sex,age\na,f,50\n")
    (tmp_path / "conditions.csv").write_text("patient_id,code\na,ICD10CM:I10\n")
    (tmp_path / "README.md").write_text("not a table")
    (tmp_path / "cohort_wide.csv").write_text("patient_id,sex,age\nz,f,50\n")
    (tmp_path / "observations").mkdir()
    pd.DataFrame({"patient_id": ["a"], "variable": ["ldl_cholesterol"], "value": [131.0]}).to_parquet(
        tmp_path / "observations" / "part-00000.parquet"
    )
    imported = read([tmp_path])
    cohort = imported.cohort
    assert cohort is not None
    assert (cohort.name, cohort.synthetic, cohort.index_date) == ("Demo", True, date(2024, 5, 1))
    assert cohort.complete == {"conditions"}
    assert {name: len(rows) for name, rows in cohort.tables.items()} == {
        "patients": 1,
        "conditions": 1,
        "observations": 1,
    }
    assert imported.issues.empty


def test_settings_that_are_wrong_are_reported(tmp_path: Path) -> None:
    (tmp_path / "cohort.toml").write_text('complete = ["everything"]\n')
    (tmp_path / "patients.csv").write_text("patient_id,sex,age\na,f,50\n")
    imported = read([tmp_path])
    assert imported.issues["code"].tolist() == ["bad_settings"]
    assert "everything" in imported.issues["reason"].iloc[0]
    with pytest.raises(InputError, match="everything"):
        read([tmp_path], complete=["everything"])


def test_a_refused_file_is_reported_beside_the_others() -> None:
    imported = read([("cohort.csv", b"patient_id,sex,age\na,f,50\n"), ("scan.pdf", b"%PDF-1.4"), ("none.csv", b"")])
    assert len(people(imported)) == 1
    assert imported.issues[["file", "code"]].to_numpy().tolist() == [
        ["scan.pdf", "file_refused"],
        ["none.csv", "empty_file"],
    ]
    assert imported.issues["reason"].iloc[0].startswith("Refused: scan.pdf is not CSV, TSV, XLSX or Parquet")


def test_a_header_without_rows_and_no_file_at_all_are_reported() -> None:
    assert "empty_file" in set(read([("cohort.csv", b"patient_id,sex,age\n")]).issues["code"])
    assert read([]).issues["code"].tolist() == ["empty_file"]


def test_a_path_that_is_not_there_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        read([tmp_path / "nothing.csv"])


def test_a_very_wide_table_is_read() -> None:
    header = ",".join(["patient_id", "sex", "age", *(f"ENSG{i:011d}" for i in range(2_000))])
    rows = "".join(f"p{i},f,50{',1.5' * 2_000}\n" for i in range(3))
    imported = read([("expression.csv", f"{header}\n{rows}".encode())])
    assert people(imported).shape == (3, 2_005)


def test_progress_is_told() -> None:
    told: list[float] = []
    read(
        [("a.csv", b"patient_id,sex,age\na,f,50\n"), ("b.csv", b"id,sbp\na,1\n")],
        progress=lambda share, _: told.append(share),
    )
    assert told == sorted(told)
    assert 0 <= told[0] <= told[-1] <= 1


def test_nhanes_is_read_once_its_coding_is_confirmed(shared: Path) -> None:
    file = shared / "data/learn/nhanes1_subset.csv"
    assert read([file]).cohort is None
    imported = read([file], use_row_numbers=True, confirm=["Sex", "Race"])
    assert account(imported) == [[9932, 9932, 0]]
    first = people(imported).iloc[0]
    assert (first["age"], first["sex"], first["ancestry"]) == (35.0, "female", "black")
    assert (first["total_cholesterol"], first["systolic_bp"]) == (165.0, 142.0)
    assert people(imported)["y_signed_followup_years"].iloc[3] == "-21.094292237443145"


def test_a_synthea_export_is_read_as_it_is(shared: Path) -> None:
    imported = read([shared / "data/standards/synthea_csv"])
    cohort = imported.cohort
    assert cohort is not None
    assert len(cohort) == 27
    assert cohort.complete == {"conditions", "medications"}
    files = imported.counts.set_index("file")[["rows_in", "accepted"]].T.to_dict("list")
    assert files["conditions.csv"] == [438, 438]
    assert files["medications.csv"] == [663, 663]
    # three total proteins of 74-77 "g/dL" and three filtration rates in absolute mL/min
    assert files["observations.csv"] == [990, 984]
    assert not {"SSN", "FIRST", "LAST", "ADDRESS", "ZIP"} & set(cohort.tables["patients"])
    assert {"systolic_bp", "bmi", "total_cholesterol"} <= set(cohort.tables["observations"]["variable"])


@pytest.mark.parametrize(
    ("name", "reported"), [("consent.csv", ["table_not_read"]), ("holidays.csv", ["file_ignored"])]
)
def test_a_table_whose_name_promises_one_that_its_columns_lack_is_an_error(name: str, reported: list[str]) -> None:
    imported = read([("patients.csv", b"patient_id,sex,age\na,f,50\n"), (name, b"who,permission\na,no\n")])
    assert imported.issues["code"].tolist() == reported
    assert imported.issues["column"].tolist() == ["use, scope, decision" if name == "consent.csv" else ""]


def test_consent_in_other_words_is_understood_as_denied() -> None:
    consent = b"patient_id,use,scope,decision\na,care,pharmacogenomics,no\n"
    imported = read([("patients.csv", b"patient_id,sex,age\na,f,50\n"), ("consent.csv", consent)])
    assert imported.cohort is not None
    assert imported.issues.empty
    assert imported.cohort.tables["consent"][["scope", "decision"]].to_numpy().tolist() == [["pgx", "deny"]]


def test_consent_to_what_is_not_known_is_an_error_and_never_left_out_silently() -> None:
    table = b"patient_id,use,scope,decision\na,care,stars,no\n"
    imported = read([("patients.csv", b"patient_id,sex,age,consent_stars\na,f,50,no\n"), ("consent.csv", table)])
    found = imported.issues[["file", "column", "code", "severity"]].to_numpy().tolist()
    assert sorted(found) == [
        ["consent.csv", "scope", "unknown_code", "error"],
        ["patients.csv", "consent_stars", "consent_not_read", "error"],
    ]


@pytest.mark.parametrize("header", ["consent_pgx", "consent_pharmacogenetics", "Consent pharmacogenomics"])
def test_a_column_of_consent_is_known_by_each_of_its_words(header: str) -> None:
    imported = read([("patients.csv", f"patient_id,sex,age,{header}\na,f,50,no\n".encode())])
    assert imported.cohort is not None
    assert imported.cohort.tables["consent"][["use", "scope", "decision"]].to_numpy().tolist() == [
        ["care", "pgx", "deny"]
    ]
