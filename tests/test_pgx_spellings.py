"""One change has many spellings: with fewer bases, from another position, beside other bases, in several records."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from precision.genotypes import HAPLOID, NO_CALL, Sites
from precision.io.vcf import read_vcf
from precision.pgx.calling import Settings, call
from precision.pgx.definitions import sites
from precision.pgx.result import Call
from tests.pgx_genotypes import genotypes, person

COMPLETE = Settings("GRCh38", absent_as_reference=True)
Row = tuple[str, int, str, str, str]


def read(gene: str, *rows: Row, settings: Settings = COMPLETE) -> Call:
    """The gene of a person whose file has these records: chromosome, position, REF, ALTs, genotype."""
    chrom, pos, ref, alts, calls = zip(*rows, strict=True)
    alleles = np.zeros((len(rows), 1, 2), np.int8)
    for row, text in enumerate(calls):
        codes = [NO_CALL if part == "." else int(part) for part in text.replace("|", "/").split("/")]
        alleles[row, 0] = codes if len(codes) == 2 else [codes[0], HAPLOID]
    phased = np.array([["|" in text] for text in calls])
    made = genotypes(Sites.at(chrom, pos, ref, alts), alleles, phased)
    return call(made, settings, {"P0": "female"}, only=[gene]).of("P0", gene)


def names(found: Call) -> list[str]:
    return [one.name for one in found.diplotypes]


def unknown(found: Call) -> set[str]:
    return {place.name for place in (*found.positions_missing, *found.positions_discarded)}


REPEAT = ("2", 233760233)


@pytest.mark.parametrize(
    ("ref", "alts", "told", "expected"),
    [
        ("C", "CAT", "0/1", "*1/*28"),
        ("C", "CAT", "1/1", "*28/*28"),
        ("C", "CAT", "0/0", "*1/*1"),
        ("C", "CAT,CATAT", "1/2", "*28/*37"),
        ("CA", "CATA", "0/1", "*1/*28"),
        ("CATAT", "CATATAT", "0/1", "*1/*28"),
    ],
)
def test_a_repeat_is_read_from_any_ref(ref: str, alts: str, told: str, expected: str) -> None:
    assert names(read("UGT1A1", (*REPEAT, ref, alts, told))) == [expected]


def test_a_repeat_is_read_where_it_is_written_further_right() -> None:
    assert names(read("UGT1A1", ("2", 233760234, "A", "ATA", "0/1"))) == ["*1/*28"]
    assert names(read("UGT1A1", ("2", 233760235, "T", "TAT", "0/1"))) == ["*1/*28"]


@pytest.mark.parametrize("rows", [(0, 1), (1, 0)])
def test_records_of_a_repeat_with_different_refs_are_put_together(rows: tuple[int, int]) -> None:
    def both(insertion: str, deletion: str) -> Call:
        records = ((*REPEAT, "C", "CAT", insertion), (*REPEAT, "CAT", "C", deletion))
        return read("UGT1A1", *(records[row] for row in rows))

    assert names(both("0/0", "0/1")) == ["*1/*36"]
    assert names(both("0/1", "0/0")) == ["*1/*28"]
    assert names(both("0/1", "0/1")) == ["*28/*36"]
    assert both("1/1", "0/1").status == "not_called"


def test_records_of_one_change_that_contradict_each_other_say_nothing() -> None:
    found = read("UGT1A1", (*REPEAT, "C", "CAT", "0/1"), (*REPEAT, "CAT", "CATAT", "1/1"))
    assert (found.status, "partial_call" in found.reasons) == ("not_called", True)


@pytest.mark.parametrize(("alts", "told"), [("", "0/0"), ("G", "0/1"), ("G", "0/0")])
def test_a_single_base_says_nothing_of_a_repeat(alts: str, told: str) -> None:
    assert "rs3064744" in unknown(read("UGT1A1", (*REPEAT, "C", alts, told)))


def test_an_insertion_that_no_definition_knows_is_not_the_reference() -> None:
    found = read("UGT1A1", (*REPEAT, "C", "CATATATAT", "0/1"))
    assert (found.status, "undocumented_allele" in found.reasons) == ("not_called", True)


def test_an_insertion_of_nudt15_is_read_from_its_first_base() -> None:
    found = read("NUDT15", ("13", 48037782, "A", "AGGAGTC", "0/1"))
    assert names(found) == ["*1/*6"]


@pytest.mark.parametrize(
    ("gene", "row", "expected"),
    [
        ("DPYD", ("1", 97450057, "AC", "AT", "0/1"), "Reference/c.1905+1G>A (*2A)"),
        ("DPYD", ("1", 97450058, "CA", "TG", "0/1"), "Reference/c.1905+1G>A (*2A)"),
        ("CYP2C9", ("10", 94949280, "AGA", "AG", "0/1"), "*1/*6"),
        ("CYP2C9", ("10", 94949282, "AA", "A", "0/1"), "*1/*6"),
    ],
)
def test_a_change_is_read_from_a_record_that_begins_elsewhere(gene: str, row: Row, expected: str) -> None:
    assert names(read(gene, row)) == [expected]


def test_a_position_inside_a_carried_deletion_is_not_reference() -> None:
    deletion = ("10", 94781856, "CCCG", "C", "0/1")  # over rs4244285 at 94781859
    assert "rs4244285" in unknown(read("CYP2C19", deletion))
    beside = read("CYP2C19", deletion, ("10", 94781859, "G", "A", "0/0"))
    assert "rs4244285" in unknown(beside)
    assert "rs4244285" not in unknown(read("CYP2C19", (*deletion[:4], "0/0")))
    before = ("10", 94781856, "CCC", "C", "0/1")
    assert "rs4244285" not in unknown(read("CYP2C19", before))


def test_a_symbolic_allele_over_a_position_is_not_reference() -> None:
    assert "rs4244285" in unknown(read("CYP2C19", ("10", 94781856, "CCCG", "<DEL>", "0/1")))


def test_a_definition_that_lies_over_another_leaves_it_as_it_is() -> None:
    found = call(person({"rs137852338": "CATG/C"}, "G6PD"), Settings("GRCh38"), {"P0": "female"}, only=["G6PD"])
    assert not unknown(found.of("P0", "G6PD"))


@pytest.mark.parametrize("asked", [sites(), sites("GRCh38")])
@pytest.mark.parametrize(
    ("gene", "record", "expected"),
    [
        ("DPYD", "chr1\t97450057\t.\tAC\tAT", ["Reference/c.1905+1G>A (*2A)"]),
        ("CYP2C9", "chr10\t94949280\t.\tAGA\tAG", ["*1/*6"]),
        ("CYP2C9", "chr10\t94949282\t.\tAA\tA", ["*1/*6"]),
        ("UGT1A1", "chr2\t233760233\t.\tC\tCAT", ["*1/*28"]),
    ],
)
def test_other_spellings_are_read_from_a_file(
    gene: str, record: str, expected: list[str], asked: Sites, tmp_path: Path
) -> None:
    head = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tP0\n"
    (tmp_path / "one.vcf").write_text(f"{head}{record}\t.\tPASS\t.\tGT\t0/1\n")
    made = read_vcf(tmp_path / "one.vcf", asked)
    assert names(call(made, COMPLETE, {}, only=[gene]).of("P0", gene)) == expected


def test_a_deletion_over_a_position_is_read_from_a_file_and_one_before_it_is_not(tmp_path: Path) -> None:
    head = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tP0\n"
    lines = ["chr10\t94781850\t.\tCC\tC", "chr10\t94781856\t.\tCCCG\tC"]
    (tmp_path / "one.vcf").write_text(head + "".join(f"{line}\t.\tPASS\t.\tGT\t0/1\n" for line in lines))
    made = read_vcf(tmp_path / "one.vcf", sites())
    assert made.sites.pos.tolist() == [94781856]
    found = call(made, COMPLETE, {}, only=["CYP2C19"]).of("P0", "CYP2C19")
    told = {one.name: one.why for one in found.positions_discarded}
    assert told == {"rs6413438": "allele_not_told", "rs4244285": "allele_not_told"}
    assert found.tier1_untested == ("*2",)


def stretch(chrom: str, start: int, length: int) -> str:
    """Bases of GRCh38 where definitions know them, else A."""
    text, known = ["A"] * length, sites("GRCh38")
    for name, pos, ref in zip(known.chrom.tolist(), known.pos.tolist(), known.ref, strict=True):
        if name == chrom and start <= pos <= start + length - len(ref):
            text[pos - start : pos - start + len(ref)] = ref
    return "".join(text)


@pytest.mark.parametrize(
    "record",
    [
        "chr10\t94780000\t.\tA\t<DEL>\t.\tPASS\tSVTYPE=DEL;END=94790000",
        "chr10\t94780000\t.\tA\t<DEL>\t.\tPASS\tSVLEN=-10000",
        f"chr10\t94780000\t.\t{stretch('10', 94780000, 2_000)}\tA\t.\tPASS\t.",
    ],
)
def test_a_large_deletion_over_a_position_is_not_reference_in_a_file_that_lists_every_variant(
    record: str, tmp_path: Path
) -> None:
    head = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tP0\tP1\n"
    (tmp_path / "one.vcf").write_text(f"{head}{record}\tGT\t0/1\t0/0\n")
    made = call(read_vcf(tmp_path / "one.vcf", sites("GRCh38")), COMPLETE, {}, only=["CYP2C19"])
    carrier, other = made.of("P0", "CYP2C19"), made.of("P1", "CYP2C19")
    assert {"rs4986893", "rs4244285"} <= unknown(carrier)
    assert (carrier.status, "inside_larger_variant" in carrier.reasons) == ("not_called", True)
    assert not unknown(other)
    assert names(other) == ["*38/*38"]
    assert "*2" in carrier.tier1_untested


def test_a_symbolic_allele_at_the_position_itself_is_not_told() -> None:
    found = read("CYP2C19", ("10", 94781859, "G", "<DEL>", "0/1"))
    assert {one.name: one.why for one in found.positions_discarded} == {"rs4244285": "allele_not_told"}


def test_a_ref_that_is_not_the_reference_leaves_every_position_that_it_covers_unknown() -> None:
    found = read("CYP2C19", ("10", 94781857, "CCT", "CCA", "0/0"))
    assert {one.name: one.why for one in found.positions_discarded} == {"rs4244285": "ref_mismatch"}


def test_a_gene_of_which_a_part_is_deleted_is_not_called_by_the_rest(tmp_path: Path) -> None:
    """*2 of CYP2C19 inside a deletion on one strand, *17 before it: what is read alone would be *1/*17 or *17/*17."""
    head = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tP0\n"
    lines = [
        "chr10\t94761900\t.\tC\tT\t.\tPASS\t.\tGT\t0/1",
        "chr10\t94770000\t.\tA\t<DEL>\t.\tPASS\tEND=94800000\tGT\t0/1",
        "chr10\t94781859\t.\tG\tA\t.\tPASS\t.\tGT\t0/1",
    ]
    (tmp_path / "one.vcf").write_text(head + "".join(f"{line}\n" for line in lines))
    found = call(read_vcf(tmp_path / "one.vcf", sites("GRCh38")), COMPLETE, {}, only=["CYP2C19"]).of("P0", "CYP2C19")
    assert (found.status, names(found), found.phenotype) == ("not_called", [], "")
