"""The public names: the stub is what the generator writes, and a type checker knows every name."""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import symback as sb
from symback.core.forms import Function, number
from symback.functions import register, unregister
from symback.networks.operators import operator, public_names
from tests.support import needs
from tests.support.public_stub import Untyped, stub

ROOT = Path(sb.__file__).parents[1]
STUB = ROOT / "symback" / "__init__.pyi"
NAMES = sorted({*sb._HOME, *sb._MODULES, *public_names()})


def test_the_stub_is_what_the_generator_writes(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update"):
        STUB.write_text(stub(), encoding="utf-8", newline="\n")
    assert STUB.read_text(encoding="utf-8").splitlines() == stub().splitlines(), (
        "symback/__init__.pyi is not what the tables say; run pytest tests/test_public_names.py --update"
    )


def test_a_row_is_written_into_the_stub() -> None:
    row = Function(
        "bounded",
        lambda x, height, steep=2: height * x / (number(steep) + abs(x)),
        arguments=2,
        argument_names=("x", "height"),
        defaults=(1.0,),
        parameters={"steep": 2},
        aliases=("F.bounded_act",),
    )
    register(row)
    try:
        text = stub()
        assert "def bounded(x: _Value, height: _Value = ..., *, steep: float = ...) -> Form: ...\n" in text
        assert "def bounded(x: Expr, height: Expr | float = ..., /, *, steep: float = ...) -> Expr: ...\n" in text
        assert "\nbounded_act = bounded\n" in text
        assert {"bounded", "bounded_act"} <= set(dir(sb))
        assert sb.bounded is sb.bounded_act is operator("bounded")
    finally:
        unregister(row)
    assert "bounded" not in stub()
    assert "bounded" not in dir(sb)
    with pytest.raises(AttributeError, match="bounded"):
        _ = sb.bounded


def test_an_option_without_a_type_is_refused() -> None:
    row = register(Function("vague", lambda x, how=None: x, parameters={"how": None}))
    try:
        with pytest.raises(Untyped, match="the type of how of vague is not known"):
            stub()
    finally:
        unregister(row)


def test_every_name_resolves_and_is_listed() -> None:
    for name in NAMES:
        assert getattr(sb, name) is not None
    assert set(NAMES) <= set(dir(sb))
    assert {"Any", "annotations", "TYPE_CHECKING"} & set(dir(sb)) == set()


@pytest.mark.parametrize("name", sorted(set(public_names().values())))
def test_a_function_of_the_tables_says_what_it_is_and_shows_a_call_that_runs(name: str) -> None:
    text = operator(name).__doc__ or ""
    assert "ShapeError" in text
    example = doctest.DocTestParser().get_doctest(text, {}, name, None, 0)
    assert len(example.examples) == 3
    assert doctest.DocTestRunner(verbose=False).run(example).failed == 0


PLANTED = ["derive", "relu", "sigmoid", "tanh"]


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The type of every public name as mypy sees it under --strict, and of some in a stub with two faults planted."""
    needs.package("mypy")
    folder = tmp_path_factory.mktemp("types")
    text = STUB.read_text(encoding="utf-8")
    text = re.sub(r"@overload\ndef relu\(.*\n@overload\ndef relu\(.*\n", "relu: Any\n", text)
    text = re.sub(r"@overload\ndef tanh\(.*\n@overload\ndef tanh\(.*\n", "def tanh(x: _Value) -> Any: ...\n", text)
    (folder / "planted").mkdir()
    (folder / "planted" / "__init__.pyi").write_text(
        text.replace("import TypeAlias", "import Any, TypeAlias"), encoding="utf-8"
    )
    asked = [*(f"symback.{name}" for name in NAMES), *(f"planted.{name}" for name in PLANTED)]
    script = ["import planted", "import symback", *(f"reveal_type({name})" for name in asked)]
    (folder / "reveal.py").write_text("\n".join(script) + "\n", encoding="utf-8")
    options = ["--strict", "--no-error-summary", "--cache-dir", str(ROOT / ".mypy_cache")]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, "--config-file", str(ROOT / "pyproject.toml"), "reveal.py"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=folder,
        env={**os.environ, "MYPYPATH": os.pathsep.join([str(ROOT), str(folder)])},
        check=False,
    )
    found = re.findall(r'^reveal\.py:(\d+): note: Revealed type is "(.*)"$', done.stdout, re.MULTILINE)
    assert len(found) == len(asked), done.stdout + done.stderr
    return {asked[int(line) - 3]: kind for line, kind in found}


def untyped(kinds: dict[str, str], package: str) -> list[str]:
    """Return the names of which a type checker knows nothing: no type at all, or a function of which it knows no result."""
    wanted = {name: kind for name, kind in kinds.items() if name.startswith(f"{package}.")}
    return [name for name, kind in wanted.items() if kind in ("Any", "object") or kind.endswith(") -> Any")]


def test_a_type_checker_knows_every_name(kinds: dict[str, str]) -> None:
    assert untyped(kinds, "symback") == []
    for name, label in public_names().items():
        if name not in sb._HOME:
            kind = kinds[f"symback.{name}"]
            assert kind.startswith("Overload(def ("), (name, kind)
            assert ") -> symback.core.nodes.Form, def (" in kind, (name, kind)
            assert kind == kinds[f"symback.{label}"]
    relu, mse = kinds["symback.relu"], kinds["symback.mse"]
    assert relu.startswith("Overload(def (x: symback.core.nodes.Form | float) -> symback.core.nodes.Form, ")
    assert "reduction: str =" in mse
    assert "size_average: None =" in mse
    assert kinds["symback.derive"].endswith(") -> symback.api.Derivation")


def test_a_planted_any_is_seen(kinds: dict[str, str]) -> None:
    assert untyped(kinds, "planted") == ["planted.relu", "planted.tanh"]
