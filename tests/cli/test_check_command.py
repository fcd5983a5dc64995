"""Marking typed formulas, marking by running, and reports of one and many files, in Python and on the command line."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp
from click.testing import CliRunner

import symback as sb
from symback.cli import main
from symback.core.errors import ReadError, SymbackError, ValueProblem
from symback.documents import formats
from symback.marking.pages import document_of, render
from symback.marking.report import KINDS
from symback.page.words import DEFAULT_LANGUAGE, language_called, languages, scripted
from tests.corpus.answers import RIGHT, WRONG
from tests.support import needs

TWO_LAYERS = """import numpy as np
x = np.array([[0.5, 0.8], [0.1, -0.4], [0.3, 0.9]])
y = np.array([[1.0], [0.0], [1.0]])
W1 = np.array([[0.1, 0.3, 0.5, 0.2], [0.2, 0.4, -0.3, 0.7]])
b1 = np.array([0.1, 0.2, -0.1, 0.3])
W2 = np.array([[0.5], [0.6], [-0.2], [0.9]])
b2 = np.array([0.3])
a1 = 1 / (1 + np.exp(-(x @ W1 + b1)))
z2 = a1 @ W2 + b2
y_hat = 1 / (1 + np.exp(-z2))
loss = np.mean((y_hat - y)**2)
"""


def marks(report: sb.Report) -> list[tuple[str, str, str | None]]:
    return [(v.name, v.status, v.slip) for v in report.verdicts.values()]


# --- typed formulas -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", RIGHT)
def test_right_formulas_are_right(text: str) -> None:
    report = sb.check_answer("import numpy as np\n" + text, RIGHT[text])
    assert report.ok and len(report.verdicts) == len(RIGHT[text])


@pytest.mark.parametrize("text", WRONG)
def test_wrong_formulas_are_wrong(text: str) -> None:
    report = sb.check_answer("import numpy as np\n" + text, WRONG[text])
    assert len(report.verdicts) == len(WRONG[text]) and not any(v.ok for v in report.verdicts.values())


@pytest.mark.parametrize(
    ("answer", "status", "slip"),
    [
        (r"\delta_2 = \frac{2}{n} (\hat{y} - y) \odot \sigma'(z_2)", "agrees", None),
        (r"\delta_2 = 2 (\hat{y} - y) \odot \sigma'(z_2)", "wrong", "missing_mean"),
        (r"\delta_2 = \frac{1}{n} (\hat{y} - y) \odot \sigma'(z_2)", "wrong", "missing_two"),
        (r"\delta_2 = \frac{2}{n} (y - \hat{y}) \odot \sigma'(z_2)", "wrong", "sign"),
        (r"\delta_2 = \frac{2}{n} (\hat{y} - y) \odot \sigma'(\hat{y})", "wrong", "wrong_variable"),
        (r"\delta_2 = \frac{2}{n} (\hat{y} - y)", "wrong", "missing_activation"),
        (r"\delta_1 = \delta_2 W_2^\top \odot \sigma'(z_1)", "agrees", None),
        (r"\delta_1 = \delta_2 W_2^\top", "wrong", "missing_activation"),
        ("dW2 = a1^T δ₂", "agrees", None),
        ("dW2 = a1.T @ dz2 / n", "wrong", "extra_mean"),
        ("dW2 = dz2.T @ a1", "shape", "swapped"),
        (r"db1 = \mathbf{1}^\top \delta_1", "agrees", None),
        ("db1 = dz1", "shape", "missing_batch_sum"),
        (r"\frac{\partial \hat{y}}{\partial z_2} = \hat{y} \odot (1 - \hat{y})", "agrees", None),
        (r"\frac{\partial \hat{y}}{\partial z_2} = \hat{y} \odot (1 + \hat{y})", "wrong", None),
        (r"\frac{\partial a_1}{\partial z_1} = a_1 \odot (1 - a_1)", "agrees", None),
        (r"\frac{\partial z_2}{\partial W_2} = a_1^\top", "unread", None),
        (r"dW2 = \delta_2 a_1^\top", "shape", "swapped"),
        ("dW2 = a1 @ dz2", "shape", "missing_transpose"),
        ("dq = 3", "unread", None),
        ("dx = dz1 @ W1.T", "agrees", None),
    ],
)
def test_a_formula_over_a_text(answer: str, status: str, slip: str | None) -> None:
    report = sb.check_answer(TWO_LAYERS, answer)
    (verdict,) = report.verdicts.values()
    assert (verdict.status, verdict.written, verdict.line) == (status, answer, None)
    if slip is not None:
        assert verdict.slip in (slip, "missing_transpose" if slip == "swapped" else slip)
    if status in ("wrong", "shape"):
        assert (verdict.right and (verdict.factor or status == "shape")) or answer.startswith(r"\frac{\partial \hat")
        assert verdict.points or status == "shape"
    assert report.executed == ""


def test_a_wrong_delta_does_not_make_the_next_formula_wrong() -> None:
    report = sb.check_answer(TWO_LAYERS, [r"\delta_2 = \hat{y} - y", r"dW2 = a_1^\top \delta_2"])
    assert [v.ok for v in report.verdicts.values()] == [False, True]


def test_numbers_of_differences_are_those_of_finite_differences() -> None:
    report = sb.check_answer(TWO_LAYERS, "dW2 = a1.T @ dz2 * 2")
    point = report.verdicts["W2"].points[0]
    assert abs(point.claimed - 2 * point.right) < 1e-12 * abs(point.claimed)


def test_a_formula_over_a_built_network() -> None:
    net = sb.Network()
    X, Y, W = net.input("X", ("n", 2)), net.input("Y", ("n", 3)), net.parameter("W", (2, 3))
    Z = net.define("Z", X @ W)
    net.define("L", sb.mean((Z - Y) ** 2))
    answers = [
        r"\delta = \frac{2}{3n} (Z - Y)",
        r"dW = X^\top \delta",
        "dW = X.T @ dZ / n",
        r"dW = X^\top \frac{2}{3} (Z - Y)",
    ]
    for given in (net, sb.derive(net)):
        assert marks(sb.check_answer(given, answers)) == [
            (r"\delta", "agrees", None),
            ("dW", "agrees", None),
            ("dW (2)", "wrong", "extra_mean"),
            ("dW (3)", "wrong", "missing_mean"),
        ]


def test_a_formula_with_an_undefined_function() -> None:
    x, t, w1, w2, h, y, E = sp.symbols("x t w1 w2 h y E")
    f = sp.Function("f")
    net = sb.network([sp.Eq(h, f(x * w1)), sp.Eq(y, f(h * w2)), sp.Eq(E, (t - y) ** 2 / 2)])
    report = sb.check_answer(
        net,
        [
            r"\frac{\partial E}{\partial w_1} = (y - t) f'(h w_2) w_2 f'(x w_1) x",
            "dw2 = (y - t) h",
            "dw2 = (t - y) f'(h w_2) h",
        ],
    )
    assert [(v.status, v.slip) for v in report.verdicts.values()] == [
        ("agrees", None),
        ("wrong", "missing_activation"),
        ("wrong", "sign"),
    ]
    assert "f′" in report.verdicts["dw2"].right


def test_what_answers_refuse() -> None:
    with pytest.raises(ReadError, match="no answer is given"):
        sb.check_answer(TWO_LAYERS, [])
    with pytest.raises(ReadError, match="not for int"):
        sb.check_answer(3, "dW = 1")
    with pytest.raises(SymbackError, match="no_such"):
        sb.check_answer("import numpy as np\ny = no_such(2)\nL = y**2\n", "dy = 2 y")
    assert marks(sb.check_answer(TWO_LAYERS, ["dL = 1", "d = 2"])) == [("dL", "unread", None), ("d", "unread", None)]


# --- running what cannot be read ------------------------------------------------------------------------------------------

PART = (
    TWO_LAYERS
    + """
