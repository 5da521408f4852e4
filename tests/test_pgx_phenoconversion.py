"""Phenoconversion: how medicines and smoking shift what genotypes predict, by published arithmetic or labelled."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from precision.knowledge.table import read
from precision.pgx.clinical import LADDER, clinical, remarks
from precision.pgx.drugnames import numbers
from precision.pgx.drugs import resolve
from precision.pgx.exposure import affected, when_smoking_stops
from precision.pgx.functions import rules_of
from precision.pgx.medicines import Taken, days_stopped, taken
from precision.pgx.modulators import ENZYMES, SMOKING, citations, modulators, rules, substrates
from precision.pgx.phenoconversion import Shift, shift, shifts

POOR, INTERMEDIATE, NORMAL, RAPID, ULTRARAPID = LADDER
UNCERTAIN = "Indeterminate"
ONE_SPELLING = {
    "sulfamethoxazole/trimethoprim": "sulfamethoxazole / trimethoprim",
    "lopinavir/ritonavir": "lopinavir / ritonavir",
    "ombitasvir/paritaprevir/ritonavir": "ombitasvir / paritaprevir / ritonavir",
}
# The reference holds a part of FDA's table. These were read in the whole of it, or in the source that the row names.
CORRECTED = {
    ("apalutamide", "CYP2C19"): ("inducer", "moderate"),
    ("cenobamate", "CYP2C19"): ("inhibitor", "moderate"),
    ("moclobemide", "CYP2C19"): ("inhibitor", "moderate"),  # AUC of omeprazole 1834 -> 3760 (Cho 2002): 2.05-fold
    ("st johns wort", "CYP3A4"): ("inducer", "strong"),
    ("thiotepa", "CYP2B6"): ("inhibitor", "weak"),
}
ADDED = {
    ("adagrasib", "CYP3A4"): ("inhibitor", "strong"),
    ("capmatinib", "CYP1A2"): ("inhibitor", "moderate"),
    ("diosmin", "CYP2C9"): ("inhibitor", "weak"),
    ("elagolix", "CYP3A4"): ("inducer", "weak"),
    ("entrectinib", "CYP3A4"): ("inhibitor", "weak"),
    ("istradefylline", "CYP3A4"): ("inhibitor", "weak"),
    ("ivosidenib", "CYP3A4"): ("inducer", "strong"),
    ("larotrectinib", "CYP3A4"): ("inhibitor", "weak"),
    ("lazertinib", "CYP3A4"): ("inhibitor", "weak"),
    ("lemborexant", "CYP2B6"): ("inducer", "weak"),
    ("lorlatinib", "CYP2B6"): ("inducer", "weak"),
    ("lorlatinib", "CYP2C9"): ("inducer", "weak"),
    ("mobocertinib", "CYP3A4"): ("inducer", "weak"),
    ("peginterferon alfa-2a", "CYP1A2"): ("inhibitor", "weak"),
    ("pirtobrutinib", "CYP2C19"): ("inhibitor", "weak"),
    ("pirtobrutinib", "CYP3A4"): ("inhibitor", "weak"),
    ("repotrectinib", "CYP3A4"): ("inducer", "moderate"),
    ("selpercatinib", "CYP3A4"): ("inhibitor", "weak"),
    ("sevabertinib", "CYP3A4"): ("inhibitor", "weak"),
    ("tazemetostat", "CYP3A4"): ("inducer", "weak"),
    ("tenofovir", "CYP2B6"): ("inhibitor", "weak"),
    ("tipranavir", "CYP3A4"): ("inhibitor", "strong"),
    ("zanubrutinib", "CYP2C19"): ("inducer", "weak"),
    ("zanubrutinib", "CYP3A4"): ("inducer", "weak"),
}
# The same of substrates: FDA's table, content of 2026-05-29; the last three by the sources that their rows name.
SUBSTRATES_ADDED = {
    ("entrectinib", "CYP3A4"),
    ("fezolinetant", "CYP1A2"),
    ("fostamatinib", "CYP3A4"),
    ("larotrectinib", "CYP3A4"),
    ("lemborexant", "CYP3A4"),
    ("leniolisib", "CYP3A4"),
    ("mobocertinib", "CYP3A4"),
    ("pralsetinib", "CYP3A4"),
    ("repotrectinib", "CYP3A4"),
    ("selpercatinib", "CYP3A4"),
    ("sevabertinib", "CYP3A4"),
    ("taletrectinib", "CYP3A4"),
    ("tazemetostat", "CYP3A4"),
    ("zanubrutinib", "CYP3A4"),
    ("olanzapine", "CYP1A2"),
    ("riluzole", "CYP1A2"),
    ("ropinirole", "CYP1A2"),
    # by their labels, for the rows of advice that name inhibitors or inducers
    ("aripiprazole", "CYP3A4"),
    ("brexpiprazole", "CYP3A4"),
    ("codeine", "CYP3A4"),
    ("mavacamten", "CYP2C19"),
    ("mavacamten", "CYP3A4"),
    ("propafenone", "CYP3A4"),
    ("siponimod", "CYP2C9"),
    ("siponimod", "CYP3A4"),
}
RECALLED = {
    ("chlorpheniramine", "CYP2D6"),
    ("diphenhydramine", "CYP2D6"),
    ("esomeprazole", "CYP2C19"),
    ("metronidazole", "CYP2C9"),
    ("perphenazine", "CYP2D6"),
    ("phenobarbital", "CYP2C9"),
    ("rifapentine", "CYP2C9"),
}
# CYP2B6: the study that was read moves weak modulators too. CYP2C19: two sources differ on them. CYP2C9: activity
# score x 1.5 is the only rule that was read, and it moves a score of 1.0 by no category.
RULES_RECALLED = {
    ("CYP2B6", "inducer", "weak"),
    ("CYP2B6", "inhibitor", "weak"),
    ("CYP2C19", "inducer", "weak"),
    ("CYP2C19", "inhibitor", "weak"),
    ("CYP2C9", "inducer", "moderate"),
}


def lists(*patients: list[str]) -> Taken:
    """Each patient's medicines in use; 'fluoxetine -20' was stopped 20 days ago."""
    rows = [(patient, *text.rpartition(" -")) for patient, drugs in enumerate(patients) for text in drugs]
    return Taken(
        len(patients),
        np.array([row[0] for row in rows], dtype=np.int32),
        np.array([numbers()[row[1] or row[3]] for row in rows], dtype=np.int32),
        np.array([float(row[3]) if row[1] else 0.0 for row in rows]),
    )


