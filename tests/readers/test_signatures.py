"""The signatures that calls are bound to are those of the installed libraries, and a call binds as the library takes it."""

from __future__ import annotations

import ast
import inspect

import numpy as np
import pytest

import symback as sb
from symback.core.errors import ReadError
from symback.functions.optimizers import OPTIMIZER_ALIASES
from symback.library.signatures import REQUIRED, paths, signatures
from symback.readers.library_calls import known_paths
from symback.readers.torch_layers import LAYERS
from symback.readers.torch_random import INITS, INNER
from tests.support import needs
from tests.support.signature_recipe import DATA, held_versions, signature_text, versions


def differences(held: str, installed: str) -> list[str]:
    """Return the lines that only one of the two has, without the versions."""
    return sorted({*held.splitlines()[1:]} ^ {*installed.splitlines()[1:]})


def test_the_data_are_what_the_recipe_makes_of_the_installed_libraries(request: pytest.FixtureRequest) -> None:
    torch, scipy = needs.package("torch"), needs.package("scipy")
    needs.package("scipy.special")
    text = signature_text(torch, scipy)
    if request.config.getoption("--update"):
        DATA.write_text(text, encoding="utf-8", newline="\n")
    found = differences(DATA.read_text(encoding="utf-8"), text)
    # another version of a library has other functions; the data stay those of the versions they name
    assert found == [] or held_versions() != versions(torch, scipy), (
        "symback/library/data/signatures.txt is not what the libraries say; "
        "run pytest tests/readers/test_signatures.py --update"
    )
    assert text.count("\n") > 2000


def test_a_new_parameter_is_named() -> None:
    held = "# numpy 1\nnumpy.sum(a, axis=None)\naten.var(self: Tensor)\n"
    assert differences(held, held.replace("axis=None", "axis=None, where=?")) == [
        "numpy.sum(a, axis=None)",
        "numpy.sum(a, axis=None, where=?)",
    ]


def test_every_signature_can_be_read() -> None:
    found = {path: signatures(path) for path in paths()}
    assert len(found) > 2000 and all(found.values())
    for path, forms in found.items():
        for p in (p for form in forms for p in form.parameters):
            assert p.name.isidentifier() and p.kind in ("positional", "either", "keyword", "many", "options"), path


def test_numpy_signatures_are_those_inspect_tells() -> None:
    for name in ("sum", "var", "clip", "linspace", "concatenate", "pad", "add", "where"):
        [form] = signatures(f"numpy.{name}")
        told = inspect.signature(getattr(np, name)).parameters
        if set(told) == {p.name for p in form.parameters}:
            assert [p.name for p in form.parameters] == list(told)
            for p in form.parameters:
                assert (p.default is REQUIRED) == (
                    told[p.name].default is inspect.Parameter.empty and p.kind not in ("many", "options")
                )


@pytest.mark.parametrize("name", sorted(set(LAYERS) - {INNER}))
def test_a_layer_takes_its_options_in_the_order_and_with_the_defaults_of_torch(name: str) -> None:
    [form] = signatures(f"torch.nn.{name}")
    theirs = [p for p in form.parameters if p.name not in ("device", "dtype") and p.kind in ("either", "keyword")]
    ours = LAYERS[name].options
    assert list(ours) == [p.name for p in theirs]
    assert list(ours.values()) == [p.default for p in theirs]


WRONG = {
    "np.sum(W, axes=0)": "np.sum has no parameter axes",
    "np.sum(W, 0, None, None, False, 0, True, 3)": "np.sum takes at most 7",
    "np.sum(W, 0, axis=0)": "np.sum is given axis twice",
    "np.concatenate(axis=0)": "np.concatenate needs arrays",
    "np.tril(W, diagonal=1)": "np.tril has no parameter diagonal",
    "torch.sum(torch.tensor(W), dims=0)": "torch.sum has no parameter dims",
    "torch.tensor(W).var(0, 1)": "the method var",
    "np.unsqueeze(W, 0)": "the function np.unsqueeze is not known",
    "torch.expand_dims(torch.tensor(W), 0)": "the function torch.expand_dims is not known",
    "torch.equal(torch.tensor(W), torch.tensor(W))": "torch.equal is not known",
    "torch.nn.functional.softmax(torch.tensor(W), axis=0)": "F.softmax has no parameter axis",
}


