"""What a file shows at each position that defines a gene: reference, variant, missing, or discarded with the reason."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from precision.pgx.calls import Calls
from precision.pgx.definitions import BUILDS
from precision.pgx.states import MISSING, STATES

REFERENCE, VARIANT, ABSENT, DISCARDED = "reference", "variant", "missing", "discarded"


@dataclass(frozen=True, slots=True)
class Seen:
    """One defining position of one sample.

    place : 'GRCh38:10:94781859'; alleles : those with another base there than the reference of GRCh38
    state : reference, variant, missing, discarded; bases : 'G/A' of a variant; why : as in ``states``, else empty
    """

    name: str
    place: str
    alleles: tuple[str, ...]
    state: str
    bases: str = ""
    why: str = ""


def seen(calls: Calls, index: int, gene: str) -> tuple[Seen, ...]:
    """The defining positions of a gene in one sample, in their order; none where it is not called from genotypes.

    Parameters
    ----------
    index : place of the sample among the samples
    """
    found = calls.called.get(gene)
    if found is None:
        return ()
    pattern = int(found.patterns.of_sample[index])
    column = BUILDS.index(calls.build) if calls.build else 0
    told: list[Seen] = []
    for at, variant in enumerate(found.gene.variants):
        owners = np.unique(found.gene.row_allele[found.gene.row_defines[:, at] & (found.gene.row_code[:, at] != 0)])
        codes = found.patterns.codes[pattern, at].tolist()
        known = [code for code in codes if code >= 0]
        bases = why = ""
        if found.patterns.missing[pattern, at]:
            why = STATES[min(codes)]
            state = ABSENT if why in MISSING else DISCARDED
        elif any(known):
            state, bases = VARIANT, "/".join(variant.bases[code] for code in known)
        else:
            state = REFERENCE
        place = f"{BUILDS[column]}:{variant.chromosome}:{variant.position[column]}"
        told.append(Seen(variant.name, place, tuple(found.gene.alleles[one] for one in owners), state, bases, why))
    return tuple(told)


def phasing(calls: Calls, index: int) -> tuple[int, int]:
    """Heterozygous positions of one sample in all its genes, and at how many of them the strand is known."""
    heterozygous = strands = 0
    for found in calls.called.values():
        pattern = int(found.patterns.of_sample[index])
        first, second = found.patterns.codes[pattern].T
        here = (first >= 0) & (second >= 0) & (first != second)
        heterozygous += int(np.count_nonzero(here))
        strands += int(np.count_nonzero(here & (found.patterns.block[pattern] >= 0)))
    return heterozygous, strands
