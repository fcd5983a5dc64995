"""Recording one operation: what it is given becomes nodes, it is carried out on plain values, its result joins the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from symback.tracer.log import CURRENT, Change, Log, Node
from symback.tracer.objects import (
    SCALARS,
    Array,
    Buffer,
    View,
    buffer_of,
    layout_of,
    new_buffer,
    plain,
    root_of,
    scalar,
)

_ATOMS = frozenset(
    (int, float, bool, str, type(None), np.float64, np.float32, np.int64, np.bool_, type(...), type, bytes)
)
_REAL = "fiub"


# --- what is given ------------------------------------------------------------------------------------------------------


def noded(log: Log, value: Any) -> Any:
    """Return what is given to an operation with nodes in the place of what is recorded."""
    kind = type(value)
    if kind in _ATOMS:
        return value
    if kind is Array:
        return node_of(log, value)
    if kind in SCALARS:
        node = value._node
        return plain(value) if node is None or not is_of(log, node) else node
    if isinstance(value, np.ndarray):
        return held_by(log, value)
    if kind is tuple or kind is list:
        return kind([noded(log, v) for v in value])
    if kind is dict:
        return {k: noded(log, v) for k, v in value.items()}
    if kind is slice:
        return slice(noded(log, value.start), noded(log, value.stop), noded(log, value.step))
    return value.node if kind is Buffer else value


def is_of(log: Log, node: Node) -> bool:
    """Return whether a node belongs to a log: objects outlive the run they were made in."""
    return node.number < len(log.nodes) and log.nodes[node.number] is node


def node_of(log: Log, array: Array) -> Node:
    """Return the node of what an array holds now."""
    view = getattr(array, "_of", None)
    if view is None or view.buffer.log is not log:
        return held_by(log, array)
    buffer = view.buffer
    if view.version != buffer.version:
        if view.recipe is None:
            view.node = buffer.node
        else:
            path, run, args, options = view.recipe
            view.node = log.add(path, run, noded(log, args), noded(log, options), array, view.node.site)
        view.version = buffer.version
    node: Node = view.node
    return node


def held_by(log: Log, array: np.ndarray) -> Node:
    """Return the node of a plain array: what its memory holds where that is known, else a new leaf."""
    if array.dtype.kind not in _REAL:
        return _leaf_node(log, array)
    return node_of(log, shown(log, array))


def node_behind(log: Log, value: Any) -> Node | None:
    """Return the node of a recorded array or number; None for other values."""
    kind = type(value)
    if kind is Array:
        return node_of(log, value)
    if kind in SCALARS and value._node is not None and is_of(log, value._node):
        node: Node = value._node
        return node
    if CURRENT.tensors is not None and CURRENT.log is log and CURRENT.tensors.is_tensor(value):
        of_tensor: Node = CURRENT.tensors.node_of(value)
        return of_tensor
    return None


# --- memory -------------------------------------------------------------------------------------------------------------


def _leaf_node(log: Log, value: Any) -> Node:
    node = log.add("", None, (), {}, value)
    node.value = value
    return node


def shown(log: Log, array: np.ndarray) -> Array:
    """Return a recorded object that shows the memory of a plain array; memory that is not known becomes a leaf."""
    made = np.ndarray.view(array, Array)
    array = np.ndarray.view(array, np.ndarray)
    buffer = buffer_of(root_of(array))
    if buffer is None:
        node = _leaf_node(log, array)
        if log.shifts and node.number in log.shifts:
            array += log.shifts[node.number]
        if node.number in log.repeated:
            array = node.value = log.repeated.pop(node.number)
            made = np.ndarray.view(array, Array)
        buffer = new_buffer(root_of(array), array, node)
        buffer.kept.append(node)
        made._of = View(buffer, node, None)
    elif layout_of(array) == buffer.whole:
        made._of = View(buffer, buffer.node, None)
    else:
        places = _places(array, buffer)
        if places is None:
            log.leaked((buffer.node,), "a view of the same memory as another type")
            made._of = View(buffer, _leaf_node(log, np.array(array)), None)
        else:
            recipe: tuple[Any, ...] = ("positions", at_places, (buffer, places), {})
            made._of = View(buffer, log.add("positions", at_places, (buffer.node, places), {}, array), recipe)
    return made


def at_places(whole: Any, places: np.ndarray) -> np.ndarray:
    """Return entries of an array by their places, counted row by row."""
    found: np.ndarray = np.asarray(whole).reshape(-1)[places]
    return found


def _places(array: np.ndarray, buffer: Buffer) -> np.ndarray | None:
    """Return which entries of a memory, counted row by row, an array shows; None where it shows them as something else."""
    pointer, shape, strides, dtype = buffer.whole
    if array.dtype != dtype or not array.size:
        return None
    mine = array.__array_interface__["data"][0] - pointer + offsets_of(array.shape, array.strides)
    if strides == np.empty(shape, dtype).strides:
        places, rest = np.divmod(mine, dtype.itemsize)
        fits = not rest.any() and places.min() >= 0 and places.max() < int(np.prod(shape, dtype=np.intp))
        return places if fits else None
    flat = offsets_of(shape, strides).reshape(-1)
    order = np.argsort(flat, kind="stable")
    found = np.minimum(np.searchsorted(flat, mine, sorter=order), flat.size - 1)
    places = order[found]
    return places if np.array_equal(flat[places], mine) else None


def offsets_of(shape: tuple[int, ...], strides: tuple[int, ...]) -> np.ndarray:
    """Return how far each entry of an array lies behind its first, in the unit of its strides."""
    found = np.zeros(shape, dtype=np.intp)
    for axis, (length, stride) in enumerate(zip(shape, strides, strict=True)):
        found += (np.arange(length) * stride).reshape([-1 if k == axis else 1 for k in range(len(shape))])
    return found


def chain_of(view: View) -> tuple[tuple[Any, ...], ...]:
    """Return the steps by which a view is made from the whole of its memory: path, function, further operands, options."""
    steps: list[tuple[Any, ...]] = []
    while view.recipe is not None:
        path, run, args, options = view.recipe
        steps.append((path, run, plain(args[1:]), plain(options)))
        if not isinstance(args[0], Array):
            break
        view = args[0]._of
    return tuple(reversed(steps))


def put_back(whole: Any, value: Any, *, chain: tuple[tuple[Any, ...], ...]) -> np.ndarray:
    """Return an array in which the part that a chain of views shows has new entries."""
    old = np.asarray(whole)
    new = old.copy()
    new.reshape(-1)[places_of(chain, old.shape)] = value
    return new


def places_of(chain: tuple[tuple[Any, ...], ...], shape: tuple[int, ...]) -> Any:
    """Return which entries of an array, counted row by row, a chain of views shows."""
    places: Any = np.arange(int(np.prod(shape))).reshape(shape)
    for _, run, args, options in chain:
        places = run(places, *args, **options)
    return places


def about_to_change(log: Log, array: np.ndarray) -> Array:
    """Return the recorded object of an array whose memory will be written next; values in that memory are kept."""
    target = array if type(array) is Array else shown(log, array)
    node_of(log, target)
    target._of.buffer.about_to_change()
    return target


def written(log: Log, target: Array, node: Node) -> None:
    """Note that the memory which ``target`` shows now holds ``node`` there."""
    view = target._of
    buffer = view.buffer
    before, view_node = buffer.node, view.node
    if view.recipe is None:
        buffer.node = node
    else:
        chain = chain_of(view)
        buffer.node = log.add("put", put_back, (before, node), {"chain": chain}, _Like(buffer), node.site)
    buffer.version += 1
    view.node, view.version = node, buffer.version
    for kept, new in ((view_node, node), (before, buffer.node)):
        if not new.name and kept.name:
            new.name, new.strength, new.own = kept.name, kept.strength, kept.own
    log.changes.append(Change(before, buffer.node, node.site))
    if view.recipe is not None:
        log.changes.append(Change(view_node, node, node.site))


class _Like:
    """The shape and type of a memory."""

    def __init__(self, buffer: Buffer) -> None:
        self.shape, self.dtype = buffer.whole[1], buffer.whole[3]


# --- an operation -------------------------------------------------------------------------------------------------------


def call(path: str, run: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """Carry out an operation of a library, and record it."""
    log = CURRENT.log
    if log is None:
        return run(*plain(args), **plain(options))
    log.check()
    out = options.pop("out", None)
    given, named = noded(log, args), noded(log, options) if options else options
    if out is not None:
        return _into(log, path, run, (args, options), (given, named), out[0] if isinstance(out, tuple) else out)
    result = run(*plain(args), **plain(options))
    return answered(log, path, run, (args, options), (given, named), result)


def _into(log: Log, path: str, run: Callable[..., Any], said: tuple[Any, Any], given: tuple[Any, Any], out: Any) -> Any:
    """Carry out an operation that writes its result into an array."""
    target = about_to_change(log, out)
    run(*plain(said[0]), **plain(said[1]), out=plain(target))
    dtype = target.dtype

    def again(*args: Any, **options: Any) -> Any:
        return np.broadcast_to(np.asarray(run(*args, **options)), target_shape).astype(dtype)

    target_shape = target.shape
    node = log.add(path, again, *given, target)
    if log.shifts and node.number in log.shifts:
        plain(target)[...] += log.shifts[node.number]
    written(log, target, node)
    return out


def answered(
    log: Log, path: str, run: Callable[..., Any], said: tuple[Any, Any], given: tuple[Any, Any], result: Any
) -> Any:
    """Return the result of an operation as the text gets it, recorded."""
    kind = type(result)
    if kind is np.ndarray:
        if result.dtype.kind not in _REAL:
            node = log.add(path, run, *given, result)
            node.value = result
            log.leaked((node,), path)
            return result
        return _array(log, path, run, said, given, result)
    if kind is tuple or kind is list or isinstance(result, tuple):
        whole = log.add(path, run, *given, None)
        items = [
            answered(log, "item", _item, ((result, k), {}), ((whole, k), {}), item) for k, item in enumerate(result)
        ]
        return result._make(items) if hasattr(result, "_make") else kind(items)
    if isinstance(result, (np.generic, float, int)):
        node = log.add(path, run, *given, result)
        return scalar(_shifted(log, node, result), node)
    return result


def _item(items: Any, k: int) -> Any:
    return items[k]


def _array(
    log: Log, path: str, run: Callable[..., Any], said: tuple[Any, Any], given: tuple[Any, Any], result: np.ndarray
) -> Array:
    node = log.add(path, run, *given, result)
    if log.shifts and node.number in log.shifts:
        result += log.shifts[node.number]
    if node.number in log.repeated:
        result = log.repeated.pop(node.number)
    made = np.ndarray.view(result, Array)
    root = root_of(result)
    buffer = buffer_of(root)
    if buffer is None:
        made._of = View(new_buffer(root, result, node), node, None)
        if node.kind != "f":
            node.value = result
            made._of.buffer.kept.append(node)
        return made
    if node.kind != "f":
        node.value = np.array(result)
    first = said[0][0] if said[0] else None
    if type(first) is Array and getattr(first, "_of", None) is not None and first._of.buffer is buffer:
        made._of = View(buffer, node, (path, run, *said))
        return made
    return shown(log, result)


def recorded(value: Any) -> Any:
    """Return an array as one that is recorded, showing the same memory, and a real number as one of the log."""
    log = CURRENT.log
    if log is None or log.ended:
        return value
    kind = type(value)
    if kind is np.ndarray:
        return shown(log, value) if value.dtype.kind in _REAL else value
    if kind is np.float64 or kind is np.float32 or kind is float:
        node = _leaf_node(log, value)
        return scalar(_shifted(log, node, value), node)
    return value


def _shifted(log: Log, node: Node, value: Any) -> Any:
    """Return a number with what is added to it in a second run."""
    if not log.shifts or node.number not in log.shifts:
        return value
    node.value = type(value)(value + log.shifts[node.number])
    return node.value
