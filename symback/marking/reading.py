"""Read forward pass and backward pass together: every statement of a text, the gradient lines included, becomes Forms.

Nothing is executed. The forward reader stops at what is no part of a forward pass; a backward pass needs a little more:
parts of arrays changed in place, gradients kept in attributes, functions that are called for their gradients.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from symback.core.errors import ReadError, ShapeError, SymbackError
from symback.core.forms import (
    Apply,
    Form,
    Name,
    Reduce,
    element_count,
    expand,
    get,
    names_in,
    one_hot,
    put,
    reduce_over,
    shape_text,
    where,
)
from symback.core.forms import (
    name as make_name,
)
from symback.core.operations import RELATIONS
from symback.core.text import printable
from symback.derivation.record import Record, derive_record
from symback.networks.naming import name_equations
from symback.networks.network import Finding
from symback.readers import notebooks
from symback.readers.evaluator import Evaluator
from symback.readers.inference import Inference
from symback.readers.names import is_gradient_name
from symback.readers.notebooks import Cell, CellChoice
from symback.readers.source import syntax_tree
from symback.readers.syntax import as_load
from symback.readers.values import Binding, Helper, Instance, Scope

_BACKWARD = re.compile(
    r"backward|back_?prop|bwd|^_?back$|^(compute_|calc_|get_)?grad(ient)?s?$|^gradients?_", re.IGNORECASE
)
"""Names of functions whose own names are gradients."""


@dataclass(frozen=True)
class Evaluated:
    """A call of a function of the text: its name, its array arguments, its result, the line."""

    name: str
    arguments: tuple[Any, ...]
    result: Any
    line: int


class BackwardEvaluator(Evaluator):
    """Follows a text that holds a backward pass as well.

    With ``repair`` a sum without ``keepdims`` that meets the array it was summed over keeps its axis, so that what
    follows a slip of the forward pass can still be looked at with more rows.
    """

    def __init__(
        self,
        values: Mapping[str, Any] | None = None,
        shapes: Mapping[str, Any] | None = None,
        seed: int | None = None,
        repair: bool = False,
    ) -> None:
        super().__init__(values, shapes, seed)
        self.repair = repair
        self.attributes: list[tuple[Name, Form, int]] = []
        """What was assigned to ``W.grad``: the array, the gradient, the line."""
        self.evaluated: list[Evaluated] = []
        self.crossed: dict[str, list[tuple[str, tuple[str, str], Form]]] = {}
        """For a name whose line fails by its shapes: what it gives after one change that undoes a slip, with the slip's key
        and, where a name is exchanged, both names."""
        self.statements: dict[int, list[ast.Assign | ast.AugAssign]] = {}
        """The assignments of each line."""
        self.assigning = ""
        """The name that the statement at hand assigns."""
        self.explicit: list[Any] | None = None
        """The claims, where a function returned them; else they are looked for by their names."""
        self.owners: dict[str, Instance] = {}
        """The objects in whose methods versions were made, by their keys."""
        self.root = ""
        """The key of the loss, where it is known beforehand."""
        self.held: set[str] = set()
        """Names of inputs that keep their values at every point."""
        self.steps_taken: list[tuple[str, Form, int, str]] = []
        """Updates of parameters: the parameter, what is subtracted from it, the line, how it is written."""
        self.written: dict[Form, np.ndarray] = {}
        """For arrays that began as zeros: which entries were given values."""
        self.attribute_lines: dict[tuple[int, str], int] = {}
        self.item_lines: dict[tuple[str, str], int] = {}
        """Lines of what was given to attributes and to items of dictionaries."""

    # --- statements ---------------------------------------------------------------------------------------------------

    def statement(self, node: ast.stmt, scope: Scope) -> Any:
        if isinstance(node, (ast.Assign, ast.AugAssign)) and node not in self.statements.setdefault(node.lineno, []):
            self.statements[node.lineno].append(node)
        if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, (ast.Name, ast.Subscript, ast.Attribute)):
                self.assigning = _spelled(target)
        step = self._step(node, scope) if isinstance(node, (ast.Assign, ast.AugAssign)) else None
        try:
            before = len(self.updates)
            result = super().statement(node, scope)
            if step is not None and len(self.updates) > before:
                self.steps_taken.append(step)
            return result
        except ShapeError:
            if (
                isinstance(node, ast.Assign)
                and isinstance(node.targets[0], ast.Name)
                and (node.targets[0].id not in self.crossed and self._is_plain(node.value, scope))
            ):
                self.crossed[node.targets[0].id] = list(self._repaired(node.value, scope))
            raise

    def _step(self, node: ast.Assign | ast.AugAssign, scope: Scope) -> tuple[str, Form, int, str] | None:
        """Return the parameter that a statement updates, what is subtracted from it, the line, and how it is written."""
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        value, op = node.value, node.op if isinstance(node, ast.AugAssign) else None
        if isinstance(node, ast.Assign):
            if not isinstance(value, ast.BinOp) or ast.dump(as_load(target)) != ast.dump(value.left):
                return None
            op, value = value.op, value.right
        if not isinstance(op, (ast.Add, ast.Sub)) or isinstance(value, ast.Name) or not self._is_plain(value, scope):
            return None
        leaf = self._leaf_of(target, scope)
        try:
            form = self.form(self.value(value, scope)) if leaf is not None else None
        except (SymbackError, RecursionError):
            return None
        if leaf is None or form is None:
            return None
        sign = "-" if isinstance(op, ast.Sub) else "+"
        return leaf.key, form if sign == "-" else -form, node.lineno, f"{leaf.base} {sign}= …"

    def _is_plain(self, node: ast.expr, scope: Scope) -> bool:
        """Return whether an expression calls nothing that could change something when it is read again."""
        for call in ast.walk(node):
            if isinstance(call, (ast.Dict, ast.ListComp, ast.GeneratorExp)):
                return False
            if not isinstance(call, ast.Call):
                continue
            function = call.func
            holder = function.value if isinstance(function, ast.Attribute) else function
            if isinstance(holder, ast.Name):
                place = scope.find(holder.id)
                value = place.names[holder.id] if place is not None else None
                if isinstance(value, (Instance, list, dict)) or (isinstance(value, Helper) and self.is_pass(value)):
                    return False
            elif not isinstance(holder, (ast.Attribute, ast.BinOp, ast.Call)):
                return False
        return True

    def _repaired(self, node: ast.expr, scope: Scope) -> Iterable[tuple[str, tuple[str, str], Form]]:
        """Return what an expression gives after one change: a transpose more or fewer, a product the other way, another name."""
        names = [
            n for n in dict.fromkeys(b.base for b in self.bindings.values() if not b.anonymous) if n.isidentifier()
        ][-60:]
        seen: set[Form] = set()
        for slip, pair, changed in _changes(node, names):
            try:
                value = self.value(changed, scope)
            except (SymbackError, RecursionError, TypeError, ValueError):
                continue
            if isinstance(value, Form) and value not in seen:
                seen.add(value)
                yield slip, pair, value

    def _is_update(self, leaf: Binding, rest: ast.expr, scope: Scope) -> bool:
        # dW = np.zeros_like(W); dW += ... collects a gradient, it is no step of gradient descent
        known = {b.base for b in self.bindings.values() if not b.anonymous and b.form is None and b.base != leaf.base}
        if self.assigning.startswith("self.d") or is_gradient_name(leaf.base, known):
            return False
        return super()._is_update(leaf, rest, scope)

    def equation(self, name: str, form: Form, *, local: bool = False, **more: Any) -> Name:
        made = super().equation(name, form, local=local, **more)
        if self.frames and isinstance(self.frames[-1][0], Instance):
            self.owners[made.name] = self.frames[-1][0]
        return made

    def constant(self, value: Any, data: bool = True) -> Any:
        found = super().constant(value, data)
        if found is not None and isinstance(value, Form):
            # the text is read for this value: another one would be another text
            self.held.update(self.bindings[n.name].base for n in names_in(value))
        return found

    def _do_object_method(self, call: ast.Call, function: ast.Attribute, scope: Scope) -> bool:
        if function.attr == "save_for_backward" and isinstance(held := self._place(function.value, scope), Instance):
            held.attributes["saved_tensors"] = tuple(self._elements(call.args, scope))
            return True
        return super()._do_object_method(call, function, scope)

    def is_pass(self, helper: Helper) -> bool:
        if not isinstance(helper.body, ast.expr) and (
            _BACKWARD.search(helper.name)
            or _multiplies_in_loop(helper.body)
            or ("forward" in helper.name.lower() and sum(isinstance(s, ast.Assign) for s in helper.body) > 4)
        ):
            return True
        return super().is_pass(helper)

    def call_helper(self, helper: Helper, args: Sequence[Any], keywords: Mapping[str, Any], **more: Any) -> Any:
        line = self.line
        returned = super().call_helper(helper, args, keywords, **more)
        if len(self.evaluated) < 10_000:
            self.evaluated.append(Evaluated(helper.name, tuple(args), returned.value, line))
        return returned

    def bind(self, name: str, value: Any, scope: Scope) -> None:
        if isinstance(value, Helper) and value.name == "lambda":
            value = replace(value, name=name)
        super().bind(name, value, scope)

    def _named_item(self, key: str, value: Any, scope: Scope) -> Any:
        # grads["W"] = ... is a gradient of W, not another W
        if isinstance(value, Form) and any(b.base == key for b in self.bindings.values()):
            return value
        if isinstance(value, Form) and value.shape and key.isidentifier() and self.is_literal(value):
            return self.named(key, value, Scope(open=True))  # params["W1"] = ..., in whatever function
        return super()._named_item(key, value, scope)

    # --- assignments to parts -----------------------------------------------------------------------------------------

    def assign(self, target: ast.expr, value: Any, scope: Scope) -> None:
        if isinstance(target, ast.Attribute) and target.attr in ("grad", "gradient"):
            holder = self.value(target.value, scope)
            if isinstance(holder, Name):
                self.attributes.append((holder, self.form(value), self.line))
                return
        if isinstance(target, ast.Attribute):
            owner = self.value(target.value, scope)
            if isinstance(owner, Instance):
                self.attribute_lines[id(owner), target.attr] = self.line
        super().assign(target, value, scope)

    def _assign_item(self, target: ast.Subscript, value: Any, scope: Scope) -> None:
        holder = self.value(target.value, scope)
        if isinstance(holder, dict):
            if isinstance(value, Instance) and not value.label:
                value.label = str(self.value(target.slice, scope))
            self.item_lines[_spelled(target.value).rpartition(".")[2], str(self.value(target.slice, scope))] = self.line
        if (
            isinstance(holder, list)
            and isinstance(value, Form)
            and not isinstance(value, Name)
            and names_in(value)
            and scope.open
        ):
            value = self.equation("entry", value, local=True)
        if isinstance(holder, list):
            self.item_lines[_spelled(target.value).rpartition(".")[2], str(self.value(target.slice, scope))] = self.line
        if (
            isinstance(holder, Form)
            and isinstance(target.value, (ast.Name, ast.Attribute, ast.Subscript))
            and not self._is_list(holder)
        ):
            key = self.value(target.slice, scope)
            changed = self._with_part(holder, key, self.form(value))
            if changed is not None:
                if isinstance(target.value, ast.Name):
                    self._change(target.value.id, self.made(changed), scope)
                else:
                    self.assign(target.value, self.made(changed), scope)
                    new = self._place(target.value, scope)
                    if isinstance(holder, Name) and isinstance(new, Form) and new is not holder:
                        self._share(holder, new, ast.unparse(target.value), scope)
                return
        super()._assign_item(target, value, scope)

    def _with_part(self, holder: Form, key: Any, value: Form) -> Form | None:
        """Return an array after ``holder[key] = value``; None where the base reader knows better."""
        items = list(key) if isinstance(key, tuple) else [key]
        if (
            len(items) == 2
            and isinstance(items[1], Form)
            and items[1].ndim == 1
            and holder.ndim == 2
            and self._counts_rows(items[0], holder)
        ):
            mask = one_hot(items[1], holder.shape[1])
            column = expand(value, [1]) if value.ndim == 1 else value
            return holder * (1 - mask) + mask * column
        if isinstance(key, Form) and key.shape == holder.shape and _is_condition(self._looked_at(key)):
            return where(key, value, holder)
        if any(isinstance(i, Form) and i.shape for i in items):
            return None
        plain = tuple(self._index_item(i) for i in items)
        part = get(holder, plain)
        index = _resolved(part, holder)
        if index is None:
            return value * filled_like(holder) if value.shape != holder.shape else value
        new = value if value.shape == part.shape else value + part * 0
        if new.shape != part.shape:
            raise ShapeError(
                f"a part of shape {shape_text(part.shape)} cannot take values of shape {shape_text(value.shape)}"
            )
        covered = self._covered(holder, plain)
        if _is_zero(self, holder):
            changed = put(new, index, holder.shape)
        elif covered is not None and not np.any(covered[plain]):
            changed = holder + put(new, index, holder.shape)
        elif isinstance(new, Apply) and new.op == "add" and new.args[0] is part and new.args[1].shape == part.shape:
            changed = holder + put(new.args[1], index, holder.shape)
        else:
            changed = holder + put(new - part, index, holder.shape)
        if covered is not None:
            self.written[changed] = np.copy(covered)
            self.written[changed][plain] = True
        return changed

    def _covered(self, holder: Form, plain: tuple[Any, ...]) -> np.ndarray | None:
        """Return which entries of an array that began as zeros were given values; None where that is not known."""
        if not all(isinstance(s, int) for s in holder.shape) or not all(
            isinstance(i, (int, slice)) or i is Ellipsis for i in plain
        ):
            return None
        if _is_zero(self, holder):
            return np.zeros(tuple(int(s) for s in holder.shape), dtype=bool)
        meaning = self.bindings[holder.name].form if isinstance(holder, Name) else None
        return self.written.get(holder if meaning is None else meaning)

    # --- keepdims -----------------------------------------------------------------------------------------------------

    def binary(self, op: ast.operator, left: Any, right: Any) -> Any:
        if self.repair and isinstance(op, (ast.Sub, ast.Div)) and isinstance(left, Form) and isinstance(right, Form):
            lost = self._looked_at(right)
            if (
                isinstance(lost, Reduce)
                and not lost.keepdims
                and len(lost.axes) == 1
                and lost.axes != (0,)
                and lost.args[0].shape == left.shape
                and left.ndim > 1
            ):
                right = expand(right, list(lost.axes))
        return super().binary(op, left, right)

    def _looked_at(self, form: Form) -> Form:
        while isinstance(form, Name):
            meaning = self.bindings[form.name].form
            if meaning is None:
                break
            form = meaning
        return form


def _multiplies_in_loop(body: Sequence[ast.stmt]) -> bool:
    """Return whether a function multiplies matrices inside a loop, as a pass over time or over layers does."""
    return any(
        (isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult))
        or (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("dot", "matmul", "mm")
        )
        for loop in body
        if isinstance(loop, ast.For)
        for node in ast.walk(loop)
    )


def _is_condition(form: Form) -> bool:
    """Return whether an array says yes or no: a comparison, or several of them."""
    if not isinstance(form, Apply) or not isinstance(form.op, str):
        return False
    return (
        form.op in RELATIONS
        or (form.op == "multiply" and all(_is_condition(a) for a in form.args))
        or (form.op == "subtract" and _is_condition(form.args[1]))
    )


def filled_like(form: Form) -> Form:
    """Return ones of the shape of ``form``, to repeat a value over it."""
    from symback.core.forms import filled

    return filled(1, form.shape)


def _is_zero(evaluator: Evaluator, form: Form) -> bool:
    found = (
        evaluator.known(form)
        if evaluator.is_literal(form) or (isinstance(form, Name) and evaluator.bindings[form.name].form is None)
        else None
    )
    return found is not None and not np.any(np.asarray(found)) and not isinstance(found, (bool, str))


def _resolved(part: Form, holder: Form) -> Any:
    """Return the index of a part inside ``holder``, or None where it is the whole."""
    from symback.core.forms import Get

    node = part
    while not isinstance(node, Get):
        if node is holder or not node.args:
            return None
        node = node.args[0]
    if node.args[0] is not holder or node is not part:
        raise ReadError("this part of an array cannot be given a value")
    return node.index


def _spelled(node: ast.expr) -> str:
    while isinstance(node, ast.Subscript):
        node = node.value
    return ast.unparse(node)


def _changes(node: ast.expr, names: Sequence[str]) -> Iterator[tuple[str, tuple[str, str], ast.expr]]:
    """Return an expression after each of the changes that undo a slip of shapes."""
    places = [
        n for n in ast.walk(node) if isinstance(n, ast.expr) and not isinstance(getattr(n, "ctx", None), ast.Store)
    ][:60]
    for place in places:
        if is_transpose(place):
            yield "extra_transpose", ("", ""), exchanged(node, place, place.value)  # type: ignore[attr-defined]
        elif is_operand(place, node):
            yield "missing_transpose", ("", ""), exchanged(node, place, transposed(place))
    for place in places:
        if isinstance(place, ast.BinOp) and isinstance(place.op, ast.MatMult):
            a, b = place.left, place.right
            yield "swapped", ("", ""), exchanged(node, place, ast.BinOp(b, ast.MatMult(), a))
            yield "swapped", ("", ""), exchanged(node, place, ast.BinOp(transposed(b), ast.MatMult(), transposed(a)))
            yield "matmul_for_product", ("", ""), exchanged(node, place, ast.BinOp(a, ast.Mult(), b))
        if isinstance(place, ast.BinOp) and isinstance(place.op, ast.Mult):
            a, b = place.left, place.right
            for left in (a, transposed(a)):
                for right in (b, transposed(b)):
                    yield "product_for_matmul", ("", ""), exchanged(node, place, ast.BinOp(left, ast.MatMult(), right))
                    yield "product_for_matmul", ("", ""), exchanged(node, place, ast.BinOp(right, ast.MatMult(), left))
        if is_transpose(place):
            continue
        if isinstance(place, ast.Name) and not is_operand(place, node):
            yield "extra_transpose", ("", ""), exchanged(node, place, transposed(place))
    for place in places:
        if isinstance(place, ast.Name):
            for other in names:
                if other != place.id:
                    yield "wrong_variable", (place.id, other), exchanged(node, place, ast.Name(other, ast.Load()))


def is_transpose(node: ast.AST) -> bool:
    """Return whether an expression is ``something.T``."""
    return isinstance(node, ast.Attribute) and node.attr == "T"


def transposed(node: ast.expr) -> ast.expr:
    """Return an expression transposed."""
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return node.value
    return ast.copy_location(ast.Attribute(node, "T", ast.Load()), node)


def is_operand(node: ast.AST, root: ast.expr) -> bool:
    """Return whether a node is an operand of a matrix product somewhere in ``root``."""
    for parent in ast.walk(root):
        if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.MatMult) and node in (parent.left, parent.right):
            return True
        if (
            isinstance(parent, ast.Call)
            and isinstance(parent.func, ast.Attribute)
            and (parent.func.attr in ("dot", "matmul", "mm"))
            and (
                node in parent.args
                or (node is parent.func.value and getattr(node, "id", "") not in ("np", "torch", "numpy"))
            )
        ):
            return True
    return False


def exchanged(root: Any, place: ast.AST, new: ast.AST) -> Any:
    """Return ``root`` with one node exchanged; the rest is shared, nothing is changed in place."""
    if root is place:
        return new
    made = copy.copy(root)
    for label, value in ast.iter_fields(root):
        if isinstance(value, ast.AST):
            setattr(made, label, exchanged(value, place, new))
        elif isinstance(value, list):
            setattr(made, label, [exchanged(v, place, new) if isinstance(v, ast.AST) else v for v in value])
    return made


# --- a text with its forward pass, its loss and its derivation --------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Source:
    """A text to mark: its tree with lines counted through all cells, its lines, and what the caller says about it."""

    parts: tuple[ast.Module, ...]
    """Texts to follow in order."""
    before: tuple[ast.Module, ...]
    """Cells before the chosen ones, followed for what they define."""
    lines: tuple[str, ...]
    cells: tuple[Cell, ...] = ()

    @property
    def tree(self) -> ast.Module:
        return ast.Module([s for t in self.parts for s in t.body], [])

    def line(self, number: int | None) -> str:
        """Return the text of a line without its indent; what a console could take for a command becomes a blank."""
        if number is None or not 1 <= number <= len(self.lines):
            return ""
        return printable(self.lines[number - 1]).strip()


def source_of(text: str, cell: CellChoice | None = None) -> Source:
    """Return a text, or a notebook's JSON, ready to be followed; raises ReadError where it is neither."""
    if not (isinstance(text, str) and notebooks.is_notebook(text)):
        if cell is not None:
            raise ReadError(f"cell {cell}: only a notebook has cells")
        return Source((syntax_tree(text),), (), tuple(text.splitlines()))
    cells = notebooks.code_cells(text)
    chosen = notebooks.chosen_cells(cell, cells)
    trees = notebooks.trees(cells, syntax_tree)
    lines = tuple(line for c in cells for line in [*c.text.split("\n")])
    last = max(chosen) if chosen else len(cells)
    parts: list[ast.Module] = []
    before: list[ast.Module] = []
    for one in cells[:last]:
        tree = trees[one.number]
        if isinstance(tree, ReadError):
            if chosen and one.number in chosen:
                raise tree
            continue
        (parts if chosen is None or one.number in chosen else before).append(tree)
    return Source(tuple(parts), tuple(before), lines, cells)


