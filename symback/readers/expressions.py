"""What expressions of a text stand for: one function per kind of syntax; no text is ever evaluated."""

from __future__ import annotations

import ast
import builtins
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from symback.core.errors import ReadError, SymbackError, nearest
from symback.core.forms import (
    Form,
    Name,
    Number,
    apply,
    concatenate,
    equal,
    get,
    matmul,
    where,
)
from symback.library import indexing, kinds
from symback.library.kinds import is_relation
from symback.library.limits import DEEPEST
from symback.library.operations import methods, swapped
from symback.library.paths import CONSTANTS, PREDEFINED, changes_in_place
from symback.library.values import ArrayType, Count, Counting, Library, Listed, Poison, Prepared, RowPick, listed
from symback.readers import (
    calling,
    comprehensions,
    imports,
    library_calls,
    memory,
    modules,
    operators,
    outside,
    raising,
)
from symback.readers.asking import Reader
from symback.readers.builtin_functions import plain_attribute
from symback.readers.iterators import Iterated
from symback.readers.names import describe
from symback.readers.plain_operations import plain_binary, plain_compare, plain_item, plain_unary
from symback.readers.plain_values import PythonError, check_key, check_length, counted, resolved, spelled_constant
from symback.readers.strings import formatted
from symback.readers.syntax import title
from symback.readers.values import (
    Ancestor,
    Array,
    Bound,
    Definition,
    Gradient,
    Instance,
    Method,
    Optimizer,
    Outside,
    RandomSource,
    Recording,
    RowNumber,
    Scheduler,
    Scope,
)

_OPERATORS: dict[type[ast.AST], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("-", operator.sub),
    ast.Mult: ("*", operator.mul),
    ast.Div: ("/", operator.truediv),
    ast.Pow: ("**", operator.pow),
    ast.FloorDiv: ("//", operator.floordiv),
    ast.Mod: ("%", operator.mod),
    ast.MatMult: ("@", matmul),
    ast.BitAnd: ("&", operator.and_),
    ast.BitOr: ("|", operator.or_),
    ast.BitXor: ("^", operator.xor),
    ast.LShift: ("<<", operator.lshift),
    ast.RShift: (">>", operator.rshift),
}

_COMPARISONS: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Gt: operator.gt,
    ast.Lt: operator.lt,
    ast.GtE: operator.ge,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}


# --- names and literals -----------------------------------------------------------------------------------------------


_NOTHING = object()
"""No result yet."""

_LONGEST_SHOWN = 512
"""Most entries of lists that are joined and still stand for one array."""


def _constant(reader: Reader, node: ast.Constant, scope: Scope) -> Any:
    if isinstance(node.value, int) and node.value.bit_length() > 1000:
        raise ReadError("a number of this length cannot be used", reader.line)
    if isinstance(node.value, (int, float, str, type(None), type(...))):
        return node.value
    raise ReadError(f"{node.value!r} is not a real number", reader.line)


def _name(reader: Reader, node: ast.Name, scope: Scope) -> Any:
    name = node.id
    holder = scope.holder(name, reader.globals)
    if holder is not None:
        value = holder.names[name]
        if isinstance(value, Poison):
            raise value.error
        return value
    if scope.unbound(name) is not None:
        raise _unbound(reader, name, scope)
    if reader.is_override(name):
        reader.globals.names[name] = reader.open_name(name)
        return reader.globals.names[name]
    if name == "__name__":
        return "__main__"
    if name in PREDEFINED:
        return Library(PREDEFINED[name])
    found = library_calls.bare(name, reader.library_only)
    if found is not None:
        return Library(found)
    if isinstance(getattr(builtins, name, None), type) and issubclass(getattr(builtins, name), BaseException):
        return Library(f"builtins.{name}")
    if name in ("NotImplemented", "object"):
        return Library(f"builtins.{name}")
    known = {n for s in scope.chain() for n in s.names}
    raise ReadError(
        f"{name} is not defined{nearest(name, known)}; give its shape or its value if it is data", reader.line
    )


