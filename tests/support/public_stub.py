"""Writes ``symback/__init__.pyi``, the types of the public names: those of the door's list, and one function per row."""

from __future__ import annotations

import inspect
import keyword
from collections.abc import Iterator, Sequence

import symback
from symback.core.forms import Function
from symback.core.operations import ELEMENTARY
from symback.functions import ROWS
from symback.networks.operators import public_names

WIDTH = 120

HEAD = '''\
"""The types of the public names. Written by ``pytest tests/test_public_names.py --update``; change the tables instead.

A function of the tables gives a Form of Forms, and a SymPy expression of SymPy expressions.
"""

from collections.abc import Sequence
from typing import TypeAlias, overload

from sympy import Expr

'''

TYPES = {bool: "bool", int: "float", float: "float", str: "str"}
"""The type of an option that its definition does not say, by that of its default."""


class Untyped(Exception):
    """A parameter of a row of which neither the definition nor the default tells the type."""


def stub() -> str:
    """Return the text of the stub."""
    homes: dict[str, list[str]] = {}
    for name, home in symback._HOME.items():
        homes.setdefault(home, []).append(name)
    for name in symback._MODULES:
        homes.setdefault("symback", []).append(name)
    imports = [f"from {home} import {name} as {name}" for home in sorted(homes) for name in sorted(homes[home])]
    functions: list[str] = []
    aliases: list[str] = []
    for name, label in sorted(public_names().items()):
        if name in symback._HOME:
            continue
        if name != label:
            aliases.append(f"{name} = {label}")
        elif label in ELEMENTARY:
            functions += _overloads(name, ["x: _Value", "/"], ["x: Expr", "/"])
        else:
            functions += _overloads(name, _of_forms(ROWS[label]), _of_symbols(ROWS[label]))
    declared = ["__version__: str", "_Value: TypeAlias = Form | float"]
    return HEAD + "\n".join([*imports, "", *declared, "", *functions, "", *aliases]) + "\n"


def _overloads(name: str, of_forms: Sequence[str], of_symbols: Sequence[str]) -> Iterator[str]:
    for parameters, result in ((of_forms, "Form"), (of_symbols, "Expr")):
        yield "@overload"
        yield _definition(name, parameters, result)


def _definition(name: str, parameters: Sequence[str], result: str) -> str:
    """Return one definition, its lines broken as the formatter breaks them."""
    line = f"def {name}({', '.join(parameters)}) -> {result}: ..."
    if len(line) <= WIDTH:
        return line
    inside = f"    {', '.join(parameters)}"
    if len(inside) <= WIDTH:
        return f"def {name}(\n{inside}\n) -> {result}: ..."
    broken = "".join(f"    {parameter},\n" for parameter in parameters)
    return f"def {name}(\n{broken}) -> {result}: ..."


def _of_forms(row: Function) -> list[str]:
    """Return the parameters of a call on Forms: arguments and options in the order of a positional call, then the rest."""
    arguments = dict(zip(row.argument_names[: row.arguments], _argument_types(row), strict=True))
    options = {name: _option(row, name) for name in row.parameters}
    order = row.signature or tuple(arguments)
    # an old option of a library that the row does not have may be passed over by None
    positional = [arguments.get(k) or options.get(k) or f"{k}: None = ..." for k in order]
    rest = [spelled for name, spelled in {**arguments, **options}.items() if name not in order]
    return [*positional, *(["*", *rest] if rest else [])]


def _of_symbols(row: Function) -> list[str]:
    """Return the parameters of a call on SymPy expressions: the arguments by position, the options by name."""
    names = row.argument_names[: row.arguments]
    needed = len(names) - len(row.defaults)
    types = ["Expr", *["Expr | float"] * (len(names) - 1)]
    arguments = [
        f"{name}: {kind}{'' if k < needed else ' = ...'}"
        for k, (name, kind) in enumerate(zip(names, types, strict=True))
    ]
    options = [_option(row, name) for name in row.parameters]
    return [*arguments, "/", *(["*", *options] if options else [])]


def _argument_types(row: Function) -> Iterator[str]:
    needed = row.arguments - len(row.defaults)
    for k, name in enumerate(row.argument_names[: row.arguments]):
        if k < needed:
            yield f"{name}: _Value"
        else:
            yield f"{name}: _Value{' | None' if row.defaults[k - needed] is None else ''} = ..."


def _option(row: Function, name: str) -> str:
    assert row.definition is not None
    annotated = inspect.signature(row.definition).parameters[name].annotation
    kind = TYPES.get(type(row.parameters[name])) if annotated is inspect.Parameter.empty else str(annotated)
    if kind is None or "Any" in kind or keyword.iskeyword(name):
        raise Untyped(f"the type of {name} of {row.name} is not known; annotate it in its definition")
    return f"{name}: {kind} = ..."
