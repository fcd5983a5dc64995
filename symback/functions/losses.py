"""Loss functions: a row is a definition in plain operators, so a call reads as its formula on the page.

Prediction comes before target. Options are those of the namesake in ``torch.nn.functional``; ``reduction`` is "none",
"sum" or "mean". ``domains`` of a row says where the values of an argument must lie; they are looked at where values
meet the formula. No logarithm is clamped here: where PyTorch's binary cross-entropy bounds log 0 by -100, this one is
infinite, as its formula is, and 0 log 0 is nan (there PyTorch has 0, and the derivative 0, which is not the formula's
limit). It takes a prediction of exactly 0 or 1 to get there. The output of a sigmoid is safe wherever it rounds to one of
these, since the loss is evaluated by log σ.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from symback.core.errors import NetworkError, ShapeError, nearest
from symback.core.forms import (
    Form,
    Function,
    Number,
    apply,
    as_form,
    expand,
    matmul,
    number,
    numpy_text,
    one_hot,
    reduce_over,
    row_named,
    shape_text,
    size_of,
    transpose,
    where,
)

REDUCTIONS = ("none", "sum", "mean")
_ROWS_OF_TORCH = "https://pytorch.org/docs/stable/generated/torch.nn.{}.html"


def _row(name: str) -> Function:
    found: Function = row_named(name)
    return found


def _log(x: Form) -> Form:
    return apply("log", x)


def _exp(x: Form) -> Form:
    return apply("exp", x)


def _relu(x: Form) -> Form:
    result: Form = _row("relu")(x)
    return result


# --- what all losses share --------------------------------------------------------------------------------------------


def _reduce(losses: Form, reduction: str, weights: Form | None = None) -> Form:
    """Return the losses, their sum or their mean; with ``weights`` the mean divides by the sum of these."""
    if reduction == "mean" and weights is not None:
        return reduce_over("sum", losses) / reduce_over("sum", weights)
    if reduction in ("mean", "sum"):
        return reduce_over(reduction, losses)
    if reduction == "none":
        return losses
    raise NetworkError(
        f"a loss's reduction is 'mean', 'sum' or 'none', not {reduction!r}{nearest(str(reduction), REDUCTIONS)}"
    )


def _same_shape(name: str, prediction: Form, target: Form) -> None:
    if prediction.shape != target.shape and prediction.shape and target.shape:
        raise ShapeError(
            f"in {name}: prediction {prediction} has shape {shape_text(prediction.shape)} "
            f"and target {target} has {shape_text(target.shape)}"
        )


def _weighted(name: str, losses: Form, weight: Any) -> Form:
    """Return the losses times a weight, which may be repeated along their axes but adds none."""
    if weight is None:
        return losses
    found = as_form(weight) * losses
    if found.shape != losses.shape:
        raise ShapeError(
            f"in {name}: the weight has shape {shape_text(as_form(weight).shape)}, the losses {shape_text(losses.shape)}"
        )
    return found


def _positive(name: str, option: str, value: Any, *, zero: bool = False) -> Form:
    made = as_form(value)
    if isinstance(made, Number) and not (made.value > 0 or (zero and made.value == 0)):
        raise NetworkError(f"in {name}: {option} is {'not negative' if zero else 'positive'}, got {made}")
    return made


def _half(bound: Form) -> Form:
    return number(0.5 * float(bound.value)) if isinstance(bound, Number) else number(0.5) * bound


def _class_axis(name: str, scores: Form) -> int:
    if not scores.shape:
        what = "logits" if name == "cross_entropy" else "log-probabilities" if name == "nll" else "scores"
        raise ShapeError(f"in {name}: {what} {scores} are a single number; class scores are needed")
    return 1 if scores.ndim > 1 else 0


def _is_indices(scores: Form, target: Form) -> bool:
    """Return whether a target holds class indices: it has the shape of the scores without the axis of classes."""
    axis = 1 if scores.ndim > 1 else 0
    return target.shape == scores.shape[:axis] + scores.shape[axis + 1 :]


def _one_hot_rows(target: Form, scores: Form, axis: int) -> Form:
    """Return class indices as 1 and 0 in the shape of the scores."""
    rows = one_hot(target, scores.shape[axis])
    order = [*range(axis), scores.ndim - 1, *range(axis, scores.ndim - 1)]
    return transpose(rows, order)


def _class_weights(name: str, weight: Any, scores: Form, axis: int) -> Form:
    """Return one weight per class so that it broadcasts over the other axes of the scores."""
    made = as_form(weight)
    if made.shape != (scores.shape[axis],):
        raise ShapeError(
            f"in {name}: the weight has shape {shape_text(made.shape)}, expected one per class, "
            f"{shape_text((scores.shape[axis],))}"
        )
    return expand(made, range(1, scores.ndim - axis))


def _share(rows: Form, weight: Form, axis: int) -> Form:
    """Return the weight of each entry's class, from its one-hot row."""
    if axis == rows.ndim - 1:
        return matmul(rows, weight)
    return reduce_over("sum", rows * expand(weight, range(1, rows.ndim - axis)), axis)


