"""Lines of PyTorch that compute the loss of a network and let autograd find the gradients: a second opinion to run."""

from __future__ import annotations

import keyword
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from symback.core.forms import (
    Apply,
    Expand,
    Form,
    Function,
    Get,
    Matmul,
    Name,
    Number,
    Outer,
    Reduce,
    SizeOf,
    Transpose,
    names_in,
    numpy_text,
    walk,
)
from symback.core.spelling import ATOM, INFIX, Spelled, Spelling, parenthesize
from symback.derivation.record import Record
from symback.engine.textbook import definition_of

_ROOM = 400
"""Entries of all values together that the lines may spell out."""
_CALLS = frozenset(
    ("exp", "log", "sqrt", "sin", "cos", "tanh", "abs", "square", "maximum", "minimum", "log1p", "expm1")
)


def torch_lines(record: Record, values: Mapping[str, Any]) -> str | None:
    """Return the lines; None for a network that needs more of PyTorch than operators and functions of its tables.

    >>> from symback.derivation.record import derive_record
    >>> from symback.networks.naming import name_equations
    >>> from symback.networks.network import Network
    >>> net = Network()
    >>> _ = net.define("L", (net.input("x") * net.parameter("w")) ** 2)
    >>> print(torch_lines(derive_record(name_equations(net)), {"x": 3.0, "w": 0.5}))
    import torch
    <BLANKLINE>
    torch.set_default_dtype(torch.float64)
    x = torch.tensor(3.0)
    w = torch.tensor(0.5, requires_grad=True)
    L = (x * w)**2
    L.backward()
    print(w.grad)
    """
    network = record.network
    names = [*network.variables, *(equation.name for equation in network.equations)]
    spelled = all(name.isidentifier() and not keyword.iskeyword(name) and name not in ("torch", "F") for name in names)
    whole = all(name in network.variables for name in record.wrt)
    if not spelled or not whole or network.upstream or sum(np.size(v) for v in values.values()) > _ROOM:
        return None
    forms = [(equation.name, _spelled_out(equation.form)) for equation in network.equations]
    if not all(_is_known(node) for _, form in forms for node in walk(form)):
        return None
    spelling = Spelling(own=_own, module="torch", pi="torch.pi", size=lambda size: _length(record, size))
    lines = ["import torch", *_imports(forms), "", "torch.set_default_dtype(torch.float64)"]
    for name, variable in network.variables.items():
        number = np.asarray(values[name])
        literal = (number if variable.integer else number.astype(float)).tolist()
        wanted = ", requires_grad=True" if name in record.wrt else ""
        lines.append(f"{name} = torch.tensor({literal}{wanted})")
    lines += [f"{name} = {numpy_text(form, spelling)}" for name, form in forms]
    lines.append(f"{network.loss}.backward()")
    lines += [f"print({name}.grad)" for name in record.wrt]
    return "\n".join(lines)


def _imports(forms: Sequence[tuple[str, Form]]) -> list[str]:
    used = any(_torch_name(node).startswith("F.") for _, form in forms for node in walk(form))
    return ["import torch.nn.functional as F"] if used else []


def _torch_name(node: Form) -> str:
    """Return PyTorch's own name of a table function, with no settings of its own; "" where it has none."""
    if not isinstance(node, Apply) or not isinstance(node.op, Function) or len(node.args) != 1:
        return ""
    if set(node.parameters) - {"axis"}:
        return ""
    known = [a for a in node.op.aliases if a.startswith("torch.") and a.count(".") == 1]
    return next(iter([*known, *(a for a in node.op.aliases if a.startswith("F."))]), "")


def _spelled_out(form: Form) -> Form:
    """Return a call of a function that PyTorch does not have by itself as its definition."""
    if isinstance(form, Apply) and isinstance(form.op, Function) and not _torch_name(form):
        return definition_of(form)
    return form


def _is_known(node: Form) -> bool:
    if isinstance(node, Apply):
        if isinstance(node.op, str):
            return node.op in INFIX or node.op in _CALLS or node.op == "negative"
        return bool(_torch_name(node))
    if isinstance(node, Reduce):
        return node.kind in ("sum", "mean")
    if isinstance(node, Matmul):
        return all(a.ndim in (1, 2) for a in node.args)
    return isinstance(node, (Name, Number, SizeOf, Get, Expand, Outer)) or (
        isinstance(node, Transpose) and node.ndim == 2
    )


def _own(form: Any, args: Sequence[Spelled]) -> Spelled | None:
    """Spell what PyTorch calls otherwise than NumPy."""
    if isinstance(form, Reduce):
        axes = "" if len(form.axes) == form.args[0].ndim else f"dim={form.axes if len(form.axes) > 1 else form.axes[0]}"
        if form.keepdims:
            axes = f"dim={form.axes if len(form.axes) > 1 else form.axes[0]}, keepdim=True"
        return f"{parenthesize(args[0], ATOM)}.{form.kind}({axes})", ATOM
    if isinstance(form, Outer):
        return f"torch.outer({args[0][0]}, {args[1][0]})", ATOM
    if isinstance(form, Apply) and form.op in _CALLS and any(not names_in(a) for a in form.args):
        # functions of PyTorch take tensors only, where NumPy's take numbers
        texts = [text if names_in(a) else f"torch.tensor({text})" for (text, _), a in zip(args, form.args, strict=True)]
        return f"torch.{form.op}({', '.join(texts)})", ATOM
    name = _torch_name(form)
    if name:
        axis = form.parameters.get("axis")
        return f"{name}({args[0][0]}{'' if axis is None else f', dim={axis}'})", ATOM
    return None


def _length(record: Record, size: Any) -> str:
    """Return a symbolic size as the length of an axis that has it."""
    for name, variable in record.network.variables.items():
        if size in variable.shape:
            return f"{name}.shape[{variable.shape.index(size)}]"
    return str(size)
