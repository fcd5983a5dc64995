"""The signatures of library functions, and the binding of calls to them: a call means what its library takes it for.

``data/signatures.txt`` lists NumPy, PyTorch, SciPy's special functions and ``math``, made by the recipe in
``tests/support/signature_recipe.py``; ``pytest tests/readers/test_signatures.py --update`` writes it anew. PyTorch's built-in
functions have several forms and take the first whose types fit, as PyTorch itself does.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from symback.core.errors import ReadError, nearest
from symback.core.forms import Form, Name, Number, SizeOf, names_in, walk
from symback.library.contract import Caller
from symback.library.paths import written
from symback.library.plain_numbers import PLAIN
from symback.library.values import Library, Poison

UNSAID = type("Unsaid", (), {"__repr__": lambda self: "left out"})()
"""The default of a parameter that a library does not state as a value."""

REQUIRED = ...
"""The default of a parameter that has to be given."""


@dataclass(frozen=True)
class Parameter:
    """One parameter: its ``kind`` is "positional", "either", "keyword", "many" (``*shape``) or "options" (``**kwargs``)."""

    name: str
    kind: str
    default: Any = REQUIRED
    type: str = ""


@dataclass(frozen=True)
class Signature:
    """One form of a function; ``typed`` where PyTorch's own parser reads the call."""

    parameters: tuple[Parameter, ...]
    typed: bool = False

    def __str__(self) -> str:
        shown = [p.name if p.default is REQUIRED else f"{p.name}={p.default!r}" for p in self.parameters]
        return f"({', '.join(shown)})"


@dataclass(frozen=True)
class Call:
    """A call bound to the signature of what it calls; ``given`` has what the call says, by the library's own names."""

    path: str
    signature: Signature
    given: Mapping[str, Any] = field(default_factory=dict)

    @property
    def torch(self) -> bool:
        """True where PyTorch is called."""
        return self.path.startswith("torch")

    @property
    def name(self) -> str:
        """The last name of the path."""
        return self.path.rpartition(".")[2]

    @property
    def written(self) -> str:
        """What is called, as people write it."""
        for holder in ("numpy.ndarray.", "torch.Tensor."):
            if self.path.startswith(holder):
                return f"the method {self.name}"
        return written(self.path)


# --- the data ---------------------------------------------------------------------------------------------------------


@cache
def _lines() -> Mapping[str, tuple[str, ...]]:
    """Return the lines of the data by path; PyTorch's built-in functions by the operators that they are."""
    text = files(__package__).joinpath("data", "signatures.txt").read_text(encoding="utf-8")
    found: dict[str, tuple[str, ...]] = {}
    operators: list[tuple[str, str]] = []
    for line in text.splitlines()[1:]:
        place, star, names = line.partition(".* ")
        if star and "(" not in place:
            operators += [(place, name) for name in names.split()]
            continue
        path, _, rest = line.partition("(")
        found[path] = (*found.get(path, ()), rest[:-1])
    for place, name in operators:
        own, _, operator = name.partition(":")
        texts = found[f"aten.{operator or name}"]
        if place == "torch.Tensor":
            texts = tuple(re.sub(r",(?: \*,)? out: Tensor\?=None", "", t) for t in texts)
        else:
            texts = tuple("input" + t.removeprefix("self") if t.startswith("self") else t for t in texts)
        found[f"{place}.{own}"] = texts
    return found


def paths() -> frozenset[str]:
    """Return the paths of all functions whose signatures are known."""
    return frozenset(p for p in _lines() if not p.startswith("aten."))


@cache
def signatures(path: str) -> tuple[Signature, ...]:
    """Return the forms in which a function can be called; none where it is not known.

    >>> [str(s) for s in signatures("torch.tril")], signatures("numpy.unsqueeze")
    (['(input, diagonal=0, out=None)'], ())
    """
    return tuple(map(_signature, _lines().get(path, ())))


