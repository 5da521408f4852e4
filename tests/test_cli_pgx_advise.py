"""`precision pgx advise`: one JSON object per sample, medicine, body and population, and refusals in clear words."""

import io
import json
import sys
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from precision.__main__ import main
from precision.io.medication_list import read_medications
from precision.pgx.advice import by_drug
from precision.pgx.definitions import genes
from precision.pgx.listed import medicines_of
from precision.pgx.review import Genetics, Review

HEADER = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\tS2\n"
STAR_2 = (
    "chr10\t94775367\trs12769205\tA\tG\t.\tPASS\t.\tGT\t0/0\t1/1\n"
    "chr10\t94781859\trs4244285\tG\tA\t.\tPASS\t.\tGT\t0/0\t1/1\n"
    "chr10\t94842866\trs3758581\tA\tG\t.\tPASS\t.\tGT\t1/1\t1/1\n"
)
SHARED = Path(__file__).parents[2] / "shared"
Lines = list[dict[str, object]]


class Run:
    """The command on a file of two samples: the first CYP2C19 *1/*1, the second *2/*2, nothing else known."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, captured: pytest.CaptureFixture[str]) -> None:
        self.folder, self.patch, self.captured = folder, patch, captured
        self.file, self.build = self.write("two.vcf", HEADER + STAR_2), "38"
        self.complete: tuple[str, ...] = ("--absent-as-reference",)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text)
        return path

    def __call__(self, *arguments: str | Path) -> tuple[int, Lines, str]:
        given = ["precision", "pgx", "advise", str(self.file), *self.complete, "--build", self.build]
        self.patch.setattr(sys, "argv", [*given, *map(str, arguments)])
        self.patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
        with pytest.raises(SystemExit) as stopped:
            main()
        written = self.captured.readouterr()
        return int(str(stopped.value.code or 0)), [json.loads(line) for line in written.out.splitlines()], written.err


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(tmp_path, monkeypatch, capsys)


def of(lines: Lines, **wanted: object) -> Lines:
    return [line for line in lines if all(line[name] == value for name, value in wanted.items())]


def test_a_poor_metaboliser_is_told_to_avoid_clopidogrel(run: Run) -> None:
    """CPIC 2022, PMID 35034351: after stenting no clopidogrel in poor metabolisers, strong."""
    status, lines, _ = run("--drugs", "clopidogrel")
    assert status == 0
    poor = of(lines, sample="S2", source="CPIC", population="acs_pci")
    assert len(poor) == 1
    assert poor[0]["action"] == "avoid"
    assert poor[0]["strength"] == "strong"
    assert poor[0]["genes"] == ["CYP2C19"]
    assert poor[0]["pmid"] == "35034351"
    assert "*2/*2" in str(poor[0]["because"])
    assert {str(one["drug"]) for one in poor[0]["alternatives"]} == {"prasugrel", "ticagrelor"}  # type: ignore[attr-defined] # JSON
    assert of(lines, sample="S1", source="CPIC", population="acs_pci")[0]["action"] == "standard"
    assert {line["file"] for line in lines} == {"two.vcf"}


def test_every_line_has_what_the_contract_names(run: Run) -> None:
    status, lines, _ = run("--all")
    assert status == 0
    contract = {"sample", "drug", "genes", "action", "dose", "strength", "population", "source", "version", "because"}
    assert all(contract | {"file"} <= set(line) for line in lines)
    assert len({line["drug"] for line in lines}) > 100
    assert {line["sample"] for line in lines} == {"S1", "S2"}


def test_a_gene_that_no_file_tells_is_asked_for(run: Run) -> None:
    _, lines, _ = run("--drugs", "codeine,abacavir")
    assert {line["action"] for line in of(lines, source="CPIC")} == {"not_determined"}
    assert {line["severity"] for line in of(lines, source="CPIC")} == {"Not determined"}
    assert of(lines, drug="codeine", source="CPIC", sample="S1")[0]["genes_missing"] == ["CYP2D6"]


def test_a_drug_without_guidance_is_not_called_safe(run: Run) -> None:
    status, lines, _ = run("--drugs", "lisinopril")
    assert status == 0
    assert [line["action"] for line in lines] == ["no_guidance", "no_guidance"]
    assert "does not mean that it is safe" in str(lines[0]["because"])


def test_another_medicine_changes_the_clinical_answer_and_both_are_told(run: Run) -> None:
    """CYP2D6 *1/*1 has 2.0; paroxetine, a strong inhibitor, makes it 0: no codeine (CPIC 2021)."""
    calls = run.write("calls.tsv", "sample\tgene\tdiplotype\nS1\tCYP2D6\t*1/*1\nS2\tCYP2D6\t*4/*4\n")
    listed = run.write(
        "medicines.tsv",
        "sample\tdrug\tstatus\nS1\tParoxetine 20 mg\tactive\nS1\tcodeine\tplanned\nS2\tcodeine\tactive\n",
    )
    status, lines, _ = run("--medications", listed, "--outside-calls", calls)
    assert status == 0
    first = of(lines, sample="S1", drug="codeine", source="CPIC")
    assert [(line["basis"], line["action"]) for line in first] == [("clinical", "avoid"), ("genotype", "standard")]
    assert "by genotype Normal metaboliser" in str(first[0]["because"])
    assert first[0]["interacting"] == ["paroxetine, strong inhibitor of CYP2D6"]
    second = of(lines, sample="S2", drug="codeine", source="CPIC")
    assert [(line["basis"], line["action"]) for line in second] == [("genotype", "avoid")]


def test_a_list_of_names_alone_is_read(run: Run) -> None:
    run.file = run.write("one.vcf", (HEADER + STAR_2).replace("\tS2", "").replace("\t1/1\n", "\n"))
    names = run.write("names.txt", "clopidogrel\nTylenol with codeine\nunheardofin\n")
    status, lines, err = run("--medications", names)
    assert status == 1
    assert {"clopidogrel", "codeine"} <= {line["drug"] for line in lines}
    assert f"{names}, line 3: medicine 'unheardofin' is not one of" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "no medicine is asked about"),
        (("--drugs", ""), "no medicine is asked about"),
        (("--all", "--drugs", "clopidogrell"), "near it: clopidogrel"),
        (("--drugs", "codeine,abacavir/lamivudin"), "is not wholly understood: 'lamivudin'; near it: lamivudine"),
        (("--drugs", "codeine, 30 mg"), "medicine '30 mg' is not one of"),
        (("--drugs", "N02AC52"), "has the code ATC:N02AC52"),
        (("--drugs", "clopidogrell"), "near it: clopidogrel"),
        (("--drugs", "tacrolimus 0.1% ointment"), "'tacrolimus 0.1% ointment' acts where it is applied"),
        (("--drugs", "codeine", "--smoking", "maybe"), "--smoking is 'maybe'"),
        (("--drugs", "codeine", "--build", "36"), "--build is '36'"),
    ],
)
def test_a_wrong_question_is_refused_with_the_way_out(run: Run, arguments: tuple[str, ...], words: str) -> None:
    status, lines, err = run(*arguments)
    assert (status, lines) == (2, [])
    assert words in err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no medicine in it"),
        ("brand\tweight\nx\t1\n", "no column is 'drug'"),
        ("sample\tdrug\nS9\tcodeine\n", "line 2: sample 'S9' is not in the genotypes"),
        ("drug\ncodeine\n", "line 2: the genotypes have 2 samples"),
        ("sample\tdrug\tstop\nS1\tcodeine\tsoon\n", "line 2, stop 'soon' is no date"),
        ("sample\tdrug\nS1\t\n", "line 2: no medicine is named"),
        ("sample\tdrug\nS1\tcodeine\t1\t2\n", "4 cells for 2 columns"),
    ],
)
def test_a_medicine_list_that_is_not_understood_is_refused_by_line(run: Run, text: str, words: str) -> None:
    status, lines, err = run("--medications", run.write("medicines.tsv", text))
    assert (status, lines) == (2, [])
    assert words in err


@pytest.mark.skipif(not SHARED.exists(), reason="the developers' data are not here")
def test_a_real_sample_with_its_laboratory_result_is_advised_on(run: Run) -> None:
    """GeT-RM: NA18526 is CYP2D6 *1/*36x2+*10, activity 1 + 0 + 0.25: normal by CPIC."""
    run.file = SHARED / "data" / "pgx" / "NA18526.preprocessed.vcf"
    calls = SHARED / "data" / "pgx" / "outside_calls_from_get-rm.NA18526.txt"
    status, lines, _ = run("--drugs", "codeine", "--outside-calls", calls)
    assert status == 0
    assert of(lines, source="CPIC")[0]["action"] == "standard"


def test_a_result_without_advice_is_not_told_as_a_medicine_without_genes(run: Run) -> None:
    """The label of abrocitinib speaks of poor metabolisers of CYP2C19 only; S1 is *1/*1."""
    _, lines, _ = run("--drugs", "abrocitinib")
    line = of(lines, sample="S1")[0]
    assert (line["action"], line["genes"]) == ("no_guidance", ["CYP2C19"])
    assert "for this result of CYP2C19" in str(line["text"])


@pytest.mark.parametrize(
    ("diplotype", "phenotype", "score", "expected"),
    [
        ("*1/*1", "Normal Metabolizer", "", {"standard"}),
        ("*1/*1", "Ultrarapid Metabolizer", "", {"standard", "avoid"}),  # a copy number that the alleles do not tell
        ("*1/*1", "", "4", {"standard", "avoid"}),
        ("*4/*4", "NM", "", {"standard", "avoid"}),
        ("*1/*777", "Poor Metabolizer", "", {"avoid"}),  # its alleles tell nothing
    ],
)
def test_a_phenotype_of_the_laboratory_that_its_alleles_contradict_is_possible_too(
    run: Run, diplotype: str, phenotype: str, score: str, expected: set[str]
) -> None:
    """CPIC 2021, codeine: avoided in poor and ultrarapid metabolisers of CYP2D6."""
    rows = "".join(f"{sample}\tCYP2D6\t{diplotype}\t{phenotype}\t{score}\n" for sample in ("S1", "S2"))
    header = "sample\tgene\tdiplotype\tphenotype\tactivity_score\n"
    _, lines, _ = run("--drugs", "codeine", "--outside-calls", run.write("o.tsv", header + rows))
    told = of(lines, source="CPIC", sample="S1")
    assert {line["action"] for line in told} == expected
    assert {line["determined_by"] for line in told} == {"several" if len(expected) > 1 else "certain"}


@pytest.mark.parametrize(
    ("result", "text"),
    [
        ("DPYD\t*1/*777", "DPYD gives no clear phenotype: no recommendation on fluorouracil"),
        ("DPYD\t\tpoor metabolisr", "DPYD result needed for fluorouracil"),
    ],
)
def test_a_result_that_tells_no_function_is_never_silence(run: Run, result: str, text: str) -> None:
    gene, diplotype, *phenotype = result.split("\t")
    rows = "".join(f"{sample}\t{gene}\t{diplotype}\t{''.join(phenotype)}\n" for sample in ("S1", "S2"))
    _, lines, _ = run(
        "--drugs", "fluorouracil", "--outside-calls", run.write("o.tsv", f"sample\tgene\tdiplotype\tphenotype\n{rows}")
    )
    assert {str(line["severity"]) for line in of(lines, source="CPIC")} == {"Not determined"}
    assert {str(line["text"]) for line in of(lines, source="CPIC")} == {text}


@pytest.mark.parametrize("rows", ["sample;drug;status\nS1;clopidogrel;discontinued\nS1;codeine;\n"])
def test_a_list_with_semicolons_keeps_its_columns_and_a_stopped_medicine_is_not_taken(run: Run, rows: str) -> None:
    _, lines, _ = run("--medications", run.write("m.csv", rows))
    assert {str(line["drug"]) for line in lines} == {"codeine"}


def test_a_medicine_that_begins_later_counts_as_planned(run: Run) -> None:
    _, lines, _ = run("--medications", run.write("m.tsv", "sample\tdrug\tstart\nS2\tclopidogrel\t2999-01-01\n"))
    assert {str(line["drug"]) for line in lines} == {"clopidogrel"}


def test_a_list_in_windows_1252_is_read(run: Run) -> None:
    path = run.folder / "m.tsv"
    path.write_bytes("sample\tdrug\nS2\tclopidogrel für Béla\n".encode("cp1252"))
    _, lines, _ = run("--medications", path)
    assert {str(line["drug"]) for line in lines} == {"clopidogrel"}


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("sample\tdrug\n", "no medicine in it but a header"),
        ("sample\tdrug\tmedication\nS1\tcodeine\t\n", "two columns say 'drug'"),
        ('sample\tdrug\nS1\t"codeine\nS1\tclopidogrel\n', "close every quote"),
        ("sample\tdrug\tstatus\nS1\tcodeine\tmaybe\n", "status 'maybe' is not active, stopped or planned"),
    ],
)
def test_a_medicine_list_that_would_lose_something_is_refused(run: Run, rows: str, words: str) -> None:
    status, _, errors = run("--medications", run.write("m.tsv", rows))
    assert status == 2
    assert words in " ".join(errors.split())


@pytest.mark.parametrize(
    ("read", "action", "untested", "reason"),
    [
        (
            ["rs28399504"],
            "not_determined",
            [],
            "CYP2C19 not known. This does not mean normal. CYP2C19: *17, *2 and *3 not tested, and common enough",
        ),
        (["rs4244285", "rs4986893"], "standard", ["CYP2C19 *17"], "Not tested, and not excluded: CYP2C19 *17."),
        (["rs4244285", "rs4986893", "rs12248560"], "standard", [], "CYP2C19 activates clopidogrel at the usual rate."),
    ],
)
def test_alleles_that_were_not_tested_are_named_and_count_where_they_would_change_the_answer(
    run: Run, read: list[str], action: str, untested: list[str], reason: str
) -> None:
    """AMP wants *2, *3 and *17 of CYP2C19 in every test; clopidogrel is given as usual with *17 and without it."""
    known = [one for one in genes()["CYP2C19"].variants if one.name in read]
    rows = [f"chr10\t{one.position[0]}\t.\t{one.bases[0]}\t.\t.\tPASS\t.\tGT\t0/0\n" for one in known]
    head = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n"
    run.file, run.build, run.complete = run.write("few.vcf", head + "".join(sorted(rows))), "38", ()
    _, lines, _ = run("--drugs", "clopidogrel")
    (line,) = of(lines, source="CPIC", population="acs_pci")
    assert (line["action"], line["alleles_untested"]) == (action, untested)
    assert reason in str(line["reason"])


def test_what_a_label_says_whatever_the_genes_is_told_where_the_list_shows_that_it_holds(run: Run) -> None:
    """Label of tacrolimus (Prograf, section 7): less of it with a strong CYP3A inhibitor."""
    for listed, told in (("tacrolimus", 0), ("clarithromycin", 1), ("lisinopril", 0)):
        table = run.write("m.tsv", f"sample\tdrug\nS1\ttacrolimus\nS1\t{listed}\n")
        _, lines, _ = run("--medications", table, "--drugs", "tacrolimus")
        found = [line for line in of(lines, sample="S1", source="FDA") if not line["genes"] and line["population"]]
        assert [line["action"] for line in found] == ["reduce_dose"] * told
    _, lines, _ = run("--drugs", "tacrolimus")
    assert not [line for line in lines if line["because"] == "whatever the genes"]


def test_the_text_of_an_array_is_read_where_its_build_is_named(run: Run) -> None:
    rows = "rs4244285\t10\t96541616\tAA\nrs12769205\t10\t96535124\tGG\nrs3758581\t10\t96602623\tGG\n"
    run.file = run.write("array.txt", f"# rsid\tchromosome\tposition\tgenotype\n{rows}")
    run.build, run.complete = "37", ()
    status, lines, _ = run("--drugs", "clopidogrel")
    assert status == 0
    assert of(lines, source="CPIC", population="acs_pci")[0]["action"] == "avoid"


def test_blanks_are_no_medicine(run: Run) -> None:
    status, lines, err = run("--drugs", " ,")
    assert (status, lines) == (2, [])
    assert "no medicine is asked about" in err


@pytest.mark.parametrize("turned", [False, True])
def test_a_contradicting_hla_result_never_allows_the_medicine(run: Run, turned: bool) -> None:
    """CPIC 2014, PMID 24561393: no abacavir in carriers of HLA-B*57:01."""
    rows = ["S1\tHLA-B\t*57:01/*08:01\t\n", "S1\tHLA-B\t\t*57:01 negative\n"]
    table = "sample\tgene\tdiplotype\tphenotype\n" + "".join(rows[::-1] if turned else rows)
    _, lines, _ = run("--drugs", "abacavir", "--outside-calls", run.write("o.tsv", table))
    assert {line["action"] for line in of(lines, source="CPIC", sample="S1")} == {"avoid"}


def test_a_phenotype_on_its_own_row_that_contradicts_the_alleles_is_advised_on_too(run: Run) -> None:
    table = "sample\tgene\tdiplotype\tphenotype\nS1\tCYP2D6\t*1/*1\t\nS1\tCYP2D6\t\tPoor Metabolizer\n"
    _, lines, _ = run("--drugs", "codeine", "--outside-calls", run.write("o.tsv", table))
    assert {line["action"] for line in of(lines, source="CPIC", sample="S1")} == {"standard", "avoid"}


def test_a_line_by_one_of_two_genes_is_a_partial_answer(run: Run) -> None:
    """TPMT *3A/*3A asks for a tenth of the dose: DPWG's usual dose by NUDT15 *1/*1 is none for this patient."""
    results = "sample\tgene\tdiplotype\nS1\tTPMT\t*3A/*3A\nS1\tNUDT15\t*1/*1\n"
    _, lines, _ = run("--outside-calls", run.write("results.tsv", results), "--drugs", "azathioprine")
    by_one = of(lines, sample="S1", rule="dpwg.azathioprine.nudt15_nm")
    assert [line["determined_by"] for line in by_one] == ["partial"]
    assert by_one[0]["text"] == "Usual dose of azathioprine, by NUDT15 alone; by TPMT: 10%"


def test_the_line_that_leads_names_every_result_that_is_needed(run: Run) -> None:
    _, lines, _ = run("--drugs", "carbamazepine")
    needed = of(lines, sample="S1")[0]["genes_missing"]
    assert needed == ["HLA-A*31:01", "HLA-B*15:02", "HLA-B*15:11"]


def test_advice_that_follows_the_laboratory_against_the_genotypes_says_so(run: Run) -> None:
    """S2 is *2/*2 in the file; the laboratory says *1/*1, and clopidogrel is then as usual (CPIC 2022)."""
    table = "sample\tgene\tdiplotype\nS1\tCYP2C19\t*1/*1\nS2\tCYP2C19\t*1/*1\n"
    _, lines, _ = run("--drugs", "clopidogrel,abrocitinib,codeine", "--outside-calls", run.write("o.tsv", table))
    told = of(lines, sample="S2", drug="clopidogrel")
    assert {str(line["action"]) for line in of(told, source="CPIC")} == {"standard"}
    told = [line for line in told if line["genes"]]
    for line in (*told, *of(lines, sample="S2", drug="abrocitinib")):  # the second without any advice for *1/*1
        assert line["reasons"] == ["genotypes_differ:CYP2C19"]
        assert str(line["reason"]).startswith("The genotypes say CYP2C19 *2/*2, Poor metaboliser; this follows the")
    others = [*of(lines, sample="S1"), *of(lines, sample="S2", drug="codeine")]
    assert not [line for line in others if "genotypes_differ:CYP2C19" in line["reasons"]]  # type: ignore[operator]  # a list


def test_a_line_without_guidance_has_the_fields_of_all_others(run: Run) -> None:
    _, lines, _ = run("--drugs", "clopidogrel,lisinopril,abrocitinib")
    nothing = [line for line in lines if line["action"] == "no_guidance"]
    assert {line["drug"] for line in nothing} == {"lisinopril", "abrocitinib"}
    assert {tuple(sorted(line)) for line in nothing} == {tuple(sorted(lines[0]))}
    assert {line["rxnorm"] for line in of(nothing, drug="lisinopril")} == {"29046"}


def test_a_combination_is_answered_for_each_substance(run: Run) -> None:
    """Epzicom is abacavir and lamivudine; only abacavir has guidance (HLA-B)."""
    status, lines, _ = run("--drugs", "Epzicom, N02AX02 ,2670,codeine,")
    assert status == 0
    assert {line["drug"] for line in lines} == {"abacavir", "lamivudine", "tramadol", "codeine"}
    assert {line["action"] for line in of(lines, drug="lamivudine")} == {"no_guidance"}
    keys = [json.dumps(line, sort_keys=True) for line in lines]
    assert len(set(keys)) == len(keys)


def test_everything_with_guidance_and_one_medicine_without_are_asked_together(run: Run) -> None:
    _, lines, _ = run("--all", "--drugs", "lisinopril")
    assert of(lines, drug="lisinopril")
    assert len({line["drug"] for line in lines}) > 100


def test_smoking_is_told_of_the_medicine_whose_level_it_lowers(run: Run) -> None:
    """Tobacco smoke induces CYP1A2, on which clozapine depends; no body has a rule for the gene."""
    told = {given: run("--drugs", "clozapine", "--smoking", given)[1] for given in ("yes", "no")}
    asked = run("--drugs", "clozapine")[1]
    yes, no, unknown = (of(lines, sample="S1")[0] for lines in (told["yes"], told["no"], asked))
    assert yes["interacting"] == ["tobacco smoking, moderate inducer of CYP1A2"]
    assert str(yes["exposure"]).startswith("['Tobacco smoke speeds up CYP1A2, so the level of clozapine falls.")
    assert (no["interacting"], no["exposure"]) == ([], [])
    assert unknown["interacting"] == []
    assert str(unknown["exposure"]).endswith("it is not known whether this patient smokes.']")


def test_a_weak_inhibitor_is_named_and_shifts_nothing(run: Run) -> None:
    """FDA's table has omeprazole as a weak inhibitor of CYP2C19."""
    rows = "sample\tdrug\nS1\tomeprazole\nS1\tclopidogrel\n"
    _, lines, _ = run("--medications", run.write("m.tsv", rows))
    told = of(lines, drug="clopidogrel", source="CPIC", population="acs_pci")
    assert [(line["basis"], line["action"]) for line in told] == [("genotype", "standard")]
    assert told[0]["interacting"] == ["omeprazole, weak inhibitor of CYP2C19, no shift"]
    own = [line for line in of(lines, drug="omeprazole") if line["genes"]]
    assert {str(line["interacting"]) for line in own} == {"[]"}  # not its own inhibitor


def test_an_inducer_that_would_lift_a_warning_is_named_beside_it(run: Run) -> None:
    """Rifampin induces CYP2C19; the more cautious answer, that of the genotype, leads (CPIC 2022: no clopidogrel)."""
    calls = run.write("calls.tsv", "sample\tgene\tdiplotype\nS1\tCYP2C19\t*1/*2\n")
    rows = "sample\tdrug\nS1\trifampin\nS1\tclopidogrel\n"
    _, lines, _ = run("--medications", run.write("m.tsv", rows), "--outside-calls", calls)
    told = of(lines, drug="clopidogrel", source="CPIC", population="acs_pci")
    assert [(line["basis"], line["action"]) for line in told] == [("genotype", "avoid")]
    assert told[0]["interacting"] == ["rifampin, strong inducer of CYP2C19, no shift"]


def test_an_inhibitor_that_was_stopped_and_acts_still_is_told_so(run: Run) -> None:
    """Fluoxetine and its metabolite stay for weeks."""
    calls = run.write("calls.tsv", "sample\tgene\tdiplotype\nS1\tCYP2D6\t*1/*1\n")
    stop = (datetime.now().astimezone().date() - timedelta(days=3)).isoformat()
    rows = f"sample\tdrug\tstop\nS1\tfluoxetine\t{stop}\nS1\tcodeine\t\n"
    _, lines, _ = run("--medications", run.write("m.tsv", rows), "--outside-calls", calls)
    told = of(lines, drug="codeine", source="CPIC")[0]
    assert (told["basis"], told["action"]) == ("clinical", "avoid")
    assert told["interacting"] == ["fluoxetine, strong inhibitor of CYP2D6, stopped but still acting"]


def test_only_what_is_asked_about_and_its_alternatives_are_reviewed(run: Run) -> None:
    reviewed: set[str] = set()
    review = Genetics.review

    def noted(genetics: Genetics, person: NDArray[np.intp], drug: NDArray[np.str_]) -> Review:
        reviewed.update(drug.tolist())
        return review(genetics, person, drug)

    run.patch.setattr(Genetics, "review", noted)
    _, lines, _ = run("--drugs", "imipramine")
    told: dict[str, str] = {}
    for line in of(lines, sample="S2"):
        told |= {one["drug"]: one["severity"] for one in line["alternatives"]}  # type: ignore[attr-defined]  # JSON
    assert len(told) > 1
    assert reviewed <= {"imipramine", *(name for row in by_drug()["imipramine"] for name in row.alternatives)}
    _, asked, _ = run("--drugs", ",".join(told))
    words = {name: [str(line["severity"]) for line in of(asked, sample="S2", drug=name)] for name in told}
    assert all(word == "No guidance" or word in words[name] for name, word in told.items())


def test_an_inhibitor_that_was_stopped_on_an_unknown_day_is_told(run: Run) -> None:
    """Fluoxetine acts for 35 days after the last dose."""
    calls = run.write("calls.tsv", "sample\tgene\tdiplotype\nS1\tCYP2D6\t*1/*1\nS2\tCYP2D6\t*1/*1\n")
    rows = "sample\tdrug\tstatus\nS1\tfluoxetine\tstopped\nS1\tcodeine\t\nS2\tcodeine\t\n"
    _, lines, err = run("--medications", run.write("m.tsv", rows), "--outside-calls", calls)
    told, other = (of(lines, sample=sample, drug="codeine", source="CPIC")[0] for sample in ("S1", "S2"))
    assert (told["basis"], told["action"]) == ("genotype", "standard")
    assert told["interacting"] == ["fluoxetine, strong inhibitor of CYP2D6, stopped, day not known: may still act"]
    assert other["interacting"] == []
    assert "S1: Fluoxetine is stopped, day not known: it may still act on CYP2D6" in err


@pytest.mark.parametrize("day", ["2026-10", "2026", "10", "2026-13-01", "2026-02-30", "2026-10-01T25:00", "soon"])
@pytest.mark.parametrize("column", ["start", "stop"])
def test_what_is_no_whole_day_is_refused(run: Run, column: str, day: str) -> None:
    rows = f"sample\tdrug\t{column}\nS2\tcodeine\t2026-01-31\nS2\tclopidogrel\t{day}\n"
    status, lines, err = run("--medications", run.write("m.tsv", rows))
    assert (status, lines) == (2, [])
    told = f"line 3, {column} '{day}' is no date of a whole day; write it as 2026-11-22"
    assert told in " ".join(err.split())


@pytest.mark.filterwarnings("error")
def test_days_keep_their_day_whatever_time_and_zone_stand_beside_them(tmp_path: Path) -> None:
    written = [
        "2026-01-31",
        "20260131",
        "2026-01-31T23:30Z",
        "2026-01-31T00:10+02:00",
        "2026-01-31 08:15:30.5-0500",
        "",
    ]
    path = tmp_path / "m.tsv"
    path.write_text("drug\tstart\tstop\n" + "".join(f"codeine\t{day}\t{day}\n" for day in written))
    rows = read_medications(path, ["S1"])
    for name in ("start", "stop"):
        assert rows[name].isna().tolist() == [False] * 5 + [True]
        assert set(rows[name].dropna()) == {pd.Timestamp("2026-01-31")}
    one = tmp_path / "z.tsv"
    one.write_text("drug\tstop\ncodeine\t2026-01-31T23:30Z\n")
    told = medicines_of(read_medications(one, ["S1"]), ["S1"], 0.0, date(2026, 1, 31))
    assert told.listed == (("codeine",),)


def test_a_medicine_that_stops_before_it_begins_is_told(run: Run) -> None:
    rows = "sample\tdrug\tstart\tstop\nS1\tcodeine\t2026-05-01\t2026-05-01\nS2\tcodeine\t2026-05-01\t2026-04-30\n"
    listed = run.write("m.tsv", rows)
    _, _, err = run("--medications", listed, "--drugs", "codeine")
    assert err == f"{listed}, line 3: medicine 'codeine' stops before it begins; correct a day\n"


def test_a_planned_inhibitor_is_told_as_what_would_happen(run: Run) -> None:
    """As in use, paroxetine makes the activity of CYP2D6 0 and codeine is avoided (CPIC 2021)."""
    calls = run.write("calls.tsv", "sample\tgene\tdiplotype\nS1\tCYP2D6\t*1/*1\nS2\tCYP2D6\t*4/*4\n")
    rows = "sample\tdrug\tstatus\n" + "".join(
        f"{sample}\tparoxetine\tplanned\n{sample}\tcodeine\tactive\n" for sample in ("S1", "S2")
    )
    _, lines, _ = run("--medications", run.write("m.tsv", rows), "--outside-calls", calls)
    first, second = (of(lines, sample=sample, drug="codeine", source="CPIC")[0] for sample in ("S1", "S2"))
    assert (first["basis"], first["action"]) == ("genotype", "standard")
    assert first["interacting"] == ["paroxetine, strong inhibitor of CYP2D6, planned: codeine becomes 'Avoid'"]
    assert second["interacting"] == ["paroxetine, strong inhibitor of CYP2D6, planned: codeine stays 'Avoid'"]
    assert {str(line["interacting"]) for line in of(lines, drug="paroxetine")} == {"[]"}


def test_the_level_under_a_planned_medicine_is_told_as_what_would_happen(run: Run) -> None:
    """Fluvoxamine is FDA's strong inhibitor of CYP1A2, on which clozapine depends."""
    rows = "sample\tdrug\tstatus\nS1\tclozapine\tactive\nS1\tfluvoxamine\tplanned\n"
    _, lines, _ = run("--medications", run.write("m.tsv", rows), "--smoking", "no")
    line = of(lines, drug="clozapine")[0]
    assert "fluvoxamine, strong inhibitor of CYP1A2, planned" in line["interacting"]  # type: ignore[operator]  # a list
    assert line["exposure"] == ["Once begun: Fluvoxamine slows down CYP1A2, so the level of clozapine rises."]


def test_a_row_that_is_understood_in_part_is_said(run: Run) -> None:
    rows = "sample\tdrug\n\nS1\tabacavir/lamivudin\nS2\tVytorin\n"
    listed = run.write("m.tsv", rows)
    status, lines, err = run("--medications", listed)
    assert status == 0
    assert {line["drug"] for line in lines} == {"abacavir", "simvastatin", "ezetimibe"}
    assert f"{listed}, line 3: medicine 'abacavir/lamivudin' is not wholly understood: 'lamivudin'; near" in err


def test_a_form_that_acts_where_it_is_applied_is_said(run: Run) -> None:
    status, lines, err = run("--medications", run.write("m.tsv", "sample\tdrug\nS1\ttacrolimus ointment\n"))
    assert (status, {line["drug"] for line in lines}) == (0, {"tacrolimus"})
    assert "line 2: medicine 'tacrolimus ointment' acts where it is applied; the sources speak of forms" in err


def test_the_codeine_of_a_numbered_brand_is_answered_too(run: Run) -> None:
    _, lines, _ = run("--drugs", "Tylenol #3")
    assert {line["drug"] for line in lines} == {"acetaminophen", "codeine"}


def test_blank_lines_do_not_move_the_numbers_of_lines(run: Run) -> None:
    for text, words in (
        ("\nsample\tdrug\n\nS9\tcodeine\n", "line 4: sample 'S9'"),
        ("sample\tdrug\tstop\n\t\t\nS1\tcodeine\tsoon\n", "line 3, stop 'soon' is no date"),
        ("drug\tsample\n" + '"codeine\n30 mg"\tS1\n' + "x\tS9\n", "line 4: sample 'S9'"),
    ):
        status, _, err = run("--medications", run.write("m.tsv", text))
        assert (status, words in " ".join(err.split())) == (2, True)


def test_a_list_of_which_nothing_is_asked_says_so(run: Run) -> None:
    listed = run.write("m.tsv", "sample\tdrug\tstatus\nS1\tcodeine\tstopped\n")
    status, lines, err = run("--medications", listed)
    assert (status, lines) == (0, [])
    assert err == f"{listed}: no medicine in use or planned is recognised, so there is nothing to advise on\n"
