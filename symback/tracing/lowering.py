"""From the log to formulas: each operation the loss needs becomes a Form by the table, and proves itself on the run's own numbers."""

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
    concatenate,
    einsum,
    expand,
    eye,
    filled,
    gather,
    matmul,
    names_in,
    number,
    reshape,
    scatter,
    shape_text,
    stack,
    where,
)
from symback.core.forms import name as make_name
from symback.engine.interpreter import evaluate
from symback.library import calls, indexing, kinds
from symback.library.paths import written
from symback.library.plain_numbers import PLAIN
from symback.library.values import Binding, Count, formula_of
from symback.tracing.log import Log, Node, operands

_TOLERANCE = {8: 1e-9, 4: 1e-4, 2: 1e-2}
"""How far a formula may be from the run's own number, by the bytes of its type, relative to the largest entry."""
_SAME = frozenset(
    ("float", "numpy.float64", "numpy.float32", "numpy.ascontiguousarray", "numpy.asfortranarray", "numpy.copy")
)
_SELECTING = frozenset(
    (
        *("numpy.sort", "sort_in_place", "numpy.partition", "partition_in_place", "numpy.maximum.accumulate"),
        *(
            "numpy.minimum.accumulate",
            "numpy.unique",
            "numpy.nanmax",
            "numpy.nanmin",
            "numpy.percentile",
            "numpy.median",
        ),
        *("numpy.quantile", "numpy.amax", "numpy.amin", "numpy.fmax", "numpy.fmin"),
    )
)
"""Operations that answer with entries of what they are given, by their order."""
_ARITHMETIC = frozenset(
    (
        *(f"numpy.{n}" for n in ("add", "subtract", "multiply", "divide", "true_divide", "negative", "square")),
        "numpy.ndarray.T",
    )
)
"""What is written out where it is done with named data."""
_MOST_COLUMNS = 512
"""Most entries of an operand whose linear map is found by trying."""
_STEPWISE = frozenset(
    f"numpy.{name}"
    for name in ("round", "rint", "floor", "ceil", "trunc", "fix", "floor_divide", "ndarray.round", "around")
)
"""Functions that are constant near almost every point."""
_MOST_CODES = 4_000_000
"""Most entries that are moved by places that are found by trying."""


