"""The committed sample cohort: readable without an error, in step with its seed, true to its stories."""

import gzip
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from precision.cohort import TABLES, Cohort
from precision.features import Features, integrate
from precision.io import read
from precision.model import registry
from precision.result import OK
from precision.schema import variables
from precision.synth import load_sample, write
from precision.synth.sample import FOLDER, PATIENTS, SEED
from precision.synth.tables import rows

INDEX_DATE = pd.Timestamp(2026, 9, 30)


@cache
def sample() -> Cohort:
    return load_sample()


@cache
def features() -> Features:
    return integrate(sample())


@cache
def genotypes() -> dict[str, dict[str, str]]:
    """chrom:pos -> sample -> GT of the committed VCF."""
    with gzip.open(FOLDER / "germline.vcf.gz", "rt", encoding="utf-8") as lines:
        body = [line.rstrip("\n").split("\t") for line in lines if not line.startswith("##")]
    samples = body[0][9:]
    return {f"{row[0]}:{row[1]}": dict(zip(samples, row[9:], strict=True)) for row in body[1:]}


@pytest.mark.parametrize(
    ("patient", "position", "genotype"),
    [
        ("P-00001", "chr10:94781859", "1/1"),  # CYP2C19 *2: rs4244285 G>A
        ("P-00001", "chr10:94780653", "0/0"),  # not *3
        ("P-00001", "chr10:94761900", "0/0"),  # not *17
        ("P-00002", "chr12:21178615", "1/1"),  # SLCO1B1 *5: rs4149056 T>C
        ("P-00002", "chr12:21176804", "0/0"),  # *5, not *15
        ("P-00003", "chr1:97450058", "0/1"),  # DPYD *2A: rs3918290 C>T
        ("P-00004", "chr10:94981296", "0/1"),  # CYP2C9 *3: rs1057910 A>C
        ("P-00004", "chr16:31096368", "1/1"),  # VKORC1 -1639 A/A: rs9923231 C>T on the forward strand
        ("P-00005", "chr19:11113743", "0/1"),  # LDLR, ClinVar 3696
        ("P-00006", "chr17:43057062", "0/1"),  # BRCA1 c.5266dup, ClinVar 17677
        ("P-00007", "chr3:37004444", "0/1"),  # MLH1 p.Thr117Met, ClinVar 17094
    ],
)
def test_scenario_genotypes_are_exact(patient: str, position: str, genotype: str) -> None:
    assert genotypes()[position][patient] == genotype


def test_no_other_scenario_patient_carries_a_hereditary_variant() -> None:
    carriers = {
        (patient, position)
        for position in (f"{row['chrom']}:{row['pos']}" for row in rows("positions") if " rs" in row["locus"])
        for patient, genotype in genotypes()[position].items()
        if patient <= "P-00015" and genotype != "0/0"
    }
    assert carriers == {
        ("P-00005", "chr19:11113743"),
        ("P-00006", "chr17:43057062"),
        ("P-00007", "chr3:37004444"),
    }


@pytest.mark.parametrize(
    ("table", "patient", "cells"),
    [
        ("medications", "P-00001", {"drug": "clopidogrel", "code": "RXNORM:32968", "status": "active"}),
        ("medications", "P-00002", {"drug": "simvastatin", "code": "RXNORM:36567", "status": "active"}),
        ("medications", "P-00003", {"drug": "capecitabine", "code": "RXNORM:194000", "status": "planned"}),
        ("medications", "P-00004", {"drug": "warfarin", "code": "RXNORM:11289", "status": "planned"}),
        ("medications", "P-00011", {"drug": "paroxetine", "status": "active"}),
        ("medications", "P-00011", {"drug": "tamoxifen", "status": "active"}),
        ("medications", "P-00011", {"drug": "metoprolol", "status": "active"}),
        ("family_history", "P-00005", {"relation": "father", "condition_code": "ICD10CM:I25.10", "onset_age": 47}),
        ("family_history", "P-00006", {"relation": "mother", "condition_code": "ICD10CM:C50.919", "onset_age": 42}),
        ("family_history", "P-00007", {"relation": "father", "condition_code": "ICD10CM:C18.9", "onset_age": 43}),
        ("somatic", "P-00008", {"gene": "EGFR", "protein_change": "p.L858R"}),
        ("somatic", "P-00009", {"gene": "BRAF", "protein_change": "p.V600E"}),
        ("patients", "P-00010", {"er_status": "positive", "nodes_positive": 0, "tumour_type": "BRCA"}),
        ("patients", "P-00015", {"age": 84}),
        ("diplotypes", "P-00011", {"gene": "CYP2D6", "diplotype": "*1/*1"}),
    ],
)
def test_scenario_facts_stand_in_the_tables(table: str, patient: str, cells: dict[str, str | float]) -> None:
    found = sample().of(patient, table)
    same = [(found[column] == value).to_numpy() for column, value in cells.items()]
    assert np.logical_and.reduce(same).sum() == 1


