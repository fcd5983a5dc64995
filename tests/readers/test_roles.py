"""What reading infers: which names are parameters, which value is the loss, where updates end the forward pass.

Each text is read rightly, or refused where it may be; the twin of a training loop is its first forward pass.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import symback as sb
from symback.core.errors import SymbackError
from symback.readers import parse
from tests.support import needs
from tests.support.programs import Execution, Program, compared

NUMPY = "import numpy as np\n"
TORCH = "import math\nimport torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"


def parameters(text: str, **options: Any) -> set[str]:
    return {v.name for v in parse(text, **options).variables.values() if v.role == "parameter"}


# --- parameters ---------------------------------------------------------------------------------------------------------

TWO_LAYERS = """
n, h = 3, 4
scale = 0.1
X = np.random.randn(5, n)
W1 = {first}
W2 = {second}
loss = np.mean((np.tanh(X @ W1) @ W2) ** 2)
"""
DRAWN = [
    ("np.random.randn(n, h) / np.sqrt(n)", "np.random.randn(h, 1) / np.sqrt(h)"),
    ("np.random.randn(n, h) * scale", "scale * np.random.randn(h, 1)"),
    ("np.random.randn(n, h) * np.sqrt(2 / n)", "np.random.randn(h, 1) * np.sqrt(2. / h)"),
    ("np.random.rand(n, h) * 2 - 1", "np.random.rand(h, 1) - 0.5"),
    ("np.random.uniform(-scale, scale, (n, h))", "np.random.normal(0, scale, size=(h, 1))"),
    ("scale * np.random.randn(n, h) / n ** 0.5", "np.random.randn(h, 1) / (h + n)"),
    ("np.random.standard_normal((n, h)) / np.sqrt(n / 2)", "np.random.random((h, 1)) * scale"),
    ("np.random.default_rng(0).normal(size=(n, h)) * scale", "np.random.default_rng(1).random((h, 1)) * scale"),
]


@pytest.mark.parametrize(("first", "second"), DRAWN)
def test_what_is_drawn_and_scaled_by_a_name_is_a_parameter(first: str, second: str) -> None:
    assert parameters(NUMPY + TWO_LAYERS.format(first=first, second=second)) == {"W1", "W2"}


TORCH_LAYERS = """
n, h = 3, 4
X = torch.randn(5, n)
class Net(nn.Module):
    def __init__(self, n, h):
        super().__init__()
        self.W1 = nn.Parameter({first})
        self.W2 = nn.Parameter({second})
    def forward(self, x):
        return torch.tanh(x @ self.W1) @ self.W2
net = Net(n, h)
loss = net(X).pow(2).mean()
loss.backward()
"""
DRAWN_BY_TORCH = [
    ("torch.randn(n, h) / math.sqrt(n)", "torch.randn(h, 1) / h ** 0.5"),
    ("torch.randn(n, h) * (2 / n) ** 0.5", "0.1 * torch.randn(h, 1)"),
    ("torch.rand(n, h) * 2 - 1", "torch.rand(h, 1) - 0.5"),
    ("torch.empty(n, h).normal_(0, 0.1)", "torch.zeros(h, 1)"),
    ("torch.Tensor(n, h).uniform_(-1 / n, 1 / n)", "torch.ones(h, 1) / h"),
]


@pytest.mark.parametrize(("first", "second"), DRAWN_BY_TORCH)
def test_what_a_module_draws_and_scales_is_a_parameter(first: str, second: str) -> None:
    found = parameters(TORCH + TORCH_LAYERS.format(first=first, second=second))
    assert len(found) == 2 and all("W" in name for name in found)


RECURRENT = """
U = np.random.randn(4, 3) * 0.1
V = np.random.randn(2, 4) * 0.1
W = np.random.randn(4, 4) * 0.1
x = np.random.randn(3, 3)
h = np.zeros(4)
for t in range(3):
    h = np.tanh(U @ x[t] + W @ h)
loss = np.sum((V @ h) ** 2)
"""


@pytest.mark.parametrize(
    ("letters", "scaled"), [("UVW", "* 0.1"), ("UVW", "/ np.sqrt(4)"), (("Wxh", "Why", "Whh"), "")]
)
def test_every_matrix_of_a_recurrent_network_is_a_parameter(letters: Any, scaled: str) -> None:
    text = RECURRENT.replace("* 0.1", scaled)
    for old, new in zip("UVW", letters, strict=True):
        text = text.replace(f"{old} ", f"{new} ")
    assert parameters(NUMPY + text) == set(letters)


TIED = """
class Tied(nn.Module):
    def __init__(self, v, d):
        super().__init__()
        self.emb = nn.Embedding(v, d)
        self.head = nn.Linear(d, v, bias=False)
        {tie}
        {init}
    def _init(self, module):
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, mean=0.0, std=0.02)
    def forward(self, i):
        return self.head(self.emb(i))
