"""Activation functions: each row is a definition; its derivative is derived from it, never written here.

Values at kinks are PyTorch's; each row names the page that says so.
"""

from __future__ import annotations

import math
from typing import Any

from symback.core.errors import NetworkError, ShapeError
from symback.core.forms import Form, Function, apply, as_form, number, reduce_over, shape_text, where
from symback.functions.primitives import ABSOLUTE, ERF

_TORCH = "https://pytorch.org/docs/stable/generated/torch.nn.{}.html"


def _exp(x: Form) -> Form:
    return apply("exp", x)


def _log(x: Form) -> Form:
    return apply("log", x)


def _torch(name: str, *more: str) -> tuple[str, ...]:
    """Return the names under which PyTorch has a function of ``torch.nn.functional``."""
    return (f"F.{name}", f"torch.nn.functional.{name}", *more)


# --- functions that saturate --------------------------------------------------------------------------------------------

SIGMOID = Function(
    "sigmoid",
    lambda x: number(1) / (number(1) + _exp(-x)),
    latex=r"\sigma",
    text="σ",
    title="Sigmoid",
    numpy="1 / (1 + {np}.exp(-{0}))",
    reflected=True,
    math="1.0 / (1.0 + exp(-{0})) if {0} > -709.0 else exp({0})",
    aliases=(
        "torch.sigmoid",
        "torch.special.expit",
        "F.sigmoid",
        "torch.nn.functional.sigmoid",
        "scipy.special.expit",
        "expit",
    ),
)

TANH = Function(
    "tanh",
    lambda x: (_exp(x) - _exp(-x)) / (_exp(x) + _exp(-x)),
    latex=r"\tanh",
    text="tanh",
    title="Tanh",
    numpy="{np}.tanh({0})",
    math="tanh({0})",
    aliases=("np.tanh", "torch.tanh", "F.tanh", "math.tanh", "torch.nn.functional.tanh"),
)

SOFTPLUS = Function(
    "softplus",
    lambda x, beta=1, threshold=20: (
        _log(number(1) + _exp(x)) if beta == 1 else _log(number(1) + _exp(as_form(beta) * x)) / as_form(beta)
    ),
    latex=r"\mathrm{softplus}",
    text="softplus",
    title="Softplus",
    elementary=True,
    numpy="{np}.logaddexp(0, {0})",
    math="(max({0}, 0.0) + log1p(exp(-abs({0}))))",
    parameters={"beta": 1, "threshold": 20},
    call=lambda x, beta, threshold: _softplus(x, beta, threshold),
    aliases=_torch("softplus"),
    source=_TORCH.format("Softplus") + " (from the threshold on it is x; at 20 and beyond the two are equal to 2e-9)",
)


def _softplus(x: Form, beta: Any, threshold: Any) -> Form:
    """Return softplus(βx) / β, the table's function where β is 1; with a threshold below 20 it is x where βx exceeds it."""
    if not isinstance(threshold, Form) and isinstance(threshold, (int, float)) and threshold >= 20:
        return _scaled_softplus(x, beta)
    scaled = x if not isinstance(beta, Form) and beta == 1 else as_form(beta) * x
    return where(scaled > as_form(threshold), x, _scaled_softplus(x, beta))


def _scaled_softplus(x: Form, beta: Any) -> Form:
    if not isinstance(beta, Form) and (isinstance(beta, bool) or not isinstance(beta, (int, float)) or not beta > 0):
        raise NetworkError(f"softplus: beta is a positive number, got {beta!r}")
    return apply(SOFTPLUS, x) if beta == 1 else apply(SOFTPLUS, as_form(beta) * x) / as_form(beta)


LOG_SIGMOID = Function(
    "log_sigmoid",
    lambda x: _log(number(1) / (number(1) + _exp(-x))),
    latex=r"\log\sigma",
    text="log σ",
    title="LogSigmoid",
    elementary=True,
    numpy="-{np}.logaddexp(0, -{0})",
    math="(min({0}, 0.0) - log1p(exp(-abs({0}))))",
    equals=(("log", "sigmoid"),),
    aliases=_torch("logsigmoid"),
)

LOGADDEXP = Function(
    "logaddexp",
    lambda u, v: _log(_exp(u) + _exp(v)),
    latex=r"\mathrm{logaddexp}",
    text="logaddexp",
    title="log(e^u + e^v)",
    arguments=2,
    argument_names=("u", "v"),
    elementary=True,
    numpy="{np}.logaddexp({0}, {1})",
    math="(max({0}, {1}) + log1p(exp(-abs({0} - {1}))))",
    keywords={"input": "u", "other": "v"},
    aliases=("np.logaddexp", "torch.logaddexp"),
    source="https://numpy.org/doc/stable/reference/generated/numpy.logaddexp.html",
)

