"""Results of a laboratory: diplotypes with copy numbers and hybrids, HLA alleles, or a phenotype as it was reported."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.errors import InputError
from precision.pgx.advice import is_known
from precision.pgx.definitions import LOWEST_FUNCTION, genes
from precision.pgx.functions import INDETERMINATE, NONE_ASSIGNED, Rules, greatest_score, rules_of
from precision.pgx.laboratory_genotypes import Cell, read_cell
from precision.pgx.laboratory_words import (
    COPIES,
    HLA_FIELDS,
    NOT_TOLD,
    alleles_of,
    has_one_copy,
    is_allele,
    is_no_call,
    is_phenotype,
    kin,
    presence_told,
    score_told,
    understood,
    worded,
)
from precision.pgx.laboratory_words import PRESENCE as PRESENCE
from precision.pgx.outside_file import check_samples, rows_said
from precision.pgx.result import DIFFERS as DIFFERS
from precision.pgx.result import LABORATORY as LABORATORY

NOT_ASSIGNED = "function_not_assigned"
SEVERAL = "laboratory_several"
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

    @property
    def word(self) -> str:
        """The laboratory's phenotype, else that of the alleles by the first body that has one."""
        return self.reported or next(iter(self.phenotype.values()), "")


@dataclass(frozen=True, slots=True, eq=False)
class OutsideGene:
    """The results of one gene for S samples; of_sample : (S,) index into ``answers``, -1 = none.

    No answer at an index: the laboratory says that it could not call the gene.
    """

    of_sample: NDArray[np.int32]
    answers: tuple[tuple[OutsideCall, ...], ...]


_Result = tuple[str, str, str]  # diplotype, phenotype, activity score


def outside_calls(rows: pd.DataFrame | None, samples: Sequence[str]) -> MappingProxyType[str, OutsideGene]:
    """The outside calls of each gene by sample; a row without sample belongs to the only sample.

    A result that is not understood is kept as one that calls nothing, with the reason.

    Raises
    ------
    InputError : a sample is not known or not named
    """
    if rows is None or rows.empty:
        return MappingProxyType({})
    check_samples(rows, samples)
    place = {sample: index for index, sample in enumerate(samples)}
    found: dict[str, dict[int, tuple[_Result, ...]]] = {}
    calls: dict[tuple[str, _Result], OutsideCall] = {}
    for where, sample, gene, *cells in rows_said(rows):
        result = (cells[0], cells[1], cells[2])
        if not sample and len(samples) != 1:
            raise InputError(
                f"{where}outside call {gene} {result[0]}: the file has {len(samples)} samples; name the sample"
            )
        if (gene, result) not in calls:
            calls[gene, result] = interpreted(gene, result)
        results = found.setdefault(gene, {})
        index = place[sample] if sample else 0
        results[index] = tuple(dict.fromkeys((*results.get(index, ()), result)))
    return MappingProxyType({gene: _of_gene(gene, results, len(samples), calls) for gene, results in found.items()})


def interpreted(gene: str, result: Sequence[str]) -> OutsideCall:
    """As `interpret`, of diplotype, phenotype and score; what cannot be read is a reason too."""
    try:
        return interpret(gene, *result)
    except InputError:
        return _nothing(gene, f"not_understood:{' '.join(filter(None, result))}")


def _of_gene(
    gene: str,
    results: dict[int, tuple[_Result, ...]],
    samples: int,
    calls: Mapping[tuple[str, _Result], OutsideCall],
) -> OutsideGene:
    distinct = {one: index for index, one in enumerate(dict.fromkeys(results.values()))}
    of_sample = np.full(samples, -1, np.int32)
    of_sample[list(results)] = [distinct[one] for one in results.values()]
    told = [
        [one for one in several if not is_no_call(one[0]) or any(cell.casefold() not in NOT_TOLD for cell in one[1:])]
        for several in distinct
    ]
    return OutsideGene(of_sample, tuple(with_both(_once([calls[gene, one] for one in several])) for several in told))


def _once(answers: Sequence[OutsideCall]) -> tuple[OutsideCall, ...]:
    """Without those that say the same in another spelling."""
    return tuple(one for index, one in enumerate(answers) if one not in answers[:index])


