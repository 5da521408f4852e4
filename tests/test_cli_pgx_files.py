"""The files of `precision pgx call` and `pgx advise`: what is written never costs what was there, lists and sexes."""

import io
import json
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from precision.__main__ import main
from precision.io.vcf import read_vcf
from precision.pgx.calling import Settings, call
from precision.pgx.definitions import sites

HEADER = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\tS2\n"
STAR_2 = (
    "chr10\t94775367\trs12769205\tA\tG\t.\tPASS\t.\tGT\t0/0\t1/1\n"
    "chr10\t94781859\trs4244285\tG\tA\t.\tPASS\t.\tGT\t0/0\t1/1\n"
    "chr10\t94842866\trs3758581\tA\tG\t.\tPASS\t.\tGT\t1/1\t1/1\n"
)
G6PD_MEDITERRANEAN = "chrX\t154534419\trs5030868\tG\tA\t.\tPASS\t.\tGT\t0/1\t1/1\n"
ONE = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n"
HOMOZYGOUS_ON_X = "chrX\t154534419\trs5030868\tG\tA\t.\tPASS\t.\tGT\t1/1\n"
Run = Callable[..., tuple[int, list[dict[str, object]], str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `precision pgx` with build 38; answers exit status, lines of standard output and standard error."""

    def _run(*arguments: str | Path) -> tuple[int, list[dict[str, object]], str]:
        monkeypatch.setattr(sys, "argv", ["precision", "pgx", *map(str, arguments), "--build", "38"])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
        with pytest.raises(SystemExit) as stopped:
            main()
        written = capsys.readouterr()
        return (
            int(str(stopped.value.code or 0)),
            [json.loads(line) for line in written.out.splitlines()],
            " ".join(written.err.split()),
        )

    return _run


@pytest.fixture
def two(tmp_path: Path) -> Path:
    file = tmp_path / "two.vcf"
    file.write_text(HEADER + STAR_2 + G6PD_MEDITERRANEAN)
    return file


@pytest.fixture
def one(tmp_path: Path) -> Path:
    file = tmp_path / "one.vcf"
    file.write_text(ONE + HOMOZYGOUS_ON_X)
    return file


def g6pd(lines: list[dict[str, object]], sample: str = "S1") -> dict[str, object]:
    return next(line for line in lines if (line["sample"], line["gene"]) == (sample, "G6PD"))


@pytest.mark.parametrize("command", [("call",), ("advise", "--drugs", "codeine")])
@pytest.mark.parametrize("spelling", ["two.vcf", "link.vcf"])
def test_the_file_that_is_read_is_never_written_over(
    run: Run, two: Path, command: tuple[str, ...], spelling: str
) -> None:
    (two.parent / "link.vcf").symlink_to(two)
    before = two.read_bytes()
    status, _, err = run(command[0], two, *command[1:], "--out", two.parent / spelling)
    assert status == 2
    assert "is the file" in err
    assert "give another name" in err
    assert two.read_bytes() == before


def test_lists_that_are_read_are_never_written_over(run: Run, two: Path) -> None:
    listed = two.with_name("listed.tsv")
    for option, text in (
        ("--medications", "sample\tdrug\nS1\tcodeine\n"),
        ("--outside-calls", "sample\tgene\tdiplotype\nS1\tCYP2D6\t*1/*1\n"),
        ("--sexes", "sample\tsex\nS1\tfemale\n"),
    ):
        listed.write_text(text)
        status, _, _ = run("advise", two, "--drugs", "codeine", option, listed, "--out", listed)
        assert (status, listed.read_text()) == (2, text)


@pytest.mark.parametrize("second", ["empty.vcf", "nowhere.vcf"])
def test_earlier_results_stay_where_the_command_could_not_run(run: Run, two: Path, second: str) -> None:
    (two.parent / "empty.vcf").write_text("")
    earlier = two.with_name("earlier.jsonl")
    earlier.write_text("earlier\n")
    files = sorted(path.name for path in two.parent.iterdir())
    status, _, _ = run("call", two, two.parent / second, "--out", earlier)
    assert (status, earlier.read_text()) == (2, "earlier\n")
    assert sorted(path.name for path in two.parent.iterdir()) == files


def test_new_results_take_the_place_of_the_earlier_and_stay_as_private(run: Run, two: Path) -> None:
    earlier, link = two.with_name("earlier.jsonl"), two.with_name("latest.jsonl")
    earlier.write_text("earlier\n")
    earlier.chmod(0o600)
    link.symlink_to(earlier)
    status, _, _ = run("call", two, "--out", link)
    assert status == 0
    assert link.is_symlink()
    assert {json.loads(line)["sample"] for line in earlier.read_text().splitlines()} == {"S1", "S2"}
    assert stat.S_IMODE(earlier.stat().st_mode) == 0o600
    assert sorted(path.name for path in two.parent.iterdir()) == ["earlier.jsonl", "latest.jsonl", "two.vcf"]


def test_a_folder_that_is_not_there_is_named_as_written(run: Run, two: Path) -> None:
    out = two.parent / "nowhere" / "calls.jsonl"
    status, _, err = run("call", two, "--out", out)
    assert status == 2
    assert f"{out}: " in err


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("patient_id,drug,code,atc,dose\nS1,codeine,RXNORM:2670,R05DA04,30\n", {"codeine"}),
        ("sample,code\nS1,RXNORM:2670\nS2,2670\n", {"codeine"}),
        ("sample\tatc\nS1\tR05DA04\n", {"codeine"}),
        ("sample\tdrug\tcode\tatc\nS1\t\tRXNORM:32968\tR05DA04\nS2\t\t\tR05DA04\n", {"clopidogrel", "codeine"}),
        ("sample\tmedication\trxnorm\nS1\tclopidogrel\t\n", {"clopidogrel"}),
        ("sample\tcode\nS1\tcodeine\n", {"codeine"}),
        ("sample\tdrug\nS1\t2670\nS2\tn02ax02\n", {"codeine", "tramadol"}),
    ],
)
def test_a_medicine_is_its_name_else_its_code_else_its_atc(run: Run, two: Path, text: str, expected: set[str]) -> None:
    listed = two.with_name("medicines.txt")
    listed.write_text(text)
    status, lines, err = run("advise", two, "--medications", listed)
    assert status == 0, err
    assert {line["drug"] for line in lines} == expected


def test_two_columns_that_say_the_same_are_both_named(run: Run, two: Path) -> None:
    listed = two.with_name("medicines.txt")
    listed.write_text("sample\tdrug\tdose\tmedication\nS1\tcodeine\t30\tclopidogrel\n")
    status, _, err = run("advise", two, "--medications", listed)
    assert status == 2
    assert "two columns say 'drug': 'drug' and 'medication'; keep one of them" in err


def test_a_sex_decides_the_copies_of_a_gene_on_x(run: Run, one: Path) -> None:
    """CPIC 2022, PMID 36049896: a male has one copy of G6PD; two copies in a female decide together."""
    found = {sex: g6pd(run("call", one, "--absent-as-reference", "--sex", sex)[1]) for sex in ("female", "male")}
    assert [len(str(found[sex]["diplotypes"]).split("/")) for sex in ("female", "male")] == [2, 1]
    assert not [sex for sex in found if "sex_unknown" in str(found[sex]["reasons"])]
    unknown = g6pd(run("call", one, "--absent-as-reference")[1])
    assert "sex_unknown" in str(unknown["reasons"])


def test_a_sex_counts_in_advice(run: Run, two: Path) -> None:
    sexes = two.with_name("sexes.csv")
    sexes.write_text("patient_id,Gender\nS1,M\nS2,F\nS3,F\n")
    status, lines, _ = run("advise", two, "--drugs", "rasburicase", "--absent-as-reference", "--sexes", sexes)
    told = {str(line["sample"]): line for line in lines if line["source"] == "CPIC"}
    assert status == 0
    assert told["S1"]["action"] == "not_determined"  # a male with two different alleles: no call
    assert told["S2"]["action"] == "avoid"


def test_sexes_of_several_samples_are_read_from_a_table(run: Run, two: Path) -> None:
    sexes = two.with_name("sexes.tsv")
    sexes.write_text("sample\tsex\nS1\tmale\nS2\t\n")
    status, lines, _ = run("call", two, "--absent-as-reference", "--sexes", sexes)
    assert status == 0
    assert "male_heterozygous" in str(g6pd(lines, "S1")["reasons"])
    assert "sex_unknown" in str(g6pd(lines, "S2")["reasons"])


@pytest.mark.parametrize("command", [("call",), ("advise", "--drugs", "rasburicase")])
def test_a_wrong_sex_is_refused_with_the_way_out(run: Run, one: Path, two: Path, command: tuple[str, ...]) -> None:
    for file, options, words in (
        (one, ("--sex", "1"), "--sex is '1'; allowed: female, male"),
        (two, ("--sex", "male"), "two.vcf has 2; give --sexes FILE"),
        (one, ("--sex", "male", "--sexes", two), "--sexes is given too"),
    ):
        status, lines, err = run(command[0], file, *command[1:], *options)
        assert (status, lines) == (2, [])
        assert words in err
    status, _, err = run("call", one, two, "--sex", "male")
    assert (status, "2 files are given" in err) == (2, True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("S1\tmale\n", "0 columns give the sample"),
        ("sample\tsex\tgender\nS1\tmale\tmale\n", "2 columns give the sex"),
        ("sample\tsex\nS1\t1\n", "line 2: sex '1' is not understood"),
        ("\nsample\tsex\n\nS1\t1\n", "line 4: sex '1' is not understood"),
        ("sample\tsex\nS1\tmale\nS1\tfemale\n", "line 3: sample 'S1' has another sex before"),
        ("sample\tsex\n\tmale\n", "line 2: no sample is named"),
        ('sample\tsex\nS1\t"male\n', "close every quote"),
    ],
)
def test_a_table_of_sexes_that_is_not_understood_is_refused(run: Run, two: Path, text: str, words: str) -> None:
    sexes = two.with_name("sexes.tsv")
    sexes.write_text(text)
    status, lines, err = run("call", two, "--sexes", sexes)
    assert (status, lines) == (2, [])
    assert words in err


def test_a_table_of_sexes_of_other_people_is_said(run: Run, two: Path) -> None:
    sexes = two.with_name("sexes.tsv")
    sexes.write_text("sample\tsex\nS7\tmale\n")
    status, _, err = run("call", two, "--sexes", sexes)
    assert status == 0
    assert "names no sample of" in err


def test_standard_input_and_folders_are_refused_without_being_offered(run: Run, two: Path) -> None:
    for given, words in (
        ("-", "standard input is not read here"),
        (two.parent, "is a folder; give the files in it one by one"),
        (two.parent / "nowhere.vcf", "does not exist; give a file"),
    ):
        status, _, err = run("call", given)
        assert status == 2
        assert words in err
        assert "or - for standard input" not in err


def test_samples_with_the_same_genotype_are_described_once(tmp_path: Path) -> None:
    file = tmp_path / "many.vcf"
    names = [f"S{number}" for number in range(12)]
    calls = "\t".join("0/1" if number % 3 else "1/1" for number in range(12))
    head = ONE.replace("S1", "\t".join(names))
    file.write_text(f"{head}chr10\t94781859\trs4244285\tG\tA\t.\tPASS\t.\tGT\t{calls}\n")
    found = call(read_vcf(file, sites()), Settings("GRCh38"))
    first, second, other = (found.at(index, "CYP2C19") for index in (1, 2, 3))
    assert (first.sample, second.sample, other.sample) == ("S1", "S2", "S3")
    assert first.alternatives is second.alternatives
    assert first.diplotypes is second.diplotypes
    assert other.diplotypes != first.diplotypes
