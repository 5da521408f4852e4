"""Phenotypes of pharmacogenes in a cohort, beside the frequencies that are published for the same group."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from statistics import NormalDist
from types import MappingProxyType

import numpy as np
import pandas as pd

from precision.pgx.advice import advice
from precision.pgx.definitions import POPULATIONS
from precision.pgx.tables import by_gene
from precision.schema import variables
from precision.workbench.disclosure import few
from precision.workbench.memberships import Mask, Memberships
from precision.workbench.phenotyped import NO_RESULT, OR, place
from precision.workbench.roster import Roster

CONFIDENCE = 0.95
GROUPING = "ancestry_group"
# Genetic similarity group -> the groups of CPIC that it may be compared with. AFR holds two of them; an unlisted group
# ('OTH') and a self-reported one have none.
COMPARED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"AFR": ("AFA", "SSA"), "AMR": ("LAT",), "EAS": ("EAS",), "EUR": ("EUR",), "MID": ("NEA",), "SAS": ("CSA",)}
)


@dataclass(frozen=True, slots=True)
class PhenotypeShare:
    """One phenotype of a gene among the patients of a group who have a result.

    count : who have it; possible : those, and who have it or another one; None where they are few and not shown
    share, most : count and possible as shares; NaN where they are not shown
    low, high : 95 % Wilson interval, its lower end that of share, its upper end that of most
    published_low, published_high : of the groups it is compared with, equal where that is one; NaN = none published
    """

    phenotype: str
    count: int | None
    possible: int | None
    share: float
    most: float
    low: float
    high: float
    published_low: float
    published_high: float

    @property
    def published(self) -> bool:
        """Whether there is a published figure."""
        return not math.isnan(self.published_low)


@dataclass(frozen=True, slots=True)
class PhenotypeShares:
    """A gene in a group of patients.

    people : everyone of the group who has not declined; unknown : of these without a result, never counted as normal
    determined : with one phenotype; several : with phenotypes that cannot be told apart; both are the whole of shares
    compared : groups of CPIC whose published figures stand beside; empty = none fits, or none is published
    rows : empty where the group is too small to be shown
    """

    gene: str
    people: int
    determined: int
    several: int
    compared: tuple[str, ...]
    rows: tuple[PhenotypeShare, ...]

    @property
    def with_result(self) -> int:
        """How many have a result."""
        return self.determined + self.several

    @property
    def unknown(self) -> int:
        """How many have none."""
        return self.people - self.with_result

    @property
    def too_few(self) -> bool:
        """Whether the group is hidden because it is small."""
        return few(self.with_result) or few(self.people)

    def frame(self) -> pd.DataFrame:
        """One row per phenotype; a hidden count is missing."""
        columns = ("count", "possible", "share", "most", "low", "high", "published_low", "published_high")
        found = pd.DataFrame(
            {
                "phenotype": pd.Series([row.phenotype for row in self.rows], dtype="str"),
                **{name: pd.Series([getattr(row, name) for row in self.rows], dtype=np.float64) for name in columns},
            }
        )
        found.insert(2, "people", self.with_result)
        return found.assign(compared_with=" ".join(self.compared))


def genes_with_phenotypes(found: Memberships) -> tuple[str, ...]:
    """Genes of which somebody has a phenotype, by name."""
    return tuple(sorted({gene for gene, phenotype in found.keys if phenotype != NO_RESULT}))


def leading(genes: Sequence[str]) -> int:
    """Place of the gene to look at first: of those with published figures the one with most advice."""
    return min(range(len(genes)), key=lambda k: (genes[k] not in published(), -_advice_of(genes[k])), default=0)


@cache
def _advice_of(gene: str) -> int:
    return sum(gene in row.genes for row in advice())


def phenotype_shares(found: Memberships, gene: str, kept: Mask, group: str = "") -> PhenotypeShares:
    """How often each phenotype of a gene is found among the patients that are kept.

    Parameters
    ----------
    found : from `phenotyped`; kept : (N,) the selection
    group : the genetic group that all of them belong to, empty = several or unknown: then nothing is compared
    """
    counts = {phenotype: n for (of, phenotype), n in found.counts(kept).items() if of == gene and n}
    people, unknown = sum(counts.values()), counts.pop(NO_RESULT, 0)
    several = sum(n for phenotype, n in counts.items() if OR in phenotype)
    compared = tuple(one for one in COMPARED.get(group, ()) if any(one in said for said in _published(gene).values()))
    shares = PhenotypeShares(gene, people, people - unknown - several, several, compared, ())
    if shares.too_few or not counts:
        return shares
    expected = [name for name, said in _published(gene).items() if any(one in said for one in compared)]
    names = sorted({*(name for one in counts for name in one.split(OR)), *expected}, key=place)
    rows = tuple(_share(name, counts, shares.with_result, _figures(gene, name, compared)) for name in names)
    return replace(shares, rows=rows)


def _share(phenotype: str, counts: Mapping[str, int], people: int, figures: Sequence[float]) -> PhenotypeShare:
    published = (min(figures), max(figures)) if figures else (math.nan, math.nan)
    count = counts.get(phenotype, 0)
    possible = sum(n for one, n in counts.items() if phenotype in one.split(OR))
    if few(count) or few(possible):
        return PhenotypeShare(phenotype, None, None, math.nan, math.nan, math.nan, math.nan, *published)
    low, high = wilson(count, people)[0], wilson(possible, people)[1]
    return PhenotypeShare(phenotype, count, possible, count / people, possible / people, low, high, *published)


def _figures(gene: str, phenotype: str, compared: Sequence[str]) -> list[float]:
    said = _published(gene).get(phenotype, {})
    return [said[one] for one in compared if one in said]


def wilson(count: int, people: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Score interval of a share (Wilson 1927, doi:10.1080/01621459.1927.10502953); NaN of nobody."""
    if not people:
        return math.nan, math.nan
    z, share = NormalDist().inv_cdf(0.5 + confidence / 2), count / people
    middle = share + z**2 / (2 * people)
    half = z * math.sqrt(share * (1 - share) / people + z**2 / (4 * people**2))
    low, high = ((middle + sign * half) / (1 + z**2 / people) for sign in (-1, 1))
    return max(low, 0.0) if count else 0.0, min(high, 1.0) if count < people else 1.0