m = Tied(5, 3)
i = torch.tensor([0, 2, 4])
loss = F.cross_entropy(m(i), torch.tensor([1, 0, 3]))
loss.backward()
"""


@pytest.mark.parametrize("tie", ["self.emb.weight = self.head.weight", "self.head.weight = self.emb.weight"])
@pytest.mark.parametrize(
    "init",
    [
        "pass",
        "self.apply(self._init)",
        "nn.init.normal_(self.head.weight, std=0.02)",
        "nn.init.xavier_uniform_(self.emb.weight)",
        "nn.init.normal_(self.emb.weight); nn.init.normal_(self.head.weight)",
    ],
)
def test_tied_weights_stay_one_parameter_when_drawn_anew(tie: str, init: str) -> None:
    assert len(parameters(TORCH + TIED.format(tie=tie, init=init))) == 1


PAIR = """
G = nn.Linear(2, 3)
D = nn.Linear(3, 1)
{optimizer}
z = torch.randn(4, 2)
loss = D(G(z)).pow(2).mean()
opt.zero_grad()
loss.backward()
opt.step()
"""


@pytest.mark.parametrize(
    ("optimizer", "count"),
    [
        ("opt = torch.optim.SGD(D.parameters(), lr=0.1)", 2),
        ("opt = torch.optim.Adam(G.parameters(), lr=0.1)", 2),
        ("opt = torch.optim.SGD([D.weight], lr=0.1)", 1),
        ("opt = torch.optim.SGD(list(D.parameters()) + list(G.parameters()), lr=0.1)", 4),
        ("opt = torch.optim.SGD([{'params': D.parameters()}, {'params': [G.bias]}], lr=0.1)", 3),
        ("params = [G.weight, G.bias]\nopt = torch.optim.SGD(params, lr=0.1)", 2),
    ],
)
def test_the_optimizers_own_list_says_what_is_a_parameter(optimizer: str, count: int) -> None:
    assert len(parameters(TORCH + PAIR.format(optimizer=optimizer))) == count


# --- the loss -----------------------------------------------------------------------------------------------------------

UNREADABLE = """
opts = get_options()
D = nn.Linear(3, 1)
opt = torch.optim.RMSprop(D.parameters(), lr=0.01)
{counter}
for epoch in range(3):
    for i, (real, _) in enumerate(make_loader()):
        {loss} = -torch.mean(D(real) * opts.scale)
        opt.zero_grad()
        {loss}.backward()
        opt.step()
        {step}
"""


@pytest.mark.parametrize("loss", ["loss_d", "loss", "err"])
@pytest.mark.parametrize(
    ("counter", "step"),
    [
        ("batches_done = 0", "batches_done += 1"),
        ("w = 0.0", "w = w + 1"),
        ("best = 1.0", "best = best * 0.9"),
        ("total_loss = 0", "total_loss += 1"),
    ],
)
def test_a_loss_that_cannot_be_read_is_not_replaced_by_a_counter(loss: str, counter: str, step: str) -> None:
    with pytest.raises(SymbackError):
        parse(TORCH + UNREADABLE.format(loss=loss, counter=counter, step=step))


LOSS_OF_A_FUNCTION = """
xs = [1.0, 2.0]
ys = [2.0, 4.0]
w = 1.0
def forward(x):
    return x * w
def {loss}(x, y):
    return (forward(x) - y) ** 2
def gradient(x, y):
    return 2 * x * (x * w - y)
{before}
for epoch in range(10):
    for x, y in zip(xs, ys):
        w = w - 0.01 * {slope}
        {name} = {loss}(x, y)
"""


@pytest.mark.parametrize(
    "before", ["print(forward(4))", "pass", "print('before', 4, forward(4))", "start = forward(4)"]
)
@pytest.mark.parametrize("slope", ["2 * x * (x * w - y)", "gradient(x, y)"])
@pytest.mark.parametrize(("loss", "name"), [("loss", "l"), ("cost", "c"), ("loss", "value")])
def test_a_loss_function_is_the_loss_and_not_a_prediction(before: str, slope: str, loss: str, name: str) -> None:
    try:
        net = parse(NUMPY + LOSS_OF_A_FUNCTION.format(before=before, slope=slope, loss=loss, name=name))
    except SymbackError:
        return
    assert [v.name for v in net.variables.values() if v.role == "parameter"] == ["w"]
    assert sb.derive(net).evaluate().loss == pytest.approx(1.0)


NORMAL = """
def normal(Z):
    return np.exp(Z) / sum(np.exp(Z))
T = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
A = normal(Z)
"""
FILLED = """
def unroll(W):
    a = np.zeros((2, 4))
    h = np.zeros(2)
    for t in range(3):
        h = np.tanh(W[:, t] + h)
        a[:, t] = h
    return a, h
a, h = unroll(Z)
"""


@pytest.mark.parametrize(
    ("body", "loss"),
    [
        (NORMAL, "np.sum(A * T)"),
        (NORMAL, "np.sum(normal(Z) * T)"),
        (NORMAL, "-np.mean(np.log(normal(Z * 2)) * T)"),
        (NORMAL, "sum(sum(normal(Z) ** 2))"),
        (FILLED, "np.sum((a - 1) ** 2)"),
        (FILLED, "np.sum((unroll(Z * 2)[0] - 1) ** 2)"),
        (FILLED, "sum(a[0] ** 2) + h[1]"),
        ("b = Z * 2\nc = b\nc += 1\n", "np.sum(b ** 2)"),
    ],
)
def test_a_loss_that_is_given_is_read_like_a_line_of_the_text(body: str, loss: str) -> None:
    leaves = {"Z": [[0.5, 1.0, -0.3], [0.2, -0.7, 0.9]]}
    whole = Program("numpy", leaves, (body, f"loss = {loss}"))
    found = sb.derive(parse(whole.text.replace(f"loss = {loss}\n", ""), wrt="Z", loss=loss)).evaluate()
    execution = Execution(whole)
    verdict = compared(execution, ["Z"], execution.whole(), float(found.loss), dict(found.gradients))
    assert verdict.kind == "right", verdict


# --- NumPy or PyTorch ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "loss",
    [
        "x.var() * W.sum()",
        "(x.std() * W).sum()",
        "(x.var(0) * W).sum()",
        "(x.std(dim=1, keepdim=True) * W).sum()",
        "((x.max(0)[0]) * W).sum()",
        "(x.max(1)[0][0] * W).sum()",
        "(x * W).var()",
        "(x.size(0) * W).sum()",
        "(x.sum(1)[:, None] * W).mean()",
    ],
)
def test_an_open_name_in_a_file_of_pytorch_is_a_tensor(loss: str) -> None:
    torch = needs.package("torch")
    x = np.array([[1.0, 2.0, 4.0], [0.5, 0.25, 3.0]])
    leaves = {"W": [[0.5, -0.3, 0.2], [0.1, 0.7, -0.9]]}
    text = Program("torch", leaves, (f"loss = {loss}",)).text
    execution = Execution(Program("torch", leaves, (f"x = torch.tensor({x.tolist()})", f"loss = {loss}")))
    try:
        found = sb.derive(parse(text, values={"x": x}, wrt="W", loss="loss")).evaluate()
    except SymbackError:
        return
    verdict = compared(execution, ["W"], execution.whole(), float(found.loss), dict(found.gradients))
    assert verdict.kind == "right" and torch, verdict


# --- training is not differentiated through -------------------------------------------------------------------------------

DATA = "X = np.array([[0.0, 1.0], [1.0, 1.0], [2.0, -1.0]])\nY = np.array([[0.0], [1.0], [0.5]])\n"
FORWARD = "loss = 0.5 * np.sum((X @ W - Y) ** 2)\n"

TRAINING = {
    "a rate of one": """
for i in range(3):
    o = X @ W
    loss = 0.5 * np.sum((o - Y) ** 2)
    W -= X.T @ (o - Y)
""",
    "a rate with a name": """
rate = 0.1
for i in range(3):
    o = X @ W
    loss = 0.5 * np.sum((o - Y) ** 2)
    W -= rate * X.T @ (o - Y)
""",
    "a gradient with a name": """
for i in range(100):
    o = X @ W
    loss = 0.5 * np.sum((o - Y) ** 2)
    dW = X.T @ (o - Y)
    W = W - 0.1 * dW
""",
    "a method that updates": """
class Model:
    def __init__(self, W):
        self.W = W
    def forward(self):
        self.o = X @ self.W
        return 0.5 * np.sum((self.o - Y) ** 2)
    def update(self, rate):
        self.W -= rate * X.T @ (self.o - Y)
