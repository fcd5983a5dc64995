"""Calls: of functions and classes of the text, with their arguments bound as Python binds them, and of the libraries."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import FrozenInstanceError, replace
from typing import Any, cast

import numpy as np

from symback.core.errors import ReadError, SymbackError, nearest
from symback.core.forms import Form, names_in
from symback.library import kinds
from symback.library.limits import DEEPEST_CALLS
from symback.library.making import MAKERS
from symback.library.paths import PREDEFINED, changes_in_place, kind_of_type, type_name, written
from symback.library.plain_numbers import is_number
from symback.library.row_calls import activation_names, call_prepared
from symback.library.signatures import bind, is_type, signatures
from symback.library.values import Count, Library, Listed, Poison, Prepared, Record, listed
from symback.readers import (
    caching,
    changes,
    containers,
    drawing,
    generators,
    library_calls,
    memory,
    module_walks,
    modules,
    optimizers,
    outside,
    recording,
    unfollowed,
)
from symback.readers.asking import Reader
from symback.readers.builtin_functions import plain_method
from symback.readers.iterators import Iterated
from symback.readers.iterators import rest as iterated_rest
from symback.readers.names import describe, located
from symback.readers.origins import DIFFERENT
from symback.readers.plain_values import VIEWS, is_plain
from symback.readers.plain_values import resolved as plain_resolved
from symback.readers.streams import Stream
from symback.readers.syntax import own_names
from symback.readers.values import (
    Ancestor,
    Applied,
    Array,
    Bound,
    Cell,
    Definition,
    Helper,
    Instance,
    Method,
    Outside,
    Raised,
    Recording,
    Returned,
    Scope,
)

# --- a call in the text -----------------------------------------------------------------------------------------------


def read_call(reader: Reader, node: ast.Call, scope: Scope) -> Any:
    """Return what a call stands for, after all that it does."""
    if isinstance(node.func, ast.Name) and node.func.id == "super" and scope.find("super") is None:
        return _super(reader, node, scope)
    if reader.gradient_step(node, scope):
        return None
    function = _function(reader, node.func, scope)
    if (
        isinstance(function, Method)
        and isinstance(function.value, (Instance, Prepared))
        and function.name in ("to", "cuda")
    ):
        return function.value  # the device does not matter, and need not be known
    args = _arguments(reader, node, scope)
    keywords: dict[str, Any] = {}
    for keyword in node.keywords:
        value = reader.value(keyword.value, scope)
        for label, given in [(keyword.arg, value)] if keyword.arg is not None else _spread(reader, value):
            if label in keywords:
                raise ReadError(f"{describe(function)} is given {label} twice", reader.line)
            keywords[label] = given
    reader.labels.append(_label(node, function))
    try:
        return reader.call(function, args, keywords)
    finally:
        reader.labels.pop()


def _arguments(reader: Reader, node: ast.Call, scope: Scope) -> list[Any]:
    found: list[Any] = []
    for argument in node.args:
        if isinstance(argument, ast.Starred):
            found.extend(reader.items_of(reader.value(argument.value, scope)))
        else:
            found.append(reader.value(argument, scope))
    return found


def _spread(reader: Reader, value: Any) -> list[tuple[str, Any]]:
    if not isinstance(value, dict) or not all(isinstance(k, str) for k in value):
        raise ReadError("** in a call needs a dictionary with texts as keys", reader.line)
    return list(value.items())


def _label(node: ast.Call, function: Any) -> str:
    """Return what an array is called that a call changes in place."""
    places = [k.value for k in node.keywords if k.arg == "out"]
    if isinstance(node.func, ast.Attribute) and not node.keywords and not isinstance(function, Library):
        places.append(node.func.value)
    places += node.args[:1]
    place = places[0] if places else None
    while isinstance(place, ast.Call) and isinstance(place.func, ast.Attribute):
        place = place.func.value
    if isinstance(place, ast.Attribute) and place.attr != "data":
        return place.attr
    return place.id if isinstance(place, ast.Name) else ""


def _super(reader: Reader, node: ast.Call, scope: Scope) -> Ancestor:
    if node.args or node.keywords:
        given = [reader.value(a, scope) for a in node.args]
        if len(given) != 2 or node.keywords or not isinstance(given[0], Definition):
            raise ReadError("super(…) is read with a class and an object", reader.line)
        if not isinstance(given[1], (Instance, Definition)):
            raise ReadError("super(…) is read with a class and an object", reader.line)
        return Ancestor(given[1], given[0])
    if not reader.frames or reader.frames[-1][0] is None:
        raise ReadError("super() stands outside a method", reader.line)
    return Ancestor(*reader.frames[-1])


def _function(reader: Reader, node: ast.expr, scope: Scope) -> Any:
    """Return what is called; a name that is nothing is an unknown function."""
    if (
        isinstance(node, ast.Name)
        and scope.holder(node.id, reader.globals) is None
        and scope.unbound(node.id) is None
        and node.id not in PREDEFINED
        and node.id != "object"
        and library_calls.bare(node.id, reader.library_only) is None
    ):
        helpers = {n for s in scope.chain() for n, v in s.names.items() if isinstance(v, Helper)}
        known = helpers | library_calls.known_functions()
        raise ReadError(f"the function {node.id} is not known{nearest(node.id, known)}", reader.line)
    return reader.value(node, scope)


# --- the call itself --------------------------------------------------------------------------------------------------


def call(reader: Reader, function: Any, args: list[Any], keywords: dict[str, Any]) -> Any:
    """Return the result of a call."""
    if isinstance(function, Helper):
        return reader.call_helper(function, args, keywords, open_scope=reader.is_pass(function)).value
    try:
        if isinstance(function, Definition):
            return modules.instantiate(reader, function, args, keywords)
        if isinstance(function, Bound):
            return modules.call_bound(reader, function, args, keywords)
        if isinstance(function, Instance):
            return _call_object(reader, function, args, keywords)
        if isinstance(function, Outside):
            if any(isinstance(a, Recording) for a in args):
                recording.lose(reader, function.path)
            return outside.called(reader, function, args, keywords)
        if isinstance(function, Recording):
            return recording.called(reader, function, args, keywords)
        if isinstance(function, Library) and recording.is_recording(function.path):
            return recording.made(reader, function.path, args, keywords)
        if isinstance(function, Library) and args and modules.is_method_of(function.path, args[0]):
            name = function.path.rpartition(".")[2]
            return modules.call_method(reader, args[0], name, args[1:], keywords)
        if isinstance(function, Method) and isinstance(function.value, Recording):
            return recording.method(reader, function.value, function.name)
        if isinstance(function, Method) and not reader.is_array(function.value):
            return _call_method(reader, function, args, keywords)
        if isinstance(function, (Library, Prepared, Method)):
            return _call_library(reader, function, args, keywords)
    except (TypeError, ValueError, OverflowError, KeyError, IndexError, AttributeError) as error:
        raise ReadError(f"this call cannot be read: {error}", reader.line) from None
    raise ReadError(f"{describe(function)} cannot be called", reader.line)


def _call_object(reader: Reader, function: Instance, args: list[Any], keywords: dict[str, Any]) -> Any:
    if function.definition is not None or function.kind == "Sequential":
        return modules.call(reader, function, args, keywords)
    plain = [resolved(reader, a) for a in args]
    result = modules.call(reader, function, plain, {k: resolved(reader, v) for k, v in keywords.items()})
    if args and function.attributes.get("inplace") is True and isinstance(args[0], Array):
        return _changed_to(reader, args[0], result)
    name = "dropout" if "Dropout" in function.kind else function.kind
    return memory.answered(reader, name, args[0] if args else None, result, True)


def _call_method(reader: Reader, function: Method, args: list[Any], keywords: dict[str, Any]) -> Any:
    """Return the result of a method of an object that is no array."""
    holder = function.value
    if isinstance(holder, Instance):
        return modules.call_method(reader, holder, function.name, args, keywords)
    if isinstance(holder, Prepared) and (function.name in module_walks.WALKS or function.name == "apply"):
        return module_walks.of_activation(reader, holder, function.name, args, keywords)
    if is_plain(holder):
        if function.name in containers.CHANGES:
            reader.writes += 1
            if function.name == "append" and isinstance(holder, list) and len(args) == 1 and reader.labels[-1:]:
                args = [reader.list_item(reader.labels[-1], len(holder), args[0], reader.scope)]
            args = [reader.held(a) for a in args]
        if isinstance(holder, list) and function.name in ("remove", "index", "count", "sort"):
            return _by_value(reader, holder, function.name, args, keywords)
        return listed(plain_method(reader, holder, function.name, args, keywords))
    if isinstance(holder, Applied):
        kept = {k: reader.held(v) for k, v in keywords.items()}
        return listed(library_calls.call_method(reader, holder, function.name, [reader.held(a) for a in args], kept))
    if isinstance(holder, Stream) and function.name == "shuffle":
        return _reordered(reader, function.name, holder, args, keywords)
    return library_calls.call_method(
        reader,
        holder,
        function.name,
        [resolved(reader, a) for a in args],
        {k: resolved(reader, v) for k, v in keywords.items()},
    )


def _by_value(reader: Reader, holder: list[Any], name: str, args: list[Any], keywords: dict[str, Any]) -> Any:
    """Return the result of a method of a list that compares its items: numbers of the text count by their values."""
    plain = [plain_resolved(reader, v) for v in holder]
    wanted = [plain_resolved(reader, a) for a in args]
    if name == "sort":
        key = keywords.get("key")
        keys = plain if key is None else [plain_resolved(reader, reader.call(key, [v], {})) for v in holder]
        options = {"reverse": keywords["reverse"]} if "reverse" in keywords else {}
        order = list(range(len(keys)))
        ranked = plain_method(reader, [(k, n) for n, k in enumerate(keys)], "copy", [], {})
        containers.check_ordering(keys if len(keys) > 1 else (), reader.line)
        order.sort(key=lambda n: ranked[n][0], reverse=reader.truth(options.get("reverse", False)))
        holder[:] = [holder[n] for n in order]
        return None
    if name == "remove":
        del holder[plain_method(reader, plain, "index", wanted, keywords)]
        return None
    return plain_method(reader, plain, name, wanted, keywords)


_KEEPING = frozenset(
    (
        *("zip", "enumerate", "list", "tuple", "iter", "next", "reversed", "map", "filter", "dict", "set"),
        *("frozenset", "sorted", "isinstance", "issubclass", "getattr", "setattr", "hasattr", "any", "all"),
        *("print", "type", "callable", "id", "tqdm", "trange", "namedtuple", "OrderedDict", "defaultdict", "deque"),
        *("Counter", "copy", "deepcopy", "partial", "reduce", "chain", "product", "islice", "cycle", "repeat"),
        *("takewhile", "dropwhile", "filterfalse", "compress", "pairwise", "lru_cache", "cache", "from_iterable"),
        *("zip_longest", "accumulate", "combinations", "permutations", "starmap", "SimpleNamespace", "itemgetter"),
        *("attrgetter", "vars", "max", "min"),
    )
)
"""Functions of Python that pass objects on as they are; all others are given the values of arrays."""

_OF_CONTAINERS = ("builtins.list.", "builtins.dict.", "builtins.set.", "builtins.tuple.")
"""Methods that are called by the name of their class, with the container itself as first argument."""


def _call_library(reader: Reader, function: Any, args: list[Any], keywords: dict[str, Any]) -> Any:
    path = function.path if isinstance(function, (Library, Prepared)) else function.name
    module, _, name = path.rpartition(".")
    random = isinstance(function, Library) and drawing.is_random(path)
    if isinstance(function, Library) and not random:
        apart = outside.looked_up(reader, path)
        if apart is not None:
            return outside.called(reader, apart, args, keywords)
    if random and drawing.is_reordering(path):
        return _reordered(reader, path, None, args, keywords)
    own = not isinstance(function, Method) and _is_python(module)
    if own and (name in _KEEPING or module == "dataclasses" or path.startswith(_OF_CONTAINERS)):
        return _kept(reader, listed(library_calls.call(reader, path, args, keywords)))
    args = [_consumed(reader, path, a) for a in args]
    keywords = {k: _consumed(reader, path, v) for k, v in keywords.items()}
    args, keywords = _out_by_name(reader, function, path, args, keywords)
    if isinstance(function, Library) and optimizers.is_clipping(path):
        plain = {k: resolved(reader, v) for k, v in keywords.items()}
        optimizers.read_clipping(reader, path, [resolved(reader, a) for a in args], plain)
        return Outside(path, reader.line)
    if changes_in_place(path) or keywords.get("out") is not None:
        return _in_place(reader, function, path, args, keywords)
    maker = not isinstance(function, Method) and (path in MAKERS or (random and module.startswith("torch")))
    if path in ("torch.nn.ParameterList", "torch.nn.ParameterDict"):
        return library_calls.call(reader, path, args, keywords)
    given = [resolved(reader, unnamed(reader, a) if maker else a) for a in args]
    named = {k: resolved(reader, unnamed(reader, v) if maker else v) for k, v in keywords.items()}
    if module == "math" and name not in _OF_TENSORS:
        given = [_as_float(reader, v) for v in given]
    operand = (
        function.value
        if isinstance(function, Method)
        else args[0]
        if args
        else keywords.get("input", keywords.get("a", keywords.get("x")))
    )
    if isinstance(function, Method):
        _refuse_uncertain(reader, reader.form(function.value), name)
        result = library_calls.call_method(reader, reader.form(function.value), name, given, named)
    elif isinstance(function, Prepared):
        result = call_prepared(reader, function, given, named)
    else:
        result = library_calls.call(reader, path, given, named)
    if path == "torch.nn.functional.batch_norm":
        _move_statistics(reader, path, args, keywords)
    if maker and module == "torch" and args and isinstance(result, Form) and _holds_tensors(reader, args[0]):
        result = reader.detached(result)
    if isinstance(result, Prepared) and _is_inplace(reader, path, given, named):
        return replace(result, inplace=True)
    inplace = function.inplace if isinstance(function, Prepared) else _is_inplace(reader, path, given, named)
    if inplace and isinstance(operand, Array) and isinstance(result, Form):
        return _changed_to(reader, operand, result)
    if path in ("torch.nn.Parameter", "torch.nn.parameter.Parameter") and isinstance(result, Form):
        made = reader.held(_result(reader, name, operand, result, maker, True, [*given, *named.values()]))
        made.cell.parameter = True
        return made
    name = _memory_name(reader, name, path, given, named)
    if name == "einsum" and len(args) == 2 and isinstance(args[1], Array) and _permutes(args[0]):
        operand = args[1]
    return _result(reader, name, operand, result, maker, path.startswith("torch"), [*given, *named.values()])


_CONSUMERS = (
    "builtins.sum",
    "math.",
    "torch.optim.",
    "torch.nn.utils.",
    "torch.nn.ModuleList",
    "torch.nn.ParameterList",
)
"""Functions of libraries, besides those of Python that pass objects on, that take all items of an iterator."""


def _consumed(reader: Reader, path: str, value: Any) -> Any:
    """Return an argument of a library function; the items of an iterator where the function takes them all."""
    if path.startswith("torch.optim.") and isinstance(value, (list, tuple)):
        groups = [isinstance(v, dict) for v in value]
        return [{k: _consumed(reader, path, v) for k, v in g.items()} for g in value] if any(groups) else value
    if not isinstance(value, (Iterated, *VIEWS)):
        return value
    if path == "builtins.sum" and isinstance(value, Iterated) and value.whole is None and not value.endless:
        return value  # each item is added before the next one is taken
    if path.startswith(_CONSUMERS):
        found = iterated_rest(reader, value) if isinstance(value, Iterated) else list(cast("Any", value))
        return Listed(found) if type(found) is list else found
    if path.startswith(("numpy.", "torch.")):
        raise ReadError(f"{written(path)} is given an iterator and no list; write list(...) around it", reader.line)
    return value


_SAME_MEMORY = ("asarray", "asanyarray", "as_tensor", "ascontiguousarray")


def _memory_name(reader: Reader, name: str, path: str, given: Sequence[Any], named: Mapping[str, Any]) -> str:
    """Return the name of the function that answers with the same memory as a call with these options."""
    if name == "array" and "copy" in named and named["copy"] in (False, None):
        name = "asarray"
    if name in _SAME_MEMORY and (len(given) > 1 or {"dtype", "order", "copy"} & named.keys()):
        return "copy" if named.get("copy") is True else "astype"
    if name == "astype" and "copy" not in named and len(given) < 5 and not path.startswith("torch"):
        return "copy"  # ndarray.astype copies unless told otherwise
    return name


def _move_statistics(reader: Reader, path: str, args: list[Any], keywords: dict[str, Any]) -> None:
    """Give up the running statistics that a call in training mode changes."""
    bound = bind(reader, path, args, keywords).given
    if reader.truth(bound.get("training", False)):
        for label in ("running_mean", "running_var"):
            memory.lose_statistics(reader, bound.get(label), "F.batch_norm")


def _holds_tensors(reader: Reader, value: Any) -> bool:
    """Return whether a list holds tensors, of which a new tensor takes the numbers alone."""
    return isinstance(value, (list, tuple)) and any(
        reader.is_array(v) and reader.is_torch(reader.form(v)) for v in value
    )


_OF_TENSORS = ("prod", "sumprod")
"""Functions of the module ``math`` that multiply tensors as they are; all others make floats of them."""


def _as_float(reader: Reader, value: Any) -> Any:
    """Return an argument of a function of Python's numbers: tensors in it become floats, which no gradient passes."""
    if isinstance(value, Form):
        return reader.detached(value) if reader.is_torch(value) else value
    if type(value) is tuple or isinstance(value, Listed):
        parts = [_as_float(reader, v) for v in value]
        return value if all(a is b for a, b in zip(parts, value, strict=True)) else _of_kind(value, parts)
    return value


