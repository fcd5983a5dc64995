"""Slips: mistakes that people make in a backward pass, each a way to construct the mistaken derivation.

A slip is recognized where a mistaken derivation gives exactly what was written, at every point. Every builder below
takes a step of the right derivation and returns the formulas somebody would get who made that mistake there.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from symback.core.errors import SymbackError
from symback.core.forms import (
    Adjoint,
    Apply,
    Broadcast,
    Expand,
    Form,
    Function,
    Matmul,
    Name,
    Number,
    Outer,
    Prime,
    Reduce,
    Transpose,
    adjoint,
    apply,
    matmul,
    name,
    names_in,
    reduce_over,
    substitute,
    sum_of,
    transpose,
    walk,
)
from symback.core.operations import ELEMENTARY, ORDERINGS
from symback.derivation.record import Record, Step
from symback.engine.textbook import prime_form

Builder = Callable[[Step, Record], Iterable[Form]]


@dataclass(frozen=True)
class Slip:
    """A kind of mistake: ``build`` returns the mistaken formulas of a step, none where it is found in another way."""

    key: str
    title: str
    build: Builder | None = None
    is_error: bool = True


# --- walking and changing ---------------------------------------------------------------------------------------------


def _with(form: Form, old: Form, new: Callable[[], Form]) -> Iterator[Form]:
    """Return ``form`` with a node replaced, or nothing where the shapes do not allow it."""
    try:
        made = new()
        if made is old:
            return
        yield substitute(form, lambda node: made if node is old else None)
    except (SymbackError, TypeError, ValueError, IndexError, RuntimeError):
        return  # the rest of the formula does not fit the change


def _everywhere(form: Form, change: Callable[[Form], Iterable[Callable[[], Form]]]) -> Iterator[Form]:
    for node in walk(form):
        for new in change(node):
            yield from _with(form, node, new)


def _is_sum(node: Form) -> bool:
    return isinstance(node, Apply) and node.op in ("add", "subtract")


# --- builders ---------------------------------------------------------------------------------------------------------


def _lost_transposes(step: Step, record: Record) -> Iterable[Form]:
    return _everywhere(step.form, lambda n: [lambda: n.args[0]] if isinstance(n, Transpose) else [])


def _extra_transposes(step: Step, record: Record) -> Iterable[Form]:
    def change(node: Form) -> Iterable[Callable[[], Form]]:
        if isinstance(node, Matmul) and all(a.ndim == 2 for a in node.args):
            a, b = node.args
            yield lambda: matmul(transpose(a), b)
            yield lambda: matmul(a, transpose(b))
            yield lambda: matmul(transpose(a), transpose(b))
            yield lambda: transpose(matmul(a, b))

    yield from _everywhere(step.form, change)
    if step.form.ndim == 2:
        yield transpose(step.form)


def _swapped(step: Step, record: Record) -> Iterable[Form]:
    def change(node: Form) -> Iterable[Callable[[], Form]]:
        if isinstance(node, Matmul):
            a, b = node.args
            yield lambda: matmul(b, a)
            if a.ndim == b.ndim == 2:
                yield lambda: matmul(_flipped(b), _flipped(a))
        if isinstance(node, Apply) and node.op in ("divide", "power"):
            yield lambda: apply(node.op, node.args[1], node.args[0])
        if isinstance(node, Outer):
            yield lambda: transpose(node)

    return _everywhere(step.form, change)


def _flipped(form: Form) -> Form:
    return form.args[0] if isinstance(form, Transpose) else transpose(form)


def _lost_sums(step: Step, record: Record) -> Iterable[Form]:
    def change(node: Form) -> Iterable[Callable[[], Form]]:
        if isinstance(node, Reduce) and node.kind == "sum":
            inner = node.args[0]
            yield lambda: inner
            for axis in node.axes:
                yield lambda axis=axis: inner[tuple(slice(None) if k != axis else 0 for k in range(inner.ndim))]  # type: ignore[misc]
                yield lambda axis=axis: inner[tuple(slice(None) if k != axis else -1 for k in range(inner.ndim))]  # type: ignore[misc]
                if len(node.axes) > 1:
                    yield lambda axis=axis: reduce_over("sum", inner, axis)  # type: ignore[misc]
            if any(isinstance(s, int) for s in node.shape):
                yield lambda: reduce_over("max", inner, node.axes, node.keepdims)

    return _everywhere(step.form, change)


def _means_for_sums(step: Step, record: Record) -> Iterable[Form]:
    return _everywhere(
        step.form,
        lambda n: (
            [lambda: reduce_over("mean", n.args[0], n.axes, n.keepdims)]
            if isinstance(n, Reduce) and n.kind == "sum"
            else []
        ),
    )


def _other_axes(step: Step, record: Record) -> Iterable[Form]:
    def change(node: Form) -> Iterable[Callable[[], Form]]:
        if isinstance(node, Reduce) and node.kind in ("sum", "mean", "max"):
            inner = node.args[0]
            others = [(k,) for k in range(inner.ndim)] + [tuple(range(inner.ndim))]
            for axes in others:
                if axes == node.axes:
                    continue
                for keep in (node.keepdims, not node.keepdims):
                    yield lambda axes=axes, keep=keep: reduce_over(node.kind, inner, axes, keep)  # type: ignore[misc]
            yield lambda: reduce_over(node.kind, inner, node.axes, not node.keepdims)
        if isinstance(node, Apply) and isinstance(node.op, Function) and "axis" in node.parameters:
            for axis in range(node.args[0].ndim):
                yield lambda axis=axis: apply(node.op, *node.args, **{**node.parameters, "axis": axis})  # type: ignore[misc]

    return _everywhere(step.form, change)


def _products(step: Step, record: Record) -> Iterable[Form]:
    def change(node: Form) -> Iterable[Callable[[], Form]]:
        if isinstance(node, Apply) and node.op == "multiply" and all(a.ndim for a in node.args):
            a, b = node.args
            yield lambda: matmul(a, b)
            yield lambda: matmul(b, a)
            if a.ndim == b.ndim == 2:
                yield lambda: matmul(transpose(a), b)
                yield lambda: matmul(a, transpose(b))

    return _everywhere(step.form, change)


def _entrywise(step: Step, record: Record) -> Iterable[Form]:
    def change(node: Form) -> Iterable[Callable[[], Form]]:
        if isinstance(node, Matmul):
            a, b = node.args
            for left, right in itertools.product(
                (a, _flipped(a) if a.ndim == 2 else a), (b, _flipped(b) if b.ndim == 2 else b)
            ):
                yield lambda left=left, right=right: left * right  # type: ignore[misc]
                yield lambda left=left, right=right: reduce_over("sum", left * right, 0)  # type: ignore[misc]

    return _everywhere(step.form, change)


def _is_local(node: Form, step: Step, record: Record) -> bool:
    """Return whether a factor is a derivative of a function, and no weight and no upstream adjoint."""
    if any(isinstance(n, Adjoint) for n in walk(node)):
        return False
    if any(isinstance(n, Apply) and isinstance(n.op, Prime) for n in walk(node)):
        return True
    readers = [e for e in record.network.equations if e.name in step.through]
    return bool(readers) and all(_is_function(record, e.name) for e in readers) and bool(names_in(node))


def _dropped(step: Step, record: Record, local: bool) -> Iterator[Form]:
    def change(node: Form) -> Iterable[Callable[[], Form]]:
        if isinstance(node, Apply) and node.op == "multiply":
            a, b = node.args
            for kept, lost in ((a, b), (b, a)):
                if isinstance(lost, Number) or _is_local(lost, step, record) != local:
                    continue
                yield lambda kept=kept: kept  # type: ignore[misc]
        if (
            isinstance(node, Apply)
            and node.op == "divide"
            and not isinstance(node.args[1], Number)
            and (_is_local(node.args[1], step, record) == local)
        ):
            yield lambda: node.args[0]

    yield from _everywhere(step.form, change)


def _lost_derivatives(step: Step, record: Record) -> Iterable[Form]:
    yield from _dropped(step, record, True)

    def change(node: Form) -> Iterable[Callable[[], Form]]:
        if isinstance(node, Apply) and isinstance(node.op, Prime):
            yield lambda: node.args[0]
            yield lambda: apply(node.op.function, *node.args)
        if isinstance(node, Apply) and node.op == "where":
            yield lambda: node.args[1]
            yield lambda: node.args[2]
        if isinstance(node, Apply) and node.op == "multiply":
            for k, factor in enumerate(node.args):
                if isinstance(factor, Apply) and factor.op in ORDERINGS:
                    yield lambda k=k: node.args[1 - k]  # type: ignore[misc]

    yield from _everywhere(step.form, change)
    for contribution in step.contributions:
        # a function whose derivative is written in its output: upstream handed on as it is
        if (
            len(step.contributions) == 1
            and contribution.upstream.shape == step.shape
            and _is_function(record, contribution.through)
        ):
            yield contribution.upstream


def _is_function(record: Record, label: str) -> bool:
    form = record.network.equation(label).form
    return isinstance(form, Apply) and (isinstance(form.op, Function) or form.op in (*ELEMENTARY, "where"))


def _lost_factors(step: Step, record: Record) -> Iterable[Form]:
    return _dropped(step, record, False)


def _other_arguments(step: Step, record: Record) -> Iterable[Form]:
    """Return σ′ at other names: at the output instead of the input, at another layer."""
    leaves = {e.name: name(e.name, e.shape) for e in record.network.equations}
    leaves.update({v.name: name(v.name, v.shape) for v in record.network.variables.values()})

    def change(node: Form) -> Iterable[Callable[[], Form]]:
        if isinstance(node, Apply) and isinstance(node.op, Prime):
            for leaf in leaves.values():
                if leaf is not node.args[0] and leaf.shape == node.args[0].shape:
                    yield lambda leaf=leaf: apply(node.op, leaf, *node.args[1:])  # type: ignore[misc]

    return _everywhere(step.form, change)


def _other_sides(step: Step, record: Record) -> Iterable[Form]:
    """Return relu′ and its like with the two sides exchanged."""
    opposite = {"greater": "less_equal", "less": "greater_equal", "greater_equal": "less", "less_equal": "greater"}

    def change(node: Form) -> Iterable[Callable[[], Form]]:
        if isinstance(node, Apply) and isinstance(node.op, Prime) and node.op.function.kinks:
            yield lambda: 1 - node
        if isinstance(node, Apply) and isinstance(node.op, str) and node.op in opposite:
            yield lambda: apply(opposite[str(node.op)], *node.args)

    return _everywhere(step.form, change)


def _softmax_diagonals(step: Step, record: Record) -> Iterable[Form]:
    for contribution in step.contributions:
        form = record.network.equation(contribution.through).form
        if isinstance(form, Apply) and isinstance(form.op, Function) and form.op.shift_invariant:
            s = name(contribution.through, form.shape)
            if not form.op.logarithm_of:
                yield contribution.upstream * s * (1 - s)
                yield contribution.upstream * (s * (1 - s))
                yield contribution.upstream * s
            else:
                yield contribution.upstream * (1 - apply("exp", s))
                yield contribution.upstream


def _forgotten_paths(step: Step, record: Record) -> Iterable[Form]:
    parts = [c.form for c in step.contributions]
    if 1 < len(parts) <= 6:
        for count in range(len(parts) - 1, 0, -1):
            for chosen in itertools.combinations(parts, count):
                yield sum_of(chosen)
    elif len(parts) > 6:
        yield from parts
        for k in range(1, len(parts)):
            yield sum_of(parts[:k])
            yield sum_of(parts[k:])

    def change(node: Form) -> Iterable[Callable[[], Form]]:
        if _is_sum(node):
            for kept in node.args:
                yield lambda kept=kept: kept  # type: ignore[misc]
            if node.op == "subtract":  # type: ignore[attr-defined]
                yield lambda: -node.args[1]

    yield from _everywhere(step.form, change)


def _signs(step: Step, record: Record) -> Iterable[Form]:
    def change(node: Form) -> Iterable[Callable[[], Form]]:
        if _is_sum(node):
            a, b = node.args
            yield lambda: a + b if node.op == "subtract" else a - b  # type: ignore[attr-defined]
            yield lambda: b - a
        if isinstance(node, Apply) and node.op == "negative":
            yield lambda: node.args[0]

    yield from _everywhere(step.form, change)
    parts = [c.form for c in step.contributions]
    if len(parts) > 1:
        for k in range(len(parts)):
            total = parts[0] if k != 0 else -parts[0]
            for j, part in enumerate(parts[1:], 1):
                total = total - part if j == k else total + part
            yield total


def _lost_numbers(step: Step, record: Record) -> Iterable[Form]:
    """Return the step with one of its numbers missing, halved or doubled, in one of its terms."""

    def change(node: Form) -> Iterable[Callable[[], Form]]:
        if isinstance(node, Apply) and node.op in ("multiply", "divide", "power"):
            for k, argument in enumerate(node.args):
                if isinstance(argument, Number):
                    if node.op != "divide" or k == 1:
                        yield lambda k=k: node.args[1 - k]  # type: ignore[misc]
                    if node.op == "power" and k == 1:
                        yield lambda argument=argument: apply("power", node.args[0], _number(argument.value + 1))  # type: ignore[misc]
                        yield lambda argument=argument: apply("power", node.args[0], _number(argument.value - 1))  # type: ignore[misc]
        if (isinstance(node, Apply) and isinstance(node.op, Prime)) or isinstance(node, Adjoint):
            yield lambda: 2 * node

    yield from _everywhere(step.form, change)
    parts = [c.form for c in step.contributions]
    if len(parts) > 1:
        for k in range(len(parts)):
            for number in (2, 0.5):
                total = parts[0] * number if k == 0 else parts[0]
                for j, part in enumerate(parts[1:], 1):
                    total = total + (part * number if j == k else part)
                yield total


def _number(value: object) -> Form:
    from symback.core.forms import number

    return number(value)


SLIPS: dict[str, Slip] = {
    s.key: s
    for s in (
        Slip("sign", "wrong sign", _signs),
        Slip("missing_mean", "missing 1/n"),
        Slip("extra_mean", "1/n too much", _means_for_sums),
        Slip("missing_two", "missing factor 2"),
        Slip("missing_half", "missing factor ½"),
        Slip("softmax_diagonal", "softmax Jacobian without its off-diagonal", _softmax_diagonals),
        Slip("missing_activation", "missing derivative of the activation", _lost_derivatives),
        Slip("missing_transpose", "missing transpose", _lost_transposes),
        Slip("extra_transpose", "extra transpose", _extra_transposes),
        Slip("swapped", "swapped operands", _swapped),
        Slip("missing_batch_sum", "missing sum over the batch", _lost_sums),
        Slip("bias_shape", "gradient of a bias in the wrong shape"),
        Slip("wrong_shape", "wrong shape"),
        Slip("forgotten_path", "forgotten path", _forgotten_paths),
        Slip("wrong_axis", "sum over the wrong axis", _other_axes),
        Slip("wrong_variable", "derivative taken at the wrong variable", _other_arguments),
        Slip("matmul_for_product", "matrix product for the entrywise product", _products),
        Slip("product_for_matmul", "entrywise product for the matrix product", _entrywise),
        Slip("outer_for_matmul", "outer product for the matrix product"),
        Slip("wrong_side", "the two sides of a kink exchanged", _other_sides),
        Slip("constant_factor", "wrong constant factor", _lost_numbers),
        Slip("missing_factor", "missing factor", _lost_factors),
        Slip("extra_factor", "a factor too much"),
        Slip("stale", "stale value used"),
        Slip("updated", "already updated value used"),
        Slip("double_softmax", "softmax applied twice"),
        Slip("lost_axis", "sum without keepdims"),
        Slip("broadcast", "broadcast to a larger array", is_error=False),
        Slip("kink", "another derivative at the kink (a convention)", is_error=False),
    )
}
"""Every slip by its key, in the order in which they are tried."""


def mistakes(step: Step, record: Record) -> Iterator[tuple[str, Form]]:
    """Return the mistaken formulas of a step with the key of the slip, most common first; each formula once."""
    seen = {step.form}
    open_step = replace(step, form=_written_out(step.form, record))
    for slip in SLIPS.values():
        if slip.build is None:
            continue
        for source in (step, open_step) if open_step.form is not step.form else (step,):
            try:
                for form in slip.build(source, record):
                    if form not in seen:
                        seen.add(form)
                        yield slip.key, form
            except (SymbackError, TypeError, ValueError, IndexError):
                continue  # shapes that do not fit end a builder


def _written_out(form: Form, record: Record) -> Form:
    """Return a form with every f′ written out, in the output where textbooks do so."""
    outputs = {e.form: name(e.name, e.shape) for e in record.network.equations}

    def change(node: Form) -> Form | None:
        if isinstance(node, Apply) and isinstance(node.op, Prime) and node.op.function.definition is not None:
            applied = apply(node.op.function, *node.args)
            return prime_form(node.op, node.args, outputs.get(applied))
        return None

    try:
        return substitute(form, change)
    except SymbackError:
        return form


__all__ = ["SLIPS", "Broadcast", "Expand", "Name", "Slip", "adjoint", "mistakes"]
