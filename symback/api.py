"""The public door to a derivation: the record with its methods, each a few lines onto the module that does the work."""

from __future__ import annotations

import keyword
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import wraps
from typing import Any, ParamSpec, TypeVar, Unpack

import numpy as np

from symback import check, jacobians, numeric, stabilize, views
from symback.codegen import Generated, generate
from symback.derivation import Record, Step, derive_record
from symback.elements import remember_symbols
from symback.errors import DerivationError, NetworkError, PrintError, nearest
from symback.formats import latex as latex_format
from symback.formats import text as text_format
from symback.forms import Form, apply, name
from symback.naming import name_equations
from symback.networks import Assumption, Finding, NamedNetwork, Network
from symback.notation import Notation

_DEEPEST = 10_000
_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


def _with_room(function: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
    """Let a public function recurse deeper than Python's default: a sum of 256 terms takes several calls a term."""
    @wraps(function)
    def wrapped(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Result:
        before = sys.getrecursionlimit()
        sys.setrecursionlimit(max(before, _DEEPEST))
        try:
            return function(*args, **kwargs)
        finally:
            sys.setrecursionlimit(before)

    return wrapped


@_with_room
def derive(
    net: Network, wrt: Sequence[Any] | str | None = None, *, loss: str | None = None, collapse: bool = True
) -> Derivation:
    """Derive the gradients of a network's loss.

    ``net`` is a Network (from the builder, ``sb.network``, ``sb.parse`` or ``sb.read``), ``wrt`` names, Symbols or
    Forms (default: all parameters), ``loss`` a name (default: the network's own, else its last equation). With
    ``collapse=False`` no two local derivatives are cancelled against each other (σ with BCE, softmax with
    cross-entropy): the literal formulas stand on the page and in the code, and overflow where they do.

    >>> import symback as sb
    >>> net = sb.Network()
    >>> x, t, w = net.input("x"), net.input("t"), net.parameter("w")
    >>> y = net.define("y", sb.sigmoid(x * w))
    >>> L = net.define("L", (y - t)**2 / 2)
    >>> print(derive(net).gradient("w"))
    (y - t) * sigmoid'(x * w) * x

    Raises NetworkError for an unknown name or a loss with more than one element, DerivationError where no formula can
    be proved, ShapeError where a gradient does not have the shape of its variable.
    """
    if not isinstance(net, Network):
        raise NetworkError(f"derive takes a Network, not {type(net).__name__}; build one with network, parse or read")
    record = derive_record(name_equations(net, loss=loss, wrt=wrt), collapse=collapse)
    return Derivation(record, getattr(net, "symbols", {}))


class Derivation:
    """A derivation: its steps as data, and everything that can be made from them."""

    def __init__(self, record: Record, symbols: Mapping[str, Any] | None = None) -> None:
        self.record = record
        self._symbols = dict(symbols or {})
        self._by_name = dict(record.by_name())
        self._expanded: dict[str, Form] = {}

    # --- what was derived ---

    @property
    def network(self) -> NamedNetwork:
        """The network in named form."""
        return self.record.network

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps from the loss inwards, one per variable."""
        return self.record.steps

    @property
    def wrt(self) -> tuple[str, ...]:
        """The names that gradients are wanted for."""
        return self.record.wrt

    @property
    def loss(self) -> str:
        """The name of the loss."""
        return self.record.network.loss

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What a reader of the code should be told."""
        return self.record.network.findings

    @property
    def choices(self) -> tuple[str, ...]:
        """What was inferred, one sentence each."""
        return self.record.network.choices

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        """The facts that the formulas rest on."""
        return tuple(dict.fromkeys(a for step in self.steps for a in step.assumptions))

    def step(self, of: Any) -> Step:
        """Return the step of a variable; raises DerivationError for one the loss does not depend on."""
        label = _label(of)
        if label not in self._by_name:
            known = self._known()
            if label in known:
                raise DerivationError(
                    f"∂{self.loss}/∂{label} was not derived; name it: derive(net, wrt=[{label!r}])"
                )
            raise DerivationError(f"there is no {label} in this derivation{nearest(label, known)}")
        return self._by_name[label]

    def _known(self) -> set[str]:
        return self.network.variables.keys() | {e.name for e in self.network.equations}

    @_with_room
    def gradient(self, of: Any) -> Form:
        """Return ∂L/∂(of), also of an intermediate or an input, as a Form of names only; it has ``.latex()``, ``.element``, ``.shape``."""
        label = _label(of)
        if label not in self._expanded:
            record = self.record
            if label not in self._by_name and label in self._known():
                variable = self.network.variables.get(label)
                if variable is not None and variable.integer:
                    raise DerivationError(f"{label} holds class indices; there is no gradient with respect to it")
                # an input, or an intermediate that no wanted gradient passes through
                record = derive_record(replace(self.network, parameters=(label,)), collapse=record.collapse)
            else:
                self.step(label)
            self._expanded.update(jacobians.expanded(record))
        form = self._expanded[label]
        remember_symbols(form, self._symbols)
        return form

    @_with_room
    def jacobian(self, of: Any, wrt: Any) -> Form:
        """Return ∂(of)/∂(wrt), of any intermediate with respect to any name, as a Form of shape of.shape + wrt.shape.

        For ``s = softmax(z)`` the Jacobian of ``s`` with respect to ``z`` is ``s[:, None] * (np.eye(n) - s)``.
        """
        form = jacobians.jacobian(self.network, _label(of), _label(wrt))
        remember_symbols(form, self._symbols)
        return form

    @_with_room
    def hessian(self) -> jacobians.Hessian:
        """Return the second derivatives of a scalar network: ``.forms[v, w]`` and ``.evaluate(values)``."""
        return jacobians.hessian(self.record)

    # --- pages ---

    @_with_room
    def latex(
        self, of: Any = None, view: str = "auto", notation: Notation | str | None = None, *, style: str = "full",
        **extras: Unpack[views.Extras],
    ) -> str:
        """Return the step of one variable, or the whole derivation, as a LaTeX body without delimiters.

        ``of`` may be one entry, as "W1[0,1]", counted from 0. ``view`` is "chain" (default for scalar networks),
        "matrix" (default otherwise), "index" (each matrix line proved in index notation), "entries" (every entry a
        number of its own) or "auto"; ``style`` of the chain view is "full" (the whole product from the loss) or
        "staged" (gradients already found are used). ``numbers=True`` puts values in, with ``digits=4``; ``why=True``
        says why in words; ``numbering`` of entries is "running" or "layered"; see ``views.Extras``.

        Raises PrintError for what no page can show, ValueProblem where numbers are wanted and values are missing.
        """
        if of is not None:
            label = _label(of)
            self.step(views.entry_of(label)[0])
            return latex_format.body([views.step_display(self.record, label, view, notation, style, **extras)])
        displays = [d for s in self.sections(view, notation, style, **extras) for d in s.displays]
        return latex_format.body(displays)

    @_with_room
    def sections(
        self, view: str = "auto", notation: Notation | str | None = None, style: str = "both",
        **extras: Unpack[views.Extras],
    ) -> tuple[views.Section, ...]:
        """Return the whole derivation as displays under headings; options as for ``latex``."""
        return views.sections(self.record, view, notation, style, **extras)

    @_with_room
    def tex(
        self, view: str = "auto", notation: Notation | str | None = None, title: str | None = None,
        style: str = "both", **extras: Unpack[views.Extras],
    ) -> str:
        """Return a whole LaTeX document, one display per step, for pdflatex and xelatex; options as for ``latex``."""
        return latex_format.standalone(self.sections(view, notation, style, **extras), title)

    @_with_room
    def text(
        self, view: str = "auto", notation: Notation | str | None = None, style: str = "both",
        **extras: Unpack[views.Extras],
    ) -> str:
        """Return the derivation as Unicode text; options as for ``latex``."""
        return text_format.page(self.sections(view, notation, style, **extras))

    # --- code and numbers ---

    @_with_room
    def generated(self, args: Sequence[Any] | None = None) -> Generated:
        """Return the generated function as a record: source, arguments, outputs, target."""
        return generate(self.record, args=None if args is None else [_label(a) for a in args], comment=self._comment)

    def code(self, args: Sequence[Any] | None = None) -> str:
        """Return NumPy source that computes the loss and the gradients: what ``lambdify`` runs, with comments."""
        return self.generated(args).source

    def _comment(self, step: Step) -> str:
        try:
            return views.step_text(self.record, step.of)
        except PrintError:  # a formula without textbook notation still runs
            return f"∂{self.loss}/∂{step.of}"

    @_with_room
    def lambdify(self, args: Sequence[Any] | None = None) -> Callable[..., Any]:
        """Return ``f(**values) -> (loss, gradients)``, or with ``args`` ``f(*values) -> (loss, *gradients)``.

        ``f.source`` is the code, ``f.args`` the names it takes. The keyword form checks names and shapes (one
        ValueProblem lists everything that is wrong) and fills in values found in the network.
        """
        labels = None if args is None else [_label(a) for a in args]
        return numeric.lambdify(self.record, labels, comment=self._comment)

    @_with_room
    def evaluate(self, values: Mapping[str, Any] | None = None) -> numeric.Evaluation:
        """Run the derivation once and return the loss, all forward values and the gradients."""
        return numeric.evaluate(self.record, values)

    @_with_room
    def update(self, rate: Any = "eta", values: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return one step of gradient descent: symbolic for a name (``w - eta * ∂L/∂w``), numeric for a number."""
        if isinstance(rate, (int, float)) and not isinstance(rate, bool):
            return numeric.update(self.record, float(rate), values)
        eta = name(_label(rate))
        return {
            w: apply("subtract", name(w, self.network.shape_of(w)), apply("multiply", eta, self.gradient(w)))
            for w in self.wrt
        }

    @_with_room
    def run(
        self, steps: int | None = None, learning_rate: float | None = None, values: Mapping[str, Any] | None = None,
        progress: Callable[[int, int, float], None] | None = None, watch: Sequence[Any] = (),
    ) -> numeric.History:
        """Make ``steps`` updates of plain gradient descent; defaults come from the training loop that was read.

        ``watch`` names values to keep from every step, in ``history.watched``.
        """
        return numeric.run(self.record, steps, learning_rate, values, progress, [_label(w) for w in watch])

    def stable_forms(self) -> dict[str, Form]:
        """Return the equations that run in another, equal form which does not overflow."""
        return stabilize.stable_forms(self.record)

    def __repr__(self) -> str:
        return f"<derivation of ∂{self.loss}/∂{', ∂'.join(self.wrt)} in {len(self.steps)} steps>"

    def __str__(self) -> str:
        return self.text()

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex()}\n$$"

    def _repr_markdown_(self) -> str:
        return "\n\n".join(
            f"**{s.title}**\n\n" + "\n\n".join(f"$$\n{latex_format.body([d])}\n$$" for d in s.displays)
            for s in self.sections()
        )


def check_gradients(
    d: Derivation, values: Mapping[str, Any] | None = None, step: float = 1e-5,
    gradients: Mapping[str, np.ndarray] | None = None, tolerance: float = check.TOLERANCE,
) -> check.Report:
    """Compare a derivation's gradients (or ``gradients`` of your own) with central differences of the loss.

    Returns a Report with ``.ok``, ``.worst``, ``.tolerance`` and a text form.
    """
    return check.check_gradients(d.record, values, step, gradients=gradients, tolerance=tolerance)


def _label(of: Any) -> str:
    label = str(getattr(of, "name", of))
    return f"{label}_" if keyword.iskeyword(label) else label


