"""Who belongs to which of many groups, a bit for each patient, so that any selection is counted in all at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Key = tuple[str, ...]
WORD = 64  # bits that are counted together


@dataclass(frozen=True, slots=True)
class Memberships:
    """G groups of N patients.

    Attributes
    ----------
    keys : the groups, each once
    bits : (G, ceil(N / 64)) patient i of group g is bit i of row g
    """

    keys: tuple[Key, ...]
    patients: int
    bits: NDArray[np.uint64]

    def counts(self, kept: Mask) -> dict[Key, int]:
        """How many of the (N,) patients that are kept are in each group."""
        here = np.bitwise_count(self.bits & _packed(kept)).sum(axis=1, dtype=np.int64)
        return dict(zip(self.keys, here.tolist(), strict=True))

    def of(self, key: Key) -> Mask:
        """(N,) who is in a group; nobody where there is no such group."""
        if key not in self.keys:
            return np.zeros(self.patients, dtype=bool)
        row = self.bits[self.keys.index(key)].view(np.uint8)
        return np.unpackbits(row, count=self.patients).astype(bool)


def gather(groups: Iterable[tuple[Key, Mask]], patients: int) -> Memberships:
    """Keep the groups that somebody of the N patients is in."""
    found = {key: _packed(mask) for key, mask in groups if mask.any()}
    empty = np.zeros((0, -(-patients // WORD)), dtype=np.uint64)
    return Memberships(tuple(found), patients, np.stack(list(found.values())) if found else empty)


def _packed(mask: Mask) -> NDArray[np.uint64]:
    """(ceil(N / 64),) the mask as bits, zeros after its end."""
    whole = np.zeros(-(-len(mask) // WORD) * (WORD // 8), dtype=np.uint8)
    packed = np.packbits(mask)
    whole[: len(packed)] = packed
    return whole.view(np.uint64)
