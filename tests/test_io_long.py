"""Long tables: each row finds its variable, its unit and its patient."""

from math import nan

import numpy as np
import pandas as pd
import pytest

from precision.io import Import, read

PEOPLE = ("patients.csv", b"patient_id,sex,age\na,f,50\nb,m,61\n")


def load(name: str, text: str, *more: tuple[str, bytes], people: bool = True) -> Import:
    return read([*([PEOPLE] if people else []), (name, text.encode()), *more])


def table(imported: Import, name: str) -> pd.DataFrame:
    assert imported.cohort is not None, imported.issues.to_string()
    return imported.cohort.tables[name]


def codes(imported: Import) -> list[tuple[int, str, str]]:
    grave = imported.issues[imported.issues["severity"] != "info"]
    return list(zip(grave["row"], grave["column"], grave["code"], strict=True))


def test_labs_are_told_by_loinc_or_name_and_converted_by_their_unit() -> None:
    imported = load(
        "labs.csv",
        "patient_id,test,result,units,date\n"
        "a,13457-7,131,mg/dL,2020-01-02\n"  # LDL by LOINC
        "a,LOINC:22748-8,3.4,mmol/L,2020-01-03\n"  # its SI twin
        "b,14682-9,88.4,,2020-01-04\n"  # creatinine: the code itself is defined in umol/L
        "b,hba1c,48,mmol/mol,2020-01-05\n"
        "b,SBP,128,mmHg,2020-01-05\n",
    )
    rows = table(imported, "observations")
    assert rows["variable"].tolist() == ["ldl_cholesterol", "ldl_cholesterol", "creatinine", "hba1c", "systolic_bp"]
    # by hand: 3.4 / 0.02586 = 131.477; 88.4 umol/L = 1 mg/dL; 48 * 0.09148 + 2.152 = 6.54304
    assert rows["value"].tolist() == pytest.approx([131, 3.4 / 0.02586, 1.0, 6.54304, 128])
    assert rows["time"].dt.day.tolist() == [2, 3, 4, 5, 5]
    assert rows["value_source"].tolist() == ["131", "3.4", "88.4", "48", "128"]
    assert codes(imported) == []


def test_what_is_wrong_with_a_value_is_said_at_its_row() -> None:
    imported = load(
        "labs.csv",
        "patient_id,code,value,unit,date\n"
        "a,ldl,abc,mg/dL,2020-01-01\n"
        "a,ldl,3.4,mg/dL,2020-01-02\n"
        "a,ldl,131,furlong,2020-01-03\n"
        "z,ldl,131,mg/dL,2020-01-04\n"
        "a,ldl,,mg/dL,2020-01-05\n"
        "a,,7,mg/dL,2020-01-06\n"
        "a,ldl,130,mg/dL,2020-13-06\n"
        "a,egfr,60,mL/min,2020-01-07\n"
        "a,ldl,140,mg/dL,2020-01-08\n"
        "a,ldl,140,mg/dL,2020-01-08\n",
    )
    assert set(codes(imported)) == {
        (2, "value", "not_a_number"),
        (1, "value", "unit_suspect"),
        (3, "value", "unit_suspect"),
        (4, "value", "unknown_unit"),
        (5, "patient_id", "orphan_patient"),
        (6, "value", "empty_value"),
        (7, "code", "missing_required"),
        (8, "date", "bad_date"),
        (9, "value", "unit_mismatch"),
        (11, "patient_id", "duplicate_row"),
    }
    assert table(imported, "observations")["source_row"].tolist() == [3, 10]
    account = imported.counts[imported.counts["file"] == "labs.csv"]
    assert account[["rows_in", "accepted", "quarantined"]].to_numpy().tolist() == [[10, 2, 8]]


def test_unknown_measurements_are_kept_under_their_own_code() -> None:
    imported = load("labs.csv", "patient_id,code,value\na,99999-9,7.5\na,99999-9,high\n")
    rows = table(imported, "observations")
    assert rows["variable"].tolist() == ["99999-9", "99999-9"]
    assert rows["value"].tolist()[0] == 7.5
    assert rows["value_source"].tolist() == ["7.5", "high"]
    assert imported.issues["code"].tolist() == ["unknown_observation", "unknown_observation"]


def test_words_and_limits_become_values() -> None:
    imported = load("labs.csv", "patient_id,code,value\na,72166-2,Never smoker\na,uacr,<5\n")
    rows = table(imported, "observations")
    assert rows["value"].tolist() == [0.0, 5.0]  # never is the first level of smoking status
    assert rows["comparator"].tolist() == ["", "<"]


def test_conditions_have_their_code_system_and_state() -> None:
    imported = load(
        "diagnoses.csv",
        "patient,code,description,start,stop\na,E119,Type 2 diabetes,2010-01-01,\n"
        "b,44054006,Diabetes,2011-01-01,2012-01-01\n"
        "b,ICD10CM:I10,Hypertension,,\n",
    )
    rows = table(imported, "conditions")
    assert rows["code"].tolist() == ["ICD10CM:E11.9", "SNOMED:44054006", "ICD10CM:I10"]
    assert rows["status"].tolist() == ["active", "resolved", "active"]
    assert rows["label"].tolist() == ["Type 2 diabetes", "Diabetes", "Hypertension"]


