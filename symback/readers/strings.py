"""Strings of a text: how values are written, formats, and the methods of strings, as CPython has them."""

from __future__ import annotations

import builtins
import re
import string
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from symback.core.errors import ReadError, nearest
from symback.library.limits import LARGEST_TEXT
from symback.library.values import Library, Poison, Record
from symback.readers.asking import Reader
from symback.readers.iterators import Iterated
from symback.readers.plain_values import (
    VIEWS,
    PythonError,
    Queue,
    as_python,
    check_length,
    check_nest,
    check_text,
    in_order,
    is_plain,
    is_real,
    listed,
    no_attribute,
    python_number,
    resolved,
    type_name,
    whole,
)

# --- how values are written -------------------------------------------------------------------------------------------


def spelled(value: Any, line: int | None) -> str:
    """Return ``repr(value)``; raises ReadError for what is no plain value, or holds something that is none."""
    check_nest(value, line)
    text = _repr(value, line)
    check_text(len(text), line)
    return text


def text_of(value: Any, line: int | None) -> str:
    """Return ``str(value)``; raises ReadError for what is no plain value."""
    return value if isinstance(value, str) else spelled(value, line)


def _repr(value: Any, line: int | None) -> str:
    value = python_number(value)
    if value is None or isinstance(value, (int, float, str, range, type(...))):
        return int.__repr__(value) if isinstance(value, int) and not isinstance(value, bool) else repr(value)
    if isinstance(value, Poison):
        raise value.error
    if isinstance(value, Library) and value.path.startswith("builtins."):
        label = value.path.removeprefix("builtins.")
        if isinstance(getattr(builtins, label, None), type):
            return f"<class '{label}'>"
    if isinstance(value, (Iterated, defaultdict)) or not is_plain(value):
        raise ReadError(f"how an object such as this ({type_name(value)}) is written out cannot be known here", line)
    for kind, write in _WRITERS:
        if isinstance(value, kind):
            return write(value, line)
    raise ReadError(f"how a {type_name(value)} is written out cannot be known here", line)


def _items(values: Any, line: int | None) -> str:
    return ", ".join(_repr(v, line) for v in values)


def _pairs(value: Mapping[Any, Any], line: int | None) -> str:
    return ", ".join(f"{_repr(k, line)}: {_repr(v, line)}" for k, v in value.items())


def _write_record(value: Record, line: int | None) -> str:
    inner = ", ".join(f"{k}={_repr(v, line)}" for k, v in zip(value._fields, value, strict=True))
    return f"{value.title}({inner})"


def _write_queue(value: Queue, line: int | None) -> str:
    limit = "" if value.longest is None else f", maxlen={value.longest}"
    return f"deque([{_items(value, line)}]{limit})"


def _write_counter(value: Counter[Any], line: int | None) -> str:
    if not value:
        return "Counter()"
    with as_python(line):
        return f"Counter({{{_pairs(dict(value.most_common()), line)}}})"


def _write_ordered(value: OrderedDict[Any, Any], line: int | None) -> str:
    inner = ", ".join(f"({_repr(k, line)}, {_repr(v, line)})" for k, v in value.items())
    return f"OrderedDict([{inner}])" if value else "OrderedDict()"


def _write_tuple(value: tuple[Any, ...], line: int | None) -> str:
    return f"({_items(value, line)}{',' if len(value) == 1 else ''})"


def _write_set(value: set[Any] | frozenset[Any], line: int | None) -> str:
    label = type_name(value)
    if not value:
        return f"{label}()"
    inner = _items(in_order(value, line), line)
    return f"{{{inner}}}" if label == "set" else f"frozenset({{{inner}}})"


_WRITERS: tuple[tuple[Any, Callable[[Any, int | None], str]], ...] = (
    (Record, _write_record),
    (Queue, _write_queue),
    (Counter, _write_counter),
    (OrderedDict, _write_ordered),
    (list, lambda v, line: f"[{_items(v, line)}]"),
    (tuple, _write_tuple),
    (dict, lambda v, line: f"{{{_pairs(v, line)}}}"),
    ((set, frozenset), _write_set),
    (VIEWS, lambda v, line: f"{type_name(v)}([{_items(v, line)}])"),
    (slice, lambda v, line: f"slice({_items((v.start, v.stop, v.step), line)})"),
)


