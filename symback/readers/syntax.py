"""Questions to a syntax tree."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Sequence


def stored_names(node: ast.AST) -> list[str]:
    """Return the names assigned anywhere below ``node``, functions and classes included, in order."""
    found: dict[str, None] = {}
    for child in ast.walk(node):
        if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
            found.setdefault(child.id)
        elif isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.setdefault(child.name)
        elif isinstance(child, ast.alias):
            found.setdefault((child.asname or child.name).split(".")[0])
    return list(found)


def own_names(body: Sequence[ast.stmt] | ast.expr) -> frozenset[str]:
    """Return the names that the body of a function stores or deletes anywhere, and that are therefore its own.

    Those of functions, classes and comprehensions in it are not, nor those it says are ``global`` or ``nonlocal``.
    """
    found: set[str] = set()
    elsewhere: set[str] = set()
    waiting: list[tuple[ast.AST, bool]] = [(s, False) for s in (body if isinstance(body, Sequence) else [body])]
    while waiting:
        node, inside = waiting.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
            continue
        if isinstance(node, ast.Lambda):
            continue
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            elsewhere.update(node.names)
        elif isinstance(node, ast.NamedExpr):
            found.add(node.target.id)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load) and not inside:
            found.add(node.id)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
            found.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            found.add(node.rest)
        inside = inside or isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp))
        waiting += [(child, inside) for child in ast.iter_child_nodes(node)]
    return frozenset(found - elsewhere)


def executed(node: ast.AST) -> Iterator[ast.AST]:
    """Return a statement and the nodes below it, without the bodies of functions and classes that it only defines."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        if not isinstance(found, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            yield found
            waiting += reversed(list(ast.iter_child_nodes(found)))


def leaves(node: ast.stmt) -> tuple[bool, bool]:
    """Return whether a statement may leave the function around it, and whether it may leave or shorten the loop around it."""
    ends = any(isinstance(n, (ast.Return, ast.Yield, ast.YieldFrom)) for n in executed(node))
    stack: list[ast.AST] = [node]
    while stack:
        inner = stack.pop()
        if isinstance(inner, (ast.Break, ast.Continue)):
            return ends, True
        if not isinstance(inner, (ast.For, ast.While, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            stack += ast.iter_child_nodes(inner)
    return ends, False


def raises(node: ast.stmt) -> bool:
    """Return whether a statement may raise an exception by its own ``raise``."""
    return any(isinstance(n, ast.Raise) for n in executed(node))


def innermost(node: ast.expr) -> ast.expr:
    """Return what a chain of methods and indices starts from: ``z`` of ``z.mul_(w)[0].clamp_(0)``."""
    while True:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            node = node.func.value
        elif isinstance(node, (ast.Subscript, ast.Attribute)):
            node = node.value
        else:
            return node


def as_load(node: ast.expr) -> ast.expr:
    """Return a target as the expression that reads it."""
    made = copy.copy(node)
    if hasattr(made, "ctx"):
        made.ctx = ast.Load()
    return made


def title(node: ast.AST) -> str:
    """Return what a kind of statement or expression is called."""
    words = {
        "ListComp": "list comprehension",
        "DictComp": "dictionary comprehension",
        "NamedExpr": "walrus assignment",
        "ClassDef": "class",
        "AsyncFunctionDef": "async function",
        "TryStar": "try",
        "Set": "set",
        "SetComp": "set comprehension",
        "BitOr": "|",
        "BitXor": "^",
        "LShift": "<<",
        "RShift": ">>",
        "Starred": "starred expression",
    }
    return words.get(type(node).__name__, type(node).__name__.lower())
