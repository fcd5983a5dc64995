"""The parameter sweep: calls of every known library function, at every parameter, executed and read."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

import symback as sb
from symback.library.parameters import ONE_NAME
from symback.library.signatures import REQUIRED, UNSAID, Parameter, Signature, signatures
from tests.support import needs
from tests.support.parameter_samples import ARRAYS, CONSTANTS, INPUTS, MADE, OPERANDS, SAMPLES, VALUES
from tests.support.signature_recipe import held_versions, versions

MORE = {"numpy.pad": ("constant_values",)}
"""Options that a signature hides behind ``**kwargs``."""

SCALARS = {"s1": 0.43, "t1": 1.7}
"""Numbers of Python, for ``math``."""

ROUNDED = ("half", "bfloat16", "float32", "float", "FloatTensor")
"""Functions whose result has fewer digits, which no formula says."""


@dataclass(frozen=True)
class Trial:
    """One call: of which function, at which parameter, and how it is spelled."""

    path: str
    parameter: str
    setup: str
    call: str

    @property
    def torch(self) -> bool:
        """True where PyTorch is called."""
        return self.path.startswith("torch")


# --- which calls ------------------------------------------------------------------------------------------------------


def trials(path: str) -> Iterator[Trial]:
    """Yield the plain call of a function, and calls with each of its parameters at values other than the default."""
    found: dict[Trial, None] = {}
    for form in signatures(path):
        base = {p.name: operand(path, p) for p in form.parameters if p.default is REQUIRED or _needed(path, p)}
        ways = [spelled(path, form, base, "")]
        for p in form.parameters:
            given = p.name in base and (p.default is REQUIRED or p.name not in VALUES)
            if p.kind in ("many", "options") or (given and p.name not in ("dim", "axis", "dtype", "unbiased")):
                continue
            for value in values_of(path, p.name):
                ways += [spelled(path, form, base, p.name, value), placed(path, form, base, p, value)]
        for name in MORE.get(path, ()):
            for value in values_of(path, name):
                ways.append(spelled(path, form, base, name, value))
        found.update(dict.fromkeys(way for way in ways if way is not None))
    yield from found


def _needed(path: str, p: Parameter) -> bool:
    """Return whether a sample has to give a parameter that has a default."""
    own = MADE.get(path.rpartition(".")[2], {}) if _is_class(path) else SAMPLES.get(path, {})
    return (p.kind == "many" and not _is_class(path)) or p.name in own


def _is_class(path: str) -> bool:
    return path.startswith("torch.nn.") and path.count(".") == 2 and path != "torch.nn.Parameter"


def operand(path: str, p: Parameter) -> str:
    """Return what a parameter that has to be given is given."""
    if path.startswith("math."):
        return SAMPLES.get(path, {}).get(p.name) or ("s1" if p.name == "x" else "t1")
    if _is_class(path):
        return MADE.get(path.rpartition(".")[2], {}).get(p.name) or OPERANDS[p.name]
    chosen = SAMPLES.get(path, {}).get(p.name) or OPERANDS[p.name]
    if p.type == "Scalar" and chosen in ARRAYS:
        return "0.6"
    return in_library(path, chosen)


def values_of(path: str, name: str) -> list[str]:
    """Return the values at which an option is tried."""
    if name not in VALUES:
        raise KeyError(f"{path} has a parameter {name} that the sweep has no values for")
    return [in_library(path, v) for v in VALUES[name]]


def in_library(path: str, code: str) -> str:
    """Return a value as code of the function's library has it."""
    if path.startswith("torch"):
        return {"np.float64": "torch.float64", "int": "torch.int64", "bool": "torch.bool"}.get(code, code)
    return code


