"""Words for the calls of one sample: names of diplotypes, positions without a call, what else fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from precision.pgx.definitions import BUILDS, LOWEST_FUNCTION, POPULATIONS, Gene, Variant, genes
from precision.pgx.functions import INDETERMINATE, rules_of
from precision.pgx.genecalls import AMBIGUOUS, CALLED, NOT_CALLED, STATUSES, GeneCalls
from precision.pgx.lowest import NONE, strands_of, ways
from precision.pgx.matching import Matches, match
from precision.pgx.names import diplotype, natural, strand
from precision.pgx.outside import DIFFERS, OutsideCall, across, together
from precision.pgx.outside import LABORATORY as ITS_WORDS
from precision.pgx.prior import pair_probability
from precision.pgx.result import Alternative, Call, Diplotype, Interpretation, Position
from precision.pgx.states import MISSING, STATES

GENOTYPES, LABORATORY = "genotypes", "outside"
LABORATORY_NO_CALL = "laboratory_no_call"
GENOTYPES_DIFFER = "genotypes_differ"
NO_OUTSIDE_CALL = "no_outside_call"  # and the gene is not called from genotypes
LIKELY = 0.001  # in some population; less likely alternatives are counted, not listed
MOST_ALTERNATIVES = 20
NOTHING: MappingProxyType[str, str] = MappingProxyType({})
NO_SHARES: MappingProxyType[str, float] = MappingProxyType({})


def call_of_pattern(pattern: int, calls: GeneCalls, build: str) -> Call:
    """The answer for everyone with one pattern of a gene called from genotypes; `for_sample` makes it one person's."""
    gene = calls.gene
    missing = calls.patterns.missing[pattern]
    positions = [_position(gene.variants[at], calls, pattern, at, build) for at in np.flatnonzero(missing).tolist()]
    diplotypes = named_diplotypes(calls, pattern)
    reported = {name for one in diplotypes for name in one.deciding}
    low, high = np.searchsorted(calls.matches.open_pattern, [pattern, pattern + 1])
    possible = (gene.alleles[allele] for allele in calls.matches.open_allele[low:high])
    not_tested = calls.untested[pattern]
    return Call(
        sample="",
        gene=gene.name,
        origin=GENOTYPES,
        status=STATUSES[calls.status[pattern]],
        diplotypes=diplotypes,
        interpretations=_together(calls, pattern),
        reasons=calls.reasons.names(pattern),
        positions_called=int((~missing).sum()),
        positions_missing=tuple(one for one in positions if one.why in MISSING),
        positions_discarded=tuple(one for one in positions if one.why not in MISSING),
        alleles_not_excluded=tuple(name for name in possible if name not in reported),
        tier1_untested=tuple(name for name, hidden in zip(gene.rules.tier1, not_tested, strict=True) if hidden),
        alternatives=_alternatives(calls, pattern, diplotypes),
        presence=NOTHING,
        shown=NOTHING,
        update_pending=gene.update_pending,
    )


def for_sample(common: Call, sample: str, index: int, calls: GeneCalls) -> Call:
    """The answer of a pattern (`call_of_pattern`) for one of the samples that have it."""
    return replace(common, sample=sample, shown=_shown(calls, index))


def outside_call_of(sample: str, gene: str, answers: Sequence[OutsideCall], why: str = LABORATORY_NO_CALL) -> Call:
    """The whole answer for a gene that a laboratory reported; `why` there is none, if there is none."""
    found = (
        Diplotype(
            name=one.diplotype,
            deciding=one.alleles,
            interpretations=tuple(
                Interpretation(body, one.phenotype.get(body, ""), one.activity_score.get(body, ""))
                for body in dict.fromkeys([*one.phenotype, *one.activity_score])
            ),
            score=0,
        )
        for one in answers
        if one.says_something
    )
    diplotypes = tuple(dict.fromkeys(found))
    reasons = dict.fromkeys([*(reason for one in answers for reason in one.reasons), *across(answers)])
    bodies = dict.fromkeys(part.body for one in diplotypes for part in one.interpretations)
    return Call(
        sample=sample,
        gene=gene,
        origin=LABORATORY,
        status=outside_status(answers),
        diplotypes=diplotypes,
        interpretations=tuple(_joined(body, diplotypes) for body in bodies),
        reasons=tuple(reasons) or (() if diplotypes else (why,)),
        positions_called=0,
        positions_missing=(),
        positions_discarded=(),
        alleles_not_excluded=(),
        tier1_untested=(),
        alternatives=(),
        presence=MappingProxyType(together(one.presence for one in answers)[0]),
        shown=NOTHING,
        update_pending=genes()[gene].update_pending if gene in genes() else "",
    )


def outside_status(answers: Sequence[OutsideCall]) -> str:
    """Status of a gene that a laboratory reported: several results that differ are ambiguous."""
    if not any(one.says_something for one in answers):
        return NOT_CALLED
    contradicted = any(DIFFERS in one.reasons for one in answers)
    return AMBIGUOUS if contradicted or across(answers) else CALLED


