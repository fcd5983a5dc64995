"""Every loss of the table, with every option: against its formula written out a second time, against PyTorch, far out
and at its kinks; and what happens where a value lies outside the domain that a row states.

The second writing is NumPy, one loss per entry, without a thought for overflow; it shares nothing with the table.
"""

from __future__ import annotations

import inspect
import itertools
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy as sp

import symback as sb
from symback.core.display import to_latex
from symback.core.errors import NetworkError, ReadError, ShapeError, SymbackError, ValueProblem
from symback.core.forms import Apply, Form, Function, Prime, name, walk, without_requirements
from symback.functions import ALIASES, ROWS
from symback.functions.losses import DOMAINS, LOSSES, REDUCTIONS
from symback.library.row_calls import class_rows
from tests.support import needs
from tests.support.page_reader import PageReader

RNG = np.random.default_rng(20)
Z = RNG.normal(size=(4, 3)) * 2
T = RNG.normal(size=(4, 3))
P = RNG.uniform(0.05, 0.95, (4, 3))
Q = RNG.uniform(0.05, 0.95, (4, 3))
ROWS_OF_ONE = Q / Q.sum(axis=1, keepdims=True)
INDEX = np.array([2, 0, 1, 2])
SIGNS = np.where(RNG.random((4, 3)) < 0.5, -1.0, 1.0)
SIGN = np.array([1.0, -1.0, -1.0, 1.0])
CLASS_WEIGHT = np.array([0.5, 2.0, 1.3])
WEIGHTS = RNG.uniform(0.2, 2.0, (4, 3))
LOG_P = np.log(ROWS_OF_ONE)
COUNTS = np.array([[0.0, 1.0, 2.0], [3.0, 7.0, 1.5], [0.5, 4.0, 2.5], [1.0, 0.0, 6.0]])
WIDE = RNG.normal(size=(2, 3, 4, 5))
WIDE_INDEX = RNG.integers(0, 3, (2, 4, 5))
WIDE_ROWS = RNG.uniform(0.1, 1, (2, 3, 4, 5))
WIDE_ROWS = WIDE_ROWS / WIDE_ROWS.sum(axis=1, keepdims=True)


# --- the losses once more ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Parts:
    """The loss of each entry, and what a mean divides by where that is not their number."""

    losses: Any
    divisor: Any = None


def log_softmax(z: Any, axis: int) -> Any:
    return z - np.log(np.exp(z).sum(axis=axis, keepdims=True))


def of_classes(ell: Any, t: Any, weight: Any = None, ignore_index: int = -100, label_smoothing: float = 0.0) -> Parts:
    """Return the losses sample by sample, with the classes on axis 1 (axis 0 of one sample)."""
    if ell.ndim == 1:
        found = of_classes(ell[None], np.asarray(t)[None], weight, ignore_index, label_smoothing)
        return Parts(found.losses[0], None if found.divisor is None else found.divisor)
    classes = ell.shape[1]
    w = np.ones(classes) if weight is None else weight
    indices = t.ndim == ell.ndim - 1
    shape = (ell.shape[0], *ell.shape[2:])
    losses, divisor = np.zeros(shape), 0.0
    for at in np.ndindex(*shape):
        scores = ell[(at[0], slice(None), *at[1:])]
        if indices and t[at] == ignore_index:
            continue
        for c in range(classes):
            target = float(t[at] == c) if indices else t[(at[0], c, *at[1:])]
            target = target * (1 - label_smoothing) + label_smoothing / classes
            losses[at] -= w[c] * target * scores[c]
        divisor += w[t[at]] if indices else 1.0
    return Parts(losses, divisor)


def bce(p: Any, t: Any, weight: Any = 1.0) -> Parts:
    return Parts(-weight * (t * np.log(p) + (1 - t) * np.log(1 - p)))


def bce_with_logits(z: Any, t: Any, weight: Any = 1.0, pos_weight: Any = 1.0) -> Parts:
    s = 1 / (1 + np.exp(-z))
    return Parts(-weight * (pos_weight * t * np.log(s) + (1 - t) * np.log(1 - s)))


def smooth_l1(p: Any, t: Any, beta: float = 1.0) -> Parts:
    d = np.abs(p - t)
    return Parts(np.array([e * e / (2 * beta) if e < beta else e - beta / 2 for e in d.flat]).reshape(d.shape))


def huber(p: Any, t: Any, delta: float = 1.0, weight: Any = 1.0) -> Parts:
    d = np.abs(p - t)
    return Parts(
        weight * np.array([e * e / 2 if e <= delta else delta * (e - delta / 2) for e in d.flat]).reshape(d.shape)
    )


def poisson_nll(x: Any, t: Any, log_input: bool = True, full: bool = False, eps: float = 1e-8) -> Parts:
    losses = np.exp(x) - t * x if log_input else x - t * np.log(x + eps)
    if full:
        losses = losses + np.array(
            [v * math.log(v) - v + math.log(2 * math.pi * v) / 2 if v > 1 else 0.0 for v in np.ravel(t)]
        ).reshape(np.shape(t))
    return Parts(losses)


def gaussian_nll(x: Any, t: Any, var: Any, full: bool = False, eps: float = 1e-6) -> Parts:
    var = np.maximum(var if np.ndim(var) in (0, x.ndim) else var[:, None], eps)
    return Parts((np.log(var) + (x - t) ** 2 / var) / 2 + (math.log(2 * math.pi) / 2 if full else 0))


def kl_div(x: Any, t: Any, log_target: bool = False) -> Parts:
    if log_target:
        return Parts(np.exp(t) * (t - x))
    return Parts(
        np.array([b * (math.log(b) - a) if b else 0.0 for a, b in zip(np.ravel(x), np.ravel(t), strict=True)]).reshape(
            np.shape(x)
        )
    )


def multi_margin(x: Any, t: Any, p: int = 1, margin: float = 1.0, weight: Any = None) -> Parts:
    if x.ndim == 1:
        return Parts(multi_margin(x[None], np.asarray(t)[None], p, margin, weight).losses[0])
    w = np.ones(x.shape[1]) if weight is None else weight
    return Parts(
        np.array(
            [
                w[k] * sum(max(0.0, margin - row[k] + v) ** p for j, v in enumerate(row) if j != k) / len(row)
                for row, k in zip(x, t, strict=True)
            ]
        )
    )


def multilabel_margin(x: Any, t: Any) -> Parts:
    if x.ndim == 1:
        return Parts(multilabel_margin(x[None], t[None]).losses[0])
    losses = []
    for row, listed in zip(x, t, strict=True):
        right = list(itertools.takewhile(lambda k: k >= 0, listed))
        rest = [v for k, v in enumerate(row) if k not in right]
        losses.append(sum(max(0.0, 1 - (row[k] - v)) for k in right for v in rest) / len(row))
    return Parts(np.array(losses))


def multilabel_soft_margin(x: Any, t: Any, weight: Any = 1.0) -> Parts:
    s = 1 / (1 + np.exp(-x))
    return Parts((-weight * (t * np.log(s) + (1 - t) * np.log(1 - s))).mean(axis=-1))


def cosine_embedding(a: Any, b: Any, t: Any, margin: float = 0.0) -> Parts:
    cosine = (a * b).sum(axis=-1) / np.sqrt(((a * a).sum(axis=-1) + 1e-12) * ((b * b).sum(axis=-1) + 1e-12))
    return Parts(np.where(t == 1, 1 - cosine, np.maximum(0, cosine - margin)))


def triplet_margin(
    a: Any, b: Any, c: Any, margin: float = 1.0, p: float = 2, eps: float = 1e-6, swap: bool = False
) -> Parts:
    def distance(u: Any, v: Any) -> Any:
        return (np.abs(u - v + eps) ** p).sum(axis=-1) ** (1 / p)

    far = np.minimum(distance(a, c), distance(b, c)) if swap else distance(a, c)
    return Parts(np.maximum(0, distance(a, b) - far + margin))


