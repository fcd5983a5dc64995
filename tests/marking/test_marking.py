"""Marking: contract, forms of input, correct code in unusual forms, mutants of generated code, the documents' cells."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import symback as sb
from symback.cli import main
from symback.core.errors import ReadError, ValueProblem
from symback.marking import check_backward, check_text
from symback.marking.report import STATUSES
from tests.corpus.unusual import UNUSUAL
from tests.support.campaigns import campaign
from tests.support.marking_mutants import NETWORKS, backward_code, changes, gradients_of, mutants
from tests.support.places import CORPUS, EXAMPLES
from tests.support.seed_cells import cell

RIGHT = {p.stem: p.read_text(encoding="utf-8") for p in sorted((CORPUS / "right").glob("*.py"))}
CORRECT = {**RIGHT, **UNUSUAL}


# --- correct code ----------------------------------------------------------------------------------------------------


def test_there_are_enough_correct_forms() -> None:
    assert len(CORRECT) >= 30


@pytest.mark.parametrize("name", CORRECT)
def test_correct_code_is_not_marked_wrong(name: str) -> None:
    report = check_text(CORRECT[name])
    assert report.ok and report.verdicts, str(report)
    assert all(v.slip in (None, "kink") for v in report.verdicts.values())


def _differences(text: str, name: str, loss: str) -> Any:
    """Central differences of a text's loss by one of its inputs; the text is ours and is run."""
    tree = ast.parse(text)
    position = next(
        k
        for k, s in enumerate(tree.body)
        if isinstance(s, ast.Assign) and isinstance(s.targets[0], ast.Name) and s.targets[0].id == name
    )
    last = next(k for k, s in enumerate(tree.body) if isinstance(s, ast.Assign) and ast.unparse(s.targets[0]) == loss)
    shift = ast.parse(f"{name} = {name} + _shift").body[0]
    body = ast.fix_missing_locations(
        ast.Module([*tree.body[: position + 1], shift, *tree.body[position + 1 : last + 1]], [])
    )
    code = compile(body, "corpus", "exec")

    def value(moved: Any) -> float:
        np.random.seed(7)
        scope: dict[str, Any] = {"_shift": moved}
        exec(code, scope)
        return float(np.asarray(scope[loss]).sum())

    shape = np.shape(gradients_of(text, [name], 7)[name])
    found = np.zeros(shape)
    for at in np.ndindex(*shape):
        moved = np.zeros(shape)
        moved[at] = 1e-6
        found[at] = (value(moved) - value(-moved)) / 2e-6
    return found


def _compared(name: str) -> int:
    """Compare what the code of the corpus computes with differences of its loss; return how many gradients could be."""
    text = CORRECT[name]
    tree = ast.parse(text)
    assigned = {
        s.targets[0].id: s
        for s in reversed(tree.body)
        if isinstance(s, ast.Assign) and isinstance(s.targets[0], ast.Name)
    }
    loss = next((n for n in ("loss", "J") if n in assigned), None)
    if loss is None or "torch" in text or "params" in text:
        return 0
    compared = 0
    for verdict in check_text(text).verdicts.values():
        leaf = assigned.get(verdict.variable)
        if leaf is None or verdict.name not in assigned or verdict.note or leaf.lineno > assigned[loss].lineno:
            continue  # inside a function or an object, or a convention of another scale
        if any(isinstance(n, ast.Name) and n.id in assigned for n in ast.walk(leaf.value)):
            continue  # a step on the way
        written = gradients_of(text, [verdict.name], 7)[verdict.name]
        exact = "epsilon" not in name
        np.testing.assert_allclose(
            written,
            _differences(text, verdict.variable, loss),
            rtol=2e-4 if exact else 1e-2,
            atol=2e-6 if exact else 1e-3,
        )
        compared += 1
    return compared


def test_the_correct_code_is_correct_by_differences() -> None:
    assert sum(_compared(name) for name in CORRECT) >= 60


# --- mutants ----------------------------------------------------------------------------------------------------------


@campaign(18, 240)
@pytest.mark.parametrize("name", NETWORKS)
def test_every_mutant_that_changes_a_gradient_is_caught(name: str, count: int) -> None:
    code = backward_code(name)
    assert check_text(code.text()).ok
    wanted = [line.split(" ")[0] for line in code.body[code.first :]]
    changed = 0
    found = list(mutants(code, count, seed=3))
    for what, lines, target in found:
        text = code.text(lines)
        differs = changes(code.text(), text, wanted)
        changed += differs
        try:
            report = check_text(text)
        except ReadError:
            assert differs, (what, target)
            continue
        assert report.ok != differs, (what, target, [line for line in lines if line not in code.body], str(report))
        if differs:
            assert any(v.cause is None for v in report.verdicts.values() if not v.ok), str(report)
            blamed = [v.name for v in report.verdicts.values() if not v.ok and v.cause is None]
            assert target in blamed, (what, target, blamed)
    assert len(found) == count and changed > 0.6 * count


