"""A piece of code and what it names: a statement, or the body of a function, with the sources of the names of its own.

Nothing is followed here. The question is from which objects a name of a piece may come, so that what is done to it can be
said to be done to them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from symback.readers.values import Definition, Helper, Scope

Sources = dict[str, list[ast.expr | None]]
"""By each name of a piece's own the expressions that it was given; None where it may be anything."""


@dataclass(frozen=True, eq=False)
class Shape:
    """What the syntax of a piece says, whatever its names hold."""

    nodes: tuple[ast.AST, ...]
    own: Sources
    arguments: frozenset[str]
    called: frozenset[int]
    """The nodes that are called, by identity."""
    inner: frozenset[int]
    """The nodes that stand inside a chain of attributes and items, by identity."""
    elsewhere: frozenset[str]
    """Names that it says are global or of a function around it."""
    contexts: frozenset[int]
    """The nodes below what a ``with`` opens or a decorator is, by identity."""


@dataclass(eq=False)
class Piece:
    """A piece of code in its scope; ``helper`` and ``owner`` are its function and its class, where it has one."""

    shape: Shape
    scope: Scope
    helper: Helper | None = None
    owner: Definition | None = None
    anyhow: bool = False
    """True where it may be called with anything that is named."""
    calls: list[tuple[Piece, ast.Call]] = field(default_factory=list)
    """Calls of it, with the pieces they stand in."""

    @property
    def itself(self) -> str:
        """The name of the object whose method it is; empty where it is none."""
        if self.helper is None or self.owner is None or self.owner.markers.get(self.helper.name) == "staticmethod":
            return ""
        names = [a.arg for a in (*self.helper.arguments.posonlyargs, *self.helper.arguments.args)]
        return names[0] if names and len(self.shape.own.get(names[0], ())) == 1 else ""

    @property
    def is_statement(self) -> bool:
        """True for a statement, whose own names are names of the scope as well."""
        return self.helper is None


