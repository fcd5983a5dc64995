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

from symback.core.errors import ReadError, ShapeError, SymbackError
from symback.core.forms import (
    Form,
    Name,
    Reduce,
    element_count,
    expand,
    names_in,
    reduce_over,
    shape_text,
)
from symback.core.forms import (
    name as make_name,
)
from symback.core.text import printable
from symback.derivation.record import Record, derive_record
from symback.library import notebooks
from symback.library.name_words import is_gradient_name
from symback.library.notebooks import Cell, CellChoice
from symback.library.values import Binding
from symback.networks.naming import name_equations
from symback.networks.network import Finding
from symback.readers import memory, updating
from symback.readers.evaluator import Evaluator
from symback.readers.inference import Inference
from symback.readers.source import syntax_tree
from symback.readers.syntax import as_load
from symback.readers.values import Helper, Instance, Scope

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
        self.fixed: set[str] = set()
        """Names of inputs that keep their values at every point."""
        self.steps_taken: list[tuple[str, Form, int, str]] = []
        """Updates of parameters: the parameter, what is subtracted from it, the line, how it is written."""
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
        place = updating.leaf_of(self, target, scope)
        try:
            with updating.looked_at(self, value):
                form = self.form(self.value(value, scope)) if place is not None else None
        except (SymbackError, RecursionError):
            return None
        if place is None or form is None:
            return None
        leaf = place.binding
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
                with updating.looked_at(self, changed):
                    value = self.value(changed, scope)
            except (SymbackError, RecursionError, TypeError, ValueError):
                continue
            form = self.form(value) if self.is_array(value) else None
            if form is not None and form not in seen:
                seen.add(form)
                yield slip, pair, form

    def is_update(self, leaf: Binding, rest: ast.expr, scope: Scope, subtracts: bool = False) -> bool:
        # dW = np.zeros_like(W); dW += ... collects a gradient, it is no step of gradient descent
        known = {b.base for b in self.bindings.values() if not b.anonymous and b.form is None and b.base != leaf.base}
        if self.assigning.startswith("self.d") or is_gradient_name(leaf.base, known):
            return False
        return super().is_update(leaf, rest, scope, subtracts)

    def equation(self, name: str, form: Form, *, local: bool = False, **more: Any) -> Name:
        made = super().equation(name, form, local=local, **more)
        if self.frames and isinstance(self.frames[-1][0], Instance):
            self.owners[made.name] = self.frames[-1][0]
        return made

    def constant(self, value: Any, data: bool = True) -> Any:
        found = super().constant(value, data)
        if found is not None and self.is_array(value):
            value = self.form(value)
            # the text is read for this value: another one would be another text
            self.fixed.update(self.bindings[n.name].base for n in names_in(value))
        return found

    def gradient_step(self, call: ast.Call, scope: Scope) -> bool:
        function = call.func
        if isinstance(function, ast.Attribute) and function.attr == "save_for_backward":
            held = self.value(function.value, scope)
            if isinstance(held, Instance):
                held.attributes["saved_tensors"] = tuple(self.held(self.value(a, scope)) for a in call.args)
                return True
        return super().gradient_step(call, scope)

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
            self.evaluated.append(
                Evaluated(helper.name, tuple(map(memory.shown, args)), memory.shown(returned.value), line)
            )
        return returned

    def bind(self, name: str, value: Any, scope: Scope) -> None:
        if isinstance(value, Helper) and value.name == "lambda":
            value = replace(value, name=name)
        super().bind(name, value, scope)

    def named_item(self, key: str, value: Any, scope: Scope) -> Any:
        # grads["W"] = ... is a gradient of W, not another W
        form = self.form(value) if self.is_array(value) else None
        if form is not None and any(b.base == key for b in self.bindings.values()):
            return self.held(value)
        if form is not None and form.shape and key.isidentifier() and self.is_literal(form):
            return self.named(key, value, Scope(open=True))  # params["W1"] = ..., in whatever function
        return super().named_item(key, value, scope)

    # --- assignments to parts -----------------------------------------------------------------------------------------

    def assign(self, target: ast.expr, value: Any, scope: Scope) -> None:
        if isinstance(target, ast.Attribute) and target.attr in ("grad", "gradient"):
            holder = self.value(target.value, scope)
            form = self.form(holder) if self.is_array(holder) else None
            if isinstance(form, Name):
                self.attributes.append((form, self.form(value), self.line))
                return
        if isinstance(target, ast.Attribute):
            owner = self.value(target.value, scope)
            if isinstance(owner, Instance):
                self.attribute_lines[id(owner), target.attr] = self.line
        super().assign(target, value, scope)

    def assign_item(self, target: ast.Subscript, value: Any, scope: Scope) -> None:
        holder = self.value(target.value, scope)
        if isinstance(holder, (dict, list)):
            label = str(self.value(target.slice, scope))
            if isinstance(holder, dict) and isinstance(value, Instance) and not value.label:
                value.label = label
            self.item_lines[_spelled(target.value).rpartition(".")[2], label] = self.line
        if (
            isinstance(holder, list)
            and isinstance(value, Form)
            and not isinstance(value, Name)
            and names_in(value)
            and scope.open
        ):
            value = self.equation("entry", value, local=True)
        super().assign_item(target, value, scope)

    # --- keepdims -----------------------------------------------------------------------------------------------------

    def binary(self, op: ast.operator, left: Any, right: Any) -> Any:
        if self.repair and isinstance(op, (ast.Sub, ast.Div)) and self.is_array(left) and self.is_array(right):
            whole, part = self.form(left), self.form(right)
            lost = self._looked_at(part)
            if (
                isinstance(lost, Reduce)
                and not lost.keepdims
                and len(lost.axes) == 1
                and lost.axes != (0,)
                and lost.args[0].shape == whole.shape
                and whole.ndim > 1
            ):
                right = expand(part, list(lost.axes))
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
