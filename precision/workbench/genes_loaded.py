"""What is known of the genes of a cohort: from how many files, in which build, and which genes have a result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from precision.cohort import GENOTYPES, Cohort
from precision.errors import InputError
from precision.knowledge.build import detect_build
from precision.pgx.advice import is_known
from precision.pgx.definitions import genes
from precision.pgx.genecalls import NOT_CALLED
from precision.pgx.of_cohort import RESULTS, TABLE
from precision.workbench.assessment import Assessment
from precision.workbench.declining import declined
from precision.workbench.memberships import Mask


@dataclass(frozen=True, slots=True)
class GeneLoaded:
    """Of how many patients a gene has a result, called from genotypes or reported by a laboratory."""

    gene: str
    with_result: int


@dataclass(frozen=True, slots=True)
class GenesLoaded:
    """The sources of gene results in a cohort.

    files : names of the files of genotypes; build : theirs, empty where there is none
    in_files, in_table, of_laboratory : patients in these files, in the table of variants, with a laboratory's result
    declined : of these, patients who deny this use of their genes; people : the others
    genes : of how many of these people each gene has a result, most first
    """

    files: tuple[str, ...]
    build: str
    in_files: int
    in_table: int
    of_laboratory: int
    declined: int
    people: int
    genes: tuple[GeneLoaded, ...]

    @property
    def with_result(self) -> tuple[GeneLoaded, ...]:
        """Genes of which anybody has a result."""
        return tuple(one for one in self.genes if one.with_result)

    @property
    def without(self) -> tuple[str, ...]:
        """Genes that were looked at and of which nobody has a result."""
        return tuple(one.gene for one in self.genes if not one.with_result)


def build_of(cohort: Cohort) -> str:
    """The build of the files of genotypes; empty where there is none, or it cannot be told."""
    try:
        return detect_build(cohort.genotypes) if cohort.genotypes is not None else ""
    except InputError:
        return ""


def in_files(cohort: Cohort) -> Mask:
    """(N,) patients with genotypes in a file."""
    found: Sequence[str] = () if cohort.genotypes is None else cohort.genotypes.samples
    return cohort.ids.isin(list(found))


def genes_loaded(assessment: Assessment, counts: pd.DataFrame) -> GenesLoaded | None:
    """The genes of a cohort; None where nothing is known of any.

    counts : of the import, as `Import` has them
    """
    cohort, calls = assessment.cohort, assessment.calls
    if calls is None:
        return None
    hidden = declined(cohort)
    sources = [in_files(cohort), *(cohort.ids.isin(cohort.table(name)["patient_id"]) for name in (TABLE, RESULTS))]
    known = np.any(sources, axis=0) & ~hidden
    found = [
        GeneLoaded(name, int((known & (calls.status(name) != NOT_CALLED)).sum()) if name in calls.genes else 0)
        for name in dict.fromkeys((*calls.genes, *genes()))
        if is_known(name)  # a table may name one by mistake
    ]
    return GenesLoaded(
        files=tuple(counts.loc[counts["table"] == GENOTYPES, "file"].astype("str")),
        build=build_of(cohort),
        in_files=int(sources[0].sum()),
        in_table=int(sources[1].sum()),
        of_laboratory=int(sources[2].sum()),
        declined=int((np.any(sources, axis=0) & hidden).sum()),
        people=int(known.sum()),
        genes=tuple(sorted(found, key=lambda one: -one.with_result)),
    )
