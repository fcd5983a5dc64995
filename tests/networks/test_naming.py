"""Named form: compound equations are cut, invented names have roles and say so, and nothing changes its value."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import assume
from hypothesis import strategies as st

import symback as sb
from symback.core.errors import NetworkError, ShapeError, ValueProblem
from symback.core.forms import Form, name, names_in, number, one_hot
from symback.engine.interpreter import evaluate
from symback.functions import ROWS
from symback.networks.naming import name_equations
from symback.networks.network import NamedNetwork, Network
from tests.support.campaigns import tried
from tests.support.plain import softmax
from tests.support.random_forms import SIZES, Growth
from tests.support.small_networks import exp

sigmoid, tanh, relu = (ROWS[k] for k in ("sigmoid", "tanh", "relu"))


def equations(named: NamedNetwork) -> list[str]:
    """Return the equations as text; invented names carry a star."""
    return [f"{e.name}{'*' if e.invented else ''} = {e.form}" for e in named.equations]


# --- what nested code becomes -----------------------------------------------------------------------------------------


def test_a_nested_one_liner_comes_out_in_layers() -> None:
    net = Network()
    x, t = net.input("x", ("n", 3)), net.input("t", ("n", 1))
    W1, b1 = net.parameter("W1", (3, 4)), net.parameter("b1", (4,))
    W2, b2 = net.parameter("W2", (4, 1)), net.parameter("b2", (1,))
    net.define("L", ((sigmoid(tanh(x @ W1 + b1) @ W2 + b2) - t) ** 2).mean())
    named = name_equations(net)
    assert equations(named) == [
        "z1* = x @ W1 + b1",
        "a1* = tanh(z1)",
        "z2* = a1 @ W2 + b2",
        "a2* = sigmoid(z2)",
        "L = ((a2 - t)**2).mean()",
    ]
    assert str(named.equation("L").written) == "((sigmoid(tanh(x @ W1 + b1) @ W2 + b2) - t)**2).mean()"
    assert named.parameters == ("W1", "b1", "W2", "b2")


def test_names_the_user_gave_stay_and_are_never_taken() -> None:
    net = Network()
    x, W, b, z1 = net.input("x", ("n", 2)), net.parameter("W", (2, 1)), net.parameter("b", (1,)), net.input("z1")
    net.define("L", ((sigmoid(x @ W + b) - z1) ** 2).mean())
    labels = [e.name for e in name_equations(net).equations]
    assert len(set(labels)) == len(labels) and "z1" not in labels and labels[-1] == "L"


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        # an undefined or a table function of a product is one equation
        (lambda x, w: sigmoid(x * w), ["y = sigmoid(x * w)"]),
        # a polynomial is one formula
        (lambda x, w: w**3 * x + 2 * w**2 - w, ["y = w**3 * x + 2 * w**2 - w"]),
        (lambda x, w: abs(x - w), ["y = absolute(x - w)"]),
        # an affine map inside a function has its own name
        (lambda x, w: sigmoid(w * x + 1), ["z* = w * x + 1", "y = sigmoid(z)"]),
        (lambda x, w: relu(w * x) ** 2, ["a1* = relu(w * x)", "y = a1**2"]),
        # equal parts have one name
        (lambda x, w: sigmoid(x * w) * sigmoid(x * w), ["a1* = sigmoid(x * w)", "y = a1 * a1"]),
    ],
    ids=["call", "polynomial", "absolute", "affine inside", "power of a call", "equal parts"],
)
def test_what_is_one_equation(build: Any, expected: list[str]) -> None:
    net = Network()
    x, w = net.input("x"), net.parameter("w")
    y = net.define("y", build(x, w))
    net.define("L", y**2)
    assert equations(name_equations(net))[:-1] == expected


def test_residual_and_shared_weights() -> None:
    net = Network()
    x, W = net.input("x", ("n", 3)), net.parameter("W", (3, 3))
    h = net.define("h", relu(x @ W) + x)
    net.define("L", (tanh(h @ W) ** 2).mean())
    texts = equations(name_equations(net))
    assert "h = a1 + x" in texts and "a1* = relu(z1)" in texts
    assert sum("@ W" in t for t in texts) == 2


def test_a_scaled_product_keeps_its_number() -> None:
    net = Network()
    Q, K = net.parameter("Q", (4, 3)), net.input("K", (4, 3))
    net.define("L", (ROWS["softmax"](Q @ K.T / 2) ** 2).sum())
    assert any(e.invented and str(e.form) == "Q @ K.T / 2" for e in name_equations(net).equations)


# --- definitions are identified, also across statements ---------------------------------------------------------------


def identified_as(build: Any, shape: tuple[Any, ...] = ("n", 3)) -> tuple[str, str]:
    net = Network()
    z = net.parameter("z", shape)
    s = build(net, z)
    net.define("L", (s**2).sum())
    equation = name_equations(net).equation("s")
    return str(equation.form), str(equation.written)


def test_a_softmax_in_three_statements() -> None:
    def build(net: Network, z: Form) -> Form:
        m = net.define("m", z.max(axis=1, keepdims=True))
        e = net.define("e", exp(z - m))
        return net.define("s", e / e.sum(axis=1, keepdims=True))

    assert identified_as(build) == ("softmax(z, axis=1)", "e / e.sum(axis=1, keepdims=True)")


def test_a_softmax_with_its_total_named() -> None:
    def build(net: Network, z: Form) -> Form:
        e = net.define("e", exp(z))
        total = net.define("total", e.sum())
        return net.define("s", e / total)

    assert identified_as(build, (3,))[0] == "softmax(z, axis=0)"


def test_a_sigmoid_in_three_statements() -> None:
    def build(net: Network, z: Form) -> Form:
        e = net.define("e", exp(-z))
        d = net.define("d", 1 + e)
        return net.define("s", 1 / d)

    assert identified_as(build)[0] == "sigmoid(z)"


def test_a_near_softmax_in_three_statements_is_derived_at_once() -> None:
    def build(net: Network, z: Form) -> Form:
        e = net.define("e", exp(z))
        total = net.define("total", e.sum(axis=1, keepdims=True) + 1e-9)
        return net.define("s", e / total)

    assert identified_as(build)[0] == "np.exp(z) / (np.exp(z).sum(axis=1, keepdims=True) + 1e-09)"


def test_a_near_softmax_of_shifted_scores_stays() -> None:
    def build(net: Network, z: Form) -> Form:
        e = net.define("e", exp(z - z.max(axis=1, keepdims=True)))
        total = net.define("total", e.sum(axis=1, keepdims=True) + 1e-9)
        return net.define("s", e / total)

    assert identified_as(build)[0] == "e / total"


# --- values stay ------------------------------------------------------------------------------------------------------


def final_value(named: NamedNetwork, environment: dict[str, Any]) -> Any:
    values = dict(environment)
    for equation in named.equations:
        values[equation.name] = evaluate(equation.form, values, SIZES)
    return values[named.loss]


@tried(100, 10_000, st.integers(0, 10**6), st.integers(1, 12))
def test_named_form_computes_the_same(seed: int, steps: int) -> None:
    growth = Growth(seed)
    form, value = growth.grow(steps)
    net = Network()
    for leaf in names_in(form):
        (net.input if leaf.name.startswith("i") else net.parameter)(leaf.name, leaf.shape)
    net.define("L", (form * form).sum())
    assume(any(v.role == "parameter" for v in net.variables.values()))
    named = name_equations(net)
    np.testing.assert_allclose(final_value(named, growth.environment), (value * value).sum(), rtol=1e-9)
    defined: set[str] = set(named.variables)
    for equation in named.equations:
        assert {n.name for n in names_in(equation.form)} <= defined
        defined.add(equation.name)


def test_attention_computes_the_same() -> None:
    net = Network()
    X = net.input("X", (4, 3))
    Wq, Wk, Wv = (net.parameter(k, (3, 2)) for k in ("Wq", "Wk", "Wv"))
    net.define("L", (ROWS["softmax"]((X @ Wq) @ (X @ Wk).T / 2) @ (X @ Wv)).sum())
    rng = np.random.default_rng(0)
    v = {k: rng.standard_normal(s) for k, s in [("X", (4, 3)), ("Wq", (3, 2)), ("Wk", (3, 2)), ("Wv", (3, 2))]}
    expected = (softmax(v["X"] @ v["Wq"] @ (v["X"] @ v["Wk"]).T / 2, 1) @ (v["X"] @ v["Wv"])).sum()
    assert final_value(name_equations(net), v) == pytest.approx(expected, rel=1e-12)


# --- what is asked for ------------------------------------------------------------------------------------------------


def network() -> Network:
    net = Network()
    x, W, _, t = (
        net.input("x", ("n", 3)),
        net.parameter("W", (3, 2)),
        net.parameter("U", (2,)),
        net.input("t", ("n",), integer=True),
    )
    y = net.define("y", x @ W)
    net.define("unused", y * 2)
    net.define("L", (y**2).sum() + (one_hot(t, 2) * y).sum())
    return net


def test_only_the_slice_of_the_loss_is_kept() -> None:
    named = name_equations(network())
    assert [e.name for e in named.equations if not e.invented] == ["y", "L"]
    assert set(named.variables) == {"x", "W", "t"} and named.parameters == ("W",)
    assert name_equations(network(), wrt=["x", sp.Symbol("W"), name("x", (3,))]).parameters == ("x", "W")
    assert name_equations(network(), wrt="x, W").parameters == ("x", "W")
    assert name_equations(network(), wrt=["y"]).parameters == ("y",)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"loss": "y"}, r"the loss y = x @ W has shape \(n, 2\), more than one element; take its sum or its mean"),
        ({"loss": "LL"}, r"there is no LL \(did you mean 'L'\?\)"),
        ({"loss": "x"}, "x is an input, not an equation"),
        ({"wrt": ["w"]}, r"wrt: there is no w \(did you mean 'W'\?\)"),
        ({"wrt": ["U"]}, "wrt: the loss does not depend on U"),
        ({"wrt": ["unused"]}, "wrt: the loss does not depend on unused"),
        ({"wrt": ["t"]}, "t holds class indices; there is no gradient"),
    ],
    ids=str,
)
def test_a_wrong_question_is_named(options: dict[str, Any], message: str) -> None:
    with pytest.raises(NetworkError, match=message):
        name_equations(network(), **options)


def test_networks_without_an_answer() -> None:
    with pytest.raises(NetworkError, match="no equation"):
        name_equations(Network())
    net = Network()
    net.define("L", net.input("x") * 2)
    with pytest.raises(NetworkError, match="the network has no parameter"):
        name_equations(net)
    net = Network()
    net.parameter("w")
    net.define("L", number(3) * 2)
    with pytest.raises(NetworkError, match="the loss does not depend on w"):
        name_equations(net)


def test_a_loss_of_one_element_may_have_axes() -> None:
    net = Network()
    w = net.parameter("w", (1, 1))
    net.define("L", w * w)
    assert name_equations(net).loss == "L"


# --- the builder ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda net: net.define("y", number(1)), "y is defined twice"),
        (lambda net: net.input("x"), "x is defined twice"),
        (lambda net: net.define("M", name("xx") * 2), r"in M = xx \* 2: xx is not known \(did you mean 'x'\?\)"),
        (
            lambda net: net.define("M", name("x", (5,)) * 2),
            r"x of shape \(5,\) belongs to another network; here it has shape \(n, 3\)",
        ),
        (lambda net: net.define("for", number(1)), "'for' cannot be a name"),
        (lambda net: net.input("__class__"), "cannot be a name"),
        (lambda net: net.input("a; import os"), "cannot be a name"),
        (lambda net: net["yy"], r"there is no yy in this network \(did you mean 'y'\?\)"),
        (lambda net: net.assume("one-hott", "t"), "'one-hott' is not an assumption"),
        (lambda net: net.assume("one-hot", "q"), "there is no q"),
    ],
    ids=[
        "twice",
        "leaf twice",
        "unknown",
        "other network",
        "keyword",
        "dunder",
        "hostile",
        "item",
        "assumption",
        "assumed of nothing",
    ],
)
def test_a_wrong_equation_is_named(act: Any, message: str) -> None:
    with pytest.raises(NetworkError, match=message):
        act(network())


def test_values_are_copied_and_checked() -> None:
    net = Network()
    given = np.array([1, 2, 3])
    net.parameter("w", None, given)
    given[0] = 9
    assert net.values["w"].tolist() == [1.0, 2.0, 3.0] and net.values["w"].dtype == np.float64
    assert net["w"].shape == (3,)
    net.input("f", (2,), np.zeros(2, dtype=np.float32))
    assert net.values["f"].dtype == np.float32
    with pytest.raises(ShapeError, match=r"v has shape \(2,\), expected \(3,\)"):
        net.input("v", (3,), [1.0, 2.0])
    with pytest.raises(ValueProblem, match="not a real number"):
        net.input("c", None, 1j)


def test_facts_come_from_the_grant_the_construction_or_the_values() -> None:
    net = Network()
    z, t = net.parameter("z", (2, 3)), net.input("t", (2,), integer=True)
    y, q = net.input("y", (2, 3)), net.input("q", (2, 3), np.full((2, 3), 1 / 3))
    r = net.input("r", (2, 3), np.full((2, 3), 0.4))
    net.assume("one-hot", y)
    T = net.define("T", one_hot(t, 3))
    net.define("L", ((y + q + r + T) * z).sum())
    facts = {a.name: a.why for a in name_equations(net).assumptions}
    assert facts == {"y": "assumed", "q": "checked on its values", "T": "by construction"}
    assert str(name_equations(net).assumptions[0]) == "each row of y sums to 1 (assumed)"


def printed(text: str, **shapes: tuple[object, ...]) -> str:
    return sb.derive(sb.parse(text, shapes=shapes, wrt=["w"])).text()


def test_quadratic_terms_of_a_loss_are_not_layers() -> None:
    page = printed("r = X @ w - y\nL = r @ r / (2 * len(y)) + lam / 2 * (w @ w)", X=("n", 3), w=(3,), y=("n",), lam=())
    assert "L = (1/(2 n)) rᵀ r + (λ/2) wᵀ w" in page
    assert "∂L/∂w = λ w + Xᵀ δ" in page
    assert "Named for the derivation" not in page


@pytest.mark.parametrize("norm", ["np.linalg.norm(w)**2", "np.sqrt(np.sum(w * w))**2", "np.sqrt(w @ w)**2"])
def test_the_square_of_a_norm_is_a_sum_of_squares(norm: str) -> None:
    page = printed(f"L = {norm}", w=("n",))
    assert "∂L/∂w = 2 w" in page
    assert "1/√" not in page


def test_the_square_of_another_root_stays() -> None:
    assert "√" in printed("L = np.sum(np.sqrt(w)**2)", w=("n",)).split("Backward")[0]


def test_one_mean_of_one_array_has_one_name() -> None:
    page = printed("z = X * w\nm = z.mean(0)\nv = z.var(0)\nL = np.sum((z - m) / np.sqrt(v + 1.0))", X=("n", 3), w=(3,))
    assert "Named for the derivation" not in page
    assert "vⱼ = (1/n) Σᵢ (zᵢⱼ − (1/n) Σₖ zₖⱼ)² = (1/n) Σᵢ (zᵢⱼ − mⱼ)²" in page


def test_one_entry_among_zeros_sums_to_itself() -> None:
    z, L = sp.MatrixSymbol("z", 3, 1), sp.Symbol("L")
    d = sb.derive([sp.Eq(L, -sp.log(sb.softmax(z)[0, 0]))], ["z"])
    assert "Σᵢ 1[i = 1]" not in d.text().split("=")[-1]
    printed_again = sb.derive(sb.parse("L = -np.log(np.exp(w) / np.sum(np.exp(w)))[0]", shapes={"w": (3,)}, wrt=["w"]))
    assert printed_again.gradient("w").latex() == r"-\mathbf{e}_1 + a_1"


@pytest.mark.parametrize(
    ("weights", "names"),
    [
        (("Wq", "Wk", "Wv"), ["Q", "K", "S", "V"]),
        (("W_q2", "W_k2", "W_v2"), ["Q2", "K2", "S2", "V2"]),
        (("W1", "W2", "W3"), ["z1", "z2", "S", "z3"]),
        (("Wk", "Wx", "Wv"), ["z1", "z2", "S", "z3"]),
    ],
)
def test_queries_keys_and_values_are_called_as_their_weights_say(weights: tuple[str, ...], names: list[str]) -> None:
    net = Network()
    X, Y = net.input("X", (3, 2)), net.input("Y", (3, 2))
    q, k, v = (net.parameter(name, (2, 2)) for name in weights)
    A = net.define("A", ROWS["softmax"]((X @ q) @ (X @ k).T / 2**0.5, axis=-1))
    net.define("L", ((A @ (X @ v) - Y) ** 2).mean())
    named = name_equations(net)
    assert [e.name for e in named.equations if e.invented][:4] == names


HEAD = """
import numpy as np
X = np.random.randn(3, 2); Y = np.random.randn(3, 2); {more}
Wq = np.random.randn(2, 2); Wk = np.random.randn(2, 2); Wv = np.random.randn(2, 2)
def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)
{lines}
"""


@pytest.mark.parametrize(
    ("lines", "invented"),
    [
        ("loss = np.sum((softmax(X @ Wq @ (X @ Wk).T / 2**0.5) @ (X @ Wv) - Y)**2)", "Q K S A V O"),
        ("A = softmax((X @ Wq) @ (X @ Wk).T)\nloss = np.sum((A @ X - Y)**2)", "Q K S O"),
        ("q, k = X @ Wq, X @ Wk\nW = softmax(q @ k.T / np.sqrt(2))\nloss = np.sum((W @ (X @ Wv) - Y)**2)", "S V O"),
        ("loss = np.sum((softmax(X @ Wq @ (X @ Wk).T) @ (X @ Wv) @ Wo - Y)**2)", "Q K S A V H"),
    ],
)
def test_the_parts_of_a_head_have_its_letters(lines: str, invented: str) -> None:
    network = sb.derive(sb.parse(HEAD.format(more="Wo = np.random.randn(2, 2)", lines=lines))).network
    found = [e.name for e in network.equations if e.invented]
    assert [n for n in found if n in invented.split()] == invented.split()
    assert {n for n in found if n not in invented.split()} <= {"z", "z1", "z2", "z3"}


def test_the_letters_of_a_head_do_not_take_those_of_the_code() -> None:
    lines = "q, k = X @ Wq, X @ Wk\nloss = np.sum((softmax(q @ k.T + S) @ X - O)**2) + np.sum(A**2) + np.sum(H**2)"
    more = "S = np.random.randn(3, 3); O = np.random.randn(3, 2); A = np.random.randn(2); H = np.random.randn(2)"
    network = sb.derive(sb.parse(HEAD.format(more=more, lines=lines)), wrt=["Wq"]).network
    assert not {"S", "A", "O", "H"} & {e.name for e in network.equations if e.invented}


def test_a_softmax_of_a_layer_is_no_attention() -> None:
    lines = "P = softmax(X @ Wq @ Wk)\nloss = np.sum((P @ Wv - Y)**2)"
    network = sb.derive(sb.parse(HEAD.format(more="", lines=lines))).network
    assert not {"S", "A", "O", "H"} & {e.name for e in network.equations}