class Lowering:
    """Formulas for the entries of a log that a loss needs; it is the caller of the table.

    ``bindings`` holds what is named: leaves under ``v12``, computed entries under ``n12``, by their places in the log.
    """

    def __init__(self, log: Log, loss: Node, parameters: Sequence[Node]) -> None:
        self.log = log
        self.parameters = set(parameters)
        self.line = 0
        self.trying = 0
        self.bindings: dict[str, Binding] = {}
        self.kinds: dict[Form, str] = {}
        self.requirements: list[tuple[Form, tuple[Requirement, ...]]] = []
        self.logits: list[tuple[int, Form, str]] = []
        self.clamped: list[Any] = []
        self.selected: list[tuple[int, str]] = []
        """Operations whose entries were picked by this run's numbers, with their lines."""
        self.constant_here: list[Node] = []
        """Entries that are computed from parameters and are constant near this point."""
        self.needed = self._needed(loss)
        self.dependent = self._dependent()
        self.values: dict[Node, Any] = {}
        self.forms: dict[Node, Any] = {}
        self._names: dict[Node, Form] = {}
        self._literals = 0

    # --- the slice ------------------------------------------------------------------------------------------------------

    def _needed(self, loss: Node) -> list[Node]:
        """Return what the loss is computed from, in the order of the run; nothing that a parameter was computed from."""
        found = {loss}
        stack_ = [loss]
        while stack_:
            node = stack_.pop()
            if node in self.parameters:
                continue
            for other in operands(node):
                if other not in found:
                    found.add(other)
                    stack_.append(other)
        return sorted(found, key=lambda n: n.number)

    def _dependent(self) -> set[Node]:
        """Return the entries that depend on a parameter; whole numbers and what is rounded are constant near this point."""
        found = set(self.parameters)
        for node in self.needed:
            if node not in found and any(o in found for o in operands(node)):
                if node.kind == "i" or node.path in _STEPWISE:
                    self.constant_here.append(node)
                else:
                    found.add(node)
        return found

    def run(self) -> None:
        """Compute every number of the slice again, and find the formula of each entry that depends on a parameter."""
        for node in self.needed:
            self.values[node] = self._value_of(node)
            if node in self.parameters:
                self._names[node] = self._leaf(node)
            elif node in self.dependent:
                self.line = node.site.line
                self.forms[node] = self._lowered(node)

    def _value_of(self, node: Node) -> Any:
        if node.run is None or (node.value is not None and node.kind != "f"):
            return node.value
        if node in self.parameters and any(o not in self.values for o in operands(node)):
            return self._alone(node)
        value = self._again(node)
        if node.value is not None and np.shape(value) == () and isinstance(value, (float, np.floating)):
            kept = float(node.value)
            if not (
                math.isclose(float(value), kept, rel_tol=1e-6, abs_tol=1e-12)
                or (math.isnan(kept) and math.isnan(float(value)))
            ):
                raise ReadError(
                    f"{title(node)} was {kept:.9g} in the run, and is {float(value):.9g} when it is computed again: "
                    "something changed its numbers that is not recorded",
                    node.site.line,
                )
        return value

    def _again(self, node: Node) -> Any:
        assert node.run is not None
        args, options = self._valued(node.args), self._valued(node.options)
        with np.errstate(all="ignore"):
            return node.run(*args, **options)

    def _alone(self, node: Node) -> Any:
        """Return the value of a node whose operands are no part of the slice."""
        order: dict[Node, None] = {}
        stack_ = [(node, False)]
        while stack_:
            at, done = stack_.pop()
            if at in self.values or at in order:
                continue
            if done:
                order[at] = None
            else:
                stack_.append((at, True))
                stack_ += [(o, False) for o in operands(at)]
        extra = [n for n in order if n is not node]
        for other in extra:
            self.values[other] = (
                other.value
                if other.run is None or (other.value is not None and other.kind != "f")
                else self._again(other)
            )
        return node.value if node.run is None else self._again(node)

    def _valued(self, value: Any) -> Any:
        if isinstance(value, Node):
            return self.values[value]
        if type(value) in (tuple, list):
            return type(value)(self._valued(v) for v in value)
        if type(value) is dict:
            return {k: self._valued(v) for k, v in value.items()}
        if isinstance(value, slice):
            return slice(self._valued(value.start), self._valued(value.stop), self._valued(value.step))
        return value

    # --- operands -------------------------------------------------------------------------------------------------------

    def operand(self, value: Any) -> Any:
        """Return what the table is given for an operand: a Form, a number of Python, or a container of them."""
        if isinstance(value, Node):
            return self.form_of(value)
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
        return value if value is None else int(value)

    def form_of(self, node: Node) -> Any:
        """Return how an entry stands in the formula of another: by its key, a truth value as its formula, data as a leaf."""
        known = self._names.get(node)
        if known is not None:
            return known
        if node in self.dependent:
            form = self.forms[node]
            if not isinstance(form, Form):
                raise ReadError(f"{title(node)} is not an array or a number", self.line)
            if node.kind != "b":
                key = f"n{node.number}"
                self.bindings[key] = Binding(
                    key, base_of(node) or "u", form.shape, node.site.line, form, self._leaves(form)
                )
                form = make_name(key, form.shape)
            self._names[node] = form
            return form
        value = self.values[node]
        if np.ndim(value) == 0 and isinstance(value, (int, float, np.generic)):
            plain = value.item() if isinstance(value, np.generic) else value
            if not node.name or node.kind != "f" or not math.isfinite(plain):
                return plain
        elif not node.name and np.size(value) > 1 and node.kind == "f":
            stated = self._written_out(node)
            if stated is not None:
                self._names[node] = stated
                return stated
            constant = _constant_form(np.asarray(value))
            if constant is not None:
                self._names[node] = constant
                return constant
        self._names[node] = found = self._leaf(node)
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
            form = _OWN[node.path](self, node) if node.path in _OWN else calls.call_function(self, node.path, parts, {})
        except SymbackError:
            return None
        return form if isinstance(form, Form) and self._is_proved(node, form) else None

    def _leaves(self, form: Form) -> frozenset[str]:
        return frozenset[str]().union(*(self.bindings[n.name].leaves for n in names_in(form)))

    def _leaf(self, node: Node) -> Form:
        key = f"v{node.number}"
        value = self.values[node]
        shape = tuple(int(s) for s in np.shape(value))
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

    # --- the formula of one entry ---------------------------------------------------------------------------------------

    def _lowered(self, node: Node) -> Any:
        """Return the formula of an entry by the first of the ways that proves itself."""
        problems: list[SymbackError] = []
        for way in (self._by_the_table, self._by_selection, self._by_movement, self._as_linear):
            try:
                found = way(node)
            except SymbackError as error:
                problems.append(error)
                continue
            except RecursionError:
                problems.append(ReadError("nested too deeply", node.site.line))
                continue
            if found is not None and self._is_proved(node, found):
                return found
        raise self._refusal(node, problems)

    def _refusal(self, node: Node, problems: Sequence[SymbackError]) -> ReadError:
        line = node.site.line or None
        known = [p for p in problems if "is not known" not in str(p)]
        if node.kind == "?":
            return ReadError(f"{title(node)} gives something that is no real number", line)
        if known:
            said = str(known[0]).removeprefix(f"line {line}: ")
            return ReadError(f"{title(node)} cannot be derived: {said}", line)
        if problems:
            return ReadError(f"{title(node)} is not known here", line)
        shape = shape_text(tuple(node.shape))
        return ReadError(f"the formula for {title(node)} does not give the numbers of the run, of shape {shape}", line)

    def _by_the_table(self, node: Node) -> Any:
        path = node.path
        if path == "numpy.add" and len(node.args) == 2:
            for zero, other in (node.args, node.args[::-1]):
                if self._is_zero(zero) and isinstance(other, Node) and other.shape == node.shape:
                    return self.form(self.operand(other))
        own = _OWN.get(path)
        if own is not None:
            return own(self, node)
        if path.endswith(".at") and path.count(".") == 2:
            return self._added_at(node)
        if path.endswith(".outer") and path.count(".") == 2:
            a, b = (self.form(self.operand(v)) for v in node.args[:2])
            whole = expand(a, [a.ndim + k for k in range(b.ndim)]) if b.ndim else a
            return calls.call_function(self, path.removesuffix(".outer"), [whole, b], {})
        args, options = list(self.operand(node.args)), self.operand(node.options)
        if path.startswith("numpy.ndarray."):
            form = self.form(args[0])
            return calls.call_method(self, form, path.rpartition(".")[2], args[1:], options)
        return calls.call_function(self, path, args, options)

    def _is_zero(self, value: Any) -> bool:
        """Return whether an operand is the number 0, with which a running total begins."""
        if isinstance(value, Node):
            value = None if value in self.dependent or value.shape else self.values[value]
        return isinstance(value, (int, float)) and value == 0

    def _added_at(self, node: Node) -> Form:
        """Return ``np.add.at(a, index, b)``, where indices that come back add up."""
        held, index, value = node.args
        if node.path not in ("numpy.add.at", "numpy.subtract.at"):
            raise ReadError(f"{node.path.removeprefix('numpy.')} is not read", self.line)
        places = self.values[index] if isinstance(index, Node) else np.asarray(index)
        form = self.form(self.operand(held))
        if isinstance(places, tuple) or np.ndim(places) != 1 or np.asarray(places).dtype.kind not in "iu":
            raise ReadError("entries are added at places that are not whole numbers along the first axis", self.line)
        lengths = (len(places), *form.shape[1:])
        added = indexing.fitted(self.form(self.operand(value)), filled(0, lengths))
        at = self.operand(index)
        spread = scatter(added, at if isinstance(at, Form) else self.literal(places), 0, form.shape)
        return form + spread if node.path == "numpy.add.at" else form - spread

    def _is_proved(self, node: Node, found: Any) -> bool:
        """Return whether a formula gives the run's own numbers."""
        value = self.values[node]
        if isinstance(found, (tuple, list)):
            return isinstance(value, (tuple, list)) and len(found) == len(value)
        if not isinstance(found, Form):
            return isinstance(found, PLAIN) and np.ndim(value) == 0
        if found.shape != tuple(np.shape(value)):
            return False
        environment = {n.name: self._number_of(n.name) for n in names_in(found)}
        try:
            with np.errstate(all="ignore"):
                computed = np.asarray(evaluate(kinds.untyped(found), environment))
        except (SymbackError, ArithmeticError, ValueError, TypeError, IndexError):
            return False
        return is_near(computed, np.asarray(value))

    def _number_of(self, key: str) -> Any:
        binding = self.bindings[key]
        value = binding.value if binding.form is None else self.values[self.log.nodes[int(key[1:])]]
        array = np.asarray(value)
        return array.astype(np.float64) if array.dtype.kind == "b" else value

    # --- entries that are moved -----------------------------------------------------------------------------------------

    def _by_movement(self, node: Node) -> Form | None:
        """Return entries of the operands at other places, where the operation only moves them.

        It is carried out on codes in the place of numbers, and on −3 times those: if the result scales likewise and each of
        its entries is a code, it is that entry; where it is 0, it is 0.
        """
        moved = [n for n in dict.fromkeys(operands(node)) if n in self.dependent]
        sizes = [int(np.size(self.values[n])) for n in moved]
        if node.kind != "f" or not moved or sum(sizes) > _MOST_CODES or any(n.kind == "b" for n in moved):
            return None
        held = {n: self.values[n] for n in moved}
        codes = np.random.default_rng(0).permutation(sum(sizes)) * math.pi + math.e
        results = []
        try:
            for scale in (1.0, -3.0):
                start = 0
                for n, size in zip(moved, sizes, strict=True):
                    part = codes[start : start + size].reshape(np.shape(held[n])) * scale
                    self.values[n] = part if np.ndim(held[n]) else float(part)
                    start += size
                results.append(np.asarray(self._again(node), dtype=np.float64))
        except Exception:  # codes are no numbers that the operation need take
            return None
        finally:
            self.values.update(held)
        return self._picked(moved, codes, results[0], results[1])

    def _picked(self, moved: Sequence[Node], codes: np.ndarray, once: np.ndarray, scaled: np.ndarray) -> Form | None:
        if once.shape != scaled.shape or not np.allclose(scaled, -3 * once, rtol=1e-12, atol=0):
            return None
        order = np.argsort(codes)
        at = np.minimum(np.searchsorted(codes, once.reshape(-1), sorter=order), codes.size - 1)
        near = [np.maximum(at - 1, 0), at]
        flat = once.reshape(-1)
        best = np.where(
            np.abs(codes[order[near[0]]] - flat) < np.abs(codes[order[near[1]]] - flat), order[near[0]], order[near[1]]
        )
        zero = flat == 0
        if not np.all(zero | np.isclose(codes[best], flat, rtol=1e-12, atol=0)):
            return None
        forms = [self.form(self.form_of(n)) for n in moved]
        whole = [reshape(f, [-1]) if f.ndim != 1 else f for f in forms]
        source = whole[0] if len(whole) == 1 else concatenate(whole, 0)
        places = np.where(zero, 0, best)
        picked = gather(source, self.literal(places.reshape(once.shape) if once.ndim else places[:1]), 0)
        if not once.ndim:
            picked = picked[0]
        if np.any(zero):
            mask = self.literal((~zero).astype(float).reshape(once.shape))
            return where(mask > number(0), picked, number(0))
        return picked

    def _by_selection(self, node: Node) -> Form | None:
        """Return entries of the operand that were picked by their order, at the places of this run."""
        if node.path not in _SELECTING and node.path.removeprefix("numpy.ndarray.") not in ("sort", "partition"):
            return None
        moved = [n for n in dict.fromkeys(operands(node)) if n in self.dependent]
        value = np.asarray(self.values[node], dtype=np.float64)
        if len(moved) != 1 or moved[0].kind != "f":
            return None
        flat = np.asarray(self.values[moved[0]], dtype=np.float64).reshape(-1)
        if np.unique(flat).size != flat.size:
            return None
        order = np.argsort(flat)
        found = order[np.minimum(np.searchsorted(flat, value.reshape(-1), sorter=order), flat.size - 1)]
        if not np.array_equal(flat[found], value.reshape(-1)):
            return None
        form = self.form(self.form_of(moved[0]))
        self.selected.append((node.site.line, title(node)))
        source = reshape(form, [-1]) if form.ndim != 1 else form
        picked = gather(source, self.literal(found.reshape(value.shape) if value.ndim else found[:1]), 0)
        return picked if value.ndim else picked[0]

    def _as_linear(self, node: Node) -> Form | None:
        """Return an operation that is linear in its one operand as the product with its matrix, found by trying.

        A cumulative sum, a difference, a convolution with data are such operations. Linearity is tried at random points.
        """
        moved = [n for n in dict.fromkeys(operands(node)) if n in self.dependent]
        if len(moved) != 1 or moved[0].kind != "f" or node.kind != "f":
            return None
        held = np.asarray(self.values[moved[0]], dtype=np.float64)
        size, result = held.size, int(np.size(self.values[node]))
        if not held.ndim or size > _MOST_COLUMNS or size * result > _MOST_CODES:
            return None
        draw = np.random.default_rng(1)
        points = draw.standard_normal((2, size))
        try:
            at = [
                self._tried(node, moved[0], p.reshape(held.shape))
                for p in (points[0], points[1], 2 * points[0] - 3 * points[1])
            ]
            if not is_near(2 * at[0] - 3 * at[1], at[2]) or np.any(self._tried(node, moved[0], np.zeros(held.shape))):
                return None
            columns = [self._tried(node, moved[0], e.reshape(held.shape)).reshape(-1) for e in np.eye(size)]
        except Exception:  # the operation need not take such numbers
            return None
        form = self.form(self.form_of(moved[0]))
        flat = reshape(form, [-1]) if form.ndim != 1 else form
        product = matmul(self.literal(np.stack(columns, axis=1)), flat)
        shape = tuple(int(s) for s in np.shape(self.values[node]))
        return product[0] if not shape else product if len(shape) == 1 else reshape(product, shape)

    def _tried(self, node: Node, operand: Node, value: np.ndarray) -> np.ndarray:
        """Return what an operation gives where one operand has another value."""
        held = self.values[operand]
        self.values[operand] = value
        try:
            return np.asarray(self._again(node), dtype=np.float64)
        finally:
            self.values[operand] = held

    # --- what the table asks --------------------------------------------------------------------------------------------

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
        with np.errstate(all="ignore"):
            found = evaluate(kinds.untyped(form), plain)
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
        """Return False: the run is NumPy's."""
        return False

    def shape_value(self, form: Form) -> tuple[Any, ...]:
        """Return a shape as counts."""
        return tuple(Count(int(s)) for s in form.shape)

    def count_value(self, form: Form) -> Any:
        """Return the number of elements."""
        return Count(math.prod(int(s) for s in form.shape))

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
        """Not asked by functions of NumPy."""
        raise ReadError("an equation inside one operation", self.line)

    def detached(self, form: Form) -> Form:
        """Return the Form: NumPy knows no gradients."""
        return form

    def retagged(self, form: Form, torch: bool) -> Form:
        """Return the Form: the run is NumPy's."""
        return form

    def want_gradient(self, leaf: Name, wanted: bool) -> None:
        """Not asked by functions of NumPy."""


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


