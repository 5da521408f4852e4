"""The cohort by any number of any model, its risk groups, and who crosses a threshold or is overdue."""

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from precision.cohort import Cohort
from precision.errors import InputError
from precision.model import registry
from precision.synth import load_sample
from precision.treatment.actions import Action
from precision.workbench import Assessment, assess
from precision.workbench.bands import OWN, bands_of, code, published
from precision.workbench.comparison import compare
from precision.workbench.dueness import dueness, known_rules
from precision.workbench.listing import write_csv, write_definition
from precision.workbench.memberships import gather
from precision.workbench.population import OTHER_HORIZON, density, risk_groups, summary
from precision.workbench.query import Filter, due_options
from precision.workbench.risks import Risk, offered, risk_of
from precision.workbench.roster import Roster, roster, select
from precision.workbench.thresholds import asking, thresholds

NAN = float("nan")
ON = date(2026, 6, 30)
# Bounds in percent (of scores in points) as the guidelines give them; the lowest group begins at 0.
PUBLISHED = {
    # 2026 ACC/AHA dyslipidemia guideline, doi:10.1161/CIR.0000000000001423
    "prevent:ascvd:10": (3, 5, 10),
    # 2025 AHA/ACC hypertension guideline, doi:10.1161/CIR.0000000000001356
    "prevent:total_cvd:10": (7.5,),
    # 2018 ACC/AHA cholesterol guideline, doi:10.1161/CIR.0000000000000625
    "pooled_cohort:ascvd:10": (5, 7.5, 20),
    # 2025 ESC/EAS focused update, doi:10.1093/eurheartj/ehaf190
    "score2:total_cvd:10": (2, 10, 20),
    # 2023 ESC diabetes guideline, doi:10.1093/eurheartj/ehad192
    "score2_diabetes:total_cvd:10": (5, 10, 20),
    # NICE NG238 (2023)
    "qrisk3:total_cvd:10": (10,),
    # KDIGO 2024, doi:10.1016/j.kint.2023.10.018
    **{f"kfre_{n}:kidney_failure:2": (10, 40) for n in (4, 6, 8)},
    **{f"kfre_{n}:kidney_failure:5": (3, 5) for n in (4, 6, 8)},
    # USPSTF 2019, medicines that lower the risk of breast cancer
    "bcrat:breast_cancer:5": (3,),
    # FINDRISC form, doi:10.3132/dvdr.2005.011: below 7, 7-11, 12-14, 15-20, above 20 points; 1, 4, 17, 33, 50 %
    "findrisc:findrisc": (7, 12, 15, 21),
    "findrisc:type2_diabetes:10": (4, 17, 33, 50),
    # HAS-BLED, doi:10.1378/chest.10-0134: 3 and more is high
    "has_bled:has_bled": (3,),
}


def cohort(**columns: list[str | float]) -> Cohort:
    count = len(next(iter(columns.values())))
    ids = pd.Series([f"p{i}" for i in range(count)], dtype="str")
    return Cohort("test", {"patients": pd.DataFrame({"patient_id": ids, **columns})}, ON)


def by(assessment: Assessment, wanted: str) -> Roster:
    risk = offered(assessment)[wanted]
    return roster(assessment).asking(risk)


@pytest.fixture(scope="module")
def sample() -> Assessment:
    return assess(load_sample())


@pytest.fixture(scope="module")
def pages(sample: Assessment) -> dict[str, tuple[Action, ...]]:
    """What the page of each patient shows."""
    return {str(patient): sample.actions.for_patient(str(patient)) for patient in sample.cohort.ids}


