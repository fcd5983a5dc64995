"""What small faults could slip through: each test here fails when the fault in its name is planted."""

from __future__ import annotations

import itertools
import unicodedata
from typing import Any

import numpy as np
import pytest

import symback as sb
from symback.core.display import to_text
from symback.core.errors import ReadError, ValueProblem
from symback.core.forms import Form, name, number, size, size_of
from symback.engine.calculus import Term, target_axes
from symback.engine.elements import lower
from symback.engine.proving import agrees, sizes_for_proof
from symback.engine.recognition import leaves_of_forms
from symback.page.form_view import text_of
from symback.page.notation import GREEK, name_symbols

# --- many accesses of one array in one equation ---------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6, 9])
def test_every_access_of_an_array_contributes(count: int) -> None:
    net = sb.Network()
    w, x = net.parameter("w", (count + 1,)), net.input("x", ())
    total: Any = number(0)
    for k in range(count):
        total = total + sb.tanh(w[k] * x) * w[k + 1] ** 2
    net.define("L", total)
    values = {"w": np.linspace(0.3, 1.7, count + 1), "x": np.array(0.7)}

    def loss(w: np.ndarray, x: np.ndarray) -> float:
        return float(sum(np.tanh(w[k] * x) * w[k + 1] ** 2 for k in range(count)))

    _, gradients = sb.derive(net).lambdify()(**values)
    want = [
        (loss(values["w"] + step, values["x"]) - loss(values["w"] - step, values["x"])) / 2e-6
        for step in 1e-6 * np.eye(count + 1)
    ]
    np.testing.assert_allclose(gradients["w"], want, rtol=1e-6)


@pytest.mark.parametrize("count", [3, 5, 7])
def test_every_access_along_other_axes_contributes(count: int) -> None:
    """Slices, transposes and products of one matrix in one equation."""
    text = " + ".join(
        [
            "np.sum(W[0] * W[1])",
            "np.sum(W[:, 1] ** 2)",
            "W[2, 2]",
            "np.sum(W @ W)",
            "np.sum(W.T * W)",
            "W[0, 2] * W[1, 0]",
            "np.sum(W[1:, :2] ** 3)",
        ][:count]
    )
    W = np.random.default_rng(count).normal(size=(3, 3))
    net = sb.parse(f"import numpy as np\nL = {text}", values={"W": W}, wrt=["W"])
    _, gradients = sb.derive(net).lambdify()(W=W)

    def run(W: np.ndarray) -> float:
        spaces: dict[str, Any] = {"np": np, "W": W}
        exec(f"L = {text}", spaces)
        return float(spaces["L"])

    want = np.zeros((3, 3))
    for at in itertools.product(range(3), repeat=2):
        step = np.zeros((3, 3))
        step[at] = 1e-6
        want[at] = (run(W + step) - run(W - step)) / 2e-6
    np.testing.assert_allclose(gradients["W"], want, rtol=1e-5, atol=1e-8)


# --- sizes of a proof ------------------------------------------------------------------------------------------------

N, M, K = size("n"), size("m"), size("k")


def test_sizes_of_a_proof_are_pairwise_distinct_and_unlike_the_literal_ones() -> None:
    symbols = [size(f"s{k}") for k in range(14)]
    for literal in [(), (2, 3), (5, 7, 3, 4)]:
        found = sizes_for_proof([tuple(symbols), literal])
        numbers = [found[s] for s in symbols]
        assert len({*numbers, *literal}) == len(numbers) + len(literal)
        assert min(numbers) > 1


def proved(form: Form, wrong: Form) -> bool:
    """Return True where ``wrong`` passes as the element of ``form``."""
    axes = target_axes(form.shape)
    return agrees(wrong, [Term(lower(form, axes), (), axes)], axes, form.shape, leaves_of_forms([form, wrong]))


@pytest.mark.parametrize(
    ("form", "wrong"),
    [
        (name("A", (N, M)).sum() / size_of(N), name("A", (N, M)).sum() / size_of(M)),
        (name("A", (N, M)).mean(axis=0).sum(), name("A", (N, M)).mean(axis=1).sum()),
        (size_of(N) * name("A", (N, M)), size_of(M) * name("A", (N, M))),
        (size_of(N) * name("A", (N, M)), size_of(K) * name("A", (N, M)) + 0 * name("q", (K,)).sum()),
        (
            name("A", (N, M)).sum() / (size_of(N) * size_of(K)) + 0 * name("q", (K,)).sum(),
            name("A", (N, M)).sum() / (size_of(N) * size_of(M)) + 0 * name("q", (K,)).sum(),
        ),
    ],
    ids=str,
)
def test_a_size_taken_for_another_is_not_proved(form: Form, wrong: Form) -> None:
    assert proved(form, form)
    assert not proved(form, wrong)