def _unbound(reader: Reader, name: str, scope: Scope) -> PythonError:
    """Return what Python raises for a name that belongs to a function and holds nothing yet."""
    own: Scope | None = scope
    while own is not None and own.comprehension:
        own = own.parent
    if own is not None and name in own.own_names:
        message = f"{name} is stored in this function and belongs to it, and has no value here yet"
        return PythonError(UnboundLocalError, message, reader.line)
    return PythonError(NameError, f"{name} belongs to the function around, where it has no value yet", reader.line)


def _joinedstr(reader: Reader, node: ast.JoinedStr, scope: Scope) -> str:
    """Return a text such as ``f"layer{k}"``; what depends on values of the network makes the text unknown."""
    found = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            found.append(str(part.value))
            continue
        assert isinstance(part, ast.FormattedValue)
        value = resolved(reader, reader.value(part.value, scope))
        spec = _joinedstr(reader, part.format_spec, scope) if isinstance(part.format_spec, ast.JoinedStr) else ""
        if reader.is_array(value):
            raise ReadError("a text that holds a value of the network cannot be read", reader.line)
        found.append(formatted(value, chr(part.conversion) if part.conversion > 0 else "", spec, reader.line))
    return "".join(found)


def _tuple(reader: Reader, node: ast.Tuple, scope: Scope) -> tuple[Any, ...]:
    return tuple(reader.held(v) for v in elements(reader, node.elts, scope))


def _list(reader: Reader, node: ast.List, scope: Scope) -> Listed:
    return Listed(reader.held(v) for v in elements(reader, node.elts, scope))


def _set(reader: Reader, node: ast.Set, scope: Scope) -> set[Any]:
    return {hashable(reader, v) for v in elements(reader, node.elts, scope)}


def hashable(reader: Reader, value: Any) -> Any:
    """Return a value as the key of a dictionary or a member of a set; raises ReadError where it is not known."""
    found = resolved(reader, value)
    if isinstance(found, tuple):
        return tuple(hashable(reader, v) for v in found)
    if reader.is_array(found):
        raise ReadError("a dictionary or set needs keys that are known from the code", reader.line)
    key = check_key(found, reader.line)
    if isinstance(found, Instance) and any(operators.own_method(reader, found, m) for m in ("__hash__", "__eq__")):
        raise ReadError("an object with __hash__ or __eq__ of its own is not read as a key", reader.line)
    return key


def elements(reader: Reader, nodes: Sequence[ast.expr], scope: Scope) -> list[Any]:
    """Return the values of expressions, with those of ``*rest`` one by one."""
    found: list[Any] = []
    for node in nodes:
        if isinstance(node, ast.Starred):
            found.extend(reader.items_of(reader.value(node.value, scope)))
        else:
            found.append(reader.value(node, scope))
    return found


def _dict(reader: Reader, node: ast.Dict, scope: Scope) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            inner = reader.value(value, scope)
            if not isinstance(inner, dict):
                raise ReadError("** in a dictionary needs a dictionary", reader.line)
            found.update(inner)
            continue
        label = hashable(reader, reader.value(key, scope))
        item = reader.value(value, scope)
        found[label] = reader.held(reader.named_item(label, item, scope) if isinstance(label, str) else item)
    return found


# --- operators --------------------------------------------------------------------------------------------------------


def _unaryop(reader: Reader, node: ast.UnaryOp, scope: Scope) -> Any:
    value = reader.value(node.operand, scope)
    if isinstance(node.op, ast.Not):
        return not reader.truth(value)
    plain = plain_unary(node.op, value, reader.line)
    if plain is not NotImplemented:
        return plain
    own = operators.unary_method(reader, node.op, value)
    if own is not NotImplemented:
        return own
    form = reader.form(value)
    if isinstance(node.op, ast.UAdd):
        return value if reader.is_torch(form) else form  # torch.positive answers with its argument itself
    if isinstance(node.op, ast.USub):
        return reader.made(-form)
    return reader.made(kinds.negated(reader, form))


def _binop(reader: Reader, node: ast.BinOp, scope: Scope) -> Any:
    # A long sum is nested to the left; following its spine in a loop keeps a hundred terms from being a hundred levels.
    spine: list[ast.BinOp] = []
    left: ast.expr = node
    while isinstance(left, ast.BinOp):
        spine.append(left)
        left = left.left
    value = reader.value(left, scope)
    for step in reversed(spine):
        value = reader.binary(step.op, value, reader.value(step.right, scope))
    return value


