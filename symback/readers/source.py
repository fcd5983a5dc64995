"""The two doors for code: ``parse`` for text, ``read`` for a file, a Python function or a model. Nothing is ever executed."""

from __future__ import annotations

import ast
import contextlib
import inspect
import os
import re
import sys
import textwrap
import types
import warnings
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from symback.core.errors import ReadError, SymbackError, nearest
from symback.core.room import parsed
from symback.library import notebooks
from symback.library.limits import allowance
from symback.library.name_words import normalized
from symback.library.notebooks import Cell, CellChoice
from symback.library.paths import module_path
from symback.library.plain_numbers import is_number
from symback.library.values import Library, Poison
from symback.networks.network import Network, list_names
from symback.readers import classes as class_bodies
from symback.readers import modules
from symback.readers.evaluator import Evaluator
from symback.readers.inference import Inference, NoForwardPass, split_names
from symback.readers.live import is_live, is_own_class, live_object
from symback.readers.names import located
from symback.readers.suggestions import suggested
from symback.readers.values import Definition, Helper, Instance, Returned, Scope

_Found = TypeVar("_Found")

LONGEST = 2_000_000
"""Most characters of a text."""
LARGEST_NOTEBOOK = 64_000_000
"""Most bytes of a notebook, whose pictures count too."""


def parse(
    text: str,
    values: Mapping[str, Any] | None = None,
    shapes: Mapping[str, Any] | None = None,
    loss: str | None = None,
    wrt: str | Iterable[str] | None = None,
    seed: int | None = None,
    cell: CellChoice | None = None,
) -> Network:
    """Read NumPy or PyTorch forward code as a Network, by its syntax tree; the text is never executed.

    The text is Python, or a notebook's JSON: then ``cell`` chooses code cells (3, or ``"1,3-5"``), and the cells before
    are read for what they define. ``values`` and ``shapes`` name data the text leaves open and replace its literals, ``loss`` is a name or an
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
    ('loss: loss (by its name)', 'parameters: w (by their names)', 'data: x, y (change with wrt=, --wrt)')

    Raises ReadError, with the line, for what cannot be read as a forward pass.
    """
    evaluator = Evaluator(_by_name(values), _by_name(shapes), seed)
    if isinstance(text, str) and notebooks.is_notebook(text):
        return _of_notebook(evaluator, text, loss, split_names(wrt), cell)
    if cell is not None:
        raise ReadError(f"cell {cell}: only a notebook has cells")
    tree = syntax_tree(text)
    return _guarded(lambda: _of_text(evaluator, tree, loss, split_names(wrt)))


def read(
    source: str | os.PathLike[str] | Callable[..., Any],
    values: Mapping[str, Any] | None = None,
    shapes: Mapping[str, Any] | None = None,
    loss: str | None = None,
    wrt: str | Iterable[str] | None = None,
    seed: int | None = None,
    cell: CellChoice | None = None,
) -> Network:
    """Read a ``.py`` or ``.ipynb`` file, a Python function or a live ``nn.Module`` as a Network; options as in ``parse``.

    Parameters of a function are open names: ``shapes`` or ``values`` describe them. What it returns is the loss.
    A model is read by the source of its ``forward``, whose arguments are open names; its parameters are values. What
    ``forward`` returns is called ``output``, and ``loss`` is an expression of it: ``"F.mse_loss(output, y)"``.

    >>> def half_square(x, w):
    ...     return (w * x - 1)**2 / 2
    >>> read(half_square, shapes={"x": (), "w": ()})
    Network(half_square = (w * x - 1)**2 / 2)

    Raises ReadError, with the line, for what cannot be read as a forward pass.
    """
    if isinstance(source, (str, os.PathLike)):
        return parse(file_text(source), values, shapes, loss, wrt, seed, cell)
    if cell is not None:
        raise ReadError(f"cell {cell}: only a notebook has cells")
    evaluator = Evaluator(_by_name(values), _by_name(shapes), seed)
    if is_live(source):
        return _guarded(lambda: _of_model(evaluator, source, loss, split_names(wrt)))
    if not callable(source):
        raise ReadError(f"a {type(source).__name__} is neither a path nor a function")
    return _guarded(lambda: _of_function(evaluator, source, loss, split_names(wrt)))


