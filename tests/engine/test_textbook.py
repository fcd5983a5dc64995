"""Every row's derivative is derived from its definition and equals its differences; definitions are known in any spelling."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy as sp

import symback as sb
from symback.api import derive
from symback.core.errors import DerivationError
from symback.core.forms import Apply, Form, Function, Prime, apply, name, number, size, undefined, walk, where
from symback.engine.calculus import partials
from symback.engine.elements import evaluate_element, lower
from symback.engine.interpreter import EXACT, evaluate
from symback.engine.textbook import identify, prime_form, uses_output, with_known_quotients
from symback.functions import ROWS, register
from symback.functions.activations import ACTIVATIONS
from symback.functions.losses import LOSSES
from symback.functions.special import SPECIAL
from symback.networks.network import Network
from tests.support.plain import SPOKEN, sigmoid, softmax
from tests.support.small_networks import exp, log

ENTRYWISE = [row for row in ROWS.values() if row.entrywise and not row.inline]
ALONG_AXIS = [row for row in ACTIVATIONS if not row.entrywise and not row.inline]
SLOTS = [(row, position) for row in ENTRYWISE for position in range(row.variable, row.arguments)]


def slot_name(slot: Any) -> str:
    return slot.name if isinstance(slot, Function) else str(slot)


# --- rows mean what their names say, and hold no derivative -----------------------------------------------------------

MEANING: dict[str, Callable[..., Any]] = {
    **SPOKEN,
    "sign": np.sign,
    "leaky_relu": lambda x, alpha: np.where(x > 0, x, alpha * x),
    "log_sigmoid": lambda x: -np.logaddexp(0, -x),
    "log_softmax": lambda z, axis=-1: z - np.log(np.exp(z).sum(axis=axis, keepdims=True)),
    "logsumexp": lambda z, axis=-1, keepdims=False: np.log(np.exp(z).sum(axis=axis, keepdims=keepdims)),
    "half_squared_error": lambda p, t: ((p - t) ** 2).sum() / 2,
    "mse": lambda p, t: ((p - t) ** 2).mean(),
    "l1": lambda p, t: np.abs(p - t).mean(),
    "huber": lambda p, t: np.mean([e * e / 2 if abs(e) <= 1 else abs(e) - 0.5 for e in (p - t).flat]),
    "bce": lambda p, t: np.mean(-t * np.log(p) - (1 - t) * np.log(1 - p)),
    "bce_with_logits": lambda z, t: np.mean(-t * np.log(sigmoid(z)) - (1 - t) * np.log(1 - sigmoid(z))),
    "cross_entropy": lambda z, t: -np.mean([(row @ np.log(softmax(z)[k])) for k, row in enumerate(t)]),
    "nll": lambda ell, t: -np.mean((ell * t).sum(axis=1)),
}
"""What NumPy says the rows are. A new row does not need an entry."""


@pytest.mark.parametrize("row", [ROWS[k] for k in MEANING if k in ROWS], ids=slot_name)
def test_a_definition_is_the_function_of_that_name(row: Function) -> None:
    rng = np.random.default_rng(0)
    given = [rng.uniform(0.1, 0.9, (4, 3)) if row.inline else rng.uniform(-3, 3, (4, 3)) for _ in range(row.arguments)]
    if row.name == "clip":
        given[1:] = [given[1] - 3, given[2] + 3]
    leaves = [name(f"x{k}", (4, 3)) for k in range(row.arguments)]
    assert row.definition is not None
    have = evaluate(row.definition(*leaves), {f"x{k}": v for k, v in enumerate(given)})
    np.testing.assert_allclose(have, MEANING[row.name](*given), rtol=1e-12, atol=1e-14)


def test_no_row_holds_a_derivative() -> None:
    for entry in dataclasses.fields(Function):
        assert not any(word in entry.name for word in ("deriv", "grad", "prime", "backward", "vjp")), entry.name
    for row in ROWS.values():
        callables = [f.name for f in dataclasses.fields(Function) if callable(getattr(row, f.name))]
        assert set(callables) <= {"definition", "call", "one_sided"} and callables[0] == "definition", row.name
    for row in (*ENTRYWISE, *ALONG_AXIS):
        assert row.definition is not None
        body = row.definition(*[name(f"x{k}", (2, 3)) for k in range(row.arguments)])
        assert not any(isinstance(n, Apply) and isinstance(n.op, Prime) for n in walk(body)), row.name


def test_a_new_row_gets_its_derivative_by_itself() -> None:
    row = Function("test_swish", lambda x: x / (number(1) + apply("exp", -x)))
    register(row)
    try:
        net = Network()
        z = net.parameter("z", (3,))
        net.define("L", ROWS["test_swish"](z).sum())
        at = np.array([-1.0, 0.0, 1.0])
        _, gradients = derive(net).lambdify()(z=at)
        s = sigmoid(at)
        np.testing.assert_allclose(gradients["z"], s + at * s * (1 - s), rtol=1e-12)
    finally:
        del ROWS["test_swish"]


# --- derivatives of entrywise rows ------------------------------------------------------------------------------------


def exact(row: Function, arguments: list[Any]) -> Any:
    """Return the definition at mpmath numbers, to many digits."""
    leaves = [name(f"x{k}") for k in range(row.arguments)]
    assert row.definition is not None
    body = row.definition(*leaves, **row.parameters)
    return evaluate(body, {f"x{k}": mpmath.mpf(a) for k, a in enumerate(arguments)}, {}, EXACT)


def one_sided(row: Function, arguments: list[Any], position: int) -> tuple[Any, Any]:
    """Return the differences to the left and to the right."""
    with mpmath.workdps(50):
        h = mpmath.mpf(10) ** -20
        found = []
        for sign in (-1, 1):
            near = list(map(mpmath.mpf, arguments))
            far = list(near)
            near[position] += sign * h
            far[position] += 2 * sign * h
            found.append((exact(row, far) - exact(row, near)) / (sign * h))
        return float(found[0]), float(found[1])


def declared(row: Function, arguments: list[Any], position: int, with_output: bool) -> float:
    leaves = tuple(name(f"x{k}") for k in range(row.arguments))
    form = prime_form(Prime(row, position), leaves, name("y") if with_output else None)
    values: dict[str, Any] = {f"x{k}": float(a) for k, a in enumerate(arguments)}
    if with_output:
        values["y"] = float(exact(row, arguments))
    return float(evaluate(form, values))


def places(row: Function) -> list[list[float]]:
    """Return arguments over the row's domain, ties and the ends of intervals included."""
    low, high = row.domain
    first = [float(v) for v in (*np.linspace(low, high, 8), 0.0, 0.5, 1.0) if low <= v <= high]
    if row.orders:
        return [[n, x] for n in row.orders for x in first]
    if row.arguments == 1:
        return [[x] for x in first]
    if row.arguments == 2:
        second = list(row.defaults) or [v for v in (-1.0, 0.5) if low <= v <= high]
        return [[x, y] for x in [*first, *second] for y in second]
    return [[x, -1.0, 0.5] for x in [*first, -1.0, 0.5]]


