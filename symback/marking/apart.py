"""Mark a file that is executed: in a process of its own with limits, in a temporary copy of its folder; nothing of it is left."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from symback.core.errors import ReadError, SymbackError
from symback.core.text import printable
from symback.marking.confined import confine
from symback.marking.report import STATUSES, Difference, Remark, Report, Verdict, Verdicts
from symback.marking.slips import SLIPS
from symback.page.words import DEFAULT_LANGUAGE, words
from symback.tracer.files import Request

SECONDS = 10.0
"""Longest run of a file."""
MEGABYTES = 4096
"""Most memory of the process, of addresses rather than pages: PyTorch alone reserves two thousand."""
_START, _ANALYSIS = 60.0, 60.0
"""Seconds that the process gets to start, and to compare what was computed."""
_GRACE = 3.0
_MOST_RESULT = 16 * 2**20
_MOST_COPIED, _MOST_FILES = 64 * 2**20, 4000
_MARK = b"."
"""What the process writes when it begins the run, and when the run is over."""


def check_file(
    path: str | os.PathLike[str],
    *,
    loss: str | None = None,
    claims: Mapping[str, str] | None = None,
    call: str | None = None,
    cell: int | None = None,
    seconds: float = SECONDS,
    megabytes: int = MEGABYTES,
    language: str = DEFAULT_LANGUAGE,
    title: str = "",
) -> Report:
    """Execute a file, and mark its hand-written gradients by what it computed.

    The file is executed in a process of its own with limits of time and memory, in a temporary copy of its folder, and once
    more with other parameters; the process may make no other and, where the operating system can see to it, write nowhere
    else. It is no sandbox. What the operations of the run give at random points is compared with the derived gradients.
    ``loss`` and ``claims`` are as in ``check_text``; ``call`` is evaluated after the file.

    Raises ReadError where the file fails or ends early, takes too long, or has nothing to compare.
    """
    whole = os.path.abspath(path)
    if not os.path.isfile(whole):
        raise ReadError(f"{os.fspath(path)} cannot be read: no such file")
    with tempfile.TemporaryDirectory(prefix="symback-") as folder:
        place = _copied(whole, os.path.join(os.path.realpath(folder), "work"))
        asked = {"path": place, "loss": loss, "call": call, "cell": cell, "seconds": seconds}
        task = {"request": asked, "claims": dict(claims or {}), "language": language, "megabytes": megabytes}
        with tempfile.TemporaryFile() as out:
            code = _carried_out(json.dumps(task), os.path.dirname(place), out, seconds)
            found = _result(out)
    if found is None:
        raise _ended(code, seconds, megabytes)
    if "error" in found:
        message, line, number = found["error"]
        raise ReadError(printable(str(message)), line, number)
    return replace(_report(found["report"], language), title=title)


# --- the folder -----------------------------------------------------------------------------------------------------------


def _copied(file: str, target: str) -> str:
    """Copy a file with what lies beside and below it, and return the copy; what is large is only linked."""
    source = os.path.dirname(file)
    os.makedirs(target)
    shutil.copyfile(file, os.path.join(target, os.path.basename(file)))
    left = _MOST_COPIED
    for name in _beside(source):
        there, here = os.path.join(target, name), os.path.join(source, name)
        if os.path.lexists(there):
            continue
        os.makedirs(os.path.dirname(there), exist_ok=True)
        try:
            size = os.path.getsize(here)
            if size <= left:
                shutil.copyfile(here, there)
                left -= size
            else:
                os.symlink(os.path.realpath(here), there)
        except OSError:  # a file that its user cannot read
            continue
    return os.path.join(target, os.path.basename(file))


def _beside(folder: str) -> Iterator[str]:
    """Return the files of a folder and of those in it, nearest first, by their paths in it; hidden ones are left out."""
    waiting, count = [""], 0
    while waiting:
        below = waiting.pop(0)
        try:
            entries = sorted(os.scandir(os.path.join(folder, below)), key=lambda e: e.name)
        except OSError:
            continue
        for entry in entries:
            count += 1
            if count > _MOST_FILES:
                return
            if entry.name.startswith((".", "__pycache__")):
                continue
            name = os.path.join(below, entry.name)
            if entry.is_dir(follow_symlinks=False):
                waiting.append(name)
            elif entry.is_file():
                yield name


# --- the process ----------------------------------------------------------------------------------------------------------


def _carried_out(task: str, folder: str, out: BinaryIO, seconds: float) -> int | None:
    """Do a task in a process of its own; return its exit code, None where it had to be ended."""
    root = str(Path(__file__).resolve().parents[2])
    start = f"import sys; sys.path.append({root!r}); from symback.marking.apart import answer; answer()"
    kept = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "PYTHONPATH")
    environment = {
        **{k: v for k, v in os.environ.items() if k in kept},
        **{"HOME": folder, "TMPDIR": folder, "MPLBACKEND": "Agg", "PYTHONHASHSEED": "0"},
        **{"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"},
    }
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", start],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=out,
        stderr=subprocess.DEVNULL,
        env=environment,
        start_new_session=os.name == "posix",
    )
    try:
        assert process.stdin is not None
        process.stdin.write(task.encode())
        process.stdin.close()
        return _waited(process, out, seconds)
    except BrokenPipeError:
        return process.wait()
    finally:
        _end(process)


def _waited(process: subprocess.Popen[bytes], out: BinaryIO, seconds: float) -> int | None:
    """Wait for a process as long as what it is at may take: it says when its run begins, and when it is over."""
    allowed = (_START, seconds + _GRACE, seconds + _GRACE + _ANALYSIS)
    phase, until = 0, time.monotonic() + allowed[0]
    while time.monotonic() < until:
        try:
            return process.wait(0.05)
        except subprocess.TimeoutExpired:
            size = min(os.fstat(out.fileno()).st_size, len(allowed) - 1)
        if size > phase:
            phase, until = size, time.monotonic() + allowed[size]
    return None


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process with everything in its group."""
    try:
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    if process.poll() is None:
        process.kill()
    process.wait()


