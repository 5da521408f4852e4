"""The advice tables of DPWG and of FDA: their codes, their laws, and every row of the developers' reference."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import combinations, product
from pathlib import Path

import pytest

from precision.knowledge.table import read
from precision.pgx.advice import ACTIONS, CITATION, COLUMNS, DOSE_KINDS, Advice, advice
from precision.pgx.conditions import DIPLOTYPE, PHENOTYPE, POSSIBLE, SCORE, GeneResult
from precision.pgx.functions import rules_of
from precision.pgx.populations import needs

FOLDERS = {"dpwg": "DPWG", "fda": "FDA"}
PM, IM, NM, UM = (f"{word} Metabolizer" for word in ("Poor", "Intermediate", "Normal", "Ultrarapid"))
SHORT = {"PM": PM, "IM": IM, "NM": NM, "UM": UM}
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")

BESIDE = set(needs()) - {
    *("with_cyp3a4_inhibitor", "without_cyp3a4_inhibitor"),
    *("codeine_low_dose", "codeine_high_dose_or_risk"),
}
"""Populations of those who take something else, of which the developers' reference says nothing."""

Row = Mapping[str, str]
Person = Mapping[str, GeneResult]


def table(folder: str) -> list[Row]:
    frame = read(folder, "advice.csv", COLUMNS, ("id",))
    return [{str(name): str(value) for name, value in row.items()} for row in frame.to_dict("records")]


def words(folder: str, name: str, value: str) -> dict[str, str]:
    frame = read(folder, f"{name}.csv", ("code", value), ("code",))
    return dict(zip(frame["code"].tolist(), frame[value].tolist(), strict=True))


def listed(cell: str) -> list[str]:
    return [part for part in cell.split(";") if part]


def rows_of(body: str, drug: str = "") -> list[Advice]:
    return [row for row in advice() if row.body == body and drug in ("", row.drug)]


def result(gene: str, body: str, phenotype: str = "", score: str = "", diplotype: str = "") -> GeneResult:
    """One gene as a body reads it; a diplotype brings the phenotype that the body's rules give it."""
    if diplotype and not phenotype:
        known = {rules.body: rules for rules in rules_of(gene)}
        if rules := known.get(body) or known.get("CPIC"):
            first, second = map(rules.key, diplotype.split("/"))
            phenotype = rules.phenotypes[int(rules.phenotype[first, second])]
    return GeneResult(
        phenotypes={body: (phenotype,)} if phenotype else {},
        scores={body: (score,)} if score else {},
        diplotypes=(diplotype,) if diplotype else (),
    )


def holding(body: str, drug: str, person: Person) -> list[Advice]:
    """Rows whose every condition a person meets, and who takes nothing else; a gene that is not given is unknown."""
    unknown = GeneResult()
    return [
        row
        for row in rows_of(body, drug)
        if row.population not in BESIDE
        if all(one.truth(person.get(one.gene, unknown), body) >= POSSIBLE for one in row.when)
    ]


# --- laws that hold without the reference


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_code_is_known_and_every_code_is_used(folder: str) -> None:
    rows = table(folder)
    classes = {part.removeprefix("class:") for row in rows for part in listed(row["alternatives"]) if ":" in part}
    assert {code for row in rows for code in listed(row["notes"])} == set(words(folder, "notes", "sentence"))
    assert {row["mechanism"] for row in rows} == set(words(folder, "mechanisms", "sentence"))
    assert {row["population"] for row in rows} - {""} == set(words(folder, "populations", "label"))
    assert classes == set(words(folder, "classes", "label"))
    assert {row["source"] for row in rows} == set(read(folder, "citations.csv", CITATION, ("key",))["key"])
    assert {row["action"] for row in rows} <= set(ACTIONS)
    assert {row["status"] for row in rows} <= {"V", "R"}
    assert {row["strength"] for row in rows} == ({""} if folder == "dpwg" else {"management", "safety", "exposure"})


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_dose_has_a_unit_and_a_kind_and_a_percentage_is_possible(folder: str) -> None:
    for row in table(folder):
        assert bool(row["dose"]) == bool(row["dose_unit"]) == bool(row["dose_kind"]), row["id"]
        if not row["dose"]:
            continue
        low, _, high = row["dose"].partition("..")
        assert 0 < float(low) <= float(high or low), row["id"]
        assert row["dose_kind"] in DOSE_KINDS, row["id"]
        if row["dose_unit"] == "%":
            assert 5 <= float(low) <= float(high or low) <= 500, row["id"]


