"""A table for one model: vector files are read as they are, refused rows are named, units are the paper's if asked."""

from pathlib import Path

import pandas as pd
import pytest

from precision.errors import InputError
from precision.io import RiskTable, risk_table
from precision.model import registry


def load(text: str, model: str = "prevent_base", *, model_units: bool = False) -> RiskTable:
    return risk_table(("rows.csv", text.encode()), registry()[model], model_units=model_units)


def test_rows_need_neither_a_unique_identifier_nor_everything() -> None:
    table = load("row_id,sex,tc\nx,f,200\nx,m,NA\n")
    assert table.row_ids.tolist() == ["x", "x"]
    assert table.frame["sex"].tolist() == [0.0, 1.0]
    assert table.frame["total_cholesterol"].fillna(-1).tolist() == [200.0, -1.0]
    assert not table.refused.any()
    assert load("sex,tc\nf,200\n\nm,201\n").row_ids.tolist() == ["2", "4"]


def test_a_refused_row_has_no_input_and_says_why() -> None:
    table = load("id,sex,age,sbp\na,f,50,120\nb,m,51,abc\nc,f,52,120,9\nd,f,53,130\n")
    assert table.refused.tolist() == [False, True, True, False]
    assert table.frame.loc[[1, 2], ["sex", "age", "systolic_bp"]].isna().all(axis=None)
    model = registry()["prevent_base"]
    said = table.long(model(table.frame))
    reasons = said.groupby("row_id")["reasons"].first()
    assert (reasons["b"], reasons["c"]) == ("refused:not_a_number:sbp", "refused:ragged_row")
    assert reasons["a"] == model(table.frame).to_frame().groupby("row_id")["reasons"].first()["a"]
    assert len(said) == 4 * len(model.estimates)


def test_columns_that_the_model_does_not_read_refuse_nothing() -> None:
    assert not load("id,sex,age,exp_risk,platelets\na,f,50,?!,lots\n").refused.any()


def test_a_file_that_is_no_table_is_an_input_error() -> None:
    with pytest.raises(InputError, match="not CSV, TSV, XLSX or Parquet"):
        load("%PDF-1.4")


def test_every_vector_file_is_read_as_it_is(shared: Path) -> None:
    own = {"ckdepi": "ckd_epi_2021", "prevent": "prevent", "pce_frs_mesa": "pooled_cohort"}
    for file in sorted((shared / "vectors/clinrisk").glob("*.tsv")):
        name = own.get(file.stem, file.stem)
        if name not in registry():
            continue
        table = risk_table(file, registry()[name], model_units=True)
        lines = len(file.read_text(encoding="utf-8").splitlines()) - 1
        assert len(table.frame) == lines
        assert not table.refused.any(), table.issues.to_string()


def test_prevent_vectors_keep_their_values(shared: Path) -> None:
    file = shared / "vectors/clinrisk/prevent.tsv"
    table = risk_table(file, registry()["prevent"], model_units=True)
    raw = pd.read_csv(file, sep="\t")
    assert table.row_ids.tolist() == raw["row_id"].tolist()
    for header, variable in (
        ("tc", "total_cholesterol"),
        ("sbp", "systolic_bp"),
        ("uacr", "uacr"),
        ("sdi", "sdi_decile"),
    ):
        pd.testing.assert_series_equal(table.frame[variable], raw[header].astype("float64"), check_names=False)


def test_a_column_of_the_variable_s_own_name_is_read_before_the_paper_s_short_header() -> None:
    table = load("patient_id,age,ancestry,bcrat_ancestry\nx,50,hispanic,hispanic_us_born\n", "bcrat")
    assert table.frame["bcrat_ancestry"].tolist() == [2]
    assert not len(table.issues[table.issues["severity"] == "error"])
    assert load("patient_id,age,race\nx,50,3\n", "bcrat", model_units=True).frame["bcrat_ancestry"].tolist() == [2]
