"""A file is executed in a process of its own, with the environment of its user and its own folder; nothing is left behind."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path
from types import TracebackType

from symback.core.errors import ReadError, SymbackError
from symback.networks.network import Network
from symback.tracer.files import Request, traced

_GRACE = 10.0
"""Seconds beyond the limit after which the process is ended from outside: it may hang in a library."""
_REQUEST, _RESULT = "request", "result"


def traced_apart(request: Request) -> Network:
    """Return the Network of a file that is executed in a process of its own; see ``files.traced``.

    What the file prints goes to standard error. Raises ReadError where it takes longer than ``request.seconds`` and has
    computed no loss by then.
    """
    root = str(Path(__file__).resolve().parents[2])
    path = os.path.abspath(request.path)
    if not os.path.isfile(path):
        raise ReadError(f"{request.path} cannot be read: no such file")
    with tempfile.TemporaryDirectory(prefix="symback") as folder:
        Path(folder, _REQUEST).write_bytes(pickle.dumps((request, path)))
        start = f"import sys; sys.path.append({root!r}); from symback.tracer.process import answer; answer({folder!r})"
        environment = {"MPLBACKEND": "Agg", **os.environ}
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", start],
            cwd=os.path.dirname(path),
            stdin=subprocess.DEVNULL,
            stdout=_error_stream(),
            env=environment,
            start_new_session=os.name == "posix",
        )
        try:
            process.wait(2 * request.seconds + _GRACE)
        except subprocess.TimeoutExpired:
            raise ReadError(f"{request.path} was still running after {request.seconds:g} seconds (--seconds)") from None
        finally:
            _end(process)
        return _result(Path(folder, _RESULT), request, process.returncode)


def _error_stream() -> int:
    """Return the number of standard error, where what the file prints goes."""
    try:
        return sys.stderr.fileno()
    except (AttributeError, OSError, ValueError):
        return 2


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and all that it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        elif process.poll() is None:
            process.kill()
    process.wait()


def _result(path: Path, request: Request, code: int | None) -> Network:
    try:
        kind, found = pickle.loads(path.read_bytes())
    except FileNotFoundError:
        raise ReadError(f"{request.path} ended its process itself, with code {code}") from None
    if kind == "network":
        net: Network = found
        return net
    message, line, cell = found
    raise ReadError(message, line, cell)


def answer(folder: str) -> None:
    """Do what is asked for in a folder, and leave the result there; the other end of ``traced_apart``."""
    request, path = pickle.loads(Path(folder, _REQUEST).read_bytes())
    found: tuple[str, object]
    try:
        net = traced(Request(**{**vars(request), "path": path}))
        found = ("network", net)
    except SymbackError as error:
        if error.__cause__ is not None:
            _show(error.__cause__)
        line, cell = getattr(error, "line", None), getattr(error, "cell", None)
        where = f"line {line}: " if line is not None else ""
        found = ("error", (str(error).removeprefix(where), line, cell))
    except RecursionError:
        deep = ReadError("what the file computes is nested too deeply to be derived")
        found = ("error", (str(deep), None, None))
    partial = Path(folder, _RESULT + ".partial")
    partial.write_bytes(pickle.dumps(found))
    partial.rename(Path(folder, _RESULT))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _show(error: BaseException) -> None:
    """Print the traceback of an exception of the file as Python does, without the frames that only record."""
    own = os.path.dirname(os.path.abspath(__file__))
    error.__traceback__ = _without(error.__traceback__, own)
    traceback.print_exception(error)


def _without(step: TracebackType | None, folder: str) -> TracebackType | None:
    """Return a traceback without the frames of files in a folder."""
    kept: list[TracebackType] = []
    while step is not None:
        if not step.tb_frame.f_code.co_filename.startswith(folder):
            kept.append(step)
        step = step.tb_next
    made: TracebackType | None = None
    for item in reversed(kept):
        made = TracebackType(made, item.tb_frame, item.tb_lasti, item.tb_lineno)
    return made
