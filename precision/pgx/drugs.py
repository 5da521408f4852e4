"""Which ingredients the rows of a medicine list name, by code, name or brand."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.errors import InputError
from precision.io.medication_list import name_or_code
from precision.pgx.drugnames import BRAND, NAME, Drug, codes, combined, drugs, names, numbers, parts_of, words_of
from precision.pgx.drugnames import words_that as words_of_kind
from precision.pgx.drugscan import scan

RXNORM, ATC = "rxnorm", "atc"
HOW = (RXNORM, ATC, NAME, BRAND)  # the first that applies is reported
NEAR, LIKE = 5, 0.7  # names offered where one is not known, and how like it they are at least
Texts = pd.Series | Sequence[str] | NDArray[np.object_]
NOT_RECOGNISED, NOT_READ = "not recognised", "not read"
LOCAL = "medicine '{}' acts where it is applied; the sources speak of forms that reach the blood"
STEREO = re.compile(r"\b(?:(?:dl|rs|[dlrs])\W+|(?:levo|dextro)\W*)([^\W\d_]+)")  # 'L-methadone' is not methadone
ISOMER_OF = 0.85  # how like a name the rest behind such a prefix is, where no name is offered
ASIDE = re.compile(r"\bnon[\s-]*(?=enteric)|\bpre[\s-]?op\b", re.IGNORECASE)  # no denial; no part of a name
SHOWN = 80  # letters of a text that a remark repeats


@dataclass(frozen=True, slots=True)
class Reading:
    """What one medicine row says: its ingredients with how each was recognised, and a remark; local as in Resolved.

    unread : words that name no ingredient and are none that stand beside one
    """

    ingredients: tuple[tuple[str, str], ...]
    local: bool
    reason: str
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Resolved:
    """M medicine rows with their K ingredients; a row may have none, one or several.

    row : (K,) row of the list; ingredient : (K,) index into ``drugnames.names()``; how : (K,) index into HOW
    verified : (K,) the code or the brands of the ingredient were read in a source, or the name itself was written
    local : (M,) the form acts where it is applied (cream, eye drops), so other medicines are little touched
    reason : (M,) index into ``reasons``: why nothing was recognised, or what is doubtful; 0 = nothing to say
    """

    row: NDArray[np.int32]
    ingredient: NDArray[np.int32]
    how: NDArray[np.int8]
    verified: NDArray[np.bool_]
    local: NDArray[np.bool_]
    reason: NDArray[np.int32]
    reasons: tuple[str, ...]

    @property
    def recognised(self) -> NDArray[np.bool_]:
        """(M,) rows with an ingredient; every other row is one that nothing can be said of."""
        return np.bincount(self.row, minlength=len(self.local)) > 0

    def frame(self) -> pd.DataFrame:
        """One row for each ingredient, and one with empty ingredient for each row that was not recognised."""
        none = np.flatnonzero(~self.recognised)
        row = np.concatenate([self.row, none])
        found = pd.DataFrame(
            {
                "row": row,
                "ingredient": [*(names()[number] for number in self.ingredient), *[""] * len(none)],
                "how": [*(HOW[number] for number in self.how), *[""] * len(none)],
                "verified": np.concatenate([self.verified, np.zeros(len(none), dtype=bool)]),
                "local": self.local[row],
                "reason": [self.reasons[number] for number in self.reason[row]],
            }
        )
        return found.sort_values("row", kind="stable", ignore_index=True)


def resolve(drug: Texts, code: Texts) -> Resolved:
    """The ingredients of M medicine rows; each distinct pair of text and code is read once.

    Parameters
    ----------
    drug : (M,) names as written: ingredient, brand, salt, strength and form, several ingredients; may be empty
    code : (M,) 'RXNORM:6918', 'ATC:C07AB02', several with ';' between, or empty

    A fixed combination gives its ingredients, and itself where the table has it. Where code and name stand for
    different medicines, both are given, with a reason.
    """
    text_number, texts = pd.factorize(pd.Series(drug, dtype="str"))
    code_number, marks = pd.factorize(pd.Series(code, dtype="str"))
    pair = (text_number.astype(np.int64) + 1) * (len(marks) + 1) + code_number + 1  # number -1 was an empty cell
    pairs, kind = np.unique(pair, return_inverse=True)
    texts, marks = ["", *map(str, texts)], ["", *map(str, marks)]
    return _spread([reading(texts[one // len(marks)], marks[one % len(marks)]) for one in pairs.tolist()], kind)


def reading(text: str, code: str = "") -> Reading:
    """What one row with this text and code says; see ``resolve``."""
    text = ASIDE.sub(" ", text)
    words = words_of(text)
    if denial := _denial(words):
        return Reading((), False, f"the text says '{denial}': it is not read as a medicine that is taken")
    named, unread = scan(text)
    if named and (others := [word for word in unread if word in words_of_kind("another")]):
        return Reading((), False, f"the text says '{others[0]}': that is not the medicine itself")
    local = _local(words, code)
    marks = [mark.upper() for mark in re.split(r"[;|,\s]+", code) if mark]
    coded = _coded(marks, [name for name, _ in named])
    reason = _reason(text, marks, [name for name, _ in coded], [name for name, _ in named], unread)
    found: dict[str, str] = {}
    for name, how in (*coded, *named):
        if not any(_same(name, other) and len(name) < len(other) for other, _ in (*coded, *named)):
            found.setdefault(name, how)
    return Reading(tuple(_with_combinations(found).items()), local, reason, unread)


def ingredients(text: str) -> tuple[Drug, ...]:
    """The medicines that a name, a brand, a combination or a code stands for, as in a medicine list (`resolve`).

    Raises
    ------
    InputError : it names none, or a part of it is not understood; near names are offered
    """
    name, code = name_or_code(text)
    found = reading(name, code)
    if why := not_understood(name, code) or (LOCAL.format(text.strip()) if found.local else ""):
        raise InputError(why)
    return tuple(drugs()[one] for one, _ in found.ingredients)


@lru_cache(maxsize=4096)
def not_understood(text: str, code: str = "") -> str:
    """Why the text or code of a medicine is not understood, or not wholly, with names near it; empty where it is."""
    found = reading(text, code)
    what = f"medicine '{_cut(text.strip())}'"
    if not found.reason:
        return ""
    if found.ingredients and found.unread:
        words = " and ".join(f"'{_cut(word)}'" for word in found.unread)
        return f"{what} is not wholly understood: {words}; {_near(found.unread)}, or leave it out"
    if found.ingredients or not found.reason.startswith(NOT_RECOGNISED):
        return f"{what}: {found.reason}"
    if not text.strip():
        return f"none of the {len(drugs())} medicines that are known has the code {_cut(code)}; write its name"
    return f"{what} is not one of the {len(drugs())} that are known; {_near([text.strip(), *found.unread])}"


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _near(words: Sequence[str]) -> str:
    near = near_names(words)
    return f"near it: {', '.join(near)}" if near else "no name is near it; write the ingredient in English"


def near_names(words: Sequence[str], like: float = LIKE) -> list[str]:
    """At most NEAR names, synonyms and brands like those words; ``like`` as `difflib` counts it, 1 = the same."""
    found = [_spellings()[key] for word in dict.fromkeys(words) for key in _like(word[:SHOWN].casefold(), like)]
    cut = [rest for word in words for rest in STEREO.findall(word.casefold())]
    first = found[0].casefold() if found else ""
    isomer = any(difflib.SequenceMatcher(None, rest, first).ratio() >= ISOMER_OF for rest in cut)
    return [] if isomer else list(dict.fromkeys(found))[:NEAR]


@lru_cache(maxsize=8_192)
def _like(word: str, like: float) -> tuple[str, ...]:
    """The spellings like a word, compared only where they share letters enough, as `SequenceMatcher.quick_ratio`."""
    keys, lengths, columns, counts = _letters()
    letters = Counter(word)
    mine = np.array([letters[letter] for letter in columns])
    shared = np.minimum(counts, mine).sum(axis=1)
    enough = 2.0 * shared / (lengths + len(word)) >= like
    return tuple(difflib.get_close_matches(word, [keys[at] for at in np.flatnonzero(enough)], n=NEAR, cutoff=like))


@cache
def _letters() -> tuple[tuple[str, ...], NDArray[np.int64], tuple[str, ...], NDArray[np.int64]]:
    """S spellings, (S,) their lengths, the L letters that they have, and (S, L) how often each stands in each."""
    keys = tuple(_spellings())
    columns = tuple(sorted(set("".join(keys))))
    counts = np.array([[key.count(letter) for letter in columns] for key in keys])
    return keys, np.array([len(key) for key in keys]), columns, counts


@cache
def _spellings() -> Mapping[str, str]:
    """Each name, synonym and brand by itself without capitals, but for those that begin as 's citalopram' does."""
    spellings = (spelling for one in drugs().values() for spelling in (one.name, *one.synonyms, *one.brands))
    return MappingProxyType({one.casefold(): one for one in spellings if not (one[:1].isalpha() and one[1:2] == " ")})


@cache
def _combinations() -> tuple[Drug, ...]:
    return tuple(drug for drug in drugs().values() if drug.parts)


def _coded(marks: Sequence[str], named: Sequence[str]) -> list[tuple[str, str]]:
    """(ingredient, how) of each known code; of several that share one, those the text names, else the plain one.

    All ingredients of a code that stands for a combination.
    """
    found: list[tuple[str, str]] = []
    for mark in marks:
        bearers = codes().get(mark, ())
        chosen = [name for name in bearers if name in named] or [*bearers[:1], *combined().get(mark, ())]
        found += [(name, RXNORM if mark.startswith("RXNORM") else ATC) for name in chosen]
    return sorted(dict.fromkeys(found), key=lambda one: HOW.index(one[1]))


def _with_combinations(found: dict[str, str]) -> dict[str, str]:
    """The same with the ingredients of each combination, and each combination whose ingredients are all there."""
    whole = {drug.name: found[drug.parts[0]] for drug in _combinations() if set(drug.parts) <= set(found)}
    complete = whole | found
    return complete | {part: how for name, how in found.items() for part in drugs()[name].parts if part not in found}


def _denial(words: Sequence[str]) -> str:
    """The word by which a text says that nothing is taken; some, as 'hold', say so only at its beginning or end."""
    told = [word for word in words if word in words_of_kind("negation")]
    ended = [word for word in (*words[:1], *words[-1:]) if word in words_of_kind("ended")]
    return next(iter(told + ended), "")


def _local(words: Sequence[str], code: str) -> bool:
    if any(word in words_of_kind("systemic") for word in words):
        return False
    at_place = tuple(f"ATC:{prefix}" for prefix in words_of_kind("local_atc"))
    return any(word in words_of_kind("local") for word in words) or code.upper().startswith(at_place)


def _same(name: str, other: str) -> bool:
    """Whether one is the other with a salt or ester named: 'amifampridine', 'amifampridine phosphate'."""
    return other.startswith(f"{name} ") and not drugs()[other].parts


def _reason(text: str, marks: Sequence[str], coded: Sequence[str], named: Sequence[str], unread: Sequence[str]) -> str:
    if not coded and not named:
        if not text.strip() and not marks:
            return "neither a name nor a code is written"
        what = " or ".join([f"'{text.strip()}'"] * bool(text.strip()) + list(marks))
        return f"{NOT_RECOGNISED}: no medicine of the list is {what}"
    one, two = set(parts_of(coded)), set(parts_of(named))
    alike = one & two or any(_same(a, b) or _same(b, a) for a in one for b in two)
    if coded and named and not alike:
        return f"the code stands for {', '.join(coded)}, the name for {', '.join(named)}; correct one of them"
    return f"{NOT_READ}: {', '.join(unread)}" if unread else ""


def _spread(readings: Sequence[Reading], kind: NDArray[np.intp]) -> Resolved:
    """The readings of the distinct pairs, given to each row of their kind."""
    reasons = tuple(dict.fromkeys(["", *(one.reason for one in readings)]))
    index = {reason: number for number, reason in enumerate(reasons)}
    counts = np.array([len(one.ingredients) for one in readings], dtype=np.int64)
    starts = np.cumsum(counts) - counts
    flat = list(chain.from_iterable(one.ingredients for one in readings))
    each = counts[kind] if len(counts) else np.zeros(0, dtype=np.int64)
    row = np.repeat(np.arange(len(kind)), each)
    within = np.arange(len(row)) - np.repeat(np.cumsum(each) - each, each)
    place = (starts[kind[row]] + within) if len(row) else np.zeros(0, dtype=np.int64)
    return Resolved(
        row=row.astype(np.int32),
        ingredient=np.array([numbers()[name] for name, _ in flat], dtype=np.int32)[place],
        how=np.array([HOW.index(how) for _, how in flat], dtype=np.int8)[place],
        verified=np.array([_verified(*one) for one in flat], dtype=bool)[place],
        local=np.array([one.local for one in readings], dtype=bool)[kind],
        reason=np.array([index[one.reason] for one in readings], dtype=np.int32)[kind],
        reasons=reasons,
    )


def _verified(name: str, how: str) -> bool:
    drug = drugs()[name]
    return {RXNORM: drug.rxnorm_verified, ATC: drug.atc_verified, NAME: True, BRAND: drug.brands_verified}[how]
