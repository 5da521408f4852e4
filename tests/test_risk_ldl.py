"""Calculated LDL cholesterol: the three equations agree with the reference, cell by cell, and say where they end."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precision.io import risk_table
from precision.model import registry
from precision.result import OK, Finding
from precision.risk.ldl import TABLES


def finding(name: str, total: float, hdl: float, triglycerides: float, extrapolate: bool = False) -> Finding:
    """One person's LDL cholesterol by one equation."""
    lipids = {"total_cholesterol": [total], "hdl_cholesterol": [hdl], "triglycerides": [triglycerides]}
    return registry()[f"ldl_{name}"](pd.DataFrame({"patient_id": ["P1"], **lipids}), extrapolate).finding("P1")


# --- every row of the reference -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "compared", "refused"), [("friedewald", 174, 6), ("martin_hopkins", 174, 6), ("sampson", 177, 0)]
)
def test_every_row_of_the_reference_agrees_to_a_tenth(name: str, compared: int, refused: int, shared: Path) -> None:
    path = shared / "vectors" / "clinrisk" / "ldl.tsv"
    model = registry()[f"ldl_{name}"]
    table = risk_table(path, model, model_units=True)
    result, expected = model(table.frame), pd.read_csv(path, sep="\t")[f"exp_{name}"].to_numpy(dtype=float)
    good = result.status[:, 0] == OK
    both = good & ~np.isnan(expected)
    assert not table.refused.any()
    assert both.sum() == compared
    assert np.abs(result.value[both, 0] - expected[both]).max() < 0.0501  # the source has one decimal
    assert (~good).sum() == refused
    # The rows without a value of ours are those of 400 mg/dL and more, and each says so.
    assert (table.frame["triglycerides"].to_numpy()[~good] >= 400).all()
    assert all(result.reasons(int(row), 0) for row in np.flatnonzero(~good))


def test_the_table_holds_the_174_verified_cells_digit_by_digit(shared: Path) -> None:
    facts = json.loads((shared / "reference" / "clinrisk" / "lipid_liver_metabolic.json").read_text(encoding="utf-8"))
    *rows, unverified = facts["ldl"]["martin_hopkins"]["rows[tg_lo,tg_hi,f1..f6]"]
    table = TABLES["martin_hopkins"]
    assert unverified[0] == 400
    assert [f"triglycerides_{low}_to_{high}" for low, high, *_ in rows] == list(table.terms[1:])
    assert [0, *(row[0] for row in rows[1:])] == table.values[1:, 0].tolist()
    assert [row[2:] for row in rows] == table.values[1:, 1:].tolist()


# --- published arithmetic --------------------------------------------------------------------------------------------


def test_friedewald_takes_a_fifth_of_the_triglycerides() -> None:
    assert finding("friedewald", 200, 50, 150).value == 200 - 50 - 30


def test_sampson_is_the_equation_of_the_paper() -> None:
    # 200/0.948 = 210.9705, 50/0.971 = 51.4933, 150/8.56 = 17.5234, 150 x 150/2140 = 10.5140, 150²/16100 = 1.3975
    by_hand = 210.9705 - 51.4933 - (17.5234 + 10.5140 - 1.3975) - 9.44
    assert finding("sampson", 200, 50, 150).value == pytest.approx(by_hand, abs=1e-3)


@pytest.mark.parametrize(
    ("triglycerides", "non_hdl", "factor"),
    [
        (49, 90, 3.5),
        (50, 90, 4.0),
        (56, 90, 4.0),
        (57, 90, 4.3),
        (150, 99, 6.5),
        (150, 100, 6.0),
        (150, 129, 6.0),
        (150, 130, 5.7),
        (150, 159, 5.7),
        (150, 160, 5.4),
        (150, 189, 5.4),
        (150, 190, 5.1),
        (150, 219, 5.1),
        (150, 220, 4.8),
        (79, 240, 4.2),  # public copies print 4.3
        (101, 240, 4.5),  # public copies print 4.3
        (105, 115, 5.2),  # one public copy lacks this row
        (399, 240, 5.9),
        (7, 240, 3.1),
    ],
)
def test_martin_hopkins_divides_by_the_cell_of_the_table(triglycerides: int, non_hdl: int, factor: float) -> None:
    value = finding("martin_hopkins", non_hdl + 50, 50, triglycerides).value
    assert value == pytest.approx(non_hdl - triglycerides / factor, abs=1e-9)


