"""The table of medicines: their names, codes, brands, and the words that a medicine text may hold besides."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from types import MappingProxyType

from precision.errors import KnowledgeError
from precision.knowledge.table import read
from precision.pgx.tables import rows as rows_of

FOLDER = "drugs"
COMBINED = " / "  # between the parts of a fixed combination
VERIFIED = "V"
NAME, BRAND = "name", "brand"
Words = tuple[str, ...]
WORD = re.compile(r"[^\W\d_]+|\d+|\?+|[-=]>|\N{RIGHTWARDS ARROW}")
HYPHEN = re.compile(r"[)\]]?-[(\[]?")
SIGNS = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-") | dict.fromkeys("'\u2018\u2019\u02bc`", "")
)
READ_AS: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"\b(?:[a-z]\.){2,}"), lambda found: found[0].replace(".", "") + " "),
    (re.compile(r"(?<=[a-z])\(s\)"), ""),
    (re.compile(r"\b(?:no|nr)\b\.?\s*(?=\d)"), ""),
    (re.compile(r"\bd/c\b"), "dc"),
    (re.compile(r"\b(?:alcohol|dye|gluten|lactose|latex|preservative|pvc|sugar)[\s-]free\b"), " "),
    (re.compile(r"/\s*(?:d|g|h|hr|kg|l|m2|min|ml|wk)\b"), " "),
    (re.compile("\N{GREEK SMALL LETTER MU}(?=g)"), "u"),
)


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
    """The words of a kind, as in the head of the table."""
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


@cache
def combined() -> Mapping[str, tuple[str, ...]]:
    """'ATC:N02AJ06' -> the known ingredients of the combination for which the code stands, in alphabetical order.

    Raises
    ------
    KnowledgeError : a combination names an ingredient that has no row
    """
    rows = read(FOLDER, "combinations.csv", ("atc", "ingredient", "status"), ("atc", "ingredient"))
    if unknown := sorted({*rows["ingredient"]} - {*drugs()}):
        raise KnowledgeError(f"drugs/drugs.csv: '{unknown[0]}' has no row, and combinations.csv names it")
    found = rows.groupby("atc")["ingredient"]
    return MappingProxyType({f"ATC:{code}": tuple(sorted(map(str, names))) for code, names in found})


def words_of(text: str) -> Words:
    """The words and numbers of a text in lower case, without accents and apostrophes, letters and digits apart."""
    return joints_of(text)[0]


@lru_cache(maxsize=4096)
def joints_of(text: str) -> tuple[Words, tuple[bool, ...]]:
    """The words of a text as in `words_of`, and whether each is hyphened to the one before it; '?' and '->' are words.

    Letters of any script count; 'b.i.d.' is one word; the unit behind a stroke, the 's' of 'tablet(s)' and the 'no.' of
    a number are none.
    """
    plain = unicodedata.normalize("NFKD", text.replace("\N{TRADE MARK SIGN}", " ").casefold()).translate(SIGNS)
    if not plain.isascii():
        plain = "".join(letter for letter in plain if unicodedata.category(letter) not in ("Mn", "Cf"))
    for written, instead in READ_AS:
        plain = written.sub(instead, plain)
    found = list(WORD.finditer(plain))
    gaps = (plain[one.end() : two.start()] for one, two in pairwise(found))
    hyphens = (False, *(HYPHEN.fullmatch(gap) is not None for gap in gaps)) if found else ()
    return tuple(one[0] for one in found), hyphens


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