dy = 2 * (y_hat - y) / len(x)
dz2 = dy * y_hat * (1 - y_hat)
dW2 = np.apply_along_axis(lambda column: column @ dz2, 0, a1).T{after}
for step in range(1000):
    W2 -= 0.1 * dW2
"""
)


WHOLE = """import numpy as np
rng = np.random.RandomState(3)
x = rng.randn(4, 3)
y = rng.randn(4, 1)
W = rng.randn(3, 1)
b = np.zeros(1)

def act(z):
    # one row after the other
    def of_row(row):
        return np.tanh(row)



    return np.apply_along_axis(of_row, 1, z)

for epoch in range(50):
    a = act(x @ W + b)
    loss = np.mean((a - y)**2)
    dz = 2 * (a - y) * (1 - a**2) / len(x)
    dW = x.T @ dz
    db = dz.sum(axis=0)
    W = W - 0.1 * dW
    b = b - 0.1 * db
"""


def test_nothing_runs_without_being_told() -> None:
    report = sb.check_text(PART.format(after=""))
    assert report.verdicts["W2"].status == "unread" and report.executed == "" and not report.verdicts["W2"].executed
    with pytest.raises(ReadError, match="line 15"):
        sb.check_text(WHOLE)


# --- functions whose source cannot be read ----------------------------------------------------------------------------------


def hidden(text: str) -> Callable[..., Any]:
    """Return a function without source."""
    space: dict[str, Any] = {}
    exec("import numpy as np\n" + text, space)
    found = space[re.findall(r"def (\w+)", text)[-1]]
    assert callable(found)
    return found


FORWARD = "def forward(x, W):\n    return np.tanh(x @ W)"


@pytest.mark.parametrize(
    ("returned", "statuses"),
    [
        ("{'x': d @ W.T, 'W': x.T @ d}", {"x": "agrees", "W": "agrees"}),
        ("(d @ W.T, x.T @ d)", {"x": "agrees", "W": "agrees"}),
        ("{'dW': x.T @ d}", {"W": "agrees"}),
        ("{'x': d @ W.T, 'W': x.T @ d / len(x)}", {"x": "agrees", "W": "wrong"}),
        ("{'x': None, 'W': x.T @ d * 1.00001}", {"W": "wrong"}),
        ("{'x': d @ W.T, 'W': (x.T @ d).T}", {"x": "agrees", "W": "shape"}),
        ("{'x': d @ W, 'W': x.T @ d}", {"x": "crash", "W": "crash"}),
        ("{'x': d @ W.T * (len(x) == 4), 'W': x.T @ d}", {"x": "wrong", "W": "agrees"}),
    ],
)
def test_functions_without_source_are_called(returned: str, statuses: dict[str, str]) -> None:
    backward = hidden(
        f"def backward(upstream, x, W):\n    d = upstream * (1 - np.tanh(x @ W)**2)\n    return {returned}"
    )
    for first in (hidden(FORWARD), forward):
        report = sb.check_backward(first, backward, shapes={"x": (4, 3), "W": (3, 2)})
        assert {k: v.status for k, v in report.verdicts.items()} == statuses
        assert report.executed == "functions" and "were called" in str(report)


def forward(x: Any, W: Any) -> Any:
    return np.tanh(x @ W)


def unreadable(upstream: Any, x: Any, W: Any) -> Any:
    d = upstream * (1 - np.tanh(x @ W) ** 2)
    return {"x": d @ W.T, "W": np.apply_along_axis(lambda column: column @ d, 0, x).T}


def crashing(upstream: Any, x: Any, W: Any) -> Any:
    return {"W": x @ upstream}


def test_functions_with_source() -> None:
    shapes = {"x": ("n", 3), "W": (3, 2)}
    report = sb.check_backward(forward, unreadable, shapes=shapes)
    assert report.ok and report.executed == "functions"
    report = sb.check_backward(forward, crashing, shapes=shapes)
    assert report.verdicts["W"].status == "crash" and report.executed == ""  # read, not called
    with pytest.raises(ValueProblem, match="W"):
        sb.check_backward(hidden(FORWARD), unreadable, shapes={"x": (4, 3)})
    with pytest.raises(ReadError, match="forward function was called and fails"):
        sb.check_backward(
            hidden("def forward(x, W):\n    return x @ W.T"), unreadable, shapes={"x": (4, 3), "W": (3, 2)}
        )
    with pytest.raises(ReadError, match="no input"):
        sb.check_backward(
            hidden(FORWARD),
            hidden("def backward(upstream, x, W):\n    return {'V': x}"),
            shapes={"x": (4, 3), "W": (3, 2)},
        )


def test_source_texts_are_never_called(tmp_path: Path) -> None:
    sentinel = tmp_path / "sentinel"
    back = f"def backward(upstream, x, W):\n    open({str(sentinel)!r}, 'w')\n    return {{'W': mystery(x)}}"
    report = sb.check_backward("def forward(x, W): return x @ W", back, shapes={"x": (4, 3), "W": (3, 2)})
    assert report.verdicts["W"].status == "unread" and not sentinel.exists()


# --- reports ----------------------------------------------------------------------------------------------------------------

HOMEWORK = (
    TWO_LAYERS
    + """
