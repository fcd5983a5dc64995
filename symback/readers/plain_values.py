"""Plain values of a text: Python's own numbers, strings and containers, which are computed as CPython does.

A number that has an exact spelling (1/3, the square root of 2) is a float like any other, and remembers the spelling for
the page. What the containers hold may be anything: it is only moved, and refused where it would have to be compared.
"""

from __future__ import annotations

import ast
import builtins
import math
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from typing import Any, TypeGuard

import numpy as np

from symback.core.errors import ReadError, SymbackError
from symback.core.forms import Form, Get, Name, Number, apply, number, walk
from symback.library.limits import DEEPEST_VALUE, LARGEST_LIST, LARGEST_TEXT, LARGEST_VALUE, LONGEST_WALK, use
from symback.library.values import Exact, Library, Poison, Prepared
from symback.readers.asking import Reader
from symback.readers.iterators import Iterated, about_to_take, rest
from symback.readers.values import Array, Bound, Definition, Helper, Instance, Method, Outside, Raised


class PythonError(ReadError):
    """The text raises an exception here, as Python does: ``kind`` is its class."""

    def __init__(self, kind: type[Exception], message: str, line: int | None) -> None:
        self.kind = kind
        super().__init__(f"Python raises {kind.__name__} here" + (f": {message}" if message else ""), line)

    def __reduce__(self) -> tuple[Any, ...]:
        message = str(self).partition(f"{self.kind.__name__} here")[2].removeprefix(": ")
        return PythonError, (self.kind, message, self.line)


class Queue(list[Any]):
    """A ``collections.deque``: a list that is short at both ends, equal to queues only."""

    def __init__(self, items: Any = (), longest: int | None = None) -> None:
        super().__init__(items)
        self.longest = longest
        self.trim(True)

    def trim(self, left: bool) -> None:
        """Drop what is beyond its longest length, at the left or at the right end."""
        if self.longest is not None and len(self) > self.longest:
            surplus = len(self) - self.longest
            if left:
                del self[:surplus]
            else:
                del self[self.longest :]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Queue) and list.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None


VIEWS: Any = (type({}.keys()), type({}.values()), type({}.items()))
"""What ``keys``, ``values`` and ``items`` of a dictionary give."""

WALKED: Any = (str, list, tuple, range, dict, *VIEWS)
"""What is walked along in an order of its own."""
SIZED: Any = (*WALKED, set, frozenset)
CONTAINERS: Any = (list, tuple, dict, set, frozenset, *VIEWS)
SEQUENCES = (str, list, tuple, range)
PLAIN_TYPES: Any = (bool, int, float, str, Fraction, range, slice, *CONTAINERS, Iterated, type(None), type(...))
FUNCTIONS = (Helper, Method, Bound, Prepared, Definition)
"""Values that are compared by identity and are always true."""


def is_plain(value: Any) -> bool:
    """Return whether a value is one of Python's own, whatever its entries are."""
    return isinstance(value, PLAIN_TYPES) and not isinstance(value, Form)


def is_real(value: Any) -> TypeGuard[bool | int | float | Fraction]:
    """Return whether a value is a plain number, truth values included as in Python."""
    return isinstance(value, (int, float, Fraction))


def python_number(value: Any) -> Any:
    """Return a number as Python's own: an exact quotient is a float."""
    if isinstance(value, Fraction):
        return Exact(value.numerator / value.denominator, number(value))
    return value


def written_value(value: Any) -> Any:
    """Return a value as the text wrote it: a named number stays a name, so that what is computed depends on it."""
    if isinstance(value, Poison):
        raise value.error
    return python_number(value)


def spelled_constant(value: Any) -> Any:
    """Return a constant of a library; π, 2π and e keep their spelling."""
    if value == math.e:
        return Exact(math.e, apply("exp", number(1)))
    if value == math.pi:
        return Exact(math.pi, number(math.pi))
    if value == math.tau:
        return Exact(math.tau, apply("multiply", number(2), number(math.pi)))
    return value


def exact_fraction(value: Any) -> Fraction | None:
    """Return the exact value of a whole number or a quotient of two, else None."""
    if isinstance(value, int):
        return Fraction(int(value))
    if isinstance(value, Exact) and isinstance(value.form, Number) and not isinstance(value.form.value, float):
        return Fraction(value.form.value)
    return None


