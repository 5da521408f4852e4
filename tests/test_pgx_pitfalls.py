"""What has gone wrong in other callers: one test for each pitfall of calling star alleles."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precision.cohort import Cohort
from precision.errors import InputError
from precision.genotypes import ABSENT, Genotypes, Sites
from precision.knowledge.build import checked_build, detect_build, evidence
from precision.pgx.advising import Advisor
from precision.pgx.answers import Answer, answers
from precision.pgx.calling import Settings, call
from precision.pgx.calls import Calls
from precision.pgx.conditions import GeneResult
from precision.pgx.definitions import GRCH37, GRCH38, POPULATIONS, called_genes, genes, sites
from precision.pgx.drugnames import numbers
from precision.pgx.medicines import Taken
from precision.pgx.of_cohort import calls_of, laboratory_results
from precision.pgx.outside import interpret, outside_calls
from precision.pgx.outside_file import read_outside_calls
from precision.pgx.phenoconversion import shifts
from precision.pgx.profiles import profiles_of
from precision.pgx.result import Call
from precision.pgx.review import Genetics
from precision.pgx.tables import rows
from tests.pgx_genotypes import genotypes, people, person

DEFAULT = Settings()
HAPB3 = "c.1129-5923C>G, c.1236G>A (HapB3)"


def answer(gene: str, calls: dict[str, str], **options: object) -> Call:
    return one(person(calls, **options), gene)  # type: ignore[arg-type]  # options of `person`


def one(made: Genotypes, gene: str, settings: Settings = DEFAULT, sex: str = "female") -> Call:
    return call(made, settings, {"P0": sex}, only=[gene]).of("P0", gene)


def names(found: Call) -> list[str]:
    return [diplotype.name for diplotype in found.diplotypes]


def test_1_an_absent_position_is_unknown_and_never_reference() -> None:
    found = answer("CYP2C19", {}, absent=["rs4986893"])
    assert [(p.name, p.place, p.why) for p in found.positions_missing] == [
        ("rs4986893", "GRCh38:10:94780653", "absent")
    ]
    assert found.positions_called == 34
    # *3 has G at rs3758581, which a person with *38 twice lacks; a person with *1 twice may have *3 unseen
    assert found.alleles_not_excluded == ()
    hidden = answer("CYP2C19", {"rs3758581": "G/G"}, absent=["rs4986893"])
    assert (hidden.alleles_not_excluded, hidden.tier1_untested) == (("*3",), ("*3",))
    assert "alleles_not_excluded" in hidden.reasons


def test_1_a_file_declared_to_have_every_variant_makes_absent_reference() -> None:
    made = person({"rs3758581": "G/G"}, absent=["rs4986893"])
    found = one(made, "CYP2C19", Settings(absent_as_reference=True))
    assert (found.positions_missing, found.alleles_not_excluded) == ((), ())


def test_2_the_build_comes_from_reference_bases_and_a_mixed_file_is_refused() -> None:
    old, new = person({}, build=GRCH37), person({}, build=GRCH38)
    assert (detect_build(old), detect_build(new)) == (GRCH37, GRCH38)
    mixed = Sites(
        np.concatenate([old.sites.chrom[:300], new.sites.chrom[300:]]),
        np.concatenate([old.sites.pos[:300], new.sites.pos[300:]]),
        old.sites.ref[:300] + new.sites.ref[300:],
        old.sites.alts[:300] + new.sites.alts[300:],
    )
    with pytest.raises(InputError, match="mixed builds"):
        detect_build(replace(new, sites=mixed))


def test_2_fewer_than_20_known_positions_do_not_tell_the_build_and_a_wrong_name_is_refused() -> None:
    few = person({}, "UGT1A1")
    with pytest.raises(InputError, match="cannot be told from 4 known positions"):
        detect_build(few)
    assert checked_build(few, "38") == GRCH38
    with pytest.raises(InputError, match="GRCh37 was named, but none of the known positions of GRCh37 is in the file"):
        checked_build(person({}), "hg19")
    with pytest.raises(InputError, match="build 'GRCh36' is not known"):
        checked_build(few, "GRCh36")


def test_2_reference_bases_of_no_build_are_refused() -> None:
    made = person({})
    other = replace(made, sites=replace(made.sites, ref=tuple("ACGT"["TGCA".index(r[0])] for r in made.sites.ref)))
    with pytest.raises(InputError, match="REF fits no build"):
        detect_build(other)
    assert next(found.compared for found in evidence(other)) > 1000


@pytest.mark.parametrize(("gene", "rsid", "old"), [("CYP3A5", "rs776746", "*3/*3"), ("CYP2C19", "rs3758581", "*1/*1")])
def test_3_where_the_reference_base_differs_the_build_decides_what_homozygous_reference_means(
    gene: str, rsid: str, old: str
) -> None:
    assert names(answer(gene, {}, build=GRCH37)) == [old]
    assert names(answer(gene, {}, build=GRCH38)) == ["*1/*1" if gene == "CYP3A5" else "*38/*38"]
    variant = next(v for v in genes()[gene].variants if v.rsid == rsid)
    back = f"{variant.bases[0]}/{variant.bases[0]}"  # the base of GRCh38, an ALT in GRCh37
    assert names(answer(gene, {rsid: back}, build=GRCH37)) == names(answer(gene, {}, build=GRCH38))


def test_3_absent_in_a_variant_only_file_means_the_reference_of_its_own_build() -> None:
    for build, expected in ((GRCH37, "*3/*3"), (GRCH38, "*1/*1")):
        made = person({}, build=build, absent=["rs776746"])
        assert names(one(made, "CYP3A5", Settings(absent_as_reference=True))) == [expected]


def test_3_dpyd_c85_is_a_variant_in_grch38_and_reference_in_grch37() -> None:
    assert names(answer("DPYD", {}, build=GRCH37)) == ["c.85T>C (*9A)/c.85T>C (*9A)"]


# VKORC1 -1639G>A is on the minus strand: C>T in a file; TT carries the sensitive haplotype twice
@pytest.mark.parametrize(("bases", "phenotype"), [("C/C", "-1639 GG"), ("C/T", "-1639 AG"), ("T/T", "-1639 AA")])
def test_4_bases_are_those_of_the_forward_strand(bases: str, phenotype: str) -> None:
    assert answer("VKORC1", {"rs9923231": bases}).phenotype == phenotype


def test_4_a_record_with_another_reference_base_is_discarded_and_said_so() -> None:
    made = person({})
    row = [v.rsid for n in called_genes() for v in (*genes()[n].variants, *genes()[n].shown)].index("rs9923231")
    refs = [*made.sites.ref]
    refs[row] = "G"
    found = one(replace(made, sites=replace(made.sites, ref=tuple(refs))), "VKORC1")
    assert found.status == "not_called"
    assert [(p.name, p.why) for p in found.positions_discarded] == [("rs9923231", "ref_mismatch")]


def test_5_a_person_with_the_reference_base_everywhere_has_two_reference_alleles() -> None:
    made = person({})
    found = call(made)
    told = {gene: names(found.of("P0", gene)) for gene in found.genes if found.of("P0", gene).status == "called"}
    assert {name: told[name] for name in ("CYP2B6", "CYP2C9", "CYP3A4", "CYP3A5", "TPMT", "G6PD")} == {
        **{name: ["*1/*1"] for name in ("CYP2B6", "CYP2C9", "CYP3A4", "CYP3A5", "TPMT")},
        "G6PD": ["B (reference)/B (reference)"],
    }


def test_6_a_single_base_at_the_anchor_of_an_indel_says_nothing_of_the_indel() -> None:
    gene = genes()["NUDT15"]
    made = person({}, "NUDT15")
    row = next(i for i, v in enumerate(gene.variants) if v.rsid == "rs746071566")
    refs, alts = [*made.sites.ref], [*made.sites.alts]
    refs[row], alts[row] = "A", ("G",)
    found = one(replace(made, sites=replace(made.sites, ref=tuple(refs), alts=tuple(alts))), "NUDT15", Settings(GRCH38))
    assert [p.name for p in found.positions_discarded] == ["rs746071566"]
    assert "*9" in found.alleles_not_excluded  # *9 is the deletion of GAGTCG


def test_6_an_indel_is_known_in_any_spelling_of_the_same_change() -> None:
    made = person({"rs3064744": "CAT/CATAT"}, "UGT1A1")
    row = next(i for i, v in enumerate(genes()["UGT1A1"].variants) if v.rsid == "rs3064744")
    refs, alts = [*made.sites.ref], [*made.sites.alts]
    spelled = tuple(one + "ATAA" for one in alts[row])
    refs[row], alts[row] = refs[row] + "ATAA", spelled
    longer = replace(made, sites=replace(made.sites, ref=tuple(refs), alts=tuple(alts)))
    assert names(one(longer, "UGT1A1", Settings(GRCH38))) == ["*1/*28"]


def test_6_a_deletion_that_begins_at_a_single_base_position_leaves_that_base_alone() -> None:
    made = person({"rs5030869": "C/C"}, "G6PD")
    row = next(i for i, v in enumerate(genes()["G6PD"].variants) if v.rsid == "rs5030869")
    refs, alts, alleles = [*made.sites.ref], [*made.sites.alts], made.alleles.copy()
    refs[row], alts[row], alleles[row, 0] = "CGGT", ("C",), (0, 1)  # delGGT, to be ignored
    found = one(replace(made, sites=replace(made.sites, ref=tuple(refs), alts=tuple(alts)), alleles=alleles), "G6PD")
    assert names(found) == ["B (reference)/B (reference)"]
    assert "undocumented_as_reference" not in found.reasons


@pytest.mark.parametrize("alt", ["*", "<NON_REF>", "<*>"])
def test_7_a_symbolic_allele_is_a_missing_base_and_no_undocumented_variant(alt: str) -> None:
    made = person({"rs3758581": "G/G", "rs4986893": "G/A"}, "CYP2C19")
    row = next(i for i, v in enumerate(genes()["CYP2C19"].variants) if v.rsid == "rs4986893")
    alts = [*made.sites.alts]
    alts[row] = (alt,)
    found = one(replace(made, sites=replace(made.sites, alts=tuple(alts))), "CYP2C19")
    assert "undocumented_allele" not in found.reasons
    assert [(p.name, p.why) for p in found.positions_discarded] == [("rs4986893", "allele_not_told")]


def test_8_a_reference_block_covers_single_bases_and_proves_nothing_of_an_indel() -> None:
    made = person({}, "CYP2C9")
    blocks = np.ones(made.alleles.shape[:2], np.bool_)
    unknown = replace(made.sites, ref=("N",) * len(made.sites), alts=((),) * len(made.sites))
    found = one(replace(made, sites=unknown, reference_block=blocks), "CYP2C9", Settings(GRCH38))
    assert names(found) == ["*1/*1"]
    indels = [variant.name for variant in genes()["CYP2C9"].variants if variant.is_indel]
    assert [p.name for p in found.positions_discarded] == indels
    assert {p.why for p in found.positions_discarded} == {"reference_block_at_indel"}
    assert "*6" in found.alleles_not_excluded  # rs9332131 is a deletion


def test_9_an_alternative_base_of_the_record_that_the_sample_lacks_is_no_undocumented_variant() -> None:
    made = person({"rs3758581": "G/G"}, "CYP2C19")
    more = tuple(
        (*alts, "T" if "T" not in alts and ref != "T" else "N")
        for ref, alts in zip(made.sites.ref, made.sites.alts, strict=True)
    )
    assert names(one(replace(made, sites=replace(made.sites, alts=more)), "CYP2C19")) == ["*1/*1"]


def test_9_an_undocumented_base_in_the_sample_keeps_the_gene_from_being_called_unless_it_is_a_toxicity_gene() -> None:
    found = answer("CYP2C19", {"rs3758581": "G/T"})
    assert (found.status, found.reasons[0]) == ("not_called", "undocumented_allele")
    assert [p.why for p in found.positions_discarded] == ["undocumented_allele"]
    tolerated = answer("DPYD", {"rs186169810": "A/T"})
    assert names(tolerated) == ["Reference/Reference"]
    assert "undocumented_as_reference" in tolerated.reasons


def test_10_half_a_genotype_is_missing_beside_reference_and_no_call_beside_a_variant() -> None:
    assert [p.why for p in answer("TPMT", {"rs1142345": "T/."}).positions_missing] == ["no_call"]
    partial = answer("TPMT", {"rs1142345": "C/."})
    assert (partial.status, "partial_call" in partial.reasons) == ("not_called", True)
    assert [(p.name, p.why) for p in partial.positions_discarded] == [("rs1142345", "partial_call")]


def test_10_one_allele_on_an_autosome_is_discarded_and_a_filtered_call_too() -> None:
    found = answer("TPMT", {"rs1142345": "T", "rs1800460": "filtered/filtered"})
    assert {p.name: p.why for p in found.positions_discarded} == {
        "rs1142345": "one_allele_of_two",
        "rs1800460": "filtered",
    }
    variant = answer("TPMT", {"rs1142345": "C"})  # as C/.: what the other allele is decides the call
    assert (variant.status, "partial_call" in variant.reasons) == ("not_called", True)


def test_10_the_first_valid_record_of_a_position_counts() -> None:
    made = person({"rs1142345": "T/C"}, "TPMT")
    row = next(i for i, v in enumerate(genes()["TPMT"].variants) if v.rsid == "rs1142345")
    twice = [*range(len(made.sites)), row]
    alleles = made.alleles[twice]
    alleles[-1, 0] = (0, 0)  # the later record says T/T
    repeated = genotypes(
        Sites(
            made.sites.chrom[twice],
            made.sites.pos[twice],
            tuple(made.sites.ref[i] for i in twice),
            tuple(made.sites.alts[i] for i in twice),
        ),
        alleles,
    )
    assert names(one(repeated, "TPMT")) == ["*1/*3C"]
    alleles[row, 0] = ABSENT  # the first is of another sample: the later one speaks
    assert names(one(replace(repeated, alleles=alleles), "TPMT")) == ["*1/*1"]


def test_10_phase_blocks_lie_independently_of_each_other() -> None:
    trans = {"rs1142345": "T|C", "rs1800460": "C|T"}
    assert names(answer("TPMT", trans, sets={"rs1142345": 5, "rs1800460": 5})) == ["*1/*3A"]
    opposite = {"rs1142345": "C|T", "rs1800460": "C|T"}
    assert names(answer("TPMT", opposite, sets={"rs1142345": 5, "rs1800460": 5})) == ["*3B/*3C"]
    both = call(person(opposite, sets={"rs1142345": 5, "rs1800460": 9}), Settings(all_matches=True), only=["TPMT"])
    assert names(both.of("P0", "TPMT")) == ["*1/*3A", "*3B/*3C"]


def test_10_a_phase_set_means_nothing_in_an_unphased_call() -> None:
    calls = {"rs1142345": "C/T", "rs1800460": "C/T"}
    assert names(answer("TPMT", calls, sets={"rs1142345": 5, "rs1800460": 5})) == ["*1/*3A"]


def test_10_a_homozygous_call_needs_no_phase() -> None:
    calls = {"rs1142345": "C|T", "rs1800460": "T/T"}
    assert names(answer("TPMT", calls)) == ["*3A/*3B"]


@pytest.mark.parametrize("calls", ["T", "T/T"])
def test_11_a_male_has_one_g6pd_allele_in_either_way_of_writing(calls: str) -> None:
    found = one(person({"rs5030869": calls}), "G6PD", sex="male")
    assert (names(found), found.phenotype) == (["Chatham"], "Deficient")


def test_11_a_heterozygous_male_is_a_quality_error_and_a_heterozygous_female_is_variable() -> None:
    male = one(person({"rs5030869": "C/T"}), "G6PD", sex="male")
    assert (male.status, male.reasons[0]) == ("not_called", "male_heterozygous")
    assert one(person({"rs5030869": "C/T"}), "G6PD").phenotype == "Variable"


def test_11_without_a_sex_a_homozygous_diploid_call_says_that_the_sex_is_unknown() -> None:
    found = one(person({"rs5030869": "T/T"}), "G6PD", sex="")
    assert (found.phenotype, "sex_unknown" in found.reasons) == ("Deficient", True)
    with pytest.raises(InputError, match="sex 'M' is not known"):
        one(person({}), "G6PD", sex="M")


@pytest.mark.parametrize("chromosome", ["10", "chr10", "NC_000010.11"])
def test_12_a_chromosome_is_the_same_under_each_of_its_names(chromosome: str) -> None:
    assert Sites.at([chromosome], [94781859], ["G"], ["A"]).chrom.tolist() == (
        Sites.at(["10"], [94781859], ["G"], ["A"]).chrom.tolist()
    )


def test_13_cyp2c19_without_rs3758581_is_reported_as_1_and_says_so() -> None:
    found = answer("CYP2C19", {}, absent=["rs3758581"])
    assert names(found) == ["*1/*1"]
    assert (found.phenotype, found.status) == ("Normal Metabolizer", "called")
    assert "untyped_position_decides_name" in found.reasons


# EUR frequencies of CPIC: *1 0.9536, *3A 0.0338, *3B 0.0028, *3C 0.0049:
# 0.9536 x 0.0338 / (0.9536 x 0.0338 + 0.0028 x 0.0049) = 0.99957
def test_15_the_score_prefers_variants_in_cis_and_the_alternative_is_shown_with_its_probability() -> None:
    found = answer("TPMT", {"rs1142345": "T/C", "rs1800460": "C/T"})
    assert (names(found), found.phenotype) == (["*1/*3A"], "Intermediate Metabolizer")
    assert {"other_diplotypes_fit", "other_phenotype_fits"} <= set(found.reasons)
    shown = {a.diplotype.name: a for a in found.alternatives}
    assert shown["*1/*3A"].reported
    assert shown["*1/*3A"].probability["EUR"] == pytest.approx(0.99957, abs=1e-5)
    assert shown["*3B/*3C"].diplotype.phenotype == "Poor Metabolizer"
    assert not shown["*3B/*3C"].reported


def test_15_cyp2c19_4_in_cis_with_the_promoter_variant() -> None:
    found = answer("CYP2C19", {"rs3758581": "G/G", "rs12248560": "C/T", "rs28399504": "A/G"})
    assert names(found) == ["*1/*4"]
    assert {a.diplotype.name for a in found.alternatives} == {"*1/*4", "*4/*17"}


def test_15_no_prior_is_claimed_where_the_published_frequencies_overlap() -> None:
    found = answer("UGT1A1", {"rs887829": "C/T", "rs3064744": "CAT/CATAT"})
    assert names(found) == ["*1/*80+*28"]
    assert [(a.diplotype.name, dict(a.probability)) for a in found.alternatives] == [
        ("*1/*80+*28", {}),
        ("*28/*80", {}),
    ]


# CPIC: CYP2D6 ultrarapid above 2.25, DPWG above 2.5; DPYD 0.5 poor; CYP2C9 *2 0.5 and *3 0, so *2/*3 0.5 is poor
@pytest.mark.parametrize(
    ("gene", "diplotype", "score", "cpic", "dpwg"),
    [
        ("CYP2D6", "*1x2/*41", "2.25", "Normal Metabolizer", "Normal Metabolizer"),
        ("DPYD", "c.1905+1G>A (*2A)/c.2846A>T", "0.5", "Poor Metabolizer", ""),
        ("CYP2C9", "*2/*3", "0.5", "Poor Metabolizer", ""),
        ("CYP2C9", "*1/*2", "1.5", "Intermediate Metabolizer", ""),
        ("CYP2C9", "*1/*3", "1.0", "Intermediate Metabolizer", ""),
    ],
)
def test_17_scores_fall_into_the_categories_of_each_body(
    gene: str, diplotype: str, score: str, cpic: str, dpwg: str
) -> None:
    found = interpret(gene, diplotype)
    assert (found.activity_score["CPIC"], found.phenotype["CPIC"]) == (score, cpic)
    assert not dpwg or found.phenotype["DPWG"] == dpwg


@pytest.mark.parametrize(
    "written",
    [
        *("HLA-B*57:01:01/HLA-B*08:01", "B*57:01/B*08:01", "*57:01/*08:01", "57:01|08:01"),
        *("B*5701/B*0801", "HLA-B*570101/*0801", "5701/0801"),  # as written before 2010
    ],
)
def test_19_an_hla_type_is_read_in_each_of_its_spellings(written: str) -> None:
    assert dict(interpret("HLA-B", written).presence)["*57:01"] == "positive"


def test_19_alleles_that_were_renumbered_in_2010_and_groups_are_not_guessed() -> None:
    assert interpret("HLA-B", "B*9501/B*5701").alleles == ("*57:01", "B*9501")
    assert dict(interpret("HLA-B", "B*9501/B*0801").presence) == {}
    assert dict(interpret("HLA-B", "B*57/B*08").presence) == {}


def test_a_laboratory_result_for_a_gene_that_no_source_knows_says_so() -> None:
    assert interpret("CYP2D66", "*1/*4").reasons == ("gene_without_rules",)
    assert interpret("CYP2D6", "*1/*4").reasons == ()


def test_19_one_typed_hla_allele_and_an_unclear_word_exclude_no_other_allele() -> None:
    assert dict(interpret("HLA-B", "*08:01").presence) == {}
    assert interpret("HLA-B", "", "positive").reasons == ("phenotype_not_understood:positive",)
    assert dict(interpret("HLA-B", "", "HLA-B*57:01 Negative").presence) == {"*57:01": "negative"}


@pytest.mark.parametrize(
    ("bases", "name"), [("C/CAT", "*1/*36"), ("CAT/CATATAT", "*1/*37"), ("CATAT/CATAT", "*28/*28")]
)
def test_the_ugt1a1_repeat_is_read_by_its_length(bases: str, name: str) -> None:
    assert names(answer("UGT1A1", {"rs3064744": bases})) == [name]


def test_nat2_is_not_called_without_one_of_its_five_required_positions() -> None:
    variant = next(v for v in genes()["NAT2"].variants if v.position[0] == 18400806)
    found = answer("NAT2", {}, absent=[variant.name])
    assert (found.status, found.reasons[0]) == ("not_called", "required_position_missing")
    other = next(v for v in genes()["NAT2"].variants if v.position[0] not in genes()["NAT2"].rules.required)
    assert answer("NAT2", {}, absent=[other.name]).status == "called"


@pytest.mark.parametrize(("bases", "phenotype"), [("T/C", "Decreased Function"), ("C/C", "Poor Function")])
def test_slco1b1_falls_back_to_rs4149056_where_no_diplotype_fits(bases: str, phenotype: str) -> None:
    # rs2306283 G/G, rs11045819 A/A and rs4149056 C lie on no allele together
    found = answer("SLCO1B1", {"rs2306283": "G/G", "rs11045819": "A/A", "rs4149056": bases})
    assert (names(found), found.phenotype) == (
        [f"rs4149056 {'/'.join(sorted(bases.split('/'), reverse=True))}"],
        phenotype,
    )
    assert "read_from_one_position" in found.reasons


def test_dpyd_hapb3_is_read_from_the_intron_and_from_the_exon_only_where_that_is_missing() -> None:
    intron, exon = "rs75017182", "rs56038477"
    assert names(answer("DPYD", {intron: "G/C"})) == ["Reference/c.1129-5923C>G"]
    assert names(answer("DPYD", {intron: "G/C", exon: "C/T"})) == [f"Reference/{HAPB3}"]
    only_exon = answer("DPYD", {exon: "C/T"}, absent=[intron])
    assert (names(only_exon), "deciding_position_missing" in only_exon.reasons) == ([f"Reference/{HAPB3}"], True)
    conflict = answer("DPYD", {exon: "C/T"})
    assert (names(conflict), conflict.reasons) == (["Reference/Reference"], ("dependent_position_contradicts",))


# c.2846A>T and HapB3 have 0.5 each: in cis 0.5 less of one strand (1.5), in trans of both (1.0)
def test_dpyd_variants_of_unknown_phase_are_ambiguous_and_both_ways_are_shown() -> None:
    calls = {"rs67376798": "T/A", "rs75017182": "G/C"}
    found = answer("DPYD", calls)
    assert (found.status, found.activity_score) == ("ambiguous", "1.0")
    assert {a.diplotype.activity_score for a in found.alternatives} == {"1.0", "1.5"}
    phased = answer("DPYD", {"rs67376798": "T|A", "rs75017182": "G|C"})
    assert (names(phased), phased.activity_score) == (["Reference/[c.1129-5923C>G + c.2846A>T]"], "1.5")


def test_too_many_phase_blocks_count_as_unknown_phase() -> None:
    chosen = [v for v in genes()["DPYD"].variants if v.name not in ("rs75017182", "rs56038477")][:8]
    calls = {v.name: f"{v.bases[0]}|{v.bases[1]}" for v in chosen}
    found = answer("DPYD", calls, sets={v.name: 10 + i for i, v in enumerate(chosen)})
    assert "phase_unknown" in found.reasons
    assert found.alternatives == ()


def test_warfarin_position_of_african_ancestry_is_shown_and_defines_nothing() -> None:
    found = answer("CYP2C9", {"rs12777823": "G/A"})
    assert (names(found), dict(found.shown)) == (["*1/*1"], {"rs12777823": "G/A"})


@given(st.integers(0, 10**6))
@settings(max_examples=15)
def test_people_do_not_influence_each_other_and_their_order_does_not_matter(seed: int) -> None:
    random = np.random.default_rng(seed)
    gene = genes()["CYP2B6"]
    made = people(gene, random.integers(0, len(gene.row_code), (12, 2)))
    made.alleles[random.random(made.alleles.shape[:2]) < 0.02] = -1
    whole = call(made, Settings(GRCH38), only=["CYP2B6"])
    order = random.permutation(12)
    mixed = replace(made, alleles=np.ascontiguousarray(made.alleles[:, order]))
    assert call(mixed, Settings(GRCH38), only=["CYP2B6"]).diplotype("CYP2B6").tolist() == [
        whole.diplotype("CYP2B6")[index] for index in order
    ]
    for index in range(3):
        alone = replace(
            made,
            samples=("P0",),
            alleles=np.ascontiguousarray(made.alleles[:, [index]]),
            phased=made.phased[:, :1],
            phase_set=made.phase_set[:, :1],
            reference_block=made.reference_block[:, :1],
        )
        found = call(alone, Settings(GRCH38), only=["CYP2B6"]).of("P0", "CYP2B6")
        assert replace(found, sample=f"P{index}") == whole.of(f"P{index}", "CYP2B6")


@given(st.integers(0, 10**6))
@settings(max_examples=15)
def test_swapping_the_two_alleles_of_unphased_calls_changes_nothing(seed: int) -> None:
    random = np.random.default_rng(seed)
    gene = genes()["SLCO1B1"]
    made = people(gene, random.integers(0, len(gene.row_code), (10, 2)))
    swapped = replace(made, alleles=np.where(random.random((35, 10, 1)) < 0.5, made.alleles, made.alleles[..., ::-1]))
    first, second = (call(one, Settings(GRCH38), only=["SLCO1B1"]) for one in (made, swapped))
    assert first.diplotype("SLCO1B1").tolist() == second.diplotype("SLCO1B1").tolist()


def test_the_cohort_arrays_say_the_same_as_the_answers_of_each_person() -> None:
    gene = genes()["TPMT"]
    made = people(gene, np.array([[0, 0], [0, 2], [3, 4], [1, 2]]))
    calls: Calls = call(made, Settings(GRCH38), only=["TPMT"])
    each = [calls.of(sample, "TPMT") for sample in calls.samples]
    assert calls.phenotype("TPMT").tolist() == [found.phenotype for found in each]
    assert calls.status("TPMT").tolist() == [found.status for found in each]
    assert calls.diplotype("TPMT").tolist() == [" or ".join(names(found)) for found in each]
    assert calls.to_frame()["phenotype"].tolist() == [found.phenotype for found in each]
    with pytest.raises(InputError, match="sample 'P9' is not in"):
        calls.of("P9", "TPMT")
    with pytest.raises(InputError, match="gene 'BRCA1' is not known"):
        calls.of("P0", "BRCA1")
    assert calls.of("P0", "CYP2D6").reasons == ("no_outside_call",)


def test_the_positions_to_read_are_those_of_both_builds_while_the_build_is_unknown() -> None:
    assert len(sites()) == len(sites(GRCH38)) + len(sites(GRCH37)) == 2090


# CPIC 2014, abacavir: a carrier of HLA-B*57:01 is told to avoid it; a contradicting result is no negative one.
@pytest.mark.parametrize(
    "rows",
    [
        [("*57:01/*08:01", ""), ("", "*57:01 negative")],
        [("*57:01/*08:01", "*57:01 negative")],
        [("", "*57:01 positive"), ("", "*57:01 negative")],
        [("*08:01/*07:02", "*57:01 positive")],
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_19_an_hla_allele_that_two_results_contradict_counts_as_present_in_any_order(
    rows: list[tuple[str, str]], turned: bool
) -> None:
    table = [("HLA-B", *row) for row in (rows[::-1] if turned else rows)]
    calls = call(person({}), outside=pd.DataFrame(table, columns=["gene", "diplotype", "phenotype"]), only=["TPMT"])
    found = calls.of("P0", "HLA-B")
    assert (found.presence["*57:01"], found.reasons) == ("positive", ("laboratory_differs",))
    profile = profiles_of(calls)["HLA-B"]
    assert profile.results[profile.of_person[0]].presence["*57:01"] == "positive"


def test_19_an_unclear_word_beside_a_type_is_told() -> None:
    found = interpret("HLA-B", "*57:01/*08:01", "negative")
    assert (found.presence["*57:01"], found.reasons) == ("positive", ("phenotype_not_understood:negative",))


def outside(gene: str, *rows: tuple[str, ...], made: Genotypes | None = None) -> tuple[Call, GeneResult]:
    columns = ["gene", "diplotype", "phenotype", "activity_score"]
    table = pd.DataFrame([dict(zip(columns, (gene, *row), strict=False)) for row in rows], columns=columns)
    calls = call(made or person({}), outside=table)
    assert calls.status(gene).tolist() == [calls.of("P0", gene).status]
    profile = profiles_of(calls)[gene]
    return calls.of("P0", gene), profile.results[profile.of_person[0]]


@pytest.mark.parametrize("rows", [[("*1/*1",), ("", "Poor Metabolizer")], [("", "PM"), ("*1/*1", "")]])
def test_a_phenotype_on_a_row_of_its_own_that_contradicts_the_alleles_is_possible_too(
    rows: list[tuple[str, ...]],
) -> None:
    found, result = outside("CYP2D6", *rows)
    assert (found.status, found.reasons) == ("ambiguous", ("laboratory_differs",))
    assert set(result.phenotypes["CPIC"]) == {"Normal Metabolizer", "Poor Metabolizer"}
    assert result.scores["CPIC"] == ()


def test_two_results_of_a_gene_are_ambiguous_and_one_that_stands_twice_is_not() -> None:
    found, result = outside("CYP2D6", ("*1/*4",), ("*4/*4",))
    assert (found.status, found.reasons) == ("ambiguous", ("laboratory_several",))
    assert result.phenotypes["CPIC"] == ("Intermediate Metabolizer", "Poor Metabolizer")
    for again in ("*1/*4", "*4/*1"):
        found, _ = outside("CYP2D6", ("*1/*4",), (again,))
        assert (found.status, found.reasons, names(found)) == ("called", (), ["*1/*4"])
    found, _ = outside("CYP2D6", ("*4/*4",), ("", "Poor Metabolizer"))
    assert (found.status, found.reasons) == ("called", ())


def test_genotypes_that_contradict_the_laboratory_are_told() -> None:
    star_2 = person({"rs3758581": "G/G", "rs4244285": "A/A", "rs12769205": "G/G"}, "CYP2C19")
    found, _ = outside("CYP2C19", ("*1/*1",), made=star_2)
    assert (found.origin, found.phenotype) == ("outside", "Normal Metabolizer")
    assert found.reasons == ("genotypes_differ",)
    assert outside("CYP2C19", ("", "Normal Metabolizer"), made=star_2)[0].reasons == ("genotypes_differ",)
    assert outside("CYP2C19", ("*2/*2",), made=star_2)[0].reasons == ()
    one_copy = person({"rs3758581": "G/G", "rs4244285": "G/A", "rs12769205": "A/G"}, "CYP2C19")
    assert names(outside("CYP2C19", made=one_copy)[0]) == ["*1/*2"]
    for told in ("*1/*1", "*2/*2"):
        assert outside("CYP2C19", (told,), made=one_copy)[0].reasons == ("genotypes_differ",)
    unseen = person({"rs3758581": "G/G"}, "CYP2C19", absent=["rs4986893"])  # *3 may be there
    assert outside("CYP2C19", ("*3/*3",), made=unseen)[0].reasons == ()
    assert outside("CYP2C19", ("*2/*2",), made=unseen)[0].reasons == ("genotypes_differ",)


# One copy in everybody; CPIC 2021: m.1555A>G raises the risk, also where only part of the mitochondria carries it.
@pytest.mark.parametrize("written", ["1555A>G/Reference", "A1555G", "m.1555A>G/m.1555A>G", "Reference/m.1555A>G"])
def test_mt_rnr1_written_as_a_pair_is_its_one_allele(written: str) -> None:
    found = interpret("MT-RNR1", written)
    assert (found.diplotype, found.reasons) == ("m.1555A>G", ())
    assert found.phenotype["CPIC"] == "increased risk of aminoglycoside-induced hearing loss"


@pytest.mark.parametrize(
    ("gene", "written", "reason"),
    [
        ("MT-RNR1", "m.1555A>G/m.827A>G", "one_allele_expected"),
        ("CYP2D6", "*1", "second_allele_missing"),
        ("CYP2D6", "*1x2", "second_allele_missing"),
        ("HLA-B", "*08:01", "second_allele_missing"),
        ("CYP2D6", "*1;*4", "not_understood:*1;*4"),
        ("VKORC1", "-1639G>A", "not_understood:-1639G>A"),  # the name of the variant tells no number of copies
        ("SLCO1B1", "TC", "not_understood:TC"),  # of which of its positions?
        ("SLCO1B1", "388 AG", "not_understood:388 AG"),
        ("VKORC1", "1173 CT", "not_understood:1173 CT"),  # another position
        ("VKORC1", "rs9923231 CA", "not_understood:rs9923231 CA"),  # bases of both strands
        ("IFNL3", "TT", "not_understood:TT"),  # of rs12979860, or the favourable one of rs8099917
        ("G6PD", "Med", "not_understood:Med"),
        ("DPYD", "c.1905+1G>A normal", "not_understood:c.1905+1G>A normal"),  # of the variant, not of the gene
        ("CYP2C19", "*2 het", "not_understood:*2 het"),  # *1 beside it, or another
        ("UGT1A1", "6/6", "function_not_assigned:6"),  # *6, or six repeats, which are *1
        ("CYP2D6", "*10C/*1", "function_not_assigned:*10C"),  # now *36
        ("CYP2D6", "*10B/*1", "function_not_assigned:*10B"),  # no table here says which letters are still *10
    ],
)
def test_a_result_without_a_phenotype_says_why(gene: str, written: str, reason: str) -> None:
    found = interpret(gene, written)
    assert set(found.phenotype.values()) <= {"Indeterminate"}
    assert found.reasons == (reason,)


@pytest.mark.parametrize("written", ["Not available", "no call", "Unknown/Unknown", "./.", "n/a"])
def test_words_for_no_call_are_one_in_the_column_of_diplotypes_too(written: str) -> None:
    found, result = outside("CYP2D6", (written, ""))
    assert (found.status, found.reasons, result.known) == ("not_called", ("laboratory_no_call",), False)


# VKORC1 lies on the minus strand: -1639G>A is C>T of the file. UGT1A1*28 has seven repeats of TA, *1 has six.
@pytest.mark.parametrize(
    ("gene", "written", "read"),
    [
        *[
            ("VKORC1", text, "rs9923231 reference (C)/rs9923231 variant (T)")
            for text in ("-1639 GA", "GA", "G/A", "A/G", "CT", "rs9923231 C/T")
        ],
        ("VKORC1", "A/A", "rs9923231 variant (T)/rs9923231 variant (T)"),
        ("UGT1A1", "(TA)6/(TA)7", "*1/*28"),
        ("UGT1A1", "TA7/TA7", "*28/*28"),
        ("UGT1A1", "1/28", "*1/*28"),
        ("CYP2D6", "*4.001/*1", "*1/*4"),
        ("CYP2D6", "*4A/*1", "*1/*4"),
        ("TPMT", "*3A/*1", "*1/*3A"),
        *[
            ("ABCG2", text, "rs2231142 reference (G)/rs2231142 variant (T)")
            for text in ("rs2231142 GT", "G/T", "421 CA", "c.421C>A het", "AC")
        ],
        ("ABCG2", "c.421C>A homozygous", "rs2231142 variant (T)/rs2231142 variant (T)"),
        ("VKORC1", "c.-1639G>A het", "rs9923231 reference (C)/rs9923231 variant (T)"),
        ("IFNL3", "rs12979860 CC", "rs12979860 reference (C)/rs12979860 reference (C)"),
        ("IFNL3", "C/T", "rs12979860 reference (C)/rs12979860 variant (T)"),
        ("SLCO1B1", "*1a/*5", "*1/*5"),
        ("SLCO1B1", "*1b/*1b", "*37/*37"),
        ("DPYD", "c.1905+1G>A het", "Reference/c.1905+1G>A (*2A)"),
        ("DPYD", "HapB3 (heterozygous)", "Reference/c.1129-5923C>G, c.1236G>A (HapB3)"),
        ("DPYD", "*2A hom", "c.1905+1G>A (*2A)/c.1905+1G>A (*2A)"),
        ("CYP2C19", "*2 homozygous", "*2/*2"),
        ("CYP2C9", "*1/*3 (IM)", "*1/*3"),
        ("G6PD", "Mediterranean/B", "B (reference)/Mediterranean, Dallas, Panama, Sassari, Cagliari, Birmingham"),
    ],
)
def test_an_allele_is_read_as_reports_write_it(gene: str, written: str, read: str) -> None:
    found = interpret(gene, written)
    assert (found.diplotype, found.reasons) == (read, ())


# CPIC 2022: rs4149056 (c.521T>C) TT, TC and CC are normal, decreased and poor function. All three A- are class III.
@pytest.mark.parametrize(
    ("gene", "written", "phenotype"),
    [
        *[
            ("SLCO1B1", text, "Decreased Function")
            for text in ("521TC", "521 TC", "521 C/T", "c.521T>C het", "rs4149056 TC", "rs4149056 T/C", "rs4149056 AG")
        ],
        ("SLCO1B1", "521CC", "Poor Function"),
        ("SLCO1B1", "c.521T>C hom", "Poor Function"),
        ("SLCO1B1", "c.521 TT", "Normal Function"),
        ("G6PD", "A-/B", "Variable"),
        ("G6PD", "deficient", "Deficient"),
        ("NAT2", "slow acetylator", "Poor Metabolizer"),
        ("TPMT", "IM", "Intermediate Metabolizer"),
    ],
)
def test_what_stands_in_the_place_of_a_diplotype_is_read_where_its_meaning_is_plain(
    gene: str, written: str, phenotype: str
) -> None:
    found, result = outside(gene, (written, ""), made=person({}, "CYP2B6"))
    assert (found.status, found.reasons) == ("called", ())
    assert result.phenotypes["CPIC"] == (phenotype,)


# CPIC 2022, PMID 36049896: a man has one copy of G6PD, a woman two. All three A- and Mediterranean are deficient.
@pytest.mark.parametrize(
    ("sex", "told", "phenotype", "reasons"),
    [
        ("male", ("B (reference)",), "Normal", ()),
        ("male", ("A-",), "Deficient", ()),
        ("male", ("Mediterranean",), "Deficient", ()),
        ("male", ("A-/A-",), "Deficient", ()),
        ("male", ("A-/B",), "", ("male_heterozygous",)),
        ("male", ("A-/B", "Deficient"), "Deficient", ("male_heterozygous",)),
        ("female", ("A-/B",), "Variable", ()),
        ("female", ("B (reference)",), "", ("second_allele_missing",)),
        ("female", ("A- 202A_376G",), "", ("second_allele_missing",)),
        ("female", ("A-", "Variable"), "Variable", ("second_allele_missing",)),
        ("", ("B (reference)",), "", ("sex_unknown",)),
        ("", ("A- 202A_376G",), "", ("sex_unknown",)),
        ("", ("B/B",), "Normal", ()),
    ],
)
def test_11_a_laboratory_result_of_g6pd_means_what_the_sex_says(
    sex: str, told: tuple[str, ...], phenotype: str, reasons: tuple[str, ...]
) -> None:
    cells = dict(zip(("diplotype", "phenotype"), told, strict=False))
    rows = pd.DataFrame([{"gene": "G6PD", **cells}])
    by_file = call(person({}, "CYP2B6"), DEFAULT, {"P0": sex}, rows)
    cohort_rows = rows.assign(patient_id="P0")
    patients = pd.DataFrame({"patient_id": ["P0"], "sex": [sex]})
    by_table = calls_of(Cohort("lab", {"patients": patients, "diplotypes": cohort_rows}, date(2026, 11, 22)))
    for calls in (by_file, by_table):
        found, result = calls.of("P0", "G6PD"), profiles_of(calls)["G6PD"]
        known = result.results[result.of_person[0]].phenotypes.get("CPIC", ())
        assert (known, found.reasons) == ((phenotype,) if phenotype else (), reasons)


def test_a_phenotype_beside_the_alleles_in_one_cell_is_that_of_the_laboratory() -> None:
    found, result = outside("CYP2C9", ("*2/*3 (IM)", ""), made=person({}, "CYP2B6"))  # CPIC: Poor Metabolizer
    assert (found.status, found.reasons) == ("ambiguous", ("laboratory_differs",))
    assert found.phenotype == "Intermediate Metabolizer or Poor Metabolizer"
    assert set(result.phenotypes["CPIC"]) == {"Poor Metabolizer", "Intermediate Metabolizer"}
    found, result = outside("SLCO1B1", ("521 TC", "Normal Function"), made=person({}, "CYP2B6"))
    assert (found.status, result.known) == ("not_called", False)
    assert found.reasons == ("not_understood:Decreased Function, Normal Function",)


def test_two_variants_of_dpyd_that_stand_in_two_rows_may_lie_on_two_strands() -> None:
    """c.1905+1G>A (0) with c.2846A>T (0.5) on the other strand: activity score 0.5, Poor Metabolizer."""
    found, result = outside("DPYD", ("c.1905+1G>A het",), ("c.2846A>T het",), made=person({}, "CYP2B6"))
    assert (found.status, found.reasons) == ("ambiguous", ("laboratory_several",))
    assert set(result.phenotypes["CPIC"]) == {"Intermediate Metabolizer", "Poor Metabolizer"}
    table = pd.DataFrame({"patient_id": ["A", "A"], "gene": "DPYD", "diplotype": ["*2A het", "c.2846A>T het"]})
    answers_ = laboratory_results(table, pd.Index(["A"]))["DPYD"].answers
    assert [one.diplotype for one in answers_[0]][-1] == "c.1905+1G>A (*2A)/c.2846A>T"


@pytest.mark.parametrize(
    ("gene", "written", "read"),
    [
        ("NAT2", "Slow Acetylator", "Poor Metabolizer"),
        ("NAT2", "rapid acetylator", "Rapid Metabolizer"),
        ("CYP2D6", "Poor", "Poor Metabolizer"),
        ("SLCO1B1", "Decreased", "Decreased Function"),
        ("VKORC1", "-1639 GA", "-1639 AG"),
    ],
)
def test_a_phenotype_is_read_as_reports_write_it(gene: str, written: str, read: str) -> None:
    found = interpret(gene, "", written)
    assert (found.reported, found.reasons) == (read, ())


def rows_of(folder: Path, content: str | bytes) -> pd.DataFrame:
    file = folder / "calls.tsv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_outside_calls(file)


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("gene\tgenotype", "CYP2D6\t*4/*4"),
        ("Gene\tResult\tPhenotype", "CYP2D6\t*4/*4\t"),
        ("Sample ID\tGene Symbol\tStar alleles\tScore\tComment", "P0\tCYP2D6\t*4/*4\t0\tseen twice"),
    ],
)
def test_columns_of_outside_calls_have_several_names(tmp_path: Path, header: str, row: str) -> None:
    rows = rows_of(tmp_path, f"{header}\n{row}\n")
    assert (rows["gene"].tolist(), rows["diplotype"].tolist()) == (["CYP2D6"], ["*4/*4"])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("gene\thaplotypes\nCYP2D6\t*4/*4\n", "line 1: column 'haplotypes' is not understood"),
        ("gene\tcomment\nCYP2D6\t*4/*4\n", "line 1: no column is diplotype, phenotype or activity_score"),
        ("gene\tgenotype\tresult\nCYP2D6\t*4/*4\t\n", "line 1: two columns say 'diplotype'"),
        ("gene,diplotype\nCYP2D6,*4/*4\n", "line 1: 'gene,diplotype' is no gene; write a tab between gene"),
        ("CYP2D6,*4/*4\n", "line 1: 'CYP2D6,"),
        ("CYP2D6 *4/*4\n", "line 1: 'CYP2D6 "),
        ("gene\tdiplotype\n", "no outside call in it but a header"),
        ("CYP2D6\t*4/*4\n".encode("utf-16"), "is not text in UTF-8"),
    ],
)
def test_outside_calls_that_would_be_lost_are_refused(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        rows_of(tmp_path, content)


def test_outside_calls_in_windows_1252_are_read(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, "# Labor Köln\nCYP2D6\t*1×2/*4\n".encode("cp1252"))
    assert rows["diplotype"].tolist() == ["*1×2/*4"]


@pytest.mark.parametrize("written", ["*1/", "*1/*2/*4", "(*1/*2)x3"])
def test_a_result_that_cannot_be_read_calls_nothing_and_a_stranger_is_refused_by_line(
    tmp_path: Path, written: str
) -> None:
    found = outside_calls(rows_of(tmp_path, f"# from the laboratory\nCYP2D6\t{written}\n"), ["P0"])
    assert [one.reasons for one in found["CYP2D6"].answers[0]] == [(f"not_understood:{written}",)]
    with pytest.raises(InputError, match=re.escape("calls.tsv, line 2: outside call TPMT *1/*1: sample 'ZZ' is not")):
        outside_calls(rows_of(tmp_path, "sample\tgene\tdiplotype\nZZ\tTPMT\t*1/*1\n"), ["P0"])


CFTR_RESPONSIVE, RYR1_FOUND, RYR1_UNCERTAIN = "rs75527207", "rs118192161", "rs144336148"
CACNA1S_FOUND, G6PD_DEFICIENT = "rs1800559", "rs1050828"
DPYD_NORMAL, DPYD_FOUND = "rs1801265", "rs3918290"  # *9A, of normal function; *2A, one of those that AMP names
VARIANT = {
    DPYD_FOUND: "C/T",
    CFTR_RESPONSIVE: "G/A",
    RYR1_FOUND: "C/T",
    RYR1_UNCERTAIN: "G/A",
    CACNA1S_FOUND: "C/T",
    G6PD_DEFICIENT: "C/T",
}


def advised(drug: str, made: Genotypes, sex: str = "female", complete: bool = False, body: str = "CPIC") -> Answer:
    """The most urgent answer of one body."""
    found = call(made, Settings("GRCh38", complete), {"P0": sex})
    profiles = profiles_of(found)
    given = {gene: profile.results[profile.of_person[0]] for gene, profile in profiles.items()}
    told = answers(Advisor(profiles, 1).advise(np.zeros(1, np.intp), [drug]), 0, given, found.named(0))
    return next(one for one in told if one.row.body == body)


def read_only(found: Sequence[str], *read: str, gene: str) -> Genotypes:
    """Heterozygous at some positions, and reference at others, of one gene of which no other position was read."""
    absent = [one.name for one in genes()[gene].variants if one.name not in (*found, *read)]
    return person({name: VARIANT[name] for name in found}, gene, absent=absent)


@pytest.mark.parametrize(
    ("drug", "gene", "found", "read", "word", "positions"),
    [
        ("ivacaftor", "CFTR", [], ["rs74503330", "rs193922525"], "Not determined", (2, 93)),
        ("ivacaftor", "CFTR", [CFTR_RESPONSIVE], ["rs74503330"], "Standard", (0, 0)),
        ("desflurane", "RYR1", [], [RYR1_FOUND], "Not determined", (1, 312)),
        ("desflurane", "RYR1", [RYR1_FOUND], [], "Avoid", (0, 0)),
        ("desflurane", "RYR1", [RYR1_UNCERTAIN], [RYR1_FOUND], "Not determined", (2, 312)),
        ("desflurane", "CACNA1S", [CACNA1S_FOUND], [], "Avoid", (0, 0)),
        ("rasburicase", "G6PD", [], [G6PD_DEFICIENT], "Not determined", (1, 171)),
    ],
)
def test_21_what_rests_on_finding_no_variant_needs_the_positions_that_would_show_it(
    drug: str, gene: str, found: list[str], read: list[str], word: str, positions: tuple[int, int]
) -> None:
    """Every position where alleles are a list of variants; what was found stands in any case."""
    made = read_only(found, *read, gene=gene)
    answer_ = advised(drug, made)
    assert answer_.word == word
    assert [one.positions for one in answer_.genes if one.gene == gene] == [positions]
    assert answer_.reasons == ((f"positions_missing:{gene}",) if any(positions) else ())
    called = one(made, gene, Settings("GRCh38"))
    assert ("positions_missing" in called.reasons) == any(positions)
    assert called.status == "called"
    if any(positions):
        assert "{} of {} positions read".format(*positions) in answer_.reason
        assert "Sequence the gene" in answer_.reason


def test_21_with_every_position_read_or_a_file_that_lists_every_variant_it_is_known() -> None:
    assert advised("ivacaftor", person({}, "CFTR")).word == "Avoid"
    few = read_only([], "rs74503330", gene="CFTR")
    assert advised("ivacaftor", few, complete=True).word == "Avoid"
    assert advised("rasburicase", person({}, "G6PD")).word == "Standard"


def test_21_one_copy_of_a_gene_is_read_as_two_are() -> None:
    absent = [variant.name for variant in genes()["G6PD"].variants if variant.name != G6PD_DEFICIENT]
    plain = person({G6PD_DEFICIENT: "C"}, "G6PD", absent=absent)
    deficient = person({G6PD_DEFICIENT: "T"}, "G6PD", absent=absent)
    assert advised("rasburicase", plain, sex="male").word == "Not determined"
    assert advised("rasburicase", deficient, sex="male").word == "Avoid"


DPYD_CORE = (
    *("rs3918290", "rs55886062", "rs67376798", "rs75017182"),
    *("rs56038477", "rs115232898", "rs112766203", "rs146356975"),
)
CYP2C9_CORE = ("rs1799853", "rs1057910", "rs28371686", "rs9332131", "rs7900194", "rs28371685")


@pytest.mark.parametrize(
    ("drug", "genotypes", "word", "untested"),
    [
        # nothing found, and core alleles were not tested that 15 in 1,000 carry
        ("fluorouracil", {"DPYD": dict.fromkeys([DPYD_NORMAL], "")}, "Not determined", 7),
        ("fluorouracil", {"DPYD": dict.fromkeys(["rs3918290"], "")}, "Not determined", 6),
        ("fluorouracil", {"DPYD": dict.fromkeys(["rs67376798"], "")}, "Not determined", 6),
        ("tacrolimus", {"CYP3A5": {"rs10264272": ""}}, "Not determined", 2),
        ("siponimod", {"CYP2C9": {"rs1799853": ""}}, "Not determined", 5),
        ("atazanavir", {"UGT1A1": {"rs4148323": ""}}, "Not determined", 2),
        # the answer would be another one though a variant was found: it asks for more
        ("tacrolimus", {"CYP3A5": {"rs776746": "T/C"}}, "Not determined", 2),
        ("clopidogrel", {"CYP2C19": {"rs12248560": "C/T", "rs28399504": "", "rs4986893": ""}}, "Not determined", 1),
        # every one that is common was tested, by its deciding position
        ("fluorouracil", {"DPYD": dict.fromkeys(DPYD_CORE, "")}, "Standard", 0),
        ("fluorouracil", {"DPYD": dict.fromkeys(set(DPYD_CORE) - {"rs55886062"}, "")}, "Standard", 0),
        ("clopidogrel", {"CYP2C19": dict.fromkeys(["rs4244285", "rs4986893", "rs12248560"], "")}, "Standard", 0),
        ("tacrolimus", {"CYP3A5": {"rs776746": "C/C"}}, "Standard", 0),
        ("celecoxib", {"CYP2C9": dict.fromkeys(CYP2C9_CORE, "")}, "Standard", 0),
        # the one that was not tested would change nothing of this answer
        ("clopidogrel", {"CYP2C19": dict.fromkeys(["rs4244285", "rs4986893"], "")}, "Standard", 0),
        ("omeprazole", {"CYP2C19": dict.fromkeys(["rs4244285", "rs4986893"], "")}, "Not determined", 1),
        # what was found stands
        ("fluorouracil", {"DPYD": {"rs3918290": "C/T"}}, "Change dose", 0),
        ("clopidogrel", {"CYP2C19": {"rs4244285": "G/A"}}, "Avoid", 0),
        ("siponimod", {"CYP2C9": {"rs1057910": "C/C"}}, "Avoid", 0),
    ],
)
def test_21_what_rests_on_finding_no_allele_needs_those_that_are_common(
    drug: str, genotypes: dict[str, dict[str, str]], word: str, untested: int
) -> None:
    """Of each gene only the named positions are read, reference where no bases are given."""
    ((gene, read),) = genotypes.items()
    found = {name: bases for name, bases in read.items() if bases}
    absent = [one.name for one in genes()[gene].variants if one.name not in read]
    told = advised(drug, person(found, gene, absent=absent), body="DPWG" if drug == "siponimod" else "CPIC")
    assert told.word == word
    assert [len(one.untested) for one in told.genes if one.gene == gene] == [untested]
    assert told.reasons == ((f"positions_missing:{gene}",) if untested else ())
    if untested:
        assert f"{gene} result needed for {drug}" == told.title
        assert "not tested" in told.reason


def test_21_two_genes_that_were_tested_in_part() -> None:
    """TPMT *2 read and none of *3A, *3B, *3C, which nearly all carriers have."""
    absent = [one.name for one in genes()["TPMT"].variants if one.name != "rs1800462"]
    made = person({}, "NUDT15", "TPMT", absent=absent)
    assert advised("mercaptopurine", made).word == "Not determined"
    assert advised("mercaptopurine", person({}, "NUDT15", "TPMT")).word == "Standard"


def test_21_a_strong_inhibitor_decides_whatever_was_not_tested() -> None:
    """Poor it is with every allele that may be there."""
    absent = [one.name for one in genes()["CYP2C19"].variants if one.name != "rs4986893"]
    profiles = profiles_of(call(person({}, "CYP2C19", absent=absent), Settings("GRCh38"), {"P0": "male"}))
    taken = Taken(1, np.array([0], np.int32), np.array([numbers()["fluvoxamine"]], np.int32), np.zeros(1))
    review = Genetics(profiles, shifts(taken, np.zeros(1)), 1).review(np.zeros(1, np.intp), np.array(["clopidogrel"]))
    assert review.word.tolist() == ["Avoid"]


def test_21_a_gene_without_any_core_allele_read() -> None:
    assert {name for name, gene in genes().items() if gene.variants and gene.lists_variants} == {
        *("ABCG2", "CACNA1S", "CFTR", "G6PD", "IFNL3", "RYR1")
    }
    found = answer("DPYD", {}, absent=["rs55886062"])
    assert "positions_missing" not in found.reasons
    assert "tier1_alleles_untested" in found.reasons
    assert advised("simvastatin", person({}, "SLCO1B1", absent=["rs4149056"])).word == "Not determined"
    assert advised("simvastatin", person({}, "SLCO1B1")).word == "Standard"


@pytest.mark.parametrize(
    ("gene", "absent", "untested"),
    [
        ("SLCO1B1", ["rs4149056"], ("*5",)),  # *15 has a second position, which was read
        ("UGT1A1", ["rs3064744"], ("*28", "*37")),
        ("CYP2B6", ["rs3745274"], ("*9",)),
        ("CYP2B6", ["rs3745274", "rs2279343"], ("*6", "*9")),
    ],
)
def test_21_a_star_gene_without_a_list_of_amp_names_the_common_alleles_that_were_not_tested(
    gene: str, absent: list[str], untested: tuple[str, ...]
) -> None:
    found = answer(gene, {}, absent=absent)
    assert found.status == "called"
    assert sorted(found.tier1_untested) == sorted(untested)
    assert "tier1_alleles_untested" in found.reasons
    assert answer(gene, {}).tier1_untested == ()


def test_21_common_alleles_are_those_of_less_function_that_one_in_a_hundred_has() -> None:
    """Against the tables of functions and frequencies; of the genes of which AMP lists none."""
    functions = ("gene", "allele", "source", "function", "activity", "published", "status")
    frequencies = ("gene", "allele", *POPULATIONS, "status")
    reduced = [row for row in rows("functions.csv", functions, functions[:3]) if row["source"] == "CPIC"]
    less = {(row["gene"], row["allele"]) for row in reduced if row["function"] in ("Decreased function", "No function")}
    shares = {
        (row["gene"], row["allele"]): max(float(row[group] or 0) for group in POPULATIONS)
        for row in rows("frequencies.csv", frequencies, frequencies[:2])
    }
    for name in ("CYP2B6", "SLCO1B1", "UGT1A1"):
        common = {allele for gene, allele in less if gene == name and shares.get((gene, allele), 0) >= 0.01}
        assert set(genes()[name].rules.tier1) == common


def test_21_people_with_different_positions_read_are_answered_apart() -> None:
    """All read, all but two, one alone, and a variant found where nothing else was read: each as if alone."""
    gene = genes()["CFTR"]
    at = [variant.name for variant in gene.variants].index(CFTR_RESPONSIVE)
    made = people(gene, np.zeros((4, 2), np.intp))
    made.alleles[:2, 1] = ABSENT
    made.alleles[1:, 2:] = ABSENT
    made.alleles[at, 3] = (0, 1)
    profiles = profiles_of(call(made, Settings("GRCh38"), only=["CFTR"]))
    profile = profiles["CFTR"]
    told = [profile.results[which] for which in profile.of_person]
    assert at > 1
    assert [one.positions for one in told] == [(0, 0), (91, 93), (1, 93), (0, 0)]
    assert [one.known for one in told] == [True, False, False, True]
    review = Genetics(profiles, {}, 4).review(np.arange(4), np.full(4, "ivacaftor"))
    assert review.word.tolist() == ["Avoid", "Not determined", "Not determined", "Standard"]
