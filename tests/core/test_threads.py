"""Forms are one object each, results are the same and settings stay as they were, however many threads derive."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import mpmath
import pytest

import symback as sb
from symback.core.forms import Form, apply, name, number, undefined
from symback.core.room import room
from symback.derivation.record import clear_templates

COUNT = 4


@pytest.fixture(autouse=True)
def switching_often() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def at_once(work: Callable[[int], Any]) -> list[Any]:
    """Return what the work gives in each of some threads that start together; an error in one is raised."""
    barrier = threading.Barrier(COUNT)
    found: list[Any] = [None] * COUNT
    errors: list[BaseException] = []

    def run(position: int) -> None:
        barrier.wait()
        try:
            found[position] = work(position)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(k,)) for k in range(COUNT)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return found


@pytest.mark.parametrize("round_", range(20))
def test_forms_written_alike_in_threads_are_one_object(round_: int) -> None:
    def build(position: int) -> list[Form]:
        x = name(f"x{round_}", (3,))
        made: list[Form] = [x]
        for k in range(150):
            made.append(apply("multiply", made[-1] + number(k + round_ / 32), x))
        return made

    first, *others = at_once(build)
    assert all(a is b for other in others for a, b in zip(first, other, strict=True))


def test_undefined_functions_made_in_threads_are_one_object() -> None:
    found = at_once(lambda position: [undefined(f"f_in_threads{k}") for k in range(200)])
    assert all(a is b for other in found[1:] for a, b in zip(found[0], other, strict=True))


HEAD = "import numpy as np\nW = np.array([1.0, 2.0])\n"
TEXTS = (
    HEAD + "L = np.sum(" + " + ".join(f"W * {k}.5" for k in range(1, 120)) + ")\n",
    HEAD + "L = np.sum(W**2)\n",
    HEAD + "a = W\nfor i in range(60):\n    a = a + W * 1.5\nL = np.sum(a)\n",
    HEAD + "p = np.exp(W) / np.exp(W).sum()\nL = -np.log(p[1]) + np.sum(np.log(1 + np.exp(W)))\n",
)


def derived(text: str) -> tuple[str, str]:
    found = sb.derive(sb.parse(text))
    return found.text(), found.code()


def test_threads_derive_what_one_alone_derives() -> None:
    alone = [derived(text) for text in TEXTS]
    limit, digits = sys.getrecursionlimit(), mpmath.mp.dps
    clear_templates()
    found = at_once(lambda position: [derived(TEXTS[(position + k) % len(TEXTS)]) for k in range(len(TEXTS))])
    for position, results in enumerate(found):
        assert results == [alone[(position + k) % len(TEXTS)] for k in range(len(TEXTS))]
    assert (sys.getrecursionlimit(), mpmath.mp.dps) == (limit, digits)


def test_the_precision_of_mpmath_does_not_change_what_is_identified() -> None:
    expected = derived(TEXTS[3])
    clear_templates()
    with mpmath.workdps(5):
        assert derived(TEXTS[3]) == expected


def test_the_recursion_limit_is_left_as_it_was() -> None:
    before = sys.getrecursionlimit()
    first, second = room(), room()
    first.__enter__()
    second.__enter__()
    assert sys.getrecursionlimit() > before
    first.__exit__(None, None, None)
    assert sys.getrecursionlimit() > before
    second.__exit__(None, None, None)
    assert sys.getrecursionlimit() == before
    with pytest.raises(sb.SymbackError):
        sb.derive(sb.Network())
    assert sys.getrecursionlimit() == before


def test_room_entered_and_left_by_threads_ends_where_it_began() -> None:
    before = sys.getrecursionlimit()

    def enter(position: int) -> None:
        for _ in range(300):
            with room():
                assert sys.getrecursionlimit() > before

    at_once(enter)
    assert sys.getrecursionlimit() == before
