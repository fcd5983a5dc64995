"""Running a file of one's own once, instrumented, until its first step of training is over."""

from __future__ import annotations

import ast
import builtins
import ctypes
import importlib.abc
import importlib.machinery
import os
import random
import sys
import threading
import types
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from symback.core.errors import ReadError
from symback.tracer.calls import node_behind
from symback.tracer.instrument import TRACER, Given, Text, instrumented
from symback.tracer.log import CURRENT, Ended, Log, Node, Place
from symback.tracer.recorder import Recorder


class Run:
    """One run of one's own code: its log, its texts, and the names it has at the end."""

    def __init__(self, loss: str | None = None) -> None:
        self.texts: dict[str, Text] = {}
        self.modules: set[str] = {"__main__"}
        self.log = Log()
        self.recorder = Recorder(self.log, self.texts, self.modules, loss)
        self.names: dict[str, Any] = {}
        self.called: Node | None = None
        """The value of the expression that was called after the file, where it is a number that was computed."""
        self.torch: Any = None
        """What the run does with PyTorch; None where it does nothing with it."""
        self.loss = loss
        self.error: BaseException | None = None
        """The exception with which the code ended by itself, where it did."""

    def use_torch(self) -> None:
        """Record what is done with tensors from here on."""
        if self.torch is None and CURRENT.log is self.log:
            from symback.tracer.torch_run import TorchRun

            self.torch = TorchRun(self.log, self.loss)
            self.torch.begin()

    @contextmanager
    def unrecorded(self) -> Iterator[None]:
        """Let instrumented code be carried out once more after the run, with nothing recorded."""
        ended, self.log.ended = self.log.ended, False
        setattr(builtins, TRACER, self.recorder)
        try:
            yield
        finally:
            delattr(builtins, TRACER)
            self.log.ended = ended

    def compiled(self, source: str | bytes, file: str, given: bool = False) -> types.CodeType:
        """Return the code of a text of one's own, with its tracer put in; numbers that its calls are ``given`` are recorded."""
        tree, text = instrumented(ast.parse(source, file), file)
        if given:
            tree = ast.fix_missing_locations(Given().visit(tree))
        self.texts[file] = text
        self.recorder.counters |= text.counters
        self.log.files.add(file)
        return compile(tree, file, "exec", dont_inherit=True)


class _Finder(importlib.abc.MetaPathFinder):
    """Finds modules of one's own beside the file, and has them instrumented."""

    def __init__(self, run: Run, folders: Sequence[str]) -> None:
        self.run = run
        self.folders = folders
        self.found: list[str] = []
        """Names of the modules that were found; they are forgotten after the run, so that another one makes them anew."""

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if name == "torch" and spec is not None and spec.loader is not None:
            spec.loader = _TorchLoader(self.run, spec.loader)
            return spec
        if spec is None or spec.origin is None or not isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            return None
        origin = os.path.realpath(spec.origin)
        if not self._is_own(origin):
            return None
        self.run.modules.add(name)
        self.found.append(name)
        spec.loader = _Loader(self.run, name, spec.origin)
        return spec

    def _is_own(self, origin: str) -> bool:
        return not is_installed(origin) and any(origin.startswith(f + os.sep) for f in self.folders)


def is_installed(file: str) -> bool:
    """Return whether a file belongs to Python or to a package that is installed."""
    parts = Path(file).parts
    if "site-packages" in parts or "dist-packages" in parts:
        return True
    return any(file.startswith(os.path.realpath(p) + os.sep) for p in _LIBRARIES)


_LIBRARIES = [os.path.dirname(os.__file__)]


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, run: Run, name: str, path: str) -> None:
        super().__init__(name, path)
        self.run = run

    def get_code(self, fullname: str) -> Any:
        return self.run.compiled(Path(self.path).read_bytes(), self.path)


class _TorchLoader(importlib.abc.Loader):
    """Loads PyTorch as its own loader does, and has what follows recorded."""

    def __init__(self, run: Run, loader: importlib.abc.Loader) -> None:
        self.run = run
        self.loader = loader

    def create_module(self, spec: Any) -> Any:
        """Make the module."""
        return self.loader.create_module(spec)

    def exec_module(self, module: Any) -> None:
        """Carry the module out."""
        module.__spec__.loader = module.__loader__ = self.loader
        self.loader.exec_module(module)
        self.run.use_torch()


def draw_alike() -> None:
    """Let code that leaves its random numbers to chance draw the same ones in every run."""
    random.seed(0)
    np.random.seed(0)
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(0)


@contextmanager
def recording(run: Run) -> Iterator[None]:
    """Record what is carried out inside; what instrumented code calls is known by its name meanwhile."""
    if CURRENT.log is not None:
        raise ReadError("a run is being recorded already; one run at a time")
    CURRENT.log = run.log
    setattr(builtins, TRACER, run.recorder)
    if "torch" in sys.modules:
        run.use_torch()
    try:
        yield
    finally:
        if run.torch is not None:
            run.torch.end()
        CURRENT.log = None
        delattr(builtins, TRACER)


