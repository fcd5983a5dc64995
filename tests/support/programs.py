"""Random programs of NumPy and PyTorch, read and executed: what the reader says of each must be what CPython says.

``python -m tests.support.programs 2000`` prints how many are read right, refused, read wrong, and why they are refused.
"""

from __future__ import annotations

import ast
import collections
import contextlib
import io
import itertools
import random
import re
import sys
import textwrap
import traceback
import types
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import symback as sb
from symback.core.errors import SymbackError
from symback.core.forms import Apply, walk
from symback.engine.interpreter import evaluate
from tests.support.program_blocks import (
    CLASSES,
    COMPREHENSIONS,
    CONTROL,
    DECORATORS,
    FUNCTIONS,
    GENERATORS,
    MODULES,
    NUMBERS_OF_A_KIND,
)
from tests.support.program_rows import (
    ALIASES,
    CONDITIONS,
    CONTAINERS,
    ENTRYWISE,
    ENTRYWISE_ONLY,
    INPLACE,
    INPLACE_ONLY,
    NUMBERS,
    PLAIN,
    SHAPED,
    SHAPED_ONLY,
    VIEWS,
    Row,
)

HEADERS = {
    "numpy": "import numpy as np\nimport copy\n",
    "torch": "import copy\nimport torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n",
}
ARRAYS = ("a", "b", "c", "d", "e", "g", "h", "m", "p", "q", "r", "u", "z", "out", "x1", "x2")
LOCALS = ("x", "y", "s", "v", "tmp", "res", "acc", "inp")
PREFIXES = {"n": "n", "f": "fun", "c": "Kind", "i": "i", "l": "items", "d": "table", "s": "text", "o": "obj"}
LARGEST = 1e4
MOST_ROUNDS = 1000
HOLE = re.compile(r"\$(np|BODY|RET|[A-Za-z])(\d?)(?![A-Za-z])")


@cache
def torch_or_none() -> Any:
    """Return PyTorch, None where it is not installed."""
    try:
        import torch
    except ImportError:
        return None
    return torch


# --- programs ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Program:
    """A program: its library, its leaves by name, and the statements below them."""

    library: str
    leaves: dict[str, Any]
    statements: tuple[str, ...]
    graded: bool = False

    @property
    def body(self) -> str:
        return "\n".join(self.statements) + "\n"

    @property
    def text(self) -> str:
        return HEADERS[self.library] + "".join(map(self._leaf, self.leaves)) + self.body

    def _leaf(self, name: str) -> str:
        if isinstance(self.leaves[name], float):
            return f"{name} = {self.leaves[name]}\n"
        kind = "np.array" if self.library == "numpy" else "torch.tensor"
        return f"{name} = {kind}({self.leaves[name]}{', requires_grad=True' if self.graded else ''})\n"

    def value(self, name: str) -> np.ndarray[Any, Any]:
        return np.array(self.leaves[name], dtype=float)


@contextlib.contextmanager
def quietly(library: str) -> Iterator[None]:
    """Execute without output and warnings, torch in float64."""
    torch = torch_or_none() if library == "torch" else None
    before = torch.get_default_dtype() if torch else None
    if torch:
        torch.set_default_dtype(torch.float64)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        if torch:
            torch.set_default_dtype(before)


class Counting(ast.NodeTransformer):
    """Let every round of a while loop be counted, so that none is endless."""

    def visit_While(self, node: ast.While) -> ast.AST:
        self.generic_visit(node)
        node.body.insert(0, ast.parse("_count_a_round()").body[0])
        return node


def round_counter() -> Callable[[], None]:
    rounds = itertools.count()

    def count_a_round() -> None:
        if next(rounds) > MOST_ROUNDS:
            raise TimeoutError("a loop without end")

    return count_a_round