def test_a_lost_transpose_of_arrays_that_are_square_only_by_chance_is_not_proved() -> None:
    square, wide = name("A", (N, N)), name("B", (N, M))
    assert proved(square.T @ wide, square.T @ wide)
    assert not proved(square.T @ wide, square @ wide)
    assert not proved((wide @ wide.T).sum() * square, (wide @ wide.T).sum() * square.T)


# --- facts about values ----------------------------------------------------------------------------------------------


def of_targets(y: np.ndarray, granted: bool = False) -> sb.Derivation:
    net = sb.Network()
    X, W = net.input("X", (3, 2), value=np.ones((3, 2))), net.parameter("W", (2, 3), value=np.ones((2, 3)))
    Y = net.input("Y", (3, 3), value=None if granted else y)
    S = net.define("S", sb.softmax(X @ W, axis=1))
    net.define("L", -sb.mean(sb.sum(Y * sb.log(S), axis=1)))
    return sb.derive(net)


@pytest.mark.parametrize("off", [0.1, -0.1, 1e-2, 1e-4, 1e-8])
def test_rows_that_sum_to_nearly_one_are_not_taken_for_one_hot(off: float) -> None:
    y = np.eye(3)
    assert [a.name for step in of_targets(y).steps for a in step.assumptions] != []
    y[1, 1] += off
    assert [a.name for step in of_targets(y).steps for a in step.assumptions] == []


@pytest.mark.parametrize("off", [0.1, -0.1, 1e-2, 1e-3])
def test_other_values_that_break_a_checked_fact_are_refused(off: float) -> None:
    d = of_targets(np.eye(3))
    y = np.eye(3)
    values = {"X": np.ones((3, 2)), "W": np.ones((2, 3))}
    assert np.isfinite(d.lambdify()(**values, Y=y)[0])
    y[1, 1] += off
    with pytest.raises(ValueProblem, match=r"each row of Y sums to 1, but row 1 of the value given sums to"):
        d.lambdify()(**values, Y=y)


@pytest.mark.parametrize("off", [0.1, -0.1, 1e-2, 1e-3, 1e-4])
def test_probabilities_that_do_not_sum_to_one_are_refused(off: float) -> None:
    net = sb.Network()
    Z, Y = net.parameter("Z", ("n", 3)), net.input("Y", ("n", 3))
    net.define("L", sb.cross_entropy(Z, Y))
    run = sb.derive(net).lambdify()
    y = np.array([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]])
    assert np.isfinite(run(Z=np.zeros((2, 3)), Y=y)[0])
    y[1, 1] += off
    with pytest.raises(ValueProblem, match="one probability per class, and they sum to 1"):
        run(Z=np.zeros((2, 3)), Y=y)


# --- reading: parts of arrays, and einsum ----------------------------------------------------------------------------


def loss_and_gradient(text: str, W: np.ndarray) -> tuple[float, np.ndarray]:
    loss, gradients = sb.derive(sb.parse(text, values={"W": W}, wrt=["W"])).lambdify()(W=W)
    return loss, gradients["W"]


def agree_with_numpy(line: str, W: np.ndarray) -> None:
    """Compare the loss that is read with the loss that NumPy computes, and the gradient with its differences."""
    text = f"import numpy as np\n{line}"

    def run(W: np.ndarray) -> float:
        spaces: dict[str, Any] = {"W": W}
        exec(text, spaces)
        return float(spaces["L"])

    loss, gradient = loss_and_gradient(text, W)
    np.testing.assert_allclose(loss, run(W), rtol=1e-12)
    want = np.zeros(W.shape)
    for at in np.ndindex(W.shape):
        step = np.zeros(W.shape)
        step[at] = 1e-6
        want[at] = (run(W + step) - run(W - step)) / 2e-6
    np.testing.assert_allclose(gradient, want, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(
    ("cuts", "axis"),
    [
        ("[2, 3]", 0),
        ("[1, 4]", 0),
        ("(2, 5)", 0),
        ("[1, 3]", 1),
        ("[1, 2]", -1),
        ("[1, 1]", 0),
        ("[3, 6]", 0),
        ("3", 0),
        ("2", 1),
    ],
)
def test_split_cuts_where_numpy_cuts(cuts: str, axis: int) -> None:
    W = np.random.default_rng(1).normal(size=(6, 4))
    parts = f"parts = np.split(W, {cuts}, axis={axis})\n"
    agree_with_numpy(parts + "L = np.sum(parts[0]**2) + 3 * np.sum(parts[1]**3) + sum(5 * np.sum(p) for p in parts)", W)


def test_split_at_cut_points_beyond_the_axis_is_as_numpy_does_it_or_refused() -> None:
    W = np.random.default_rng(1).normal(size=(6,))
    text = "import numpy as np\na, b, c = np.split(W, [2, 9])\nL = np.sum(a**2) + np.sum(b**3)"
    try:
        loss, _ = loss_and_gradient(text, W)
    except ReadError as error:
        assert "split" in str(error)
    else:
        a, b, _ = np.split(W, [2, 9])
        np.testing.assert_allclose(loss, np.sum(a**2) + np.sum(b**3))


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2, -3])
def test_unbind_along_any_axis(axis: int, torch: Any) -> None:
    W = np.random.default_rng(2).normal(size=(2, 3, 4))
    text = (
        f"import torch\nparts = torch.unbind(W, {axis})\n"
        "L = (parts[0] ** 2).sum() + 3 * (parts[1] ** 3).sum() + 5 * parts[-1].sum()"
    )
    tensor = torch.tensor(W, requires_grad=True)
    parts = torch.unbind(tensor, axis)
    want = (parts[0] ** 2).sum() + 3 * (parts[1] ** 3).sum() + 5 * parts[-1].sum()
    want.backward()
    loss, gradient = loss_and_gradient(text, W)
    np.testing.assert_allclose(loss, want.item())
    np.testing.assert_allclose(gradient, tensor.grad.numpy())


