"""Central differences of what a person's own program computes: an oracle that knows nothing but Python.

The program is run again from its first line for every shifted value. Its syntax tree gets one call after the line that
completes the parameters, which shifts one of them in place, and one after the line that binds the loss, which ends the
run with the loss's value. Nothing of the package under test takes part.
"""

from __future__ import annotations

import ast
import contextlib
import importlib.abc
import importlib.machinery
import importlib.util
import io
import itertools
import json
import math
import os
import random
import sys
import types
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tests.tracing.files import FOLDER, Case

HOOK = "__oracle__"
"""The name under which the inserted calls find the run."""

STEPS = (1e-3, 1e-4, 1e-5)
"""Steps relative to the parameter's scale; the first at which the extrapolations agree is taken."""

AGREE = 1e-8
"""How well two extrapolations must agree, relative to the derivative, to end the search."""


class Reached(BaseException):
    """The run came to the line at which it ends."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


class Rough(ArithmeticError):
    """The loss has no derivative here that differences find: they do not settle for any step."""


@dataclass(frozen=True)
class Difference:
    """A derivative of the loss along one direction of one parameter."""

    parameter: str
    direction: np.ndarray
    """What the parameter is shifted by, times the step."""
    value: float
    """The derivative."""
    error: float
    """How far two steps' derivatives lie apart."""
    place: tuple[int, ...] | None = None
    """The one entry that is shifted, for a derivative by an entry."""


@dataclass
class Run:
    """What the inserted calls do in one run of a program."""

    shifts: Mapping[str, Any]
    """What is added to each parameter."""
    values: dict[str, Any] = field(default_factory=dict)
    """The parameters before the shift, copied."""

    def moved(self, name: str, value: Any) -> bool:
        """Shift a parameter in place and keep what it was; return whether it has to be bound anew instead."""
        if name in self.values:
            return False
        self.values[name] = np.array(value, dtype=float)
        if name not in self.shifts:
            return False
        if isinstance(value, np.ndarray):
            if value.dtype != np.float64:
                raise TypeError(f"{name} is an array of {value.dtype}")
            value += np.reshape(self.shifts[name], value.shape)
            return False
        return True

    def shifted(self, name: str, value: Any) -> Any:
        """Return a number, shifted."""
        return float(value) + float(self.shifts[name])

    def reached(self, value: Any) -> None:
        """End the run with what was computed."""
        raise Reached(value)


# --- inserting the calls ------------------------------------------------------------------------------------------------


