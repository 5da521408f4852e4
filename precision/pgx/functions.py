"""From alleles to phenotype: functions and activity values of CPIC and of DPWG, and the rules for a pair of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from precision.errors import KnowledgeError
from precision.pgx.definitions import LOWEST_FUNCTION, genes
from precision.pgx.tables import Row, by_gene

CPIC, DPWG = "CPIC", "DPWG"
BODIES = (CPIC, DPWG)
NONE_ASSIGNED = "n/a"
INDETERMINATE = "Indeterminate"
NO_RULE = 0  # index of the empty phenotype


@dataclass(frozen=True, slots=True)
class ScoreRange:
    """Activity scores of one phenotype; high is infinite where the range has no upper end."""

    low: float
    low_included: bool
    high: float
    high_included: bool
    phenotype: str

    def holds(self, score: float) -> bool:
        """Whether a score lies in it."""
        above = score >= self.low if self.low_included else score > self.low
        return above and (score <= self.high if self.high_included else score < self.high)


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """How one body reads one gene. K keys are functions or activity values, the last one 'no function assigned'.

    function, activity : allele -> function, activity value as written
    keys : function or activity value -> index
    allele_key : (A + 1,) key of each allele of the definitions; the last is for no allele
    phenotype, score : (K, K) indices into ``phenotypes`` and ``scores``; single : (K,) for one copy
    """

    gene: str
    body: str
    function: MappingProxyType[str, str]
    activity: MappingProxyType[str, str]
    by_activity: bool
    keys: MappingProxyType[str, int]
    allele_key: NDArray[np.int16]
    phenotypes: tuple[str, ...]
    scores: tuple[str, ...]
    phenotype: NDArray[np.int16]
    score: NDArray[np.int16]
    single: NDArray[np.int16]
    ranges: tuple[ScoreRange, ...]

    def key(self, allele: str) -> int:
        """The key of an allele by name; the last where it has no function."""
        if allele not in self.function:
            return len(self.keys)
        return self.keys.get(self._key_text(allele), len(self.keys))

    def _key_text(self, allele: str) -> str:
        return (self.activity[allele] or NONE_ASSIGNED) if self.by_activity else self.function[allele]

    def of_pairs(
        self, first: NDArray[np.int32], second: NDArray[np.int32], single: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
        """(N,) phenotype and score of pairs of alleles; of the first alone where there is one copy."""
        one, two = self.allele_key[first], self.allele_key[second]
        phenotype = np.where(single, self.single[one], self.phenotype[one, two])
        return phenotype, np.where(single, NO_RULE, self.score[one, two]).astype(np.int16)

    def of_score(self, score: float) -> str:
        """The phenotype of an activity score; empty where no range holds it."""
        return next((one.phenotype for one in self.ranges if one.holds(score)), "")


@cache
def rules_of(gene: str) -> tuple[Rules, ...]:
    """The rules of CPIC, then of DPWG, for a gene; only of bodies that have some.

    Raises
    ------
    KnowledgeError : two rules speak of one pair, or a range is no number
    """
    pairs = _tables()[1].get(gene, [])
    return tuple(_rules_of_body(gene, body) for body in BODIES if any(row["source"] == body for row in pairs))


@cache
def greatest_score(gene: str) -> float:
    """The greatest activity score that two alleles of a gene have in the tables; no end where they have none."""
    told = {text.removeprefix("≥") for rules in rules_of(gene) for text in rules.scores}
    return max((float(text) for text in told if text not in ("", NONE_ASSIGNED)), default=math.inf)


@cache
def _rules_of_body(gene: str, body: str) -> Rules:
    functions, phenotypes, ranges = _tables()
    return _rules(gene, body, functions.get(gene, []), phenotypes.get(gene, []), ranges.get(gene, []))


@cache
def _tables() -> tuple[dict[str, list[Row]], dict[str, list[Row]], dict[str, list[Row]]]:
    score = ("gene", "source", "from", "from_included", "to", "to_included", "phenotype", "status")
    pair = ("gene", "source", "first", "second", "activity_score", "phenotype", "status")
    allele = ("gene", "allele", "source", "function", "activity", "published", "status")
    return (
        by_gene("functions.csv", allele, ("gene", "allele", "source")),
        by_gene("phenotypes.csv", pair, ("gene", "source", "first", "second")),
        by_gene("scores.csv", score, ("gene", "source", "from", "phenotype")),
    )


def _rules(gene: str, body: str, functions: Sequence[Row], pairs: Sequence[Row], ranges: Sequence[Row]) -> Rules:
    functions = [row for row in functions if row["source"] == body]
    pairs = [row for row in pairs if row["source"] == body]
    function = MappingProxyType({row["allele"]: row["function"] for row in functions})
    activity = MappingProxyType({row["allele"]: row["activity"] for row in functions})
    named = dict.fromkeys(part for row in pairs for part in (row["first"], row["second"]) if part)
    by_activity = not any(name in function.values() for name in named)
    keys = MappingProxyType({name: index for index, name in enumerate(named)})
    phenotypes = ("", *dict.fromkeys([*(row["phenotype"] for row in pairs if row["phenotype"]), INDETERMINATE]))
    scores = ("", *dict.fromkeys(row["activity_score"] for row in pairs if row["activity_score"]))
    unknown = phenotypes.index(INDETERMINATE) if body == CPIC else NO_RULE
    phenotype, score, single = _pair_tables(pairs, keys, phenotypes, scores, unknown)
    alleles = genes()[gene].alleles if gene in genes() else ()
    rules = Rules(
        gene=gene,
        body=body,
        function=function,
        activity=activity,
        by_activity=by_activity,
        keys=keys,
        allele_key=np.zeros(0, np.int16),
        phenotypes=phenotypes,
        scores=scores,
        phenotype=phenotype,
        score=score,
        single=single,
        ranges=tuple(_range(row) for row in ranges if row["source"] == body),
    )
    found = [*(rules.key(allele) for allele in alleles), len(keys)]
    if body != CPIC and gene in genes() and genes()[gene].mode == LOWEST_FUNCTION:
        found = _normal_as_reference(gene, found)
    return replace(rules, allele_key=np.array(found, dtype=np.int16))


def _normal_as_reference(gene: str, keys: list[int]) -> list[int]:
    """Where variants count one by one, one that is normal for CPIC and unknown to another body is no variant to it."""
    cpic, reference = _rules_of_body(gene, CPIC).allele_key, genes()[gene].reference
    unknown = keys[-1]
    return [
        keys[reference] if key == unknown and cpic[index] == cpic[reference] else key for index, key in enumerate(keys)
    ]


def _pair_tables(
    pairs: Sequence[Row],
    keys: MappingProxyType[str, int],
    phenotypes: tuple[str, ...],
    scores: tuple[str, ...],
    unknown: int,
) -> tuple[NDArray[np.int16], NDArray[np.int16], NDArray[np.int16]]:
    """(K, K) phenotype, (K, K) score, (K,) phenotype of one copy; K counts the key 'no function assigned'.

    With an allele of no assigned function the phenotype is what every function would give, else ``unknown``.
    """
    size = len(keys)
    phenotype, score = np.zeros((size + 1, size + 1), np.int16), np.zeros((size + 1, size + 1), np.int16)
    single = np.zeros(size + 1, np.int16)
    for row in pairs:
        one, label = keys[row["first"]], phenotypes.index(row["phenotype"])
        if not row["second"]:
            single[one] = label
            continue
        two = keys[row["second"]]
        if phenotype[one, two]:
            raise KnowledgeError(f"pgx/phenotypes.csv: {row['gene']} {row['first']}, {row['second']} stands twice")
        phenotype[one, two] = phenotype[two, one] = label
        score[one, two] = score[two, one] = scores.index(row["activity_score"])
    common = [set(line[:size].tolist()) for line in phenotype[:size]]
    phenotype[size, :size] = [found.pop() if len(found) == 1 else unknown for found in common]
    phenotype[:size, size] = phenotype[size, :size]
    phenotype[size, size], single[size] = unknown, unknown
    return phenotype, score, single


def _range(row: Row) -> ScoreRange:
    high = float(row["to"]) if row["to"] else float("inf")
    return ScoreRange(
        float(row["from"]), row["from_included"] == "1", high, row["to_included"] == "1", row["phenotype"]
    )
