"""`precision pgx call`: one JSON object per sample and gene, and clear words for what cannot be called."""

import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from precision.__main__ import main
from precision.io.usable import remarks
from precision.io.vcf import read_vcf
from precision.knowledge.build import mismatches
from precision.pgx.definitions import genes, sites

HEADER = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\tS2\n"
STAR_2 = (
    "chr10\t94775367\trs12769205\tA\tG\t.\tPASS\t.\tGT\t0/1\t1/1\n"
    "chr10\t94781859\trs4244285\tG\tA\t.\tPASS\t.\tGT\t0/1\t1/1\n"
    "chr10\t94842866\trs3758581\tA\tG\t.\tPASS\t.\tGT\t1/1\t1/1\n"
)


def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str | Path
) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["precision", "pgx", "call", *map(str, arguments)])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    with pytest.raises(SystemExit) as stopped:
        main()
    written = capsys.readouterr()
    return int(str(stopped.value.code or 0)), written.out, written.err


def test_each_sample_and_gene_has_a_line_with_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "two.vcf"
    file.write_text(HEADER + STAR_2)
    status, out, _ = run(monkeypatch, capsys, file, "--build", "38")
    lines = [json.loads(line) for line in out.splitlines()]
    assert status == 0
    assert {line["file"] for line in lines} == {"two.vcf"}
    assert len({(line["sample"], line["gene"]) for line in lines}) == len(lines) == 2 * 19
    found = {(line["sample"], line["gene"]): line for line in lines}
    second = found["S2", "CYP2C19"]
    assert "*2/*2" in second["diplotypes"]
    assert "*17" in found["S1", "CYP2C19"]["alleles_not_excluded"]  # its only position has no record
    assert "rs12248560 GRCh38:10:94761900: absent" in second["positions_missing"]
    assert found["S1", "TPMT"]["status"] == "not_called"
    assert found["S1", "TPMT"]["phenotype"] is None


def test_what_is_absent_is_reference_only_where_that_is_declared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "two.vcf"
    file.write_text(HEADER + STAR_2)
    _, out, _ = run(monkeypatch, capsys, file, "--build", "38", "--absent-as-reference")
    found = {(line["sample"], line["gene"]): line for line in map(json.loads, out.splitlines())}
    assert found["S1", "TPMT"]["diplotypes"] == ["*1/*1"]
    assert found["S1", "TPMT"]["phenotype"] == "Normal Metabolizer"
    assert found["S1", "CYP2C19"]["diplotypes"] == ["*1/*2"]
    assert found["S1", "CYP2C19"]["positions_missing"] == []


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        ("", (), "empty"),
        (HEADER + STAR_2, (), "build"),
        (HEADER + STAR_2, ("--build", "36"), "--build is '36'"),
    ],
)
def test_what_cannot_be_read_or_placed_is_refused_with_a_reason(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    content: str,
    options: tuple[str, ...],
    words: str,
) -> None:
    file = tmp_path / "bad.vcf"
    file.write_text(content)
    status, out, err = run(monkeypatch, capsys, file, *options)
    assert status == 2
    assert out == ""
    assert words in err


def test_a_reference_base_that_is_not_of_the_build_is_discarded_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bad.vcf"
    file.write_text(HEADER + STAR_2.replace("\tG\tA\t", "\tT\tA\t"))
    status, out, err = run(monkeypatch, capsys, file, "--build", "38")
    line = next(one for one in map(json.loads, out.splitlines()) if one["gene"] == "CYP2C19")
    assert any(place.startswith("rs4244285 GRCh38:10:94781859: ") for place in line["positions_discarded"])
    assert status == 1
    told = "bad.vcf: line 4, 10:94781859 (rs4244285 of CYP2C19): REF is T, GRCh38 has G. The line is not used, and the"
    assert f"{told} position stays unknown." in err
    assert "REF must be the base of GRCh38 on the forward strand" in err


def test_a_line_beside_one_with_the_base_of_the_build_leaves_the_position_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "twice.vcf"
    rows = STAR_2.splitlines(keepends=True)
    file.write_text(HEADER + rows[0] + rows[1].replace("\tG\tA\t", "\tT\tA\t") + rows[1] + rows[2])
    status, out, err = run(monkeypatch, capsys, file, "--build", "38")
    found = {(line["sample"], line["gene"]): line for line in map(json.loads, out.splitlines())}
    assert status == 1
    assert found["S2", "CYP2C19"]["positions_discarded"] == []
    assert "line 4, 10:94781859 (rs4244285 of CYP2C19): REF is T, GRCh38 has G. The line is not used.\n" in err


