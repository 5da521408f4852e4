"""The variable dictionary is whole, unambiguous, and reads text without guessing."""

import csv
import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from precision import schema
from precision.errors import InputError, KnowledgeError
from precision.schema import (
    COMPARATORS,
    PROBLEMS,
    by_loinc,
    encode,
    match_header,
    parse_boolean,
    propose,
    read_column,
    read_variables,
    variable,
    variables,
)
from precision.units import conversion, normalise_unit

TABLE = Path(schema.__file__).with_name("variables.csv")
Row = dict[str, str]


def text(*cells: str | None) -> "pd.Series[str]":
    return pd.Series(cells, dtype="str")


def named(header: str, scope: str | None = None) -> str | None:
    match = match_header(header, scope)
    return match.variable.name if match else None


# ------------------------------------------------------------------------------------------------ the table itself
def test_every_alias_and_name_finds_its_own_variable() -> None:
    for item in variables().values():
        for header in (item.name, *item.aliases):
            scope, _, bare = header.rpartition(":")
            assert named(bare, scope or None) == item.name, header


def test_every_unit_is_reached_from_its_molar_or_mass_twin() -> None:
    for item in variables().values():
        for unit in item.loinc_units.values():
            assert math.isfinite(conversion(item.analyte, unit, item.unit).factor), item.name


def test_codes_of_sex_are_those_of_the_equations() -> None:
    assert variable("sex").levels == ("female", "male")
    assert variable("sex").code("male") == 1


def test_an_unknown_level_names_the_levels() -> None:
    with pytest.raises(KnowledgeError, match="it has: female, male"):
        variable("sex").code("m")


def test_an_unknown_variable_names_the_nearest() -> None:
    with pytest.raises(KnowledgeError, match="systolic_bp"):
        variable("sistolic_bp")


def test_the_dictionary_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        variables()["age"] = variable("sex")  # type: ignore[index]  # what the test shows


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("98979-8", "62238-1"),  # eGFR by CKD-EPI 2021 and 2009
        ("98979-8", "33914-3"),  # eGFR by MDRD
        ("10835-7", "43583-4"),  # Lp(a) mass and molar
        ("30522-7", "1988-5"),  # CRP, high sensitivity and conventional
        ("1558-6", "2345-7"),  # glucose, fasting and any
    ],
)
def test_codes_that_must_not_be_merged_are_different_variables(one: str, other: str) -> None:
    assert by_loinc()[one].name != by_loinc()[other].name


# ------------------------------------------------------------------------------------------------ broken tables
def broken(tmp_path: Path, change: Callable[[list[Row]], None]) -> Path:
    with TABLE.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    change(rows)
    path = tmp_path / "variables.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def change(name: str, column: str, value: str) -> Callable[[list[Row]], None]:
    def edit(rows: list[Row]) -> None:
        next(row for row in rows if row["name"] == name)[column] = value

    return edit


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (change("weight", "name", "height"), "name height occurs more than once"),
        (change("weight", "name", "Body Weight"), "lower_case"),
        (change("weight", "aliases", "ht"), "'ht' belongs to both 'height' and 'weight'"),
        (change("weight", "aliases", "sbp"), "'sbp' belongs to both 'weight' and 'systolic_bp'"),
        (change("weight", "aliases", "Body Weight"), "header_key"),
        (change("weight", "unit", "stones"), "unit 'stones' is not in units.csv"),
        (change("weight", "analyte", "lead"), "analyte 'lead'"),
        (change("weight", "domain", "medical"), "domain 'medical'"),
        (change("weight", "kind", "float"), "kind 'float'"),
        (change("weight", "loinc", "8302-2"), "loinc 8302-2 occurs more than once"),
        (change("weight", "loinc", "29463-7=pounds_of_force"), "unit of a LOINC code"),
        (change("weight", "plausible_low", "400"), "not in order"),
        (change("weight", "hard_high", "200"), "not in order"),
        (change("weight", "hard_high", "heavy"), "holds no number"),
        (change("sex", "levels", "female;female"), "a level occurs twice"),
        (change("sex", "levels", "female:f;male:f"), "'f' stands for both level 'female' and level 'male'"),
        (change("sex", "levels", "female"), "two levels"),
    ],
)
def test_a_broken_row_is_named(tmp_path: Path, edit: Callable[[list[Row]], None], message: str) -> None:
    with pytest.raises(KnowledgeError, match=message):
        read_variables(broken(tmp_path, edit))