def _ended(code: int | None, seconds: float, megabytes: int) -> ReadError:
    if code is None or code in (-getattr(signal, "SIGXCPU", 24),):
        return ReadError(f"the file was executed and ended: it takes longer than {seconds:g} seconds (--seconds)")
    return ReadError(
        f"the file ended its process itself, with code {code}, or needed more than {megabytes} megabytes of memory"
    )


# --- the other end --------------------------------------------------------------------------------------------------------


def answer() -> None:
    """Do the task that standard input holds, with limits, and write the result to what was standard output."""
    task = json.loads(sys.stdin.buffer.read())
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    empty = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(empty, stream)
    from symback.marking.traced import report_on

    request = Request(**task["request"])
    confine(os.path.dirname(request.path), 3 * request.seconds + _ANALYSIS, task["megabytes"])
    found: dict[str, Any]
    try:
        report = report_on(request, task["claims"], task["language"], lambda: out.write(_MARK))
        found = {"report": report.as_data()}
    except SymbackError as error:
        line, cell = getattr(error, "line", None), getattr(error, "cell", None)
        where = f"line {line}: " if line is not None else ""
        found = {"error": (str(error).removeprefix(where), line, cell)}
    except MemoryError:
        found = {"error": (f"the file needs more than {task['megabytes']} megabytes of memory", None, None)}
    except RecursionError:
        found = {"error": ("what the file computes is nested too deeply to be derived", None, None)}
    out.write(b"\n" + json.dumps(found).encode())
    os._exit(0)


def _result(out: BinaryIO) -> dict[str, Any] | None:
    out.seek(0)
    _, _, written = out.read(_MOST_RESULT).partition(b"\n")
    try:
        found = json.loads(written)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _report(data: Mapping[str, Any], language: str) -> Report:
    """Return a report from plain data that a process wrote which nobody has to trust."""
    try:
        verdicts = Verdicts({str(k): _verdict(v) for k, v in data["verdicts"].items()})
        remarks = tuple(
            Remark(str(r["message"]), _whole(r["line"]), _whole(r["cell"]), _slip(r["slip"]), bool(r["error"]))
            for r in data["remarks"]
        )
        choices = tuple(map(str, data["choices"]))
        rows = tuple(int(n) for n in data["rows"])
        points = int(data["points"])
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ReadError("the file was executed, but its results cannot be read") from None
    return Report(verdicts, remarks, choices, points, rows, language, "", words(language), executed="file")


def _verdict(data: Mapping[str, Any]) -> Verdict:
    points = tuple(
        Difference(
            tuple(int(e) for e in p["entry"]),
            float(p["claimed"]),
            float(p["right"]),
            _whole(p["rows"]),
            bool(p["given"]),
        )
        for p in data["points"]
    )
    texts = {k: str(data[k]) for k in ("factor", "message", "only", "note", "written", "right", "right_latex")}
    status = str(data["status"])
    ratio = data["ratio"]
    return Verdict(
        str(data["name"]),
        str(data["variable"]),
        status if status in STATUSES else "unread",
        _slip(data["slip"]),
        line=_whole(data["line"]),
        cell=_whole(data["cell"]),
        points=points,
        record=None,
        cause=None if data["cause"] is None else str(data["cause"]),
        ratio=None if ratio is None else float(ratio),
        executed=True,
        **texts,
    )


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)


def _slip(value: Any) -> str | None:
    return value if value in SLIPS else None


__all__ = ["MEGABYTES", "SECONDS", "check_file"]
