"""Operators on plain values, as CPython applies them: arithmetic, comparison, items and slices.

Each function answers NotImplemented where an operand is none of Python's own values, raises PythonError where Python
raises, and ReadError where a limit is reached or the answer is not known.
"""

from __future__ import annotations

import ast
import operator
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from symback.core.errors import ReadError
from symback.core.forms import Form, apply, number, walk
from symback.library.limits import LARGEST_INTEGER, LARGEST_LIST, use
from symback.library.plain_numbers import short
from symback.library.values import Exact, Library, Poison, Record, formula_of
from symback.readers.iterators import Iterated
from symback.readers.plain_values import (
    CONTAINERS,
    FUNCTIONS,
    OPERATOR_SIGNS,
    SEQUENCES,
    VIEWS,
    WALKED,
    PythonError,
    Queue,
    as_python,
    check_comparable,
    check_key,
    check_length,
    check_text,
    exact_fraction,
    is_plain,
    is_real,
    python_number,
    type_name,
)
from symback.readers.strings import percent
from symback.readers.values import Definition, Method

_COMPUTE: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.MatMult: operator.matmul,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
}
_SETS: Any = (set, frozenset, type({}.keys()), type({}.items()))
_KEYED: Any = (dict, set, frozenset, VIEWS[0])
_LARGEST_EXACT = 10**6
_LONGEST_SPELLING = 12


# --- arithmetic -------------------------------------------------------------------------------------------------------


def plain_binary(op: ast.operator, left: Any, right: Any, line: int | None) -> Any:
    """Return ``left op right`` of plain values as Python computes it; NotImplemented where one of them is not plain."""
    for value in (left, right):
        if isinstance(value, Poison):
            raise value.error
    if not (is_plain(left) and is_plain(right)):
        return NotImplemented
    left, right = python_number(left), python_number(right)
    if is_real(left) and is_real(right):
        return number_binary(op, left, right, line)
    compute = _COMPUTE[type(op)]
    if isinstance(op, ast.Mod) and isinstance(left, str):
        return percent(left, right, line)
    _check_size(op, left, right, line)
    with as_python(line):
        result = compute(left, right)
    return _as_kind(op, result, left, right)


def _as_kind(op: ast.operator, result: Any, left: Any, right: Any) -> Any:
    if isinstance(left, Queue) and isinstance(right, Queue):
        return Queue(result, left.longest)
    if isinstance(left, Queue) or isinstance(right, Queue):
        kept = left if isinstance(left, Queue) else right
        return Queue(result, kept.longest)
    return tuple(result) if isinstance(result, Record) else result


def _check_size(op: ast.operator, left: Any, right: Any, line: int | None) -> None:
    """Check the size of what an operator on containers makes, before it is made."""
    sign = OPERATOR_SIGNS[type(op)]
    kinds = f"unsupported operand type(s) for {sign}: '{type_name(left)}' and '{type_name(right)}'"
    if isinstance(op, ast.Mult):
        for repeated, times in ((left, right), (right, left)):
            if isinstance(repeated, (str, list, tuple)) and isinstance(times, int):
                check = check_text if isinstance(repeated, str) else check_length
                check(len(repeated) * max(int(times), 0), line)
                return
    if isinstance(left, Queue) is not isinstance(right, Queue):
        raise PythonError(TypeError, kinds, line)
    if isinstance(op, ast.Add) and isinstance(left, str) and isinstance(right, str):
        check_text(len(left) + len(right), line)
        return
    if isinstance(op, ast.Add) and isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        check_length(len(left) + len(right), line)
        return
    both = isinstance(left, (dict, *_SETS)) and isinstance(right, (dict, *_SETS, *VIEWS, list, tuple, str, range))
    if both and not isinstance(op, (ast.Mult, ast.Div, ast.Pow)):
        count = len(left) + (len(right) if not isinstance(right, range) else _range_length(right, line))
        check_length(count, line, type_name(left))
        if isinstance(left, VIEWS) or isinstance(right, VIEWS):
            check_comparable(left, line)
            check_comparable(right, line)
        return
    raise PythonError(TypeError, kinds, line)


