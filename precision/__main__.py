"""The command line of Precision."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from precision.commands import (
    OutsideResults,
    called,
    caution,
    file_of,
    known_sexes,
    output,
    say,
    source_of,
    tell_strangers,
    told,
    write,
)
from precision.errors import InputError, PrecisionError
from precision.model import Model, registry

DONE, SOME_REFUSED, NOT_RUN = 0, 1, 2
AT_ONCE = 50_000  # patients made text at a time
MOST_TOLD = 20  # errors of a cohort that are told one by one
app = typer.Typer(
    help="Precision medicine for one patient or a cohort.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,  # they may hold patients
)
knowledge = typer.Typer(help="The sources that Precision rests on.", no_args_is_help=True)
app.add_typer(knowledge, name="knowledge")
pgx = typer.Typer(help="Genes that change how drugs work.", no_args_is_help=True)
app.add_typer(pgx, name="pgx")
SMOKING = {"": math.nan, "no": 0.0, "yes": 1.0}

Confirm = Annotated[
    str, typer.Option("--confirm", help="Columns whose ambiguous coding (1 and 2 for sex) is right; '*' for all.")
]
RowNumbers = Annotated[bool, typer.Option("--row-numbers", help="Use row numbers where a file has no patient_id.")]
Out = Annotated[Path | None, typer.Option("--out", help="File to write; standard output if absent.")]


@app.command("variables")
def list_variables(out: Out = None) -> None:
    """List every variable: name, label, unit, levels, LOINC codes, accepted headers and ranges (TSV)."""
    from precision.schema import variables

    rows = [
        {
            "name": v.name,
            "label": v.label,
            "domain": v.domain,
            "table": v.table,
            "kind": v.kind,
            "unit": v.unit,
            "levels": ";".join(v.levels),
            "loinc": " ".join(v.loinc),
            "aliases": "|".join(v.aliases),
            "plausible_low": v.plausible[0],
            "plausible_high": v.plausible[1],
            "hard_low": v.hard[0],
            "hard_high": v.hard[1],
        }
        for v in variables().values()
    ]
    write(pd.DataFrame(rows), out)


@app.command("models")
def list_models(out: Out = None) -> None:
    """List every model: outcomes, horizons, inputs, validated ranges and citation (TSV)."""
    write(pd.DataFrame([_model_row(model) for model in registry().values()]), out)


@knowledge.command("list")
def list_knowledge(out: Out = None) -> None:
    """List every knowledge source with version, date and licence (TSV)."""
    from precision.knowledge.table import sources

    write(pd.DataFrame(sources()).assign(tables=[";".join(source.tables) for source in sources()]), out)


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(help="Tables, genotypes or folders of them; '-' is standard input.")],
    quarantine: Annotated[Path | None, typer.Option(help="Folder for the rows that cannot be used.")] = None,
    row_numbers: RowNumbers = False,
    confirm: Confirm = "",
    out: Out = None,
) -> None:
    """Check tables and list every issue (TSV): where it is, what is wrong, and the way out."""
    from precision.io import read
    from precision.io.issues import refused_some
    from precision.io.quarantine import save
    from precision.workbench.checking import checked

    read_in = checked(read([source_of(file) for file in files], use_row_numbers=row_numbers, confirm=_names(confirm)))
    write(read_in.issues, out, *files)
    if quarantine is not None:
        save(read_in.quarantine, quarantine)
    for count in read_in.counts.itertuples():
        say(f"{count.file}: {count.rows_in:,} rows in, {count.accepted:,} accepted, {count.quarantined:,} quarantined")
    raise typer.Exit(SOME_REFUSED if refused_some(read_in.issues) else DONE)


@app.command()
def synth(
    patients: Annotated[int, typer.Option(min=1, help="How many people.")],
    out: Annotated[Path, typer.Option(help="Folder to write.")],
    seed: Annotated[int, typer.Option(help="Same seed, same files.")] = 1,
) -> None:
    """Write a synthetic cohort with every table; large ones as Parquet partitions."""
    from precision.synth import write

    write(patients, seed, out)


@app.command()
def risk(
    model: Annotated[str, typer.Argument(help="A name of `precision models`.")],
    file: Annotated[Path, typer.Argument(help="A table with one row per patient; '-' is standard input.")],
    out: Out = None,
    units: Annotated[
        str, typer.Option(help="'model' reads bare headers in the units of the model's paper.")
    ] = "dictionary",
    extrapolate: Annotated[bool, typer.Option(help="Give values outside the validated range, marked.")] = False,
    confirm: Confirm = "",
) -> None:
    """Estimate a model's outcomes for every row of a table (TSV, long)."""
    from precision.io import risk_table

    chosen = _model(model)
    if units not in ("dictionary", "model"):
        raise InputError(f"--units is '{units}'; allowed: dictionary, model")
    table = risk_table(source_of(file), chosen, model_units=units == "model", confirm=_names(confirm))
    result = chosen(table.frame, extrapolate=extrapolate)
    starts = range(0, max(len(result), 1), AT_ONCE)
    write((table.long(result, slice(start, start + AT_ONCE)) for start in starts), out, file)
    if chosen.disclaimer:
        say(chosen.disclaimer)
    for issue in table.issues[table.issues["severity"] == "error"].itertuples():
        say(told(issue.file, issue.row, issue.column, f"{issue.reason} {issue.fix}"))
    caution(table.issues[table.issues["severity"] == "warning"])
    if absent := _without_column(chosen, set(map(str, table.frame))):
        say(f"{file}: no column gives {', '.join(absent)}; `precision variables` lists the headers that are understood")
    raise typer.Exit(SOME_REFUSED if table.refused.any() else DONE)


