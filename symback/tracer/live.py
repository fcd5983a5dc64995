"""Tracing from Python: a function is called once with its arguments, or a block is carried out, and what it computed is derived."""

from __future__ import annotations

import contextlib
import ctypes
import inspect
import linecache
import random
import sys
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, overload

import numpy as np
import sympy as sp

from symback.core.errors import ReadError
from symback.core.forms import Form
from symback.networks.linear_algebra import trace as matrix_trace
from symback.networks.network import Network
from symback.tracer import agreement, leaks
from symback.tracer.calls import node_behind, recorded
from symback.tracer.log import OWN, Ended, Node
from symback.tracer.network_of import chosen_network
from symback.tracer.objects import plain
from symback.tracer.reach import Place, Recording, State, is_own
from symback.tracer.running import Run, recording
from symback.tracer.stated import WRITTEN
from symback.tracer.verifying import check, derived_loss, parameters_of, shift_of


@overload
def trace(f: Form) -> Form: ...
@overload
def trace(f: sp.Expr) -> sp.Expr: ...
@overload
def trace(
    f: Callable[..., Any],
    *args: Any,
    wrt: Sequence[str] | str | None = None,
    loss: str | None = None,
    verify: bool = True,
    use_backward: Sequence[str] | str = (),
    **options: Any,
) -> Network: ...
def trace(
    f: Any,
    *args: Any,
    wrt: Sequence[str] | str | None = None,
    loss: str | None = None,
    verify: bool = True,
    use_backward: Sequence[str] | str = (),
    **options: Any,
) -> Any:
    """Call a function of one's own once, and return the Network of what it computed, with its values.

    ``f`` is a function or any object that can be called, a module of PyTorch included; ``args`` and ``options`` are what it
    is called with. What it returns is the loss, or ``loss`` is a name of its code. Parameters are what it updates, else
    attributes its object was made with, else what is spelled as one, else its arguments; ``wrt`` names them. With ``verify`` the function is called a
    second time with shifted parameters, and its loss is compared with that of the formulas; everything that it changed
    is then as after the first call.

    >>> import numpy as np
    >>> def half_square(w, x):
    ...     z = x @ w
    ...     return np.sum(z**2) / 2
    >>> trace(half_square, np.array([1.0, -2.0]), np.eye(2), wrt="w")
    Network(z = x @ w; half_square = (z**2).sum() / 2)

    Of PyTorch, parameters are the leaves that require gradients; what autograd says of the result is compared with the
    formulas along one direction. ``use_backward`` names functions (``torch.autograd.Function``) whose own backward is taken
    as they state it, where it is not the derivative. The result of a module need not be a single number; such a network is
    derived with ``upstream``.

    Of a square matrix, as a Form or of SymPy, it is the sum of the diagonal.

    Raises ReadError, with the line, for what cannot be followed, and where the second call gives another loss.
    """
    if isinstance(f, (Form, sp.Basic, sp.MatrixBase)):
        return matrix_trace(f)
    if not callable(f):
        raise ReadError(f"a {type(f).__name__} is neither a function nor an object that can be called")
    call = Call(f, args, options)
    call.carry_out(loss)
    return call.network(loss, _names(wrt), verify, _names(use_backward) or ())


def _names(wrt: Sequence[str] | str | None) -> tuple[str, ...] | None:
    if isinstance(wrt, str):
        return tuple(n.strip() for n in wrt.split(",") if n.strip())
    return None if wrt is None else tuple(wrt)