# --- formats ----------------------------------------------------------------------------------------------------------

_NUMBERS_IN_SPEC = re.compile(r"\d+")


def _check_spec(spec: str, line: int | None) -> None:
    if len(spec) > 1000:
        raise ReadError("this format is too long", line)
    for digits in _NUMBERS_IN_SPEC.findall(spec):
        check_text(int(digits[:12]), line)


def formatted(value: Any, conversion: str, spec: str, line: int | None) -> str:
    """Return a value as ``{value!conversion:spec}`` writes it."""
    _check_spec(spec, line)
    value = python_number(value)
    if conversion == "a":
        value = ascii(spelled(value, line)) if not isinstance(value, str) else ascii(value)
    elif conversion:
        value = spelled(value, line) if conversion == "r" else text_of(value, line)
    if isinstance(value, (str, int, float)):
        plain = int(value) if isinstance(value, int) and not isinstance(value, bool) else value
        with as_python(line):
            text = format(plain, spec)
    elif spec:
        if not is_plain(value):
            raise ReadError("an array or an object with a format is not written out here", line)
        raise PythonError(TypeError, f"unsupported format string passed to {type_name(value)}.__format__", line)
    else:
        text = text_of(value, line)
    check_text(len(text), line)
    return text


_PERCENT = re.compile(r"%(?:\((?P<key>[^)]*)\))?(?P<flags>[-#0 +]*)(?P<width>\*|\d+)?(?:\.(?P<digits>\*|\d+)?)?.", re.S)


def percent(template: str, values: Any, line: int | None) -> str:
    """Return ``template % values``."""
    for match in _PERCENT.finditer(template):
        if "*" in (match["width"], match["digits"]):
            raise ReadError("a width or precision * in a format is not followed; write it in the format", line)
        for digits in (match["width"], match["digits"]):
            check_text(int((digits or "0")[:12]), line)
    check_text(len(template), line)
    given = tuple(_written(v, line) for v in values) if isinstance(values, tuple) else _written(values, line)
    with as_python(line):
        text = template % given
    check_text(len(text), line)
    return text


class _Written:
    """A value that is not a number or a string, in both spellings that a format may ask for."""

    def __init__(self, value: Any, line: int | None) -> None:
        self.value, self.line = value, line

    def __str__(self) -> str:
        return text_of(self.value, self.line)

    def __repr__(self) -> str:
        return spelled(self.value, self.line)