@contextmanager
def as_python(line: int | None) -> Iterator[None]:
    """Turn what Python raises inside into an error of the text."""
    try:
        yield
    except ReadError:
        raise
    except (RecursionError, MemoryError):
        raise ReadError("nested too deeply, or too large, to be read", line) from None
    except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError, StopIteration, RuntimeError) as error:
        text = str(error) if not isinstance(error, KeyError) else _key_text(error)
        raise PythonError(type(error), text[:200], line) from None


def _key_text(error: KeyError) -> str:
    key = error.args[0] if error.args else ""
    return repr(key) if isinstance(key, (str, int, float)) else "no such key"


def type_name(value: Any) -> str:
    """Return what Python calls the type of a plain value."""
    value = python_number(value)
    for kind, label in _TYPE_NAMES:
        if isinstance(value, kind):
            return label
    for known, label in _OTHER_NAMES:
        if isinstance(value, known):
            return label
    return value.kind if isinstance(value, (Iterated, Instance)) else type(value).__name__


def no_attribute(value: Any, name: str, line: int | None, hint: str = "") -> ReadError:
    """Return the error for an attribute that a plain value has not, or that is not followed though Python has it."""
    if name.startswith("__") and name.endswith("__"):
        return ReadError(f"{name} of a {type_name(value)} is not followed; write the operator or function for it", line)
    if isinstance(value, Iterated) or hasattr(getattr(builtins, type_name(value), None), name):
        return ReadError(f"{name} of a {type_name(value)} is not followed", line)
    return PythonError(AttributeError, f"'{type_name(value)}' object has no attribute '{name}'{hint}", line)


_OTHER_NAMES: tuple[tuple[Any, str], ...] = (
    (Raised, "exception"),
    (Definition, "class"),
    (Helper, "function"),
    ((Method, Bound), "method"),
    (Library, "function or type of a library"),
    (Outside, "object of a library"),
    ((Form, Array), "array"),
)


_TYPE_NAMES: tuple[tuple[Any, str], ...] = (
    (bool, "bool"),
    (int, "int"),
    (float, "float"),
    (Queue, "deque"),
    (Counter, "Counter"),
    (OrderedDict, "OrderedDict"),
    (defaultdict, "defaultdict"),
    (list, "list"),
    (dict, "dict"),
    (type(None), "NoneType"),
    (type(...), "ellipsis"),
)


# --- from the reader's values to plain ones ---------------------------------------------------------------------------


def resolved(reader: Reader, value: Any) -> Any:
    """Return a value as a plain one where it is a number that the code fixes, with Python's own type; else itself."""
    if isinstance(value, Fraction):
        return python_number(value)
    if isinstance(value, Poison):
        raise value.error
    if not isinstance(value, Form) or value.shape:
        return value
    if isinstance(value, Number):
        return Exact(float(value.value), value) if isinstance(value.value, Fraction) else value.value
    if isinstance(value, Name):
        binding = reader.bindings[value.name]
        held = binding.value
        if binding.form is None and not binding.torch and type(held) in (bool, int, float):
            return held
        whole_ = reader.whole_number(value)
        return value if whole_ is None else whole_
    return _computed(reader, value)


def _computed(reader: Reader, form: Form) -> Any:
    """Return the number that arithmetic on plain numbers gives, with Python's type, else the form itself."""
    found: dict[Form, Any] = {}
    for node in walk(form):
        if isinstance(node, Get) or (isinstance(node, Name) and node.shape):
            held = _entry_of_list(reader, node)
            if held is None and (node.shape == () or form is node):
                return form
            found[node] = held
            continue
        if isinstance(node, (Name, Number)):
            held = resolved(reader, node)
            if isinstance(held, Form):
                return form
            found[node] = held
            continue
        label = node.data[0] if node.data and isinstance(node.data[0], str) else ""
        if label not in _ARITHMETIC or node.shape or any(a not in found for a in node.args):
            return form
        try:
            found[node] = _ARITHMETIC[label](*(found[a] for a in node.args))
        except (ArithmeticError, TypeError, ValueError):
            return form
    return found[form]