@pytest.mark.parametrize("body", FOLDERS.values())
def test_a_lower_dose_is_lower_and_a_higher_dose_is_higher(body: str) -> None:
    for row in rows_of(body):
        if row.dose and row.dose.unit == "%" and row.action == "reduce_dose":
            assert row.dose.high < 100, row.id
        if row.dose and row.dose.unit == "%" and row.action == "increase_dose":
            assert row.dose.high > 100, row.id


@pytest.mark.parametrize("folder", FOLDERS)
def test_sentences_are_short_and_name_the_drug_by_its_place(folder: str) -> None:
    for name in ("notes", "mechanisms"):
        for code, sentence in words(folder, name, "sentence").items():
            assert re.fullmatch(r"[a-z0-9_]+", code)
            assert sentence.endswith("."), code
            assert len(sentence.split()) <= 20, code
            assert "metabolizer" not in sentence, code
            assert set(re.findall(r"{.*?}", sentence)) <= {"{drug}"}, code


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_two_rows_of_a_drug_and_population_have_the_same_condition(folder: str) -> None:
    counts = Counter((row["drug"], row["population"], row["when"]) for row in table(folder))
    assert [key for key, count in counts.items() if count > 1] == []


def people_of(genes: tuple[str, ...], rows: list[Advice], body: str) -> Iterator[Person]:
    """Every combination of results of these genes that the rows tell apart."""
    yield from (
        dict(zip(genes, answers, strict=True))
        for answers in product(*(list(results_of(gene, rows, body)) for gene in genes))
    )


def results_of(gene: str, rows: list[Advice], body: str) -> Iterator[GeneResult]:
    asked = [one for row in rows for one in row.when if one.gene == gene]
    values = {kind: sorted({v for one in asked if one.kind == kind for v in one.values}) for kind in "=:+-@"}
    if alleles := sorted({*values["+"], *values["-"]}):
        for told in product(("positive", "negative"), repeat=len(alleles)):
            yield GeneResult(presence=dict(zip(alleles, told, strict=True)))
    if values[SCORE]:
        pairs = (("0.0", PM), ("0.5", "Phenotyping"), ("1.0", "Phenotyping"), ("1.0", IM), ("1.5", IM), ("2.0", NM))
        yield from (result(gene, body, phenotype, score) for score, phenotype in pairs)
    else:
        yield from (result(gene, body, phenotype) for phenotype in values[PHENOTYPE])
    yield from (result(gene, body, diplotype=pair) for pair in values[DIPLOTYPE])


@pytest.mark.parametrize("body", FOLDERS.values())
def test_no_result_of_a_gene_meets_two_rows_of_one_drug_and_population(body: str) -> None:
    for drug in sorted({row.drug for row in rows_of(body)}):
        rows = rows_of(body, drug)
        for genes in sorted({row.genes for row in rows}):
            same = [row for row in rows if row.genes == genes]
            for person in people_of(genes, same, body):
                met = [row for row in holding(body, drug, person) if row.genes == genes]
                clash = [(a.id, b.id) for a, b in combinations(met, 2) if a.population == b.population]
                assert clash == []
                assert "" not in {row.population for row in met} or len(met) == 1, [row.id for row in met]


def test_dpwg_says_something_of_the_normal_result_of_every_gene() -> None:
    pairs = {(row.drug, gene) for row in rows_of("DPWG") for gene in row.genes}
    plain = {(row.drug, gene) for row in rows_of("DPWG") if row.action == "standard" for gene in row.genes}
    assert pairs - plain == set()


