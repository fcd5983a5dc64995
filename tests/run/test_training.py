"""Training: runs by hand, batches, going on, the stop at the first value that is not finite, reading, the command line."""

from __future__ import annotations

import builtins
import math
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import symback as sb
from symback.cli import main
from symback.core.errors import ValueProblem
from symback.core.forms import apply
from symback.derivation.record import Record
from symback.documents.formats import formats
from symback.documents.plots import curves
from symback.functions.optimizers import OPTIMIZERS
from symback.networks.network import Network
from symback.run import numeric
from symback.run.training import BLOCK, History, State, train, update
from tests.support import needs
from tests.support.places import EXAMPLES, ROOT
from tests.support.small_networks import layers, line, random_values, record_of


def single(build: Callable[[Any], Any], start: float) -> Record:
    """Return the network of one parameter w whose loss ``build`` makes of it."""
    net = Network()
    w = net.parameter("w", (), start)
    net.define("L", build(w))
    return record_of(net)


# --- plain gradient descent -------------------------------------------------------------------------------------------


def test_update_is_one_step(record: Record) -> None:
    values = random_values(record)
    _, gradients = numeric.lambdify(record)(**values)
    updated = update(record, 0.3, values)
    for name, value in updated.items():
        np.testing.assert_array_equal(value, values[name] - 0.3 * gradients[name])
    with pytest.raises(ValueProblem, match="learning rate is needed"):
        update(record, values=values)


def test_train_follows_the_recurrence_by_hand() -> None:
    record = record_of(line(0.0))
    seen: list[tuple[int, int, float]] = []
    history = train(record, None, 0.01, 5, progress=lambda *state: seen.append(state))
    x, y, w = np.arange(1.0, 5.0), 2 * np.arange(1.0, 5.0), 0.0
    losses = []
    for _ in range(5):
        losses.append(np.mean((x * w - y) ** 2))
        w -= 0.01 * np.mean(2 * (x * w - y) * x)
    losses.append(np.mean((x * w - y) ** 2))
    assert history.losses == pytest.approx(losses, rel=1e-12)
    assert history.parameters["w"] == pytest.approx(w, rel=1e-12)
    assert history.steps == 5 and not history.stopped
    assert [s[0] for s in seen] == [0, 1, 2, 3, 4] and seen[1][1:] == (5, history.losses[1])
    assert str(history).startswith("5 steps with learning rate 0.01: loss ")
    assert "5 steps of Adam with learning rate 0.001" in str(train(record, None, "adam", 5))
    assert train(record, None, 0.01, 0).losses == (losses[0],)


def test_what_is_watched_is_kept(record: Record) -> None:
    values = random_values(record)
    before = {name: value.copy() for name, value in values.items()}
    plain = train(record, values, 0.1, 3)
    history = train(record, values, 0.1, 3, watch=["a2", "W1"])
    assert history.losses == plain.losses
    np.testing.assert_array_equal(history.watched["W1"][-1], plain.parameters["W1"])
    np.testing.assert_array_equal(history.watched["W1"][0], values["W1"])
    for loss, a2 in zip(history.losses, history.watched["a2"], strict=True):
        assert loss == pytest.approx(np.mean((a2 - values["y"]) ** 2))
    with pytest.raises(ValueProblem, match="there is no a3 to watch"):
        train(record, values, 0.1, 3, watch=["a3"])
    for name, value in before.items():
        np.testing.assert_array_equal(values[name], value)


def test_a_watched_view_of_a_parameter_does_not_change_later() -> None:
    net = Network()
    W = net.parameter("W", (2, 3), np.ones((2, 3)))
    V = net.define("V", W.T)
    net.define("L", (V**2).sum())
    history = train(record_of(net), None, "adam", 3, watch=["V"])
    assert [v[0, 0] for v in history.watched["V"]] == sorted({v[0, 0] for v in history.watched["V"]}, reverse=True)
    assert history.watched["V"][0][0, 0] == 1.0


