"""Results of a laboratory: diplotypes with copy numbers and hybrids, HLA alleles, or a phenotype as it was reported."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.errors import InputError
from precision.pgx.advice import advised_genes
from precision.pgx.definitions import genes
from precision.pgx.functions import INDETERMINATE, NONE_ASSIGNED, Rules, rules_of
from precision.pgx.names import natural

COLUMNS = ("gene", "diplotype", "phenotype", "activity_score")
SAMPLE = ("sample", "patient_id", "sample_id")
NO_CALL = ("", ".", "./.")
NOT_TOLD = ("", "not available", "no result", "no call", "unknown")
COPIES = re.compile(r"(?P<allele>.+?)x(?P<more>≥|>=)?(?P<copies>\d+|N)", re.IGNORECASE)
HLA_FIELDS = re.compile(r"\*?\d+:\d+")
# Two digits, two digits. *92 and *95 went on where the numbers of *02 and *15 ended, and have other names now.
HLA_BEFORE_2010 = re.compile(r"\*?(?!92|95)(\d\d)(\d\d)(?:\d\d){0,2}[A-Z]?")
PRESENCE = ("positive", "negative")
DIFFERS = "laboratory_differs"
SCORE = re.compile(r"≥?\d+(\.\d+)?")
SHORT: MappingProxyType[str, str] = MappingProxyType(
    {
        "pm": "Poor Metabolizer",
        "im": "Intermediate Metabolizer",
        "nm": "Normal Metabolizer",
        "em": "Normal Metabolizer",
        "rm": "Rapid Metabolizer",
        "um": "Ultrarapid Metabolizer",
        "extensive metabolizer": "Normal Metabolizer",
        "ultra-rapid metabolizer": "Ultrarapid Metabolizer",
    }
)
HIGHEST = 1e6  # an activity score in the range without upper end
MANY = 3  # copies from which CPIC gives an activity of at least so much


@dataclass(frozen=True, slots=True)
class Activity:
    """Activity of one strand or of both; at_least where the number of copies has no upper end."""

    value: float
    at_least: bool = False

    def __add__(self, other: Activity) -> Activity:
        return Activity(self.value + other.value, self.at_least or other.at_least)

    @property
    def text(self) -> str:
        """'1.25', '≥4.0'."""
        return ("≥" if self.at_least else "") + repr(round(self.value, 4))


@dataclass(frozen=True, slots=True)
class OutsideCall:
    """One result for one gene as it was reported.

    alleles : one or two, in the order of reports; none where only a phenotype was reported
    phenotype, activity_score : as reported by the laboratory, else as the rules of each body give them
    presence : HLA alleles that are asked about -> 'positive' or 'negative'; one that is not told is absent
    reported : phenotype of the laboratory itself, else that of its activity score, in CPIC's words
    """

    gene: str
    alleles: tuple[str, ...]
    phenotype: MappingProxyType[str, str]
    activity_score: MappingProxyType[str, str]
    presence: MappingProxyType[str, str]
    reasons: tuple[str, ...]
    reported: str = ""

    @property
    def diplotype(self) -> str:
        """'*1/*4', or empty."""
        return "/".join(self.alleles)

    @property
    def says_something(self) -> bool:
        """Whether it has alleles, a phenotype or a score; one that was not understood has none."""
        return bool(self.alleles or self.phenotype or self.activity_score or self.presence)


@dataclass(frozen=True, slots=True, eq=False)
class OutsideGene:
    """The results of one gene for S samples; of_sample : (S,) index into ``answers``, -1 = none.

    No answer at an index: the laboratory says that it could not call the gene.
    """

    of_sample: NDArray[np.int32]
    answers: tuple[tuple[OutsideCall, ...], ...]


def read_outside_calls(path: Path) -> pd.DataFrame:
    """Outside calls from a tab-separated file: gene, diplotype, phenotype, activity score; only the gene is needed.

    A first line that names its columns may add `sample`; a line that begins with '#' is a comment.

    Returns
    -------
    line, sample, gene, diplotype, phenotype, activity_score

    Raises
    ------
    InputError : the file has no line, or a line has no gene or too many columns
    """
    text = path.read_text(encoding="utf-8-sig")
    lines = [(number, line.split("\t")) for number, line in enumerate(text.splitlines(), start=1)]
    lines = [(number, [cell.strip() for cell in cells]) for number, cells in lines if "".join(cells).strip()]
    lines = [(number, cells) for number, cells in lines if not cells[0].startswith("#")]
    if not lines:
        raise InputError(f"{path.name}: no outside call in it; expected lines of gene, diplotype, phenotype, score")
    header: Sequence[str] = COLUMNS
    if "gene" in (named := [cell.lower().replace(" ", "_") for cell in lines[0][1]]):
        header, lines = ["sample" if name in SAMPLE else name for name in named], lines[1:]
    rows: list[dict[str, str | int]] = []
    empty = dict.fromkeys(("sample", *COLUMNS), "")
    for number, cells in lines:
        if len(cells) > len(header) or not cells[0]:
            raise InputError(f"{path.name}, line {number}: expected {', '.join(header)}; found {len(cells)} columns")
        told = dict(zip(header, [*cells, *[""] * len(header)], strict=False))
        rows.append({"line": number, **empty, **told, "gene": told["gene"].upper()})
    return pd.DataFrame(rows, columns=["line", "sample", *COLUMNS])


def outside_calls(rows: pd.DataFrame | None, samples: Sequence[str]) -> MappingProxyType[str, OutsideGene]:
    """The outside calls of each gene by sample; a row without sample belongs to the only sample.

    Raises
    ------
    InputError : a sample is not known or not named, or a result cannot be understood
    """
    if rows is None or rows.empty:
        return MappingProxyType({})
    place = {sample: index for index, sample in enumerate(samples)}
    columns = {name: [str(value) for value in rows[name]] if name in rows else [""] * len(rows) for name in COLUMNS}
    named = [str(value) for value in rows["sample"]] if "sample" in rows else [""] * len(rows)
    found: dict[str, dict[int, tuple[tuple[str, str, str], ...]]] = {}
    for sample, gene, *result in zip(named, *(columns[name] for name in COLUMNS), strict=True):
        diplotype, phenotype, score = result
        if not sample and len(samples) != 1:
            raise InputError(f"outside call {gene} {diplotype}: the file has {len(samples)} samples; name the sample")
        if sample and sample not in place:
            raise InputError(f"outside call {gene} {diplotype}: sample '{sample}' is not in the genotypes")
        results = found.setdefault(gene, {})
        index = place[sample] if sample else 0
        results[index] = (*results.get(index, ()), (diplotype, phenotype, score))
    return MappingProxyType({gene: _of_gene(gene, results, len(samples)) for gene, results in found.items()})


def _of_gene(gene: str, results: dict[int, tuple[tuple[str, str, str], ...]], samples: int) -> OutsideGene:
    distinct = {one: index for index, one in enumerate(dict.fromkeys(results.values()))}
    of_sample = np.full(samples, -1, np.int32)
    of_sample[list(results)] = [distinct[one] for one in results.values()]
    told = [
        [one for one in several if one[0] not in NO_CALL or one[1].lower() not in NOT_TOLD or one[2]]
        for several in distinct
    ]
    return OutsideGene(of_sample, tuple(tuple(interpret(gene, *one) for one in several) for several in told))


def interpret(gene: str, diplotype: str, phenotype: str = "", activity_score: str = "") -> OutsideCall:
    """What an outside result amounts to by the rules of each body.

    Raises
    ------
    InputError : more than two alleles, an empty one, or an activity score that is no number
    """
    diplotype = "" if diplotype in NO_CALL else diplotype
    alleles = _alleles(gene, diplotype)
    reasons = [] if gene in genes() or rules_of(gene) or gene in advised_genes() else ["gene_without_rules"]
    phenotype = worded(gene, phenotype)
    activity_score = activity_score.replace(">=", "≥")
    score = _number(gene, activity_score) if activity_score else 0.0
    phenotypes: dict[str, str] = {}
    scores: dict[str, str] = {}
    presence = _presence(gene, alleles, phenotype)
    for rules in rules_of(gene) if not presence else ():
        if alleles:
            phenotypes[rules.body], scores[rules.body] = _pair(rules, alleles, reasons)
        elif activity_score:
            phenotypes[rules.body], scores[rules.body] = rules.of_score(score), activity_score
    if phenotype and not presence and not _understood(gene, phenotype):
        reasons.append(f"phenotype_not_understood:{phenotype}")
        phenotype = ""
    of_score = [rules.of_score(score) for rules in rules_of(gene)[:1] if activity_score]
    reported = "" if presence else phenotype or "".join(of_score)
    if reported and any(one not in ("", reported) for one in list(phenotypes.values())[:1]):
        reasons.append(DIFFERS)
    if phenotype and not presence:
        phenotypes = {"laboratory": phenotype, **phenotypes}
    if activity_score:
        scores = {"laboratory": activity_score, **scores}
    return OutsideCall(
        gene=gene,
        alleles=alleles,
        phenotype=MappingProxyType({body: text for body, text in phenotypes.items() if text}),
        activity_score=MappingProxyType({body: text for body, text in scores.items() if text}),
        presence=MappingProxyType(presence),
        reasons=tuple(dict.fromkeys(reasons)),
        reported=reported,
    )


def activity_of(rules: Rules, allele: str) -> Activity | None:
    """The activity of one strand: listed, or the sum over its copies and the parts of a hybrid; None = not known."""
    if allele in rules.function:
        return _listed(rules.activity[allele])
    if "+" in allele:
        parts = [activity_of(rules, part) for part in allele.split("+")]
        known = [part for part in parts if part is not None]
        return sum(known[1:], known[0]) if len(known) == len(parts) else None
    found = COPIES.fullmatch(allele)
    if not found or found["copies"].upper() == "N":
        return None
    copies = int(found["copies"])
    listed = f"{found['allele']}x≥{MANY}"
    if copies >= MANY and listed in rules.function:
        return _listed(rules.activity[listed])
    one = activity_of(rules, found["allele"])
    return None if one is None else Activity(copies * one.value, bool(found["more"]) and one.value > 0)


def _listed(text: str) -> Activity | None:
    if text in ("", NONE_ASSIGNED):
        return None
    return Activity(float(text.removeprefix("≥")), text.startswith("≥"))


def worded(gene: str, reported: str) -> str:
    """A phenotype in CPIC's words, however it is spelt; unknown words stay as they are."""
    text = " ".join(reported.casefold().replace("metaboliser", "metabolizer").split())
    text = SHORT.get(text.removeprefix(f"{gene.casefold()} "), text.removeprefix(f"{gene.casefold()} "))
    known = {one.casefold(): one for rules in rules_of(gene) for one in rules.phenotypes if one}
    return known.get(text.casefold(), reported)


