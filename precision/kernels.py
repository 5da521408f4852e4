"""Numerical kernels that several models share: pure functions of arrays."""

import numpy as np

from precision.result import Array

# A product of 32 x 64 numbers with this many columns is still small enough for the BLAS library to stay in the calling
# thread; above, its threads and ours wait for each other, which is 5 times slower on a busy machine.
STRIP = 1024


def logistic(log_odds: Array) -> Array:
    """Probability of log odds: 1 / (1 + exp(-x))."""
    odds_against = np.negative(log_odds)
    np.exp(odds_against, out=odds_against)
    odds_against += 1
    return np.reciprocal(odds_against, out=odds_against)


def product(weights: Array, terms: Array) -> Array:
    """Sums of weighted terms for many patients.

    Parameters
    ----------
    weights : (K, T); terms : (T, n)

    Returns
    -------
    (K, n) ``weights @ terms``
    """
    sums = np.empty((len(weights), terms.shape[1]))
    for start in range(0, terms.shape[1], STRIP):
        strip = slice(start, start + STRIP)
        np.matmul(weights, terms[:, strip], out=sums[:, strip])
    return sums
