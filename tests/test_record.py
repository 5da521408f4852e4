"""What is recorded of one patient: hand-made tables, and what a page has to say of them."""

from datetime import date

import pandas as pd

from precision.cohort import Cohort
from precision.workbench.record import Medicine, Relative, record

TODAY = date(2026, 9, 30)


def people(complete: tuple[str, ...] = (), **tables: list[dict[str, str | float]]) -> Cohort:
    """Patients A and B, and the rows of the other tables."""
    frames = {name: pd.DataFrame(rows) for name, rows in tables.items()}
    frames["patients"] = pd.DataFrame({"patient_id": ["A", "B"], "allergy": ["penicillin", None]})
    for frame in frames.values():
        for name in ("onset_date", "start", "stop", "valid_from", "valid_to"):
            if name in frame:
                frame[name] = pd.to_datetime(frame[name])
    return Cohort("tiny", frames, TODAY, frozenset(complete))


def drug(name: str, status: str, start: str = "", stop: str = "", patient: str = "A") -> dict[str, str | float]:
    return {"patient_id": patient, "drug": name, "code": "", "dose": "", "start": start, "stop": stop, "status": status}


def decision(scope: str, word: str, since: str, until: str = "") -> dict[str, str | float]:
    return {
        "patient_id": "A",
        "use": "care",
        "scope": scope,
        "decision": word,
        "valid_from": since,
        "valid_to": until,
    }


def test_nothing_recorded_is_told_apart_from_a_complete_list_without_entries() -> None:
    unknown, known = record(people(), "A"), record(people(("conditions", "medications")), "A")
    assert (unknown.diagnoses, unknown.medicines) == (None, None)
    assert (known.diagnoses, known.medicines) == ((), ())


def test_medicines_taken_come_first_then_those_planned_then_those_stopped() -> None:
    rows = [
        drug("warfarin", "planned", "2026-10-15"),
        drug("aspirin", "stopped", "2020-01-02", "2021-03-04"),
        drug("losartan", "active", "2025-02-07"),
        drug("insulin", "active", patient="B"),
    ]
    assert record(people(medications=rows), "A").medicines == (
        Medicine("Losartan", "since Feb 2025", taken=True, planned=False),
        Medicine("Warfarin", "planned for Oct 2026", taken=False, planned=True),
        Medicine("Aspirin", "stopped Mar 2021", taken=False, planned=False),
    )


def test_a_stop_or_a_start_to_come_is_neither_stopped_nor_taken() -> None:
    rows = [
        drug("codeine", "active", "2025-02-07", "2026-12-31"),
        drug("warfarin", "active", "2026-10-15"),
        drug("warfarin", "stopped", "2020-01-02", "2021-03-04"),
    ]
    assert record(people(medications=rows), "A").medicines == (
        Medicine("Codeine", "since Feb 2025, until Dec 2026", taken=True, planned=False),
        Medicine("Warfarin", "planned for Oct 2026", taken=False, planned=True),
    )


def test_a_medicine_taken_again_is_taken() -> None:
    rows = [drug("aspirin", "active", "2024-01-02"), drug("aspirin", "stopped", "2020-01-02", "2021-03-04")]
    found = record(people(medications=rows), "A").medicines
    assert found == (Medicine("Aspirin", "since Jan 2024", taken=True, planned=False),)


def test_a_past_heart_attack_and_a_past_stroke_come_first_with_their_month() -> None:
    rows: list[dict[str, str | float]] = [
        {"patient_id": "A", "code": code, "label": label, "onset_date": onset, "status": status}
        for code, label, onset, status in (
            ("ICD10CM:I10", "Essential (primary) hypertension", "2013-06-20", "active"),
            ("ICD10CM:I21.4", "Non-ST elevation (NSTEMI) myocardial infarction", "2026-05-11", "resolved"),
            ("ICD10CM:I63.9", "Cerebral infarction, unspecified", "2018-12-24", "resolved"),
            ("ICD10CM:I63.9", "Cerebral infarction, unspecified", "2019-02-01", "ruled_out"),
            ("ICD10CM:K21.9", "Gastro-esophageal reflux disease", "2020-01-01", "resolved"),
        )
    ]
    assert record(people(conditions=rows), "A").diagnoses == (
        "Heart attack May 2026",
        "Stroke Dec 2018",
        "High blood pressure",
    )


def test_of_other_diagnoses_only_active_ones_are_named_and_those_with_our_own_words_first() -> None:
    made = [
        ("ICD10CM:M10.9", "Gout, unspecified", "2024-01-01", "active"),
        ("ICD10CM:I10", "Essential (primary) hypertension", "2013-06-20", "active"),
        ("ICD10CM:I21.4", "NSTEMI", "2020-01-01", "resolved"),
        ("ICD10CM:E11.9", "Type 2 diabetes mellitus without complications", "2019-01-01", "ruled_out"),
    ]
    rows: list[dict[str, str | float]] = [
        {"patient_id": "A", "code": code, "label": label, "onset_date": day, "status": status}
        for code, label, day, status in made
    ]
    assert record(people(conditions=rows), "A").diagnoses == ("Heart attack Jan 2020", "High blood pressure", "Gout")


def test_the_last_decision_in_force_counts() -> None:
    rows = [
        decision("pgx", "deny", "2026-01-01"),
        decision("pgx", "permit", "2026-03-01"),
        decision("prs", "permit", "2024-01-01", "2025-01-01"),
        decision("carrier", "deny", "2027-01-01"),
    ]
    consent = record(people(consent=rows), "A").consent
    assert [consent.decision("care", scope) for scope in ("pgx", "prs", "carrier")] == ["permit", "", ""]
    assert consent.uses("permit") == ("care",)
    assert consent.uses("deny") == ()
    assert not record(people(consent=rows), "B").consent.recorded


def test_a_decision_on_all_scopes_holds_for_each() -> None:
    consent = record(people(consent=[decision("all", "deny", "2026-01-01")]), "A").consent
    assert consent.decision("care", "primary_findings") == "deny"
    assert consent.uses("deny") == ("care",)


def test_a_use_that_is_denied_in_one_scope_alone_bears_it() -> None:
    consent = record(people(consent=[decision("pgx", "deny", "2026-01-01")]), "A").consent
    assert consent.uses("deny") == ("care for medicine genes",)


def test_relatives_are_named_with_diagnosis_and_age() -> None:
    rows: list[dict[str, str | float]] = [
        {"patient_id": "A", "relation": "mat_grandmother", "condition_code": "ICD10CM:C56.9", "onset_age": 58.0},
        {"patient_id": "A", "relation": "father", "condition_code": "ICD10CM:Q99", "onset_age": float("nan")},
    ]
    assert record(people(family_history=rows), "A").relatives == (
        Relative("Maternal grandmother", "Ovarian cancer at 58"),
        Relative("Father", "ICD10CM:Q99"),
    )


def test_the_record_holds_only_the_rows_of_its_patient() -> None:
    found = record(people(medications=[drug("aspirin", "active"), drug("insulin", "active", patient="B")]), "B")
    assert found.patient == "B"
    assert found.cohort.table("medications")["drug"].tolist() == ["insulin"]
    assert (record(people(), "A").text("allergy"), found.text("allergy")) == ("penicillin", "")