AGAIN: dict[str, Callable[..., Parts]] = {
    "half_squared_error": lambda p, t: Parts((p - t) ** 2 / 2),
    "mse": lambda p, t, weight=None: Parts(
        (p - t) ** 2 * (1 if weight is None else weight), None if weight is None else weight.sum()
    ),
    "l1": lambda p, t, weight=None: Parts(
        abs(p - t) * (1 if weight is None else weight), None if weight is None else weight.sum()
    ),
    "smooth_l1": smooth_l1,
    "huber": huber,
    "bce": bce,
    "bce_with_logits": bce_with_logits,
    "cross_entropy": lambda z, t, **options: of_classes(log_softmax(z, 1 if z.ndim > 1 else 0), t, **options),
    "nll": of_classes,
    "kl_div": kl_div,
    "poisson_nll": poisson_nll,
    "gaussian_nll": gaussian_nll,
    "hinge": lambda p, t: Parts(np.maximum(0, 1 - t * p)),
    "hinge_embedding": lambda p, t, margin=1.0: Parts(np.where(t == 1, p, np.maximum(0, margin - p))),
    "margin_ranking": lambda a, b, t, margin=0.0: Parts(np.maximum(0, -t * (a - b) + margin)),
    "soft_margin": lambda p, t: Parts(np.log(1 + np.exp(-t * p))),
    "multi_margin": multi_margin,
    "multilabel_soft_margin": multilabel_soft_margin,
    "multilabel_margin": multilabel_margin,
    "cosine_embedding": cosine_embedding,
    "triplet_margin": triplet_margin,
}