def of(gene: str, *drugs: str, smoking: float = 0.0) -> Shift:
    return shift(gene, lists(list(drugs)), np.array([smoking]))


def result(gene: str, phenotype: str, score: str, *drugs: str, body: str = "") -> tuple[str, str]:
    phenotypes, scores = clinical(gene, [phenotype], [score], of(gene, *drugs), body)
    return phenotypes[0], scores[0]


def reference(shared: Path, table: str) -> list[dict[str, str]]:
    with (shared / "reference" / "pgx" / table).open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


# CYP2D6: CPIC on opioids 2021, doi:10.1002/cpt.2149: activity score x 0 with a strong, x 0.5 with a moderate, x 1 with
# a weak inhibitor. Its categories: Poor 0, Intermediate above 0 to below 1.25, Normal 1.25 to 2.25, Ultrarapid above.
@pytest.mark.parametrize(
    ("phenotype", "score", "drugs", "expected"),
    [
        (NORMAL, "2.0", ["paroxetine"], (POOR, "0.0")),  # *1/*1: 2 x 0
        (NORMAL, "2.0", ["duloxetine"], (INTERMEDIATE, "1.0")),  # *1/*1: 2 x 0.5
        (INTERMEDIATE, "1.0", ["duloxetine"], (INTERMEDIATE, "0.5")),  # *1/*4: 1 x 0.5
        (NORMAL, "1.25", ["mirabegron"], (INTERMEDIATE, "0.625")),  # *1/*10: 1.25 x 0.5
        (ULTRARAPID, "3.0", ["duloxetine"], (NORMAL, "1.5")),  # *1x2/*1: 3 x 0.5
        (ULTRARAPID, "3.0", ["quinidine"], (POOR, "0.0")),
        (POOR, "0.0", ["duloxetine"], (POOR, "0.0")),
        (NORMAL, "2.0", ["sertraline"], (NORMAL, "2.0")),  # weak: x 1
        (NORMAL, "2.0", ["rifampin"], (NORMAL, "2.0")),  # not inducible
        (NORMAL, "2.0", [], (NORMAL, "2.0")),
        (NORMAL, "2.0", ["paroxetine", "duloxetine"], (POOR, "0.0")),  # the strongest only
        (NORMAL, "2.0", ["duloxetine", "mirabegron"], (INTERMEDIATE, "1.0")),  # not multiplied twice: 2 x 0.5
    ],
)
def test_the_activity_score_is_multiplied_and_gives_its_phenotype(
    phenotype: str, score: str, drugs: list[str], expected: tuple[str, str]
) -> None:
    assert result("CYP2D6", phenotype, score, *drugs) == expected


