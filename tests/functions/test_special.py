"""Special functions: values against their integrals and series, derivatives against differences of these, by every evaluator."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

import symback as sb
from symback.core.errors import SymbackError
from symback.core.forms import Function, Prime, apply, name, number
from symback.core.operations import STATED
from symback.engine.interpreter import EXACT, evaluate
from symback.engine.textbook import prime_form
from symback.functions import ROWS
from symback.functions.special import SPECIAL
from symback.run.codegen import arrays as array_target
from tests.support import needs


def between(low: Any, high: Any, f: Callable[[Any], Any]) -> Any:
    return mp.quad(f, [low, high])


def series(x: Any, n: Any, sign: int) -> Any:
    return (x / 2) ** n * mp.nsum(
        lambda k: (sign * x * x / 4) ** k / (mp.factorial(k) * mp.factorial(n + k)), [0, mp.inf]
    )


def beyond(x: Any, f: Callable[[Any], Any]) -> Any:
    return mp.quad(f, [x, x + 1, x + 4, mp.inf])


DEFINED: dict[str, Callable[..., Any]] = {
    "arctan": lambda x: between(0, x, lambda t: 1 / (1 + t * t)),
    "arcsin": lambda x: between(0, x, lambda t: 1 / mp.sqrt(1 - t * t)),
    "arccos": lambda x: mp.pi / 2 - between(0, x, lambda t: 1 / mp.sqrt(1 - t * t)),
    "arcsinh": lambda x: between(0, x, lambda t: 1 / mp.sqrt(1 + t * t)),
    "arccosh": lambda x: between(0, mp.sqrt(x - 1), lambda s: 2 / mp.sqrt(s * s + 2)),
    "arctanh": lambda x: between(0, x, lambda t: 1 / (1 - t * t)),
    "arctan2": lambda y, x: mp.im(mp.log(mp.mpc(x, y))),
    "erfc": lambda x: 2 / mp.sqrt(mp.pi) * beyond(x, lambda t: mp.exp(-t * t)),
    "erfi": lambda x: 2 / mp.sqrt(mp.pi) * between(0, x, lambda t: mp.exp(t * t)),
    "erfinv": lambda x: mp.findroot(lambda y: 2 / mp.sqrt(mp.pi) * between(0, y, lambda t: mp.exp(-t * t)) - x, x),
    "gamma_function": lambda x: mp.exp(mp.log(mp.factorial(x) / x)),
    "log_gamma": lambda x: mp.log(mp.factorial(x) / x),
    "log_abs_gamma": lambda x: mp.log(abs(mp.factorial(x) / x)),
    "polygamma": lambda n, x: mp.diff(lambda v: mp.log(mp.factorial(v) / v), x, int(n) + 1),
    "digamma": lambda x: mp.diff(lambda v: mp.log(mp.factorial(v) / v), x),
    "upper_gamma": lambda a, x: beyond(x, lambda t: t ** (a - 1) * mp.exp(-t)),
    "bessel_j": lambda n, x: series(x, n, -1),
    "bessel_y": lambda n, x: (
        between(0, mp.pi, lambda t: mp.sin(x * mp.sin(t) - n * t)) / mp.pi
        - mp.quad(lambda t: (mp.exp(n * t) + (-1) ** int(n) * mp.exp(-n * t)) * mp.exp(-x * mp.sinh(t)), [0, 2, 4, 8])
        / mp.pi
    ),
    "bessel_i": lambda n, x: series(x, n, 1),
    "bessel_k": lambda n, x: mp.quad(lambda t: mp.exp(-x * mp.cosh(t)) * mp.cosh(n * t), [0, 1, 2, 4, 8]),
    "exponential_integral": lambda x: (
        mp.euler + mp.log(x) + between(0, x, lambda t: mp.expm1(t) / t if t else mp.mpf(1))
    ),
    "generalized_exponential_integral": lambda n, x: mp.quad(lambda t: mp.exp(-x * t) / t**n, [1, 2, 4, 16, mp.inf]),
    "sine_integral": lambda x: between(0, x, lambda t: mp.sinc(t)),
    "cosine_integral": lambda x: mp.euler + mp.log(x) + between(0, x, lambda t: (mp.cos(t) - 1) / t),
    "hyperbolic_sine_integral": lambda x: between(0, x, lambda t: mp.sinh(t) / t),
    "hyperbolic_cosine_integral": lambda x: mp.euler + mp.log(x) + between(0, x, lambda t: (mp.cosh(t) - 1) / t),
    "fresnel_s": lambda x: mp.quad(lambda t: mp.sin(mp.pi * t * t / 2), mp.linspace(0, x, 9)),
    "fresnel_c": lambda x: mp.quad(lambda t: mp.cos(mp.pi * t * t / 2), mp.linspace(0, x, 9)),
    "lambert_w": lambda x: mp.findroot(lambda y: y * mp.exp(y) - x, x / (1 + abs(x))),
    "airy_ai": lambda x: airy(x, 1, 0)[0],
    "airy_ai_prime": lambda x: airy(x, 1, 0)[1],
    "airy_bi": lambda x: airy(x, 0, 1)[0],
    "airy_bi_prime": lambda x: airy(x, 0, 1)[1],
    "elliptic_k": lambda m: between(0, mp.pi / 2, lambda t: 1 / mp.sqrt(1 - m * mp.sin(t) ** 2)),
    "elliptic_e": lambda m: between(0, mp.pi / 2, lambda t: mp.sqrt(1 - m * mp.sin(t) ** 2)),
}
"""The functions once more: by integrals, series and roots."""


def airy(x: Any, first: int, second: int) -> tuple[Any, Any]:
    """Return a solution of y″ = x y and its derivative, from the two power series at 0 (DLMF 9.4)."""
    a, b = 1 / (mp.mpf(3) ** (mp.mpf(2) / 3) * mp.gamma(mp.mpf(2) / 3)), 1 / (mp.cbrt(3) * mp.gamma(mp.mpf(1) / 3))
    scale = mp.mpf(1) if first else mp.sqrt(3)
    value, slope = mp.mpf(0), mp.mpf(0)
    for start, factor in ((0, scale * a), (1, (-1 if first else 1) * scale * b)):
        c, k = factor, start
        while k < 140:
            value += c * x**k
            slope += c * k * x ** (k - 1) if k else 0
            c, k = c / ((k + 2) * (k + 3)), k + 3
    return value, slope


CASES = [(row, first) for row in SPECIAL for first in (row.orders or (None,))]
IDS = [row.name + ("" if first is None else f"-{first}") for row, first in CASES]


def points(row: Function) -> list[float]:
    low, high = row.domain
    return [float(v) for v in np.linspace(low, high, 8) + 0.0137 * (high - low) / 6]


def given(row: Function, first: float | None) -> tuple[float, ...]:
    return () if first is None else (first,)


def at(row: Function, first: float | None, x: Any) -> Any:
    if row.name == "arctan2":
        return DEFINED[row.name](x, mp.mpf("0.7"))
    return DEFINED[row.name](*map(mp.mpf, given(row, first)), x)


def test_every_row_is_defined_a_second_time() -> None:
    assert {row.name for row in SPECIAL} == set(DEFINED)
    assert {row.name for row in SPECIAL if not row.inline} | {"erf"} == {*STATED, "log_abs_gamma"}
    for row in SPECIAL:
        assert row.title and row.latex and row.text and row.source
        assert row.inline or all(row.stated)


def loss_of(row: Function, first: float | None, shape: tuple[int, ...]) -> Any:
    net = sb.Network()
    z = net.parameter("z", shape)
    arguments = (z, number(0.7)) if row.name == "arctan2" else (*map(number, given(row, first)), z)
    net.define("L", sb.sum(row(*arguments)) if shape else row(*arguments))
    return sb.derive(net)


def slope_of(row: Function, first: float | None, x: float) -> Any:
    step = mp.mpf(10) ** -9
    return (at(row, first, mp.mpf(x) + step) - at(row, first, mp.mpf(x) - step)) / (2 * step)


@pytest.mark.parametrize(("row", "first"), CASES, ids=IDS)
@pytest.mark.parametrize("package", ["with SciPy", "without SciPy"])
def test_values_and_slopes(row: Function, first: float | None, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if package == "without SciPy":
        monkeypatch.setattr(array_target, "_installed", lambda package: False)
    elif row.library:
        needs.package("scipy")
    xs = points(row)
    arrays, scalar = loss_of(row, first, (len(xs),)), loss_of(row, first, ()).lambdify()
    found = arrays.evaluate({"z": np.array(xs)})
    if package == "without SciPy":
        assert "scipy.special import" not in arrays.code()
    with mp.workdps(25):
        values = [at(row, first, mp.mpf(x)) for x in xs]
        slopes = [slope_of(row, first, x) for x in xs]
        assert abs(found.loss - mp.fsum(values)) <= 1e-11 * mp.fsum(map(abs, values))
        for x, value, slope, computed in zip(xs, values, slopes, found.gradients["z"], strict=True):
            assert abs(computed - slope) <= 1e-9 * max(1, abs(slope)), (x, computed, slope)
            one = scalar(z=x)
            assert abs(one[0] - value) <= 1e-11 * max(1, abs(value)), (x, one, value)
            assert abs(one[1]["z"] - slope) <= 1e-9 * max(1, abs(slope)), (x, one, slope)


@pytest.mark.parametrize(("row", "first"), CASES, ids=IDS)
def test_second_derivatives(row: Function, first: float | None) -> None:
    d = loss_of(row, first, ())
    hessian = d.hessian()
    x = points(row)[3]
    with mp.workdps(25):
        step = mp.mpf(10) ** -6
        above, middle, below = (at(row, first, mp.mpf(x) + k * step) for k in (1, 0, -1))
        expected = (above - 2 * middle + below) / step**2
        assert abs(float(np.squeeze(hessian.evaluate({"z": x}))) - expected) <= 1e-7 * max(1, abs(expected))


def test_where_a_function_is_no_real_number_it_is_nan(monkeypatch: pytest.MonkeyPatch) -> None:
    outside = {"arcsin": 1.5, "arccos": -1.5, "arccosh": 0.5, "arctanh": 2.0, "erfinv": 1.5, "lambert_w": -1.0}
    for label, x in outside.items():
        one = loss_of(ROWS[label], None, ()).lambdify()
        assert math.isnan(one(z=x)[0]), label
        with np.errstate(all="ignore"):
            assert math.isnan(loss_of(ROWS[label], None, (1,)).evaluate({"z": np.array([x])}).loss), label
    assert math.isnan(loss_of(ROWS["gamma_function"], None, ()).lambdify()(z=-2.0)[0])


@pytest.mark.parametrize("package", ["with SciPy", "without SciPy"])
def test_the_logarithm_of_gamma_and_that_of_its_absolute_value(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if package == "without SciPy":
        monkeypatch.setattr(array_target, "_installed", lambda package: False)
    else:
        needs.package("scipy")
    xs = np.array([-170.7, -3.3, -2.5, -0.4, 0.2, 1e-9, 300.0, 1e4])
    row, plain = ROWS["log_abs_gamma"], ROWS["log_gamma"]
    one, found = loss_of(row, None, ()).lambdify(), loss_of(row, None, xs.shape).evaluate({"z": xs})
    with mp.workdps(30):
        truth = [mp.log(abs(mp.gamma(mp.mpf(x)))) for x in xs]
        slopes = [mp.psi(0, mp.mpf(x)) for x in xs]
        assert abs(found.loss - mp.fsum(truth)) <= 1e-12 * mp.fsum(map(abs, truth))
    np.testing.assert_allclose(found.gradients["z"], np.array(slopes, dtype=float), rtol=1e-10)
    for x, value, slope in zip(xs, truth, slopes, strict=True):
        assert one(z=x)[0] == pytest.approx(float(value), rel=1e-12)
        assert one(z=x)[1]["z"] == pytest.approx(float(slope), rel=1e-10)
        loggamma = loss_of(plain, None, ()).lambdify()(z=x)[0]
        arrays = loss_of(plain, None, (1,)).evaluate({"z": np.array([x])}).loss
        # SymPy's is a complex number where x < 0
        assert bool(sp.loggamma(sp.Float(x)).evalf().is_real) == (x > 0)
        assert [loggamma, arrays] == (
            pytest.approx([float(value)] * 2, rel=1e-12) if x > 0 else pytest.approx([math.nan] * 2, nan_ok=True)
        )
    for pole in (0.0, -1.0, -7.0):
        assert one(z=pole)[0] == math.inf == loss_of(row, None, (1,)).evaluate({"z": np.array([pole])}).loss


FAR = {
    **dict.fromkeys(("arctan", "arcsinh", "erfc", "sine_integral"), (-1e4, -800, -37, 0.1, 37, 1e4)),
    **dict.fromkeys(("log_gamma", "arccosh", "cosine_integral", "bessel_k"), (37.0, 600.0, 1e4)),
    **dict.fromkeys(("airy_ai", "elliptic_k", "elliptic_e"), (-1e3, -37.0, 0.5)),
    "exponential_integral": (-600.0, -37.0, 37.0, 600.0),
    "generalized_exponential_integral": (37.0, 600.0),
    "lambert_w": (37.0, 1e4),
}
"""Points far out, where the truth is finite."""


@pytest.mark.parametrize("label", sorted(FAR))
def test_far_out(label: str) -> None:
    row, first = ROWS[label], (ROWS[label].orders or (None,))[0]
    xs = np.array(FAR[label], dtype=float)
    found = loss_of(row, first, xs.shape).evaluate({"z": xs})
    assert np.isfinite(found.loss) and np.isfinite(found.gradients["z"]).all()
    stated = STATED[label]
    function = getattr(mp, stated.mpmath)
    with mp.workdps(40):
        step = mp.mpf(10) ** -12
        for x, slope in zip(xs, found.gradients["z"], strict=True):
            above, below = (
                mp.re(function(*given(row, first), mp.mpf(x) + s * step, **dict(stated.options))) for s in (1, -1)
            )
            expected = (above - below) / (2 * step)
            assert abs(slope - expected) <= 1e-9 * abs(expected) + 1e-300, (x, slope, expected)


w, v = sp.symbols("w x")
OF_SYMPY = [
    *(
        f(w * v)
        for f in (sp.atan, sp.asin, sp.acos, sp.asinh, sp.atanh, sp.acot, sp.acoth, sp.asech, sp.acsch, sp.sinc)
    ),
    *(f(w * v) for f in (sp.erfc, sp.erfi, sp.erfinv, sp.gamma, sp.loggamma, sp.digamma, sp.trigamma, sp.factorial)),
    *(f(w * v) for f in (sp.Si, sp.Ci, sp.Ei, sp.E1, sp.Shi, sp.Chi, sp.li, sp.fresnels, sp.fresnelc, sp.LambertW)),
    *(f(w * v) for f in (sp.airyai, sp.airybi, sp.airyaiprime, sp.airybiprime, sp.elliptic_k, sp.elliptic_e)),
    *(f(w * v) for f in (sp.sinh, sp.cosh, sp.tanh, sp.coth, sp.sech, sp.csch, sp.tan, sp.cot, sp.sec, sp.csc)),
    *(f(n, w * v) for f in (sp.besselj, sp.bessely, sp.besseli, sp.besselk, sp.polygamma) for n in (0, 2)),
    *(sp.expint(n, w * v) for n in (1, 3)),
    *(
        sp.jn(1, w * v),
        sp.yn(0, w * v),
        sp.beta(w * v, 2),
        sp.binomial(w * v + 3, 2),
        sp.besselj(sp.Rational(3, 2), w * v),
    ),
    *(sp.uppergamma(3, w * v), sp.uppergamma(sp.Rational(7, 3), w * v), sp.lowergamma(sp.Rational(5, 3), w * v)),
    *(sp.atan2(w, v), sp.atan2(v, w), sp.atan2(w * v, w + 1), sp.acosh(2 + w * v), sp.cbrt(w * v), sp.root(w * v, 5)),
    *(sp.hermite(3, w * v), sp.legendre(4, w * v), sp.chebyshevt(3, w * v), sp.laguerre(3, w * v)),
    *(sp.log(sp.gamma(w)) * sp.atan(v * w), sp.exp(-sp.asinh(w * v)), sp.gamma(sp.erf(w) + 1), sp.sqrt(sp.acos(w * v))),
]


@pytest.mark.parametrize("e", OF_SYMPY, ids=str)
def test_functions_of_sympy(e: Any) -> None:
    run = sb.derive(e, [w]).lambdify()
    for at_x, at_w in ((0.8, 0.5), (1.3, 0.6), (-0.5, -1.1)):
        step = sp.Rational(1, 10**8)
        true = [
            complex(e.subs({v: sp.Float(at_x, 40), w: sp.Float(at_w, 40) + k * step}).evalf(30)) for k in (1, 0, -1)
        ]
        loss, gradients = run(**{k: n for k, n in (("x", at_x), ("w", at_w)) if k in map(str, e.free_symbols)})
        if abs(true[1].imag) > 1e-12:
            continue
        assert abs(loss - true[1].real) <= 1e-11 * max(1, abs(true[1]))
        slope = complex(
            ((e.subs(w, w + step) - e.subs(w, w - step)) / (2 * step))
            .subs({v: sp.Float(at_x, 40), w: sp.Float(at_w, 40)})
            .evalf(25)
        ).real
        assert abs(gradients["w"] - slope) <= 1e-8 * max(1, abs(slope)), (gradients, slope)


@pytest.mark.parametrize("e", [sp.zeta(w), sp.polylog(2, w), sp.re(w * v), sp.floor(w), sp.DiracDelta(w)], ids=str)
def test_functions_without_a_derivative_here_are_refused(e: Any) -> None:
    with pytest.raises(SymbackError, match=r"not known|no array operation"):
        sb.derive(sp.Eq(sp.Symbol("L"), e), [w])


PRINTED = [
    (sp.besselj(0, w), "-J_1(w)"),
    (sp.bessely(1, w), r"\frac{1}{2}(Y_0(w) - Y_2(w))"),
    (sp.polygamma(0, w), r"\psi^{(1)}(w)"),
    (sp.loggamma(w), r"\psi(w)"),
    (sp.gamma(w), r"\Gamma(w)\, \psi(w)"),
    (sp.atan(w), r"\frac{1}{w^2 + 1}"),
    (sp.airyai(w), r"\mathrm{Ai}'(w)"),
    (sp.expint(3, w), "-E_2(w)"),
    (sp.uppergamma(sp.Rational(5, 3), w), r"-w^{2/3} \cdot e^{-w}"),
]


@pytest.mark.parametrize(("e", "latex"), PRINTED, ids=str)
def test_printed(e: Any, latex: str) -> None:
    assert sb.derive(e, [w]).gradient("w").latex() == latex


@pytest.mark.parametrize(("row", "first"), CASES, ids=IDS)
def test_a_page_states_the_function_and_its_derivative(row: Function, first: float | None) -> None:
    page = loss_of(row, first, ()).latex()
    heads = [line.partition("&=")[0].strip() for line in page.splitlines() if "&=" in line]
    assert any("'" in head or r"\partial_" in head or row.inline for head in heads) and not re.search(
        r"mathrm\{(gamma|poly|log)", page
    )


def test_what_a_page_states() -> None:
    bessel, gamma = loss_of(ROWS["bessel_j"], 1, ()).latex(), loss_of(ROWS["log_abs_gamma"], None, ()).latex()
    assert r"J_n'(x) &= \frac{1}{2}(J_{n - 1}(x) - J_{n + 1}(x))" in bessel
    assert r"L &= \ln \lvert\Gamma(z)\rvert" in gamma and r"(\ln|\Gamma|)'(x) &= \psi(x)" in gamma


TEXTS = [
    *(f"np.{f}(w * x)" for f in ("arctan", "arcsin", "arccos", "arcsinh", "arctanh")),
    *("np.arccosh(2 + w * x)", "np.arctan2(w, x)", "np.arctan2(x, w)"),
    *(
        f"scipy.special.{f}(w * x)"
        for f in ("gamma", "gammaln", "loggamma", "digamma", "psi", "erfc", "erfinv", "expi", "ellipk", "ellipe")
    ),
    *(f"scipy.special.{f}(1, w * x)" for f in ("jv", "yv", "iv", "kv", "polygamma")),
]


@pytest.mark.parametrize("text", TEXTS)
def test_texts_of_numpy_and_scipy(text: str) -> None:
    needs.package("scipy")
    import scipy.special

    source = f"import numpy as np\nimport scipy.special\nx = np.array([0.3, 0.7])\nw = np.array([0.9, 0.8])\nL = np.sum({text})\n"
    d = sb.derive(sb.parse(source, wrt=["w"]))
    found = d.evaluate()
    values = {"np": np, "scipy": scipy, "x": np.array([0.3, 0.7])}
    assert found.loss == pytest.approx(float(np.sum(eval(text, {**values, "w": np.array([0.9, 0.8])}))), rel=1e-12)
    step = 1e-6
    for k in range(2):
        move = step * np.eye(2)[k]
        above, below = (np.sum(eval(text, {**values, "w": np.array([0.9, 0.8]) + s * move})) for s in (1, -1))
        assert found.gradients["w"][k] == pytest.approx((above - below) / (2 * step), rel=1e-6)


OF_TORCH = [
    *(f"torch.{f}(w * x)" for f in ("atan", "asin", "acos", "asinh", "atanh", "arctan", "arcsin", "arccos", "arcsinh")),
    *(
        f"torch.{f}(w * x)"
        for f in ("arctanh", "erfc", "erfinv", "lgamma", "digamma", "special.erfc", "special.gammaln")
    ),
    *("torch.acosh(2 + w * x)", "torch.atan2(w, x)", "torch.special.psi(w * x)", "(w * x).atan()", "(w * x).lgamma()"),
    *("torch.lgamma(-w - x)", "torch.special.gammaln(x - 3 * w)", "(x - 2 * w).lgamma()"),
    *("(w * x).arcsin()", "w.atan2(x)", "x.arctan2(w)", "(w * x).digamma()", "(w * x).erfc()"),
]


@pytest.mark.parametrize("text", OF_TORCH)
def test_texts_of_torch(text: str) -> None:
    torch = needs.package("torch")
    x = torch.tensor([0.3, 0.7], dtype=torch.float64)
    leaf = torch.tensor([0.9, 0.8], dtype=torch.float64, requires_grad=True)
    loss = eval(text, {"torch": torch, "x": x, "w": leaf}).sum()
    loss.backward()
    source = (
        "import torch\nx = torch.tensor([0.3, 0.7], dtype=torch.float64)\n"
        "w = torch.tensor([0.9, 0.8], dtype=torch.float64, requires_grad=True)\n"
        f"loss = {text}.sum()\nloss.backward()\n"
    )
    found = sb.derive(sb.parse(source)).evaluate()
    assert found.loss == pytest.approx(loss.item(), rel=1e-12)
    assert np.allclose(found.gradients["w"], leaf.grad.numpy(), rtol=1e-10)


def test_a_planted_error_is_caught() -> None:
    x = name("x")
    exact = prime_form(Prime(ROWS["arctan"], 0), (x,), apply(ROWS["arctan"], x))
    wrong = exact * number(1.001)
    with mp.workdps(25):
        slope = slope_of(ROWS["arctan"], None, 0.4)
        found = [np.asarray(evaluate(form, {"x": mp.mpf(0.4)}, {}, EXACT)).item() for form in (exact, wrong)]
    assert abs(found[0] - slope) < 1e-12 < abs(found[1] - slope)
