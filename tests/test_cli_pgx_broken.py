"""What a broken line or row costs at `precision pgx call`: its position, the exit status, and a word on why."""

import gzip
import io
import json
import re
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from precision.__main__ import main
from precision.cohort import Cohort
from precision.io import read
from precision.io.array import read_array
from precision.pgx.coding import record_codes
from precision.pgx.definitions import called_genes
from precision.pgx.of_cohort import calls_of
from tests.pgx_genotypes import variants

Lines = dict[str, dict[str, object]]
Run = Callable[..., tuple[int, Lines, str]]
HEAD = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n"
VKORC1 = "chr16\t31096368\trs9923231\tC\tT\t.\tPASS\t.\tGT\t1/1"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `precision`; answers exit status, the lines of standard output by gene, and standard error."""

    def _run(*arguments: str | Path) -> tuple[int, Lines, str]:
        monkeypatch.setattr(sys, "argv", ["precision", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
        with pytest.raises(SystemExit) as stopped:
            main()
        written = capsys.readouterr()
        lines = [json.loads(line) for line in written.out.splitlines() if line.startswith("{")]
        by_gene = {str(one["gene"]): one for one in lines if "gene" in one}
        return int(str(stopped.value.code or 0)), by_gene, " ".join(written.err.split())

    return _run


def reference_vcf(path: Path, replace: dict[int, str], build: int = 0) -> Path:
    """One person with the reference allele at every position; a line may be replaced by its position."""
    lines = {}
    for one in variants(*(gene for gene in ("CYP2C19", "CYP2C9", "TPMT", "UGT1A1", "VKORC1", "RYR1"))):
        pos, ref = one.position[build], one.bases[one.reference[build]]
        alts = ",".join(base for base in one.bases if base != ref)
        lines[pos] = f"chr{one.chromosome}\t{pos}\t{one.name}\t{ref}\t{alts}\t.\tPASS\t.\tGT\t0/0"
    lines |= replace
    path.write_text(HEAD + "".join(f"{line}\n" for _, line in sorted(lines.items())))
    return path


@pytest.mark.parametrize("line", [f"{VKORC1}\t0/1", VKORC1.removesuffix("\t1/1"), VKORC1.removesuffix("\tGT\t1/1")])
@pytest.mark.parametrize("complete", [(), ("--absent-as-reference",)])
def test_the_position_of_a_line_that_cannot_be_read_stays_unknown(
    run: Run, tmp_path: Path, line: str, complete: tuple[str, ...]
) -> None:
    file = reference_vcf(tmp_path / "s.vcf", {31096368: line})
    status, lines, err = run("pgx", "call", file, *complete)
    assert (status, lines["VKORC1"]["status"], lines["VKORC1"]["diplotypes"]) == (1, "not_called", [])
    assert lines["VKORC1"]["positions_missing"] == ["rs9923231 GRCh38:16:31096368: no_call"]
    assert "16:31096368" in err
    assert "read as not called" in err
    assert lines["CYP2C19"]["diplotypes"] == ["*38/*38"]


ARRAY = "# rsid\tchromosome\tposition\tgenotype\n" + "".join(
    f"{one.rsid}\t{one.chromosome}\t{one.position[0]}\t{one.bases[0] * 2}\n"
    for one in variants("CYP2C19", "TPMT", "VKORC1", "UGT1A1")
    if one.rsid and not one.is_indel
)


@pytest.mark.parametrize("command", [("call",), ("advise", "--drugs", "codeine")])
def test_an_array_test_never_lists_every_variant(run: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    file = tmp_path / "array.txt"
    file.write_text(ARRAY)
    status, lines, err = run("pgx", command[0], file, *command[1:], "--absent-as-reference")
    assert (status, lines) == (2, {})
    assert "an array test lists what it tests, not every variant" in err


def test_a_folder_said_to_hold_every_variant_does_not_say_it_of_an_array(tmp_path: Path) -> None:
    (tmp_path / "cohort.toml").write_text('genotypes = "all_variants"\n')
    (tmp_path / "vcf").mkdir()
    (tmp_path / "vcf" / "array.txt").write_text(ARRAY)
    reference_vcf(tmp_path / "vcf" / "genome.vcf", {})
    found = read([tmp_path])
    assert found.cohort
    calls = calls_of(found.cohort)
    no_line = [calls.at(at, "NUDT15") for at in (0, 1)]
    assert [(one.sample, one.status) for one in no_line] == [("array", "not_called"), ("S1", "called")]
    told = found.issues[found.issues["code"] == "array_not_whole"]
    assert (told["file"].tolist(), told["severity"].tolist()) == (["vcf/array.txt"], ["error"])


@pytest.mark.parametrize("letters", ["ZQ", "AZ", "TTT"])
def test_letters_of_no_genotype_are_not_called(letters: str) -> None:
    found = read_array(("a.txt", f"rsid,chromosome,position,genotype\nrs1,1,5,{letters}\nrs2,1,6,AG\n".encode()))
    assert (found.pos.tolist(), found.letters.tolist()) == ([5, 6], [["-", "-"], ["A", "G"]])
    assert found.issues[["row", "code"]].to_numpy().tolist() == [[2, "bad_letters"]]


def repeat(pos: int, ref: str, alt: str, call: str = "1/1") -> dict[int, str]:
    """No line at the repeat of UGT1A1, but one further on in it."""
    return {233760233: "", pos: f"chr2\t{pos}\t.\t{ref}\t{alt}\t.\tPASS\t.\tGT\t{call}"}


@pytest.mark.parametrize("build", [0, 1])
@pytest.mark.parametrize(
    ("further", "ref", "alt", "name"),
    [
        (14, "T", "TAT", "*28/*28"),  # one TA more, written at the end of (TA)7 instead of at its beginning
        (15, "A", "ATA", "*28/*28"),
        (1, "A", "ATATA", "*37/*37"),
        (2, "TATATATATATATA", "TATATATATATA", "*36/*36"),
        (6, "TAT", "T", "*36/*36"),
        (13, "ATAA", "ATATAA", "*28/*28"),
    ],
)
def test_6_a_repeat_is_counted_wherever_in_it_the_change_is_written(
    run: Run, tmp_path: Path, build: int, further: int, ref: str, alt: str, name: str
) -> None:
    start = (233760233, 234668879)[build]
    line = f"chr2\t{start + further}\t.\t{ref}\t{alt}\t.\tPASS\t.\tGT\t1/1"
    file = reference_vcf(tmp_path / "s.vcf", {start: "", start + further: line}, build)
    _, lines, _ = run("pgx", "call", file, "--absent-as-reference")
    assert lines["UGT1A1"]["diplotypes"] == [name]


@pytest.mark.parametrize(
    ("pos", "ref", "alt"),
    [
        (233760240, "A", "AC"),  # another base within the repeat
        (233760246, "ATAA", "A"),  # out of the repeat
        (233760247, "T", "TATATATAT"),  # more copies than any allele has
        (233760248, "A", "AG"),  # beside it
    ],
)
def test_6_another_insertion_or_deletion_in_a_repeat_leaves_it_unknown(
    run: Run, tmp_path: Path, pos: int, ref: str, alt: str
) -> None:
    file = reference_vcf(tmp_path / "s.vcf", repeat(pos, ref, alt, "0/1"))
    _, lines, _ = run("pgx", "call", file, "--absent-as-reference")
    assert lines["UGT1A1"]["status"] == "not_called"
    assert str(lines["UGT1A1"]["positions_discarded"]).startswith("['rs3064744 GRCh38:2:233760233: ")


def test_6_a_single_base_in_a_repeat_or_a_change_beyond_it_is_no_change_of_the_repeat(run: Run, tmp_path: Path) -> None:
    for pos, ref, alt in ((233760240, "A", "G"), (233760252, "A", "AT"), (233760230, "A", "AT")):
        file = reference_vcf(tmp_path / "s.vcf", repeat(pos, ref, alt))
        _, lines, _ = run("pgx", "call", file, "--absent-as-reference")
        assert lines["UGT1A1"]["diplotypes"] == ["*1/*1"]


def test_6_every_deletion_is_known_at_the_last_place_that_hgvs_gives_it() -> None:
    """At that place the bases taken away are those that HGVS names, so that the repeat before it is right."""
    looked_at = 0
    for one in variants(*called_genes()):
        if named := re.search(r"g\.(\d+)_(\d+)del([ACGT]+)$", one.hgvs):
            offset = int(named[1]) - 1 - one.position[0]
            assert one.stretch[offset + 1 :] == named[3]
            codes = record_codes(one.stretch[offset:], (one.stretch[offset],), one, 0, offset)
            assert codes[:2].tolist() == [0, 1]
            looked_at += 1
    assert looked_at == 11


def test_a_record_in_a_repeat_counts_in_a_cohort_too(tmp_path: Path) -> None:
    (tmp_path / "cohort.toml").write_text('genotypes = "all_variants"\n')
    reference_vcf(tmp_path / "genome.vcf", repeat(233760247, "T", "TAT"))
    found = read([tmp_path])
    assert found.cohort
    assert calls_of(found.cohort).at(0, "UGT1A1").diplotypes[0].name == "*28/*28"


def test_2_a_file_of_both_builds_is_refused_where_one_is_named(run: Run, tmp_path: Path) -> None:
    first, second = (reference_vcf(tmp_path / f"{build}.vcf", {}, build) for build in (0, 1))
    first.write_text(first.read_text() + second.read_text().removeprefix(HEAD))
    for named in ((), ("--build", "38"), ("--build", "37")):
        status, lines, err = run("pgx", "call", first, *named)
        assert (status, lines) == (2, {})
        assert "mixed builds" in err


@pytest.mark.parametrize("name", ["38", "hg38", "GRCh38", "grch38.p14", "b38"])
def test_a_build_has_several_names(run: Run, tmp_path: Path, name: str) -> None:
    file = reference_vcf(tmp_path / "s.vcf", {})
    assert run("pgx", "call", file, "--build", name)[1]["VKORC1"]["build"] == "GRCh38"
    status, _, err = run("pgx", "call", file, "--build", "hg19")
    assert (status, "none of the known positions of GRCh37 is in the file" in err) == (2, True)


@pytest.mark.parametrize(("written", "copies"), [("M", 1), ("male", 1), ("F", 2), ("Female", 2)])
def test_a_sex_is_known_by_its_letter_too(run: Run, tmp_path: Path, written: str, copies: int) -> None:
    file = reference_vcf(tmp_path / "s.vcf", {})
    line = run("pgx", "call", file, "--absent-as-reference", "--sex", written)[1]["G6PD"]
    assert str(line["diplotypes"]).count("/") + 1 == copies


@pytest.mark.parametrize("command", [("call",), ("advise", "--drugs", "codeine")])
def test_a_sex_of_somebody_who_is_in_no_file_is_told(run: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    file, sexes = reference_vcf(tmp_path / "s.vcf", {}), tmp_path / "sexes.tsv"
    sexes.write_text("sample\tsex\nS1\tmale\nS9\tfemale\n")
    _, _, err = run("pgx", command[0], file, *command[1:], "--sexes", sexes)
    assert f"{sexes}: sample S9 is in no file of genotypes" in err
    assert "S1" not in err


@pytest.mark.parametrize(
    "line", ["chr16\t31096368\t.\tG\tT\t.\t.\t.\tGT\t0/1", "chr16\t31096368\t.\tC\tT\t.\t.\t.\tDP\t9"]
)
def test_a_line_that_is_not_used_ends_with_1(run: Run, tmp_path: Path, line: str) -> None:
    """Its REF is not that of the build, or it has no genotype."""
    assert run("pgx", "call", reference_vcf(tmp_path / "whole.vcf", {}))[0] == 0
    file = reference_vcf(tmp_path / "s.vcf", {31096368: line})
    status, lines, err = run("pgx", "call", file, "--absent-as-reference")
    assert (status, lines["VKORC1"]["status"], "16:31096368" in err) == (1, "not_called", True)
    for command in (("check",), ("assess", "--out", tmp_path / "out")):
        assert run(command[0], file, *command[1:])[0] == 1


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("CYP2D6\t(*1/*2)x3", "line 2, column diplotype: '(*1/*2)x3' is no result of CYP2D6"),
        ("CYP2D6\t*1/*2/*4", "line 2, column diplotype: '*1/*2/*4' is no result of CYP2D6"),
        ("CYP2D6\t*1/", "line 2, column diplotype: '*1/' is no result of CYP2D6"),
        ("HLA-B\tfoo/bar", "line 2, column diplotype: 'foo/bar' is no result of HLA-B"),
        ("CYP2D6\t\t\t-1", "line 2, column activity_score: '-1' is no result of CYP2D6"),
        ("CYP2D6\t\t\t99", "line 2, column activity_score: the activity score of CYP2D6 lies from 0 to 6, not at '99'"),
        ("DPYD\t\tPoor Function", "line 2, column phenotype: 'Poor Function' is no phenotype of DPYD"),
        ("FOO1\t*1/*2", "line 2, column gene: no source here speaks of a gene 'FOO1'"),
    ],
)
def test_a_laboratory_result_that_is_not_used_is_told_by_line_and_column(
    run: Run, tmp_path: Path, row: str, told: str
) -> None:
    file, results = reference_vcf(tmp_path / "s.vcf", {}), tmp_path / "oc.tsv"
    results.write_text(f"gene\tdiplotype\tphenotype\tactivity_score\n{row}\nTPMT\t*1/*3A\n")
    status, lines, err = run("pgx", "call", file, "--outside-calls", results)
    assert (status, err.count(f"oc.tsv: {told}")) == (1, 1)
    assert lines[row.partition("\t")[0]]["phenotype"] is None
    assert lines["TPMT"]["diplotypes"] == ["*1/*3A"]


def test_a_laboratory_that_contradicts_itself_is_ambiguous(run: Run, tmp_path: Path) -> None:
    file, results = reference_vcf(tmp_path / "s.vcf", {}), tmp_path / "oc.tsv"
    results.write_text("gene\tdiplotype\tphenotype\tactivity_score\nCYP2D6\t*4/*4\tNormal Metabolizer\t2\n")
    line = run("pgx", "call", file, "--outside-calls", results)[1]["CYP2D6"]
    assert (line["status"], line["phenotype"]) == ("ambiguous", "Normal Metabolizer or Poor Metabolizer")
    assert (line["activity_score"], line["reasons"]) == ("2 or 0.0", ["laboratory_differs"])


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("s.bcf", gzip.compress(b"BCF\2\2" + bytes(90)), "convert it with `bcftools view -Oz`"),
        ("s.bcf.gz", gzip.compress(b"BCF\2\2" + bytes(90)), "convert it with `bcftools view -Oz`"),
        ("s.vcf.gz", gzip.compress(HEAD.encode() * 9)[:-20], "it was not copied whole: fetch it again"),
        ("s.gz", gzip.compress(HEAD.encode() * 9)[:-20], "it was not copied whole: fetch it again"),
    ],
)
def test_check_gives_the_way_out_for_a_file_of_genotypes(tmp_path: Path, name: str, content: bytes, told: str) -> None:
    (tmp_path / name).write_bytes(content)
    found = read([tmp_path / name]).issues
    assert found["code"].tolist() == ["genotypes_refused"]
    assert told in found["reason"][0]


def test_an_empty_folder_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    status, _, err = run("assess", tmp_path / "nothing", "--out", tmp_path / "out")
    assert (status, err.startswith(f"{tmp_path / 'nothing'}: there is no file to read.")) == (2, True)


def test_what_is_wrong_with_a_line_is_said_by_line(run: Run, tmp_path: Path) -> None:
    lines = {
        94781859: "chr10\t94781859\t.\tT\tA\t.\t.\t.\tGT\t0/1",
        94842866: "chr10\t94842866\t.\tA\tG\t.\t.\t.\tGT\t7",
    }
    _, _, err = run("pgx", "call", reference_vcf(tmp_path / "s.vcf", lines))
    assert "line " in err
    assert "row " not in err


@pytest.mark.parametrize(("assembly", "pos"), [("GRCh38", 233760247), ("GRCh37", 234668893)])
def test_6_a_repeat_is_counted_in_a_table_of_variants_too(assembly: str, pos: int) -> None:
    """One TA more, at the end of the repeat; a row of the other build is moved."""
    known = [("2", pos, "T", "TAT", "1/1", assembly)]
    known += [
        (one.chromosome, one.position[0], one.bases[0], one.bases[1], "0/0", "GRCh38") for one in variants("TPMT")
    ]
    columns = ["chrom", "pos", "ref", "alt", "genotype", "assembly"]
    table = pd.DataFrame(known, columns=pd.Index(columns)).assign(patient_id="P0")
    patients = pd.DataFrame({"patient_id": ["P0"]})
    cohort = Cohort(
        "made", {"patients": patients, "variants": table}, date(2026, 11, 22), complete=frozenset({"variants"})
    )
    assert calls_of(cohort).at(0, "UGT1A1").diplotypes[0].name == "*28/*28"