def _range_length(value: range, line: int | None) -> int:
    with as_python(line):
        return len(value)


def number_binary(op: ast.operator, left: Any, right: Any, line: int | None) -> Any:
    """Return ``left op right`` of plain numbers; a quotient of small whole numbers, and a root, keep their spelling."""
    sign = OPERATOR_SIGNS[type(op)]
    if isinstance(op, ast.MatMult):
        raise PythonError(
            TypeError, f"unsupported operand type(s) for @: '{type_name(left)}' and '{type_name(right)}'", line
        )
    if isinstance(left, int) and isinstance(right, int):
        _check_whole(op, left, right, line)
    with as_python(line):
        result = _COMPUTE[type(op)](left, right)
    if isinstance(result, complex):
        raise ReadError(f"{short(left)} {sign} {short(right)} is not a real number", line)
    if isinstance(result, int):
        return check_integer(result, line)
    form = _spelling(op, left, right) if result else None
    return result if form is None else Exact(result, form)


def check_integer(value: int, line: int | None) -> int:
    """Return a whole number; raises ReadError where it is too large."""
    if value.bit_length() > LARGEST_INTEGER:
        raise ReadError(f"a whole number of {value.bit_length()} bits is too large", line)
    return value


def _check_whole(op: ast.operator, left: int, right: int, line: int | None) -> None:
    bits = 0
    if isinstance(op, ast.Mult):
        bits = left.bit_length() + right.bit_length() - 2
    elif isinstance(op, ast.Pow) and right > 0 and abs(left) > 1:
        bits = min((left.bit_length() - 1) * right, 10**12)
    elif isinstance(op, ast.LShift) and left:
        bits = left.bit_length() + min(right, 10**12)
    if bits > LARGEST_INTEGER:
        sign = OPERATOR_SIGNS[type(op)]
        raise ReadError(f"{short(left)}{sign}{short(right)} is too large", line)


def _spelling(op: ast.operator, left: Any, right: Any) -> Form | None:
    """Return the exact spelling of a result of arithmetic, where it has a short one."""
    a, b = exact_fraction(left), exact_fraction(right)
    if isinstance(op, ast.Div) and a is not None and b:
        return _small(a / b)
    if isinstance(op, ast.Pow) and right == 0.5 and left > 0 and (a is not None or isinstance(left, Exact)):
        return apply("sqrt", formula_of(left) if a is None else number(a))
    if not (isinstance(left, Exact) or isinstance(right, Exact)) or isinstance(op, (ast.FloorDiv, ast.Mod)):
        return None
    if a is not None and b is not None:
        if isinstance(op, ast.Pow):
            fits = b.denominator == 1 and abs(b) <= 20 and (a or b > 0)
            return _small(a ** int(b)) if fits else None
        return _small(_COMPUTE[type(op)](a, b))
    if (a is None and not isinstance(left, Exact)) or (b is None and not isinstance(right, Exact)):
        return None
    name = {ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide"}.get(type(op))
    if name is None or (name == "divide" and not float(right)):
        return None
    made = apply(name, formula_of(left), formula_of(right))
    return made if sum(1 for _ in walk(made)) <= _LONGEST_SPELLING else None


def _small(value: Fraction) -> Form | None:
    fits = max(abs(value.numerator), value.denominator) < _LARGEST_EXACT
    return number(value) if fits else None


def plain_unary(op: ast.unaryop, value: Any, line: int | None) -> Any:
    """Return ``-value``, ``+value`` or ``~value`` of a plain number; NotImplemented for what is not plain."""
    if isinstance(value, Poison):
        raise value.error
    if not is_plain(value):
        return NotImplemented
    value = python_number(value)
    sign = OPERATOR_SIGNS[type(op)]
    if isinstance(value, Counter) and not isinstance(op, ast.Invert):
        with as_python(line):
            return -value if isinstance(op, ast.USub) else +value
    if not is_real(value) or (isinstance(op, ast.Invert) and not isinstance(value, int)):
        raise PythonError(TypeError, f"bad operand type for unary {sign}: '{type_name(value)}'", line)
    if isinstance(op, ast.Invert):
        return ~int(value)
    if isinstance(op, ast.UAdd):
        return +value if isinstance(value, int) else value
    if isinstance(value, Exact):
        exact = exact_fraction(value)
        return Exact(-float(value), number(-exact) if exact is not None else -value.form)
    return -value


_IN_PLACE: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.iadd,
    ast.Sub: operator.isub,
    ast.Mult: operator.imul,
    ast.BitAnd: operator.iand,
    ast.BitOr: operator.ior,
    ast.BitXor: operator.ixor,
}


