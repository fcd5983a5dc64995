"""Python's own functions."""

from __future__ import annotations

import ast
import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from symback.core import forms
from symback.core.errors import ReadError
from symback.core.forms import Form, reduce_over
from symback.functions import ROWS
from symback.library import kinds
from symback.library.limits import use
from symback.library.operations import single_item
from symback.library.values import Count, Counting, Exact, Library, Listed, Prepared, Record
from symback.readers import comprehensions, containers, conversions, modules, operators, strings, walking
from symback.readers.asking import Reader
from symback.readers.iterators import Iterated
from symback.readers.loaders import Loader
from symback.readers.names import Refused
from symback.readers.plain_operations import check_integer, plain_binary, plain_unary
from symback.readers.plain_values import (
    FUNCTIONS,
    SIZED,
    VIEWS,
    PythonError,
    Queue,
    as_python,
    as_walked,
    check_key,
    check_length,
    counted,
    exact_fraction,
    in_order,
    is_plain,
    is_real,
    listed,
    no_attribute,
    parts_of,
    plain_argument,
    python_number,
    resolved,
    truth,
    type_name,
    whole,
    written_value,
)
from symback.readers.slots import CONTAINERS as MODULE_CONTAINERS
from symback.readers.values import Array, Bound, Definition, Helper, Instance, Method, Raised


def _length(reader: Reader, x: Any) -> Any:
    x = resolved(reader, x)
    if isinstance(x, Form):
        if not x.shape:
            raise ReadError("a number has no len()", reader.line)
        return reader.shape_value(x)[0]
    if isinstance(x, Instance):
        own = [d.methods["__len__"] for d in (x.definition.lineage() if x.definition else ()) if "__len__" in d.methods]
        return (
            whole(reader, reader.call(modules.attribute(reader, x, "__len__"), [], {}), "len")
            if own
            else Count(len(reader.items_of(x)))
        )
    if isinstance(x, Loader):
        if x.batches is None:
            raise ReadError("the number of batches is not known", reader.line)
        return Count(x.batches)
    if isinstance(x, Definition):
        if x.members:
            return Count(len(x.members))
        raise ReadError("the length of a class is not followed", reader.line)
    if not isinstance(x, SIZED):
        raise PythonError(TypeError, f"object of type '{type_name(x)}' has no len()", reader.line)
    with as_python(reader.line):
        return Count(len(x))


def _range(reader: Reader, *ends: Any) -> Any:
    if len(ends) == 1 and isinstance(ends[0], forms.SizeOf):
        return Counting(ends[0].size)
    with as_python(reader.line):
        return range(*(whole(reader, e, "an end of range") for e in ends))


def _enumerate(reader: Reader, iterable: Any, start: Any = 0) -> Any:
    iterable = as_walked(reader, iterable)
    rows = _rows_of(reader, iterable)
    if rows is not None and rows.shape and resolved(reader, start) == 0:
        return comprehensions.numbered(reader, iterable)
    return walking.enumerated(reader, iterable, start)


def _rows_of(reader: Reader, value: Any) -> Form | None:
    """Return the array that is walked along, or that a list of numbers stands for on the page."""
    if isinstance(value, Listed):
        return value.form
    return reader.form(value) if reader.is_array(value) else None


def _zip(reader: Reader, *arguments: Any, strict: Any = False) -> Any:
    arguments = tuple(as_walked(reader, a) for a in arguments)
    arrays = [a for a in arguments if (found := _rows_of(reader, a)) is not None and found.shape]
    exact = truth(reader, strict)
    if exact and len(arrays) == len(arguments) and len({reader.form(a).shape[0] for a in arrays}) > 1:
        raise PythonError(ValueError, "zip() of arrays of different lengths with strict=True", reader.line)
    made = walking.zipped(reader, arguments, exact)
    if arrays and len(arrays) == len(arguments):
        made.arrays = comprehensions.zipped(reader, arguments)
    return made


# --- largest, smallest, sums ------------------------------------------------------------------------------------------


