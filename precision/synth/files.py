"""A synthetic cohort as files: every format for a small one, Parquet partitions for a large one."""

import gzip
import tomllib
from collections.abc import Callable, Iterable
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd

from precision import __version__
from precision.errors import InputError
from precision.schema import variables
from precision.synth import genome, tables, tumour
from precision.synth.assemble import COMPLETE, PARTITION, Ids, Tables, identifiers, partition
from precision.synth.exemplars import exemplars
from precision.synth.genome import Germline
from precision.synth.visits import INDEX_DATE
from precision.synth.workbook import write_workbook
from precision.units import conversion

SMALL = 5_000  # people up to whom every format is written
FORMATS = ("tables", "parquet", "wide", "labs", "vcf", "tumour", "consent", "scenarios")
LARGE_FORMATS = ("parquet",)
GENOTYPES = "germline.vcf.gz"
IN_SI_UNITS = ("total_cholesterol", "hdl_cholesterol", "ldl_cholesterol", "triglycerides", "fasting_glucose")
SECOND_LABORATORY = tuple("02468")  # last digit of the identifiers of its patients
Progress = Callable[[int, int], None]


def write(
    patients: int, seed: int, out: Path, formats: Iterable[str] | None = None, progress: Progress | None = None
) -> None:
    """Write a synthetic cohort into a folder.

    Parameters
    ----------
    formats : of FORMATS; all of them up to SMALL people; above that, Parquet partitions, with "vcf" a VCF beside each
    progress : told how many people of how many are done

    Raises
    ------
    InputError : fewer than one patient, an unknown format, or one that a large cohort is not written in
    """
    small = patients <= SMALL
    allowed = FORMATS if small else (*LARGE_FORMATS, "vcf")
    chosen = tuple(formats) if formats is not None else (FORMATS if small else LARGE_FORMATS)
    if unknown := [name for name in chosen if name not in allowed]:
        raise InputError(
            f"format '{unknown[0]}' is not written for {patients:,} patients; allowed: {', '.join(allowed)}"
        )
    if patients < 1:
        raise InputError(f"{patients} patients were asked for; ask for 1 or more")
    out.mkdir(parents=True, exist_ok=True)
    _text(out / "README.md", _readme(patients, seed, chosen))
    if small:
        _write_small(patients, seed, out, chosen)
        _tell(progress, patients, patients)
        return
    _text(out / "cohort.toml", _manifest(patients, seed))
    for number in range(-(-patients // PARTITION)):
        write_partition(patients, seed, number, out, "vcf" in chosen)
        _tell(progress, min(patients, (number + 1) * PARTITION), patients)


def _write_small(patients: int, seed: int, out: Path, chosen: tuple[str, ...]) -> None:
    made, found = partition(patients, seed, 0)
    for name in chosen:
        WRITERS[name](out, made, found, identifiers(patients, 0))
    for folder in {"tables", "parquet"}.intersection(chosen):
        _text(out / folder / "cohort.toml", _manifest(patients, seed))


def write_partition(patients: int, seed: int, number: int, out: Path, vcf: bool = False) -> None:
    """Write one partition of a large cohort as <table>/part-<number>.parquet; needs none of the others."""
    here = min(PARTITION, patients - number * PARTITION)
    made, found = partition(here, seed, number)
    ids = identifiers(here, number)
    made["genotypes"] = _dosages(found, ids)
    for name, table in made.items():
        (out / name).mkdir(parents=True, exist_ok=True)
        _parquet(out / name / f"part-{number:05d}.parquet", table)
    if number == 0:
        _csv(out / "positions.csv", pd.DataFrame(found.positions, dtype="str"))
    if vcf:
        (out / "vcf").mkdir(exist_ok=True)
        _vcf(out / "vcf" / f"part-{number:05d}.vcf.gz", found, ids)


def _dosages(found: Germline, ids: Ids) -> pd.DataFrame:
    """(T, 1 + M) count of alleles other than REF per position, column chrom:pos; -1 = not called."""
    counts = np.where((found.alleles < 0).any(axis=2), -1, (found.alleles > 0).sum(axis=2)).astype(np.int8)
    table = pd.DataFrame(counts, columns=pd.Index([f"{row['chrom']}:{row['pos']}" for row in found.positions]))
    table.insert(0, "patient_id", ids[found.patient])
    return table


def _tables(out: Path, made: Tables, found: Germline, ids: Ids) -> None:
    (out / "tables").mkdir(exist_ok=True)
    for name, table in made.items():
        _csv(out / "tables" / f"{name}.csv", table)
    _vcf(out / "tables" / GENOTYPES, found, ids)


def _parquets(out: Path, made: Tables, found: Germline, ids: Ids) -> None:
    (out / "parquet").mkdir(exist_ok=True)
    for name, table in made.items():
        _parquet(out / "parquet" / f"{name}.parquet", table)
    _vcf(out / "parquet" / GENOTYPES, found, ids)


def _wide(out: Path, made: Tables, found: Germline, ids: Ids) -> None:
    table = wide(made)
    _csv(out / "patients_wide.csv", table)
    write_workbook(out / "patients_wide.xlsx", {"patients": table})


def _labs(out: Path, made: Tables, found: Germline, ids: Ids) -> None:
    _csv(out / "labs_long.csv", labs(made))


def _germline(out: Path, made: Tables, found: Germline, ids: Ids) -> None:
    _vcf(out / GENOTYPES, found, ids)
    calls = made["diplotypes"][["patient_id", "gene", "diplotype"]]
    _csv(out / "outside_calls.tsv", calls, separator="\t")


def _tumours(out: Path, made: Tables, found: Germline, ids: Ids) -> None:
    _csv(out / "tumours.maf", tumour.maf(made["somatic"]), separator="\t")
    matrix = made["expression"].pivot_table(index="gene", columns="patient_id", values="value", sort=False)
    _csv(out / "expression.tsv", matrix.reset_index(), separator="\t")


def _consents(out: Path, made: Tables, found: Germline, ids: Ids) -> None:
    _csv(out / "consent.tsv", made["consent"], separator="\t")


def _scenarios(out: Path, made: Tables, found: Germline, ids: Ids) -> None:
    table = pd.DataFrame([*tables.rows("scenarios"), *exemplars(wide(made))], dtype="str")
    _csv(out / "scenarios.csv", table[table["patient_id"].isin(ids)])


WRITERS: dict[str, Callable[[Path, Tables, Germline, Ids], None]] = dict(
    zip(FORMATS, (_tables, _parquets, _wide, _labs, _germline, _tumours, _consents, _scenarios), strict=True)
)


def wide(made: Tables) -> pd.DataFrame:
    """One row per person: newest measurement, habits and yes/no columns from codes; nothing filled in."""
    observed = made["observations"].drop_duplicates(["patient_id", "variable"], keep="last")
    newest = observed.pivot(index="patient_id", columns="variable", values="value")
    newest = newest.reindex(columns=[row["source"] for row in tables.rows("wide") if row["source"] not in made])
    table = made["patients"][["patient_id", "sex", "age", "ancestry"]].copy()
    for row in tables.rows("wide"):
        header, source, codes = row["header"], made.get(row["source"]), tuple(row["codes"].split())
        if source is None:
            table[header] = table["patient_id"].map(newest[row["source"]])
        elif codes:
            table[header] = table["patient_id"].isin(_with_code(source, codes)).astype(int)
        else:
            table[header] = table["patient_id"].map(_as_text(source.set_index("patient_id")[header]))
    return table


def _as_text(cells: pd.Series) -> pd.Series:
    """Dates as a spreadsheet file holds them; other cells as they are."""
    return cells.dt.strftime("%Y-%m-%d") if pd.api.types.is_datetime64_any_dtype(cells) else cells


def _with_code(records: pd.DataFrame, codes: tuple[str, ...]) -> "pd.Series[str]":
    """The people with a record whose condition or ATC code begins with one of these; a planned drug does not count."""
    column = "atc" if "atc" in records else "code"
    kept = records[column].str.startswith(codes) & ~records["status"].isin(["planned", "stopped"])
    return records.loc[kept, "patient_id"]


def labs(made: Tables) -> pd.DataFrame:
    """Measurements with LOINC codes as two laboratories report them: the second, of every other person, in SI units."""
    known = variables()
    table = made["observations"]
    names = table["variable"].astype("str")
    value, unit = table["value"].copy(), table["unit"].astype("str")
    second = table["patient_id"].str.endswith(SECOND_LABORATORY)
    for name in IN_SI_UNITS:
        here = second & (names == name)
        value[here] = conversion(known[name].analyte, known[name].unit, "mmol/L").apply(value[here].to_numpy()).round(2)
        unit[here] = "mmol/L"
    return pd.DataFrame(
        {
            "patient_id": table["patient_id"],
            "code": names.map({name: f"LOINC:{item.loinc[0]}" if item.loinc else name for name, item in known.items()}),
            "name": names.map({name: item.label for name, item in known.items()}),
            "value": value,
            "unit": unit,
            "time": table["time"],
        }
    )


def _csv(path: Path, table: pd.DataFrame, separator: str = ",") -> None:
    table.to_csv(path, sep=separator, index=False, lineterminator="\n", float_format="%.10g", date_format="%Y-%m-%d")


def _parquet(path: Path, table: pd.DataFrame) -> None:
    table.to_parquet(path, engine="pyarrow", index=False, compression="zstd")


def _vcf(path: Path, found: Germline, ids: Ids) -> None:
    with path.open("wb") as raw, gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed:
        packed.writelines(f"{line}\n".encode() for line in genome.vcf_lines(found, ids))


def _text(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8", newline="\n")


def _tell(progress: Progress | None, done: int, total: int) -> None:
    if progress is not None:
        progress(done, total)


def _manifest(patients: int, seed: int) -> str:
    complete = ", ".join(f'"{table}"' for table in sorted(COMPLETE))
    return (
        f'name = "Synthetic cohort of {patients:,}"\nsynthetic = true\nindex_date = {INDEX_DATE.isoformat()}\n'
        f'complete = [{complete}]\nseed = {seed}\nversion = "{__version__}"\nlicence = "CC0-1.0"\n'
    )


def _readme(patients: int, seed: int, chosen: tuple[str, ...]) -> str:
    parts = tomllib.loads(files("precision.synth").joinpath("cohort_readme.toml").read_text(encoding="utf-8"))["part"]
    present = {"", *(chosen if patients <= SMALL else ["large"])}
    text = "".join(part["text"] for part in parts if part.get("when", "") in present)
    about = {"patients": f"{patients:,}", "number": patients, "seed": seed}
    return text.format(**about, version=__version__, index_date=INDEX_DATE.isoformat())
