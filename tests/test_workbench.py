"""The workbench: a small cohort from tables to worklist, its account, its quality, and what is written."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from precision.cohort import Cohort
from precision.errors import InputError
from precision.io import read
from precision.model import registry
from precision.pgx.of_cohort import calls_of
from precision.pgx.review import SEVEREST_FIRST
from precision.schema import variables
from precision.synth import load_sample
from precision.workbench import Assessment, account, assess, completeness, data_behind, loaded, quality, worklist
from precision.workbench.declining import declined
from precision.workbench.genes_loaded import genes_loaded
from precision.workbench.genotyped import RULES, values_of
from precision.workbench.medicines import medicines

SAMPLE = Path(__file__).parents[1] / "sample_data"
ON = date(2026, 6, 30)
NAN = float("nan")
NAMES = (
    ("patient_id", "age", "sex", "systolic_bp", "diastolic_bp", "total_cholesterol", "hdl_cholesterol")
    + ("egfr", "bmi", "diabetes", "current_smoker", "statin_treatment", "antihypertensive_treatment")
)  # fmt: skip
PEOPLE: tuple[tuple[str | float, ...], ...] = (
    ("well", 45.0, "female", 115.0, 70.0, 180.0, 60.0, 95.0, 23.0, 0.0, 0.0, 0.0, 0.0),
    ("high", 70.0, "male", 150.0, 85.0, 240.0, 40.0, 70.0, 29.0, 1.0, 1.0, 0.0, 0.0),
    ("gap", 50.0, "female", 118.0, 72.0, NAN, 55.0, 90.0, 24.0, 0.0, 0.0, 0.0, 0.0),
    ("old", 84.0, "female", 118.0, 72.0, 200.0, 55.0, 80.0, 24.0, 0.0, 0.0, 0.0, 0.0),
    ("severe", 55.0, "male", 190.0, 100.0, 200.0, 50.0, 90.0, 26.0, 0.0, 0.0, 0.0, 0.0),
)


def cohort(people: tuple[tuple[str | float, ...], ...] = PEOPLE) -> Cohort:
    patients = pd.DataFrame(list(people), columns=list(NAMES)).astype({"patient_id": "str", "sex": "str"})
    labs = pd.DataFrame(
        {
            "patient_id": ["high", "high", "well"],
            "variable": ["ldl_cholesterol", "ldl_cholesterol", "ldl_cholesterol"],
            "value": [160.0, 150.0, 3.4],
            "time": pd.to_datetime(["2026-05-01", "2025-05-01", "2024-02-03"]),
        }
    )
    consent = pd.DataFrame({"patient_id": ["high", "gap"], "use": ["care", "care"]})
    drugs = pd.DataFrame(
        {"patient_id": ["high", "high"], "drug": ["paracetamol", "x"], "status": ["active", "planned"]}
    )
    tables = {"patients": patients, "observations": labs, "consent": consent, "medications": drugs}
    return Cohort("test", tables, ON)


@pytest.fixture(scope="module")
def assessment() -> Assessment:
    return assess(cohort())


def test_every_registered_model_is_run_on_every_patient(assessment: Assessment) -> None:
    assert set(assessment.results) == set(registry())
    assert all(len(result) == len(PEOPLE) for result in assessment.results.values())


def test_only_the_asked_models_are_run_and_an_unknown_one_is_refused() -> None:
    assert set(assess(cohort(), ["pooled_cohort"]).results) == {"pooled_cohort"}
    with pytest.raises(InputError, match=r"no model is called 'framingham'.*prevent"):
        assess(cohort(), ["framingham"])


def test_progress_is_told_to_the_end() -> None:
    told: list[tuple[int, int]] = []
    assess(cohort(), ["prevent"], lambda done, total, step: told.append((done, total)))
    assert told[0] == (0, 4)
    assert told[-1] == (4, 4)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_the_worklist_has_the_most_severe_first_and_leaves_out_who_is_well(assessment: Assessment) -> None:
    rows = worklist(assessment)
    assert list(rows["patient"]) == ["severe", "high", "gap"]
    assert list(rows["priority"]) == ["Act now", "Review", "Not estimated"]
    assert list(rows["level"]) == [4, 3, 0]
    assert list(rows["sex"]) == ["M", "M", "F"]
    assert list(rows["age"]) == [55, 70, 50]


def test_the_worklist_says_why_and_how_much_more(assessment: Assessment) -> None:
    rows = worklist(assessment).set_index("patient").to_dict("index")
    for patient, row in rows.items():
        assert row["actions"] == len(assessment.actions.for_patient(str(patient)))
        assert row["why"].endswith(f", and {row['actions'] - 1} more") == (row["actions"] > 1)
    assert rows["severe"]["why"].startswith("Blood pressure 190/100 mmHg")
    assert rows["gap"]["why"] == "Heart risk not estimated: total cholesterol missing"
    assert rows["high"]["domains"] == "Heart, Prevention"


def test_the_worklist_knows_the_newest_value_and_the_share_that_is_known(assessment: Assessment) -> None:
    rows = worklist(assessment).set_index("patient").to_dict("index")
    assert rows["high"]["updated"] == pd.Timestamp("2026-05-01")
    assert pd.isna(rows["gap"]["updated"])
    assert rows["high"]["complete"] == 1
    # PREVENT asks for 10 inputs for heart attack or stroke: age, sex, total and HDL cholesterol, systolic pressure,
    # diabetes, smoking, eGFR, blood pressure medicine and statin
    assert rows["gap"]["complete"] == pytest.approx(9 / 10)


def test_without_a_model_nothing_is_called_complete() -> None:
    bare = assess(cohort(), [])
    assert np.isnan(completeness(bare)).all()
    assert data_behind(bare, "high").missing == ()


def test_a_cohort_without_patients_has_an_empty_worklist_and_no_errors(tmp_path: Path) -> None:
    empty = assess(Cohort("empty", {"patients": pd.DataFrame({"patient_id": pd.Series([], dtype="str")})}, ON))
    assert worklist(empty).empty
    assert list(worklist(empty).columns) == list(worklist(assess(cohort())).columns)
    assert quality(empty)[0].count == 0
    assert loaded(empty) == (("Patients", 0),)
    assert all("computed for 0 of 0" in line for result in empty.results.values() for line in account(result))
    empty.save(tmp_path)
    assert pd.read_parquet(tmp_path / "results.parquet").empty


def test_a_cohort_of_whom_nothing_is_known_is_not_estimated_and_asks_for_nothing_it_cannot_know_to_be_due() -> None:
    blank = assess(Cohort("blank", {"patients": pd.DataFrame({"patient_id": ["a", "b"]})}, ON))
    assert worklist(blank).empty  # age is not known, so no rule is for them
    assert completeness(blank).tolist() == [0, 0]
    assert data_behind(blank, "a").rows[0] == ("Risk inputs", "0 of 10")


def test_the_account_counts_what_was_computed_and_why_not(assessment: Assessment) -> None:
    lines = account(assessment.results["prevent"])
    ascvd = next(line for line in lines if "heart attack or stroke, 10 years" in line)
    assert ascvd.endswith("computed for 3 of 5; why not: total cholesterol missing 1, age out of range 1")


def test_the_data_behind_a_page_are_counted(assessment: Assessment) -> None:
    behind = data_behind(assessment, "gap")
    rows = dict(behind.rows)
    assert behind.missing == ("Total cholesterol",)
    assert rows["Risk inputs"] == "9 of 10"  # as the page says of the number that it shows
    assert rows["Consent"] == "recorded"
    assert rows["Newest value"] == "undated"
    assert rows["Medicines"] == "not recorded"
    high = dict(data_behind(assessment, "high").rows)
    assert high["Medicines"] == "1 now, 1 planned"
    assert high["Newest value"] == "1 May 2026"
    ahead = {"patient_id": ["high"] * 2, "drug": ["x"] * 2, "start": pd.to_datetime([ON, date(2999, 1, 1)])}
    later = replace(cohort(), tables={**cohort().tables, "medications": pd.DataFrame(ahead)})
    assert dict(data_behind(assess(later, []), "high").rows)["Medicines"] == "1 now, 1 planned"
    with pytest.raises(InputError, match="no patient 'nobody'"):
        data_behind(assessment, "nobody")


def test_quality_counts_doubtful_values_gaps_and_consent(assessment: Assessment) -> None:
    found = {item.label: item for item in quality(assessment)}
    assert found["Values out of range"].count == 1  # LDL cholesterol 3.4 mg/dL looks like mmol/L
    assert found["Values out of range"].detail == "LDL cholesterol 1"
    assert found["Heart risk not estimated"].count == 2
    assert found["Consent missing"].count == 3


def test_what_is_loaded_is_counted_by_patient(assessment: Assessment) -> None:
    assert dict(loaded(assessment)) == {
        "Patients": 5,
        "Clinical measurements": 5,
        "Laboratory results": 5,
        "Lifestyle": 5,
        "Medicines": 5,
        "Diagnoses": 5,
        "Consent": 2,
    }


def test_the_saved_results_are_those_of_the_command_risk(assessment: Assessment, tmp_path: Path) -> None:
    assessment.save(tmp_path)
    saved = pd.read_parquet(tmp_path / "results.parquet")
    expected = pd.concat([result.to_frame() for result in assessment.results.values()])
    assert list(saved.columns) == [*expected.columns, "level"]
    classes = saved["level"].notna()
    assert classes.any()
    saved["value"] = saved["value"].astype(object).where(~classes, saved["level"])
    saved, expected = (f[list(expected)].astype({"value": object}).fillna({"value": "none"}) for f in (saved, expected))
    keys = ["model", "outcome", "horizon_years", "row_id"]
    texts = dict.fromkeys(("model", "outcome", "row_id", "status", "reasons"), "str")
    found, wanted = (f.astype(texts).sort_values(keys).reset_index(drop=True) for f in (saved, expected))
    pd.testing.assert_frame_equal(found, wanted)
    actions, plan = (pd.read_parquet(tmp_path / f"{name}.parquet") for name in ("actions", "plan"))
    due = assessment.plan.worklist()
    assert (plan["state"] == "due").sum() == len(due)
    assert set(plan.loc[plan["overdue"], "patient"]) == set(due.loc[due["overdue"], "patient"])
    assert len(actions) == len(assessment.actions)
    assert list(actions["patient"].unique()) == [p for p in assessment.cohort.ids if assessment.actions.for_patient(p)]


def test_files_written_in_parts_hold_what_one_part_holds(assessment: Assessment, tmp_path: Path) -> None:
    assessment.save(tmp_path / "whole")
    assessment.save(tmp_path / "parts", at_once=2)
    by_rule = ["patient", "rule"]
    for name, keys in (
        ("results", ["model", "outcome", "horizon_years", "row_id"]),
        ("actions", by_rule),
        ("plan", by_rule),
    ):
        frames = [pd.read_parquet(tmp_path / part / f"{name}.parquet") for part in ("whole", "parts")]
        texts = [name for name in frames[0] if not pd.api.types.is_numeric_dtype(frames[0][name])]
        whole, parts = (f.astype(dict.fromkeys(texts, "str")).sort_values(keys).reset_index(drop=True) for f in frames)
        pd.testing.assert_frame_equal(whole, parts)


def test_the_order_of_patients_does_not_change_what_is_said_of_each() -> None:
    forward, backward = assess(cohort()), assess(cohort(PEOPLE[::-1]))
    for name, result in forward.results.items():
        np.testing.assert_array_equal(result.value, backward.results[name].value[::-1])
    np.testing.assert_array_equal(forward.actions.state, backward.actions.state[::-1])
    pd.testing.assert_frame_equal(worklist(forward), worklist(backward))


# ------------------------------------------------------------------------------------------------------------ genes
@pytest.fixture(scope="module")
def sample() -> Assessment:
    return assess(load_sample(), ["warfarin_iwpc", "warfarin_iwpc_clinical", "prevent"])


def test_a_cohort_without_genes_has_no_calls_and_writes_none(assessment: Assessment, tmp_path: Path) -> None:
    assert assessment.calls is None
    assessment.save(tmp_path)
    assert not (tmp_path / "pgx_calls.parquet").exists()


def test_the_called_genes_enter_the_dose_of_warfarin(sample: Assessment) -> None:
    # P-00004: 72 years, 158 cm, 61.4 kg, Asian, no inducer or amiodarone on record, VKORC1 A/A, CYP2C9 *1/*3.
    # Klein 2009: 5.6044 - 0.2614 x 7 + 0.0087 x 158 + 0.0128 x 61.4 - 1.6974 - 0.9357 - 0.1092 = 3.1928; squared
    dose = sample.results["warfarin_iwpc"].finding("P-00004")
    assert dose.value == pytest.approx(3.19282**2, abs=0.001)
    assert sample.results["warfarin_iwpc_clinical"].finding("P-00004").value > 1.5 * dose.value


def test_an_input_from_the_genotypes_says_so(sample: Assessment) -> None:
    for name, gene, level in (("cyp2c9_genotype", "CYP2C9", "*1/*3"), ("vkorc1_1639", "VKORC1", "A/A")):
        origin = sample.features.origin("P-00004", name)
        assert variables()[name].levels[int(origin.value)] == level
        assert origin.derived_from == f"{gene} called from genotypes"
    called = sample.features.column("cyp2c9_genotype")
    assert sample.cohort.genotypes is not None
    assert called is not None
    assert np.isnan(called[~np.isin(sample.features.ids, sample.cohort.genotypes.samples)]).all()


def test_a_genotype_that_a_table_gives_stays_and_the_difference_is_counted() -> None:
    cohort = load_sample().take(pd.Index(["P-00004", "P-00001"]))
    patients = cohort.tables["patients"].assign(cyp2c9_genotype=["*2/*2", np.nan])
    told = assess(replace(cohort, tables={**cohort.tables, "patients": patients}), [])
    assert told.features.origin("P-00004", "cyp2c9_genotype").table == "patients"
    found = told.features.column("cyp2c9_genotype")
    assert found is not None
    assert [variables()["cyp2c9_genotype"].levels[int(code)] for code in found] == ["*2/*2", "*1/*1"]
    assert told.features.derived["cyp2c9_genotype"].contradictions == 1


@pytest.mark.parametrize(
    ("diplotype", "level"),
    [("*1/*3", "*1/*3"), ("*1/*11", "other"), ("*1/*2 or *1/*61", "*1/*2"), ("*1/*3 or *2/*2", ""), ("", "")],
)
def test_the_equations_take_the_pair_of_common_alleles(diplotype: str, level: str) -> None:
    assert RULES["cyp2c9_genotype"].level(diplotype) == level


def test_the_common_alleles_count_only_where_their_positions_were_tested(sample: Assessment) -> None:
    only = sample.cohort.take(pd.Index(["P-00004"]))
    untested = replace(only, genotypes=None)  # the table of variants lists what differs: *2 was not told
    calls = calls_of(untested)
    assert "*1/*3" in calls.diplotype("CYP2C9")[0]
    assert np.isnan(values_of(calls, "cyp2c9_genotype")).all()
    assert values_of(calls, "vkorc1_1639").tolist() == [2]


def test_the_calls_are_written_gene_by_gene_without_who_denies_it(sample: Assessment, tmp_path: Path) -> None:
    sample.save(tmp_path, at_once=70)
    written = pd.read_parquet(tmp_path / "pgx_calls.parquet")
    assert list(written.columns) == [
        *("patient", "gene", "diplotype", "phenotype", "phenotype_dpwg", "activity_score", "status")
    ]
    denying = {str(patient) for patient in sample.cohort.ids[declined(sample.cohort)]}
    assert len(denying) == 7
    assert len(written) == (300 - 7) * 20
    assert not denying & set(written["patient"])
    line = written[(written["patient"] == "P-00001") & (written["gene"] == "CYP2C19")].iloc[0]
    assert (line["diplotype"], line["phenotype"], line["status"]) == ("*2/*2", "Poor Metabolizer", "called")


def test_a_laboratory_s_file_beside_the_tables_gives_the_genes_that_variants_cannot() -> None:
    read_in = read([SAMPLE / name for name in ("patients_wide.csv", "germline.vcf.gz", "outside_calls.tsv")])
    assert read_in.cohort is not None
    status = calls_of(read_in.cohort).status("CYP2D6")
    reported = len((SAMPLE / "outside_calls.tsv").read_text(encoding="utf-8").splitlines()) - 1
    assert np.count_nonzero(status == "called") == reported


def test_the_data_behind_a_page_count_the_positions_of_the_file(sample: Assessment) -> None:
    assert dict(data_behind(sample, "P-00004").rows)["Genotypes"].startswith("92 positions, ")


# -------------------------------------------------------------------------------------------------------- medicines
def written_medicines(assessment: Assessment, folder: Path, at_once: int = 50_000) -> pd.DataFrame:
    assessment.save(folder, at_once)
    return pd.read_parquet(folder / "medicines.parquet").astype({"drug": "str", "how": "str", "word": "str"})


def test_every_listed_medicine_is_written_with_one_leading_answer(sample: Assessment, tmp_path: Path) -> None:
    written = written_medicines(sample, tmp_path / "whole")
    listed = sample.pharmacy.listed
    assert written["leads"].sum() == len(listed)
    words = listed.word[~np.isin(listed.person, sample.cohort.ids.get_indexer(declining(written)))]
    leading = written[written["leads"] & (written["how"] != "declined")]
    assert sorted(leading["word"]) == sorted(words)
    parts = written_medicines(sample, tmp_path / "parts", at_once=70)
    pd.testing.assert_frame_equal(parts.astype("str"), written.astype("str"))


def declining(written: pd.DataFrame) -> pd.Index:
    return pd.Index(written.loc[written["how"] == "declined", "patient"].unique())


def test_the_written_answers_are_those_of_the_guidelines(sample: Assessment, tmp_path: Path) -> None:
    written = written_medicines(sample, tmp_path)
    # CPIC 2022 (doi:10.1002/cpt.2526): a CYP2C19 poor metaboliser after a stent avoids clopidogrel if possible.
    clopidogrel = written[(written["patient"] == "P-00001") & (written["drug"] == "clopidogrel")]
    first = clopidogrel[clopidogrel["leads"]].iloc[0]
    assert (first["body"], first["population"], first["action"]) == ("CPIC", "acs_pci", "avoid")
    assert (first["word"], first["how"], first["basis"]) == ("Avoid", "certain", "genotype")
    # CPIC 2018 (doi:10.1002/cpt.1007): with CYP2D6 *1/*1 the usual dose; paroxetine makes it a poor metaboliser.
    tamoxifen = written[(written["patient"] == "P-00011") & (written["drug"] == "tamoxifen")]
    cpic = tamoxifen[tamoxifen["body"] == "CPIC"].set_index("basis")["action"]
    assert cpic.to_dict() == {"clinical": "alternative", "genotype": "standard"}


def test_a_medicine_without_an_answer_is_written_too(assessment: Assessment, tmp_path: Path) -> None:
    written = written_medicines(assessment, tmp_path).sort_values("recorded")
    assert list(written["recorded"]) == ["paracetamol", "x"]
    assert list(written["drug"]) == ["acetaminophen", ""]
    assert list(written["word"]) == ["No guidance", "Not determined"]
    assert list(written["planned"]) == [False, True]


def test_of_who_denies_the_use_of_genes_only_the_medicines_are_written(tmp_path: Path) -> None:
    alone = load_sample().take(pd.Index(["P-00001"]))
    consent = pd.DataFrame({"patient_id": ["P-00001"], "use": ["care"], "scope": ["pgx"], "decision": ["deny"]})
    denied = assess(replace(alone, tables={**alone.tables, "consent": consent}), [])
    written = written_medicines(denied, tmp_path)
    assert "clopidogrel" in set(written["drug"])
    assert set(written["how"]) == {"declined"}
    assert (written[["word", "body", "rule", "action", "basis"]].astype("str") == "").all(axis=None)
    assert denied.medicine_list().empty


def test_the_list_in_words_says_what_the_page_says(sample: Assessment) -> None:
    patients = [f"P-{number:05}" for number in range(1, 16)]
    rows = sample.medicine_list(patients)
    assert {"P-00001", "P-00002", "P-00003", "P-00004", "P-00011"} <= set(rows["patient"]) <= set(patients)
    for patient, mine in rows.groupby("patient"):
        page = {one.drugs: one for one in medicines(sample, str(patient)).listed or ()}
        for row in mine.itertuples():
            one = page[(str(row.drug),)]
            lead = one.leading
            assert row.word == one.word
            assert (row.title, row.because) == ((lead.title, lead.because) if lead else ("", ""))
        assert mine["word"].map(SEVEREST_FIRST.index).is_monotonic_increasing
    with pytest.raises(InputError, match="no patient 'nobody'"):
        sample.medicine_list(["nobody"])


# ------------------------------------------------------------------------------------------- actions of medicines
def taking(*drugs: tuple[str, str, str]) -> Assessment:
    """Two poor metabolisers of CYP2D6 and CYP2C19, A and B; drugs : patient, name, status."""
    patients = pd.DataFrame({"patient_id": ["A", "B"], "age": [60.0, 60.0], "sex": ["female", "male"]})
    alleles = (("CYP2D6", "*4/*4"), ("CYP2C19", "*2/*2"))
    genes = pd.DataFrame(
        [(patient, *told) for patient in "AB" for told in alleles], columns=["patient_id", "gene", "diplotype"]
    )
    listed = pd.DataFrame(list(drugs), columns=["patient_id", "drug", "status"])
    return assess(Cohort("test", {"patients": patients, "medications": listed, "diplotypes": genes}, ON), [])


def of_medicines(assessment: Assessment, patient: str) -> list[tuple[str, str, str]]:
    """Word, medicine and source of each action."""
    found = [one for one in assessment.actions.for_patient(patient) if one.domain == "Medicines"]
    return [(one.word, ", ".join(look.label for look in one.looked_at), one.source) for one in found]


def test_each_medicine_is_an_action_of_its_own_with_its_own_source() -> None:
    names = ("clopidogrel", "metoprolol", "codeine", "flecainide", "amitriptyline")
    found = of_medicines(taking(*(("A", name, "active") for name in names)), "A")
    # CPIC on CYP2C19 *2/*2: clopidogrel 2022; on CYP2D6 *4/*4: codeine 2021 (opioids); on both: amitriptyline 2016
    assert found[:3] == [
        ("Avoid", "Clopidogrel", "CPIC 2022"),
        ("Avoid", "Codeine", "CPIC 2021"),
        ("Avoid", "Amitriptyline", "CPIC 2016"),
    ]
    assert {name for _, name, _ in found[3:]} == {"Metoprolol", "Flecainide"}


def test_the_worklist_counts_every_medicine_and_the_table_has_a_row_for_each() -> None:
    assessment = taking(("A", "codeine", "active"), ("B", "codeine", "active"), ("B", "clopidogrel", "active"))
    assert worklist(assessment).set_index("patient")["why"].to_dict() == {
        "A": "Avoid codeine (CYP2D6)",
        "B": "Avoid codeine (CYP2D6), and 1 more",
    }
    frame = assessment.actions.frame()
    assert frame["patient"].tolist() == ["A", "B", "B"]
    starts = ("Avoid codeine", "Avoid codeine", "Avoid clopidogrel")
    assert all(title.startswith(start) for title, start in zip(frame["title"], starts, strict=True))
    assert frame["rule"].nunique() == 2


def test_a_medicine_that_is_listed_twice_is_one_action() -> None:
    twice = taking(("A", "codeine", "active"), ("A", "Codeine phosphate 30 mg", "active"), ("B", "codeine", "active"))
    assert [name for _, name, _ in of_medicines(twice, "A")] == ["Codeine"]
    assert worklist(twice)["actions"].tolist() == [1, 1]


def test_of_a_gene_that_is_not_known_each_planned_medicine_asks_for_its_own_test() -> None:
    planned = taking(("A", "capecitabine", "active"), ("A", "capecitabine", "planned"), ("A", "warfarin", "planned"))
    found = [(word, name) for word, name, _ in of_medicines(planned, "A")]
    assert found == [("Not determined", "Capecitabine"), ("Not determined", "Warfarin")]
    assert of_medicines(taking(("A", "capecitabine", "active")), "A") == []


def test_another_medicine_is_named_only_where_it_changes_what_the_genes_say() -> None:
    """Phenytoin speeds up CYP2C19 where nothing is left of it; paroxetine blocks CYP2D6 of a normal metaboliser."""
    poor = taking(("A", "clopidogrel", "active"), ("A", "phenytoin", "active"))
    (reason,) = (one.reason for one in poor.actions.for_patient("A") if one.title.startswith("Avoid clopidogrel"))
    assert "phenytoin" not in reason
    sample = assess(load_sample().take(pd.Index(["P-00011"])), [])
    (reason,) = (one.reason for one in sample.actions.for_patient("P-00011") if one.title.startswith("Avoid tramadol"))
    assert reason.endswith("This is so with paroxetine.")


def test_a_medicine_that_waits_for_a_gene_result_is_counted_once_a_patient_unless_it_is_denied() -> None:
    drugs = pd.DataFrame({"patient_id": ["a", "a", "b", "c"], "drug": ["codeine", "codeine", "codeine", "xyzzy"]})
    people = pd.DataFrame({"patient_id": ["a", "b", "c"]})
    deny = pd.DataFrame({"patient_id": ["b"], "use": ["care"], "scope": ["pgx"], "decision": ["deny"]})
    known = Cohort("w", {"patients": people, "medications": drugs.assign(status="active"), "consent": deny}, ON)
    found = {item.label: item for item in quality(assess(known))}["Medicines not judged"]
    assert found.count == 2
    assert "codeine 1" in found.detail
    assert "name not recognised 1" in found.detail


def test_the_upload_and_the_medicines_page_count_the_same_genes() -> None:
    found = assess(load_sample().take(pd.Index(["P-00001"])))
    counts = pd.DataFrame({"table": [], "file": []}, dtype="str")
    told = genes_loaded(found, counts)
    assert told is not None
    rows = medicines(found, "P-00001").genes
    assert {one.gene for one in told.genes} == {row.call.gene for row in rows}
    assert len(told.with_result) == sum(row.determined for row in rows)
