"""Phenotypes of a cohort beside published frequencies, who takes what, and the cards of genes and medicines."""

import csv
import json
import math
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from precision.cohort import Cohort
from precision.errors import InputError
from precision.figures.pharmacogenes import percent, phenotypes, phenotypes_alt
from precision.pgx.advice import advice
from precision.pgx.conditions import GeneResult
from precision.pgx.definitions import POPULATIONS
from precision.synth import load_sample
from precision.workbench import assess
from precision.workbench.cards import drug_card, gene_card
from precision.workbench.declining import declined
from precision.workbench.listing import write_definition
from precision.workbench.memberships import gather
from precision.workbench.pharmacogenes import (
    COMPARED,
    PhenotypeShares,
    genes_with_phenotypes,
    genetic_groups,
    in_genetic_group,
    leading,
    one_group,
    phenotype_shares,
    published,
    wilson,
)
from precision.workbench.phenotyped import having, phenotype_of
from precision.workbench.query import Filter, read_filter
from precision.workbench.roster import Roster, roster, select
from precision.workbench.takers import LEAST_FIRST, frame, taken, takers, unread, who_takes
from precision.workbench.takers import members as medicines_of

REFERENCE = Path(__file__).parents[2] / "shared" / "reference" / "pgx" / "phenotype_frequency.tsv"
# A few figures of CPIC's frequency table of 2022, as phenotypes by Hardy-Weinberg.
VECTORS = (
    ("CYP2C19", "Poor Metabolizer", "EUR", 0.02411),
    ("CYP2C19", "Normal Metabolizer", "EUR", 0.3960),
    ("CYP2C9", "Normal Metabolizer", "EUR", 0.6285),
    ("CYP2C9", "Poor Metabolizer", "CSA", 0.03765),
    ("ABCG2", "Poor Function", "EAS", 0.09431),
    ("SLCO1B1", "Normal Function", "OCE", 1.0),
)
# scipy 1.17.1, binomtest(count, people).proportion_ci(0.95, method="wilson")
WILSON = (
    (0, 10, 0.0, 0.27753279986288926),
    (3, 7, 0.1582198552514697, 0.7495416354723428),
    (10, 40, 0.14187118639096302, 0.40193961420768026),
    (263, 1000, 0.23665685979107837, 0.2911570237310747),
    (40, 40, 0.9123783988027133, 1.0),
    (1, 100000, 1.765247730378316e-06, 5.664709659040965e-05),
)
POOR, NORMAL, FAST = "Poor Metabolizer", "Normal Metabolizer", "Rapid Metabolizer"


@pytest.fixture(scope="module")
def people() -> Roster:
    return roster(assess(load_sample()))


def shares_of(gene: str = "CYP2C19", group: str = "EUR", **counts: int) -> PhenotypeShares:
    """The shares of a group with so many people of each phenotype (blanks as '_')."""
    names = [name for name, n in counts.items() for _ in range(n)]
    masks = [((gene, one.replace("_", " ").strip()), np.array([one == name for name in names])) for one in counts]
    return phenotype_shares(gather(masks, len(names)), gene, np.ones(len(names), dtype=bool), group)


@pytest.mark.parametrize(("count", "people", "low", "high"), WILSON)
def test_the_interval_is_wilsons(count: int, people: int, low: float, high: float) -> None:
    assert wilson(count, people) == pytest.approx((low, high), abs=1e-12)


@given(st.integers(1, 5000), st.floats(0, 1))
def test_at_the_ends_of_the_interval_the_score_test_is_at_its_limit(people: int, part: float) -> None:
    count = round(part * people)
    for end in wilson(count, people):
        distance = abs(count / people - end) / math.sqrt(max(end * (1 - end), 1e-30) / people)
        assert end in (0.0, 1.0) or distance == pytest.approx(1.959963984540054, rel=1e-6)


def test_nobody_has_no_interval() -> None:
    assert all(math.isnan(end) for end in wilson(0, 0))


@pytest.mark.parametrize(("gene", "phenotype", "group", "share"), VECTORS)
def test_published_shares_are_those_of_the_table(gene: str, phenotype: str, group: str, share: float) -> None:
    assert published()[gene][phenotype][group] == share


