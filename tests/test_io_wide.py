"""Wide tables: headers become variables, values are converted once, and what is wrong is said where it stands."""

import math

import numpy as np
import pandas as pd
import pytest

from precision.io import Import, read

GOOD = "patient_id,sex,age"


def load(text: str, **choices: object) -> Import:
    return read([("cohort.csv", text.encode())], **choices)  # type: ignore[arg-type]  # tests name the options


def people(imported: Import) -> pd.DataFrame:
    assert imported.cohort is not None, imported.issues.to_string()
    return imported.cohort.tables["patients"]


def codes(imported: Import) -> set[tuple[int, str, str]]:
    """Row, column and code of what is an error or a warning."""
    grave = imported.issues[imported.issues["severity"] != "info"]
    return set(zip(grave["row"], grave["column"], grave["code"], strict=True))


def said(imported: Import, row: int, code: str, what: str) -> str:
    """The reason or fix of the first such issue."""
    issues = imported.issues
    return str(issues[(issues["row"] == row) & (issues["code"] == code)].iloc[0][what])


def test_identifier_sex_and_age_are_enough() -> None:
    table = people(load(f"{GOOD}\n007,F,50\n1E5,male,61.5\nNA,unknown,70\n"))
    assert table["patient_id"].tolist() == ["007", "1E5", "NA"]
    assert table["sex"].astype("object").where(table["sex"].notna(), "?").tolist() == ["female", "male", "?"]
    assert table["age"].tolist() == [50.0, 61.5, 70.0]
    assert table["source_row"].tolist() == [2, 3, 4]
    assert set(table["source_file"]) == {"cohort.csv"}


def test_a_date_or_year_of_birth_stands_for_age() -> None:
    assert people(load("patient_id,sex,birth_year\na,f,1960\n"))["birth_year"].tolist() == [1960.0]
    born = people(load("patient_id,sex,dob\na,f,1961-04-02\n"))["birth_date"]
    assert born.tolist() == [pd.Timestamp("1961-04-02")]


@pytest.mark.parametrize(
    ("header", "cell", "variable", "value"),
    [
        ("ldl_mmol_l", "3.4", "ldl_cholesterol", 3.4 / 0.02586),  # 1 mg/dL = 0.02586 mmol/L (GUIDE 1.3)
        ("LDL (mg/dL)", "131", "ldl_cholesterol", 131.0),
        ("hba1c_mmol_mol", "48", "hba1c", 48 * 0.09148 + 2.152),  # NGSP = 0.09148 * IFCC + 2.152
        ("Triglycerides [mmol/L]", "1.7", "triglycerides", 1.7 / 0.01129),
        ("creatinine_umol_l", "88.4", "creatinine", 1.0),
        ("weight (lb)", "150", "weight", 150 * 0.45359237),
        ("2093-3", "200", "total_cholesterol", 200.0),
    ],
)
def test_a_unit_in_the_header_is_converted_once(header: str, cell: str, variable: str, value: float) -> None:
    imported = load(f"{GOOD},{header}\na,f,50,{cell}\n")
    assert people(imported)[variable].tolist() == pytest.approx([value], rel=1e-12)
    assert codes(imported) == set()


def test_a_unit_column_is_read_row_by_row() -> None:
    imported = load(f"{GOOD},ldl,ldl_unit\na,f,50,131,mg/dl\nb,m,51,3.4,mmol/L\nc,f,52,120,\nd,f,53,2,furlong\n")
    values = people(imported).set_index("patient_id")["ldl_cholesterol"]
    assert values.to_dict() == pytest.approx({"a": 131.0, "b": 3.4 / 0.02586, "c": 120.0})
    assert codes(imported) == {(5, "ldl", "unknown_unit")}
    assert imported.quarantine["cohort.csv"]["ldl_unit"].tolist() == ["furlong"]


def test_lipoprotein_a_mass_is_never_made_molar() -> None:
    imported = load(f"{GOOD},lipoprotein_a_mass,lipoprotein_a_mass_unit\na,f,50,30,nmol/L\nb,f,51,30,mg/dL\n")
    assert codes(imported) == {(2, "lipoprotein_a_mass", "unit_mismatch")}
    assert people(imported)["lipoprotein_a_mass"].tolist() == [30.0]


