"""Star alleles and phenotypes of a synthetic cohort, beside what other callers need for the same people.

Beside a peer, both times are the processor time of all threads: other programs on the machine do not count.
"""

from __future__ import annotations

import math
import subprocess
import sys
from time import process_time

import numpy as np
import pandas as pd

from benchmarks.memory import peak_bytes
from benchmarks.peers import PeersError, measured
from benchmarks.report import Row, best_of
from precision.genotypes import NO_CALL, Genotypes, Sites
from precision.pgx.calling import Settings, call
from precision.pgx.calls import Calls
from precision.pgx.definitions import GRCH38, called_genes, genes, sites
from precision.pgx.functions import rules_of

PEOPLE, MISSING = 100_000, 0.001
SETTINGS = Settings(build=GRCH38)
# Both call star alleles of these. Of SLCO1B1 and VKORC1 the peer reads one position only, which is not the same work.
SHARED_GENES = ("CYP2B6", "CYP2C19", "CYP2C9", "CYP3A4", "CYP3A5", "DPYD", "G6PD", "NAT2", "NUDT15", "TPMT")
PEER_PEOPLE = 200
ANUKRITI = """
import json, sys, time
import anukriti_pgx_core as core
work = json.load(sys.stdin)
people = [{k: core.VCFVariant(ref=r, alt=a, genotype=g) for k, (r, a, g) in one.items()} for one in work["people"]]
callers = [getattr(core, name + "Caller")() for name in work["genes"]]
for caller in callers:
    caller.call(people[0])
start = time.process_time()
for one in people:
    for caller in callers:
        caller.call(one)
print(time.process_time() - start)
"""
PYPGX = """
import json, sys, time
import pypgx
pairs = json.load(sys.stdin)["pairs"]
pypgx.predict_phenotype("CYP2C19", "*1", "*1")
start = time.process_time()
for one, two in pairs:
    pypgx.predict_phenotype("CYP2C19", one, two)
print(time.process_time() - start)
"""


def people(count: int, missing: float = MISSING, seed: int = 20251105) -> Genotypes:
    """People with two alleles drawn at random for each gene, unphased, each call missing with one probability.

    Every allele is as likely as another, rare ones too: there are far more different genotypes than in a population.
    """
    random = np.random.default_rng(seed)
    wanted = sites(GRCH38)
    row = {place: index for index, place in enumerate(zip(wanted.chrom.tolist(), wanted.pos.tolist(), strict=True))}
    alleles = np.zeros((len(wanted), count, 2), np.int8)
    for gene in (genes()[name] for name in called_genes()):
        drawn = random.integers(0, len(gene.row_code), (count, 2))
        for column, variant in enumerate(gene.variants):
            alleles[row[variant.chromosome, variant.position[0]]] = gene.row_code[drawn, column]
    for one in alleles:
        one[random.random(count) < missing] = NO_CALL
    return as_genotypes(wanted, alleles)


def as_genotypes(wanted: Sites, alleles: np.ndarray) -> Genotypes:
    """Unphased genotypes of people with numbers for names."""
    shape = alleles.shape[:2]
    return Genotypes(
        samples=tuple(f"P-{index:06d}" for index in range(shape[1])),
        sites=wanted,
        alleles=alleles,
        phased=np.broadcast_to(np.False_, shape),
        phase_set=np.broadcast_to(np.int32(0), shape),
        reference_block=np.broadcast_to(np.False_, shape),
        file="benchmark",
        issues=pd.DataFrame(),
    )


def phenotypes(calls: Calls) -> int:
    """The phenotype of everybody in every gene, as text."""
    return sum(len(calls.phenotype(gene)) for gene in calls.genes)


def run() -> list[Row]:
    """Measure the cohort, its memory in a process of its own, one person, and the peers on the same people."""
    cohort, complete, one = people(PEOPLE), people(PEOPLE, missing=0.0), people(1)
    size = f"{PEOPLE:,} people x {len(called_genes())} genes"
    return [
        Row(f"Star alleles, {size}, 0.1 % missing", best_of(lambda: phenotypes(call(cohort, SETTINGS)), 3), target=5.0),
        Row(f"Star alleles, {size}, complete", best_of(lambda: phenotypes(call(complete, SETTINGS)), 3)),
        Row(f"Star alleles, {size}, memory of the process", memory() / 2**20, "MB", target=1024),
        Row("Star alleles of one person, all genes", 1000 * best_of(lambda: phenotypes(call(one, SETTINGS))), "ms", 50),
        against_anukriti(complete),
        against_pypgx(),
    ]


def against_anukriti(cohort: Genotypes) -> Row:
    """The genes that both call, in people whom both read from memory, per 1,000 people."""
    wanted = [v for name in SHARED_GENES for v in genes()[name].variants if v.rsid and not v.is_indel]
    row = {place: index for index, place in enumerate(zip(cohort.sites.chrom, cohort.sites.pos, strict=True))}
    records = [
        {
            variant.rsid: [ref, alt[0], "/".join(str(int(allele > 0)) for allele in cohort.alleles[at, person])]
            for variant in wanted
            for at in [row[variant.chromosome, variant.position[0]]]
            for ref, alt in [(cohort.sites.ref[at], cohort.sites.alts[at])]
        }
        for person in range(PEER_PEOPLE)
    ]
    ours = best_of(lambda: phenotypes(call(cohort, SETTINGS, only=SHARED_GENES)), 3, process_time) * 1000 / PEOPLE
    peer = _peer("anukriti-pgx-core", ANUKRITI, {"genes": SHARED_GENES, "people": records}) * 1000 / PEER_PEOPLE
    name = f"Star alleles and phenotypes, {len(SHARED_GENES)} genes, per 1,000 people"
    return Row(name, 1000 * ours, "ms", peer="anukriti-pgx-core", peer_value=1000 * peer, ratio_target=100)


def against_pypgx() -> Row:
    """Phenotypes of pairs of CYP2C19 alleles, per look-up."""
    rules, random = rules_of("CYP2C19")[0], np.random.default_rng(1)
    pairs = random.integers(0, len(genes()["CYP2C19"].alleles), (2, 1_000_000)).astype(np.int32)
    single = np.zeros(pairs.shape[1], np.bool_)
    ours = best_of(lambda: rules.of_pairs(pairs[0], pairs[1], single), clock=process_time) / pairs.shape[1]
    asked = [["*1", "*2"], ["*2", "*17"], ["*3", "*3"]] * 10
    peer = _peer("pypgx", PYPGX, {"pairs": asked}) / len(asked)
    name = "Phenotype of a diplotype, per look-up"
    return Row(name, 1e6 * ours, "µs", peer="pypgx", peer_value=1e6 * peer, ratio_target=1000)


def _peer(name: str, code: str, work: dict[str, object]) -> float:
    """Processor seconds that a peer says it took; NaN, with the reason on the error output, where it cannot run."""
    try:
        return measured(name, code, work)
    except PeersError as reason:
        sys.stderr.write(f"{name} is not measured: {reason}\n")
        return math.nan


def memory() -> int:
    """Peak bytes of a process that makes the people and calls them."""
    answer = subprocess.run([sys.executable, "-m", "benchmarks.pgx"], capture_output=True, text=True, check=True)
    return int(answer.stdout.split()[-1])


if __name__ == "__main__":
    phenotypes(call(people(PEOPLE), SETTINGS))
    sys.stdout.write(f"{peak_bytes()}\n")
