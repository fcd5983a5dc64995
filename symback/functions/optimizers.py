"""Optimizers, learning-rate schedules and gradient clipping: each row is its update equations, in order.

An equation's left side is assigned, its right side a Form over names: the parameter ``w``, its gradient ``g``, the
row's state, the hyperparameters, ``t`` (the number of this update, from 1) and ``norm`` (of all gradients together).
``where(option, a, b)`` is ``a`` where the option is on or not zero. A hyperparameter that is zero vanishes from the
equations that are printed and run.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from symback.core.errors import NetworkError
from symback.core.forms import Form, Function, Name, apply, equal, name, number, where
from symback.functions.primitives import PRIMITIVES


@dataclass(frozen=True)
class Hyperparameter:
    """A number that a row leaves open, or an option that is on or off.

    Values lie in ``low <= value < below``, or above ``low`` where that is ``open``. ``symbol`` is its LaTeX.
    """

    name: str
    default: float | bool
    low: float = 0.0
    below: float = math.inf
    open: bool = False
    symbol: str = ""

    @property
    def domain(self) -> str:
        """The values allowed, in words."""
        if isinstance(self.default, bool):
            return "True or False"
        upper = "" if math.isinf(self.below) else f" and less than {self.below:g}"
        return f"{'more than' if self.open else 'at least'} {self.low:g}{upper}"


@dataclass(frozen=True)
class Rule:
    """A row: the equations of an optimizer, of a schedule or of a change of the gradient.

    ``state`` holds names that live on from update to update, with the number they start from; those in ``single`` are
    one number for all parameters, the others have the shape of the parameter (a hyperparameter's name as the start
    stands for its value). ``keywords`` maps PyTorch's names to these, ``signature`` is the order of its positional
    arguments. ``needs`` lists pairs (option, what must not be zero with it), ``excludes`` what must be.
    """

    name: str
    title: str
    equations: tuple[tuple[Name, Form], ...]
    hyperparameters: tuple[Hyperparameter, ...] = ()
    state: Mapping[str, float | str] = field(default_factory=dict)
    single: tuple[str, ...] = ()
    symbols: Mapping[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    keywords: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    signature: tuple[str, ...] = ()
    needs: tuple[tuple[str, str], ...] = ()
    excludes: tuple[tuple[str, str], ...] = ()
    source: str = ""
    remarks: Mapping[str, str] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash(self.name)


OPTIMIZERS: dict[str, Rule] = {}
SCHEDULES: dict[str, Rule] = {}
OPTIMIZER_ALIASES: dict[str, Rule] = {}
"""PyTorch's names of optimizers and schedules."""


def register_optimizer(row: Rule) -> Rule:
    """Add an optimizer and return its row; raises NetworkError where its name is taken."""
    return _register(OPTIMIZERS, row)


def register_schedule(row: Rule) -> Rule:
    """Add a schedule of the learning rate and return its row; raises NetworkError where its name is taken."""
    return _register(SCHEDULES, row)


def _register(table: dict[str, Rule], row: Rule) -> Rule:
    if row.name in table:
        raise NetworkError(f"there is a row called {row.name!r} already")
    table[row.name] = row
    OPTIMIZER_ALIASES.update(dict.fromkeys(row.aliases, row))
    return row


# --- names ------------------------------------------------------------------------------------------------------------


def _names(text: str) -> Iterable[Name]:
    return (name(label) for label in text.split())


w, g, t, m, v, u, learning_rate, rate, norm = _names("w g t m v u learning_rate rate norm")
beta1, beta2, epsilon, weight_decay, momentum, dampening, nesterov = _names(
    "beta1 beta2 epsilon weight_decay momentum dampening nesterov"
)
m_hat, v_hat, v_max, amsgrad, rho, alpha, centered, step = _names("m_hat v_hat v_max amsgrad rho alpha centered step")
decoupled_weight_decay, maximize, clip_norm, clip_value = _names("decoupled_weight_decay maximize clip_norm clip_value")

