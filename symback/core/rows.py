"""Functions known by their definitions: a row of the tables, what it requires of its arguments, its derivative by name."""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from symback.core.errors import NetworkError, nearest
from symback.core.hooks import Hook
from symback.core.nodes import Apply, Form, NamedOperation, Number, apply, as_form, name, row_named
from symback.core.notes import Note, without_notes
from symback.core.shapes import Shape, Size, numbered_size, size
from symback.core.walking import relabel, walk


@dataclass(frozen=True, eq=False)
class Function(NamedOperation):
    """A function known by its definition, or an undefined one: a row of the tables in ``symback.functions``.

    ``definition`` builds a Form from argument Forms and parameters; no row holds a derivative, since every derivative
    is derived from the definition. ``definition`` is None for an undefined function, which stays symbolic.
    """

    name: str
    definition: Callable[..., Form] | None = None
    latex: str = ""
    text: str = ""
    arguments: int = 1
    parameters: Mapping[str, Any] = field(default_factory=dict)
    entrywise: bool = True
    inline: bool = False
    """True where a call stands for its definition at once (losses, and names that are plain formulas)."""
    elementary: bool = False
    """True for functions that textbooks print inside formulas (abs, maximum): they are not cut out into an equation."""
    aliases: tuple[str, ...] = ()
    kinks: str = ""
    source: str = ""
    title: str = ""
    remarks: Mapping[str, str] = field(default_factory=dict)
    """A remark per language, as the tables print it; the rows of symback have theirs in ``symback.page.words``."""
    defaults: tuple[float | None, ...] = ()
    """Values of trailing arguments that a call may leave out, as the slope of leaky ReLU; None where the definition
    does without the argument, as without a bias."""
    argument_names: tuple[str, ...] = ("x",)
    signature: tuple[str, ...] = ()
    """The order of a positional call, where parameters stand between the arguments."""
    numpy: str = ""
    """NumPy expression of a call, with ``{0}``, ``{1}`` for the arguments; empty where a helper is needed."""
    numpy_helper: str = ""
    math: str = ""
    math_helper: str = ""
    equals: tuple[tuple[str, str], ...] = ()
    """Identities ``(outer, inner)``: this row equals ``outer(inner(x))`` and evaluates it safely."""
    domain: tuple[float, float] = (-3.0, 3.0)
    """An interval where the function and its derivatives are real and finite, whatever argument lies in it; not all of them."""
    orders: tuple[float, ...] = ()
    """Values that the first argument may have, where no formula has the derivative with respect to it, as for the order
    of a Bessel function."""
    domains: Mapping[str, str] = field(default_factory=dict)
    """Where the values of an argument must lie, as ``{"target": "probability"}``; the values are looked at, not the form."""
    keywords: Mapping[str, str] = field(default_factory=dict)
    """What libraries call an argument or a parameter, as ``negative_slope`` for alpha."""
    call: Callable[..., Form] | None = None
    """What a call with parameters makes, where that is not simply this function of its arguments: softplus(x, beta) is
    softplus(beta x) / beta."""
    recognized: bool = True
    """False where a formula that equals the row stays as it is written: the row's kinks are not those of the formula, or
    nobody would call it so."""
    reflected: bool = False
    """True where f(−x) = 1 − f(x), as for the sigmoid; a test proves it."""
    library: str = ""
    """A function of an optional library that evaluates the row in array code; the helper is used where it is missing."""
    stated: tuple[str, str] = ("", "")
    """LaTeX and text of a definition that no Form can say, as an integral."""
    shift_invariant: bool = False
    """True where adding one number to all entries along the axis changes nothing, as for softmax; a test proves it."""
    takes: str = ""
    """What a loss takes first, where another thing is easily mistaken for it: "logits" or "log-probabilities"."""
    squashed_by: str = ""
    """The row that makes probabilities of what the loss takes, and must not be applied before it."""
    guesses_axis: bool = False
    """True where PyTorch guesses the axis if a call does not say it: for three axes it is the first."""
    one_sided: Callable[..., Form] | None = None
    """What a call makes that gives None for one of the last two arguments, as a clip with one bound."""
    order: str = ""
    """Where the first argument stands beside the name of the function: as a "subscript" or a "superscript"; usually among
    the others."""
    per_channel: bool = False
    """True where PyTorch takes the last argument as one number per channel, the second axis, as the slope of PReLU."""

    def __call__(self, *arguments: Any, **parameters: Any) -> Form:
        """Apply the function to Forms (or numbers), filling defaults for arguments left out."""
        order = self.signature or self.argument_names
        if len(arguments) > (len(self.signature) or self.arguments):
            raise NetworkError(f"{self.name} takes {self.arguments} argument(s), {len(arguments)} given")
        twice = [label for label in order[: len(arguments)] if label in parameters]
        if twice:
            raise NetworkError(f"{self.name} is given {twice[0]} twice")
        values = {**dict(zip(order, arguments, strict=False)), **parameters}
        given: list[Any] = []
        for position, label in enumerate(self.argument_names[: self.arguments]):
            default = position - (self.arguments - len(self.defaults))
            value = values.pop(label, None)
            if value is None and default < 0:
                count = builtins.sum(1 for k in self.argument_names if k in values) + len(given)
                needed = ", ".join(self.argument_names[: self.arguments - len(self.defaults)])
                raise NetworkError(
                    f"{self.name} takes {self.arguments} argument(s), {count} given"
                    + (f"; it needs {needed}" if self.arguments > 1 else "")
                )
            value = self.defaults[default] if value is None else value
            given.append(None if value is None else as_form(value))
        # an old option of a library that the row does not have may be passed over by None
        values = {k: v for k, v in values.items() if k in self.parameters or v is not None or k not in order}
        unknown = sorted(set(values) - set(self.parameters))
        if unknown:
            hint = nearest(unknown[0], [*self.parameters, *self.argument_names])
            raise NetworkError(f"{self.name} has no parameter {', '.join(unknown)}{hint}")
        filled = {**self.parameters, **values}
        if self.call is not None:
            return self.call(*given, **filled)
        if self.inline:
            assert self.definition is not None
            form = self.definition(*given, **filled)
            return (
                _noted(self, form, dict(zip(self.argument_names, given, strict=False)), filled)
                if self.domains
                else form
            )
        return apply(self, *given, **filled)

    def on_vector(self) -> tuple[Form, Form]:
        """Return a vector x and what the function makes of it along its axis, last by default.

        The vector has the symbolic size n, or four entries where the definition needs the length.
        """
        parameters = {**self.parameters, "axis": -1} if "axis" in self.parameters else dict(self.parameters)
        known = lengths_of_row(self, ((4,),), tuple(sorted(parameters.items())))
        vector = name("x", (4,) if known else (size("n"),))
        assert self.definition is not None
        return vector, self.definition(vector, **parameters)

    @property
    def variable(self) -> int:
        """The position of the argument that a derivative without a further word is taken with respect to."""
        return 1 if self.orders else 0

    @property
    def logarithm_of(self) -> str:
        """The row whose logarithm this one is, as log_softmax is that of softmax; empty for others."""
        return next((inner for outer, inner in self.equals if outer == "log"), "")

    def __repr__(self) -> str:
        return f"<function {self.name}>"

    def __reduce__(self) -> Any:
        return (_function_called, (self.name, self.arguments, self.definition is None))


