"""GT and PS of VCF calls: what any text of them says, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from precision.genotypes import HAPLOID, NO_CALL
from precision.io.vcf_header import Header
from precision.io.vcf_issues import Issues
from precision.io.vcf_matrix import Alleles, Numbers, set_state
from precision.io.vcf_records import Record
from precision.io.vcf_scan import Mask
from precision.io.vcf_subfields import Cells, numbers

DOT, SLASH, BAR, ZERO = b"./|0"
ODD = -9  # an allele that is not one character; never leaves this module
ALLELE = np.full(256, ODD, np.int8)  # what each character says
ALLELE[ZERO : ZERO + 10] = np.arange(10)
ALLELE[DOT] = NO_CALL


def genotypes(found: Cells, records: Sequence[Record], header: Header, issues: Issues) -> tuple[Alleles, Mask]:
    """Alleles and phase from the GT of every cell: 0/1 and 0 at once, any other text one by one."""
    first, separator, second = (found.byte(k) for k in range(3))
    width = found.stops - found.starts
    phased = (width == 3) & (separator == BAR)
    pair = phased | ((width == 3) & (separator == SLASH))
    alleles = np.empty((*width.shape, 2), np.int8)
    alleles[..., 0] = ALLELE.take(first)
    alleles[..., 1] = np.where(pair, ALLELE.take(second), np.int8(HAPLOID))
    empty = (width == 0) & (records[0].form.genotype > 0)  # trailing subfields may be left out
    alleles[empty] = NO_CALL, HAPLOID
    plain = (pair | (width == 1)) & (alleles[..., 0] != ODD) & (alleles[..., 1] != ODD) | empty
    for i, j in np.argwhere(~plain).tolist():
        a, b, alleles_phased, _ = genotype(found.text[found.starts[i, j] : found.stops[i, j]], header.prefixed)
        alleles[i, j] = a, b
        phased[i, j] = alleles_phased
    odd = ~plain
    for i in np.flatnonzero(odd.any(axis=1)).tolist():
        _report(i, odd[i], found, records[i], header, issues)
    return alleles, phased


def _report(i: int, odd: Mask, found: Cells, record: Record, header: Header, issues: Issues) -> None:
    """One issue for each thing wrong with the genotypes of a record, naming the first sample."""
    wrong = dict[str, list[tuple[int, str]]]()
    for j in np.flatnonzero(odd).tolist():
        text = found.text[found.starts[i, j] : found.stops[i, j]]
        if problem := genotype(text, header.prefixed)[3]:
            wrong.setdefault(problem, []).append((j, text.decode("utf-8", "replace")))
    for problem, cells in wrong.items():
        words = "has more than two alleles" if problem == "ploidy" else "is no genotype"
        _call_issue(problem, record, header, cells[0], len(cells), words, issues)


def _call_issue(
    code: str, record: Record, header: Header, first: tuple[int, str], count: int, words: str, issues: Issues
) -> None:
    j, value = first
    others = f", and so {count - 1:,} more samples" if count > 1 else ""
    reason = f"at {record.chrom}:{record.pos} the call {words}{others}; it is read as not called."
    issues.add(code, record.row, header.samples[j], value, reason)


@lru_cache(maxsize=65536)
def genotype(text: bytes, prefixed: bool = True) -> tuple[int, int, bool, str]:
    """Both alleles of any GT, whether it is phased, and the code of what is wrong with it.

    prefixed : the first allele may have a mark too, as from VCF 4.4 on
    """
    body = text[1:] if prefixed and text[:1] in (b"/", b"|") else text
    parts = body.replace(b"|", b"/").split(b"/")
    if not all(part == b"." or (part.isdigit() and len(part) < 4) for part in parts):
        return NO_CALL, NO_CALL, False, "bad_genotype"
    if len(parts) > 2:
        return NO_CALL, NO_CALL, False, "ploidy"
    values = [NO_CALL if part == b"." else min(int(part), 127) for part in parts]
    return values[0], values[1] if len(values) == 2 else HAPLOID, len(values) == 2 and b"|" in body, ""


def check_alleles(alleles: Alleles, records: Sequence[Record], header: Header, issues: Issues) -> None:
    """Calls of alleles that their line does not list are not called."""
    most = np.array([len(record.alts) for record in records], dtype=np.int8)
    too_high = alleles > most[:, None, None]
    if not too_high.any():
        return
    wrong: Mask = np.any(too_high, axis=-1)
    for i in np.flatnonzero(wrong.any(axis=1)).tolist():
        who = np.flatnonzero(wrong[i]).tolist()
        value = "/".join(map(str, alleles[i, who[0]][alleles[i, who[0]] != HAPLOID].tolist()))
        words = f"names an allele beyond the {most[i]} ALTs of its line"
        _call_issue("unknown_allele", records[i], header, (who[0], value), len(who), words, issues)
    set_state(alleles, wrong, NO_CALL)


def phase_sets(found: Cells, phased: Mask, records: Sequence[Record], header: Header, issues: Issues) -> Numbers:
    """PS of the phased calls; a call with a PS that is no number loses its phase."""
    value, bad = numbers(found)
    bad &= phased
    for i in np.flatnonzero(bad.any(axis=1)).tolist():
        who = np.flatnonzero(bad[i]).tolist()
        words = found.text[found.starts[i, who[0]] : found.stops[i, who[0]]].decode("utf-8", "replace")
        reason = f"at {records[i].chrom}:{records[i].pos} the phase set of {len(who):,} calls is no whole number."
        issues.add("bad_phase_set", records[i].row, header.samples[who[0]], words, reason)
    phased &= ~bad
    return np.where(phased & (value > 0), value, 0).astype(np.int32)