@pytest.mark.parametrize(("row", "position"), SLOTS, ids=slot_name)
def test_a_derived_derivative_equals_differences_of_the_definition(row: Function, position: int) -> None:
    kinks = 0
    for arguments in places(row):
        left, right = one_sided(row, arguments, position)
        for with_output in (False, True):
            value = declared(row, arguments, position, with_output)
            if abs(left - right) < 1e-9:
                assert value == pytest.approx((left + right) / 2, rel=1e-10, abs=1e-12), arguments
            else:
                kinks += 1
                assert min(left, right) - 1e-12 <= value <= max(left, right) + 1e-12, arguments
    if kinks:
        assert row.kinks, f"{row.name} has a kink that its row does not state"


def test_the_comparison_with_differences_sees_a_planted_error() -> None:
    row = ROWS["sigmoid"]
    left, right = one_sided(row, [0.7], 0)
    wrong = declared(row, [0.7], 0, False) * 1.001
    assert left == pytest.approx(right, rel=1e-9)
    assert wrong != pytest.approx(left, rel=1e-10, abs=1e-12)
    assert declared(row, [0.7], 0, True) == pytest.approx(left, rel=1e-10)


@pytest.mark.parametrize(
    ("label", "arguments", "position", "value"),
    [
        ("relu", [0.0], 0, 0.0),
        ("absolute", [0.0], 0, 0.0),
        ("sign", [0.0], 0, 0.0),
        ("leaky_relu", [0.0, 0.1], 0, 0.1),
        ("maximum", [2.0, 2.0], 0, 0.5),
        ("maximum", [2.0, 2.0], 1, 0.5),
        ("minimum", [2.0, 2.0], 0, 0.5),
        ("minimum", [2.0, 2.0], 1, 0.5),
        ("clip", [-1.0, -1.0, 2.0], 0, 1.0),
        ("clip", [2.0, -1.0, 2.0], 0, 1.0),
        ("clip", [3.0, -1.0, 2.0], 0, 0.0),
    ],
)
def test_the_value_at_a_kink(label: str, arguments: list[float], position: int, value: float) -> None:
    assert declared(ROWS[label], arguments, position, False) == value


