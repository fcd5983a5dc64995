"""What is handed to functions of libraries and comes back, beside Forms and Python's own values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from symback.core.errors import SymbackError
from symback.core.forms import Form, Shape, Size, number, one_hot, reduce_over


class Exact(float):
    """A float with an exact spelling: ``form`` is what stands on the page in its place."""

    form: Form

    def __new__(cls, value: float, form: Form) -> Exact:
        """Make the float ``value`` with its spelling."""
        made = super().__new__(cls, value)
        made.form = form
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return Exact, (float(self), self.form)


def formula_of(value: Any) -> Form:
    """Return a plain number as it is written in a formula."""
    return value.form if isinstance(value, Exact) else number(value)


class Record(tuple[Any, ...]):
    """An object of a ``namedtuple``: a tuple whose places have names."""

    _fields: tuple[str, ...]
    title: str

    @classmethod
    def of(cls, title: str, fields: tuple[str, ...], values: Any) -> Record:
        """Make a record of the type ``title``."""
        made = cls(values)
        made._fields, made.title = fields, title
        return made


class Count(int):
    """A length the code asked for (``X.shape[0]``): a number in formulas, never an input of the network."""


@dataclass(frozen=True)
class Counting:
    """``range(n)`` or ``np.arange(n)`` for a size ``n`` without a value."""

    length: Size


@dataclass(frozen=True, eq=False)
class Poison:
    """What a name holds after a statement that was not understood; reading it raises ``error``."""

    error: SymbackError
    near: tuple[Any, ...] = ()
    """Objects that the statement read: what it made may be a view of one of them."""


class Listed(list[Any]):
    """A Python list of the text.

    A list of numbers stands on the page as one array, its ``origin``, as long as nothing in it is changed; its items are
    then the entries of that array, or lists of the same kind for its rows.
    """

    origin: Form | None = None
    made_of: tuple[Any, ...] = ()

    @property
    def form(self) -> Form | None:
        """The array it stands for, where it is as it was when it was named."""
        if self.origin is None or len(self) != len(self.made_of):
            return None
        same = all(a is b for a, b in zip(self, self.made_of, strict=True))
        return self.origin if same and all(r.form is not None for r in self if isinstance(r, Listed)) else None

    def stands_for(self, origin: Form, entry: Callable[[Form, int], Form]) -> None:
        """Make the items the entries of an array; ``entry`` takes one out of its first axis."""
        for k, item in enumerate(self):
            part = entry(origin, k)
            if isinstance(item, Listed) and part.shape:
                item.stands_for(part, entry)
            else:
                self[k] = part
        self.origin, self.made_of = origin, tuple(self)


def listed(value: Any) -> Any:
    """Return lists, also those inside others, as lists of the text."""
    if type(value) is list:
        return Listed(listed(v) for v in value)
    if type(value) is tuple:
        return tuple(listed(v) for v in value)
    return value


@dataclass(frozen=True, eq=False)
class Library:
    """A module, function or type of NumPy, PyTorch or math, by its full dotted path."""

    path: str


@dataclass(frozen=True, eq=False)
class ArrayType(Library):
    """The type of an array's numbers, as ``x.dtype``: how many bits it has is not followed."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """A function with arguments given beforehand, as ``nn.MSELoss(reduction="sum")``; ``kind`` is its class in ``torch.nn``."""

    path: str
    keywords: Mapping[str, Any]
    kind: str
    inplace: bool = False
    """True where it changes the array that it is called with."""


@dataclass(eq=False)
class Binding:
    """One version of a name: a leaf (``form`` is None) or an equation.

    ``key`` names it inside Forms while the text is read (``z#2``); readable names are given when the slice is known.
    ``leaves`` are the keys of all leaves it depends on.
    """

    key: str
    base: str
    shape: Shape
    line: int | None
    form: Form | None = None
    leaves: frozenset[str] = frozenset()
    value: Any = None
    """The number or array of a leaf, or None where it is not known."""
    anonymous: bool = False
    """A literal that stands inside a formula and has no name of its own."""
    listed: bool = False
    """True for what a Python list of numbers stands for on the page."""
    trainable: bool = False
    """True where the code says ``requires_grad=True`` or ``nn.Parameter``."""
    after: bool = False
    """True for what is computed from an updated parameter: not part of the forward pass."""
    updates: str | None = None
    """For a parameter after its update: the key of the version before it."""
    renewal: Form | None = None
    """What an input that was changed in place is of the input before the change: its equation where a loss needs both."""
    detached: bool = False
    """True for a copy that gradients do not pass (``detach``, ``item``)."""
    copy: bool = False
    """True for a copy of another version, which is written as that version."""
    without_gradients: bool = False
    """True for what is computed under ``torch.no_grad()``."""
    torch: bool = False
    uncertain: bool = False
    """True for an open array of which it is not known whether it is NumPy's or PyTorch's."""
    random: bool = False
    """True for a literal that was drawn at random."""
    classes: int | None = None
    """For data with a one in each row and zeros else: the axis of the classes, counted from the last as -1."""
    local: bool = False
    """True where the name belongs to a function of the text."""
    offered: bool = False
    """True for a result of a layer that has the layer's own name, which gives way to the name the text gives it."""
    passing: bool = False
    """True for a step on the way of a name that is assigned again and again, as ``x`` in a forward method."""


@dataclass(frozen=True, eq=False)
class RowPick:
    """The index ``[np.arange(n), y]``: one entry of every row, by its class."""

    index: Form

    def taken(self, form: Form) -> Form:
        """Return the entries picked out of a matrix."""
        return reduce_over("sum", one_hot(self.index, form.shape[1]) * form, 1)
