"""The house: who may import whom, what is lazy, what has a name and a docstring, and that every example runs."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import symback
from symback.functions import ROWS
from tests.support.imports import circles, files_of, imports_of, loads_by_name

ROOT = Path(symback.__file__).parent

BELOW = {
    "core": (),
    "functions": ("core",),
    "engine": ("core", "functions"),
    "networks": ("core", "functions", "engine"),
    "derivation": ("core", "functions", "engine", "networks"),
    "run": ("core", "functions", "engine", "networks", "derivation"),
    "page": ("core", "functions", "engine", "networks", "derivation", "run"),
    "documents": ("core", "functions", "engine", "networks", "derivation", "run", "page"),
    "readers": ("core", "functions", "engine", "networks", "run"),
    "marking": ("core", "functions", "engine", "networks", "derivation", "run", "page", "documents", "readers"),
    "api": ("core", "functions", "engine", "networks", "derivation", "run", "page", "documents"),
    "cli": ("core", "functions", "networks", "run", "page", "documents", "readers", "marking", "api"),
}
"""The floors, lowest first, and the floors that each may import: a reader knows no page, the command line no engine."""

DOORS = {"symback", "symback.__main__", "symback.errors", "symback.forms", "symback.layers"}
"""What people import: the package, and public paths that only name again what stands on a floor. Nobody inside uses them."""

NAMES_MODULES = {"symback", "symback.core.hooks"}
"""The door holds the one table of modules as text; the hooks import what it names."""


def floor_of(name: str) -> str:
    return name.split(".")[1]


def violations(root: Path) -> list[str]:
    """Return every import of a package that goes up or in a circle, and every module that is named as text."""
    files = files_of(root)
    found, edges = [], set()
    for source in files:
        for line in loads_by_name(source, files):
            if source not in NAMES_MODULES:
                found.append(f"{source}:{line} imports a module whose name is computed")
        for entry in imports_of(source, files):
            where = f"{source}:{entry.line} imports {entry.target}"
            if entry.text:
                if source not in NAMES_MODULES:
                    found.append(f"{where}, named as text")
            elif source in DOORS:
                continue
            elif entry.target in DOORS:
                if not (entry.target == "symback" and floor_of(source) == "cli"):
                    found.append(f"{where}, which is a door")
            else:
                edges.add((source, entry.target))
                here, there = floor_of(source), floor_of(entry.target)
                if there != here and there not in BELOW[here]:
                    found.append(f"{where}: {here} stands below {there}, or has no business there")
    found.extend(f"{' and '.join(group)} import each other" for group in circles(edges))
    return found


def test_every_file_stands_on_a_floor() -> None:
    floors = {name if name in DOORS else floor_of(name) for name in files_of(ROOT)}
    assert floors == {*BELOW, *DOORS}


STANDING = {
    "symback.derivation.jacobians imports symback.page.views: derivation stands below page, or has no business there",
    "symback.derivation.jacobians imports symback.run.numeric: derivation stands below run, or has no business there",
    "symback.documents.formats.html imports symback.documents.formats, named as text",
    "symback.documents.handouts imports a module whose name is computed",
    "symback.page.words imports a module whose name is computed",
    "symback.run.optimization imports symback.page.notation: run stands below page, or has no business there",
    "symback.run.optimization imports symback.page.typesetting: run stands below page, or has no business there",
    "symback.marking and symback.marking.functions import each other",
    "symback.marking.pages and symback.marking.report import each other",
    "symback.readers.containers and symback.readers.library and symback.readers.modules and symback.readers.optimizers "
    "and symback.readers.tracer import each other",
}
"""What is still to be mended; a line that is not needed any more must go."""


def test_imports_go_down_and_never_in_a_circle() -> None:
    found = {re.sub(r":\d+", "", text) for text in violations(ROOT)}
    assert found == STANDING


def module_files() -> list[Path]:
    return list(files_of(ROOT).values())


def part_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def public_names() -> set[str]:
    return {*symback._HOME, *ROWS, "exp", "log", "sqrt", "sin", "cos", "abs"}


def test_no_module_is_named_like_a_public_function() -> None:
    modules = {m.name for m in pkgutil.iter_modules([str(ROOT)])}
    assert modules & public_names() == set()


@pytest.mark.parametrize("label", sorted(public_names()))
def test_every_public_name_resolves_and_says_what_it_is(label: str) -> None:
    found = getattr(symback, label)
    assert inspect.getdoc(found), label
    assert label in dir(symback)


def test_dir_and_an_unknown_name() -> None:
    assert symback.__version__
    with pytest.raises(AttributeError, match="has no attribute 'derivee'"):
        _ = symback.derivee
    with pytest.raises(AttributeError):
        _ = symback._nothing


def loaded_after(code: str) -> set[str]:
    """Return the modules that a fresh interpreter has loaded after running ``code``."""
    script = f"{code}\nimport sys\nprint('\\n'.join(sys.modules), file=sys.__stdout__)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, encoding="utf-8", cwd=ROOT.parent, check=True
    )
    return set(done.stdout.split())


HELP = """
import contextlib, io
from symback.cli import main
with contextlib.redirect_stdout(io.StringIO()) as out:
    try:
        main(["--help"], standalone_mode=True)
    except SystemExit as stop:
        assert not stop.code
