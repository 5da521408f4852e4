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
# Behind two fields: further ones, or a group of one protein (P) or of one sequence (G). Not N, which is not expressed.
HLA_TYPE = re.compile(r"\*?(\d+:\d+)(?:P|:\d+(?:G|:\d+)?)?")
HLA_GROUP = re.compile(r"(HLA-)?[A-Z]?\*?\d+")  # 'B*57', and old names
# Two digits, two digits. *92 and *95 went on where the numbers of *02 and *15 ended, and have other names now.
HLA_BEFORE_2010 = re.compile(r"\*?(?!92|95)(\d\d)(\d\d)(?:\d\d){0,2}")
PRESENCE = ("positive", "negative")
FOUND = ("positive", "pos", "detected", "present")
NOT_FOUND = ("negative", "neg", "not detected", "not present", "undetected", "absent")
HLA_TOLD = re.compile(rf"(.+?)(?:\s*[:,=-]\s*|\s+|\s*(?=\())\(?({'|'.join(FOUND + NOT_FOUND)})\)?", re.IGNORECASE)
SHORT: MappingProxyType[str, str] = MappingProxyType(
    {
        "pm": "Poor Metabolizer",
        "im": "Intermediate Metabolizer",
        "nm": "Normal Metabolizer",
        "em": "Normal Metabolizer",
        "rm": "Rapid Metabolizer",
        "um": "Ultrarapid Metabolizer",
        "extensive": "Normal Metabolizer",
        "extensive metabolizer": "Normal Metabolizer",
        "slow acetylator": "Poor Metabolizer",
        "intermediate acetylator": "Intermediate Metabolizer",
        "rapid acetylator": "Rapid Metabolizer",
        "fast acetylator": "Rapid Metabolizer",
    }
)
ENDINGS = (" metabolizer", " function")  # of phenotypes that a report gives without them: 'Poor'
SAME_TWICE = re.compile(r"([^()]+?)\s*\(([^()]+)\)")  # 'Intermediate Metabolizer (IM)'
NON_EXPRESSOR = re.compile(r"non[\s-]?express[eo]r")
SCORE = re.compile(r"(AS|activity score)?\s*[:=]?\s*((?:≥|>=)?)\s*(\d+)(?:[.,](\d+))?", re.IGNORECASE | re.ASCII)
VKORC1_BASES = re.compile(r"-1639\s*([ACGT])\s*[/|]?\s*([ACGT])", re.IGNORECASE)
TA_REPEATS = re.compile(r"(?:\(TA\)|TA)([5-8])(?:TAA)?|A\(TA\)([5-8])TAA|([5-8])\s*\(?TA\)?", re.IGNORECASE)
TA_ALLELES: MappingProxyType[str, str] = MappingProxyType({"5": "*36", "6": "*1", "7": "*28", "8": "*37"})
WILD_TYPE = ("wild type", "wild-type", "wildtype", "wt")
MITOCHONDRIAL = re.compile(r"(?:m\.)?([ACGT])(\d+)([ACGT])", re.IGNORECASE)
SUBALLELE = re.compile(r"(\*\d+)\.\d{3}")
# Letters of old names of CYP2D6; of other numbers some became alleles of another function (*10C is *36, *14A is *114).
LETTERED = re.compile(r"(\*[346])[A-Z]")
LIKE_AN_ALLELE = re.compile(r"\*\d+[\w.]*|(rs|[cgm]\.)\S+")
# Names before 2022: *1b is 388A>G alone.
SLCO1B1_OLD: MappingProxyType[str, str] = MappingProxyType({"*1a": "*1", "*1b": "*37"})
NO_ALLELE = re.compile(r"[;,\s/|()\[\]]|^[ACGT]+$")  # words, or bases of a position that is not told
APART = re.compile(r"[;,\s/|()\[\]]")  # between alleles where '/' is expected, or around words


def is_no_call(diplotype: str) -> bool:
    """Whether a diplotype says in some words that there is none."""
    text = diplotype.strip().casefold()
    return text in NOT_TOLD or all(part.strip() in NOT_TOLD for part in re.split("[/|]", text))


def has_one_copy(gene: str) -> bool:
    """Whether everybody has one copy: the rules speak of single alleles only."""
    return any(bool(rules.single[:-1].any()) and not rules.phenotype[:-1, :-1].any() for rules in rules_of(gene)[:1])


def alleles_of(gene: str, diplotype: str) -> tuple[str, ...]:
    """One allele or two in the order of reports, none of an empty diplotype; what has no such parts stays in one piece.

    Raises
    ------
    InputError : more than two alleles, each by its plain name, or an empty one
    """
    if not diplotype:
        return ()
    known = genes()[gene].alleles if gene in genes() else ()
    names = [diplotype] if diplotype in known else re.split("[/|]", diplotype)
    names = [name.strip() for name in names]
    if len(names) > 2 and any(map(APART.search, names)):
        return (diplotype,)
    if len(names) > 2 or not all(names):
        raise InputError(f"outside call {gene} '{diplotype}': expected one allele or two, as in *1/*4")
    found = tuple(sorted((allele_name(gene, name) for name in names), key=natural))
    if len(found) == 2 and has_one_copy(gene):
        return tuple(dict.fromkeys(one for one in found if one != genes()[gene].reference_name)) or found[:1]
    return found


def understood(gene: str, alleles: tuple[str, ...], is_known: bool = True) -> bool:
    """Whether what stands in the place of a diplotype can be alleles; is_known : some table here has the gene."""
    if gene in genes() and genes()[gene].rules.presence:
        types = all(HLA_FIELDS.fullmatch(name) for name in alleles)
        return types or (len(alleles) == 2 and all(map(_can_be_a_type, alleles)))
    if not rules_of(gene):
        return not is_known or all(is_allele(gene, name) or LIKE_AN_ALLELE.fullmatch(name) for name in alleles)
    if len(alleles) == 1:
        return is_allele(gene, alleles[0]) or _like_an_allele(alleles[0])
    return all(is_allele(gene, name) or not (NO_ALLELE.search(name) or _is_word(gene, name)) for name in alleles)