class Adopted:
    """Functions of one's own that are instrumented while a run is recorded: their code is exchanged, and put back."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._before: list[tuple[types.FunctionType, types.CodeType]] = []
        self._codes: dict[str, dict[tuple[str, int], list[types.CodeType]]] = {}
        self._seen: set[int] = set()
        run.recorder.adopt = self.adopt

    def adopt(self, function: Any) -> bool:
        """Instrument a function, the methods of a class, or those of an object; return whether it is one's own."""
        if isinstance(function, types.MethodType):
            function = function.__func__
        if isinstance(function, types.FunctionType):
            if not is_own(function):
                return False
            self._exchange(function)
            return True
        kind = function if isinstance(function, type) else type(function)
        if not is_own(kind):
            return False
        self.run.modules.add(kind.__module__)
        for base in kind.__mro__:
            if is_own(base):
                for held in vars(base).values():
                    inner = getattr(held, "__func__", getattr(held, "fget", held))
                    if isinstance(inner, types.FunctionType):
                        self._exchange(inner)
        return True

    def _exchange(self, function: types.FunctionType) -> None:
        code = function.__code__
        file = code.co_filename
        if id(function) in self._seen:
            return
        self._seen.add(id(function))
        self.run.modules.add(function.__module__)
        self.run.log.files.add(file)
        found = self._of_file(file).get((code.co_name, code.co_firstlineno), [])
        fitting = [c for c in found if c.co_freevars == code.co_freevars and c.co_argcount == code.co_argcount]
        if len(fitting) == 1:
            self._before.append((function, code))
            function.__code__ = fitting[0]

    def _of_file(self, file: str) -> dict[tuple[str, int], list[types.CodeType]]:
        """Return the instrumented code of all functions of a file, by name and first line."""
        if file not in self._codes:
            found: dict[tuple[str, int], list[types.CodeType]] = {}
            source = "".join(linecache.getlines(file))
            try:
                stack = [self.run.compiled(source, file)] if source else []
            except (SyntaxError, ValueError):
                stack = []
            while stack:
                code = stack.pop()
                found.setdefault((code.co_name, code.co_firstlineno), []).append(code)
                stack += [c for c in code.co_consts if isinstance(c, types.CodeType)]
            self._codes[file] = found
        return self._codes[file]

    def put_back(self) -> None:
        """Give every function its own code again."""
        for function, code in self._before:
            function.__code__ = code
        self._before.clear()


