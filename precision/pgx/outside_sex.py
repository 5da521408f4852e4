"""Results of a laboratory for genes on the X chromosome: how many copies a person has decides what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from precision.pgx.definitions import genes
from precision.pgx.outside import DIFFERS, LABORATORY, OutsideCall, OutsideGene
from precision.pgx.settling import FEMALE, MALE

ONE_FOR_TWO = "second_allele_missing"
SEX_UNKNOWN = "sex_unknown"
TWO_FOR_ONE = "male_heterozygous"


def by_sex(found: Mapping[str, OutsideGene], sex: NDArray[np.int8]) -> MappingProxyType[str, OutsideGene]:
    """The results of S samples; sex : (S,) FEMALE, MALE or UNKNOWN_SEX.

    One allele says nothing of a gene of which a person has two copies or may have; two different ones cannot be in a
    man. A phenotype of the laboratory itself stands.
    """
    return MappingProxyType({name: _by_sex(one, sex) if _on_x(name) else one for name, one in found.items()})


def _on_x(gene: str) -> bool:
    return gene in genes() and genes()[gene].on_x


def _by_sex(found: OutsideGene, sex: NDArray[np.int8]) -> OutsideGene:
    """Each distinct pair of results and sex is read once."""
    here = found.of_sample >= 0
    pairs, of_pair = np.unique(np.column_stack([found.of_sample, sex])[here], axis=0, return_inverse=True)
    of_sample = found.of_sample.copy()
    of_sample[here] = of_pair.reshape(-1)
    answers = (tuple(_of_sex(call, kind) for call in found.answers[index]) for index, kind in pairs.tolist())
    return OutsideGene(of_sample, tuple(answers))


def _of_sex(call: OutsideCall, sex: int) -> OutsideCall:
    if len(call.alleles) == 1 and sex != MALE:
        return _without_rules(call, ONE_FOR_TWO if sex == FEMALE else SEX_UNKNOWN)
    if len(set(call.alleles)) == 2 and sex == MALE:
        return replace(_without_rules(call, TWO_FOR_ONE), alleles=())
    return call


def _without_rules(call: OutsideCall, reason: str) -> OutsideCall:
    """What the laboratory itself says, without what its alleles would mean."""
    own = {LABORATORY: call.phenotype[LABORATORY]} if LABORATORY in call.phenotype else {}
    reasons = (*(one for one in call.reasons if one != DIFFERS), reason)
    return replace(call, phenotype=MappingProxyType(own), activity_score=MappingProxyType({}), reasons=reasons)
