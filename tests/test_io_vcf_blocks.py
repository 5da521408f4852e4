"""Reference blocks of a gVCF: what they prove, and what they do not."""

import pytest

from precision.genotypes import ABSENT, FILTERED, NO_CALL, SPANNED, Region, Sites
from precision.io.vcf import read_vcf
from tests.vcf_files import FULL_HEADER, calls, codes, line, vcf


def gvcf(*lines: str) -> bytes:
    return vcf(lines, header=FULL_HEADER)


def test_a_block_covers_every_asked_position_up_to_its_end() -> None:
    content = gvcf(
        line("chr1:100", "A", "<NON_REF>", "0/0:99:30", form="GT:GQ:DP", info="DP=3;END=120"),
        line("chr1:121", "A", "G,<NON_REF>", "0/1:99:30", form="GT:GQ:DP", info="DP=3"),
        line("chr1:122", "A", "<*>", "0/0:99:30", form="GT:GQ:DP", info="END=130"),
        line("chr1:131", "A", ".", "0/0:99:30", form="GT:GQ:DP", info="END=140"),
    )
    sites = Sites.at(["1"] * 7, [99, 100, 120, 121, 125, 140, 141])
    genotypes = read_vcf(("g.vcf", content), sites)
    assert genotypes.sites.pos.tolist() == [100, 120, 121, 125, 140]
    assert genotypes.reference_block[:, 0].tolist() == [True, True, False, True, True]
    assert genotypes.sites.alts[2] == ("G", "<NON_REF>")
    assert calls(genotypes) == [[[0, 0]], [[0, 0]], [[0, 1]], [[0, 0]], [[0, 0]]]


def test_a_weak_block_is_no_proof_of_the_reference() -> None:
    content = gvcf(
        line("1:100", "A", "<NON_REF>", "0/0:5:30", form="GT:GQ:DP", info="END=120"),
        line("1:121", "A", "<NON_REF>", "0/0:99:0", form="GT:GQ:DP", info="END=130"),
        line("1:131", "A", "<NON_REF>", "./.:0:0", form="GT:GQ:DP", info="END=140"),
        line("1:141", "A", "<NON_REF>", "0/0", form="GT", info="END=150"),
    )
    sites = Sites.at(["1"] * 4, [110, 125, 135, 145])
    genotypes = read_vcf(("g.vcf", content), sites)
    assert calls(genotypes) == [[[FILTERED] * 2], [[FILTERED] * 2], [[NO_CALL] * 2], [[0, 0]]]
    assert genotypes.reference_block[:, 0].tolist() == [False, False, False, True]
    assert [code for _, code in codes(genotypes)] == ["weak_block", "weak_block"]
    lower = read_vcf(("g.vcf", content), sites, block_quality=5)
    assert calls(lower)[:2] == [[[0, 0]], [[FILTERED] * 2]]


def test_a_record_goes_before_a_block_that_covers_its_position() -> None:
    content = gvcf(
        line("1:100", "A", "<NON_REF>", "0/0:99", form="GT:GQ", info="END=120"),
        line("1:110", "C", "T", "0/1:99", form="GT:GQ"),
        line("1:115", "C", "<NON_REF>", "0/0:99", form="GT:GQ", info="END=125"),
    )
    genotypes = read_vcf(("g.vcf", content), Sites.at(["1"] * 2, [110, 118]))
    assert sorted(zip(genotypes.sites.pos.tolist(), calls(genotypes), strict=True)) == [
        (110, [[0, 1]]),
        (118, [[0, 0]]),
    ]
    assert codes(genotypes) == [(19, "duplicate_record"), (21, "duplicate_record")]


@pytest.mark.parametrize(
    "info",
    ["SVTYPE=DEL;END=500", "SVLEN=-400;SVTYPE=DEL", "SVTYPE=DEL;SVLEN=400", "END=100;SVLEN=-400", "SVLEN=400;END=5"],
)
def test_a_large_deletion_over_an_asked_position_is_said_and_is_no_reference(info: str) -> None:
    content = gvcf(
        line("1:100", "A", "<DEL>", "0/1", info=info),
        line("1:600", "A", "<DEL>", "0/0", info="SVTYPE=DEL;END=900"),
    )
    genotypes = read_vcf(("g.vcf", content), Sites.at(["1"] * 4, [300, 500, 501, 700]))
    assert (genotypes.sites.pos.tolist(), calls(genotypes)) == ([300, 500], [[[SPANNED, SPANNED]]] * 2)
    assert genotypes.issues["code"].tolist() == ["spanning_variant"]