# --- the documents ----------------------------------------------------------------------------------------------------

CORRECT_CELLS = {
    "matrix_relu": None,
    "neuron_bce": None,
    "neuron_update": None,
    "hidden_relu": "0.5*(y - r2)**2",
    "square_3": None,
    "square_4": None,
    "guess": None,
}


@pytest.mark.parametrize("name", CORRECT_CELLS)
def test_the_correct_cells_of_the_documents_pass(name: str) -> None:
    report = check_text(cell(name), loss=CORRECT_CELLS[name])
    assert report.ok and report.verdicts, str(report)


def test_softmax_ce_of_the_documents() -> None:
    report = check_text(cell("softmax_ce"))
    found = {v.name: (v.line, v.status, v.slip, v.only) for v in report.verdicts.values()}
    assert found["dL_dz"] == (37, "wrong", "missing_mean", "batch 1")
    assert found["dL_dW"] == (45, "wrong", "outer_for_matmul", "batch 1")
    assert found["dL_db"] == (46, "shape", "missing_batch_sum", "")
    assert [(r.line, r.slip) for r in report.remarks] == [(31, "lost_axis")]


def test_relu_mse_of_the_documents() -> None:
    report = check_text(cell("relu_mse"))
    verdict = report.verdicts["z2"]
    assert (verdict.name, verdict.line, verdict.status, verdict.slip, verdict.only) == (
        "dL_dz2",
        34,
        "wrong",
        "missing_mean",
        "batch 1",
    )
    assert report.verdicts["z1"].cause == "dL_dz2"
    assert report.verdicts["z2"].right == "∂L/∂z₂ = 2(z₂ − y)/n" or "n" in report.verdicts["z2"].right


def test_two_layer_sigmoid_of_the_documents() -> None:
    report = check_text(cell("two_layer_sigmoid"))
    wrong = {v.name: (v.line, v.status, v.slip) for v in report.verdicts.values() if not v.ok}
    assert wrong == {"db2": (59, "shape", "bias_shape"), "db1": (69, "shape", "bias_shape")}


@pytest.mark.parametrize(
    ("name", "line", "slip"),
    [
        ("square_2", 16, "wrong_variable"),
        ("double_softmax", 15, "double_softmax"),
        ("double_softmax", 22, "stale"),
        ("relu_mse_torch", 27, "stale"),
        ("stale", 38, "stale"),
    ],
)
def test_errors_of_the_documents_outside_gradients(name: str, line: int, slip: str) -> None:
    report = check_text(cell(name))
    assert not report.ok
    assert (line, slip) in [(r.line, r.slip) for r in report.remarks]


# --- functions --------------------------------------------------------------------------------------------------------


def affine(x: Any, w: Any, b: Any) -> Any:
    return np.tanh(x @ w + b)


def affine_backward(upstream: Any, x: Any, w: Any, b: Any) -> dict[str, Any]:
    a = np.tanh(x @ w + b)
    dz = upstream * (1 - a**2)
    return {"x": dz @ w.T, "w": x.T @ dz, "b": dz.sum(axis=0)}


def affine_backward_wrong(upstream: Any, x: Any, w: Any, b: Any) -> dict[str, Any]:
    a = np.tanh(x @ w + b)
    dz = upstream * (1 - a)
    return {"x": dz @ w.T, "w": x.T @ dz, "b": dz.sum(axis=0)}


SHAPES = {"x": (4, 3), "w": (3, 2), "b": (2,)}


def test_functions() -> None:
    report = sb.check_backward(affine, affine_backward, shapes=SHAPES)
    assert report.ok and list(report.verdicts) == ["x", "w", "b"]
    assert all(v.status == "agrees" for v in report.verdicts.values())
    values = {"x": np.ones((4, 3)), "w": np.zeros((3, 2)), "b": np.zeros(2)}
    assert sb.check_backward(affine, affine_backward, values).ok
    wrong = check_backward(affine, affine_backward_wrong, values, cotangent=np.ones((4, 2)))
    assert not wrong.ok and {wrong.verdicts[n].status for n in "xwb"} == {"wrong"}


