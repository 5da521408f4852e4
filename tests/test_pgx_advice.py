"""Advice: every key of CPIC's recommendations, the laws of asking, partial answers, and what is not known."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precision.io.vcf import read_vcf
from precision.pgx.advice import Advice, advice, by_drug
from precision.pgx.advising import HOW, UNDETERMINED, Advised, Advisor, questions
from precision.pgx.answers import Answer, answers, title
from precision.pgx.calling import Settings, call
from precision.pgx.conditions import TRUE, GeneResult
from precision.pgx.definitions import sites
from precision.pgx.functions import rules_of
from precision.pgx.profiles import Profile, profiles_of

SHARED = Path(__file__).parents[2] / "shared" / "reference" / "pgx"
STRENGTHS = {"Strong": "strong", "Moderate": "moderate", "Optional": "optional"}
POPULATIONS = {
    "general": "",
    "adults": "adults",
    "pediatrics": "children",
    "CVI ACS PCI": "acs_pci",
    "CVI non-ACS non-PCI": "cardiovascular_other",
    "NVI": "neurovascular",
    "CBZ naive": "carbamazepine_naive",
    "CBZ use >3mos": "carbamazepine_over_3_months",
    "CBZ-no alternatives": "carbamazepine_no_alternative",
    "PHT naive": "phenytoin_naive",
    "PHT use >3mos": "phenytoin_over_3_months",
    "OXC naive": "oxcarbazepine_naive",
    "OXC use >3 mos": "oxcarbazepine_over_3_months",
    "child >40kg_adult": "adults_and_children_40kg",
}
PM, IM, NM, UM = (f"{word} Metabolizer" for word in ("Poor", "Intermediate", "Normal", "Ultrarapid"))
PF, DF, NF = (f"{word} Function" for word in ("Poor", "Decreased", "Normal"))
NEWER = {"cpic.azathioprine.tpmt_im.nudt15_im": "moderate"}
"""Row -> its strength, where the guideline is newer than the developers' keys (thiopurines, 2025 update)."""
Person = Mapping[str, GeneResult]


def score(gene: str, value: str) -> GeneResult:
    rules = rules_of(gene)[0]
    return GeneResult({"CPIC": (rules.of_score(float(value.removeprefix("≥"))),)}, {"CPIC": (value,)})


def phenotype(*names: str) -> GeneResult:
    return GeneResult({"CPIC": names})


def presence(**alleles: str) -> GeneResult:
    return GeneResult(presence={f"*{name[1:3]}:{name[3:]}": told for name, told in alleles.items()})


def from_key(gene: str, value: str) -> GeneResult:
    """A result as CPIC's table of recommendations writes it."""
    if value == "No Result":
        return GeneResult()
    if value in ("n/a", "xN combinations"):
        return GeneResult({"CPIC": ("Indeterminate",)}, {"CPIC": ("n/a",)})
    if value.startswith("*"):
        allele, told = value.split(" ")
        return GeneResult(presence={allele: told})
    return score(gene, value) if value.removeprefix("≥").replace(".", "").isdigit() else phenotype(value)


def holding(drug: str, person: Person, population: str, body: str = "CPIC") -> list[Advice]:
    rows = [row for row in by_drug()[drug] if row.body == body and row.population in ("", population)]
    nothing = GeneResult()
    return [row for row in rows if min(one.truth(person.get(one.gene, nothing), body) for one in row.when) == TRUE]


def advised(drug: str, person: Person) -> tuple[Answer, ...]:
    """The answers for one person."""
    profiles = {gene: Profile(gene, np.zeros(1, np.int32), (result,)) for gene, result in person.items()}
    found = Advisor(profiles, 1).advise(np.zeros(1, np.intp), [drug])
    return answers(found, 0, person, {})


def cpic(drug: str, person: Person, population: str = "") -> Answer:
    return next(one for one in advised(drug, person) if one.row.body == "CPIC" and one.row.population == population)