@pytest.mark.parametrize(("base", "wrong"), [("C", False), ("T", True)])
def test_a_reference_base_is_that_of_the_build_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], base: str, wrong: bool
) -> None:
    """rs776746 of CYP3A5 is T in GRCh38 and C in GRCh37, whose reference has the *3 allele."""
    file = tmp_path / "old.vcf"
    other = "CT".replace(base, "")
    file.write_text(
        HEADER
        + "chr10\t96541616\trs4244285\tG\tA\t.\tPASS\t.\tGT\t0/1\t1/1\n"
        + f"chr7\t99270539\trs776746\t{base}\t{other}\t.\tPASS\t.\tGT\t0/1\t1/1\n"
    )
    status, _, err = run(monkeypatch, capsys, file, "--build", "37")
    assert status == int(wrong)
    assert ("7:99270539 (rs776746 of CYP3A5): REF is T, GRCh37 has C." in err) == wrong


def test_a_line_whose_number_is_not_known_is_named_by_its_position(tmp_path: Path) -> None:
    file = tmp_path / "bad.vcf"
    file.write_text(HEADER + STAR_2.replace("\tG\tA\t", "\tT\tA\t"))
    read = read_vcf(file, sites())
    unnumbered = replace(read, sites=replace(read.sites, lines=()))
    told = next(remarks(unnumbered, "GRCh38", mismatches(unnumbered, "GRCh38")))
    assert told.startswith("bad.vcf: 10:94781859 (rs4244285 of CYP2C19): REF is T, GRCh38 has G")


