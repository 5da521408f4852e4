"""How far to the right an insertion or deletion may be written: the repeat that it stands in.

A VCF should give such a change at its first place, HGVS gives it at its last one. Between the two the reference is a
repeat of the bases that come or go, so it follows from these two places alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from precision.errors import KnowledgeError

TAKEN = re.compile(r"g\.(?:\d+_)?(\d+)(?:del[ACGT]*|dup)$")
PUT = re.compile(r"g\.(\d+)_\d+ins[ACGT]+$")
COPIES = re.compile(r"g\.(\d+)([ACGT]+)\[(\d+)\]")


def stretch(position: int, bases: Sequence[str], hgvs: str) -> str:
    """The reference from a position on: REF, and after it the rest of the repeat.

    Parameters
    ----------
    position : of the first base of REF, as a VCF has it
    bases : REF, then the other alleles
    hgvs : the same change by HGVS, on the same reference

    Raises
    ------
    KnowledgeError : REF does not begin the repeat
    """
    ref, *alts = bases
    other = next((alt for alt in alts if len(alt) != len(ref)), ref)
    shorter, longer = sorted((ref, other), key=len)
    unit, last = longer[len(shorter) :], _last(bases, hgvs)
    if not unit or last < position + len(ref):
        return ref
    count = last - position + 1 - len(shorter)
    found = shorter + (unit * (count // len(unit) + 1))[:count]
    if not found.startswith(ref):
        raise KnowledgeError(f"pgx/variants.csv: {hgvs}: REF {ref} does not begin the repeat of {unit}")
    return found


def _last(bases: Sequence[str], hgvs: str) -> int:
    """The last position of the repeat, 0 where the name tells none."""
    if found := TAKEN.search(hgvs) or PUT.search(hgvs):
        return int(found[1])
    counts = [(int(start), unit, int(copies)) for start, unit, copies in COPIES.findall(hgvs)]
    if not counts:
        return 0
    start, unit, fewest = min(counts, key=lambda one: one[2])
    return start + len(unit) * fewest + len(bases[0]) - min(map(len, bases)) - 1
