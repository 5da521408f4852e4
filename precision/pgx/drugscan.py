"""Which known names stand in the text of a medicine, and what in it is not understood."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from precision.pgx.drugnames import Words, joints_of, phrases, words_that

Named = tuple[tuple[str, str], ...]
PREFIX = 5  # letters up to which an unknown word before a hyphen is a part of the name: 'nor-codeine'
JOINED = 6  # letters of a name from which it may be written in pieces: 'para-cetamol', but not 'as a' for 'asa'
WHOLE_WORD = 3  # letters from which a word for a form may stand before a hyphen: 'oral-codeine', not 'od-codeine'
BY_NUMBER = frozenset("dghlx")  # they say an amount or how often behind a number: '2 g'; 'L-methadone' is a substance
IDLE = ("salt", "form", "local", "systemic")
HYPHENED = "hyphened"


class Scan(NamedTuple):
    """What a text names, and what of it is not understood.

    named : (ingredient, 'name' or 'brand') of each known phrase, none twice
    unread : words that name no ingredient and are none that stand beside one; 'nor-codeine' is one word
    """

    named: Named
    unread: tuple[str, ...]


def scan(text: str) -> Scan:
    """The known names of a text, the longest first; a name that is a part of another word is not read."""
    words, hyphens = joints_of(text)
    places = _places(words)
    ends = {end for _, end, _ in places}
    within = {at for start, end, _ in places for at in range(start, end)}
    found: dict[tuple[str, str], None] = {}
    unread = {at: words[at] for at in range(len(words)) if at not in within and not _is_idle(words, at)}
    for start, end, named in places:
        first, last = _compound(words, hyphens, ends, start, end, bool(found))
        if (first, last) == (start, end):
            found |= dict.fromkeys(named)
        else:
            unread = {at: word for at, word in unread.items() if not first <= at < last}
            unread[first] = "-".join(words[first:last])
    return Scan(tuple(found), tuple(dict.fromkeys(unread[at] for at in sorted(unread))))


def _places(words: Words) -> list[tuple[int, int, Named]]:
    """(start, end, ingredients) of each known phrase, the longest at each place; it may be written in pieces."""
    known, pieces, longest = phrases(), _in_one(), _longest()
    found: list[tuple[int, int, Named]] = []
    at = 0
    while at < len(words):
        for size in range(min(longest + 1, len(words) - at), 0, -1):
            window = words[at : at + size]
            if named := known.get(window) or pieces.get("".join(window)):
                found.append((at, at + size, named))
                break
        else:
            size = 1
        at += size
    return found


def _compound(
    words: Words, hyphens: tuple[bool, ...], ends: set[int], start: int, end: int, follows: bool
) -> tuple[int, int]:
    """Start and end of the word that a name is written in: its own, unless what is hyphened to it changes it.

    hyphens : whether a word is hyphened to the one before it; ends : where names end; follows : one was found before
    """
    first, last = start, end
    if start and start not in ends:
        before = words[start - 1]
        single = len(before) == len(words[start]) == 1 and before.isalpha()  # 'r,s-citalopram'
        if single or (hyphens[start] and not _may_stand_before(words, start - 1, follows)):
            first = start - 1
    single = end < len(words) and len(words[end]) == 1 and words[end].isalpha()
    if single and hyphens[end] and not _is_idle(words, end):
        last = end + 1
    return first, last


def _may_stand_before(words: Words, at: int, follows: bool) -> bool:
    """Whether a word with a hyphen leaves the name behind it what it is: 'oral-', '5 mg-'; promethazine is another."""
    word = words[at]
    if word.isdigit():
        return follows
    if not _is_idle(words, at):
        return len(word) > PREFIX
    return len(word) >= WHOLE_WORD or word in words_that(HYPHENED) or follows or (at > 0 and words[at - 1].isdigit())


def _is_idle(words: Words, at: int) -> bool:
    """Whether a word may stand beside a name and says nothing of the ingredient."""
    word = words[at]
    if word in BY_NUMBER:
        times = word == "x" and at + 1 < len(words) and words[at + 1].isdigit()
        return times or (at > 0 and words[at - 1].isdigit())
    return word.isdigit() or word in _idle()


@cache
def _longest() -> int:
    """Words of the longest name."""
    return max(map(len, phrases()))


@cache
def _in_one() -> Mapping[str, Named]:
    """Names without the blanks between their words -> what they stand for."""
    joined = {"".join(words): named for words, named in phrases().items()}
    return MappingProxyType({name: named for name, named in joined.items() if len(name) >= JOINED})


@cache
def _idle() -> frozenset[str]:
    return frozenset().union(*map(words_that, IDLE))
