"""Files of genotypes beside the tables: told by content, read at the known positions, joined into one."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from precision.errors import BuildUnknownError, InputError
from precision.genotypes import Genotypes
from precision.io import issues
from precision.io.array import ArrayCalls, headings_of, read_array
from precision.io.array_alleles import array_genotypes
from precision.io.genotype_issues import none_known, of_file, refused, strangers, wrong_references
from precision.io.genotype_join import MOST_ALTS, crowded, joined, rows_of
from precision.io.roles import identifier_header
from precision.io.sniff import HEAD
from precision.io.sources import VARIANT_FILES, Source
from precision.io.vcf import read_vcf
from precision.knowledge.build import ENOUGH, NAME_IT, checked_build, detect_build, evidence
from precision.knowledge.positions import BUILDS, in_build, known, places, sites, stretches

BCF = b"BCF"  # the binary form, which is refused with the way out
VCF = (b"##fileformat=VCF", b"#CHROM\tPOS\tID\tREF\tALT")
NOT_WHOLE = "an array test lists what it tests, not every variant; what it does not have stays unknown."
ARRAY_ENOUGH = 5  # positions of an array, by identifier and place, that tell its build


@dataclass(frozen=True, slots=True)
class GenotypeFiles:
    """What reading the genotypes came to.

    genotypes : of every sample that was asked for; None where no file could be read
    counts : file -> samples in it that are used
    batches : issues; refused : names of files that were not used
    """

    genotypes: Genotypes | None
    counts: dict[str, int]
    batches: list[issues.Batch]
    refused: list[str]


def holds_genotypes(source: Source) -> bool:
    """Whether a file is a VCF or the text of an array test, plain or packed with gzip, or is called a VCF."""
    head = _head(source)
    if head.startswith((*VCF, BCF)) or (source.size() and _is_called_vcf(source)):
        return True
    names = headings_of(head)
    return bool(names) and identifier_header(names) is None


def _is_called_vcf(source: Source) -> bool:
    return source.name.lower().endswith((*VARIANT_FILES, ".bcf"))


def _head(source: Source) -> bytes:
    try:
        with source.open() as stream:
            head = stream.read(HEAD)
            return zlib.decompressobj(31).decompress(head, HEAD) if head.startswith(b"\x1f\x8b") else head
    except (OSError, zlib.error):
        return b""


def read_genotypes(
    sources: Sequence[Source], patients: Iterable[str] | None, every_variant: bool = False, build: str = ""
) -> GenotypeFiles:
    """Read files of genotypes at the known positions.

    Parameters
    ----------
    patients : identifiers of the tables, which samples must have to be used; None where there is no table
    every_variant : the files are said to have every variant of their samples, which no array test has
    build : genome build of all files as somebody names it; empty = told from the files
    """
    wanted = None if patients is None else frozenset(patients)
    done = GenotypeFiles(None, {}, [], [])
    parts: list[Genotypes] = []
    for source in sources:
        try:
            parts.append(_of_patients(read_one(source, build), wanted, done))
        except InputError as error:
            done.batches.append(refused(source.name, error))
            done.refused.append(source.name)
    parts = [part for part in parts if part.samples]
    for part in parts if every_variant else ():
        if part.arrays:
            done.batches.append(issues.line(part.file, "", "array_not_whole", issues.WHOLE_FILE, "", "", NOT_WHOLE))
    try:
        _check_builds(parts)
        found = _whole(parts, done, build)
    except InputError as error:
        files = {part.file for part in parts}
        done.batches[:] = [batch for batch in done.batches if batch.file not in files]  # of a file that is not used
        for part in parts:
            done.batches.append(refused(part.file, error))
            done.refused.append(part.file)
            done.counts.pop(part.file, None)
        return done
    return replace(done, genotypes=found)


def read_one(source: Source, build: str = "") -> Genotypes:
    """Everything that a VCF or an array says of the known positions of either build.

    build : of an array; empty = told from where its identifiers stand

    Raises
    ------
    InputError : the file cannot be read, or the build of an array cannot be told
    """
    file = (source.name, source.where) if isinstance(source.where, bytes) else source.where
    head = _head(source)
    if head.startswith((*VCF, BCF)) or (_is_called_vcf(source) and not headings_of(head)):
        return replace(read_vcf(file, stretches()), file=source.name)
    calls = read_array(file)
    found = array_genotypes(calls, sites(_checked_array_build(calls, build) if build else _array_build(calls)))
    told = [part for part in (calls.issues, found.issues) if len(part)]
    return replace(found, file=source.name, issues=pd.concat(told) if told else found.issues)


def _array_build(calls: ArrayCalls) -> str:
    """The build in which most identifiers of an array stand where they are known to be."""
    agreeing = _identifiers_at(calls)
    best = int(np.argmax(agreeing))
    if agreeing[best] < ARRAY_ENOUGH:
        raise BuildUnknownError(
            f"{calls.file}: the genome build cannot be told from {agreeing[best]} known positions, {ARRAY_ENOUGH} are "
            "needed",
            f"{NAME_IT}, or put the genotypes into a table 'variants' with the column assembly",
        )
    return BUILDS[best]


def _checked_array_build(calls: ArrayCalls, build: str) -> str:
    """The build that was named, unless the identifiers of the array stand where they are in the other one."""
    mine, other = (_identifiers_at(calls)[index] for index in (BUILDS.index(build), 1 - BUILDS.index(build)))
    if other > mine:
        raise InputError(
            f"{calls.file}: {build} was named, but {mine} known identifiers stand at its positions and {other} at "
            f"those of {BUILDS[1 - BUILDS.index(build)]}; leave the build out to have it detected"
        )
    return build


def _identifiers_at(calls: ArrayCalls) -> list[int]:
    """How many identifiers of an array stand where they are known to be, in the order of BUILDS."""
    here = set(zip(calls.rsid.tolist(), calls.chrom.tolist(), calls.pos.tolist(), strict=True))
    return [
        len(here & {(one.rsid, one.chromosome, one.position[column]) for one in known() if one.rsid})
        for column in range(len(BUILDS))
    ]


def _of_patients(part: Genotypes, wanted: frozenset[str] | None, done: GenotypeFiles) -> Genotypes:
    """The samples of a file that are asked for; the others, and what was wrong in the file, become issues."""
    done.batches.extend(of_file(part))
    chosen = [i for i, name in enumerate(part.samples) if wanted is None or name in wanted]
    unknown = [name for name in part.samples if wanted is not None and name not in wanted]
    if unknown and not chosen:
        done.batches.append(none_known(part.file, unknown, wanted or ()))
        done.refused.append(part.file)
    else:
        done.batches.extend([strangers(part.file, unknown, wanted or ())] if unknown else [])
        done.counts[part.file] = len(chosen)
    if len(chosen) == len(part.samples):
        return part
    at = np.array(chosen, dtype=np.intp)
    return replace(
        part,
        samples=tuple(part.samples[i] for i in chosen),
        alleles=part.alleles[:, at],
        phased=part.phased[:, at],
        phase_set=part.phase_set[:, at],
        reference_block=part.reference_block[:, at],
    )


def _check_builds(parts: Sequence[Genotypes]) -> None:
    """Refuse files of different builds; one with too few known positions is judged together with the others."""
    files: dict[str, str] = {}
    for part in parts:
        if any(one.compared >= ENOUGH for one in evidence(part)):
            files.setdefault(detect_build(part), part.file)
    for part in parts:
        counts = {build: _known_at(part, build) for build in BUILDS}
        if files and not any(counts[build] for build in files):
            files.update({build: part.file for build, count in counts.items() if count})
    if len(files) > 1:
        told = " and ".join(f"{file} is on {build}" for build, file in files.items())
        raise InputError(f"mixed builds: {told}; give files of one build")


def _known_at(part: Genotypes, build: str) -> int:
    """How many of the positions of a file are known ones of a build."""
    return len(part.sites.rows().keys() & places(build).keys())


def _whole(parts: Sequence[Genotypes], done: GenotypeFiles, named: str) -> Genotypes | None:
    """All files as one, at the positions of their build; named : the build as somebody says it is."""
    if not parts:
        return None
    whole, overlaps = joined(parts)
    build = checked_build(whole, named) if named else detect_build(whole)
    done.batches.extend(batch for part in parts for batch in wrong_references(part, build))
    for file, sample in overlaps:
        reason = f"sample '{sample}' has other genotypes in an earlier file, which are used where both have a record."
        done.batches.append(issues.line(file, "", "sample_twice", issues.WHOLE_FILE, "", sample, reason))
    for chromosome, position in crowded(whole):
        reason = f"{chromosome}:{position} has more than {MOST_ALTS} ALTs in all files; the longest count as not told."
        done.batches.append(issues.line(whole.file, "", "too_many_alleles", issues.WHOLE_FILE, "ALT", "", reason))
    return replace(rows_of(whole, in_build(whole.sites, build)), build=named and build)
