"""Files of genotypes beside the tables of a cohort: VCF and array text, one or several, of patients and of others."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from precision.errors import InputError
from precision.genotypes import ABSENT, NO_CALL, Genotypes
from precision.io import merge, read
from precision.knowledge.build import detect_build
from precision.knowledge.positions import GRCH37, GRCH38, in_build, known, sites

PATIENTS = ("patients.csv", b"patient_id,sex,age\nA,male,50\nB,female,60\n")
CYP2C19_2 = ("10", 94781859)  # rs4244285, G>A


def vcf(samples: list[str], called: dict[tuple[str, int], list[str]] | None = None, build: str = GRCH38) -> bytes:
    """A VCF with a record at every known position that changes one base; 0/0 unless a genotype is given."""
    at = sites(build)
    lines = [
        "##fileformat=VCFv4.2",
        "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *samples]),
    ]
    for chrom, pos, ref, alts in sorted(zip(at.chrom.tolist(), at.pos.tolist(), at.ref, at.alts, strict=True)):
        if len(ref) == 1 and all(len(alt) == 1 for alt in alts):
            cells = (called or {}).get((chrom, pos), ["0/0"] * len(samples))
            lines.append("\t".join([chrom, str(pos), ".", ref, ",".join(alts), ".", "PASS", ".", "GT", *cells]))
    return ("\n".join(lines) + "\n").encode()


def genotypes(*files: tuple[str, bytes]) -> Genotypes:
    cohort = read(files).cohort
    assert cohort is not None
    assert cohort.genotypes is not None
    return cohort.genotypes


def call(found: Genotypes, sample: str, place: tuple[str, int]) -> tuple[int, int]:
    row = list(zip(found.sites.chrom.tolist(), found.sites.pos.tolist(), strict=True)).index(place)
    one, two = found.alleles[row, found.samples.index(sample)].tolist()
    return one, two


def codes(*files: tuple[str, bytes]) -> dict[str, list[str]]:
    issues = read(files).issues
    return {str(code): list(map(str, rows["value"])) for code, rows in issues.groupby("code", observed=True)}


# ---------------------------------------------------------------------------------------------------------- reading
@pytest.mark.parametrize("packed", [False, True])
def test_a_vcf_beside_tables_gives_the_genotypes_of_their_patients(packed: bool) -> None:
    text = vcf(["A", "B"], {CYP2C19_2: ["0/1", "./."]})
    found = genotypes(PATIENTS, ("germline.bin", gzip.compress(text) if packed else text))
    assert found.samples == ("A", "B")
    assert call(found, "A", CYP2C19_2) == (0, 1)
    assert call(found, "B", CYP2C19_2) == (NO_CALL, NO_CALL)


def test_a_vcf_whose_first_line_was_cut_off_is_still_no_table() -> None:
    bare = b"".join(line for line in vcf(["A", "B"], {CYP2C19_2: ["0/1", "./."]}).splitlines(True) if line[:2] != b"##")
    assert call(genotypes(PATIENTS, ("germline.txt", bare)), "A", CYP2C19_2) == (0, 1)


def test_only_positions_of_pharmacogenes_in_the_build_of_the_file_are_kept() -> None:
    found = genotypes(PATIENTS, ("a.vcf", vcf(["A"]) + b"10\t5\t.\tA\tC\t.\tPASS\t.\tGT\t0/1\n"))
    assert in_build(found.sites, GRCH38).all()
    assert 5 not in found.sites.pos


def test_a_sample_that_is_in_no_table_is_named_and_left_out() -> None:
    files = (PATIENTS, ("a.vcf", vcf(["A", "stranger"])))
    assert genotypes(*files).samples == ("A",)
    assert codes(*files)["sample_unknown"] == ["stranger"]
    counts = read(files).counts
    line = counts.loc[counts["file"] == "a.vcf", ["table", "rows_in", "accepted"]]
    assert line.to_numpy().tolist() == [["genotypes", 1, 1]]


def test_a_vcf_of_strangers_only_leaves_the_cohort_without_genotypes_and_is_refused_by_name() -> None:
    imported = read([PATIENTS, ("a.vcf", vcf(["stranger", "b"]))])
    assert imported.cohort is not None
    assert imported.cohort.genotypes is None
    (issue,) = imported.issues.itertuples()
    assert (issue.file, issue.code) == ("a.vcf", "genotypes_refused")
    reason = str(issue.reason)
    assert "none of its samples is a patient of the tables: 'stranger', 'b'" in reason
    assert "for 'b' the tables have 'B'" in reason
    assert issue.fix == "Rename the samples to the patient identifiers, or add these patients to a table."


@pytest.mark.parametrize(("sample", "patient"), [("p1", "P-001"), ("P_1", "P-001"), ("A10", "a-10"), ("A 1", "A10")])
def test_a_stranger_that_is_spelt_almost_as_a_patient_is_told_so(sample: str, patient: str) -> None:
    table = f"patient_id,sex,age\nA,male,50\n{patient},female,60\n".encode()
    issues = read([("patients.csv", table), ("a.vcf", vcf(["A", sample]))]).issues
    (told,) = issues.loc[issues["code"] == "sample_unknown", "reason"]
    assert (f"The tables have '{patient}'." in told) == (patient != "A10")


def test_a_record_whose_reference_base_is_not_the_builds_is_told_with_position_and_gene() -> None:
    text = vcf(["A", "B"], {CYP2C19_2: ["0/1", "1/1"]})
    assert "ref_mismatch" not in codes(PATIENTS, ("a.vcf", text))
    wrong = text.replace(b"10\t94781859\t.\tG\tA", b"10\t94781859\t.\tC\tA")
    issues = read([PATIENTS, ("a.vcf", wrong)]).issues
    (issue,) = issues[issues["code"] == "ref_mismatch"].itertuples()
    line = 1 + next(i for i, row in enumerate(wrong.splitlines()) if row.startswith(b"10\t94781859\t"))
    assert (issue.file, issue.row, issue.column, issue.severity) == ("a.vcf", line, "REF", "warning")
    assert issue.reason == "at 10:94781859 (CYP2C19) REF is C and GRCh38 has G; the record is not used."


def test_what_is_wrong_at_a_position_names_the_genes_that_it_concerns() -> None:
    issues = read([PATIENTS, ("a.vcf", vcf(["A"], {CYP2C19_2: ["0/7"]}))]).issues
    (told,) = issues.loc[issues["code"] == "unknown_allele", "reason"]
    assert told.endswith("It concerns CYP2C19.")


def test_a_vcf_alone_makes_a_cohort_of_its_samples() -> None:
    imported = read([("a.vcf", vcf(["X1", "X2"]))])
    assert imported.cohort is not None
    assert imported.cohort.ids.tolist() == ["X1", "X2"]
    assert "no_patients_table" in set(imported.issues["code"])


def test_what_is_wrong_inside_a_vcf_is_among_the_issues_with_its_line() -> None:
    text = vcf(["A"], {CYP2C19_2: ["0/7"]})
    line = 1 + next(i for i, row in enumerate(text.splitlines()) if row.startswith(b"10\t94781859\t"))
    issues = read([PATIENTS, ("a.vcf", text)]).issues
    wrong = issues[issues["code"] == "unknown_allele"]
    assert wrong[["file", "row", "severity", "action"]].to_numpy().tolist() == [["a.vcf", line, "error", "dropped"]]


# --------------------------------------------------------------------------------------------------- several files
def test_files_of_one_patient_each_are_joined_and_a_position_that_a_file_lacks_is_absent() -> None:
    text = vcf(["B"]).decode().splitlines()
    without = "\n".join(row for row in text if not row.startswith("10\t94781859\t")).encode() + b"\n"
    found = genotypes(PATIENTS, ("A.vcf", vcf(["A"], {CYP2C19_2: ["1/1"]})), ("B.vcf", without))
    assert found.samples == ("A", "B")
    assert call(found, "A", CYP2C19_2) == (1, 1)
    assert call(found, "B", CYP2C19_2) == (ABSENT, ABSENT)


def test_the_alternate_alleles_of_joined_files_are_numbered_together() -> None:
    one = vcf(["A"], {CYP2C19_2: ["0/1"]}).replace(b"\tG\tA\t", b"\tG\tC\t")
    found = genotypes(PATIENTS, ("A.vcf", one), ("B.vcf", vcf(["B"], {CYP2C19_2: ["0/1"]})))
    row = list(zip(found.sites.chrom.tolist(), found.sites.pos.tolist(), strict=True)).index(CYP2C19_2)
    assert found.sites.alts[row] == ("C", "A")
    assert call(found, "A", CYP2C19_2) == (0, 1)
    assert call(found, "B", CYP2C19_2) == (0, 2)


def test_more_alternatives_in_all_files_than_are_counted_keep_single_bases_and_are_told() -> None:
    longer = ["G" + "".join("ACGT"[number // 4**k % 4] for k in range(4)) for number in range(1, 201)]
    files = []
    for sample, alts in (("A", longer[:100]), ("B", [*longer[100:], "A"])):
        text = vcf([sample], {CYP2C19_2: [f"50/{len(alts)}"]}).decode()
        at = "\t".join([CYP2C19_2[0], str(CYP2C19_2[1]), ".", "G"])
        line = next(one for one in text.splitlines() if one.startswith(at))
        cells = line.split("\t")
        cells[4] = ",".join(alts)
        files.append((f"{sample}.vcf", text.replace(line, "\t".join(cells)).encode()))
    found = genotypes(PATIENTS, *files)
    row = list(zip(found.sites.chrom.tolist(), found.sites.pos.tolist(), strict=True)).index(CYP2C19_2)
    alts = found.sites.alts[row]
    assert len(alts) == 126
    numbers = [call(found, sample, CYP2C19_2) for sample in "AB"]
    assert [[alts[number - 1] for number in one] for one in numbers] == [[longer[49], longer[99]], ["<NON_REF>", "A"]]
    assert list(codes(PATIENTS, *files)) == ["too_many_alleles"]


def test_one_sample_in_files_of_single_chromosomes_is_put_together() -> None:
    text = vcf(["A"], {CYP2C19_2: ["0/1"]}).decode().splitlines()
    ten = "\n".join(row for row in text if row.startswith(("#", "10\t"))).encode() + b"\n"
    rest = "\n".join(row for row in text if not row.startswith("10\t")).encode() + b"\n"
    found = genotypes(PATIENTS, ("chr10.vcf", ten), ("rest.vcf", rest))
    assert found.samples == ("A",)
    assert call(found, "A", CYP2C19_2) == (0, 1)
    assert (found.alleles != ABSENT).all()
    assert "sample_twice" not in codes(PATIENTS, ("chr10.vcf", ten), ("rest.vcf", rest))


def test_of_two_files_with_the_same_sample_the_first_counts_and_an_issue_says_so() -> None:
    files = (PATIENTS, ("1.vcf", vcf(["A"], {CYP2C19_2: ["0/1"]})), ("2.vcf", vcf(["A"], {CYP2C19_2: ["1/1"]})))
    assert call(genotypes(*files), "A", CYP2C19_2) == (0, 1)
    assert codes(*files)["sample_twice"] == ["A"]


def test_files_of_different_builds_are_refused_and_both_are_named() -> None:
    imported = read([PATIENTS, ("old.vcf", vcf(["A"], build=GRCH37)), ("new.vcf", vcf(["B"]))])
    assert imported.cohort is not None
    assert imported.cohort.genotypes is None
    refused = imported.issues[imported.issues["code"] == "genotypes_refused"]
    assert set(refused["file"]) == {"old.vcf", "new.vcf"}
    assert all("old.vcf is on GRCh37 and new.vcf is on GRCh38" in reason for reason in refused["reason"])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.vcf", b"hello world\n"),
        ("a.vcf", b"patient_id,sex,age\nC,male,50\n"),
        ("a.vcf.gz", gzip.compress(b"\x01\x02" * 500, mtime=0)),
        ("A.VCF", bytes(range(128, 256)) * 40),
    ],
)
def test_a_file_that_is_called_a_vcf_and_is_none_says_so(name: str, content: bytes) -> None:
    imported = read([PATIENTS, (name, content)])
    (issue,) = imported.issues.itertuples()
    assert (issue.file, issue.code) == (name, "genotypes_refused")
    assert "it is no VCF" in str(issue.reason)
    assert "a VCF begins with '##fileformat=VCF" in str(issue.reason)
    assert len(imported.cohort or ()) == 2


def test_a_file_whose_build_cannot_be_told_is_refused_with_the_way_out() -> None:
    few = b"\n".join(vcf(["A"]).splitlines()[:5]) + b"\n"
    imported = read([PATIENTS, ("few.vcf", few)])
    (refused,) = imported.issues[imported.issues["file"] == "few.vcf"].to_dict("records")
    assert refused["code"] == "build_unknown"
    assert "the genome build cannot be told" in refused["reason"]
    assert refused["fix"].startswith("Name the build if you know it, on the Upload page or to `precision pgx`")
    assert len(imported.cohort or ()) == 2  # the tables are read all the same


def test_a_file_of_few_positions_is_read_on_the_build_that_is_named_and_on_no_other() -> None:
    few = b"\n".join(vcf(["A"]).splitlines()[:5]) + b"\n"
    named = read([PATIENTS, ("few.vcf", few)], build="GRCh38")
    assert named.cohort is not None
    assert named.cohort.genotypes is not None
    assert detect_build(named.cohort.genotypes) == "GRCh38"
    assert "build_unknown" not in set(named.issues["code"])
    wrong = read([PATIENTS, ("few.vcf", few)], build="GRCh37")
    assert (wrong.cohort and wrong.cohort.genotypes) is None
    assert "GRCh37 was named, but" in wrong.issues.loc[wrong.issues["file"] == "few.vcf", "reason"].iloc[0]


def test_the_issues_of_a_file_that_is_refused_are_its_refusal_alone() -> None:
    few = b"\n".join(vcf(["A", "STRANGER"]).splitlines()[:5]) + b"\n"
    issues = read([PATIENTS, ("few.vcf", few)]).issues
    assert issues.loc[issues["file"] == "few.vcf", "code"].tolist() == ["build_unknown"]


# ----------------------------------------------------------------------------------------------------------- arrays
def array(build: int) -> bytes:
    lines = ["# This data file", "# rsid\tchromosome\tposition\tgenotype"]
    for one in known():
        ref = one.reference[build]
        if one.rsid and len(ref) == 1:
            letters = "AG" if one.rsid == "rs4244285" else ref * 2
            lines.append(f"{one.rsid}\t{one.chromosome}\t{one.position[build]}\t{letters}")
    return ("\n".join(lines) + "\n").encode()


@pytest.mark.parametrize(("build", "name", "pos"), [(0, GRCH38, 94781859), (1, GRCH37, 96541616)])
def test_the_text_of_an_array_test_is_read_in_the_build_in_which_its_identifiers_stand(
    build: int, name: str, pos: int
) -> None:
    found = genotypes(PATIENTS, ("A.txt", array(build)))
    assert found.samples == ("A",)
    assert detect_build(found) == name
    assert sorted(call(found, "A", ("10", pos))) == [0, 1]  # rs4244285 in both builds, as dbSNP lists it


def test_an_array_test_of_unknown_positions_is_refused() -> None:
    text = b"# rsid\tchromosome\tposition\tgenotype\nrs1\t1\t100\tAA\n"
    assert "build_unknown" in codes(PATIENTS, ("A.txt", text))


# ---------------------------------------------------------------------------------------------------------- folders
def test_a_declared_folder_is_read_with_its_variant_files(tmp_path: Path) -> None:
    (tmp_path / "cohort.toml").write_text('name = "C"\ngenotypes = "all_variants"\n', encoding="utf-8")
    (tmp_path / "patients.csv").write_bytes(PATIENTS[1])
    (tmp_path / "A.vcf").write_bytes(vcf(["A"]))
    (tmp_path / "vcf").mkdir()
    (tmp_path / "vcf" / "part-0.vcf.gz").write_bytes(gzip.compress(vcf(["B"])))
    cohort = read([tmp_path]).cohort
    assert cohort is not None
    assert cohort.genotypes is not None
    assert sorted(cohort.genotypes.samples) == ["A", "B"]
    assert cohort.complete == {"genotypes"}


def test_what_the_genotypes_hold_must_be_one_of_the_known_kinds(tmp_path: Path) -> None:
    (tmp_path / "cohort.toml").write_text('genotypes = "most"\n', encoding="utf-8")
    (tmp_path / "patients.csv").write_bytes(PATIENTS[1])
    issues = read([tmp_path]).issues
    assert "allowed: all_variants, unknown" in issues.loc[issues["code"] == "bad_settings", "reason"].iloc[0]


def test_genotypes_may_be_called_complete_and_another_word_may_not() -> None:
    cohort = read([PATIENTS, ("A.vcf", vcf(["A"]))], complete=["genotypes"]).cohort
    assert cohort is not None
    assert "genotypes" in cohort.complete
    with pytest.raises(InputError, match="and there is genotypes"):
        read([PATIENTS], complete=["genes"])


def test_an_import_that_follows_adds_its_samples() -> None:
    first = read([PATIENTS, ("A.vcf", vcf(["A"]))])
    second = read([("more.csv", b"patient_id,sex,age\nC,male,40\n"), ("C.vcf", vcf(["C"], {CYP2C19_2: ["1/1"]}))])
    both = merge(first, second).cohort
    assert both is not None
    assert both.genotypes is not None
    assert both.genotypes.samples == ("A", "C")
    assert call(both.genotypes, "C", CYP2C19_2) == (1, 1)


def test_taking_patients_keeps_the_genotypes_without_copying_them() -> None:
    cohort = read([PATIENTS, ("A.vcf", vcf(["A", "B"]))]).cohort
    assert cohort is not None
    assert cohort.genotypes is not None
    one = cohort.take(cohort.ids[1:])
    assert one.genotypes is not None
    assert np.shares_memory(one.genotypes.alleles, cohort.genotypes.alleles)


def test_a_small_file_of_another_build_beside_a_large_one_is_refused() -> None:
    """Its few positions would else be dropped as unknown ones: 12 of an array on GRCh37 beside a VCF on GRCh38."""
    only37 = [one for one in known() if one.rsid and one.position[0] != one.position[1]][:12]
    rows = "".join(f"{one.rsid}\t{one.chromosome}\t{one.position[1]}\t{one.reference[1][0] * 2}\n" for one in only37)
    array = f"# This data file generated by 23andMe\n# rsid\tchromosome\tposition\tgenotype\n{rows}".encode()
    small = vcf(["B"], build=GRCH37).splitlines(keepends=True)[:6]
    for name, data in (("B.txt", array), ("few.vcf", b"".join(small))):
        imported = read([PATIENTS, ("large.vcf", vcf(["A"])), (name, data)])
        told = imported.issues[imported.issues["code"] == "genotypes_refused"]["reason"].tolist()
        assert told, name
        assert "mixed builds" in told[0], name
