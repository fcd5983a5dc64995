"""The gradients that people accepted as answers are right: each is compared with differences of its loss."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy as sp

from tests.support.accepted_formulas import REQUESTS, Request
from tests.support.formula_text import canonical
from tests.support.printed_formulas import INSTEAD, NAMES, SECOND, STAGED
from tests.support.public_requests import NUMBERED, READ, derived, last_name
from tests.support.sympy_values import number

STEP, TOLERANCE, SECOND_TOLERANCE = 1e-5, 2e-7, 2e-5
SYMMETRIC = {"Sigma", "P", "R"}
INDEXED = {"data": ("n",), "p": ("n",), "x": ("p",), "v": ("p", "k")}

Inputs = dict[str, Any]
Loss = Callable[[Inputs], float]


def value_of(text: str, names: Inputs) -> Any:
    """Run all statements of a text but the last, and return the value of that one."""
    body = ast.parse(text).body
    last = body[-1]
    assert isinstance(last, ast.Expr)
    scope = dict(names)
    exec(compile(ast.Module(body[:-1], []), "formula", "exec"), scope)
    return eval(compile(ast.Expression(last.value), "formula", "eval"), scope)


def symbolic(request: Request, generator: np.random.Generator) -> tuple[Inputs, Loss]:
    """Return random inputs of a loss of SymPy, and the loss as a function of them."""
    scope: Inputs = {}
    exec(request.sympy_or_numpy, scope)
    loss = scope[last_name(request.sympy_or_numpy)]
    bases = [s for s in scope.values() if isinstance(s, sp.IndexedBase)]
    first = int(bool(bases) and ", 1, " in request.sympy_or_numpy)
    inputs: Inputs = {}
    sizes = [s for s in scope.values() if isinstance(s, sp.Symbol) and s.is_integer]
    inputs.update({size.name: 3 + k for k, size in enumerate(sorted(sizes, key=str))})
    for symbol in scope.values():
        if isinstance(symbol, sp.MatrixSymbol):
            shape = [inputs[s.name] if isinstance(s, sp.Symbol) else int(s) for s in symbol.shape]
            value = generator.standard_normal(shape)
            if symbol.name in SYMMETRIC:
                value = value @ value.T + np.eye(len(value))
            elif symbol.name == "A" and "log" in request.sympy_or_numpy:
                value = value + 3 * np.eye(len(value))
            inputs[symbol.name] = value
        elif isinstance(symbol, sp.IndexedBase):
            inputs[str(symbol)] = generator.uniform(0.2, 1.5, [inputs[s] for s in INDEXED[str(symbol)]])
        elif isinstance(symbol, sp.Symbol) and not symbol.is_integer:
            inputs["lam" if symbol.name == "lambda" else symbol.name] = generator.uniform(0.3, 1.0)
    origins = {str(base): first for base in bases}

    def value(at: Inputs) -> float:
        known = {**at, "f": lambda array: np.sin(array).sum()}
        return number(loss, {**known, "lambda": known["lam"]} if "lam" in known else known, origins)

    return inputs, value


def numeric(request: Request) -> tuple[Inputs, Loss, Callable[[Inputs], Inputs]]:
    """Return the inputs of a loss in NumPy, the loss, and all names that it computes."""
    head, body = request.sympy_or_numpy.split("\n\n")
    inputs: Inputs = {}
    exec(head, inputs)
    inputs.pop("__builtins__")
    code = compile(body, "loss", "exec")

    def run(at: Inputs) -> Inputs:
        scope = dict(at)
        exec(code, scope)
        return scope

    return inputs, lambda at: float(run(at)[last_name(body)]), run


def differences(loss: Loss, at: Inputs, label: str, step: float) -> Any:
    """Return central differences by every entry of one input."""
    here = np.asarray(at[label], dtype=float)
    found = np.zeros(here.shape)
    for place in np.ndindex(*here.shape):
        moved = [here.copy(), here.copy()]
        moved[0][place] += step
        moved[1][place] -= step
        found[place] = (loss({**at, label: moved[0]}) - loss({**at, label: moved[1]})) / (2 * step)
    return found


def second_differences(loss: Loss, at: Inputs, label: str) -> Any:
    """Return differences of differences by one vector."""
    here = np.asarray(at[label], dtype=float)
    rows = []
    for k in range(here.size):
        moved = [here.copy(), here.copy()]
        moved[0].flat[k] += 1e-3
        moved[1].flat[k] -= 1e-3
        ends = [differences(loss, {**at, label: m}, label, 1e-4) for m in moved]
        rows.append(((ends[0] - ends[1]) / 2e-3).ravel())
    return np.array(rows)


@pytest.mark.parametrize("request_", REQUESTS, ids=[f"{k}-{r.number}" for k, r in enumerate(REQUESTS)])
def test_an_accepted_formula_is_the_gradient_of_its_loss(request_: Request) -> None:
    np.random.seed(0)
    if request_.sympy_or_numpy.startswith("import sympy"):
        inputs, loss = symbolic(request_, np.random.default_rng(0))
        names = dict(inputs)
    else:
        inputs, loss, run = numeric(request_)
        names = run(inputs)
    names["np"] = np
    assert len(request_.variables) == len(request_.formulas) == len(request_.checked)
    for variable, text in zip(request_.variables, request_.checked, strict=True):
        given = np.asarray(value_of(text, names), dtype=float)
        twice = " " in variable
        label = variable.split()[0]
        want = second_differences(loss, inputs, label) if twice else differences(loss, inputs, label, STEP)
        assert given.shape == want.shape, variable
        error = float(np.max(np.abs(given - want))) / max(1e-3, float(np.max(np.abs(want))))
        assert error < (SECOND_TOLERANCE if twice else TOLERANCE), (variable, given, want)


def test_every_request_has_a_row() -> None:
    assert {r.number for r in REQUESTS} == set(range(1, 28))


# --- what is printed --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("key", "request_"), READ, ids=[f"{a}-{b}" for (a, b), _ in READ])
def test_the_closed_form_is_the_formula_that_was_accepted(key: tuple[int, int], request_: Request) -> None:
    done = derived(key, request_)
    for variable, accepted in zip(request_.variables, request_.formulas, strict=True):
        if variable == SECOND.get(key):
            continue
        found = done.gradient(variable, closed=True)
        alike = canonical(found.latex()) == canonical(accepted, NAMES.get(key))
        if key in STAGED:
            assert found is done.gradient(variable), variable
        elif (*key, variable) in INSTEAD:
            printed, reason = INSTEAD[(*key, variable)]
            assert found.latex() == printed and reason and not alike, variable
        else:
            assert alike, (variable, found.latex(), accepted)


def test_every_gradient_has_one_place_in_the_tables() -> None:
    keys = {*STAGED, *SECOND, *NAMES, *((a, b) for a, b, _ in INSTEAD)}
    assert keys <= set(NUMBERED)
    assert not {(a, b) for a, b, _ in INSTEAD} & {*STAGED}
    variables = {(*key, v) for key, r in zip(NUMBERED, REQUESTS, strict=True) for v in r.variables}
    assert set(INSTEAD) <= variables
    reached = {v for v in variables if v[:2] not in STAGED and v not in INSTEAD and " " not in v[2]}
    assert len(reached) >= 66


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (r"X^\top (a - b)", r"(a - b) X^\top"),
        (r"X^\top (a - b)", r"X^\top (a + b)"),
        (r"-\sigma(-z) u", r"\sigma(z) u"),
        (r"(A - B)^\top", "A - B"),
        ("(a - b)^2", "-(b - a)^2"),
        (r"\frac{1}{n} (a - b)", r"\frac{1}{m} (a - b)"),
        ("2 A + B", "A + 2 B"),
    ],
)
def test_formulas_that_differ_are_told_apart(a: str, b: str) -> None:
    assert canonical(a) != canonical(b) and canonical(a) == canonical(a.replace(" ", "  "))
