"""From diplotypes to phenotypes: the published expansion of the rules, activity scores, and outside calls."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from precision.errors import InputError
from precision.knowledge.table import read, sources
from precision.pgx.calling import Settings, call
from precision.pgx.definitions import GRCH38, genes
from precision.pgx.functions import BODIES, Rules, rules_of
from precision.pgx.outside import interpret, outside_calls
from precision.pgx.outside_file import read_outside_calls
from tests.pgx_genotypes import people, person

RENAMED = {"Telti/Kobe": "Telti, Kobe"}  # a name with a slash in the table of functions
COLUMNS = ("gene", "source", "first", "second", "activity_score", "phenotype", "status")
DROPPED = "Mediterranean Haplotype"  # a haplotype that the definitions do not have


def two(text: str, rules: Rules) -> tuple[str, ...]:
    """The one or two alleles of a diplotype whose names may hold a slash."""
    if text in rules.function or RENAMED.get(text) in rules.function:
        return (RENAMED.get(text, text),)
    parts = text.split("/")
    for cut in range(1, len(parts)):
        pair = ["/".join(parts[:cut]), "/".join(parts[cut:])]
        pair = [RENAMED.get(name, name) for name in pair]
        if all(name in rules.function for name in pair):
            return tuple(pair)
    return ()


def test_274_rules_give_every_published_diplotype(shared: Path) -> None:
    with gzip.open(shared / "reference" / "pgx" / "diplotype_phenotype.tsv.gz", "rt", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    assert len(rows) == 52_657  # 52,735 where the 78 of CYP3A4 are counted twice
    assert len(read("pgx", "phenotypes.csv", COLUMNS, COLUMNS[:4])) == 274
    checked = 0
    for row in rows:
        if DROPPED in row["diplotype"]:
            continue
        rules = next(rules for rules in rules_of(row["gene"]) if rules.body == row["source"])
        alleles = two(row["diplotype"], rules)
        keys = [rules.key(allele) for allele in alleles]
        assert keys, row
        assert len(rules.keys) not in keys, row
        phenotype = rules.phenotypes[rules.phenotype[keys[0], keys[1]] if len(keys) == 2 else rules.single[keys[0]]]
        score = rules.scores[rules.score[keys[0], keys[1]]] if len(keys) == 2 else ""
        if rules.body == "DPWG" and row["gene"] == "DPYD":  # the source writes both in one cell
            assert f"{score} ({phenotype})" == row["phenotype"], row
        else:
            assert (phenotype, score) == (row["phenotype"], row["activity_score"]), row
        checked += 1
    # G6PD has 187 alleles in the table: 187 pairs with the dropped one, and the dropped one alone
    assert checked == 52_657 - 188


@pytest.mark.parametrize("body", BODIES)
def test_the_pairs_of_a_cohort_have_the_phenotypes_of_the_rules(body: str) -> None:
    gene = genes()["CYP2B6"]
    rows = np.array(np.triu_indices(len(gene.row_code))).T
    calls = call(people(gene, rows, phased=True), Settings(GRCH38), only=["CYP2B6"])
    rules = next(rules for rules in rules_of("CYP2B6") if rules.body == body)
    found = calls.phenotype("CYP2B6", body)
    keys = [[rules.key(gene.alleles[allele]) for allele in pair] for pair in gene.row_allele[rows]]
    assert found.tolist() == [rules.phenotypes[rules.phenotype[one, two]] for one, two in keys]


# Hand arithmetic with CPIC's values *1 1, *2 1, *4 0, *9 0.25, *10 0.25, *17 0.5, *36 0, *41 0.25; copies multiply,
# parts of a hybrid add up. CPIC: 0 PM, below 1.25 IM, to 2.25 NM, above UM.
@pytest.mark.parametrize(
    ("diplotype", "score", "phenotype"),
    [
        ("*1/*1", "2.0", "Normal Metabolizer"),
        ("*1/*4", "1.0", "Intermediate Metabolizer"),
        ("*4/*4", "0.0", "Poor Metabolizer"),
        ("*1x2/*9", "2.25", "Normal Metabolizer"),
        ("*1x2/*17", "2.5", "Ultrarapid Metabolizer"),
        ("*1/*36+*10", "1.25", "Normal Metabolizer"),
        ("*36x2+*10/*1", "1.25", "Normal Metabolizer"),
        ("*10/*36x2", "0.25", "Intermediate Metabolizer"),
        ("*1x3/*1", "≥4.0", "Ultrarapid Metabolizer"),
        ("*1x≥3/*1", "≥4.0", "Ultrarapid Metabolizer"),
        ("*1x>=3/*1", "≥4.0", "Ultrarapid Metabolizer"),
        ("*2×2/*1", "3.0", "Ultrarapid Metabolizer"),
        ("*4x≥3/*1", "1.0", "Intermediate Metabolizer"),
        ("*10x3/*4", "0.75", "Intermediate Metabolizer"),
        ("*10x≥3/*4", "≥0.75", "Indeterminate"),
        ("*1xN/*4", "", "Indeterminate"),
        ("*1/*XXX", "", "Indeterminate"),
    ],
)
def test_copies_and_hybrids_of_cyp2d6_have_their_activity(diplotype: str, score: str, phenotype: str) -> None:
    found = interpret("CYP2D6", diplotype)
    assert (found.activity_score.get("CPIC", ""), found.phenotype["CPIC"]) == (score, phenotype)


def test_an_unknown_copy_number_and_an_unknown_allele_say_why() -> None:
    assert interpret("CYP2D6", "*1xN/*4").reasons == ("copy_number_unknown",)
    assert interpret("CYP2D6", "*1/*XXX").reasons == ("function_not_assigned:*XXX",)


# Pitfall 16 and 17: CPIC ends normal at 2.25, DPWG at 2.5; *41 is 0.25 for CPIC and 0.5 for DPWG
def test_cpic_and_dpwg_stand_side_by_side_where_they_differ() -> None:
    found = interpret("CYP2D6", "*1x2/*17")
    assert (found.phenotype["CPIC"], found.phenotype["DPWG"]) == ("Ultrarapid Metabolizer", "Normal Metabolizer")
    found = interpret("CYP2D6", "*4/*41")
    assert (found.activity_score["CPIC"], found.activity_score["DPWG"]) == ("0.25", "0.5")
    made = person({"rs3758581": "G/G", "rs12248560": "C/T"})
    calls = call(made, only=["CYP2C19"])
    answer = calls.of("P0", "CYP2C19")
    assert [(i.body, i.phenotype) for i in answer.interpretations] == [
        ("CPIC", "Rapid Metabolizer"),
        ("DPWG", "Normal Metabolizer"),
    ]
    assert answer.bodies_differ
    assert calls.phenotype("CYP2C19", "DPWG").tolist() == ["Normal Metabolizer"]


# Pitfall 17
@pytest.mark.parametrize(
    ("gene", "diplotype", "score", "phenotype"),
    [
        ("CYP2C9", "*2/*3", "0.5", "Poor Metabolizer"),
        ("CYP2C9", "*1/*2", "1.5", "Intermediate Metabolizer"),
        ("CYP2C9", "*1/*3", "1.0", "Intermediate Metabolizer"),
        ("DPYD", "c.1905+1G>A (*2A)/c.2846A>T", "0.5", "Poor Metabolizer"),
    ],
)
def test_activity_scores_of_cyp2c9_and_dpyd(gene: str, diplotype: str, score: str, phenotype: str) -> None:
    found = interpret(gene, diplotype)
    assert (found.activity_score["CPIC"], found.phenotype["CPIC"]) == (score, phenotype)


def test_an_allele_without_function_is_indeterminate_unless_every_function_gives_the_same() -> None:
    rules = rules_of("RYR1")[0]
    assert "c.4024A>G" not in rules.function
    assert interpret("RYR1", "c.4024A>G/c.1840C>T").phenotype["CPIC"] == "Malignant Hyperthermia Susceptibility"
    assert interpret("RYR1", "Reference/c.4024A>G").phenotype["CPIC"] == "Indeterminate"


def test_hla_alleles_are_positive_negative_or_unknown_each_by_itself() -> None:
    typed = interpret("HLA-B", "*57:01:01/*58:01")
    assert dict(typed.presence) == {
        "*15:02": "negative",
        "*15:11": "negative",
        "*57:01": "positive",
        "*58:01": "positive",
    }
    assert dict(interpret("HLA-B", "", "*57:01 positive").presence) == {"*57:01": "positive"}
    assert dict(interpret("HLA-B", "*57:01").presence) == {"*57:01": "positive"}  # the other allele is not told
    assert dict(interpret("HLA-A", "", "*31:01 negative").presence) == {"*31:01": "negative"}


def test_mt_rnr1_has_one_copy() -> None:
    found = interpret("MT-RNR1", "m.1555A>G")
    assert found.phenotype["CPIC"] == "increased risk of aminoglycoside-induced hearing loss"


def test_a_phenotype_or_a_score_of_a_laboratory_stands_first_and_a_difference_is_said() -> None:
    found = interpret("CYP2D6", "*4/*4", "Normal Metabolizer")
    assert (list(found.phenotype), found.reasons) == (["laboratory", "CPIC", "DPWG"], ("laboratory_differs",))
    assert interpret("CYP2D6", "", "", "2.5").phenotype == {
        "CPIC": "Ultrarapid Metabolizer",
        "DPWG": "Normal Metabolizer",
    }
    assert interpret("CYP2D6", "", "", "high").reasons == ("not_understood:high",)


@pytest.mark.parametrize(
    ("gene", "written", "read"),
    [
        ("CYP2D6", "CYP2D6*4/CYP2D6*4", "*4/*4"),
        ("CYP2D6", "1/4", "*1/*4"),
        ("CYP2D6", "*4|*4", "*4/*4"),
        ("DPYD", "*1/*2A", "Reference/c.1905+1G>A (*2A)"),
        ("DPYD", "Reference/c.1905+1G>A", "Reference/c.1905+1G>A (*2A)"),
        ("MT-RNR1", "1555A>G", "m.1555A>G"),
        ("VKORC1", "T/T", "rs9923231 variant (T)/rs9923231 variant (T)"),
    ],
)
def test_an_allele_of_a_laboratory_is_read_in_its_usual_spellings(gene: str, written: str, read: str) -> None:
    assert interpret(gene, written).diplotype == read


def test_words_of_a_laboratory_that_are_no_phenotype_of_the_gene_are_not_one() -> None:
    found = interpret("CYP2D6", "", "Poor metabolisr")
    assert (found.says_something, found.reasons) == (False, ("phenotype_not_understood:Poor metabolisr",))
    assert interpret("CYP2D6", "*4/*4", "PM").reasons == ()  # another spelling is no difference


@pytest.mark.parametrize("score", ["nan", "inf", "-1", "1_5"])
def test_a_score_that_is_no_number_from_nought_up_is_a_reason(score: str) -> None:
    found = interpret("CYP2D6", "", "", score)
    assert (found.says_something, found.reasons) == (False, (f"not_understood:{score}",))


def test_a_laboratory_s_result_replaces_ours_and_its_no_call_does_so_too(tmp_path: Path) -> None:
    file = tmp_path / "outside.tsv"
    file.write_text(
        "# from the laboratory\nCYP2C19\t*2/*2\nTPMT\t./.\nCYP2D6\t*1/*4\nABCB1\trs1045642\n", encoding="utf-8"
    )
    calls = call(person({}), outside=read_outside_calls(file))
    found = calls.of("P0", "CYP2C19")
    assert (found.origin, found.phenotype) == ("outside", "Poor Metabolizer")
    assert calls.of("P0", "TPMT").reasons == ("laboratory_no_call",)
    assert calls.status("TPMT").tolist() == ["not_called"]
    assert calls.phenotype("CYP2D6").tolist() == ["Intermediate Metabolizer"]
    assert calls.diplotype("CYP2D6").tolist() == ["*1/*4"]
    assert calls.of("P0", "ABCB1").diplotypes[0].name == "rs1045642"
    assert set(calls.to_frame()["gene"]) >= {"CYP2D6", "ABCB1", "VKORC1"}


def test_outside_calls_of_several_samples_name_them(tmp_path: Path) -> None:
    file = tmp_path / "outside.tsv"
    file.write_text("sample\tgene\tdiplotype\nP1\tCYP2D6\t*4/*4\n", encoding="utf-8")
    rows = read_outside_calls(file)
    found = outside_calls(rows, ["P0", "P1"])["CYP2D6"]
    assert found.of_sample.tolist() == [-1, 0]
    with pytest.raises(InputError, match="sample 'P1' is not in the genotypes"):
        outside_calls(rows, ["P0", "P2"])
    with pytest.raises(InputError, match="the file has 2 samples; name the sample"):
        outside_calls(pd.DataFrame({"gene": ["CYP2D6"], "diplotype": ["*1/*1"]}), ["P0", "P1"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no outside call in it"),
        ("\t*1/*4\n", "line 1: expected gene, diplotype, phenotype, activity_score"),
        ("CYP2D6\t*1/*4\t\t\t\n", "line 1: expected gene"),
    ],
)
def test_a_file_of_outside_calls_that_cannot_be_read_says_which_line(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "outside.tsv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_outside_calls(file)


@pytest.mark.parametrize("diplotype", ["*1/*2/*3", "*1/"])
def test_three_alleles_or_an_empty_one_are_refused(diplotype: str) -> None:
    with pytest.raises(InputError, match="expected one allele or two"):
        interpret("CYP2D6", diplotype)


def test_pitfall_14_reference_alleles_have_the_names_of_their_sources() -> None:
    names = {name: genes()[name].reference_name for name in ("CYP2C19", "DPYD", "G6PD", "NAT2", "CFTR")}
    assert names == {
        "CYP2C19": "*38",
        "DPYD": "Reference",
        "G6PD": "B (reference)",
        "NAT2": "*1",
        "CFTR": "ivacaftor non-responsive CFTR sequence",
    }


def test_pitfall_16_alleles_are_in_the_order_of_their_numbers() -> None:
    alleles = genes()["CYP2C19"].alleles
    assert alleles.index("*2") < alleles.index("*10")
    assert interpret("CYP2D6", "*10/*4").diplotype == "*4/*10"


def test_the_tables_name_their_source_version_and_licence() -> None:
    found = next(source for source in sources() if source.folder == "pgx")
    assert "CC0-1.0" in found.licence
    assert "2025-11-05" in found.version
    assert {name for name, gene in genes().items() if gene.update_pending} == {"CYP2C19", "NUDT15", "TPMT"}


def test_the_restated_definitions_are_those_of_the_source(shared: Path) -> None:
    rows = pd.read_csv(shared / "reference" / "pgx" / "allele_definitions.tsv", sep="\t", dtype=str)
    rows = rows[(rows["gene"] != "CYP2D6") & ~((rows["gene"] == "RYR1") & (rows["pos_grch38"] == "38580126"))]
    for gene, cells in rows.groupby("gene"):
        ours = genes()[str(gene)]
        defined = {allele: cells[cells["allele"] == allele] for allele in cells["allele"].unique()}
        for allele, part in defined.items():
            owner = ours.alleles.index(ours.rules.core(str(allele)))
            columns = [ours.index_at(int(position)) for position in part["pos_grch38"]]
            mine = ours.row_defines[ours.row_allele == owner]
            wanted = np.zeros(len(ours.variants), np.bool_)
            wanted[columns] = True
            assert (mine == wanted).all(axis=1).any(), (gene, allele)
