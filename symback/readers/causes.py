"""What a text could not be read for: the first cause of an error, and the option that helps."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from symback.core.errors import ReadError, SymbackError
from symback.functions.optimizers import OPTIMIZER_ALIASES
from symback.networks.network import list_names
from symback.readers.evaluator import Evaluator

_LOOPS = re.compile(r"the loop runs \d+ times|what this loop runs over|loops inside loops run|a while loop can be read")
_SIZED = frozenset(
    [
        "zeros",
        "ones",
        "full",
        "empty",
        "eye",
        "rand",
        "randn",
        "random",
        "range",
        "arange",
        "normal",
        "uniform",
        "randint",
        "reshape",
        "view",
        "one_hot",
    ]
)

_OF_DATA = frozenset(
    [
        "Tensor",
        "FloatTensor",
        "LongTensor",
        "DoubleTensor",
        "Variable",
        "Parameter",
        "DataLoader",
        "TensorDataset",
        "Sequential",
        "Compose",
    ]
)
_OF_ARRAYS = frozenset(
    [
        "shape",
        "T",
        "size",
        "view",
        "reshape",
        "to",
        "float",
        "long",
        "double",
        "mean",
        "sum",
        "dot",
        "mm",
        "matmul",
        "unsqueeze",
        "squeeze",
        "flatten",
        "backward",
        "item",
        "detach",
        "grad",
        "numpy",
        "cuda",
        "cpu",
        "astype",
        "t",
        "permute",
        "transpose",
        "data",
        "device",
        "dtype",
        "max",
        "min",
        "argmax",
    ]
)


def explained(evaluator: Evaluator, tree: ast.AST, error: SymbackError) -> SymbackError:
    """Return an error with its true cause in front and the option that helps behind, where either is known."""
    if not isinstance(error, ReadError):
        return error
    cause = _upstream(evaluator, tree, error)
    help_ = _help(evaluator, tree, cause)
    if cause is error and not help_:
        return error
    line = cause.line if isinstance(cause, ReadError) else None
    return ReadError(_bare(cause) + help_, line)


def needed_by(error: SymbackError, spelled: str, line: int) -> SymbackError:
    """Return the error that keeps a loss from being read, with the loss that needs it."""
    reason = f"; the loss {spelled} needs it (backward() on line {line})"
    if not isinstance(error, ReadError):
        return type(error)(str(error) + reason)
    return ReadError(_bare(error) + reason, error.line)


def _bare(error: SymbackError) -> str:
    return re.sub(r"^line \d+: ", "", str(error))


def _same(one: SymbackError, other: SymbackError) -> bool:
    return one is other or str(other).startswith(str(one))


def _upstream(evaluator: Evaluator, tree: ast.AST, error: SymbackError) -> SymbackError:
    """Return what kept the body of a loop from being read, where the error speaks of the loop alone."""
    if not _LOOPS.search(str(error)) or not isinstance(error, ReadError):
        return error
    loop = next((n for n in ast.walk(tree) if isinstance(n, (ast.For, ast.While)) and n.lineno == error.line), None)
    if loop is None:
        return error
    read = {n.id for s in loop.body for n in ast.walk(s) if isinstance(n, ast.Name)}
    read |= {n.id for n in ast.walk(loop.target if isinstance(loop, ast.For) else loop.test) if isinstance(n, ast.Name)}
    broken = (e for name, _, e in evaluator.poisoned if name in read and not _LOOPS.search(str(e)))
    return next(broken, error)


def _help(evaluator: Evaluator, tree: ast.AST, error: SymbackError) -> str:
    """Return the option that gives what the error lacks: the shapes of a batch, or a size."""
    chain = list(dict.fromkeys(name for name, _, e in evaluator.poisoned if _same(e, error)))
    if not chain or re.search(r"--(shape|set|values|loss)", str(error)):
        return ""
    batch = list(dict.fromkeys(n for n in _batch_names(tree) if n in chain))
    if batch:
        options = " ".join(f"--shape {n}=…" for n in batch)
        return f"; where the loop takes its data from is not known: give the shapes of one batch by shapes= ({options})"
    known_sizes = set(_size_names(tree))
    sizes = [n for n in chain if n in known_sizes]
    if sizes:
        options = " ".join(f"--set {n}=…" for n in sizes)
        verb = "is" if len(sizes) == 1 else "are"
        return f"; so {list_names(sizes)} {verb} not known: give values= ({options})"
    known_data = set(_data_names(tree, str(error)))
    data = [n for n in chain if n in known_data]
    if data:
        return f"; give the shape of what it makes by shapes= ({' '.join(f'--shape {n}=…' for n in data)})"
    return ""


def _batch_names(tree: ast.AST) -> Iterator[str]:
    """Return the names that loops give to their data: of ``for i, (x, y) in enumerate(loader)`` x and y."""
    loops = [n for n in ast.walk(tree) if isinstance(n, ast.For)]
    training = [n for n in loops if any(isinstance(c, ast.Attribute) and c.attr == "backward" for c in ast.walk(n))]
    for loop in training or loops:
        target: ast.expr = loop.target
        counted = isinstance(loop.iter, ast.Call) and getattr(loop.iter.func, "id", "") == "enumerate"
        if counted and isinstance(target, ast.Tuple) and len(target.elts) == 2:
            target = target.elts[1]
        if isinstance(loop.iter, ast.Call) and getattr(loop.iter.func, "id", "") in ("range", "trange"):
            continue
        used = {n.id for s in loop.body for n in ast.walk(s) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
        found = [n.id for n in ast.walk(target) if isinstance(n, ast.Name)]
        whole = len(found) == 1 and _unpacked(loop, found[0])
        yield from whole or [n for n in found if n in used and n != "_"]


def _unpacked(loop: ast.For, batch: str) -> list[str]:
    """Return the names into which the body of a loop takes a batch apart: ``x, y = batch``."""
    for statement in loop.body:
        if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Tuple):
            continue
        if batch in {n.id for n in ast.walk(statement.value) if isinstance(n, ast.Name)}:
            return [n.id for n in ast.walk(statement.targets[0]) if isinstance(n, ast.Name) and n.id != "_"]
    return []


def _label(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _objects(tree: ast.AST) -> set[str]:
    """Return the names that hold objects: made by a class, or asked for attributes that no array has."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr not in _OF_ARRAYS:
            found.add(node.value.id)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and _label(node.value)[:1].isupper():
            found |= {n.id for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name)}
    return found


def _size_names(tree: ast.AST) -> Iterator[str]:
    """Return the names that are handed to something as a size: to a layer, a class, a maker of arrays, ``range``."""
    objects = _objects(tree)
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        label = _label(call)
        if label in _SIZED or (
            label[:1].isupper() and label not in _OF_DATA and f"torch.optim.{label}" not in OPTIMIZER_ALIASES
        ):
            for argument in (*call.args, *(k.value for k in call.keywords)):
                parts = argument.elts if isinstance(argument, (ast.Tuple, ast.List)) else [argument]
                yield from (p.id for p in parts if isinstance(p, ast.Name) and p.id not in objects)


def _data_names(tree: ast.AST, message: str) -> Iterator[str]:
    """Return the names that a text assigns from a call of the function that the message says is not known."""
    objects = _objects(tree)
    for statement in ast.walk(tree):
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
            function = statement.value.func
            if isinstance(function, ast.Name) and f"the function {function.id} is not known" in message:
                found = (n.id for t in statement.targets for n in ast.walk(t) if isinstance(n, ast.Name))
                yield from (n for n in found if n not in objects)
