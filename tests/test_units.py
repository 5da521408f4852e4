"""Units are spelled, found in headers and converted as laboratories and guidelines do."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from precision.errors import InputError
from precision.units import (
    Conversion,
    UnitFact,
    analytes,
    conversion,
    facts,
    known_units,
    normalise_unit,
    unit_from_header,
)

CONVERTING = [fact for fact in facts() if fact.conversion is not None]


def converted(value: float, analyte: str, from_unit: str, to_unit: str) -> float:
    return float(conversion(analyte, from_unit, to_unit).apply(np.array([value]))[0])


# Values that guidelines state in both units; each is rounded as printed there.
@pytest.mark.parametrize(
    ("analyte", "value", "from_unit", "to_unit", "expected", "half_digit"),
    [
        ("cholesterol", 70, "mg/dL", "mmol/L", 1.8, 0.05),  # LDL-C goals, ESC/EAS and ACC/AHA
        ("cholesterol", 100, "mg/dL", "mmol/L", 2.6, 0.05),
        ("cholesterol", 190, "mg/dL", "mmol/L", 4.9, 0.05),
        ("triglyceride", 150, "mg/dL", "mmol/L", 1.7, 0.05),  # metabolic syndrome, Alberti 2009
        ("glucose", 126, "mg/dL", "mmol/L", 7.0, 0.05),  # diagnosis of diabetes, ADA
        ("glucose", 200, "mg/dL", "mmol/L", 11.1, 0.05),
        ("hba1c", 48, "mmol/mol", "%", 6.5, 0.05),  # diagnosis of diabetes, ADA
        ("hba1c", 53, "mmol/mol", "%", 7.0, 0.05),
        ("hba1c", 39, "mmol/mol", "%", 5.7, 0.05),
        ("creatinine", 200, "umol/L", "mg/dL", 2.26, 0.005),  # HAS-BLED, Pisters 2010
        ("urate", 6, "mg/dL", "umol/L", 357, 0.5),  # treatment target of gout, EULAR: 360, from 6 * 59.48 = 356.9
    ],
)
def test_published_pairs_agree(
    analyte: str, value: float, from_unit: str, to_unit: str, expected: float, half_digit: float
) -> None:
    assert converted(value, analyte, from_unit, to_unit) == pytest.approx(expected, abs=half_digit)


# Multipliers as laboratory handbooks print them, to the digits printed.
@pytest.mark.parametrize(
    ("analyte", "from_unit", "to_unit", "factor", "half_digit"),
    [
        ("cholesterol", "mg/dL", "mmol/L", 0.02586, 5e-6),
        ("triglyceride", "mg/dL", "mmol/L", 0.01129, 5e-6),
        ("glucose", "mg/dL", "mmol/L", 0.05551, 5e-6),
        ("creatinine", "mg/dL", "umol/L", 88.4, 0.05),
        ("bilirubin", "mg/dL", "umol/L", 17.10, 5e-3),
        ("urate", "mg/dL", "umol/L", 59.48, 5e-3),
        ("urea_nitrogen", "mg/dL", "mmol/L", 0.3570, 5e-5),
        ("calcium", "mg/dL", "mmol/L", 0.2495, 5e-5),
        ("haemoglobin", "g/dL", "g/L", 10, 1e-9),
        ("uacr", "mg/g", "mg/mmol", 0.1131, 5e-5),
        ("vitamin_d", "ng/mL", "nmol/L", 2.496, 5e-4),
        ("", "g/L", "mg/dL", 100, 1e-9),
        ("nt_probnp", "pg/mL", "pmol/L", 0.118, 5e-4),
        ("albumin_has_no_row", "g/L", "g/dL", 0.1, 1e-12),
    ],
)
def test_multipliers_are_those_of_the_handbooks(
    analyte: str, from_unit: str, to_unit: str, factor: float, half_digit: float
) -> None:
    found = conversion(analyte, from_unit, to_unit)
    assert found.factor == pytest.approx(factor, abs=half_digit)
    assert found.offset == 0


# Atomic masses (IUPAC) give the same factors: mg/dL -> mmol/L is 10 / (g/mol).
@pytest.mark.parametrize(
    ("analyte", "grams_per_mole"),
    [
        ("glucose", 6 * 12.011 + 12 * 1.008 + 6 * 15.999),
        ("cholesterol", 27 * 12.011 + 46 * 1.008 + 15.999),
        ("creatinine", 4 * 12.011 + 7 * 1.008 + 3 * 14.007 + 15.999),
        ("urate", 5 * 12.011 + 4 * 1.008 + 4 * 14.007 + 3 * 15.999),
        ("urea_nitrogen", 2 * 14.007),
        ("calcium", 40.078),
        ("phosphate", 30.974),
        ("magnesium", 24.305),
    ],
)
def test_molar_factors_follow_from_atomic_masses(analyte: str, grams_per_mole: float) -> None:
    assert conversion(analyte, "mg/dL", "mmol/L").factor == pytest.approx(10 / grams_per_mole, rel=6e-4)


# The same from the molar masses of PubChem: 1 unit of mass / (g/mol), scaled.
@pytest.mark.parametrize(
    ("analyte", "from_unit", "to_unit", "expected"),
    [
        ("triglyceride", "mg/dL", "mmol/L", 10 / 885.43),  # triolein, C57H104O6
        ("bilirubin", "mg/dL", "umol/L", 10_000 / 584.67),
        ("iron", "ug/dL", "umol/L", 10 / 55.845),
        ("vitamin_d", "ng/mL", "nmol/L", 1000 / 400.64),  # calcifediol
        ("vitamin_b12", "pg/mL", "pmol/L", 1000 / 1355.37),
        ("folate", "ng/mL", "nmol/L", 1000 / 441.40),
        ("testosterone", "ng/dL", "nmol/L", 10 / 288.43),
        ("homocysteine", "mg/L", "umol/L", 1000 / 135.19),
        ("haemoglobin", "g/dL", "mmol/L", 10 / 16.1145),  # monomer, kg/mol
        ("uacr", "mg/mmol", "mg/g", 1000 / 113.12),  # creatinine
        ("insulin", "u[IU]/mL", "pmol/L", 6.0),  # 1 uIU = 6.00 pmol
        ("monovalent_ion", "meq/L", "mmol/L", 1.0),
        ("", "kPa", "mm[Hg]", 760 / 101.325),  # one standard atmosphere
    ],
)
def test_other_factors_follow_from_molar_masses(analyte: str, from_unit: str, to_unit: str, expected: float) -> None:
    assert conversion(analyte, from_unit, to_unit).factor == pytest.approx(expected, rel=6e-4)


@pytest.mark.parametrize(
    ("value", "from_unit", "to_unit", "expected"),
    [
        (98.6, "[degF]", "Cel", 37.0),  # (98.6 - 32) * 5 / 9
        (70, "[in_i]", "cm", 177.8),  # 70 * 2.54
        (6, "[ft_i]", "cm", 182.88),  # 6 * 12 * 2.54
        (150, "[lb_av]", "kg", 68.0388555),  # 150 * 0.45359237
        (18, "mo", "a", 1.5),  # 18 / 12
        (250, "10*9/L", "10*3/uL", 250.0),
        (7400, "/uL", "10*3/uL", 7.4),
        (2, "h/d", "min/d", 120.0),
        (14, "/wk", "/d", 2.0),
        (3, "mg/L", "mg/dL", 0.3),
        (1, "ukat/L", "U/L", 60.0),
        (0.55, "1", "%", 55.0),
    ],
)
def test_a_change_of_scale_is_exact(value: float, from_unit: str, to_unit: str, expected: float) -> None:
    assert converted(value, "", from_unit, to_unit) == pytest.approx(expected, rel=1e-12)


@given(st.sampled_from(CONVERTING), st.floats(0.01, 5000))
def test_a_value_comes_back_from_its_other_unit(fact: UnitFact, value: float) -> None:
    there = converted(value, fact.analyte, fact.from_unit, fact.to_unit)
    assert converted(there, fact.analyte, fact.to_unit, fact.from_unit) == pytest.approx(value, rel=1e-9, abs=1e-9)


@given(st.floats(1, 2000))
def test_a_detour_gives_the_same_value(value: float) -> None:
    direct = converted(value, "cholesterol", "g/L", "mmol/L")
    by_way = converted(converted(value, "", "g/L", "mg/dL"), "cholesterol", "mg/dL", "mmol/L")
    assert direct == pytest.approx(by_way, rel=1e-12)


def test_missing_values_stay_missing() -> None:
    assert math.isnan(converted(math.nan, "hba1c", "mmol/mol", "%"))


def test_the_same_unit_changes_nothing() -> None:
    assert conversion("", "{score}", "{score}") == Conversion(1.0)


@pytest.mark.parametrize(
    ("analyte", "from_unit", "to_unit", "way_out"),
    [
        ("lipoprotein_a", "mg/dL", "nmol/L", "lipoprotein_a_molar"),
        ("lipoprotein_a", "nmol/L", "mg/dL", "lipoprotein_a_mass"),
        ("glomerular_filtration", "mL/min", "mL/min/{1.73_m2}", "if the laboratory's report is indexed"),
        ("", "mg/dL", "mmol/L", "units that can"),
        ("glucose", "%", "mg/dL", "units that can: .*mmol/L"),
        ("", "kg", "cm", "Correct the unit"),
    ],
)
def test_a_conversion_that_would_be_a_guess_is_refused(
    analyte: str, from_unit: str, to_unit: str, way_out: str
) -> None:
    with pytest.raises(InputError, match=way_out):
        conversion(analyte, from_unit, to_unit)


@pytest.mark.parametrize(
    ("spelling", "unit"),
    [
        ("mmHg", "mm[Hg]"),
        ("mm Hg", "mm[Hg]"),
        ("mg/dl", "mg/dL"),
        ("MG/DL", "mg/dL"),
        ("µmol/L", "umol/L"),  # micro sign
        ("μmol/l", "umol/L"),  # Greek mu
        ("umol/l", "umol/L"),
        ("mmol/mol", "mmol/mol"),
        ("kg/m²", "kg/m2"),
        ("kg/m^2", "kg/m2"),
        ("percent", "%"),
        (" % ", "%"),
        ("10^9/L", "10*9/L"),
        ("x10^9/L", "10*9/L"),
        ("10E3/uL", "10*3/uL"),
        ("K/uL", "10*3/uL"),
        ("ml/min/1.73m2", "mL/min/{1.73_m2}"),
        ("mL/min/1.73 m²", "mL/min/{1.73_m2}"),
        ("mL/min per 1.73 m2", "mL/min/{1.73_m2}"),
        ("mg/g{creat}", "mg/g"),
        ("mg/g creatinine", "mg/g"),
        ("°C", "Cel"),
        ("mEq/L", "meq/L"),
        ("IU/L", "[IU]/L"),
        ("uIU/mL", "u[IU]/mL"),
        ("years", "a"),
        ("lbs", "[lb_av]"),
        ("mcg/mL", "ug/mL"),
    ],
)
def test_spellings_are_read_as_ucum(spelling: str, unit: str) -> None:
    assert normalise_unit(spelling) == unit


@pytest.mark.parametrize("spelling", ["", "furlong", "mg/dLL", "mmol", "G/L", "G/l"])
def test_an_unknown_or_ambiguous_unit_is_not_guessed(spelling: str) -> None:
    assert normalise_unit(spelling) is None


@given(st.sampled_from(sorted(known_units())))
def test_every_known_unit_is_read_in_any_case(unit: str) -> None:
    assert normalise_unit(unit) == normalise_unit(unit.lower()) == unit


@given(st.text(max_size=20))
def test_no_text_breaks_the_reading_of_units(text: str) -> None:
    assert normalise_unit(text) is None or normalise_unit(text) in known_units()
    assert unit_from_header(text)[1] is None or unit_from_header(text)[1] in known_units()


@pytest.mark.parametrize(
    ("header", "name", "unit"),
    [
        ("ldl_mmol_l", "ldl", "mmol/L"),
        ("LDL (mg/dL)", "ldl", "mg/dL"),
        ("LDL [mmol/L]", "ldl", "mmol/L"),
        ("hba1c_pct", "hba1c", "%"),
        ("HbA1c (%)", "hba1c", "%"),
        ("hba1c_mmol_mol", "hba1c", "mmol/mol"),
        ("Height (cm)", "height", "cm"),
        ("height_in", "height", "[in_i]"),
        ("weight_lb", "weight", "[lb_av]"),
        ("pm25_ug_m3", "pm25", "ug/m3"),
        ("age_years", "age", "a"),
        ("sbp_mmhg", "sbp", "mm[Hg]"),
        ("eGFR (mL/min/1.73 m²)", "egfr", "mL/min/{1.73_m2}"),
        ("egfr_ml_min_1_73m2", "egfr", "mL/min/{1.73_m2}"),
        ("egfr_ml_min", "egfr", "mL/min"),
        ("Platelets (10^9/L)", "platelets", "10*9/L"),
        ("Creatinine (µmol/L)", "creatinine", "umol/L"),
        ("Lp(a) (nmol/L)", "lp_a", "nmol/L"),
        ("Lp(a)", "lp_a", None),
        ("sbp", "sbp", None),
        ("vitamin d", "vitamin_d", None),
        ("mg_dl", "mg_dl", None),
        ("", "", None),
    ],
)
def test_the_unit_is_split_from_a_header(header: str, name: str, unit: str | None) -> None:
    assert unit_from_header(header) == (name, unit)


def test_each_row_of_the_table_has_a_source_and_one_meaning() -> None:
    pairs = [(fact.analyte, frozenset((fact.from_unit, fact.to_unit))) for fact in facts()]
    assert len(set(pairs)) == len(pairs)
    assert all(fact.source for fact in facts())
    assert "lipoprotein_a" in analytes()