def _written(value: Any, line: int | None) -> Any:
    value = python_number(value)
    if isinstance(value, (str, int, float)):
        return int(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return (_WrittenMapping if isinstance(value, (dict, list, range)) else _Written)(value, line)


class _WrittenMapping(_Written):
    """A dictionary or a list in a format: it may be left over, as Python allows."""

    def __getitem__(self, key: Any) -> Any:
        return _written(self.value[key], self.line)


def braces(template: str, args: Sequence[Any], keywords: Mapping[str, Any], line: int | None) -> str:
    """Return ``template.format(*args, **keywords)``."""
    numbered: list[int] = [0]

    def fill(text: str, depth: int) -> str:
        if depth > 2:
            raise PythonError(ValueError, "Max string recursion exceeded", line)
        out: list[str] = []
        size = 0
        with as_python(line):
            pieces = list(string.Formatter().parse(text))
        for literal, field, spec, conversion in pieces:
            out.append(literal)
            if field is not None:
                value = _field(field, numbered, args, keywords, line)
                out.append(formatted(value, conversion or "", fill(spec or "", depth + 1), line))
            size += sum(map(len, out[-2:]))
            check_text(size, line)
        return "".join(out)

    return fill(template, 1)


def _field(field: str, numbered: list[int], args: Sequence[Any], keywords: Mapping[str, Any], line: int | None) -> Any:
    match = re.fullmatch(r"([^.\[\]]*)((?:\[[^\]]+\])*)", field)
    if match is None:
        raise ReadError(f"the field {field!r} of a format is not followed; give the value itself", line)
    label, rest = match.groups()
    with as_python(line):
        if label == "" or label.isdigit():
            if (label == "") != (numbered[0] >= 0) and numbered[0] != 0:
                raise ValueError("cannot switch between automatic field numbering and manual field specification")
            at = numbered[0] if label == "" else int(label[:9])
            numbered[0] = numbered[0] + 1 if label == "" else -1
            if at >= len(args):
                raise IndexError(f"Replacement index {at} out of range for positional args tuple")
            value = args[at]
        else:
            value = keywords[label]
        for key in re.findall(r"\[([^\]]+)\]", rest):
            if not isinstance(value, (list, tuple, dict, str)) or isinstance(value, defaultdict):
                raise ReadError(f"the field {field!r} of a format is not followed; give the value itself", line)
            value = value[int(key) if key.isdigit() else key]
    return value


# --- methods ----------------------------------------------------------------------------------------------------------

_TESTS = [
    "isalnum",
    "isalpha",
    "isascii",
    "isdecimal",
    "isdigit",
    "isidentifier",
    "islower",
    "isnumeric",
    "isprintable",
    "isspace",
    "istitle",
    "isupper",
]
_CASES = ["capitalize", "casefold", "lower", "swapcase", "title", "upper"]
_PARTS = {
    "strip": 1,
    "lstrip": 1,
    "rstrip": 1,
    "find": 3,
    "rfind": 3,
    "index": 3,
    "rindex": 3,
    "count": 3,
    "startswith": 3,
    "endswith": 3,
    "partition": 1,
    "rpartition": 1,
    "removeprefix": 1,
    "removesuffix": 1,
}
"""Methods whose arguments are strings and places, with how many there may be."""
_PADDED = {"center": 2, "ljust": 2, "rjust": 2, "zfill": 1}


def method(reader: Reader, held: str, name: str, args: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    """Return the result of a method of a string; raises ReadError for one that is not followed."""
    line = reader.line
    if name == "format":
        return braces(
            held, [resolved(reader, a) for a in args], {k: resolved(reader, v) for k, v in keywords.items()}, line
        )
    plain = [resolved(reader, a) for a in args]
    named = {k: resolved(reader, v) for k, v in keywords.items()}
    special = _METHODS.get(name)
    if special is not None:
        with as_python(line):
            return special(reader, held, plain, named)
    if name in _TESTS or name in _CASES or name in _PARTS:
        longest = _PARTS.get(name, 0)
        if named or len(plain) > longest:
            raise PythonError(TypeError, f"str.{name}() takes at most {longest} arguments, and none by name", line)
        _check_arguments(name, plain, line)
        check_text(len(held) * 3, line)
        with as_python(line):
            return getattr(held, name)(*plain)
    if name in REFUSED:
        raise ReadError(f"the method {name} of a string is not followed: {REFUSED[name]}", line)
    raise no_attribute(held, name, line, nearest(name, METHODS))


def _check_arguments(name: str, args: Sequence[Any], line: int | None) -> None:
    for value in args:
        if not (value is None or isinstance(value, (str, int, tuple)) or is_real(value)):
            if is_plain(value):
                raise PythonError(TypeError, f"str.{name}() does not take a {type_name(value)}", line)
            raise ReadError(f"an argument of the method {name} has to be known from the code", line)


def _join(reader: Reader, held: str, args: Sequence[Any], keywords: Mapping[str, Any]) -> str:
    if len(args) != 1 or keywords:
        raise PythonError(TypeError, f"str.join() takes exactly one argument ({len(args)} given)", reader.line)
    parts = [resolved(reader, p) for p in listed(reader, args[0])]
    for k, part in enumerate(parts):
        if not isinstance(part, str):
            if not is_plain(part):
                raise ReadError("join needs texts that are known from the code", reader.line)
            message = f"sequence item {k}: expected str instance, {type_name(part)} found"
            raise PythonError(TypeError, message, reader.line)
    check_text(sum(map(len, parts)) + len(held) * max(len(parts) - 1, 0), reader.line)
    return held.join(parts)


def _replace(reader: Reader, held: str, args: Sequence[Any], keywords: Mapping[str, Any]) -> str:
    if keywords or not 2 <= len(args) <= 3 or not all(isinstance(a, str) for a in args[:2]):
        raise PythonError(TypeError, "str.replace() takes two texts and a count", reader.line)
    count = held.count(args[0])
    times = whole(reader, args[2], "count") if len(args) == 3 else -1
    found = count if times < 0 else min(count, times)
    check_text(len(held) + max(found, 0) * max(len(args[1]) - len(args[0]), 0), reader.line)
    return held.replace(args[0], args[1], times)


def _split(name: str) -> Callable[..., list[str]]:
    def call(reader: Reader, held: str, args: Sequence[Any], keywords: Mapping[str, Any]) -> list[str]:
        _check_arguments(name, [*args, *keywords.values()], reader.line)
        check_length(len(held) if len(held) < 1000 else 0, reader.line)
        found: list[str] = getattr(held, name)(*args, **keywords)
        check_length(len(found), reader.line)
        check_text(len(held), reader.line)
        return found

    return call


def _pad(name: str) -> Callable[..., str]:
    def call(reader: Reader, held: str, args: Sequence[Any], keywords: Mapping[str, Any]) -> str:
        if args and isinstance(args[0], int):
            check_text(args[0], reader.line)
        if keywords or len(args) > _PADDED[name]:
            raise PythonError(TypeError, f"str.{name}() takes at most {_PADDED[name]} arguments", reader.line)
        _check_arguments(name, args, reader.line)
        return str(getattr(held, name)(*args))

    return call


def _expandtabs(reader: Reader, held: str, args: Sequence[Any], keywords: Mapping[str, Any]) -> str:
    given = [*args, *keywords.values()]
    width = given[0] if given else 8
    if isinstance(width, int):
        check_text(len(held) + held.count("\t") * max(min(width, LARGEST_TEXT + 1), 0), reader.line)
    return held.expandtabs(*args, **keywords)


def _format_map(reader: Reader, held: str, args: Sequence[Any], keywords: Mapping[str, Any]) -> str:
    if len(args) != 1 or keywords or not isinstance(args[0], dict):
        raise ReadError("format_map is read for a dictionary", reader.line)
    return braces(held, [], {k: resolved(reader, v) for k, v in args[0].items() if isinstance(k, str)}, reader.line)


def _translate(reader: Reader, held: str, args: Sequence[Any], keywords: Mapping[str, Any]) -> str:
    table = args[0] if len(args) == 1 and not keywords else None
    if not isinstance(table, dict) or isinstance(table, defaultdict):
        raise ReadError("translate is read for a table made by str.maketrans", reader.line)
    longest = max((len(v) for v in table.values() if isinstance(v, str)), default=1)
    check_text(len(held) * max(longest, 1), reader.line)
    return held.translate(table)


_METHODS: dict[str, Callable[[Reader, str, Sequence[Any], Mapping[str, Any]], Any]] = {
    "join": _join,
    "replace": _replace,
    "split": _split("split"),
    "rsplit": _split("rsplit"),
    "splitlines": _split("splitlines"),
    "expandtabs": _expandtabs,
    "format_map": _format_map,
    "translate": _translate,
    **{name: _pad(name) for name in _PADDED},
}

REFUSED = {"encode": "bytes are not read", "maketrans": "write str.maketrans(...)"}
METHODS = frozenset({*_METHODS, *_TESTS, *_CASES, *_PARTS, "format"})
"""The methods of strings that are followed."""


def maketrans(reader: Reader, *args: Any) -> dict[int, Any]:
    """Return ``str.maketrans(...)``."""
    plain = [resolved(reader, a) for a in args]
    with as_python(reader.line):
        return str.maketrans(*plain)
