"""How the signatures that readers bind calls to are made: from the installed NumPy, PyTorch, SciPy and Python.

NumPy and what PyTorch writes in Python answer ``inspect.signature``; PyTorch's built-in functions answer by their operator
schemas, with every overload; a few answer neither and stand below as their documentation has them.
"""

from __future__ import annotations

import inspect
import math
import re
import types
import typing
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import symback as sb

DATA = Path(sb.__file__).parent / "library" / "data" / "signatures.txt"

DOCUMENTED = """
torch.tensor(data, *, dtype=None, device=None, requires_grad=False, pin_memory=False)
torch.as_tensor(data, dtype=None, device=None)
torch.asarray(obj, *, dtype=None, device=None, copy=None, requires_grad=False)
torch.from_numpy(ndarray, /)
torch.Tensor(*data)
torch.FloatTensor(*data)
torch.DoubleTensor(*data)
torch.LongTensor(*data)
torch.autograd.Variable(data, requires_grad=False, volatile=False)
torch.where(condition: Tensor, input: Tensor, other: Tensor, *, out=None)
torch.where(condition: Tensor, input: Scalar, other: Tensor, *, out=None)
torch.where(condition: Tensor, input: Tensor, other: Scalar, *, out=None)
torch.where(condition: Tensor, input: Scalar, other: Scalar, *, out=None)
torch.where(condition: Tensor)
torch.Tensor.where(self: Tensor, condition: Tensor, other: Tensor)
torch.Tensor.where(self: Tensor, condition: Tensor, other: Scalar)
torch.Tensor.size(self, dim=None)
torch.Tensor.float(self, memory_format=None)
torch.Tensor.double(self, memory_format=None)
torch.Tensor.half(self, memory_format=None)
torch.Tensor.bfloat16(self, memory_format=None)
torch.Tensor.long(self, memory_format=None)
torch.Tensor.int(self, memory_format=None)
torch.Tensor.short(self, memory_format=None)
torch.Tensor.byte(self, memory_format=None)
torch.Tensor.bool(self, memory_format=None)
torch.Tensor.numpy(self, *, force=False)
torch.Tensor.tolist(self)
torch.Tensor.cuda(self, device=None, non_blocking=False, memory_format=None)
torch.Tensor.cpu(self, memory_format=None)
torch.Tensor.type(self, dtype=None, non_blocking=False)
torch.Tensor.to(self: Tensor, dtype: ScalarType, non_blocking: bool=False, copy: bool=False, *, memory_format: MemoryFormat?=None)
torch.Tensor.to(self: Tensor, device: Device?=None, dtype: ScalarType?=None, non_blocking: bool=False, copy: bool=False, *, memory_format: MemoryFormat?=None)
torch.Tensor.to(self: Tensor, other: Tensor, non_blocking: bool=False, copy: bool=False, *, memory_format: MemoryFormat?=None)
torch.Tensor.requires_grad_(self, requires_grad=True)
torch.Tensor.retain_grad(self)
torch.Tensor.ndimension(self)
torch.Tensor.nelement(self)
torch.Tensor.new_tensor(self, data, *, dtype=None, device=None, requires_grad=False, layout=None, pin_memory=False)
torch.Tensor.reshape_as(self, other)
numpy.asfarray(a, dtype=float)
numpy.float64(x=0.0, /)
numpy.float32(x=0.0, /)
math.log(x, base=2.718281828459045, /)
math.hypot(*coordinates)
scipy.stats.norm.pdf(x, loc=0, scale=1)
scipy.stats.norm.cdf(x, loc=0, scale=1)
"""
"""https://pytorch.org/docs/stable/tensors.html, https://docs.python.org/3/library/math.html; NumPy took asfarray out in 2.0."""

_FACTORIES = (
    "arange",
    "empty",
    "eye",
    "full",
    "linspace",
    "logspace",
    "ones",
    "rand",
    "randn",
    "zeros",
    "scalar_tensor",
)
_MAKES = "requires_grad: bool=False"


# --- what answers inspect.signature ---------------------------------------------------------------------------------------


def value_text(value: Any) -> str:
    """Return a default as the data write it: a literal, the name of a type, or ``?`` where it cannot be said."""
    if isinstance(value, type):
        return value.__name__
    if isinstance(value, float) and not math.isfinite(value):
        return "?"
    if isinstance(value, str) and not re.fullmatch(r"[\w .-]*", value):
        return "?"
    return repr(value) if isinstance(value, (bool, int, float, str, tuple, list, type(None))) else "?"


