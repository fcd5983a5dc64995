"""One run that uses PyTorch: names of its modules, what backward() is called on, which parameters an optimizer holds, its end."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch.nn.modules.module import register_module_forward_pre_hook
from torch.optim.optimizer import register_optimizer_step_pre_hook

from symback.library.module_symbols import numbered, symbols_for
from symback.tracer.log import CURRENT, OWN, Log, Node, Site, operands
from symback.tracer.sliced import base_of
from symback.tracer.tensors import Tensors
from symback.tracer.torch_functions import Applied, followed, judged
from symback.tracer.torch_values import numbers_of

os.environ.setdefault("TORCHDYNAMO_DISABLE", "1")


@dataclass
class Backward:
    """One call of ``backward()`` or ``torch.autograd.grad``: on what, where, and the gradients that it gave parameters."""

    loss: Node
    site: Site
    by: str
    gradients: dict[Node, np.ndarray] = field(default_factory=dict)
    weights: np.ndarray | None = None
    """What the entries of a result were weighted by, where it is no single number."""
    unexplained: list[Node] = field(default_factory=list)
    """Parameters that got a gradient although no recorded operation leads to them."""
    held: set[int] | None = None
    """What the optimizers hold whose steps came next, by their numbers of Python."""


class TorchRun:
    """What a run does with PyTorch while it is recorded; ``loss`` is the name of the loss, where one is asked for."""

    def __init__(self, log: Log, loss: str | None = None) -> None:
        self.log = log
        self.loss = loss
        self.tensors: Any = Tensors(log)
        self.backwards: list[Backward] = []
        self.places: dict[int, tuple[str, type, str]] = {}
        """Of each parameter that a module holds, by its number of Python: its place in the module, the class of its layer and
        its name there."""
        self.roots: list[torch.nn.Module] = []
        self._inner: dict[int, torch.nn.Module] = {}
        """The roots and all modules in them, by their numbers of Python."""
        self._pending: list[Backward] = []
        """Calls of ``backward()`` since the last step."""
        self._is_over = False
        self._inside = 0
        """How many backward passes are being carried out."""
        self._seen: set[tuple[str, int]] = set()
        self._stepped: set[int] = set()
        self._handles: list[Any] = []
        self.applied: list[Applied] = []
        """Calls of functions that state their own backward."""
        self._following: Any = None
        self.tensors.called.update(
            {
                "torch.Tensor.backward": self._backward,
                "torch.autograd.backward": self._backward_of,
                "torch.autograd.grad": self._grad,
            }
        )

    # --- beginning and end ----------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Record what follows."""
        self._handles = [
            register_module_forward_pre_hook(self._called),
            register_optimizer_step_pre_hook(self._steps),
        ]
        if "torch._dynamo" in sys.modules:
            torch.compiler.set_stance("force_eager")
        self._following = followed(self)
        self._following.__enter__()
        CURRENT.tensors = self
        self.tensors.__enter__()

    def end(self) -> None:
        """Record nothing more."""
        self.tensors.__exit__(None, None, None)
        self._following.__exit__(None, None, None)
        CURRENT.tensors = None
        for handle in self._handles:
            handle.remove()

    def is_tensor(self, value: Any) -> bool:
        """Return whether a value is a tensor."""
        return isinstance(value, torch.Tensor)

    def is_foreign(self, function: Any) -> bool:
        """Return whether a function, an object or a class is PyTorch's, so that what it does with tensors is seen."""
        holder = getattr(function, "__self__", None)
        if isinstance(function, torch.nn.Module) or isinstance(holder, (torch.Tensor, torch.nn.Module)):
            return True
        if isinstance(holder, type) and issubclass(holder, torch.autograd.Function):
            return True
        if isinstance(function, type) and issubclass(function, (torch.nn.Module, torch.Tensor)):
            return True
        module = getattr(function, "__module__", None) or getattr(type(function), "__module__", None) or ""
        return isinstance(module, str) and (module == "torch" or module.startswith(("torch.", "torch_", "torchvision")))

    def node_of(self, tensor: torch.Tensor) -> Node:
        """Return the entry of a tensor."""
        node: Node = self.tensors.node_of(tensor)
        return node

    # --- modules and optimizers -------------------------------------------------------------------------------------------

    def _called(self, module: torch.nn.Module, args: Any) -> None:
        """Note the places of the parameters of a module that is called; the longest name wins."""
        self._next()
        self._placed(module)

    def _placed(self, module: torch.nn.Module) -> None:
        if self._inner.get(id(module)) is not module:
            inside = {id(m): m for m in module.modules()}
            self.roots = [r for r in self.roots if id(r) not in inside]
            self.roots.append(module)
            self._inner.update(inside)
            self._place(module)
        elif not all(p is None or id(p) in self.places for p in module._parameters.values()):
            for root in self.roots:  # given other parameters since
                self._place(root)

    def _place(self, module: torch.nn.Module) -> None:
        for prefix, layer in module.named_modules():
            for name, parameter in layer._parameters.items():
                if parameter is None:
                    continue
                place = f"{prefix}.{name}" if prefix else name
                known = self.places.get(id(parameter))
                if known is None or place.count(".") > known[0].count("."):
                    self.places[id(parameter)] = (place, type(layer), name)

    def _steps(self, optimizer: Any, args: Any, options: Any) -> None:
        """Note which parameters an optimizer trains by the losses before its step; its second step is the end of the run."""
        if self.log.ended or not self.backwards:
            return
        if id(optimizer) in self._stepped:
            self.log.end()
        held = {id(p) for group in optimizer.param_groups for p in group["params"]}
        for backward in self._pending:
            backward.held = (backward.held or set()) | held
        self._stepped.add(id(optimizer))
        self._is_over = True

    def _next(self) -> None:
        """End the run where its first step is over and the loss has been told."""
        named = self.loss is None or any(base_of(b.loss) == self.loss for b in self.backwards)
        if self._is_over and named and torch.is_grad_enabled() and not self.log.ended:
            self.log.end()

    # --- gradients ----------------------------------------------------------------------------------------------------------

    def _backward(self, function: Any, args: Any, options: Any) -> Any:
        if self._inside:
            return function(*args, **options)
        gradient = args[1] if len(args) > 1 else options.get("gradient")
        order = ("gradient", "retain_graph", "create_graph", "inputs")
        said = {**dict(zip(order, args[1:], strict=False)), **options}

        def run() -> Any:
            return torch.autograd.backward(
                args[0],
                said.get("gradient"),
                said.get("retain_graph"),
                bool(said.get("create_graph")),
                inputs=said.get("inputs"),
            )

        return self._follow(args[0], gradient, "backward() is called on it", run)

    def _backward_of(self, function: Any, args: Any, options: Any) -> Any:
        if self._inside:
            return function(*args, **options)
        given = args[0] if args else options["tensors"]
        given = list(given) if isinstance(given, (list, tuple)) else [given]
        gradients = args[1] if len(args) > 1 else options.get("grad_tensors")
        if len(given) != 1:
            with self.tensors:
                total = sum(given[1:], given[0])
            return self._follow(total, None, "backward() is called on its parts", lambda: function(*args, **options))
        one = gradients[0] if isinstance(gradients, (list, tuple)) else gradients
        return self._follow(given[0], one, "backward() is called on it", lambda: function(*args, **options))

    def _follow(self, tensor: torch.Tensor, gradient: Any, why: str, run: Callable[[], Any]) -> Any:
        site = self.log.site()
        if (site.file, site.line) in self._seen and self.loss is None:
            self.log.end()
        self._next()
        if self._is_over:
            self._pending, self._is_over = [], False
        self._seen.add((site.file, site.line))
        if gradient is not None and tensor.numel() != 1:
            with self.tensors:
                tensor = (tensor * gradient).sum()
        node = self.tensors.node_of(tensor)
        reached = leaves_of(node, self.tensors)
        known = {id(self.tensors.parameters[n]()) for n in reached}
        everywhere = [n for n, held in self.tensors.parameters.items() if held() is not None]
        before = {n: _gradient(self.tensors.parameters[n]()) for n in everywhere}
        result = self._carried(run)
        made = Backward(node, site, why)
        for leaf in everywhere:
            now, old = _gradient(self.tensors.parameters[leaf]()), before[leaf]
            if now is None or now.shape != leaf.shape:
                continue
            change = now if old is None else now - old
            if leaf in reached:
                made.gradients[leaf] = change
            elif np.any(change) and id(self.tensors.parameters[leaf]()) not in known:
                made.unexplained.append(leaf)
        self.backwards.append(made)
        self._pending.append(made)
        return result

    def _carried(self, run: Callable[[], Any]) -> Any:
        """Carry a backward pass out while PyTorch is recorded: what it computes again draws as before."""
        self._inside += 1
        try:
            with self.tensors:
                return run()
        finally:
            self._inside -= 1

    def _grad(self, function: Any, args: Any, options: Any) -> Any:
        if self._inside:
            return function(*args, **options)
        outputs = args[0] if args else options["outputs"]
        inputs = args[1] if len(args) > 1 else options["inputs"]
        if options.get("create_graph") or (len(args) > 4 and args[4]):
            from symback.tracer.torch_backward import recorded_backward

            return recorded_backward(self.tensors, function, args, options)
        result = function(*args, **options)
        given = list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
        wanted = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
        nodes = [self.tensors.node_of(t) for t in wanted]
        if len(given) == 1 and given[0].numel() == 1 and any(n in self.tensors.parameters for n in nodes):
            site = self.log.site()
            if (site.file, site.line) in self._seen and self.loss is None:
                self.log.end()
            self._seen.add((site.file, site.line))
            made = Backward(self.tensors.node_of(given[0]), site, "torch.autograd.grad is called on it")
            for node, gradient in zip(nodes, result, strict=True):
                if node in self.tensors.parameters and gradient is not None:
                    made.gradients[node] = numbers_of(gradient, copy=True)
            self.backwards.append(made)
        return result

    def result_in(self, value: Any) -> torch.Tensor | None:
        """Return the tensor that a function returns: the first single number in what it gave, else the first of real numbers."""
        found = [t for t in results_in(value) if t.is_floating_point()]
        return next((t for t in found if t.numel() == 1), found[0] if found else None)

    def differentiated(self, node: Node, value: Any) -> None:
        """Note the gradients that autograd has for a result, without leaving them in the parameters."""
        tensor = self.result_in(value)
        leaves = leaves_of(node, self.tensors)
        held = [(n, self.tensors.parameters[n]()) for n in leaves]
        given = [(n, t) for n, t in held if t is not None]
        if tensor is None or not tensor.requires_grad or not given or any(b.loss is node for b in self.backwards):
            return
        weights = None
        if tensor.numel() != 1:
            draws = np.random.default_rng(1).standard_normal(tuple(tensor.shape))
            weights = torch.as_tensor(draws, dtype=tensor.dtype, device=tensor.device)
        with torch._C.DisableTorchFunction():
            try:
                found = torch.autograd.grad(
                    tensor, [t for _, t in given], weights, retain_graph=True, allow_unused=True
                )
            except RuntimeError:  # its graph is gone
                return
        made = Backward(node, self.log.site(), "its gradient is taken")
        made.weights = None if weights is None else numbers_of(weights)
        for (leaf, _), gradient in zip(given, found, strict=True):
            if gradient is not None:
                made.gradients[leaf] = numbers_of(gradient, copy=True)
        self.backwards.append(made)

    def judge(self, use: tuple[str, ...] = ()) -> None:
        """Say of each function that states its own backward whether the derivation may go through it."""
        if self.applied:
            judged(self, use)

    # --- the choice -----------------------------------------------------------------------------------------------------------

    def name_parameters(self, names: dict[str, Any]) -> None:
        """Give parameters their names: symbols of textbooks for those of layers, in the order in which they are first read.

        ``names`` are those that the code has at its end; of a module they tell the variable.
        """
        for value in names.values():  # a model may only have been called by its parts
            if isinstance(value, torch.nn.Module) and any(id(p) in self.places for p in value.parameters()):
                self._placed(value)
        prefixes = self._prefixes(names)
        counts: dict[str, int] = {}
        counted: dict[tuple[str, ...], int] = {}
        read = set()
        for node in self.log.nodes:
            for operand in operands(node):
                if operand in self.tensors.parameters and operand not in read:
                    read.add(operand)
                    self._name_parameter(operand, counts, counted, prefixes)

    def _name_parameter(
        self, node: Node, counts: dict[str, int], counted: dict[tuple[str, ...], int], prefixes: dict[int, str]
    ) -> None:
        tensor = self.tensors.parameters[node]()
        place = self.places.get(id(tensor)) if tensor is not None else None
        if place is None:
            return
        path, layer, slot = place
        prefix = prefixes.get(id(tensor), "")
        self.log.titles[node] = f"{prefix}.{path}" if prefix else path
        symbols = symbols_for(_class_in_torch(layer))
        if slot not in symbols or _class_in_torch(layer) == "Module":
            self._call_it(node, slot)
            return
        family = next(iter(symbols.values()))
        key = (prefix, path.rpartition(".")[0], family)
        if key not in counted:
            counts[family] = counts.get(family, 0) + 1
            counted[key] = counts[family]
        self._call_it(node, numbered(symbols[slot], counted[key]))

    def _call_it(self, node: Node, name: str) -> None:
        node.name, node.strength, node.own = name, OWN, True
        for known in dict.fromkeys((name, self.log.titles[node])):
            self.log.named.setdefault(known, []).append(node)
            self.log.stored[known] = None

    def _prefixes(self, names: dict[str, Any]) -> dict[int, str]:
        """Return the variable of the model for each parameter, where the run has several models, or it is one layer."""
        found: dict[int, str] = {}
        held = {id(v): k for k, v in reversed(list(names.items())) if isinstance(v, torch.nn.Module)}
        for root in self.roots:
            if len(self.roots) < 2 and any(True for _ in root.children()):
                continue  # the only model of the run needs no name
            label = held.get(id(root), type(root).__name__)
            for parameter in root.parameters():
                found.setdefault(id(parameter), label)
        return found

    def name_buffers(self) -> None:
        """Give buffers of modules the names that their modules have for them."""
        for root in self.roots:
            for place, buffer in root.named_buffers():
                node = self.tensors.known_node(buffer)
                if node is not None and not node.name:
                    node.name, node.strength = place.rpartition(".")[2], OWN

    def told(self) -> tuple[Node, str] | None:
        """Return the loss on which ``backward()`` was called, or the one of the name asked for, and why it is the loss."""
        backward = self._chosen()
        if backward is None:
            return None
        line = f", line {backward.site.line}" if backward.site.line else ""
        return backward.loss, f"{backward.by}{line}"

    def trained(self, root: Node) -> tuple[list[Node], str]:
        """Return the parameters of a loss: those that the optimizer holds which is stepped after its ``backward()``."""
        leaves = leaves_of(root, self.tensors)
        why = "of the model" if all(n in self.log.titles for n in leaves) else "requires_grad"
        for backward in self.backwards:
            if backward.loss is root and backward.held is not None:
                held = [n for n in leaves if id(self.tensors.parameters[n]()) in backward.held]
                if held and len(held) < len(leaves):
                    return held, "in the list of the optimizer"
        return leaves, why

    def backward_of(self, loss: Node | None) -> Backward | None:
        """Return the call of ``backward()`` on a loss."""
        return next((b for b in self.backwards if b.loss is loss), None)

    def _chosen(self) -> Backward | None:
        if not self.backwards:
            return None
        if self.loss is not None:
            named = [b for b in self.backwards if base_of(b.loss) == self.loss]
            return named[0] if named else None
        return self.backwards[0]