@dataclass(frozen=True)
class Requirement(Note):
    """A fact about values: ``form``, the argument of a row of the tables, must lie in a domain, as a target in [0, 1].

    Class indices lie below ``classes``; ``ignored`` is an index that stands for no class. Rows of probabilities sum to
    1 along ``axis``.
    """

    function: str
    argument: str
    form: Form
    domain: str
    classes: Size = 0
    ignored: int | None = None
    axis: int = -1

    def bounds(self, count: float) -> tuple[float, float]:
        """Return the least and the greatest value allowed, with ``count`` classes."""
        if self.domain in ("classes", "labels"):
            return (0 if self.domain == "classes" else -1), count - 1
        if self.domain == "sign":
            return -1, 1
        return 0, (1 if self.domain in ("probability", "probabilities") else math.inf)


def _noted(row: Function, form: Form, given: Mapping[str, Any], parameters: Mapping[str, Any]) -> Form:
    """Return the form a row makes of its arguments, with what it requires of them noted on its topmost node.

    ``without_requirements`` takes the notes off again; a form with a note means and prints what it does without.
    """
    scores = given[row.argument_names[0]]
    axis = 1 if scores.ndim > 1 else 0
    classes = scores.shape[axis] if scores.shape else 0
    notes = []
    for label, domain in row.domains.items():
        argument = given[label]
        if argument is None or (domain == "nonnegative" and parameters.get("log_target")):
            continue
        if isinstance(argument, Number):
            _check_constant(Requirement(row.name, label, argument, domain, classes, parameters.get("ignore_index")))
            continue
        if domain == "classes":
            domain = "classes" if argument.ndim < scores.ndim else "probabilities"
        ignored = -1 if domain == "labels" else parameters.get("ignore_index")
        notes.append(Requirement(row.name, label, argument, domain, classes, ignored, axis))
    return type(form)._make(form.args, (*form.data, *notes), form.shape) if notes else form


