"""A forward function and a backward function: read both by their source and mark what the second returns."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from symback.core.errors import ReadError, SymbackError, ValueProblem
from symback.core.forms import Form, Name, element_count, number, reduce_over
from symback.core.forms import name as make_name
from symback.marking.asked import Asked
from symback.marking.calling import call_functions, input_of
from symback.marking.claims import Claim
from symback.marking.judging import mark
from symback.marking.lines import check_lines, within_limits
from symback.marking.reading import BackwardEvaluator, Source, source_of
from symback.marking.report import Report, Verdicts
from symback.marking.wording import report_of
from symback.networks.network import list_names
from symback.page.words import DEFAULT_LANGUAGE
from symback.readers import memory
from symback.readers import source as reader
from symback.readers.values import Helper, Returned, Scope

_UPSTREAM = "upstream"


class _Given:
    """One of the two functions: its tree, its lines, and what it uses from outside."""

    def __init__(self, given: str | Callable[..., Any], role: str) -> None:
        self.role = role
        self.function = None if isinstance(given, str) else given
        self.node: ast.FunctionDef | ast.Lambda | None = None
        if isinstance(given, str):
            self.tree = reader.syntax_tree(given)
            self.lines = given.splitlines()
        elif callable(given):
            self.tree, self.node = _function_node(given)
            try:
                self.lines = inspect.getsource(inspect.getmodule(given) or given).splitlines()
            except (OSError, TypeError):
                self.lines = []
        else:
            raise ReadError(f"the {role} function is source text or a function, not a {type(given).__name__}")

    def helper(self, evaluator: BackwardEvaluator) -> Helper:
        """Follow the text, or what surrounds the function, and return the function."""
        if self.function is None:
            evaluator.run_text(self.tree)
            defined = [n.name for n in self.tree.body if isinstance(n, ast.FunctionDef)]
            defined += [
                t.id
                for n in self.tree.body
                if isinstance(n, ast.Assign) and isinstance(n.value, ast.Lambda)
                for t in n.targets
                if isinstance(t, ast.Name)
            ]
            named = [n for n in defined if self.role in n] or defined
            if not named:
                raise ReadError(f"the {self.role} text defines no function")
            found = evaluator.globals.names.get(named[-1])
            if not isinstance(found, Helper):
                raise ReadError(f"{named[-1]} is not a plain function")
            return found
        plain, node = inspect.unwrap(self.function), self.node
        assert node is not None
        scope = Scope({}, evaluator.globals)
        around = {**getattr(plain, "__globals__", {}), **reader.closure_of(plain)}
        reader.bind_surroundings(evaluator, around, node, plain, scope)
        if isinstance(node, ast.Lambda):
            return Helper(self.role, node.args, node.body, scope, {}, node.lineno)
        evaluator.line = node.lineno
        evaluator.statement(node, scope)
        found = scope.names[node.name]
        assert isinstance(found, Helper)
        return found


def _function_node(function: Callable[..., Any]) -> tuple[ast.Module, ast.FunctionDef | ast.Lambda]:
    """Return the tree around a function and the function in it; of several lambdas on a line, the one with its arguments."""
    tree, node = reader.function_tree(function)
    if isinstance(node, ast.Lambda):
        code = getattr(inspect.unwrap(function), "__code__", None)
        names = list(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]) if code is not None else []
        same = [
            n
            for n in ast.walk(tree)
            if isinstance(n, ast.Lambda)
            and [a.arg for a in (*n.args.posonlyargs, *n.args.args, *n.args.kwonlyargs)] == names
        ]
        if len({ast.dump(n) for n in same}) > 1:
            raise ReadError(
                "several lambdas with the same arguments stand on one line; give them names with def", node.lineno
            )
        if same:
            return tree, same[0]
    return tree, node


def uncalled_pair(source: Source) -> tuple[str, str] | None:
    """Return the text twice where it only defines a forward and a backward function and calls neither."""
    if source.cells or len(source.parts) != 1:
        return None
    body = source.parts[0].body
    defined = [n.name for n in body if isinstance(n, ast.FunctionDef)]
    plain = all(
        isinstance(n, (ast.FunctionDef, ast.Import, ast.ImportFrom))
        or (isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant))
        for n in body
    )
    if not plain or not all(any(role in name for name in defined) for role in ("forward", "backward")):
        return None
    text = "\n".join(source.lines)
    return text, text


def _defines(text: str) -> bool:
    """Say whether a text defines a function or a class; a text that cannot be read is left to its reader."""
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True
    return any(isinstance(n, (ast.FunctionDef, ast.ClassDef)) for n in body) or any(
        isinstance(n, ast.Assign) and isinstance(n.value, ast.Lambda) for n in body
    )


def _check_lines(
    forward: str,
    backward: str,
    values: Mapping[str, Any] | None,
    shapes: Mapping[str, Any] | None,
    language: str,
    title: str,
) -> Report:
    """Return the report on gradient lines that go on from the lines of a forward pass; lines count in each text."""
    before = len(forward.splitlines())
    text = "\n".join([*forward.splitlines(), backward])
    asked = Asked(values, shapes, language=language, title=title)
    found = check_lines(within_limits(source_of(text, None)), asked)

    def own(line: int | None) -> int | None:
        return line - before if line is not None and line > before else line

    verdicts = Verdicts({name: replace(v, line=own(v.line)) for name, v in found.verdicts.items()})
    return replace(found, verdicts=verdicts, remarks=tuple(replace(r, line=own(r.line)) for r in found.remarks))


def check_backward(
    forward: str | Callable[..., Any],
    backward: str | Callable[..., Any],
    values: Mapping[str, Any] | None = None,
    *,
    cotangent: Any = None,
    shapes: Mapping[str, Any] | None = None,
    language: str = DEFAULT_LANGUAGE,
) -> Report:
    """Mark a backward function against its forward function; both are read by their source.

    ``forward(**inputs)`` returns one array; ``backward(upstream, **inputs)`` returns the gradients of
    ``sum(upstream * output)`` as a dict by input name, or as a tuple in the order of the inputs. Both are functions, or
    source texts that define one; two texts without functions are the lines of a forward pass and the gradient lines that go
    on from them. ``values`` or ``shapes`` describe the inputs; ``cotangent`` fixes the upstream gradient
    (default: any; 1 for an output of one element). Gradients that are None are left out.

    Neither is called, unless both are functions and something in them cannot be read: then they are called, and the
    gradients are compared with central differences (``Report.executed`` is "functions"). Source text is never executed.

    Raises ReadError where a function cannot be read, ValueProblem where an input has neither value nor shape.

    >>> report = check_backward(
    ...     "def forward(x, W): return x @ W",
    ...     "def backward(upstream, x, W): return {'x': upstream @ W.T, 'W': x.T @ upstream / len(x)}",
    ...     shapes={"x": (4, 3), "W": (3, 2)})
    >>> report.verdicts["x"].status, report.verdicts["W"].slip
    ('agrees', 'extra_mean')
    """
    return check_functions(forward, backward, values, cotangent, shapes, language)


def check_functions(
    forward: str | Callable[..., Any],
    backward: str | Callable[..., Any],
    values: Mapping[str, Any] | None,
    cotangent: Any,
    shapes: Mapping[str, Any] | None,
    language: str,
    title: str = "",
) -> Report:
    """Return the report on a backward function; see ``symback.check_backward``."""
    if isinstance(forward, str) and isinstance(backward, str) and not _defines(forward) and not _defines(backward):
        return _check_lines(forward, backward, values, shapes, language, title)
    report: Report | None = None
    own = None if isinstance(forward, str) or isinstance(backward, str) else (forward, backward)
    try:
        report = _read_functions(forward, backward, values, cotangent, shapes, language, title)
    except ValueProblem:
        raise
    except SymbackError:
        if own is None or not all(callable(f) for f in own):
            raise
    if own is None or (report is not None and all(v.status != "unread" for v in report.verdicts.values())):
        assert report is not None
        return report
    # what cannot be read can be called: these are the caller's own functions
    called = call_functions(*own, dict(values or {}), shapes, cotangent, language, title)
    if report is None:
        return called
    known = {**report.verdicts, **{k: v for k, v in called.verdicts.items() if report.verdicts[k].status == "unread"}}
    return replace(report, verdicts=Verdicts(known), executed=called.executed, points=called.points, rows=called.rows)


def _read_functions(
    forward: str | Callable[..., Any],
    backward: str | Callable[..., Any],
    values: Mapping[str, Any] | None,
    cotangent: Any,
    shapes: Mapping[str, Any] | None,
    language: str,
    title: str,
) -> Report:
    first, second = _Given(forward, "forward"), _Given(backward, "backward")
    source = Source((first.tree, second.tree), (), tuple(second.lines))
    held = None if cotangent is None else np.asarray(cotangent, dtype=float)

    def follow(values: Mapping[str, Any], shapes: Mapping[str, Any], repair: bool) -> BackwardEvaluator:
        return _followed(first, second, values, shapes, repair, held)

    given = dict(values or {})
    marked = mark(source, given, shapes, None, None, None, follow)
    return report_of(source, marked, language, title)


def _followed(
    first: _Given, second: _Given, values: Mapping[str, Any], shapes: Mapping[str, Any], repair: bool, held: Any
) -> BackwardEvaluator:
    evaluator = BackwardEvaluator(values, shapes, None, repair)
    evaluator.library_only |= {"numpy"}
    helper = first.helper(evaluator)
    names = helper.argument_names
    inputs, missing = reader.helper_arguments(evaluator, helper, None)
    if missing:
        raise ValueProblem(
            f"give values= or shapes= (--set, --shape) for {list_names(missing)}, the inputs of the forward function"
        )
    evaluator.line = helper.line
    returned = evaluator.call_helper(helper, [], inputs, open_scope=True)
    output, cache = returned.value, None
    if isinstance(output, tuple) and len(output) == 2 and evaluator.is_array(output[0]):
        output, cache = output
    output = evaluator.form(output) if evaluator.is_array(output) else output
    if not isinstance(output, Form):
        raise ReadError("the forward function returns no array that can be followed")
    if not isinstance(output, Name) or evaluator.bindings[output.name].form is None:
        output = evaluator.equation(
            returned.name if returned.name and returned.name.isidentifier() else "output", output
        )
    upstream = _upstream(evaluator, output, held)
    evaluator.line = helper.line
    weighted = reduce_over("sum", upstream * output) if output.shape else upstream * output
    if isinstance(upstream, Form) and not isinstance(upstream, Name):
        weighted = reduce_over("sum", output) if output.shape else output * 1
    taken = {b.base for b in evaluator.bindings.values()} | set(names)
    label = next(n for n in ("L", "loss", "E", "total_loss", "weighted_loss") if n not in taken)
    evaluator.root = evaluator.equation(label, weighted).name
    evaluator.explicit = _claims(evaluator, second, names, inputs, upstream, cache)
    return evaluator


def _upstream(evaluator: BackwardEvaluator, output: Form, held: Any) -> Form:
    """Return what the output is weighted with: the given numbers, 1 for a single number, else anything."""
    if held is None:
        return number(1) if element_count(output.shape) == 1 else evaluator.leaf(_UPSTREAM, None, None, output.shape)
    if held.shape not in (tuple(output.shape), ()):
        if all(isinstance(s, int) for s in output.shape):
            raise ValueProblem(f"the cotangent has shape {held.shape}, the output {tuple(output.shape)}")
        held = np.ones(())
    evaluator.fixed.add(_UPSTREAM)
    return evaluator.leaf(_UPSTREAM, None, np.broadcast_to(held, tuple(int(s) for s in output.shape)).copy())


def _claims(
    evaluator: BackwardEvaluator,
    second: _Given,
    names: list[str],
    inputs: Mapping[str, Any],
    upstream: Form,
    cache: Any,
) -> list[Claim]:
    """Follow the backward function and return what it claims, one claim per input."""
    forms = {n: memory.shown(v) for n, v in inputs.items()}
    leaves = {n: v.name for n, v in forms.items() if isinstance(v, Name)}
    before = len(evaluator.poisoned)
    helper = second.helper(evaluator)
    labels = helper.argument_names
    known = {**inputs}
    given: dict[str, Any] = {}
    for position, label in enumerate(labels):
        if position == 0:
            given[label] = upstream
        elif label in known:
            given[label] = known[label]
        elif label == "cache" or (cache is not None and len(labels) == 2):
            given[label] = cache
        elif label not in helper.defaults:
            raise ReadError(
                f"backward takes {label}, which is no input of the forward function ({list_names(names)})", helper.line
            )
    evaluator.line = helper.line
    end = helper.body[-1].lineno if isinstance(helper.body, list) and helper.body else helper.line
    try:
        returned: Returned = evaluator.call_helper(helper, [], given, open_scope=True)
    except SymbackError as error:
        line = getattr(error, "line", None) or end
        earlier = [e for _, _, e in evaluator.poisoned[before:]]
        cause = next((e for e in earlier if str(e) == str(error)), error)
        return [Claim(n, key, None, None, line, cause) for n, key in leaves.items()]
    return _returned_claims(evaluator, helper, returned.value, names, leaves, end)


def _returned_claims(
    evaluator: BackwardEvaluator, helper: Helper, value: Any, names: list[str], leaves: Mapping[str, str], line: int
) -> list[Claim]:
    value = memory.shown(value)
    if isinstance(value, Form):
        value = (value,)
    if isinstance(value, (list, tuple)):
        if len(value) > len(names):
            raise ReadError(f"backward returns {len(value)} gradients for {len(names)} inputs", line)
        found = dict(zip(names, value, strict=False))
    elif isinstance(value, dict):
        found = {str(k): v for k, v in value.items()}
        unknown = [k for k in found if input_of(k, names) is None]
        if unknown:
            raise ReadError(
                f"backward returns a gradient of {unknown[0]}, no input of the forward function ({list_names(names)})",
                line,
            )
        found = {str(input_of(k, names)): v for k, v in found.items()}
    else:
        raise ReadError("backward returns neither a dict of gradients nor a tuple in the order of the inputs", line)
    claims = []
    for label, gradient in found.items():
        if gradient is None or label not in leaves:
            continue
        form = evaluator.form(gradient)
        key = form.name if isinstance(form, Name) and evaluator.bindings[form.name].form is not None else None
        at = evaluator.bindings[key].line if key else line
        if key is None and not isinstance(form, Name):
            made = evaluator.equation(f"d{label}", form)
            key, form = made.name, make_name(made.name, made.shape)
        claims.append(Claim(label, leaves[label], form, key, at))
    return claims


__all__ = ["check_backward", "check_functions", "uncalled_pair"]
