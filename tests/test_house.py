"""The house: who may import whom, what is lazy, what has a name and a docstring, and that every example runs."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import pkgutil
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import symback
from symback.core import hooks
from symback.functions import ROWS
from tests.support import needs
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
    "library": ("core", "functions", "engine", "networks"),
    "readers": ("core", "functions", "engine", "networks", "run", "library"),
    "tracer": ("core", "functions", "engine", "networks", "library"),
    "marking": (
        *("core", "functions", "engine", "networks", "derivation", "run", "page", "documents", "library", "readers"),
        "tracer",
    ),
    "api": ("core", "functions", "engine", "networks", "derivation", "run", "page", "documents", "tracer"),
    "cli": ("core", "functions", "networks", "run", "page", "documents", "readers", "tracer", "marking", "api"),
}
"""The floors, lowest first, and the floors that each may import: a reader knows no page, the command line no engine."""

DOORS = {"symback", "symback.__main__", "symback.errors", "symback.forms", "symback.layers"}
"""What people import: the package, and public paths that only name again what stands on a floor. Nobody inside uses them."""

NAMES_MODULES = {"symback", "symback.core.hooks"}
"""The door holds the one table of modules as text; the hooks import what it names."""

LOOKS_UP = {
    *("symback.readers.source", "symback.readers.imports", "symback.tracer.running"),
    *("symback.tracer.torch_paths", "symback.tracer.torch_run"),
}
"""They look up modules that are loaded already: that of a live class of the user's, whether one of Python has a name, the
module in whose place a file is executed, what PyTorch calls a function of its own, and whether it has its compiler loaded."""


def all_below(floor: str) -> set[str]:
    """Return the floors that are loaded with a floor: those it imports, and those they import."""
    return {*BELOW[floor], *(lower for other in BELOW[floor] for lower in all_below(other))}


def floor_of(name: str) -> str:
    return name.split(".")[1]


def violations(root: Path) -> list[str]:
    """Return every import of a package that goes up or in a circle, and every module that is named as text."""
    files = files_of(root)
    found, edges = [], set()
    for source in files:
        if source not in DOORS and floor_of(source) not in BELOW:
            found.append(f"{source} stands on no floor")
        for line in loads_by_name(source, files):
            if source not in NAMES_MODULES | LOOKS_UP:
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
                if there != here and there not in BELOW.get(here, ()):
                    found.append(f"{where}: {here} stands below {there}, or has no business there")
    found.extend(f"{' and '.join(group)} import each other" for group in circles(edges))
    return found


def test_every_file_stands_on_a_floor() -> None:
    floors = {name if name in DOORS else floor_of(name) for name in files_of(ROOT)}
    assert floors == {*BELOW, *DOORS}


def test_imports_go_down_and_never_in_a_circle() -> None:
    assert violations(ROOT) == []


PLANTED = {
    "a reader knows a format": ("library/calls.py", "from symback.documents.formats import latex\n"),
    "calculus by importlib": (
        "engine/calculus.py",
        'def f():\n    import importlib\n\n    return importlib.import_module("symback.page.views")\n',
    ),
    "a second way up from forms": (
        "core/forms.py",
        "class X:\n    def page(self):\n        from symback.page.views import page_of\n",
    ),
    "a computed name": (
        "engine/calculus.py",
        'def f():\n    from importlib import import_module\n\n    return import_module("sym" + "back.page.views")\n',
    ),
    "a computed keyword": (
        "engine/calculus.py",
        'def f(part):\n    import importlib\n\n    return importlib.import_module(name="sym" + part)\n',
    ),
    "a loader by another name": (
        "engine/calculus.py",
        'def f(part):\n    from importlib import import_module as load\n\n    return load("sym" + part)\n',
    ),
    "a loader that is handed on": (
        "engine/calculus.py",
        "def f(parts):\n    import importlib\n\n    return map(importlib.import_module, parts)\n",
    ),
    "a name with its object": (
        "engine/calculus.py",
        'def f():\n    import pkgutil\n\n    return pkgutil.resolve_name("symback.page.views:sections")\n',
    ),
    "a relative name": (
        "engine/calculus.py",
        'def f():\n    import importlib\n\n    return importlib.import_module(".page.views", "symback")\n',
    ),
    "out of the own folder": (
        "page/notation.py",
        'def f():\n    import importlib\n\n    return importlib.import_module(f"{__name__}.....documents")\n',
    ),
    "a computed one of the loaded ones": (
        "core/files.py",
        'def f(n):\n    import sys\n\n    return sys.modules.get("sym" + n)\n',
    ),
    "in the file of a folder": ("engine/__init__.py", "from symback.page.views import sections\n"),
    "dunder import": ("engine/calculus.py", 'def f():\n    return __import__("symback.page.views")\n'),
    "for types only": (
        "core/forms.py",
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from symback.networks.network import Network\n",
    ),
    "through the door": ("engine/calculus.py", "import symback as sb\n\nsb.page\n"),
    "through a public path": ("engine/calculus.py", "from symback.forms import Form\n"),
    "a relative import": ("core/forms.py", "def f():\n    from ..page import views\n"),
    "a module of the loaded ones": ("core/forms.py", 'import sys\n\nsys.modules["symback.page.views"]\n'),
    "a circle inside a floor, lazily": ("core/errors.py", "def f():\n    from symback.core.forms import Form\n"),
    "a circle inside a floor, for types": (
        "engine/elements.py",
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from symback.engine.calculus import Term\n",
    ),
    "a circle of three": ("page/notation.py", "def f():\n    import symback.page.views\n"),
    "a part without a floor": ("extra.py", '"""Extra."""\n'),
}


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_import_is_seen(kind: str, tmp_path: Path) -> None:
    planted = tmp_path / "symback"
    shutil.copytree(ROOT, planted, ignore=shutil.ignore_patterns("__pycache__"))
    before = {re.sub(r":\d+", "", text) for text in violations(planted)}
    place, text = PLANTED[kind]
    path = planted / place
    path.write_text((path.read_text(encoding="utf-8") if path.exists() else "") + "\n\n" + text, encoding="utf-8")
    assert {re.sub(r":\d+", "", text) for text in violations(planted)} - before


def test_circles_are_found_with_all_their_files() -> None:
    assert circles([("a", "b"), ("b", "c"), ("c", "a"), ("c", "d"), ("e", "e")]) == [["a", "b", "c"], ["e"]]
    assert circles([("a", "b"), ("a", "c"), ("b", "c")]) == []


ALONE = """
import importlib, os, sys
import numpy, sympy  # what the files are built on; the package itself is loaded anew in every child