# --- regression -------------------------------------------------------------------------------------------------------


def _half_squared_error(prediction: Form, target: Form, reduction: str = "sum") -> Form:
    return number(0.5) * _reduce((prediction - target) ** 2, reduction)


def _mse(prediction: Form, target: Form, reduction: str = "mean", weight: Form | float | None = None) -> Form:
    losses = _weighted("mse", (prediction - target) ** 2, weight)
    return _reduce(losses, reduction, _repeated(weight, losses))


def _l1(prediction: Form, target: Form, reduction: str = "mean", weight: Form | float | None = None) -> Form:
    losses = _weighted("l1", abs(prediction - target), weight)
    return _reduce(losses, reduction, _repeated(weight, losses))


def _repeated(weight: Any, losses: Form) -> Form | None:
    """Return the weights of a mean, one for each loss."""
    if weight is None:
        return None
    made = as_form(weight)
    if made.shape != losses.shape:
        raise ShapeError(
            f"a weighted mean needs one weight for each of the {shape_text(losses.shape)} losses, got {shape_text(made.shape)}"
        )
    return made


def _smooth_l1(prediction: Form, target: Form, reduction: str = "mean", beta: Form | float = 1.0) -> Form:
    bound = _positive("smooth_l1", "beta", beta, zero=True)
    error = prediction - target
    if isinstance(bound, Number) and bound.value == 0:
        return _reduce(abs(error), reduction)
    distance = abs(error)
    squared = number(0.5) * (error**2 / bound)
    if isinstance(bound, Number):
        factor = 0.5 / float(bound.value)
        if factor * 4 == int(factor * 4):  # ½ divided by ½ is 1
            squared = error**2 if factor == 1 else number(factor) * error**2
    return _reduce(where(distance < bound, squared, distance - _half(bound)), reduction)


def _huber(
    prediction: Form,
    target: Form,
    reduction: str = "mean",
    delta: Form | float = 1.0,
    weight: Form | float | None = None,
) -> Form:
    bound = _positive("huber", "delta", delta)
    error = prediction - target
    distance = abs(error)
    losses = where(distance <= bound, number(0.5) * error**2, bound * (distance - _half(bound)))
    return _reduce(_weighted("huber", losses, weight), reduction)


def _poisson_nll(
    prediction: Form,
    target: Form,
    log_input: bool = True,
    full: bool = False,
    eps: float = 1e-8,
    reduction: str = "mean",
) -> Form:
    _same_shape("poisson_nll", prediction, target)
    if log_input:
        losses = _exp(prediction) - target * prediction
    else:
        losses = prediction - target * _log(prediction + number(eps))
    if full:  # Stirling's approximation of log(target!), from 2 on
        factorial = target * _log(target) - target + number(0.5) * _log(number(2 * math.pi) * target)
        losses = losses + where(target > 1, factorial, number(0))
    return _reduce(losses, reduction)


