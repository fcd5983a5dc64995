"""What statements of a text do: one function per kind of syntax."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from symback.core.errors import ReadError, SymbackError
from symback.core.forms import number, where
from symback.library.paths import module_path, written
from symback.library.values import Library, Poison
from symback.readers import (
    assigning,
    caching,
    calling,
    classes,
    data_classes,
    effects,
    imports,
    loops,
    memory,
    modules,
    operators,
    outside,
    recording,
    unfollowed,
)
from symback.readers.asking import Reader
from symback.readers.drawing import lose
from symback.readers.names import Refused, located
from symback.readers.syntax import as_load, leaves
from symback.readers.values import (
    Array,
    Bound,
    Cell,
    Definition,
    Instance,
    Leave,
    Outside,
    Raised,
    Recording,
    Returned,
    Scope,
)

Signal = Returned | Leave | None


def _pass(reader: Reader, node: ast.Pass, scope: Scope) -> None:
    return None


def _assert(reader: Reader, node: ast.Assert, scope: Scope) -> None:
    """Stop where an assertion is known to fail; one that asks about values of the network changes nothing."""
    try:
        held = reader.truth(reader.value(node.test, scope))
    except Raised:
        raise
    except SymbackError as error:
        if reader.trying or isinstance(error, Refused):
            raise
        effects.give_up(reader, node, located(error, reader.line), scope)
        return
    if not held:
        raise calling.raised(reader, "AssertionError", "an assertion of the code fails here")


def _nonlocal(reader: Reader, node: ast.Nonlocal, scope: Scope) -> None:
    scope.outer_names.update(node.names)


def _global(reader: Reader, node: ast.Global, scope: Scope) -> None:
    scope.global_names.update(node.names)
    for name in node.names:
        scope.names.pop(name, None)


def _delete(reader: Reader, node: ast.Delete, scope: Scope) -> None:
    for target in node.targets:
        if isinstance(target, ast.Name):
            holder = scope.holder(target.id, reader.globals)
            if holder is None:
                reader.value(as_load(target), scope)  # raises what reading it raises
                raise ReadError(f"{target.id} cannot be deleted", reader.line)
            del holder.names[target.id]
        elif isinstance(target, ast.Subscript):
            assigning.delete_item(reader, target, scope)
        elif isinstance(target, ast.Attribute):
            owner = reader.value(target.value, scope)
            if not isinstance(owner, Instance) or target.attr not in owner.attributes:
                raise ReadError(f"{ast.unparse(target)} cannot be deleted", reader.line)
            reader.writes += 1
            del owner.attributes[target.attr]
        else:
            raise ReadError("this cannot be deleted", reader.line)


def _raise(reader: Reader, node: ast.Raise, scope: Scope) -> None:
    if node.exc is None:
        if reader.handling:
            raise reader.handling[-1]
        raise ReadError("raise without an exception stands outside an except", reader.line)
    kind = reader.value(node.exc, scope) if not isinstance(node.exc, ast.Call) else None
    args: list[Any] = []
    if isinstance(node.exc, ast.Call):
        function = reader.value(node.exc.func, scope)
        if isinstance(function, Definition):
            kind = reader.value(node.exc, scope)
        else:
            kind = function
            args = [_shown(reader, a, scope) for a in node.exc.args]
    message = f"the code raises {ast.unparse(node.exc)} here"
    if isinstance(kind, Definition):
        kind = modules.instantiate(reader, kind, [], {})
    if isinstance(kind, Instance):
        raise Raised(message, reader.line, kind.kind, kind)
    if isinstance(kind, Raised):
        raise kind
    if isinstance(kind, Library):
        raise Raised(message, reader.line, kind.path.rpartition(".")[2], tuple(args))
    raise ReadError("what is raised here cannot be read", reader.line)


def _shown(reader: Reader, node: ast.expr, scope: Scope) -> Any:
    try:
        return reader.value(node, scope)
    except Raised:
        raise
    except Refused:
        raise
    except SymbackError as error:
        effects.give_up(reader, node, located(error, reader.line), scope)
        return Poison(error)


def _break(reader: Reader, node: ast.Break, scope: Scope) -> Leave:
    return Leave(True)


def _continue(reader: Reader, node: ast.Continue, scope: Scope) -> Leave:
    return Leave(False)


def _import(reader: Reader, node: ast.Import, scope: Scope) -> None:
    imports.check(reader, node)
    unfollowed.skipped(reader, node, scope)
    for alias in node.names:
        if alias.asname:
            scope.names[alias.asname] = Library(module_path(alias.name))
        else:
            root = alias.name.split(".")[0]
            scope.names[root] = Library(module_path(root))


def _importfrom(reader: Reader, node: ast.ImportFrom, scope: Scope) -> None:
    imports.check(reader, node)
    unfollowed.skipped(reader, node, scope)
    module = module_path(node.module or "")
    for alias in node.names:
        if alias.name == "*":
            reader.library_only.add(module)
        else:
            scope.names[alias.asname or alias.name] = Library(f"{module}.{alias.name}")


# --- functions and classes --------------------------------------------------------------------------------------------

_IDENTITY = frozenset(
    (
        *("numba.jit", "numba.njit", "torch.jit.script", "torch.compile"),
        *("typing.overload", "typing.final", "torch.jit.export", "torch.jit.ignore", "tensorflow.function"),
        *(
            "jax.jit",
            "abc.abstractmethod",
            "enum.unique",
        ),
    )
)
"""Decorators that leave the values of a function as they are."""


def _functiondef(reader: Reader, node: ast.FunctionDef, scope: Scope) -> None:
    read = _read_decorators(reader, node.decorator_list, scope)
    made: Any = reader.helper(node.name, node.args, node.body, scope, node.lineno)
    reader.assign_object(node.name, _applied(reader, made, read), scope)


def decorated(reader: Reader, made: Any, decorators: Sequence[ast.expr], scope: Scope) -> Any:
    """Return a function or class after its decorators: known ones are applied, those of the text are called."""
    return _applied(reader, made, _read_decorators(reader, decorators, scope))


def _read_decorators(reader: Reader, decorators: Sequence[ast.expr], scope: Scope) -> list[tuple[str, Any]]:
    """Return the path and the value of every decorator; Python reads all from the top down before it applies one."""
    found: list[tuple[str, Any]] = []
    for node in decorators:
        path = _decorator_path(reader, node, scope)
        if path == "contextlib.contextmanager":
            raise ReadError(
                "a context manager made of a generator cannot be read; write __enter__ and __exit__", reader.line
            )
        if path in caching.PATHS:
            found.append((path, caching.longest_of(reader, node, path, scope)))
            continue
        known = path in _IDENTITY or path in ("functools.wraps", "builtins.staticmethod")
        found.append((path, None if known else reader.value(node, scope)))
    return found


def _applied(reader: Reader, made: Any, read: Sequence[tuple[str, Any]]) -> Any:
    for path, function in reversed(read):
        if path in caching.PATHS:
            made = caching.remembering(reader, made, function)
            continue
        if path in _IDENTITY or path in ("functools.wraps", "builtins.staticmethod"):
            continue
        if function is None:
            raise ReadError(f"{path} around a class cannot be read", reader.line)
        else:
            made = reader.call(function, [made], {})
    return made


def _decorator_path(reader: Reader, node: ast.expr, scope: Scope) -> str:
    target = node.func if isinstance(node, ast.Call) else node
    if any(isinstance(n, (ast.Call, ast.NamedExpr)) for n in ast.walk(target)):
        return ""  # it is followed once, where its value is needed
    try:
        found = reader.value(target, scope)
    except SymbackError:
        return ""
    return found.path if isinstance(found, (Library, Outside)) else ""


def _classdef(reader: Reader, node: ast.ClassDef, scope: Scope) -> None:
    made = classes.define(reader, node, scope)
    reader.assign_object(node.name, decorated(reader, made, _after_fields(reader, made, node, scope), scope), scope)


def _after_fields(reader: Reader, made: Definition, node: ast.ClassDef, scope: Scope) -> list[ast.expr]:
    """Give a data class its fields; return the decorators that are left."""
    left: list[ast.expr] = []
    for decorator in node.decorator_list:
        path = _decorator_path(reader, decorator, scope)
        if path != "dataclasses.dataclass":
            left.append(decorator)
            continue
        options = decorator.keywords if isinstance(decorator, ast.Call) else []
        given = {k.arg or "": reader.value(k.value, scope) for k in options}
        data_classes.check_options(given, reader.line)
        inside = Scope({**made.methods, **made.attributes}, scope)
        made.attributes[data_classes.FIELDS] = data_classes.fields_of(reader, node, made.bases, inside)
        made.attributes[data_classes.OPTIONS] = given
        data_classes.set_defaults(made)
    return left


def _return(reader: Reader, node: ast.Return, scope: Scope) -> Returned:
    if node.value is None:
        return Returned(None)
    name = node.value.id if isinstance(node.value, ast.Name) else None
    born = recording.fresh()
    found = reader.value(node.value, scope)
    return Returned(recording.escaped(reader, found, born) if reader.without_gradients else found, name)


# --- blocks -----------------------------------------------------------------------------------------------------------


_CATCHING = ("contextlib.suppress", "contextlib.ExitStack", "contextlib.closing", "pytest.raises")
"""What may be opened by ``with`` and decides what happens to exceptions, or runs code of the text at its end."""

_CONTEXTS = frozenset(
    (
        *("numpy.errstate", "numpy.printoptions"),
        *(
            "torch.autograd.detect_anomaly",
            "torch.autograd.set_detect_anomaly",
            "contextlib.nullcontext",
            "builtins.open",
        ),
        *("torch.random.fork_rng", "torch.profiler.profile", "torch.profiler.record_function", "tqdm.tqdm", "open"),
    )
)
"""What may be opened by ``with`` and changes no value of the text."""


def _with(reader: Reader, node: ast.With, scope: Scope) -> Signal:
    entered: list[Bound | Recording] = []
    paths: list[str] = []
    swallows = 0
    try:
        for part in node.items:
            path = _decorator_path(reader, part.context_expr, scope)
            paths.append(path)
            given = _opened(reader, part.context_expr, path, scope, entered)
            if part.optional_vars is not None:
                reader.assign(part.optional_vars, given, scope)
        swallows = int(any(isinstance(e, Bound) and _may_swallow(e) for e in entered))
        reader.trying += swallows
        return reader.run(node.body, scope)
    except Raised:
        if any(isinstance(e, Bound) for e in entered):
            raise ReadError(
                "an exception leaves a with statement of the code's own, which cannot be read", reader.line
            ) from None
        raise
    finally:
        reader.trying -= swallows
        if any(p.endswith("fork_rng") for p in paths):
            lose(reader, node.lineno, "fork_rng puts the state of the generator back", [reader.draws.torch])
        for leave in reversed(entered):
            if isinstance(leave, Recording):
                recording.leave(reader, leave)
            else:
                modules.call_bound(reader, leave, [None, None, None], {})


def _may_swallow(leave: Bound) -> bool:
    """Return whether a method ``__exit__`` may end an exception: it answers with something."""
    body = leave.helper.body
    nodes = [n for s in body for n in ast.walk(s)] if isinstance(body, list) else [ast.Return(body)]
    answers = [n.value for n in nodes if isinstance(n, ast.Return) and n.value is not None]
    return not all(isinstance(v, ast.Constant) and not v.value for v in answers)


def _opened(reader: Reader, node: ast.expr, path: str, scope: Scope, entered: list[Bound | Recording]) -> Any:
    """Return what ``with node as name`` gives its name; objects of the text are entered."""
    if path in _CATCHING:
        raise ReadError(f"{path} is not followed; write out what it does", reader.line)
    if path in _CONTEXTS or path.split(".")[0] in outside.HARMLESS:
        effects.handed_over(reader, node, ReadError(f"{written(path)} is not executed", reader.line), scope)
        if reader.trying and not outside.cannot_raise(path):
            raise ReadError(f"whether {written(path)} raises an exception is not known", reader.line)
        return Outside(path, reader.line)
    context = reader.value(node, scope)
    if isinstance(context, Recording):
        recording.enter(reader, context)
        entered.append(context)
        return context
    if isinstance(context, Outside):
        return context
    enter, leave = (operators.own_method(reader, context, label) for label in ("__enter__", "__exit__"))
    if enter is None or leave is None:
        raise ReadError("what this with statement opens cannot be read", reader.line)
    given = modules.call_bound(reader, enter, [], {})
    entered.append(leave)
    return given


def _try(reader: Reader, node: ast.Try, scope: Scope) -> Signal:
    """Follow a try; where one of its statements cannot be followed, a handler may take over, and all of it is given up."""
    ends = any(map(any, map(leaves, node.finalbody)))  # return, break and continue end an exception
    reader.trying += ends
    try:
        signal = _attempted(reader, node, scope)
    except Raised:
        reader.trying -= ends
        ends = False
        last = reader.run(node.finalbody, scope)
        if last is not None:
            return last
        raise
    finally:
        reader.trying -= ends
    last = reader.run(node.finalbody, scope)
    return last if last is not None else signal


def _attempted(reader: Reader, node: ast.Try, scope: Scope) -> Signal:
    """Follow the body of a try, then the handler of what it raises or, where nothing is raised, its else."""
    catches = any(_may_catch(handler) for handler in node.handlers) and not imports.are_all(node)
    reader.trying += catches
    try:
        signal = reader.run(node.body, scope)
    except Raised as error:
        reader.trying -= catches
        catches = False
        return _handled(reader, node, error, scope)
    finally:
        reader.trying -= catches
    return reader.run(node.orelse, scope) if signal is None else signal


_FROM_OUTSIDE = ("KeyboardInterrupt", "GeneratorExit")
"""Exceptions that no statement of a text raises."""


def _may_catch(handler: ast.ExceptHandler) -> bool:
    """Return whether a handler may catch what a statement of the text raises."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return not all(isinstance(k, ast.Name) and k.id in _FROM_OUTSIDE for k in kinds)


