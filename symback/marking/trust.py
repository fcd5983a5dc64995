"""Run a text that its user trusts, in a process of its own with limits on time and memory.

This is the only place where a user's text is executed, and only where it was asked for. The limits stop endless loops
and memory bombs; they are no sandbox: the text may read files and the network as its user may.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from symback.core.errors import ReadError
from symback.core.files import unpacked_size
from symback.core.text import printable

SECONDS = 10.0
"""Longest run of one text."""
MEGABYTES = 4096
"""Most memory of the process, of addresses rather than pages: PyTorch alone reserves two thousand."""
_LARGEST_FILE = 64 * 2**20
_LARGEST_RESULT = 512 * 2**20

_CHILD = r"""
import ast, io, json, os, random, sys
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
with open(os.path.join(folder, "task.json"), encoding="utf-8") as stream:
    task = json.load(stream)
parameters, wanted = set(task["parameters"]), set(task["wanted"])
results = folder


class Done(BaseException):
    pass


class Given(ast.NodeTransformer):
    # the right side of the first assignment to a name whose value is given is replaced, at the top level
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

    def before(self, node, targets):
        # a parameter that is about to change: what the gradients are belongs to the values before
        for target in targets:
            if isinstance(target, ast.Name) and target.id in parameters:
                look = ast.parse(f"__before__({target.id!r})").body[0]
                for inner in ast.walk(look):
                    ast.copy_location(inner, node)
                return [ast.fix_missing_locations(look), node]
        return node

    def visit_Assign(self, node):
        return self.before(self.assigned(node, node.targets), node.targets)

    def visit_AugAssign(self, node):
        return self.before(node, [node.target])

    def visit_FunctionDef(self, node):
        return node

    visit_ClassDef = visit_AsyncFunctionDef = visit_Lambda = visit_FunctionDef


def given(name):
    return values[name].copy() if values[name].ndim else values[name].item()


def tensor(name, keep):
    import torch
    return torch.tensor(values[name], requires_grad=keep)


def before(name):
    if name in space and not early and any(w in found(space) for w in wanted):
        early.update(found(space))
        if wanted <= early.keys():
            raise Done


def items(space):
    for name, value in list(space.items()):
        if name.startswith("__"):
            continue
        yield name, value
        if type(value) is dict:
            yield from ((f'{name}["{key}"]', item) for key, item in list(value.items()) if isinstance(key, str))
        elif type(value).__module__ == "__main__":
            for key, item in list(getattr(value, "__dict__", {}).items()):
                yield f"{name}.{key}", item
                if type(item) is dict:
                    yield from ((f'{key}["{k}"]', v) for k, v in list(item.items()) if isinstance(k, str))


def found(space):
    collected = {}
    for name, value in items(space):
        tensor_like = type(value).__module__.split(".")[0] == "torch" and hasattr(value, "detach")
        gradient = value.grad if tensor_like and value.is_leaf else None
        for label, item in ((name, value), (name + ".grad", gradient)):
            if item is None:
                continue
            if tensor_like:
                item = item.detach().numpy()
            if isinstance(item, (bool, int, float)) or (
                isinstance(item, (numpy.ndarray, numpy.generic)) and item.dtype.kind in "biuf"
            ):
                try:
                    collected[label] = numpy.array(item, dtype=float)
                except Exception:
                    pass
    return collected


def report(number, line, message):
    with open(os.path.join(results, f"error-{number}.txt"), "w", encoding="utf-8") as stream:
        stream.write(f"{line or ''}\n{message}")


sys.stdout = sys.stderr = io.StringIO()
sys.stdin = io.StringIO()
os.chdir(folder)
if "torch" in text:
    try:
        import torch
        torch.set_default_dtype(torch.float64)
        torch.set_num_threads(1)
    except Exception:
        torch = None
else:
    torch = None
for number in range(task["runs"]):
    with numpy.load(os.path.join(folder, f"values-{number}.npz"), allow_pickle=False) as archive:
        values = {name: archive[name] for name in archive.files}
    done, early = set(), {}
    space = {"__name__": "__main__", "__given__": given, "__tensor__": tensor, "__before__": before}
    sys.stdout.seek(0), sys.stdout.truncate()
    random.seed(0), numpy.random.seed(0)
    if torch is not None:
        torch.manual_seed(0)
    try:
        exec(compile(Given().visit(ast.parse(text, "<text>")), "<text>", "exec"), space)
    except Done:
        pass
    except BaseException as error:
        line, trace = None, error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == "<text>":
                line = trace.tb_lineno
            trace = trace.tb_next
        if not early:
            report(number, line, f"{type(error).__name__}: {str(error)[:300]}")
            continue
    numpy.savez(os.path.join(results, f"found-{number}.npz"), **{**found(space), **early})