@pytest.fixture(scope="module")
def women() -> Assessment:
    """Three women of 50, one with an estimate to the age of 80 instead of over 5 years, and a man."""
    columns: dict[str, list[str | float]] = {
        "age": [50.0, 50.0, 50.0, 50.0],
        "sex": ["female", "female", "female", "male"],
        "ancestry": ["white"] * 4,
        "breast_biopsies": [0.0, 1.0, 0.0, 0.0],
        "age_at_menarche": [12.0] * 4,
        "age_at_first_birth": [25.0] * 4,
        "breast_cancer_relatives": [0.0, 1.0, 1.0, 0.0],
        "projection_age": [NAN, NAN, 80.0, NAN],
    }
    return assess(cohort(**columns), ["prevent", "bcrat"])


def everybody(people: Roster) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.ones(len(people), dtype=bool)


# ------------------------------------------------------------------------------------------------- which number
def test_the_numbers_come_in_the_order_of_the_domains_and_each_once(sample: Assessment) -> None:
    found = offered(sample)
    models = list(dict.fromkeys(risk.model for risk in found.values()))
    assert models[0] == "prevent"
    assert models.index("kfre_4") < models.index("findrisc") < models.index("bcrat") < models.index("plcom2012")
    assert not any(model.startswith("prevent_") for model in models)
    names = [risk.name for risk in found.values()]
    assert len(set(names)) == len(names)


def test_every_probability_of_a_listed_model_is_offered_under_a_readable_name(sample: Assessment) -> None:
    found = offered(sample)
    for model in registry().values():
        for estimate in model.estimates:
            if estimate.unit == "probability" and not model.name.startswith("prevent_"):
                assert code(model.name, estimate) in found
    for risk in found.values():
        assert not re.search(r"\bnan\b", f"{risk.name} {risk.title} {risk.within}")
    assert found["prevent:ascvd:10"].name == "Heart attack or stroke, 10 years: AHA PREVENT"
    assert found["prevent:ascvd:10"].title == "10-year risk"
    assert found["bcrat:breast_cancer_lifetime"].title == "Risk"


def test_classes_are_offered_and_scores_where_their_groups_are_published(sample: Assessment) -> None:
    found = offered(sample)
    assert found["kdigo:ckd_risk"].kind == "class"
    assert (found["findrisc:findrisc"].kind, found["has_bled:has_bled"].kind) == ("score", "score")
    assert "ckd_epi_2021:egfr" not in found
    assert "cha2ds2_vasc:cha2ds2_vasc" not in found  # its limits differ between women and men


def test_an_estimate_to_a_chosen_age_is_named_by_words(women: Assessment) -> None:
    risk = offered(women)["bcrat:breast_cancer:5"]
    assert risk.title == "Risk to chosen age"
    assert risk.name == "Invasive breast cancer, 5 years or to a chosen age: BCRAT (Gail model)"
    over_5_years = women.results["bcrat"].take([0, 1, 3])
    assert risk_of(over_5_years, 0).title == "5-year risk"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0042, "4.2 in 1,000"), (0.01, "1.0%"), (0.0831, "8.3%"), (0.31, "31%"), (NAN, "not estimated")],
)
def test_a_rare_risk_is_told_among_a_thousand_people(sample: Assessment, value: float, text: str) -> None:
    assert offered(sample)["ccrat:colorectal_cancer:5"].text(value) == text


def test_quartiles_are_told_as_their_median_is(sample: Assessment) -> None:
    risk, stage = offered(sample)["prevent:ascvd:10"], offered(sample)["kdigo:gfr_category"]
    assert risk.span(0.05, 0.004, 0.12) == "<1% to 12.0%"
    assert risk.span(0.005, 0.004, 0.012) == "4.0 to 12.0 in 1,000"
    assert risk.span(NAN, NAN, NAN) == ""
    assert stage.span(1, 0, 2) == "G1 to G3a"
    assert stage.span(1, 1, 1) == ""