class Call:
    """One recorded call of a function of one's own."""

    def __init__(self, f: Any, args: tuple[Any, ...], options: Mapping[str, Any]) -> None:
        self.f, self.args, self.options = f, args, dict(options)
        self.run = Run()
        self.title = getattr(f, "__name__", None) or type(f).__name__
        self.arguments: list[Node] = []
        self.sources: dict[Node, Any] = {}
        """The arrays of the caller, and the places of single numbers, by what they are in the log."""
        self.result: Node | None = None
        self.before: State | None = None
        self.draws = random.getstate(), np.random.get_state()

    def carry_out(self, loss: str | None) -> Any:
        """Call the function once, recorded; return what it returns, with nothing in it that is recorded."""
        self.run.recorder.loss = loss
        roots = (self.f, self.args, self.options)
        self.before = State(*roots)
        names = _names_of_arguments(self.f, self.args, self.options)
        adopted = Adopted(self.run)
        held: Recording | None = None
        value: Any = None
        with recording(self.run):
            try:
                adopted.adopt(self.f)
                given = [self._argument(n, v, k) for k, (n, v) in enumerate(zip(names, self.args, strict=True))]
                options = {k: self._argument(k, v, k) for k, v in self.options.items()}
                held = Recording(recorded, self._named, *roots)
                for made, place, old in held.sources():
                    self._source(made, old if isinstance(old, np.ndarray) else place)
                    node = node_behind(self.run.log, made)
                    if node is not None and place.kind == "attribute":
                        node.place = True
                value = self.f(*given, **options)
                self._keep(value)
                if self.run.torch is not None:
                    self.run.torch.name_parameters({self.title.lower(): self.f, **_names_seen(self.f)})
                    self.run.torch.name_buffers()
                    if self.result is not None:
                        self.run.torch.differentiated(self.result, value)
            except Ended:
                pass
            finally:
                adopted.put_back()
                if held is not None:
                    held.put_back(value)
        return plain(value)

    def _argument(self, name: str, value: Any, at: Any) -> Any:
        made = recorded(value)
        node = node_behind(self.run.log, made)
        if node is not None:
            self._named(name, made)
            self._source(made, value if isinstance(value, np.ndarray) else at)
            if node.kind == "f":
                self.arguments.append(node)
        return made

    def _named(self, name: str, made: Any) -> None:
        node = node_behind(self.run.log, made)
        if node is None or not name:
            return
        if not node.name:
            node.name, node.strength, node.own = name, OWN, True
        node.fixed = WRITTEN
        self.run.log.named.setdefault(name, []).append(node)
        self.run.log.stored[name] = None

    def _source(self, made: Any, source: Any) -> None:
        node = node_behind(self.run.log, made)
        if node is not None:
            node.fixed = WRITTEN
            self.sources.setdefault(node, source)

    def _keep(self, value: Any) -> None:
        if self.run.torch is not None:
            tensor = self.run.torch.result_in(value)
            if tensor is not None:
                self.result = self.run.torch.node_of(tensor)
                if self.result.run is not None and not self.result.own:
                    self.result.name = self.title.lower() if self.title.isidentifier() else "output"
                return
        for item in value if isinstance(value, tuple) else (value,):
            node = node_behind(self.run.log, item)
            if node is not None and node.kind == "f" and int(np.prod(node.shape)) == 1:
                self.result = node
                break
        if self.result is not None and self.result.run is not None and not self.result.own:
            self.result.name = self.title if self.title.isidentifier() else "loss"

    def network(
        self, loss: str | None, wrt: tuple[str, ...] | None, verify: bool, use_backward: tuple[str, ...] = ()
    ) -> Network:
        """Return the Network of what was recorded."""
        if self.run.torch is not None:
            with self.run.unrecorded():
                self.run.torch.judge(use_backward)
        given = None
        if loss is None and self.result is not None and self.result.run is not None:
            given = self.result, f"what {self.title} returns"
        said = f"traced: one call of {self.title}"
        choice, net, lowering, names = chosen_network(
            self.run.log, said, loss, wrt, given, self.arguments, self.run.torch
        )
        if choice.loss.path.startswith("torch"):
            if verify:
                agreement.check(self.run.torch, net, choice.loss, names)
            return net
        if not (verify and given is not None and self._verified(net, parameters_of(net, names))):
            leaks.check(self.run.log, lowering, choice, self.run.texts)
        return net

    def _verified(self, net: Network, parameters: Mapping[str, Node]) -> bool:
        """Call the function again, not recorded, with its parameters shifted, and compare its loss with that of the formulas.

        Return False where the parameters are not the caller's, so that nothing can be shifted.
        """
        if any(n not in self.sources for n in parameters.values()) or self.before is None:
            return False
        after = State(self.f, self.args, self.options)
        draws = random.getstate(), np.random.get_state()
        shifted: dict[str, Any] = {}
        try:
            self.before.put_back()
            random.setstate(self.draws[0])
            np.random.set_state(self.draws[1])
            args, options = list(self.args), dict(self.options)
            for k, (name, node) in enumerate(parameters.items()):
                shifted[name] = self._shift(self.sources[node], k, args, options)
            value = self.f(*args, **options)
        finally:
            after.put_back()
            random.setstate(draws[0])
            np.random.set_state(draws[1])
        items = value if isinstance(value, tuple) else (value,)
        single = [
            float(np.asarray(v).reshape(())) for v in items if isinstance(v, (float, np.floating)) or np.size(v) == 1
        ]
        if not single:
            raise ReadError(f"the second call of {self.title} returns no single number")
        check(single[0], derived_loss(net, shifted), net.loss or self.title)
        return True

    def _shift(self, source: Any, seed: int, args: list[Any], options: dict[str, Any]) -> Any:
        """Shift a parameter where the caller has it, and return its value."""
        if isinstance(source, np.ndarray):
            source += np.asarray(shift_of(source, seed)).astype(source.dtype)
            return np.array(source, dtype=np.float64)
        if isinstance(source, Place):
            value = source.get() + shift_of(source.get(), seed)
            source.set(value)
            return value
        holder: Any = args if isinstance(source, int) else options
        holder[source] = holder[source] + shift_of(holder[source], seed)
        return holder[source]


def _names_seen(f: Any) -> dict[str, Any]:
    """Return what the names of a function stand for that it does not give a value itself."""
    code = getattr(f, "__code__", None)
    if code is None:
        return {}
    known = {n: f.__globals__[n] for n in code.co_names if n in f.__globals__}
    for name, cell in zip(code.co_freevars, f.__closure__ or (), strict=True):
        with contextlib.suppress(ValueError):  # it has no value yet
            known[name] = cell.cell_contents
    return known


def _names_of_arguments(f: Any, args: Sequence[Any], options: Mapping[str, Any]) -> list[str]:
    """Return what positional arguments are called in the function; x1, x2 … where it has no name for them."""
    spare = [f"x{k}" for k in range(1, len(args) + 1)]
    try:
        forward = getattr(f, "forward", None) if "_parameters" in getattr(f, "__dict__", ()) else None
        parameters = inspect.signature(forward or f).parameters.values()
    except (TypeError, ValueError):
        return spare
    names = [
        p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) and p.name not in options
    ]
    return [names[k] if k < len(names) else spare[k] for k in range(len(args))]