def test_a_missing_column_or_cell_is_named(tmp_path: Path) -> None:
    path = tmp_path / "variables.csv"
    path.write_text("name,label\nage,Age\n")
    with pytest.raises(KnowledgeError, match="columns are"):
        read_variables(path)
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    path.write_text(f"{lines[0]}\nage,Age,demographic\n")
    with pytest.raises(KnowledgeError, match="line 2: the row has not 15 cells"):
        read_variables(path)


# ------------------------------------------------------------------------------------------------ headers
@pytest.mark.parametrize(
    ("header", "name", "unit"),
    [
        ("tc", "total_cholesterol", None),
        ("Serum Cholesterol", "total_cholesterol", None),
        ("LDL (mmol/L)", "ldl_cholesterol", "mmol/L"),
        ("ldl_mg_dl", "ldl_cholesterol", "mg/dL"),
        ("HbA1c (%)", "hba1c", "%"),
        ("weight_lb", "weight", "[lb_av]"),
        ("8480-6", "systolic_bp", None),
        ("LOINC:2093-3", "total_cholesterol", None),
        ("14647-2", "total_cholesterol", "mmol/L"),  # the code is defined as moles per volume
        ("59261-8", "hba1c", "mmol/mol"),  # the IFCC code
        ("Lp(a) (nmol/L)", "lipoprotein_a_molar", None),
        ("Lp(a) mg/dL", "lipoprotein_a_mass", None),
        ("eGFR (mL/min/1.73 m²)", "egfr", "mL/min/{1.73_m2}"),
        ("GENDER", "sex", None),
    ],
)
def test_headers_are_understood(header: str, name: str, unit: str | None) -> None:
    match = match_header(header)
    assert match is not None
    assert (match.variable.name, match.unit, match.similarity) == (name, unit, 1.0)


@pytest.mark.parametrize(
    "header", ["Lp(a)", "region", "T1", "status", "hospital", "Red blood cells", "", "%", "mmol/L"]
)
def test_a_header_that_could_mean_two_things_is_not_matched(header: str) -> None:
    assert match_header(header) is None


@pytest.mark.parametrize(
    ("header", "scope", "name"),
    [
        ("region", "score2", "score2_region"),
        ("region", "score2_diabetes", "score2_region"),
        ("region", "kfre", "kfre_region"),
        ("T1", "bcrat", "age"),
        ("Race", "bcrat", "bcrat_ancestry"),
        ("Race", "pooled_cohort", "ancestry"),
        ("status", "conditions", "condition_status"),
        ("status", "medications", "medication_status"),
        ("sex", "family_history", "relative_sex"),
        ("alt", "variants", "alternate_allele"),
        ("alt", "fib4", "alt"),
    ],
)
def test_a_scope_decides_what_a_short_header_means(header: str, scope: str, name: str) -> None:
    assert named(header, scope) == name


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("Systolc BP", "systolic_bp"),
        ("serum ldl chol", "ldl_cholesterol"),
        ("creatinin", "creatinine"),
        ("Lp(a)", "lipoprotein_a_mass"),
        ("Lp(a)", "lipoprotein_a_molar"),
        ("Red blood cells", "red_cell_count"),
    ],
)
def test_an_unknown_header_gets_proposals(header: str, wanted: str) -> None:
    found = propose(header)
    assert wanted in [match.variable.name for match in found]
    assert [match.similarity for match in found] == sorted((match.similarity for match in found), reverse=True)
    assert len(found) <= 3