def test_a_score_that_is_open_above_may_be_in_two_categories_after_the_shift() -> None:
    both = f"{NORMAL} or {ULTRARAPID}"  # 3 x 0.5 = 1.5 is Normal, 5 x 0.5 = 2.5 Ultrarapid
    assert result("CYP2D6", ULTRARAPID, "≥3.0", "duloxetine") == (both, "≥1.5")
    assert result("CYP2D6", ULTRARAPID, "≥3.0", "paroxetine") == (POOR, "0.0")


def test_half_a_score_is_read_in_the_bins_of_the_body_that_is_asked() -> None:
    # 5.0 x 0.5 = 2.5: Ultrarapid by CPIC (above 2.25), Normal by DPWG (to 2.5)
    assert result("CYP2D6", ULTRARAPID, "5.0", "duloxetine", body="CPIC") == (ULTRARAPID, "2.5")
    assert result("CYP2D6", ULTRARAPID, "5.0", "duloxetine", body="DPWG") == (NORMAL, "2.5")


def test_several_answers_are_shifted_one_by_one() -> None:
    assert result("CYP2D6", f"{NORMAL} or {ULTRARAPID}", "2.0 or 3.0", "duloxetine") == (
        f"{INTERMEDIATE} or {NORMAL}",
        "1.0 or 1.5",
    )
    assert result("CYP2C19", f"{NORMAL} or {INTERMEDIATE}", "", "esomeprazole")[0] == f"{INTERMEDIATE} or {POOR}"


def test_a_phenotype_without_a_score_is_shifted_through_the_scores_it_may_have() -> None:
    assert result("CYP2D6", NORMAL, "", "duloxetine") == (INTERMEDIATE, "")  # 1.25..2.25 x 0.5 = 0.625..1.125
    assert result("CYP2D6", ULTRARAPID, "", "duloxetine") == (f"{NORMAL} or {ULTRARAPID}", "")  # 2.5 x 0.5 = 1.25
    assert result("CYP2D6", INTERMEDIATE, "", "paroxetine") == (POOR, "0.0")


def test_an_unknown_result_stays_unknown_unless_any_score_times_nought_is_nought() -> None:
    assert result("CYP2D6", "", "", "paroxetine") == ("", "")
    assert result("CYP2D6", UNCERTAIN, "n/a", "duloxetine") == (UNCERTAIN, "n/a")
    assert result("CYP2D6", UNCERTAIN, "n/a", "paroxetine") == (POOR, "0.0")
    assert result("CYP2C19", UNCERTAIN, "", "fluconazole") == (UNCERTAIN, "")
    assert result("CYP2C19", "", "", "fluconazole") == ("", "")


