"""The Upload page in its states: nothing chosen, checked, refused, corrected, loaded; hostile text is only text."""

import re
from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from precision.io.corrections import Cell
from precision.knowledge.positions import BUILDS, known
from precision.synth.sample import FOLDER
from precision.ui.chrome import SYNTHETIC
from precision.ui.html import note
from precision.ui.upload_state import UPLOAD, Upload
from precision.ui.workspace import KEY

APP = str(Path(__file__).parents[1] / "app.py")
CLINIC = b"""patient_id,sex,age,sbp,note
P-1,female,61,148,a
P-2,male,55,131,b
P-3,female,58,1280,c
P-4,male,47,abc,d
"""


def opened() -> AppTest:
    return AppTest.from_file(APP, default_timeout=60).run().switch_page("pages/upload.py").run()


def with_files(*files: tuple[str, bytes], test: AppTest | None = None) -> AppTest:
    test = test or opened()
    test.file_uploader[0].set_value([(name, data, "text/csv") for name, data in files]).run()
    assert not test.exception
    return test


def said(test: AppTest) -> str:
    """What the page's own markup says, without its tags."""
    return re.sub(r"<[^>]*>", " ", " ".join(str(block.proto.body) for block in test.get("html")))


def account(test: AppTest) -> dict[str, str]:
    """The lines of the first list of the page: label and value."""
    markup = " ".join(str(block.proto.body) for block in test.get("html"))
    lines = re.findall(r"<div><dt>([^<]*)</dt><dd[^>]*>([^<]*)</dd></div>", markup)
    return dict(lines)


def upload_of(test: AppTest) -> Upload:
    chosen = test.session_state[UPLOAD]
    assert isinstance(chosen, Upload)
    return chosen


def labels(test: AppTest) -> dict[str, str]:
    return {str(button.key): button.label for button in test.button}


def xlsx() -> bytes:
    packed = BytesIO()
    pd.DataFrame({"patient_id": ["007", "1E5"], "sex": ["female", "male"], "age": [50, 61]}).to_excel(
        packed, index=False
    )
    return packed.getvalue()


# ------------------------------------------------------------------------------------------------------- choosing
def test_before_a_file_is_chosen_the_page_says_what_is_read_and_offers_an_example() -> None:
    test = opened()
    assert not test.exception
    text = said(test)
    assert "1. File" in text
    assert "Stays in this session" in text
    assert "patient identifier, sex, age or date of birth" in text
    assert "gene with diplotype, phenotype or activity score" in text
    assert "use, scope, and permit or deny" in text
    assert "upload_load" not in labels(test)


def test_a_table_is_checked_and_one_button_states_how_many_rows_it_loads() -> None:
    test = with_files(("clinic.csv", CLINIC))
    assert {k: v for k, v in account(test).items() if k in ("Rows read", "Ready to load", "Quarantined")} == {
        "Rows read": "4",
        "Ready to load": "2",
        "Quarantined": "2",
    }
    assert labels(test)["upload_load"] == "Load 2 rows"
    mapped = test.dataframe[0].value.set_index("Your column")
    assert mapped["Becomes"].to_dict() == {
        "patient_id": "Patient identifier",
        "sex": "Sex",
        "age": "Age",
        "sbp": "Systolic blood pressure",
        "note": "Not used",
    }
    assert mapped["State"].to_dict() == {
        "patient_id": ["● Mapped"],
        "sex": ["● Mapped"],
        "age": ["● Mapped"],
        "sbp": ["■ Fix"],
        "note": ["○ Ignored"],
    }
    assert mapped.loc["sbp", "Unit or coding"] == "mmHg"


def test_what_keeps_rows_out_is_listed_by_row_column_and_value() -> None:
    held = with_files(("clinic.csv", CLINIC)).dataframe[1].value
    assert held[["Row", "Patient", "Column", "Value, editable"]].to_numpy().tolist() == [
        [4, "P-3", "sbp", "1280"],
        [5, "P-4", "sbp", "abc"],
    ]


@pytest.mark.parametrize("name", ["patients_wide.csv", "patients_wide.xlsx"])
def test_the_example_tables_load_without_a_row_lost(name: str) -> None:
    test = with_files((name, (FOLDER / name).read_bytes()))
    lines = account(test)
    read_in = int(lines["Rows read"].replace(",", ""))
    assert read_in == 300
    loads = int(labels(test)["upload_load"].split()[1].replace(",", ""))
    assert loads + int(lines["Quarantined"].replace(",", "")) == read_in


