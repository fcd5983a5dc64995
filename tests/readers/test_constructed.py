"""What reading knows of arrays by how they are made: a one in each row and zeros else."""

from __future__ import annotations

import re

import numpy as np
import pytest

import symback as sb
from symback.errors import ValueProblem

NUMPY = """import numpy as np
rng = np.random.default_rng()
X = np.random.randn(6, 4)
W = np.random.randn(4, 3)
{}
Z = X @ W
E = np.exp(Z - Z.max(axis=1, keepdims=True))
P = E / E.sum(axis=1, keepdims=True)
loss = -np.sum(Y * np.log(P)) / len(X)
"""
TORCH = """import torch
import torch.nn.functional as F
X = torch.randn(6, 4, dtype=torch.float64)
W = torch.randn(4, 3, dtype=torch.float64, requires_grad=True)
{}
Z = X @ W
P = torch.softmax(Z, dim=1)
loss = -(Y * torch.log(P)).sum() / len(X)
"""

ONE_HOT = [
    (NUMPY, "Y = np.eye(3)[np.random.randint(0, 3, 6)]"),
    (NUMPY, "Y = np.eye(3)[rng.integers(0, 3, 6)]"),
    (NUMPY, "Y = np.identity(3)[np.random.choice(3, 6)]"),
    (NUMPY, "Y = np.eye(3, dtype=np.float32)[np.random.randint(0, 3, size=(6,))].astype(float)"),
    (NUMPY, "y = np.random.randint(0, 3, 6)\nY = np.eye(3)[y]"),
    (NUMPY, "Y = np.eye(3)[np.random.randint(0, 3, (6, 1)).reshape(-1)]"),
    (NUMPY, "Y = np.eye(3)[:, np.random.randint(0, 3, 6)].T"),
    (NUMPY, "y = np.random.randint(0, 3, 6)\nY = np.zeros((6, 3))\nY[np.arange(6), y] = 1"),
    (NUMPY, "y = np.random.randint(0, 3, 6)\nY = np.zeros((6, 3))\nY[range(6), y] = 1.0"),
    (TORCH, "Y = F.one_hot(torch.randint(0, 3, (6,)), 3).double()"),
    (TORCH, "Y = torch.eye(3).double()[torch.randint(3, (6,))]"),
    (TORCH, "y = torch.randint(0, 3, (6,))\nY = F.one_hot(y, num_classes=3).to(torch.float64)"),
]


@pytest.mark.parametrize(("text", "made"), ONE_HOT, ids=[m for _, m in ONE_HOT])
def test_rows_of_an_identity_matrix_are_one_hot(text: str, made: str) -> None:
    d = sb.derive(sb.parse(text.format(made), seed=0))
    assert str(d.step("Z").form) == "(P - Y) / 6"
    assert [a.why for a in d.assumptions] == ["by construction"]
    assert "Used: each row of Y sums to 1 (by construction)." in d.text()
    drawn = np.asarray(d.evaluate().values["Y"])
    assert set(np.unique(drawn)) == {0.0, 1.0} and (drawn.sum(axis=1) == 1).all()
    assert sb.check_gradients(d).ok


NOT_ONE_HOT = [
    "Y = 0.5 * np.eye(3)[np.random.randint(0, 3, 6)]",
    "Y = np.eye(4)[np.random.randint(0, 4, 6)][:, :3]",
    "Y = np.ones((3, 3))[np.random.randint(0, 3, 6)]",
    "Y = np.eye(3)[np.random.randint(0, 3, 6)]\nY[0] = 0.0",
    "Y = np.eye(3)[np.random.randint(0, 3, 6)]\nY *= 2.0",
    "y = np.random.randint(0, 3, 6)\nY = np.ones((6, 3))\nY[np.arange(6), y] = 1",
    "y = np.random.randint(0, 3, 6)\nY = np.zeros((6, 3))\nY[np.arange(6), y] = 2",
    "y = np.random.randint(0, 3, 6)\nY = np.zeros((6, 3))\nY[np.arange(6), y] = 1\nY[0, 0] = 0.5",
    "Y = np.eye(3)[np.random.randint(0, 3, 3)].T[np.random.randint(0, 3, 6)]",
]


@pytest.mark.parametrize("made", NOT_ONE_HOT)
def test_other_rows_are_not(made: str) -> None:
    d = sb.derive(sb.parse(NUMPY.format(made), seed=0))
    assert str(d.step("Z").form) != "(P - Y) / 6" and d.assumptions == ()
    assert sb.check_gradients(d).ok


def test_values_of_the_caller_are_looked_at() -> None:
    text = NUMPY.format(ONE_HOT[0][1])
    halves = np.full((6, 3), 0.5)
    assert sb.derive(sb.parse(text, values={"Y": halves})).assumptions == ()
    assert sb.derive(sb.parse(text, shapes={"Y": (6, 3)})).assumptions == ()
    d = sb.derive(sb.parse(text))
    values = {"X": np.ones((6, 4)), "W": np.ones((4, 3)), "Y": halves}
    with pytest.raises(ValueProblem, match=r"each row of Y sums to 1, but row 0 .* sums to 1\.5"):
        d.lambdify()(**values)


# --- what is trained --------------------------------------------------------------------------------------------------

SHAPES = {"x": ("n",), "W": ("n", "d"), "theta": ("n",), "gamma": ("n",), "q": ("n",)}


@pytest.mark.parametrize(
    ("text", "wrt", "updated"),
    [
        ("L = np.linalg.norm(x)", ["x"], []),
        ("L = np.sum(W**2)", ["W"], ["W"]),
        ("L = np.sum(theta * x**2)", ["theta", "x"], ["theta"]),
        ("L = np.sum(gamma * q)", ["q"], []),
        ("x = np.ones(3)\nfor k in range(5):\n    L = np.sum(x**2)\n    x = x - 0.1 * 2 * x", ["x"], ["x"]),
        ("x = torch.ones(3, requires_grad=True)\nL = (x**2).sum()", ["x"], ["x"]),
        (
            "x = torch.ones(3)\nopt = torch.optim.SGD([x], lr=0.1)\nL = (x**2).sum()\nL.backward()\nopt.step()",
            ["x"],
            ["x"],
        ),
    ],
)
def test_what_is_asked_for_is_updated_where_something_says_it_is_trained(
    text: str, wrt: list[str], updated: list[str]
) -> None:
    text = f"import numpy as np\nimport torch\n{text}"
    used = set(re.findall(r"\w+", text.partition("L = ")[2]))
    shapes = {k: v for k, v in SHAPES.items() if k in used and f"{k} = " not in text}
    d = sb.derive(sb.parse(text, shapes=shapes, wrt=wrt))
    displays = [s.displays for s in d.sections() if s.key == "update"]
    assert [name for found in displays for display in found for name in display.of] == updated
    assert [s.key for s in d.sections(update=False)].count("update") == 0
    asked = [s.displays for s in d.sections(update=True) if s.key == "update"]
    assert [name for found in asked for display in found for name in display.of] == wrt
