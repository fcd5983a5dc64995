"""Optimizers, schedules and clipping: trajectories against torch.optim, Lion against its published algorithm, rows as rows."""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import symback as sb
from symback.core.display import to_latex
from symback.core.errors import NetworkError, ValueProblem
from symback.core.forms import name, number
from symback.functions.optimizers import (
    OPTIMIZER_ALIASES,
    OPTIMIZERS,
    SCHEDULES,
    SHARED,
    Hyperparameter,
    Rule,
    register_optimizer,
)
from symback.page.optimizer_view import optimizer_context
from symback.run.optimization import Optimizer, optimizer, schedule
from symback.run.training import train
from tests.support import needs
from tests.support.latex_reader import Reader
from tests.support.small_networks import record_of
from tests.support.tex import compiled, complaints

STEPS = 20
TORCH: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "sgd": (
        "SGD",
        [
            {},
            {"momentum": 0.9},
            {"momentum": 0.9, "dampening": 0.3},
            {"momentum": 0.9, "nesterov": True},
            {"weight_decay": 0.1},
            {"momentum": 0.8, "weight_decay": 0.1, "nesterov": True},
            {"maximize": True},
            {"momentum": 0.8, "dampening": 0.5, "weight_decay": 0.1, "maximize": True},
        ],
    ),
    "adagrad": (
        "Adagrad",
        [
            {},
            {"lr_decay": 0.1},
            {"weight_decay": 0.1},
            {"initial_accumulator_value": 0.5},
            {"lr_decay": 0.1, "weight_decay": 0.1, "initial_accumulator_value": 0.5, "eps": 1e-3, "maximize": True},
        ],
    ),
    "adadelta": (
        "Adadelta",
        [
            {},
            {"rho": 0.5},
            {"weight_decay": 0.1},
            {"eps": 1e-3, "rho": 0.8, "weight_decay": 0.1, "maximize": True},
        ],
    ),
    "rmsprop": (
        "RMSprop",
        [
            {},
            {"centered": True},
            {"momentum": 0.9},
            {"weight_decay": 0.1},
            {"alpha": 0.5},
            {"alpha": 0.9, "centered": True, "momentum": 0.5, "weight_decay": 0.1, "eps": 1e-3, "maximize": True},
        ],
    ),
    "adam": (
        "Adam",
        [
            {},
            {"amsgrad": True},
            {"weight_decay": 0.1},
            {"betas": (0.5, 0.7)},
            {"betas": (0.0, 0.9)},
            {"betas": (0.9, 0.0)},
            {"weight_decay": 0.1, "decoupled_weight_decay": True},
            {"amsgrad": True, "weight_decay": 0.1, "eps": 1e-3, "betas": (0.8, 0.9), "maximize": True},
        ],
    ),
    "adamw": (
        "AdamW",
        [
            {},
            {"amsgrad": True},
            {"weight_decay": 0.0},
            {"weight_decay": 0.3, "betas": (0.5, 0.7), "maximize": True},
        ],
    ),
    "adamax": ("Adamax", [{}, {"weight_decay": 0.1}, {"betas": (0.5, 0.7), "eps": 1e-3, "maximize": True}]),
    "nadam": (
        "NAdam",
        [
            {},
            {"weight_decay": 0.1},
            {"momentum_decay": 0.1},
            {"weight_decay": 0.1, "decoupled_weight_decay": True},
            {"betas": (0.5, 0.7), "momentum_decay": 0.0, "eps": 1e-3, "maximize": True},
        ],
    ),
    "radam": (
        "RAdam",
        [
            {},
            {"weight_decay": 0.1},
            {"betas": (0.5, 0.7)},
            {"weight_decay": 0.1, "decoupled_weight_decay": True},
            {"eps": 1e-3, "maximize": True, "betas": (0.9, 0.99)},
        ],
    ),
}
"""PyTorch's class of each row, and the combinations of options that are compared."""

CASES = [(row, options) for row, (_, found) in TORCH.items() for options in found]


