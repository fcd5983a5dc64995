"""Mark gradients written as lines of a text, and formulas as a student types them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from symback.core.errors import ReadError
from symback.derivation.record import Record, derive_record
from symback.library.notebooks import CellChoice
from symback.marking.asked import Asked
from symback.marking.functions import check_functions, uncalled_pair
from symback.marking.lines import check_lines, placed, within_limits
from symback.marking.reading import source_of
from symback.marking.report import Report
from symback.marking.typed import check_network, check_typed
from symback.networks.naming import name_equations
from symback.networks.network import Network
from symback.page.words import DEFAULT_LANGUAGE


def check_text(
    text: str,
    values: Mapping[str, Any] | None = None,
    shapes: Mapping[str, Any] | None = None,
    *,
    loss: str | None = None,
    claims: Mapping[str, str] | None = None,
    cell: CellChoice | None = None,
    seed: int | None = None,
    language: str = DEFAULT_LANGUAGE,
    title: str = "",
) -> Report:
    """Mark the hand-written gradients of a text that holds forward pass and backward pass; nothing is executed.

    Gradients are found by their names (``dW1``, ``grad_W1``, ``dL_dz``, ``delta2``, ``W.grad``, ``self.dW``, ``grads["W"]``);
    ``claims`` says what other names mean (``{"g": "W1"}``). ``values``, ``shapes``, ``loss`` and ``cell`` are as in
    ``symback.parse``. Each gradient is compared with the derived one at random points and, where the data can have another number
    of rows, with more rows.

    Raises ReadError where the forward pass cannot be read or no gradient is found.

    >>> report = check_text('''
    ... import numpy as np
    ... x, y = np.array([[1.0, 2.0]]), np.array([[0.5]])
    ... W = np.array([[0.1], [0.2]])
    ... z = x @ W
    ... loss = 0.5 * np.sum((z - y)**2)
    ... dz = y - z
    ... dW = x.T @ dz
    ... ''')
    >>> report.ok, report.verdicts["z"].slip, report.verdicts["W"].cause
    (False, 'sign', 'dz')
    """
    source = within_limits(source_of(text, cell))
    if loss is None and not claims and (pair := uncalled_pair(source)) is not None:
        return check_functions(*pair, values, None, shapes, language, title)
    return check_lines(source, Asked(values, shapes, loss, claims, seed, language, title))


def check_answer(
    of: Any,
    answers: str | Sequence[str],
    values: Mapping[str, Any] | None = None,
    shapes: Mapping[str, Any] | None = None,
    *,
    loss: str | None = None,
    cell: CellChoice | None = None,
    seed: int | None = None,
    language: str = DEFAULT_LANGUAGE,
    title: str = "",
) -> Report:
    r"""Mark formulas as a student types them, in LaTeX, Unicode or NumPy spelling, each an equation; nothing is executed.

    ``of`` is a derivation, a network, or a text with a forward pass, to which ``values``, ``shapes``, ``loss``, ``cell`` and
    ``seed`` belong. A formula says what a derivative of the loss is (``dW2 = ...``, ``\delta_1 = ...``,
    ``\frac{\partial L}{\partial b} = ...``) or an entrywise local one (``\frac{\partial a}{\partial z} = ...``); derivatives on its right side
    are the true ones. What cannot be read has the status "unread".

    Raises ReadError where the forward pass cannot be read.

    >>> import symback as sb
    >>> net = sb.Network()
    >>> X, Y, W = net.input("X", ("n", 2)), net.input("Y", ("n", 3)), net.parameter("W", (2, 3))
    >>> Z = net.define("Z", X @ W)
    >>> loss = net.define("L", sb.mean((Z - Y)**2))
    >>> report = check_answer(net, [r"\delta = \frac{2}{3n} (Z - Y)", r"dW = \delta X^\top", "dW = X.T @ dZ / n"])
    >>> for verdict in report.verdicts.values():
    ...     print(verdict.name, verdict.status, verdict.slip)
    \delta agrees None
    dW shape swapped
    dW (2) wrong extra_mean
    """
    listed = [answers] if isinstance(answers, str) else list(answers)
    if not listed:
        raise ReadError("no answer is given; write an equation, as dW = ...")
    record = derive_record(name_equations(of, loss=loss)) if isinstance(of, Network) else getattr(of, "record", None)
    if isinstance(record, Record):
        return check_network(listed, record, language, title)
    if not isinstance(of, str):
        raise ReadError(f"answers are marked for a derivation, a network or a text, not for {type(of).__name__}")
    source = within_limits(source_of(of, cell))
    asked = Asked(values, shapes, loss, None, seed, language, title)
    return placed(source, lambda: check_typed(listed, source, asked))