def _entry_of_list(reader: Reader, form: Form) -> Any:
    """Return an entry of a list of numbers that has a name, with Python's own type; None for any other form."""
    places: list[Any] = []
    while isinstance(form, Get):
        places[:0] = [i for i in form.index if isinstance(i, int)]
        form = form.args[0]
    binding = reader.bindings[form.name] if isinstance(form, Name) else None
    if binding is None or binding.form is not None or binding.torch or not binding.listed or binding.value is None:
        return None
    value = np.asarray(binding.value)
    return value[tuple(places)].item() if len(places) == value.ndim else None


_ARITHMETIC: dict[str, Any] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "negative": lambda a: -a,
    "sqrt": math.sqrt,
    "exp": math.exp,
    "log": math.log,
    "sin": math.sin,
    "cos": math.cos,
}


def plain_argument(reader: Reader, value: Any, what: str) -> Any:
    """Return an argument as a plain value; raises ReadError where it depends on arrays."""
    found = resolved(reader, value)
    if isinstance(found, Form):
        known = reader.constant(found)
        if known is not None and not hasattr(known, "shape"):
            raise ReadError(f"{what}: whether {known} is a whole number here cannot be known", reader.line)
        raise ReadError(f"{what} depends on values of the network; it has to be known from the code", reader.line)
    return found


def whole(reader: Reader, value: Any, what: str) -> int:
    """Return an argument that has to be a whole number."""
    found = resolved(reader, value)
    if isinstance(found, int):
        return int(found)
    if isinstance(found, Form):
        return reader.integer(found, what)
    raise PythonError(TypeError, f"{what} has to be a whole number, not {type_name(found)}", reader.line)


# --- sizes ------------------------------------------------------------------------------------------------------------


def check_length(count: int, line: int | None, what: str = "list") -> int:
    """Return the length of a container that is about to be made; raises ReadError where it is too long."""
    if count > LARGEST_LIST:
        raise ReadError(f"a {what} of {count if count < 10**18 else 'so many'} entries is too long", line)
    use(line, memory=max(count, 0))
    return count