def quadratic() -> tuple[Any, dict[str, np.ndarray]]:
    """Return the derivation of L = mean((A W + b - C)^2) and random values."""
    net = sb.Network()
    A, C = net.input("A", (6, 4)), net.input("C", (6, 3))
    W, b = net.parameter("W", (4, 3)), net.parameter("b", (3,))
    net.define("L", ((A @ W + b - C) ** 2).mean())
    rng = np.random.default_rng(3)
    values = {"A": (6, 4), "C": (6, 3), "W": (4, 3), "b": (3,)}
    return record_of(net), {k: rng.standard_normal(shape) for k, shape in values.items()}


RECORD, VALUES = quadratic()


def torch_trajectory(
    kind: str, options: dict[str, Any], lr: float = 0.05, clip: dict[str, float] | None = None, plan: Any = None
) -> list[dict[str, np.ndarray]]:
    torch = needs.package("torch")
    # PyTorch keeps NAdam's product of momenta in its default type, which would leave seven digits of it.
    torch.set_default_dtype(torch.float64)
    try:
        return torch_updates(torch, kind, options, lr, clip, plan)
    finally:
        torch.set_default_dtype(torch.float32)


def torch_updates(
    torch: Any, kind: str, options: dict[str, Any], lr: float, clip: Any, plan: Any
) -> list[dict[str, np.ndarray]]:
    A, C = (torch.tensor(VALUES[k]) for k in "AC")
    W, b = (torch.tensor(VALUES[k], requires_grad=True) for k in "Wb")
    made = getattr(torch.optim, kind)([W, b], lr=lr, **options)
    rates = None if plan is None else plan(torch.optim.lr_scheduler, made)
    found = []
    for _ in range(STEPS):
        made.zero_grad()
        ((A @ W + b - C) ** 2).mean().backward()
        if clip and "norm" in clip:
            torch.nn.utils.clip_grad_norm_([W, b], clip["norm"])
        if clip and "value" in clip:
            torch.nn.utils.clip_grad_value_([W, b], clip["value"])
        made.step()
        if rates is not None:
            rates.step()
        found.append({"W": W.detach().numpy().copy(), "b": b.detach().numpy().copy()})
    return found


def trajectory(chosen: Optimizer) -> list[dict[str, np.ndarray]]:
    history = train(RECORD, VALUES, chosen, STEPS, watch=["W", "b"])
    assert not history.stopped
    return [{k: history.watched[k][n] for k in "Wb"} for n in range(1, STEPS + 1)]


def distance(ours: list[dict[str, np.ndarray]], theirs: list[dict[str, np.ndarray]]) -> float:
    return max(float(np.abs(a[k] - b[k]).max()) for a, b in zip(ours, theirs, strict=True) for k in "Wb")


# --- against torch.optim ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "options"), CASES, ids=[f"{r}-{'-'.join(o) or 'plain'}-{k}" for k, (r, o) in enumerate(CASES)]
)
def test_trajectory_equals_torch(row: str, options: dict[str, Any]) -> None:
    theirs = torch_trajectory(TORCH[row][0], options)
    assert distance(trajectory(optimizer(row, lr=0.05, **options)), theirs) < 1e-10


@pytest.mark.parametrize("row", sorted(TORCH))
def test_the_defaults_are_torchs(row: str) -> None:
    torch = needs.package("torch")
    made = getattr(torch.optim, TORCH[row][0])([torch.zeros(1, requires_grad=True)])
    keywords = OPTIMIZERS[row].keywords
    compared = 0
    for theirs, value in made.defaults.items():
        ours = keywords.get(theirs, (theirs,))
        if ours[0] in optimizer(row).hyperparameters:
            compared += 1
            found = [optimizer(row).hyperparameters[label] for label in ours]
            assert found == (list(value) if isinstance(value, tuple) else [value]), theirs
    assert compared >= 3


def test_every_row_is_compared_with_something() -> None:
    assert set(OPTIMIZERS) == {*TORCH, "lion"}
    tried = {row: {k for r, options in CASES if r == row for k in options} for row in TORCH}
    for row, options in tried.items():
        spelled = {own for k in options for own in OPTIMIZERS[row].keywords.get(k, (k,))}
        known = {h.name for h in OPTIMIZERS[row].hyperparameters} - {"learning_rate"}
        assert known - spelled <= {"epsilon"}, row


LION = 0.3
"""Large enough that signs turn within the steps compared."""


