"""The parts of the Upload page: choose files, see what would be loaded and decide, and what came of it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from precision import wording
from precision.cohort import GENOTYPES
from precision.io.export import safe_csv
from precision.io.quarantine import file_name
from precision.io.review import Review, Tally
from precision.result import OK, Result
from precision.synth.sample import FOLDER
from precision.ui import chrome, html, upload_state
from precision.ui.upload_state import MEGABYTE, Loaded, Upload
from precision.workbench.data import leading
from precision.workbench.genes_loaded import GenesLoaded, build_of, genes_loaded, in_files

STEPS = ("File", "Columns and checks", "Load")
FORMATS = (
    ("One row per patient", "CSV, TSV, XLSX, Parquet"),
    ("Long tables", "measurements, diagnoses, medicines, family history"),
    ("Genotypes", "VCF, gVCF, 23andMe and AncestryDNA text, or a table of variants"),
    ("Laboratory results of genes", "gene with diplotype, phenotype or activity score"),
    ("Consent", "use, scope, and permit or deny"),
    ("Several files at once", "joined by the patient identifier"),
    ("Needed", "patient identifier, sex, age or date of birth"),
    ("Everything else", "optional"),
)
EXAMPLES = (
    ("patients_wide.csv", "One row per patient, CSV"),
    ("patients_wide.xlsx", "One row per patient, XLSX"),
    ("labs_long.csv", "Long table of measurements, CSV"),
    ("germline.vcf.gz", "Genotypes, VCF"),
    ("outside_calls.tsv", "Laboratory results of genes, TSV"),
)
MANY = 6  # genes that are named before the rest is counted
ABSENCE = {  # table -> what it lists, and what it changes to call it complete
    "conditions": ("diagnoses", "Then diabetes or heart disease that is not listed counts as no."),
    "medications": ("medicines", "Then a statin that is not listed counts as not taken."),
}
OF_ARRAYS = "An array test lists what it tests, not every variant: what it does not have stays unknown."
EVERY_VARIANT = "Then a position without a record counts as the reference; right for whole genomes only."
OTHERWISE = " Otherwise it counts as not known, and risks that need it are not estimated."


def heading(step: int) -> None:
    """The title, where uploads stay, and the step that is next."""
    chrome.title("Upload", right=(html.badge("Stays in this session", "lock"),))
    html.show(html.steps(STEPS, step))


def choose() -> None:
    """Choose files, what is read, and tables to try it with."""
    left, right = st.columns([3, 2], gap="medium")
    with left:
        chrome.section("Choose files")
        with chrome.card("upload_choose"):
            key = upload_state.uploader_key()
            st.file_uploader(
                "Patient tables",
                accept_multiple_files=True,
                key=key,
                label_visibility="collapsed",
                on_change=_choose,
                args=(key,),
            )
            html.show(
                html.note("The files are read on this machine and kept until this session ends. Nothing is sent.")
            )
            _examples()
    with right:
        chrome.section("What is read")
        with chrome.card():
            html.show(html.values([html.Row(label, value) for label, value in FORMATS]))


def refused(upload: Upload, tally: Tally) -> None:
    """Files that could not be read, each with the reason."""
    lost = (*upload.too_large, *tally.refused)
    if lost:
        with st.container(border=True, gap="small", key="upload_refused"):
            for name, reason in lost:
                text = reason.removeprefix("Refused: ")
                html.show(html.state("Refused", text if text.startswith(name) else f"{name}: {text}"))


def result(upload: Upload, review: Review, place: DeltaGenerator) -> None:
    """What would happen to the rows, the decisions that change it, and the button that loads them.

    place : where the progress of loading is shown
    """
    tally = review.tally
    chrome.section("Result if loaded now")
    with chrome.card("upload_result"):
        html.show(html.values(_account(tally, "Ready to load") + _genotypes(review)))
        _identifier(upload, review)
        _codings(upload, review)
        _lists(upload, review)
        if not tally.consent:
            html.show(html.remark("Note", "No consent is recorded in these files. It will count as missing."))
        if not tally.loads:
            html.show(html.remark("Quarantine", _why_nothing(review)))
        if st.button(
            f"Load {counted(tally.loads, 'row')}",
            type="primary",
            width="stretch",
            disabled=not tally.loads,
            key="upload_load",
        ):
            upload_state.load(review, place)
        st.button("Choose another file", width="stretch", on_click=upload_state.start_over, key="upload_again")


def after(done: Loaded) -> None:
    """What was loaded, and for how many patients each risk was estimated."""
    left, right = st.columns([8, 5], gap="medium")
    cohort = done.assessment.cohort
    with left:
        first = leading(done.assessment)
        chrome.section("What was estimated", f"of {len(cohort):,} patients")
        with chrome.card():
            everything = [(r, k) for r in done.assessment.results.values() for k in range(len(r.estimates))]
            soonest = [] if first is None else _at_first_horizon(first)
            shown = [] if first is None else [(first, k) for k in soonest]
            rest = [(r, k) for r, k in everything if r is not first or k not in soonest]
            html.show(_estimates(shown))
            html.show(html.note("A patient who lacks several inputs is counted under each of them."))
            with st.expander(counted(len(rest), "other estimate"), key="upload_models"):
                html.show(_estimates(rest))
    with right:
        chrome.section("Loaded")
        with chrome.card():
            rows = [html.Row("Cohort", cohort.name), html.Row("Patients", f"{len(cohort):,}")]
            html.show(html.values(rows + _account(done.review.tally, "Loaded without a warning")))
            if st.button("Open the worklist", type="primary", width="stretch", key="upload_worklist"):
                st.switch_page("pages/worklist.py")
            if st.button("Open the cohort", width="stretch", key="upload_cohort"):
                st.switch_page("pages/cohort.py")
            st.button("Load another file", width="stretch", on_click=upload_state.start_over, key="upload_another")
            quarantined(done.review)
        _genes(done)


def _genes(done: Loaded) -> None:
    """Where gene results come from, and of how many patients each gene has one."""
    found = genes_loaded(done.assessment, done.review.imported.counts)
    if found is None:
        return
    chrome.section("Genes", f"{len(found.with_result):,} of {len(found.genes):,} have a result")
    with chrome.card("upload_genes"):
        html.show(html.values(_sources(found, len(done.assessment.cohort))))
        with st.expander(f"Results of each of {counted(len(found.genes), 'gene')}", key="upload_genes_each"):
            heads = [html.Column("Gene", 40), html.Column("Patients with a result", 60, "right")]
            rows = [(one.gene, f"{one.with_result:,} of {found.people:,}") for one in found.genes]
            html.show(html.table("Results of each gene", heads, rows))
            html.show(html.note("A gene without a result is not determined, which does not mean normal."))


def _sources(found: GenesLoaded, total: int) -> list[html.Row]:
    """Files, patients, build and genes as a list."""
    rows: list[html.Row] = []
    if found.files:
        rows.append(html.Row(counted(len(found.files), "genotype file"), _first(found.files)))
        rows.append(html.Row("Genome build", found.build))
        rows.append(html.Row("Patients with genotypes", f"{found.in_files:,} of {total:,}"))
    if found.in_table:
        rows.append(html.Row("Patients in the table of variants", f"{found.in_table:,} of {total:,}"))
    if found.of_laboratory:
        rows.append(html.Row("Patients with a laboratory result", f"{found.of_laboratory:,} of {total:,}"))
    if found.declined:
        rows.append(html.Row("Patients who deny this use", f"{found.declined:,}, in no count of results"))
    if found.with_result:
        rows.append(html.Row("Genes with a result", _first([one.gene for one in found.with_result], MANY)))
    if found.without:
        rows.append(html.Row("Genes without one", _first(found.without, MANY), 0))
    return rows


def _first(names: Sequence[str], most: int = 3) -> str:
    """'A, B, C and 4 more'."""
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest:,} more" if rest > 0 else "")


def quarantined(review: Review) -> None:
    """The quarantined rows as CSV, one file for each that was read."""
    held = review.imported.quarantine
    if not held:
        return
    one = len(held) == 1
    st.download_button(
        "Download quarantine as CSV" if one else "Download quarantine as CSV files",
        (lambda: safe_csv(next(iter(held.values())))) if one else (lambda: _archive(review)),
        file_name(next(iter(held))) if one else "quarantine.zip",
        mime="text/csv" if one else "application/zip",
        icon=":material/download:",
        on_click="ignore",
        width="content",
        key="upload_quarantine",
    )


def _archive(review: Review) -> bytes:
    packed, names = io.BytesIO(), set[str]()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, frame in review.imported.quarantine.items():
            name = file_name(file)
            while name in names:
                name = name.replace(".csv", "_2.csv")
            names.add(name)
            archive.writestr(name, safe_csv(frame))
    return packed.getvalue()


def columns() -> list[DeltaGenerator]:
    """Nearly two thirds for the columns of the file, the rest for the result."""
    return st.columns([9, 5], gap="medium")


def file_note(size: int, rows: int, columns: int) -> str:
    """'2.1 MB, 10,432 rows, 17 columns'; the size in bytes, 0 where it is not known."""
    units = ((MEGABYTE, "MB"), (1024, "kB"))
    shown = next((f"{size / unit:,.1f} {name}, " for unit, name in units if size >= unit), f"{size} bytes, ")
    return f"{shown if size else ''}{counted(rows, 'row')}, {counted(columns, 'column')}"


def counted(count: int, word: str) -> str:
    """'1 row', '10,432 rows'."""
    return f"{count:,} {word if count == 1 else word + 's'}"


def _choose(key: str) -> None:
    files = st.session_state[key]
    if files:
        upload_state.choose([(file.name, file.getvalue()) for file in files])


def _account(tally: Tally, ready: str) -> list[html.Row]:
    rows = [
        html.Row("Rows read", f"{tally.read:,}"),
        html.Row(ready, f"{tally.ready:,}", 1 if tally.ready else None),
        html.Row("Loaded with a warning", f"{tally.warned:,}", 3 if tally.warned else None),
        html.Row("Quarantined", f"{tally.quarantined:,}", 4 if tally.quarantined else None),
        html.Row("Duplicate identifiers", f"{tally.duplicates:,}"),
        html.Row("Direct identifiers found", _identifiers(tally), 4 if tally.identifiers else None),
        html.Row("Consent", "recorded" if tally.consent else "not found", None if tally.consent else 3),
    ]
    if tally.corrected:
        rows.append(html.Row("Values corrected here", f"{tally.corrected:,}"))
    return rows


def _genotypes(review: Review) -> list[html.Row]:
    """Of how many patients there are genotypes, and in which build."""
    cohort, counts = review.imported.cohort, review.imported.counts
    if cohort is None or not (counts["table"] == GENOTYPES).any():
        return []
    people = f"{int(in_files(cohort).sum()):,} of {len(cohort):,} patients"
    return [html.Row("Genotypes", ", ".join(filter(None, (people, build_of(cohort)))))]


def _identifiers(tally: Tally) -> str:
    names, count = tally.identifiers, len(tally.identifiers)
    if not count:
        return "0"
    return f"{count}, {_first(names)}"


def _identifier(upload: Upload, review: Review) -> None:
    if not (review.without_identifier or upload.row_numbers):
        return
    words = "No column names the patient. Choose it under Becomes, or call each row a patient of its own."
    html.show(html.remark("Mapped" if upload.row_numbers else "Confirm", words))
    key = "upload_row_numbers"
    st.session_state.setdefault(key, upload.row_numbers)
    st.checkbox("Use row numbers as patient identifiers", key=key, on_change=_row_numbers, args=(upload, key))


def _codings(upload: Upload, review: Review) -> None:
    becomes = dict(zip(review.imported.columns["column"], review.imported.columns["label"], strict=True))
    for number, (header, coding) in enumerate(upload.codings.items()):
        if header not in review.codings and header not in upload.confirmed:
            continue
        sure = header in upload.confirmed
        html.show(html.remark("Mapped" if sure else "Confirm", f"Column {header}: {coding}"))
        key = f"upload_coding_{number}"
        st.session_state.setdefault(key, sure)
        st.checkbox(
            f"This coding is right for: {becomes.get(header, header)}" if header in becomes else "This coding is right",
            key=key,
            on_change=_decide,
            args=(upload, upload.confirmed, header, key),
        )


def _lists(upload: Upload, review: Review) -> None:
    """Whether what a list does not name is absent; asked only of lists that were read."""
    cohort = review.imported.cohort
    for table, (what, meaning) in ABSENCE.items():
        if cohort is None or table not in cohort.tables:
            continue
        stated = table in cohort.complete and table not in upload.complete
        key = f"upload_complete_{table}"
        st.session_state.setdefault(key, table in cohort.complete)
        st.checkbox(
            f"The list of {what} is complete: absent means no",
            key=key,
            disabled=stated,
            on_change=_decide,
            args=(upload, upload.complete, table, key),
        )
        html.show(html.note("The format of these files says so." if stated else meaning + OTHERWISE))
    _variants(upload, review)


def _variants(upload: Upload, review: Review) -> None:
    """Whether a position that the files of genotypes do not have is reference; asked only where there are some."""
    cohort = review.imported.cohort
    if cohort is None or cohort.genotypes is None:
        return
    key = f"upload_complete_{GENOTYPES}"
    st.session_state.setdefault(key, GENOTYPES in cohort.complete)
    arrays = cohort.genotypes.arrays
    only_arrays = arrays.issuperset(cohort.genotypes.samples)
    st.checkbox(
        "The genotype files hold every variant: absent means reference",
        key=key,
        disabled=only_arrays,
        on_change=_decide,
        args=(upload, upload.complete, GENOTYPES, key),
    )
    otherwise = EVERY_VARIANT + " Otherwise it counts as not known, and fewer genes can be called."
    told = (OF_ARRAYS if arrays else "", "" if only_arrays else otherwise)
    html.show(html.note(" ".join(filter(None, told))))


def _decide(upload: Upload, chosen: set[str], item: str, key: str) -> None:
    (chosen.add if st.session_state[key] else chosen.discard)(item)
    upload.changed()


def _row_numbers(upload: Upload, key: str) -> None:
    upload.row_numbers = bool(st.session_state[key])
    upload.changed()


def _why_nothing(review: Review) -> str:
    waits = list(review.everything_waits["reason"])
    if waits:
        return "Every row waits. " + " ".join(map(wording.capital, waits))
    return "Every row is in quarantine. Correct the values below, or in the file."


def _at_first_horizon(result: Result) -> list[int]:
    """The estimates of a model that look as far ahead as its first."""
    years = result.estimates[0].horizon_years
    return [k for k, estimate in enumerate(result.estimates) if estimate.horizon_years == years]


def _estimates(chosen: list[tuple[Result, int]]) -> html.Html:
    """For how many each number was computed, and why not for the others."""
    heads = [html.Column("Estimate", 34), html.Column("Computed", 16, "right"), html.Column("Why not for the others")]
    return html.table("What was estimated", heads, [_estimate(result, k) for result, k in chosen])


def _estimate(result: Result, k: int) -> tuple[html.Text, ...]:
    estimate, total = result.estimates[k], len(result)
    computed = int(np.count_nonzero(result.status[:, k] == OK))
    horizon = "" if np.isnan(estimate.horizon_years) else f"{estimate.horizon_years:g} years, "
    counts = sorted(result.reason_counts(k).items(), key=lambda item: -item[1])
    why = ", ".join(f"{wording.short_reason(code)} {count:,}" for code, count in counts)
    name = html.lines(estimate.label, horizon + result.label)
    return name, f"{computed:,} of {total:,}", why if computed < total else "computed for everyone"


def _examples() -> None:
    """Tables of the sample cohort to try the page with."""
    found = [(FOLDER / name, label) for name, label in EXAMPLES if (FOLDER / name).is_file()]
    if not found:
        return
    html.show(html.note("Download an example table to try this page:"))
    with st.container(horizontal=True, gap="small", key="upload_examples"):
        for path, label in found:
            st.download_button(
                label,
                path.read_bytes,
                path.name,
                icon=":material/download:",
                on_click="ignore",
                key=f"upload_example_{path.stem}_{path.suffix[1:]}",
            )