os._exit(0)
"""


def run_text(
    text: str,
    values: Mapping[str, Any] | None = None,
    *,
    seconds: float = SECONDS,
    megabytes: int = MEGABYTES,
) -> dict[str, np.ndarray]:
    """Run a text in another process and return its top-level numbers and arrays by name (``w.grad`` of tensors too).

    ``values`` take the place of what the text first assigns to these names at its top level. Raises ReadError, with the
    line where there is one, for a text that fails, and for one that runs longer than ``seconds`` or needs more than
    ``megabytes``.

    >>> run_text("x = 2.0\\ny = x**2", {"x": 3.0})["y"]
    array(9.)
    """
    found = run_texts(text, [values or {}], seconds=seconds, megabytes=megabytes)[0]
    if isinstance(found, ReadError):
        raise found
    return found


def run_texts(
    text: str,
    values: Sequence[Mapping[str, Any]],
    parameters: Sequence[str] = (),
    wanted: Sequence[str] = (),
    *,
    seconds: float = SECONDS,
    megabytes: int = MEGABYTES,
) -> list[dict[str, np.ndarray] | ReadError]:
    """Run a text several times in one process of its own, each time with other values; see ``run_text``.

    Before the first change of one of ``parameters`` after a ``wanted`` name is there, the results are what they are then:
    gradients belong to the values before an update. Random numbers are the same in every run. A run that fails gives its
    error in place of its results.

    >>> [float(r["y"]) for r in run_texts("x = 2.0\\ny = x**2\\nx = 0", [{}, {"x": 3.0}], ["x"], ["y"])]
    [4.0, 9.0]
    """
    with tempfile.TemporaryDirectory(prefix="symback-") as folder:
        place = Path(folder)
        (place / "text.py").write_text(text, encoding="utf-8", errors="replace")
        task = {"runs": len(values), "parameters": sorted(parameters), "wanted": sorted(wanted)}
        (place / "task.json").write_text(json.dumps(task), encoding="utf-8")
        for number, given in enumerate(values):
            np.savez(place / f"values-{number}.npz", **{k: np.asarray(v) for k, v in given.items()})  # type: ignore[arg-type]
        code = _run_child(folder, seconds, megabytes)
        return [_result(place, number, code, seconds) for number in range(len(values))]


def _run_child(folder: str, seconds: float, megabytes: int) -> int | None:
    """Run the text of a folder in a process with limits; return its exit code, None where it had to be stopped."""
    environment = {
        "PATH": os.defpath,
        "HOME": folder,
        "TMPDIR": folder,
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
        "MPLBACKEND": "Agg",
        **{k: v for k, v in os.environ.items() if k in ("SYSTEMROOT", "LD_LIBRARY_PATH")},
    }
    limits = (str(megabytes * 2**20), str(max(1, int(seconds))), str(_LARGEST_FILE))
    with subprocess.Popen(
        [sys.executable, "-I", "-c", _CHILD, folder, *limits],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd=folder,
        start_new_session=True,
    ) as process:
        try:
            return process.wait(timeout=seconds + 3)
        except subprocess.TimeoutExpired:
            return None
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process with everything it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError, AttributeError):
        process.kill()


def _result(folder: Path, number: int, code: int | None, seconds: float) -> dict[str, np.ndarray] | ReadError:
    found, failed = folder / f"found-{number}.npz", folder / f"error-{number}.txt"
    if failed.is_file():
        line, _, message = failed.read_text(encoding="utf-8", errors="replace")[:1000].partition("\n")
        if message.startswith("MemoryError") or "Unable to allocate" in message:
            message = f"it needs more memory than is allowed ({message})"
        message = printable(message)
        return ReadError(f"the text was run and failed: {message}", int(line) if line.isdecimal() else None)
    if found.is_file():
        try:
            if unpacked_size(found) > _LARGEST_RESULT:
                raise ValueError("too large")
            with np.load(found, allow_pickle=False) as archive:
                return {name: archive[name] for name in archive.files}
        except Exception:  # zipfile has errors of its own for damaged archives
            return ReadError("the text was run, but its results cannot be read")
    if code is None or code in (-signal.SIGXCPU, -signal.SIGKILL):
        return ReadError(
            f"the text was run and stopped: it takes longer than {seconds:g} seconds or more memory than is allowed"
        )
    return ReadError(f"the text was run and its process ended early (code {code})")


__all__ = ["MEGABYTES", "SECONDS", "run_text", "run_texts"]
