"""Losses that PyTorch evaluates with a clamp which their formula does not have: told or refused where it takes effect.

- ``binary_cross_entropy`` takes no logarithm for less than −100, so that it is finite for a probability of 0 or 1.
  Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.BCELoss.html
- ``gaussian_nll_loss`` raises a variance to ``eps`` behind the back of autograd: the gradient passes as if it had not.
  Source: https://docs.pytorch.org/docs/stable/_modules/torch/nn/functional.html#gaussian_nll_loss
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np

from symback.core.errors import ReadError
from symback.core.forms import Apply, Form, Function, Name, names_in, substitute
from symback.engine.interpreter import evaluate
from symback.library.contract import Caller
from symback.library.kinds import untyped
from symback.library.values import Binding
from symback.networks.network import Finding, Network

_LEAST_LOGARITHM = -100.0
_SQUASHING = frozenset(("sigmoid",))
"""Rows whose logarithm is computed by itself, however near to 0 or 1 they come."""


@dataclass(frozen=True, eq=False)
class Clamped:
    """A call of such a loss: its line, its row, and what it was given."""

    line: int
    loss: str
    operands: tuple[Form, ...]
    eps: float | None


def note(caller: Caller, row: Function, operands: Sequence[Form | None], parameters: Mapping[str, Any]) -> None:
    """Keep a call of PyTorch that may clamp, until the numbers of the network are known."""
    forms = tuple(o for o in operands if o is not None)
    if row.name in ("bce", "gaussian_nll") and any(map(caller.is_torch, forms)):
        eps = parameters.get("eps", row.parameters.get("eps"))
        caller.clamped.append(Clamped(caller.line, row.name, forms, eps))


def clamps(
    caller: Caller, net: Network, forms: Mapping[Form, Form], sliced: Sequence[Binding], wanted: Set[str]
) -> list[Finding]:
    """Return what is to be said of clamps that take effect at the numbers of the network; raises ReadError where no formula has them.

    ``forms`` says what each version is in the network.
    """
    needed = {b.key for b in sliced}
    calls = [c for c in caller.clamped if all(n.name in needed for o in c.operands for n in names_in(o))]
    if not calls:
        return []
    values: dict[str, Any] = dict(net.values)
    for equation in net.equations:
        if all(n.name in values for n in names_in(equation.form)):
            with np.errstate(all="ignore"):
                values[equation.name] = evaluate(equation.form, values)
    found: list[Finding] = []
    for call in calls:
        operands = [substitute(untyped(o), forms.get) for o in call.operands]
        if any(n.name not in values for o in operands for n in names_in(o)):
            continue
        with np.errstate(all="ignore"):
            numbers = [np.asarray(evaluate(o, values), dtype=float) for o in operands]
        if call.loss == "gaussian_nll":
            _check_variance(caller, call, numbers[2], wanted)
        else:
            found += _of_probabilities(caller, call, operands[0], numbers[0], numbers[1])
    return found


def _check_variance(caller: Caller, call: Clamped, variance: Any, wanted: Set[str]) -> None:
    """Refuse a variance below eps that gradients reach."""
    leaves = {key for n in names_in(call.operands[2]) for key in caller.bindings[n.name].leaves}
    if call.eps is not None and leaves & wanted and np.any(variance <= call.eps):
        raise ReadError(
            f"gaussian_nll_loss is given a variance of {np.min(variance):.3g}, which is not above eps = {call.eps:g}: PyTorch "
            "computes with eps there and lets the gradient of the variance through, which no formula does; give a smaller eps",
            call.line,
        )


def _of_probabilities(caller: Caller, call: Clamped, form: Form, given: Any, target: Any) -> list[Finding]:
    """Say where a predicted probability lies so near to 0 or 1 that its logarithm is clamped; refuse what is just 0 or 1."""
    least = np.exp(_LEAST_LOGARITHM)
    given, target = np.broadcast_arrays(given, target)
    clamped = ((given <= least) & (target != 0)) | ((1 - given <= least) & (target != 1))
    squashed = _is_squashed(caller, call.operands[0])
    flat = (given <= least) | (1 - given <= least)
    if not np.any(clamped if squashed else flat):
        return []
    at = given[clamped if squashed else flat].flat[0]
    what = f"binary_cross_entropy is given a probability of {at:.3g}"
    if squashed:
        message = (
            f"{what}, where PyTorch takes no logarithm for less than −100; the loss here is −(y ln p + (1 − y) ln(1 − p)) "
            "as it stands"
        )
        return [Finding(call.line, tuple(n.name for n in names_in(form)), message)]
    raise ReadError(
        f"{what}, where its logarithm is not finite and PyTorch takes −100 in its place, which is not in the formula; keep "
        "probabilities between 0 and 1, as by torch.clamp(p, 1e-7, 1 - 1e-7)",
        call.line,
    )


def _is_squashed(caller: Caller, form: Form) -> bool:
    """Return whether a prediction is computed by a row that squashes, names and views looked through."""
    while True:
        if isinstance(form, Name) and (inner := caller.bindings[form.name].form) is not None:
            form = inner
        elif form.is_view:
            form = form.args[0]
        else:
            return isinstance(form, Apply) and isinstance(form.op, Function) and form.op.name in _SQUASHING
