"""Advice that depends on what else is taken: who meets its condition, what it replaces, and who is named."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from precision.__main__ import main
from precision.pgx.advice import advice
from precision.pgx.clinical import shifted
from precision.pgx.conditions import FALSE, TRUE, UNKNOWN
from precision.pgx.drugs import resolve
from precision.pgx.functions import rules_of
from precision.pgx.populations import Beside, beside, needs, own_enzymes

PLACE = "chr10\t94761900\trs12248560\tC\tT\t.\tPASS\t.\tGT\t0/0\n"
HEADER = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n"
Lines = list[dict[str, object]]
Ask = Callable[..., Lines]


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ask:
    def asked(results: str, drug: str, medicines: str | None) -> Lines:
        """The lines on a drug, 'CYP2D6 *1/*4; ...' by a laboratory and 'paroxetine, ketoconazole' on the list."""
        (tmp_path / "a.vcf").write_text(HEADER + PLACE)
        rows = [one.split() for one in results.split(";") if one.strip()]
        (tmp_path / "o.tsv").write_text(
            "sample\tgene\tdiplotype\n" + "".join(f"S1\t{gene}\t{pair}\n" for gene, pair in rows)
        )
        arguments = ["--build", "38", "--outside-calls", str(tmp_path / "o.tsv"), "--drugs", drug]
        if medicines is not None:
            (tmp_path / "m.tsv").write_text("drug\n" + "".join(f"{one.strip()}\n" for one in medicines.split(",")))
            arguments += ["--medications", str(tmp_path / "m.tsv")]
        monkeypatch.setattr(sys, "argv", ["precision", "pgx", "advise", str(tmp_path / "a.vcf"), *arguments])
        with pytest.raises(SystemExit):
            main()
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return asked


def said(lines: Lines, body: str) -> list[tuple[object, object, object]]:
    """Population, action and basis of each line of a body."""
    return [(one["population"], one["action"], one["basis"]) for one in lines if one["source"] == body]


MET = [
    # label of Cerdelga, section 7.1, Table 5; DPWG PA166182823
    ("CYP2D6 *4/*4", "eliglustat", "ketoconazole", "FDA", "contraindicated", None),
    ("CYP2D6 *4/*4", "eliglustat", "ketoconazole", "DPWG", "contraindicated", None),
    ("CYP2D6 *4/*4", "eliglustat", "fluconazole", "FDA", "avoid", None),
    ("CYP2D6 *1/*4", "eliglustat", "paroxetine, ketoconazole", "FDA", "contraindicated", None),
    ("CYP2D6 *1/*4", "eliglustat", "paroxetine, ketoconazole", "DPWG", "contraindicated", None),
    ("CYP2D6 *1/*4", "eliglustat", "paroxetine", "FDA", "reduce_dose", "84 mg once daily"),
    ("CYP2D6 *1/*1", "eliglustat", "ketoconazole", "FDA", "reduce_dose", "84 mg once daily"),
    ("CYP2D6 *1/*1", "eliglustat", "terbinafine, fluconazole", "FDA", "contraindicated", None),
    ("CYP2D6 *1/*1", "eliglustat", "carbamazepine", "FDA", "avoid", None),
    # DPWG PA166418081; label of Camzyos of 2025, sections 4 and 7.1
    ("CYP2C19 *2/*2", "mavacamten", "clarithromycin", "DPWG", "contraindicated", None),
    ("CYP2C19 *2/*2", "mavacamten", "fluconazole", "DPWG", "reduce_dose", "2.5 mg/day"),
    ("CYP2C19 *1/*1", "mavacamten", "fluvoxamine", "FDA", "contraindicated", None),
    ("CYP2C19 *1/*1", "mavacamten", "carbamazepine", "FDA", "contraindicated", None),
    ("CYP2C19 *1/*1", "mavacamten", "ketoconazole", "FDA", "reduce_dose", "2.5 mg/day"),
    ("CYP2C19 *1/*1", "mavacamten", "omeprazole", "FDA", "monitor", "5 mg/day"),
    # labels of Abilify (section 2.7), Rexulti (section 2) and Mayzent (sections 7.5 and 7.6)
    ("CYP2D6 *4/*4", "aripiprazole", "ketoconazole", "FDA", "reduce_dose", "25%"),
    ("CYP2D6 *1/*1", "aripiprazole", "paroxetine, ketoconazole", "FDA", "reduce_dose", "25%"),
    ("CYP2D6 *4/*4", "brexpiprazole", "fluconazole", "FDA", "reduce_dose", "25%"),
    ("CYP2D6 *1/*1", "brexpiprazole", "duloxetine, ketoconazole", "FDA", "reduce_dose", "25%"),
    ("CYP2D6 *1/*1", "brexpiprazole", "paroxetine", "FDA", "reduce_dose", "50%"),
    ("CYP2C9 *1/*1", "siponimod", "fluconazole", "FDA", "avoid", None),
    ("CYP2C9 *1/*1", "siponimod", "rifampicin", "FDA", "avoid", None),
    ("CYP2C9 *1/*1", "siponimod", "carbamazepine", "FDA", "avoid", None),
    ("CYP2C9 *1/*3", "siponimod", "efavirenz", "FDA", "avoid", None),
    # label of Seroquel as Sampson 2019 cites it (doi:10.1002/jcph.1345): six times less
    ("CYP3A4 *1/*1", "quetiapine", "ketoconazole", "FDA", "reduce_dose", "16.7%"),
    ("CYP3A5 *1/*1", "tacrolimus", "clarithromycin", "FDA", "reduce_dose", None),
    # FDA table of 2026: with a CYP3A4 inhibitor
    ("CYP2D6 *4/*4", "propafenone", "ketoconazole", "FDA", "avoid", None),
    ("CYP2D6 *1x2/*1", "codeine", "clarithromycin", "DPWG", "contraindicated", None),
]


@pytest.mark.parametrize(("results", "drug", "medicines", "body", "action", "dose"), MET)
def test_a_condition_that_the_list_meets_is_the_answer_of_its_body(
    ask: Ask, results: str, drug: str, medicines: str, body: str, action: str, dose: str | None
) -> None:
    """The row counts as met, stands alone for its body, and names what causes it."""
    found = ask(results, drug, medicines)
    (line,) = (one for one in found if one["source"] == body)
    assert "fluconazole, moderate inhibitor of CYP2C9 and fluconazole" not in str(line["reason"])
    assert line["action"] == action
    told = line["dose"]
    assert (told["text"] if isinstance(told, dict) else None) == dose
    reason, because = str(line["reason"]), str(line["because"])
    assert not reason.startswith(("If:", "For:"))
    for name in medicines.replace("rifampicin", "rifampin").split(", "):
        assert name in reason or line["basis"] == "clinical"
        assert name in because or line["basis"] == "clinical"
        assert any(name in one for one in line["interacting"])  # type: ignore[attr-defined]  # a list of texts


@pytest.mark.parametrize(
    ("results", "drug", "medicines"),
    [
        ("CYP2C19 *1/*1", "mavacamten", "fluvoxamine"),
        ("CYP2C19 *1/*1", "mavacamten", "rifampicin"),
        ("CYP2C9 *1/*1", "siponimod", "fluconazole"),
        ("CYP2D6 *1x2/*1", "eliglustat", "paroxetine"),
        ("CYP3A4 *1/*1", "quetiapine", "ketoconazole"),
    ],
)
def test_where_rows_name_inhibitors_of_an_enzyme_nothing_is_shifted(
    ask: Ask, results: str, drug: str, medicines: str
) -> None:
    found = ask(results, drug, medicines)
    assert {one["basis"] for one in found} == {"genotype"}
    assert found[0]["severity"] in ("Avoid", "Change dose")


def test_eliglustat_stays_off_in_ultrarapid_metabolisers_with_an_inhibitor(ask: Ask) -> None:
    """FDA and DPWG do not give it to ultrarapid metabolisers, whatever else is taken."""
    found = ask("CYP2D6 *1x2/*1", "eliglustat", "paroxetine")
    assert {(one["source"], one["severity"]) for one in found} == {("FDA", "Avoid"), ("DPWG", "Avoid")}


def test_a_list_that_shows_that_a_condition_is_not_met_takes_the_row_away(ask: Ask) -> None:
    plain, none, unread = (ask("CYP2D6 *4/*4", "propafenone", one) for one in ("ibuprofen", None, "snake oil"))
    assert said(plain, "FDA") == [("without_cyp3a4_inhibitor", "inform", "genotype")]
    assert "If:" not in str([one["reason"] for one in plain])
    for unsure in (none, unread):
        assert [one[:2] for one in said(unsure, "FDA")] == [
            ("with_cyp3a4_inhibitor", "avoid"),
            ("without_cyp3a4_inhibitor", "inform"),
        ]
        assert str(unsure[0]["reason"]).startswith("If: with a CYP3A4 inhibitor.")


def test_an_inhibitor_rules_out_the_row_for_those_without_risk(ask: Ask) -> None:
    """DPWG: up to 20 mg without further risk factors; an inhibitor of CYP3A4 is one."""
    with_one, without = (ask("CYP2D6 *1x2/*1", "codeine", one) for one in ("clarithromycin", "ibuprofen"))
    assert [one[0] for one in said(with_one, "DPWG")] == ["codeine_high_dose_or_risk"]
    assert [one[0] for one in said(without, "DPWG")] == ["codeine_high_dose_or_risk", "codeine_low_dose"]
    assert all(str(one["reason"]).startswith("If:") for one in without if one["source"] == "DPWG")


def test_clopidogrel_and_omeprazole_name_each_other(ask: Ask) -> None:
    """Label of Plavix, section 7: not with omeprazole or esomeprazole; the advice by genotype stays beside it."""
    found = ask("CYP2C19 *2/*2", "clopidogrel,omeprazole", "clopidogrel, omeprazole")
    (first,) = (one for one in found if one["action"] == "not_together")
    assert first["text"] == "Do not give clopidogrel with omeprazole or esomeprazole"
    assert first["interacting"] == ["omeprazole"]
    assert ("everyone", "alternative", "genotype") in said(found, "FDA")
    (other,) = (one for one in found if one["drug"] == "omeprazole" and one["source"] == "FDA")
    assert (other["severity"], other["interacting"]) == ("Change", ["clopidogrel"])
    alone = ask("CYP2C19 *2/*2", "omeprazole", "omeprazole")
    assert not [one for one in alone if one["population"] == "with_clopidogrel"]


def test_rows_that_name_alleles_stay_as_by_genotype(ask: Ask) -> None:
    """DPWG's 70% of phenytoin is for *1/*3, and no evidence on a shifted phenotype."""
    for drug, medicine, dose in (("phenytoin", "fluconazole", "70%"), ("warfarin", "rifampicin", "65%")):
        told = [one for one in ask("CYP2C9 *1/*3", drug, medicine) if "CYP2C9" in str(one["genes"])]
        (mine,) = (one for one in told if one["source"] == "DPWG")
        told = mine["dose"]
        assert (mine["basis"], told["text"] if isinstance(told, dict) else None) == ("genotype", dose)
        assert "DPWG goes by the alleles of CYP2C9, which no medicine changes." in str(mine["reason"])


