"""A network: named arrays and an ordered list of single-assignment equations; the last one is the loss.

``Network`` is the builder. What ``derive`` works on is a ``NamedNetwork``, made from it by ``symback.networks.naming``.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from symback.core.errors import NetworkError, ShapeError, ValueProblem, nearest
from symback.core.forms import (
    Form,
    Name,
    Requirement,
    Shape,
    Size,
    as_form,
    make_shape,
    names_in,
    shape_text,
    without_requirements,
)
from symback.core.forms import name as make_name
from symback.core.hooks import Hook
from symback.networks.facts import FACTS, granted, kind_of

_IDENTIFIER = re.compile(r"^[^\W\d]\w*$")


LOSSES = ("L", "E", "J", *(f"L{k}" for k in range(1, 100)))
"""What a loss without a name is called: the first of these that is free."""


class Finding(NamedTuple):
    """Something a reader of the code should be told: a message, the names it is about, and its line.

    >>> print(Finding(3, ("y",), "y is broadcast to a square array"))
    line 3: y is broadcast to a square array
    """

    line: int | None
    names: tuple[str, ...]
    message: str
    cell: int | None = None
    """The code cell of a notebook that the line belongs to."""

    def __str__(self) -> str:
        where = "" if self.cell is None else f"cell {self.cell}, "
        return self.message if self.line is None else f"{where}line {self.line}: {self.message}"


@dataclass(frozen=True, eq=False)
class Variable:
    """A leaf of the network: data, a target, a constant (role ``"input"``) or a ``"parameter"``."""

    name: str
    shape: Shape
    role: str = "input"
    integer: bool = False
    """True for class indices and other integer arrays, which keep their type."""


@dataclass(frozen=True, eq=False)
class Equation:
    """``name = form``. ``written`` is what the user wrote where the derivation works on an equal form."""

    name: str
    form: Form
    written: Form
    invented: bool = False
    line: int | None = None
    note: str = ""

    @property
    def shape(self) -> Shape:
        return self.form.shape


class Assumption(NamedTuple):
    """A fact a formula needs: ``kind`` is one of ``facts.FACTS``; ``why`` says on what it rests.

    ``axis``, counted from the last as -1, is the axis of the classes.
    """

    kind: str
    name: str
    why: str
    axis: int = -1

    @property
    def by_columns(self) -> bool:
        """True where the classes run down the columns of a matrix."""
        return self.axis == -2

    def __str__(self) -> str:
        line = "column" if self.by_columns else "row"
        return f"{FACTS[self.kind].says.format(name=self.name, line=line)} ({self.why})"

    def broken_by(self, value: Any) -> str:
        """Return what is said of a value for which the fact does not hold; nothing where it does."""
        array = np.asarray(value)
        with np.errstate(all="ignore"):
            holds = FACTS[self.kind].holds(array, self.axis)
        return "" if holds else FACTS[self.kind].broken.format(line="column" if self.by_columns else "row")


class Start(NamedTuple):
    """How a parameter starts: ``kind`` is ``"weight"``, ``"bias"``, ``"normal"`` (N(0, 1)) or ``"constant"`` (``value``).

    ``width`` is that of the state of a recurrent layer, on which PyTorch's default rests there.
    """

    kind: str
    fan_in: Size = 1
    fan_out: Size = 1
    value: float = 0.0
    width: Size | None = None


SCHEMES = ("glorot", "he", "torch")
"""How weights start, drawn at random. ``glorot``: uniform in ±√(6/(fan in + fan out)), Glorot and Bengio 2010, eq. 16,
https://proceedings.mlr.press/v9/glorot10a.html; ``he``: normal with variance 2/fan in, He et al. 2015, eq. 10,
https://arxiv.org/abs/1502.01852; both with biases 0. ``torch``: weights and biases uniform in ±1/√(fan in), the default of
torch.nn.Linear, in recurrent layers ±1/√width, https://pytorch.org/docs/stable/generated/torch.nn.Linear.html."""