@dataclass(frozen=True)
class Case:
    """One call: the values of its arguments, the options, and which arguments gradients are wanted for."""

    row: str
    values: tuple[Any, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    wrt: tuple[int, ...] = (0,)
    reductions: tuple[str, ...] = REDUCTIONS

    @property
    def function(self) -> Function:
        return ROWS[self.row]

    def __str__(self) -> str:
        options = ",".join(f"{k}={np.shape(v) if isinstance(v, np.ndarray) else v}" for k, v in self.options.items())
        return f"{self.row}({'x'.join(str(np.shape(v)) for v in self.values)},{options})".replace(" ", "")


BOTH = (0, 1)
CASES: tuple[Case, ...] = (
    Case("half_squared_error", (Z, T), wrt=BOTH),
    Case("mse", (Z, T), wrt=BOTH),
    Case("mse", (Z, T), {"weight": WEIGHTS}),
    Case("l1", (Z, T), wrt=BOTH),
    Case("l1", (Z, T), {"weight": WEIGHTS}),
    Case("smooth_l1", (Z, T), wrt=BOTH),
    Case("smooth_l1", (Z, T), {"beta": 0.3}),
    Case("huber", (Z, T), wrt=BOTH),
    Case("huber", (Z, T), {"delta": 2.5, "weight": WEIGHTS}),
    Case("bce", (P, Q), wrt=BOTH),
    Case("bce", (P, (Q > 0.5) * 1.0), {"weight": CLASS_WEIGHT}),
    Case("bce", (P[0, 0], Q[0, 0])),
    Case("bce_with_logits", (Z, Q), wrt=BOTH),
    Case("bce_with_logits", (Z, (Q > 0.5) * 1.0), {"weight": WEIGHTS}),
    Case("bce_with_logits", (Z, Q), {"pos_weight": CLASS_WEIGHT}, wrt=BOTH),
    Case("bce_with_logits", (Z, Q), {"pos_weight": CLASS_WEIGHT, "weight": WEIGHTS}),
    Case("cross_entropy", (Z, INDEX)),
    Case("cross_entropy", (Z, ROWS_OF_ONE), wrt=BOTH),
    Case("cross_entropy", (Z[0], np.array(2))),
    Case("cross_entropy", (Z[0], ROWS_OF_ONE[0])),
    *(
        Case(
            "cross_entropy",
            (scores, target),
            dict(zip(("weight", "label_smoothing", "ignore_index"), given, strict=True)),
        )
        if target.dtype.kind == "i" or given[2] == -100
        else Case("cross_entropy", (scores, target))
        for scores, target in ((Z, INDEX), (Z, ROWS_OF_ONE), (WIDE, WIDE_INDEX), (WIDE, WIDE_ROWS))
        for given in itertools.product((None, CLASS_WEIGHT), (0.0, 0.1), (-100, 2))
    ),
    Case("cross_entropy", (Z, np.array([2, -1, 1, -1])), {"ignore_index": -1, "weight": CLASS_WEIGHT}),
    Case("nll", (LOG_P, INDEX)),
    Case("nll", (LOG_P, INDEX), {"weight": CLASS_WEIGHT}),
    Case("nll", (LOG_P, INDEX), {"weight": CLASS_WEIGHT, "ignore_index": 2}),
    Case("nll", (LOG_P, INDEX), {"ignore_index": 2}),
    Case("nll", (LOG_P[0], np.array(1))),
    Case("nll", (WIDE, WIDE_INDEX), {"weight": CLASS_WEIGHT}),
    Case("kl_div", (LOG_P, Q), wrt=BOTH, reductions=(*REDUCTIONS, "batchmean")),
    Case("kl_div", (LOG_P, np.round(Q)), reductions=("batchmean",)),
    Case("kl_div", (LOG_P, np.log(Q)), {"log_target": True}, wrt=BOTH, reductions=(*REDUCTIONS, "batchmean")),
    Case("poisson_nll", (Z, COUNTS)),
    Case("poisson_nll", (Z, COUNTS), {"full": True}),
    Case("poisson_nll", (P, COUNTS), {"log_input": False}),
    Case("poisson_nll", (P, COUNTS), {"log_input": False, "full": True, "eps": 0.01}),
    Case("gaussian_nll", (Z, T, Q), wrt=(0, 1, 2)),
    Case("gaussian_nll", (Z, T, Q[:, 0]), {"full": True}, wrt=(0, 2)),
    Case("gaussian_nll", (Z, T, Q[:, :1]), {"eps": 0.01}, wrt=(0, 2)),
    Case("hinge", (Z, SIGNS)),
    Case("hinge_embedding", (Z, SIGNS)),
    Case("hinge_embedding", (Z, SIGNS), {"margin": 0.4}),
    Case("margin_ranking", (Z, T, SIGNS), wrt=BOTH),
    Case("margin_ranking", (Z, T, SIGNS), {"margin": 0.7}, wrt=BOTH),
    Case("soft_margin", (Z, SIGNS)),
    Case("multi_margin", (Z, INDEX)),
    Case("multi_margin", (Z, INDEX), {"p": 2, "margin": 0.7, "weight": CLASS_WEIGHT}),
    Case("multi_margin", (Z[0], np.array(1)), {"p": 2}),
    Case("multilabel_soft_margin", (Z, Q)),
    Case("multilabel_soft_margin", (Z, Q), {"weight": CLASS_WEIGHT}),
    Case("multilabel_margin", (Z, np.array([[0, 2, -1], [1, -1, -1], [2, 1, 0], [-1, -1, -1]]))),
    Case("multilabel_margin", (Z[0], np.array([2, -1, -1]))),
    Case("cosine_embedding", (Z, T, SIGN), wrt=BOTH),
    Case("cosine_embedding", (Z, T, SIGN), {"margin": -0.5}, wrt=BOTH),
    Case("triplet_margin", (Z, T, Q), wrt=(0, 1, 2)),
    Case("triplet_margin", (Z, T, Q), {"margin": 2.5, "swap": True, "eps": 0.1}, wrt=(0, 1, 2)),
    Case("triplet_margin", (Z, T, Q), {"p": 1}, wrt=(0, 1, 2)),
    Case("triplet_margin", (Z, T, Q), {"p": 3}, wrt=(0, 1, 2)),
)
EACH = list(dict.fromkeys(str(c) for c in CASES))
DISTINCT = [next(c for c in CASES if str(c) == text) for text in EACH]
with_reduction = pytest.mark.parametrize(
    ("case", "reduction"), [(c, r) for c in DISTINCT for r in c.reductions], ids=lambda v: str(v)
)


def test_every_row_is_walked_with_every_option() -> None:
    assert {c.row for c in CASES} == {r.name for r in LOSSES} == set(AGAIN)
    for row in LOSSES:
        given = {k for c in CASES if c.row == row.name for k in c.options}
        assert given == set(row.parameters) - {"reduction"}, row.name


def of_leaf(k: int) -> str:
    return f"x{k}"


def derivation(
    case: Case, reduction: str, values: tuple[Any, ...] | None = None, *, collapse: bool = True, batch: str = ""
) -> Any:
    """Return the derivation of one call; losses that are not reduced are summed with fixed factors.

    ``batch`` is the name of a size for the first axis of arrays with four rows, which then have no stored values.
    """

    def of(value: Any) -> tuple[Any, Any]:
        shape = np.shape(value)
        return ((batch, *shape[1:]), None) if batch and shape[:1] == (4,) else (shape, value)

    net = sb.Network()
    given = case.values if values is None else values
    leaves = [
        net.parameter(of_leaf(k), *of(v))
        if k in case.wrt
        else net.input(of_leaf(k), *of(v), integer=np.asarray(v).dtype.kind == "i")
        for k, v in enumerate(given)
    ]
    options = {k: net.input(k, *of(v)) if isinstance(v, np.ndarray) else v for k, v in given_options(case).items()}
    losses = case.function(*leaves, reduction=reduction, **options)
    if losses.shape:
        losses = sb.sum(net.define("losses", losses) * net.input("c", losses.shape, cotangent(losses.shape)))
    net.define("L", losses)
    return sb.derive(net, collapse=collapse)


def given_options(case: Case) -> dict[str, Any]:
    """Return the options of a call here; -100 is what PyTorch passes where no class is ignored."""
    return {k: v for k, v in case.options.items() if not (k == "ignore_index" and v == -100)}


def cotangent(shape: tuple[int, ...]) -> Any:
    return 1 + np.arange(math.prod(shape)).reshape(shape) % 5 / 4


def again(case: Case, reduction: str, values: tuple[Any, ...]) -> float:
    """Return the loss by the second writing."""
    parts = AGAIN[case.row](*values, **case.options)
    losses = np.asarray(parts.losses)
    if case.row == "half_squared_error" and reduction == "mean":
        return float(losses.mean())
    if reduction == "none":
        return float((losses * cotangent(losses.shape)).sum())
    if reduction == "sum":
        return float(losses.sum())
    if reduction == "batchmean":
        return float(losses.sum() / losses.shape[0])
    return float(losses.sum() / (losses.size if parts.divisor is None else parts.divisor))


def difference(case: Case, reduction: str, position: int, at: tuple[int, ...], step: float) -> float:
    """Return the quotient of the difference that a signed step makes."""
    moved = [np.array(v, dtype=np.asarray(v).dtype) for v in case.values]
    moved[position][at] += step
    return (again(case, reduction, tuple(moved)) - again(case, reduction, case.values)) / step


def central(case: Case, reduction: str, position: int) -> Any:
    array = np.asarray(case.values[position])
    result = np.empty(array.shape)
    for at in np.ndindex(*array.shape):
        up, down = (difference(case, reduction, position, at, s) for s in (1e-5, -1e-5))
        result[at] = (up + down) / 2
    return result


def agree(have: Any, want: Any, rtol: float = 1e-6, atol: float = 1e-8) -> bool:
    return np.shape(have) == np.shape(want) and bool(np.allclose(have, want, rtol=rtol, atol=atol))


@with_reduction
def test_value_and_gradient_are_those_of_the_loss_written_again(case: Case, reduction: str) -> None:
    found = derivation(case, reduction).evaluate()
    assert agree(found.loss, again(case, reduction, case.values), 1e-11, 1e-13)
    for k in case.wrt:
        small = np.asarray(case.values[k]).size <= 12
        have = found.gradients[of_leaf(k)]
        if small:
            assert agree(have, central(case, reduction, k))
        else:
            for at in ((0, 0, 0, 0), (1, 2, 3, 4), (1, 1, 2, 0)):
                assert agree(have[at], difference(case, reduction, k, at, 1e-6), 1e-4, 1e-6)


FLAT = [c for c in DISTINCT if np.ndim(c.values[0]) == 2]


@pytest.mark.parametrize("case", FLAT, ids=str)
def test_one_derivation_serves_every_number_of_rows(case: Case) -> None:
    f = derivation(case, case.reductions[-1], batch="n").lambdify()
    for rows in (4, 1, 3):
        values = tuple(v[:rows] if np.shape(v)[:1] == (4,) else v for v in case.values)
        options = {k: v[:rows] if np.shape(v)[:1] == (4,) else v for k, v in case.options.items()}
        part = Case(case.row, values, options, case.wrt)
        arrays = {k: v for k, v in options.items() if isinstance(v, np.ndarray)}
        loss, gradients = f(**{of_leaf(k): v for k, v in enumerate(values)}, **arrays)
        with np.errstate(invalid="ignore"):
            want = again(part, case.reductions[-1], values)
        if math.isnan(want):  # every row is ignored
            assert math.isnan(loss)
            continue
        assert agree(loss, want, 1e-11, 1e-13)
        assert all(agree(gradients[of_leaf(k)], central(part, case.reductions[-1], k)) for k in case.wrt)


@pytest.mark.parametrize("case", FLAT, ids=str)
def test_the_collapsed_form_equals_the_literal_one(case: Case) -> None:
    short, literal = (derivation(case, "mean", collapse=c).evaluate() for c in (True, False))
    np.testing.assert_allclose(short.loss, literal.loss, rtol=1e-12)
    for k in case.wrt:
        np.testing.assert_allclose(short.gradients[of_leaf(k)], literal.gradients[of_leaf(k)], rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("row", LOSSES, ids=lambda r: r.name)
def test_the_comparison_rejects_what_is_wrong(row: Function) -> None:
    case = next(c for c in DISTINCT if c.row == row.name)
    gradient = derivation(case, "mean").evaluate().gradients[of_leaf(0)]
    want = central(case, "mean", 0)
    assert agree(gradient, want)
    assert not agree(gradient * 1.001, want)
    assert not agree(-gradient, want)
    assert not agree(gradient * len(want), want)
    if np.ndim(want) == 2:
        assert not agree(gradient.T, want) and not agree(gradient.sum(axis=0, keepdims=True), want)


# --- PyTorch ----------------------------------------------------------------------------------------------------------

NAMESAKES = [(c, r) for c in DISTINCT for r in c.reductions if c.function.aliases]


def torch_result(case: Case, reduction: str) -> tuple[float, dict[int, Any]]:
    torch = needs.package("torch")
    tensors = [torch.tensor(v) for v in case.values]
    for k in case.wrt:
        tensors[k].requires_grad_(True)
    options = {k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in case.options.items()}
    function = getattr(torch.nn.functional, case.function.aliases[0].removeprefix("F."))
    losses = function(*tensors, reduction=reduction, **options)
    total = (losses * torch.tensor(cotangent(tuple(losses.shape)))).sum() if reduction == "none" else losses
    total.backward()
    return total.item(), {k: tensors[k].grad.numpy() for k in case.wrt}


@pytest.mark.parametrize(("case", "reduction"), NAMESAKES, ids=lambda v: str(v))
@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides the total loss:UserWarning")
def test_value_and_gradient_are_those_of_torch(case: Case, reduction: str) -> None:
    want, gradients = torch_result(case, reduction)
    found = derivation(case, reduction).evaluate()
    np.testing.assert_allclose(found.loss, want, rtol=1e-10, atol=1e-12)
    for k, gradient in gradients.items():
        np.testing.assert_allclose(found.gradients[of_leaf(k)], gradient, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("row", [r for r in LOSSES if r.aliases], ids=lambda r: r.name)
def test_the_order_of_arguments_is_that_of_torch(row: Function) -> None:
    torch = needs.package("torch")
    function = getattr(torch.nn.functional, row.aliases[0].removeprefix("F."))
    theirs = list(inspect.signature(function).parameters)
    kind = next(k for k in vars(torch.nn) if k.lower() == row.name.replace("_", "") + "loss")
    made = list(inspect.signature(getattr(torch.nn, kind)).parameters)
    assert list(row.signature[row.arguments :]) == theirs[row.arguments : len(row.signature)]
    assert list(row.signature[row.arguments :])[: len(made)] == made
    for label, default in row.parameters.items():
        usual = inspect.signature(function).parameters[label].default
        assert default == usual or (label == "ignore_index" and default is None)
    assert class_rows()[kind.lower()] is row


# --- the code reader --------------------------------------------------------------------------------------------------


def spelled(value: Any) -> str:
    return f"torch.tensor({np.asarray(value).tolist()})" if isinstance(value, (np.ndarray, np.generic)) else repr(value)


def source(case: Case, reduction: str, as_class: bool) -> str:
    """Return a program that computes the case with PyTorch."""
    lines = ["import torch", "import torch.nn as nn", "import torch.nn.functional as F"]
    for k, v in enumerate(case.values):
        more = ", requires_grad=True" if k in case.wrt else ""
        lines.append(f"x{k} = torch.tensor({np.asarray(v).tolist()}{more})")
    given = ", ".join(of_leaf(k) for k in range(len(case.values)))
    options = "".join(f", {k}={spelled(v)}" for k, v in given_options(case).items())
    if as_class:
        kind = CLASSES[case.row]
        lines += [f"criterion = nn.{kind}(reduction={reduction!r}{options})", f"loss = criterion({given})"]
    else:
        lines.append(f"loss = {case.function.aliases[0]}({given}, reduction={reduction!r}{options})")
    return "\n".join([*lines, "loss.backward()"])


CLASSES = {
    "mse": "MSELoss",
    "l1": "L1Loss",
    "smooth_l1": "SmoothL1Loss",
    "huber": "HuberLoss",
    "bce": "BCELoss",
    "bce_with_logits": "BCEWithLogitsLoss",
    "cross_entropy": "CrossEntropyLoss",
    "nll": "NLLLoss",
    "kl_div": "KLDivLoss",
    "poisson_nll": "PoissonNLLLoss",
    "gaussian_nll": "GaussianNLLLoss",
    "hinge_embedding": "HingeEmbeddingLoss",
    "margin_ranking": "MarginRankingLoss",
    "soft_margin": "SoftMarginLoss",
    "multi_margin": "MultiMarginLoss",
    "multilabel_soft_margin": "MultiLabelSoftMarginLoss",
    "multilabel_margin": "MultiLabelMarginLoss",
    "cosine_embedding": "CosineEmbeddingLoss",
    "triplet_margin": "TripletMarginLoss",
}
NOT_OF_CLASSES = {("mse", "weight"), ("l1", "weight"), ("huber", "weight")}
READ = [c for c in DISTINCT if c.function.aliases and np.asarray(c.values[0]).ndim == 2]


@pytest.mark.parametrize("as_class", [False, True], ids=["function", "class"])
@pytest.mark.parametrize("case", READ, ids=str)
def test_code_that_calls_a_loss_is_read(case: Case, as_class: bool) -> None:
    if as_class and any((case.row, option) in NOT_OF_CLASSES for option in case.options):
        case = Case(case.row, case.values, {k: v for k, v in case.options.items() if k != "weight"}, case.wrt)
    reduction = case.reductions[-1]
    found = sb.derive(sb.parse(source(case, reduction, as_class))).evaluate()
    assert agree(found.loss, again(case, reduction, case.values), 1e-11, 1e-13)
    for k in case.wrt:
        assert agree(found.gradients[of_leaf(k)], central(case, reduction, k))


def test_every_namesake_has_a_class() -> None:
    assert set(CLASSES) == {r.name for r in LOSSES if r.aliases}
    for row in LOSSES:
        assert all(ALIASES[a] is row for a in row.aliases)


HEAD = """
import torch, torch.nn as nn, torch.nn.functional as F
z = torch.tensor([[1., 2., -1.], [0.5, -1., 3.]], requires_grad=True)
t = torch.tensor([2, 0])
y = torch.tensor([[0., 1., 1.], [1., 0., 0.]])
"""


@pytest.mark.parametrize(
    ("line", "same"),
    [
        (
            "F.cross_entropy(z, t, torch.tensor([1., 2., 3.]), None, 2, None, 'sum', 0.1)",
            "F.cross_entropy(z, t, weight=torch.tensor([1., 2., 3.]), ignore_index=2, reduction='sum', label_smoothing=0.1)",
        ),
        ("F.smooth_l1_loss(z, y, None, None, 'sum', 0.3)", "F.smooth_l1_loss(z, y, beta=0.3, reduction='sum')"),
        ("F.mse_loss(z, y, False)", "F.mse_loss(z, y, reduction='sum')"),
        ("nn.MSELoss(size_average=True)(z, y)", "F.mse_loss(z, y)"),
        ("F.mse_loss(z, y, reduce=False).mean()", "F.mse_loss(z, y)"),
        (
            "(nn.CrossEntropyLoss(reduction='none')(z, t) * torch.tensor([2., 3.])).sum()",
            "2 * F.cross_entropy(z[:1], t[:1]) + 3 * F.cross_entropy(z[1:], t[1:])",
        ),
        (
            "F.binary_cross_entropy(torch.sigmoid(z), y, weight=2 * y + 1)",
            "F.binary_cross_entropy_with_logits(z, y, weight=2 * y + 1)",
        ),
        ("F.huber_loss(z, y, 'sum', 0.3)", "nn.HuberLoss('sum', 0.3)(z, y)"),
        ("F.kl_div(z, y, reduction='batchmean')", "nn.KLDivLoss(None, None, 'batchmean')(z, y)"),
        ("F.triplet_margin_loss(z, y, 2 * y, 0.5, 1)", "nn.TripletMarginLoss(0.5, 1)(z, y, 2 * y)"),
        ("F.margin_ranking_loss(input1=z, input2=y, target=2 * y - 1)", "nn.MarginRankingLoss()(z, y, 2 * y - 1)"),
        (
            "F.gaussian_nll_loss(input=z, target=y, var=torch.ones(2, 3))",
            "nn.GaussianNLLLoss()(z, y, torch.ones(2, 3))",
        ),
        ("F.cross_entropy(input=z, target=t)", "nn.CrossEntropyLoss()(z, t)"),
        ("F.cross_entropy(z, t)", "F.nll_loss(F.log_softmax(z, dim=1), t)"),
        ("F.cross_entropy(z, torch.tensor([2, -100]), ignore_index=-100)", "F.cross_entropy(z[:1], t[:1])"),
        ("nn.NLLLoss(torch.tensor([1., 2., 3.]))(z, t)", "nn.NLLLoss(weight=torch.tensor([1., 2., 3.]))(z, t)"),
    ],
)
def test_positions_and_names_mean_the_same(line: str, same: str) -> None:
    first, second = (sb.derive(sb.parse(HEAD + f"loss = {text}\n")).evaluate() for text in (line, same))
    np.testing.assert_allclose(first.loss, second.loss, rtol=1e-14)
    np.testing.assert_allclose(first.gradients["z"], second.gradients["z"], rtol=1e-12, atol=1e-15)


def test_a_live_loss_brings_its_options() -> None:
    torch = needs.package("torch")
    criterion = torch.nn.CrossEntropyLoss(torch.tensor([0.5, 2.0, 1.0]), label_smoothing=0.2, ignore_index=2)
    plain = torch.nn.SmoothL1Loss(beta=0.3)
    W, X, t = RNG.normal(size=(2, 3)), RNG.normal(size=(4, 2)), np.array([0, 1, 2, 0])

    def weighted(W: Any, X: Any, t: Any) -> Any:
        return criterion(X @ W, t)

    def smooth(W: Any, X: Any) -> Any:
        return plain(X @ W, X @ W * 2)

    for function, values, arguments in ((weighted, {"X": X, "W": W, "t": t}, [t]), (smooth, {"X": X, "W": W}, [])):
        found = sb.derive(sb.read(function, values=values, wrt=["W"])).evaluate()
        Wt = torch.tensor(W, requires_grad=True)
        criterion.double()
        loss = function(Wt, torch.tensor(X), *map(torch.tensor, arguments))
        loss.backward()
        np.testing.assert_allclose(found.loss, loss.item(), rtol=1e-6)
        np.testing.assert_allclose(found.gradients["W"], Wt.grad.numpy(), rtol=1e-6)


@pytest.mark.parametrize(
    ("line", "finding"),
    [
        (
            "F.cross_entropy(torch.softmax(z, dim=1), t)",
            "is a softmax output already, and cross_entropy applies softmax again",
        ),
        (
            "F.binary_cross_entropy_with_logits(torch.sigmoid(z), y)",
            "is a sigmoid output already, and bce_with_logits applies",
        ),
        ("F.multilabel_soft_margin_loss(torch.sigmoid(z), y)", "multilabel_soft_margin applies sigmoid again"),
        ("F.nll_loss(torch.softmax(z, dim=1), t)", "is a softmax output, and nll takes logarithms of probabilities"),
        ("F.kl_div(torch.softmax(z, dim=1), y)", "is a softmax output, and kl_div takes logarithms of probabilities"),
        ("F.nll_loss(F.log_softmax(z, dim=1), t)", ""),
        ("F.cross_entropy(z, t)", ""),
    ],
)
def test_the_wrong_kind_of_prediction_is_told(line: str, finding: str) -> None:
    found = sb.parse(HEAD + f"loss = {line}\n").findings
    assert bool(found) == bool(finding) and all(finding in str(f) for f in found)


def test_a_certain_and_wrong_prediction_has_an_infinite_loss() -> None:
    """PyTorch bounds log 0 by -100; the formula does not."""
    torch = needs.package("torch")
    loss, _ = derivation(Case("bce", (np.array([0.0]), np.array([1.0]))), "mean").lambdify()(
        x0=np.zeros(1), x1=np.ones(1)
    )
    assert loss == math.inf
    assert torch.nn.functional.binary_cross_entropy(torch.zeros(1), torch.ones(1)).item() == 100
    assert "-100" in (sb.functions.losses.__doc__ or "")


# --- kinks ------------------------------------------------------------------------------------------------------------

AT_KINKS = (
    Case("l1", (np.array([1.0, -2.0, 0.5]), np.array([1.0, -2.0, 0.5]))),
    Case("smooth_l1", (np.array([0.5, -0.5, 0.0]), np.zeros(3)), {"beta": 0.5}),
    Case("smooth_l1", (np.array([0.5, -0.5, 0.0]), np.zeros(3)), {"beta": 0}),
    Case("huber", (np.array([0.5, -0.5, 0.0]), np.zeros(3)), {"delta": 0.5}),
    Case("hinge", (np.array([1.0, -1.0, 2.0]), np.array([1.0, -1.0, 1.0]))),
    Case("hinge_embedding", (np.array([0.5, 0.5, 2.0]), np.array([-1.0, 1.0, -1.0])), {"margin": 0.5}),
    Case("margin_ranking", (np.array([1.0, 1.0]), np.array([1.0, 1.0]), np.array([1.0, -1.0])), {"margin": 0.0}, BOTH),
    Case("multi_margin", (np.array([[2.0, 1.0, 1.0], [0.0, 1.0, 2.0]]), np.array([0, 1]))),
    Case("multilabel_margin", (np.array([[2.0, 1.0, 1.0]]), np.array([[0, -1, -1]]))),
    Case("gaussian_nll", (np.array([0.3]), np.array([0.1]), np.array([0.25])), {"eps": 0.25}, (2,)),
    Case("cosine_embedding", (np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]]), np.array([-1.0])), {}, BOTH),
    Case(
        "triplet_margin",
        (np.array([[0.0, 0.0]]), np.array([[3.0, 4.0]]), np.array([[6.0, 0.0]])),
        {"margin": 1.0, "eps": 0.0},
        (0, 1, 2),
    ),
)


