"""A network: named arrays and an ordered list of single-assignment equations; the last one is the loss.

``Network`` is the builder. What ``derive`` works on is a ``NamedNetwork``, made from it by ``symback.naming``.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from symback.errors import NetworkError, ShapeError, ValueProblem, nearest
from symback.forms import Form, Name, Shape, as_form, make_shape, names_in, shape_text
from symback.forms import name as make_name

_IDENTIFIER = re.compile(r"^[^\W\d]\w*$")


class Finding(NamedTuple):
    """Something a reader of the code should be told."""

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
    """A fact a formula needs: ``kind`` is ``"one-hot"`` (rows sum to 1); ``why`` says on what it rests.

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
        return f"each {'column' if self.by_columns else 'row'} of {self.name} sums to 1 ({self.why})"


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
        self.symbols: dict[str, Any] = {}
        self._forms: dict[str, Form] = {}

    def __repr__(self) -> str:
        return f"Network({'; '.join(f'{e.name} = {e.written}' for e in self.equations)})"

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
        made = as_form(form)
        for used in names_in(made):
            if self._forms.get(used.name) is not used:
                if used.name in self._forms:
                    raise NetworkError(
                        f"in {name} = {made}: {used.name} of shape {shape_text(used.shape)} belongs to another "
                        f"network; here it has shape {shape_text(self._forms[used.name].shape)}"
                    )
                raise NetworkError(
                    f"in {name} = {made}: {used.name} is not known{nearest(used.name, self._forms)}"
                )
        self.equations.append(Equation(name, made, made, line=line))
        leaf = make_name(name, made.shape)
        self._forms[name] = leaf
        return leaf

    def __getitem__(self, name: str) -> Form:
        if name not in self._forms:
            raise NetworkError(f"there is no {name} in this network{nearest(name, self._forms)}")
        return self._forms[name]

    def __contains__(self, name: object) -> bool:
        return name in self._forms

    def assume(self, kind: str, name: Any, axis: int = -1) -> None:
        """Grant a fact: ``net.assume("one-hot", y)`` says that every row of ``y`` sums to 1; ``axis=0``: every column."""
        if kind not in ("one-hot", "probabilities"):
            raise NetworkError(f"{kind!r} is not an assumption; the known ones are 'one-hot' and 'probabilities'")
        label = name.name if isinstance(name, Name) else str(name)
        _ = self[label]
        rank = max(len(self[label].shape), 1)
        if not -rank <= axis < rank:
            raise NetworkError(f"{label} has no axis {axis} along which it could sum to 1")
        self.assumptions.append(Assumption("one-hot", label, "assumed", axis if axis < 0 else axis - rank))


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


def list_names(names: Iterable[str]) -> str:
    """Return names joined for a sentence: ``a, b and c``."""
    found = list(names)
    return found[0] if len(found) == 1 else ", ".join(found[:-1]) + " and " + found[-1] if found else "none"
