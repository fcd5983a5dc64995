"""The text of one's own code with calls put in that say what is assigned, called and returned; nothing of its meaning changes.

``x = e`` becomes ``x = T.bind("x", e, scope)``, ``a[k] = e`` becomes ``T.item(a, k, "a", scope)[0] = e``, ``f(x)`` becomes
``T.callee(f)(x)``; lines and columns stay, so that a traceback shows the line of the text.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

TRACER = "__symback__"
"""The name under which instrumented code finds the tracer; it ends in underscores, so that classes do not change it."""

_LEFT_ALONE = frozenset(
    ("super", "locals", "globals", "vars", "dir", "eval", "exec", "__import__", "print", "range", "len", "isinstance")
)
"""Functions that look at the frame they are called from, or that nothing recorded comes back from."""
_ACTIVATING = frozenset(
    (
        "dot",
        "matmul",
        "einsum",
        "tensordot",
        "tanh",
        "relu",
        "sigmoid",
        "softmax",
        "leaky_relu",
        "maximum",
        "gelu",
        "elu",
        "swish",
    )
)


@dataclass
class Text:
    """What is known of a text beside its syntax tree: numbers it states, by their lines, and names that are changed later."""

    file: str
    constants: dict[int, set[float]] = field(default_factory=dict)
    statements: dict[int, tuple[int, int]] = field(default_factory=dict)
    """The first and the last line of the innermost statement on each line."""
    counters: set[str] = field(default_factory=set)
    computed: set[int] = field(default_factory=set)
    """Lines of statements that give a name what is computed there by an operation, from more than written numbers."""


def instrumented(tree: ast.Module, file: str) -> tuple[ast.Module, Text]:
    """Return a syntax tree with the calls put in, and what is known of its text; the tree itself is changed."""
    text = Text(file)
    functions = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
            for line in range(node.lineno, (node.end_lineno or node.lineno) + 1):
                text.constants.setdefault(line, set()).add(abs(float(node.value)))
        if isinstance(node, ast.stmt) and not hasattr(node, "body"):
            lines = (node.lineno, node.end_lineno or node.lineno)
            text.statements.update(dict.fromkeys(range(lines[0], lines[1] + 1), lines))
        if isinstance(node, ast.BinOp):
            value = _folded(node)
            if value is not None:
                text.constants.setdefault(node.lineno, set()).add(abs(value))
        if isinstance(node, ast.AugAssign) and isinstance(node.op, (ast.Add, ast.Sub)) and not _is_whole(node.value):
            text.counters.add(_label(node.target))
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, (ast.BinOp, ast.UnaryOp))
            and _folded(node.value) is None
        ):
            text.computed.add(node.lineno)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp) and len(node.targets) == 1:
            name = _label(node.targets[0])
            if name and name in {_label(n) for n in ast.walk(node.value)} and not _is_whole(node.value.right):
                text.counters.add(name)
    tree = _Instrument(text, functions).visit(tree)
    return ast.fix_missing_locations(tree), text


_FOLDED: dict[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: math.pow,
}


def _folded(node: ast.expr) -> float | None:
    """Return the value of arithmetic with numbers alone, as ``1 - 1e-7``; None for everything else."""
    if isinstance(node, ast.Constant):
        return float(node.value) if isinstance(node.value, (int, float)) else None
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        value = _folded(node.operand)
        return None if value is None else -value if isinstance(node.op, ast.USub) else value
    if not isinstance(node, ast.BinOp) or type(node.op) not in _FOLDED:
        return None
    left, right = _folded(node.left), _folded(node.right)
    try:
        return None if left is None or right is None else _FOLDED[type(node.op)](left, right)
    except (ArithmeticError, ValueError):
        return None


class Given(ast.NodeTransformer):
    """Has the numbers recorded that the calls of an expression are given: they are what it is computed from."""

    def visit_Call(self, node: ast.Call) -> ast.Call:
        """Record its plain numbers; whole ones are lengths."""
        self.generic_visit(node)
        for k, value in enumerate(node.args):
            if _folded(value) is not None and not _is_whole(value):
                at = ast.Attribute(ast.Name(TRACER, ast.Load()), "number", ast.Load())
                node.args[k] = ast.copy_location(ast.Call(at, [value], []), value)
        return node


def _is_whole(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int)


def _label(node: ast.AST) -> str:
    """Return what a target is called: the name, the attribute, or the holder of an item."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    return _label(node.value) if isinstance(node, ast.Subscript) else ""