def _gaussian_nll(
    prediction: Form, target: Form, variance: Form, full: bool = False, eps: float = 1e-6, reduction: str = "mean"
) -> Form:
    _same_shape("gaussian_nll", prediction, target)
    if variance.shape == prediction.shape[:-1] != prediction.shape and prediction.shape[-1:] != (1,):
        variance = expand(variance, (prediction.ndim - 1,))
    if (prediction - target + variance).shape != (prediction - target).shape:
        raise ShapeError(
            f"in gaussian_nll: the variance has shape {shape_text(variance.shape)}, the prediction "
            f"{shape_text(prediction.shape)}"
        )
    spread = _row("maximum")(variance, number(eps)) if eps else variance
    losses = number(0.5) * (_log(spread) + (prediction - target) ** 2 / spread)
    if full:
        losses = losses + number(0.5 * math.log(2 * math.pi))
    return _reduce(losses, reduction)


# --- probabilities and classes ----------------------------------------------------------------------------------------


def _bce(prediction: Form, target: Form, reduction: str = "mean", weight: Form | float | None = None) -> Form:
    _same_shape("bce", prediction, target)
    losses = target * _log(prediction) + (1 - target) * _log(1 - prediction)
    return -_reduce(_weighted("bce", losses, weight), reduction)


def _bce_with_logits(
    logits: Form,
    target: Form,
    reduction: str = "mean",
    weight: Form | float | None = None,
    pos_weight: Form | float | None = None,
) -> Form:
    _same_shape("bce_with_logits", logits, target)
    if pos_weight is None:
        losses = _row("softplus")(logits) - logits * target
    else:
        positive = _weighted("bce_with_logits", target * _row("softplus")(-logits), pos_weight)
        losses = positive + (1 - target) * _row("softplus")(logits)
    return _reduce(_weighted("bce_with_logits", losses, weight), reduction)


def _cross_entropy(
    logits: Form,
    target: Form,
    reduction: str = "mean",
    weight: Form | float | None = None,
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
) -> Form:
    axis = _class_axis("cross_entropy", logits)
    if not 0 <= label_smoothing <= 1:
        raise NetworkError(f"in cross_entropy: label_smoothing is between 0 and 1, got {label_smoothing}")
    ell = _row("log_softmax")(logits, axis=axis)
    return _of_classes("cross_entropy", ell, logits, target, axis, reduction, weight, ignore_index, label_smoothing)


def _nll(
    log_probabilities: Form,
    target: Form,
    reduction: str = "mean",
    weight: Form | float | None = None,
    ignore_index: int | None = None,
) -> Form:
    axis = _class_axis("nll", log_probabilities)
    ell = log_probabilities
    return _of_classes("nll", ell, ell, target, axis, reduction, weight, ignore_index, 0.0)


def _of_classes(
    name: str,
    ell: Form,
    scores: Form,
    target: Form,
    axis: int,
    reduction: str,
    weight: Any,
    ignore_index: int | None,
    smoothing: float,
) -> Form:
    """Return -Σ y ℓ over the classes, y from indices or probabilities, by PyTorch's rules for weights and means."""
    indices = _is_indices(scores, target)
    _same_shape(name, scores, _one_hot_rows(target, scores, axis) if indices else target)
    if not indices and (ignore_index is not None or target.shape != scores.shape):
        raise NetworkError(
            f"in {name}: ignore_index is for class indices, and the target has one probability per class"
            if target.shape == scores.shape
            else f"in {name}: the target {numpy_text(target)} of shape {shape_text(target.shape)} holds neither class indices "
            f"nor probabilities for scores of shape {shape_text(scores.shape)}"
        )
    rows = _one_hot_rows(target, scores, axis) if indices else target
    costs = None if weight is None else _class_weights(name, weight, scores, axis)
    smooth = rows
    if smoothing:
        smooth = number(1 - smoothing) * rows + number(smoothing) / size_of(scores.shape[axis])
    losses = reduce_over("sum", smooth * ell if costs is None else smooth * costs * ell, axis)
    if not indices:
        return -_reduce(losses, reduction)
    shares = None
    if costs is not None:  # the weight of each entry's class
        shares = _share(rows, as_form(weight), axis)
    if ignore_index is not None:
        kept = apply("not_equal", target, number(ignore_index))
        losses = kept * losses
        shares = kept if shares is None else kept * shares
    return -_reduce(losses, reduction, shares)


