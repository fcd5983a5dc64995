"""From the log to formulas: each operation the loss needs becomes a Form by the table, and proves itself on the run's own numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from symback.core.errors import ReadError, SymbackError
from symback.core.forms import (
    Form,
    expand,
    filled,
    scatter,
    shape_text,
)
from symback.library import calls, indexing
from symback.tracer import aten
from symback.tracer.formulas import Formulas
from symback.tracer.log import Node
from symback.tracer.moving import as_linear, by_movement, by_selection
from symback.tracer.own_operations import OPERATIONS
from symback.tracer.sliced import title
from symback.tracer.torch_operations import TORCH_OPERATIONS, as_stated


class Lowering(Formulas):
    """Finds the formula of every entry of a slice."""

    def run(self) -> None:
        """Compute every number of the slice again, and find the formula of each entry that depends on a parameter."""
        order: list[Node] = []
        for node in self.needed:
            self.parts = []
            self.values[node] = self.value_of(node)
            if node in self.parameters:
                self.names[node] = self._leaf(node)
            elif node in self.dependent:
                self.line = node.site.line
                try:
                    self.forms[node] = self._lowered(node)
                except ReadError as error:
                    if self.rows is None or node is self.loss:
                        raise
                    self.unknown[node] = (
                        error  # what reads it may be a formula without it, as with entries under a mask
                    )
            order += [*self.parts, node]
        self.needed = order

    def _lowered(self, node: Node) -> Any:
        """Return the formula of an entry by the first of the ways that proves itself."""
        problems: list[SymbackError] = []
        by_trying: list[tuple[str, Callable[[Node], Any]]] = [
            ("selection", partial(by_selection, self)),
            ("positions", partial(by_movement, self)),
            *([("decomposition", self._by_parts)] if node.path.startswith("torch") and self.rows is None else []),
            ("linear map", partial(as_linear, self)),
        ]
        moved = self.rows is not None and self.rows.moved(node)
        self.is_of_torch = node.path.startswith("torch")
        for said, way in (("row", self._by_the_table), *(() if moved else by_trying)):
            self.parts = []
            try:
                found = way(node)
            except SymbackError as error:
                problems.append(error)
                continue
            except (TypeError, ValueError):
                if not moved:
                    raise
                problems.append(ReadError("a known number of rows is needed here", node.site.line))
                continue
            except RecursionError:
                problems.append(ReadError("nested too deeply", node.site.line))
                continue
            if found is not None and self.is_proved(node, found):
                self.ways[node] = said
                return found
        raise self._refusal(node, problems)

    def _by_parts(self, node: Node) -> Any:
        """Return the formula of an operation of PyTorch by its parts, as PyTorch takes it apart."""
        from symback.tracer.decomposing import decomposed

        kept = self.parts
        own: list[Node] = []
        self.parts = own

        def lower(part: Node) -> Any:
            inside, self.parts = self.parts, []
            try:
                found = self._lowered(part)
                own.extend(self.parts)
                return found
            finally:
                self.parts = inside

        try:
            return decomposed(self, node, lower)
        finally:
            kept += own
            self.parts = kept

    def _refusal(self, node: Node, problems: Sequence[SymbackError]) -> ReadError:
        line = node.site.line or None
        for problem in problems:
            if isinstance(problem, ReadError) and problem in self.unknown.values():
                return problem
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
        if path == "stated":
            return as_stated(self, node)
        if self.is_of_torch:
            return self._of_torch(node)
        own = OPERATIONS.get(path)
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

    def _of_torch(self, node: Node) -> Any:
        """Return what a function or a method of PyTorch gives by the table; of several results the one in question."""
        part, whole = getattr(node.run, "part", None), getattr(node.run, "whole", None)
        if part is None:
            return self._whole_of_torch(node)
        if whole not in self.wholes:
            self.wholes[whole] = self._whole_of_torch(node)
        found = self.wholes[whole]
        return self.form(found[part]) if isinstance(found, (tuple, list)) else None

    def _whole_of_torch(self, node: Node) -> Any:
        path = node.path
        if path.startswith("torch.ops."):
            return aten.lowered(self, node)
        own = TORCH_OPERATIONS.get(path)
        if own is not None:
            return own(self, node)
        args, options = list(self.operand(node.args)), self.operand(node.options)
        module, _, name = path.rpartition(".")
        if module in ("torch", "torch.Tensor") and name in aten.ATEN and not calls.is_known(path):
            return aten.ATEN[name](self, node, args, options)
        if path.startswith("torch.Tensor.") and args:
            return calls.call_method(self, self.form(args[0]), path.rpartition(".")[2], args[1:], options)
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