def test_guess_and_training_loop_through_train() -> None:
    guess = sb.derive(sb.read(EXAMPLES / "guess.py", values={"guess": -0.7580416795667344}))
    history = sb.train(guess)
    assert (history.steps, history.parameters["guess"]) == (500, 41.99999999999997)
    assert history.losses[0] == pytest.approx(914.1250641357832, rel=1e-15)
    loop = sb.derive(sb.read(EXAMPLES / "training_loop.py"))
    history = sb.train(loop, watch=["y_pred"])
    predictions = [float(v.item()) for v in history.watched["y_pred"]]
    assert history.steps == 10
    assert predictions[9] == pytest.approx(1.0000133519, abs=1e-10)
    assert history.losses[9] == pytest.approx(8.9136508e-11, rel=1e-7)
    assert predictions[10] == pytest.approx(0.9999956134, abs=1e-10)


def test_the_run_of_a_derivation_is_the_same_training(record: Record) -> None:
    d = sb.derive(line(0.0))
    assert d.run(5, 0.01).losses == sb.train(d, optimizer=0.01, steps=5).losses


def test_large_arrays_are_updated_in_blocks_and_small_ones_together() -> None:
    net = Network()
    shapes = {"big": (3, BLOCK), "edge": (BLOCK,), "small": (5,), "one": ()}
    for name, shape in shapes.items():
        net.parameter(name, shape)
    net.define("L", sum((net[n] ** 2).sum() * (k + 1) for k, n in enumerate(shapes)))
    record = record_of(net)
    rng = np.random.default_rng(0)
    values = {n: rng.standard_normal(s) if s else 0.7 for n, s in shapes.items()}
    history = train(record, values, sb.optimizer("sgd", learning_rate=0.1, momentum=0.5), 2)
    for k, (name, start) in enumerate(values.items()):
        w, v = start, 0.0
        for _ in range(2):
            v = 0.5 * v + 2 * (k + 1) * w
            w = w - 0.1 * v
        np.testing.assert_allclose(history.parameters[name], w, rtol=1e-14)
        np.testing.assert_allclose(history.state.arrays[name]["v"], v, rtol=1e-14)
        assert np.shape(history.parameters[name]) == np.shape(start)


def test_mixed_precision_keeps_each_type(record: Record) -> None:
    values = random_values(record)
    values["W1"] = values["W1"].astype(np.float32)
    history = train(record, values, "adam", 3)
    assert history.parameters["W1"].dtype == np.float32 and history.parameters["W2"].dtype == np.float64


# --- batches and going on ---------------------------------------------------------------------------------------------


def batches_of(count: int) -> list[dict[str, np.ndarray]]:
    rng = np.random.default_rng(5)
    return [{"x": rng.standard_normal((3 + k % 2, 2)), "y": rng.random((3 + k % 2, 1))} for k in range(count)]


def start_of(record: Record) -> dict[str, Any]:
    return {name: value for name, value in random_values(record).items() if name in record.wrt}


def test_batches_are_used_one_after_the_other_and_again(record: Record) -> None:
    start, batches = start_of(record), batches_of(3)
    history = train(record, start, 0.2, 7, batches)
    W, losses = dict(start), []
    for k in range(7):
        loss, gradients = numeric.lambdify(record)(**W, **batches[k % 3])
        losses.append(loss)
        W = {name: W[name] - 0.2 * gradients[name] for name in W}
    assert history.losses == pytest.approx(losses, rel=1e-13) and history.steps == 7
    for name in W:
        np.testing.assert_allclose(history.parameters[name], W[name], rtol=1e-12)
    tuples = train(record, start, 0.2, 7, [(b["x"], b["y"]) for b in batches])
    assert tuples.losses == history.losses
    lists = train(record, start, 0.2, 7, tuple([b["x"].tolist(), b["y"].tolist()] for b in batches))
    assert lists.losses == history.losses


def test_an_iterator_that_ends_stops_the_training_and_says_so(record: Record) -> None:
    def stream() -> Iterator[Any]:
        yield from batches_of(4)

    history = train(record, start_of(record), "adam", 10, stream())
    assert history.stopped == "the batches ended after 4 of 10 updates"
    assert history.steps == 4 == len(history.losses)
    assert train(record, start_of(record), "adam", 4, stream()).stopped == ""


