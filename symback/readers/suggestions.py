"""What to ask of a text that only defines classes or functions: a loss that can be called, tried before it is proposed."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from symback.core.errors import SymbackError
from symback.core.forms import Apply, Name, walk
from symback.library.name_words import LOSS_NAMES, is_gradient_name, is_loss_like
from symback.library.spoken import any_of, spoken
from symback.library.values import Library
from symback.networks.network import Network, list_names
from symback.readers.values import Definition, Helper

Shapes = Mapping[str, tuple[int, ...]]
Trial = Callable[[str, Shapes, "str | None"], Network]
"""Reads the text with a loss, shapes and perhaps a parameter; raises where that cannot be."""

_MOST_TRIALS = 80
_MOST_NODES = 200_000
"""How many nodes of syntax are read in all trials together: a long text gets fewer of them."""
_MOST_CALLS = 4
_MOST_AGAIN = 12
_MOST_BUILDS = 6
_ROWS = 6
_SIZES = (4, 5, 3, 2, 7, 8)
_FORWARD = (
    "forward",
    "__call__",
    "predict",
    "feedforward",
    "feed_forward",
    "forward_pass",
    "call",
    "run",
    *spoken("forward"),
)
_OTHERS = re.compile(
    r"backward|backprop|grad|update|train|fit|step|prime|deriv|delta|numerical|accuracy|plot|load|save|print|shuffle|batch|init"
    rf"|main|test|evaluat|{any_of('not forward')}|parse|read|get_|set_|one_hot|^_",
    re.IGNORECASE,
)
_OPTIONS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (re.compile(r"^(bias|affine|training|batch_norm|bn|inplace|verbose|use_\w+|is_\w+|has_\w+)$"), ("True",)),
    (re.compile(r"^(\w*sizes|\w*layers|dims|\w*_dims|units|structure|architecture|topology)$"), ("[4, 5, 3]", "2")),
    (
        re.compile(r"^(lr|eta|\w*rate|alpha|momentum|std|\w*scale|eps|\w*dropout|lam|lambd\w*|reg|\w*decay|p)$"),
        ("0.1", "1"),
    ),
    (re.compile(r"^(act\w*|nonlinearity)$"), ("'relu'", "'tanh'", "'sigmoid'")),
    (re.compile(r"^(n_?heads?|num_heads|heads|n_?layers|num_layers|depth|stride)$"), ("2", "1")),
    (re.compile(r"^(kernel_?size|k|kernel)$"), ("3",)),
)
"""What the arguments of a constructor may be, by their names; any other is a size."""


@dataclass(frozen=True)
class Suggestion:
    """A loss of a text that only defines, and the shapes of its open names."""

    loss: str
    shapes: Shapes
    parameter: str | None = None
    """The parameter, where nothing else says which it is."""

    def __str__(self) -> str:
        quote = '"' if "'" in self.loss else "'"
        options = "".join(f" --shape {n}={_spelled(s)}" for n, s in self.shapes.items())
        wanted = f" --wrt {self.parameter}" if self.parameter else ""
        return f"--loss {quote}{self.loss}{quote}{options}{wanted}"


def _spelled(shape: Sequence[int]) -> str:
    return ",".join(map(str, shape)) if shape else "'()'"


@dataclass(frozen=True)
class Target:
    """Something of a text that can be called: how, with which arguments, and whether its name says it is a loss."""

    name: str
    line: int
    arguments: tuple[str, ...]
    built_from: tuple[str, ...] | None = None
    """The arguments of the class it belongs to; None for a function."""
    method: str = ""
    is_loss: bool = False
    torch: bool = False

    @property
    def shown(self) -> str:
        """How it is called, with the names of its arguments."""
        return self.call(f"{self.name}({', '.join(self.built_from)})" if self.built_from is not None else self.name)

    def call(self, made: str) -> str:
        """Return the call on an object, or of the function itself."""
        return f"{made}{'.' + self.method if self.method else ''}({', '.join(self.arguments)})"


def targets_of(names: Mapping[str, Any]) -> list[Target]:
    """Return what a text defines that may be or give a loss, the likeliest first: losses, then forward passes."""
    found: list[tuple[int, Target]] = []
    uses_torch = any(isinstance(v, Library) and v.path.startswith("torch") for v in names.values())
    for name, value in names.items():
        if isinstance(value, Definition):
            found += _methods(name, value, names)
        elif isinstance(value, Helper) and not isinstance(value.body, ast.expr):
            rank = _rank(name)
            if rank is not None and not value.arguments.vararg and not value.arguments.kwarg:
                arguments = _required(value, 0)
                found.append((rank + 1, Target(name, value.line, arguments, is_loss=rank == 0, torch=uses_torch)))
    ranks = [rank for rank, _ in found]
    return [target for _, target in sorted(zip(ranks, (t for _, t in found), strict=True), key=lambda p: p[0])]


def _methods(name: str, definition: Definition, names: Mapping[str, Any]) -> Iterator[tuple[int, Target]]:
    lineage = definition.lineage()
    maker = next((d.methods["__init__"] for d in lineage if "__init__" in d.methods), None)
    built = () if maker is None else _required(maker, 1)
    inner = any(name in _loaded(v) for k, v in names.items() if k != name and isinstance(v, Definition))
    for label, helper in {k: h for d in reversed(lineage) for k, h in d.methods.items()}.items():
        rank = _rank(label)
        if rank is None or definition.markers.get(label):
            continue
        called = label == "__call__" or (label == "forward" and definition.is_module)
        yield (
            rank + 10 * inner,
            Target(
                name,
                definition.line,
                _required(helper, 1),
                built,
                "" if called else label,
                rank == 0,
                definition.is_module,
            ),
        )


def _loaded(definition: Definition) -> set[str]:
    """Return the names that the methods of a class read."""
    bodies = [s for h in definition.methods.values() if isinstance(h.body, list) for s in h.body]
    return {n.id for s in bodies for n in ast.walk(s) if isinstance(n, ast.Name)}


def _rank(label: str) -> int | None:
    """Return how likely a function gives a loss: 0 for a loss, 2 for a forward pass, 4 for any other; None for none."""
    if label in _FORWARD:
        return 2
    if _OTHERS.search(label) or is_gradient_name(label, ()):
        return None
    return 0 if label in LOSS_NAMES or is_loss_like(label) else 4


def _required(helper: Helper, skipped: int) -> tuple[str, ...]:
    return tuple(n for n in helper.argument_names[skipped:] if n not in helper.defaults)


def suggested(names: Mapping[str, Any], made: Callable[[str], None], trial: Trial, nodes: int) -> str:
    """Return a sentence that says what a text defines and which option works; empty where it defines nothing.

    ``made`` tries a constructor, ``trial`` a loss of the text, which has so many ``nodes``.
    """
    targets = targets_of(names)
    if not targets:
        return ""
    budget = iter(range(min(_MOST_TRIALS, 1 + _MOST_NODES // nodes)))
    first: SymbackError | None = None
    for target in targets[:_MOST_CALLS]:
        found, error = _tried(target, names, made, trial, budget)
        first = first or error
        if found is not None:
            return f"it only defines {_defined(targets)}; call one as the loss: {found} (loss=, shapes= in Python)"
    likeliest = targets[0]
    options = "".join(f" --shape {n}=…" for n in likeliest.arguments)
    why = f"; with sizes put in: {first}" if first is not None else ""
    return f"it only defines {_defined(targets)}; call one as the loss, as --loss '{likeliest.shown}'{options}{why}"


def _defined(targets: Sequence[Target]) -> str:
    """Return the classes and functions among targets in words."""
    classes: dict[str, list[Target]] = {}
    functions: dict[str, Target] = {}
    for target in targets:
        if target.built_from is None:
            functions[target.name] = target
        else:
            classes.setdefault(target.name, []).append(target)
    parts = [
        f"the class {name} (line {group[0].line}) with {list_names(t.method or '__call__' for t in group)}"
        if any(t.method for t in group)
        else f"the class {name} (line {group[0].line})"
        for name, group in classes.items()
    ]
    parts += [f"the function {name} (line {t.line})" for name, t in functions.items()]
    return list_names(parts if len(parts) <= 4 else [*parts[:3], f"{len(parts) - 3} more"])


def _tried(
    target: Target, names: Mapping[str, Any], made: Callable[[str], None], trial: Trial, budget: Iterator[int]
) -> tuple[Suggestion | None, SymbackError | None]:
    """Return a loss that works, or the first reason why none does; one that stretches an argument comes last."""
    first: SymbackError | None = None
    stretched: Suggestion | None = None
    open_names = {n: n if n not in names else f"{n}_in" for n in target.arguments}
    renamed = replace(target, arguments=tuple(open_names.values()))
    for build in _builds(target, made):
        asked = [int(s) for s in re.findall(r"\d+", build.partition("(")[2]) if int(s) > 1] or list(_SIZES[:2])
        pending = list(_arguments(renamed.arguments, asked))
        while pending:
            if next(budget, None) is None:
                return stretched, first
            shapes = dict(zip(renamed.arguments, pending.pop(0), strict=True))
            found, net, error = _with_wrapping(renamed, build, shapes, trial)
            if found is not None and net is not None and not _stretches(net, shapes):
                return found, None
            stretched, first = stretched or found, first or error
            new = [n for n in _demanded(error) if n not in asked]
            if new:
                pending[:0] = list(_arguments(renamed.arguments, [*new, *asked]))[:_MOST_AGAIN]
                asked += new
    return stretched, first


def _demanded(error: SymbackError | None) -> list[int]:
    """Return the sizes that an error says are needed instead of those that were tried."""
    found = re.findall(r"against (\d+)\)|(?:takes|needs|expects|has) \D{0,30}(\d+)", str(error or ""))
    return [int(n) for pair in found for n in pair if n and 1 < int(n) < 10_000]


def _stretches(net: Network, shapes: Shapes) -> bool:
    """Return whether an array that was given is broadcast against another array of as many axes, or is not read at all."""
    if not set(shapes) <= set(net.variables):
        return True
    for equation in net.equations:
        for node in walk(equation.form):
            if not isinstance(node, Apply) or len({a.shape for a in node.args if a.shape}) < 2:
                continue
            given = [isinstance(a, Name) and a.name in shapes for a in node.args if a.shape]
            axes = [len(a.shape) for a in node.args if a.shape]
            if all(given) or (any(given) and (min(axes) > 1 or len(set(axes)) == 1)):
                return True
    return False


def _with_wrapping(
    target: Target, build: str, shapes: Shapes, trial: Trial
) -> tuple[Suggestion | None, Network | None, SymbackError | None]:
    """Try a call as it is, its first result, and the sum over it."""
    call = target.call(build)
    summed = "{}.sum()" if target.torch else "np.sum({})"
    forms = ["{}", "{}[0]", summed] if target.is_loss else [summed, summed.format("{}[0]"), "{}"]
    first: SymbackError | None = None
    for form, parameter in itertools.product(forms, (None, *target.arguments[:1])):
        loss = form.format(call)
        try:
            return Suggestion(loss, shapes, parameter), trial(loss, shapes, parameter), None
        except SymbackError as error:
            if "which names are parameters" in str(error) and parameter is None:
                continue
            first = first or error
            if not re.search("exactly one element|tuple|list|no sum|single number|stands where", str(error)):
                break
    return None, None, first


def _builds(target: Target, made: Callable[[str], None]) -> Iterator[str]:
    """Return constructors that work, of the class a method belongs to; the function itself where it belongs to none."""
    if target.built_from is None:
        yield target.name
        return
    sizes = iter([*_SIZES, *range(9, 40)])
    known = [[o for pattern, o in _OPTIONS if pattern.match(n)] for n in target.built_from]
    options = [found[0] if found else (str(next(sizes)),) for found in known]
    for chosen in itertools.islice(itertools.product(*options), _MOST_BUILDS):
        build = f"{target.name}({', '.join(chosen)})"
        try:
            made(build)
        except SymbackError:
            continue
        yield build


def _arguments(names: Sequence[str], sizes: Sequence[int]) -> Iterator[tuple[tuple[int, ...], ...]]:
    """Return shapes for the arguments of a call, the likeliest together first: rows of data, then rows of targets."""
    first, last = sizes[0], sizes[-1]
    data = [
        (_ROWS, first),
        (first, _ROWS),
        (first,),
        (_ROWS,),
        (2, _ROWS, first),
        (_ROWS, first, 8, 8),
        (_ROWS, 1, 8, 8),
        (),
    ]
    target = [
        (_ROWS, last),
        (_ROWS, 1),
        (_ROWS,),
        (last, _ROWS),
        (1, _ROWS),
        (last,),
        (first, last),
        (_ROWS, first),
        (),
    ]
    options = [data if k == 0 else target for k in range(len(names))]
    ranked = itertools.product(*(enumerate(o) for o in options[:3]))
    rest = tuple((_ROWS, last) for _ in options[3:])
    for combination in sorted(itertools.islice(ranked, 1000), key=lambda c: sum(k for k, _ in c)):
        yield (*(shape for _, shape in combination), *rest)