def test_published_shares_agree_with_the_reference() -> None:
    if not REFERENCE.exists():
        pytest.skip("the reference table of phenotype frequencies is not beside the repository")
    with REFERENCE.open(encoding="utf-8") as stream:
        rows = {(r["gene"], r["phenotype"], r["population"]): r for r in csv.DictReader(stream, delimiter="\t")}
    found = {
        (gene, phenotype, group): share
        for gene, said in published().items()
        for phenotype, shares in said.items()
        for group, share in shares.items()
    }
    assert found == {key: float(row["frequency"]) for key, row in rows.items()}


def test_published_shares_of_a_gene_and_group_make_a_whole_and_cyp2d6_has_none() -> None:
    for said in published().values():
        for group in POPULATIONS:
            known = [shares[group] for shares in said.values() if group in shares]
            assert not known or sum(known) == pytest.approx(1, abs=5e-4)
    assert "CYP2D6" not in published()
    assert {one for groups in COMPARED.values() for one in groups} <= set(POPULATIONS)


def test_shares_and_those_without_a_result_make_everybody(people: Roster) -> None:
    found, kept = people.phenotypes, np.ones(len(people), dtype=bool)
    for gene in genes_with_phenotypes(found):
        shares = phenotype_shares(found, gene, kept)
        assert shares.people == len(people) - declined(people.assessment.cohort).sum()
        assert shares.determined + shares.several + shares.unknown == shares.people
        certain = [row.count for row in shares.rows]
        if None not in certain:
            assert sum(filter(None, certain)) == shares.determined


def test_a_filter_by_gene_result_holds_who_has_it_or_may_have_it(people: Roster) -> None:
    calls, shown = people.assessment.calls, ~declined(people.assessment.cohort)
    assert calls is not None
    for gene, phenotype in (("CYP2C19", POOR), ("CYP2D6", POOR), ("SLCO1B1", "Decreased Function")):
        told = [call.phenotype or "" for call in (calls.at(row, gene) for row in range(len(people)))]
        expected = shown & [phenotype in {one.removeprefix("Likely ") for one in text.split(" or ")} for text in told]
        wanted = Filter(gene=f"{gene}:{phenotype}")
        assert select(people, wanted).tolist() == expected.tolist()
        assert expected.any()
        assert read_filter(write_definition(people, wanted, "As loaded", 0)) == wanted
    assert not having(people.phenotypes, "CYP2C19", "Sleepy").any()


@pytest.mark.parametrize(
    "result", ["CYP2C19", "CYP2C19:", "CYP2C19:Sleepy", ":Poor Metabolizer", "XYZ:Poor Metabolizer"]
)
def test_a_gene_result_that_cannot_be_is_refused(result: str) -> None:
    with pytest.raises(InputError, match="phenotype of"):
        Filter(gene=result)


def test_the_counts_are_those_of_the_calls(people: Roster) -> None:
    calls, shown = people.assessment.calls, ~declined(people.assessment.cohort)
    assert calls is not None
    shares = phenotype_shares(people.phenotypes, "CYP2D6", np.ones(len(people), dtype=bool))
    told = pd.Series(calls.phenotype("CYP2D6"))[shown]
    assert {row.phenotype: row.count for row in shares.rows if row.count is not None} == {
        name: n for name, n in told[told != ""].value_counts().items() if n >= 5
    }


def test_a_phenotype_that_is_one_of_several_widens_the_share_and_is_not_counted_as_normal() -> None:
    shares = shares_of(Normal_Metabolizer=30, Normal_Metabolizer_or_Rapid_Metabolizer=10, _=20)
    assert (shares.people, shares.determined, shares.several, shares.unknown) == (60, 30, 10, 20)
    normal, fast = (next(row for row in shares.rows if row.phenotype == name) for name in (NORMAL, FAST))
    assert (normal.count, normal.possible, normal.share, normal.most) == (30, 40, 0.75, 1.0)
    assert (fast.count, fast.possible, fast.share, fast.most) == (0, 10, 0.0, 0.25)
    assert (fast.low, fast.high) == pytest.approx((0.0, 0.40193961420768026))  # of 0 and of 10 of 40, as above