def _handled(reader: Reader, node: ast.Try, error: Raised, scope: Scope) -> Signal:
    for handler in node.handlers:
        if handler.type is not None and not calling.is_kind(reader, error, reader.value(handler.type, scope)):
            continue
        if handler.name:
            scope.names[handler.name] = error.value if isinstance(error.value, Instance) else error
        reader.handling.append(error)
        try:
            return reader.run(handler.body, scope)
        finally:
            reader.handling.pop()
            if handler.name:
                scope.names.pop(handler.name, None)
    raise error


def _if(reader: Reader, node: ast.If, scope: Scope) -> Signal:
    test = reader.value(node.test, scope)
    if reader.is_array(test) and reader.plain(test) is not test:
        truth = reader.truth(test)
        reader.notes.append(f"the condition on line {reader.line} is read as {truth}")
    else:
        truth = reader.truth(test)
    return reader.run(node.body if truth else node.orelse, scope)


def branch(reader: Reader, node: ast.If, rest: Sequence[ast.stmt], scope: Scope) -> Signal:
    """Follow an ``if`` inside a function: where it asks about a number, both ways are kept as ``where``."""
    test = reader.value(node.test, scope)
    if not reader.is_array(test):
        return reader.run(node.body if reader.truth(test) else node.orelse, scope)
    form = reader.form(test)
    if form.shape:
        if reader.constant(form, data=False) is not None:
            return reader.run(node.body if reader.truth(test) else node.orelse, scope)
        raise ReadError("an if on a whole array is ambiguous; use np.where", reader.line)
    reader.conditions += 1
    if reader.conditions > 8:
        raise ReadError("more than 8 conditions inside each other", reader.line)
    mark, writes, results = reader.draws.mark(), reader.writes, []
    try:
        for way in (node.body, node.orelse):
            with reader.draws.tried():
                results.append(_trial(reader, [*way, *rest], scope))
    except Raised:
        if reader.writes != writes:
            raise ReadError(
                "whether this if raises an exception decides what a list or an object holds", reader.line
            ) from None
        return reader.run(node.body if reader.truth(test) else node.orelse, scope)
    finally:
        reader.conditions -= 1
        reader.draws.lose_since(mark, f"the if on line {node.lineno} decides by a value of the network what is drawn")
    a, b = results
    if not (isinstance(a, Returned) and isinstance(b, Returned)):
        raise ReadError("this if decides by a value of the network; only both ways returning can be read", reader.line)
    known = reader.constant(form, data=False) if isinstance(a.value, Array) or isinstance(b.value, Array) else None
    if known is not None:
        return a if known else b
    return Returned(
        memory.either(reader.made(where(form, reader.form(a.value), reader.form(b.value))), [a.value, b.value])
    )


