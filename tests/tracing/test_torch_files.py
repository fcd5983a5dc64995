"""The PyTorch programs to trace run, their cases name what they train, and PyTorch's gradients agree with differences."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support import needs
from tests.tracing.torch_files import FILES, FOLDER, Case, Program, gradients, page_names, steps

torch = needs.package("torch")


@pytest.fixture(params=FILES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


def test_every_program_has_one_case() -> None:
    assert sorted(c.path for c in FILES) == sorted(p.name for p in FOLDER.glob("*.py"))


def test_a_program_runs_to_its_end_and_its_losses_reach_what_its_case_says(case: Case) -> None:
    found = steps(case, whole=True)
    names = page_names(found)
    assert [step.loss for step in found] == list(case.losses)
    for step in found:
        data = case.data if step is found[0] else ()
        assert np.isfinite(step.value)
        assert sorted(names[key] for key in step.gradients) == sorted((*case.losses[step.loss], *data))
        assert all(np.isfinite(gradient).all() for gradient in step.gradients.values())
        assert all(gradient.shape == step.values[key].shape for key, gradient in step.gradients.items())


def test_a_case_names_the_optimizer_of_its_file(case: Case) -> None:
    tree = ast.parse((FOLDER / case.path).read_text(encoding="utf-8"))
    names = {
        getattr(node.func, "attr", getattr(node.func, "id", ""))
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    }
    assert case.optimizer in names if case.optimizer else "step" not in names


def test_gradients_agree_with_differences_of_the_loss(case: Case) -> None:
    program = Program(case)
    assert program.shifted()
    assert bool(program.wrong_together()) == bool(case.rough)


@pytest.mark.campaign
def test_the_gradient_of_every_parameter_agrees_with_differences(case: Case) -> None:
    assert bool(Program(case).wrong_alone()) == bool(case.rough)


# --- the oracle, on programs that are known -------------------------------------------------------------------------------


HEAD = "import torch\ntorch.set_default_dtype(torch.float64)\n"


def small(folder: Path, text: str, perturb: str = "") -> Case:
    """Return the case of a few lines."""
    (folder / "small.py").write_text(HEAD + text, encoding="utf-8")
    return Case("small.py", {"loss": ()}, "", perturb=perturb)


def test_each_call_of_backward_gives_what_it_adds(tmp_path: Path) -> None:
    text = "w = torch.tensor(3.0, requires_grad=True)\nfor _ in range(2):\n    a = w * w\n    a.backward()\n    b = 5 * w\n    b.backward()\n"
    first, second = steps(small(tmp_path, text), tmp_path)
    assert (first.loss, first.line, first.value, first.gradients) == ("a", 6, 9.0, {"w": 6.0})
    assert (second.loss, second.line, second.value, second.gradients) == ("b", 8, 15.0, {"w": 5.0})


def test_a_call_in_a_helper_is_one_call(tmp_path: Path) -> None:
    text = "w = torch.tensor(3.0, requires_grad=True)\ndef go(loss):\n    loss.backward()\ngo(w * w)\ngo(5 * w)\n"
    (step,) = steps(small(tmp_path, text), tmp_path)
    assert (step.loss, step.gradients) == ("loss", {"w": 6.0})


def test_a_gradient_of_what_is_no_number_weighs_it(tmp_path: Path) -> None:
    text = "w = torch.tensor([1.0, 2.0], requires_grad=True)\n(w ** 2).backward(torch.tensor([1.0, 10.0]))\n"
    (step,) = steps(small(tmp_path, text), tmp_path)
    assert (step.loss, step.value, step.gradients["w"].tolist()) == ("w ** 2", 41.0, [2.0, 40.0])


@pytest.mark.parametrize(
    ("make", "paths"),
    [
        ("p = {'W1': w, 'b': v}", ["p.W1", "p.b"]),
        ("p = [{'w': w}, (v, 2.0)]", ["p.0.w", "p.1.0"]),
        ("class A: pass\np = A()\np.w, p.v = w, v", ["p.w", "p.v"]),
        ("import types\np = types.SimpleNamespace(w=w, v=v)", ["p.w", "p.v"]),
    ],
)
def test_leaves_are_found_where_they_are_kept(make: str, paths: list[str], tmp_path: Path) -> None:
    text = f"def made():\n    return [torch.ones(2, requires_grad=True) for _ in range(2)]\nw, v = made()\n{make}\nkept = [w, v]\ndel w, v, kept\n"
    end = "".join(f" + {path_of(p)}.sum()" for p in paths)
    (step,) = steps(small(tmp_path, f"{text}loss = 0{end}\nloss.backward()\n"), tmp_path)
    assert list(step.gradients) == paths


def path_of(path: str) -> str:
    """Return the expression of a path through dictionaries, lists and attributes."""
    first, *rest = path.split(".")
    keyed = first == "p" and rest[-1] in ("W1", "b")
    return first + "".join(f"[{r}]" if r.isdigit() else f"[{r!r}]" if keyed or len(rest) > 1 else f".{r}" for r in rest)


def test_a_parameter_has_the_name_of_the_largest_module(tmp_path: Path) -> None:
    text = (
        "from torch import nn\nhead = nn.Linear(2, 1)\nmodel = nn.Sequential(nn.Linear(2, 2), head)\nscale = torch.ones((), requires_grad=True)\n"
        "def step(m):\n    (scale * m(torch.ones(1, 2)).sum()).backward()\nstep(model)\n"
    )
    case = small(tmp_path, text)
    (step,) = steps(case, tmp_path)
    assert list(step.gradients) == ["model.0.weight", "model.0.bias", "model.1.weight", "model.1.bias", "scale"]
    (named,) = gradients(case, tmp_path)
    assert list(named) == ["0.weight", "0.bias", "1.weight", "1.bias", "scale"]


def test_gradients_by_autograd_count_where_they_train(tmp_path: Path) -> None:
    text = (
        "w = torch.tensor(3.0, requires_grad=True)\nslope, = torch.autograd.grad(w ** 3, w, create_graph=True)\n"
        "loss = slope * w\n[change] = torch.autograd.grad(loss, [w])\nassert change == 81.0\n"
    )
    (step,) = steps(small(tmp_path, text), tmp_path)
    assert (step.loss, step.value, step.gradients) == ("loss", 81.0, {"w": 81.0})


@pytest.mark.parametrize("end", ["loss = w ** 3", "loss = (w ** 3).detach() + w"])
def test_differences_see_a_wrong_gradient(end: str, tmp_path: Path) -> None:
    case = small(tmp_path, f"w = torch.tensor(3.0, requires_grad=True)\n{end}\nloss.backward()\n", perturb="w = torch")
    assert bool(Program(case, tmp_path).wrong_together()) == ("detach" in end)


def test_an_optimizer_tells_when_to_shift(tmp_path: Path) -> None:
    text = (
        "w = torch.tensor([3.0, 1.0], requires_grad=True)\nopt = torch.optim.SGD([w], 0.1)\n"
        "loss = (w ** 3).sum()\nloss.backward()\nopt.step()\n"
    )
    program = Program(small(tmp_path, text), tmp_path)
    assert program.at({"w": np.array([1.0, 0.0])}) == 65.0
    assert program.wrong_alone(entries=2) == []


def test_the_process_is_left_as_it_was(tmp_path: Path) -> None:
    def state() -> tuple[Any, ...]:
        kept = (torch.Tensor.backward, torch.autograd.backward, torch.autograd.grad, torch.optim.Optimizer.__init__)
        return (*kept, torch.get_default_dtype(), torch.is_grad_enabled(), torch.get_rng_state().tolist())

    before = state()
    steps(small(tmp_path, "torch.manual_seed(3)\ntorch.set_grad_enabled(False)\n"), tmp_path)
    with pytest.raises(ZeroDivisionError):
        steps(small(tmp_path / "..", "1 / 0\n"), tmp_path / "..")
    assert state() == before
