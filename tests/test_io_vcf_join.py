"""Lines of one position and REF are one record: split multi-allelics, duplicates, contradictions."""

from precision.genotypes import FILTERED, HAPLOID, NO_CALL
from tests.vcf_files import calls, codes, line, load


def test_split_multi_allelic_lines_are_joined() -> None:
    # what `bcftools norm -m-` makes of 1/2, 0/1, 0/2, 1|2, 2|0, ./. and 1/1 at one position
    genotypes = load(
        line("1:5", "C", "T", "1/0", "0/1", "0/0", "1|0", "0|0", "./.", "1/1"),
        line("1:5", "C", "CA", "0/1", "0/0", "0/1", "0|1", "1|0", "./.", "0/0"),
        samples=tuple("ABCDEFG"),
    )
    assert genotypes.sites.alts == (("T", "CA"),)
    assert calls(genotypes) == [[[1, 2], [0, 1], [0, 2], [1, 2], [2, 0], [NO_CALL, NO_CALL], [1, 1]]]
    assert genotypes.phased.tolist() == [[False, False, False, True, True, False, False]]
    assert genotypes.issues.empty


def test_two_heterozygous_lines_of_one_position_are_both_alleles() -> None:
    genotypes = load(
        line("1:5", "C", "T", "0/1", "1/.", "0/1", "1", "0"),
        line("1:5", "C", "G", "0/1", "./1", "./.", "0", "1"),
        samples=tuple("ABCDE"),
    )
    assert calls(genotypes) == [[[1, 2], [1, 2], [NO_CALL, 1], [1, HAPLOID], [2, HAPLOID]]]


def test_phased_parts_of_a_split_line_are_joined_strand_by_strand() -> None:
    genotypes = load(
        line("1:5", "C", "T", "0|.", "1|.", "0|1:9", "0|1:9", form="GT:PS"),
        line("1:5", "C", "G", "1|0", ".|1", "1|0:9", "0/0", form="GT:PS"),
        samples=tuple("ABCD"),
    )
    assert calls(genotypes) == [[[2, NO_CALL], [1, 2], [2, 1], [0, 1]]]
    assert genotypes.phased.tolist() == [[True, True, True, False]]
    assert genotypes.phase_set.tolist() == [[0, 0, 9, 0]]


def test_more_split_lines_than_alleles_are_counted_are_said() -> None:
    genotypes = load(*(line("1:5", "C", "C" * k, "0/1") for k in range(2, 140)))
    assert calls(genotypes) == [[[NO_CALL, NO_CALL]]]
    assert codes(genotypes) == [(4, "too_many_alleles")]


def test_split_lines_that_contradict_each_other_are_not_called_and_said() -> None:
    genotypes = load(
        line("1:5", "C", "T", "1/1", "0|1", "1", "0/0"),
        line("1:5", "C", "G", "0/1", "0|1", "1", "0/1"),
        samples=tuple("ABCD"),
    )
    assert calls(genotypes) == [[[NO_CALL, NO_CALL], [NO_CALL, NO_CALL], [NO_CALL, HAPLOID], [0, 2]]]
    assert codes(genotypes) == [(4, "conflicting_record")]


def test_a_filtered_part_of_a_split_line_puts_only_its_own_allele_in_doubt() -> None:
    genotypes = load(
        line("1:5", "C", "T", "0/1", "1/0", "0/0", "0/0", "./.", "1"),
        line("1:5", "C", "G", "0/0", "0/1", "0/1", "./.", "0/1", "0", passed="LowQual"),
        samples=tuple("ABCDEF"),
    )
    assert calls(genotypes) == [
        [[0, 1], [1, FILTERED], [0, FILTERED], [0, 0], [FILTERED, FILTERED], [1, HAPLOID]],
    ]
    both = load(line("1:5", "C", "T", "0/1", passed="q10"), line("1:5", "C", "G", "0/1", passed="LowQual"))
    assert calls(both) == [[[FILTERED, FILTERED]]]


def test_records_of_one_position_with_another_reference_stay_apart() -> None:
    genotypes = load(line("1:5", "C", "T", "0/1"), line("1:5", "CAG", "C", "0/1"))
    assert genotypes.sites.ref == ("C", "CAG")
    assert calls(genotypes) == [[[0, 1]], [[0, 1]]]


def test_of_duplicate_lines_the_one_that_is_called_counts_and_the_other_is_said() -> None:
    genotypes = load(
        line("1:5", "C", "T", "./."),
        line("1:5", "C", "T", "0/1"),
        line("1:5", "C", "T", "1/0"),
        line("1:9", "C", "T", "0/1", passed="LowQual"),
        line("1:9", "C", "T", "1/1"),
    )
    assert calls(genotypes) == [[[0, 1]], [[1, 1]]]
    assert codes(genotypes) == [(4, "duplicate_record"), (6, "duplicate_record"), (7, "duplicate_record")]


def test_duplicate_lines_with_two_genotypes_of_a_sample_say_nothing_of_it() -> None:
    genotypes = load(
        line("1:5", "C", "T", "0/1", "0/0", "1"),
        line("1:5", "C", "T", "1/1", "0/0", "1"),
        line("1:9", "C", "T", "0/1", "0/1", "0/1"),
        line("1:9", "C", "T", "1/1", "0/0", "./.", passed="LowQual"),
        samples=tuple("ABC"),
    )
    assert calls(genotypes) == [[[NO_CALL, NO_CALL], [0, 0], [1, HAPLOID]], [[0, 1]] * 3]
    assert sorted(codes(genotypes)) == [(4, "conflicting_record"), (5, "duplicate_record"), (7, "duplicate_record")]


def test_duplicates_far_apart_in_an_unsorted_file_are_found() -> None:
    genotypes = load(line("2:5", "C", "T", "0/1"), line("1:5", "C", "T", "1/1"), line("2:5", "C", "G", "0/1"))
    assert genotypes.sites.chrom.tolist() == ["2", "1"]
    assert calls(genotypes) == [[[1, 2]], [[1, 1]]]


def test_a_line_that_shares_an_alt_with_another_and_is_not_used_leaves_its_carriers_unknown() -> None:
    genotypes = load(
        line("1:5", "A", "G,T", "0/0", "0/1", "0/2", "2", "./."),
        line("1:5", "A", "T,C", "1/1", "0/0", "0/1", "1", "0/2"),
        samples=tuple("ABCDE"),
    )
    unknown = [NO_CALL, NO_CALL]
    assert calls(genotypes) == [[unknown, [0, 1], [0, 2], [2, HAPLOID], unknown]]
    assert codes(genotypes) == [(5, "duplicate_record"), (4, "conflicting_record")]