def test_a_proposal_keeps_the_unit_of_the_header() -> None:
    assert propose("serum ldl chol (mmol/L)")[0].unit == "mmol/L"


def test_nothing_is_proposed_for_nonsense() -> None:
    assert propose("qqqqxxzz") == ()


@given(st.text(max_size=30))
def test_no_header_breaks_the_matching(header: str) -> None:
    match = match_header(header)
    assert match is None or match.variable.name in variables()


# ------------------------------------------------------------------------------------------------ reading text
@pytest.mark.parametrize(
    ("cell", "value", "problem", "comparator"),
    [
        ("5.3", 5.3, "", ""),
        (" 5.3 ", 5.3, "", ""),
        ("+5", 5.0, "", ""),
        ("-6.78", -6.78, "", ""),
        ("\u22126.78", -6.78, "", ""),  # the minus sign of word processors
        (".5", 0.5, "", ""),
        ("1e3", 1000.0, "", ""),
        ("<5", 5.0, "", "<"),
        (">= 90", 90.0, "", ">="),
        ("\u2264 7", 7.0, "", "<="),
        ("5,3", math.nan, "mixed_decimal_comma", ""),
        ("1,234", math.nan, "mixed_decimal_comma", ""),
        ("1.234,5", math.nan, "mixed_decimal_comma", ""),
        ("<0,3", math.nan, "mixed_decimal_comma", ""),
        ("abc", math.nan, "not_a_number", ""),
        ("98 mg/dL", math.nan, "not_a_number", ""),
        ("1_000", math.nan, "not_a_number", ""),
        ("inf", math.nan, "not_a_number", ""),
        ("1e999", math.nan, "not_a_number", ""),
        ("0x1A", math.nan, "not_a_number", ""),
        ("٥", math.nan, "not_a_number", ""),  # an Arabic digit
        ("", math.nan, "", ""),
        ("NA", math.nan, "", ""),
        ("n/a", math.nan, "", ""),
        ("NaN", math.nan, "", ""),
        ("null", math.nan, "", ""),
        ("Unknown", math.nan, "", ""),
        (".", math.nan, "", ""),
    ],
)
def test_numbers_are_read_or_refused(cell: str, value: float, problem: str, comparator: str) -> None:
    read = read_column(variable("hba1c"), text(cell))
    np.testing.assert_array_equal(read.values, [value])
    assert PROBLEMS[read.problem[0]] == problem
    assert COMPARATORS[read.comparator[0]] == comparator
    assert read.missing[0] == (math.isnan(value) and not problem)


def test_a_fraction_is_no_whole_number() -> None:
    read = read_column(variable("sdi_decile"), text("3", "3.0", "3.5"))
    np.testing.assert_array_equal(read.values, [3, 3, math.nan])
    assert [PROBLEMS[code] for code in read.problem] == ["", "", "not_an_integer"]


def test_the_code_of_unknown_is_missing_where_the_field_uses_one() -> None:
    read = read_column(variable("breast_biopsies"), text("1", "99"))
    np.testing.assert_array_equal(read.values, [1, math.nan])
    np.testing.assert_array_equal(read.missing, [False, True])


