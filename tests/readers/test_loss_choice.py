"""Which result is the loss and which arrays are its parameters, as texts say it; gradients against the text's own execution."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import symback as sb
from symback.library.name_words import is_rate_name, normalized
from symback.library.spoken import KINDS
from tests.support import needs

TORCH = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"

GAN = (
    TORCH
    + """
G = nn.Linear(2, 3)
D = nn.Linear(3, 1)
opt_d = torch.optim.SGD(D.parameters(), lr=0.1)
opt_g = torch.optim.Adam(G.parameters(), lr=0.2)
bce = nn.BCEWithLogitsLoss()
real = torch.randn(4, 3)
for step in range(10):
    z = torch.randn(4, 2)
    d_loss = bce(D(real), torch.ones(4, 1)) + bce(D(G(z){detach}), torch.zeros(4, 1))
    opt_d.zero_grad()
    d_loss.backward()
    opt_d.step()
    g_loss = bce(D(G(z)), torch.ones(4, 1))
    opt_g.zero_grad()
    g_loss.backward()
    opt_g.step()
"""
)


def choice(net: Any, kind: str) -> str:
    """Return the names that a choice of this kind lists."""
    return next(c for c in net.choices if c.startswith(kind)).removeprefix(f"{kind}: ").split(" (")[0]


def by_torch(text: str, values: Mapping[str, Any], loss: str) -> dict[str, Any]:
    """Return what executing a text leaves, with arrays of its own and the last line taking the gradient of a loss."""
    torch = needs.package("torch")
    space: dict[str, Any] = {k: torch.tensor(v, dtype=torch.float64) for k, v in values.items()}
    exec(compile(text, "<text>", "exec"), space)
    return space


@pytest.mark.parametrize("detach", ["", ".detach()"])
def test_parameters_are_those_of_the_optimizer_that_steps_after_the_backward(detach: str) -> None:
    text = GAN.format(detach=detach)
    with pytest.raises(
        sb.ReadError, match=r"2 losses: d_loss \(line 15\), g_loss \(line 19\); choose one by loss= \(--loss d_loss\)"
    ):
        sb.parse(text)
    net = sb.parse(text, loss="d_loss")
    assert choice(net, "parameters") == "W1, b1" and net.learning_rate == 0.1
    assert any("of opt_d, stepped on line 16" in c for c in net.choices)
    net = sb.parse(text, loss="g_loss")
    assert choice(net, "parameters") == "W2, b2" and net.learning_rate == 0.2 and net.optimizer is not None
    assert any("is read with the values before it" in c for c in net.choices)


@pytest.mark.parametrize(("loss", "wanted"), [("d_loss", ("W1", "b1")), ("g_loss", ("W2", "b2"))])
def test_gradients_of_both_losses_are_those_of_torch(loss: str, wanted: tuple[str, str]) -> None:
    torch = needs.package("torch")
    d = sb.derive(sb.parse(GAN.format(detach=".detach()"), loss=loss, seed=3))
    values = {k: np.asarray(v) for k, v in d.network.values.items()}
    leaf = {k: torch.tensor(values[k], dtype=torch.float64, requires_grad=k in wanted) for k in values}
    bce, ones, zeros = (
        torch.nn.functional.binary_cross_entropy_with_logits,
        torch.ones(4, 1).double(),
        torch.zeros(4, 1).double(),
    )

    def score(x: Any) -> Any:
        return x @ leaf["W1"].T + leaf["b1"]

    fake = leaf["z"] @ leaf["W2"].T + leaf["b2"]
    total = (
        bce(score(leaf["real"]), ones) + bce(score(fake.detach()), zeros)
        if loss == "d_loss"
        else bce(score(fake), ones)
    )
    total.backward()
    found = d.evaluate()
    assert found.loss == pytest.approx(float(total.detach()))
    for name in wanted:
        np.testing.assert_allclose(found.gradients[name], leaf[name].grad.numpy(), rtol=1e-9, atol=1e-12)


def test_one_optimizer_over_a_part_of_the_model_trains_that_part() -> None:
    text = TORCH + (
        "body = nn.Linear(4, 3)\nhead = nn.Linear(3, 2)\nopt = torch.optim.SGD(head.parameters(), lr=0.1)\n"
        "x = torch.randn(5, 4)\ny = torch.randn(5, 2)\nloss = F.mse_loss(head(torch.tanh(body(x))), y)\nloss.backward()\nopt.step()\n"
    )
    net = sb.parse(text)
    assert choice(net, "parameters") == "W2, b2" and {"W1", "b1"} <= set(choice(net, "data").split(", "))
    both = text.replace("opt.step()", "opt.step()\nmore.step()").replace(
        "x = torch", "more = torch.optim.SGD([body.weight], lr=0.1)\nx = torch"
    )
    assert choice(sb.parse(both), "parameters") == "W1, W2, b2"


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("[{'params': [w]}, {'params': v}]", "w, v"),
        ("[{'params': v, 'lr': 0.2}]", "v"),
        ("[w]", "w"),
        ("(v,)", "v"),
        ("params=[v]", "v"),
        ("trained", "w, v"),
    ],
)
def test_lists_of_optimizers_are_read_in_every_spelling(given: str, wanted: str) -> None:
    text = TORCH + (
        "w = torch.tensor(1.0, requires_grad=True)\nv = torch.tensor(2.0, requires_grad=True)\ntrained = [w, v]\n"
        f"opt = torch.optim.SGD({given}, lr=0.1)\nloss = (w * v - 1.0)**2\nloss.backward()\nopt.step()\n"
    )
    assert choice(sb.parse(text), "parameters") == wanted


def test_two_backward_calls_before_one_step_are_told_apart() -> None:
    text = TORCH + (
        "w = torch.tensor([1.0, 2.0], requires_grad=True)\nopt = torch.optim.SGD([w], lr=0.1)\n"
        "one = (w**2).sum()\ntwo = (w - 1).pow(4).sum()\none.backward()\ntwo.backward()\nopt.step()\n"
    )
    with pytest.raises(sb.ReadError, match=r"one \(line 8\), two \(line 9\)"):
        sb.parse(text)
    whole = sb.derive(sb.parse(text, loss="one + two")).evaluate()
    np.testing.assert_allclose(whole.gradients["w"], [2.0, 8.0])
    assert choice(sb.parse(text, loss="two"), "parameters") == "w"


@pytest.mark.parametrize(
    ("call", "factor"),
    [
        ("y.backward(torch.tensor([1.0, 0.5]))", [1.0, 0.5]),
        ("y.backward(gradient=torch.tensor([2.0, -1.0]))", [2.0, -1.0]),
        ("y.backward(torch.ones(2))", [1.0, 1.0]),
        ("y.backward(torch.ones_like(y), retain_graph=True)", [1.0, 1.0]),
    ],
)
def test_a_gradient_given_to_backward_weights_the_sum(call: str, factor: list[float]) -> None:
    text = TORCH + f"x = torch.tensor([1.0, 2.0], requires_grad=True)\ny = x**3\n{call}\n"
    d = sb.derive(sb.parse(text))
    np.testing.assert_allclose(d.evaluate().gradients["x"], 3 * np.array([1.0, 4.0]) * factor)
    assert d.evaluate().gradients["x"] == pytest.approx(by_torch(text, {}, "y")["x"].grad.numpy())


def test_a_gradient_of_another_shape_and_none_for_several_numbers_are_refused() -> None:
    head = TORCH + "x = torch.tensor([1.0, 2.0], requires_grad=True)\ny = x**3\n"
    with pytest.raises(
        sb.ShapeError, match=r"line 6: backward\(\) on y of shape \(2,\) cannot take a gradient of shape \(3,\)"
    ):
        sb.parse(head + "y.backward(torch.ones(3))")
    with pytest.raises(sb.ReadError, match=r"line 6: backward\(\) is called on y of shape \(2,\)"):
        sb.parse(head + "y.backward()")


def test_inputs_of_backward_are_its_parameters() -> None:
    text = TORCH + (
        "a = torch.tensor(2.0, requires_grad=True)\nb = torch.tensor(3.0, requires_grad=True)\nloss = a * b**2\n"
        "loss.backward(inputs=[b])\n"
    )
    assert choice(sb.parse(text), "parameters") == "b"


@pytest.mark.parametrize("call", ["opt.step(closure)", "opt.step(closure=closure)", "opt.step(lambda: closure())"])
def test_the_loss_of_a_closure_is_read(call: str) -> None:
    text = TORCH + (
        "w = torch.tensor([1.0, 2.0], requires_grad=True)\nopt = torch.optim.SGD([w], lr=0.5)\ndef closure():\n"
        f"    opt.zero_grad()\n    loss = ((w - 3.0) ** 2).sum()\n    loss.backward()\n    return loss\nfor i in range(5):\n    {call}\n"
    )
    d = sb.derive(sb.parse(text))
    np.testing.assert_allclose(d.evaluate().gradients["w"], [-4.0, -2.0])
    assert d.network.steps == 5 and d.network.learning_rate == 0.5


@pytest.mark.parametrize(
    "stop", ["q_target(s2).max(1)[0].detach()", "q_target(s2).detach().max(1)[0]", "under no_grad"]
)
def test_what_gradients_do_not_reach_is_data(stop: str) -> None:
    best = "with torch.no_grad():\n    best = q_target(s2).max(1)[0]" if stop == "under no_grad" else f"best = {stop}"
    text = TORCH + (
        "q = nn.Linear(4, 2)\nq_target = nn.Linear(4, 2)\ns = torch.randn(5, 4)\ns2 = torch.randn(5, 4)\nr = torch.randn(5)\n"
        f"{best}\nloss = F.mse_loss(q(s)[:, 0], r + 0.9 * best)\nloss.backward()\n"
    )
    net = sb.parse(text)
    assert choice(net, "parameters") == "W2, b2"
    assert "no gradient reaches W1 and b1: data here" in net.choices
    with pytest.raises(sb.ReadError, match=r"(best|what) is .*depends on W1; .* leave it out by wrt= \(--wrt W2\)"):
        sb.parse(text, wrt=["W1", "W2"])


def test_a_stop_gradient_that_cannot_be_derived_names_its_parameters_and_the_option() -> None:
    text = TORCH + (
        "w = torch.tensor([1.0, 2.0], requires_grad=True)\nv = torch.tensor([3.0, 1.0], requires_grad=True)\n"
        "target = (w * 2).detach()\nloss = ((w * v - target)**2).sum()\nloss.backward()\n"
    )
    with pytest.raises(sb.ReadError, match=r"line 6: what is detached here depends on w; .* by wrt= \(--wrt v\)"):
        sb.parse(text)
    d = sb.derive(sb.parse(text, wrt="v"))
    np.testing.assert_allclose(d.evaluate().gradients["v"], by_torch(text, {}, "loss")["v"].grad.numpy())


UNREADABLE = {
    "an unknown object": (
        "opts = get_options()\nD = nn.Linear(opts.width, 1)\nopt = torch.optim.RMSprop(D.parameters(), lr=0.01)\n"
        "batches_done = 0\nfor epoch in range(opts.n):\n    for i, (real, _) in enumerate(make_loader()):\n"
        "        loss_d = -torch.mean(D(real))\n        loss_d.backward()\n        opt.step()\n        batches_done += 1\n",
        r"line 4: the function get_options is not known.*the loss loss_d needs it \(backward\(\) on line 11\)",
    ),
    "an unknown size": (
        "V = len(mystery('abc'))\nnet = nn.Linear(V, V)\nopt = torch.optim.Adam(net.parameters(), lr=0.01)\n"
        "for step in range(3000):\n    loss = F.mse_loss(net(xb), yb)\n    loss.backward()\n    opt.step()\n",
        r"line 4: the function mystery is not known.*V is not known: give values= \(--set V=…\); the loss loss needs it",
    ),
    "an unknown loader": (
        "net = nn.Linear(3, 1)\nopt = torch.optim.SGD(net.parameters(), lr=0.1)\nfor i, (x, y) in enumerate(unknown(64)):\n"
        "    loss = F.mse_loss(net(x), y)\n    loss.backward()\n    opt.step()\n",
        r"line 6: the function unknown is not known.*shapes of one batch by shapes= \(--shape x=… --shape y=…\)",
    ),
    "a batch taken apart": (
        "net = nn.Linear(3, 1)\nopt = torch.optim.SGD(net.parameters(), lr=0.1)\nfor batch in unknown(64):\n    x, y = batch\n"
        "    loss = F.mse_loss(net(x), y)\n    loss.backward()\n    opt.step()\n",
        r"line 6: the function unknown is not known.*--shape x=… --shape y=…",
    ),
    "not reached": (
        "w = torch.tensor(1.0, requires_grad=True)\nloss = mystery(w)\nif mystery(2):\n    loss.backward()\nb = w * 2\ntotal_loss = b * 3\n",
        r"line 5: the function mystery is not known.*the loss loss needs it \(backward\(\) on line 7\)",
    ),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_a_loss_that_cannot_be_read_is_an_error_with_its_cause_and_the_option(case: str) -> None:
    text, message = UNREADABLE[case]
    with pytest.raises(sb.ReadError, match=message):
        sb.parse(TORCH + text)


def test_the_options_that_messages_name_make_the_texts_readable() -> None:
    text = TORCH + UNREADABLE["an unknown size"][0]
    assert choice(sb.parse(text, values={"V": 5}, shapes={"xb": (2, 5), "yb": (2, 5)}), "parameters") == "W1, b1"
    for case in ("an unknown loader", "a batch taken apart"):
        net = sb.parse(TORCH + UNREADABLE[case][0], shapes={"x": (4, 3), "y": (4, 1)})
        assert choice(net, "parameters") == "W1, b1" and choice(net, "data") == "x, y"


def test_a_loop_without_updates_names_what_its_body_lacks() -> None:
    text = (
        "import numpy as np\nn = mystery()\nx = np.ones((2, 3))\nW = np.random.randn(3, n)\n"
        "for i in range(10000):\n    loss = np.sum((x @ W)**2)\n    W -= 0.1 * 2 * x.T @ (x @ W)\n"
    )
    with pytest.raises(
        sb.ReadError, match=r"line 2: the function mystery is not known.*n is not known: give values= \(--set n=…\)"
    ):
        sb.parse(text)
    assert choice(sb.parse(text, values={"n": 2}), "parameters") == "W"


NAMED = {
    "a function called loss": (
        "w = 1.0\ndef forward(x):\n    return x * w\ndef loss(x, y):\n    return (forward(x) - y) ** 2\n"
        "def gradient(x, y):\n    return 2 * x * (x * w - y)\nprint(forward(4))\nfor epoch in range(10):\n"
        "    for x, y in zip([1.0, 2.0], [2.0, 4.0]):\n        w = w - 0.01 * gradient(x, y)\n        l = loss(x, y)\n",
        "l",
        ["w"],
    ),
    "its result under another name": (
        "x, t = 2.0, 1.0\nw = 0.5\ndef mse(a, b):\n    return (a - b) ** 2\nq = mse(w * x, t)\nshown = q * 100\n",
        "q",
        ["w"],
    ),
    "a penalty": (
        "x, t = 2.0, 1.0\nw = 0.5\nloss = (w * x - t) ** 2\ntotal_loss = loss + 0.1 * w ** 2\n",
        "total_loss",
        ["w"],
    ),
    "a report": ("x, t = 2.0, 1.0\nw = 0.5\nloss = (w * x - t) ** 2\nmean_loss = loss / 10\n", "loss", ["w"]),
    "a word in it": (
        "x, t = 2.0, 1.0\nw = 0.5\ny = w * x\ntrain_mse = (y - t) ** 2\npercent = 100 * y\n",
        "train_mse",
        ["w"],
    ),
    "capital": ("x, t = 2.0, 1.0\nw = 0.5\nLoss = (w * x - t) ** 2\nother = w * x\n", "Loss", ["w"]),
    "a counter": (
        "x, t = 2.0, 1.0\nw = 0.5\nbatches_done = 0\nq = (w * x - t) ** 2\nbatches_done = batches_done + 1\n",
        "q",
        ["w"],
    ),
    "korean": (
        "입력, 정답 = 2.0, 1.0\n가중치 = 0.5\n편향 = 0.1\n손실 = (가중치 * 입력 + 편향 - 정답) ** 2\n",
        "손실",
        ["가중치", "편향"],
    ),
    "korean gradients": (
        "입력, 정답 = 2.0, 1.0\n값 = 0.5\n오차 = (값 * 입력 - 정답) ** 2\n값_기울기 = 2 * (값 * 입력 - 정답) * 입력\n",
        "오차",
        ["값"],
    ),
    "a slope and an intercept": (
        "x, t = 2.0, 1.0\nslope = 0.5\nintercept = 0.1\nloss = (slope * x + intercept - t) ** 2\n",
        "loss",
        ["slope", "intercept"],
    ),
    "sizes": (
        "import numpy as np\nbatch_size = 4\nwidth = 3\nbs = 2\nx = np.ones((batch_size, width))\nw = np.ones(width)\n"
        "loss = np.sum((x @ w) ** 2) / batch_size * bs\n",
        "loss",
        ["w"],
    ),
}


@pytest.mark.parametrize("case", NAMED)
def test_loss_and_parameters_by_their_names(case: str) -> None:
    text, loss, parameters = NAMED[case]
    net = sb.parse(text)
    assert net.loss == loss and choice(net, "parameters").split(", ") == parameters
    assert sb.check_gradients(sb.derive(net)).ok


RECURRENT = """
import numpy as np
{U} = np.random.randn(5, 4) * 0.1
{V} = np.random.randn(3, 5) / np.sqrt(5)
{W} = np.random.uniform(-0.3, 0.3, (5, 5))
xs = np.ones((3, 4))
t = np.zeros(3)
h = np.zeros(5)
loss = 0.0
for k in range(3):
    h = np.tanh({U} @ xs[k] + {W} @ h)
    loss = loss + np.sum(({V} @ h - t) ** 2)
