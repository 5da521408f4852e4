"""Inputs of models that follow from the called genes, where no table gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.features import Derivation
from precision.pgx.calls import Calls
from precision.schema import encode, variable

HOW = "called from genotypes"
SEVERAL = " or "
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Rule:
    """How a variable follows from a gene.

    text : (S,) what is read of the calls; level : such a text -> a word that the variable knows, empty = none
    apart : alleles that the variable tells apart; the positions that define them must have been tested
    """

    gene: str
    text: Callable[[Calls, str], NDArray[np.str_]]
    level: Callable[[str], str]
    apart: tuple[str, ...]


def derivations(calls: Calls) -> Iterator[Derivation]:
    """What follows from the calls, for `integrate`; the calls are of its cohort."""
    for name, rule in RULES.items():
        values = values_of(calls, name)
        yield Derivation(name, (f"{rule.gene} {HOW}",), lambda known, values=values: values)


def values_of(calls: Calls, name: str) -> NDArray[np.float64]:
    """(S,) level codes of a variable, NaN where its gene does not say."""
    rule = RULES[name]
    codes, texts = pd.factorize(np.asarray(rule.text(calls, rule.gene), dtype=object))
    levels, _, _ = encode(variable(name), pd.Series([rule.level(str(text)) for text in texts], dtype="str"))
    return np.where(calls.tested(rule.gene, rule.apart), levels[codes], np.nan)


def _pair_of_common(text: str) -> str:
    """The one reported pair that the variable has a level for; its last level where no pair is of common alleles.

    The equations were made from tests of the common alleles alone, which read a rare allele that shares a position
    with a common one as the common one. So *1/*3 stands where *1/*18, of the same position, cannot be excluded.
    """
    pairs = text.split(SEVERAL) if text else []
    common = [pair for pair in pairs if pair in variable("cyp2c9_genotype").levels]
    if not pairs or len(common) > 1:
        return ""
    whole = all(len(names := pair.split("/")) == 2 and all(one.startswith("*") for one in names) for pair in pairs)
    return common[0] if common else OTHER if whole else ""


def _bases(text: str) -> str:
    """'-1639 AA' -> 'AA'."""
    return "" if SEVERAL in text else text.rpartition(" ")[2]


RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "cyp2c9_genotype": Rule("CYP2C9", Calls.diplotype, _pair_of_common, ("*2", "*3")),
        "vkorc1_1639": Rule("VKORC1", Calls.phenotype, _bases, ()),
    }
)