@pytest.mark.parametrize("call", WRONG)
def test_a_call_that_the_library_refuses_is_refused_with_what_is_wrong(call: str) -> None:
    text = f"import numpy as np\nimport torch\nW = np.array([[0.5, -0.3], [0.1, 0.7]])\nloss = np.sum({call})\n"
    with pytest.raises(ReadError) as caught:
        sb.parse(text)
    assert WRONG[call] in str(caught.value)
    assert "line 4" in str(caught.value)


def test_every_known_path_has_a_signature() -> None:
    assert len(known_paths()) > 500
    assert [p for p in known_paths() if not signatures(p)] == []


# --- what is bound by a table of its own ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(set(LAYERS) - {INNER}))
def test_a_layer_is_called_as_its_forward_method(name: str) -> None:
    [form] = signatures(f"torch.nn.{name}.forward")
    first, *_ = form.parameters
    assert first.default is REQUIRED and {*LAYERS[name].arguments} <= {p.name for p in form.parameters}


FORWARD = {
    "nn.Linear(3, 2)(x=W)": "has no parameter x",
    "nn.Linear(3, 2)(W, W)": "takes at most 1",
    "nn.Linear(3, 2)()": "needs input",
    "nn.ReLU()(x=W)": "has no parameter x",
    "nn.Sequential(nn.Linear(3, 2))(x=W)": "has no parameter x",
    "nn.GRU(3, 2)(W, h0=None)": "has no parameter h0",
    "nn.ModuleList([nn.ReLU()])(W)": "cannot be called",
    "nn.Identity()(W, W)": "takes at most 1",
}


@pytest.mark.parametrize("call", FORWARD)
def test_a_call_of_a_layer_that_pytorch_refuses_is_refused(call: str) -> None:
    text = f"import torch\nfrom torch import nn\nW = torch.tensor([[0.5, -0.3, 0.2]])\nloss = ({call}).sum()\n"
    with pytest.raises(ReadError, match=FORWARD[call]):
        sb.parse(text)


@pytest.mark.parametrize("name", sorted(INITS))
def test_functions_that_initialise_are_bound_as_pytorch_says(name: str) -> None:
    torch = needs.package("torch")
    theirs = list(inspect.signature(getattr(torch.nn.init, name)).parameters.values())[1:]
    ours = [part.partition("=") for part in INITS[name].split()]
    assert [label for label, _, _ in ours] == [p.name for p in theirs]
    for (_, equals, default), p in zip(ours, theirs, strict=True):
        assert (not equals and p.default is p.empty) or ast.literal_eval(default) == p.default


@pytest.mark.parametrize("name", sorted(alias for alias in OPTIMIZER_ALIASES if alias.startswith("torch.optim.")))
def test_optimizers_and_schedules_take_their_options_in_the_order_and_with_the_defaults_of_torch(name: str) -> None:
    torch = needs.package("torch")
    row = OPTIMIZER_ALIASES[name]
    kind = torch.optim.lr_scheduler if "lr_scheduler" in name else torch.optim
    theirs = list(inspect.signature(getattr(kind, name.rpartition(".")[2]).__init__).parameters.values())[2:]
    usual = {h.name: h.default for h in row.hyperparameters}
    by_place = [p for p in theirs if p.kind is p.POSITIONAL_OR_KEYWORD]
    assert len(row.signature) <= len(by_place)
    for ours, p in zip(row.signature, by_place, strict=False):
        own = row.keywords.get(p.name, (p.name,))
        assert ours == p.name or (ours,) == own
        if p.default is p.empty or any(key not in usual for key in own):
            continue
        values = p.default if isinstance(p.default, tuple) else (p.default,)
        assert [float(usual[key]) for key in own] == [float(v) for v in values], p.name