@dataclass(frozen=True, eq=False)
class NamedNetwork:
    """The slice of a network that its loss needs, in named form: plain data, in order of computation."""

    variables: Mapping[str, Variable]
    equations: tuple[Equation, ...]
    loss: str
    parameters: tuple[str, ...]
    values: Mapping[str, np.ndarray]
    assumptions: tuple[Assumption, ...]
    findings: tuple[Finding, ...]
    choices: tuple[str, ...]
    steps: int | None = None
    learning_rate: float | None = None
    optimizer: tuple[str, Mapping[str, Any]] | None = None
    """The optimizer of the code and its hyperparameters, where it is more than a learning rate."""
    requirements: tuple[Requirement, ...] = ()
    """Where values must lie; their forms read variables only."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    latex: Mapping[str, str] = field(default_factory=dict)
    """The LaTeX that names came with."""
    printed: Mapping[str, str] = field(default_factory=dict)
    """Names as which others print: the state that a recurrence starts from, ``h``, as ``h_0``."""
    fixed: Mapping[str, str] = field(default_factory=dict)
    """Inputs whose numbers stand in the formulas themselves, and where: another value would not reach that place."""
    upstream: Mapping[str, str] = field(default_factory=dict)
    """Names whose adjoints are given, and the inputs that hold them."""
    sizes: Mapping[str, int] = field(default_factory=dict)
    """Numbers of symbolic sizes, where the code has them; values of other lengths may be given."""
    untrained: frozenset[str] = frozenset()
    """Variables that were asked for by name, and that nothing says are trained."""

    def equation(self, name: str) -> Equation:
        """Return the equation of ``name``."""
        return self._by_name[name]

    @cached_property
    def _by_name(self) -> dict[str, Equation]:
        return {e.name: e for e in self.equations}

    def shape_of(self, name: str) -> Shape:
        """Return the shape of a variable or of an equation's left side."""
        if name in self.variables:
            return self.variables[name].shape
        return self._by_name[name].shape


def as_value(value: Any, integer: bool = False) -> np.ndarray:
    """Return a fresh array: integers and booleans become float64 (unless ``integer``), float32 stays."""
    array = np.array(value)
    if array.dtype.kind in "iub":
        return array.astype(np.int64 if integer else np.float64)
    if array.dtype.kind != "f":
        raise ValueProblem(f"a value of type {array.dtype} is not a real number or an array of them")
    return array


def check_name(name: str) -> str:
    """Return ``name`` if it is a plain identifier; names reach generated code, so nothing else may pass."""
    if not isinstance(name, str) or not _IDENTIFIER.match(name) or keyword.iskeyword(name) or name.startswith("__"):
        raise NetworkError(f"{name!r} cannot be a name: use letters, digits and underscores, no Python keyword")
    return name


