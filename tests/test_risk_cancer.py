"""Breast, colorectal and lung cancer: BCRAT, CCRAT and PLCOm2012 agree with the tools that they restate."""

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precision.io import risk_table
from precision.model import registry
from precision.result import OK, Finding
from precision.risk import bcrat, ccrat, plcom2012
from tests.test_laws import cohort

WOMAN = {
    "sex": "female",
    "age": 40.0,
    "bcrat_ancestry": "white",
    "breast_biopsies": 0,
    "age_at_menarche": 14.0,
    "age_at_first_birth": 19.0,
    "breast_cancer_relatives": 0,
}
MAN = {
    "sex": "male",
    "age": 60.0,
    "ancestry": "white",
    "colorectal_screening": "no_polyp",
    "smoking_years_category": "none",
    "cigarettes_category": "none",
    "no_nsaid": 0,
    "no_nonaspirin_nsaid": 0,
    "colorectal_cancer_relatives": 0,
    "vigorous_exercise_category": "over_4_h",
    "vegetables_under_5_per_week": 0,
    "ccrat_bmi_category": 0,
}
SMOKER = {
    "age": 62.0,
    "ancestry": "white",
    "education": "some_college",
    "bmi": 27.0,
    "copd": 0,
    "cancer_history": 0,
    "family_history_lung_cancer": 0,
    "current_smoker": 1,
    "cigarettes_per_day": 20.0,
    "smoking_years": 27.0,
}
PEOPLE = {"bcrat": WOMAN, "ccrat": MAN, "plcom2012": SMOKER}
SEEDS = st.integers(0, 2**32 - 1)


def finding(model: str, outcome: str | None = None, extrapolate: bool = False, /, **changes: object) -> Finding:
    """One estimate of the person above with some inputs changed; None takes an input away."""
    known = {name: value for name, value in {**PEOPLE[model], **changes}.items() if value is not None}
    return registry()[model](pd.DataFrame([{"patient_id": "P1", **known}]), extrapolate).finding("P1", outcome)


# --- the reference files, as they are -------------------------------------------------------------------------------

REFERENCES = [
    ("bcrat", "breast_cancer", "exp_abs_risk_pct", 100, 150),
    ("bcrat", "breast_cancer", "exp_nci_web_pct", 100, 138),  # the web service has no group "other"
    ("bcrat", "breast_cancer_average", "exp_avg_risk_pct", 100, 150),
    ("ccrat", "colorectal_cancer", "exp_abs_risk", 1, 150),
    ("ccrat", "colorectal_cancer_average", "exp_avg_risk", 1, 150),
    ("plcom2012", "lung_cancer", "exp_p6y", 1, 110),
]


@pytest.mark.parametrize(("name", "outcome", "column", "scale", "count"), REFERENCES)
def test_every_row_of_the_reference_agrees_to_nine_digits(
    name: str, outcome: str, column: str, scale: int, count: int, shared: Path
) -> None:
    path = shared / "vectors" / "clinrisk" / f"{name}.tsv"
    reference = pd.read_csv(path, sep="\t")
    table = risk_table(path, registry()[name], model_units=True)
    result = registry()[name](table.frame)
    assert (table.row_ids == reference["row_id"]).all()
    k = result.column(outcome)
    assert (result.status[:, k] == OK).all()
    expected = reference[column].to_numpy() / scale
    given = ~np.isnan(expected)
    assert given.sum() == count
    np.testing.assert_allclose(result.value[given, k], expected[given], rtol=1e-9)


def test_relative_risks_of_the_breast_cancer_reference_agree(shared: Path) -> None:
    path = shared / "vectors" / "clinrisk" / "bcrat.tsv"
    reference = pd.read_csv(path, sep="\t")
    inputs = registry()["bcrat"](risk_table(path, registry()["bcrat"], model_units=True).frame).inputs
    first, second = bcrat.relative_risk(inputs, bcrat.TABLE)
    np.testing.assert_allclose(first, reference["exp_rr_lt50"], rtol=1e-9)
    np.testing.assert_allclose(second, reference["exp_rr_ge50"], rtol=1e-9)


def test_the_horizon_of_a_row_is_the_span_it_asked_for(shared: Path) -> None:
    path = shared / "vectors" / "clinrisk" / "bcrat.tsv"
    reference = pd.read_csv(path, sep="\t")
    result = registry()["bcrat"](risk_table(path, registry()["bcrat"], model_units=True).frame)
    assert (result.horizon(0) == reference["T2"] - reference["T1"]).all()


