"""Activation functions: each row is a definition; its derivative is derived from it, never written here."""

from __future__ import annotations

from symback.forms import Form, Function, apply, number, reduce_over, where


def _exp(x: Form) -> Form:
    return apply("exp", x)


def _log(x: Form) -> Form:
    return apply("log", x)


def _softmax(z: Form, axis: int = -1) -> Form:
    return _exp(z) / reduce_over("sum", _exp(z), axis, True)


def _logsumexp(z: Form, axis: int = -1, keepdims: bool = False) -> Form:
    return _log(reduce_over("sum", _exp(z), axis, keepdims))


def _softplus_sum(z: Form, axis: int = -1, keepdims: bool = False) -> Form:
    return _log(number(1) + reduce_over("sum", _exp(z), axis, keepdims))


def _log_softmax(z: Form, axis: int = -1) -> Form:
    return z - _log(reduce_over("sum", _exp(z), axis, True))


_SOFTMAX = '''\
def softmax(z, axis=-1):
    """e^z / sum(e^z) along an axis; the largest entry is subtracted first, which changes nothing but overflow."""
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)
'''

_LOG_SOFTMAX = '''\
def log_softmax(z, axis=-1):
    """log(softmax(z)) along an axis, without overflow."""
    shifted = z - z.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))
'''

_LOGSUMEXP = '''\
def logsumexp(z, axis=-1, keepdims=False):
    """log(sum(e^z)) along an axis, without overflow."""
    m = z.max(axis=axis, keepdims=True)
    total = m + np.log(np.exp(z - m).sum(axis=axis, keepdims=True))
    return total if keepdims else total.squeeze(axis=axis)
'''

_SOFTPLUS_SUM = '''\
def softplus_sum(z, axis=-1, keepdims=False):
    """log(1 + sum(e^z)) along an axis, without overflow."""
    m = np.maximum(z.max(axis=axis, keepdims=True), 0)
    total = m + np.log(np.exp(-m) + np.exp(z - m).sum(axis=axis, keepdims=True))
    return total if keepdims else total.squeeze(axis=axis)
'''

ACTIVATIONS: tuple[Function, ...] = (
    Function(
        "sigmoid",
        lambda x: number(1) / (number(1) + _exp(-x)),
        latex=r"\sigma", text="σ", title="sigmoid", numpy="1 / (1 + np.exp(-{0}))",
        math="1.0 / (1.0 + exp(-{0})) if {0} > -709.0 else exp({0})",
        aliases=("torch.sigmoid", "F.sigmoid", "torch.nn.functional.sigmoid", "scipy.special.expit", "expit"),
    ),
    Function(
        "tanh",
        lambda x: (_exp(x) - _exp(-x)) / (_exp(x) + _exp(-x)),
        latex=r"\tanh", text="tanh", title="tanh", numpy="np.tanh({0})", math="tanh({0})",
        aliases=("np.tanh", "torch.tanh", "F.tanh", "math.tanh", "torch.nn.functional.tanh"),
    ),
    Function(
        "relu",
        lambda x: where(x > 0, x, number(0)),
        latex=r"\mathrm{ReLU}", text="ReLU", title="ReLU", numpy="np.maximum({0}, 0)", math="(0.0 if {0} <= 0.0 else {0})",
        kinks="ReLU'(0) = 0", source="PyTorch, JAX nn.relu; Bertoin et al. 2021, https://arxiv.org/abs/2106.12915",
        aliases=("torch.relu", "F.relu", "torch.nn.functional.relu"),
    ),
    Function(
        "leaky_relu",
        lambda x, alpha: where(x > 0, x, alpha * x),
        latex=r"\mathrm{LeakyReLU}", text="LeakyReLU", title="leaky ReLU", arguments=2,
        argument_names=("x", "alpha"), defaults=(0.01,),
        numpy="np.where({0} > 0, {0}, {1} * {0})", math="({0} if {0} > 0.0 else {1} * {0})",
        kinks="LeakyReLU'(0) = alpha", source="PyTorch, https://pytorch.org/docs/stable/generated/torch.nn.LeakyReLU.html",
        aliases=("F.leaky_relu", "torch.nn.functional.leaky_relu"),
    ),
    Function(
        "softplus",
        lambda x: _log(number(1) + _exp(x)),
        latex=r"\mathrm{softplus}", text="softplus", title="softplus", elementary=True, numpy="np.logaddexp(0, {0})",
        math="(max({0}, 0.0) + log1p(exp(-abs({0}))))",
        aliases=("F.softplus", "torch.nn.functional.softplus"),
    ),
    Function(
        "log_sigmoid",
        lambda x: _log(number(1) / (number(1) + _exp(-x))),
        latex=r"\log\sigma", text="log σ", title="log-sigmoid", elementary=True, numpy="-np.logaddexp(0, -{0})",
        math="(min({0}, 0.0) - log1p(exp(-abs({0}))))", equals=(("log", "sigmoid"),),
        aliases=("F.logsigmoid", "torch.nn.functional.logsigmoid"),
    ),
    Function(
        "softmax", _softmax,
        latex=r"\mathrm{softmax}", text="softmax", title="softmax", entrywise=False, shift_invariant=True, parameters={"axis": -1},
        numpy_helper=_SOFTMAX,
        aliases=("F.softmax", "torch.softmax", "torch.nn.functional.softmax", "scipy.special.softmax"),
    ),
    Function(
        "log_softmax", _log_softmax,
        latex=r"\log\mathrm{softmax}", text="log softmax", title="log-softmax", entrywise=False, shift_invariant=True,
        parameters={"axis": -1}, numpy_helper=_LOG_SOFTMAX, equals=(("log", "softmax"),),
        aliases=("F.log_softmax", "torch.log_softmax", "torch.nn.functional.log_softmax", "scipy.special.log_softmax"),
    ),
    Function(
        "logsumexp", _logsumexp,
        latex=r"\mathrm{logsumexp}", text="logsumexp", title="log-sum-exp", entrywise=False,
        parameters={"axis": -1, "keepdims": False}, numpy_helper=_LOGSUMEXP,
        aliases=("torch.logsumexp", "scipy.special.logsumexp"),
    ),
    Function(
        "softplus_sum", _softplus_sum,
        latex=r"\mathrm{softplus}_{\Sigma}", text="softplus_Σ", title="log(1 + sum of exponentials)", entrywise=False,
        parameters={"axis": -1, "keepdims": False}, numpy_helper=_SOFTPLUS_SUM,
    ),
)