def test_what_is_seen_by_another_number_shares_the_columns_of_the_patients(sample: Assessment) -> None:
    people = roster(sample)
    for order in ("Oldest first", "Highest risk first"):
        people.order(order)
    other = people.asking(offered(sample)["kfre_4:kidney_failure:5"])
    assert other.columns["age"] is people.columns["age"]
    assert other.treatments is people.treatments
    assert set(other.orders) == {"Oldest first"}
    expected = sample.results["kfre_4"].value[:, 1]
    np.testing.assert_array_equal(other.column("risk"), expected)
    found = summary(other, everybody(other))
    assert found.risk.count == int((~np.isnan(expected)).sum())
    assert found.attention == summary(people, everybody(people)).attention


# ------------------------------------------------------------------------------------------------- risk groups
def test_the_groups_have_the_bounds_that_were_published() -> None:
    percent = {key: 1 if key in ("findrisc:findrisc", "has_bled:has_bled") else 100 for key in PUBLISHED}
    assert set(published()) == set(PUBLISHED)
    for key, found in published().items():
        assert [round(band.low * percent[key], 9) for band in found.bands] == [0, *PUBLISHED[key]]
        assert [band.below for band in found.bands] == [*(band.low for band in found.bands[1:]), np.inf]


def test_every_group_names_an_estimate_that_exists_its_source_and_its_year() -> None:
    known = {code(model.name, estimate) for model in registry().values() for estimate in model.estimates}
    for key, found in published().items():
        assert key in known
        assert found.citation is not None
        assert found.citation.text.endswith(str(found.citation.year))
        assert len({band.name for band in found.bands}) == len(found.bands)


@pytest.mark.parametrize("key", PUBLISHED)
def test_a_value_on_a_bound_is_in_the_group_above(key: str) -> None:
    found = published()[key]
    bounds = np.array([band.low for band in found.bands])
    assert found.of(bounds).tolist() == list(range(len(bounds)))
    assert found.of(np.nextafter(bounds[1:], 0)).tolist() == list(range(len(bounds) - 1))
    assert found.of(np.array([NAN])).tolist() == [-1]


def test_a_model_without_published_groups_has_even_bands_without_a_source() -> None:
    found = bands_of("framingham_lipid", registry()["framingham_lipid"].estimates[0])
    assert [band.low for band in found.bands] == list(OWN) == [0, 0.01, 0.05, 0.1, 0.2]
    assert found.citation is None
    assert {band.name for band in found.bands} == {""}


def test_groups_hold_for_their_horizon_only(women: Assessment) -> None:
    people = by(women, "bcrat:breast_cancer:5")
    found = risk_groups(people, everybody(people))
    assert [(group.name, group.count) for group in found] == [
        ("Not increased", 2),
        ("Increased", 0),
        (OTHER_HORIZON, 1),
    ]
    assert people.column("risk")[2] > 0.03  # over 30 years, and not in the group above 3 % in 5 years


def test_classes_are_their_own_groups(sample: Assessment) -> None:
    people = by(sample, "kdigo:gfr_category")
    found = risk_groups(people, everybody(people))
    values = people.column("risk")
    assert [group.name for group in found] == ["G1", "G2", "G3a", "G3b", "G4", "G5"]
    assert [group.count for group in found] == [int((values == k).sum()) for k in range(6)]
    cells = density(people, everybody(people))
    assert cells is not None
    assert cells.counts.sum(axis=1).tolist() == [group.count for group in found]
    assert set(cells.median[~np.isnan(cells.median)]) <= {0.0, 1.0, 2.0, 3.0, 4.0, 5.0}


def test_a_class_can_be_filtered_by_and_another_number_refuses_it(sample: Assessment) -> None:
    people = by(sample, "kdigo:gfr_category")
    kept = select(people, Filter(band="G3a"))
    np.testing.assert_array_equal(kept, people.column("risk") == 2)
    assert Filter(band="very_high").words("ancestry") == ("group Very high",)
    with pytest.raises(InputError, match="no group 'G3a'; it has Low, Borderline, Intermediate, High"):
        select(roster(sample), Filter(band="G3a"))


