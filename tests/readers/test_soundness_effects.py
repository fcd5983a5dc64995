"""What a statement that is not followed may change is given up; a try in which one stands is given up as a whole."""

from __future__ import annotations

import pytest

from symback.core.errors import ReadError
from symback.readers import parse

W = [[0.5, -0.3, 0.2], [0.1, 0.7, -0.9]]


def test_a_layer_is_switched_by_a_function_of_its_class() -> None:
    text = (
        "import torch\nfrom torch import nn\nm = nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.5))\n"
        "x = torch.ones(3, 2)\nnn.Module.eval(m)\nloss = m(x).sum()\n"
    )
    assert "mask" not in str(parse(text))
    with pytest.raises(ReadError, match=r"call model\.eval"):
        parse(text.replace("nn.Module.eval(m)", "pass"))


@pytest.mark.parametrize(
    "change", ["f.__defaults__ = (5,)", "f.__code__ = g.__code__", "setattr(f, '__defaults__', (5,))"]
)
def test_nothing_is_read_after_a_function_was_exchanged(change: str) -> None:
    text = (
        "import numpy as np\nW = np.ones((2, 3))\ndef f(x, k=2):\n    return x * k\ndef g(x, k=2):\n    return x\n"
        f"{change}\nloss = np.sum(f(W))\n"
    )
    with pytest.raises(ReadError, match="line 7"):
        parse(text)
