"""Issues of genotype files: what was found, where, and the way out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cache

import pandas as pd

COLUMNS = ("file", "row", "column", "value", "code", "severity", "reason", "fix")
MOST = 1_000  # issues of one code that are listed one by one
Issue = tuple[str, int, str, str, str, str, str, str]
SHOWN = 200  # characters of a value that an issue repeats
# code: severity and the usual way out
KINDS = {
    "ragged_row": ("error", "Give the line as many columns as the header; the file may have been cut or joined badly."),
    "duplicate_record": ("warning", "Keep one line for each position, REF and ALT."),
    "conflicting_record": (
        "error",
        "Call the sample again; lines of one position must not claim more than two alleles.",
    ),
    "bad_genotype": ("error", "Write GT as VCF does: allele numbers with '/' or '|', '.' where not called."),
    "ploidy": ("error", "Call the position with two alleles, or one on X, Y and MT of a man."),
    "unknown_allele": ("error", "GT must name REF (0) or one of the ALTs of its line."),
    "too_many_alleles": ("error", "Split the line; at most 126 ALTs are read."),
    "no_genotype": ("error", "Call genotypes; FORMAT of this line has no GT."),
    "bad_phase_set": ("warning", "Write PS as a whole number; the call is read as not phased."),
    "bad_end": ("error", "Write END as the last position of the block, not before POS."),
    "block_not_reference": ("error", "Call the positions one by one; a reference block says 0/0."),
    "weak_block": ("info", "Sequence deeper; a block of low quality is no proof of the reference."),
    "weak_call": ("warning", "Sequence deeper; a call that no read supports is not used."),
    "unread_allele": ("warning", "Call the position again; a heterozygous call needs reads of both alleles."),
    "spanning_variant": (
        "warning",
        "Look at the variant; a deletion or copy-number change covers a position asked for.",
    ),
    "no_end_mark": ("warning", "Fetch the file again; it lacks the mark that ends every complete BGZF file."),
    "stale_index": ("info", "Make the index again (`tabix -f`); it is older than the file, which was read whole."),
    "bad_index": ("warning", "Make the index again (`tabix -f`); it cannot be read, so the file was read whole."),
    "bad_chromosome": ("error", "Name a chromosome 1 to 22, X, Y or MT."),
    "bad_position": ("error", "Write the position as a whole number, counted from 1."),
    "bad_letters": ("error", "Write the genotype as one or two of A, C, G, T, I, D, or '--' where not called."),
    "strand_flipped": ("warning", "Export the file on the plus strand; this genotype was read as its complement."),
    "ambiguous_strand": ("warning", "Confirm the genotype by another test; A/T and C/G look alike on both strands."),
    "other_letters": ("warning", "Check build and strand; the letters are none of the alleles known at this position."),
    "not_comparable": ("info", "Test the position by sequencing; an array does not say this insertion or deletion."),
}


@dataclass(slots=True)
class Issues:
    """The issues of one file, gathered while it is read."""

    file: str
    rows: list[Issue] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, code: str, row: int, column: str, value: str, reason: str) -> None:
        """Note one; of a code that comes very often only the first are listed and the others counted."""
        self.counts[code] += 1
        if self.counts[code] <= MOST:
            severity, fix = KINDS[code]
            shown = value if len(value) <= SHOWN else value[:SHOWN] + "…"
            self.rows.append((self.file, row, column, shown, code, severity, reason, fix))

    def frame(self) -> pd.DataFrame:
        """Columns: file, row (line; 0 = not known or the whole file), column, value, code, severity, reason, fix."""
        rows = list(self.rows)
        for code, count in self.counts.items():
            if count > MOST:
                severity, fix = KINDS[code]
                rows.append((self.file, 0, "", "", code, severity, f"{count - MOST:,} more of the same.", fix))
        return _frame(rows) if rows else _empty().copy()


def _frame(rows: list[Issue]) -> pd.DataFrame:
    columns = zip(*rows, strict=True) if rows else [()] * len(COLUMNS)
    kinds = {name: "int64" if name == "row" else "str" for name in COLUMNS}
    return pd.DataFrame(
        {name: pd.Series(list(cells), dtype=kinds[name]) for name, cells in zip(COLUMNS, columns, strict=True)}
    )


@cache
def _empty() -> pd.DataFrame:
    """The table of a file without issues, made once: most files have none."""
    return _frame([])