def lion_as_published(steps: int, lr: float, beta1: float, beta2: float, decay: float) -> list[dict[str, np.ndarray]]:
    """Chen et al. 2023, Algorithm 2, line by line, with the gradient of the quadratic written by hand."""
    theta = {"W": VALUES["W"].copy(), "b": VALUES["b"].copy()}
    m = {k: np.zeros_like(v) for k, v in theta.items()}
    found = []
    for _ in range(steps):
        error = 2 * (VALUES["A"] @ theta["W"] + theta["b"] - VALUES["C"]) / VALUES["C"].size
        g = {"W": VALUES["A"].T @ error, "b": error.sum(axis=0)}
        for k in theta:
            c = beta1 * m[k] + (1 - beta1) * g[k]
            theta[k] = theta[k] - lr * (np.sign(c) + decay * theta[k])
            m[k] = beta2 * m[k] + (1 - beta2) * g[k]
        found.append({k: v.copy() for k, v in theta.items()})
    return found


@pytest.mark.parametrize(
    ("beta1", "beta2", "decay"), [(0.9, 0.99, 0.0), (0.9, 0.99, 0.3), (0.5, 0.6, 0.1), (0.0, 0.9, 0.0)]
)
def test_lion_is_its_published_algorithm(beta1: float, beta2: float, decay: float) -> None:
    made = optimizer("lion", learning_rate=LION, beta1=beta1, beta2=beta2, weight_decay=decay)
    assert distance(trajectory(made), lion_as_published(STEPS, LION, beta1, beta2, decay)) < 1e-12


@pytest.mark.parametrize("clip", [{"norm": 0.1}, {"norm": 100.0}, {"value": 0.05}, {"norm": 0.3, "value": 0.1}])
@pytest.mark.parametrize("row", ["sgd", "adam"])
def test_clipping_equals_torch(row: str, clip: dict[str, float]) -> None:
    chosen = optimizer(row, learning_rate=0.05, **{f"clip_{k}": v for k, v in clip.items()})
    assert distance(trajectory(chosen), torch_trajectory(TORCH[row][0], {}, clip=clip)) < 1e-10


SCHEDULED = {
    "constant": (schedule("constant"), lambda s, o: s.LambdaLR(o, lambda n: 1.0)),
    "step": (schedule("step", every=3, gamma=0.5), lambda s, o: s.StepLR(o, step_size=3, gamma=0.5)),
    "exponential": (schedule("exponential", gamma=0.9), lambda s, o: s.ExponentialLR(o, gamma=0.9)),
    "cosine": (schedule("cosine", steps=15), lambda s, o: s.CosineAnnealingLR(o, T_max=15)),
    "cosine to a minimum": (
        schedule("cosine", T_max=7, eta_min=0.01),
        lambda s, o: s.CosineAnnealingLR(o, T_max=7, eta_min=0.01),
    ),
}


@pytest.mark.parametrize("row", ["sgd", "adam", "lion"])
@pytest.mark.parametrize("label", SCHEDULED)
def test_schedules_equal_torch(row: str, label: str) -> None:
    chosen, plan = SCHEDULED[label]
    if row != "lion":
        theirs = torch_trajectory(TORCH[row][0], {}, plan=plan)
        assert distance(trajectory(optimizer(row, learning_rate=0.05, schedule=chosen)), theirs) < 1e-10
    torch = needs.package("torch")
    made = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.05)
    rates = plan(torch.optim.lr_scheduler, made)
    for t in range(1, 31):
        assert chosen.rate(t, 0.05) == pytest.approx(made.param_groups[0]["lr"], rel=1e-9, abs=1e-15)
        made.step()
        rates.step()
    assert {s.row.name for s, _ in SCHEDULED.values()} == set(SCHEDULES)


# --- the comparison itself --------------------------------------------------------------------------------------------

w, g, m, v, t, learning_rate = (name(label) for label in ("w", "g", "m", "v", "t", "learning_rate"))


