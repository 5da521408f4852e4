"""The command line keeps its contract: formats, exit status, and errors that say the way out."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from precision.__main__ import main

Run = Callable[..., tuple[int, str, str]]

PERSON = "patient_id,sex,age,tc,hdl,sbp,dm,smoker,bp_tx,statin,egfr,bmi\n"
ROW = "007,female,50,200,45,160,1,0,1,0,90,35\n"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command line; answers exit status, standard output and standard error."""

    def _run(*arguments: str | Path, stdin: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["precision", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as stopped:
            main()
        written = capsys.readouterr()
        code = stopped.value.code
        return code if isinstance(code, int) else 0, written.out, written.err

    return _run


def table(text: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text), sep="\t", dtype={"row_id": "str", "row": "str", "value": "str"})


def test_models_lists_inputs_citation_and_doi(run: Run) -> None:
    status, out, _ = run("models")
    listed = table(out).set_index("name")
    assert status == 0
    assert {"prevent", "prevent_base", "pooled_cohort", "ckd_epi_2021"} <= set(listed.index)
    assert listed.loc["prevent", "doi"] == "10.1161/CIRCULATIONAHA.123.067626"
    assert "systolic_bp" in str(listed.loc["prevent", "required"]).split(";")


def test_variables_lists_names_units_and_accepted_headers(run: Run) -> None:
    status, out, _ = run("variables")
    listed = table(out).set_index("name")
    assert status == 0
    assert listed.loc["systolic_bp", "unit"] == "mm[Hg]"
    assert "sbp" in str(listed.loc["systolic_bp", "aliases"]).split("|")


def test_knowledge_lists_sources_with_version_and_licence(run: Run) -> None:
    status, out, _ = run("knowledge", "list")
    assert status == 0
    assert {"name", "version", "licence"} <= set(table(out).columns)
    assert len(table(out)) >= 3


def test_risk_reads_standard_input_and_keeps_identifiers_as_text(run: Run) -> None:
    # Worked example of the PREVENT base model: woman of 50, published 10-year risks 14.7, 9.2 and 8.1 %
    status, out, _ = run("risk", "prevent_base", "-", stdin=(PERSON + ROW).encode())
    found = table(out)
    assert status == 0
    assert list(found.columns) == [
        "row_id",
        "model",
        "outcome",
        "horizon_years",
        "value",
        "low",
        "high",
        "status",
        "reasons",
    ]
    assert set(found["row_id"]) == {"007"}
    ten = found[found["horizon_years"] == 10].set_index("outcome")["value"].astype(float)
    assert ten["total_cvd"] == pytest.approx(0.147, abs=5e-4)
    assert ten["ascvd"] == pytest.approx(0.092, abs=5e-4)
    assert ten["hf"] == pytest.approx(0.081, abs=5e-4)


def test_a_row_that_cannot_be_read_is_listed_refused_and_kept(run: Run) -> None:
    bad = PERSON + ROW + ROW.replace("007", "P2").replace(",160,", ",tall,")
    status, out, err = run("risk", "prevent_base", "-", stdin=bad.encode())
    found = table(out)
    refused = found[found["row_id"] == "P2"]
    assert status == 1
    assert len(found) == 20
    assert refused["value"].isna().all()
    assert refused["reasons"].str.contains("refused:not_a_number:sbp").all()
    assert "row 3" in err
    assert "sbp" in err


def test_missing_and_out_of_range_are_told_apart(run: Run) -> None:
    rows = PERSON + "a,female,50,,45,160,1,0,1,0,90,35\n" + "b,male,84,200,45,160,1,0,1,0,90,35\n"
    status, out, _ = run("risk", "prevent_base", "-", stdin=rows.encode())
    found = table(out).set_index(["row_id", "outcome", "horizon_years"])
    assert status == 0
    assert found.loc[("a", "ascvd", 10), "status"] == "missing"
    assert found.loc[("a", "ascvd", 10), "reasons"] == "missing:total_cholesterol"
    assert found.loc[("a", "hf", 10), "status"] == "ok"
    assert found.loc[("b", "ascvd", 10), "status"] == "out_of_range"
    assert found.loc[("b", "ascvd", 10), "reasons"] == "range:age"


def test_extrapolation_must_be_asked_for(run: Run) -> None:
    rows = PERSON + "b,male,84,200,45,160,1,0,1,0,90,35\n"
    _, without, _ = run("risk", "prevent_base", "-", stdin=rows.encode())
    _, asked, _ = run("risk", "prevent_base", "-", "--extrapolate", stdin=rows.encode())
    assert table(without)["value"].isna().all()
    assert table(asked)["value"].notna().all()


@pytest.mark.parametrize("kind", ["csv", "tsv", "xlsx", "parquet"])
def test_tables_are_known_by_content_not_by_ending(run: Run, tmp_path: Path, kind: str) -> None:
    frame = pd.read_csv(io.StringIO(PERSON + ROW), dtype="str")
    file = tmp_path / "table.dat"
    if kind == "xlsx":
        frame.to_excel(tmp_path / "t.xlsx", index=False)
        (tmp_path / "t.xlsx").rename(file)
    elif kind == "parquet":
        frame.to_parquet(file)
    else:
        frame.to_csv(file, index=False, sep="\t" if kind == "tsv" else ",")
    status, out, _ = run("risk", "prevent_base", file)
    assert status == 0
    assert float(table(out)["value"].iloc[0]) == pytest.approx(0.147, abs=5e-4)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, "not CSV"),
        (b"%PDF-1.7 nothing here", "not CSV"),
    ],
)
def test_what_is_no_table_ends_with_status_two_and_no_traceback(run: Run, content: bytes, says: str) -> None:
    status, out, err = run("risk", "prevent", "-", stdin=content)
    assert status == 2
    assert not out
    assert says in err
    assert "Traceback" not in err