def raw(row: Function, arguments: list[float], position: int) -> float:
    """Return the derivative straight from the calculus, in no textbook form."""
    leaves = [name(f"x{k}") for k in range(row.arguments)]
    assert row.definition is not None
    found = partials(lower(row.definition(*leaves)), f"x{position}")
    values = {f"x{k}": np.array(float(a)) for k, a in enumerate(arguments)}

    def call(op: Any, args: tuple[Any, ...]) -> Any:
        if op.name in SPOKEN:
            return SPOKEN[op.name](*args)
        # a function inside the definition, or its derivative, which has a test of its own
        inner = [name(f"u{k}") for k in range(len(args))]
        return evaluate(apply(op, *inner), {f"u{k}": a for k, a in enumerate(args)})

    return float(evaluate_element(sp.Add(*[p.coefficient for p in found]), [], values, {}, call))


@pytest.mark.parametrize(("row", "position"), SLOTS, ids=slot_name)
def test_the_textbook_form_equals_the_raw_one(row: Function, position: int) -> None:
    for arguments in places(row):
        for with_output in (False, True):
            value = declared(row, arguments, position, with_output)
            assert value == pytest.approx(raw(row, arguments, position), rel=1e-12, abs=1e-13)


@pytest.mark.parametrize(
    ("label", "text"),
    [
        ("sigmoid", "a * (1 - a)"),
        ("tanh", "1 - a**2"),
        ("relu", "z > 0"),
        ("absolute", "sign(z)"),
        ("softplus", "sigmoid(z)"),
        ("log_sigmoid", "sigmoid(-z)"),
    ],
)
def test_the_form_that_textbooks_print(label: str, text: str) -> None:
    assert str(prime_form(Prime(ROWS[label], 0), (name("z"),), name("a"))) == text
    assert uses_output(Prime(ROWS[label], 0)) == ("a" in text and "(z)" not in text)


def test_a_derivative_has_the_shape_of_the_call() -> None:
    z, alpha = name("z", (2, 3)), name("alpha")
    for form in (z, name("w", (3,))):
        assert prime_form(Prime(ROWS["maximum"], 1), (z, form)).shape == (2, 3)
    assert prime_form(Prime(ROWS["leaky_relu"], 1), (z, alpha)).shape == (2, 3)


def test_an_undefined_function_keeps_its_derivative() -> None:
    with pytest.raises(DerivationError, match="f is undefined, its derivative stays f'"):
        prime_form(Prime(undefined("f"), 0), (name("x"),))


# --- derivatives through a whole derivation ---------------------------------------------------------------------------