# --- blocks ---------------------------------------------------------------------------------------------------------------


class Tape:
    """What a block computed; ``network`` derives the Network of one of its numbers."""

    def __init__(self) -> None:
        self._run = Run()

    def network(self, loss: str | None = None, wrt: Sequence[str] | str | None = None) -> Network:
        """Return the Network of a number that the block computed: of the name ``loss``, else of what is called one.

        Raises ReadError where the block computes none, or what it computes cannot be followed.
        """
        torch = self._run.torch
        if torch is not None:
            torch.name_parameters({})
            torch.name_buffers()
        choice, net, lowering, names = chosen_network(
            self._run.log, "traced: one block", loss, _names(wrt), torch=torch
        )
        if choice.loss.path.startswith("torch"):
            agreement.check(torch, net, choice.loss, names)
            return net
        leaks.check(self._run.log, lowering, choice, self._run.texts)
        return net


@contextmanager
def tracing() -> Iterator[Tape]:
    """Record what a block computes with the arrays that its names hold.

    >>> import numpy as np
    >>> w, x = np.array([2.0, -1.0]), np.array([[1.0, 3.0]])
    >>> with tracing() as tape:
    ...     z = x @ w
    ...     loss = np.sum(z**2)
    >>> tape.network(loss="loss", wrt="w")
    Network(z = x @ w; loss = (z**2).sum())

    After the block its names hold plain arrays again.
    """
    frame = sys._getframe(2)
    tape = Tape()
    watch = _Watch(tape._run, frame)
    with recording(tape._run):
        watch.begin()
        try:
            yield tape
        except Ended:
            pass
        finally:
            watch.end()


class _Watch:
    """Names the recorded values of a frame as they come, line by line."""

    def __init__(self, run: Run, frame: types.FrameType) -> None:
        self.run, self.frame = run, frame
        self.seen: dict[str, int] = {}
        self.held: Recording | None = None
        self.kept: Any = None
        self.adopted = Adopted(run)
        run.log.files.add(frame.f_code.co_filename)

    def begin(self) -> None:
        """Record the arrays of the frame, and watch it."""
        names = self._names()
        roots = [v for k, v in names.items() if not k.startswith("__")]
        for value in roots:
            if isinstance(value, types.FunctionType) or (isinstance(value, type) and is_own(value)):
                self.adopted.adopt(value)
        self.held = Recording(recorded, self._named, names)
        self._write(names)
        self.seen = {k: id(v) for k, v in names.items()}
        self.kept = sys.gettrace(), self.frame.f_trace
        self.frame.f_trace = self._line
        sys.settrace(lambda *_: None)

    def _names(self) -> dict[str, Any]:
        own = self.frame.f_locals
        return own if own is self.frame.f_globals else dict(own)

    def _write(self, names: dict[str, Any]) -> None:
        """Give the frame's own variables their values."""
        if names is self.frame.f_globals:
            return
        self.frame.f_locals.update(names)
        if sys.version_info < (3, 13):
            ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(self.frame), ctypes.c_int(0))

    def _named(self, name: str, made: Any) -> None:
        node = node_behind(self.run.log, made)
        if node is not None and name and not node.name:
            node.name, node.strength, node.own, node.fixed = name, OWN, True, WRITTEN
            self.run.log.named.setdefault(name, []).append(node)
            self.run.log.stored[name] = None

    def _line(self, frame: types.FrameType, event: str, argument: Any) -> Any:
        self._look()
        return self._line

    def _look(self) -> None:
        for name, value in list(self.frame.f_locals.items()):
            if self.seen.get(name) != id(value):
                self.seen[name] = id(value)
                if not name.startswith("__"):
                    self.run.recorder.bind(name, value, ("", False))

    def end(self) -> None:
        """Name what the last line made, and leave plain values."""
        sys.settrace(self.kept[0])
        self.frame.f_trace = self.kept[1]
        self._look()
        self.adopted.put_back()
        names = self._names()
        if self.held is not None:
            self.held.roots = (names,)
            self.held.put_back()
        self._write(names)