def compiled(text: str) -> Any:
    """Compile a text, so that a loop without end raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(text)
        if "while" in text:
            tree = ast.fix_missing_locations(Counting().visit(tree))
        return compile(tree, "program", "exec")


def fresh_names() -> dict[str, Any]:
    """Return the names that a program starts with."""
    return {"__name__": "__main__", "_count_a_round": round_counter()}


class Execution:
    """A program executed by CPython for any values of its leaves."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.head, self.code = compiled(HEADERS[program.library]), compiled(program.body)

    def whole(self) -> float:
        """Execute the text as it stands, and return the loss."""
        names = fresh_names()
        with quietly(self.program.library):
            exec(compiled(self.program.text), names)
        return number(names["loss"])

    def loss(self, **changed: Any) -> float:
        """Execute the text with other values of its leaves, and return the loss."""
        names = fresh_names()
        torch = torch_or_none()
        with quietly(self.program.library):
            exec(self.head, names)
            for name in self.program.leaves:
                value = np.array(changed.get(name, self.program.value(name)))
                if isinstance(self.program.leaves[name], float):
                    names[name] = float(value)
                else:
                    names[name] = value if self.program.library == "numpy" else torch.tensor(value)
            exec(self.code, names)
        return number(names["loss"])

    def matters(self, name: str) -> bool:
        """Say whether the loss moves where a leaf does."""
        moved = self.program.value(name)
        moved = moved + np.random.default_rng(0).uniform(1e-5, 1e-4, moved.shape)
        return self.loss(**{name: moved}) != self.loss()

    def slopes(self, name: str, step: float) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """Return the differences of the loss forward and backward, one an entry."""
        start, here = self.program.value(name), self.loss()
        forward, backward = np.zeros_like(start), np.zeros_like(start)
        for at in np.ndindex(start.shape):
            for sign, made in ((1, forward), (-1, backward)):
                moved = start.copy()
                moved[at] += sign * step
                made[at] = sign * (self.loss(**{name: moved}) - here) / step
        return forward, backward


def number(value: Any) -> float:
    """Return a loss as a float, whatever array of one entry it is."""
    if hasattr(value, "detach"):
        value = value.detach().numpy()
    return float(np.asarray(value, dtype=float).reshape(()))


# --- the judge ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Verdict:
    """What became of a text: right, refused, wrong, crash, rough (no derivative there) or failing (CPython raises)."""

    kind: str
    message: str = ""

    @property
    def is_fault(self) -> bool:
        return self.kind in ("wrong", "crash")


Reading = tuple[float, dict[str, Any]]


class RootOfZero(Exception):
    """A formula has no derivative here: it takes the root of 0."""


def reading(text: str, wrt: list[str]) -> Reading:
    """Return the loss and the gradients that symback reads from a text; raises RootOfZero where they have no numbers."""
    derivation = sb.derive(sb.parse(text, wrt=wrt, loss="loss"))
    found = derivation.evaluate()
    gradients = {k: np.asarray(v, dtype=float) for k, v in found.gradients.items()}
    if any(np.isnan(g).any() for g in gradients.values()) and takes_root_of_zero(derivation, found.values):
        raise RootOfZero
    return float(found.loss), gradients


def takes_root_of_zero(derivation: sb.Derivation, values: Mapping[str, Any]) -> bool:
    """Say whether a square root, as that in a norm or a deviation, stands over 0: its slope is infinite there."""
    network = derivation.network
    known = {**network.values, **values}
    roots = [n for e in network.equations for n in walk(e.form) if isinstance(n, Apply) and n.op == "sqrt"]
    return any(np.any(np.asarray(evaluate(root.args[0], known)) == 0) for root in roots)


def close(found: Any, truth: Any, scale: float) -> bool:
    return np.shape(found) == np.shape(truth) and bool(
        np.allclose(found, truth, rtol=1e-5, atol=2e-6 * (1 + scale), equal_nan=False)
    )


def judged(program: Program, read: Callable[[str, list[str]], Reading] = reading) -> Verdict:
    """Say what the reader makes of a program, by CPython's loss and differences."""
    try:
        execution = Execution(program)
        here = execution.whole()
        same = close(execution.loss(), here, 0)
        wrt = [name for name in program.leaves if execution.matters(name)]
    except Exception as error:
        return Verdict("failing", f"{type(error).__name__}: {error}")
    if not same or not wrt or not abs(here) < LARGEST**2:
        return Verdict("failing", "the leaves do not decide the loss, or it is not finite")
    try:
        with quietly(program.library):
            warnings.simplefilter("error")
            loss, gradients = read(program.text, wrt)
    except SymbackError as error:
        return Verdict("refused", str(error))
    except RootOfZero:
        return Verdict("rough", "the root of 0 has no slope")
    except Exception as error:
        return Verdict("crash", f"{type(error).__name__}: {error} at {innermost(error)}")
    return compared(execution, wrt, here, loss, gradients)


def innermost(error: BaseException) -> str:
    """Return the file and function of the package that raised an error."""
    home = Path(sb.__file__).parent
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if home in Path(frame.filename).parents]
    return f"{Path(frames[-1].filename).name}, {frames[-1].name}" if frames else "no place of the package"


