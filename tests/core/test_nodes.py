"""Every kind of node, one by one: what its class says of it agrees with what it computes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from symback.core import forms
from symback.core.forms import (
    Form,
    Span,
    adjoint,
    apply,
    broadcast_to,
    concatenate,
    counting,
    einsum,
    expand,
    eye,
    filled,
    gather,
    get,
    matmul,
    name,
    number,
    numpy_text,
    one_hot,
    outer,
    overlap,
    put,
    reduce_over,
    reshape,
    scatter,
    size,
    size_of,
    transpose,
    triangle,
    windows,
)
from symback.engine.calculus import target_axes
from symback.engine.elements import evaluate_element, lower
from symback.engine.interpreter import evaluate
from symback.functions.matrices import MATRIX_FUNCTIONS
from symback.page.context import context_of
from symback.page.substitution import scalar_form
from symback.page.typesetting import Typesetter
from symback.run.codegen.text import in_module
from symback.run.targets.numpy import HELPERS

N = size("n")
A, B, V, W = name("A", (2, 3, 4)), name("B", (2, 4, 5)), name("v", (3,)), name("w", (4,))
M, K = name("M", (3, 4)), name("k", (2, 3))
SIZES = {N: 3}
SAMPLES: dict[type[Form], tuple[Form, ...]] = {
    forms.Name: (A, V),
    forms.Adjoint: (adjoint("A", (2, 3, 4)),),
    forms.Number: (number(3), number(-0.25)),
    forms.SizeOf: (size_of(N),),
    forms.Filled: (filled(0.25, (2, 3)), filled(1, (N, 2)), filled(0, (2,))),
    forms.Apply: (apply("add", A, W), apply("where", apply("less", M, W), M, number(2)), apply("exp", V)),
    forms.Matmul: (matmul(A, B), matmul(V, M), matmul(M, W), matmul(W, W), matmul(name("x", (1, 3, 4)), B)),
    forms.Outer: (outer(V, W),),
    forms.Transpose: (transpose(A, (2, 0, 1)), M.T),
    forms.Reduce: (
        reduce_over("sum", A, (0, 2)),
        reduce_over("mean", A, 1, True),
        reduce_over("max", A),
        reduce_over("min", M, 0),
    ),
    forms.Get: (get(A, (1, slice(None, None, -1), slice(1, 4, 2))), get(M, 2)),
    forms.Put: (
        put(V, (Span(1, 7, 2), 1), (8, 2)),
        put(M, (Span(1, 4, 1), Span(0, 4, 1)), (5, 4), -2.5),
        put(W, (1, None), (3, 4)),
    ),
    forms.Expand: (expand(V, (0, 2)), expand(number(2), (0,))),
    forms.Broadcast: (broadcast_to(V, (2, 3)), broadcast_to(name("r", (1, 4)), (3, 4))),
    forms.Einsum: (
        einsum([(0, 1, 2), (3, 2)], (3, 0), [A, M]),
        einsum([(0, 0)], (0,), [name("S", (3, 3))]),
        einsum([(0, 1), (1, 2), (2,)], (2, 0), [K, M, W]),
    ),
    forms.Eye: (eye(3), eye(N)),
    forms.Counting: (counting(3), counting(N, 1), counting(4, -2)),
    forms.Triangle: (triangle(3, 3), triangle(4, 2, 1), triangle(2, N, -1)),
    forms.Reshape: (reshape(A, (6, 4)), reshape(A, (2, 2, 6)), reshape(A, (4, 1, 3, 2)), reshape(M, (12,))),
    forms.Concatenate: (concatenate([M, get(M, (slice(None), slice(0, 1))), M], 1), concatenate([V, V])),
    forms.Gather: (gather(M, name("i", (2, 2)), 0), gather(M, name("i", (2, 2)), 1)),
    forms.Scatter: (scatter(name("U", (2, 2, 4)), name("i", (2, 2)), 0, (3, 4)),),
    forms.Windows: (windows(name("L", (2, 7)), 1, 3, 2), windows(name("L", (2, 7)), 1, 2, 1, 3)),
    forms.Overlap: (overlap(name("U", (2, 3, 2)), 1, 7, 2, 1), overlap(name("U", (2, 3, 2)), 1, 7, 2, 2)),
    forms.Implicit: (
        *(MATRIX_FUNCTIONS[label](name("H", (3, 3))) for label in ("inv", "logabsdet", "eigvalsh", "pinv")),
        MATRIX_FUNCTIONS["solve"](name("H", (3, 3)), name("W", (3, 2))),
    ),
    forms.OneHot: (one_hot(name("i", (2, 2)), 3), one_hot(name("j", (4,)), 3)),
}
EVERY = [
    pytest.param(form, id=f"{kind.__name__}{k}") for kind, found in SAMPLES.items() for k, form in enumerate(found)
]


def kinds(of: type[Form] = Form) -> set[type[Form]]:
    return {of, *(k for child in of.__subclasses__() for k in kinds(child))}


def values(form: Form) -> dict[str, Any]:
    generator = np.random.default_rng(3)
    found: dict[str, Any] = {}
    for node in forms.walk(form):
        if isinstance(node, (forms.Name, forms.Adjoint)):
            label = node.name if isinstance(node, forms.Name) else "∂" + node.of
            whole = label in ("i", "j")
            made = generator.integers(0, 3, node.shape) if whole else generator.uniform(-2, 2, node.shape)
            found.setdefault(label, made @ made.T + np.eye(3) if label == "H" else made)
        elif isinstance(node, forms.Implicit):  # its entries are read from it, as those of a name are
            found[forms.held_name(node)] = np.asarray(evaluate(node, found, SIZES))
    return found


def agrees(form: Form) -> bool:
    """Return whether the entries that a node says it reads make up its value."""
    environment = values(form)
    axes = target_axes(form.shape)
    read = evaluate_element(lower(form, axes), axes, environment, SIZES, lambda op, args: None)
    value = np.asarray(evaluate(form, environment, SIZES), dtype=float)
    return read.shape == value.shape and bool(np.allclose(read, value, rtol=1e-12, atol=1e-12))


def test_every_kind_of_node_has_a_sample() -> None:
    inner = {k for k in kinds() if k.__module__.startswith("symback.core.") and not k.__name__.startswith("_")}
    assert inner - {Form} == set(SAMPLES)
    assert all(type(form) is kind for kind, found in SAMPLES.items() for form in found)


@pytest.mark.parametrize("form", EVERY)
def test_the_entries_it_reads_make_up_its_value(form: Form) -> None:
    assert agrees(form)


def test_a_kind_that_reads_the_wrong_entries_is_caught() -> None:
    class Turned(forms.Transpose):
        __slots__ = ()

        def entry(self, at: Any, algebra: Any) -> Any:
            return algebra.entry(self.args[0], at)

    square = name("S", (3, 3))
    assert agrees(transpose(square))
    assert not agrees(Turned._make((square,), ((1, 0),), (3, 3)))


@pytest.mark.parametrize("form", EVERY)
def test_it_is_remade_as_it_is(form: Form) -> None:
    assert form.remade(form.args) is form
    swapped = {a: name(f"part{k}", a.shape) for k, a in enumerate(dict.fromkeys(form.args))}
    made = form.remade(tuple(swapped[a] for a in form.args))
    assert (type(made), made.shape) == (type(form), form.shape)
    assert forms.substitute(made, {v: k for k, v in swapped.items()}.get) is form


@pytest.mark.parametrize("form", [p for p in EVERY if not isinstance(p.values[0], forms.Adjoint)])
def test_it_is_spelled_as_what_it_computes(form: Form) -> None:
    scope: dict[str, Any] = {"np": np, "n": SIZES[N]}
    for source in HELPERS.values():
        exec(in_module(source, "np"), scope)
    environment = values(form)
    spelled = np.asarray(eval(numpy_text(form), {**scope, **environment}), dtype=float)
    value = np.asarray(evaluate(form, environment, SIZES), dtype=float)
    assert spelled.shape == value.shape and np.allclose(spelled, value, rtol=1e-12)
    helpers = {node.helper for node in forms.walk(form)} - {""}
    assert helpers <= HELPERS.keys() and all(f"{label}(" in numpy_text(form) for label in helpers)


@pytest.mark.parametrize("form", EVERY)
def test_its_entry_has_a_notation(form: Form) -> None:
    setter = Typesetter(context_of(form))
    with setter.indices(form.shape) as places:
        assert setter.entry(form, places).whole() is not None


@pytest.mark.parametrize("form", [p for p in EVERY if p.values[0].args])
def test_for_all_rows_at_once_it_is_what_it_is_for_each(form: Form) -> None:
    for chosen in (range(len(form.args)), *([k] for k in range(len(form.args)))):
        many = [k in chosen for k in range(len(form.args))]
        rows = [
            name(f"part{k}", (6, *a.shape) if is_many else a.shape)
            for k, (a, is_many) in enumerate(zip(form.args, many, strict=True))
        ]
        lifted = form.over_rows(rows, many)
        if lifted is None:
            continue
        generator = np.random.default_rng(5)
        whole = isinstance(form, forms.OneHot)
        arrays = [
            generator.integers(0, 3, r.shape) if whole else np.asarray(generator.uniform(0.1, 2, r.shape)) for r in rows
        ]
        single = form.remade(tuple(name(f"part{k}", a.shape) for k, a in enumerate(form.args)))
        each = [
            evaluate(single, {f"part{k}": a[row] if many[k] else a for k, a in enumerate(arrays)}, SIZES)
            for row in range(6)
        ]
        value = np.asarray(evaluate(lifted, {f"part{k}": a for k, a in enumerate(arrays)}, SIZES))
        assert lifted.shape == (6, *form.shape)
        assert np.allclose(value, np.stack(each), rtol=1e-12)


_A, _B, _V = name("a", (1, 1)), name("b", (1, 1)), name("v", (1,))


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (matmul(_A, _B), "a * b"),
        (outer(_V, _V), "v * v"),
        (einsum([(0, 1), (1, 2)], (0, 2), [_A, _B]), "a * b"),
        (reduce_over("mean", _A * _B), "a * b"),
        (get(_A, (0, 0)) + filled(2, (1,)), "a + 2"),
        (put(_V, (Span(0, 1, 1), 0), (1, 1)), "v"),
        (expand(reshape(_A.T, (1,)), (0,)), "a"),
        (windows(_A, 1, 1), "a"),
        (broadcast_to(_V, (1, 1)) * eye(1), "v * 1"),
        (apply("exp", triangle(1, 1, -1) - size_of(N)), "np.exp(0 - n)"),
    ],
)
def test_arrays_of_one_element_are_formulas_of_numbers(form: Form, text: str) -> None:
    assert numpy_text(scalar_form(form)) == text
