"""Reading genotypes beside plink2, bcftools and cyvcf2: a cohort to int8, and a few positions of a genome."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np

from benchmarks.report import Row

VARIANTS, PEOPLE = 20_000, 2_000
GENOME = 1_000_000
POSITIONS = 2_000
REPEATS = 5
CHROMOSOME_MB = (
    249, 242, 198, 190, 182, 171, 159, 145, 138, 134, 135, 133, 114, 107, 102, 90, 83, 80, 59, 64, 47, 51,
)  # fmt: skip
OURS = """
import json, sys
import numpy as np
from time import process_time as cpu_seconds
from benchmarks.memory import peak_bytes
from precision.genotypes import Sites
from precision.io.vcf import read_vcf
path, targets, repeats = sys.argv[1], sys.argv[2], int(sys.argv[3])
sites = None
if targets:
    rows = [line.split() for line in open(targets)]
    sites = Sites.at([row[0] for row in rows], [int(row[1]) for row in rows])
seconds = []
for _ in range(repeats):
    start = cpu_seconds()
    read = read_vcf(path, sites)
    seconds.append(cpu_seconds() - start)
    sums = [len(read.sites), int(np.maximum(read.alleles, 0).sum(dtype=np.int64))]
    del read
print(json.dumps([min(seconds), peak_bytes(), *sums]))
"""
CYVCF2 = """
import json, sys
import numpy as np
from cyvcf2 import VCF
from time import process_time as cpu_seconds
seconds = []
for _ in range(int(sys.argv[3])):
    read = np.empty((int(sys.argv[2]), len(VCF(sys.argv[1]).samples), 2), np.int8)
    start, rows = cpu_seconds(), 0
    for variant in VCF(sys.argv[1]):
        read[rows] = variant.genotype.array()[:, :2]
        rows += 1
    seconds.append(cpu_seconds() - start)
print(json.dumps([min(seconds), 0, rows, int(np.maximum(read, 0).sum(dtype=np.int64))]))
"""


def write_cohort(path: Path, variants: int, people: int, seed: int = 1) -> None:
    """A cohort of one chromosome with GT only; one genotype in 200 is not called."""
    random = np.random.default_rng(seed)
    frequency = np.clip(random.beta(0.3, 1.3, variants), 0.0005, 1)
    pos = np.sort(random.choice(200_000_000, variants, replace=False)) + 1
    with _Bgzip(path) as out:
        names = "\t".join(f"S{i:05d}" for i in range(people))
        out.write(_header([1]) + f"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{names}\n".encode())
        for i in range(variants):
            calls = np.full((people, 4), ord("\t"), np.uint8)
            calls[:, [0, 2]] = (random.random((people, 2)) < frequency[i]) + ord("0")
            calls[:, [0, 2]] = np.where(random.random((people, 1)) < 0.005, ord("."), calls[:, [0, 2]])
            calls[:, 1], calls[-1, 3] = ord("/"), ord("\n")
            out.write(f"chr1\t{pos[i]}\trs{i}\tA\tG\t.\tPASS\t.\tGT\t".encode() + calls.tobytes())


def write_genome(path: Path, targets: Path, variants: int, asked: int, seed: int = 2) -> None:
    """One person's variants with the INFO and FORMAT of a usual caller; half of the positions asked for have one."""
    random = np.random.default_rng(seed)
    wanted = list[str]()
    with _Bgzip(path) as out:
        out.write(_header(range(1, 23)) + b"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n")
        for chrom, length in enumerate(CHROMOSOME_MB, 1):
            count = round(variants * length / sum(CHROMOSOME_MB))
            pos = np.sort(random.choice(length * 1_000_000, count, replace=False)) + 1
            depth, both = random.poisson(35, count) + 1, random.random(count) < 0.4
            quality, strand = random.gamma(5, 120, count), random.gamma(1, 2, count)
            out.write(
                "".join(
                    f"chr{chrom}\t{p}\t.\tA\tG\t{q:.2f}\tPASS\tAC={1 + b};AF={(1 + b) / 2:.3f};AN=2;DP={d};FS={s:.3f};"
                    f"MQ=60.00;QD={q / d:.2f};SOR={s / 3:.3f}\tGT:AD:DP:GQ:PL\t"
                    f"{int(b)}/1:{0 if b else d // 2},{d if b else d - d // 2}:{d}:99:{int(q)},"
                    f"{3 * d * b},{int(q * 0.8)}\n"
                    for p, d, b, q, s in zip(pos, depth, both, quality, strand, strict=True)
                ).encode()
            )
            half = round(asked * length / sum(CHROMOSOME_MB) / 2)
            chosen = {*random.choice(pos, half, replace=False), *random.integers(1, length * 1_000_000, half)}
            wanted += [f"chr{chrom}\t{p}\n" for p in sorted(chosen)]
    targets.write_text("".join(wanted), encoding="utf-8")


