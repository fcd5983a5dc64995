"""Elementary and special functions that no formula of simpler ones defines: inverse functions, integrals, solutions of equations.

Each is the operation of its name: SymPy has its derivative. Where that is a quotient, as sin(x)/x for Si and those of the
elliptic integrals, it is nan at 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from symback.core.forms import Form, Function, apply, number
from symback.core.operations import STATED
from symback.functions.primitives import ABSOLUTE

_DLMF = "https://dlmf.nist.gov/"


@dataclass(frozen=True)
class _Entry:
    """One function: how it is called, defined, printed and evaluated.

    ``defined`` is the definition in LaTeX and as text, ``source`` a place in the Digital Library of Mathematical Functions.
    """

    name: str
    title: str
    latex: str
    text: str
    defined: tuple[str, str]
    source: str
    aliases: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ("x",)
    numpy: str = ""
    library: str = ""
    math: str = ""
    domain: tuple[float, float] = (-3.0, 3.0)
    order: str = ""
    orders: tuple[float, ...] = ()

    def row(self) -> Function:
        return Function(
            self.name,
            _definition(self.name),
            latex=self.latex,
            text=self.text,
            title=self.title,
            arguments=len(self.arguments),
            argument_names=self.arguments,
            elementary=True,
            stated=self.defined,
            numpy=self.numpy,
            numpy_helper="" if self.numpy else self._helper("{np}.vectorize(of_one, otypes=[float])"),
            library=self.library,
            math=self.math,
            math_helper="" if self.math else self._helper("of_one"),
            aliases=self.aliases,
            source=_DLMF + self.source,
            domain=self.domain,
            order=self.order,
            orders=self.orders,
        )

    def _helper(self, of_all: str) -> str:
        """Return the source of a function that has mpmath evaluate entry by entry."""
        stated, arguments = STATED[self.name], ", ".join(self.arguments)
        options = "".join(f", {key}={value}" for key, value in stated.options)
        known = f"; {self.library} is faster, where SciPy is installed" if self.library and "np" in of_all else ""
        return _HELPER.format(
            name=self.name,
            arguments=arguments,
            title=f"{self.title[0].upper()}{self.title[1:]}",
            known=known,
            function=stated.mpmath,
            call=f"mpmath.{stated.mpmath}({arguments}{options})",
            of_all=of_all,
        )


_HELPER = '''\
def {name}({arguments}):
    """{title}, entry by entry, and nan where it is no real number{known}."""
    import mpmath

    def of_one({arguments}):
        try:
            value = {call}
        except (ValueError, ZeroDivisionError, OverflowError):
            return float("nan")
        return float("nan") if abs(value.imag) > mpmath.eps * abs(value) else float(value.real)

    return {of_all}({arguments})
'''


_LOG_ABS_GAMMA = '''\
def log_abs_gamma(x):
    """ln|Γ(x)|, entry by entry, and infinite at the poles{known}."""
    from math import inf, lgamma

    def of_one(x):
        try:
            return lgamma(x)
        except (ValueError, OverflowError):
            return inf

    return {of_all}(x)
'''


def _definition(name: str) -> Callable[..., Form]:
    return lambda *arguments: apply(name, *arguments)


def _everywhere(name: str) -> tuple[str, ...]:
    """Return the names of an inverse function in NumPy, in PyTorch and in ``math``."""
    return f"np.{name}", f"torch.{name}", f"torch.{name.replace('arc', 'a')}", f"math.{name.replace('arc', 'a')}"


def _special(*names: str) -> tuple[str, ...]:
    return tuple(f"{library}.special.{name}" for name in names for library in ("scipy", "torch"))


_ENTRIES: tuple[_Entry, ...] = (
    _Entry(
        "arctan",
        "inverse tangent",
        r"\arctan",
        "arctan",
        (r"\int_0^x \frac{1}{1 + t^2}\, dt", "∫₀ˣ 1/(1 + t²) dt"),
        "4.23#E3",
        _everywhere("arctan"),
        numpy="{np}.arctan({0})",
        math="atan({0})",
    ),
    _Entry(
        "arcsin",
        "inverse sine",
        r"\arcsin",
        "arcsin",
        (r"\int_0^x \frac{1}{\sqrt{1 - t^2}}\, dt", "∫₀ˣ 1/√(1 − t²) dt"),
        "4.23#E1",
        _everywhere("arcsin"),
        numpy="{np}.arcsin({0})",
        domain=(-0.95, 0.95),
    ),
    _Entry(
        "arccos",
        "inverse cosine",
        r"\arccos",
        "arccos",
        (r"\int_x^1 \frac{1}{\sqrt{1 - t^2}}\, dt", "∫ₓ¹ 1/√(1 − t²) dt"),
        "4.23#E2",
        _everywhere("arccos"),
        numpy="{np}.arccos({0})",
        domain=(-0.95, 0.95),
    ),
    _Entry(
        "arcsinh",
        "inverse hyperbolic sine",
        r"\mathrm{arsinh}",
        "arsinh",
        (r"\int_0^x \frac{1}{\sqrt{1 + t^2}}\, dt", "∫₀ˣ 1/√(1 + t²) dt"),
        "4.37#E1",
        _everywhere("arcsinh"),
        numpy="{np}.arcsinh({0})",
        math="asinh({0})",
    ),
    _Entry(
        "arccosh",
        "inverse hyperbolic cosine",
        r"\mathrm{arcosh}",
        "arcosh",
        (r"\int_1^x \frac{1}{\sqrt{t^2 - 1}}\, dt", "∫₁ˣ 1/√(t² − 1) dt"),
        "4.37#E2",
        _everywhere("arccosh"),
        numpy="{np}.arccosh({0})",
        domain=(1.05, 5.0),
    ),
    _Entry(
        "arctanh",
        "inverse hyperbolic tangent",
        r"\mathrm{artanh}",
        "artanh",
        (r"\int_0^x \frac{1}{1 - t^2}\, dt", "∫₀ˣ 1/(1 − t²) dt"),
        "4.37#E3",
        _everywhere("arctanh"),
        numpy="{np}.arctanh({0})",
        domain=(-0.95, 0.95),
    ),
    _Entry(
        "arctan2",
        "angle of the point (x, y)",
        r"\mathrm{atan2}",
        "atan2",
        (r"\mathrm{ph}(x + i y)", "ph(x + iy)"),
        "1.9#E7",
        ("np.arctan2", "torch.arctan2", "torch.atan2", "math.atan2"),
        ("y", "x"),
        numpy="{np}.arctan2({0}, {1})",
        math="atan2({0}, {1})",
        domain=(0.2, 3.0),
    ),
    _Entry(
        "erfc",
        "complementary error function",
        r"\mathrm{erfc}",
        "erfc",
        (r"\frac{2}{\sqrt{\pi}} \int_x^\infty e^{-t^2}\, dt", "2/√π ∫ₓ^∞ e^(−t²) dt"),
        "7.2#E2",
        ("torch.erfc", "math.erfc", *_special("erfc")),
        library="scipy.special.erfc",
        math="erfc({0})",
    ),
    _Entry(
        "erfi",
        "imaginary error function",
        r"\mathrm{erfi}",
        "erfi",
        (r"\frac{2}{\sqrt{\pi}} \int_0^x e^{t^2}\, dt", "2/√π ∫₀ˣ e^(t²) dt"),
        "7.2#E6",
        ("scipy.special.erfi",),
        library="scipy.special.erfi",
    ),
    _Entry(
        "erfinv",
        "inverse error function",
        r"\mathrm{erf}^{-1}",
        "erf⁻¹",
        (r"y,\quad \mathrm{erf}(y) = x", "y, erf(y) = x"),
        "7.17#E1",
        ("torch.erfinv", *_special("erfinv")),
        library="scipy.special.erfinv",
        domain=(-0.9, 0.9),
    ),
    _Entry(
        "gamma_function",
        "gamma function",
        r"\Gamma",
        "Γ",
        (r"\int_0^\infty t^{x - 1} e^{-t}\, dt", "∫₀^∞ t^(x−1) e^(−t) dt"),
        "5.2#E1",
        ("math.gamma", "scipy.special.gamma"),
        library="scipy.special.gamma",
        domain=(0.3, 5.0),
    ),
    _Entry(
        "log_gamma",
        "logarithm of the gamma function",
        r"\ln\Gamma",
        "ln Γ",
        (r"\ln \int_0^\infty t^{x - 1} e^{-t}\, dt", "ln ∫₀^∞ t^(x−1) e^(−t) dt"),
        "5.2#E1",
        ("scipy.special.loggamma",),
        library="scipy.special.loggamma",
        domain=(0.3, 5.0),
    ),
    _Entry(
        "polygamma",
        "polygamma function",
        r"\psi",
        "ψ",
        (r"\frac{d^{n + 1}}{dx^{n + 1}} \ln\Gamma(x)", "dⁿ⁺¹/dxⁿ⁺¹ ln Γ(x)"),
        "5.15#E1",
        ("scipy.special.polygamma",),
        ("n", "x"),
        library="scipy.special.polygamma",
        domain=(0.3, 5.0),
        order="superscript",
        orders=(0, 1, 3),
    ),
    _Entry(
        "upper_gamma",
        "upper incomplete gamma function",
        r"\Gamma",
        "Γ",
        (r"\int_x^\infty t^{a - 1} e^{-t}\, dt", "∫ₓ^∞ t^(a−1) e^(−t) dt"),
        "8.2#E2",
        (),
        ("a", "x"),
        domain=(0.3, 5.0),
        orders=(2.5, 3),
    ),
    _Entry(
        "bessel_j",
        "Bessel function of the first kind",
        "J",
        "J",
        (
            r"\Bigl(\frac{x}{2}\Bigr)^n \sum_k \frac{(-x^2/4)^k}{k!\, \Gamma(n + k + 1)}",
            "(x/2)ⁿ Σₖ (−x²/4)ᵏ/(k! Γ(n + k + 1))",
        ),
        "10.2#E2",
        ("scipy.special.jv",),
        ("n", "x"),
        library="scipy.special.jv",
        order="subscript",
        orders=(0, 1, 3),
    ),
    _Entry(
        "bessel_y",
        "Bessel function of the second kind",
        "Y",
        "Y",
        (
            r"\lim_{m \to n} \frac{J_m(x) \cos(m \pi) - J_{-m}(x)}{\sin(m \pi)}",
            "lim (Jₘ(x) cos(mπ) − J₋ₘ(x))/sin(mπ), m → n",
        ),
        "10.2#E3",
        ("scipy.special.yv",),
        ("n", "x"),
        library="scipy.special.yv",
        domain=(0.4, 6.0),
        order="subscript",
        orders=(0, 1, 3),
    ),
    _Entry(
        "bessel_i",
        "modified Bessel function of the first kind",
        "I",
        "I",
        (
            r"\Bigl(\frac{x}{2}\Bigr)^n \sum_k \frac{(x^2/4)^k}{k!\, \Gamma(n + k + 1)}",
            "(x/2)ⁿ Σₖ (x²/4)ᵏ/(k! Γ(n + k + 1))",
        ),
        "10.25#E2",
        ("scipy.special.iv",),
        ("n", "x"),
        library="scipy.special.iv",
        order="subscript",
        orders=(0, 1, 3),
    ),
    _Entry(
        "bessel_k",
        "modified Bessel function of the second kind",
        "K",
        "K",
        (r"\int_0^\infty e^{-x \cosh t} \cosh(n t)\, dt", "∫₀^∞ e^(−x cosh t) cosh(nt) dt"),
        "10.32#E9",
        ("scipy.special.kv",),
        ("n", "x"),
        library="scipy.special.kv",
        domain=(0.4, 6.0),
        order="subscript",
        orders=(0, 1, 3),
    ),
    _Entry(
        "exponential_integral",
        "exponential integral",
        r"\mathrm{Ei}",
        "Ei",
        (r"-\int_{-x}^\infty \frac{e^{-t}}{t}\, dt", "−∫₋ₓ^∞ e^(−t)/t dt"),
        "6.2#E5",
        ("scipy.special.expi",),
        library="scipy.special.expi",
        domain=(0.3, 4.0),
    ),
    _Entry(
        "generalized_exponential_integral",
        "generalized exponential integral",
        "E",
        "E",
        (r"\int_1^\infty \frac{e^{-x t}}{t^n}\, dt", "∫₁^∞ e^(−xt)/tⁿ dt"),
        "8.19#E3",
        (),
        ("n", "x"),
        domain=(0.3, 4.0),
        order="subscript",
        orders=(1, 2, 4),
    ),
    _Entry(
        "sine_integral",
        "sine integral",
        r"\mathrm{Si}",
        "Si",
        (r"\int_0^x \frac{\sin t}{t}\, dt", "∫₀ˣ (sin t)/t dt"),
        "6.2#E9",
        domain=(0.2, 3.0),
    ),
    _Entry(
        "cosine_integral",
        "cosine integral",
        r"\mathrm{Ci}",
        "Ci",
        (r"-\int_x^\infty \frac{\cos t}{t}\, dt", "−∫ₓ^∞ (cos t)/t dt"),
        "6.2#E11",
        domain=(0.3, 6.0),
    ),
    _Entry(
        "hyperbolic_sine_integral",
        "hyperbolic sine integral",
        r"\mathrm{Shi}",
        "Shi",
        (r"\int_0^x \frac{\sinh t}{t}\, dt", "∫₀ˣ (sinh t)/t dt"),
        "6.2#E15",
        domain=(0.2, 3.0),
    ),
    _Entry(
        "hyperbolic_cosine_integral",
        "hyperbolic cosine integral",
        r"\mathrm{Chi}",
        "Chi",
        (r"\gamma + \ln x + \int_0^x \frac{\cosh t - 1}{t}\, dt", "γ + ln x + ∫₀ˣ (cosh t − 1)/t dt"),
        "6.2#E16",
        domain=(0.3, 4.0),
    ),
    _Entry(
        "fresnel_s",
        "Fresnel's sine integral",
        "S",
        "S",
        (r"\int_0^x \sin\Bigl(\frac{\pi t^2}{2}\Bigr) dt", "∫₀ˣ sin(πt²/2) dt"),
        "7.2#E8",
    ),
    _Entry(
        "fresnel_c",
        "Fresnel's cosine integral",
        "C",
        "C",
        (r"\int_0^x \cos\Bigl(\frac{\pi t^2}{2}\Bigr) dt", "∫₀ˣ cos(πt²/2) dt"),
        "7.2#E7",
    ),
    _Entry(
        "lambert_w",
        "Lambert's W function",
        "W",
        "W",
        (r"y,\quad y e^y = x", "y, y eʸ = x"),
        "4.13#E1",
        domain=(-0.3, 4.0),
    ),
    _Entry(
        "airy_ai",
        "Airy function",
        r"\mathrm{Ai}",
        "Ai",
        (r"\frac{1}{\pi} \int_0^\infty \cos\Bigl(\frac{t^3}{3} + x t\Bigr) dt", "1/π ∫₀^∞ cos(t³/3 + xt) dt"),
        "9.5#E1",
    ),
    _Entry(
        "airy_ai_prime",
        "derivative of the Airy function",
        r"\mathrm{Ai}'",
        "Ai′",
        (r"\frac{d}{dx} \mathrm{Ai}(x)", "d/dx Ai(x)"),
        "9.2#E1",
    ),
    _Entry(
        "airy_bi",
        "Airy function of the second kind",
        r"\mathrm{Bi}",
        "Bi",
        (
            r"\frac{1}{\pi} \int_0^\infty e^{-t^3/3 + x t} + \sin\Bigl(\frac{t^3}{3} + x t\Bigr) dt",
            "1/π ∫₀^∞ (e^(−t³/3 + xt) + sin(t³/3 + xt)) dt",
        ),
        "9.5#E3",
    ),
    _Entry(
        "airy_bi_prime",
        "derivative of the Airy function of the second kind",
        r"\mathrm{Bi}'",
        "Bi′",
        (r"\frac{d}{dx} \mathrm{Bi}(x)", "d/dx Bi(x)"),
        "9.2#E1",
    ),
    _Entry(
        "elliptic_k",
        "complete elliptic integral of the first kind",
        "K",
        "K",
        (r"\int_0^{\pi/2} \frac{1}{\sqrt{1 - x \sin^2 t}}\, dt", "∫₀^(π/2) 1/√(1 − x sin² t) dt"),
        "19.2#E8",
        ("scipy.special.ellipk",),
        library="scipy.special.ellipk",
        domain=(0.1, 0.9),
    ),
    _Entry(
        "elliptic_e",
        "complete elliptic integral of the second kind",
        "E",
        "E",
        (r"\int_0^{\pi/2} \sqrt{1 - x \sin^2 t}\, dt", "∫₀^(π/2) √(1 − x sin² t) dt"),
        "19.2#E8",
        ("scipy.special.ellipe",),
        library="scipy.special.ellipe",
        domain=(0.1, 0.9),
    ),
)

_STATED_ROWS: dict[str, Function] = {entry.name: entry.row() for entry in _ENTRIES}

SPECIAL: tuple[Function, ...] = (
    *_STATED_ROWS.values(),
    Function(
        "log_abs_gamma",
        lambda x: apply("log", ABSOLUTE(apply("gamma_function", x))),
        latex=r"\ln|\Gamma|",
        text="ln |Γ|",
        title="logarithm of the absolute value of the gamma function",
        stated=(r"\ln \Bigl\lvert\int_0^\infty t^{x - 1} e^{-t}\, dt\Bigr\rvert", "ln |∫₀^∞ t^(x−1) e^(−t) dt|"),
        elementary=True,
        numpy_helper=_LOG_ABS_GAMMA.format(
            known="; scipy.special.gammaln is faster, where SciPy is installed",
            of_all="{np}.vectorize(of_one, otypes=[float])",
        ),
        library="scipy.special.gammaln",
        math_helper=_LOG_ABS_GAMMA.format(known="", of_all="of_one"),
        aliases=("torch.lgamma", "math.lgamma", *_special("gammaln")),
        domain=(0.3, 5.0),
        source=_DLMF + "5.2#E1",
    ),
    Function(
        "digamma",
        lambda x: _STATED_ROWS["polygamma"](number(0), x),
        latex=r"\psi",
        text="ψ",
        title="digamma function",
        inline=True,
        aliases=("torch.digamma", *_special("digamma", "psi")),
        domain=(0.3, 5.0),
        source=_DLMF + "5.2#E2",
    ),
)