def _extreme(name: str) -> Callable[..., Any]:
    label = "max" if name == "maximum" else "min"

    def build(reader: Reader, *args: Any, key: Any = None, **extra: Any) -> Any:
        if set(extra) - {"default"} or not args or ("default" in extra and len(args) > 1):
            raise PythonError(TypeError, f"{label}() takes key= and, for one argument, default=", reader.line)
        items = [written_value(v) for v in (listed(reader, args[0]) if len(args) == 1 else args)]
        if not items:
            if "default" in extra:
                return extra["default"]
            raise PythonError(ValueError, f"{label}() arg is an empty sequence", reader.line)
        if key is None and any(reader.is_array(v) for v in items):
            return _extreme_of_forms(reader, name, label, items)
        keys = items if key is None else [resolved(reader, reader.call(key, [v], {})) for v in items]
        return items[_best(reader, label, keys)]

    return build


def _best(reader: Reader, label: str, keys: Sequence[Any]) -> int:
    containers.check_ordering(keys if len(keys) > 1 else (), reader.line)
    use(reader.line, work=len(keys))
    with as_python(reader.line):
        places = range(len(keys))
        return max(places, key=keys.__getitem__) if label == "max" else min(places, key=keys.__getitem__)


def _extreme_of_forms(reader: Reader, name: str, label: str, items: Sequence[Any]) -> Any:
    found = [reader.form(v) for v in items]
    wide = next((f for f in found if forms.element_count(f.shape) != 1), None)
    if wide is not None and len(found) > 1:
        raise ReadError(
            f"Python's {label} compares whole arrays, which is ambiguous; use np.{name} or np.{label}", reader.line
        )
    total = found[0]
    for item in found[1:]:
        total = ROWS[name](total, item)
    return total


def _builtin_sum(reader: Reader, iterable: Any, start: Any = 0) -> Any:
    if isinstance(iterable, Form):
        total: Any = reduce_over("sum", iterable, 0)
        return total if resolved(reader, start) == 0 else reader.made(total + reader.form(start))
    start = written_value(start)
    values: list[Any] = []
    rest = _taken(reader, iterable)
    for item in rest:
        values.append(item)
        if isinstance(item, Instance) or isinstance(start, Instance):
            break  # what comes after it is taken once it is added
    if isinstance(start, str):
        raise PythonError(TypeError, "sum() can't sum strings [use ''.join(seq) instead]", reader.line)
    if is_real(start) and all(map(is_real, values)):
        return _sum_of_numbers(reader, values, start)
    if isinstance(start, int) and start == 0 and values and isinstance(values[0], Form):
        start, values = values[0], values[1:]
    total = start
    for item in itertools.chain(values, rest):
        total = _added(reader, total, item)
    return total


def _taken(reader: Reader, iterable: Any) -> Iterator[Any]:
    """Return an iterator over what is added, one item at a time where code of the text makes them."""
    steps = isinstance(iterable, (Iterated, Instance))
    for item in counted(reader, iterable) if steps else listed(reader, iterable):
        yield written_value(reader.form(item) if isinstance(item, Array) else item)


def _added(reader: Reader, total: Any, item: Any) -> Any:
    own = operators.operator_method(reader, ast.Add(), total, item)
    if own is not NotImplemented:
        return own
    found = plain_binary(ast.Add(), total, item, reader.line)
    return reader.made(reader.form(total) + reader.form(item)) if found is NotImplemented else found


def _sum_of_numbers(reader: Reader, values: Sequence[Any], start: Any) -> Any:
    plain = [python_number(v) for v in values]
    with as_python(reader.line):
        total = sum(plain, python_number(start))
    if isinstance(total, int):
        return check_integer(total, reader.line)
    if any(isinstance(v, Exact) for v in plain):
        spelled: Any = start
        for item in plain:
            spelled = plain_binary(ast.Add(), spelled, item, reader.line)
        if isinstance(spelled, Exact) and exact_fraction(spelled) is not None:
            return Exact(total, spelled.form)
    return float(total)


def _absolute(reader: Reader, x: Any) -> Any:
    x = written_value(x)
    if isinstance(x, Exact):
        return plain_unary(ast.USub(), x, reader.line) if x < 0 else x
    if is_real(x):
        return abs(x)
    if is_plain(x):
        raise PythonError(TypeError, f"bad operand type for abs(): '{type_name(x)}'", reader.line)
    return abs(reader.form(x))


def _every(name: str) -> Callable[[Reader, Any], bool]:
    stops = name == "any"

    def build(reader: Reader, items: Any) -> bool:
        for item in counted(reader, items):
            if truth(reader, item) is stops:
                return stops
        return not stops

    return build


# --- numbers and strings ----------------------------------------------------------------------------------------------