@pytest.mark.parametrize(
    ("pair", "cpic", "dpwg"),
    [("*1/*1", "alternative", "standard"), ("*1/*17", "alternative", "increase_dose")],
)
def test_one_step_up_to_rapid_is_normal_for_dpwg(ask: Ask, pair: str, cpic: str, dpwg: str) -> None:
    """DPWG reads CPIC's Rapid as Normal, from a laboratory as after a step."""
    found = [one for one in ask(f"CYP2C19 {pair}", "voriconazole", "phenytoin") if one["basis"] == "clinical"]
    assert [one["action"] for one in found if one["population"] == "adults"] == [cpic]
    assert [one["action"] for one in found if one["source"] == "DPWG"] == [dpwg]


def test_steps_of_a_body_without_rapid() -> None:
    dpwg = next(one for one in rules_of("CYP2C19") if one.body == "DPWG")
    steps = {("Normal", 1): "Normal", ("Rapid", 1): "Ultrarapid", ("Rapid", -1): "Normal", ("Ultrarapid", -1): "Normal"}
    for (name, step), then in steps.items():
        assert shifted(dpwg, f"{name} Metabolizer", "", 1, step)[0] == f"{then} Metabolizer"


def test_a_strong_inhibitor_of_cyp2d6_counts_where_nobody_was_tested(ask: Ask) -> None:
    """CPIC 2021 (doi:10.1002/cpt.2149): a strong inhibitor makes the activity score 0, whatever the genotype."""
    strong, moderate = (ask("CYP2C19 *1/*1", "codeine", one) for one in ("paroxetine", "duloxetine"))
    (first,) = (one for one in strong if one["source"] == "CPIC" and one["basis"] == "clinical")
    assert (first["severity"], first["determined_by"]) == ("Avoid", "certain")
    assert "Poor metaboliser (by genotype not known)" in str(first["because"])
    (by_genotype,) = (one for one in strong if one["source"] == "CPIC" and one["basis"] == "genotype")
    assert by_genotype["severity"] == "Not determined"
    assert {one["severity"] for one in moderate} == {"Not determined"}


