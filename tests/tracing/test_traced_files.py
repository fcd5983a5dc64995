"""Programs as people write them are executed once, and what was derived is compared with differences of the programs themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

import symback as sb
from symback.engine.interpreter import evaluate
from symback.networks.network import Network
from symback.tracer.files import Request, traced
from tests.support import needs
from tests.tracing.differences import Program, Rough, alone, wrong
from tests.tracing.files import FILES, FOLDER, Case


def network_of(case: Case) -> Network:
    """Return the network that executing a case gives."""
    path = (FOLDER / case.path).resolve()
    with alone(path, path.parent):
        return traced(Request(str(path), call=case.call))


def by_values(case: Case, program: Program, net: Network) -> dict[str, str]:
    """Return the name in the network of each parameter of a case: it holds the same numbers."""
    names = [v.name for v in net.variables.values() if v.role == "parameter"]
    found: dict[str, str] = {}
    for parameter, value in program.values.items():
        same = [
            n
            for n in names
            if n not in found.values() and net.values[n].shape == value.shape and np.array_equal(net.values[n], value)
        ]
        assert same, f"{case.path}: {parameter} of shape {value.shape} is none of {names}"
        found[parameter] = parameter if parameter in same else same[0]
    return found


@pytest.mark.parametrize("case", FILES, ids=lambda case: case.name)
def test_gradients_of_an_executed_file_are_those_of_its_loss(case: Case) -> None:
    for package in case.needs:
        needs.package(package)
    net = network_of(case)
    program = Program(case)
    names = by_values(case, program, net)
    assert set(case.expected_names) <= {v.name for v in net.variables.values() if v.role == "parameter"}
    found = sb.derive(net, wrt=list(names.values())).evaluate()
    assert found.loss == pytest.approx(program.loss, rel=1e-12)
    gradients: Mapping[str, Any] = {p: found.gradients[n] for p, n in names.items()}
    try:
        assert wrong(program, gradients) == []
    except Rough:
        assert wrong(program, gradients, entries=0) == []


BOTH = (
    *(
        "char_rnn",
        "convnet_im2col",
        "attention_block",
        "batchnorm_dataclass",
        "dropout_masks",
        "out_buffers",
        "argparse_mlp",
    ),
    *("weight_decay_while", "closures_nested", "globals_script", "linear_regression_scalar", "autoencoder_tied"),
)
"""Programs that the reader takes with the same loss and the same parameters."""


@pytest.mark.parametrize("case", [c for c in FILES if c.name in BOTH], ids=lambda case: case.name)
def test_an_executed_file_has_the_gradients_of_the_one_that_is_read(case: Case) -> None:
    read = sb.derive(sb.read(FOLDER / case.path)).evaluate()
    executed = sb.derive(network_of(case)).evaluate()
    assert executed.loss == pytest.approx(read.loss, rel=1e-12)
    assert len(executed.gradients) == len(read.gradients)
    left = list(read.gradients.values())
    for name, gradient in executed.gradients.items():
        scale = float(np.max(np.abs(gradient), initial=0.0))
        same = [
            k
            for k, g in enumerate(left)
            if np.shape(g) == np.shape(gradient) and np.allclose(g, gradient, rtol=0, atol=1e-12 * scale)
        ]
        assert same, name
        left.pop(same[0])


def all_values(net: Network, parameters: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return what every equation of a network is where its parameters have other values."""
    values: dict[str, Any] = {**net.values, **parameters}
    for equation in net.equations:
        values[equation.name] = evaluate(equation.form, values)
    return {e.name: np.asarray(values[e.name], dtype=float) for e in net.equations}


@pytest.mark.parametrize("case", [c for c in FILES if c.name in BOTH], ids=lambda case: case.name)
def test_an_executed_file_has_the_equations_of_the_one_that_is_read(case: Case) -> None:
    """Both are functions of the parameters: at random points each named step and the loss are the same in both.

    What is folded in one and not in the other (data, aliases, sizes, parts of a formula) has no name in both.
    """
    read, executed = sb.read(FOLDER / case.path), network_of(case)
    trained = {v.name: read.values[v.name] for v in read.variables.values() if v.role == "parameter"}
    other = {v.name: executed.values[v.name] for v in executed.variables.values() if v.role == "parameter"}
    pairs: dict[str, str] = {}
    for name, value in trained.items():
        same = [n for n, v in other.items() if n not in pairs.values() and np.shape(v) == np.shape(value)]
        equal = [n for n in same if np.array_equal(other[n], value)]
        assert equal, name
        pairs[name] = name if name in equal else equal[0]
    draw = np.random.default_rng(11)
    for _ in range(3):
        point = {name: np.asarray(v) + 0.3 * draw.normal(size=np.shape(v)) for name, v in trained.items()}
        one, two = all_values(read, point), all_values(executed, {pairs[n]: v for n, v in point.items()})
        assert two[str(executed.loss)] == pytest.approx(float(one[str(read.loss)]), rel=1e-12)
        common = [n for n in one if n in two and one[n].shape == two[n].shape]
        apart = [n for n in common if not np.allclose(one[n], two[n], rtol=1e-12, atol=1e-13)]
        # a name that is given several values has its versions numbered; then both number them, or one folds some of them
        assert [n for n in apart if not n[-1].isdigit()] == []
        assert len(common) - len(apart) >= 1
