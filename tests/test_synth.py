"""The synthetic cohort: the same people from the same seed, plausible, with published allele frequencies."""

import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from precision.errors import InputError
from precision.synth import load_sample, synthesise, write
from precision.synth.assemble import partition
from precision.synth.draws import Draws
from precision.synth.files import write_partition
from precision.synth.people import GROUPS, People, creatinine, cystatin_c, people
from precision.synth.tables import Row, rows

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
shared = pytest.mark.skipif(not SHARED.is_dir(), reason="needs the reference material in ../shared")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small")
    write(60, 5, folder)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_same_seed_writes_the_same_bytes(small: Path, tmp_path: Path) -> None:
    other_process = (
        "import sys; from pathlib import Path; from precision.synth import write; write(60, 5, Path(sys.argv[1]))"
    )
    subprocess.run([sys.executable, "-c", other_process, str(tmp_path)], check=True, cwd=ROOT)
    assert contents(tmp_path) == contents(small)


@pytest.mark.parametrize("patients", [1, 16])
def test_a_very_small_cohort_has_every_column_too(patients: int, small: Path, tmp_path: Path) -> None:
    write(patients, 5, tmp_path)
    for name in ("patients_wide.csv", "tables/patients.csv", "tables/lifestyle.csv"):
        few, more = (pd.read_csv(folder / name) for folder in (tmp_path, small))
        assert list(few.columns) == list(more.columns)
        assert len(few) == patients


def test_another_seed_makes_other_people() -> None:
    ages = [synthesise(100, seed).table("patients")["age"].tolist()[20:] for seed in (1, 2)]
    assert ages[0] != ages[1]


def test_more_people_change_nobody_who_was_there_before() -> None:
    few, many = partition(40, 9, 0)[0], partition(90, 9, 0)[0]
    ids = few["patients"]["patient_id"]
    for name, table in few.items():
        same = many[name][many[name]["patient_id"].isin(ids)].reset_index(drop=True)
        pd.testing.assert_frame_equal(table, same, check_dtype=False, check_categorical=False)


def test_a_partition_is_made_without_the_others(tmp_path: Path) -> None:
    write_partition(50_400, 3, 1, tmp_path, vcf=True)
    found = pq.read_table(tmp_path / "patients" / "part-00001.parquet").column("patient_id").to_pylist()
    assert (len(found), found[0], found[-1]) == (400, "P-50001", "P-50400")
    assert not set(found) & set(synthesise(1000, 3).ids)


def test_a_large_cohort_is_written_as_parquet_partitions(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    write(5_001, 3, tmp_path, progress=lambda done, total: told.append((done, total)))
    assert told == [(5_001, 5_001)]
    people_file = pd.read_parquet(tmp_path / "patients" / "part-00000.parquet")
    genotypes = pd.read_parquet(tmp_path / "genotypes" / "part-00000.parquet").set_index("patient_id")
    assert len(people_file) == 5_001
    assert people_file["patient_id"].is_unique
    assert set(np.unique(genotypes.to_numpy())) == {-1, 0, 1, 2}
    assert genotypes.loc["P-00001", "chr10:94781859"] == 2


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda out: synthesise(0, 1), "ask for 1 or more"),
        (lambda out: write(0, 1, out), "ask for 1 or more"),
        (lambda out: synthesise(50_001, 1), "write them to files"),
        (lambda out: write(10, 1, out, formats=["docx"]), "format 'docx' is not written"),
        (lambda out: write(6_000, 1, out, formats=["wide"]), "allowed: parquet, vcf"),
        (lambda out: load_sample(out / "nowhere"), "precision synth --patients 300"),
    ],
)
def test_what_cannot_be_made_is_refused_with_the_way_out(
    call: Callable[[Path], object], said: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=said):
        call(tmp_path)


@cache
def crowd() -> People:
    return people(Draws(seed=11, partition=1, people=20_000))


def among(row: Row) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    chosen = (crowd()["age"] >= float(row["age_from"])) & (crowd()["age"] <= float(row["age_to"]))
    if flag := row["among"]:
        chosen &= crowd()[flag.removeprefix("no ")] == (0 if flag.startswith("no ") else 1)
    return chosen