def beside_genotypes(found: Call, calls: GeneCalls, index: int) -> Call:
    """A laboratory's answer, with a reason where the genotypes of the same sample say another phenotype.

    They do not where they leave its alleles possible, because positions are missing.
    """
    pattern = int(calls.patterns.of_sample[index])
    if STATUSES[calls.status[pattern]] == NOT_CALLED:
        return found
    ours, theirs = (_words(one) for one in (_together(calls, pattern), found.interpretations))
    if not ours or not theirs or ours & theirs or _leave_possible(calls, pattern, found.diplotypes):
        return found
    return replace(found, reasons=(*found.reasons, GENOTYPES_DIFFER))


def _leave_possible(calls: GeneCalls, pattern: int, reported: Sequence[Diplotype]) -> bool:
    """Whether every reported pair fits, or would with an allele that missing positions leave open."""
    names, pairs = calls.gene.alleles, slice(calls.start[pattern], calls.start[pattern + 1])
    first, second = calls.matches.first[pairs].tolist(), calls.matches.second[pairs].tolist()
    fitting = {frozenset((names[one], names[two])) for one, two in zip(first, second, strict=True)}
    low, high = np.searchsorted(calls.matches.open_pattern, [pattern, pattern + 1])
    unread = {names[allele] for allele in calls.matches.open_allele[low:high].tolist()}
    possible = unread.union(*fitting)
    told = [frozenset(one.deciding) for one in reported]
    return bool(told) and all(one in fitting or (unread & one and one <= possible) for one in told)


def _words(parts: Sequence[Interpretation]) -> set[str]:
    """The phenotypes by the first body that has one."""
    named = (part for part in parts if part.phenotype and part.body != ITS_WORDS)
    first = next(named, None) or next((part for part in parts if part.phenotype), None)
    return set(first.phenotype.split(" or ")) - {INDETERMINATE} if first else set()


def named_diplotypes(calls: GeneCalls, pattern: int) -> tuple[Diplotype, ...]:
    """The reported diplotypes of a pattern, in the order of reports."""
    chosen = np.arange(calls.start[pattern], calls.start[pattern + 1])
    chosen = chosen[calls.reported[chosen]]
    single = bool(calls.patterns.haploid[pattern])
    pairs = [(int(calls.matches.first[one]), int(calls.matches.second[one])) for one in chosen]
    scores = [int(calls.matches.score[one]) for one in chosen]
    if calls.gene.mode == LOWEST_FUNCTION and pairs:
        return _strand_diplotypes(calls, pattern)
    if not pairs and "read_from_one_position" in calls.reasons.names(pattern):
        return (_fallback(calls, pattern),)
    return tuple(_pair(calls.gene, *pair, single, score) for pair, score in zip(pairs, scores, strict=True))


def diplotype_names(calls: GeneCalls, pattern: int) -> list[str]:
    """The names alone of `named_diplotypes`, without what each pair means."""
    chosen = np.arange(calls.start[pattern], calls.start[pattern + 1])
    chosen = chosen[calls.reported[chosen]]
    if calls.gene.mode == LOWEST_FUNCTION or not len(chosen):
        return [one.name for one in named_diplotypes(calls, pattern)]
    names, single = calls.gene.alleles, bool(calls.patterns.haploid[pattern])
    pairs = zip(calls.matches.first[chosen].tolist(), calls.matches.second[chosen].tolist(), strict=True)
    return [names[one] if single else f"{names[one]}/{names[two]}" for one, two in pairs]


def _pair(gene: Gene, first: int, second: int, single: bool, score: int, name: str = "") -> Diplotype:
    deciding = (gene.alleles[first],) if single else (gene.alleles[first], gene.alleles[second])
    interpretations: list[Interpretation] = []
    for rules in rules_of(gene.name):
        phenotype, points = rules.of_pairs(np.array([first]), np.array([second]), np.array([single]))
        interpretations.append(Interpretation(rules.body, rules.phenotypes[phenotype[0]], rules.scores[points[0]]))
    return Diplotype(name or "/".join(deciding), deciding, tuple(interpretations), score)


def _strand_diplotypes(calls: GeneCalls, pattern: int) -> tuple[Diplotype, ...]:
    """Names of both strands for each way the phase blocks lie; where strands are not known, the list of variants."""
    gene, alone = calls.gene, calls.patterns.take(slice(pattern, pattern + 1))
    first = calls.start[pattern]
    if "phase_unknown" in calls.reasons.names(pattern):
        alleles = strands_of(gene, alone).alleles[0]
        names = [
            gene.alleles[allele] + (" (homozygous)" if pair[0] == pair[1] else "")
            for pair in alleles.tolist()
            for allele in dict.fromkeys(pair)
            if allele != NONE
        ]
        worst = int(calls.matches.first[first]), int(calls.matches.second[first])
        return (_pair(gene, *worst, False, 0, ", ".join(sorted(names, key=natural))),)
    found = {_way_name(gene, way.strands): way.deciding for way in ways(gene, alone)}
    order = sorted(found, key=lambda name: (not name.startswith(gene.reference_name), natural(name)))
    return tuple(_pair(gene, *found[name], False, 0, name) for name in order)


