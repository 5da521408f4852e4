"""What the command line reads and writes: files that are there, output that is whole or not there, words."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import pandas as pd
import typer

from precision.errors import InputError

if TYPE_CHECKING:
    from precision.pgx.calls import Calls

SEXES = {"": "", "female": "female", "f": "female", "male": "male", "m": "male"}


def file_of(path: Path) -> Path:
    """A single file, where neither a folder nor standard input can be read."""
    if str(path) == "-":
        raise InputError("standard input is not read here; save it as a file and give the file")
    if not path.exists():
        raise InputError(f"{path} does not exist; give a file")
    if path.is_dir():
        raise InputError(f"{path} is a folder; give the files in it one by one")
    return path


def write(frames: pd.DataFrame | Iterable[pd.DataFrame], out: Path | None, *read: Path) -> None:
    """Write tables one under the other, as TSV with one header, to a file or to standard output."""
    parts = [frames] if isinstance(frames, pd.DataFrame) else frames
    with output(out, *read) as file:
        _to_tsv(parts, file)


@contextmanager
def output(out: Path | None, *read: Path | None) -> Generator[TextIO]:
    """Standard output, or a file that gets its name when all is written; until then what it had stays.

    Raises
    ------
    InputError : the file is one of those that are read
    """
    if out is None:
        with _standard_output() as file:
            yield file
        return
    if same := next((path for path in read if path and path.exists() and out.exists() and path.samefile(out)), None):
        raise InputError(f"--out {out} is the file {same} that is read; give another name")
    if out.exists() and not out.is_file():  # a pipe or a device takes what is written as it comes
        with out.open("w", encoding="utf-8", newline="") as file:
            yield file
        return
    whole = out.resolve()
    part = whole.with_name(f".{whole.name}.{os.getpid()}.part")
    try:
        with part.open("x", encoding="utf-8", newline="") as file:
            if whole.exists():
                shutil.copymode(whole, part)
            yield file
        part.replace(whole)
    except OSError as error:
        if error.filename == str(part):
            error.filename = str(out)
        raise
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _standard_output() -> Generator[TextIO]:
    """Standard output, whose reader may have seen enough (head): that is no failure, and the rest goes nowhere."""
    try:
        yield sys.stdout
        sys.stdout.flush()
    except OSError as error:
        if error.filename is not None:  # of a file that is read meanwhile
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what still waits to be written
        if not isinstance(error, BrokenPipeError):
            raise


def _to_tsv(parts: Iterable[pd.DataFrame], file: TextIO) -> None:
    for number, frame in enumerate(parts):
        frame.to_csv(file, sep="\t", index=False, header=number == 0, lineterminator="\n")


def source_of(file: Path) -> Path | tuple[str, bytes]:
    """A file or folder, or what comes by standard input."""
    return ("standard input", sys.stdin.buffer.read()) if str(file) == "-" else existing(file)


def existing(file: Path) -> Path:
    """A file or folder that is there."""
    if not file.exists():
        raise InputError(f"{file} does not exist; give a file, a folder, or - for standard input")
    return file


def caution(warnings: pd.DataFrame, unit: str = "row") -> None:
    """Say the first warning of each kind in each column, and how many rows (or lines) more it concerns."""
    for _, alike in warnings.groupby(["column", "code"], sort=False):
        first = alike.iloc[0]
        words = told(first["file"], first["row"], first["column"], f"{first['reason']} {first['fix']}", unit)
        say(words + (f" ({len(alike) - 1:,} more {unit}s)" if len(alike) > 1 else ""))


def told(file: object, row: object, column: object, words: str, unit: str = "row") -> str:
    """'clinic.csv: row 4, column 'sbp': ...'; without a part that is not known."""
    where = ", ".join(filter(None, (f"{unit} {row}" if row else "", f"column '{column}'" if column else "")))
    return ": ".join(filter(None, (str(file), where, words)))


def say(text: str) -> None:
    """To standard error."""
    typer.echo(text, err=True)


class OutsideResults:
    """The outside calls of one file or of several: those of other files are no fault, those of none are."""

    def __init__(self, path: Path | None, files: int = 1) -> None:
        from precision.pgx.outside_file import read_outside_calls

        self._rows = read_outside_calls(file_of(path)) if path else None
        self._several = files > 1
        self._seen: set[str] = set()

    def of(self, samples: Sequence[str]) -> pd.DataFrame | None:
        """The rows for a file of these samples."""
        from precision.pgx.outside_file import of_samples

        self._seen.update(samples)
        return of_samples(self._rows, samples) if self._several and self._rows is not None else self._rows

    def check(self) -> None:
        """See that each row was of a sample of some file."""
        from precision.pgx.outside_file import check_samples

        if self._rows is not None:
            check_samples(self._rows, self._seen)


def called(
    file: Path,
    outside: OutsideResults,
    sexes: Mapping[str, str],
    build: str,
    absent_as_reference: bool,
    all_matches: bool = False,
) -> tuple[Calls, bool]:
    """The pharmacogenes of a file, and whether all of it could be read; what was not used is said.

    Raises
    ------
    InputError : nothing in the file can be used, or an option does not fit it
    """
    from precision.io.genotype_files import NOT_WHOLE, holds_genotypes, read_one
    from precision.io.sources import Source
    from precision.io.usable import check_used, remarks
    from precision.io.vcf import read_vcf
    from precision.knowledge.positions import stretches
    from precision.pgx.calling import Settings, call

    named = _build(build)
    source = Source(file.name, file_of(file))
    genotypes = read_one(source, named) if holds_genotypes(source) else read_vcf(file, stretches())
    if absent_as_reference and genotypes.arrays:
        raise InputError(f"--absent-as-reference does not fit {file}: {NOT_WHOLE.rstrip('.')}; leave the option out")
    sex = _sex_of(sexes, file, genotypes.samples)
    reported = outside.of(genotypes.samples)
    calls = call(genotypes, Settings(named, absent_as_reference, all_matches), sex, reported)
    left_out = check_used(genotypes, calls.build)
    caution(genotypes.issues[genotypes.issues["severity"] != "info"], "line")
    refused = [] if reported is None else list(_not_understood(reported))
    for remark in (*remarks(genotypes, calls.build, left_out), *refused):
        say(remark)
    return calls, not (left_out or refused or (genotypes.issues["severity"] == "error").any())


def _build(text: str) -> str:
    from precision.knowledge.build import build_named

    try:
        return build_named(text) if text else ""
    except InputError:
        raise InputError(
            f"--build is '{text}'; allowed: 37, 38, hg19, hg38, b37, or none to tell it from the reference bases"
        ) from None


def _not_understood(rows: pd.DataFrame) -> Iterator[str]:
    """What of a laboratory's results nobody understands, line by line; the gene's own line says it too."""
    from precision.workbench.laboratory import refused_lines

    for column, line, words in refused_lines(rows):
        yield f"{rows['file'].iloc[0]}: line {line}, column {column}: {words}"


def known_sexes(sex: str, sexes: Path | None, files: int = 1) -> Mapping[str, str]:
    """Sample -> sex as the options give it; under '' that of the only sample."""
    from precision.io.sample_sexes import read_sexes

    known = SEXES.get(sex.strip().lower())
    if known is None:
        raise InputError(f"--sex is '{sex}'; allowed: female, male, or none where it is not known")
    if sex and (files > 1 or sexes):
        other = f"{files} files are given" if files > 1 else "--sexes is given too"
        raise InputError(f"--sex is for one sample, and {other}; give --sexes FILE alone, with columns sample and sex")
    return read_sexes(file_of(sexes)) if sexes else {"": known} if known else {}


def tell_strangers(sexes: Mapping[str, str], samples: Iterable[str], path: Path | None) -> None:
    """Say whose sex is given though no file has the sample."""
    strangers = sorted({*sexes} - {"", *samples})
    if strangers:
        more = f" and {len(strangers) - 3:,} more" if len(strangers) > 3 else ""
        say(f"{path}: sample {', '.join(strangers[:3])}{more} is in no file of genotypes; check how it is written")


def _sex_of(sexes: Mapping[str, str], file: Path, samples: Sequence[str]) -> Mapping[str, str]:
    """Sample -> sex for the samples of a file; what the options do not tell is not known."""
    if "" in sexes and len(samples) != 1:
        raise InputError(f"--sex is for one sample, {file} has {len(samples)}; give --sexes FILE instead")
    if "" in sexes:
        return {samples[0]: sexes[""]}
    if sexes and sexes.keys().isdisjoint(samples):
        say(f"--sexes names no sample of {file}; the sex of {', '.join(samples[:3])} stays unknown")
    return {sample: sexes[sample] for sample in samples if sample in sexes}
