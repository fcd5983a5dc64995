"""The public door to a derivation: the record with its methods, each a few lines onto the module that does the work."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, update_wrapper, wraps
from typing import Any, ParamSpec, TypeVar, Unpack, overload

import numpy as np
import sympy as sp

from symback.core.errors import DerivationError, NetworkError, PrintError, nearest
from symback.core.forms import Form, apply, name, noted
from symback.core.room import room
from symback.derivation import jacobians, stabilize
from symback.derivation.closed import closed_gradient, with_numbers_first
from symback.derivation.record import Record, Step, derive_record
from symback.derivation.sympy_forms import Origin, origin_of
from symback.documents.document import document_of
from symback.documents.formats import format_called
from symback.documents.handouts import Handout, Worksheets
from symback.documents.plan import Plan, PlanOptions
from symback.functions.optimizers import OPTIMIZERS
from symback.networks.equations import network as network_of
from symback.networks.naming import name_equations
from symback.networks.network import Assumption, Finding, NamedNetwork, Network, label_of
from symback.networks.upstream import with_upstream
from symback.page import views
from symback.page.notation import Notation
from symback.page.records import Display, Section
from symback.page.sheet import Extras
from symback.page.words import DEFAULT_LANGUAGE
from symback.run import check, numeric, points, training
from symback.run.codegen import Generated, generate
from symback.run.optimization import Optimizer, optimizer, with_update

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


def _with_room(function: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
    """Let a public function recurse deeper than Python's default: a sum of 256 terms takes several calls a term."""

    @wraps(function)
    def wrapped(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Result:
        with room():
            return function(*args, **kwargs)

    return wrapped


@_with_room
def derive(
    net: Any,
    wrt: Sequence[Any] | str | None = None,
    *,
    loss: str | None = None,
    collapse: bool = True,
    upstream: Mapping[Any, Any] | None = None,
) -> Derivation:
    """Derive the gradients of a network's loss.

    ``net`` is a Network (from the builder, ``sb.network``, ``sb.parse`` or ``sb.read``) or what ``sb.network`` takes: an
    expression of SymPy, an equation, a list of equations. ``wrt`` has names, Symbols or
    Forms (default: all parameters), ``loss`` a name (default: the network's own, else its last equation). With
    ``collapse=False`` no two local derivatives are cancelled against each other (σ with BCE, softmax with
    cross-entropy): the literal formulas stand on the page and in the code, and overflow where they do.
    ``upstream={"Z": "G"}`` stands for a loss of which only ∂L/∂Z = G is known: the vector–Jacobian product Σ G ⊙ ∂Z,
    with G an argument of the shape of Z.

    >>> import symback as sb
    >>> net = sb.Network()
    >>> x, t, w = net.input("x"), net.input("t"), net.parameter("w")
    >>> y = net.define("y", sb.sigmoid(x * w))
    >>> L = net.define("L", (y - t)**2 / 2)
    >>> print(derive(net).gradient("w"))
    (y - t) * sigmoid'(x * w) * x
    >>> print(derive(net, upstream={"y": "g"}).gradient("w"))
    g * sigmoid'(x * w) * x

    Raises NetworkError for an unknown name or a loss with more than one element, DerivationError where no formula can
    be proved, ShapeError where a gradient does not have the shape of its variable.
    """
    if isinstance(net, (sp.Basic, sp.MatrixBase, list, tuple)):
        net = network_of(net)
    if not isinstance(net, Network):
        raise NetworkError(f"derive takes a Network, not {type(net).__name__}; build one with network, parse or read")
    if upstream is not None:
        if loss is not None:
            raise NetworkError("derive takes a loss or the upstream gradients that stand for one, not both")
        net = with_upstream(net, upstream)
    record = derive_record(name_equations(net, loss=loss, wrt=wrt), collapse=collapse)
    return Derivation(record, getattr(net, "symbols", {}))


class Derivation:
    """A derivation: its steps as data, and everything that can be made from them; ``derive`` returns one.

    >>> import symback as sb
    >>> net = sb.Network()
    >>> x, w = net.input("x", value=2.0), net.parameter("w", value=3.0)
    >>> L = net.define("L", (w * x - 1) ** 2)
    >>> d = derive(net)
    >>> d.gradient("w"), d.evaluate().gradients["w"]
    (2 * (x * (w * x - 1)), 20.0)
    """

    def __init__(self, record: Record, symbols: Mapping[str, Any] | None = None) -> None:
        self.record = record
        self._symbols = dict(symbols or {})
        self._by_name = dict(record.by_name())
        self._expanded: dict[str, Form] = {}
        self._gradients: dict[str, Form] = {}
        self._records: dict[str, Record] = {}

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
        label = self._label(of)
        if label not in self._by_name:
            known = self._known()
            if label in known:
                raise DerivationError(f"∂{self.loss}/∂{label} was not derived; name it: derive(net, wrt=[{label!r}])")
            raise DerivationError(f"there is no {label} in this derivation{nearest(label, known)}")
        return self._by_name[label]

    def _label(self, of: Any) -> str:
        return label_of(of, self.network.aliases)

    def _known(self) -> set[str]:
        return self.network.variables.keys() | {e.name for e in self.network.equations}

    @_with_room
    def gradient(self, of: Any, *, closed: bool = False) -> Form:
        """Return ∂L/∂(of), also of an intermediate or an input, as a Form of names only; it has ``.latex()``, ``.element``, ``.shape``.

        Numbers stand in front of its products. With ``closed=True`` it speaks of the names that were given, not of
        invented ones, and is collected: transposes inside, equal terms added up, common factors taken out. It is proved
        equal to the staged form, which stands where no closed form fits a line, as in a network of several layers.

        >>> import symback as sb
        >>> net = sb.Network()
        >>> X, y, w = net.input("X", ("n", 3)), net.input("y", ("n",)), net.parameter("w", (3,))
        >>> L = net.define("L", sb.mean((X @ w - y) ** 2))
        >>> sb.derive(net).gradient("w"), sb.derive(net).gradient("w", closed=True)
        (2 / n * (X.T @ (z1 - y)), 2 / n * (X.T @ (X @ w - y)))
        """
        label = self._label(of)
        form = self._written(label)
        if closed:
            found = closed_gradient(self._records[label], label)
            form = form if found is None else found.whole
        return noted(form, self._origin)

    @cached_property
    def _origin(self) -> Origin:
        return origin_of(self.network, self._symbols)

    def _written(self, label: str) -> Form:
        """Return a gradient in names only, its numbers in front."""
        if label not in self._gradients:
            staged = self._staged(label)
            self._gradients[label] = with_numbers_first(self._records[label].network, staged)
        return self._gradients[label]

    def _staged(self, label: str) -> Form:
        """Return a gradient in names only."""
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
            found = jacobians.expanded(record)
            self._expanded.update(found)
            self._records.update(dict.fromkeys(found, record))
        return self._expanded[label]

    @_with_room
    def jacobian(self, of: Any, wrt: Any) -> Form:
        """Return ∂(of)/∂(wrt), of any intermediate with respect to any name, as a Form of shape of.shape + wrt.shape.

        For ``s = softmax(z)`` the Jacobian of ``s`` with respect to ``z`` is ``s[:, None] * (np.eye(n) - s)``.
        """
        return noted(jacobians.jacobian(self.network, self._label(of), self._label(wrt)), self._origin)

    @_with_room
    def hessian(self) -> jacobians.Hessian:
        """Return the second derivatives of a scalar network: ``.forms[v, w]`` and ``.evaluate(values)``."""
        return jacobians.hessian(self.record)

    # --- pages ---

    @_with_room
    def latex(
        self,
        of: Any = None,
        view: str = "auto",
        notation: Notation | str | None = None,
        *,
        style: str = "full",
        language: str = DEFAULT_LANGUAGE,
        **extras: Unpack[Extras],
    ) -> str:
        """Return the step of one variable, or the whole derivation, as a LaTeX body without delimiters.

        ``of`` may be one entry, as "W1[0,1]", counted from 0. ``view`` is "chain" (default for scalar networks),
        "matrix" (default otherwise), "index" (each matrix line proved in index notation), "entries" (every entry a
        number of its own) or "auto"; ``style`` of the chain view is "full" (the whole product from the loss) or
        "staged" (gradients already found are used). ``numbers=True`` puts values in, with ``digits=4``; ``why=True``
        says why in words, in a ``language`` (by its code); ``numbering`` of entries is "running" or "layered"; see
        ``Extras``.

        Raises PrintError for what no page can show, ValueProblem where numbers are wanted and values are missing.
        """
        displays = self.displays(of, view, notation, style=style, language=language, **extras)
        return str(format_called("latex").write("formula", displays)).rstrip("\n")

    @_with_room
    def displays(
        self,
        of: Any = None,
        view: str = "auto",
        notation: Notation | str | None = None,
        *,
        style: str = "full",
        language: str = DEFAULT_LANGUAGE,
        **extras: Unpack[Extras],
    ) -> tuple[Display, ...]:
        """Return the step of one variable, or the whole derivation, as displays; options as for ``latex``."""
        if of is None:
            sections = self.sections(view, notation, style, language=language, **extras)
            return tuple(display for section in sections for display in section.displays)
        label = self._label(of)
        self.step(views.entry_of(label)[0])
        return views.step_displays(self.record, label, view, notation, style, language, **extras)

    @_with_room
    def sections(
        self,
        view: str = "auto",
        notation: Notation | str | None = None,
        style: str = "both",
        *,
        language: str = DEFAULT_LANGUAGE,
        **extras: Unpack[Extras],
    ) -> tuple[Section, ...]:
        """Return the whole derivation as displays under headings; options as for ``latex``."""
        return views.sections(self.record, view, notation, style, language, **extras)

    @_with_room
    def page(
        self,
        view: str = "auto",
        notation: Notation | str | None = None,
        title: str | None = None,
        style: str = "both",
        *,
        language: str = DEFAULT_LANGUAGE,
        **extras: Unpack[Extras],
    ) -> Handout:
        """Return the derivation as a page for any output format; ``.save("page.html")`` writes it. Options as for ``latex``."""
        sections = self.sections(view, notation, style, language=language, **extras)
        return Handout(document_of(sections, title, language))

    @_with_room
    def tex(
        self,
        view: str = "auto",
        notation: Notation | str | None = None,
        title: str | None = None,
        style: str = "both",
        *,
        language: str = DEFAULT_LANGUAGE,
        **extras: Unpack[Extras],
    ) -> str:
        """Return a whole LaTeX document, one display per step, for pdflatex and xelatex; options as for ``latex``."""
        return str(self.page(view, notation, title, style, language=language, **extras).text("tex"))

    @_with_room
    def text(
        self,
        view: str = "auto",
        notation: Notation | str | None = None,
        style: str = "both",
        *,
        language: str = DEFAULT_LANGUAGE,
        **extras: Unpack[Extras],
    ) -> str:
        """Return the derivation as Unicode text; options as for ``latex``."""
        return str(self.page(view, notation, None, style, language=language, **extras).text("txt"))

    @_with_room
    def markdown(
        self,
        view: str = "auto",
        notation: Notation | str | None = None,
        title: str | None = None,
        style: str = "both",
        *,
        language: str = DEFAULT_LANGUAGE,
        flavor: str = "jupyter",
        **extras: Unpack[Extras],
    ) -> str:
        """Return the derivation as Markdown, for "jupyter", "github" or "jekyll"; options as for ``latex``."""
        return str(self.page(view, notation, title, style, language=language, **extras).text("md", flavor=flavor))

    def picture(self, to: str = "svg") -> str | None:
        """Return the drawing of the network as "svg" or "tikz"; None where it would be too large to be read."""
        from symback.page.diagram import network_picture

        drawing = format_called(to, "picture")
        found = network_picture(self.record)
        return None if found is None else str(drawing.write("picture", found))

    @_with_room
    def handout(
        self,
        lang: str = DEFAULT_LANGUAGE,
        level: str = "standard",
        title: str | None = None,
        **options: Unpack[PlanOptions],
    ) -> Handout:
        """Return the derivation as a lesson to hand out; ``.save("lesson.pdf")`` writes it.

        ``lang`` is the code of a language; ``level`` is "brief" (formulas only), "standard", or "full" (also proofs in index
        notation, and the code). ``numbers`` puts values into the formulas, by default where all are known and fit on
        a page; ``numbered`` gives formulas numbers to speak of. Of layers that are alike but for their number, one
        stands for all unless ``whole``. The others are as for ``latex``.

        >>> import symback as sb
        >>> net = sb.Network()
        >>> x, t, w = net.input("x", value=2), net.input("t", value=1), net.parameter("w", value=3)
        >>> L = net.define("L", (net.define("y", w * x) - t)**2)
        >>> print(sb.derive(net).handout(level="brief").text("txt"))
        Backpropagation step by step
        <BLANKLINE>
        Step 1. Forward pass
          y = w · x = 3 × 2 = 6
        <BLANKLINE>
        Step 2. Loss
          L = (y − t)² = (6 − 1)² = 25
        <BLANKLINE>
        Step 3. Backward pass
          ∂L/∂y = 2(y − t) = 2 × (6 − 1) = 10
          ∂L/∂w = ∂L/∂y · ∂y/∂w = ∂L/∂y · x = 10 × 2 = 20
        <BLANKLINE>
        Step 4. Update
          w ← w − η ∂L/∂w
        <BLANKLINE>
        """
        from symback.documents.lesson import lesson

        return Handout(lesson(self.record, Plan(level, lang, **options), title))

    @_with_room
    def worksheet(
        self,
        lang: str = DEFAULT_LANGUAGE,
        blank: Sequence[str] | None = None,
        answers: str = "both",
        *,
        variants: int = 1,
        seed: int = 0,
        title: str | None = None,
        level: str = "standard",
        progress: Callable[[int], None] | None = None,
        **options: Unpack[PlanOptions],
    ) -> Worksheets:
        """Return the lesson with blanks, and its key; ``.save("sheet.pdf")`` writes sheet.pdf and sheet-key.pdf.

        ``blank`` chooses what is left out: "local" derivatives, "delta", "gradients", "forward", "loss", "update",
        "transposes", "numbers" (default: the first three). ``answers`` are "inline", "none", "key" or "both". ``variants`` makes that many sheets
        with different numbers that are pleasant to compute with, the same ones for the same ``seed``. The others are as
        for ``handout``.
        """
        from symback.documents.worksheets import DEFAULT, worksheet

        made = worksheet(
            self.record,
            Plan(level, lang, **options),
            blank=DEFAULT if blank is None else blank,
            answers=answers,
            title=title,
            variants=variants,
            seed=seed,
            progress=progress,
        )
        return Worksheets(*(None if page is None else Handout(page) for page in (made.sheet, made.key)))

    # --- code and numbers ---

    @_with_room
    def generated(self, args: Sequence[Any] | None = None, *, target: str | None = None) -> Generated:
        """Return the generated function as a record: source, arguments, outputs, target."""
        labels = None if args is None else [self._label(a) for a in args]
        return generate(self.record, args=labels, comment=self._comment, target=target)

    def code(
        self, args: Sequence[Any] | None = None, optimizer: Optimizer | None = None, *, target: str | None = None
    ) -> str:
        """Return source that computes the loss and the gradients: what ``lambdify`` runs, with comments.

        ``args`` orders the arguments. ``target`` is "numpy" or "python" (single numbers only); by default Python where
        every value is a single number, else NumPy. With an ``optimizer`` the function that makes one of its updates
        follows.

        Raises DerivationError for a target that is not known, or that cannot hold this network.

        >>> import symback as sb
        >>> net = sb.Network()
        >>> x, w = net.input("x"), net.parameter("w")
        >>> L = net.define("L", (w * x - 1) ** 2)
        >>> [sb.derive(net).code(target=name).splitlines()[0] for name in ("numpy", "python")]
        ['import numpy as np', 'def gradients(x, w):']
        """
        made = self.generated(args, target=target)
        return made.source if optimizer is None else with_update(made.source, optimizer, made.target)

    def _comment(self, step: Step) -> str:
        try:
            return views.step_text(self.record, step.of)
        except PrintError:  # a formula without textbook notation still runs
            return f"∂{self.loss}/∂{step.of}"

    @_with_room
    def lambdify(
        self,
        args: Sequence[Any] | None = None,
        *,
        target: str | None = None,
        batch: Sequence[Any] | None = None,
        reduction: str = "none",
    ) -> Callable[..., Any]:
        """Return ``f(**values) -> (loss, gradients)``, or with ``args`` ``f(*values) -> (loss, *gradients)``.

        ``f.source`` is the code, ``f.args`` the names it takes. The keyword form checks names and shapes (one
        ValueProblem lists everything that is wrong) and fills in values found in the network. ``target`` is as for
        ``code``.

        ``batch`` names variables of a network of single numbers that have one number per point: ``f(**values)`` then
        returns one loss and one of each gradient per point, computed by the same formulas on arrays, or with a
        ``reduction`` the "sum" or the "mean" of the losses and its gradients.

        >>> import sympy as sp, symback as sb
        >>> w, x = sp.symbols("w x")
        >>> f = sb.derive(sp.sin(w * x), [w]).lambdify(batch=[x])
        >>> losses, gradients = f(w=0.5, x=np.array([0.0, 1.0, 2.0]))
        >>> [round(float(v), 4) for v in gradients["w"]]
        [0.0, 0.8776, 1.0806]
        """
        if batch is not None:
            if args is not None:
                raise NetworkError("lambdify takes args or batch, not both: points are given by name")
            at = [self._label(b) for b in ([batch] if isinstance(batch, (str, sp.Basic)) else batch)]
            return points.lambdify(self.record, at, reduction, comment=self._comment, target=target)
        labels = None if args is None else [self._label(a) for a in args]
        return numeric.lambdify(self.record, labels, comment=self._comment, target=target)

    @_with_room
    def evaluate(self, values: Mapping[str, Any] | None = None) -> numeric.Evaluation:
        """Run the derivation once and return the loss, all forward values and the gradients."""
        return numeric.evaluate(self.record, values)

    @_with_room
    def update(self, by: Any = "eta", values: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return one update of each parameter, as a Form or as a number.

        ``by`` is the name of a learning rate (``w - eta * ∂L/∂w``), a learning rate (numbers), or an optimizer or the
        name of one: Forms of the parameters and their state, in order, each in terms of the names before it; numbers
        where ``values`` are given.
        """
        if isinstance(by, str) and by in OPTIMIZERS and by not in self.network.variables:
            by = optimizer(by)
        if isinstance(by, (int, float)) and not isinstance(by, bool):
            return training.update(self.record, float(by), values)
        if isinstance(by, Optimizer) and values is not None:
            return training.update(self.record, by, values)
        found: dict[str, Any] = {}
        for w in self.wrt:
            shape = self.network.shape_of(w)
            if isinstance(by, Optimizer):
                found.update(by.update_of(w, shape, self._staged(w)))
            else:
                found[w] = apply("subtract", name(w, shape), apply("multiply", name(self._label(by)), self._staged(w)))
        return found

    @_with_room
    def run(
        self,
        steps: int | None = None,
        learning_rate: float | None = None,
        values: Mapping[str, Any] | None = None,
        progress: training.Progress | None = None,
        watch: Sequence[Any] = (),
        batch: Sequence[Any] | None = None,
    ) -> training.History:
        """Make ``steps`` updates on all the data; what is not given comes from the training loop that was read.

        ``batch`` names variables of a network of single numbers that have one number per point of the data; what is
        made smaller is then the mean of the loss over the points.

        That is ``symback.train`` with the optimizer of the code, else gradient descent. ``watch`` names values to keep
        from every step, in ``history.watched``.
        """
        record = self.record
        if batch is not None:
            record = points.over_points(record, [self._label(b) for b in batch])
        chosen = training.default_optimizer(record, learning_rate)
        return training.train(record, values, chosen, steps, watch=[self._label(w) for w in watch], progress=progress)

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
        return self.markdown()

    def _repr_svg_(self) -> str | None:
        return self.picture()


class Differentiated:
    """A function of NumPy that returns its value and its gradients by derived formulas; see ``differentiate``."""

    def __init__(self, function: Callable[..., Any], wrt: Sequence[str] | str | None) -> None:
        self.function = function
        self.derivation: Derivation | None = None
        """The derivation of the last call."""
        self._wrt = (wrt,) if isinstance(wrt, str) else wrt
        self._known: dict[Any, tuple[Derivation, Callable[..., Any]]] = {}
        update_wrapper(self, function)

    def __call__(self, *args: Any, **options: Any) -> tuple[float, dict[str, np.ndarray]]:
        """Call the function once, recorded, and return its value and its gradients by their names.

        Raises ReadError for what cannot be followed.
        """
        from symback.tracer.live import Call

        call = Call(self.function, args, options)
        call.carry_out(None)
        wrt = None if self._wrt is None else tuple(self._wrt)
        net = call.network(None, wrt, verify=not self._known)
        variables = tuple((v.name, v.shape, v.role, v.integer) for v in net.variables.values())
        signature = (variables, tuple((e.name, e.form) for e in net.equations), net.loss)
        if signature not in self._known:
            d = derive(net)
            self._known[signature] = d, d.lambdify()
        self.derivation, program = self._known[signature]
        value, gradients = program(**net.values)
        return value, dict(gradients)

    def latex(self, of: str | None = None, **options: Any) -> str:
        """Return the derivation of the last call as LaTeX, or the gradient with respect to ``of``.

        Raises DerivationError before the first call.
        """
        return self._derived().latex(of, **options)

    def _repr_markdown_(self) -> str:
        return "" if self.derivation is None else self.derivation._repr_markdown_()

    def _derived(self) -> Derivation:
        if self.derivation is None:
            raise DerivationError(
                "nothing is derived before the function is called: its arguments say what it computes"
            )
        return self.derivation


@overload
def differentiate(function: Callable[..., Any], *, wrt: Sequence[str] | str | None = None) -> Differentiated: ...
@overload
def differentiate(
    function: None = None, *, wrt: Sequence[str] | str | None = None
) -> Callable[[Callable[..., Any]], Differentiated]: ...
def differentiate(function: Callable[..., Any] | None = None, *, wrt: Sequence[str] | str | None = None) -> Any:
    """Turn a function of NumPy into one that returns (value, gradients), the gradients by derived formulas.

    Every call carries the function out once, recorded, so that its branches may go another way; what was derived for the same
    operations is used again. ``wrt`` names what the gradients are taken with respect to, as in ``trace``; ``derivation`` and
    ``latex()`` show what was derived.

    >>> import numpy as np
    >>> @differentiate
    ... def loss(w, x):
    ...     return np.sum((x @ w)**2)
    >>> loss(np.array([1.0, 2.0]), np.eye(2))
    (5.0, {'w': array([2., 4.])})
    >>> print(loss.derivation.gradient("w"))
    2 * (x.T @ z1)

    Raises ReadError, when it is called, for what cannot be followed.
    """
    if function is None:
        return lambda f: Differentiated(f, wrt)
    return Differentiated(function, wrt)


def derive_function(name: str, lang: str = DEFAULT_LANGUAGE) -> Handout:
    """Derive a function of the tables: its definition, the chain rule on its parts, the short form.

    >>> print(str(derive_function("softsign")).splitlines()[-1].strip())
    softsign′(x) = 1/(|x| + 1)²

    The result has ``.document``, ``.text("tex")`` and ``.save("page.html")``. Raises PrintError for an unknown name.
    """
    from symback.documents import tables

    return Handout(tables.derivation_page(name, lang))


def table(kind: str, rows: Sequence[str] = (), lang: str = DEFAULT_LANGUAGE) -> Handout:
    """Return the table of "activations", "losses" or "optimizers", all rows or those named, every derivative derived now.

    >>> print(table("losses", ["mse"]).text("md").splitlines()[-1].split(" | ")[1])
    $L = \\frac{1}{n} \\sum_i (\\hat{y}_i - y_i)^2$

    Raises PrintError for an unknown table or row.
    """
    from symback.documents import tables

    return Handout(tables.page(tables.table(kind, rows, lang)))


def check_gradients(
    d: Derivation,
    values: Mapping[str, Any] | None = None,
    step: float = 1e-5,
    gradients: Mapping[str, np.ndarray] | None = None,
    tolerance: float = check.TOLERANCE,
) -> check.Report:
    """Compare a derivation's gradients (or ``gradients`` of your own) with central differences of the loss.

    Returns a Report with ``.ok``, ``.worst``, ``.tolerance`` and a text form.

    >>> import symback as sb
    >>> net = sb.Network()
    >>> w = net.parameter("w", value=3.0)
    >>> L = net.define("L", w**2 / 2)
    >>> check_gradients(derive(net)).ok, check_gradients(derive(net), gradients={"w": np.array(3.1)}).ok
    (True, False)

    Raises ValueProblem for values that are missing or do not fit, and for gradients of unknown names.
    """
    return check.check_gradients(d.record, values, step, gradients=gradients, tolerance=tolerance)


train = _with_room(training.train)
