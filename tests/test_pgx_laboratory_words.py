"""What laboratories write in a cell is read where all of it is plain; else nothing is, and a reason tells the cell."""

from __future__ import annotations

import pandas as pd
import pytest

from precision.pgx.of_cohort import doubts_of
from precision.pgx.outside import OutsideCall, interpret, outside_calls


def told(found: OutsideCall) -> tuple[str, dict[str, str], dict[str, str]]:
    return found.diplotype, dict(found.phenotype), dict(found.presence)


def nothing_read(gene: str, diplotype: str) -> None:
    found = interpret(gene, diplotype)
    assert (told(found), found.reasons) == (("", {}, {}), (f"not_understood:{diplotype}",))


@pytest.mark.parametrize("column", ["diplotype", "phenotype"])
@pytest.mark.parametrize(
    ("written", "presence"),
    [
        *[
            (text, "negative")
            for text in (
                *("*57:01 negative", "*57:01 neg", "HLA-B*57:01 Negative", "B*57:01-negative", "*57:01 (negative)"),
                *("HLA-B*57:01 not detected", "*57:01: not present", "*57:01 absent", "B*5701 negative"),
            )
        ],
        *[(text, "positive") for text in ("*57:01 positive", "HLA-B*57:01 detected", "*57:01: present", "*57:01 pos")],
        ("*57:01:01 positive", "positive"),
    ],
)
def test_the_word_behind_an_hla_allele_decides_in_either_column(column: str, written: str, presence: str) -> None:
    found = interpret("HLA-B", **{"diplotype": "", column: written})
    assert (told(found), found.reasons) == (("", {}, {"*57:01": presence}), ())


@pytest.mark.parametrize(
    "written",
    [
        *("*15:02 not tested", "*58:01N", "5801N", "*58:01N/*08:01", "*57:01-/*58:01-", "*57:01 -", "*57:01?"),
        *("*57:01/*08:01 negative", "*57:01 negative, *58:01 negative", "no *57:01", "not *57:01 positive", "absent"),
        "*57:01:02 negative",  # *57:01:01 is not excluded
    ],
)
def test_anything_else_behind_an_hla_allele_is_not_understood(written: str) -> None:
    nothing_read("HLA-B", written)


@pytest.mark.parametrize("written", ["*57:01:01:01", "*57:01P", "*57:01:01G", "HLA-B*57:01:01/B*08:01P"])
def test_resolution_behind_an_hla_allele_leaves_it_what_it_is(written: str) -> None:
    assert interpret("HLA-B", written).presence["*57:01"] == "positive"


def test_two_columns_that_speak_of_hla_alleles_both_count_and_the_careful_one_stands() -> None:
    assert dict(interpret("HLA-B", "*57:01 negative", "*58:01 positive").presence) == {
        "*57:01": "negative",
        "*58:01": "positive",
    }
    found = interpret("HLA-B", "*57:01 negative", "*57:01 positive")
    assert (dict(found.presence), found.reasons) == ({"*57:01": "positive"}, ("laboratory_differs",))
    found = interpret("HLA-B", "*57:01 negative", "positive")
    assert (told(found), found.reasons) == (("", {}, {}), ("not_understood:*57:01 negative, positive",))


