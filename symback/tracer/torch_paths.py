"""What functions of PyTorch are called in the log, and what is known of them by their names."""

from __future__ import annotations

import inspect
import types
from functools import cache
from typing import Any

from torch.overrides import resolve_name

from symback.library.calls import known_paths

FUNCTIONS = "torch.nn.functional."

_SAID_OTHERWISE = {
    "__rsub__": ("rsub", "torch.Tensor"),
    "__rpow__": ("rpow", "torch.Tensor"),
    "__rdiv__": ("rdiv", "torch.Tensor"),
    "__rtruediv__": ("rdiv", "torch.Tensor"),
}


@cache
def path_of(function: Any) -> str:
    """Return what a function of PyTorch is called in the log, as ``torch.nn.functional.linear``; empty for what is none."""
    name = getattr(function, "__name__", "")
    try:
        path: str = resolve_name(function) or ""
    except Exception:
        path = ""
    if path.endswith(".__get__"):
        return path.removesuffix(".__get__")
    if name in _SAID_OTHERWISE:
        own, holder = _SAID_OTHERWISE[name]
        return f"{holder}.{own}"
    holder, _, last = path.rpartition(".")
    if holder == "torch.Tensor":
        plain = _OPERATORS.get(last)
        return f"torch.Tensor.{plain}" if plain else path
    if not path:
        module = getattr(function, "__module__", None) or ""
        if module.startswith("torch._C._nn"):
            return FUNCTIONS + name
        if module.startswith("torch"):
            return f"{module}.{name}"
        return f"torch.{name}" if isinstance(function, types.BuiltinFunctionType) else ""
    if path.startswith("torch.functional."):
        return "torch." + last
    return path


_OPERATORS = {
    **{f"__{n}__": n for n in ("add", "sub", "mul", "matmul", "pow", "neg", "abs", "eq", "ne", "lt", "le", "gt", "ge")},
    **{"__radd__": "add", "__rmul__": "mul", "__truediv__": "div", "__div__": "div", "__and__": "logical_and"},
    **{"__or__": "logical_or", "__xor__": "logical_xor", "__invert__": "logical_not", "__floordiv__": "floor_divide"},
    **{"__iadd__": "add_", "__isub__": "sub_", "__imul__": "mul_", "__itruediv__": "div_", "__idiv__": "div_"},
    **{"__ipow__": "pow_", "__mod__": "remainder"},
}

LOOKED_AT = frozenset(
    f"torch.Tensor.{name}"
    for name in (
        *(
            "shape",
            "dtype",
            "device",
            "requires_grad",
            "grad_fn",
            "is_leaf",
            "ndim",
            "layout",
            "is_cuda",
            "grad",
            "names",
        ),
        *("is_sparse", "is_quantized", "is_meta", "is_mps", "is_cpu", "output_nr", "retains_grad", "_version", "_base"),
        *("itemsize", "nbytes", "name", "_backward_hooks", "volatile", "is_mkldnn", "is_nested", "is_xla", "is_xpu"),
        *("dim", "size", "stride", "numel", "nelement", "ndimension", "element_size", "is_contiguous", "data_ptr"),
        *(
            "is_floating_point",
            "is_complex",
            "is_signed",
            "is_shared",
            "is_pinned",
            "storage_offset",
            "untyped_storage",
        ),
        *("storage", "storage_type", "get_device", "is_same_size", "is_conj", "is_neg", "is_inference", "dim_order"),
        *(
            "item",
            "tolist",
            "numpy",
            "__float__",
            "__int__",
            "__bool__",
            "__len__",
            "__index__",
            "__format__",
            "__repr__",
        ),
        *(
            "__str__",
            "__hash__",
            "__contains__",
            "__array__",
            "__dlpack__",
            "__dlpack_device__",
            "__complex__",
            "__dir__",
        ),
        *("register_hook", "register_post_accumulate_grad_hook", "retain_grad", "requires_grad_", "_is_view", "equal"),
        *("allclose", "share_memory_", "__deepcopy__", "__reduce_ex__", "is_set_to", "has_names", "element_size"),
    )
) | {"torch.is_tensor", "torch.numel", "torch.equal", "torch.allclose", "torch.is_floating_point", "torch.is_complex"}
"""What only looks at a tensor, or changes nothing of its numbers."""

DECIDING = frozenset(
    f"torch.Tensor.{name}"
    for name in ("__bool__", "__int__", "__index__", "__float__", "item", "__contains__", "tolist")
) | {"torch.equal", "torch.allclose", "torch.Tensor.equal", "torch.Tensor.allclose"}
TOLD = frozenset(
    ("torch.Tensor.__bool__", "torch.Tensor.__index__", "torch.Tensor.__int__", "torch.equal", "torch.allclose")
)
"""By what a number decides which way code takes."""