@app.command()
def assess(
    cohort: Annotated[list[Path], typer.Argument(help="Files or a folder of tables of one cohort.")],
    out: Annotated[Path, typer.Option(help="Folder for the Parquet files.")],
    row_numbers: RowNumbers = False,
    confirm: Confirm = "",
    complete: Annotated[
        str, typer.Option(help="Tables in which absence means 'no', 'genotypes' where files hold all variants.")
    ] = "",
) -> None:
    """Assess every patient of a cohort with every model; write results, actions, plans and called genes (Parquet)."""
    from precision.io import read
    from precision.io.issues import refused_some
    from precision.workbench import account, assess
    from precision.workbench.checking import checked

    sources = [source_of(path) for path in cohort]
    read_in = checked(read(sources, use_row_numbers=row_numbers, confirm=_names(confirm), complete=_names(complete)))
    errors = read_in.issues[read_in.issues["severity"] == "error"]
    for issue in errors.head(MOST_TOLD).itertuples():
        say(told(issue.file, issue.row, issue.column, f"{issue.reason} {issue.fix}"))
    if len(errors) > MOST_TOLD:
        say(f"and {len(errors) - MOST_TOLD:,} more errors; `precision check` lists every one")
    caution(read_in.issues[read_in.issues["severity"] == "warning"])
    if read_in.cohort is None:
        raise InputError("no row could be used; run `precision check` on the files to see every issue")
    assessment = assess(read_in.cohort)
    assessment.save(out)
    accounts = [account(result) for result in assessment.results.values()]
    (out / "account.txt").write_text("\n".join(line for lines in accounts for line in lines) + "\n", encoding="utf-8")
    for first, *_ in accounts:
        say(first)
    say(f"Every estimate is accounted for in {out / 'account.txt'}")
    raise typer.Exit(SOME_REFUSED if refused_some(read_in.issues) else DONE)


OutsideCalls = Annotated[
    Path | None, typer.Option(help="TSV of a laboratory's results: gene, diplotype, phenotype, activity score.")
]
Build = Annotated[str, typer.Option(help="37 or 38; told from the reference bases if absent.")]
Sex = Annotated[
    str, typer.Option(help="female or male, for genes on X: of a file with one sample; not known if absent.")
]
Sexes = Annotated[Path | None, typer.Option(help="The sex of several samples: TSV with columns sample and sex.")]
EveryVariant = Annotated[
    bool, typer.Option(help="The files hold every variant of their samples: no record means reference.")
]


@pgx.command("call")
def pgx_call(  # noqa: PLR0913 - each is one choice of the person who asks
    files: Annotated[list[Path], typer.Argument(help="VCF, gVCF or array text, plain or compressed.")],
    outside_calls: OutsideCalls = None,
    all_matches: Annotated[bool, typer.Option(help="Report every diplotype that fits, not the best only.")] = False,
    sex: Sex = "",
    sexes: Sexes = None,
    build: Build = "",
    absent_as_reference: EveryVariant = False,
    out: Out = None,
) -> None:
    """Call star alleles and phenotypes (JSON lines, one per sample and gene).

    activity_score is a number where it is one, else text ('≥4.0', 'n/a', '2 or 0.0'), or null. Under interpretations
    it is always the text of that body.
    """
    from precision.pgx.lines import json_lines

    refused, seen = False, set[str]()
    known = known_sexes(sex, sexes, len(files))
    outside = OutsideResults(outside_calls, len(files))
    with output(out, *files, outside_calls, sexes) as written:
        for file in files:
            calls, complete = called(file, outside, known, build, absent_as_reference, all_matches)
            written.writelines(f"{line}\n" for line in json_lines(calls))
            refused |= not complete
            seen.update(calls.samples)
        outside.check()
        tell_strangers(known, seen, sexes)
    raise typer.Exit(SOME_REFUSED if refused else DONE)