def test_few_are_not_shown_and_what_is_published_still_is() -> None:
    shares = shares_of(Normal_Metabolizer=46, Poor_Metabolizer=4)
    poor = next(row for row in shares.rows if row.phenotype == POOR)
    assert (poor.count, poor.possible, math.isnan(poor.share)) == (None, None, True)
    assert poor.published_low == 0.02411
    assert "Fewer than 5" in phenotypes_alt(shares)
    assert shares_of(Normal_Metabolizer=4).rows == ()
    assert shares_of(Normal_Metabolizer=4).too_few
    assert shares_of(Normal_Metabolizer=4, _=50).rows == ()


def test_a_group_is_compared_with_the_group_that_fits_and_a_mixed_one_with_none() -> None:
    assert shares_of(Normal_Metabolizer=9).compared == ("EUR",)
    african = shares_of(group="AFR", Normal_Metabolizer=9)
    assert african.compared == ("AFA", "SSA")
    normal = african.rows[[row.phenotype for row in african.rows].index(NORMAL)]
    assert (normal.published_low, normal.published_high) == (0.3281, 0.3698)  # AFA, SSA
    for group in ("", "OTH"):
        assert shares_of(group=group, Normal_Metabolizer=9).compared == ()
    assert shares_of(gene="CYP2D6", Normal_Metabolizer=9).compared == ()
    assert not shares_of(gene="CYP2D6", Normal_Metabolizer=9).rows[0].published


def test_a_selection_of_one_genetic_group_is_compared_without_being_asked(people: Roster) -> None:
    for group in genetic_groups(people):
        assert one_group(people, in_genetic_group(people, group)) == group
    assert one_group(people, np.ones(len(people), dtype=bool)) == ""


def test_likely_phenotypes_count_with_the_plain_one_as_in_the_published_figures() -> None:
    assert phenotype_of(GeneResult({"CPIC": ("Likely Poor Metabolizer", POOR)})) == POOR
    assert phenotype_of(GeneResult({"CPIC": (POOR, NORMAL)})) == f"{NORMAL} or {POOR}"
    assert phenotype_of(GeneResult()) == ""


def test_who_denies_the_use_is_not_counted_and_the_last_word_counts() -> None:
    rows = [
        ("A", "care", "pgx", "deny", "2025-01-01"),
        ("A", "care", "pgx", "permit", "2026-01-01"),
        ("B", "care", "all", "deny", "2025-01-01"),
        ("C", "care", "all", "deny", "2025-01-01"),
        ("C", "care", "pgx", "permit", "2024-01-01"),
        ("D", "research_internal", "all", "deny", "2025-01-01"),
        ("E", "care", "pgx", "deny", "2026-12-01"),
        ("F", "care", "pgx", "deny", "2025-01-01"),
    ]
    consent = pd.DataFrame(rows, columns=["patient_id", "use", "scope", "decision", "valid_from"])
    consent["valid_from"] = pd.to_datetime(consent["valid_from"])
    ids = pd.DataFrame({"patient_id": list("ABCDEF")}, dtype="str")
    cohort = Cohort("consents", {"patients": ids, "consent": consent}, date(2026, 6, 30))
    assert declined(cohort).tolist() == [False, True, False, False, False, True]


def test_the_first_gene_has_published_figures_and_most_advice(people: Roster) -> None:
    genes = genes_with_phenotypes(people.phenotypes)
    first = genes[leading(genes)]
    assert first in published()
    counts = {gene: sum(gene in row.genes for row in advice()) for gene in genes if gene in published()}
    assert counts[first] == max(counts.values())


def test_the_most_cautious_row_of_a_patient_counts_once_and_unknown_names_stand_apart() -> None:
    drug = np.array(["codeine", "codeine", "codeine", "", "aspirin"])
    person, words = np.array([0, 0, 1, 1, 2]), ("Standard", "Avoid", "Standard", "Not determined", "No guidance")
    place = np.array([LEAST_FIRST.index(word) for word in words], dtype=np.int8)
    certain = np.array([True, False, True, False, False])
    found = taken(person, drug, place, certain, np.zeros(3, dtype=bool))
    kept = np.ones(3, dtype=bool)
    codeine, aspirin = who_takes(found, kept)
    assert (codeine.drug, codeine.people, dict(codeine.counts)) == ("codeine", 2, {"Avoid": 1, "Standard": 1})
    assert (codeine.word, codeine.badly, dict(codeine.certain)) == ("Avoid", 1, {"Standard": 1})
    assert (aspirin.word, aspirin.people) == ("No guidance", 1)
    assert unread(found, kept) == 1
    assert takers(found, codeine, "Avoid", kept, pd.Index(["P1", "P2", "P3"])).to_dict("list") == {
        "patient": ["P1"],
        "certain": [False],
    }
    hidden = taken(person, drug, place, certain, np.array([True, False, False]))
    assert who_takes(hidden, kept)[0].counts == {"Standard": 1}