# --- the tables, digit by digit -------------------------------------------------------------------------------------

TOOL_NAMES = {
    "white": "White",
    "black": "Black",
    "hispanic_us_born": "US Hispanic",
    "hispanic_foreign_born": "Foreign Hispanic",
    "chinese": "Chinese",
    "japanese": "Japanese",
    "filipino": "Filipino",
    "hawaiian": "Hawaiian",
    "other_pacific_islander": "Islander",
    "other_asian": "Asian",
}
LOG_RISKS = ("menarche", "biopsies", "first_birth", "relatives", "biopsies_from_second_period", "first_birth*relatives")
COLON_FACTORS = (
    ("no_polyp", "not_examined", "polyp", "unknown_result", "never_smoked", "smoked_15_to_34_years")
    + ("smoked_from_35_years", "cigarettes", "no_nsaid", "no_nonaspirin_nsaid", "any_relative", "relatives")
    + ("exercise", "exercise_none", "exercise_up_to_2_h", "exercise_2_to_4_h", "few_vegetables", "bmi")
    + ("no_oestrogen", "bmi*oestrogen")
)


def test_the_breast_cancer_table_holds_the_numbers_of_the_tool_digit_by_digit(shared: Path) -> None:
    source = json.loads((shared / "reference" / "clinrisk" / "bcrat_gail.json").read_text())["constants"]
    table = bcrat.TABLE
    for s, stratum in enumerate(table.strata):
        group = TOOL_NAMES[stratum]
        assert [float(table.of(name, s)) for name in LOG_RISKS] == source["COVARIANTS"][group]
        periods = [float(table.of(f"not_attributable_{name}_period", s)) for name in ("first", "second")]
        assert periods == [source["ATTRIBUTE_RISK"]["Absolute"][group][i] for i in (5, 6)]
        for term, key, kind in (
            ("incidence", "CANCER_INCIDENCE", "Absolute"),
            ("competing", "COMPETING_HAZARDS", "Absolute"),
            ("average_incidence", "CANCER_INCIDENCE", "Average"),
            ("average_competing", "COMPETING_HAZARDS", "Average"),
        ):
            ours = [float(table.of(f"{term}_{low}_{low + 4}", s)) for low in range(35, 90, 5)]
            assert ours == source[key][kind][group][3:]  # the tool's bands begin at 20 years


def test_the_tool_gives_women_of_other_groups_the_numbers_of_white_women(shared: Path) -> None:
    source = json.loads((shared / "reference" / "clinrisk" / "bcrat_gail.json").read_text())["constants"]
    for key in ("CANCER_INCIDENCE", "COMPETING_HAZARDS"):
        assert source[key]["Absolute"]["Other"] == source[key]["Absolute"]["White"]
        assert source[key]["Average"]["Other"] == source[key]["Average"]["White"]
    other = finding("bcrat", bcrat_ancestry="other")
    assert other.value == finding("bcrat").value
    assert "Found by the rates of white women." in other.notes


def test_the_colorectal_table_holds_the_numbers_of_the_tool_digit_by_digit(shared: Path) -> None:
    source = json.loads((shared / "reference" / "clinrisk" / "ccrat_colorectal.json").read_text())["constants"]
    table = ccrat.TABLE
    for sex in ("male", "female"):
        s = table.strata.index(sex)
        for site in ccrat.SITES:
            known = {f"{site}:{name}": name for name in COLON_FACTORS}
            ours = [float(table.of(term, s)) if term in table.terms else 0.0 for term in known]
            assert ours == source["COVARIATES"][sex.title()][site]
            assert float(table.of(f"{site}:not_attributable", s)) == source["ATTRIBUTE_RISKS"][sex.title()][site]
        for group in ("White", "Black", "Hispanic", "Asian"):
            r = table.strata.index(f"{group.lower()}_{sex}")
            spans = [f"{low}_{low + 4}" for low in range(45, 90, 5)]
            rates = source["CANCER_RATES"][sex.title()][group]
            assert {
                site: [float(table.of(f"{site}:incidence_{span}", r)) for span in spans] for site in ccrat.SITES
            } == rates
            deaths = [float(table.of(f"competing_{span}", r)) for span in spans]
            assert deaths == source["COMPETING_HAZARDS"][sex.title()][group]
    late = table.of("distal:not_attributable_late", table.strata.index("female"))
    assert late == source["ATTRIBUTE_RISKS"]["Female"]["distalOver65"]