def test_medicines_are_named_by_name_or_code() -> None:
    imported = load(
        "medications.csv",
        "patient_id,drug,code,dose,start,stop,status\na,clopidogrel,RXNORM:32968,75 mg,2020-01-01,,\n"
        "a,,B01AC04,,2020-01-01,2021-01-01,\nb,aspirin,,,,,planned\nb,,,,,,\nb,aspirin,,,,,perhaps\n",
    )
    rows = table(imported, "medications")
    assert rows["code"].fillna("").tolist() == ["RXNORM:32968", "ATC:B01AC04", ""]
    assert rows["status"].tolist() == ["active", "stopped", "planned"]
    assert codes(imported) == [(5, "drug", "missing_required"), (6, "status", "unknown_code")]


def test_a_medicine_with_a_stop_to_come_is_not_stopped() -> None:
    imported = load(
        "medications.csv",
        "patient_id,drug,start,stop\na,codeine,2020-01-01,2999-12-31\na,paroxetine,2020-01-01,2021-12-31\n",
    )
    assert table(imported, "medications")["status"].tolist() == ["active", "stopped"]


@pytest.mark.parametrize(
    ("name", "header"), [("medications.csv", "drug,start,stop"), ("conditions.csv", "code,onset_date,end_date")]
)
def test_an_end_before_its_beginning_is_a_warning(name: str, header: str) -> None:
    rows = "a,I10,2021-05-01,2021-04-30\na,E11,2021-05-01T08:00,2021-05-01\na,N18,2021-05-01,\n"
    imported = load(name, f"patient_id,{header}\n{rows}")
    end = header.rpartition(",")[2]
    assert [one for one in codes(imported) if one[1] == end] == [(2, end, "contradiction")]
    assert len(table(imported, name.removesuffix(".csv"))) == 3
    (reason,) = imported.issues.loc[imported.issues["code"] == "contradiction", "reason"]
    assert reason == f"the end lies before the day in column '{header.split(',')[1]}'."


@pytest.mark.parametrize(
    ("cell", "milligrams"),
    [("30", 30), ("30 mg", 30), ("30mg", 30), ("0.5 g", 500), ("75 MG", 75), ("500 µg", 0.5), ("", nan), ("NA", nan)],
)
def test_a_dose_is_a_number_of_mg(cell: str, milligrams: float) -> None:
    imported = load("medications.csv", f"patient_id,drug,dose\na,codeine,{cell}\n")
    assert codes(imported) == []
    np.testing.assert_allclose(table(imported, "medications")["dose"], [milligrams])


@pytest.mark.parametrize(
    "cell", ["2x20 mg", "30-60 mg", '""""""', "5 ml", "10 IU", "30 mg/day", "2 oz", "<30", "-5", "1e9", '"2,5"', "inf"]
)
def test_what_is_no_plain_amount_leaves_the_dose_empty(cell: str) -> None:
    imported = load("medications.csv", f"patient_id,drug,dose\na,codeine,{cell}\n")
    assert codes(imported) == [(2, "dose", "dose_not_read")]
    told = imported.issues[imported.issues["code"] == "dose_not_read"].iloc[0]
    assert (told["severity"], told["action"]) == ("warning", "dropped")
    rows = table(imported, "medications")
    assert rows["drug"].tolist() == ["codeine"]
    assert rows["dose"].isna().all()


def test_the_unit_beside_a_dose_is_read_with_it() -> None:
    rows = "a,codeine,0.5,g\na,aspirin,300,\na,morphine,5,ml\n"
    imported = load("medications.csv", f"patient_id,drug,dose,dose_unit\n{rows}")
    assert codes(imported) == [(4, "dose", "dose_not_read")]
    np.testing.assert_array_equal(table(imported, "medications")["dose"], [500.0, 300.0, np.nan])


def test_dates_before_birth_are_refused() -> None:
    imported = read(
        [
            ("patients.csv", b"patient_id,sex,birth_date\na,f,1960-05-05\n"),
            ("labs.csv", b"patient_id,code,value,date\na,ldl,130,1959-01-01\na,ldl,130,1999-01-01\n"),
        ]
    )
    assert (2, "date", "date_before_birth") in codes(imported)
    assert len(table(imported, "observations")) == 1


def test_lifestyle_may_hold_several_rows_of_a_patient() -> None:
    imported = load(
        "lifestyle.csv", "patient_id,date,smoking_status,pack_years\na,2019-01-01,current,20\na,2021-01-01,former,21\n"
    )
    rows = table(imported, "lifestyle")
    assert rows["smoking_status"].tolist() == ["current", "former"]
    assert rows["time"].dt.year.tolist() == [2019, 2021]
    assert codes(imported) == []


