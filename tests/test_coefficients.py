"""Every coefficient is the published one, and a test would notice if it were not."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from precision.coefficients import Coefficients
from precision.errors import KnowledgeError
from precision.model import registry
from precision.risk.prevent import OPTIONAL, OUTCOMES, VARIANTS, required
from tests.vectors import vectors

MODELS = sorted(registry())
PREVENT_TERMS = {
    "age10": "age",
    "age10_sq": "age_squared",
    "nonhdl": "non_hdl",
    "hdl": "hdl",
    "sbp_lt110": "sbp_below_110",
    "sbp_ge110": "sbp_from_110",
    "dm": "diabetes",
    "nodm": "no_diabetes",
    "smoker": "smoker",
    "bmi_lt30": "bmi_below_30",
    "bmi_ge30": "bmi_from_30",
    "egfr_lt60": "egfr_below_60",
    "egfr_ge60": "egfr_from_60",
    "bp_tx": "bp_treated",
    "const": "constant",
    "sdi_4_6": "sdi_4_to_6",
    "sdi_7_10": "sdi_7_to_10",
}


@pytest.mark.parametrize("name", MODELS)
def test_a_change_of_any_coefficient_by_one_percent_makes_a_vector_fail(name: str) -> None:
    model, known = registry()[name], vectors(registry()[name])
    inputs = model(known.people).inputs
    unnoticed: list[str] = []
    with np.errstate(all="ignore"):
        for term, stratum in np.argwhere(model.coefficients.values != 0):
            value = model.formula(inputs, model.coefficients.changed(term, stratum, 1.01))
            if not (np.abs(value - known.expected) > known.tolerance).any():
                unnoticed.append(f"{model.coefficients.terms[term]} in {model.coefficients.strata[stratum]}")
    assert not unnoticed, f"no vector of {name} notices {len(unnoticed)} coefficients, the first: {unnoticed[0]}"


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_prevent_tables_hold_the_numbers_of_the_supplement_digit_by_digit(variant: str, shared: Path) -> None:
    flat = pd.read_csv(shared / "reference" / "clinrisk" / "prevent_2023_coef.tsv", sep="\t").query(
        "variant == @variant"
    )
    table = Coefficients.read(f"prevent_{variant}")
    for row in flat.itertuples():
        term = "*".join(PREVENT_TERMS.get(part, part) for part in str(row.term).split("*"))
        stratum = table.strata.index(f"{row.sex}_{row.outcome}_{str(row.horizon)[:2]}")
        assert table.values[table.terms.index(term), stratum] == row.coef, f"{term} in {table.strata[stratum]}"
    assert np.count_nonzero(table.values) == (flat["coef"] != 0).sum()


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("years", [10, 30])
def test_heart_failure_alone_needs_bmi_and_it_alone_needs_no_cholesterol_or_statin(variant: str, years: int) -> None:
    table = Coefficients.read(f"prevent_{variant}")
    lipids = {"total_cholesterol", "hdl_cholesterol", "statin_treatment"}
    common = {"sex", "age", "systolic_bp", "diabetes", "current_smoker", "egfr", "antihypertensive_treatment"}
    for outcome in OUTCOMES:
        needed = set(required(table, f"{outcome}_{years}"))
        assert needed == common | ({"bmi"} if outcome == "hf" else lipids)
        assert not needed & {*OPTIONAL}


def test_a_stratum_is_read_from_the_column_of_its_name() -> None:
    table = Coefficients.read("pooled_cohort")
    assert table.strata == ("white_female", "black_female", "white_male", "black_male")
    assert table.of("ln_age_squared", np.array([0, 3, 0])).tolist() == [4.884, 0, 4.884]
    assert table.under("white_").strata == ("female", "male")
    assert table.under("white_").of("diabetes", 1) == 0.658


def test_a_predictor_is_the_sum_of_coefficient_times_value_in_the_stratum() -> None:
    table = Coefficients(("a", "b"), ("one", "two"), np.array([[1.0, 10.0], [2.0, 20.0]]))
    terms = {"a": np.array([1.0, 1.0]), "b": np.array([3.0, 3.0])}
    assert table.predictor(terms, np.array([0, 1])).tolist() == [1 + 6, 10 + 60]


@pytest.mark.parametrize(
    ("package", "content", "message"),
    [
        ("term_twice", "term,female\nage,1\nage,2\n", "stands twice"),
        ("stratum_twice", "term,female,female\nage,1,2\n", "stands twice"),
        ("not_a_number", "# source\nterm,female\nage,one\n", "could not convert"),
        ("uneven", "term,female,male\nage,1\n", "term 'age' has not one cell"),
    ],
)
def test_a_broken_table_is_refused(
    package: str, content: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / package
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "broken.csv").write_text(content, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(KnowledgeError, match=message):
        Coefficients.read("broken", package=package)
