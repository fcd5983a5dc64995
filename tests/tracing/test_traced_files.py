"""Programs as people write them are executed once, and what was derived is compared with differences of the programs themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

import symback as sb
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
