"""Feature integration: which value holds, what follows from others, and where each came from."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from precision.cohort import Cohort
from precision.errors import InputError
from precision.features import MODALITIES, Features, integrate

ON = date(2026, 6, 30)
NAMES = ("systolic_bp", "ldl_cholesterol", "hba1c")


def cohort(
    patients: Mapping[str, object] | None = None, complete: Sequence[str] = (), **tables: Mapping[str, object]
) -> Cohort:
    frames = {name: pd.DataFrame(columns) for name, columns in tables.items()}
    frames["patients"] = pd.DataFrame({"patient_id": ["a", "b", "c"], **(patients or {})})
    for name in ("time", "onset_date", "start", "stop", "birth_date"):
        for frame in frames.values():
            if name in frame:
                frame[name] = pd.to_datetime(frame[name])
    return Cohort("test", frames, ON, frozenset(complete))


def observed(*rows: tuple[str, str, float, str | None]) -> dict[str, list[object]]:
    columns = ("patient_id", "variable", "value", "time")
    return {name: [row[i] for row in rows] for i, name in enumerate(columns)}


def values(features: Features, name: str) -> list[float | None]:
    column = features.column(name)
    assert column is not None, f"{name} is not among {features.names}"
    return [None if np.isnan(value) else float(value) for value in column]


def test_the_last_value_on_or_before_the_index_date_holds() -> None:
    labs = observed(
        ("a", "systolic_bp", 150, "2026-06-30"),
        ("a", "systolic_bp", 140, "2026-01-01"),
        ("a", "systolic_bp", 120, "2026-07-01"),
        ("b", "systolic_bp", 130, "2026-07-01"),
    )
    features = integrate(cohort(observations=labs))
    assert values(features, "systolic_bp") == [150, None, None]
    assert features.time("systolic_bp")[0] == np.datetime64("2026-06-30")
    assert np.isnat(features.time("systolic_bp")[1:]).all()


def test_another_index_date_gives_the_value_of_that_day() -> None:
    labs = observed(("a", "systolic_bp", 150, "2026-06-01"), ("a", "systolic_bp", 140, "2026-01-01"))
    assert values(integrate(cohort(observations=labs), index_date=date(2026, 5, 1)), "systolic_bp")[0] == 140


def test_of_two_values_at_one_time_the_later_row_holds() -> None:
    labs = observed(("a", "hba1c", 6.1, "2026-01-01"), ("a", "hba1c", 7.2, "2026-01-01"))
    assert values(integrate(cohort(observations=labs)), "hba1c")[0] == 7.2


def test_the_hour_counts_where_it_is_recorded() -> None:
    labs = observed(("a", "hba1c", 7.2, "2026-06-30T18:00"), ("a", "hba1c", 6.1, "2026-06-30T06:00"))
    features = integrate(cohort(observations=labs))
    assert values(features, "hba1c")[0] == 7.2
    assert features.time("hba1c")[0] == np.datetime64("2026-06-30")


def test_a_dated_value_inside_the_window_beats_an_undated_one_and_one_outside_does_not() -> None:
    patients: dict[str, list[object]] = {"systolic_bp": [110.0, 111.0, 112.0]}
    labs = observed(("a", "systolic_bp", 150, "2026-06-01"), ("b", "systolic_bp", 160, "2025-01-01"))
    made = cohort(patients, observations=labs)
    assert values(integrate(made), "systolic_bp") == [150, 160, 112]
    assert values(integrate(made, window_days=365), "systolic_bp") == [150, 111, 112]
    assert values(integrate(made, window_days={"hba1c": 1}), "systolic_bp") == [150, 160, 112]


def test_the_first_day_of_the_window_is_inside() -> None:
    labs = observed(("a", "hba1c", 6.1, "2026-06-20"), ("b", "hba1c", 6.2, "2026-06-19"))
    assert values(integrate(cohort(observations=labs), window_days=10), "hba1c") == [6.1, None, None]


def test_an_undated_observation_yields_to_a_dated_one() -> None:
    labs = observed(("a", "hba1c", 6.1, "2020-01-01"), ("a", "hba1c", 9.9, None), ("b", "hba1c", 5.5, None))
    assert values(integrate(cohort(observations=labs)), "hba1c") == [6.1, 5.5, None]


def test_lifestyle_rows_are_read_with_their_dates_and_levels() -> None:
    lifestyle: dict[str, list[object]] = {
        "patient_id": ["a", "a", "b"],
        "time": ["2020-01-01", "2026-01-01", None],
        "smoking_status": ["current", "former", "current_some_day"],
        "pack_years": [10.0, np.nan, 3.0],
    }
    features = integrate(cohort(lifestyle=lifestyle))
    assert values(features, "smoking_status") == [1, 3, None]  # never, former, current, current_some_day
    assert values(features, "pack_years") == [10, 3, None]
    assert values(features, "current_smoker") == [0, 1, None]


def test_a_level_that_the_dictionary_does_not_have_is_refused() -> None:
    with pytest.raises(InputError, match=r"patients: column 'sex' holds 'X1'.*female, male"):
        integrate(cohort({"sex": ["female", "X1", None]}))


def test_a_name_that_the_dictionary_does_not_have_is_refused() -> None:
    with pytest.raises(InputError, match="no variable is called 'sistolic_bp'"):
        integrate(cohort(), ["sistolic_bp"])


def test_asked_names_keep_their_order_and_unknown_ones_are_empty_columns() -> None:
    labs = observed(("a", "hba1c", 6.1, "2026-01-01"))
    features = integrate(cohort({"age": [50.0, 60.0, 70.0]}, observations=labs), ["hba1c", "systolic_bp", "age"])
    assert features.names == ("hba1c", "systolic_bp", "age")
    assert features.values.shape == (3, 3)
    assert values(features, "systolic_bp") == [None, None, None]
    assert features.column("ldl_cholesterol") is None


def test_observations_of_people_who_are_not_in_the_cohort_are_left_out() -> None:
    labs = observed(("z", "hba1c", 6.1, "2026-01-01"), ("b", "hba1c", 5.0, "2026-01-01"))
    assert values(integrate(cohort(observations=labs)), "hba1c") == [None, 5.0, None]


def test_age_is_the_completed_years_on_the_index_date() -> None:
    features = integrate(cohort({"birth_date": ["1976-06-30", "1976-07-01", None]}))
    assert values(features, "age") == [50, 49, None]
    assert values(integrate(cohort({"birth_year": [1976.0, np.nan, 2030.0]})), "age") == [50, None, None]


def test_body_mass_index_follows_from_height_and_weight() -> None:
    # 81 kg at 180 cm: 81 / 1.8^2 = 25
    features = integrate(cohort({"height": [180.0, 180.0, np.nan], "weight": [81.0, np.nan, 70.0]}))
    assert values(features, "bmi") == pytest.approx([25.0, None, None])
    assert values(integrate(cohort({"height": [180.0] * 3, "weight": [81.0] * 3}), ["bmi"]), "bmi")[0] == pytest.approx(
        25
    )


def test_the_decile_follows_from_the_percentile() -> None:
    environment: dict[str, list[object]] = {"patient_id": ["a", "b", "c"], "sdi_percentile": [0.0, 10.1, 100.0]}
    assert values(integrate(cohort(environment=environment)), "sdi_decile") == [1, 2, 10]


def test_a_recorded_value_beats_what_follows_and_the_contradiction_is_counted() -> None:
    made = cohort({"age": [50.0, 45.0, np.nan], "birth_date": ["1976-01-01"] * 3})  # all are 50
    features = integrate(made)
    assert values(features, "age") == [50, 45, 50]
    assert features.derived["age"].contradictions == 1
    assert features.derived["age"].where.tolist() == [False, False, True]


def diagnoses(*rows: tuple[str, str, str, str | None]) -> dict[str, list[object]]:
    columns = ("patient_id", "code", "status", "onset_date")
    return {name: [row[i] for row in rows] for i, name in enumerate(columns)}


def test_a_diagnosis_makes_its_variable_true_and_absence_stays_unknown() -> None:
    rows = diagnoses(("a", "ICD10CM:E11.9", "active", "2020-01-01"), ("b", "ICD10CM:Z00.0", "active", None))
    assert values(integrate(cohort(conditions=rows)), "diabetes") == [1, None, None]


def test_absence_is_no_where_the_list_is_complete() -> None:
    rows = diagnoses(("a", "SNOMED:44054006", "active", None))
    features = integrate(cohort(conditions=rows, complete=["conditions"]))
    assert values(features, "diabetes") == [1, 0, 0]
    assert values(features, "prior_cvd") == [0, 0, 0]


def test_a_denied_diagnosis_is_no_and_a_relatives_says_nothing() -> None:
    rows = diagnoses(("a", "ICD10CM:E11.9", "ruled_out", None), ("b", "ICD10CM:E11.9", "family_only", None))
    assert values(integrate(cohort({"age": [1.0] * 3}, conditions=rows)), "diabetes") == [0, None, None]


def test_a_diagnosis_after_the_index_date_is_not_known_yet() -> None:
    rows = diagnoses(("a", "ICD10CM:E11.9", "active", "2026-07-01"), ("b", "ICD10CM:E11.9", "active", "2026-06-30"))
    assert values(integrate(cohort(conditions=rows)), "diabetes") == [None, 1, None]


def test_a_past_heart_attack_still_counts_and_a_resolved_hypertension_does_not() -> None:
    rows = diagnoses(
        ("a", "ICD10CM:I21.4", "resolved", "2010-01-01"),
        ("a", "ICD10CM:I10", "resolved", "2010-01-01"),
        ("b", "ICD10CM:I10", "resolved", None),
        ("b", "ICD10CM:I10", "active", None),
    )
    features = integrate(cohort(conditions=rows))
    assert values(features, "prior_cvd") == [1, None, None]
    assert values(features, "hypertension") == [0, 1, None]


def test_a_diagnosis_that_ended_after_the_index_date_was_still_going_on() -> None:
    rows = diagnoses(("a", "ICD10CM:I10", "resolved", "2020-01-01"), ("b", "ICD10CM:I10", "resolved", "2020-01-01"))
    made = cohort(conditions=rows | {"end_date": pd.to_datetime(["2026-07-01", "2026-06-30"])})
    assert values(integrate(made), "hypertension") == [1, 0, None]


def test_who_died_by_the_index_date_is_deceased_and_of_others_nothing_is_said() -> None:
    made = cohort({"death_date": pd.to_datetime(["2026-06-30", "2026-07-01", "NaT"])})
    assert values(integrate(made), "deceased") == [1, None, None]


def test_the_unit_of_a_wide_column_is_told() -> None:
    patients = pd.DataFrame({"patient_id": ["a"], "ldl_cholesterol": [131.5]})
    features = integrate(Cohort("test", {"patients": patients}, ON, units_read={"ldl_cholesterol": "mmol/L"}))
    assert features.origin("a", "ldl_cholesterol").unit_source == "mmol/L"
    assert list(features.metadata()["conversion"]) == ["mmol/L to mg/dL"]


def test_a_code_is_matched_from_its_start_with_or_without_the_point() -> None:
    rows = diagnoses(
        ("a", "ICD10CM:I210", "active", None),
        ("b", "ICD10CM:I2", "active", None),
        ("c", "ATC:I21", "active", None),
    )
    made = cohort({"age": [1.0] * 3}, conditions=rows, complete=["conditions"])
    # c's code is of another system: it is not read as a heart attack, nor does the list then say that there was none.
    assert values(integrate(made), "prior_cvd") == [1, 0, None]


def test_a_complete_list_with_a_diagnosis_in_free_text_does_not_say_no() -> None:
    rows = diagnoses(("a", "", "active", None), ("b", "ICD10CM:J45", "active", None)) | {
        "label": ["Heart attack in 2019", "Asthma"]
    }
    made = cohort(conditions=rows, complete=["conditions"])
    assert values(integrate(made), "prior_cvd") == [None, 0, 0]


def test_a_body_mass_index_on_the_limit_is_not_moved_by_rounding() -> None:
    # By hand: 59.94 kg / 1.8² = 18.5 and 102.4 kg / 1.6² = 40
    made = cohort({"height": [180.0, 160.0, np.nan], "weight": [59.94, 102.4, 70.0]})
    assert values(integrate(made), "bmi") == [18.5, 40.0, None]


def test_a_medicine_counts_while_it_is_taken() -> None:
    medications: dict[str, list[object]] = {
        "patient_id": ["a", "b", "c", "c"],
        "drug": ["Simvastatin 10 MG Oral Tablet", "atorvastatin", "rosuvastatin", "pravastatin"],
        "code": ["RXNORM:314231", "", "ATC:C10AA07", ""],
        "start": ["2020-01-01", None, "2026-07-01", None],
        "stop": [None, "2026-06-29", None, None],
        "status": ["active", "active", "active", "planned"],
    }
    made = cohort(medications=medications)
    assert values(integrate(made), "statin_treatment") == [1, None, None]
    assert values(integrate(cohort(medications=medications, complete=["medications"])), "statin_treatment") == [1, 0, 0]
    assert values(integrate(made, index_date=date(2026, 7, 2)), "statin_treatment") == [1, None, 1]


def test_a_medicine_that_is_to_be_stopped_later_is_taken_until_then() -> None:
    medications: dict[str, list[object]] = {
        "patient_id": ["a", "b", "c"],
        "drug": ["simvastatin"] * 3,
        "stop": ["2026-12-31", "2026-06-30", None],
        "status": ["stopped", "stopped", "active"],
    }
    made = cohort(medications=medications)
    assert values(integrate(made), "statin_treatment") == [1, None, 1]  # on 30 June 2026
    assert values(integrate(made, index_date=date(2027, 1, 1)), "statin_treatment") == [None, None, 1]
    assert values(integrate(made, index_date=date(2026, 6, 29)), "statin_treatment") == [1, 1, 1]


@pytest.mark.parametrize(
    ("drug", "code", "variable"),
    [
        ("", "ATC:C09AA03", "antihypertensive_treatment"),
        ("", "ATC:C10BA05", "statin_treatment"),
        ("lisinopril/hydrochlorothiazide", "", "antihypertensive_treatment"),
        ("Warfarin 5 mg", "", "anticoagulant_treatment"),
        ("x", "RXNORM:1191", "aspirin"),
        ("Insulin glargine", "", "insulin_treatment"),
    ],
)
def test_medicines_are_known_by_class_ingredient_and_name(drug: str, code: str, variable: str) -> None:
    medications: dict[str, list[object]] = {"patient_id": ["b"], "drug": [drug], "code": [code]}
    assert values(integrate(cohort(medications=medications)), variable) == [None, 1, None]


def test_a_name_inside_a_longer_word_is_no_match() -> None:
    medications: dict[str, list[object]] = {"patient_id": ["a"], "drug": ["Desatenololum"], "code": [""]}
    made = cohort({"antihypertensive_treatment": [np.nan, 1.0, np.nan]}, medications=medications)
    assert values(integrate(made), "antihypertensive_treatment") == [None, 1, None]


def test_the_origin_of_an_observation_names_file_row_and_unit() -> None:
    labs = observed(("a", "ldl_cholesterol", 131.5, "2026-01-01"), ("b", "ldl_cholesterol", 90, "2026-01-01"))
    labs |= {"source_file": ["labs.csv"] * 2, "source_row": [2, 3], "value_source": ["3.4", "90"]}
    labs |= {"unit_source": ["mmol/L", "mg/dL"]}
    features = integrate(cohort(observations=labs))
    origin = features.origin("a", "ldl_cholesterol")
    assert (origin.value, origin.time, origin.table) == (131.5, date(2026, 1, 1), "observations")
    assert (origin.source_file, origin.source_row, origin.value_source, origin.unit_source) == (
        "labs.csv",
        "2",
        "3.4",
        "mmol/L",
    )
    assert features.metadata().set_index("name").loc["ldl_cholesterol", "conversion"] == "mmol/L to mg/dL"


def test_the_origin_of_what_follows_is_the_record_it_follows_from() -> None:
    rows = diagnoses(("a", "ICD10CM:E11.9", "active", "2020-01-01"))
    rows |= {"label": ["Type 2 diabetes"], "source_file": ["dx.csv"], "source_row": [7]}
    features = integrate(
        cohort({"height": [180.0] * 3, "weight": [81.0] * 3}, conditions=rows, complete=["conditions"])
    )
    origin = features.origin("a", "diabetes")
    assert (origin.table, origin.time, origin.source_file, origin.source_row) == (
        "conditions",
        date(2020, 1, 1),
        "dx.csv",
        "7",
    )
    assert origin.value_source == "Type 2 diabetes"
    assert features.origin("b", "diabetes").derived_from == "no such entry in the complete list of diagnoses"
    assert features.origin("a", "bmi").derived_from == "height and weight"


def test_the_origin_of_a_wide_value_is_its_row() -> None:
    features = integrate(cohort({"age": [50.0, 60.0, np.nan], "source_file": ["p.csv"] * 3, "source_row": [2, 3, 4]}))
    origin = features.origin("b", "age")
    assert (origin.table, origin.source_file, origin.source_row, origin.time) == ("patients", "p.csv", "3", None)
    with pytest.raises(InputError, match="age of patient 'c' is not known"):
        features.origin("c", "age")
    with pytest.raises(InputError, match="no patient 'z'"):
        features.origin("z", "age")


def test_metadata_counts_what_is_there() -> None:
    labs = observed(("a", "hba1c", 6.1, "2026-06-20"), ("b", "hba1c", 6.0, "2026-06-10"), ("c", "hba1c", 5.0, None))
    facts = (
        integrate(cohort(observations=labs), window_days={"hba1c": 100})
        .metadata()
        .set_index("name")
        .loc["hba1c"]
        .to_dict()
    )
    assert (facts["known"], facts["missing_share"], facts["undated"], facts["window_days"]) == (3, 0, 1, 100)
    assert (facts["oldest"], facts["newest"]) == (pd.Timestamp("2026-06-10"), pd.Timestamp("2026-06-20"))
    assert facts["median_age_days"] == 15  # 10 and 20 days before the index date
    assert (facts["sources"], facts["unit"]) == ("observations", "%")


def test_a_modality_is_present_where_anything_of_it_is_recorded() -> None:
    labs = observed(("a", "hba1c", 6.1, "2026-06-20"))
    made = cohort(
        {"systolic_bp": [np.nan, 120.0, np.nan]}, observations=labs, consent={"patient_id": ["c"], "use": ["care"]}
    )
    features = integrate(made)
    assert features.present("labs").tolist() == [True, False, False]
    assert features.present("clinical").tolist() == [False, True, False]
    assert features.present("consent").tolist() == [False, False, True]
    assert not any(features.present(name).any() for name in MODALITIES if name not in ("labs", "clinical", "consent"))
    with pytest.raises(InputError, match="'blood' is no modality"):
        features.present("blood")


def test_an_empty_cohort_has_no_rows_and_no_errors() -> None:
    empty = Cohort("empty", {"patients": pd.DataFrame({"patient_id": pd.Series([], dtype="str")})}, ON)
    features = integrate(empty)
    assert features.values.shape == (0, 0)
    assert features.metadata().empty


def test_categories_give_what_text_gives() -> None:
    made = cohort(observations=observed(("b", "hba1c", 6.1, "2026-06-20"), ("a", "systolic_bp", 120, "2026-06-20")))
    labs = made.tables["observations"].astype({"patient_id": "category", "variable": "category"})
    other = Cohort("test", {**made.tables, "observations": labs}, ON)
    np.testing.assert_array_equal(integrate(made, NAMES).values, integrate(other, NAMES).values)


Measured = list[
    tuple[str, str, float, int | None]
]  # patient, variable, value, days before the index date (None: undated)
MEASURED = st.lists(
    st.tuples(
        st.sampled_from("abcz"),
        st.sampled_from(NAMES),
        st.floats(1, 300).map(lambda value: round(value, 3)),
        st.one_of(st.none(), st.integers(-5, 60)),
    ),
    max_size=40,
)


def as_cohort(rows: Measured) -> Cohort:
    labs = observed(*((p, v, x, None if d is None else str(ON - timedelta(days=d))) for p, v, x, d in rows))
    frame = pd.DataFrame(labs).astype({"patient_id": "str", "variable": "str", "value": "float64"})
    frame["time"] = pd.to_datetime(frame["time"])
    return Cohort("test", {"patients": pd.DataFrame({"patient_id": ["a", "b", "c"]}), "observations": frame}, ON)


@given(MEASURED, st.one_of(st.none(), st.integers(0, 60)))
def test_the_matrix_is_what_reading_row_by_row_gives(rows: Measured, window: int | None) -> None:
    expected = {}
    for undated in (True, False):  # a dated value replaces an undated one, a later one an earlier one
        for patient, name, value, days in sorted(rows, key=lambda row: -(row[3] or 0)):
            if (days is None) == undated and (days is None or 0 <= days <= (1_000 if window is None else window)):
                expected[patient, name] = value
    matrix = integrate(as_cohort(rows), NAMES, window_days=window).values
    for i, patient in enumerate("abc"):
        for k, name in enumerate(NAMES):
            np.testing.assert_equal(matrix[i, k], expected.get((patient, name), np.nan))


@given(MEASURED, st.randoms(use_true_random=False))
def test_the_order_of_rows_with_different_times_does_not_matter(rows: Measured, random: st.DrawFn) -> None:
    distinct = list({(row[0], row[1], row[3]): row for row in rows}.values())
    shuffled = distinct.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random by the strategy's contract
    np.testing.assert_array_equal(
        integrate(as_cohort(distinct), NAMES).values, integrate(as_cohort(shuffled), NAMES).values
    )


@given(MEASURED)
def test_a_patient_alone_has_the_same_values_as_in_the_cohort(rows: Measured) -> None:
    whole = as_cohort(rows)
    together = integrate(whole, NAMES)
    for i, patient in enumerate("abc"):
        alone = integrate(whole.take(pd.Index([patient])), NAMES)
        np.testing.assert_array_equal(alone.values[0], together.values[i])


@given(MEASURED)
def test_nothing_after_the_index_date_changes_anything(rows: Measured) -> None:
    later: Measured = [("a", "hba1c", 99.0, -1), ("b", "systolic_bp", 99.0, -400)]
    np.testing.assert_array_equal(
        integrate(as_cohort(rows), NAMES).values, integrate(as_cohort(rows + later), NAMES).values
    )


def test_a_country_gives_the_region_of_the_equations_and_one_that_is_not_listed_gives_none() -> None:
    countries = ["Germany", "deu", "UK", "USA", "Atlantis", None]
    patients = pd.DataFrame({"patient_id": list("abcdef"), "country": countries})
    found = integrate(Cohort("six", {"patients": patients}, date(2026, 1, 1)))
    assert values(found, "score2_region") == [1, 1, 0, None, None, None]  # low, moderate, high, very high
    assert values(found, "kfre_region") == [1, 1, 1, 0, None, None]  # North America, elsewhere
    assert found.origin("a", "score2_region").derived_from == "country"