def test_a_chosen_unit_goes_before_the_dictionary() -> None:
    imported = load(f"{GOOD},LDL\na,f,50,3.4\n", units={"LDL": "mmol/L"})
    assert people(imported)["ldl_cholesterol"].tolist() == pytest.approx([3.4 / 0.02586])
    column = imported.columns.set_index("column").loc["LDL"]
    assert (column["unit_source"], column["unit"], column["conversion"]) == ("chosen", "mmol/L", "mmol/L to mg/dL")
    assert imported.cohort is not None
    assert imported.cohort.units_read == {"ldl_cholesterol": "mmol/L"}


def test_a_suspected_unit_is_reported_and_not_mended() -> None:
    imported = load(f"{GOOD},ldl_mg_dl\na,f,50,3.4\nb,m,51,131\nc,f,52,120\n")
    assert people(imported)["ldl_cholesterol"].tolist() == [3.4, 131.0, 120.0]
    assert codes(imported) == {(1, "ldl_mg_dl", "unit_suspect"), (2, "ldl_mg_dl", "unit_suspect")}
    summary = imported.issues[imported.issues["row"] == 1].iloc[0]
    assert summary["value"] == "1 of 3"
    assert "mmol/L" in summary["reason"]


def test_a_column_in_another_unit_waits_to_be_confirmed() -> None:
    rows = "".join(f"p{i},f,50,{3 + i / 10}\n" for i in range(10))
    imported = load(f"{GOOD},ldl\n{rows}")
    assert imported.columns.set_index("column").loc["ldl", "state"] == "confirm"


def test_impossible_values_are_quarantined_with_their_row() -> None:
    imported = load(f"{GOOD},sbp,hba1c\na,f,50,120,6\nb,m,51,1280,6\nc,f,52,240,42\n")
    assert people(imported)["patient_id"].tolist() == ["a"]
    assert {
        (3, "sbp", "out_of_range_hard"),
        (4, "hba1c", "out_of_range_hard"),
        (4, "sbp", "out_of_range_soft"),
    } <= codes(imported)
    assert "tenth" in said(imported, 3, "out_of_range_hard", "fix")
    assert "mmol/mol" in said(imported, 4, "out_of_range_hard", "reason")


def test_a_limit_is_kept_as_its_value_and_marked() -> None:
    imported = load(f"{GOOD},uacr\na,f,50,<5\n")
    assert people(imported)["uacr"].tolist() == [5.0]
    assert imported.issues["code"].tolist() == ["comparator"]


@pytest.mark.parametrize("cell", ["", "NA", "n/a", "null", ".", "unknown"])
def test_words_for_missing_are_missing(cell: str) -> None:
    imported = load(f"{GOOD},sbp,smoking_status,diabetes\na,f,50,{cell},{cell},{cell}\n")
    table = people(imported)
    assert table[["systolic_bp", "smoking_status", "diabetes"]].isna().all(axis=None)
    assert codes(imported) == set()


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("sbp", "abc", "not_a_number"),
        ("sbp", "1e400", "not_a_number"),
        ("sbp", "=A1*2", "formula_cell"),
        ("sex", "femle", "unknown_code"),
        ("diabetes", "perhaps", "unknown_code"),
        ("patient_id", "", "missing_required"),
        ("patient_id", "=cmd", "bad_identifier"),
        ("patient_id", "x" * 65, "bad_identifier"),
        ("age", "", "missing_required"),
        ("sex", " ", "missing_required"),
        ("gene", "1-Mar", "excel_mangled_gene"),
    ],
)
def test_a_bad_cell_quarantines_its_row_whole(column: str, cell: str, code: str) -> None:
    cells = {"patient_id": "b", "sex": "m", "age": "51", "sbp": "120", "diabetes": "no", "gene": "TP53"} | {
        column: cell
    }
    imported = load(f"{','.join(cells)}\na,f,50,130,yes,BRCA1\n{','.join(cells.values())}\n")
    assert people(imported)["patient_id"].tolist() == ["a"]
    assert codes(imported) == {(3, column, code)}
    quarantined = imported.quarantine["cohort.csv"]
    assert quarantined[list(cells)].iloc[0].to_dict() == cells
    assert quarantined["_row"].tolist() == [3]
    assert quarantined["_issues"].iloc[0].startswith(f"{column}: ")
    assert quarantined["_fix"].iloc[0]


def test_a_decimal_comma_is_a_problem_unless_the_file_can_mean_nothing_else() -> None:
    assert codes(load(f'{GOOD},hdl\na,f,50,"5,3"\nb,f,51,50.1\n')) == {(2, "hdl", "mixed_decimal_comma")}
    european = load("patient_id;sex;age;hba1c\na;f;50;5,3\nb;m;61,5;6\n")
    assert people(european)["hba1c"].tolist() == [5.3, 6.0]
    assert codes(european) == {(1, "hba1c", "decimal_comma"), (1, "age", "decimal_comma")}
    mixed = load("patient_id;sex;age;hba1c\na;f;50;5,3\nb;m;61;6.1\n")
    assert codes(mixed) == {(2, "hba1c", "mixed_decimal_comma")}