@dataclass(eq=False)
class Reading:
    """One reading of a text at certain shapes: all its versions, its loss, and the derivation without collapses."""

    evaluator: BackwardEvaluator
    inference: Inference
    root: Binding
    final: Mapping[str, str]
    """Readable names of the versions in the forward slice, by their keys."""
    record: Record
    summed: bool = False
    """True where the loss has several elements at these shapes, and their sum was taken."""
    findings: tuple[Finding, ...] = ()
    choices: tuple[str, ...] = ()
    _keys: dict[str, str] = field(default_factory=dict)

    @property
    def keys(self) -> Mapping[str, str]:
        """The keys of versions by their readable names."""
        if not self._keys:
            self._keys.update({name: key for key, name in self.final.items()})
        return self._keys

    @property
    def bindings(self) -> Mapping[str, Binding]:
        return self.evaluator.bindings


def followed(
    source: Source,
    values: Mapping[str, Any] | None,
    shapes: Mapping[str, Any] | None,
    seed: int | None = None,
    repair: bool = False,
) -> BackwardEvaluator:
    """Return the evaluator after the whole text."""
    evaluator = BackwardEvaluator(values, shapes, seed, repair)
    try:
        for tree in source.before:
            evaluator.run_before(tree)
        for tree in source.parts:
            evaluator.run_text(tree)
    except RecursionError:
        raise ReadError("the text is nested too deeply to be read") from None
    return evaluator