def _understood(gene: str, phenotype: str) -> bool:
    """Whether a phenotype is one of the gene's; of a gene without rules any is."""
    known = {one for rules in rules_of(gene) for one in rules.phenotypes if one}
    return not known or phenotype in known


def _number(gene: str, text: str) -> float:
    if not SCORE.fullmatch(text):
        raise InputError(f"outside call {gene}: activity score '{text}' is no number; expected 1.5 or ≥3.0")
    return float(text.removeprefix("≥"))


def _alleles(gene: str, diplotype: str) -> tuple[str, ...]:
    if not diplotype:
        return ()
    known = genes()[gene].alleles if gene in genes() else ()
    names = [diplotype] if diplotype in known else [name.strip() for name in re.split("[/|]", diplotype)]
    if len(names) > 2 or not all(names):
        raise InputError(f"outside call {gene} '{diplotype}': expected one allele or two, as in *1/*4")
    return tuple(sorted((_name(gene, name) for name in names), key=natural))


def _name(gene: str, name: str) -> str:
    if gene in genes() and genes()[gene].rules.presence:
        bare = re.sub(rf"^(HLA-)?{gene.removeprefix('HLA-')}(?=\*)", "", name, flags=re.IGNORECASE)
        if old := HLA_BEFORE_2010.fullmatch(bare):
            return f"*{old[1]}:{old[2]}"
        fields = HLA_FIELDS.match(bare)
        return f"*{fields[0].removeprefix('*')}" if fields else name
    name = re.sub(rf"^{re.escape(gene)}\s*(?=\*)", "", name, flags=re.IGNORECASE)
    listed = dict.fromkeys(one for rules in rules_of(gene) for one in rules.function)
    alike = [one for one in listed if name in _spellings(one, gene)] if name not in listed else []
    if len(alike) == 1:
        return alike[0]
    return re.sub(r"\s*[x×X]\s*(?:≥|>=)\s*(?=\d)", "x≥", re.sub(r"(?<=\d)\s*[×X]\s*(?=\d|N)", "x", name))


