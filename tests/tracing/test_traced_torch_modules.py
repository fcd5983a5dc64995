"""Every module of ``torch.nn`` is traced, and what is derived is compared with autograd."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import numpy as np
import pytest

import symback as sb
from symback.core.errors import ReadError
from symback.networks.network import Network
from tests.support import needs

needs.package("torch")

from tests.tracing.torch_modules import INSTANCES, Instance, gradients, tensors  # noqa: E402

REFUSED: Mapping[str, str] = {
    "CTCLoss": "torch.ctc_loss is not known here",
    "MultiLabelMarginLoss": "multilabel_margin_loss",
    "MaxUnpool2d": "are not those of the formulas",
    "CrossMapLRN2d": "states its own backward, and that is not the derivative",
    "EmbeddingBag": "_embedding_bag",
    "parametrizations.orthogonal": "householder_product is not known",
}
"""What is refused by its name, and what the message says; only some instances of a kind are."""

OF_PYTORCH = ("max_norm", "scale_grad_by_freq")
"""Options of an embedding by which PyTorch's gradient is not the derivative."""

FLOATS = {"Hardsigmoid": 1e-7, "Hardswish": 1e-7}
"""How far PyTorch's own gradients are off, which it computes with sixths of 32 bits."""


def traced(instance: Instance) -> tuple[Network, dict[str, np.ndarray]]:
    """Return the network of an instance, and the gradients that PyTorch has, by the names of the page."""
    _, found = gradients(instance)
    module, inputs = instance.build(), instance.inputs()
    held = {k: t.detach().numpy().copy() for k, t in tensors(module, inputs).items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        net = sb.trace(lambda: instance.scalar(module, inputs))
    names = [v.name for v in net.variables.values() if v.role == "parameter"]
    wanted: dict[str, np.ndarray] = {}
    for key, gradient in found.items():
        same = [
            n
            for n in names
            if n not in wanted and net.values[n].shape == held[key].shape and np.array_equal(net.values[n], held[key])
        ]
        if same:
            wanted[same[0]] = gradient
        else:
            assert not np.any(gradient), f"{instance.name}: {key} is not on the page"
    assert set(names) <= set(wanted)
    return net, wanted


def check(instance: Instance) -> None:
    """Compare all gradients of an instance, or see that it is refused by its name."""
    try:
        net, wanted = traced(instance)
    except ReadError as error:
        kind = "CTCLoss" if "CTCLoss" in instance.name else instance.kind
        expected = next((o for o in OF_PYTORCH if o in instance.name), REFUSED.get(kind))
        assert expected is not None and expected in str(error), str(error)
        return
    found = sb.derive(net).evaluate()
    scale = max((float(np.max(np.abs(g), initial=0.0)) for g in wanted.values()), default=1.0) or 1.0
    near = FLOATS.get(instance.kind, 1e-9)
    for name, gradient in wanted.items():
        assert np.max(np.abs(np.asarray(found.gradients[name]) - gradient), initial=0.0) <= near * scale, name


@pytest.mark.parametrize("instance", INSTANCES[3::8], ids=lambda i: i.name)
def test_a_module_gives_the_gradients_of_autograd(instance: Instance) -> None:
    check(instance)


@pytest.mark.campaign
@pytest.mark.parametrize("instance", INSTANCES, ids=lambda i: i.name)
def test_every_module_gives_the_gradients_of_autograd(instance: Instance) -> None:
    check(instance)


def test_at_most_ten_kinds_are_refused() -> None:
    assert len(REFUSED) <= 10
    assert REFUSED.keys() <= {i.kind for i in INSTANCES}


def test_a_loss_that_bends_much_is_compared_by_a_shorter_step() -> None:
    import torch

    w = torch.full((3,), 1e-7, dtype=torch.float64, requires_grad=True)
    assert sb.trace(lambda: torch.tanh(1e6 * w).sum()).variables["w"].role == "parameter"
    w.register_hook(lambda gradient: 1.001 * gradient)
    with pytest.raises(ReadError, match="are not those of the formulas"):
        sb.trace(lambda: torch.tanh(1e6 * w).sum())


def test_a_type_of_real_numbers_may_be_said() -> None:
    import torch
    from torch.nn.functional import softmax

    w = torch.tensor([[0.5, -1.0], [0.25, 2.0]], dtype=torch.float64, requires_grad=True)
    future = torch.tensor([[False, True], [False, False]])

    def seen() -> torch.Tensor:
        return softmax(w.masked_fill(future, -1e300), -1, dtype=torch.float32)[:, 0].pow(2).sum()

    found = sb.derive(sb.trace(seen)).evaluate().gradients["w"]
    assert np.allclose(found, torch.autograd.grad(seen(), w)[0].numpy(), rtol=1e-5)


def test_numbers_of_64_bits_are_not_computed_with_those_of_32() -> None:
    import torch

    w = torch.rand(5, dtype=torch.float64, requires_grad=True)
    chosen = torch.tensor([0, 1, 1, 0, 1]).float()
    found = sb.derive(sb.trace(lambda: (chosen * w).mean())).evaluate().gradients["w"]
    assert np.allclose(found, np.array([0, 1, 1, 0, 1]) / 5, rtol=1e-14)


def test_what_is_made_of_a_function_is_not_disturbed() -> None:
    import torch

    w = torch.rand(3, 2, dtype=torch.float64, requires_grad=True)
    layer = torch.nn.Linear(2, 2).double()

    def both() -> torch.Tensor:
        made = torch.jit.trace(layer, torch.ones(1, 2, dtype=torch.float64))
        assert torch.equal(made(w.detach()), layer(w.detach()))
        return w.exp().sum()

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert np.allclose(sb.derive(sb.trace(both)).evaluate().gradients["w"], w.exp().detach().numpy())
    with pytest.raises(ReadError, match="computed by something that is not recorded"):
        sb.trace(lambda: w.sum() + torch.vmap(torch.dot)(w, w).sum())
