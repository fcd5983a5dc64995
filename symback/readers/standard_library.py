"""Functions of Python's standard library on plain values: math, itertools, functools, operator, collections, copy."""

from __future__ import annotations

import itertools
import math
import operator
import posixpath
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from symback.core.errors import ReadError, nearest
from symback.core.forms import Form, apply
from symback.core.operations import ELEMENTARY
from symback.library.limits import LARGEST_INTEGER
from symback.library.values import Exact, Poison, Record, formula_of
from symback.readers import caching, command_line, containers, data_classes, modules, raising, walking
from symback.readers.asking import Reader
from symback.readers.builtin_functions import DATA_ADVICE, plain_method
from symback.readers.iterators import Iterated
from symback.readers.plain_operations import (
    check_integer,
    plain_binary_named,
    plain_compare_named,
    plain_contains,
    plain_item,
)
from symback.readers.plain_values import (
    CONTAINERS,
    PythonError,
    Queue,
    as_python,
    check_nest,
    counted,
    is_plain,
    is_real,
    listed,
    plain_argument,
    resolved,
    truth,
    type_name,
    whole,
    written_value,
)
from symback.readers.slots import CONTAINERS as MODULES
from symback.readers.slots import registered
from symback.readers.values import Applied, Array, Bound, Factory, Helper, Instance, Method

_NOTHING = object()
Call = Callable[[Reader, list[Any], dict[str, Any]], Any]


def call(reader: Reader, path: str, args: list[Any], keywords: dict[str, Any]) -> Any:
    """Return the result of a function of the standard library; NotImplemented where ``path`` is none of them."""
    module, _, name = path.rpartition(".")
    if module == "math":
        return _math(reader, name, args, keywords)
    found = _FUNCTIONS.get(path)
    if found is not None:
        with as_python(reader.line):
            return found(reader, *args, **keywords)
    root = path.split(".")[0]
    if path in _UNKNOWN:
        return Poison(ReadError(f"what {path}() gives is not known; {DATA_ADVICE}", reader.line))
    if root in _READS or path in _READS:
        raise ReadError(f"{path} reads what is not in the code; {DATA_ADVICE}", reader.line)
    if root in _HARMLESS or path in _HARMLESS:
        return None
    if root in _MODULES:
        known = [p for p in _FUNCTIONS if p.startswith(root)]
        raise ReadError(f"the function {path} is not known{nearest(path, known)}", reader.line)
    return NotImplemented


def _apply(run: Call, title: str, *parts: Any) -> Method:
    return Method(Applied(run, title, parts), "__call__")


# --- math -------------------------------------------------------------------------------------------------------------

_LISTS = ("fsum", "prod", "dist")
_ROUNDING = (
    *("ceil", "floor", "trunc", "isnan", "isinf", "isfinite", "isclose", "gcd", "lcm", "factorial", "comb"),
    "perm",
)
"""Functions of plain numbers with whole numbers or truths as results."""

_STEPS = frozenset(
    (
        *_ROUNDING,
        *("isqrt", "copysign", "fmod", "remainder", "modf", "frexp", "ldexp", "nextafter", "ulp", "degrees"),
        *("radians", "hypot", "dist", "fsum", "prod", "erf", "erfc", "gamma", "lgamma", "cbrt", "exp2", "expm1"),
        *("log1p", "log2", "log10", "log", "exp", "sqrt", "pow", "sin", "cos", "tan", "asin", "acos", "atan"),
        *("atan2", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "fabs"),
    )
)
"""Functions of ``math`` that plain numbers are given to."""


def _math(reader: Reader, name: str, args: list[Any], keywords: dict[str, Any]) -> Any:
    """Return a function of numbers: of plain ones as Python computes it; formulas are left to the tables."""
    if name not in _STEPS or not hasattr(math, name):
        return NotImplemented
    if name in _LISTS:
        values: list[Any] = [
            [plain_argument(reader, v, f"an argument of math.{name}") for v in listed(reader, a)]
            if not is_real(a)
            else a
            for a in args
        ]
    elif name in (*_ROUNDING, "isqrt", "frexp", "modf", "ldexp"):
        values = [plain_argument(reader, a, f"an argument of math.{name}") for a in args]
    else:
        values = [written_value(a) for a in args]
        if any(isinstance(v, Form) for v in values):
            raising.check_math(reader, name, values)
            return NotImplemented
    _check_math(name, values, reader.line)
    with as_python(reader.line):
        found = getattr(math, name)(*values, **{k: resolved(reader, v) for k, v in keywords.items()})
    if isinstance(found, int) and not isinstance(found, bool):
        return check_integer(found, reader.line)
    if name in ELEMENTARY and len(values) == 1 and isinstance(found, float) and math.isfinite(found):
        return Exact(found, apply(name, formula_of(values[0])))
    return found