def test_batches_of_torch_are_read() -> None:
    torch = needs.package("torch")
    record = record_of(layers([2, 3, 1]))
    x, y = (
        torch.randn(8, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0)),
        torch.ones(8, 1, dtype=torch.float64),
    )
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=4)
    ours = train(record, start_of(record), 0.1, 5, loader)
    same = train(record, start_of(record), 0.1, 5, [(x[:4].numpy(), y[:4].numpy()), (x[4:].numpy(), y[4:].numpy())])
    assert ours.losses == same.losses and ours.steps == 5


@pytest.mark.parametrize("row", sorted(OPTIMIZERS))
@pytest.mark.parametrize("parts", [None, 3])
def test_going_on_equals_one_long_run(record: Record, row: str, parts: int | None) -> None:
    values = random_values(record)
    batches = None if parts is None else batches_of(parts)
    chosen = sb.optimizer(row, learning_rate=0.05, weight_decay=0.1, schedule=sb.schedule("cosine", steps=20))
    whole = train(record, values, chosen, 11, batches)
    first = train(record, values, chosen, 4, batches)
    second = train(record, values, None, 7, batches, resume=first)
    assert second.state.updates == whole.state.updates == 11 and second.optimizer is chosen
    for name in record.wrt:
        np.testing.assert_array_equal(second.parameters[name], whole.parameters[name])
        for label, kept in whole.state.arrays[name].items():
            np.testing.assert_array_equal(second.state.arrays[name][label], kept)
    assert second.state.single == whole.state.single
    joined = (first.losses[:-1] if parts is None else first.losses) + second.losses
    assert joined == whole.losses
    # without the state the second half differs, so that the comparison means something
    fresh = History(first.losses, first.parameters, chosen, 4, state=State())
    other = train(record, values, None, 7, batches, resume=fresh)
    assert any((other.parameters[name] != whole.parameters[name]).any() for name in record.wrt)


@pytest.mark.parametrize(
    ("batches", "message"),
    [
        ([], "batches holds nothing to train on"),
        (iter(()), "batches holds nothing to train on"),
        (5, "batches is a list or an iterator of batches, not int"),
        ({"x": 1}, "batches is a list or an iterator of batches, not dict"),
        (
            [{"X": np.ones((3, 2)), "y": np.ones((3, 1))}],
            "a batch holds X, which is not a variable of this network (did you mean 'x'?)",
        ),
        ([{"W1": np.ones((2, 3))}], "a batch holds W1, which is a parameter"),
        (
            [(np.ones((3, 2)),)],
            "a batch holds 1 array, but the data are x (n, 2), y (n, 1); give each batch as a dict of names",
        ),
        ([(np.ones((3, 2)), np.ones((4, 1)))], "y has shape (4, 1), expected (n, 1) with n = 3"),
        ([{"x": np.ones((3, 2))}], "a value is missing for y (n, 1)"),
        ([*batches_of(2)[:1], (np.ones((3, 3)), np.ones((3, 1)))], "x has shape (3, 3), expected (n, 2)"),
    ],
)
def test_wrong_batches_are_refused(record: Record, batches: Any, message: str) -> None:
    with pytest.raises(ValueProblem) as caught:
        train(record, start_of(record), 0.1, 3, batches)
    assert message in str(caught.value)


def test_wrong_orders_are_refused(record: Record) -> None:
    with pytest.raises(ValueProblem, match="cannot be negative"):
        train(record_of(line(0.5)), None, 0.1, -1)
    with pytest.raises(ValueProblem, match="a learning rate is needed"):
        train(record_of(line(0.5)), None, None, 3)
    with pytest.raises(ValueProblem, match="an optimizer is made by optimizer"):
        train(record_of(line(0.5)), None, {"lr": 1}, 3)  # type: ignore[arg-type]
    with pytest.raises(ValueProblem, match="values are missing"):
        train(record, None, 0.1, 3)
    net = line(0.5)
    d = sb.derive(net, wrt=["x", "w"])
    assert set(sb.train(d, optimizer=0.01, steps=1).parameters) == {"x", "w"}
    nets = Network()
    w = nets.parameter("w", (), 1.0)
    z = nets.define("z", 2 * w)
    nets.define("L", z**2)
    with pytest.raises(ValueProblem, match="z is computed by the network, and cannot be updated"):
        train(record_of(nets, wrt=["z"]), None, 0.1, 1)