def binary(reader: Reader, op: ast.operator, left: Any, right: Any) -> Any:
    """Return ``left op right``: plain values are computed as Python does, everything else becomes a Form."""
    if type(op) not in _OPERATORS:
        raise ReadError(f"the operator {title(op)} cannot be part of a forward pass", reader.line)
    sign, compute = _OPERATORS[type(op)]
    own = operators.operator_method(reader, op, left, right)
    if own is not NotImplemented:
        return own
    if not (reader.is_array(left) and reader.is_array(right)):
        plain = _of_plain(reader, op, sign, left, right)
        if plain is not NotImplemented:
            return plain
    if isinstance(op, (ast.FloorDiv, ast.Mod, ast.LShift, ast.RShift)):
        plain = plain_binary(op, resolved(reader, left), resolved(reader, right), reader.line)
        return _of_whole_numbers(reader, op, sign, left, right) if plain is NotImplemented else plain
    a, b = reader.form(left), reader.form(right)
    if isinstance(op, (ast.BitAnd, ast.BitOr, ast.BitXor)):
        return reader.made(kinds.together(reader, op, a, b))
    raising.check_operator(reader, op, left, right)
    return reader.made(compute(a, b))


def _of_whole_numbers(reader: Reader, op: ast.operator, sign: str, left: Any, right: Any) -> Form:
    """Return ``left // right`` or ``left % right`` of data that is known: steps have no derivative."""
    forms = [reader.form(left), reader.form(right)]
    known = [reader.known(f) if reader.is_literal(f) or kinds.kind_of(reader, f) == "i" else None for f in forms]
    if not isinstance(op, (ast.FloorDiv, ast.Mod)) or any(k is None for k in known):
        raise ReadError(f"{sign} is read for whole numbers known from the code only", reader.line)
    if all(kinds.kind_of(reader, f) != "f" for f in forms):
        known = [np.asarray(k).astype(np.int64) for k in known]
    compute: Any = np.floor_divide if isinstance(op, ast.FloorDiv) else np.mod
    with np.errstate(all="ignore"):
        return reader.literal(compute(known[0], known[1]), torch=any(map(reader.is_torch, forms)))


def _of_plain(reader: Reader, op: ast.operator, sign: str, left: Any, right: Any) -> Any:
    """Return what an operator does with Python's own values; NotImplemented where an array takes part."""
    if isinstance(op, ast.Add) and isinstance(left, Listed) and isinstance(right, Listed):
        return _joined_lists(reader, left, right)
    for one, other in ((left, right), (right, left)):
        if isinstance(one, (str, list, tuple, dict, set, frozenset)) and reader.is_array(other):
            plain = resolved(reader, other)
            wide = isinstance(one, (list, tuple)) and reader.form(other).shape
            if reader.is_array(plain) and not wide:
                raise ReadError(
                    f"{describe(one)} stands in arithmetic with an array: Python's {_kind(one)} has no {sign} for it; "
                    "make it np.array(…)"
                    if isinstance(one, (list, tuple))
                    else f"{describe(one)} stands in arithmetic with an array",
                    reader.line,
                )
            if not reader.is_array(plain):
                left, right = (plain, right) if other is left else (left, plain)
    found = plain_binary(op, left, right, reader.line)
    return listed(found) if isinstance(found, (list, tuple)) else found


def _joined_lists(reader: Reader, left: list[Any], right: list[Any]) -> Listed:
    """Return two lists joined; where both stand for arrays on the page, the result does."""
    check_length(len(left) + len(right), reader.line)
    made = Listed([*left, *right])
    one, other = (v.form if isinstance(v, Listed) else None for v in (left, right))
    if one is not None and other is not None and one.shape[1:] == other.shape[1:] and len(made) <= _LONGEST_SHOWN:
        joined = concatenate([one, other])
        made.stands_for(joined, get)
    return made


def _kind(value: Any) -> str:
    return "list" if isinstance(value, list) else {"str": "text"}.get(type(value).__name__, type(value).__name__)