def test_functions_as_texts_with_a_tuple_and_a_cache() -> None:
    forward = """
def layer_forward(x, w, b):
    out = x @ w + b
    cache = (x, w, b)
    return out, cache
"""
    backward = """
def layer_backward(dout, cache):
    x, w, b = cache
    dx = dout @ w.T
    dw = x.T @ dout
    db = dout.sum(axis=0)
    return dx, dw, db
"""
    assert check_backward(forward, backward, shapes=SHAPES).ok
    report = check_backward(forward, backward.replace("x.T @ dout", "dout.T @ x"), shapes=SHAPES)
    assert report.verdicts["w"].status == "shape" and report.verdicts["w"].slip == "swapped"
    assert report.verdicts["w"].line == 5
    report = check_backward(forward, backward.replace("dout.sum(axis=0)", "dout.sum(axis=0) / len(x)"), shapes=SHAPES)
    assert report.verdicts["b"].slip == "extra_mean"
    report = check_backward(forward, backward.replace("dout @ w.T", "dout @ w"), shapes=SHAPES)
    assert report.verdicts["x"].status == "crash"


def test_a_forgotten_batch_sum_is_found_with_one_row() -> None:
    report = check_backward(
        "def forward(x, w): return x @ w",
        "def backward(upstream, x, w): return {'x': upstream @ w.T, 'w': np.outer(x, upstream)}",
        {"x": np.ones((1, 3)), "w": np.ones((3, 2))},
    )
    assert report.verdicts["w"].status == "wrong" and report.verdicts["w"].only == "batch 1"


def test_lambdas_on_one_line() -> None:
    assert check_backward(lambda x: x**3, lambda upstream, x: upstream * 3 * x**2, {"x": 3.0}).ok
    wrong = check_backward(lambda x: x**3, lambda upstream, x: {"x": upstream * 3 * x}, {"x": 3.0})
    assert wrong.verdicts["x"].status == "wrong" and wrong.verdicts["x"].points


def test_a_text_that_only_defines_functions() -> None:
    text = "def forward(x, w):\n    return x @ w\n\ndef backward(upstream, x, w):\n    return {'x': upstream @ w.T, 'w': upstream.T @ x}\n"
    report = check_text(text, shapes={"x": ("n", 3), "w": (3, 2)})
    assert report.verdicts["x"].ok and report.verdicts["w"].slip == "swapped"
    with pytest.raises(ValueProblem, match="--shape"):
        check_text(text)


def test_missing_values_are_said() -> None:
    with pytest.raises(ValueProblem, match="for x, w and b, the inputs of the forward function"):
        check_backward(affine, affine_backward)
    with pytest.raises(ReadError, match="no input of the forward function"):
        check_backward("def f(x): return x * x", "def g(u, x): return {'y': 2 * x * u}", {"x": 1.0})


# --- ways to write a gradient -----------------------------------------------------------------------------------------

BASE = """
import numpy as np
x = np.random.randn(4, 3)
t = np.random.randn(4, 2)
W = np.random.randn(3, 2)
z = x @ W
loss = np.sum((z - t)**2)
"""


@pytest.mark.parametrize(
    "spelled",
    [
        "dW",
        "d_W",
        "grad_W",
        "W_grad",
        "gW",
        "dL_dW",
        "dLdW",
        "dloss_dW",
        "d_loss_d_W",
        "dW_",
        "partial_L_partial_W",
        "W.grad",
    ],
)
def test_spellings_of_a_gradient(spelled: str) -> None:
    if spelled == "dW_":
        spelled = "gradW"
    report = check_text(f"{BASE}{spelled} = 2 * x.T @ (z - t)\n")
    assert report.ok and report.verdicts["W"].name == spelled
    report = check_text(f"{BASE}{spelled} = x.T @ (z - t)\n")
    assert report.verdicts["W"].slip == "missing_two"


def test_another_name_is_claimed() -> None:
    text = f"{BASE}q = 2 * x.T @ (z - t)\n"
    with pytest.raises(ReadError, match="no hand-written gradient was found"):
        check_text(text)
    assert check_text(text, claims={"q": "W"}).verdicts["q"].ok
    with pytest.raises(ReadError, match="there is no V in the forward pass"):
        check_text(text, claims={"q": "V"})
    with pytest.raises(ReadError, match="there is no r in the code"):
        check_text(text, claims={"r": "W"})


def test_what_cannot_be_read_is_not_marked() -> None:
    report = check_text(f"{BASE}dz = 2 * (z - t)\ndW = mystery(x, dz)\n")
    verdict = report.verdicts["W"]
    assert verdict.status == "unread" and not report.ok and "mystery" in verdict.message
    assert report.verdicts["z"].ok


def test_the_statuses_are_those_documented() -> None:
    text = f"{BASE}dz = (z - t)\ndW = (2 * x.T @ (z - t)).T\ndx = dz @ W\n"
    report = check_text(text)
    assert {v.status for v in report.verdicts.values()} == {"wrong", "shape", "crash"} <= set(STATUSES)
    assert report.verdicts["x"].slip == "missing_transpose"