def with_both(answers: Sequence[OutsideCall]) -> tuple[OutsideCall, ...]:
    """Also the pairs of variants that several results name, each beside a reference, in genes whose variants add up.

    'c.1905+1G>A het' and 'c.2846A>T het' of DPYD may lie on one strand, or on two, which is another phenotype.
    """
    gene = answers[0].gene if answers else ""
    if gene not in genes() or genes()[gene].mode != LOWEST_FUNCTION:
        return tuple(answers)
    reference = genes()[gene].reference_name
    pairs = (one.alleles for one in answers if len(one.alleles) > 1 and reference in one.alleles)
    found = dict.fromkeys(allele for pair in pairs for allele in pair if allele != reference)
    return _once([*answers, *(interpret(gene, "/".join(pair)) for pair in combinations(found, 2))])


def together(parts: Iterable[Mapping[str, str]]) -> tuple[dict[str, str], bool]:
    """What several results say of the presence of alleles, in any order, and whether two contradict each other.

    An allele that one of them found counts as present: advice for carriers is the careful one.
    """
    found: dict[str, str] = {}
    differ = False
    for name, told in (item for part in parts for item in part.items()):
        differ |= found.get(name, told) != told
        found[name] = PRESENCE[0] if PRESENCE[0] in (told, found.get(name)) else told
    return found, differ


def across(answers: Sequence[OutsideCall]) -> tuple[str, ...]:
    """What is doubtful about several results of one gene beside each other, in any order."""
    told = [one for one in answers if one.says_something]
    _, differ = together(one.presence for one in told)
    words = {one.word for one in told} - {"", INDETERMINATE}
    differ |= len(words) > 1 and any(not one.alleles for one in told)
    several = len({one.alleles for one in told if one.alleles and not _asked(one.gene)}) > 1
    return tuple(reason for reason, holds in ((DIFFERS, differ), (SEVERAL, several)) if holds)


def interpret(gene: str, diplotype: str, phenotype: str = "", activity_score: str = "") -> OutsideCall:
    """What an outside result amounts to by the rules of each body; what is not understood is a reason.

    Raises
    ------
    InputError : more than two alleles, or an empty one
    """
    cell = read_cell(gene, diplotype)
    alleles = () if is_no_call(cell.diplotype) else alleles_of(gene, cell.diplotype)
    known = is_known(gene)
    reasons = [] if known else ["gene_without_rules"]
    if not understood(gene, alleles, known):
        alleles = ()
        reasons.append(f"not_understood:{cell.diplotype}")
    if known and not rules_of(gene):
        reasons += [f"{NOT_ASSIGNED}:{allele}" for allele in alleles if not is_allele(gene, allele)]
    if contradiction := _contradiction(gene, cell, phenotype, activity_score):
        return _nothing(gene, f"not_understood:{contradiction}")
    phenotype, presence = _told(gene, alleles, (cell.phenotype, phenotype), reasons)
    activity_score = _score(gene, cell.activity_score or activity_score, reasons)
    phenotypes, scores = _by_rules(gene, alleles, activity_score, reasons) if not presence else ({}, {})
    of_score = [_of_score(rules, activity_score) for rules in rules_of(gene)[:1]]
    reported = "" if presence else phenotype or "".join(of_score)
    if reported and any(one not in ("", reported) for one in list(phenotypes.values())[:1]):
        reasons.append(DIFFERS)
    if phenotype:
        phenotypes = {LABORATORY: phenotype, **phenotypes}
    if activity_score:
        scores = {LABORATORY: activity_score, **scores}
    return OutsideCall(
        gene=gene,
        alleles=alleles,
        phenotype=MappingProxyType({body: text for body, text in phenotypes.items() if text}),
        activity_score=MappingProxyType({body: text for body, text in scores.items() if text}),
        presence=MappingProxyType(presence),
        reasons=tuple(dict.fromkeys(reasons)),
        reported=reported,
    )


def _contradiction(gene: str, cell: Cell, phenotype: str, activity_score: str) -> str:
    """What a cell for a diplotype says of phenotype or score beside another in its own column; empty if they agree."""
    phenotype, activity_score = ("" if one.casefold() in NOT_TOLD else one for one in (phenotype, activity_score))
    pairs = [
        (worded(gene, cell.phenotype), worded(gene, phenotype)),
        (cell.activity_score, score_told(activity_score) or activity_score),
    ]
    if all(presence_told(gene, text) for text in pairs[0]):
        pairs = pairs[1:]
    return next((", ".join(pair) for pair in pairs if all(pair) and pair[0] != pair[1]), "")