@pytest.mark.parametrize("target", rows("targets"), ids=lambda row: " ".join(filter(None, row.values())))
def test_people_look_as_the_targets_say(target: Row) -> None:
    chosen = among(target)
    values = crowd()[target["quantity"]][chosen]
    if target["statistic"] == "correlation":
        found = np.corrcoef(values, crowd()[target["other"]][chosen])[0, 1]
    else:
        found = values.mean()
    assert float(target["low"]) <= found <= float(target["high"])


def test_people_with_higher_ldl_cholesterol_take_statins_more_often() -> None:
    ldl, statin = crowd()["ldl_untreated"], crowd()["statin"]
    assert statin[ldl > 160].mean() > 1.5 * statin[ldl < 110].mean()


def test_a_statin_lowers_what_is_measured_after_it_was_begun() -> None:
    made, _ = partition(4_000, 21, 1)
    statins = made["medications"][made["medications"]["atc"].str.startswith("C10AA")].set_index("patient_id")["start"]
    ldl = made["observations"].query("variable == 'ldl_cholesterol'")
    ldl = ldl[ldl["patient_id"].isin(statins.index)]
    after = ldl["time"] > ldl["patient_id"].map(statins)
    mean = ldl.groupby(["patient_id", after])["value"].mean().unstack().dropna()
    assert 0.58 < (mean[True] / mean[False]).mean() < 0.72  # 36 % lower, give or take days on which it was measured


def test_illness_and_drugs_begin_in_adult_life() -> None:
    made, _ = partition(4_000, 21, 1)
    age = made["patients"].set_index("patient_id")["age"]
    for table, column in (("conditions", "onset_date"), ("medications", "start")):
        years_ago = (pd.Timestamp(2026, 9, 30) - made[table][column]).dt.days / 365.25
        assert (made[table]["patient_id"].map(age) - years_ago > 17.9).all(), table


def test_creatinine_is_what_the_published_equation_turns_into_that_egfr() -> None:
    # Inker 2021 worked by hand: man of 50, creatinine 1.0: 142 x (1.0 / 0.9) ** -1.2 x 0.9938 ** 50 = 91.7
    assert creatinine(np.array([91.7]), np.array([50.0]), np.array([1.0]))[0] == pytest.approx(1.0, abs=0.001)
    # woman of 60, creatinine 0.6: 142 x (0.6 / 0.7) ** -0.241 x 0.9938 ** 60 x 1.012 = 102.7
    assert creatinine(np.array([102.7]), np.array([60.0]), np.array([0.0]))[0] == pytest.approx(0.6, abs=0.002)


def test_cystatin_c_is_what_the_published_equation_turns_into_that_egfr() -> None:
    # Inker 2012 worked by hand: man of 50, cystatin C 1.0: 133 x (1.0 / 0.8) ** -1.328 x 0.996 ** 50 = 80.9
    assert cystatin_c(np.array([80.93]), np.array([50.0]), np.array([0.0]))[0] == pytest.approx(1.0, abs=0.001)
    # woman of 60, cystatin C 0.7: 133 x (0.7 / 0.8) ** -0.499 x 0.996 ** 60 x 0.932 = 104.2
    assert cystatin_c(np.array([104.17]), np.array([60.0]), np.array([1.0]))[0] == pytest.approx(0.7, abs=0.001)


@cache
def told() -> dict[str, pd.DataFrame]:
    """The tables of 8,000 people, none of them a scenario patient; patients and lifestyle by identifier."""
    made, _ = partition(8_000, 23, 1)
    return {**made, **{name: made[name].set_index("patient_id") for name in ("patients", "lifestyle")}}


