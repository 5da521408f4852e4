"""Random numbers in named streams, so that a person is the same whatever else is made."""

from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Draws:
    """The streams of one partition of people.

    Each name has its own stream, and person i takes the i-th number of it: more people or one more quantity change
    nobody's numbers, and any partition can be made without the others.
    """

    seed: int
    partition: int
    people: int

    def uniform(self, name: str, each: int = 1) -> Array:
        """(people, each) numbers in [0, 1), or (people,) where each is 1."""
        drawn = self._stream(name).random((self.people, each))
        return drawn[:, 0] if each == 1 else drawn

    def normal(self, name: str, each: int = 1) -> Array:
        """(people, each) standard normal numbers, or (people,) where each is 1."""
        drawn = self._stream(name).standard_normal((self.people, each))
        return drawn[:, 0] if each == 1 else drawn

    def chosen(self, name: str, shares: Array) -> NDArray[np.intp]:
        """(people,) index of one of K choices; shares is (K,) or (people, K)."""
        edges = np.cumsum(shares, axis=-1)
        picked = (self.uniform(name)[:, None] * edges[..., -1:] >= edges).sum(axis=1)
        return np.minimum(picked, edges.shape[-1] - 1)

    def _stream(self, name: str) -> np.random.Generator:
        return np.random.default_rng(
            np.random.SeedSequence(self.seed, spawn_key=(self.partition, crc32(name.encode())))
        )