def plain_augmented(op: ast.operator, left: Any, right: Any, line: int | None) -> Any:
    """Do ``left op= right`` of plain values and return what the name then holds: lists, sets and dictionaries change.

    NotImplemented where an operand is not plain, and where a list is extended by what only the reader can walk along.
    """
    if isinstance(left, Poison):
        raise left.error
    if not is_plain(left) or not is_plain(right):
        return NotImplemented
    right = python_number(right)
    if isinstance(left, list) and isinstance(op, ast.Add):
        if not isinstance(right, WALKED):
            return NotImplemented
        check_length(len(left) + (_range_length(right, line) if isinstance(right, range) else len(right)), line)
        left.extend(list(right))
    elif isinstance(left, (list, dict, set)) and type(op) in _IN_PLACE:
        _check_size(op, left, right, line)
        if isinstance(left, dict) and not isinstance(right, dict):
            raise ReadError("a dictionary is updated here by another dictionary only", line)
        with as_python(line):
            left = _IN_PLACE[type(op)](left, right)
    else:
        return plain_binary(op, left, right, line)
    if isinstance(left, Queue):
        left.trim(True)
    return left


# --- comparison -------------------------------------------------------------------------------------------------------

_ORDER: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


def plain_compare(op: ast.cmpop, left: Any, right: Any, line: int | None) -> Any:
    """Return ``left op right`` of plain values; NotImplemented where arrays or objects decide."""
    for value in (left, right):
        if isinstance(value, Poison):
            raise value.error
    left, right = python_number(left), python_number(right)
    if isinstance(op, (ast.Is, ast.IsNot)):
        same = _identical(left, right, line)
        return same if same is NotImplemented or isinstance(op, ast.Is) else not same
    if isinstance(op, (ast.In, ast.NotIn)):
        found = plain_contains(right, left, line)
        return found if found is NotImplemented or isinstance(op, ast.In) else not found
    if isinstance(left, Library) or isinstance(right, Library):
        return _compared_types(op, left, right, line)
    if not (is_plain(left) and is_plain(right)):
        if isinstance(left, FUNCTIONS) or isinstance(right, FUNCTIONS):
            return _compared_functions(op, left, right, line)
        return NotImplemented
    if isinstance(left, Iterated) or isinstance(right, Iterated):
        return _compared_functions(op, left, right, line)
    check_comparable(left, line)
    check_comparable(right, line)
    _check_queues(op, left, right, line)
    with as_python(line):
        return bool(_ORDER[type(op)](left, right))


def _check_queues(op: ast.cmpop, left: Any, right: Any, line: int | None) -> None:
    if isinstance(left, Queue) is not isinstance(right, Queue) and not isinstance(op, (ast.Eq, ast.NotEq)):
        message = f"'{OPERATOR_SIGNS[type(op)]}' not supported between '{type_name(left)}' and '{type_name(right)}'"
        raise PythonError(TypeError, message, line)


def _compared_functions(op: ast.cmpop, left: Any, right: Any, line: int | None) -> Any:
    """Compare functions, which are equal to themselves alone."""
    if not isinstance(op, (ast.Eq, ast.NotEq)):
        message = f"'{OPERATOR_SIGNS[type(op)]}' not supported between '{type_name(left)}' and '{type_name(right)}'"
        raise PythonError(TypeError, message, line)
    if any(not (is_plain(v) or isinstance(v, FUNCTIONS)) for v in (left, right)):
        return NotImplemented
    if any(isinstance(v, Method) for v in (left, right)) and left is not right:
        raise ReadError("methods of Python's own objects are not compared", line)
    return (left is right or left == right) is isinstance(op, ast.Eq)