# --- the first value that is not finite -------------------------------------------------------------------------------


def exploding_softplus() -> Network:
    """exp(w) overflows: the sum of exponentials is spelled out, so that nothing makes it safe."""
    net = Network()
    x = net.input("x", (3,), [1.0, 500.0, 900.0])
    w = net.parameter("w", (), 1.0)
    e = net.define("e", apply("exp", w * x) * x)
    net.define("L", (e - 1).mean())
    return net


def broken_cases() -> dict[str, tuple[Record, Any, int, str, int]]:
    """Return, by what breaks: the network, the optimizer, the steps, what is said, the updates made."""

    def sqrt(w: Any) -> Any:
        return apply("sqrt", w)

    net = Network()
    w = net.parameter("w", (2,), [1.0, 0.5])
    u = net.define("u", w - 0.75)
    v = net.define("v", apply("log", u) * 2)
    net.define("L", v.sum())
    ratio = Network()
    a = ratio.parameter("a", (), 0.0)
    r = ratio.define("r", a / a)
    ratio.define("L", r + 1)
    return {
        "exp overflows": (
            record_of(exploding_softplus()),
            0.1,
            5,
            "the loss is inf after 0 updates: first e = np.exp(w * x) * x gives inf at [2]",
            0,
        ),
        "log of a negative number": (
            record_of(net),
            0.1,
            5,
            "the loss is nan after 0 updates: first v = np.log(u) * 2 gives nan at [1]",
            0,
        ),
        "0/0": (record_of(ratio), 0.1, 5, "the loss is nan after 0 updates: first r = ", 0),
        "log after an update": (
            single(lambda w: apply("log", w), 1.0),
            2.0,
            5,
            "the loss is nan after 1 update: first L = np.log(w) gives nan; a smaller learning rate may help",
            1,
        ),
        "infinite slope": (
            single(sqrt, 0.0),
            0.1,
            5,
            "the gradient of w is not finite after 0 updates: first ∂L/∂w",
            0,
        ),
        "exploding update": (
            single(lambda w: w**2 / 2, 1e300),
            sb.optimizer("sgd", learning_rate=0.5, momentum=0.9),
            0,
            "the loss is inf",
            0,
        ),
        "update beyond floats": (
            single(lambda w: 1e10 * w, 1.0),
            1e300,
            5,
            "the loss is -inf after 1 update: first the update of w by θ ← θ − η g gives -inf; a smaller learning rate may help",
            1,
        ),
        "square of the gradient": (
            single(lambda w: 1e200 * w, 1.0),
            "adam",
            5,
            "w or its state is not finite after 1 update: first the update of w by v ← β₂ v + (1 − β₂) g² gives inf",
            1,
        ),
    }


@pytest.mark.parametrize("label", list(broken_cases()))
def test_the_first_equation_that_breaks_is_named_and_the_history_kept(label: str) -> None:
    record, chosen, steps, message, updates = broken_cases()[label]
    history = train(record, None, chosen, steps)
    assert message in history.stopped
    assert history.steps == updates
    assert all(map(math.isfinite, history.losses[:-1]))
    assert len(history.losses) >= 1 and set(history.parameters) == set(record.wrt)
    assert f"stopped: {history.stopped}" in str(history)


def test_a_run_that_diverges_keeps_what_was_finite() -> None:
    history = train(record_of(line(0.0)), None, 5.0, 2000)
    assert history.stopped.startswith("the loss is inf after") and "smaller learning rate" in history.stopped
    assert len(history.losses) < 300 and all(map(math.isfinite, history.losses[:-1]))


def test_data_that_are_not_finite_are_named() -> None:
    history = train(record_of(line(0.5)), {"x": [1.0, np.nan, 3.0, 4.0]}, 0.1, 3)
    assert history.stopped == "the loss is nan after 0 updates: x is nan at [1], which is data"
    history = train(record_of(line(0.5)), {"w": np.inf}, 0.1, 3)
    assert "w is inf at the start" in history.stopped


