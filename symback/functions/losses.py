"""Loss functions: a row is a definition in plain operators, so a call reads as its formula on the page."""

from __future__ import annotations

from symback.errors import NetworkError, ShapeError
from symback.forms import Form, Function, apply, as_form, number, one_hot, reduce_over, shape_text, where


def _row(name: str) -> Function:
    from symback.functions import ROWS

    return ROWS[name]


def _reduce(losses: Form, reduction: str) -> Form:
    if reduction in ("mean", "sum"):
        return reduce_over(reduction, losses)
    if reduction == "none":
        return losses
    raise NetworkError(f"a loss's reduction is 'mean', 'sum' or 'none', not {reduction!r}")


def _same_shape(name: str, prediction: Form, target: Form) -> None:
    if prediction.shape != target.shape and prediction.shape and target.shape:
        raise ShapeError(
            f"in {name}: prediction {prediction} has shape {shape_text(prediction.shape)} "
            f"and target {target} has {shape_text(target.shape)}"
        )


def _half_squared_error(prediction: Form, target: Form, reduction: str = "sum") -> Form:
    return number(0.5) * _reduce((prediction - target) ** 2, reduction)


def _mse(prediction: Form, target: Form, reduction: str = "mean") -> Form:
    return _reduce((prediction - target) ** 2, reduction)


def _l1(prediction: Form, target: Form, reduction: str = "mean") -> Form:
    return _reduce(abs(prediction - target), reduction)


def _huber(prediction: Form, target: Form, reduction: str = "mean", delta: float = 1.0) -> Form:
    error = prediction - target
    bound = as_form(delta)
    distance = abs(error)
    return _reduce(
        where(distance <= bound, number(0.5) * error**2, bound * (distance - number(0.5) * bound)),
        reduction,
    )


def _bce(prediction: Form, target: Form, reduction: str = "mean") -> Form:
    _same_shape("bce", prediction, target)
    losses = target * apply("log", prediction) + (1 - target) * apply("log", 1 - prediction)
    return -_reduce(losses, reduction)


def _bce_with_logits(logits: Form, target: Form, reduction: str = "mean") -> Form:
    _same_shape("bce_with_logits", logits, target)
    return _reduce(_row("softplus")(logits) - logits * target, reduction)


def _cross_entropy(logits: Form, target: Form, reduction: str = "mean") -> Form:
    if not logits.shape:
        raise ShapeError(f"in cross_entropy: logits {logits} are a single number; class scores are needed")
    axis = 1 if logits.ndim > 1 else 0
    if target.ndim == logits.ndim - 1:
        if logits.ndim > 2:
            raise ShapeError("in cross_entropy: class indices are read for logits of 1 or 2 axes")
        target = one_hot(target, logits.shape[axis])
    _same_shape("cross_entropy", logits, target)
    losses = reduce_over("sum", target * _row("log_softmax")(logits, axis=axis), axis)
    return -_reduce(losses, reduction)


def _nll(log_probabilities: Form, target: Form, reduction: str = "mean") -> Form:
    axis = 1 if log_probabilities.ndim > 1 else 0
    if target.ndim == log_probabilities.ndim - 1:
        target = one_hot(target, log_probabilities.shape[axis])
    losses = reduce_over("sum", target * log_probabilities, axis)
    return -_reduce(losses, reduction)


def _loss(name: str, definition: object, title: str, aliases: tuple[str, ...], **more: object) -> Function:
    return Function(
        name, definition, latex=rf"\mathrm{{{name}}}", text=name, title=title, arguments=2,  # type: ignore[arg-type]
        inline=True, aliases=aliases,
        **{"argument_names": ("prediction", "target"), "parameters": {"reduction": "mean"}, **more},  # type: ignore[arg-type]
    )


LOSSES: tuple[Function, ...] = (
    _loss("half_squared_error", _half_squared_error, "half squared error", (), parameters={"reduction": "sum"}),
    _loss("mse", _mse, "mean squared error", ("F.mse_loss", "torch.nn.functional.mse_loss")),
    _loss(
        "l1", _l1, "mean absolute error", ("F.l1_loss", "torch.nn.functional.l1_loss"),
        kinks="derivative 0 where prediction equals target",
        source="https://pytorch.org/docs/stable/generated/torch.nn.L1Loss.html",
    ),
    _loss(
        "huber", _huber, "Huber loss", ("F.huber_loss", "torch.nn.functional.huber_loss"),
        parameters={"reduction": "mean", "delta": 1.0},
        source="https://pytorch.org/docs/stable/generated/torch.nn.HuberLoss.html",
    ),
    _loss(
        "bce", _bce, "binary cross-entropy",
        ("F.binary_cross_entropy", "torch.nn.functional.binary_cross_entropy"),
    ),
    _loss(
        "bce_with_logits", _bce_with_logits, "binary cross-entropy of logits",
        ("F.binary_cross_entropy_with_logits", "torch.nn.functional.binary_cross_entropy_with_logits"),
        argument_names=("logits", "target"),
    ),
    _loss(
        "cross_entropy", _cross_entropy, "cross-entropy of logits",
        ("F.cross_entropy", "torch.nn.functional.cross_entropy"), argument_names=("logits", "target"),
    ),
    _loss(
        "nll", _nll, "negative log-likelihood", ("F.nll_loss", "torch.nn.functional.nll_loss"),
        argument_names=("log_probabilities", "target"),
    ),
)
