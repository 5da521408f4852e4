"""Who of a cohort has which phenotype of a pharmacogene, by CPIC."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from precision.pgx.calls import Calls
from precision.pgx.conditions import GeneResult, said_by
from precision.pgx.functions import CPIC, INDETERMINATE, rules_of
from precision.pgx.profiles import profiles_of
from precision.workbench.memberships import Key, Mask, Memberships, gather

NO_RESULT, OR = "", " or "  # no phenotype; between phenotypes that cannot be told apart
LESS_SURE = ("Likely ", "Possible ")  # counted with the plain phenotype, as the published figures do
# From most to least activity; other phenotypes follow by name, what is indeterminate comes last.
ORDER = (
    *("Ultrarapid", "Rapid", "Increased", "Normal", "Intermediate", "Decreased", "Variable", "Poor", "Deficient"),
    *("-1639 GG", "-1639 AG", "-1639 AA"),
)


def phenotyped(calls: Calls, hidden: Mask) -> Memberships:
    """Who has which phenotype, keys (gene, phenotype), of the genes of which anybody has one.

    hidden : (N,) patients who are not counted at all; those without a result stand under NO_RESULT
    """
    return gather(_groups(calls, ~hidden), len(hidden))


def _groups(calls: Calls, shown: Mask) -> Iterator[tuple[Key, Mask]]:
    for gene, profile in profiles_of(calls).items():
        labels = [phenotype_of(one) for one in profile.results]
        names, number = np.unique(np.array(labels, dtype=np.str_), return_inverse=True)
        of_person = number[profile.of_person]
        if (names[of_person[shown]] == NO_RESULT).all():
            continue
        for index, name in enumerate(names.tolist()):
            yield (gene, name), shown & (of_person == index)


def phenotype_of(result: GeneResult) -> str:
    """The phenotypes of a result, 'Likely' ones with the plain, joined by OR; NO_RESULT where there is none."""
    return OR.join(sorted({_plain(one) for one in said_by(result.phenotypes, CPIC)}))


def phenotypes_of(gene: str) -> tuple[str, ...]:
    """The phenotypes that a gene can have, from most to least activity; none of a gene without rules."""
    return tuple(sorted({_plain(one) for rules in rules_of(gene)[:1] for one in rules.phenotypes if one}, key=place))


def place(phenotype: str) -> tuple[int, str]:
    """Where a phenotype stands among the others of its gene."""
    if phenotype == INDETERMINATE:
        return len(ORDER) + 1, ""
    return next((place for place, word in enumerate(ORDER) if phenotype.startswith(word)), len(ORDER)), phenotype


def having(found: Memberships, gene: str, phenotype: str) -> Mask:
    """(N,) who has a phenotype, or one of several that cannot be told apart and it is among them."""
    keys = [key for key in found.keys if key[0] == gene and phenotype in key[1].split(OR)]
    return np.any([found.of(key) for key in keys], axis=0) if keys else np.zeros(found.patients, dtype=bool)


def _plain(phenotype: str) -> str:
    for word in LESS_SURE:
        if phenotype.startswith(word):
            return phenotype.removeprefix(word)
    return phenotype