@pytest.mark.parametrize("spec", ["ba", "ji,kj", "zy,yx", "bj,jA", "ca,ab", "ki,jk", "i,j", "j,i", "ba,cb"])
def test_the_implicit_output_of_einsum_is_in_alphabetical_order(spec: str) -> None:
    W = np.random.default_rng(3).normal(size=(3, 3) if len(spec.split(",")[0]) == 2 else (3,))
    C = "np.arange(9.0).reshape(3, 3)" if len(spec.split(",")[-1]) == 2 else "np.arange(3.0)"
    operands = "W" if "," not in spec else f"W, {C}"
    agree_with_numpy(f"Y = np.einsum({spec!r}, {operands})\nL = np.sum(Y * np.arange(1.0, 10.0).reshape(3, 3)**2)", W)


# --- names in text ---------------------------------------------------------------------------------------------------

ODD = {
    "epsilon": "GREEK LUNATE EPSILON SYMBOL",
    "varepsilon": "GREEK SMALL LETTER EPSILON",
    "phi": "GREEK PHI SYMBOL",
    "varphi": "GREEK SMALL LETTER PHI",
    "lambda": "GREEK SMALL LETTER LAMDA",
    "Lambda": "GREEK CAPITAL LETTER LAMDA",
}


@pytest.mark.parametrize("word", sorted(GREEK))
def test_a_greek_word_is_that_letter_in_text(word: str) -> None:
    size_of_letter = "CAPITAL" if word[0].isupper() else "SMALL"
    label = ODD.get(word, f"GREEK {size_of_letter} LETTER {word.upper()}")
    assert to_text(name_symbols([f"{word}_1"])[f"{word}_1"]) == unicodedata.lookup(label) + "₁"


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("W1", "W₁"),
        ("b12", "b₁₂"),
        ("x0345", "x₀₃₄₅"),
        ("x6789", "x₆₇₈₉"),
        ("y_hat", "ŷ"),
        ("y_pred", "ŷ"),
        ("x_bar", "x̄"),
        ("x_tilde", "x̃"),
        ("eps", "ϵ"),
        ("lam", "λ"),
        ("W_out", "W_out"),
        ("hidden", "hidden"),
        ("a_1_2", "a_{1,2}"),
    ],
)
def test_names_stand_in_the_whole_text_as_they_are_written(written: str, text: str) -> None:
    net = sb.Network()
    v = net.parameter(written, ())
    net.define("L", v**2 + v)
    lines = sb.derive(net).text(table=True).splitlines()
    assert lines[:2] == ["Names", f"  {text} parameter   number"]
    assert f"  L = {text}² + {text}" in lines
    assert f"  {text} ← {text} − η dL/d{text}" in lines


TEXT_OF = {
    "exp": "eᵛ",
    "log": "log v",
    "sqrt": "√(v)",
    "tanh": "tanh(v)",
    "relu": "ReLU(v)",
    "sigmoid": "σ(v)",
    "absolute": "|v|",
}


@pytest.mark.parametrize("function", TEXT_OF)
def test_names_of_functions_in_text(function: str) -> None:
    assert text_of(getattr(sb, "abs" if function == "absolute" else function)(name("v", ()))) == TEXT_OF[function]