def test_the_smoking_history_agrees_with_itself() -> None:
    habits = told()["lifestyle"].dropna(subset=["smoking_status"])
    status = habits["smoking_status"]
    # Cigarettes are whole numbers, so pack-years differ from their product by up to half a cigarette a day.
    product = habits["cigarettes_per_day"] / 20 * habits["smoking_years"]
    assert (abs(product - habits["pack_years"]) <= 0.026 * habits["smoking_years"] + 0.2).all()
    assert (habits.loc[status == "never", ["pack_years", "cigarettes_per_day", "smoking_years"]] == 0).all(axis=None)
    assert habits.loc[status == "never", "years_since_quitting"].isna().all()
    assert (habits.loc[status == "current", "years_since_quitting"] == 0).all()
    stopped = habits[status == "former"]
    assert (stopped["years_since_quitting"] >= 1).all()
    begun = (
        told()["patients"]["age"].reindex(stopped.index) - stopped["smoking_years"] - stopped["years_since_quitting"]
    )
    assert begun.between(12, 19).all()


def test_relatives_are_counted_from_the_family_history() -> None:
    patients, rows = told()["patients"], told()["family_history"]
    near = rows[rows["relation"].isin(["mother", "father", "sister", "brother", "daughter", "son"])]
    for column, code in (("breast_cancer_relatives", "C50"), ("colorectal_cancer_relatives", "C18")):
        count = near[near["condition_code"].str.contains(code)].groupby("patient_id").size()
        count = count.reindex(patients.index, fill_value=0)
        answered = patients[column].notna()
        assert 0.8 < answered.mean() < 0.99
        assert (patients[column] == count)[answered].all()
        assert (count[~answered] == 0).all()
    diabetes = rows["condition_code"] == "ICD10CM:E11.9"
    first = patients.index.isin(near.loc[near["condition_code"] == "ICD10CM:E11.9", "patient_id"])
    any_degree = patients.index.isin(rows.loc[diabetes, "patient_id"])
    assert set(patients.loc[first, "family_history_diabetes"]) == {"first_degree"}
    assert set(patients.loc[any_degree & ~first, "family_history_diabetes"]) == {"second_degree"}
    assert set(patients.loc[~any_degree, "family_history_diabetes"].dropna()) == {"none"}
    early = near[near["condition_code"].str.contains("I25") & (near["onset_age"] < 60)]["patient_id"]
    said = patients["family_history_premature_cvd"]
    assert (said[patients.index.isin(early)] == 1).all()
    assert (said[~patients.index.isin(early)].dropna() == 0).all()


def test_what_women_tell_can_be_true() -> None:
    patients = told()["patients"]
    asked = ["age_at_menarche", "nulliparous", "age_at_first_birth", "breast_biopsies", "menopausal_status"]
    assert (
        patients.loc[patients["sex"] == "male", [*asked, "atypical_hyperplasia", "bcrat_ancestry"]]
        .isna()
        .all(axis=None)
    )
    women = patients[patients["sex"] == "female"].dropna(subset=asked)
    assert 0.8 < len(women) / (patients["sex"] == "female").sum() < 0.95
    assert ((women["age_at_first_birth"] == 98) == (women["nulliparous"] == 1)).all()
    mothers = women[women["nulliparous"] == 0]
    assert (mothers["age_at_first_birth"] > mothers["age_at_menarche"]).all()
    assert (mothers["age_at_first_birth"] <= mothers["age"]).all()
    assert (women["breast_biopsies"][women["atypical_hyperplasia"].notna()] > 0).all()
    assert (women.loc[women["age"] < 37, "menopausal_status"] == "premenopausal").all()
    assert (women.loc[women["hormone_therapy"] == 1, "menopausal_status"] == "postmenopausal").all()
    assert not ((women["no_oestrogen_2_years"] == 1) & (women["hormone_therapy"] == 1)).any()


def test_the_group_of_the_breast_cancer_tool_fits_the_population_group() -> None:
    women = told()["patients"].dropna(subset=["bcrat_ancestry"])
    groups = women.groupby("ancestry")["bcrat_ancestry"].agg(lambda cells: " ".join(sorted(set(cells)))).to_dict()
    assert groups == {
        "asian": "chinese filipino japanese other_asian",
        "black": "black",
        "hispanic": "hispanic_foreign_born hispanic_us_born",
        "other": "other",
        "white": "white",
    }