def is_allele(gene: str, name: str) -> bool:
    """Whether the tables have an allele, or the parts of it as it stands in several copies or in a hybrid."""
    if name in _listed(gene) or kin(gene, name):
        return True
    parts = [COPIES.fullmatch(part) or part for part in name.split("+")]
    return all((part if isinstance(part, str) else part["allele"]) in _listed(gene) for part in parts)


def _like_an_allele(name: str) -> bool:
    joined = "+" in name or COPIES.fullmatch(name) is not None
    return not APART.search(name) and (joined or LIKE_AN_ALLELE.fullmatch(name) is not None)


def _can_be_a_type(name: str) -> bool:
    return bool(HLA_FIELDS.fullmatch(name) or HLA_GROUP.fullmatch(name))


def _is_word(gene: str, name: str) -> bool:
    return worded(gene, name) in {one for rules in rules_of(gene) for one in rules.phenotypes}


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
        bare = re.sub(rf"^(HLA-)?{gene.removeprefix('HLA-')}[\s:]*(?=\*)", "", name, flags=re.IGNORECASE)
        if old := HLA_BEFORE_2010.fullmatch(bare):
            return f"*{old[1]}:{old[2]}"
        fields = HLA_TYPE.fullmatch(bare)
        return f"*{fields[1]}" if fields else name
    name = _by_gene(gene, re.sub(rf"^{re.escape(gene)}\s*(?=\*)", "", name, flags=re.IGNORECASE))
    listed = _listed(gene)
    alike = [one for one in listed if name in _spellings(one, gene)] if name not in listed else []
    if len(alike) == 1:
        return alike[0]
    core = SUBALLELE.fullmatch(name) or (LETTERED.fullmatch(name) if gene == "CYP2D6" else None)
    if core and name not in listed and core[1] in listed:
        return core[1]
    return re.sub(r"\s*[x×X]\s*(?:≥|>=)\s*(?=\d)", "x≥", re.sub(r"(?<=\d)\s*[×X]\s*(?=\d|N)", "x", name))


def presence_told(gene: str, text: str) -> tuple[str, str] | None:
    """'*57:01' and 'negative' of 'HLA-B*57:01 not detected'; None where a text says no such thing.

    A type with more than two fields that was not found leaves others of its two fields.
    """
    found = HLA_TOLD.fullmatch(text.strip()) if gene in genes() and genes()[gene].rules.presence else None
    name = allele_name(gene, found[1]) if found else ""
    if found is None or not HLA_FIELDS.fullmatch(name):
        return None
    if found[2].casefold() in FOUND:
        return name, PRESENCE[0]
    written = re.sub(r"^\D*|:", "", found[1])
    return (name, PRESENCE[1]) if written == name[1:].replace(":", "") else None


def score_told(text: str, is_named: bool = False) -> str:
    """'1.25' of '1,25', '≥3.0' of 'AS >=3.0'; empty of what is no number, or where is_named asks for 'AS' before it."""
    found = SCORE.fullmatch(text.strip())
    if found is None or (is_named and not found[1]):
        return ""
    return ("≥" if found[2] else "") + found[3] + (f".{found[4]}" if found[4] else "")


def worded(gene: str, reported: str) -> str:
    """A phenotype in CPIC's words, however it is spelt; unknown words stay as they are."""
    if told := presence_told(gene, reported):
        return " ".join(told)
    text = " ".join(reported.casefold().replace("metaboliser", "metabolizer").split())
    text = re.sub(rf"^{re.escape(gene.casefold())}(?:\s*:\s*|\s)", "", text)
    if (twice := SAME_TWICE.fullmatch(text)) and (word := worded(gene, twice[1])) == worded(gene, twice[2]):
        return word
    text = re.sub(r"\bultra[\s-]rapid\b", "ultrarapid", text)
    if gene == "CYP3A5" and NON_EXPRESSOR.fullmatch(text):
        text = "pm"
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
        return TA_ALLELES[next(filter(None, repeats.groups()))]
    if gene == "SLCO1B1":
        return SLCO1B1_OLD.get(name.casefold(), name)
    if gene == "MT-RNR1" and name.casefold() in WILD_TYPE:
        return genes()[gene].reference_name
    if gene == "MT-RNR1" and (bases := MITOCHONDRIAL.fullmatch(name)):
        return f"m.{bases[2]}{bases[1].upper()}>{bases[3].upper()}"
    return name


def _spellings(allele: str, gene: str) -> tuple[str, ...]:
    """Other ways to write an allele: '2A', '*2A' and '1905+1G>A' for 'c.1905+1G>A (*2A)', '*1' for a reference.

    G6PD has alleles that were found in several places, with all their names: 'Mediterranean, Dallas, Panama'.
    A bare '6' of UGT1A1 is no name: it is *6 or six repeats, which are *1.
    """
    plain, _, inside = allele.removesuffix(")").partition(" (")
    first = "*1" if gene in genes() and allele == genes()[gene].reference_name and not allele.startswith("*") else ""
    bare = "" if gene == "UGT1A1" and allele[1:] in TA_ALLELES else allele.removeprefix("*")
    towns = allele.split(", ") if gene == "G6PD" else ()
    short = re.sub(r"^[cm]\.", "", plain)
    inside = inside if len(inside) > 1 else ""  # a base alone tells no position
    return plain, inside, bare, inside.removeprefix("*"), short, first, *towns
