"""Recording PyTorch: every function that is called on tensors joins the log, with the memory that tensors share.

Only what is called is seen, never what it calls itself, so that nothing is recorded twice. This module imports PyTorch; it is
imported itself only where the code that is recorded does.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch._C import _get_tracing_state
from torch._C._functorch import peek_interpreter_stack
from torch.overrides import TorchFunctionMode

from symback.core.errors import ReadError
from symback.tracer import torch_draws as draws
from symback.tracer.calls import at_places, noded, put_back
from symback.tracer.log import Change, Ended, Log, Node, Site
from symback.tracer.objects import SCALARS, Array
from symback.tracer.torch_memory import Memory, Shown, Whole, layout_of, places_in, version_of
from symback.tracer.torch_paths import (
    ATTENTION,
    CUTTING,
    DRAWING,
    DRAWING_IN_PLACE,
    FUNCTIONS,
    LAYERED,
    LOOKED_AT,
    NEW_MEMORY,
    THINNING,
    TOLD,
    WRITING_STATE,
    is_opened,
    opened,
    path_of,
    without_defaults,
)
from symback.tracer.torch_values import KINDS, Operation, entries, numbers_of, tensors_in, values_in, with_entries


class Tensors(TorchFunctionMode):
    """Records what is called on tensors while it is entered."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self.log = log
        self.known: dict[int, Shown] = {}
        self._memories: dict[int, Memory] = {}
        self.called: dict[str, Callable[..., Any]] = {}
        """What is done in the place of a function, by its path: given the function, its operands and options."""
        self.parameters: dict[Node, Any] = {}
        """Entries that are parameters of PyTorch: leaves that require gradients; each with a reference to its tensor."""
        self.inside_function = 0
        """How many functions that state their own backward are being carried out."""

    def __torch_function__(self, function: Any, kinds: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Carry out a function of PyTorch, and record it."""
        options = kwargs or {}
        if _get_tracing_state() is not None or peek_interpreter_stack() is not None:
            return function(*args, **options)  # what torch.jit and torch.func make of a function is not the run's
        path = path_of(function)
        if path in LOOKED_AT or self.log.ended or not path:
            if self.log.ended:
                raise Ended
            if path in TOLD and args and isinstance(args[0], torch.Tensor):
                self._decides(path, args[0])
            return function(*args, **options)
        if path.startswith("torch.nn.init."):
            return draws.initialized(self, function, args, options)
        special = self.called.get(path)
        if special is not None:
            return special(function, args, options)
        if path == "torch.Tensor.__iter__":
            return iter(self.recorded(torch.Tensor.unbind, "torch.Tensor.unbind", (args[0], 0), {}))
        if path in THINNING and options.get("training", True) is not False:
            return draws.thinned(self, function, args, options)
        if path in (f"{FUNCTIONS}rrelu", "torch.rrelu"):
            training = options.get("training") if path.startswith(FUNCTIONS) else len(args) > 3 and args[3]
            if training and options.get("lower", 0.125) != options.get("upper", 1 / 3):
                return draws.with_slopes(self, function, args, options)
            low, high = (
                (*args[1:3], 1 / 8, 1 / 3)[:2]
                if len(args) > 2
                else (options.get("lower", 1 / 8), options.get("upper", 1 / 3))
            )
            with self:
                return torch.nn.functional.leaky_relu(args[0], (low + high) / 2, inplace=bool(options.get("inplace")))
        if path == f"{FUNCTIONS}scaled_dot_product_attention" and draws.is_dropping(args, options):
            return draws.attended(self, function, path, args, options)
        if path in LAYERED and draws.is_thinned(args):
            return draws.layered(self, function, path, args)
        if is_opened(function, path) or (path == ATTENTION and draws.is_thinning(args, options)):
            with self:
                return opened(function)(*args, **options)
        return self.recorded(function, path, args, options)

    # --- operands -----------------------------------------------------------------------------------------------------------

    def noded(self, value: Any) -> Any:
        """Return what is given to an operation with entries of the log in the place of tensors and recorded numbers."""
        if isinstance(value, torch.Tensor):
            return self.node_of(value)
        kind = type(value)
        if kind in (int, float, bool, str, type(None)):
            return value
        if kind in SCALARS or kind is Array:
            return noded(self.log, value)
        if kind is torch.Size:
            return tuple(value)
        if kind is Whole:
            return value.memory.node
        if kind is tuple or kind is list:
            return kind([self.noded(v) for v in value])
        if isinstance(value, tuple):
            return tuple(self.noded(v) for v in value)
        if kind is dict:
            return {k: self.noded(v) for k, v in value.items()}
        if kind is slice:
            return slice(self.noded(value.start), self.noded(value.stop), self.noded(value.step))
        return value

    def node_of(self, tensor: torch.Tensor) -> Node:
        """Return the entry of what a tensor holds now."""
        known = self.known.get(id(tensor))
        if known is None or known.tensor() is not tensor:
            return self._met(tensor)
        memory = known.memory
        if known.count is None:
            known.count = version_of(tensor)
        if known.count != version_of(tensor) and known.version == memory.version:
            return self.anew(tensor, known, memory)
        if known.version != memory.version:
            if tensor.requires_grad and tensor.is_leaf:
                return self.anew(tensor, known, memory)
            if known.recipe is None:
                known.node = memory.node
            else:
                path, run, args, options = known.recipe
                known.node = self._add(path, run, self.noded(args), self.noded(options), tensor, known.node.site)
                self._cut(known.node, args, tensor)
            known.version, known.count = memory.version, version_of(tensor)
        if tensor.is_leaf and tensor.requires_grad and not self._is_of(known.node, tensor):
            return self.anew(tensor, known, memory)
        return known.node

    def _is_of(self, node: Node, tensor: torch.Tensor) -> bool:
        """Return whether an entry is the parameter that a tensor is: another that shares its memory has its own gradient."""
        held = self.parameters.get(node)
        return held is not None and held() is tensor

    def known_node(self, tensor: torch.Tensor) -> Node | None:
        """Return the entry of a tensor that the log knows; None for others."""
        known = self.known.get(id(tensor))
        return self.node_of(tensor) if known is not None and known.tensor() is tensor else None

    def anew(self, tensor: torch.Tensor, known: Shown, memory: Memory) -> Node:
        """Return a new leaf for a tensor whose numbers were written by something that is not part of what is derived."""
        memory.about_to_change()
        node = self.leaf(tensor)
        old = known.node
        if old.name:
            node.name, node.strength, node.own = old.name, old.strength, old.own
        if layout_of(tensor) == memory.layout:
            memory.node = node
            memory.kept.append(node)
        else:
            node.value = np.array(node.value)
        memory.version += 1
        known.node, known.version, known.count, known.recipe = node, memory.version, version_of(tensor), None
        return node

    def leaf(self, tensor: torch.Tensor, site: Site | None = None) -> Node:
        node = self._add("", None, (), {}, tensor, site)
        node.value = self._value(tensor)
        if tensor.requires_grad:
            if tensor.is_leaf:
                self.parameters[node] = weakref.ref(tensor)
                self.log.trained.add(node)
            elif tensor.grad_fn is not None:
                made = type(tensor.grad_fn).__name__.removesuffix("0").removesuffix("Backward")
                self.log.lost[node] = ReadError(
                    f"an array is computed by something that is not recorded ({made}): a compiled or scripted function, or "
                    "another thread",
                    node.site.line or None,
                )
        return node

    @staticmethod
    def _value(tensor: torch.Tensor) -> Any:
        if tensor.dtype not in KINDS or tensor.is_meta:
            return None
        found = numbers_of(tensor)
        return found if found.ndim else found[()]

    def _met(self, tensor: torch.Tensor) -> Node:
        """Return the entry of a tensor that is met for the first time: what its memory holds, else a new leaf."""
        if tensor.layout is not torch.strided:
            node = self.leaf(tensor)
            node.value = np.array(node.value)
            return node
        storage = tensor.untyped_storage()
        memory = self._memories.get(storage._cdata)
        if memory is None or (tensor.requires_grad and tensor.is_leaf and not self._is_of(memory.node, tensor)):
            if memory is not None:
                memory.about_to_change()
            node = self.leaf(tensor)
            self.owns(tensor, node, storage)
            return node
        if layout_of(tensor) == memory.layout:
            self.known[id(tensor)] = Shown(tensor, memory, memory.node, None)
            return memory.node
        places = places_in(memory, tensor)
        if places is None:
            node = self.leaf(tensor)
            if tensor.numel():
                self.log.lost[node] = ReadError("a view of the same memory as another type", node.site.line or None)
            self.known[id(tensor)] = Shown(tensor, memory, node, None)
            return node
        node = self._add("positions", at_places, (memory.node, places), {}, tensor)
        # the recipe reads the whole of the memory, by the tensor that shows it
        self.known[id(tensor)] = shown = Shown(tensor, memory, node, None)
        shown.recipe = ("positions", at_places, (Whole(memory), places), {})
        return node

    def owns(self, tensor: torch.Tensor, node: Node, storage: Any) -> Memory:
        memory = Memory(tensor, node, storage)
        self._memories[storage._cdata] = memory
        self.known[id(tensor)] = Shown(tensor, memory, node, None)
        if node.value is not None and np.ndim(node.value):
            memory.kept.append(node)
        return memory

    # --- an operation -------------------------------------------------------------------------------------------------------

    def _add(
        self, path: str, run: Any, args: tuple[Any, ...], options: dict[str, Any], result: Any, site: Site | None = None
    ) -> Node:
        log = self.log
        if log.ended:
            raise Ended
        if len(log.nodes) >= log.most:
            log.cut = f"{log.most} operations"
            log.ended = True
            raise Ended
        is_tensor = isinstance(result, torch.Tensor)
        kind = KINDS.get(result.dtype, "?") if is_tensor else "?"
        shape = tuple(result.shape) if is_tensor else ()
        node = Node(len(log.nodes), path, run, args, options, shape, kind, site or log.site())
        log.nodes.append(node)
        if is_tensor and (log.repeats or log.shifts):
            self._changed_again(node, result)
        return node

    def _changed_again(self, node: Node, tensor: torch.Tensor) -> None:
        """Repeat the rows of what an entry is in a second run, or shift it, where that is asked for."""
        log = self.log
        with torch.no_grad(), torch._C.DisableTorchFunction():
            if log.repeats:
                log.repeat(node, numbers_of(tensor))
                if node.number in log.repeated:
                    more = torch.from_numpy(np.array(log.repeated.pop(node.number)))
                    tensor.data = more.to(tensor.dtype).to(tensor.device)
            if node.number in log.shifts:
                tensor.data.add_(torch.as_tensor(log.shifts[node.number], dtype=tensor.dtype))

    def _cut(self, node: Node, args: Any, result: torch.Tensor) -> None:
        """Note that gradients do not pass an entry, where PyTorch says so of its result."""
        if node.path in CUTTING or (
            not result.requires_grad
            and node.kind == "f"
            and not self.inside_function
            and (not torch.is_grad_enabled() or any(t.requires_grad for t in tensors_in(args)))
        ):
            self.log.without_gradient.add(node)

    def recorded(self, function: Any, path: str, args: Any, options: Any) -> Any:
        """Carry out a function and record its result, and what it wrote."""
        log = self.log
        held = list(tensors_in(args))
        if options:
            held += tensors_in(options)
        self._rounds()
        last = path.rpartition(".")[2]
        written = self._written_by(path, last, args, options)
        for tensor in written:
            self.node_of(tensor)
        given = tuple(self.noded(a) for a in args)
        named = {k: self.noded(v) for k, v in options.items()} if options else {}
        for tensor in written:
            self.known[id(tensor)].memory.about_to_change()
        counts = [version_of(t) for t in held]
        layouts = [layout_of(t) for t in written]
        result = function(*args, **options)
        if log.ended:
            raise Ended
        changed = [t for t, count in zip(held, counts, strict=True) if version_of(t) != count]
        if any(t.layout is torch.strided and layout_of(t) != old for t, old in zip(written, layouts, strict=True)):
            for tensor in written:  # transposed in place, or given another shape
                self.known.pop(id(tensor), None)
                self.node_of(tensor)
            return result
        if path in NEW_MEMORY:
            self.known.pop(id(args[0]), None)
            return result
        if (changed or written) and self._is_writing(last, options):
            self._wrote(function, path, last, args, options, given, named, changed or written)
            return result
        for tensor in (*changed, *(t for t in written if options.get("training") is not False)):
            known = self.known.get(id(tensor))
            if known is not None:
                self.anew(tensor, known, known.memory)
        return self._answered(function, path, args, options, given, named, result)

    def basic(self, function: Any, args: Any, options: Any) -> Any:
        """Carry out one of PyTorch's basic operations, and record it under its own name."""
        if self.log.ended:
            raise Ended
        self.inside_function += 1  # what has a gradient is not said of results that autograd has not seen yet
        try:
            with torch._C.DisableTorchFunction():
                made = self.recorded(function, f"torch.ops.{function}", args, options)
            for tensor in tensors_in(made):
                known = self.known.get(id(tensor))
                if known is not None:
                    known.count = None  # autograd has yet to make it a view of what it is one of
            return made
        finally:
            self.inside_function -= 1

    def _written_by(self, path: str, last: str, args: Any, options: Any) -> list[torch.Tensor]:
        """Return the tensors that a function is about to write."""
        found: list[torch.Tensor] = []
        if last == "__setitem__" or (last.endswith("_") and not last.endswith("__")):
            found += tensors_in(args[:1])
        if options.get("inplace") is True:
            found += tensors_in(args[:1])
        if options.get("out") is not None:
            found += tensors_in(options["out"])
        if path in WRITING_STATE:
            for place, name in zip(WRITING_STATE[path], ("running_mean", "running_var"), strict=True):
                value = args[place] if place < len(args) else options.get(name)
                found += tensors_in(value)
        return found

    @staticmethod
    def _is_writing(last: str, options: Any) -> bool:
        return (
            last == "__setitem__"
            or (last.endswith("_") and not last.endswith("__"))
            or options.get("inplace") is True
            or options.get("out") is not None
        )

    def _wrote(
        self,
        function: Any,
        path: str,
        last: str,
        args: Any,
        options: Any,
        given: tuple[Any, ...],
        named: dict[str, Any],
        changed: Sequence[torch.Tensor],
    ) -> None:
        """Record what a function wrote into its first operand, or into what ``out`` names."""
        if options.get("out") is not None or "foreach" in last or "_fused" in last:
            for tensor in changed:
                known = self.known.get(id(tensor))
                if options.get("out") is not None and isinstance(options["out"], torch.Tensor):
                    plain = {k: v for k, v in named.items() if k != "out"}
                    node = self._add(path, Operation(function), given, plain, tensor)
                    self._cut(node, (args, options), tensor)
                    self._now_holds(tensor, node)
                elif known is not None:
                    self.anew(tensor, known, known.memory)
            return
        tensor = next(tensors_in((args, options)))
        own = {k: v for k, v in named.items() if k != "inplace"}
        if last == "__setitem__":
            node = self._add("setitem", with_entries, given, {}, tensor)
        elif path in DRAWING_IN_PLACE:
            if last in ("zero_", "fill_"):
                node = self._add(f"torch.Tensor.{last}", Operation(function, writes=True), given, own, tensor)
            else:
                node = self._add("", None, (), {}, tensor)
                node.value = numbers_of(tensor, copy=True)
                node.value = node.value if node.value.ndim else node.value[()]
        elif options.get("inplace") is True:
            plain = without_defaults(function, own)
            node = self._add(path, Operation(function), given, plain, tensor)
        else:
            counterpart = getattr(torch.Tensor, last[:-1], None)
            node = self._add(path[:-1] if counterpart else path, Operation(function, writes=True), given, own, tensor)
        self._cut(node, (args, options), tensor)
        if not node.shape and node.kind == "f" and not self._rounds():
            node.value = self._value(tensor)
        self._now_holds(tensor, node)

    def _rounds(self) -> bool:
        """Return whether PyTorch computes with fewer bits than the operands have, and note it."""
        if not (torch.is_autocast_enabled("cpu") or torch.is_autocast_enabled("cuda")):
            return False
        self.log.rounds = True
        return True

    def _now_holds(self, tensor: torch.Tensor, node: Node) -> None:
        """Note that the memory which a tensor shows now holds an entry there."""
        known = self.known[id(tensor)]
        memory = known.memory
        before, shown_before = memory.node, known.node
        if known.recipe is None:
            memory.node = node
        else:
            chain = self._chain(known)
            memory.node = self._add("put", put_back, (before, node), {"chain": chain}, tensor, node.site)
            memory.node.shape = before.shape
        memory.version += 1
        known.node, known.version, known.count = node, memory.version, version_of(tensor)
        for old, new in ((shown_before, node), (before, memory.node)):
            if not new.name and old.name:
                new.name, new.strength, new.own = old.name, old.strength, old.own
        if node.kind != "f" and known.recipe is None:
            node.value = self._value(tensor)
            memory.kept.append(node)
        self.log.changes.append(Change(before, memory.node, node.site))

    def _chain(self, shown: Shown) -> tuple[tuple[Any, ...], ...]:
        """Return the steps by which what a tensor shows is made from the whole of its memory."""
        steps: list[tuple[Any, ...]] = []
        at: Shown | None = shown
        while at is not None and at.recipe is not None:
            path, run, args, options = at.recipe
            steps.append((path, run, values_in(args[1:]), values_in(options)))
            first = args[0]
            at = self.known.get(id(first)) if isinstance(first, torch.Tensor) else None
        return tuple(reversed(steps))

    def _answered(
        self,
        function: Any,
        path: str,
        args: Any,
        options: Any,
        given: tuple[Any, ...],
        named: dict[str, Any],
        result: Any,
    ) -> Any:
        """Return the result of a function, recorded."""
        if isinstance(result, torch.Tensor):
            known = self.known.get(id(result))
            if known is not None and known.tensor() is result:
                return result  # it gave back what it was given
            plain = without_defaults(function, named) if named else named
            run: Any = Operation(entries if path == "torch.Tensor.__getitem__" else function)
            self.result(_PATHS.get(path, path), run, args, options, given, plain, result)
        elif isinstance(result, (tuple, list)) and any(isinstance(v, torch.Tensor) for v in result):
            plain = without_defaults(function, named) if named else named
            whole = object()
            for k, item in enumerate(result):
                known = self.known.get(id(item))
                if isinstance(item, torch.Tensor) and not (known is not None and known.tensor() is item):
                    run = Operation(function, part=k, whole=whole)
                    self.result(_PATHS.get(path, path), run, args, options, given, plain, item)
        return result

    def result(
        self,
        path: str,
        run: Any,
        args: Any,
        options: Any,
        given: tuple[Any, ...],
        named: dict[str, Any],
        result: torch.Tensor,
    ) -> Node:
        if path in DRAWING:
            node = self.leaf(result)
            if any(True for _ in tensors_in(args)):  # what is drawn moves with what it is drawn by, without a gradient
                node.args = given
                self.log.without_gradient.add(node)
            self.log.lost.pop(node, None)  # no gradient goes through a draw
            if result.layout is torch.strided:
                self.owns(result, node, result.untyped_storage())
            return node
        node = self._add(path, run, given, named, result)
        self._cut(node, (args, options), result)
        if result.layout is not torch.strided:
            return node
        storage = result.untyped_storage()
        memory = self._memories.get(storage._cdata)
        if memory is None:
            memory = self.owns(result, node, storage)
            if node.kind in "ib":
                node.value = self._value(result)
                if np.ndim(node.value):
                    memory.kept.append(node)
            elif not node.shape and node.kind == "f" and not self._rounds():
                node.value = self._value(result)
            return node
        first = args[0] if args and isinstance(args[0], torch.Tensor) else None
        known = self.known.get(id(first)) if first is not None else None
        if known is not None and known.memory is memory:
            shown = Shown(result, memory, node, (path, run, args, {k: options[k] for k in named if k in options}))
            self.known[id(result)] = shown
            if node.kind in "ib":
                node.value = np.array(self._value(result))
            return node
        self.known[id(result)] = Shown(result, memory, node, None)
        places = places_in(memory, result)
        if places is not None:
            self.known[id(result)].recipe = ("positions", at_places, (Whole(memory), places), {})
        if node.kind in "ib":
            node.value = np.array(self._value(result))
        return node

    def _decides(self, path: str, tensor: torch.Tensor) -> None:
        """Note that a number of a tensor decided which way the code took."""
        known = self.known.get(id(tensor))
        if known is not None and known.tensor() is tensor:
            said = str(tensor.detach().reshape(-1)[0].item()) if tensor.numel() == 1 else "…"
            node, again = self.node_of(tensor), _AGAIN.get(path.rpartition(".")[2])
            test = None if again is None or tensor.numel() != 1 else (again, (node,), again(numbers_of(tensor)))
            self.log.decided(node, said, test)


_PATHS = {"torch.Tensor.__getitem__": "getitem"}
_AGAIN: dict[str, Callable[..., Any]] = {"__bool__": bool, "__int__": int, "__index__": int}
