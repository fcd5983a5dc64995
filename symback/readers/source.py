"""The two doors for code: ``parse`` for text, ``read`` for a file or a Python function. Nothing is ever executed."""

from __future__ import annotations

import ast
import contextlib
import inspect
import os
import re
import textwrap
import types
import warnings
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from symback.errors import ReadError, SymbackError, nearest
from symback.networks import Network
from symback.readers import library
from symback.readers.inference import Inference, split_names
from symback.readers.tracer import Tracer, is_number, located
from symback.readers.values import Helper, Library, Poison, Returned

LONGEST = 2_000_000
"""Most characters of a text."""


def parse(
    text: str,
    values: Mapping[str, Any] | None = None,
    shapes: Mapping[str, Any] | None = None,
    loss: str | None = None,
    wrt: str | Iterable[str] | None = None,
    seed: int | None = None,
) -> Network:
    """Read NumPy or PyTorch forward code as a Network, by its syntax tree; the text is never executed.

    ``values`` and ``shapes`` name data the text leaves open and replace its literals, ``loss`` is a name or an
    expression over the text's names, ``wrt`` the parameters. ``seed`` fills random arrays. What was inferred is said
    in ``choices`` of the result, what a reader of the code should know in ``findings``.

    >>> net = parse('''
    ... x, y = 3.5, 0.0
    ... w = 2.0
    ... z = w * x
    ... loss = (z - y)**2
    ... ''')
    >>> net
    Network(z = w * x; loss = (z - y)**2)
    >>> net.choices
    ('loss: loss (by its name)', 'parameters: w (by their names)')
    """
    tree = syntax_tree(text)
    tracer = Tracer(values, shapes, seed)
    return _guarded(lambda: _of_text(tracer, tree, loss, split_names(wrt)))


def read(
    source: str | os.PathLike[str] | Callable[..., Any],
    values: Mapping[str, Any] | None = None,
    shapes: Mapping[str, Any] | None = None,
    loss: str | None = None,
    wrt: str | Iterable[str] | None = None,
    seed: int | None = None,
) -> Network:
    """Read a ``.py`` file, or a Python function by its source, as a Network; options as in ``parse``.

    Parameters of a function are open names: ``shapes`` or ``values`` describe them. What it returns is the loss.
    """
    if isinstance(source, (str, os.PathLike)):
        return parse(file_text(source), values, shapes, loss, wrt, seed)
    if not callable(source):
        raise ReadError(f"a {type(source).__name__} is neither a path nor a function")
    tracer = Tracer(values, shapes, seed)
    return _guarded(lambda: _of_function(tracer, source, loss, split_names(wrt)))


def file_text(path: str | os.PathLike[str]) -> str:
    """Return the text of a UTF-8 file, with or without a byte order mark."""
    name = os.fspath(path)
    try:
        file = Path(name)
        if file.stat().st_size > 4 * LONGEST:
            raise ReadError(f"{name} is too long: more than {LONGEST} characters")
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ReadError(f"{name} is not a text file in UTF-8") from None
    except (OSError, ValueError) as error:
        raise ReadError(f"{name} cannot be read: {getattr(error, 'strerror', None) or error}") from None


def syntax_tree(text: str) -> ast.Module:
    """Return the syntax tree of a text; notebook commands (``%``, ``!``) and prompts count as blank lines."""
    if not isinstance(text, str):
        raise ReadError(f"the source is text, not a {type(text).__name__}")
    if len(text) > LONGEST:
        raise ReadError(f"the text is too long: {len(text)} characters, at most {LONGEST}")
    text = text.removeprefix("\ufeff")
    if "\0" in text:
        raise ReadError("the text holds null bytes; it is not Python source")
    if not text.strip():
        raise ReadError("the text is empty")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            first = error
        plain = re.sub(r"(?m)^(\s*)(?:[%!].*|In \[[^\]\n]*\]:[ \t]*)$", r"\1pass", text)
        try:
            return ast.parse(plain if plain != text else textwrap.dedent(text))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            pass
    if isinstance(first, SyntaxError):
        raise ReadError(f"not Python: {first.msg}", first.lineno)
    if isinstance(first, (RecursionError, MemoryError)):
        raise ReadError("the text is nested too deeply to be read")
    raise ReadError(f"not Python: {first}")


def _guarded(work: Callable[[], Network]) -> Network:
    try:
        return work()
    except RecursionError:
        raise ReadError("the text is nested too deeply to be read") from None
    except SymbackError as error:
        if re.search(r"#\d+", str(error)):
            raise located(error, None) from None
        raise


def _of_text(tracer: Tracer, tree: ast.Module, loss: str | None, wrt: list[str] | None) -> Network:
    tracer.run_text(tree)
    inference = Inference(tracer, tree)
    net = inference.network(loss, wrt)
    _check_overrides(tracer, inference)
    return net