@pytest.mark.parametrize(
    ("gene", "phenotype", "drug", "expected"),
    [
        ("CYP2C19", NORMAL, "fluconazole", POOR),  # strong inhibitor: to Poor
        ("CYP2C19", ULTRARAPID, "fluvoxamine", POOR),
        ("CYP2C19", "Likely Intermediate Metabolizer", "fluconazole", POOR),
        ("CYP2C19", RAPID, "voriconazole", NORMAL),  # moderate inhibitor: one down
        ("CYP2C19", "Likely Intermediate Metabolizer", "voriconazole", "Likely Poor Metabolizer"),
        ("CYP2C19", "Likely Poor Metabolizer", "voriconazole", "Likely Poor Metabolizer"),
        ("CYP2C19", NORMAL, "moclobemide", INTERMEDIATE),
        ("CYP2C19", NORMAL, "cenobamate", INTERMEDIATE),
        ("CYP2C19", NORMAL, "omeprazole", NORMAL),  # weak
        ("CYP2C19", NORMAL, "rifampin", RAPID),  # inducers: one up
        ("CYP2C19", NORMAL, "apalutamide", RAPID),
        ("CYP2C19", "Likely Intermediate Metabolizer", "phenytoin", NORMAL),
        ("CYP2C19", ULTRARAPID, "efavirenz", ULTRARAPID),
        ("CYP2C19", POOR, "rifampin", POOR),
        ("CYP2C9", NORMAL, "amiodarone", INTERMEDIATE),
        ("CYP2C9", INTERMEDIATE, "fluconazole", POOR),
        ("CYP2C9", INTERMEDIATE, "rifampin", NORMAL),
        ("CYP2C9", NORMAL, "rifampin", NORMAL),  # no category is faster
        ("CYP2C9", NORMAL, "carbamazepine", NORMAL),  # a weak inducer
        ("CYP2B6", INTERMEDIATE, "carbamazepine", NORMAL),
        ("CYP2B6", NORMAL, "efavirenz", RAPID),
        ("CYP3A4", NORMAL, "clarithromycin", POOR),
        ("CYP3A4", NORMAL, "diltiazem", NORMAL),  # no rule for a moderate one
    ],
)
def test_other_enzymes_move_along_the_categories_that_are_known_for_them(
    gene: str, phenotype: str, drug: str, expected: str
) -> None:
    assert result(gene, phenotype, "", drug)[0] == expected
    assert "consensus" in " ".join(of(gene, drug).of(0).evidence) or phenotype == expected


def test_the_score_of_a_shifted_cyp2c9_is_left_open() -> None:
    assert result("CYP2C9", NORMAL, "2.0", "fluconazole") == (INTERMEDIATE, "")  # 1.0 and 1.5 have different advice
    assert result("CYP2C9", NORMAL, "2.0", "rifampin") == (NORMAL, "2.0")
    assert result("CYP2C9", POOR, "0.5", "fluconazole") == (POOR, "0.5")


def test_an_inhibitor_and_an_inducer_of_one_enzyme_are_not_combined_and_it_is_said() -> None:
    found = of("CYP2C19", "fluconazole", "rifampin")
    one = found.of(0)
    assert (one.conflicting, one.steps, one.direction) == (True, 0, 0)
    assert [cause.name for cause in one.causes if cause.decisive] == ["fluconazole", "rifampin"]
    assert "not combined" in one.evidence[0]
    assert result("CYP2C19", NORMAL, "", "fluconazole", "rifampin") == (NORMAL, "")


def test_a_weak_inducer_is_no_conflict_with_a_strong_inhibitor() -> None:
    assert of("CYP2C19", "fluconazole", "ritonavir").steps[0] == -2  # FDA: ritonavir is a weak inducer of CYP2C19


def test_every_cause_is_named_and_the_decisive_ones_are_told_apart() -> None:
    found = of("CYP2D6", "sertraline", "duloxetine", "bupropion", "paroxetine").of(0)
    assert [(cause.name, cause.strength, cause.decisive) for cause in found.causes] == [
        ("bupropion", "strong", True),
        ("paroxetine", "strong", True),
        ("duloxetine", "moderate", False),
        ("sertraline", "weak", False),
    ]
    assert of("CYP2D6").of(0).evidence == ("No medicine on the list changes CYP2D6.",)


