"""Values and gradients hold for arguments up to 1e4, in whatever way a formula of exponentials is spelled."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy as sp

import symback as sb

mp = mpmath.mp.clone()
mp.dps = 40
Reference = Callable[[Sequence[Any]], Any]

POINTS = (
    (1e4, -1e4, 300.0),
    (-1e4, 9999.0, 9998.5),
    (800.0, 1.0, 2.0),
    (0.3, -1.2, 2.1),
    (37.0, 40.0, -38.0),
    (710.0, -710.0, -745.0),
    (-9e3, -9001.0, -9002.5),
)
WEIGHTS = (mp.mpf(0.5), mp.mpf(-1.25), mp.mpf(2))
NUMPY = "import numpy as np\nimport math\nz = np.array([0.3, -1.2, 2.1])\n"
TORCH = (
    "import math\nimport torch\nimport torch.nn.functional as F\n"
    "z = torch.tensor([0.3, -1.2, 2.1], dtype=torch.float64, requires_grad=True)\n"
)


def lse(values: Sequence[Any]) -> Any:
    top = max(values)
    return top + mp.log1p(mp.fsum(mp.exp(v - top) for v in values) - 1)


def sigmoid(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


def each(function: Callable[[Any], Any]) -> Reference:
    return lambda v: mp.fsum(function(x) for x in v)


def softmax(v: Sequence[Any]) -> list[Any]:
    total = lse(v)
    return [mp.exp(x - total) for x in v]


def weighted(values: Sequence[Any]) -> Any:
    return mp.fdot(WEIGHTS, values)


SOFTPLUS = each(lambda x: lse([0 * x, x]))
LOG_COSH = each(lambda x: lse([x, -x]) - mp.log(2))
SIGMOID = each(sigmoid)
TANH = each(mp.tanh)
LOG_SIGMOID = each(lambda x: -lse([0 * x, -x]))
LOG_REST = each(lambda x: -lse([0 * x, x]))
SQUARES = each(lambda x: x * x)
LOG_WEIGHTED: Reference = lambda v: lse([x + mp.log(w) for x, w in zip(v, (0.5, 1.5, 2), strict=True)])  # noqa: E731

ENTRYWISE: dict[str, Reference] = {
    "np.log(1 + np.exp(z))": SOFTPLUS,
    "np.log(np.exp(z) + 1.0)": SOFTPLUS,
    "np.log1p(np.exp(z))": SOFTPLUS,
    "np.logaddexp(0, z)": SOFTPLUS,
    "np.logaddexp(z, 0)": SOFTPLUS,
    "np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))": SOFTPLUS,
    "np.logaddexp(z, -z)": each(lambda x: lse([x, -x])),
    "np.logaddexp(z, 2 * z)": each(lambda x: lse([x, 2 * x])),
    "np.logaddexp(z, 1.5)": each(lambda x: lse([x, mp.mpf(1.5)])),
    "np.log(np.cosh(z))": LOG_COSH,
    "np.log((np.exp(z) + np.exp(-z)) / 2)": LOG_COSH,
    "np.log(0.5 * np.exp(z) + 0.5 * np.exp(-z))": LOG_COSH,
    "1 / (1 + np.exp(-z))": SIGMOID,
    "np.exp(z) / (1 + np.exp(z))": SIGMOID,
    "1 - 1 / (1 + np.exp(z))": SIGMOID,
    "(1 + np.exp(-z))**-1": SIGMOID,
    "0.5 * (np.tanh(z / 2) + 1)": SIGMOID,
    "np.exp(-np.log(1 + np.exp(-z)))": SIGMOID,
    "1 / (1 + np.exp(-3 * z))": each(lambda x: sigmoid(3 * x)),
    "1 / (1 + np.exp(-z / 0.07))": each(lambda x: sigmoid(x / mp.mpf(0.07))),
    "(np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))": TANH,
    "(np.exp(2 * z) - 1) / (np.exp(2 * z) + 1)": TANH,
    "(1 - np.exp(-2 * z)) / (1 + np.exp(-2 * z))": TANH,
    "2 / (1 + np.exp(-2 * z)) - 1": TANH,
    "1 - 2 / (np.exp(2 * z) + 1)": TANH,
    "np.sinh(z) / np.cosh(z)": TANH,
    "np.expm1(2 * z) / (np.exp(2 * z) + 1)": TANH,
    "np.log(1 / (1 + np.exp(-z)))": LOG_SIGMOID,
    "np.log(np.exp(z) / (1 + np.exp(z)))": LOG_SIGMOID,
    "np.log(1 - 1 / (1 + np.exp(-z)))": LOG_REST,
    "z * np.log(np.exp(z) / (1 + np.exp(z)) / (1 - np.exp(z) / (1 + np.exp(z))))": SQUARES,
    "np.exp(z) / (np.exp(z) + np.exp(-z))": each(lambda x: sigmoid(2 * x)),
    "np.exp(2 * z) / (np.exp(2 * z) + np.exp(0.5 * z))": each(lambda x: sigmoid(1.5 * x)),
    "np.exp(z) / (np.exp(z) + 3)": each(lambda x: 1 / (1 + 3 * mp.exp(-x))),
    "(np.exp(z) + 2) / (np.exp(z) + 3)": each(lambda x: 1 - 1 / (3 + mp.exp(x))),
    "np.exp(z)**2 / (1 + np.exp(z))**2": each(lambda x: sigmoid(x) ** 2),
    "np.exp(z) / (1 + np.exp(z))**2": each(lambda x: sigmoid(x) * sigmoid(-x)),
    "np.log((1 + np.exp(z))**2)": each(lambda x: 2 * lse([0 * x, x])),
    "np.log(np.sqrt(1 + np.exp(z)))": each(lambda x: lse([0 * x, x]) / 2),
    "np.sqrt(np.exp(z) / (1 + np.exp(z)))": each(lambda x: mp.sqrt(sigmoid(x))),
    "np.log(1 + np.exp(z) + np.exp(2 * z))": each(lambda x: lse([0 * x, x, 2 * x])),
    "np.log(2 + 3 * np.exp(z))": each(lambda x: lse([mp.log(2) + 0 * x, mp.log(3) + x])),
    "np.log(np.exp(z))": each(lambda x: x),
    "z / (1 + np.exp(-z))": each(lambda x: x * sigmoid(x)),
    "z * np.tanh(np.log(1 + np.exp(z)))": each(lambda x: x * mp.tanh(lse([0 * x, x]))),
    "1 / np.cosh(z)": each(lambda x: 1 / mp.cosh(x)),
    "2 / (np.exp(z) + np.exp(-z))": each(lambda x: 1 / mp.cosh(x)),
    "np.log(1 + np.exp(-z**2))": each(lambda x: mp.log1p(mp.exp(-x * x))),
    "np.where(z > 0, z, np.exp(z) - 1)": each(lambda x: x if x > 0 else mp.expm1(x)),
}
NAMED: dict[str, Reference] = {
    "np.log(s)": LOG_SIGMOID,
    "np.log(1 - s)": LOG_REST,
    "np.log1p(-s)": LOG_REST,
    "np.log(s / (1 - s))**2": SQUARES,
    "(np.log(s) - np.log(1 - s))**2": SQUARES,
    "-np.log(1 / s - 1) * z": SQUARES,
    "0.25 * np.log(s) + 0.75 * np.log(1 - s)": each(lambda x: -lse([0 * x, -x]) / 4 - lse([0 * x, x]) * 3 / 4),
}
"""Formulas of s = sigmoid(z), which has a line of its own."""
WHOLE: dict[str, Reference] = {
    "np.log(np.sum(np.exp(z)))": lse,
    "np.log(np.mean(np.exp(z)))": lambda v: lse(v) - mp.log(3),
    "np.max(z) + np.log(np.sum(np.exp(z - np.max(z))))": lse,
    "np.log(1 + np.sum(np.exp(z)))": lambda v: lse([*v, mp.mpf(0)]),
    "np.log(np.exp(z[0]) + np.exp(z[1]) + np.exp(z[2]))": lse,
    "np.logaddexp(np.logaddexp(z[0], z[1]), z[2])": lse,
    "np.sum(np.logaddexp(z[:, None], z[None, :]))": lambda v: mp.fsum(lse([a, b]) for a in v for b in v),
    "np.log(np.sum(np.array([0.5, 1.5, 2.0]) * np.exp(z)))": LOG_WEIGHTED,
    "np.log(np.dot(np.exp(z), np.array([0.5, 1.5, 2.0])))": LOG_WEIGHTED,
    "np.sum(z * np.exp(z)) / np.sum(np.exp(z))": lambda v: mp.fdot(v, softmax(v)),
    "np.sum(c * np.log(np.exp(z) / np.sum(np.exp(z))))": lambda v: weighted([x - lse(v) for x in v]),
    "np.sum(c * (z - np.log(np.sum(np.exp(z)))))": lambda v: weighted([x - lse(v) for x in v]),
    "-np.log(np.exp(z[0]) / (np.exp(z[0]) + np.exp(z[1]) + np.exp(z[2])))": lambda v: lse(v) - v[0],
    "np.exp(z[0]) / (np.exp(z[0]) + np.exp(z[1])) + np.sum(z)": lambda v: sigmoid(v[0] - v[1]) + mp.fsum(v),
    "-np.log(0.4 * np.exp(-(z[0] - 1)**2 / 2) + 0.6 * np.exp(-(z[1] + 2)**2 / 2)) + z[2]": (
        lambda v: v[2] - lse([mp.log(mp.mpf(0.4)) - (v[0] - 1) ** 2 / 2, mp.log(mp.mpf(0.6)) - (v[1] + 2) ** 2 / 2])
    ),
}
SCALES = {
    "1": mp.mpf(1),
    "math.sqrt(3)": mp.sqrt(3),
    "2**0.5": mp.sqrt(2),
    "0.07": mp.mpf(0.07),
    "math.pi": mp.pi,
    "1.3": mp.mpf(1.3),
    "8": mp.mpf(8),
}
SCALED: dict[str, Reference] = {
    "c = np.array([0.5, -1.25, 2.0])\nL = np.sum(c * np.exp({0}) / np.sum(np.exp({0})))": lambda v: weighted(
        softmax(v)
    ),
    "c = np.array([0.5, -1.25, 2.0])\nq = {0}\ne = np.exp(q - np.max(q))\ns = e / np.sum(e)\nL = np.sum(c * s)": (
        lambda v: weighted(softmax(v))
    ),
    "e = np.exp({0})\np = e / e.sum()\nL = -np.log(p[1])": lambda v: lse(v) - v[1],
    "L = -np.log(np.exp(({0})[1]) / np.sum(np.exp({0})))": lambda v: lse(v) - v[1],
    "L = np.log(np.sum(np.exp({0})))": lse,
    "q = {0}\nk = np.max(q)\nL = k + np.log(np.sum(np.exp(q - k)))": lse,
}
SCALED_IN_TORCH: dict[str, Reference] = {
    "L = torch.sum(torch.tensor([0.5, -1.25, 2.0], dtype=torch.float64) * torch.softmax({0}, dim=0))": (
        lambda v: weighted(softmax(v))
    ),
    "L = torch.sum(torch.tensor([0.5, -1.25, 2.0], dtype=torch.float64) * F.log_softmax({0}, dim=0))": (
        lambda v: weighted([x - lse(v) for x in v])
    ),
    "L = F.cross_entropy(({0})[None, :], torch.tensor([1]))": lambda v: lse(v) - v[1],
    "L = torch.logsumexp({0}, 0)": lse,
}


def cases() -> list[tuple[str, Reference, Any]]:
    """Return every text with its reference, and the number by which its arguments are scaled."""
    found: list[tuple[str, Reference, Any]] = [
        *((f"{NUMPY}L = np.sum({text})\n", reference, 1) for text, reference in ENTRYWISE.items()),
        *((f"{NUMPY}s = 1 / (1 + np.exp(-z))\nL = np.sum({text})\n", ref, 1) for text, ref in NAMED.items()),
        *((f"{NUMPY}c = np.array([0.5, -1.25, 2.0])\nL = {text}\n", ref, 1) for text, ref in WHOLE.items()),
    ]
    for number, exact in SCALES.items():
        for operation, factor in ((f"z / ({number})", 1 / exact), (f"({number}) * z", exact)):
            for head, table in ((NUMPY, SCALED), (TORCH, SCALED_IN_TORCH)):
                found += [(head + text.format(operation), reference, factor) for text, reference in table.items()]
    return found


CASES = cases()


def assert_near(found: float, true: Any, room: float, what: str) -> None:
    """Assert that a value is right to 1e-9 of itself; ``room`` is what rounding the arguments themselves takes."""
    assert np.isfinite(found), f"{what}: {found}"
    assert abs(found - true) <= 1e-9 * abs(true) + room, f"{what}: {found}, not {mp.nstr(true, 17)}"


def assert_right(gradients: Callable[..., Any], reference: Reference, point: Sequence[float], factor: Any) -> None:
    exact = [mp.mpf(x) for x in point]
    with np.errstate(all="raise"):
        loss, found = gradients(z=np.array(point))
    scaled: Reference = lambda v: reference([x * factor for x in v])  # noqa: E731
    size = float(abs(factor))
    rounding = 0.0 if factor == 1 else 4e-16 * size * max(map(abs, point))
    assert_near(loss, scaled(exact), 1e-15 + rounding, f"the value at {point}")
    room = 1e-12 * max(1.0, size) * max(1.0, size * max(map(abs, point)) * 1e-2)
    step = mp.mpf(10) ** -12
    for k, entry in enumerate(found["z"]):
        with mp.workdps(60):
            ahead, behind = list(exact), list(exact)
            ahead[k] += step
            behind[k] -= step
            true = (scaled(ahead) - scaled(behind)) / (2 * step)
        assert_near(entry, true, room, f"entry {k} of the gradient at {point}")


@pytest.mark.parametrize(("text", "reference", "factor"), CASES, ids=[c[0].split("\n", 3)[3].strip() for c in CASES])
def test_every_spelling_is_evaluated_safely(text: str, reference: Reference, factor: Any) -> None:
    gradients = sb.derive(sb.parse(text, wrt=["z"])).lambdify()
    for point in POINTS:
        assert_right(gradients, reference, point, factor)


z1, z2, z3 = sp.symbols("z1 z2 z3", real=True)
L = sp.Symbol("L")
IN_SYMPY: dict[Any, Reference] = {
    sp.log(sp.exp(z1) + sp.exp(z2) + sp.exp(z3)): lse,
    sp.log(1 + sp.exp(z1)) + z2 - z3: lambda v: lse([0 * v[0], v[0]]) + v[1] - v[2],
    sp.log(sp.cosh(z1)) + z2 * z3: lambda v: lse([v[0], -v[0]]) - mp.log(2) + v[1] * v[2],
    sp.exp(z1) / (sp.exp(z1) + sp.exp(z2)) + z3: lambda v: sigmoid(v[0] - v[1]) + v[2],
    1 / (1 + sp.exp(-z1 / sp.sqrt(3))) + z2 + z3: lambda v: sigmoid(v[0] / mp.sqrt(3)) + v[1] + v[2],
    sp.tanh(z1) + (sp.exp(2 * z2) - 1) / (sp.exp(2 * z2) + 1) + z3: lambda v: mp.tanh(v[0]) + mp.tanh(v[1]) + v[2],
    -sp.log(sp.exp(z1) / (sp.exp(z1) + sp.exp(z2) + sp.exp(z3))): lambda v: lse(v) - v[0],
}


@pytest.mark.parametrize("expression", IN_SYMPY, ids=str)
def test_sympy_input_is_evaluated_safely(expression: Any) -> None:
    derived = sb.derive(sb.network([sp.Eq(L, expression)]), wrt=[z1, z2, z3]).lambdify()

    def gradients(z: np.ndarray) -> Any:
        loss, found = derived(z1=float(z[0]), z2=float(z[1]), z3=float(z[2]))
        return loss, {"z": [found[name] for name in ("z1", "z2", "z3")]}

    for point in POINTS:
        assert_right(gradients, IN_SYMPY[expression], point, 1)


@functools.cache
def page_of(number: str) -> tuple[str, str]:
    text = f"import math\nimport numpy as np\nw = np.array([1.0, 2.0])\nL = np.sum(np.tanh(w / ({number}))**2)\n"
    derived = sb.derive(sb.parse(text))
    return derived.latex(), derived.text()


@pytest.mark.parametrize(
    ("number", "latex", "plain"),
    [
        ("math.sqrt(2)", r"\frac{w}{\sqrt{2}}", "√(2)"),
        ("np.sqrt(2)", r"\frac{w}{\sqrt{2}}", "√(2)"),
        ("2**0.5", r"\frac{w}{\sqrt{2}}", "√(2)"),
        ("math.sqrt(3)", r"\sqrt{3}", "√(3)"),
        ("1 / math.sqrt(3)", r"\sqrt{3}", "√(3)"),
        ("-(8**0.5)", r"\sqrt{8}", "√(8)"),
    ],
)
def test_a_root_stays_a_root_on_the_page(number: str, latex: str, plain: str) -> None:
    shown, text = page_of(number)
    assert latex in shown
    assert plain in text


@pytest.mark.parametrize("number", ["1.5", "1.414", "0.1", "1.7", "2.718281828459045", "1.4142135623730947"])
def test_other_numbers_are_no_roots(number: str) -> None:
    assert "sqrt" not in page_of(number)[0]
