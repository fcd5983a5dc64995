"""Networks in every layout, and derivations as texts to compare."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from symback.api import derive
from symback.core.forms import Form, names_in, one_hot
from symback.functions import ROWS
from symback.networks.network import Network
from tests.support.plain import sigmoid
from tests.support.random_forms import Growth
from tests.support.small_networks import Values, log

SMOOTH = tuple(step for step in Growth.EVERY if step != "put")


def two_layers(
    layout: str, batch: Any, dims: tuple[int, int, int], bias: str
) -> tuple[Network, Callable[..., Any], Values]:
    """Return a two-layer network with a squared error, the same as NumPy code, and values."""
    rng = np.random.default_rng(len(layout) + sum(dims))
    rows = 4 if batch == "n" else batch
    vector = batch is None
    a, b, c = dims

    def data(width: int, count: Any) -> tuple[Any, ...]:
        return (width,) if vector else (width, count) if layout == "column" else (count, width)

    net = Network()
    values: Values = {}

    def leaf(make: Any, label: str, shape: tuple[Any, ...]) -> Form:
        values[label] = rng.standard_normal(tuple(rows if s == "n" else s for s in shape))
        return make(label, shape)  # type: ignore[no-any-return]

    def affine(h: Any, W: Any, b: Any) -> Any:
        product = (
            W @ h if layout == "column" or (layout == "torch" and vector) else h @ W.T if layout == "torch" else h @ W
        )
        return product if b is None else product + b

    x, t = leaf(net.input, "x", data(a, batch)), leaf(net.input, "t", data(c, batch))
    weights: list[tuple[Form, Form | None]] = []
    for k, (i, o) in enumerate([(a, b), (b, c)], 1):
        W = leaf(net.parameter, f"W{k}", (i, o) if layout == "row" else (o, i))
        shape = {"none": None, "1d": (o,), "2d": (o, 1) if layout == "column" else (1, o)}[bias]
        weights.append((W, None if shape is None else leaf(net.parameter, f"b{k}", shape)))
    h = net.define("h", ROWS["sigmoid"](net.define("z1", affine(x, *weights[0]))))
    net.define("L", ((net.define("z2", affine(h, *weights[1])) - t) ** 2).mean())

    def code(x: Any, t: Any, W1: Any, W2: Any, b1: Any = None, b2: Any = None) -> float:
        return float(((affine(sigmoid(affine(x, W1, b1)), W2, b2) - t) ** 2).mean())

    return net, code, values


LAYOUTS = [
    (layout, batch, dims, bias)
    for layout in ("row", "column", "torch")
    for batch in (None, 1, 3, "n")
    for dims in ((2, 3, 1), (3, 3, 3), (1, 1, 1), (4, 1, 2))
    for bias in ("none", "1d", "2d")
    if not ((bias == "2d" and batch is None) or (bias == "1d" and layout == "column" and batch is not None))
]


def bce() -> Network:
    net = Network()
    z, y = net.parameter("z", ("n",)), net.input("y", ("n",))
    a = net.define("a", ROWS["sigmoid"](z))
    net.define("L", -(y * log(a) + (1 - y) * log(1 - a)).mean())
    return net


def ce(how: str) -> tuple[Network, str]:
    net = Network()
    z = net.parameter("z", (2, 3) if how == "checked on its values" else ("n", 3))
    target = "y"
    if how == "by construction":
        target = "Y"
        y: Form = net.define("Y", one_hot(net.input("t", ("n",), integer=True), 3))
    elif how == "checked on its values":
        y = net.input("y", (2, 3), np.eye(3)[[0, 2]])
    else:
        y = net.input("y", ("n", 3))
    if how == "assumed":
        net.assume("one-hot", y)
    s = net.define("s", ROWS["softmax"](z))
    net.define("L", -(y * log(s)).sum(axis=1).mean())
    return net, target


def examples() -> list[Network]:
    """Return networks that share shapes of equations with one another."""
    nets = [two_layers(*layout)[0] for layout in LAYOUTS[::5]] + [
        bce(),
        *[ce(h)[0] for h in ("assumed", "nothing", "by construction")],
    ]
    for seed in range(12):
        growth = Growth(seed, smooth=True)
        growth.STEPS = SMOOTH
        form, _ = growth.grow(5)
        net = Network()
        for leaf in names_in(form):
            if leaf.name.startswith("i"):
                net.input(leaf.name, leaf.shape, integer=True)
            else:
                net.parameter(leaf.name, leaf.shape)
        net.define("L", (form * form).sum())
        if any(v.role == "parameter" for v in net.variables.values()):
            nets.append(net)
    return nets


def told(net: Network) -> str:
    found = []
    for collapse in (True, False):
        d = derive(net, collapse=collapse)
        for step in d.steps:
            found.append(f"{step.of} {step.form} {step.rules} {[str(a) for a in step.assumptions]}")
            found.append(
                f"{[(c.through, str(c.upstream), str(c.local), str(c.form)) for c in (*step.contributions, *step.literal)]}"
            )
    return "\n".join(found)