def _compared_types(op: ast.cmpop, left: Any, right: Any, line: int | None) -> Any:
    """Compare types and functions of libraries by their paths."""
    if not isinstance(op, (ast.Eq, ast.NotEq)):
        raise PythonError(TypeError, f"'{OPERATOR_SIGNS[type(op)]}' not supported between types", line)
    known = (Library, Definition)
    if not all(is_plain(v) or isinstance(v, (*known, *FUNCTIONS)) for v in (left, right)):
        return NotImplemented
    return _same_type(left, right) is isinstance(op, ast.Eq)


def _same_type(left: Any, right: Any) -> bool:
    if isinstance(left, Library) and isinstance(right, Library):
        return left.path == right.path
    return left is right


def _identical(left: Any, right: Any, line: int | None) -> Any:
    for value in (left, right):
        other = right if value is left else left
        if value is None or value is ... or isinstance(value, bool):
            return left is right if not isinstance(other, Form) or value is None or value is ... else NotImplemented
    if isinstance(left, Library) or isinstance(right, Library):
        return _same_type(left, right)
    if isinstance(left, Form) or isinstance(right, Form):
        return NotImplemented
    single = (int, float, str, range, tuple)
    if isinstance(left, single) and isinstance(right, single) and type_name(left) == type_name(right):
        if isinstance(left, int) and -5 <= left <= 256:
            return bool(left == right)
        if not isinstance(left, tuple) and left != right:
            return False
        if isinstance(left, tuple):
            return left is right if left or right else True
        raise ReadError(f"whether two {type_name(left)}s are the same object is up to Python; compare them by ==", line)
    return left is right


def plain_contains(container: Any, value: Any, line: int | None) -> Any:
    """Return ``value in container``; NotImplemented where the container is not plain."""
    if not is_plain(container):
        return NotImplemented
    value = python_number(value)
    if isinstance(container, Iterated):
        return NotImplemented  # it is walked along with the reader
    if isinstance(container, range):
        return _in_range(container, value)
    if not isinstance(container, str) and not isinstance(container, CONTAINERS):
        raise PythonError(TypeError, f"argument of type '{type_name(container)}' is not iterable", line)
    if isinstance(container, _KEYED):
        if isinstance(value, set) and isinstance(container, (set, frozenset)):
            value = frozenset(value)
        check_key(value, line)
    elif not isinstance(container, str):
        use(line, work=len(container))
        if isinstance(value, Library) or any(isinstance(v, Library) for v in _walk(container)):
            return any(isinstance(v, Library) and _same_type(v, value) for v in _walk(container))
        check_comparable(value, line)
        check_comparable(container, line)
    with as_python(line):
        return value in container


def _walk(container: Any) -> Any:
    return container if not isinstance(container, VIEWS[2]) else ()


def _in_range(container: range, value: Any) -> bool:
    if isinstance(value, float):
        return value.is_integer() and int(value) in container
    return isinstance(value, int) and int(value) in container


# --- items and slices -------------------------------------------------------------------------------------------------


def plain_item(value: Any, key: Any, line: int | None) -> Any:
    """Return ``value[key]`` of a plain container or string; NotImplemented where it is none."""
    if isinstance(value, Poison):
        raise value.error
    if not is_plain(value):
        return NotImplemented
    if isinstance(value, dict):
        checked = check_key(key, line)
        with as_python(line):
            return value[checked]
    if not isinstance(value, SEQUENCES):
        raise PythonError(TypeError, f"'{type_name(value)}' object is not subscriptable", line)
    if isinstance(key, slice):
        return _sliced(value, key, line)
    key = _place(value, key, line)
    with as_python(line):
        return value[key]


def _place(value: Any, key: Any, line: int | None) -> int:
    if isinstance(key, int):
        return int(key)
    if not is_plain(key):
        raise ReadError("an index into a list has to be known from the code", line)
    kind = type_name(value)
    raise PythonError(TypeError, f"{kind} indices must be integers, not {type_name(key)}", line)


