"""Every row of the tables of primitives and activations, walked: its derivative against definitions written a second time.

The oracles below are mpmath at fifty digits and PyTorch in float64; neither shares a line with the rows.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any

import mpmath as mp
import numpy as np
import pytest

import symback as sb
from symback import functions
from symback.core.errors import NetworkError, ShapeError
from symback.core.forms import Form, Function, Number, Prime, apply, name, number, walk, where
from symback.engine.calculus import partials
from symback.engine.elements import evaluate_element, lower
from symback.engine.interpreter import EXACT, evaluate
from symback.engine.textbook import identified, prime_form
from symback.functions import ALIASES, ROWS
from symback.functions.activations import ACTIVATIONS
from symback.functions.arrays import ARRAYS
from symback.functions.losses import LOSSES
from symback.functions.primitives import PRIMITIVES
from symback.functions.special import SPECIAL
from symback.run.codegen import arrays as array_target
from tests.support import needs

WALKED = (*PRIMITIVES, *ACTIVATIONS)
ENTRYWISE = [row for row in WALKED if row.entrywise]
ALONG_AXIS = [row for row in WALKED if not row.entrywise]


# --- the definitions, written a second time -----------------------------------------------------------------------------


def _phi(x: Any) -> Any:
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def _relu(x: Any) -> Any:
    return x if x > 0 else mp.mpf(0)


def _softplus(x: Any) -> Any:
    return mp.log1p(mp.exp(x)) if x < 0 else x + mp.log1p(mp.exp(-x))


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


SCALE, ALPHA = mp.mpf("1.0507009873554804934193349852946"), mp.mpf("1.6732632423543772848170429916717")

ORACLES: dict[str, Callable[..., Any]] = {
    "sign": lambda x: mp.sign(x),
    "absolute": lambda x: abs(x),
    "maximum": lambda u, v: max(u, v),
    "minimum": lambda u, v: min(u, v),
    "positive_part": _relu,
    "clip": lambda x, low, high: min(max(x, low), high),
    "erf": lambda x: mp.erf(x),
    "sigmoid": _sigmoid,
    "tanh": lambda x: mp.tanh(x),
    "relu": _relu,
    "relu6": lambda x: min(_relu(x), mp.mpf(6)),
    "leaky_relu": lambda x, a: x if x > 0 else a * x,
    "prelu": lambda x, a: x if x > 0 else a * x,
    "elu": lambda x, a: x if x > 0 else a * mp.expm1(x),
    "selu": lambda x: SCALE * (x if x > 0 else ALPHA * mp.expm1(x)),
    "celu": lambda x, a: _relu(x) + min(mp.mpf(0), a * mp.expm1(x / a)),
    "gelu": lambda x: x * mp.ncdf(x),
    "gelu_tanh": lambda x: x / 2 * (1 + mp.tanh(mp.sqrt(2 / mp.pi) * (x + mp.mpf("0.044715") * x**3))),
    "softplus": _softplus,
    "log_sigmoid": lambda x: -_softplus(-x),
    "logaddexp": lambda u, v: max(u, v) + mp.log1p(mp.exp(-abs(u - v))),
    "log_cosh": lambda x: abs(x) + mp.log1p(mp.exp(-2 * abs(x))) - mp.log(2),
    "softsign": lambda x: x / (1 + abs(x)),
    "hardsigmoid": lambda x: min(max(x + 3, mp.mpf(0)), mp.mpf(6)) / 6,
    "hardtanh": lambda x, low, high: min(max(x, low), high),
    "tanhshrink": lambda x: x - mp.tanh(x),
    "softshrink": lambda x, k: mp.sign(x) * _relu(abs(x) - k),
    "hardshrink": lambda x, k: x if abs(x) > k else mp.mpf(0),
    "threshold": lambda x, t, v: x if x > t else v,
    "silu": lambda x: x * _sigmoid(x),
    "mish": lambda x: x * mp.tanh(_softplus(x)),
    "hardswish": lambda x: x * min(max(x + 3, mp.mpf(0)), mp.mpf(6)) / 6,
    "normal_density": _phi,
    "normal_cdf": lambda x: mp.ncdf(x),
}
TRAILING: dict[str, list[tuple[float, ...]]] = {
    "maximum": [(0.4,)],
    "minimum": [(0.4,)],
    "logaddexp": [(0.4,), (-3.0,)],
    "clip": [(-1.0, 0.75)],
    "leaky_relu": [(0.01,), (0.3,), (-0.5,)],
    "prelu": [(0.25,), (-0.125,)],
    "elu": [(1.0,), (0.5,)],
    "celu": [(1.0,), (0.5,), (2.0,)],
    "hardtanh": [(-1.0, 1.0), (-0.5, 2.0)],
    "softshrink": [(0.5,), (0.25,)],
    "hardshrink": [(0.5,), (0.25,)],
    "threshold": [(0.5, -2.0), (-0.25, 3.0)],
}
"""Arguments after the first, as many sets as there are to be tried."""

CASES = [(row, rest) for row in ENTRYWISE for rest in TRAILING.get(row.name, [()])]
IDS = [f"{row.name}{rest or ''}" for row, rest in CASES]


def vector_softmax(z: list[Any]) -> list[Any]:
    top = max(z)
    total = mp.fsum(mp.exp(v - top) for v in z)
    return [mp.exp(v - top) / total for v in z]


def vector_lse(z: list[Any]) -> Any:
    top = max(z)
    return top + mp.log(mp.fsum(mp.exp(v - top) for v in z))


VECTORS: dict[str, Callable[[list[Any]], list[Any]]] = {
    "softmax": vector_softmax,
    "softmin": lambda z: vector_softmax([-v for v in z]),
    "log_softmax": lambda z: [v - vector_lse(z) for v in z],
    "logsumexp": lambda z: [vector_lse(z)],
    "softplus_sum": lambda z: [vector_lse([*z, mp.mpf(0)])],
    "glu": lambda z: [a * _sigmoid(b) for a, b in zip(z[: len(z) // 2], z[len(z) // 2 :], strict=True)],
}


@pytest.fixture(autouse=True)
def digits() -> Iterator[None]:
    with mp.workdps(50):
        yield


def test_every_row_is_walked_by_one_of_the_tests() -> None:
    assert {row.name for row in ENTRYWISE} == set(ORACLES)
    assert {row.name for row in ALONG_AXIS} == set(VECTORS)
    walked = {row.name for table in (PRIMITIVES, SPECIAL, ACTIVATIONS, LOSSES, ARRAYS) for row in table}
    assert set(ROWS) == walked
    assert {row.name for row in ENTRYWISE if row.arguments > 1} == set(TRAILING)


def test_no_row_holds_a_derivative() -> None:
    labels = {f.name for f in fields(Function)}
    assert not {
        label for label in labels if any(w in label for w in ("deriv", "grad", "prime", "backward", "adjoint", "vjp"))
    }
    for row in WALKED:
        assert callable(row.definition), row.name


@pytest.mark.parametrize("row", WALKED, ids=lambda row: row.name)
def test_a_row_says_what_it_is(row: Function) -> None:
    assert row.title and row.latex and row.text
    assert len(row.argument_names) == row.arguments
    assert not row.kinks or row.source, "the value at a kink has a source"
    low, high = row.domain
    assert low < 0 < high


def kinks_of(row: Function, rest: tuple[float, ...]) -> list[float]:
    """Return where the definition changes its formula: the numbers in it, the arguments, and 0."""
    assert row.definition is not None
    body = row.definition(name("x"), *[number(v) for v in rest])
    found = {0.0, *(float(n.value) for n in walk(body) if isinstance(n, Number))}
    return sorted({s * v for v in found for s in (1, -1) if abs(v) <= 6})


def exact_prime(row: Function, position: int, values: tuple[Any, ...]) -> Any:
    labels = [name(f"v{k}") for k in range(row.arguments)]
    body = prime_form(Prime(row, position), tuple(labels), apply(row, *labels))
    return np.asarray(evaluate(body, dict(zip((n.name for n in labels), values, strict=True)), {}, EXACT)).item()


STEP = mp.mpf(10) ** -15


def difference(row: Function, position: int, values: tuple[Any, ...], above: int, below: int) -> Any:
    def moved(count: int) -> Any:
        return ORACLES[row.name](*[v + count * STEP if k == position else v for k, v in enumerate(values)])

    return (moved(above) - moved(below)) / ((above - below) * STEP)


@pytest.mark.parametrize(("row", "rest"), CASES, ids=IDS)
def test_derivative_against_differences(row: Function, rest: tuple[float, ...]) -> None:
    kinks = kinks_of(row, rest)
    low, high = row.domain
    points = [p for p in np.linspace(low, high, 23) if min(abs(p - k) for k in kinks) > 1e-3]
    assert len(points) > 12
    for position in range(row.arguments):
        for x in points:
            values = (mp.mpf(float(x)), *map(mp.mpf, rest))
            central = difference(row, position, values, 1, -1)
            assert abs(exact_prime(row, position, values) - central) < 1e-12 * (1 + abs(central)), (position, x)


@pytest.mark.parametrize(("row", "rest"), CASES, ids=IDS)
def test_at_kinks_the_derivative_lies_between_the_one_sided_ones(row: Function, rest: tuple[float, ...]) -> None:
    for x in kinks_of(row, rest):
        values = (mp.mpf(x), *map(mp.mpf, rest))
        sides = sorted(difference(row, 0, values, above, below) for above, below in ((1, 0), (0, -1), (2, 1), (-1, -2)))
        declared = exact_prime(row, 0, values)
        assert sides[0] - mp.mpf("1e-10") <= declared <= sides[-1] + mp.mpf("1e-10"), (x, sides, declared)
        if sides[-1] - sides[0] > 1e-6:
            assert row.kinks, f"{row.name} has a kink at {x} that its row does not speak of"


def called(row: Function) -> Callable[[Any, tuple[Any, ...]], Any]:
    def call(op: Any, args: tuple[Any, ...]) -> Any:
        labels = [name(f"c{k}") for k in range(len(args))]
        made = apply(op, *labels) if not isinstance(op, Prime) else prime_form(op, tuple(labels), None)
        return evaluate(made, {n.name: v for n, v in zip(labels, args, strict=True)})

    return call


@pytest.mark.parametrize(("row", "rest"), CASES, ids=IDS)
def test_textbook_form_equals_the_raw_derivative(row: Function, rest: tuple[float, ...]) -> None:
    assert row.definition is not None
    labels = [name(f"v{k}") for k in range(row.arguments)]
    raw = lower(row.definition(*labels))
    for position in range(row.arguments):
        coefficient = sum(p.coefficient for p in partials(raw, f"v{position}"))
        for x in (*np.linspace(*row.domain, 9) + 0.0137, *kinks_of(row, rest)):
            values = (float(x), *rest)
            environment = {n.name: np.float64(v) for n, v in zip(labels, values, strict=True)}
            if not hasattr(coefficient, "args"):
                expected = float(coefficient)
            else:
                expected = float(evaluate_element(coefficient, (), environment, {}, called(row)))
            short = prime_form(Prime(row, position), tuple(labels), apply(row, *labels))
            assert np.isclose(float(evaluate(short, environment)), expected, rtol=1e-11, atol=1e-12), (position, x)


# --- the code that runs -------------------------------------------------------------------------------------------------

FAR = sorted(
    {
        s * v
        for v in (0.0, 1e-9, 1e-3, 0.4, 0.9, 1.7, 2.9, 5.5, 12.0, 36.5, 100.0, 709.5, 745.5, 1e3, 1e4)
        for s in (1, -1)
    }
)


def loss_of(row: Function, shape: tuple[int, ...]) -> Any:
    net = sb.Network()
    z = net.parameter("z", shape)
    rest = [net.parameter(f"p{k}") for k in range(1, row.arguments)]
    net.define("a", row(z, *rest))
    net.define("L", sb.sum(net["a"]) if shape else net["a"])
    return sb.derive(net, wrt=["z", *(r.name for r in rest)])


@pytest.mark.parametrize(("row", "rest"), CASES, ids=IDS)
def test_generated_code_is_accurate_far_out(row: Function, rest: tuple[float, ...]) -> None:
    kinks = kinks_of(row, rest)
    points = [x for x in FAR if all(abs(x - k) > 1e-12 for k in kinks)]
    arrays, scalar = loss_of(row, (len(points),)), loss_of(row, ()).lambdify()
    given = {f"p{k}": v for k, v in enumerate(rest, start=1)}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        at_once = arrays.evaluate({"z": np.array(points), **given})
        one_by_one = [scalar(z=x, **given) for x in points]
    with mp.workdps(60):
        far = mp.mpf(10) ** -25
        for k, x in enumerate(points):
            values = (mp.mpf(x), *map(mp.mpf, rest))
            oracle = ORACLES[row.name]
            true = oracle(*values)
            slope = (oracle(values[0] + far, *values[1:]) - oracle(values[0] - far, *values[1:])) / (2 * far)
            found = (at_once.values["a"][k], one_by_one[k][0])
            slopes = (at_once.gradients["z"][k], one_by_one[k][1]["z"])
            assert all(abs(v - true) <= 1e-12 * max(1, abs(true)) for v in found), (x, found, true)
            assert all(abs(v - slope) <= 1e-12 * max(1, abs(slope)) for v in slopes), (x, slopes, slope)


@pytest.mark.parametrize("label", ["sigmoid", "softplus", "log_sigmoid", "elu", "selu", "celu", "tanh", "silu"])
def test_rows_with_a_safe_evaluation_keep_small_values(label: str) -> None:
    row = ROWS[label]
    points = [-700.0, -300.5, -40.0, -1e-3, -1e-9, 1e-12, 1e-5, 30.0]
    given = dict.fromkeys((f"p{k}" for k in range(1, row.arguments)), 1.0)
    found = loss_of(row, (len(points),)).evaluate({"z": np.array(points), **given}).values["a"]
    for value, x in zip(found, points, strict=True):
        true = ORACLES[label](mp.mpf(x), *map(mp.mpf, given.values()))
        assert abs(value - true) <= 1e-12 * abs(true), (x, value, true)


def test_a_planted_error_is_caught() -> None:
    wrong = Function("gelu", lambda x: x * functions.ROWS["sigmoid"](1.702 * x), latex="g", text="g")
    with pytest.raises(AssertionError):
        test_derivative_against_differences(wrong, ())
    flipped = Function("relu", lambda x: where(x >= 0, x, number(0)) - number(0), latex="r", text="r", kinks="?")
    test_at_kinks_the_derivative_lies_between_the_one_sided_ones(flipped, ())
    steep = Function("relu", lambda x: where(x > 0, number(1.001) * x, number(0)), latex="r", text="r", kinks="?")
    with pytest.raises(AssertionError):
        test_at_kinks_the_derivative_lies_between_the_one_sided_ones(steep, ())


@pytest.mark.parametrize("row", [r for r in ENTRYWISE if r.reflected], ids=lambda row: row.name)
def test_reflected_rows(row: Function) -> None:
    for x in (0.0, 0.3, 1.7, 2.9, 4.5, 11.0):
        assert abs(ORACLES[row.name](mp.mpf(-x)) - (1 - ORACLES[row.name](mp.mpf(x)))) < mp.mpf(10) ** -45
    assert not any(
        abs(
            ORACLES[r.name](mp.mpf("-0.7"), *TRAILING.get(r.name, [()])[0])
            - 1
            + ORACLES[r.name](mp.mpf("0.7"), *TRAILING.get(r.name, [()])[0])
        )
        < 1e-9
        for r in ENTRYWISE
        if not r.reflected
    )


def test_the_error_function_without_scipy(monkeypatch: pytest.MonkeyPatch) -> None:
    d = loss_of(ROWS["gelu"], (5,))
    values = {"z": np.array([-30.0, -1.5, 0.0, 0.25, 8.0])}
    array_target._installed.cache_clear()
    monkeypatch.setattr(array_target, "_installed", lambda package: False)
    plain = loss_of(ROWS["gelu"], (5,))
    assert "scipy.special import" not in plain.code() and "def erf(x):" in plain.code()
    for derivation in (d, plain):
        found = derivation.evaluate(values)
        for x, value in zip(values["z"], found.values["a"], strict=True):
            assert abs(value - ORACLES["gelu"](mp.mpf(float(x)))) < 2e-15 * max(1, abs(x))


def test_the_error_function_with_scipy() -> None:
    needs.package("scipy")
    code = loss_of(ROWS["gelu"], (5,)).code()
    assert code.startswith("import numpy as np\nfrom scipy.special import erf\n") and "def erf" not in code


# --- PyTorch ------------------------------------------------------------------------------------------------------------

torch = None


def functional() -> Any:
    global torch
    torch = needs.package("torch")
    return torch.nn.functional


TORCH: dict[str, list[tuple[tuple[Any, ...], Callable[[Any, Any], Any]]]] = {
    "sign": [((), lambda F, x: torch.sign(x))],
    "absolute": [((), lambda F, x: torch.abs(x))],
    "erf": [((), lambda F, x: torch.erf(x))],
    "clip": [((-1.0, 0.75), lambda F, x: torch.clamp(x, -1.0, 0.75))],
    "sigmoid": [((), lambda F, x: F.sigmoid(x))],
    "tanh": [((), lambda F, x: F.tanh(x))],
    "relu": [((), lambda F, x: F.relu(x))],
    "relu6": [((), lambda F, x: F.relu6(x))],
    "leaky_relu": [((), lambda F, x: F.leaky_relu(x)), ((0.3,), lambda F, x: F.leaky_relu(x, 0.3))],
    "elu": [((), lambda F, x: F.elu(x)), ((0.5,), lambda F, x: F.elu(x, 0.5))],
    "selu": [((), lambda F, x: F.selu(x))],
    "celu": [((), lambda F, x: F.celu(x)), ((0.5,), lambda F, x: F.celu(x, 0.5))],
    "softplus": [((), lambda F, x: F.softplus(x)), ((2.0,), lambda F, x: F.softplus(x, beta=2.0, threshold=60))],
    "log_sigmoid": [((), lambda F, x: F.logsigmoid(x))],
    "softsign": [((), lambda F, x: F.softsign(x))],
    "hardsigmoid": [((), lambda F, x: F.hardsigmoid(x))],
    "tanhshrink": [((), lambda F, x: F.tanhshrink(x))],
    "hardtanh": [((), lambda F, x: F.hardtanh(x)), ((-0.5, 2.0), lambda F, x: F.hardtanh(x, -0.5, 2.0))],
    "softshrink": [((), lambda F, x: F.softshrink(x)), ((0.25,), lambda F, x: F.softshrink(x, 0.25))],
    "hardshrink": [((), lambda F, x: F.hardshrink(x)), ((0.25,), lambda F, x: F.hardshrink(x, 0.25))],
    "threshold": [((0.5, -2.0), lambda F, x: F.threshold(x, 0.5, -2.0))],
    "silu": [((), lambda F, x: F.silu(x))],
    "mish": [((), lambda F, x: F.mish(x))],
    "hardswish": [((), lambda F, x: F.hardswish(x))],
    "gelu": [((), lambda F, x: F.gelu(x)), (("tanh",), lambda F, x: F.gelu(x, approximate="tanh"))],
    "normal_cdf": [((), lambda F, x: torch.special.ndtr(x))],
}
PARAMETERS = {"softplus": ("beta",), "gelu": ("approximate",)}
"""Names of the options given in the table above, where they are no arguments."""


def test_every_namesake_in_torch_is_compared() -> None:
    """A row with an alias in PyTorch is compared with it here; prelu, logaddexp, maximum and minimum below, and what works along axes."""
    below = {"prelu", "maximum", "minimum", "logaddexp"}
    assert {r.name for r in ENTRYWISE if any(a.startswith("torch.") for a in r.aliases)} == set(TORCH) | below


@pytest.mark.parametrize("label", sorted(TORCH))
def test_against_torch(label: str) -> None:
    f = functional()
    row = ROWS[label]
    for rest, theirs in TORCH[label]:
        options = dict(zip(PARAMETERS.get(label, ()), rest, strict=False))
        arguments = () if options else rest
        points = np.array(
            [*np.linspace(-7, 9, 53), *(kinks_of(row, arguments or row.defaults) if not options else [0.0])]
        )
        z = torch.tensor(points, dtype=torch.float64, requires_grad=True)
        expected = theirs(f, z)
        expected.sum().backward()
        net = sb.Network()
        leaf = net.parameter("z", points.shape)
        net.define("a", row(leaf, *arguments, **options))
        net.define("L", sb.sum(net["a"]))
        found = sb.derive(net).evaluate({"z": points})
        assert np.allclose(found.values["a"], expected.detach().numpy(), rtol=1e-10, atol=1e-12), label
        slopes = z.grad.numpy()
        if label == "hardsigmoid":
            # PyTorch holds the slope 1/6 in single precision, whatever it computes in
            slopes = np.where(slopes == np.float64(np.float32(1 / 6)), 1 / 6, slopes)
        assert np.allclose(found.gradients["z"], slopes, rtol=1e-10, atol=1e-12), (label, rest)


def test_logaddexp_against_torch() -> None:
    u = np.array([-800.0, -3.0, 0.0, 0.5, 2.0, 900.0, 1e4])
    v = np.array([[1.0], [-2.0], [900.0]])
    tu, tv = (torch.tensor(x, requires_grad=True) for x in (u, v))
    expected = torch.logaddexp(tu, tv)
    expected.pow(2).sum().backward()
    net = sb.Network()
    net.define("a", sb.logaddexp(net.parameter("u", u.shape), net.parameter("v", v.shape)))
    net.define("L", sb.sum(net["a"] ** 2))
    found = sb.derive(net).evaluate({"u": u, "v": v})
    assert np.allclose(found.values["a"], expected.detach().numpy(), rtol=1e-14)
    assert np.allclose(found.gradients["u"], tu.grad, rtol=1e-13, atol=1e-300)
    assert np.allclose(found.gradients["v"], tv.grad, rtol=1e-13, atol=1e-300)


@pytest.mark.parametrize("width", [1, 3])
def test_prelu_and_two_arguments_against_torch(width: int) -> None:
    f = functional()
    numbers = np.random.default_rng(width)
    x, a = numbers.normal(size=(4, 3)), numbers.normal(size=width)
    tx, ta = (torch.tensor(v, requires_grad=True) for v in (x, a))
    f.prelu(tx, ta).pow(2).sum().backward()
    net = sb.Network()
    net.define("L", sb.sum(sb.prelu(net.parameter("x", (4, 3)), net.parameter("a", (width,))) ** 2))
    gradients = sb.derive(net).evaluate({"x": x, "a": a}).gradients
    assert np.allclose(gradients["x"], tx.grad) and np.allclose(gradients["a"], ta.grad)
    for label in ("maximum", "minimum"):
        u, v = (torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64, requires_grad=True) for _ in range(2))
        w = torch.tensor([0.0, 0.5, 0.0], dtype=torch.float64)
        getattr(torch, label)(u, v + w).sum().backward()
        net = sb.Network()
        left, right = net.parameter("u", (3,)), net.parameter("v", (3,))
        net.define("L", sb.sum(getattr(sb, label)(left, right)))
        found = sb.derive(net).evaluate({"u": u.detach().numpy(), "v": (v + w).detach().numpy()}).gradients
        assert np.allclose(found["u"], u.grad) and np.allclose(found["v"], v.grad)


# --- rows along an axis ---------------------------------------------------------------------------------------------------


def test_prelu_of_images_has_one_slope_for_each_channel() -> None:
    torch = needs.package("torch")
    x, a = np.linspace(-2, 3, 24).reshape(2, 3, 4), np.array([0.3, 0.1, -0.2])
    tx, ta = torch.tensor(x, requires_grad=True), torch.tensor(a, requires_grad=True)
    torch.nn.functional.prelu(tx, ta).pow(2).sum().backward()
    for call in ("F.prelu(x, a)", "torch.prelu(x, weight=a)"):
        text = f"import torch\nimport torch.nn.functional as F\nL = ({call}**2).sum()\n"
        found = sb.derive(sb.parse(text, values={"x": x, "a": a}, wrt=["x", "a"])).evaluate().gradients
        np.testing.assert_allclose(found["x"], tx.grad.numpy(), rtol=1e-12)
        np.testing.assert_allclose(found["a"], ta.grad.numpy(), rtol=1e-12)


@pytest.mark.parametrize("row", ALONG_AXIS, ids=lambda row: row.name)
@pytest.mark.parametrize("reach", [1.0, 40.0, 1e4])
def test_rows_along_an_axis(row: Function, reach: float) -> None:
    numbers = np.random.default_rng(7)
    z = np.round(numbers.uniform(-reach, reach, (3, 4)), 3)
    z[0] = [0.5, 0.5, 0.25, 0.5]
    truth = VECTORS[row.name]
    count = len(truth([mp.mpf(v) for v in z[0]]))
    weights = np.round(numbers.uniform(-1, 1, (3, count)), 2)
    for axis, given in ((1, z), (0, z.T)):
        net = sb.Network()
        leaf = net.parameter("z", given.shape)
        net.define("a", row(leaf, axis=axis, **({"keepdims": True} if "keepdims" in row.parameters else {})))
        net.define("L", sb.sum(net.input("c", net["a"].shape) * net["a"]))
        found = sb.derive(net, wrt=["z"]).evaluate({"z": given, "c": weights if axis else weights.T})
        values = found.values["a"] if axis else found.values["a"].T
        gradient = found.gradients["z"] if axis else found.gradients["z"].T
        for r in range(3):
            exact = [mp.mpf(v) for v in z[r]]
            for mine, true in zip(values[r], truth(exact), strict=True):
                assert abs(mine - true) <= 1e-12 * max(1, abs(true))
            for k in range(4):

                def weighted(step: Any, r: int = r, k: int = k, exact: list[Any] = exact) -> Any:
                    moved = [v + step if j == k else v for j, v in enumerate(exact)]
                    return mp.fsum(mp.mpf(c) * v for c, v in zip(weights[r], truth(moved), strict=True))

                slope = (weighted(STEP) - weighted(-STEP)) / (2 * STEP)
                assert abs(gradient[r, k] - slope) <= 1e-12 * max(1, abs(slope)), (axis, r, k)


@pytest.mark.parametrize("label", sorted(VECTORS))
@pytest.mark.parametrize("axis", [0, 1])
def test_rows_along_an_axis_against_torch(label: str, axis: int) -> None:
    f = functional()
    theirs = {
        "softmax": f.softmax,
        "softmin": f.softmin,
        "log_softmax": f.log_softmax,
        "glu": f.glu,
        "logsumexp": lambda z, dim: torch.logsumexp(z, dim),
        "softplus_sum": lambda z, dim: torch.logsumexp(torch.cat([z, torch.zeros_like(z.narrow(dim, 0, 1))], dim), dim),
    }[label]
    z = np.random.default_rng(3).normal(size=(4, 6))
    leaf = torch.tensor(z, requires_grad=True)
    expected = theirs(leaf, dim=axis)
    expected.pow(2).sum().backward()
    net = sb.Network()
    net.define("a", ROWS[label](net.parameter("z", (4, 6)), axis=axis))
    net.define("L", sb.sum(net["a"] ** 2))
    found = sb.derive(net).evaluate({"z": z})
    assert np.allclose(found.values["a"], expected.detach(), rtol=1e-10, atol=1e-12)
    assert np.allclose(found.gradients["z"], leaf.grad, rtol=1e-10, atol=1e-12)


def test_shift_invariant_rows() -> None:
    z = [mp.mpf(v) for v in ("0.3", "-1.2", "2.5")]
    for row in ALONG_AXIS:
        if row.name == "glu":
            continue
        same = all(
            abs(a - b) < 1e-30 for a, b in zip(VECTORS[row.name](z), VECTORS[row.name]([v + 5 for v in z]), strict=True)
        )
        assert same == row.shift_invariant, row.name


# --- recognition and options ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("z * sigmoid(z)", "silu"),
        ("z / (1 + np.exp(-z))", "silu"),
        ("0.5 * z * (1 + erf(z / np.sqrt(2)))", "gelu"),
        ("0.5 * z * (1 + erf(z / 1.4142135623730951))", "gelu"),
        ("0.5 * z * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3)))", "gelu_tanh"),
        ("z * np.tanh(np.log(1 + np.exp(z)))", "mish"),
        ("z / (1 + np.abs(z))", "softsign"),
        ("np.where(z > 0, z, np.exp(z) - 1)", "elu"),
        ("np.exp(-z**2 / 2) / np.sqrt(2 * np.pi)", "normal_density"),
        ("np.log(np.cosh(z))", "log_cosh"),
        ("np.log((np.exp(z) + np.exp(-z)) / 2)", "log_cosh"),
        ("np.clip(z, 0, 6)", "clip"),
        ("np.clip(z, -1, 1)", "clip"),
    ],
)
def test_definitions_are_recognized_by_what_they_compute(text: str, label: str) -> None:
    head = "import numpy as np\nfrom scipy.special import erf\ndef sigmoid(x):\n    return 1 / (1 + np.exp(-x))\n"
    net = sb.parse(f"{head}z = np.array([0.5, -1.0])\na = {text}\nloss = a.sum()\n", wrt="z")
    form = sb.derive(net).network.equation("a").form
    assert getattr(form.op, "name", "") == label


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda z: sb.gelu(z, approximate="tan"), "approximate is 'none' or 'tanh', not 'tan'"),
        (lambda z: sb.softplus(z, beta=-1), "beta is a positive number, got -1"),
        (lambda z: sb.glu(z), "the axis to halve has 3 entries"),
        (lambda z: sb.elu(z, beta=2), "elu has no parameter beta"),
        (lambda z: sb.threshold(z), "threshold takes 3 argument"),
    ],
)
def test_options_are_checked(made: Callable[[Form], Form], message: str) -> None:
    with pytest.raises((NetworkError, ShapeError), match=message.replace("(", r"\(")):
        made(name("z", (3,)))


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(AttributeError, match="did you mean 'sigmoid'"):
        _ = sb.sigmod


# --- code as people have it ---------------------------------------------------------------------------------------------

CALLS = [
    "F.silu(z)",
    "F.elu(z)",
    "F.elu(z, 0.5)",
    "F.elu(z, alpha=0.5, inplace=False)",
    "F.gelu(z)",
    "F.gelu(z, approximate='tanh')",
    "F.mish(z)",
    "F.softplus(z, 2)",
    "F.softplus(z, beta=2, threshold=60)",
    "F.hardtanh(z, -2, 2)",
    "F.hardtanh(z, min_val=-2., max_val=2.)",
    "F.softshrink(z, lambd=0.3)",
    "F.hardshrink(z)",
    "F.threshold(z, 0.1, 20)",
    "F.relu6(z)",
    "F.prelu(z, w)",
    "F.prelu(z, weight=w)",
    "F.glu(z)",
    "F.glu(z, dim=0)",
    "F.softmin(z, dim=1)",
    "F.softsign(z)",
    "F.tanhshrink(z)",
    "F.hardswish(z)",
    "F.logsigmoid(z)",
    "torch.selu(z)",
    "torch.celu(z, 0.5)",
    "torch.erf(z)",
    "nn.ELU(0.5)(z)",
    "nn.Hardtanh(-2, 2)(z)",
    "nn.GELU('tanh')(z)",
    "nn.Softplus(2)(z)",
    "nn.ReLU(True)(z)",
    "nn.LeakyReLU(0.2, True)(z)",
    "nn.Threshold(0.1, 20)(z)",
    "nn.SiLU()(z)",
    "nn.Softmin(1)(z)",
    "nn.GLU()(z)",
    "nn.Softshrink(0.2)(z)",
    "nn.PReLU(4)(z)",
    "nn.Sequential(nn.Mish(), nn.CELU(0.5), nn.Tanhshrink())(z)",
    "z * torch.sigmoid(z)",
    "0.5 * z * (1 + torch.erf(z / 2**0.5))",
    "torch.clamp(z, 0, 6)",
    "F.log_softmax(z, dim=1)",
    "torch.special.ndtr(z)",
]


@pytest.mark.parametrize("written", CALLS)
def test_calls_in_torch_code_mean_what_torch_computes(written: str) -> None:
    functional()
    text = (
        "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"
        "x = torch.zeros(4, 6)\nw = torch.full((1,), 0.25, requires_grad=True)\nW = torch.zeros(6, 4, requires_grad=True)\n"
        f"z = x @ W\na = {written}\nloss = (a * a).sum()\nloss.backward()\n"
    )
    numbers = np.random.default_rng(5)
    given = {"x": numbers.normal(size=(4, 6)), "W": numbers.normal(size=(6, 4))}
    d = sb.derive(sb.parse(text, values=given))
    found = d.evaluate()
    scope: dict[str, Any] = {}
    filled = text.replace("torch.zeros(4, 6)", "GIVEN['x']").replace(
        "torch.zeros(6, 4, requires_grad=True)", "GIVEN['W']"
    )
    torch.set_default_dtype(torch.float64)
    try:
        leaves = {k: torch.tensor(v, requires_grad=k == "W") for k, v in given.items()}
        exec(filled, {**scope, "GIVEN": leaves})
    finally:
        torch.set_default_dtype(torch.float32)
    assert np.allclose(found.gradients["W"], leaves["W"].grad.numpy(), rtol=1e-9, atol=1e-11)
    assert sb.check_gradients(d).ok


def test_an_unknown_call_suggests_the_nearest() -> None:
    with pytest.raises(sb.ReadError, match=r"line 3: the function F.silux is not known \(did you mean 'F.silu'\?\)"):
        sb.parse("import torch.nn.functional as F\nz = 2.0\nloss = F.silux(z)\n")


def test_costly_calls_are_computed_once() -> None:
    code = loss_of(ROWS["silu"], (5,)).code()
    assert code.count("np.exp") == 1 and "sigmoid_z = 1 / (1 + np.exp(-z))" in code
    assert loss_of(ROWS["mish"], (5,)).code().count("logaddexp") == 1
    net = sb.Network()
    net.define("L", sb.sum(sb.elu(net.parameter("z", (3,)))))
    assert "1.0 *" not in sb.derive(net).code() and " 1 *" not in sb.derive(net).code()


# --- one edit -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def bent() -> Iterator[Function]:
    """The bent identity, (√(x² + 1) − 1)/2 + x, for the length of one test."""
    row = functions.register(
        Function(
            "bent",
            lambda x: (apply("sqrt", x**2 + 1) - 1) / 2 + x,
            latex=r"\mathrm{bent}",
            text="bent",
            title="Bent identity",
            aliases=("F.bent",),
            remarks={"en": "Almost straight.", "ko": "거의 곧다."},
        )
    )
    yield row
    functions.unregister(row)


def test_adding_a_row_is_one_edit(bent: Function) -> None:
    assert str(prime_form(Prime(bent, 0), (name("x"),))) == "0.5 * (x / np.sqrt(x**2 + 1)) + 1"
    text = "import numpy as np\nimport torch.nn.functional as F\nz = np.array([0.75, -2.0])\nloss = F.bent(z).sum()\n"
    d = sb.derive(sb.parse(text, wrt="z"))
    assert r"\mathrm{bent}(x) &=" in d.latex() and "bent" in d.text()
    loss, gradients = d.lambdify()(z=np.array([0.75, -2.0]))
    assert math.isclose(loss, (1.25 - 1) / 2 + 0.75 + (5**0.5 - 1) / 2 - 2.0)
    assert np.allclose(gradients["z"], [0.75 / 2.5 + 1, -2 / (2 * 5**0.5) + 1])
    assert sb.check_gradients(d).ok and callable(sb.bent)
    written = sb.derive(sb.parse(text.replace("F.bent(z)", "((np.sqrt(z**2 + 1) - 1) / 2 + z)"), wrt="z"))
    assert "bent" in written.text() or identified(bent.definition(name("z"))) is None
    from symback.documents.tables import table

    assert any("bent" in str(r) for r in table("activations").rows)
    assert sb.parse(text.replace("F.bent", "bent").replace("import torch.nn.functional as F", ""), wrt="z").equations


def test_after_that_the_row_is_gone() -> None:
    assert "bent" not in ROWS and "F.bent" not in ALIASES
    with pytest.raises(AttributeError):
        _ = sb.bent
