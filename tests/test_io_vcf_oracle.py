"""The reader agrees with cyvcf2 on every genotype, and with itself after a round trip through text."""

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from precision.genotypes import HAPLOID, NO_CALL, Genotypes, Sites, chromosome
from precision.io.vcf import read_vcf
from tests.vcf_files import FULL_HEADER, bgzf, line, vcf

PADDED = -2  # what cyvcf2 writes beside a haploid call


def agree(path: Path) -> int:
    """Compare every genotype of a file; how many there were before lines of one position and REF were joined."""
    cyvcf2 = pytest.importorskip("cyvcf2", reason="cyvcf2 is not installed: nothing to compare with")
    ours = read_vcf(path, None, keep_filtered=True)
    row, counted = 0, 0
    places = groupby(cyvcf2.VCF(str(path), gts012=False), key=lambda theirs: (theirs.CHROM, theirs.POS, theirs.REF))
    for (chrom, pos, ref), group in places:
        alts, calls, phased = list[str](), list[NDArray[np.int64]](), list[NDArray[np.bool_]]()
        for theirs in group:
            array = np.asarray(theirs.genotype.array())
            alleles, strands = array[:, :-1], array[:, -1].astype(bool)
            if alleles.shape[1] == 1:
                alleles = np.concatenate([alleles, np.full_like(alleles, PADDED)], axis=1)
            calls.append(np.where(alleles > 0, alleles + len(alts), np.where(alleles == PADDED, HAPLOID, alleles)))
            phased.append(strands)
            alts += theirs.ALT
        assert (ours.sites.chrom[row], ours.sites.pos[row]) == (chromosome(chrom), pos)
        assert (ours.sites.ref[row], ours.sites.alts[row]) == (ref, tuple(alts))
        expected = calls[0] if len(calls) == 1 else joined_by_strand(calls)
        np.testing.assert_array_equal(ours.alleles[row], expected)
        pairs = (expected[:, 1] != HAPLOID) & (expected >= 0).all(axis=1)
        np.testing.assert_array_equal(ours.phased[row][pairs], phased[0][pairs])
        counted += sum(map(len, calls))
        row += 1
    assert row == len(ours.sites)
    return counted