def test_a_medicine_is_not_its_own_inhibitor() -> None:
    found = of("CYP2D6", "paroxetine", "duloxetine")
    assert found.multiplier[0] == 0
    assert found.without("paroxetine").multiplier[0] == 0.5
    assert found.without("duloxetine").multiplier[0] == 0
    assert found.without("metformin") is found
    both = of("CYP3A4", "lopinavir / ritonavir", "ritonavir")
    assert not both.without("lopinavir / ritonavir").of(0).causes


@pytest.mark.parametrize(
    ("drug", "multiplier"),
    [
        ("fluoxetine -35", 0.0),  # prescribing information: 5 weeks
        ("fluoxetine -36", 1.0),
        ("terbinafine -28", 0.0),  # Madani 2002: AUC of desipramine still raised after 4 weeks
        ("terbinafine -29", 1.0),
        ("paroxetine -1", 1.0),  # no rule
    ],
)
def test_a_modulator_that_lasts_counts_for_its_weeks_after_the_stop(drug: str, multiplier: float) -> None:
    found = of("CYP2D6", drug)
    assert found.multiplier[0] == multiplier
    assert [cause.stopped for cause in found.of(0).causes] == [True] * (multiplier == 0)


def test_a_medicine_both_stopped_and_in_use_is_in_use() -> None:
    assert [cause.stopped for cause in of("CYP2D6", "fluoxetine -10", "fluoxetine").of(0).causes] == [False]


def test_every_modulator_of_the_reference_is_there_with_its_strength_and_status(shared: Path) -> None:
    rows = {
        (ONE_SPELLING.get(row["drug"], row["drug"]), row["enzyme"].replace("CYP3A", "CYP3A4")): row
        for row in reference(shared, "cyp_modulators.tsv")
        if row["enzyme"] in (*ENZYMES[:4], "CYP3A", "CYP1A2")
    }
    assert len(rows) == 191
    known = {key: (row["effect"], row["strength"]) for key, row in rows.items()}
    found = {(one.name, enzyme): one for enzyme in ENZYMES for one in modulators(enzyme)}
    assert {key: (one.effect, one.strength) for key, one in found.items()} == known | CORRECTED | ADDED
    assert {key for key, one in found.items() if not one.verified} == RECALLED
    assert all(rows[key]["status"] == "R" for key in RECALLED)


def test_every_row_of_the_interaction_tables_names_a_source_that_is_listed() -> None:
    tables = {
        "modulators.csv": "ingredient,enzyme,effect,strength,lasting_days,lasting_status,lasting_source,source,status",
        "substrates.csv": "ingredient,enzyme,sensitivity,source,status",
        "shifts.csv": "enzyme,effect,strength,operation,value,evidence,source,status",
    }
    for table, columns in tables.items():
        rows = read("interactions", table, columns.split(","), columns.split(",")[:3])
        assert set(rows["source"]) <= set(citations())
    assert of("CYP2D6", "paroxetine").of(0).causes[0].source.text.startswith("FDA")


def test_the_rule_of_cyp2d6_is_that_of_the_guideline_on_opioids() -> None:
    rows = {row["strength"]: row for row in _shifts() if row["enzyme"] == "CYP2D6"}
    guideline = citations()[rows["strong"]["source"]]
    assert guideline.doi == "10.1002/cpt.2149"  # Crews 2021, PMID 33387367
    assert {strength: (row["operation"], row["value"]) for strength, row in rows.items()} == {
        "strong": ("multiply", "0"),
        "moderate": ("multiply", "0.5"),
        "weak": ("none", ""),
    }
    assert rows["moderate"]["source"] == rows["strong"]["source"] != rows["weak"]["source"]


