"""The rows of a VCF that were read, and their calls, block by block and then whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from precision.genotypes import HAPLOID, Sites
from precision.io.vcf_records import Record
from precision.io.vcf_scan import Mask

Alleles = NDArray[np.int8]
Numbers = NDArray[np.int32]


@dataclass(slots=True)
class Table:
    """Position and alleles of V rows.

    rows : line in the file; in_block : whether a reference block gave it; passed : FILTER says PASS or nothing;
    spanned : another position of a variant that covers it
    """

    chrom: list[str] = field(default_factory=list)
    pos: list[int] = field(default_factory=list)
    ref: list[str] = field(default_factory=list)
    alts: list[tuple[str, ...]] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    in_block: list[bool] = field(default_factory=list)
    spanned: list[bool] = field(default_factory=list)
    passed: list[bool] = field(default_factory=list)

    def add(self, record: Record, pos: int, ref: str, alts: tuple[str, ...]) -> None:
        """One row at a position of the record."""
        self.chrom.append(record.chrom)
        self.pos.append(pos)
        self.ref.append(ref)
        self.alts.append(alts)
        self.rows.append(record.row)
        self.in_block.append(record.end > 0)
        self.spanned.append(pos != record.pos and not record.end)
        self.passed.append(record.passed)

    def sites(self, rows: NDArray[np.intp] | None) -> Sites:
        """The rows named, all where none are."""
        chrom, pos = np.array(self.chrom, dtype=np.str_), np.array(self.pos, dtype=np.int32)
        if rows is None:
            return Sites(chrom, pos, tuple(self.ref), tuple(self.alts), tuple(self.rows))
        at = rows.tolist()
        lines = tuple(self.rows[i] for i in at)
        return Sites(chrom[rows], pos[rows], tuple(self.ref[i] for i in at), tuple(self.alts[i] for i in at), lines)


@dataclass(slots=True)
class Calls:
    """The calls of V rows and S samples: alleles (V, S, 2), the others (V, S), None where they are 0 throughout."""

    alleles: Alleles
    phased: Mask | None = None
    phase_set: Numbers | None = None
    block: Mask | None = None

    def rows(self, which: Sequence[int] | NDArray[np.intp]) -> Calls:
        """Some of the rows, as a copy."""
        at = np.asarray(which, dtype=np.intp)
        return Calls(
            self.alleles[at],
            None if self.phased is None else self.phased[at],
            None if self.phase_set is None else self.phase_set[at],
            None if self.block is None else self.block[at],
        )


def stacked(parts: Sequence[Calls], samples: int) -> Calls:
    """The rows of several, one after the other."""
    shape = (sum(len(part.alleles) for part in parts), samples)
    whole = Calls(np.empty((*shape, 2), np.int8))
    if any(part.phased is not None for part in parts):
        whole.phased = np.zeros(shape, np.bool_)
    if any(part.phase_set is not None for part in parts):
        whole.phase_set = np.zeros(shape, np.int32)
    if any(part.block is not None for part in parts):
        whole.block = np.zeros(shape, np.bool_)
    at = 0
    for part in parts:
        here = slice(at, at + len(part.alleles))
        whole.alleles[here] = part.alleles
        for into, of in ((whole.phased, part.phased), (whole.phase_set, part.phase_set), (whole.block, part.block)):
            if into is not None and of is not None:
                into[here] = of
        at = here.stop
    return whole


def set_state(alleles: Alleles, where: Mask, state: int) -> None:
    """Give the calls a state; that a call is haploid stays to be seen."""
    alleles[..., 0][where] = state
    alleles[..., 1][where & (alleles[..., 1] != HAPLOID)] = state