@pytest.mark.parametrize(
    ("drug", "person", "actions"),
    [
        # ClinPGx annotations PA166411701, PA166418081, PA166363221, PA166182809, PA166436801, snapshot 2026-05-05
        ("atazanavir", {"UGT1A1": result("UGT1A1", "DPWG", diplotype="*28/*28")}, {"alternative"}),
        ("atazanavir", {"UGT1A1": result("UGT1A1", "DPWG", diplotype="*80+*28/*28")}, {"alternative"}),
        ("atazanavir", {"UGT1A1": result("UGT1A1", "DPWG", diplotype="*6/*28")}, {"standard"}),
        ("atazanavir", {"UGT1A1": result("UGT1A1", "DPWG", diplotype="*1/*28")}, {"standard"}),
        ("mavacamten", {"CYP2C19": result("CYP2C19", "DPWG", IM)}, {"standard"}),
        ("mavacamten", {"CYP2C19": result("CYP2C19", "DPWG", PM)}, {"reduce_dose"}),
        ("rosuvastatin", {"SLCO1B1": result("SLCO1B1", "DPWG", "Poor Function")}, {"reduce_dose", "monitor"}),
        ("gefitinib", {"CYP2D6": result("CYP2D6", "DPWG", UM)}, {"monitor"}),
        ("gefitinib", {"CYP2D6": result("CYP2D6", "DPWG", PM)}, {"standard"}),
        ("sacituzumab govitecan", {"UGT1A1": result("UGT1A1", "DPWG", PM)}, {"monitor"}),
        # PA166182823, PA166182843, PA166182844, PA166104983, PA166265161, PA166265162, the same snapshot
        ("eliglustat", {"CYP2D6": result("CYP2D6", "DPWG", PM)}, {"reduce_dose", "avoid"}),
        (
            "atorvastatin",
            {"SLCO1B1": result("SLCO1B1", "DPWG", "Possible Decreased Function")},
            {"alternative", "monitor"},
        ),
        ("simvastatin", {"SLCO1B1": result("SLCO1B1", "DPWG", "Possible Decreased Function")}, {"alternative"}),
        ("tacrolimus", {"CYP3A5": result("CYP3A5", "DPWG", "Possible Intermediate Metabolizer")}, {"increase_dose"}),
        ("carbamazepine", {"HLA-A": GeneResult(presence={"*31:01": "positive"})}, {"avoid"}),
        ("carbamazepine", {"HLA-B": GeneResult(presence={"*15:11": "positive", "*15:02": "negative"})}, {"avoid"}),
    ],
)
def test_what_dpwg_says_in_2026(drug: str, person: Person, actions: set[str]) -> None:
    found = holding("DPWG", drug, person)
    assert {row.action for row in found} == actions
    assert all(row.verified for row in found)


def test_what_was_recalled_is_not_shown_as_verified() -> None:
    shown = {row.id: row.verified for row in advice() if row.body in FOLDERS.values()}
    recalled = {row["id"] for folder in FOLDERS for row in table(folder) if row["status"] == "R"}
    assert not any(shown[name] for name in recalled)
    assert shown["fda.pitolisant.cyp2d6_pm"]  # the amounts were read in the label of 2025
    assert shown["fda.citalopram.cyp2c19_pm"]


def test_no_row_of_fda_is_recalled() -> None:
    assert [row.id for row in rows_of("FDA") if not row.verified] == []


def test_rows_of_the_old_fda_table_say_what_is_newer() -> None:
    of_the_table = [row for row in rows_of("FDA") if row.citation.title.startswith("FDA Table")]
    old = {row.id for row in of_the_table if row.citation.version < "2026"}
    assert {row.id for row in rows_of("FDA") if row.citation.update_pending} == {row.id for row in of_the_table}
    assert all("2026-09-10" in row.citation.update_pending for row in of_the_table)  # FDA's list of its updates
    assert old == {
        "fda.lapatinib.hla_dqa1_02_01_present",
        "fda.lapatinib.hla_drb1_07_01_present",
        "fda.mivacurium.bche_im",
        "fda.mivacurium.bche_pm",
        "fda.succinylcholine.bche_im",
        "fda.succinylcholine.bche_pm",
        "fda.warfarin.cyp4f2_433m",
    }


