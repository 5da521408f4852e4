"""VCF files for the tests, written apart from the reader: text, BGZF blocks, their indexes; and what is read."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from precision.genotypes import Genotypes, Region, Sites
from precision.io.vcf import read_vcf

HEADER = '##fileformat=VCFv4.3\n##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
FULL_HEADER = (
    "##fileformat=VCFv4.3\n"
    '##FILTER=<ID=PASS,Description="All filters passed">\n'
    '##FILTER=<ID=LowQual,Description="Low quality">\n'
    '##ALT=<ID=NON_REF,Description="Any other allele">\n'
    '##INFO=<ID=END,Number=1,Type=Integer,Description="End">\n'
    '##INFO=<ID=DP,Number=1,Type=Integer,Description="Depth">\n'
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
    '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Reads of each allele">\n'
    '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">\n'
    '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Genotype quality">\n'
    '##FORMAT=<ID=FT,Number=1,Type=String,Description="Filter of the call">\n'
    '##FORMAT=<ID=PS,Number=1,Type=Integer,Description="Phase set">\n'
    + "".join(f"##contig=<ID={name},length=250000000>\n" for name in ("chr1", "chr2", "chr10", "chrX", "chrM"))
)
EMPTY_BLOCK = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


def vcf(lines: Iterable[str], samples: Sequence[str] = ("A",), header: str = HEADER) -> bytes:
    """A VCF with these records, whose columns are separated by spaces."""
    names = "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *samples])
    return (header + names + "\n" + "".join("\t".join(line.split()) + "\n" for line in lines)).encode()


def line(place: str, ref: str, alt: str, *calls: str, form: str = "GT", passed: str = "PASS", info: str = ".") -> str:
    """A record at chrom:pos."""
    chrom, _, pos = place.rpartition(":")
    return " ".join([chrom, pos, ".", ref, alt, ".", passed, info, form, *calls])


def bgzf_block(text: bytes) -> bytes:
    """One block: a gzip member that says its own length."""
    engine = zlib.compressobj(6, zlib.DEFLATED, -15)
    packed = engine.compress(text) + engine.flush()
    head = struct.pack("<4BI2BH2B2H", 31, 139, 8, 4, 0, 0, 255, 6, 66, 67, 2, len(packed) + 25)
    return head + packed + struct.pack("<2I", zlib.crc32(text), len(text))


def bgzf(text: bytes, size: int = 65_280) -> bytes:
    """Blocks of that many bytes, and the empty one at the end."""
    return b"".join(bgzf_block(text[at : at + size]) for at in range(0, len(text), size)) + EMPTY_BLOCK


@dataclass
class Bin:
    """The chunks of one bin and the first record in it."""

    chunks: list[list[int]] = field(default_factory=list)


@dataclass
class Contig:
    """What an index says of one contig."""

    bins: dict[int, Bin] = field(default_factory=dict)
    windows: dict[int, int] = field(default_factory=dict)


def _reg2bin(start: int, end: int, shift: int, depth: int) -> int:
    """The smallest bin that holds start to end (0-based, half-open), as the specification computes it."""
    end -= 1
    offset = ((1 << (3 * depth)) - 1) // 7
    for level in range(depth, 0, -1):
        if start >> shift == end >> shift:
            return offset + (start >> shift)
        shift += 3
        offset -= 1 << (3 * (level - 1))
    return 0


def _contigs(text: bytes, size: int, shift: int, depth: int) -> dict[str, Contig]:
    block_at = [0]
    for at in range(0, len(text), size):
        block_at.append(block_at[-1] + len(bgzf_block(text[at : at + size])))
    found: dict[str, Contig] = {}
    at = 0
    for raw in text.splitlines(keepends=True):
        start, at = at, at + len(raw)
        if raw.startswith(b"#"):
            continue
        cells = raw.decode().split("\t")
        first = int(cells[1]) - 1
        last = first + len(cells[3])
        for entry in cells[7].split(";"):
            if entry.startswith("END="):
                last = int(entry[4:])
        contig = found.setdefault(cells[0], Contig())
        here, there = (block_at[place // size] << 16 | place % size for place in (start, at))
        chunks = contig.bins.setdefault(_reg2bin(first, last, shift, depth), Bin()).chunks
        if chunks and chunks[-1][1] == here:
            chunks[-1][1] = there
        else:
            chunks.append([here, there])
        for window in range(first >> 14, (last - 1 >> 14) + 1):
            contig.windows.setdefault(window, here)
    return found


def _names(found: dict[str, Contig]) -> bytes:
    names = b"".join(name.encode() + b"\0" for name in found)
    return struct.pack("<7i", 2, 1, 2, 0, ord("#"), 0, len(names)) + names


def tbi(text: bytes, size: int) -> bytes:
    """The .tbi of that text in BGZF blocks of that size."""
    found = _contigs(text, size, 14, 5)
    out = b"TBI\1" + struct.pack("<i", len(found)) + _names(found)
    for contig in found.values():
        out += struct.pack("<i", len(contig.bins) + 1)
        for number, one in contig.bins.items():
            out += struct.pack("<Ii", number, len(one.chunks)) + b"".join(struct.pack("<2Q", *c) for c in one.chunks)
        out += struct.pack("<Ii4Q", 37450, 2, 0, 0, 0, 0)  # counts of records, which are no chunks
        last = max(contig.windows) + 1
        windows, before = list[int](), 0
        for window in range(last):
            before = contig.windows.get(window, before)
            windows.append(before)
        out += struct.pack(f"<i{last}Q", last, *windows)
    return bgzf(out)


def csi(text: bytes, size: int, shift: int = 12, depth: int = 6) -> bytes:
    """The .csi of that text in BGZF blocks of that size."""
    found = _contigs(text, size, shift, depth)
    extra = _names(found)
    out = b"CSI\1" + struct.pack("<3i", shift, depth, len(extra)) + extra + struct.pack("<i", len(found))
    for contig in found.values():
        out += struct.pack("<i", len(contig.bins))
        for number, one in contig.bins.items():
            out += struct.pack("<IQi", number, one.chunks[0][0], len(one.chunks))
            out += b"".join(struct.pack("<2Q", *chunk) for chunk in one.chunks)
    return bgzf(out)


def load(*lines: str, samples: tuple[str, ...] = ("A",), sites: Sites | list[Region] | None = None) -> Genotypes:
    """The genotypes of a file with these records, as the reader sees them."""
    return read_vcf(("t.vcf", vcf(lines, samples)), sites)


def calls(genotypes: Genotypes) -> list[list[list[int]]]:
    """The alleles, row by row and person by person."""
    return genotypes.alleles.tolist()


def codes(genotypes: Genotypes) -> list[tuple[int, str]]:
    """Line and code of every issue."""
    return list(zip(genotypes.issues["row"], genotypes.issues["code"], strict=True))