def test_scenario_measurements_are_those_of_the_story() -> None:
    observed = sample().table("observations")
    newest = observed.drop_duplicates(["patient_id", "variable"], keep="last").set_index(["patient_id", "variable"])
    assert newest.loc[("P-00005", "ldl_cholesterol"), "value"] == 290
    assert newest.loc[("P-00013", "ldl_cholesterol"), "value"] == 142
    assert not {("P-00014", "total_cholesterol"), ("P-00014", "hdl_cholesterol")} & set(newest.index)
    assert ("P-00014", "systolic_bp") in newest.index


def test_the_breast_cancer_of_p00010_has_all_21_genes() -> None:
    genes = sample().of("P-00010", "expression")
    assert len(genes) == 21
    assert genes["value"].between(0, 15).all()


def test_the_sample_is_what_its_seed_makes(tmp_path: Path) -> None:
    # A processor may round the last digit of a power otherwise; so a cell in a thousand may differ, not more.
    write(PATIENTS, SEED, tmp_path, formats=("tables", "scenarios", "vcf"))
    for path in sorted((tmp_path / "tables").glob("*.csv")):
        made, kept = (pd.read_csv(folder / path.name, dtype=str) for folder in (path.parent, FOLDER / "tables"))
        assert (made.fillna("") == kept.fillna("")).to_numpy().mean() > 0.999, path.name
    with gzip.open(tmp_path / "germline.vcf.gz") as made, gzip.open(FOLDER / "germline.vcf.gz") as kept:
        assert made.read() == kept.read()
    for folder in ("tables", "parquet"):
        assert (FOLDER / folder / "germline.vcf.gz").read_bytes() == (FOLDER / "germline.vcf.gz").read_bytes()
    assert (tmp_path / "tables/germline.vcf.gz").read_bytes() == (tmp_path / "germline.vcf.gz").read_bytes()


def test_the_sample_is_small_and_says_what_it_is() -> None:
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) < 5_000_000
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    for word in (
        "No real person",
        "CC0-1.0",
        str(SEED),
        "assumption",
        "P-00001" if "P-00001" in readme else "scenarios",
    ):
        assert word in readme


def test_the_sample_cohort_is_marked_synthetic_and_holds_every_table() -> None:
    cohort = sample()
    assert cohort.synthetic
    assert len(cohort) == PATIENTS
    assert cohort.index_date == date(2026, 9, 30)
    assert cohort.complete == {"conditions", "medications"}
    assert {name for name in TABLES if len(cohort.table(name))} == set(TABLES)
    assert set(pd.read_csv(FOLDER / "scenarios.csv")["patient_id"]) <= set(cohort.ids)
    assert cohort.genotypes is not None
    assert set(cohort.genotypes.samples) == set(genotypes()["chr10:94781859"])


def test_the_importer_has_no_error_to_report_about_the_tables() -> None:
    found = read([FOLDER / "tables"])
    assert found.cohort is not None
    assert found.cohort.synthetic
    assert len(found.cohort) == PATIENTS
    assert found.issues[found.issues["severity"] == "error"].empty
    assert found.issues[found.issues["code"] == "phi_suspect"].empty