def compared(execution: Execution, wrt: list[str], here: float, loss: float, gradients: dict[str, Any]) -> Verdict:
    """Compare what was read with a program's execution; where it has no derivative there is no verdict."""
    if not close(loss, here, abs(here)):
        return Verdict("wrong", f"loss {loss:.8g}, by CPython {here:.8g}")
    for name in wrt:
        forward, backward = execution.slopes(name, 1e-6)
        truth = (forward + backward) / 2
        scale = abs(here) + float(np.abs(truth).max(initial=0))
        found = gradients.get(name)
        if found is None or not close(found, truth, scale):
            if not smooth(execution, name, forward, backward, scale):
                return Verdict("rough")
            said = "none" if found is None else np.round(found, 6).tolist()
            return Verdict("wrong", f"gradient of {name} {said}, by differences {np.round(truth, 6).tolist()}")
    return Verdict("right")


def smooth(execution: Execution, name: str, forward: Any, backward: Any, scale: float) -> bool:
    """Say whether differences from both sides and at two steps agree."""
    other, behind = execution.slopes(name, 3e-5)
    wide = {"rtol": 1e-2, "atol": 1e-3 * (1 + scale)}
    return bool(np.allclose(forward, backward, **wide) and np.allclose((other + behind) / 2, forward, **wide))


# --- growing programs --------------------------------------------------------------------------------------------------

WEIGHTS = {
    "inplace": 7,
    "views": 5,
    "alias": 5,
    "expression": 3,
    "containers": 3,
    "plain": 2,
    "functions": 3,
    "decorators": 1,
    "generators": 1,
    "classes": 3,
    "modules": 1,
    "control": 4,
    "comprehensions": 2,
    "kinds": 2,
}


@cache
def table(library: str) -> dict[str, list[Row]]:
    """Return the statements of a library, by family."""
    made: dict[str, list[Row]] = collections.defaultdict(list)
    for row in (
        *ALIASES,
        *CONTAINERS,
        *PLAIN,
        *FUNCTIONS,
        *DECORATORS,
        *GENERATORS,
        *CLASSES,
        *MODULES,
        *CONTROL,
        *COMPREHENSIONS,
        *NUMBERS_OF_A_KIND,
    ):
        if row.library in ("", library):
            made[row.family].append(row)
    for only, entrywise, shaped, inplace, views in (
        ("", ENTRYWISE, SHAPED, INPLACE, VIEWS[""]),
        (library, ENTRYWISE_ONLY[library], SHAPED_ONLY[library], INPLACE_ONLY[library], VIEWS[library]),
    ):
        made["expression"] += [Row("expression", f"$t = {text}", only) for text in (*entrywise, *shaped)]
        made["inplace"] += [Row("inplace", text, only) for text in inplace]
        made["views"] += [Row("views", f"$t = {text}", only) for text in views]
        changed = [re.sub(r"\$[ARV]", lambda hole: CHANGED[hole.group(0)], text) for text in views]
        made["views"] += [Row("views", f"$t = {text}\n$t {c} $K", only) for text in changed for c in ("+=", "*=")]
    made["control"] += [Row("control", f"if {text}:\n    $t = $A * $K\nelse:\n    $t = $A") for text in CONDITIONS]
    return dict(made)


CHANGED = {"$A": "$M", "$R": "$Q", "$V": "$U"}
"""What is changed in place, for what is only looked at."""


def every_row(library: str) -> list[Row]:
    """Return the statements of a library."""
    return [row for found in table(library).values() for row in found]


AROUND = ("(...) * $K", "$np.tanh(...)", "(...) + $K", "-(...)", "(...) * (...)")
"""What may stand around an operation."""


class Unfilled(Exception):
    """Nothing in reach fits a hole."""