def _signature(text: str) -> Signature:
    found: list[Parameter] = []
    kind = "either"
    for part in _split(text):
        head, equals, default = part.partition("=")
        name, _, type_ = head.partition(": ")
        if part == "/":
            found = [Parameter(p.name, "positional", p.default, p.type) for p in found]
        elif part == "*":
            kind = "keyword"
        elif part.startswith("*"):
            found.append(Parameter(part.lstrip("*"), "options" if part.startswith("**") else "many", ()))
            kind = "keyword"
        else:
            found.append(Parameter(name, kind, _default(default) if equals else REQUIRED, type_))
    return Signature(tuple(found), any(p.type for p in found))


def _split(text: str) -> list[str]:
    parts, depth, quoted = [""], 0, False
    for letter in text:
        quoted ^= letter in "'\""
        depth += 0 if quoted else (letter in "([") - (letter in ")]")
        if letter == "," and depth == 0 and not quoted:
            parts.append("")
        else:
            parts[-1] += letter
    return [p.strip() for p in parts if p.strip()]


def _default(text: str) -> Any:
    if text == "?":
        return UNSAID
    try:
        value = ast.literal_eval(text)
    except ValueError:  # a type, as float
        return Library(f"builtins.{text}")
    return tuple(value) if isinstance(value, list) else value


# --- the binding ------------------------------------------------------------------------------------------------------

_OTHER_NAMES = {"axis": "dim", "keepdims": "keepdim", "x": "input", "a": "input", "x1": "input", "x2": "other"}
"""NumPy's names that PyTorch's parser takes for its own; torch/csrc/utils/python_arg_parser.cpp, numpy_compatibility_arg_names."""

_TYPES = {
    "float",
    "float16",
    "float32",
    "float64",
    "half",
    "double",
    "bfloat16",
    "bool",
    "bool_",
    "int",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "long",
    "short",
    "intp",
    "complex",
    "complex64",
    "complex128",
    "cfloat",
    "cdouble",
    "FloatTensor",
    "DoubleTensor",
    "HalfTensor",
    "LongTensor",
    "IntTensor",
    "ByteTensor",
    "BoolTensor",
    "float_",
    "int_",
    "longdouble",
    "single",
    "float128",
}
"""The last names of types of numbers."""


def is_type(value: Any) -> bool:
    """Return whether a value is a type of numbers of a library or of Python."""
    return isinstance(value, Library) and value.path.rpartition(".")[2] in _TYPES


class _Unfit(Exception):
    """A call does not fit a form of the function; ``rank`` says how far it did."""

    def __init__(self, text: str, rank: int) -> None:
        super().__init__(text)
        self.rank = rank


def bind(caller: Caller, path: str, args: Sequence[Any], keywords: Mapping[str, Any]) -> Call:
    """Return the call bound to the signature of what it calls; raises ReadError where the library would refuse it.

    For a method ``args`` begin with the array. Of several forms the first whose types fit is taken; only where none does,
    a number may stand for a tensor and a tensor with one entry for a number.
    """
    for value in (*args, *keywords.values()):
        if isinstance(value, Poison):
            raise value.error
    forms = signatures(path)
    method = path.startswith(("torch.Tensor.", "numpy.ndarray."))
    reasons: list[_Unfit] = []
    for strict in (True, False):
        for form in forms:
            try:
                return Call(path, form, _given(caller, form, args, keywords, method, strict))
            except _Unfit as reason:
                reasons.append(reason)
    shown = Call(path, Signature(())).written
    if not reasons:
        raise ReadError(f"the function {shown} is not known", caller.line)
    best = max(reasons, key=lambda r: r.rank)
    ways = f"; it is called as {' or '.join(map(str, forms))}" if len(forms) > 1 else ""
    raise ReadError(f"{shown} {best}{ways}", caller.line)


def fits(caller: Caller, path: str, args: Sequence[Any], keywords: Mapping[str, Any]) -> bool:
    """Return whether a call can be bound to the function."""
    try:
        bind(caller, path, args, keywords)
    except ReadError:
        return False
    return True


