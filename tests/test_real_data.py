"""Data that nobody here made run from reading to risks, with an account of what was not computed and why."""

from pathlib import Path

import pandas as pd
import pytest

from precision.io import read
from precision.workbench import account, assess


def not_computed(reasons: dict[str, int], name: str) -> int:
    return reasons.get(f"missing:{name}", 0)


def test_nhanes_is_read_whole_and_refused_with_reasons(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = shared / "data" / "learn" / "nhanes1_subset.csv"
    raw = pd.read_csv(path)
    read_in = read([path], use_row_numbers=True, confirm=["*"])
    assert read_in.cohort is not None
    assert len(read_in.cohort) == len(raw) == 9_932
    assert read_in.counts["quarantined"].sum() == 0
    result = assess(read_in.cohort, ["prevent"]).results["prevent"]
    k = result.column("ascvd", 10)
    reasons = result.reason_counts(k)
    # No column of the file holds HDL cholesterol, smoking, diabetes or treatment, so nobody can have an estimate.
    for name in ("hdl_cholesterol", "current_smoker", "diabetes", "statin_treatment", "antihypertensive_treatment"):
        assert not_computed(reasons, name) == len(raw)
    assert not_computed(reasons, "total_cholesterol") == raw["Serum Cholesterol"].isna().sum()
    assert not_computed(reasons, "systolic_bp") == raw["Systolic BP"].isna().sum()
    assert reasons["range:age"] == (~raw["Age"].between(30, 79)).sum()
    assert reasons["range:systolic_bp"] == ((raw["Systolic BP"] < 90) | (raw["Systolic BP"] > 200)).sum()
    assert (result.status[:, k] == 0).sum() == 0
    with capsys.disabled():
        print("\nNHANES I:", account(result)[k])  # noqa: T201 - the account is for whoever runs the tests


def test_nhanes_without_an_identifier_or_a_confirmed_coding_says_what_to_do(shared: Path) -> None:
    path = shared / "data" / "learn" / "nhanes1_subset.csv"
    issues = read([path]).issues
    assert "missing_column" in set(issues["code"])
    assert read([path]).counts["rows_in"].sum() == 9_932
    unconfirmed = read([path], use_row_numbers=True).issues
    assert {"Sex", "Race"} <= set(unconfirmed.loc[unconfirmed["code"] == "unconfirmed_coding", "column"])


def test_synthea_is_read_from_its_folder_to_risks(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = shared / "data" / "standards" / "synthea_csv"
    read_in = read([folder])
    counts = read_in.counts.set_index("file")
    for name in ("patients", "observations", "conditions", "medications"):
        assert counts.loc[f"{name}.csv", "rows_in"] == len(pd.read_csv(folder / f"{name}.csv", dtype="str"))
    assert (counts["rows_in"] == counts["accepted"] + counts["quarantined"]).all()
    assert read_in.cohort is not None
    result = assess(read_in.cohort, ["prevent"]).results["prevent"]
    k = result.column("ascvd", 10)
    reasons = result.reason_counts(k)
    observations = pd.read_csv(folder / "observations.csv", dtype="str")
    people = set(pd.read_csv(folder / "patients.csv", dtype="str")["Id"])
    has_hdl = set(observations.loc[observations["CODE"] == "2085-9", "PATIENT"])
    has_total = set(observations.loc[observations["CODE"] == "2093-3", "PATIENT"])
    assert not_computed(reasons, "hdl_cholesterol") == len(people - has_hdl)
    assert not_computed(reasons, "total_cholesterol") == len(people - has_total)
    computed = int((result.status[:, k] == 0).sum())
    assert 0 < computed < len(people)
    with capsys.disabled():
        print("\nSynthea:", account(result)[k])  # noqa: T201


def test_direct_identifiers_of_synthea_do_not_enter_the_cohort(shared: Path) -> None:
    cohort = read([shared / "data" / "standards" / "synthea_csv"]).cohort
    assert cohort is not None
    text = cohort.tables["patients"].astype("str").to_csv()
    assert "999-17-5017" not in text
    assert "Mosciski" not in text
