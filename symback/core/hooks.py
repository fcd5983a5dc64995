"""Hooks: what a lower floor needs from a higher one is handed down, never imported.

The floor that needs a function declares a hook and calls it; the module above that knows fills it. A hook that is called
while it is still empty is filled by importing the module that the door's table names for it, so that every file works
when it is imported alone, and nothing is loaded before it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Generic, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_homes: dict[str, str] = {}


def provide(homes: Mapping[str, str]) -> None:
    """Take the door's table: the name of a hook and the module that fills it."""
    _homes.update(homes)


class Hook(Generic[P, R]):
    """A function that a lower floor calls and a higher floor provides.

    >>> double: Hook[[int], int] = Hook("double")
    >>> @double.plug
    ... def twice(x: int) -> int:
    ...     return 2 * x
    >>> double(4)
    8

    Raises LookupError where no module fills it.
    """

    __slots__ = ("_filled", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self._filled: Callable[P, R] | None = None

    def __repr__(self) -> str:
        return f"<hook {self.name}>"

    def plug(self, function: Callable[P, R]) -> Callable[P, R]:
        """Fill the hook with ``function`` and return it, so that it serves as a decorator."""
        self._filled = function
        return function

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        if self._filled is None:
            return self._fetched()(*args, **kwargs)
        return self._filled(*args, **kwargs)

    def _fetched(self) -> Callable[P, R]:
        home = _homes.get(self.name)
        if home is None:
            raise LookupError(f"no module is named that fills the hook {self.name!r}")
        import_module(home)
        filled: Any = self._filled
        if filled is None:
            raise LookupError(f"{home} does not fill the hook {self.name!r}")
        return filled  # type: ignore[no-any-return]