assert "derive" in out.getvalue()
"""


@pytest.mark.parametrize("code", ["import symback", HELP], ids=["import symback", "symback --help"])
def test_starting_imports_neither_sympy_nor_numpy(code: str) -> None:
    assert loaded_after(code) & {"sympy", "numpy", "mpmath"} == set()
    assert {"sympy", "numpy"} <= loaded_after(code + "\nimport symback; symback.derive")


def test_importing_everything_gives_no_warning_and_no_output() -> None:
    names = [m.name for m in pkgutil.walk_packages([str(ROOT)], "symback.") if not m.name.endswith("__main__")]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"import importlib\nfor m in {names!r}: importlib.import_module(m)"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=ROOT.parent,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


MODULES = sorted(m.name for m in pkgutil.walk_packages([str(ROOT)], "symback.") if not m.name.endswith("__main__"))


@pytest.mark.parametrize("module", ["symback", *MODULES])
def test_docstring_examples_run(module: str) -> None:
    loaded = importlib.import_module(module)
    assert loaded.__doc__, module
    result = doctest.testmod(loaded, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert result.failed == 0


@pytest.mark.parametrize("module", ["symback", *MODULES])
def test_every_public_function_and_class_has_a_docstring(module: str) -> None:
    loaded = importlib.import_module(module)
    missing = [
        label
        for label, value in vars(loaded).items()
        if not label.startswith("_")
        and (inspect.isfunction(value) or inspect.isclass(value))
        and value.__module__ == module
        and not value.__doc__
    ]
    assert missing == []


def test_files_name_their_encoding_and_have_no_stray_prints() -> None:
    for path in module_files():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                if part_of(path) != "cli":
                    assert node.func.id != "print", f"{path.name}:{node.lineno} prints"
                assert node.func.id != "eval", f"{path.name}:{node.lineno} evaluates text"
                if node.func.id == "exec":
                    assert path.name == "numeric.py", f"{path.name}:{node.lineno} executes text"
                if node.func.id == "open" and not any("b" in str(getattr(a, "value", "")) for a in node.args[1:]):
                    assert any(k.arg == "encoding" for k in node.keywords), (
                        f"{path.name}:{node.lineno} opens without encoding"
                    )


def test_no_text_reaches_sympys_parsers() -> None:
    for path in module_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                assert called not in ("parse_expr", "S"), f"{path.name}:{node.lineno}"
                if called == "sympify":
                    assert not any(
                        isinstance(a, (ast.Constant, ast.JoinedStr)) and isinstance(getattr(a, "value", ""), str)
                        for a in node.args
                    ), f"{path.name}:{node.lineno}"
