"""How likely each diplotype is in a population, given the genotype: Hardy-Weinberg over all pairs that fit."""

import numpy as np
from numpy.typing import NDArray

from precision.pgx.definitions import Gene

FLOOR = 1e-5  # for an allele that was not observed: absence from a sample is not absence from the population


def pair_probability(
    gene: Gene, first: NDArray[np.int32], second: NDArray[np.int32], single: bool
) -> NDArray[np.float64]:
    """(N, 9) probability of each pair among those given, by population; NaN where a population has no frequencies.

    The pairs are all that explain one genotype; phase and linkage beyond the alleles themselves are not modelled.
    """
    frequency = gene.frequency
    nothing = np.isnan(frequency).all(axis=0)
    filled = np.where(frequency > 0, np.maximum(np.nan_to_num(frequency), FLOOR), FLOOR)
    weight = filled[first] if single else filled[first] * filled[second] * np.where(first == second, 1, 2)[:, None]
    share = weight / weight.sum(axis=0, keepdims=True)
    share[:, nothing] = np.nan
    return share