_maximum, _minimum, _absolute, _sign, _clip = (
    next(row for row in PRIMITIVES if row.name == label) for label in ("maximum", "minimum", "absolute", "sign", "clip")
)
FLOOR = Function(
    "floor",
    latex=r"\mathrm{floor}",
    text="floor",
    title="largest integer below",
    numpy="{np}.floor({0})",
    math="math.floor({0})",
)


def _sqrt(x: Form) -> Form:
    return apply("sqrt", x)


def _rate(default: float) -> Hyperparameter:
    return Hyperparameter("learning_rate", default, symbol=r"\eta")


def _decay(default: float = 0.0) -> Hyperparameter:
    return Hyperparameter("weight_decay", default, symbol=r"\lambda")


def _fraction(label: str, default: float, symbol: str) -> Hyperparameter:
    return Hyperparameter(label, default, below=1.0, symbol=symbol)


def _epsilon(default: float) -> Hyperparameter:
    return Hyperparameter("epsilon", default, symbol=r"\epsilon")


def _betas(first: float, second: float) -> tuple[Hyperparameter, Hyperparameter]:
    return _fraction("beta1", first, r"\beta_1"), _fraction("beta2", second, r"\beta_2")


_MOMENTUM = Hyperparameter("momentum", 0.0, symbol=r"\mu")
_AMSGRAD, _DECOUPLED = Hyperparameter("amsgrad", False), Hyperparameter("decoupled_weight_decay", False)
_KEYWORDS = {"lr": ("learning_rate",), "eps": ("epsilon",)}
_BETAS = {**_KEYWORDS, "betas": ("beta1", "beta2")}
_TORCH = "https://pytorch.org/docs/stable/generated/torch.optim.{}.html"

# --- parts that several rows share ------------------------------------------------------------------------------------

_DECAY_IN_GRADIENT = (g, g + weight_decay * w)
_DECAY_OF_PARAMETER = (w, w - learning_rate * weight_decay * w)
_EITHER_DECAY = (
    (g, where(decoupled_weight_decay, g, g + weight_decay * w)),
    (w, where(decoupled_weight_decay, w - learning_rate * weight_decay * w, w)),
)
_MOMENTS = ((m, beta1 * m + (1 - beta1) * g), (v, beta2 * v + (1 - beta2) * g**2))
_CORRECTED = (m_hat, m / (1 - beta1**t))
_ADAM = (
    *_MOMENTS,
    _CORRECTED,
    (v_max, _maximum(v_max, v)),
    (v_hat, where(amsgrad, v_max, v) / (1 - beta2**t)),
    (w, w - learning_rate * m_hat / (_sqrt(v_hat) + epsilon)),
)
_ADAM_STATE = {"m": 0.0, "v": 0.0, "v_max": 0.0}
_ADAM_SYMBOLS = {"v_max": r"v_{\max}"}

_s = name("s")
_mean, _centered, _decayed, _scaled = _names("g_bar v_tilde eta_tilde scale")
_psi, _mu, _mu_next, _product = _names("momentum_decay mu mu_next mu_product")
_longest, _length, _rectification = _names("rho_inf rho_t r")
_lr_decay, _initial = _names("lr_decay initial_accumulator_value")
_every, _gamma, _steps, _minimum_rate = _names("every gamma steps minimum")

