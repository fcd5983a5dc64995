"""Functions of the text that remember their results: ``functools.lru_cache`` and ``functools.cache``."""

from __future__ import annotations

import ast
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from symback.core.errors import ReadError, SymbackError
from symback.readers.asking import Reader
from symback.readers.plain_values import PythonError, check_key, python_number, resolved
from symback.readers.values import Array, Helper, Instance, Returned, Scope

PATHS = ("functools.lru_cache", "functools.cache")


class Memory(OrderedDict[Any, Returned]):
    """The results that a function remembers, at most ``longest`` of them."""

    longest: int | None = 128
    broken: SymbackError | None = None
    """Why it is not known which results it holds."""


def longest_of(reader: Reader, node: ast.expr, path: str, scope: Scope) -> Any:
    """Return how many results a decorator lets a function remember; None for all."""
    longest: Any = None if path == "functools.cache" else 128
    if isinstance(node, ast.Call):
        given = [(None, a) for a in node.args] + [(k.arg, k.value) for k in node.keywords]
        for name, value in given:
            if name not in (None, "maxsize") or len(given) > 1:
                raise ReadError(f"{path} is read with maxsize alone", reader.line)
            longest = resolved(reader, reader.value(value, scope))
    return longest


def remembering(reader: Reader, made: Any, longest: Any) -> Helper:
    """Return a function of the text that remembers its results."""
    if not isinstance(made, Helper) or made.cache is not None:
        raise ReadError("what is remembered here is no function of the text", reader.line)
    if longest is not None and not isinstance(longest, int):
        raise PythonError(TypeError, "Expected first argument to be an integer, a callable, or None", reader.line)
    memory = Memory()
    memory.longest = None if longest is None else max(int(longest), 0)
    return replace(made, cache=memory)


def recalled(
    reader: Reader, helper: Helper, args: Sequence[Any], keywords: Mapping[str, Any], follow: Callable[[], Returned]
) -> Returned:
    """Return the result of a call: what the function remembers, else what its code gives."""
    memory: Memory = helper.cache
    if memory.broken is not None:
        raise memory.broken
    key = _key(reader, helper, args, keywords)
    if key in memory:
        memory.move_to_end(key)
        return memory[key]
    if reader.rows_alone or reader.journal is not None:
        raise ReadError(f"{helper.name} remembers results, and whether it is called here is not known", reader.line)
    returned = follow()
    held = reader.held(returned.value)
    if memory.longest != 0:
        memory[key] = Returned(held, returned.name)
        if memory.longest is not None and len(memory) > memory.longest:
            memory.popitem(last=False)
    return Returned(held, returned.name)


def _key(reader: Reader, helper: Helper, args: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    """Return what Python itself tells calls apart by."""
    parts = [*args, *(v for pair in keywords.items() for v in pair)]
    plain = [_hashable(reader, helper, v) for v in parts]
    if len(plain) == 1 and not keywords and type(plain[0]) in (int, str):
        return ("one", plain[0])
    return (len(args), tuple(plain))


def _hashable(reader: Reader, helper: Helper, value: Any) -> Any:
    found = value if isinstance(value, Instance) else python_number(resolved(reader, value))
    if reader.is_array(found) or isinstance(found, Array):
        raise ReadError(
            f"{helper.name} remembers results by its arguments; an array or a number of the network is none of them",
            reader.line,
        )
    if isinstance(found, float) and found != found:
        raise ReadError("nan is no argument by which a result is remembered", reader.line)
    checked = check_key(found, reader.line)
    return int(checked) if isinstance(checked, int) and not isinstance(checked, bool) else checked
