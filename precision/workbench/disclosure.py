"""Figures of few people are not shown: one rule for every count, share and median of a group on the Cohort page.

It keeps small figures out of what is copied into a report or a picture. Whoever may open the page may list its
patients: the size of a selection and the lists that name patients are exact, and a hidden count can follow from others.
"""

from __future__ import annotations

FEWEST = 5  # people
FEW = f"Fewer than {FEWEST}"
WHY = (
    f"Figures of groups of 1 to {FEWEST - 1} patients are not shown, to protect privacy. "
    "Lists that name patients are complete."
)


def few(count: int) -> bool:
    """Whether a group is too small for its figures to be shown; nobody is no group."""
    return 0 < count < FEWEST


def told(count: int) -> str:
    """'1,284'; 'Fewer than 5' of a small group."""
    return FEW if few(count) else f"{count:,}"


def inside(count: int) -> str:
    """As `told`, inside a sentence."""
    return told(count).replace(FEW[0], FEW[0].lower())
