"""Mark a hand-written backward pass: which gradients are right, where an error enters, and which slip it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from symback.marking.report import STATUSES, Difference, Remark, Report, Verdict
from symback.readers.notebooks import CellChoice

if TYPE_CHECKING:
    from symback.marking.judging import Marked
    from symback.marking.reading import Source

_Result = TypeVar("_Result")
_MOST_ASSIGNMENTS = 1000

__all__ = ["STATUSES", "Difference", "Remark", "Report", "Verdict", "check_answer", "check_backward", "check_text"]


def check_text(
    text: str,
    values: Mapping[str, Any] | None = None,
    shapes: Mapping[str, Any] | None = None,
    *,
    loss: str | None = None,
    claims: Mapping[str, str] | None = None,
    cell: CellChoice | None = None,
    seed: int | None = None,
    language: str = "en",
    title: str = "",
    trust: bool = False,
) -> Report:
    """Mark the hand-written gradients of a text that holds forward pass and backward pass; nothing is executed.

    With ``trust`` what cannot be read is run, in a process of its own with limits of time and memory, and its numbers are
    compared; the report says so (``Report.executed``). The process may do what its user may: it is no sandbox.

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
    from symback.marking.objects import completed
    from symback.marking.reading import source_of
    from symback.marking.wording import report_of

    source = _within_limits(source_of(text, cell))
    if loss is None and not claims and (pair := uncalled_pair(source)) is not None:
        return check_functions(*pair, values, None, shapes, language, title)
    source = completed(source)

    def read() -> tuple[Marked, Report]:
        marked = mark(source, values, shapes, loss, claims, seed)
        return marked, report_of(source, marked, language, title)

    if not trust:
        return _placed(source, read)[1]
    from symback.core.errors import ReadError, ShapeError
    from symback.marking.executed import run_unread, run_whole

    try:
        marked, report = _placed(source, read)
    except (ReadError, ShapeError) as error:
        return run_whole(source, text, values, loss, claims, language, title, error)
    return run_unread(report, source, marked, text)


def check_answer(
    of: Any,
    answers: str | Sequence[str],
    values: Mapping[str, Any] | None = None,
    shapes: Mapping[str, Any] | None = None,
    *,
    loss: str | None = None,
    cell: CellChoice | None = None,
    seed: int | None = None,
    language: str = "en",
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
    from symback.core.errors import ReadError
    from symback.derivation.record import Record, derive_record
    from symback.marking.reading import source_of
    from symback.marking.typed import check_network, check_typed
    from symback.networks.naming import name_equations
    from symback.networks.network import Network

    listed = [answers] if isinstance(answers, str) else list(answers)
    if not listed:
        raise ReadError("no answer is given; write an equation, as dW = ...")
    record = derive_record(name_equations(of, loss=loss)) if isinstance(of, Network) else getattr(of, "record", None)
    if isinstance(record, Record):
        return check_network(listed, record, language, title)
    if not isinstance(of, str):
        raise ReadError(f"answers are marked for a derivation, a network or a text, not for {type(of).__name__}")
    source = _within_limits(source_of(of, cell))

    def work() -> Report:
        return check_typed(listed, source, None, values, shapes, loss, seed, language, title)

    return _placed(source, work)


def _within_limits(source: Source) -> Source:
    """Refuse a text that only a machine would write: every assignment is compared with all others."""
    import ast

    from symback.core.errors import ReadError

    count = sum(
        isinstance(n, (ast.Assign, ast.AugAssign, ast.AnnAssign))
        for t in (*source.before, *source.parts)
        for n in ast.walk(t)
    )
    if count > _MOST_ASSIGNMENTS:
        raise ReadError(
            f"the text has {count} assignments; at most {_MOST_ASSIGNMENTS} are marked (--cell chooses cells of a notebook)"
        )
    return source


def _placed(source: Any, work: Callable[[], _Result]) -> _Result:
    """Let errors in a notebook name the cell."""
    from symback.core.errors import SymbackError
    from symback.readers.notebooks import placed_error

    try:
        return work()
    except SymbackError as error:
        if source.cells:
            raise placed_error(error, source.cells) from None
        raise


def check_backward(
    forward: str | Callable[..., Any],
    backward: str | Callable[..., Any],
    values: Mapping[str, Any] | None = None,
    *,
    cotangent: Any = None,
    shapes: Mapping[str, Any] | None = None,
    language: str = "en",
) -> Report:
    """Mark a backward function against its forward function; both are read by their source.

    ``forward(**inputs)`` returns one array; ``backward(upstream, **inputs)`` returns the gradients of
    ``sum(upstream * output)`` as a dict by input name, or as a tuple in the order of the inputs. Both are functions, or
    source texts that define one; two texts without functions are the lines of a forward pass and the gradient lines that go
    on from them. ``values`` or ``shapes`` describe the inputs; ``cotangent`` fixes the upstream gradient
    (default: any; 1 for an output of one element). Gradients that are None are left out.

    Neither is called, unless both are functions and something in them cannot be read: then they are called, and the
    gradients are compared with central differences (``Report.executed`` is "functions"). Source text is never executed.

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