def fda_row(drug: str, gene: str, **told: str) -> Advice:
    """The one row of FDA that a result of a gene meets."""
    (row,) = holding("FDA", drug, {gene: result(gene, "FDA", **told)})
    return row


def test_fda_asks_for_less_in_poor_metabolisers_only_where_it_says_so() -> None:
    for drug in ("celecoxib", "flurbiprofen", "meloxicam", "ibuprofen"):
        carrier, poor, plain = (
            [row.action for row in holding("FDA", drug, {"CYP2C9": result("CYP2C9", "FDA", diplotype=pair)})]
            for pair in ("*1/*3", "*3/*3", "*1/*2")
        )
        assert carrier == (["monitor"] if drug == "meloxicam" else ["inform"]), drug
        assert poor == (["inform"] if drug == "ibuprofen" else ["reduce_dose"]), drug
        assert plain == [], drug
    assert fda_row("piroxicam", "CYP2C9", phenotype=IM).action == "inform"
    assert fda_row("piroxicam", "CYP2C9", phenotype=PM).action == "reduce_dose"
    assert fda_row("irinotecan", "UGT1A1", phenotype=IM).action == "monitor"
    assert fda_row("tramadol", "CYP2D6", phenotype=PM).action == "inform"
    assert fda_row("capecitabine", "DPYD", phenotype=IM).action == "calculate_dose"


def test_every_pair_of_cyp2c9_and_vkorc1_of_the_warfarin_label_has_its_range() -> None:
    high, middle, low = (5, 7), (3, 4), (0.5, 2)
    label = {
        "*1/*1": (high, high, middle),
        "*1/*2": (high, middle, middle),
        "*1/*3": (middle, middle, low),
        "*2/*2": (middle, middle, low),
        "*2/*3": (middle, low, low),
        "*3/*3": (low, low, low),
    }
    for pair, ranges in label.items():
        for letters, asked in zip(("GG", "AG", "AA"), ranges, strict=True):
            vkorc1 = result("VKORC1", "FDA", f"-1639 {letters}")
            person = {"CYP2C9": result("CYP2C9", "FDA", diplotype=pair), "VKORC1": vkorc1}
            (row,) = (row for row in holding("FDA", "warfarin", person) if len(row.genes) == 2)
            assert row.dose is not None
            assert (row.dose.low, row.dose.high) == asked, (pair, letters)


# --- against the developers' reference