def _sliced(value: Any, key: slice, line: int | None) -> Any:
    if isinstance(value, Queue):
        raise PythonError(TypeError, "sequence index must be integer, not 'slice'", line)
    _check_slice(key, line)
    with as_python(line):
        result = value[key]
    if isinstance(value, str):
        check_text(len(result), line)
    elif not isinstance(value, range):
        check_length(len(result), line)
    return result


def _check_slice(key: slice, line: int | None) -> None:
    for end in (key.start, key.stop, key.step):
        if not (end is None or isinstance(end, int)):
            if not is_plain(end):
                raise ReadError("an end of a slice has to be known from the code", line)
            raise PythonError(TypeError, "slice indices must be integers or None", line)


def plain_set_item(value: Any, key: Any, item: Any, line: int | None) -> Any:
    """Do ``value[key] = item`` of a list or a dictionary; NotImplemented where it is none.

    For a slice ``item`` is a list of the new entries.
    """
    if not is_plain(value):
        return NotImplemented
    if isinstance(value, dict):
        checked = check_key(key, line)
        if checked not in value:
            check_length(len(value) + 1, line, "dictionary") if len(value) >= LARGEST_LIST else use(line, memory=1)
        value[checked] = item
        return None
    if not isinstance(value, list):
        raise PythonError(TypeError, f"'{type_name(value)}' object does not support item assignment", line)
    if isinstance(key, slice) and not isinstance(value, Queue):
        _check_slice(key, line)
        check_length(len(value) + len(item), line)
        with as_python(line):
            value[key] = list(item)
        return None
    with as_python(line):
        value[_place(value, key, line)] = item
    return None


def plain_delete_item(value: Any, key: Any, line: int | None) -> Any:
    """Do ``del value[key]`` of a list or a dictionary; NotImplemented where it is none."""
    if not is_plain(value):
        return NotImplemented
    if not isinstance(value, (list, dict)):
        raise PythonError(TypeError, f"'{type_name(value)}' object doesn't support item deletion", line)
    with as_python(line):
        if isinstance(value, dict):
            del value[check_key(key, line)]
        elif isinstance(key, slice) and not isinstance(value, Queue):
            _check_slice(key, line)
            del value[key]
        else:
            del value[_place(value, key, line)]
    return None


# --- by name ----------------------------------------------------------------------------------------------------------

_NAMED: dict[str, Any] = {
    "add": ast.Add(),
    "sub": ast.Sub(),
    "mul": ast.Mult(),
    "truediv": ast.Div(),
    "floordiv": ast.FloorDiv(),
    "mod": ast.Mod(),
    "pow": ast.Pow(),
    "matmul": ast.MatMult(),
    "and_": ast.BitAnd(),
    "or_": ast.BitOr(),
    "xor": ast.BitXor(),
    "eq": ast.Eq(),
    "ne": ast.NotEq(),
    "lt": ast.Lt(),
    "le": ast.LtE(),
    "gt": ast.Gt(),
    "ge": ast.GtE(),
    "is_": ast.Is(),
    "is_not": ast.IsNot(),
}
"""What the module ``operator`` calls the operators."""


def plain_binary_named(name: str, left: Any, right: Any, line: int | None) -> Any:
    """Return ``operator.name(left, right)`` of plain values; NotImplemented where one of them is not plain."""
    return plain_binary(_NAMED[name], left, right, line)


def plain_compare_named(name: str, left: Any, right: Any, line: int | None) -> Any:
    """Do as ``plain_binary_named`` does for comparisons."""
    return plain_compare(_NAMED[name], left, right, line)


# --- building ---------------------------------------------------------------------------------------------------------


def made_set(items: list[Any], line: int | None) -> set[Any]:
    """Return the set of a display or a comprehension: ``{a, b}``."""
    check_length(len(items), line, "set")
    return {check_key(item, line) for item in items}


def made_dict(pairs: list[tuple[Any, Any]], line: int | None) -> dict[Any, Any]:
    """Return the dictionary of a display or a comprehension: ``{key: value}``."""
    check_length(len(pairs), line, "dictionary")
    return {check_key(key, line): value for key, value in pairs}