# --- who belongs


def test_what_the_genes_forbid_stays_forbidden_beside_an_interaction(ask: Ask) -> None:
    """Label of siponimod: contraindicated in CYP2C9 *3/*3, also for those who could stop carbamazepine."""
    lines = ask("CYP2C9 *3/*3", "siponimod", "siponimod, carbamazepine")
    fda = {(line["population"], line["action"]) for line in lines if line["source"] == "FDA"}
    assert fda == {("everyone", "contraindicated"), ("with_carbamazepine", "avoid")}
    assert lines[0]["population"] == "everyone"


def test_what_liver_and_kidneys_forbid_is_said_with_an_inhibitor_too(ask: Ask) -> None:
    """Label of eliglustat: with paroxetine mild liver impairment rules it out."""
    (line,) = [one for one in ask("CYP2D6 *1/*1", "eliglustat", "eliglustat, paroxetine") if one["source"] == "FDA"]
    assert line["text"] == "Maintain eliglustat at 84 mg once daily"
    assert "Mild liver impairment with a moderate or strong CYP2D6 inhibitor: eliglustat is contraindicated." in str(
        line["reason"]
    )
    assert "With end-stage kidney disease eliglustat is avoided" in str(line["reason"])


def test_an_answer_by_the_genotype_alone_says_what_it_does_not_count(ask: Ask) -> None:
    """DPWG has no row for normal metabolisers who take an inhibitor; FDA has."""
    (line,) = [one for one in ask("CYP2D6 *1/*1", "eliglustat", "eliglustat, paroxetine") if one["source"] == "DPWG"]
    assert (line["action"], line["determined_by"]) == ("standard", "partial")
    told = "By the genotype alone: paroxetine, strong inhibitor of CYP2D6, is not counted."
    assert str(line["reason"]).startswith(told)
    (line,) = [one for one in ask("CYP2D6 *1/*1", "eliglustat", "eliglustat") if one["source"] == "DPWG"]
    assert (line["determined_by"], told in str(line["reason"])) == ("certain", False)


