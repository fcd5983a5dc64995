"""Texts run because their user trusts them: in another process, with limits, with one clear message for what fails."""

from __future__ import annotations

import time

import numpy as np
import pytest

from symback.core.errors import ReadError
from symback.marking.trust import run_text
from tests.support import needs


def test_results_come_back_as_arrays() -> None:
    found = run_text(
        "import numpy as np\nx = np.array([1.0, 2.0])\nn = 3\nlabel = 'text'\nf = lambda v: v\n"
        "print('noise')\nd = {'a': 1}\ny = (x**2).sum()\nthings = np.array([None, 'a'], dtype=object)\n"
    )
    assert set(found) == {"x", "n", "y", 'd["a"]'}
    np.testing.assert_array_equal(found["x"], [1, 2])
    assert found["y"] == 5


def test_given_values_replace_the_first_assignment_only() -> None:
    text = "import numpy as np\nx = np.array([1.0, 2.0])\ny = 2 * x\nx = x + 1\n"
    found = run_text(text, {"x": np.array([10.0, 20.0, 30.0])})
    np.testing.assert_array_equal(found["y"], [20, 40, 60])
    np.testing.assert_array_equal(found["x"], [11, 21, 31])


def test_gradients_of_tensors() -> None:
    needs.package("torch")
    text = (
        "import torch\nw = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)\n"
        "loss = (w**2).sum()\nloss.backward()\n"
    )
    np.testing.assert_allclose(run_text(text, {"w": np.array([3.0, 4.0])})["w.grad"], [6, 8])


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("x = 1\ny = x / 0\n", 2, "ZeroDivisionError: division by zero"),
        ("import numpy as np\nx = np.zeros((10**6, 10**6))\n", 2, "needs more memory than is allowed"),
        ("x = 1\nimport sys\nsys.exit(0)\n", 3, "SystemExit"),
        ("def f(:\n", None, "SyntaxError: invalid syntax"),
        ("x = [0]\nwhile True:\n    x = x + x\n", None, "memory"),
    ],
)
def test_what_fails_says_where(text: str, line: int | None, message: str) -> None:
    with pytest.raises(ReadError, match=message) as error:
        run_text(text, seconds=5, megabytes=1024)
    if line is not None:
        assert error.value.line == line


def test_endless_loops_end() -> None:
    with pytest.raises(ReadError, match="longer than 1 seconds"):
        run_text("while True:\n    pass\n", seconds=1)
    with pytest.raises(ReadError, match="longer than 1 seconds"):
        run_text("import time\ntime.sleep(60)\n", seconds=1)


def test_what_it_started_ends_with_it(tmp_path: object) -> None:
    sentinel = f"{tmp_path}/alive"
    text = (
        "import subprocess, sys\n"
        f"subprocess.Popen([sys.executable, '-c', \"import time; time.sleep(3); open({sentinel!r}, 'w')\"])\n"
    )
    run_text(text)
    time.sleep(4)
    from pathlib import Path

    assert not Path(sentinel).exists()


def test_no_object_comes_back() -> None:
    text = "import numpy as np\nnp.savez('found-0.npz', x=np.array([print], dtype=object))\nimport os\nos._exit(0)\n"
    with pytest.raises(ReadError, match="cannot be read"):
        run_text(text)


def test_the_surroundings_are_not_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_SECRET", "7")
    with pytest.raises(ReadError, match="KeyError"):
        run_text("import os\nx = float(os.environ['A_SECRET'])\n")
