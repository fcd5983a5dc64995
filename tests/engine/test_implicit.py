"""The implicit rule: equations are linearized, and only a differential that holds in them counts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sympy as sp

import symback as sb
from symback.core.errors import DerivationError
from symback.core.forms import Form, ImplicitFunction, System, make_shape, name, substitute, transpose
from symback.derivation.record import clear_templates
from symback.engine.implicit import implicit_step, is_proved, linearized, residuals, transposes_inside
from symback.engine.interpreter import evaluate
from symback.functions.matrices import MATRIX_FUNCTIONS
from tests.support.matrix_cases import random_matrix

SYSTEMS: dict[tuple[str, ...], System] = {
    row.system.outputs: row.system for row in MATRIX_FUNCTIONS.values() if row.system is not None
}


def functions_of(system: System) -> tuple[ImplicitFunction, ...]:
    return tuple(MATRIX_FUNCTIONS[label] for label in system.outputs)


@pytest.mark.parametrize("outputs", SYSTEMS)
def test_every_differential_holds_in_its_equations(outputs: tuple[str, ...]) -> None:
    system = SYSTEMS[outputs]
    for seed in range(5):
        assert max(residuals(system, functions_of(system), seed)) < 1e-11


def _scaled(found: Form) -> Form:
    return 1.001 * found


def _moved(found: Form) -> Form:
    corners = found[(0,) + (-1,) * (found.ndim - 1)] + 2 * found[(-1,) + (0,) * (found.ndim - 1)]
    return found + 0.01 * corners


def _turned(found: Form) -> Form:
    return transpose(found) if found.ndim == 2 and found.shape[0] == found.shape[1] else -found


WRONG = {"a factor": _scaled, "an entry beside": _moved, "a lost transpose or sign": _turned}
PLANTED = [(label, fault) for outputs in SYSTEMS for label in outputs for fault in WRONG]


def planted(label: str, fault: str) -> ImplicitFunction:
    """Return a function with a wrong differential."""
    row = MATRIX_FUNCTIONS[label]
    right = row.differential
    assert right is not None

    def wrong(args: tuple[Form, ...], out: Form, position: int, d: Form) -> Form:
        return WRONG[fault](right(args, out, position, d))

    return replace(row, differential=wrong)


@pytest.mark.parametrize(("label", "fault"), PLANTED)
def test_a_wrong_differential_is_rejected(label: str, fault: str) -> None:
    row = planted(label, fault)
    assert row.system is not None
    functions = tuple(row if f.name == label else f for f in functions_of(row.system))
    assert not is_proved(row.system, functions)


def test_nothing_is_derived_from_a_wrong_differential(monkeypatch: pytest.MonkeyPatch) -> None:
    net = sb.Network()
    call = planted("inv", "a factor")(net.parameter("A", (3, 3)))
    net.define("L", (call**2).sum())
    clear_templates()
    with pytest.raises(DerivationError, match="does not fulfil the equations of inv"):
        sb.derive(net)
    clear_templates()


@pytest.mark.parametrize("outputs", SYSTEMS)
def test_the_equations_leave_no_other_differential(outputs: tuple[str, ...]) -> None:
    """Where dF = 0 for dA = 0, dY is 0: what fulfils the linearized equations is the only one that does."""
    system = SYSTEMS[outputs]
    for arrays in system.drawn(np.random.default_rng(4)):
        arguments = tuple(name(f"A{k}", a.shape) for k, a in enumerate(arrays))
        values: dict[str, Any] = dict(zip(map(str, arguments), arrays, strict=True))
        calls = [function(*arguments) for function in functions_of(system)]
        computed = [np.asarray(evaluate(call, values)) for call in calls]
        found = tuple(name(f"Y{k}", a.shape) for k, a in enumerate(computed))
        values |= dict(zip(map(str, found), computed, strict=True))
        moved = {str(n): f"d{n}" for n in found}
        parts = [linearized(e, moved) for e in system.equations(arguments, found)]
        columns = []
        for k, shape in enumerate(c.shape for c in computed):
            for entry in np.ndindex(*shape):
                step = {f"dY{j}": np.zeros(c.shape) for j, c in enumerate(computed)}
                step[f"dY{k}"][entry] = 1.0
                columns.append(np.concatenate([np.ravel(evaluate(p, {**values, **step})) for p in parts]))
        matrix = np.stack(columns, axis=1)
        assert np.linalg.matrix_rank(matrix, tol=1e-8) == matrix.shape[1]


STATED = sorted(n for n, row in MATRIX_FUNCTIONS.items() if row.system is None and row.differential is not None)


def test_only_determinants_state_their_differential() -> None:
    assert STATED == ["det", "logabsdet", "logdet"]
    assert all("Magnus" in MATRIX_FUNCTIONS[label].source for label in STATED)


@pytest.mark.parametrize("label", STATED)
@pytest.mark.parametrize("length", [1, 2, 4])
def test_a_stated_differential_is_that_of_differences(label: str, length: int) -> None:
    row = MATRIX_FUNCTIONS[label]
    a = random_matrix("positive", (length, length), length)
    d = np.random.default_rng(9).normal(size=a.shape)
    matrix, direction = name("A", a.shape), name("d", a.shape)
    assert row.differential is not None
    stated = float(evaluate(row.differential((matrix,), row(matrix), 0, direction), {"A": a, "d": d}))
    step = 1e-6
    difference = (row.value(a + step * d) - row.value(a - step * d)) / (2 * step)
    assert abs(stated - difference) < 1e-7 * max(1, abs(difference))


@pytest.mark.parametrize("label", ["inv", "solve"])
def test_a_differential_holds_exactly_for_two_by_two(label: str) -> None:
    """The differential is put back with symbols for entries, not with numbers."""
    a, da, b, db = (sp.Matrix(2, 2, sp.symbols(f"{stem}:4")) for stem in ("a", "p", "b", "q"))
    arrays = {k: np.array(m.tolist(), dtype=object) for k, m in (("A", a), ("dA", da), ("B", b), ("dB", db))}
    row = MATRIX_FUNCTIONS[label]
    forms = tuple(name(k, (2, 2)) for k in ("A", "B")[: len(row.arguments)])
    output = name("Y", (2, 2))
    inverse = np.array(a.inv().tolist(), dtype=object)
    arrays |= {"Y": inverse if label == "inv" else np.array((a.inv() * b).tolist(), dtype=object), "inverse": inverse}
    assert row.differential is not None and row.system is not None
    swap: dict[Form, Form] = {MATRIX_FUNCTIONS["inv"](forms[0]): name("inverse", (2, 2)), row(*forms): output}
    d_output: Any = 0
    for position, form in enumerate(forms):
        made = row.differential(forms, output, position, name(f"d{form}", (2, 2)))
        d_output = d_output + evaluate(substitute(made, swap.get), arrays)
    arrays["dY"] = d_output
    for equation in row.system.equations(forms, (output,)):
        found = evaluate(linearized(equation, {str(n): f"d{n}" for n in (*forms, output)}), arrays)
        assert all(sp.cancel(sp.together(entry)) == 0 for entry in np.ravel(found))


# --- the exponential, whose differential no product says -----------------------------------------------------------------


@pytest.mark.parametrize("length", [1, 2, 4])
def test_the_exponential_moves_as_differences_say_and_its_transpose_is_that_of_the_pairing(length: int) -> None:
    row = MATRIX_FUNCTIONS["matrix_exp"]
    assert row.along is not None and row.adjoint is not None
    rng = np.random.default_rng(length)
    values = {k: rng.normal(size=(length, length)) for k in ("A", "E", "G")}
    a, e, g = (name(k, (length, length)) for k in ("A", "E", "G"))
    along = evaluate(row.along((a,), e), values)
    back = evaluate(row.adjoint((a,), g), values)
    assert np.allclose(np.sum(values["G"] * along), np.sum(back * values["E"]), rtol=1e-12)
    step = 1e-5
    ends = [row.value(values["A"] + sign * step * values["E"]) for sign in (1, -1)]
    assert np.allclose(along, (ends[0] - ends[1]) / (2 * step), rtol=1e-7, atol=1e-8)


# --- forms ---------------------------------------------------------------------------------------------------------------


def test_the_steps_of_an_inverse() -> None:
    a, y = name("A", make_shape(("n", "n"))), name("Y", make_shape(("n", "n")))
    call: Any = MATRIX_FUNCTIONS["inv"](a)
    step = implicit_step(call, {"A": "dA"}, {call: y})
    assert [str(e) for e in step.equations] == ["A @ Y - np.eye(n)"]
    assert [str(e) for e in step.differentials] == ["A @ dY + dA @ Y"]
    assert str(step.solved) == "-(Y @ dA @ Y)"


def test_the_differential_of_an_operand_goes_in() -> None:
    b, x = name("B", (3, 2)), name("X", (3, 2))
    a = name("A", (3, 3))
    call: Any = MATRIX_FUNCTIONS["solve"](transpose(a), b)
    step = implicit_step(call, {"A": "dA"}, {call: x})
    assert str(step.solved) == "-(np.linalg.inv(A.T) @ (dA.T @ X))"


def test_transposes_go_inside_where_they_do_not_become_more() -> None:
    p, q = name("P", (3, 3)), name("Q", (3, 3))
    assert str(transposes_inside((p.T @ q).T)) == "Q.T @ P"
    assert str(transposes_inside((p @ q).T)) == "(P @ Q).T"
    assert str(transposes_inside((p.T * q.T).T)) == "P * Q"
    assert str(transposes_inside(p @ sb.matrix_power(q, 0))) == "P"


def test_equal_calls_are_one_form_and_go_through_pickle() -> None:
    import copy
    import pickle

    a = name("A", (3, 3))
    call = MATRIX_FUNCTIONS["inv"](a)
    assert call is MATRIX_FUNCTIONS["inv"](a)
    assert pickle.loads(pickle.dumps(call)) is call
    assert copy.deepcopy(call) is call


def test_names_of_calls_tell_shapes_and_adjoints_apart() -> None:
    from symback.core.forms import adjoint, held_name

    inv: Any = MATRIX_FUNCTIONS["inv"]
    names = {
        held_name(inv(f)) for f in (name("A", (3, 3)), name("A", (2, 2)), name("dA", (3, 3)), adjoint("A", (3, 3)))
    }
    assert len(names) == 4
