"""Names of diplotypes as pages show them; the command line has those of the tables."""

from __future__ import annotations

import re
from collections.abc import Mapping

ONE_PLACE = re.compile(r"(rs\d+) [^/]*\((\w+)\)/\1 [^/]*\((\w+)\)")
NON_RESPONSIVE = re.compile(r"ivacaftor (non-responsive) CFTR sequence")


def short(diplotype: str) -> str:
    """'rs2231142 G/T' for two alleles of one position that are named by it; 'G551D/non-responsive' of CFTR."""
    return NON_RESPONSIVE.sub(r"\1", ONE_PLACE.sub(r"\1 \2/\3", diplotype))


def shortened(named: Mapping[str, str]) -> dict[str, str]:
    """Gene -> diplotypes by their short names."""
    return {gene: short(diplotype) for gene, diplotype in named.items()}