@pytest.mark.parametrize("name", ["patients_wide.csv", "patients_wide.xlsx"])
def test_the_importer_reads_the_wide_file(name: str) -> None:
    found = read([FOLDER / name])
    assert found.cohort is not None
    assert len(found.cohort) == PATIENTS
    assert found.issues[found.issues["severity"] == "error"].empty


def test_the_importer_reads_both_laboratories_alike() -> None:
    found = read([FOLDER / "tables" / "patients.csv", FOLDER / "labs_long.csv"])
    assert found.cohort is not None
    assert found.issues[found.issues["severity"] == "error"].empty
    keys = ["patient_id", "variable", "time"]
    expected = sample().table("observations").astype({"variable": str}).set_index(keys)["value"]
    imported = found.cohort.table("observations").astype({"variable": str}).set_index(keys)["value"]
    both = pd.concat([expected, imported], axis=1, keys=["expected", "imported"])
    assert both.notna().all(axis=None)
    np.testing.assert_allclose(both["imported"], both["expected"], rtol=0.02)  # two decimals in mmol/L


def test_workbook_and_wide_file_say_the_same() -> None:
    sheet = CalamineWorkbook.from_path(str(FOLDER / "patients_wide.xlsx")).get_sheet_by_name("patients").to_python()
    table = pd.read_csv(FOLDER / "patients_wide.csv", dtype=str, keep_default_na=False)
    assert sheet[0] == list(table.columns)
    as_text = [[f"{cell:.10g}" if isinstance(cell, float) else str(cell) for cell in row] for row in sheet[1:]]
    assert as_text == table.to_numpy(dtype=object).tolist()


def test_values_stay_inside_what_is_possible() -> None:
    observed = sample().table("observations")
    for name, values in observed.groupby(observed["variable"].astype(str))["value"]:
        low, high = variables()[str(name)].hard
        assert values.between(low, high).all(), name
        assert values.between(*variables()[str(name)].plausible).mean() > 0.98, name


def test_dates_are_in_order() -> None:
    cohort = sample()
    assert (cohort.table("observations")["time"] < INDEX_DATE).all()
    assert (cohort.table("conditions")["onset_date"] < INDEX_DATE).all()
    drugs = cohort.table("medications")
    stopped = drugs["status"] == "stopped"
    assert (drugs["start"][stopped] < drugs["stop"][stopped]).all()
    assert drugs["stop"][~stopped].isna().all()
    assert drugs["start"].isna().equals(drugs["status"] == "planned")


def test_no_drug_was_begun_before_the_illness_it_is_for() -> None:
    cohort = sample()
    begun = cohort.table("medications").query("drug == 'metformin'").set_index("patient_id")["start"]
    illness = cohort.table("conditions").query("code == 'ICD10CM:E11.9'").set_index("patient_id")["onset_date"]
    both = pd.concat([begun, illness], axis=1, join="inner")
    assert len(both) > 10
    assert (both["onset_date"] < both["start"]).all()


def test_each_person_came_two_to_six_times() -> None:
    observed = sample().table("observations")
    visits = observed.groupby("patient_id")["time"].nunique()
    assert visits.max() <= 6
    assert (visits >= 2).mean() > 0.9  # a visit at which nothing was measured leaves no row


def test_every_state_of_an_estimate_occurs() -> None:
    table = pd.read_csv(FOLDER / "patients_wide.csv").rename(
        columns=lambda name: name.removesuffix("_mg_dl").replace("sbp_mmhg", "systolic_bp")
    )
    table["current_smoker"] = table["smoking_status"].map({"current": 1.0, "former": 0.0, "never": 0.0})
    result = registry()["prevent_base"](table)
    ten_years = result.status[:, 1]
    assert set(np.unique(ten_years)) == {0, 1, 2, 3}
    assert (ten_years == 0).mean() > 0.5