def _check_constant(required: Requirement) -> None:
    """Refuse a number in the place of an array that lies outside the domain."""
    assert isinstance(required.form, Number)
    value = float(required.form.value)
    low, high = required.bounds(required.classes if isinstance(required.classes, int) else math.inf)
    if value == required.ignored or (low <= value <= high and (required.domain != "sign" or builtins.abs(value) == 1)):
        return
    allowed = (
        "1 or -1" if required.domain == "sign" else "not negative" if math.isinf(high) else f"between {low} and {high}"
    )
    raise NetworkError(f"in {required.function}: the {required.argument} is {allowed}, not {required.form}")


def without_requirements(form: Form) -> tuple[Form, tuple[Requirement, ...]]:
    """Return a form without the notes on its nodes, and what they require.

    >>> import symback as sb
    >>> form, notes = without_requirements(sb.soft_margin(name("z"), name("y")))
    >>> form, notes[0].form, notes[0].domain
    (softplus(-(y * z)), y, 'sign')
    """
    found: dict[Requirement, None] = {}
    for node in walk(form):
        found.update(dict.fromkeys(d for d in node.data if isinstance(d, Requirement)))
    return without_notes(form), tuple(found)


@dataclass(frozen=True)
class Prime(NamedOperation):
    """The derivative of an entrywise function with respect to its argument at ``position``."""

    function: Function
    position: int

    @property
    def name(self) -> str:  # type: ignore[override]
        return self.function.name + "'"


_undefined: dict[tuple[str, int], Function] = {}


def undefined(name: str, arguments: int = 1) -> Function:
    """Return the undefined entrywise function of that name; it stays symbolic and prints ``f'``.

    >>> undefined("f") is undefined("f")
    True
    """
    key = (name, arguments)
    found = _undefined.get(key)
    if found is None:
        labels = tuple(f"x{i}" for i in range(arguments))
        made = Function(name, latex=name, text=name, arguments=arguments, argument_names=labels)
        found = _undefined.setdefault(key, made)
    return found


def _function_called(label: str, arguments: int, is_undefined: bool) -> Function:
    return undefined(label, arguments) if is_undefined else row_named(label)


prime_value: Hook[[Prime, tuple[Form, ...], Form | None], Form] = Hook("prime_value")
"""The derivative of a function of the tables at arguments, in its output where that is given and shorter."""


def needed_lengths(node: Form) -> Iterable[Size]:
    """Return the sizes that stay as they are: lengths that the meaning of a node depends on."""
    if node.needs_lengths:
        return (*node.shape, *(s for a in node.args for s in a.shape))
    if isinstance(node, Apply) and isinstance(node.op, Function) and not node.op.entrywise:
        return lengths_of_row(node.op, tuple(a.shape for a in node.args), node.data[1])
    return ()


@lru_cache(maxsize=1024)
def lengths_of_row(row: Function, shapes: tuple[Shape, ...], parameters: tuple[tuple[str, Any], ...]) -> Sequence[Size]:
    """Return the sizes in ``shapes`` that the definition of a row needs.

    They are those of the nodes it is built of; all of them where the definition says something else, or nothing, for
    symbols in place of the others.
    """
    assert row.definition is not None

    def defined(sizes: Mapping[Size, Size]) -> Form:
        leaves = [name(f"_{k}", tuple(sizes.get(s, s) for s in shape)) for k, shape in enumerate(shapes)]
        return row.definition(*leaves, **dict(parameters))  # type: ignore[misc]

    body = defined({})
    needed = dict.fromkeys(s for node in walk(body) for s in needed_lengths(node))
    every = dict.fromkeys(s for shape in shapes for s in shape if s not in (0, 1))
    there = {s: numbered_size(k) for k, s in enumerate(every) if s not in needed}
    try:
        same = relabel(defined(there), {}, {v: k for k, v in there.items()}) is relabel(body, {}, {})
    except Exception:  # a definition may do anything with a length that it does not know
        same = False
    return tuple(needed if same else {**needed, **every})