def _round(reader: Reader, number: Any, ndigits: Any = None) -> Any:
    """Round a number; what is computed from arrays is refused, since its derivative is 0 wherever it has one."""
    if isinstance(number, Form) and forms.names_in(number):
        raise ReadError("round is a step function; nothing can be learned through it", reader.line)
    if isinstance(number, Form) and isinstance(resolved(reader, number), Form):
        return _rounded_scalar(reader, number, ndigits)
    value = plain_argument(reader, number, "the argument of round")
    return conversions.rounded(reader, value, resolved(reader, ndigits))


def _rounded_scalar(reader: Reader, scalar: Form, digits: Any) -> Any:
    """Return ``round`` of a number of NumPy, a whole number of Python's where no digits are said."""
    known = reader.constant(scalar)
    if scalar.shape or not isinstance(known, (int, float)) or kinds.kind_of(reader, scalar) != "f":
        raise ReadError("round is read for numbers that are known from the code", reader.line)
    if digits is None:
        return conversions.rounded(reader, float(known), None)
    return kinds.typed(forms.number(float(np.round(known, reader.integer(digits, "the number of digits")))), "f")


def _float(reader: Reader, x: Any = 0.0) -> Any:
    value = written_value(x)
    if isinstance(value, Form):
        return single_item(reader, value)
    found = conversions.real_number(reader, value)
    if found != found:
        raise ReadError("nan cannot be part of a forward pass", reader.line)
    return found


def _int(reader: Reader, x: Any = 0, base: Any = None) -> Any:
    value = resolved(reader, x)
    if isinstance(value, Form):
        known = reader.constant(value)
        if known is None or not isinstance(known, (int, float)):
            raise ReadError("int is a step function of arrays; the number has to be known from the code", reader.line)
        value = known
    return conversions.whole_number(reader, value, *(() if base is None else (base,)))


def _power(reader: Reader, base: Any, exp: Any, mod: Any = None) -> Any:
    values = [written_value(v) for v in (base, exp, mod)]
    if any(isinstance(v, Form) for v in values):
        if mod is not None:
            raise ReadError("pow with a modulus is read for plain numbers", reader.line)
        return reader.made(reader.form(base) ** reader.form(exp))
    return conversions.power(reader, *values)


def _divmod(reader: Reader, a: Any, b: Any) -> Any:
    values = [plain_argument(reader, v, "an argument of divmod") for v in (a, b)]
    return conversions.quotient_and_rest(values[0], values[1], reader.line)


def _str(reader: Reader, value: Any = "") -> str:
    return strings.text_of(plain_argument(reader, value, "the argument of str"), reader.line)


def _repr(reader: Reader, value: Any) -> str:
    return strings.spelled(plain_argument(reader, value, "the argument of repr"), reader.line)


def _print(reader: Reader, *values: Any, **options: Any) -> None:
    """Follow what ``print`` asks of objects of the text; what it shows does not matter."""
    if reader.trying and options:
        raise ReadError("whether print accepts these options decides here", reader.line)
    for value in values:
        _shown(reader, value, ("__str__", "__repr__"), set())


def _shown(reader: Reader, value: Any, labels: tuple[str, ...], seen: set[int]) -> None:
    """Call what an object, or the objects in a container, define to be shown."""
    if id(value) in seen or isinstance(value, Form):
        return
    seen.add(id(value))
    if isinstance(value, Instance):
        for label in labels:
            own = operators.own_method(reader, value, label)
            if own is not None:
                modules.call_bound(reader, own, [], {})
                return
    elif isinstance(value, (list, tuple, dict, set)):
        for part in parts_of(value):
            _shown(reader, part, ("__repr__",), seen)


def _format(reader: Reader, value: Any, spec: Any = "") -> str:
    plain = plain_argument(reader, value, "the argument of format")
    return strings.formatted(plain, "", str(plain_argument(reader, spec, "a format")), reader.line)


# --- containers -------------------------------------------------------------------------------------------------------


def _dict(reader: Reader, *args: Any, **items: Any) -> dict[Any, Any]:
    if len(args) > 1:
        raise PythonError(TypeError, f"dict expected at most 1 argument, got {len(args)}", reader.line)
    return dict(containers.pairs(reader, args, items))


