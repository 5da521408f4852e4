"""Genes of a cohort: from its files of genotypes, its table of variants and its laboratory results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pandas as pd
import pytest

from precision.cohort import Cohort
from precision.genotypes import ABSENT, FILTERED, HAPLOID, NO_CALL
from precision.io.genotype_join import rows_of as kept_rows
from precision.knowledge import positions
from precision.pgx import definitions
from precision.pgx.calls import Calls
from precision.pgx.from_table import genotypes_of, rows_of
from precision.pgx.of_cohort import calls_of, has_genes
from precision.pgx.seen import seen
from precision.synth import load_sample

ON = date(2026, 9, 30)
# rs4244285 (CYP2C19 *2) and rs9923231 (VKORC1 -1639, C is G on the gene's strand), as dbSNP lists them in both builds
CYP2C19_2 = {"GRCh38": ("chr10", 94781859, "G", "A"), "GRCh37": ("chr10", 96541616, "G", "A")}
VKORC1 = {"GRCh38": ("chr16", 31096368, "C", "T"), "GRCh37": ("chr16", 31107689, "C", "T")}
Cells = str | float


@cache
def sample() -> Calls:
    return calls_of(load_sample())


def told(calls: Calls, patient: str, gene: str) -> tuple[str, str, str]:
    at = calls.samples.index(patient)
    return str(calls.diplotype(gene)[at]), str(calls.phenotype(gene)[at]), str(calls.status(gene)[at])


def cohort(
    variants: Sequence[tuple[str, str, tuple[str, int, str, str], str]] | None = None,
    diplotypes: list[dict[str, Cells]] | None = None,
    **extra: list[str],
) -> Cohort:
    """Patients A to D; variants : patient, assembly, (chrom, pos, ref, alt), genotype."""
    tables = {"patients": pd.DataFrame({"patient_id": list("ABCD"), "sex": ["male", "female", "male", "female"]})}
    if variants is not None:
        rows = [(who, build, *place, genotype) for who, build, place, genotype in variants]
        names = ["patient_id", "assembly", "chrom", "pos", "ref", "alt", "genotype"]
        tables["variants"] = pd.DataFrame(rows, columns=names).assign(**extra)
    if diplotypes is not None:
        tables["diplotypes"] = pd.DataFrame(diplotypes)
    return Cohort("small", tables, ON)


def alleles(found: Cohort, patient: str, build: str = "GRCh38") -> list[tuple[int, int]]:
    """Every call of one patient that is not absent, as the table's rows make it."""
    table = found.table("variants")
    made = genotypes_of(table, rows_of(table, found.ids), found.ids, build, "test")
    mine = made.alleles[:, made.samples.index(patient)]
    return [(int(one), int(two)) for one, two in mine if one != ABSENT]


# --------------------------------------------------------------------------------------------------- sample cohort
@pytest.mark.parametrize(
    ("patient", "gene", "diplotype", "phenotype"),
    [
        ("P-00001", "CYP2C19", "*2/*2", "Poor Metabolizer"),
        ("P-00004", "VKORC1", "rs9923231 variant (T)/rs9923231 variant (T)", "-1639 AA"),
        ("P-00002", "CYP2D6", "*1/*1", "Normal Metabolizer"),
    ],
)
def test_the_people_of_the_scenarios_have_the_genes_of_their_stories(
    patient: str, gene: str, diplotype: str, phenotype: str
) -> None:
    assert told(sample(), patient, gene) == (diplotype, phenotype, "called")


def test_an_allele_whose_own_position_was_not_tested_keeps_a_call_open() -> None:
    # *18 and *68 have the position of *3 and one more each: rs72558193 and rs542577750
    whole = load_sample()
    assert whole.genotypes is not None
    tested = ~np.isin(whole.genotypes.sites.pos, [94986073, 94981371])
    without = replace(whole, genotypes=kept_rows(whole.genotypes, tested))
    assert told(calls_of(without), "P-00004", "CYP2C9")[0] == "*1/*3 or *1/*18 or *1/*68"
    declared = replace(without, complete=without.complete | {"genotypes"})
    assert told(calls_of(declared), "P-00004", "CYP2C9") == ("*1/*3", "Intermediate Metabolizer", "called")