def _header(chromosomes: Sequence[int] | range) -> bytes:
    lines = ["##fileformat=VCFv4.2", '##FILTER=<ID=PASS,Description="All filters passed">']
    lines += [f"##contig=<ID=chr{chrom},length=250000000>" for chrom in chromosomes]
    info = (("AC", "A"), ("AF", "A"), ("AN", "1"), ("DP", "1"), ("FS", "1"), ("MQ", "1"), ("QD", "1"), ("SOR", "1"))
    lines += [f'##INFO=<ID={name},Number={number},Type=Float,Description="{name}">' for name, number in info]
    lines.append('##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">')
    form = (("AD", "R"), ("DP", "1"), ("GQ", "1"), ("PL", "G"))
    lines += [f'##FORMAT=<ID={name},Number={number},Type=Integer,Description="{name}">' for name, number in form]
    return "".join(f"{line}\n" for line in lines).encode()


class _Bgzip:
    """A file written through bgzip."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> BinaryIO:
        self.file = self.path.open("wb")
        self.process = subprocess.Popen(["bgzip", "-c"], stdin=subprocess.PIPE, stdout=self.file)
        assert self.process.stdin is not None
        return self.process.stdin  # type: ignore[return-value]  # a pipe is a stream of bytes

    def __exit__(self, *_: object) -> None:
        self.process.communicate()
        self.file.close()


def measured(command: Sequence[str]) -> tuple[float, str]:
    """Processor seconds of a program and what it wrote; the least of several runs."""
    seconds, text = list[float](), ""
    for _ in range(REPEATS):
        before = os.times()
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        after = os.times()
        seconds.append(after.children_user - before.children_user + after.children_system - before.children_system)
    return min(seconds), text


def _in_python(program: str, *arguments: str) -> list[float]:
    done = subprocess.run([sys.executable, "-c", program, *arguments], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def run() -> list[Row]:
    """Processor seconds in a running process (imports aside), peak memory of a whole one, and the peers' seconds."""
    if shutil.which("bgzip") is None:
        return [Row("VCF: bgzip is not installed (Debian: tabix); nothing measured", float("nan"))]
    with tempfile.TemporaryDirectory() as folder:
        return [*_cohort(Path(folder)), *_genome(Path(folder))]


def _cohort(folder: Path) -> list[Row]:
    path = folder / "cohort.vcf.gz"
    write_cohort(path, VARIANTS, PEOPLE)
    seconds, _, rows, total = _in_python(OURS, str(path), "", str(REPEATS))
    assert rows == VARIANTS
    name = f"VCF, {VARIANTS:,} variants x {PEOPLE:,} people to int8, CPU"
    found = [Row(name, seconds)]
    if shutil.which("plink2"):
        command = ["plink2", "--vcf", str(path), "--make-pgen", "--threads", "1", "--out", str(folder / "out")]
        found.append(Row(name, seconds, peer="plink2", peer_value=measured(command)[0], ratio_target=1 / 1.5))
    try:
        theirs = _in_python(CYVCF2, str(path), str(VARIANTS), str(REPEATS))
    except subprocess.CalledProcessError:
        return found
    assert theirs[2:] == [rows, total]
    return [*found, Row(name, seconds, peer="cyvcf2", peer_value=theirs[0], ratio_target=2.5)]


def _genome(folder: Path) -> list[Row]:
    path, targets = folder / "genome.vcf.gz", folder / "targets.tsv"
    write_genome(path, targets, GENOME, POSITIONS)
    whole, memory, rows, _ = _in_python(OURS, str(path), str(targets), "1")
    whole = min(whole, *(_in_python(OURS, str(path), str(targets), "1")[0] for _ in range(REPEATS - 1)))
    name = f"VCF, {POSITIONS:,} positions of {GENOME:,} variants, CPU"
    found = [
        Row(f"{name}: peak memory", memory / 1e6, "MB", target=120.0),
    ]
    if shutil.which("bcftools") is None:
        return [Row(f"{name}, no index", whole), *found]
    query = ["bcftools", "query", "-f", "%CHROM %POS[ %GT]\\n"]
    seconds, text = measured([*query, "-T", str(targets), str(path)])
    assert text.count("\n") == rows
    found.insert(0, Row(f"{name}, no index", whole, peer="bcftools -T", peer_value=seconds, ratio_target=1.0))
    subprocess.run(["bcftools", "index", "-t", str(path)], check=True)
    ours = [_in_python(OURS, str(path), str(targets), "1") for _ in range(REPEATS)]
    assert all(one[2] == rows for one in ours)
    seconds, _ = measured([*query, "-R", str(targets), str(path)])
    least = min(one[0] for one in ours)
    return [
        *found,
        Row(f"{name}, with index", least, peer="bcftools -R", peer_value=seconds, ratio_target=0.5),
        Row(f"{name}, with index: peak memory", ours[0][1] / 1e6, "MB", target=120.0),
    ]
