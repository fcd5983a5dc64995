"""Functions with kinks that formulas use freely: |x|, max, min, clip, sign. The value at a kink is in the definition."""

from __future__ import annotations

from symback.core.errors import NetworkError
from symback.core.forms import Form, Function, apply, number, where


def _half_sum(u: Form, v: Form) -> Form:
    return apply("divide", u + v, number(2))


ABSOLUTE = Function(
    "absolute",
    lambda x: where(x > 0, x, where(x < 0, -x, number(0))),
    latex=r"\mathrm{abs}",
    text="abs",
    elementary=True,
    numpy="{np}.abs({0})",
    math="abs({0})",
    aliases=("abs", "np.abs", "np.absolute", "np.fabs", "torch.abs", "math.fabs"),
    title="absolute value",
    kinks="derivative 0 at 0",
    source="PyTorch: d|x|/dx = sign(x) with sign(0) = 0, https://pytorch.org/docs/stable/generated/torch.sign.html",
)

_ERF = '''\
def erf(x):
    """The error function, entry by entry; scipy.special.erf is faster, where SciPy is installed."""
    from math import erf as of_one

    return {np}.vectorize(of_one, otypes=[float])(x)
'''

ERF = Function(
    "erf",
    lambda x: apply("erf", x),
    latex=r"\mathrm{erf}",
    text="erf",
    title="error function",
    elementary=True,
    stated=(r"\frac{2}{\sqrt{\pi}} \int_0^x e^{-t^2}\, dt", "2/√π ∫₀ˣ e^(−t²) dt"),
    numpy_helper=_ERF,
    library="scipy.special.erf",
    math="erf({0})",
    aliases=("torch.erf", "torch.special.erf", "scipy.special.erf", "math.erf"),
    source="https://dlmf.nist.gov/7.2#E1",
)


MAXIMUM = Function(
    "maximum",
    lambda u, v: where(u > v, u, where(v > u, v, _half_sum(u, v))),
    latex=r"\max",
    text="max",
    arguments=2,
    argument_names=("u", "v"),
    elementary=True,
    numpy="{np}.maximum({0}, {1})",
    math="max({0}, {1})",
    aliases=("np.maximum", "torch.maximum", "np.fmax"),
    title="larger of two",
    kinks="derivative 1/2 each at a tie",
    source="JAX and PyTorch split a tie evenly, https://pytorch.org/docs/stable/notes/autograd.html",
)

MINIMUM = Function(
    "minimum",
    lambda u, v: where(u < v, u, where(v < u, v, _half_sum(u, v))),
    latex=r"\min",
    text="min",
    arguments=2,
    argument_names=("u", "v"),
    elementary=True,
    numpy="{np}.minimum({0}, {1})",
    math="min({0}, {1})",
    aliases=("np.minimum", "torch.minimum", "np.fmin"),
    title="smaller of two",
    kinks="derivative 1/2 each at a tie",
    source="JAX and PyTorch split a tie evenly, https://pytorch.org/docs/stable/notes/autograd.html",
)


def _one_bound(x: Form, low: Form | None, high: Form | None) -> Form:
    """Return a clip to a half-line."""
    if low is not None:
        return MAXIMUM(x, low)
    if high is not None:
        return MINIMUM(x, high)
    raise NetworkError("clip needs a bound")


PRIMITIVES: tuple[Function, ...] = (
    Function(
        "sign",
        lambda x: where(x > 0, number(1), where(x < 0, number(-1), number(0))),
        latex=r"\mathrm{sign}",
        text="sign",
        elementary=True,
        numpy="{np}.sign({0})",
        math_helper="sign",
        aliases=("np.sign", "torch.sign"),
        title="sign",
        kinks="sign(0) = 0, sign'(0) = 0",
        source="https://numpy.org/doc/stable/reference/generated/numpy.sign.html",
    ),
    ABSOLUTE,
    ERF,
    MAXIMUM,
    MINIMUM,
    Function(
        "positive_part",
        lambda x: where(x >= 0, x, number(0)),
        latex=r"\mathrm{pos}",
        text="pos",
        numpy="{np}.maximum({0}, 0)",
        math="max({0}, 0.0)",
        title="positive part",
        kinks="pos'(0) = 1",
        recognized=False,
        source="PyTorch: torch.clamp passes the gradient at its bounds, https://pytorch.org/docs/stable/generated/torch.clamp.html",
    ),
    Function(
        "clip",
        lambda x, low, high: where(x < low, where(low > high, high, low), where(x > high, high, x)),
        latex=r"\mathrm{clip}",
        text="clip",
        arguments=3,
        argument_names=("x", "low", "high"),
        elementary=True,
        numpy="{np}.clip({0}, {1}, {2})",
        math="min(max({0}, {1}), {2})",
        aliases=("np.clip", "torch.clamp", "torch.clip"),
        keywords={"min": "low", "max": "high", "a_min": "low", "a_max": "high"},
        one_sided=_one_bound,
        title="clip to an interval",
        kinks="derivative 1 inside and at both ends",
        source="PyTorch: torch.clamp passes the gradient at its bounds, https://pytorch.org/docs/stable/generated/torch.clamp.html",
    ),
)