for name in sys.argv[1:]:
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            importlib.import_module(name)
            told = " ".join(m for m in sys.modules if m.split(".")[0] == "symback")
        except BaseException as error:
            told = f"! {type(error).__name__}: {error}"
        os.write(writing, told.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        print(name, pipe.read().replace("\\n", " "))
    os.waitpid(child, 0)
"""


def test_every_file_is_imported_alone_and_loads_no_floor_it_may_not_use() -> None:
    needs.posix()
    names = sorted(name for name in files_of(ROOT) if not name.endswith("__main__"))
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", ALONE, *names],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=ROOT.parent,
        check=True,
    )
    told = dict(line.split(" ", 1) for line in done.stdout.splitlines())
    assert (sorted(told), done.stderr) == (names, "")
    assert {name: said for name, said in told.items() if said.startswith("!")} == {}
    for name in names:
        if name not in DOORS:
            loaded = {floor_of(other) for other in told[name].split() if other not in DOORS}
            assert loaded <= {floor_of(name), *all_below(floor_of(name))}, name


HESSIAN = (
    "from symback.networks.network import Network; net = Network()\n"
    "from symback.networks.naming import name_equations\n"
    "from symback.derivation.jacobians import hessian\n"
    "from symback.derivation.record import derive_record\n"
    "w = net.parameter('w', value=3); net.define('L', w * w * net.input('x', value=2))\n"
)
HOOKS = {
    "row_named": "from symback.core.forms import name; print(abs(name('x', (2,))))",
    "sympy_element": "from symback.core.forms import name; print(name('x', (2,)).element)",
    "sympy_form": "from symback.core.forms import name; print(name('x', (2,)).to_sympy())",
    "form_latex": "from symback.core.forms import name; print(name('x', (2,)).latex())",
    "prime_value": "from symback.core.forms import Prime, name\n"
    "from symback.functions.activations import ACTIVATIONS\n"
    "from symback.engine.interpreter import evaluate\n"
    "from symback.core.forms import apply\n"
    "row = next(r for r in ACTIVATIONS if r.name == 'sigmoid')\n"
    "print(evaluate(apply(Prime(row, 0), name('x', ())), {'x': 0.0}))",
    "network_latex": "from symback.networks.network import Network; net = Network()\n"
    "net.define('y', net.input('x')); print(net._repr_markdown_())",
    "optimizer_lines": "from symback.run.optimization import optimizer; print(optimizer('sgd').text())",
    "hessian_latex": HESSIAN + "print(hessian(derive_record(name_equations(net))).latex('w', 'w'))",
    "hessian_values": HESSIAN + "print(hessian(derive_record(name_equations(net))).evaluate())",
    "implicit_function_named": "from symback.core.implicit import implicit_function_named; print(implicit_function_named('inv'))",
    "proved_differential": "from symback.core.forms import name; from symback.core.implicit import implicit_function_named\n"
    "from symback.engine.calculus import proved_differential\n"
    "print(proved_differential(implicit_function_named('inv')(name('A', (2, 2))), 0, name('D', (2, 2))))",
    "report_written": "from symback.marking.report import Report, Verdicts; print(Report(Verdicts()).to_csv())",
}


@pytest.mark.parametrize("hook", HOOKS)
def test_an_empty_hook_is_filled_at_its_first_use(hook: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", HOOKS[hook]],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=ROOT.parent,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip()


def test_the_doors_table_names_every_hook_and_the_module_that_fills_it() -> None:
    declared = {
        node.value.args[0].value
        for path in module_files()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.value, ast.Call)
        and ast.unparse(node.value.func) == "Hook"
        and isinstance(node.value.args[0], ast.Constant)
    }
    assert declared == set(hooks._homes) == set(HOOKS)
    for name, home in hooks._homes.items():
        plugged = (ROOT.parent / files_of(ROOT)[home]).read_text(encoding="utf-8")
        assert f"{name}.plug" in plugged, name


def test_a_hook_that_nothing_fills_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    empty: hooks.Hook[[], None] = hooks.Hook("nothing_fills_this")
    with pytest.raises(LookupError, match="no module is named that fills the hook 'nothing_fills_this'"):
        empty()
    monkeypatch.setitem(hooks._homes, "nothing_fills_this", "symback.core.errors")
    with pytest.raises(LookupError, match=r"symback\.core\.errors does not fill the hook"):
        empty()


LONGEST_FILE, LONGEST_CLASS, LONGEST_FUNCTION = 1200, 500, 60

TOO_LONG: dict[str, tuple[int, str]] = {
    "symback.marking.claims.find_claims": (125, "ten sources of claims in an order that decides, over one ledger"),
    "symback.marking.judging": (1765, "trials, causes and repairs of a claim, which ask each other in turn"),
}
"""At most ten exceptions: what is too long, the lines it may have, and why."""


def too_long(root: Path) -> dict[str, int]:
    """Return every file, class and function of a package that is longer than it may be, with its lines."""
    found = {}
    for source, path in files_of(root).items():
        text = path.read_text(encoding="utf-8")
        if text.count("\n") > LONGEST_FILE:
            found[source] = text.count("\n")
        waiting: list[tuple[str, ast.AST]] = [(source, ast.parse(text))]
        while waiting:
            inside, node = waiting.pop()
            for child in ast.iter_child_nodes(node):
                label = inside
                if isinstance(child, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
                    label = f"{inside}.{child.name}"
                    lines = (child.end_lineno or 0) - child.lineno + 1
                    if lines > (LONGEST_CLASS if isinstance(child, ast.ClassDef) else LONGEST_FUNCTION):
                        found[label] = lines
                waiting.append((label, child))
    return found


def test_files_classes_and_functions_are_short() -> None:
    assert len(TOO_LONG) <= 10 and all(reason for _, reason in TOO_LONG.values())
    assert too_long(ROOT).keys() == TOO_LONG.keys()
    assert {label: lines for label, lines in too_long(ROOT).items() if lines > TOO_LONG[label][0]} == {}


def test_what_is_too_long_is_seen(tmp_path: Path) -> None:
    planted = tmp_path / "symback"
    planted.mkdir()
    body = "".join(f"        x = {k}\n" for k in range(60))
    (planted / "a.py").write_text(f"class A:\n    def f(self):\n{body}", encoding="utf-8")
    (planted / "b.py").write_text("class B:\n" + "    x = 1\n" * 500, encoding="utf-8")
    (planted / "c.py").write_text("x = 1\n" * 1201, encoding="utf-8")
    assert too_long(planted) == {"symback.a.A.f": 61, "symback.b.B": 501, "symback.c": 1201}


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


RUNS_TEXT = ("numeric.py", "running.py")
"""They execute text: code that was generated here, and a file of a user who asked for it."""


def test_files_name_their_encoding_and_have_no_stray_prints() -> None:
    for path in module_files():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                if part_of(path) != "cli":
                    assert node.func.id != "print", f"{path.name}:{node.lineno} prints"
                assert node.func.id != "eval", f"{path.name}:{node.lineno} evaluates text"
                if node.func.id == "exec":
                    assert path.name in RUNS_TEXT, f"{path.name}:{node.lineno} executes text"
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
