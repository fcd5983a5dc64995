"""Every entry a number of its own: an array network as a network of scalars, with the entries numbered.

The result is an ordinary network, so that its derivation, its chain rule and its numbers are those of every scalar
network. ``numbering`` is "running" (W_1 … W_6 across layers) or "layered" (w_{12}^{(1)}).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from symback.core.errors import DerivationError, PrintError, SymbackError
from symback.core.forms import Form, Function, Name, Number, OneHot, Prime, apply, names_in, number, relabel
from symback.core.operations import ARITHMETIC, ELEMENTARY, RELATIONS
from symback.engine.interpreter import Arithmetic, evaluate
from symback.networks.network import NamedNetwork, Network

LIMIT = 64
"""Most entries of one network that are written out."""
NUMBERINGS = ("running", "layered")


@dataclass(frozen=True, eq=False)
class Entries:
    """The network of scalars; ``names[array][index]`` is the scalar's name, ``symbols`` the LaTeX it prints as."""

    network: Network
    names: Mapping[str, Mapping[tuple[int, ...], str]]
    symbols: Mapping[str, str]

    def name(self, array: str, index: tuple[int, ...] = ()) -> str:
        """Return the scalar that stands for an entry; raises PrintError for one that is not there."""
        found = self.names.get(array, {})
        if index not in found:
            raise PrintError(f"{array}[{', '.join(map(str, index))}] is not an entry of this network")
        return found[index]


def entries(network: NamedNetwork, numbering: str = "running", batch: int | Mapping[Any, int] = 1) -> Entries:
    """Write a network out entry by entry; a symbolic size is written out ``batch`` long (one length, or one per size).

    Raises PrintError beyond 64 entries, and for functions along an axis that have no formula entry by entry (a
    maximum over an axis).
    """
    if numbering not in NUMBERINGS:
        raise PrintError(f"entries are numbered 'running' or 'layered', not {numbering!r}")
    shapes = [e.shape for e in network.equations] + [v.shape for v in network.variables.values()]
    symbolic = dict.fromkeys(s for shape in shapes for s in shape if not isinstance(s, int))
    sizes = {s: batch if isinstance(batch, int) else batch.get(s, 1) for s in symbolic}
    count = sum(_count(network.shape_of(v), sizes) for v in network.variables)
    if count > LIMIT:
        wide = next(iter(network.parameters), "W1")
        raise PrintError(f"{count} entries are too many to write out (at most {LIMIT}); show one: --only '{wide}[0,0]'")
    worker = _Writer(network, numbering, sizes)
    return worker.run()


def _count(shape: tuple[Any, ...], sizes: Mapping[Any, int]) -> int:
    return int(np.prod([s if isinstance(s, int) else sizes[s] for s in shape], dtype=int))


