"""What of a file can be used: a line whose REF is not the base of the build is left out, and that is said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from precision.errors import InputError
from precision.genotypes import Genotypes
from precision.knowledge.build import Mismatch, agrees, mismatches
from precision.knowledge.positions import BUILDS, places

SHOWN = 10  # lines that are named one by one
LONGEST = 20  # bases of REF that are repeated
NO_GENOTYPE = "no_genotype"  # issue of a line without GT


def check_used(genotypes: Genotypes, build: str) -> tuple[Mismatch, ...]:
    """The lines that are left out because of their REF (`mismatches`); the other genotypes can be used.

    Raises
    ------
    InputError : lines stand at known positions, and none of them has a genotype and the REF of the build
    """
    wrong = mismatches(genotypes, build)
    without = int((genotypes.issues["code"] == NO_GENOTYPE).sum())
    if (not wrong and not without) or _has_known(genotypes, build):
        return wrong
    if wrong:
        why = (
            f"known positions where REF is not the base of {build}: {len(wrong):,} ({_said(wrong[0])}, {build} has "
            f"{_cut(wrong[0].expected)}), and no other line there is called; name the build that the file is on, or "
            f"call its genotypes against {build}"
        )
    else:
        why = "no line at a known position has GT in FORMAT; give the file in which genotypes are called"
    raise InputError(f"{genotypes.file}: no genotype in it can be used: {why}")


def remarks(genotypes: Genotypes, build: str, wrong: Sequence[Mismatch]) -> Iterator[str]:
    """In sentences, which lines were left out because of their REF; or that the file tells nothing of any gene."""
    for one in wrong[:SHOWN]:
        unknown = ", and the position stays unknown" if one.alone else ""
        yield f"{genotypes.file}: {_said(one)}, {build} has {_cut(one.expected)}. The line is not used{unknown}."
    if len(wrong) > SHOWN:
        yield f"{genotypes.file}: {len(wrong) - SHOWN:,} more lines have a REF that is not that of {build}."
    if wrong:
        yield (
            f"{genotypes.file}: REF must be the base of {build} on the forward strand. Correct these lines, or call "
            "the genotypes again; genes that do not need them are not touched."
        )
    elif not _has_known(genotypes, build):
        yield f"{genotypes.file}: no genotype is called at any known position of a gene."


def _has_known(genotypes: Genotypes, build: str) -> bool:
    """Whether some allele of somebody is known, in a line that fits the build or reaches a position from elsewhere."""
    sites, known, column = genotypes.sites, places(build), BUILDS.index(build)
    rows = [
        row
        for place, here in sites.rows().items()
        for row in here
        if (agrees(sites.ref[row], known[place].reference[column]) if place in known else len(sites.ref[row]) > 1)
    ]
    return bool((genotypes.alleles[np.array(rows, np.intp), :, 0] >= 0).any())


def _said(one: Mismatch) -> str:
    """'line 4, 10:94781859 (rs4244285 of CYP2C19): REF is T'."""
    where = f"line {one.line}, {one.place}" if one.line else one.place
    return f"{where} ({one.known.name} of {one.known.gene}): REF is {_cut(one.found)}"


def _cut(bases: str) -> str:
    return bases if len(bases) <= LONGEST else f"{bases[:LONGEST]}…"