def adam_with(change: str) -> Rule:
    """Return Adam with an error."""
    lines = list(OPTIMIZERS["adam"].equations[2:])
    if change == "no bias correction":
        lines = [(target, m if str(target) == "m_hat" else form) for target, form in lines]
    elif change == "ε inside the root":
        root = sb.sqrt(name("v_hat") + name("epsilon"))
        lines = [(t_, w - learning_rate * name("m_hat") / root if str(t_) == "w" else form) for t_, form in lines]
    elif change == "β 0.1 % off":
        lines = [(target, number(0.999) * form if str(target) == "m" else form) for target, form in lines]
    elif change == "wrong sign":
        lines = [(target, 2 * w - form if str(target) == "w" else form) for target, form in lines]
    elif change == "t from 0":
        lines = [
            (target, m / (1 - name("beta1") ** (t + 1)) if str(target) == "m_hat" else form) for target, form in lines
        ]
    found = OPTIMIZERS["adam"]
    return Rule("adam", found.title, tuple(lines), found.hyperparameters, found.state)


@pytest.mark.parametrize(
    "change", ["none", "no bias correction", "ε inside the root", "β 0.1 % off", "wrong sign", "t from 0"]
)
def test_the_comparison_sees_planted_errors(change: str) -> None:
    planted = Optimizer(adam_with(change), optimizer("adam", learning_rate=0.05).hyperparameters)
    far = distance(trajectory(planted), torch_trajectory("Adam", {})) > 1e-6
    assert far == (change != "none")


def test_lions_comparison_sees_the_momentum_taken_too_early() -> None:
    found = OPTIMIZERS["lion"]
    lines = (found.equations[2], *found.equations[:2])
    planted = Optimizer(
        Rule("lion", "Lion", lines, found.hyperparameters, found.state),
        optimizer("lion", learning_rate=LION).hyperparameters,
    )
    assert distance(trajectory(planted), lion_as_published(STEPS, LION, 0.9, 0.99, 0.0)) > 1e-3


# --- what is printed, and the code ------------------------------------------------------------------------------------


def test_what_is_zero_or_off_is_neither_printed_nor_run() -> None:
    plain = optimizer("sgd", learning_rate=0.1)
    assert plain.plain and plain.text() == "θ ← θ − η g" and plain.state == {}
    assert "momentum" not in plain.code() and "weight_decay" not in plain.code()
    full = optimizer("sgd", momentum=0.9, dampening=0.1, weight_decay=0.1, clip_norm=1.0, clip_value=0.5)
    assert full.text().splitlines() == [
        "g ← min(1, c_norm/(‖g‖ + 10⁻⁶)) g",
        "g ← clip(g, −c, c)",
        "g ← g + λ θ",
        "v ← {g, t = 1; μ v + (1 − τ) g, otherwise}",
        "θ ← θ − η v",
    ]
    assert optimizer("adam").text() == (
        "m ← β₁ m + (1 − β₁) g\nv ← β₂ v + (1 − β₂) g²\nm̂ = m/(1 − β₁ᵗ)\nv̂ = v/(1 − β₂ᵗ)\nθ ← θ − (η m̂)/(√(v̂) + ϵ)"
    )
    assert "v_max" not in optimizer("adam").code() and "v_max" in optimizer("adam", amsgrad=True).code()
    assert "m" not in optimizer("adam", beta1=0.0).state
    assert set(optimizer("rmsprop").state) == {"v"}
    assert set(optimizer("rmsprop", centered=True, momentum=0.9).state) == {"v", "g_bar", "u"}


def test_latex_of_adam() -> None:
    assert (
        optimizer("adamw", schedule="exponential").latex()
        == r"""
\begin{aligned}
\eta_t &= \eta \gamma^{t - 1} \\
\theta &\leftarrow \theta - \eta_t \lambda \theta \\
m &\leftarrow \beta_1 m + (1 - \beta_1)\, g \\
v &\leftarrow \beta_2 v + (1 - \beta_2)\, g^2 \\
\hat{m} &= \frac{m}{1 - {\beta_1}^t} \\
\hat{v} &= \frac{v}{1 - {\beta_2}^t} \\
\theta &\leftarrow \theta - \frac{\eta_t \hat{m}}{\sqrt{\hat{v}} + \epsilon}
\end{aligned}
""".strip()
    )


def run_code(source: str) -> dict[str, Any]:
    space: dict[str, Any] = {}
    exec(source, space)  # the code is ours, and this is a test of what it does
    return space