def _compare(reader: Reader, node: ast.Compare, scope: Scope) -> Any:
    left = reader.value(node.left, scope)
    result: Any = _NOTHING
    for op, other in zip(node.ops, node.comparators, strict=True):
        if result is not _NOTHING and not reader.is_array(result) and not reader.truth(result):
            return result
        right = reader.value(other, scope)
        found = compared(reader, op, left, right)
        result = (
            found
            if result is _NOTHING or not (reader.is_array(result) or reader.is_array(found))
            else _both(reader, result, found)
        )
        left = right
    return result


def _both(reader: Reader, one: Any, other: Any) -> Any:
    for known, rest in ((one, other), (other, one)):
        if isinstance(known, bool):
            return rest if known else False
    if reader.form(one).shape or reader.form(other).shape:
        raise ReadError("a chain of comparisons of whole arrays is ambiguous; write two, joined by &", reader.line)
    return reader.made(reader.form(one) * reader.form(other))


def compared(reader: Reader, op: ast.cmpop, left: Any, right: Any) -> Any:
    """Return ``left op right`` for a comparison: a truth value where both are plain, else a condition."""
    compute = _COMPARISONS[type(op)]
    if isinstance(left, ArrayType) or isinstance(right, ArrayType):
        raise ReadError("the type of an array's numbers decides here, which is not followed", reader.line)
    if isinstance(op, (ast.Is, ast.IsNot)) and any(_is_outside(reader, v) for v in (left, right)):
        raise ReadError("what a library gives that is not executed decides here", reader.line)
    if isinstance(op, (ast.Is, ast.IsNot)):
        return _same_object(reader, left, right) is isinstance(op, ast.Is)
    if isinstance(op, (ast.In, ast.NotIn)) and isinstance(right, Iterated):
        return _is_given(reader, left, right) is isinstance(op, ast.In)
    nan = any(isinstance(v, Library) and v.path.rpartition(".")[2].lower() == "nan" for v in (left, right))
    if nan and not isinstance(op, (ast.In, ast.NotIn)):
        raise ReadError("nan decides here, which is not followed", reader.line)
    if isinstance(left, Instance) or isinstance(right, Instance):
        own = operators.comparison_method(reader, op, left, right)
        if own is not NotImplemented:
            return own
    if not (reader.is_array(left) or reader.is_array(right)):
        return _compared_plain(reader, op, left, right)
    if isinstance(op, (ast.In, ast.NotIn)):
        if isinstance(right, (list, tuple, set, frozenset, dict, range, str)):
            item = resolved(reader, left)
            if not reader.is_array(item):
                return _compared_plain(reader, op, item, right)
        raise ReadError("'in' is not read for arrays", reader.line)
    if left is None or right is None or isinstance(left, (str, dict)) or isinstance(right, (str, dict)):
        return isinstance(op, ast.NotEq)
    a, b = reader.form(left), reader.form(right)
    if any(isinstance(v, (list, tuple)) for v in (left, right)) and (reader.is_torch(a) or reader.is_torch(b)):
        raise ReadError("a tensor is compared with a list, which PyTorch does not do entry by entry", reader.line)
    if isinstance(op, ast.Eq):
        return reader.made(equal(a, b))
    if isinstance(op, ast.NotEq):
        return reader.made(apply("not_equal", a, b))
    return reader.made(compute(a, b))


def _is_given(reader: Reader, value: Any, iterator: Iterated) -> bool:
    """Return whether an iterator gives a value, which takes its items up to it."""
    for given in counted(reader, iterator):
        if given is value or reader.truth(compared(reader, ast.Eq(), resolved(reader, given), resolved(reader, value))):
            return True
    return False


def _same_object(reader: Reader, left: Any, right: Any) -> bool:
    """Return whether two values are one object; raises ReadError where that is up to Python."""
    if isinstance(left, Array) and isinstance(right, Array):
        one, other = ({v.identity, v.perhaps} - {None} for v in (left, right))
        if left.identity is not right.identity and one & other:
            raise ReadError("whether a view of a whole array is the array itself is up to the library", reader.line)
        return left.identity is right.identity
    left, right = (v.helper if isinstance(v, Bound) and v.instance is None else v for v in (left, right))
    if left is right and (not isinstance(left, Form) or isinstance(left, Name)):
        return True
    sides = [resolved(reader, v) for v in (left, right)]
    for one, other in (sides, sides[::-1]):
        if isinstance(one, Form) and not isinstance(other, (bool, int, float, Form)):
            return False
    found = plain_compare(ast.Is(), sides[0], sides[1], reader.line)
    if found is NotImplemented:
        raise ReadError("whether two numbers are the same object is up to Python; compare them by ==", reader.line)
    return bool(found)


