"""An operation of PyTorch without a row is taken apart by PyTorch's own decompositions; each part then becomes a formula.

The parts join the log as entries of their own, so that each of them proves itself like any other. This module imports PyTorch.
"""

from __future__ import annotations

import operator
import warnings
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import torch
from torch.fx.experimental.proxy_tensor import make_fx
from torch.utils import _pytree as pytree

from symback.core.errors import ReadError
from symback.library.calls import is_known
from symback.tracer.aten import ATEN, row_name
from symback.tracer.formulas import Formulas
from symback.tracer.log import Node, operands
from symback.tracer.torch_values import KINDS, Operation, numbers_of, tensor_of

_MOST_PARTS = 3_000
"""Most parts of one operation."""

_graphs: dict[Any, Any] = {}
"""Graphs of operations that were taken apart, by the operation, the shapes and types of its operands, and its options."""


def decomposed(lowering: Formulas, node: Node, lower: Callable[[Node], Any]) -> Any:
    """Return the formula of an operation by its parts, which ``lower`` makes formulas of; None where it has none."""
    run = node.run
    if not isinstance(run, Operation) or node.path in _WHOLE:
        return None
    graph, leaves = _graph_of(lowering, node, run)
    if graph is None:
        return None
    parts = list(graph.graph.nodes)
    calls_ = [p for p in parts if p.op == "call_function"]
    if not calls_ or len(calls_) > _MOST_PARTS or any(f"torch.ops.{p.target}" == node.path for p in calls_):
        return None
    last, new = _unfolded(lowering, node, graph, leaves)
    if last is None:
        return None
    needed = _behind(last, set(new))
    for entry in new:
        if entry in needed:
            _become_formula(lowering, entry, lower, is_last=entry is last)
    if last not in lowering.dependent:
        return None
    return lowering.forms[last] if last in needed and last in new else lowering.form(lowering.form_of(last))


def _unfolded(lowering: Formulas, node: Node, graph: Any, leaves: list[Node]) -> tuple[Node | None, list[Node]]:
    """Append the parts of an operation to the log; return the one that is its result, and all of them."""
    made: dict[Any, Any] = {}
    placeholders = iter(leaves)
    wholes: dict[Any, object] = {}
    new: list[Node] = []
    answer: Any = None
    for part in graph.graph.nodes:
        if part.op == "placeholder":
            made[part] = next(placeholders)
        elif part.op == "get_attr":
            made[part] = _constant(lowering, node, getattr(graph, part.target))
        elif part.op == "output":
            answer = part.args[0]
        elif part.target is operator.getitem:
            source, k = part.args
            given = made[source]
            if isinstance(given, Node):
                raise ReadError("several results inside one another", lowering.line)
            made[part] = _added(lowering, node, source.target, given, k, wholes.setdefault(source, object()), part)
            new.append(made[part])
        else:
            given = _given((part.args, part.kwargs), made)
            if isinstance(part.meta.get("val"), (tuple, list)):
                made[part] = given  # what reads one of the results carries the operation out
                continue
            made[part] = _added(lowering, node, part.target, given, None, None, part)
            new.append(made[part])
    results = list(answer) if isinstance(answer, (tuple, list)) else [answer]
    part_of = getattr(node.run, "part", None) or 0
    last = made.get(results[part_of])
    return last if isinstance(last, Node) else None, new


def _become_formula(lowering: Formulas, entry: Node, lower: Callable[[Node], Any], is_last: bool) -> None:
    """Find the value of a part, and its formula where it depends on a parameter; whole numbers are constant near the point."""
    lowering.values[entry] = lowering.value_of(entry)
    if entry.kind in "i?" or not any(o in lowering.dependent for o in operands(entry)):
        return
    lowering.dependent.add(entry)
    lowering.forms[entry] = lower(entry)
    if not is_last:
        lowering.parts.append(entry)


_WHOLE = frozenset(("positions", "put", "getitem", "setitem", "part"))