def test_every_row_with_a_kink_says_so_and_is_tested_there() -> None:
    assert {c.row for c in AT_KINKS} == {r.name for r in LOSSES if r.kinks} | {"huber"}
    assert all(r.source for r in LOSSES if r.kinks)


@pytest.mark.parametrize("case", AT_KINKS, ids=str)
def test_at_a_kink_the_derivative_lies_between_the_two_sides(case: Case) -> None:
    found = derivation(case, "sum").evaluate()
    for k in case.wrt:
        array = np.asarray(case.values[k])
        for at in np.ndindex(*array.shape):
            sides = sorted(difference(case, "sum", k, at, s) for s in (1e-7, -1e-7))
            assert sides[0] - 1e-6 <= found.gradients[of_leaf(k)][at] <= sides[1] + 1e-6


@pytest.mark.parametrize("case", [c for c in AT_KINKS if c.function.aliases and c.row != "gaussian_nll"], ids=str)
def test_at_a_kink_the_derivative_is_the_one_of_torch(case: Case) -> None:
    _, gradients = torch_result(case, "sum")
    found = derivation(case, "sum").evaluate()
    for k, gradient in gradients.items():
        np.testing.assert_allclose(found.gradients[of_leaf(k)], gradient, rtol=1e-10, atol=1e-12)


