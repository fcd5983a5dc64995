"""What the meaning of a library function asks of whoever calls it: the contract of this floor.

The reader, which follows a text, and the tracer, which follows a run, are such callers. What a function makes it makes
through its caller, so that arrays get the names, the lines and the memory of the place where they are made.
"""

from __future__ import annotations

from typing import Any, Protocol

from symback.core.forms import Form, Name, Requirement, Shape
from symback.library.values import Binding


class Caller(Protocol):
    """Whoever calls a function of a library: how its values become Forms or numbers, and what is remembered of the call."""

    line: int
    """The line of the call."""
    trying: int
    """How many blocks around the call catch what it raises."""
    bindings: dict[str, Binding]
    """Every version of a name, by the key that Forms have it under."""
    kinds: dict[Form, str]
    """The kinds of numbers, ``f``, ``i`` or ``b``, of formulas that have been asked for."""
    requirements: list[tuple[Form, tuple[Requirement, ...]]]
    """What functions require of values: the formula of the call, and where the values must lie."""
    logits: list[tuple[int, Form, str]]
    """What losses took as logits, with the line and the loss."""
    clamped: list[Any]
    """Calls of losses that clamp; see ``symback.library.clamping``."""

    @property
    def bits(self) -> int:
        """How many bits a whole number has where the library chooses."""

    def form(self, value: Any) -> Form:
        """Return ``value`` as a Form; lists of numbers become arrays."""

    def made(self, form: Form) -> Form:
        """Return ``form`` after checking that it is not absurdly large when written out."""

    def constant(self, value: Any, data: bool = True) -> Any:
        """Return the plain number, or other constant, that ``value`` is known to be, else None."""

    def integer(self, value: Any, what: str) -> int:
        """Return a whole number that the code fixes."""

    def fix(self, value: Any, what: str) -> None:
        """Note that a value is taken as a plain number: no gradient reaches what it is computed from by this way."""

    def known(self, form: Form) -> Any:
        """Return the value of a Form over leaves whose values are known, else None."""

    def is_array(self, value: Any) -> bool:
        """Return whether a value has a Form: an array, or a number that is computed."""

    def is_literal(self, form: Form) -> bool:
        """Return whether the Form holds no named array."""

    def is_torch(self, form: Form) -> bool:
        """Return whether an array comes from PyTorch."""

    def shape_value(self, form: Form) -> tuple[Any, ...]:
        """Return a shape as the code sees it: counts, or symbolic sizes as Forms."""

    def count_value(self, form: Form) -> Any:
        """Return the number of elements as the code sees it."""

    def sized(self, value: Any, length: int) -> None:
        """Remember by which value an axis of a new array got its length."""

    def items_of(self, value: Any) -> Any:
        """Return what a loop runs over as a sequence."""

    def literal(self, array: Any, *, shape: Shape | None = None, **more: Any) -> Name:
        """Make an array that stands inside a formula without a name."""

    def equation(self, name: str, form: Form, *, local: bool = False, **more: Any) -> Name:
        """Make a new version of ``name`` with an equation."""

    def detached(self, form: Form) -> Form:
        """Return a copy of ``form`` that gradients do not pass."""

    def retagged(self, form: Form, torch: bool) -> Form:
        """Return an array as one of the other library."""

    def want_gradient(self, leaf: Name, wanted: bool) -> None:
        """Do ``x.requires_grad_(wanted)``."""
