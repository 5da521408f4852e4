"""Words of laboratories in those of the tables here: names of alleles and phenotypes, however they are spelt."""

from __future__ import annotations

import re
from functools import cache
from types import MappingProxyType

from precision.errors import InputError
from precision.pgx.definitions import genes
from precision.pgx.functions import rules_of
from precision.pgx.names import natural

NOT_TOLD = ("", ".", "not available", "no result", "no call", "no-call", "nocall", "not called", "unknown", "n/a", "na")
COPIES = re.compile(r"(?P<allele>.+?)x(?P<more>≥|>=)?(?P<copies>\d+|N)", re.IGNORECASE)
HLA_FIELDS = re.compile(r"\*?\d+:\d+")
# Two digits, two digits. *92 and *95 went on where the numbers of *02 and *15 ended, and have other names now.
HLA_BEFORE_2010 = re.compile(r"\*?(?!92|95)(\d\d)(\d\d)(?:\d\d){0,2}[A-Z]?")
SHORT: MappingProxyType[str, str] = MappingProxyType(
    {
        "pm": "Poor Metabolizer",
        "im": "Intermediate Metabolizer",
        "nm": "Normal Metabolizer",
        "em": "Normal Metabolizer",
        "rm": "Rapid Metabolizer",
        "um": "Ultrarapid Metabolizer",
        "extensive metabolizer": "Normal Metabolizer",
        "ultra-rapid metabolizer": "Ultrarapid Metabolizer",
        "slow acetylator": "Poor Metabolizer",
        "intermediate acetylator": "Intermediate Metabolizer",
        "rapid acetylator": "Rapid Metabolizer",
        "fast acetylator": "Rapid Metabolizer",
    }
)
ENDINGS = (" metabolizer", " function")  # of phenotypes that a report gives without them: 'Poor'
VKORC1_BASES = re.compile(r"-1639\s*([ACGT])\s*[/|]?\s*([ACGT])", re.IGNORECASE)
TA_REPEATS = re.compile(r"(?:\(TA\)|TA)([5-8])(?:TAA)?|A\(TA\)([5-8])TAA", re.IGNORECASE)
TA_ALLELES: MappingProxyType[str, str] = MappingProxyType({"5": "*36", "6": "*1", "7": "*28", "8": "*37"})
MITOCHONDRIAL = re.compile(r"(?:m\.)?([ACGT])(\d+)([ACGT])", re.IGNORECASE)
SUBALLELE = re.compile(r"(\*\d+)\.\d{3}")
# Letters of old names of CYP2D6; of other numbers some became alleles of another function (*10C is *36, *14A is *114).
LETTERED = re.compile(r"(\*[346])[A-Z]")
LIKE_AN_ALLELE = re.compile(r"\*\d+[\w.]*|(rs|[cgm]\.)\S+")
# Names before 2022: *1b is 388A>G alone.
SLCO1B1_OLD: MappingProxyType[str, str] = MappingProxyType({"*1a": "*1", "*1b": "*37"})
APART = re.compile(r"[;,\s]")  # between alleles where '/' is expected


def is_no_call(diplotype: str) -> bool:
    """Whether a diplotype says in some words that there is none."""
    text = diplotype.strip().casefold()
    return text in NOT_TOLD or all(part.strip() in NOT_TOLD for part in re.split("[/|]", text))


def has_one_copy(gene: str) -> bool:
    """Whether everybody has one copy: the rules speak of single alleles only."""
    return any(bool(rules.single[:-1].any()) and not rules.phenotype[:-1, :-1].any() for rules in rules_of(gene)[:1])


def alleles_of(gene: str, diplotype: str) -> tuple[str, ...]:
    """One allele or two in the order of reports, none of an empty diplotype.

    Raises
    ------
    InputError : more than two alleles, or an empty one
    """
    if not diplotype:
        return ()
    known = genes()[gene].alleles if gene in genes() else ()
    names = [diplotype] if diplotype in known else re.split("[/|]", diplotype)
    names = [name.strip() for name in names]
    if len(names) > 2 or not all(names):
        raise InputError(f"outside call {gene} '{diplotype}': expected one allele or two, as in *1/*4")
    found = tuple(sorted((allele_name(gene, name) for name in names), key=natural))
    if len(found) == 2 and has_one_copy(gene):
        return tuple(dict.fromkeys(one for one in found if one != genes()[gene].reference_name)) or found[:1]
    return found