def test_patients_are_in_the_order_of_the_cohort_and_those_without_genotypes_have_nothing_called() -> None:
    read = load_sample()
    assert sample().samples == tuple(read.ids)
    assert read.genotypes is not None
    untested = ~np.isin(np.array(sample().samples), read.genotypes.samples)
    assert untested.sum() == 300 - 242
    for gene in definitions.called_genes():
        assert set(sample().status(gene)[untested]) == {"not_called"}
    everything = calls_of(replace(read, complete=frozenset({"genotypes", "variants"})))
    assert set(everything.status("CYP2C19")[untested]) == {"not_called"}


def test_the_table_of_variants_agrees_with_the_file_wherever_it_calls_one_diplotype() -> None:
    read = load_sample()
    of_table = calls_of(replace(read, genotypes=None, complete=frozenset({"variants"})))
    of_file = calls_of(replace(read, complete=frozenset({"genotypes"})))
    for gene in definitions.called_genes():
        called = of_file.status(gene) != "not_called"
        assert called.sum() > 200
        assert (of_table.diplotype(gene)[called] == of_file.diplotype(gene)[called]).all(), gene


def test_one_patient_alone_has_the_calls_they_have_in_the_cohort() -> None:
    read = load_sample()
    alone = calls_of(read.take(pd.Index(["P-00004"])))
    for gene in alone.genes:
        assert told(alone, "P-00004", gene) == told(sample(), "P-00004", gene)


# ------------------------------------------------------------------------------------------------ table of variants
def test_positions_that_the_table_does_not_list_are_unknown_unless_it_is_complete() -> None:
    # *2 has two bases more: rs12769205 and rs3758581, as CPIC defines it
    of_star_2 = [CYP2C19_2["GRCh38"], ("chr10", 94775367, "A", "G"), ("chr10", 94842866, "A", "G")]
    rows = [("A", "GRCh38", place, "1/1") for place in of_star_2]
    some = cohort([*rows, ("B", "GRCh38", VKORC1["GRCh38"], "0/1")])
    calls = calls_of(some)
    assert told(calls, "A", "CYP2C19")[0].startswith("*2/*2")
    assert told(calls, "B", "CYP2C19")[2] == "not_called"
    assert told(calls, "B", "VKORC1")[1] == "-1639 AG"
    whole = calls_of(replace(some, complete=frozenset({"variants"})))
    assert told(whole, "A", "CYP2C19") == ("*2/*2", "Poor Metabolizer", "called")
    assert told(whole, "B", "CYP2C19")[0] == "*38/*38"  # the reference allele of GRCh38
    assert told(whole, "C", "CYP2C19")[2] == "not_called"  # no row at all: never tested


@pytest.mark.parametrize(
    ("genotype", "expected"),
    [
        ("0/1", (0, 1)),
        ("1|0", (1, 0)),
        ("1", (1, HAPLOID)),
        ("./.", (NO_CALL, NO_CALL)),
        ("het", (0, 1)),
        ("hom", (1, 1)),
        ("", (1, NO_CALL)),  # found, and not said on how many strands
        ("0/2", (0, NO_CALL)),  # there is no second ALT
        ("maybe", (NO_CALL, NO_CALL)),
    ],
)
def test_a_genotype_is_read_as_it_is_written(genotype: str, expected: tuple[int, int]) -> None:
    assert alleles(cohort([("A", "GRCh38", CYP2C19_2["GRCh38"], genotype)]), "A") == [expected]


def test_tumour_variants_other_positions_and_rows_without_a_build_are_not_used() -> None:
    places = [CYP2C19_2["GRCh38"], ("chr1", 5, "A", "C"), VKORC1["GRCh38"]]
    builds = ["GRCh38", "GRCh38", ""]
    rows = [("A", build, place, "0/1") for build, place in zip(builds, places, strict=True)]
    assert alleles(cohort(rows, origin=["somatic", "germline", "germline"]), "A") == []
    assert alleles(cohort(rows), "A") == [(0, 1)]