def _given(
    caller: Caller,
    form: Signature,
    args: Sequence[Any],
    keywords: Mapping[str, Any],
    method: bool,
    strict: bool,
) -> dict[str, Any]:
    """Return what a call gives to the parameters of one form."""
    takes = [p for p in form.parameters if p.kind in ("positional", "either", "many")]
    own = takes[1:] if method else takes
    first = args[1:] if method else args
    given: dict[str, Any] = {takes[0].name: args[0]} if method else {}
    many = next((p for p in own if p.kind == "many"), None)
    several = form.typed and len(own) == 1 and own[0].type == "int[]" and bool(first)
    if several and not isinstance(first[0], (tuple, list)):
        first = [tuple(first)]
    elif many is not None:
        at = own.index(many)
        given[many.name] = tuple(first[at:])
        first, own = first[:at], own[:at]
    if len(first) > len(own):
        raise _Unfit(f"takes at most {len(own)} argument(s) by place, {len(first)} given", 0)
    given |= {p.name: v for p, v in zip(own, first, strict=False)}
    named = {p.name: p for p in form.parameters if p.kind in ("either", "keyword")}
    free = any(p.kind == "options" for p in form.parameters)
    for key, value in keywords.items():
        name = key if key in named or not form.typed else _OTHER_NAMES.get(key, key)
        if name in given or (name not in named and not free):
            if name in given:
                raise _Unfit(f"is given {key} twice", 0)
            raise _Unfit(f"has no parameter {key}{nearest(key, named)}", 0)
        given[name] = value
    for p in form.parameters:
        if p.default is REQUIRED and p.name not in given:
            raise _Unfit(f"needs {p.name}", 1)
        if p.type and p.name in given and not _is_of(caller, p.type, given[p.name], strict):
            raise _Unfit(f"cannot take this as {p.name}", 2)
    return given


def _is_of(caller: Caller, kind: str, value: Any, strict: bool) -> bool:
    """Return whether a value is of the type of a parameter of PyTorch."""
    if kind.endswith("?"):
        return value is None or _is_of(caller, kind[:-1], value, strict)
    if kind == "Tensor":
        plain = is_plain(caller, value)
        return (isinstance(value, Form) and not plain) or (plain and not strict)
    if kind in ("int", "float", "Scalar"):
        if isinstance(value, bool):
            return kind == "Scalar"
        if is_plain(caller, value):
            return kind != "int" or not isinstance(caller.constant(value), float)
        return not strict and isinstance(value, Form) and not value.shape
    if kind == "bool":
        return isinstance(value, bool)
    if kind == "str":
        return isinstance(value, str)
    if kind.startswith("int["):
        if isinstance(value, (tuple, list)):
            return all(_is_of(caller, "int", v, strict) for v in value)
        return kind != "int[]" and _is_of(caller, "int", value, strict)
    if kind.endswith("[]"):
        return isinstance(value, (list, tuple)) or (isinstance(value, Form) and not strict)
    if kind == "ScalarType":
        return is_type(value)
    if kind == "Device":
        return isinstance(value, (str, int)) or (isinstance(value, Library) and not is_type(value))
    return not isinstance(value, (Form, bool, int, float, str))


def is_plain(caller: Caller, value: Any) -> bool:
    """Return whether a value is a number of Python in the text, also one that has a name or comes from a shape."""
    if isinstance(value, PLAIN):
        return not isinstance(value, bool)
    if not isinstance(value, Form) or value.shape:
        return False
    return all(isinstance(caller.bindings[n.name].value, PLAIN) and _is_leaf(caller, n) for n in names_in(value)) and (
        bool(names_in(value)) or all(isinstance(n, (Number, SizeOf)) or n.args for n in walk(value))
    )


def _is_leaf(caller: Caller, name: Name) -> bool:
    binding = caller.bindings[name.name]
    return binding.form is None and not binding.torch


__all__ = [
    "REQUIRED",
    "UNSAID",
    "Call",
    "Parameter",
    "Signature",
    "bind",
    "fits",
    "is_plain",
    "is_type",
    "paths",
    "signatures",
]