def _head(path: str) -> tuple[str, bool]:
    """Return how a function is called, and whether its first argument stands before the point."""
    name = path.rpartition(".")[2]
    if path.startswith(("numpy.ndarray.", "torch.Tensor.")):
        return name, True
    for long, short in (
        ("torch.nn.functional", "F"),
        ("torch.nn", "nn"),
        ("numpy", "np"),
        ("scipy.special", "special"),
    ):
        if path.startswith(long + "."):
            return short + path[len(long) :], False
    return path, False


def spelled(path: str, form: Signature, base: Mapping[str, str], name: str, value: str = "") -> Trial | None:
    """Return the call with one option by its name."""
    known = {p.name: p for p in form.parameters}
    leading = []
    for p in form.parameters:
        by_place = p.name in base and p.name != name and p.kind in ("positional", "either", "many")
        if not by_place or (p.default is not REQUIRED and p.kind == "either"):
            break
        leading.append(p.name)
    rest = {n: v for n, v in base.items() if n not in leading}
    if name:
        rest[name] = value
    if any(known[n].kind == "positional" for n in rest if n in known):
        return None
    return _written(path, rest, [base[n] for n in leading], name)


def placed(path: str, form: Signature, base: Mapping[str, str], p: Parameter, value: str) -> Trial | None:
    """Return the call with one option by its place, those before it at their defaults, or None where that cannot be."""
    order = [q for q in form.parameters if q.kind in ("positional", "either")]
    if p not in order or any(q.kind == "many" for q in form.parameters):
        return None
    given: list[str] = []
    for q in order[: order.index(p)]:
        if q.name in base:
            given.append(base[q.name])
        elif q.default in (REQUIRED, UNSAID) or not isinstance(q.default, (bool, int, float, str, type(None))):
            return None
        else:
            given.append(repr(q.default))
    rest = {k: v for k, v in base.items() if k not in {q.name for q in order[: order.index(p) + 1]}}
    return _written(path, rest, [*given, value], p.name)


def _written(path: str, named: Mapping[str, str], placed_: list[str], parameter: str) -> Trial:
    head, method = _head(path)
    arguments = [*placed_, *(f"{k}={v}" for k, v in named.items())]
    if method:
        holder, arguments = arguments[0], arguments[1:]
        head = f"{holder}.{head}"
    call = f"{head}({', '.join(arguments)})"
    if not _is_class(path):
        return Trial(path, parameter, "", call)
    inputs = ", ".join(INPUTS.get(path.rpartition(".")[2], ("W",)))
    return Trial(path, parameter, f"layer = {call}\nlayer.eval()\n", f"layer({inputs})")


# --- executed and read ------------------------------------------------------------------------------------------------


class Fault(AssertionError):
    """What the reader made of a call is not what the library makes of it."""


