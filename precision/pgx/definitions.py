"""Pharmacogenes: positions in both builds, alleles and their frequencies, as frozen arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from precision.errors import KnowledgeError
from precision.genotypes import Sites
from precision.knowledge import positions
from precision.knowledge.positions import BUILDS as BUILDS
from precision.knowledge.positions import GRCH37 as GRCH37
from precision.knowledge.positions import GRCH38 as GRCH38
from precision.knowledge.positions import VARIANT_COLUMNS
from precision.knowledge.repeats import stretch
from precision.pgx.names import allele_order
from precision.pgx.rules import GeneRules, gene_rules
from precision.pgx.tables import Row, by_gene, rows

LOWEST_FUNCTION, OUTSIDE = "lowest_function", "outside"
ON_X = "X"
POPULATIONS = ("AFA", "AME", "CSA", "EAS", "EUR", "LAT", "NEA", "OCE", "SSA")
IUPAC = {"R": "AG", "Y": "CT", "M": "AC", "K": "GT", "S": "CG", "W": "AT"}


@dataclass(frozen=True, slots=True, eq=False)
class Variant:
    """A position of a gene; on the forward strand, 1-based, in VCF notation.

    position : in each build, in the order of ``BUILDS``
    bases : REF of GRCh38, then every other base that is known here; the index of a base is its code
    reference : code of REF in each build
    is_indel : it takes more than one base to tell its alleles apart
    stretch : REF of GRCh38, and after it the rest of the repeat in which an insertion or deletion may be written
    status37 : V where the GRCh37 position was read in a second table, C where it was calculated
    """

    rsid: str
    hgvs: str
    chromosome: str
    position: tuple[int, int]
    bases: tuple[str, ...]
    reference: tuple[int, int]
    is_indel: bool = field(init=False)
    stretch: str = field(init=False)
    status37: str

    @property
    def name(self) -> str:
        """'rs4244285', or the HGVS name where there is no identifier."""
        return self.rsid or self.hgvs

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_indel", any(len(base) > 1 for base in self.bases))
        object.__setattr__(self, "stretch", stretch(self.position[0], self.bases, self.hgvs))

    def touched(self, code: int) -> str:
        """The stretch where a base is REF."""
        return self.bases[code] if code else self.stretch


@dataclass(frozen=True, slots=True, eq=False)
class Gene:
    """One gene: P variants, A alleles in the order of reports, H rows (an allele with an IUPAC base has several).

    row_allele : (H,) allele of each row
    row_code : (H, P) code of the base that the row has
    row_counts : (H, P) cells that add to the score: explicitly defined, an IUPAC cell only where it is not REF
    row_defines : (H, P) cells that the allele defines explicitly; the reference row defines all
    reference : index of the reference allele, -1 where there is none
    frequency : (A, 9) by ``POPULATIONS``; NaN = no data
    shown : variants that are reported and define nothing
    """

    name: str
    chromosome: str
    mode: str
    on_x: bool
    update_pending: str
    variants: tuple[Variant, ...]
    shown: tuple[Variant, ...]
    alleles: tuple[str, ...]
    reference: int
    row_allele: NDArray[np.int32]
    row_code: NDArray[np.int8]
    row_counts: NDArray[np.bool_]
    row_defines: NDArray[np.bool_]
    frequency: NDArray[np.float64]
    rules: GeneRules

    @property
    def reference_name(self) -> str:
        """Name of the reference allele."""
        return self.alleles[self.reference] if self.reference >= 0 else ""

    @property
    def lists_variants(self) -> bool:
        """Whether its alleles are the variants that somebody has found, with no core of them that every test has.

        Their names are those of variants instead of star alleles, and the rules name neither alleles that AMP
        recommends to test nor positions that are required. So nothing but all positions shows that there is none.
        """
        core = self.rules.tier1 or self.rules.required
        return not (core or self.reference < 0 or self.reference_name.startswith("*"))

    def index_at(self, position: int) -> int:
        """Index of the variant at a GRCh38 position.

        Raises
        ------
        KnowledgeError : no variant of the gene lies there
        """
        for index, variant in enumerate(self.variants):
            if variant.position[0] == position:
                return index
        raise KnowledgeError(f"pgx/rules.csv: {self.name} has no variant at {position}")


@cache
def genes() -> MappingProxyType[str, Gene]:
    """Every gene of the tables by name, those that only come as outside calls among them.

    Raises
    ------
    KnowledgeError : a table is broken, or a row names what another table lacks
    """
    columns = ("gene", "chromosome", "reference_allele", "mode", "copies", "modified", "update_pending")
    variants = by_gene("variants.csv", VARIANT_COLUMNS, ("gene", "variant"))
    cells = by_gene("alleles.csv", ("gene", "allele", "variant", "base"), ("gene", "allele", "variant"))
    frequency = by_gene("frequencies.csv", ("gene", "allele", *POPULATIONS, "status"), ("gene", "allele"))
    return MappingProxyType(
        {
            row["gene"]: _gene(
                row, variants.get(row["gene"], []), cells.get(row["gene"], []), frequency.get(row["gene"], [])
            )
            for row in rows("genes.csv", columns, ("gene",))
        }
    )


@cache
def called_genes() -> tuple[str, ...]:
    """The genes that are called from genotypes, in alphabetical order."""
    return tuple(name for name, gene in genes().items() if gene.mode != OUTSIDE)


def sites(*builds: str) -> Sites:
    """The positions to read from a file: of the builds named, or of both while the build is unknown."""
    return positions.sites(*builds)


def _gene(row: Row, variants: Sequence[Row], cells: Sequence[Row], frequency: Sequence[Row]) -> Gene:
    reference, rules = row["reference_allele"], gene_rules(row["gene"])
    defining = [one for one in variants if one["use"] == "define"]
    found = tuple(_variant(one) for one in defining)
    named = dict.fromkeys(rules.core(cell["allele"]) for cell in cells)
    alleles = allele_order(dict.fromkeys([*([reference] if reference else []), *named]), reference)
    column = {one["variant"]: index for index, one in enumerate(defining)}
    bases = _definitions(row["gene"], cells, column)
    expanded = _expand(found, bases, {name: alleles.index(rules.core(name)) for name in bases})
    first = np.full((1 if found else 0, len(found)), alleles.index(reference) if reference else -1)
    codes, counts, defines, owner = expanded
    return Gene(
        name=row["gene"],
        chromosome=row["chromosome"],
        mode=row["mode"],
        on_x=row["copies"] == ON_X,
        update_pending=row["update_pending"],
        variants=found,
        shown=tuple(_variant(one) for one in variants if one["use"] != "define"),
        alleles=tuple(alleles),
        reference=alleles.index(reference) if reference else -1,
        row_allele=np.concatenate([first[:, 0] if found else np.zeros(0), owner]).astype(np.int32),
        row_code=np.vstack([np.zeros_like(first), codes]).astype(np.int8),
        row_counts=np.vstack([np.ones_like(first), counts]).astype(np.bool_),
        row_defines=np.vstack([np.ones_like(first), defines]).astype(np.bool_),
        frequency=_frequencies(frequency, alleles, rules),
        rules=rules,
    )


def _variant(row: Row) -> Variant:
    bases = tuple(dict.fromkeys([row["ref38"], *row["alts"].split("|")]))
    if row["ref37"] not in bases:
        raise KnowledgeError(f"pgx/variants.csv: {row['gene']} {row['variant']}: ref37 is none of {', '.join(bases)}")
    return Variant(
        rsid=row["rsid"],
        hgvs=row["hgvs"],
        chromosome=row["chromosome"],
        position=(int(row["pos38"]), int(row["pos37"])),
        bases=bases,
        reference=(0, bases.index(row["ref37"])),
        status37=row["status"],
    )


def _definitions(gene: str, cells: Sequence[Row], column: dict[str, int]) -> dict[str, dict[int, str]]:
    """The explicit bases of each allele by index of the variant."""
    found: dict[str, dict[int, str]] = {}
    for cell in cells:
        if cell["variant"] not in column:
            raise KnowledgeError(f"pgx/alleles.csv: {gene} {cell['allele']} names variant {cell['variant']}, unknown")
        found.setdefault(cell["allele"], {})[column[cell["variant"]]] = cell["base"]
    return found


def _expand(
    variants: tuple[Variant, ...], alleles: dict[str, dict[int, str]], owner: dict[str, int]
) -> tuple[NDArray[np.int8], NDArray[np.bool_], NDArray[np.bool_], NDArray[np.int32]]:
    """Concrete rows of every allele: (H, P) codes, cells that count, cells that define; (H,) index of the allele."""
    codes: list[NDArray[np.int8]] = []
    counts: list[NDArray[np.bool_]] = []
    defines: list[NDArray[np.bool_]] = []
    owners: list[int] = []
    for name, cells in alleles.items():
        choices = [IUPAC.get(base, (base,)) for base in cells.values()]
        for bases in product(*choices):
            code, defined = np.zeros(len(variants), np.int8), np.zeros(len(variants), np.bool_)
            counted = defined.copy()
            for column, base, choice in zip(cells, bases, choices, strict=True):
                code[column] = variants[column].bases.index(base)
                defined[column] = True
                counted[column] = len(choice) == 1 or code[column] != 0
            codes.append(code)
            counts.append(counted)
            defines.append(defined)
            owners.append(owner[name])
    shape = (len(owners), len(variants))
    return (
        np.array(codes, dtype=np.int8).reshape(shape),
        np.array(counts, dtype=np.bool_).reshape(shape),
        np.array(defines, dtype=np.bool_).reshape(shape),
        np.array(owners, dtype=np.int32),
    )


def _frequencies(rows: Sequence[Row], alleles: list[str], rules: GeneRules) -> NDArray[np.float64]:
    """(A, 9), all NaN where the published figures cannot serve as a prior."""
    found = np.full((len(alleles), len(POPULATIONS)), np.nan)
    for row in rows if rules.has_prior else ():
        if row["allele"] in alleles:
            found[alleles.index(row["allele"])] = [float(row[name] or "nan") for name in POPULATIONS]
    return found