def _set_of(kind: type) -> Callable[..., Any]:
    def build(reader: Reader, *items: Any) -> Any:
        if len(items) > 1:
            raise PythonError(TypeError, f"{kind.__name__} expected at most 1 argument, got {len(items)}", reader.line)
        given = resolved(reader, items[0]) if items else ()
        if isinstance(given, (set, frozenset)):
            check_length(len(given), reader.line, "set")
            return kind(given)
        return kind([check_key(resolved(reader, v), reader.line) for v in listed(reader, given)])

    return build


def _sequence_of(kind: type) -> Callable[..., Any]:
    def build(reader: Reader, *items: Any) -> Any:
        if len(items) > 1:
            raise PythonError(TypeError, f"{kind.__name__} expected at most 1 argument, got {len(items)}", reader.line)
        if items and kind is tuple and type(items[0]) is tuple:
            return items[0]
        return kind(listed(reader, items[0]) if items else ())

    return build


def _sorted(reader: Reader, iterable: Any, *, key: Any = None, reverse: Any = False) -> list[Any]:
    # without a key, the order in which a set is walked along does not matter
    given = in_order(iterable, reader.line) if key is None and _is_texts(iterable) else listed(reader, iterable)
    return containers.ordered(reader, given, key, reverse)


def _reversed(reader: Reader, value: Any) -> Any:
    if isinstance(value, Instance) and value.definition is not None:
        raise ReadError(f"reversed of an object of {value.kind} is not followed", reader.line)
    return walking.backwards(reader, value)


def _is_texts(value: Any) -> bool:
    return isinstance(value, (set, frozenset)) and all(isinstance(v, str) for v in value)


def _slice(reader: Reader, *ends: Any) -> slice:
    with as_python(reader.line):
        return slice(*(None if e is None else whole(reader, e, "an end of a slice") for e in ends))


# --- types and attributes ---------------------------------------------------------------------------------------------

_KINDS: dict[str, Any] = {
    "bool": bool,
    "int": int,
    "float": float,
    "str": str,
    "list": list,
    "tuple": tuple,
    "dict": dict,
    "set": set,
    "frozenset": frozenset,
    "range": range,
    "slice": slice,
    "NoneType": type(None),
    "complex": complex,
    "bytes": bytes,
}
_ABSTRACT: dict[str, Any] = {
    "object": object,
    "Number": (int, float),
    "Real": (int, float),
    "Integral": int,
    "Sequence": (str, list, tuple, range),
    "Iterable": (str, list, tuple, range, dict, set, frozenset, *VIEWS),
    "Mapping": dict,
    "deque": Queue,
    "Counter": Counter,
}
_CHAINS: dict[str, tuple[str, ...]] = {"bool": ("bool", "int", "object"), "Counter": ("Counter", "dict", "object")}


def _isinstance(reader: Reader, value: Any, kind: Any) -> bool:
    if isinstance(kind, tuple):
        return any(_isinstance(reader, value, k) for k in kind)
    value = resolved(reader, value)
    if isinstance(kind, Library) and is_plain(value):
        return _is_plain_kind(reader, value, kind)
    if isinstance(kind, Definition) and kind.members != {} and (is_plain(value) or isinstance(value, Form)):
        return False
    if isinstance(value, Form) and isinstance(kind, Library):
        return _is_array_kind(reader, value, kind)
    if isinstance(value, FUNCTIONS) and not isinstance(value, Prepared) and isinstance(kind, Library):
        label = kind.path.rpartition(".")[2]
        if label in _KINDS or kind.path in ("torch.nn.Module", "torch.Tensor", "numpy.ndarray"):
            return False
    if isinstance(kind, Definition) and kind.members == {} and is_plain(value):
        raise ReadError(f"the members of {kind.name} are read as their values, of which none has a class", reader.line)
    if isinstance(value, (Instance, Prepared)) and isinstance(kind, (Library, Definition)):
        return _is_object_kind(value, kind)
    raise ReadError("isinstance cannot be decided here", reader.line)


def _is_plain_kind(reader: Reader, value: Any, kind: Library) -> bool:
    module, _, label = kind.path.rpartition(".")
    known = _KINDS.get(label) if module == "builtins" else _ABSTRACT.get(label) if module in _ABSTRACT_MODULES else None
    if label == "object" and module == "builtins":
        return True
    if known is not None:
        value = python_number(value)
        if known is list and isinstance(value, Queue):
            return False
        return isinstance(value, known)
    if module.split(".")[0] in ("numpy", "torch"):
        return False
    raise ReadError(f"isinstance with {kind.path} cannot be decided here", reader.line)