def test_painkillers_fit_the_medicine_list() -> None:
    patients, drugs = told()["patients"], told()["medications"]
    takes = patients.index.isin(drugs.loc[(drugs["drug"] == "aspirin") & (drugs["status"] == "active"), "patient_id"])
    assert takes.sum() > 50
    assert (patients.loc[takes, "no_nsaid"].dropna() == 0).all()
    assert (patients.loc[patients["no_nsaid"] == 1, "no_nonaspirin_nsaid"] == 1).all()


def test_minerals_are_measured_in_low_kidney_function_and_calcium_scans_before_coronary_disease() -> None:
    observed, coronary = told()["observations"], told()["conditions"].query("code == 'ICD10CM:I25.10'")["patient_id"]
    newest = observed.drop_duplicates(["patient_id", "variable"], keep="last")
    wide = newest.pivot(index="patient_id", columns="variable", values="value")
    low = wide["egfr"] < 55
    assert 0.7 < wide.loc[low, "phosphate"].notna().mean() < 0.98
    assert 0.2 < wide.loc[low, "cystatin_c"].notna().mean() < 0.6
    assert (
        wide.loc[wide["egfr"] > 85, ["albumin", "phosphate", "bicarbonate", "calcium", "cystatin_c"]]
        .isna()
        .all(axis=None)
    )
    scanned = wide["cac_score"].dropna()
    assert 0.03 < len(scanned) / 8_000 < 0.15
    assert 0.3 < (scanned == 0).mean() < 0.7
    assert not scanned.index.isin(coronary).any()


@pytest.mark.parametrize(
    ("variable", "sex", "age_from", "age_to", "years"),
    [
        ("last_mammography", "female", 50, 74, 2),
        ("last_colonoscopy", "", 60, 75, 10),
        ("last_fit", "", 50, 75, 1),
        ("last_cervical_cytology", "female", 30, 65, 3),
        ("last_hpv_test", "female", 40, 65, 5),
        ("last_dxa", "female", 70, 97, 5),
    ],
)
def test_some_are_examined_in_time_some_late_and_some_never(
    variable: str, sex: str, age_from: int, age_to: int, years: int
) -> None:
    patients = told()["patients"]
    chosen = patients["age"].between(age_from, age_to) & ((patients["sex"] == sex) | (sex == ""))
    ago = (pd.Timestamp(2026, 9, 30) - patients.loc[chosen, variable]).dt.days / 365.25
    assert (ago.dropna() > 0).all()
    assert (ago <= years).mean() > 0.1
    assert (ago > years).mean() > 0.03
    assert ago.isna().mean() > 0.1


def test_nobody_is_examined_before_the_age_at_which_it_begins() -> None:
    patients = told()["patients"]
    for variable, begins in (("last_mammography", 40), ("last_fit", 45), ("last_cervical_cytology", 21)):
        ago = (pd.Timestamp(2026, 9, 30) - patients[variable]).dt.days / 365.25
        well = patients["tumour_type"].isna()
        assert (patients["age"] - ago)[well].dropna().gt(begins - 0.6).all()
    assert (
        patients.loc[patients["sex"] == "male", ["last_mammography", "last_hpv_test", "last_dxa"]].isna().all(axis=None)
    )


# CPIC allele frequency tables (CC0): share of chromosomes with the ALT allele, AFA, EAS, EUR
PUBLISHED = [
    ("chr10:94781859", "CYP2C19 *2", 0.1815, 0.2835, 0.1469),
    ("chr10:94761900", "CYP2C19 *17", 0.2072, 0.0205, 0.2154),
    ("chr10:94942290", "CYP2C9 *2", 0.0224, 0.0021, 0.1273),
    ("chr10:94981296", "CYP2C9 *3", 0.0135, 0.0376, 0.0755),
    ("chr16:31096368", "VKORC1 -1639A", 0.1013, 0.8665, 0.4133),
    ("chr7:99672916", "CYP3A5 *3", 0.3160, 0.7458, 0.9244),
    ("chr19:15879621", "CYP4F2 *3", 0.0762, 0.2239, 0.3020),
    ("chr4:88131171", "ABCG2 rs2231142", 0.0349, 0.3071, 0.1036),
]


