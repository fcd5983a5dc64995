"""Proofs in index notation: every printed line is read back, evaluated, and equals the differences of NumPy code."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import symback as sb
from symback.core.display import EMPTY, Infix, Row, row, to_latex
from symback.core.errors import PrintError
from symback.core.forms import apply, undefined
from symback.page.index_view import proof_displays
from symback.page.records import Display, sentence_text
from symback.page.sheet import Sheet
from tests.support.latex_reader import Reader
from tests.support.plain import logistic
from tests.support.small_networks import record_of

Values = dict[str, np.ndarray]


@dataclass(frozen=True)
class Case:
    """A network, and the NumPy code that means the same, one line per equation."""

    net: sb.Network
    code: dict[str, Callable[[Values], Any]]
    shapes: dict[str, tuple[int, ...]]
    loss: str = "L"

    def values(self, seed: int = 1) -> Values:
        rng = np.random.default_rng(seed)
        found = {name: rng.normal(size=shape) for name, shape in self.shapes.items()}
        for name in ("Y",):
            if name in found and self.net.assumptions:
                axis = 0 if self.net["Y"].shape[-1] == self.net["X"].shape[-1] else 1
                hot = rng.integers(0, found[name].shape[axis], found[name].shape[1 - axis])
                found[name] = (
                    np.eye(found[name].shape[axis])[hot].T if axis == 0 else np.eye(found[name].shape[axis])[hot]
                )
        for name, line in self.code.items():
            found[name] = np.asarray(line(found), float)
        return found

    def adjoint(self, values: Values, of: str) -> np.ndarray:
        """Return ∂L/∂(of) by central differences of the code that follows."""
        lines = list(self.code)
        after = lines[lines.index(of) + 1 :] if of in lines else lines

        def run(array: np.ndarray) -> np.ndarray:
            env = {**values, of: array}
            for name in after:
                env[name] = np.asarray(self.code[name](env), float)
            return env[self.loss]

        return differences(run, values[of])

    def jacobian(self, values: Values, of: str, by: str) -> np.ndarray:
        """Return ∂(of)/∂(by) of one line of code, as an array of shape of + by without axes of length 1."""
        return differences(
            lambda array: np.squeeze(np.asarray(self.code[of]({**values, by: array}), float)), values[by]
        )


def differences(function: Callable[[np.ndarray], np.ndarray], at: np.ndarray, step: float = 1e-5) -> np.ndarray:
    found = []
    for index in np.ndindex(*at.shape):
        high, low = at.copy(), at.copy()
        high[index] += step
        low[index] -= step
        found.append((function(high) - function(low)) / (2 * step))
    out = np.stack(found, axis=-1)
    return out.reshape(*out.shape[:-1], *np.squeeze(at).shape)


def softmax(z: np.ndarray, axis: int) -> np.ndarray:
    return np.exp(z) / np.exp(z).sum(axis=axis, keepdims=True)


# --- networks, in three layouts ---------------------------------------------------------------------------------------

LAYOUTS = ("row", "column", "torch")


def leaves(net: sb.Network, layout: str, sizes: list[int], n: Any) -> dict[str, tuple[int, ...]]:
    """Declare data and parameters of one layer per pair of sizes; return their shapes for a batch of 4."""
    shapes: dict[str, tuple[Any, ...]] = {}
    column = layout == "column"
    shapes["X"] = (sizes[0], n) if column else (n, sizes[0])
    shapes["Y"] = (sizes[-1], n) if column else (n, sizes[-1])
    for k, (width, height) in enumerate(itertools.pairwise(sizes), start=1):
        shapes[f"W{k}"] = (width, height) if layout == "row" else (height, width)
        shapes[f"b{k}"] = (height, 1) if column else (height,)
    for name, shape in shapes.items():
        (net.parameter if name[0] in "Wb" else net.input)(name, shape)
    return {name: tuple(4 if s == "n" else s for s in shape) for name, shape in shapes.items()}


def affine(layout: str, a: Any, W: Any, b: Any) -> Any:
    return a @ W + b if layout == "row" else W @ a + b if layout == "column" else a @ W.T + b


def two_layers(layout: str) -> Case:
    net = sb.Network()
    shapes = leaves(net, layout, [2, 3, 2], "n")
    Z1 = net.define("Z1", affine(layout, net["X"], net["W1"], net["b1"]))
    A1 = net.define("A1", sb.sigmoid(Z1))
    Z2 = net.define("Z2", affine(layout, A1, net["W2"], net["b2"]))
    A2 = net.define("A2", sb.sigmoid(Z2))
    net.define("L", sb.mean((A2 - net["Y"]) ** 2))
    return Case(
        net,
        {
            "Z1": lambda v: affine(layout, v["X"], v["W1"], v["b1"]),
            "A1": lambda v: logistic(v["Z1"]),
            "Z2": lambda v: affine(layout, v["A1"], v["W2"], v["b2"]),
            "A2": lambda v: logistic(v["Z2"]),
            "L": lambda v: np.mean((v["A2"] - v["Y"]) ** 2),
        },
        shapes,
    )


def cross_entropy(layout: str) -> Case:
    net = sb.Network()
    axis = 0 if layout == "column" else 1
    shapes = leaves(net, layout, [2, 3], "n")
    net.assume("one-hot", "Y")
    Z = net.define("Z", affine(layout, net["X"], net["W1"], net["b1"]))
    S = net.define("S", sb.softmax(Z, axis=axis))
    net.define("L", -sb.mean(sb.sum(net["Y"] * sb.log(S), axis=axis)))
    return Case(
        net,
        {
            "Z": lambda v: affine(layout, v["X"], v["W1"], v["b1"]),
            "S": lambda v: softmax(v["Z"], axis),
            "L": lambda v: -np.mean(np.sum(v["Y"] * np.log(v["S"]), axis=axis)),
        },
        shapes,
    )


def layer_norm(layout: str) -> Case:
    net = sb.Network()
    axis = 0 if layout == "column" else 1
    shapes = leaves(net, layout, [2, 3], "n")
    wide = (3, 1) if layout == "column" else (3,)
    g, c = net.parameter("g", wide), net.parameter("c", wide)
    Z = net.define("Z", affine(layout, net["X"], net["W1"], net["b1"]))
    m = net.define("mu", sb.mean(Z, axis=axis, keepdims=True))
    v = net.define("v", sb.mean((Z - m) ** 2, axis=axis, keepdims=True))
    H = net.define("H", (Z - m) / sb.sqrt(v + 0.01))
    out = net.define("O", H * g + c)
    net.define("L", sb.mean((out - net["Y"]) ** 2))
    return Case(
        net,
        {
            "Z": lambda v: affine(layout, v["X"], v["W1"], v["b1"]),
            "mu": lambda v: np.mean(v["Z"], axis=axis, keepdims=True),
            "v": lambda v: np.mean((v["Z"] - v["mu"]) ** 2, axis=axis, keepdims=True),
            "H": lambda v: (v["Z"] - v["mu"]) / np.sqrt(v["v"] + 0.01),
            "O": lambda v: v["H"] * v["g"] + v["c"],
            "L": lambda v: np.mean((v["O"] - v["Y"]) ** 2),
        },
        {**shapes, "g": wide, "c": wide},
    )


# --- reading back -----------------------------------------------------------------------------------------------------


def chains(displays: list[Display]) -> list[tuple[str, list[str]]]:
    """Return the equations of some displays: the LaTeX of the left side (empty for a share) and of all sides."""
    found: list[tuple[str, list[str]]] = []
    for display in displays:
        for cells in display.rows:
            left = to_latex(cells[0]).strip()
            right = cells[1] if cells[2:3] == (EMPTY,) else cells[-1]  # the reason stands beside a line of a collapse
            parts = right.parts if isinstance(right, Row) else (right,)
            sides: list[list[Any]] = []
            for part in parts:
                if isinstance(part, Infix) and part.relation:
                    sides.append([])
                else:
                    (sides[-1] if sides else sides.append([]) or sides[-1]).append(part)
            texts = [to_latex(row(*side)).strip() for side in sides if side]
            if left:
                found.append((left, texts))
            else:
                found[-1][1].extend(texts)
    return found


def reader_for(case: Case, record: Any, values: Values) -> tuple[Reader, dict[str, np.ndarray]]:
    page = Sheet(record)
    symbols = {name: to_latex(node) for name, node in page.base.names.symbols.items()}
    adjoints = {of: case.adjoint(values, of) for of in record.by_name() if of != case.loss}
    # 1-D arrays are rows here, as they print
    names = {symbols[k]: v[None, :] if v.ndim == 1 else v for k, v in values.items()}
    loss = symbols[case.loss]
    for of, array in adjoints.items():
        full = array.reshape(values[of].shape)
        names[rf"\frac{{\partial {loss}}}{{\partial {symbols[of]}}}"] = full[None, :] if full.ndim == 1 else full
    jacobians = {
        (symbols[e.name], symbols[by]): case.jacobian(values, e.name, by)
        for e in record.network.equations
        for by in adjoints
        if _reads(e.form, by)
    }
    functions = {r"\sigma": logistic}
    primes = {r"\sigma": lambda z: logistic(z) * (1 - logistic(z))}
    return Reader(names, functions, primes, {"n": 4}, jacobians=jacobians), adjoints


def _reads(form: Any, name: str) -> bool:
    from symback.core.forms import names_in

    return any(n.name == name for n in names_in(form))


CASES = {"two layers": two_layers, "cross-entropy": cross_entropy, "layer norm": layer_norm}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("network", CASES)
def test_every_line_of_every_proof_evaluates_to_the_same_number(network: str, layout: str) -> None:
    case = CASES[network](layout)
    record = record_of(case.net)
    values = case.values()
    reader, adjoints = reader_for(case, record, values)
    page = Sheet(record)
    lines = 0
    for of in record.by_name():
        if of == case.loss:
            continue
        displays = proof_displays(page, of)
        shape = np.squeeze(values[of]).shape
        symbol = to_latex(page.base.name(of))
        shares, whole = [], 0
        for left, sides in chains(displays):
            if re.match(r"\\frac{\\partial (?!L})", left):
                continue  # the local derivative that a collapse puts in
            is_adjoint = left.startswith(rf"\frac{{\partial L}}{{\partial {symbol.split('_')[0]}")
            letters = (
                (letters_of(left) if is_adjoint else letters_of_share(left, sides))[-len(shape) :] if shape else ""
            )
            texts = sides if is_adjoint else [left, *sides]
            found = [evaluate(reader, text, letters, shape) for text in texts]
            for value, text in zip(found, texts, strict=True):
                np.testing.assert_allclose(value, found[0], rtol=2e-6, atol=1e-8, err_msg=text)
                lines += 1
            if is_adjoint:
                np.testing.assert_allclose(found[0], np.squeeze(adjoints[of]), rtol=2e-6, atol=1e-8, err_msg=left)
                whole += 1
            else:
                shares.append(found[0])
        assert whole == 1 or (whole in (2, 3) and not shares)  # a collapse has its lines and its short form besides
        if shares:
            np.testing.assert_allclose(sum(shares), np.squeeze(adjoints[of]), rtol=2e-6, atol=1e-8)
    assert lines >= 3 * len(adjoints)


def letters_of(left: str) -> str:
    """Return the free index letters of a left side: ``kj`` of ``\\frac{\\partial L}{\\partial W_{1,kj}}``."""
    below = left[left.rindex(r"\partial ") + len(r"\partial ") :].removesuffix("}")
    _, _, text = below.partition("_")
    return "".join(re.findall(r"(?<![a-z\\])[a-z](?![a-z]{2})|(?<=[a-z])[a-z]", text.strip("{}").split(",")[-1]))


def letters_of_share(first: str, sides: list[str]) -> str:
    """Return the free letters of a share, whose first side ends in ``∂Y/∂A_{kj}`` or whose last is ``(…)_{kj}``."""
    found = re.search(r"\\right\)_\{?([a-z]+)\}?$|\)_\{?([a-z]+)\}?$", sides[-1])
    if found:
        return found.group(1) or found.group(2)
    return letters_of(first)


def evaluate(reader: Reader, text: str, letters: str, shape: tuple[int, ...]) -> np.ndarray:
    if letters and len(letters) == len(shape):
        return np.asarray(reader.entries(letters, shape, text))
    return np.squeeze(np.asarray(reader.value(text), float))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (r"X_{ik}", r"X_{i1}"),
        (r"\, \mathbf{1}[m=j]", ""),
        (r"\sum_{i,m}", r"2 \sum_{i,m}"),
        (r"X^\top", "X"),
        (r"\sum_i X_{ik}", r"\sum_i 1.001 X_{ik}"),
    ],
)
def test_a_wrong_line_is_caught(right: str, wrong: str) -> None:
    case = two_layers("row")
    record = record_of(case.net)
    values = case.values()
    reader, adjoints = reader_for(case, record, values)
    ((_, sides),) = chains(proof_displays(Sheet(record), "W1"))
    changed = [side.replace(right, wrong) for side in sides if right in side]
    assert changed
    for text in changed:
        try:
            found = evaluate(reader, text, "kj", (2, 3))
        except Exception:  # sizes that do not fit are caught as well
            continue
        assert not np.allclose(found, adjoints["W1"], rtol=1e-4)


# --- words, and single lines -----------------------------------------------------------------------------------------


def test_the_target_line() -> None:
    net = sb.Network()
    X, W = net.input("X", ("n", 2)), net.parameter("W", (2, 3))
    Z = net.define("Z", X @ W)
    net.define("L", sb.sum(sb.sigmoid(Z)))
    joined = sb.derive(net).latex("W", view="index").replace("\\begin{aligned}\n", "").replace("\n\\end{aligned}", "")
    assert joined.replace(" \\\\\n&", "\n").replace("&=", "=") == (
        r"\frac{\partial L}{\partial W_{kj}} = \sum_{i,m} \frac{\partial L}{\partial Z_{im}} \frac{\partial Z_{im}}{\partial W_{kj}}"
        "\n"
        r"= \sum_{i,m} \frac{\partial L}{\partial Z_{im}} X_{ik}\, \mathbf{1}[m=j]"
        "\n"
        r"= \sum_i X_{ik} \frac{\partial L}{\partial Z_{ij}}"
        "\n"
        r"= \left(X^\top \frac{\partial L}{\partial Z}\right)_{kj}"
    )


def reasons_of(case: Case, of: str, why: bool = True) -> str:
    page = Sheet(record_of(case.net), extras={"why": why})
    return " ".join(sentence_text(words) for d in proof_displays(page, of) for words in d.words)


def test_the_reasons_in_words() -> None:
    weight = reasons_of(two_layers("row"), "W2")
    assert "The gradient has the shape of W₂" in weight and "the samples i are summed" in weight
    assert weight.endswith("in the middle: A₁ᵀ ∂L/∂Z₂.")
    assert "b₁ is shared by all samples: sum over i." in reasons_of(two_layers("row"), "b1")
    assert "A₁ is computed from Z₁ entry by entry" in reasons_of(two_layers("row"), "Z1")
    assert "the columns are summed" in reasons_of(two_layers("row"), "A1")
    assert reasons_of(two_layers("row"), "A1").endswith("∂L/∂Z₂ W₂ᵀ.")
    assert "the rows are summed" in reasons_of(two_layers("column"), "A1")
    assert reasons_of(two_layers("column"), "A1").endswith("W₂ᵀ ∂L/∂Z₂.")
    assert "b₁ is shared by all samples: sum over j." in reasons_of(two_layers("column"), "b1")
    assert "Why a sum: each entry of Z is used by several entries of S" in reasons_of(cross_entropy("row"), "Z")
    assert "Why a sum over the columns: every column of H uses the same v" in reasons_of(layer_norm("row"), "v")
    assert "⊙" not in reasons_of(layer_norm("row"), "v")
    assert not reasons_of(two_layers("row"), "W1", why=False)


def test_a_collapse_follows_the_proofs_of_both_factors() -> None:
    d = sb.derive(cross_entropy("row").net)
    text = d.text("index")
    assert "∂L/∂S" in text and "∂L/∂Z = (1/n)(S − Y)" in text
    assert text.index("∂L/∂Sₖⱼ") < text.index("∂L/∂Z = (1/n)(S − Y)")


def test_no_step_is_skipped() -> None:
    for network in CASES.values():
        case = network("row")
        d = sb.derive(case.net)
        (index,) = [s for s in d.sections("index") if s.key == "index"]
        assert {of for display in index.displays for of in display.of} == {s.of for s in d.steps} - {"L"}


def test_one_entry_of_a_large_network() -> None:
    net = sb.Network()
    X, y = net.input("X", ("n", 100)), net.input("y", ("n", 30))
    W, b = net.parameter("W", (100, 30)), net.parameter("b", (30,))
    Z = net.define("Z", X @ W + b)
    net.define("L", sb.mean((Z - y) ** 2))
    d = sb.derive(net)
    with pytest.raises(PrintError, match=r"--only 'W\[0,0\]'"):
        d.latex(view="entries")
    found = d.latex("W[2,11]")
    assert r"\sum_i X_{i3} \frac{\partial L}{\partial Z_{i,12}}" in found
    with pytest.raises(PrintError, match=r"W\[100,0\] is not an entry of an array of shape \(100, 30\)"):
        d.latex("W[100,0]")


def test_networks_beyond_matrices_print_what_can_be_printed() -> None:
    net = sb.Network()
    Q, K = net.parameter("Q", (2, 4, 3)), net.parameter("K", (2, 4, 3))
    S = net.define("S", Q @ K.transpose(0, 2, 1))
    A = net.define("A", sb.softmax(S, axis=-1))
    net.define("L", sb.sum(A * A))
    found = sb.derive(net).latex(view="index")
    assert r"\frac{\partial L}{\partial Q_{kjl}}" in found


def test_constant_positions_print_from_one() -> None:
    net = sb.Network()
    x, w, t = net.input("x", (6,)), net.parameter("w", (3,)), net.input("t", (4,))
    y = net.define("y", w[0] * x[0:4] + w[1] * x[1:5] + w[2] * x[2:6])
    net.define("L", sb.mean((y - t) ** 2))
    d = sb.derive(net, wrt=["w", "x"])
    assert (
        r"\sum_i \frac{\partial L}{\partial y_i} (x_i\, \mathbf{1}[j = 1] + x_{i + 1}\, \mathbf{1}[j = 2]"
        r" + x_{i + 2}\, \mathbf{1}[j = 3])"
    ) in d.latex("w", view="index")
    assert r"w_1\, \mathbf{1}[i=j] + w_2\, \mathbf{1}[i + 1 = j]" in d.latex("x", view="index")


def test_the_numbers_of_a_proof_stand_in_its_array_formula() -> None:
    case = two_layers("row")
    values = case.values()
    for name, value in values.items():
        if name in case.shapes:
            case.net.values[name] = value
    d = sb.derive(case.net)
    parameter = d.wrt[0]
    proof, numbers = d.latex(parameter, view="index"), d.latex(parameter, view="index", numbers=True)
    assert numbers.startswith(proof.removesuffix("\n\\end{aligned}"))
    gradient = np.asarray(d.evaluate().gradients[parameter])
    last = numbers.removesuffix("\n\\end{aligned}").splitlines()[-1]
    shown = [float(n) for n in re.findall(r"-?\d+\.\d+", last)]
    np.testing.assert_allclose(shown, gradient.ravel(), rtol=1e-3)


def test_a_function_is_spelled_alike_in_a_proof_and_in_its_equation() -> None:
    net = sb.Network()
    z = net.define("z", net.parameter("w") * net.input("x"))
    net.define("L", apply(undefined("foo"), z))
    shown = sb.derive(net).latex(view="index")
    assert r"\mathrm{foo}(z)" in shown and r"\mathrm{foo}'(z)" in shown
    assert "foo" not in shown.replace(r"\mathrm{foo}", "")