def _kl_div(prediction: Form, target: Form, reduction: str = "mean", log_target: bool = False) -> Form:
    _same_shape("kl_div", prediction, target)
    if log_target:
        losses = _exp(target) * (target - prediction)
    else:  # 0 log 0 is 0
        losses = where(target > 0, target * _log(target), number(0)) - target * prediction
    if reduction != "batchmean":
        return _reduce(losses, reduction)
    return reduce_over("sum", losses) / size_of(prediction.shape[0]) if prediction.shape else losses


# --- margins ----------------------------------------------------------------------------------------------------------


def _at_least_zero(x: Form) -> Form:
    """Return max(0, x) as a clamp at 0 has it: at the bound its derivative is still 1."""
    result: Form = _row("positive_part")(x)
    return result


def _hinge(prediction: Form, target: Form, reduction: str = "mean") -> Form:
    _same_shape("hinge", prediction, target)
    return _reduce(_relu(1 - target * prediction), reduction)


def _hinge_embedding(prediction: Form, target: Form, margin: Form | float = 1.0, reduction: str = "mean") -> Form:
    _same_shape("hinge_embedding", prediction, target)
    losses = where(target > 0, prediction, _at_least_zero(as_form(margin) - prediction))
    return _reduce(losses, reduction)


def _margin_ranking(
    first: Form, second: Form, target: Form, margin: Form | float = 0.0, reduction: str = "mean"
) -> Form:
    gap = -target * (first - second)
    margin = as_form(margin)
    return _reduce(_at_least_zero(gap if margin is number(0.0) or margin is number(0) else gap + margin), reduction)


def _soft_margin(prediction: Form, target: Form, reduction: str = "mean") -> Form:
    _same_shape("soft_margin", prediction, target)
    return _reduce(_row("softplus")(-(target * prediction)), reduction)


def _multi_margin(
    scores: Form,
    target: Form,
    p: int = 1,
    margin: Form | float = 1.0,
    weight: Form | float | None = None,
    reduction: str = "mean",
) -> Form:
    axis = _class_axis("multi_margin", scores)
    if p not in (1, 2):
        raise NetworkError(f"in multi_margin: p is 1 or 2, got {p}")
    if scores.ndim > 2 or not _is_indices(scores, target):
        raise ShapeError(
            f"in multi_margin: scores of shape (n, classes) and class indices of shape (n,) are needed, got "
            f"{shape_text(scores.shape)} and {shape_text(target.shape)}"
        )
    rows = _one_hot_rows(target, scores, axis)
    right = reduce_over("sum", rows * scores, axis, True)
    excess = _relu(as_form(margin) - right + scores)
    others = (1 - rows) * (excess if p == 1 else excess**2)
    losses = reduce_over("sum", others, axis) / size_of(scores.shape[axis])
    if weight is not None:
        _class_weights("multi_margin", weight, scores, axis)
        losses = _share(rows, as_form(weight), axis) * losses
    return _reduce(losses, reduction)


def _multilabel_soft_margin(
    prediction: Form, target: Form, reduction: str = "mean", weight: Form | float | None = None
) -> Form:
    _same_shape("multilabel_soft_margin", prediction, target)
    losses = _weighted("multilabel_soft_margin", _row("softplus")(prediction) - prediction * target, weight)
    return _reduce(reduce_over("mean", losses, -1) if losses.shape else losses, reduction)


