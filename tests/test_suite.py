"""The house of the tests: no test leans on another, none looks at the clock, none is silent, none skips without a way."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.outcomes import Skipped

from symback.documents.formats.engines import ENGINES, Engine, font_remedy, tex_remedy
from symback.page.words import scripted
from tests.support import needs
from tests.support.assertions import asserting, own, parsed
from tests.support.places import ROOT, TESTS

CLOCKS = {"time", "perf_counter", "monotonic", "process_time", "thread_time", "time_ns", "perf_counter_ns", "timeit"}
SKIPS = {"skip", "skipif", "importorskip", "xfail", "skipTest"}
FILES = sorted(p for p in TESTS.rglob("test_*.py") if p.relative_to(TESTS).parts[0] != "benchmarks")


# --- the rules ----------------------------------------------------------------------------------------------------------


def called(node: ast.AST) -> str:
    """Return the last name of what is called, "" where it has none."""
    function = node.func if isinstance(node, ast.Call) else node
    return (
        function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""
    )


def leaning(tree: ast.Module) -> Iterator[str]:
    """Yield the imports of other test files, those inside functions and texts of programs included."""
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or "", *(a.name for a in node.names)]
        elif isinstance(node, ast.Import):
            names = [a.name for a in node.names]
        elif isinstance(node, ast.Call) and called(node) in ("import_module", "__import__"):
            names = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "import" in node.value:
            names = node.value.split()
        yield from (
            n for n in names if any(part.startswith("test_") for part in n.split(".")) and "tests" in n + "tests"
        )


def looking_at_the_clock(tree: ast.Module) -> Iterator[str]:
    """Yield the calls of clocks, by name, by module and inside the texts of programs."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called(node) in CLOCKS:
            yield f"line {node.lineno}: {ast.unparse(node.func)}"
        elif isinstance(node, ast.ImportFrom) and node.module in ("time", "timeit"):
            yield from (f"line {node.lineno}: {a.name}" for a in node.names if a.name in CLOCKS)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from (f"line {node.lineno}: {c}" for c in CLOCKS - {"time", "timeit"} if f"{c}()" in node.value)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called(node) == "benchmark":
            yield f"line {node.lineno}: benchmark"


def skipping(tree: ast.Module) -> Iterator[str]:
    """Yield every skip of its own; only ``tests.support.needs`` skips, and names the command that ends it."""
    for node in ast.walk(tree):
        if called(node) in SKIPS and isinstance(node, ast.Attribute):
            yield f"line {node.lineno}: {ast.unparse(node)}"
        elif isinstance(node, ast.ImportFrom) and node.module == "pytest":
            yield from (f"line {node.lineno}: {a.name}" for a in node.names if a.name in SKIPS)


def silent(path: Path) -> Iterator[str]:
    """Yield the tests that assert nothing, those in classes too."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not asserting(path, node):
            yield node.name


def passing_early(tree: ast.Module) -> Iterator[str]:
    """Yield the tests of random values that return where they ought to ``assume``: what is not tried is not counted."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and any(called(d) in ("given", "tried") for d in node.decorator_list):
            for inner in own(node):
                if isinstance(inner, ast.Return):
                    yield f"line {inner.lineno}: {node.name}"


# --- the tests keep them ------------------------------------------------------------------------------------------------


def named(path: Path) -> str:
    return str(path.relative_to(TESTS))


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_file_of_tests_keeps_the_rules(path: Path) -> None:
    tree = parsed(path)
    if path.name != Path(__file__).name:
        assert list(leaning(tree)) == []
        assert list(looking_at_the_clock(tree)) == []
    assert list(skipping(tree)) == []
    assert list(silent(path)) == []
    assert list(passing_early(tree)) == []


@pytest.mark.parametrize("folder", ["support", "corpus"])
def test_what_tests_share_leans_on_no_test(folder: str) -> None:
    paths = [p for p in (TESTS / folder).rglob("*.py") if "right" not in p.parts]
    assert len(paths) > 3
    for path in (*paths, TESTS / "conftest.py"):
        assert list(leaning(parsed(path))) == [] and list(looking_at_the_clock(parsed(path))) == [], path
        assert path.name == "needs.py" or list(skipping(parsed(path))) == [], path


def test_every_need_names_the_command_that_brings_it() -> None:
    for table in (needs.PACKAGES, needs.PROGRAMS):
        for name, command in table.items():
            assert command.startswith(needs.COMMANDS), name
    with pytest.raises(Skipped, match="needs a thing: pip install a-thing"):
        needs.missing("a thing", "pip install a-thing")
    with pytest.raises(AssertionError, match="'in a year' is no command"):
        needs.missing("a thing", "in a year")
    for node in (node for path in FILES if path.name != Path(__file__).name for node in ast.walk(parsed(path))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "needs.missing":
            assert any(start in ast.unparse(node.args[1]) for start in needs.COMMANDS), ast.unparse(node)


@pytest.mark.parametrize("engine", [engine for engine in ENGINES if engine.is_tex], ids=lambda engine: engine.name)
def test_what_a_language_needs_names_the_command_that_brings_it(engine: Engine) -> None:
    for language in scripted():
        for remedy in (font_remedy(language), tex_remedy(language, engine)):
            assert any(start in remedy for start in needs.COMMANDS), remedy


def test_every_campaign_has_its_row() -> None:
    page = (ROOT / "docs" / "campaigns.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\|.*`pytest -m campaign (tests/[\w/]+\.py)[^`]*` \|", page, re.MULTILINE))
    marked = {
        path.relative_to(ROOT).as_posix()
        for path in FILES
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef)
        if any(called(d) in ("campaign", "tried") for d in node.decorator_list)
    }
    assert told == marked and len(told) > 9