def _is_outside(reader: Reader, value: Any) -> bool:
    """Return whether a value belongs to a library that is not executed and need not be there."""
    return isinstance(value, Outside) or (
        isinstance(value, Library) and outside.looked_up(reader, value.path) is not None
    )


def _compared_plain(reader: Reader, op: ast.cmpop, left: Any, right: Any) -> bool:
    """Compare values of Python; arrays inside containers have no single truth."""
    seen: dict[int, Any] = {}
    sides = [_comparable(reader, v, seen, 0) for v in (left, right)]
    found = plain_compare(op, sides[0], sides[1], reader.line)
    if found is NotImplemented:
        if (
            isinstance(op, (ast.Eq, ast.NotEq))
            and isinstance(left, Instance | Definition | None)
            and isinstance(right, Instance | Definition | None)
        ):
            return (left is right) == isinstance(op, ast.Eq)
        raise ReadError("these values cannot be compared here", reader.line)
    return bool(found)


def _comparable(reader: Reader, value: Any, seen: dict[int, Any], depth: int) -> Any:
    """Return a container with the numbers in it as Python's own; what it holds several times is looked at once."""
    if type(value) not in (list, tuple, Listed):
        return resolved(reader, value)
    if id(value) not in seen:
        if depth > DEEPEST:
            raise ReadError("containers are nested too deeply to be compared", reader.line)
        parts = [_comparable(reader, v, seen, depth + 1) for v in value]
        same = all(a is b for a, b in zip(parts, value, strict=True))
        seen[id(value)] = value if same else tuple(parts) if isinstance(value, tuple) else parts
    return seen[id(value)]


def _boolop(reader: Reader, node: ast.BoolOp, scope: Scope) -> Any:
    """Return the operand that decides ``a and b`` or ``a or b``; those after it are not looked at."""
    stops_at = isinstance(node.op, ast.Or)
    value: Any = None
    for position, operand in enumerate(node.values):
        value = reader.value(operand, scope)
        if position == len(node.values) - 1:
            return value
        if reader.is_array(value) and reader.plain(value) is value:
            return _of_network(reader, node, position, value, scope)
        if reader.truth(value) == stops_at:
            return value
    return value


def _of_network(reader: Reader, node: ast.BoolOp, position: int, value: Any, scope: Scope) -> Any:
    """Return the product of conditions of single values of the network, which ``and`` asks for."""
    forms = [reader.form(value), *(reader.form(reader.value(v, scope)) for v in node.values[position + 1 :])]
    if isinstance(node.op, ast.And) and all((is_relation(f) or isinstance(f, Number)) and not f.shape for f in forms):
        product = forms[0]
        for f in forms[1:]:
            product = reader.made(product * f)
        return product
    reader.truth(value)
    raise ReadError("'and' and 'or' between values of the network cannot be read", reader.line)


def _ifexp(reader: Reader, node: ast.IfExp, scope: Scope) -> Any:
    test = reader.value(node.test, scope)
    form = reader.form(test) if reader.is_array(test) else None
    if form is not None and not form.shape and (is_relation(form) or reader.constant(form, data=False) is None):
        values, mark = [], reader.draws.mark()
        for way in (node.body, node.orelse):
            with reader.draws.tried():
                values.append(reader.value(way, scope))
        known = reader.constant(form, data=False)
        if known is not None and any(isinstance(v, Array) for v in values):
            return values[0 if known else 1]
        ways = [reader.form(v) for v in values]
        if reader.draws.mark() == mark or known is None:
            reader.draws.lose_since(mark, f"a value of the network decides on line {reader.line} what is drawn")
            return memory.either(reader.made(where(form, ways[0], ways[1])), values)
    return reader.value(node.body if reader.truth(test) else node.orelse, scope)