@pytest.mark.parametrize(
    ("scenario", "model"),
    [
        ("Every input of BCRAT", "bcrat"),
        ("Every input of PLCOm2012 in a heavy smoker", "plcom2012"),
        ("Every input of KFRE-8 in diabetes", "kfre_8"),
        ("Every input of FINDRISC and of the ADA test at high risk", "findrisc"),
        ("Every input of FINDRISC and of the ADA test at high risk", "ada_diabetes"),
        ("Every input of CCRAT", "ccrat"),
    ],
)
def test_who_is_listed_with_every_input_has_them_all(scenario: str, model: str) -> None:
    listed = pd.read_csv(FOLDER / "scenarios.csv").set_index("scenario")["patient_id"]
    finding = registry()[model](features()).finding(listed[scenario])
    asked = {*registry()[model].estimates[0].required, *registry()[model].optional} - {"projection_age"}
    assert not np.isnan(finding.value)
    assert not finding.missing
    assert not [name for name in asked if np.isnan(finding.inputs[name])]


def test_the_person_at_high_risk_of_diabetes_is() -> None:
    listed = pd.read_csv(FOLDER / "scenarios.csv").set_index("scenario")["patient_id"]
    patient = listed["Every input of FINDRISC and of the ADA test at high risk"]
    assert registry()["findrisc"](features()).finding(patient).value >= 15  # high risk begins there on the form
    assert registry()["ada_diabetes"](features()).finding(patient).value >= 5


@pytest.mark.parametrize(
    ("model", "at_least"),
    [
        ("ada_diabetes", 150),
        ("bcrat", 100),
        ("ccrat", 120),
        ("ckd_epi_2021_creatinine_cystatin", 5),
        ("cha2ds2_vasc", 5),
        ("fib4", 100),
        ("findrisc", 100),
        ("has_bled", 3),
        ("kdigo", 200),
        ("kfre_4", 4),
        ("kfre_6", 4),
        ("kfre_8", 3),
        ("ldl_sampson", 200),
        ("mesa_chd", 100),
        ("mesa_chd_cac", 10),
        ("metabolic_syndrome", 150),
        ("plcom2012", 30),
        ("prevent", 150),
    ],
)
def test_the_sample_feeds_every_model_of_its_continent(model: str, at_least: int) -> None:
    assert (registry()[model](features()).status[:, 0] == OK).sum() >= at_least


def test_no_value_contradicts_the_record() -> None:
    assert {name: item.contradictions for name, item in features().derived.items() if item.contradictions} == {}
    assert read([FOLDER / "tables"]).issues.empty


def test_some_things_are_missing() -> None:
    cohort = sample()
    observed = cohort.table("observations")
    for name in ("hdl_cholesterol", "hba1c", "creatinine", "uacr"):
        assert 0 < observed.loc[observed["variable"] == name, "patient_id"].nunique() < PATIENTS
    for name in ("environment", "lifestyle", "consent", "variants"):
        assert cohort.table(name)["patient_id"].nunique() < PATIENTS
    assert any("./." in calls.values() for calls in genotypes().values())
    assert (cohort.table("patients")["age"] >= 80).sum() >= 10


def test_the_vcf_is_sorted_and_complete() -> None:
    positions = list(genotypes())
    order = [(int(chrom.removeprefix("chr")), int(pos)) for chrom, pos in (name.split(":") for name in positions)]
    assert order == sorted(order)
    assert len(positions) == len(rows("positions")) == 139
    calls = {call for found in genotypes().values() for call in found.values()}
    assert calls <= {"./.", "0/0", "0/1", "1/1", "0/2", "0/3", "1/2", "1/3", "2/2", "2/3", "3/3"}


def test_creatinine_and_egfr_of_the_sample_agree_by_the_published_equation() -> None:
    table = pd.read_csv(FOLDER / "patients_wide.csv").rename(columns={"creatinine_mg_dl": "creatinine"})
    equation = registry()["ckd_epi_2021"](table[["patient_id", "sex", "age", "creatinine"]]).value[:, 0]
    measured = ~np.isnan(equation)
    assert measured.sum() > 200
    # The file holds whole numbers, of the age at the visit: at most five years younger, 0.9938 ** -5 = 1.03.
    difference = table["egfr"].to_numpy()[measured] - equation[measured]
    assert (difference > -0.6).all()
    assert (difference < 0.6 + 0.032 * equation[measured]).all()
