"""What single genes do differently: required positions, ties decided by frequency, fallbacks, worst function first."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from precision.errors import KnowledgeError
from precision.pgx.tables import by_gene

COLUMNS = ("gene", "rule", "value", "detail", "status")
KINDS = (
    ("amp_tier1_allele", "amp_tier1_position", "common_allele", "dependent_position", "deciding_position")
    + ("fallback_phenotype", "fallback_position", "ignored_allele", "ignored_position", "lowest_function_gene")
    + ("no_population_prior", "presence_allele", "report_only_position", "reported_when_untyped", "required_position")
    + ("rests_on_absence", "suballele_of", "undocumented_alt_as_reference", "unphased_priority", "worst_function")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class GeneRules:
    """The special rules of one gene; positions are of GRCh38.

    suballeles : allele of the definitions -> allele that is reported
    required : positions without which the gene is not called
    priorities : diplotypes that fit equally well -> the one that is frequent enough to be reported
    untyped : (allele, allele reported in its place) where the position that tells them apart is untyped
    fallback_position : stands in where no diplotype fits; fallback : genotype there -> phenotype
    deciding, dependent : (position, allele) of a haplotype read from its causal position; the dependent position
        tells only which of the two alleles it is
    worst_function : the function that counts first in a lowest-function gene without activity values
    tier1 : alleles that every test should have: those that AMP recommends; of genes of which AMP says nothing, those of
        less function that are common in some population
    presence : alleles of which presence is reported
    rests_on_absence : phenotypes, beside that of two reference alleles, of which advice asks for more because so little
        was found
    """

    undocumented_as_reference: bool
    suballeles: MappingProxyType[str, str]
    required: tuple[int, ...]
    priorities: MappingProxyType[frozenset[str], str]
    untyped: tuple[tuple[str, str], ...]
    fallback_position: int
    fallback: MappingProxyType[str, str]
    deciding: tuple[int, str] | None
    dependent: tuple[int, str] | None
    worst_function: str
    has_prior: bool
    tier1: tuple[str, ...]
    presence: tuple[str, ...]
    rests_on_absence: tuple[str, ...]

    def core(self, allele: str) -> str:
        """The allele that is reported for one of the definitions."""
        return self.suballeles.get(allele, allele)


@cache
def gene_rules(gene: str) -> GeneRules:
    """The rules of a gene; the defaults where it has none.

    Raises
    ------
    KnowledgeError : the table has a rule that is not known here
    """
    found: dict[str, list[tuple[str, str]]] = {kind: [] for kind in KINDS}
    for row in _table().get(gene, []):
        if row["rule"] not in found:
            raise KnowledgeError(f"pgx/rules.csv: {gene} has rule '{row['rule']}'; known: {', '.join(KINDS)}")
        found[row["rule"]].append((row["value"], row["detail"]))
    fallback = found["fallback_position"]
    return GeneRules(
        undocumented_as_reference=bool(found["undocumented_alt_as_reference"]),
        suballeles=MappingProxyType(dict(found["suballele_of"])),
        required=tuple(int(value) for value, _ in found["required_position"]),
        priorities=MappingProxyType({frozenset(ties.split("|")): one for ties, one in found["unphased_priority"]}),
        untyped=tuple(found["reported_when_untyped"]),
        fallback_position=int(fallback[0][0]) if fallback else 0,
        fallback=MappingProxyType(dict(found["fallback_phenotype"])),
        deciding=_placed(found["deciding_position"]),
        dependent=_placed(found["dependent_position"]),
        worst_function=found["worst_function"][0][0] if found["worst_function"] else "",
        has_prior=not found["no_population_prior"],
        tier1=tuple(value for value, _ in found["amp_tier1_allele"] or found["common_allele"]),
        presence=tuple(value for value, _ in found["presence_allele"]),
        rests_on_absence=tuple(value for value, _ in found["rests_on_absence"]),
    )


@cache
def _table() -> dict[str, list[dict[str, str]]]:
    table = by_gene("rules.csv", COLUMNS, ("gene", "rule", "value"))
    return {gene: [dict(row) for row in rows] for gene, rows in table.items()}


def _placed(values: list[tuple[str, str]]) -> tuple[int, str] | None:
    return (int(values[0][0]), values[0][1]) if values else None
