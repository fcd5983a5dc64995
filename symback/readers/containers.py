"""Lists and dictionaries of a text: their methods, those that change them included.

A container is the Python object itself, shared by all its names as in the text, and what it holds are Forms, numbers and
objects. A change that cannot be followed raises ReadError; the caller then gives the container up as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from symback.core.errors import ReadError
from symback.core.forms import Form
from symback.readers.asking import Reader
from symback.readers.limits import LARGEST_LIST

CHANGES = frozenset(
    (
        "append",
        "extend",
        "insert",
        "remove",
        "pop",
        "clear",
        "sort",
        "reverse",
        "update",
        "popitem",
        "setdefault",
        "add",
        "discard",
        "appendleft",
        "extendleft",
        "popleft",
        "rotate",
        "move_to_end",
        "intersection_update",
        "difference_update",
        "symmetric_difference_update",
        "__setitem__",
        "__delitem__",
    )
)
"""Methods that change a list, a dictionary, a set or a queue."""


def call(
    reader: Reader, held: list[Any] | dict[Any, Any], name: str, args: Sequence[Any], keywords: Mapping[str, Any]
) -> Any:
    """Return the result of a method of a list or a dictionary, and change it as the method does.

    Raises ReadError for a method, or a use of one, that cannot be followed.
    """
    try:
        result = (
            _of_dict(reader, held, name, args, keywords)
            if isinstance(held, dict)
            else _of_list(reader, held, name, args, keywords)
        )
    except (IndexError, KeyError, TypeError, ValueError) as problem:
        raise ReadError(f"the method {name} fails here: {problem}", reader.line) from None
    if len(held) > LARGEST_LIST:
        raise ReadError(f"a {type(held).__name__} of more than {LARGEST_LIST} entries is too long", reader.line)
    return result


def _of_list(reader: Reader, held: list[Any], name: str, args: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    if name == "append" and len(args) == 1:
        held.append(args[0])
    elif name == "extend" and len(args) == 1:
        held.extend(reader.items_of(args[0]))
    elif name == "insert" and len(args) == 2:
        held.insert(reader.integer(args[0], "a place in a list"), args[1])
    elif name == "pop" and len(args) < 2:
        return held.pop(reader.integer(args[0], "a place in a list") if args else -1)
    elif name == "reverse" and not args:
        held.reverse()
    elif name == "clear" and not args:
        held.clear()
    elif name == "copy" and not args:
        return list(held)
    elif name in ("remove", "index", "count") and len(args) == 1 and _plain(args[0]) and all(map(_plain, held)):
        return getattr(held, name)(args[0])
    elif name == "sort" and not args and set(keywords) <= {"reverse"} and all(map(_plain, held)):
        held.sort(reverse=bool(keywords.get("reverse", False)))
    elif name == "__setitem__" and len(args) == 2:
        held[reader.integer(args[0], "a place in a list")] = args[1]
    elif name == "__delitem__" and len(args) == 1:
        del held[args[0] if isinstance(args[0], slice) else reader.integer(args[0], "a place in a list")]
    else:
        raise ReadError(f"the method {name} of a list cannot be read here", reader.line)
    return None


def _of_dict(reader: Reader, held: dict[Any, Any], name: str, args: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    if name == "items" and not args:
        return list(held.items())
    if name in ("keys", "values") and not args:
        return list(getattr(held, name)())
    if name == "copy" and not args:
        return dict(held)
    if name == "clear" and not args:
        return held.clear()
    if name == "popitem" and not args:
        return held.popitem()
    if name == "update" and len(args) < 2:
        given = args[0] if args else {}
        held.update(
            given
            if isinstance(given, dict)
            else [(_key(reader, k), v) for k, v in map(reader.items_of, reader.items_of(given))]
        )
        return held.update(keywords)
    if (name in ("get", "pop", "setdefault") and 0 < len(args) < 3) or name in ("__setitem__", "__delitem__"):
        return getattr(held, name)(_key(reader, args[0]), *args[1:])
    raise ReadError(f"the method {name} of a dictionary cannot be read here", reader.line)


def _key(reader: Reader, value: Any) -> Any:
    """Return the key of an entry; raises ReadError where it is not known from the code."""
    key = reader.constant(value)
    if not isinstance(key, (str, int, tuple)) or (
        isinstance(key, tuple) and not all(isinstance(k, (str, int)) for k in key)
    ):
        raise ReadError("a dictionary needs keys that are known from the code", reader.line)
    return key


def _plain(value: Any) -> bool:
    return isinstance(value, (bool, int, float, str)) and not isinstance(value, Form)


__all__ = ["CHANGES", "call"]