def check_text(count: int, line: int | None) -> int:
    """Return the length of a string that is about to be made; raises ReadError where it is too long."""
    if count > LARGEST_TEXT:
        raise ReadError(f"a text of {count if count < 10**18 else 'so many'} characters is too long", line)
    use(line, memory=max(count, 0) // 8 + 1)
    return count


def parts_of(value: Any) -> Any:
    """Return what a container holds, keys included."""
    if isinstance(value, dict):
        return [x for pair in value.items() for x in pair]
    if isinstance(value, slice):
        return (value.start, value.stop, value.step)
    return value if isinstance(value, CONTAINERS) else ()


def check_nest(value: Any, line: int | None) -> int:
    """Return how many values a nest of containers holds when written out; raises ReadError where it is too large."""
    known: dict[int, int] = {}

    def visit(one: Any, depth: int) -> int:
        if not isinstance(one, (*CONTAINERS, slice)):
            return 1
        if id(one) in known:
            if known[id(one)] < 0:
                raise ReadError("a container that holds itself cannot be compared, copied or written out", line)
            return known[id(one)]
        if depth > DEEPEST_VALUE:
            raise ReadError(f"containers are nested too deeply (more than {DEEPEST_VALUE} levels)", line)
        known[id(one)] = -1
        total = 1
        for part in parts_of(one):
            total += visit(part, depth + 1)
            if total > LARGEST_VALUE:
                raise ReadError(f"a nest of more than {LARGEST_VALUE} values is too large", line)
        known[id(one)] = total
        return total

    total = visit(value, 0)
    use(line, work=total)
    return total


# --- hashing, equality and truth --------------------------------------------------------------------------------------


def check_comparable(value: Any, line: int | None) -> None:
    """Raise ReadError where something in a value cannot be compared by ``==``: arrays, and objects with their own."""
    if isinstance(value, CONTAINERS):
        check_nest(value, line)
        stack, seen = list(parts_of(value)), {id(value)}
        while stack:
            one = stack.pop()
            if isinstance(one, CONTAINERS):
                if id(one) not in seen:
                    seen.add(id(one))
                    stack.extend(parts_of(one))
            else:
                _check_leaf(one, line)
        return
    _check_leaf(value, line)


def _check_leaf(value: Any, line: int | None) -> None:
    if isinstance(value, Poison):
        raise value.error
    if is_plain(value) or isinstance(value, FUNCTIONS):
        return
    if isinstance(value, Instance):
        own = value.definition.lineage() if value.definition else []
        if any("__eq__" in d.methods or "__hash__" in d.methods or "__dataclass_fields__" in d.attributes for d in own):
            raise ReadError(f"objects of {value.kind} have an == of their own, which is not followed here", line)
        return
    if isinstance(value, Library):
        raise ReadError("functions and types inside containers are not compared", line)
    raise ReadError("comparing arrays inside containers is ambiguous; compare their entries", line)


def check_key(value: Any, line: int | None, nested: bool = False) -> Any:
    """Return a key of a dictionary, or an element of a set; raises ReadError for what cannot be one."""
    if isinstance(value, tuple):
        if not nested:
            check_nest(value, line)
        for part in value:
            check_key(part, line, nested=True)
        return value
    if isinstance(value, (list, dict, set, slice)):
        raise PythonError(TypeError, f"unhashable type: '{type_name(value)}'", line)
    if isinstance(value, Fraction):
        return python_number(value)
    if isinstance(value, Poison):
        raise value.error
    if value is None or isinstance(value, (int, float, str, frozenset, range, type(...))):
        return value
    if isinstance(value, (Instance, *FUNCTIONS)):
        if isinstance(value, Instance) and _is_unhashable(value):
            raise PythonError(TypeError, f"unhashable type: '{value.kind}'", line)
        _check_leaf(value, line)
        return value
    raise ReadError("a key has to be a plain value that is known from the code", line)


def _is_unhashable(value: Instance) -> bool:
    """Return whether the class of an object takes ``__hash__`` away, as one does that defines ``==`` alone."""
    for one in value.definition.lineage() if value.definition else ():
        if "__hash__" in one.methods or "__hash__" in one.attributes:
            return one.attributes.get("__hash__", ...) is None
        options = one.attributes.get("__dataclass_params__")
        if options is not None and options.get("eq", True) is True:
            return options.get("frozen") is not True
        if "__eq__" in one.methods:
            return True
    return False


def plain_truth(value: Any, line: int | None = None) -> Any:
    """Return whether a plain value is true; NotImplemented where that is not for Python's own types to say."""
    if isinstance(value, (FUNCTIONS, Library, Iterated)):
        return True
    if not is_plain(value):
        return NotImplemented
    if isinstance(value, range) and len(range(0)) == 0:
        return value.start < value.stop if value.step > 0 else value.start > value.stop
    return bool(value)


def truth(reader: Reader, value: Any) -> bool:
    """Return whether a value is true; raises ReadError where it depends on arrays."""
    found = resolved(reader, value)
    decided = plain_truth(found, reader.line)
    if decided is NotImplemented and isinstance(found, Form):
        known = reader.constant(found, data=False)
        if known is None:
            raise ReadError(
                "this condition depends on values of the network; it has to be known from the code", reader.line
            )
        return bool(known)
    if decided is NotImplemented:
        if isinstance(found, Instance) and not _has_own_truth(found):
            return True
        raise ReadError("whether this object is true cannot be read", reader.line)
    return bool(decided)


def _has_own_truth(value: Instance) -> bool:
    own = value.definition.lineage() if value.definition else []
    return value.definition is None or any(m in d.methods for d in own for m in ("__bool__", "__len__"))


# --- order and iteration ----------------------------------------------------------------------------------------------


def _has_fixed_hash(value: Any) -> bool:
    if isinstance(value, tuple):
        return all(map(_has_fixed_hash, value))
    if isinstance(value, float) and math.isnan(value):
        return False
    return isinstance(value, (int, float))


def in_order(value: set[Any] | frozenset[Any], line: int | None) -> list[Any]:
    """Return what a set holds: in Python's order where numbers fix it, else sorted, which is one of the possible orders."""
    if len(value) < 2 or all(map(_has_fixed_hash, value)):
        return list(value)
    if all(isinstance(v, str) for v in value):
        return sorted(value)
    raise ReadError("the order of this set changes from run to run in Python; sort it", line)


SET_NOTE = "the order of a set of texts changes from run to run in Python; it is read here in alphabetical order"


def iterate(reader: Reader, value: Any) -> Iterator[Any]:
    """Return an iterator over anything that can be walked along, as ``for`` does; it counts its steps."""
    value = as_walked(reader, resolved(reader, value))
    line = reader.line
    if isinstance(value, Iterated):
        return value
    if isinstance(value, (set, frozenset)):
        if SET_NOTE not in reader.notes and not all(map(_has_fixed_hash, value)) and len(value) > 1:
            reader.notes.append(SET_NOTE)
        return _along_set(reader, value, in_order(value, line))
    if isinstance(value, WALKED):
        return iter(value)
    if is_plain(value):
        raise PythonError(TypeError, f"'{type_name(value)}' object is not iterable", line)
    return reader.walk(value)


def as_walked(reader: Reader, value: Any) -> Any:
    """Return what an iterator walks along: the rows of a tensor are taken when it is made, with or without gradients."""
    return replace(value, unrecorded=True) if isinstance(value, Array) and reader.without_gradients else value


def _along_set(reader: Reader, value: set[Any] | frozenset[Any], order: list[Any]) -> Iterator[Any]:
    for item in order:
        if len(value) != len(order):
            raise _changed_size(reader, "Set changed size during iteration")
        yield item


def _changed_size(reader: Reader, message: str) -> SymbackError:
    """Return what a walk along a container ends with that changed meanwhile: in Python, or for the reader alone."""
    lost = [error for held, error in reader.lost.values() if isinstance(held, (dict, set))]
    return lost[0] if lost else PythonError(RuntimeError, message, reader.line)


def counted(reader: Reader, value: Any) -> Iterator[Any]:
    """Return an iterator over a value whose steps count as work, and whose errors are errors of the text."""
    return _steps(reader, value, iterate(reader, value))


def _steps(reader: Reader, value: Any, source: Iterator[Any]) -> Iterator[Any]:
    for _ in range(LONGEST_WALK):
        use(reader.line, work=1)
        if id(value) in reader.lost and reader.lost[id(value)][0] is value:
            raise reader.lost[id(value)][1]
        if isinstance(source, Iterated):
            about_to_take(reader, source)
        try:
            item = next(source)
        except StopIteration:
            return
        except RuntimeError as error:
            raise _changed_size(reader, str(error)) from None
        except ValueError as error:
            if "already executing" not in str(error):
                raise
            raise PythonError(ValueError, str(error), reader.line) from None
        yield item
    raise ReadError("this walk has no end that can be reached", reader.line)


def listed(reader: Reader, value: Any, longest: int = LARGEST_LIST) -> list[Any]:
    """Return all items of a value as a new list; raises ReadError where they are too many."""
    value = resolved(reader, value)
    if isinstance(value, range) and plain_truth(value[longest:] if is_longer(value, longest) else range(0)):
        raise ReadError("a list of so many entries is too long", reader.line)
    if isinstance(value, SIZED):
        check_length(len(value), reader.line)
        return list(iterate(reader, value))
    if isinstance(value, Iterated) and value.fresh and value.whole is not None:
        together = rest(reader, value)
        return list(together if isinstance(together, list) else reader.walk(together))
    found: list[Any] = []
    for item in counted(reader, value):
        found.append(item)
        if len(found) > longest:
            raise ReadError(f"a list of more than {longest} entries is too long", reader.line)
    use(reader.line, memory=len(found))
    return found


def is_longer(value: Any, longest: int) -> bool:
    """Return whether a container or a range holds more items than this."""
    try:
        return len(value) > longest
    except OverflowError:
        return True


def operator_of(op: ast.operator | ast.cmpop | ast.unaryop) -> str:
    """Return how an operator is written."""
    return OPERATOR_SIGNS[type(op)]


OPERATOR_SIGNS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.MatMult: "@",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.USub: "-",
    ast.UAdd: "+",
    ast.Invert: "~",
}