def following(
    source: Source, seed: int | None
) -> Callable[[Mapping[str, Any], Mapping[str, Any], bool], BackwardEvaluator]:
    """Return how a text is followed from top to bottom, with other values and shapes or with repairs."""
    return lambda values, shapes, repair: followed(source, values, shapes, seed, repair)


def loss_of(evaluator: BackwardEvaluator, source: Source, loss: str | None) -> tuple[Inference, Binding]:
    """Return the loss of a followed text by the reader's own rules; it may have several elements."""
    inference = Inference(evaluator, source.tree)
    if evaluator.root:
        return inference, evaluator.bindings[evaluator.root]
    return inference, inference.loss_binding(loss)


def reading(
    evaluator: BackwardEvaluator,
    inference: Inference,
    root: Binding,
    wanted: Iterable[str],
    allow_sum: bool = False,
) -> Reading:
    """Derive the loss of a followed text with respect to the leaves with these keys."""
    summed = False
    if element_count(root.shape) != 1:
        if not allow_sum:
            raise ReadError(
                f"{root.base} has shape {shape_text(root.shape)}, but a loss has exactly one element; "
                f"give its mean or sum as the loss: np.mean({root.base})",
                root.line,
            )
        evaluator.line = root.line or 0
        whole = reduce_over("sum", make_name(root.key, root.shape))
        root, summed = evaluator.bindings[evaluator.equation("total_loss", whole).name], True
    net, final = inference.network_of(root, tuple(wanted))
    record = derive_record(name_equations(net), collapse=False)
    return Reading(evaluator, inference, root, final, record, summed, net.findings, net.choices)


__all__ = [
    "BackwardEvaluator",
    "Evaluated",
    "Reading",
    "Source",
    "exchanged",
    "followed",
    "is_operand",
    "is_transpose",
    "loss_of",
    "reading",
    "source_of",
    "transposed",
]
