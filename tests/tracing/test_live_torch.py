"""Live modules and functions of PyTorch are traced; what they leave behind is what one call of them leaves."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import symback as sb
from symback.core.errors import ReadError
from symback.networks.network import Network
from tests.support import needs

torch = needs.package("torch")
nn, F = torch.nn, torch.nn.functional


@pytest.fixture(autouse=True)
def doubles() -> Any:
    before, state = torch.get_default_dtype(), torch.get_rng_state()
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(3)
    yield
    torch.set_default_dtype(before)
    torch.set_rng_state(state)


def traced(f: Any, *args: Any, **options: Any) -> Network:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what PyTorch says of its compiler
        return sb.trace(f, *args, **options)


def agrees(net: Network, loss: Any, parameters: dict[str, Any]) -> None:
    """Compare the derived gradients with autograd's of a loss that is computed anew."""
    found = sb.derive(net).evaluate()
    for place, tensor in parameters.items():
        [wanted] = torch.autograd.grad(loss(), [tensor])
        name = net.aliases.get(place, place)
        assert np.allclose(found.gradients[name], wanted.numpy(), rtol=1e-10, atol=1e-13), place


class Net(nn.Module):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(3, 4)
        self.scale = nn.Parameter(torch.rand(4))
        self.last = nn.Linear(4, 2)

    def forward(self, x: Any) -> Any:
        h = torch.tanh(self.first(x)) * self.scale
        return self.last(h)


def test_a_module_is_traced_without_a_loss_and_derived_by_an_upstream_gradient() -> None:
    net, x = Net(), torch.randn(5, 3)
    page = traced(net, x)
    assert page.loss is None
    [*_, result] = [e.name for e in page.equations]
    given = np.random.default_rng(0).standard_normal((5, 2))
    found = sb.derive(page, upstream={result: "G"}).evaluate({"G": given, **page.values})
    [wanted] = torch.autograd.grad(net(x), [net.first.weight], torch.as_tensor(given))
    assert np.allclose(found.gradients[page.aliases["first.weight"]], wanted.numpy(), rtol=1e-12)


def test_parameters_have_their_places_and_the_symbols_of_textbooks() -> None:
    net, x, y = Net(), torch.randn(5, 3), torch.randn(5, 2)
    page = traced(lambda: F.mse_loss(net(x), y))
    assert page.aliases == {
        "first.weight": "W1",
        "first.bias": "b1",
        "last.weight": "W2",
        "last.bias": "b2",
    }
    assert [v.name for v in page.variables.values() if v.role == "parameter"] == ["W1", "b1", "scale", "W2", "b2"]
    agrees(page, lambda: F.mse_loss(net(x), y), dict(net.named_parameters()))


def test_nothing_is_left_in_the_module_or_in_the_generator() -> None:
    net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Linear(4, 1))
    twin = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Linear(4, 1))
    twin.load_state_dict(net.state_dict())
    x = torch.randn(6, 3)
    torch.manual_seed(7)
    plain = twin(x).mean()
    after = torch.get_rng_state()
    torch.manual_seed(7)
    page = traced(lambda: net(x).mean())
    assert torch.equal(torch.get_rng_state(), after)
    assert sb.derive(page).evaluate().loss == pytest.approx(plain.item(), rel=1e-12)
    assert all(torch.equal(a, b) for a, b in zip(net.state_dict().values(), twin.state_dict().values(), strict=True))
    assert all(p.grad is None for p in net.parameters())
    assert torch.autograd.Function.__dict__["apply"].__func__.__module__.startswith("torch")


@dataclass
class Output:
    logits: Any
    loss: Any = None


class WithOutput(nn.Module):  # type: ignore[misc]
    """A module that returns its loss in an object or in a dictionary."""

    def __init__(self, as_dictionary: bool) -> None:
        super().__init__()
        self.layer, self.as_dictionary = nn.Linear(3, 2), as_dictionary

    def forward(self, *, inputs: Any, labels: Any = None) -> Any:
        logits = self.layer(inputs)
        found = {"logits": logits, "loss": F.cross_entropy(logits, labels)}
        return found if self.as_dictionary else Output(**found)


@pytest.mark.parametrize("as_dictionary", [True, False])
def test_the_loss_is_found_in_what_a_module_returns(as_dictionary: bool) -> None:
    model, x, y = WithOutput(as_dictionary), torch.randn(4, 3), torch.tensor([0, 1, 1, 0])
    page = traced(model, inputs=x, labels=y)
    agrees(page, lambda: F.cross_entropy(model.layer(x), y), {"layer.weight": model.layer.weight})


