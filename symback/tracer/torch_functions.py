"""Functions of PyTorch that state their own backward: whether that is the derivative, and what stands for it where it is not."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from symback.core.errors import ReadError
from symback.tracer.log import Node
from symback.tracer.torch_values import Operation, numbers_of, tensors_in

_LOOKED_THROUGH = ("torch.utils.checkpoint",)
"""Modules whose functions only compute again what they were given."""
_NEAR = 1e-5
_STEP = 1e-6
_MOST_ENTRIES = 512
"""Most entries of a result whose stated backward is found entry by entry."""


@dataclass(frozen=True)
class Applied:
    """One call of a function that states its own backward."""

    kind: type
    args: tuple[Any, ...]
    """What it was given, tensors as copies without a history."""
    wanted: tuple[int, ...]
    """Which of these require gradients."""
    nodes: tuple[Node, ...]
    """What it gave, in the log."""
    given: tuple[Node, ...]
    """What it was given that requires gradients, in the log."""


@contextmanager
def followed(run: Any) -> Iterator[None]:
    """Follow ``Function.apply`` inside: its body joins the log, and what it was given is kept."""
    holder: Any = torch.autograd.Function
    own = holder.__dict__["apply"]

    def apply(kind: Any, *args: Any, **options: Any) -> Any:
        return _applied(run, kind, own.__get__(None, kind), args, options)

    holder.apply = classmethod(apply)
    try:
        yield
    finally:
        holder.apply = own


def _applied(run: Any, kind: Any, function: Callable[..., Any], args: Any, options: Any) -> Any:
    mode = run.tensors
    looked_through = kind.__module__.startswith(_LOOKED_THROUGH)
    if mode.log.ended or (kind.__module__.startswith("torch.") and not looked_through and options):
        return function(*args, **options)
    wanted = tuple(k for k, a in enumerate(args) if isinstance(a, torch.Tensor) and a.requires_grad)
    given = tuple(mode.node_of(args[k]) for k in wanted)
    kept = tuple(a.detach().clone() if isinstance(a, torch.Tensor) else a for a in args)
    mode.inside_function += 1
    try:
        result = function(*args, **options)
    finally:
        mode.inside_function -= 1
    if not looked_through and torch.is_grad_enabled():
        nodes = tuple(mode.node_of(t) for t in tensors_in(result))
        run.applied.append(Applied(kind, kept, wanted, nodes, given))
    return result


def judged(run: Any, use: tuple[str, ...]) -> None:
    """Say of each function that states its own backward whether the log may stand for it.

    Where its backward is the derivative its body does. Where it is not, its result is lost to the derivation, unless its
    name is in ``use``: then what it stated takes the place of the derivative.
    """
    log = run.log
    for call in run.applied:
        name = call.kind.__name__
        if not call.wanted or all(n not in log.lost and _is_derivative(call) for n in call.nodes):
            continue
        if name not in use:
            for node in call.nodes:
                log.lost[node] = ReadError(
                    "a function states its own backward, and that is not the derivative of its forward; "
                    f"use_backward= (--use-backward {name}) takes it as it is stated",
                    node.site.line or None,
                )
            continue
        _stated(log, call)
        for node in call.nodes:
            if node.path != "stated":
                log.lost[node] = ReadError(
                    f"the backward of {name} cannot be taken as it is stated: it is not linear in one result of at most "
                    f"{_MOST_ENTRIES} entries",
                    node.site.line or None,
                )


def _again(call: Applied, values: list[torch.Tensor]) -> list[torch.Tensor]:
    args = list(call.args)
    for k, value in zip(call.wanted, values, strict=True):
        args[k] = value
    with contextlib.redirect_stdout(io.StringIO()):
        result = call.kind.apply(*args)  # type: ignore[attr-defined]
    return [t for t in tensors_in(result) if t.is_floating_point()]


def _is_derivative(call: Applied) -> bool:
    """Return whether a stated backward agrees with differences of the forward, at the point of the run and at others."""
    draw = torch.Generator().manual_seed(0)
    point = [call.args[k].double() for k in call.wanted]
    points = [point] + [[torch.randn(p.shape, generator=draw, dtype=p.dtype) for p in point] for _ in range(2)]
    state = torch.get_rng_state()
    try:
        return all(_agrees(call, p, draw) for p in points)
    except Exception:  # it does not take such numbers
        return False
    finally:
        torch.set_rng_state(state)


def _agrees(call: Applied, point: list[torch.Tensor], draw: torch.Generator) -> bool:
    leaves = [p.clone().requires_grad_() for p in point]
    outputs = _again(call, leaves)
    if not outputs:
        return False
    weights = [torch.randn(o.shape, generator=draw, dtype=o.dtype) for o in outputs]
    found = torch.autograd.grad(outputs, leaves, weights, allow_unused=True)
    ways = [torch.randn(p.shape, generator=draw, dtype=p.dtype) * _STEP for p in point]
    parts = [(g * w) for g, w in zip(found, ways, strict=True) if g is not None]
    ends = []
    for sign in (1, -1):
        with torch.no_grad():
            moved = _again(call, [p + sign * w for p, w in zip(point, ways, strict=True)])
        ends.append(sum(float((o * w).sum()) for o, w in zip(moved, weights, strict=True)))
    told = sum(float(p.sum()) for p in parts)
    size = sum(float(p.abs().sum()) for p in parts) + _STEP * 1e-3
    return abs((ends[0] - ends[1]) / 2 - told) <= _NEAR * size + 1e-13 * max(map(abs, ends))


def _stated(log: Any, call: Applied) -> None:
    """Make a result the constant that it is plus what its stated backward says of each operand, linear in how far that moves."""
    leaves = [call.args[k].clone().requires_grad_() for k in call.wanted]
    outputs = _again(call, leaves)
    if len(call.nodes) != 1 or len(outputs) != 1:
        return
    [output], [node] = outputs, call.nodes
    parts: list[Any] = []
    for k, leaf in enumerate(leaves):
        [ones] = torch.autograd.grad(output, [leaf], torch.ones_like(output), retain_graph=True, allow_unused=True)
        if ones is None:
            continue
        factor = numbers_of(ones, copy=True)
        if leaf.shape == output.shape and _is_entrywise(output, leaf, ones):
            parts.append((call.given[k], factor, numbers_of(leaf, copy=True), True))
            continue
        if output.numel() > _MOST_ENTRIES:
            return
        rows = []
        for j in range(output.numel()):
            unit = torch.zeros(output.numel(), dtype=output.dtype)
            unit[j] = 1
            [row] = torch.autograd.grad(output, [leaf], unit.reshape(output.shape), retain_graph=True)
            rows.append(numbers_of(row, copy=True).reshape(-1))
        parts.append((call.given[k], np.stack(rows), numbers_of(leaf, copy=True), False))
    value = numbers_of(output, copy=True)
    node.path, node.args, node.options = "stated", tuple(p[0] for p in parts), {"value": value, "parts": parts}
    node.run = StatedValue(value)
    log.without_gradient.discard(node)


def _is_entrywise(output: torch.Tensor, leaf: torch.Tensor, ones: torch.Tensor) -> bool:
    """Return whether each entry of a stated gradient depends on the same entry of what comes in, in proportion."""
    weights = torch.randn(output.shape, generator=torch.Generator().manual_seed(1), dtype=output.dtype)
    [found] = torch.autograd.grad(output, [leaf], weights, retain_graph=True)
    return bool(torch.allclose(found, ones * weights, rtol=1e-6, atol=1e-12))


class StatedValue(Operation):
    """The value of a result whose backward is taken as stated: where it is computed again, nothing has moved."""

    __slots__ = ("value",)

    def __init__(self, value: np.ndarray) -> None:
        super().__init__(lambda: value)
        self.value = value

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Return the value."""
        return self.value