def _check_math(name: str, values: list[Any], line: int | None) -> None:
    """Raise ReadError before a whole number is computed that is too large."""
    whole_numbers = [v for v in values if isinstance(v, int)]
    if name == "factorial" and whole_numbers and whole_numbers[0] > 600:
        raise ReadError(f"math.factorial({whole_numbers[0]}) is too large", line)
    if name in ("comb", "perm") and whole_numbers and whole_numbers[0] > 0:
        n = whole_numbers[0]
        k = whole_numbers[1] if len(whole_numbers) > 1 else n
        taken = min(k, n - k) if name == "comb" else k
        if 0 < taken <= n and taken * n.bit_length() > 4 * LARGEST_INTEGER:
            raise ReadError(f"math.{name}({n}, {k}) is too large", line)
    if name == "prod" and values and isinstance(values[0], list):
        bits = sum(v.bit_length() for v in values[0] if isinstance(v, int))
        if bits > 2 * LARGEST_INTEGER:
            raise ReadError("the product of these numbers is too large", line)


# --- itertools --------------------------------------------------------------------------------------------------------


def _count(reader: Reader, start: Any = 0, step: Any = 1) -> Iterated:
    first, by = resolved(reader, start), resolved(reader, step)
    if not (is_real(first) and is_real(by)):
        raise PythonError(TypeError, "a number is required", reader.line)
    return Iterated(itertools.count(first, by), "count", True, True)


def _cycle(reader: Reader, items: Any) -> Iterated:
    return Iterated(itertools.cycle(counted(reader, items)), "cycle", False, True, [items])


def _repeat(reader: Reader, item: Any, times: Any = None) -> Iterated:
    if times is None:
        return Iterated(itertools.repeat(item), "repeat", False, True)
    return Iterated(itertools.repeat(item, whole(reader, times, "times")), "repeat")


def _chain(reader: Reader, *iterables: Any) -> Iterated:
    source = (item for part in iterables for item in counted(reader, part))
    endless = any(isinstance(p, Iterated) and p.endless for p in iterables)
    return Iterated(source, "chain", endless=endless, near=iterables)


def _chain_from(reader: Reader, iterables: Any) -> Iterated:
    source = (item for part in counted(reader, iterables) for item in counted(reader, part))
    return Iterated(source, "chain", near=[iterables])


def _islice(reader: Reader, items: Any, *ends: Any) -> Iterated:
    places = [None if e is None else whole(reader, e, "an end of islice") for e in ends]
    return Iterated(itertools.islice(counted(reader, items), *places), "islice", near=[items])


def _zip_longest(reader: Reader, *iterables: Any, fillvalue: Any = None) -> Iterated:
    sources = [counted(reader, i) for i in iterables]
    endless = any(isinstance(i, Iterated) and i.endless for i in iterables)
    return Iterated(
        itertools.zip_longest(*sources, fillvalue=fillvalue), "zip_longest", endless=endless, near=iterables
    )


def _product(reader: Reader, *iterables: Any, repeat: Any = 1) -> Iterated:
    times = whole(reader, repeat, "repeat")
    pools = [listed(reader, i) for i in iterables]
    if len(pools) * max(times, 0) > 1000:
        raise ReadError("a product of so many lists is too large", reader.line)
    return Iterated(itertools.product(*pools, repeat=times), "product")


def _choices(name: str) -> Callable[..., Iterated]:
    def build(reader: Reader, iterable: Any, r: Any = None) -> Iterated:
        pool = listed(reader, iterable)
        if r is None and name != "permutations":
            raise PythonError(TypeError, f"{name}() missing required argument 'r'", reader.line)
        size = len(pool) if r is None else whole(reader, r, "r")
        if size > 1000:
            raise ReadError(f"{name} of so many items are too large", reader.line)
        return Iterated(getattr(itertools, name)(pool, size), name)

    return build