def title(node: Node) -> str:
    """Return what an operation is called in a message."""
    path = node.path
    if path.startswith("numpy.ndarray."):
        return f"the method {path.rpartition('.')[2]}"
    if path in ("getitem", "setitem", "put", "positions", "item"):
        return {"getitem": "a part of an array", "item": "a part of a result"}.get(
            path, "storing into a part of an array"
        )
    return written(path) if path else base_of(node) or "a number"


def base_of(node: Node) -> str:
    """Return the name of an entry without the number of an item: ``hs[2]`` is called ``hs``."""
    return node.name.partition("[")[0]


def _constant_form(value: np.ndarray) -> Form | None:
    """Return zeros, ones or an identity matrix as what they are called; None for other data."""
    first = value.reshape(-1)[0]
    if np.all(value == first) and float(first).is_integer():
        return filled(int(first), value.shape)
    if value.ndim == 2 and value.shape[0] == value.shape[1] and np.array_equal(value, np.eye(len(value))):
        return eye(len(value))
    return None


# --- operations of the log itself -----------------------------------------------------------------------------------------


def _same(lowering: Lowering, node: Node) -> Any:
    return lowering.form(lowering.operand(node.args[0]))


def _entry(lowering: Lowering, node: Node) -> Any:
    form = lowering.form(lowering.operand(node.args[0]))
    at = node.args[1:]
    if not at:
        return form if not form.shape else form[(0,) * form.ndim]
    places = at[0] if len(at) == 1 and isinstance(at[0], tuple) else at
    if len(places) == 1 and form.ndim > 1:
        places = tuple(int(k) for k in np.unravel_index(int(places[0]), tuple(int(s) for s in form.shape)))
    return form[tuple(int(k) for k in places)]


