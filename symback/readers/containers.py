"""Methods of the containers of a text: lists, tuples, dictionaries, sets, queues and counters, as CPython has them.

A container is the Python object itself, shared by all its names as in the text, and what it holds are Forms, plain
values and objects. What only moves entries works for all of them; what compares them is refused for arrays.
A change that cannot be followed raises ReadError; the caller then gives the container up as a whole.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from symback.core.errors import ReadError, nearest
from symback.core.forms import Form
from symback.library.limits import LARGEST_LIST, use
from symback.library.values import Record
from symback.readers.asking import Reader
from symback.readers.iterators import Iterated, about_to_take
from symback.readers.plain_operations import plain_contains, plain_delete_item, plain_item, plain_set_item
from symback.readers.plain_values import (
    VIEWS,
    PythonError,
    Queue,
    as_python,
    check_comparable,
    check_key,
    check_length,
    in_order,
    is_plain,
    is_real,
    listed,
    no_attribute,
    resolved,
    truth,
    type_name,
    whole,
)

Call = Callable[[Reader, Any, list[Any], Mapping[str, Any]], Any]

CHANGES = frozenset(
    (
        "append",
        "extend",
        "insert",
        "remove",
        "pop",
        "clear",
        "sort",
        "reverse",
        "update",
        "popitem",
        "setdefault",
        "add",
        "discard",
        "appendleft",
        "extendleft",
        "popleft",
        "rotate",
        "move_to_end",
        "subtract",
        "intersection_update",
        "difference_update",
        "symmetric_difference_update",
        "__setitem__",
        "__delitem__",
    )
)
"""Methods that change a list, a dictionary, a set or a queue."""


def call(reader: Reader, held: Any, name: str, args: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    """Return the result of a method of a container, and change it as the method does.

    Raises PythonError where Python does, and ReadError for a use that cannot be followed.
    """
    table = methods_of(held)
    if name in _DUNDERS:
        return _DUNDERS[name](reader, held, list(args), keywords)
    if name not in table:
        raise no_attribute(held, name, reader.line, nearest(name, table))
    smallest, largest, method = table[name]
    if not smallest <= len(args) <= largest:
        wanted = f"{smallest}" if smallest == largest else f"{smallest} to {largest}"
        message = f"{type_name(held)}.{name}() takes {wanted} arguments ({len(args)} given)"
        raise PythonError(TypeError, message, reader.line)
    allowed = _KEYWORDS.get((type_name(held), name), _KEYWORDS.get(name, ()))
    unknown = [] if allowed == "any" else [k for k in keywords if k not in allowed]
    if unknown:
        raise PythonError(TypeError, f"{name}() got an unexpected keyword argument '{unknown[0]}'", reader.line)
    with as_python(reader.line):
        result = method(reader, held, list(args), keywords)
    if isinstance(held, (list, dict, set)) and len(held) > LARGEST_LIST:
        raise ReadError(f"a {type_name(held)} of more than {LARGEST_LIST} entries is too long", reader.line)
    return result


def methods_of(held: Any) -> Mapping[str, tuple[int, int, Call]]:
    """Return the methods of a container that are followed: how many arguments they take, and what they do."""
    for kind, table in _TABLES:
        if isinstance(held, kind):
            return table
    return {}


_KEYWORDS: dict[str | tuple[str, str], Any] = {
    "sort": ("key", "reverse"),
    "update": "any",
    ("Counter", "update"): "any",
    ("Counter", "subtract"): "any",
    ("OrderedDict", "popitem"): ("last",),
    "move_to_end": ("last",),
    "_replace": "any",
    ("deque", "rotate"): (),
}


# --- lists ------------------------------------------------------------------------------------------------------------


def _append(reader: Reader, held: Any, args: list[Any], keywords: Mapping[str, Any]) -> None:
    use(reader.line, memory=1)
    held.append(args[0])
    _trim(held, left=True)


def _trim(held: Any, left: bool) -> None:
    if isinstance(held, Queue):
        held.trim(left)


def _extend(reader: Reader, held: Any, args: list[Any], keywords: Mapping[str, Any]) -> None:
    added = listed(reader, args[0])
    check_length(len(held) + len(added), reader.line, type_name(held))
    held.extend(added)
    _trim(held, left=True)


def _insert(reader: Reader, held: Any, args: list[Any], keywords: Mapping[str, Any]) -> None:
    if isinstance(held, Queue) and held.longest is not None and len(held) >= held.longest:
        raise PythonError(IndexError, "deque already at its maximum size", reader.line)
    use(reader.line, memory=1, work=len(held))
    held.insert(whole(reader, args[0], "a place in a list"), args[1])


def _pop(reader: Reader, held: Any, args: list[Any], keywords: Mapping[str, Any]) -> Any:
    use(reader.line, work=1 if not args else len(held))
    return held.pop(*(whole(reader, a, "a place in a list") for a in args))


def _found(name: str) -> Call:
    """Return index, count or remove of a list, which compare entries."""

    def find(reader: Reader, held: Any, args: list[Any], keywords: Mapping[str, Any]) -> Any:
        value = resolved(reader, args[0])
        entries = list(held) if not isinstance(held, range) else []
        check_comparable(value, reader.line)
        check_comparable(entries, reader.line)
        use(reader.line, work=len(entries))
        if isinstance(held, range) and not isinstance(value, int):
            raise ReadError(f"{name} of a range is read for whole numbers", reader.line)
        ends = [whole(reader, a, "a place in a list") for a in args[1:]]
        return getattr(held, name)(value, *ends)

    return find


def _sort(reader: Reader, held: Any, args: list[Any], keywords: Mapping[str, Any]) -> None:
    held[:] = ordered(reader, held, keywords.get("key"), keywords.get("reverse", False))


def ordered(reader: Reader, items: Sequence[Any], key: Any, reverse: Any) -> list[Any]:
    """Return items sorted as Python sorts them; raises ReadError where arrays would have to be compared."""
    backwards = truth(reader, reverse)
    keys = [resolved(reader, v if key is None else reader.call(key, [v], {})) for v in items]
    if len(items) > 1:
        check_ordering(keys, reader.line)
    use(reader.line, work=len(keys) * max(len(keys).bit_length(), 1), memory=len(keys))
    with as_python(reader.line):
        places = sorted(range(len(keys)), key=keys.__getitem__, reverse=backwards)
    return [items[k] for k in places]


def check_ordering(values: Sequence[Any], line: int | None) -> None:
    """Raise an error where values cannot be put in order by Python alone."""
    for value in values:
        if not (is_plain(value) or is_real(value)):
            raise ReadError("the order of arrays and objects is not known; give a key that is a number or a text", line)
    check_comparable(list(values), line)


def _copy_list(reader: Reader, held: Any, args: list[Any], keywords: Mapping[str, Any]) -> Any:
    check_length(len(held), reader.line)
    return Queue(held, held.longest) if isinstance(held, Queue) else list(held)


def _clear(reader: Reader, held: Any, args: list[Any], keywords: Mapping[str, Any]) -> None:
    held.clear()


def _reverse(reader: Reader, held: Any, args: list[Any], keywords: Mapping[str, Any]) -> None:
    use(reader.line, work=len(held))
    held.reverse()


# --- queues -----------------------------------------------------------------------------------------------------------


def _append_left(reader: Reader, held: Any, args: list[Any], keywords: Mapping[str, Any]) -> None:
    use(reader.line, memory=1, work=len(held))
    held.insert(0, args[0])
    held.trim(False)


def _extend_left(reader: Reader, held: Any, args: list[Any], keywords: Mapping[str, Any]) -> None:
    added = listed(reader, args[0])
    check_length(len(held) + len(added), reader.line, "deque")
    held[:0] = added[::-1]
    held.trim(False)


def _pop_left(reader: Reader, held: Any, args: list[Any], keywords: Mapping[str, Any]) -> Any:
    use(reader.line, work=len(held))
    if not held:
        raise IndexError("pop from an empty deque")
    return held.pop(0)


def _rotate(reader: Reader, held: Any, args: list[Any], keywords: Mapping[str, Any]) -> None:
    use(reader.line, work=len(held))
    if held:
        steps = (whole(reader, args[0], "a number of steps") if args else 1) % len(held)
        held[:] = held[-steps:] + held[:-steps] if steps else list(held)


# --- dictionaries -----------------------------------------------------------------------------------------------------


def _key_of(reader: Reader, value: Any) -> Any:
    return check_key(resolved(reader, value), reader.line)


def _keyed(name: str) -> Call:
    def call_(reader: Reader, held: Any, args: list[Any], keywords: Mapping[str, Any]) -> Any:
        use(reader.line, memory=name == "setdefault")
        return getattr(held, name)(_key_of(reader, args[0]), *args[1:])

    return call_


def _view(name: str) -> Call:
    return lambda reader, held, args, keywords: getattr(held, name)()


def _update(reader: Reader, held: Any, args: list[Any], keywords: Mapping[str, Any]) -> None:
    for key, value in pairs(reader, args, keywords):
        held[key] = value


def pairs(reader: Reader, args: Sequence[Any], keywords: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    """Return the pairs that ``dict(...)`` and ``update(...)`` are given."""
    found: list[tuple[Any, Any]] = []
    given = resolved(reader, args[0]) if args else {}
    if isinstance(given, dict):
        found = list(given.items())
    else:
        for k, entry in enumerate(listed(reader, given)):
            both = listed(reader, entry) if isinstance(entry, (str, list, tuple)) else None
            if both is None:
                raise PythonError(TypeError, f"cannot convert dictionary update sequence element #{k}", reader.line)
            if len(both) != 2:
                message = f"dictionary update sequence element #{k} has length {len(both)}; 2 is required"
                raise PythonError(ValueError, message, reader.line)
            found.append((_key_of(reader, both[0]), both[1]))
    found += keywords.items()
    check_length(len(found), reader.line, "dictionary")
    return found


def _copy_dict(reader: Reader, held: Any, args: list[Any], keywords: Mapping[str, Any]) -> Any:
    check_length(len(held), reader.line, "dictionary")
    return held.copy()


def _from_keys(reader: Reader, held: Any, args: list[Any], keywords: Mapping[str, Any]) -> Any:
    return from_keys(reader, *args)


def from_keys(reader: Reader, items: Any, value: Any = None) -> dict[Any, Any]:
    """Return ``dict.fromkeys(items, value)``."""
    return {_key_of(reader, key): value for key in listed(reader, items)}


def _pop_item(reader: Reader, held: Any, args: list[Any], keywords: Mapping[str, Any]) -> Any:
    if isinstance(held, OrderedDict):
        last = args[0] if args else keywords.get("last", True)
        return held.popitem(last=truth(reader, last))
    return held.popitem()


def _move_to_end(reader: Reader, held: Any, args: list[Any], keywords: Mapping[str, Any]) -> None:
    last = args[1] if len(args) > 1 else keywords.get("last", True)
    held.move_to_end(_key_of(reader, args[0]), last=truth(reader, last))


# --- counters ---------------------------------------------------------------------------------------------------------


def counted_pairs(reader: Reader, args: Sequence[Any], keywords: Mapping[str, Any]) -> Counter[Any]:
    """Return what ``Counter(...)`` counts."""
    given = resolved(reader, args[0]) if args else None
    found: Counter[Any] = Counter()
    if isinstance(given, dict):
        found.update(given)
    elif given is not None:
        found.update([_key_of(reader, v) for v in listed(reader, given)])
    found.update(**keywords)
    return found


def _count_on(reader: Reader, held: Any, args: list[Any], keywords: Mapping[str, Any]) -> None:
    held.update(counted_pairs(reader, args, keywords))


def _count_off(reader: Reader, held: Any, args: list[Any], keywords: Mapping[str, Any]) -> None:
    held.subtract(counted_pairs(reader, args, keywords))


def _most_common(reader: Reader, held: Any, args: list[Any], keywords: Mapping[str, Any]) -> Any:
    counts = [resolved(reader, v) for v in held.values()]
    check_ordering(counts, reader.line)
    use(reader.line, work=len(held) * 20)
    return held.most_common(None if not args or args[0] is None else whole(reader, args[0], "n"))


def _elements(reader: Reader, held: Any, args: list[Any], keywords: Mapping[str, Any]) -> Any:
    check_length(sum(max(int(v), 0) for v in held.values()), reader.line)
    return Iterated(iter(list(held.elements())), "chain")


# --- generators -------------------------------------------------------------------------------------------------------


def _send(reader: Reader, held: Any, args: list[Any], keywords: Mapping[str, Any]) -> Any:
    if held.kind != "generator":
        raise PythonError(AttributeError, f"'{held.kind}' object has no attribute 'send'", reader.line)
    value = args[0]
    if held.fresh and value is not None:
        raise PythonError(TypeError, "can't send non-None value to a just-started generator", reader.line)
    about_to_take(reader, held)
    return next(held) if value is None or held.body is None else held.send(value)


def _close(reader: Reader, held: Any, args: list[Any], keywords: Mapping[str, Any]) -> None:
    if held.kind != "generator":
        raise PythonError(AttributeError, f"'{held.kind}' object has no attribute 'close'", reader.line)
    about_to_take(reader, held)
    held.close()


def _throw(reader: Reader, held: Any, args: list[Any], keywords: Mapping[str, Any]) -> Any:
    raise ReadError("an exception that is thrown into a generator is not followed", reader.line)


# --- sets -------------------------------------------------------------------------------------------------------------


def _member(name: str) -> Call:
    def call_(reader: Reader, held: Any, args: list[Any], keywords: Mapping[str, Any]) -> Any:
        value = resolved(reader, args[0])
        use(reader.line, memory=name == "add")
        if isinstance(value, set) and name != "add":
            value = frozenset(value)
        return getattr(held, name)(check_key(value, reader.line))

    return call_


def _with_others(name: str) -> Call:
    """Return a method of sets that takes any number of things to walk along."""

    def call_(reader: Reader, held: Any, args: list[Any], keywords: Mapping[str, Any]) -> Any:
        others: list[Any] = []
        for given in args:
            value = resolved(reader, given)
            if isinstance(value, (set, frozenset, dict)):
                others.append(value)
            else:
                others.append([_element(reader, v) for v in listed(reader, value)])
        total = len(held) + sum(map(len, others))
        check_length(total, reader.line, "set")
        use(reader.line, work=total)
        return getattr(held, name)(*others)

    return call_


def _element(reader: Reader, value: Any) -> Any:
    """Return what is looked up in a set; Python itself refuses a list, unless it stops before it."""
    found = resolved(reader, value)
    return found if isinstance(found, (list, dict, set)) else check_key(found, reader.line)


def _pop_element(reader: Reader, held: Any, args: list[Any], keywords: Mapping[str, Any]) -> Any:
    if not held:
        raise KeyError("pop from an empty set")
    order = in_order(held, reader.line)
    if order == list(held):
        return held.pop()
    raise ReadError("which text set.pop() takes changes from run to run in Python; sort them", reader.line)


def _copy_set(reader: Reader, held: Any, args: list[Any], keywords: Mapping[str, Any]) -> Any:
    check_length(len(held), reader.line, "set")
    return held.copy()


# --- records ----------------------------------------------------------------------------------------------------------


def _replaced(reader: Reader, held: Record, args: list[Any], keywords: Mapping[str, Any]) -> Record:
    unknown = [k for k in keywords if k not in held._fields]
    if unknown:
        raise ValueError(f"Got unexpected field names: {unknown!r}")
    values = {**dict(zip(held._fields, held, strict=True)), **keywords}
    return Record.of(held.title, held._fields, values.values())


def _as_dict(reader: Reader, held: Record, args: list[Any], keywords: Mapping[str, Any]) -> dict[str, Any]:
    return dict(zip(held._fields, held, strict=True))


# --- the tables -------------------------------------------------------------------------------------------------------

_ANY = 1_000
_SEARCHES: dict[str, tuple[int, int, Call]] = {"index": (1, 3, _found("index")), "count": (1, 1, _found("count"))}
_LIST: dict[str, tuple[int, int, Call]] = {
    **_SEARCHES,
    "append": (1, 1, _append),
    "extend": (1, 1, _extend),
    "insert": (2, 2, _insert),
    "pop": (0, 1, _pop),
    "remove": (1, 1, _found("remove")),
    "sort": (0, 0, _sort),
    "reverse": (0, 0, _reverse),
    "clear": (0, 0, _clear),
    "copy": (0, 0, _copy_list),
}
_QUEUE: dict[str, tuple[int, int, Call]] = {
    **{k: v for k, v in _LIST.items() if k != "sort"},
    "pop": (0, 0, _pop),
    "appendleft": (1, 1, _append_left),
    "extendleft": (1, 1, _extend_left),
    "popleft": (0, 0, _pop_left),
    "rotate": (0, 1, _rotate),
}
_DICT: dict[str, tuple[int, int, Call]] = {
    "get": (1, 2, _keyed("get")),
    "pop": (1, 2, _keyed("pop")),
    "setdefault": (1, 2, _keyed("setdefault")),
    "keys": (0, 0, _view("keys")),
    "values": (0, 0, _view("values")),
    "items": (0, 0, _view("items")),
    "update": (0, 1, _update),
    "copy": (0, 0, _copy_dict),
    "clear": (0, 0, _clear),
    "popitem": (0, 0, _pop_item),
    "fromkeys": (1, 2, _from_keys),
}
_ORDERED: dict[str, tuple[int, int, Call]] = {
    **_DICT,
    "popitem": (0, 1, _pop_item),
    "move_to_end": (1, 2, _move_to_end),
}
_COUNTER: dict[str, tuple[int, int, Call]] = {
    **{k: v for k, v in _DICT.items() if k != "fromkeys"},
    "update": (0, 1, _count_on),
    "subtract": (0, 1, _count_off),
    "most_common": (0, 1, _most_common),
    "elements": (0, 0, _elements),
    "total": (0, 0, lambda reader, held, args, keywords: held.total()),
}
_FROZEN: dict[str, tuple[int, int, Call]] = {
    "copy": (0, 0, _copy_set),
    **{n: (0, _ANY, _with_others(n)) for n in ("union", "intersection", "difference")},
    **{n: (1, 1, _with_others(n)) for n in ("symmetric_difference", "issubset", "issuperset", "isdisjoint")},
}
_SET: dict[str, tuple[int, int, Call]] = {
    **_FROZEN,
    **{n: (1, 1, _member(n)) for n in ("add", "discard", "remove")},
    **{n: (0, _ANY, _with_others(n)) for n in ("update", "intersection_update", "difference_update")},
    "symmetric_difference_update": (1, 1, _with_others("symmetric_difference_update")),
    "pop": (0, 0, _pop_element),
    "clear": (0, 0, _clear),
}
_RECORD: dict[str, tuple[int, int, Call]] = {**_SEARCHES, "_replace": (0, 0, _replaced), "_asdict": (0, 0, _as_dict)}
_ITERATED: dict[str, tuple[int, int, Call]] = {"send": (1, 1, _send), "close": (0, 0, _close), "throw": (1, 3, _throw)}
_TABLES: tuple[tuple[Any, Mapping[str, tuple[int, int, Call]]], ...] = (
    (Queue, _QUEUE),
    (list, _LIST),
    (Record, _RECORD),
    ((tuple, range), _SEARCHES),
    (Counter, _COUNTER),
    (OrderedDict, _ORDERED),
    (defaultdict, {k: v for k, v in _DICT.items() if k != "fromkeys"}),
    (dict, _DICT),
    (set, _SET),
    (frozenset, _FROZEN),
    (Iterated, _ITERATED),
    (VIEWS[0], {"isdisjoint": _FROZEN["isdisjoint"]}),
)


def _set_item(reader: Reader, held: Any, args: list[Any], keywords: Mapping[str, Any]) -> Any:
    key = args[0] if isinstance(args[0], slice) else resolved(reader, args[0])
    return plain_set_item(held, key, listed(reader, args[1]) if isinstance(key, slice) else args[1], reader.line)


_DUNDERS: dict[str, Call] = {
    "__setitem__": _set_item,
    "__delitem__": lambda reader, held, args, keywords: plain_delete_item(
        held, args[0] if isinstance(args[0], slice) else resolved(reader, args[0]), reader.line
    ),
    "__getitem__": lambda reader, held, args, keywords: plain_item(held, resolved(reader, args[0]), reader.line),
    "__len__": lambda reader, held, args, keywords: len(held),
    "__contains__": lambda reader, held, args, keywords: plain_contains(held, resolved(reader, args[0]), reader.line),
}


def is_container(value: Any) -> bool:
    """Return whether a value has the methods of a container."""
    return bool(methods_of(value)) and not isinstance(value, Form)