def test_identifiers_of_a_workbook_stay_text() -> None:
    test = with_files(("people.xlsx", xlsx()))
    assert test.dataframe[0].value["Examples"].iloc[0] == "007, 1E5"


def test_several_files_are_joined_and_each_has_its_columns() -> None:
    long = b"patient_id,test,value,unit,date\nP-1,LDL,131,mg/dL,2026-01-02\nP-9,LDL,131,mg/dL,2026-01-02\n"
    test = with_files(("clinic.csv", CLINIC), ("labs.csv", long))
    assert account(test)["Rows read"] == "6"
    assert labels(test)["upload_load"] == "Load 3 rows"
    assert test.dataframe[-1].value["Patient"].tolist() == ["P-3", "P-4", "P-9"]
    test.selectbox(key="upload_table").set_value(1).run()
    assert test.dataframe[0].value["Your column"].tolist() == ["patient_id", "test", "value", "unit", "date"]


# ------------------------------------------------------------------------------------------------------- refused
@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("scan.pdf", b"%PDF-1.7 ...", "a PDF document"),
        ("cohort.json", b'{"patients": []}', "it is JSON"),
        ("germline.vcf", b"##fileformat=VCFv4.2\n", "holds no genotypes that can be used"),
        ("empty.csv", b"", "the file is empty"),
        ("broken.xlsx", b"PK\x03\x04nothing", "damaged"),
        ("noise.csv", bytes(range(256)) * 20, "neither text nor a format that is known"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_the_reason_and_another_can_be_chosen(
    name: str, data: bytes, words: str
) -> None:
    test = with_files((name, data))
    text = said(test)
    assert "Refused" in text
    assert words in text
    assert name in text
    assert len(test.file_uploader) == 1
    with_files(("clinic.csv", CLINIC), test=test)
    assert labels(test)["upload_load"] == "Load 2 rows"
    assert "Refused" not in said(test)


def test_a_file_beyond_the_size_is_refused_by_the_server_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("precision.ui.upload_state.MEGABYTE", 1)
    test = with_files(("clinic.csv", CLINIC * 10))
    assert "is larger than 200 MB" in said(test)
    assert "upload_load" not in labels(test)


def test_a_header_without_rows_says_so() -> None:
    test = with_files(("clinic.csv", b"patient_id,sex,age\n"))
    assert "it has a header line and no row" in said(test).lower()


def test_a_refused_file_does_not_keep_the_others_out() -> None:
    test = with_files(("scan.pdf", b"%PDF-1.7 ..."), ("clinic.csv", CLINIC))
    assert "a PDF document" in said(test)
    assert labels(test)["upload_load"] == "Load 2 rows"


def test_a_table_whose_rows_are_all_wrong_loads_nothing_and_says_why() -> None:
    test = with_files(("clinic.csv", b"patient_id,sex,age\nA,female,900\nB,male,-4\n"))
    assert labels(test)["upload_load"] == "Load 0 rows"
    assert test.button(key="upload_load").disabled
    assert "Every row is in quarantine" in said(test)


def test_text_in_another_encoding_is_read_and_reported() -> None:
    test = with_files(("clinic.csv", "patient_id,sex,age,ort\nA,female,50,Köln\n".encode("cp1252")))
    assert "not UTF-8" in said(test)
    assert labels(test)["upload_load"] == "Load 1 row"


# ------------------------------------------------------------------------------------------------------- decisions
def test_without_an_identifier_row_numbers_are_offered() -> None:
    test = with_files(("clinic.csv", b"sex,age\nfemale,50\nmale,61\n"))
    assert test.button(key="upload_load").disabled
    test.checkbox(key="upload_row_numbers").check().run()
    assert labels(test)["upload_load"] == "Load 2 rows"
    test.checkbox(key="upload_row_numbers").uncheck().run()
    assert test.button(key="upload_load").disabled


def test_a_coding_is_used_only_once_it_is_confirmed_and_can_be_taken_back() -> None:
    test = with_files(("clinic.csv", b"patient_id,sex,age\nA,1,50\nB,2,61\n"))
    assert "1 = male, 2 = female" in said(test)
    assert test.dataframe[0].value["State"].iloc[1] == ["▲ Confirm"]
    assert test.button(key="upload_load").disabled
    test.checkbox(key="upload_coding_0").check().run()
    assert labels(test)["upload_load"] == "Load 2 rows"
    assert test.dataframe[0].value["State"].iloc[1] == ["● Mapped"]
    test.checkbox(key="upload_coding_0").uncheck().run()
    assert test.button(key="upload_load").disabled


def test_a_list_counts_as_complete_only_where_that_is_said() -> None:
    codes = b"patient_id,code\nP-1,ICD10CM:E11.9\n"
    test = with_files(("clinic.csv", CLINIC), ("conditions.csv", codes))
    assert test.checkbox(key="upload_complete_conditions").value is False
    assert "heart disease that is not listed counts as no" in said(test)
    test.checkbox(key="upload_complete_conditions").check().run()
    test.button(key="upload_load").click().run()
    assert test.session_state[KEY].assessment.cohort.complete == {"conditions"}


def test_a_list_that_was_not_loaded_is_not_asked_about() -> None:
    test = with_files(("clinic.csv", CLINIC))
    assert not [box.key for box in test.checkbox if str(box.key).startswith("upload_complete")]


def test_a_corrected_value_brings_its_row_back_and_is_on_record() -> None:
    test = with_files(("clinic.csv", CLINIC))
    cell: Cell = ("clinic.csv", 4, "sbp")
    upload_of(test).edits[cell] = "128"  # an editing table cannot be driven here; a browser test does
    test.run()
    assert test.dataframe[1].value["Value, editable"].iloc[0] == "128"
    assert labels(test)["upload_load"] == "Load 2 rows"
    test.button(key="upload_check").click().run()
    assert labels(test)["upload_load"] == "Load 3 rows"
    assert account(test)["Values corrected here"] == "1"
    assert test.dataframe[1].value["Row"].tolist() == [5]


def test_a_correction_that_is_wrong_too_stays_in_quarantine() -> None:
    test = with_files(("clinic.csv", CLINIC))
    upload_of(test).edits["clinic.csv", 4, "sbp"] = "999"
    test.run()
    test.button(key="upload_check").click().run()
    assert labels(test)["upload_load"] == "Load 2 rows"
    assert test.dataframe[1].value["Value, editable"].iloc[0] == "999"


def test_another_meaning_of_a_column_is_read_again() -> None:
    test = with_files(("clinic.csv", b"patient_id,sex,age,x\nA,female,50,131\n"))
    upload_of(test).mapping["x"] = "ldl_cholesterol"
    upload_of(test).changed()
    test.run()
    mapped = test.dataframe[0].value.set_index("Your column")
    assert mapped.loc["x", "Becomes"] == "LDL cholesterol"
    assert mapped.loc["x", "State"] == ["● Mapped"]


def test_choosing_another_file_forgets_the_decisions() -> None:
    test = with_files(("clinic.csv", b"sex,age\nfemale,50\n"))
    test.checkbox(key="upload_row_numbers").check().run()
    test.button(key="upload_again").click().run()
    assert UPLOAD not in test.session_state
    with_files(("clinic.csv", b"sex,age\nfemale,50\n"), test=test)
    assert test.checkbox(key="upload_row_numbers").value is False
    assert test.button(key="upload_load").disabled


# ------------------------------------------------------------------------------------------------------- loading
def test_loading_makes_it_the_sessions_cohort_and_accounts_for_what_was_not_estimated() -> None:
    test = with_files(("clinic.csv", CLINIC))
    test.button(key="upload_load").click().run()
    assert not test.exception
    text = said(test)
    assert "of 2 patients" in text
    assert "0 of 2" in text
    assert "total cholesterol missing 2" in text
    cohort = test.session_state[KEY].assessment.cohort
    assert list(cohort.ids) == ["P-1", "P-2"]
    assert test.session_state[SYNTHETIC] is False  # what the foot of the page says
    test.button(key="upload_worklist").click().run()
    assert "Uploaded cohort" in said(test)


def test_a_patient_with_all_inputs_is_estimated() -> None:
    header = "patient_id,sex,age,sbp,tc,hdl,diabetes,current_smoker,antihypertensive_treatment,statin_treatment,egfr"
    test = with_files(("clinic.csv", f"{header}\nP-1,female,55,131,213,50,no,no,no,no,90\n".encode()))
    test.button(key="upload_load").click().run()
    assert "1 of 1" in said(test)
    assert "computed for everyone" in said(test)


def test_the_account_of_a_cohort_that_was_left_is_not_shown_any_more() -> None:
    test = with_files(("clinic.csv", CLINIC))
    test.button(key="upload_load").click().run()
    test.switch_page("pages/worklist.py").run()
    test.button(key="worklist_return").click().run()
    test.switch_page("pages/upload.py").run()
    assert "What was estimated" not in said(test)
    assert "1. File" in said(test)


def test_an_upload_is_seen_by_its_own_session_only() -> None:
    with_files(("clinic.csv", CLINIC)).button(key="upload_load").click().run()
    other = opened()
    assert KEY not in other.session_state
    assert UPLOAD not in other.session_state


# ------------------------------------------------------------------------------------------------------- genes
RESULTS = b"""patient_id,gene,result,phenotype,caller
P-1,CYP2D6,banana,,laboratory
P-1,CYP2C19,*1/*2,,laboratory
P-2,CYP2C9,,purple,laboratory
P-2,CYP2D66,*1/*4,,laboratory
P-2,CYP2C19,,Poor Metabolizer,laboratory
"""


def test_a_laboratory_result_that_nobody_understands_is_an_issue_before_it_is_loaded() -> None:
    test = with_files(("clinic.csv", CLINIC), ("lab.csv", RESULTS))
    review = upload_of(test).review
    assert review is not None
    issues = review.imported.issues
    lab = issues[issues["file"] == "lab.csv"]
    assert lab[["row", "column", "value", "code"]].to_numpy().tolist() == [
        [2, "result", "banana", "result_not_understood"],
        [4, "phenotype", "purple", "result_not_understood"],
        [5, "gene", "CYP2D66", "result_not_understood"],
    ]
    text = said(test).replace("&#x27;", "'")
    assert "'banana' is no result of CYP2D6 that is known" in text
    assert "Write alleles as in *1/*4" in text
    assert "'purple' is no phenotype of CYP2C9" in text
    assert "Normal Metabolizer, Intermediate Metabolizer, Poor Metabolizer" in text
    assert "no source here speaks of a gene 'CYP2D66'" in text.lower().replace("cyp2d66", "CYP2D66")
    assert account(test)["Loaded with a warning"] == "3"
    assert account(test)["Ready to load"] == "4"


def test_a_result_that_contradicts_itself_or_lacks_an_allele_is_told_too() -> None:
    rows = b"patient_id,gene,diplotype,phenotype\nP-1,CYP2C9,*1/*1,Poor Metabolizer\nP-2,UGT1A1,*28,\n"
    text = said(with_files(("clinic.csv", CLINIC), ("results.csv", rows)))
    assert "The phenotype of CYP2C9 is not the one that follows from its alleles" in text
    assert "UGT1A1 has one allele here where two are expected" in text


def test_what_was_loaded_of_the_genes_is_told_with_file_build_and_patients() -> None:
    germline = (FOLDER / "germline.vcf.gz").read_bytes()
    wide = (FOLDER / "patients_wide.csv").read_bytes()
    rows = b"patient_id,gene,diplotype\nP-00001,CYP2D6,*1/*4\nP-00001,NOGENE,*1/*1\n"
    test = with_files(("patients.csv", wide), ("germline.vcf.gz", germline), ("lab.csv", rows))
    assert account(test)["Genotypes"] == "242 of 300 patients, GRCh38"
    test.button(key="upload_load").click().run()
    lines = account(test)
    assert lines["1 genotype file"] == "germline.vcf.gz"
    assert lines["Genome build"] == "GRCh38"
    assert lines["Patients with genotypes"] == "242 of 300"
    assert lines["Patients with a laboratory result"] == "1 of 300"
    assert "RYR1" in lines["Genes without one"]
    assert "NOGENE" not in lines["Genes with a result"]
    text = " ".join(said(test).split())
    assert "CYP2D6 1 of 242" in text
    assert "CYP2C19 242 of 242" in text


def test_without_gene_results_nothing_is_told_of_them() -> None:
    test = with_files(("clinic.csv", CLINIC))
    test.button(key="upload_load").click().run()
    assert "Genome build" not in account(test)
    assert "Genes" not in said(test).split()


# ------------------------------------------------------------------------------------------------------- hostile text
def test_uploaded_text_never_reaches_markdown() -> None:
    hostile = "![x](https://example.org/a.png)"
    tag = "<img src=x>"
    table = f'patient_id,sex,age,"{hostile}","{tag}"\nA,{hostile},50,1,2\nB,female,51,{tag},{hostile}\n'
    test = with_files((f"{hostile.replace('/', '')}{tag}.csv", table.encode()))
    marked = [*test.markdown, *test.caption, *test.subheader, *test.error, *test.warning, *test.info, *test.success]
    assert "example.org" not in " ".join(block.value for block in marked)
    widgets = [*test.button, *test.checkbox, *test.selectbox, *test.toggle, *test.file_uploader]
    assert not [widget.label for widget in widgets if "example.org" in widget.label or "<img" in widget.label]
    markup = " ".join(str(block.proto.body) for block in test.get("html"))
    assert "<img" not in markup
    assert "&lt;img src=x&gt;" in markup


# ------------------------------------------------------------------------------------------------------- progress
def test_long_reading_and_scoring_say_how_far_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    said_so: list[str] = []
    monkeypatch.setattr("precision.ui.upload_state.PATIENCE", 0.0)
    monkeypatch.setattr(
        "precision.ui.upload_state.html.note", lambda *parts: said_so.append(str(parts[0])) or note(*parts)
    )
    test = with_files(("clinic.csv", CLINIC))
    assert "clinic.csv" in said_so
    test.button(key="upload_load").click().run()
    assert not test.exception
    assert "AHA PREVENT" in said_so
    assert "Cancel" not in labels(test).values()  # gone once it is done


def test_files_of_genotypes_that_are_refused_for_unlike_reasons_each_have_their_way_out() -> None:
    """A file that is none, and one of people whom no table has."""
    header = b"##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tX\n"
    stranger = header + b"chr10\t94781859\t.\tG\tA\t.\t.\t.\tGT\t0/1\n"
    text = said(with_files(("clinic.csv", CLINIC), ("junk.vcf", b"hello world\n"), ("x.vcf", stranger)))
    assert "it is no VCF: line 1 is" in text
    assert "Give a VCF or the text of an array test" in text
    assert "Rename the samples to the patient identifiers, or add these patients to a table." in text


def few_positions(build: str) -> bytes:
    """The text of an array test with 14 known positions, all as in the reference of one build."""
    column = BUILDS.index(build)
    plain = [one for one in known() if one.rsid and all(len(base) == 1 for base in one.bases)]
    rows = [(one.rsid, one.chromosome, one.position[column], 2 * one.reference[column]) for one in plain[:14]]
    assert len(rows) == 14
    return "".join(
        ["# rsid\tchromosome\tposition\tgenotype\n", *("\t".join(map(str, row)) + "\n" for row in rows)]
    ).encode()


def test_an_array_of_few_positions_is_read_once_its_build_is_named() -> None:
    test = with_files(("clinic.csv", CLINIC), ("P-1.txt", few_positions("GRCh37")), ("P-9.txt", b""))
    text = said(test)
    assert "cannot be told from 14 known positions, 20 are needed" in text
    assert text.count("cannot be told") == 1
    assert "precision pgx" not in text
    assert codes_of(test, "P-1.txt") == ["build_unknown"]
    test.selectbox(key="upload_build").set_value("GRCh37").run()
    assert not test.exception
    assert account(test)["Genotypes"] == "1 of 2 patients, GRCh37"
    assert "build_unknown" not in codes_of(test, "P-1.txt")
    test.selectbox(key="upload_build").set_value("GRCh38").run()
    assert "GRCh38 was named, but 0 known identifiers stand at its positions and 14 at those of GRCh37" in said(test)
    test.selectbox(key="upload_build").set_value("GRCh37").run()
    test.button(key="upload_load").click().run()
    assert not test.exception
    assert "Genome build GRCh37" in " ".join(said(test).split())


def test_the_build_is_not_asked_of_files_that_tell_it() -> None:
    test = with_files(("germline.vcf.gz", (FOLDER / "germline.vcf.gz").read_bytes()))
    assert "upload_build" not in {str(box.key) for box in test.selectbox}


def codes_of(test: AppTest, file: str) -> list[str]:
    review = upload_of(test).review
    assert review is not None
    every = review.imported.issues
    return every.loc[every["file"] == file, "code"].astype("str").tolist()


def test_a_list_of_medicines_says_which_names_and_doses_are_not_read() -> None:
    listed = b"patient_id,drug,dose,status\nP-1,clopidogrell,75,active\nP-1,codeine,2x20 mg,active\n"
    test = with_files(("clinic.csv", CLINIC), ("m2.csv", listed))
    text = said(test)
    assert "Medicine &#x27;clopidogrell&#x27; is not one of the" in text
    assert "near it: clopidogrel" in text
    assert "is not one amount in mg; the dose is left empty." in text
    assert account(test)["Loaded with a warning"] == "2"
