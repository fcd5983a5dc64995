"""Which generators a statement may draw from that was not followed: their state is not known from there on."""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from symback.core.errors import ReadError, SymbackError
from symback.core.forms import Form
from symback.library.paths import written
from symback.library.row_calls import class_rows
from symback.library.values import Library, Poison
from symback.readers import recording
from symback.readers.asking import Reader
from symback.readers.drawing import lose
from symback.readers.iterators import Iterated
from symback.readers.numpy_random import BIT_GENERATORS, names_of
from symback.readers.slots import CONTAINERS, objects
from symback.readers.streams import GENERATOR, LEGACY, Stream
from symback.readers.torch_random import FILLINGS, FUNCTIONS
from symback.readers.values import Array, Bound, Definition, Helper, Instance, Method, Outside, Scope

_QUIET = {
    *sys.stdlib_module_names,
    *("matplotlib", "mpl_toolkits", "plotly", "IPython", "google", "tqdm", "PIL", "cv2", "imageio", "h5py", "yaml"),
    *("requests", "tensorboard", "tensorboardX", "wandb", "pandas", "sympy", "math", "cupy", "termcolor", "tabulate"),
    *("builtins", "object", "tables"),
} - {"random"}
"""Modules that draw from no generator of the text."""

_QUIET_PARTS = ("sklearn.preprocessing", "sklearn.metrics", "sklearn.datasets.load_", "sklearn.datasets.fetch_")
_DRAWING_PARTS = (
    "torch.random",
    "torch.nn.init",
    "torch.distributions",
    "torch.utils.data.DataLoader",
    "torch.utils.data.random_split",
    "torch.utils.data.RandomSampler",
    "torchvision.models",
    "torchvision.transforms",
)
_DRAWING_FUNCTIONALS = ("dropout", "gumbel_softmax", "rrelu", "fractional_max_pool")
_STILL = (
    "Module",
    "Parameter",
    "functional",
    "utils",
    "Buffer",
    "Flatten",
    "Identity",
    "LayerNorm",
    "RMSNorm",
    "modules",
)
_METHODS = {*FILLINGS, "sample", "rsample", "sample_n", "rvs"}
_NAMES = {*names_of(LEGACY), *names_of(GENERATOR)} - {"f", "power", "sample", "choice"}
"""Methods of generators of NumPy."""


def skipped(reader: Reader, node: ast.AST, scope: Scope, error: SymbackError | None = None) -> None:
    """Lose the state of what a statement that was not followed may have drawn from.

    ``error`` is what its names are poisoned with; a statement that draws from nothing makes objects that do not either.
    """
    found = _Search(reader)
    found.visit(node, scope, set())
    streams = list(dict.fromkeys(found.streams))
    for iterator in found.iterators:
        message = "what is not followed may have taken items of this iterator"
        reader.abandon(iterator, error or ReadError(message, getattr(node, "lineno", reader.line)))
    if streams:
        lose(reader, getattr(node, "lineno", reader.line), "what is not followed may draw", streams)
    elif error is not None:
        reader.draws.quiet.append(error)


def may_draw(reader: Reader, node: ast.AST, scope: Scope) -> list[Stream]:
    """Return the generators that a statement may draw from or seed, if it is executed."""
    found = _Search(reader)
    found.visit(node, scope, set())
    return list(dict.fromkeys(found.streams))


def outside_called(reader: Reader, path: str, args: Sequence[Any], keywords: Mapping[str, Any]) -> None:
    """Lose the state of what a function outside the network, or a function of the text that it is given, may draw from."""
    found = _Search(reader)
    found.path(path, keywords.get("random_state") is not None)
    found.parts([*args, *keywords.values()])
    if found.streams:
        lose(reader, reader.line, f"{written(path)} may draw", found.streams)


