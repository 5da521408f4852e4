"""The tables of one or a million patients, and where each value came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Self

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from precision.errors import InputError
from precision.genotypes import Genotypes

# Columns that each table holds beside dictionary variables of its own; all may bear source_file and source_row.
TABLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "patients": ("patient_id",),
        "observations": ("patient_id", "variable", "value", "time"),
        "conditions": ("patient_id", "code", "label", "onset_date", "status"),
        "medications": ("patient_id", "drug", "code", "dose", "start", "stop", "status"),
        "lifestyle": ("patient_id", "time"),
        "environment": ("patient_id", "time"),
        "family_history": ("patient_id", "relation", "condition_code", "onset_age"),
        "variants": ("patient_id", "assembly", "chrom", "pos", "ref", "alt", "genotype"),
        "diplotypes": ("patient_id", "gene", "diplotype"),
        "somatic": ("patient_id", "gene", "protein_change"),
        "expression": ("patient_id", "gene", "value"),
        "consent": ("patient_id", "use", "scope", "decision"),
    }
)
GENOTYPES = "genotypes"  # may be called complete as a table may
PIECE = 32_768  # identifiers made Python objects at a time
WIDE = ("patients", "lifestyle", "environment")  # their other columns are dictionary variables


@dataclass(frozen=True, slots=True)
class Cohort:
    """Typed tables keyed by patient_id.

    Attributes
    ----------
    tables : table name -> frame; "patients" is always there, one row per patient, and may hold any variable
    index_date : the day on which ages and windows are counted
    complete : tables in which absence means "no"; in any other table absence means "not known"; with "genotypes" a
        position that the genotypes do not have is reference
    synthetic : no real person stands behind the rows
    units_read : variable -> unit in which its wide column was written, where that is not the dictionary's
    genotypes : of samples that bear the identifiers of patients, at the positions of pharmacogenes; it may have
        samples of others, and need not have every patient
    ids : the N patient identifiers, in the order of the patients table
    """

    name: str
    tables: Mapping[str, pd.DataFrame]
    index_date: date
    complete: frozenset[str] = field(default_factory=frozenset)
    synthetic: bool = False
    units_read: Mapping[str, str] = field(default_factory=dict)
    genotypes: Genotypes | None = field(default=None, repr=False, compare=False)
    ids: pd.Index = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if "patients" not in self.tables or "patient_id" not in self.tables["patients"]:
            raise InputError(f"cohort '{self.name}' has no patients table with a patient_id column")
        ids = self.tables["patients"]["patient_id"]
        if _may_repeat(ids) and not ids.is_unique:
            twice = str(ids[ids.duplicated()].iloc[0])
            raise InputError(f"cohort '{self.name}': patient_id '{twice}' stands twice in patients; keep one row each")
        for table in self.tables:
            if table not in TABLES:
                raise InputError(f"cohort '{self.name}' has an unknown table '{table}'; known: {', '.join(TABLES)}")
        # made once: looking a patient up in the same index a second time is quick
        object.__setattr__(self, "ids", pd.Index(ids, name="patient_id"))

    def __len__(self) -> int:
        return len(self.tables["patients"])

    def table(self, name: str) -> pd.DataFrame:
        """A table, empty with its key columns where the cohort has none."""
        return self.tables[name] if name in self.tables else _empty(name)

    def of(self, patient: str, table: str) -> pd.DataFrame:
        """The rows of one patient in one table."""
        rows = self.table(table)
        return rows[rows["patient_id"] == patient]

    def take(self, patients: pd.Index) -> Self:
        """The same cohort with these patients only, in this order.

        Raises
        ------
        InputError : one of them is not in the cohort
        """
        if len(unknown := patients[self.ids.get_indexer(patients) < 0]):
            raise InputError(f"cohort '{self.name}' has no patient '{unknown[0]}'; choose identifiers of the cohort")
        kept = {name: rows[rows["patient_id"].isin(patients)] for name, rows in self.tables.items()}
        kept["patients"] = self.tables["patients"].set_index("patient_id").loc[patients].reset_index()
        return replace(self, tables=MappingProxyType(kept))


def positions(cells: pd.Series, index: pd.Index) -> NDArray[np.int32]:
    """(M,) place of each cell in an index, -1 where it is not there; a category is looked up once."""
    if isinstance(cells.dtype, pd.CategoricalDtype):
        places = np.append(index.get_indexer(pd.Index(cells.cat.categories)), -1)
        return places.astype(np.int32)[cells.cat.codes.to_numpy()]
    if not pd.api.types.is_string_dtype(cells.dtype):
        return index.get_indexer(pd.Index(cells)).astype(np.int32)
    known = pa.array(index.astype("str"), type=pa.large_string())
    found = pc.call_function(
        "index_in", [pa.array(cells, type=pa.large_string())], pc.SetLookupOptions(value_set=known)
    )
    return pc.fill_null(found, -1).to_numpy(zero_copy_only=False)


def _may_repeat(ids: pd.Series) -> bool:
    """Whether fingerprints leave it open that an identifier stands twice; a tenth of the memory of is_unique."""
    pieces = [ids.iloc[start : start + PIECE] for start in range(0, len(ids), PIECE)]
    marks = np.concatenate(
        [np.empty(0, dtype=np.uint64), *(pd.util.hash_array(p.to_numpy(), categorize=False) for p in pieces)]
    )
    marks.sort()
    return bool((marks[1:] == marks[:-1]).any())


@cache
def _empty(name: str) -> pd.DataFrame:
    return pd.DataFrame({column: pd.Series(dtype="str") for column in TABLES[name]})
