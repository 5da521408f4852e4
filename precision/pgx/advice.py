"""What guidelines say about drugs and genes: the rows of CPIC, DPWG and FDA, each with its condition and its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from precision.errors import KnowledgeError
from precision.pgx.conditions import Condition, conditions
from precision.pgx.definitions import genes
from precision.pgx.functions import rules_of
from precision.pgx.tables import rows

BODIES: Mapping[str, str] = MappingProxyType({"cpic": "CPIC", "dpwg": "DPWG", "fda": "FDA"})
"""Folder of knowledge -> body, in the order in which they are told."""

COLUMNS = (
    *("id", "drug", "when", "population", "action", "dose", "dose_unit", "dose_kind", "alternatives", "notes"),
    *("mechanism", "strength", "source", "status"),
)
CITATION = ("key", "title", "pmid", "doi", "url", "version", "as_of", "status", "update_pending")

ACTIONS: Mapping[str, tuple[int, str]] = MappingProxyType(
    {
        "contraindicated": (6, "Avoid"),
        "avoid": (6, "Avoid"),
        "alternative": (5, "Change"),
        "not_together": (5, "Change"),
        "reduce_dose": (4, "Change dose"),
        "increase_dose": (4, "Change dose"),
        "calculate_dose": (4, "Change dose"),
        "test_first": (3, "Not determined"),
        "monitor": (2, "Monitor"),
        "standard": (1, "Standard"),
        "inform": (0, "No guidance"),
        "no_recommendation": (0, "No guidance"),
    }
)
"""Action -> how much it asks for, and the word of it."""
NOT_TOGETHER = "not_together"  # with a medicine that the population of the row names

DOSE_KINDS = ("start", "start_least", "lowest_start", "maintenance", "maintenance_most", "maximum", "loading", "daily")
BOUNDS: Mapping[str, str] = {"start_least": "at least ", "maintenance_most": "at most "}  # before the amount
STRENGTHS = ("strong", "moderate", "optional", "none", "management", "safety", "exposure", "")
CLASS = "class:"


@dataclass(frozen=True, slots=True)
class Citation:
    """Where advice was published; update_pending says what is newer than our version."""

    title: str
    pmid: str
    url: str
    version: str
    as_of: str
    verified: bool
    update_pending: str


@dataclass(frozen=True, slots=True)
class Dose:
    """From low to high in unit; one that begins with '%' is of the usual dose of this kind."""

    low: float
    high: float
    unit: str
    kind: str

    @property
    def text(self) -> str:
        """'50%', '30 to 80%', '20 mg/day', 'at least 75 mg/day'."""
        return f"{BOUNDS.get(self.kind, '')}{self.amount}"

    @property
    def amount(self) -> str:
        """The text without 'at least' or 'at most'."""
        amount = f"{self.low:g}" if self.low == self.high else f"{self.low:g} to {self.high:g}"
        return f"{amount}{'' if self.relative else ' '}{self.unit}"

    @property
    def starts(self) -> bool:
        """Whether it is for the beginning only."""
        return self.kind in ("start", "start_least")

    @property
    def relative(self) -> bool:
        """Whether it is a share of a usual dose."""
        return self.unit.startswith("%")

    def of(self, usual_mg: float) -> str:
        """A percentage as mg of a dose that is known: '20 mg'; empty where it is of another dose than the usual one."""
        if self.unit != "%" or not usual_mg > 0 or self.kind in ("maximum", "lowest_start", "loading"):
            return ""
        low, high = (usual_mg * share / 100 for share in (self.low, self.high))
        amount = f"{low:.3g} mg" if low == high else f"{low:.3g} to {high:.3g} mg"
        return f"{BOUNDS.get(self.kind, '')}{amount}"


@dataclass(frozen=True, slots=True)
class Advice:
    """One row: for whom, what to do, why, who says so how strongly.

    population : code, empty = everyone; alternatives : drugs; classes : kinds of drugs in words
    mechanism, notes : sentences of ours; depends : those of the notes that change what to do under a condition
    """

    id: str
    drug: str
    body: str
    when: tuple[Condition, ...]
    population: str
    population_label: str
    action: str
    dose: Dose | None
    alternatives: tuple[str, ...]
    classes: tuple[str, ...]
    mechanism: str
    notes: tuple[str, ...]
    strength: str
    citation: Citation
    verified: bool
    depends: tuple[str, ...] = ()

    @property
    def genes(self) -> tuple[str, ...]:
        """Genes that its condition asks about."""
        return tuple(dict.fromkeys(one.gene for one in self.when))

    @property
    def word(self) -> str:
        """Its severity word."""
        return ACTIONS[self.action][1]

    @property
    def urgency(self) -> int:
        """How much it asks for; the most cautious advice is the highest."""
        return ACTIONS[self.action][0]


@cache
def advice() -> tuple[Advice, ...]:
    """Every row of every body.

    Raises
    ------
    KnowledgeError : a row uses a code that its folder does not define, or a dose is no number
    """
    return tuple(row for folder in BODIES for row in _of_body(folder))


@cache
def by_drug() -> Mapping[str, tuple[Advice, ...]]:
    """Drug -> its rows, bodies in their order; drugs by name."""
    found: dict[str, list[Advice]] = {}
    for row in advice():
        found.setdefault(row.drug, []).append(row)
    return MappingProxyType({drug: tuple(found[drug]) for drug in sorted(found)})


def is_known(gene: str) -> bool:
    """Whether anything here speaks of a gene: a definition, a rule, or advice."""
    return gene in genes() or bool(rules_of(gene)) or gene in advised_genes()


@cache
def advised_genes() -> frozenset[str]:
    """The genes that some row asks for."""
    return frozenset(gene for row in advice() for gene in row.genes)


def _of_body(folder: str) -> list[Advice]:
    words = {table: _words(folder, table) for table in ("notes", "mechanisms", "populations", "classes")}
    citations = {cells["key"]: _citation(cells) for cells in rows("citations.csv", CITATION, ("key",), folder)}
    return [_advice(folder, cells, words, citations) for cells in rows("advice.csv", COLUMNS, ("id",), folder)]


def _words(folder: str, table: str) -> Mapping[str, str]:
    value = "label" if table in ("populations", "classes") else "sentence"
    return {cells["code"]: cells[value] for cells in rows(f"{table}.csv", ("code", value), ("code",), folder)}


def _citation(cells: Mapping[str, str]) -> Citation:
    url = cells["url"] or (f"https://pubmed.ncbi.nlm.nih.gov/{cells['pmid']}/" if cells["pmid"] else "")
    url = url or (f"https://doi.org/{cells['doi']}" if cells["doi"] else "")
    verified = cells["status"].startswith("V")
    pending = cells["update_pending"]
    return Citation(cells["title"], cells["pmid"], url, cells["version"], cells["as_of"], verified, pending)


def _advice(
    folder: str,
    cells: Mapping[str, str],
    words: Mapping[str, Mapping[str, str]],
    citations: Mapping[str, Citation],
) -> Advice:
    where = f"{folder}/advice.csv: {cells['id']}"
    for column, known in (("action", ACTIONS), ("strength", STRENGTHS), ("source", citations)):
        if cells[column] not in known:
            raise KnowledgeError(f"{where}: {column} '{cells[column]}' is not known")
    listed = [one.strip() for one in cells["alternatives"].split(";") if one.strip()]
    classes = [one.removeprefix(CLASS) for one in listed if one.startswith(CLASS)]
    population = cells["population"]
    noted = {code: _said("notes", code, words, where) for one in cells["notes"].split(";") if (code := one.strip())}
    return Advice(
        id=cells["id"],
        drug=cells["drug"],
        body=BODIES[folder],
        when=conditions(cells["when"], where),
        population=population,
        population_label=_said("populations", population, words, where) if population else "",
        action=cells["action"],
        dose=_dose(cells, where),
        alternatives=tuple(one for one in listed if not one.startswith(CLASS)),
        classes=tuple(_said("classes", one, words, where) for one in classes),
        mechanism=_said("mechanisms", cells["mechanism"], words, where) if cells["mechanism"] else "",
        notes=tuple(noted.values()),
        strength=cells["strength"],
        citation=citations[cells["source"]],
        verified=cells["status"].startswith("V") and citations[cells["source"]].verified,
        depends=tuple(sentence for code, sentence in noted.items() if (folder, code) in _conditional_notes()),
    )


@cache
def _conditional_notes() -> frozenset[tuple[str, str]]:
    columns = ("folder", "code")
    return frozenset((cells["folder"], cells["code"]) for cells in rows("row_notes.csv", columns, columns))


def _said(table: str, code: str, words: Mapping[str, Mapping[str, str]], where: str) -> str:
    if code not in words[table]:
        raise KnowledgeError(f"{where}: '{code}' is not in {table}.csv")
    return words[table][code]


def _dose(cells: Mapping[str, str], where: str) -> Dose | None:
    if not cells["dose"]:
        return None
    low, _, high = cells["dose"].partition("..")
    if cells["dose_kind"] not in DOSE_KINDS or not cells["dose_unit"]:
        raise KnowledgeError(f"{where}: a dose needs a unit and a kind of {', '.join(DOSE_KINDS)}")
    try:
        return Dose(float(low), float(high or low), cells["dose_unit"], cells["dose_kind"])
    except ValueError:
        raise KnowledgeError(f"{where}: dose '{cells['dose']}' is no number and no low..high") from None
