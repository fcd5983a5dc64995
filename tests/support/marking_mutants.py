"""Mutants of correct backward code: one operator, transpose, axis, name or number changed, and what they do when they run."""

from __future__ import annotations

import ast
import copy
import random
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

NETWORKS: dict[str, str] = {
    "sigmoid_mse": """
x = np.random.randn(5, 3)
y = np.random.randn(5, 2)
W1 = np.random.randn(3, 4)
b1 = np.random.randn(4)
W2 = np.random.randn(4, 2)
b2 = np.random.randn(2)
z1 = x @ W1 + b1
a1 = 1 / (1 + np.exp(-z1))
z2 = a1 @ W2 + b2
a2 = 1 / (1 + np.exp(-z2))
loss = np.mean((a2 - y)**2)
""",
    "softmax_ce": """
x = np.random.randn(4, 3)
y = np.eye(3)[[0, 2, 1, 1]]
W1 = np.random.randn(3, 3)
b1 = np.random.randn(3)
W2 = np.random.randn(3, 3)
b2 = np.random.randn(3)
z1 = x @ W1 + b1
h1 = np.tanh(z1)
z2 = h1 @ W2 + b2
e = np.exp(z2)
p = e / np.sum(e, axis=1, keepdims=True)
loss = -np.mean(np.sum(y * np.log(p), axis=1))
""",
    "column_relu": """
x = np.random.randn(3, 5)
y = np.random.rand(1, 5)
W1 = np.random.randn(4, 3)
b1 = np.random.randn(4, 1)
W2 = np.random.randn(1, 4)
b2 = np.random.randn(1, 1)
z1 = W1 @ x + b1
a1 = np.maximum(0, z1)
z2 = W2 @ a1 + b2
a2 = 1 / (1 + np.exp(-z2))
loss = -np.mean(y * np.log(a2) + (1 - y) * np.log(1 - a2))
""",
    "residual": """
x = np.random.randn(6, 3)
y = np.random.randn(6, 3)
W1 = np.random.randn(3, 3)
W2 = np.random.randn(3, 3)
z1 = x @ W1
h1 = np.tanh(z1)
r1 = h1 + x @ W2
z2 = r1 @ W1
loss = 0.5 * np.sum((z2 + r1 - y)**2) / 6
""",
    "torch_layout": """
x = np.random.randn(4, 2)
y = np.random.randn(4, 2)
W1 = np.random.randn(5, 2)
b1 = np.random.randn(5)
W2 = np.random.randn(2, 5)
b2 = np.random.randn(2)
z1 = x @ W1.T + b1
a1 = np.tanh(z1)
z2 = a1 @ W2.T + b2
loss = np.sum((z2 - y)**2)
""",
    "batch_norm": """
x = np.random.randn(6, 3)
y = np.random.randn(6, 3)
gamma = np.random.randn(3)
beta = np.random.randn(3)
mu = np.mean(x, axis=0)
xmu = x - mu
var = np.mean(xmu**2, axis=0)
std = np.sqrt(var + 1e-5)
xhat = xmu / std
out = gamma * xhat + beta
loss = 0.5 * np.sum((out - y)**2)
""",
    "attention": """
x = np.random.randn(4, 3)
y = np.random.randn(4, 3)
Wq = np.random.randn(3, 3)
Wk = np.random.randn(3, 3)
Wv = np.random.randn(3, 3)
Q = x @ Wq
K = x @ Wk
V = x @ Wv
S = Q @ K.T / np.sqrt(3)
E = np.exp(S)
P = E / np.sum(E, axis=1, keepdims=True)
out = P @ V
loss = 0.5 * np.sum((out - y)**2)
""",
    "recurrent": """
x1 = np.random.randn(3, 2)
x2 = np.random.randn(3, 2)
y = np.random.randn(3, 4)
Wx = np.random.randn(2, 4)
Wh = np.random.randn(4, 4)
b = np.random.randn(4)
z1 = x1 @ Wx + b
h1 = np.tanh(z1)
z2 = x2 @ Wx + h1 @ Wh + b
h2 = np.tanh(z2)
loss = np.mean((h2 - y)**2)
""",
    "layer_norm": """
x = np.random.randn(4, 5)
y = np.random.randn(4, 5)
gamma = np.random.randn(5)
beta = np.random.randn(5)
mu = np.mean(x, axis=1, keepdims=True)
xmu = x - mu
var = np.mean(xmu**2, axis=1, keepdims=True)
std = np.sqrt(var + 1e-5)
xhat = xmu / std
out = gamma * xhat + beta
loss = np.mean((out - y)**2)
""",
}
"""Forward passes, to which the generator writes the backward pass."""


@dataclass(frozen=True)
class Code:
    """A text with data, forward pass and backward pass; the last lines, from ``first`` on, are the backward pass."""

    head: str
    body: tuple[str, ...]
    first: int

    def text(self, body: tuple[str, ...] | None = None) -> str:
        return "import numpy as np\n\n" + self.head + "\n" + "\n".join(body or self.body) + "\n"


