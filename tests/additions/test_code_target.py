"""A code target is one file: written into a copy of the package, it is found everywhere, and its code is right."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.additions import copied, run_in, said_by

FILE = '''\
"""Arrays of JAX."""

from __future__ import annotations

from symback.run.codegen.arrays import Library, array_target
from symback.run.codegen.target import ArrayModule
from symback.run.targets.numpy import HELPERS

TARGET = array_target(
    "jax",
    "arrays of JAX",
    Library(ArrayModule("jnp", "import jax.numpy as jnp"), {"one_hot": HELPERS["one_hot"]}),
)
'''

STANDING_IN = '''\
"""NumPy under another name, for a test of code that asks for JAX."""

import numpy


def __getattr__(name):
    return getattr(numpy, name)
'''

NETWORK = """\
import numpy as np
x = np.array([[0.2, -0.4], [0.6, 0.1], [-0.3, 0.5]])
W = np.array([[0.1, 0.2, 0.3], [-0.5, 0.4, -0.1]])
b = np.array([0.1, -0.2, 0.3])
y = np.array([0, 2, 1])
z = x @ W + b
p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
L = -np.mean(np.log(p[np.arange(3), y]))
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with one file more, beside a JAX that is NumPy."""
    made = copied(tmp_path_factory.mktemp("target"))
    (made / "run" / "targets" / "jax.py").write_text(FILE, encoding="utf-8")
    run_in(made, ["-c", ""], {"jax/__init__.py": "", "jax/numpy.py": STANDING_IN, "network.py": NETWORK})
    return made


def test_it_is_listed(package: Path) -> None:
    assert said_by(package, "from symback.run import targets\nprint(targets.names())") == "('jax', 'numpy', 'python')\n"
    code, out, _ = run_in(package, ["-m", "symback", "code", "--help"])
    assert code == 0
    assert "[jax|numpy|python]" in out


def test_the_command_writes_it(package: Path) -> None:
    code, out, errors = run_in(package, ["-m", "symback", "code", "network.py", "--target", "jax"])
    assert (code, errors) == (0, "")
    assert "import jax.numpy as jnp" in out
    assert "jnp.exp(log_p)" in out
    assert "np." not in out.replace("jnp.", "")
    code, _, errors = run_in(package, ["-m", "symback", "code", "network.py", "--target", "jaxx"])
    assert code == 2
    assert "'jaxx' is not one of jax, numpy, python (did you mean 'jax'?)" in errors


GRADIENTS = '''
import json
import numpy as np
import symback as sb


def differences(loss, values, names, step=1e-6):
    """Return the central differences of a loss that is written out by hand."""
    found = {}
    for name in names:
        slope = np.zeros_like(values[name])
        for at in np.ndindex(slope.shape):
            ends = []
            for sign in (1, -1):
                moved = {k: v.copy() for k, v in values.items()}
                moved[name][at] += sign * step
                ends.append(loss(**moved))
            slope[at] = (ends[0] - ends[1]) / (2 * step)
        found[name] = slope
    return found


def network(activation):
    net = sb.Network()
    x, y = net.input("x", ("n", 2)), net.input("y", ("n", 1))
    W, b, V = net.parameter("W", (2, 3)), net.parameter("b", (3,)), net.parameter("V", (3, 1))
    a = net.define("a", activation(net.define("z", x @ W + b)))
    net.define("L", sb.mean((a @ V - y) ** 2))
    return sb.derive(net)


BY_HAND = {
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "relu": lambda z: z * (z > 0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "softplus": lambda z: np.log(1 + np.exp(z)),
    "elu": lambda z: np.where(z > 0, z, np.exp(z) - 1),
    "softmax": lambda z: np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True),
}
random = np.random.default_rng(3)
values = {k: random.normal(size=s) for k, s in {"x": (4, 2), "y": (4, 1), "W": (2, 3), "b": (3,), "V": (3, 1)}.items()}
errors = {}
for name, act in BY_HAND.items():
    d = network(getattr(sb, name))
    f = d.lambdify(target="jax")
    assert "jnp." in f.source and "np." not in f.source.replace("jnp.", ""), f.source
    loss, gradients = f(**values)
    plain = lambda x, y, W, b, V: float((((act(x @ W + b) @ V) - y) ** 2).mean())
    expected = differences(plain, values, gradients)
    worst = max(float(np.abs(gradients[k] - expected[k]).max()) for k in gradients)
    errors[name] = max(worst, abs(loss - plain(**values)))
    spoiled = differences(lambda **v: 1.001 * plain(**v), values, gradients)
    assert max(float(np.abs(gradients[k] - spoiled[k]).max()) for k in gradients) > 1e-6  # the comparison can fail
print(json.dumps(errors))
'''


def test_its_code_gives_the_right_gradients(package: Path) -> None:
    errors = json.loads(said_by(package, GRADIENTS))
    assert len(errors) == 6
    assert all(error < 1e-8 for error in errors.values()), errors


ROWS = """
import numpy as np
import symback as sb
from symback.functions import ROWS
from symback.functions.activations import ACTIVATIONS
from symback.functions.primitives import PRIMITIVES

