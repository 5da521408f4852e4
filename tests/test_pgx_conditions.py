"""Conditions of advice: what a cell means for a result that is known, open, reported without a score, or unknown."""

import pytest

from precision.errors import KnowledgeError
from precision.pgx.advice import advice
from precision.pgx.conditions import FALSE, POSSIBLE, TRUE, UNKNOWN, GeneResult, conditions, scores_of


def result(*phenotypes: str, scores: tuple[str, ...] = (), **more: tuple[str, ...]) -> GeneResult:
    return GeneResult({"CPIC": phenotypes}, {"CPIC": scores}, more.get("diplotypes", ()))


@pytest.mark.parametrize(
    ("cell", "given", "expected"),
    [
        ("CYP2C19 = Poor Metabolizer | Likely Poor Metabolizer", result("Poor Metabolizer"), TRUE),
        ("CYP2C19 = Poor Metabolizer", result("Intermediate Metabolizer"), FALSE),
        ("CYP2C19 = Poor Metabolizer", result("Intermediate Metabolizer", "Poor Metabolizer"), POSSIBLE),
        ("CYP2C19 = Poor Metabolizer", result(), UNKNOWN),
        ("TPMT = No Result", result(), TRUE),
        ("TPMT = No Result", result("Normal Metabolizer"), FALSE),
        ("CYP2D6 @ 0.25..1", result("Intermediate Metabolizer", scores=("1.0",)), TRUE),
        ("CYP2D6 @ 0.25..1", result("Normal Metabolizer", scores=("1.25",)), FALSE),
        ("CYP2D6 @ 2.5..", result("Ultrarapid Metabolizer", scores=("≥3.25",)), TRUE),
        ("CYP2D6 @ 0", result("Indeterminate", scores=("n/a",)), FALSE),
        ("CYP2D6 @ 0 | 0.5", result("Intermediate Metabolizer", scores=("0.5",)), TRUE),
        ("CYP2D6 @ 0.25..1", result(), UNKNOWN),
        ("CYP2C9 : *1/*3 | *2/*3", result(diplotypes=("*3/*2",)), TRUE),
        ("CYP2C9 : *1/*3", result(diplotypes=("*1/*2", "*1/*3")), POSSIBLE),
    ],
)
def test_a_cell_is_met_by_the_results_it_names(cell: str, given: GeneResult, expected: int) -> None:
    assert conditions(cell, "here")[0].truth(given, "CPIC") == expected


def test_the_same_words_are_the_same_object_and_a_wrong_cell_names_its_place() -> None:
    """What is found of a condition is kept by its object."""
    first, last = conditions("CYP2C19 = Poor Metabolizer & CYP2D6 @ 0.25..1", "here")
    assert conditions("CYP2D6 @ 0.25..1", "there") == (last,)
    every = [one for row in advice() for one in row.when]
    assert len(set(every)) == len({(one.gene, one.kind, one.values) for one in every})
    assert first.gene == "CYP2C19"
    for cell in ("CYP2D6 is poor", "CYP2D6 @ few"):
        for place in ("here", "there"):
            with pytest.raises(KnowledgeError, match=f"^{place}: '"):
                conditions(cell, place)


@pytest.mark.parametrize(
    ("cell", "phenotype", "expected"),
    [
        ("CYP2D6 @ 0", "Poor Metabolizer", TRUE),
        ("CYP2D6 @ 0.25..1", "Intermediate Metabolizer", TRUE),
        ("CYP2D6 @ 0.25..0.75", "Intermediate Metabolizer", POSSIBLE),
        ("CYP2D6 @ 2.5..", "Ultrarapid Metabolizer", TRUE),
        ("CYP2D6 @ 2.5..", "Normal Metabolizer", FALSE),
    ],
)
def test_a_phenotype_reported_without_a_score_stands_for_its_scores(cell: str, phenotype: str, expected: int) -> None:
    """CPIC 2024: poor 0, intermediate above 0 to 1, normal 1.25 to 2.25, ultrarapid above 2.25."""
    assert conditions(cell, "here")[0].truth(result(phenotype), "CPIC") == expected


def test_absence_of_an_hla_call_is_not_a_negative_result() -> None:
    present, absent = conditions("HLA-B + *57:01 & HLA-B - *57:01", "here")
    for told, expected in (("positive", (TRUE, FALSE)), ("negative", (FALSE, TRUE))):
        known = GeneResult(presence={"*57:01": told})
        assert (present.truth(known, "CPIC"), absent.truth(known, "CPIC")) == expected
    assert present.truth(GeneResult(), "CPIC") == absent.truth(GeneResult(), "CPIC") == UNKNOWN
    other = GeneResult(presence={"*15:02": "negative"})
    assert present.truth(other, "CPIC") == UNKNOWN


def test_each_body_reads_its_own_phenotype() -> None:
    """*1/*1x2 has 3.0; a score of 2.5 is ultrarapid for CPIC (above 2.25) and normal for DPWG (up to 2.5)."""
    told = GeneResult({"CPIC": ("Ultrarapid Metabolizer",), "DPWG": ("Normal Metabolizer",)})
    condition = conditions("CYP2D6 = Ultrarapid Metabolizer", "here")[0]
    assert condition.truth(told, "CPIC") == TRUE
    assert condition.truth(told, "DPWG") == FALSE
    assert condition.truth(told, "FDA") == TRUE
    assert "2.5" in scores_of("CYP2D6", "DPWG", "Normal Metabolizer")
    assert "2.5" in scores_of("CYP2D6", "CPIC", "Ultrarapid Metabolizer")


@pytest.mark.parametrize("cell", ["CYP2D6", "CYP2D6 ~ x", "CYP2D6 @ high", "= Poor Metabolizer"])
def test_a_cell_that_is_no_condition_is_refused(cell: str) -> None:
    with pytest.raises(KnowledgeError, match="here"):
        conditions(cell, "here")