def tsv(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


def numbers(row: Advice) -> set[float]:
    """Every amount that a row speaks of, in its dose or in its sentences."""
    told = {row.dose.low, row.dose.high} if row.dose else set[float]()
    return told | {float(text.replace(",", "")) for note in row.notes for text in NUMBER.findall(note)}


DPWG_ACTIONS = {
    "NO_ACTION": {"standard"},
    "DOSE_DOWN": {"reduce_dose"},
    "DOSE_UP": {"increase_dose", "monitor"},  # monitor: the text raises the dose only if needed
    "DOSE_UP_OR_ALTERNATIVE": {"monitor"},
    "DOSE_DOWN_IF_ADR": {"monitor"},
    "DOSE_DOWN_UNQUANTIFIED": set[str](),
    "AVOID": {"avoid"},
    "CONTRAINDICATED": {"contraindicated"},
    "ALTERNATIVE": {"alternative"},
    "MONITOR": {"monitor"},
    "ALERT": {"monitor"},
    "PHENOTYPE_TEST": {"test_first"},
    "WEIGH_RISK": set[str](),
    "TOLERANCE_INDUCTION": set[str](),
    "TITRATE": set[str](),
}
NEWER = {
    ("carbamazepine", "HLA-A", "*31:01 positive"): {"avoid"},  # ClinPGx annotation PA166265161, snapshot 2026-05-05
    ("carbamazepine", "HLA-B", "*15:02 positive"): {"avoid"},  # text of 2025-11
    ("carbamazepine", "HLA-B", "*15:11 positive"): {"avoid"},  # ClinPGx annotation PA166265162, snapshot 2026-05-05
    ("eliglustat", "CYP2D6", "IM"): {"avoid"},  # text of 2025-11: by kidney and liver
    ("eliglustat", "CYP2D6", "PM"): {"reduce_dose", "avoid"},  # PA166182823, snapshot 2026-05-05: by kidney and liver
    ("venlafaxine", "CYP2D6", "UM"): {"standard"},  # doi:10.1038/s41431-024-01648-1: no action
    ("clomipramine", "CYP2C19", "UM"): {"avoid"},
    ("clomipramine", "CYP2D6", "PM"): {"reduce_dose", "monitor"},  # other indications: on side effects
    ("clopidogrel", "CYP2C19", "PM"): {"avoid", "monitor"},  # other indications: measure
    ("efavirenz", "CYP2B6", "PM"): {"reduce_dose", "monitor"},  # by weight and body mass index
    ("thioguanine", "NUDT15", "PM"): {"avoid"},  # the abstract lumps it with TPMT as "alternative"; the text avoids it
    ("azathioprine", "NUDT15", "PM"): {"avoid"},
    ("mercaptopurine", "NUDT15", "PM"): {"avoid"},
    ("atorvastatin", "SLCO1B1", "Decreased Function"): {"alternative", "monitor"},  # by further risk factors
    ("atorvastatin", "SLCO1B1", "Poor Function"): {"alternative", "monitor"},
}


def dpwg_person(case: Row, others: list[str]) -> Person:
    """The person that a reference row is about; `others`: diplotypes that have rows of their own."""
    gene, told = case["gene"], case["phenotype_or_genotype"]
    if told.endswith(" positive"):
        allele = told.removesuffix(" positive")
        negative = {one: "negative" for one in ("*15:02", "*15:11", "*31:01") if one != allele}
        return {gene: GeneResult(presence={**negative, allele: "positive"})}
    if told.startswith("AS "):
        score = told.split()[1]
        phenotype = {"0.0": PM, "2.0": NM}.get(score, "Phenotyping" if "phenotyping" in told else IM)
        return {gene: result(gene, "DPWG", phenotype, score)}
    if told.startswith("*"):
        return {gene: result(gene, "DPWG", diplotype=told)}
    phenotype = SHORT.get(told.split()[0], told)
    if not others:
        return {gene: result(gene, "DPWG", phenotype)}
    pairs = ("*1/*8", "*1/*11", "*6/*8", "*8/*11")
    found = (result(gene, "DPWG", diplotype=pair) for pair in pairs if pair not in others)
    return {gene: next(one for one in found if one.phenotypes["DPWG"] == (phenotype,))}


@pytest.fixture(scope="module")
def dpwg(shared: Path) -> list[Row]:
    return tsv(shared / "reference" / "pgx" / "dpwg.tsv")


@pytest.fixture(scope="module")
def fda(shared: Path) -> list[Row]:
    return tsv(shared / "reference" / "pgx" / "fda_pgx_associations.tsv")


def dpwg_rows(case: Row, cases: list[Row]) -> list[Advice]:
    same = [one for one in cases if (one["drug"], one["gene"]) == (case["drug"], case["gene"])]
    others = [one["phenotype_or_genotype"] for one in same if "/" in one["phenotype_or_genotype"]]
    found = holding("DPWG", case["drug"], dpwg_person(case, others if case["gene"] == "CYP2C9" else []))
    return [row for row in found if case["gene"] in row.genes]


def test_every_row_of_dpwg_is_one_row_in_each_population(dpwg: list[Row]) -> None:
    for case in dpwg:
        name = (case["drug"], case["gene"], case["phenotype_or_genotype"])
        found = dpwg_rows(case, dpwg)
        assert found, name
        assert max(Counter(row.population for row in found).values()) == 1, name
        codes = [code.split()[0] for code in case["action_codes"].split("|")]
        allowed = NEWER.get(name) or set[str]().union(*(DPWG_ACTIONS[code] for code in codes))
        excepted = {row.id for row in found if row.population and row.action == "standard"}
        assert {row.action for row in found if row.id not in excepted} <= allowed, name


NEWER_AMOUNTS = {("phenytoin", "CYP2C9", "*1/*3"): {70.0}}  # ClinPGx annotation PA166104984, snapshot 2026-05-05


def test_every_amount_of_dpwg_is_told(dpwg: list[Row]) -> None:
    for case in dpwg:
        told = set[float]().union(*(numbers(row) for row in dpwg_rows(case, dpwg)))
        name = (case["drug"], case["gene"], case["phenotype_or_genotype"])
        asked = {float(text.rstrip(".")) for text in NUMBER.findall(case["amount"])}
        assert NEWER_AMOUNTS.get(name, asked) <= told, (*name, case["amount"])


def test_where_two_texts_of_dpwg_differ_the_newer_one_is_the_dose(dpwg: list[Row]) -> None:
    doses = {row.id: row.dose.low for row in rows_of("DPWG") if row.dose}
    newer = [case for case in dpwg if case["coding"] == "paper_abstract" and case["amount"][:1].isdigit()]
    by_hand = {
        "dpwg.amitriptyline.cyp2d6_pm": 60,
        "dpwg.amitriptyline.cyp2d6_um": 160,
        "dpwg.thioguanine.nudt15_im": 50,
    }
    assert {name: doses[name] for name in by_hand} == by_hand
    for case in newer:
        found = dpwg_rows(case, dpwg)
        assert {row.dose.low for row in found if row.dose} == {float(case["amount"].split("-")[0])}, case


FDA_GROUPS = {"ultrarapid": UM, "normal": NM, "intermediate": IM, "poor": PM}


def fda_people(case: Row) -> Iterator[Person]:
    """The people that a row of the table is about."""
    told, genes = case["affected_subgroup"], case["gene"].replace("Nonspecific (NAT)", "NAT2").split(";")
    for gene in genes:
        if found := re.match(r"(\*[\d:]+) allele positive", told):
            yield {gene: GeneResult(presence={found[1]: "positive"})}
        elif told.startswith("521"):
            yield from (
                {gene: result(gene, "FDA", f"{w} Function")} for w in ("Poor", "Decreased")[: 1 + ("TC" in told)]
            )
        elif told.endswith("variant carriers") and gene == "VKORC1":
            yield from ({gene: result(gene, "FDA", f"-1639 {pair}")} for pair in ("AG", "AA"))
        elif told.endswith("variant carriers"):
            yield from ({gene: result(gene, "FDA", diplotype=pair)} for pair in ("*1/*3", "*3/*3", "*2/*4"))
        elif gene == "CYP2C9" and case["drug"] in ("siponimod", "erdafitinib"):
            pairs = ("*3/*3",) if "*3/*3" in told else ("*1/*3", "*2/*3", "*3/*3", "*2/*2", "*1/*2")
            yield from ({gene: result(gene, "FDA", diplotype=pair)} for pair in pairs)
        elif "UGT2B17" in genes:
            yield {**{one: result(one, "FDA", NM) for one in genes}, gene: result(gene, "FDA", PM)}
        else:
            named = [phenotype for word, phenotype in FDA_GROUPS.items() if word in told.lower()]
            yield from ({gene: result(gene, "FDA", phenotype)} for phenotype in named)


FDA_ACTIONS = {
    "DOSE_REDUCE": {"reduce_dose"},
    "DOSE_MAX": {"reduce_dose"},
    "DOSE_ADJUST": {"reduce_dose", "calculate_dose", "monitor"},
    "ALTERNATIVE": {"alternative"},
    "AVOID": {"avoid", "contraindicated", "inform"},  # inform: in the population without the condition
    "NO_SAFE_DOSE": {"avoid"},
    "NO_DOSE_DATA": {"monitor"},
    "CONTRAINDICATED": {"contraindicated"},
    "CONTRAINDICATED_SUBGROUP(see label)": {"contraindicated", "inform", "avoid", "reduce_dose", "standard"},
    "CONTRAINDICATED_SUBGROUP": {"contraindicated", "inform"},
    "NO_CHANGE_ADULT": {"standard"},
    "MONITOR": {"monitor"},
    "CAUTION": {"monitor"},
    "TEST_DOSE": {"monitor"},
    "AVOID_AS_CARBAMAZEPINE_ALTERNATIVE": {"alternative"},
}
BY_LABEL = {
    "oxcarbazepine": {"avoid"},  # label: avoided unless the benefit outweighs
    "allopurinol": {"avoid"},  # label: the same
    "capecitabine": {"avoid", "calculate_dose"},  # label of 2025: set for each person where DPD is partly lacking
    "fluorouracil": {"avoid", "calculate_dose"},
    "codeine": {"contraindicated", "avoid", "inform"},  # label: ultrarapid should not use it; poor: known effect
    "tramadol": {"contraindicated", "avoid"},
    "galantamine": {"monitor"},  # table of 2026: tolerance decides
    "pantoprazole": {"reduce_dose", "standard"},
    "piroxicam": {"reduce_dose", "inform"},  # the table lowers it in poor metabolisers only
    "brivaracetam": {"reduce_dose", "inform"},  # the table asks for it in poor metabolisers only
    "clobazam": {"reduce_dose", "inform"},  # the label speaks of poor metabolisers
    "belzutifan": {"inform", "monitor"},  # to be watched where both genes are poor
    "mivacurium": {"avoid", "inform"},
    "siponimod": {"contraindicated", "reduce_dose", "standard"},  # label, by genotype
}
# Where the table of 2026 has another section than the reference, which was read before it.
SECTIONS = {("mavacamten", "CYP2C19"): 2, ("fosphenytoin", "HLA-B"): 1, ("phenytoin", "HLA-B"): 1}


def test_every_association_of_fda_is_one_row_in_each_population(fda: list[Row]) -> None:
    for case in fda:
        for person in fda_people(case):
            name = (case["drug"], case["gene"], tuple(person))
            found = [row for row in holding("FDA", case["drug"], person) if set(row.genes) & set(person)]
            assert found, name
            assert max(Counter(row.population for row in found).values()) == 1, name
            codes = [code.split(":")[0] for code in case["effect_codes"].split("|")]
            allowed = set[str]().union(*(FDA_ACTIONS.get(code, set()) for code in codes)) or {"inform"}
            assert {row.action for row in found} <= BY_LABEL.get(case["drug"], allowed), name
            section = SECTIONS.get((case["drug"], case["gene"])) or int(case["section"])
            assert {row.strength for row in found} == {("management", "safety", "exposure")[section - 1]}


def test_every_amount_of_fda_is_told(fda: list[Row]) -> None:
    for case in fda:
        told = {n for p in fda_people(case) for row in holding("FDA", case["drug"], p) for n in numbers(row)}
        amounts = re.sub(r"/m2", "", case["numbers"])
        assert {float(text) for text in NUMBER.findall(amounts)} <= told, (case["drug"], case["numbers"])


def test_every_number_of_the_dose_rules_of_dpwg_and_of_labels_is_told(shared: Path) -> None:
    cases = tsv(shared / "reference" / "pgx" / "dose_rules.tsv")
    ours = {"DPWG": "DPWG", "US": "FDA", "US/EU": "FDA", "FDA": "FDA"}
    checked = 0
    for case in cases:
        if (body := ours.get(re.split(r"[ /]label| ", case["source"])[0])) is None or "EU/Gulf" in case["condition"]:
            continue
        told = set[float]().union(*(numbers(row) for row in rows_of(body, case["drug"])))
        asked = {float(text) for text in NUMBER.findall(case["value"].replace("mg/m2", ""))}
        if case["kind"] == "multiplier":
            asked = {100 * value for value in asked}
        assert asked <= told, (case["drug"], case["condition"], case["value"])
        checked += bool(asked)
    assert checked >= 30


def test_aripiprazole_added_in_depression_keeps_its_dose() -> None:
    """Abilify, section 2.7: half the dose in poor metabolisers, but not as an addition in major depression."""
    (row,) = holding("FDA", "aripiprazole", {"CYP2D6": result("CYP2D6", "FDA", PM)})
    assert row.dose is not None
    assert (row.dose.text, row.action) == ("50%", "reduce_dose")
    assert any("depression" in note and "usual dose" in note for note in row.notes)