def _trial(reader: Reader, body: Sequence[ast.stmt], scope: Scope) -> Signal:
    """Follow one way of an if that is not decided; what it changes outside its own names is refused."""
    trial = Scope(
        dict(scope.names), scope.parent, scope.open, set(scope.global_names), set(scope.outer_names), scope.passing
    )
    trial.own_names = scope.own_names
    before, reader.journal = reader.journal, []
    mark, writes, recorded = Cell(number(0)).born, reader.writes, reader.without_gradients
    held = reader.fingerprint(scope)
    try:
        signal = reader.run(body, trial)
        if memory.changed_before(reader, mark) or reader.writes != writes or not held():
            raise ReadError(
                "this if decides by a value of the network what a list or an object holds, which cannot be read",
                reader.line,
            )
    finally:
        for cell, content, version in reversed(reader.journal or []):
            if cell.born < mark:
                cell.content, cell.version = content, version
        reader.journal, reader.without_gradients = before, recorded
    return signal


def _match(reader: Reader, node: ast.Match, scope: Scope) -> Signal:
    subject = reader.plain(reader.value(node.subject, scope))
    member = isinstance(subject, Instance) and subject.definition is not None and subject.definition.members is not None
    if not member and not isinstance(subject, (str, int, float, bool, type(None))):
        raise ReadError("match is read for plain values", reader.line)
    for case in node.cases:
        if _matches(reader, case.pattern, subject, scope) and (
            case.guard is None or reader.truth(reader.value(case.guard, scope))
        ):
            return reader.run(case.body, scope)
    return None