def _got(lowering: Lowering, node: Node) -> Any:
    """Return ``a[key]``; entries chosen by a condition that depends on parameters are those of this run."""
    form = lowering.form(lowering.operand(node.args[0]))
    key = node.args[1]
    if isinstance(key, Node) and key.kind == "b" and key in lowering.dependent:
        places = np.arange(np.size(lowering.values[node.args[0]])).reshape(np.shape(lowering.values[node.args[0]]))
        lowering.selected.append((node.site.line, title(node)))
        flat = reshape(form, [-1]) if form.ndim != 1 else form
        return gather(flat, lowering.literal(places[np.asarray(lowering.values[key], dtype=bool)]), 0)
    key = lowering.operand(node.args[1])
    items = list(key) if isinstance(key, tuple) else [key]
    return indexing.part(lowering, form, items) if items else form


def _stored(lowering: Lowering, node: Node) -> Any:
    """Return ``held[key] = value``: by the parts that stay where they are, or by a choice where the key picks entries."""
    held = lowering.form(lowering.operand(node.args[0]))
    key, given = node.args[1], node.args[2]
    mask = _mask_of(lowering, key)
    if mask is not None and mask.shape == tuple(np.shape(lowering.values[node])):
        spread = _spread(lowering, given, key)
        if spread is not None:
            return where(mask, spread, held)
    value = lowering.form(lowering.operand(given))
    said = lowering.operand(key)
    items = list(said) if isinstance(said, tuple) else [said]
    picking = any(isinstance(i, (Form, list, np.ndarray)) for i in items)
    if picking:
        plain = indexing.index_items(lowering, items)
        pick = indexing.row_pick(lowering, held, plain)
        if pick is not None:
            return indexing.stored(lowering, held, pick, value)
        if value.ndim == 0:
            chosen = np.zeros(np.shape(lowering.values[node]), dtype=bool)
            chosen[lowering._valued(key)] = True
            return where(lowering.literal(chosen.astype(float)) > number(0), value, held)
        raise ReadError("entries picked by indices are given several values", lowering.line)
    return indexing.stored(lowering, held, said, value)


