"""Issue records: what is wrong, where it stands in the file, what is done about it and the way out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

import numpy as np
import pandas as pd

from precision.io.arrow import Mask, coded
from precision.io.shipped import rows
from precision.io.text import Cells, Mended, Rows, TextTable, shown

COLUMNS = ("file", "sheet", "row", "column", "value", "code", "severity", "reason", "fix", "action")
SEVERITIES = ("error", "warning", "info")
Reason = str | Callable[[str], str]  # the same for every cell, or made from it
REFUSED = ("ref_mismatch", "result_not_understood")  # warnings of what is not used
WHOLE_FILE = 0  # the row of an issue that concerns no row in particular


@dataclass(frozen=True, slots=True)
class Kind:
    """One row of issue_codes.csv: how grave a problem is, what is done about it, and the usual way out."""

    code: str
    severity: str
    action: str
    fix: str


@cache
def kinds() -> Mapping[str, Kind]:
    """Every issue code, read-only, in file order."""
    return MappingProxyType({row["code"]: Kind(**row) for row in rows("issue_codes.csv")})


@dataclass(frozen=True, slots=True)
class Batch:
    """Issues of one code in one column; texts are kept once for each distinct cell.

    rows : (n,) as in the file; which : (n,) index into values and reasons
    """

    file: str
    sheet: str
    column: str
    kind: Kind
    rows: Rows
    which: Rows
    values: tuple[str, ...]
    reasons: tuple[str, ...]
    fixes: tuple[str, ...]


@dataclass(slots=True)
class Ledger:
    """The issues of one table, and what they mean for its N rows.

    refused : (N,) rows with an error, which are quarantined whole; warned : (N,) rows with a warning
    """

    table: TextTable
    batches: list[Batch] = field(default_factory=list)
    refused: Mask = field(init=False)
    warned: Mask = field(init=False)

    def __post_init__(self) -> None:
        self.refused = np.zeros(len(self.table), dtype=np.bool_)
        self.warned = np.zeros(len(self.table), dtype=np.bool_)
        for broken in self.table.broken:
            self._line("ragged_row", "", broken.row, self.table.separator.join(broken.cells), broken.reason)
        for mended in self.table.mended:
            self._mended(mended)

    def _mended(self, mended: Mended) -> None:
        reason = "the bytes are not UTF-8; they were read as Windows-1252."
        if mended.position is None:
            self.column("encoding_error", mended.header, mended.header, reason)
            return
        at = np.array([mended.position])
        column = next(column for column in self.table.columns if column.header == mended.header)
        self.rows("encoding_error", mended.header, at, column.cells(at).list(), reason)

    def cells(self, code: str, cells: Cells, wrong: Mask, reason: Reason, fix: str | None = None) -> None:
        """Report the rows whose cell is one of the wrong among the distinct texts."""
        if not wrong.any():
            return
        column = cells.column
        distinct = column.distinct.where(wrong).list()
        rows = np.flatnonzero(column.spread(wrong))
        which = (np.cumsum(wrong) - 1)[column.numbers(rows)]
        self.rows(code, column.header, rows if cells.at is None else cells.at[rows], distinct, reason, fix, which)

    def rows(
        self,
        code: str,
        header: str,
        positions: Rows,
        values: Sequence[str],
        reason: Reason,
        fix: str | None = None,
        which: Rows | None = None,
    ) -> None:
        """Report rows by their position; ``which`` says the value of each, else the values are in their order."""
        if not len(positions):
            return
        kind = kinds()[code]
        reasons = [reason if isinstance(reason, str) else reason(shown(value)) for value in values]
        self.batches.append(
            Batch(
                file=self.table.file,
                sheet=self.table.sheet,
                column=header,
                kind=kind,
                rows=self.table.rows[positions],
                which=np.arange(len(positions)) if which is None else which,
                values=tuple(map(shown, values)),
                reasons=tuple(reasons),
                fixes=(kind.fix if fix is None else fix,) * len(values),
            )
        )
        if kind.action == "quarantined":
            self.refused[positions] = True
        elif kind.severity == "warning":
            self.warned[positions] = True

    def column(self, code: str, header: str, value: str, reason: str, fix: str | None = None) -> None:
        """Report a column as a whole, at the header's row; an error there refuses every row."""
        self._line(code, header, self.table.header_row, value, reason, fix)
        if kinds()[code].action == "quarantined":
            self.refused[:] = True

    def _line(self, code: str, header: str, row: int, value: str, reason: str, fix: str | None = None) -> None:
        self.batches.append(line(self.table.file, self.table.sheet, code, row, header, value, reason, fix))

    @property
    def accepted(self) -> Mask:
        """(N,) rows that are used."""
        return ~self.refused


def line(  # noqa: PLR0913 - one for each column of the record
    file: str, sheet: str, code: str, row: int, header: str, value: str, reason: str, fix: str | None = None
) -> Batch:
    """A single issue record."""
    kind, one = kinds()[code], np.zeros(1, dtype=np.int64)
    fixes = (kind.fix if fix is None else fix,)
    return Batch(file, sheet, header, kind, one + row, one, (shown(value),), (reason,), fixes)


def frame(batches: Sequence[Batch]) -> pd.DataFrame:
    """All issues by file, row and severity; repeated texts are categories.

    Columns: file, sheet, row (as in the file, 0 = the whole file), column, value, code, severity, reason, fix, action.
    """
    lengths = np.array([len(batch.rows) for batch in batches], dtype=np.int64)
    starts = np.cumsum([0, *(len(batch.values) for batch in batches)])
    which = np.concatenate([np.empty(0, np.int64), *(b.which + at for b, at in zip(batches, starts, strict=False))])
    data: dict[str, pd.Series[str] | Rows] = {
        "file": _repeated([batch.file for batch in batches], lengths),
        "sheet": _repeated([batch.sheet for batch in batches], lengths),
        "row": np.concatenate([np.empty(0, np.int64), *(batch.rows for batch in batches)]),
        "column": _repeated([batch.column for batch in batches], lengths),
        "value": _spread([text for batch in batches for text in batch.values], which).astype("str"),
        "code": _repeated([batch.kind.code for batch in batches], lengths),
        "severity": _repeated([batch.kind.severity for batch in batches], lengths),
        "reason": _spread([text for batch in batches for text in batch.reasons], which),
        "fix": _spread([text for batch in batches for text in batch.fixes], which),
        "action": _repeated([batch.kind.action for batch in batches], lengths),
    }
    ranks = np.repeat([SEVERITIES.index(batch.kind.severity) for batch in batches], lengths)
    files = np.repeat(pd.factorize(np.array([batch.file for batch in batches], dtype=object))[0], lengths)
    order = np.lexsort((ranks, np.asarray(data["row"]), files))
    return pd.DataFrame(data, columns=pd.Index(COLUMNS)).take(order).reset_index(drop=True)


def refused_some(found: pd.DataFrame) -> bool:
    """Whether some row, record or result of the issues was not used."""
    return bool((found["severity"].eq("error") | found["code"].isin(REFUSED)).any())


def _repeated(texts: list[str], lengths: Rows) -> pd.Series[str]:
    return _spread(texts, np.repeat(np.arange(len(texts)), lengths))


def _spread(texts: list[str], which: Rows) -> pd.Series[str]:
    """The text of each row by its number, each different text kept once."""
    codes, words = pd.factorize(np.array(texts, dtype=object))
    return pd.Series(coded(codes[which], words.tolist()))
