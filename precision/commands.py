"""What the command line reads and writes: files that are there, output that is whole or not there, words."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import pandas as pd
import typer

from precision.errors import InputError


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
    if out is not None:
        with output(out, *read) as file:
            _to_tsv(parts, file)
        return
    try:
        _to_tsv(parts, sys.stdout)
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what still waits to be written goes nowhere
        if not isinstance(error, BrokenPipeError):  # a reader that has seen enough (head) is no failure
            raise


@contextmanager
def output(out: Path | None, *read: Path | None) -> Generator[TextIO]:
    """Standard output, or a file that gets its name when all is written; until then what it had stays.

    Raises
    ------
    InputError : the file is one of those that are read
    """
    if out is None:
        yield sys.stdout
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


def caution(warnings: pd.DataFrame) -> None:
    """Say the first warning of each kind in each column, and how many rows more it concerns."""
    for _, alike in warnings.groupby(["column", "code"], sort=False):
        first = alike.iloc[0]
        more = f" ({len(alike) - 1:,} more rows)" if len(alike) > 1 else ""
        say(f"{first['file']}: row {first['row']}, column '{first['column']}': {first['reason']} {first['fix']}{more}")


def say(text: str) -> None:
    """To standard error."""
    typer.echo(text, err=True)
