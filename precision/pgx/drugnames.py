"""The table of medicines: their names, codes, brands, and the words that a medicine text may hold besides."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from precision.errors import KnowledgeError
from precision.knowledge.table import read
from precision.pgx.tables import rows as rows_of

FOLDER = "drugs"
COMBINED = " / "  # between the parts of a fixed combination
VERIFIED = "V"
NAME, BRAND = "name", "brand"
Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drug:
    """An ingredient, or a fixed combination of several.

    rxnorm, atc : without the name of the system; verified : read in the source rather than recalled
    parts : the ingredients of a fixed combination, empty for one ingredient
    """

    name: str
    rxnorm: str
    rxnorm_verified: bool
    atc: tuple[str, ...]
    atc_verified: bool
    synonyms: tuple[str, ...]
    brands: tuple[str, ...]
    brands_verified: bool
    parts: tuple[str, ...]


@cache
def drugs() -> Mapping[str, Drug]:
    """Every medicine of the table by its name, in alphabetical order.

    Raises
    ------
    KnowledgeError : a brand or a combination names an ingredient that has no row
    """
    columns = ("ingredient", "rxnorm", "rxnorm_status", "atc", "atc_status", "synonyms", "status")
    brands, recalled = _brands()
    rows = rows_of("drugs.csv", columns, ("ingredient",), FOLDER)
    found = {row["ingredient"]: _drug(row, brands, recalled) for row in rows}
    for name in (*brands, *(part for drug in found.values() for part in drug.parts)):
        if name not in found:
            raise KnowledgeError(f"drugs/drugs.csv: '{name}' has no row, and a brand or a combination names it")
    return MappingProxyType(found)


@cache
def names() -> tuple[str, ...]:
    """The names of ``drugs()`` in order: what an ingredient's number stands for."""
    return tuple(drugs())


@cache
def numbers() -> Mapping[str, int]:
    """The number of each name in ``names()``."""
    return MappingProxyType({name: number for number, name in enumerate(names())})


@cache
def phrases() -> Mapping[Words, tuple[tuple[str, str], ...]]:
    """Words as written -> the (ingredient, 'name' or 'brand') that they stand for.

    Raises
    ------
    KnowledgeError : one spelling stands for two ingredients
    """
    found: dict[Words, tuple[tuple[str, str], ...]] = {}
    for drug in drugs().values():
        for spelling in (drug.name, *drug.synonyms):
            words = words_of(spelling)
            if words in found and found[words][0][0] != drug.name:
                raise KnowledgeError(f"drugs/drugs.csv: '{spelling}' is {found[words][0][0]} and {drug.name}")
            found[words] = ((drug.name, NAME),)
    for ingredient, brands in _brands()[0].items():
        for brand in brands:
            words = words_of(brand)
            before = found.get(words, ())
            if not any(how == NAME for _, how in before):
                found[words] = (*before, (ingredient, BRAND))
    return MappingProxyType(found)


@cache
def words_that(kind: str) -> frozenset[str]:
    """The words of a kind: salt, form, local, systemic, negation."""
    rows = read(FOLDER, "words.csv", ("word", "kind"), ("word", "kind"))
    return frozenset(rows.loc[rows["kind"] == kind, "word"])


@cache
def codes() -> Mapping[str, tuple[str, ...]]:
    """'RXNORM:2670', 'ATC:R05DA04' -> the ingredients that bear it, in alphabetical order."""
    found: dict[str, list[str]] = {}
    for drug in drugs().values():
        for code in (f"RXNORM:{drug.rxnorm}" if drug.rxnorm else "", *(f"ATC:{code}" for code in drug.atc)):
            if code:
                found.setdefault(code, []).append(drug.name)
    return MappingProxyType({code: tuple(found[code]) for code in found})


def words_of(text: str) -> Words:
    """The words and numbers of a text in lower case, without accents and apostrophes, letters and digits apart."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    return tuple(re.findall(r"[a-z]+|\d+", plain.replace("'", "")))


def parts_of(names: Iterable[str]) -> list[str]:
    """Each name, and the ingredients of those that are combinations; none twice."""
    return list(dict.fromkeys(part for name in names for part in (name, *drugs()[name].parts)))


def _drug(row: Mapping[str, str], brands: Mapping[str, tuple[str, ...]], recalled: frozenset[str]) -> Drug:
    name = row["ingredient"]
    return Drug(
        name=name,
        rxnorm=row["rxnorm"],
        rxnorm_verified=row["rxnorm_status"] == VERIFIED,
        atc=tuple(code for code in row["atc"].split(";") if code),
        atc_verified=row["atc_status"] == VERIFIED,
        synonyms=tuple(spelling for spelling in row["synonyms"].split(";") if spelling),
        brands=brands.get(name, ()),
        brands_verified=name not in recalled,
        parts=tuple(name.split(COMBINED)) if COMBINED in name else (),
    )


@cache
def _brands() -> tuple[Mapping[str, tuple[str, ...]], frozenset[str]]:
    """Ingredient -> its brand names; and the ingredients of which one was not read in a source."""
    rows = read(FOLDER, "brands.csv", ("brand", "ingredient", "status"), ("brand", "ingredient"))
    grouped = rows.groupby("ingredient", sort=False)["brand"]
    recalled = frozenset(map(str, rows.loc[rows["status"] != VERIFIED, "ingredient"]))
    return MappingProxyType({str(name): tuple(map(str, brands)) for name, brands in grouped}), recalled