def test_the_lung_table_holds_the_numbers_of_the_paper_digit_by_digit(shared: Path) -> None:
    source = json.loads((shared / "reference" / "clinrisk" / "plcom2012.json").read_text())
    table = plcom2012.MODEL.coefficients
    named = {
        "age-62": "age",
        "education-4": "education",
        "bmi-27": "bmi",
        "family_lung_cancer": "family_history_lung_cancer",
        "(cigs/10)^-1 - 0.4021541613": "cigarettes",
        "smoke_years-27": "smoking_years",
        "quit_years-10": "years_since_quitting",
    }
    for name, number in source["coef"].items():
        term = named.get(str(name), str(name))
        assert table.of(term, plcom2012.COEFFICIENT) == number
        if "-" in name:
            assert table.of(term, plcom2012.CENTRE) == float(name.rpartition("-")[2])
    groups = {"black": "black", "hispanic": "hispanic", "asian": "asian", "native_hawaiian_pacific": "pacific_islander"}
    assert {name: source["race"][name] for name in groups} == {
        name: float(table.of(term, plcom2012.COEFFICIENT)) for name, term in groups.items()
    }
    assert table.of("constant", plcom2012.COEFFICIENT) == source["const"]


# --- by hand --------------------------------------------------------------------------------------------------------


def test_a_woman_with_the_lowest_categories_by_hand() -> None:
    # White, 40 to 45, one band: h = 0.001265 x 0.5788413 = 0.000732234, other deaths 0.001307 a year
    # risk = h / (h + 0.001307) x (1 - exp(-5 x 0.002039234)) = 0.3590731 x 0.01014437 = 0.00364257
    assert finding("bcrat").value == pytest.approx(0.00364257, abs=5e-9)


def test_a_biopsy_counts_less_from_50_on() -> None:
    # White, one biopsy of unknown kind: log 0.5292641686 under 50 years, less 0.288042483 = 0.2412216856 from 50 on
    # 48 to 52: two years at 0.001866 x 0.5788413 x exp(0.5292641686) = 0.001833697 with 0.002181 other deaths,
    # then two at 0.002211 x 0.5788413 x exp(0.2412216856) = 0.001628957 with 0.003655
    first = 0.001833697 / 0.004014697 * (1 - math.exp(-2 * 0.004014697))
    second = 0.001628957 / 0.005283957 * math.exp(-2 * 0.004014697) * (1 - math.exp(-2 * 0.005283957))
    here = finding("bcrat", age=48.0, breast_biopsies=1, projection_age=52.0)
    assert here.value == pytest.approx(first + second, rel=1e-6)
    assert here.horizon_years == 4


def test_the_average_white_woman_has_rates_of_her_own() -> None:
    # 40 to 45 with the rates of 1992-96: 0.0011645 / 0.0024179 x (1 - exp(-5 x 0.0024179)) = 0.4816163 x 0.01201672
    assert finding("bcrat", "breast_cancer_average").value == pytest.approx(0.00578745, abs=5e-9)


def test_lifetime_risk_is_the_risk_to_90() -> None:
    for age in (35.0, 62.5, 85.0):
        to_90 = finding("bcrat", age=age, projection_age=90.0)
        assert to_90.value == finding("bcrat", "breast_cancer_lifetime", age=age).value
        assert to_90.horizon_years == 90 - age


def test_a_span_within_a_year_and_part_of_a_year_is_counted_by_its_length() -> None:
    # One band, so the risk to a half year follows from the same two rates: 0.3590731 x (1 - exp(-0.5 x 0.0020392342))
    assert finding("bcrat", projection_age=40.5).value == pytest.approx(
        0.3590731 * (1 - math.exp(-0.5 * 0.0020392342)), rel=1e-6
    )


def test_a_smoker_at_the_centre_of_every_term_by_hand() -> None:
    # Log odds: -4.532506 + 0.2597431 - 1.822606 (10 / 20 - 0.4021541613) - 0.0308572 (0 - 10)
    #         = -4.532506 + 0.2597431 - 0.17833441 + 0.308572 = -4.14252531; 1 / (1 + exp(4.14252531)) = 0.01563438
    assert finding("plcom2012").value == pytest.approx(0.01563438, abs=5e-9)