NEW_MEMORY = frozenset(
    f"torch.Tensor.{n}" for n in ("data.__set__", "set_", "resize_", "resize_as_", "swap_tensors", "__set__")
)

DRAWING = frozenset(
    (
        *(f"torch.{n}" for n in ("rand", "randn", "randint", "randperm", "rand_like", "randn_like", "randint_like")),
        *(f"torch.{n}" for n in ("normal", "bernoulli", "multinomial", "poisson", "binomial", "_standard_gamma")),
        *(f"torch.{n}" for n in ("empty", "empty_like", "empty_strided", "_sample_dirichlet")),
        *(f"torch.Tensor.{n}" for n in ("bernoulli", "multinomial", "new_empty", "_standard_gamma")),
    )
)
"""Functions whose numbers come from nowhere: drawn, or whatever memory held."""

DRAWING_IN_PLACE = frozenset(
    (
        *(f"torch.Tensor.{n}_" for n in ("normal", "uniform", "random", "bernoulli", "exponential", "geometric")),
        *(f"torch.Tensor.{n}_" for n in ("cauchy", "log_normal", "zero", "fill")),
    )
)

THINNING = frozenset(
    (
        *(f"{FUNCTIONS}{n}" for n in ("dropout", "dropout1d", "dropout2d", "dropout3d")),
        *(f"{FUNCTIONS}{n}" for n in ("alpha_dropout", "feature_alpha_dropout")),
        *(f"torch.{n}" for n in ("dropout", "feature_dropout", "alpha_dropout")),
    )
)
"""Functions that multiply each entry by a number that is drawn, and may add another."""

LAYERED = frozenset(("torch.lstm", "torch.gru", "torch.rnn_tanh", "torch.rnn_relu"))

CUTTING = frozenset(
    (
        *("torch.Tensor.detach", "torch.Tensor.data", "torch.detach"),
        *(
            f"{kind}.{n}"
            for kind in ("torch", "torch.Tensor")
            for n in ("floor", "ceil", "round", "trunc", "fix", "sign", "sgn", "floor_divide", "heaviside")
        ),
        *(f"torch.ops.aten.{n}.default" for n in ("floor", "ceil", "round", "trunc", "sign", "sgn")),
    )
)
"""What gradients do not pass: PyTorch detaches it, or it is the same wherever an entry is moved a little."""
WRITING_STATE = {f"{FUNCTIONS}batch_norm": (1, 2), f"{FUNCTIONS}instance_norm": (1, 2), "torch.batch_norm": (3, 4)}
"""Operands that a function moves on, which its result does not show."""


@cache
def _defaults(function: Any) -> dict[str, Any]:
    """Return the options of a function of Python and their defaults."""
    try:
        return {p.name: p.default for p in inspect.signature(function).parameters.values() if p.default is not p.empty}
    except (TypeError, ValueError):
        return {}


ATTENTION = f"{FUNCTIONS}multi_head_attention_forward"


@cache
def is_opened(function: Any, path: str) -> bool:
    """Return whether a function is written in Python and no row knows it, so that its parts are recorded in its place."""
    if not isinstance(function, types.FunctionType) or path in known_paths() or path.startswith("torch.Tensor."):
        return False
    if path == ATTENTION:
        return False
    asked = [n for n in function.__code__.co_names if n.startswith("has_torch_function")]
    return bool(asked) and all(n in function.__globals__ for n in asked) and path not in THINNING


def opened(function: types.FunctionType) -> types.FunctionType:
    """Return a function of PyTorch that does not ask whether its operands are recorded, so that its parts are."""
    names = dict(function.__globals__)
    for name in names:
        if name.startswith("has_torch_function"):
            names[name] = _no
    made = types.FunctionType(function.__code__, names, function.__name__, function.__defaults__, function.__closure__)
    made.__kwdefaults__ = function.__kwdefaults__
    return made


def _no(*_: Any) -> bool:
    return False


def without_defaults(function: Any, named: dict[str, Any]) -> dict[str, Any]:
    """Return options without those that are said at their default, and without those that change no number."""
    usual = _defaults(function) if isinstance(function, types.FunctionType) else {}
    return {
        k: v
        for k, v in named.items()
        if k not in ("_stacklevel", "inplace") and not (k in usual and _is_same(v, usual[k]))
    }


def _is_same(value: Any, default: Any) -> bool:
    plain = isinstance(value, (int, float, str, bool)) and type(value) is type(default)
    return value is default or (plain and value == default)