@pytest.mark.parametrize(
    ("gene", "written"),
    [
        ("CYP2D6", "*4/*4 (not normal)"),
        ("CYP2C19", "*1/*4 (IM to NM)"),
        ("CYP2C19", "*1/*1 not a poor metabolizer"),
        ("CYP2C19", "*2/*2 (not a normal metabolizer)"),
        ("CYP2C19", "*1/*2 non-intermediate metabolizer"),
        ("CYP2C19", "*1/*2 IM or PM"),
        ("CYP2C19", "*1/*2 IM versus PM"),
        ("CYP2C19", "*1/*2 likely IM"),
        ("CYP2C19", "*1/*2 possible poor metabolizer"),
        ("CYP2C19", "possible poor metabolizer"),
        ("CYP2C19", "Intermediate Metabolizer (PM)"),
        ("CYP2C19", "*1/*2 (PM/IM)"),
        ("CYP2C19", "*1/*2 or *1/*3"),
        ("CYP2C19", "(IM/PM)"),
        ("CYP2C19", "IM/PM"),
        ("CYP2C19", "not *2/*2"),
        ("CYP2C19", "*1/*2 homozygous"),
        ("CYP2C19", "*1/*999 (IM)"),
        ("SLCO1B1", "*1/*5 (not normal function)"),
        ("SLCO1B1", "T>C het"),  # of which position?
        ("DPYD", "Reference/c.2846A>T not normal"),
        ("DPYD", "wild type"),
        ("DPYD", "rs3918290 C/C"),  # the other variants are not told
        ("DPYD", "rs67376798 A/A"),  # T>A: reference on the strand of the gene, variant on the other
        ("DPYD", "c.1905+1G>A G/T"),
        ("NUDT15", "rs116855232 C/C"),
        ("NUDT15", "C/T"),
        ("F5", "rs6025 C/T"),
        ("CYP3A5", "expressor"),  # normal or intermediate
        ("IFNL3", "GG"),
        ("IFNL3", "G/G"),
        ("IFNL3", "T/T"),
        ("IFNL3", "GA"),
        ("IFNL3", "rs8099917 TG"),
        ("CYP4F2", "V433M het"),
        ("BCHE", "A/K"),
    ],
)
def test_a_cell_of_which_a_part_is_not_understood_says_nothing(gene: str, written: str) -> None:
    nothing_read(gene, written)


def test_an_allele_that_no_table_of_its_gene_knows_is_told() -> None:
    assert interpret("CYP4F2", "*1/*99").reasons == ("function_not_assigned:*99",)
    assert interpret("CYP4F2", "*1/*3").reasons == ()
    assert interpret("IFNL3", "CT").diplotype == "rs12979860 reference (C)/rs12979860 variant (T)"
    assert interpret("IFNL3", "rs12979860 TT").diplotype == "rs12979860 variant (T)/rs12979860 variant (T)"


# DPYD lies on the minus strand: c.1905+1G>A is C>T of the file. CPIC, thiopurines: NUDT15*3 is c.415C>T, R139C.
@pytest.mark.parametrize(
    ("gene", "written", "read"),
    [
        ("CYP2C19", "IM *1/*2", "*1/*2"),
        ("CYP2C19", "*1/*2 - intermediate metabolizer", "*1/*2"),
        ("CYP2C19", "*1/*2(IM)", "*1/*2"),
        ("CYP2C19", "*1/*2 Intermediate Metabolizer (IM)", "*1/*2"),
        ("CYP2C19", "Normal metabolizer (*1/*1)", "*1/*1"),
        ("CYP2C19", "*2/*2 homozygous", "*2/*2"),
        ("CYP2D6", "*1/*4 AS 1.0", "*1/*4"),
        ("CYP2D6", "*1x2/*4 (NM)", "*1x2/*4"),
        ("G6PD", "A-/A- (deficient)", "A-/A-"),
        *[("UGT1A1", text, "*28/*28") for text in ("7/7", "7TA/7TA", "(TA)7/(TA)7")],
        ("UGT1A1", "6TA/7TA", "*1/*28"),
        ("DPYD", "2846A>T het", "Reference/c.2846A>T"),
        ("DPYD", "c.2846A>T A/T", "Reference/c.2846A>T"),
        ("DPYD", "Reference/c.1905+1G>A (*2A) (IM)", "Reference/c.1905+1G>A (*2A)"),
        *[
            ("DPYD", text, "Reference/c.1905+1G>A (*2A)")
            for text in ("rs3918290 C/T", "rs3918290 TC", "rs3918290 G/A", "c.1905+1G>A G/A", "1905+1G>A C/T")
        ],
        ("DPYD", "rs3918290 T/T", "c.1905+1G>A (*2A)/c.1905+1G>A (*2A)"),
        *[("NUDT15", text, "*1/*3") for text in ("415C>T het", "rs116855232 C/T", "R139C het")],
        ("NUDT15", "rs116855232 T/T", "*3/*3"),
        ("ABCG2", "Q141K het", "rs2231142 reference (G)/rs2231142 variant (T)"),
        ("ABCG2", "Q141K hom", "rs2231142 variant (T)/rs2231142 variant (T)"),
        ("MT-RNR1", "wild type", "Reference"),
    ],
)
def test_a_diplotype_is_read_as_pharmacists_write_it(gene: str, written: str, read: str) -> None:
    found = interpret(gene, written)
    assert (found.diplotype, found.reasons) == (read, ())


