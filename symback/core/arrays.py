"""Array operations beyond NumPy's operators: one class each, and the function that makes its nodes.

An operation of one's own is one more class here, or anywhere: the pages, the code, the derivation and the readers ask it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import sympy as sp

from symback.core.errors import ShapeError
from symback.core.nodes import Algebra, Form, Run, as_form, expand, numpy_index, numpy_text
from symback.core.shapes import (
    WHOLE,
    Index,
    Item,
    Shape,
    Size,
    Span,
    aligned,
    axis_within,
    broadcast_shapes,
    radix_groups,
    shape_text,
    size,
)
from symback.core.spelling import ATOM, Spelled, Spelling, index_text, number_text, parenthesize


def _texts(args: Sequence[Spelled]) -> str:
    return ", ".join(text for text, _ in args)


_LARGE = 100_000
"""From how many products on a sum over indices is carried out as products of matrices."""


class Outer(Form):
    """The outer product of two 1-D arrays."""

    __slots__ = ()
    is_product = True

    def remade(self, args: tuple[Form, ...]) -> Form:
        return outer(*args)

    def spelled(self, args: Sequence[Spelled], s: Spelling) -> Spelled:
        return f"{s.module}.outer({_texts(args)})", ATOM

    def evaluated(self, args: Sequence[Any], run: Run) -> Any:
        return np.outer(args[0], args[1])

    def entry(self, at: Sequence[Any], algebra: Algebra) -> Any:
        a, b = self.args
        return algebra.product(self, [algebra.entry(a, at[:1]), algebra.entry(b, at[1:])])


class Put(Form):
    """The adjoint of ``Get``: zeros of ``shape`` with the operand added at ``index``; padding may be with another number."""

    __slots__ = ()
    needs_lengths = True

    @property
    def index(self) -> Index:
        return cast(Index, self.data[0])

    @property
    def value(self) -> float:
        """The number around the operand."""
        return next((d for d in self.data[1:] if isinstance(d, float)), 0.0)

    @property
    def helper(self) -> str:
        return "padded" if self.value else "put"

    @property
    def lengths_written(self) -> Shape:
        return self.shape

    def spelled(self, args: Sequence[Spelled], s: Spelling) -> Spelled:
        value, more = self.value, ""
        if value:
            number = number_text(value) if math.isfinite(value) else f"{'-' if value < 0 else ''}{s.module}.inf"
            more = f", {number}"
        at = f"{s.module}.s_[{index_text(self.index)}]"
        return f"{self.helper}({args[0][0]}, {s.lengths(self.shape)}, {at}{more})", ATOM

    def evaluated(self, args: Sequence[Any], run: Run) -> Any:
        value = np.full(run.lengths(self.shape), run.number(self.value or 0))
        value[numpy_index(self.index)] = args[0]
        return value

    def entry(self, at: Sequence[Any], algebra: Algebra) -> Any:
        operand = self.args[0]

        def inside(places: Sequence[Any]) -> Any:
            return algebra.entry(operand, places[len(places) - operand.ndim :])

        return algebra.chosen(self, at, [(self.index, inside)], self.value)


class Broadcast(Form):
    """The operand repeated to ``shape`` by NumPy's rule.

    With the operand's own shape it is the identity, and says that its axes ``shared``, of length 1, are shared by all
    rows of a batch (of one).
    """

    __slots__ = ()
    is_view = shares_memory = True

    @property
    def shared(self) -> tuple[int, ...]:
        return cast("tuple[int, ...]", self.data[0])

    @property
    def lengths_written(self) -> Shape:
        return self.shape if self.shape != self.args[0].shape else ()

    def spelled(self, args: Sequence[Spelled], s: Spelling) -> Spelled:
        if self.shape == self.args[0].shape:
            return args[0]
        return f"{s.module}.broadcast_to({args[0][0]}, {s.lengths(self.shape)})", ATOM

    def evaluated(self, args: Sequence[Any], run: Run) -> Any:
        return np.broadcast_to(args[0], run.lengths(self.shape))

    def entry(self, at: Sequence[Any], algebra: Algebra) -> Any:
        inside = aligned(self.args[0].shape, self.shape, at, algebra.zero)
        for axis in self.shared:
            inside[axis] = algebra.zero
        return algebra.entry(self.args[0], inside)


class Einsum(Form):
    """An Einstein sum; one tuple of integer labels per operand, one for the result."""

    __slots__ = ()
    is_product = True

    @property
    def labels(self) -> tuple[tuple[int, ...], ...]:
        return cast("tuple[tuple[int, ...], ...]", self.data[0])

    @property
    def result(self) -> tuple[int, ...]:
        return cast("tuple[int, ...]", self.data[1])

    @property
    def sizes(self) -> dict[int, Size]:
        """The length that each label runs over, in order of appearance."""
        found: dict[int, Size] = {}
        for operand, labels in zip(self.args, self.labels, strict=True):
            for label, length in zip(labels, operand.shape, strict=True):
                if found.get(label, 1) == 1:
                    found[label] = length
        return found

    def remade(self, args: tuple[Form, ...]) -> Form:
        return einsum(self.labels, self.result, args)

    def spelled(self, args: Sequence[Spelled], s: Spelling) -> Spelled:
        return f'{s.module}.einsum("{subscripts(self)}", {_texts(args)})', ATOM

    def evaluated(self, args: Sequence[Any], run: Run) -> Any:
        operands = [part for a, labels in zip(args, self.labels, strict=True) for part in (a, list(labels))]
        lengths = {
            k: n for a, labels in zip(args, self.labels, strict=True) for k, n in zip(labels, np.shape(a), strict=True)
        }
        is_large = math.prod(lengths.values()) > _LARGE and all(np.asarray(a).dtype.kind == "f" for a in args)
        return np.einsum(*operands, list(self.result), optimize=is_large)

    def entry(self, at: Sequence[Any], algebra: Algebra) -> Any:
        sizes = self.sizes
        summed = [label for label in sizes if label not in self.result]

        def body(over: Sequence[Any]) -> Any:
            places = {**dict(zip(self.result, at, strict=True)), **dict(zip(summed, over, strict=True))}

            def place(label: int, length: Size) -> Any:
                return algebra.zero if length == 1 and sizes[label] != 1 else places[label]

            return algebra.product(
                self,
                [
                    algebra.entry(a, [place(k, s) for k, s in zip(labels, a.shape, strict=True)])
                    for a, labels in zip(self.args, self.labels, strict=True)
                ],
            )

        return algebra.reduced(self, "sum", [sizes[label] for label in summed], body)


class Eye(Form):
    """The identity matrix."""

    __slots__ = ()

    @property
    def lengths_written(self) -> Shape:
        return self.shape

    def spelled(self, args: Sequence[Spelled], s: Spelling) -> Spelled:
        return f"{s.module}.eye({s.length(self.shape[0])})", ATOM

    def evaluated(self, args: Sequence[Any], run: Run) -> Any:
        return np.eye(run.length(self.shape[0]))

    def entry(self, at: Sequence[Any], algebra: Algebra) -> Any:
        return algebra.compared("equal", *at)


class Triangle(Form):
    """A lower triangle of ones, as np.tri makes it: entry (i, j) is 1 where j ≤ i + ``offset``, else 0."""

    __slots__ = ()

    @property
    def offset(self) -> int:
        return cast(int, self.data[0])

    @property
    def lengths_written(self) -> Shape:
        return self.shape

    def spelled(self, args: Sequence[Spelled], s: Spelling) -> Spelled:
        rows, columns = map(s.length, self.shape)
        options = [rows, columns, str(self.offset)] if self.offset else [rows, columns] if rows != columns else [rows]
        return f"{s.module}.tri({', '.join(options)})", ATOM

    def evaluated(self, args: Sequence[Any], run: Run) -> Any:
        rows, columns = run.lengths(self.shape)
        return np.tri(rows, columns, self.offset)

    def entry(self, at: Sequence[Any], algebra: Algebra) -> Any:
        return algebra.compared("less_equal", at[1], algebra.affine([(at[0], 1)], self.offset, self.shape[1]))


class Counting(Form):
    """The numbers of the places along an axis: ``start``, ``start`` + 1, … ."""

    __slots__ = ()

    @property
    def start(self) -> int:
        return cast(int, self.data[0])

    @property
    def lengths_written(self) -> Shape:
        return self.shape

    def spelled(self, args: Sequence[Spelled], s: Spelling) -> Spelled:
        stop = s.length(self.shape[0])
        return f"{s.module}.arange({float(self.start)}, {stop}{f' + {self.start}' if self.start else ''})", ATOM

    def evaluated(self, args: Sequence[Any], run: Run) -> Any:
        return np.arange(run.length(self.shape[0]), dtype=float) + self.start

    def entry(self, at: Sequence[Any], algebra: Algebra) -> Any:
        return algebra.counted(at[0], self.start)


class Reshape(Form):
    """The same entries in the same order, with axes merged or split."""

    __slots__ = ()
    needs_lengths = names_operand = shares_memory = True

    @property
    def lengths_written(self) -> Shape:
        return self.shape

    def spelled(self, args: Sequence[Spelled], s: Spelling) -> Spelled:
        if not self.args[0].shape:  # a Python float has no methods of an array
            return f"{s.module}.reshape({args[0][0]}, {s.lengths(self.shape)})", ATOM
        sizes = ", ".join(map(s.length, self.shape))
        return f"{parenthesize(args[0], ATOM)}.reshape({sizes or '()'})", ATOM

    def evaluated(self, args: Sequence[Any], run: Run) -> Any:
        return np.reshape(args[0], run.lengths(self.shape))

    def entry(self, at: Sequence[Any], algebra: Algebra) -> Any:
        old, new = self.args[0].shape, self.shape
        inside: list[Any] = [algebra.zero] * len(old)
        for before, after in radix_groups(old, new):
            if len(before) == len(after) == 1:
                inside[before[0]] = at[after[0]]
                continue
            terms, stride = [], 1
            for axis in reversed(after):
                if new[axis] != 1:
                    terms.append((at[axis], stride))
                stride *= int(new[axis])
            flat, stride = algebra.affine(terms[::-1], 0, stride), 1
            for axis in reversed(before):
                length = int(old[axis])
                if length != 1:
                    slowest = all(old[k] == 1 for k in before if k < axis)
                    inside[axis] = algebra.digit(flat, stride, length, slowest)
                stride *= length
        return algebra.entry(self.args[0], inside)


class _AlongAxis(Form):
    """A move along one axis of the result or the operand."""

    __slots__ = ()

    @property
    def axis(self) -> int:
        return cast(int, self.data[0])


class _Sliding(_AlongAxis):
    """A move between an axis and the windows that slide along it."""

    __slots__ = ()
    needs_lengths = names_operand = True

    @property
    def stride(self) -> int:
        return cast(int, self.data[1])

    @property
    def dilation(self) -> int:
        return cast(int, self.data[2])


class Concatenate(_AlongAxis):
    """Arrays joined along an axis."""

    __slots__ = ()
    needs_lengths = True

    def remade(self, args: tuple[Form, ...]) -> Form:
        return concatenate(args, self.axis)

    def spelled(self, args: Sequence[Spelled], s: Spelling) -> Spelled:
        return f"{s.module}.concatenate([{_texts(args)}], axis={self.axis})", ATOM

    def evaluated(self, args: Sequence[Any], run: Run) -> Any:
        return np.concatenate(args, axis=self.axis)

    def entry(self, at: Sequence[Any], algebra: Algebra) -> Any:
        parts: list[Any] = []
        start = 0
        for part in self.args:
            length = int(part.shape[self.axis])
            parts.append(self._part(part, start, length, algebra))
            start += length
        return algebra.chosen(self, at, parts, None)

    def _part(self, part: Form, start: int, length: int, algebra: Algebra) -> Any:
        item: Item = start if length == 1 else Span(start, start + length, 1)
        index = tuple(item if k == self.axis else WHOLE for k in range(self.ndim))

        def inside(places: Sequence[Any]) -> Any:
            if length == 1:
                places = [*places[: self.axis], algebra.zero, *places[self.axis :]]
            return algebra.entry(part, places)

        return index, inside


class Gather(_AlongAxis):
    """Rows picked by an array of integers: ``np.take(a, index, axis)``; the axis becomes the axes of the index."""

    __slots__ = ()

    def remade(self, args: tuple[Form, ...]) -> Form:
        return gather(args[0], args[1], self.axis)

    def spelled(self, args: Sequence[Spelled], s: Spelling) -> Spelled:
        if self.axis == 0:
            return f"{parenthesize(args[0], ATOM)}[{args[1][0]}]", ATOM
        return f"{s.module}.take({_texts(args)}, axis={self.axis})", ATOM

    def evaluated(self, args: Sequence[Any], run: Run) -> Any:
        return np.take(args[0], np.asarray(args[1]).astype(int), axis=self.axis)

    def entry(self, at: Sequence[Any], algebra: Algebra) -> Any:
        operand, index = self.args
        end = self.axis + index.ndim
        place = algebra.looked_up(index, at[self.axis : end], operand.shape[self.axis])
        return algebra.entry(operand, [*at[: self.axis], place, *at[end:]])


class Scatter(_AlongAxis):
    """The adjoint of ``Gather``: zeros of ``shape`` with each row added at its index; repeated indices add up."""

    __slots__ = ()

    @property
    def helper(self) -> str:
        return "scatter"

    @property
    def lengths_written(self) -> Shape:
        return self.shape

    def spelled(self, args: Sequence[Spelled], s: Spelling) -> Spelled:
        return f"scatter({_texts(args)}, {self.axis}, {s.lengths(self.shape)})", ATOM

    def evaluated(self, args: Sequence[Any], run: Run) -> Any:
        value = np.full(run.lengths(self.shape), run.number(0))
        place: tuple[Any, ...] = (*(slice(None),) * self.axis, np.asarray(args[1]).astype(int))
        np.add.at(value, place, args[0])
        return value

    def entry(self, at: Sequence[Any], algebra: Algebra) -> Any:
        values, index = self.args
        before, here, after = at[: self.axis], at[self.axis], at[self.axis + 1 :]

        def body(over: Sequence[Any]) -> Any:
            value = algebra.entry(values, [*before, *over, *after])
            return algebra.where_compared(value, algebra.looked_up(index, over, self.shape[self.axis]), here)

        return algebra.reduced(self, "sum", index.shape, body)


class Windows(_Sliding):
    """Windows sliding along an axis, which becomes two: entry (i, k) is entry ``stride * i + dilation * k``."""

    __slots__ = ()
    shares_memory = True

    @property
    def size(self) -> int:
        """The length of one window."""
        return cast(int, self.shape[self.axis + 1])

    @property
    def helper(self) -> str:
        return "windows"

    def remade(self, args: tuple[Form, ...]) -> Form:
        return windows(args[0], self.axis, self.size, self.stride, self.dilation)

    def spelled(self, args: Sequence[Spelled], s: Spelling) -> Spelled:
        return f"windows({args[0][0]}, {self.axis}, {self.size}, {self.stride}, {self.dilation})", ATOM

    def evaluated(self, args: Sequence[Any], run: Run) -> Any:
        position, offset = np.ogrid[: self.shape[self.axis], : self.size]
        return np.take(args[0], position * self.stride + offset * self.dilation, axis=self.axis)

    def entry(self, at: Sequence[Any], algebra: Algebra) -> Any:
        position, offset = at[self.axis : self.axis + 2]
        terms = [(position, self.stride), (offset, self.dilation)]
        place = algebra.affine(terms, 0, self.args[0].shape[self.axis])
        return algebra.entry(self.args[0], [*at[: self.axis], place, *at[self.axis + 2 :]])


class Overlap(_Sliding):
    """The adjoint of ``Windows``: windows added up where they overlap, in an axis as long as the one they slid along."""

    __slots__ = ()

    @property
    def helper(self) -> str:
        return "overlap"

    def spelled(self, args: Sequence[Spelled], s: Spelling) -> Spelled:
        options = f"{self.axis}, {self.shape[self.axis]}, {self.stride}, {self.dilation}"
        return f"overlap({args[0][0]}, {options})", ATOM

    def evaluated(self, args: Sequence[Any], run: Run) -> Any:
        value = np.full(run.lengths(self.shape), run.number(0))
        count, width = np.shape(args[0])[self.axis : self.axis + 2]
        position, offset = np.ogrid[:count, :width]
        places = position * self.stride + offset * self.dilation
        np.add.at(value, (*(slice(None),) * self.axis, places), args[0])
        return value

    def entry(self, at: Sequence[Any], algebra: Algebra) -> Any:
        values = self.args[0]
        before, here, after = at[: self.axis], at[self.axis], at[self.axis + 1 :]

        def body(over: Sequence[Any]) -> Any:
            value = algebra.entry(values, [*before, *over, *after])
            terms = [(over[0], self.stride), (over[1], self.dilation)]
            return algebra.where_compared(value, algebra.affine(terms, 0, self.shape[self.axis]), here, "delta")

        return algebra.reduced(self, "sum", values.shape[self.axis : self.axis + 2], body)


class OneHot(Form):
    """Rows of the identity matrix: entry ``[..., j]`` is 1 where the class index equals j, else 0."""

    __slots__ = ()
    needs_lengths = True

    @property
    def classes(self) -> Size:
        return self.shape[-1]

    @property
    def called(self) -> tuple[str, str] | None:
        return r"\mathrm{onehot}", "onehot"

    @property
    def helper(self) -> str:
        return "one_hot"

    def remade(self, args: tuple[Form, ...]) -> Form:
        return one_hot(args[0], self.classes)

    @property
    def lengths_written(self) -> Shape:
        return self.shape[-1:]

    def spelled(self, args: Sequence[Spelled], s: Spelling) -> Spelled:
        return f"one_hot({args[0][0]}, {s.length(self.classes)})", ATOM

    def evaluated(self, args: Sequence[Any], run: Run) -> Any:
        return (np.asarray(args[0])[..., None] == np.arange(run.length(self.classes))) * 1

    def entry(self, at: Sequence[Any], algebra: Algebra) -> Any:
        return algebra.compared("equal", algebra.looked_up(self.args[0], at[:-1], self.classes), at[-1])

    def over_rows(self, args: Sequence[Form], many: Sequence[bool]) -> Form | None:
        return one_hot(args[0], self.classes)


# --- making nodes -----------------------------------------------------------------------------------------------------


def outer(a: Any, b: Any) -> Form:
    """outer(a, b)[i, j] = a[i] b[j].

    Shapes: (m,) and (n,) give (m, n). Raises ShapeError for operands that are not 1-D, which NumPy would flatten.

    >>> from symback.core.nodes import name
    >>> outer(name("x", (3,)), name("y", (2,))).shape
    (3, 2)

    Source: https://numpy.org/doc/stable/reference/generated/numpy.outer.html
    """
    a, b = as_form(a), as_form(b)
    if a.ndim != 1 or b.ndim != 1:
        raise ShapeError(f"outer takes two 1-D arrays, got shapes {shape_text(a.shape)} and {shape_text(b.shape)}")
    return Outer._make((a, b), (), a.shape + b.shape)


def put(a: Form, index: Index, shape: Shape, value: float = 0.0) -> Form:
    """Return zeros of ``shape``, or another ``value``, with ``a`` at ``index``: the adjoint of ``get``."""
    return Put._make((a,), (index, float(value)) if value else (index,), shape)


def broadcast_to(a: Form, shape: Shape, shared: tuple[int, ...] = ()) -> Form:
    """Return ``a`` repeated to ``shape``; its axes ``shared`` have one entry for all rows even where there is one row."""
    if broadcast_shapes([a.shape, shape]) != shape:
        raise ShapeError(f"{numpy_text(a)} of shape {shape_text(a.shape)} cannot be repeated to {shape_text(shape)}")
    return Broadcast._make((a,), (shared,), shape)


def einsum(labels: Sequence[tuple[int, ...]], result: tuple[int, ...], operands: Sequence[Form]) -> Form:
    """Return an Einstein sum; equal integer labels are equal indices."""
    sizes: dict[int, Size] = {}
    for operand, letters in zip(operands, labels, strict=True):
        for letter, length in zip(letters, operand.shape, strict=True):
            sizes[letter] = length
    return Einsum._make(tuple(operands), (tuple(labels), result), tuple(sizes[k] for k in result))


def one_hot(index: Any, classes: Size) -> Form:
    """one_hot(index, classes)[…, c] = 1 where index[…] is c, else 0.

    Shapes: that of ``index`` and one axis more, of length ``classes``. Class indices are integers from 0 to classes − 1;
    nothing is learned through them.

    >>> from symback.core.nodes import name
    >>> one_hot(name("k", (5,)), 3).shape
    (5, 3)

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.one_hot.html
    """
    index = as_form(index)
    return OneHot._make((index,), (), (*index.shape, classes))


def eye(length: Size) -> Form:
    """Return the identity matrix of that size."""
    return Eye._make((), (), (length, length))


def triangle(rows: Size, columns: Size, offset: int = 0) -> Form:
    """Return ``np.tri(rows, columns, offset)``: ones where column ≤ row + offset, zeros elsewhere."""
    return Triangle._make((), (offset,), (rows, columns))


def counting(length: Size, start: int = 0) -> Form:
    """Return the numbers of the places along an axis of that length, from ``start`` on."""
    return Counting._make((), (start,), (length,))


def reshape(operand: Any, sizes: Sequence[Any]) -> Form:
    """Return the entries of ``operand`` in a new shape; one size may be -1. Symbolic sizes stay axes of their own."""
    a = as_form(operand)
    wanted = [s if isinstance(s, (str, sp.Symbol)) else int(s) for s in sizes]
    if wanted.count(-1) > 1:
        raise ShapeError(f"reshape of {numpy_text(a)}: at most one size is -1, got {tuple(sizes)}")
    known = [size(s) if s != -1 else -1 for s in wanted]
    mine = list(a.shape)
    for s in [k for k in known if not isinstance(k, int)]:
        if s not in mine:
            raise ShapeError(f"reshape of {numpy_text(a)} of shape {shape_text(a.shape)}: it has no axis of size {s}")
        mine.remove(s)
    symbols = [s for s in mine if not isinstance(s, int)]
    whole = math.prod(s for s in mine if isinstance(s, int))
    rest = math.prod(s for s in known if isinstance(s, int) and s != -1)
    if -1 in known:
        if len(symbols) == 1 and rest == whole:
            known[known.index(-1)] = symbols.pop()
        elif not symbols and rest and whole % rest == 0:
            known[known.index(-1)] = whole // rest
        rest = math.prod(s for s in known if isinstance(s, int) and s != -1)
    if symbols or -1 in known or rest != whole:
        raise ShapeError(f"{numpy_text(a)} of shape {shape_text(a.shape)} cannot take the shape {tuple(sizes)}")
    shape = tuple(known)
    if shape == a.shape:
        return a
    radix_groups(a.shape, shape, numpy_text(a))
    return Reshape._make((a,), (), shape)


def subscripts(form: Einsum) -> str:
    """Return the indices of an Einstein sum as np.einsum takes them: ``ab,bc->ac``."""
    labels = dict.fromkeys(k for part in form.labels for k in part)
    letters = dict(zip(labels, "abcdefghijklmnopqrstuvwxyz", strict=False))
    return (
        ",".join("".join(letters[k] for k in part) for part in form.labels)
        + "->"
        + "".join(letters[k] for k in form.result)
    )


def concatenate(parts: Sequence[Any], axis: int = 0) -> Form:
    """Return arrays joined along ``axis``; all other sizes must agree."""
    forms = [as_form(p) for p in parts]
    if not forms:
        raise ShapeError("concatenate needs at least one array")
    where_ = axis_within(axis, forms[0].ndim, "in concatenate")
    for form in forms[1:]:
        if form.ndim != forms[0].ndim or any(
            k != where_ and x != y for k, (x, y) in enumerate(zip(form.shape, forms[0].shape, strict=True))
        ):
            raise ShapeError(
                f"in concatenate along axis {where_}: shapes {shape_text(forms[0].shape)} and {shape_text(form.shape)} "
                f"do not fit together"
            )
    lengths = [f.shape[where_] for f in forms]
    if len(forms) == 1:
        return forms[0]
    if not all(isinstance(length, int) for length in lengths):
        raise ShapeError(f"concatenate along an axis of symbolic size ({lengths}) has no known length")
    shape = list(forms[0].shape)
    shape[where_] = sum(cast(int, length) for length in lengths)
    return Concatenate._make(tuple(forms), (where_,), tuple(shape))


def stack(parts: Sequence[Any], axis: int = 0) -> Form:
    """Return arrays of one shape joined along a new axis."""
    forms = [as_form(p) for p in parts]
    where_ = axis_within(axis, forms[0].ndim + 1, "in stack") if forms else 0
    return concatenate([expand(f, [where_]) for f in forms], where_)


def pad(operand: Any, widths: Sequence[tuple[int, int]], value: float = 0.0) -> Form:
    """Return ``operand`` with zeros, or another ``value``, around it: ``widths`` has (before, after) per axis."""
    a = as_form(operand)
    if len(widths) != a.ndim or any(w < 0 for pair in widths for w in pair):
        raise ShapeError(f"pad of {numpy_text(a)}: one pair of widths per axis is needed, got {list(widths)}")
    if not any(w for pair in widths for w in pair):
        return a
    index: list[Item] = []
    shape: list[Size] = []
    for length, (before, after) in zip(a.shape, widths, strict=True):
        if before == after == 0:
            index.append(WHOLE)
            shape.append(length)
        elif isinstance(length, int):
            index.append(Span(before, before + length, 1))
            shape.append(before + length + after)
        else:
            raise ShapeError(f"pad of {numpy_text(a)}: an axis of symbolic size {length} cannot be padded")
    return put(a, tuple(index), tuple(shape), value)


def gather(operand: Any, index: Any, axis: int = 0) -> Form:
    """Return ``np.take(operand, index, axis)`` for an integer array ``index``."""
    a, at = as_form(operand), as_form(index)
    where_ = axis_within(axis, a.ndim, "in an integer-array index")
    shape = a.shape[:where_] + at.shape + a.shape[where_ + 1 :]
    return Gather._make((a, at), (where_,), shape)


def scatter(values: Form, index: Form, axis: int, shape: Shape) -> Form:
    """Return the adjoint of ``gather``: zeros of ``shape``, every row of ``values`` added at its index."""
    return Scatter._make((values, index), (axis,), shape)


def windows(operand: Any, axis: int, size: int, stride: int = 1, dilation: int = 1) -> Form:
    """Return the windows of ``size`` entries that slide along ``axis``: the axis becomes (position, offset)."""
    a = as_form(operand)
    where_ = axis_within(axis, a.ndim, "in windows")
    length = a.shape[where_]
    if not isinstance(length, int):
        raise ShapeError(f"windows of {numpy_text(a)}: axis {where_} has the symbolic size {length}")
    if size < 1 or stride < 1 or dilation < 1:
        raise ShapeError(f"windows of {numpy_text(a)}: size, stride and dilation are at least 1")
    count = (length - dilation * (size - 1) - 1) // stride + 1
    if count < 1:
        raise ShapeError(f"windows of {numpy_text(a)}: a window of {dilation * (size - 1) + 1} is longer than {length}")
    shape = (*a.shape[:where_], count, size, *a.shape[where_ + 1 :])
    return Windows._make((a,), (where_, stride, dilation), shape)


def overlap(values: Form, axis: int, length: int, stride: int, dilation: int) -> Form:
    """Return the adjoint of ``windows``: axes (position, offset) added up into one axis of ``length``."""
    shape = (*values.shape[:axis], length, *values.shape[axis + 2 :])
    return Overlap._make((values,), (axis, stride, dilation), shape)
