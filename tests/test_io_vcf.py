"""VCF and gVCF become genotypes: what each call says, what is not called, and why."""

import gzip

import numpy as np
import pytest

from precision.errors import InputError
from precision.genotypes import FILTERED, HAPLOID, NO_CALL, Region, Sites, chromosome
from precision.io.vcf import read_vcf
from tests.vcf_files import bgzf, calls, codes, line, load, vcf


def test_each_call_is_read_as_it_stands() -> None:
    genotypes = load(
        line("chr1:10", "A", "G", "0/1", "1|0", "./.", "1/1", "."),
        line("chr1:20", "A", "G,T", "1/2", "2|0", "0/.", "1/.", "0|1"),
        samples=("A", "B", "C", "D", "E"),
    )
    assert calls(genotypes) == [
        [[0, 1], [1, 0], [NO_CALL, NO_CALL], [1, 1], [NO_CALL, HAPLOID]],
        [[1, 2], [2, 0], [0, NO_CALL], [1, NO_CALL], [0, 1]],
    ]
    assert genotypes.phased.tolist() == [[False, True, False, False, False], [False, True, False, False, True]]
    assert genotypes.called().tolist() == [[True, True, False, True, False], [True, True, False, False, True]]
    assert genotypes.sites.alts == (("G",), ("G", "T"))
    assert genotypes.issues.empty


def test_haploid_calls_of_men_have_one_allele() -> None:
    genotypes = load(
        line("chrX:10", "A", "G", "1", "0/1", "0"), line("chrM:5", "A", "C", "1", "0", "."), samples=("m", "f", "n")
    )
    assert calls(genotypes) == [
        [[1, HAPLOID], [0, 1], [0, HAPLOID]],
        [[1, HAPLOID], [0, HAPLOID], [NO_CALL, HAPLOID]],
    ]
    assert genotypes.sites.chrom.tolist() == ["X", "MT"]


def test_a_call_is_phased_where_it_is_written_so() -> None:
    genotypes = load(line("X:1", "A", "G", "1/1", "0/1", "0|1", "1", "./."), samples=tuple("ABCDE"))
    assert genotypes.phased.tolist() == [[False, False, True, False, False]]


def test_alleles_beyond_nine_are_read() -> None:
    alts = ",".join("C" * k for k in range(2, 14))
    genotypes = load(line("1:10", "C", alts, "10/12", "0/9", "11|1", "10"), samples=tuple("ABCD"))
    assert calls(genotypes) == [[[10, 12], [0, 9], [11, 1], [10, HAPLOID]]]
    assert genotypes.phased.tolist() == [[False, False, True, False]]


def test_a_filter_of_the_record_or_of_the_call_excludes_it_unless_it_is_kept() -> None:
    content = vcf(
        [
            line("1:1", "A", "G", "0/1:PASS", "0/1:LowQual", "1:q10", form="GT:FT"),
            line("1:2", "A", "G", "0/1:.", "0/1", "0/0:PASS", form="GT:FT", passed="q10"),
            line("1:3", "A", "G", "0/1", "0/1", "0/0", passed="."),
        ],
        tuple("ABC"),
    )
    genotypes = read_vcf(("f.vcf", content), None)
    assert calls(genotypes) == [
        [[0, 1], [FILTERED, FILTERED], [FILTERED, HAPLOID]],
        [[FILTERED, FILTERED]] * 3,
        [[0, 1], [0, 1], [0, 0]],
    ]
    kept = read_vcf(("f.vcf", content), None, keep_filtered=True)
    assert calls(kept) == [[[0, 1], [0, 1], [1, HAPLOID]], [[0, 1], [0, 1], [0, 0]], [[0, 1], [0, 1], [0, 0]]]


def test_genotypes_need_not_stand_first_in_the_format() -> None:
    genotypes = load(line("1:1", "A", "G", "9:0/1:3", "12:1|1:4", "7", "3:1:5", form="DP:GT:GQ"), samples=tuple("ABCD"))
    assert calls(genotypes) == [[[0, 1], [1, 1], [NO_CALL, HAPLOID], [1, HAPLOID]]]


def test_a_line_without_genotypes_is_not_called_and_said() -> None:
    genotypes = load(line("1:1", "A", "G", "9", form="DP"))
    assert calls(genotypes) == [[[NO_CALL, NO_CALL]]]
    assert codes(genotypes) == [(4, "no_genotype")]


def test_phase_sets_count_for_phased_calls_only() -> None:
    genotypes = load(
        line("1:1", "A", "G", "0|1:77", "0/1:77", "0|1:.", "1|0", "1|0:x7", form="GT:PS"), samples=tuple("ABCDE")
    )
    assert genotypes.phase_set.tolist() == [[77, 0, 0, 0, 0]]
    assert genotypes.phased.tolist() == [[True, False, True, True, False]]
    assert codes(genotypes) == [(4, "bad_phase_set")]