def test_a_scalar_network_overflows_without_an_exception() -> None:
    history = train(single(lambda w: w**4 / 4, 3.0), None, 1.0, 100)
    assert "after" in history.stopped


def test_large_finite_gradients_do_not_stop_a_run() -> None:
    """Squares that overflow are looked at again: the gradient itself is finite."""
    history = train(single(lambda w: 1e200 * w, 1.0), None, 1e-200, 3)
    assert history.stopped == "" and history.parameters["w"] == -2.0


# --- symbolic updates -------------------------------------------------------------------------------------------------


def test_symbolic_updates_say_what_the_numbers_do() -> None:
    d = sb.derive(line(0.7))
    chosen = sb.optimizer("adamw", learning_rate=0.05, weight_decay=0.3)
    forms = d.update(chosen)
    assert list(forms) == ["m_w", "v_w", "w"]
    assert str(forms["m_w"]).startswith("beta1 * m_w + (1 - beta1) * (")
    from symback.engine.interpreter import evaluate

    values: dict[str, Any] = {**d.network.values, **chosen.hyperparameters, "m_w": 0.0, "v_w": 0.0}
    for t in (1, 2, 3):
        for name, form in forms.items():
            values[name] = evaluate(form, {**values, "t": t})
    assert float(values["w"]) == pytest.approx(sb.train(d, None, chosen, 3).parameters["w"], rel=1e-13)
    assert d.update(chosen, {"w": 0.7}) == {"w": sb.train(d, None, chosen, 1).parameters["w"]}
    assert str(d.update("eta")["w"]).startswith("w - eta * ")


def test_the_update_section_shows_the_optimizer_with_symbols_that_are_free() -> None:
    net = Network()
    x, t = net.input("x"), net.input("t")
    w, g = net.parameter("w"), net.parameter("g")
    net.define("E", (x * w + g - t) ** 2)
    d = sb.derive(net)
    text = d.text(optimizer=sb.optimizer("adam"))
    assert "Every parameter θ (here w, g), with its gradient q = ∂E/∂θ" in " ".join(text.split())
    assert "k counts the updates from 1." in text and "m̂ = m/(1 − β₁ᵏ)" in text and "m ← β₁ m + (1 − β₁) q" in text
    assert "At the start m = v = 0." in text and "η = 0.001,   β₁ = 0.9,   β₂ = 0.999,   ϵ = 10⁻⁸" in text
    assert r"\hat{m} &= \frac{m}{1 - {\beta_1}^k}" in d.latex(optimizer=sb.optimizer("adam"))
    korean = d.text(optimizer=sb.optimizer("adam", clip_norm=1), language="ko")
    assert "갱신 횟수 k: 1부터 센다." in korean and "‖q‖: 모든 기울기를 합한" in korean
    plain = d.text()
    assert "w ← w − η ∂E/∂w" in plain and "Settings" not in plain
    assert d.text(optimizer=sb.optimizer("sgd")) == plain


# --- read from code ---------------------------------------------------------------------------------------------------

CODE = """
import torch
import torch.nn.functional as F
x = torch.tensor([[0.5, 0.8], [0.1, -0.4], [1.0, 0.3]])
y = torch.tensor([[1.0], [0.0], [0.5]])
W = torch.tensor([[0.3], [-0.2]], requires_grad=True)
b = torch.tensor([0.1], requires_grad=True)
optimizer = {optimizer}
{scheduler}
for epoch in range(12):
    optimizer.zero_grad()
    loss = F.mse_loss(torch.tanh(x @ W + b), y)
    loss.backward()
    {clip}
    optimizer.step()
    {step}
"""


def code(optimizer: str, scheduler: str = "", clip: str = "pass", step: str = "pass") -> str:
    return CODE.format(optimizer=optimizer, scheduler=scheduler, clip=clip, step=step)


