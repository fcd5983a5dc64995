"""The house: who may import whom, what is lazy, what has a name and a docstring, and that every example runs."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import symback
from symback.functions import ROWS

ROOT = Path(symback.__file__).parent

FLOORS = (
    "core",
    "functions",
    "engine",
    "networks",
    "derivation",
    "run",
    "page",
    "documents",
    "readers",
    "marking",
    "api",
    "cli",
)
"""The floors, lowest first; a file imports only its own floor and those below."""

UPWARD = {
    ("derivation", "page"),
    ("derivation", "run"),
    ("run", "page"),
}
"""Imports that go up."""


def module_files() -> list[Path]:
    return sorted(p for p in ROOT.rglob("*.py") if "__pycache__" not in p.parts)


def part_of(path: Path) -> str:
    first = path.relative_to(ROOT).parts[0]
    return first.removesuffix(".py")


def imports_of(path: Path) -> list[tuple[str, bool, int]]:
    """Return (part, is it at the top, line) of every import of symback in a file; TYPE_CHECKING blocks do not count."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: list[tuple[str, bool, int]] = []

    def visit(node: ast.AST, top: bool) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
                continue
            names: list[str] = []
            if isinstance(child, ast.ImportFrom) and child.module and child.module.split(".")[0] == "symback":
                rest = child.module.split(".")[1:]
                names = [rest[0]] if rest else [alias.name for alias in child.names]
            elif isinstance(child, ast.Import):
                names = [alias.name.split(".")[1] for alias in child.names if alias.name.startswith("symback.")]
            found.extend((name, top, getattr(child, "lineno", 0)) for name in names)
            visit(child, top and not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)))

    visit(tree, True)
    return found


DOORS = {"__init__", "__main__", "errors", "forms", "layers"}


def test_every_part_has_its_place() -> None:
    assert {part_of(p) for p in module_files()} == {*FLOORS, *DOORS}


def test_modules_import_only_floors_below() -> None:
    place = {name: k for k, name in enumerate(FLOORS)}
    wrong, used = [], set()
    for path in module_files():
        part = part_of(path)
        if part in DOORS:
            continue
        for name, _, line in imports_of(path):
            if name == "__version__" or (name in place and place[name] <= place[part]):
                continue
            used.add((part, name))
            if (part, name) not in UPWARD:
                wrong.append(f"{path.relative_to(ROOT)}:{line} imports {name}")
    assert wrong == []
    assert used == UPWARD, "an exception that is not needed any more"


def test_the_import_walk_sees_a_planted_import(tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text(
        "from typing import TYPE_CHECKING\nimport symback.api\nfrom symback import cli\n"
        "if TYPE_CHECKING:\n    from symback.page.views import x\ndef f():\n    from symback.readers.tracer import y\n",
        encoding="utf-8",
    )
    assert imports_of(planted) == [("api", True, 2), ("cli", True, 3), ("readers", False, 7)]


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