@pytest.mark.parametrize(
    ("name", "cell", "level", "confirm"),
    [
        ("sex", "F", "female", False),
        ("sex", "Male", "male", False),
        ("sex", "1", "male", True),
        ("sex", "2.0", "female", True),
        ("sex", "intersex", None, False),
        ("current_smoker", "True", "yes", False),
        ("current_smoker", "former", "no", False),
        ("diabetes", "0", "no", False),
        ("diabetes", "2", "no", True),
        ("diabetes", "absent", "no", False),
        ("smoking_status", "Never smoker", "never", False),
        ("smoking_status", "8517006", "former", False),
        ("smoking_status", "428041000124106", "current_some_day", False),
        ("ancestry", "African American", "black", False),
        ("ancestry", "pacific islander", "pacific_islander", False),
        ("score2_region", "Very high", "very_high", False),
        ("bcrat_ancestry", "5", "hispanic_foreign_born", False),
        ("er_status", "+", "positive", False),
        ("er_status", "-", "negative", False),
        ("msi_status", "msi-h", "MSI-H", False),
        ("family_history_diabetes", "none", "none", False),
        ("assembly", "hg19", "GRCh37", False),
        ("ethnicity", "unknown", None, False),
    ],
)
def test_levels_are_read_and_ambiguous_codes_marked(name: str, cell: str, level: str | None, confirm: bool) -> None:
    values, unreadable, to_confirm = encode(variable(name), text(cell))
    expected = math.nan if level is None else variable(name).code(level)
    np.testing.assert_array_equal(values, [expected])
    assert not unreadable[0]
    assert to_confirm[0] == confirm


@pytest.mark.parametrize(("name", "cell"), [("sex", "q"), ("diabetes", "maybe"), ("smoking_status", "sometimes")])
def test_an_unknown_level_is_not_guessed(name: str, cell: str) -> None:
    read = read_column(variable(name), text(cell))
    assert PROBLEMS[read.problem[0]] == "unknown_code"
    assert math.isnan(read.values[0])


def test_null_cells_are_missing() -> None:
    read = read_column(variable("age"), text(None, "50", None))
    np.testing.assert_array_equal(read.missing, [True, False, True])
    np.testing.assert_array_equal(read_column(variable("age"), text()).values, [])


def test_text_and_dates_have_no_numbers() -> None:
    with pytest.raises(KnowledgeError, match="holds a text"):
        read_column(variable("patient_id"), text("007"))


@pytest.mark.parametrize(
    ("cell", "meaning"), [("Y", True), ("false", False), ("2", None), ("perhaps", None), ("", None)]
)
def test_yes_and_no_are_told_from_neither(cell: str, meaning: bool | None) -> None:
    assert parse_boolean(cell) is meaning


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=20))
def test_a_number_written_by_python_is_read_back_exactly(numbers: list[float]) -> None:
    read = read_column(variable("prs_raw"), text(*map(repr, numbers)))
    np.testing.assert_array_equal(read.values, np.array(numbers, dtype=np.float64))
    assert not read.unreadable.any()


@given(
    st.lists(st.text(max_size=12), min_size=1, max_size=12), st.sampled_from(["hba1c", "sex", "diabetes", "sdi_decile"])
)
def test_any_text_is_a_value_or_missing_or_a_problem_whatever_stands_beside_it(cells: list[str], name: str) -> None:
    together = read_column(variable(name), text(*cells))
    assert ((~np.isnan(together.values)).astype(int) + together.missing + together.unreadable == 1).all()
    for place, cell in enumerate(cells):
        alone = read_column(variable(name), text(cell))
        np.testing.assert_array_equal(alone.values[0], together.values[place])
        assert alone.problem[0] == together.problem[place]


# ------------------------------------------------------------------------------------------------ real files
# Columns of the vector files that are no input: the answers, and what selects a model or comments on a row.
ANSWERS = ("exp_", "chk_")
NO_INPUTS = {"prevent": {"variant", "horizon"}, "ldl": {"note"}}
# These vectors are in the units of their papers (mmol/L, mmol/mol), so bare numbers lie outside the ranges here.
OTHER_UNITS = {"score2": {"tc", "hdl"}, "score2_diabetes": {"tc", "hdl", "hba1c"}}


def headers_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").partition("\n")[0].split("\t")