@dataclass
class Scope:
    """What a statement may use: the names with their values, and which names are free for locals."""

    library: str
    draw: random.Random
    names: dict[str, Any]
    leaves: tuple[str, ...]
    serial: list[int]
    depth: int = 0
    favorites: tuple[str, ...] = ()
    inside: bool = False
    families: tuple[str, ...] = ()

    # what there is

    def paths(self) -> list[tuple[str, Any]]:
        """Return every value in reach, with the text that reaches it."""
        found: list[tuple[str, Any]] = []
        for name, value in self.names.items():
            if not name.startswith("_") and not isinstance(value, types.ModuleType):
                self._walk(name, value, 0, found)
        return found

    def _walk(self, path: str, value: Any, depth: int, found: list[tuple[str, Any]]) -> None:
        found.append((path, value))
        if depth > 2:
            return
        if isinstance(value, (list, tuple)):
            for k, item in enumerate(value[:3]):
                self._walk(f"{path}[{k}]", item, depth + 1, found)
        elif isinstance(value, dict):
            for key, item in list(value.items())[:3]:
                self._walk(f"{path}[{key!r}]", item, depth + 1, found)
        elif isinstance(value, types.SimpleNamespace) or type(value).__module__ == "__main__":
            for key, item in list(vars(value).items())[:4]:
                if not key.startswith("_"):
                    self._walk(f"{path}.{key}", item, depth + 1, found)

    def is_array(self, value: Any) -> bool:
        if self.library == "numpy":
            return isinstance(value, np.ndarray) and value.dtype == np.float64
        torch = torch_or_none()
        return isinstance(value, torch.Tensor) and value.dtype == torch.float64

    def shares_leaf(self, value: Any) -> bool:
        leaves = [self.names[name] for name in self.leaves if name in self.names]
        if self.library == "numpy":
            return any(self.is_array(leaf) and np.shares_memory(value, leaf) for leaf in leaves)
        place = value.untyped_storage().data_ptr()
        return any(self.is_array(leaf) and leaf.untyped_storage().data_ptr() == place for leaf in leaves)

    def pick(self, fits: Callable[[Any], bool]) -> tuple[str, Any]:
        """Return a path to a value that fits; locals and later ones more often."""
        found = [(path, value) for path, value in self.paths() if fits(value)]
        if not found:
            raise Unfilled
        favorites = [pair for pair in found if re.match(r"\w+", pair[0])[0] in self.favorites]  # type: ignore[index]
        if favorites and self.draw.random() < 0.75:
            return self.draw.choice(favorites)
        return self.draw.choice(found[-5:] if self.draw.random() < 0.6 else found)

    def of_rank(self, *ranks: int) -> Callable[[Any], bool]:
        return lambda value: self.is_array(value) and value.ndim in ranks and min(value.shape, default=1) > 0

    def changeable(self, *ranks: int) -> Callable[[Any], bool]:
        fits = self.of_rank(*ranks)
        return lambda value: fits(value) and not self.shares_leaf(value)

    # filling

    def filled(self, row: Row) -> str:
        """Return a statement with every hole filled, its bodies grown."""
        known: dict[str, str] = {}
        for hole in HOLE.finditer(row.text + " " + " ".join(row.binds.values())):
            label, kind = hole.group(0), hole.group(1)
            if label not in known and kind not in ("BODY", "RET"):
                known[label] = self.hole(kind, known)
        text = substituted(row.text, known)
        if "$BODY" in text or "$RET" in text:
            text = self.with_bodies(text, {substituted(k, known): substituted(v, known) for k, v in row.binds.items()})
        return text

    def hole(self, kind: str, known: dict[str, str]) -> str:
        if kind in ("t", "p", *PREFIXES):
            return self.new_name(kind, known)
        if kind in FILLERS:
            return FILLERS[kind](self)
        if kind in ("X", "B"):
            first = next((known[k] for k in ("$M", "$Q", "$A", "$U", "$R") if k in known), None)
            if first is None:
                raise Unfilled
            shape = tuple(self.evaluated(first).shape)
            if kind == "B":
                return self.pick(lambda v: self.is_array(v) and tuple(v.shape) == shape)[0]
            return self.expression(shape)
        raise KeyError(kind)

    def new_name(self, kind: str, known: dict[str, str]) -> str:
        taken = set(known.values())
        if kind == "t" and not self.inside:
            old = [n for n in self.names if n in ARRAYS and n not in taken]
            free = [n for n in ARRAYS if n not in self.names and n not in taken] or old
            chosen = old if old and self.draw.random() < 0.25 else free
            return chosen[0] if chosen is free else self.draw.choice(old)
        if kind in ("t", "p"):
            # an argument may hide a name outside, and a local may be one that is set already
            pool = LOCALS if self.draw.random() < 0.85 else ("a", "b", "x1", *self.leaves)
            pool = tuple(n for n in pool if n not in taken and (kind == "p" or n not in self.leaves))
            return self.draw.choice(pool or ("tmp2",))
        if kind == "n" and self.draw.random() < 0.3:
            old = [n for n, v in self.names.items() if re.fullmatch(r"n\d+", n) and n not in taken]
            if old:
                return self.draw.choice(old)
        self.serial[0] += 1
        return f"{PREFIXES[kind]}{self.serial[0]}"

    def evaluated(self, text: str) -> Any:
        return eval(compile(text, "hole", "eval"), {**self.names, "SimpleNamespace": types.SimpleNamespace})

    def expression(self, shape: tuple[int, ...] | None = None) -> str:
        """Return an expression that CPython can evaluate, of a shape if one is given."""
        for _ in range(12):
            with contextlib.suppress(Unfilled):
                text = self.operation(self.draw.random() < (0.8 if shape is not None else 0.5))
                try:
                    value = self.evaluated(text)
                except Exception:
                    continue
                if shape is None or (self.is_array(value) and tuple(value.shape) == shape):
                    return text
        raise Unfilled

    def operation(self, entrywise: bool) -> str:
        """Return an operation on what there is, now and then inside another one."""
        common, only = (ENTRYWISE, ENTRYWISE_ONLY) if entrywise else (SHAPED, SHAPED_ONLY)
        text = self.filled(Row("", self.draw.choice([*common, *only[self.library]])))
        if self.draw.random() < 0.25:
            text = self.filled(Row("", self.draw.choice(AROUND).replace("(...)", f"({text})")))
        return text

    # bodies

    def with_bodies(self, text: str, binds: dict[str, str]) -> str:
        """Grow the statements of a block, executing them on what its local names stand for."""
        inside = text.startswith(("def ", "class ")) or "lambda" in text
        try:
            bound = {name: self.evaluated(value) for name, value in binds.items()}
        except Exception:
            raise Unfilled from None
        child = Scope(
            self.library,
            self.draw,
            {**self.names, **bound},
            self.leaves,
            self.serial,
            self.depth + 1,
            tuple(bound),
            self.inside or inside,
            self.families,
        )
        made = []
        for line in text.splitlines():
            indent = line[: len(line) - len(line.lstrip())]
            if line.strip() == "$BODY":
                body = "\n".join(child.statements(self.draw.choice((1, 1, 2, 3)))) or "pass"
                made.append(textwrap.indent(body, indent))
            else:
                while "$RET" in line:
                    line = line.replace("$RET", child.result(), 1)
                made.append(line)
        return "\n".join(made)

    def result(self) -> str:
        """Return what a function gives back: a local as often as an expression."""
        arrays = [n for n in self.favorites if self.is_array(self.names.get(n))]
        if arrays and self.draw.random() < 0.5:
            return self.draw.choice(arrays)
        return self.expression()

    def statements(self, count: int) -> list[str]:
        """Grow statements, each executed in these names as soon as it is made."""
        made: list[str] = []
        for _ in range(count * 4):
            if len(made) == count:
                break
            text = self.statement()
            if text is None:
                continue
            before = set(self.names)
            try:
                exec(compiled(text), self.names)
            except Exception:
                continue
            self.favorites += tuple(n for n in self.names if n not in before and not n.startswith("_"))
            made.append(text)
        return made

    def statement(self) -> str | None:
        """Return one more statement, None where nothing in reach fits."""
        families = table(self.library)
        weights = {f: w for f, w in WEIGHTS.items() if f in (self.families or families)}
        if self.depth:
            weights = {f: w for f, w in weights.items() if f not in ("classes", "decorators", "generators", "modules")}
            weights["functions"] = weights["inplace"] = 1
        if self.depth > 1:
            weights = {f: w for f, w in weights.items() if f not in ("functions", "control")}
        weights = {f: w for f, w in weights.items() if f in families} or {"expression": 1}
        family = self.draw.choices(list(weights), list(weights.values()))[0]
        try:
            return self.filled(chosen(self.draw, families[family]))
        except (Unfilled, RecursionError):
            return None


