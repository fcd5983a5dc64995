"""Facts about arrays in closed forms: against differences of losses written in NumPy, at values that have the fact."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
import sympy as sp

import symback as sb
from symback.core.forms import apply, eye, name, reduce_over
from symback.derivation.equality import equal_by_definitions
from symback.derivation.granted import Granted
from symback.engine.interpreter import evaluate
from symback.errors import NetworkError, ValueProblem
from symback.functions import ROWS
from symback.networks.facts import FACTS, kind_of, made_true
from symback.networks.naming import name_equations
from symback.networks.network import Assumption

n, m, k = sp.symbols("n m k", integer=True, positive=True)
Q, A, B = sp.MatrixSymbol("Q", n, n), sp.MatrixSymbol("A", n, n), sp.MatrixSymbol("B", n, m)
T, x, y, u = (
    sp.MatrixSymbol("T", n, k),
    sp.MatrixSymbol("x", n, 1),
    sp.MatrixSymbol("y", n, 1),
    sp.MatrixSymbol("u", k, 1),
)
SIZES = {"n": 5, "m": 2, "k": 3}
SHAPES = {"Q": (5, 5), "A": (5, 5), "B": (5, 2), "T": (5, 3), "x": (5, 1), "y": (5, 1), "u": (3, 1), "P": (5, 5)}


Case = tuple[Any, Any, str, Callable[..., Any], str]

CASES: dict[str, Case] = {
    "a residual that is turned": (
        ((Q * x - y).T * (Q * x - y))[0, 0] / 2,
        sp.Q.orthogonal(Q),
        "x",
        lambda Q, x, y: ((Q @ x - y) ** 2).sum() / 2,
        "x - Q.T @ y",
    ),
    "columns that span less than all": (
        ((T * u - y).T * (T * u - y))[0, 0] / 2,
        sp.Q.orthogonal(T),
        "u",
        lambda T, u, y: ((T @ u - y) ** 2).sum() / 2,
        "u - T.T @ y",
    ),
    "a trace that does not change": (
        sp.Trace(Q * A * Q.T),
        sp.Q.orthogonal(Q),
        "A",
        lambda Q, A: np.trace(Q @ A @ Q.T),
        "np.eye(n)",
    ),
    "an inverse": (
        sp.Trace(Q.inv() * B * B.T),
        sp.Q.orthogonal(Q),
        "B",
        lambda Q, B: np.trace(np.linalg.inv(Q) @ B @ B.T),
        "(Q.T + Q) @ B",
    ),
    "a length that does not change": (
        sp.sqrt(sp.Trace((Q * x).T * (Q * x))),
        sp.Q.orthogonal(Q),
        "x",
        lambda Q, x: np.sqrt(((Q @ x) ** 2).sum()),
        "1 / np.sqrt((x**2).sum()) * x",
    ),
    "by the orthogonal matrix itself": (
        sp.Trace(Q * A * Q.T),
        sp.Q.orthogonal(Q) & sp.Q.symmetric(A),
        "Q",
        lambda Q, A: np.trace(Q @ A @ Q.T),
        "2 * (Q @ A)",
    ),
}


def values_of(case: Case, seed: int = 3) -> dict[str, np.ndarray]:
    """Return values for which what the case assumes holds."""
    net = sb.network(case[0], assume=case[1])
    generator = np.random.default_rng(seed)
    found = {}
    for label in net.variables:
        facts = [(a.kind, a.axis) for a in net.assumptions if a.name == label]
        made = made_true(facts, generator.standard_normal(SHAPES[label]))
        assert made is not None
        found[label] = made
    return found


def differences(loss: Callable[..., Any], values: Mapping[str, np.ndarray], label: str) -> np.ndarray:
    """Return central differences by single entries, all of which move freely."""
    found = np.zeros_like(values[label])
    for place in np.ndindex(found.shape):
        ends = []
        for step in (1e-6, -1e-6):
            moved = values[label].copy()
            moved[place] += step
            ends.append(float(loss(**{**values, label: moved})))
        found[place] = (ends[0] - ends[1]) / 2e-6
    return found


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_closed_form_uses_what_is_granted_and_says_so(case: str) -> None:
    loss, fact, label, plain, expected = CASES[case]
    d = sb.derive(sb.network(loss, assume=fact), [label])
    found = d.gradient(label, closed=True)
    assert str(found) == expected
    values = values_of(CASES[case])
    sizes = {s: SIZES[str(s)] for v in d.network.variables.values() for s in v.shape if not isinstance(s, int)}
    assert np.allclose(evaluate(found, values, sizes), differences(plain, values, label), atol=1e-6)
    assert "Used: " in d.text() and "사용한 사실: " in d.text(language="ko")
    without = sb.derive(sb.network(loss), [label])
    assert str(without.gradient(label, closed=True)) != expected
    assert str(without.gradient(label)) == str(d.gradient(label)), "what runs does not rest on the fact"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_running_code_agrees_with_differences_at_values_with_the_fact(case: str) -> None:
    loss, fact, label, plain, _ = CASES[case]
    values = values_of(CASES[case])
    _, gradients = sb.derive(sb.network(loss, assume=fact), [label]).lambdify()(**values)
    assert np.allclose(gradients[label], differences(plain, values, label), atol=1e-6)


def test_a_page_says_what_is_used_and_which_gradient_is_meant() -> None:
    page = " ".join(sb.derive(sb.network(CASES["an inverse"][0], assume=sp.Q.orthogonal(Q)), ["B"]).text().split())
    assert "Used: Q is orthogonal, Qᵀ Q = Q Qᵀ = I (assumed)." in page
    tall = CASES["columns that span less than all"]
    assert (
        "Used: the columns of T are orthonormal, Tᵀ T = I (assumed)."
        in sb.derive(sb.network(tall[0], assume=tall[1]), ["u"]).text()
    )
    own = CASES["by the orthogonal matrix itself"]
    page = " ".join(sb.derive(sb.network(own[0], assume=own[1]), ["Q"]).text().split())
    assert "The entries of Q count as variables of their own here" in page and "G − ½ Q (Qᵀ G + Gᵀ Q)" in page


def test_the_gradient_along_orthogonal_matrices_is_what_the_page_says() -> None:
    # Along Q(t) = Q exp(tS) with a skew S, the loss changes by the inner product of the two tangents.
    values = values_of(CASES["by the orthogonal matrix itself"])
    matrix, other = values["Q"], np.random.default_rng(0).standard_normal((5, 5))
    values["A"] = other @ other.T
    G = differences(CASES["by the orthogonal matrix itself"][3], values, "Q") + other
    along = G - matrix @ (matrix.T @ G + G.T @ matrix) / 2
    S = other - other.T
    assert np.isclose(np.sum(G * (matrix @ S)), np.sum(along * (matrix @ S)))
    assert np.allclose(matrix.T @ along, -(matrix.T @ along).T)


# --- positive entries -------------------------------------------------------------------------------------------------

v = name("v", ("n",))
w = name("w", ("n",))
POSITIVE: dict[str, tuple[Any, str]] = {
    "a magnitude": (ROWS["absolute"](v), "v"),
    "a sign": (ROWS["sign"](v) * w, "np.broadcast_to(1, (n,)) * w"),
    "a rectifier": (ROWS["relu"](v * apply("exp", w)), "v * np.exp(w)"),
    "a rectifier with a slope": (ROWS["leaky_relu"](v), "v"),
    "a root of a square": (apply("sqrt", v**2), "v"),
    "a root of a fourth power": (apply("sqrt", v**4), "v**2"),
    "a logarithm of a power": (apply("log", v**2), "2 * np.log(v)"),
    "a sum of what is positive": (ROWS["absolute"](reduce_over("sum", v)), "v.sum()"),
    "what is not positive": (ROWS["absolute"](w), "absolute(w)"),
    "a difference": (ROWS["absolute"](v - w), "absolute(v - w)"),
}


@pytest.mark.parametrize("case", POSITIVE, ids=str)
def test_functions_by_cases_are_decided_where_entries_are_positive(case: str) -> None:
    form, expected = POSITIVE[case]
    known = Granted([Assumption("positive", "v", "assumed")])
    found = known.simplified(form)
    assert str(found) == expected
    assert bool(known.used) == (found is not form)
    generator = np.random.default_rng(0)
    values = {"v": generator.uniform(0.1, 2, 4), "w": generator.standard_normal(4)}
    sizes = dict.fromkeys(v.shape, 4)
    assert np.allclose(evaluate(found, values, sizes), evaluate(form, values, sizes))


def test_positive_entries_reach_the_page() -> None:
    net = sb.Network()
    a = net.parameter("a", (3,))
    c = net.input("c", (3,))
    net.define("L", (ROWS["absolute"](a) * c + sb.log(a**2)).sum())
    net.assume("positive", a)
    d = sb.derive(net)
    assert str(d.gradient("a", closed=True)) == "2 * (1 / a) + c"
    assert "Used: every entry of a is positive (assumed)." in d.text()
    values = {"a": np.array([0.5, 1.0, 2.0]), "c": np.array([1.0, -1.0, 0.3])}
    plain = differences(lambda a, c: (abs(a) * c + np.log(a**2)).sum(), values, "a")
    assert np.allclose(evaluate(d.gradient("a", closed=True), values), plain, atol=1e-6)
    assert sb.check_gradients(d, values).ok


def test_a_symbol_declared_positive_is_positive_and_said_to_be() -> None:
    s = sp.Symbol("s", positive=True)
    z = sp.Symbol("z")
    d = sb.derive(sp.sqrt(s**2) * z + sp.log(s), [s, z])
    assert "Declared: s > 0; SymPy may have simplified by that." in d.text()
    assert d.lambdify()(s=2.0, z=1.0)[1]["s"] == 1.5
    with pytest.raises(ValueProblem, match=r"s is positive \(declared\), but not every entry"):
        d.lambdify()(s=-2.0, z=1.0)


# --- granting ---------------------------------------------------------------------------------------------------------


def test_predicates_of_sympy_say_the_same_as_names() -> None:
    one, other = sb.network(sp.Trace(Q * A * Q.T)), sb.network(sp.Trace(Q * A * Q.T))
    one.assume(sp.Q.orthogonal(Q) & sp.Q.positive_definite(A))
    other.assume("positive-definite", A)
    other.assume("orthogonal", "Q")
    assert set(one.assumptions) == set(other.assumptions)
    assert kind_of("positive-definite") == "positive definite"
    with pytest.raises(NetworkError, match=r"the known ones are Q\.symmetric, Q\.diagonal"):
        one.assume(sp.Q.invertible(A))
    with pytest.raises(NetworkError, match=r"'orthognal' is not an assumption.*orthogonal"):
        one.assume("orthognal", A)


def test_what_cannot_hold_is_refused() -> None:
    net = sb.Network()
    net.parameter("W", (2, 3))
    net.parameter("S", value=np.array([[1.0, 2.0], [3.0, 4.0]]))
    net.parameter("p", value=np.array([1.0, -4.0]))
    with pytest.raises(NetworkError, match="has orthonormal columns, no more than rows"):
        net.assume("orthogonal", "W")
    with pytest.raises(NetworkError, match="S is not orthogonal: its columns are not orthonormal"):
        net.assume("orthogonal", "S")
    with pytest.raises(NetworkError, match="p is not positive: not every entry"):
        net.assume("positive", "p")


@pytest.mark.parametrize("kind", FACTS, ids=str)
def test_drawn_values_have_the_fact_and_others_do_not(kind: str) -> None:
    drawn = FACTS[kind].drawn(np.random.default_rng(1).standard_normal((4, 4)), -1)
    assert FACTS[kind].holds(drawn, -1) and FACTS[kind].holds(FACTS[kind].made(drawn, -1), -1)
    assert not FACTS[kind].holds(np.array([[1.0, -2.0], [3.0, 4.0]]), -1)


def test_starting_values_have_the_facts() -> None:
    net = sb.Network()
    W = net.parameter("W", (4, 4))
    net.define("L", (W**2).sum())
    net.assume("orthogonal", W)
    start = net.initial()["W"]
    assert np.allclose(start.T @ start, np.eye(4))


def test_values_drawn_by_a_seed_are_drawn_with_the_facts() -> None:
    net = sb.parse("L = np.sum((Q @ x - y)**2)", shapes={"Q": (3, 3), "x": (3,), "y": (3,)}, wrt=["x"], seed=0)
    net.assume("orthogonal", "Q")
    assert np.allclose(net.values["Q"].T @ net.values["Q"], np.eye(3))
    assert sb.check_gradients(sb.derive(net)).ok


# --- the proof --------------------------------------------------------------------------------------------------------


def test_a_false_identity_is_not_proved() -> None:
    net = sb.network(CASES["columns that span less than all"][0], assume=sp.Q.orthogonal(T))
    named = name_equations(net, wrt=["u"])
    leaf = net["T"]
    facts = named.assumptions
    assert equal_by_definitions(named, leaf.T @ leaf, eye(leaf.shape[1]), facts)
    assert not equal_by_definitions(named, leaf @ leaf.T, eye(leaf.shape[0]), facts)
    assert not equal_by_definitions(named, leaf.T @ leaf, eye(leaf.shape[1]))


def test_a_wrong_rule_is_caught_by_the_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Granted, "_identity", lambda self, a, b: self._orthogonal_of(a) if a.ndim == 2 else None)
    tall = sb.network(sp.Trace(T * T.T * B * B.T), assume=sp.Q.orthogonal(T))
    found = sb.derive(tall, ["B"]).gradient("B", closed=True)
    assert str(found) != "2 * B"
