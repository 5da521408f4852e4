"""The sex of each sample of a file of genotypes: a table with columns sample and sex."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from precision.errors import InputError
from precision.io.medication_list import SAMPLE
from precision.io.written import rows_of, text_of
from precision.schema import MISSING, MISSING_WORDS, category_key, header_key, match_header, variable


def read_sexes(path: Path) -> Mapping[str, str]:
    """Sample -> 'female', 'male', or empty where it is not known, of a tab-, comma- or semicolon-separated file.

    Raises
    ------
    InputError : no column, or more than one, gives sample or sex; a quote is not closed, a sample empty or of two
        sexes; a sex is not understood, 1 and 2 among them, which mean different things in different files
    """
    lines = rows_of(path.name, text_of(path))
    if not lines:
        raise InputError(f"{path.name} is empty; write a table with columns sample and sex")
    (_, header), *rows = lines
    columns = [_column(cell) for cell in header]
    for name in ("sample", "sex"):
        if columns.count(name) != 1:
            raise InputError(
                f"{path.name}: {columns.count(name)} columns give the {name}; found {', '.join(header)}; "
                "name one column sample and one sex"
            )
    found: dict[str, str] = {}
    for number, row in rows:
        sample, sex = (_cell(row, columns.index(name)) for name in ("sample", "sex"))
        level = _level(f"{path.name}, line {number}", sex)
        if not sample:
            raise InputError(f"{path.name}, line {number}: no sample is named; write it, or remove the line")
        if found.setdefault(sample, level) != level:
            raise InputError(f"{path.name}, line {number}: sample '{sample}' has another sex before; keep one of them")
    return found


def _column(header: str) -> str:
    if header_key(header) in SAMPLE:
        return "sample"
    found = match_header(header, "patients")
    return found.variable.name if found else ""


def _cell(row: Sequence[str], at: int) -> str:
    return row[at].strip() if at < len(row) else ""


def _level(where: str, sex: str) -> str:
    if sex.casefold() in MISSING_WORDS:
        return ""
    key, known = category_key(sex), variable("sex")
    if key in known.confirm or key not in known.synonyms:
        raise InputError(
            f"{where}: sex '{sex}' is not understood; write female, male, or nothing where it is not known"
        )
    level = known.synonyms[key]
    return "" if level == MISSING else level