def published() -> Mapping[str, Mapping[str, Mapping[str, float]]]:
    """Gene -> phenotype -> group of CPIC -> share; a figure that is not published is not there, never 0."""
    return _table()


def _published(gene: str) -> Mapping[str, Mapping[str, float]]:
    return published().get(gene, {})


@cache
def _table() -> Mapping[str, Mapping[str, Mapping[str, float]]]:
    columns = ("gene", "phenotype", *POPULATIONS, "source", "status")
    return MappingProxyType(
        {
            gene: {row["phenotype"]: {one: float(row[one]) for one in POPULATIONS if row[one]} for row in rows}
            for gene, rows in by_gene("phenotype_frequencies.csv", columns, ("gene", "phenotype")).items()
        }
    )


def genetic_groups(people: Roster) -> tuple[str, ...]:
    """The genetic groups that at least one patient belongs to."""
    codes, levels = people.column(GROUPING), variables()[GROUPING].levels
    return tuple(levels[int(code)] for code in np.unique(codes[~np.isnan(codes)]))


def in_genetic_group(people: Roster, group: str) -> Mask:
    """(N,) the patients of a genetic group."""
    return people.column(GROUPING) == variables()[GROUPING].levels.index(group)


def one_group(people: Roster, kept: Mask) -> str:
    """The one genetic group of all patients that are kept; empty where they are of several or of an unknown one."""
    codes = np.unique(people.column(GROUPING)[kept])
    return variables()[GROUPING].levels[int(codes[0])] if len(codes) == 1 and not np.isnan(codes[0]) else ""