@pgx.command("advise")
def pgx_advise(  # noqa: PLR0913 - each is one choice of the person who asks
    file: Annotated[Path, typer.Argument(help="VCF, gVCF or array text, plain or compressed.")],
    drugs: Annotated[
        str,
        typer.Option(
            help="Medicines to ask about, ',' between them: names, brands, combinations, ATC or RxNorm codes."
        ),
    ] = "",
    every: Annotated[bool, typer.Option("--all", help="Ask about every medicine that a guideline speaks of.")] = False,
    medications: Annotated[
        Path | None, typer.Option(help="The medicines in use or planned: TSV with a column drug, or names alone.")
    ] = None,
    smoking: Annotated[str, typer.Option(help="yes or no: whether tobacco is smoked; not known if absent.")] = "",
    outside_calls: OutsideCalls = None,
    sex: Sex = "",
    sexes: Sexes = None,
    build: Build = "",
    absent_as_reference: EveryVariant = False,
    out: Out = None,
) -> None:
    """Say which medicines and doses fit the genes (JSON lines, one per sample, medicine and source)."""
    from precision.io.dates import today
    from precision.io.medication_list import read_medications, reversed_dates
    from precision.pgx.advice import by_drug
    from precision.pgx.advice_lines import advice_lines
    from precision.pgx.drugs import ingredients
    from precision.pgx.listed import medicines_of

    if smoking not in SMOKING:
        raise InputError(f"--smoking is '{smoking}'; allowed: yes, no, or none where it is not known")
    if not (_names(drugs) or every or medications):
        raise InputError("no medicine is asked about; give --drugs codeine,clopidogrel, --all, or --medications FILE")
    named = [one.name for text in _names(drugs) for one in ingredients(text)]
    asked = tuple(dict.fromkeys((*named, *(by_drug() if every else ()))))
    known = known_sexes(sex, sexes)
    calls, complete = called(file, OutsideResults(outside_calls), known, build, absent_as_reference)
    tell_strangers(known, calls.samples, sexes)
    listed = read_medications(file_of(medications), calls.samples) if medications else None
    found = medicines_of(listed, calls.samples, SMOKING[smoking], today())
    backwards = reversed_dates(listed) if listed is not None else ()
    for line, reason in sorted((*found.unread, *found.doubtful, *backwards)):
        say(f"{medications}, line {line}: {reason}")
    for one in found.lingering:
        say(f"{calls.samples[one.person]}: {one.sentence}")
    each = [asked or mine for mine in found.listed]
    if not any(each):
        say(f"{medications}: no medicine in use or planned is recognised, so there is nothing to advise on")
    lines = advice_lines(calls, each, found.shifts, found.planned, found.lingering, found.beside)
    with output(out, file, medications, outside_calls, sexes) as written:
        written.writelines(f"{line}\n" for line in lines)
    raise typer.Exit(SOME_REFUSED if found.unread or not complete else DONE)


@app.command("app")
def serve(
    port: Annotated[int, typer.Option(help="Port on this machine.")] = 8501,
    address: Annotated[
        str, typer.Option(help="Address to listen on; keep 127.0.0.1 unless a proxy protects it.")
    ] = "127.0.0.1",
    cohort: Annotated[Path | None, typer.Option(help="Cohort to serve; the sample cohort if absent.")] = None,
) -> None:
    """Serve the app in the browser."""
    from precision.ui.launch import launch

    raise typer.Exit(launch(port, address, cohort))


def _names(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (name.strip() for name in text.split(","))))


def _model(name: str) -> Model:
    if name not in registry():
        raise InputError(f"no model is called '{name}'; known: {', '.join(registry())}")
    return registry()[name]


def _model_row(model: Model) -> dict[str, str | int]:
    ranges = {name: f"{low:g} to {high:g}" for name, (low, high) in model.ranges.items()}
    return {
        "name": model.name,
        "label": model.label,
        "domain": model.domain,
        "outcomes": ";".join(
            f"{e.outcome}@{e.horizon_years:g}y" if e.horizon_years > 0 else e.outcome for e in model.estimates
        ),
        "unit": model.estimates[0].unit,
        "required": ";".join(model.required),
        "optional": ";".join(model.optional),
        "ranges": ";".join(f"{name} {text}" for name, text in ranges.items()),
        "population": model.population,
        "citation": model.citation.text,
        "doi": model.citation.doi,
        "notice": model.notice,
        "disclaimer": model.disclaimer,
    }


def _without_column(model: Model, given: set[str]) -> list[str]:
    """Required inputs that are neither a column nor follow from others that are."""
    follows = {step.name for step in model.derivations if given.issuperset(step.needs)}
    return [name for name in model.required if name not in given | follows]


def main() -> None:
    """Run the command line; errors of the user go to standard error with exit status 2."""
    try:
        app()
    except PrecisionError as error:
        say(f"Error: {error}")
        raise SystemExit(NOT_RUN) from None
    except OSError as error:
        why = f"{error.filename or 'standard output'}: {error.strerror}" if error.strerror else str(error)
        say(f"Error: {why}; give a place that exists and can be read or written")
        raise SystemExit(NOT_RUN) from None


if __name__ == "__main__":
    main()
