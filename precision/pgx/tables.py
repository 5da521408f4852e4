"""Tables of knowledge as rows of text, those of pharmacogenes by gene."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from precision.knowledge.table import read

FOLDER = "pgx"
Row = Mapping[str, str]


def rows(table: str, columns: Collection[str], key: Collection[str], folder: str = FOLDER) -> list[Row]:
    """Every row of a table of a knowledge folder, checked.

    Raises
    ------
    KnowledgeError : columns differ, a key stands twice, or the manifest does not vouch for the file
    """
    frame = read(folder, table, columns, key)
    lists = [list(map(str, frame[name])) for name in columns]
    return [dict(zip(columns, values, strict=True)) for values in zip(*lists, strict=True)]


def by_gene(table: str, columns: Collection[str], key: Collection[str]) -> dict[str, list[Row]]:
    """The rows of a table for each gene, in the order of the table."""
    found: dict[str, list[Row]] = {}
    for row in rows(table, columns, key):
        found.setdefault(row["gene"], []).append(row)
    return found