@cache
def frequencies() -> dict[str, dict[str, tuple[float, int]]]:
    """Position -> group -> share of ALT and number of chromosomes, among 20,000 people."""
    made, found = partition(20_000, 17, 1)
    group = made["patients"]["ancestry_group"].to_numpy(dtype=object)[found.patient]
    shares: dict[str, dict[str, tuple[float, int]]] = {}
    for i, row in enumerate(found.positions):
        called = found.alleles[:, i, 0] >= 0
        carried = {name: found.alleles[(group == name) & called, i] > 0 for name in GROUPS}
        shares[f"{row['chrom']}:{row['pos']}"] = {name: (alt.mean(), alt.size) for name, alt in carried.items()}
    return shares


@pytest.mark.parametrize(("position", "allele", "afr", "eas", "eur"), PUBLISHED)
def test_allele_frequencies_are_the_published_ones(
    position: str, allele: str, afr: float, eas: float, eur: float
) -> None:
    for group, expected in {"AFR": afr, "EAS": eas, "EUR": eur}.items():
        found, chromosomes = frequencies()[position][group]
        assert abs(found - expected) < 4.5 * np.sqrt(expected * (1 - expected) / chromosomes), (allele, group)


@shared
def test_every_pharmacogene_frequency_is_that_of_the_reference() -> None:
    table = pd.read_csv(SHARED / "reference/pgx/allele_frequency.tsv", sep="\t")
    named = {"AFR": "AFA", "AMR": "LAT", "EAS": "EAS", "EUR": "EUR", "MID": "NEA", "SAS": "CSA"}
    reference = table.set_index(["gene", "allele", "population"])["frequency"].to_dict()
    checked = 0
    for row in rows("haplotypes"):
        if row["kind"] == "pharmacogene" and row["source"] == "CPIC frequency tables 2022":
            for group, population in named.items():
                expected = reference[row["locus"], row["haplotype"].removeprefix("*80+"), population]
                assert float(row[group]) == pytest.approx(expected, abs=5.1e-5), row
                checked += 1
    assert checked > 150


@shared
def test_every_pharmacogene_position_is_that_of_the_reference() -> None:
    table = pd.read_csv(SHARED / "reference/pgx/variants.tsv", sep="\t", dtype=str)
    reference = {(row.chrom, row.pos_grch38): row for row in table.itertuples()}
    genes = set(table["gene"])
    mine = [row for row in rows("positions") if row["locus"] in genes]
    assert len(mine) > 45
    for row in mine:
        known = reference[row["chrom"], row["pos"]]
        assert (row["rsid"], row["ref"]) == (known.rsid, known.ref)
        assert set(row["alt"].split(",")) <= set(str(known.alts).split(",")), row


@shared
def test_every_hereditary_position_is_pathogenic_in_clinvar() -> None:
    table = pd.read_csv(SHARED / "reference/genomics/germline/clinvar_plp_2star_grch38.tsv.gz", sep="\t", dtype=str)
    reference = set(zip("chr" + table["chrom"], table["pos38"], table["ref"], table["alt"], table["gene"], strict=True))
    loci = {row["locus"] for row in rows("haplotypes") if row["kind"] == "hereditary"}
    mine = [row for row in rows("positions") if row["locus"] in loci]
    assert len(mine) == 11
    for row in mine:
        assert (row["chrom"], row["pos"], row["ref"], row["alt"], row["locus"].split()[0]) in reference


@shared
def test_tumour_alterations_have_the_bases_that_civic_gives_them() -> None:
    # CIViC positions are GRCh37; inside one gene the two builds differ by one constant, so differences must agree.
    table = pd.read_csv(SHARED / "reference/oncology/civic_variants_2021-02.tsv", sep="\t", dtype=str)
    known = {(row.gene, f"p.{row.variant}"): row for row in table.itertuples()}
    offsets: dict[str, set[int]] = {}
    for row in rows("tumours"):
        entry = known.get((row["gene"], row["protein_change"]))
        if entry is not None and isinstance(entry.start, str):
            assert (row["ref"], row["alt"]) == (entry.reference_bases, entry.variant_bases)
            offsets.setdefault(row["gene"], set()).add(int(entry.start) - int(row["pos"]))
    assert len(offsets) >= 6
    assert all(len(found) == 1 for found in offsets.values()), offsets