def _way_name(gene: Gene, strands: tuple[tuple[int, ...], tuple[int, ...]]) -> str:
    reference = gene.reference_name
    return diplotype((strand((gene.alleles[one] for one in side), reference) for side in strands), reference)


def _fallback(calls: GeneCalls, pattern: int) -> Diplotype:
    gene = calls.gene
    variant = gene.variants[column := gene.index_at(gene.rules.fallback_position)]
    bases = "/".join(variant.bases[code] for code in sorted(calls.patterns.codes[pattern, column].tolist()))
    return Diplotype(f"{variant.name} {bases}", (), _together(calls, pattern), 0)


def _together(calls: GeneCalls, pattern: int) -> tuple[Interpretation, ...]:
    """What each body makes of the reported pairs, joined by ' or ' where they differ."""
    found: list[Interpretation] = []
    for reading in calls.readings:
        phenotype = _named(int(reading.phenotypes[pattern]), reading.rules.phenotypes)
        score = _named(int(reading.scores[pattern]), reading.rules.scores)
        found.append(Interpretation(reading.rules.body, phenotype, score))
    return tuple(found)


def _named(bits: int, names: Sequence[str]) -> str:
    return " or ".join(name for bit, name in enumerate(names) if bits >> bit & 1 and name)


def _joined(body: str, diplotypes: Sequence[Diplotype]) -> Interpretation:
    parts = [part for one in diplotypes for part in one.interpretations if part.body == body]
    phenotypes = dict.fromkeys(part.phenotype for part in parts if part.phenotype)
    scores = dict.fromkeys(part.activity_score for part in parts if part.activity_score)
    return Interpretation(body, " or ".join(phenotypes), " or ".join(scores))


def _alternatives(calls: GeneCalls, pattern: int, reported: Sequence[Diplotype]) -> tuple[Alternative, ...]:
    """What else the genotype allows; nothing where only one pair of alleles fits."""
    gene, alone = calls.gene, calls.patterns.take(slice(pattern, pattern + 1))
    if not reported or not reported[0].deciding:
        return ()
    if gene.mode == LOWEST_FUNCTION:
        if "phase_unknown" not in calls.reasons.names(pattern):
            return ()
        found = {_way_name(gene, way.strands): way.deciding for way in ways(gene, alone, split=True)}
        return tuple(
            Alternative(_pair(gene, *worst, False, 0, name), False, NO_SHARES) for name, worst in found.items()
        )
    fits = match(gene, alone, keep_undefined=bool(np.isfinite(gene.frequency).any()))
    if len(fits.first) < 2:
        return ()
    return _ranked(gene, fits, bool(calls.patterns.haploid[pattern]), {one.deciding for one in reported})


def _ranked(gene: Gene, fits: Matches, single: bool, reported: set[tuple[str, ...]]) -> tuple[Alternative, ...]:
    """Pairs by falling probability where they are commonest; by score where there are no frequencies."""
    probability = pair_probability(gene, fits.first, fits.second, single)
    counted = ~np.isnan(probability).all(axis=0)
    most = np.max(probability[:, counted], axis=1, initial=0)
    likely = (most >= LIKELY) if counted.any() else np.ones(len(most), np.bool_)
    order = np.lexsort((-fits.score, -most))
    likely[order[MOST_ALTERNATIVES:]] = False
    told = [tuple(gene.alleles.index(name) for name in (pair[0], pair[-1])) for pair in reported]
    mine = np.isin(fits.first * len(gene.alleles) + fits.second, [one * len(gene.alleles) + two for one, two in told])
    found: list[Alternative] = []
    for one in order[(likely | mine)[order]].tolist():
        pair = _pair(gene, int(fits.first[one]), int(fits.second[one]), single, int(fits.score[one]))
        shares = {name: float(share) for name, share in zip(POPULATIONS, probability[one], strict=True) if share >= 0}
        found.append(Alternative(pair, bool(mine[one]), MappingProxyType(shares)))
    return tuple(found)


def _position(variant: Variant, calls: GeneCalls, pattern: int, at: int, build: str) -> Position:
    state = int(calls.patterns.codes[pattern, at].min())
    place = f"{build}:{variant.chromosome}:{variant.position[BUILDS.index(build)]}"
    return Position(variant.name, place, STATES[state])


def _shown(calls: GeneCalls, index: int) -> MappingProxyType[str, str]:
    found: dict[str, str] = {}
    for variant, codes in zip(calls.gene.shown, calls.shown[:, index], strict=True):
        known = bool((codes >= 0).all())
        found[variant.name] = "/".join(variant.bases[code] for code in codes) if known else STATES[int(codes.min())]
    return MappingProxyType(found)