def test_every_header_and_cell_of_the_vectors_is_understood(shared: Path) -> None:
    files = sorted((shared / "vectors" / "clinrisk").glob("*.tsv"))
    assert files
    for path in files:
        frame = pd.read_csv(path, sep="\t", dtype="str", keep_default_na=False)
        ignored = NO_INPUTS.get(path.stem, set[str]())
        for header in headers_of(path):
            if header.startswith(ANSWERS) or header in ignored:
                continue
            match = match_header(header, path.stem)
            assert match is not None, f"{path.name}: {header}"
            if match.variable.kind in ("text", "date"):
                continue
            read = read_column(match.variable, frame[header])
            assert not read.unreadable.any(), f"{path.name}: {header}"
            low, high = match.variable.hard
            if header not in OTHER_UNITS.get(path.stem, ()):
                assert not ((read.values < low) | (read.values > high)).any(), f"{path.name}: {header}"


def test_short_headers_need_no_scope_unless_they_are_ambiguous(shared: Path) -> None:
    needing: set[str] = set()
    for path in (shared / "vectors" / "clinrisk").glob("*.tsv"):
        for header in headers_of(path):
            if not header.startswith(ANSWERS) and named(header) != named(header, path.stem):
                needing.add(f"{path.stem}:{header}")
    assert needing == {
        "bcrat:T1",  # ages now and at the end; elsewhere a tumour stage or an image
        "bcrat:T2",
        "bcrat:Race",  # codes 1-11 of the tool, not those of `ancestry`
        "ccrat:years",
        "ccrat:end",
        "ccrat:screening",
        "ccrat:family",
        "ccrat:exercise",
        "findrisc:family_history",  # of diabetes
        "kfre:region",  # North America or not
        "score2:region",  # risk region
        "score2_diabetes:region",
        "plcom2012:smoking_status",  # 1 current, 0 former
        "plcom2012:duration",
        "plcom2012:quit",
    }


def test_every_column_of_the_canonical_tables_is_a_variable(shared: Path) -> None:
    with (shared / "reference" / "trust" / "canonical_schema.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    in_several = {"patient_id", "gene", "sample_id"}
    for row in rows:
        for column in row["column"].split("|"):
            match = match_header(column, row["table"])
            assert match is not None, f"{row['table']}.{column}"
            assert match.variable.table == row["table"] or column in in_several, f"{row['table']}.{column}"


def test_units_of_the_prevent_inputs_are_those_of_the_paper(shared: Path) -> None:
    model = json.loads((shared / "reference" / "clinrisk" / "prevent_2023.json").read_text(encoding="utf-8"))
    for header, low_high in model["valid_range"].items():
        match = match_header(header.removesuffix("_30yr").replace("_mgdl", "_mg_dl"))
        assert match is not None, header
        assert match.variable.hard[0] <= low_high[0] < low_high[1] <= match.variable.hard[1], header


def test_survey_headers_of_nhanes_are_understood(shared: Path) -> None:
    frame = pd.read_csv(shared / "data" / "learn" / "nhanes1_subset.csv", dtype="str", keep_default_na=False)
    columns = [str(column) for column in frame]
    unknown = {header for header in columns if match_header(header) is None}
    # "Red blood cells" holds a percentage there, and the follow-up time is an outcome
    assert unknown == {"Red blood cells", "y_signed_followup_years"}
    for header in set(columns) - unknown:
        item = variable(named(header) or "")
        read = read_column(item, frame[header])
        assert not read.unreadable.any(), header
        assert not ((read.values < item.hard[0]) | (read.values > item.hard[1])).any(), header
        assert read.confirm.any() == (header in {"Sex", "Race"}), header


def test_units_of_synthea_convert_except_the_filtration_rate_without_body_surface(shared: Path) -> None:
    with (shared / "data" / "standards" / "synthea_csv" / "observations.csv").open(encoding="utf-8") as stream:
        codes = {(row["CODE"], row["UNITS"]) for row in csv.DictReader(stream)}
    refused: set[str] = set()
    for code, spelling in codes:
        item = by_loinc().get(code)
        unit = normalise_unit(spelling)
        if item is None or not item.unit or unit is None:
            continue
        try:
            conversion(item.analyte, unit, item.unit)
        except InputError:
            refused.add(code)
    assert refused == {"33914-3"}
