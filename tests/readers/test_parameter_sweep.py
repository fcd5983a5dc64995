"""Every parameter of every known library function, at values other than the default: read as executed, or refused by name.

The walk is made from the signatures and the reader's own tables, so that a new function is swept or fails here.
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from symback.core.errors import ReadError
from symback.library import parameters, reductions
from symback.library.operations import FUNCTIONS, meaning_of
from symback.library.signatures import signatures
from symback.readers.library_calls import known_paths
from symback.readers.slots import CONTAINERS
from tests.support import needs
from tests.support.parameter_samples import VALUES
from tests.support.parameter_sweep import Fault, Trial, check, same_versions, trials

HOLDERS = {f"torch.nn.{name}" for name in CONTAINERS}
"""Objects that hold others and have no options."""

NOT_EXECUTED = {
    "numpy.asfarray": "of older versions of NumPy",
    "torch.Tensor.cuda": "needs another machine",
    "torch.Tensor.retain_grad": "has no result",
}
"""What cannot be executed here, or gives nothing to compare."""

NOT_READ = {
    "torch.where(M)": "where needs a condition and two values",
    "W.view(torch.float64)": "reads the same memory as other numbers",
}
"""Plain calls that mean something else than an operation on arrays, and are refused."""

PATHS = sorted(known_paths() - HOLDERS)


@pytest.fixture(autouse=True)
def double() -> Iterator[None]:
    torch = needs.package("torch")
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


def faults(path: str) -> tuple[list[str], Counter[str]]:
    """Return what is read otherwise than executed, and how often which verdict was reached."""
    found: list[str] = []
    verdicts: Counter[str] = Counter()
    for trial in trials(path):
        try:
            verdicts[check(trial)] += 1
        except Fault as fault:
            if not any(call == trial.call and said in str(fault) for call, said in NOT_READ.items()):
                found.append(str(fault))
    return found, verdicts


@pytest.mark.parametrize("path", PATHS)
def test_every_parameter_is_read_as_executed_or_refused_by_its_name(path: str) -> None:
    found, verdicts = faults(path)
    assert found == []
    assert verdicts["equal"] or path in NOT_EXECUTED or not same_versions(), verdicts


def test_the_walk_knows_every_operation_of_the_tables() -> None:
    names = {path.rpartition(".")[2] for path in PATHS}
    assert set(FUNCTIONS) - names == set()
    assert all(signatures(path) for path in PATHS)


@pytest.mark.parametrize("name", sorted(set(parameters.WITHOUT_EFFECT) - {"momentum"}))
def test_a_parameter_without_effect_is_tried_at_another_value_than_its_default(name: str) -> None:
    defaults = [repr(p.default) for path in PATHS for s in signatures(path) for p in s.parameters if p.name == name]
    assert any(set(VALUES[name]) - {default} for default in defaults) or name == "inplace"


def test_every_option_of_a_meaning_is_a_parameter_of_a_library() -> None:
    for path in PATHS:
        meaning = meaning_of(path)
        if meaning is not None:
            operands, options = parameters.declared(meaning)
            assert all(p.kind is inspect.Parameter.POSITIONAL_ONLY for p in operands)
            assert not {"extra", "more", "keywords"} & set(options), path
    told = {parameters.ONE_NAME.get(p.name, p.name) for path in PATHS for s in signatures(path) for p in s.parameters}
    wanted = {o for f in FUNCTIONS.values() for o in parameters.declared(f)[1]}
    assert wanted - told == {"constant_values"}


def _drop(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    whole = parameters.pass_over

    def careless(reader: Any, call: Any, parameter: str, value: Any) -> None:
        if parameter != name:
            whole(reader, call, parameter, value)

    monkeypatch.setattr(parameters, "pass_over", careless)


def test_a_parameter_that_is_passed_over_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check(Trial("numpy.diag", "k", "", "np.diag(v, k=1)")) == "refused"
    _drop(monkeypatch, "k")
    with pytest.raises(Fault, match="k=1"):
        check(Trial("numpy.diag", "k", "", "np.diag(v, k=1)"))
    assert faults("numpy.diag")[0]


def test_a_parameter_that_a_meaning_forgets_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reductions, "_correction", lambda *given: 0)
    assert any("ddof" in text for text in faults("numpy.var")[0])
    assert any("W.std" in text for text in faults("torch.Tensor.std")[0])


def test_a_refusal_that_names_nothing_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(reader: Any, call: Any, parameter: str, value: Any) -> None:
        raise ReadError("this cannot be read", reader.line)

    monkeypatch.setattr(parameters, "pass_over", silent)
    with pytest.raises(Fault, match="without naming k"):
        check(Trial("numpy.diag", "k", "", "np.diag(v, k=1)"))


def test_a_parameter_without_values_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(VALUES, "keepdims")
    with pytest.raises(KeyError, match="keepdims"):
        list(trials("numpy.sum"))
