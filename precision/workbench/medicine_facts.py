"""The facts behind medicine advice: every row of the bodies, and what changes an enzyme, with source and status."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

import pandas as pd

from precision.knowledge.table import read
from precision.pgx.advice import CITATION, advice
from precision.pgx.answers import title
from precision.pgx.tables import rows
from precision.workbench.circumstances import contraindicated

YEAR = re.compile(r"(19|20)\d\d")
VERIFIED, RECALLED = "V", "R"
ENZYMES = "interactions"
MODULATORS = ("ingredient", "enzyme", "effect", "strength", "lasting_days", "lasting_status", "lasting_source")
TABLES: Mapping[str, tuple[str, ...]] = {
    "modulators.csv": (*MODULATORS, "source", "status"),
    "shifts.csv": ("enzyme", "effect", "strength", "operation", "value", "evidence", "source", "status"),
    "substrates.csv": ("ingredient", "enzyme", "sensitivity", "source", "status"),
}


@cache
def medicine_facts() -> pd.DataFrame:
    """One row per fact: table, fact, says, source, year (empty where none is known), doi, status code."""
    found = [*_advice(), *_ruled_out(), *(fact for table in TABLES for fact in _enzymes(table))]
    return pd.DataFrame(found, columns=["table", "fact", "says", "source", "year", "doi", "status"], dtype="str")


@cache
def names_recalled() -> int:
    """How many brand names and codes of medicines nobody has read in a source; they only recognise a medicine."""
    known = ("ingredient", "rxnorm", "rxnorm_status", "atc", "atc_status", "synonyms", "status")
    drugs = read("drugs", "drugs.csv", known, ("ingredient",))
    brands = read("drugs", "brands.csv", ("brand", "ingredient", "status"), ("brand", "ingredient"))
    combined = read("drugs", "combinations.csv", ("atc", "ingredient", "status"), ("atc", "ingredient"))
    statuses = (drugs["rxnorm_status"], drugs["atc_status"], brands["status"], combined["status"])
    return sum(int((status == RECALLED).sum()) for status in statuses)


def _advice() -> Iterator[tuple[str, ...]]:
    for row in advice():
        when = " and ".join(_condition(one.gene, one.kind, one.values) for one in row.when)
        fact = f"{row.drug}: {', '.join(filter(None, (when, row.population_label)))}"
        said = row.citation
        doi = said.url.removeprefix("https://doi.org/") if said.url.startswith("https://doi.org/") else ""
        status = VERIFIED if row.verified else RECALLED
        yield f"{row.body} advice", fact, title(row), said.title, _year(said.version, said.as_of), doi, status


def _ruled_out() -> Iterator[tuple[str, ...]]:
    for one in contraindicated().values():
        yield "Ruled out", one.ingredient, one.says, one.source, one.version, "", one.status


def _condition(gene: str, kind: str, values: tuple[str, ...]) -> str:
    told = " or ".join(values)
    return {"@": f"{gene} activity score {told}", "+": f"{gene} {told} positive", "-": f"{gene} {told} negative"}.get(
        kind, f"{gene} {told}"
    )


def _enzymes(table: str) -> Iterator[tuple[str, ...]]:
    columns = TABLES[table]
    cited = {row["key"]: row for row in rows("citations.csv", _cited(), ("key",), ENZYMES)}
    for row in rows(table, columns, columns[: columns.index("source")], ENZYMES):
        said = cited[row["source"]]
        fact = " ".join(filter(None, (row.get("ingredient", ""), row["enzyme"])))
        told = [row.get(name, "") for name in ("strength", "effect", "sensitivity", "operation", "value")]
        says = " ".join(filter(None, told)).replace("_", " ")
        year = _year(said["version"], "")
        yield f"Enzymes: {table.removesuffix('.csv')}", fact, says, said["title"], year, said["doi"], row["status"]


def _cited() -> tuple[str, ...]:
    return tuple(name for name in CITATION if name not in ("as_of", "update_pending"))


def _year(*texts: str) -> str:
    found = (YEAR.search(text) for text in texts)
    return next((one.group() for one in found if one), "")