def _matches(reader: Reader, pattern: ast.pattern, subject: Any, scope: Scope) -> bool:
    if isinstance(pattern, ast.MatchValue):
        return reader.truth(reader.compared(ast.Eq(), subject, reader.plain(reader.value(pattern.value, scope))))
    if isinstance(pattern, ast.MatchSingleton):
        return subject is pattern.value
    if isinstance(pattern, ast.MatchOr):
        return any(_matches(reader, p, subject, scope) for p in pattern.patterns)
    if isinstance(pattern, ast.MatchAs) and (
        pattern.pattern is None or _matches(reader, pattern.pattern, subject, scope)
    ):
        if pattern.name is not None:
            reader.assign_object(pattern.name, subject, scope)
        return True
    if isinstance(pattern, ast.MatchAs):
        return False
    raise ReadError("this pattern of a match cannot be read", reader.line)


def _expr(reader: Reader, node: ast.Expr, scope: Scope) -> None:
    """Follow an expression that stands alone: a call that is made for what it does."""
    value = node.value
    if isinstance(value, ast.Constant) or (isinstance(value, ast.Name) and not reader.trying):
        return
    if not isinstance(value, ast.Call):
        reader.value(value, scope)
        return
    reader.remark(value, scope)


STATEMENTS: dict[type[ast.AST], Callable[[Any, Any, Scope], Signal]] = {
    ast.Pass: _pass,
    ast.Assert: _assert,
    ast.Nonlocal: _nonlocal,
    ast.Global: _global,
    ast.Delete: _delete,
    ast.Raise: _raise,
    ast.Break: _break,
    ast.Continue: _continue,
    ast.Import: _import,
    ast.ImportFrom: _importfrom,
    ast.FunctionDef: _functiondef,
    ast.ClassDef: _classdef,
    ast.Return: _return,
    ast.With: _with,
    ast.Try: _try,
    ast.If: _if,
    ast.Match: _match,
    ast.For: loops.for_loop,
    ast.While: loops.while_loop,
    ast.Assign: assigning.assignment,
    ast.AnnAssign: assigning.annotated,
    ast.AugAssign: assigning.augmented,
    ast.Expr: _expr,
}
"""What each kind of statement does."""