def plain_text(parameters: list[inspect.Parameter]) -> str:
    """Return the parameters of a Python function in the notation of the data."""
    found: list[str] = []
    kinds = [p.kind for p in parameters]
    for k, p in enumerate(parameters):
        if p.kind is p.KEYWORD_ONLY and not {p.KEYWORD_ONLY, p.VAR_POSITIONAL} & set(kinds[:k]):
            found.append("*")
        star = {p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**"}.get(p.kind, "")
        found.append(star + p.name + ("" if p.default is p.empty else f"={value_text(p.default)}"))
        if p.kind is p.POSITIONAL_ONLY and p.POSITIONAL_ONLY not in kinds[k + 1 :]:
            found.append("/")
    return f"({', '.join(found)})"


def python_signature(function: Any) -> list[inspect.Parameter] | None:
    """Return the parameters that ``inspect.signature`` tells, or None where it tells nothing."""
    overloads = typing.get_overloads(function) if inspect.isfunction(function) else []
    try:
        found = list(inspect.signature(overloads[0] if overloads else function).parameters.values())
    except (ValueError, TypeError):
        return None
    return (
        None if [p.kind for p in found] == [inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD] else found
    )


def public(module: Any) -> Iterator[tuple[str, Any]]:
    """Yield the public functions of a module or a class."""
    for name in sorted(dir(module)):
        if not name.startswith("_") and name != "test":
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                value = getattr(module, name, None)
            if callable(value) and not isinstance(value, (type, types.ModuleType)):
                yield name, value


def numpy_lines() -> Iterator[str]:
    """Yield the signatures of NumPy's functions and of the methods of its arrays."""
    for path, module in (("numpy", np), ("numpy.linalg", np.linalg), ("numpy.lib.stride_tricks", np.lib.stride_tricks)):
        for name, function in public(module):
            parameters = python_signature(function)
            if parameters is not None:
                yield f"{path}.{name}{plain_text(parameters)}"
    for name, method in public(np.ndarray):
        parameters = python_signature(method)
        if parameters is not None:
            yield f"numpy.ndarray.{name}{plain_text(_with_options(name, parameters))}"


def _with_options(name: str, parameters: list[inspect.Parameter]) -> list[inspect.Parameter]:
    """Return the parameters of a method of an array; its ``**kwargs`` are the options of the function of that name."""
    if parameters[-1].kind is not inspect.Parameter.VAR_KEYWORD:
        return parameters
    known = {p.name for p in parameters}
    function = python_signature(getattr(np, name, None)) or []
    more = [
        p.replace(kind=p.KEYWORD_ONLY)
        for p in function[1:]
        if p.name not in known
        and p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
        and p.name not in ("a_min", "a_max", "correction")  # of the functions alone
    ]
    return parameters[:-1] + more


def module_lines(path: str, module: Any) -> Iterator[str]:
    """Yield the signatures of a module whose functions all answer."""
    for name, function in public(module):
        parameters = python_signature(function)
        if parameters is not None:
            yield f"{path}.{name}{plain_text(parameters)}"


# --- what answers by its schema -------------------------------------------------------------------------------------------


def schema_texts(torch: Any, operator: str) -> list[str]:
    """Return the overloads of a built-in function that Python can call, in the notation of the data."""
    found: list[str] = []
    takes_out = False
    for schema in map(str, torch._C._jit_get_schemas_for_operator(f"aten::{operator}")):
        head, _, result = schema.rpartition(" -> ")
        inside = re.fullmatch(r"[\w:.]+\((.*)\)", head)
        assert inside is not None, schema
        parts = [p for p in _split(inside[1]) if p]
        if re.search(r"\(\w!\)", inside[1]):
            takes_out |= bool(re.search(r"\*.*\(\w!\) out\b", inside[1]))
            continue
        if (
            "Dimname" in inside[1]
            or not ("Tensor" in inside[1] or "Tensor" in result)
            or re.search(r"\bt\[\]", inside[1])
        ):
            continue
        written = [_parameter(p) for p in parts]
        if "alpha: Scalar=1" in written and "*" not in written:  # Python takes it by name only
            written.insert(written.index("alpha: Scalar=1"), "*")
        found.append(", ".join(w for w in written if w))
    if operator in _FACTORIES or operator.endswith("_like") or operator.startswith("new_"):
        found = [f"{text}{'' if '*' in text else ', *'}, {_MAKES}" for text in found]
    if takes_out:
        found = [f"{text}{'' if '*' in text else ', *'}, out: Tensor?=None" for text in found]
    return [f"({text})" for text in dict.fromkeys(found)]


def _split(text: str) -> list[str]:
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in "([") - (letter in ")]")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [p.strip() for p in parts]


