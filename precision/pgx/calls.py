"""The calls of a cohort: arrays over samples, and the whole answer for one sample and gene."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.errors import InputError
from precision.pgx.definitions import genes
from precision.pgx.describe import (
    GENOTYPES_DIFFER,
    NO_OUTSIDE_CALL,
    beside_genotypes,
    call_of_pattern,
    diplotype_names,
    for_sample,
    outside_call_of,
    outside_status,
)
from precision.pgx.functions import CPIC
from precision.pgx.genecalls import NOT_CALLED, STATUSES, GeneCalls
from precision.pgx.outside import OutsideGene
from precision.pgx.result import Call

COLUMNS = ("sample", "gene", "diplotype", "phenotype", "phenotype_dpwg", "activity_score", "status")
MOST_DESCRIBED = 4_000  # answers kept, of all genes together


@dataclass(frozen=True, slots=True, eq=False)
class Calls:
    """Every gene of S samples.

    called : gene -> calls from the genotypes; outside : gene -> results of a laboratory, which come first
    absent_as_reference : the file was declared to have every variant of its samples
    """

    samples: tuple[str, ...]
    file: str
    build: str
    called: MappingProxyType[str, GeneCalls]
    outside: MappingProxyType[str, OutsideGene]
    absent_as_reference: bool
    _described: dict[tuple[str, int], Call] = field(default_factory=dict[tuple[str, int], Call], init=False, repr=False)

    @property
    def genes(self) -> tuple[str, ...]:
        """Genes with a call of any kind, in alphabetical order."""
        return tuple(sorted({*self.called, *self.outside}))

    def of(self, sample: str, gene: str) -> Call:
        """The whole answer for one sample and gene.

        Raises
        ------
        InputError : no such sample or gene
        """
        return self.at(self._index(sample), gene)

    def at(self, index: int, gene: str) -> Call:
        """As `of`, for a sample by its place among the samples."""
        if gene not in self.genes and gene not in genes():
            raise InputError(f"gene '{gene}' is not known; there are: {', '.join(genes())}")
        sample = self.samples[index]
        if gene in self.outside and self.outside[gene].of_sample[index] >= 0:
            outside = self.outside[gene]
            found = outside_call_of(sample, gene, outside.answers[outside.of_sample[index]])
            return beside_genotypes(found, self.called[gene], index) if gene in self.called else found
        if gene not in self.called:
            return outside_call_of(sample, gene, (), NO_OUTSIDE_CALL)
        return for_sample(self._of_pattern(gene, index), sample, index, self.called[gene])

    def named(self, index: int) -> dict[str, str]:
        """Gene -> reported diplotypes of one sample by its place, several joined by ' or '."""
        found: dict[str, str] = {}
        for gene in self.genes:
            if gene in self.outside and (answer := int(self.outside[gene].of_sample[index])) >= 0:
                names = [one.diplotype for one in self.outside[gene].answers[answer]]
            elif gene in self.called:
                calls = self.called[gene]
                names = diplotype_names(calls, int(calls.patterns.of_sample[index]))
            else:
                names = []
            found[gene] = " or ".join(names)
        return found

    def unseen(self, index: int) -> dict[str, tuple[str, ...]]:
        """Gene -> alleles that every test should have and that one sample may have unseen, where there are such."""
        found: dict[str, tuple[str, ...]] = {}
        for gene, calls in self.called.items():
            if gene in self.outside and self.outside[gene].of_sample[index] >= 0:
                continue
            pattern = int(calls.patterns.of_sample[index])
            here = calls.untested[pattern]
            if told := tuple(name for name, unseen in zip(calls.gene.rules.tier1, here, strict=True) if unseen):
                found[gene] = told
        return found

    def differing(self, index: int) -> dict[str, Call]:
        """Gene -> what the genotypes of one sample say, where a laboratory says another phenotype and comes first."""
        reported = [gene for gene, one in self.outside.items() if gene in self.called and one.of_sample[index] >= 0]
        return {
            gene: self._of_pattern(gene, index) for gene in reported if GENOTYPES_DIFFER in self.at(index, gene).reasons
        }

    def _of_pattern(self, gene: str, index: int) -> Call:
        """What everyone with the same genotype of a gene is told; the latest are kept."""
        key = gene, int(self.called[gene].patterns.of_sample[index])
        if (found := self._described.get(key)) is None:
            if len(self._described) >= MOST_DESCRIBED:
                self._described.clear()
            found = call_of_pattern(key[1], self.called[gene], self.build)
            self._described[key] = found
        return found

    def _index(self, sample: str) -> int:
        try:
            return self.samples.index(sample)
        except ValueError:
            raise InputError(f"sample '{sample}' is not in {self.file}") from None

    def status(self, gene: str) -> NDArray[np.str_]:
        """(S,) called, ambiguous or not_called."""
        found = np.full(len(self.samples), NOT_CALLED, dtype="U16")
        if gene in self.called:
            calls = self.called[gene]
            found[:] = np.array(STATUSES)[calls.status][calls.patterns.of_sample]
        if gene in self.outside:
            of_sample = self.outside[gene].of_sample
            told = np.array([outside_status(answers) for answers in self.outside[gene].answers])
            found = np.where(of_sample >= 0, told[of_sample], found)
        return found

    def phenotype(self, gene: str, body: str = CPIC) -> NDArray[np.str_]:
        """(S,) phenotype by one body; several joined by ' or ', empty = none."""
        return self._texts(gene, body, "phenotype")

    def activity_score(self, gene: str, body: str = CPIC) -> NDArray[np.str_]:
        """(S,) activity score by one body as text ('1.25', '≥4.0', 'n/a'); several joined by ' or ', empty = none."""
        return self._texts(gene, body, "activity_score")

    def diplotype(self, gene: str) -> NDArray[np.str_]:
        """(S,) reported diplotypes, several joined by ' or '."""
        found = np.full(len(self.samples), "", dtype=np.dtypes.StringDType())
        if gene in self.called:
            calls = self.called[gene]
            _, first = np.unique(calls.patterns.of_sample, return_index=True)
            names = [" or ".join(diplotype_names(calls, pattern)) for pattern in range(len(first))]
            found = np.array(names, dtype=np.dtypes.StringDType())[calls.patterns.of_sample]
        if gene in self.outside:
            outside = self.outside[gene]
            names = [" or ".join(filter(None, (one.diplotype for one in answers))) for answers in outside.answers]
            here = outside.of_sample >= 0
            found[here] = np.array(names, dtype=np.dtypes.StringDType())[outside.of_sample[here]]
        return found

    def tested(self, gene: str, alleles: Sequence[str]) -> NDArray[np.bool_]:
        """(S,) every position that makes one of these alleles is known, or a laboratory has reported the gene."""
        found = np.zeros(len(self.samples), np.bool_)
        if gene in self.called:
            calls = self.called[gene]
            rows = np.isin(calls.gene.row_allele, [calls.gene.alleles.index(name) for name in alleles])
            needed = np.any(calls.gene.row_defines[rows] & (calls.gene.row_code[rows] != 0), axis=0)
            found = (~np.any(calls.patterns.missing[:, needed], axis=1))[calls.patterns.of_sample]
        if gene in self.outside:
            found |= self.outside[gene].of_sample >= 0
        return found

    def frames(self, at_once: int) -> Iterator[pd.DataFrame]:
        """Gene by gene and so many samples at a time: sample, gene, diplotype, phenotypes, activity score, status."""
        for gene in self.genes:
            columns = {
                "diplotype": self.diplotype(gene),
                "phenotype": self.phenotype(gene),
                "phenotype_dpwg": self.phenotype(gene, "DPWG"),
                "activity_score": self.activity_score(gene),
                "status": self.status(gene),
            }
            for start in range(0, max(len(self.samples), 1), at_once):
                rows = slice(start, start + at_once)
                texts = {name: pd.Series(cells[rows].astype(object), dtype="str") for name, cells in columns.items()}
                yield pd.DataFrame({"sample": pd.Series(self.samples[rows], dtype="str"), "gene": gene, **texts})

    def to_frame(self) -> pd.DataFrame:
        """One row per sample and gene: diplotype, phenotypes, activity score, status; none where there is no gene."""
        whole = list(self.frames(max(len(self.samples), 1)))
        return pd.concat(whole, ignore_index=True) if whole else pd.DataFrame(columns=list(COLUMNS), dtype="str")

    def _texts(self, gene: str, body: str, what: str) -> NDArray[np.str_]:
        found = np.full(len(self.samples), "", dtype="U1")
        for reading in self.called[gene].readings if gene in self.called else ():
            if reading.rules.body == body and what == "phenotype":
                found = self.called[gene].labels(reading.phenotypes, reading.rules.phenotypes)
            elif reading.rules.body == body:
                found = self.called[gene].labels(reading.scores, reading.rules.scores)
        if gene in self.outside:
            outside = self.outside[gene]
            values = [
                " or ".join(dict.fromkeys(filter(None, (getattr(one, what).get(body, "") for one in answers))))
                for answers in outside.answers
            ]
            here = outside.of_sample >= 0
            texts = np.array(values, dtype=np.str_)[outside.of_sample[here]]
            found = found.astype(np.result_type(found.dtype, texts.dtype))
            found[here] = texts
        return found
