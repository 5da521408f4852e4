"""A genotype as a table writes it: '0/1', '1|0', 'het', or the bases themselves."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import pandas as pd

from precision.genotypes import HAPLOID, NO_CALL
from precision.schema import encode, variable

NUMBERS = re.compile(r"(\d{1,2}|\.)(?:([/|])(\d{1,2}|\.))?")
LETTERS = re.compile(r"([ACGT]+)(?:([/|])([ACGT]+))?", re.IGNORECASE)
ZYGOSITY = {"het": (0, 1), "hom": (1, 1), "hemi": (1, HAPLOID), "ref": (0, 0), "nocall": (NO_CALL, NO_CALL)}
NOT_WRITTEN = (1, NO_CALL)  # the row says that the variant was found, and not in how many copies
NOT_CALLED = (NO_CALL, NO_CALL, False)
BOTH_STRANDS = (frozenset("AT"), frozenset("CG"))
Alleles = tuple[int, int, bool]


def is_lettered(text: str) -> bool:
    """Whether a genotype is written in bases, so that REF and ALT of its row are needed to read it."""
    return LETTERS.fullmatch(text) is not None


@lru_cache(maxsize=4096)
def numbered(text: str) -> Alleles:
    """Alleles of '0/1', '1|0', '1', './.', 'het', and whether it is phased; other text is not called."""
    if match := NUMBERS.fullmatch(text):
        first, second = (NO_CALL if part == "." else int(part) for part in (match[1], match[3] or "."))
        return first, second if match[2] else HAPLOID, match[2] == "|"
    if not text:
        return *NOT_WRITTEN, False
    item = variable("zygosity")
    codes, _, _ = encode(item, pd.Series([text], dtype="str"))
    return NOT_CALLED if pd.isna(codes[0]) else (*ZYGOSITY[item.levels[int(codes[0])]], False)


def lettered(text: str, bases: Sequence[str]) -> Alleles:
    """Alleles of 'A/G', 'AG' (single bases only) or 'A' among REF and ALTs of the row; not called where one is neither.

    Two like letters of A with T or of C with G are the other homozygote when they are read from the other strand: such
    a genotype is not called.
    """
    match = LETTERS.fullmatch(text)
    parts = [part.upper() for part in (match[1], match[3]) if part] if match else []
    if len(parts) == 1 and len(parts[0]) == len("AG") and all(len(base) == 1 for base in bases):
        parts = list(parts[0])
    if match is None or not set(parts) <= set(bases) or (len(set(parts)) == 1 and frozenset(bases) in BOTH_STRANDS):
        return NOT_CALLED
    codes = [bases.index(part) for part in parts]
    return codes[0], codes[1] if len(codes) > 1 else HAPLOID, match[2] == "|"