def leaves_of(node: Node, tensors: Tensors) -> list[Node]:
    """Return the parameters that gradients of an entry reach, in the order in which they are read first."""
    found: dict[Node, None] = {}
    seen = {node}
    stack = [node]
    while stack:
        at = stack.pop()
        if at in tensors.log.without_gradient:
            continue
        if at in tensors.parameters:
            found[at] = None
            continue
        for other in operands(at):
            if other not in seen:
                seen.add(other)
                stack.append(other)
    return sorted(found, key=lambda n: n.number)


def _gradient(tensor: Any) -> Any:
    if tensor is None or tensor.grad is None:
        return None
    return numbers_of(tensor.grad, copy=True)


def results_in(value: Any, depth: int = 4) -> Iterator[torch.Tensor]:
    """Return the tensors in a result: in tuples, dictionaries and objects with fields."""
    if isinstance(value, torch.Tensor):
        yield value
    elif depth and isinstance(value, (tuple, list)):
        for item in value:
            yield from results_in(item, depth - 1)
    elif depth and isinstance(value, Mapping):
        for item in value.values():
            yield from results_in(item, depth - 1)
    elif depth and hasattr(type(value), "__dataclass_fields__"):
        for name in type(value).__dataclass_fields__:
            yield from results_in(getattr(value, name, None), depth - 1)


def _class_in_torch(layer: type) -> str:
    """Return what a layer is called in ``torch.nn``, also where a class of one's own is made of it."""
    for kind in layer.__mro__:
        if kind.__module__.startswith("torch.nn"):
            return kind.__name__
    return "Module"
