"""An array operation is one class and its row: np.cumsum, added in a process of its own, is found everywhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import symback as sb

ROOT = Path(__file__).parents[2]
FORWARD = """
import numpy as np
x = np.array([[.1, .2, .3], [.4, .3, .1]])
W = np.array([[.5, .1, .2], [.3, .9, .4], [.2, .2, .1]])
c = {call}
loss = np.mean(c ** 2)
"""


def added(code: str) -> str:
    """Return what ``code`` prints in a fresh interpreter to which the operation has been added."""
    start = "import numpy as np\nimport symback as sb\nfrom tests.support.cumulative_sum import cumulative_sum\n"
    done = subprocess.run(
        [sys.executable, "-c", start + code], capture_output=True, text=True, encoding="utf-8", cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def derived(call: str, more: str) -> str:
    return added(f"d = sb.derive(sb.parse({FORWARD.format(call=call)!r}, wrt=['W']))\n{more}")


def test_without_the_addition_it_is_not_known() -> None:
    with pytest.raises(sb.SymbackError, match=r"np\.cumsum is not known"):
        sb.parse(FORWARD.format(call="np.cumsum(x @ W, axis=1)"), wrt=["W"])


@pytest.mark.parametrize(
    "call",
    [
        "np.cumsum(x @ W, axis=1)",
        "np.cumsum(x @ W, axis=0)",
        "np.cumsum(np.tanh(x @ W), -1)",
        "np.cumsum(x @ W, 1) * x",
    ],
)
def test_its_gradient_agrees_with_central_differences(call: str) -> None:
    checks = f"""
assert sb.check_gradients(d).ok
f = d.lambdify()
x, W = d.network.values['x'], d.network.values['W']
loss, gradients = f(x=x, W=W)
def value(W):
    c = {call}
    return np.mean(c ** 2)
assert abs(loss - value(W)) < 1e-14
for at in np.ndindex(3, 3):
    step = np.zeros((3, 3))
    step[at] = 1e-6
    slope = (value(W + step) - value(W - step)) / 2e-6
    assert abs(slope - gradients['W'][at]) < 1e-8, at
assert not np.allclose(gradients['W'], 1.001 * gradients['W'], rtol=1e-8)
print('agrees')
"""
    assert derived(call, checks) == "agrees\n"


def test_it_has_its_own_name_on_the_page_and_in_the_code() -> None:
    out = derived(
        "np.cumsum(x @ W, axis=1)",
        "print(d)\nprint(d.latex(view='matrix'))\nprint(d.latex(view='index'))\nprint(d.code())",
    )
    assert "c = cumsum(x W)" in out
    assert r"c &= \mathrm{cumsum}(x W)" in out
    assert r"\delta &= \frac{1}{3} c \mathbf{1}_{i \geq j}" in out
    assert r"\sum_m \frac{\partial L}{\partial c_{km}} \mathbf{1}[j \leq m]" in out
    assert "c = np.cumsum(z, axis=1)" in out
    assert "dz = dc @ np.tri(3)" in out


def test_along_the_first_axis_it_prints_what_it_reads() -> None:
    out = derived("np.cumsum(x @ W, axis=0)", "print(d)")
    assert "cᵢⱼ = Σₖ (x W)ₖⱼ 1[k ≤ i]" in out


def test_entry_by_entry_it_is_a_sum() -> None:
    out = derived("np.cumsum(x @ W, axis=1)", "print(d.latex(view='entries'))")
    assert r"c_3 &= z_1 + z_2 + z_3" in out
    assert r"\frac{\partial c_3}{\partial z_1} &= 1" in out


def test_it_is_read_in_every_spelling_and_for_every_row() -> None:
    code = """
z = sb.Network().input('z', (2, 3))
assert sb.cumsum(z, axis=1) is sb.cumsum(z) is cumulative_sum(z, 1)
text = '''
import numpy as np
x = np.array([[.1, .2, .3], [.4, .3, .1]])
w = np.array([.5, .1, .2])
loss = 0
for i in range(2):
    loss = loss + np.sum(np.cumsum(x[i] * w) ** 2)
'''
assert sb.check_gradients(sb.derive(sb.parse(text, wrt=['w']))).ok
torch = '''
import torch
z = torch.tensor([[.1, .2, .3], [.4, .3, .1]], requires_grad=True)
loss = (CALL ** 2).sum()
'''
for call in ('torch.cumsum(z, dim=1)', 'z.cumsum(dim=1)', 'z.cumsum(-1)'):
    d = sb.derive(sb.parse(torch.replace('CALL', call)))
    assert sb.check_gradients(d).ok and 'cumsum(z)' in str(d)
print('read')
"""
    assert added(code) == "read\n"


def test_it_is_among_the_names_and_in_every_command(tmp_path: Path) -> None:
    file = tmp_path / "forward.py"
    file.write_text(FORWARD.format(call="np.cumsum(x @ W, axis=1)"), encoding="utf-8")
    code = f"""
from click.testing import CliRunner
from symback.cli import main
assert 'cumsum' in dir(sb) and sb.cumsum.__doc__.startswith('Return running sums')
for command in (['derive'], ['code'], ['run'], ['handout', '-o', '-', '--to', 'md']):
    done = CliRunner().invoke(main, [command[0], {str(file)!r}, '--wrt', 'W', *command[1:]])
    assert done.exit_code == 0, (command, done.output)
    assert command[0] == 'run' or 'cumsum' in done.output, (command, done.output)
try:
    sb.parse({FORWARD.format(call="np.cumsun(x @ W, axis=1)")!r}, wrt=['W'])
except sb.SymbackError as error:
    assert 'np.cumsum' in str(error), error
print('found')
"""
    assert added(code) == "found\n"