def _by_rules(
    gene: str, alleles: tuple[str, ...], activity_score: str, reasons: list[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Phenotype and activity score by the rules of each body, of the alleles, else of the score."""
    phenotypes: dict[str, str] = {}
    scores: dict[str, str] = {}
    for rules in rules_of(gene):
        if alleles:
            phenotypes[rules.body], scores[rules.body] = _pair(rules, alleles, reasons)
        elif activity_score:
            phenotypes[rules.body], scores[rules.body] = _of_score(rules, activity_score), activity_score
    if alleles:
        reasons += _copies(gene, alleles, phenotypes)
    return phenotypes, scores


def _of_score(rules: Rules, activity_score: str) -> str:
    return rules.of_score(float(activity_score.removeprefix("≥"))) if activity_score else ""


def _nothing(gene: str, reason: str) -> OutsideCall:
    nothing: MappingProxyType[str, str] = MappingProxyType({})
    return OutsideCall(gene, (), nothing, nothing, nothing, (reason,))


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


def _score(gene: str, text: str, reasons: list[str]) -> str:
    """The activity score where it is a number that the gene can have; empty where there is none, or none such."""
    if text.casefold() in NOT_TOLD:
        return ""
    number = score_told(text)
    if not number:
        reasons.append(f"not_understood:{text}")
    elif float(number.removeprefix("≥")) > greatest_score(gene):
        reasons.append(f"score_out_of_range:{text}")
        return ""
    return number


def _told(gene: str, alleles: tuple[str, ...], told: tuple[str, str], reasons: list[str]) -> tuple[str, dict[str, str]]:
    """The phenotype where it is one of the gene's, and what alleles and phenotype say of the presence of alleles.

    told : what stands in the cell for a diplotype, and in the one for a phenotype
    """
    told = (told[0], "" if told[1].casefold() in NOT_TOLD else told[1])
    tested = [dict([found]) for text in told if (found := presence_told(gene, text))]
    presence, differ = together((_typed(gene, alleles), *tested))
    if differ:
        reasons.append(DIFFERS)
    phenotype = worded(gene, told[1] or told[0])
    if phenotype and not tested and not is_phenotype(gene, phenotype):
        reasons.append(f"phenotype_not_understood:{phenotype}")
        phenotype = ""
    return ("" if presence else phenotype), presence


def _asked(gene: str) -> tuple[str, ...]:
    return genes()[gene].rules.presence if gene in genes() else ()


def _typed(gene: str, alleles: tuple[str, ...]) -> dict[str, str]:
    """What a type says of the HLA alleles that guidance asks about; two typed alleles exclude all others."""
    found: dict[str, str] = {}
    for name in _asked(gene):
        if name in alleles:
            found[name] = PRESENCE[0]
        elif len(alleles) == 2 and all(HLA_FIELDS.fullmatch(allele) for allele in alleles):
            found[name] = PRESENCE[1]
    return found


def _copies(gene: str, alleles: tuple[str, ...], phenotypes: Mapping[str, str]) -> list[str]:
    """Why as many alleles as are reported tell no phenotype."""
    if any(text not in ("", INDETERMINATE) for text in phenotypes.values()) or not rules_of(gene):
        return []
    one = has_one_copy(gene)
    if len(alleles) == 1 and not any(rules.single[:-1].any() for rules in rules_of(gene)):
        return ["second_allele_missing"]
    return ["one_allele_expected"] if len(alleles) == 2 and one else []


def _key(rules: Rules, allele: str) -> int:
    """The key of an allele; of a name that several alleles share, the one that all of them have."""
    keys = {rules.key(one) for one in kin(rules.gene, allele)} or {rules.key(allele)}
    return keys.pop() if len(keys) == 1 else len(rules.keys)


def _assigned(gene: str, allele: str) -> bool:
    """Whether any body says what an allele does."""
    return any(
        _key(rules, allele) < len(rules.keys) or (rules.ranges and activity_of(rules, allele) is not None)
        for rules in rules_of(gene)
    )


def _pair(rules: Rules, alleles: tuple[str, ...], reasons: list[str]) -> tuple[str, str]:
    """Phenotype and activity score of one strand or two."""
    keys = [_key(rules, allele) for allele in alleles]
    unknown = len(rules.keys)
    if len(keys) == 1:
        if not _assigned(rules.gene, alleles[0]) and not _asked(rules.gene):
            reasons.append(f"{NOT_ASSIGNED}:{alleles[0]}")
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
        elif not _assigned(rules.gene, allele):
            reasons.append(f"{NOT_ASSIGNED}:{allele}")
    return rules.phenotypes[rules.phenotype[keys[0], keys[1]]], ""
