"""The cohort: what it refuses, and how its tables are looked at."""

from dataclasses import FrozenInstanceError
from datetime import date

import numpy as np
import pandas as pd
import pytest

from precision.cohort import TABLES, Cohort, positions
from precision.errors import InputError

ON = date(2026, 11, 22)


def cohort(**tables: pd.DataFrame) -> Cohort:
    patients = pd.DataFrame({"patient_id": ["007", "1E5", "NA"], "age": [40.0, 50.0, 60.0]})
    return Cohort("test", {"patients": patients, **tables}, ON)


def test_identifiers_stay_text_in_the_order_of_the_table() -> None:
    assert list(cohort().ids) == ["007", "1E5", "NA"]
    assert len(cohort()) == 3


def test_a_patient_who_stands_twice_is_refused_by_name() -> None:
    twice = pd.DataFrame({"patient_id": ["a", "b", "a"]})
    with pytest.raises(InputError, match="patient_id 'a' stands twice"):
        Cohort("test", {"patients": twice}, ON)


def test_a_cohort_needs_a_patients_table() -> None:
    with pytest.raises(InputError, match="no patients table"):
        Cohort("test", {"observations": pd.DataFrame()}, ON)
    with pytest.raises(InputError, match="patient_id"):
        Cohort("test", {"patients": pd.DataFrame({"age": [1.0]})}, ON)


def test_an_unknown_table_is_refused_and_the_known_ones_are_listed() -> None:
    with pytest.raises(InputError, match=r"unknown table 'labs'.*observations"):
        cohort(labs=pd.DataFrame({"patient_id": ["007"]}))


def test_a_table_that_is_absent_is_empty_with_its_columns() -> None:
    for name, columns in TABLES.items():
        if name != "patients":
            assert list(cohort().table(name).columns) == list(columns)
            assert cohort().table(name).empty


def test_the_rows_of_one_patient() -> None:
    drugs = pd.DataFrame({"patient_id": ["NA", "007", "NA"], "drug": ["x", "y", "z"]})
    assert list(cohort(medications=drugs).of("NA", "medications")["drug"]) == ["x", "z"]
    assert cohort(medications=drugs).of("1E5", "medications").empty


def test_take_keeps_the_asked_order_and_the_rows_of_those_patients() -> None:
    drugs = pd.DataFrame({"patient_id": ["NA", "007", "1E5"], "drug": ["x", "y", "z"]})
    some = cohort(medications=drugs).take(pd.Index(["NA", "007"]))
    assert list(some.ids) == ["NA", "007"]
    assert list(some.tables["patients"]["age"]) == [60.0, 40.0]
    assert sorted(some.tables["medications"]["drug"]) == ["x", "y"]


def test_take_names_a_patient_who_is_not_there() -> None:
    with pytest.raises(InputError, match="no patient '7'"):
        cohort().take(pd.Index(["007", "7"]))


def test_a_cohort_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        cohort().name = "other"  # type: ignore[misc]  # the assignment is the test


@pytest.mark.parametrize("kind", [pd.StringDtype(), pd.CategoricalDtype(), np.dtype(object)], ids=str)
def test_positions_are_the_same_for_every_kind_of_text_column(kind: pd.StringDtype) -> None:
    cells = pd.Series(["b", "a", None, "z", "b"], dtype=kind)
    assert positions(cells, pd.Index(["a", "b"])).tolist() == [1, 0, -1, -1, 1]


def test_positions_of_numbers() -> None:
    assert positions(pd.Series([3, 1, 9]), pd.Index([1, 3])).tolist() == [1, 0, -1]
    assert positions(pd.Series([], dtype="str"), pd.Index(["a"])).dtype == np.int32
