"""The words of the Medicines page: gene results, rules, sources, and why a gene or a position is not determined."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date

from precision import wording
from precision.pgx.advice import Advice, by_drug
from precision.pgx.answers import STRENGTHS, Answer, GeneSaid, plain
from precision.pgx.conditions import ABSENT, DIPLOTYPE, PRESENT, SCORE, Condition
from precision.pgx.definitions import genes as known_genes
from precision.pgx.outside import PRESENCE
from precision.pgx.result import Call
from precision.pgx.review import DEPENDING, IF
from precision.pgx.titles import spelled
from precision.ui import html
from precision.workbench.gene_names import short
from precision.workbench.medicine_list import GeneRow, ListedMedicine

NOT_SAFE = "This does not mean safe."
UNKNOWN_NAME = "The name is not recognised"
NO_GENE = "No row is held here for this medicine"
NO_ADVICE = "No source gives advice for these results"
WHATEVER = "Whatever the genes"
UNDECIDED = "not_determined"  # action of an answer whose genes are not known
NOTHING_READ = ("no_position_known", "no_outside_call")
RARER = "another phenotype, with rarer pairs that are not listed"
NO_GENOTYPES = "No genotypes of this patient are recorded."
UNREAD = "positions_missing"  # reason of a call
LIMITED = "Nothing was found at the positions read; those not read could change this, so advice may wait."
NAMED = 2  # diplotypes in a cell; the others are counted
DAY = re.compile(r"(\d{4}-\d{2})(-\d{2})?")
REASONS: Mapping[str, str] = {
    "no_position_known": "No position of this gene could be read.",
    "undocumented_allele": "A base was found that no allele definition knows.",
    "partial_call": "At one position only one of two bases was read, and it is a variant.",
    "male_heterozygous": "Two different bases on the X chromosome of a male.",
    "inside_larger_variant": "A deletion or another larger variant of the person covers positions of this gene.",
    "required_position_missing": "A position without which this gene is not called is missing.",
    "no_matching_diplotype": "No pair of known alleles fits these bases.",
    "several_diplotypes": "Several pairs of alleles fit equally well.",
    "phase_matters": "The result depends on which variants lie on the same strand, which is not known.",
    "phase_unknown": "Which variants lie on the same strand is not known.",
    "read_from_one_position": "Read from one position, because no pair of known alleles fits.",
    "most_frequent_of_ties": "Of pairs that fit equally well the by far more frequent one is reported.",
    "untyped_position_decides_name": "A position that tells two alleles apart is missing.",
    "undocumented_as_reference": "A base that no definition knows was taken as reference.",
    "deciding_position_missing": "Read from a position that usually goes with the deciding one, which is missing.",
    "dependent_position_contradicts": "Two positions that go together contradict each other.",
    "other_diplotypes_fit": "Other pairs of alleles fit too, at fewer positions.",
    "other_phenotype_fits": "A pair that fits too would mean another phenotype.",
    "alleles_not_excluded": "Alleles at missing positions cannot be excluded.",
    "tier1_alleles_untested": "An allele that should be part of every test was not tested.",
    "positions_missing": "The positions that were not read could hold a variant that changes the result.",
    "sex_unknown": "The sex is not known, so one or two copies of the gene are possible.",
    "laboratory_no_call": "The laboratory could not call this gene.",
    "no_outside_call": "Needs a laboratory result: this gene is not called from a variant file.",
    "laboratory_differs": "The laboratory's results contradict each other; advice looks at both.",
    "laboratory_several": "The laboratory reports several pairs of alleles; advice looks at each.",
    "genotypes_differ": "The genotypes say another phenotype than the laboratory; advice follows the laboratory.",
    "second_allele_missing": "The laboratory reports one allele where two are expected.",
    "one_allele_expected": "The laboratory reports two alleles where one is expected.",
    "copy_number_unknown": "The number of copies is not known.",
    "gene_without_rules": "No source here speaks of a gene of this name; check the spelling.",
}
DISCARDED: Mapping[str, str] = {
    "absent": "no record in the file",
    "no_call": "not called",
    "filtered": "did not pass the filters of the file",
    "one_allele": "one allele where two are expected",
    "ref_mismatch": "the file has another reference base",
    "undocumented_allele": "a base that no definition knows",
    "allele_not_told": "the file does not tell the base",
    "inside_larger_variant": "a larger deletion, duplication or inversion covers it",
    "reference_block_at_indel": "a run of reference calls proves no absence of an insertion or deletion",
    "partial_call": "one of two alleles is unknown",
    "one_allele_of_two": "one allele where two are expected",
    "male_heterozygous": "two different bases on the X chromosome of a male",
}
NOT_UNDERSTOOD: Mapping[str, str] = {
    "phenotype_not_understood": "The laboratory's phenotype is not understood. Correct it.",
    "not_understood": "The laboratory's result is not understood. Correct it.",
    "score_out_of_range": "No two alleles of this gene have the laboratory's activity score. Correct it.",
}
ANCESTRY: Mapping[str, str] = {
    "AFA": "African American, Caribbean",
    "AME": "Native American",
    "CSA": "Central and South Asian",
    "EAS": "East Asian",
    "EUR": "European",
    "LAT": "Latino",
    "NEA": "Near Eastern",
    "OCE": "Oceanian",
    "SSA": "Sub-Saharan African",
}


def capital(text: str) -> str:
    """The first letter large."""
    return wording.capital(text)


def listed(names: Sequence[str], last: str = "or") -> str:
    """'A', 'A or B', 'A, B or C'."""
    return f" {last} ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def named(names: Sequence[str], most: int) -> str:
    """'A, B and 3 more': those beyond ``most`` are counted."""
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"


def rule(answer: Answer) -> str:
    """For whom the advice speaks: 'CYP2C19 Poor metaboliser; coronary intervention'; without a result, what it asks."""
    row = answer.row
    if answer.action == UNDECIDED:
        return "; ".join(filter(None, (f"Depends on {listed(answer.needed, 'and')}", row.population_label)))
    return "; ".join(filter(None, (" and ".join(_condition(one) for one in row.when), row.population_label)))


def strength(answer: Answer) -> str:
    """How strongly the body says so."""
    return "No result to grade" if answer.action == UNDECIDED else STRENGTHS[answer.row.strength]


def body(row: Advice) -> str:
    """'CPIC 2022', 'DPWG Mar 2024'."""
    version = re.split("[,;]", row.citation.version)[0]
    month = DAY.fullmatch(version)
    return f"{row.body} {date.fromisoformat(f'{month[1]}-01'):%b %Y}" if month else f"{row.body} {version}".strip()


def caveats(row: Advice) -> str:
    """'not verified, update pending', or nothing."""
    told = ("" if row.verified else "not verified", "update pending" if row.citation.update_pending else "")
    return ", ".join(filter(None, told))


def source(answer: Answer) -> html.Html:
    """Who says so how strongly, with its link; what is doubtful about it is said."""
    said = ", ".join(filter(None, (strength(answer), caveats(answer.row))))
    return html.lines(html.link(body(answer.row), answer.row.citation.url), said)


def gene_cell(one: ListedMedicine, genes: Mapping[str, GeneRow]) -> html.Html:
    """The gene results that a medicine's leading answer rests on."""
    if one.leading is None:
        return html.tag("span", "No gene held here" if one.drugs else "Not looked up", cls="quiet")
    return finding(one.leading, genes)