"""


@pytest.mark.parametrize(
    "names",
    [
        "U V W",
        "Wxh Why Whh",
        "W_in W_out W_rec",
        "A B C",
        "kernel readout recurrent_kernel",
        "입력가중치 출력가중치 가중치",
    ],
)
def test_every_weight_of_a_recurrent_network_is_a_parameter(names: str) -> None:
    U, V, W = names.split()
    net = sb.parse(RECURRENT.format(U=U, V=V, W=W))
    assert set(choice(net, "parameters").split(", ")) == {U, V, W} and choice(net, "data") == "xs, t, h"


def test_what_looks_like_a_weight_is_not_data_in_silence() -> None:
    text = TORCH + (
        "x = torch.randn(3, 4)\nW = torch.randn(4, 5, requires_grad=True)\nM = torch.randn(5, 2)\n"
        "loss = (torch.tanh(x @ W) @ M).pow(2).sum()\nloss.backward()\n"
    )
    net = sb.parse(text)
    assert choice(net, "parameters") == "W"
    assert "data: M (drawn at random and multiplied as a weight is), x (change with wrt=, --wrt)" in net.choices
    assert choice(sb.parse(text, wrt=["W", "M"]), "parameters") == "W, M"


@pytest.mark.parametrize("sum_", ["np.sum(A**2)", "sum(sum(A**2))", "np.sum(normal(Z)**2)"])
def test_bare_names_of_a_loss_expression_mean_numpy_there_alone(sum_: str) -> None:
    text = (
        "import numpy as np\ndef normal(Z):\n    return np.exp(Z) / sum(np.exp(Z))\n"
        "Z = np.array([[0.5, 1.0, -0.3], [0.2, -0.7, 0.9]])\nA = normal(Z)\n"
    )
    Z = np.array([[0.5, 1.0, -0.3], [0.2, -0.7, 0.9]])
    A = np.exp(Z) / sum(np.exp(Z))
    assert sb.derive(sb.parse(text, loss=sum_, wrt="Z")).evaluate().loss == pytest.approx(np.sum(A**2))


def test_names_that_callers_decompose_are_those_of_the_text() -> None:
    text = NAMED["korean"][0]
    apart = unicodedata.normalize("NFD", "가중치")
    assert apart != "가중치"
    net = sb.parse(
        text, wrt=[apart], loss=unicodedata.normalize("NFD", "손실"), values={unicodedata.normalize("NFD", "편향"): 2.0}
    )
    assert choice(net, "parameters") == "가중치" and net.values["편향"] == 2.0


def test_every_language_has_words_of_every_kind() -> None:
    files = list((Path(sb.__file__).parent / "library" / "words").glob("*.json"))
    assert files
    for path in files:
        words = json.loads(path.read_text(encoding="utf-8"))
        assert words.keys() == set(KINDS) and all(
            word == normalized(word) for group in words.values() for word in group
        )


@pytest.mark.parametrize("name", ["학습률", "hidden_lr", "eta", "초기_학습률"])
def test_rates_are_known_by_their_names(name: str) -> None:
    assert is_rate_name(name) and not is_rate_name(name + "x")