@pytest.mark.parametrize("row", sorted(OPTIMIZERS))
def test_the_code_shown_runs_alone_on_whole_arrays(row: str) -> None:
    chosen = optimizer(row, learning_rate=0.05, weight_decay=0.1, clip_norm=0.5)
    space = run_code(chosen.code())
    parameters = [VALUES["W"].copy(), VALUES["b"].copy()]
    state = space["start"](parameters)
    assert set(state) == set(chosen.state)
    for t_ in range(1, STEPS + 1):
        error = 2 * (VALUES["A"] @ parameters[0] + parameters[1] - VALUES["C"]) / 18
        gradients = [VALUES["A"].T @ error, error.sum(axis=0)]
        copies = [gradient.copy() for gradient in gradients]
        space["step"](t_, parameters, gradients, state)
        for gradient, copy in zip(gradients, copies, strict=True):
            np.testing.assert_array_equal(gradient, copy)
    last = trajectory(chosen)[-1]
    np.testing.assert_allclose(parameters[0], last["W"], rtol=1e-12)
    np.testing.assert_allclose(parameters[1], last["b"], rtol=1e-12)


@pytest.mark.parametrize("row", sorted(OPTIMIZERS))
def test_single_precision_stays_single(row: str) -> None:
    values = {k: a.astype(np.float32) for k, a in VALUES.items()}
    chosen = optimizer(row, learning_rate=0.05, weight_decay=0.1, clip_norm=0.5, schedule=schedule("cosine", steps=30))
    history = train(RECORD, values, chosen, STEPS)
    arrays = [*history.parameters.values(), *(a for found in history.state.arrays.values() for a in found.values())]
    assert {np.asarray(a).dtype for a in arrays} == {np.dtype(np.float32)}
    double = train(RECORD, VALUES, chosen, STEPS)
    if row != "lion":  # a sign may turn with the last digit
        np.testing.assert_allclose(history.parameters["W"], double.parameters["W"], atol=1e-3)


def test_rows_have_a_source_and_symbols_that_do_not_clash() -> None:
    for row in OPTIMIZERS.values():
        assert row.source, row.name
        on = {
            h.name: True if isinstance(h.default, bool) else 0.5
            for h in row.hyperparameters
            if h.name not in ("dampening",)
        }
        if row.name == "sgd":
            on["momentum"] = 0.5
        for plan in SCHEDULES:
            full = optimizer(row.name, **on, clip_norm=1, clip_value=1, maximize=True, schedule=plan)
            context = optimizer_context(full)
            symbols = [
                context.name(label) for label in {a.target for a in full.assignments} | {h.name for h in full.read}
            ]
            assert len(set(symbols)) == len(symbols)
            assert full.latex().count("{") == full.latex().count("}")
    assert all(row.source for row in (*SCHEDULES.values(), *SHARED))


# --- the formulas shown are the formulas run ----------------------------------------------------------------------------


def loaded(row: str) -> Optimizer:
    """Return an optimizer with everything on that goes together."""
    more: dict[str, Any] = {
        "sgd": {"momentum": 0.9, "dampening": 0.2},
        "rmsprop": {"momentum": 0.9, "centered": True},
        "adam": {"amsgrad": True},
        "adamw": {"amsgrad": True},
        "adagrad": {"lr_decay": 0.1, "initial_accumulator_value": 0.3},
    }.get(row, {})
    return optimizer(
        row,
        learning_rate=0.05,
        weight_decay=0.1,
        clip_norm=2.0,
        clip_value=1.5,
        schedule=schedule("cosine", steps=9),
        **more,
    )


FUNCTIONS = {r"\max": np.maximum, r"\min": np.minimum, r"\mathrm{sign}": np.sign, r"\mathrm{clip}": np.clip}


