"""The versions of names: inputs, equations and literals of a text that is being followed, and what its values stand for."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from symback.core.errors import ReadError, ShapeError, SymbackError
from symback.core.forms import (
    Apply,
    Form,
    Get,
    Name,
    Number,
    OneHot,
    Shape,
    SizeOf,
    Transpose,
    element_count,
    get,
    make_shape,
    names_in,
    shape_text,
    size_of,
    stack,
    walk,
)
from symback.core.forms import name as make_name
from symback.core.shapes import WHOLE
from symback.engine.interpreter import evaluate
from symback.library import kinds
from symback.library.limits import (
    DEEPEST_FORM,
    LARGEST_ARRAY,
    LARGEST_CHANGES,
    LARGEST_FORM,
    LARGEST_INTEGER,
    LARGEST_STACK,
    LONGEST_STEP,
)
from symback.library.plain_numbers import PLAIN, is_number, numbers
from symback.library.values import Binding, Count, Exact, Listed, Poison, formula_of, listed
from symback.networks.network import check_name
from symback.readers import memory, recording
from symback.readers.names import Exhausted, describe
from symback.readers.origins import Origins
from symback.readers.plain_values import resolved
from symback.readers.values import Array, Cell, Gradient, Instance, Rows, Scope


class Versions:
    """All versions of all names of a text in the order they were made, and what values of the text stand for."""

    def __init__(self, values: Mapping[str, Any] | None, shapes: Mapping[str, Any] | None) -> None:
        self.values = dict(values or {})
        self.shapes = {name: make_shape(shape) for name, shape in (shapes or {}).items()}
        self.bindings: dict[str, Binding] = {}
        self.notes: list[str] = []
        self.read_as_numbers: dict[str, str] = {}
        self.kinds: dict[Form, str] = {}
        self.overridden: set[str] = set()
        self.line = 0
        self.globals = Scope(open=True)
        self.time_loops = 0
        """Loops around the current statement that run over numbers or data, not over layers."""
        self.without_gradients = 0
        """1 where PyTorch records no gradients."""
        self.lost_recording: SymbackError | None = None
        """Why it is not known whether gradients are recorded: nothing is computed after that."""
        self.rows_alone = 0
        """How many comprehensions are being read for one row that stands for all."""
        self.wishes = recording.Wishes()
        self.rows_born = 0
        """The place of the innermost of them in the order in which objects were made."""
        self.origins = Origins()
        self.looked_at = 0
        """Parts of formulas that were looked at for the changes in place of one statement of the text."""
        self._versions: dict[str, int] = {}
        self.lost: dict[int, tuple[Any, SymbackError]] = {}
        """Containers and iterators of which it is not known what they hold, and why, by identity."""
        self.altered: dict[int, tuple[Any, SymbackError]] = {}
        """Objects of which it is not known which attributes they have."""
        self.shapes_of_code: dict[int, Any] = {}
        self._sizes: dict[Form, tuple[int, int]] = {}
        self.journal: list[tuple[Cell, Form | Poison, int]] | None = None
        """Contents of cells before they were changed, while two ways of an if are tried."""

    # --- making versions ----------------------------------------------------------------------------------------------

    def new_key(self, base: str) -> str:
        """Return the key of a new version of a name."""
        self._versions[base] = self._versions.get(base, 0) + 1
        return f"{base}#{self._versions[base]}"

    def is_override(self, name: str) -> bool:
        """Return whether the caller gives a name its value or shape."""
        return name in self.values or name in self.shapes

    def leaf(self, name: str, line: int | None, value: Any = None, shape: Shape | None = None, **more: Any) -> Name:
        """Make an input; values and shapes given by the caller replace those of the text."""
        check_name(name)
        if not more.get("anonymous", False):
            value, shape = self._overridden(name, value, shape)
            if self.is_override(name):
                more.pop("classes", None)
        if shape is None:
            shape = tuple(int(s) for s in np.shape(value))
        key = self.new_key(name)
        self.bindings[key] = Binding(key, name, shape, line, leaves=frozenset([key]), value=value, **more)
        return make_name(key, shape)

    def _overridden(self, name: str, value: Any, shape: Shape | None) -> tuple[Any, Shape | None]:
        if name in self.values:
            value = self.values[name]
            value = value if is_number(value) else np.asarray(value)
            shape = None
            self.overridden.add(name)
        if name in self.shapes:
            shape = self.shapes[name]
            self.overridden.add(name)
            if value is not None and not _fits(np.shape(value), shape):
                if name in self.values:
                    raise ShapeError(
                        f"{name} is given a value of shape {shape_text(np.shape(value))} and the shape {shape_text(shape)}"
                    )
                value = None
        return value, shape

    def open_name(self, name: str) -> Any:
        """Return what a name holds that the text leaves open and the caller describes."""
        torch = self.origins.is_torch(name)
        return self.held(self.leaf(name, None, torch=bool(torch), uncertain=torch is None))

    def literal(self, array: Any, *, shape: Shape | None = None, **more: Any) -> Name:
        """Make an array that stands inside a formula without a name."""
        return self.leaf("c", self.line, array, shape, anonymous=True, **more)

    def equation(self, name: str, form: Form, *, local: bool = False, **more: Any) -> Name:
        """Make a new version of ``name`` with an equation."""
        check_name(name)
        recording.check(self)  # type: ignore[arg-type]
        sources = [self.bindings[n.name] for n in names_in(form)]
        key = self.new_key(name)
        self.bindings[key] = Binding(
            key,
            name,
            form.shape,
            self.line,
            form,
            frozenset[str]().union(*(s.leaves for s in sources)),
            after=any(s.after for s in sources),
            local=local,
            **{"torch": any(s.torch for s in sources), "without_gradients": self.without_gradients > 0, **more},
        )
        return make_name(key, form.shape)

    def detached(self, form: Form) -> Form:
        """Return a copy of ``form`` that gradients do not pass."""
        if self.is_literal(form) or not names_in(form):
            return form
        if self.rows_alone:
            raise ReadError("a row of an array is detached; that is read for all rows at once", self.line)
        base = self.bindings[form.name].base if isinstance(form, Name) else "detached"
        return self.equation(base, form, detached=True)

    def retagged(self, form: Form, torch: bool) -> Form:
        """Return an array as one of the other library: what differs between the two follows it from here on."""
        if self.is_torch(form) == torch or not names_in(form):
            return form
        if self.is_literal(form):
            value = self.known(form)
            random = any(self.bindings[n.name].random for n in names_in(form))
            return form if value is None else self.literal(value, shape=form.shape, torch=torch, random=random)
        return self.equation("copy", form, local=True, copy=True, torch=torch)

    def copied(self, form: Form) -> Form:
        """Return a copy of an array: the same values, in memory of its own."""
        if not form.shape or self.rows_alone or not names_in(form):
            return form
        if not self.is_literal(form):
            return self.equation("copy", form, local=True, copy=True)
        if not isinstance(form, Name):
            return form
        known = self.bindings[form.name]
        flags = {k: getattr(known, k) for k in ("trainable", "torch", "random")}
        return self.literal(known.value, shape=known.shape, **flags)

    # --- what names hold ----------------------------------------------------------------------------------------------

    def held(self, value: Any) -> Any:
        """Return a value as an object that a name, an item or an attribute can hold: an array gets memory of its own."""
        if isinstance(value, Form) and (value.shape or self.is_torch(value)):
            return Array(Cell(value, unrecorded=recording.is_kept_back(self, value)))  # type: ignore[arg-type]
        return recording.kept_back(self, value) if self.without_gradients else value  # type: ignore[arg-type]

    def named(self, name: str, value: Any, scope: Scope) -> Any:
        """Return what ``name`` holds after ``name = value`` in an open scope: an input, an equation, or the value."""
        local = scope is not self.globals
        if isinstance(value, (Count, bool, str)) or value is None:
            return value
        if isinstance(value, Instance):
            value.label = value.label or name
            return value
        if is_number(value):
            return self.leaf(name, self.line, float(value) if isinstance(value, Fraction) else value, local=local)
        if isinstance(value, Listed):
            return self._named_list(name, value, scope)
        if isinstance(value, Array):
            return self._named_array(name, value, scope)
        if not isinstance(value, Form) or isinstance(value, Gradient):
            return value
        made = self.named_form(name, value, scope)
        if not (made.shape or self.is_torch(made)):
            return made
        cell = Cell(made, label=name, local=local, unrecorded=recording.is_kept_back(self, made))  # type: ignore[arg-type]
        cell.made_of = value
        return Array(cell)

    def _named_array(self, name: str, value: Array, scope: Scope) -> Array:
        """Return an array under one more name: the same memory, and an equation of its own on the page."""
        value = recording.kept_back(self, value) if self.without_gradients else value  # type: ignore[arg-type]
        form = self.form(value)
        cell = value.cell
        made = self.named_form(name, form, scope)
        if made is form:
            if not cell.label and not value.path and isinstance(made, Name) and not self.bindings[made.name].anonymous:
                cell.label, cell.local = name, scope is not self.globals
            return value
        if not value.path and not cell.label:
            cell.content, cell.label, cell.local = made, name, scope is not self.globals
            return value
        return Array(
            cell,
            value.path,
            (cell.version, made),
            value.detached,
            value.unrecorded,
            value.identity,
            value.perhaps,
        )

    def named_form(self, name: str, value: Form, scope: Scope) -> Form:
        """Return the version of ``name`` that is ``value``: its own where it has one, an input for data, an equation else."""
        local = scope is not self.globals
        if isinstance(value, Name) and not self.bindings[value.name].anonymous:
            known = self.bindings[value.name]
            if known.copy and isinstance(known.form, Name) and self.bindings[known.form.name].base == name:
                return known.form  # x = x.copy()
            if known.base == name:
                return value
            if known.offered:
                if name not in scope.passing:
                    known.base, known.offered = name, False
                return value
        if self.is_literal(value) or _is_cast_data(self, value, name):
            return self._leaf_from(name, value, local)
        if not names_in(value):
            return value
        return self.equation(name, value, local=local, passing=name in scope.passing and not self.time_loops)

    def _named_list(self, name: str, value: Listed, scope: Scope) -> Any:
        if not value or isinstance(value, Rows):
            return value
        origin = value.form
        if origin is not None:
            made = self.named_form(name, origin, scope)
            if made is not origin:
                value.stands_for(made, get)
            return value
        array = numbers(value)
        if array is None:
            for k, item in enumerate(value):
                if isinstance(item, Array):
                    value[k] = self.list_item(name, k, item, scope)
            return value
        leaf = self.leaf(name, self.line, array, local=scope is not self.globals, listed=True)
        binding = self.bindings[leaf.name]
        if binding.value is None or not leaf.shape:
            return self.held(leaf)
        if leaf.shape != array.shape or binding.value is not array:
            value[:] = listed(np.asarray(binding.value).tolist())
        value.stands_for(leaf, get)
        return value

    def list_item(self, name: str, position: int, item: Any, scope: Scope) -> Any:
        """Return what a list holds at a position: an array written there is an input with the list's name and a number."""
        form = memory.content(item) if isinstance(item, Array) and not isinstance(item.cell.content, Poison) else item
        if scope.open and name and isinstance(form, Form) and form.shape and self.is_literal(form):
            note = f"arrays of the list {name} are called {name}_0, {name}_1, …"
            if note not in self.notes:
                self.notes.append(note)
            return self.named(f"{name}_{position}", item, scope)
        return self.held(item)

    def _leaf_from(self, name: str, form: Form, local: bool) -> Name:
        sources = [self.bindings[n.name] for n in names_in(form)]
        flags: dict[str, Any] = {k: any(getattr(s, k) for s in sources) for k in ("trainable", "torch", "random")}
        value = self.known(form) if form.shape else _number_of(self, form)
        classes = one_hot_axis(kinds.untyped(form))
        return self.leaf(name, self.line, value, form.shape, local=local, classes=classes, **flags)

    def version(self, cell: Cell, form: Form, label: str) -> Form:
        """Return the next content of a cell that is called ``label``: data again where it was data and is known, else an equation."""
        if isinstance(form, Name) and not self.bindings[form.name].anonymous:
            if self.bindings[form.name].form is not None or form is cell.content:
                return form
            return self.equation(
                label, form, local=cell.local, copy=True
            )  # the numbers of an input, not the input itself
        self.looked_at += len(walk(form))
        if self.looked_at > LARGEST_CHANGES:
            raise Exhausted(
                "the arrays that this statement changes piece by piece are too large to be written out", self.line
            )
        renewed = self._as_data(cell, form, label)
        if renewed is not None:
            return renewed
        if not names_in(form) and isinstance(cell.content, Form) and self.is_torch(cell.content):
            value = self.known(form)
            if value is not None:  # a tensor that is filled with numbers stays a tensor
                return self.leaf(label, self.line, value, form.shape, local=cell.local, torch=True)
        return self.equation(label, form, local=cell.local) if names_in(form) else form

    def _as_data(self, cell: Cell, form: Form, label: str) -> Form | None:
        """Return the next content of a cell as an input, where it is one before and after the change."""
        old = cell.content
        before = self.bindings[old.name] if isinstance(old, Name) else None
        inputs = [self.bindings[n.name] for n in names_in(form)]
        others = [b for b in inputs if b is not before]
        data = before is None or (before.form is None and before.updates is None)
        scales = before is not None and (before.random or before.trainable)
        if not data or not all(b.anonymous or (scales and b.form is None and not b.shape) for b in others):
            return None
        if any(not isinstance(s, int) for s in form.shape) or self.is_override(label):
            return None
        value = self.known(form)
        if value is None and before in inputs and not scales:
            return None
        if not names_in(form) and before is None:
            return None
        source = before or inputs[0]
        made = self.renewed(source, label, form, value, inputs, cell.local)
        if before in inputs and isinstance(made, Name) and np.asarray(before.value).dtype.kind not in "biu":
            self.bindings[made.name].renewal = form
        return made

    def renewed(
        self, source: Binding, label: str, form: Form, value: Any, inputs: Sequence[Binding], local: bool
    ) -> Form:
        """Return an input that takes the place of another one with new numbers."""
        flags = {k: any(getattr(b, k) for b in (source, *inputs)) for k in ("trainable", "torch", "random")}
        return self.leaf(label, self.line, value, form.shape, local=local, **flags)

    def remember(self, cell: Cell) -> None:
        """Keep what a cell holds before it is changed, where the change may have to be taken back."""
        if self.journal is not None:
            self.journal.append((cell, cell.content, cell.version))

    # --- what values stand for ----------------------------------------------------------------------------------------

    def made(self, form: Form) -> Form:
        """Return ``form`` after checking that it is not absurdly large when written out."""
        sizes, unknown = self._sizes, [form]
        while unknown:
            node = unknown[-1]
            if node not in sizes and (inside := [a for a in node.args if a not in sizes]):
                unknown += inside
                continue
            if node not in sizes:
                kinds.check_arithmetic(self, node)  # type: ignore[arg-type]
            below = [sizes[a] for a in node.args]
            sizes[node] = (1 + sum([n for n, _ in below]), 1 + max([d for _, d in below], default=0))
            unknown.pop()
        parts, depth = sizes[form]
        if parts > LARGEST_FORM:
            raise ReadError(f"the formula on this line has more than {LARGEST_FORM} parts when written out", self.line)
        if depth > DEEPEST_FORM:
            raise ReadError(
                f"the formula on this line is nested too deeply (more than {DEEPEST_FORM} levels)", self.line
            )
        count = element_count(form.shape)
        if isinstance(count, int) and count > LARGEST_ARRAY:
            raise ReadError(f"an array of shape {shape_text(form.shape)} is too large", self.line)
        return form

    def step(self, form: Form) -> Form:
        """Return the result of a layer; a large one becomes a step of its own, so that formulas do not grow with depth."""
        self.made(form)
        if self._sizes[form][0] <= LONGEST_STEP or self.rows_alone or not names_in(form) or self.is_literal(form):
            return form
        return self.equation("h", form, local=True, passing=True)

    def form(self, value: Any) -> Form:
        """Return ``value`` as a Form; lists of numbers become arrays."""
        if isinstance(value, Form):
            return value
        if isinstance(value, Array):
            form = memory.content(value)
            return recording.as_read(self, value, form)  # type: ignore[arg-type]
        if isinstance(value, PLAIN):
            made = formula_of(value)
            return kinds.typed(made, "f") if isinstance(value, Exact) and kinds.is_whole(made) else made
        if isinstance(value, Listed) and value.form is not None:
            return value.form
        if isinstance(value, (list, tuple)):
            array = numbers(list(value))
            if array is not None:
                return self.literal(array)
            if isinstance(value, Listed) and len(value) <= LARGEST_STACK and all(map(_is_entry, value)):
                return self.made(stack([self.form(v) for v in value]))
        if isinstance(value, Poison):
            raise value.error
        if isinstance(value, Gradient):
            raise ReadError(f"{value.of}.grad is a gradient and not part of the forward pass", self.line)
        raise ReadError(f"{describe(value)} stands where an array or a number is needed", self.line)

    def is_array(self, value: Any) -> bool:
        """Return whether a value is an array or a number that is computed: one of those that have a Form."""
        return isinstance(value, (Form, Array))

    def constant(self, value: Any, data: bool = True) -> Any:
        """Return the plain number, or other constant, that ``value`` is known to be, else None.

        With ``data=False`` what depends on an equation of the network is not looked at.
        """
        if isinstance(value, Array):
            value = memory.content(value)
        if not isinstance(value, Form):
            return value
        if any(self.bindings[n.name].form is not None for n in names_in(value)) or (value.shape and not data):
            return None
        found = self.known(value)
        if found is None or (np.ndim(found) and not data):
            return None
        if np.ndim(found):
            return np.asarray(found)
        plain = found.item() if isinstance(found, (np.ndarray, np.generic)) else found
        return int(plain) if isinstance(plain, float) and plain.is_integer() and abs(plain) < 2**53 else plain

    def fix(self, value: Any, what: str) -> None:
        """Note that a value is taken as a plain number: no gradient reaches what it is computed from by this way."""
        for name in names_in(value) if isinstance(value, Form) else ():
            for key in self.bindings[name.name].leaves or (name.name,):
                if not self.bindings[key].anonymous:
                    self.read_as_numbers.setdefault(
                        key, f"line {self.line}: {what} takes {self.bindings[key].base} as a plain number"
                    )

    def plain(self, value: Any) -> Any:
        """Return the number that a scalar formula over known numbers is, with Python's own type; else the value itself."""
        if not isinstance(value, Form) or value.shape:
            return value
        found = self._python_number(value, 0)
        return value if found is None else found

    def whole_number(self, value: Any) -> int | None:
        """Return the whole number that a counter has come to by additions and products of whole numbers; None for others."""
        return _counted(self.bindings, value, {}, 0) if isinstance(value, (Form, int)) else None

    def _python_number(self, form: Form, depth: int) -> Any:
        """Return a number as Python's arithmetic makes it, an int where it stays one."""
        if depth > 40:
            return None
        if isinstance(form, Number):
            return float(form.value) if isinstance(form.value, Fraction) else form.value
        if isinstance(form, Name):
            binding = self.bindings[form.name]
            plain = binding.value if binding.form is None else None
            return plain.item() if isinstance(plain, (np.generic, np.ndarray)) and not np.ndim(plain) else plain
        if isinstance(form, Apply) and form.op in ("add", "subtract", "multiply", "divide", "negative"):
            parts = [self._python_number(a, depth + 1) for a in form.args]
            if any(not isinstance(p, (int, float)) for p in parts):
                return None
            try:
                return _PYTHON[form.op](*parts)
            except (ArithmeticError, ValueError):
                return None
        found = self.constant(form, data=False)
        if isinstance(found, int) and not isinstance(found, bool) and kinds.kind_of(self, form) == "f":  # type: ignore[arg-type]
            return float(found)
        return found

    def known(self, form: Form) -> Any:
        """Return the value of a Form over leaves whose values are known, else None."""
        environment: dict[str, Any] = {}
        for leaf in names_in(form):
            binding = self.bindings[leaf.name]
            if binding.value is None or binding.form is not None:
                return None
            environment[leaf.name] = binding.value
        if any(not isinstance(s, int) for n in walk(form) for s in n.shape) or any(
            isinstance(n, SizeOf) for n in walk(form)
        ):
            return None
        if isinstance(form, Name):
            return environment[form.name]
        plain = {k: v.astype(float) if np.asarray(v).dtype.kind == "b" else v for k, v in environment.items()}
        with np.errstate(all="ignore"):
            try:
                found = evaluate(form, plain)
                kind = kinds.kind_of(self, form)  # type: ignore[arg-type]
                if not form.shape:
                    return bool(found) if kind == "b" else found
                return np.asarray(found).astype({"f": float, "b": bool}.get(kind, np.int64))
            except (ArithmeticError, ValueError, TypeError) as error:
                raise ReadError(f"{form} cannot be computed: {error}", self.line) from None

    def integer(self, value: Any, what: str) -> int:
        """Return a whole number that the code fixes."""
        found = self.constant(value)
        if found is None:
            found = self.whole_number(value)
        if isinstance(found, bool) or not isinstance(found, int):
            raise ReadError(f"{what} has to be a whole number known from the code", self.line)
        return found

    def is_literal(self, form: Form) -> bool:
        """Return whether the Form holds no named array: a literal, or arithmetic on literals.

        Arrays that are drawn at random stay data where a named number scales them.
        """
        nodes = walk(form)
        if any(isinstance(n, SizeOf) or any(not isinstance(s, int) for s in n.shape) for n in nodes):
            return False
        bindings = [self.bindings[n.name] for n in nodes if isinstance(n, Name)]
        drawn = any(b.anonymous and b.random and b.shape for b in bindings)
        return all(b.anonymous or (drawn and b.form is None and not b.shape and not b.trainable) for b in bindings)

    def is_torch(self, form: Form) -> bool:
        """Return whether an array comes from PyTorch, whose methods differ here and there."""
        return any(self.bindings[n.name].torch for n in names_in(form))

    def shape_value(self, form: Form) -> tuple[Any, ...]:
        """Return a shape as the code sees it: counts, or symbolic sizes as Forms."""
        return tuple(Count(s) if isinstance(s, int) else size_of(s) for s in form.shape)

    def count_value(self, form: Form) -> Any:
        """Return the number of elements as the code sees it."""
        total: Any = Count(1)
        for item in self.shape_value(form):
            if isinstance(total, int) and isinstance(item, int):
                total = Count(total * item)
            else:
                total = item if isinstance(total, int) and total == 1 else self.form(total) * self.form(item)
        return total