_ROWS: tuple[Rule, ...] = (
    Rule(
        "sgd",
        "gradient descent",
        (
            _DECAY_IN_GRADIENT,
            (v, where(dampening, where(equal(t, 1), g, momentum * v + (1 - dampening) * g), momentum * v + g)),
            (w, w - learning_rate * where(nesterov, g + momentum * v, v)),
        ),
        (
            _rate(1e-3),
            _MOMENTUM,
            Hyperparameter("dampening", 0.0, symbol=r"\tau"),
            _decay(),
            Hyperparameter("nesterov", False),
        ),
        state={"v": 0.0},
        aliases=("torch.optim.SGD", "optim.SGD", "SGD"),
        keywords={"lr": ("learning_rate",)},
        signature=("learning_rate", "momentum", "dampening", "weight_decay", "nesterov"),
        needs=(("nesterov", "momentum"),),
        excludes=(("nesterov", "dampening"),),
        source=_TORCH.format("SGD") + "; Sutskever et al. 2013, https://proceedings.mlr.press/v28/sutskever13.html",
    ),
    Rule(
        "adagrad",
        "Adagrad",
        (
            _DECAY_IN_GRADIENT,
            (_s, _s + g**2),
            (_decayed, learning_rate / (1 + (t - 1) * _lr_decay)),
            (w, w - _decayed * g / (_sqrt(_s) + epsilon)),
        ),
        (
            _rate(1e-2),
            Hyperparameter("lr_decay", 0.0, symbol=r"\gamma"),
            _decay(),
            Hyperparameter("initial_accumulator_value", 0.0, symbol="s_0"),
            _epsilon(1e-10),
        ),
        state={"s": "initial_accumulator_value"},
        aliases=("torch.optim.Adagrad", "optim.Adagrad", "Adagrad"),
        keywords=_KEYWORDS,
        signature=("learning_rate", "lr_decay", "weight_decay", "initial_accumulator_value", "epsilon"),
        source=_TORCH.format("Adagrad") + "; Duchi, Hazan, Singer 2011, https://jmlr.org/papers/v12/duchi11a.html",
    ),
    Rule(
        "adadelta",
        "Adadelta",
        (
            _DECAY_IN_GRADIENT,
            (v, rho * v + (1 - rho) * g**2),
            (step, _sqrt(u + epsilon) / _sqrt(v + epsilon) * g),
            (u, rho * u + (1 - rho) * step**2),
            (w, w - learning_rate * step),
        ),
        (_rate(1.0), _fraction("rho", 0.9, r"\rho"), _epsilon(1e-6), _decay()),
        state={"v": 0.0, "u": 0.0},
        symbols={"step": r"\Delta"},
        aliases=("torch.optim.Adadelta", "optim.Adadelta", "Adadelta"),
        keywords=_KEYWORDS,
        signature=("learning_rate", "rho", "epsilon", "weight_decay"),
        source=_TORCH.format("Adadelta") + "; Zeiler 2012, https://arxiv.org/abs/1212.5701",
    ),
    Rule(
        "rmsprop",
        "RMSprop",
        (
            _DECAY_IN_GRADIENT,
            (v, alpha * v + (1 - alpha) * g**2),
            (_mean, alpha * _mean + (1 - alpha) * g),
            (_centered, where(centered, v - _mean**2, v)),
            (u, momentum * u + g / (_sqrt(_centered) + epsilon)),
            (w, w - learning_rate * u),
        ),
        (
            _rate(1e-2),
            _fraction("alpha", 0.99, r"\alpha"),
            _epsilon(1e-8),
            _decay(),
            _MOMENTUM,
            Hyperparameter("centered", False),
        ),
        state={"v": 0.0, "g_bar": 0.0, "u": 0.0},
        aliases=("torch.optim.RMSprop", "optim.RMSprop", "RMSprop"),
        keywords=_KEYWORDS,
        signature=("learning_rate", "alpha", "epsilon", "weight_decay", "momentum", "centered"),
        source=_TORCH.format("RMSprop") + "; Tieleman, Hinton 2012, Coursera lecture 6.5",
    ),
    Rule(
        "adam",
        "Adam",
        (*_EITHER_DECAY, *_ADAM),
        (_rate(1e-3), *_betas(0.9, 0.999), _epsilon(1e-8), _decay(), _AMSGRAD, _DECOUPLED),
        state=_ADAM_STATE,
        symbols=_ADAM_SYMBOLS,
        aliases=("torch.optim.Adam", "optim.Adam", "Adam"),
        keywords=_BETAS,
        signature=("learning_rate", "betas", "epsilon", "weight_decay", "amsgrad"),
        source=_TORCH.format("Adam") + "; Kingma, Ba 2015, https://arxiv.org/abs/1412.6980",
    ),
    Rule(
        "adamw",
        "AdamW",
        (_DECAY_OF_PARAMETER, *_ADAM),
        (_rate(1e-3), *_betas(0.9, 0.999), _epsilon(1e-8), _decay(1e-2), _AMSGRAD),
        state=_ADAM_STATE,
        symbols=_ADAM_SYMBOLS,
        aliases=("torch.optim.AdamW", "optim.AdamW", "AdamW"),
        keywords=_BETAS,
        signature=("learning_rate", "betas", "epsilon", "weight_decay", "amsgrad"),
        source=_TORCH.format("AdamW") + "; Loshchilov, Hutter 2019, https://arxiv.org/abs/1711.05101",
    ),
    Rule(
        "adamax",
        "Adamax",
        (
            _DECAY_IN_GRADIENT,
            (m, beta1 * m + (1 - beta1) * g),
            (u, _maximum(beta2 * u, _absolute(g) + epsilon)),
            _CORRECTED,
            (w, w - learning_rate * m_hat / u),
        ),
        (_rate(2e-3), *_betas(0.9, 0.999), _epsilon(1e-8), _decay()),
        state={"m": 0.0, "u": 0.0},
        aliases=("torch.optim.Adamax", "optim.Adamax", "Adamax"),
        keywords=_BETAS,
        signature=("learning_rate", "betas", "epsilon", "weight_decay"),
        source=_TORCH.format("Adamax") + "; Kingma, Ba 2015, section 7.1, https://arxiv.org/abs/1412.6980",
    ),
    Rule(
        "nadam",
        "NAdam",
        (
            *_EITHER_DECAY,
            (_mu, beta1 * (1 - number(0.5) * number(0.96) ** (t * _psi))),
            (_mu_next, beta1 * (1 - number(0.5) * number(0.96) ** ((t + 1) * _psi))),
            (_product, _product * _mu),
            *_MOMENTS,
            (m_hat, _mu_next * m / (1 - _product * _mu_next) + (1 - _mu) * g / (1 - _product)),
            (v_hat, v / (1 - beta2**t)),
            (w, w - learning_rate * m_hat / (_sqrt(v_hat) + epsilon)),
        ),
        (
            _rate(2e-3),
            *_betas(0.9, 0.999),
            _epsilon(1e-8),
            _decay(),
            Hyperparameter("momentum_decay", 4e-3, symbol=r"\psi"),
            _DECOUPLED,
        ),
        state={"mu_product": 1.0, "m": 0.0, "v": 0.0},
        single=("mu_product",),
        symbols={"mu": r"\mu_t", "mu_next": r"\mu_{t+1}", "mu_product": r"\Pi"},
        aliases=("torch.optim.NAdam", "optim.NAdam", "NAdam"),
        keywords=_BETAS,
        signature=("learning_rate", "betas", "epsilon", "weight_decay", "momentum_decay", "decoupled_weight_decay"),
        source=_TORCH.format("NAdam") + "; Dozat 2016, https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ",
    ),
    Rule(
        "radam",
        "RAdam",
        (
            *_EITHER_DECAY,
            *_MOMENTS,
            _CORRECTED,
            (_longest, 2 / (1 - beta2) - 1),
            (_length, _longest - 2 * t * beta2**t / (1 - beta2**t)),
            (
                _rectification,
                where(
                    _length > 5,
                    _sqrt((_length - 4) * (_length - 2) * _longest / ((_longest - 4) * (_longest - 2) * _length)),
                    0,
                ),
            ),
            (_scaled, _sqrt(1 - beta2**t) / (_sqrt(v) + epsilon)),
            (w, where(_length > 5, w - learning_rate * _rectification * _scaled * m_hat, w - learning_rate * m_hat)),
        ),
        (_rate(1e-3), *_betas(0.9, 0.999), _epsilon(1e-8), _decay(), _DECOUPLED),
        state={"m": 0.0, "v": 0.0},
        symbols={"rho_inf": r"\rho_\infty", "rho_t": r"\rho_t", "r": "r_t", "scale": "l_t"},
        aliases=("torch.optim.RAdam", "optim.RAdam", "RAdam"),
        keywords=_BETAS,
        signature=("learning_rate", "betas", "epsilon", "weight_decay", "decoupled_weight_decay"),
        source=_TORCH.format("RAdam") + "; Liu et al. 2020, https://arxiv.org/abs/1908.03265",
    ),
    Rule(
        "lion",
        "Lion",
        (
            (step, _sign(beta1 * m + (1 - beta1) * g)),
            (w, w - learning_rate * (step + weight_decay * w)),
            (m, beta2 * m + (1 - beta2) * g),
        ),
        (_rate(1e-4), *_betas(0.9, 0.99), _decay()),
        state={"m": 0.0},
        symbols={"step": "u"},
        aliases=("Lion", "lion_pytorch.Lion"),
        keywords=_BETAS,
        signature=("learning_rate", "betas", "weight_decay"),
        source="Chen et al. 2023, Algorithm 2, https://arxiv.org/abs/2302.06675",
    ),
)