def finding(answer: Answer, genes: Mapping[str, GeneRow]) -> html.Html:
    """The same for one answer of the Why card."""
    if not answer.genes:
        return html.tag("span", WHATEVER, cls="quiet")
    told = [(one, genes.get(one.gene)) for one in answer.genes]
    return html.join(*(html.tag("div", _said(one, row), doubted(row) if row else html.NOTHING) for one, row in told))


def no_gene(one: ListedMedicine) -> str:
    """Why nobody says anything of a medicine: no gene is listed, or none of its results has advice."""
    return NO_ADVICE if any(drug in by_drug() for drug in one.drugs) else NO_GENE


def advice_cell(one: ListedMedicine) -> html.Html:
    """What to do, why in short, and the alternatives against the same genes."""
    answer = one.leading
    if answer is None:
        if one.drugs:
            return html.join(html.lines(f"{no_gene(one)}.", " ".join((NOT_SAFE, *one.effects))), cause(one))
        return html.lines(f"{UNKNOWN_NAME}.", f"Nothing can be said of it. {NOT_SAFE} Write the ingredient's name.")
    unsafe = NOT_SAFE if one.word == "No guidance" else ""
    reason = " ".join(filter(None, (answer.short, unsafe, *one.effects)))
    told = ([f"Dose: {one.amount}."] if one.amount else []) + [f"{name}: {dose}." for name, dose in one.doses]
    doses = [html.tag("span", dose, cls="qualifier") for dose in told]
    return html.join(html.lines(answer.title, reason), cause(one), *doses, alternatives(one))