@pytest.mark.parametrize("name", ["lab.csv", "clinic_export.csv", "diplotypes.csv"])
@pytest.mark.parametrize("header", ["diplotype", "Result", "alleles"])
def test_laboratory_results_of_genes_are_known_by_their_columns(name: str, header: str) -> None:
    imported = load(name, f"patient_id,gene,{header},activity_score\na,CYP2D6,*1/*4,1.25\na,CYP2C19,*1/*1,\n")
    assert table(imported, "diplotypes")["diplotype"].tolist() == ["*1/*4", "*1/*1"]
    assert codes(imported) == []


@pytest.mark.parametrize("name", ["m2.csv", "export.csv"])
@pytest.mark.parametrize("header", ["drug,dose,start,status", "medication,atc,stop,sig", "drug_name,dose,route,note"])
def test_a_list_of_medicines_is_known_by_its_columns(name: str, header: str) -> None:
    imported = load(name, f"patient_id,{header}\na,codeine,,,\na,aspirin,,,\nb,codeine,,,\n")
    assert table(imported, "medications")[["patient_id", "drug"]].to_numpy().tolist() == [
        ["a", "codeine"],
        ["a", "aspirin"],
        ["b", "codeine"],
    ]
    assert codes(imported) == []


@pytest.mark.parametrize(
    "header",
    [
        "sex,age,drug,start",  # one row for each patient
        "drug,reaction,status,date",  # what was not tolerated
        "drug,allergy,status,date",
        "drug,value,unit,date",  # levels in blood
        "name,date,status,note",  # of whatever it may be
    ],
)
def test_a_table_that_only_names_medicines_is_no_list_of_them(header: str) -> None:
    text = f"patient_id,{header}\na,codeine,,,\n"
    assert read([("export.csv", text.encode())]).counts["table"].tolist() != ["medications"]


def test_a_phenotype_alone_is_a_laboratory_result_and_nothing_at_all_is_none() -> None:
    rows = "a,CYP2D6,Poor Metabolizer,\na,DPYD,,1.5\nb,TPMT,,\n"
    imported = load("lab.csv", f"patient_id,gene,phenotype,activity_score\n{rows}")
    assert table(imported, "diplotypes")["gene"].tolist() == ["CYP2D6", "DPYD"]
    assert codes(imported) == [(4, "phenotype", "missing_required")]


def test_a_table_of_patients_or_of_variants_with_a_gene_is_no_laboratory_result() -> None:
    wide = load("clinic.csv", "patient_id,sex,age,gene,diplotype\na,male,50,CYP2D6,*1/*4\n")
    assert wide.counts["table"].tolist()[-1] == "patients"
    text = "patient_id,chrom,pos,ref,alt,genotype,gene\na,10,94781859,G,A,0/1,CYP2C19\n"
    assert "diplotypes" not in load("export.csv", text).counts["table"].tolist()
    by_rsid = "patient_id,gene,rsid,genotype\na,CYP2C19,rs4244285,G/A\n"
    assert codes(load("variants.csv", by_rsid)) == [(0, "chrom, pos, ref, alt", "table_not_read")]
    assert "diplotypes" not in load("export.csv", by_rsid).counts["table"].tolist()


def test_other_canonical_tables_are_read_by_name() -> None:
    imported = load(
        "diplotypes.csv",
        "patient_id,gene,diplotype\na,CYP2C19,*2/*2\nb,1-Mar,*1/*1\n",
        ("consent.csv", b"patient_id,use,scope,decision\na,care,all,permit\nb,care,all,perhaps\n"),
        ("family_history.csv", b"patient_id,relation,condition_code,onset_age\na,mother,C50,44\n"),
        ("variants.csv", b"patient_id,assembly,chrom,pos,ref,alt,genotype\na,GRCh38,10,94781859,G,A,0/1\n"),
    )
    assert table(imported, "diplotypes")["diplotype"].tolist() == ["*2/*2"]
    assert table(imported, "consent")["decision"].tolist() == ["permit"]
    assert table(imported, "family_history")["condition_code"].tolist() == ["ICD10CM:C50"]
    assert table(imported, "variants")["pos"].tolist() == [94781859.0]
    assert {code for _, _, code in codes(imported)} == {"excel_mangled_gene", "unknown_code"}


def test_a_long_table_alone_makes_patients_of_whom_little_is_known() -> None:
    imported = load("labs.csv", "patient_id,code,value\na,ldl,131\nb,ldl,120\na,hdl,50\n", people=False)
    assert table(imported, "patients")["patient_id"].tolist() == ["a", "b"]
    assert [code for _, _, code in codes(imported)] == ["no_patients_table"]


def test_the_index_date_is_that_of_the_latest_observation() -> None:
    imported = load("labs.csv", "patient_id,code,value,date\na,ldl,131,2020-01-01\nb,ldl,120,2021-06-07\n")
    assert imported.cohort is not None
    assert imported.cohort.index_date.isoformat() == "2021-06-07"