def _permutes(letters: Any) -> bool:
    """Return whether an einsum of one operand keeps all its entries or takes a diagonal: NumPy answers with a view."""
    if not isinstance(letters, str):
        return False
    before, arrow, after = letters.replace(" ", "").partition("->")
    return set(before) == set(after) if arrow else len(set(before)) == len(before)


def _out_by_name(
    reader: Reader, function: Any, path: str, args: list[Any], keywords: dict[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """Return the arguments of a call with the array it writes into as ``out=``, also where its place says so."""
    if "out" in keywords or not args or not isinstance(args[-1], (Array, tuple)):
        return args, keywords
    holder: list[Any] = []
    if isinstance(function, Method):
        if not reader.is_array(function.value):
            return args, keywords
        torch = reader.is_torch(reader.form(function.value))
        path, holder = f"{'torch.Tensor' if torch else 'numpy.ndarray'}.{function.name}", [function.value]
    forms = signatures(path)
    if not any(p.name == "out" and p.kind in ("positional", "either") for form in forms for p in form.parameters):
        return args, keywords
    plain = [resolved(reader, a) for a in (*holder, *args)]
    try:
        bound = bind(reader, path, plain, {k: resolved(reader, v) for k, v in keywords.items()})
    except ReadError:
        return args, keywords  # the call itself says what is wrong
    out = bound.given.get("out")
    if out is None:
        return args, keywords
    if plain[-1] is not out or not isinstance(args[-1], Array):
        raise ReadError(f"{path} writes into an array in a way that cannot be read; say out=", reader.line)
    return args[:-1], {**keywords, "out": args[-1]}


def _is_inplace(reader: Reader, path: str, args: list[Any], keywords: dict[str, Any]) -> bool:
    """Return whether a call of PyTorch says ``inplace=True``, by name or by its place."""
    if not path.startswith("torch.") or not any(v is True for v in (*args, *keywords.values())) or not signatures(path):
        return False
    return bind(reader, path, args, keywords).given.get("inplace") is True


def _refuse_uncertain(reader: Reader, form: Form, name: str) -> None:
    """Refuse a method that means something else in the two libraries, of an array of which neither is certain."""
    open_names = [reader.bindings[n.name] for n in names_in(form)]
    if name in DIFFERENT and any(b.uncertain for b in open_names) and not any(b.torch for b in open_names):
        label = next(b.base for b in open_names if b.uncertain)
        raise ReadError(
            f"{label} is left open, and whether it is NumPy's or PyTorch's is not known: {name} means something else in each; "
            f"write {label} = np.asarray({label}) or {label} = torch.as_tensor({label}) before",
            reader.line,
        )


def _is_python(module: str) -> bool:
    return module.split(".")[0] in (
        "builtins",
        "tqdm",
        "collections",
        "copy",
        "functools",
        "itertools",
        "types",
        "operator",
        "dataclasses",
    )


def _kept(reader: Reader, value: Any) -> Any:
    """Return a container with the arrays in it as objects that can be changed in place."""
    if isinstance(value, Listed):
        for k, item in enumerate(value):
            if isinstance(item, Form) and item.shape:
                value[k] = reader.held(item)
    elif type(value) is tuple:
        return tuple(reader.held(v) if isinstance(v, Form) and v.shape else v for v in value)
    return value


def _kind_said(name: str, given: Sequence[Any], maker: bool) -> str:
    """Return the kind of numbers that a cast or the making of an array says; empty where its content tells it."""
    if name in ("float", "double"):
        return "f"
    said = (
        [kind_of_type(type_name(v)) for v in given if is_type(v) or (isinstance(v, str) and kind_of_type(v))]
        if maker or name in ("astype", "to", "type", "copy")
        else []
    )
    if said:
        return {"float": "f", "int": "i", "bool": "b"}.get(said[-1], "")
    if maker and name in ("zeros", "ones", "empty"):
        return "f"
    if maker and name == "full" and len(given) > 1:
        return "i" if type(given[1]) is int else "b" if isinstance(given[1], bool) else "f"
    return ""


def _kind_alike(reader: Reader, name: str, given: Sequence[Any]) -> str:
    """Return the kind of numbers of an array that is made like another one; empty for one that is not."""
    if name not in ("zeros_like", "ones_like", "empty_like", "full_like", "new_zeros", "new_ones") or not given:
        return ""
    like = given[0]
    kind = kinds.kind_of(reader, like) if isinstance(like, Form) else ""
    return {"n": "i"}.get(kind, kind)


_NARROW = {"float16": (11, 65504.0), "bfloat16": (8, 3.3895313892515355e38)}
"""Types of real numbers with few digits: how many binary ones, and the largest number."""


def _check_narrow(reader: Reader, name: str, given: Sequence[Any], result: Any) -> None:
    """Refuse a cast to few digits that changes known numbers by more than rounding: it overflows, or miscounts."""
    said = [type_name(name), *(type_name(v) for v in given if is_type(v) or isinstance(v, str))]
    narrow = next((_NARROW[s] for s in said if s in _NARROW), None)
    form = reader.form(result) if isinstance(result, Array) else result
    if narrow is None or not isinstance(form, Form) or not reader.is_literal(form):
        return
    known = reader.known(form)
    numbers = np.asarray([] if known is None else known, dtype=float)
    digits, largest = narrow
    numbers = numbers[np.isfinite(numbers)]
    parts = np.frexp(numbers)[0] * 2.0**digits
    if np.any(np.abs(numbers) > largest) or np.any((numbers == np.round(numbers)) & (parts != np.round(parts))):
        raise ReadError(
            f"{next(s for s in said if s in _NARROW)} has too few digits for these numbers: they overflow or are other whole "
            "numbers there; keep them in float32",
            reader.line,
        )


def _result(
    reader: Reader, name: str, operand: Any, result: Any, maker: bool, torch: bool, given: Sequence[Any] = ()
) -> Any:
    """Return what a function of a library answers as an object of the text."""
    if isinstance(result, Form):
        result = reader.made(result)
        same = isinstance(operand, Array) and result is reader.form(operand)
        if name in ("numpy", "tolist") or (maker and same and not torch):
            result = reader.retagged(result, False)
        elif maker and same and torch:
            result = reader.retagged(result, True)
        torch = torch or reader.is_torch(result)
        if name in memory.COPIES and (same or (isinstance(operand, Form) and result is operand)):
            result = reader.copied(result)
        made = memory.answered(reader, name, operand, result, torch)
        kind = _kind_said(name, given, maker) or _kind_alike(reader, name, given)
        _check_narrow(reader, name, given, made)
        by_columns = any(isinstance(v, str) and v == "F" for v in given)
        if isinstance(made, Form) and (kind or by_columns or (maker and not made.shape)):
            cell = Cell(made, kind=kind, in_rows=maker)
            if by_columns:
                cell.made_of = Poison(ReadError("an array lies in memory column by column", reader.line))
            return Array(cell)
        return made
    if isinstance(result, (list, tuple)):
        return _kept(reader, memory.answered(reader, name, operand, listed(result), torch))
    return listed(result)


def resolved(reader: Reader, value: Any, seen: dict[int, Any] | None = None) -> Any:
    """Return a value with the arrays in it as what they are at the moment; a list that holds none is itself."""
    if isinstance(value, Array):
        return reader.form(value)
    if not isinstance(value, (list, tuple, dict)):
        return value
    if isinstance(value, Listed) and (origin := value.form) is not None and kinds.kind_of(reader, origin) != "i":
        return origin
    seen = {} if seen is None else seen
    if id(value) in seen:
        return seen[id(value)]
    seen[id(value)] = value
    if isinstance(value, dict):
        made: Any = {k: resolved(reader, v, seen) for k, v in value.items()}
        same = all(a is b for a, b in zip(made.values(), value.values(), strict=True))
    else:
        parts = [resolved(reader, v, seen) for v in value]
        same = all(a is b for a, b in zip(parts, value, strict=True))
        made = parts if same else _of_kind(value, parts)
    seen[id(value)] = value if same else made
    return seen[id(value)]


def _of_kind(value: list[Any] | tuple[Any, ...], parts: list[Any]) -> Any:
    if isinstance(value, Record):
        return Record.of(value.title, value._fields, parts)
    if hasattr(value, "_fields"):
        return type(value)(*parts)
    return tuple(parts) if isinstance(value, tuple) else Listed(parts)


def unnamed(reader: Reader, value: Any) -> Any:
    """Return a list of named numbers as the numbers: an array that is made of them is another array."""
    origin = value.form if isinstance(value, Listed) else None
    if origin is None:
        return value
    own = reader.is_literal(origin) or all(reader.bindings[n.name].listed for n in names_in(origin))
    known = reader.known(origin) if own else None
    return origin if known is None else known.tolist()


# --- calls that change an array ---------------------------------------------------------------------------------------


def _in_place(reader: Reader, function: Any, path: str, args: list[Any], keywords: dict[str, Any]) -> Any:
    """Follow a call that is made for what it does to an array: ``x.clamp_(0)``, ``np.add.at(x, i, v)``, ``out=x``."""
    target = keywords.get("out")
    if target is None:
        target = function.value if isinstance(function, Method) else args[0] if args else None
    if isinstance(target, tuple) and len(target) == 1:
        target = target[0]
    if not isinstance(target, Array):
        if isinstance(target, (list, dict)):
            raise ReadError(f"{describe(function)} of a {type(target).__name__} cannot be read", reader.line)
        if not isinstance(target, Form):
            raise ReadError(f"{describe(function)} changes something that is no array", reader.line)
    memory.refuse_overlap(reader, target, [*args, *keywords.values()])
    source = Method(reader.form(function.value), function.name) if isinstance(function, Method) else function
    result = changes.changed(
        reader, source, [resolved(reader, a) for a in args], {k: resolved(reader, v) for k, v in keywords.items()}
    )
    if isinstance(target, Form):  # an array nobody else holds
        return Array(Cell(reader.made(reader.form(result))))
    with recording.off(reader) if path.startswith("torch.nn.init.") else nullcontext():
        return _changed_to(reader, target, result)


def _reordered(reader: Reader, path: str, holder: Any, args: list[Any], keywords: dict[str, Any]) -> None:
    """Follow what changes the order of its array or list at random: ``np.random.shuffle(x)``, ``rng.shuffle(x)``."""
    given = {k: v for k, v in keywords.items() if k != "x"}
    target, *rest = args or [keywords.get("x")]
    if isinstance(target, list):
        reader.writes += 1
        target[:] = drawing.changed(reader, path, holder, [list(target), *rest], given)
    elif isinstance(target, Array):
        _changed_to(reader, target, drawing.changed(reader, path, holder, [reader.form(target), *rest], given))
    else:
        raise ReadError("what is shuffled is neither an array nor a list", reader.line)


def _changed_to(reader: Reader, target: Array, result: Any) -> Array:
    label = reader.labels[-1] if reader.labels else ""
    reader.change(target, reader.made(reader.form(result)), label)
    return target


# --- functions of the text --------------------------------------------------------------------------------------------


def make_helper(
    reader: Reader, name: str, arguments: ast.arguments, body: list[ast.stmt] | ast.expr, scope: Scope, line: int
) -> Helper:
    """Return a function of the text with its defaults read."""
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults: dict[str, Any] = {}
    pairs = [
        *zip(positional[len(positional) - len(arguments.defaults) :], arguments.defaults, strict=True),
        *((a, d) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is not None),
    ]
    for argument, default in pairs:
        try:
            defaults[argument.arg] = reader.held(reader.value(default, scope))
        except SymbackError as error:
            unfollowed.skipped(reader, default, scope)
            defaults[argument.arg] = Poison(located(error, reader.line))
    own = own_names(body) | {a.arg for a in ast.walk(arguments) if isinstance(a, ast.arg)}
    generates = generators.yields(body if isinstance(body, list) else [body])
    return Helper(name, arguments, body, scope.around(), defaults, line, generates=generates, own_names=own)


def is_pass(helper: Helper) -> bool:
    """Return whether a function is a forward pass, whose own names belong on the page, and not a small helper.

    It is one where it has several statements and multiplies matrices or calls other functions of the text or
    activations of a library.
    """
    if isinstance(helper.body, ast.expr) or sum(isinstance(s, ast.Assign) for s in helper.body) < 1:
        return False
    for statement in helper.body:
        for node in ast.walk(statement):
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
                return True
            if isinstance(node, ast.Call) and isinstance(statement, ast.Assign):
                label = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if label in ("dot", "matmul", "mm", "linear") or label in activation_names():
                    return True
                holder = helper.scope.find(label)
                if isinstance(node.func, ast.Name) and holder and isinstance(holder.names[label], Helper):
                    return True
    return False


def call_helper(
    reader: Reader,
    helper: Helper,
    args: Sequence[Any],
    keywords: Mapping[str, Any],
    *,
    open_scope: bool = False,
    passing: frozenset[str] = frozenset(),
) -> Returned:
    """Inline a function of the text: bind its arguments, follow its body, return what it returns."""
    if len(reader.active) >= DEEPEST_CALLS:
        same = reader.active.count(helper) > 1
        raise ReadError(
            f"{helper.name} calls itself more than {DEEPEST_CALLS} times"
            if same
            else "functions call each other too deeply to be read",
            reader.line,
        )
    if helper.cache is not None:
        return caching.recalled(
            reader, helper, args, keywords, lambda: _inlined(reader, helper, args, keywords, open_scope, passing)
        )
    return _inlined(reader, helper, args, keywords, open_scope, passing)


def _inlined(
    reader: Reader,
    helper: Helper,
    args: Sequence[Any],
    keywords: Mapping[str, Any],
    open_scope: bool,
    passing: frozenset[str],
) -> Returned:
    scope = Scope({}, helper.scope, open_scope, passing=passing, own_names=helper.own_names)
    bind_arguments(reader, helper, args, keywords, scope)
    if helper.generates:
        return Returned(generators.begun(reader, helper, scope))
    reader.active.append(helper)
    line, outer = reader.line, reader.scope
    reader.scope = scope
    recorded = reader.without_gradients
    if helper.without_gradients is not None:
        reader.without_gradients = int(helper.without_gradients)
    scope.without_gradients = reader.without_gradients
    born = recording.fresh()
    try:
        if isinstance(helper.body, ast.expr):
            returned = Returned(reader.value(helper.body, scope))
        else:
            signal = reader.run(helper.body, scope)
            returned = signal if isinstance(signal, Returned) else Returned(None)
        if reader.without_gradients:
            returned = Returned(recording.escaped(reader, returned.value, born), returned.name)
    finally:
        reader.active.pop()
        reader.line, reader.scope = line, outer
        if helper.without_gradients is not None:
            reader.without_gradients = recorded
    return returned


def bind_arguments(
    reader: Reader, helper: Helper, args: Sequence[Any], keywords: Mapping[str, Any], scope: Scope
) -> None:
    """Give the names of a function's arguments their values, as Python does."""
    arguments = helper.arguments
    positional = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
    by_name = [*(a.arg for a in arguments.args), *(a.arg for a in arguments.kwonlyargs)]
    if len(args) > len(positional) and arguments.vararg is None:
        raise ReadError(f"{helper.name} takes {len(positional)} argument(s), {len(args)} given", reader.line)
    given = dict(zip(positional, args, strict=False))
    rest: dict[str, Any] = {}
    for name, value in keywords.items():
        if name in by_name and name not in given:
            given[name] = value
        elif arguments.kwarg is not None and name not in given:
            rest[name] = reader.held(value)
        else:
            raise ReadError(f"{helper.name} cannot take {name}={nearest(name, by_name)}", reader.line)
    for name in [*positional, *(a.arg for a in arguments.kwonlyargs)]:
        if name not in given and name not in helper.defaults:
            raise ReadError(f"{helper.name} needs {name}", reader.line)
        value = given.get(name, helper.defaults.get(name))
        form = reader.form(value) if isinstance(value, Array) and not isinstance(value.cell.content, Poison) else value
        literal = (
            scope.open
            and name in given
            and (is_number(value) or (isinstance(form, Form) and reader.is_literal(form) and bool(names_in(form))))
        )
        value = reader.named(name, value, scope) if literal and not isinstance(value, Count) else value
        scope.names[name] = reader.held(value)
    if arguments.vararg is not None:
        scope.names[arguments.vararg.arg] = tuple(reader.held(a) for a in args[len(positional) :])
    if arguments.kwarg is not None:
        scope.names[arguments.kwarg.arg] = rest


# --- exceptions of the text ---------------------------------------------------------------------------------------------


def raised(reader: Reader, kind: str, message: str, value: Any = None) -> Raised:
    """Return an exception of the text, to be raised."""
    return Raised(message or kind, reader.line, kind, value)


def _exception(name: str) -> Any:
    return FrozenInstanceError if name == "FrozenInstanceError" else getattr(builtins, name, None)


def is_kind(reader: Reader, error: Raised, wanted: Any) -> bool:
    """Return whether ``except wanted`` catches an exception of the text."""
    if isinstance(wanted, tuple):
        return any(is_kind(reader, error, w) for w in wanted)
    own = error.value.definition if isinstance(error.value, Instance) else None
    if isinstance(wanted, Definition):
        return own is not None and wanted in own.lineage()
    if not isinstance(wanted, Library):
        raise ReadError("what this except catches cannot be read", reader.line)
    theirs = _exception(wanted.path.rpartition(".")[2])
    names = (
        [error.kind]
        if own is None
        else [b.path.rpartition(".")[2] for d in own.lineage() for b in d.bases if isinstance(b, Library)]
    )
    kinds = [_exception(name) for name in names]
    return isinstance(theirs, type) and any(isinstance(k, type) and issubclass(k, theirs) for k in kinds)
