"""`precision pgx call`: one JSON object per sample and gene, and clear words for what cannot be called."""

import io
import json
import sys
from pathlib import Path

import pytest

from precision.__main__ import main

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
    _, out, _ = run(monkeypatch, capsys, file, "--build", "38")
    line = next(one for one in map(json.loads, out.splitlines()) if one["gene"] == "CYP2C19")
    assert any(place.startswith("rs4244285 GRCh38:10:94781859: ") for place in line["positions_discarded"])


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