model = Model(W)
for i in range(50):
    loss = model.forward()
    model.update(0.1)
""",
    "a function that returns the new dictionary": """
def update(p, g, rate=0.1):
    W = p['W']
    W = W - rate * g['dW']
    return {'W': W}
p = {'W': W}
for i in range(30):
    o = X @ p['W']
    loss = 0.5 * np.sum((o - Y) ** 2)
    g = {'dW': X.T @ (o - Y)}
    p = update(p, g)
""",
    "a function that trains": """
def train(W, rounds=20):
    for i in range(rounds):
        o = X @ W
        loss = 0.5 * np.sum((o - Y) ** 2)
        W = W - 0.1 * X.T @ (o - Y)
    return W
W_end = train(W)
""",
    "training inside main": """
def cost(p):
    return 0.5 * np.sum((X @ p['W'] - Y) ** 2)
def train(W):
    for i in range(20000):
        dW = X.T @ (X @ W - Y)
        W = W - 0.01 * dW
        p = {'W': W}
    return p
def main():
    p = train(W)
    loss = cost(p)
main()
""",
    "a while loop": """
n = 0
while n < 50:
    o = X @ W
    loss = 0.5 * np.sum((o - Y) ** 2)
    W = W - 0.1 * (X.T @ (o - Y))
    n += 1
""",
    "a list of parameters": """
params = [W]
for i in range(50):
    o = X @ params[0]
    loss = 0.5 * np.sum((o - Y) ** 2)
    grads = [X.T @ (o - Y)]
    for p, g in zip(params, grads):
        p -= 0.1 * g
""",
}


@pytest.mark.parametrize("label", TRAINING)
def test_an_update_ends_the_forward_pass(label: str) -> None:
    leaves = {"W": [[0.2], [-0.1]]}
    text = Program("numpy", leaves, (DATA + TRAINING[label],)).text
    execution = Execution(Program("numpy", leaves, (DATA + FORWARD,)))
    try:
        found = sb.derive(parse(text)).evaluate()
    except SymbackError:
        return
    assert set(found.gradients) == {"W"}
    verdict = compared(execution, ["W"], execution.whole(), float(found.loss), dict(found.gradients))
    assert verdict.kind == "right", verdict


# --- right work is not called wrong ---------------------------------------------------------------------------------------

RIGHT_WORK = {
    "an item of a gradient is set": """
x = np.array([0.5, -1.0, 2.0])
w = np.array([[0.1, 0.4], [0.3, -0.2], [0.2, 0.5]])
e = np.exp(x @ w)
out = e / np.sum(e)
loss = -np.log(out[1])
d_out = np.zeros(2)
d_out[1] = -1 / out[1]
d_z = out * (d_out - np.sum(d_out * out))
d_w = x[:, None] @ d_z[None]
""",
    "a probability less one at the label": """
X = np.array([[1.0, 2.0], [0.5, -1.0], [0.3, 0.7]])
W = np.array([[0.1, 0.2, -0.3], [0.4, -0.5, 0.6]])
y = np.array([0, 2, 1])
s = X @ W
p = np.exp(s) / np.sum(np.exp(s), axis=1, keepdims=True)
loss = np.sum(-np.log(p[np.arange(3), y])) / 3
ds = p.copy()
ds[np.arange(3), y] -= 1
ds /= 3
dW = X.T @ ds
""",
    "a gradient through an alias": """
x = np.array([1.0, 2.0])
w = np.array([0.5, -0.3])
z = x * w
loss = np.sum(z ** 2)
dz = 2 * z
g = dz
g *= 1.0
dw = g * x
""",
    "a mask set in place": """
X = np.array([[1.0, -2.0], [0.5, 1.0]])
W = np.array([[0.3, -0.2], [0.4, 0.1]])
z = X @ W
h = np.maximum(z, 0)
loss = np.sum(h ** 2)
dz = 2 * h
dz[z <= 0] = 0
dW = X.T @ dz
""",
    "rows filled one by one": """
X = np.array([[1.0, -2.0], [0.5, 1.0]])
w = np.array([0.3, -0.2])
loss = np.sum((X @ w) ** 2)
dw = np.zeros(2)
for row in X:
    dw += 2 * (row @ w) * row
""",
    "a size with a name that looks like a gradient": """
