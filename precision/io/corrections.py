"""Cells that the person who loads a file has corrected: put in before anything is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from precision.io import issues
from precision.io.arrow import Texts
from precision.io.text import TextColumn, TextTable, part, shown

Cell = tuple[str, int, str]  # name of the table, row as in the file, header
Corrections = Mapping[Cell, str]


def corrected(table: TextTable, corrections: Corrections) -> tuple[TextTable, list[issues.Batch]]:
    """The table with the corrected cells in place, and a note of each; cells that it has not are left out."""
    mine = {(row, header): text for (name, row, header), text in corrections.items() if name == table.name}
    if not mine:
        return table, []
    notes: list[issues.Batch] = []
    columns = tuple(_column(table, column, mine, notes) for column in table.columns)
    return replace(table, columns=columns), notes


def _column(
    table: TextTable, column: TextColumn, mine: Mapping[tuple[int, str], str], notes: list[issues.Batch]
) -> TextColumn:
    places = {
        int(place): text
        for (row, header), text in mine.items()
        if header == column.header
        for place in np.flatnonzero(table.rows == row)
    }
    if not places:
        return column
    before = column.cells(np.array(list(places))).list()
    for (place, text), was in zip(places.items(), before, strict=True):
        reason = f"'{shown(was)}' was corrected to '{shown(text)}' when the file was loaded."
        notes.append(
            issues.line(table.file, table.sheet, "corrected", int(table.rows[place]), column.header, was, reason)
        )
    return _replaced(column, places)


def _replaced(column: TextColumn, places: Mapping[int, str]) -> TextColumn:
    """The column with other texts at some of its rows; each different text is still kept once."""
    texts = column.distinct.list()
    if column.codes is None:
        for place, text in places.items():
            texts[place] = text
        return TextColumn(column.header, Texts.of(texts))
    codes = column.codes.astype(np.int64)
    for place, text in places.items():
        if text not in texts:
            texts.append(text)
        codes[place] = texts.index(text)
    return part(TextColumn(column.header, Texts.of(texts), codes), np.arange(len(codes)))