def backward_code(name: str) -> Code:
    """Return the generated backward pass of a network as flat code."""
    import symback as sb

    text = "import numpy as np\n" + NETWORKS[name]
    net = sb.parse(text)
    d = sb.derive(net, wrt=[v for v in net.variables if v != "y"])
    tree = ast.parse(d.code())
    function = next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == "gradients")
    lines = [ast.unparse(s) for s in function.body if not isinstance(s, (ast.Expr, ast.Return))]
    first = next(k for k, line in enumerate(lines) if line.startswith("loss")) + 1
    helpers = [ast.unparse(n) for n in tree.body if isinstance(n, ast.FunctionDef) and n.name != "gradients"]
    data = [line for line in NETWORKS[name].strip().split("\n") if line.split(" ")[0] in net.variables]
    return Code("\n".join([*helpers, *data]), tuple(lines), first)


_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.MatMult)


def mutants(code: Code, count: int, seed: int) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Return mutants: what was done, the lines, and the name on the mutated line."""
    generator = random.Random(seed)
    assigned = [line for line in (*code.body, *code.head.split("\n")) if " = " in line and not line.startswith(" ")]
    names = sorted({line.split(" ")[0] for line in assigned})
    seen: set[str] = set()
    tries = 0
    while len(seen) < count and tries < 50 * count:
        tries += 1
        k = generator.randrange(code.first, len(code.body))
        tree = ast.parse(code.body[k]).body[0]
        assert isinstance(tree, ast.Assign)
        changed = copy.deepcopy(tree)
        what = _mutate(changed, generator, names)
        if what is None:
            continue
        line = ast.unparse(changed)
        if line == code.body[k] or line in seen:
            continue
        seen.add(line)
        yield what, (*code.body[:k], line, *code.body[k + 1 :]), code.body[k].split(" ")[0]


def _mutate(tree: ast.Assign, generator: random.Random, names: list[str]) -> str | None:
    """Change one thing in a statement; return what, or None where nothing was changed."""
    nodes = list(ast.walk(tree.value))
    node = generator.choice(nodes)
    if isinstance(node, ast.BinOp):
        if generator.random() < 0.4:
            kept = generator.choice([node.left, node.right])
            _replace(tree, node, kept)
            return "operand dropped"
        if generator.random() < 0.3:
            node.left, node.right = node.right, node.left
            return "operands swapped"
        others = [o for o in _OPERATORS if not isinstance(node.op, o)]
        node.op = generator.choice(others)()
        return "operator"
    if isinstance(node, ast.Attribute) and node.attr == "T":
        _replace(tree, node, node.value)
        return "transpose dropped"
    if isinstance(node, ast.Name) and node.id not in ("np",):
        if generator.random() < 0.4:
            _replace(tree, node, ast.Attribute(ast.Name(node.id, ast.Load()), "T", ast.Load()))
            return "transpose added"
        node.id = generator.choice([n for n in names if n != node.id])
        return "name"
    if isinstance(node, ast.keyword):
        if node.arg == "axis":
            node.value = ast.Constant(generator.choice([0, 1, None]))
        elif node.arg == "keepdims":
            node.value = ast.Constant(False)
        return "axis"
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
        node.value = generator.choice([node.value + 1, node.value * 2, node.value * 1.00002])
        return "number"
    if isinstance(node, ast.UnaryOp):
        _replace(tree, node, node.operand)
        return "sign dropped"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("sum", "mean"):
        _replace(tree, node, node.func.value)
        return "sum dropped"
    return None


def _replace(tree: ast.AST, old: ast.AST, new: ast.AST) -> None:
    for parent in ast.walk(tree):
        for label, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, label, new)
                return
            if isinstance(value, list):
                for k, item in enumerate(value):
                    if item is old:
                        value[k] = new
                        return


def gradients_of(text: str, wanted: list[str], seed: int) -> dict[str, Any]:
    """Run a text with NumPy's random state from ``seed`` and return arrays; nan where it fails."""
    np.random.seed(seed)
    scope: dict[str, Any] = {}
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            exec(compile(text, "mutant", "exec"), scope)  # our own generated code, mutated by this module
        except Exception:
            return {}
    return {n: np.asarray(scope[n], dtype=float) for n in wanted if n in scope}


def changes(text: str, mutant: str, wanted: list[str]) -> bool:
    """Return whether a mutant changes any of the wanted arrays, its shape included."""
    for seed in range(3):
        right, found = gradients_of(text, wanted, seed), gradients_of(mutant, wanted, seed)
        for name in wanted:
            if name not in found or found[name].shape != right[name].shape:
                return True
            scale = np.max(np.abs(right[name])) + 1e-12
            if not np.all(np.abs(found[name] - right[name]) <= 1e-9 * scale):
                return True
    return False