SHARED: tuple[Rule, ...] = (
    Rule(
        "clip_norm",
        "clipping by the global norm",
        ((g, where(clip_norm, _minimum(1, clip_norm / (norm + number(1e-6))) * g, g)),),
        (Hyperparameter("clip_norm", 0.0, symbol=r"c_{\mathrm{norm}}"),),
        source="https://pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html",
    ),
    Rule(
        "clip_value",
        "clipping by value",
        ((g, where(clip_value, _clip(g, -clip_value, clip_value), g)),),
        (Hyperparameter("clip_value", 0.0, symbol="c"),),
        source="https://pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_value_.html",
    ),
    Rule(
        "maximize",
        "ascent instead of descent",
        ((g, where(maximize, -g, g)),),
        (Hyperparameter("maximize", False),),
        source=_TORCH.format("SGD"),
    ),
)
"""Changes of the gradient that every optimizer takes as hyperparameters, in the order in which they are applied."""

_SCHEDULES: tuple[Rule, ...] = (
    Rule("constant", "constant", ((rate, learning_rate),), source="https://pytorch.org/docs/stable/optim.html"),
    Rule(
        "step",
        "step decay",
        ((rate, learning_rate * _gamma ** FLOOR((t - 1) / _every)),),
        (Hyperparameter("every", 30, low=1), Hyperparameter("gamma", 0.1, symbol=r"\gamma")),
        symbols={"every": "s"},
        aliases=("torch.optim.lr_scheduler.StepLR", "lr_scheduler.StepLR", "StepLR"),
        keywords={"step_size": ("every",)},
        signature=("every", "gamma"),
        source=_TORCH.format("lr_scheduler.StepLR"),
    ),
    Rule(
        "exponential",
        "exponential decay",
        ((rate, learning_rate * _gamma ** (t - 1)),),
        (Hyperparameter("gamma", 0.99, symbol=r"\gamma"),),
        aliases=("torch.optim.lr_scheduler.ExponentialLR", "lr_scheduler.ExponentialLR", "ExponentialLR"),
        signature=("gamma",),
        source=_TORCH.format("lr_scheduler.ExponentialLR"),
    ),
    Rule(
        "cosine",
        "cosine annealing",
        (
            (
                rate,
                _minimum_rate
                + number(0.5)
                * (learning_rate - _minimum_rate)
                * (1 + apply("cos", number(math.pi) * (t - 1) / _steps)),
            ),
        ),
        (Hyperparameter("steps", 1000, low=1, symbol="T"), Hyperparameter("minimum", 0.0, symbol=r"\eta_{\min}")),
        aliases=("torch.optim.lr_scheduler.CosineAnnealingLR", "lr_scheduler.CosineAnnealingLR", "CosineAnnealingLR"),
        keywords={"T_max": ("steps",), "eta_min": ("minimum",)},
        signature=("steps", "minimum"),
        source=_TORCH.format("lr_scheduler.CosineAnnealingLR")
        + "; Loshchilov, Hutter 2017, https://arxiv.org/abs/1608.03983",
    ),
)

for _entry in _ROWS:
    register_optimizer(_entry)
for _entry in _SCHEDULES:
    register_schedule(_entry)