LOG_COSH = Function(
    "log_cosh",
    lambda x: _log((_exp(x) + _exp(-x)) / number(2)),
    latex=r"\log\cosh",
    text="log cosh",
    title="LogCosh",
    elementary=True,
    numpy="{np}.logaddexp({0}, -{0}) - {np}.log(2)",
    math="(abs({0}) + log1p(exp(-2.0 * abs({0}))) - log(2.0))",
)

SOFTSIGN = Function(
    "softsign",
    lambda x: x / (number(1) + ABSOLUTE(x)),
    latex=r"\mathrm{softsign}",
    text="softsign",
    title="Softsign",
    aliases=_torch("softsign"),
)

HARDSIGMOID = Function(
    "hardsigmoid",
    lambda x: where(x <= -3, number(0), where(x < 3, x / number(6) + number(0.5), number(1))),
    latex=r"\mathrm{hardsigmoid}",
    text="hardsigmoid",
    title="Hardsigmoid",
    reflected=True,
    recognized=False,
    kinks="hardsigmoid'(±3) = 0",
    source=_TORCH.format("Hardsigmoid"),
    domain=(-5.0, 5.0),
    aliases=_torch("hardsigmoid"),
)

HARDTANH = Function(
    "hardtanh",
    lambda x, low, high: where(x <= low, low, where(x < high, x, high)),
    latex=r"\mathrm{hardtanh}",
    text="hardtanh",
    title="Hardtanh",
    arguments=3,
    argument_names=("x", "low", "high"),
    defaults=(-1.0, 1.0),
    numpy="{np}.clip({0}, {1}, {2})",
    math="min(max({0}, {1}), {2})",
    recognized=False,
    keywords={"min_val": "low", "max_val": "high"},
    kinks="hardtanh'(a) = hardtanh'(b) = 0",
    source=_TORCH.format("Hardtanh"),
    aliases=_torch("hardtanh"),
)

TANHSHRINK = Function(
    "tanhshrink",
    lambda x: x - TANH(x),
    latex=r"\mathrm{tanhshrink}",
    text="tanhshrink",
    title="Tanhshrink",
    recognized=False,
    aliases=_torch("tanhshrink"),
)

# --- ReLU and its relatives -----------------------------------------------------------------------------------------------

RELU = Function(
    "relu",
    lambda x: where(x > 0, x, number(0)),
    latex=r"\mathrm{ReLU}",
    text="ReLU",
    title="ReLU",
    numpy="{np}.maximum({0}, 0)",
    math="(0.0 if {0} <= 0.0 else {0})",
    kinks="ReLU'(0) = 0",
    source="PyTorch, JAX nn.relu; Bertoin et al. 2021, https://arxiv.org/abs/2106.12915",
    aliases=("torch.relu", *_torch("relu")),
)

RELU6 = Function(
    "relu6",
    lambda x: where(x <= 0, number(0), where(x < 6, x, number(6))),
    latex=r"\mathrm{ReLU6}",
    text="ReLU6",
    title="ReLU6",
    numpy="{np}.clip({0}, 0, 6)",
    math="min(max({0}, 0.0), 6.0)",
    kinks="ReLU6'(0) = ReLU6'(6) = 0",
    source=_TORCH.format("ReLU6"),
    domain=(-3.0, 9.0),
    recognized=False,
    aliases=_torch("relu6"),
)

LEAKY_RELU = Function(
    "leaky_relu",
    lambda x, alpha: where(x > 0, x, alpha * x),
    latex=r"\mathrm{LeakyReLU}",
    text="LeakyReLU",
    title="LeakyReLU",
    arguments=2,
    argument_names=("x", "alpha"),
    defaults=(0.01,),
    keywords={"negative_slope": "alpha"},
    numpy="{np}.where({0} > 0, {0}, {1} * {0})",
    math="({0} if {0} > 0.0 else {1} * {0})",
    kinks="LeakyReLU'(0) = α",
    source=_TORCH.format("LeakyReLU"),
    aliases=_torch("leaky_relu"),
)

