"""Sizes that a text has a name for are printed by it, and a formula with the name is the formula that runs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import symback as sb

LOGISTIC = """import numpy as np
n, d = 8, 3
X = np.random.randn(n, d)
y = np.random.rand(n, 1)
w = np.random.randn(d, 1)
b = np.zeros(1)
z = X @ w + b
p = 1 / (1 + np.exp(-z))
loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
"""
DIVIDED = """import numpy as np
n = 6
X = np.random.randn(n, 2)
y = np.random.randn(n)
w = np.random.randn(2)
r = X @ w - y
loss = np.sum(r**2) / (2 * n)
"""
TORCH = """import torch
N, D = 5, 3
X = torch.randn(N, D, dtype=torch.float64)
t = torch.randn(N, dtype=torch.float64)
w = torch.randn(D, dtype=torch.float64, requires_grad=True)
loss = ((X @ w - t) ** 2).mean()
"""


def test_a_mean_over_rows_with_a_name_is_printed_by_it() -> None:
    d = sb.derive(sb.parse(LOGISTIC))
    page = d.text()
    assert "δ = (1/n)(p − y)" in page and "In the code n = 8." in page and "⅛" not in page
    assert "코드에서의 크기: n = 8" in d.text(language="ko")
    assert r"\frac{1}{n}" in d.latex("z") and "n" not in d.network.variables
    assert d.network.variables["X"].shape[1] == 3, "what no formula counts stays a number"


@pytest.mark.parametrize("text", [LOGISTIC, TORCH, DIVIDED], ids=["mean", "torch", "divided"])
def test_the_formula_with_the_name_runs_on_the_arrays_of_the_code(text: str) -> None:
    d = sb.derive(sb.parse(text, seed=0))
    (name, length), *_ = d.network.sizes.items()
    assert d.network.values["X"].shape[0] == length and name in {str(s) for s in d.network.variables["X"].shape}
    assert sb.check_gradients(d).ok
    values = dict(d.network.values)
    assert d.lambdify()(**values)[0] == pytest.approx(d.evaluate().loss)
    doubled = {k: np.concatenate([v, v]) if v.shape[:1] == (length,) else v for k, v in values.items()}
    assert sb.check_gradients(d, doubled).ok
    assert d.lambdify()(**doubled)[0] == pytest.approx(d.evaluate().loss), "a mean over twice the same rows"
    assert d.run(steps=3, learning_rate=0.01) is not None
    assert d.page(numbers=True) is not None


@pytest.mark.parametrize("text", [LOGISTIC, TORCH, DIVIDED], ids=["mean", "torch", "divided"])
def test_the_loss_is_that_of_the_executed_text(text: str) -> None:
    seeded = text.replace("import numpy as np\n", "import numpy as np\nnp.random.seed(3)\n")
    seeded = seeded.replace("import torch\n", "import torch\ntorch.manual_seed(3)\n")
    d = sb.derive(sb.parse(seeded))
    assert d.network.sizes
    names: dict[str, Any] = {}
    exec(compile(seeded, "text", "exec"), names)
    loss = names["loss"]
    executed = loss.item() if hasattr(loss, "item") else loss
    assert d.evaluate().loss == pytest.approx(executed, rel=1e-12)
    assert sb.check_gradients(d).ok


KEPT = {
    "two names of one length": LOGISTIC.replace("n, d = 8, 3", "n, d = 3, 3"),
    "a length without a name beside it": LOGISTIC.replace("np.zeros(1)", "np.zeros(8)[:1]"),
    "a name that changes": LOGISTIC.replace("X = np", "n = 7\nn = 8\nX = np"),
    "a name that is data too": LOGISTIC + "loss = loss + n * np.sum(w**2)\n",
    "a name that numbers too": LOGISTIC.replace("np.random.rand(n, 1)", "np.arange(8).reshape(8, 1) / 8"),
    "a word": LOGISTIC.replace("n, d", "rows, d").replace("(n,", "(rows,"),
    "an operation on the axis": LOGISTIC.replace("z = X @ w + b", "z = (X @ w + b)[::-1]"),
    "nothing is counted": LOGISTIC.replace("np.mean", "np.sum"),
}


@pytest.mark.parametrize("case", KEPT, ids=str)
def test_a_length_that_could_mean_something_else_stays_a_number(case: str) -> None:
    d = sb.derive(sb.parse(KEPT[case], seed=1))
    assert dict(d.network.sizes) == {} and "In the code" not in d.text()
    assert all(isinstance(s, int) for v in d.network.variables.values() for s in v.shape)
    assert sb.check_gradients(d).ok


def test_what_the_caller_gives_is_taken_as_it_is() -> None:
    given = sb.derive(sb.parse(LOGISTIC, values={"X": np.ones((8, 3))}))
    assert dict(given.network.sizes) == {} and given.network.variables["X"].shape == (8, 3)
    other = sb.derive(sb.parse(LOGISTIC, values={"n": 4}, seed=0))
    assert dict(other.network.sizes) == {"n": 4} and other.network.values["X"].shape == (4, 3)


GIVEN = """import numpy as np
X = np.array([[1., 0.], [0., 1.], [1., 1.]])
t = np.array([[1.], [0.], [2.]])
w = np.array([[0.5], [1.]])
n = X.shape[0]
L = np.sum((X @ w - t) ** 2) / n
"""


@pytest.mark.parametrize(
    ("language", "said"), [("en", "The numbers are those of n = 3."), ("ko", "수를 계산할 때의 크기: n = 3.")]
)
def test_a_page_says_what_a_size_is_in_its_numbers(language: str, said: str) -> None:
    d = sb.derive(sb.parse(GIVEN, shapes={"X": ("n", 2), "t": ("n", 1)}))
    with_numbers, without = (str(d.page(numbers=k, language=language)) for k in (True, False))
    assert said in with_numbers and said not in without and r"1/n" in without.replace("(1/n)", "1/n")


def test_the_entries_of_all_rows_are_written() -> None:
    text = LOGISTIC.replace("8, 3", "2, 1")
    page = sb.derive(sb.parse(text)).text(view="entries")
    assert "y_2" in page or "y₂" in page or "y_{2" in page
