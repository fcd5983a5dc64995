"""Linear algebra, from the builder: gradients against PyTorch's and against differences, of first and second order; refusals."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import symback as sb
from symback.core.errors import DerivationError, NetworkError, ShapeError, ValueProblem
from symback.derivation import jacobians
from symback.derivation.record import derive_record
from symback.functions import matrix_values
from symback.functions.matrices import MATRIX_FUNCTIONS
from symback.networks.naming import name_equations
from symback.run.check import check_gradients
from tests.support import needs
from tests.support.matrix_cases import CASES, network_of, random_matrix

SHAPED = [(label, shape) for label, case in CASES.items() for shape in case.shapes]


def test_every_function_has_a_case() -> None:
    inner = {"solve", "det_sign", "reciprocal_gaps", "nonzero_reciprocal"}
    assert set(MATRIX_FUNCTIONS) - inner <= set(CASES)


@pytest.mark.parametrize(("label", "shape"), SHAPED)
def test_a_gradient_is_that_of_pytorch_and_of_differences(label: str, shape: tuple[int, ...]) -> None:
    torch, case = needs.package("torch"), CASES[label]
    net = network_of(case, shape)
    derivation = sb.derive(net, wrt="A")
    report = sb.check_gradients(derivation)
    assert report.ok, str(report)
    a = torch.tensor(net.values["A"], dtype=torch.float64, requires_grad=True)
    made = case.torch(torch, a)
    total = (made * torch.tensor(net.values["C"])).sum() if made.shape else made
    total.backward()
    loss, gradients = derivation.lambdify()()
    assert math.isclose(loss, float(total.detach()), rel_tol=1e-10, abs_tol=1e-12)
    want = a.grad.numpy()
    assert gradients["A"].shape == shape
    assert np.allclose(gradients["A"], want, rtol=1e-7, atol=1e-9 * (1 + np.abs(want).max()))


@pytest.mark.parametrize("label", CASES)
def test_a_second_derivative_is_that_of_differences_of_gradients(label: str) -> None:
    case = CASES[label]
    shape = case.shapes[0]
    net = network_of(case, shape, seed=3)
    record = sb.derive(net, wrt="A").record
    extended, labels = jacobians._with_gradients(record)
    direction = extended.input("V", shape)
    extended.define("q", (extended[labels["A"]] * direction).sum())
    values = {**net.values, "V": random_matrix("any", shape, 11)}
    try:
        second = derive_record(name_equations(extended, loss="q", wrt=["A"]))
    except DerivationError as problem:
        assert "does not depend" in str(problem) or "nothing to derive" in str(problem)
        return
    except NetworkError as problem:
        assert "does not depend on A" in str(problem)  # the gradient is constant
        return
    report = check_gradients(second, values, tolerance=2e-6)
    largest = max((abs(line.gradient) for line in report.lines), default=0.0)
    assert report.ok or largest < 1e-9, str(report)


def test_symbolic_sizes_stay() -> None:
    net = sb.Network()
    a = net.parameter("A", ("n", "n"))
    b = net.parameter("B", ("n", "k"))
    net.define("L", (sb.solve(a, b) ** 2).sum() + sb.logdet(a) + sb.trace(sb.inv(a)))
    derivation = sb.derive(net)
    values = {"A": random_matrix("positive", (4, 4)), "B": random_matrix("any", (4, 3))}
    assert sb.check_gradients(derivation, values).ok


# --- what is printed, and what runs ------------------------------------------------------------------------------------


def _derived(build: Any, shapes: dict[str, tuple[int, ...]], loss: str = "L") -> Any:
    net = sb.Network()
    arrays = {name: net.parameter(name, shape) for name, shape in shapes.items()}
    net.define(loss, build(**arrays))
    return sb.derive(net)


def test_gradients_print_as_textbooks_have_them() -> None:
    inverse = r"\frac{\partial L}{\partial A} &= A^{-\top} \\"
    assert inverse in _derived(lambda A: sb.logdet(A), {"A": (3, 3)}).latex()
    assert inverse in _derived(lambda A: sb.log(sb.det(A)), {"A": (3, 3)}).latex()
    solved = _derived(lambda A, B: (sb.solve(A, B) ** 2).sum(), {"A": (3, 3), "B": (3, 2)}).latex()
    assert r"\frac{\partial L}{\partial B} &= A^{-\top} \frac{\partial L}{\partial u}" in solved
    assert r"\frac{\partial L}{\partial A} &= -A^{-\top} \frac{\partial L}{\partial u} u^\top" in solved
    assert (
        r"\frac{\partial L}{\partial A} &= -u^\top \frac{\partial L}{\partial u} u^\top"
        in _derived(lambda A: (sb.inv(A) ** 2).sum(), {"A": (3, 3)}).latex()
    )


@pytest.mark.parametrize(
    ("build", "written"),
    [
        (lambda A: sb.inv(A).sum(), "A^{-1}"),
        (lambda A: sb.inv(A).T.sum(), r"A^{-\top}"),
        (lambda A: sb.inv(A.T).sum(), r"A^{-\top}"),
        (lambda A: sb.inv(A + A.T).sum(), r"(A + A^\top)^{-1}"),
        (lambda A: sb.det(A), r"\det A"),
        (lambda A: sb.det(A + A.T), r"\det (A + A^\top)"),
        (lambda A: sb.logdet(A), r"\ln \det A"),
        (lambda A: sb.log(sb.det(A)), r"\ln \det A"),
        (lambda A: sb.slogdet(A)[1], r"\ln \lvert\det A\rvert"),
        (lambda A: sb.matrix_exp(A).sum(), "e^A"),
        (lambda A: sb.pinv(A).sum(), "A^+"),
        (lambda A: sb.cholesky(A).sum(), r"\mathrm{chol}(A)"),
        (lambda A: sb.solve(A, A[:, 0]).sum(), "A^{-1}"),
    ],
)
def test_a_call_prints_in_its_notation(build: Any, written: str) -> None:
    net = sb.Network()
    made = build(net.parameter("A", (3, 3)))
    inner = made.args[0] if made.args and not made.shape and type(made).__name__ == "Reduce" else made
    assert written in inner.latex().replace(r"\det(", r"\det (")


def test_the_page_shows_the_equation_its_differential_and_what_follows() -> None:
    derivation = _derived(lambda A, B: (sb.solve(A, B) ** 2).sum(), {"A": (3, 3), "B": (3, 2)})
    text = derivation.latex()
    lines = [
        r"A u - B &= \mathbf{0}",
        r"A\, du + dA\, u - dB &= \mathbf{0}",
        r"du &= -A^{-1}\, dA\, u + A^{-1}\, dB",
        r"\frac{\partial L}{\partial B} &= A^{-\top}",
    ]
    places = [text.index(line) for line in lines]
    assert places == sorted(places)


def test_a_system_of_several_outputs_is_shown_once() -> None:
    net = sb.Network()
    a = net.parameter("A", (3, 3))
    w, v = sb.eigh(a)
    w, v = net.define("w", w), net.define("V", v)
    net.define("L", (w**2).sum() + (v[:, 0] ** 4).sum())
    text = sb.derive(net).latex()
    assert text.count(r"V^\top V - I &= \mathbf{0}") == 1
    assert "dw &=" in text and "dV &=" in text


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_page_says_which_gradient_a_symmetric_matrix_has(language: str) -> None:
    page = _derived(lambda A: (sb.cholesky(A) ** 2).sum() * 1.5, {"A": (3, 3)}).handout(lang=language)
    text = str(page.to("txt") if hasattr(page, "to") else page)
    assert {"en": "symmetric part", "ko": "대칭 부분"}[language] in text


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_function_says_where_it_has_no_derivative(language: str) -> None:
    from symback.page.words import language_called

    words = language_called(language).words
    silent = {"det_sign", "matrix_exp", "reciprocal_gaps", "nonzero_reciprocal"}
    assert {f"condition {name}" for name in set(MATRIX_FUNCTIONS) - silent} <= set(words)
    assert {k for k in words if k.startswith("condition ")} == {
        f"condition {name}" for name in set(MATRIX_FUNCTIONS) - silent
    }


def test_no_inverse_is_formed_where_equations_are_solved() -> None:
    code = _derived(lambda A, B: (sb.solve(A, B) ** 2).sum(), {"A": (3, 3), "B": (3, 2)}).code()
    assert "np.linalg.inv" not in code
    assert code.count("np.linalg.solve(A.T, du)") == 1
    assert "dA = -(solve_A @ u.T)" in code and "dB = solve_A.copy()" in code


def test_a_call_that_is_used_twice_is_computed_once() -> None:
    code = _derived(lambda A: sb.det(A) + sb.logdet(A) * 2.0 + sb.trace(sb.inv(A) @ A @ A), {"A": (3, 3)}).code()
    assert code.count("np.linalg.inv(A)") == 1


def test_the_scalar_target_refuses_linear_algebra() -> None:
    with pytest.raises(sb.SymbackError):
        _derived(lambda A: sb.det(A), {"A": (3, 3)}).code(target="python")


# --- refusals ----------------------------------------------------------------------------------------------------------

SHAPES: list[tuple[Any, tuple[Any, ...], str]] = [
    (sb.inv, (3, 2), "in inv: A has shape (3, 2); it takes a square matrix"),
    (sb.det, (4,), "in det: A has shape (4,); it takes a matrix"),
    (sb.eigvalsh, (2, 3, 3), "one matrix at a time"),
    (sb.svdvals, ("m", "n"), "which of m and n is smaller is not known"),
    (sb.svd, ("m", 3), "which of m and 3 is smaller is not known"),
    (sb.qr, (2, 3), "fewer rows than columns"),
    (sb.qr, ("m", "n"), "is smaller is not known"),
    (sb.trace, (3, 2), "in trace"),
    (sb.diag, (3, 2), "diag takes a vector or a square matrix"),
    (lambda a: sb.norm(a, 2), (2, 3, 4), "in norm"),
    (lambda a: sb.kron(a, a), ("n", "n"), "needs numbers for its sizes"),
    (lambda a: sb.solve(a, a[0, :2]), (3, 3), "in solve"),
]


@pytest.mark.parametrize(("build", "shape", "said"), SHAPES)
def test_a_shape_that_does_not_fit_is_refused_by_name(build: Any, shape: tuple[Any, ...], said: str) -> None:
    net = sb.Network()
    with pytest.raises(ShapeError) as caught:
        build(net.parameter("A", shape))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (lambda a: sb.matrix_power(a, 0.5), "the exponent is a whole number"),
        (lambda a: sb.matrix_power(a, 100), "at most 32"),
        (lambda a: sb.norm(a, 3), "no norm of order 3"),
        (lambda a: sb.norm(a[0], 0), "no norm of order 0"),
    ],
)
def test_what_has_no_derivative_is_refused_by_name(build: Any, said: str) -> None:
    net = sb.Network()
    with pytest.raises(NetworkError, match=said):
        build(net.parameter("A", (3, 3)))


def test_the_gradient_of_an_exponential_of_unknown_size_is_refused() -> None:
    net = sb.Network()
    net.define("L", sb.matrix_exp(net.parameter("A", ("n", "n"))).sum())
    with pytest.raises(NetworkError, match="needs a number for the size"):
        sb.derive(net)


def test_an_exponential_has_no_jacobian_in_index_notation() -> None:
    net = sb.Network()
    a = net.parameter("A", (2, 2))
    y = net.define("Y", sb.matrix_exp(a))
    net.define("L", y.sum())
    with pytest.raises(DerivationError, match="matrix_exp"):
        sb.derive(net).jacobian("Y", "A")


SINGULAR = np.array([[1.0, 2.0], [2.0, 4.0]])
EQUAL = np.diag([1.0, 1.0, 3.0])
POINTS: list[tuple[Any, np.ndarray, str]] = [
    (lambda a: sb.det(a), SINGULAR, "Singular matrix"),
    (lambda a: sb.inv(a).sum(), SINGULAR, "Singular matrix"),
    (lambda a: sb.slogdet(a)[1], SINGULAR, "Singular matrix"),
    (lambda a: sb.logdet(a), np.diag([1.0, -1.0]), "the determinant is not positive"),
    (lambda a: sb.pinv(a).sum(), SINGULAR, "not full rank"),
    (lambda a: sb.cholesky(a).sum(), -np.eye(2), "not positive definite"),
    (lambda a: sb.cholesky(a).sum(), np.array([[2.0, 1.0], [0.0, 2.0]]), "not symmetric"),
    (lambda a: sb.eigvalsh(a).sum(), np.array([[2.0, 1.0], [0.0, 2.0]]), "not symmetric"),
    (lambda a: (sb.eigh(a)[1] ** 4).sum(), EQUAL, "are equal"),
    (lambda a: (sb.svd(a)[0] ** 4).sum(), EQUAL, "are equal"),
    (lambda a: (sb.svd(a)[0] ** 4).sum(), np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 0.0]]), "is 0"),
    (lambda a: sb.qr(a)[0].sum(), np.array([[1.0, 1.0], [0.0, 0.0]]), "Singular matrix"),
]


@pytest.mark.parametrize(("build", "value", "said"), POINTS)
def test_a_point_without_a_derivative_stops_the_code_with_a_message(build: Any, value: np.ndarray, said: str) -> None:
    net = sb.Network()
    net.define("L", build(net.parameter("A", value.shape, value)))
    derivation = sb.derive(net)
    for run in (derivation.lambdify(), derivation.evaluate):
        with pytest.raises(ValueProblem) as caught:
            run()
        assert said in str(caught.value)
        assert "L has no gradient at these values" in str(caught.value)


def test_equal_eigenvalues_are_no_obstacle_to_what_is_symmetric_in_them() -> None:
    net = sb.Network()
    net.define("L", (sb.eigvalsh(net.parameter("A", (3, 3), EQUAL)) ** 2).sum())
    _, gradients = sb.derive(net).lambdify()()
    assert np.allclose(gradients["A"], 2 * EQUAL)


def test_the_sign_of_a_determinant_is_constant() -> None:
    net = sb.Network()
    a = net.parameter("A", (3, 3), random_matrix("any", (3, 3), 5))
    sign, size = sb.slogdet(a)
    net.define("L", sign * size)
    assert sb.check_gradients(sb.derive(net)).ok


def test_the_exponential_is_that_of_scipy() -> None:
    linalg = needs.package("scipy.linalg")
    for scale in (0.0, 1e-3, 1.0, 12.0):
        a = scale * random_matrix("any", (4, 4), 2)
        assert np.allclose(matrix_values.matrix_exp(a), linalg.expm(a), rtol=1e-11, atol=1e-13)


def test_an_operand_that_only_index_notation_can_say_stands_in_brackets() -> None:
    page = _derived(lambda A: sb.solve(A, A[:, 0] ** 2).sum(), {"A": (3, 3)}).text()
    assert "L = Σᵢ (A⁻¹[Aⱼ₁²]ⱼ)ᵢ = Σᵢ u_{1,i}" in page
    assert "du₁ = −A⁻¹ dA u₁ + A⁻¹ du" in page
    inside = _derived(lambda A: sb.logdet((A - 1) ** 2), {"A": (2, 2)}).text()
    assert "L = ln det [(A" in inside or "ln det u" in inside
