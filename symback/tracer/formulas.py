"""What the table is asked for the entries of a run: operands as Forms, constants as numbers, and the proof of what it answers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from symback.core.errors import ReadError, SymbackError
from symback.core.forms import (
    Form,
    Name,
    Requirement,
    Shape,
    eye,
    filled,
    names_in,
    number,
    size_of,
    stack,
)
from symback.core.forms import name as make_name
from symback.engine.interpreter import evaluate
from symback.library import calls, kinds
from symback.library.plain_numbers import PLAIN
from symback.library.values import Binding, Count, Counting, formula_of
from symback.tracer.log import OWN, Log, Node, Site
from symback.tracer.rows import MovedCount, MovedNumber, Rows
from symback.tracer.sliced import Slice, base_of, title

_TOLERANCE = {8: 1e-9, 4: 1e-4, 2: 1e-2}
"""How far a formula may be from the run's own number, by the bytes of its type, relative to the largest entry."""
_ARITHMETIC = frozenset(
    (
        *(f"numpy.{n}" for n in ("add", "subtract", "multiply", "divide", "true_divide", "negative", "square")),
        "numpy.ndarray.T",
    )
)
"""What is written out where it is done with named data."""


class Formulas(Slice):
    """Formulas for the entries of a log that a loss needs; it is the caller of the table.

    ``bindings`` holds what is named: leaves under ``v12``, computed entries under ``n12``, by their places in the log.
    """

    def __init__(self, log: Log, loss: Node, parameters: Sequence[Node], rows: Rows | None = None) -> None:
        super().__init__(log, loss, parameters)
        self.rows = rows
        self.line = 0
        self.trying = 0
        self.bindings: dict[str, Binding] = {}
        self.kinds: dict[Form, str] = {}
        self.requirements: list[tuple[Form, tuple[Requirement, ...]]] = []
        self.logits: list[tuple[int, Form, str]] = []
        self.clamped: list[Any] = []
        self.names: dict[Node, Form] = {}
        self.unknown: dict[Node, ReadError] = {}
        """Entries without a formula for every number of rows, and why."""
        self._literals = 0
        self.is_of_torch = False
        """True while an operation of PyTorch becomes a formula."""
        self.parts: list[Node] = []
        """Entries that the operation at hand was taken apart into."""
        self.padded: dict[tuple[int, int], None] = {}
        """Rows of embeddings that are padding, with their lines."""
        self.ways: dict[Node, str] = {}
        """By which way each operation became a formula."""
        self._numbers: dict[str, int] = {}
        self.wholes: dict[object, Any] = {}
        """What operations with several results became, by what their entries share."""

    # --- operands -------------------------------------------------------------------------------------------------------

    def operand(self, value: Any) -> Any:
        """Return what the table is given for an operand: a Form, a number of Python, or a container of them."""
        if isinstance(value, Node):
            return self.form_of(value)
        if isinstance(value, (MovedCount, MovedNumber)):
            return value.form
        if isinstance(value, range) and self.rows is not None and value == range(self.rows.count):
            return Counting(self.rows.size)
        if type(value) in (tuple, list):
            return type(value)(self.operand(v) for v in value)
        if type(value) is dict:
            return {k: self.operand(v) for k, v in value.items()}
        if isinstance(value, slice):
            return slice(*(self._whole(p) for p in (value.start, value.stop, value.step)))
        if isinstance(value, np.ndarray):
            return self.literal(value)
        if isinstance(value, np.generic):
            return value.item()
        return value

    def _whole(self, value: Any) -> Any:
        if isinstance(value, Node):
            value = self.values[value]
        if isinstance(value, MovedCount):
            return value.form
        return value if value is None else int(value)

    def form_of(self, node: Node) -> Any:
        """Return how an entry stands in the formula of another: by its key, a truth value as its formula, data as a leaf."""
        known = self.names.get(node)
        if known is not None:
            return known
        if node in self.unknown:
            raise self.unknown[node]
        if node in self.dependent:
            form = self.forms[node]
            if not isinstance(form, Form):
                raise ReadError(f"{title(node)} is not an array or a number", self.line)
            if isinstance(form, Name) and node.path.startswith("torch") and form.name[0] in "nv":
                self.names[node] = form  # a copy is what it is one of
                return form
            if node.kind != "b":
                key = f"n{node.number}"
                self.bindings[key] = Binding(
                    key, base_of(node) or letter_of(node.path), form.shape, node.site.line, form, self._leaves(form)
                )
                form = make_name(key, form.shape)
            self.names[node] = form
            return form
        value = self.values[node]
        if self.rows is not None and (moved := self.rows.constant(node, value)) is not None:
            self.names[node] = moved
            return moved
        if np.ndim(value) == 0 and isinstance(value, (int, float, np.generic)):
            plain = value.item() if isinstance(value, np.generic) else value
            if not node.name or node.kind != "f" or not math.isfinite(plain):
                return plain
        elif not node.name and np.size(value) > 1 and node.kind == "f":
            stated = self._written_out(node)
            if stated is not None:
                self.names[node] = stated
                return stated
            constant = _constant_form(np.asarray(value), self._shape(node))
            if constant is not None:
                self.names[node] = constant
                return constant
        self.names[node] = found = self._leaf(node)
        return found

    def _written_out(self, node: Node, depth: int = 3) -> Form | None:
        """Return arithmetic on named data as the formula that it is, as ``1 - y``; None for other data."""
        if node.path not in _ARITHMETIC or not depth:
            return None
        parts: list[Any] = []
        for value in node.args:
            if not isinstance(value, Node):
                if not isinstance(value, (int, float)):
                    return None
                parts.append(value)
            elif value.name or not value.shape:
                parts.append(self.form_of(value))
            else:
                inner = self._written_out(value, depth - 1)
                if inner is None:
                    return None
                parts.append(inner)
        if not any(isinstance(p, Form) and p.shape for p in parts):
            return None
        try:
            form = parts[0].T if node.path == "numpy.ndarray.T" else calls.call_function(self, node.path, parts, {})
        except SymbackError:
            return None
        return form if isinstance(form, Form) and self.is_proved(node, form) else None

    def _leaves(self, form: Form) -> frozenset[str]:
        return frozenset[str]().union(*(self.bindings[n.name].leaves for n in names_in(form)))

    def _leaf(self, node: Node) -> Form:
        key = f"v{node.number}"
        value = self.values[node]
        shape = self._shape(node)
        trained = node in self.parameters
        self.bindings[key] = Binding(
            key,
            base_of(node) or ("w" if trained else "c"),
            shape,
            node.site.line,
            leaves=frozenset([key]),
            value=value,
            anonymous=not node.name and not trained,
            trainable=trained,
        )
        return make_name(key, shape)

    def _shape(self, node: Node) -> Shape:
        value = self.values[node]
        return tuple(int(s) for s in np.shape(value)) if self.rows is None else self.rows.shape(node, value)

    def is_proved(self, node: Node, found: Any) -> bool:
        """Return whether a formula gives the run's own numbers, with every number of rows that was run."""
        if self.rows is None or not isinstance(found, Form):
            return self._gives(found, self.values[node], self.number_of, {})
        size, count = self.rows.size, self.rows.count
        return self._gives(found, self.values[node], self.number_of, {size: count}) and self._gives(
            found, self.rows.other(node), self._other_number_of, {size: 2 * count}
        )

    def _gives(self, found: Any, value: Any, number_of: Callable[[str], Any], sizes: Mapping[Any, int]) -> bool:
        """Return whether a formula gives a value for numbers of what it reads."""
        if isinstance(found, (tuple, list)):
            return isinstance(value, (tuple, list)) and len(found) == len(value)
        if not isinstance(found, Form):
            return isinstance(found, PLAIN) and np.ndim(value) == 0
        if tuple(sizes.get(s, s) for s in found.shape) != tuple(np.shape(value)):
            return False
        environment = {n.name: number_of(n.name) for n in names_in(found)}
        try:
            with np.errstate(all="ignore"):
                computed = np.asarray(evaluate(kinds.untyped(found), environment, sizes=sizes))
        except (SymbackError, ArithmeticError, ValueError, TypeError, IndexError):
            return False
        return is_near(computed, np.asarray(value))

    def number_of(self, key: str) -> Any:
        binding = self.bindings[key]
        value = binding.value if binding.form is None else self.values[self.log.nodes[int(key[1:])]]
        array = np.asarray(value)
        return array.astype(np.float64) if array.dtype.kind == "b" else value

    def _other_number_of(self, key: str) -> Any:
        """Return the number of a key in the run with more rows; a number that stands in a formula is the same there."""
        if key[0] == "c" or self.rows is None:
            return self.number_of(key)
        value = self.rows.other(self.log.nodes[int(key[1:])])
        array = np.asarray(value)
        return array.astype(np.float64) if array.dtype.kind == "b" else value

    # --- what the table asks ---------------------------------------------------------------------------------------------

    @property
    def bits(self) -> int:
        """How many bits a whole number has where the library chooses."""
        return 64

    def form(self, value: Any) -> Form:
        """Return ``value`` as a Form; lists of numbers become arrays."""
        if isinstance(value, Form):
            return value
        if isinstance(value, PLAIN):
            return formula_of(value)
        if isinstance(value, (list, tuple)):
            if self._holds_forms(value):
                return stack([self.form(v) for v in value])
            return self.literal(np.asarray(value))
        if isinstance(value, (np.ndarray, np.generic)):
            return self.literal(np.asarray(value)) if np.ndim(value) else formula_of(np.asarray(value).item())
        raise ReadError(f"a {type(value).__name__} stands where an array or a number is needed", self.line)

    def _holds_forms(self, value: Any) -> bool:
        return any(isinstance(v, Form) or (isinstance(v, (list, tuple)) and self._holds_forms(v)) for v in value)

    def made(self, form: Form) -> Form:
        """Return the Form; what one operation makes is small."""
        return form

    def constant(self, value: Any, data: bool = True) -> Any:
        """Return the plain number, or other constant, that ``value`` is known to be, else None."""
        if not isinstance(value, Form):
            return value
        found = self.known(value)
        if found is None or (np.ndim(found) and not data):
            return None
        if np.ndim(found):
            return np.asarray(found)
        plain = found.item() if isinstance(found, (np.ndarray, np.generic)) else found
        return int(plain) if isinstance(plain, float) and plain.is_integer() and abs(plain) < 2**53 else plain

    def integer(self, value: Any, what: str) -> int:
        """Return a whole number of the run."""
        found = self.constant(value)
        if isinstance(found, np.generic):
            found = found.item()
        if isinstance(found, bool) or not isinstance(found, int):
            raise ReadError(f"{what} has to be a whole number", self.line)
        return found

    def fix(self, value: Any, what: str) -> None:
        """Nothing is noted: constants of a run are its own."""

    def known(self, form: Form) -> Any:
        """Return the value of a Form that depends on no parameter, else None."""
        environment: dict[str, Any] = {}
        for leaf in names_in(form):
            binding = self.bindings[leaf.name]
            if binding.form is not None or binding.trainable:
                return None
            environment[leaf.name] = binding.value
        if isinstance(form, Name):
            return environment[form.name]
        plain = {k: v.astype(float) if np.asarray(v).dtype.kind == "b" else v for k, v in environment.items()}
        try:
            with np.errstate(all="ignore"):
                found = evaluate(kinds.untyped(form), plain)
        except SymbackError:
            if self.rows is None:
                raise
            return None  # it depends on the number of rows
        kind = kinds.kind_of(self, form)
        if not form.shape:
            return bool(found) if kind == "b" else found
        return np.asarray(found).astype({"f": float, "b": bool}.get(kind, np.int64))

    def is_array(self, value: Any) -> bool:
        """Return whether a value has a Form."""
        return isinstance(value, Form)

    def is_literal(self, form: Form) -> bool:
        """Return whether the Form holds no named array."""
        return all(self.bindings[n.name].anonymous and self.bindings[n.name].form is None for n in names_in(form))

    def is_torch(self, form: Form) -> bool:
        """Return whether the operation at hand is PyTorch's."""
        return self.is_of_torch

    def shape_value(self, form: Form) -> tuple[Any, ...]:
        """Return a shape as counts."""
        return tuple(Count(s) if isinstance(s, int) else size_of(s) for s in form.shape)

    def count_value(self, form: Form) -> Any:
        """Return the number of elements."""
        found: Any = Count(math.prod(s for s in form.shape if isinstance(s, int)))
        for size in form.shape:
            found = (
                found if isinstance(size, int) else size_of(size) * number(int(found)) if found != 1 else size_of(size)
            )
        return found

    def sized(self, value: Any, length: int) -> None:
        """Nothing is noted: lengths of a run are numbers."""

    def items_of(self, value: Any) -> Any:
        """Return what a loop runs over as a sequence."""
        if isinstance(value, Form):
            return [value[k] for k in range(int(value.shape[0]))]
        return list(value)

    def literal(self, array: Any, *, shape: Shape | None = None, **more: Any) -> Name:
        """Make an array that stands inside a formula without a name."""
        self._literals += 1
        key = f"c{self._literals}"
        value = np.asarray(array)
        self.bindings[key] = Binding(
            key, "c", value.shape, self.line, value=value, leaves=frozenset([key]), anonymous=True
        )
        return make_name(key, value.shape)

    def equation(self, name: str, form: Form, *, local: bool = False, **more: Any) -> Name:
        """Make a part of the operation at hand an entry of its own, with a name."""
        read = {int(n.name[1:]): n for n in names_in(kinds.untyped(form)) if n.name[0] in "nv"}
        operands_ = tuple(self.log.nodes[k] for k in sorted(read))
        node = Node(len(self.log.nodes), "part", None, operands_, {}, (), "f", Site("", self.line))
        environment = {n.name: self.number_of(n.name) for n in names_in(form)}
        with np.errstate(all="ignore"):
            self.values[node] = np.asarray(evaluate(kinds.untyped(form), environment))[()]
        node.shape, node.name, node.strength, node.own = tuple(np.shape(self.values[node])), name, OWN, True
        self.log.nodes.append(node)
        self.forms[node] = form
        self.dependent.add(node)
        self.parts.append(node)
        key = f"n{node.number}"
        self.bindings[key] = Binding(key, name, form.shape, self.line, form, self._leaves(form))
        self.names[node] = made = make_name(key, form.shape)
        return made

    def numbered(self, kind: str) -> str:
        """Return the number of a layer of a kind, which the names of its parts have."""
        self._numbers[kind] = self._numbers.get(kind, 0) + 1
        return str(self._numbers[kind])

    def detached(self, form: Form) -> Form:
        """Return the Form: NumPy knows no gradients."""
        return form

    def retagged(self, form: Form, torch: bool) -> Form:
        """Return the Form: the run is NumPy's."""
        return form

    def want_gradient(self, leaf: Name, wanted: bool) -> None:
        """Not asked by functions of NumPy."""