_PYTHON: dict[Any, Callable[..., Any]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "negative": operator.neg,
}


def _is_entry(value: Any) -> bool:
    if isinstance(value, Listed):
        return all(map(_is_entry, value))
    return isinstance(value, (Form, Array, *PLAIN))


def one_hot_axis(form: Form) -> int | None:
    """Return the axis of the classes, counted from the last as -1, of an array with a single 1 along it; None for another.

    >>> from symback.core.forms import one_hot
    >>> one_hot_axis(one_hot(make_name("k", (5,)), 3).T)
    -2
    """
    if isinstance(form, OneHot):
        return -1
    inner = one_hot_axis(form.args[0]) if isinstance(form, (Transpose, Get)) else None
    if inner is None:
        return None
    axis = form.args[0].ndim + inner
    if isinstance(form, Transpose):
        return form.axes.index(axis) - form.ndim
    assert isinstance(form, Get)
    if form.index[axis] is not WHOLE:
        return None
    return sum(not isinstance(i, int) for i in form.index[:axis]) - form.ndim


def _fits(actual: Sequence[int], shape: Shape) -> bool:
    return len(actual) == len(shape) and all(
        not isinstance(s, int) or s == a for a, s in zip(actual, shape, strict=True)
    )


def _number_of(versions: Versions, form: Form) -> Any:
    """Return the value of a literal number: Python's own where only its arithmetic made it, else NumPy's."""
    plain = resolved(versions, form)  # type: ignore[arg-type]
    found = versions.known(form) if isinstance(plain, Form) else plain
    return np.float64(found) if isinstance(plain, Form) and isinstance(found, float) else found