Q = np.array([[0.1, 0.2], [0.3, -0.1]])
K = np.array([[0.5, 0.1], [0.2, 0.7]])
d_k = 4 // 2
S = Q @ K.T / np.sqrt(d_k)
loss = np.sum(S ** 2)
dS = 2 * S
""",
}


def notebook(*cells: str) -> str:
    made = [{"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": c} for c in cells]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


FIRST_NETWORK = """import numpy as np
x = np.array([1.0, 2.0])
w = np.array([0.5, -0.3])
y = 1.0
p = x.dot(w)
error = (p - y) ** 2
w_delta = 2 * (p - y) * x
w -= 0.1 * w_delta"""
SECOND_NETWORK = """x, w, y = 0.5, 0.2, 0.8
for i in range(20):
    p = x * w
    error = (p - y) ** 2
    derivative = {factor} * x * (p - y)
    w -= 0.1 * derivative"""


@pytest.mark.parametrize(("factor", "right"), [(7, False)])
def test_a_cell_is_marked_by_its_own_network(factor: int, right: bool) -> None:
    """The first cell's right gradient is not held against the second cell's network, a wrong one of its own is."""
    text = notebook(FIRST_NETWORK, SECOND_NETWORK.format(factor=factor))
    try:
        report = sb.check_text(text, cell=2)
    except SymbackError:
        return
    assert report.ok == right, str(report)


LOCAL_NAMES = """import numpy as np
def sig(z):
    return 1 / (1 + np.exp(-z))
def propagate(w, X, Y):
    A = sig(X @ w)
    cost = np.mean((A - Y) ** 2)
    dw = X.T @ (2 * (A - Y) * A * (1 - A)) / A.size
    return dw, cost
def predict(w, X):
    A = sig(X @ w)
    return A"""
USE = """X = np.array([[1.0, 2.0], [0.3, -0.5]])
Y = np.array([[1.0], [0.0]])
w = np.array([[0.1], [0.2]])
for i in range(10):
    dw, cost = propagate(w, X, Y)
    w = w - 0.1 * dw
p = predict(w, X)"""


@pytest.mark.parametrize("loss", [None])
@pytest.mark.parametrize("text", [notebook(LOCAL_NAMES, USE), f"{LOCAL_NAMES}\n{USE}\n"])
def test_a_name_that_is_local_to_two_functions_is_two_names(text: str, loss: str | None) -> None:
    try:
        report = sb.check_text(text, loss=loss)
    except SymbackError:
        return
    assert report.ok, str(report)


@pytest.mark.parametrize("label", RIGHT_WORK)
def test_right_work_is_right_or_refused(label: str) -> None:
    try:
        report = sb.check_text(NUMPY + RIGHT_WORK[label])
    except SymbackError:
        return
    assert report.ok, str(report)


BIASES = """
import numpy as np
X = np.array([[1.0, 2.0], [0.5, -1.0], [0.3, 0.4]]); w = np.array([1.0, 2.0]); W = np.array([[1.0], [2.0]])
{lines}
loss = np.sum(z**2)
"""


@pytest.mark.parametrize(
    ("lines", "parameters"),
    [
        ("c = np.array([0.1]); z = X @ W + c", "W c"),
        ("g = np.array([[0.1]]); z = g + X @ W", "W g"),
        ("c = np.array([0.1]); h = np.tanh(X @ W + c); z = h @ np.array([[1.0]]) + c", "W"),
        ("c = np.array([0.1]); z = (X @ W + c) * c", "W"),
        ("noise = np.array([0.1, 0.2, 0.3]); z = X @ w + noise", "w"),
        ("e = np.array([[0.1], [0.2], [0.3]]); z = X @ W + e", "W"),
        ("y = np.array([0.1]); z = X @ W + y", "W"),
        ("c = np.array([0.1]); z = X @ W - c", "W"),
        ("c = np.array([[0.1]]); z = W.T @ X.T + c", "W c"),
        ("e = np.array([[0.1, 0.2, 0.3]]); z = W.T @ X.T + e", "W"),
        ("c = np.array([[0.1], [0.2]]); z = np.ones((1, 2)) @ (W @ X[:, :1].T + c)", "W c"),
    ],
)
def test_what_is_only_added_to_a_weighted_sum_is_a_bias(lines: str, parameters: str) -> None:
    network = sb.parse(BIASES.format(lines=lines))
    found = [n for n, v in network.variables.items() if v.role == "parameter"]
    assert sorted(found) == sorted(parameters.split())
    said = any("or they are added to a weighted sum" in choice for choice in network.choices)
    assert said == (len(found) > 1)
