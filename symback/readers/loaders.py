"""Data in batches: TensorDataset and DataLoader, whose batches are drawn as PyTorch draws them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from symback.core import forms
from symback.core.errors import ReadError
from symback.core.forms import Form
from symback.library.limits import UNROLLED
from symback.readers import torch_draws
from symback.readers.asking import Reader
from symback.readers.drawn_values import attempt, bound, taken, used
from symback.readers.streams import TORCH, Stream
from symback.readers.values import Rows

_OPTIONS = (
    "dataset batch_size=1 shuffle=None sampler=None batch_sampler=None num_workers=0 collate_fn=None pin_memory=False "
    "drop_last=False timeout=0 worker_init_fn=None multiprocessing_context=None generator=None * prefetch_factor=None "
    "persistent_workers=False pin_memory_device='' in_order=True"
)
_REFUSED = ("sampler", "batch_sampler", "collate_fn")


@dataclass(frozen=True, eq=False)
class Loader:
    """A DataLoader: the order of its rows is drawn when a loop begins."""

    arrays: tuple[Form, ...]
    width: int
    shuffles: bool = False
    drops: bool = False
    generator: Stream | None = None

    @property
    def batches(self) -> int | None:
        """The number of batches; None where the number of rows is not known."""
        rows = self.arrays[0].shape[0]
        if not isinstance(rows, int):
            return None
        return rows // self.width if self.drops else math.ceil(rows / self.width)

    def begun(self, reader: Reader) -> Rows:
        """Return the batches that a loop over the loader runs over: the first of them alone where not all are known."""
        rows, source = self.arrays[0].shape[0], self.generator or reader.draws.torch
        used(reader, source)
        if source.state is None or not isinstance(rows, int):
            if self.shuffles:
                reader.notes.append(
                    f"the loader of line {reader.line} shuffles; its first batch is read as the first {self.width} rows"
                )
            if not isinstance(rows, int):
                source.lose(f"the loader of line {reader.line} goes through rows whose number is not known")
                return Rows([self._rows(reader, None, 0)])
            return Rows(self._rows(reader, None, k) for k in range(min(self.batches or 0, UNROLLED + 1)))
        options = {"batch_size": self.width, "shuffle": self.shuffles, "drop_last": self.drops}
        own = self.generator is not None
        order = attempt(
            reader, "DataLoader", lambda: torch_draws.batches(source.state, own, rows, options, UNROLLED + 1)
        )
        return Rows(self._rows(reader, one, k) for k, one in enumerate(order))

    def _rows(self, reader: Reader, order: Sequence[int] | None, number: int) -> tuple[Form, ...]:
        """Return a batch: the rows of an order, or those that stand there where nothing is shuffled."""
        start = number * self.width
        if order is not None and list(order) != list(range(start, start + len(order))):
            return tuple(taken(reader, a, order, (len(order),)) for a in self.arrays)
        return tuple(
            a
            if start == 0 and (not isinstance(a.shape[0], int) or a.shape[0] <= self.width)
            else forms.get(a, slice(start, start + self.width))
            for a in self.arrays
        )


def batches(reader: Reader, name: str, args: list[Any], keywords: dict[str, Any]) -> Any:
    """Read TensorDataset as its arrays, and DataLoader as what goes through them in batches."""
    if name == "TensorDataset":
        if keywords:
            raise ReadError(f"TensorDataset has no option {next(iter(keywords))}", reader.line)
        return tuple(reader.form(a) for a in args)
    given = bound(reader, "DataLoader", _OPTIONS, args, keywords)
    data = given["dataset"]
    if not isinstance(data, tuple) or not data or not all(isinstance(a, Form) and a.shape for a in data):
        raise ReadError("a DataLoader is read over a TensorDataset", reader.line)
    for option in _REFUSED:
        if given.get(option) is not None:
            raise ReadError(f"a DataLoader with {option}= cannot be read", reader.line)
    width = reader.integer(given.get("batch_size", 1), "batch_size")
    if width < 1:
        raise ReadError(f"batch_size cannot be {width}", reader.line)
    own = given.get("generator")
    if own is not None and not (isinstance(own, Stream) and own.kind == TORCH):
        raise ReadError("DataLoader: generator= has to be a torch.Generator", reader.line)
    shuffles, drops = (reader.constant(given.get(k)) is True for k in ("shuffle", "drop_last"))
    return Loader(data, width, shuffles, drops, own)
