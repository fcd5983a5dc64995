"""Formulas of N-D operations: what they say, read back by a small independent reader of subscripts."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symback as sb
from symback.core.forms import Form, Windows, concatenate, gather, make_shape, name, pad, reshape, transpose, windows
from symback.derivation.record import derive_record
from symback.engine.interpreter import evaluate
from symback.functions import ROWS
from symback.networks.naming import name_equations
from symback.networks.network import Network
from symback.page.views import step_text
from symback.page.windows import arrangements
from symback.page.words import words


def lines_of(net: Network) -> list[str]:
    return [line.strip().removesuffix(r"\\").strip() for line in sb.derive(net).latex().splitlines()]


def network(shape: Any, build: Callable[[Form], Form]) -> Network:
    net = Network()
    x = net.parameter("x", shape)
    net.define("y", build(x))
    net.define("L", (net["y"] ** 3).sum())
    return net


def position(text: str, letters: dict[str, int]) -> int:
    """Return the value of a printed position, counted from 1."""
    text = re.sub(
        r"\\lceil (.*?)/(\d+)\\rceil", r"(-(-(\1) // \2))", text.replace(r"\left(", "(").replace(r"\right)", ")")
    )
    text = text.replace(r"\bmod", "%")
    text = re.sub(r"(\d)\s*(?=[a-z(])", r"\1*", text)
    return int(eval(text, {"__builtins__": {}}, letters))


def entry(latex: str, array: np.ndarray, letters: dict[str, int]) -> float:
    """Return the value of ``x_{i,2j - 1}`` or ``x_{ij}``."""
    found = re.fullmatch(r"[a-zA-Z]+_(?:\{(.*)\}|(\w))", latex)
    assert found, latex
    inside = found[1] or found[2]
    parts = inside.split(",") if "," in inside or array.ndim == 1 else list(inside)
    assert len(parts) == array.ndim, latex
    return float(array[tuple(position(p, letters) - 1 for p in parts)])


MOVES: dict[str, tuple[tuple[int, ...], Callable[[Form], Form]]] = {
    "split": ((2, 12), lambda x: reshape(x, (2, 2, 2, 3))),
    "merge": ((2, 3, 4, 2), lambda x: reshape(x, (6, 4, 2))),
    "merge three": ((2, 3, 4, 2, 2), lambda x: reshape(x, (2, 24, 2))),
    "split and merge": ((4, 6, 3), lambda x: reshape(transpose(reshape(x, (4, 2, 3, 3)), (1, 0, 2, 3)), (2, 12, 3))),
    "there and back": ((2, 3, 4), lambda x: reshape(reshape(x, (6, 4)), (2, 3, 2, 2))),
    "through a flat array": ((4, 6, 2), lambda x: reshape(x, (3, 8, 2))),
    "windows": ((2, 9), lambda x: windows(x, 1, 3, 2, 2)),
    "windows of rows and columns": ((5, 6), lambda x: windows(windows(x, 0, 2), 2, 3, 2)),
    "windows of a merged axis": ((3, 2, 4), lambda x: windows(reshape(x, (3, 8)), 1, 3, 2)),
    "a slice of a merged axis": ((3, 2, 4, 2), lambda x: reshape(x, (3, 8, 2))[:, 1::2]),
    "new axis of length one": ((4, 6, 2), lambda x: reshape(x, (4, 1, 6, 2))),
}


@pytest.mark.parametrize("label", MOVES)
def test_entries_that_only_move_read_back(label: str) -> None:
    """Both the formula as it was written and the one of its last step say where each entry comes from."""
    shape, build = MOVES[label]
    net = network(shape, build)
    x = np.arange(float(np.prod(shape))).reshape(shape) + 1
    [line] = [line for line in lines_of(net) if line.startswith("y_")]
    left, right, *_ = (side.strip().strip("& ") for side in line.split("="))
    whole = evaluate(build(name("x", make_shape(shape))), {"x": x})
    letters = re.findall(r"[a-z]", left.removeprefix("y"))
    y = whole.reshape([s for s in whole.shape if s != 1])
    assert len(letters) == y.ndim
    for at in itertools.product(*map(range, y.shape)):
        places = {label: k + 1 for label, k in zip(letters, at, strict=True)}
        assert entry(right, x, places) == y[at], (line, at)


def test_convolution() -> None:
    net = Network()
    x, w, b = net.input("x", ("n", 2, 6)), net.parameter("w", (3, 2, 3)), net.parameter("b", (3,))
    net.define("y", ROWS["conv1d"](x, w, b, stride=2))
    net.define("L", (net["y"] ** 2).sum())
    lines = lines_of(net)
    assert r"y_{ijk} &= \sum_{l,m} x_{i,l,2k + m - 2} w_{jlm} + b_j = \sum_{l,m} u_{ilkm} w_{jlm} + b_j" in lines
    assert r"\frac{\partial L}{\partial w_{ijk}} &= \sum_{l,m} \frac{\partial L}{\partial y_{lim}} u_{ljmk}" in lines


def test_padding_and_the_adjoint_of_windows() -> None:
    net = Network()
    x = net.parameter("x", ("n", 2, 6))
    net.define("y", ROWS["max_pool1d"](x, kernel_size=3, padding=1, stride=2))
    net.define("L", (net["y"] ** 2).sum())
    lines = lines_of(net)
    assert any(r"x_{i,j,k - 1} & 2 \leq k \leq 7 \\ -\infty &" in line for line in lines)
    assert (
        r"\frac{\partial L}{\partial u_{ijk}} &= \sum_{l,m} \frac{\partial L}{\partial u_{1,ijlm}} \mathbf{1}[2l + m - 2 = k]"
        in lines
    )


def test_embedding() -> None:
    net = Network()
    E, t = net.parameter("E", (5, 3)), net.input("t", ("n",), integer=True)
    net.define("h", gather(E, t))
    net.define("L", (net["h"] ** 2).sum())
    lines = lines_of(net)
    assert "h_{ij} &= E_{t_i,j}" in lines
    assert (
        r"\frac{\partial L}{\partial E_{ij}} &= \sum_k \frac{\partial L}{\partial h_{kj}} \mathbf{1}[t_k = i]" in lines
    )


def test_concatenation() -> None:
    net = Network()
    x, y, W = net.parameter("x", ("n", 3)), net.parameter("y", ("n", 2)), net.parameter("W", (5, 2))
    net.define("h", concatenate([x, y], 1) @ W)
    net.define("L", (net["h"] ** 2).sum())
    assert r"h &= [x, y]\, W = u W" in lines_of(net)
    net = Network()
    x, y = net.parameter("x", (2, 3, 2)), net.parameter("y", (2, 1, 2))
    net.define("h", concatenate([x, y], 1))
    net.define("L", (net["h"] ** 2).sum())
    assert any(
        r"x_{ijk} & 1 \leq j \leq 3 \\ y_{i,k} & j = 4" in line
        or r"x_{ijk} & 1 \leq j \leq 3 \\ y_{ik} & j = 4" in line
        for line in lines_of(net)
    )


def test_stacked_rows_stand_above_each_other() -> None:
    net = Network()
    x, y = net.parameter("x", (2, 3)), net.parameter("y", (1, 3))
    net.define("h", concatenate([x, y], 0))
    net.define("L", (net["h"] ** 2).sum())
    assert any(r"\begin{bmatrix} x \\ y \end{bmatrix}" in line for line in lines_of(net))


@pytest.mark.parametrize(
    ("shape", "build"),
    [
        ((2, 4, 9), lambda x: ROWS["avg_pool1d"](x, kernel_size=3, padding=1, count_include_pad=False)),
        ((2, 1, 6, 6), lambda x: ROWS["max_pool2d"](x, kernel_size=2)),
        ((3, 4), lambda x: pad(x, [(1, 0), (0, 2)], 0.5)),
        ((3, 4), lambda x: ROWS["layer_norm"](x)),
        (("n", 4, 2), lambda x: ROWS["batch_norm"](x, training=True)),
        (("n", 2, 3), lambda x: x @ transpose(x, (0, 2, 1))),
    ],
)
def test_every_step_has_words(shape: Any, build: Callable[[Form], Form]) -> None:
    net = network(shape, build)
    assert lines_of(net)
    record = derive_record(name_equations(net))
    assert all(step_text(record, step.of) for step in record.steps)
    assert sb.derive(net).text()


def test_windows_keep_their_own_equation() -> None:
    named = name_equations(network((2, 1, 9), lambda x: ROWS["max_pool1d"](x, kernel_size=2)))
    assert any(isinstance(e.form, Windows) for e in named.equations)


def test_helper_arrays_are_said_to_be_entries_in_other_places() -> None:
    text = (
        "import torch\nimport torch.nn.functional as F\nx = torch.randn(2, 1, 8, 8)\nt = torch.randn(2, 10)\n"
        "w = torch.randn(3, 1, 3, 3, requires_grad=True)\nV = torch.randn(27, 10, requires_grad=True)\n"
        "a = F.relu(F.conv2d(x, w))\nloss = F.mse_loss(F.max_pool2d(a, 2).flatten(1) @ V, t)"
    )
    network = sb.derive(sb.parse(text)).network
    found = arrangements(network)
    invented = [e.name for e in network.equations if e.name.startswith("u")]
    assert [found[name] for name in invented[:2]] == [("windows", "x")] * 2
    assert [found[name] for name in invented[2:4]] == [("windows", "a")] * 2
    (flat,) = (name for name, (kind, _) in found.items() if kind == "rearranged")
    for language in ("en", "ko"):
        page = str(sb.derive(sb.parse(text)).handout(language, level="full"))
        table = words(language)
        names = {"names": "u, u₁", "source": "x"}
        assert table["windows of"].format(**names) in " ".join(page.split())
        assert table["rearranged"] in page and flat in invented
        short = " ".join(str(sb.derive(sb.parse(text)).handout(language)).split())
        assert table["windows"] not in short


CONVOLVED = """
import torch, torch.nn.functional as F
x = torch.randn(1, 1, 4, 4); y = torch.randn(1, 1)
{kernel} = torch.randn(1, 1, 3, 3, requires_grad=True); c = torch.randn(1, requires_grad=True)
z = F.conv2d(x, {kernel}, c)
p = F.{pool}(F.relu(z), 2).flatten(1)
loss = ((p - y)**2).mean()
loss.backward()
"""


@pytest.mark.parametrize(("kernel", "pool"), [("K", "max_pool2d"), ("filters", "avg_pool2d")])
def test_kernels_and_pooling_are_called_so_and_have_their_reasons(kernel: str, pool: str) -> None:
    d = sb.derive(sb.parse(CONVOLVED.format(kernel=kernel, pool=pool)))
    english = " ".join(str(d.handout(numbers=False)).split())
    assert f"{kernel} kernel 1 × 1 × 3 × 3" in english and "z feature map" in english and "pooled values" in english
    assert f"The same {kernel} is used at every place of the window" in english
    assert ("The error of a maximum goes to the entry" in english) == (pool == "max_pool2d")
    korean = " ".join(str(d.handout("ko", numbers=False)).split())
    assert f"창의 모든 위치에서 같은 {kernel}의 값을 쓰므로" in korean and "특징 맵" in korean


def test_a_matrix_that_is_multiplied_once_is_no_kernel() -> None:
    d = sb.derive(sb.parse("import numpy as np\nX = np.ones((2, 3)); W = np.ones((3, 2))\nloss = np.sum((X @ W)**2)"))
    assert "kernel" not in str(d.handout(numbers=False))


def test_what_was_written_is_left_out_where_it_is_no_line() -> None:
    text = """
import numpy as np
def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)
X = np.random.randn(3, 2); Y = np.random.randn(3, 2)
Wq = np.random.randn(2, 2); Wk = np.random.randn(2, 2); Wo = np.random.randn(2, 2)
out = softmax(X @ Wq @ (X @ Wk).T / np.sqrt(2)) @ X @ Wo
short = np.tanh(X @ Wq)
loss = np.sum((out - Y)**2) + np.sum(short**2)
"""
    page = str(sb.derive(sb.parse(text)).handout(numbers=False))
    assert "out = H Wₒ" in page and "out_" not in page.split("Step 2")[0]
    assert "short = tanh(X W_q) = tanh(Q)" in page, "a short one stays"
