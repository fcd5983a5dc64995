"""Operations of the log that the table does not have, or has in another way: parts, views, copies, lists of numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from symback.core.errors import ReadError
from symback.core.forms import (
    Form,
    einsum,
    filled,
    gather,
    number,
    reshape,
    stack,
    transpose,
    where,
)
from symback.library import calls, indexing, kinds
from symback.tracer.formulas import Formulas
from symback.tracer.log import Node
from symback.tracer.sliced import title

_SAME = frozenset(
    ("float", "numpy.float64", "numpy.float32", "numpy.ascontiguousarray", "numpy.asfortranarray", "numpy.copy")
)


def _same(lowering: Formulas, node: Node) -> Any:
    return lowering.form(lowering.operand(node.args[0]))


def _entry(lowering: Formulas, node: Node) -> Any:
    form = lowering.form(lowering.operand(node.args[0]))
    at = node.args[1:]
    if not at:
        return form if not form.shape else form[(0,) * form.ndim]
    places = at[0] if len(at) == 1 and isinstance(at[0], tuple) else at
    if len(places) == 1 and form.ndim > 1:
        places = tuple(int(k) for k in np.unravel_index(int(places[0]), tuple(int(s) for s in form.shape)))
    return form[tuple(int(k) for k in places)]


def _got(lowering: Formulas, node: Node) -> Any:
    """Return ``a[key]``; entries chosen by a condition that depends on parameters are those of this run."""
    form = lowering.form(lowering.operand(node.args[0]))
    key = node.args[1]
    if isinstance(key, Node) and key.kind == "b" and key in lowering.dependent:
        places = np.arange(np.size(lowering.values[node.args[0]])).reshape(np.shape(lowering.values[node.args[0]]))
        lowering.selected.append(node)
        flat = reshape(form, [-1]) if form.ndim != 1 else form
        return gather(flat, lowering.literal(places[np.asarray(lowering.values[key], dtype=bool)]), 0)
    key = lowering.operand(node.args[1])
    items = list(key) if isinstance(key, tuple) else [key]
    return indexing.part(lowering, form, items) if items else form


def _stored(lowering: Formulas, node: Node) -> Any:
    """Return ``held[key] = value``: by the parts that stay where they are, or by a choice where the key picks entries."""
    held = lowering.form(lowering.operand(node.args[0]))
    key, given = node.args[1], node.args[2]
    mask = _mask_of(lowering, key)
    if mask is not None and mask.shape == held.shape:
        spread = _spread(lowering, given, key)
        if spread is not None:
            return where(mask, spread, held)
    value = lowering.form(lowering.operand(given))
    said = lowering.operand(key)
    items = list(said) if isinstance(said, tuple) else [said]
    picking = any(isinstance(i, (Form, list, np.ndarray)) for i in items)
    if picking:
        plain = indexing.index_items(lowering, items)
        pick = indexing.row_pick(lowering, held, plain)
        if pick is not None:
            return indexing.stored(lowering, held, pick, value)
        if value.ndim == 0:
            chosen = np.zeros(np.shape(lowering.values[node]), dtype=bool)
            chosen[lowering.valued(key)] = True
            return where(lowering.literal(chosen.astype(float)) > number(0), value, held)
        raise ReadError("entries picked by indices are given several values", lowering.line)
    return indexing.stored(lowering, held, said, value)


def _mask_of(lowering: Formulas, key: Any) -> Form | None:
    """Return a key that is one array of truth values as the condition it is."""
    if not isinstance(key, Node) or key.kind != "b" or not key.shape:
        return None
    return kinds.as_condition(lowering.form(lowering.form_of(key)))


def _spread(lowering: Formulas, value: Any, mask: Any) -> Form | None:
    """Return what entries chosen by a condition are given as an array of the whole shape.

    ``z[m] * 0.1`` is ``z * 0.1`` where it is stored at ``m``; None where a value is not computed entry by entry from
    entries chosen by the same condition.
    """
    if not isinstance(value, Node):
        return lowering.form(lowering.operand(value)) if np.ndim(value) == 0 else None
    if not value.shape:
        return lowering.form(lowering.operand(value))
    if value.path == "getitem" and value.args[1] is mask:
        return lowering.form(lowering.operand(value.args[0]))
    if value.path not in _ENTRYWISE:
        return None
    parts = [_spread(lowering, a, mask) for a in value.args]
    return None if any(p is None for p in parts) else calls.call_function(lowering, value.path, parts, {})


_ENTRYWISE = frozenset(
    f"numpy.{name}"
    for name in (
        *(
            "add",
            "subtract",
            "multiply",
            "divide",
            "true_divide",
            "power",
            "square",
            "negative",
            "exp",
            "log",
            "tanh",
            "sqrt",
        ),
        *("maximum", "minimum", "absolute", "sin", "cos", "expm1", "log1p", "reciprocal"),
    )
)


def _put(lowering: Formulas, node: Node) -> Any:
    """Return an array of which a view was written: through the nodes of the view where these share memory."""
    held, value = (lowering.form(lowering.operand(a)) for a in node.args)
    form = held
    path: list[Form] = []
    for step, _, args, options in node.options["chain"]:
        made = _view_step(lowering, step, form, list(args), options)
        between = indexing.path_between(made, form)
        if between is None:
            raise ReadError("this view cannot be written through", lowering.line)
        path += between
        form = made
    return indexing.put_back(lowering, path, [held, *path[:-1]], indexing.fitted(value, form)) if path else value


def _view_step(lowering: Formulas, step: str, form: Form, args: list[Any], options: Mapping[str, Any]) -> Form:
    if step == "getitem":
        key = args[0]
        return indexing.part(lowering, form, list(key) if isinstance(key, tuple) else [key])
    if step == "positions":
        raise ReadError("a view that a library made", lowering.line)
    if step.startswith("torch."):
        return _torch_view(lowering, step, form, args, options)
    if step.startswith("numpy.ndarray."):
        found = (
            calls.call_method(lowering, form, step.rpartition(".")[2], args, dict(options))
            if step != "numpy.ndarray.T"
            else form.T
        )
    else:
        found = calls.call_function(lowering, step, [form, *args], dict(options))
    if not isinstance(found, Form):
        raise ReadError("a view that is no array", lowering.line)
    return found


def _torch_view(lowering: Formulas, step: str, form: Form, args: list[Any], options: Mapping[str, Any]) -> Form:
    if step in ("torch.Tensor.T", "torch.Tensor.mT"):
        return form.T if form.ndim == 2 else transpose(form, (*range(form.ndim - 2), form.ndim - 1, form.ndim - 2))
    if step in ("torch.Tensor.detach", "torch.Tensor.data", "torch.detach"):
        return form
    if step.startswith("torch.Tensor."):
        found = calls.call_method(lowering, form, step.rpartition(".")[2], args, dict(options))
    else:
        found = calls.call_function(lowering, step, [form, *args], dict(options))
    if not isinstance(found, Form):
        raise ReadError("a view that is no array", lowering.line)
    return found


def _item_of(lowering: Formulas, node: Node) -> Any:
    whole, k = node.args
    items = lowering.forms.get(whole)
    if not isinstance(items, (tuple, list)):
        raise ReadError(f"{title(whole)} gives several results", lowering.line)
    return lowering.form(items[k])


def _array_of(lowering: Formulas, node: Node) -> Any:
    held = lowering.operand(node.args[0])
    if isinstance(held, Form):
        return held
    return _stacked(lowering, held)


def _stacked(lowering: Formulas, value: Any) -> Form:
    if isinstance(value, (list, tuple)):
        return stack([_stacked(lowering, v) for v in value])
    return lowering.form(value)


def _transposed(lowering: Formulas, node: Node) -> Any:
    return lowering.form(lowering.operand(node.args[0])).T


def _added_up(lowering: Formulas, node: Node) -> Any:
    """Return ``math.fsum`` of a list."""
    held = lowering.operand(node.args[0])
    items = held if isinstance(held, (list, tuple)) else lowering.items_of(held)
    total = lowering.form(items[0])
    for item in items[1:]:
        total = total + lowering.form(item)
    return total


def _copied_entries(lowering: Formulas, node: Node) -> Any:
    if np.asarray(lowering.values[node]).dtype.kind != "f":
        raise ReadError("numbers are cut to whole numbers", lowering.line)
    return _same(lowering, node)


def _copied_into(lowering: Formulas, node: Node) -> Any:
    """Return ``np.copyto(a, b)``: b stretched to the shape of a, at the places that are chosen."""
    held, source = (lowering.form(lowering.operand(a)) for a in node.args[:2])
    value = indexing.fitted(source, held)
    chosen = node.options.get("where")
    if chosen is None:
        return value
    mask = _mask_of(lowering, chosen)
    return None if mask is None else where(mask, value, held)


def _filled(lowering: Formulas, node: Node) -> Any:
    """Return ``np.full(shape, a)`` for a number a."""
    value = lowering.form(lowering.operand(node.args[1]))
    return indexing.fitted(value, filled(0, tuple(int(s) for s in np.shape(lowering.values[node]))))


def _contracted(lowering: Formulas, node: Node) -> Any:
    a, b = (lowering.form(lowering.operand(v)) for v in node.args[:2])
    return contracted(a, b, node.args[2] if len(node.args) > 2 else node.options.get("axes", 2))


def contracted(a: Form, b: Form, axes: Any) -> Form:
    """Return ``tensordot(a, b, axes)`` as a sum over pairs of axes: the last and the first so many, or those of two lists."""
    if isinstance(axes, int):
        pairs = [(a.ndim - axes + k, k) for k in range(axes)]
    else:
        first, second = (list(x) if isinstance(x, (list, tuple)) else [x] for x in axes)
        pairs = [(i % a.ndim, j % b.ndim) for i, j in zip(first, second, strict=True)]
    of_a, of_b = list(range(a.ndim)), [a.ndim + k for k in range(b.ndim)]
    for i, j in pairs:
        of_b[j] = of_a[i]
    summed = {of_a[i] for i, _ in pairs}
    left = [k for k in (*of_a, *of_b) if k not in summed]
    return einsum([tuple(of_a), tuple(of_b)], tuple(left), [a, b])


OPERATIONS: dict[str, Callable[[Formulas, Node], Any]] = {
    **dict.fromkeys(_SAME, _same),
    "numpy.ndarray.copy": _same,
    "numpy.ndarray.astype": _copied_entries,
    "numpy.ndarray.item": _entry,
    "numpy.ndarray.T": _transposed,
    "numpy.ndarray.mT": lambda lowering, node: calls.call_function(
        lowering, "numpy.swapaxes", [lowering.form(lowering.operand(node.args[0])), -1, -2], {}
    ),
    "numpy.ndarray.real": _same,
    "numpy.real": _same,
    "getitem": _got,
    "setitem": _stored,
    "put": _put,
    "item": _item_of,
    "numpy.array": _array_of,
    "numpy.asarray": _array_of,
    "math.fsum": _added_up,
    "numpy.copyto": _copied_into,
    "numpy.full": _filled,
    "numpy.tensordot": _contracted,
}