def chosen(draw: random.Random, found: list[Row]) -> Row:
    """Choose a row: what both libraries spell alike as often as all that only one has."""
    common = [row for row in found if not row.library]
    return draw.choice(common if common and draw.random() < 0.5 else found)


def substituted(text: str, known: dict[str, str]) -> str:
    return HOLE.sub(lambda hole: known.get(hole.group(0), hole.group(0)), text)


def is_plain(value: Any) -> bool:
    return isinstance(value, (bool, int, float)) and not isinstance(value, np.floating)


def is_list_of_arrays(scope: Scope, value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(scope.is_array(item) for item in value)


def dependent_number(scope: Scope) -> str:
    def fits(value: Any) -> bool:
        return isinstance(value, np.floating) or (scope.is_array(value) and value.ndim == 0)

    if scope.draw.random() < 0.5:
        with contextlib.suppress(Unfilled):
            return scope.pick(fits)[0]
    return scope.pick(scope.of_rank(1, 2, 3))[0] + scope.draw.choice((".sum()", ".mean()", ".min()", ".max()"))


def callable_of(scope: Scope) -> str:
    known = {"numpy": ("np.tanh", "np.sin", "np.abs"), "torch": ("torch.tanh", "torch.relu", "F.relu", "torch.exp")}
    own = [n for n, v in scope.names.items() if isinstance(v, types.FunctionType) and not n.startswith("_")]
    if own and scope.draw.random() < 0.6:
        return scope.draw.choice(own)
    return scope.draw.choice(known[scope.library])


def plain_number(scope: Scope) -> str:
    if scope.draw.random() < 0.5:
        with contextlib.suppress(Unfilled):
            return scope.pick(lambda v: is_plain(v) and abs(v) < 50)[0]
    return scope.draw.choice(("0", "1", "2", "3", "-1", "1.5", "len('ab')"))


def plain_text(scope: Scope) -> str:
    if scope.draw.random() < 0.8:
        with contextlib.suppress(Unfilled):
            return scope.pick(lambda v: isinstance(v, str))[0]
    return scope.draw.choice(("'relu'", "'tanh'", "'re' + 'lu'"))


FILLERS: dict[str, Callable[[Scope], str]] = {
    "np": lambda scope: "np" if scope.library == "numpy" else "torch",
    "A": lambda scope: scope.pick(scope.of_rank(1, 2, 3))[0],
    "R": lambda scope: scope.pick(scope.of_rank(2))[0],
    "V": lambda scope: scope.pick(scope.of_rank(1))[0],
    "M": lambda scope: scope.pick(scope.changeable(1, 2, 3))[0],
    "Q": lambda scope: scope.pick(scope.changeable(2))[0],
    "U": lambda scope: scope.pick(scope.changeable(1))[0],
    "Z": dependent_number,
    "N": plain_number,
    "S": plain_text,
    "C": callable_of,
    "L": lambda scope: scope.pick(lambda v: is_list_of_arrays(scope, v))[0],
    "D": lambda scope: scope.pick(lambda v: isinstance(v, dict) and any(map(scope.is_array, v.values())))[0],
    "O": lambda scope: scope.pick(lambda v: type(v).__module__ == "__main__")[0],
    "K": lambda scope: scope.draw.choice(NUMBERS),
    "I": lambda scope: scope.draw.choice("01"),
    "J": lambda scope: scope.draw.choice(("-2", "-1", "0", "1", "0", "1", "2")),
    "E": lambda scope: scope.expression(),
    "Y": lambda scope: scope.filled(Row("", scope.draw.choice(CONDITIONS))),
}


NEEDS = {"$L": "$l = [$M, $A]", "$D": "$d = {'k': $M, 'm': $A}"}
"""The statements that give what some holes need."""


@dataclass
class Growth:
    """A program grown statement by statement, each kept only if CPython executes it."""

    seed: int
    library: str
    row: Row
    statements: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.draw = random.Random(self.seed)
        self.leaves = {"W": self.numbers((2, self.draw.choice((2, 3))))}
        if self.draw.random() < 0.5:
            self.leaves["v"] = self.numbers((self.draw.choice((2, 3)),))
        if self.draw.random() < 0.06:
            self.leaves["T"] = self.numbers((2, 1, 2))
        if self.draw.random() < 0.06:
            self.leaves["k"] = self.draw.randint(11, 99) / 100
        self.graded = self.library == "torch" and self.draw.random() < 0.4
        self.changes_leaves = self.draw.random() < 0.04
        self.serial = [0]
        kinds = [k for k in table(self.library) if k not in ("inplace", "views", "alias", "expression")]
        self.families = ("expression", *self.draw.sample(("inplace", "views", "alias"), 2), *self.draw.sample(kinds, 2))

    def numbers(self, shape: tuple[int, ...]) -> list[Any]:
        made = np.array(
            [self.draw.choice((1, -1)) * self.draw.randint(11, 99) / 100 for _ in range(int(np.prod(shape)))]
        )
        return list(made.reshape(shape).tolist())

    def program(self) -> Program:
        return Program(self.library, self.leaves, tuple(self.statements), self.graded)

    def names(self) -> dict[str, Any] | None:
        """Execute what there is; None where it fails, grows too large or changes a leaf unasked."""
        program = self.program()
        names = fresh_names()
        try:
            exec(compiled(program.text), names)
        except Exception:
            return None
        scope = self.scope(names)
        if not self.changes_leaves and any(
            not np.array_equal(plain_array(names.get(k)), program.value(k)) for k in self.leaves
        ):
            return None
        for _, value in scope.paths():
            if scope.is_array(value) and not fitting(plain_array(value)):
                return None
        return names

    def scope(self, names: dict[str, Any]) -> Scope:
        return Scope(self.library, self.draw, names, tuple(self.leaves), self.serial, families=self.families)

    def grown(self) -> Program:
        """Return the program: first an array to work on, then any statements and the row asked for, at the end a loss."""
        with quietly(self.library):
            for first in ("$t = W * 1.0", "$t = $E")[: self.draw.choice((1, 2))]:
                self.fill(Row("", first))
            self.grow(self.draw.choice((0, 0, 1, 2, 3)))
            self.place(self.row)
            self.grow(self.draw.choice((1, 2, 3, 4, 6)))
            self.statements.append(self.loss())
        return self.program()

    def alone(self) -> Program:
        """Return a program with little else than the row asked for."""
        with quietly(self.library):
            self.fill(Row("", "$t = W * 1.0"))
            self.place(self.row)
            self.statements.append(self.loss(most=9))
        return self.program()

    def grow(self, count: int) -> None:
        wanted = len(self.statements) + count
        for _ in range(count * 5):
            if len(self.statements) < wanted:
                self.add(lambda scope: scope.statement())

    def place(self, row: Row) -> None:
        """Add a row, and before it what it needs."""
        for hole, text in NEEDS.items():
            if hole in row.text:
                self.fill(Row("", text))
        for _ in range(25):
            if self.fill(row):
                return
            self.add(lambda scope: scope.filled(Row("", "$t = $E")))

    def fill(self, row: Row) -> bool:
        return self.add(lambda scope: scope.filled(row))

    def add(self, make: Callable[[Scope], str | None]) -> bool:
        """Add a statement if CPython executes the program with it."""
        names = self.names()
        assert names is not None, self.program().text
        text = None
        with contextlib.suppress(Unfilled):
            text = make(self.scope(names))
        if text is None:
            return False
        self.statements.append(text)
        if self.names() is None:
            self.statements.pop()
            return False
        return True

    def loss(self, most: int = 0) -> str:
        """Return the loss: some of the arrays, numbers and texts there are, entries told apart by weights."""
        names = self.names()
        assert names is not None
        scope = self.scope(names)
        found = [(p, v) for p, v in scope.paths() if p not in self.leaves]
        arrays = [(p, v) for p, v in found if scope.is_array(v) and v.ndim and 0 < np.prod(v.shape) <= 12]
        dependent = [p for p, v in found if isinstance(v, np.floating) or (scope.is_array(v) and not v.ndim)]
        plain = [p for p, v in found if is_plain(v) and abs(v) < 100]
        counted = [p for p, v in found if isinstance(v, (str, list))]
        terms = [self.term(p, v) for p, v in self.some(arrays, most or 5)]
        terms += self.some(dependent, most or 2)
        terms += [f"{p} * W[0, {k % 2}]" for k, p in enumerate(self.some(plain, most or 2))]
        terms += [f"len({p}) * W[1, 0]" for p in self.some(counted, most or 1)]
        return f"loss = {' + '.join(terms or ['W.sum()'])}"

    def some(self, found: list[Any], most: int) -> list[Any]:
        least = most if most > 5 else 1
        return self.draw.sample(found, min(len(found), self.draw.randint(least, most)))

    def term(self, path: str, value: Any) -> str:
        library = "np" if self.library == "numpy" else "torch"
        kind = "np.array" if self.library == "numpy" else "torch.tensor"
        weights = f"{kind}({np.round(np.reshape(self.numbers(tuple(value.shape)), tuple(value.shape)), 2).tolist()})"
        return self.draw.choice(
            (
                f"{library}.sum({path} * {weights})",
                f"{library}.sum({path} ** 2 * {weights})",
                f"({path} * {weights}).sum()",
                f"{library}.sum({path} ** 2)",
                f"({path} * {path}).mean()",
                f"{path}.sum()",
            )
        )


def plain_array(value: Any) -> Any:
    return value.detach().numpy() if hasattr(value, "detach") else value


def fitting(value: Any) -> bool:
    return value.size <= 30 and bool(np.isfinite(value).all()) and float(np.abs(value).max(initial=0)) < LARGEST


def random_program(seed: int, library: str) -> Program:
    """Return the program of a seed: the same one every time, each row of the tables in one of them."""
    return Growth(seed, library, row_of(seed, library)).grown()


def row_of(seed: int, library: str) -> Row:
    """Return the row that the program of a seed holds at least; the step is prime to the length of the tables."""
    found = every_row(library)
    return found[seed * 7919 % len(found)]


def program_of_row(seed: int, library: str) -> Program:
    """Return a program with little else than the row of a seed."""
    return Growth(seed, library, row_of(seed, library)).alone()


# --- making a failure small --------------------------------------------------------------------------------------------


def shrunk(program: Program, fails: Callable[[Program], bool]) -> Program:
    """Drop statements, at any depth, as long as the program still fails."""
    while True:
        for smaller in smaller_programs(program):
            if fails(smaller):
                program = smaller
                break
        else:
            return program


def smaller_programs(program: Program) -> Iterator[Program]:
    """Yield the program without one of its statements, outer ones first, or with a loop's or branch's body for it."""
    for k in reversed(range(len(program.statements) - 1)):
        kept = (*program.statements[:k], *program.statements[k + 1 :])
        yield Program(program.library, program.leaves, kept, program.graded)
    for name in program.leaves if len(program.leaves) > 1 else ():
        kept_leaves = {k: v for k, v in program.leaves.items() if k != name}
        yield Program(program.library, kept_leaves, program.statements, program.graded)
    for k, text in enumerate(program.statements):
        for inner in smaller_texts(text):
            kept = (*program.statements[:k], inner, *program.statements[k + 1 :])
            yield Program(program.library, program.leaves, kept, program.graded)


def smaller_texts(text: str) -> Iterator[str]:
    """Yield a text without one of its statements, or with one operand for a sum."""
    count = sum(1 for _ in bodies(ast.parse(text)))
    for k in range(count):
        tree = ast.parse(text)
        body, at = list(bodies(tree))[k]
        del body[at]
        if body or body is not tree.body:
            if not body:
                body.append(ast.Pass())
            made = ast.unparse(ast.fix_missing_locations(tree))
            if made != ast.unparse(ast.parse(text)):
                yield made
    for k in range(sum(isinstance(n, ast.BinOp) and isinstance(n.op, ast.Add) for n in ast.walk(ast.parse(text)))):
        for side in ("left", "right"):
            tree = ast.parse(text)
            sums = [n for n in ast.walk(tree) if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Add)]
            kept = getattr(sums[k], side)
            yield ast.unparse(Replacing(sums[k], kept).visit(tree))