_ABSTRACT_MODULES = ("numbers", "collections.abc", "typing", "collections")


def _is_array_kind(reader: Reader, value: Form, kind: Library) -> bool:
    torch = reader.is_torch(value)
    module, _, label = kind.path.rpartition(".")
    if kind.path in ("torch.Tensor", "torch.FloatTensor", "torch.autograd.Variable"):
        return torch
    if kind.path == "numpy.ndarray" and value.shape:
        return not torch
    if module == "builtins" and label in _KINDS and (value.shape or torch):
        return False
    if module == "torch.nn":
        return False
    raise ReadError("isinstance cannot be decided here", reader.line)


def _is_object_kind(value: Instance | Prepared, kind: Library | Definition) -> bool:
    own = value.definition.lineage() if isinstance(value, Instance) and value.definition else []
    if isinstance(kind, Definition):
        return kind in own
    label = value.kind if isinstance(value, Instance) else value.path.rpartition(".")[2].replace("_", "")
    wanted = kind.path.rpartition(".")[2].lower()
    if kind.path == "torch.nn.Module" and own:
        return own[0].is_module
    return kind.path.startswith("torch.nn.") and not own and wanted in (label.lower(), "module")


def _issubclass(reader: Reader, kind: Any, other: Any) -> bool:
    if isinstance(other, tuple):
        return any(_issubclass(reader, kind, o) for o in other)
    if isinstance(kind, Definition) and isinstance(other, Definition):
        return other in kind.lineage()
    if isinstance(kind, Definition) and isinstance(other, Library):
        if other.path == "builtins.object":
            return True
        if other.path == "torch.nn.Module":
            return any(d.is_module for d in kind.lineage())
    if isinstance(kind, Library) and isinstance(other, Library):
        names = [k.path.removeprefix("builtins.") for k in (kind, other)]
        if all(n in _KINDS or n == "object" for n in names):
            return names[1] in _CHAINS.get(names[0], (names[0], "object"))
    raise ReadError("issubclass cannot be decided here", reader.line)


def _type(reader: Reader, value: Any, *more: Any) -> Any:
    if more:
        raise ReadError("a class made by type(...) cannot be read; write a class statement", reader.line)
    value = resolved(reader, value)
    if isinstance(value, Instance) and value.definition is not None:
        return value.definition
    if isinstance(value, Instance) and value.layer is not None:
        return Library(f"torch.nn.{value.kind}")
    if isinstance(value, Record) or not is_plain(value):
        raise ReadError("the type of this value is not followed; use isinstance", reader.line)
    return Library(f"builtins.{type_name(value)}")


def _callable(reader: Reader, value: Any) -> bool:
    value = resolved(reader, value)
    if isinstance(value, (*FUNCTIONS, Library)):
        return True
    if isinstance(value, Instance):
        own = value.definition.lineage() if value.definition else []
        return value.definition is None or own[0].is_module or any("__call__" in d.methods for d in own)
    return False


_MODULE_NAMES = frozenset(("weight", "bias", "running_mean", "running_var", "in_features", "out_features"))


def _lacks(reader: Reader, holder: Instance, name: str) -> bool:
    """Return whether an object is known not to have an attribute."""
    if id(holder) in reader.altered and name not in holder.attributes:
        raise reader.altered[id(holder)][1]
    if name in holder.attributes or name.startswith("_"):
        return False
    own = holder.definition.lineage() if holder.definition else []
    if any(name in d.methods or name in d.attributes or "__getattr__" in d.methods for d in own):
        return False
    outside = [b for d in own for b in d.bases if not isinstance(b, Definition)]
    plain = bool(own) and all(isinstance(b, Library) and b.path == "builtins.object" for b in outside)
    bare = holder.definition is None and holder.layer is None and holder.kind not in MODULE_CONTAINERS
    return plain or name in _MODULE_NAMES or bare


def _attribute_name(reader: Reader, holder: Any, name: Any, label: str) -> str:
    name = resolved(reader, name)
    if not isinstance(holder, Instance) or not isinstance(name, str) or not name.isidentifier():
        raise ReadError(f"{label} is read for objects of the text and plain names", reader.line)
    return name


