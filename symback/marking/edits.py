"""Edits: a backward pass with one line changed, each change the repair of a slip.

Where a loop makes the same slip at every step, no mistaken derivation of one step shows it; the text after the right change does.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Iterator
from dataclasses import replace

from symback.marking.reading import Source, exchanged, is_operand, is_transpose, transposed


def edited(source: Source, lines: Iterable[int]) -> Iterator[tuple[str, int, Source]]:
    """Return the text after each change of one of these lines: the slip that the change undoes, the line, the text."""
    wanted = set(lines)
    for number, tree in enumerate(source.parts):
        for statement in ast.walk(tree):
            if not isinstance(statement, (ast.Assign, ast.AugAssign)) or statement.lineno not in wanted:
                continue
            for slip, changed in _changes(statement):
                made = _with(tree, statement, ast.fix_missing_locations(ast.copy_location(changed, statement)))
                parts = (*source.parts[:number], made, *source.parts[number + 1 :])
                yield slip, statement.lineno, replace(source, parts=parts)


def _with(tree: ast.Module, old: ast.stmt, new: ast.stmt) -> ast.Module:
    found = exchanged(tree, old, new)
    assert isinstance(found, ast.Module)
    return found


def _changes(statement: ast.Assign | ast.AugAssign) -> Iterator[tuple[str, ast.stmt]]:
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = copy.copy(statement.targets[0])
        yield "forgotten_path", ast.AugAssign(target, ast.Add(), statement.value)  # type: ignore[arg-type]
    for slip, value in _values(statement.value):
        changed = copy.copy(statement)
        changed.value = value
        yield slip, changed
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    for target in targets:
        if isinstance(target, ast.Subscript):
            for slip, inner in _subscripts(target):
                changed = copy.copy(statement)
                if isinstance(changed, ast.Assign):
                    changed.targets = [inner if t is target else t for t in changed.targets]
                else:
                    changed.target = inner
                yield slip, changed


def _values(value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """Return an expression after each change."""
    yield "sign", ast.UnaryOp(ast.USub(), value)
    for node in [n for n in ast.walk(value) if isinstance(n, ast.expr)][:60]:
        if is_transpose(node):
            yield "extra_transpose", exchanged(value, node, node.value)  # type: ignore[attr-defined]
        elif is_operand(node, value) or (isinstance(node, ast.Name) and node.id not in ("np", "torch")):
            yield "missing_transpose", exchanged(value, node, transposed(node))
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
            yield "sign", exchanged(value, node, ast.BinOp(node.left, ast.Add(), node.right))
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            yield "sign", exchanged(value, node, ast.BinOp(node.left, ast.Sub(), node.right))
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
            yield "swapped", exchanged(value, node, ast.BinOp(node.right, ast.MatMult(), node.left))
        if (
            isinstance(node, ast.Call)
            and len(node.args) == 2
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("outer", "dot", "matmul")
        ):
            other = copy.copy(node)
            other.args = node.args[::-1]
            yield "swapped", exchanged(value, node, other)
        if isinstance(node, ast.Subscript):
            for slip, inner in _subscripts(node):
                yield slip, exchanged(value, node, inner)


def _subscripts(node: ast.Subscript) -> Iterator[tuple[str, ast.Subscript]]:
    """Return an indexed array at the step before and after, with its axes exchanged, without its reversal."""

    def made(key: ast.expr) -> ast.Subscript:
        found = copy.copy(node)
        found.slice = key
        return found

    key = node.slice
    if isinstance(key, (ast.Name, ast.BinOp)):
        for step in (ast.Add(), ast.Sub()):
            yield "stale", made(ast.BinOp(key, step, ast.Constant(1)))
        if isinstance(key, ast.BinOp):
            yield "stale", made(key.left)
    if isinstance(key, ast.Tuple) and len(key.elts) == 2:
        yield "wrong_axis", made(ast.Tuple(key.elts[::-1], ast.Load()))
        plain = [
            ast.Slice(s.lower, s.upper) if isinstance(s, ast.Slice) and s.step is not None else s for s in key.elts
        ]
        if any(a is not b for a, b in zip(plain, key.elts, strict=True)):
            yield "wrong_axis", made(ast.Tuple(plain, ast.Load()))
    if isinstance(key, ast.Slice) and key.step is not None:
        yield "wrong_axis", made(ast.Slice(key.lower, key.upper))


__all__ = ["edited"]