def check(trial: Trial) -> str:
    """Return "equal" or "refused"; raises Fault where a call is read as something else than the library computes."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        real = Execution(trial)
        if real.problem:
            reading = Reading(trial, real, dry=True)
            unknown = "unexpected keyword" in real.problem and trial.parameter != "out"
            if reading.problem is None and unknown and same_versions():
                raise Fault(f"{trial.call} is read, though the library refuses it: {real.problem}")
            return "no program"
        reading = Reading(trial, real)
        if reading.problem is not None:
            if not trial.parameter:
                raise Fault(f"the plain call {trial.setup}{trial.call} is refused: {reading.problem}")
            names = {trial.parameter, ONE_NAME.get(trial.parameter, trial.parameter)}
            if not any(n in reading.problem for n in names):
                raise Fault(f"{trial.call} is refused without naming {trial.parameter}: {reading.problem}")
            return "refused"
        loose = trial.path.rpartition(".")[2] in ROUNDED
        tolerance = 2e-2 if loose else 1e-7
        if not math.isclose(real.loss, reading.loss, rel_tol=tolerance, abs_tol=tolerance):
            raise Fault(f"{trial.setup}{trial.call} is {real.loss}, read as {reading.loss}")
        for name, gradient in real.gradients().items():
            if not np.allclose(gradient, reading.gradients[name], rtol=tolerance * 100, atol=max(tolerance, 2e-6)):
                raise Fault(
                    f"the gradient of {trial.setup}{trial.call} by {name} is {gradient}, read as {reading.gradients[name]}"
                )
    return "equal"


def same_versions() -> bool:
    """Return whether the installed libraries are those from which the signatures were made."""
    return held_versions() == versions(needs.package("torch"), needs.package("scipy"))


def _weights(count: int) -> np.ndarray:
    return np.round(0.3 + 0.7 * np.abs(np.sin(1.0 + 1.7 * np.arange(count))), 3)


class Execution:
    """A call executed by its library: a weighted sum of all entries of the result, and its gradient."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.problem = ""
        self.space = self._space()
        self.names = [n for n in (*ARRAYS, *SCALARS) if re.search(rf"\b{n}\b", trial.call + trial.setup)]
        self.lines = ""
        self.reading = ""
        self.parts: list[tuple[str, tuple[int, ...]]] = []
        self.code = compile(self._body(), trial.call, "exec")
        try:
            self._prepare_layer()
            self.parts = self._shapes(self._run(self._leaves())["r"])
            self.loss = float(self._total(self._run(self._leaves())))
            if not math.isfinite(self.loss):
                raise ValueError("the result is not finite")
        except Exception as problem:  # the library says no in many ways
            self.problem = f"{type(problem).__name__}: {problem}".splitlines()[0]

    def _body(self) -> str:
        return f"{self.trial.setup}{self.lines}r = {self.trial.call}\n"

    def _prepare_layer(self) -> None:
        """Give the parameters of a layer known values: in the text that is read, too."""
        if not self.trial.setup:
            return
        space = self._run(self._leaves())
        module = space["layer"]
        self.lines = "".join(
            f"nn.init.constant_(layer.{name}, {value})\n"
            for (name, _), value in zip(
                module.named_parameters(), _weights(len(list(module.parameters()))) * 0.7 - 0.4, strict=True
            )
        )
        self.code = compile(self._body(), self.trial.call, "exec")

    def _space(self) -> dict[str, Any]:
        scipy = needs.package("scipy")
        needs.package("scipy.special")
        needs.package("scipy.stats")
        space: dict[str, Any] = {"np": np, "math": math, "special": scipy.special, "scipy": scipy}
        used = self.trial.setup + self.trial.call
        data = {k: v for k, v in CONSTANTS.items() if re.search(rf"\b{k}\b", used)}
        constants: dict[str, Any] = {k: np.array(v) for k, v in data.items()}
        if self.trial.torch:
            torch = needs.package("torch")
            space |= {"torch": torch, "nn": torch.nn, "F": torch.nn.functional}
            constants = {k: torch.tensor(v) for k, v in data.items()}
        return space | constants

    def _leaves(self) -> dict[str, Any]:
        arrays: dict[str, Any] = {n: np.array(ARRAYS[n]) for n in self.names if n in ARRAYS}
        if self.trial.torch:
            torch = needs.package("torch")
            arrays = {n: torch.tensor(a, requires_grad=True) for n, a in arrays.items()}
        return arrays | {n: SCALARS[n] for n in self.names if n in SCALARS}

    def _run(self, leaves: Mapping[str, Any]) -> dict[str, Any]:
        space = {**self.space, **leaves}
        exec(self.code, space)
        return space

    def _shapes(self, result: Any) -> list[tuple[str, tuple[int, ...]]]:
        """Return the parts of a result that are summed: how the text names each, and its shape."""
        pair = hasattr(result, "values") and hasattr(result, "indices") and isinstance(result, tuple)
        if pair:
            return [("r[0]", tuple(result[0].shape)), ("r.values", tuple(result[0].shape))]
        if isinstance(result, (tuple, list)) and not isinstance(result, list):
            return [
                (f"r[{k}]{name.removeprefix('r')}", shape)
                for k, part in enumerate(result)
                if part is not None
                for name, shape in self._shapes(part)
            ]
        if isinstance(result, list):
            return (
                [("r", np.shape(result))]
                if not any(hasattr(v, "shape") for v in result)
                else [(f"r[{k}]", tuple(v.shape)) for k, v in enumerate(result)]
            )
        return [("r", tuple(np.shape(result)))]

    def _total(self, space: Mapping[str, Any]) -> Any:
        total: Any = 0.0
        for name, shape in self.parts:
            weights = _weights(math.prod(shape)).reshape(shape)
            part = eval(name, dict(space))
            if self.trial.torch and hasattr(part, "backward"):
                torch = needs.package("torch")
                total = total + (torch.tensor(weights) * part).sum()
            else:
                total = total + np.sum(weights * np.asarray(part))
        for n in self.names:
            total = total + 0.1 * (space[n] * space[n]).sum() if n in ARRAYS else total + 0.1 * space[n] * space[n]
        return total

    def gradients(self) -> dict[str, Any]:
        """Return the derivatives: by PyTorch's autograd, else central differences."""
        if self.trial.torch:
            leaves = self._leaves()
            total = self._total(self._run(leaves))
            if not getattr(total, "requires_grad", False) or not all(a.requires_grad for a in leaves.values()):
                return {}
            try:
                total.backward()
            except NotImplementedError:
                return {}
            except RuntimeError as problem:
                if "not implemented" not in str(problem):
                    raise
                return {}
            return {n: leaves[n].grad.numpy() for n in self.names}
        found: dict[str, Any] = {}
        for n in self.names:
            leaves = self._leaves()
            start = np.asarray(leaves[n], dtype=float)
            gradient = np.zeros(start.shape)
            for at in np.ndindex(start.shape):
                ends = []
                for step in (1e-6, -1e-6):
                    moved = start.copy()
                    moved[at] += step
                    leaves[n] = moved if start.shape else float(moved)
                    ends.append(float(self._total(self._run(leaves))))
                gradient[at] = (ends[0] - ends[1]) / 2e-6
            found[n] = gradient
        return found