@pytest.mark.skipif(not SHARED.exists(), reason="the developers' reference tables are not here")
def test_each_key_of_cpic_meets_one_row_of_the_same_strength() -> None:
    """2,054 keys of 2024-03-25 and those of 2025-11-05; 'No recommendation' and keys without a strength have none."""
    with (SHARED / "recommendations.tsv").open(encoding="utf-8", newline="") as stream:
        keys = [row for row in csv.DictReader(stream, delimiter="\t") if row["source"] == "CPIC"]
    wrong: list[str] = []
    none_given = 0
    for key in keys:
        person = {
            gene: from_key(gene, value) for gene, _, value in (k.partition("=") for k in key["lookup"].split(";"))
        }
        found = holding(key["drug"], person, POPULATIONS[key["population"]])
        expected = STRENGTHS.get(key["strength"], "none")
        if len(found) != 1:
            wrong.append(f"{key['drug']} {key['population']} {key['lookup']}: {[row.id for row in found]}")
        elif found[0].strength not in (expected, NEWER.get(found[0].id)):
            none_given += 1
            assert found[0].action == "no_recommendation" or "xN" in key["lookup"], key
    assert len(keys) == 2054
    assert wrong == []
    assert none_given <= 110  # keys that carry a strength beside the words 'No recommendation', and copies not known


def test_no_result_meets_two_rows_of_cpic() -> None:
    for drug, rows in by_drug().items():
        mine = [row for row in rows if row.body == "CPIC"]
        genes = sorted({gene for row in mine for gene in row.genes})
        for combination in product(*(_results(gene) for gene in genes)):
            person = dict(zip(genes, combination, strict=True))
            for population in {row.population for row in mine}:
                found = holding(drug, person, population)
                assert len(found) <= 1, (drug, person, [row.id for row in found])


def _results(gene: str) -> list[GeneResult]:
    if gene.startswith("HLA"):
        asked = {one.values for row in advice() for one in row.when if one.gene == gene and one.kind in "+-"}
        alleles = sorted({allele for values in asked for allele in values})
        return [GeneResult(), *(GeneResult(presence=dict.fromkeys(alleles, told)) for told in ("positive", "negative"))]
    rules = rules_of(gene)[0]
    if rules.ranges:
        scores = [one for one in rules.scores if one not in ("", "n/a")]
        return [GeneResult(), from_key(gene, "n/a"), *(score(gene, one) for one in scores)]
    return [GeneResult(), *(phenotype(one) for one in rules.phenotypes if one)]