def test_advice_under_a_condition_is_counted_apart(people: Roster) -> None:
    """DPWG changes atorvastatin in carriers of SLCO1B1 with further risk factors only, which nobody has recorded."""
    calls = people.assessment.calls
    assert calls is not None
    told = pd.Series(calls.phenotype("SLCO1B1"))  # 'Decreased Function or Normal Function' may be a carrier
    carrier = told.str.contains("Decreased|Poor").to_numpy(dtype=bool)
    listed, shown = people.assessment.pharmacy.listed, ~declined(people.assessment.cohort)
    mine = np.unique(listed.person[listed.drug == "atorvastatin"])
    row = next(one for one in who_takes(medicines_of(people), shown) if one.drug == "atorvastatin")
    assert row.counts["Change if"] == np.count_nonzero((carrier & shown)[mine]) > 0
    assert row.badly == row.counts.get("Change", 0) == 0


def test_everyone_who_takes_a_medicine_is_counted_in_one_word(people: Roster) -> None:
    listed, shown = people.assessment.pharmacy.listed, ~declined(people.assessment.cohort)
    kept = people.column("sex") == 0
    table = frame(who_takes(medicines_of(people), kept)).set_index("drug")
    assert (table.drop(columns="people").sum(axis=1) == table["people"]).all()
    mine = (kept & shown)[listed.person] & (listed.drug != "")
    pairs = pd.DataFrame({"drug": listed.drug[mine], "person": listed.person[mine]}).drop_duplicates()
    assert table["people"].sort_index().to_dict() == pairs["drug"].value_counts().sort_index().to_dict()


def test_the_figure_hides_few_and_marks_what_is_published() -> None:
    shares = shares_of(Normal_Metabolizer=46, Normal_Metabolizer_or_Rapid_Metabolizer=10, Poor_Metabolizer=4)
    certain, perhaps, *marks = json.loads(str(phenotypes(shares).to_json(engine="json")))["data"]
    assert len(certain["y"]) == len(shares.rows) - 1
    assert max(perhaps["x"]) == pytest.approx(100 * 10 / 60)
    assert len(marks) == sum(row.published for row in shares.rows)
    assert [percent(share) for share in (0.0, 0.004, 0.24, 1.0, math.nan)] == [
        "0%",
        "<1%",
        "24%",
        "100%",
        "not published",
    ]


def test_the_card_of_a_gene_sets_the_bodies_side_by_side() -> None:
    card = gene_card("CYP2D6")
    row = card.alleles[card.alleles["Allele"] == "*41"].iloc[0]
    # FACTS of the guidelines: *41 has 0.25 by CPIC since 2024, 0.5 by DPWG
    assert (row["CPIC activity"], row["DPWG activity"]) == ("0.25", "0.5")
    assert card.laboratory
    clopidogrel = next(one for one in gene_card("CYP2C19").guided if one.drug == "clopidogrel")
    assert {"CPIC", "DPWG"} <= set(clopidogrel.bodies)
    assert clopidogrel.word == "Avoid"


def test_frequencies_that_overlap_are_told_not_to_be_added() -> None:
    assert not gene_card("UGT1A1").add_up
    assert gene_card("CYP2C19").add_up


def test_a_gene_that_only_advice_knows_has_a_card_too() -> None:
    card = gene_card("BCHE")
    assert card.guided
    assert card.alleles.empty


def test_the_card_of_a_medicine_has_its_enzymes_and_identifiers() -> None:
    card = drug_card("paroxetine")
    assert ("CYP2D6", "strong inhibitor", True) in [(one.enzyme, one.role, one.verified) for one in card.roles]
    assert card.drug is not None
    assert (card.drug.rxnorm, card.drug.atc) == ("32937", ("N06AB05",))
    assert card.advice
    assert drug_card("no such medicine").advice == ()