def _accumulate(reader: Reader, iterable: Any, func: Any = None, *, initial: Any = None) -> Iterated:
    def add(left: Any, right: Any) -> Any:
        made = _two("add", reader, left, right) if func is None else reader.call(func, [left, right], {})
        return reader.held(made)

    source = itertools.accumulate(counted(reader, iterable), add, initial=initial)
    return Iterated(source, "accumulate", near=[iterable, func])


def _while(name: str) -> Callable[..., Iterated]:
    def build(reader: Reader, predicate: Any, iterable: Any) -> Iterated:
        def holds(item: Any) -> bool:
            return truth(reader, reader.call(predicate, [item], {}))

        return Iterated(getattr(itertools, name)(holds, counted(reader, iterable)), name, near=[predicate, iterable])

    return build


def _starmap(reader: Reader, function: Any, iterable: Any) -> Iterated:
    source = (reader.call(function, listed(reader, row), {}) for row in counted(reader, iterable))
    return Iterated(source, "starmap", near=[function, iterable])


def _pairwise(reader: Reader, iterable: Any) -> Iterated:
    return Iterated(itertools.pairwise(counted(reader, iterable)), "pairwise", near=[iterable])


def _compress(reader: Reader, data: Any, selectors: Any) -> Iterated:
    chosen = (truth(reader, s) for s in counted(reader, selectors))
    return Iterated(itertools.compress(counted(reader, data), chosen), "compress", near=[data, selectors])


# --- functools and operator -------------------------------------------------------------------------------------------


def _partial(reader: Reader, func: Any, *args: Any, **keywords: Any) -> Method:
    def run(inner: Reader, more: list[Any], named: dict[str, Any]) -> Any:
        return inner.call(func, [*args, *more], {**keywords, **named})

    return _apply(run, "functools.partial", func, *args, *keywords.values())


def _reduce(reader: Reader, function: Any, iterable: Any, *initial: Any) -> Any:
    if len(initial) > 1:
        raise PythonError(TypeError, "reduce expected at most 3 arguments", reader.line)
    source: Iterator[Any] = counted(reader, iterable)
    items = itertools.chain(initial, source)
    total = next(items, _NOTHING)
    if total is _NOTHING:
        raise PythonError(TypeError, "reduce() of empty iterable with no initial value", reader.line)
    for item in items:
        total = reader.call(function, [total, item], {})
    return total


def _lru_cache(reader: Reader, function: Any = 128, typed: Any = False, *, maxsize: Any = 128) -> Any:
    """Return a function that remembers its results, or the decorator that makes one."""
    if truth(reader, typed):
        raise ReadError("lru_cache(typed=True) is not followed", reader.line)
    if isinstance(function, Helper):
        return caching.remembering(reader, function, resolved(reader, maxsize))
    longest = resolved(reader, maxsize if function == 128 else function)
    return _apply(lambda inner, given, named: caching.remembering(inner, given[0], longest), "functools.lru_cache")


def _wraps(reader: Reader, wrapped: Any, *args: Any, **options: Any) -> Any:
    return _apply(lambda inner, given, named: given[0], "functools.wraps")


_ON_FORMS: Mapping[str, Callable[..., Any]] = {
    n: getattr(operator, n) for n in ("add", "sub", "mul", "truediv", "pow", "matmul", "neg")
}


def _two(name: str, reader: Reader, left: Any, right: Any) -> Any:
    """Return ``operator.name(left, right)``."""
    plain = plain_binary_named(name, written_value(left), written_value(right), reader.line)
    if plain is not NotImplemented:
        return plain
    if name not in _ON_FORMS:
        found = plain_binary_named(name, resolved(reader, left), resolved(reader, right), reader.line)
        if found is NotImplemented:
            raise ReadError(f"operator.{name} of arrays is not read; write the operator", reader.line)
        return found
    return reader.made(_ON_FORMS[name](reader.form(left), reader.form(right)))


def _order(name: str) -> Callable[..., Any]:
    def build(reader: Reader, left: Any, right: Any) -> Any:
        found = plain_compare_named(name, resolved(reader, left), resolved(reader, right), reader.line)
        if found is NotImplemented:
            raise ReadError(f"operator.{name} of arrays is not read; write the comparison", reader.line)
        return found

    return build