class Network:
    """Build a network with NumPy's operators on Forms.

    >>> import symback as sb
    >>> net = sb.Network()
    >>> x, t = net.input("x"), net.input("t")
    >>> w = net.parameter("w")
    >>> y = net.define("y", w * x)
    >>> L = net.define("L", (y - t)**2 / 2)
    >>> net
    Network(y = w * x; L = (y - t)**2 / 2)
    """

    def __init__(self) -> None:
        self.variables: dict[str, Variable] = {}
        self.equations: list[Equation] = []
        self.values: dict[str, np.ndarray] = {}
        self.assumptions: list[Assumption] = []
        self.findings: tuple[Finding, ...] = ()
        self.choices: tuple[str, ...] = ()
        self.loss: str | None = None
        self.steps: int | None = None
        self.learning_rate: float | None = None
        self.optimizer: tuple[str, Mapping[str, Any]] | None = None
        self.symbols: dict[str, Any] = {}
        self.aliases: dict[str, str] = {}
        """How the caller spells names that code cannot have, as ``lambda`` or ``\\hat{y}``."""
        self.latex: dict[str, str] = {}
        """The LaTeX that names came with."""
        self.printed: dict[str, str] = {}
        """Names as which others print, as ``h`` prints as ``h_0`` where ``h_1`` is computed from it."""
        self.requirements: dict[str, tuple[Requirement, ...]] = {}
        """Where values must lie for the equation of a name to mean anything."""
        self.fixed: dict[str, str] = {}
        """Where the number of an input stands in the formulas itself, so that no gradient with respect to it is whole."""
        self.upstream: dict[str, str] = {}
        """Names whose adjoints are given, and the inputs that hold them."""
        self.drawn: set[str] = set()
        """Inputs and parameters whose values were drawn by the caller's seed: another draw is as good."""
        self.sizes: dict[str, int] = {}
        """Numbers of symbolic sizes, where the code has them."""
        self.untrained: set[str] = set()
        """Variables that were asked for by name, and that nothing says are trained: no update of theirs is printed."""
        self.starts: dict[str, Start] = {}
        """How the parameters of layers start; see ``initial``."""
        self._forms: dict[str, Form] = {}

    def __repr__(self) -> str:
        return f"Network({'; '.join(f'{e.name} = {e.written}' for e in self.equations)})"

    def _repr_markdown_(self) -> str:
        return f"$$\n\\begin{{aligned}}\n{network_latex(self)}\n\\end{{aligned}}\n$$" if self.equations else ""

    def _fresh(self, name: str) -> str:
        check_name(name)
        if name in self._forms:
            raise NetworkError(f"{name} is defined twice; each equation gives a new name its value")
        return name

    def _leaf(self, name: str, shape: Any, value: Any, role: str, integer: bool) -> Name:
        self._fresh(name)
        array = None if value is None else as_value(value, integer)
        if shape is None:
            made: Shape = () if array is None else array.shape
        else:
            made = make_shape(shape)
        leaf = make_name(name, made)
        if array is not None:
            fit_shape(name, array, made)
            self.values[name] = array
        self.variables[name] = Variable(name, made, role, integer)
        self._forms[name] = leaf
        return leaf

    def input(self, name: str, shape: Any = None, value: Any = None, *, integer: bool = False) -> Name:
        """Declare data, a target or a constant; a size is an int or the name of a symbolic one.

        ``integer=True`` declares class indices. Raises NetworkError for a name already used.
        """
        return self._leaf(name, shape, value, "input", integer)

    def parameter(self, name: str, shape: Any = None, value: Any = None) -> Name:
        """Declare an array that gradients are wanted for."""
        return self._leaf(name, shape, value, "parameter", False)

    def define(self, name: str, form: Any, *, line: int | None = None) -> Name:
        """Add the equation ``name = form`` and return the Form of ``name``; the last one defined is the loss.

        Raises NetworkError where ``form`` reads a name this network does not have.
        """
        self._fresh(name)
        made, required = without_requirements(as_form(form))
        for used in names_in(made):
            if self._forms.get(used.name) is not used:
                if used.name in self._forms:
                    raise NetworkError(
                        f"in {name} = {made}: {used.name} of shape {shape_text(used.shape)} belongs to another "
                        f"network; here it has shape {shape_text(self._forms[used.name].shape)}"
                    )
                raise NetworkError(f"in {name} = {made}: {used.name} is not known{nearest(used.name, self._forms)}")
        self.equations.append(Equation(name, made, made, line=line))
        if required:
            self.requirements[name] = required
        leaf = make_name(name, made.shape)
        self._forms[name] = leaf
        return leaf

    def initial(
        self, seed: int = 0, scheme: str = "glorot", sizes: Mapping[str, int] | None = None
    ) -> dict[str, np.ndarray]:
        """Return starting values of all parameters, drawn with ``seed`` by one of ``SCHEMES``; layers say what fits them.

        A parameter that has a value keeps it, what is assumed of one holds for it; one that no layer declared is a weight with the fans of its last two axes,
        or N(0, 1) where it has fewer. ``sizes`` gives symbolic sizes their numbers.

        >>> import symback as sb
        >>> values = sb.mlp([2, 3, 1]).initial(seed=0)
        >>> {k: v.shape for k, v in values.items()}
        {'W1': (2, 3), 'b1': (3,), 'W2': (3, 1), 'b2': (1,)}

        Raises NetworkError for an unknown scheme, ValueProblem where a symbolic size has no number.
        """
        if scheme not in SCHEMES:
            raise NetworkError(
                f"there is no scheme {scheme!r} to start from{nearest(str(scheme), SCHEMES)}; known: {', '.join(SCHEMES)}"
            )
        known = {**self.sizes, **(sizes or {})}
        generator = np.random.default_rng(seed)

        def number(size: Size, label: str) -> int:
            if not isinstance(size, int) and str(size) not in known:
                raise ValueProblem(
                    f"starting values of {label}: the size {size} has no number; give it by sizes={{{str(size)!r}: …}}"
                )
            return size if isinstance(size, int) else int(known[str(size)])

        found: dict[str, np.ndarray] = {}
        for label, variable in self.variables.items():
            if variable.role != "parameter":
                continue
            if label in self.values:
                found[label] = self.values[label].copy()
                continue
            last = variable.shape[-2:]
            start = self.starts.get(label) or (Start("weight", *last) if len(last) == 2 else Start("normal"))
            shape = tuple(number(s, label) for s in variable.shape)
            fan_in, fan_out = number(start.fan_in, label), number(start.fan_out, label)
            if start.kind == "normal":
                found[label] = generator.standard_normal(shape)
            elif start.kind == "constant" or (start.kind == "bias" and scheme != "torch"):
                found[label] = np.full(shape, start.value)
            elif scheme == "he":
                found[label] = generator.standard_normal(shape) * np.sqrt(2 / fan_in)
            else:
                fan = fan_in if start.width is None else number(start.width, label)
                bound = np.sqrt(6 / (fan_in + fan_out)) if scheme == "glorot" else 1 / np.sqrt(fan)
                found[label] = generator.uniform(-bound, bound, shape)
            for fact in self.assumptions:
                if fact.name == label:
                    found[label] = FACTS[fact.kind].drawn(found[label], fact.axis)
        return found

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Take back what was added to the network where an error ends the block: a layer is added whole or not at all.

        >>> net = Network()
        >>> with net.whole():
        ...     _ = net.input("x", (2,)) @ net.parameter("W", (3, 1))
        Traceback (most recent call last):
        symback.core.errors.ShapeError: in x @ W: shapes (2,) and (3, 1) do not fit (2 against 3)
        >>> "x" in net
        False
        """
        known, equations, assumptions = set(self._forms), len(self.equations), len(self.assumptions)
        try:
            yield
        except Exception:
            for name in [n for n in self._forms if n not in known]:
                for kept in (self._forms, self.variables, self.values, self.starts):
                    kept.pop(name, None)
            del self.equations[equations:], self.assumptions[assumptions:]
            raise

    def __getitem__(self, name: str) -> Form:
        if name not in self._forms:
            raise NetworkError(f"there is no {name} in this network{nearest(name, self._forms)}")
        return self._forms[name]

    def __contains__(self, name: object) -> bool:
        return name in self._forms

    def assume(self, kind: Any, name: Any = None, axis: int = -1) -> None:
        """Grant a fact, which closed forms then use and state: ``net.assume("orthogonal", Q)``.

        ``"one-hot"`` says that every row sums to 1, with ``axis=0`` every column; ``"symmetric"``, ``"diagonal"`` and
        ``"positive definite"`` that a matrix is its own transpose; ``"orthogonal"`` that QᵀQ = I, and for a square Q also
        QQᵀ = I; ``"positive"`` that every entry is > 0. A predicate of SymPy, or several joined by ``&``, says the same:
        ``net.assume(sp.Q.orthogonal(Q) & sp.Q.positive(x))``. Entries stay variables of their own, so that a gradient
        with respect to an array is that of an array without the fact.

        >>> net = Network()
        >>> Q = net.parameter("Q", (3, 3))
        >>> net.assume("orthogonal", Q)
        >>> print(net.assumptions[0])
        Q is orthogonal (assumed)

        Raises NetworkError for another fact, and for an array that cannot have it or whose value does not.
        """
        if name is None and not isinstance(kind, str):
            for label, of in granted(kind):
                self.grant(label, of, axis)
            return
        self.grant(kind_of(kind), name, axis)

    def grant(self, kind: str, name: Any, axis: int = -1, why: str = "assumed") -> None:
        """Note a fact of ``facts.FACTS`` about an array, and why it holds; see ``assume``."""
        label = label_of(name, self.aliases)
        shape = self[label].shape
        wanted = FACTS[kind].matrix
        if wanted:
            fits = len(shape) == 2 and (shape[0] == shape[1] if wanted == "square" else not _is_wide(shape))
            if not fits:
                reason = "is square" if wanted == "square" else "has orthonormal columns, no more than rows"
                text = shape_text(shape)
                raise NetworkError(
                    f"{label} of shape {text} cannot be {kind}; {'an' if kind[0] in 'aeiou' else 'a'} {kind} matrix {reason}"
                )
        elif kind == "one-hot":
            rank = max(len(shape), 1)
            if not -rank <= axis < rank:
                raise NetworkError(f"{label} has no axis {axis} along which it could sum to 1")
            axis = axis if axis < 0 else axis - rank
        fact = Assumption(kind, label, why, axis if kind == "one-hot" else -1)
        if label in self.drawn and label in self.values:
            self.values[label] = FACTS[kind].drawn(self.values[label], fact.axis)
        broken = fact.broken_by(self.values[label]) if label in self.values and kind != "one-hot" else ""
        if broken:
            raise NetworkError(f"{label} is not {kind}: {broken}")
        if fact not in self.assumptions:
            self.assumptions.append(fact)


def _is_wide(shape: Shape) -> bool:
    rows, columns = shape
    return isinstance(rows, int) and isinstance(columns, int) and columns > rows


network_latex: Hook[[Network], str] = Hook("network_latex")
"""The equations of a network as they were written: rows of LaTeX for an aligned environment."""


def label_of(item: Any, aliases: Mapping[str, str]) -> str:
    """Return the name of a variable that is given by its name, as a Form or as a symbol of SymPy."""
    text = str(getattr(item, "name", item))
    return aliases.get(text, f"{text}_" if keyword.iskeyword(text) else text)


def fit_shape(name: str, array: np.ndarray, shape: Shape, sizes: dict[str, int] | None = None) -> dict[str, int]:
    """Check an array against a shape with symbolic sizes; return the sizes found (merged into ``sizes``)."""
    found: dict[str, int] = {} if sizes is None else sizes
    if array.ndim != len(shape):
        raise ShapeError(f"{name} has shape {shape_text(array.shape)}, expected {shape_text(shape)}")
    for actual, expected in zip(array.shape, shape, strict=True):
        known = expected if isinstance(expected, int) else found.setdefault(str(expected), actual)
        if actual != known:
            raise ShapeError(
                f"{name} has shape {shape_text(array.shape)}, expected {shape_text(shape)}"
                + ("" if isinstance(expected, int) else f" with {expected} = {known}")
            )
    return found


def rows_said(net: Network, size: Any) -> str:
    """Return which data have a letter as their length, for the choices of a network: ``n is the number of rows of X, Y``."""
    names = [v.name for v in net.variables.values() if any(str(s) == str(size) for s in v.shape)]
    return f"{size} is the number of rows (or columns) of {list_names(names)}"


def list_names(names: Iterable[str]) -> str:
    """Return names joined for a sentence: ``a, b and c``."""
    found = list(names)
    return found[0] if len(found) == 1 else ", ".join(found[:-1]) + " and " + found[-1] if found else "none"
