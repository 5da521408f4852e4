"""What was not tested: an answer that stands is the answer of everybody whom the tested positions cannot tell apart."""

from __future__ import annotations

from functools import cache
from itertools import combinations_with_replacement

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precision.pgx.advising import UNDETERMINED, Advisor
from precision.pgx.answers import Answer, answers
from precision.pgx.calling import Settings, call
from precision.pgx.definitions import POPULATIONS, genes
from precision.pgx.profiles import profiles_of
from tests.pgx_genotypes import person

CORE = {  # allele: its one position that no other core allele has, and the bases of a carrier
    "CYP2C9": {
        "*2": ("rs1799853", "C/T"),
        "*3": ("rs1057910", "A/C"),
        "*5": ("rs28371686", "C/G"),
        "*6": ("rs9332131", "GA/G"),
        "*8": ("rs7900194", "G/A"),
        "*11": ("rs28371685", "C/T"),
    },
    "CYP3A5": {"*3": ("rs776746", "T/C"), "*6": ("rs10264272", "C/T"), "*7": ("rs41303343", "T/TA")},
    "DPYD": {
        "c.1905+1G>A (*2A)": ("rs3918290", "C/T"),
        "c.1679T>G (*13)": ("rs55886062", "A/C"),
        "c.2846A>T": ("rs67376798", "T/A"),
        "c.557A>G": ("rs115232898", "T/C"),
        "c.2279C>T": ("rs112766203", "G/A"),
        "c.868A>G": ("rs146356975", "T/C"),
        "c.1129-5923C>G, c.1236G>A (HapB3)": ("rs75017182", "G/C"),
    },
    "NUDT15": {"*3": ("rs116855232", "C/T")},
}
DRUGS = {"CYP2C9": "siponimod", "CYP3A5": "tacrolimus", "DPYD": "fluorouracil", "NUDT15": "thioguanine"}


def answer(gene: str, found: dict[str, str], absent: list[str]) -> Answer:
    """DPWG's answer, which asks for this gene alone."""
    profiles = profiles_of(call(person(found, gene, absent=absent), Settings("GRCh38"), {"P0": "female"}))
    given = {name: profile.results[profile.of_person[0]] for name, profile in profiles.items()}
    told = answers(Advisor(profiles, 1).advise(np.zeros(1, np.intp), [DRUGS[gene]]), 0, given, {})
    return next(one for one in told if one.row.body == "DPWG" and gene in [said.gene for said in one.genes])


def carriers(gene: str, alleles: list[str]) -> float:
    """The share of people with one of these alleles, in the population that has most of them."""
    table = genes()[gene].frequency[[genes()[gene].alleles.index(name) for name in alleles]]
    shares = [np.nansum(table[:, column]) for column in range(len(POPULATIONS))]
    return max(1 - (1 - share) ** 2 for share in shares)


@cache
def action_of(gene: str, alleles: tuple[str, ...]) -> str:
    """What is advised to somebody of whom every position was read; the same allele twice on both strands."""
    bases = {name: CORE[gene][name] for name in alleles}
    found = {at: both for at, both in bases.values()}
    if len({*alleles}) < len(alleles):
        found = {at: "/".join([both.split("/")[1]] * 2) for at, both in bases.values()}
    return answer(gene, found, []).action


@pytest.mark.parametrize("gene", CORE)
@settings(max_examples=25)
@given(data=st.data())
def test_an_answer_that_stands_is_that_of_every_carrier_who_looks_the_same(gene: str, data: st.DataObject) -> None:
    """Where 15 in 1,000 carry what was not tested: alone, twice, or two of them."""
    read = data.draw(st.lists(st.sampled_from([*CORE[gene]]), unique=True, min_size=1))
    unread = [name for name in CORE[gene] if name not in read]
    places = {CORE[gene][name][0] for name in read}
    told = answer(gene, {}, [one.name for one in genes()[gene].variants if one.name not in places])
    plain = action_of(gene, ())
    others = {action_of(gene, pair) for count in (1, 2) for pair in combinations_with_replacement(unread, count)}
    if unread and carriers(gene, unread) >= 0.015 and others - {plain}:
        assert (told.how, told.missing) == (UNDETERMINED, (gene,))
    else:
        assert told.action == plain
