"""Rules: three-valued logic, and each rule on a patient made for it and on one just below its threshold."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from precision.cohort import Cohort
from precision.criteria import FALSE, TRUE, UNKNOWN, Criterion, Facts, truth
from precision.features import integrate
from precision.result import MISSING, OK, OUT_OF_RANGE, Citation, Estimate, Result
from precision.treatment.actions import ALSO, Actions, find
from precision.treatment.rules import Rule, applies, rules

ON = date(2026, 6, 30)
NAN = float("nan")
ESTIMATES = {"ascvd10": ("ascvd", 10.0), "ascvd30": ("ascvd", 30.0), "total10": ("total_cvd", 10.0)}


def estimates(people: list[Mapping[str, float]]) -> Result:
    """What PREVENT says of these people, as a table of its own numbers."""
    value = np.array([[person.get(name, NAN) for name in ESTIMATES] for person in people])
    status = np.where(np.isnan(value), MISSING, OK).astype(np.int8)
    status[:, 0] = [person.get("status", state) for person, state in zip(people, status[:, 0], strict=True)]
    problems = np.array([1 if s == MISSING else 2 if s == OUT_OF_RANGE else 0 for s in status[:, 0]], dtype=np.uint64)
    return Result(
        model="prevent",
        label="AHA PREVENT",
        estimates=tuple(Estimate(outcome, outcome, horizon_years=years) for outcome, years in ESTIMATES.values()),
        patients=pd.Index([f"p{i}" for i in range(len(people))]),
        value=value,
        low=np.full_like(value, NAN),
        high=np.full_like(value, NAN),
        status=status,
        problems=problems,
        relevant=np.array([3, 3, 3], dtype=np.uint64),
        reason_codes=("missing:total_cholesterol", "range:systolic_bp"),
        assumed=np.zeros(len(people), dtype=np.uint64),
        assumption_codes=(),
        inputs={name: np.array([p.get(name, NAN) for p in people]) for name in ("total_cholesterol", "systolic_bp")},
        ranges={"systolic_bp": (90, 200)},
        citation=Citation("test"),
        knowledge={},
    )


def actions(*people: Mapping[str, float]) -> Actions:
    names = dict.fromkeys(name for person in people for name in person if name not in (*ESTIMATES, "status"))
    columns = {name: [float(person.get(name, NAN)) for person in people] for name in names}
    patients = pd.DataFrame({"patient_id": [f"p{i}" for i in range(len(people))], **columns})
    return find(integrate(Cohort("test", {"patients": patients}, ON)), {"prevent": estimates(list(people))})


def state(name: str, person: Mapping[str, float]) -> int:
    found = actions(person)
    return int(found.state[0, [rule.name for rule in found.rules].index(name)])


TREATMENTS = ("statin_treatment", "antihypertensive_treatment")
WELL = {"age": 60.0, "statin_treatment": 0.0, "antihypertensive_treatment": 0.0}

# rule -> a patient for whom it is true, and changes of one value each after which it is not
CASES: dict[str, tuple[dict[str, float], list[dict[str, float]]]] = {
    "ldl_190": (WELL | {"ldl_cholesterol": 190}, [{"ldl_cholesterol": 189.9}, {"statin_treatment": 1}, {"age": 17}]),
    "ldl_190_on_statin": (
        WELL | {"ldl_cholesterol": 190, "statin_treatment": 1},
        [{"ldl_cholesterol": 189.9}, {"statin_treatment": 0}, {"statin_treatment": NAN}],
    ),
    "ldl_after_ascvd": (
        WELL | {"ldl_cholesterol": 70, "prior_ascvd": 1},
        [{"ldl_cholesterol": 69.9}, {"prior_ascvd": 0}],
    ),
    "statin_high_risk": (
        WELL | {"ascvd10": 0.10},
        [{"ascvd10": 0.0999}, {"statin_treatment": 1}, {"age": 29}, {"age": 80}, {"pregnant": 1}],
    ),
    "statin_diabetes": (
        WELL | {"age": 40, "diabetes": 1},
        [{"age": 39.9}, {"age": 75.1}, {"diabetes": 0}, {"statin_treatment": 1}],
    ),
    "statin_kidney": (WELL | {"age": 75, "ckd_stage_3_to_5": 1}, [{"age": 76}, {"ckd_stage_3_to_5": 0}]),
    "statin_intermediate_risk": (WELL | {"ascvd10": 0.05}, [{"ascvd10": 0.0499}, {"ascvd10": 0.10}]),
    "statin_borderline_risk": (WELL | {"ascvd10": 0.03}, [{"ascvd10": 0.0299}, {"ascvd10": 0.05}]),
    "statin_30_year_risk": (WELL | {"ascvd10": 0.0299, "ascvd30": 0.10}, [{"ascvd30": 0.0999}, {"ascvd10": 0.03}]),
    "pressure_severe": (WELL | {"systolic_bp": 181}, [{"systolic_bp": 180}]),
    "pressure_stage_2": (
        WELL | {"systolic_bp": 140, "diastolic_bp": 70},
        [{"systolic_bp": 139}, {"antihypertensive_treatment": 1}],
    ),
    "pressure_stage_2_treated": (
        WELL | {"systolic_bp": 120, "diastolic_bp": 90, "antihypertensive_treatment": 1},
        [{"diastolic_bp": 89}, {"antihypertensive_treatment": 0}],
    ),
    "pressure_stage_1_high_risk": (
        WELL | {"systolic_bp": 130, "diastolic_bp": 70, "diabetes": 0, "ckd": 0, "prior_cvd": 0, "total10": 0.075},
        [{"systolic_bp": 129}, {"total10": 0.0749}, {"antihypertensive_treatment": 1}],
    ),
    "pressure_treated_above_goal": (
        WELL | {"systolic_bp": 120, "diastolic_bp": 80, "antihypertensive_treatment": 1},
        [{"diastolic_bp": 79}, {"antihypertensive_treatment": 0}],
    ),
    "pressure_stage_1_low_risk": (
        WELL | {"systolic_bp": 130, "diastolic_bp": 70, "total10": 0.0749},
        [{"systolic_bp": 129}, {"total10": 0.075}, {"diabetes": 1}, {"ckd": 1}, {"prior_cvd": 1}],
    ),
    "kidney_g5": (WELL | {"egfr": 14.9}, [{"egfr": 15}]),
    "kidney_g4_albuminuria": (WELL | {"egfr": 29.9, "uacr": 301}, [{"uacr": 300}, {"egfr": 30}, {"egfr": 14.9}]),
    "kidney_g4": (WELL | {"egfr": 15}, [{"egfr": 14.9}, {"egfr": 30}]),
    "kidney_g3b_albuminuria": (WELL | {"egfr": 30, "uacr": 30}, [{"uacr": 29.9}, {"egfr": 45}, {"egfr": 29.9}]),
    "kidney_g3a_albuminuria": (WELL | {"egfr": 45, "uacr": 301}, [{"uacr": 300}, {"egfr": 60}, {"egfr": 44.9}]),
    "kidney_g3b": (WELL | {"egfr": 44.9}, [{"egfr": 45}, {"egfr": 29.9}]),
    "kidney_g3a_some_albuminuria": (
        WELL | {"egfr": 59.9, "uacr": 300},
        [{"uacr": 301}, {"uacr": 29.9}, {"egfr": 60}, {"egfr": 44.9}],
    ),
    "kidney_albuminuria": (WELL | {"egfr": 60, "uacr": 301}, [{"uacr": 300}, {"egfr": 59.9}]),
    "smoking": (WELL | {"current_smoker": 1}, [{"current_smoker": 0}, {"age": 17}]),
    "estimate_missing": (
        WELL | {"status": MISSING},
        [{"status": OUT_OF_RANGE}, {"age": 29}, {"age": 80}, {"prior_cvd": 1}],
    ),
    "estimate_out_of_range": (WELL | {"status": OUT_OF_RANGE}, [{"status": MISSING}, {"prior_cvd": 1}]),
}


# Further patients who tell the alternatives of a rule apart.
STAGE_1 = WELL | {"systolic_bp": 120, "diastolic_bp": 80, "diabetes": 0, "ckd": 0, "prior_cvd": 0, "total10": 0.01}
EITHER: dict[str, list[dict[str, float]]] = {
    "pressure_severe": [WELL | {"systolic_bp": 120, "diastolic_bp": 121}],
    "pressure_stage_2": [WELL | {"systolic_bp": 120, "diastolic_bp": 90}],
    "pressure_stage_2_treated": [WELL | {"systolic_bp": 140, "diastolic_bp": 70, "antihypertensive_treatment": 1}],
    "pressure_treated_above_goal": [WELL | {"systolic_bp": 130, "diastolic_bp": 70, "antihypertensive_treatment": 1}],
    "pressure_stage_1_low_risk": [STAGE_1, STAGE_1 | {"antihypertensive_treatment": 1}],
    "pressure_stage_1_high_risk": [STAGE_1 | {name: 1} for name in ("diabetes", "ckd", "prior_cvd", "total10")],
}


def test_every_shipped_rule_has_a_case() -> None:
    assert set(CASES) == {rule.name for rule in rules()}


def people_of(name: str) -> list[dict[str, float]]:
    """The patient for whom a rule is true, and those of whom one value differs: those of the case and common ones."""
    person, changes = CASES[name]
    ages = [{"age": age} for age in (17.0, 29.0, 39.0, 76.0, 80.0)]
    known = [{key: 1.0} for key in ("pregnant", "deceased", "prior_cvd", *TREATMENTS)]
    return [person, *(person | change for change in [*changes, *ages, *known])]


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.name)
def test_each_criterion_of_a_rule_decides_some_case(rule: Rule) -> None:
    people = actions(*people_of(rule.name), *EITHER.get(rule.name, [])).facts
    whole = applies(rule, people)
    for left_out in rule.criteria:
        without = replace(rule, criteria=tuple(c for c in rule.criteria if c is not left_out))
        assert (applies(without, people) != whole).any(), left_out


@pytest.mark.parametrize("name", CASES)
def test_a_rule_speaks_to_the_patient_it_is_for(name: str) -> None:
    assert state(name, CASES[name][0]) in (TRUE, ALSO)


@pytest.mark.parametrize(("name", "change"), [(n, c) for n, (_, changes) in CASES.items() for c in changes], ids=str)
def test_a_rule_is_silent_on_the_other_side_of_each_threshold(name: str, change: dict[str, float]) -> None:
    assert state(name, CASES[name][0] | change) in (FALSE, UNKNOWN)


# Kleene's strong logic: an alternative that holds decides a group, a group that fails decides the rule.
A, B, C = (
    Criterion("when", "x", "hba1c", ">=", "1"),
    Criterion("when", "x", "uacr", ">=", "1"),
    Criterion("when", "y", "egfr", ">=", "1"),
)


@pytest.mark.parametrize(
    ("a", "b", "c", "expected"),
    [
        (2, 2, 2, TRUE),
        (2, 0, 2, TRUE),
        (2, NAN, 2, TRUE),
        (0, 0, 2, FALSE),
        (0, NAN, 2, UNKNOWN),
        (NAN, NAN, 2, UNKNOWN),
        (2, 2, 0, FALSE),
        (NAN, NAN, 0, FALSE),
        (0, 0, NAN, FALSE),
        (2, 0, NAN, UNKNOWN),
        (NAN, 0, NAN, UNKNOWN),
    ],
)
def test_groups_hold_together_and_their_members_alternatively(a: float, b: float, c: float, expected: int) -> None:
    assert applies(rule_of(A, B, C), facts(hba1c=a, uacr=b, egfr=c)).tolist() == [expected]


@pytest.mark.parametrize(("exclusion", "expected"), [(2, FALSE), (0, TRUE), (NAN, TRUE)])
def test_only_a_known_exclusion_silences_a_rule(exclusion: float, expected: int) -> None:
    unless = Criterion("unless", "", "crp", ">=", "1")
    assert applies(rule_of(C, unless), facts(egfr=2, crp=exclusion)).tolist() == [expected]


@pytest.mark.parametrize(
    ("comparator", "expected"),
    [(">=", [-1, 1, 1]), (">", [-1, -1, 1]), ("<", [1, -1, -1]), ("<=", [1, 1, -1]), ("=", [-1, 1, -1])],
)
def test_comparators_at_below_and_above_the_threshold(comparator: str, expected: list[int]) -> None:
    here = [int(truth(Criterion("when", "", "egfr", comparator, "60"), facts(egfr=v))[0]) for v in (59.9, 60, 60.1)]
    assert here == expected


def test_the_first_known_of_several_subjects_counts() -> None:
    either = Criterion("when", "", "egfr|crp", ">=", "1")
    assert truth(either, facts(egfr=NAN, crp=2)).tolist() == [TRUE]
    assert truth(either, facts(egfr=0, crp=2)).tolist() == [FALSE]
    assert truth(either, facts(egfr=NAN, crp=NAN)).tolist() == [UNKNOWN]


def rule_of(*criteria: Criterion) -> Rule:
    texts = dict.fromkeys(("title", "finding", "reason", "not_considered", "source", "version", "strength"), "")
    return Rule("test", "Heart", "test", 2, "Discuss", False, **texts, citation=Citation(""), criteria=criteria)


def facts(**values: float) -> Facts:
    patients = pd.DataFrame({"patient_id": ["a"], **{name: [float(value)] for name, value in values.items()}})
    return Facts(integrate(Cohort("test", {"patients": patients}, ON)), {})


def test_nothing_is_asked_for_the_dead() -> None:
    for person, _ in CASES.values():
        assert actions(person | {"deceased": 1.0}).for_patient("p0") == ()


def test_of_several_rules_on_one_topic_the_most_severe_is_shown_and_names_the_others() -> None:
    person = WELL | {"ldl_cholesterol": 200, "ascvd10": 0.12, "diabetes": 1}
    shown = actions(person).for_patient("p0")
    assert [action.rule for action in shown] == ["ldl_190"]
    assert [title for title, _ in shown[0].also] == [
        "Discuss a high-intensity statin: LDL cholesterol below 70 mg/dL",
        "Start a moderate-intensity statin: LDL cholesterol below 100 mg/dL",
    ]


def test_actions_are_ranked_with_an_input_that_is_needed_before_what_may_wait() -> None:
    person = WELL | {"systolic_bp": 190, "status": MISSING, "egfr": 14, "current_smoker": 1}
    shown = actions(person).for_patient("p0")
    assert [(action.severity, action.needed) for action in shown] == [(4, False), (3, False), (0, True), (2, False)]


def test_an_action_says_what_it_saw_in_words() -> None:
    action = actions(WELL | {"systolic_bp": 152, "diastolic_bp": 94}).for_patient("p0")[0]
    assert action.title == "Start blood pressure medicine with lifestyle change: goal below 130/80 mmHg"
    assert action.reason.startswith("Blood pressure is 152/94 mmHg")
    assert (action.source, action.strength, action.citation.doi) == (
        "AHA/ACC 2025",
        "Class I",
        "10.1161/CIR.0000000000001356",
    )
    seen = {looked.label: looked.value for looked in action.looked_at}
    assert seen["Systolic blood pressure"] == "152 mmHg"
    assert action.not_considered


def test_half_a_blood_pressure_is_worded_as_half() -> None:
    assert "is 152 mmHg systolic" in actions(WELL | {"systolic_bp": 152}).for_patient("p0")[0].reason
    assert "is 95 mmHg diastolic" in actions(WELL | {"diastolic_bp": 95}).for_patient("p0")[0].reason


def test_a_treatment_that_is_not_recorded_is_named_as_open() -> None:
    person = {"age": 60.0, "ascvd10": 0.12}
    action = actions(person).for_patient("p0")[0]
    assert action.rule == "statin_high_risk"
    assert action.open == ("Statin",)
    assert actions(person | {"statin_treatment": 0}).for_patient("p0")[0].open == ()


def test_a_rule_that_cannot_be_judged_names_what_is_not_known() -> None:
    undecided = {rule.name: unknown for rule, unknown in actions(WELL | {"egfr": 50}).undecided("p0")}
    assert undecided["kidney_g3a_albuminuria"] == ("Urine albumin-creatinine ratio",)
    assert "kidney_g3b" not in undecided  # 50 is above stage 3b whatever else is known


def test_what_is_missing_or_out_of_range_is_named_in_the_title() -> None:
    missing, outside = actions(WELL | {"status": MISSING}, WELL | {"status": OUT_OF_RANGE, "systolic_bp": 210}).frame()[
        "title"
    ][lambda titles: titles.str.contains("Enter|Check")]
    assert missing == "Enter total cholesterol to estimate heart risk"
    assert outside == "Check systolic blood pressure 210 mmHg: outside the range of the heart risk model"


def test_the_frame_has_a_row_per_action_by_patient_and_rank() -> None:
    found = actions(WELL, WELL | {"systolic_bp": 190, "current_smoker": 1}, WELL | {"current_smoker": 1})
    frame = found.frame()
    assert list(frame["patient"][frame["rule"] != "estimate_missing"]) == ["p1", "p1", "p2"]
    assert len(frame) == len(found)
    for patient, rows in frame.groupby("patient"):
        assert list(rows["title"]) == [action.title for action in found.for_patient(str(patient))]
        assert list(rows["reason"]) == [action.reason for action in found.for_patient(str(patient))]
    pd.testing.assert_frame_equal(found.frame(slice(1, 3)), frame[frame["patient"] != "p0"].reset_index(drop=True))


def test_a_patient_does_not_influence_another() -> None:
    people = [person for person, _ in CASES.values()]
    together = actions(*people)
    alone = np.vstack([actions(person).state for person in people])
    np.testing.assert_array_equal(together.state, alone)