def _item_of(reader: Reader, value: Any, key: Any) -> Any:
    found = plain_item(value, key if isinstance(key, slice) else resolved(reader, key), reader.line)
    if found is NotImplemented:
        raise ReadError("operator.getitem and itemgetter are read for lists and dictionaries", reader.line)
    return found


def _item_getter(reader: Reader, *keys: Any) -> Method:
    if not keys:
        raise PythonError(TypeError, "itemgetter expected at least 1 argument, got 0", reader.line)

    def run(inner: Reader, args: list[Any], named: dict[str, Any]) -> Any:
        found = tuple(_item_of(inner, args[0], key) for key in keys)
        return found if len(keys) > 1 else found[0]

    return _apply(run, "operator.itemgetter")


def _attribute_getter(reader: Reader, *names: Any) -> Method:
    def one(inner: Reader, value: Any, path: str) -> Any:
        for label in path.split("."):
            if isinstance(value, Record) and label in value._fields:
                value = value[value._fields.index(label)]
            elif isinstance(value, Instance):
                value = modules.attribute(inner, value, label)
            else:
                raise ReadError("attrgetter is read for objects of the text", inner.line)
        return value

    def run(inner: Reader, args: list[Any], named: dict[str, Any]) -> Any:
        found = tuple(one(inner, args[0], str(resolved(inner, n))) for n in names)
        return found if len(names) > 1 else found[0]

    return _apply(run, "operator.attrgetter")


def _method_caller(reader: Reader, name: Any, *args: Any, **keywords: Any) -> Method:
    label = str(resolved(reader, name))

    def run(inner: Reader, given: list[Any], named: dict[str, Any]) -> Any:
        if is_plain(given[0]):
            return plain_method(inner, given[0], label, list(args), keywords)
        return inner.call(Method(given[0], label), list(args), dict(keywords))

    return _apply(run, "operator.methodcaller")


def _contains(reader: Reader, container: Any, value: Any) -> Any:
    found = plain_contains(container, resolved(reader, value), reader.line)
    if found is NotImplemented:
        raise ReadError("operator.contains is read for plain containers", reader.line)
    return found


# --- collections, copy, types -----------------------------------------------------------------------------------------


def _ordered(reader: Reader, *args: Any, **items: Any) -> Any:
    return OrderedDict(containers.pairs(reader, args, items))


def _default_dict(reader: Reader, factory: Any = None, *args: Any, **items: Any) -> Any:
    if factory is not None and is_plain(factory):
        raise PythonError(TypeError, "first argument must be callable or None", reader.line)
    make = None if factory is None else Factory(factory, lambda: reader.held(reader.call(factory, [], {})))
    return defaultdict(make, containers.pairs(reader, args, items))


def _counter(reader: Reader, *args: Any, **items: Any) -> Any:
    return containers.counted_pairs(reader, args, items)


def _deque(reader: Reader, iterable: Any = (), maxlen: Any = None) -> Queue:
    longest = None if maxlen is None else whole(reader, maxlen, "maxlen")
    if longest is not None and longest < 0:
        raise PythonError(ValueError, "maxlen must be non-negative", reader.line)
    return Queue(listed(reader, iterable), longest)


def _named_tuple(reader: Reader, typename: Any, field_names: Any, *, defaults: Any = ()) -> Method:
    title, given = resolved(reader, typename), resolved(reader, field_names)
    names = (
        given.replace(",", " ").split()
        if isinstance(given, str)
        else [resolved(reader, n) for n in listed(reader, given)]
    )
    if not isinstance(title, str) or any(not (isinstance(n, str) and n.isidentifier()) or n[0] == "_" for n in names):
        raise PythonError(ValueError, "Type names and field names must be valid identifiers", reader.line)
    if len(set(names)) < len(names):
        raise PythonError(ValueError, "Encountered duplicate field name", reader.line)
    ends = listed(reader, defaults)
    filled = dict(zip(names[len(names) - len(ends) :], ends, strict=True))

    def run(inner: Reader, args: list[Any], named: dict[str, Any]) -> Record:
        values = {**filled, **dict(zip(names, args, strict=False))}
        wrong = [k for k in named if k not in names or k in names[: len(args)]]
        if len(args) > len(names) or wrong:
            raise PythonError(TypeError, f"{title} takes {', '.join(names)}", inner.line)
        values.update(named)
        missing = [n for n in names if n not in values]
        if missing:
            raise PythonError(TypeError, f"{title} needs {', '.join(missing)}", inner.line)
        return Record.of(title, tuple(names), [values[n] for n in names])

    return _apply(run, title)