def test_populations_that_are_told_different_things_are_told_apart(ask: Ask) -> None:
    """CPIC on atomoxetine: 40 mg a day for adults, 0.5 mg/kg for children; on clopidogrel other drugs instead."""
    for results, drug in (("CYP2D6 *1/*1", "atomoxetine"), ("CYP2C19 *2/*2", "clopidogrel")):
        lines = [one for one in ask(results, drug, None) if one["source"] == "CPIC"]
        assert len(lines) > 1
        assert all(str(one["reason"]).startswith("If: ") for one in lines)


def of(*lists: str, local: bool = False, complete: bool = True, planned: tuple[str, ...] = ()) -> Beside:
    """What is beside a medicine for people with these lists, 'paroxetine, ketoconazole'."""
    pairs = [(index, one.strip()) for index, drugs in enumerate(lists) for one in drugs.split(",") if one.strip()]
    found = resolve([f"{name} cream" if local else name for _, name in pairs], [""] * len(pairs))
    person = np.array([index for index, _ in pairs], np.intp)
    later = np.array([name in planned for _, name in pairs], np.bool_)
    days = np.where(later, np.nan, 0.0)
    return beside(found, person, (days, later), np.full(len(lists), np.nan), np.full(len(lists), complete))


def truth(told: Beside, population: str, drug: str = "eliglustat") -> list[int]:
    return told.truth(population, drug).tolist()


def test_levels_between_two_bounds() -> None:
    told = of("ketoconazole", "fluconazole", "cimetidine", "ibuprofen")  # FDA: strong, moderate, weak, none
    assert truth(told, "with_strong_cyp3a4_inhibitor") == [TRUE, FALSE, FALSE, FALSE]
    assert truth(told, "with_moderate_cyp3a4_inhibitor") == [FALSE, TRUE, FALSE, FALSE]
    assert truth(told, "with_weak_moderate_cyp3a4_inhibitor") == [FALSE, TRUE, TRUE, FALSE]
    assert truth(told, "with_cyp3a4_inhibitor") == [TRUE, TRUE, TRUE, FALSE]
    assert truth(told, "without_cyp3a4_inhibitor") == [FALSE, FALSE, FALSE, TRUE]


