"""What is wrong with files of genotypes: which file, which sample, and which genes it matters to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from precision import wording
from precision.errors import BuildUnknownError, InputError
from precision.genotypes import Genotypes
from precision.io import issues
from precision.knowledge.build import mismatches
from precision.knowledge.positions import genes_at

NAMED = 3  # samples and genes that are named before the rest is counted
PLACE = re.compile(r"\b(\w+):(\d+)\b")


def of_file(part: Genotypes) -> Iterator[issues.Batch]:
    """The issues of a file, with the genes of the positions that they name: what is wrong was left out."""
    for (code, severity, column), rows in part.issues.groupby(["code", "severity", "column"], sort=False):
        fixes = tuple(map(str, rows["fix"]))
        yield issues.Batch(
            file=part.file,
            sheet="",
            column=str(column),
            kind=issues.Kind(str(code), str(severity), "dropped" if severity == "error" else "kept", fixes[0]),
            rows=rows["row"].to_numpy(dtype=np.int64),
            which=np.arange(len(rows)),
            values=tuple(map(str, rows["value"])),
            reasons=tuple(_with_genes(str(reason)) for reason in rows["reason"]),
            fixes=fixes,
        )


def _with_genes(reason: str) -> str:
    places = ((chromosome, int(position)) for chromosome, position in PLACE.findall(reason))
    genes = dict.fromkeys(gene for place in places for gene in genes_at().get(place, ()))
    return f"{reason} It concerns {some(list(genes))}." if genes else reason


def strangers(file: str, samples: Sequence[str], patients: Iterable[str]) -> issues.Batch:
    """Samples that no table knows; one that is spelt a little otherwise is pointed at."""
    alike = _alike(samples, patients)
    hints = {name: f" The tables have '{alike[name]}'." if name in alike else "" for name in samples}
    kind = issues.kinds()["sample_unknown"]
    return issues.Batch(
        file=file,
        sheet="",
        column="",
        kind=kind,
        rows=np.zeros(len(samples), np.int64),
        which=np.arange(len(samples)),
        values=tuple(samples),
        reasons=tuple(f"sample '{name}' is in no table; its genotypes are not used.{hints[name]}" for name in samples),
        fixes=(kind.fix,) * len(samples),
    )


def _key(name: str) -> str:
    """A name without case, marks, and zeros before a number: 'p1' of 'P-001'."""
    return re.sub(r"(?<!\d)0+(?=\d)", "", re.sub(r"[^a-z0-9]+", "", name.casefold()))


def _alike(samples: Sequence[str], patients: Iterable[str]) -> dict[str, str]:
    """Sample -> the one patient whose name is spelt almost so."""
    spelt: dict[str, list[str]] = {}
    for patient in patients:
        spelt.setdefault(_key(patient), []).append(patient)
    return {name: found[0] for name in samples if len(found := spelt.get(_key(name), [])) == 1}


def none_known(file: str, samples: Sequence[str], patients: Iterable[str]) -> issues.Batch:
    """A file of strangers alone."""
    alike = _alike(samples, patients)
    hint = next((f"; for {name!r} the tables have {patient!r}" for name, patient in alike.items()), "")
    why = f"none of its samples is a patient of the tables: {some([repr(name) for name in samples])}{hint}"
    return refusal(file, why, "Rename the samples to the patient identifiers, or add these patients to a table.")


def wrong_references(part: Genotypes, build: str) -> Iterator[issues.Batch]:
    """Records at known positions whose REF is not the base of the build; the coder does not use them."""
    for one in mismatches(part, build):
        where = f"{one.place} ({one.known.gene})"
        reason = f"at {where} REF is {one.found} and {build} has {one.expected}; the record is not used."
        yield issues.line(part.file, "", "ref_mismatch", one.line, "REF", f"{one.found} at {where}", reason)


def refused(file: str, error: InputError) -> issues.Batch:
    """A file that cannot be used, for this reason; one whose build nobody knows can be once it is named."""
    if isinstance(error, BuildUnknownError):
        return refusal(file, error.reason, f"{wording.capital(error.way_out)}.", "build_unknown")
    return refusal(file, str(error))


def refusal(file: str, why: str, fix: str | None = None, code: str = "genotypes_refused") -> issues.Batch:
    """A file of genotypes of which nothing is used."""
    bare = re.sub(f"^{re.escape(file)} ", "it ", why.removeprefix(f"{file}: "))
    end = "" if bare.endswith(("?", ".")) else "."
    reason = f"Refused: {file} holds no genotypes that can be used: {bare}{end}"
    return issues.line(file, "", code, issues.WHOLE_FILE, "", "", reason, fix)


def some(names: Sequence[str]) -> str:
    """'A, B, C and 4 more'."""
    rest = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {rest:,} more" if rest > 0 else "")