# --- the rules see what they are for ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "from tests.page.test_views import CASES",
        "import tests.page.test_views",
        "from tests.page import test_views",
        "def f():\n    from tests.page.test_views import CASES",
        "import importlib\nimportlib.import_module('tests.page.test_views')",
        "SCRIPT = '''\nimport sys\nfrom tests.page.test_views import CASES\n'''",
        "from test_views import CASES",
    ],
)
def test_a_planted_import_of_a_test_is_seen(text: str) -> None:
    assert list(leaning(ast.parse(text)))


@pytest.mark.parametrize(
    "text",
    [
        "import time\ndef test_x():\n    assert time.perf_counter() - before < 2",
        "from time import monotonic\ndef test_x():\n    assert monotonic() < 2",
        "import time as clock\ndef test_x():\n    assert clock.process_time() < 2",
        "import time\ndef test_x():\n    assert time.time() < 2",
        "import timeit\ndef test_x():\n    assert timeit.timeit(f) < 2",
        "SCRIPT = 'import time; began = time.process_time()'",
        "def test_x(benchmark):\n    assert benchmark(f) == 2",
    ],
)
def test_a_planted_look_at_the_clock_is_seen(text: str) -> None:
    assert list(looking_at_the_clock(ast.parse(text)))


@pytest.mark.parametrize(
    "text",
    [
        "def test_x():\n    pytest.skip('no time')",
        "@pytest.mark.skipif(True, reason='not here')\ndef test_x():\n    assert f()",
        "@pytest.mark.skip\ndef test_x():\n    assert f()",
        "torch = pytest.importorskip('torch')",
        "@pytest.mark.xfail\ndef test_x():\n    assert f()",
        "from pytest import skip",
    ],
)
def test_a_planted_skip_is_seen(text: str) -> None:
    assert list(skipping(ast.parse(text)))


@pytest.mark.parametrize(
    "text",
    [
        "def test_x():\n    f()",
        "def test_x():\n    with contextlib.suppress(ValueError):\n        f()",
        "def test_x():\n    'assert nothing'",
        "def helper():\n    return 1\ndef test_x():\n    helper()",
        "def test_x():\n    assert True",
        "def test_x():\n    def inner():\n        assert f()",
        "def test_x():\n    found.fail('never mind')",
        "def test_x():\n    golden('a.txt', f())",
        # of one name, but not the one that asserts
        "class Other:\n    def check(self):\n        assert f()\ndef check():\n    return f()\ndef test_x():\n    check()",
        "class One:\n    def check(self):\n        assert f()\nclass Two:\n    def check(self):\n        f()\n"
        "def test_x():\n    two = Two()\n    two.check()",
        "def check():\n    assert f()\ndef test_x():\n    np.check()",
        "def check():\n    assert f()\ndef test_x(check):\n    check()",
        "def check():\n    assert f()\ndef test_x():\n    for check in CHECKS:\n        check()",
        "def other():\n    def check():\n        assert f()\n    return check()\ndef test_x():\n    check()",
        "from tests.support.number_lines import check\ndef check():\n    return 1\ndef test_x():\n    check()",
        "from tests.support.number_lines import check\nfrom symback import check\ndef test_x():\n    check()",
        "from tests.support.number_lines import check as other\ndef test_x():\n    check()",
    ],
)
def test_a_planted_silent_test_is_seen(text: str, tmp_path: Path) -> None:
    path = tmp_path / "planted.py"
    path.write_text(text, encoding="utf-8")
    assert list(silent(path)) == ["test_x"]


@pytest.mark.parametrize(
    "text",
    [
        "def test_x():\n    assert f()",
        "def test_x():\n    with pytest.raises(ValueError):\n        f()",
        "def test_x():\n    np.testing.assert_allclose(f(), 1)",
        "def helper():\n    assert f()\ndef test_x():\n    helper()",
        "def deep():\n    assert f()\ndef helper():\n    deep()\ndef test_x():\n    helper()",
        "def test_x(golden):\n    golden('a.txt', f())",
        "from tests.support.number_lines import check\ndef test_x():\n    check('1 = 1', 4)",
        "from tests.support import number_lines\ndef test_x():\n    number_lines.check('1 = 1', 4)",
        "def test_x():\n    def inner():\n        assert f()\n    inner()",
        "def test_x():\n    def inner():\n        assert f()\n    run(inner)",
        "class A:\n    def check(self):\n        assert f()\nclass B(A):\n    pass\ndef test_x():\n    b = B()\n    b.check()",
        "class A:\n    def check(self):\n        self.all()\n    def all(self):\n        assert f()\ndef test_x(a: A):\n    a.check()",
        "class A:\n    def __init__(self):\n        assert f()\ndef test_x():\n    A()",
    ],
)
def test_a_test_that_asserts_is_not_called_silent(text: str, tmp_path: Path) -> None:
    path = tmp_path / "planted.py"
    path.write_text(text, encoding="utf-8")
    assert not list(silent(path))


def test_a_planted_early_return_is_seen() -> None:
    planted = "@given(st.integers())\ndef test_x(k):\n    if k > 3:\n        return\n    assert f(k)"
    assert list(passing_early(ast.parse(planted)))
    assert not list(passing_early(ast.parse(planted.replace("return", "assume(False)"))))
    inside = "@given(st.integers())\ndef test_x(k):\n    def g():\n        return 1\n    assert f(g())"
    assert not list(passing_early(ast.parse(inside)))
