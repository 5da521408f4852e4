"""An index beside a file changes how fast it is read, and nothing else."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from precision.errors import InputError
from precision.genotypes import SPANNED, Genotypes, Region, Sites
from precision.io.vcf import read_vcf
from tests.vcf_files import FULL_HEADER, bgzf, csi, line, tbi, vcf

SIZE = 900  # bytes of text in a block, so that small files have many
INDEXES: dict[str, Callable[[bytes, int], bytes]] = {".tbi": tbi, ".csi": csi}


def content(seed: int = 3, count: int = 3000) -> bytes:
    """Records and blocks over three chromosomes; some blocks are longer than a bin, many bins are empty."""
    random = np.random.default_rng(seed)
    lines = list[str]()
    for chrom in ("chr1", "chr2", "chrX"):
        pos = 1
        for _ in range(count // 3):
            pos += int(random.choice([1, 30, 900, 40_000, 3_000_000], p=[0.3, 0.4, 0.2, 0.09, 0.01]))
            if random.random() < 0.3:
                end = pos + int(random.choice([5, 500, 100_000], p=[0.6, 0.3, 0.1]))
                lines.append(line(f"{chrom}:{pos}", "A", "<NON_REF>", "0/0:99", form="GT:GQ", info=f"END={end}"))
                pos = end
            else:
                lines.append(line(f"{chrom}:{pos}", "A", "G", random.choice(["0/1:50", "1/1:60"]), form="GT:GQ"))
    return vcf(lines, header=FULL_HEADER)


def same(one: Genotypes, other: Genotypes) -> None:
    assert one.sites.chrom.tolist() == other.sites.chrom.tolist()
    assert one.sites.pos.tolist() == other.sites.pos.tolist()
    assert (one.sites.ref, one.sites.alts) == (other.sites.ref, other.sites.alts)
    np.testing.assert_array_equal(one.alleles, other.alleles)
    np.testing.assert_array_equal(one.reference_block, other.reference_block)
    columns = ["column", "value", "code", "severity", "fix"]  # lines are not counted where an index leads
    assert one.issues[columns].equals(other.issues[columns])


def asked(text: bytes, seed: int) -> Sites:
    """Positions of records and others, on chromosomes that the file has and one that it has not."""
    random = np.random.default_rng(seed)
    places = [raw.split(b"\t", 2)[:2] for raw in text.splitlines() if not raw.startswith(b"#")]
    chosen = [places[i] for i in random.choice(len(places), 40, replace=False)]
    names = [name.decode() for name, _ in chosen] + ["chr1"] * 40 + ["chrX"] * 40 + ["5"] * 5
    return Sites.at(names, [int(pos) for _, pos in chosen] + random.integers(1, 30_000_000, 85).tolist())


@pytest.mark.parametrize("suffix", INDEXES)
def test_an_index_leads_to_the_same_genotypes(suffix: str, tmp_path: Path) -> None:
    text = content()
    path = tmp_path / "g.vcf.gz"
    path.write_bytes(bgzf(text, SIZE))
    path.with_name(path.name + suffix).write_bytes(INDEXES[suffix](text, SIZE))
    for seed in range(5):
        sites = asked(text, seed)
        found = read_vcf(path, sites)
        assert len(found.sites) >= 40
        same(found, read_vcf((path.name, path.read_bytes()), sites))
    regions = [Region("1", 1, 5_000_000), Region("X", 400_000, 420_000), Region("2", 7, 7)]
    same(read_vcf(path, regions), read_vcf((path.name, path.read_bytes()), regions))


@pytest.mark.skipif(shutil.which("tabix") is None, reason="tabix is not installed: no index but our own tests' to read")
@pytest.mark.parametrize("options", [["-p", "vcf"], ["-C", "-p", "vcf"], ["-C", "-m", "12", "-p", "vcf"]])
def test_an_index_made_by_tabix_leads_to_the_same_genotypes(options: list[str], tmp_path: Path) -> None:
    text = content(11)
    path = tmp_path / "g.vcf.gz"
    path.write_bytes(bgzf(text, SIZE))
    subprocess.run(["tabix", *options, str(path)], check=True)
    for seed in range(5):
        sites = asked(text, seed)
        same(read_vcf(path, sites), read_vcf((path.name, path.read_bytes()), sites))


def test_an_index_older_than_its_file_is_not_trusted(tmp_path: Path) -> None:
    path, index = tmp_path / "g.vcf.gz", tmp_path / "g.vcf.gz.tbi"
    path.write_bytes(bgzf(content(), SIZE))
    index.write_bytes(tbi(content(4, 30), SIZE))
    os.utime(index, (1, 1))
    sites = asked(content(), 1)
    found = read_vcf(path, sites)
    assert found.issues["code"].tolist() == ["stale_index"]
    assert found.sites.pos.tolist() == read_vcf((path.name, path.read_bytes()), sites).sites.pos.tolist()


@pytest.mark.parametrize(
    "damaged", [b"", b"rubbish", bgzf(b"XYZ\1rest"), tbi(content(), SIZE)[:3000], bgzf(b"TBI\1\1\0")]
)
def test_a_damaged_index_is_said_and_the_file_read_whole(damaged: bytes, tmp_path: Path) -> None:
    path = tmp_path / "g.vcf.gz"
    path.write_bytes(bgzf(content(), SIZE))
    (tmp_path / "g.vcf.gz.tbi").write_bytes(damaged)
    sites = asked(content(), 1)
    found = read_vcf(path, sites)
    assert found.issues["code"].tolist() == ["bad_index"]
    assert found.sites.pos.tolist() == read_vcf((path.name, path.read_bytes()), sites).sites.pos.tolist()


def test_a_file_cut_after_its_index_was_made_is_refused(tmp_path: Path) -> None:
    path, text = tmp_path / "g.vcf.gz", content()
    path.write_bytes(bgzf(text[: 40 * SIZE], SIZE))
    (tmp_path / "g.vcf.gz.tbi").write_bytes(tbi(text, SIZE))
    with pytest.raises(InputError, match="its index"):
        read_vcf(path, asked(text, 1))


def test_an_index_of_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "g.vcf.gz"
    path.write_bytes(bgzf(content(), SIZE))
    (tmp_path / "g.vcf.gz.tbi").write_bytes(tbi(content(9), SIZE))
    with pytest.raises(InputError, match=r"its index|begins at byte"):
        read_vcf(path, asked(content(9), 1))


def test_an_index_beside_a_file_that_is_not_bgzf_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "g.vcf"
    path.write_bytes(content())
    (tmp_path / "g.vcf.tbi").write_bytes(tbi(content(), SIZE))
    sites = asked(content(), 1)
    same(read_vcf(path, sites), read_vcf((path.name, path.read_bytes()), sites))


@pytest.mark.parametrize("suffix", INDEXES)
@pytest.mark.parametrize("version", ["4.2", "4.5"])
def test_a_length_that_the_index_does_not_know_is_found_without_it(suffix: str, version: str, tmp_path: Path) -> None:
    declared = '##INFO=<ID=SVLEN,Number=A,Type=Integer,Description="Length">\n'
    ends = "".join(one for one in FULL_HEADER.splitlines(keepends=True) if "ID=END" not in one or version == "4.5")
    header = ends.replace("VCFv4.3", f"VCFv{version}") + declared
    text = vcf([line("chr1:100", "A", "<DEL>", "0/1", info="SVLEN=-900000")], header=header)
    path = tmp_path / "g.vcf.gz"
    path.write_bytes(bgzf(text, SIZE))
    path.with_name(path.name + suffix).write_bytes(INDEXES[suffix](text, SIZE))
    found = read_vcf(path, Sites.at(["1"], [800_000]))
    assert found.alleles.tolist() == [[[SPANNED, SPANNED]]]
