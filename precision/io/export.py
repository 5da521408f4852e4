"""Tables written for spreadsheets: no cell of ours is calculated when the file is opened."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

# A spreadsheet may calculate a cell that begins so (the full-width signs too).
TRIGGERS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "\uff1d", "\uff0b", "\uff0d", "\uff20")
NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
DECIMAL_COMMA = r"[+-]?[0-9]+,[0-9]+"
GUARD = "'"


def safe_text(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet would calculate it; plain numbers stay."""
    return GUARD + text if text.startswith(TRIGGERS) and not NUMBER.fullmatch(text) else text


def unguarded(text: str) -> str:
    """The text as it was before `safe_text`."""
    return text[1:] if text.startswith(GUARD) and text[1:].startswith(TRIGGERS) else text


def safe_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """A copy whose headers and texts a spreadsheet shows as they are; numbers and dates are unchanged."""
    data = {
        position: cells if _is_plain(cells) else _safe(cells)
        for position, cells in enumerate(frame[name] for name in frame.columns)
    }
    safe = pd.DataFrame(data, index=frame.index)
    safe.columns = [safe_text(str(name)) for name in frame.columns]
    return safe


def _is_plain(cells: pd.Series) -> bool:
    kinds = pd.api.types
    return kinds.is_numeric_dtype(cells) or kinds.is_bool_dtype(cells) or kinds.is_datetime64_any_dtype(cells)


def _safe(cells: pd.Series) -> pd.Series:
    codes, distinct = pd.factorize(cells)
    texts = np.array([*(safe_text(str(text)) for text in distinct), None], dtype=object)
    return pd.Series(texts[codes], index=cells.index, dtype="str")


def safe_csv(frame: pd.DataFrame, separator: str = "") -> str:
    """The table as CSV text with a header line, lines ending as RFC 4180 has it, safe to open in a spreadsheet.

    separator : a semicolon where a text cell has a decimal comma and none is asked for, so that the table is read
        again as the one it came from; else a comma
    """
    chosen = separator or (";" if any(_has_decimal_comma(frame[name]) for name in frame.columns) else ",")
    return safe_frame(frame).to_csv(sep=chosen, index=False, lineterminator="\r\n")


def _has_decimal_comma(cells: pd.Series) -> bool:
    return not _is_plain(cells) and bool(cells.astype("str").str.fullmatch(DECIMAL_COMMA).any())