def test_what_a_carried_deletion_covers_has_no_other_call_and_of_others_it_says_nothing() -> None:
    content = vcf(
        [
            line("1:100", "A", "<DEL>", "0/1", "0/0", "./.", info="SVTYPE=DEL;END=500"),
            line("1:200", "A", "<DEL>", "0/0", "0/1", "./.", info="SVTYPE=DEL;END=350"),
            line("1:300", "C", "T", "0/1", "0/1", "0/1"),
            line("1:400", "C", "T", "0/1", "0/1", "0/1"),
        ],
        tuple("ABC"),
        FULL_HEADER,
    )
    genotypes = read_vcf(("g.vcf", content), Sites.at(["1"] * 3, [300, 340, 400]))
    covered, told, nothing = [SPANNED, SPANNED], [0, 1], [ABSENT, ABSENT]
    found = dict(zip(genotypes.sites.pos.tolist(), calls(genotypes), strict=True))
    assert found == {300: [covered, covered, told], 340: [covered, covered, nothing], 400: [covered, told, told]}


def test_an_insertion_or_a_failed_deletion_covers_nothing() -> None:
    content = gvcf(
        line("1:100", "A", "<INS>", "0/1", info="SVTYPE=INS;SVLEN=400"),
        line("1:110", "A", "<DEL>", "0/1", info="SVTYPE=DEL;END=500", passed="LowQual"),
    )
    genotypes = read_vcf(("g.vcf", content), Sites.at(["1"], [300]))
    assert (len(genotypes.sites), len(genotypes.issues)) == (0, 0)


@pytest.mark.parametrize(
    ("alts", "lengths", "covered"),
    [("<DEL>,<DUP>", "-50,30000", True), ("<INS>,<DEL>", ".,-30000", True), ("<INS>,<DEL>", "30000,-50", False)]
    + [("<CN0>", "30000", True), ("<del>", "-30000", True), ("<DEL>", ".", False)],
)
def test_each_alt_has_a_length_of_its_own(alts: str, lengths: str, covered: bool) -> None:
    content = gvcf(line("1:100", "A", alts, "0/1", info=f"SVLEN={lengths}"))
    assert len(read_vcf(("g.vcf", content), Sites.at(["1"], [20_000])).sites) == covered


