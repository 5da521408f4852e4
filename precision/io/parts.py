"""Columns of a wide table that belong to other tables: diagnoses, medicines, relatives, consent, diplotypes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

import numpy as np

from precision.io.codes import with_system
from precision.io.doses import NOT_A_DOSE, dose_of
from precision.io.drafts import Split
from precision.io.issues import Ledger
from precision.io.mapping import STAR_ALLELES, Use
from precision.io.text import Cells
from precision.schema import MISSING_WORDS, category_key, parse_boolean, variable

NAME_AND_DOSE = re.compile(
    r"^(.*?\S)\s+([0-9]+(?:\.[0-9]+)?\s*(?:mg|mcg|ug|g|ml|iu|units?)(?:/[a-z0-9]+)?)$", re.IGNORECASE
)


def split_column(ledger: Ledger, use: Use) -> Iterator[Split]:
    """The rows that one column gives to the table it belongs to."""
    return MAKERS[use.part](ledger, use)


def _conditions(ledger: Ledger, use: Use) -> Iterator[Split]:
    """dx_<code> = 1 is an active condition, 0 one that was ruled out."""
    states = _read(ledger, use, {"yes": "active", "no": "ruled_out"}, _yes_or_no)
    rows, status = _rows(use, states)
    code = with_system("conditions", use.detail)
    yield Split("conditions", rows, {"code": code, "label": "", "status": status})


def _family_history(ledger: Ledger, use: Use) -> Iterator[Split]:
    """fh_<relation>_<code> = 1 is a relative with that condition."""
    relation, _, code = use.detail.partition(":")
    states = _read(ledger, use, {"yes": "yes"}, _yes_or_no)
    rows, _ = _rows(use, states)
    condition = with_system("conditions", code)
    yield Split("family_history", rows, {"relation": relation, "condition_code": condition, "onset_age": np.nan})


def _consent(ledger: Ledger, use: Use) -> Iterator[Split]:
    """consent_<use or scope> = yes or no; a scope is meant for the patient's own care."""
    purpose, scope, decision = (variable(f"consent_{part}") for part in ("use", "scope", "decision"))
    key = category_key(use.detail)
    if key not in purpose.synonyms and key not in scope.synonyms:
        known = ", ".join((*purpose.levels, *scope.levels))
        reason = f"consent to '{use.detail}' is not known and was not read; known: {known}."
        ledger.column("consent_not_read", use.column.header, "", reason)
        return
    told = {"use": purpose.synonyms.get(key, "care"), "scope": scope.synonyms.get(key, "all")}
    words = {level: level for level in decision.levels}
    rows, decided = _rows(use, _read(ledger, use, words, lambda text: decision.synonyms.get(category_key(text))))
    yield Split("consent", rows, {**told, "decision": decided})


def _diplotypes(ledger: Ledger, use: Use) -> Iterator[Split]:
    states = _read(ledger, use, {}, lambda text: text if re.fullmatch(STAR_ALLELES, text) else None)
    rows, diplotype = _rows(use, states)
    yield Split("diplotypes", rows, {"gene": use.detail, "diplotype": diplotype})


def _medications(ledger: Ledger, use: Use) -> Iterator[Split]:
    """Medicines listed in one cell with semicolons: names with or without dose, or codes RXNORM: and ATC:."""
    texts = use.column.stripped().list()
    lists = [[part.strip() for part in text.split(";") if part.strip()] for text in texts]
    lists = [[] if len(items) == 1 and items[0].lower() in MISSING_WORDS else items for items in lists]
    length = use.column.spread(np.array([len(items) for items in lists], dtype=np.int64))
    flat = [item for code in use.column.numbers()[length > 0] for item in lists[code]]
    rows = np.repeat(np.arange(len(length)), length)
    cells = [_medicine(item) for item in flat]
    wrong = np.array([any(_medicine(item)[2] is None for item in items) for items in lists], dtype=np.bool_)
    ledger.cells("dose_not_read", Cells(use.column), wrong, lambda text: f"a dose of '{text.strip()}' {NOT_A_DOSE}")
    columns = {name: np.array([cell[i] for cell in cells], dtype=object) for i, name in enumerate(("drug", "code"))}
    dose = np.array([cell[2] for cell in cells], dtype=np.float64)  # None becomes NaN
    yield Split("medications", rows, {**columns, "dose": dose, "status": "active"})


def _medicine(text: str) -> tuple[str, str, float | None]:
    """Name, code and dose in mg as `dose_of` gives it; of a combination with several amounts none is the dose."""
    if re.match(r"^(rxnorm|atc):", text, re.IGNORECASE):
        return "", with_system("medications", text), np.nan
    found = NAME_AND_DOSE.match(text)
    if found is None or re.search(r"[0-9]\s*(?:mg|mcg|ug|g)\b", found[1], re.IGNORECASE):
        return text, "", np.nan
    return found[1], "", dose_of(found[2])


def _yes_or_no(text: str) -> str | None:
    answer = parse_boolean(text)
    return None if answer is None else "yes" if answer else "no"


def _read(ledger: Ledger, use: Use, words: Mapping[str, str], reader: Callable[[str], str | None]) -> list[str | None]:
    """The word that each distinct text stands for, None where it says nothing; unknown texts are reported."""
    texts = use.column.stripped().list()
    read = [reader(text) for text in texts]
    wrong = [word is None and text.lower() not in MISSING_WORDS for word, text in zip(read, texts, strict=True)]
    allowed = " or ".join(words) or "two star alleles such as *1/*2"
    cells = Cells(use.column)
    ledger.cells(
        "unknown_code", cells, np.array(wrong, dtype=np.bool_), lambda t: f"'{t}' is not known; allowed: {allowed}."
    )
    return [words.get(word, word if not words else None) if word else None for word in read]


def _rows(use: Use, states: list[str | None]) -> tuple[np.ndarray, np.ndarray]:
    """Rows whose cell says something, and what."""
    distinct = np.array([state or "" for state in states], dtype=object)
    spread = use.column.spread(distinct)
    rows = np.flatnonzero(spread != "")
    return rows, spread[rows]


MAKERS = {
    "conditions": _conditions,
    "family_history": _family_history,
    "consent": _consent,
    "diplotypes": _diplotypes,
    "medications": _medications,
}
