"""Published coefficient tables: read from CSV beside the models, looked up by term and stratum."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Self

import numpy as np
from numpy.typing import NDArray

from precision.errors import KnowledgeError
from precision.result import Array


@dataclass(frozen=True, slots=True)
class Coefficients:
    """A published coefficient table: (T, S) numbers, terms as rows, strata as columns; 0 where a term is not used."""

    terms: tuple[str, ...]
    strata: tuple[str, ...]
    values: Array

    @classmethod
    def read(cls, name: str, package: str = "precision.risk") -> Self:
        """Read ``<name>.csv`` beside the models: comment lines with the source, then term, stratum, stratum, ...

        Raises
        ------
        KnowledgeError : a term or stratum stands twice, a row is uneven, or a cell is not a number
        """
        path = files(package) / f"{name}.csv"
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
        (_, *strata), *rows = (line.split(",") for line in lines)
        if uneven := [row[0] for row in rows if len(row) != len(strata) + 1]:
            raise KnowledgeError(f"{name}.csv: term '{uneven[0]}' has not one cell for each of {len(strata)} strata")
        try:
            values = np.array([[float(cell or 0) for cell in cells] for _, *cells in rows], dtype=np.float64)
        except ValueError as error:
            raise KnowledgeError(f"{name}.csv: {error}") from error
        terms = tuple(row[0] for row in rows)
        if len(set(terms)) < len(terms) or len(set(strata)) < len(strata):
            raise KnowledgeError(f"{name}.csv: a term or stratum stands twice")
        return cls(terms, tuple(strata), values)

    def of(self, term: str, stratum: NDArray[np.intp] | int = 0) -> Array:
        """The coefficient of a term in each patient's stratum."""
        return self.values[self.terms.index(term)][stratum]

    def predictor(self, terms: Mapping[str, Array], stratum: NDArray[np.intp] | int = 0) -> Array:
        """(N,) sum over the given terms of coefficient times value, in each patient's stratum."""
        return np.sum([self.of(name, stratum) * values for name, values in terms.items()], axis=0)

    def under(self, prefix: str) -> Self:
        """The strata whose names begin with a prefix, without it; every term."""
        chosen = [i for i, name in enumerate(self.strata) if name.startswith(prefix)]
        names = tuple(self.strata[i].removeprefix(prefix) for i in chosen)
        return replace(self, strata=names, values=self.values[:, chosen])

    def changed(self, term: int, stratum: int, factor: float) -> Self:
        """The same table with one number multiplied; for tests and sensitivity."""
        values = self.values.copy()
        values[term, stratum] *= factor
        return replace(self, values=values)
