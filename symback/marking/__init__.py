"""Mark a hand-written backward pass: which gradients are right, where an error enters, and which slip it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from symback.marking.report import STATUSES, Difference, Remark, Report, Verdict
from symback.readers.notebooks import CellChoice

if TYPE_CHECKING:
    from symback.marking.judging import Marked

__all__ = ["STATUSES", "Difference", "Remark", "Report", "Verdict", "check_backward", "check_text"]


def check_text(
    text: str, values: Mapping[str, Any] | None = None, shapes: Mapping[str, Any] | None = None, *,
    loss: str | None = None, claims: Mapping[str, str] | None = None, cell: CellChoice | None = None,
    seed: int | None = None, language: str = "en", title: str = "",
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
    from symback.marking.functions import check_functions, uncalled_pair
    from symback.marking.judging import mark
    from symback.marking.reading import source_of
    from symback.marking.wording import report_of

    source = source_of(text, cell)
    if loss is None and not claims and (pair := uncalled_pair(source)) is not None:
        return check_functions(*pair, values, None, shapes, language, title)
    marked = _placed(source, lambda: mark(source, values, shapes, loss, claims, seed))
    return report_of(source, marked, language, title)


def _placed(source: Any, work: Callable[[], Marked]) -> Marked:
    """Let errors in a notebook name the cell."""
    from symback.errors import SymbackError
    from symback.readers.notebooks import placed_error

    try:
        return work()
    except SymbackError as error:
        if source.cells:
            raise placed_error(error, source.cells) from None
        raise


def check_backward(
    forward: str | Callable[..., Any], backward: str | Callable[..., Any], values: Mapping[str, Any] | None = None, *,
    cotangent: Any = None, shapes: Mapping[str, Any] | None = None, language: str = "en",
) -> Report:
    """Mark a backward function against its forward function; both are read by their source, neither is called.

    ``forward(**inputs)`` returns one array; ``backward(upstream, **inputs)`` returns the gradients of
    ``sum(upstream * output)`` as a dict by input name, or as a tuple in the order of the inputs. Both are functions, or
    source texts that define one. ``values`` or ``shapes`` describe the inputs; ``cotangent`` fixes the upstream gradient
    (default: any; 1 for an output of one element). Gradients that are None are left out.

    Raises ReadError where a function cannot be read, ValueProblem where an input has neither value nor shape.

    >>> report = check_backward(
    ...     "def forward(x, W): return x @ W",
    ...     "def backward(upstream, x, W): return {'x': upstream @ W.T, 'W': x.T @ upstream / len(x)}",
    ...     shapes={"x": (4, 3), "W": (3, 2)})
    >>> report.verdicts["x"].status, report.verdicts["W"].slip
    ('agrees', 'extra_mean')
    """
    from symback.marking.functions import check_functions

    return check_functions(forward, backward, values, cotangent, shapes, language)