@pytest.mark.parametrize(
    ("drug", "person", "population", "action", "dose", "strength"),
    [
        # CPIC 2022, PMID 35034351
        ("clopidogrel", {"CYP2C19": phenotype(PM)}, "acs_pci", "avoid", None, "strong"),
        ("clopidogrel", {"CYP2C19": phenotype(IM)}, "acs_pci", "avoid", None, "strong"),
        ("clopidogrel", {"CYP2C19": phenotype(NM)}, "acs_pci", "standard", None, "strong"),
        # CPIC 2021, PMID 33387367
        ("codeine", {"CYP2D6": score("CYP2D6", "0.0")}, "", "avoid", None, "strong"),
        ("codeine", {"CYP2D6": score("CYP2D6", "≥3.0")}, "", "avoid", None, "strong"),
        # CPIC 2017 with the update of November 2018, PMID 29152729: half the dose at 1.0 and at 1.5
        ("capecitabine", {"DPYD": score("DPYD", "1.0")}, "", "reduce_dose", (50, 50), "strong"),
        ("fluorouracil", {"DPYD": score("DPYD", "1.5")}, "", "reduce_dose", (50, 50), "moderate"),
        ("fluorouracil", {"DPYD": score("DPYD", "0.0")}, "", "avoid", None, "strong"),
        # CPIC 2012 with update, PMID 24561393
        ("abacavir", {"HLA-B": presence(x5701="positive")}, "", "avoid", None, "strong"),
        # CPIC 2018, PMID 29385237
        ("tamoxifen", {"CYP2D6": score("CYP2D6", "0.0")}, "", "alternative", (40, 40), "strong"),
        # CPIC 2015, PMID 25801146: 1.5 to 2 times the starting dose for expressers
        ("tacrolimus", {"CYP3A5": phenotype(NM)}, "", "increase_dose", (150, 200), "strong"),
        # CPIC 2020, PMID 32770672: 100 % more to start with; 50 to 100 % more is for two conditions, not in ultrarapid
        ("omeprazole", {"CYP2C19": phenotype(UM)}, "", "increase_dose", (200, 200), "optional"),
        ("lansoprazole", {"CYP2C19": phenotype(UM)}, "", "increase_dose", (200, 200), "optional"),
        ("pantoprazole", {"CYP2C19": phenotype(NM)}, "", "standard", None, "moderate"),
        ("dexlansoprazole", {"CYP2C19": phenotype(NM)}, "", "standard", None, "optional"),
        # CPIC 2022, PMID 35152405: at most 10 mg only where both transporters work less
        ("rosuvastatin", {"ABCG2": phenotype(PF), "SLCO1B1": phenotype(DF)}, "", "reduce_dose", (10, 10), "optional"),
        ("rosuvastatin", {"ABCG2": phenotype(PF), "SLCO1B1": phenotype(NF)}, "", "reduce_dose", (20, 20), "optional"),
        ("rosuvastatin", {"ABCG2": phenotype(DF), "SLCO1B1": phenotype(PF)}, "", "reduce_dose", (20, 20), "moderate"),
        # CPIC 2023, PMID 37032427
        ("vortioxetine", {"CYP2D6": score("CYP2D6", "0.0")}, "", "reduce_dose", (50, 50), "moderate"),
        ("paroxetine", {"CYP2D6": score("CYP2D6", "0.0")}, "", "reduce_dose", (50, 50), "moderate"),
        ("sertraline", {"CYP2B6": phenotype(PM), "CYP2C19": phenotype(NM)}, "", "reduce_dose", (75, 75), "optional"),
        # CPIC 2024, PMID 38951961
        ("metoprolol", {"CYP2D6": score("CYP2D6", "0.0")}, "", "reduce_dose", None, "moderate"),
        ("metoprolol", {"CYP2D6": score("CYP2D6", "0.25")}, "", "standard", None, "moderate"),
        ("metoprolol", {"CYP2D6": score("CYP2D6", "2.25")}, "", "standard", None, "strong"),
        ("metoprolol", {"CYP2D6": score("CYP2D6", "2.5")}, "", "no_recommendation", None, "none"),
        # CPIC 2025, PMID 40974042: mg a day in total to start with
        ("hydralazine", {"NAT2": phenotype(PM)}, "", "reduce_dose", (40, 75), "moderate"),
        ("hydralazine", {"NAT2": phenotype(IM)}, "", "increase_dose", (75, 75), "moderate"),
        # CPIC 2025 update, PMID 41618934: a tenth on three days a week for NUDT15 as for TPMT
        (
            "mercaptopurine",
            {"TPMT": phenotype(NM), "NUDT15": phenotype(PM)},
            "",
            "reduce_dose",
            (10, 10),
            "strong",
        ),
        ("azathioprine", {"TPMT": phenotype(PM), "NUDT15": phenotype(NM)}, "", "alternative", None, "strong"),
        ("thioguanine", {"TPMT": phenotype(IM), "NUDT15": phenotype(NM)}, "", "reduce_dose", (30, 80), "moderate"),
        # CPIC 2016, PMID 27981572
        ("voriconazole", {"CYP2C19": phenotype(UM)}, "adults", "alternative", None, "moderate"),
        # CPIC 2022 (malignant hyperthermia)
        (
            "sevoflurane",
            {
                "RYR1": phenotype("Malignant Hyperthermia Susceptibility"),
                "CACNA1S": phenotype("Uncertain Susceptibility"),
            },
            "",
            "contraindicated",
            None,
            "strong",
        ),
    ],
)
def test_known_guidance_is_given(
    drug: str, person: Person, population: str, action: str, dose: tuple[float, float] | None, strength: str
) -> None:
    found = cpic(drug, person, population)
    assert (found.action, found.how) == (action, "certain")
    assert found.row.strength == strength
    if dose is not None:
        assert found.row.dose is not None
        assert (found.row.dose.low, found.row.dose.high) == dose


@pytest.mark.parametrize("result", ["Rapid Metabolizer", IM])
def test_a_lowest_starting_dose_says_at_least(result: str) -> None:
    """CPIC 2025, PMID 40974042: a total daily dose to start with of at least 75 mg."""
    found = cpic("hydralazine", {"NAT2": phenotype(result)})
    assert found.title == "Start hydralazine with at least 75 mg/day"
    assert found.row.dose is not None
    assert (found.row.dose.kind, found.row.dose.text) == ("start_least", "at least 75 mg/day")