def _given(value: Any, made: dict[Any, Any]) -> Any:
    """Return operands of a graph with entries of the log in the place of its own."""
    if isinstance(value, torch.fx.Node):
        return made.get(value, value)
    if isinstance(value, (tuple, list)):
        return (tuple if isinstance(value, tuple) else list)(_given(v, made) for v in value)
    if isinstance(value, dict):
        return {k: _given(v, made) for k, v in value.items()}
    return value


def _behind(last: Node, new: set[Node]) -> set[Node]:
    found, stack = {last}, [last]
    while stack:
        for other in operands(stack.pop()):
            if other in new and other not in found:
                found.add(other)
                stack.append(other)
    return found


def _added(lowering: Formulas, whole: Node, target: Any, given: Any, part: int | None, shared: object, at: Any) -> Node:
    """Append a part of an operation to the log."""
    value = at.meta.get("val")
    kind = KINDS.get(value.dtype, "?") if isinstance(value, torch.Tensor) else "?"
    shape = tuple(value.shape) if isinstance(value, torch.Tensor) else ()
    run = Operation(target, part=part, whole=shared)
    node = Node(
        len(lowering.log.nodes), f"torch.ops.{target}", run, tuple(given[0]), dict(given[1]), shape, kind, whole.site
    )
    lowering.log.nodes.append(node)
    return node


def _constant(lowering: Formulas, whole: Node, tensor: torch.Tensor) -> Node:
    node = Node(
        len(lowering.log.nodes), "", None, (), {}, tuple(tensor.shape), KINDS.get(tensor.dtype, "?"), whole.site
    )
    value = numbers_of(tensor, copy=True)
    node.value = value if value.ndim else value[()]
    lowering.log.nodes.append(node)
    lowering.values[node] = node.value
    return node


def _graph_of(lowering: Formulas, node: Node, run: Operation) -> tuple[Any, list[Node]]:
    """Return the graph of the parts of an operation, and the entries that it is given."""
    flat, spec = pytree.tree_flatten((list(node.args), dict(node.options)))
    at = [
        k
        for k, v in enumerate(flat)
        if isinstance(v, Node) and isinstance(lowering.values[v], (np.ndarray, np.generic))
    ]
    static = [lowering.values[v] if isinstance(v, Node) else v for v in flat]
    leaves = [flat[k] for k in at]
    values = [lowering.values[v] for v in leaves]
    shown = [
        (np.shape(v), str(np.asarray(v).dtype), lv in lowering.dependent) for v, lv in zip(values, leaves, strict=True)
    ]
    key = (node.path, str(spec), repr([s for k, s in enumerate(static) if k not in at]), repr(shown), repr(at))
    if key not in _graphs:
        _graphs[key] = _traced(run, static, at, spec, values)
    return _graphs[key], leaves


def _traced(run: Operation, static: list[Any], at: list[int], spec: Any, values: list[Any]) -> Any:
    def function(*tensors: Any) -> Any:
        flat = list(static)
        for k, tensor in zip(at, tensors, strict=True):
            flat[k] = tensor
        args, options = pytree.tree_unflatten(flat, spec)
        args = [tensor_of(a) if isinstance(a, np.ndarray) else a for a in args]
        if run.writes:
            args[0] = args[0].clone()
            made = run.function(*args, **options)
            return args[0] if made is None else made
        return run.function(*args, **options)

    given = [tensor_of(np.asarray(v)) for v in values]
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of flags that are put back
        with torch.backends.mkldnn.flags(enabled=False):
            try:
                made = make_fx(torch.func.functionalize(function), decomposition_table=_table(), tracing_mode="real")
                return made(*given)
            except Exception:  # PyTorch cannot take every operation apart
                return None


@cache
def _table() -> dict[Any, Any]:
    """Return PyTorch's decompositions of what no row knows."""
    from torch._decomp import decomposition_table

    return {op: made for op, made in decomposition_table.items() if not _has_row(op)}


def _has_row(op: Any) -> bool:
    name = row_name(str(op))
    return name in ATEN or is_known(f"torch.{name}")