def text_of(path: Path) -> str:
    """Return a program's text; of a notebook its cells of code, without lines for the notebook itself."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        return text
    cells = [c for c in json.loads(text)["cells"] if c["cell_type"] == "code"]
    lines = [line for c in cells for line in ("".join(c["source"]) + "\n").split("\n")]
    return "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in lines)


def line_of(text: str, mark: str, path: Path) -> int:
    """Return the number of the one line that holds a text."""
    found = [n for n, line in enumerate(text.split("\n"), 1) if mark in line]
    if len(found) != 1:
        raise LookupError(f"{mark!r} stands in {len(found)} lines of {path.name}")
    return found[0]


def bodies(tree: ast.AST) -> Iterator[tuple[list[ast.stmt], int, ast.AST]]:
    """Yield every statement as a place in the list that holds it, with the innermost function or module around it."""

    def walk(node: ast.AST, scope: ast.AST) -> Iterator[tuple[list[ast.stmt], int, ast.AST]]:
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list):
                for i, statement in enumerate(block):
                    yield block, i, scope
                    inner = isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef)
                    yield from walk(statement, statement if inner else scope)
        for handler in getattr(node, "handlers", ()):
            yield from walk(handler, scope)

    return walk(tree, tree)


def place_of(tree: ast.Module, line: int) -> tuple[list[ast.stmt], ast.stmt, ast.AST]:
    """Return the innermost statement that a line belongs to, the list that holds it, and the function or module around."""
    inside = [(b[i], b, scope) for b, i, scope in bodies(tree) if b[i].lineno <= line <= (b[i].end_lineno or 0)]
    statement, block, scope = inside[-1]
    return block, statement, scope


def insert(block: list[ast.stmt], statement: ast.stmt, calls: Sequence[ast.stmt]) -> None:
    """Put statements after a statement of a list; before a return, but after its value."""
    i = next(i for i, s in enumerate(block) if s is statement)
    if isinstance(statement, ast.Return):
        kept = ast.Assign([ast.Name(f"{HOOK}_value", ast.Store())], statement.value or ast.Constant(None), lineno=1)
        block[i : i + 1] = [kept, *calls, ast.Return(ast.Name(f"{HOOK}_value", ast.Load()))]
    else:
        block[i + 1 : i + 1] = calls


def bindable(expression: str, scope: ast.AST) -> bool:
    """Tell whether an assignment to an expression in a scope means what is read there."""
    node = ast.parse(expression, mode="eval").body
    if isinstance(node, ast.Attribute | ast.Subscript):
        return True
    return isinstance(node, ast.Name) and (
        isinstance(scope, ast.Module)
        or any(isinstance(n, ast.Name) and n.id == node.id and isinstance(n.ctx, ast.Store) for n in ast.walk(scope))
        or any(isinstance(n, ast.arg) and n.arg == node.id for n in ast.walk(scope))
        or any(isinstance(n, ast.Global) and node.id in n.names for n in ast.walk(scope))
    )


def shifting(case: Case, scope: ast.AST) -> list[ast.stmt]:
    """Return the statements that shift the parameters."""
    lines = []
    for name, expression in case.parameters.items():
        call = f"{HOOK}.moved({name!r}, {expression})"
        if name in case.put:
            lines.append(f"if {call}:\n    {case.put[name].format(f'{HOOK}.shifted({name!r}, {expression})')}")
        elif bindable(expression, scope):
            lines.append(f"if {call}:\n    {expression} = {HOOK}.shifted({name!r}, {expression})")
        else:
            lines.append(f"if {call}:\n    raise TypeError({f'{name} cannot be bound anew'!r})")
    return ast.parse("\n".join(lines)).body


def prepared(case: Case, folder: Path, end: str, value: str) -> dict[Path, types.CodeType]:
    """Return the code of the program's files that carry a call: the shift, and the end after a line."""
    main = (folder / case.path).resolve()
    texts = {main: text_of(main)}
    trees = {main: ast.parse(texts[main])}

    def place(mark: str) -> tuple[list[ast.stmt], ast.stmt, ast.AST]:
        file, _, rest = mark.partition(".py: ")
        path = main.parent / f"{file}.py" if rest else main
        if path not in trees:
            texts[path] = text_of(path)
            trees[path] = ast.parse(texts[path])
        return place_of(trees[path], line_of(texts[path], rest or mark, path))

    block, statement, scope = place(case.perturb)
    if end:  # before the shift, which then stands first where both follow one statement
        insert(*place(end)[:2], ast.parse(f"{HOOK}.reached({value})").body)
    insert(block, statement, shifting(case, scope))
    return {path: compile(ast.fix_missing_locations(tree), str(path), "exec") for path, tree in trees.items()}


# --- running ------------------------------------------------------------------------------------------------------------


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives the program's own modules that carry a call, in place of their files."""

    def __init__(self, codes: Mapping[Path, types.CodeType], run: Run) -> None:
        self.codes, self.run = codes, run

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Find a module by Python's own finder for files, and take it over if its file carries a call."""
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or not spec.origin or Path(spec.origin).resolve() not in self.codes:
            return None
        return importlib.util.spec_from_file_location(name, spec.origin, loader=self)

    def exec_module(self, module: types.ModuleType) -> None:
        """Run the code with the calls."""
        setattr(module, HOOK, self.run)
        exec(self.codes[Path(str(module.__file__)).resolve()], vars(module))