def test_a_man_with_the_lowest_categories_by_hand() -> None:
    # 60 to 65: rectal 0.000388472 x 0.099728891869 x exp(0.6760430335) = 0.0000761667,
    # proximal 0.000343665 x 0.136245677145 x exp(0.510175675) = 0.0000779905, distal 0.000289598 x 0.275494599554
    # = 0.0000797827; together 0.0002339399 with 0.012207925 other deaths a year
    rate, other = 0.0002339399, 0.012207925
    by_hand = rate / (rate + other) * (1 - math.exp(-5 * (rate + other)))
    assert finding("ccrat").value == pytest.approx(by_hand, rel=1e-6)


# --- categories -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "lower", "upper"),
    [
        ("age_at_menarche", 11.99, 12.0),
        ("age_at_menarche", 13.99, 14.0),
        ("age_at_first_birth", 19.99, 20.0),
        ("age_at_first_birth", 24.99, 25.0),
        ("age_at_first_birth", 29.99, 30.0),
    ],
)
def test_a_category_begins_at_its_age(name: str, lower: float, upper: float) -> None:
    below, at, inside = (finding("bcrat", **{name: age}).value for age in (lower, upper, upper + 0.5))
    assert at == inside
    assert (below > at) == (name == "age_at_menarche")
    assert below != at


@pytest.mark.parametrize(("name", "most"), [("breast_biopsies", 2), ("breast_cancer_relatives", 2)])
def test_two_and_more_are_one_category(name: str, most: int) -> None:
    risks = [finding("bcrat", **{name: count}).value for count in range(5)]
    assert risks[0] < risks[1] < risks[2]
    assert len({*risks[most:]}) == 1


def test_black_women_have_no_term_for_a_first_birth_and_two_groups_of_menarche() -> None:
    births = {finding("bcrat", bcrat_ancestry="black", age_at_first_birth=age).value for age in (18, 22, 27, 35, 98)}
    menarche = [finding("bcrat", bcrat_ancestry="black", age_at_menarche=age).value for age in (10, 12, 13.9, 14)]
    assert len(births) == 1
    assert menarche[0] == menarche[1] == menarche[2] > menarche[3]


def test_hispanic_women_share_a_category_of_first_births_from_20_to_29() -> None:
    for group in ("hispanic_us_born", "hispanic_foreign_born"):
        risks = [finding("bcrat", bcrat_ancestry=group, age_at_first_birth=age).value for age in (19, 20, 29, 30, 98)]
        assert risks[0] < risks[1] == risks[2] < risks[3] == risks[4]
    menarche = {finding("bcrat", bcrat_ancestry="hispanic_us_born", age_at_menarche=age).value for age in (10, 13, 15)}
    assert len(menarche) == 1


def test_no_live_birth_counts_as_a_first_birth_at_25_to_29() -> None:
    assert finding("bcrat", age_at_first_birth=98).value == finding("bcrat", age_at_first_birth=27).value
    told = finding("bcrat", age_at_first_birth=None, nulliparous=True)
    assert told.value == finding("bcrat", age_at_first_birth=98).value
    assert "derived:age_at_first_birth:nulliparous" in told.assumptions
    unknown = finding("bcrat", age_at_first_birth=None, nulliparous=False)
    assert "absent:age_at_first_birth" in unknown.assumptions
    assert unknown.value == finding("bcrat", age_at_first_birth=19).value


def test_hyperplasia_multiplies_the_relative_risk_of_a_biopsied_woman() -> None:
    rows = pd.DataFrame([{**WOMAN, "breast_biopsies": 1, "atypical_hyperplasia": seen} for seen in (None, False, True)])
    first, second = bcrat.relative_risk(registry()["bcrat"](rows).inputs, bcrat.TABLE)
    np.testing.assert_allclose(first / first[0], [1, 0.93, 1.82], rtol=1e-12)
    np.testing.assert_allclose(second / second[0], [1, 0.93, 1.82], rtol=1e-12)
    assert finding("bcrat", atypical_hyperplasia=False).value == finding("bcrat").value
    assert "absent:atypical_hyperplasia" in finding("bcrat", breast_biopsies=1).assumptions
    assert "absent:atypical_hyperplasia" not in finding("bcrat").assumptions


def test_unknown_history_counts_as_the_lowest_category_and_is_said() -> None:
    names = [*bcrat.FACTORS.values()]
    unknown = finding("bcrat", **dict.fromkeys(names))
    assert unknown.value == finding("bcrat").value
    assert {f"absent:{name}" for name in names} <= {*unknown.assumptions}
    assert not [code for code in finding("bcrat").assumptions if code.startswith("absent:")]
    black = finding("bcrat", bcrat_ancestry="black", age_at_first_birth=None)
    assert "absent:age_at_first_birth" not in black.assumptions, "her group has no such term"