def read_back(chosen: Optimizer, steps: int, spoil: Any = lambda text: text) -> list[float]:
    """Minimize (w - 2)^2 from w = 0.5 by what the printed LaTeX says, read by a parser that shares nothing with the printer."""

    def simple(text: str) -> str:
        for spelled, plain in (
            (r"\lVert g \rVert", "N"),
            (r"{\beta_1}", r"\beta_1"),
            (r"{\beta_2}", r"\beta_2"),
            (r"\rho_\infty", "R"),
        ):
            text = text.replace(spelled, plain)
        return text

    def symbol(label: str) -> str:
        return simple(to_latex(optimizer_context(chosen).name(label)).strip())

    lines = [
        (symbol(a.target), simple(spoil(to_latex(right))))
        for a, (_, right) in zip(chosen.assignments, chosen.displays(), strict=True)
    ]
    values = {
        symbol(h.name): float(value)
        for h in chosen.read
        for value in [
            chosen.hyperparameters.get(h.name, chosen.schedule.hyperparameters.get(h.name, 0) if chosen.schedule else 0)
        ]
    }
    values |= {symbol(label): start for label, start in chosen.state.items()} | {r"\theta": 0.5, r"\pi": math.pi}
    found = []
    for t_ in range(1, steps + 1):
        slope = 2 * (values[r"\theta"] - 2)
        values |= {"g": slope, "t": t_, "N": abs(slope)}
        for target, right in lines:
            text = right.replace(r"\leftarrow", "", 1).strip().removeprefix("=").strip()
            values[target] = float(np.squeeze(Reader(values, functions=FUNCTIONS, scalar=True).value(text)))
        found.append(values[r"\theta"])
    return found


@pytest.mark.parametrize("row", sorted(OPTIMIZERS))
def test_what_is_printed_is_what_runs(row: str) -> None:
    net = sb.Network()
    p = net.parameter("p", (), 0.5)
    net.define("L", (p - 2) ** 2)
    for chosen in (optimizer(row, learning_rate=0.05), loaded(row)):
        history = train(record_of(net), None, chosen, 8, watch=["p"])
        np.testing.assert_allclose(read_back(chosen, 8), history.watched["p"][1:], rtol=1e-12)


def test_reading_back_sees_a_planted_error() -> None:
    chosen = optimizer("adam", learning_rate=0.05)
    right = read_back(chosen, 5)
    assert right != read_back(
        chosen, 5, lambda text: text.replace(r"\sqrt{\hat{v}} + \epsilon", r"\sqrt{\hat{v} + \epsilon}")
    )
    assert right != read_back(chosen, 5, lambda text: text.replace(r"1 - {\beta_1}^t", r"1 - \beta_1"))


def test_every_optimizer_compiles(tmp_path: Path) -> None:
    parts = [f"\\[\n{made.latex()}\n\\]" for row in OPTIMIZERS for made in (optimizer(row), loaded(row))]
    parts += [f"\\[\n{optimizer('sgd', schedule=plan).latex()}\n\\]" for plan in SCHEDULES]
    page = "\\documentclass{article}\\usepackage{amsmath}\\begin{document}\n" + "\n".join(parts) + "\n\\end{document}\n"
    assert complaints(compiled(page, "pdflatex", tmp_path), 0) == []


# --- choosing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: optimizer("adan"), "there is no optimizer called 'adan' (did you mean 'adam'?)"),
        (lambda: schedule("cosin"), "there is no schedule called 'cosin' (did you mean 'cosine'?)"),
        (lambda: optimizer("adam", beta=0.5), "in adam: there is no beta (did you mean 'beta2'?)"),
        (lambda: optimizer("adam", beta1=1.0), "in adam: beta1 is at least 0 and less than 1, not 1"),
        (lambda: optimizer("adam", betas=0.9), "in adam: betas holds 2 numbers (beta1, beta2), not 0.9"),
        (lambda: optimizer("sgd", lr=0.1, learning_rate=0.2), "in sgd: learning_rate is given twice"),
        (lambda: optimizer("sgd", learning_rate=-0.1), "in sgd: learning_rate is at least 0, not -0.1"),
        (lambda: optimizer("sgd", learning_rate=math.nan), "in sgd: learning_rate is at least 0, not nan"),
        (lambda: optimizer("sgd", learning_rate="0.1"), "in sgd: learning_rate is a number, not '0.1'"),
        (lambda: optimizer("sgd", nesterov=True), "in sgd: nesterov needs momentum, which is 0"),
        (
            lambda: optimizer("sgd", nesterov=True, momentum=0.9, dampening=0.1),
            "in sgd: nesterov does not go with dampening",
        ),
        (lambda: optimizer("adam", amsgrad=0.5), "in adam: amsgrad is True or False, not 0.5"),
        (lambda: schedule("cosine", steps=0), "in cosine: steps is at least 1, not 0"),
        (lambda: optimizer("sgd", schedule=0.5), "in sgd: schedule is made by schedule(name, ...), not float"),
        (
            lambda: optimizer("adam", lr=-1, beta1=2, weight_deca=3),
            "in adam: there is no weight_deca (did you mean 'weight_decay'?)",
        ),
    ],
)
def test_wrong_choices_are_one_message(make: Any, message: str) -> None:
    with pytest.raises((ValueProblem, NetworkError)) as caught:
        make()
    assert message in str(caught.value)