def _mask_of(lowering: Lowering, key: Any) -> Form | None:
    """Return a key that is one array of truth values as the condition it is."""
    if not isinstance(key, Node) or key.kind != "b" or not key.shape:
        return None
    return kinds.as_condition(lowering.form(lowering.form_of(key)))


def _spread(lowering: Lowering, value: Any, mask: Any) -> Form | None:
    """Return what entries chosen by a condition are given as an array of the whole shape.

    ``z[m] * 0.1`` is ``z * 0.1`` where it is stored at ``m``; None where a value is not computed entry by entry from
    entries chosen by the same condition.
    """
    if not isinstance(value, Node):
        return lowering.form(lowering.operand(value)) if np.ndim(value) == 0 else None
    if not value.shape:
        return lowering.form(lowering.operand(value))
    if value.path == "getitem" and value.args[1] is mask:
        return lowering.form(lowering.operand(value.args[0]))
    if value.path not in _ENTRYWISE:
        return None
    parts = [_spread(lowering, a, mask) for a in value.args]
    return None if any(p is None for p in parts) else calls.call_function(lowering, value.path, parts, {})


_ENTRYWISE = frozenset(
    f"numpy.{name}"
    for name in (
        *(
            "add",
            "subtract",
            "multiply",
            "divide",
            "true_divide",
            "power",
            "square",
            "negative",
            "exp",
            "log",
            "tanh",
            "sqrt",
        ),
        *("maximum", "minimum", "absolute", "sin", "cos", "expm1", "log1p", "reciprocal"),
    )
)


