"""What names hold while a text is read: Forms, plain Python constants, and the few kinds of object below."""

from __future__ import annotations

import ast
import itertools
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from symback.core.errors import ReadError
from symback.core.forms import Form, Size
from symback.library.module_symbols import USUAL
from symback.library.values import Library, Listed, Poison
from symback.networks.network import Finding

Slots = dict[str, tuple[tuple[int, ...], "float | None"]]
"""Shapes of parameters, and the number that fills them at the start (None: they are random)."""


def _no_slots(options: Mapping[str, Any]) -> Slots:
    return {}


@dataclass(frozen=True)
class Layer:
    """A layer of ``torch.nn`` with parameters or a state."""

    options: Mapping[str, Any]
    """Options in the order of a call with their defaults; ``...`` where one has to be given."""
    compute: Callable[..., Any]
    """What it computes, from the reader, the object, and one array or the ``arguments``."""
    slots: Callable[[Mapping[str, Any]], Slots] = _no_slots
    symbols: Mapping[str, str] = field(default_factory=lambda: USUAL)
    """What parameters are called on the page, before the number of the layer, or with ``{}`` in its place."""
    state: tuple[str, ...] = ()
    """Slots that are not trained."""
    fixed: tuple[str, ...] = ()
    """Options that have to keep their default."""
    arguments: tuple[str, ...] = ()
    """Arguments of a call where there are several; those left out are None."""


@dataclass(frozen=True)
class Update:
    """An update of a parameter: where it stands, and what it changed."""

    line: int
    key: str
    rate: float | None
    moment: int
    """How many versions of names there were before it."""


@dataclass(frozen=True)
class RowNumber:
    """The number of the row that stands for all rows of a comprehension: ``y[i]`` is then a row of ``y``."""

    length: Size
    rows: dict[Form, Form] = field(default_factory=dict, compare=False)
    """The rows picked by it so far, and what they are rows of."""


@dataclass(eq=False)
class Cell:
    """Memory of an array: what it holds now, and how often it was changed in place."""

    content: Form | Poison
    version: int = 0
    label: str = ""
    """What the text calls it; empty for a helper's own arrays."""
    local: bool = False
    kind: str = ""
    """The kind of numbers it holds, ``f``, ``i`` or ``b``, where its content does not say so."""
    unrecorded: bool = False
    """True where what it holds was computed while no gradients were recorded."""
    suspects: weakref.WeakSet[Cell] = field(default_factory=weakref.WeakSet)
    """Memory of which it is not known whether it is the same."""
    parameter: bool = False
    """True for the memory of an ``nn.Parameter``, whatever it holds and whether it wants gradients."""
    shown_by: weakref.WeakSet[Array] = field(default_factory=weakref.WeakSet)
    """The objects that show it."""
    born: int = field(default_factory=itertools.count().__next__)
    """Its place in the order in which cells were made."""
    in_rows: bool = False
    """True for a constant array that was made as one, row by row in memory."""
    made_of: Form | Poison = field(init=False)
    """What it held first, which says how its entries lie in memory."""

    def __post_init__(self) -> None:
        self.made_of = self.content


@dataclass(eq=False)
class Array:
    """An array object of the text: a cell, seen through nodes that share memory, the one next to the cell first."""

    cell: Cell
    path: tuple[Form, ...] = ()
    shown: tuple[int, Form] | None = None
    """The equation of a view by its own name, and the version of the cell that it belongs to."""
    detached: bool = False
    """True where gradients do not pass it, as of ``x.detach()``, which shows the memory of ``x``."""
    unrecorded: bool = False
    """True for a view that was taken while no gradients were recorded."""
    identity: object = field(default_factory=object)
    """The Python object that it is, under however many names."""
    perhaps: object = None
    """Another object that it may be: a library may answer with its argument itself where nothing has to be done."""

    def __post_init__(self) -> None:
        self.cell.shown_by.add(self)


class Rows(Listed):
    """A list made by walking along data, so that a loop over it that updates parameters is a training loop."""


@dataclass(frozen=True, eq=False)
class Method:
    """``value.name``, waiting to be called."""

    value: Any
    name: str


@dataclass(frozen=True, eq=False)
class Factory:
    """What a ``defaultdict`` calls for a key that it has not, and the function of the text that it stands for."""

    function: Any
    make: Callable[[], Any]

    def __call__(self) -> Any:
        return self.make()


