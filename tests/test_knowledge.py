"""Knowledge tables: every shipped one is vouched for, and a broken one is refused with what is wrong."""

import csv
import hashlib
from pathlib import Path

import pytest

from precision.errors import KnowledgeError
from precision.features.codes import meanings
from precision.knowledge.table import read_table, source_of, sources
from precision.schema import variables
from precision.treatment.rules import rules

MANIFEST = """
name = "Example"
version = "1"
retrieved = 2026-11-22
licence = "CC0-1.0"
url = "https://example.org"

[sha256]
"""
TABLE = "# a comment\ngene,allele\nCYP2C19,*2\nCYP2C19,*3\n"


def folder(path: Path, table: str = TABLE, manifest: str = MANIFEST, digest: str | None = None) -> Path:
    (path / "alleles.csv").write_text(table, encoding="utf-8")
    digest = digest or hashlib.sha256(table.encode()).hexdigest()
    (path / "manifest.toml").write_text(f'{manifest}"alleles.csv" = "{digest}"\n', encoding="utf-8")
    return path


def test_every_shipped_source_has_name_version_licence_and_unchanged_tables() -> None:
    found = {source.folder: source for source in sources()}
    assert {"codes", "guidelines"} <= set(found)
    for source in found.values():
        assert source.name
        assert source.version
        assert source.licence
        assert source.url.startswith("https://")
        assert source.tables


def test_a_table_is_read_as_text_without_its_comments(tmp_path: Path) -> None:
    rows = read_table(folder(tmp_path), "alleles.csv", ("gene", "allele"), ("gene", "allele"))
    assert rows.to_dict("list") == {"gene": ["CYP2C19", "CYP2C19"], "allele": ["*2", "*3"]}


def test_a_changed_table_is_refused_with_its_new_sum(tmp_path: Path) -> None:
    folder(tmp_path, digest="0" * 64)
    with pytest.raises(KnowledgeError, match=hashlib.sha256(TABLE.encode()).hexdigest()):
        source_of(tmp_path)


def test_windows_line_ends_are_no_change(tmp_path: Path) -> None:
    folder(tmp_path)
    (tmp_path / "alleles.csv").write_bytes(TABLE.replace("\n", "\r\n").encode())
    assert source_of(tmp_path).tables == ("alleles.csv",)


def test_a_manifest_without_a_field_is_refused(tmp_path: Path) -> None:
    folder(tmp_path, manifest=MANIFEST.replace('licence = "CC0-1.0"\n', ""))
    with pytest.raises(KnowledgeError, match="licence is absent"):
        source_of(tmp_path)


def test_a_date_that_is_no_date_is_refused(tmp_path: Path) -> None:
    folder(tmp_path, manifest=MANIFEST.replace("2026-11-22", '"last autumn"'))
    with pytest.raises(KnowledgeError, match="last autumn"):
        source_of(tmp_path)


def test_a_table_that_the_manifest_does_not_list_is_refused(tmp_path: Path) -> None:
    (folder(tmp_path) / "extra.csv").write_text("a\n", encoding="utf-8")
    with pytest.raises(KnowledgeError, match=r"extra\.csv is not in"):
        source_of(tmp_path)


def test_a_listed_table_that_is_not_there_is_refused(tmp_path: Path) -> None:
    (folder(tmp_path) / "alleles.csv").unlink()
    with pytest.raises(KnowledgeError, match="not in the folder"):
        source_of(tmp_path)


def test_other_columns_than_expected_are_refused(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="columns are gene, allele; expected gene, function"):
        read_table(folder(tmp_path), "alleles.csv", ("gene", "function"), ("gene",))


def test_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="CYP2C19 stands twice"):
        read_table(folder(tmp_path), "alleles.csv", ("gene", "allele"), ("gene",))


@pytest.mark.parametrize("table", ["conditions", "medications"])
def test_every_coded_variable_is_a_yes_or_no_of_the_dictionary(table: str) -> None:
    for name in meanings(table):
        assert variables()[name].kind == "boolean", name
        assert variables()[name].table == table, name