def _namespace(reader: Reader, **attributes: Any) -> Instance:
    return registered(reader, Instance("SimpleNamespace", attributes=dict(attributes)))


def _copy(reader: Reader, value: Any) -> Any:
    """Return a copy of a container, or of an array in memory of its own."""
    if isinstance(value, Instance):
        return _copied_object(reader, value)
    if isinstance(value, (Array, Form)):
        # a tensor of PyTorch that is copied so is another object that shows the same memory
        return value if reader.is_torch(reader.form(value)) else reader.call(Method(value, "copy"), [], {})
    if isinstance(value, Iterated):
        raise ReadError(f"a copy of {type_name(value)} is not followed", reader.line)
    if isinstance(value, (list, dict, set)):
        return containers.call(reader, value, "copy", [], {})
    return value


def _copied_object(reader: Reader, value: Instance) -> Any:
    """Return ``copy.copy`` of an object: what it holds is shared; a container or layer shares even where it holds it."""
    definition = value.definition
    if definition is not None and definition.members is not None:
        return value
    own = definition.having("__copy__") if definition is not None else None
    if own is not None:
        return reader.call(reader.attribute(value, "__copy__"), [], {})
    _check_copied(reader, value, "copy")
    if definition is not None and definition.is_module:
        raise ReadError(f"copy.copy of {value.kind} shares its parameters with it, which is not followed", reader.line)
    attributes = value.attributes if value.layer is not None or value.kind in MODULES else dict(value.attributes)
    return registered(reader, Instance(value.kind, definition, attributes, value.training, "", {}, value.layer))


def _check_copied(reader: Reader, value: Instance, how: str) -> None:
    """Refuse to copy an object whose class says in another way than by the method for it how it is copied."""
    for name in ("__reduce__", "__reduce_ex__", "__getstate__", "__setstate__", "__getnewargs__", f"__{how}__"):
        if value.definition is not None and value.definition.having(name) is not None:
            raise ReadError(f"copy.{how} of {value.kind}, which has its own {name}, is not followed here", reader.line)


def _deep_copy(reader: Reader, value: Any, memo: Any = None) -> Any:
    """Return a copy of a nest of containers: what it holds several times stays one object."""
    if isinstance(value, CONTAINERS):
        check_nest(value, reader.line)
    made: dict[int, Any] = {}

    def copied(one: Any) -> Any:
        if id(one) in made:
            return made[id(one)]
        if isinstance(one, (list, dict)):
            made[id(one)] = new = _emptied(one)
            if isinstance(one, list):
                list.extend(new, [copied(v) for v in one])
            else:
                for key, held in one.items():
                    dict.__setitem__(new, key, copied(held))
        elif isinstance(one, tuple):
            new = _copied_tuple(one, [copied(v) for v in one])
        elif isinstance(one, set):
            new = one.copy()
        elif reader.is_array(one):
            cloned = "clone" if reader.is_torch(reader.form(one)) else "copy"
            new = reader.held(reader.call(Method(one, cloned), [], {}))
        elif isinstance(one, Bound) and isinstance(one.instance, Instance):
            new = replace(one, instance=copied(one.instance))
        elif isinstance(one, Instance) and one.definition is not None and one.definition.members is not None:
            new = one
        elif isinstance(one, Instance):
            _check_copied(reader, one, "deepcopy")
            made[id(one)] = new = registered(
                reader, Instance(one.kind, one.definition, {}, one.training, "", {}, one.layer)
            )
            modules.copied(reader, one, copied, new, made)
        elif isinstance(one, Iterated):
            raise ReadError("copy.deepcopy of an iterator is not followed here", reader.line)
        else:
            new = one
        made[id(one)] = new
        return new

    return copied(value)


def _emptied(value: Any) -> Any:
    if isinstance(value, Queue):
        return Queue((), value.longest)
    if isinstance(value, defaultdict):
        return defaultdict(value.default_factory)
    return type(value)()


def _copied_tuple(value: tuple[Any, ...], parts: list[Any]) -> Any:
    if all(a is b for a, b in zip(value, parts, strict=True)):
        return value
    return Record.of(value.title, value._fields, parts) if isinstance(value, Record) else tuple(parts)