def test_an_ambiguous_coding_is_read_only_when_it_is_confirmed() -> None:
    text = f"{GOOD},race\na,2,50,1\nb,1,51,2\n"
    waiting = load(text)
    assert waiting.cohort is None
    assert waiting.counts[["rows_in", "quarantined"]].to_numpy().tolist() == [[2, 2]]
    assert set(waiting.columns.set_index("column")["state"][["sex", "race"]]) == {"confirm"}
    assert "1 = male, 2 = female" in " ".join(waiting.issues["reason"])
    read_now = people(load(text, confirm=["sex", "ancestry"]))
    assert read_now["sex"].tolist() == ["female", "male"]
    assert read_now["ancestry"].tolist() == ["white", "black"]


def test_an_unconfirmed_optional_column_is_left_out() -> None:
    imported = load(f"{GOOD},diabetes\na,f,50,1\nb,m,51,2\n")
    assert people(imported)["diabetes"].isna().all()
    assert codes(imported) == {(1, "diabetes", "unconfirmed_coding")}


def test_without_an_identifier_row_numbers_are_offered() -> None:
    refused = load("sex,age\nf,50\n")
    assert refused.cohort is None
    assert "use row numbers" in refused.issues.iloc[0]["fix"]
    assert people(load("sex,age\nf,50\n\nm,51\n", use_row_numbers=True))["patient_id"].tolist() == ["row-2", "row-4"]


def test_direct_identifiers_are_dropped() -> None:
    header = "patient_id,sex,age,first_name,SSN,contact,postcode,notes"
    imported = load(
        f"{header}\na,f,50,Ann,999-17-5017,ann@example.org,SW1A,fine\nb,m,51,Bo,999-17-5018,bo@example.org,SW1,ok\n"
    )
    assert list(people(imported).columns) == ["patient_id", "sex", "age", "notes", "source_file", "source_row"]
    dropped = imported.issues[imported.issues["code"] == "phi_suspect"]
    assert set(dropped["column"]) == {"first_name", "SSN", "contact", "postcode"}
    assert set(dropped["action"]) == {"dropped"}


def test_unknown_headers_are_kept_and_a_meaning_is_proposed() -> None:
    imported = load(f"{GOOD},systolic_presure\na,f,50,128\n")
    assert people(imported)["systolic_presure"].tolist() == ["128"]
    column = imported.columns.set_index("column").loc["systolic_presure"]
    assert column["proposals"].split(", ")[0] == "systolic_bp"
    mapped = load(f"{GOOD},systolic_presure\na,f,50,128\n", mapping={"systolic_presure": "systolic_bp"})
    assert people(mapped)["systolic_bp"].tolist() == [128.0]


def test_a_column_that_is_mapped_to_nothing_is_left_out() -> None:
    table = people(load(f"{GOOD},sbp,notes\na,f,50,128,x\n", mapping={"sbp": "", "notes": ""}))
    assert not {"systolic_bp", "sbp", "notes"} & set(table)


def test_of_two_columns_of_one_variable_the_first_is_read_and_the_other_kept() -> None:
    imported = load(f"{GOOD},sbp,systolic_bp\na,f,50,128,131\n")
    table = people(imported)
    assert table["systolic_bp"].tolist() == [128.0]
    assert table["systolic_bp (as in the file)"].tolist() == ["131"]
    assert codes(imported) == {(1, "systolic_bp", "duplicate_column")}


