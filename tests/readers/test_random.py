"""Seeds of a text: what is drawn after them are the numbers that executing the text draws, or it is said that they are not."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import symback as sb
from symback.core.errors import ReadError
from symback.networks.network import Network
from symback.readers import numpy_random, python_random, torch_draws, torch_random
from tests.support import needs

NUMPY = "import numpy as np\n"
TORCH = (
    "import numpy as np, torch, torch.nn as nn, torch.nn.functional as F\n"
    "from torch.utils.data import DataLoader, TensorDataset\n"
)


@pytest.fixture(autouse=True)
def own_generators() -> Iterator[None]:
    """Give the process its generators back, which the executed texts seed."""
    kept, plain = np.random.get_state(), random.getstate()
    yield
    np.random.set_state(kept)
    random.setstate(plain)


def executed(text: str) -> float:
    """Return the loss that CPython computes: ``first`` where the text keeps that of its first pass."""
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(text, "text", "exec"), names)
    found = names.get("first", names["loss"])
    return float(found.detach() if hasattr(found, "detach") else found)


def loss_of(net: Network) -> float:
    return float(sb.derive(net).evaluate().loss)


def agrees(text: str, tolerance: float = 1e-12, wrt: str | None = None) -> None:
    """Compare the loss that is read with the loss that CPython computes."""
    net = sb.parse(text, wrt=wrt)
    assert not [c for c in net.choices if "no values" in c or "numbers of the code" in c]
    assert loss_of(net) == pytest.approx(executed(text), rel=tolerance)


def said(text: str, **options: Any) -> str:
    return "\n".join(sb.parse(text, **options).choices)


# --- NumPy --------------------------------------------------------------------------------------------------------------

DISTRIBUTIONS = {
    "rand": "rand(4, 3)",
    "randn": "randn(4, 3)",
    "random": "random((4, 3))",
    "random_sample": "random_sample(size=(4, 3))",
    "ranf": "ranf((4, 3))",
    "sample": "sample((4, 3))",
    "tomaxint": "tomaxint((4, 3)) / 1e18",
    "standard_normal": "standard_normal((4, 3))",
    "standard_cauchy": "standard_cauchy((4, 3))",
    "standard_exponential": "standard_exponential((4, 3))",
    "standard_gamma": "standard_gamma(2.0, (4, 3))",
    "standard_t": "standard_t(3, (4, 3))",
    "normal": "normal(np.zeros(3), scale=0.5, size=(4, 3))",
    "uniform": "uniform(high=2, low=-1, size=(4, 3))",
    "randint": "randint(2, 9, (4, 3), dtype=np.int32)",
    "integers": "integers(5, size=(4, 3), endpoint=True)",
    "random_integers": "",  # NumPy refuses it since version 2.0
    "beta": "beta(2, 3, (4, 3))",
    "binomial": "binomial(10, 0.3, (4, 3))",
    "f": "f(3, 5, (4, 3))",
    "chisquare": "chisquare(3, (4, 3))",
    "exponential": "exponential(2.0, (4, 3))",
    "geometric": "geometric(0.4, (4, 3))",
    "logseries": "logseries(0.4, (4, 3))",
    "pareto": "pareto(3.0, (4, 3))",
    "poisson": "poisson(3.0, (4, 3))",
    "power": "power(3.0, (4, 3))",
    "rayleigh": "rayleigh(2.0, (4, 3))",
    "weibull": "weibull(2.0, (4, 3))",
    "zipf": "zipf(3.0, (4, 3))",
    "dirichlet": "dirichlet([1.0, 2.0, 3.0], 4)",
    "gamma": "gamma(2.0, 1.5, (4, 3))",
    "gumbel": "gumbel(size=(4, 3))",
    "laplace": "laplace(size=(4, 3))",
    "logistic": "logistic(size=(4, 3))",
    "lognormal": "lognormal(sigma=0.5, size=(4, 3))",
    "multinomial": "multinomial(5, [0.2, 0.3, 0.5], 4)",
    "multivariate_normal": "multivariate_normal([0, 0, 1.0], np.eye(3), 4)",
    "multivariate_hypergeometric": "multivariate_hypergeometric([3, 4, 5], 4, 4)",
    "negative_binomial": "negative_binomial(3, 0.4, (4, 3))",
    "noncentral_chisquare": "noncentral_chisquare(3, 1.0, (4, 3))",
    "noncentral_f": "noncentral_f(3, 5, 1.0, (4, 3))",
    "vonmises": "vonmises(0.0, 2.0, (4, 3))",
    "wald": "wald(1.0, 2.0, (4, 3))",
    "hypergeometric": "hypergeometric(5, 6, 4, (4, 3))",
    "triangular": "triangular(0, 1, 2, (4, 3))",
    "choice": "choice([1.0, 2.5, 4.0], (4, 3), p=[0.2, 0.3, 0.5])",
    "permutation": "permutation(np.arange(12.0).reshape(4, 3))",
    "permuted": "permuted(np.arange(12.0).reshape(4, 3), axis=1)",
    "shuffle": "",
}
"""A call of every random function of NumPy; none where it gives nothing back, or NumPy has it no more."""

AFTER = "W = {draw}((3, 2))\nloss = np.sum(np.tanh(x @ W + a) ** 2)\n"


def test_every_random_function_of_numpy_is_called() -> None:
    assert set(DISTRIBUTIONS) == {*numpy_random.names_of(numpy_random.LEGACY), *numpy_random.names_of("Generator")}
    ours = set(DISTRIBUTIONS) | {"seed", "get_state", "set_state", "bytes", "spawn", "bit_generator"}
    for holder in (np.random.RandomState, np.random.Generator):
        assert {n for n in dir(holder) if not n.startswith("_")} <= ours


@pytest.mark.parametrize("name", [n for n, call in DISTRIBUTIONS.items() if call])
def test_numpy_draws_what_the_code_draws(name: str) -> None:
    call = DISTRIBUTIONS[name]
    if name in numpy_random.names_of(numpy_random.LEGACY):
        after = AFTER.format(draw="np.random.standard_normal")
        if name != "tomaxint":
            agrees(NUMPY + f"np.random.seed(3)\na = np.random.randn()\nx = np.random.{call}\n{after}")
        if name not in ("ranf", "sample"):
            after = AFTER.format(draw="rng.standard_normal")
            agrees(NUMPY + f"rng = np.random.RandomState(seed=7)\na = rng.rand()\nx = rng.{call}\n{after}")
    if name in numpy_random.names_of("Generator"):
        after = AFTER.format(draw="rng.normal").replace("((3, 2))", "(size=(3, 2))")
        agrees(NUMPY + f"rng = np.random.default_rng(3)\na = rng.random()\nx = rng.{call}\n{after}")


TEXTS = {
    "a generator of named bits": "rng = np.random.Generator(np.random.PCG64(5))\nW = rng.normal(size=3)\nloss = np.sum(W**2)",
    "two generators": (
        "a, b = np.random.default_rng(1), np.random.default_rng(2)\nnp.random.seed(3)\n"
        "W = a.normal(size=3) * b.normal(size=3)\nloss = np.sum((W + np.random.randn(3) * a.normal(size=3)) ** 2)"
    ),
    "names of their own": (
        "from numpy.random import seed, randn as gauss\nfrom numpy import random\nseed(4)\n"
        "W = gauss(3)\nloss = np.sum((W * random.rand(3)) ** 2)"
    ),
    "seeded again": (
        "np.random.seed(1)\nx = np.random.randn(3)\nnp.random.seed(1)\nW = np.random.randn(3)\nloss = np.sum((W - 2 * x) ** 2)"
    ),
    "a function": (
        "def start(n, m):\n    return np.random.randn(n, m) * np.sqrt(2 / n)\n"
        "np.random.seed(1)\nW1, W2 = start(3, 4), start(4, 2)\nx = np.random.randn(5, 3)\n"
        "loss = np.mean((np.maximum(x @ W1, 0) @ W2) ** 2)"
    ),
    "a seed that is computed": "k = 3\ns = k * 2\nnp.random.seed(s + 1)\nW = np.random.randn(3)\nloss = np.sum(W**2)",
    "a named deviation": (
        "np.random.seed(0)\nn = 4\nsigma = np.sqrt(2 / n)\nW = np.random.normal(0, sigma, (n, 2))\nloss = np.sum(W**2)"
    ),
    "a class": (
        "class Net:\n    def __init__(self, d, h):\n        self.W1 = np.random.randn(d, h) * 0.1\n"
        "        self.W2 = np.random.randn(h, 1) * 0.1\n    def forward(self, x):\n        return np.tanh(x @ self.W1) @ self.W2\n"
        "np.random.seed(0)\nnet = Net(3, 4)\nx = np.random.randn(5, 3)\ny = np.random.randn(5, 1)\n"
        "loss = np.mean((net.forward(x) - y) ** 2)"
    ),
    "an unrolled loop": (
        "np.random.seed(0)\nh = x = np.random.randn(5, 3)\nfor k in range(3):\n    h = np.tanh(h @ np.random.randn(3, 3))\n"
        "loss = np.sum(h**2) + np.sum(np.random.rand(2))"
    ),
    "a list": (
        "np.random.seed(0)\nsizes = [3, 4, 2]\nWs = [np.random.randn(a, b) for a, b in zip(sizes[:-1], sizes[1:])]\n"
        "h = np.random.randn(5, 3)\nfor W in Ws:\n    h = np.tanh(h @ W)\nloss = np.sum(h**2)"
    ),
    "one draw for each row": (
        "np.random.seed(0)\nx = np.ones((4, 3))\nW = np.random.randn(3)\n"
        "noisy = np.array([row @ W + np.random.randn() for row in x])\nloss = np.sum(noisy**2)"
    ),
    "draws that are only shown": (
        "np.random.seed(0)\nprint(np.random.randn(3))\nprint('a', np.random.rand(), np.random.randint(3))\n"
        "W = np.random.randn(3)\nloss = np.sum(W**2)"
    ),
    "draws outside the slice": "np.random.seed(0)\nunused = np.random.randn(7)\nW = np.random.randn(3)\nloss = np.sum(W**2)",
    "shuffled rows": (
        "np.random.seed(0)\nx = np.arange(12.0).reshape(4, 3)\nnp.random.shuffle(x)\nW = np.random.randn(3, 2)\n"
        "loss = np.sum((x @ W)[0] ** 2)"
    ),
    "rows shuffled by a generator": (
        "rng = np.random.default_rng(0)\nx = np.arange(12.0).reshape(4, 3)\nrng.shuffle(x)\nW = rng.normal(size=(3, 2))\n"
        "loss = np.sum((x @ W)[0] ** 2)"
    ),
    "rows in a random order": (
        "np.random.seed(0)\nx, y = np.random.randn(6, 3), np.random.randn(6, 2)\norder = np.random.permutation(6)\n"
        "x, y = x[order[:3]], y[order[:3]]\nW = 0.1 * np.random.randn(3, 2)\nloss = np.sum((x @ W - y) ** 2)"
    ),
    "a shuffled list": (
        "np.random.seed(0)\nk = [5.0, 6.0, 7.0, 8.0]\nnp.random.shuffle(k)\nW = np.random.randn()\nloss = (k[0] * W - k[1]) ** 2"
    ),
    "items that are used up": (
        "np.random.seed(0)\ns = sum(np.random.randn() for k in range(3)) + list(map(lambda k: np.random.rand(), range(2)))[1]\n"
        "W = np.random.randn(3)\nloss = np.sum(W**2) * s"
    ),
    "the first batch of a generator": (
        "np.random.seed(0)\nx, y = np.random.randn(20, 3), np.random.randn(20, 1)\nW = np.random.randn(3, 1)\n"
        "def batches():\n    order = np.random.permutation(20)\n    for k in range(0, 20, 5):\n"
        "        yield x[order[k : k + 5]], y[order[k : k + 5]]\nfirst = None\nfor a, b in batches():\n    e = a @ W - b\n"
        "    loss = np.mean(e**2)\n    if first is None:\n        first = loss\n    W = W - 0.1 * 2 * a.T @ e / 5"
    ),
    "one way of two": "np.random.seed(0)\nk = 3\nW = np.random.randn(k) if k > 2 else np.random.rand(k)\nloss = np.sum((W * np.random.randn(3)) ** 2)",
    "both ways of an if": (
        "np.random.seed(0)\nw = np.array(1.5)\ndef f(w):\n    if w > 0:\n        return np.random.randn() * w\n"
        "    return np.random.randn() * w * 2\nloss = f(w) ** 2"
    ),
    "indices that are drawn": (
        "np.random.seed(0)\nx = np.zeros(5)\nx[np.random.randint(5)] += np.random.randn()\nx[np.random.randint(5)] = 2.0\n"
        "W = np.random.randn(5)\nloss = np.sum((x - W) ** 2)"
    ),
    "an if that is drawn": (
        "np.random.seed(0)\nk = 2 if np.random.rand() < 0.6 else 3\nif np.random.rand() < 0.9:\n    k = 4\n"
        "W = np.random.randn(k)\nloss = np.sum(W**2)"
    ),
    "parts that are shuffled": (
        "np.random.seed(1)\nx = np.arange(6.0)\nz = x\nnp.random.shuffle(x[:3])\nW = np.random.randn(6)\nloss = np.sum(W * z) ** 2"
    ),
    "a while loop": (
        "np.random.seed(0)\nk = 0\nwhile k < 3:\n    np.random.rand()\n    k = k + 1\nW = np.random.randn(2)\nloss = np.sum(W**2)"
    ),
    "a seed for each row": (
        "x = np.ones((3, 2))\ndef f(r):\n    np.random.seed(4)\n    return np.sum(r * np.random.randn(2))\n"
        "z = np.array([f(r) for r in x])\nW = np.random.randn(3)\nloss = np.sum(z * W) ** 2"
    ),
    "functions with names of their own": (
        "import functools\nrng = np.random.default_rng(1)\ndraw, small = rng.normal, functools.partial(rng.normal, 0, 0.1)\n"
        "def f(W, x=small(size=3)):\n    return np.sum(W * x)\nW = draw(size=3)\nloss = f(W) ** 2"
    ),
    "the first pass of training": (
        "np.random.seed(0)\nx, y = np.random.randn(20, 3), np.random.randn(20, 1)\nW = np.random.randn(3, 1)\n"
        "for k in range(3):\n    i = np.random.randint(0, 20, 4)\n    xb, yb = x[i], y[i]\n    e = xb @ W - yb\n"
        "    loss = np.mean(e**2)\n    if k == 0:\n        first = loss\n    W = W - 0.1 * 2 * xb.T @ e / 4"
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_draws_happen_in_the_order_of_the_code(name: str) -> None:
    agrees(NUMPY + TEXTS[name])


# --- Python's own ---------------------------------------------------------------------------------------------------------

ONE_NUMBER = {
    "random": "()",
    "uniform": "(-1, b=2)",
    "triangular": "(0, 1, 0.3)",
    "randint": "(2, 9)",
    "randrange": "(2, 20, 3)",
    "getrandbits": "(10)",
    "gauss": "(0, 1)",
    "normalvariate": "(1, 2)",
    "lognormvariate": "(0, 0.5)",
    "expovariate": "(1.5)",
    "betavariate": "(2, 3)",
    "gammavariate": "(2, 1.5)",
    "vonmisesvariate": "(0, 2)",
    "paretovariate": "(3)",
    "weibullvariate": "(1, 2)",
    "binomialvariate": "(10, 0.3)",
}


@pytest.mark.parametrize("name", [n for n in python_random.NUMBERS if hasattr(random, n)])
def test_python_draws_what_the_code_draws(name: str) -> None:
    agrees(
        f"import random\nrandom.seed(5)\na = random.{name}{ONE_NUMBER[name]}\nw = random.uniform(-1, 1)\nloss = (w * a - 1)**2"
    )
    agrees(
        f"import random\nr = random.Random(5)\na = r.{name}{ONE_NUMBER[name]}\nw = r.random()\nloss = (w * a - 1)**2"
    )


def test_python_takes_from_lists() -> None:
    agrees(
        "import random\nrandom.seed('word')\nl = [1.0, 2.0, 3.0, 4.0]\nrandom.shuffle(l)\nw = random.choice(l)\n"
        "s = random.sample(range(100), 2)\nc = random.choices([1.0, 2.0, 5.0], weights=[1, 1, 8], k=3)\n"
        "loss = (l[0] * w - s[0] + s[1] * l[1] - c[0] * c[2])**2",
        wrt="l",
    )
    message = said("import random\nl = [1.0, 2.0]\nw = random.random()\nloss = w**2")
    assert "no values for w" in message
    with pytest.raises(ReadError, match="seed it by"):
        sb.parse("import random\nw = random.choice([1.0, 2.0])\nloss = w**2")


# --- PyTorch ---------------------------------------------------------------------------------------------------------------

DRAWN_BY_TORCH = {
    "randn": (
        "torch.randn(4, 3)",
        "torch.randn((4, 3))",
        "torch.randn(size=(4, 3))",
        "torch.randn([4, 3]).double().float()",
    ),
    "rand": ("torch.rand(4, 3)", "torch.rand(4, 3, dtype=torch.float64).float()"),
    "normal": (
        "torch.normal(0.0, 1.0, (4, 3))",
        "torch.normal(mean=torch.zeros(4, 3), std=2.0)",
        "torch.normal(1.0, torch.ones(4, 3))",
        "torch.normal(torch.zeros(4, 3), torch.full((4, 3), 0.5))",
    ),
    "randint": (
        "torch.randint(5, (4, 3)).float()",
        "torch.randint(1, 5, (4, 3)).float()",
        "torch.randint(low=1, high=5, size=(4, 3)).float()",
        "torch.randint(high=5, size=(4, 3)).float()",
        "torch.randint(5, size=(4, 3)).float()",
    ),
    "randperm": ("torch.randperm(12).reshape(4, 3).float()", "torch.arange(12.0).reshape(4, 3)[torch.randperm(4)]"),
    "randn_like": ("torch.randn_like(torch.ones(4, 3))",),
    "rand_like": ("torch.rand_like(torch.ones(4, 3))",),
    "randint_like": ("torch.randint_like(torch.ones(4, 3), 5)", "torch.randint_like(torch.ones(4, 3), 2, 5)"),
    "bernoulli": ("torch.bernoulli(torch.full((4, 3), 0.3))",),
    "poisson": ("torch.poisson(torch.full((4, 3), 3.0))",),
    "multinomial": (
        "torch.multinomial(torch.ones(4, 5), 3).float()",
        "torch.multinomial(torch.ones(4, 2), 3, True).float()",
    ),
    "empty": (),
    "normal_": ("torch.empty(4, 3).normal_()", "torch.zeros(4, 3).normal_(mean=1, std=0.1)"),
    "uniform_": ("torch.empty(4, 3).uniform_(-1, 1)", "torch.Tensor(4, 3).uniform_(to=0.5)"),
    "random_": ("torch.zeros(4, 3).random_(0, 5)", "torch.zeros(4, 3).random_(5)"),
    "exponential_": ("torch.empty(4, 3).exponential_(2.0)",),
    "bernoulli_": ("torch.empty(4, 3).bernoulli_(0.3)",),
    "cauchy_": ("torch.empty(4, 3).cauchy_()",),
    "geometric_": ("torch.empty(4, 3).geometric_(0.3)",),
    "log_normal_": ("torch.empty(4, 3).log_normal_(0, 0.5)",),
    "init.normal_": ("nn.init.normal_(torch.empty(4, 3), std=0.02)",),
    "init.uniform_": ("nn.init.uniform_(torch.empty(4, 3), -1, 1)",),
    "init.trunc_normal_": ("nn.init.trunc_normal_(torch.empty(4, 3), std=0.02)",),
    "init.xavier_uniform_": ("nn.init.xavier_uniform_(torch.empty(4, 3), gain=nn.init.calculate_gain('tanh'))",),
    "init.xavier_normal_": ("nn.init.xavier_normal_(torch.empty(4, 3))",),
    "init.kaiming_uniform_": ("nn.init.kaiming_uniform_(torch.empty(4, 3), a=5**0.5)",),
    "init.kaiming_normal_": ("nn.init.kaiming_normal_(torch.empty(4, 3), mode='fan_out', nonlinearity='relu')",),
    "init.orthogonal_": ("nn.init.orthogonal_(torch.empty(4, 3))",),
    "init.sparse_": ("nn.init.sparse_(torch.empty(4, 3), 0.5, std=1)",),
    "init.constant_": ("nn.init.constant_(torch.empty(4, 3), 0.3)",),
    "init.zeros_": ("nn.init.zeros_(torch.empty(4, 3))",),
    "init.ones_": ("nn.init.ones_(torch.empty(4, 3))",),
    "init.eye_": ("nn.init.eye_(torch.empty(4, 3))",),
    "init.dirac_": ("nn.init.dirac_(torch.empty(4, 1, 3), 2)[:, 0]",),
}
"""Calls of every random function of PyTorch."""


def test_every_random_function_of_torch_is_called() -> None:
    torch = needs.package("torch")
    known = {*torch_random.FUNCTIONS, *torch_random.FILLINGS, *(f"init.{n}" for n in torch_random.INITS)}
    assert set(DRAWN_BY_TORCH) == known
    public = {n for n in dir(torch.nn.init) if n.endswith("_") and not n.startswith("_")}
    assert public == set(torch_random.INITS)


@pytest.mark.parametrize("name", [n for n, calls in DRAWN_BY_TORCH.items() if calls])
def test_torch_draws_what_the_code_draws(name: str) -> None:
    needs.package("torch")
    for call in DRAWN_BY_TORCH[name]:
        agrees(
            f"{TORCH}torch.manual_seed(3)\na = torch.randn(())\nx = {call}\nW = torch.randn(3, 2, requires_grad=True)\n"
            "loss = (torch.tanh(x @ W + a) ** 2).sum()\nloss.backward()",
            1e-5,
        )


LAYERS = {
    "nn.Linear(3, 4)": "(5, 3)",
    "nn.Linear(3, 4, bias=False)": "(5, 3)",
    "nn.Conv1d(3, 4, 2)": "(2, 3, 6)",
    "nn.Conv2d(3, 4, kernel_size=3, padding=1)": "(2, 3, 6, 6)",
    "nn.Sequential(nn.Linear(3, 4), nn.LayerNorm(4), nn.ReLU(), nn.Linear(4, 2))": "(5, 3)",
    "nn.RNN(3, 4, bias=False, nonlinearity='relu')": "(2, 3, 3)",
    "nn.GRU(3, 4, batch_first=True)": "(2, 3, 3)",
    "nn.LSTM(3, 4, num_layers=2, bidirectional=True)": "(2, 3, 3)",
    "nn.LSTMCell(3, 4)": "(2, 3)",
    "nn.MultiheadAttention(4, 2, batch_first=True)": "(2, 3, 4)",
    "nn.MultiheadAttention(4, 2, bias=False)": "(2, 3, 4)",
}


@pytest.mark.parametrize("layer", LAYERS)
def test_layers_start_from_the_numbers_of_torch(layer: str) -> None:
    needs.package("torch")
    several = any(n in layer for n in ("RNN", "GRU", "LSTM", "Attention"))
    call = "m(x, x, x)[0]" if "Attention" in layer else "m(x)[0]" if several else "m(x)"
    agrees(
        f"{TORCH}torch.manual_seed(1)\nm = {layer}\nx = torch.randn{LAYERS[layer]}\nout = {call}\n"
        "loss = (out * torch.randn_like(out)).mean() + (out**2).sum()\nloss.backward()"
        if not several
        else f"{TORCH}torch.manual_seed(1)\nm = {layer}\nx = torch.randn{LAYERS[layer]}\nout = {call}\n"
        "loss = (out**2).sum() + torch.randn(2).sum()\nloss.backward()",
        1e-5,
    )


TORCH_TEXTS = {
    "classes and indices": (
        "torch.manual_seed(1)\ntable = nn.Embedding(7, 4)\nlast = nn.Linear(4, 3)\nx = torch.randint(0, 7, (5,))\n"
        "y = torch.randint(0, 3, (5,))\nloss = F.cross_entropy(last(table(x)), y)\nloss.backward()"
    ),
    "a module": (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = nn.Linear(3, 8)\n"
        "        self.b = nn.Linear(8, 2)\n        self.p = nn.Parameter(torch.randn(8) * 0.1)\n"
        "        nn.init.xavier_uniform_(self.a.weight)\n        nn.init.zeros_(self.a.bias)\n"
        "        self.b.weight.data.normal_(0, 0.02)\n    def forward(self, x):\n"
        "        h = torch.tanh(self.a(x))\n        return self.b(h * self.p)\n"
        "torch.manual_seed(0)\nnet = Net()\nx, y = torch.randn(5, 3), torch.randint(0, 2, (5,))\n"
        "opt = torch.optim.SGD(net.parameters(), lr=0.1)\nfor epoch in range(2):\n    opt.zero_grad()\n"
        "    loss = F.cross_entropy(net(x), y)\n    if epoch == 0:\n        first = loss\n    loss.backward()\n    opt.step()"
    ),
    "apply": (
        "def start(m):\n    if isinstance(m, nn.Linear):\n        nn.init.kaiming_uniform_(m.weight, nonlinearity='relu')\n"
        "        m.bias.data.fill_(0.01)\n"
        "torch.manual_seed(0)\nnet = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 2)))\n"
        "net.apply(start)\nx = torch.randn(5, 3)\nloss = (net(x) ** 2).mean()"
    ),
    "generators": (
        "g = torch.Generator().manual_seed(1)\nW = torch.randn((3, 2), generator=g, requires_grad=True)\n"
        "h = torch.Generator()\nb = torch.rand(2, generator=h)\nh.manual_seed(4)\nc = torch.zeros(2).normal_(generator=h)\n"
        "x = torch.tensor([[1.0, 2.0, 3.0]])\nloss = ((x @ W + b) * c).pow(2).sum()\nloss.backward()"
    ),
    "three libraries": (
        "import random\ndef seed_all(s):\n    random.seed(s)\n    np.random.seed(s)\n    torch.manual_seed(s)\n"
        "    torch.cuda.manual_seed_all(s)\n    torch.backends.cudnn.deterministic = True\n"
        "seed_all(7)\nx = torch.tensor(np.random.randn(4, 3), dtype=torch.float32)\nm = nn.Linear(3, 2)\n"
        "loss = (m(x) ** 2).mean() * random.random()"
    ),
    "a plain loader": (
        "torch.manual_seed(0)\nX, Y = torch.randn(20, 3), torch.randn(20, 1)\n"
        "for x, y in DataLoader(TensorDataset(X, Y), batch_size=4):\n    break\n"
        "m = nn.Linear(3, 1)\nloss = F.mse_loss(m(x + torch.randn(4, 3)), y)"
    ),
    "all batches of a loader": (
        "g = torch.Generator().manual_seed(3)\ntorch.manual_seed(0)\nX, Y = torch.randn(10, 3), torch.randn(10, 1)\n"
        "m = nn.Linear(3, 1)\nloss = torch.zeros(())\ndata = TensorDataset(X, Y)\n"
        "for x, y in DataLoader(data, batch_size=4, shuffle=True, generator=g, drop_last=True):\n"
        "    loss = loss + F.mse_loss(m(x), y)\n"
        "loader = DataLoader(data, 5, shuffle=True)\nx, y = next(iter(loader))\nloss = loss + len(loader) * F.mse_loss(m(x), y)\n"
        "loss = loss + sum(F.mse_loss(m(x), y) for x, y in loader) + torch.randn(()) * torch.randn((), generator=g)"
    ),
    "parameters in the order of PyTorch": (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = nn.Linear(3, 4)\n"
        "        self.p = nn.Parameter(torch.zeros(4))\n        self.m = nn.MultiheadAttention(4, 2, batch_first=True)\n"
        "        self.q = nn.Parameter(torch.zeros(4))\n        self.r = nn.LSTM(4, 4, batch_first=True)\n"
        "    def forward(self, x):\n        h = self.a(x) * self.p + self.q\n        return self.r(self.m(h, h, h)[0])[0]\n"
        "torch.manual_seed(0)\nnet = Net()\nfor w in net.parameters():\n    nn.init.uniform_(w, -1, 1)\n"
        "x = torch.randn(2, 5, 3)\nloss = (net(x) ** 2).mean()\nloss.backward()"
    ),
    "a shuffling loader": (
        "torch.manual_seed(0)\nX, Y = torch.randn(20, 3), torch.randn(20, 1)\n"
        "loader = DataLoader(TensorDataset(X, Y), batch_size=4, shuffle=True)\nm = nn.Linear(3, 1)\n"
        "opt = torch.optim.SGD(m.parameters(), lr=0.1)\nfirst = None\nfor epoch in range(2):\n"
        "    for i, (x, y) in enumerate(loader):\n        loss = F.mse_loss(m(x + torch.randn(4, 3)), y)\n"
        "        if first is None:\n            first = loss.detach()\n"
        "        opt.zero_grad()\n        loss.backward()\n        opt.step()"
    ),
}


@pytest.mark.parametrize("name", TORCH_TEXTS)
def test_torch_draws_in_the_order_of_the_code(name: str) -> None:
    needs.package("torch")
    agrees(TORCH + TORCH_TEXTS[name], 1e-5)


def test_the_default_type_of_torch_is_honoured_and_the_process_keeps_its_own() -> None:
    torch = needs.package("torch")
    torch.manual_seed(8)
    before = torch.get_rng_state()
    text = f"{TORCH}torch.set_default_dtype(torch.float64)\ntorch.manual_seed(0)\nm = nn.Linear(3, 2)\nx = torch.randn(4, 3)\n"
    text += "loss = (m(x) ** 2).mean()"
    found = loss_of(sb.parse(text))
    assert torch.get_default_dtype() == torch.float32
    assert torch.equal(torch.get_rng_state(), before)
    try:
        assert found == pytest.approx(executed(text), rel=1e-12)
    finally:
        torch.set_default_dtype(torch.float32)


def test_without_torch_the_choices_say_what_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch_draws, "seeded", lambda seed: None)
    text = TORCH + "torch.manual_seed(0)\nm = nn.Linear(3, 2)\nx = torch.randn(4, 3)\nloss = (m(x) ** 2).mean()"
    message = said(text)
    assert "no values for W1, b1 and x" in message.replace("x, W1 and b1", "W1, b1 and x")
    assert "PyTorch is not installed here" in message
    assert "drawn by the seed 2, not by the code" in said(text, seed=2)


# --- what is not followed ---------------------------------------------------------------------------------------------------

END = "W = np.random.randn(2)\nx = np.ones(2)\nloss = (W * x).sum()\n"

LOST = {
    "an unknown function": "fit(3)\n",
    "a module of one's own": "from common import *\n",
    "rows of a frame": "import pandas as pd\nframe = pd.read_csv('a.csv')\nframe = frame.sample(frac=1)\n",
    "a split": "from sklearn.model_selection import train_test_split\na, b = train_test_split(rows)\n",
    "a while loop": (
        "V, L = np.ones(2), 9.0\nwhile L > 0.1:\n    q = np.random.randn(2)\n    L = ((V * q) ** 2).sum()\n"
        "    V -= 0.1 * 2 * V * q * q\n"
    ),
    "a long loop": "for k in range(1000):\n    q = np.random.rand()\n",
    "a draw that is not read": "q = [np.random.rand()][::step]\n",
    "a function that is handed on": "import pandas as pd\nframe = pd.read_csv('a.csv')\nq = frame.apply(lambda r: np.random.rand())\n",
    "a default that is not read": "def f(a=fit(np.random.rand())):\n    return a\n",
    "a function in a list": "fs = [lambda: np.random.rand(), lambda: 0]\nq = [f() for f in fs][::step]\n",
    "a state set by hand": "np.random.set_state(kept)\n",
    "a clock": "import time\nnp.random.seed(int(time.time()))\n",
    "one way of two": (
        "def f(w):\n    if w > 0:\n        return np.random.randn() * w\n    return w\nw = np.array(1.0)\nq = f(w)\n"
    ),
    "training": (
        "V = np.ones(2)\nfor k in range(5):\n    q = np.random.randn(2)\n    L = ((V * q) ** 2).sum()\n    V -= 0.1 * 2 * V * q * q\n"
    ),
}


@pytest.mark.parametrize("name", LOST)
def test_what_is_not_followed_loses_the_numbers(name: str) -> None:
    net = sb.parse(f"{NUMPY}np.random.seed(0)\n{LOST[name]}{END}", loss="loss")
    assert "W" not in net.values and net.variables["W"].shape == (2,)
    assert any("no values for" in c for c in net.choices)
    assert any("W" in c and "not the numbers of the code" in c for c in net.choices)
    filled = sb.parse(f"{NUMPY}np.random.seed(0)\n{LOST[name]}{END}", loss="loss", seed=1)
    assert any("drawn by the seed 1, not by the code" in c and "W" in c for c in filled.choices)


@pytest.mark.parametrize(
    "text",
    [
        "def f():\n    for k in range(3):\n        yield np.random.rand()\nq = sum(f())\n",
        "q = 0.0\nfor a in (np.random.rand() for k in range(3)):\n    q = q + a * np.random.rand()\n",
        "q = 0.0\nfor a in map(lambda k: np.random.rand(), range(3)):\n    q = q + a * np.random.rand()\n",
    ],
)
def test_items_draw_when_they_are_asked_for(text: str) -> None:
    agrees(f"{NUMPY}np.random.seed(0)\n{text}{END}", wrt="W")


KEPT = {
    "a picture": "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2])\nplt.show()\n",
    "a table": "import pandas as pd\nframe = pd.read_csv('a.csv')\nframe.head()\nrows = frame.values\n",
    "data with a seed of its own": "from sklearn.datasets import make_moons\nX, t = make_moons(100, random_state=4)\n",
    "the system": "import os, time\nos.makedirs('a')\nstart = time.time()\n",
    "the other libraries": "import random\nrandom.random()\nrng = np.random.default_rng()\nq = rng.normal(size=3)\n",
    "a definition": "def f():\n    return np.random.rand()\n",
}


@pytest.mark.parametrize("name", KEPT)
def test_what_draws_nothing_keeps_the_numbers(name: str) -> None:
    net = sb.parse(f"{NUMPY}np.random.seed(0)\n{KEPT[name]}{END}", loss="loss")
    np.testing.assert_array_equal(net.values["W"], np.random.RandomState(0).randn(2))


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("W = np.random.randn(3, dtype=float)", "unexpected keyword argument 'dtype'"),
        ("W = np.random.rndn(3)", "did you mean 'randn'"),
        ("W = np.random.normal(0, -1, 3)", "scale < 0"),
        ("W = np.random.randn(10**9)", "too large"),
        ("W = np.random.permutation(10**9)", "too large"),
        ("W = np.random.default_rng(0).normal(size=3, foo=1)", "foo"),
        ("W = np.random.default_rng(0).random(3, out=a)", "out"),
        ("W = torch.randn(3, foo=1)", "torch.randn has no option foo"),
        ("W = torch.randn(3, dtype=torch.complex64)", "complex64"),
        ("W = torch.randn(3, generator=3)", "generator="),
        ("W = nn.init.zeros_(torch.empty(3), 4)", "takes 0 arguments"),
    ],
)
def test_what_a_function_does_not_take_is_refused(line: str, part: str) -> None:
    with pytest.raises(ReadError, match=part):
        sb.parse(f"import numpy as np, torch, torch.nn as nn\na = np.ones(3)\n{line}\nloss = (W**2).sum()")


# --- the caller's seed ---------------------------------------------------------------------------------------------------------


def test_the_seed_fills_whatever_has_a_shape() -> None:
    text = (
        TORCH + "m = nn.Linear(3, 4)\nfor x, y in loader:\n    loss = F.cross_entropy(m(x), y)\n    loss.backward()\n"
    )
    net = sb.parse(text, shapes={"x": (5, 3), "y": (5,)}, seed=0)
    assert set(net.values) == set(net.variables)
    assert net.values["y"].dtype == np.int64 and set(net.values["y"]) <= {0, 1, 2, 3}
    assert any("drawn by the seed 0, not by the code: " in c and "x" in c and "y" in c for c in net.choices)
    assert np.isfinite(loss_of(net))
    again = sb.parse(text, shapes={"x": (5, 3), "y": (5,)}, seed=0)
    for name, value in net.values.items():
        np.testing.assert_array_equal(value, again.values[name])


def test_the_seed_fills_with_numbers_at_which_the_formulas_are_finite() -> None:
    net = sb.parse(NUMPY + "x = np.random.rand(3)\nloss = np.log(w * x).sum()", shapes={"w": (3,)}, seed=0, wrt="w")
    assert np.isfinite(loss_of(net))


def test_the_seed_leaves_the_numbers_of_the_code_alone() -> None:
    text = NUMPY + "np.random.seed(0)\nW = np.random.randn(2)\nloss = ((W * x) ** 2).sum()"
    net = sb.parse(text, shapes={"x": (2,)}, seed=9)
    np.testing.assert_array_equal(net.values["W"], np.random.RandomState(0).randn(2))
    assert "drawn by the seed 9, not by the code: x" in net.choices


def test_a_draw_inside_a_function_is_named_by_its_line() -> None:
    text = NUMPY + "def start():\n    return np.random.randn(2)\nW = 0.1 * start()\nloss = (W**2).sum()"
    assert "drawn by the seed 3, not by the code: what line 3 draws" in said(text, seed=3)
