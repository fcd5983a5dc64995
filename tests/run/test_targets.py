"""Targets that are asked for: every one that can hold a network computes the same numbers, the others say why not."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner

import symback as sb
from symback.cli import main
from symback.core.errors import DerivationError
from symback.functions import ROWS
from symback.run import targets
from symback.run.codegen import generate
from tests.support.row_arguments import arguments_at, within
from tests.support.small_networks import layers, random_values, record_of, scalar_chain


def scalar_row(name: str) -> sb.Derivation:
    """A network of single numbers around one row."""
    row, net = ROWS[name], sb.Network()
    leaves = [net.input(f"p{k}") if k < row.variable else net.parameter(f"p{k}") for k in range(row.arguments)]
    net.define("L", net.define("a", row(*leaves)) ** 2 / 3)
    return sb.derive(net)


SCALAR_ROWS = sorted(row.name for row in ROWS.values() if row.entrywise and not row.inline)


@pytest.mark.parametrize("name", SCALAR_ROWS)
def test_numpy_and_python_agree_on_single_numbers(name: str) -> None:
    d, row = scalar_row(name), ROWS[name]
    arrays, numbers = d.lambdify(target="numpy"), d.lambdify(target="python")
    assert "@np.errstate" in arrays.source
    assert "np." not in numbers.source
    assert numbers.source == d.lambdify().source
    for at in (-1.3, -0.4, 0.0, 0.7, 2.6):
        rest = [within(row, at + 0.31 * k) for k in range(1, row.arguments)]
        values = {f"p{k}": v for k, v in enumerate(arguments_at(row, within(row, at), rest))}
        (loss, gradients), (same, others) = arrays(**values), numbers(**values)
        assert isinstance(loss, float)
        assert loss == pytest.approx(same, rel=1e-13, abs=1e-300)
        for key, gradient in gradients.items():
            assert isinstance(gradient, float)
            assert gradient == pytest.approx(others[key], rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("loss", ["half", "bce"])
def test_a_target_asked_for_by_position_and_by_name(loss: str) -> None:
    d = sb.derive(scalar_chain(loss))
    values = random_values(d.record, seed=4)
    order = list(values)
    expected, _ = d.lambdify()(**values)
    for target in targets.names():
        f = d.lambdify(args=order, target=target)
        assert f.source == d.code(args=order, target=target) == d.generated(args=order, target=target).source
        found, *gradients = f(*values.values())
        assert found == pytest.approx(expected, rel=1e-13)
        assert gradients == pytest.approx(list(d.lambdify()(**values)[1].values()), rel=1e-12)


def test_what_is_chosen_where_nothing_is_asked_for() -> None:
    assert generate(record_of(scalar_chain())).target == "python"
    assert generate(record_of(layers([2, 3, 1]))).target == "numpy"
    for record, name in ((record_of(scalar_chain()), "python"), (record_of(layers([2, 3, 1])), "numpy")):
        assert generate(record, target=name) == generate(record)


def arrays_network() -> sb.Derivation:
    return sb.derive(layers([2, 3, 1]))


def index_network() -> sb.Derivation:
    net = sb.Network()
    w, y = net.parameter("w", (3,)), net.input("y", integer=True)
    net.define("L", sb.cross_entropy(w, y))
    return sb.derive(net)


def filled_network() -> sb.Derivation:
    net = sb.Network()
    w = net.parameter("w")
    net.define("L", sb.mean(w * sb.core.forms.filled(2.0, (2,))))
    return sb.derive(net)


@pytest.mark.parametrize(
    ("network", "why"),
    [
        (arrays_network, "x has shape (n, 2)"),
        (index_network, "w has shape (3,)"),
        (filled_network, "a formula makes an array"),
    ],
)
def test_python_holds_no_arrays(network: Any, why: str) -> None:
    d = network()
    expected = (
        "the target python (single numbers in plain Python) cannot hold this network: it computes with single "
        f"numbers, and {why}"
    )
    for ask in (d.code, d.lambdify, d.generated):
        with pytest.raises(DerivationError) as caught:
            ask(target="python")
        assert str(caught.value) == expected


@pytest.mark.parametrize(
    ("asked", "hint"), [("nunpy", " (did you mean 'numpy'?)"), ("Python", " (did you mean 'python'?)"), ("fortran", "")]
)
def test_an_unknown_target_is_one_message(asked: str, hint: str) -> None:
    with pytest.raises(DerivationError) as caught:
        arrays_network().code(target=asked)
    assert str(caught.value) == f"there is no target called {asked!r}{hint}; known: {', '.join(targets.names())}"


def test_the_code_of_an_optimizer_is_that_of_the_target() -> None:
    chosen = sb.optimizer("adam", learning_rate=0.1)
    assert chosen.code() == chosen.code("numpy")
    d = sb.derive(scalar_chain())
    assert d.code(optimizer=chosen, target="python") == d.code(optimizer=chosen)
    assert d.code(optimizer=chosen, target="numpy").startswith("import numpy as np\n\n\n@np.errstate")
    with pytest.raises(DerivationError, match="there is no target called 'numpi'"):
        chosen.code("numpi")


def test_templates_leave_the_name_of_the_library_open() -> None:
    texts = [text for row in ROWS.values() for text in (row.numpy, row.numpy_helper)]
    assert not any("np." in text for text in texts)
    assert sum("{np}" in text for text in texts) > 20


def test_a_row_may_say_np_itself() -> None:
    row = sb.functions.register(
        sb.core.forms.Function("twice_tanh", lambda x: 2 * ROWS["tanh"](x), numpy="2 * np.tanh({0})")
    )
    try:
        net = sb.Network()
        net.define("L", sb.mean(row(net.parameter("w", (3,)))))
        assert "2 * np.tanh(w)" in sb.derive(net).code()
    finally:
        sb.functions.unregister(row)


def test_the_command_takes_a_target(tmp_path: Any) -> None:
    path = tmp_path / "neuron.py"
    path.write_text("x = 2.0\nt = 1.0\nw = 0.5\ny = w * x\nL = (y - t) ** 2\n", encoding="utf-8")

    def said(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(main, ["code", str(path), *arguments])
        return result.exit_code, result.output

    usual = said()
    assert usual[0] == 0
    assert said("--target", "python") == usual
    code, out = said("--target", "numpy")
    assert code == 0
    assert "import numpy as np" in out
    assert "import numpy" not in usual[1]
    code, out = said("--target", "phyton")
    assert code == 2
    assert f"'phyton' is not one of {', '.join(targets.names())} (did you mean 'python'?)" in out
    assert all(name in said("--help")[1] for name in targets.names())