@pytest.mark.parametrize(
    ("general", "group"),
    [
        ("white", "white"),
        ("black", "black"),
        ("chinese", "chinese"),
        ("american_indian", "other"),
        ("other", "other"),
        ("hispanic", None),
        ("asian", None),
        ("pacific_islander", None),
    ],
)
def test_the_tools_group_follows_only_where_the_general_one_tells_it(general: str, group: str | None) -> None:
    derived = finding("bcrat", bcrat_ancestry=None, ancestry=general)
    if group is None:
        assert derived.missing == ("bcrat_ancestry",)
    else:
        assert derived.value == finding("bcrat", bcrat_ancestry=group).value
        assert "derived:bcrat_ancestry:ancestry" in derived.assumptions


@pytest.mark.parametrize(
    ("sex", "bmi", "category"),
    [("male", 24.99, 0), ("male", 25, 1), ("male", 29.99, 1), ("male", 30, 2), ("female", 29.99, 0), ("female", 30, 1)],
)
def test_the_bmi_category_follows_from_the_bmi_and_the_sex(sex: str, bmi: float, category: int) -> None:
    known = {"sex": sex, "no_oestrogen_2_years": 1}
    derived = finding("ccrat", ccrat_bmi_category=None, bmi=bmi, **known)
    assert derived.inputs["ccrat_bmi_category"] == category
    assert derived.value == finding("ccrat", ccrat_bmi_category=category, **known).value


@pytest.mark.parametrize(
    ("name", "of", "value", "category"),
    [
        ("smoking_years_category", "smoking_years", 0, 0),
        ("smoking_years_category", "smoking_years", 1, 1),
        ("smoking_years_category", "smoking_years", 14.9, 1),
        ("smoking_years_category", "smoking_years", 15, 2),
        ("smoking_years_category", "smoking_years", 34.9, 2),
        ("smoking_years_category", "smoking_years", 35, 3),
        ("smoking_years_category", "smoking_status", "never", 0),
        ("cigarettes_category", "cigarettes_per_day", 0, 0),
        ("cigarettes_category", "cigarettes_per_day", 10, 1),
        ("cigarettes_category", "cigarettes_per_day", 11, 2),
        ("cigarettes_category", "cigarettes_per_day", 20, 2),
        ("cigarettes_category", "cigarettes_per_day", 21, 3),
        ("cigarettes_category", "smoking_status", "never", 0),
    ],
)
def test_categories_of_smoking_follow_from_what_was_measured(name: str, of: str, value: object, category: int) -> None:
    derived = finding("ccrat", **{name: None, of: value})
    assert derived.inputs[name] == category
    assert f"derived:{name}:{of}" in derived.assumptions


def test_who_smokes_is_not_put_into_a_category_by_that_alone() -> None:
    unknown = finding("ccrat", smoking_years_category=None, smoking_status="current")
    assert math.isnan(unknown.inputs["smoking_years_category"])
    assert "absent:smoking_years_category" in unknown.assumptions


@pytest.mark.parametrize(("aspirin", "other", "neither"), [(0, 1, 1), (1, 1, 0), (0, 0, 0), (1, 0, 0)])
def test_no_nsaid_means_neither_aspirin_nor_another(aspirin: int, other: int, neither: int) -> None:
    derived = finding("ccrat", no_nsaid=None, aspirin=aspirin, no_nonaspirin_nsaid=other)
    assert derived.inputs["no_nsaid"] == neither
    assert "No regular aspirin or other NSAID" in " ".join(derived.notes)


# --- what is easily done wrong --------------------------------------------------------------------------------------


def test_a_man_with_years_but_no_cigarettes_counts_as_never_smoked() -> None:
    never = finding("ccrat").value
    years_only = finding("ccrat", smoking_years_category="from_35")
    cigarettes_only = finding("ccrat", cigarettes_category="over_20")
    both = finding("ccrat", smoking_years_category="from_35", cigarettes_category="over_20")
    assert years_only.value == cigarettes_only.value == never != both.value
    assert "ignored:smoking_years_category" in years_only.assumptions
    assert "ignored:cigarettes_category" in cigarettes_only.assumptions
    assert not [code for code in both.assumptions if code.startswith("ignored:")]


def test_smoking_does_not_enter_the_risk_of_women() -> None:
    woman = {"sex": "female", "no_oestrogen_2_years": 0}
    never = finding("ccrat", **woman)
    smoked = finding("ccrat", smoking_years_category="from_35", cigarettes_category="over_20", **woman)
    unknown = finding("ccrat", smoking_years_category=None, cigarettes_category=None, **woman)
    assert never.value == smoked.value == unknown.value
    assert not [code for code in unknown.assumptions if code.startswith("absent:")]


