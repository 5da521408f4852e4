"""Genotypes of one or many samples at positions of the genome, as they stand in a file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

# States of one allele of one call; an allele that was called is 0 for REF, k for the k-th ALT.
NO_CALL = -1  # the record says '.'
FILTERED = -2  # the record or the call did not pass its filters
ABSENT = -3  # no record at this position; never the same as reference
HAPLOID = -4  # in the second place: the call has one allele only
SPANNED = -12  # a larger variant of the person, such as a deletion, covers the position

UNKNOWN_BASE = "N"  # REF of a row inside a reference block, whose file does not say the base
NAMES = tuple([*map(str, range(1, 23)), "X", "Y", "MT"])
PLINK = {"23": "X", "24": "Y", "25": "X", "26": "MT", "XY": "X", "M": "MT"}  # 25 and XY: pseudoautosomal, on X
MITOCHONDRIAL = ("NC_012920", "J01415")
REFSEQ = re.compile(r"NC_0000(\d\d)(\.\d+)?")
GENBANK = re.compile(r"CM000(6\d\d)(\.\d+)?")  # CM000663 is chromosome 1, CM000686 is Y


@lru_cache(maxsize=4096)
def chromosome(name: str) -> str:
    """The name of a chromosome as this library writes it: '1' to '22', 'X', 'Y', 'MT'; other contigs unchanged.

    Known spellings: chr1, CHR1, chrM, M, 23 to 26 (PLINK), NC_000001.11 (RefSeq), CM000663.2 (GenBank).
    """
    bare = name[3:] if name[:3].lower() == "chr" else name
    upper = bare.upper()
    short = PLINK.get(upper, upper)
    if short in NAMES:
        return short
    if upper.partition(".")[0] in MITOCHONDRIAL:
        return "MT"
    for pattern, first in ((REFSEQ, 1), (GENBANK, 663)):
        found = pattern.fullmatch(upper)
        number = int(found[1]) - first if found else -1
        if 0 <= number < 24:
            return NAMES[number]
    return name


class Region(NamedTuple):
    """A stretch of a chromosome, both ends 1-based and inside."""

    chrom: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Sites:
    """V positions with their alleles, asked for or read.

    chrom : (V,) '1' to '22', 'X', 'Y', 'MT'; pos : (V,) 1-based; ref : (V,) bases of the reference;
    alts : (V,) the other alleles, none where the record has '.'
    lines : (V,) line of the file, 0 = not known; empty where no file gives them
    """

    chrom: NDArray[np.str_]
    pos: NDArray[np.int32]
    ref: tuple[str, ...]
    alts: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...] = ()

    @classmethod
    def at(cls, chrom: Sequence[str], pos: Sequence[int], ref: Sequence[str] = (), alts: Sequence[str] = ()) -> Sites:
        """Sites from columns; ``alts`` are comma-separated as in a VCF, REF is unknown where none is given."""
        names = np.array([chromosome(name) for name in chrom], dtype=np.str_)
        bases = tuple(ref) or (UNKNOWN_BASE,) * len(names)
        others = [tuple(text.split(",")) if text not in ("", ".") else () for text in alts or [""] * len(names)]
        return cls(names, np.asarray(pos, dtype=np.int32), bases, tuple(others))

    def __len__(self) -> int:
        return len(self.pos)

    def rows(self) -> dict[tuple[str, int], tuple[int, ...]]:
        """The rows of each chromosome and position, in the order of the file."""
        places = list(zip(self.chrom.tolist(), self.pos.tolist(), strict=True))
        found: dict[tuple[str, int], tuple[int, ...]] = {place: (row,) for row, place in enumerate(places)}
        if len(found) < len(places):
            found.clear()
            for row, place in enumerate(places):
                found.setdefault(place, ())
                found[place] += (row,)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Genotypes:
    """What a file says of S samples at V positions; a position that has no row here was not in the file.

    Arrays may be read-only views of one value where it is the same throughout.

    samples : (S,)
    sites : (V,) records read: position, REF and ALTs as in the file; lines of one position and REF are joined
    alleles : (V, S, 2) index into (ref, *alts); the second is HAPLOID for a haploid call; NO_CALL, FILTERED, ABSENT,
        SPANNED
    phased : (V, S) written with '|'
    phase_set : (V, S) PS of a phased call, 0 where none is given
    reference_block : (V, S) 0/0 that a block of a gVCF says (END), not a record of this position;
        REF of such a row is 'N' unless the block begins there
    file : its name for people
    issues : file, row (line in the file, 0 = not known or all of it), column, value, code, severity, reason, fix
    arrays : samples of array tests, which list what they test: what such a file lacks is never reference
    build : genome build as somebody named it; empty = told from the reference bases
    """

    samples: tuple[str, ...]
    sites: Sites
    alleles: NDArray[np.int8]
    phased: NDArray[np.bool_]
    phase_set: NDArray[np.int32]
    reference_block: NDArray[np.bool_]
    file: str
    issues: pd.DataFrame
    arrays: frozenset[str] = frozenset()
    build: str = ""

    def called(self) -> NDArray[np.bool_]:
        """(V, S) every allele of the call is known."""
        return (self.alleles[..., 0] >= 0) & ((self.alleles[..., 1] >= 0) | (self.alleles[..., 1] == HAPLOID))