# --- far out ----------------------------------------------------------------------------------------------------------

FAR = np.array([-1e4, -745.2, -36.8, -1e-9, 0.0, 1e-9, 36.8, 709.8, 1e4])


def softplus(z: Any) -> Any:
    return mpmath.log1p(mpmath.exp(z)) if z < 0 else z + mpmath.log1p(mpmath.exp(-z))


def sigmoid(z: Any) -> Any:
    return 1 / (1 + mpmath.exp(-z)) if z >= 0 else mpmath.exp(z) / (1 + mpmath.exp(z))


@pytest.mark.parametrize("target", [0.0, 1.0, 0.3])
def test_binary_losses_far_out(target: float) -> None:
    y = np.full(9, target)
    with mpmath.workdps(50):
        losses = [softplus(mpmath.mpf(z)) - mpmath.mpf(z) * mpmath.mpf(target) for z in FAR]
        slopes = [sigmoid(mpmath.mpf(z)) - mpmath.mpf(target) for z in FAR]
        weighted = [
            3 * mpmath.mpf(target) * softplus(-mpmath.mpf(z)) + (1 - mpmath.mpf(target)) * softplus(mpmath.mpf(z))
            for z in FAR
        ]
    accurate(Case("bce_with_logits", (FAR, y)), losses, slopes)
    accurate(Case("bce_with_logits", (FAR, y), {"pos_weight": np.array(3.0)}), weighted, None)
    accurate(Case("multilabel_soft_margin", (FAR[:, None], y[:, None])), losses, slopes)
    if target in (0.0, 1.0):
        with mpmath.workdps(50):
            sign = 2 * target - 1
            margins = [softplus(-sign * mpmath.mpf(z)) for z in FAR]
            turns = [-sign * sigmoid(-sign * mpmath.mpf(z)) for z in FAR]
        accurate(Case("soft_margin", (FAR, 2 * y - 1)), margins, turns)