def test_a_genotype_of_three_alleles_is_not_called_and_said() -> None:
    genotypes = load(line("1:1", "A", "G", "0/1/1", "0/1", "1|1|1"), samples=tuple("ABC"))
    assert calls(genotypes) == [[[NO_CALL, NO_CALL], [0, 1], [NO_CALL, NO_CALL]]]
    assert codes(genotypes) == [(4, "ploidy")]
    issue = genotypes.issues.iloc[0]
    assert (issue["column"], issue["value"], issue["severity"]) == ("A", "0/1/1", "error")
    assert "1 more" in issue["reason"]


def test_an_allele_that_the_line_does_not_list_is_not_called_and_said() -> None:
    genotypes = load(line("1:1", "A", "G", "0/2"), line("1:2", "A", ".", "1"), line("1:3", "A", "G,T", "0/2"))
    assert calls(genotypes) == [[[NO_CALL, NO_CALL]], [[NO_CALL, HAPLOID]], [[0, 2]]]
    assert codes(genotypes) == [(4, "unknown_allele"), (5, "unknown_allele")]


@pytest.mark.parametrize("text", ["a/b", "0-1", "/", "0//1", "0/1x", "-1/0", "00000"])
def test_a_genotype_that_is_none_is_not_called_and_said(text: str) -> None:
    genotypes = load(line("1:1", "A", "G", "0/1", text), samples=("A", "B"))
    assert calls(genotypes) == [[[0, 1], [NO_CALL, NO_CALL]]]
    assert codes(genotypes) == [(4, "bad_genotype")]


def test_lines_with_too_few_or_too_many_columns_are_not_called_and_the_others_are() -> None:
    genotypes = load(
        line("1:1", "A", "G", "0/1", "0/1"),
        line("1:2", "A", "G", "0/1"),
        line("1:3", "A", "G", "0/1", "0/1", "1/1"),
        line("1:4", "A", "G"),
        line("1:5", "A", "G", "1/1", "0/0"),
        samples=("A", "B"),
    )
    assert genotypes.sites.pos.tolist() == [1, 2, 3, 4, 5]
    assert calls(genotypes) == [[[0, 1]] * 2, *[[[NO_CALL] * 2] * 2] * 3, [[1, 1], [0, 0]]]
    assert codes(genotypes) == [(7, "ragged_row"), (5, "ragged_row"), (6, "ragged_row")]


def test_nothing_is_read_that_is_not_asked_for() -> None:
    lines = [line(f"{chrom}:{pos}", "A", "G", "0/1") for chrom in ("1", "chr2", "X") for pos in range(1, 50)]
    lines.insert(3, line("1:4", "A", "G", "broken", "line"))  # nobody asked about it
    genotypes = load(*lines, sites=Sites.at(["chr1", "2", "3"], [7, 49, 7]))
    assert list(zip(genotypes.sites.chrom.tolist(), genotypes.sites.pos.tolist(), strict=True)) == [("1", 7), ("2", 49)]
    assert genotypes.issues.empty


def test_samples_are_read_in_the_order_asked_for() -> None:
    content = vcf([line("1:1", "A", "G", "0/0", "0/1", "1"), line("1:2", "A", "G", "1/1", "./.", "0/0")], tuple("ABC"))
    genotypes = read_vcf(("s.vcf", content), None, ["C", "A"])
    assert genotypes.samples == ("C", "A")
    assert calls(genotypes) == [[[1, HAPLOID], [0, 0]], [[0, 0], [1, 1]]]
    with pytest.raises(InputError, match=r"s\.vcf has no sample 'D'; it has A, B, C"):
        read_vcf(("s.vcf", content), None, ["D"])
    with pytest.raises(InputError, match="twice"):
        read_vcf(("s.vcf", content), None, ["A", "A"])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("chr1", "1"), ("1", "1"), ("CHR22", "22"), ("chrX", "X"), ("23", "X"), ("chrM", "MT"), ("MT", "MT"),
        ("NC_000001.11", "1"), ("26", "MT"), ("NC_000023.10", "X"), ("NC_000024.10", "Y"), ("NC_012920.1", "MT"),
        ("CM000663.2", "1"), ("CM000686.1", "Y"), ("GL000207.1", "GL000207.1"),
        ("NC_000025.1", "NC_000025.1"), ("chrUn", "chrUn"), ("chr1_KI270706v1_random", "chr1_KI270706v1_random"),
    ],
)  # fmt: skip
def test_chromosomes_have_one_name_however_they_are_spelled(name: str, expected: str) -> None:
    assert chromosome(name) == expected
    assert load(line(f"{name}:7", "A", "G", "0/1")).sites.chrom.tolist() == [expected]


def test_plain_gzip_and_bgzf_say_the_same_whatever_the_name() -> None:
    content = vcf([line(f"1:{pos}", "A", "G", "0/1") for pos in range(1, 2000)])
    plain = read_vcf(("a.txt", content), None)
    windows = content.replace(b"\n", b"\r\n")
    twice = gzip.compress(content[:5000]) + gzip.compress(content[5000:]) + b"\0" * 8
    no_end = content.removesuffix(b"\n")
    for packed in (gzip.compress(content), bgzf(content), bgzf(content, 700), windows, bgzf(windows), twice, no_end):
        other = read_vcf(("a.txt", packed), None)
        assert np.array_equal(plain.alleles, other.alleles)
        assert plain.sites.pos.tolist() == other.sites.pos.tolist()
        assert other.issues.empty