def slopes(loss: Callable[..., Any], values: dict[str, Any], of: str) -> np.ndarray:
    """Return central differences of a definition to many digits."""
    with mpmath.workdps(50):
        h = mpmath.mpf(10) ** -20
        lift = np.vectorize(mpmath.mpf, otypes=[object])
        start = {k: lift(v) for k, v in values.items()}
        found = np.zeros(np.shape(values[of]))
        for entry in np.ndindex(found.shape):
            sides = []
            for sign in (1, -1):
                moved = dict(start)
                moved[of] = start[of].copy()
                moved[of][entry] += sign * h
                sides.append(loss(**moved))
            found[entry] = float((sides[0] - sides[1]) / (2 * h))
    return found


def checked_against_differences(form: Form, values: dict[str, Any], of: list[str], collapse: bool = True) -> None:
    net = Network()
    for label, value in values.items():
        (net.parameter if label in of else net.input)(label, np.shape(value))
    net.define("L", form)
    _, gradients = derive(net, collapse=collapse).lambdify()(**values)

    def loss(**moved: Any) -> Any:
        return evaluate(form, moved, {}, EXACT)

    for label in of:
        np.testing.assert_allclose(gradients[label], slopes(loss, values, label), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("row", ENTRYWISE, ids=slot_name)
def test_an_entrywise_row_through_a_derivation(row: Function) -> None:
    rng = np.random.default_rng(1)
    values = {f"x{k}": rng.uniform(*row.domain, (2, 3)) for k in range(row.arguments)}
    if row.orders:
        values["x0"] = rng.choice(row.orders, (2, 3))
    if row.name == "clip":
        values["x1"], values["x2"] = values["x1"] - 3, values["x2"] + 3
    values["c"] = rng.uniform(0.2, 0.9, (2, 3))
    leaves = {k: name(k, (2, 3)) for k in values}
    call = row(*[leaves[f"x{k}"] for k in range(row.arguments)])
    of = [f"x{k}" for k in range(row.variable, row.arguments)]
    checked_against_differences((call * leaves["c"]).sum(), values, of)


@pytest.mark.parametrize("row", [row for row in ENTRYWISE if row.orders], ids=slot_name)
def test_a_derivative_with_respect_to_an_order_is_refused(row: Function) -> None:
    label = row.argument_names[0]
    said = rf"no formula has the derivative of {row.name}\({label}, x\) with respect to {label}"
    leaves = (name("x0"), name("x1"))
    with pytest.raises(DerivationError, match=said):
        prime_form(Prime(row, 0), leaves)
    with pytest.raises(DerivationError, match=said):
        partials(lower(row.definition(*leaves)), "x0")  # type: ignore[misc]
    net = Network()
    order = net.parameter("n")
    net.define("L", row(order, net.input("t")) ** 2)
    with pytest.raises(DerivationError, match=said):
        derive(net)


@pytest.mark.parametrize("row", ALONG_AXIS, ids=slot_name)
@pytest.mark.parametrize("shape", [(4,), (2, 3), (3, 3), (1, 3), (3, 1), (2, 3, 2)], ids=str)
def test_a_row_along_an_axis_through_a_derivation(row: Function, shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(2)
    for axis, keepdims in itertools.product(range(len(shape)), [False, True]):
        options: dict[str, Any] = {"axis": axis}
        if "keepdims" in row.parameters:
            options["keepdims"] = keepdims
        elif keepdims:
            continue
        call = row(name("z", shape), **options)
        values = {"z": rng.uniform(*row.domain, shape), "c": rng.uniform(0.2, 0.9, call.shape)}
        checked_against_differences((call * name("c", call.shape)).sum(), values, ["z", "c"])


@pytest.mark.parametrize("row", [r for r in LOSSES if r.name in MEANING], ids=slot_name)
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_a_loss_through_a_derivation(row: Function, reduction: str) -> None:
    rng = np.random.default_rng(3)
    values = {"p": rng.uniform(0.1, 0.9, (3, 4)), "t": rng.uniform(0.1, 0.9, (3, 4))}
    form = row(name("p", (3, 4)), name("t", (3, 4)), reduction=reduction)
    for collapse in (True, False):
        checked_against_differences(form, values, ["p", "t"], collapse)


def test_huber_on_both_branches_and_at_its_bound() -> None:
    values = {"p": np.array([0.2, -0.5, 3.0, -4.0]), "t": np.zeros(4)}
    checked_against_differences(ROWS["huber"](name("p", (4,)), name("t", (4,)), delta=2.0), values, ["p", "t"])
    net = Network()
    p = net.parameter("p", (4,))
    net.define("L", ROWS["huber"](p, number(0), reduction="sum"))
    _, gradients = derive(net).lambdify()(p=np.array([1.0, -1.0, 0.0, 1e4]))
    np.testing.assert_array_equal(gradients["p"], [1.0, -1.0, 0.0, 1.0])


@pytest.mark.parametrize("label", [r.name for r in ROWS.values() if not r.inline and r not in SPECIAL])
def test_values_and_gradients_far_out_are_finite(label: str) -> None:
    row = ROWS[label]
    far = np.array([-1e4, -800.0, -37.0, 0.0, 37.0, 800.0, 1e4])
    net = Network()
    z = net.parameter("z", (7,))
    net.define("L", row(z, *[number(v) for v in (row.defaults or (-1, 1))[: row.arguments - 1]]).sum())
    loss, gradients = derive(net).lambdify()(z=far)
    assert np.isfinite(loss) and np.isfinite(gradients["z"]).all()


# --- identification ---------------------------------------------------------------------------------------------------

x = name("x", (3,))
A = name("A", (size("n"), 4))
ROW = {"keepdims": True, "axis": 1}


tanh, relu, maximum, minimum, clip = (ROWS[k] for k in ("tanh", "relu", "maximum", "minimum", "clip"))
shifted = A - A.max(**ROW)

SPELLINGS: list[tuple[Form, str]] = [
    (1 / (1 + exp(-x)), "sigmoid(x)"),
    (1.0 / (1.0 + exp(-x)), "sigmoid(x)"),
    (1 / (exp(-x) + 1), "sigmoid(x)"),
    (1 / (1 + 1 / exp(x)), "sigmoid(x)"),
    (exp(x) / (1 + exp(x)), "sigmoid(x)"),
    ((1 + exp(-x)) ** -1, "sigmoid(x)"),
    (0.5 * (tanh(x / 2) + 1), "sigmoid(x)"),
    (1 - 1 / (1 + exp(x)), "sigmoid(x)"),
    (exp(-log(1 + exp(-x))), "sigmoid(x)"),
    (where(x >= 0, 1 / (1 + exp(-x)), exp(x) / (1 + exp(x))), "sigmoid(x)"),
    (1 / (1 + exp(-(x @ name("W", (3, 2))))), "sigmoid(x @ W)"),
    (1 / (1 + exp(-clip(x, -500, 500))), "sigmoid(clip(x, -500, 500))"),
    (log(1 + exp(x)), "softplus(x)"),
    (maximum(x, 0) + log(1 + exp(-abs(x))), "softplus(x)"),
    (-log(1 - ROWS["sigmoid"](x)), "softplus(x)"),
    (log(1 / (1 + exp(-x))), "np.log(sigmoid(x))"),
    (log(1 - 1 / (1 + exp(-x))), "np.log(sigmoid(-x))"),
    (-log(1 + exp(-x)), "log_sigmoid(x)"),
    ((exp(x) - exp(-x)) / (exp(x) + exp(-x)), "tanh(x)"),
    ((exp(2 * x) - 1) / (exp(2 * x) + 1), "tanh(x)"),
    (2 / (1 + exp(-2 * x)) - 1, "tanh(x)"),
    (maximum(0, x), "relu(x)"),
    (maximum(x, 0.0), "relu(x)"),
    (where(x > 0, x, 0), "relu(x)"),
    ((x > 0) * x, "relu(x)"),
    (where(x > 0, x, 0.01 * x), "leaky_relu(x, 0.01)"),
    (maximum(x, 0.2 * x), "leaky_relu(x, 0.2)"),
    (maximum(x, 0) + 0.1 * minimum(x, 0), "leaky_relu(x, 0.1)"),
    (exp(A) / exp(A).sum(**ROW), "softmax(A, axis=1)"),
    (exp(A) / exp(A).sum(axis=1)[:, None], "softmax(A, axis=1)"),
    (exp(shifted) / exp(shifted).sum(**ROW), "softmax(A, axis=1)"),
    (exp(A) / exp(A).sum(axis=0), "softmax(A, axis=0)"),
    (exp(x - x.max()) / exp(x - x.max()).sum(), "softmax(x, axis=0)"),
    (log(exp(A).sum(axis=1)), "logsumexp(A, axis=1, keepdims=False)"),
    (A.max(**ROW) + log(exp(shifted).sum(**ROW)), "logsumexp(A, axis=1, keepdims=True)"),
    (A - log(exp(A).sum(**ROW)), "log_softmax(A, axis=1)"),
    (shifted - log(exp(shifted).sum(**ROW)), "log_softmax(A, axis=1)"),
    (log(exp(A) / exp(A).sum(**ROW)), "np.log(softmax(A, axis=1))"),
    (x / (1 + exp(-x)), "silu(x)"),
    (x * tanh(log(1 + exp(x))), "mish(x)"),
    (where(x > 0, x, exp(x) - 1), "elu(x, 1.0)"),
]


@pytest.mark.parametrize(("written", "text"), SPELLINGS, ids=[str(f) for f, _ in SPELLINGS])
def test_a_function_is_known_in_any_spelling(written: Form, text: str) -> None:
    found = identify(written)
    assert str(found) == text and found.shape == written.shape
    rng = np.random.default_rng(0)
    values = {"x": rng.uniform(-3, 3, 3), "A": rng.uniform(-3, 3, (5, 4)), "W": rng.uniform(-1, 1, (3, 2))}
    np.testing.assert_allclose(
        evaluate(found, values, {size("n"): 5}), evaluate(written, values, {size("n"): 5}), rtol=1e-9
    )


NEAR = [
    1 / (1.000000001 + exp(-x)),
    (tanh(x / 2) + 1.000000001) / 2,
    1 / (1 - exp(-x)),
    where(x > 0, x, 0.01 * x + 1e-9),
    where(x > 1e-9, x, 0),
    where(x > 1e-3, x, 0.01 * x),
    where(x > 0, x, exp(x) - 1.000000001),
    clip(x, 0, 6),
    clip(x, 0, 10),
    clip(x, 0, 1e6),
    maximum(x, 1),
    maximum(x, -500),
    log(1.000000001 + exp(x)),
    log(exp(A).mean(axis=1)),
    exp(A) / (exp(A).sum(**ROW) + 1e-9),
    exp(2 * A) / exp(A).sum(**ROW),
    0.5 * log(2 + x.mean(keepdims=True) ** 2),
    0.5 * log(2 + name("u", (1, 1)).sum(keepdims=True) ** 2),
]


@pytest.mark.parametrize("written", NEAR, ids=str)
def test_a_near_miss_is_left_alone(written: Form) -> None:
    calls = {
        n.op.name
        for n in walk(identify(written))
        if isinstance(n, Apply) and isinstance(n.op, Function) and not n.op.elementary
    }
    there = {
        n.op.name for n in walk(written) if isinstance(n, Apply) and isinstance(n.op, Function) and not n.op.elementary
    }
    assert calls == there


@pytest.mark.parametrize(
    ("written", "known"),
    [
        (1 / (1 + exp(x)), "sigmoid(-x)"),
        (1 / (1 + exp(-2 * x)), "sigmoid(2 * x)"),
        (1 / (1 + exp(-x + 1e-9)), "sigmoid(x - 1e-09)"),
        (1 / (1 + exp(-1.000000001 * x)), "sigmoid(1.000000001 * x)"),
    ],
    ids=str,
)
def test_a_sigmoid_keeps_its_own_argument(written: Form, known: str) -> None:
    assert str(identify(written)) == known


def test_a_bound_keeps_part_of_a_formula_from_being_taken() -> None:
    assert str(identify(minimum(maximum(x, 0), 20))) == "minimum(relu(x), 20)"
    assert str(identify(where(x > 20, x, log(1 + exp(x))))) == "np.where(x > 20, x, softplus(x))"


def test_a_part_of_a_sum_is_known() -> None:
    y = name("y", (3,))
    stable = maximum(x, 0) - x * y + log(1 + exp(-abs(x)))
    assert str(identify(stable)) == "softplus(x) - x * y"


def test_a_quotient_of_exponentials_is_softmax_whatever_stands_beside_it() -> None:
    c = name("c", (size("n"),))
    form = c[:, None] * exp(A) / (exp(A).sum(**ROW) * 3)
    assert str(with_known_quotients(form)) == "c[:, None] * softmax(A, axis=1) / 3"
    other = exp(A) / exp(2 * A).sum(**ROW)
    assert with_known_quotients(other) is other


@pytest.mark.parametrize("row", [r for r in ROWS.values() if r.shift_invariant], ids=lambda r: r.name)
def test_a_row_said_to_be_shift_invariant_is(row: Function) -> None:
    z = np.random.default_rng(4).normal(size=(3, 4))
    leaf = name("z", (3, 4))
    call = row(leaf, axis=1)
    plain = evaluate(call, {"z": z})
    np.testing.assert_allclose(evaluate(call, {"z": z - np.array([[1.5], [-2.0], [0.25]])}), plain, rtol=1e-12)
    assert not np.allclose(evaluate(call, {"z": z - np.array([0.5, 0.0, 0.0, 0.0])}), plain)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (-log(1 / (1 + exp(-x))), "-np.log(sigmoid(x))"),
        (-log(1 / (1 + exp(x))), "-np.log(sigmoid(-x))"),
        (-log(1 / (1 + exp(-x))) - log(1 / (1 + exp(x))), "-np.log(sigmoid(x)) - np.log(sigmoid(-x))"),
        (log(1 + exp(-x)), "softplus(-x)"),
    ],
    ids=str,
)
def test_a_logarithm_of_a_function_that_is_spelled_out_stays_one(written: Form, text: str) -> None:
    assert str(identify(written)) == text


def test_scalar_and_array_terms_of_one_formula_are_read_alike() -> None:
    d = sb.derive(
        sb.parse(
            "L = -np.log(1/(1+np.exp(-(u @ v)))) - np.sum(np.log(1/(1+np.exp(U @ v))))",
            shapes={"u": ("d",), "v": ("d",), "U": ("K", "d")},
            wrt=["v", "u", "U"],
        )
    )
    assert str(d.network.equation("L").form) == "-np.log(a1) - np.log(a2).sum()"
    assert [str(d.step(z).form) for z in ("z1", "z2")] == ["a1 - 1", "a2 - 1"]
    generator = np.random.default_rng(0)
    values = {
        "u": generator.standard_normal(3),
        "v": generator.standard_normal(3),
        "U": generator.standard_normal((4, 3)),
    }
    u, v, U = values["u"], values["v"], values["U"]

    def squashed(z: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-z))

    _, gradients = d.lambdify()(**values)
    assert np.allclose(gradients["v"], (squashed(u @ v) - 1) * u + U.T @ squashed(U @ v))
    assert sb.check_gradients(d, values).ok
    _, far = d.lambdify()(u=1e3 * u, v=v, U=1e3 * U)
    assert all(np.isfinite(g).all() for g in far.values())