@pytest.mark.parametrize("length", [99, 101, 149, 150, 5_000])
@pytest.mark.parametrize("before", range(0, 48, 7))
def test_a_record_is_found_however_long_its_ref_is(length: int, before: int) -> None:
    others = [line(f"1:{10 + i}", "A", "C", "0/1") for i in range(before)]
    content = vcf([*others, line("1:1000", "ACGT" * (length // 4) + "ACGT"[: length % 4], "A", "0/1")])
    last = 1000 + length - 1
    assert read_vcf(("g.vcf", content), Sites.at(["1"], [last])).sites.pos.tolist() == [1000]
    assert len(read_vcf(("g.vcf", content), Sites.at(["1"], [last + 1])).sites) == 0


def test_a_block_of_many_samples_is_reference_only_where_it_says_so() -> None:
    content = vcf([line("1:100", "A", "<*>", "0/0", "./.", "0/1", info="END=120")], tuple("ABC"), FULL_HEADER)
    genotypes = read_vcf(("g.vcf", content), Sites.at(["1"], [110]))
    assert calls(genotypes) == [[[0, 0], [NO_CALL, NO_CALL], [NO_CALL, NO_CALL]]]
    assert genotypes.reference_block.tolist() == [[True, False, False]]


def test_missing_filtered_no_call_and_reference_block_are_four_different_things() -> None:
    genotypes = read_vcf(
        (
            "g.vcf",
            vcf(
                [
                    line("1:100", "A", "<NON_REF>", "0/0:50:30", form="GT:GQ:DP", info="END=199"),
                    line("1:200", "C", "T", "0/1:50:30", form="GT:GQ:DP", passed="LowQual"),
                    line("1:210", "C", "T", "./.:50:30", form="GT:GQ:DP"),
                ],
                header=FULL_HEADER,
            ),
        ),
        Sites.at(["1"] * 5, [100, 150, 200, 210, 300]),
    )
    assert genotypes.sites.pos.tolist() == [100, 150, 200, 210]  # 300 is absent: it has no row
    assert calls(genotypes) == [[[0, 0]], [[0, 0]], [[FILTERED, FILTERED]], [[NO_CALL, NO_CALL]]]
    assert genotypes.reference_block.tolist() == [[True], [True], [False], [False]]
    assert genotypes.sites.ref == ("A", "N", "C", "C")
    assert [ref[:1] for ref in genotypes.sites.ref] == ["A", "N", "C", "C"]
    assert ABSENT not in genotypes.alleles


def test_regions_take_records_and_blocks_inside_them() -> None:
    content = gvcf(
        line("chr1:90", "A", "<NON_REF>", "0/0", info="END=120"),
        line("chr1:121", "A", "G", "0/1"),
        line("chr1:200", "A", "G", "0/1"),
        line("chr2:121", "A", "G", "0/1"),
    )
    genotypes = read_vcf(("g.vcf", content), [Region("1", 100, 121), Region("1", 110, 150)])
    assert list(zip(genotypes.sites.pos.tolist(), genotypes.sites.ref, strict=True)) == [(100, "N"), (121, "A")]


@pytest.mark.parametrize("info", ["END=x", "DP=3;END=99", "END=", "END=-5"])
def test_a_block_without_an_end_leaves_all_after_it_unknown(info: str) -> None:
    """Another line, or a block that says how far it reaches, still counts."""
    content = gvcf(
        line("1:50", "A", "<NON_REF>", "0/0:99", form="GT:GQ", info="END=60"),
        line("1:100", "A", "<NON_REF>", "0/0:99", form="GT:GQ", info=info),
        line("1:500", "C", "T", "0/1:99", form="GT:GQ"),
        line("1:600", "A", "<NON_REF>", "0/0:99", form="GT:GQ", info="END=650"),
    )
    genotypes = read_vcf(("g.vcf", content), Sites.at(["1"] * 6, [55, 90, 101, 500, 610, 90000]))
    found = dict(zip(genotypes.sites.pos.tolist(), calls(genotypes), strict=True))
    unknown = [[NO_CALL, NO_CALL]]
    assert found == {55: [[0, 0]], 101: unknown, 500: [[0, 1]], 610: [[0, 0]], 90000: unknown}
    told = genotypes.issues[["row", "value", "code", "severity"]].to_numpy().tolist()
    assert told == [[20, info.removeprefix("DP=3;"), "bad_end", "error"]]


def test_another_variant_whose_end_lies_before_it_is_no_block() -> None:
    genotypes = read_vcf(
        (
            "g.vcf",
            gvcf(line("1:100", "A", "<BND>", "0/1", info="END=20"), line("1:200", "A", "G", "0/1", info="END=x")),
        ),
        Sites.at(["1"] * 3, [100, 150, 200]),
    )
    assert genotypes.sites.pos.tolist() == [100, 200]
    assert genotypes.issues.empty


def test_a_block_that_is_not_called_reference_is_told() -> None:
    content = gvcf(line("1:100", "A", "<NON_REF>", "0/1:99", form="GT:GQ", info="END=120"))
    genotypes = read_vcf(("g.vcf", content), Sites.at(["1"], [110]))
    assert calls(genotypes) == [[[NO_CALL, NO_CALL]]]
    assert genotypes.issues[["code", "severity"]].to_numpy().tolist() == [["block_not_reference", "error"]]


@pytest.mark.parametrize("told", ["", ":30", "|1", "/0"])
def test_a_call_that_is_none_is_told(told: str) -> None:
    """A mark before the first allele is part of VCF from version 4.4 on."""
    text = vcf([]) + f"1\t5\t.\tA\tG\t.\t.\t.\tGT:DP\t{told}\n".encode()
    genotypes = read_vcf(("t.vcf", text), None)
    assert (calls(genotypes), codes(genotypes)) == ([[[NO_CALL, NO_CALL]]], [(4, "bad_genotype")])
    newer = read_vcf(("t.vcf", text.replace(b"VCFv4.3", b"VCFv4.4")), None)
    assert newer.issues.empty == (told in ("|1", "/0"))