@pytest.mark.parametrize(("score_of", "share"), [("0.0", 25), ("0.5", 50)])
def test_an_upper_limit_of_a_share_says_at_most(score_of: str, share: int) -> None:
    """DPWG, CYP2D6 and metoprolol: no more than this share where the heart should slow down gradually."""
    dpwg = [one for one in advised("metoprolol", {"CYP2D6": score("CYP2D6", score_of)}) if one.row.body == "DPWG"]
    (found,) = [one for one in dpwg if one.row.population == "slow_heart_rate"]
    assert found.title == f"Maintain metoprolol with at most {share}% of the usual dose"


def test_a_gene_that_is_not_known_gives_a_question_and_never_the_usual_dose() -> None:
    for drug in by_drug():
        for answer in advised(drug, {}):
            if not answer.row.when:  # by what else is taken alone
                continue
            assert answer.how == "undetermined", answer.row.id
            assert answer.word == "Not determined"
            assert answer.missing
            assert answer.reason.endswith("This does not mean normal.")


@pytest.mark.parametrize("drug", ["amitriptyline", "clomipramine", "imipramine", "doxepin", "trimipramine"])
def test_a_gene_without_a_clear_phenotype_is_named_and_not_called_missing(drug: str) -> None:
    """CPIC 2016: CYP2D6 Indeterminate has no recommendation; both genes are known, so nothing is partial."""
    unclear = GeneResult({"CPIC": ("Indeterminate",), "DPWG": ("Indeterminate",)}, {"CPIC": ("n/a",)})
    person = {"CYP2D6": unclear, "CYP2C19": phenotype("Normal Metabolizer")}
    found = cpic(drug, person)
    assert (found.action, found.how, found.missing) == ("no_recommendation", "certain", ())
    for one in advised(drug, person):
        if "CYP2D6" in {said.gene for said in one.genes} and one.row.body in ("CPIC", "DPWG"):
            assert one.title == f"CYP2D6 gives no clear phenotype: no recommendation on {drug}"
            assert "CYP2D6 not known" not in one.reason
    without = cpic(drug, {"CYP2D6": score("CYP2D6", "1.0")})
    assert (without.how, without.missing) == ("partial", ("CYP2C19",))


def test_absence_of_a_drug_in_the_tables_is_no_answer() -> None:
    assert len(Advisor({}, 1).advise(np.zeros(1, np.intp), ["aspirin"])) == 0


def test_one_known_gene_of_two_gives_a_partial_answer() -> None:
    susceptible = {"RYR1": phenotype("Malignant Hyperthermia Susceptibility")}
    found = cpic("sevoflurane", susceptible)
    assert (found.word, found.how) == ("Avoid", "certain")  # either gene is enough
    ordinary = {"TPMT": phenotype(NM)}
    found = cpic("mercaptopurine", ordinary)
    assert (found.word, found.how, found.missing) == ("Not determined", "partial", ("NUDT15",))
    assert "partial answer" in found.reason
    poor = cpic("mercaptopurine", {"TPMT": phenotype(PM)})
    assert poor.word == "Change dose"
    assert poor.missing == ("NUDT15",)


def test_an_allele_that_was_not_tested_is_named() -> None:
    found = cpic("abacavir", {"HLA-B": presence(x1502="negative")})
    assert (found.how, found.missing) == ("undetermined", ("HLA-B*57:01",))
    assert found.title == "HLA-B*57:01 result needed for abacavir"


def test_a_negative_allele_does_not_speak_for_the_other_gene() -> None:
    told = advised("carbamazepine", {"HLA-A": presence(x3101="negative")})
    assert all(one.word == "Not determined" for one in told if "HLA-B" in [g.gene for g in one.genes])


def test_results_that_cannot_be_told_apart_give_each_their_advice() -> None:
    """TPMT *1/*3A against *3B/*3C: intermediate or poor."""
    found = [
        one
        for one in advised("azathioprine", {"TPMT": phenotype(IM, PM), "NUDT15": phenotype(NM)})
        if one.row.body == "CPIC"
    ]
    assert {one.how for one in found} == {"several"}
    assert len(found) == 2


