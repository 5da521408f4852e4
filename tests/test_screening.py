"""The screening plan: dates, relatives, carriers, precedence, what is missing, and the forms in which it is given."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precision.cohort import Cohort
from precision.errors import InputError
from precision.features import integrate
from precision.features.carriers import carriers, carries, is_disease_causing
from precision.io import read
from precision.model import registry
from precision.screening import Plan, plan
from precision.screening.dates import add_months
from precision.screening.plan import STATES
from precision.synth import load_sample
from tests.screening_people import ON, estimates, person, planned, state
from tests.test_screening_rules import cases, changed

COLON = "ICD10CM:C18.9"


def day(text: str) -> np.ndarray:
    return np.array([text], dtype="datetime64[D]")


def said(who: str, rule: str) -> str:
    return state(planned(who), 0, rule)


def item(found: Plan, rule: str, patient: str = "p0"):  # noqa: ANN201  # an Item, which pyright infers
    return next(one for one in found.of(patient) if one.rule == rule)


# ------------------------------------------------------------------------------------------------------------- dates
@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2023-02-28", 12, "2024-02-28"),
        ("2025-01-31", 1, "2025-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2025-08-31", 6, "2026-02-28"),
        ("2025-12-15", 1, "2026-01-15"),
        ("2016-06-30", 120, "2026-06-30"),
        ("NaT", 12, "NaT"),
    ],
)
def test_months_are_added_as_a_calendar_counts_them(start: str, months: int, end: str) -> None:
    assert np.array_equal(add_months(day(start), months), day(end), equal_nan=True)


@given(st.dates(date(1950, 1, 1), date(2080, 1, 1)), st.integers(1, 240))
def test_adding_months_agrees_with_the_calendar_of_pandas(start: date, months: int) -> None:
    expected = (pd.Timestamp(start) + pd.DateOffset(months=months)).date()
    assert add_months(np.array([start], dtype="datetime64[D]"), months)[0].item() == expected


def test_next_due_follows_the_test_that_holds_longest() -> None:
    found = item(planned("age=60; tested=last_fit@2026-01-10+last_colonoscopy@2019-03-05"), "crc_50")
    assert (found.state, found.next_due) == ("not_due", date(2029, 3, 5))


def test_of_two_tests_that_are_both_needed_the_older_one_decides() -> None:
    who = "sex=female; age=40; carries=BRCA1; tested=last_breast_mri@2026-01-10+last_mammography@2025-03-05"
    found = item(planned(who), "brca_mri_mam")
    assert (found.state, found.overdue) == ("due", True)
    assert (found.last_done, found.next_due) == (date(2025, 3, 5), date(2026, 3, 5))


def test_due_on_the_day_itself_is_not_overdue() -> None:
    on_the_day = item(planned("sex=female; age=50; tested=last_mammography@2024-06-30"), "breast_avg")
    a_day_late = item(planned("sex=female; age=50; tested=last_mammography@2024-06-29"), "breast_avg")
    assert (on_the_day.state, on_the_day.overdue) == ("due", False)
    assert (a_day_late.state, a_day_late.overdue) == ("due", True)


def test_a_test_of_which_there_is_no_record_is_due_and_that_is_said() -> None:
    found = item(planned("sex=female; age=50"), "breast_avg")
    assert (found.state, found.overdue, found.last_done, found.next_due) == ("due", False, None, None)
    assert "No record of an earlier mammography." in found.because
    assert found.missing == ()


def test_a_value_without_a_date_leaves_open_whether_it_is_due_and_asks_for_the_date() -> None:
    found = item(planned("age=50; bmi=24; hba1c=5.4"), "dm_ada")
    assert (found.state, found.missing) == ("unknown", ("date of HbA1c",))
    assert "HbA1c is on record without a date." in found.because


def test_a_date_after_the_index_date_is_not_a_test_done() -> None:
    assert said("sex=female; age=50; tested=last_mammography@2026-07-01", "breast_avg") == "due"


# --------------------------------------------------------------------------------------------- relatives and carriers
# Multi-Society Task Force 2017: begin at 40, or 10 years before the youngest case; hand arithmetic.
@pytest.mark.parametrize(("onset", "start"), [(43, 33), (50, 40), (55, 40), (59, 40), (30, 20)])
def test_colonoscopy_begins_ten_years_before_the_youngest_case_or_at_forty(onset: int, start: int) -> None:
    family = f"relatives=father@{COLON}@{onset}"
    assert said(f"age={start}; {family}", "crc_fdr") == "due"
    assert said(f"age={start - 0.1}; {family}", "crc_fdr") == "not_for"


def test_the_youngest_of_several_relatives_sets_the_start() -> None:
    family = f"relatives=father@{COLON}@55+brother@{COLON}@42+mat_uncle@{COLON}@25"
    assert said(f"age=32; {family}", "crc_fdr") == "due"  # 42 - 10; an uncle is no first-degree relative
    assert said(f"age=31; {family}", "crc_fdr") == "not_for"


# MLH1, MSH2, EPCAM: 20 years, or 5 before the earliest case if that was before 25. MSH6, PMS2: 30, or 5 before if < 30.
@pytest.mark.parametrize(
    ("gene", "rule", "onset", "start"),
    [
        ("MLH1", "lynch_mlh1", 43, 20),
        ("MSH2", "lynch_mlh1", 25, 20),
        ("EPCAM", "lynch_mlh1", 24, 19),
        ("MLH1", "lynch_mlh1", 20, 15),
        ("MSH6", "lynch_msh6", 43, 30),
        ("PMS2", "lynch_msh6", 30, 30),
        ("MSH6", "lynch_msh6", 29, 24),
    ],
)
def test_lynch_colonoscopy_begins_at_the_age_of_the_gene_or_before_an_early_case(
    gene: str, rule: str, onset: int, start: int
) -> None:
    who = f"carries={gene}; relatives=pat_aunt@{COLON}@{onset}"
    assert said(f"age={start}; {who}", rule) == "due"
    assert said(f"age={start - 0.1}; {who}", rule) == "not_for"


def test_a_relative_of_unknown_age_leaves_the_family_rule_open_and_two_decide_it() -> None:
    found = item(planned(f"age=50; relatives=mother@{COLON}@"), "crc_fdr")
    assert found.state == "unknown"
    assert "First-degree relatives with colorectal cancer before 60" in found.missing
    assert said(f"age=50; relatives=mother@{COLON}@+sister@{COLON}@", "crc_fdr") == "due"


def test_a_count_and_a_list_of_relatives_are_not_added_up() -> None:
    assert said(f"age=50; colorectal_cancer_relatives=1; relatives=mother@{COLON}@70", "crc_fdr60") == "due"
    assert said(f"age=50; colorectal_cancer_relatives=2; relatives=mother@{COLON}@70", "crc_fdr") == "due"


def test_no_listed_relative_means_none_only_where_the_list_is_complete() -> None:
    diabetic = "age=50; relatives=mother@ICD10CM:E11.9@60"
    assert said(diabetic, "crc_fdr") == "unknown"
    assert state(planned(diabetic, complete=frozenset({"family_history"})), 0, "crc_fdr") == "not_for"


def variants(**columns: str) -> dict[str, list[str]]:
    cells = {"assembly": "GRCh38", "chrom": "1", "pos": "1", "ref": "A", "alt": "T", "gene": "BRCA1"}
    cells |= {"genotype": "0/1", "origin": "germline", "significance": "Pathogenic", "filter": "PASS"} | columns
    table = pd.DataFrame([{"patient_id": "a", **cells}], dtype="str")
    known = Cohort("test", {"patients": pd.DataFrame({"patient_id": ["a", "b"]}), "variants": table}, ON)
    return {gene: list(known.ids[found == 1]) for gene, found in carriers(known).items()}


@pytest.mark.parametrize(
    ("change", "counts"),
    [
        ({}, True),
        ({"genotype": "1|1"}, True),
        ({"genotype": "het"}, True),
        ({"genotype": ""}, True),
        ({"significance": "Likely_pathogenic"}, True),
        ({"origin": "somatic"}, False),
        ({"origin": "unknown"}, False),
        ({"genotype": "0/0"}, False),
        ({"genotype": "./."}, False),
        ({"alt": "G", "genotype": "A/G"}, True),
        ({"alt": "G", "genotype": "GG"}, True),
        ({"alt": "G", "genotype": "A/A"}, False),
        ({"alt": "G", "genotype": "AA"}, False),
        ({"alt": "G", "genotype": "C/C"}, False),
        ({"alt": "", "genotype": "A/G"}, False),
        ({"genotype": "wild type"}, False),
        ({"genotype": "normal"}, False),
        ({"genotype": "homozygous reference"}, False),
        ({"genotype": "heterozygous"}, True),
        ({"filter": "LowQual"}, False),
        ({"significance": "Benign"}, False),
        ({"significance": ""}, False),
    ],
)
def test_only_a_called_germline_disease_causing_variant_makes_a_carrier(change: dict[str, str], counts: bool) -> None:
    assert variants(**change) == ({"BRCA1": ["a"]} if counts else {})


@pytest.mark.parametrize(
    ("text", "causing"),
    [
        ("Pathogenic", True),
        ("Pathogenic/Likely_pathogenic", True),
        ("Pathogenic|drug_response", True),
        ("likely pathogenic", True),
        ("Conflicting_classifications_of_pathogenicity", False),
        ("Pathogenic,_low_penetrance", False),
        ("Uncertain_significance", False),
        ("Likely_benign", False),
        ("not_provided", False),
    ],
)
def test_clinvar_words_are_read_as_whole_classes(text: str, causing: bool) -> None:
    assert is_disease_causing(text) is causing


# ClinVar 17662: BRCA1 c.68_69del, GRCh38 17:43124027 ACT>A, pathogenic by the expert panel.
@pytest.mark.parametrize(
    ("alt", "genotype", "counts"),
    [("A", "0/1", True), ("C,A", "0/2", True), ("C,A", "0/1", False), ("C", "0/1", False), ("A", "", False)]
    + [("A", "ACT/A", True), ("A", "ACT/ACT", False), ("C,A", "ACT/C", False)],
)
def test_a_listed_variant_counts_without_a_significance_by_its_allele(alt: str, genotype: str, counts: bool) -> None:
    place = {"chrom": "chr17", "pos": "43124027", "ref": "ACT", "gene": "", "significance": ""}
    assert variants(alt=alt, genotype=genotype, **place) == ({"BRCA1": ["a"]} if counts else {})
    assert variants(alt=alt, genotype=genotype, **{**place, "assembly": "GRCh37"}) == {}


def test_a_genotype_names_its_alternate_alleles() -> None:
    assert carries("0/2", [2])
    assert not carries("0/1", [2])
    assert not carries("2", [1])


def test_who_has_no_variant_on_record_is_not_asked_about_genes() -> None:
    found = planned("sex=female; age=40")
    for name in ("brca_mri_mam", "tp53", "brca1_rrso", "lynch_mlh1", "fap", "fh_cascade"):
        assert state(found, 0, name) == "not_for"


# KDIGO 2024: checks a year by filtration class (rows, from G1) and albuminuria class (A1, A2, A3).
VISITS = {90: (1, 1, 2), 60: (1, 1, 2), 45: (1, 2, 3), 30: (2, 3, 3), 15: (3, 3, 4), 14.9: (4, 4, 4)}


def test_checks_of_the_kidney_follow_both_classes() -> None:
    cells = [(egfr, uacr, n) for egfr, row in VISITS.items() for uacr, n in zip((29.9, 300, 300.1), row, strict=True)]
    found = planned(*(f"age=50; ckd=1; egfr={egfr}; uacr={uacr}" for egfr, uacr, _ in cells))
    for row, (egfr, uacr, visits) in enumerate(cells):
        speaking = [n for n in (1, 2, 3, 4) if state(found, row, f"kdigo_visits_{n}") != "not_for"]
        assert speaking == [visits], (egfr, uacr)


def test_without_albuminuria_the_class_is_not_known_and_both_tests_are_due() -> None:
    found = planned("age=50; ckd=1; egfr=50; tested=egfr@2026-06-01")
    assert {one.rule: one.state for one in found.of("p0") if one.topic == "kidney disease"} == {"ckd": "due"}


# --------------------------------------------------------------------------------------------------------- precedence
def test_a_variant_outranks_the_family_which_outranks_average_risk() -> None:
    family = f"relatives=father@{COLON}@43"
    found = planned("age=60", f"age=60; {family}", f"age=60; {family}; carries=MLH1")
    rules = ("crc_50", "crc_fdr", "lynch_mlh1")
    assert [[state(found, row, rule) for rule in rules] for row in range(3)] == [
        ["due", "unknown", "not_for"],
        ["overridden", "due", "not_for"],
        ["overridden", "overridden", "due"],
    ]
    assert [one.rule for one in found.of("p2") if one.topic == "colorectal cancer"] == ["lynch_mlh1"]


def test_an_unknown_rule_of_a_higher_level_hides_nothing() -> None:
    found = planned("age=60")
    assert {one.rule: one.state for one in found.of("p0") if one.topic == "colorectal cancer"} == {
        "crc_50": "due",
        "crc_fdr": "unknown",
    }


def test_another_topic_is_not_overridden() -> None:
    assert said("sex=female; age=50; carries=MLH1", "breast_avg") == "due"


# ------------------------------------------------------------------------------------------------- what a plan tells
def test_a_grade_of_d_is_shown_as_do_not() -> None:
    found = item(planned("sex=male; age=75"), "prostate_70")
    assert (found.state, found.grade, found.source, found.year) == ("do_not", "D", "USPSTF", 2018)
    assert found.title.startswith("Do not")
    assert (found.next_due, found.missing) == (None, ())


@pytest.mark.parametrize(
    ("who", "rule", "missing"),
    [
        ("sex=female", "breast_avg", ("Age",)),
        ("age=50", "breast_avg", ("Sex",)),
        ("age=60; current_smoker=1", "lung", ("Pack-years",)),
        ("age=60; pack_years=30", "lung", ("Current smoker", "Years since quitting smoking")),
        ("age=50", "dm", ("Body mass index",)),
        ("age=50", "ltbi", ("Increased risk of latent tuberculosis",)),
        ("sex=female; age=50", "breast_chemoprev", ("5-year risk: breast cancer",)),
        ("sex=female; age=70", "cervix_66", ("Cervical screening up to date until now",)),
        ("sex=female; age=36; carries=BRCA1", "brca1_rrso", ("Both ovaries and tubes removed",)),
    ],
)
def test_what_is_unknown_names_what_is_missing(who: str, rule: str, missing: tuple[str, ...]) -> None:
    found = item(planned(who), rule)
    assert (found.state, found.missing) == ("unknown", missing)
    frame = planned(who).frame()
    assert frame.loc[frame["rule"] == rule, "missing"].tolist() == ["; ".join(missing)]


def test_what_could_silence_a_rule_is_to_be_checked() -> None:
    assert item(planned("sex=female; age=45"), "cervix_30").check == ("Uterus with cervix removed",)
    assert item(planned("sex=female; age=45; hysterectomy=0"), "cervix_30").check == ()


def test_a_missing_fact_does_not_matter_where_the_test_is_recent() -> None:
    assert said("age=50; tested=hba1c@2026-01-01", "dm") == "not_for"
    assert said("age=50; tested=hba1c@2026-01-01", "dm_ada") == "not_due"
    assert said("age=50", "dm") == "unknown"


def test_the_reason_holds_the_values_of_the_patient() -> None:
    found = item(planned(f"age=36; relatives=father@{COLON}@43+sister@{COLON}@50"), "crc_fdr")
    assert found.because == (
        "Age 36 years, age to start colonoscopy by family history: 33, "
        "first-degree relatives with colorectal cancer before 60: 2, "
        "first-degree relatives with colorectal cancer: 2. No record of an earlier colonoscopy."
    )
    lung = item(planned("age=60; pack_years=32; current_smoker=1; tested=last_lung_ct@2024-02-29"), "lung")
    assert lung.because == "Age 60 years, pack-years 32, current smoker. " + (
        "Last low-dose CT of the lungs on 29 Feb 2024; every year."
    )
    assert lung.next_due == date(2025, 2, 28)


def test_the_plan_of_one_patient_is_ordered_by_urgency() -> None:
    who = "sex=female; age=60; tested=last_mammography@2020-01-01+systolic_bp@2026-06-01+hba1c@2025-06-01"
    found = planned(who).of("p0")
    order = ("due", "unknown", "not_due", "individual", "do_not", "insufficient")
    assert [one.rule for one in found if one.overdue] == ["breast_avg"] == [found[0].rule]
    places = [order.index(one.state) for one in found[1:]]
    assert places == sorted(places)
    upcoming = [one.next_due for one in found if one.state == "not_due" and one.next_due]
    assert upcoming == sorted(upcoming)
    assert len(upcoming) == 2


def test_nothing_is_due_for_the_dead() -> None:
    found = planned("sex=female; age=50; deceased=1", "sex=female; age=50; deceased=0")
    assert found.of("p0") == ()
    assert found.of("p1")


def test_counts_work_list_and_export_tell_the_same() -> None:
    found = planned(
        "sex=female; age=50; tested=last_mammography@2020-01-01",
        "sex=female; age=50",
        "sex=female; age=50; tested=last_mammography@2019-01-01",
        "sex=female; age=50; tested=last_mammography@2026-01-01",
        "sex=male; age=50",
    )
    counts = found.counts().set_index("rule").to_dict("index")["breast_avg"]
    assert [counts[name] for name in ("overdue", "due", "not_due", "not_for")] == [2, 3, 1, 1]
    assert sum(counts[name] for name in STATES) == 5
    work = found.worklist("breast_avg")
    assert work["patient"].tolist() == ["p2", "p0", "p1"]
    assert work["overdue"].tolist() == [True, True, False]
    assert work["next_due"].isna().tolist() == [False, False, True]
    frame = found.frame()
    assert (frame["state"] == "due").sum() == len(found.worklist())
    assert frame["patient"].is_monotonic_increasing
    assert "not_for" not in set(frame["state"])
    assert found.frame(slice(3, 5))["patient"].unique().tolist() == ["p3", "p4"]


def test_an_unknown_rule_or_patient_is_named() -> None:
    found = planned("age=50")
    with pytest.raises(InputError, match="no rule is called 'breast'; known: breast_avg"):
        found.worklist("breast")
    with pytest.raises(InputError, match="no patient 'p9'"):
        found.of("p9")


def test_an_empty_cohort_has_an_empty_plan() -> None:
    nobody = Cohort("test", {"patients": pd.DataFrame({"patient_id": pd.Series(dtype="str")})}, ON)
    found = plan(nobody, integrate(nobody), {})
    assert len(found) == 0
    assert found.frame().empty
    assert found.worklist().empty
    assert found.counts()["due"].sum() == 0


# -------------------------------------------------------------------------------------------------------------- laws
PEOPLE = tuple(changed(case.who, case.change) for case in cases())


@settings(max_examples=10)
@given(st.lists(st.sampled_from(range(len(PEOPLE))), min_size=1, max_size=5))
def test_a_row_never_influences_another_row(chosen: list[int]) -> None:
    together = planned(*(PEOPLE[i] for i in chosen))
    for row, i in enumerate(chosen):
        alone = planned(PEOPLE[i])
        assert together.state[row].tolist() == alone.state[0].tolist()
        here, there = together.frame(slice(row, row + 1)), alone.frame()
        pd.testing.assert_frame_equal(here.assign(patient=""), there.assign(patient=""))


@settings(max_examples=15)
@given(st.sampled_from(range(len(PEOPLE))))
def test_what_is_shown_of_one_is_what_the_export_says(i: int) -> None:
    found = planned(PEOPLE[i])
    frame = found.frame().set_index("rule").to_dict("index")
    shown = found.of("p0")
    assert len(shown) == sum(row["state"] != "overridden" for row in frame.values())
    for one in shown:
        row = frame[one.rule]
        assert (one.state, one.overdue, "; ".join(one.missing)) == (row["state"], row["overdue"], row["missing"])
        assert (one.state == "unknown") == bool(one.missing)


# ------------------------------------------------------------------------------------------------------ files, sample
def test_dates_of_tests_are_read_from_a_file_under_their_usual_names(tmp_path: Path) -> None:
    file = tmp_path / "patients.csv"
    file.write_text(
        "patient_id,sex,age,last_mammogram,Last Pap smear,last_colonoscopy,gestational age\n"
        "A,female,50,2024-01-05,2023-05-01,2019-03-05,\nB,female,60,,,,\n",
        encoding="utf-8",
    )
    known = read([file], index_date=ON).cohort
    assert known is not None
    found = plan(known, integrate(known), {})
    assert [one.rule for one in found.of("A") if one.overdue] == ["breast_avg", "cervix_30"]
    assert item(found, "crc_50", "A").next_due == date(2029, 3, 5)
    assert "No record" in item(found, "breast_avg", "B").because


@pytest.fixture(scope="module")
def sample() -> Plan:
    known = load_sample()
    features = integrate(known)
    return plan(known, features, {name: registry()[name](features) for name in ("pooled_cohort", "prevent")})


def test_the_scenario_patients_get_the_plan_of_their_gene(sample: Plan) -> None:
    first = {patient: sample.of(patient)[0] for patient in ("P-00006", "P-00007")}
    assert (first["P-00006"].rule, first["P-00006"].level) == ("brca_mri_mam", "carrier")
    assert "BRCA1" in first["P-00006"].because
    assert (first["P-00007"].rule, first["P-00007"].state) == ("lynch_mlh1", "due")
    assert [one.rule for one in sample.of("P-00005") if one.topic == "familial hypercholesterolaemia"] == ["fh_cascade"]
    assert not {"crc_50", "breast_chemoprev"} & {one.rule for one in sample.of("P-00007")}


def test_who_had_the_cancer_is_not_screened_for_it(sample: Plan) -> None:
    assert not [one for one in sample.of("P-00003") if one.topic == "colorectal cancer"]  # colon cancer in 2026


def test_results_of_a_model_that_is_given_are_used() -> None:
    who = [person("sex=female; age=50; risks=bcrat:breast_cancer:5@0.031")]
    assert list(estimates(who)) == ["bcrat"]
    assert said("sex=female; age=50; risks=bcrat:breast_cancer:5@0.031", "breast_chemoprev") == "due"


def test_an_estimate_over_other_years_than_the_rule_names_is_not_known() -> None:
    women = pd.DataFrame(
        {
            "patient_id": ["five years", "up to 90"],
            "sex": "female",
            "age": 50.0,
            "bcrat_ancestry": "white",
            "age_at_menarche": 11.0,
            "age_at_first_birth": 31.0,
            "breast_biopsies": 2.0,
            "atypical_hyperplasia": 1.0,
            "breast_cancer_relatives": 2.0,
            "projection_age": [np.nan, 90.0],
        }
    )
    known = Cohort("test", {"patients": women}, ON)
    features = integrate(known)
    result = registry()["bcrat"](features)
    assert (result.value[:, 0] > 0.03).all()
    found = plan(known, features, {"bcrat": result})
    assert [state(found, row, "breast_chemoprev") for row in (0, 1)] == ["due", "unknown"]