def _put(lowering: Lowering, node: Node) -> Any:
    """Return an array of which a view was written: through the nodes of the view where these share memory."""
    held, value = (lowering.form(lowering.operand(a)) for a in node.args)
    form = held
    path: list[Form] = []
    for step, _, args, options in node.options["chain"]:
        made = _view_step(lowering, step, form, list(args), options)
        between = indexing.path_between(made, form)
        if between is None:
            raise ReadError("this view cannot be written through", lowering.line)
        path += between
        form = made
    return indexing.put_back(lowering, path, [held, *path[:-1]], indexing.fitted(value, form)) if path else value


def _view_step(lowering: Lowering, step: str, form: Form, args: list[Any], options: Mapping[str, Any]) -> Form:
    if step == "getitem":
        key = args[0]
        return indexing.part(lowering, form, list(key) if isinstance(key, tuple) else [key])
    if step == "positions":
        raise ReadError("a view that a library made", lowering.line)
    if step.startswith("numpy.ndarray."):
        found = (
            calls.call_method(lowering, form, step.rpartition(".")[2], args, dict(options))
            if step != "numpy.ndarray.T"
            else form.T
        )
    else:
        found = calls.call_function(lowering, step, [form, *args], dict(options))
    if not isinstance(found, Form):
        raise ReadError("a view that is no array", lowering.line)
    return found