def test_points_hold_both_numbers() -> None:
    verdict = check_text(f"{BASE}dW = x.T @ (z - t)\n").verdicts["W"]
    point = verdict.points[0]
    assert point.right == pytest.approx(2 * point.claimed) and len(point.entry) == 2
    assert verdict.ratio == pytest.approx(0.5)


def test_a_notebook_names_its_cells() -> None:
    def code(text: str) -> dict[str, Any]:
        return {"cell_type": "code", "source": text, "metadata": {}, "outputs": [], "execution_count": None}

    notebook = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [code(BASE), code("dz = z - t\ndW = x.T @ dz")],
    }
    report = check_text(json.dumps(notebook))
    verdict = report.verdicts["z"]
    assert (verdict.cell, verdict.line, verdict.slip) == (2, 1, "missing_two")
    assert "cell 2, line 1" in str(report) and verdict.written == "dz = z - t"


def test_nothing_is_executed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    text = f"{BASE}open({str(victim)!r}, 'w').write('x')\n__import__('os').system('touch {victim}')\ndW = 2 * x.T @ (z - t)\n"
    assert check_text(text).verdicts["W"].ok
    assert not victim.exists()


# --- the report and the command ---------------------------------------------------------------------------------------


def test_the_report_in_both_languages() -> None:
    text = f"{BASE}dz = z - t\ndW = x.T @ dz\n"
    english, korean = check_text(text), check_text(text, language="ko")
    assert "dz is wrong. The factor 2 is missing" in str(english) and "line 8" in str(english)
    assert "dW is wrong. This line follows correctly from dz" in str(english)
    assert "계수 2가 빠졌다" in str(korean) and "8번째 줄" in str(korean)
    assert json.loads(korean.to_json())["verdicts"]["z"]["slip"] == "missing_two"
    page = english.to_markdown()
    assert "| `dz` | wrong |" in page and "$$" in page and "dz = z - t" in page


def test_a_hostile_name_does_not_inject() -> None:
    text = (
        BASE.replace("W", "W_x").replace("x = np", "x = np")
        + "dW_x = x.T @ (z - t)  # <script>alert(1)</script> ``` | x |\n"
    )
    page = check_text(text, title="<b>|x|</b>").to_markdown()
    assert "<b>" not in page
    assert page.count("```") == 2 * page.count("```python")


def test_control_characters_of_a_line_do_not_reach_the_report() -> None:
    page = check_text(BASE + "dW = x.T @ (z - t)  # \x1b[31mred\u202e\n").to_markdown()
    assert "\x1b" not in page and "\u202e" not in page


def test_the_example() -> None:
    text = (EXAMPLES / "homework.py").read_text(encoding="utf-8")
    report = check_text(text, title="homework.py")
    assert {v.name: v.ok for v in report.verdicts.values()} == {
        "dz2": True,
        "dW2": True,
        "db2": True,
        "da1": True,
        "dz1": False,
        "dW1": False,
        "db1": False,
    }
    assert (
        "dz1 is wrong. The derivative is taken at a1; it belongs at z1. The error enters at the factor ∂a₁/∂z₁."
        in str(report)
    )
    assert check_text(text.replace("sigmoid_prime(a1)", "sigmoid_prime(z1)")).ok
    korean = check_text(text, language="ko")
    assert "도함수를 계산한 자리: a1. 올바른 자리: z1." in str(korean)


def test_the_command(tmp_path: Path) -> None:
    right, wrong = tmp_path / "right.py", tmp_path / "wrong.py"
    right.write_text(f"{BASE}dW = 2 * x.T @ (z - t)\n", encoding="utf-8")
    wrong.write_text(f"{BASE}dW = x.T @ (z - t)\n", encoding="utf-8")
    runner = CliRunner()
    done = runner.invoke(main, ["check", str(right)])
    assert done.exit_code == 0 and "the gradient agrees" in done.output
    done = runner.invoke(main, ["check", str(wrong)])
    assert done.exit_code == 1 and "The factor 2 is missing" in done.output
    done = runner.invoke(main, ["check", str(right), str(wrong), "--lang", "ko"])
    assert done.exit_code == 1 and "파일 2개: 맞음 1개, 오류 있음 1개, 읽지 못함 0개" in done.output
    out = tmp_path / "report.json"
    done = runner.invoke(main, ["check", str(wrong), "-o", str(out)])
    assert done.exit_code == 1 and json.loads(out.read_text(encoding="utf-8"))["ok"] is False
    empty = tmp_path / "empty.py"
    empty.write_text("x = 1\n", encoding="utf-8")
    done = runner.invoke(main, ["check", str(empty)])
    assert done.exit_code == 2 and "Traceback" not in done.output
    done = runner.invoke(main, ["check", str(wrong), "--claim", "dW"])
    assert done.exit_code == 2