def accurate(case: Case, losses: Any, slopes: Any) -> None:
    """Compare each loss, and its derivative, with fifty digits."""
    for k, want in enumerate(losses):
        single = Case(case.row, tuple(v[k : k + 1] for v in case.values), case.options)
        found = derivation(single, "sum").evaluate()
        np.testing.assert_allclose(found.loss, float(want), rtol=1e-12, atol=1e-12)
        if slopes is not None:
            have = float(np.ravel(found.gradients[of_leaf(0)])[0])
            np.testing.assert_allclose(have, float(slopes[k]), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("label_smoothing", [0.0, 0.1])
def test_cross_entropy_far_out(label_smoothing: float) -> None:
    scores = np.array([[1e4, -1e4, 0.0], [-745.0, 3.0, 800.0], [-1e4, -1e4, -1e4], [37.0, 0.0, 36.0]])
    index = np.array([1, 0, 2, 0])
    found = derivation(Case("cross_entropy", (scores, index), {"label_smoothing": label_smoothing}), "sum").evaluate()
    total = mpmath.mpf(0)
    with mpmath.workdps(60):
        gradient = np.empty((4, 3))
        for i, row in enumerate(scores):
            z = [mpmath.mpf(float(v)) for v in row]
            log_sum = max(z) + mpmath.log(sum(mpmath.exp(v - max(z)) for v in z))
            for j in range(3):
                y = (1 - mpmath.mpf(label_smoothing)) * (index[i] == j) + mpmath.mpf(label_smoothing) / 3
                total += y * (log_sum - z[j])
                gradient[i, j] = float(mpmath.exp(z[j] - log_sum) - y)
    np.testing.assert_allclose(found.loss, float(total), rtol=1e-12)
    np.testing.assert_allclose(found.gradients["x0"], gradient, rtol=1e-12, atol=1e-15)


def test_staged_losses_far_out_are_the_collapsed_ones() -> None:
    net = sb.Network()
    z, y = net.parameter("z", (9,), FAR), net.input("y", (9,), np.ones(9))
    net.define("L", sb.bce(net.define("p", sb.sigmoid(z)), y, reduction="sum"))
    found = sb.derive(net).evaluate()
    with mpmath.workdps(50):
        want = sum(softplus(-mpmath.mpf(v)) for v in FAR)
    np.testing.assert_allclose(found.loss, float(want), rtol=1e-12)
    assert np.isfinite(found.gradients["z"]).all()


# --- what the page says -----------------------------------------------------------------------------------------------


def of_logits(make: Callable[..., Form], target: str = "indices") -> Any:
    net = sb.Network()
    X, W = net.input("X", ("n", 2)), net.parameter("W", (2, 3))
    t = net.input("t", ("n",), integer=True) if target == "indices" else net.input("t", ("n", 3))
    if target == "one-hot":
        net.assume("one-hot", t)
    Z = net.define("Z", X @ W)
    net.define("L", make(Z, t))
    return sb.derive(net)


def test_cross_entropy_of_indices_is_s_minus_y() -> None:
    assert str(of_logits(sb.cross_entropy).step("Z").form) == "(softmax(Z, axis=1) - Y) / n"
    assert str(of_logits(sb.cross_entropy, "one-hot").step("Z").form) == "(softmax(Z, axis=1) - t) / n"
    assert (
        str(of_logits(lambda z, t: sb.nll(sb.log_softmax(z, axis=1), t)).step("Z").form)
        == "(softmax(Z, axis=1) - Y) / n"
    )


def test_a_smoothed_target_sums_to_one_as_well() -> None:
    d = of_logits(lambda z, t: sb.cross_entropy(z, t, label_smoothing=0.1))
    assert str(d.step("Z").form) == "(softmax(Z, axis=1) - T) / n"
    assert [str(a) for a in d.assumptions] == ["each row of T sums to 1 (by construction)"]
    d = of_logits(lambda z, t: sb.cross_entropy(z, t, label_smoothing=0.1), "one-hot")
    assert str(d.step("Z").form) == "(softmax(Z, axis=1) - Y) / n"


def test_a_sigmoid_with_cross_entropy_collapses() -> None:
    net = sb.Network()
    z, y = net.parameter("z", ("n",)), net.input("y", ("n",))
    net.define("L", sb.bce(net.define("p", sb.sigmoid(z)), y))
    assert str(sb.derive(net).step("z").form) == "(p - y) / n"


PLAIN_PAGES = [
    c
    for c in FLAT
    # entry by entry (margins between pairs, norms), cases side by side, and a rounded 2 pi are beyond the tests' reader
    if c.row not in ("hinge_embedding", "multilabel_margin", "cosine_embedding", "triplet_margin")
    and not c.options.get("full")
    and not (c.row == "gaussian_nll" and c.options)
]
FUNCTIONS_READ = {
    r"\mathrm{onehot}": lambda t: (np.asarray(t).reshape(-1, 1) == np.arange(3)) * 1.0,
    r"\mathrm{softplus}": lambda z: np.log1p(np.exp(z)),
    r"\mathrm{ReLU}": lambda z: np.maximum(z, 0),
    r"\mathrm{pos}": lambda z: np.maximum(z, 0),
    r"\mathrm{sign}": np.sign,
    r"\log\mathrm{softmax}": lambda z: log_softmax(z, -1),
}


@pytest.mark.parametrize("case", PLAIN_PAGES, ids=str)
def test_the_printed_page_reads_back_as_the_numbers(case: Case) -> None:
    d = derivation(Case(case.row, case.values, case.options), "mean")
    reader = PageReader(d.record, lambda values: {}, {k: np.asarray(v, float) for k, v in d.network.values.items()})
    reader.reader.functions.update(FUNCTIONS_READ)
    reader.reader.primes[r"\mathrm{pos}"] = lambda z: (z >= 0) * 1.0
    for section in d.sections("matrix"):
        shown = tuple(display for display in section.displays if display.of)
        if section.key in ("forward", "loss", "backward") and shown:
            reader.read(shown)
    printed = reader.reader.names[re.sub(r"\s", "", to_latex(reader.page.base.adjoint("x0")))]
    assert agree(printed, central(case, "mean", 0)) and not agree(printed * 1.001, central(case, "mean", 0))
    assert agree(np.squeeze(reader.reader.names["L"]), again(case, "mean", case.values), 1e-9)


def test_no_row_holds_a_derivative() -> None:
    for case in DISTINCT:
        leaves = [name(of_leaf(k), np.shape(v)) for k, v in enumerate(case.values)]
        options = {k: name(k, v.shape) if isinstance(v, np.ndarray) else v for k, v in given_options(case).items()}
        form = case.function(*leaves, reduction="none", **options)
        assert not any(isinstance(n, Apply) and isinstance(n.op, Prime) for n in walk(form))


def test_rows_are_described() -> None:
    for row in LOSSES:
        assert row.title and row.inline and row.definition is not None
        assert set(row.domains.values()) <= set(DOMAINS) and set(row.domains) <= set(row.argument_names)


# --- SymPy ------------------------------------------------------------------------------------------------------------


def test_losses_of_symbols() -> None:
    x, w, t, L = sp.symbols("x w t L")
    values = {"x": 0.7, "w": -1.3, "t": 1.0}
    for made, want in (
        (sb.mse(w * x, t), (-0.91 - 1) ** 2),
        (sb.huber(w * x, t, delta=0.5), 0.5 * (1.91 - 0.25)),
        (sb.bce_with_logits(w * x, t), math.log(1 + math.exp(0.91))),
        (sb.hinge(w * x, t, reduction="sum"), 1.91),
        (sb.smooth_l1(w * x, t, beta=4.0), 1.91**2 / 8),
    ):
        d = sb.derive(sb.network([sp.Eq(L, made)]), wrt=["w"])
        loss, gradients = d.lambdify()(**values)
        np.testing.assert_allclose(loss, want, rtol=1e-12)
        step = 1e-6
        near = [d.lambdify()(**{**values, "w": -1.3 + s})[0] for s in (step, -step)]
        np.testing.assert_allclose(gradients["w"], (near[0] - near[1]) / (2 * step), rtol=1e-6)
    with pytest.raises(NetworkError, match=r"mse takes 2 argument\(s\), 1 given"):
        sb.mse(w * x)
    with pytest.raises(NetworkError, match=r"huber has no parameter delt .did you mean 'delta'"):
        sb.huber(w * x, t, delt=1.0)
    net = sb.network([sp.Eq(L, sb.bce_with_logits(w * x, t))])
    with pytest.raises(ValueProblem, match=r"t holds 1\.3"):
        sb.derive(net, wrt=["w"]).lambdify()(**{**values, "t": 1.3})


# --- domains ----------------------------------------------------------------------------------------------------------


def outside(case: Case, position: int, at: Any, value: Any) -> Case:
    changed = [np.array(v) for v in case.values]
    changed[position][at] = value
    return Case(case.row, tuple(changed), case.options, case.wrt)


def plain(label: str) -> Case:
    return next(c for c in DISTINCT if c.row == label)


WRONG = (
    (
        outside(plain("bce"), 1, (2, 0), 1.3),
        r"x1 holds 1.3, but the target of bce is a probability, between 0 and 1 \(x1\[2, 0\]",
    ),
    (outside(plain("bce_with_logits"), 1, (0, 1), -0.1), r"x1 holds -0.1, .* \(x1\[0, 1\], counted from 0\)"),
    (outside(plain("bce"), 1, (1, 1), math.nan), r"x1 holds nan, but the target of bce"),
    (outside(plain("cross_entropy"), 1, 3, 3), r"x1 holds 3, but the classes are 0 to 2 \(x1\[3\]"),
    (outside(plain("cross_entropy"), 1, 1, -100), r"x1 holds -100, .*ignore_index=-100"),
    (Case("cross_entropy", (Z, INDEX - 3), {"ignore_index": -3}), r"x1 holds -1, but the classes are 0 to 2"),
    (
        Case("cross_entropy", (Z, Q)),
        r"x1\[0, :\] sums to 1.\d+, but the target of cross_entropy is one probability per class",
    ),
    (Case("cross_entropy", (WIDE, WIDE_ROWS * 0.5)), r"x1\[0, :, 0, 0\] sums to 0.5, but the target"),
    (Case("cross_entropy", (Z[0], Q[0])), r"x1 sums to"),
    (
        outside(Case("cross_entropy", (Z, ROWS_OF_ONE)), 1, (1, 2), -0.2),
        r"x1 holds -0.2, but the target of cross_entropy is a prob",
    ),
    (outside(plain("nll"), 1, 0, 5), r"x1 holds 5, but the classes are 0 to 2"),
    (
        outside(plain("kl_div"), 1, (3, 1), -0.2),
        r"x1 holds -0.2, but the target of kl_div is not negative \(x1\[3, 1\]",
    ),
    (
        outside(plain("poisson_nll"), 1, (0, 0), -1),
        r"x1 holds -1, but the target of poisson_nll is a count, not negative",
    ),
    (
        outside(plain("gaussian_nll"), 2, (1, 0), -0.5),
        r"x2 holds -0.5, but the variance of gaussian_nll is not negative",
    ),
    (outside(plain("hinge"), 1, (2, 2), 0), r"x1 holds 0, but the target of hinge is 1 or -1 \(x1\[2, 2\]"),
    (outside(plain("hinge_embedding"), 1, (0, 0), 2), r"x1 holds 2, but the target of hinge_embedding is 1 or -1"),
    (outside(plain("margin_ranking"), 2, (1, 0), 0), r"x2 holds 0, but the target of margin_ranking is 1 or -1"),
    (outside(plain("soft_margin"), 1, (1, 0), 0.5), r"x1 holds 0.5, but the target of soft_margin is 1 or -1"),
    (outside(plain("cosine_embedding"), 2, 1, 0), r"x2 holds 0, but the target of cosine_embedding is 1 or -1"),
    (outside(plain("multi_margin"), 1, 1, 3), r"x1 holds 3, but the classes are 0 to 2"),
    (
        outside(plain("multilabel_soft_margin"), 1, (1, 0), 2),
        r"x1 holds 2, but the target of multilabel_soft_margin is a prob",
    ),
    (
        outside(plain("multilabel_margin"), 1, (1, 2), 0),
        r"x1 holds 0, but .* a list of class indices that ends with -1 \(x1\[1, 2\]",
    ),
    (outside(plain("multilabel_margin"), 1, (0, 0), 3), r"x1 holds 3, but .* list of class indices"),
)


def test_every_domain_of_the_table_is_tested() -> None:
    assert {c.row for c, _ in WRONG} == {r.name for r in LOSSES if r.domains}


@pytest.mark.parametrize(("case", "message"), WRONG, ids=lambda v: str(v))
def test_a_value_outside_its_domain_is_refused_with_its_place(case: Case, message: str) -> None:
    d = derivation(case, "mean")
    values = {v: d.network.values[v] for v in d.network.variables}
    for run in (d.evaluate, lambda: d.lambdify()(**values), lambda: d.run(1, 0.1), lambda: sb.check_gradients(d)):
        with pytest.raises(ValueProblem, match=message):
            run()


@pytest.mark.parametrize("row", ["bce", "cross_entropy", "hinge"])
def test_the_second_call_looks_again(row: str) -> None:
    case, wrong = plain(row), next(c for c, _ in WRONG if c.row == row)
    f = derivation(case, "mean").lambdify()
    good, bad = ({of_leaf(k): v for k, v in enumerate(c.values)} for c in (case, wrong))
    first = f(**good)[0]
    for _ in range(2):
        with pytest.raises(ValueProblem, match="x1 holds"):
            f(**bad)
        assert f(**good)[0] == first


def test_computed_targets_are_looked_at_where_they_rest_on_data() -> None:
    net = sb.Network()
    p, q = net.parameter("p", (2,)), net.input("q", (2,))
    y = net.define("y", 2 * q - 1)
    net.define("L", sb.hinge(p, y))
    f = sb.derive(net).lambdify()
    f(p=np.zeros(2), q=np.array([0.0, 1.0]))
    with pytest.raises(
        ValueProblem, match=r"2 \* q - 1 holds 0, but the target of hinge is 1 or -1 \(\(2 \* q - 1\)\[1\]"
    ):
        f(p=np.zeros(2), q=np.array([0.0, 0.5]))
    net = sb.Network()
    p = net.parameter("p", (2,))
    net.define("L", sb.bce(sb.sigmoid(p), sb.tanh(p)))
    sb.derive(net).lambdify()(p=np.array([-1.0, 0.5]))  # a target that moves with a parameter is the author's business


def test_sizes_without_a_number_and_views_of_a_target() -> None:
    net = sb.Network()
    z, t = net.parameter("z", ("n", "c")), net.input("t", ("n", 1), integer=True)
    net.define("L", sb.cross_entropy(z, t[:, 0], label_smoothing=0.2))
    f = sb.derive(net).lambdify()
    want, _ = f(z=Z, t=INDEX[:, None])
    np.testing.assert_allclose(
        want, again(Case("cross_entropy", (Z, INDEX), {"label_smoothing": 0.2}), "mean", (Z, INDEX))
    )
    for wrong in (3, -1):
        with pytest.raises(ValueProblem, match=f"holds {wrong}, but the classes are 0 to 2"):
            f(z=Z, t=np.array([[0], [1], [wrong], [0]]))
    f(z=Z[:, [0, 1, 2, 0]], t=np.full((4, 1), 3))  # four classes this time
    text = "import torch.nn.functional as F\nloss = F.binary_cross_entropy_with_logits((x @ w).squeeze(1), y.reshape(-1))\n"
    d = sb.derive(sb.parse(text, shapes={"x": ("n", 2), "w": (2, 1), "y": ("n", 1)}))
    values = {"x": np.ones((3, 2)), "w": np.ones((2, 1))}
    d.lambdify()(y=np.ones((3, 1)), **values)
    with pytest.raises(ValueProblem, match=r"holds 1\.5, but the target"):
        d.lambdify()(y=np.full((3, 1), 1.5), **values)


def test_only_calls_of_the_loss_itself_require_anything() -> None:
    text = HEAD + "w = 2.0 * y\nother = F.binary_cross_entropy_with_logits(z, w)\nloss = F.mse_loss(z, w)\n"
    d = sb.derive(sb.parse(text, loss="loss", wrt=["z"]))
    assert not d.network.requirements and np.isfinite(d.evaluate().loss)
    text = (
        HEAD
        + "def criterion(a, b):\n    return F.binary_cross_entropy_with_logits(a, b)\nloss = criterion(z, 1.3 * y)\n"
    )
    with pytest.raises(ValueProblem, match=r"1.3 \* y holds 1.3, but the target of bce_with_logits"):
        sb.derive(sb.parse(text)).evaluate()


def test_a_formula_typed_by_hand_requires_nothing_of_its_target() -> None:
    """Also where the table's own call, whose form is the same, was made before."""
    p, y = name("p", (2,)), name("y", (2,))
    noted = sb.bce(p, y)
    typed = -sb.mean(y * sb.log(p) + (1 - y) * sb.log(1 - p))
    assert noted is not typed and without_requirements(noted)[0] is typed and without_requirements(typed)[1] == ()
    net = sb.Network()
    net.parameter("p", (2,)), net.input("y", (2,))
    net.define("L", typed)
    assert np.isfinite(sb.derive(net).lambdify()(p=np.array([0.2, 0.5]), y=np.array([0.1, 1.3]))[0])


def test_the_positional_call_looks_at_nothing() -> None:
    case = plain("bce")
    f = derivation(case, "mean").lambdify(args=["x0", "x1"])
    assert np.isfinite(f(P, Q + 1)[0])


# --- errors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda p, t: sb.mse(p), r"mse takes 2 argument\(s\), 1 given; it needs prediction, target"),
        (lambda p, t: sb.triplet_margin(p, t), r"triplet_margin takes 3 argument\(s\), 2 given"),
        (lambda p, t: sb.mse(p, t, reduction="meen"), "not 'meen' .did you mean 'mean'"),
        (lambda p, t: sb.mse(p, t, reduction="batchmean"), "'mean', 'sum' or 'none', not 'batchmean'"),
        (lambda p, t: sb.huber(p, t, delta=0), "in huber: delta is positive, got 0"),
        (lambda p, t: sb.smooth_l1(p, t, beta=-1), "in smooth_l1: beta is not negative, got -1"),
        (
            lambda p, t: sb.cross_entropy(p, t, label_smooth=0.1),
            "no parameter label_smooth .did you mean 'label_smoothing'",
        ),
        (lambda p, t: sb.cross_entropy(p, t, label_smoothing=1.5), "label_smoothing is between 0 and 1, got 1.5"),
        (lambda p, t: sb.cross_entropy(p, t, ignore_index=1), "ignore_index is for class indices"),
        (
            lambda p, t: sb.cross_entropy(p, t, weight=t),
            r"the weight has shape \(4, 3\), expected one per class, \(3,\)",
        ),
        (lambda p, t: sb.cross_entropy(p, name("s", (3,))), r"prediction p has shape \(4, 3\) and target s has \(3,\)"),
        (lambda p, t: sb.cross_entropy(p, name("s")), "holds neither class indices nor probabilities"),
        (
            lambda p, t: sb.bce(p, t, weight=name("w", (2, 4, 3))),
            r"the weight has shape \(2, 4, 3\), the losses \(4, 3\)",
        ),
        (lambda p, t: sb.mse(p, t, weight=name("w", (3,))), "one weight for each of the"),
        (lambda p, t: sb.multi_margin(p, t), "class indices of shape"),
        (lambda p, t: sb.multi_margin(p, name("i", (4,)), p=3), "p is 1 or 2, got 3"),
        (lambda p, t: sb.multilabel_margin(p, name("i", (4,))), "have one shape"),
        (lambda p, t: sb.cosine_embedding(p, t, t), "two arrays of shape"),
        (lambda p, t: sb.triplet_margin(p, t, t, p=0.5), "p is a number of at least 1"),
        (lambda p, t: sb.gaussian_nll(p, t, name("v", (2, 4, 3))), "the variance has shape"),
    ],
)
def test_a_wrong_call_is_refused_at_once(make: Callable[..., Any], message: str) -> None:
    with pytest.raises((NetworkError, ShapeError), match=message):
        make(name("p", (4, 3)), name("t", (4, 3)))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("F.cross_entropy(z, t, label_smooth=0.1)", "did you mean 'label_smoothing'"),
        ("nn.BCEWithLogitsLoss(pos_weights=torch.ones(3))(z, y)", "did you mean 'pos_weight'"),
        ("F.mse_loss(z)", r"F.mse_loss needs target"),
        ("nn.MSELoss(reduction='men')(z, y)", "not 'men' .did you mean 'mean'"),
        ("nn.MSELoss()(z, y, reduction='sum')", "nn.MSELoss.forward has no parameter reduction"),
        ("F.hubber_loss(z, y)", "F.hubber_loss is not known .did you mean 'F.huber_loss'"),
        ("nn.HubberLoss()(z, y)", "did you mean"),
        (
            "F.l1_loss(z, y, reduction='none')",
            r"loss has shape \(2, 3\), but a loss has exactly one element; give its mean or sum",
        ),
    ],
)
def test_wrong_code_is_refused_with_its_line(line: str, message: str) -> None:
    with pytest.raises(SymbackError, match=message) as caught:
        sb.derive(sb.parse(HEAD + f"loss = {line}\n"))
    assert isinstance(caught.value, NetworkError) or "line 6" in str(caught.value)
    assert isinstance(caught.value, (ReadError, NetworkError))