READ = {
    "adam": code("torch.optim.Adam([W, b], lr=0.02, betas=(0.8, 0.95), weight_decay=0.1)"),
    "adam by position": code("torch.optim.Adam([W, b], 0.02, (0.8, 0.95), 1e-6)"),
    "momentum": code("torch.optim.SGD([W, b], lr=0.05, momentum=0.9, nesterov=True)"),
    "defaults": code("torch.optim.AdamW([W, b])"),
    "rmsprop": code("torch.optim.RMSprop(params=[W, b], lr=0.02, centered=True, foreach=False)"),
    "groups": code("torch.optim.Adam([{'params': [W]}, {'params': b}], lr=0.02)"),
    "schedule": code(
        "torch.optim.SGD([W, b], lr=0.1)",
        "scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=4, gamma=0.5)",
        step="scheduler.step()",
    ),
    "cosine": code(
        "torch.optim.Adam([W, b], lr=0.1)",
        "scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=10, eta_min=0.01)",
        step="scheduler.step()",
    ),
    "clipping": code("torch.optim.SGD([W, b], lr=0.5)", clip="torch.nn.utils.clip_grad_norm_([W, b], max_norm=0.1)"),
    "clipping, kept": code(
        "torch.optim.SGD([W, b], lr=0.5)", clip="total = torch.nn.utils.clip_grad_norm_([W, b], 0.1)"
    ),
    "clipping by value": code("torch.optim.Adam([W, b], lr=0.5)", clip="torch.nn.utils.clip_grad_value_([W, b], 0.05)"),
}


@pytest.mark.parametrize("label", READ)
def test_training_code_is_followed_as_torch_runs_it(label: str) -> None:
    torch = needs.package("torch")
    d = sb.derive(sb.parse(READ[label]))
    assert not d.findings
    names: dict[str, Any] = {}
    torch.set_default_dtype(torch.float64)
    try:
        exec(compile(READ[label], "training", "exec"), names)
    finally:
        torch.set_default_dtype(torch.float32)
    history = sb.train(d)
    assert history.steps == 12
    for name in "Wb":
        np.testing.assert_allclose(history.parameters[name], names[name].detach().numpy(), rtol=1e-9)


def test_what_was_read_is_said() -> None:
    net = sb.parse(READ["adam"])
    assert net.learning_rate == 0.02
    assert any(
        "optimizer: Adam with beta1 = 0.8, beta2 = 0.95, weight_decay = 0.1, learning rate: 0.02" in c
        for c in net.choices
    )
    assert any(
        "step decay of the learning rate (every = 4, gamma = 0.5)" in c for c in sb.parse(READ["schedule"]).choices
    )
    plain = sb.parse(code("torch.optim.SGD([W, b], lr=0.1)"))
    assert plain.optimizer is None and plain.learning_rate == 0.1
    assert sb.parse(READ["schedule"].replace("    scheduler.step()", "")).optimizer is None
    assert "m ← β₁ m + (1 − β₁) g" in sb.derive(net).text()
    assert "optimizer" not in " ".join(plain.choices)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            code("torch.optim.LBFGS([W, b], lr=0.1)"),
            "the optimizer LBFGS is not known; updates here are plain gradient descent",
        ),
        (
            code("torch.optim.Adam([W, b], lr=0.1, eps=float(open('x').read()))"),
            "the optimizer optimizer cannot be read",
        ),
        (
            code("torch.optim.Adam([W, b], lr=0.1, betas=(0.9, 1.5))"),
            "in adam: beta2 is at least 0 and less than 1, not 1.5; updates here",
        ),
        (
            code(
                "torch.optim.SGD([W, b], lr=0.1)", "s = torch.optim.lr_scheduler.StepLR(optimizer, 0)", step="s.step()"
            ),
            "in step: every is at least 1, not 0; the learning rate stays",
        ),
        (
            code("torch.optim.Adam([{'params': [W], 'lr': 0.5}, {'params': [b]}], lr=0.02)"),
            "the options of single parameter groups are not read",
        ),
        (
            code(
                "torch.optim.SGD([W, b], lr=0.1)",
                "scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, 12)",
                step="scheduler.step()",
            ),
            "the schedule OneCycleLR is not known; the learning rate stays as it is",
        ),
        (
            code("torch.optim.SGD([W, b], lr=0.1)", clip="torch.nn.utils.clip_grad_norm_([W, b], 0.1, norm_type=1)"),
            "this clipping of gradients cannot be read, and is left out",
        ),
    ],
)
def test_what_cannot_be_read_of_training_is_a_finding(text: str, message: str) -> None:
    net = sb.parse(text)
    assert [f for f in net.findings if message in f.message and f.line]
    assert (net.steps == 12 and net.optimizer is None) or "groups" in message