def test_the_attributable_risk_of_distal_cancer_in_women_changes_at_65() -> None:
    # White woman with the lowest categories of distal cancer, the rates of other sites taken away:
    # 0.000163728 x 0.1779839 at 64, then 0.000224999 x 0.1480757
    table = ccrat.TABLE.values.copy()
    for t, term in enumerate(ccrat.TABLE.terms):
        if term.startswith(("rectal:incidence", "proximal:incidence")):
            table[t] = 0
    distal_only = replace(ccrat.MODEL, coefficients=replace(ccrat.TABLE, values=table))
    woman = pd.DataFrame([{**MAN, "sex": "female", "age": 64.0, "no_oestrogen_2_years": 0, "projection_age": 66.0}])
    rates = (0.000163728 * 0.1779839, 0.000224999 * 0.1480757)
    deaths = (0.007422948, 0.01151871)
    free, by_hand = 1.0, 0.0
    for rate, other in zip(rates, deaths, strict=True):
        by_hand += free * rate / (rate + other) * (1 - math.exp(-rate - other))
        free *= math.exp(-rate - other)
    assert distal_only(woman).value[0, 0] == pytest.approx(by_hand, rel=1e-9)


def test_what_nobody_asked_counts_as_the_tool_counts_it() -> None:
    names = ("colorectal_screening", "colorectal_cancer_relatives", "no_nsaid", "no_nonaspirin_nsaid")
    smoking = ("smoking_years_category", "cigarettes_category")
    unknown = finding("ccrat", **dict.fromkeys((*names, *smoking)))
    assert unknown.value == finding("ccrat", colorectal_screening="unknown_result").value
    assert {f"absent:{name}" for name in (*names, *smoking)} <= {*unknown.assumptions}


@pytest.mark.parametrize(
    ("group", "as_group"),
    [("chinese", "asian"), ("pacific_islander", "asian"), ("american_indian", None), ("other", None)],
)
def test_groups_of_the_colorectal_tool(group: str, as_group: str | None) -> None:
    here = finding("ccrat", ancestry=group)
    if as_group is None:
        assert (here.status, here.reasons) == ("not_applicable", ("level:ancestry",))
    else:
        assert here.value == finding("ccrat", ancestry=as_group).value


@pytest.mark.parametrize(("group", "as_group"), [("american_indian", "white"), ("chinese", "asian")])
def test_groups_of_the_lung_model(group: str, as_group: str) -> None:
    assert finding("plcom2012", ancestry=group).value == finding("plcom2012", ancestry=as_group).value


def test_years_since_quitting_count_for_those_who_quit_only() -> None:
    smokes = finding("plcom2012", years_since_quitting=12.0)
    assert smokes.value == finding("plcom2012").value == finding("plcom2012", years_since_quitting=0.0).value
    assert "ignored:years_since_quitting" in smokes.assumptions
    assert "ignored:years_since_quitting" not in finding("plcom2012", years_since_quitting=0.0).assumptions
    former = [finding("plcom2012", current_smoker=0, years_since_quitting=years).value for years in (0.0, 10.0, 30.0)]
    assert smokes.value > former[0] > former[1] > former[2]


def test_more_cigarettes_add_ever_less() -> None:
    risks = [finding("plcom2012", cigarettes_per_day=count).value for count in (1.0, 10.0, 20.0, 30.0, 60.0)]
    odds = np.log(risks) - np.log1p(np.negative(risks))
    assert (np.diff(odds) > 0).all()
    # By hand: -1.822606 (10 / 20 - 10 / 10) = 0.911303
    assert odds[2] - odds[1] == pytest.approx(0.911303, abs=1e-9)


# --- reasons --------------------------------------------------------------------------------------------------------