@pytest.mark.parametrize("column", ["diplotype", "phenotype"])
@pytest.mark.parametrize(
    ("gene", "written", "read"),
    [
        ("CYP2C19", "Intermediate Metabolizer (IM)", "Intermediate Metabolizer"),
        ("CYP2C19", "Extensive", "Normal Metabolizer"),
        ("CYP2C19", "Extensive metabolizer", "Normal Metabolizer"),
        ("CYP2D6", "ultra rapid metabolizer", "Ultrarapid Metabolizer"),
        ("CYP2D6", "Ultra-rapid", "Ultrarapid Metabolizer"),
        ("CYP2C19", "CYP2C19: poor metabolizer", "Poor Metabolizer"),
        ("CYP2C19", "likely intermediate metabolizer", "Likely Intermediate Metabolizer"),
        ("SLCO1B1", "possible decreased function", "Possible Decreased Function"),
        ("CYP3A5", "non-expressor", "Poor Metabolizer"),
    ],
)
def test_a_phenotype_is_read_as_pharmacists_write_it(column: str, gene: str, written: str, read: str) -> None:
    found = interpret(gene, **{"diplotype": "", column: written})
    assert (found.diplotype, found.reported, found.reasons) == ("", read, ())


@pytest.mark.parametrize(
    ("written", "read"), [("1,25", "1.25"), ("AS 1.5", "1.5"), ("activity score: 0", "0"), ("AS >=3.0", "≥3.0")]
)
def test_a_score_is_read_as_pharmacists_write_it(written: str, read: str) -> None:
    found = interpret("CYP2D6", "", "", written)
    assert (found.activity_score["laboratory"], found.reasons) == (read, ())


def test_a_score_beside_alleles_is_that_of_the_laboratory() -> None:
    assert interpret("CYP2D6", "*1/*4 AS 1.0").activity_score["laboratory"] == "1.0"
    assert interpret("CYP2D6", "*1/*4 AS 2.0").reasons == ("laboratory_differs",)
    assert interpret("CYP2D6", "*1/*4 AS 1.0", "", "1,0").reasons == ()
    assert interpret("CYP2D6", "*1/*4 AS 1.0", "", "2.0").reasons == ("not_understood:1.0, 2.0",)
    nothing_read("CYP2C19", "*1/*2 AS 1.0")  # a gene without activity scores


def test_what_cannot_be_read_is_a_reason_of_its_row_and_stops_no_other() -> None:
    rows = pd.DataFrame(
        [
            ("CYP2D6", "", "", ">2.25"),
            ("CYP2C19", "*1/*2 or *1/*3", "", ""),
            ("CYP2C9", "*1/*3 (IM/PM)", "", ""),
            ("TPMT", "*1/*3A", "", ""),
        ],
        columns=["gene", "diplotype", "phenotype", "activity_score"],
    )
    calls = outside_calls(rows, ["P0"])
    reasons = [calls[gene].answers[0][0].reasons for gene in rows["gene"]]
    unclear = [("not_understood:>2.25",), ("not_understood:*1/*2 or *1/*3",), ("not_understood:*1/*3 (IM/PM)",), ()]
    assert reasons == unclear
    assert doubts_of(rows) == unclear
