"""The clinical phenotype: what genotypes predict of an enzyme, shifted by the medicines in use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.pgx.conditions import GeneResult
from precision.pgx.drugs import Texts
from precision.pgx.functions import CPIC, INDETERMINATE, NONE_ASSIGNED, Rules, rules_of
from precision.pgx.modulators import MULTIPLY, rules, sentence
from precision.pgx.phenoconversion import PatientShift, Shift

OR = " or "  # between answers that the genotype leaves open
AT_LEAST = "≥"
LIKELY = "Likely "
POOR = "Poor Metabolizer"
RAPID = "Rapid Metabolizer"
LADDER = (POOR, "Intermediate Metabolizer", "Normal Metabolizer", RAPID, "Ultrarapid Metabolizer")
ZERO = "0.0"
TO_POOR = -2
LEVELS = 16  # more than there are steps, so that a multiplier and a step make one number

Names = NDArray[np.object_]


def clinical(gene: str, phenotypes: Texts, scores: Texts, shift: Shift, body: str = "") -> tuple[Names, Names]:
    """(N,) clinical phenotypes and (N,) activity scores; the genotype's own stay with the caller, who shows both.

    Parameters
    ----------
    phenotypes, scores : (N,) as ``Call`` has them: several joined by ' or ', empty = not determined
    body : whose categories; empty = the first with rules for the gene

    CYP2D6: the score is multiplied, and the phenotype is that of the product. Times 0 it is 0 also where no activity
    is assigned ('n/a'), because any number would give it; an empty result stays empty. Half of '≥3.0' is '≥1.5', which
    may be Normal or Ultrarapid. Other enzymes move along the categories that the body knows for the gene; Indeterminate
    stays, and an inducer leaves Poor, where there may be no working enzyme to induce. Their score is kept where the
    category stays, 0 where a strong inhibitor makes it Poor, and else empty: no source gives the score of a shifted
    category, and for CYP2C9 two scores (1.0 and 1.5) share one category with different advice.
    """
    before = (_texts(phenotypes), _texts(scores))
    known = [one for one in rules_of(gene) if body in ("", one.body)]
    moved = np.flatnonzero((shift.multiplier != 1) | (shift.steps != 0))
    if not known or not len(moved):
        return before
    _, kind = np.unique(shift.multiplier[moved] * LEVELS + shift.steps[moved], return_inverse=True)
    numbers = [*(pd.factorize(texts[moved])[0] for texts in before), kind]
    _, first, number = np.unique(_combined(numbers), return_index=True, return_inverse=True)
    after = [
        shifted(known[0], str(before[0][row]), str(before[1][row]), float(shift.multiplier[row]), int(shift.steps[row]))
        for row in moved[first]
    ]
    for column in (0, 1):
        before[column][moved] = np.array([one[column] for one in after], dtype=object)[number]
    return before


def shifted(known: Rules, phenotype: str, score: str, multiplier: float, steps: int) -> tuple[str, str]:
    """Phenotype and score of one result after the shift; see ``clinical``."""
    if not phenotype and not score:
        return "", ""
    if multiplies(known.gene):
        return (phenotype, score) if multiplier == 1 else _multiplied(known, phenotype, score, multiplier)
    moved = _joined(_stepped(one, steps, known) for one in phenotype.split(OR))
    if moved == phenotype:
        return phenotype, score
    return moved, ZERO if score and steps == TO_POOR and moved == POOR else ""


def acted_on(gene: str, result: GeneResult, multiplier: float, steps: int) -> GeneResult:
    """A person's result with what acts on the enzyme; nothing is made of one that is not known.

    But times 0 the activity is 0 whatever the alleles are, so that then it is known without them.
    """
    silent = multiplier == 0 and not result.presence and not any(result.positions)
    if (multiplier == 1 and not steps) or not (result.known or silent):
        return result
    phenotypes, scores = dict(result.phenotypes), dict(result.scores)
    for known in rules_of(gene):
        phenotype, score = (OR.join(values.get(known.body, ())) for values in (result.phenotypes, result.scores))
        finer = OR.join(result.phenotypes.get(CPIC, ()))
        phenotype = finer if coarser(known) and (steps > 0 or RAPID in finer) else phenotype
        if silent and not result.known:
            phenotype = INDETERMINATE
        now, points = shifted(known, phenotype, score, multiplier, steps)
        phenotypes[known.body], scores[known.body] = (tuple(filter(None, text.split(OR))) for text in (now, points))
    hidden = None if result.hidden is None else acted_on(gene, result.hidden, multiplier, steps)
    return GeneResult(
        phenotypes,
        scores,
        result.diplotypes,
        result.presence,
        untested=result.untested,
        hidden=hidden,
        shifted=phenotypes != dict(result.phenotypes) or scores != dict(result.scores),
    )


def remarks(before: str, after: str, shift: PatientShift) -> tuple[str, ...]:
    """What to say beside a patient's genotype and clinical phenotype: what the shift rests on, and why none came."""
    if not before:
        return (*shift.evidence, sentence("no_result", shift.enzyme))
    if shift.steps > 0 and before == after and INDETERMINATE not in before:
        return (*shift.evidence, sentence("poor_not_induced" if POOR in before else "no_faster", shift.enzyme))
    return shift.evidence