REASONS = [
    ("bcrat", {"sex": "male"}, "not_applicable", "population:not_a_woman", "The breast cancer tool is for women."),
    (
        "bcrat",
        {"breast_cancer": True},
        "not_applicable",
        "population:breast_cancer",
        "This model is for women who have not had breast cancer.",
    ),
    (
        "bcrat",
        {"prior_chest_radiotherapy": True},
        "not_applicable",
        "population:prior_chest_radiotherapy",
        "After radiotherapy to the chest the risk is higher than this model says.",
    ),
    (
        "bcrat",
        {"atypical_hyperplasia": True},
        "out_of_range",
        "range:hyperplasia_without_biopsy",
        "Atypical hyperplasia is recorded, but no breast biopsy: check both.",
    ),
    (
        "bcrat",
        {"atypical_hyperplasia": True, "breast_biopsies": None},
        "missing",
        "missing:breast_biopsies",
        "Breast biopsies is missing.",
    ),
    (
        "bcrat",
        {"age_at_menarche": 41.0, "age_at_first_birth": 98},
        "out_of_range",
        "range:menarche_after_age",
        "The age at menarche is above the present age: check both.",
    ),
    (
        "bcrat",
        {"age_at_first_birth": 13.0},
        "out_of_range",
        "range:first_birth_before_menarche",
        "The first live birth is earlier than the menarche: check both.",
    ),
    (
        "bcrat",
        {"age_at_first_birth": 41.0},
        "out_of_range",
        "range:first_birth_after_age",
        "The age at the first live birth is above the present age: check both.",
    ),
    (
        "bcrat",
        {"projection_age": 40.0},
        "out_of_range",
        "range:projection_not_ahead",
        "The age to which risk is projected is not above the present age.",
    ),
    (
        "bcrat",
        {"projection_age": 90.5},
        "out_of_range",
        "range:projection_beyond_rates",
        "The age to which risk is projected is beyond 90 years, where the rates end.",
    ),
    (
        "ccrat",
        {"colorectal_cancer": True},
        "not_applicable",
        "population:colorectal_cancer",
        "This model is for people who have not had colorectal cancer.",
    ),
    (
        "ccrat",
        {"inflammatory_bowel_disease": True},
        "not_applicable",
        "population:inflammatory_bowel_disease",
        "In inflammatory bowel disease the risk is higher than this model says.",
    ),
    (
        "ccrat",
        {"sex": "female"},
        "missing",
        "missing:no_oestrogen_2_years",
        "No oestrogen in the last 2 years is missing.",
    ),
    (
        "ccrat",
        {"sex": "female", "no_oestrogen_2_years": 1, "ccrat_bmi_category": 2},
        "out_of_range",
        "range:bmi_category_of_men",
        "BMI category 2 is of men only; for women 0 is under 30 and 1 from 30 kg/m².",
    ),
    (
        "ccrat",
        {"no_nsaid": 1, "no_nonaspirin_nsaid": 0},
        "out_of_range",
        "range:nsaid_taken_and_not",
        "An NSAID is recorded both as taken and as not taken: check both.",
    ),
    (
        "ccrat",
        {"projection_years": 40.0},
        "out_of_range",
        "range:projection_beyond_rates",
        "The age to which risk is projected is beyond 90 years, where the rates end.",
    ),
    (
        "plcom2012",
        {"current_smoker": None, "smoking_status": "never", "years_since_quitting": 0.0},
        "not_applicable",
        "population:never_smoked",
        "This model is for people who smoke or have smoked.",
    ),
    (
        "plcom2012",
        {"cigarettes_per_day": 0.0},
        "not_applicable",
        "population:no_cigarettes",
        "0 cigarettes a day: this model is for people who smoke or have smoked.",
    ),
    (
        "plcom2012",
        {"current_smoker": 0},
        "missing",
        "missing:years_since_quitting",
        "Years since quitting smoking is missing.",
    ),
    (
        "plcom2012",
        {"ancestry": "other"},
        "not_applicable",
        "level:ancestry",
        "Population group of the risk equations 'other' is not covered by this model.",
    ),
]


@pytest.mark.parametrize(
    ("model", "changes", "status", "code", "sentence"), REASONS, ids=[f"{r[0]}-{r[3]}" for r in REASONS]
)
def test_each_reason_gives_no_number_and_says_why(
    model: str, changes: dict[str, object], status: str, code: str, sentence: str
) -> None:
    refused = finding(model, **changes)
    assert (refused.status, refused.reasons, refused.warnings) == (status, (code,), (sentence,))
    assert math.isnan(refused.value)


def test_a_reason_against_her_own_risk_leaves_that_of_the_average_woman() -> None:
    contradiction = {"age_at_first_birth": 13.0}
    assert finding("bcrat", "breast_cancer_lifetime", **contradiction).status == "out_of_range"
    assert finding("bcrat", "breast_cancer_average", **contradiction).status == "ok"
    assert finding("bcrat", "breast_cancer_lifetime", projection_age=95.0).status == "ok"
    assert finding("ccrat", "colorectal_cancer_average", ccrat_bmi_category=None).status == "ok"


