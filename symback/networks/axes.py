"""Which axes of the arrays of a network have one length because its equations say so, whatever the numbers are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symback.core.forms import (
    Adjoint,
    Apply,
    Broadcast,
    Einsum,
    Expand,
    Form,
    Function,
    Get,
    Matmul,
    Name,
    OneHot,
    Outer,
    Reduce,
    Shape,
    Size,
    Transpose,
    walk,
)
from symback.engine.textbook import definition_of
from symback.networks.network import NamedNetwork

Axis = int
"""A class of axes that have one length."""


class Axes:
    """The axes of a network in classes: two are in one where a product, a sum or a function joins them.

    An axis of length 1 is in none, and neither is one of which the form does not say what it is.
    """

    def __init__(self, network: NamedNetwork) -> None:
        self.network = network
        self.sizes: list[Size] = []
        self._parents: list[int] = []
        self._names: dict[str, tuple[Axis | None, ...]] = {}
        self._known: dict[Form, tuple[Axis | None, ...]] = {}
        self._contracted: set[Axis] = set()
        self._complete = False
        for variable in network.variables:
            self._fresh(variable)
        for equation in network.equations:
            own = self._fresh(equation.name)
            for read in (equation.form, definition_of(equation.form)):
                self._tie(own, self._read(read))
        self._complete = True

    def of(self, name: str) -> tuple[Axis | None, ...]:
        """Return the class of each axis of a name."""
        return tuple(None if axis is None else self._root(axis) for axis in self._names[name])

    def of_form(self, form: Form) -> tuple[Axis | None, ...]:
        """Return the class of each axis of a form of names and adjoints of this network."""
        return tuple(None if axis is None else self._root(axis) for axis in self._read(form))

    def members(self) -> Mapping[Axis, tuple[tuple[str, int], ...]]:
        """Return the axes of each class, as names and positions, in the order of the network."""
        found: dict[Axis, list[tuple[str, int]]] = {}
        for name in self._names:
            for position, axis in enumerate(self.of(name)):
                if axis is not None:
                    found.setdefault(axis, []).append((name, position))
        return {axis: tuple(places) for axis, places in found.items()}

    def is_contracted(self, axis: Axis) -> bool:
        """Say whether a matrix product of the forward pass adds over an axis: its entries then depend on each other."""
        return axis in {self._root(other) for other in self._contracted}

    # --- classes ---

    def _root(self, axis: Axis) -> Axis:
        while self._parents[axis] != axis:
            axis = self._parents[axis]
        return axis

    def _fresh(self, name: str) -> tuple[Axis | None, ...]:
        found: list[Axis | None] = []
        for size in self.network.shape_of(name):
            if size == 1:
                found.append(None)
                continue
            found.append(len(self._parents))
            self._parents.append(len(self._parents))
            self.sizes.append(size)
        self._names[name] = tuple(found)
        return self._names[name]

    def _tie(self, first: Sequence[Axis | None], second: Sequence[Axis | None]) -> None:
        for one, other in zip(first, second, strict=False):
            if one is not None and other is not None:
                low, high = sorted((self._root(one), self._root(other)))
                if self.sizes[low] == self.sizes[high]:
                    self._parents[high] = low

    # --- forms ---

    def _read(self, form: Form) -> tuple[Axis | None, ...]:
        for node in walk(form):
            if node not in self._known:
                self._known[node] = self._joined(node)
        return self._known[form]

    def _joined(self, form: Form) -> tuple[Axis | None, ...]:
        if isinstance(form, (Name, Adjoint)):
            return self._names[form.name if isinstance(form, Name) else form.of]
        parts = [self._known[argument] for argument in form.args]
        if isinstance(form, Transpose):
            return tuple(parts[0][axis] for axis in form.axes)
        if isinstance(form, Outer):
            return (*parts[0], *parts[1])
        if isinstance(form, Matmul):
            return self._product(form, parts)
        if isinstance(form, Einsum):
            return self._sum(form, parts)
        if isinstance(form, Reduce):
            kept = [None if k in form.axes else axis for k, axis in enumerate(parts[0])]
            return tuple(kept) if form.keepdims else tuple(a for k, a in enumerate(kept) if k not in form.axes)
        if isinstance(form, Expand):
            rest = iter(parts[0])
            return tuple(None if k in form.axes else next(rest) for k in range(form.ndim))
        if isinstance(form, Get):
            places = zip(form.index, parts[0], strict=True)
            return tuple(axis if item is None else None for item, axis in places if not isinstance(item, int))
        if isinstance(form, Broadcast):
            return (None,) * (form.ndim - len(parts[0])) + parts[0]
        if isinstance(form, OneHot):
            return (*parts[0], None)
        if isinstance(form, Apply):
            return self._called(form, parts)
        return (None,) * form.ndim

    def _called(self, form: Apply, parts: Sequence[tuple[Axis | None, ...]]) -> tuple[Axis | None, ...]:
        if isinstance(form.op, Function) and not form.op.entrywise:
            # a loss reads entries of arrays at the same place, a row like softmax keeps the shape of its argument
            for argument, axes in zip(form.args[1:], parts[1:], strict=True):
                if _begins_with(form.args[0].shape, argument.shape):
                    self._tie(parts[0], axes)
            return parts[0] if form.args and form.args[0].shape == form.shape else (None,) * form.ndim
        found: tuple[Axis | None, ...] = (None,) * form.ndim
        for axes in parts:
            padded = (None,) * (form.ndim - len(axes)) + axes
            self._tie(found, padded)
            found = tuple(b if a is None else a for a, b in zip(found, padded, strict=True))
        return found

    def _product(self, form: Matmul, parts: Sequence[tuple[Axis | None, ...]]) -> tuple[Axis | None, ...]:
        left, right = parts
        inner = right[-2] if len(right) > 1 else right[0]
        self._tie(left[-1:], (inner,))
        if not self._complete:
            self._contracted.update(axis for axis in (left[-1], inner) if axis is not None)
        batch = max(left[:-2], right[:-2], key=len)
        return (*batch, *left[-2:-1], *(right[-1:] if len(right) > 1 else ()))

    def _sum(self, form: Einsum, parts: Sequence[tuple[Axis | None, ...]]) -> tuple[Axis | None, ...]:
        found: dict[int, Axis | None] = {}
        for labels, axes in zip(form.labels, parts, strict=True):
            for label, axis in zip(labels, axes, strict=True):
                self._tie((found.get(label),), (axis,))
                found[label] = axis if found.get(label) is None else found[label]
        return tuple(found.get(label) for label in form.result)


def _begins_with(shape: Shape, beginning: Shape) -> bool:
    return bool(beginning) and shape[: len(beginning)] == beginning