@contextlib.contextmanager
def alone(path: Path, folder: Path) -> Iterator[None]:
    """Run as ``python FILE`` in the file's folder does, and leave the process as it was."""
    argv, paths, finders = sys.argv, list(sys.path), list(sys.meta_path)
    main, modules = sys.modules["__main__"], set(sys.modules)
    cwd, state, plain = os.getcwd(), np.random.get_state(), random.getstate()
    environment = os.environ.get("MPLBACKEND")
    os.environ["MPLBACKEND"] = "Agg"
    sys.argv, sys.path[:0] = [path.name], [str(path.parent)]
    os.chdir(path.parent)
    np.random.seed(0)
    random.seed(0)
    importlib.invalidate_caches()
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        os.chdir(cwd)
        np.random.set_state(state)
        random.setstate(plain)
        sys.argv, sys.path[:], sys.meta_path[:] = argv, paths, finders
        sys.modules["__main__"] = main
        for name in set(sys.modules) - modules:
            if Path(getattr(sys.modules[name], "__file__", None) or "").is_relative_to(folder):
                del sys.modules[name]
        if environment is None:
            del os.environ["MPLBACKEND"]
        else:
            os.environ["MPLBACKEND"] = environment


def execute(case: Case, codes: Mapping[Path, types.CodeType], folder: Path, run: Run) -> Any:
    """Run a program until its end call; return the value there, or that of the case's call."""
    path = (folder / case.path).resolve()
    with alone(path, folder.resolve()):
        module = types.ModuleType("__main__")
        vars(module).update({"__file__": str(path), HOOK: run})
        sys.modules["__main__"] = module
        sys.meta_path.insert(0, Finder(codes, run))
        try:
            exec(codes[path], vars(module))
            if case.call:
                value = eval(case.call, vars(module))
                if not case.stop:
                    return value
        except Reached as end:
            return end.value
    raise RuntimeError(f"{case.path} ran to its end without the line of its loss")


class Program:
    """A case that is prepared once and run many times."""

    def __init__(self, case: Case, folder: Path = FOLDER) -> None:
        self.case, self.folder = case, folder
        self.codes = prepared(case, folder, case.stop, case.value or case.loss)
        self.values: dict[str, np.ndarray] = {}
        """The parameters before the first step."""
        self.loss = self.at({})
        """The loss of the first step."""

    def at(self, shifts: Mapping[str, Any]) -> float:
        """Return the first loss with parameters shifted."""
        run = Run(shifts)
        loss = execute(self.case, self.codes, self.folder, run)
        if set(run.values) != set(self.case.parameters):
            raise RuntimeError(f"{self.case.path}: the line {self.case.perturb!r} was not run before the loss")
        self.values = self.values or run.values
        return float(np.asarray(loss, dtype=float).reshape(()))

    def along(self, parameter: str, direction: np.ndarray, place: tuple[int, ...] | None = None) -> Difference:
        """Return the derivative of the first loss along a direction of one parameter; :class:`Rough` where it has none."""
        scale = max(0.1, float(np.max(np.abs(self.values[parameter]), initial=0.0)))
        try:
            value, error = slope(lambda step: self.at({parameter: step * direction}), self.loss, scale)
        except Rough as rough:
            raise Rough(f"{self.case.path}: {parameter}{list(place or ())}: {rough}") from None
        return Difference(parameter, direction, value, error, place)

    def differences(self, parameter: str, directions: int = 2, entries: int = 4, seed: int = 0) -> list[Difference]:
        """Return derivatives along random directions and at random entries of one parameter."""
        shape = self.values[parameter].shape
        rng = np.random.default_rng([seed, *parameter.encode()])
        found = []
        size = math.prod(shape)
        for _ in range(directions if size > 1 else 0):
            direction = rng.standard_normal(shape)
            found.append(self.along(parameter, direction / np.linalg.norm(direction)))
        for flat in rng.permutation(size)[:entries]:
            direction = np.zeros(shape)
            place = tuple(int(i) for i in np.unravel_index(int(flat), shape))
            direction[place] = 1.0
            found.append(self.along(parameter, direction, place))
        return found


