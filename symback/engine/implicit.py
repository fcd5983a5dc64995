"""The implicit form of the one rule: an equation is linearized, and a differential counts where it is put back and holds.

For F(Y, A) = 0 the rule gives dF = ∂F/∂Y dY + ∂F/∂A dA, as a Form and by entries. The differential that a function states
for Y is put in for dY at random entries; where dF is not 0 there, nothing is derived from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp

from symback.core.errors import DerivationError
from symback.core.forms import (
    Apply,
    Eye,
    Form,
    Implicit,
    ImplicitFunction,
    Matmul,
    Name,
    System,
    Transpose,
    apply,
    implicit_function_named,
    matmul,
    names_in,
    rebuild,
    substitute,
    sum_of,
    transpose,
    walk,
)
from symback.core.forms import name as make_name
from symback.engine.calculus import Term, partials, proved_differential, target_axes
from symback.engine.elements import Access, Index, evaluate_element, lower, total
from symback.engine.interpreter import evaluate
from symback.engine.proving import undefined_value
from symback.engine.recognition import leaves_of_forms, recognize

_TOLERANCE = 1e-9
_SEEDS = (1, 2)


def linear_part(form: Form, moved: Mapping[str, str]) -> tuple[tuple[Index, ...], list[Term]]:
    """Return d(form) in index notation: each partial derivative times the differential of what it reads.

    ``moved`` maps names to the names of their differentials; other names are constant.
    """
    out = target_axes(form.shape)
    element = lower(form, out)
    terms = []
    for label, tangent in moved.items():
        for p in partials(element, label):
            terms.append(Term(p.coefficient * Access(tangent, *p.reads), p.summed, out))
    return out, terms


def linearized(form: Form, moved: Mapping[str, str]) -> Form:
    """Return d(form) as a Form, by the one rule.

    >>> A, Y = make_name("A", (3, 3)), make_name("Y", (3, 3))
    >>> linearized(A @ Y, {"A": "dA", "Y": "dY"})
    A @ dY + dA @ Y
    """
    if isinstance(form, Name):
        return make_name(moved[form.name], form.shape)
    out, terms = linear_part(form, moved)
    leaves: dict[str, Form] = dict(leaves_of_forms([form]))
    leaves |= {tangent: make_name(tangent, leaves[label].shape) for label, tangent in moved.items() if label in leaves}
    return transposes_inside(recognize(terms, out, form.shape, leaves, f"the differential of {form}"))


@dataclass(frozen=True, eq=False)
class ImplicitStep:
    """What makes a call of a matrix function differentiable: its equations, their differentials, and what follows.

    ``equations`` are 0, and so are their ``differentials``, in the names of ``outputs``; ``solved`` is the differential of
    the call. Without an equation in index notation the differential is stated.
    """

    call: Implicit
    outputs: tuple[tuple[Form, Form], ...]
    equations: tuple[Form, ...]
    differentials: tuple[Form, ...]
    solved: Form | None


def implicit_step(call: Implicit, moved: Mapping[str, str], outputs: Mapping[Form, Form]) -> ImplicitStep:
    """Return the implicit step of a call; ``moved`` maps names to those of their differentials.

    ``outputs`` are the names of this call and of others of the same system; a call that has none stands under one that
    is invented here.

    >>> from symback.functions.matrices import MATRIX_FUNCTIONS
    >>> A, Y = make_name("A", (3, 3)), make_name("Y", (3, 3))
    >>> call = MATRIX_FUNCTIONS["inv"](A)
    >>> step = implicit_step(call, {"A": "dA"}, {call: Y})
    >>> step.equations, step.differentials, step.solved
    ((A @ Y - np.eye(3),), (A @ dY + dA @ Y,), -(Y @ dA @ Y))
    """
    function, system = call.function, call.function.system
    parts = []
    for position, operand in enumerate(call.args):
        if not any(n.name in moved for n in names_in(operand)):
            continue
        d = linearized(operand, moved)
        if function.along is not None:
            parts.append(function.along(call.args, d))
        elif function.differential is not None:
            found = proved_differential(call, position, make_name(_MOVED, operand.shape))
            assert found is not None
            swap: dict[Form, Form] = {make_name(_MOVED, operand.shape): d}
            parts.append(transposes_inside(substitute(found, swap.get)))
    solved = substitute(sum_of(parts), outputs.get) if parts else None
    if system is None:
        return ImplicitStep(call, (), (), (), solved)
    calls = [implicit_function_named(label)(*call.args) for label in system.outputs]
    names = [outputs.get(c, make_name(f"Y{k}", c.shape)) for k, c in enumerate(calls)]
    equations = system.equations(call.args, tuple(names))
    every = {**moved, **{str(n): f"d{n}" for n in names}}
    differentials = tuple(linearized(e, every) for e in equations)
    return ImplicitStep(call, tuple(zip(names, calls, strict=True)), equations, differentials, solved)


_MOVED = "§d"
"""The name of the differential of an argument."""


# --- transposes -------------------------------------------------------------------------------------------------------


def transposes_inside(form: Form) -> Form:
    """Return a form of matrices with transposes of products and sums taken inside, where they do not become more.

    A product with the identity is the other factor.

    >>> L, G = make_name("L", (3, 3)), make_name("G", (3, 3))
    >>> transposes_inside((G.T @ L).T)
    L.T @ G
    """
    known: dict[Form, Form] = {}
    for node in walk(form):
        made = rebuild(node, tuple(known[a] for a in node.args))
        if isinstance(made, Transpose) and made.ndim == 2:
            inside = _flipped(made.args[0])
            made = inside if _count(inside) <= _count(made) else made
        if isinstance(made, Matmul):
            made = next((b for a, b in zip(made.args, made.args[::-1], strict=True) if isinstance(a, Eye)), made)
        known[node] = made
    return known[form]


def _flipped(form: Form) -> Form:
    if isinstance(form, Eye):
        return form
    if isinstance(form, Matmul) and all(a.ndim == 2 for a in form.args):
        return matmul(_flipped(form.args[1]), _flipped(form.args[0]))
    if isinstance(form, Apply) and isinstance(form.op, str) and all(a.shape in ((), form.shape) for a in form.args):
        return apply(form.op, *[_flipped(a) if a.shape else a for a in form.args])
    return transpose(form)


def _count(form: Form) -> int:
    return isinstance(form, Transpose) + sum(map(_count, form.args))


# --- the proof --------------------------------------------------------------------------------------------------------


def _named(arrays: Sequence[np.ndarray], stem: str) -> tuple[tuple[Form, ...], dict[str, np.ndarray]]:
    forms = tuple(make_name(f"{stem}{k}", a.shape) for k, a in enumerate(arrays))
    return forms, {str(f): a for f, a in zip(forms, arrays, strict=True)}


def residuals(system: System, functions: Sequence[ImplicitFunction], seed: int) -> list[float]:
    """Return how far dF is from 0, relative to its terms, where the differentials of all outputs are put in."""
    generator = np.random.default_rng(seed)
    found: list[float] = []
    for arrays in system.drawn(generator):
        arguments, values = _named(arrays, "A")
        moves, tangents = _named([generator.normal(size=a.shape) for a in arrays], "dA")
        calls = [function(*arguments) for function in functions]
        computed = [np.asarray(evaluate(call, values)) for call in calls]
        outputs, held = _named(computed, "Y")
        everything = {**values, **tangents, **held}
        for k, (function, call) in enumerate(zip(functions, calls, strict=True)):
            assert function.differential is not None
            parts = [function.differential(arguments, call, at, d) for at, d in enumerate(moves)]
            everything[f"dY{k}"] = np.sum([np.asarray(evaluate(p, everything), dtype=float) for p in parts], axis=0)
        moved = {str(n): f"d{n}" for n in (*arguments, *outputs)}
        for equation in system.equations(arguments, outputs):
            found.append(_size(equation, moved, everything))
    return found


def _size(equation: Form, moved: Mapping[str, str], values: Mapping[str, np.ndarray]) -> float:
    out, terms = linear_part(equation, moved)
    whole, scale = np.zeros([int(i.size) for i in out]), 1.0
    for term in terms:
        body = term.expression
        for index in term.summed:
            body = total(body, index)
        part = evaluate_element(sp.sympify(body), out, values, {}, lambda op, args: undefined_value(op.name, (), args))
        whole, scale = whole + part, max(scale, float(np.abs(part).max(initial=0)))
    return float(np.abs(whole).max(initial=0)) / scale


@lru_cache(maxsize=256)
def is_proved(system: System, functions: tuple[ImplicitFunction, ...]) -> bool:
    """Return whether the differentials of all outputs fulfil the linearized equations of a system."""
    return all(size < _TOLERANCE for seed in _SEEDS for size in residuals(system, functions, seed))


@proved_differential.plug
def differential_of(call: Implicit, position: int, d: Form) -> Form | None:
    """Return the differential of a call in its argument at ``position``, once it is proved; None where it is constant.

    Raises DerivationError for a differential that does not fulfil the linearized equations, and for a function whose
    differential no product of matrices says.
    """
    function = call.function
    if function.differential is None:
        if function.adjoint is not None:
            raise DerivationError(
                f"the local derivative of {call} has no formula of entries; its gradient is derived where {function.name} "
                "has an equation of its own"
            )
        return None
    system = function.system
    if system is not None:
        functions = tuple(
            function if label == function.name else implicit_function_named(label) for label in system.outputs
        )
        if not is_proved(system, functions):
            raise DerivationError(
                f"the differential of {function.name} does not fulfil the equations of {function.name}, so nothing is derived from it"
            )
    made: Any = function.differential(call.args, call, position, d)
    assert isinstance(made, Form)
    return made
