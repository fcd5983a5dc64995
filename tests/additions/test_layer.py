"""A layer is one function and its name in its file's list: in a copy of the package, a builder like the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.additions import copied, said_by

NAMES = "__all__ = [\n"

LAYER = '''\
def gated(net: Network, x: Any, width: int | str, *, name: str | None = None) -> Form:
    """σ(x U) ⊙ x V: a product of the data, and how much of it passes."""
    tag = _tag(net, name, "U", "V", "g")
    x = as_form(x)
    gate = net.parameter(f"U{tag}", (_width("gated", x), width))
    weight = net.parameter(f"V{tag}", (_width("gated", x), width))
    passed = net.define(f"g{tag}", operator("sigmoid")(x @ gate))
    return net.define(f"h{tag}", passed * (x @ weight))
'''


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with one layer more."""
    made = copied(tmp_path_factory.mktemp("layer"))
    layers = made / "networks" / "layers.py"
    text = layers.read_text(encoding="utf-8")
    assert text.count(NAMES) == 1
    layers.write_text(text.replace(NAMES, LAYER + NAMES + '    "gated",\n'), encoding="utf-8")
    return made


SCRIPT = """
import numpy as np
import symback as sb
from symback import layers
net = sb.Network()
x, y = net.input("X", ("n", 3)), net.input("Y", ("n", 1))
h = layers.gated(net, x, 2)
net.define("L", sb.mse(layers.linear(net, h, 1), y))
d = sb.derive(net)
rng = np.random.default_rng(0)
values = {name: rng.normal(size=shape) for name, shape in
          {"X": (4, 3), "Y": (4, 1), "U1": (3, 2), "V1": (3, 2), "W1": (2, 1), "b1": (1,)}.items()}
print("gated" in dir(layers), [e.name for e in net.equations], d.gradient("U1").shape)
print(sb.check_gradients(d, values).ok)
print(d.latex("V1"))
print("U_1" in str(d.handout(level="brief").text("tex")))
"""


def test_it_is_a_builder_like_the_others(package: Path) -> None:
    first, second, latex, drawn = said_by(package, SCRIPT).splitlines()
    assert first == "True ['g1', 'h1', 'z1', 'L'] (3, 2)"
    assert second == "True" and drawn == "True"
    assert latex.startswith(r"\frac{\partial L}{\partial V_1} = X^\top")