def _texts(texts: Texts) -> Names:
    """(N,) text of each cell, a copy; empty where nothing is written."""
    return pd.Series(texts, dtype="str").fillna("").to_numpy(dtype=object, copy=True)


def _combined(numbers: Sequence[NDArray[np.intp]]) -> NDArray[np.int64]:
    """One number for each combination."""
    combined = np.zeros(len(numbers[0]), dtype=np.int64)
    for one in numbers:
        combined = combined * (int(one.max()) + 1) + one
    return combined


@cache
def multiplies(gene: str) -> bool:
    """Whether the gene's shift is a product of the activity score."""
    return any(rule.operation == MULTIPLY for (enzyme, _, _), rule in rules().items() if enzyme == gene)


def _multiplied(known: Rules, phenotype: str, score: str, multiplier: float) -> tuple[str, str]:
    if multiplier == 0:
        return known.of_score(0), ZERO
    if score:
        products = [_product(one, multiplier) for one in score.split(OR)]
        return _joined(name for one in products for name in _phenotypes(known, one)), _joined(products)
    products = [
        _product(one, multiplier) for name in phenotype.split(OR) for one in known.scores if _has(known, one, name)
    ]
    return _joined(name for one in products for name in _phenotypes(known, one)) or phenotype, ""


def _has(known: Rules, score: str, phenotype: str) -> bool:
    return bool(score) and phenotype in _phenotypes(known, score)


def _product(score: str, multiplier: float) -> str:
    """The product as a score is written: '1.0', '0.625', '≥1.5', 'n/a'."""
    if score == NONE_ASSIGNED:
        return NONE_ASSIGNED
    sign = AT_LEAST if score.startswith(AT_LEAST) else ""
    return f"{sign}{float(score.removeprefix(AT_LEAST)) * multiplier}"


def _phenotypes(known: Rules, score: str) -> list[str]:
    """The phenotypes that a score may have; several for 'at least'."""
    if score == NONE_ASSIGNED:
        return [INDETERMINATE]
    if not score.startswith(AT_LEAST):
        return [known.of_score(float(score))]
    least = float(score.removeprefix(AT_LEAST))
    return [one.phenotype for one in known.ranges if one.high > least or one.holds(least)]


@cache
def _ladder(gene: str) -> tuple[str, ...]:
    """The categories that a gene has for the body that tells most apart."""
    ladders = [tuple(name for name in LADDER if name in rules.phenotypes) for rules in rules_of(gene)]
    return max(ladders, key=len)


@cache
def coarser(known: Rules) -> bool:
    """Whether a body reads Rapid as Normal, where another one tells them apart."""
    return RAPID in _ladder(known.gene) and RAPID not in known.phenotypes


def _stepped(phenotype: str, steps: int, rules: Rules) -> str:
    """One phenotype moved along those that are known for the gene, in the words of a body: its nearest towards Poor."""
    known, ladder = rules.phenotypes, _ladder(rules.gene)
    plain = phenotype.removeprefix(LIKELY)
    if plain not in ladder or (plain == POOR and steps > TO_POOR):
        return phenotype
    if steps == TO_POOR:
        return POOR
    place = min(max(ladder.index(plain) + steps, 0), len(ladder) - 1)
    name = next(one for one in reversed(ladder[: place + 1]) if one in known)
    likely = f"{LIKELY}{name}"
    return likely if phenotype.startswith(LIKELY) and likely in known else name


def _joined(names: Iterable[str]) -> str:
    """The distinct answers, in order."""
    return OR.join(dict.fromkeys(names))
