"""Quarantine: the rows that cannot be used, as they stand in the file, each with its problems and the way out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from precision.io.arrow import Texts
from precision.io.drafts import Draft
from precision.io.export import safe_csv, unguarded
from precision.io.roles import INTERNAL, QUARANTINE
from precision.io.text import TextTable
from precision.units import header_key


def held(draft: Draft) -> pd.DataFrame:
    """The quarantined rows of a table: its own columns as text, then _row, _issues and _fix.

    Cells beyond the header's last column stand in _more.
    """
    table, ledger = draft.ledger.table, draft.ledger
    positions = np.flatnonzero(ledger.refused)
    own = [column for column in table.columns if column.header not in INTERNAL]
    frame = pd.DataFrame({column.header: column.cells(positions).series() for column in own}, copy=False)
    frame["_row"] = table.rows[positions]
    if table.broken:
        frame = pd.concat([frame, _broken(draft)], ignore_index=True).fillna(
            {c.header: "" for c in own} | {"_more": ""}
        )
        frame = frame.sort_values("_row", kind="stable", ignore_index=True)
    texts = _texts(draft)
    for name in ("reason", "fix"):
        own_texts, whole = texts[name].to_dict(), " ".join(_whole(draft, name))
        words = [own_texts.get(row, whole) for row in frame["_row"]]
        frame["_issues" if name == "reason" else "_fix"] = pd.Series(words, dtype="str")
    more = ["_more"] if "_more" in frame else []
    return frame[[*(column.header for column in own), *more, "_row", "_issues", "_fix"]]


def _broken(draft: Draft) -> pd.DataFrame:
    """Rows that have not the cells of the header, laid under it as far as it reaches."""
    table = draft.ledger.table
    rows: list[dict[str, str | int]] = []
    for broken in table.broken:
        row: dict[str, str | int] = dict(zip(table.headers, broken.cells, strict=False))
        row = {header: cell for header, cell in row.items() if header not in INTERNAL}
        row["_more"] = (table.separator or ",").join(broken.cells[len(table.headers) :])
        rows.append(row | {"_row": broken.row})
    return pd.DataFrame(rows)


def _texts(draft: Draft) -> pd.DataFrame:
    """What is wrong with each quarantined row and what to do, by row number."""
    parts = [
        pd.DataFrame(
            {
                "row": batch.rows,
                "reason": np.array(
                    [f"{batch.column}: {r}" if batch.column else r for r in batch.reasons], dtype=object
                )[batch.which],
                "fix": np.array(batch.fixes, dtype=object)[batch.which],
            }
        )
        for batch in draft.ledger.batches
        if batch.kind.action == "quarantined" and not _is_whole(draft, batch.rows)
    ]
    if not parts:
        return pd.DataFrame({"reason": pd.Series(dtype="str"), "fix": pd.Series(dtype="str")})
    joined = pd.concat(parts).drop_duplicates()
    return joined.groupby("row")[["reason", "fix"]].agg(lambda cells: " ".join(dict.fromkeys(cells)))


def _whole(draft: Draft, name: str) -> list[str]:
    """The problems, or ways out, of the table as a whole."""
    batches = [b for b in draft.ledger.batches if b.kind.action == "quarantined" and _is_whole(draft, b.rows)]
    return list(dict.fromkeys(b.reasons[0] if name == "reason" else b.fixes[0] for b in batches))


def _is_whole(draft: Draft, rows: np.ndarray) -> bool:
    return len(rows) == 1 and int(rows[0]) == draft.ledger.table.header_row


def opened(table: TextTable) -> TextTable:
    """A table as it was before it was made safe for spreadsheets, where it is a quarantine that comes back."""
    if "_row" not in table.headers:
        return table
    columns = (
        replace(column, header=unguarded(column.header), distinct=Texts.of(map(unguarded, column.distinct.list())))
        for column in table.columns
    )
    return replace(table, columns=tuple(columns))


def restored(draft: Draft) -> frozenset[int] | None:
    """Row numbers, in the file first loaded, of the rows accepted now; None where the table is no quarantine."""
    for column in draft.ledger.table.columns:
        if column.header == "_row":
            texts = column.cells(draft.accepted()).list()
            return frozenset(int(text) for text in texts if text.strip().isdigit())
    return None


def file_name(file: str) -> str:
    """The name of the CSV file that holds the quarantine of a file."""
    stem = file.replace("\\", "/").rpartition("/")[2].partition(".")[0]
    sheet = header_key(file.partition("[")[2].rstrip("]")) if "[" in file else ""
    return f"{QUARANTINE}{header_key(stem) or 'table'}{'_' + sheet if sheet else ''}.csv"


def save(quarantine: Mapping[str, pd.DataFrame], folder: Path) -> list[Path]:
    """Write each file's quarantined rows as a CSV that can be mended and loaded again; answer what was written."""
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for file, frame in quarantine.items():
        path = folder / file_name(file)
        count = 1
        while path in written:
            count += 1
            path = folder / file_name(file).replace(".csv", f"_{count}.csv")
        path.write_text(safe_csv(frame), encoding="utf-8", newline="")
        written.append(path)
    return written