def _spellings(allele: str, gene: str) -> tuple[str, ...]:
    """Other ways to write an allele: '2A', '*2A' and 'c.1905+1G>A' for 'c.1905+1G>A (*2A)', '*1' for a reference."""
    plain, _, inside = allele.removesuffix(")").partition(" (")
    first = "*1" if gene in genes() and allele == genes()[gene].reference_name and not allele.startswith("*") else ""
    return plain, inside, allele.removeprefix("*"), inside.removeprefix("*"), allele.removeprefix("m."), first


def _presence(gene: str, alleles: tuple[str, ...], phenotype: str) -> dict[str, str]:
    """What is known of the HLA alleles that guidance asks about; two typed alleles exclude all others."""
    asked = genes()[gene].rules.presence if gene in genes() else ()
    found: dict[str, str] = {}
    for name in asked:
        if name in alleles:
            found[name] = PRESENCE[0]
        elif len(alleles) == 2 and all(HLA_FIELDS.fullmatch(allele) for allele in alleles):
            found[name] = PRESENCE[1]
    name, _, told = phenotype.casefold().partition(" ")
    if asked and told in PRESENCE:
        found[_name(gene, name)] = told
    return found


def _pair(rules: Rules, alleles: tuple[str, ...], reasons: list[str]) -> tuple[str, str]:
    """Phenotype and activity score of one strand or two."""
    keys = [rules.key(allele) for allele in alleles]
    unknown = len(rules.keys)
    if len(keys) == 1:
        return rules.phenotypes[rules.single[keys[0]]], ""
    if unknown not in keys:
        index = (keys[0], keys[1])
        return rules.phenotypes[rules.phenotype[index]], rules.scores[rules.score[index]]
    parts = [activity_of(rules, allele) for allele in alleles] if rules.ranges else [None]
    known = [part for part in parts if part is not None]
    if len(known) == len(alleles):
        total = known[0] + known[1]
        phenotype = rules.of_score(total.value)
        certain = not total.at_least or phenotype == rules.of_score(HIGHEST)
        return (phenotype if certain else INDETERMINATE), total.text
    for allele in alleles:
        if re.search(r"xN", allele, re.IGNORECASE):
            reasons.append("copy_number_unknown")
        elif rules.key(allele) == unknown and (not rules.ranges or activity_of(rules, allele) is None):
            reasons.append(f"function_not_assigned:{allele}")
    return rules.phenotypes[rules.phenotype[keys[0], keys[1]]], ""