def _is_pass(function: ast.FunctionDef | ast.AsyncFunctionDef, functions: set[str]) -> bool:
    """Return whether a function is a forward pass, whose own names belong on the page, and not a small helper.

    It is one where it has several statements and multiplies matrices or calls other functions of the text or activations.
    """
    for statement in function.body:
        for node in ast.walk(statement):
            if (
                isinstance(node, ast.BinOp)
                and isinstance(node.op, ast.MatMult)
                and isinstance(statement, (ast.Assign, ast.For, ast.If))
            ):
                return True
            if isinstance(node, ast.Call) and isinstance(statement, (ast.Assign, ast.For, ast.If, ast.With)):
                label = _label(node.func)
                if label in _ACTIVATING or label in functions or label == "forward":
                    return True
    return False


class _Instrument(ast.NodeTransformer):
    def __init__(self, text: Text, functions: set[str]) -> None:
        self.text = text
        self.functions = functions
        self.scopes: list[tuple[str, bool]] = [("", False)]

    # --- making calls ---------------------------------------------------------------------------------------------------

    def _call(self, at: ast.AST, method: str, *args: ast.expr) -> ast.expr:
        name = ast.copy_location(ast.Name(TRACER, ast.Load()), at)
        function = ast.copy_location(ast.Attribute(name, method, ast.Load()), at)
        return ast.copy_location(ast.Call(function, list(args), []), at)

    def _constant(self, at: ast.AST, value: Any) -> ast.expr:
        return ast.copy_location(ast.Constant(value), at)

    def _bound(self, name: str, value: ast.expr) -> ast.expr:
        return self._call(value, "bind", self._constant(value, name), value, self._constant(value, self.scopes[-1]))

    def _rebound(self, name: str, at: ast.AST) -> ast.stmt:
        """Return the statement ``name = T.bind("name", name, scope)``."""
        value = ast.copy_location(ast.Name(name, ast.Load()), at)
        target = ast.copy_location(ast.Name(name, ast.Store()), at)
        return ast.copy_location(ast.Assign([target], self._bound(name, value)), at)

    def _target(self, target: ast.expr) -> ast.expr:
        """Return a target through which a store into an item or an attribute is seen."""
        if isinstance(target, ast.Subscript):
            place = self._call(
                target,
                "item",
                self.visit(target.value),
                self._key(target.slice),
                self._constant(target, _label(target.value)),
                self._constant(target, self.scopes[-1]),
            )
        elif isinstance(target, ast.Attribute):
            attribute = self._constant(target, target.attr)
            place = self._call(
                target, "attribute", self.visit(target.value), attribute, self._constant(target, self.scopes[-1])
            )
        elif isinstance(target, (ast.Tuple, ast.List)):
            target.elts = [self._target(t) for t in target.elts]
            return target
        elif isinstance(target, ast.Starred):
            target.value = self._target(target.value)
            return target
        else:
            return target
        zero = ast.copy_location(ast.Constant(0), target)
        return ast.copy_location(ast.Subscript(place, zero, ast.Store()), target)

    def _key(self, key: ast.expr) -> ast.expr:
        """Return an index as an expression of its own: ``1:2`` becomes ``slice(1, 2, None)``."""
        if isinstance(key, ast.Slice):
            parts = [
                self.visit(p) if p is not None else self._constant(key, None) for p in (key.lower, key.upper, key.step)
            ]
            return self._call(key, "slice", *parts)
        if isinstance(key, ast.Tuple):
            return ast.copy_location(ast.Tuple([self._key(e) for e in key.elts], ast.Load()), key)
        found: ast.expr = self.visit(key)
        return found

    def _names_of(self, target: ast.expr) -> list[str]:
        return [n.id for n in ast.walk(target) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]

    # --- statements -----------------------------------------------------------------------------------------------------

    def visit_Assign(self, node: ast.Assign) -> Any:
        node.value = self.visit(node.value)
        single = [t for t in node.targets if isinstance(t, ast.Name)]
        for target in single:
            node.value = self._bound(target.id, node.value)
        names = [n for t in node.targets if not isinstance(t, ast.Name) for n in self._names_of(t)]
        node.targets = [self._target(t) for t in node.targets]
        return [node, *(self._rebound(n, node) for n in dict.fromkeys(names))]

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        if node.value is None:
            return node
        node.value = self.visit(node.value)
        if isinstance(node.target, ast.Name):
            node.value = self._bound(node.target.id, node.value)
            return node
        if len(self.scopes) > 1:  # an annotation of an attribute or an item is not kept inside a function
            return ast.copy_location(ast.Assign([self._target(node.target)], node.value), node)
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        node.value = self.visit(node.value)
        if isinstance(node.target, ast.Name):
            return [node, self._rebound(node.target.id, node)]
        node.target = self._target(node.target)  # type: ignore[assignment]
        return node

    def visit_For(self, node: ast.For) -> Any:
        node.iter = self.visit(node.iter)
        names = self._names_of(node.target)
        node.target = self._target(node.target)
        node.body = [*(self._looped(n, node.target) for n in names), *self._visited(node.body)]
        node.orelse = self._visited(node.orelse)
        return node

    def visit_comprehension(self, node: ast.comprehension) -> Any:
        node.iter = self._call(node.iter, "items", self.visit(node.iter))
        node.ifs = [self.visit(i) for i in node.ifs]
        return node

    def visit_With(self, node: ast.With) -> Any:
        for item in node.items:
            item.context_expr = self.visit(item.context_expr)
        node.body = self._visited(node.body)
        return node

    def _visited(self, body: list[ast.stmt]) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        for statement in body:
            made = self.visit(statement)
            found.extend(made if isinstance(made, list) else [made])
        return found

    def visit_Return(self, node: ast.Return) -> Any:
        if node.value is not None:
            value = self.visit(node.value)
            node.value = self._call(node, "gave", value, self._constant(node, self.scopes[-1]))
        return node

    # --- functions and classes ------------------------------------------------------------------------------------------

    def _function(self, node: Any) -> Any:
        node.decorator_list = [self.visit(d) for d in node.decorator_list]
        node.args = self._defaults(node.args)
        helper = not _is_pass(node, self.functions)
        self.scopes.append((node.name, helper))
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        first = [self._looped(a.arg, a) for a in arguments if a.arg not in ("self", "cls")]
        start = (
            1
            if node.body and isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant)
            else 0
        )
        declared = {n for s in node.body if isinstance(s, (ast.Global, ast.Nonlocal)) for n in s.names}
        first = [s for s in first if s.targets[0].id not in declared]
        node.body = [*node.body[:start], *first, *self._visited(node.body[start:])]
        self.scopes.pop()
        return node

    def _looped(self, name: str, at: ast.AST) -> Any:
        """Return the statement ``name = T.argument("name", name, scope)``: what has a name keeps it."""
        value = ast.copy_location(ast.Name(name, ast.Load()), at)
        target = ast.copy_location(ast.Name(name, ast.Store()), at)
        made = self._call(at, "argument", self._constant(at, name), value, self._constant(at, self.scopes[-1]))
        return ast.copy_location(ast.Assign([target], made), at)

    def _defaults(self, args: ast.arguments) -> ast.arguments:
        args.defaults = [self.visit(d) for d in args.defaults]
        args.kw_defaults = [None if d is None else self.visit(d) for d in args.kw_defaults]
        return args

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        return self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> Any:
        return self._function(node)

    def visit_Lambda(self, node: ast.Lambda) -> Any:
        node.args = self._defaults(node.args)
        self.scopes.append(("<lambda>", True))
        node.body = self.visit(node.body)
        self.scopes.pop()
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> Any:
        node.decorator_list = [self.visit(d) for d in node.decorator_list]
        self.scopes.append((node.name, True))
        node.body = self._visited(node.body)
        self.scopes.pop()
        return node

    # --- expressions ----------------------------------------------------------------------------------------------------

    def visit_Call(self, node: ast.Call) -> Any:
        alone = isinstance(node.func, ast.Name) and node.func.id in _LEFT_ALONE
        function = node.func if alone else self._call(node.func, "callee", self.visit(node.func))
        node.args = [self.visit(a) for a in node.args]
        node.keywords = [self.visit(k) for k in node.keywords]
        node.func = function
        return node

    def visit_NamedExpr(self, node: ast.NamedExpr) -> Any:
        node.value = self._bound(node.target.id, self.visit(node.value))
        return node

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        if isinstance(node.ctx, ast.Load):
            node.value = self.visit(node.value)
            node.slice = self.visit(node.slice)
        return node

    def visit_Match(self, node: ast.Match) -> Any:
        node.subject = self.visit(node.subject)
        for case in node.cases:
            case.guard = None if case.guard is None else self.visit(case.guard)
            case.body = self._visited(case.body)
        return node

    def visit_Delete(self, node: ast.Delete) -> Any:
        return node
