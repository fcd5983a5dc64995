"""What names of a code say that they hold: a loss, a parameter, data, a rate, a gradient."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from symback.library.spoken import any_of, spoken

LOSS_NAMES = ("loss", "L", "E", "J", "cost", "error", *spoken("loss"))
"""Names that say they are the loss."""

SHOWN_LOSS_NAMES = ", ".join(n for n in LOSS_NAMES if n.isascii())
"""Names of a loss, as messages list them."""

WEAK_LOSS_NAMES = ("error", *spoken("weak loss"))
"""Names that say so only where no other does: an error may be a residual."""

_LOSS_WORDS = "loss|cost|objective|criterion|mse|rmse|mae|sse|bce|nll|nllloss|cross_?entropy|err|error|risk"
_LOSS_LIKE = re.compile(
    rf"^(\w+_)?({_LOSS_WORDS}|{any_of('loss words')})"
    rf"(_?\d+|_(value|val|total|fn|func|function|sum|mean|{any_of('loss endings')}))?$",
    re.IGNORECASE,
)
_CAMEL_LOSS = re.compile(r"^\w*[a-z0-9](Loss|Cost|MSE|BCE|NLL)\d*$")

GRADIENT_WORDS = any_of("gradient")
"""What other languages call a gradient; alone such a word may be the slope of a line."""

_GRADIENT = re.compile(r"^(grads?|gradients?|deltas?|nabla)(_?.*)$|^.*_(grads?|gradients?|deltas?)$", re.IGNORECASE)
_SPOKEN_GRADIENT = re.compile(rf"^(?:(?P<after>\w+?)_?(?:{GRADIENT_WORDS})|(?:{GRADIENT_WORDS})_?(?P<before>\w+))$")

_RATE = re.compile(
    rf"^(lr|eta|alpha|rate|step_?size|learning_?rate|lr_?\d*|.*_(lr|rate)|(\w+_)?({any_of('rate')})\d*)$",
    re.IGNORECASE,
)

_DATA = re.compile(
    rf"^((x|y|t|target|targets|label|labels|inputs?|data|features?)\d*|({any_of('data')})\d*)(_\w+)?$",
    re.IGNORECASE,
)

_WEIGHT_WORDS = "weights?|bias|biases|kernels?|coefs?|coeffs?|coefficients?|intercept|slope|embeddings?"
_PARAMETER = re.compile(
    r"^([wWb]((_?\d+)+|_\w+|\d+_\w+|\d+[a-z]|[a-zA-Z]{1,3}\d*|[a-zA-Z]{1,2}_\w+|[A-Z]\w*)?"
    rf"|(\w*_)?({_WEIGHT_WORDS})(_?\d+|_\w+|[A-Z]\w*)?|\w*({any_of('weight')})\w*"
    rf"|\w+_[wWb]\d*|(theta|phi|gamma|beta|{any_of('greek')})(_?\d+|_\w+)?)$"
)
_STATE_MATRIX = re.compile(r"^[UV](_?\d+|_?[a-z]{1,2})?$")
_NO_PARAMETERS = re.compile(
    r"^(wd|ws|bs|bsz|bad|bag|bars?|best|big|bins?|bits?|box|buf|bot|but|ways?|wav|warm|batch\w*|"
    r"(best|base|world|word|words|window|width|weight_decay|bias_correction|use_bias|has_bias|beam|block|buffer|board)(_\w+)?)$"
)


def normalized(name: str) -> str:
    """Return a name as Python compares identifiers: in the composed form NFKC."""
    return unicodedata.normalize("NFKC", name)


def is_loss_like(name: str) -> bool:
    """Return whether a name holds a word for a loss: ``total_loss``, ``mse``, ``trainLoss``, ``손실값``."""
    return bool(_LOSS_LIKE.match(name) or _CAMEL_LOSS.match(name))


def is_parameter_name(name: str, *, array: bool) -> bool:
    """Return whether a name is spelled as that of a weight or a bias; ``U`` and ``V`` are where they hold arrays."""
    name = name.rstrip("_") or name  # scikit-learn writes what is fitted with a line behind it: coef_
    if _NO_PARAMETERS.match(name):
        return False
    return bool(_PARAMETER.match(name)) or (array and bool(_STATE_MATRIX.match(name)))


def is_data_name(name: str) -> bool:
    """Return whether a name is spelled as that of data or of a target."""
    return bool(_DATA.match(name))


def is_rate_name(name: str) -> bool:
    """Return whether a name is spelled as a learning rate."""
    return bool(_RATE.match(name))


def is_gradient_name(name: str, known: Iterable[str]) -> bool:
    """Return whether ``name`` is spelled as a gradient: ``dW1``, ``grad_w``, ``delta2``, ``dL_dz``, ``가중치_기울기``."""
    if _GRADIENT.match(name):
        return True
    names = set(known)
    spelled = _SPOKEN_GRADIENT.match(name)
    if spelled and (spelled["after"] or spelled["before"]) in names:
        return True
    match = re.match(r"^d_?(.+)$", name)
    if not match:
        return False
    rest = match.group(1).lower()
    lowered = {k.lower() for k in names}
    return rest in lowered or bool(
        re.match(r"^.*?_?d_?.+$", rest) and any(rest.endswith("d" + k) or rest.endswith("d_" + k) for k in lowered)
    )
