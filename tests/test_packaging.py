"""Laws of the repository itself: what imports what, what is banned, what the committed files may say."""

import ast
import hashlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
PRODUCT = ("app.py", "server.py", "pages", "precision", "scripts", "benchmarks")
LONGEST_FUNCTION = 60
LONGEST_MODULE = 400
LONGEST_PAGE = 79
UNSAFE_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}
UNSAFE_CALLS = {"eval", "exec", "compile", "__import__"}
UNSAFE_ARGUMENTS = {"unsafe_allow_html", "unsafe_allow_javascript", "allow_dangerous_deserialization"}
MACHINE_PATH = re.compile(r"(?<![\w.~-])(?:/(?:home|Users|root|work|mnt|tmp|private)/\w|[A-Z]:\\{1,2}Users)")
PACKAGE_INDEX = re.compile(r"(?:--(?:extra-)?index-url|--find-links|--trusted-host)\b")
TYPE_IGNORE = re.compile(r"#\s*(?:type|pyright):\s*ignore(?:\[[\w, -]+\])?")
TYPE_IGNORE_WITH_REASON = re.compile(r"#\s*(?:type|pyright):\s*ignore\[[\w, -]+\]\s+#\s*\w+")
THIS_FILE = Path(__file__).relative_to(ROOT).as_posix()


# ------------------------------------------------------------------------------------------------------- the files
@cache
def committed() -> tuple[str, ...]:
    """The files that are or would be committed, relative to the repository."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    except (FileNotFoundError, subprocess.CalledProcessError):
        pytest.skip("not a git clone: what is committed cannot be told")
    return tuple(name for name in listed.splitlines() if (ROOT / name).is_file())


def python_files(*folders: str) -> list[Path]:
    """The Python files in these files and folders of the repository, of those that exist."""
    found = (sorted((ROOT / name).rglob("*.py")) if (ROOT / name).is_dir() else [ROOT / name] for name in folders)
    return [path for paths in found for path in paths if path.is_file()]


def tree(path: Path) -> ast.Module:
    """The syntax of a Python file."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports anywhere, with the names it takes from it (`a.b` of `from a import b`)."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)


def uses(path: Path, banned: set[str]) -> list[str]:
    """The imports of a file whose top module is banned, as `file: module`."""
    return [f"{path.relative_to(ROOT)}: {name}" for name in imported(path) if name.split(".")[0] in banned]