def _parameter(text: str) -> str:
    if text == "*":
        return text
    kind, _, rest = re.sub(r"\([^)]*\)", "", text).replace("SymInt", "int").partition(" ")
    name, equals, default = rest.partition("=")
    if name in ("names", "cudnn_enable", "implicit"):
        return ""
    default = {"Mean": "1", "long": "None"}.get(default, default)
    if equals and re.fullmatch(r"-?[\d.]+(e[-+]?\d+)?", default):
        default = repr(float(default) if set(default) & set(".e") else int(default))
    if equals and not re.fullmatch(r"None|True|False|-?[\d.e+-]+|\[[-\d, ]*\]|\".*\"", default):
        default = "?"
    return f"{name}: {kind}{equals}{default}"


def torch_lines(torch: Any) -> Iterator[str]:
    """Yield the signatures of PyTorch: written in Python, by operators, and which names are which operators."""
    functional = torch.nn.functional
    places = {
        "torch": torch,
        "torch.Tensor": torch.Tensor,
        "torch.nn.functional": functional,
        "torch.linalg": torch.linalg,
        "torch.special": torch.special,
    }
    documented = {line.partition("(")[0] for line in DOCUMENTED.splitlines()}
    operators: dict[str, list[str]] = {}
    for path, module in places.items():
        builtin: list[str] = []
        for name, function in public(module):
            if f"{path}.{name}" in documented or (name.endswith("_") and path != "torch.Tensor"):
                continue
            parameters = python_signature(function)
            if parameters is None and path == "torch.nn.functional":  # which of two it is decides return_indices
                parameters = python_signature(getattr(functional, f"_{name}", None))
            if parameters is not None:
                yield f"{path}.{name}{plain_text(parameters)}"
                continue
            operator = getattr(function, "__name__", name)
            if operator not in operators:
                operators[operator] = schema_texts(torch, operator)
            if operators[operator] and not name.endswith("_"):
                builtin.append(name if operator == name else f"{name}:{operator}")
        yield f"{path}.* {' '.join(builtin)}"
    for operator, texts in operators.items():
        if not operator.endswith("_"):
            yield from (f"aten.{operator}{text}" for text in texts)
    yield from class_lines(torch)


def class_lines(torch: Any) -> Iterator[str]:
    """Yield the signatures of the classes of ``torch.nn``: how they are made, and how their objects are called."""
    nn = torch.nn
    for name in sorted(dir(nn)):
        kind = getattr(nn, name)
        if not isinstance(kind, type) or not issubclass(kind, (nn.Module, nn.Parameter)) or kind is nn.Module:
            continue
        made: Callable[..., Any] = kind.__new__ if issubclass(kind, nn.Parameter) else kind.__init__
        parameters = python_signature(made)
        yield f"torch.nn.{name}{plain_text((parameters or [])[1:])}"
        forward = python_signature(getattr(kind, "forward", None))
        if forward:
            yield f"torch.nn.{name}.forward{plain_text(forward[1:])}"


def versions(torch: Any, scipy: Any) -> str:
    """Return the versions of the libraries, as the first line of the data has them."""
    return f"# numpy {np.__version__}, scipy {scipy.__version__}, torch {torch.__version__.partition('+')[0]}"


def held_versions() -> str:
    """Return the versions from which the data were made."""
    return DATA.read_text(encoding="utf-8").partition("\n")[0]


def signature_text(torch: Any, scipy: Any) -> str:
    """Return the whole of the data; overloads keep their order, since PyTorch takes the first that fits."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        lines = [
            *numpy_lines(),
            *torch_lines(torch),
            *module_lines("math", math),
            *module_lines("scipy.special", scipy.special),
        ]
    documented = [line for line in DOCUMENTED.splitlines() if line]
    said = {line.partition("(")[0] for line in documented}
    lines = [line for line in dict.fromkeys(lines) if line.partition("(")[0] not in said]
    ordered = sorted([*lines, *documented], key=lambda line: line.partition("(")[0])
    return "\n".join([versions(torch, scipy), *ordered]) + "\n"