def test_the_most_cautious_answer_stands_first() -> None:
    told = advised("tramadol", {"CYP2D6": score("CYP2D6", "≥3.0")})
    assert [one.urgency for one in told] == sorted((one.urgency for one in told), reverse=True)


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_a_person_is_answered_as_if_alone(data: st.DataObject) -> None:
    """Everybody at once, in any order, and one at a time give the same rows."""
    genes = ("CYP2C19", "CYP2D6", "SLCO1B1", "ABCG2", "TPMT", "NUDT15")
    results = {gene: _results(gene) for gene in genes}
    people = data.draw(st.integers(1, 12))
    of = {
        gene: np.array(
            data.draw(st.lists(st.integers(0, len(results[gene]) - 1), min_size=people, max_size=people)), np.int32
        )
        for gene in genes
    }
    profiles = {gene: Profile(gene, of[gene], tuple(results[gene])) for gene in genes}
    drugs = data.draw(st.lists(st.sampled_from(sorted(by_drug())), min_size=people, max_size=people))
    together = Advisor(profiles, people).advise(np.arange(people), drugs)
    order = np.array(data.draw(st.permutations(range(people))), np.intp)
    shuffled = Advisor(profiles, people).advise(order, [drugs[i] for i in order])
    for person in range(people):
        mine = {gene: Profile(gene, of[gene][[person]], tuple(results[gene])) for gene in genes}
        alone = Advisor(mine, 1).advise(np.zeros(1, np.intp), [drugs[person]])
        expected = _rows(alone, 0)
        assert _rows(together, person) == expected
        assert _rows(shuffled, int(np.flatnonzero(order == person)[0])) == expected


def _rows(found: Advised, pair: int) -> set[tuple[int, str, int]]:
    return {(int(found.row[i]), HOW[int(found.how[i])], int(found.urgency[i])) for i in found.of(pair)}


def test_every_row_has_words_a_source_and_a_question() -> None:
    for row in advice():
        assert title(row)[0].isupper()
        assert row.citation.version, row.id
        assert row.citation.url.startswith("https://"), row.id
    asked = [index for found in questions().values() for question in found for index in question.rows]
    assert sorted(asked) == list(range(len(advice())))


BODIES = {
    "CPIC_GUIDELINE": ("CPIC",),
    "DPWG_GUIDELINE": ("DPWG",),
    "FDA_ASSOC": ("FDA",),
    "FDA_LABEL": ("FDA",),
    "ALL": ("CPIC", "DPWG", "FDA"),
}
# Where we say more: FDA's table of associations where the other looks at labels only, and the labelled partial answer
# by the gene that is known (CYP2C9 without HLA-B*15:02, CYP2C19 or CYP2D6 without the other).
MORE = {
    ("PipelineTest.testSlco1b1Test5", "simvastatin"),
    ("PipelineTest.testHlabPhenotype", "phenytoin"),
    ("PipelineTest.testPartialCallInTwoGene", "amitriptyline"),
}
CASES = SHARED.parents[1] / "vectors" / "pgx"


@pytest.mark.skipif(not CASES.exists(), reason="the developers' cases are not here")
def test_the_bodies_speak_where_another_implementation_lets_them() -> None:
    """drug_cases.tsv: how many annotations matched a genotype; here whether a body speaks at all."""
    with (CASES / "drug_cases.tsv").open(encoding="utf-8", newline="") as stream:
        cases = list(csv.DictReader(stream, delimiter="\t"))
    known: dict[tuple[str, str], Advisor] = {}
    wrong: list[str] = []
    for case in cases:
        key = (case["vcf"], case["outside_calls"])
        if key not in known:
            rows = [
                dict(zip(("gene", "diplotype", "phenotype"), [*line.split("\\t"), "", ""], strict=False))
                for line in case["outside_calls"].split(" ; ")
                if line
            ]
            outside = pd.DataFrame(rows, columns=["gene", "diplotype", "phenotype"]) if rows else None
            genotypes = read_vcf(CASES / case["vcf"], sites())
            known[key] = Advisor(profiles_of(call(genotypes, Settings("GRCh38"), outside=outside)), 1)
        found = known[key].advise(np.zeros(1, np.intp), [case["drug"]])
        bodies = [
            advice()[int(row)].body for row, how in zip(found.row, found.how, strict=True) if HOW[how] != UNDETERMINED
        ]
        speaks = any(body in BODIES[case["source"]] for body in bodies)
        if speaks != (case["expected_matches"] != "0") and (case["case_id"], case["drug"]) not in MORE:
            wrong.append(
                f"{case['case_id']} {case['drug']} {case['source']}: {case['expected_matches']}, ours {bodies}"
            )
    assert len(cases) == 105
    assert wrong == []