class _Writer:
    def __init__(self, network: NamedNetwork, numbering: str, sizes: Mapping[Any, int]) -> None:
        self.source = network
        self.numbering = numbering
        self.sizes = sizes
        self.net = Network()
        self.names: dict[str, dict[tuple[int, ...], str]] = {}
        self.symbols: dict[str, str] = {}
        self.arrays: dict[str, Any] = {}
        self.taken: set[str] = set()
        self.next: dict[str, int] = {}
        order = [*network.variables, *(e.name for e in network.equations)]
        self.stems = {n: _stem(n) for n in order}
        totals: dict[str, int] = {}
        for n in order:
            totals[self.stems[n]] = totals.get(self.stems[n], 0) + _count(network.shape_of(n), sizes)
        self.totals = totals

    def run(self) -> Entries:
        parameters = set(self.source.parameters)
        for variable in self.source.variables.values():
            shape = self._shape(variable.shape)
            value = self.source.values.get(variable.name)
            if variable.integer:
                if value is not None and value.shape == shape:
                    self.arrays[variable.name] = value
                continue
            array = np.empty(shape, dtype=object)
            for index in np.ndindex(*shape):
                label = self._label(variable.name, index, shape)
                declare = self.net.parameter if variable.name in parameters else self.net.input
                array[index] = declare(
                    label, (), None if value is None or value.shape != shape else float(value[index])
                )
            self.arrays[variable.name] = array
        for equation in self.source.equations:
            if isinstance(equation.form, OneHot):
                self._declare_rows(equation.name, equation.form)
                continue
            unknown = [n.name for n in names_in(equation.form) if n.name not in self.arrays]
            if unknown:
                raise PrintError(f"{unknown[0]} holds indices; entries are written out where their values are known")
            found = np.asarray(self._evaluate(equation.form), dtype=object)
            shape = self._shape(equation.shape)
            array = np.empty(shape, dtype=object)
            for index in np.ndindex(*shape):
                entry = found.reshape(shape)[index]
                form = entry if isinstance(entry, Form) else number(entry)
                array[index] = self.net.define(self._label(equation.name, index, shape), form, line=equation.line)
            self.arrays[equation.name] = array
        self.net.loss = self.names[self.source.loss][next(iter(self.names[self.source.loss]))]
        self.net.learning_rate, self.net.steps = self.source.learning_rate, self.source.steps
        self.net.optimizer = self.source.optimizer
        return Entries(self.net, self.names, self.symbols)

    def _declare_rows(self, name: str, form: OneHot) -> None:
        """Declare one-hot rows as data of their own: which class is the right one is known to the data alone."""
        index = form.args[0]
        known = isinstance(index, Name) and index.name in self.arrays
        rows = np.asarray(self._evaluate(form)) if known else None
        shape = self._shape(form.shape)
        array = np.empty(shape, dtype=object)
        for at in np.ndindex(*shape):
            array[at] = self.net.input(self._label(name, at, shape), (), None if rows is None else float(rows[at]))
        self.arrays[name] = array

    def _shape(self, shape: tuple[Any, ...]) -> tuple[int, ...]:
        return tuple(s if isinstance(s, int) else self.sizes[s] for s in shape)

    def _evaluate(self, form: Form) -> Any:
        return written_out(form, self.arrays, self.sizes)

    def _label(self, array: str, index: tuple[int, ...], shape: tuple[int, ...]) -> str:
        stem = self.stems[array]
        if self.numbering == "layered":
            weight = len(shape) == 2 and stem[:1] in ("w", "W")
            places = [str(i + 1) for i, s in zip(index, shape, strict=True) if s != 1 or weight]
            layer = array[len(stem) :].lstrip("_")
            label = "_".join([f"{stem}{layer}", *places])
            head = stem.lower() if stem in ("W", "B") else stem
            below = ("," if any(len(p) > 1 for p in places) else "").join(places)
            below = f"_{{{below}}}" if len(below) > 1 else f"_{below}" if below else ""
            if len(stem) == 1 and (places or layer):
                self.symbols[label] = head + below + (f"^{{({layer})}}" if layer else "")
        elif self.totals[stem] == 1:
            label = stem if stem not in self.taken else array
        else:
            self.next[stem] = self.next.get(stem, 0) + 1
            label = f"{stem}_{self.next[stem]}"
        while label in self.taken:
            label += "_"
        self.taken.add(label)
        self.names.setdefault(array, {})[index] = label
        return label


def written_out(form: Form, arrays: Mapping[str, Any], sizes: Mapping[Any, int]) -> Any:
    """Return the array of scalar Forms that a Form gives on arrays of scalar Forms.

    Raises DerivationError for a function that has no formula entry by entry, such as a maximum over an axis.
    """
    try:
        return evaluate(relabel(form, {}, sizes), arrays, {}, SYMBOLIC, call=_call)
    except (TypeError, SymbackError) as error:
        raise DerivationError(f"{form} cannot be written out entry by entry: {error}") from None


def _stem(name: str) -> str:
    found = re.fullmatch(r"(.*?[^\d_])_?\d+", name)
    return found.group(1) if found else name


def _ordered_product(a: Any, b: Any) -> Any:
    """Return a product of scalars with the weight first, as W₁x₁."""
    if isinstance(a, Number) and a.value == 1:
        return b
    if isinstance(b, Number) and b.value == 1:
        return a
    return b * a if _weight(b) and not _weight(a) and not isinstance(a, Number) else a * b


def _weight(form: Any) -> bool:
    return isinstance(form, Form) and not form.args and str(form)[:1] in ("w", "W")


def _form(value: Any) -> Form:
    return value if isinstance(value, Form) else number(value)


def _boxed(value: Any) -> Any:
    """Return a Form as an array without axes: NumPy takes no Form by itself as an operand."""
    if not isinstance(value, Form):
        return value
    box = np.empty((), dtype=object)
    box[()] = value
    return box


def _entrywise(function: Callable[..., Form], count: int) -> Callable[..., Any]:
    lifted = np.frompyfunc(lambda *a: function(*map(_form, a)), count, 1)
    return lambda *a: _boxed(lifted(*map(_boxed, a)))


def _operation(op: str, count: int) -> Callable[..., Any]:
    return _entrywise(lambda *a: apply(op, *a), count)


def _call(op: Function | Prime, args: tuple[Any, ...]) -> Any:
    """Keep calls of entrywise table functions as calls."""
    return _entrywise(lambda *a: apply(op, *a), len(args))(*args)


SYMBOLIC = Arithmetic(
    lambda value: _boxed(number(value)),
    {
        **{op: _operation(op, 2) for op in (*ARITHMETIC, "power", *RELATIONS)},
        **{op: _operation(op, 1) for op in ("negative", *ELEMENTARY)},
        "multiply": _entrywise(_ordered_product, 2),
        "where": _operation("where", 3),
    },
)