def slope(function: Callable[[float], float], middle: float, scale: float) -> tuple[float, float]:
    """Return the derivative of a function at 0 and how far it is known, by Richardson's extrapolation.

    ``middle`` is the value at 0; steps are relative to ``scale``. Raises :class:`Rough` where the differences of no step
    agree, and at a kink.
    """
    best = (math.nan, math.inf)
    for relative in STEPS:
        step = relative * scale
        noise = 1e-15 * max(1.0, abs(middle)) / step
        slopes, bends = [], []
        for h in (step, step / 2, step / 4):
            up, down = function(h), function(-h)
            slopes.append((up - down) / (2 * h))
            bends.append((up + down - 2 * middle) / h)
        wide, narrow = ((4 * b - a) / 3 for a, b in itertools.pairwise(slopes))
        error = abs(narrow - wide) + noise
        # the second difference falls with the step, unless the slopes of the two sides differ
        kink = abs(bends[2]) > 0.6 * abs(bends[0]) and abs(bends[0]) > 1e-6 * abs(narrow) + 100 * noise
        if not kink and error < best[1]:
            best = (narrow, error)
        if best[1] <= max(AGREE * abs(best[0]), 2 * noise):
            break
    if not best[1] <= max(1e-6 * abs(best[0]), 1e-9 * max(1.0, abs(middle))):
        raise Rough(f"{best[0]} ± {best[1]}")
    return best


def gradient(function: Callable[[np.ndarray], float], at: np.ndarray) -> np.ndarray:
    """Return the differences of a function of one array by every entry; the function gets a copy each time."""
    found = np.zeros(at.shape)
    middle = function(at.copy())
    for place in np.ndindex(at.shape):
        direction = np.zeros(at.shape)
        direction[place] = 1.0
        scale = max(0.1, abs(float(at[place])))
        found[place], _ = slope(lambda step, d=direction: function(at + step * d), middle, scale)  # type: ignore[misc]
    return found


def differences(case: Case, parameter: str, folder: Path = FOLDER) -> list[Difference]:
    """Return derivatives of a program's first loss by one of its parameters, along directions and at entries."""
    return Program(case, folder).differences(parameter)


def written(case: Case, folder: Path = FOLDER) -> dict[str, np.ndarray]:
    """Return the gradients that a program computes itself, after its own backward pass of the first step."""
    pairs = ", ".join(f"{name!r}: {text}" for name, text in case.gradients.items())
    codes = prepared(case, folder, case.backward, "{" + pairs + "}")
    found = execute(case, codes, folder, Run({}))
    return {name: np.array(value, dtype=float) for name, value in found.items()}


def wrong(
    program: Program, gradients: Mapping[str, Any], tolerance: float = 1e-6, directions: int = 2, entries: int = 4
) -> list[str]:
    """Return a sentence for every derivative of the first loss with which gradients disagree.

    Every parameter of the program must have a gradient; its shape may differ by axes of length one.
    """
    found = []
    for name, value in program.values.items():
        if name not in gradients:
            found.append(f"{name}: there is no gradient")
            continue
        gradient = np.asarray(gradients[name], dtype=float)
        if gradient.size != value.size:
            found.append(f"{name}: shape {gradient.shape} for a parameter of shape {value.shape}")
            continue
        for d in program.differences(name, directions, entries):
            expected, size = d.value, float(np.linalg.norm(gradient))
            actual = float(np.sum(gradient.reshape(value.shape) * d.direction))
            allowed = tolerance * max(abs(expected), 1e-3 * size, 1e-6 * abs(program.loss)) + 2 * d.error
            if not abs(actual - expected) <= allowed:
                found.append(f"{name}{list(d.place or ())}: {actual} instead of {expected} ± {d.error}")
    return found