def _shifts() -> list[dict[str, str]]:
    columns = ["enzyme", "effect", "strength", "operation", "value", "evidence", "source", "status"]
    return [
        {str(name): str(value) for name, value in row.items()}
        for row in read("interactions", "shifts.csv", columns, columns[:3]).to_dict("records")
    ]


def test_every_substrate_of_the_reference_is_there(shared: Path) -> None:
    known: set[tuple[str, str]] = set()
    for row in reference(shared, "cyp_substrates.tsv"):
        enzyme = row["enzyme_or_transporter"].replace("CYP3A", "CYP3A4")
        if enzyme in ENZYMES:
            assert substrates(enzyme)[row["drug"]] >= (row["status"] == "V")
            known.add((row["drug"], enzyme))
    assert {(drug, enzyme) for enzyme in ENZYMES for drug in substrates(enzyme)} - known == SUBSTRATES_ADDED


def test_only_the_rules_that_were_read_count_as_read(shared: Path) -> None:
    read = {(r["enzyme"], r["trigger"]) for r in reference(shared, "phenoconversion_rules.tsv") if r["status"] == "V"}
    recalled = {key for key, rule in rules().items() if not rule.verified}
    assert recalled == RULES_RECALLED
    assert not {(enzyme, f"{strength} {effect}") for enzyme, effect, strength in recalled} & read
    assert of("CYP2D6", "paroxetine").verified[0]
    assert of("CYP2C19", "rifampin").verified[0]
    assert not of("CYP2C9", "rifampin").verified[0]  # the medicine was read, the step was not


def test_smoking_induces_cyp1a2_and_only_where_it_is_known() -> None:
    clozapine = lists(["clozapine"], ["clozapine"], ["clozapine"], ["metformin"])
    found = affected(clozapine, shifts(clozapine, np.array([1.0, 0.0, np.nan, np.nan])))
    assert [one.direction for one in found.of(0)] == [-1]
    assert found.of(0)[0].cause == SMOKING
    assert "vaping" in found.of(0)[0].sentence
    assert not found.of(1)
    assert [(one.direction, "not known" in one.sentence) for one in found.of(2)] == [(0, True)]
    assert not found.of(3)


def test_after_smoking_stops_the_level_rises_unless_another_inducer_goes_on() -> None:
    people = lists(["olanzapine"], ["olanzapine", "phenytoin"], ["olanzapine"], ["clozapine", "ciprofloxacin"])
    found = when_smoking_stops(people, shifts(people, np.array([1.0, 1.0, 0.0, 1.0])))
    assert [[(one.drug, one.direction) for one in found.of(patient)] for patient in range(4)] == [
        [("olanzapine", 1)],
        [],
        [],
        [("clozapine", 1)],
    ]


def test_the_levels_of_other_medicines_are_told_by_direction_and_cause() -> None:
    people = lists(
        ["simvastatin", "clarithromycin"], ["tacrolimus", "rifampin"], ["midazolam", "rifampin", "diltiazem"]
    )
    found = affected(people, shifts(people, np.zeros(3)))
    assert [(one.drug, one.direction, one.cause) for one in found.of(0)] == [("simvastatin", 1, "clarithromycin")]
    assert found.of(0)[0].sentence == "Clarithromycin slows down CYP3A4, so the level of simvastatin rises."
    assert [(one.drug, one.direction, one.cause) for one in found.of(1)] == [("tacrolimus", -1, "rifampin")]
    assert [(one.drug, one.direction) for one in found.of(2)] == [("midazolam", 0)]


def test_a_medicine_does_not_change_its_own_level() -> None:
    alone = lists(["voriconazole"], ["bupropion"])
    assert not len(affected(alone, shifts(alone, np.zeros(2))).patient)


def test_remarks_say_why_nothing_was_shifted() -> None:
    found = of("CYP2C19", "rifampin").of(0)
    assert "working enzyme" in remarks(POOR, POOR, found)[-1]
    assert "no faster category" in remarks(ULTRARAPID, ULTRARAPID, found)[-1]
    assert "nothing to shift" in remarks("", "", found)[-1]
    assert remarks(NORMAL, RAPID, found) == found.evidence