def _variables(reader: Reader, *given: Any) -> Any:
    if len(given) != 1 or not isinstance(given[0], Instance):
        raise ReadError("the function vars is not followed: name the attributes", reader.line)
    return modules.attribute(reader, given[0], "__dict__")


def _set_attribute(reader: Reader, holder: Any, name: Any, value: Any) -> None:
    label = resolved(reader, name)
    if isinstance(holder, (Helper, Bound)) and isinstance(label, str) and label.startswith("__"):
        raise Refused(f"{label} of a function is given a value, which is not followed", reader.line)
    if isinstance(holder, Definition) and isinstance(label, str) and label.isidentifier():
        modules.assign_to_class(reader, holder, label, value)
        return
    modules.assign(reader, holder, _attribute_name(reader, holder, name, "setattr"), value)


def _get_attribute(reader: Reader, holder: Any, name: Any, *default: Any) -> Any:
    if isinstance(holder, Library) and isinstance(name, str) and name.isidentifier():
        return Library(f"{holder.path}.{name}")
    if reader.is_array(holder) and not default:
        named = resolved(reader, name)
        if isinstance(named, str) and named.isidentifier():
            return reader.attribute(holder, named)
    label = _attribute_name(reader, holder, name, "getattr")
    if default and _lacks(reader, holder, label):
        return default[0]
    found = _found_attribute(reader, holder, label, bool(default))
    return default[0] if found is _ABSENT else found


_ABSENT = object()


def _found_attribute(reader: Reader, holder: Instance, label: str, asked: bool) -> Any:
    """Return an attribute; where it is only ``asked`` for, ``_ABSENT`` where the text itself says that there is none."""
    try:
        return modules.attribute(reader, holder, label)
    except (Raised, PythonError) as error:
        if asked and isinstance(error, Raised) and error.kind == "AttributeError":
            return _ABSENT
        if asked:
            raise ReadError(f"whether {label} is there is not followed: {error}", reader.line) from None
        raise


def _has_attribute(reader: Reader, holder: Any, name: Any) -> bool:
    if reader.is_array(holder) and isinstance(name, str):
        if name in ("shape", "ndim", "T", "dtype", "sum", "mean", "reshape", "max", "min", "size"):
            return True
        if name in ("detach", "numel", "backward", "requires_grad"):
            return reader.is_torch(reader.form(holder))
        raise ReadError(f"whether an array has {name} is not decided here", reader.line)
    label = _attribute_name(reader, holder, name, "hasattr")
    if _lacks(reader, holder, label):
        return False
    return _found_attribute(reader, holder, label, True) is not _ABSENT


def _refused(name: str, message: str) -> Callable[..., Any]:
    def build(reader: Reader, *args: Any, **extra: Any) -> Any:
        raise ReadError(f"the function {name} is not followed: {message}", reader.line)

    return build


DATA_ADVICE = "give what is read from it: --set NAME=… for its value, or --shape NAME=… for its shape"
_REFUSALS = {
    "complex": "complex numbers cannot be part of a forward pass",
    "hash": "what hash() gives changes from run to run in Python",
    "id": "what id() gives is an address, which changes from run to run",
    "input": f"what is typed in is not known; {DATA_ADVICE}",
    "open": f"files are not opened; {DATA_ADVICE}",
    "dir": "name the attributes",
    "globals": "name the variables",
    "locals": "name the variables",
    "eval": "code in a text is never run; write the expression itself",
    "exec": "code in a text is never run; write the statements themselves",
    "compile": "code in a text is never run",
    "bytes": "bytes are not read",
    "bytearray": "bytes are not read",
    "memoryview": "bytes are not read",
    "delattr": "write del",
    "__import__": "modules are imported by an import statement",
}