def test_a_schedule_stepped_once_an_epoch_is_a_finding() -> None:
    text = READ["schedule"].replace(
        "    optimizer.zero_grad()", "    for part in range(3):\n        optimizer.zero_grad()"
    )
    head, _, tail = text.partition("        optimizer.zero_grad()\n")
    inner, outer = tail.split("    scheduler.step()")
    text = (
        f"{head}        optimizer.zero_grad()\n"
        + "".join(f"    {line}\n" for line in inner.splitlines())
        + f"    scheduler.step(){outer}"
    )
    net = sb.parse(text)
    assert net.optimizer is not None and "schedule" in net.optimizer[1]
    assert ["stepped once for several updates" in f.message for f in net.findings] == [True]


# --- the command line -------------------------------------------------------------------------------------------------


def symback(*arguments: str, exit_code: int = 0) -> str:
    result = CliRunner().invoke(main, list(arguments))
    assert result.exit_code == exit_code, result.output
    return result.output


TWO_LAYER = str(EXAMPLES / "two_layer_sigmoid.py")
GUESS = (str(EXAMPLES / "guess.py"), "--set", "guess=1")


def test_run_draws_the_loss(tmp_path: Path) -> None:
    needs.package("matplotlib")
    symback("run", TWO_LAYER, "--optimizer", "adam", "--steps", "30", "--plot", str(tmp_path / "loss.svg"))
    assert (tmp_path / "loss.svg").read_text(encoding="utf-8").startswith("<?xml")


def test_run_trains_with_the_optimizer_asked_for() -> None:
    text = symback(
        "run",
        TWO_LAYER,
        "--optimizer",
        "adam",
        "--steps",
        "30",
        "--lr",
        "0.1",
        "--option",
        "beta1=0.8",
        "--schedule",
        "cosine:steps=30",
        "--clip",
        "1",
    )
    assert "After 30 steps of Adam with learning rate 0.1\n" in text
    d = sb.derive(sb.read(TWO_LAYER))
    chosen = sb.optimizer("adam", lr=0.1, beta1=0.8, clip_norm=1, schedule=sb.schedule("cosine", steps=30))
    assert f"{sb.train(d, optimizer=chosen, steps=30).losses[-1]:.10g}" in text.splitlines()[-1]
    assert "steps of AdamW with learning rate 0.001\n" in symback(
        "run", TWO_LAYER, "--optimizer", "adamw", "--steps", "3"
    )
    assert "After 1 step with learning rate 0.1\n" in symback("run", TWO_LAYER)


def test_the_codes_optimizer_is_the_default_of_the_run(tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    path.write_text(READ["adam"], encoding="utf-8")
    assert "After 12 steps of Adam with learning rate 0.02\n" in symback("run", str(path))
    assert "After 12 steps of Adam with learning rate 0.5\n" in symback("run", str(path), "--lr", "0.5")
    assert "After 12 steps with learning rate 0.02\n" in symback("run", str(path), "--optimizer", "sgd")
    first, last = (symback("run", str(path), *more).splitlines()[-1] for more in ((), ("--option", "beta1=0.8")))
    assert first == last


def test_code_and_derive_show_the_optimizer() -> None:
    text = symback("code", TWO_LAYER, "--optimizer", "adam")
    space: dict[str, Any] = {}
    exec(text, space)
    assert {"gradients", "start", "step"} <= set(space) and text.count("import numpy") == 1
    assert "def step" not in symback("code", TWO_LAYER)
    nadam = symback("code", *GUESS, "--optimizer", "nadam")
    exec(nadam, space)
    assert "v ← β₂ v + (1 − β₂) g²" in symback("derive", TWO_LAYER, "--optimizer", "adam")
    assert r"\hat{v} &= \frac{v}{1 - {\beta_2}^t}" in symback(
        "derive", TWO_LAYER, "--optimizer", "adam", "--to", "latex"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--optimizer", "adan"), "there is no optimizer called 'adan' (did you mean 'adam'?)"),
        (("--optimizer", "adam", "--option", "beta1=2"), "in adam: beta1 is at least 0 and less than 1, not 2"),
        (("--option", "momentun=0.9"), "in sgd: there is no momentun (did you mean 'momentum'?)"),
        (("--option", "momentum"), "--option momentum: the value is missing"),
        (("--option", "momentum=x"), "--option momentum=x: write NAME=NUMBER"),
        (("--schedule", "cosin"), "there is no schedule called 'cosin' (did you mean 'cosine'?)"),
        (("--schedule", "cosine:stps=3"), "in cosine: there is no stps (did you mean 'steps'?)"),
        (("--clip", "-1"), "in sgd: clip_norm is at least 0, not -1"),
        (("--lr", "-1"), "in sgd: learning_rate is at least 0, not -1"),
        (("--plot", "loss.gif"), "loss.gif: the ending '.gif' is unknown; use one of .pdf, .png, .svg"),
    ],
)
def test_wrong_options_are_one_message(arguments: tuple[str, ...], message: str) -> None:
    text = symback("run", *GUESS, *arguments, exit_code=2)
    assert message in text and "Traceback" not in text


