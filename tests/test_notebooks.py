"""The notebooks run, and give the numbers of the library and of the page."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from precision import wording
from precision.synth import load_sample
from precision.workbench import assess
from precision.workbench.medicines import medicines

ROOT = Path(__file__).parents[1]
PATIENT = "P-00013"


@cache
def executed(name: str) -> Mapping[str, str]:
    """Run a notebook; what each code cell answered or printed, by its source."""
    notebook = nbformat.read(ROOT / "notebooks" / name, as_version=4)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(ROOT)}}).execute()
    return {cell.source: "".join(map(text_of, cell.outputs)) for cell in notebook.cells if cell.cell_type == "code"}


def text_of(output: nbformat.NotebookNode) -> str:
    if output.output_type == "stream":
        return output.text
    return output.data.get("text/html", output.data.get("text/plain", ""))


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning")
def test_one_patient_gives_the_number_of_the_library() -> None:
    cells = executed("01_one_patient.ipynb")
    finding = assess(load_sample(), ["prevent"]).results["prevent"].finding(PATIENT, "ascvd", 10)
    assert float(cells["finding.value"]) == pytest.approx(finding.value, rel=1e-12)
    page = next(text for source, text in cells.items() if source.endswith("\nfinding"))
    assert finding.text in page
    assert "no interval published" in page


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning")
def test_a_cohort_gives_the_numbers_of_the_library() -> None:
    cells = executed("02_a_cohort.ipynb")
    result = assess(load_sample(), ["prevent"]).results["prevent"]
    column = result.value[:, result.column("ascvd", 10)]
    assert float(cells["float(ten.value.median())"]) == pytest.approx(float(np.nanmedian(column)), rel=1e-12)
    shown = next(text for source, text in cells.items() if source.endswith("\nresult"))
    assert wording.percent(float(np.nanmedian(column))) in shown


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning")
def test_medicines_and_genes_gives_what_the_library_says() -> None:
    cells = executed("03_medicines_and_genes.ipynb")
    assessment = assess(load_sample(), ["prevent"])
    page = medicines(assessment, "P-00011")
    printed = next(text for source, text in cells.items() if "page.listed" in source)
    assert page.listed
    assert all(f"{one.word:12} {one.name}" in printed for one in page.listed)
    assert all(one.leading.title in printed and one.leading.because in printed for one in page.listed if one.leading)
    clinical = next(text for source, text in cells.items() if "gene.clinical" in source)
    assert "CYP2D6: Normal Metabolizer by genotype, Poor Metabolizer in effect (paroxetine" in clinical
    what_if = next(text for source, text in cells.items() if "differences(page" in source)
    assert re.search(r"Tamoxifen +Change +-> Standard", what_if)
    counts = assessment.medicine_list()["word"].value_counts()
    shown = next(text for source, text in cells.items() if "value_counts" in source)
    assert all(re.search(rf"{word} +{count}\b", shown) for word, count in counts.items())


def test_notebooks_are_committed_without_outputs() -> None:
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        assert all(not cell.outputs and cell.execution_count is None for cell in notebook.cells if "outputs" in cell)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning")
def test_the_notebooks_show_the_plan_of_the_library() -> None:
    assessment = assess(load_sample())
    plan = next(text for source, text in executed("01_one_patient.ipynb").items() if "plan.of" in source)
    assert all(item.because in plan for item in assessment.plan.of(PATIENT))
    counts = next(text for source, text in executed("02_a_cohort.ipynb").items() if "shown" in source)
    most = assessment.plan.counts().sort_values("due", ascending=False).iloc[0]
    assert str(most["due"]) in counts
