"""Operations of PyTorch that are written by others: products, remainders, and entries that are added up where indices say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from symback.core.errors import ReadError
from symback.core.forms import (
    Form,
    concatenate,
    einsum,
    expand,
    filled,
    gather,
    get,
    number,
    reduce_over,
    reshape,
    where,
)
from symback.library import calls, indexing
from symback.tracer.formulas import Formulas
from symback.tracer.log import Node

_LONGEST = 4096
"""Most entries along an axis of which running sums are read."""

Meaning = Callable[[Formulas, Node], Any]


def _given(node: Node, *names: str) -> dict[str, Any]:
    """Return the operands of a call by their names."""
    return {**dict(zip(names, node.args, strict=False)), **node.options}


def _form(lowering: Formulas, value: Any) -> Form:
    return lowering.form(lowering.operand(value))


def _number(lowering: Formulas, value: Any) -> Any:
    """Return what an operand is in the run."""
    return lowering.values[value] if isinstance(value, Node) else value


def _shape(lowering: Formulas, node: Node) -> tuple[int, ...]:
    return tuple(int(s) for s in np.shape(lowering.values[node]))


def _along(form: Form, axis: int, start: int | None, stop: int | None) -> Form:
    """Return a part of an array along an axis."""
    found: Form = get(form, (*(slice(None),) * axis, slice(start, stop)))
    return found


# --- products and sums along an axis --------------------------------------------------------------------------------------


def _product(lowering: Formulas, node: Node) -> Form:
    """Return ``prod``: halves are multiplied, as often as the length can be halved."""
    given = _given(node, "input", "dim", "keepdim")
    form, axis = _form(lowering, given["input"]), given.get("dim")
    if axis is None:
        form, axis = reshape(form, [-1]), 0
    axis = int(axis) % max(form.ndim, 1)
    left: list[Form] = []
    while (length := int(form.shape[axis])) > 1:
        half = length // 2
        if length % 2:
            left.append(_along(form, axis, length - 1, None))
        form = _along(form, axis, 0, half) * _along(form, axis, half, 2 * half)
    for rest in left:
        form = form * rest
    return reshape(form, list(_shape(lowering, node)))


def _running_product(lowering: Formulas, node: Node) -> Form:
    """Return ``cumprod``: every entry is multiplied by those 1, 2, 4, … places before it."""
    given = _given(node, "input", "dim")
    form = _form(lowering, given["input"])
    axis, step = int(given["dim"]) % form.ndim, 1
    while step < (length := int(form.shape[axis])):
        ahead = _along(form, axis, step, None) * _along(form, axis, 0, length - step)
        form, step = concatenate([_along(form, axis, 0, step), ahead], axis), 2 * step
    return form


def _summed_up(lowering: Formulas, form: Form, dim: int) -> Form:
    """Return running sums along an axis: a product with a triangle of ones."""
    axis, letters = dim % form.ndim, list(range(form.ndim))
    length = int(form.shape[axis])
    if length > _LONGEST:
        raise ReadError(f"running sums over {length} entries are not read; {_LONGEST} are", lowering.line)
    triangle = lowering.literal(np.tri(length))
    out = [form.ndim if k == axis else k for k in letters]
    return einsum([(form.ndim, axis), tuple(letters)], tuple(out), [triangle, form])


def _running_sum(lowering: Formulas, node: Node) -> Form:
    given = _given(node, "input", "dim")
    return _summed_up(lowering, _form(lowering, given["input"]), int(given["dim"]))


def _running_logsumexp(lowering: Formulas, node: Node) -> Form:
    given = _given(node, "input", "dim")
    form, axis = _form(lowering, given["input"]), given["dim"]
    top = calls.call_function(lowering, "torch.amax", [form], {"dim": axis, "keepdim": True})
    powers = calls.call_function(lowering, "torch.exp", [form - top], {})
    sums = _summed_up(lowering, powers, int(axis))
    found: Form = calls.call_function(lowering, "torch.log", [sums], {}) + top
    return found


def _covariances(lowering: Formulas, node: Node) -> Form:
    given = _given(node, "input")
    if given.get("fweights") is not None or given.get("aweights") is not None:
        raise ReadError("torch.cov with weights cannot be read", lowering.line)
    form = _form(lowering, given["input"])
    if form.ndim != 2:
        raise ReadError(f"torch.cov of an array of {form.ndim} axes cannot be read; it takes a matrix", lowering.line)
    apart: Form = form - calls.call_function(lowering, "torch.mean", [form, 1], {"keepdim": True})
    return apart @ apart.T / number(int(form.shape[1]) - int(given.get("correction", 1)))


# --- entry by entry ----------------------------------------------------------------------------------------------------------


def _hypotenuse(lowering: Formulas, node: Node) -> Any:
    a, b = (_form(lowering, v) for v in node.args[:2])
    return calls.call_function(lowering, "torch.sqrt", [a * a + b * b], {})


def _as(path: str) -> Meaning:
    """Return the meaning of an operation that is another one where all entries are numbers."""
    return lambda lowering, node: calls.call_function(lowering, path, [_form(lowering, v) for v in node.args[:2]], {})


def _remainder(lowering: Formulas, node: Node) -> Form:
    """Return ``x - y k``, where k are the whole numbers of this run."""
    x, y = node.args[:2] if len(node.args) > 1 else (node.args[0], 1.0)
    held, by = (np.asarray(_number(lowering, v), dtype=np.float64) for v in (x, y))
    whole = np.round((held - np.asarray(lowering.values[node], dtype=np.float64)) / by)
    return _form(lowering, x) - _form(lowering, y) * lowering.literal(whole)


def _times_logarithm(lowering: Formulas, node: Node) -> Form:
    """Return ``x log y``, and 0 where both are 0."""
    x, y = (_form(lowering, v) for v in node.args[:2])
    held, by = (np.asarray(_number(lowering, v), dtype=np.float64) for v in node.args[:2])
    without = np.broadcast_to((held == 0) & (by <= 0), _shape(lowering, node))
    if np.any(without):
        y = where(lowering.literal(without.astype(float)) > number(0), number(1), y)
    logarithm: Form = calls.call_function(lowering, "torch.log", [y], {})
    return x * logarithm


# --- by indices ------------------------------------------------------------------------------------------------------------------


def _flat(form: Form) -> Form:
    return form if form.ndim == 1 else reshape(form, [-1])


def _places(shape: tuple[int, ...]) -> np.ndarray:
    return np.arange(int(np.prod(shape, dtype=np.intp))).reshape(shape)


def _added_at(lowering: Formulas, held: Form, places: np.ndarray, values: Form) -> Form:
    """Return an array with values added at places, counted row by row; those that come back add up."""
    shape = tuple(int(s) for s in held.shape)
    at, size = places.reshape(-1), int(np.prod(shape))
    order = np.argsort(at, kind="stable")
    counts = np.bincount(at, minlength=size)
    rank = np.arange(at.size) - np.repeat(np.cumsum(counts) - counts, counts)
    origin = np.full((size, max(int(counts.max(initial=0)), 1)), at.size)  # behind the values stands a zero
    origin[at[order], rank] = order
    padded = concatenate([_flat(values), filled(0, (1,))], 0)
    met = gather(padded, lowering.literal(origin), 0)
    return held + reshape(reduce_over("sum", met, 1), list(shape))


def _index_added(lowering: Formulas, node: Node) -> Form:
    given = _given(node, "input", "dim", "index", "source")
    held, source = _form(lowering, given["input"]), _form(lowering, given["source"])
    at = np.atleast_1d(np.asarray(_number(lowering, given["index"])))
    places = np.take(_places(_shape(lowering, node)), at, int(given["dim"]))
    alpha = given.get("alpha", 1)
    values = indexing.fitted(source, filled(0, places.shape))
    return _added_at(lowering, held, places, values if alpha == 1 else _form(lowering, alpha) * values)


def _overwritten(lowering: Formulas, node: Node, places: np.ndarray, value: Any) -> Form:
    """Return an array of which entries are a number."""
    mask = np.zeros(_shape(lowering, node))
    mask.reshape(-1)[places.reshape(-1)] = 1
    return where(lowering.literal(mask) > number(0), _form(lowering, value), _form(lowering, node.args[0]))


def _index_filled(lowering: Formulas, node: Node) -> Form:
    given = _given(node, "input", "dim", "index", "value")
    at = np.atleast_1d(np.asarray(_number(lowering, given["index"])))
    return _overwritten(lowering, node, np.take(_places(_shape(lowering, node)), at, int(given["dim"])), given["value"])


def _reached(lowering: Formulas, node: Node, dim: Any, index: Any) -> np.ndarray:
    """Return the places that ``scatter`` writes, one for each entry of the index."""
    at = np.asarray(_number(lowering, index))
    grid: list[Any] = list(np.indices(at.shape))
    shape = _shape(lowering, node)
    grid[int(dim) % at.ndim] = at % shape[int(dim) % at.ndim]
    places: np.ndarray = np.asarray(np.ravel_multi_index(tuple(grid), shape))
    return places


def _scattered(lowering: Formulas, node: Node) -> Any:
    """Return ``scatter`` of a number; of an array by the table."""
    given = _given(node, "input", "dim", "index", "src")
    value = given.get("value", given.get("src"))
    if given.get("reduce") is not None:
        raise ReadError("scatter with reduce= cannot be read; scatter_reduce can", lowering.line)
    if np.ndim(_number(lowering, value)):
        method = node.path.rpartition(".")[2]
        args = [lowering.operand(given[n]) for n in ("dim", "index")] + [_form(lowering, value)]
        return calls.call_method(lowering, _form(lowering, given["input"]), method, args, {})
    return _overwritten(lowering, node, _reached(lowering, node, given["dim"], given["index"]), value)


def _scatter_reduced(lowering: Formulas, node: Node) -> Form:
    """Return ``scatter_reduce``: sums, means, and the largest or smallest of what meets at each entry."""
    given = _given(node, "input", "dim", "index", "src", "reduce")
    held, kind, own = _form(lowering, given["input"]), given["reduce"], given.get("include_self", True)
    places = _reached(lowering, node, given["dim"], given["index"])
    source = get(_form(lowering, given["src"]), tuple(slice(0, n) for n in places.shape))
    shape = _shape(lowering, node)
    count = np.bincount(places.reshape(-1), minlength=int(np.prod(shape))).reshape(shape)
    stays = np.ones(shape) if own else (count == 0).astype(float)
    if kind in ("amax", "amin"):
        first = np.asarray(_number(lowering, given["src"]), dtype=np.float64)[tuple(slice(0, n) for n in places.shape)]
        return _extremes(lowering, node, (held, source), (stays > 0, first, places))
    if kind not in ("sum", "mean"):
        raise ReadError(
            f"scatter_reduce with {kind!r} cannot be read; 'sum', 'mean', 'amax' and 'amin' can", lowering.line
        )
    total = _added_at(lowering, held if own else held * lowering.literal(stays), places, source)
    return total if kind == "sum" else total / lowering.literal(np.maximum(count + stays, 1.0))


def _extremes(lowering: Formulas, node: Node, forms: tuple[Form, Form], given: tuple[Any, ...]) -> Form:
    """Return what is largest or smallest where several entries meet, at the places of this run; none may be equal there."""
    stays, first, places = given
    value = np.asarray(lowering.values[node], dtype=np.float64).reshape(-1)
    held = np.asarray(_number(lowering, node.args[0]), dtype=np.float64).reshape(-1)
    chosen = np.full(value.size, -1)
    meet = [(int(k), int(k)) for k in np.flatnonzero(stays.reshape(-1) & (held == value))]
    given_to = [int(at) for at in places.reshape(-1)]
    meet += [(at, value.size + k) for k, at in enumerate(given_to) if first.reshape(-1)[k] == value[at]]
    for at, origin in meet:
        if chosen[at] >= 0:
            raise ReadError("several entries that meet are equally large: PyTorch shares the gradient", lowering.line)
        chosen[at] = origin
    lowering.selected.append(node)
    both = concatenate([_flat(f) for f in forms], 0)
    return reshape(gather(both, lowering.literal(chosen), 0), list(_shape(lowering, node)))


def _put(lowering: Formulas, node: Node) -> Form:
    """Return ``index_put``, where values may add up."""
    given = _given(node, "input", "indices", "values", "accumulate")
    key = tuple(np.asarray(_number(lowering, v)) for v in given["indices"])
    held, values = _form(lowering, given["input"]), _form(lowering, given["values"])
    if not given.get("accumulate"):
        return indexing.stored(lowering, held, tuple(lowering.operand(v) for v in given["indices"]), values)
    places = _places(_shape(lowering, node))[key]
    return _added_at(lowering, held, places, indexing.fitted(values, filled(0, places.shape)))


def _both(*names: str) -> tuple[str, ...]:
    """Return the paths of functions that are methods as well."""
    return tuple(path for n in names for path in (f"torch.{n}", f"torch.Tensor.{n}"))


def _vandermonde(lowering: Formulas, node: Node) -> Form:
    form = _form(lowering, node.args[0])
    count = _shape(lowering, node)[-1]
    return expand(form, [form.ndim]) ** lowering.literal(np.arange(count))


COMBINED: dict[str, Meaning] = {
    **dict.fromkeys(_both("prod"), _product),
    **dict.fromkeys(_both("cumprod"), _running_product),
    **dict.fromkeys(_both("cumsum"), _running_sum),
    **dict.fromkeys(_both("logcumsumexp"), _running_logsumexp),
    **dict.fromkeys(_both("cov"), _covariances),
    **dict.fromkeys(_both("hypot"), _hypotenuse),
    **dict.fromkeys(_both("fmax"), _as("torch.maximum")),
    **dict.fromkeys(_both("fmin"), _as("torch.minimum")),
    **dict.fromkeys((*_both("fmod", "remainder", "frac"), "torch.Tensor.__mod__"), _remainder),
    **dict.fromkeys((*_both("xlogy"), "torch.special.xlogy"), _times_logarithm),
    **dict.fromkeys(_both("index_add"), _index_added),
    **dict.fromkeys(_both("index_fill"), _index_filled),
    **dict.fromkeys(_both("index_put"), _put),
    **dict.fromkeys(_both("scatter"), _scattered),
    **dict.fromkeys(_both("scatter_reduce"), _scatter_reduced),
    "torch.linalg.vander": _vandermonde,
}
"""By the path of an operation, its formula from its entry of the log."""