def _joined_path(reader: Reader, *parts: Any) -> str:
    plain = [plain_argument(reader, p, "a part of a path") for p in parts]
    if not all(isinstance(p, str) for p in plain):
        raise PythonError(TypeError, "a part of a path has to be a text", reader.line)
    return str(posixpath.join(*plain))


# --- the tables -------------------------------------------------------------------------------------------------------

_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "itertools.count": _count,
    "itertools.cycle": _cycle,
    "itertools.repeat": _repeat,
    "itertools.chain": _chain,
    "itertools.chain.from_iterable": _chain_from,
    "itertools.islice": _islice,
    "itertools.zip_longest": _zip_longest,
    "itertools.product": _product,
    **{f"itertools.{n}": _choices(n) for n in ("combinations", "permutations", "combinations_with_replacement")},
    "itertools.accumulate": _accumulate,
    "itertools.takewhile": _while("takewhile"),
    "itertools.dropwhile": _while("dropwhile"),
    "itertools.filterfalse": lambda reader, function, items: walking.filtered(reader, function, items, False),
    "itertools.starmap": _starmap,
    "itertools.pairwise": _pairwise,
    "itertools.compress": _compress,
    "functools.partial": _partial,
    "functools.reduce": _reduce,
    "functools.lru_cache": _lru_cache,
    "functools.cache": lambda reader, function: caching.remembering(reader, function, None),
    "functools.wraps": _wraps,
    **{
        f"operator.{n}": (lambda reader, a, b, n=n: _two(n, reader, a, b))
        for n in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and_", "or_", "xor")
    },
    **{f"operator.{n}": _order(n) for n in ("eq", "ne", "lt", "le", "gt", "ge", "is_", "is_not")},
    "operator.neg": lambda reader, a: _two("mul", reader, a, -1),
    "operator.not_": lambda reader, a: not truth(reader, a),
    "operator.truth": lambda reader, a: truth(reader, a),
    "operator.getitem": _item_of,
    "operator.contains": _contains,
    "operator.itemgetter": _item_getter,
    "operator.attrgetter": _attribute_getter,
    "operator.methodcaller": _method_caller,
    "collections.OrderedDict": _ordered,
    "collections.defaultdict": _default_dict,
    "collections.Counter": _counter,
    "collections.deque": _deque,
    "collections.namedtuple": _named_tuple,
    "types.SimpleNamespace": _namespace,
    "copy.copy": _copy,
    "copy.deepcopy": _deep_copy,
    "argparse.ArgumentParser": command_line.make_parser,
    "argparse.Namespace": _namespace,
    **data_classes.FUNCTIONS,
    "typing.cast": lambda reader, kind, value: value,
    "os.path.join": _joined_path,
}

_MODULES = ("itertools", "functools", "operator", "collections", "copy", "types", "argparse", "dataclasses")
_READS = (
    "json",
    "pickle",
    "urllib",
    "requests",
    "csv",
    "gzip",
    "pandas",
    "io",
    "h5py",
    "glob",
    "os.listdir",
    "sys.stdin",
)
_UNKNOWN = [
    "time.time",
    "time.perf_counter",
    "time.process_time",
    "time.monotonic",
    "time.time_ns",
    "time.strftime",
    "time.localtime",
    "time.ctime",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.date.today",
    "datetime.now",
    "datetime.utcnow",
    "os.getcwd",
    "os.getenv",
    "os.environ.get",
    "os.path.exists",
    "os.path.isfile",
    "os.path.isdir",
    "os.path.abspath",
    "os.path.dirname",
    "os.path.basename",
    "os.cpu_count",
    "uuid.uuid4",
    "getpass.getuser",
    "platform.system",
    "os.getpid",
    "time.asctime",
    "os.path.realpath",
]
_HARMLESS = [
    "warnings",
    "logging",
    "time.sleep",
    "gc",
    "sys.stdout",
    "sys.stderr",
    "os.makedirs",
    "os.mkdir",
    "os.environ.setdefault",
    "faulthandler",
    "pprint.pprint",
    "sys.path",
    "tracemalloc",
]


def is_known(path: str) -> bool:
    """Return whether a path is a function of the standard library that is followed."""
    return path in _FUNCTIONS or path.startswith("math.")
