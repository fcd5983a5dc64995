"""Every module of ``torch.nn`` has an instance, and PyTorch's gradients of it agree with differences."""

from __future__ import annotations

import inspect
from collections import Counter

import numpy as np
import pytest

from tests.tracing.torch_modules import INSTANCES, WITHOUT, Instance, Weighted, at, gradients, torch, weighted, wrong


@pytest.fixture(params=INSTANCES, ids=lambda instance: instance.name)
def instance(request: pytest.FixtureRequest) -> Instance:
    found: Instance = request.param
    return found


def test_every_module_class_has_an_instance_or_a_reason() -> None:
    kinds = {
        name
        for name, value in vars(torch.nn).items()
        if inspect.isclass(value) and issubclass(value, torch.nn.Module) and not name.startswith("_")
    }
    made = {instance.kind for instance in INSTANCES}
    assert sorted(kinds - made - set(WITHOUT)) == []
    assert sorted(set(WITHOUT) & made) == [] and sorted(set(WITHOUT) - kinds) == []
    assert all(WITHOUT.values())


def test_every_instance_has_its_own_name() -> None:
    assert [name for name, count in Counter(i.name for i in INSTANCES).items() if count > 1] == []


def test_gradients_agree_with_differences(instance: Instance) -> None:
    assert bool(wrong(instance)) == bool(instance.rough)


@pytest.mark.campaign
def test_the_gradient_by_each_tensor_agrees_with_differences(instance: Instance) -> None:
    assert bool(wrong(instance, alone=True)) == bool(instance.rough)


def test_an_instance_is_the_same_every_time() -> None:
    for instance in INSTANCES:
        number, found = gradients(instance)
        again, more = gradients(instance)
        assert number == again == at(instance, {}) and np.isfinite(number), instance.name
        assert list(found) == list(more) and any(gradient.any() for gradient in found.values()), instance.name
        assert all(np.array_equal(found[key], more[key]) for key in found), instance.name


def test_an_instance_that_draws_says_so() -> None:
    drawing = set()
    for instance in INSTANCES:
        module, inputs, options = instance.build(), instance.inputs(), instance.options()
        before = torch.get_rng_state()
        module(*inputs, **options)
        if not torch.equal(torch.get_rng_state(), before):
            drawing.add(instance.name)
            torch.set_rng_state(before)
    assert drawing == {instance.name for instance in INSTANCES if instance.draws}


def test_all_floating_outputs_are_weighed_by_numbers_of_their_own() -> None:
    ones = torch.ones(2, dtype=torch.float64, requires_grad=True)
    more = torch.ones(1, 2, dtype=torch.float64, requires_grad=True)
    weighted(({"a": ones, "n": torch.tensor([7])}, [more, None])).backward()
    found = [*ones.grad.tolist(), *more.grad.ravel().tolist()]
    assert found == [0.75 + 0.25 * np.cos(1 + k) for k in range(4)]


def test_a_wrapped_instance_returns_the_number() -> None:
    instance = next(i for i in INSTANCES if i.named)
    module = Weighted(instance.build(), instance.options())
    assert module(*instance.inputs()).item() == at(instance, {})


def test_differences_see_a_wrong_gradient() -> None:
    wrong_ones = [i for i in INSTANCES if i.rough]
    assert len(wrong_ones) > 5 and all("instead of" in text for i in wrong_ones[:3] for text in wrong(i))