dz2 = 2 * (y_hat - y) * y_hat * (1 - y_hat) / len(x)
dW2 = a1.T @ dz2
da1 = dz2 @ W2.T
dz1 = da1 * a1
dW1 = x.T @ dz1
"""
)


@pytest.fixture(scope="module")
def report() -> sb.Report:
    return sb.check_text(HOMEWORK, title="homework.py")


@pytest.mark.parametrize("form", formats.names(*KINDS))
def test_every_format_says_what_is_wrong(form: str, report: sb.Report) -> None:
    needs.writer_of(form)
    page = render([report], form)
    assert page.startswith(b"%PDF") if isinstance(page, bytes) else form == "svg" or "dz1" in page
    assert form in ("pdf", "svg") or "homework.py" in page


def test_a_report_is_saved_by_its_ending(report: sb.Report, tmp_path: Path) -> None:
    assert report.verdicts["W1"].cause == "dz1"
    assert json.loads(report.to_json())["version"] == 1
    rows = list(csv.DictReader(io.StringIO(report.to_csv())))
    assert [r["status"] for r in rows].count("wrong") == 2
    first = next(r for r in rows if r["status"] == "wrong")
    assert (first["slip"], first["line"]) == ("missing_activation", "16") and "σ′" in first["message"]
    page = report.to_html()
    assert (
        page.startswith("<!DOCTYPE html>") and "The right step" in page and "Index by index" in page and "<math" in page
    )
    assert "dz1 = da1 * a1" in page
    for ending in ("txt", "md", "html", "csv", "json"):
        assert report.save(tmp_path / f"r.{ending}").read_text(encoding="utf-8")
    with pytest.raises(SymbackError, match=r"'\.docx' is unknown"):
        report.save(tmp_path / "r.docx")
    with pytest.raises(SymbackError, match="did you mean 'html'"):
        render([report], "htm")
    fragment = report._repr_html_()
    assert "<html" not in fragment and "dz1" in fragment


def test_the_page_shows_the_right_step_of_the_wrong_line_only() -> None:
    report = sb.check_text(HOMEWORK)
    document = document_of([report])
    formulas = [b for b in document.blocks if type(b).__name__ == "Formula"]
    proofs = [b for b in formulas if getattr(b, "role", "") == "proof"]
    assert len(proofs) == 1  # dW1 follows from dz1: one error, one proof
    assert not [
        b
        for b in document_of([sb.check_text(HOMEWORK.replace("da1 * a1", "da1 * a1 * (1 - a1)"))]).blocks
        if type(b).__name__ == "Formula"
    ]


@pytest.mark.parametrize("language", languages())
def test_every_language(language: str, tmp_path: Path) -> None:
    (tmp_path / "homework.py").write_text(HOMEWORK, encoding="utf-8")
    right = sb.check_file(tmp_path / "homework.py", language=language)
    typed = sb.check_answer(TWO_LAYERS, ["dW2 = a1.T @ dz2 / 2", "dq = 1"], language=language)
    script = language_called(language).script
    for form in ("text", "md", "html"):
        page = render([right, typed], form, language=language)
        assert script is None or script.holds(page)
        assert [other for other in scripted() if other.script != script and other.script.holds(page)] == []
        said = ("The right step", "was executed", "Compared at", "is wrong", "is right", "could not be read")
        assert language == DEFAULT_LANGUAGE or not any(sentence in page for sentence in said)


# --- the command ------------------------------------------------------------------------------------------------------------


def run(*arguments: str) -> Any:
    return CliRunner().invoke(main, ["check", *arguments])


@pytest.fixture()
def files(tmp_path: Path) -> list[str]:
    texts = {
        "right": HOMEWORK.replace("da1 * a1", "da1 * a1 * (1 - a1)"),
        "wrong": HOMEWORK,
        "part": PART.format(after=""),
        "none": "x = 1\n",
    }
    found = []
    for name, text in texts.items():
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        found.append(str(tmp_path / f"{name}.py"))
    return found


def test_exit_codes(files: list[str]) -> None:
    right, wrong, part, none = files
    assert run(right).exit_code == 0
    assert run(wrong).exit_code == 1
    assert run(right, wrong).exit_code == 1
    assert run(none).exit_code == 2
    assert run(right, none).exit_code == 2
    assert run(part).exit_code == 1 and run(right, "--execute").exit_code == 0
    assert run(wrong, "--execute").exit_code == 1 and run(none, "--execute").exit_code == 2
    assert run(right, "--seconds", "5").exit_code == 2 and run(right, "--execute", "--set", "x=1").exit_code == 2
    assert run(right, "--answer", "dW2 = a1.T @ dz2").exit_code == 0
    assert run(right, "--answer", "dW2 = dz2").exit_code == 1
    assert run(right, "--answer", "dW2 = a1.T @ dz2", "--claim", "a=b").exit_code == 2
    assert run(right, "--answer", "dW2 = a1.T @ dz2", "--execute").exit_code == 2


def test_answers_on_the_command_line(files: list[str]) -> None:
    done = run(files[1], "--answer", r"dW2 = a_1^T \delta_2", "--answer", r"\delta_2 = \hat{y} - y", "--lang", "ko")
    assert "✓" in done.output and "✗ \\delta_2 = \\hat{y} - y" in done.output and "dz1" not in done.output
    done = run(*files[:2], "--answer", r"dW2 = a_1^T \delta_2", "--to", "csv")
    assert done.exit_code == 0 and len(done.output.splitlines()) == 3


def test_a_table_for_all(files: list[str], tmp_path: Path) -> None:
    done = run(*files)
    assert "4 files: 1 right, 2 with errors, 1 not read" in done.output
    assert re.search(r"wrong\.py\s+3\s+2\s+dz1: missing derivative of the activation \(line 16\)", done.output)
    for ending in ("md", "html", "csv", "json", "txt"):
        out = tmp_path / f"out.{ending}"
        done = run(*files, "-o", str(out))
        page = out.read_text(encoding="utf-8")
        assert done.exit_code == 2 and "wrong.py" in page and "none.py" in page
        assert done.output.count("\n") == 1 and done.output.startswith("symback: none.py: ")
    data = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert data["version"] == 1 and len(data["reports"]) == 3 and data["failures"][0]["file"] == "none.py"
    done = run(*files, "-o", str(tmp_path / "out.xyz"))
    assert done.exit_code == 2 and "'.xyz' is unknown" in done.output


def test_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "hw.py").write_text(HOMEWORK, encoding="utf-8")
    done = run(str(tmp_path / "a" / "hw.py"), str(tmp_path / "b" / "hw.py"), "--to", "csv")
    assert {row["file"] for row in csv.DictReader(io.StringIO(done.output))} == {
        str(tmp_path / n / "hw.py") for n in ("a", "b")
    }


def test_many_files_show_progress_on_a_terminal_only(tmp_path: Path) -> None:
    pty = needs.package("pty")
    names = []
    for k in range(4):
        path = tmp_path / f"hw{k}.py"
        path.write_text(HOMEWORK, encoding="utf-8")
        names.append(str(path))
    command = [sys.executable, "-m", "symback", "check", *names, "--to", "csv", "-o", str(tmp_path / "marks.csv")]
    plain = subprocess.run(command, capture_output=True, text=True)
    assert plain.returncode == 1 and plain.stderr == "" and plain.stdout == ""
    assert len((tmp_path / "marks.csv").read_text(encoding="utf-8").splitlines()) == 1 + 4 * 5
    leader, follower = pty.openpty()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=follower) as process:
        os.close(follower)
        shown = b""
        while True:
            try:
                piece = os.read(leader, 4096)
            except OSError:
                break
            if not piece:
                break
            shown += piece
    os.close(leader)
    assert process.returncode == 1 and b"checking" in shown and b"100%" in shown
