"""Medicine lists: what a row names by code, name, brand and spelling, and that nothing is dropped."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from precision.errors import InputError
from precision.io.medication_list import read_medications
from precision.knowledge.table import read
from precision.pgx.drugnames import COMBINED, codes, combined, drugs, names, phrases
from precision.pgx.drugs import HOW, ingredients, not_understood, reading, resolve

ROOT = Path(__file__).resolve().parents[1]
ONE_SPELLING = {  # the reference writes these two ways; they are one combination here
    "sulfamethoxazole/trimethoprim": "sulfamethoxazole / trimethoprim",
    "lopinavir/ritonavir": "lopinavir / ritonavir",
    "glecaprevir/pibrentasvir": "glecaprevir / pibrentasvir",
    "ombitasvir/paritaprevir/ritonavir": "ombitasvir / paritaprevir / ritonavir",
}
NO_MEDICINE = "tobacco smoking"


def named(text: str, code: str = "") -> list[str]:
    return [name for name, _ in reading(text, code).ingredients]


def reference(shared: Path, table: str) -> list[dict[str, str]]:
    with (shared / "reference" / "pgx" / table).open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


def test_every_medicine_of_the_reference_is_recognised_by_name_code_and_brand(shared: Path) -> None:
    rows = [row for row in reference(shared, "drugs.tsv") if row["ingredient"] != NO_MEDICINE]
    assert len(rows) == 348
    for row in rows:
        name = ONE_SPELLING.get(row["ingredient"], row["ingredient"])
        assert name in named(row["ingredient"]), row
        if row["rxnorm_ingredient"]:
            assert named("", f"RXNORM:{row['rxnorm_ingredient']}")[0] == name, row
            assert drugs()[name].rxnorm_verified or row["rxnorm_status"] != "V", row
        for brand in filter(None, (part.strip() for part in row["brand_names"].split(","))):
            assert dict(reading(brand).ingredients).get(name) == "brand", row


def test_every_medicine_that_a_guideline_names_has_a_row(shared: Path) -> None:
    for table in ("recommendations.tsv", "dpwg.tsv", "fda_pgx_associations.tsv"):
        assert {row["drug"] for row in reference(shared, table)} <= set(names())


@pytest.mark.parametrize("body", ["cpic", "dpwg", "fda"])
def test_every_medicine_and_alternative_that_the_advice_names_has_a_row(body: str) -> None:
    path = ROOT / "precision" / "knowledge" / body / "advice.csv"
    rows = pd.read_csv(path, dtype="str", keep_default_na=False, comment="#")
    offered = {name for cell in rows["alternatives"] for name in cell.split(";") if name and ":" not in name}
    assert {*rows["drug"], *offered} <= set(names())


def test_the_sample_cohort_is_recognised_in_full_and_without_a_remark() -> None:
    rows = pd.read_csv(ROOT / "sample_data" / "tables" / "medications.csv", dtype="str", keep_default_na=False)
    none = [""] * len(rows)
    for drug, code in ((rows["drug"], rows["code"]), (rows["drug"], none), (none, rows["code"])):
        found = resolve(drug, code)
        assert found.recognised.all()
        assert not found.reason.any()
        assert [names()[number] for number in found.ingredient] == rows["drug"].tolist()


def test_what_the_synthetic_cohort_may_take_agrees_in_name_rxnorm_and_atc() -> None:
    path = ROOT / "precision" / "synth" / "medications.csv"
    for row in pd.read_csv(path, dtype="str", keep_default_na=False, comment="#").to_dict("records"):
        drug = drugs()[str(row["drug"])]
        assert f"RXNORM:{drug.rxnorm}" == row["code"]
        assert row["atc"] in drug.atc


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("metoprolol succinate 50 mg ER tablet", ["metoprolol"]),
        ("METOPROLOL TARTRATE", ["metoprolol"]),
        ("Toprol-XL 100", ["metoprolol"]),
        ("amlodipine-atorvastatin 5/20", ["amlodipine", "atorvastatin"]),
        ("Ciclosporin capsules", ["cyclosporine"]),
        ("rifampicin", ["rifampin"]),
        ("glyburide", ["glibenclamide"]),
        ("paracetamol 500mg", ["acetaminophen"]),
        ("St. John’s Wort", ["st johns wort"]),
        ("5-FU", ["fluorouracil"]),
        ("5-ASA enema", ["mesalamine"]),
        ("esomeprazole", ["esomeprazole"]),
        ("Amifampridine Phosphate", ["amifampridine phosphate"]),
        ("Tylenol with codeine #3", ["acetaminophen", "codeine"]),
        ("phenytoïn", ["phenytoin"]),
        ("Tenofovir alafenamide 25 mg", ["tenofovir"]),
        ("peginterferon alpha-2a", ["peginterferon alfa-2a"]),
        ("Genvoya", ["tenofovir", "cobicistat", "elvitegravir"]),  # it also holds emtricitabine, which has no row
    ],
)
def test_spellings_salts_forms_and_brands_lead_to_the_ingredient(text: str, expected: list[str]) -> None:
    assert named(text) == expected


@pytest.mark.parametrize(
    "text", ["sulfamethoxazole / trimethoprim", "Trimethoprim 160 mg/sulfamethoxazole 800 mg", "SMX-TMP DS", "Bactrim"]
)
def test_a_fixed_combination_gives_its_ingredients_and_itself(text: str) -> None:
    assert set(named(text)) == {"sulfamethoxazole / trimethoprim", "sulfamethoxazole", "trimethoprim"}


def test_a_brand_is_labelled_as_such_and_a_code_that_was_recalled_too() -> None:
    found = resolve(["Plavix", "clopidogrel", "Plavix", ""], ["", "", "RXNORM:32968", "RXNORM:407990"])  # cinacalcet
    assert [HOW[number] for number in found.how] == ["brand", "name", "rxnorm", "rxnorm"]
    assert found.verified.tolist() == [True, True, True, False]


def test_a_row_that_is_not_recognised_stays_and_says_why() -> None:
    found = resolve(["warfarin", "unobtainium", "", "codeine allergy"], ["", "", "", ""]).frame()
    assert found["row"].tolist() == [0, 1, 2, 3]
    assert found["ingredient"].tolist() == ["warfarin", "", "", ""]
    assert "unobtainium" in found["reason"][1]
    assert "neither a name nor a code" in found["reason"][2]
    assert "allergy" in found["reason"][3]


def test_a_word_of_a_combination_that_is_not_known_is_told() -> None:
    found = reading("amlodipine / fooprazole 5 mg")
    assert found.ingredients == (("amlodipine", "name"),)
    assert "fooprazole" in found.reason


def test_a_code_and_a_name_that_contradict_are_both_reported() -> None:
    found = reading("warfarin", "RXNORM:2670")  # 2670 is codeine in CPIC's table of drugs
    assert found.ingredients == (("codeine", "rxnorm"), ("warfarin", "name"))
    assert found.reason == "the code stands for codeine, the name for warfarin; correct one of them"


def test_a_code_of_one_ingredient_of_a_combination_is_no_contradiction() -> None:
    found = reading("amlodipine / atorvastatin", "RXNORM:83367")
    assert dict(found.ingredients) == {"atorvastatin": "rxnorm", "amlodipine": "name"}
    assert not found.reason


def test_an_unknown_code_leaves_the_name_to_speak() -> None:
    assert reading("Simvastatin 20 MG Oral Tablet", "RXNORM:312961").ingredients == (("simvastatin", "name"),)


def test_an_atc_code_of_two_salts_is_settled_by_the_name_or_is_the_plain_one() -> None:
    assert named("", "ATC:N07XX05") == ["amifampridine"]
    assert named("amifampridine phosphate", "ATC:N07XX05") == ["amifampridine phosphate"]


def test_a_form_that_acts_where_it_is_applied_is_marked() -> None:
    texts = ["ketoconazole shampoo", "ketoconazole 200 mg tablet", "", "miconazole oral gel"]
    assert resolve(texts, ["", "", "ATC:S01AE03", ""]).local.tolist() == [True, False, True, False]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Plavix", {"clopidogrel"}),
        (" PLAVIX 75 mg ", {"clopidogrel"}),
        ("ATC:B01AC04", {"clopidogrel"}),
        ("atc: n02ax02", {"tramadol"}),
        ("N02AX02", {"tramadol"}),
        ("2670", {"codeine"}),
        ("rxcui:2670", {"codeine"}),
        ("lopinavir/ritonavir", {"lopinavir / ritonavir", "lopinavir", "ritonavir"}),
        ("amlodipine-atorvastatin", {"amlodipine", "atorvastatin"}),
        ("Epzicom", {"abacavir", "lamivudine"}),
        ("abacavir/lamivudine", {"abacavir", "lamivudine"}),
        ("Trizivir", {"abacavir", "lamivudine", "zidovudine"}),
        ("Co-codamol 30/500", {"codeine", "acetaminophen"}),
        ("Vytorin", {"simvastatin", "ezetimibe"}),
        ("Paxlovid", {"nirmatrelvir", "ritonavir"}),
        ("Contrave", {"naltrexone", "bupropion"}),
    ],
)
def test_a_question_and_a_row_of_a_list_name_the_same_substances(text: str, expected: set[str], tmp_path: Path) -> None:
    assert {one.name for one in ingredients(text)} == expected
    path = tmp_path / "list.txt"
    path.write_text(f"{text}\n")
    row = read_medications(path, ["S1"]).iloc[0]
    assert set(named(row["drug"], row["code"])) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("omeprazol", r"'omeprazol' is not one of .*near it: omeprazole, esomeprazole"),
        ("clopidogrell 75 mg", r"'clopidogrell 75 mg' is not one of .*near it: clopidogrel"),
        (
            "abacavir/lamivudin",
            r"'abacavir/lamivudin' is not wholly understood: 'lamivudin'; near it: lamivudine, or leave",
        ),
        ("codeine allergy", r"medicine 'codeine allergy': the text says 'allergy'"),
        ("N02AC52", r"medicines that are known has the code ATC:N02AC52; write its name"),
        ("99999999", r"that are known has the code RXNORM:99999999; write its name"),
        ("N02A", r"medicine 'N02A' is not one of"),
        ("75 mg", r"medicine '75 mg' is not one of .*write the ingredient in English"),
    ],
)
def test_a_question_that_is_not_wholly_understood_is_refused_with_near_names(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        ingredients(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("des-venlafaxine", {"desvenlafaxine"}),
        ("dex-lansoprazole", {"dexlansoprazole"}),
        ("S-citalopram", {"escitalopram"}),
        ("(S)-Citalopram 10 mg", {"escitalopram"}),
        ("es omeprazole", {"esomeprazole"}),
        ("ar\N{NON-BREAKING HYPHEN}modafinil", {"armodafinil"}),
        ("levo-thyroxine", {"levothyroxine"}),
        ("L-thyroxine", {"levothyroxine"}),
        ("hydroxy-chloroquine", {"hydroxychloroquine"}),
        ("methyl-prednisolone", {"methylprednisolone"}),
        ("para-cetamol", {"acetaminophen"}),
        ("acetyl-salicylic acid", {"aspirin"}),
        ("peg-interferon alfa-2a", {"peginterferon alfa-2a"}),
        ("lithium-carbonate", {"lithium"}),
        ("oral-codeine", {"codeine"}),
        ("HYDROcodone 5 mg-acetaminophen 325 mg oral tablet", {"hydrocodone", "acetaminophen"}),
        ("losartan 50-hydrochlorothiazide 12.5", {"losartan", "hydrochlorothiazide"}),
        ("metoprolol-er, 25 \N{MICRO SIGN}g b.i.d. p.r.n.", {"metoprolol"}),
        ("codeine 15 mg tablet(s), sugar free, x2/d", {"codeine"}),
        ("Tylenol No. 3", {"acetaminophen", "codeine"}),
    ],
)
def test_a_name_in_pieces_or_with_another_prefix_is_that_substance(text: str, expected: set[str]) -> None:
    assert {one.name for one in ingredients(text)} == expected


@pytest.mark.parametrize("before", ["nor", "pro", "R", "N", "L", "dl", "rac", "6", "4-hydroxy", "iso", "(R,S)", "anti"])
@pytest.mark.parametrize("name", ["codeine", "clopidogrel", "citalopram", "warfarin", "methadone", "voriconazole"])
def test_an_unknown_prefix_makes_another_substance_of_a_name(before: str, name: str) -> None:
    assert named(f"{before}-{name}") == []
    with pytest.raises(InputError, match=rf"(?s){name}.* (is not one of|is not the medicine itself|'r')"):
        ingredients(f"{before}-{name} 30 mg")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("codeine-d3", "codeine-d3"),
        ("clozapine N-oxide", "oxide"),
        ("codeine-6-glucuronide", "glucuronide"),
        ("4-hydroxy tamoxifen", "hydroxy"),
        ("codeine antibody", "antibody"),
        ("codeine test", "test"),
        ("codeine-free", "free"),
        ("stop codeine", "stop"),
        ("codeine (held)", "held"),
        ("d/c codeine", "dc"),
        ("no codeine", "no"),
        ("not taking codeine", "not"),
        ("codeine (allergy)", "allergy"),
        ("kein codeine", "kein"),
    ],
)
def test_what_is_not_the_medicine_or_not_taken_is_never_judged(text: str, word: str) -> None:
    assert named(text) == []
    assert f"'{word}'" in not_understood(text)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("ran out of codeine", "ran"),
        ("codeine or tramadol", "or"),
        ("codeine -> tramadol", "->"),
        ("codeine?", "?"),
        ("vitamin B codeine", "b"),
        ("R warfarin", "r"),
        ("l methadone", "l"),
        ("CYP2D6 codeine", "cyp"),
        ("codeine \N{GREEK SMALL LETTER BETA}", "\N{GREEK SMALL LETTER BETA}"),
        ("promethazine-codeine", "promethazine"),  # another medicine, which is not known here
    ],
)
def test_a_short_or_foreign_word_beside_a_name_is_no_filler(text: str, word: str) -> None:
    assert word in reading(text).unread
    with pytest.raises(InputError, match="is not wholly understood"):
        ingredients(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("omeprazole AL 20", "omeprazole"),
        ("Tramadol-CT 100", "tramadol"),
        ("Tramadol LP 100 mg", "tramadol"),
        ("citalopram 1A Pharma", "citalopram"),
        ("citalopram Dr. Reddy's Filmtabletten", "citalopram"),
        ("citalopram HBr 20 mg nightly", "citalopram"),
        ("clopidogrel-ratiopharm", "clopidogrel"),
        ("codeine 30 mg for pain", "codeine"),
        ("ondansetron 4 mg pre-op", "ondansetron"),
        ("nitrofurantoin macrocrystal", "nitrofurantoin"),
        ("buffered aspirin", "aspirin"),
        ("non-enteric aspirin", "aspirin"),
        ("EC-aspirin", "aspirin"),
        ("ER-metoprolol", "metoprolol"),
        ("XR-venlafaxine", "venlafaxine"),
        ("DR-omeprazole", "omeprazole"),
        ("IV-ondansetron", "ondansetron"),
        ("PO-codeine", "codeine"),
    ],
)
def test_makers_and_forms_beside_a_name_are_understood(text: str, expected: str) -> None:
    assert (named(text), not_understood(text)) == ([expected], "")


@pytest.mark.parametrize("text", ["od-codeine", "al-codeine", "non-codeine", "nor-codeine", "pre-codeine"])
def test_other_short_words_before_a_hyphen_stay_a_part_of_the_name(text: str) -> None:
    assert named(text) == []


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("L-methadone", "methadone"),
        ("levomethadone", "methadone"),
        ("d-amphetamine 5 mg", "amphetamine"),
        ("S-warfarin", "warfarin"),
        ("(R)-warfarin", "warfarin"),
    ],
)
def test_the_mixture_is_not_offered_for_one_of_its_isomers(text: str, plain: str) -> None:
    assert named(text) == []
    remedy = not_understood(text).partition("; ")[2]
    assert remedy
    assert plain not in remedy.replace(",", "").split()


def test_a_slip_in_a_name_that_begins_like_an_isomer_is_still_mended() -> None:
    assert "near it: levothyroxine" in not_understood("levothyroxne")


def test_hold_and_stop_within_a_direction_do_not_take_the_medicine_away() -> None:
    assert named("metoprolol 50 mg, hold if pulse below 50") == ["metoprolol"]
    assert named("metoprolol (beta-blocker)") == ["metoprolol"]


def test_what_is_understood_has_no_remark() -> None:
    assert not_understood("Tylenol with codeine #3") == not_understood("", "RXNORM:2670") == ""


def test_codes_and_phrases_lead_to_rows_and_a_code_of_rxnorm_to_one() -> None:
    assert all(name in drugs() for bearers in codes().values() for name in bearers)
    assert all(len(bearers) == 1 for code, bearers in codes().items() if code.startswith("RXNORM"))
    assert all(name in drugs() for found in phrases().values() for name, _ in found)
    assert all(part in drugs() for name in names() for part in name.split(COMBINED))


def test_every_identifier_and_brand_says_whether_it_was_read() -> None:
    brands = read("drugs", "brands.csv", ("brand", "ingredient", "status"), ("brand", "ingredient"))
    assert set(brands["status"]) <= {"V", "R"}
    columns = ("ingredient", "rxnorm", "rxnorm_status", "atc", "atc_status", "synonyms", "status")
    rows = read("drugs", "drugs.csv", columns, ("ingredient",))
    assert set(rows["status"]) <= {"V", "R"}
    for code in ("rxnorm", "atc"):
        assert rows.loc[rows[code] != "", f"{code}_status"].isin(["V", "R"]).all()
        assert (rows.loc[rows[code] == "", f"{code}_status"] == "").all()


def test_a_code_of_the_atc_index_stands_for_the_plain_substance() -> None:
    assert named("", "ATC:N02AC52") == []  # methadone combined with others
    assert named("", "ATC:N07BC02") == ["methadone"]
    assert named("", "ATC:J01EE01") == ["sulfamethoxazole / trimethoprim", "sulfamethoxazole", "trimethoprim"]
    assert named("", "ATC:N03AX12") == named("", "ATC:N02BF01") == ["gabapentin"]  # the old code and the present one
    assert resolve([""], ["ATC:S01BA04"]).local.tolist() == [True]


@given(st.lists(st.sampled_from(["warfarin", "Plavix", "foo", "", "lopinavir/ritonavir", "codeine allergy"])))
def test_a_row_of_a_list_does_not_change_another(texts: list[str]) -> None:
    found = resolve(texts, [""] * len(texts))
    for row, text in enumerate(texts):
        expected = reading(text)
        mine = found.row == row
        assert [names()[number] for number in found.ingredient[mine]] == [name for name, _ in expected.ingredients]
        assert found.reasons[found.reason[row]] == expected.reason


# FDA Orange Book and list of substances, WHO ATC index; several markets
@pytest.mark.parametrize(
    ("ingredient", "written"),
    [
        ("tafenoquine", "Krintafel Arakoda"),
        ("pegloticase", "Krystexxa"),
        ("nitrofurantoin", "Macrobid Macrodantin Furadantin"),
        ("isoflurane", "Forane"),
        ("sevoflurane", "Ultane Sevorane"),
        ("piroxicam", "Feldene"),
        ("allopurinol", "Zyloric"),
        ("methylene blue", "Provayblue"),
        ("tegafur", "Teysuno"),
        ("flucytosine", "Ancobon Ancotil"),
        ("acenocoumarol", "Sintrom"),
        ("phenprocoumon", "Marcumar"),
        ("clopidogrel", "Deplatt Clopilet"),
        ("omeprazole", "Losec Mopral"),
        ("citalopram", "Cipramil Seropram"),
        ("escitalopram", "Cipralex Seroplex"),
        ("metoprolol", "Beloc Betaloc Seloken"),
        ("carbamazepine", "Timonil Epitol"),
        ("azathioprine", "Imurel"),
        ("ivacaftor", "Trikafta Kaftrio Orkambi Symdeko"),
    ],
)
def test_brands_of_several_countries_lead_to_the_ingredient(ingredient: str, written: str) -> None:
    for brand in written.split():
        assert dict(reading(f"{brand} tab").ingredients)[ingredient] == "brand", brand
        assert not_understood(brand) == ""


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("N02AJ06", {"codeine", "acetaminophen"}),
        ("N02AJ13", {"tramadol", "acetaminophen"}),
        ("C10BX12", {"atorvastatin", "aspirin", "perindopril"}),
        ("C10BA02", {"simvastatin", "ezetimibe"}),
        ("B01AC34", {"clopidogrel", "aspirin"}),
        ("J05AR13", {"abacavir", "dolutegravir", "lamivudine"}),
        ("L01BC53", {"tegafur"}),
    ],
)
def test_a_code_of_a_combination_gives_its_ingredients(code: str, expected: set[str]) -> None:
    assert {one.name for one in ingredients(code)} == expected
    assert {how for _, how in reading("", f"ATC:{code}").ingredients} == {"atc"}


def test_a_code_of_a_combination_beside_its_name_is_no_contradiction() -> None:
    found = reading("codeine / paracetamol 30/500", "ATC:N02AJ06")
    assert (dict(found.ingredients), found.reason) == ({"acetaminophen": "atc", "codeine": "atc"}, "")
    assert "the name for warfarin" in reading("warfarin", "ATC:N02AJ06").reason


def test_every_code_of_a_combination_is_that_of_known_ingredients_and_of_no_other_row() -> None:
    assert not set(combined()) & set(codes())
    assert all(name in drugs() for found in combined().values() for name in found)
    rows = read("drugs", "combinations.csv", ("atc", "ingredient", "status"), ("atc", "ingredient"))
    assert set(rows["status"]) <= {"V", "R"}


def test_empty_cells_count_as_nothing_written() -> None:
    found = resolve(pd.Series(["warfarin", None], dtype="str"), pd.Series([None, None], dtype="str"))
    assert found.recognised.tolist() == [True, False]
    assert np.array_equal(resolve([], []).recognised, np.zeros(0, dtype=bool))