class Replacing(ast.NodeTransformer):
    """Put one node in the place of another."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> Any:
        return self.new if node is self.old else super().visit(node)


def bodies(tree: ast.AST) -> Iterator[tuple[list[ast.stmt], int]]:
    """Yield every statement of a tree as its list and place, outer ones first."""
    for node in ast.walk(tree):
        for part in ("body", "orelse", "finalbody"):
            found = getattr(node, part, None)
            if isinstance(found, list):
                for at in reversed(range(len(found))):
                    yield found, at


def small_failure(program: Program, read: Callable[[str, list[str]], Reading] = reading) -> str:
    """Return what is said of a failing program: the smallest one of its kind, and its verdict."""
    kind = judged(program, read).kind
    found = shrunk(program, lambda smaller: judged(smaller, read).kind == kind)
    return f"{judged(found, read)}\n{found.text}"


# --- statistics --------------------------------------------------------------------------------------------------------


def grouped(message: str) -> str:
    """Return a message without what differs from text to text."""
    message = re.sub(r"\s*\(?(?:at )?line \d+\)?:?", "", message)
    message = re.sub(
        r"^[\w\[\]'.]+( is changed in place by|: its memory is shared with) [\w\[\]'.]+", r"NAME\1 NAME", message
    )
    message = re.sub(r"\b(fun|Kind|items|table|obj|text|n|i)\d+\b|\b[b-eghmpqruz]\b", "NAME", message.strip())
    return re.sub(r"\b\d+(\.\d+)?\b", "#", message)[:110]


def statistics(count: int, make: Callable[[int, str], Program] = random_program, start: int = 0) -> str:
    """Return how many programs are read right, refused, read wrong or crash, why, and the rows of those read wrong."""
    kinds: dict[str, int] = collections.Counter()
    reasons: dict[tuple[str, str], list[str]] = collections.defaultdict(list)
    libraries = ("numpy", "torch") if torch_or_none() else ("numpy",)
    for seed, library in itertools.product(range(start, start + count // len(libraries)), libraries):
        verdict = judged(make(seed, library))
        kinds[verdict.kind] += 1
        row = row_of(seed, library)
        said = f"{row.family}: {row.text!r}" if verdict.kind == "wrong" else grouped(verdict.message)
        if verdict.kind != "right":
            reasons[verdict.kind, said].append(f"{library} {seed}")
    out = [", ".join(f"{kind} {n}" for kind, n in sorted(kinds.items()))]
    for (kind, said), seeds in sorted(reasons.items(), key=lambda pair: (pair[0][0], -len(pair[1]))):
        out.append(f"{kind:8} {len(seeds):5}  {said}  e.g. {', '.join(seeds[:3])}")
    return "\n".join(out)


def main(arguments: list[str]) -> None:
    """Print statistics of so many programs, or of each row ``alone``; or ``numpy 17``, a failure made small."""
    if arguments[0] == "alone":
        print(statistics(2 * max(len(every_row(library)) for library in HEADERS), program_of_row))
    elif arguments[0] in HEADERS:
        for seed in map(int, arguments[1:]):
            print(small_failure(random_program(seed, arguments[0])))
    else:
        print(statistics(int(arguments[0]), start=int((*arguments, 0)[1])))


if __name__ == "__main__":
    main(sys.argv[1:])