def test_never_smoked_comes_before_what_is_missing() -> None:
    unasked = dict.fromkeys(("current_smoker", "cigarettes_per_day", "smoking_years"))
    assert finding("plcom2012", smoking_status="never", **unasked).status == "not_applicable"


def test_unknown_sex_is_taken_as_female_and_that_is_said() -> None:
    unknown = finding("bcrat", sex=None)
    assert unknown.value == finding("bcrat").value
    assert "Sex is not recorded; female was assumed." in unknown.notes


# --- spans ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["bcrat", "ccrat"])
def test_a_span_may_be_given_as_years_or_left_at_five(model: str) -> None:
    age = float(str(PEOPLE[model]["age"]))
    five, asked = finding(model), finding(model, projection_years=5.0)
    assert five.value == asked.value == finding(model, projection_age=age + 5).value
    assert (five.horizon_years, finding(model, projection_years=12.0).horizon_years) == (5, 12)
    assert "derived:projection_age:age_and_projection_years" in asked.assumptions


@pytest.mark.parametrize("model", ["bcrat", "ccrat"])
def test_nothing_is_made_up_where_no_rates_are_published(model: str) -> None:
    for beyond in ({"age": 30.0}, {"projection_age": 95.0}, {"age": 92.0}, {"projection_age": 20.0}):
        assert finding(model, None, True, **beyond).status == "out_of_range"
    late = finding(model, None, True, age=88.0)
    assert late.value == finding(model, None, True, age=88.0, projection_age=90.0).value
    assert "extrapolated:age" in late.assumptions


@pytest.mark.parametrize("name", ["bcrat", "ccrat"])
@settings(max_examples=10)
@given(seed=SEEDS)
def test_risk_grows_with_the_span_and_stays_under_one(name: str, seed: int) -> None:
    model = registry()[name]
    people = cohort(model, 100, seed, holes=0.0).assign(**dict.fromkeys(model.excluded, 0.0))
    people = people.drop(columns=["projection_years"])
    steps = [model(people.assign(projection_age=people["age"] + years)).value[:, :2] for years in (0.5, 1, 3, 5)]
    grown = np.diff(np.stack(steps), axis=0)
    assert (grown[~np.isnan(grown)] > 0).all()
    assert (np.nan_to_num(np.stack(steps)) < 1).all()


@settings(max_examples=10)
@given(seed=SEEDS)
def test_risk_rises_with_relatives_biopsies_and_hyperplasia(seed: int) -> None:
    model = registry()["bcrat"]
    people = cohort(model, 200, seed, holes=0.0).assign(**dict.fromkeys(model.excluded, 0.0))
    people = people.assign(
        age_at_first_birth=22.0, age_at_menarche=12.0, projection_age=np.nan, projection_years=np.nan
    )
    people = people.assign(sex=0.0, breast_biopsies=1.0, atypical_hyperplasia=np.nan, breast_cancer_relatives=0.0)

    def risk(**changes: float) -> np.ndarray:
        return model(people.assign(**changes)).value[:, 2]

    assert (risk(breast_cancer_relatives=1.0) > risk()).all()
    assert (risk() > risk(breast_biopsies=0.0)).all()
    assert (risk(atypical_hyperplasia=1.0) > risk()).all()
    assert (risk(atypical_hyperplasia=0.0) < risk()).all()


@settings(max_examples=10)
@given(seed=SEEDS)
def test_lung_risk_rises_with_age_smoking_and_disease_and_falls_with_education(seed: int) -> None:
    model = registry()["plcom2012"]
    people = cohort(model, 200, seed, holes=0.0).assign(smoking_status=np.nan, current_smoker=0.0)
    people = people.assign(cigarettes_per_day=people["cigarettes_per_day"].clip(1))
    for rising, steps in {
        "age": (50.0, 65.0, 80.0),
        "cigarettes_per_day": (1.0, 10.0, 40.0),
        "smoking_years": (1.0, 20.0, 50.0),
        "copd": (0.0, 1.0),
        "cancer_history": (0.0, 1.0),
        "family_history_lung_cancer": (0.0, 1.0),
        "education": (5.0, 3.0, 0.0),
        "years_since_quitting": (30.0, 10.0, 0.0),
        "bmi": (40.0, 25.0, 18.0),
    }.items():
        risks = np.stack([model(people.assign(**{rising: step})).value[:, 0] for step in steps])
        assert (np.diff(risks, axis=0) > 0).all(), rising
