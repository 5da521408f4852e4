"""The positions of pharmacogenes in both builds of the genome: what is read from a file of genotypes."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from precision.genotypes import Sites
from precision.knowledge.repeats import stretch
from precision.knowledge.table import read

GRCH38, GRCH37 = "GRCh38", "GRCh37"
BUILDS = (GRCH38, GRCH37)
VARIANT_COLUMNS = (
    ("gene", "variant", "chromosome", "pos38", "ref38", "alts", "pos37", "ref37", "rsid", "hgvs", "use", "status")
)  # fmt: skip


class Known(NamedTuple):
    """A position of a gene; bases : REF of GRCh38, then every other known base; position, reference : by ``BUILDS``."""

    gene: str
    chromosome: str
    position: tuple[int, int]
    reference: tuple[str, str]
    bases: tuple[str, ...]
    rsid: str
    hgvs: str

    @property
    def name(self) -> str:
        """'rs4244285', or the HGVS name where there is no identifier."""
        return self.rsid or self.hgvs

    def touched(self, column: int) -> str:
        """REF in one build, and the rest of the repeat in which an insertion or deletion may be written."""
        here = self.reference[column]
        return stretch(self.position[0], self.bases, self.hgvs) if here == self.bases[0] else here


@cache
def known() -> tuple[Known, ...]:
    """Every position of the table, gene by gene; one that two genes have stands twice.

    Raises
    ------
    KnowledgeError : the table is broken
    """
    frame = read("pgx", "variants.csv", VARIANT_COLUMNS, ("gene", "variant"))
    columns = ("gene", "chromosome", "pos38", "pos37", "ref38", "ref37", "alts", "rsid", "hgvs")
    rows = zip(*(list(map(str, frame[name])) for name in columns), strict=True)
    return tuple(
        Known(gene, chrom, (int(pos38), int(pos37)), (ref38, ref37), (ref38, *alts.split("|")), rsid, hgvs)
        for gene, chrom, pos38, pos37, ref38, ref37, alts, rsid, hgvs in rows
    )


@cache
def sites(*builds: str) -> Sites:
    """The positions to read from a file: of the builds named, or of both while the build is unknown."""
    wanted: dict[tuple[str, int], tuple[str, str]] = {}
    for column in (BUILDS.index(build) for build in builds or BUILDS):
        for one in known():
            ref = one.reference[column]
            others = ",".join(base for base in dict.fromkeys(one.bases) if base != ref)
            wanted.setdefault((one.chromosome, one.position[column]), (ref, others))
    chromosomes, positions = zip(*wanted, strict=True)
    references, alternatives = zip(*wanted.values(), strict=True)
    return Sites.at(chromosomes, positions, references, alternatives)


@cache
def stretches() -> Sites:
    """The positions to read from a VCF of either build: REF of an insertion or deletion with the repeat after it."""
    found: dict[tuple[str, int], str] = {}
    for column in range(len(BUILDS)):
        for one in known():
            place = (one.chromosome, one.position[column])
            found[place] = max(found.get(place, ""), one.touched(column), key=len)
    chromosomes, positions = zip(*found, strict=True)
    return Sites.at(chromosomes, positions, tuple(found.values()))


@cache
def places(build: str) -> MappingProxyType[tuple[str, int], Known]:
    """(chromosome, position) in one build -> what is known there; the first where two genes have it."""
    column = BUILDS.index(build)
    return MappingProxyType({(one.chromosome, one.position[column]): one for one in reversed(known())})


@cache
def genes_at() -> MappingProxyType[tuple[str, int], tuple[str, ...]]:
    """(chromosome, position) in either build -> the genes that have a position there."""
    found: dict[tuple[str, int], dict[str, None]] = {}
    for one in known():
        for position in one.position:
            found.setdefault((one.chromosome, position), {})[one.gene] = None
    return MappingProxyType({place: tuple(genes) for place, genes in found.items()})


def in_build(at: Sites, build: str) -> NDArray[np.bool_]:
    """(V,) rows that reach a known position of one build, or the repeat that it stands in."""
    here = _bases(build)
    rows = zip(at.chrom.tolist(), at.pos.tolist(), at.ref, strict=True)
    return np.array([any((name, pos + k) in here for k in range(len(ref))) for name, pos, ref in rows], dtype=np.bool_)


@cache
def _bases(build: str) -> frozenset[tuple[str, int]]:
    """Every base of the known positions of one build, with the repeats that they stand in."""
    column = BUILDS.index(build)
    return frozenset(
        (one.chromosome, one.position[column] + k) for one in known() for k in range(len(one.touched(column)))
    )
