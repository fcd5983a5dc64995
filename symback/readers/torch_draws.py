"""PyTorch's own random functions, run with the generator of a text; PyTorch itself is loaded only once a text seeds it."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

NOT_INSTALLED = "PyTorch is not installed here (pip install torch), so its numbers are not known"

_LOCK = threading.Lock()
"""PyTorch's layers draw from one generator of the process, which is lent to one text at a time."""


def seeded(seed: int) -> Any:
    """Return PyTorch's generator after ``manual_seed(seed)``; None where PyTorch is not installed."""
    try:
        import torch
    except ImportError:
        return None
    return torch.Generator().manual_seed(seed)


@contextmanager
def _lent(generator: Any, precision: str) -> Iterator[Any]:
    """Let PyTorch draw from a generator of a text; the process has its own again afterwards."""
    import torch

    with _LOCK, torch.random.fork_rng(devices=[]), torch.no_grad():
        usual = torch.get_default_dtype()
        torch.set_default_dtype(getattr(torch, precision))
        torch.set_rng_state(generator.get_state())
        try:
            yield torch
        finally:
            generator.set_state(torch.get_rng_state())
            torch.set_default_dtype(usual)


def called(
    generator: Any,
    precision: str,
    path: str,
    args: Sequence[Any],
    keywords: Mapping[str, Any],
    type_: str | None = None,
) -> np.ndarray:
    """Return what a function of PyTorch draws: ``randn``, ``nn.init.normal_``, or a method of an empty tensor."""
    with _lent(generator, precision) as torch:
        function: Callable[..., Any] = torch
        for part in path.split("."):
            function = getattr(function, part)
        more = {} if type_ is None else {"dtype": getattr(torch, type_)}
        given = [_tensor(torch, a) for a in args]
        return _array(function(*given, **{k: _tensor(torch, v) for k, v in keywords.items()}, **more))


def filled(
    generator: Any, precision: str, name: str, shape: tuple[int, ...], args: Sequence[Any], keywords: Mapping[str, Any]
) -> np.ndarray:
    """Return an array after a method, or a function of ``nn.init``, has filled it."""
    with _lent(generator, precision) as torch:
        tensor = torch.empty(shape)
        more = {k: _tensor(torch, v) for k, v in keywords.items()}
        given = [_tensor(torch, a) for a in args]
        if name.startswith("init."):
            getattr(torch.nn.init, name.removeprefix("init."))(tensor, *given, **more)
        else:
            getattr(tensor, name)(*given, **more)
        return _array(tensor)


def layer(generator: Any, precision: str, name: str, options: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Return the parameters with which PyTorch makes a layer, as ``state_dict`` names them."""
    with _lent(generator, precision) as torch:
        made = getattr(torch.nn, name)(**options)
        return {k: _array(v) for k, v in made.state_dict().items()}


def batches(generator: Any, own: bool, count: int, options: Mapping[str, Any], longest: int) -> list[list[int]]:
    """Return the rows of the batches of a DataLoader over ``count`` rows, the first ``longest`` of them.

    ``own`` says that the generator is the loader's.
    """
    with _lent(generator, "float32") as torch:
        loader = torch.utils.data.DataLoader(
            range(count), generator=torch.default_generator if own else None, **options
        )
        return [[int(k) for k in batch] for batch in itertools.islice(loader, longest)]


def _tensor(torch: Any, value: Any) -> Any:
    if isinstance(value, np.ndarray):
        whole = value.dtype.kind in "iub"
        return torch.from_numpy(np.array(value)) if whole else torch.tensor(value, dtype=torch.get_default_dtype())
    return value.item() if isinstance(value, np.generic) else value


def _array(tensor: Any) -> np.ndarray:
    array = np.asarray(tensor.detach().numpy() if str(tensor.dtype) != "torch.bfloat16" else tensor.float().numpy())
    return array.astype(np.float64) if array.dtype.kind == "f" else array
