"""The genome build of genotypes, told from their reference bases; what a header says is not looked at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from precision.errors import BuildUnknownError, InputError
from precision.genotypes import UNKNOWN_BASE, Genotypes
from precision.knowledge.positions import BUILDS, Known, known, places

ENOUGH = 20  # positions; by chance alone a quarter of the bases of the wrong build would agree
NAME_IT = (
    "name the build if you know it, on the Upload page or to `precision pgx` (--build 37 or 38), or give a file with "
    "more of these positions"
)
NAMES = MappingProxyType(
    {
        **dict.fromkeys(("38", "hg38", "b38", "grch38"), "GRCh38"),
        **dict.fromkeys(("37", "hg19", "b37", "grch37"), "GRCh37"),
    }
)
AGREES, DISAGREES = 0.9, 0.5  # share of reference bases


@dataclass(frozen=True, slots=True)
class Evidence:
    """Positions of one build that a file has, and at how many of them its REF is that build's."""

    build: str
    compared: int
    agreeing: int

    @property
    def share(self) -> float:
        """Share of agreeing positions; 0 where none was compared."""
        return self.agreeing / self.compared if self.compared else 0.0


def evidence(genotypes: Genotypes) -> tuple[Evidence, ...]:
    """What the REF column says for each build, over the positions of the pharmacogenes."""
    counts = {build: [0, 0] for build in BUILDS}
    known, ref = _reference_bases(), genotypes.sites.ref
    for place, rows in genotypes.sites.rows().items():
        if place not in known:
            continue
        told = [base for row in rows if (base := ref[row][:1].upper()) != UNKNOWN_BASE]
        for build, base in known[place] if told else ():
            counts[build][0] += 1
            counts[build][1] += told[0] == base
    return tuple(Evidence(build, *counts[build]) for build in BUILDS)


def detect_build(genotypes: Genotypes) -> str:
    """'GRCh38' or 'GRCh37' as it was named, else from the reference bases at 20 known positions or more.

    Raises
    ------
    BuildUnknownError : too few positions to tell
    InputError : bases of neither build, or of both
    """
    if genotypes.build:
        return genotypes.build
    found = evidence(genotypes)
    agreeing = [one for one in found if one.compared >= ENOUGH and one.share >= AGREES]
    told = ", ".join(map(_agreement, found))
    if len(agreeing) == 1:
        other = next(one for one in found if one is not agreeing[0])
        if other.agreeing >= ENOUGH:
            raise InputError(f"{genotypes.file}: mixed builds ({told}); give one file per build")
        return agreeing[0].build
    if agreeing or sum(one.agreeing >= ENOUGH for one in found) > 1:
        raise InputError(f"{genotypes.file}: mixed builds ({told}); give one file per build")
    if all(one.compared < ENOUGH for one in found):
        raise BuildUnknownError(
            f"{genotypes.file}: the genome build cannot be told from {max(one.compared for one in found)} known "
            f"positions, {ENOUGH} are needed ({told})",
            NAME_IT,
        )
    raise InputError(f"{genotypes.file}: REF fits no build ({told}); is the file on GRCh36, or on the other strand?")


def checked_build(genotypes: Genotypes, build: str) -> str:
    """The build that was named, unless the reference bases contradict it.

    Raises
    ------
    InputError : no such build, or most REF bases are not of this build
    """
    named = build_named(build)
    found = {one.build: one for one in evidence(genotypes)}
    other = found[BUILDS[1 - BUILDS.index(named)]]
    mine = found[named]
    if mine.agreeing >= ENOUGH and other.agreeing >= ENOUGH:
        told = ", ".join(_agreement(one) for one in found.values())
        raise InputError(f"{genotypes.file}: mixed builds ({told}); give one file per build")
    fewer = (mine.compared >= ENOUGH and mine.share < DISAGREES) or (other.agreeing >= ENOUGH > mine.agreeing)
    if fewer or (other.agreeing and not mine.agreeing):
        raise InputError(
            f"{genotypes.file}: {named} was named, but {_agreement(mine)}, and {_agreement(other)}; leave the build "
            "out to have it detected"
        )
    return named


def build_named(name: str) -> str:
    """'GRCh37' or 'GRCh38' of any usual name of it: 38, hg38, b38, GRCh38.p14, 37, hg19, b37.

    Raises
    ------
    InputError : it is none of these
    """
    found = NAMES.get(name.strip().lower().partition(".p")[0])
    if found is None:
        raise InputError(f"build '{name}' is not known; allowed: {', '.join(BUILDS)}, or 37, 38, hg19, hg38, b37")
    return found


def _agreement(one: Evidence) -> str:
    if not one.compared:
        return f"none of the known positions of {one.build} is in the file"
    return f"{one.agreeing} of {one.compared} REF bases agree with {one.build}"


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A record at a known position whose REF is not the base of the build.

    row : of the genotypes; line : of the file, 0 = not known; place : '10:94781859'
    alone : no other record of this position has the base of the build
    """

    row: int
    line: int
    place: str
    known: Known
    found: str
    expected: str
    alone: bool


def mismatches(genotypes: Genotypes, build: str) -> tuple[Mismatch, ...]:
    """The records at known positions whose REF has other bases than the build there, in the order of the file.

    A REF that is shorter or longer than that of the definition is none of them where the bases of both agree.
    """
    sites, column, found = genotypes.sites, BUILDS.index(build), list[Mismatch]()
    at = sites.rows()
    for place, one in places(build).items():
        expected, rows = one.reference[column], at.get(place, ())
        wrong = [row for row in rows if not agrees(sites.ref[row], expected)]
        for row in wrong:
            line, alone = sites.lines[row] if sites.lines else 0, len(wrong) == len(rows)
            found.append(Mismatch(row, line, f"{place[0]}:{place[1]}", one, sites.ref[row].upper(), expected, alone))
    return tuple(sorted(found, key=lambda one: one.row))


def agrees(ref: str, expected: str) -> bool:
    """Whether the bases that both have are the same; a base that is not known agrees with any."""
    return all(one in (other, UNKNOWN_BASE) for one, other in zip(ref.upper(), expected, strict=False))


@cache
def _reference_bases() -> MappingProxyType[tuple[str, int], tuple[tuple[str, str], ...]]:
    """(chromosome, position) -> (build, first base of REF) for each build that has a known position there."""
    found: dict[tuple[str, int], tuple[tuple[str, str], ...]] = {}
    for one in known():
        for build, position, reference in zip(BUILDS, one.position, one.reference, strict=True):
            place = (one.chromosome, position)
            found[place] = (*found.get(place, ()), (build, reference[0]))
    return MappingProxyType(found)
