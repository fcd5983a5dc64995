"""Texts that only define classes or functions: the option that the message names works."""

from __future__ import annotations

import re
import shlex

import pytest

import symback as sb

TORCH = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"

TEXTS = {
    "a class with a cost": """
import numpy as np
class Net:
    def __init__(self, d, h):
        self.W1 = np.random.randn(d, h)
        self.W2 = np.random.randn(h, 1)
    def forward(self, X):
        self.a1 = np.tanh(X @ self.W1)
        return self.a1 @ self.W2
    def cost(self, X, y):
        return 0.5 * np.sum((y - self.forward(X)) ** 2)
    def cost_prime(self, X, y):
        return self.a1.T @ (self.forward(X) - y)
""",
    "parameters in a dictionary": """
import numpy as np
def softmax(x):
    e = np.exp(x - np.max(x, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)
class TwoLayerNet:
    def __init__(self, input_size, hidden_size, output_size, weight_init_std=0.01):
        self.params = {}
        self.params['W1'] = weight_init_std * np.random.randn(input_size, hidden_size)
        self.params['W2'] = weight_init_std * np.random.randn(hidden_size, output_size)
    def predict(self, x):
        return softmax(np.tanh(np.dot(x, self.params['W1'])) @ self.params['W2'])
    def loss(self, x, t):
        return -np.sum(t * np.log(self.predict(x) + 1e-7)) / x.shape[0]
    def numerical_gradient(self, x, t):
        return None
""",
    "a module with a flag": TORCH
    + """
class Norm(nn.Module):
    def __init__(self, n, bias):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(n))
        self.bias = nn.Parameter(torch.zeros(n)) if bias else None
    def forward(self, x):
        return F.layer_norm(x, self.weight.shape, self.weight, self.bias, 1e-5)
""",
    "a module with fixed sizes": TORCH
    + """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 12)
        self.fc2 = nn.Linear(12, 10)
    def forward(self, x):
        return self.fc2(F.relu(self.fc1(x)))
""",
    "a list of sizes, by columns": """
import numpy as np
class Network:
    def __init__(self, sizes):
        self.biases = [np.random.randn(y, 1) for y in sizes[1:]]
        self.weights = [np.random.randn(y, x) for x, y in zip(sizes[:-1], sizes[1:])]
    def feedforward(self, a):
        for b, w in zip(self.biases, self.weights):
            a = np.tanh(np.dot(w, a) + b)
        return a
""",
    "a class in a class": TORCH
    + """
class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.inner = nn.Linear(width, width)
    def forward(self, x):
        return x + torch.tanh(self.inner(x))
class Model(nn.Module):
    def __init__(self, width, num_layers):
        super().__init__()
        self.blocks = nn.ModuleList([Block(width) for _ in range(num_layers)])
    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return x
""",
    "a loss of two arrays": """
import numpy as np
def mean_squared_error(y, t):
    return 0.5 * np.sum((y - t) ** 2)
""",
    "a function with its weights": """
import numpy as np
def forward(x, W, b):
    return np.tanh(x @ W + b)
""",
    "names that are taken": """
import numpy as np
x = "a text"
class Net:
    def __init__(self, d):
        self.W = np.random.randn(d, d)
    def loss(self, x):
        return np.sum((x @ self.W) ** 2)
""",
}


@pytest.mark.parametrize("case", TEXTS)
def test_the_suggested_option_works(case: str) -> None:
    with pytest.raises(sb.ReadError) as refused:
        sb.parse(TEXTS[case])
    message = str(refused.value)
    assert message.startswith("there is no forward pass in this code: it only defines the ") and "line 0" not in message
    option = re.search(r"call one as the loss: (--loss .*) \(loss=, shapes= in Python\)", message)
    assert option, message
    words = shlex.split(option[1])
    given = list(zip(words[::2], words[1::2], strict=True))
    shapes = dict(value.split("=") for name, value in given if name == "--shape")
    net = sb.parse(
        TEXTS[case],
        loss=dict(given)["--loss"],
        shapes={n: tuple(int(s) for s in v.strip("() ").split(",") if s.strip()) for n, v in shapes.items()},
        wrt=dict(given).get("--wrt"),
        seed=0,
    )
    assert net.equations
    d = sb.derive(net)
    assert d.network.parameters


def test_every_weight_of_a_class_is_derived() -> None:
    net = sb.parse(TEXTS["a class with a cost"], loss="Net(4, 5).cost(X, y)", shapes={"X": (6, 4), "y": (6, 1)})
    assert sb.derive(net).network.parameters == ("W1", "W2")


def test_a_loss_is_enough_where_a_class_needs_arguments() -> None:
    text = TEXTS["a module with a flag"]
    net = sb.parse(text, loss="Norm(3, True)(x).sum()", shapes={"x": (2, 3)})
    assert sb.derive(net).network.parameters == ("weight", "bias")
    with pytest.raises(sb.ReadError, match=r"^in the loss 'Norm\(3\)\(x\)\.sum\(\)': __init__ needs bias$"):
        sb.parse(text, loss="Norm(3)(x).sum()", shapes={"x": (2, 3)})
    with pytest.raises(sb.ReadError, match="it only defines the class Norm"):
        sb.parse(text, shapes={"x": (2, 3)})


def test_what_cannot_be_tried_is_said_with_its_reason() -> None:
    text = "import numpy as np\nclass Net:\n    def __init__(self, d):\n        self.f = mystery(d)\n    def loss(self, x):\n        return self.f(x)\n"
    with pytest.raises(
        sb.ReadError, match=r"the class Net \(line 2\) with loss; .* as --loss 'Net\(d\)\.loss\(x\)' --shape x=…"
    ):
        sb.parse(text)