def _item_of(lowering: Lowering, node: Node) -> Any:
    whole, k = node.args
    items = lowering.forms.get(whole)
    if not isinstance(items, (tuple, list)):
        raise ReadError(f"{title(whole)} gives several results", lowering.line)
    return lowering.form(items[k])


def _array_of(lowering: Lowering, node: Node) -> Any:
    held = lowering.operand(node.args[0])
    if isinstance(held, Form):
        return held
    return _stacked(lowering, held)


def _stacked(lowering: Lowering, value: Any) -> Form:
    if isinstance(value, (list, tuple)):
        return stack([_stacked(lowering, v) for v in value])
    return lowering.form(value)


def _transposed(lowering: Lowering, node: Node) -> Any:
    return lowering.form(lowering.operand(node.args[0])).T


def _added_up(lowering: Lowering, node: Node) -> Any:
    """Return ``math.fsum`` of a list."""
    held = lowering.operand(node.args[0])
    items = held if isinstance(held, (list, tuple)) else lowering.items_of(held)
    total = lowering.form(items[0])
    for item in items[1:]:
        total = total + lowering.form(item)
    return total


def _copied_entries(lowering: Lowering, node: Node) -> Any:
    if np.asarray(lowering.values[node]).dtype.kind != "f":
        raise ReadError("numbers are cut to whole numbers", lowering.line)
    return _same(lowering, node)


def _copied_into(lowering: Lowering, node: Node) -> Any:
    """Return ``np.copyto(a, b)``: b stretched to the shape of a, at the places that are chosen."""
    held, source = (lowering.form(lowering.operand(a)) for a in node.args[:2])
    value = indexing.fitted(source, held)
    chosen = node.options.get("where")
    if chosen is None:
        return value
    mask = _mask_of(lowering, chosen)
    return None if mask is None else where(mask, value, held)


def _filled(lowering: Lowering, node: Node) -> Any:
    """Return ``np.full(shape, a)`` for a number a."""
    value = lowering.form(lowering.operand(node.args[1]))
    return indexing.fitted(value, filled(0, tuple(int(s) for s in np.shape(lowering.values[node]))))


def _contracted(lowering: Lowering, node: Node) -> Any:
    """Return ``np.tensordot(a, b, axes)`` as a sum over pairs of axes."""
    a, b = (lowering.form(lowering.operand(v)) for v in node.args[:2])
    axes = node.args[2] if len(node.args) > 2 else node.options.get("axes", 2)
    if isinstance(axes, int):
        pairs = [(a.ndim - axes + k, k) for k in range(axes)]
    else:
        first, second = (list(x) if isinstance(x, (list, tuple)) else [x] for x in axes)
        pairs = [(i % a.ndim, j % b.ndim) for i, j in zip(first, second, strict=True)]
    of_a, of_b = list(range(a.ndim)), [a.ndim + k for k in range(b.ndim)]
    for i, j in pairs:
        of_b[j] = of_a[i]
    summed = {of_a[i] for i, _ in pairs}
    left = [k for k in (*of_a, *of_b) if k not in summed]
    return einsum([tuple(of_a), tuple(of_b)], tuple(left), [a, b])


_OWN: dict[str, Callable[[Lowering, Node], Any]] = {
    **dict.fromkeys(_SAME, _same),
    "numpy.ndarray.copy": _same,
    "numpy.ndarray.astype": _copied_entries,
    "numpy.ndarray.item": _entry,
    "numpy.ndarray.T": _transposed,
    "numpy.ndarray.mT": lambda lowering, node: calls.call_function(
        lowering, "numpy.swapaxes", [lowering.form(lowering.operand(node.args[0])), -1, -2], {}
    ),
    "numpy.ndarray.real": _same,
    "numpy.real": _same,
    "getitem": _got,
    "setitem": _stored,
    "put": _put,
    "item": _item_of,
    "numpy.array": _array_of,
    "numpy.asarray": _array_of,
    "math.fsum": _added_up,
    "numpy.copyto": _copied_into,
    "numpy.full": _filled,
    "numpy.tensordot": _contracted,
}
