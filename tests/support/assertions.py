"""Whether a function asserts: by itself, by pytest or NumPy, or by a function of the tests that it calls.

A name is what it stands for where it is used: a function or class of the file or of one it imports, unless something of
the function has that name. Two things of one name are never mistaken for each other.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.support.places import ROOT

BY_PYTEST = {"raises", "warns", "fail", "deprecated_call"}
FIXTURES = {"golden"}
"""The fixtures that assert when they are called."""

MADE = ("__init__", "__post_init__")
"""What runs when an instance is made."""


@cache
def parsed(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Thing:
    """What a name stands for: a module, a class, an instance of one or a function, and the names it sees."""

    path: Path
    node: ast.Module | ast.ClassDef | ast.FunctionDef
    scope: Mapping[str, Thing | None]
    is_instance: bool = False

    def attribute(self, name: str) -> Thing | None:
        """Return a function or class of a module, or a method of a class, inherited ones included."""
        if isinstance(self.node, ast.Module):
            return names_of(self.path).get(name)
        if not isinstance(self.node, ast.ClassDef):
            return None
        for inner in self.node.body:
            if isinstance(inner, ast.FunctionDef) and inner.name == name:
                return Thing(self.path, inner, {**self.scope, "self": Thing(self.path, self.node, self.scope, True)})
        above = (resolved(base, self.scope) for base in self.node.bases)
        return next((found for base in above if base and (found := base.attribute(name))), None)

    def run_by_a_call(self) -> Iterator[Thing]:
        """Yield the functions that a call of this runs."""
        if isinstance(self.node, ast.FunctionDef):
            yield self
        else:
            methods = ("__call__",) if self.is_instance else MADE
            yield from (found for name in methods if (found := self.attribute(name)))


@cache
def names_of(path: Path) -> dict[str, Thing | None]:
    """Return what the names at the top of a file stand for, so far as the tests define it."""
    scope: dict[str, Thing | None] = {}
    for node in parsed(path).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            scope[node.name] = Thing(path, node, scope)
        elif isinstance(node, ast.ImportFrom):
            scope.update(imported(node))
    for node in parsed(path).body:
        if isinstance(node, ast.Assign) and (made := resolved(node.value, scope)):
            scope.update({target.id: made for target in node.targets if isinstance(target, ast.Name)})
    return scope


def imported(node: ast.ImportFrom) -> Iterator[tuple[str, Thing | None]]:
    """Yield the names that an import binds; what is not of the tests asserts nothing."""
    place = ROOT.joinpath(*(node.module or "").split("."))
    for alias in node.names:
        found = None
        if (node.module or "").split(".")[0] == "tests":
            module = place / f"{alias.name}.py"
            if module.exists():
                found = Thing(module, parsed(module), {})
            elif place.with_suffix(".py").exists():
                found = names_of(place.with_suffix(".py")).get(alias.name)
        yield alias.asname or alias.name, found


def resolved(node: ast.expr | None, scope: Mapping[str, Thing | None]) -> Thing | None:
    """Return what an expression is, where that is a thing of the tests."""
    if isinstance(node, ast.Name):
        return scope.get(node.id)
    if isinstance(node, ast.Attribute):
        owner = resolved(node.value, scope)
        return owner.attribute(node.attr) if owner else None
    if isinstance(node, ast.Call):
        found = resolved(node.func, scope)
        if found and isinstance(found.node, ast.ClassDef) and not found.is_instance:
            return Thing(found.path, found.node, found.scope, True)
    return None


def own(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """Yield the nodes of a function without those of functions and classes inside it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            waiting.extend(ast.iter_child_nodes(node))


def inside(thing: Thing) -> dict[str, Thing | None]:
    """Return what names stand for inside a function: what it binds itself hides what is outside."""
    function = thing.node
    assert isinstance(function, ast.FunctionDef)
    scope = dict(thing.scope)
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    for argument in arguments:
        kind = resolved(argument.annotation, thing.scope)
        if argument.arg != "self":
            scope[argument.arg] = Thing(kind.path, kind.node, kind.scope, True) if kind else None
    nodes = list(own(function))
    bound = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    scope.update(dict.fromkeys(bound))
    for node in nodes:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            scope[node.name] = Thing(thing.path, node, scope)
        elif isinstance(node, ast.ImportFrom):
            scope.update(imported(node))
    for node in nodes:
        pairs: list[tuple[ast.expr, ast.expr | None]] = []
        if isinstance(node, ast.Assign):
            pairs = [(target, node.value) for target in node.targets]
        elif isinstance(node, ast.withitem) and node.optional_vars:
            pairs = [(node.optional_vars, node.context_expr)]
        for target, value in pairs:
            if isinstance(target, ast.Name) and (found := resolved(value, scope)):
                scope[target.id] = found
    return scope


def asserts(thing: Thing, open_already: frozenset[ast.AST] = frozenset()) -> bool:
    """Say whether a function asserts, by itself or by what it calls or hands on to be called.

    An assertion of a constant is none, nor is one in a function inside that nothing calls.
    """
    function = thing.node
    if function in open_already or not isinstance(function, ast.FunctionDef):
        return False
    scope, here = inside(thing), open_already | {function}
    for node in own(function):
        if isinstance(node, ast.Assert) and not isinstance(node.test, ast.Constant):
            return True
        if not isinstance(node, ast.Call):
            continue
        if asserts_by_a_library(node.func, function, scope):
            return True
        for expression in (node.func, *node.args, *(keyword.value for keyword in node.keywords)):
            found = resolved(expression, scope)
            if found and any(asserts(run, here) for run in found.run_by_a_call()):
                return True
    return False


def asserts_by_a_library(called: ast.expr, function: ast.FunctionDef, scope: Mapping[str, Thing | None]) -> bool:
    """Say whether what is called is an assertion of pytest or NumPy, or a fixture that asserts."""
    spelled = ast.unparse(called)
    if isinstance(called, ast.Name) and scope.get(called.id) is None:
        return called.id in FIXTURES and called.id in {argument.arg for argument in function.args.args}
    module, _, name = spelled.rpartition(".")
    return (module == "pytest" and name in BY_PYTEST) or (
        module in ("np.testing", "numpy.testing", "torch.testing") and name.startswith("assert_")
    )


def asserting(path: Path, node: ast.FunctionDef) -> bool:
    """Say whether a function at the top of a file asserts."""
    return asserts(Thing(path, node, names_of(path)))
