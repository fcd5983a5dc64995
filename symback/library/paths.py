"""The names under which code reaches NumPy, PyTorch and math, and what is said by the name alone."""

from __future__ import annotations

import math
import string
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

ARRAY_MODULES = (
    "numpy",
    "numpy.linalg",
    "numpy.lib.stride_tricks",
    "torch",
    "torch.nn.functional",
    "torch.linalg",
    "torch.special",
    "scipy.special",
    "scipy.stats.norm",
    "math",
)
"""Modules whose functions are operations on arrays, each known by its last name."""

ENVIRONMENT = {
    "torch.cuda.is_available": False,
    "torch.accelerator.is_available": False,
    "torch.xpu.is_available": False,
    "torch.backends.mps.is_available": False,
    "torch.cuda.device_count": 0,
    "torch.device": "cpu",
}
"""What code asks of the machine it runs on: nothing of it changes a formula."""

CONSTANTS: dict[str, Any] = {
    **{f"{m}.pi": math.pi for m in ("numpy", "math", "torch")},
    **{f"{m}.e": math.e for m in ("numpy", "math", "torch")},
    **{f"{m}.inf": math.inf for m in ("numpy", "math", "torch")},
    "numpy.newaxis": None,
    "math.tau": math.tau,
    "sys.maxsize": 2**63 - 1,
    "os.sep": "/",
    "typing.TYPE_CHECKING": False,
    **{
        f"string.{n}": getattr(string, n)
        for n in ("ascii_letters", "ascii_lowercase", "ascii_uppercase", "digits", "punctuation", "whitespace")
    },
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


_FLOATS = (
    "float",
    "float16",
    "float32",
    "float64",
    "half",
    "double",
    "bfloat16",
    "float_",
    "single",
    "longdouble",
    "float128",
    "f",
    "d",
)
_WHOLE = (
    "int",
    "int8",
    "int16",
    "int32",
    "int64",
    "short",
    "long",
    "intp",
    "int_",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "i",
)
_TRUTHS = ("bool", "bool_", "?")
_TENSORS = {
    **dict.fromkeys(("FloatTensor", "DoubleTensor", "HalfTensor", "Tensor"), "float64"),
    "LongTensor": "int64",
    "IntTensor": "int32",
    "ByteTensor": "uint8",
    "BoolTensor": "bool",
}


def type_name(value: Any) -> str:
    """Return the name of a type of numbers as NumPy spells it, of one that is itself there too; empty for what is none."""
    name = value if isinstance(value, str) else getattr(value, "path", "")
    if not name and type(value).__name__ == "dtype":  # PyTorch's, as a run has them
        name = str(value)
    last = str(name).rpartition(".")[2]
    return {
        "long": "int64",
        "short": "int16",
        "double": "float64",
        "half": "float16",
        "f": "float32",
        "d": "float64",
    }.get(last, _TENSORS.get(last, last))


def kind_of_type(value: Any) -> str:
    """Return "float", "int" or "bool" for a type of numbers or its name, "float" for None; empty for another."""
    name = "float" if value is None else type_name(value)
    return "float" if name in _FLOATS else "int" if name in _WHOLE else "bool" if name in _TRUTHS else ""


def is_integer_type(value: Any) -> bool:
    """Return whether ``value`` is a type of whole numbers of a library."""
    return not isinstance(value, str) and value is not None and kind_of_type(value) == "int"


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
    if name == "at" and "." in path:  # ufunc.at
        return True
    return name in _MUTATORS or (name.endswith("_") and not name.endswith("__") and name != "requires_grad_")