@contextmanager
def ending_after(log: Log, seconds: float | None) -> Iterator[None]:
    """End the run inside after so many seconds, wherever it is."""
    if seconds is None:
        yield
        return
    main = threading.get_ident()
    over = threading.Event()

    def end() -> None:
        log.cut = f"{seconds:g} seconds (--seconds)"
        log.ended = True
        if not over.is_set():
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(main), ctypes.py_object(Ended))

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        over.set()
        timer.cancel()


def run_file(
    path: str,
    arguments: Sequence[str] = (),
    loss: str | None = None,
    call: str | None = None,
    pieces: Sequence[tuple[str, str]] | None = None,
    seconds: float | None = None,
    shifts: dict[int, Any] | None = None,
    repeats: Mapping[Place, int] | None = None,
    to_end: bool = False,
) -> Run:
    """Execute a file as ``python FILE ARGUMENTS`` does, up to the end of its first step, and return what was recorded.

    ``pieces`` are the texts of a notebook's cells, with what stands for their file. ``call`` is an expression that is
    evaluated after the file, as ``Net(4, 5).loss(x, t)``. After ``seconds`` the run is ended where it is; what was recorded
    stands. With ``to_end`` the code runs to its own end. An exception of the file is kept in ``Run.error``.
    """
    run = Run(loss)
    run.log.shifts = shifts or {}
    run.log.repeats = repeats or {}
    run.log.to_end = to_end
    folder = os.path.dirname(os.path.abspath(path))
    main = types.ModuleType("__main__")
    main.__dict__.update(__file__=path, __builtins__=builtins)
    package, above = _package_of(path) if pieces is None else ("", "")
    if package:
        main.__dict__["__package__"] = package
    kept = sys.argv, sys.modules.get("__main__"), list(sys.path)
    finder = _Finder(run, [os.path.realpath(folder), os.path.realpath(os.path.dirname(folder))])
    sys.argv = [path, *arguments]
    sys.path.insert(0, folder)
    if package:
        sys.path.append(above)
    sys.modules["__main__"] = main
    sys.meta_path.insert(0, finder)
    try:
        with recording(run), ending_after(run.log, seconds):
            _carried_out(run, main, pieces or [(Path(path).read_bytes(), path)], call)  # type: ignore[list-item]
    finally:
        sys.meta_path.remove(finder)
        for name in finder.found:
            sys.modules.pop(name, None)
        sys.argv, sys.path[:] = kept[0], kept[2]
        if kept[1] is not None:
            sys.modules["__main__"] = kept[1]
    run.names = main.__dict__
    if run.torch is not None:
        run.torch.name_parameters(run.names)
        run.torch.name_buffers()
    return run


def _package_of(path: str) -> tuple[str, str]:
    """Return the package that a file is a module of, and the folder that holds the package, where it imports from the package.

    Such a file runs as ``python -m`` runs it; others as scripts. Nothing is imported for it here.
    """
    folder = Path(path).resolve().parent
    names: list[str] = []
    while (folder / "__init__.py").is_file() and folder.name.isidentifier():
        names.insert(0, folder.name)
        folder = folder.parent
    try:
        tree = ast.parse(Path(path).read_bytes()) if names else None
    except (SyntaxError, ValueError):
        tree = None
    if tree is None or not any(isinstance(n, ast.ImportFrom) and n.level for n in ast.walk(tree)):
        return "", ""
    return ".".join(names), str(folder)


def _carried_out(run: Run, main: types.ModuleType, pieces: Sequence[tuple[str, str]], call: str | None) -> None:
    try:
        for source, file in pieces:
            exec(run.compiled(source, file), main.__dict__)
        if call is not None:
            file = f"<{call}>"
            code = run.compiled(f"{CALLED} = {call}", file, given=True)
            exec(code, main.__dict__)
            run.called = _called(run, main.__dict__.get(CALLED))
    except Ended:
        pass
    except SystemExit as error:
        run.error = error if error.code not in (None, 0) else None
    except BaseException as error:  # what the file raises is told as its own
        run.error = error


def _called(run: Run, value: Any) -> Node | None:
    """Return the entry of what an expression gave; of PyTorch's results the first single number, with autograd's gradients."""
    tensor = run.torch.result_in(value) if run.torch is not None else None
    if tensor is None:
        return node_behind(run.log, value)
    node: Node = run.torch.node_of(tensor)
    if node.run is not None and not node.name:
        node.name = CALLED
    run.torch.differentiated(node, value)
    return node


CALLED = "loss"
"""What the value of an expression that is called after the file is named."""