# What a diagnosis means for PREVENT: coronary disease, stroke and heart failure are prior disease, the rest is not.
@pytest.mark.parametrize(
    ("code", "true"),
    [
        ("ICD10CM:I21.4", {"prior_cvd", "prior_ascvd", "coronary_heart_disease", "prior_myocardial_infarction"}),
        ("ICD10CM:I63.9", {"prior_cvd", "prior_ascvd", "prior_stroke"}),
        ("ICD10CM:I50.22", {"prior_cvd", "heart_failure"}),
        ("ICD10CM:I48.91", {"atrial_fibrillation"}),
        ("ICD10CM:I48.92", set()),  # flutter
        ("ICD10CM:E11.22", {"diabetes", "type2_diabetes", "ckd"}),
        ("ICD10CM:O24.410", {"gestational_diabetes"}),
        ("ICD10CM:E78.01", {"familial_hypercholesterolaemia"}),
        ("ICD10CM:E78.00", set()),
        ("ICD10CM:N18.31", {"ckd", "ckd_stage_3_to_5"}),
        ("ICD10CM:I10", {"hypertension"}),
        ("SNOMED:15777000", set()),  # prediabetes
    ],
)
def test_a_diagnosis_means_what_it_says(code: str, true: set[str]) -> None:
    asked = {"prior_cvd", "prior_ascvd", "prior_stroke", "diabetes", "type2_diabetes", "type1_diabetes", "ckd"}
    asked |= {"hypertension", "atrial_fibrillation", "heart_failure", "gestational_diabetes", "ckd_stage_3_to_5"}
    asked |= {"familial_hypercholesterolaemia", "coronary_heart_disease", "prior_myocardial_infarction"}
    assert {name for name in asked if meanings("conditions")[name].covers(code, "")} == true


def test_the_codes_of_a_published_export_are_understood(shared: Path) -> None:
    export = shared / "data" / "standards" / "synthea_csv"
    expected = {
        "conditions.csv": (
            ("Hypertension", "hypertension"),
            ("Coronary Heart Disease", "prior_cvd"),
            ("Myocardial Infarction", "prior_cvd"),
            ("History of myocardial infarction (situation)", "prior_cvd"),
        ),
        "medications.csv": (
            ("lisinopril 10 MG Oral Tablet", "antihypertensive_treatment"),
            ("Hydrochlorothiazide 25 MG Oral Tablet", "antihypertensive_treatment"),
            ("amLODIPine 2.5 MG Oral Tablet", "antihypertensive_treatment"),
            ("Simvastatin 10 MG Oral Tablet", "statin_treatment"),
            ("Atorvastatin 80 MG Oral Tablet", "statin_treatment"),
        ),
    }
    for file, pairs in expected.items():
        with (export / file).open(encoding="utf-8") as stream:
            codes = {row["DESCRIPTION"]: row["CODE"] for row in csv.DictReader(stream)}
        system = "SNOMED" if file == "conditions.csv" else "RXNORM"
        for description, variable in pairs:
            meaning = meanings(file.removesuffix(".csv"))[variable]
            assert meaning.covers(f"{system}:{codes[description]}", ""), description


def test_every_rule_names_its_source_and_only_confirmed_ones_ship() -> None:
    for rule in rules():
        assert rule.source, rule.name
        assert rule.citation.year >= 2018, rule.name
        assert rule.citation.doi or rule.source.startswith("USPSTF"), rule.name
        assert rule.not_considered, rule.name


@pytest.mark.parametrize("row", ["CYP2C19,*2,*3", "CYP2C19"])
def test_a_row_with_more_or_fewer_cells_than_the_header_is_refused(row: str, tmp_path: Path) -> None:
    folder(tmp_path, f"gene,allele\n{row}\nCYP2C9,*3\n")
    with pytest.raises(KnowledgeError, match=f"row CYP2C19 has {row.count(',') + 1} cells; expected 2"):
        read_table(tmp_path, "alleles.csv", ("gene", "allele"), ("allele",))
