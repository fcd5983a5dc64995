"""Texts that cost much: each is read or refused in one line, in little time and memory; large networks cost little."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import symback as sb
from tests.support import needs
from tests.support.limits import Task, answers_within_limits
from tests.support.places import ROOT

HEAD = "import numpy as np\nW = np.array([1.0, 2.0])\n"


def sum_of_parameters(count: int) -> str:
    leaves = "".join(f"W{k} = np.array([{k + 1}.0])\n" for k in range(count))
    return f"import numpy as np\n{leaves}loss = np.sum({' + '.join(f'W{k}' for k in range(count))})\n"


def chain(count: int) -> str:
    return HEAD + f"a = W\nfor i in range({count}):\n    a = a + W * 1.5\nloss = np.sum(a)\n"


def pieces(count: int) -> str:
    return HEAD + f"a = np.concatenate([{', '.join(f'W * {k + 1}.5' for k in range(count))}])\nloss = np.sum(a ** 2)\n"


TEXTS: dict[str, tuple[str, float | None]] = {
    "a doubled tuple": (HEAD + "k = (1, 2)\nfor i in range(30):\n    k = k + k\nloss = np.sum(W**2) * len(k)\n", None),
    "a doubled list": (HEAD + "k = [1]\nfor i in range(40):\n    k += k\nloss = np.sum(W**2) * len(k)\n", None),
    "a doubled text": (HEAD + "k = 'ab'\nfor i in range(40):\n    k = k + k\nloss = np.sum(W**2) * len(k)\n", None),
    "a text times a number": (HEAD + "k = 'ab' * 10**10\nloss = np.sum(W**2) * len(k)\n", None),
    "a list times a number": (HEAD + "k = [0] * 10**10\nloss = np.sum(W**2) * len(k)\n", None),
    "nested lists": (HEAD + "k = [[0] * 100000] * 100000\nloss = np.sum(W**2) * len(k)\n", None),
    "nested lists of arrays": (HEAD + "k = [[W] * 3000 for _ in range(3000)]\nloss = np.sum(W**2) * len(k)\n", None),
    "a power of powers": (
        "import numpy as np\nW = np.array([[.5, .2], [.1, .9]])\nv = (np.abs(W) + 0.5)**W\nloss = np.sum(np.tanh(2.0**v))\n",
        None,
    ),
    "a power of numbers": (HEAD + "k = 9**9**9\nloss = np.sum(W**2) * k\n", None),
    "squared numbers": (HEAD + "k = 3\nfor i in range(60):\n    k = k * k\nloss = np.sum(W**2) * (k % 7)\n", None),
    "a set of a range": (HEAD + "k = len(set(range(10**9)))\nloss = np.sum(W**2) * k\n", None),
    "a sum of a range": (HEAD + "k = sum(range(10**10))\nloss = np.sum(W**2) * k\n", None),
    "an endless loop": (HEAD + "k = 0\nwhile k >= 0:\n    k += 1\nloss = np.sum(W**2)\n", None),
    "an endless loop over a list": (HEAD + "k = [1]\nfor x in k:\n    k.append(x)\nloss = np.sum(W**2)\n", None),
    "an endless generator": (
        HEAD + "def g():\n    while True:\n        yield 1\nk = list(g())\nloss = np.sum(W**2) * len(k)\n",
        None,
    ),
    "endless recursion": (HEAD + "def f(n):\n    return f(n + 1)\nloss = np.sum(W**2) * f(0)\n", None),
    "branching recursion": (
        HEAD + "def f(n):\n    return n if n < 2 else f(n - 1) + f(n - 2)\nloss = np.sum(W**2) * f(50)\n",
        None,
    ),
    "a sum of 200 parameters": (sum_of_parameters(200), 20100.0),
    "a chain of 250": (chain(250), 1128.0),
    "100 pieces": (pieces(100), None),
    "a mean of nothing": ("import numpy as np\nW = np.zeros((0, 3))\nloss = np.mean(W**2)\n", None),
    "a sum of nothing": ("import numpy as np\nW = np.zeros((0, 3))\nloss = np.sum(W**2)\n", None),
    "a maximum of one entry": ("import numpy as np\nW = np.array([.5])\nloss = np.max(W)**2\n", 0.25),
    "a wide format": (HEAD + "k = '{:>10000000000}'.format(3)\nloss = np.sum(W**2) * len(k)\n", None),
    "a large range of an array": (HEAD + "k = np.arange(10**11)\nloss = np.sum(W**2) * len(k)\n", None),
    "a pad": (HEAD + "k = 'a'.ljust(10**11)\nloss = np.sum(W**2) * len(k)\n", None),
    "a shift": (HEAD + "k = 1 << 10**11\nloss = np.sum(W**2) * k\n", None),
    "a product of ranges": (
        HEAD + "k = len([1 for a in range(10**5) for b in range(10**5)])\nloss = np.sum(W**2) * k\n",
        None,
    ),
}
"""Each text, and the loss of it where it has to be read."""


VIEWS = ("chain", "matrix", "index", "entries")
MAXIMA = (
    "np.sum((W - np.max(W, axis=0, keepdims=True))**2)",
    "np.max(W[:, :1], axis=1)[0]",
    "np.sum(np.max(W[None], axis=0))",
    "np.sum(np.exp(W - W.min(axis=0)))",
)
PRINTED = {
    f"{loss} in the view {view}": Task(
        f"import numpy as np\nW = np.array([[.5, .2, .1, .9]])\nloss = {loss}\n",
        then=f"assert derivation.latex(view={view!r})",
    )
    for loss in MAXIMA
    for view in VIEWS
}
"""Maxima over one entry, and a view to print."""

PLANTED = {
    "time": Task(HEAD + "loss = np.sum(W)\n", then="while True: pass"),
    "memory": Task(HEAD + "loss = np.sum(W)\n", then="large = bytearray(10**10)"),
    "crash": Task(HEAD + "loss = np.sum(W)\n", then="{}['k']"),
    "tangent": Task(
        HEAD + "loss = np.sum(W)\n",
        then="import sympy as sp\nx, w, E = sp.symbols('x w E')\nsb.derive(sb.network([sp.Eq(E, sp.tan(w * x))]))",
    ),
}
"""What is over the limits, a crash, and an expression whose derivative has no array operation."""


@pytest.fixture(scope="module")
def answers() -> dict[str, str]:
    costly = {label: Task(text, "" if "parameters" in label else "W") for label, (text, _) in TEXTS.items()}
    return answers_within_limits({**costly, **PRINTED, **PLANTED})


@pytest.mark.parametrize("label", TEXTS)
def test_a_costly_text_is_read_or_refused_in_little_time_and_memory(label: str, answers: dict[str, str]) -> None:
    said, loss = answers[label], TEXTS[label][1]
    assert said.split()[0] in ("read", "refused") and "\n" not in said, said
    assert not any(inside in said for inside in ("zoo", "ComplexInfinity", "ImaginaryUnit", "sympy")), said
    if loss is not None:
        assert said == f"read {loss!r}"


@pytest.mark.parametrize("label", PRINTED)
def test_every_view_of_a_maximum_of_one_entry_is_printed(label: str, answers: dict[str, str]) -> None:
    assert answers[label].split()[0] in ("read", "refused"), answers[label]


def test_an_expression_without_array_operation_is_refused_in_words(answers: dict[str, str]) -> None:
    said = answers["tangent"]
    assert said.split()[0] in ("read", "refused") and "ImaginaryUnit" not in said, said


def test_the_limits_end_what_is_over_them(answers: dict[str, str]) -> None:
    assert answers["time"].startswith("ended by the signal")
    assert answers["memory"].startswith("ended by MemoryError")
    assert answers["crash"] == "ended by KeyError: 'k'"


# --- threads ------------------------------------------------------------------------------------------------------------

DEEP = HEAD + "loss = np.sum(" + "+".join(f"W*{k + 1}.5" for k in range(250)) + ")\n"
PARALLEL = {"deep": DEEP, "a chain": chain(120), "small": HEAD + "loss = np.sum(W**2)\n", "pieces": pieces(8)}


def derived(text: str) -> tuple[str, float, str]:
    derivation = sb.derive(sb.parse(text, wrt="W", loss="loss"))
    return derivation.code(), derivation.evaluate().loss, str(derivation.evaluate().gradients)


@pytest.fixture
def switching() -> Iterator[None]:
    """Let threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_threads_derive_the_same_and_leave_the_recursion_limit(switching: None) -> None:
    limit, alone = sys.getrecursionlimit(), {label: derived(text) for label, text in PARALLEL.items()}
    found: list[tuple[str, object]] = []

    def work(label: str) -> Callable[[], None]:
        def run() -> None:
            for _ in range(3):
                try:
                    found.append((label, derived(PARALLEL[label])))
                except Exception as error:
                    found.append((label, repr(error)))

        return run

    threads = [threading.Thread(target=work(label)) for label in [*PARALLEL, "small"]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3 * len(threads)
    assert [(label, said) for label, said in found if said != alone[label]] == []
    assert sys.getrecursionlimit() == limit


# --- the command line -----------------------------------------------------------------------------------------------------


def command(folder: Path, *arguments: str, shell: str = "") -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "symback", *arguments]
    if shell:
        needs.posix()
        line = ["sh", "-c", f'exec "$@" {shell}', "sh", *line]
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        line, cwd=folder, capture_output=True, text=True, encoding="utf-8", env=environment, check=False
    )


@pytest.mark.parametrize("words", [("derive", "-"), ("run", "-"), ("code", "-"), ("check", "-")])
def test_closed_standard_input_is_told_in_one_line(words: tuple[str, ...], tmp_path: Path) -> None:
    done = command(tmp_path, *words, shell="<&-")
    assert done.returncode == 2 and "Traceback" not in done.stderr, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("output", ["in.py", "./in.py", "../{folder}/in.py"])
def test_a_command_does_not_write_over_its_own_input(output: str, tmp_path: Path) -> None:
    text = HEAD + "loss = np.sum(W**2)\n"
    (tmp_path / "in.py").write_text(text, encoding="utf-8")
    done = command(tmp_path, "code", "in.py", "-o", output.format(folder=tmp_path.name))
    assert done.returncode == 2 and len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert (tmp_path / "in.py").read_text(encoding="utf-8") == text
