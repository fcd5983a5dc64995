"""Run a text that its user trusts, in a process of its own with limits on time and memory.

This is the only place where a user's text is executed, and only where it was asked for. The limits stop endless loops
and memory bombs; they are no sandbox: the text may read files and the network as its user may.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from symback.errors import ReadError

SECONDS = 10.0
"""Longest run of one text."""
MEGABYTES = 4096
"""Most memory of the process, of addresses rather than pages: PyTorch alone reserves two thousand."""
_LARGEST_FILE = 64 * 2**20

_CHILD = r'''
import ast, io, os, sys
folder, memory, seconds, largest = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
try:
    import resource
except ImportError:
    resource = None
import numpy
if resource is not None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
with open(os.path.join(folder, "text.py"), encoding="utf-8") as stream:
    text = stream.read()
with numpy.load(os.path.join(folder, "values.npz"), allow_pickle=False) as archive:
    values = {name: archive[name] for name in archive.files}


class Given(ast.NodeTransformer):
    """Replaces the right side of top-level assignments to the names whose values are given."""

    def assigned(self, node, targets):
        for target in targets:
            if isinstance(target, ast.Name) and target.id in values and target.id not in done:
                done.add(target.id)
                call = f"__given__({target.id!r})"
                given = ast.copy_location(ast.parse(call, mode="eval").body, node.value)
                like = isinstance(node.value, ast.Call) and "torch" in ast.unparse(node.value.func)
                if like:
                    keep = any(k.arg == "requires_grad" for k in node.value.keywords)
                    call = f"__tensor__({target.id!r}, {keep})"
                    given = ast.copy_location(ast.parse(call, mode="eval").body, node.value)
                node.value = ast.fix_missing_locations(given)
                for inner in ast.walk(given):
                    ast.copy_location(inner, node)
        return node

    def visit_Assign(self, node):
        return self.assigned(node, node.targets)

    def visit_FunctionDef(self, node):
        return node

    visit_ClassDef = visit_AsyncFunctionDef = visit_Lambda = visit_FunctionDef


def given(name):
    return values[name].copy() if values[name].ndim else values[name].item()


def tensor(name, keep):
    import torch
    return torch.tensor(values[name], requires_grad=keep)


done = set()
space = {"__name__": "__main__", "__given__": given, "__tensor__": tensor}
sys.stdout = sys.stderr = io.StringIO()
sys.stdin = io.StringIO()
os.chdir(folder)
try:
    exec(compile(Given().visit(ast.parse(text, "<text>")), "<text>", "exec"), space)
except BaseException as error:
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<text>":
            line = trace.tb_lineno
        trace = trace.tb_next
    with open(os.path.join(folder, "error.txt"), "w", encoding="utf-8") as stream:
        stream.write(f"{line or ''}\n{type(error).__name__}: {str(error)[:300]}")
    os._exit(3)
found = {}
for name, value in list(space.items()):
    if name.startswith("__"):
        continue
    tensor_like = type(value).__module__.split(".")[0] == "torch" and hasattr(value, "detach")
    gradient = value.grad if tensor_like and value.is_leaf else None
    for label, item in ((name, value), (name + ".grad", gradient)):
        if item is None:
            continue
        if tensor_like:
            item = item.detach().numpy()
        if isinstance(item, (bool, int, float)) or (isinstance(item, (numpy.ndarray, numpy.generic)) and item.dtype.kind in "biuf"):
            try:
                found[label] = numpy.asarray(item, dtype=float)
            except Exception:
                pass
numpy.savez(os.path.join(folder, "found.npz"), **found)
os._exit(0)
'''


def run_text(
    text: str, values: Mapping[str, Any] | None = None, *, seconds: float = SECONDS, megabytes: int = MEGABYTES,
) -> dict[str, np.ndarray]:
    """Run a text in another process and return its top-level numbers and arrays by name (``w.grad`` of tensors too).

    ``values`` take the place of what the text first assigns to these names at its top level. Raises ReadError, with the
    line where there is one, for a text that fails, and for one that runs longer than ``seconds`` or needs more than
    ``megabytes``.

    >>> run_text("x = 2.0\\ny = x**2", {"x": 3.0})["y"]
    array(9.)
    """
    with tempfile.TemporaryDirectory(prefix="symback-") as folder:
        place = Path(folder)
        (place / "text.py").write_text(text, encoding="utf-8")
        np.savez(place / "values.npz", **{k: np.asarray(v) for k, v in (values or {}).items()})  # type: ignore[arg-type]
        environment = {
            "PATH": os.defpath, "HOME": folder, "TMPDIR": folder, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1",
            "PYTHONHASHSEED": "0", "MPLBACKEND": "Agg",
            **{k: v for k, v in os.environ.items() if k in ("SYSTEMROOT", "LD_LIBRARY_PATH")},
        }
        command = [
            sys.executable, "-I", "-c", _CHILD, folder, str(megabytes * 2**20), str(max(1, int(seconds))), str(_LARGEST_FILE),
        ]
        with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment,
            cwd=folder, start_new_session=True,
        ) as process:
            try:
                code = process.wait(timeout=seconds + 3)
            except subprocess.TimeoutExpired:
                code = None
            finally:
                _end(process)
        return _result(place, code, seconds)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process with everything it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError, AttributeError):
        process.kill()


def _result(folder: Path, code: int | None, seconds: float) -> dict[str, np.ndarray]:
    if code == 0:
        try:
            with np.load(folder / "found.npz", allow_pickle=False) as archive:
                return {name: archive[name] for name in archive.files}
        except (OSError, ValueError, KeyError):
            raise ReadError("the text was run, but its results cannot be read") from None
    if code == 3:
        line, _, message = (folder / "error.txt").read_text(encoding="utf-8").partition("\n")
        if message.startswith("MemoryError") or "Unable to allocate" in message:
            message = f"it needs more memory than is allowed ({message})"
        raise ReadError(f"the text was run and failed: {message}", int(line) if line else None)
    if code is None or code in (-signal.SIGXCPU, -signal.SIGKILL):
        raise ReadError(f"the text was run and stopped: it takes longer than {seconds:g} seconds or more memory than is allowed")
    raise ReadError(f"the text was run and its process ended early (code {code})")