random = np.random.default_rng(5)
entrywise = [row for row in (*ACTIVATIONS, *PRIMITIVES) if row.entrywise]
assert len(entrywise) > 30
count = 0
for row in ROWS.values():
    net = sb.Network()
    leaves = [net.parameter(f"p{k}", (3, 4)) for k in range(row.arguments)]
    try:
        z = net.define("z", row(*leaves))
        net.define("L", sb.mean(z) if z.shape else z)
        d = sb.derive(net)
        usual = d.lambdify(target="numpy")
    except sb.SymbackError:  # arrays of one shape are not what the row takes
        assert row not in entrywise, row
        continue
    low, high = (0.1, 0.9) if row.domain == (-3.0, 3.0) else row.domain
    values = {f"p{k}": random.uniform(low, high, (3, 4)) for k in range(row.arguments)}
    try:
        loss, gradients = usual(**values)
    except (sb.SymbackError, IndexError):  # class indices are not in (0.1, 0.9)
        assert row not in entrywise, row
        continue
    try:
        f = d.lambdify(target="jax")
    except sb.DerivationError as error:
        assert row not in entrywise and "it has no function" in str(error), error
        continue
    assert "np." not in f.source.replace("jnp.", ""), f.source
    found, others = f(**values)
    assert not np.isnan(loss), row.name
    # what NumPy has from SciPy is computed number by number for another library, and may round otherwise
    same = np.array_equal if "vectorize" not in f.source else lambda a, b: np.allclose(a, b, rtol=1e-13, atol=0)
    assert same(found, loss) and all(same(others[k], gradients[k]) for k in gradients), row.name
    count += 1
print(count)
"""


def test_every_row_is_spelled_in_it(package: Path) -> None:
    assert int(said_by(package, ROWS)) > 40


REFUSED = """
import symback as sb
from symback.functions import register

def message(f):
    try:
        f()
    except sb.SymbackError as error:
        return f"{type(error).__name__}: {error}"

d = sb.derive(sb.read("network.py"))
print(message(lambda: d.code(target="jaxx")))
print(message(lambda: d.code(target="jax", optimizer=sb.optimizer("adam"))))
net = sb.Network()
x = net.parameter("x", (4,))
net.define("L", sb.mean(x[1:] * x[:-1]))
print(message(lambda: sb.derive(net).code(target="jax")))
"""


def test_what_it_cannot_say_is_refused(package: Path) -> None:
    assert said_by(package, REFUSED).splitlines() == [
        "DerivationError: there is no target called 'jaxx' (did you mean 'jax'?); known: jax, numpy, python",
        "DerivationError: an update changes arrays in place, which the target jax (arrays of JAX) cannot; "
        "known: numpy, python",
        "DerivationError: the target jax (arrays of JAX) cannot hold this network: it has no function put",
    ]


def test_code_without_its_library_is_written_and_not_run(package: Path) -> None:
    script = (
        "import sys\nsys.modules['jax'] = None\nimport symback as sb\nd = sb.derive(sb.read('network.py'))\n"
        "print(len(d.code(target='jax')) > 100)\n"
        "try:\n    d.lambdify(target='jax')\nexcept sb.DerivationError as error:\n    print(error)\n"
    )
    assert said_by(package, script).splitlines() == [
        "True",
        "running the code of the target jax (arrays of JAX): the package jax is not installed",
    ]


def test_without_the_file_there_is_no_such_target(tmp_path: Path) -> None:
    code, _, errors = run_in(
        copied(tmp_path), ["-m", "symback", "code", "network.py", "--target", "jax"], {"network.py": NETWORK}
    )
    assert code == 2
    assert "'jax' is not one of numpy, python" in errors