def test_the_rows_of_issues_are_lines_of_the_file() -> None:
    lines = [line(f"1:{pos}", "A", "G", "0/1", "1/1", info="X=" + "y" * 500) for pos in range(1, 4000)]
    lines[3000] = line("1:3001", "A", "G", "0/7", "1/1")
    genotypes = load(*lines, samples=("A", "B"), sites=Sites.at(["1"], [3001]))
    assert codes(genotypes) == [(3 + 3001, "unknown_allele")]
    assert genotypes.issues.loc[0, "value"] == "0/7"


def test_issues_that_come_very_often_are_counted() -> None:
    genotypes = load(*(line(f"1:{pos}", "A", "G", "0/2") for pos in range(1, 1301)))
    assert len(genotypes.issues) == 1001
    assert "300 more" in genotypes.issues["reason"].iloc[-1]


def test_a_bgzf_file_without_its_end_mark_is_read_with_a_warning() -> None:
    genotypes = read_vcf(("t.vcf.gz", bgzf(vcf([line("1:5", "A", "G", "0/1")]))[:-28]), None)
    assert calls(genotypes) == [[[0, 1]]]
    assert codes(genotypes) == [(0, "no_end_mark")]


def test_a_region_that_is_none_is_an_input_error() -> None:
    with pytest.raises(InputError, match="region 1:5-4 is none"):
        load(line("1:5", "A", "G", "0/1"), sites=[Region("1", 5, 4)])


def test_a_file_without_records_gives_no_rows() -> None:
    genotypes = load(samples=("A", "B"))
    assert genotypes.alleles.shape == (0, 2, 2)
    assert genotypes.phased.shape == genotypes.phase_set.shape == genotypes.reference_block.shape == (0, 2)
    assert genotypes.issues.columns.tolist() == ["file", "row", "column", "value", "code", "severity", "reason", "fix"]


def test_more_alleles_than_are_counted_leave_the_line_not_called() -> None:
    alts = ",".join("A" * k for k in range(2, 130))
    genotypes = load(line("1:5", "A", alts, "0/128"), line("1:6", "A", "G", "0/1"))
    assert (genotypes.sites.pos.tolist(), genotypes.sites.alts) == ([5, 6], ((), ("G",)))
    assert calls(genotypes) == [[[NO_CALL, NO_CALL]], [[0, 1]]]
    assert codes(genotypes) == [(4, "too_many_alleles")]


def test_lower_case_bases_are_bases() -> None:
    genotypes = load(line("1:5", "ac", "a,<del>", "0/1"))
    assert (genotypes.sites.ref, genotypes.sites.alts) == (("AC",), (("A", "<del>"),))


def test_a_heterozygote_with_reads_of_one_allele_only_is_not_used() -> None:
    """GUIDE of the callers, rule 1: PharmCAT discards it. AD lists the reads of REF and of each ALT."""
    calls_of_a = ["0/1:0,30", "0|1:30,0", "1/2:9,0,8", "0/1:9,30", "0/2:9,0,8", "0/1:.", "0/1:9", "0/1:0,0", "1/1:30,1"]
    genotypes = load(line("1:5", "A", "G,T", *calls_of_a, form="GT:AD"), samples=tuple("ABCDEFGHI"))
    lost = [[FILTERED, FILTERED]]
    assert calls(genotypes) == [lost * 3 + [[0, 1], [0, 2], [0, 1], [0, 1], [0, 1], [1, 1]]]
    assert codes(genotypes) == [(4, "unread_allele")]
    assert "3 heterozygous calls at 1:5 have reads (AD) of one allele only" in genotypes.issues["reason"][0]
    kept = read_vcf(("t.vcf", vcf([line("1:5", "A", "G", "0/1:0,30", form="GT:AD")])), None, keep_filtered=True)
    assert (calls(kept), kept.issues.empty) == ([[[0, 1]]], True)


def test_the_lines_of_a_split_record_each_have_reads_of_one_alt() -> None:
    genotypes = load(line("1:5", "A", "G", "0/1:0,9", form="GT:AD"), line("1:5", "A", "T", "1/0:0,8", form="GT:AD"))
    assert (calls(genotypes), genotypes.issues.empty) == ([[[2, 1]]], True)


def test_a_call_without_reads_or_of_no_quality_is_not_used() -> None:
    """Some callers write 0/0 where nothing was read, with DP and GQ of 0."""
    told = ["0/0:0:9", "1/1:9:0", "0/1:1:1", "0/0", "0/0:.:.", "0/1:9:0.98"]
    genotypes = load(line("1:5", "A", "G", *told, form="GT:DP:GQ"), samples=tuple("ABCDEF"))
    assert calls(genotypes) == [[[FILTERED] * 2, [FILTERED] * 2, [0, 1], [0, 0], [0, 0], [0, 1]]]
    assert codes(genotypes) == [(4, "weak_call")]
