"""The generators of random numbers of a text, each the library's own in the state that the text has reached.

A generator has a state only where the text seeds it, or the library does so by itself, and only until something may have
drawn from it that was not followed: from there on shapes alone are known. ``Draws`` holds all of them, and what the caller's
seed fills in their place.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from symback.core.errors import SymbackError
from symback.readers.values import RandomSource

LEGACY, GENERATOR, BITS, TORCH, PYTHON = "np.random", "Generator", "BitGenerator", "torch", "random"
"""The kinds of generators: NumPy's of old and its new ones, what those are made of, PyTorch's, and Python's."""


class Stream(RandomSource):
    """One generator: ``np.random`` as a whole, or an object such as ``np.random.default_rng(0)``."""

    def __init__(self, kind: str, state: Any = None, why: str = "") -> None:
        self.kind = kind
        self.state = state
        """The library's own generator; None where its state is not known."""
        self.why = why
        """Why the state of a seeded generator is not known; empty where it was never seeded."""
        self.count = 0
        """How often it was drawn from or seeded."""

    def seed(self, state: Any, why: str = "") -> None:
        """Give it a state, or the reason why the text's seed does not tell one."""
        self.state, self.why = state, why
        self.count += 1

    def lose(self, why: str) -> None:
        """Forget the state, where there is one."""
        if self.state is not None:
            self.state, self.why = None, why


class Draws:
    """All generators of a text, and the caller's seed, which fills what they do not tell."""

    def __init__(self, seed: int | None = None) -> None:
        self.seed = seed
        self.spare = None if seed is None else np.random.default_rng(seed)
        self.spare_python = None if seed is None else random.Random(seed)
        self.numpy, self.torch, self.python = Stream(LEGACY), Stream(TORCH), Stream(PYTHON)
        self.streams = [self.numpy, self.torch, self.python]
        self.together = 0
        """How many comprehensions are being read for one row that stands for all: nothing can be drawn in them."""
        self.foreign: dict[int, str] = {}
        """Lines whose numbers are not the text's own, and why."""
        self.precision = "float32"
        """PyTorch's type of numbers where a call names none."""
        self.quiet: list[SymbackError] = []
        """What poisons names whose objects draw from nothing, as those of a library for pictures."""
        self.mixed = False
        """True where arrays of PyTorch may have another type than that one."""

    def new(self, kind: str, state: Any = None, why: str = "") -> Stream:
        """Return a further generator of the text."""
        made = Stream(kind, state, why)
        self.streams.append(made)
        return made

    def lose(self, why: str, streams: Iterable[Stream] | None = None) -> None:
        """Forget the state of some generators, or of all."""
        for stream in self.streams if streams is None else streams:
            stream.lose(why)

    def mark(self) -> dict[Stream, int]:
        """Return how often each generator was used so far."""
        return {s: s.count for s in self.streams}

    def lose_since(self, mark: dict[Stream, int], why: str) -> None:
        """Forget the state of what was used after a mark: it was read once, and may happen more or less often."""
        self.lose(why, [s for s in self.streams if s.count != mark.get(s, 0)])

    @contextmanager
    def untouched(self) -> Iterator[None]:
        """Leave no trace of what is read inside only to see what it is: it is read again where it happens."""
        counts, foreign, streams = self.mark(), dict(self.foreign), list(self.streams)
        spare = copy.deepcopy((self.spare, self.spare_python))
        try:
            with self.tried():
                yield
        finally:
            self.streams, self.foreign = streams, foreign
            for stream, count in counts.items():
                stream.count = count
            self.spare, self.spare_python = spare

    @contextmanager
    def tried(self) -> Iterator[None]:
        """Give all generators their states back after one of several ways that a text may go."""
        before = [(s, copied(s.state), s.why) for s in self.streams]
        try:
            yield
        finally:
            for stream, state, why in before:
                stream.state, stream.why = state, why

    def parameter(self, shape: Sequence[int]) -> Any:
        """Return numbers by the caller's seed for a parameter that PyTorch would draw; None where the text's own are drawn."""
        if self.spare is None or self.torch.state is not None:
            return None
        return self.spare.standard_normal(tuple(shape))


def copied(state: Any) -> Any:
    """Return a generator of a library in the same state."""
    if hasattr(state, "get_state") and hasattr(state, "manual_seed"):
        import torch

        made = torch.Generator()
        made.set_state(state.get_state())
        return made
    return copy.deepcopy(state)
