"""The names under which code reaches NumPy, PyTorch and math, and what is said by the name alone."""

from __future__ import annotations

import math
from typing import Any

PREDEFINED = {
    "np": "numpy",
    "numpy": "numpy",
    "torch": "torch",
    "nn": "torch.nn",
    "F": "torch.nn.functional",
    "optim": "torch.optim",
    "math": "math",
}
"""Modules a single cell uses without importing them."""

_SAME_MODULE = {
    "autograd.numpy": "numpy",
    "jax.numpy": "numpy",
    "cupy": "numpy",
    "cmath": "math",
    "scipy.special": "scipy.special",
}

NUMPY_LIKE = (
    "numpy",
    "torch",
    "math",
    "torch.nn.functional",
    "scipy.special",
    "numpy.linalg",
    "torch.linalg",
    "torch.special",
    "builtins",
    "torch.nn.parameter",
    "torch.autograd",
)
"""Modules whose functions are array operations of one name."""

ENVIRONMENT = {
    "torch.cuda.is_available": False,
    "torch.backends.mps.is_available": False,
    "torch.cuda.device_count": 0,
    "torch.device": "cpu",
}
"""What code asks of the machine it runs on: nothing of it changes a formula."""

IGNORED = {
    "dtype",
    "device",
    "requires_grad",
    "inplace",
    "copy",
    "order",
    "layout",
    "pin_memory",
    "non_blocking",
    "like",
    "subok",
    "ndmin",
    "memory_format",
    "casting",
    "generator",
    "endpoint",
}
"""Options that change no number."""

CONSTANTS: dict[str, Any] = {
    **{f"{m}.pi": math.pi for m in ("numpy", "math", "torch")},
    **{f"{m}.e": math.e for m in ("numpy", "math", "torch")},
    **{f"{m}.inf": math.inf for m in ("numpy", "math", "torch")},
    "numpy.newaxis": None,
}


def module_path(name: str) -> str:
    """Return the canonical path of an imported module."""
    return _SAME_MODULE.get(name, name)


def written(path: str) -> str:
    """Return a path as people write it."""
    for full, short in (("torch.nn.functional.", "F."), ("torch.nn.", "nn."), ("numpy.", "np."), ("builtins.", "")):
        if path.startswith(full):
            return short + path[len(full) :]
    return path


def is_integer_type(value: Any) -> bool:
    """Return whether ``value`` is a type of whole numbers of a library."""
    path = getattr(value, "path", "")
    return path.rpartition(".")[2] in ("long", "int64", "int32", "int", "int8", "int16", "uint8", "LongTensor", "intp")


_MUTATORS = {
    "sort",
    "fill",
    "partition",
    "put",
    "itemset",
    "resize",
    "shuffle",
    "fill_diagonal",
    "copyto",
    "place",
    "putmask",
}


def changes_in_place(path: str) -> bool:
    """Return whether a method or function changes its array: PyTorch's names with a final underscore, and a few more."""
    name = path.rpartition(".")[2]
    if name == "at" and path.rpartition(".")[0].rpartition(".")[2] in (
        "add",
        "subtract",
        "multiply",
        "divide",
        "maximum",
        "minimum",
    ):
        return True
    return name in _MUTATORS or (name.endswith("_") and not name.endswith("__") and name != "requires_grad_")
