"""Star alleles of a whole cohort: every gene from genotypes, in either build, phased or not, with what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.errors import InputError
from precision.genotypes import SPANNED, Genotypes
from precision.knowledge.build import checked_build, detect_build
from precision.pgx.calls import Calls
from precision.pgx.coding import Located, places
from precision.pgx.definitions import LOWEST_FUNCTION, Gene, called_genes, genes
from precision.pgx.genecalls import GeneCalls, Reasons, settle
from precision.pgx.lowest import lowest
from precision.pgx.matching import Matches, match
from precision.pgx.outside import outside_calls
from precision.pgx.outside_sex import by_sex
from precision.pgx.patterns import Patterns, codes_of_everyone, find_patterns
from precision.pgx.settling import FEMALE, MALE, UNKNOWN_SEX
from precision.pgx.states import MALE_HETEROZYGOUS, PARTIAL, SPANNING

SEXES = MappingProxyType({"male": MALE, "female": FEMALE, "": UNKNOWN_SEX})


@dataclass(frozen=True, slots=True)
class Settings:
    """How a file is to be read.

    build : GRCh38 or GRCh37; empty = told from the reference bases
    absent_as_reference : the file has every variant of the samples (whole genome, variants only), so that a position
        without a record is reference; never assumed
    all_matches : report every diplotype that fits, not only those of the best score
    """

    build: str = ""
    absent_as_reference: bool = False
    all_matches: bool = False


def call(
    genotypes: Genotypes,
    settings: Settings = Settings(),
    sex: Mapping[str, str] | None = None,
    outside: pd.DataFrame | None = None,
    only: Sequence[str] = (),
) -> Calls:
    """Call the genes of every sample.

    Parameters
    ----------
    sex : sample -> 'female' or 'male', for genes on the X chromosome; a sample without one is unknown
    outside : results of a laboratory (`read_outside_calls`); they stand in the place of ours
    only : genes to call; none = all

    Raises
    ------
    InputError : the build cannot be told or is mixed, a sex or gene is not known, an outside call is not understood
    """
    build = checked_build(genotypes, settings.build) if settings.build else detect_build(genotypes)
    complete = np.full(len(genotypes.samples), settings.absent_as_reference)
    sexes = _sexes(genotypes.samples, sex or {})
    return Calls(
        samples=genotypes.samples,
        file=genotypes.file,
        build=build,
        called=call_genes(genotypes, build, sexes, complete, settings, only),
        outside=by_sex(outside_calls(outside, genotypes.samples), sexes),
        absent_as_reference=settings.absent_as_reference,
    )


def call_genes(
    genotypes: Genotypes,
    build: str,
    sex: NDArray[np.int8],
    complete: NDArray[np.bool_],
    settings: Settings = Settings(),
    only: Sequence[str] = (),
) -> MappingProxyType[str, GeneCalls]:
    """Call genes from genotypes whose build is known.

    Parameters
    ----------
    sex : (S,) FEMALE, MALE or UNKNOWN_SEX
    complete : (S,) the sample has every variant on record, so that a position without a record is reference
    only : genes to call; none = all

    Raises
    ------
    InputError : a gene is not known
    """
    located = Located.of(genotypes.sites)
    return MappingProxyType(
        {name: _call_gene(genotypes, genes()[name], build, located, sex, complete, settings) for name in _chosen(only)}
    )


def _call_gene(
    genotypes: Genotypes,
    gene: Gene,
    build: str,
    located: Located,
    sex: NDArray[np.int8],
    complete: NDArray[np.bool_],
    settings: Settings,
) -> GeneCalls:
    at = places(genotypes, gene.variants, build, located)
    patterns = find_patterns(genotypes, gene, at, sex, complete)
    shown = places(genotypes, gene.shown, build, located)
    reasons = Reasons.of(len(patterns))
    _refuse(gene, patterns, reasons)
    if gene.mode == LOWEST_FUNCTION:
        matches, notes = lowest(gene, patterns)
        reasons.set("phase_unknown", notes.phase_unknown)
        reasons.set("phase_matters", notes.phase_matters)
        reasons.set("deciding_position_missing", notes.exonic_only)
        reasons.set("dependent_position_contradicts", notes.conflict)
    else:
        matches = match(gene, patterns)
    matches = _of_callable(matches, ~reasons.any_of("not_called"))
    return settle(gene, patterns, matches, reasons, settings.all_matches, codes_of_everyone(genotypes, shown))


def _refuse(gene: Gene, patterns: Patterns, reasons: Reasons) -> None:
    """Mark what keeps a gene from being called whatever its alleles, and what is taken as reference."""
    missing = patterns.missing
    reasons.set("no_position_known", np.all(missing, axis=1))
    kind = "undocumented_as_reference" if gene.rules.undocumented_as_reference else "undocumented_allele"
    reasons.set(kind, np.any(patterns.undocumented, axis=1))
    reasons.set("partial_call", np.any(patterns.codes[..., 0] == PARTIAL, axis=1))
    reasons.set("male_heterozygous", np.any(patterns.codes[..., 0] == MALE_HETEROZYGOUS, axis=1))
    reasons.set("inside_larger_variant", ((patterns.codes == SPANNED) | (patterns.codes == SPANNING)).any(axis=(1, 2)))
    if gene.rules.required:
        required = [gene.index_at(position) for position in gene.rules.required]
        reasons.set("required_position_missing", np.any(missing[:, required], axis=1))


def _of_callable(matches: Matches, callable_: NDArray[np.bool_]) -> Matches:
    keep = callable_[matches.pattern]
    return Matches(
        matches.pattern[keep],
        matches.first[keep],
        matches.second[keep],
        matches.score[keep],
        matches.open_pattern,
        matches.open_allele,
    )


def _sexes(samples: Sequence[str], sex: Mapping[str, str]) -> NDArray[np.int8]:
    if unknown := sorted(set(sex.values()) - set(SEXES)):
        raise InputError(f"sex '{unknown[0]}' is not known; allowed: female, male, or empty for unknown")
    return np.array([SEXES[sex.get(sample, "")] for sample in samples], dtype=np.int8)


def _chosen(only: Sequence[str]) -> tuple[str, ...]:
    if unknown := sorted(set(only) - set(called_genes())):
        raise InputError(
            f"gene '{unknown[0]}' is not called from genotypes; those that are: {', '.join(called_genes())}"
        )
    return tuple(name for name in called_genes() if not only or name in only)