def shape_of_statement(node: ast.AST) -> Shape:
    """Return the shape of a statement: what it executes, functions included that it defines and may call."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        defaults = [*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)]
        nodes = [n for part in (*node.decorator_list, *defaults) for n in ast.walk(part)]
    elif isinstance(node, ast.ClassDef):
        nodes = list(_of_class(node))
    else:
        nodes = list(ast.walk(node))
    return _shape(nodes, ())


def shape_of_function(helper: Helper) -> Shape:
    """Return the shape of the body of a function."""
    body = helper.body if isinstance(helper.body, list) else [helper.body]
    arguments = [a.arg for a in ast.walk(helper.arguments) if isinstance(a, ast.arg)]
    return _shape([n for part in body for n in ast.walk(part)], arguments)


def _of_class(node: ast.ClassDef) -> Iterator[ast.AST]:
    """Return what a class statement executes: its bases, decorators and attributes, and no method."""
    for part in (*node.bases, *(k.value for k in node.keywords), *node.decorator_list):
        yield from ast.walk(part)
    for statement in node.body:
        if isinstance(statement, ast.ClassDef):
            yield from _of_class(statement)
        elif isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for part in (*statement.decorator_list, *statement.args.defaults):
                yield from ast.walk(part)
        else:
            yield from ast.walk(statement)


def _shape(nodes: list[ast.AST], arguments: Sequence[str]) -> Shape:
    elsewhere = {name for n in nodes if isinstance(n, (ast.Global, ast.Nonlocal)) for name in n.names}
    own: Sources = {name: [_ARGUMENT] for name in arguments}
    for node in nodes:
        for name, source in _bound(node):
            if name not in elsewhere:
                own.setdefault(name, []).extend(source)
    called = {id(n.func) for n in nodes if isinstance(n, ast.Call)}
    inner = {id(n.value) for n in nodes if isinstance(n, (ast.Attribute, ast.Subscript))}
    opened = [item.context_expr for n in nodes if isinstance(n, (ast.With, ast.AsyncWith)) for item in n.items]
    opened += [d for n in nodes if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef)) for d in n.decorator_list]
    contexts = {id(n) for part in opened for n in ast.walk(part)}
    return Shape(
        tuple(nodes),
        own,
        frozenset(arguments),
        frozenset(called),
        frozenset(inner),
        frozenset(elsewhere),
        frozenset(contexts),
    )


_ARGUMENT = ast.Constant(...)
"""Stands for what a call gives to an argument."""


def is_argument(source: ast.expr | None) -> bool:
    """Return whether a source of a name is the call of the function."""
    return source is _ARGUMENT


def _bound(node: ast.AST) -> Iterator[tuple[str, list[ast.expr | None]]]:
    """Return the names that a node binds, each with where its object comes from."""
    pairs: list[tuple[ast.AST, ast.expr | None]] = []
    if isinstance(node, ast.Assign):
        pairs = [(t, node.value if isinstance(t, ast.Name) else _items(node.value)) for t in node.targets]
    elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)):
        pairs = [(node.target, node.value)] if node.value is not None else []
    elif isinstance(node, ast.AugAssign):  # it may hold the items from there on, and is not the value itself
        pairs = [(node.target, ast.List([node.value], ast.Load()))]
    elif isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
        pairs = [(node.target, _items(node.iter))]
    elif isinstance(node, ast.withitem) and node.optional_vars is not None:
        pairs = [(node.optional_vars, _items(node.context_expr))]
    for target, source in pairs:
        for part in ast.walk(target):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                yield part.id, [source]
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        for part in ast.walk(node.args):
            if isinstance(part, ast.arg):
                yield part.arg, [None]
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name, []
    elif isinstance(node, ast.alias):
        yield (node.asname or node.name).split(".")[0], []
    elif isinstance(node, ast.ExceptHandler) and node.name:
        yield node.name, []
    elif isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name:
        yield node.name, [None]
    elif isinstance(node, ast.MatchMapping) and node.rest:
        yield node.rest, [None]


def _items(node: ast.expr) -> ast.expr:
    """Return what stands for something that an object holds."""
    return ast.Starred(node, ast.Load())


# --- results that show no memory of what they were made from -----------------------------------------------------------

_OF_ONE = frozenset(
    (
        *("sqrt", "exp", "log", "tanh", "sin", "cos", "abs", "floor", "ceil", "square", "sign", "isnan", "isinf"),
        *("item", "tolist", "clone", "copy", "deepcopy", "relu", "sigmoid", "numel", "log2", "log10", "reciprocal"),
    )
)
"""Functions and methods, of libraries, of one argument whose result is an object of its own; a second one may be ``out``."""

_OF_TWO = frozenset(
    (
        *("zeros", "ones", "empty", "full", "zeros_like", "ones_like", "empty_like", "full_like", "arange", "eye"),
        *("identity", "array", "tensor", "len", "int", "float", "bool", "str", "sum", "mean", "median", "std", "var"),
        *("prod", "argmin", "argmax", "argsort", "unique", "dot", "matmul", "maximum", "minimum", "round", "norm"),
        *("inv", "all", "any", "concatenate", "stack", "vstack", "hstack", "cat", "cumsum", "cumprod", "allclose"),
        *("isclose", "array_equal", "count_nonzero", "histogram", "bincount", "searchsorted", "nonzero", "argwhere"),
        *("cov", "corrcoef", "average", "trace", "det", "solve", "eigvals", "svd", "power", "add", "subtract"),
        *("multiply", "divide", "softmax", "log_softmax", "perf_counter", "time", "join", "format", "strip"),
        *("isinstance", "hasattr", "repr", "type", "id", "topk", "nanmean", "nanmedian", "percentile", "quantile"),
        *("cross_entropy", "mse_loss", "shape", "size", "ndim", "dim", "rand", "randn", "eq", "gt", "lt", "ge", "le"),
    )
)
"""Those of two arguments; a third one may be ``out``."""

_OF_MORE = frozenset(("where", "clip", "linspace", "normal", "uniform", "randint", "range", "randn", "rand", "zeros"))
_COLLECTED = frozenset(
    (
        *("list", "dict", "set", "tuple", "sorted", "frozenset", "defaultdict", "deque", "Counter", "OrderedDict"),
        *("zip", "enumerate", "reversed"),
    )
)
_PICKS = frozenset(("max", "min"))
_PLAIN = frozenset(("shape", "size", "ndim", "dtype", "device", "itemsize", "nbytes", "__name__"))


def is_fresh(node: ast.expr, deep: bool, own_functions: frozenset[str] = frozenset()) -> bool:
    """Return whether a value is an object of its own; ``deep`` where all that it holds has to be, too.

    ``own_functions`` are names of functions and methods of the text, which may answer with anything.
    """
    if isinstance(node, (ast.Constant, ast.JoinedStr, ast.Compare, ast.Lambda)):
        return True
    if isinstance(node, ast.Attribute):
        return node.attr in _PLAIN
    if isinstance(node, (ast.List, ast.Set, ast.Dict)):
        return not deep or not (node.keys if isinstance(node, ast.Dict) else node.elts)
    if isinstance(node, (ast.ListComp, ast.DictComp, ast.SetComp, ast.BinOp, ast.UnaryOp)):
        return not deep
    return isinstance(node, ast.Call) and _makes_an_object(node, deep, own_functions)


def _makes_an_object(node: ast.Call, deep: bool, own_functions: frozenset[str]) -> bool:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    of_library = isinstance(node.func, ast.Attribute) and _is_library(node.func.value)
    if name in own_functions or {k.arg for k in node.keywords} & {"out", "copy", None}:
        return False
    if name in _COLLECTED:
        return not deep or not (node.args or node.keywords)
    if deep and name in ("copy", "clone") and not of_library:
        return False
    count = len(node.args)
    return (
        (name in _OF_ONE and count <= 1)
        or (name in _OF_TWO and count <= 2)
        or name in _OF_MORE
        or (name in _PICKS and of_library and count <= 2)
    )


def _is_library(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("np", "numpy", "torch", "math", "F")