def _multilabel_margin(scores: Form, target: Form, reduction: str = "mean") -> Form:
    axis = _class_axis("multilabel_margin", scores)
    if scores.ndim > 2 or scores.shape != target.shape:
        raise ShapeError(
            f"in multilabel_margin: scores and targets have one shape, (n, classes), got {shape_text(scores.shape)} and "
            f"{shape_text(target.shape)}"
        )
    named = target >= 0  # the list of classes ends with -1
    rows = one_hot(target, scores.shape[axis])
    picked = expand(named, (axis + 1,)) * rows
    others = 1 - reduce_over("sum", picked, axis)
    right = reduce_over("sum", rows * expand(scores, (axis,)), axis + 1)
    excess = _relu(1 - expand(right, (axis + 1,)) + expand(scores, (axis,)))
    losses = reduce_over("sum", expand(named, (axis + 1,)) * expand(others, (axis,)) * excess, (axis, axis + 1))
    return _reduce(losses / size_of(scores.shape[axis]), reduction)


def _cosine_embedding(
    first: Form, second: Form, target: Form, margin: Form | float = 0.0, reduction: str = "mean"
) -> Form:
    if first.shape != second.shape or first.ndim not in (1, 2) or target.shape != first.shape[:-1]:
        raise ShapeError(
            f"in cosine_embedding: two arrays of shape (n, width) and a target of shape (n,) are needed, got "
            f"{shape_text(first.shape)}, {shape_text(second.shape)} and {shape_text(target.shape)}"
        )
    tiny = number(1e-12)
    lengths = [apply("sqrt", reduce_over("sum", side**2, -1) + tiny) for side in (first, second)]
    cosine = reduce_over("sum", first * second, -1) / (lengths[0] * lengths[1])
    margin = as_form(margin)
    beyond = _at_least_zero(cosine if margin is number(0.0) or margin is number(0) else cosine - margin)
    return _reduce(where(target > 0, 1 - cosine, beyond), reduction)


def _distance(a: Form, b: Form, p: float, eps: float) -> Form:
    """Return the p-norm of a - b + eps along the last axis."""
    difference = a - b + number(eps) if eps else a - b
    if p == 1:
        return reduce_over("sum", abs(difference), -1)
    if p == 2:
        return apply("sqrt", reduce_over("sum", difference**2, -1))
    return reduce_over("sum", abs(difference) ** number(p), -1) ** number(1 / p)


def _triplet_margin(
    anchor: Form,
    positive: Form,
    negative: Form,
    margin: Form | float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    reduction: str = "mean",
) -> Form:
    if not anchor.shape:
        raise ShapeError("in triplet_margin: arrays are needed, distances are taken along their last axis")
    if not (isinstance(p, (int, float)) and p >= 1 and math.isfinite(p)):
        raise NetworkError(f"in triplet_margin: p is a number of at least 1, got {p}")
    near, far = _distance(anchor, positive, p, eps), _distance(anchor, negative, p, eps)
    if swap:
        far = _row("minimum")(far, _distance(positive, negative, p, eps))
    return _reduce(_at_least_zero(near - far + as_form(margin)), reduction)


# --- the table --------------------------------------------------------------------------------------------------------

_PAIR = ("prediction", "target")
_LEGACY = ("size_average", "reduce")
"""Two old options of PyTorch between the others; they have no meaning here, and giving one is an error."""


def _loss(
    name: str,
    definition: Callable[..., Form],
    title: str,
    torch: str = "",
    *,
    function: str = "",
    arguments: tuple[str, ...] = _PAIR,
    options: tuple[str, ...] = ("reduction",),
    reduction: str = "mean",
    **more: Any,
) -> Function:
    """Return a row; ``torch`` is the name of its class, ``options`` the order of a positional call in PyTorch."""
    defaults = {**_OPTIONS, "reduction": reduction, **more.pop("parameters", {})}
    source = _ROWS_OF_TORCH.format(torch) if torch else ""
    function = function or f"{name}_loss"
    return Function(
        name,
        definition,
        latex=rf"\mathrm{{{name}}}".replace("_", r"\_"),
        text=name,
        title=title,
        arguments=len(arguments),
        argument_names=arguments,
        signature=(*arguments, *options),
        parameters={k: defaults[k] for k in options if k not in _LEGACY},
        inline=True,
        aliases=(f"F.{function}", f"torch.nn.functional.{function}") if torch else (),
        source=more.pop("source", source),
        **more,
    )


