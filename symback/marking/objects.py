"""Layers that a text defines and never calls: a class with ``forward`` and ``backward`` is called once, on data of given shapes.

The layer's output is weighted with any upstream gradient, and the gradients are those of the sum, as for functions.
"""

from __future__ import annotations

import ast
from dataclasses import replace

from symback.marking.reading import Source

_CONTEXT = "context_of_the_call"
_UPSTREAM = "upstream"


def completed(source: Source) -> Source:
    """Return the text with one call of the only layer that it defines, or as it is where it does anything itself.

    A layer is a class with the methods ``forward`` and ``backward``: of an object, or static ones that are given a
    context first, as those of ``torch.autograd.Function``. Its arguments are open names, whose shapes the caller gives.
    """
    if source.cells or len(source.parts) != 1:
        return source
    body = source.parts[0].body
    if not all(
        isinstance(n, (ast.ClassDef, ast.FunctionDef, ast.Import, ast.ImportFrom))
        or (isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant))
        for n in body
    ):
        return source
    layers = [n for n in body if isinstance(n, ast.ClassDef) and {"forward", "backward"} <= _methods(n).keys()]
    if len(layers) != 1:
        return source
    tail = ast.parse("\n".join(_call(layers[0])))
    line = _methods(layers[0])["backward"].body[-1].lineno
    for node in ast.walk(tail):
        if isinstance(node, (ast.stmt, ast.expr)):
            node.lineno = node.end_lineno = line
    return replace(source, parts=(source.parts[0], tail))


def _methods(node: ast.ClassDef) -> dict[str, ast.FunctionDef]:
    return {n.name: n for n in node.body if isinstance(n, ast.FunctionDef)}


def _arguments(function: ast.FunctionDef) -> list[str]:
    given = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
    return given[1 : len(given) - len(function.args.defaults)]


def _call(layer: ast.ClassDef) -> list[str]:
    """Return the statements that call a layer forward and backward."""
    methods = _methods(layer)
    inputs = _arguments(methods["forward"])
    static = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in methods["forward"].decorator_list)
    label = layer.name[:1].lower() + layer.name[1:] + ("" if layer.name[:1].isupper() else "_layer")
    if static:
        start = [f"class {_CONTEXT}:", "    pass", f"{label} = {_CONTEXT}()"]
        forward, backward = (
            f"{layer.name}.forward({', '.join([label, *inputs])})",
            f"{layer.name}.backward({label}, {_UPSTREAM})",
        )
    else:
        made = _arguments(methods["__init__"]) if "__init__" in methods else []
        start = [f"{label} = {layer.name}({', '.join(made)})"]
        forward, backward = f"{label}.forward({', '.join(inputs)})", f"{label}.backward({_UPSTREAM})"
    returned = [n for n in ast.walk(methods["backward"]) if isinstance(n, ast.Return)]
    value = returned[-1].value if returned else None
    several = len(value.elts) if isinstance(value, ast.Tuple) else 1
    names = [f"d{name}" for name in inputs[:several]]
    target = f"{', '.join(names)} = " if names and len(names) == several and value is not None else ""
    return [
        "import numpy as numpy_of_the_call",
        *start,
        f"output = {forward}",
        f"{_UPSTREAM} = numpy_of_the_call.random.standard_normal(output.shape)",
        f"loss = ({_UPSTREAM} * output).sum()",
        f"{target}{backward}",
    ]


__all__ = ["completed"]