def test_an_unknown_model_or_file_names_the_way_out(run: Run, tmp_path: Path) -> None:
    status, _, err = run("risk", "framingham_1998", "-", stdin=(PERSON + ROW).encode())
    assert (status, "prevent_base" in err) == (2, True)
    status, _, err = run("risk", "prevent", tmp_path / "absent.csv")
    assert (status, "does not exist" in err) == (2, True)
    status, _, err = run("risk", "prevent", "-", "--units", "metric", stdin=(PERSON + ROW).encode())
    assert (status, "dictionary, model" in err) == (2, True)


@pytest.mark.parametrize("place", [".", "absent/risks.tsv"])
def test_a_place_that_cannot_be_written_ends_with_status_two_and_no_traceback(
    run: Run, tmp_path: Path, place: str
) -> None:
    file = tmp_path / "one.csv"
    file.write_text(PERSON + ROW, encoding="utf-8")
    status, out, err = run("risk", "prevent_base", file, "--out", tmp_path / place)
    assert (status, out) == (2, "")
    assert err.startswith("Error: ")
    assert "Traceback" not in err


def test_a_quarantine_or_cohort_folder_that_is_a_file_ends_with_status_two(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "one.csv"
    file.write_text(PERSON + ROW, encoding="utf-8")
    for arguments in (("check", file, "--quarantine", file), ("synth", "--patients", 1, "--out", file)):
        status, _, err = run(*arguments)
        assert status == 2
        assert str(file) in err


def test_a_reader_that_closes_early_is_no_failure(tmp_path: Path) -> None:
    file = tmp_path / "many.csv"
    file.write_text(PERSON + ROW * 200, encoding="utf-8")  # more than a pipe holds
    command = [sys.executable, "-m", "precision", "risk", "prevent_base", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        assert program.stdout
        assert program.stderr
        program.stdout.readline()
        program.stdout.close()
        assert program.stderr.read() == ""
    assert program.returncode == 0


def test_a_column_that_is_not_used_is_said_on_standard_error(run: Run) -> None:
    coded = PERSON + ROW.replace("female", "2") + ROW.replace("female", "1")
    status, out, err = run("risk", "prevent_base", "-", stdin=coded.encode())
    assert status == 0
    assert (table(out)["reasons"] == "missing:sex").all()
    assert "column 'sex'" in err
    assert "1 = male, 2 = female" in err


def test_required_inputs_without_a_column_are_named(run: Run) -> None:
    title = "Report of 2020,,,,,,,,,,,\n" + PERSON + ROW
    _, _, err = run("risk", "prevent_base", "-", stdin=title.encode())
    assert "no column gives sex, age, total_cholesterol" in err
    weighed = PERSON.replace("bmi", "weight").replace("egfr", "creatinine") + ROW
    _, _, err = run("risk", "prevent_base", "-", stdin=weighed.encode())
    assert "no column gives bmi;" in err


def test_check_lists_issues_with_the_columns_of_the_contract(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "clinic.csv"
    file.write_text(PERSON + ROW + "P2,female,51,200,45,1280,1,0,1,0,90,35\n", encoding="utf-8")
    status, out, err = run("check", file, "--quarantine", tmp_path / "held")
    issues = table(out)
    assert status == 1
    assert list(issues.columns) == [
        "file",
        "sheet",
        "row",
        "column",
        "value",
        "code",
        "severity",
        "reason",
        "fix",
        "action",
    ]
    hard = issues[issues["code"] == "out_of_range_hard"].iloc[0]
    assert (hard["row"], hard["column"], hard["value"], hard["severity"]) == ("3", "sbp", "1280", "error")
    assert "2 rows in, 1 accepted, 1 quarantined" in err
    held = pd.read_csv(next((tmp_path / "held").iterdir()), dtype="str")
    assert held["sbp"].tolist() == ["1280"]


def test_check_of_a_sound_file_is_done(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "clinic.csv"
    file.write_text(PERSON + ROW, encoding="utf-8")
    status, _, err = run("check", file)
    assert status == 0
    assert "1 rows in, 1 accepted, 0 quarantined" in err


def test_check_names_a_laboratory_result_that_nobody_understands(run: Run, tmp_path: Path) -> None:
    people, results = tmp_path / "clinic.csv", tmp_path / "lab.csv"
    people.write_text(PERSON + ROW, encoding="utf-8")
    results.write_text("patient_id,gene,diplotype\n007,CYP2D6,*1/*4\n007,CYP2C9,banana\n", encoding="utf-8")
    status, out, _ = run("check", people, results)
    assert status == 1
    issues = table(out)
    assert issues[["file", "row", "column", "value", "code"]].astype("str").to_numpy().tolist() == [
        ["lab.csv", "3", "diplotype", "banana", "result_not_understood"]
    ]


def test_check_names_a_medicine_that_seems_misspelt_and_counts_the_unknown(run: Run, tmp_path: Path) -> None:
    people, listed = tmp_path / "clinic.csv", tmp_path / "m2.csv"
    people.write_text(PERSON + ROW, encoding="utf-8")
    names = ("clopidogrell", "Clopidogrel 75 mg tablets", "metoprolol succinate ER", "bendroflumethiazide", "xyzzy")
    rows = "".join(f"007,{name},active\n" for name in names)
    listed.write_text(f"patient_id,drug,status\n{rows}", encoding="utf-8")
    status, out, _ = run("check", people, listed)
    assert status == 0
    issues = table(out)
    assert issues[["file", "row", "code", "severity"]].astype("str").to_numpy().tolist() == [
        ["m2.csv", "1", "medicine_unknown", "info"],
        ["m2.csv", "2", "medicine_not_recognised", "warning"],
    ]
    assert issues["value"].iloc[1] == "clopidogrell"
    unknown, misspelt = issues["reason"]
    assert "2 medicines in 2 rows" in unknown
    assert "'bendroflumethiazide', 'xyzzy'" in unknown
    assert "near it: clopidogrel" in misspelt


def test_assess_writes_every_result_and_action(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "clinic.csv"
    file.write_text(PERSON + ROW + ROW.replace("007", "P2"), encoding="utf-8")
    status, _, err = run("assess", file, "--out", tmp_path / "out")
    results = pd.read_parquet(tmp_path / "out" / "results.parquet")
    assert status == 0
    assert set(results["row_id"]) == {"007", "P2"}
    assert {"prevent", "pooled_cohort", "ckd_epi_2021"} <= set(results["model"])
    assert (tmp_path / "out" / "actions.parquet").is_file()
    assert "computed for 2 of 2" in err


def test_assess_says_what_is_not_understood_and_how_many_errors_more(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "cohort"
    folder.mkdir()
    bad = "".join(f"X{number},female,abc,200,45,160,1,0,1,0,90,35\n" for number in range(23))
    (folder / "patients.csv").write_text(PERSON + ROW + bad, encoding="utf-8")
    (folder / "medications.csv").write_text("patient_id,drug\n007,clopidogrell\n007,x\n", encoding="utf-8")
    (folder / "diplotypes.csv").write_text("patient_id,gene,diplotype\n007,CYP2C19,*1/*x\n", encoding="utf-8")
    status, _, err = run("assess", folder, "--out", tmp_path / "out")
    assert status == 1
    told = err.splitlines()
    assert sum(line.startswith("patients.csv: row ") and "'abc'" in line for line in told) == 20
    assert "and 3 more errors; `precision check` lists every one" in told
    starts = ("diplotypes.csv: row 2, column 'diplotype': no body", "medications.csv: row 2, column 'drug': medicine '")
    assert [[line.startswith(start) for line in told].count(True) for start in starts] == [1, 1]


def test_synth_writes_a_cohort_that_checks_clean(run: Run, tmp_path: Path) -> None:
    assert run("synth", "--patients", "20", "--seed", "3", "--out", tmp_path)[0] == 0
    for folder in (tmp_path / "tables", tmp_path):
        status, _, err = run("check", folder)
        assert status == 0, err


def test_a_quarantine_with_decimal_commas_is_read_again_after_mending(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "clinic.csv"
    rows = "P1;female;50;3,4;1400\nP2;male;61;2,9;150\n"
    file.write_text("patient_id;sex;age;ldl_mmol_l;sbp\n" + rows, encoding="utf-8")
    assert run("check", file, "--quarantine", tmp_path / "held")[0] == 1
    held = next((tmp_path / "held").iterdir())
    held.write_text(held.read_text(encoding="utf-8").replace("1400", "140"), encoding="utf-8")
    status, _, err = run("check", held)
    assert status == 0, err
    assert "1 rows in, 1 accepted, 0 quarantined" in err


@pytest.mark.parametrize(
    ("file", "models"),
    [
        ("prevent.tsv", ["base", "hba1c", "uacr", "sdi", "full"]),
    ],
)
def test_prevent_vectors_are_answered_as_they_are(run: Run, shared: Path, file: str, models: list[str]) -> None:
    path = shared / "vectors" / "clinrisk" / file
    vectors = pd.read_csv(path, sep="\t", dtype={"row_id": "str"})
    for variant in models:
        status, out, _ = run("risk", f"prevent_{variant}", path, "--units", "model", "--extrapolate")
        found = table(out)
        found["row"] = np.repeat(np.arange(len(vectors)), len(found) // len(vectors))
        found["value"] = found["value"].astype(float)
        assert status == 0
        assert found["row_id"].tolist() == np.repeat(vectors["row_id"], len(found) // len(vectors)).tolist()
        wide = found.pivot(index="row", columns=["outcome", "horizon_years"], values="value")
        for horizon, years in (("10yr", 10), ("30yr", 30)):
            mine = ((vectors["variant"] == variant) & (vectors["horizon"] == horizon)).to_numpy()
            for outcome in ("total_cvd", "ascvd", "hf", "chd", "stroke"):
                expected = vectors.loc[mine, f"exp_{outcome}"].to_numpy(float)
                got = wide.loc[mine, (outcome, years)].to_numpy()
                known = ~np.isnan(expected)
                assert known.any()
                np.testing.assert_allclose(got[known], expected[known], atol=1e-8)


def test_pooled_cohort_vectors_are_answered_as_they_are(run: Run, shared: Path) -> None:
    path = shared / "vectors" / "clinrisk" / "pce_frs_mesa.tsv"
    expected = pd.read_csv(path, sep="\t")["exp_pce_preventr"].to_numpy(float)
    _, out, _ = run("risk", "pooled_cohort", path, "--units", "model")
    got = table(out)["value"].astype(float).to_numpy()
    known = ~np.isnan(expected)
    np.testing.assert_allclose(got[known], expected[known], atol=5e-4)


def test_kidney_vectors_are_answered_as_they_are(run: Run, shared: Path) -> None:
    path = shared / "vectors" / "clinrisk" / "ckdepi.tsv"
    expected = pd.read_csv(path, sep="\t")["chk_cr2021"].to_numpy(float)
    _, out, _ = run("risk", "ckd_epi_2021", path, "--units", "model")
    np.testing.assert_allclose(table(out)["value"].astype(float), expected, rtol=1e-9)


def test_the_installed_command_and_the_module_are_one(run: Run) -> None:
    import tomllib

    settings = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    assert json.dumps(settings["project"]["scripts"]) == '{"precision": "precision.__main__:main"}'


def test_a_header_that_stands_twice_is_said_and_the_first_column_is_read(run: Run) -> None:
    twice = PERSON.replace("bmi\n", "bmi,sbp\n") + ROW.replace("35\n", "35,150\n")
    status, out, err = run("risk", "prevent_base", "-", stdin=twice.encode())
    assert status == 0
    assert float(table(out)["value"].iloc[0]) == pytest.approx(0.147, abs=5e-4)
    assert "the header 'sbp' stands twice" in err


def test_a_workbook_with_two_filled_sheets_is_refused_and_an_empty_one_is_no_hindrance(
    run: Run, tmp_path: Path
) -> None:
    frame, file = pd.read_csv(io.StringIO(PERSON + ROW), dtype="str"), tmp_path / "clinic.xlsx"
    for second, expected in ((frame, 2), (pd.DataFrame(), 0)):
        with pd.ExcelWriter(file) as book:
            frame.to_excel(book, sheet_name="spring", index=False)
            second.to_excel(book, sheet_name="autumn", index=False)
        status, _, err = run("risk", "prevent_base", file)
        assert status == expected, err
        assert ("spring, autumn" in err) == (expected == 2)


def test_the_coding_of_sex_can_be_confirmed_for_one_model(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "coded.csv"
    file.write_text(PERSON + ROW.replace("female", "2"))
    _, out, err = run("risk", "prevent_base", file)
    assert table(out)["reasons"].str.contains("missing:sex").all()
    assert "confirm" in err.lower()
    status, out, _ = run("risk", "prevent_base", file, "--confirm", "sex")
    assert (status, set(table(out)["status"])) == (0, {"ok"})
    assert float(table(out)["value"][0]) == pytest.approx(0.147, abs=0.0005)  # the woman of preventr's README


def test_more_rows_than_are_made_text_at_a_time_stand_under_one_header(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("precision.__main__.AT_ONCE", 2)
    file = tmp_path / "five.csv"
    bad = ROW.replace("007", "x3").replace(",160,", ",abc,")
    file.write_text(PERSON + "".join([ROW, ROW.replace("007", "x2"), bad, ROW.replace("007", "x4"), ROW]))
    status, out, _ = run("risk", "pooled_cohort", file)
    rows = table(out)
    assert status == 1
    assert rows["row_id"].tolist() == ["007", "x2", "x3", "x4", "007"]
    assert rows["reasons"][2] == "refused:not_a_number:sbp"


def test_a_class_is_written_by_its_name(run: Run) -> None:
    status, out, _ = run("risk", "kdigo", "-", stdin=b"patient_id,age,egfr,uacr\nA,60,44.9,31\nB,60,95,\n")
    rows = table(out).set_index(["row_id", "outcome"])["value"]
    assert status == 0
    assert rows["A", "gfr_category"] == "G3b"
    assert rows["A", "ckd_risk"] == "very_high"
    assert np.isnan(float(rows["B", "albuminuria_category"]))


def test_a_disclaimer_that_its_owners_ask_for_stands_with_every_value(run: Run, shared: Path) -> None:
    _, out, err = run("risk", "qrisk3", shared / "vectors" / "clinrisk" / "qrisk3.tsv", "--units", "model")
    assert len(table(out)) == 240
    assert "ClinRisk has not checked" in err
    assert "ClinRisk" not in run("risk", "fib4", "-", stdin=b"patient_id,age,ast,alt,platelets\nA,50,40,30,200\n")[2]


@pytest.mark.parametrize("command", [("risk", "prevent"), ("check",)])
def test_a_table_that_is_read_is_never_written_over(run: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    file = tmp_path / "people.csv"
    file.write_text(PERSON + ROW)
    status, _, err = run(*command, file, "--out", file)
    assert (status, file.read_text()) == (2, PERSON + ROW)
    assert "give another name" in err
