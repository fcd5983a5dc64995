"""What instrumented code calls: functions that are called, borders that values cross, beside names and places."""

from __future__ import annotations

import builtins
import collections
import itertools
import math
import random
import types
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from symback.tracer.calls import about_to_change, call, node_behind, recorded, written
from symback.tracer.instrument import Text
from symback.tracer.log import CURRENT, Log
from symback.tracer.methods import path_of_ufunc
from symback.tracer.naming import MOST_LOOKED_AT, Names
from symback.tracer.objects import PLAIN_TYPES, SCALARS, Array, plain, scalar
from symback.tracer.stated import WRITTEN, all_stated

_DISPATCHED = (np.ufunc, type(np.dot))
_CONTAINERS = (list, dict, set, frozenset, tuple, str, bytes, collections.deque)
_MOST_COMPARED = 10_000_000
"""Most entries of an array that is compared with itself after a library had it."""


class Recorder(Names):
    """The object that instrumented code knows; ``loss`` is a name that is the loss, where it was given."""

    def __init__(self, log: Log, texts: dict[str, Text], modules: set[str], loss: str | None = None) -> None:
        super().__init__(log, texts, modules, loss)
        self.adopt: Callable[[Any], bool] = lambda function: False
        """What instruments a function that was not: where no file as a whole is executed."""
        self._wrappers: dict[int, tuple[Any, Callable[..., Any]]] = {}
        self._borders = {id(k): v for k, v in self._made_borders().items()}
        self.slice = builtins.slice

    # --- functions ------------------------------------------------------------------------------------------------------

    def number(self, value: float) -> Any:
        """Return a number that a call is given as one that is recorded."""
        return self._stated(recorded(value))

    def items(self, iterable: Any) -> Any:
        """Return what a comprehension runs over, its arrays recorded."""
        kind = type(iterable)
        return iterable if kind is range or kind is Array or kind is str else map(recorded, iterable)

    def callee(self, function: Any) -> Any:
        """Return what stands for a function that is called."""
        kind = type(function)
        if kind is types.FunctionType:
            if function.__code__.co_filename in self.log.files or self.adopt(function):
                return function
        elif kind is types.MethodType:
            inner = getattr(function.__func__, "__code__", None)
            if type(function.__self__) in PLAIN_TYPES or (inner is not None and inner.co_filename in self.log.files):
                return function
            if self.adopt(function):
                return function
        elif isinstance(function, type) and (
            function.__module__ in self.modules or issubclass(function, _CONTAINERS) or self.adopt(function)
        ):
            return function
        border = self._borders.get(id(function))
        if border is not None:
            return border
        if CURRENT.tensors is not None and CURRENT.tensors.is_foreign(function):
            return function
        if kind is types.BuiltinMethodType or kind is types.BuiltinFunctionType:
            holder = function.__self__
            if isinstance(holder, (*_CONTAINERS, np.ufunc)) or type(holder) in PLAIN_TYPES:
                return function
            if type(holder) is np.ndarray and holder.dtype.kind in "fiub":
                return getattr(recorded(holder), function.__name__)
            if function in _HARMLESS:
                return function
        elif kind.__module__ in self.modules or (kind not in _DISPATCHED and self.adopt(function)):
            return function
        return self._wrapper(function, kind)

    def _wrapper(self, function: Any, kind: type) -> Callable[..., Any]:
        known = self._wrappers.get(id(function))
        if known is not None and known[0] is function:
            return known[1]
        if kind in _DISPATCHED:
            made = self._dispatched(function)
        else:
            made = self._watched(function)
        if kind is not types.MethodType and kind is not types.BuiltinMethodType:
            self._wrappers[id(function)] = (function, made)
        return made

    def _dispatched(self, function: Any) -> Callable[..., Any]:
        """Return a function of NumPy as one whose results are recorded, whatever it is given."""
        is_ufunc = isinstance(function, np.ufunc)
        if function in _LEAVING:
            return self._watched(function)

        def run(*args: Any, **options: Any) -> Any:
            if self.log.ended:
                self.log.check()
            if _has_recorded(args) or _has_recorded(options.values()):
                return function(*args, **options)
            if any(isinstance(a, np.ndarray) for a in args):
                if is_ufunc:
                    return call(path_of_ufunc(function), function, args, options)
                given = [recorded(a) for a in args]
                return function(*given, **options)
            return self._came(function, args, options, function(*args, **options))

        return run

    def _watched(self, function: Any) -> Callable[..., Any]:
        """Return a function that is not one's own as one that is seen to be given what is recorded, and to give back what is not."""

        def run(*args: Any, **options: Any) -> Any:
            log = self.log
            if log.ended:
                log.check()
            given = list(_recorded_in((*args, *options.values())))
            arrays = [
                (a, plain(a).copy(), node_behind(log, a))
                for a in given
                if type(a) is Array and a.size <= _MOST_COMPARED
            ]
            result = function(*args, **options)
            for array, before, node in arrays:
                if node is node_behind(log, array) and not np.array_equal(
                    plain(array), before, equal_nan=before.dtype.kind == "f"
                ):
                    self._changed_outside(array, before, function)
            nodes = tuple(n for n in (node_behind(log, v) for v in given) if n is not None)
            if nodes and not isinstance(result, (bool, int)) and not _has_recorded([result]):
                log.leaked(nodes, _title(function), text=isinstance(result, str))
            return self._came(function, args, options, result, bool(nodes))

        return run

    def _changed_outside(self, array: Array, before: np.ndarray, function: Any) -> None:
        """Note that a library changed an array in place: what it holds now is a new leaf."""
        log = self.log
        now = plain(array).copy()
        plain(array)[...] = before
        node = node_behind(log, array)
        target = about_to_change(log, array)
        plain(array)[...] = now
        if node is not None:
            log.leaked((node,), _title(function))
        fresh = log.add("", None, (), {}, now)
        fresh.value = now
        draws = isinstance(
            getattr(function, "__self__", None), (np.random.Generator, np.random.RandomState, random.Random)
        )
        fresh.fixed = WRITTEN if draws else 0
        written(log, target, fresh)

    def _came(self, function: Any, args: Sequence[Any], options: Any, result: Any, given: bool = False) -> Any:
        """Return what came from a library, its arrays and numbers recorded."""
        start = len(self.log.nodes)
        made = self._deep(result)
        if not given and len(self.log.nodes) > start:
            stated = self._source(function, args, options)
            for node in self.log.nodes[start:]:
                node.fixed = stated if node.run is None else 0
        return made

    def _deep(self, value: Any, depth: int = 2) -> Any:
        kind = type(value)
        if kind is np.ndarray or kind is float or kind is np.float64 or kind is np.float32:
            return recorded(value)
        if depth and kind is list:
            for k, item in enumerate(value):
                if type(item) in (np.ndarray, list, tuple):
                    value[k] = self._deep(item, depth - 1)
        elif depth and kind is tuple:
            return tuple(self._deep(v, depth - 1) for v in value)
        elif depth and isinstance(value, dict):
            for key, item in list(value.items()):
                if type(item) in (np.ndarray, list, tuple):
                    value[key] = self._deep(item, depth - 1)
        return value

    # --- borders --------------------------------------------------------------------------------------------------------

    def _made_borders(self) -> dict[Any, Callable[..., Any]]:
        """Return what stands for functions that would take the log off what they are given."""
        borders: dict[Any, Callable[..., Any]] = {
            np.array: self._array("numpy.array", np.array),
            np.full: self._full,
            np.asarray: self._same(np.asarray),
            np.asanyarray: self._same(np.asanyarray),
            np.ascontiguousarray: self._array("numpy.ascontiguousarray", np.ascontiguousarray),
            np.asfortranarray: self._array("numpy.asfortranarray", np.asfortranarray),
            float: self._number(float, "float"),
            np.float64: self._number(np.float64, "numpy.float64"),
            type: self._type,
            setattr: self._set,
            sum: self._sum,
            divmod: lambda a, b: (a // b, a % b) if _has_recorded([a, b]) else divmod(a, b),
        }
        for name in (
            "exp",
            "log",
            "sqrt",
            "sin",
            "cos",
            "tan",
            "tanh",
            "sinh",
            "cosh",
            "log2",
            "log10",
            "log1p",
            "expm1",
            "pow",
            "fabs",
            "atan",
            "asin",
            "acos",
            "atan2",
            "erf",
            "erfc",
            "hypot",
            "lgamma",
            "gamma",
            "copysign",
            "fsum",
            "prod",
            "dist",
            "asinh",
            "acosh",
            "atanh",
            "cbrt",
            "exp2",
        ):
            function = getattr(math, name, None)
            if function is not None:
                borders[function] = self._of_math(name, function)
        return borders

    def _of_math(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **options: Any) -> Any:
            if name in ("fsum", "prod") and args and not isinstance(args[0], (list, tuple)):
                args = (list(args[0]), *args[1:])
            if _has_recorded(args):
                return call(f"math.{name}", function, args, options)
            return self._came(function, args, options, function(*args, **options))

        return run

    def _same(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return ``np.asarray``, which gives back an array of NumPy itself."""
        other = self._array("numpy.asarray", function)

        def run(a: Any, dtype: Any = None, *args: Any, **options: Any) -> Any:
            if type(a) is Array and (dtype is None or np.dtype(dtype) == a.dtype) and not args and not options:
                return a
            return other(a, *([dtype] if dtype is not None else []), *args, **options)

        return run

    def _array(self, path: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **options: Any) -> Any:
            if args and _has_recorded(args[:1]):
                return call(path, function, args, options)
            if args and type(args[0]) is np.ndarray:
                return call(path, function, (recorded(args[0]), *args[1:]), options)
            made = recorded(function(*args, **options))
            node = node_behind(self.log, made)
            if node is not None and node.run is None:
                node.fixed = all_stated(args[:1], node.site, self.texts)
            return made

        return run

    def _source(self, function: Any, args: Sequence[Any], options: Any) -> int:
        """Return how well it is stated what a function makes its numbers of; one that draws them takes them from nowhere."""
        holder = getattr(function, "__self__", None)
        if not (
            isinstance(holder, (np.random.Generator, np.random.RandomState, random.Random, np.ufunc))
            or isinstance(function, _DISPATCHED)
            or (_is_hashable(function) and (function in _CREATING or function.__module__ == "math"))
        ):
            return 0
        return all_stated((*args, *options.values()), self.log.site(), self.texts)

    def _number(self, kind: type, path: str) -> Callable[..., Any]:
        def run(*args: Any) -> Any:
            if args and type(args[0]) in PLAIN_TYPES:
                return call(path, kind, args, {})
            made = kind(*args)
            if args and isinstance(args[0], (str, bytes)):
                node = self.log.add("text", None, (), {}, made)
                return scalar(made, node)
            return made if args and isinstance(args[0], (int, float)) and type(args[0]) is not float else recorded(made)

        return run

    def _sum(self, values: Any, *start: Any, **options: Any) -> Any:
        """Do Python's ``sum``: of an array it is one operation."""
        if type(values) is not Array or not values.ndim or start or options:
            return sum(values, *start, **options)
        return call("numpy.sum", lambda a, axis: sum(a), (values, 0), {})

    def _full(self, shape: Any, fill_value: Any, *args: Any, **options: Any) -> Any:
        if _has_recorded([fill_value]):
            return call("numpy.full", np.full, (plain(shape), fill_value, *args), options)
        made = np.full(plain(shape), fill_value, *args, **options)
        return self._came(np.full, (shape, fill_value), options, made)

    def _set(self, holder: Any, name: str, value: Any) -> None:
        self.attribute(holder, name, ("", False))[0] = value

    @staticmethod
    def _type(*args: Any) -> Any:
        return PLAIN_TYPES.get(type(args[0]), type(args[0])) if len(args) == 1 else type(*args)


_HARMLESS: frozenset[Any] = frozenset(
    (
        *(print, len, isinstance, issubclass, iter, next, hasattr, getattr, delattr, id, callable, sorted, any, all),
        *(abs, max, min, sum, pow, hash, open, input, round, repr, format, chr, ord, __build_class__),
    )
)
_LEAVING: frozenset[Any] = frozenset(
    (np.save, np.savez, np.savez_compressed, np.savetxt, np.array2string, np.array_str, np.array_repr)
)
_CREATING: frozenset[Any] = frozenset(
    (np.zeros, np.ones, np.full, np.empty, np.arange, np.eye, np.identity, np.linspace, np.tri)
)


def _is_hashable(value: Any) -> bool:
    return type(value).__hash__ is not None and isinstance(
        value, (types.BuiltinFunctionType, *_DISPATCHED, types.FunctionType)
    )


def _title(function: Any) -> str:
    """Return what a function is called in a message."""
    name = getattr(function, "__qualname__", None) or getattr(function, "__name__", None) or type(function).__name__
    module = getattr(function, "__module__", None)
    return f"{module}.{name}" if isinstance(module, str) and module not in ("builtins", "__main__") else str(name)


def _has_recorded(values: Iterable[Any], depth: int = 3) -> bool:
    """Return whether something among values, or in lists among them, is recorded."""
    for value in values:
        kind = type(value)
        if kind is Array or kind in SCALARS:
            return True
        if depth and kind in (list, tuple) and _has_recorded(value, depth - 1):
            return True
        if depth and kind is dict and _has_recorded(value.values(), depth - 1):
            return True
    return False


def _recorded_in(values: Iterable[Any], depth: int = 2) -> Iterator[Any]:
    for value in values:
        kind = type(value)
        if kind is Array or kind in SCALARS:
            yield value
        elif depth and kind in (list, tuple, set):
            yield from _recorded_in(itertools.islice(value, MOST_LOOKED_AT), depth - 1)
        elif depth and kind is dict:
            yield from _recorded_in(itertools.islice(value.values(), MOST_LOOKED_AT), depth - 1)