PRELU = Function(
    "prelu",
    lambda x, a: where(x > 0, x, a * x),
    latex=r"\mathrm{PReLU}",
    text="PReLU",
    title="PReLU",
    arguments=2,
    argument_names=("x", "a"),
    keywords={"weight": "a"},
    per_channel=True,
    numpy="{np}.where({0} > 0, {0}, {1} * {0})",
    math="({0} if {0} > 0.0 else {1} * {0})",
    kinks="PReLU'(0) = a",
    source=_TORCH.format("PReLU"),
    aliases=("torch.prelu", *_torch("prelu")),
)

ELU = Function(
    "elu",
    lambda x, alpha: where(x > 0, x, alpha * (_exp(x) - number(1))),
    latex=r"\mathrm{ELU}",
    text="ELU",
    title="ELU",
    arguments=2,
    argument_names=("x", "alpha"),
    defaults=(1.0,),
    numpy="{np}.where({0} > 0, {0}, {1} * {np}.expm1({0}))",
    math="({0} if {0} > 0.0 else {1} * expm1({0}))",
    kinks="ELU'(0) = α",
    source=_TORCH.format("ELU"),
    aliases=_torch("elu"),
)

SELU_ALPHA, SELU_SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946

SELU = Function(
    "selu",
    lambda x: where(
        x > 0,
        number(SELU_SCALE) * x,
        number(SELU_SCALE * SELU_ALPHA) * (_exp(x) - number(1)),
    ),
    latex=r"\mathrm{SELU}",
    text="SELU",
    title="SELU",
    numpy=f"{{np}}.where({{0}} > 0, {SELU_SCALE!r} * {{0}}, {SELU_SCALE * SELU_ALPHA!r} * {{np}}.expm1({{0}}))",
    math=f"({SELU_SCALE!r} * {{0}} if {{0}} > 0.0 else {SELU_SCALE * SELU_ALPHA!r} * expm1({{0}}))",
    kinks="SELU'(0) = 1.758",
    source="Klambauer et al. 2017, https://arxiv.org/abs/1706.02515; " + _TORCH.format("SELU"),
    aliases=("torch.selu", *_torch("selu")),
)

CELU = Function(
    "celu",
    lambda x, alpha: where(x > 0, x, alpha * (_exp(x / alpha) - number(1))),
    latex=r"\mathrm{CELU}",
    text="CELU",
    title="CELU",
    arguments=2,
    argument_names=("x", "alpha"),
    defaults=(1.0,),
    numpy="{np}.where({0} > 0, {0}, {1} * {np}.expm1({0} / {1}))",
    math="({0} if {0} > 0.0 else {1} * expm1({0} / {1}))",
    source=_TORCH.format("CELU"),
    aliases=("torch.celu", *_torch("celu")),
)

SOFTSHRINK = Function(
    "softshrink",
    lambda x, lambda_: where(x > lambda_, x - lambda_, where(x < -lambda_, x + lambda_, number(0))),
    latex=r"\mathrm{softshrink}",
    text="softshrink",
    title="Softshrink",
    arguments=2,
    argument_names=("x", "lambda_"),
    defaults=(0.5,),
    keywords={"lambd": "lambda_"},
    recognized=False,
    kinks="softshrink'(±λ) = 0",
    source=_TORCH.format("Softshrink"),
    aliases=_torch("softshrink"),
)

HARDSHRINK = Function(
    "hardshrink",
    lambda x, lambda_: where(x > lambda_, x, where(x < -lambda_, x, number(0))),
    latex=r"\mathrm{hardshrink}",
    text="hardshrink",
    title="Hardshrink",
    arguments=2,
    argument_names=("x", "lambda_"),
    defaults=(0.5,),
    keywords={"lambd": "lambda_"},
    recognized=False,
    kinks="hardshrink'(±λ) = 0",
    source=_TORCH.format("Hardshrink"),
    aliases=("torch.hardshrink", *_torch("hardshrink")),
)

THRESHOLD = Function(
    "threshold",
    lambda x, threshold, value: where(x > threshold, x, value),
    latex=r"\mathrm{threshold}",
    text="threshold",
    title="Threshold",
    arguments=3,
    argument_names=("x", "threshold", "value"),
    recognized=False,
    kinks="threshold'(t) = 0",
    source=_TORCH.format("Threshold"),
    aliases=("torch.threshold", *_torch("threshold")),
)

# --- functions with gates -------------------------------------------------------------------------------------------------

NORMAL_DENSITY = Function(
    "normal_density",
    lambda x: _exp(-(x ** number(2)) / number(2)) / apply("sqrt", number(2) * number(math.pi)),
    latex=r"\varphi",
    text="φ",
    title="Normal density",
    aliases=("scipy.stats.norm.pdf",),
)

