"""Closed forms: in the names that were given, collected, short enough for a line, and equal to the staged gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy as sp

import symback as sb
from symback.core.errors import NetworkError
from symback.core.forms import (
    Form,
    Implicit,
    apply,
    eye,
    name,
    names_in,
    reduce_over,
    size,
    substitute,
    transpose,
    walk,
)
from symback.derivation import closed
from symback.derivation.closed import closing_of, fits
from symback.derivation.collecting import Collector
from symback.derivation.equality import equal_by_definitions
from symback.derivation.terms import weight
from symback.engine.interpreter import evaluate
from symback.functions import ROWS
from symback.networks.network import Network
from tests.support.derived_networks import SMOOTH
from tests.support.matrix_cases import CASES, network_of
from tests.support.random_forms import SIZES, Growth
from tests.support.small_networks import layers, scalar_chain

HEAD = "import numpy as np\n"


def matrices(*declared: tuple[str, Any, Any]) -> list[Any]:
    return [sp.MatrixSymbol(label, rows, columns) for label, rows, columns in declared]


def least_squares() -> sb.Derivation:
    net = Network()
    X, y, w = net.input("X", ("n", "d")), net.input("y", ("n",)), net.parameter("w", ("d",))
    net.define("L", sb.mean((X @ w - y) ** 2) + net.input("lambda_") / 2 * sb.sum(w**2))
    return sb.derive(net)


def traces() -> sb.Derivation:
    n, p, q, d = sp.symbols("n p q d", integer=True, positive=True)
    Y, X, U, V = matrices(("Y", n, q), ("X", n, p), ("U", p, d), ("V", q, d))
    R = Y - X * U * V.T
    return sb.derive(sb.network(sp.Trace(R.T * R) + sp.Symbol("lam") * sp.Trace((U * V.T).T * (U * V.T))), wrt=[U, V])


def tied() -> sb.Derivation:
    m, n = sp.symbols("m n", integer=True, positive=True)
    W, x = matrices(("W", m, n), ("x", n, 1))
    z = W.T * W * x - x
    return sb.derive(sb.network(sp.Trace(z.T * z) / 2), wrt=[W])


def kalman() -> sb.Derivation:
    n, q = sp.symbols("n q", integer=True, positive=True)
    K, C, P = matrices(("K", n, q), ("C", q, n), ("P", n, n))
    A = sp.Identity(n) - K * C
    return sb.derive(sb.network(sp.Trace(A * P * A.T)), wrt=[K])


def text(*lines: str, wrt: str, **shapes: tuple[Any, ...]) -> Callable[[], sb.Derivation]:
    return lambda: sb.derive(sb.parse(HEAD + "\n".join(lines), shapes=shapes, wrt=wrt.split()))


LAYER_NORM = text(
    "mu = X.mean(axis=1, keepdims=True)",
    "var = ((X - mu)**2).mean(axis=1, keepdims=True)",
    "h = (X - mu) / np.sqrt(var + eps)",
    "L = np.sum(G * h)",
    wrt="X",
    X=("n", "d"),
    G=("n", "d"),
    eps=(),
)

BATCH_NORM = text(
    "mu = X.mean(axis=0)",
    "s = np.sqrt(((X - mu)**2).mean(axis=0))",
    "h = (X - mu) / s",
    "L = np.sum(G * (gamma * h + beta))",
    wrt="X gamma",
    X=("n", "d"),
    G=("n", "d"),
    gamma=("d",),
    beta=("d",),
)

INFO_NCE = text(
    "S = Z1 @ Z2.T / tau",
    "P = np.exp(S) / np.exp(S).sum(axis=1, keepdims=True)",
    "L = -np.mean(np.log(np.diag(P)))",
    wrt="Z1 Z2",
    Z1=("n", "d"),
    Z2=("n", "d"),
    tau=(),
)

MIXTURE = text(
    "L = np.sum(np.log(np.sum(pi * np.exp(q), axis=1)))",
    wrt="q pi",
    q=("n", "k"),
    pi=("k",),
)

COVARIANCE = text(
    "S = A @ A.T + np.eye(3)",
    "r = x - mu",
    "q = -0.5 * np.sum((r @ np.linalg.inv(S)) * r, axis=1)",
    "L = np.sum(q)",
    wrt="mu",
    x=(5, 3),
    mu=(3,),
    A=(3, 3),
)

TRIPLET = text(
    "L = np.maximum(np.sum((a - p)**2) - np.sum((a - n)**2) + alpha, 0)",
    wrt="a p n",
    a=("d",),
    p=("d",),
    n=("d",),
    alpha=(),
)

CONTRASTIVE = text(
    "D = np.sqrt(np.sum((U - V)**2, axis=1))",
    "L = np.sum(Y * D**2 + (1 - Y) * np.maximum(m - D, 0)**2)",
    wrt="U",
    U=("n", "d"),
    V=("n", "d"),
    Y=("n",),
    m=(),
)

SHARES = text(
    "L = np.sum(np.log(np.sum(pi * np.exp(q + c), axis=1)))",
    wrt="c",
    q=("n", 3),
    pi=(3,),
    c=(),
)

CONTRACTIVE = text(
    "h = 1 / (1 + np.exp(-(W @ x)))",
    "J = np.sum((h * (1 - h))**2 * s)",
    wrt="x s",
    W=("k", "d"),
    x=("d",),
    s=("k",),
)

SQUARE = sp.symbols("m n", integer=True, positive=True)


def determinants() -> sb.Derivation:
    m, n = SQUARE
    X, S = matrices(("X", m, n), ("S", n, n))
    return sb.derive(
        sp.log(sp.Determinant(X.T * X + sp.Symbol("lam") * sp.Identity(n))) + sp.Determinant(S), wrt=[X, S]
    )


def gaussian() -> sb.Derivation:
    n = SQUARE[1]
    S, x, mu = matrices(("S", n, n), ("x", n, 1), ("mu", n, 1))
    return sb.derive(sp.log(sp.Determinant(S)) / 2 + sp.Trace((x - mu).T * S.I * (x - mu)) / 2, wrt=[S, mu])


def quadratic_in_an_inverse(variable: str) -> sb.Derivation:
    m, n = SQUARE
    A, X = matrices(("A", n, n), ("X", m, n))
    return sb.derive(sp.log(sp.Determinant(X * A * X.T + sp.Symbol("lam") * sp.Identity(m))), wrt=[variable])


def unknown_function() -> sb.Derivation:
    m, n = SQUARE
    W, X = matrices(("W", n, m), ("X", m, n))
    return sb.derive(sp.Function("f")(2 * W * X), wrt=[W])


def symmetric_only() -> sb.Derivation:
    net = Network()
    A, G = net.parameter("A", ("n", "n")), net.input("G", ("n", "n"))
    net.define("L", 2 * sb.sum(G * sb.cholesky(A)) / 2 + sb.sum(0.5 * G * A) * 2)
    return sb.derive(net)


ATTENTION = text(
    "Q = x @ W_Q",
    "K = x @ W_K",
    "S = Q @ K.T / np.sqrt(d_k)",
    "A = np.exp(S) / np.exp(S).sum(axis=1, keepdims=True)",
    "L = np.sum(G * (A @ x))",
    wrt="x W_Q",
    x=("n", "d"),
    G=("n", "d"),
    W_Q=("d", "k"),
    W_K=("d", "k"),
    d_k=(),
)

CLOSED: dict[str, tuple[Callable[[], sb.Derivation], str, str]] = {
    "numbers and a decay": (least_squares, "w", "lambda_ * w + 2 / n * (X.T @ (X @ w - y))"),
    "an intermediate": (least_squares, "y", "2 / n * (y - X @ w)"),
    "matrices outside a sum": (traces, "U", "2 * lam * (U @ V.T @ V) + 2 * (X.T @ (X @ U @ V.T - Y) @ V)"),
    "transposes inside": (traces, "V", "2 * lam * (V @ U.T @ U) + 2 * ((X @ U @ V.T - Y).T @ X @ U)"),
    "a common matrix": (tied, "W", "W @ ((W.T @ W @ x - x) @ x.T + x @ (W.T @ W @ x - x).T)"),
    "an identity matrix": (kalman, "K", "-((np.eye(n) - K @ C) @ (P + P.T) @ C.T)"),
    "layer norm": (
        LAYER_NORM,
        "X",
        "(G - 1 / d * (h * (G * h).sum(axis=1, keepdims=True)) - 1 / d * G.sum(axis=1, keepdims=True)) / np.sqrt(var + eps)",
    ),
    "batch norm": (BATCH_NORM, "X", "gamma * (G - 1 / n * (h * (G * h).sum(axis=0)) - 1 / n * G.sum(axis=0)) / s"),
    "a sum that leaves nothing out": (BATCH_NORM, "gamma", "(G * h).sum(axis=0)"),
    "a diagonal": (INFO_NCE, "Z1", "1 / (n * tau) * ((P - np.eye(n)) @ Z2)"),
    "a transposed difference": (INFO_NCE, "Z2", "1 / (n * tau) * ((P - np.eye(n)).T @ Z1)"),
    "responsibilities": (MIXTURE, "q", "pi * np.exp(q) / (np.exp(q) @ pi)[:, None]"),
    "shares that add up to 1": (SHARES, "c", "n"),
    "a matrix that is symmetric by its definition": (COVARIANCE, "mu", "(r @ np.linalg.inv(S)).sum(axis=0)"),
    "cases of the loss": (TRIPLET, "a", "np.where(L > 0, 2 * (n - p), 0)"),
    "a sign taken inside": (TRIPLET, "n", "np.where(L > 0, 2 * (a - n), 0)"),
    "a gate beside its derivative": (CONTRASTIVE, "U", "2 * ((Y - relu(m - D) * (1 - Y) / D)[:, None] * (U - V))"),
    "an unknown function of arrays": (unknown_function, "W", "2 * (gradient_of_f(2 * (W @ X)) @ X.T)"),
    "an inverse of a symmetric matrix": (determinants, "X", "2 * (X @ np.linalg.inv(lam * np.eye(n) + X.T @ X))"),
    "a determinant": (determinants, "S", "np.linalg.det(S) * np.linalg.inv(S).T"),
    "a normal distribution": (
        gaussian,
        "S",
        "1 / 2 * np.linalg.inv(S).T - 1 / 2 * (np.linalg.inv(S).T @ (x - mu) @ (x - mu).T @ np.linalg.inv(S).T)",
    ),
    "an inverse and its transpose": (gaussian, "mu", "-(1 / 2 * ((np.linalg.inv(S).T + np.linalg.inv(S)) @ (x - mu)))"),
    "factored polynomials": (CONTRACTIVE, "x", "2 * (W.T @ (h**2 * s * (1 - 2 * h) * (1 - h)**2))"),
    "a scalar network": (lambda: sb.derive(scalar_chain()), "w1", "(a2 - t) * a2 * (1 - a2) * w2 * a1 * (1 - a1) * x"),
}


@pytest.mark.parametrize("case", CLOSED, ids=str)
def test_closed_forms_are_what_a_textbook_prints(case: str) -> None:
    derivation, label, expected = CLOSED[case]
    found = derivation().gradient(label, closed=True)
    assert str(found) == expected


def test_a_sum_that_is_zero_is_said_and_what_it_rests_on() -> None:
    d = BATCH_NORM()
    found = closed.closed_gradient(d.record, "X")
    assert found is not None
    assert found.sums == () and found.assumptions == ()  # the path through the variance is gone before
    assert [str(v.sum) for step in d.steps for v in step.vanishing] == ["(X - mu).sum(axis=0)"]
    lines = ("mu = X.mean(axis=0)", "s = X.std(axis=0)", "h = (X - mu) / s", "L = np.sum(h * (v + w))")
    d = text(*lines, wrt="v", X=("n", "d"), v=("d",), w=("n", "d"))()
    found = closed.closed_gradient(d.record, "v") or closed.closing_of(d.network).close(d.gradient("v"))
    assert found is not None
    assert {str(form): int(value) for form, value in found.sums} == {"h.sum(axis=0)": 0}
    assert found.assumptions == ()


def test_a_fact_that_was_granted_is_used_and_said() -> None:
    lines = ("e = c * np.exp(U @ v)", "p = e / np.sum(e)", "J = -np.sum(y * np.log(p))")
    shapes: dict[str, tuple[Any, ...]] = {"U": ("w", "d"), "v": ("d",), "y": ("w",), "c": ("w",)}
    d = text(*lines, wrt="v", **shapes)()
    assert str(d.gradient("v", closed=True)) == "U.T @ (y.sum() * p - y)"
    net = sb.parse(HEAD + "\n".join(lines), shapes=shapes, wrt=["v"])
    net.assume("one-hot", "y")
    granted = sb.derive(net)
    assert str(granted.gradient("v", closed=True)) == "U.T @ (p - y)"
    found = closed.closed_gradient(granted.record, "v")
    assert found is not None and [a.name for a in found.assumptions] == ["y"]
    assert not equal_by_definitions(granted.network, granted.gradient("v"), found.form)


def test_what_stands_twice_keeps_its_adjoint_and_a_definition() -> None:
    d = ATTENTION()
    found = closed.closed_gradient(d.record, "x")
    assert found is not None
    assert [str(leaf) for leaf, _ in found.where] == ["dS"]
    assert str(found.where[0][1]) == "(G @ x.T - (G @ x.T * A).sum(axis=1, keepdims=True)) * A"
    assert str(found.form).count("dS") == 2 and "z" not in str(found.form)
    assert not any(n.name.startswith("z") for n in names_in(found.whole))
    assert str(d.gradient("x", closed=True)) == str(found.whole)


def test_a_long_formula_that_stands_twice_keeps_its_name() -> None:
    found = closed.closed_gradient(quadratic_in_an_inverse("A").record, "A")
    assert found is not None
    assert str(found.form) == "X.T @ np.linalg.inv(lam * np.eye(m) + X @ A @ X.T).T @ X" and not found.where
    kept = closed.closed_gradient(quadratic_in_an_inverse("X").record, "X")
    assert kept is not None
    assert [(str(leaf), str(form)) for leaf, form in kept.where] == [("z2", "lam * np.eye(m) + X @ A @ X.T")]
    assert str(kept.form) == "np.linalg.inv(z2) @ X @ A + np.linalg.inv(z2).T @ X @ A.T"


def test_what_is_known_of_symmetric_matrices_only_is_proved_with_free_entries() -> None:
    d = symmetric_only()
    staged, found = d.gradient("A"), d.gradient("A", closed=True)
    assert found is not staged and "0.5 * G * 2" not in str(found)
    values = np.random.default_rng(0).normal(size=(2, 3, 3))
    run = values_of(d, {"A": values[0] @ values[0].T + np.eye(3), "G": values[1]})
    sizes = {size("n"): 3}
    np.testing.assert_allclose(evaluate(found, run, sizes), evaluate(staged, run, sizes), rtol=1e-9)


def test_layers_keep_the_staged_form() -> None:
    d = sb.derive(layers([3] * 21))
    assert d.gradient("W1", closed=True) is d.gradient("W1")
    assert str(d.gradient("W20", closed=True)) == "2 / (3 * n) * (a19.T @ ((a20 - y) * a20 * (1 - a20)))"


def test_the_depth_of_a_network_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    d = sb.derive(layers([4] * 65))
    staged = d.gradient("W1")
    collected: list[Form] = []
    original = Collector.top

    def counting(self: Collector, form: Form) -> Form:
        collected.append(form)
        return original(self, form)

    monkeypatch.setattr(Collector, "top", counting)
    assert d.gradient("W1", closed=True) is staged
    assert all(weight(form) <= 300 for form in collected)
    again = len(collected)
    assert d.gradient("W1", closed=True) is staged and len(collected) == again


# --- equal to the staged ones -----------------------------------------------------------------------------------------


def values_of(d: sb.Derivation, values: dict[str, Any]) -> dict[str, Any]:
    return {**values, **d.evaluate(values).values}


def random_network(seed: int) -> tuple[Network, dict[str, Any]] | None:
    """Return a random network with a named intermediate and values; None where a size stands in no argument."""
    growth = Growth(seed, smooth=True)
    growth.STEPS = SMOOTH
    first, _ = growth.grow(2 + seed % 4)
    net = Network()
    for leaf in names_in(first):
        if leaf.name.startswith("i"):
            net.input(leaf.name, leaf.shape, integer=True)
        else:
            net.parameter(leaf.name, leaf.shape)
    w = net.input("w", first.shape)
    named = net.define("middle", first)
    known = {s for variable in net.variables.values() for s in variable.shape}
    if any(not isinstance(s, int) and s not in known for node in walk(first) for s in node.shape):
        return None
    net.define("L", (ROWS["tanh"](named / (1 + named * named)) * w * named).sum() / 3)
    lengths = tuple(SIZES.get(s, s) for s in first.shape)
    values = {leaf.name: growth.environment[leaf.name] for leaf in names_in(first)}
    values["w"] = growth.numbers.uniform(-0.9, 0.9, lengths)
    return (net, values) if any(v.role == "parameter" for v in net.variables.values()) else None


@pytest.mark.parametrize("part", range(8))
def test_random_networks_close_to_what_runs(part: int) -> None:
    seen = shorter = 0
    for seed in range(part, 480, 8):
        made = random_network(seed)
        if made is None:
            continue
        net, values = made
        d = sb.derive(net)
        _, gradients = d.lambdify()(**values)
        run = values_of(d, values)
        for label in d.wrt:
            staged, found = d.gradient(label), d.gradient(label, closed=True)
            assert found.shape == staged.shape
            have = evaluate(found, run, SIZES)
            np.testing.assert_allclose(have, gradients[label], rtol=1e-7, atol=1e-9, err_msg=f"{seed} {label}")
            given = {*net.variables, "middle", "L"}
            assert found is staged or {n.name for n in names_in(found)} <= given
            seen += 1
            shorter += found is not staged
    assert seen > 40 and shorter > seen / 2


MATRIX_CASES = [(label, shape) for label, case in CASES.items() for shape in case.shapes[:2]]


@pytest.mark.parametrize(("label", "shape"), MATRIX_CASES, ids=str)
def test_functions_of_linear_algebra_close_to_what_runs(label: str, shape: tuple[int, ...]) -> None:
    case = CASES[label]
    d = sb.derive(network_of(case, shape))
    run = d.evaluate().values
    staged, found = d.gradient("A"), d.gradient("A", closed=True)
    np.testing.assert_allclose(evaluate(found, run), evaluate(staged, run), rtol=1e-7, atol=1e-9)
    given = {"A", "C", "E"}
    assert found is staged or {n.name for n in names_in(found)} <= given


@pytest.mark.parametrize("part", range(4))
def test_random_formulas_are_collected_without_a_change_of_value(part: int) -> None:
    for seed in range(part, 2400, 4):
        growth = Growth(seed)
        growth.STEPS = (Growth.STEPS, Growth.EVERY)[seed % 2]
        form, value = growth.grow(2 + seed % 7)
        if weight(form) > 600:
            continue
        found = Collector().top(form)
        assert found.shape == form.shape, seed
        with np.errstate(all="ignore"):
            have = np.asarray(evaluate(found, growth.environment, SIZES), float)
        np.testing.assert_allclose(have, value, rtol=1e-7, atol=1e-9 * (1 + np.abs(value).max(initial=0)), err_msg=seed)


def turned_wrong(form: Form) -> Form:
    """Return a form with a transpose lost, where the shapes do not tell."""
    return substitute(form, lambda n: n.args[0] if n.args and n.is_view and n.shape == n.args[0].shape else None)


PLANTED: dict[str, Callable[[Form], Form]] = {
    "a sign": lambda form: -form,
    "a factor": lambda form: 2 * form,
    "a term": lambda form: form + 1,
    "the rows for the columns": lambda form: substitute(form, lambda n: name("d") * 0 + 3 if str(n) == "n" else None),
    "a difference turned": lambda form: substitute(
        form, lambda n: n.args[1] - n.args[0] if str(n).startswith("X @") and "-" in str(n) else None
    ),
    "a name": lambda form: substitute(form, lambda n: name("w", n.shape) * 2 if str(n) == "w" else None),
}


@pytest.mark.parametrize("fault", PLANTED, ids=str)
def test_a_wrong_rewriting_is_not_believed(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    original = Collector.top
    right = least_squares().gradient("w", closed=True)
    monkeypatch.setattr(Collector, "top", lambda self, form: PLANTED[fault](original(self, form)))
    d = least_squares()
    assert d.gradient("w", closed=True) is d.gradient("w") is not right


def test_a_lost_transpose_of_a_square_matrix_is_seen() -> None:
    net = Network()
    A, B = net.parameter("A", (3, 3)), net.input("B", (3, 3))
    net.define("L", sb.sum((A @ B) ** 2))
    d = sb.derive(net)
    found = d.gradient("A", closed=True)
    assert str(found) == "2 * (A @ B @ B.T)"
    assert equal_by_definitions(d.network, d.gradient("A"), found)
    assert not equal_by_definitions(d.network, d.gradient("A"), turned_wrong(found))


def test_unknown_functions_of_arrays_are_told_apart_by_what_they_read() -> None:
    d = unknown_function()
    right = d.gradient("W", closed=True)
    wrong = substitute(right, lambda n: n.remade((2 * n.args[0],)) if isinstance(n, Implicit) else None)
    assert equal_by_definitions(d.network, d.gradient("W"), right)
    assert not equal_by_definitions(d.network, d.gradient("W"), wrong)


def test_sizes_are_told_apart() -> None:
    net = Network()
    X = net.parameter("X", ("n", "m"))
    net.define("L", sb.mean(X))
    d = sb.derive(net)
    ones = sb.sum(X * 0) + 1
    n, m = (sb.sum(X[:, 0] * 0 + 1) if s == "n" else sb.sum(X[0] * 0 + 1) for s in ("n", "m"))
    right = d.gradient("X")
    assert equal_by_definitions(d.network, right, (X * 0 + 1) * ones / (n * m))
    assert not equal_by_definitions(d.network, right, (X * 0 + 1) * ones / (n * n))


def test_a_proof_asks_for_definitions() -> None:
    d = BATCH_NORM()
    h, X = name("h", (size("n"), size("d"))), name("X", (size("n"), size("d")))
    mu, s = name("mu", (size("d"),)), name("s", (size("d"),))
    assert equal_by_definitions(d.network, h, (X - mu) / s)
    assert not equal_by_definitions(d.network, h, X - mu)
    assert closing_of(d.network) is closing_of(d.network)


# --- the parts --------------------------------------------------------------------------------------------------------

A, B = name("A", (3, 3)), name("B", (3, 3))
u, v = name("u", (3,)), name("v", (3,))
c, s = name("c"), name("s")

COLLECTED: dict[str, tuple[Form, str]] = {
    "numbers": (2 * (0.5 * A) * c / 4, "1 / 4 * c * A"),
    "decimals": (0.1 * (3 * A), "0.3 * A"),
    "long decimals": (2 * (1.4142135623730951 * A), "2 * 1.4142135623730951 * A"),
    "equal terms": (A @ B + c * A - A @ B - 2 * c * A, "-(c * A)"),
    "nothing left": (A - A, "np.zeros((3, 3))"),
    "a root and its square": (s / apply("sqrt", s) / apply("sqrt", s), "1"),
    "the root of a square stays": (apply("sqrt", s**2), "np.sqrt(s**2)"),
    "a transposed product": ((A @ B.T).T, "B @ A.T"),
    "a transposed sum": ((A.T - B.T).T, "A - B"),
    "an inverse beside its matrix": (B @ sb.inv(A) @ A, "B"),
    "two transposes that cancel": (A.T @ sb.inv(A).T, "np.eye(3)"),
    "the inverse of an inverse": (sb.inv(2 * sb.inv(A.T)), "1 / 2 * A.T"),
    "the transpose of what is symmetric": (
        (A.T @ sb.inv(B @ B.T + eye(3)) @ A).T,
        "A.T @ np.linalg.inv(B @ B.T + np.eye(3)) @ A",
    ),
    "a row times a matrix": (u @ A, "A.T @ u"),
    "an inner product": (sb.outer(u, v) @ u, "v @ u * u"),
    "an identity matrix": (A @ eye(3) @ B, "A @ B"),
    "a sum over nothing that varies": (reduce_over("sum", c * transpose(A) * 0 + c, (0, 1)), "9 * c"),
    "what is constant along a sum": (reduce_over("sum", u * A, (0,)), "u * A.sum(axis=0)"),
    "a difference and its negative": ((u - v) * (v - u), "-(u - v)**2"),
    "a sign in a difference": (-(c * (1 - s)), "c * (s - 1)"),
    "a mirrored function": (1 - ROWS["sigmoid"](-u), "sigmoid(u)"),
    "what cancels when multiplied out": ((u / s - v) * s, "u - s * v"),
    "multiples of sums": (2 * (u - v) - 2 * (c * u - v), "2 * (1 - c) * u"),
    "a common factor": (c * u * v - c * u * s, "c * (u * (v - s))"),
}


@pytest.mark.parametrize("case", COLLECTED, ids=str)
def test_forms_are_collected(case: str) -> None:
    form, expected = COLLECTED[case]
    assert str(Collector().top(form)) == expected


def test_an_operation_that_is_not_known_is_a_factor() -> None:
    strange = ROWS["softmax"](A, axis=1)
    assert str(Collector().top(2 * (strange.T * 0.5))) == "softmax(A, axis=1).T"
    assert weight(strange) == 2


def test_a_line_has_a_length() -> None:
    long = A
    for _ in range(40):
        long = long @ B + A
    assert not fits(long) and fits(A @ B + A @ B)


@pytest.mark.parametrize("fact", ["symmetric", "diagonal", "positive definite"])
@pytest.mark.parametrize("loss", ["column", "trace", "entry"])
def test_a_symmetric_matrix_is_its_own_transpose(fact: str, loss: str) -> None:
    size, rows = sp.symbols("n m", integer=True, positive=True)
    P, x, A = sp.MatrixSymbol("P", size, size), sp.MatrixSymbol("x", size, 1), sp.MatrixSymbol("A", rows, size)
    given, label, closed = {
        "column": (x.T * P * x, "x", "2 * (P @ x)"),
        "entry": ((x.T * P * x)[0, 0], "x", "2 * (P @ x)"),
        "trace": (sp.Trace(A * P * A.T), "A", "2 * (A @ P)"),
    }[loss]
    net = sb.network(given)
    assert str(sb.derive(net, [label]).gradient(label, closed=True)) != closed
    net.assume(fact, P)
    d = sb.derive(net, [label])
    assert str(d.gradient(label, closed=True)) == closed
    assert str(d.gradient(label)) != closed, "what runs does not rest on the fact"
    assert "Used: P is" in d.text()
    assert "사용한 사실: 행렬 P" in d.text(language="ko")


def test_a_gradient_by_a_symmetric_matrix_says_which_one_it_is() -> None:
    size = sp.Symbol("n", integer=True, positive=True)
    P, x = sp.MatrixSymbol("P", size, size), sp.MatrixSymbol("x", size, 1)
    net = sb.network((x.T * P * x)[0, 0])
    net.assume("symmetric", "P")
    page = " ".join(sb.derive(net, ["P"]).text().split())
    assert (
        "The entries of P count as variables of their own here; among symmetric matrices the gradient is ½(G + Gᵀ)"
        in page
    )
    assert "∂L/∂P = x xᵀ" in page


def test_only_square_symmetric_matrices_are_symmetric() -> None:
    net = sb.Network()
    net.parameter("W", (2, 3))
    net.parameter("S", value=np.array([[1.0, 2.0], [3.0, 4.0]]))
    with pytest.raises(NetworkError, match="a symmetric matrix is square"):
        net.assume("symmetric", "W")
    with pytest.raises(NetworkError, match="S is not diagonal: its value is another matrix than its diagonal"):
        net.assume("diagonal", "S")
    with pytest.raises(NetworkError, match="the known ones are 'one-hot', 'symmetric', 'diagonal'"):
        net.assume("triangular", "S")
