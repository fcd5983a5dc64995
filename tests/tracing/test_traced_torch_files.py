"""PyTorch programs as people write them are executed once; what is derived is compared with the gradients PyTorch leaves in them."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

import symback as sb
from symback.core.errors import ReadError
from symback.networks.network import Network
from symback.tracer.files import Request, traced
from tests.support import needs
from tests.tracing.differences import alone
from tests.tracing.torch_files import FILES, FOLDER, Case, Step, steps

needs.package("torch")

STATED = {"custom_functions": ("BinarizeFn",)}
"""Functions whose own backward is asked for, by the program that has them."""

FLOATS = {"train_one_epoch": 1e-7}
"""How far gradients may be from PyTorch's own, where it computes with constants of 32 bits: the sixths of hardsigmoid."""


def network_of(case: Case, loss: str | None = None, use_backward: tuple[str, ...] = ()) -> Network:
    """Return the network that executing a case gives."""
    path = (FOLDER / case.path).resolve()
    with alone(path, path.parent), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what PyTorch says of the program
        return traced(Request(str(path), loss=loss, use_backward=use_backward))


def name_in(net: Network, path: str, value: np.ndarray, left: set[str]) -> str | None:
    """Return what a parameter of a program is called on the page: by its place in its model, else by its numbers."""
    parts = path.split(".")
    for k in range(len(parts)):
        place = ".".join(parts[k:])
        name = net.aliases.get(place, place)
        if name in net.variables and net.values[name].shape == value.shape:
            return name
    same = [n for n in left if net.values[n].shape == value.shape and np.array_equal(net.values[n], value)]
    return same[0] if len(same) == 1 else None


def compared(case: Case, net: Network, step: Step) -> list[str]:
    """Return a sentence for each parameter whose derived gradient is not the one that PyTorch left."""
    found = sb.derive(net).evaluate()
    assert found.loss == pytest.approx(step.value, rel=1e-9)
    scale = max(float(np.max(np.abs(g), initial=0.0)) for g in step.gradients.values())
    wrong: list[str] = []
    left = {v.name for v in net.variables.values() if v.role == "parameter"}
    for path, gradient in step.gradients.items():
        name = name_in(net, path, step.values[path], left)
        if name is None:
            if np.any(gradient):
                wrong.append(f"{case.path}: {path} is not on the page")
        elif name in left:  # what the optimizer does not hold is data of the page
            left.discard(name)
            apart = float(np.max(np.abs(np.asarray(found.gradients[name]) - gradient), initial=0.0))
            if not apart <= FLOATS.get(case.name, 1e-9) * scale:
                wrong.append(f"{case.path}: the gradient of {path} is {apart / scale:.1e} away")
    return [*wrong, *(f"{case.path}: {name} is no parameter of the program" for name in left)]


@pytest.mark.parametrize("case", FILES, ids=lambda case: case.name)
def test_gradients_are_those_that_backward_leaves(case: Case) -> None:
    found = steps(case)
    net = network_of(case, use_backward=STATED.get(case.name, ()))
    assert compared(case, net, found[0]) == []


SEVERAL = tuple((case, loss) for case in FILES for loss in list(case.losses)[1:] if loss.isidentifier())


@pytest.mark.parametrize(("case", "loss"), SEVERAL, ids=lambda v: v if isinstance(v, str) else v.name)
def test_each_loss_of_a_step_can_be_asked_for(case: Case, loss: str) -> None:
    found = steps(case)
    [step] = [s for s in found if s.loss == loss]
    assert compared(case, network_of(case, loss), step) == []


def test_a_stated_backward_is_refused_unless_it_is_asked_for() -> None:
    [case] = [c for c in FILES if c.name == "custom_functions"]
    with pytest.raises(
        ReadError, match=r"computed by BinarizeFn, which states its own backward.*--use-backward BinarizeFn"
    ):
        network_of(case)


DEFINES = """
import torch


class Net(torch.nn.Module):
    def __init__(self, hooked=False):
        super().__init__()
        self.fc = torch.nn.Linear(3, 2)
        if hooked:
            self.fc.weight.register_hook(lambda gradient: 2 * gradient)

    def forward(self, x):
        return self.fc(x).pow(2).mean(), len(x)
"""


def test_what_a_call_returns_is_compared_with_autograd_and_may_stand_among_other_things(tmp_path: Path) -> None:
    path = tmp_path / "defines.py"
    path.write_text(DEFINES)
    net = traced(Request(str(path), call="Net()(torch.randn(4, 3))"))
    assert {v.name for v in net.variables.values() if v.role == "parameter"} == {"W1", "b1"}
    with pytest.raises(ReadError, match=r"left in W1 and b1 are not those of the formulas.*a hook"):
        traced(Request(str(path), call="Net(hooked=True)(torch.randn(4, 3))"))