NORMAL_CDF = Function(
    "normal_cdf",
    lambda x: number(0.5) * (number(1) + ERF(x / apply("sqrt", number(2)))),
    latex=r"\Phi",
    text="Φ",
    title="Normal distribution",
    reflected=True,
    aliases=("scipy.special.ndtr", "torch.special.ndtr", "scipy.stats.norm.cdf"),
)

SILU = Function(
    "silu",
    lambda x: x * SIGMOID(x),
    latex=r"\mathrm{SiLU}",
    text="SiLU",
    title="SiLU",
    source="Elfwing et al. 2017, https://arxiv.org/abs/1702.03118",
    aliases=_torch("silu"),
)

GELU = Function(
    "gelu",
    lambda x, approximate="none": x * NORMAL_CDF(x) if approximate == "none" else _gelu_tanh(x),
    latex=r"\mathrm{GELU}",
    text="GELU",
    title="GELU",
    parameters={"approximate": "none"},
    call=lambda x, approximate: _gelu(x, approximate),
    source="Hendrycks and Gimpel 2016, https://arxiv.org/abs/1606.08415",
    aliases=_torch("gelu"),
)


def _gelu_tanh(x: Form) -> Form:
    inner = apply("sqrt", number(2) / number(math.pi)) * (x + number(0.044715) * x ** number(3))
    return number(0.5) * x * (number(1) + TANH(inner))


GELU_TANH = Function(
    "gelu_tanh",
    _gelu_tanh,
    latex=r"\mathrm{GELU}_{\tanh}",
    text="GELU_tanh",
    title="GELU (tanh)",
    source="Hendrycks and Gimpel 2016, https://arxiv.org/abs/1606.08415",
)


def _gelu(x: Form, approximate: Any) -> Form:
    """Return one of the two rows."""
    if approximate not in ("none", "tanh"):
        raise NetworkError(f"gelu: approximate is 'none' or 'tanh', not {approximate!r}")
    return apply(GELU if approximate == "none" else GELU_TANH, x)


MISH = Function(
    "mish",
    lambda x: x * TANH(apply(SOFTPLUS, x)),
    latex=r"\mathrm{Mish}",
    text="Mish",
    title="Mish",
    source="Misra 2019, https://arxiv.org/abs/1908.08681",
    aliases=_torch("mish"),
)

HARDSWISH = Function(
    "hardswish",
    lambda x: where(x <= -3, number(0), where(x < 3, x * (x + number(3)) / number(6), x)),
    latex=r"\mathrm{hardswish}",
    text="hardswish",
    title="Hardswish",
    domain=(-5.0, 5.0),
    recognized=False,
    kinks="hardswish'(−3) = 0, hardswish'(3) = 1",
    source="Howard et al. 2019, https://arxiv.org/abs/1905.02244; " + _TORCH.format("Hardswish"),
    aliases=_torch("hardswish"),
)

# --- functions along an axis ------------------------------------------------------------------------------------------------


def _softmax(z: Form, axis: int = -1) -> Form:
    return _exp(z) / reduce_over("sum", _exp(z), axis, True)


def _softmin(z: Form, axis: int = -1) -> Form:
    return SOFTMAX(-z, axis=axis)


