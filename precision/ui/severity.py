"""How urgent a finding is: six levels, each with word, icon, colour and the mark it has in a table cell."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from precision.errors import InputError

Level = Literal[4, 3, 2, 1, 0, "n"]


@dataclass(frozen=True, slots=True)
class Severity:
    """One level: its Material icon, its mark in a data table, its palette colour and its place on the screen."""

    level: Level
    icon: str
    mark: str
    colour: str
    place: float


LEVELS: Mapping[Level, Severity] = MappingProxyType(
    {
        4: Severity(4, "dangerous", "■", "red", 1),
        3: Severity(3, "warning", "▲", "orange", 2),
        2: Severity(2, "visibility", "◆", "yellow", 4),
        1: Severity(1, "check_circle", "●", "green", 5),
        0: Severity(0, "help", "○", "gray", 6),
        "n": Severity("n", "do_not_disturb_on", "○", "gray", 7),
    }
)
NEEDED_FIRST = 3.0
"""Place of level 0 where a test or an input is needed before an act: after 'change', before 'monitor'."""

WORDS: Mapping[str, Level] = MappingProxyType(
    {
        **dict.fromkeys(("Avoid", "Avoid if", "Act now", "Fix", "Quarantine", "Failed", "Refused"), 4),
        **dict.fromkeys(("Change dose", "Change", "Change dose if", "Change if", "Review", "Overdue"), 3),
        **dict.fromkeys(("Warning", "Confirm", "Out of date"), 3),
        **dict.fromkeys(("Monitor", "Monitor if", "Discuss", "Due", "Assumed", "Entered here", "Note", "No range"), 2),
        **dict.fromkeys(("Standard", "Suitable", "In use", "Mapped", "In validated range", "Up to date"), 1),
        **dict.fromkeys(("Not determined", "Not estimated", "Out of range", "Not applicable", "Hidden", "Missing"), 0),
        **dict.fromkeys(("Ignored", "No data", "No match", "Fewer than 5", "Not indicated"), 0),
        **dict.fromkeys(("No guidance", "Do not"), "n"),
    }
)


def severity(level: Level) -> Severity:
    """The level's row of the table.

    Raises
    ------
    InputError : no such level
    """
    if level not in LEVELS:
        raise InputError(f"severity level {level!r} is unknown; the levels are 4, 3, 2, 1, 0 and 'n'")
    return LEVELS[level]


def level_of(word: str) -> Level:
    """The level of one of the words that the product uses.

    Raises
    ------
    InputError : the word is not in the vocabulary
    """
    if word not in WORDS:
        raise InputError(f"'{word}' is not a severity word; the words are {', '.join(WORDS)}")
    return WORDS[word]


def place(level: Level, needed_first: bool = False) -> float:
    """Sort key on the screen, most severe first; ``needed_first`` for an unknown that must be settled before an act."""
    return NEEDED_FIRST if level == 0 and needed_first else severity(level).place


def marked(word: str) -> str:
    """The word as a chip in ``st.dataframe`` shows it: '■ Avoid'."""
    return f"{severity(level_of(word)).mark} {word}"


def marked_colours(words: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Options and colours of the chip column that shows these words (``st.column_config.MultiselectColumn``)."""
    return [marked(word) for word in words], [severity(level_of(word)).colour for word in words]