def test_a_row_that_did_not_pass_its_filter_is_not_a_call() -> None:
    rows = [("A", "GRCh38", CYP2C19_2["GRCh38"], "0/1"), ("B", "GRCh38", CYP2C19_2["GRCh38"], "0/1")]
    made = cohort(rows, filter=["LowQual", "PASS"])
    assert alleles(made, "A") == [(FILTERED, FILTERED)]
    assert alleles(made, "B") == [(0, 1)]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([("A", "0/1"), ("T", "0/1")], [(1, 2)]),  # one ALT on each strand
        ([("A", "0/1"), ("T", "0/0")], [(0, 1)]),
        ([("A", "0/1"), ("A", "0/1")], [(0, 1)]),  # the same said twice
        ([("A", "0/1"), ("A", "1/1")], [(NO_CALL, NO_CALL)]),  # they contradict each other
        ([("A", "1/1"), ("T", "0/1")], [(NO_CALL, NO_CALL)]),  # three alleles
        ([("A", "0/1"), ("T", "./.")], [(NO_CALL, NO_CALL)]),
    ],
)
def test_several_rows_of_one_position_make_one_call(
    lines: list[tuple[str, str]], expected: list[tuple[int, int]]
) -> None:
    rows = [("A", "GRCh38", ("chr10", 94781859, "G", alt), genotype) for alt, genotype in lines]
    assert alleles(cohort(rows), "A") == expected