class _Search:
    """A walk over what a statement executes, functions of the text that it names included."""

    def __init__(self, reader: Reader) -> None:
        self.reader, self.draws = reader, reader.draws
        self.streams: list[Stream] = []
        self.iterators: list[Iterated] = []
        self.seen: set[int] = set()

    def visit(self, node: ast.AST, scope: Scope, own: set[str]) -> None:
        """Look at a statement; ``own`` are names of the function around it, of which nothing is known."""
        reached = list(_reached(node))
        called = {id(n.func) for n in reached if isinstance(n, ast.Call)}
        looped = {id(n.iter) for n in reached if isinstance(n, (ast.For, ast.comprehension))}
        inner = {id(n.value) for n in reached if isinstance(n, ast.Attribute)}
        seeded = any(isinstance(n, ast.keyword) and n.arg == "random_state" for n in reached)
        own = own | {
            a.arg for n in reached if isinstance(n, ast.Lambda) for a in ast.walk(n.args) if isinstance(a, ast.arg)
        }
        for part in reached:
            if isinstance(part, (ast.Name, ast.Attribute)) and id(part) not in inner:
                root, labels = _chain(part)
                if isinstance(root, ast.Name) and isinstance(root.ctx, ast.Load):
                    self.name(root.id, labels, scope, own, id(part) in called, id(part) in looped, seeded)
                elif labels and id(part) in called and labels[-1] in _METHODS:
                    self.streams.append(self.draws.torch)
            elif isinstance(part, (ast.Import, ast.ImportFrom)):
                self.imported(part)

    def name(
        self, name: str, labels: list[str], scope: Scope, own: set[str], called: bool, looped: bool, seeded: bool
    ) -> None:
        """Look at a name with what is read of it: ``np.random.randn``, ``model.fc``."""
        if name in own:
            if called and not labels:
                self.streams += self.draws.streams
            elif called and labels[-1] in _METHODS:
                self.streams.append(self.draws.torch)
            elif called and labels[-1] in _NAMES:
                self.streams += self.draws.streams
            return
        holder = scope.find(name)
        if holder is None:
            if (called or looped) and not hasattr(builtins, name) and name not in ("np", "torch", "nn", "F", "math"):
                self.streams += self.draws.streams
            elif name in ("np", "torch", "nn", "F"):
                full = {"np": "numpy", "nn": "torch.nn", "F": "torch.nn.functional"}.get(name, name)
                self.path(".".join([full, *labels]), seeded)
            return
        self.value(holder.names[name], labels, called, looped, seeded)

    def value(
        self, value: Any, labels: Sequence[str] = (), called: bool = True, looped: bool = False, seeded: bool = False
    ) -> None:
        """Look at what a name holds."""
        if isinstance(value, (Library, Outside)):
            self.path(".".join([value.path, *labels]), seeded)
        elif isinstance(value, Method):
            self.value(value.value, [value.name], called, looped, seeded)
        elif isinstance(value, (list, tuple, dict)):
            self.parts(value)
        elif isinstance(value, Iterated):
            self.iterators.append(value)
            self.parts(value.near)
        elif isinstance(value, Stream):
            self.streams.append(value)
        elif isinstance(value, Poison):
            if (called or looped) and not self.is_quiet(value):
                self.streams += self.draws.streams
            elif called and labels and labels[-1] in ("sample", "shuffle"):  # of a pandas frame
                self.streams.append(self.draws.numpy)
        elif isinstance(value, (Helper, Bound)):
            self.function(value.helper if isinstance(value, Bound) else value)
        elif isinstance(value, Definition):
            self.definition(value)
        elif isinstance(value, Instance):
            self.instance(value)
        elif called and labels and labels[-1] in _METHODS:
            self.streams.append(self.draws.torch)

    def is_quiet(self, poison: Poison) -> bool:
        """Return whether an object that was not understood comes from what draws nothing."""
        return any(e is poison.error for e in self.draws.quiet)

    def function(self, helper: Helper) -> None:
        """Look at the body of a function of the text."""
        if id(helper) in self.seen:
            return
        self.seen.add(id(helper))
        body = helper.body if isinstance(helper.body, list) else [helper.body]
        own = {a.arg for a in ast.walk(helper.arguments) if isinstance(a, ast.arg)}
        own |= {n.id for s in body for n in ast.walk(s) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        inner = [n for s in body for n in ast.walk(s) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]
        own |= {a.arg for n in inner for a in ast.walk(n.args) if isinstance(a, ast.arg)}
        for statement in [*body, *(s for n in inner for s in n.body)]:
            self.visit(statement, helper.scope, own)

    def definition(self, definition: Definition) -> None:
        """Look at all methods of a class."""
        if id(definition) in self.seen:
            return
        self.seen.add(id(definition))
        for one in definition.lineage():
            for helper in one.methods.values():
                self.function(helper)

    def instance(self, instance: Instance) -> None:
        """Look at an object, and the objects in it."""
        self.iterators += [v for v in instance.attributes.values() if isinstance(v, Iterated)]
        for one in (instance, *(i for _, i in objects(instance))):
            if one.definition is not None:
                self.definition(one.definition)
            elif "Dropout" in one.kind or one.attributes.get("dropout"):
                self.streams.append(self.draws.torch)

    def parts(self, value: Any) -> None:
        """Look at what a list or a dictionary holds."""
        if id(value) not in self.seen:
            self.seen.add(id(value))
            for part in value.values() if isinstance(value, dict) else value:
                if not isinstance(part, (int, float, str, Form, Array, Poison)):
                    self.value(part)

    def path(self, path: str, seeded: bool) -> None:
        """Look at a function or module of a library; ``seeded`` where it is given a seed of its own."""
        top, _, rest = path.partition(".")
        if recording.switches(path):
            recording.lose(self.reader, path)
        if top == "numpy":
            parts_ = rest.split(".")
            if parts_[0] == "random" and (len(parts_) == 1 or parts_[1] not in (*BIT_GENERATORS, *_MAKERS)):
                self.streams.append(self.draws.numpy)
        elif top == "random":
            self.streams.append(self.draws.python)
        elif top in ("torch", "torchvision"):
            if _torch_draws(path):
                self.streams.append(self.draws.torch)
        elif top in ("sklearn", "scipy", "seaborn"):
            if top != "scipy" or "stats" in path:
                self.streams += [] if path.startswith(_QUIET_PARTS) or seeded else [self.draws.numpy]
        elif top == "pandas" and path.endswith((".sample", ".shuffle")):
            self.streams += [] if seeded else [self.draws.numpy]
        elif top not in _QUIET:
            self.streams += self.draws.streams

    def imported(self, node: ast.Import | ast.ImportFrom) -> None:
        """Look at an import: a module of one's own may draw while it is loaded."""
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
        known = {*_QUIET, "numpy", "torch", "torchvision", "sklearn", "scipy", "seaborn", "random", "autograd", "jax"}
        if any(n.partition(".")[0] not in known for n in names):
            self.streams += self.draws.streams


_MAKERS = ("default_rng", "RandomState", "Generator")


def _torch_draws(path: str) -> bool:
    """Return whether a function of PyTorch may draw."""
    module, _, name = path.rpartition(".")
    if path.startswith(_DRAWING_PARTS) or (
        module == "torch" and name in {*FUNCTIONS, "manual_seed", "seed", "set_rng_state"} - {"empty"}
    ):
        return True
    if module == "torch.nn.functional":
        return any(n in name for n in _DRAWING_FUNCTIONALS)
    if module == "torch.nn":
        return not (name in (*_STILL, *CONTAINERS) or name.lower() in class_rows() or name.endswith("Loss"))
    return False


def _chain(node: ast.expr) -> tuple[ast.expr, list[str]]:
    """Return what a chain of attributes starts from, and the attributes."""
    labels: list[str] = []
    while isinstance(node, ast.Attribute):
        labels.insert(0, node.attr)
        node = node.value
    return node, labels


def _reached(node: ast.AST) -> Iterator[ast.AST]:
    """Return the nodes that a statement executes, lambdas in it included: what it calls may call them."""
    pending = [node]
    while pending:
        part = pending.pop()
        if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)):
            pending += [*part.decorator_list, *part.args.defaults, *(d for d in part.args.kw_defaults if d is not None)]
            continue
        yield part
        pending += ast.iter_child_nodes(part)
