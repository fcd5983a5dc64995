"""One ``register`` is enough: what a row needs, and what it is built of, is found from its definition."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

import symback as sb
from symback.documents.tables import function_row
from symback.forms import (
    Form,
    Function,
    apply,
    concatenate,
    expand,
    number,
    pad,
    reduce_over,
    reshape,
    stack,
    windows,
)
from symback.functions import ROWS, register, unregister


@contextmanager
def registered(name: str, definition: Callable[..., Form], **more: Any) -> Iterator[Function]:
    row = register(Function(name, definition, latex=rf"\mathrm{{{name}}}", text=name, **more))
    try:
        yield row
    finally:
        unregister(row)


# --- rows along an axis whose definition needs its length -----------------------------------------------------------------


def running_sum(x: Form, axis: int = -1) -> Form:
    length, at = x.shape[axis], axis % x.ndim
    assert isinstance(length, int), f"length is {length}"
    before = [(length - 1, 0) if k == at else (0, 0) for k in range(x.ndim)]
    return reduce_over("sum", windows(pad(x, before), at, length), at + 1)


def mean_by_hand(x: Form, axis: int = -1) -> Form:
    return reduce_over("sum", x, axis) / x.shape[axis]


def by_parity(x: Form, axis: int = -1) -> Form:
    return 2 * x if x.shape[axis] % 2 == 0 else x**2  # type: ignore[operator]


def pairs(x: Form, axis: int = -1) -> Form:
    return reduce_over("mean", reshape(concatenate([x, 3 * x], axis), (-1, 2)), 1)


def reversed_along(x: Form, axis: int = -1) -> Form:
    return x[(slice(None),) * (axis % x.ndim) + (slice(None, None, -1),)]


def differences(x: Form, axis: int = -1) -> Form:
    before = (slice(None),) * (axis % x.ndim)
    return x[(*before, slice(1, None))] - x[(*before, slice(0, int(x.shape[axis]) - 1))]


def doubled(x: Form, axis: int = -1) -> Form:
    return concatenate([x, -x], axis)


def ramp(x: Form, axis: int = -1) -> Form:
    steps = stack([number(k + 1) for k in range(x.shape[axis])], 0)  # type: ignore[arg-type]
    return x * expand(steps, range(1, x.ndim - axis % x.ndim))


def root_mean_square(x: Form, axis: int = -1) -> Form:
    return x / apply("sqrt", reduce_over("mean", x**2, axis, True))


def running_softmax(x: Form, axis: int = -1) -> Form:
    grown = apply("exp", running_sum(x, axis))
    return grown / reduce_over("sum", grown, axis, True)


ALONG_AXIS = (
    running_sum,
    mean_by_hand,
    by_parity,
    pairs,
    reversed_along,
    differences,
    doubled,
    ramp,
    root_mean_square,
    running_softmax,
)
VALUES: dict[str, Callable[[np.ndarray, int], np.ndarray]] = {
    "running_sum": lambda x, axis: np.cumsum(x, axis),
    "mean_by_hand": lambda x, axis: np.mean(x, axis),
    "by_parity": lambda x, axis: 2 * x if x.shape[axis] % 2 == 0 else x**2,
    "pairs": lambda x, axis: np.concatenate([x, 3 * x], axis).reshape(-1, 2).mean(1),
    "reversed_along": lambda x, axis: np.flip(x, axis),
    "differences": lambda x, axis: np.diff(x, axis=axis),
    "doubled": lambda x, axis: np.concatenate([x, -x], axis),
    "ramp": lambda x, axis: np.moveaxis(np.moveaxis(x, axis, -1) * np.arange(1, x.shape[axis] + 1), -1, axis),
    "root_mean_square": lambda x, axis: x / np.sqrt(np.mean(x**2, axis, keepdims=True)),
    "running_softmax": lambda x, axis: np.exp(np.cumsum(x, axis)) / np.exp(np.cumsum(x, axis)).sum(axis, keepdims=True),
}


def along_axis(definition: Callable[..., Form]) -> Any:
    return registered(f"own_{definition.__name__}", definition, entrywise=False, parameters={"axis": -1})


def derived(row: Function, shape: tuple[int, ...], axis: int) -> sb.Derivation:
    generator = np.random.default_rng(7)
    net = sb.Network()
    x = net.input("x", shape, generator.uniform(0.5, 1.5, shape))
    w = net.parameter("W", (shape[-1],) * 2, generator.uniform(0.2, 0.9, (shape[-1],) * 2))
    c = net.define("c", row(x @ w, axis=axis))
    net.define("L", sb.mean((c + 0.3) ** 2))
    return sb.derive(net)


@pytest.mark.parametrize("axis", [-1, 0])
@pytest.mark.parametrize("definition", ALONG_AXIS)
def test_a_row_that_needs_the_length_of_its_axis_derives(definition: Callable[..., Form], axis: int) -> None:
    with along_axis(definition) as row:
        for shape in ((2, 3), (3, 2), (3, 3), (4, 5), (3, 4), (2, 2, 3)):
            d = derived(row, shape, axis)
            report = sb.check_gradients(d)
            assert report.ok, f"{shape}: {report}"
            values = d.evaluate().values
            expected = VALUES[definition.__name__](values["x"] @ values["W"], axis)
            assert np.allclose(values["c"], expected, rtol=1e-12), shape
            assert f"{row.name}(" in str(d)
            for view in ("matrix", "index"):
                assert d.latex(view=view)


def test_what_is_remembered_of_one_length_is_not_taken_for_another() -> None:
    with along_axis(by_parity) as row:
        gradients = [str(derived(row, (3, k), -1).gradient("W")) for k in (2, 3, 4, 5)]
    assert ["z" in g or "x @ W" in g for g in gradients] == [False, True, False, True]


def test_sizes_that_the_definition_does_not_need_stay_free() -> None:
    with along_axis(running_sum) as row:
        net = sb.Network()
        x, w = net.input("x", ("n", 3)), net.parameter("W", (3, 4))
        net.define("L", sb.mean(row(x @ w, axis=1) ** 2))
        gradient = sb.derive(net).gradient("W")
        assert gradient.shape == (3, 4) and "n" in str(gradient)


@pytest.mark.parametrize("definition", [running_sum, reversed_along, by_parity, running_softmax])
def test_a_row_that_needs_the_length_has_its_line_in_a_table(definition: Callable[..., Form]) -> None:
    with along_axis(definition) as row:
        found = function_row(row.name)
        assert found.label == row.name and found.formula and found.derivative


# --- rows by what they are built of ---------------------------------------------------------------------------------------


def _root(x: Form) -> Form:
    return apply("sqrt", x)


BUILT: dict[str, tuple[Callable[..., Form], tuple[str, ...]]] = {
    "isru": (
        lambda x: x / _root(1 + x**2),
        ("x / np.sqrt(1 + x**2)", "x * (1 + x * x) ** -0.5", "x / (x**2 + 1) ** 0.5"),
    ),
    "softroot": (lambda x: _root(1 + x**2) - 1, ("np.sqrt(1 + x**2) - 1", "-1 + (1 + x * x) ** 0.5")),
    "snake": (lambda x: x + apply("sin", x) ** 2, ("x + np.sin(x) ** 2", "np.sin(x) * np.sin(x) + x")),
    "wave": (lambda x: apply("cos", 3 * x), ("np.cos(3 * x)", "np.cos(x + 2 * x)")),
    "bell_area": (
        lambda x: apply("erf", x / 2) * 3,
        ("3 * scipy.special.erf(x / 2)", "scipy.special.erf(0.5 * x) * 3"),
    ),
    "cube": (lambda x: x**3, ("x**3", "x * x * x", "x**2 * x")),
    "sesqui": (lambda x: x ** number(1.5), ("x**1.5", "x * np.sqrt(x)")),
    "witch": (lambda x: 1 / (1 + x**2), ("1 / (1 + x**2)", "(1 + x * x) ** -1")),
    "swash": (lambda x: x / (1 + 2 * apply("exp", -x)), ("x / (1 + 2 * np.exp(-x))", "x / (2 * np.exp(-x) + 1)")),
    "hump": (lambda x: apply("log", 1 + x**2), ("np.log(1 + x**2)", "np.log1p(x * x)")),
}


def written(formula: str) -> str:
    """Return the first lines of a derivation of code with ``formula`` in it."""
    net = sb.parse(
        "import numpy as np\nimport scipy.special\nX = np.array([[.4, .2, .3]]); W = np.ones((3, 1))\nx = X @ W\n"
        f"a = {formula}\nloss = np.mean(a)",
        wrt=["W"],
    )
    d = sb.derive(net)
    assert sb.check_gradients(d).ok
    return "\n".join(str(d).splitlines()[:3])


@pytest.mark.parametrize(("name", "formula"), [(n, f) for n, (_, formulas) in BUILT.items() for f in formulas])
def test_a_row_is_found_in_code_by_its_definition(name: str, formula: str) -> None:
    definition, _ = BUILT[name]
    assert f"{name}(x)" not in written(formula)
    with registered(name, definition):
        assert f"{name}(x)" in written(formula), formula
    assert f"{name}(x)" not in written(formula)


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("isru", "x / np.sqrt(1.001 + x**2)"),
        ("snake", "x + 1.001 * np.sin(x) ** 2"),
        ("cube", "x**4"),
        ("witch", "1 / (1 + 1.001 * x**2)"),
        ("sesqui", "x**1.501"),
    ],
)
def test_a_formula_that_differs_a_little_is_not_the_row(name: str, formula: str) -> None:
    with registered(name, BUILT[name][0]):
        assert f"{name}(x)" not in written(formula)


def test_the_tables_are_told_apart_by_more_than_arithmetic() -> None:
    """Without a row that is a polynomial, no formula of arithmetic and powers is looked up: that is what costs time."""
    from symback.engine import textbook

    x = sb.Network().input("x", (3,))
    assert not textbook._may_be_a_row((x - 1) ** 2 / 2)
    assert textbook._may_be_a_row(apply("exp", x))
    with registered("cube", BUILT["cube"][0]):
        assert textbook._may_be_a_row((x - 1) ** 2 / 2)
    assert "cube" not in ROWS
