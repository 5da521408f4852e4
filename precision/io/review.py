"""An import for the person who decides about it: what would be loaded, what was found, and which cells to correct."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from precision import wording
from precision.io.issues import WHOLE_FILE
from precision.io.outcome import Import

CODING = re.compile(r"the coding (.+) is usual but not certain")
DUPLICATES = ("duplicate_row", "conflicting_duplicate")
ASKED = ("unconfirmed_coding", "unit_suspect")  # the person has to say what is right
MENDED_IN_FILE = ("phi_suspect", "file_refused", "genotypes_refused", "empty_file", "bad_settings")
BUILD_UNKNOWN = "build_unknown"
STATES = ("fix", "quarantine", "confirm", "warning", "note")
NAMED = 3  # columns and rows that are named before the rest is counted
SEVERAL = {  # what is said once of several columns
    "phi_suspect": "The columns look like direct identifiers.",
    "unknown_column": "No variable is known by these headers.",
    "genotype_column": "Genotypes without genome build and alleles cannot be used.",
}
BY_VALUE = (  # the other values are named
    ("sample_unknown", "sample_twice", "ref_mismatch", "result_not_understood", "medicine_not_recognised")
)
COUNTED = re.compile(r"\bin ([\d,]+) rows?\b")
OF_SOME = ("medicine_unknown", "medicine_part_unread")  # said of a column, and counts its rows itself
APART, FEW = ("medicine_not_recognised",), 20  # a line for each value, where there are few
HAPPENS = {"quarantined": "Kept out.", "dropped": "Left out.", "kept": "Kept.", "coerced": "Read as described."}


@dataclass(frozen=True, slots=True)
class Tally:
    """What would happen to the rows if they were loaded now: read = ready + warned + quarantined."""

    read: int
    ready: int
    warned: int
    quarantined: int
    duplicates: int
    identifiers: tuple[str, ...]
    corrected: int
    consent: bool
    refused: tuple[tuple[str, str], ...]  # file, reason

    @property
    def loads(self) -> int:
        """Rows that would be loaded."""
        return self.ready + self.warned


class Review:
    """An import with what a person asks about it, each answer made once."""

    def __init__(self, imported: Import) -> None:
        self.imported = imported

    @cached_property
    def tally(self) -> Tally:
        """The account of rows, and what was found about the files as a whole."""
        issues, counts = self.imported.issues, self.imported.counts
        accepted, warned = int(counts["accepted"].sum()), int(counts["with_warning"].sum())
        lost = issues[issues["code"].isin(["file_refused", "empty_file", "genotypes_refused", BUILD_UNKNOWN])]
        cohort = self.imported.cohort
        return Tally(
            read=int(counts["rows_in"].sum()),
            ready=accepted - warned,
            warned=warned,
            quarantined=int(counts["quarantined"].sum()),
            duplicates=len(issues[issues["code"].isin(DUPLICATES)].drop_duplicates(["file", "sheet", "row"])),
            identifiers=tuple(issues.loc[issues["code"] == "phi_suspect", "column"].astype("str")),
            corrected=int((issues["code"] == "corrected").sum()),
            consent=cohort is not None and "consent" in cohort.tables,
            refused=tuple(zip(lost["file"].astype("str"), lost["reason"].astype("str"), strict=True)),
        )

    @cached_property
    def problems(self) -> pd.DataFrame:
        """What was found, one row per kind and column, most severe first.

        Columns: file, state (one of STATES), column, rows, found, happens; all text.
        """
        return _problems(self.imported.issues)

    @cached_property
    def cells(self) -> pd.DataFrame:
        """The cells that keep rows out: file, row, patient, column (empty: the row as a whole), value, reason."""
        return _cells(self.imported)

    @cached_property
    def everything_waits(self) -> pd.DataFrame:
        """Problems of a whole table that keep all of its rows out: file, column, reason, fix."""
        issues = self.imported.issues
        whole = issues[(issues["action"] == "quarantined") & ~_of_a_row(self.imported)]
        return whole[["file", "column", "reason", "fix"]].astype("str").drop_duplicates().reset_index(drop=True)

    @cached_property
    def codings(self) -> Mapping[str, str]:
        """Header -> its coding in words, for columns that wait for somebody to confirm it."""
        issues = self.imported.issues
        asked = issues[issues["code"] == "unconfirmed_coding"]
        found = {str(r["column"]): CODING.search(str(r["reason"])) for _, r in asked.iterrows()}
        return {header: match.group(1) for header, match in found.items() if match}

    @cached_property
    def without_identifier(self) -> bool:
        """Whether a table has no column that names the patient."""
        issues = self.imported.issues
        return bool(((issues["code"] == "missing_column") & (issues["value"] == "patient_id")).any())


def table_names(rows: pd.DataFrame) -> pd.Series:
    """(M,) the table of each issue or column, as counts and quarantine name it."""
    file, sheet = rows["file"].astype("str"), rows["sheet"].astype("str")
    return file.where(sheet == "", file + " [" + sheet + "]")


def place(imported: Import, table: str, part: str, *others: str) -> tuple[str, str, str]:
    """File, sheet and header of a part of a table; the others are asked for where no column is that part."""
    columns = imported.columns
    here = columns[table_names(columns) == table]
    headers = [str(header) for name in (part, *others) for header in here.loc[here["becomes"] == name, "column"]]
    file, sheet = (str(here[name].iloc[0]) for name in ("file", "sheet")) if len(here) else (table, "")
    return file, sheet, headers[0] if headers else part


def _of_a_row(imported: Import) -> pd.Series:
    """(N issues) whether the row that it names is in quarantine, and not only the header."""
    issues = imported.issues
    rows = pd.Series(False, index=issues.index)
    held = issues["action"] == "quarantined"
    tables = table_names(issues[held])
    for name, frame in imported.quarantine.items():
        mine = tables.index[tables == name]
        rows.loc[mine] = issues.loc[mine, "row"].isin(frame["_row"]).to_numpy()
    return rows


def _cells(imported: Import) -> pd.DataFrame:
    issues = imported.issues[_of_a_row(imported)]
    cells = pd.DataFrame(
        {
            "file": table_names(issues),
            "row": issues["row"],
            "patient": "",
            "column": issues["column"].astype("str"),
            "value": issues["value"].astype("str"),
            "reason": _sentences(issues["reason"]) + " " + issues["fix"].astype("str"),
        }
    ).drop_duplicates(["file", "row", "column"])
    for name, frame in imported.quarantine.items():
        header = _identifier(imported, name)
        if header in frame:
            named = frame.drop_duplicates("_row").set_index("_row")[header]
            mine = cells["file"] == name
            cells.loc[mine, "patient"] = cells.loc[mine, "row"].map(named).fillna("")
    return cells.reset_index(drop=True)


def _sentences(texts: pd.Series) -> pd.Series:
    codes, distinct = pd.factorize(texts.astype("str"))
    return pd.Series(np.array([_sentence(text) for text in distinct], dtype=object)[codes], texts.index, dtype="str")


def _identifier(imported: Import, table: str) -> str:
    columns = imported.columns
    found = columns.loc[(table_names(columns) == table) & (columns["becomes"] == "patient_id"), "column"]
    return str(found.iloc[0]) if len(found) else ""


def _problems(issues: pd.DataFrame) -> pd.DataFrame:
    issues = issues[issues["code"] != BUILD_UNKNOWN]  # the choice of a build says it
    header = issues["row"] <= 1
    # A remark about a column as a whole is made once for all columns that it holds for.
    together = header & issues["severity"].isin(["info", "warning"]) & ~issues["code"].isin(ASKED)
    group = issues["column"].astype("str").where(~together, "")
    file = issues["file"].astype("str").where(issues["row"] != WHOLE_FILE, "")
    apart = issues["code"].isin(APART)
    value = issues["value"].astype("str").where(apart & (issues.loc[apart, "value"].nunique() <= FEW), "")
    way_out = issues["fix"].astype("str").where(issues["row"] == WHOLE_FILE, "")
    parts = issues.groupby([file, issues["code"], group, value, way_out, header], observed=True, sort=False)
    rows = [_problem(part, bool(whole)) for (*_, whole), part in parts]
    frame = pd.DataFrame(rows, columns=["file", "state", "column", "rows", "found", "happens"])
    order = frame["state"].map({state: place for place, state in enumerate(STATES)})
    return frame.iloc[np.argsort(order.to_numpy(), kind="stable")].reset_index(drop=True)


def _problem(part: pd.DataFrame, whole: bool) -> tuple[str, str, str, str, str, str]:
    first = part.iloc[0]
    columns = list(dict.fromkeys(part["column"].astype("str")))
    files = _named(list(dict.fromkeys(part["file"].astype("str"))))
    found = _found(part, first, columns)
    happens = f"{HAPPENS[str(first['action'])]} {first['fix']}"
    counted = COUNTED.search(str(first["reason"])) if str(first["code"]) in OF_SOME else None
    rows = counted[1] if counted else "all" if whole else _rows(part["row"].unique())
    return files, _state(first, whole), _named(columns), rows, found, happens


def _found(part: pd.DataFrame, first: pd.Series, columns: list[str]) -> str:
    if len(columns) > 1 and str(first["code"]) in SEVERAL:
        return SEVERAL[str(first["code"])]
    more = part["reason"].nunique() - 1
    others = list(dict.fromkeys(part["value"].astype("str")))[1:] if str(first["code"]) in BY_VALUE else []
    told = f": {_named(others)}" if others else ""
    return _sentence(str(first["reason"])) + (f" And {more:,} more like it{told}." if more else "")


def _state(issue: pd.Series, whole: bool) -> str:
    code = str(issue["code"])
    if code in ASKED:
        return "confirm"
    if code in MENDED_IN_FILE:
        return "fix"
    if issue["action"] == "quarantined":
        return "fix" if whole else "quarantine"
    return {"error": "fix", "warning": "warning", "info": "note"}[str(issue["severity"])]


def _rows(rows: np.ndarray) -> str:
    """'1, row 17', '2, rows 88 and 4,101', '31, first row 12'."""
    if len(rows) == 1:
        return f"1, row {rows[0]:,}"
    if len(rows) == 2:
        return f"2, rows {rows[0]:,} and {rows[1]:,}"
    return f"{len(rows):,}, first row {rows[0]:,}"


def _named(columns: list[str]) -> str:
    names = [name for name in columns if name]
    rest = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {rest:,} more" if rest > 0 else "")


def _sentence(text: str) -> str:
    return wording.capital(text) if text.endswith("?") else f"{wording.capital(text).rstrip('.')}."