@dataclass(frozen=True, eq=False)
class Applied:
    """A function that a library made, as ``functools.partial(f, 1)``: ``Method(applied, "__call__")`` calls it."""

    run: Callable[[Any, list[Any], dict[str, Any]], Any]
    """What it does, from the reader, arguments and keywords."""
    title: str
    parts: tuple[Any, ...] = ()
    """What it was given beforehand."""


@dataclass(eq=False)
class Optimizer:
    """An optimizer object: its step is an update.

    ``row`` is the name of its row and ``options`` are its hyperparameters; ``row`` is empty where it is not known.
    ``problem`` says what could not be read.
    """

    name: str
    parameters: tuple[Form, ...]
    rate: float | None
    row: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    problem: Finding | None = None
    stepped: bool = False
    loops: int = 0
    """Loops around its step."""


@dataclass(eq=False)
class Scheduler:
    """A schedule of the learning rate: it is in force once its own step is called; None where it is not known."""

    optimizer: Optimizer
    schedule: Any
    problem: Finding | None = None


@dataclass(frozen=True, eq=False)
class RandomSource:
    """A generator of random numbers, as ``np.random.default_rng(0)``."""


@dataclass(frozen=True, eq=False)
class Gradient:
    """``W.grad``: not part of a forward pass."""

    of: str


@dataclass(eq=False)
class Scope:
    """The names of one function call, or of the text itself.

    In an ``open`` scope every assignment becomes an equation or an input; in a closed one (a small helper such as
    ``sigmoid``) assignments only abbreviate, and the call becomes one Form.
    """

    names: dict[str, Any] = field(default_factory=dict)
    parent: Scope | None = None
    open: bool = False
    global_names: set[str] = field(default_factory=set)
    outer_names: set[str] = field(default_factory=set)
    """Names of the function around this one that it says are ``nonlocal``."""
    passing: frozenset[str] = frozenset()
    """Names that only carry a result from one statement to the next (``x = f(x)``): steps, not variables of the page."""
    comprehension: bool = False
    changed: bool = False
    """True where something outside was given a new value from here."""
    bound: frozenset[str] = frozenset()
    """Names that belong to this function because it gives them a value somewhere."""
    own_names: frozenset[str] = frozenset()
    """Names that belong to this function because its text stores them somewhere, bound or not."""
    class_body: bool = False
    """True for the names of a class while its body is followed: functions in it do not see them."""
    without_gradients: int = 0
    """Whether gradients were not recorded when the function began."""

    def find(self, name: str) -> Scope | None:
        """Return the scope that holds ``name``."""
        scope: Scope | None = self
        while scope is not None and name not in scope.names:
            scope = scope.parent
        return scope

    def holder(self, name: str, outermost: Scope) -> Scope | None:
        """Return the scope that holds ``name`` for code in this one: that of the text where it says ``global``."""
        scope: Scope | None = self
        while scope is not None and name not in scope.names:
            if name in scope.global_names:
                return outermost if name in outermost.names else None
            if name in scope.own_names:
                return None
            scope = scope.parent
        return scope

    def unbound(self, name: str) -> Scope | None:
        """Return the scope of the function that ``name`` belongs to where it holds nothing yet; None for other names."""
        scope: Scope | None = self
        while scope is not None and name not in scope.names and name not in scope.global_names:
            if name in scope.own_names:
                return scope
            scope = scope.parent
        return None

    def around(self) -> Scope:
        """Return the scope that functions and comprehensions written here see: the names of a class body are not in it."""
        scope = self
        while scope.class_body and scope.parent is not None:
            scope = scope.parent
        return scope

    def chain(self) -> list[Scope]:
        """Return the scope and those around it, nearest first."""
        found: list[Scope] = []
        scope: Scope | None = self
        while scope is not None:
            found.append(scope)
            scope = scope.parent
        return found


@dataclass(frozen=True, eq=False)
class Helper:
    """A function of the text: a ``def`` or a lambda, with its defaults already read."""

    name: str
    arguments: ast.arguments
    body: list[ast.stmt] | ast.expr
    scope: Scope
    defaults: Mapping[str, Any]
    line: int
    generates: bool = False
    """True where it has a ``yield``."""
    without_gradients: bool | None = None
    """True where ``@torch.no_grad()`` stands above it, False for ``@torch.enable_grad()``, None: as where it is called."""
    cache: Any = None
    """The results that it remembers, where ``functools.lru_cache`` stands above it."""
    own_names: frozenset[str] = frozenset()
    """Names that its text stores somewhere, which are never those of the text around it."""

    @property
    def argument_names(self) -> list[str]:
        """The names of its arguments, in the order of a call; those that only take names come last."""
        return [a.arg for a in (*self.arguments.posonlyargs, *self.arguments.args, *self.arguments.kwonlyargs)]