def test_all_that_a_population_needs_is_needed() -> None:
    told = of("paroxetine, ketoconazole", "paroxetine", "ketoconazole", "terbinafine, fluconazole")
    assert truth(told, "with_cyp2d6_and_cyp3a4_inhibitors") == [TRUE, FALSE, FALSE, TRUE]
    assert told.causes("with_cyp2d6_and_cyp3a4_inhibitors", "eliglustat", 0) == (
        "paroxetine, strong inhibitor of CYP2D6",
        "ketoconazole, strong inhibitor of CYP3A4",
    )
    assert told.causes("with_cyp2d6_and_cyp3a4_inhibitors", "eliglustat", 1) == ()


def test_only_a_whole_list_shows_that_nothing_is_taken() -> None:
    for told in (of("", complete=False), of("ketoconazole", local=True), of("ketoconazole", planned=("ketoconazole",))):
        assert truth(told, "with_strong_cyp3a4_inhibitor") == [UNKNOWN]
        assert truth(told, "without_cyp3a4_inhibitor") == [UNKNOWN]
    assert truth(of(""), "with_strong_cyp3a4_inhibitor") == [FALSE]


def test_what_is_planned_is_known_by_its_strength() -> None:
    """FDA: ketoconazole is a strong inhibitor, fluconazole a moderate one."""
    told = of("ketoconazole", "fluconazole, ketoconazole", planned=("ketoconazole",))
    assert truth(told, "with_weak_moderate_cyp3a4_inhibitor") == [FALSE, TRUE]
    assert truth(told, "with_strong_cyp3a4_inhibitor") == [UNKNOWN, UNKNOWN]
    assert truth(told, "without_cyp3a4_inhibitor") == [UNKNOWN, FALSE]
    unsure = of("fluconazole, snake oil")
    assert truth(unsure, "with_strong_cyp3a4_inhibitor") == [UNKNOWN]
    assert truth(unsure, "with_weak_cyp2c19_inhibitor") == [FALSE]  # a strong one already


def test_a_list_that_does_not_name_a_medicine_shows_that_it_is_not_taken() -> None:
    """Another name on it that is not understood could be an inhibitor, but hardly omeprazole."""
    told = of("clopidogrel, snake oil", "clopidogrel, omeprazole", "", complete=False)
    assert truth(told, "with_omeprazole_or_esomeprazole", "clopidogrel") == [FALSE, TRUE, UNKNOWN]
    assert truth(told, "with_strong_cyp3a4_inhibitor", "clopidogrel") == [UNKNOWN, FALSE, UNKNOWN]


def test_enough_and_needed_are_told_apart() -> None:
    told = of("ketoconazole", "ibuprofen")
    assert truth(told, "codeine_high_dose_or_risk", "codeine") == [TRUE, UNKNOWN]
    assert truth(told, "codeine_low_dose", "codeine") == [FALSE, UNKNOWN]


def test_a_medicine_is_not_beside_itself() -> None:
    told = of("ketoconazole")
    assert truth(told, "with_strong_cyp3a4_inhibitor", "ketoconazole") == [FALSE]
    assert truth(of("omeprazole"), "with_omeprazole_or_esomeprazole", "omeprazole") == [FALSE]


def test_a_person_does_not_influence_another() -> None:
    many = of("ketoconazole", "ibuprofen", "fluconazole")
    for place in range(3):
        part = many.take(np.array([place]))
        for population in needs():
            assert part.truth(population, "siponimod").tolist() == [many.truth(population, "siponimod")[place]]
    assert many.take(np.array([2, 0])).causes("with_cyp3a4_inhibitor", "siponimod", 1) == (
        "ketoconazole, strong inhibitor of CYP3A4",
    )


def test_every_population_that_is_told_by_what_is_taken_has_a_row_and_its_enzymes() -> None:
    assert set(needs()) == {row.population for row in advice()} & set(needs())
    assert own_enzymes("eliglustat") == {"CYP2D6", "CYP3A4"}
    assert own_enzymes("clopidogrel") == frozenset()
    assert own_enzymes("propafenone") == {"CYP3A4"}  # its rows by CYP2D6 are still shifted
