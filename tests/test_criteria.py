"""Three-valued criteria: truth tables, the roles, what a value may be, and what is refused."""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd
import pytest

from precision.cohort import Cohort
from precision.criteria import (
    COLUMNS,
    FALSE,
    TRUE,
    UNKNOWN,
    Criterion,
    Facts,
    holds,
    in_groups,
    read_criteria,
    truth,
    unknown_of,
)
from precision.errors import KnowledgeError
from precision.features import integrate

NAN = float("nan")
STATES = {TRUE: 1.0, FALSE: 0.0, UNKNOWN: NAN}


def facts(known: Mapping[str, list[float]] | None = None, **columns: list[float]) -> Facts:
    """Patients with these columns of the dictionary, and facts of their own."""
    extra = {name: np.array(values) for name, values in (known or {}).items()}
    count = len(next(iter({**columns, **extra}.values())))
    patients = pd.DataFrame({"patient_id": [f"p{i}" for i in range(count)], **columns})
    return Facts(integrate(Cohort("test", {"patients": patients}, date(2026, 6, 30))), {}, extra)


def asked(role: str, subject: str, group: str = "") -> Criterion:
    return Criterion(role, group or subject, subject, "=", "1")


def yes_or_no(one: int, other: int) -> Facts:
    return facts(diabetes=[STATES[one]], hypertension=[STATES[other]])


# Kleene's strong logic of three values.
@pytest.mark.parametrize(
    ("one", "other", "both", "either"),
    [
        (TRUE, TRUE, TRUE, TRUE),
        (TRUE, UNKNOWN, UNKNOWN, TRUE),
        (TRUE, FALSE, FALSE, TRUE),
        (UNKNOWN, TRUE, UNKNOWN, TRUE),
        (UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN),
        (UNKNOWN, FALSE, FALSE, UNKNOWN),
        (FALSE, TRUE, FALSE, TRUE),
        (FALSE, UNKNOWN, FALSE, UNKNOWN),
        (FALSE, FALSE, FALSE, FALSE),
    ],
)
def test_groups_are_joined_by_and_and_alternatives_by_or(one: int, other: int, both: int, either: int) -> None:
    known = yes_or_no(one, other)
    assert holds([asked("for", "diabetes"), asked("when", "hypertension")], known).tolist() == [both]
    assert holds([asked("for", "diabetes", "any"), asked("for", "hypertension", "any")], known).tolist() == [either]


@pytest.mark.parametrize(("state", "answer"), [(TRUE, TRUE), (UNKNOWN, FALSE), (FALSE, FALSE)])
def test_what_must_be_on_record_does_not_hold_where_it_is_not(state: int, answer: int) -> None:
    assert holds([asked("known", "diabetes")], yes_or_no(state, TRUE)).tolist() == [answer]


@pytest.mark.parametrize("role", ["unless", "except"])
@pytest.mark.parametrize(("state", "answer"), [(TRUE, FALSE), (UNKNOWN, TRUE), (FALSE, TRUE)])
def test_only_a_known_exception_silences(role: str, state: int, answer: int) -> None:
    assert holds([asked(role, "diabetes")], yes_or_no(state, TRUE)).tolist() == [answer]


@pytest.mark.parametrize(
    ("comparator", "expected"),
    [
        (">=", [FALSE, TRUE, TRUE, UNKNOWN]),
        (">", [FALSE, FALSE, TRUE, UNKNOWN]),
        ("<", [TRUE, FALSE, FALSE, UNKNOWN]),
        ("<=", [TRUE, TRUE, FALSE, UNKNOWN]),
        ("=", [FALSE, TRUE, FALSE, UNKNOWN]),
    ],
)
def test_a_comparison_is_exact_at_its_limit(comparator: str, expected: list[int]) -> None:
    ages = facts(age=[39.0, 40.0, 41.0, NAN])
    assert truth(Criterion("for", "", "age", comparator, "40"), ages).tolist() == expected


def test_a_level_is_compared_by_its_name() -> None:
    people = facts(smoking_status=[0.0, 1.0, NAN])  # never, former, not known
    assert truth(Criterion("for", "", "smoking_status", "=", "former"), people).tolist() == [FALSE, TRUE, UNKNOWN]


def test_a_subject_is_compared_with_another_subject() -> None:
    people = facts({"start": [33.0, 40.0, NAN, 20.0]}, age=[33.0, 39.0, 50.0, NAN])
    assert truth(Criterion("for", "", "age", ">=", "start"), people).tolist() == [TRUE, FALSE, UNKNOWN, UNKNOWN]


def test_the_first_subject_that_is_known_counts() -> None:
    people = facts(diabetes=[1.0, NAN, NAN], hypertension=[0.0, 1.0, NAN])
    assert truth(asked("for", "diabetes|hypertension"), people).tolist() == [TRUE, TRUE, UNKNOWN]


def test_a_model_that_was_not_run_is_not_known() -> None:
    people = facts(age=[50.0])
    assert truth(Criterion("when", "", "prevent:ascvd:10", ">=", "0.1"), people).tolist() == [UNKNOWN]
    assert truth(Criterion("when", "", "prevent:ascvd:10", "status", "missing"), people).tolist() == [UNKNOWN]


def test_some_rows_are_answered_as_in_the_whole() -> None:
    people = facts(age=[39.0, 40.0, NAN])
    whole = truth(Criterion("for", "", "age", ">=", "40"), people)
    assert truth(Criterion("for", "", "age", ">=", "40"), people, slice(1, 3)).tolist() == whole[1:3].tolist()
    assert truth(Criterion("for", "", "age", ">=", "40"), people, np.array([2, 0])).tolist() == [UNKNOWN, FALSE]


def test_what_is_not_known_is_named_only_in_groups_that_nothing_decides() -> None:
    criteria = (
        asked("when", "diabetes", "any"),
        asked("when", "hypertension", "any"),
        asked("for", "current_smoker"),
    )
    people = facts(diabetes=[1.0, 0.0], hypertension=[NAN, NAN], current_smoker=[NAN, 1.0])
    roles = ("for", "when")
    assert [one.subject for one in unknown_of(criteria, people, 0, roles)] == ["current_smoker"]
    assert [one.subject for one in unknown_of(criteria, people, 1, roles)] == ["hypertension"]
    assert [len(group) for group in in_groups(criteria, roles)] == [2, 1]


def lines(**changed: str) -> pd.DataFrame:
    line = dict(zip(COLUMNS, ("r", "for", "age", "age", ">=", "40"), strict=True))
    return pd.DataFrame([{**line, **changed}])


def test_a_readable_line_becomes_a_criterion() -> None:
    assert read_criteria(lines(), "here") == (Criterion("for", "age", "age", ">=", "40"),)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"role": "maybe"}, "'maybe' with '>=' is not understood"),
        ({"comparator": "~"}, "'for' with '~' is not understood"),
        ({"subject": "shoe_size"}, "'shoe_size' is not in the variable dictionary"),
        ({"value": "forty"}, "'forty' is neither a number, a level of age nor a subject"),
        ({"comparator": "status", "value": "late"}, "'late' is neither a number nor one of ok, missing"),
    ],
)
def test_a_line_that_cannot_be_understood_is_refused(changed: dict[str, str], said: str) -> None:
    with pytest.raises(KnowledgeError, match=said):
        read_criteria(lines(**changed), "here")


def test_facts_beside_the_dictionary_must_be_named() -> None:
    with pytest.raises(KnowledgeError, match="relatives_breast"):
        read_criteria(lines(subject="relatives_breast"), "here")
    assert read_criteria(lines(subject="relatives_breast"), "here", facts=("relatives_breast",))