def test_many_wrong_reference_bases_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Twelve positions of CYP2C9 in the order of the chromosome; rs1799853 (C) and rs1057910 (A) are among them."""
    wanted = [one for one in genes()["CYP2C9"].variants if not one.is_indel][:12]
    rows = [
        f"chr10\t{one.position[0]}\t.\t{'ACGT'.replace(one.bases[0], '')[0]}\t.\t.\t.\t.\tGT\t0/0\t0/0\n"
        for one in wanted
    ]
    file = tmp_path / "bad.vcf"
    file.write_text(HEADER + STAR_2 + "".join(rows))
    status, _, err = run(monkeypatch, capsys, file, "--build", "38")
    assert status == 1
    assert err.count(" of CYP2C9): REF is ") == 10
    assert "bad.vcf: 2 more lines have a REF that is not that of GRCh38." in err


@pytest.mark.parametrize("declared", [(), ("--absent-as-reference",)])
@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            STAR_2.replace("\tA\tG\t", "\tC\tG\t").replace("\tG\tA\t", "\tT\tA\t"),
            "known positions where REF is not the base of GRCh38: 3 (line 3, 10:94775367",
        ),
        (STAR_2.replace("\tGT\t0/1\t1/1", "\tDP\t9\t9").replace("\tGT\t1/1\t1/1", "\tDP\t9\t9"), "has GT in FORMAT"),
    ],
)
def test_a_file_of_which_nothing_can_be_used_is_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    rows: str,
    words: str,
    declared: tuple[str, ...],
) -> None:
    """Read on, its genes would be reference throughout where the file is declared to hold every variant."""
    file = tmp_path / "useless.vcf"
    file.write_text(HEADER + rows)
    status, out, err = run(monkeypatch, capsys, file, "--build", "38", *declared)
    assert (status, out) == (2, "")
    assert "useless.vcf: no genotype in it can be used" in err
    assert words in err


@pytest.mark.parametrize("rows", ["", "chr10\t94781859\trs4244285\tG\tA\t.\tPASS\t.\tGT\t./.\t./.\n"])
def test_a_file_that_tells_no_known_position_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], rows: str
) -> None:
    file = tmp_path / "elsewhere.vcf"
    file.write_text(HEADER + rows)
    status, _, err = run(monkeypatch, capsys, file, "--build", "38")
    assert status == 0
    assert err == "elsewhere.vcf: no genotype is called at any known position of a gene.\n"


@pytest.mark.parametrize("command", [("call",), ("advise", "--all")])
def test_a_reader_that_has_seen_enough_is_no_failure(tmp_path: Path, command: tuple[str, ...]) -> None:
    names = [f"S{number}" for number in range(200)]
    rows = [line.split("\t") for line in STAR_2.splitlines()]
    head = HEADER.replace("S1\tS2", "\t".join(names))
    file = tmp_path / "many.vcf"  # more than a pipe holds
    file.write_text(head + "".join("\t".join([*cells[:9], *cells[9:10] * 200]) + "\n" for cells in rows))
    given = [sys.executable, "-m", "precision", "pgx", command[0], str(file), *command[1:], "--build", "38"]
    with subprocess.Popen(given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        assert json.loads(program.stdout.readline())["sample"] == "S0"
        program.stdout.close()
        assert program.stderr.read() == ""
        assert program.wait(60) == 0


def test_a_laboratory_s_result_stands_in_the_place_of_a_call(
    shared: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shared / "data" / "pgx"
    status, out, _ = run(
        monkeypatch,
        capsys,
        folder / "NA18526.preprocessed.vcf",
        "--outside-calls",
        folder / "outside_calls_from_get-rm.NA18526.txt",
    )
    found = {line["gene"]: line for line in map(json.loads, out.splitlines())}
    assert status in (0, 1)
    assert found["CYP2D6"]["diplotypes"] == ["*1/*36x2+*10"]
    assert found["CYP2D6"]["activity_score"] == 1.25  # 1 + 2 x 0 + 0.25
    assert found["CYP2D6"]["origin"] == "outside"
    assert found["CYP2C19"]["build"] == "GRCh38"


def files_of(folder: Path) -> tuple[Path, Path]:
    """One file of S1 (CYP2C19 *1/*2), one of S2 (*2/*2)."""
    first, second = folder / "one.vcf", folder / "two.vcf"
    lines = [line.split("\t") for line in (HEADER + STAR_2).splitlines()[1:]]
    for file, left in ((first, -1), (second, -2)):
        kept = ["\t".join(cell for at, cell in enumerate(cells) if at != len(cells) + left) for cells in lines]
        file.write_text("\n".join(["##fileformat=VCFv4.2", *kept]) + "\n")
    return first, second


def test_a_laboratory_s_results_of_several_files_go_to_their_samples(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = tmp_path / "calls.tsv"
    calls.write_text("sample\tgene\tdiplotype\nS1\tCYP2D6\t*1/*1\nS2\tCYP2D6\t*4/*4\n")
    status, out, _ = run(monkeypatch, capsys, *files_of(tmp_path), "--build", "38", "--outside-calls", calls)
    assert status == 0
    told = {
        line["sample"]: line["diplotypes"] for line in map(json.loads, out.splitlines()) if line["gene"] == "CYP2D6"
    }
    assert told == {"S1": ["*1/*1"], "S2": ["*4/*4"]}


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("gene\tdiplotype\nCYP2D6\t*4/*4\n", "calls.tsv, line 2: outside call CYP2D6 *4/*4: several files are read"),
        ("sample\tgene\tdiplotype\nZZ\tCYP2D6\t*4/*4\n", "line 2: outside call CYP2D6 *4/*4: sample 'ZZ' is not"),
    ],
)
def test_a_laboratory_s_result_of_no_sample_of_several_files_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], rows: str, words: str
) -> None:
    calls = tmp_path / "calls.tsv"
    calls.write_text(rows)
    out = tmp_path / "calls.jsonl"
    options = ("--build", "38", "--outside-calls", calls, "--out", out)
    status, _, err = run(monkeypatch, capsys, *files_of(tmp_path), *options)
    assert (status, out.exists()) == (2, False)
    assert words in " ".join(err.split())


def test_genotypes_that_contradict_the_laboratory_are_told_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _, second = files_of(tmp_path)
    calls = tmp_path / "calls.tsv"
    calls.write_text("CYP2C19\t*1/*1\n")
    _, out, _ = run(monkeypatch, capsys, second, "--build", "38", "--absent-as-reference", "--outside-calls", calls)
    line = next(one for one in map(json.loads, out.splitlines()) if one["gene"] == "CYP2C19")
    assert (line["origin"], line["diplotypes"], line["reasons"]) == ("outside", ["*1/*1"], ["genotypes_differ"])


def test_a_laboratory_result_that_is_not_understood_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _, second = files_of(tmp_path)
    calls = tmp_path / "calls.tsv"
    calls.write_text("CYP2D6\tbanana\nTPMT\t*1/*3A\n")
    options = ("--build", "38", "--absent-as-reference", "--outside-calls", calls)
    status, out, err = run(monkeypatch, capsys, second, *options)
    line = next(one for one in map(json.loads, out.splitlines()) if one["gene"] == "CYP2D6")
    assert (status, line["reasons"]) == (1, ["not_understood:banana"])
    assert err.count("calls.tsv: line 1, column diplotype: 'banana' is no result of CYP2D6 that is known.") == 1
    assert "TPMT" not in err