def _check_overrides(tracer: Tracer, inference: Inference) -> None:
    """Refuse values and shapes that name nothing, or something the code computes."""
    for name in (*tracer.values, *tracer.shapes):
        if name in tracer.overridden:
            continue
        versions = [b for b in tracer.bindings.values() if b.base == name and b.form is not None]
        if versions:
            raise ReadError(f"{name} is computed by the code on line {versions[0].line}; a value or shape is for inputs only")
        if name not in inference.stored:
            leaves = {b.base for b in tracer.bindings.values() if b.form is None and not b.anonymous}
            raise ReadError(f"there is no {name} in the code to give a value or shape to{nearest(name, leaves)}")


def _of_function(tracer: Tracer, function: Callable[..., Any], loss: str | None, wrt: list[str] | None) -> Network:
    tree, node = _function_tree(function)
    scope = tracer.globals
    plain = inspect.unwrap(function)
    _bind_surroundings(tracer, plain, node)
    if isinstance(node, ast.Lambda):
        helper = Helper("loss", node.args, node.body, scope, {}, node.lineno)
    else:
        tracer.statement(node, scope)
        found = scope.names[node.name]
        assert isinstance(found, Helper)
        helper = found
    arguments: dict[str, Any] = {}
    missing: list[str] = []
    for argument in (*helper.arguments.posonlyargs, *helper.arguments.args, *helper.arguments.kwonlyargs):
        name = argument.arg
        default = helper.defaults.get(name)
        if name in tracer.values or name in tracer.shapes:
            arguments[name] = tracer.leaf(name, None)
        elif is_number(default):
            arguments[name] = tracer.leaf(name, node.lineno, default)
        elif name in helper.defaults:
            arguments[name] = default
        else:
            missing.append(name)
    if missing:
        raise ReadError(
            f"{getattr(plain, '__name__', 'the function')} has open names: give shapes= or values= for {', '.join(missing)}"
        )
    tracer.line = node.lineno
    returned = tracer.call_helper(helper, [], arguments, open_scope=True)
    tracer.line = node.lineno
    inference = Inference(tracer, tree)
    if returned.name is None and helper.name.isidentifier():
        returned = Returned(returned.value, helper.name if helper.name != "lambda" else "loss")
    net = inference.network(loss, wrt, returned if loss is None else None)
    _check_overrides(tracer, inference)
    return net


def _function_tree(function: Callable[..., Any]) -> tuple[ast.Module, ast.FunctionDef | ast.Lambda]:
    label = getattr(function, "__name__", "the function")
    try:
        lines, start = inspect.getsourcelines(inspect.unwrap(function))
    except (OSError, TypeError):
        raise ReadError(f"the source of {label} cannot be found; put it into a file, or parse its text") from None
    text = textwrap.dedent("".join(lines))
    try:
        tree = syntax_tree(text)
    except ReadError:
        tree = syntax_tree(f"({text.strip().rstrip(',')})")
    ast.increment_lineno(tree, max(start, 1) - 1)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == label:
            return tree, node
        if isinstance(node, ast.Lambda) and label == "<lambda>":
            return tree, node
    raise ReadError(f"{label} is not a plain function")


def _bind_surroundings(tracer: Tracer, function: Any, node: ast.AST) -> None:
    """Bind the modules, functions and numbers that a function uses from outside itself; nothing is called."""
    found = dict(getattr(function, "__globals__", {}))
    with contextlib.suppress(TypeError, ValueError):
        found.update(inspect.getclosurevars(function).nonlocals)
    used = [n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
    pending = list(dict.fromkeys(used))
    scope = tracer.globals
    while pending:
        name = pending.pop(0)
        if name not in found or name in scope.names or found[name] is function or name in tracer.values or name in tracer.shapes:
            continue
        value = found[name]
        if isinstance(value, types.ModuleType):
            scope.names[name] = Library(library.module_path(value.__name__))
        elif isinstance(value, types.FunctionType):
            try:
                _, helper = _function_tree(value)
            except ReadError as error:
                path = f"{value.__module__}.{value.__name__}"
                known = value.__module__.split(".")[0] in ("numpy", "torch", "math", "scipy")
                scope.names[name] = Library(path) if known else Poison(error)
                continue
            if value.__module__ and value.__module__.split(".")[0] in ("numpy", "torch"):
                scope.names[name] = Library(f"{value.__module__.split('.')[0]}.{value.__name__}")
                continue
            if isinstance(helper, ast.FunctionDef):
                tracer.statement(helper, scope)
                scope.names[name] = scope.names[helper.name]
            else:
                scope.names[name] = Helper(name, helper.args, helper.body, scope, {}, helper.lineno)
            pending += [n.id for n in ast.walk(helper) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
        elif isinstance(value, (bool, str)) or value is None:
            scope.names[name] = value
        elif is_number(value):
            scope.names[name] = tracer.leaf(name, None, value)
        elif hasattr(value, "__array__") and hasattr(value, "shape"):
            import numpy as np

            array = np.asarray(value.detach() if hasattr(value, "detach") else value)
            if array.dtype.kind in "iufb":
                scope.names[name] = tracer.leaf(name, None, array)
        elif type(value).__module__ == "numpy" and callable(value):
            scope.names[name] = Library(f"numpy.{getattr(value, '__name__', name)}")


__all__ = ["file_text", "parse", "read", "syntax_tree"]