BUILTINS: dict[str, Callable[..., Any] | None] = {
    "slice": _slice,
    "range": _range,
    "len": _length,
    "enumerate": _enumerate,
    "zip": _zip,
    "map": lambda reader, function, *args: walking.mapped(reader, function, args),
    "filter": lambda reader, function, items: walking.filtered(reader, function, items),
    "max": _extreme("maximum"),
    "min": _extreme("minimum"),
    "sum": _builtin_sum,
    "any": _every("any"),
    "all": _every("all"),
    "abs": _absolute,
    "float": _float,
    "int": _int,
    "bool": lambda reader, x=False: truth(reader, x),
    "str": _str,
    "repr": _repr,
    "ascii": lambda reader, x: strings.formatted(plain_argument(reader, x, "the argument"), "a", "", reader.line),
    "format": _format,
    "chr": conversions.spelled_in("chr"),
    "bin": conversions.spelled_in("bin"),
    "oct": conversions.spelled_in("oct"),
    "hex": conversions.spelled_in("hex"),
    "ord": lambda reader, x: conversions.code_point(reader, resolved(reader, x)),
    "list": _sequence_of(list),
    "tuple": _sequence_of(tuple),
    "set": _set_of(set),
    "frozenset": _set_of(frozenset),
    "sorted": _sorted,
    "reversed": _reversed,
    "pow": _power,
    "divmod": _divmod,
    "round": _round,
    "dict": _dict,
    "tqdm": lambda reader, x, **extra: x,
    "trange": _range,
    "print": _print,
    "isinstance": _isinstance,
    "issubclass": _issubclass,
    "type": _type,
    "callable": _callable,
    "iter": walking.made_iterator,
    "next": walking.next_item,
    "vars": _variables,
    "setattr": _set_attribute,
    "getattr": _get_attribute,
    "hasattr": _has_attribute,
    **{name: _refused(name, message) for name, message in _REFUSALS.items()},
}
"""Python's own functions; None stands for a row of the tables."""

CLASS_METHODS: dict[str, Callable[..., Any]] = {
    "dict.fromkeys": containers.from_keys,
    "str.maketrans": strings.maketrans,
    "float.fromhex": _refused("float.fromhex", "write the number"),
    "int.from_bytes": _refused("int.from_bytes", "bytes are not read"),
    "object": lambda reader: Instance("object"),
}
"""Methods of Python's types that are called without an object."""


def call_unbound(reader: Reader, path: str, args: list[Any], keywords: dict[str, Any]) -> Any:
    """Return the result of a function by its path below ``builtins``: ``str.lower`` of a text, ``dict.fromkeys``."""
    if path in CLASS_METHODS:
        return CLASS_METHODS[path](reader, *args, **keywords)
    kind, _, name = path.partition(".")
    if not name or kind not in _KINDS or not args:
        raise ReadError(f"{path} is not followed", reader.line)
    if reader.is_array(args[0]) and not isinstance(resolved(reader, args[0]), _KINDS[kind]):
        raise ReadError(f"{path} is not followed for an array or a number of the network", reader.line)
    if not isinstance(resolved(reader, args[0]), _KINDS[kind]):
        raise PythonError(TypeError, f"descriptor '{name}' does not apply to a '{type_name(args[0])}'", reader.line)
    return plain_method(reader, resolved(reader, args[0]), name, args[1:], keywords)


def plain_method(reader: Reader, value: Any, name: str, args: Sequence[Any], keywords: dict[str, Any]) -> Any:
    """Return the result of ``value.name(...)`` of a plain value."""
    if isinstance(value, str):
        return strings.method(reader, value, name, args, keywords)
    if is_real(value):
        return conversions.method(reader, value, name, args, keywords)
    return containers.call(reader, value, name, args, keywords)


def plain_attribute(value: Any, name: str, line: int | None) -> Any:
    """Return ``value.name`` of a plain value: a method, waiting to be called, or what it holds; NotImplemented for others."""
    if not is_plain(value):
        return NotImplemented
    value = python_number(value)
    if isinstance(value, Record) and name in value._fields:
        return value[value._fields.index(name)]
    if isinstance(value, Record) and name == "_fields":
        return value._fields
    if isinstance(value, range) and name in ("start", "stop", "step"):
        return getattr(value, name)
    if isinstance(value, slice) and name in ("start", "stop", "step"):
        return getattr(value, name)
    if isinstance(value, Queue) and name == "maxlen":
        return value.longest
    if is_real(value) and name in conversions.ATTRIBUTES and (isinstance(value, int) or name in ("real", "imag")):
        return conversions.ATTRIBUTES[name](value)
    if name == "__class__":
        return Library(f"builtins.{type_name(value)}")
    table: Any = (
        {*strings.METHODS, *strings.REFUSED}
        if isinstance(value, str)
        else {*conversions.methods_of_number(value), *conversions.REFUSED}
        if is_real(value)
        else containers.methods_of(value)
    )
    if name in table or (name.startswith("__") and name.endswith("__")):
        return Method(value, name)
    raise no_attribute(value, name, line)
