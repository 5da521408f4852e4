"""What is said of one person and gene: diplotypes, phenotype, what was not seen, and what else it could be."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

LABORATORY = "laboratory"  # in the place of a body: its own words
DIFFERS = "laboratory_differs"


@dataclass(frozen=True, slots=True)
class Interpretation:
    """What one body (CPIC, DPWG, or the laboratory) makes of a result; empty = it has no rule.

    activity_score : '1.25', '≥4.0', 'n/a' where no activity is assigned
    """

    body: str
    phenotype: str
    activity_score: str


@dataclass(frozen=True, slots=True)
class Diplotype:
    """A pair of alleles, or for DPYD and RYR1 the variants of each strand.

    deciding : the alleles that the interpretations rest on; one where there is one copy
    score : known positions that the alleles define explicitly; the highest is reported
    """

    name: str
    deciding: tuple[str, ...]
    interpretations: tuple[Interpretation, ...]
    score: int

    @property
    def phenotype(self) -> str:
        """By the first body that has a rule."""
        return next((one.phenotype for one in self.interpretations if one.phenotype), "")

    @property
    def activity_score(self) -> str:
        """By the first body that has one."""
        return next((one.activity_score for one in self.interpretations if one.activity_score), "")


@dataclass(frozen=True, slots=True)
class Alternative:
    """A diplotype that the genotype allows.

    reported : belongs to the answer by the rules
    probability : by CPIC biogeographical group, among all pairs that fit; empty = no frequencies for the gene
    """

    diplotype: Diplotype
    reported: bool
    probability: MappingProxyType[str, float]


@dataclass(frozen=True, slots=True)
class Position:
    """A defining position without a usable call; build and place as 'GRCh38:10:94781859'; why as in ``states``."""

    name: str
    place: str
    why: str


@dataclass(frozen=True, slots=True)
class Call:
    """One gene of one sample.

    status : called, ambiguous (several answers), not_called; origin : genotypes or outside
    phenotype, activity_score : of the reported diplotypes, joined by ' or ' where they differ
    interpretations : the same by body; bodies_differ : CPIC and DPWG name different phenotypes
    positions_missing : the file says nothing; positions_discarded : it does, and it cannot be used
    alleles_not_excluded : could be there, because positions are missing or discarded
    tier1_untested : alleles that every test should have, and that cannot be seen because a position is missing
    presence : HLA allele -> positive or negative
    shown : genotype of variants that are reported beside the alleles
    """

    sample: str
    gene: str
    origin: str
    status: str
    diplotypes: tuple[Diplotype, ...]
    interpretations: tuple[Interpretation, ...]
    reasons: tuple[str, ...]
    positions_called: int
    positions_missing: tuple[Position, ...]
    positions_discarded: tuple[Position, ...]
    alleles_not_excluded: tuple[str, ...]
    tier1_untested: tuple[str, ...]
    alternatives: tuple[Alternative, ...]
    presence: MappingProxyType[str, str]
    shown: MappingProxyType[str, str]
    update_pending: str

    @property
    def phenotype(self) -> str:
        """By the first body that has a rule; empty = none. Both, where a laboratory's own word is another."""
        return self._first([(one.body, one.phenotype) for one in self.interpretations if one.phenotype])

    @property
    def activity_score(self) -> str:
        """By the first body that has one; empty = none. Both, where a laboratory's own is another."""
        return self._first([(one.body, one.activity_score) for one in self.interpretations if one.activity_score])

    def _first(self, told: list[tuple[str, str]]) -> str:
        own = [text for body, text in told if body == LABORATORY]
        others = [text for body, text in told if body != LABORATORY]
        chosen = [*own[:1], *others[:1]] if DIFFERS in self.reasons else [text for _, text in told[:1]]
        parts = [part for text in chosen for part in text.split(" or ")]
        return " or ".join(part for at, part in enumerate(parts) if _key(part) not in map(_key, parts[:at]))

    @property
    def bodies_differ(self) -> bool:
        """Whether two bodies name different phenotypes."""
        return len({one.phenotype for one in self.interpretations if one.phenotype}) > 1


def _key(text: str) -> str | float:
    """'2' and '2.0' are one score."""
    try:
        return float(text)
    except ValueError:
        return text