_OPTIONS: dict[str, Any] = {
    "weight": None,
    "pos_weight": None,
    "ignore_index": None,
    "label_smoothing": 0.0,
    "margin": 1.0,
    "p": 1,
    "beta": 1.0,
    "delta": 1.0,
    "log_target": False,
    "log_input": True,
    "full": False,
    "eps": 1e-8,
    "swap": False,
}

LOSSES: tuple[Function, ...] = (
    _loss(
        "half_squared_error",
        _half_squared_error,
        "half squared error",
        reduction="sum",
    ),
    _loss(
        "mse",
        _mse,
        "mean squared error",
        "MSELoss",
        options=(*_LEGACY, "reduction", "weight"),
    ),
    _loss(
        "l1",
        _l1,
        "mean absolute error",
        "L1Loss",
        options=(*_LEGACY, "reduction", "weight"),
        kinks="derivative 0 where prediction equals target",
    ),
    _loss(
        "smooth_l1",
        _smooth_l1,
        "smooth L1 loss",
        "SmoothL1Loss",
        options=(*_LEGACY, "reduction", "beta"),
        kinks="with β = 0 derivative 0 where prediction equals target",
    ),
    _loss(
        "huber",
        _huber,
        "Huber loss",
        "HuberLoss",
        options=("reduction", "delta", "weight"),
    ),
    _loss(
        "bce",
        _bce,
        "binary cross-entropy",
        "BCELoss",
        function="binary_cross_entropy",
        options=("weight", *_LEGACY, "reduction"),
        domains={"target": "probability"},
    ),
    _loss(
        "bce_with_logits",
        _bce_with_logits,
        "binary cross-entropy of logits",
        "BCEWithLogitsLoss",
        function="binary_cross_entropy_with_logits",
        arguments=("logits", "target"),
        options=("weight", *_LEGACY, "reduction", "pos_weight"),
        domains={"target": "probability"},
        takes="logits",
        squashed_by="sigmoid",
    ),
    _loss(
        "cross_entropy",
        _cross_entropy,
        "cross-entropy of logits",
        "CrossEntropyLoss",
        function="cross_entropy",
        arguments=("logits", "target"),
        options=("weight", "size_average", "ignore_index", "reduce", "reduction", "label_smoothing"),
        domains={"target": "classes"},
        takes="logits",
        squashed_by="softmax",
    ),
    _loss(
        "nll",
        _nll,
        "negative log-likelihood",
        "NLLLoss",
        arguments=("log_probabilities", "target"),
        options=("weight", "size_average", "ignore_index", "reduce", "reduction"),
        domains={"target": "classes"},
        takes="log-probabilities",
        squashed_by="softmax",
    ),
    _loss(
        "kl_div",
        _kl_div,
        "Kullback-Leibler divergence",
        "KLDivLoss",
        function="kl_div",
        arguments=("log_probabilities", "target"),
        options=(*_LEGACY, "reduction", "log_target"),
        domains={"target": "nonnegative"},
        takes="log-probabilities",
        squashed_by="softmax",
    ),
    _loss(
        "poisson_nll",
        _poisson_nll,
        "Poisson negative log-likelihood",
        "PoissonNLLLoss",
        options=("log_input", "full", "size_average", "eps", "reduce", "reduction"),
        domains={"target": "count"},
    ),
    _loss(
        "gaussian_nll",
        _gaussian_nll,
        "Gaussian negative log-likelihood",
        "GaussianNLLLoss",
        arguments=("prediction", "target", "variance"),
        options=("full", "eps", "reduction"),
        keywords={"var": "variance"},
        parameters={"eps": 1e-6},
        domains={"variance": "nonnegative"},
        kinks="below eps the variance counts as eps, and the derivative by it is 0; ½ of it at eps",
    ),
    _loss(
        "hinge",
        _hinge,
        "hinge loss",
        domains={"target": "sign"},
        kinks="derivative 0 where target times prediction is 1, as for ReLU at 0",
        source="scikit-learn, https://scikit-learn.org/stable/modules/generated/sklearn.metrics.hinge_loss.html",
    ),
    _loss(
        "hinge_embedding",
        _hinge_embedding,
        "hinge embedding loss",
        "HingeEmbeddingLoss",
        options=("margin", *_LEGACY, "reduction"),
        domains={"target": "sign"},
        kinks="at a distance equal to the margin the derivative is −1, as PyTorch's clamp passes it",
    ),
    _loss(
        "margin_ranking",
        _margin_ranking,
        "margin ranking loss",
        "MarginRankingLoss",
        arguments=("first", "second", "target"),
        keywords={"input1": "first", "input2": "second"},
        options=("margin", *_LEGACY, "reduction"),
        parameters={"margin": 0.0},
        domains={"target": "sign"},
        kinks="where the order holds by exactly the margin the derivative is that of the broken order, as PyTorch's clamp",
    ),
    _loss(
        "soft_margin",
        _soft_margin,
        "soft margin loss",
        "SoftMarginLoss",
        options=(*_LEGACY, "reduction"),
        domains={"target": "sign"},
    ),
    _loss(
        "multi_margin",
        _multi_margin,
        "multi-class margin loss",
        "MultiMarginLoss",
        arguments=("scores", "target"),
        options=("p", "margin", "weight", *_LEGACY, "reduction"),
        domains={"target": "classes"},
        kinks="derivative 0 where a score lies exactly at the margin, as for ReLU at 0",
    ),
    _loss(
        "multilabel_soft_margin",
        _multilabel_soft_margin,
        "multi-label soft margin loss",
        "MultiLabelSoftMarginLoss",
        options=("weight", *_LEGACY, "reduction"),
        domains={"target": "probability"},
        takes="logits",
        squashed_by="sigmoid",
    ),
    _loss(
        "multilabel_margin",
        _multilabel_margin,
        "multi-label margin loss",
        "MultiLabelMarginLoss",
        arguments=("scores", "target"),
        options=(*_LEGACY, "reduction"),
        domains={"target": "labels"},
        kinks="derivative 0 where a score lies exactly at the margin, as for ReLU at 0",
    ),
    _loss(
        "cosine_embedding",
        _cosine_embedding,
        "cosine embedding loss",
        "CosineEmbeddingLoss",
        arguments=("first", "second", "target"),
        keywords={"input1": "first", "input2": "second"},
        options=("margin", *_LEGACY, "reduction"),
        parameters={"margin": 0.0},
        domains={"target": "sign"},
        kinks="at a cosine equal to the margin the derivative is that of the cosine, as PyTorch's clamp passes it",
    ),
    _loss(
        "triplet_margin",
        _triplet_margin,
        "triplet margin loss",
        "TripletMarginLoss",
        arguments=("anchor", "positive", "negative"),
        options=("margin", "p", "eps", "swap", *_LEGACY, "reduction"),
        parameters={"p": 2, "eps": 1e-6},
        kinks="where the distances differ by exactly the margin the derivative is that of the sum, as PyTorch's clamp",
    ),
)

DOMAINS: dict[str, str] = {
    "probability": "a probability, between 0 and 1",
    "classes": "a class index, or one probability per class with a sum of 1",
    "labels": "a list of class indices that ends with -1",
    "sign": "1 or -1",
    "count": "a count, not negative",
    "nonnegative": "not negative",
}
"""Where the values of an argument must lie, in words."""