def cause(one: ListedMedicine) -> html.Html:
    """What a medicine does to others that are listed, as a remark that is seen whatever is said of itself."""
    return html.join(*(html.remark("Review", act) for act in one.acts))


def word_of(answer: Answer) -> str:
    """The severity of one answer by itself: 'Avoid if' where nobody knows whether its population is the patient's."""
    return f"{answer.word}{IF}" if answer.bearing.conditional and answer.word in DEPENDING else answer.word


def only_if(one: ListedMedicine) -> str:
    """For whom the leading advice is meant: 'If: with a CYP3A4 inhibitor.'; empty where it is for everyone."""
    return f"{one.leading.condition}." if one.leading and one.leading.condition else ""


def untested(row: GeneRow) -> str:
    """'2 of 8 key alleles not tested' of a gene whose result may hide one that every test should have."""
    count = len(row.call.tier1_untested)
    if not count or row.call.gene not in known_genes() or not row.determined:
        return ""
    return f"{count} of {len(known_genes()[row.call.gene].rules.tier1)} key alleles not tested"


def alternatives(one: ListedMedicine) -> html.Html:
    """'By the same genes: prasugrel (no guidance), ticagrelor (no guidance)'."""
    if not one.alternatives:
        return html.NOTHING
    return html.tag("span", f"By the same genes: {checked(one)}.", cls="qualifier")


def checked(one: ListedMedicine) -> str:
    """'prasugrel (no guidance), ticagrelor (no guidance)'."""
    return ", ".join(f"{spelled(other.drug)} ({other.word.lower()})" for other in one.alternatives)


def diplotypes(call: Call) -> str:
    """'*1/*4', '*1/*3 or *2/*3', '*57:01' where its presence was tested; empty where there is none."""
    names = [short(one.name) for one in call.diplotypes if one.name]
    return several(names) or ", ".join(call.presence)


def presence(call: Call) -> str:
    """'*57:01 present, *58:01 absent'; empty where nothing of the kind is told."""
    return present(", ".join(f"{name} {told}" for name, told in call.presence.items()))


def present(text: str) -> str:
    """The words of a laboratory for the presence of alleles in ours."""
    return text.replace(f" {PRESENCE[0]}", " present").replace(f" {PRESENCE[1]}", " absent")


def read_as(call: Call) -> str:
    """A result as it is understood: '*4/*4, Poor metaboliser', '*57:01 present'."""
    told = phenotypes(call.phenotype) or presence(call)
    name = diplotypes(call)
    return told if name in ("", *call.presence, ", ".join(call.presence)) else ", ".join(filter(None, (name, told)))


def also_possible(call: Call) -> str:
    """'Poor metaboliser' where a pair of alleles that fits too, though less well, would mean it."""
    if "other_phenotype_fits" not in call.reasons:
        return ""
    known = set(call.phenotype.split(" or "))
    others = (one.diplotype.phenotype for one in call.alternatives if not one.reported)
    names = dict.fromkeys(name for name in others if name and name not in known)
    if not names and call.alternatives:
        return RARER
    return listed([plain(name) for name in names]) or "another phenotype"


def several(names: Sequence[str]) -> str:
    """Answers that cannot be told apart; those beyond two are counted."""
    return listed(names) if len(names) <= NAMED else f"{', '.join(names[:NAMED])} or {len(names) - NAMED} more"


def why_not(row: GeneRow) -> str:
    """Why a gene has no result, in one sentence."""
    return next(iter(remarks(row)), "No result is recorded.")


