"""How code computes with inverses: A⁻¹ B is the solution of equations, and no inverse is formed for it."""

from __future__ import annotations

from symback.core.forms import Form, Implicit, Matmul, Transpose, implicit_function_named, rebuild, transpose, walk


def equations_solved(form: Form) -> Form:
    """Return a form in which products with the inverse of a matrix are solutions of equations.

    >>> from symback.core.forms import name
    >>> A, G = name("A", (3, 3)), name("G", (3, 2))
    >>> equations_solved(implicit_function_named("inv")(A).T @ G)
    np.linalg.solve(A.T, G)
    """
    known: dict[Form, Form] = {}
    for node in walk(form):
        made = rebuild(node, tuple(known[a] for a in node.args))
        solved = _solved(made)
        known[node] = made if solved is None else solved
    return known[form]


def _solved(form: Form) -> Form | None:
    if not isinstance(form, Matmul) or any(a.ndim > 2 for a in form.args):
        return None
    left, right = form.args
    solve = implicit_function_named("solve")
    inverted = _inverted(left)
    if inverted is not None:
        return solve(inverted, right)
    inverted = _inverted(right)
    return None if inverted is None else transpose(solve(transpose(inverted), transpose(left)))


def _inverted(form: Form) -> Form | None:
    """Return A where a form is A⁻¹, and Aᵀ where it is A⁻ᵀ."""
    turned = isinstance(form, Transpose)
    inner = form.args[0] if turned else form
    if not (isinstance(inner, Implicit) and inner.function.name == "inv"):
        return None
    return transpose(inner.args[0]) if turned else inner.args[0]
