"""What recorded arrays and numbers do: each operator, method and property of NumPy's and Python's own, recorded."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from symback.tracer.calls import about_to_change, call, node_behind, noded, recorded, written
from symback.tracer.log import CURRENT, nodes_in
from symback.tracer.objects import PLAIN_TYPES, SCALARS, Array, Int, plain

# --- ufuncs and functions of NumPy --------------------------------------------------------------------------------------

_REDUCED = {
    "add": "sum",
    "multiply": "prod",
    "maximum": "max",
    "minimum": "min",
    "logical_and": "all",
    "logical_or": "any",
}
_ACCUMULATED = {"add": "cumsum", "multiply": "cumprod"}


def path_of_ufunc(ufunc: np.ufunc) -> str:
    """Return the path of a ufunc: ``numpy.exp``, ``scipy.special.expit``."""
    name = ufunc.__name__
    return f"numpy.{name}" if getattr(np, name, None) is ufunc else f"scipy.special.{name}"


def _of_ufunc(self: Any, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
    """Carry out a ufunc one of whose operands is recorded."""
    path = path_of_ufunc(ufunc)
    if method == "__call__":
        return call(path, ufunc, inputs, options)
    run = getattr(ufunc, method)
    if method == "at":
        return _at(path, ufunc, inputs)
    if method in ("reduce", "accumulate") and len(inputs) > 1:
        options["axis"], inputs = inputs[1], (inputs[0], *inputs[2:])
    name = {"reduce": _REDUCED, "accumulate": _ACCUMULATED}.get(method, {}).get(ufunc.__name__)
    if name is not None and path.startswith("numpy."):
        options.setdefault("axis", 0)
        return call(f"numpy.{name}", getattr(np, name), inputs, options)
    return call(f"{path}.{method}", run, inputs, options)


def _at(path: str, ufunc: np.ufunc, inputs: tuple[Any, ...]) -> None:
    """Do ``np.add.at(a, index, b)``."""
    _change(f"{path}.at", ufunc.at, inputs[0], inputs[1:], {})


def _of_function(self: Any, function: Callable[..., Any], types: Any, args: tuple[Any, ...], options: Any) -> Any:
    """Carry out a function of NumPy one of whose arguments is recorded."""
    module = function.__module__.replace("numpy._core", "numpy").removesuffix(".fromnumeric")
    own = _FUNCTIONS.get(function)
    if own is not None:
        return own(*args, **options)
    if CURRENT.log is None:
        return function(*plain(args), **plain(options))
    path = f"{module}.{function.__name__}"
    inner = getattr(function, "_implementation", None)
    if inner is not None and path in _STEPPED_INTO:
        return _stepped_into(path, inner, args, options)
    return call(path, function, args, dict(options))


def _stepped_into(path: str, inner: Callable[..., Any], args: tuple[Any, ...], options: Any) -> Any:
    """Carry out a function written in Python whose parts are recorded; what it takes off the log has left it."""
    log = CURRENT.log
    result = inner(*args, **options)
    if log is not None and isinstance(result, (np.ndarray, np.generic)) and node_behind(log, result) is None:
        nodes = (*nodes_in(noded(log, args)), *nodes_in(noded(log, options)))
        log.leaked(nodes, path)
        return recorded(result)
    return result


_STEPPED_INTO = frozenset(
    f"numpy.{name}"
    for name in ("cov", "corrcoef", "trapezoid", "gradient", "average", "nanmean", "nansum", "nanstd", "nanvar", "ptp")
)
"""Functions written in Python whose parts are recorded in the place of the whole."""


def _again(function: Callable[..., Any], held: Any, *args: Any, **options: Any) -> np.ndarray:
    """Return what an array would hold after a function had changed it."""
    made = np.array(held)
    function(made, *args, **options)
    return made


def _change(
    path: str, function: Callable[..., Any], target: Any, args: tuple[Any, ...], options: dict[str, Any]
) -> None:
    """Let a function change its first argument in place, and record what that holds afterwards."""
    log = CURRENT.log
    if log is None or not isinstance(target, np.ndarray):
        function(plain(target), *plain(args), **plain(options))
        return
    log.check()
    given, named = noded(log, args), noded(log, options)
    changed = about_to_change(log, target)
    held = noded(log, changed)
    function(plain(changed), *plain(args), **plain(options))
    written(log, changed, log.add(path, partial(_again, function), (held, *given), named, changed))


def _in_place(function: Callable[..., Any]) -> Callable[..., None]:
    """Return a function of NumPy that changes its first argument, as one that is recorded."""

    def run(target: Any, *args: Any, **options: Any) -> None:
        _change(f"numpy.{function.__name__}", function, target, args, options)

    return run


_FUNCTIONS: dict[Any, Callable[..., Any]] = {
    f: _in_place(f) for f in (np.copyto, np.putmask, np.put, np.place, np.put_along_axis, np.fill_diagonal)
}

# --- parts --------------------------------------------------------------------------------------------------------------


def _part(self: Array, key: Any) -> Any:
    return call("getitem", operator.getitem, (self, key), {})


def _store(self: Any, key: Any, value: Any) -> None:
    if CURRENT.log is not None and type(value) is Array and self.size and value.base is not None:
        CURRENT.log.check()
        if _is_same_part(self, key, value):  # after ``a[key] += b``, which wrote through the part
            np.ndarray.__setitem__(plain(self), plain(key), plain(value))
            return
    _change("setitem", np.ndarray.__setitem__, self, (key, value), {})


def _is_same_part(self: Array, key: Any, value: Array) -> bool:
    """Return whether a value is the very part of the array that it is stored into."""
    if not np.may_share_memory(plain(self), plain(value)):
        return False
    part = np.ndarray.__getitem__(plain(self), plain(key))
    return (
        isinstance(part, np.ndarray)
        and part.__array_interface__["data"] == plain(value).__array_interface__["data"]
        and (part.shape, part.strides) == (value.shape, value.strides)
    )


def _along(self: Array) -> Iterator[Any]:
    for k in range(len(self)):
        yield self[k]


# --- methods ------------------------------------------------------------------------------------------------------------

_METHODS = (
    *("sum", "mean", "std", "var", "prod", "max", "min", "cumsum", "cumprod", "dot", "reshape", "transpose", "ravel"),
    *("flatten", "squeeze", "swapaxes", "copy", "astype", "clip", "round", "argmax", "argmin", "argsort", "repeat"),
    *("take", "trace", "diagonal", "choose", "compress", "conj", "conjugate", "nonzero", "searchsorted", "all", "any"),
    *("argpartition", "byteswap"),
)
_LEAVING = ("tobytes", "tofile", "dump", "dumps", "getfield", "view", "__array__", "__dlpack__")


def _method(base: type, name: str) -> Callable[..., Any]:
    run = getattr(base, name)

    def method(self: Any, *args: Any, **options: Any) -> Any:
        return call(f"numpy.ndarray.{name}", run, (self, *args), options)

    method.__name__ = name
    return method


def _leaving(name: str) -> Callable[..., Any]:
    """Return a method that gives the numbers away as something else."""

    def method(self: Array, *args: Any, **options: Any) -> Any:
        log = CURRENT.log
        result = getattr(plain(self), name)(*args, **options)
        if log is not None and not log.ended:
            if name == "view" and isinstance(result, np.ndarray) and result.dtype == self.dtype and not args:
                return recorded(result)
            log.leaked((noded(log, self),), f"the method {name} of an array")
        return result

    method.__name__ = name
    return method


def _changing(name: str) -> Callable[..., Any]:
    """Return a method that changes the array in place: ``fill``, ``sort``, ``put``."""
    run = getattr(np.ndarray, name)

    def method(self: Array, *args: Any, **options: Any) -> None:
        _change(f"{name}_in_place", run, self, args, options)

    method.__name__ = name
    return method


def _property(name: str) -> property:
    def run(array: Any) -> Any:
        return getattr(array, name)

    return property(lambda self: call(f"numpy.ndarray.{name}", run, (self,), {}))


def _leaving_property(name: str) -> property:
    def found(self: Array) -> Any:
        log = CURRENT.log
        if log is not None and not log.ended:
            log.leaked((noded(log, self),), f"the attribute {name} of an array")
        return getattr(plain(self), name)

    return property(found)


def _items(self: Array) -> Any:
    """Return the entries as nested lists of numbers that are recorded."""
    if CURRENT.log is None:
        return plain(self).tolist()
    if not self.ndim:
        return _item(self)
    return [_items(self[k]) if self.ndim > 1 else _item(self, k) for k in range(len(self))]


def _item(self: Array, *at: Any) -> Any:
    """Return one entry as a number of Python that is recorded."""
    value = plain(self).item(*plain(at))
    if CURRENT.log is None or not isinstance(value, float):
        return value
    return call("numpy.ndarray.item", np.ndarray.item, (self, *at), {})


def _copied(self: Array, memo: Any = None) -> Any:
    return self.copy() if CURRENT.log is not None else plain(self).copy()


def _pickled(self: Array, protocol: Any = None) -> Any:
    log = CURRENT.log
    if log is not None and not log.ended:
        log.leaked((noded(log, self),), "pickle")
    return plain(self).__reduce_ex__(protocol or 2)


# --- operators ----------------------------------------------------------------------------------------------------------

_UFUNCS: dict[str, np.ufunc] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "truediv": np.true_divide,
    "floordiv": np.floor_divide,
    "mod": np.remainder,
    "pow": np.power,
}
_UNARY: dict[str, np.ufunc] = {"neg": np.negative, "pos": np.positive, "abs": np.absolute}
_COMPARED = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}
_NUMBERS = (int, float, np.number, np.bool_)


def _decided(value: Any, said: str, run: Callable[..., Any], args: tuple[Any, ...], result: Any) -> None:
    log = CURRENT.log
    if log is not None and not log.ended:
        node = node_behind(log, value)
        if node is not None:
            log.decided(node, said, (run, noded(log, args), result))


def _binary(name: str, reflected: bool) -> Callable[..., Any]:
    ufunc = _UFUNCS[name]
    path = f"numpy.{ufunc.__name__}"
    run = getattr(operator, name)

    def operate(self: Any, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return ufunc(other, self) if reflected else ufunc(self, other)
        if not isinstance(other, _NUMBERS):
            return NotImplemented
        return call(path, run, (other, self) if reflected else (self, other), {})

    return operate


def _unary(name: str) -> Callable[..., Any]:
    path = f"numpy.{_UNARY[name].__name__}"
    run = getattr(operator, name)
    return lambda self: call(path, run, (self,), {})


def _comparison(name: str, base: type) -> Callable[..., Any]:
    run = getattr(operator, name)
    sign = _COMPARED[name]
    plainly = getattr(base, f"__{name}__")

    def compare(self: Any, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return (
                run(plain(self), other)
                if type(other) is not Array
                else call(f"numpy.{_COMPARISONS[name]}", run, (self, other), {})
            )
        if not isinstance(other, _NUMBERS):
            return plainly(self, other)
        result = run(plain(self), plain(other))
        said = sign if result else f"not {sign}"
        for value in (self, other):
            _decided(value, f"{plain(self):.6g} {said} {plain(other):.6g}", run, (self, other), result)
        return result

    return compare


_COMPARISONS = {
    "lt": "less",
    "le": "less_equal",
    "gt": "greater",
    "ge": "greater_equal",
    "eq": "equal",
    "ne": "not_equal",
}


def _converted(name: str, base: type, what: str) -> Callable[..., Any]:
    """Return a conversion to a whole number or a truth value, which is a constant of the run."""
    run = getattr(base, name)
    again = _AGAIN[name]

    def convert(self: Any, *args: Any) -> Any:
        value = plain(self)
        result = run(value, *args)
        of = f"{value:.6g}" if np.ndim(value) == 0 else "an array"
        _decided(self, f"{what} of {of} is {result}", again, (self,), result)
        return result

    return convert


_AGAIN: dict[str, Callable[..., Any]] = {
    **{"__bool__": bool, "__int__": int, "__index__": int},
    **{"__trunc__": math.trunc, "__floor__": math.floor, "__ceil__": math.ceil},
}
_CONVERSIONS = {
    "__bool__": "the truth value",
    "__int__": "the whole number",
    "__trunc__": "the whole number",
    "__floor__": "the whole number below",
    "__ceil__": "the whole number above",
}


def _rounded(self: Any, digits: Any = None) -> Any:
    if digits is None:
        value = plain(self)
        result = round(value)
        _decided(self, f"{value:.6g} is rounded to {result}", round, (self,), result)
        return result
    return call("numpy.round", round, (self, digits), {})


def _give_numbers() -> None:
    for kind in SCALARS:
        base = PLAIN_TYPES[kind]
        for name in _UFUNCS:
            setattr(kind, f"__{name}__", _binary(name, False))
            setattr(kind, f"__r{name}__", _binary(name, True))
        for name in _UNARY:
            setattr(kind, f"__{name}__", _unary(name))
        for name in _COMPARED:
            setattr(kind, f"__{name}__", _comparison(name, base))
        for name, what in _CONVERSIONS.items():
            if hasattr(base, name) and not (kind is Int and name != "__bool__"):
                setattr(kind, name, _converted(name, base, what))
        own: dict[str, Any] = {
            "__hash__": base.__hash__,
            "__round__": _rounded,
            "__copy__": lambda self: self,
            "__deepcopy__": lambda self, memo: self,
            "__reduce_ex__": lambda self, protocol: plain(self).__reduce_ex__(protocol),
            "__array_ufunc__": _of_ufunc,
            "__array_function__": _of_function,
            "__name__": base.__name__,
            "__qualname__": base.__name__,
            "__module__": base.__module__,
        }
        if issubclass(base, np.generic):
            own |= {name: _method(base, name) for name in _OF_NUMBERS}
            own["item"] = lambda self: call("numpy.ndarray.item", lambda x: x.item(), (self,), {})
            own["T"] = property(lambda self: self)
        for name, value in own.items():
            setattr(kind, name, value)


_OF_NUMBERS = (
    *("sum", "mean", "max", "min", "reshape", "astype", "copy", "round", "clip", "squeeze", "flatten", "ravel"),
)


def _text(plainly: Any) -> Callable[..., str]:
    return lambda self, *args: plainly(plain(self), *args)


def _give_arrays() -> None:
    for name in _METHODS:
        setattr(Array, name, _method(np.ndarray, name))
    for name in _LEAVING:
        setattr(Array, name, _leaving(name))
    for name in ("fill", "sort", "put", "partition", "resize", "setfield"):
        setattr(Array, name, _changing(name))
    for name in ("T", "real", "imag", *(["mT"] if hasattr(np.ndarray, "mT") else [])):
        setattr(Array, name, _property(name))
    for name in ("data", "ctypes", "flat", "__array_interface__", "__array_struct__"):
        setattr(Array, name, _leaving_property(name))
    for name, what in {
        "__bool__": "the truth value",
        "__int__": "the whole number",
        "__index__": "the whole number",
    }.items():
        setattr(Array, name, _converted(name, np.ndarray, what))
    for name, make in {
        "__str__": np.ndarray.__str__,
        "__repr__": np.ndarray.__repr__,
        "__format__": np.ndarray.__format__,
    }.items():
        setattr(Array, name, _text(make))
    own = {
        "__array_ufunc__": _of_ufunc,
        "__array_function__": _of_function,
        "__getitem__": _part,
        "__setitem__": _store,
        "__iter__": _along,
        "__copy__": _copied,
        "__deepcopy__": _copied,
        "__reduce_ex__": _pickled,
        "tolist": _items,
        "item": _item,
    }
    for name, method in own.items():
        setattr(Array, name, method)
    Array.__name__ = Array.__qualname__ = "ndarray"
    Array.__module__ = "numpy"


_give_numbers()
_give_arrays()