def joined_by_strand(calls: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Phased calls of split lines, one person and strand after the other; none where a strand has two alleles."""
    out = calls[0].copy()
    for person in range(len(out)):
        for strand in range(2):
            named = {int(call[person, strand]) for call in calls} - {0}
            assert len(named) <= 1, "no real person here has two alleles on one strand"
            out[person, strand] = named.pop() if named else 0
    return out


def test_every_genotype_of_real_people_is_the_one_that_cyvcf2_reads(shared: Path) -> None:
    counted = {path.name: agree(path) for path in sorted((shared / "data").rglob("*.vcf*"))}
    # lines (`grep -vc '^#'`) x people (columns of the header less nine)
    assert counted == {
        "NA18526.preprocessed.vcf": 236,
        "NA18565.preprocessed.vcf": 236,
        "NA18861.preprocessed.vcf": 235,
        "coriell_affy_1kgp_355samples_GRCh37.vcf.gz": 818 * 355,
        "tiny1000G.vcf.gz": 1004 * 3202,
        "vcf2fhir_NB6TK328_filtered.vcf": 5,
        "vcf2fhir_vcf_example2.vcf": 421,
        "vcf2fhir_vcf_example3.vcf": 13,
    }


def test_every_genotype_of_the_published_cases_is_the_one_that_cyvcf2_reads(shared: Path) -> None:
    paths = sorted((shared / "vectors" / "pgx" / "vcf").glob("*.vcf"))
    assert sum(map(agree, paths)) > 10_000


TEN = ",".join("C" * k for k in range(2, 14))
ODD_FILES = {
    "haploid": [
        line("chrX:5", "C", "T", "0", "0/1", "1", "."),
        line("chrX:6", "C", "T", "0", "1", "1", "."),
        line("chrM:7", "C", "T", "0", "1", "0", "1"),
    ],
    "ten alleles": [
        line("chr1:5", "C", TEN, "0/10", "11|12", "9/1", "./."),
        line("chr1:6", "C", TEN, "0/1", "1|2", "9/1", "0/0"),
    ],
    "many alleles": [line("chr1:5", "C", ",".join("C" * k for k in range(2, 127)), "99/100", "125|0", "./1", "0/0")],
    "subfields left out": [
        line("chr1:5", "C", "T", "0/1:3,4:7:99", "0/0", "./.:.", "1|1:0,9:9", form="GT:AD:DP:GQ"),
        line("chr1:6", "C", "T", "0|1:3,4", "0/0:9,0:9:20", "1/1", "./.", form="GT:AD:DP:GQ"),
        line("chr1:7", "C", "T", "0|1:5", "0|0:5", "1|0:9", "./.:.", form="GT:PS"),
    ],
    "partly called": [line("chr1:5", "C", "T,G", "0/.", "./1", ".|2", "1|.")],
    "gVCF blocks": [
        line("chr1:5", "C", "<NON_REF>", "0/0:30:99", "0/0:3:9", "./.:0:0", "0|0:1:1", form="GT:DP:GQ", info="END=99"),
        line("chr1:100", "C", "T,<NON_REF>", "0/1:9:9", "0/0:9:9", "1/1:9:9", "0/2:9:9", form="GT:DP:GQ"),
        line("chr1:101", "C", ".", "0/0:9:9", "0/0:9:9", "./.:9:9", "0/0:9:9", form="GT:DP:GQ", info="DP=5;END=120"),
        line("chr2:1", "C", "<*>", "0/0", "0/0", "0/0", "0/0", info="END=4"),
    ],
    "filtered": [
        line("chr1:5", "C", "T", "0/1", "0/0", "1/1", "0/0", passed="LowQual"),
        line("chr1:6", "C", "T", "0/1:PASS", "0/0:LowQual", "1/1:.", "0/0", form="GT:FT"),
    ],
}


@pytest.mark.parametrize("kind", ODD_FILES)
@pytest.mark.parametrize("packed", [False, True])
def test_odd_files_are_read_as_cyvcf2_reads_them(kind: str, packed: bool, tmp_path: Path) -> None:
    content = vcf(ODD_FILES[kind], tuple("ABCD"), FULL_HEADER)
    path = tmp_path / ("odd.vcf.gz" if packed else "odd.vcf")
    path.write_bytes(bgzf(content, 100) if packed else content)
    assert agree(path) == 4 * len(ODD_FILES[kind])


def test_split_multi_allelics_are_what_cyvcf2_reads_before_they_were_split(tmp_path: Path) -> None:
    """All genotypes of two ALTs; the split lines are written as `bcftools norm -m-` writes them."""
    pairs = [(a, b) for a in range(3) for b in range(3)]
    whole = vcf([line("chr1:5", "C", "T,G", *(f"{a}/{b}" for a, b in pairs))], tuple("ABCDEFGHI"), FULL_HEADER)
    (tmp_path / "whole.vcf").write_bytes(whole)
    assert agree(tmp_path / "whole.vcf") == 9
    split = [
        line("chr1:5", "C", alt, *(f"{int(a == k)}/{int(b == k)}" for a, b in pairs)) for k, alt in ((1, "T"), (2, "G"))
    ]
    joined = read_vcf(("split.vcf", vcf(split, tuple("ABCDEFGHI"), FULL_HEADER)), None)
    assert joined.sites.alts == (("T", "G"),)
    np.testing.assert_array_equal(joined.alleles, read_vcf(tmp_path / "whole.vcf", None).alleles)


@dataclass(frozen=True)
class Written:
    """A file's text and what stands in it: (V, S) calls as (allele, allele, phased, phase set)."""

    content: bytes
    chrom: list[str]
    pos: list[int]
    alts: list[int]
    calls: list[list[tuple[int, int, bool, int]]]


FORMS = ("GT", "GT:DP", "DP:GT", "GT:PS", "AD:PS:GT:DP")


@st.composite
def written(draw: st.DrawFn) -> Written:
    people = draw(st.integers(1, 4))
    places = draw(
        st.lists(st.tuples(st.sampled_from(["1", "2", "X", "MT"]), st.integers(1, 99)), unique=True, max_size=9)
    )
    lines, alts, every = list[str](), list[int](), list[list[tuple[int, int, bool, int]]]()
    for chrom, pos in places:
        most, form = draw(st.integers(0, 12)), draw(st.sampled_from(FORMS))
        allele = st.integers(-1, most)
        other = st.one_of(allele, st.just(HAPLOID))
        calls = draw(
            st.lists(st.tuples(allele, other, st.booleans(), st.integers(0, 40)), min_size=people, max_size=people)
        )
        lines.append(_line(chrom, pos, most, form, calls))
        with_sets = "PS" in form
        every.append([(a, b, p and b != HAPLOID, s if with_sets and p and b != HAPLOID else 0) for a, b, p, s in calls])
        alts.append(most)
    content = vcf(lines, tuple("ABCD"[:people]))
    content = draw(st.sampled_from([content, gzip.compress(content), bgzf(content, 61), content.removesuffix(b"\n")]))
    return Written(content, [chrom for chrom, _ in places], [pos for _, pos in places], alts, every)


def _line(chrom: str, pos: int, most: int, form: str, calls: Sequence[tuple[int, int, bool, int]]) -> str:
    cells = list[str]()
    for first, second, phased, phase_set in calls:
        texts = ["." if a == NO_CALL else str(a) for a in (first, second) if a != HAPLOID]
        parts = {"GT": ("|" if phased else "/").join(texts), "PS": str(phase_set or "."), "DP": "31", "AD": "3,4"}
        cells.append(":".join(parts[key] for key in form.split(":")))
    alts = ",".join("A" * k for k in range(2, most + 2)) or "."
    return line(f"{chrom}:{pos}", "A", alts, *cells, form=form)


def check(genotypes: Genotypes, file: Written, rows: Sequence[int], people: Sequence[int]) -> None:
    assert genotypes.sites.chrom.tolist() == [file.chrom[i] for i in rows]
    assert genotypes.sites.pos.tolist() == [file.pos[i] for i in rows]
    assert [len(alts) for alts in genotypes.sites.alts] == [file.alts[i] for i in rows]
    expected = [[file.calls[i][j] for j in people] for i in rows]
    assert genotypes.alleles.tolist() == [[[a, b] for a, b, _, _ in calls] for calls in expected]
    assert genotypes.phased.tolist() == [[p for _, _, p, _ in calls] for calls in expected]
    assert genotypes.phase_set.tolist() == [[s for _, _, _, s in calls] for calls in expected]
    assert genotypes.issues.empty


@settings(max_examples=100)
@given(file=written(), data=st.data())
def test_what_is_written_is_read_back(file: Written, data: st.DataObject) -> None:
    everybody = range(len(file.calls[0]) if file.calls else 0)
    if file.calls:
        check(read_vcf(("f.vcf", file.content), None), file, range(len(file.pos)), everybody)
        people = data.draw(st.lists(st.sampled_from(everybody), unique=True, min_size=1))
        asked = data.draw(st.lists(st.sampled_from(range(len(file.pos))), unique=True))
        sites = Sites.at([file.chrom[i] for i in asked], [file.pos[i] for i in asked])
        some = read_vcf(("f.vcf", file.content), sites, ["ABCD"[j] for j in people])
        check(some, file, sorted(asked), people)


def test_many_lines_are_read_alike_whatever_block_they_stand_in() -> None:
    """5 MB of text: the borders of blocks fall anywhere."""
    random = np.random.default_rng(7)
    people, count = 60, 20_000
    alleles = random.integers(-1, 2, (count, people, 2))
    letters = np.full((count, people, 4), ord("\t"), np.uint8)
    letters[..., [0, 2]] = np.where(alleles < 0, ord("."), alleles + ord("0"))
    letters[..., 1], letters[:, -1, 3] = ord("/"), ord("\n")
    lines = [f"chr7\t{i + 1}\trs{i}\tA\tG\t.\tPASS\t.\tGT\t".encode() + letters[i].tobytes() for i in range(count)]
    content = vcf([], [f"p{i}" for i in range(people)]) + b"".join(lines)
    for packed in (content, bgzf(content)):
        genotypes = read_vcf(("m.vcf", packed), None)
        assert genotypes.sites.pos.tolist() == list(range(1, count + 1))
        np.testing.assert_array_equal(genotypes.alleles, alleles)
        asked = random.choice(count, 500, replace=False) + 1
        some = read_vcf(("m.vcf", packed), Sites.at(["7"] * 500, asked.tolist()), ["p3", "p59"])
        np.testing.assert_array_equal(some.alleles, alleles[np.sort(asked) - 1][:, [3, 59]])