def test_headers_that_are_facts_of_their_own_fill_their_tables() -> None:
    header = f"{GOOD},dx_E11.9,dx_i48,meds,fh_mother_C50,consent_pgx,CYP2C19,rs4149056"
    imported = load(f"{header}\na,f,50,1,0,clopidogrel 75 mg;RXNORM:617310,1,permit,*1/*2,A/G\nb,m,51,,,NA,0,,*2/*2,\n")
    assert imported.cohort is not None
    tables = imported.cohort.tables
    assert tables["conditions"][["patient_id", "code", "status"]].to_numpy().tolist() == [
        ["a", "ICD10CM:E11.9", "active"],
        ["a", "ICD10CM:I48", "ruled_out"],
    ]
    assert tables["medications"][["drug", "code"]].to_numpy().tolist() == [
        ["clopidogrel", ""],
        ["", "RXNORM:617310"],
    ]
    np.testing.assert_array_equal(tables["medications"]["dose"], [75.0, np.nan])
    assert tables["family_history"][["patient_id", "relation", "condition_code"]].to_numpy().tolist() == [
        ["a", "mother", "ICD10CM:C50"]
    ]
    assert tables["consent"][["patient_id", "use", "scope", "decision"]].to_numpy().tolist() == [
        ["a", "care", "pgx", "permit"]
    ]
    assert tables["diplotypes"][["patient_id", "gene", "diplotype"]].to_numpy().tolist() == [
        ["a", "CYP2C19", "*1/*2"],
        ["b", "CYP2C19", "*2/*2"],
    ]
    assert tables["patients"]["rs4149056"].fillna("").tolist() == ["A/G", ""]


def test_the_same_row_twice_counts_once_and_unlike_rows_of_a_patient_wait() -> None:
    imported = load(f"{GOOD},sbp\na,f,50,120\na,f,50,120\nb,m,51,130\nc,f,52,140\nb,m,51,131\n")
    assert people(imported)["patient_id"].tolist() == ["a", "c"]
    assert codes(imported) == {
        (3, "patient_id", "duplicate_row"),
        (4, "patient_id", "conflicting_duplicate"),
        (6, "patient_id", "conflicting_duplicate"),
    }
    reasons = imported.issues.set_index("row")["reason"]
    assert "row 6" in reasons[4]


@pytest.mark.parametrize(
    ("header", "cells", "column"),
    [
        ("smoking_status,pack_years", "never,20", "smoking_status"),
        ("sex,pregnant", "male,yes", "sex"),
        ("age,years_since_quitting", "50,60", "years_since_quitting"),
        ("sbp,dbp", "100,120", "dbp"),
    ],
)
def test_contradictions_are_reported_and_kept(header: str, cells: str, column: str) -> None:
    row = {"patient_id": "a", "sex": "female", "age": "50"} | dict(
        zip(header.split(","), cells.split(","), strict=True)
    )
    imported = load(f"{','.join(row)}\n{','.join(row.values())}\n")
    assert codes(imported) == {(2, column, "contradiction")}
    assert len(people(imported)) == 1


def test_dates_before_birth_are_refused() -> None:
    imported = load("patient_id,sex,birth_date,as_of\na,f,1960-01-01,1950-01-01\nb,f,1960-01-01,2020-01-01\n")
    assert (2, "as_of", "date_before_birth") in codes(imported)
    assert people(imported)["patient_id"].tolist() == ["b"]


def test_a_column_without_a_value_is_missing_everywhere() -> None:
    table = people(load(f"{GOOD},sbp\na,f,50,\nb,m,51,\n"))
    assert all(math.isnan(value) for value in table["systolic_bp"])


def test_a_dose_beside_the_medicine_of_a_patient_is_read_in_mg() -> None:
    """What is no plain amount leaves the dose empty; the patient stays."""
    rows = "a,f,50,codeine,30 mg\nb,m,51,codeine,2x20 mg\nc,f,52,codeine;aspirin,30\nd,m,53,codeine 15 mg,30\n"
    imported = load(f"{GOOD},drug,dose\n{rows}")
    assert people(imported)["patient_id"].tolist() == ["a", "b", "c", "d"]
    assert codes(imported) == {(3, "dose", "dose_not_read")}
    assert imported.cohort is not None
    listed = imported.cohort.tables["medications"]
    assert listed["drug"].tolist() == ["codeine", "codeine", "codeine", "aspirin", "codeine"]
    np.testing.assert_array_equal(listed["dose"], [30.0, np.nan, np.nan, np.nan, 15.0])


def test_amounts_in_a_list_of_medicines_are_doses_in_mg() -> None:
    """Neither a volume nor the last amount of a combination is the dose."""
    told = "levothyroxine 50 mcg;insulin 10 units;paracetamol 325 mg / codeine 30 mg"
    imported = load(f"{GOOD},meds\na,f,50,{told}\n")
    assert codes(imported) == {(2, "meds", "dose_not_read")}
    assert imported.cohort is not None
    listed = imported.cohort.tables["medications"]
    assert listed["drug"].tolist() == ["levothyroxine", "insulin", "paracetamol 325 mg / codeine 30 mg"]
    np.testing.assert_allclose(listed["dose"], [0.05, np.nan, np.nan])