def _namedexpr(reader: Reader, node: ast.NamedExpr, scope: Scope) -> Any:
    value = reader.value(node.value, scope)
    target = scope
    while target.comprehension and target.parent is not None:
        target = target.parent
    reader.assign(node.target, value, target)
    return reader.value(ast.copy_location(ast.Name(node.target.id, ast.Load()), node.target), scope)


def _lambda(reader: Reader, node: ast.Lambda, scope: Scope) -> Any:
    return reader.helper("lambda", node.args, node.body, scope, node.lineno)


# --- attributes -------------------------------------------------------------------------------------------------------


def _attribute(reader: Reader, node: ast.Attribute, scope: Scope) -> Any:
    return attribute(reader, reader.value(node.value, scope), node.attr)


def attribute(reader: Reader, value: Any, name: str) -> Any:
    """Return ``value.name``."""
    if isinstance(value, Library):
        path = f"{value.path}.{name}"
        if reader.trying and not imports.may_be_there(value.path, name):
            raise ReadError(f"whether there is {path} is not known, and an except depends on it", reader.line)
        return spelled_constant(CONSTANTS[path]) if path in CONSTANTS else Library(path)
    if isinstance(value, Instance):
        return modules.attribute(reader, value, name)
    if isinstance(value, Ancestor):
        return modules.ancestor_attribute(reader, value, name)
    if isinstance(value, Definition):
        return modules.class_attribute(reader, value, name)
    if isinstance(value, Prepared):
        return Method(value, name)
    if reader.is_array(value):
        return _of_array(reader, value, name)
    if isinstance(value, tuple) and name in ("values", "indices") and len(value) == 2:
        return value[0 if name == "values" else 1]
    plain = plain_attribute(value, name, reader.line)
    if plain is not NotImplemented:
        return plain
    if isinstance(value, (RandomSource, Optimizer, Scheduler, Recording)):
        return Method(value, name)
    if isinstance(value, Outside):
        return Outside(f"{value.path}.{name}", value.line)
    raise ReadError(f"{describe(value)} has no {name} that can be read", reader.line)


def _of_array(reader: Reader, value: Any, name: str) -> Any:
    form = reader.form(value)
    if name == "grad":
        return Gradient(reader.bindings[form.name].base if isinstance(form, Name) else "it")
    if name in ("T", "mT", "H", "mH"):
        made = reader.made(form.T if name in "TH" or form.ndim < 3 else swapped(form, -1, -2))
        return memory.answered(reader, name, value, made, reader.is_torch(form))
    if name == "shape":
        return reader.shape_value(form)
    if name == "ndim":
        return Count(form.ndim)
    if name == "data":
        return memory.answered(reader, name, value, reader.detached(form), reader.is_torch(form))
    if name == "size" and not reader.is_torch(form):
        return reader.count_value(form)
    if name in methods() or changes_in_place(name):
        return Method(value, name)
    if name == "device":
        return None
    if name == "dtype":
        root = "torch" if reader.is_torch(form) else "numpy"
        kind = {"f": "float64", "i": "int64", "b": "bool", "n": "int16"}[kinds.kind_of(reader, form)]
        return ArrayType(f"{root}.{kind}")
    raise ReadError(f"an array has no {name} that can be read{nearest(name, methods())}", reader.line)


# --- items ------------------------------------------------------------------------------------------------------------


def _slice(reader: Reader, node: ast.Slice, scope: Scope) -> slice:
    ends = [
        None if end is None else _optional_integer(reader, reader.value(end, scope))
        for end in (node.lower, node.upper, node.step)
    ]
    return slice(*ends)


def _optional_integer(reader: Reader, value: Any) -> int | None:
    return None if value is None else reader.integer(value, "an end of a slice")


def _subscript(reader: Reader, node: ast.Subscript, scope: Scope) -> Any:
    return item(reader, reader.value(node.value, scope), reader.value(node.slice, scope))


