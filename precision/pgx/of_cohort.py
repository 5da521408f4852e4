"""Star alleles and phenotypes of a cohort: from its genotypes, its table of variants, and its laboratory results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.cohort import GENOTYPES, Cohort, positions
from precision.genotypes import ABSENT, Genotypes
from precision.io.genotype_join import joined
from precision.knowledge.build import detect_build
from precision.pgx.calling import SEXES, call_genes
from precision.pgx.calls import Calls
from precision.pgx.definitions import BUILDS
from precision.pgx.from_table import genotypes_of, rows_of
from precision.pgx.outside import OutsideGene, interpreted, with_both
from precision.pgx.outside_sex import by_sex
from precision.pgx.settling import UNKNOWN_SEX

TABLE, RESULTS = "variants", "diplotypes"
LABORATORY = r"(?<![a-z])lab(?:s|corp|oratory|oratories)?(?![a-z])"  # a word in the name of a caller
BETWEEN = "\t"  # in no cell of a table


def has_genes(cohort: Cohort) -> bool:
    """Whether anything of a cohort could be called."""
    return cohort.genotypes is not None or any(len(cohort.table(name)) for name in (TABLE, RESULTS))


def calls_of(cohort: Cohort, sex: NDArray[np.str_] | None = None) -> Calls:
    """Call the pharmacogenes of every patient, in the order of ``cohort.ids``.

    A patient's genotypes come from the cohort's files of genotypes, else from the table of variants; where neither has
    the patient nothing is called. Results of the table of diplotypes stand in the place of ours.

    Parameters
    ----------
    sex : (N,) 'female', 'male' or empty, for genes on the X chromosome; None = as the patients table says

    Raises
    ------
    InputError : the genome build of the genotypes cannot be told
    """
    genotypes, build, complete = _genotypes(cohort)
    sexes = _sex(cohort, sex)
    called = MappingProxyType({}) if genotypes is None else call_genes(genotypes, build, sexes, complete)
    return Calls(
        samples=tuple(cohort.ids.tolist()) if genotypes is None else genotypes.samples,
        file=cohort.name,
        build=build,
        called=called,
        outside=by_sex(laboratory_results(cohort.table(RESULTS), cohort.ids), sexes),
        absent_as_reference=bool(complete.any()),
    )


def positions_recorded(cohort: Cohort, patient: str) -> Mapping[str, int]:
    """Gene -> positions that the files know of a patient; empty where no position counts as reference without a record.

    Raises
    ------
    InputError : the genome build of the genotypes cannot be told
    """
    if not cohort.complete & {GENOTYPES, TABLE}:
        return {}
    alone = cohort.take(pd.Index([patient]))
    known = calls_of(replace(alone, complete=alone.complete - {GENOTYPES, TABLE}))
    return {gene: known.at(0, gene).positions_called for gene in known.called}


def _sex(cohort: Cohort, sex: NDArray[np.str_] | None) -> NDArray[np.int8]:
    written = _texts(cohort.table("patients"), "sex") if sex is None else pd.Series(sex, dtype="str")
    codes, texts = pd.factorize(written)
    return np.array([SEXES.get(str(text), UNKNOWN_SEX) for text in texts], dtype=np.int8)[codes]


def _genotypes(cohort: Cohort) -> tuple[Genotypes | None, str, NDArray[np.bool_]]:
    """Genotypes of all N patients, their build, and (N,) whose positions without a record are reference."""
    file, ids = cohort.genotypes, cohort.ids
    complete = np.zeros(len(ids), np.bool_)
    inside = np.zeros(len(ids), np.bool_)
    build = ""
    if file is not None:
        build = detect_build(file)
        inside = pd.Index(file.samples).get_indexer(ids) >= 0
        complete |= inside & (GENOTYPES in cohort.complete) & ~ids.isin(list(file.arrays))
    table = cohort.table(TABLE)
    rows = rows_of(table, ids) if len(table) else None
    if rows is not None:
        rows = rows.take(~inside[rows.patient])
    if rows is None or not len(rows.patient):
        return (None if file is None else _in_order(file, ids)), build, complete
    build = build or BUILDS[int(np.argmax(np.bincount(rows.build, weights=~rows.misnamed)))]
    if TABLE in cohort.complete:
        complete[rows.patient] = True
        complete[rows.patient[rows.build != BUILDS.index(build)]] = False  # its reference bases may be others
        complete[rows.unsure] = False
    found = genotypes_of(table, rows, ids, build, cohort.name)
    if file is not None:
        found = joined((_in_order(file, ids), found))[0]
    return found, build, complete


def _in_order(genotypes: Genotypes, ids: pd.Index) -> Genotypes:
    """The patients as samples, in their order; absent throughout where a patient is no sample."""
    at = pd.Index(genotypes.samples).get_indexer(ids)
    if len(at) == len(genotypes.samples) and np.array_equal(at, np.arange(len(at))):
        return genotypes
    alleles = np.ascontiguousarray(genotypes.alleles[:, at])
    alleles[:, at < 0] = ABSENT
    shape = alleles.shape[:2]
    phased, phase_set, block = (
        np.where(at >= 0, part[:, at], part.dtype.type(0)) if part.any() else np.broadcast_to(part.dtype.type(0), shape)
        for part in (genotypes.phased, genotypes.phase_set, genotypes.reference_block)
    )
    return replace(
        genotypes,
        samples=tuple(ids.tolist()),
        alleles=alleles,
        phased=phased,
        phase_set=phase_set,
        reference_block=block,
    )


def laboratory_results(rows: pd.DataFrame, ids: pd.Index) -> MappingProxyType[str, OutsideGene]:
    """The results of each gene by patient; those of a laboratory go before those of another caller.

    A result that is not understood is kept as one that calls nothing, with the reason.
    """
    told = pd.DataFrame(
        {
            "patient": positions(rows["patient_id"], ids),
            "gene": _texts(rows, "gene").str.upper(),
            "later": ~_texts(rows, "caller").str.casefold().str.contains(LABORATORY),
            "result": _results(rows),
        }
    )
    told = told[(told["patient"] >= 0) & (told["gene"] != "")]
    first = told.groupby(["patient", "gene"])["later"].transform("min")
    told = told[told["later"] == first].drop_duplicates(["patient", "gene", "result"])
    return MappingProxyType({str(gene): _of_gene(str(gene), part, len(ids)) for gene, part in told.groupby("gene")})


def doubts_of(rows: pd.DataFrame) -> list[tuple[str, ...]]:
    """(M,) the reasons for which a row of laboratory results says nothing or is doubtful, each row by itself."""
    codes, distinct = pd.factorize(_texts(rows, "gene").str.upper() + BETWEEN + _results(rows))
    reasons = [interpreted(gene, result).reasons for gene, *result in (str(one).split(BETWEEN) for one in distinct)]
    return [reasons[code] for code in codes.tolist()]


def _results(rows: pd.DataFrame) -> pd.Series:
    """(M,) diplotype, phenotype and activity score as one text."""
    parts = [_texts(rows, name) for name in ("diplotype", "phenotype", "activity_score")]
    return parts[0] + BETWEEN + parts[1] + BETWEEN + parts[2]


def _of_gene(gene: str, rows: pd.DataFrame, patients: int) -> OutsideGene:
    """Each distinct set of results is interpreted once."""
    written, distinct = rows["result"].factorize()
    single = [interpreted(gene, str(result).split(BETWEEN)) for result in distinct]
    turn = rows.groupby("patient").cumcount().to_numpy()
    who, place = np.unique(rows["patient"].to_numpy(), return_inverse=True)
    listed = np.full((len(who), int(turn.max()) + 1), -1)  # the results of each patient, in the order of the table
    listed[place, turn] = written
    sets, of_set = np.unique(listed, axis=0, return_inverse=True)
    of_patient = np.full(patients, -1, np.int32)
    of_patient[who] = of_set.reshape(-1)
    told = ([single[one] for one in mine if one >= 0] for mine in sets.tolist())
    return OutsideGene(of_patient, tuple(map(with_both, told)))


def _texts(rows: pd.DataFrame, column: str) -> pd.Series:
    """(M,) cells as text, numbers without an empty fraction, empty where nothing is written."""
    if column not in rows:
        return pd.Series("", index=rows.index, dtype="str")
    cells = rows[column]
    if pd.api.types.is_numeric_dtype(cells):
        return cells.map("{:g}".format).where(cells.notna(), "").astype("str")
    return cells.astype("str").fillna("").str.strip()
