"""Submissions that mean harm: they do nothing, get one clear line each, and cannot speak through a report."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import subprocess
import sys
import tracemalloc
import unicodedata
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import symback as sb
from symback.cli import main
from symback.core.errors import SymbackError
from symback.marking.pages import render
from tests.support import needs
from tests.support.work import QUICK, within

BASE = """import numpy as np
x = np.array([[1.0, 2.0]])
t = np.array([[0.5]])
W = np.array([[0.1], [0.2]])
z = x @ W
L = np.sum((z - t)**2)
"""
GRADIENT = "dW = 2 * x.T @ (z - t)\n"

ACTS = {
    "write": BASE + "open('{s}', 'w').write('x')\n" + GRADIENT,
    "import": "import os\nos.system('touch {s}')\n" + BASE + GRADIENT,
    "star import": "from os import *\nsystem('touch {s}')\n" + BASE + GRADIENT,
    "hidden import": BASE + "dW = __import__('os').system('touch {s}')\n",
    "eval": BASE + "dW = eval(\"open('{s}', 'w')\")\n",
    "exec": "exec(\"open('{s}', 'w')\")\n" + BASE + GRADIENT,
    "attributes": BASE + "dW = ().__class__.__base__.__subclasses__()[0]('{s}')\n",
    "decorator": "@(lambda f: open('{s}', 'w'))\ndef f(): pass\n" + BASE + GRADIENT,
    "default": "def f(a=open('{s}', 'w')): pass\n" + BASE + GRADIENT,
    "class body": "class A:\n    open('{s}', 'w')\n" + BASE + GRADIENT,
    "annotation": "q: open('{s}', 'w') = 1\n" + BASE + GRADIENT,
    "f-string": BASE + "s = f'{{open(\"{s}\")}}'\n" + GRADIENT,
    "subscript": BASE + "dW = x[open('{s}', 'w')]\n",
    "pickle": BASE + "x = np.load('{s}', allow_pickle=True)\n" + GRADIENT,
    "saving": BASE + "np.save('{s}', x)\n" + GRADIENT,
    "generator": BASE + "dW = list(open('{s}', 'w') for _ in range(1))\n",
}
BOMBS = {
    "loop": BASE + "while True:\n    pass\n" + GRADIENT,
    "updating loop": BASE + "while True:\n    W = W + 1\n" + GRADIENT,
    "long loop": BASE + "for i in range(10**12):\n    z = z + 1\n" + GRADIENT,
    "nested loops": BASE
    + "dW = np.zeros((2, 1))\nfor a in range(10**4):\n    for b in range(10**4):\n        dW += x.T @ (z - t)\n",
    "endless iterator": BASE + "dW = [v for v in iter(int, 1)]\n",
    "endless generator": BASE + "def g():\n    while True:\n        yield 1\ndW = list(g())\n",
    "recursion": BASE + "def f(n):\n    return f(n + 1)\ndW = f(0)\n",
    "branching recursion": BASE + "def f(n):\n    return f(n - 1) + f(n - 1)\ndW = f(60) * x.T\n",
    "array": BASE + "dW = np.ones((10**9, 10**3)) @ (z - t)\n",
    "data": "import numpy as np\nW = np.random.randn(10**5, 10**5)\nx = np.random.randn(1, 10**5)\nL = np.sum((x @ W)**2)\ndW = x\n",
    "range": BASE + "q = np.arange(10**12)\n" + GRADIENT,
    "identity": BASE + "q = np.eye(10**6)\n" + GRADIENT,
    "string": "a = 'a' * 10**12\n" + BASE + GRADIENT,
    "list": "a = [0] * 10**11\n" + BASE + GRADIENT,
    "number": "a = 9**9**9**9\n" + BASE + GRADIENT,
    "shift": "a = 1 << 10**12\n" + BASE + GRADIENT,
    "literal": "a = " + "9" * 100_000 + "\n" + BASE + GRADIENT,
    "parentheses": "a = " + "(" * 5000 + "1" + ")" * 5000 + "\n" + BASE + GRADIENT,
    "signs": "a = " + "-" * 100_000 + "1\n" + BASE + GRADIENT,
    "sum": "a = " + "+".join(["1"] * 50_000) + "\n" + BASE + GRADIENT,
    "calls": BASE + "dW = " + "np.exp(" * 300 + "x.T" + ")" * 300 + "\n",
    "doubling": "a = [1]\n" + "a = a + a\n" * 60 + BASE + GRADIENT,
    "many lines": BASE + GRADIENT * 20_000,
    "many names": BASE + "".join(f"d{k} = {k} * x\n" for k in range(20_000)) + GRADIENT,
    "null": BASE + "\0" + GRADIENT,
    "surrogate": BASE + "s = '\udc80'\n" + GRADIENT,
    "binary": "\x7fELF\x02\x01",
    "empty": "",
}


@pytest.fixture(scope="module", autouse=True)
def loaded() -> None:
    sb.check_text(BASE + GRADIENT)  # SymPy's import is nobody's fault


def answer_to(text: str) -> str:
    """Return what marking a text says, its refusal included."""
    try:
        return str(sb.check_text(text))
    except SymbackError as error:
        assert "\n" not in str(error)
        return str(error)


@pytest.mark.parametrize("label", ACTS)
def test_nothing_is_done(label: str, tmp_path: Path) -> None:
    sentinel = tmp_path / "sentinel"
    text = ACTS[label].replace("{s}", str(sentinel)).replace("{{", "{").replace("}}", "}")
    said = within(QUICK, lambda: answer_to(text))
    assert said and not sentinel.exists()
    assert "Traceback" not in said


@pytest.mark.parametrize("label", [k for k in ACTS if k not in ("attributes", "pickle", "f-string")])
def test_the_planted_acts_would_work(label: str, tmp_path: Path) -> None:
    # the same texts, run on purpose: what the test above looks for does happen
    sentinel = tmp_path / "sentinel.npy"
    text = ACTS[label].replace("{s}", str(sentinel)).replace("{{", "{").replace("}}", "}")
    with contextlib.suppress(subprocess.TimeoutExpired):
        subprocess.run([sys.executable, "-c", text], cwd=tmp_path, capture_output=True, timeout=20)
    assert sentinel.exists()


@pytest.mark.parametrize("label", BOMBS)
def test_bombs_get_one_line(label: str) -> None:
    first = within(2 * QUICK, lambda: answer_to(BOMBS[label])).splitlines()[0]
    assert first and len(first) < 400


# --- what a report shows ------------------------------------------------------------------------------------------------

EVIL = (
    BASE
    + "dW = x.T @ (z - t)  # \x1b[2J\x1b]0;owned\x07 \u202e ``` </code><script>alert(1)</script> | $$\\input{/etc/passwd}$$ ![a](http://evil/x.png)\n"
)
TITLE = "=cmd|' /C calc'!A0 <img src=x onerror=alert(1)> \x1b[31m`$x$`"


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def is_plain(page: str) -> bool:
    """Return whether nothing in a page is a command to a terminal or turns the direction of writing."""
    return not any(
        c != "\n" and (unicodedata.category(c) == "Cc" or c in "\u202a\u202b\u202d\u202e\u2066\u2067") for c in page
    )


@pytest.fixture(scope="module")
def evil() -> sb.Report:
    return sb.check_text(EVIL, title=TITLE)


@pytest.mark.parametrize("form", ["text", "md", "html", "csv", "json"])
@pytest.mark.parametrize("count", [1, 2])
def test_no_control_character_reaches_a_terminal(evil: sb.Report, form: str, count: int) -> None:
    assert not evil.ok
    page = render([evil] * count, form)
    assert is_plain(page)


@pytest.mark.parametrize("count", [1, 2])
def test_html_holds_no_element_of_the_submission(evil: sb.Report, count: int) -> None:
    tags = _Tags()
    tags.feed(render([evil] * count, "html"))
    names = {tag for tag, _ in tags.found}
    assert not names & {"script", "img", "iframe", "object", "link", "form"}
    assert not any(key.startswith("on") for _, attributes in tags.found for key in attributes)
    assert not any(key == "src" for _, attributes in tags.found for key in attributes)
    places = {attributes["id"] for _, attributes in tags.found if "id" in attributes}
    links = [attributes.get("href", "") for tag, attributes in tags.found if tag == "a" or "href" in attributes]
    assert all(link.startswith("#") and link[1:] in places for link in links)  # headings of the page itself


def test_markdown_holds_no_markup_of_the_submission(evil: sb.Report) -> None:
    page = evil.to_markdown()
    outside = page.split("```")  # code stands in every second part
    assert len(outside) % 2 == 1
    assert (
        "<script" not in "".join(outside[::2])
        and "![" not in "".join(outside[::2])
        and "<img" not in page.split("```")[0]
    )
    assert "`$x$`" not in page.splitlines()[0]


def test_no_cell_is_a_formula(evil: sb.Report) -> None:
    rows = list(csv.reader(io.StringIO(render([evil], "csv"))))
    assert rows[0][0] == "file" and rows[1][0].startswith("'=cmd")
    for row in rows[1:]:
        assert all(not cell.lstrip().startswith(("=", "+", "-", "@", "|", "%", "\t", "\r")) for cell in row)


def test_names_of_files_are_shown_as_text(tmp_path: Path) -> None:
    bad = tmp_path / "=cmd|calc \x1b[31m<b>.py"
    bad.write_text(BASE + "dW = x.T @ (z - t)\n", encoding="utf-8")
    other = tmp_path / "\x1b]0;x\x07.py"
    other.write_text("x = 1\n", encoding="utf-8")
    for form in ("text", "md", "html", "csv", "json"):
        done = CliRunner().invoke(main, ["check", str(bad), str(other), "--to", form])
        assert done.exit_code == 2
        assert is_plain(done.output), form
        assert "<b>" not in done.output or form in ("text", "csv", "json")
    rows = list(
        csv.reader(io.StringIO(CliRunner().invoke(main, ["check", str(bad), str(other), "--to", "csv"]).stdout))
    )
    assert rows[1][0].startswith("'=cmd") and rows[-1][3] == "failed"


def test_answers_cannot_inject(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text(BASE, encoding="utf-8")
    for answer in (
        "dW = __import__('os').system('x')",
        "dW = <script>alert(1)</script>",
        "=cmd|calc",
        "dW = \x1b[2J",
        "dW = " + "(" * 3000,
        "dW = " + "9" * 5000,
        "dW = x^" + "9" * 30,
        "dW = x^{x^{x^{x}}}",
        "dW = " + "-" * 1900 + "x",
        "dW",
        "",
        "= 3",
        r"dW = \input{/etc/passwd}",
    ):
        for form in ("text", "html", "csv", "md", "json"):
            arguments = ["check", str(file), "--answer", answer, "--to", form]
            done = within(QUICK, lambda given=arguments: CliRunner().invoke(main, given))
            assert (done.exit_code == 1 and done.exception is None) or isinstance(done.exception, SystemExit), answer
            assert is_plain(done.output), answer


# --- files --------------------------------------------------------------------------------------------------------------


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    bomb = tmp_path / "values.npz"
    with (
        zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("x.npy", "w", force_zip64=True) as member,
    ):
        np.lib.format.write_array_header_1_0(member, {"descr": "<f8", "fortran_order": False, "shape": (2**28,)})
        for _ in range(2 * 1024):
            member.write(bytes(2**20))
    assert bomb.stat().st_size < 10 * 2**20
    file = tmp_path / "a.py"
    file.write_text(BASE + GRADIENT, encoding="utf-8")
    tracemalloc.start()
    try:
        done = CliRunner().invoke(main, ["check", str(file), "--values", str(bomb)])
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert done.exit_code == 2 and "MB" in done.output and most < 64 * 2**20


def test_a_notebook_with_hostile_outputs(tmp_path: Path) -> None:
    nbformat = needs.package("nbformat")
    notebook = nbformat.v4.new_notebook()
    cell = nbformat.v4.new_code_cell(BASE + "dW = x.T @ (z - t)\n")
    cell.outputs = [
        nbformat.v4.new_output("display_data", {"text/html": "<script>alert(1)</script>", "image/png": "A" * 1000})
    ]
    magic = nbformat.v4.new_code_cell(f"!touch {tmp_path}/sentinel\n%%bash\ntouch {tmp_path}/sentinel")
    notebook.cells = [magic, nbformat.v4.new_markdown_cell("<script>alert(1)</script>"), cell]
    file = tmp_path / "n.ipynb"
    file.write_text(nbformat.writes(notebook), encoding="utf-8")
    for form in ("text", "html", "md", "csv"):
        done = CliRunner().invoke(main, ["check", str(file), "--to", form])
        assert done.exit_code == 1 and "alert(1)" not in done.output
    assert not (tmp_path / "sentinel").exists()
    data = json.loads(CliRunner().invoke(main, ["check", str(file), "--to", "json"]).stdout)
    assert data["verdicts"]["W"]["cell"] == 2 and data["executed"] == ""