def unsafe_calls(path: Path) -> Iterator[str]:
    """The calls in a file that could run code found in data, as `file:line call`."""
    for node in ast.walk(tree(path)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.id if isinstance(node.func, ast.Name) else ""
        names = {called} & UNSAFE_CALLS | {word.arg for word in node.keywords if word.arg in UNSAFE_ARGUMENTS}
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("read_pickle", "to_pickle"):
            names.add(node.func.attr)
        yield from (f"{path.relative_to(ROOT)}:{node.lineno} {name}" for name in names)


def lines_of_text(skip: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Every line of the committed text files with its place, as (`file:line`, line)."""
    for name in committed():
        data = (ROOT / name).read_bytes()
        if name not in skip and b"\0" not in data:
            for number, line in enumerate(data.decode(errors="replace").splitlines(), 1):
                yield f"{name}:{number}", line


# ------------------------------------------------------------------------------------------------------- import rules
@pytest.mark.parametrize("module", ["precision", "precision.schema", "precision.model"])
def test_the_library_comes_without_app_plots_or_learning(module: str) -> None:
    code = f"import sys, {module}; print(*sorted({{'sklearn', 'plotly', 'streamlit'}} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert loaded.split() == []


def test_streamlit_is_imported_only_by_the_app_its_pages_and_what_they_share() -> None:
    outside = [path for path in python_files("precision") if ROOT / "precision" / "ui" not in path.parents]
    assert [use for path in outside for use in uses(path, {"streamlit"})] == []


def test_the_library_imports_neither_the_app_nor_its_checks() -> None:
    banned = {"app", "server", "pages", "tests", "scripts", "benchmarks"}
    assert [use for path in python_files("precision") for use in uses(path, banned)] == []


def test_only_the_command_line_and_the_app_import_the_app_s_parts() -> None:
    outside = [path for path in python_files("precision") if ROOT / "precision" / "ui" not in path.parents]
    library = [path for path in outside if path != ROOT / "precision" / "__main__.py"]
    assert [path for path in library if any(name.startswith("precision.ui") for name in imported(path))] == []


# ------------------------------------------------------------------------------------------------------- bans
def test_nothing_unpickles_what_it_reads() -> None:
    assert [use for path in python_files(*PRODUCT) for use in uses(path, UNSAFE_MODULES)] == []


def test_nothing_runs_code_or_markup_found_in_data() -> None:
    assert [call for path in python_files(*PRODUCT) for call in unsafe_calls(path)] == []


def test_a_type_error_is_silenced_only_with_its_code_and_a_reason() -> None:
    lines = [line for line in lines_of_text(skip=(THIS_FILE,)) if line[0].split(":")[0].endswith(".py")]
    silenced = [(place, line) for place, line in lines if TYPE_IGNORE.search(line)]
    assert [place for place, line in silenced if not TYPE_IGNORE_WITH_REASON.search(line)] == []


def test_no_committed_file_names_a_path_of_somebody_s_machine() -> None:
    assert [place for place, line in lines_of_text(skip=(THIS_FILE,)) if MACHINE_PATH.search(line)] == []


def test_packages_come_from_whatever_index_the_user_has_set() -> None:
    assert [place for place, line in lines_of_text(skip=(THIS_FILE,)) if PACKAGE_INDEX.search(line)] == []


# ------------------------------------------------------------------------------------------------------- size
def test_pages_stay_thin() -> None:
    pages = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in python_files("pages")}
    assert {name: lines for name, lines in pages.items() if lines > LONGEST_PAGE} == {}


def test_modules_and_functions_stay_short() -> None:
    product = python_files(*PRODUCT)
    modules = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in product}
    long_modules = [
        f"{path.relative_to(ROOT)}: {lines} lines" for path, lines in modules.items() if lines > LONGEST_MODULE
    ]
    functions = [
        (path, node, (node.end_lineno or node.lineno) - node.lineno + 1)
        for path in product
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    long_functions = [
        f"{path.relative_to(ROOT)}: {node.name}" for path, node, lines in functions if lines > LONGEST_FUNCTION
    ]
    assert long_modules + long_functions == []


def test_every_module_says_its_purpose_in_its_first_line() -> None:
    first = {path: (ast.get_docstring(tree(path)) or "").split("\n")[0] for path in python_files(*PRODUCT, "tests")}
    assert [str(path.relative_to(ROOT)) for path, line in first.items() if not line.endswith((".", ":"))] == []


# ------------------------------------------------------------------------------------------------------- knowledge
def test_every_knowledge_table_has_its_source_and_checksum() -> None:
    faults: list[str] = []
    for folder in sorted({path.parent for path in (ROOT / "precision" / "knowledge").rglob("*.[ct]sv")}):
        manifest = folder / "manifest.toml"
        if not manifest.is_file():
            faults.append(f"{folder.name}: no manifest.toml")
            continue
        source = tomllib.loads(manifest.read_text(encoding="utf-8"))
        faults += [
            f"{folder.name}: no {key}"
            for key in ("name", "version", "retrieved", "licence", "url")
            if not source.get(key)
        ]
        tables = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.[ct]sv")}
        if source.get("sha256") != tables:
            faults.append(f"{folder.name}: sha256 in the manifest are not those of its tables")
    assert faults == []


# ------------------------------------------------------------------------------------------------------- requirements
def requirements(name: str) -> dict[str, Requirement]:
    """The requirements of a file by package name."""
    lines = (line.split("#")[0].strip() for line in (ROOT / name).read_text(encoding="utf-8").splitlines())
    found = [Requirement(line) for line in lines if line and not line.startswith("-r")]
    return {wanted.name.lower().replace("_", "-"): wanted for wanted in found}


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_the_lock_holds_every_requirement_in_its_range(name: str) -> None:
    locked = requirements("requirements.lock") | requirements(f"{name}.lock")
    for package, wanted in requirements(f"{name}.txt").items():
        version = str(locked[package].specifier).removeprefix("==")
        assert wanted.specifier.contains(version), f"{name}.lock has {package} {version}; run: make lock"


def test_the_locks_name_one_exact_version_of_each_package() -> None:
    runtime, checks = requirements("requirements.lock"), requirements("requirements-dev.lock")
    assert not runtime.keys() & checks.keys()
    assert [
        str(wanted) for wanted in (*runtime.values(), *checks.values()) if not str(wanted.specifier).startswith("==")
    ] == []


# ------------------------------------------------------------------------------------------------------- README
def test_the_readme_shows_pictures_that_the_script_makes() -> None:
    pytest.importorskip("playwright", reason="playwright is not installed")
    from scripts.screenshots import readme_pictures

    shown = re.findall(r"docs/pictures/([\w-]+\.png)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert set(shown) == set(readme_pictures())