@pytest.mark.parametrize(
    ("triglycerides", "factor"), [(49.49, 3.5), (49.5, 4.0), (56.4, 4.0), (56.5, 4.3), (6.5, 3.5), (399.49, 9.5)]
)
def test_triglycerides_between_two_rows_are_rounded_to_find_the_row_only(triglycerides: float, factor: float) -> None:
    value = finding("martin_hopkins", 145, 50, triglycerides).value
    assert value == pytest.approx(95 - triglycerides / factor, abs=1e-9)


def test_non_hdl_cholesterol_is_rounded_to_find_the_column_only() -> None:
    assert finding("martin_hopkins", 149.4, 50, 150).value == pytest.approx(99.4 - 150 / 6.5, abs=1e-9)
    assert finding("martin_hopkins", 149.5, 50, 150).value == pytest.approx(99.5 - 150 / 6.0, abs=1e-9)


# --- where they end --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("extrapolate", [False, True])
@pytest.mark.parametrize(
    ("triglycerides", "reason", "sentence"),
    [
        (
            400,
            "range:triglycerides_of_400_and_more",
            "Triglycerides are 400 mg/dL or more: that row of the table is not verified, so no value is given.",
        ),
        (
            399.5,
            "range:triglycerides_of_400_and_more",
            "Triglycerides are 400 mg/dL or more: that row of the table is not verified, so no value is given.",
        ),
        (6.4, "range:triglycerides_below_7", "Triglycerides are below 7 mg/dL, where the table begins."),
    ],
)
def test_outside_the_verified_rows_there_is_a_reason_and_never_a_value(
    triglycerides: float, reason: str, sentence: str, extrapolate: bool
) -> None:
    outside = finding("martin_hopkins", 300, 50, triglycerides, extrapolate)
    assert (outside.status, outside.reasons) == ("out_of_range", (reason,))
    assert outside.warnings == (sentence,)
    assert math.isnan(outside.value)


def test_friedewald_ends_below_400_and_sampson_at_800() -> None:
    assert finding("friedewald", 300, 50, 399.9).status == "ok"
    beyond = finding("friedewald", 300, 50, 400)
    assert (beyond.status, beyond.reasons) == ("out_of_range", ("range:triglycerides",))
    assert beyond.warnings == ("Triglycerides 400 is outside 1 to less than 400 mg/dL.",)
    assert finding("friedewald", 300, 50, 400, extrapolate=True).value == 170
    assert finding("sampson", 300, 50, 800).status == "ok"
    assert finding("sampson", 300, 50, 801).reasons == ("range:triglycerides",)


@pytest.mark.parametrize("extrapolate", [False, True])
@pytest.mark.parametrize(
    ("name", "lipids"), [("friedewald", (110, 50, 350)), ("martin_hopkins", (60, 50, 300)), ("sampson", (100, 110, 90))]
)
def test_no_equation_gives_a_concentration_of_0_or_less(
    name: str, lipids: tuple[float, float, float], extrapolate: bool
) -> None:
    impossible = finding(name, *lipids, extrapolate=extrapolate)
    assert (impossible.status, impossible.reasons) == ("out_of_range", ("range:cholesterol_balance",))
    assert impossible.warnings == ("Total and HDL cholesterol and triglycerides do not fit: LDL would be 0 or less.",)
    assert math.isnan(impossible.value)


# --- laws -----------------------------------------------------------------------------------------------------------


@settings(max_examples=50)
@given(
    hdl=st.integers(20, 90), non_hdl=st.integers(150, 350), triglycerides=st.integers(7, 398), more=st.integers(1, 50)
)
def test_ldl_rises_with_total_and_falls_with_hdl_and_triglycerides(
    hdl: int, non_hdl: int, triglycerides: int, more: int
) -> None:
    # Not so Martin-Hopkins: it steps back where the next column or row begins.
    for name in ("friedewald", "sampson"):
        here = finding(name, hdl + non_hdl, hdl, triglycerides).value
        assert finding(name, hdl + non_hdl + more, hdl, triglycerides).value > here
        assert finding(name, hdl + non_hdl, hdl + more, triglycerides).value < here
        assert finding(name, hdl + non_hdl, hdl, triglycerides + 1).value < here


@settings(max_examples=50)
@given(hdl=st.integers(20, 90), non_hdl=st.integers(130, 350), triglycerides=st.integers(20, 399))
def test_the_three_equations_stay_near_each_other(hdl: int, non_hdl: int, triglycerides: int) -> None:
    """All three subtract between a third and a tenth of the triglycerides, so a mix-up of rows or columns shows."""
    simple = finding("friedewald", hdl + non_hdl, hdl, triglycerides).value
    assert abs(finding("martin_hopkins", hdl + non_hdl, hdl, triglycerides).value - simple) < triglycerides / 5