def file_text(path: str | os.PathLike[str]) -> str:
    """Return the text of a UTF-8 file, with or without a byte order mark."""
    name = os.fspath(path)
    try:
        file = Path(name)
        if file.stat().st_size > (LARGEST_NOTEBOOK if name.endswith(".ipynb") else 4 * LONGEST):
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
            return parsed(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            first = error
        plain = notebooks.without_commands(text)
        try:
            return parsed(plain if plain != text else textwrap.dedent(text))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            pass
    if isinstance(first, SyntaxError):
        raise ReadError(f"not Python: {first.msg}", first.lineno)
    if isinstance(first, (RecursionError, MemoryError)):
        raise ReadError("the text is nested too deeply to be read")
    raise ReadError(f"not Python: {first}")


def _by_name(given: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what a caller gives for names, with these as Python compares them."""
    return {normalized(name) if isinstance(name, str) else name: value for name, value in (given or {}).items()}


def _guarded(work: Callable[[], Network]) -> Network:
    try:
        with allowance():
            return work()
    except RecursionError:
        raise ReadError("the text is nested too deeply to be read") from None
    except SymbackError as error:
        if isinstance(error, ReadError) and error.line == 0:  # not of the text, as an expression given beside it
            raise ReadError(str(error).removeprefix("line 0: ")) from None
        if re.search(r"#\d+", str(error)):
            raise located(error, None) from None
        raise


def _of_text(evaluator: Evaluator, tree: ast.Module, loss: str | None, wrt: list[str] | None) -> Network:
    evaluator.run_text(tree)
    if loss is None or loss.strip().isidentifier() or re.search(r"\boutput\b", loss):
        _call_alone(evaluator)
    inference = Inference(evaluator, tree)
    try:
        net = inference.network(loss, wrt)
    except NoForwardPass as error:
        raise ReadError(_with_suggestion(evaluator, tree, str(error))) from None
    _check_overrides(evaluator, inference)
    return net


def _with_suggestion(evaluator: Evaluator, tree: ast.Module, message: str) -> str:
    """Return a message with the option by which a text that only defines something can be read."""

    def followed(shapes: Mapping[str, Any]) -> Evaluator:
        again = Evaluator(evaluator.values, {**evaluator.shapes, **shapes})
        again.run_text(tree)
        return again

    def made(spelled: str) -> Any:
        again = followed({})
        return _quietly(lambda: again.value(ast.parse(spelled, mode="eval").body, again.globals))

    def trial(loss: str, shapes: Mapping[str, Any], parameter: str | None) -> Network:
        again = followed(shapes)
        return _quietly(lambda: Inference(again, tree).network(loss, split_names(parameter)))

    said = suggested(evaluator.globals.names, made, trial, sum(1 for _ in ast.walk(tree)))
    return f"{message.partition(':')[0]}: {said}" if said else message


def _quietly(work: Callable[[], _Found]) -> _Found:
    """Do what is only tried: whatever goes wrong is one of our errors."""
    try:
        return work()
    except SymbackError:
        raise
    except Exception as error:
        raise located(error, None) from None


def _call_alone(evaluator: Evaluator) -> None:
    """Call the only model of a text that calls none, where the caller's shapes or values describe its arguments."""
    if not (evaluator.values or evaluator.shapes) or any(b.form is not None for b in evaluator.bindings.values()):
        return
    held = list(evaluator.globals.names.values())
    models = [v for v in held if isinstance(v, Instance) and v.definition is not None and v.definition.is_module]
    classes = [v for v in held if isinstance(v, Definition) and v.is_module]
    if not models and len(classes) == 1 and not _needs_arguments(classes[0]):
        models = [modules.instantiate(evaluator, classes[0], [], {})]
    if len(models) != 1:
        return
    arguments = modules.arguments_of(models[0])
    if not arguments or _undescribed(evaluator, arguments):
        return
    given = _described(evaluator, arguments)
    evaluator.notes.append(f"no call of {models[0].kind}: it is called with {', '.join(arguments)}, and gives output")
    evaluator.bind("output", modules.call(evaluator, models[0], given, {}), evaluator.globals)


def _needs_arguments(definition: Definition) -> bool:
    """Return whether objects of a class cannot be made without arguments."""
    maker = next((d.methods["__init__"] for d in definition.lineage() if "__init__" in d.methods), None)
    return maker is not None and any(n not in maker.defaults for n in maker.argument_names[1:])


def _undescribed(evaluator: Evaluator, arguments: Mapping[str, Any]) -> list[str]:
    """Return the arguments that have neither a default nor a value or shape by the caller."""
    return [n for n, d in arguments.items() if d is ... and n not in evaluator.values and n not in evaluator.shapes]


def _described(evaluator: Evaluator, arguments: Mapping[str, Any]) -> list[Any]:
    """Bind the arguments of a forward method to what the caller says of them, else to their defaults."""
    given = {
        n: evaluator.held(evaluator.leaf(n, None, torch=True)) if n in evaluator.values or n in evaluator.shapes else d
        for n, d in arguments.items()
    }
    evaluator.globals.names.update(given)
    return list(given.values())


def _of_notebook(
    evaluator: Evaluator, text: str, loss: str | None, wrt: list[str] | None, choice: CellChoice | None
) -> Network:
    """Read the code cells of a notebook; what is said about lines is said by cell."""
    cells = notebooks.code_cells(text)
    if sum(len(c.text) for c in cells) > LONGEST:
        raise ReadError(f"the notebook is too long: more than {LONGEST} characters of code")
    chosen = notebooks.chosen_cells(choice, cells)
    trees = notebooks.trees(cells, syntax_tree)
    try:
        net = _guarded(lambda: _of_cells(evaluator, cells, trees, chosen, loss, wrt))
    except SymbackError as error:
        if isinstance(error, ReadError) and error.cell is not None:
            raise
        raise notebooks.placed_error(error, cells) from None
    net.choices = tuple(notebooks.placed(c, cells) for c in net.choices)
    found = []
    for finding in net.findings:
        number, line = (None, None) if finding.line is None else notebooks.place(finding.line, cells)
        found.append(finding._replace(line=line, cell=number, message=notebooks.placed(finding.message, cells)))
    net.findings = tuple(found)
    return net


def _of_cells(
    evaluator: Evaluator,
    cells: tuple[Cell, ...],
    trees: Mapping[int, ast.Module | ReadError],
    chosen: frozenset[int] | None,
    loss: str | None,
    wrt: list[str] | None,
) -> Network:
    last = max(chosen) if chosen else len(cells)
    made: dict[int, set[str]] = {}
    left_out: list[ReadError] = []
    trained: list[int] = []
    backward: list[int] = []
    for cell in cells[:last]:
        tree = trees[cell.number]
        if isinstance(tree, ReadError):
            if chosen and cell.number in chosen:
                raise tree
            left_out.append(tree)
            continue
        before = set(evaluator.bindings)
        already = evaluator.backward
        if chosen is None or cell.number in chosen:
            evaluator.run_text(tree)
        elif evaluator.run_before(tree):
            trained.append(cell.number)
        if evaluator.backward is not already:
            backward.append(cell.number)
        made[cell.number] = set(evaluator.bindings) - before
    whole = ast.Module([s for t in trees.values() if isinstance(t, ast.Module) for s in t.body], [])
    considered = None if chosen is None else set().union(*(made[k] for k in chosen))
    inference = Inference(evaluator, whole, considered)
    notes = [f"cell {e.cell} is not Python and is left out" for e in left_out]
    if chosen is None:
        _refuse_several(inference, made, loss)
    try:
        net = inference.network(loss, wrt)
    except ReadError as error:
        if left_out and error.line is None:
            raise left_out[0] from None
        if left_out:
            raise ReadError("; ".join([str(error).removeprefix(f"line {error.line}: "), *notes]), error.line) from None
        raise
    if trained:
        listed = list_names(str(k) for k in trained)
        notes.append(
            f"updates made in cell{'s' if len(trained) > 1 else ''} {listed} are left out: parameters have their first values"
        )
    net.choices = (*net.choices, *notes)
    _check_overrides(evaluator, inference)
    return net


def _refuse_several(inference: Inference, made: Mapping[int, set[str]], loss: str | None) -> None:
    """Refuse a notebook in which more than one cell computes a loss, and none was chosen."""
    if loss is not None and not loss.strip().isidentifier():
        return
    found: dict[int, str] = {}
    for number, keys in made.items():
        for b in inference.losses():
            if b.key in keys and (loss is None or b.base == loss.strip()):
                found[number] = f"{b.base} (line {b.line})"
    if len(found) > 1:
        raise ReadError(
            f"the notebook computes a loss in {len(found)} cells; choose one by cell= (--cell {min(found)}): "
            + ", ".join(found.values())
        )


def _of_model(evaluator: Evaluator, model: Any, loss: str | None, wrt: list[str] | None) -> Network:
    """Read a live ``nn.Module``: its class by source, its parts and parameters by looking at them."""
    classes: dict[type, Definition] = {}
    nodes: list[ast.stmt] = []

    def definition(kind: type) -> Definition:
        if kind not in classes:
            node = _class_tree(kind)
            nodes.append(node)
            bind_surroundings(
                evaluator, vars(sys.modules[kind.__module__]) if kind.__module__ in sys.modules else {}, node, kind
            )
            for method in vars(kind).values():
                if isinstance(method, types.FunctionType):
                    bind_surroundings(evaluator, closure_of(method), node, kind)
            classes[kind] = Definition(
                kind.__name__,
                tuple(
                    definition(b) if is_own_class(b) else Library(f"{b.__module__}.{b.__name__}")
                    for b in kind.__bases__
                ),
                node.lineno,
            )
            classes[kind].take(class_bodies.define(evaluator, node, evaluator.globals))
        return classes[kind]

    instance = live_object(evaluator, model, definition)
    if not isinstance(instance, Instance):
        raise ReadError("a model with parameters is needed, not a single function")
    instance.label = instance.label or "model"
    arguments = modules.arguments_of(instance) or {"x": ...}
    missing = _undescribed(evaluator, arguments)
    if missing:
        raise ReadError(f"{type(model).__name__} has open names: give shapes= or values= for {', '.join(missing)}")
    result = modules.call(evaluator, instance, _described(evaluator, arguments), {})
    inference = Inference(evaluator, ast.Module(nodes, []))
    evaluator.line = 0
    returned = None
    if loss is None:
        returned = Returned(result, "output")
    else:
        evaluator.bind("output", result, evaluator.globals)
    try:
        net = inference.network(loss, wrt, returned)
    except ReadError as error:
        if loss is None and "exactly one element" in str(error):
            raise ReadError(
                f"{error}; a model's loss is an expression of its output: loss='F.mse_loss(output, y)'"
            ) from None
        raise
    _check_overrides(evaluator, inference)
    return net


def _class_tree(kind: type) -> ast.ClassDef:
    try:
        lines, start = inspect.getsourcelines(kind)
    except (OSError, TypeError):
        raise ReadError(
            f"the source of the class {kind.__name__} cannot be found; put it into a file, or parse its text"
        ) from None
    tree = syntax_tree(textwrap.dedent("".join(lines)))
    ast.increment_lineno(tree, max(start, 1) - 1)
    node = tree.body[0]
    if not isinstance(node, ast.ClassDef):
        raise ReadError(f"{kind.__name__} is not a plain class")
    return node


def closure_of(function: Any) -> Mapping[str, Any]:
    """Return what a function uses of the functions around it."""
    with contextlib.suppress(TypeError, ValueError):
        return inspect.getclosurevars(function).nonlocals
    return {}


def _check_overrides(evaluator: Evaluator, inference: Inference) -> None:
    """Refuse values and shapes that name nothing, or something the code computes."""
    for name in (*evaluator.values, *evaluator.shapes):
        if name in evaluator.overridden:
            continue
        versions = [b for b in evaluator.bindings.values() if b.base == name and b.form is not None]
        if versions:
            raise ReadError(
                f"{name} is computed by the code on line {versions[0].line}; a value or shape is for inputs only"
            )
        if name not in inference.stored:
            leaves = {b.base for b in evaluator.bindings.values() if b.form is None and not b.anonymous}
            raise ReadError(f"there is no {name} in the code to give a value or shape to{nearest(name, leaves)}")


def _of_function(
    evaluator: Evaluator, function: Callable[..., Any], loss: str | None, wrt: list[str] | None
) -> Network:
    tree, node = function_tree(function)
    scope = evaluator.globals
    plain = inspect.unwrap(function)
    bind_surroundings(evaluator, {**getattr(plain, "__globals__", {}), **closure_of(plain)}, node, plain)
    if isinstance(node, ast.Lambda):
        helper = Helper("loss", node.args, node.body, scope, {}, node.lineno)
    else:
        evaluator.statement(node, scope)
        found = scope.names[node.name]
        assert isinstance(found, Helper)
        helper = found
    arguments, missing = helper_arguments(evaluator, helper, node.lineno)
    if missing:
        raise ReadError(
            f"{getattr(plain, '__name__', 'the function')} has open names: give shapes= or values= for {', '.join(missing)}"
        )
    evaluator.line = node.lineno
    returned = evaluator.call_helper(helper, [], arguments, open_scope=True)
    evaluator.line = node.lineno
    inference = Inference(evaluator, tree)
    if returned.name is None and helper.name.isidentifier():
        returned = Returned(returned.value, helper.name if helper.name != "lambda" else "loss")
    net = inference.network(loss, wrt, returned if loss is None else None)
    _check_overrides(evaluator, inference)
    return net


def helper_arguments(evaluator: Evaluator, helper: Helper, line: int | None) -> tuple[dict[str, Any], list[str]]:
    """Return the arguments of a function as the caller or their defaults describe them, and those that neither does."""
    arguments: dict[str, Any] = {}
    missing: list[str] = []
    for name in helper.argument_names:
        default = helper.defaults.get(name)
        if name in evaluator.values or name in evaluator.shapes:
            arguments[name] = evaluator.held(evaluator.leaf(name, None))
        elif is_number(default):
            arguments[name] = evaluator.leaf(name, line, default)
        elif name in helper.defaults:
            arguments[name] = default
        else:
            missing.append(name)
    return arguments, missing


def function_tree(function: Callable[..., Any]) -> tuple[ast.Module, ast.FunctionDef | ast.Lambda]:
    """Return the syntax tree of a function's source, and the function in it.

    Raises ReadError where there is no source, or no plain function in it.
    """
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


def bind_surroundings(
    evaluator: Evaluator,
    found: Mapping[str, Any],
    node: ast.AST,
    function: Any,
    within: Scope | None = None,
    depth: int = 0,
) -> None:
    """Bind the modules, functions and numbers that a function or class uses from outside itself; nothing is called."""
    if depth > 20:
        raise ReadError("functions call each other too deeply to be read")
    pending = _read_names(node)
    scope = evaluator.globals if within is None else within
    while pending:
        name = pending.pop(0)
        if (
            name not in found
            or name in scope.names
            or found[name] is function
            or name in evaluator.values
            or name in evaluator.shapes
        ):
            continue
        if isinstance(found[name], types.FunctionType):
            pending += _bind_function(evaluator, name, found[name], function, scope, depth)
        else:
            _bind_value(evaluator, name, found[name], scope)


def _read_names(node: ast.AST) -> list[str]:
    return list(dict.fromkeys(n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)))


def _bind_function(
    evaluator: Evaluator, name: str, value: types.FunctionType, function: Any, scope: Scope, depth: int
) -> list[str]:
    """Bind a function that ``function`` uses; return the names it reads where it stands beside it."""
    library = (value.__module__ or "").split(".")[0]
    try:
        _, helper = function_tree(value)
    except ReadError as error:
        known = library in ("numpy", "torch", "math", "scipy")
        scope.names[name] = Library(f"{value.__module__}.{value.__name__}") if known else Poison(error)
        return []
    if library in ("numpy", "torch"):
        scope.names[name] = Library(f"{library}.{value.__name__}")
        return []
    own = scope
    if closure_of(value) or value.__globals__ is not getattr(function, "__globals__", None):
        own = Scope({}, scope)  # its names are not those of the function that calls it
        bind_surroundings(evaluator, {**value.__globals__, **closure_of(value)}, helper, value, own, depth + 1)
    if isinstance(helper, ast.FunctionDef):
        evaluator.statement(helper, own)
        scope.names[name] = own.names[helper.name]
    else:
        scope.names[name] = Helper(name, helper.args, helper.body, own, {}, helper.lineno)
    return _read_names(helper) if own is scope else []


def _bind_value(evaluator: Evaluator, name: str, value: Any, scope: Scope) -> None:
    """Bind a module, model, type or number that a function uses; what is none of these stays open."""
    if isinstance(value, types.ModuleType):
        scope.names[name] = Library(module_path(value.__name__))
    elif is_live(value):
        scope.names[name] = live_object(
            evaluator, value, lambda kind: class_bodies.define(evaluator, _class_tree(kind), scope)
        )
    elif isinstance(value, type) and value.__module__.split(".")[0] in ("numpy", "torch"):
        scope.names[name] = Library(f"{value.__module__}.{value.__name__}")
    elif isinstance(value, (bool, str)) or value is None:
        scope.names[name] = value
    elif is_number(value):
        scope.names[name] = evaluator.leaf(name, None, value)
    elif hasattr(value, "__array__") and hasattr(value, "shape"):
        array = np.asarray(value.detach() if hasattr(value, "detach") else value)
        if array.dtype.kind in "iufb":
            scope.names[name] = evaluator.held(evaluator.leaf(name, None, array))
    elif type(value).__module__ == "numpy" and callable(value):
        scope.names[name] = Library(f"numpy.{getattr(value, '__name__', name)}")