# ------------------------------------------------------------------------------------------------- counting
@given(data=st.data(), patients=st.integers(1, 200))
def test_a_selection_is_counted_in_every_group_at_once(data: st.DataObject, patients: int) -> None:
    masks = [data.draw(arrays.arrays(np.bool_, patients)) for _ in range(3)]
    kept = data.draw(arrays.arrays(np.bool_, patients))
    found = gather((((str(i),), mask) for i, mask in enumerate(masks)), patients)
    for i, mask in enumerate(masks):
        assert found.counts(kept).get((str(i),), 0) == int((mask & kept).sum())
        np.testing.assert_array_equal(found.of((str(i),)), mask)


def test_a_threshold_counts_whom_the_patient_pages_say_it_speaks_to(
    sample: Assessment, pages: dict[str, tuple[Action, ...]]
) -> None:
    people = roster(sample)
    found = {one.rule.name: one for one in thresholds(people.treatments, everybody(people))}
    shown = [action.rule for actions in pages.values() for action in actions]
    open_ = [rule.name for patient in pages for rule, _ in sample.actions.undecided(patient)]
    for name in asking():
        if name in found:
            assert found[name].speaks - found[name].under == shown.count(name)
            assert found[name].unknown == open_.count(name)
        else:
            assert name not in shown
            assert name not in open_


def test_only_rules_that_start_or_change_a_treatment_are_counted(sample: Assessment) -> None:
    people = roster(sample)
    found = thresholds(people.treatments, everybody(people))
    assert {one.rule.severity for one in found} <= {2, 3, 4}
    assert not any("{" in one.title for one in found)
    assert len(set(asking().values())) == len(asking())
    assert [one.rule.place for one in found if one.speaks] == sorted(one.rule.place for one in found if one.speaks)


def test_a_rule_that_cannot_be_judged_says_for_want_of_what() -> None:
    full: dict[str, list[str | float]] = {
        "age": [60.0, 60.0, 60.0],
        "sex": ["male"] * 3,
        "systolic_bp": [130.0] * 3,
        "total_cholesterol": [NAN, NAN, 250.0],
        "hdl_cholesterol": [40.0, 40.0, 40.0],
        "egfr": [NAN, 80.0, 80.0],
        **{name: [0.0] * 3 for name in ("diabetes", "statin_treatment", "antihypertensive_treatment")},
        "current_smoker": [1.0] * 3,
    }
    people = roster(assess(cohort(**full), ["prevent"]))
    found = {one.rule.name: one for one in thresholds(people.treatments, everybody(people))}
    wants = dict(found["statin_high_risk"].wants)
    assert found["statin_high_risk"].unknown == 2
    assert wants["total cholesterol missing"] == 2
    assert wants[next(words for words in wants if words.startswith("eGFR"))] == 1


def test_of_a_selection_only_its_patients_are_counted(sample: Assessment) -> None:
    people = roster(sample)
    smokers = select(people, Filter(asks="smoking"))
    found = {one.rule.name: one for one in thresholds(people.treatments, smokers)}
    assert found["smoking"].speaks == int(smokers.sum())
    nobody = np.zeros(len(people), dtype=bool)
    assert thresholds(people.treatments, nobody) == ()
    assert dueness(people.plan, nobody) == ()


def test_what_is_due_is_counted_as_the_plan_counts_it(sample: Assessment) -> None:
    people = roster(sample)
    expected = sample.plan.counts().set_index("rule")
    found = {one.rule.name: one for one in dueness(people.plan, everybody(people))}
    for name in known_rules():
        row = expected.loc[name]
        counts = (row["overdue"], row["due"] - row["overdue"], row["not_due"], row["unknown"])
        if any(counts):
            one = found[name]
            assert (one.overdue, one.due, one.up_to_date, one.unknown) == counts
        else:
            assert name not in found


def test_the_most_overdue_rule_comes_first(sample: Assessment) -> None:
    people = roster(sample)
    found = [(one.overdue, one.due) for one in dueness(people.plan, everybody(people))]
    assert found == sorted(found, reverse=True)


