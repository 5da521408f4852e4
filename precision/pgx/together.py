"""What several records of one variant say of a person, put together; records that contradict each other say nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from precision.genotypes import ABSENT, HAPLOID, SPANNED
from precision.pgx.states import PARTIAL, SPANNING, UNDOCUMENTED

Pair = tuple[int, int]


def together(
    before: NDArray[np.int8], found: NDArray[np.int8], reference: NDArray[np.int8], told: Sequence[frozenset[int]]
) -> NDArray[np.int8]:
    """(G, S, 2) codes of G variants from the records so far and one more of each.

    Parameters
    ----------
    before, found : (G, S, 2) codes
    reference : (G,) code of REF
    told : (G,) codes that this record has as ALT and one so far too
    """
    made = np.where((before == ABSENT).all(axis=2)[..., None], found, before)
    differs = (made != found).any(axis=2) & ~(found == ABSENT).all(axis=2)
    row, who = np.nonzero(differs)
    if not len(row):
        return made
    cases = np.column_stack([row, before[row, who], found[row, who]]).astype(np.int64)
    distinct, which = np.unique(cases, axis=0, return_inverse=True)
    answers = [
        _pair((one, two), (three, four), int(reference[at]), told[at])
        for at, one, two, three, four in distinct.tolist()
    ]
    made[row, who] = np.array(answers, np.int8)[which.reshape(-1)]
    return made


def _pair(before: Pair, found: Pair, reference: int, told: frozenset[int]) -> Pair:
    if SPANNED in before or SPANNED in found:
        return SPANNED, SPANNED
    for one, other in ((before, found), (found, before)):
        if SPANNING in one or UNDOCUMENTED in one:
            if not _variants(other, reference):
                return one
            return (SPANNING, SPANNING) if SPANNING in one else (PARTIAL, PARTIAL)
    if not _known(before):
        return before if found[0] < 0 or _variants(before, reference) else found
    if not _known(found):
        return found if _variants(found, reference) and not _variants(before, reference) else before
    return _sum(before, found, reference, told)


def _known(pair: Pair) -> bool:
    return pair[0] >= 0 and (pair[1] >= 0 or pair[1] == HAPLOID)


def _variants(pair: Pair, reference: int) -> list[int]:
    return [code for code in pair if code >= 0 and code != reference]


def _sum(before: Pair, found: Pair, reference: int, told: frozenset[int]) -> Pair:
    """Both known: the bases of both, where neither denies what the other says; a variant stays beside 0/0."""
    one, other = _variants(before, reference), _variants(found, reference)
    if any(one.count(code) != other.count(code) for code in told) and (other or not one):
        return PARTIAL, PARTIAL
    if sorted(one) == sorted(other) or not other:
        return before
    if not one:
        return found
    codes = [code for code in sorted({*one, *other}) for _ in range(max(one.count(code), other.count(code)))]
    alone = HAPLOID in before or HAPLOID in found
    if len(codes) > 2 or (alone and len(codes) > 1):
        return PARTIAL, PARTIAL
    return codes[0], codes[1]