_LETTERS = {
    "z": (
        "linear",
        "conv1d",
        "conv2d",
        "conv3d",
        "conv_transpose1d",
        "conv_transpose2d",
        "conv_transpose3d",
        "bilinear",
    ),
    "y": ("batch_norm", "layer_norm", "group_norm", "instance_norm", "rms_norm"),
    "a": ("relu", "sigmoid", "tanh", "gelu", "silu", "elu", "leaky_relu", "softplus", "mish", "selu", "relu6"),
    "p": ("softmax", "log_softmax", "max_pool1d", "max_pool2d", "avg_pool1d", "avg_pool2d", "adaptive_avg_pool2d"),
    "e": ("embedding",),
    "s": ("matmul", "bmm", "einsum"),
}
_LETTER_OF = {name: letter for letter, names in _LETTERS.items() for name in names}


def letter_of(path: str) -> str:
    """Return what a result of a function without a name is called: ``z`` for a weighted sum, ``a`` for an activation."""
    return _LETTER_OF.get(path.rpartition(".")[2], "u") if path.startswith("torch") else "u"


def is_near(computed: np.ndarray, value: np.ndarray) -> bool:
    """Return whether numbers are those of the run, up to the rounding of their type."""
    if computed.shape != value.shape:
        return False
    if value.dtype.kind != "f":
        return bool(np.array_equal(np.asarray(computed, dtype=float), np.asarray(value, dtype=float)))
    a, b = np.asarray(computed, dtype=np.float64), np.asarray(value, dtype=np.float64)
    finite = np.isfinite(b)
    if not np.array_equal(a[~finite], b[~finite], equal_nan=True):
        return False
    scale = max(float(np.max(np.abs(b[finite]), initial=0.0)), 1e-300)
    return bool(np.all(np.abs(a[finite] - b[finite]) <= _TOLERANCE.get(value.dtype.itemsize, 1e-9) * scale))


def _constant_form(value: np.ndarray, shape: Shape) -> Form | None:
    """Return zeros, ones or an identity matrix as what they are called; None for other data."""
    first = value.reshape(-1)[0]
    if np.all(value == first) and float(first).is_integer():
        return filled(int(first), shape)
    if value.ndim == 2 and value.shape[0] == value.shape[1] and np.array_equal(value, np.eye(len(value))):
        return eye(shape[0])
    return None