class Reading:
    """The same call as a text that symback reads."""

    def __init__(self, trial: Trial, real: Execution, dry: bool = False) -> None:
        self.problem: str | None = None
        text = self._text(trial, real)
        try:
            found = sb.derive(sb.parse(text, wrt=real.names or ["V"])).evaluate()
        except sb.SymbackError as problem:
            self.problem = str(problem)
            return
        self.loss = float(found.loss)
        self.gradients = found.gradients

    def _text(self, trial: Trial, real: Execution) -> str:
        used = trial.setup + trial.call
        make = "torch.tensor" if trial.torch else "np.array"
        lines = ["import math", "import numpy as np"]
        if "special." in used or "scipy." in used:
            lines += ["import scipy.stats", "from scipy import special"]
        if trial.torch:
            lines += ["import torch", "import torch.nn as nn", "import torch.nn.functional as F"]
        for name, value in {**ARRAYS, **CONSTANTS}.items():
            if re.search(rf"\b{name}\b", used):
                lines.append(f"{name} = {make}({value!r})")
        lines += [f"{n} = {v}" for n, v in SCALARS.items() if n in real.names]
        if not real.names:
            lines.append(f"V = {make}([0.5])")
        lines.append(f"{trial.setup}{real.lines}r = {trial.call}")
        total = "torch.sum" if trial.torch else "np.sum"
        terms = [
            f"{total}({make}({_weights(math.prod(shape)).reshape(shape).tolist()!r}) * {name})"
            for name, shape in real.parts
        ]
        terms += [f"0.1 * {total}({n} * {n})" if n in ARRAYS else f"0.1 * {n} * {n}" for n in real.names or ["V"]]
        if not real.names:
            terms[-1] = f"0.0 * {total}(V)"
        if not real.parts:
            terms.append(f"{total}(r)")
        return "\n".join([*lines, f"loss = {' + '.join(terms)}", ""])
