"""Options and fixtures that all tests share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from symback.derivation.record import Record
from tests.support import needs
from tests.support.places import GOLDENS
from tests.support.small_networks import layers, record_of


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write tests/goldens anew instead of comparing with it")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with a file of ``tests/goldens``, line by line; ``pytest --update`` writes the file instead."""
    update = request.config.getoption("--update")

    def compare(name: str, text: str) -> None:
        path = GOLDENS / name
        if update:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
            return
        assert path.exists(), f"tests/goldens/{name} does not exist; write it with pytest --update"
        assert text.splitlines() == path.read_text(encoding="utf-8").splitlines()

    return compare


@pytest.fixture
def torch() -> Iterator[Any]:
    found = needs.package("torch")
    before = found.get_default_dtype()
    found.set_default_dtype(found.float64)
    found.manual_seed(0)
    yield found
    found.set_default_dtype(before)


@pytest.fixture(name="record")
def small_record() -> Record:
    return record_of(layers([2, 3, 1]))