def test_a_loss_says_of_its_indices_what_it_allows_in_every_statement() -> None:
    """Also where the loss is not the last equation: PyTorch's -100 and the -1 that ends a list are no classes out of range."""
    torch = needs.package("torch")
    f = torch.nn.functional
    scores, lists, classes = (
        np.array(Z[:3], dtype=float),
        np.array([[2, 0, -1], [1, -1, -1], [0, 1, 2]]),
        np.array([0, -100, 2]),
    )
    for line, given in (
        ("F.multilabel_margin_loss(z, t)", lists),
        ("F.cross_entropy(z, t, ignore_index=-100)", classes),
        ("F.cross_entropy(z, t)", classes),
        ("nn.CrossEntropyLoss()(z, t)", classes),
        ("F.nll_loss(z, t)", classes),
        ("F.cross_entropy(z, t, reduction='sum', label_smoothing=0.1)", classes),
    ):
        text = f"import torch.nn as nn\nimport torch.nn.functional as F\nr = {line}\nL = 2 * r**2\n"
        found = sb.derive(sb.parse(text, values={"z": scores, "t": given}, loss="L", wrt=["z"])).evaluate()
        z = torch.tensor(scores, requires_grad=True)
        r = eval(line, {"F": f, "nn": torch.nn, "z": z, "t": torch.tensor(given)})
        (2 * r**2).backward()
        np.testing.assert_allclose(found.loss, (2 * r**2).item(), rtol=1e-12)
        np.testing.assert_allclose(found.gradients["z"], z.grad.numpy(), rtol=1e-10, atol=1e-12)
    wrong = sb.derive(
        sb.parse(
            "import torch.nn.functional as F\nr = F.cross_entropy(z, t)\nL = 2 * r",
            loss="L",
            wrt=["z"],
            values={"z": scores, "t": np.array([0, 3, 2])},
        )
    )
    with pytest.raises(ValueProblem) as caught:
        wrong.evaluate()
    assert str(caught.value) == "t holds 3, but the classes are 0 to 2 (t[1], counted from 0)"


@pytest.mark.parametrize(
    ("row", "value", "allowed"),
    [
        ("bce", 1.3, "between 0 and 1"),
        ("bce_with_logits", -0.5, "between 0 and 1"),
        ("hinge", 0, "1 or -1"),
        ("poisson_nll", -2.0, "not negative"),
    ],
)
def test_a_number_in_place_of_the_target_is_looked_at_at_once(row: str, value: float, allowed: str) -> None:
    with pytest.raises(NetworkError, match=f"in {row}: the target is {allowed}, not {value}"):
        ROWS[row](name("z"), value)
    assert ROWS[row](name("z"), 1).shape == ()
