"""Names of medicines in tables that are read: which are not recognised, and what they may have meant."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from precision.io import issues
from precision.io.genotype_issues import some
from precision.io.outcome import Import
from precision.io.review import place
from precision.pgx.drugnames import drugs
from precision.pgx.drugs import NOT_READ, NOT_RECOGNISED, near_names, not_understood, reading, resolve
from precision.workbench.pharmacy import cells

MEDICATIONS = "medications"
MISSPELT, UNKNOWN, PART = "medicine_not_recognised", "medicine_unknown", "medicine_part_unread"
LIKE = 0.85  # from which a name that is not known is taken for another one misspelt
COMPARED = 1_000  # different names of a table that are compared with the known ones, the most frequent first
HEADER = 1  # the row of what is said of a column as a whole


def unclear_names(imported: Import, rows: pd.DataFrame) -> Iterator[issues.Batch]:
    """A warning for each row whose medicine seems misspelt or says two things; remarks on all other names not known.

    Many a medicine is none of those that are known here, and its name is right.
    """
    names, codes = cells(rows, "drug").str.strip(), cells(rows, "code")
    found = resolve(names, codes)
    told = pd.DataFrame({"name": names, "code": codes, "row": rows["source_row"], "known": found.recognised})
    odd = found.reason > 0
    for table, mine in told[odd].groupby(rows.loc[odd, "source_file"].astype("str"), sort=False):
        pairs = pd.Series(list(zip(mine["name"], mine["code"], strict=True)), index=mine.index)
        why = {pair: words for pair in pairs.value_counts().index[:COMPARED] if (words := _why(*pair))}
        number = {pair: place for place, pair in enumerate(why)}
        which = pairs.map(lambda pair, number=number: number.get(pair, -1)).to_numpy(dtype=np.int64)
        for part, written in (("drug", mine["name"] != ""), ("code", mine["name"] == "")):
            if (at := (which >= 0) & written.to_numpy()).any():
                file, sheet, header = place(imported, str(table), part, MEDICATIONS)
                values = tuple(name or code for name, code in why)
                kind, numbers = issues.kinds()[MISSPELT], mine.loc[at, "row"].to_numpy(dtype=np.int64)
                fixes = (kind.fix,) * len(why)
                yield issues.Batch(file, sheet, header, kind, numbers, which[at], values, tuple(why.values()), fixes)
        file, sheet, header = place(imported, str(table), "drug", "code", MEDICATIONS)
        for code, remark in _remarks(mine[which < 0]):
            yield issues.line(file, sheet, code, HEADER, header, "", remark)


def _why(name: str, code: str) -> str:
    """Why a medicine needs a look; empty where it is just not among those that are known."""
    found = reading(name, code)
    if found.reason.startswith((NOT_RECOGNISED, NOT_READ)) and not near_names([name, *found.unread], LIKE):
        return ""
    return f"{not_understood(name, code)}."


def _remarks(rows: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Code and words of what is said once of all names that are not known, and of all that are known in part."""
    for known, mine in rows.groupby("known"):
        names = mine["name"].where(mine["name"] != "", mine["code"]).value_counts().index
        one, listed = len(names) == 1, some([f"'{name}'" for name in names])
        where = f"in {len(mine):,} {'row' if len(mine) == 1 else 'rows'}"
        if known:
            what = "this name" if one else "these names"
            yield PART, f"beside a medicine that is known, a part of {what} {where} is not read: {listed}."
        else:
            count = "1 medicine" if one else f"{len(names):,} medicines"
            words = (
                f"{count} {where} {'is' if one else 'are'} none of the {len(drugs())} that are known here, so nothing "
                f"is said of {'it' if one else 'them'}: {listed}."
            )
            yield UNKNOWN, words