@dataclass(eq=False)
class Recording:
    """``torch.no_grad()`` or a kin of it: a context or decorator that says whether gradients are recorded.

    ``before`` says what held before, for each time it was entered; with ``at_once`` it switched when it was made.
    """

    records: bool
    before: list[int] = field(default_factory=list)
    at_once: bool = False


@dataclass(frozen=True, eq=False)
class Outside:
    """What a library answers that computes nothing of a network here: a figure, a logger, a data set."""

    path: str
    line: int


class Raised(ReadError):
    """An exception that the text itself raises: its class, by name or as a class of the text, and its object."""

    def __init__(self, message: str, line: int | None, kind: str, value: Any = None, stated: bool = True) -> None:
        super().__init__(message, line)
        self.kind = kind
        self.value = value
        self.stated = stated
        """False where an operation fails, as a division by zero, and no ``raise`` stands there."""


@dataclass(eq=False)
class Definition:
    """A class of the text: methods, plain attributes, and what it is derived from."""

    name: str
    bases: tuple[Any, ...]
    line: int
    methods: dict[str, Helper] = field(default_factory=dict)
    markers: dict[str, str] = field(default_factory=dict)
    """``property``, ``cached_property``, ``staticmethod`` or ``classmethod`` by the name of the method."""
    attributes: dict[str, Any] = field(default_factory=dict)
    members: dict[str, Any] | None = None
    """The members of an enumeration by their names; None for any other class."""
    private: frozenset[str] = frozenset()
    """Names with two leading underscores in its body, which Python keeps apart from those of other classes."""
    ancestry: list[Definition] | None = field(default=None, repr=False)
    """Its lineage, once it was asked for."""

    @property
    def is_module(self) -> bool:
        """True where it is derived from ``nn.Module``."""
        return any(
            b.is_module if isinstance(b, Definition) else isinstance(b, Library) and b.path.endswith("Module")
            for b in self.bases
        )

    def take(self, other: Definition) -> None:
        """Take over the methods and attributes that another reading of the same class found."""
        self.methods, self.markers, self.attributes = other.methods, other.markers, other.attributes
        self.members = other.members

    def lineage(self) -> list[Definition]:
        """Return this class and those of the text it is derived from, in Python's own order of looking names up."""
        if self.ancestry is None:
            stand_ins: dict[type, Definition] = {}
            self.ancestry = [stand_ins[c] for c in self._stand_in({}, stand_ins).__mro__ if c in stand_ins]
        return self.ancestry

    def having(self, name: str) -> Definition | None:
        """Return the first class of the lineage that defines a name: it decides what the name is."""
        return next((d for d in self.lineage() if name in d.methods or name in d.attributes), None)

    def _stand_in(self, made: dict[Definition, type], stand_ins: dict[type, Definition]) -> type:
        """Return an empty class with the bases of this one, so that Python itself orders them."""
        if self not in made:
            bases = [b._stand_in(made, stand_ins) for b in self.bases if isinstance(b, Definition)]
            try:
                made[self] = type("", tuple(bases), {})
            except TypeError as error:
                raise ReadError(f"the class {self.name} cannot be derived from its bases: {error}", self.line) from None
            stand_ins[made[self]] = self
        return made[self]


@dataclass(eq=False)
class Instance:
    """An object with attributes: of a class of the text, or a layer of ``torch.nn``, whose class is its ``kind``."""

    kind: str
    definition: Definition | None = None
    attributes: dict[str, Any] = field(default_factory=dict)
    training: bool = True
    label: str = ""
    """The name it was first given."""
    names: dict[str, str] = field(default_factory=dict)
    """What its parameters are called on the page, once it was called."""
    layer: Layer | None = None
    """How it is called and what it computes, for a layer of ``torch.nn``."""
    buffers: dict[str, bool] = field(default_factory=dict)
    """The attributes that are its buffers, and whether its state holds them."""


@dataclass(frozen=True, eq=False)
class Ancestor:
    """``super()``: the methods of an object, or of a class, from the classes after ``definition`` on."""

    instance: Instance | Definition
    definition: Definition


@dataclass(frozen=True)
class Bound:
    """A method of a class of the text with its object (None for a static one); equal where object and function are the same."""

    instance: Any
    helper: Helper
    definition: Definition


@dataclass(frozen=True, eq=False)
class Returned:
    """The signal of a ``return`` statement."""

    value: Any
    name: str | None = None


@dataclass(frozen=True, eq=False)
class Leave:
    """The signal of ``break`` or ``continue``."""

    loop: bool