def remarks(row: GeneRow) -> tuple[str, ...]:
    """What is doubtful about a call, in sentences; without genotypes nothing is said of positions."""
    readable = row.call.gene in known_genes() and len(known_genes()[row.call.gene].variants) > 0
    if readable and set(NOTHING_READ) & set(row.call.reasons):
        nothing = REASONS[NOTHING_READ[0]] if row.read else NO_GENOTYPES
        return (nothing, *(reason(code) for code in row.call.reasons if code not in NOTHING_READ and row.read))
    return tuple(reason(code) for code in row.call.reasons)


def doubts(row: GeneRow) -> tuple[str, ...]:
    """Other results of the gene that advice does not follow, in sentences."""
    told = [REASONS[code] for code in ("laboratory_differs", "laboratory_several") if code in row.call.reasons]
    if row.by_genotypes is not None:
        told.append(f"The genotypes say {read_as(row.by_genotypes)}; advice follows the laboratory.")
    if row.replaced is not None:
        told.append(f"On record is {read_as(row.replaced)}; advice follows what was entered here.")
    return tuple(told)


def doubted(row: GeneRow) -> html.Html:
    """The same as remarks that are seen, and that the result rests on finding nothing where too little was read."""
    limited = (html.tag("span", LIMITED, cls="qualifier"),) if UNREAD in row.call.reasons and row.determined else ()
    return html.join(*limited, *(html.remark("Review", sentence) for sentence in doubts(row)))


def reason(code: str) -> str:
    """The sentence of a reason; one that concerns an allele bears its name after a colon."""
    head, _, what = code.partition(":")
    if head == "function_not_assigned":
        return f"No body assigns a function to {what}."
    if head in NOT_UNDERSTOOD:
        return f"The laboratory's result '{what}' is not understood. Correct it." if what else NOT_UNDERSTOOD[head]
    return REASONS.get(head, capital(head.replace("_", " ")) + ".")


def phenotypes(text: str) -> str:
    """Phenotypes joined by ' or ' in plain words."""
    return " or ".join(plain(one) for one in text.split(" or "))


def names_of(causes: Sequence[str]) -> str:
    """'paroxetine' of 'paroxetine, strong inhibitor'."""
    return listed([cause.partition(",")[0] for cause in causes], "and")


def day(text: str) -> str:
    """'5 Nov 2025' of an ISO date; other text as it is."""
    found = DAY.fullmatch(text)
    if not found or not found[2]:
        return text
    when = date.fromisoformat(text)
    return f"{when.day} {when:%b %Y}"


def _said(gene: GeneSaid, row: GeneRow | None) -> html.Html:
    if gene.read:
        named_so = " ".join(filter(None, (gene.gene, gene.diplotype)))
        return html.lines(named_so, f"{gene.read}{'.' if gene.untested else '; the others could hold a variant.'}")
    if not gene.known:
        why = why_not(row) if row is not None else "Never looked at."
        return html.lines(html.tag("span", f"{gene.gene} not determined", cls="t0"), why)
    name = " ".join(
        filter(
            None, (gene.gene, present(gene.presence) or several([short(one) for one in gene.diplotype.split(" or ")]))
        )
    )
    hidden = untested(row) if row is not None else ""
    score = f"activity score {gene.activity_score}" if gene.activity_score and not gene.presence else ""
    now = "" if gene.presence else ", ".join(filter(None, (phenotypes(gene.phenotype), score)))
    if gene.shifted_from:
        causes = names_of(row.causes) if row is not None and row.causes else "other medicines"
        now = f"{phenotypes(gene.shifted_from)} by genotype; with {causes} as {now}"
    return html.join(html.lines(name, now), html.tag("span", hidden, cls="qualifier") if hidden else html.NOTHING)


def _condition(one: Condition) -> str:
    if one.kind == SCORE:
        return f"{one.gene} activity score {listed([_range(low, high) for low, high in one.ranges])}"
    if one.kind in (PRESENT, ABSENT):
        return f"{one.gene} {listed(one.values)} {'present' if one.kind == PRESENT else 'absent'}"
    if one.of_unknown:
        return f"{one.gene} not known"
    return f"{one.gene} {listed(one.values if one.kind == DIPLOTYPE else [plain(value) for value in one.values])}"


def _range(low: float, high: float) -> str:
    if math.isinf(high):
        return f"{low:g} or more"
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"