def understood(gene: str, alleles: tuple[str, ...]) -> bool:
    """Whether what stands alone in the place of a diplotype can be the name of one allele."""
    if len(alleles) != 1 or not rules_of(gene):
        return True
    name = alleles[0]
    if gene in genes() and genes()[gene].rules.presence:
        return bool(HLA_FIELDS.fullmatch(name))
    if name in _listed(gene) or kin(gene, name):
        return True
    joined = "+" in name or COPIES.fullmatch(name) is not None
    return not APART.search(name) and (joined or LIKE_AN_ALLELE.fullmatch(name) is not None)


@cache
def _listed(gene: str) -> tuple[str, ...]:
    """The alleles of a gene that have a function or a definition."""
    defined = genes()[gene].alleles if gene in genes() else ()
    return tuple(dict.fromkeys([*(one for rules in rules_of(gene) for one in rules.function), *defined]))


def kin(gene: str, name: str) -> tuple[str, ...]:
    """The alleles of whose names a report gives the common part: 'A-' of 'A- 202A_376G' and two others of G6PD."""
    return tuple(one for one in _listed(gene) if name.endswith("-") and one.startswith(f"{name} "))


def allele_name(gene: str, name: str) -> str:
    """An allele by its name in the tables; one that is not known stays as it is."""
    if gene in genes() and genes()[gene].rules.presence:
        bare = re.sub(rf"^(HLA-)?{gene.removeprefix('HLA-')}(?=\*)", "", name, flags=re.IGNORECASE)
        if old := HLA_BEFORE_2010.fullmatch(bare):
            return f"*{old[1]}:{old[2]}"
        fields = HLA_FIELDS.match(bare)
        return f"*{fields[0].removeprefix('*')}" if fields else name
    name = _by_gene(gene, re.sub(rf"^{re.escape(gene)}\s*(?=\*)", "", name, flags=re.IGNORECASE))
    listed = _listed(gene)
    alike = [one for one in listed if name in _spellings(one, gene)] if name not in listed else []
    if len(alike) == 1:
        return alike[0]
    core = SUBALLELE.fullmatch(name) or (LETTERED.fullmatch(name) if gene == "CYP2D6" else None)
    if core and name not in listed and core[1] in listed:
        return core[1]
    return re.sub(r"\s*[x×X]\s*(?:≥|>=)\s*(?=\d)", "x≥", re.sub(r"(?<=\d)\s*[×X]\s*(?=\d|N)", "x", name))


def worded(gene: str, reported: str) -> str:
    """A phenotype in CPIC's words, however it is spelt; unknown words stay as they are."""
    text = " ".join(reported.casefold().replace("metaboliser", "metabolizer").split())
    text = text.removeprefix(f"{gene.casefold()} ")
    text = SHORT.get(text, text).casefold()
    if gene == "VKORC1" and text.startswith("-1639") and (bases := VKORC1_BASES.fullmatch(text)):
        text = f"-1639 {''.join(sorted((bases[1], bases[2])))}"
    known = {one.casefold(): one for rules in rules_of(gene) for one in rules.phenotypes if one}
    return next((known[one] for one in (text, *(text + end for end in ENDINGS)) if one in known), reported)


def is_phenotype(gene: str, phenotype: str) -> bool:
    """Whether a phenotype is one of the gene's; of a gene without rules any is."""
    known = {one for rules in rules_of(gene) for one in rules.phenotypes if one}
    return not known or phenotype in known


def _by_gene(gene: str, name: str) -> str:
    """'*28' of '(TA)7' of UGT1A1, 'm.1555A>G' of 'A1555G' of MT-RNR1."""
    if gene == "UGT1A1" and (repeats := TA_REPEATS.fullmatch(name)):
        return TA_ALLELES[repeats[1] or repeats[2]]
    if gene == "SLCO1B1":
        return SLCO1B1_OLD.get(name.casefold(), name)
    if gene == "MT-RNR1" and (bases := MITOCHONDRIAL.fullmatch(name)):
        return f"m.{bases[2]}{bases[1].upper()}>{bases[3].upper()}"
    return name


def _spellings(allele: str, gene: str) -> tuple[str, ...]:
    """Other ways to write an allele: '2A', '*2A' and 'c.1905+1G>A' for 'c.1905+1G>A (*2A)', '*1' for a reference.

    G6PD has alleles that were found in several places, with all their names: 'Mediterranean, Dallas, Panama'.
    A bare '6' of UGT1A1 is no name: it is *6 or six repeats, which are *1.
    """
    plain, _, inside = allele.removesuffix(")").partition(" (")
    first = "*1" if gene in genes() and allele == genes()[gene].reference_name and not allele.startswith("*") else ""
    bare = "" if gene == "UGT1A1" and allele[1:] in TA_ALLELES else allele.removeprefix("*")
    towns = allele.split(", ") if gene == "G6PD" else ()
    return plain, inside, bare, inside.removeprefix("*"), allele.removeprefix("m."), first, *towns
