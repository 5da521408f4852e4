"""Each screening rule on a person made for it, and on the same person changed in one point, older or younger."""

import csv
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from precision.screening import Plan, rules, unverified
from precision.screening.rules import LEVELS
from tests.screening_people import changed, person, planned, state

# Written by hand from the ages, intervals and exceptions of the guidelines; the index date is 2026-06-30, so that a
# test of 2025-07-01 that holds a year is due on 2026-07-01, and one of 2025-06-30 on the day.
CASES = Path(__file__).with_name("screening_cases.csv")


class Case(NamedTuple):
    """A rule, a person as text, what was changed, and the state that is expected; "not ..." is any other."""

    rule: str
    who: str
    change: str
    expected: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.change or self.expected}"


@cache
def cases() -> tuple[Case, ...]:
    """The rows of the table, and of each age span its first and last day and the days beside them."""
    found: list[Case] = []
    with CASES.open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            rule, expected = row["rule"], row["state"]
            who = row["person"] or next(case.who for case in reversed(found) if case.rule == rule)
            found.append(Case(rule, who, row["change"], expected))
            if first := row["first_age"]:
                found.append(Case(rule, who, f"age={first}", expected))
                found.append(Case(rule, who, f"age={float(first) - 0.1}", f"not {expected}"))
            if (last := row["last_age"]) and last != "none":
                found.append(Case(rule, who, f"age={float(last) + 0.9}", expected))
                found.append(Case(rule, who, f"age={float(last) + 1}", f"not {expected}"))
            if last == "none":
                found.append(Case(rule, who, "age=119", expected))
    return tuple(found)


@cache
def answers() -> Plan:
    """The plan of everybody in the table at once; that a row does not depend on others is a test of its own."""
    return planned(*(changed(case.who, case.change) for case in cases()))


def test_every_rule_that_is_applied_has_a_case_and_no_other_does() -> None:
    assert {case.rule for case in cases()} == {rule.name for rule in rules()}


@pytest.mark.parametrize("row", range(len(cases())), ids=[str(case) for case in cases()])
def test_a_rule_says_what_the_table_of_cases_expects(row: int) -> None:
    case, found = cases()[row], state(answers(), row, cases()[row].rule)
    assert found != case.expected[4:] if case.expected.startswith("not ") else found == case.expected


@pytest.mark.parametrize("verdict", ["due", "not_due", "unknown", "individual", "do_not", "insufficient", "overridden"])
def test_every_state_occurs(verdict: str) -> None:
    assert any(case.expected == verdict for case in cases())


def test_a_case_of_the_table_is_read_as_written() -> None:
    assert person("sex=female; carries=") == {"sex": "female", "carries": ""}
    assert changed("sex=female; age=50", "age=") == {"sex": "female", "age": ""}


# --------------------------------------------------------------------------------------------------- the table itself
def test_every_rule_names_its_source_year_status_and_where_it_was_verified() -> None:
    for rule in (*rules(), *unverified()):
        assert rule.source, rule.name
        assert 2000 < rule.year <= 2026, rule.name
        assert rule.citation.doi or rule.url.startswith("https://"), rule.name
        assert rule.level in LEVELS
        assert not rule.action.endswith("."), rule.name
    assert all(rule.status in ("V", "C") and rule.verified_in for rule in rules())


def test_no_rule_from_memory_is_applied_and_all_are_listed() -> None:
    recalled = {"palb2", "chek2_atm", "lung_plco", "hba1c_diabetes", "hba1c_prediabetes"}
    assert {rule.name for rule in unverified()} == recalled
    assert not recalled & {rule.name for rule in planned("age=50").rules}


def test_a_letter_of_the_task_force_decides_the_verdict() -> None:
    verdicts = {"A": "do", "B": "do", "C": "individual", "D": "do_not", "I": "insufficient"}
    for rule in rules():
        if rule.source == "USPSTF":
            assert rule.verdict == verdicts[rule.grade], rule.name


def test_the_class_of_a_cardiology_rule_is_not_read_as_insufficient_evidence() -> None:
    rule = next(rule for rule in rules() if rule.name == "fh_statin")
    assert (rule.grade, rule.verdict) == ("class I", "do")


WIDER = {"fh_statin", "brca1_rrso", "brca2_rrso", "dm_ada_risk", "brca2_psa", "brca1_psa"}  # own ages, see their notes
SEVERAL = {"lynch_mlh1", "lynch_msh6", "crc_fdr", "brca_m", "fib4_high", "rh"}


def test_the_table_agrees_with_the_reference_rows(shared: Path) -> None:
    with (shared / "reference" / "clinrisk" / "screening_rules.tsv").open(encoding="utf-8") as stream:
        reference = list(csv.DictReader(stream, delimiter="\t"))
    known = {rule.name: rule for rule in (*rules(), *unverified())}
    assert {row["id"] for row in reference} <= set(known)
    for row in reference:
        rule = known[row["id"]]
        assert (rule.source, rule.year, rule.status) == (row["source"], int(row["year"]), row["status"]), rule.name
        ages = {(c.comparator, c.value) for c in rule.criteria if c.subject == "age" and c.role == "for"}
        if row["age_min"] and rule.name not in SEVERAL | WIDER:
            assert (">=", row["age_min"]) in ages, rule.name
        if row["age_max"] and rule.name not in WIDER:
            assert ("<", str(int(row["age_max"]) + 1)) in ages, rule.name
        sexes = {c.value for c in rule.criteria if c.subject == "sex" and c.role == "for"}
        wanted = {"F": {"female"}, "M": {"male"}, "any": set()}[row["sex"]]
        pregnant = any(c.subject in ("pregnant", "postpartum") and c.value == "1" for c in rule.criteria)
        assert sexes == wanted or pregnant or rule.name == "cac_acc", rule.name  # men from 40, women from 45 years