def test_wrappers_are_looked_through() -> None:
    inner, x = Net(), torch.randn(4, 3)
    for wrapped in (nn.DataParallel(inner), torch.compile(inner)):
        page = traced(lambda wrapped=wrapped: wrapped(x).square().mean())
        found = sb.derive(page).evaluate()
        [wanted] = torch.autograd.grad(inner(x).square().mean(), [inner.first.weight])
        [name] = [n for place, n in page.aliases.items() if place.endswith("first.weight")]
        assert np.allclose(found.gradients[name], wanted.numpy(), rtol=1e-12)


def test_checkpoints_are_looked_through() -> None:
    from torch.utils.checkpoint import checkpoint

    net, x = Net(), torch.randn(4, 3, requires_grad=True)
    for reentrant in (True, False):
        page = traced(lambda reentrant=reentrant: checkpoint(net, x, use_reentrant=reentrant).square().mean())
        agrees(page, lambda: net(x).square().mean(), {"first.weight": net.first.weight})


def test_views_and_versions_are_followed() -> None:
    w = torch.randn(6, requires_grad=True)

    def loss() -> Any:
        a = w.view(2, 3) * 2
        part = a[:, 1:]
        row = a[0]
        part.mul_(w[:2])
        a[1] += row
        return (a.t() ** 2).sum() + part.sum()

    page = traced(loss)
    agrees(page, loss, {"w": w})


def test_what_is_detached_or_under_no_grad_is_constant() -> None:
    w = torch.tensor([0.5, -1.5], requires_grad=True)

    def loss() -> Any:
        with torch.no_grad():
            target = w * 3
        return ((w - target) ** 2).sum() + (w.detach() * w).sum() + w.data.sum()

    agrees(traced(loss), loss, {"w": w})


def test_a_block_is_traced() -> None:
    w, x = torch.randn(3, requires_grad=True), torch.randn(4, 3)
    with sb.tracing() as tape:
        z = x @ w
        loss = F.softplus(z).mean()
    page = tape.network(loss="loss")
    assert [e.name for e in page.equations] == ["z", "loss"]
    agrees(page, lambda: F.softplus(x @ w).mean(), {"w": w})
    assert torch.is_tensor(loss)


# --- what is refused ------------------------------------------------------------------------------------------------------


class Doubled(torch.autograd.Function):  # type: ignore[misc]
    @staticmethod
    def forward(context: Any, x: Any) -> Any:
        return x * 1.0

    @staticmethod
    def backward(context: Any, gradient: Any) -> Any:
        return 2 * gradient


class Cubed(torch.autograd.Function):  # type: ignore[misc]
    @staticmethod
    def forward(context: Any, x: Any) -> Any:
        context.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(context: Any, gradient: Any) -> Any:
        (x,) = context.saved_tensors
        return gradient * 3 * x**2


def test_a_function_whose_backward_is_the_derivative_is_derived() -> None:
    w = torch.tensor([0.5, -1.5], requires_grad=True)
    page = traced(lambda: Cubed.apply(w).sum())
    assert "w**3" in str(page)
    agrees(page, lambda: (w**3).sum(), {"w": w})


def test_another_backward_is_taken_as_stated_only_where_it_is_asked_for() -> None:
    w = torch.tensor([0.5, -1.5], requires_grad=True)
    with pytest.raises(ReadError, match="--use-backward Doubled"):
        traced(lambda: Doubled.apply(w).sum())
    found = sb.derive(traced(lambda: Doubled.apply(w).square().sum(), use_backward="Doubled")).evaluate()
    assert np.allclose(found.gradients["w"], 4 * w.detach().numpy())


def test_a_hook_that_changes_a_gradient_is_found() -> None:
    net, x = Net(), torch.randn(4, 3)
    net.first.weight.register_hook(lambda gradient: 3 * gradient)
    with pytest.raises(ReadError, match="are not those of the formulas"):
        traced(lambda: net(x).mean())


def test_compiled_code_is_refused() -> None:
    w = torch.randn(3, requires_grad=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scripted = torch.jit.trace(lambda v: (v * 2).sin(), torch.randn(3))
    with pytest.raises(ReadError, match="not recorded"):
        traced(lambda: (scripted(w) * w).sum())


def test_a_row_of_padding_is_told() -> None:
    table = nn.Embedding(4, 2, padding_idx=1)
    page = traced(lambda: table(torch.tensor([0, 1, 3])).square().sum())
    assert any("padding" in f.message for f in page.findings)
    agrees(page, lambda: table(torch.tensor([0, 1, 3])).square().sum(), {"table.weight": table.weight})


def test_numbers_of_sixteen_bits_on_the_way_are_refused_with_the_reason() -> None:
    net, x, y = nn.Linear(8, 1).float(), torch.randn(32, 8).float(), torch.randn(32, 1).float()

    def loss() -> Any:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            out = net(x)
        return F.mse_loss(out.float(), y)

    with pytest.raises(ReadError, match=r"autocast.*enabled=False"):
        traced(loss)