def _glu(z: Form, axis: int = -1) -> Form:
    if not -z.ndim <= axis < z.ndim:
        raise ShapeError(f"in glu: axis {axis} is out of range for an array with {z.ndim} axes")
    length = z.shape[axis]
    if not isinstance(length, int) or length % 2:
        raise ShapeError(
            f"in glu: the axis to halve has {length} entries in {z} of shape {shape_text(z.shape)}; it must be even"
        )
    before = (slice(None),) * (axis % z.ndim)
    value, gate = z[(*before, slice(0, length // 2))], z[(*before, slice(length // 2, length))]
    return value * SIGMOID(gate)


def _logsumexp(z: Form, axis: int = -1, keepdims: bool = False) -> Form:
    return _log(reduce_over("sum", _exp(z), axis, keepdims))


def _softplus_sum(z: Form, axis: int = -1, keepdims: bool = False) -> Form:
    return _log(number(1) + reduce_over("sum", _exp(z), axis, keepdims))


def _log_softmax(z: Form, axis: int = -1) -> Form:
    return z - _log(reduce_over("sum", _exp(z), axis, True))


_SOFTMAX = '''\
def softmax(z, axis=-1):
    """e^z / sum(e^z) along an axis; the largest entry is subtracted first, which changes nothing but overflow."""
    e = {np}.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)
'''

_LOG_SOFTMAX = '''\
def log_softmax(z, axis=-1):
    """log(softmax(z)) along an axis, without overflow."""
    shifted = z - z.max(axis=axis, keepdims=True)
    return shifted - {np}.log({np}.exp(shifted).sum(axis=axis, keepdims=True))
'''

_LOGSUMEXP = '''\
def logsumexp(z, axis=-1, keepdims=False):
    """log(sum(e^z)) along an axis, without overflow."""
    m = z.max(axis=axis, keepdims=True)
    m = {np}.where({np}.isfinite(m), m, 0)
    total = m + {np}.log({np}.exp(z - m).sum(axis=axis, keepdims=True))
    return total if keepdims else total.squeeze(axis=axis)
'''

_SOFTPLUS_SUM = '''\
def softplus_sum(z, axis=-1, keepdims=False):
    """log(1 + sum(e^z)) along an axis, without overflow."""
    m = {np}.maximum(z.max(axis=axis, keepdims=True), 0)
    total = m + {np}.log({np}.exp(-m) + {np}.exp(z - m).sum(axis=axis, keepdims=True))
    return total if keepdims else total.squeeze(axis=axis)
'''

SOFTMAX = Function(
    "softmax",
    _softmax,
    latex=r"\mathrm{softmax}",
    text="softmax",
    title="Softmax",
    entrywise=False,
    shift_invariant=True,
    guesses_axis=True,
    parameters={"axis": -1},
    keywords={"dim": "axis"},
    numpy_helper=_SOFTMAX,
    aliases=(
        "F.softmax",
        "torch.softmax",
        "torch.special.softmax",
        "torch.nn.functional.softmax",
        "scipy.special.softmax",
    ),
)

ACTIVATIONS: tuple[Function, ...] = (
    SIGMOID,
    TANH,
    RELU,
    LEAKY_RELU,
    SOFTPLUS,
    LOG_SIGMOID,
    SOFTMAX,
    Function(
        "log_softmax",
        _log_softmax,
        latex=r"\log\mathrm{softmax}",
        text="log softmax",
        title="LogSoftmax",
        entrywise=False,
        shift_invariant=True,
        guesses_axis=True,
        parameters={"axis": -1},
        keywords={"dim": "axis"},
        numpy_helper=_LOG_SOFTMAX,
        equals=(("log", "softmax"),),
        aliases=(
            "F.log_softmax",
            "torch.log_softmax",
            "torch.special.log_softmax",
            "torch.nn.functional.log_softmax",
            "scipy.special.log_softmax",
        ),
    ),
    Function(
        "softmin",
        _softmin,
        latex=r"\mathrm{softmin}",
        text="softmin",
        title="Softmin",
        entrywise=False,
        inline=True,
        shift_invariant=True,
        parameters={"axis": -1},
        keywords={"dim": "axis"},
        aliases=_torch("softmin"),
    ),
    Function(
        "logsumexp",
        _logsumexp,
        latex=r"\mathrm{logsumexp}",
        text="logsumexp",
        title="LogSumExp",
        entrywise=False,
        parameters={"axis": -1, "keepdims": False},
        keywords={"dim": "axis", "keepdim": "keepdims"},
        numpy_helper=_LOGSUMEXP,
        aliases=("torch.logsumexp", "torch.special.logsumexp", "scipy.special.logsumexp"),
    ),
    Function(
        "softplus_sum",
        _softplus_sum,
        latex=r"\mathrm{softplus}_{\Sigma}",
        text="softplus_Σ",
        title="log(1 + sum of exponentials)",
        entrywise=False,
        parameters={"axis": -1, "keepdims": False},
        keywords={"dim": "axis", "keepdim": "keepdims"},
        numpy_helper=_SOFTPLUS_SUM,
    ),
    Function(
        "glu",
        _glu,
        latex=r"\mathrm{GLU}",
        text="GLU",
        title="GLU",
        entrywise=False,
        inline=True,
        parameters={"axis": -1},
        keywords={"dim": "axis"},
        source="Dauphin et al. 2016, https://arxiv.org/abs/1612.08083",
        aliases=_torch("glu"),
    ),
    ELU,
    SELU,
    CELU,
    SILU,
    GELU,
    GELU_TANH,
    MISH,
    SOFTSIGN,
    PRELU,
    RELU6,
    HARDSIGMOID,
    HARDSWISH,
    HARDTANH,
    TANHSHRINK,
    SOFTSHRINK,
    HARDSHRINK,
    THRESHOLD,
    LOG_COSH,
    LOGADDEXP,
    NORMAL_DENSITY,
    NORMAL_CDF,
)