def item(reader: Reader, value: Any, key: Any) -> Any:
    """Return ``value[key]``."""
    if isinstance(value, Instance):
        return modules.item(reader, value, key)
    if type(value) is Listed and isinstance(key, slice):
        return _part_of_list(reader, value, key)
    if isinstance(value, dict):
        key = hashable(reader, key)
        missing = getattr(value, "default_factory", None)
        if key not in value and missing is not None:
            reader.writes += 1
            value[key] = reader.held(missing())
    found: Any = plain_item(value, resolved(reader, key), reader.line)
    if found is not NotImplemented:
        if isinstance(found, Poison):
            raise found.error
        return listed(found) if isinstance(key, slice) else found
    if reader.is_array(value):
        return _part_of_array(reader, value, key)
    if isinstance(value, Definition) and value.members:
        name = reader.plain(key)
        if name not in value.members:
            raise PythonError(KeyError, f"{name!r}", reader.line)
        return value.members[name]
    if isinstance(value, Library):
        return value  # a type with its parameters, as list[int]
    raise ReadError(f"{describe(value)} cannot be indexed", reader.line)


def _part_of_array(reader: Reader, value: Any, key: Any) -> Any:
    """Return ``array[key]``: a view where the index is made of numbers and slices."""
    form = reader.form(value)
    key = Ellipsis if key == () and (form.shape or reader.is_torch(form)) else key
    result = of_array(reader, form, key)
    if not isinstance(value, Array) or not (result.shape or reader.is_torch(form) or _has_ellipsis(key)):
        return result
    if isinstance(key, (RowPick, RowNumber)):
        return result
    plain = indexing.index_items(reader, list(key) if isinstance(key, tuple) else [key])
    if any(isinstance(i, (Form, range, Counting)) for i in plain):
        return result
    made = memory.answered(reader, "__getitem__", value, get(form, tuple(plain)), reader.is_torch(form))
    if isinstance(made, Array) and made is not value:
        made.shown = (made.cell.version, result)
    return made


def _has_ellipsis(key: Any) -> bool:
    return key is Ellipsis or (isinstance(key, tuple) and any(i is Ellipsis for i in key))


def _part_of_list(reader: Reader, value: Listed, key: slice) -> Listed:
    """Return a slice of a list; where the list stands for an array, the slice does."""
    made = Listed(plain_item(value, key, reader.line))
    origin = value.form
    if origin is not None and made:
        made.stands_for(get(origin, key), get)
    return made


def of_array(reader: Reader, form: Form, key: Any) -> Form:
    """Return ``form[key]``: constants and slices, rows picked by class indices, entries picked by known conditions."""
    if isinstance(key, RowPick):
        return reader.made(key.taken(form))
    items = list(key) if isinstance(key, tuple) else [key]
    if not items:
        return form
    if isinstance(items[0], RowNumber):
        return comprehensions.row_of(reader, form, items[0], tuple(items[1:]))
    return indexing.part(reader, form, items)


def _not_a_value(reader: Reader, node: ast.expr, scope: Scope) -> Any:
    raise ReadError(f"a {title(node)} cannot be part of a forward pass", reader.line)


EXPRESSIONS: dict[type[ast.AST], Callable[[Any, Any, Scope], Any]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.JoinedStr: _joinedstr,
    ast.Tuple: _tuple,
    ast.List: _list,
    ast.Set: _set,
    ast.Dict: _dict,
    ast.UnaryOp: _unaryop,
    ast.BinOp: _binop,
    ast.Compare: _compare,
    ast.BoolOp: _boolop,
    ast.IfExp: _ifexp,
    ast.NamedExpr: _namedexpr,
    ast.Lambda: _lambda,
    ast.Attribute: _attribute,
    ast.Slice: _slice,
    ast.Subscript: _subscript,
    ast.ListComp: comprehensions.listed,
    ast.GeneratorExp: comprehensions.generated,
    ast.SetComp: comprehensions.collected,
    ast.DictComp: comprehensions.mapped,
    ast.Call: calling.read_call,
}
"""What each kind of expression stands for."""


def place(reader: Reader, node: ast.expr, scope: Scope) -> Any:
    """Return what a name, an attribute or an item of one holds, without following a call; else None."""
    allowed = (ast.Name, ast.Attribute, ast.Subscript, ast.Constant, ast.UnaryOp, ast.USub, ast.expr_context)
    if any(not isinstance(n, allowed) for n in ast.walk(node)):
        return None
    try:
        return reader.value(node, scope)
    except SymbackError:
        return None