def test_a_run_that_breaks_says_where_and_still_draws(tmp_path: Path) -> None:
    needs.package("matplotlib")
    text = symback("run", *GUESS, "--lr", "5", "--steps", "3000", "--plot", str(tmp_path / "l.png"), exit_code=1)
    assert "stopped: the loss is inf after" in text and "first" in text
    assert (tmp_path / "l.png").read_bytes().startswith(b"\x89PNG")


def test_plots_are_the_same_bytes_and_written_whole(tmp_path: Path) -> None:
    needs.package("matplotlib")
    series = {"L": [10.0, 1.0, math.inf, 0.01, 0.0]}
    for kind in ("svg", "png", "pdf"):
        to = formats()[kind]
        assert to.write("plot", curves(series)) == to.write("plot", curves(series))
    script = (
        "import sys; from symback.documents.formats import formats; from symback.documents.plots import curves; "
        "sys.stdout.buffer.write(formats()['svg'].write('plot', curves({'L': [3.0, 2.0, 1.0]})))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", script], capture_output=True, check=True, cwd=ROOT, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1 and formats()["svg"].write("plot", curves({"L": [3.0, 2.0, 1.0]})) in found
    assert "cannot be written" in symback("run", *GUESS, "--plot", str(tmp_path / "no" / "l.svg"), exit_code=2)


def test_without_matplotlib_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.split(".")[0] == "matplotlib":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    text = symback("run", *GUESS, "--plot", str(tmp_path / "l.svg"), exit_code=2)
    assert "a plot needs matplotlib: pip install 'symback[plot]'" in text and not (tmp_path / "l.svg").exists()


def test_an_optimizer_may_be_named_in_an_update() -> None:
    d = sb.derive(sb.mlp([2, 1], output=None, loss="mse"))
    values = {"X": np.ones((3, 2)), "Y": np.zeros((3, 1)), "W1": np.ones((2, 1)), "b1": np.ones(1)}
    assert {k: str(v) for k, v in d.update("adam").items()} == {
        k: str(v) for k, v in d.update(sb.optimizer("adam")).items()
    }
    one = train(d, values, "adam", 1).parameters
    for label, found in d.update("adam", values).items():
        np.testing.assert_array_equal(found, one[label])
    assert str(d.update("eta")["b1"]) == "b1 - eta * (2 * (z1 - Y) / n).sum(axis=0)"


def test_missing_parameters_say_where_they_can_come_from() -> None:
    net = sb.mlp([2, 1], output=None, loss="mse")
    data = {"X": np.ones((3, 2)), "Y": np.zeros((3, 1))}
    with pytest.raises(
        ValueProblem, match=r"values are missing for W1 \(2, 1\), b1 \(1,\); initial\(seed\) of the network"
    ):
        train(sb.derive(net), data, "adam", 1)
    assert train(sb.derive(net), {**data, **net.initial(0)}, "adam", 1).steps == 1