def _is_cast_data(versions: Versions, value: Form, name: str) -> bool:
    """Return whether a value is the data called ``name`` in another type, as in ``y = y.astype(float)``."""
    inner = kinds.bare(value)
    known = versions.bindings[inner.name] if inner is not value and isinstance(inner, Name) else None
    return (
        known is not None
        and known.base == name
        and known.form is None
        and known.value is not None
        and not known.trainable
    )


def _counted(bindings: Mapping[str, Binding], value: Any, found: dict[Form, int | None], depth: int) -> int | None:
    """Return what a formula of whole numbers comes to; None where it is none."""
    if isinstance(value, Number) or not isinstance(value, Form):
        plain = value.value if isinstance(value, Number) else value
        return int(plain) if isinstance(plain, int) and not isinstance(plain, bool) else None
    if value in found:
        return found[value]
    found[value] = None
    if value.shape or depth > DEEPEST_FORM:
        return None
    if isinstance(value, Name):
        binding = bindings[value.name]
        if binding.form is not None and not binding.torch:
            found[value] = _counted(bindings, binding.form, found, depth + 1)
        elif type(binding.value) is int and not binding.trainable:
            found[value] = binding.value
        return found[value]
    compute = _PYTHON.get(value.op) if isinstance(value, Apply) and value.op != "divide" else None
    parts = [_counted(bindings, a, found, depth + 1) for a in value.args] if compute is not None else [None]
    if compute is not None and all(p is not None and p.bit_length() < LARGEST_INTEGER // 2 for p in parts):
        found[value] = int(compute(*parts))
    return found[value]