def test_one_message_lists_everything() -> None:
    with pytest.raises(ValueProblem) as caught:
        optimizer("adam", lr=-1, beta1=2)
    assert "learning_rate is at least 0, not -1; beta1 is at least 0 and less than 1, not 2" in str(caught.value)


def test_records_are_frozen_and_say_what_they_are() -> None:
    made = sb.optimizer("Adam", lr=0.01, betas=(0.8, 0.9), schedule=sb.schedule("step", every=5))
    assert str(made) == (
        "optimizer('adam', learning_rate=0.01, beta1=0.8, beta2=0.9, schedule=schedule('step', every=5))"
    )
    with pytest.raises(AttributeError):
        made.row = OPTIMIZERS["sgd"]  # type: ignore[misc]
    with pytest.raises(TypeError):
        made.hyperparameters["beta1"] = 2  # type: ignore[index]
    assert OPTIMIZER_ALIASES["torch.optim.Adam"] is OPTIMIZERS["adam"]


def test_a_row_added_at_run_time_works_everywhere() -> None:
    """signSGD (Bernstein et al. 2018, https://arxiv.org/abs/1802.04434): one row, nothing else."""
    row = Rule(
        "signsgd",
        "signSGD",
        ((w, w - learning_rate * sb.sign(g)),),
        (Hyperparameter("learning_rate", 0.01, symbol=r"\eta"),),
        aliases=("torch.optim.SignSGD",),
        keywords={"lr": ("learning_rate",)},
        signature=("learning_rate",),
    )
    register_optimizer(row)
    try:
        made = sb.optimizer("signsgd", learning_rate=0.5, clip_norm=1.0)
        assert made.text().splitlines()[-1] == "θ ← θ − η sign(g)"
        net = sb.Network()
        p = net.parameter("p", (2,), [1.0, -3.0])
        net.define("L", (p**2).sum())
        history = sb.train(sb.derive(net), optimizer=made, steps=2)
        np.testing.assert_array_equal(history.parameters["p"], [0.0, -2.0])
        net = sb.parse(
            "import torch\np = torch.tensor([1.0, -3.0], requires_grad=True)\nopt = torch.optim.SignSGD([p], lr=0.5)\n"
            "for k in range(2):\n    loss = (p**2).sum()\n    loss.backward()\n    opt.step()\n"
        )
        np.testing.assert_array_equal(sb.train(sb.derive(net)).parameters["p"], [0.0, -2.0])
        assert "θ ← θ − η sign(g)" in sb.derive(net).text() and "sign" in made.code()
        with pytest.raises(NetworkError, match="already"):
            register_optimizer(row)
    finally:
        del OPTIMIZERS["signsgd"], OPTIMIZER_ALIASES["torch.optim.SignSGD"]


def test_every_combination_of_options_keeps_state_and_code_in_step() -> None:
    """What the code reads from the state is what the row starts, whatever is on."""
    for row in OPTIMIZERS.values():
        flags = [h.name for h in row.hyperparameters if isinstance(h.default, bool)]
        decays = [h.name for h in row.hyperparameters if h.default == 0.0 and h.name not in flags]
        for on in itertools.product([0, 1], repeat=len(flags) + len(decays)):
            chosen = {k: bool(x) if k in flags else 0.5 * x for k, x in zip((*flags, *decays), on, strict=True)}
            try:
                made = optimizer(row.name, **chosen)
            except ValueProblem:
                continue
            space = run_code(made.code())
            parameters = [np.ones(3)]
            state = space["start"](parameters)
            space["step"](1, parameters, [np.full(3, 0.3)], state)
            assert np.isfinite(parameters[0]).all() and (parameters[0] != 1).all()
            for label in state:
                assert f'state["{label}"]' in made.code()
