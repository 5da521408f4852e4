"""What is known here of one gene or one medicine: alleles, positions, frequencies, guidance, enzymes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from precision.knowledge.table import sources
from precision.pgx.advice import Advice, advice, by_drug
from precision.pgx.definitions import BUILDS, OUTSIDE, POPULATIONS, Gene, genes
from precision.pgx.drugnames import Drug, drugs
from precision.pgx.functions import Rules, rules_of
from precision.pgx.modulators import ENZYMES, modulators, substrates
from precision.pgx.names import natural
from precision.pgx.review import WORDS
from precision.pgx.tables import FOLDER, by_gene


@dataclass(frozen=True, slots=True)
class Guided:
    """A medicine with guidance for a gene: who gives it, and the most cautious word of any result."""

    drug: str
    bodies: tuple[str, ...]
    word: str


@dataclass(frozen=True, slots=True)
class GeneCard:
    """One gene.

    alleles : allele, and by body its function and activity value, empty where the body gives none
    positions : those that define alleles; rules : body -> how many pairs of functions it gives a phenotype for
    frequencies : allele by group of CPIC in percent, missing = no data, 0 = not observed or not reported
    add_up : whether the frequencies of its alleles can be added
    laboratory : it is never read from a variant file; version : of the tables
    """

    gene: str
    alleles: pd.DataFrame
    positions: pd.DataFrame
    rules: Mapping[str, int]
    frequencies: pd.DataFrame
    add_up: bool
    guided: tuple[Guided, ...]
    laboratory: bool
    version: str
    update_pending: str


@dataclass(frozen=True, slots=True)
class Role:
    """What a medicine is to an enzyme: 'strong inhibitor', 'substrate'; verified : read in its source."""

    enzyme: str
    role: str
    verified: bool


@dataclass(frozen=True, slots=True)
class DrugCard:
    """One medicine: identifiers where it is in the list of medicines, all rows of advice, its enzymes."""

    name: str
    drug: Drug | None
    advice: tuple[Advice, ...]
    roles: tuple[Role, ...]


def gene_card(gene: str) -> GeneCard:
    """The card of a gene; one that only advice or outside results know has little on it."""
    known, rules = genes().get(gene), rules_of(gene)
    raw = _frequencies(gene)
    return GeneCard(
        gene=gene,
        alleles=_alleles(known, rules),
        positions=_positions(known),
        rules={
            one.body: int(np.count_nonzero(np.triu(one.phenotype[: len(one.keys), : len(one.keys)]))) for one in rules
        },
        frequencies=raw,
        add_up=raw.empty or (known is not None and not np.isnan(known.frequency).all()),
        guided=_guided(gene),
        laboratory=known is None or known.mode == OUTSIDE,
        version=next(one.version for one in sources() if one.folder == FOLDER),
        update_pending="" if known is None else known.update_pending,
    )


def drug_card(name: str) -> DrugCard:
    """The card of a medicine by its ingredient."""
    return DrugCard(name, drugs().get(name), by_drug().get(name, ()), _roles(name))


def _alleles(gene: Gene | None, rules: tuple[Rules, ...]) -> pd.DataFrame:
    names = dict.fromkeys([*(gene.alleles if gene else ()), *(name for one in rules for name in one.function)])
    columns = {"Allele": list(names)}
    for one in rules:
        columns[f"{one.body} function"] = [one.function.get(name, "") for name in names]
        if any(one.activity.values()):
            columns[f"{one.body} activity"] = [one.activity.get(name, "") for name in names]
    return pd.DataFrame(columns, dtype="str")


def _positions(gene: Gene | None) -> pd.DataFrame:
    variants = gene.variants if gene else ()
    return pd.DataFrame(
        {
            "Variant": [one.name for one in variants],
            **{build: [f"{one.chromosome}:{one.position[k]}" for one in variants] for k, build in enumerate(BUILDS)},
            "Reference": [one.bases[0] for one in variants],
            "Other bases": [", ".join(one.bases[1:]) for one in variants],
        },
        dtype="str",
    )


def _frequencies(gene: str) -> pd.DataFrame:
    columns = ("gene", "allele", *POPULATIONS, "status")
    rows = by_gene("frequencies.csv", columns, ("gene", "allele")).get(gene, [])
    rows.sort(key=lambda row: natural(row["allele"]))
    return pd.DataFrame(
        {
            "Allele": [row["allele"] for row in rows],
            **{one: [100 * float(row[one] or "nan") for row in rows] for one in POPULATIONS},
        }
    )


def _guided(gene: str) -> tuple[Guided, ...]:
    bodies: dict[str, dict[str, int]] = {}
    for row in advice():
        if gene in row.genes:
            of_drug = bodies.setdefault(row.drug, {})
            of_drug[row.body] = max(row.urgency, of_drug.get(row.body, 0))
    found = [
        (Guided(drug, tuple(said), WORDS[max(said.values())]), max(said.values())) for drug, said in bodies.items()
    ]
    return tuple(one for one, _ in sorted(found, key=lambda item: (-item[1], item[0].drug)))


def _roles(name: str) -> tuple[Role, ...]:
    found: list[Role] = []
    for enzyme in ENZYMES:
        found += [
            Role(enzyme, f"{one.strength} {one.effect}", one.verified) for one in modulators(enzyme) if one.name == name
        ]
        if name in substrates(enzyme):
            found.append(Role(enzyme, "substrate", substrates(enzyme)[name]))
    return tuple(found)