def words(count: int) -> list[str]:
    """Different insertions after G, all longer than a base."""
    return ["G" + "".join("ACGT"[number // 4**k % 4] for k in range(5)) for number in range(1, count + 1)]


@pytest.mark.parametrize(
    ("count", "genotype", "expected"),
    [
        (124, "0/1", "*1/*2"),
        (124, "A/A", "*2/*2"),
        (99, "0/99", "not_called"),
        (300, "0/1", "*1/*2"),
        (300, "A/A", "*2/*2"),
        (300, f"A/{words(300)[-1]}", "not_called"),
    ],
)
def test_a_row_with_any_number_of_alleles_is_read(count: int, genotype: str, expected: str) -> None:
    row = ("chr10", 94781859, "G", ",".join(["A", *words(count)]))
    others = [("chr10", 94775367, "A", "G"), ("chr10", 94842866, "A", "G")]
    calls = calls_of(cohort([("A", "GRCh38", row, genotype), *(("A", "GRCh38", one, "./.") for one in others)]))
    assert expected in (told(calls, "A", "CYP2C19")[0].split(" or ")[0], told(calls, "A", "CYP2C19")[2])


def test_more_alternatives_at_one_place_than_are_counted_leave_the_known_ones_known() -> None:
    """One row for each of 400 people, each with another ALT; the last has *2."""
    alts = [*words(400), "A"]
    people = [f"P{number}" for number in range(len(alts))]
    place = ("chr10", 94781859, "G")
    made = cohort([(who, "GRCh38", (*place, alt), "1/1") for who, alt in zip(people, alts, strict=True)])
    found = replace(made, tables={**made.tables, "patients": pd.DataFrame({"patient_id": people, "sex": "female"})})
    calls = calls_of(found)
    assert told(calls, people[-1], "CYP2C19")[0] == "*2/*2"
    others = [calls.at(number, "CYP2C19") for number in range(400)]
    assert {one.status for one in others} == {"not_called"}
    assert {len(one.positions_discarded) for one in others} == {1}
    assert {one.positions_discarded[0].why for one in others} == {"undocumented_allele", "allele_not_told"}


def test_a_table_in_either_build_gives_the_same_calls_and_in_both_too() -> None:
    people = {"A": "0/1", "B": "1/1"}
    for place in (CYP2C19_2, VKORC1):
        made = {
            build: cohort([(who, build, place[build], genotype) for who, genotype in people.items()])
            for build in ("GRCh38", "GRCh37")
        }
        rows38 = [("A", "GRCh38", place["GRCh38"], "0/1"), ("C", "GRCh38", place["GRCh38"], "0/1")]
        made["mixed"] = cohort([*rows38, ("B", "GRCh37", place["GRCh37"], "1/1")])
        for gene in ("CYP2C19", "VKORC1"):
            for who in people:
                assert len({told(calls_of(one), who, gene) for one in made.values()}) == 1


def test_a_base_that_is_reference_in_one_build_only_is_moved_with_its_meaning() -> None:
    (one,) = [one for one in positions.known() if one.rsid == "rs776746"]
    assert one.reference == ("T", "C")
    here = ("chr7", one.position[1], "C", "T")
    # in GRCh37 C>T 0/1 is one C and one T; in GRCh38 the reference is T, so the pair is the same, named the other way
    assert alleles(cohort([("A", "GRCh37", here, "0/1"), ("B", "GRCh37", here, "1/1")]), "A") == [(1, 0)]
    assert alleles(cohort([("A", "GRCh37", here, "0/1"), ("B", "GRCh37", here, "1/1")]), "B") == [(0, 0)]


REPEAT, CYP2C9_6 = 233760233, 94949281  # UGT1A1 (TA)n, REF CAT; CYP2C9 *6, REF GA
CYP2C9_3 = ("chr10", 94981296, "A", "C")


@pytest.mark.parametrize(
    ("gene", "place", "genotype", "expected"),
    [
        ("UGT1A1", ("chr2", REPEAT, "CAT", "CATAT"), "0/1", "*1/*28"),  # as the definitions spell it
        ("UGT1A1", ("chr2", REPEAT, "C", "CAT"), "0/1", "*1/*28"),
        ("UGT1A1", ("2", REPEAT, "CATAT", "CATATAT"), "1/1", "*28/*28"),
        ("UGT1A1", ("chr2", REPEAT, "cat", "catat"), "0/1", "*1/*28"),
        ("UGT1A1", ("chr2", REPEAT + 2, "T", "TAT"), "0/1", "*1/*28"),  # not moved to the left
        ("UGT1A1", ("chr2", REPEAT, "CAT", "CATAT"), "CAT/CATAT", "*1/*28"),
        ("CYP2C9", ("chr10", CYP2C9_6, "GA", "G"), "0/1", "*1/*6"),
        ("CYP2C9", ("chr10", CYP2C9_6 - 1, "AGA", "AG"), "0/1", "*1/*6"),
        ("CYP2C9", ("chr10", CYP2C9_6 + 1, "AA", "A"), "0/1", "*1/*6"),
        ("CYP2C9", CYP2C9_3, "AC", "*1/*3"),
        ("CYP2C9", CYP2C9_3, "c/a", "*1/*3"),
        ("CYP2C9", CYP2C9_3, "C|C", "*3/*3"),
        ("CYP2C9", ("NC_000010.11", *CYP2C9_3[1:]), "1/0", "*1/*3"),
        ("CYP2C9", ("chr10", 94981295, "TA", "TC"), "0/1", "*1/*3"),  # the base before it too
        ("DPYD", ("chr1", 97450057, "AC", "AT"), "0/1", "Reference/c.1905+1G>A (*2A)"),
    ],
)
def test_a_change_in_the_table_has_as_many_spellings_as_in_a_file(
    gene: str, place: tuple[str, int, str, str], genotype: str, expected: str
) -> None:
    made = cohort([("A", "GRCh38", place, genotype)])
    found = calls_of(replace(made, complete=frozenset({"variants"})))
    assert told(found, "A", gene)[::2] == (expected, "called")


@pytest.mark.parametrize(
    ("place", "genotype", "why"),
    [
        (("chr10", 94981296, "C", "A"), "0/1", "ref_mismatch"),  # REF and ALT changed places
        (("chr10", 94981296, "T", "G"), "0/1", "ref_mismatch"),  # the other strand
        (CYP2C9_3, "T/G", "no_call"),
        (CYP2C9_3, "A/N", "no_call"),
        (CYP2C9_3, "./.", "no_call"),
        (CYP2C9_3, "./0", "no_call"),
        (CYP2C9_3, "0", "one_allele_of_two"),
        (CYP2C9_3, "1", "partial_call"),
        (CYP2C9_3, "A", "one_allele_of_two"),
        (("chr10", 94981290, "TACCTAA", "T"), "0/1", "allele_not_told"),  # a deletion over it
    ],
)
def test_a_row_that_cannot_be_read_is_unknown_even_in_a_complete_table(
    place: tuple[str, int, str, str], genotype: str, why: str
) -> None:
    made = replace(cohort([("A", "GRCh38", place, genotype)]), complete=frozenset({"variants"}))
    found = calls_of(made).of("A", "CYP2C9")
    unknown = {one.name: one.why for one in (*found.positions_missing, *found.positions_discarded)}
    assert unknown["rs1057910"] == why
    assert "*3" in found.alleles_not_excluded or found.status == "not_called"


def test_letters_that_another_strand_would_turn_round_are_not_read() -> None:
    """DPYD c.2846A>T lies at T>A: T/T read from the other strand is A/A."""
    place = ("chr1", 97082391, "T", "A")
    letters = ("T/T", "AA", "T/A")
    assert [alleles(cohort([("A", "GRCh38", place, text)]), "A") for text in letters] == [
        [(NO_CALL, NO_CALL)],
        [(NO_CALL, NO_CALL)],
        [(0, 1)],
    ]


def test_rows_in_different_spellings_that_contradict_each_other_say_nothing() -> None:
    rows = [
        ("A", "GRCh38", ("chr2", REPEAT, "C", "CAT"), "0/1"),
        ("A", "GRCh38", ("chr2", REPEAT, "CAT", "CATAT"), "1/1"),
    ]
    found = calls_of(replace(cohort(rows), complete=frozenset({"variants"}))).of("A", "UGT1A1")
    assert (found.status, "partial_call" in found.reasons) == ("not_called", True)


def test_positions_of_the_other_build_than_the_one_named_are_discarded_and_nothing_is_reference() -> None:
    """A names GRCh38 for positions of GRCh37; B is as A, with one row right; C is right, and keeps it so."""
    wrong, right = ("GRCh38", CYP2C19_2["GRCh37"], "1/1"), ("GRCh38", VKORC1["GRCh38"], "0/1")
    rows = [("A", *wrong), ("B", *wrong), ("B", *right), ("C", *right)]
    calls = calls_of(replace(cohort(rows), complete=frozenset({"variants"})))
    for who in ("A", "B"):
        found = calls.of(who, "CYP2C19")
        assert found.status == "not_called"
        assert {one.name: one.why for one in found.positions_discarded} == {"rs4244285": "ref_mismatch"}
        assert told(calls, who, "VKORC1")[2] == "not_called"
    assert told(calls, "C", "CYP2C19")[2] == "called"


def test_a_row_without_a_build_leaves_what_has_no_row_unknown() -> None:
    rows = [("A", "GRCh38", VKORC1["GRCh38"], "0/1"), ("A", "", CYP2C19_2["GRCh38"], "1/1")]
    calls = calls_of(replace(cohort(rows), complete=frozenset({"variants"})))
    assert told(calls, "A", "VKORC1")[1:] == ("-1639 AG", "called")
    assert told(calls, "A", "CYP2C19")[2] == "not_called"


def test_a_row_moved_to_the_other_build_keeps_its_wrong_ref() -> None:
    """rs776746: C in GRCh37, T in GRCh38; a row of GRCh37 that has T as REF is of another strand or build."""
    right = [("B", "GRCh38", place, "0/0") for place in (CYP2C19_2["GRCh38"], VKORC1["GRCh38"])]
    rows = [("A", "GRCh37", ("chr7", 99270539, "T", "C"), "0/1"), *right]
    found = calls_of(cohort(rows)).of("A", "CYP3A5")
    assert {one.name: one.why for one in found.positions_discarded} == {"rs776746": "ref_mismatch"}


@pytest.mark.parametrize(
    ("rsid", "ref", "alt", "bases"), [("rs9332131", "AGA", "AG", "GA/G"), ("rs1057910", "TA", "TC", "A/C")]
)
def test_a_row_that_begins_before_its_change_is_moved_to_the_other_build(
    rsid: str, ref: str, alt: str, bases: str
) -> None:
    (one,) = [one for one in positions.known() if one.rsid == rsid]
    rows = [("A", "GRCh37", ("chr10", one.position[1] - 1, ref, alt), "0/1")]
    rows += [("B", "GRCh38", place, "0/0") for place in (CYP2C19_2["GRCh38"], VKORC1["GRCh38"])]
    made = calls_of(cohort(rows))
    assert made.build == "GRCh38"
    (found,) = [place for place in seen(made, 0, "CYP2C9") if place.name == rsid]
    assert (found.state, found.bases) == ("variant", bases)


def test_a_patient_of_the_file_is_called_from_it_and_another_from_the_table() -> None:
    read = load_sample()
    row = pd.DataFrame([("extra", "GRCh37", "chr10", 96541616.0, "G", "A", "1/1", "germline")])
    row.columns = ["patient_id", "assembly", "chrom", "pos", "ref", "alt", "genotype", "origin"]
    contradicts = row.assign(patient_id="P-00004")
    tables = dict(read.tables)
    tables["patients"] = pd.concat([read.tables["patients"], pd.DataFrame({"patient_id": ["extra"]})])
    tables["variants"] = pd.concat([row, contradicts])
    calls = calls_of(replace(read, tables=tables))
    assert told(calls, "extra", "CYP2C19")[0].startswith("*2/*2")
    assert told(calls, "P-00004", "CYP2C19") == told(sample(), "P-00004", "CYP2C19")


def test_the_sex_decides_how_many_copies_of_a_gene_on_x_there_are() -> None:
    # G6PD A- 202A_376G is rs1050828 with rs1050829; here 202A alone on one strand: a man has one copy
    (one,) = [one for one in positions.known() if one.rsid == "rs1050828"]
    place = ("chrX", one.position[0], one.reference[0], next(base for base in one.bases if base != one.reference[0]))
    rows = [("A", "GRCh38", place, "0/1"), ("B", "GRCh38", place, "0/1")]
    calls = calls_of(replace(cohort(rows), complete=frozenset({"variants"})))
    assert "male_heterozygous" in calls.of("A", "G6PD").reasons
    assert "male_heterozygous" not in calls.of("B", "G6PD").reasons
    swapped = calls_of(cohort(rows), np.array(["female", "male", "male", ""]))
    assert "male_heterozygous" in swapped.of("B", "G6PD").reasons


# ----------------------------------------------------------------------------------------------------- laboratory
def test_a_result_of_a_laboratory_stands_in_the_place_of_ours() -> None:
    found = cohort(
        [("A", "GRCh38", CYP2C19_2["GRCh38"], "1/1")], [{"patient_id": "A", "gene": "CYP2C19", "diplotype": "*1/*17"}]
    )
    calls = calls_of(found)
    assert told(calls, "A", "CYP2C19") == ("*1/*17", "Rapid Metabolizer", "called")
    assert calls.of("A", "CYP2C19").origin == "outside"


def test_a_laboratory_goes_before_another_caller() -> None:
    rows: list[dict[str, Cells]] = [
        {"patient_id": "A", "gene": "CYP2D6", "diplotype": "*4/*4", "caller": "a pipeline"},
        {"patient_id": "A", "gene": "CYP2D6", "diplotype": "*1/*1", "caller": "laboratory report"},
        {"patient_id": "B", "gene": "CYP2D6", "diplotype": "*4/*4", "caller": "a pipeline"},
    ]
    calls = calls_of(cohort(diplotypes=rows))
    assert told(calls, "A", "CYP2D6") == ("*1/*1", "Normal Metabolizer", "called")
    assert told(calls, "B", "CYP2D6")[0] == "*4/*4"
    assert calls.genes == ("CYP2D6",)  # nothing to call the others from


@pytest.mark.parametrize(
    ("caller", "expected"),
    [
        *((name, "*1/*1") for name in ("Lab 7", "lab_report", "LabCorp", "Acme Labs", "reference laboratory")),
        *((name, "*1/*1 or *4/*4") for name in ("elaborated by software", "collaboration", "labelled by hand", "")),
    ],
)
def test_a_laboratory_is_told_by_a_whole_word(caller: str, expected: str) -> None:
    rows: list[dict[str, Cells]] = [
        {"patient_id": "A", "gene": "CYP2D6", "diplotype": "*1/*1", "caller": caller},
        {"patient_id": "A", "gene": "CYP2D6", "diplotype": "*4/*4", "caller": "a pipeline"},
    ]
    assert told(calls_of(cohort(diplotypes=rows)), "A", "CYP2D6")[0] == expected


def test_calls_without_a_gene_are_an_empty_table() -> None:
    none = calls_of(cohort(diplotypes=[{"patient_id": "Z", "gene": "CYP2D6", "diplotype": "*1/*1"}]))
    some = calls_of(cohort(diplotypes=[{"patient_id": "A", "gene": "CYP2D6", "diplotype": "*1/*1"}]))
    assert none.genes == ()
    assert list(none.to_frame().columns) == list(some.to_frame().columns)
    assert len(none.to_frame()) == 0


def test_two_results_that_differ_are_both_shown() -> None:
    rows: list[dict[str, Cells]] = [
        {"patient_id": "A", "gene": "CYP2D6", "diplotype": pair} for pair in ("*1/*1", "*1/*4", "*1/*1")
    ]
    assert told(calls_of(cohort(diplotypes=rows)), "A", "CYP2D6")[0] == "*1/*1 or *1/*4"


def test_a_result_that_is_not_understood_calls_nothing_and_keeps_nobody_else_from_theirs() -> None:
    rows: list[dict[str, Cells]] = [
        {"patient_id": "A", "gene": "CYP2D6", "diplotype": "*1/*2/*3"},
        {"patient_id": "B", "gene": "CYP2D6", "diplotype": "*1/*4"},
    ]
    calls = calls_of(cohort(diplotypes=rows))
    assert told(calls, "A", "CYP2D6") == ("", "", "not_called")
    wrong = calls.of("A", "CYP2D6")
    assert (wrong.status, wrong.reasons, wrong.diplotypes) == ("not_called", ("not_understood:*1/*2/*3",), ())
    assert told(calls, "B", "CYP2D6") == ("*1/*4", "Intermediate Metabolizer", "called")


def test_a_phenotype_or_score_alone_is_a_result() -> None:
    rows: list[dict[str, Cells]] = [
        {"patient_id": "A", "gene": "HLA-B", "diplotype": "", "phenotype": "*57:01 positive", "activity_score": np.nan},
        {"patient_id": "B", "gene": "CYP2D6", "diplotype": "", "phenotype": "", "activity_score": 0.0},
    ]
    calls = calls_of(cohort(diplotypes=rows))
    assert dict(calls.of("A", "HLA-B").presence) == {"*57:01": "positive"}
    assert told(calls, "B", "CYP2D6")[1] == "Poor Metabolizer"  # activity score 0


# ---------------------------------------------------------------------------------------------------------- at large
def test_a_cohort_without_genes_has_none_to_call() -> None:
    assert not has_genes(cohort())
    assert not has_genes(cohort([]))
    assert has_genes(cohort([("A", "GRCh38", CYP2C19_2["GRCh38"], "0/1")]))
    assert calls_of(cohort()).genes == ()


def test_frames_of_some_patients_at_a_time_are_the_whole_frame() -> None:
    whole = sample().to_frame()
    parts = pd.concat(list(sample().frames(70)), ignore_index=True)
    pd.testing.assert_frame_equal(parts, whole)
    assert list(whole.columns) == [
        "sample",
        "gene",
        "diplotype",
        "phenotype",
        "phenotype_dpwg",
        "activity_score",
        "status",
    ]


def test_the_positions_that_are_read_are_those_of_the_called_genes() -> None:
    for builds in ((), ("GRCh38",), ("GRCh37",)):
        read = positions.sites(*builds)
        wanted = {
            (variant.chromosome, variant.position[definitions.BUILDS.index(build)])
            for build in builds or definitions.BUILDS
            for gene in map(definitions.genes().__getitem__, definitions.called_genes())
            for variant in (*gene.variants, *gene.shown)
        }
        assert set(zip(read.chrom.tolist(), read.pos.tolist(), strict=True)) == wanted