def test_local_forms_planned_medicines_and_unknown_patients_do_not_act() -> None:
    found = resolve(["ketoconazole shampoo", "paroxetine", "paroxetine", "paroxetine"], [""] * 4)
    made = taken(found, np.array([0, 0, -1, 1], dtype=np.int32), np.array([0.0, np.nan, 0.0, 0.0]), 2)
    assert (made.patient.tolist(), made.ingredient.tolist()) == ([1], [numbers()["paroxetine"]])


def test_days_since_the_stop_are_counted_to_the_day_that_is_asked() -> None:
    rows = pd.DataFrame(
        {
            "start": pd.to_datetime(["2026-01-01", "2026-01-01", "", "", "2026-12-01", "", "2026-01-01"]),
            "stop": pd.to_datetime(["", "2026-08-31", "", "", "", "2026-12-31", "2026-09-30"]),
            "status": ["active", "stopped", "planned", "stopped", "active", "active", "stopped"],
        }
    )
    found = days_stopped(rows, date(2026, 9, 30))  # 31 August to 30 September: 30 days
    assert np.array_equal(found, [0, 30, np.nan, np.nan, np.nan, 0, 0], equal_nan=True)


def test_one_medicine_more_is_a_what_if_for_one_patient() -> None:
    before = lists(["tramadol"], ["tramadol"])
    after = shift("CYP2D6", before.adding(1, "bupropion"), np.zeros(2))
    assert after.multiplier.tolist() == [1, 0]


def test_the_genotype_result_is_not_overwritten() -> None:
    phenotypes, scores = np.array([NORMAL], dtype=object), np.array(["2.0"], dtype=object)
    assert clinical("CYP2D6", phenotypes, scores, of("CYP2D6", "paroxetine"))[0][0] == POOR
    assert (phenotypes[0], scores[0]) == (NORMAL, "2.0")


DRUGS = st.lists(st.sampled_from(sorted({m.name for e in ENZYMES for m in modulators(e)} - {SMOKING})), max_size=6)


def rank(phenotype: str) -> int:
    return LADDER.index(phenotype)


@given(DRUGS, st.sampled_from(ENZYMES[:5]), st.data())
def test_adding_an_inhibitor_never_raises(drugs: list[str], gene: str, data: st.DataObject) -> None:
    inhibitors = [one.name for one in modulators(gene) if one.effect == "inhibitor"]
    more = [*drugs, data.draw(st.sampled_from(inhibitors))]
    for phenotype in (POOR, INTERMEDIATE, NORMAL, RAPID, ULTRARAPID):
        if phenotype in rules_of(gene)[0].phenotypes and gene != "CYP2D6":
            assert rank(result(gene, phenotype, "", *more)[0]) <= rank(result(gene, phenotype, "", *drugs)[0])
    assert of(gene, *more).multiplier[0] <= of(gene, *drugs).multiplier[0]
    assert of(gene, *more).direction[0] <= of(gene, *drugs).direction[0]


@given(DRUGS, st.randoms(use_true_random=False))
def test_the_order_of_the_list_does_not_matter(drugs: list[str], random: Random) -> None:
    mixed = drugs.copy()
    random.shuffle(mixed)
    for gene in ENZYMES:
        assert of(gene, *drugs).of(0) == of(gene, *mixed).of(0)


@given(st.lists(DRUGS, min_size=1, max_size=5), st.integers(0, 4))
def test_a_patient_does_not_change_another(patients: list[list[str]], which: int) -> None:
    which %= len(patients)
    together = shifts(lists(*patients), np.zeros(len(patients)))
    alone = shifts(lists(patients[which]), np.zeros(1))
    assert all(together[gene].of(which) == alone[gene].of(0) for gene in ENZYMES)
    everyone = affected(lists(*patients), together).of(which)
    assert everyone == affected(lists(patients[which]), alone).of(0)
