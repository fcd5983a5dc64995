"""Numbers of tensors as arrays of NumPy, and operations of PyTorch that are carried out on these."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

KINDS = {
    **dict.fromkeys((torch.float64, torch.float32, torch.float16, torch.bfloat16), "f"),
    **dict.fromkeys((torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8), "i"),
    torch.bool: "b",
}
"""The kinds of numbers by their types; a type that is not here is no real number."""
_FEW_BITS = (torch.float16, torch.bfloat16)


def numbers_of(tensor: torch.Tensor, copy: bool = False) -> Any:
    """Return the numbers of a tensor as an array of NumPy, which shares its memory where it can; those of few bits as 32."""
    try:
        with torch._C.DisableTorchFunction():
            plain: np.ndarray = tensor.detach().numpy()
        return plain.copy() if copy else plain
    except (RuntimeError, TypeError):  # elsewhere, sparse, of few bits, or to be conjugated or negated first
        pass
    with torch.no_grad(), torch._C.DisableTorchFunction():
        held = tensor.detach()
        if held.is_sparse:
            held = held.to_dense()
        if held.dtype in _FEW_BITS:
            held = held.float()
        found: np.ndarray = held.cpu().resolve_conj().resolve_neg().numpy()
    return found.copy() if copy else found


def tensor_of(value: Any) -> Any:
    """Return arrays of NumPy as tensors, also inside lists."""
    if isinstance(value, np.ndarray):
        return torch.from_numpy(np.array(value, order="C"))
    if isinstance(value, (np.floating, np.integer, np.bool_)):
        return torch.tensor(value.item(), dtype=torch.from_numpy(np.zeros(1, value.dtype)).dtype)
    if type(value) in (tuple, list):
        return type(value)(tensor_of(v) for v in value)
    if type(value) is dict:
        return {k: tensor_of(v) for k, v in value.items()}
    if isinstance(value, slice):
        return slice(*(_index_of(v) for v in (value.start, value.stop, value.step)))
    return value


def _index_of(value: Any) -> Any:
    return int(value) if isinstance(value, (np.integer, np.ndarray)) else value


def _plain_result(value: Any) -> Any:
    """Return what an operation gave as numbers and arrays of NumPy."""
    if isinstance(value, torch.Tensor):
        found = numbers_of(value)
        return found if found.ndim else found[()]
    if isinstance(value, (tuple, list)):
        return [_plain_result(v) for v in value] if isinstance(value, list) else tuple(map(_plain_result, value))
    return value


class Operation:
    """An operation of PyTorch that is carried out on arrays of NumPy; one that writes its first operand writes a copy.

    ``part`` is which of several results it stands for; entries for the others have the same ``whole``.
    """

    __slots__ = ("function", "part", "whole", "writes")

    def __init__(
        self, function: Callable[..., Any], writes: bool = False, part: int | None = None, whole: object = None
    ) -> None:
        self.function = function
        self.writes = writes
        self.part = part
        self.whole = whole

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Return what the operation gives for these operands."""
        given = [tensor_of(a) for a in args]
        with torch.no_grad():
            if self.writes:
                given[0] = given[0].clone()
                made = self.function(*given, **tensor_of(options))
                return _plain_result(given[0] if made is None else made)
            found = _plain_result(self.function(*given, **tensor_of(options)))
        return found if self.part is None else found[self.part]


def tensors_in(value: Any) -> Iterator[torch.Tensor]:
    """Return the tensors in operands, also inside lists, dictionaries and slices."""
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from tensors_in(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from tensors_in(item)


def values_in(value: Any) -> Any:
    """Return operands with the numbers of tensors in their place."""
    if isinstance(value, torch.Tensor):
        return numbers_of(value, copy=True)
    if type(value) in (tuple, list):
        return type(value)(values_in(v) for v in value)
    if type(value) is dict:
        return {k: values_in(v) for k, v in value.items()}
    return value


def entries(held: Any, key: Any) -> Any:
    """Return ``held[key]``."""
    return held[key]


def with_entries(held: Any, key: Any, value: Any) -> Any:
    """Return a copy of an array after ``held[key] = value``."""
    made = np.array(held)
    target = torch.from_numpy(made)
    target[tensor_of(key)] = tensor_of(value)
    return made if made.ndim else made[()]