# ------------------------------------------------------------------------------------------------- filters
@pytest.mark.parametrize("rule", ["smoking", "statin_high_risk", "pressure_stage_1_high_risk"])
def test_those_whom_a_rule_asks_something_for_are_left(
    sample: Assessment, pages: dict[str, tuple[Action, ...]], rule: str
) -> None:
    people = roster(sample)
    left = set(people.assessment.features.ids[select(people, Filter(asks=rule))])
    shown = {patient for patient, actions in pages.items() if rule in {action.rule for action in actions}}
    assert shown
    assert shown <= left
    for patient in left - shown:  # it stands under a more urgent action on the same topic
        assert any(action.also for action in pages[patient])


@pytest.mark.parametrize("which", ["overdue", "due"])
def test_those_who_are_due_are_left_as_the_work_list_holds_them(sample: Assessment, which: str) -> None:
    people = roster(sample)
    left = select(people, Filter(due=f"{which}:htn_40"))
    work = sample.plan.worklist("htn_40")
    expected = work if which == "due" else work[work["overdue"]]
    assert set(people.assessment.features.ids[left]) == set(expected["patient"])
    assert left.any()


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: Filter(asks="aspirin_for_all"), "treatment rule 'aspirin_for_all' is unknown"),
        (lambda: Filter(due="soon:htn_40"), "due 'soon' is unknown"),
        (lambda: Filter(due="overdue:nothing"), "screening rule 'nothing' is unknown"),
        (lambda: Filter(due="overdue"), "screening rule 'none' is unknown"),
    ],
)
def test_a_rule_that_does_not_exist_is_refused(make: Callable[[], Filter], named: str) -> None:
    with pytest.raises(InputError, match=named):
        make()


def test_a_filter_by_rules_says_so_in_words() -> None:
    wanted = Filter(asks="smoking", due="overdue:htn_40")
    assert wanted.words("ancestry") == (
        "advice 'Offer help to stop smoking: counselling together with medicine'",
        f"overdue '{known_rules()['htn_40'].action}'",
    )
    every = [f"{which}:{name}" for which in ("overdue", "due") for name in known_rules()]
    assert len(set(due_options(every).values())) == len(every)


# ------------------------------------------------------------------------------------------------- taken away
def test_an_export_names_the_model_and_the_horizon_and_writes_classes_by_name(
    sample: Assessment, women: Assessment
) -> None:
    people = by(sample, "kdigo:ckd_risk")
    rows = list(csv.DictReader(io.StringIO(write_csv(people, np.arange(len(people))))))
    assert {row["risk"] for row in rows} <= {"", "low", "moderate", "high", "very_high"}
    assert {(row["model"], row["outcome"], row["horizon_years"]) for row in rows} == {("kdigo", "ckd_risk", "")}
    aged = by(women, "bcrat:breast_cancer:5")
    years = [row["horizon_years"] for row in csv.DictReader(io.StringIO(write_csv(aged, np.arange(4))))]
    assert years == ["5.0", "5.0", "30.0", "5.0"]


def test_a_definition_without_a_horizon_is_still_json(sample: Assessment) -> None:
    facts = json.loads(write_definition(by(sample, "kdigo:ckd_risk"), Filter(due="due:ckd"), "As loaded", 1))
    assert facts["horizon_years"] is None
    assert facts["filter"] == {"due_for": "due:ckd"}


def test_patients_are_compared_by_the_number_in_question(women: Assessment) -> None:
    found = {fact.label: fact.values for fact in compare(by(women, "bcrat:breast_cancer:5"), ("p1", "p2", "p3"))}
    values = found["Invasive breast cancer within 5 years or to a chosen age"]
    assert "within 5 years, no interval published" in values[0]
    assert "within 30 years, no interval published" in values[1]
    assert values[2].startswith("Not applicable")
    stage = Risk("kdigo", "KDIGO", registry()["kdigo"].estimates[2])
    assert (stage.title, stage.text(3.0)) == ("Class", "Very high")
