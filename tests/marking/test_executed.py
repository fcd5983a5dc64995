"""Files that are executed to be marked: no right homework is accused, no wrong one passes, and hostile files end within limits."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from symback.core.errors import ReadError, SymbackError
from symback.marking import check_file, check_text
from symback.marking.report import Report
from symback.marking.traced import report_on
from symback.tracer.files import Request
from tests.marking.executed_homework import HOMEWORK, Homework
from tests.support import needs

UNNAMED = {
    "coroutines that wait for the upstream gradient",
    "pullbacks as nested closures, composed by reduce",
    "weights from a json file, dispatched on types by singledispatch",
}
"""Homework whose gradients have no names, so that a constant factor cannot be told from the rate of the update."""


def written(folder: Path, text: str, beside: tuple[tuple[str, str], ...] = ()) -> Path:
    for name, content in beside:
        (folder / name).write_text(content, encoding="utf-8")
    path = folder / "homework.py"
    path.write_text(text, encoding="utf-8")
    return path


def marked(folder: Path, text: str, beside: tuple[tuple[str, str], ...] = ()) -> Report | SymbackError:
    """Return what is said of a text, executed in this process."""
    path = written(folder, text, beside)
    try:
        with contextlib.chdir(folder), contextlib.redirect_stdout(io.StringIO()):
            return report_on(Request(str(path), seconds=60), {}, "en")
    except SymbackError as error:
        return error


def prepared(name: str) -> Homework:
    homework = HOMEWORK[name]
    if homework.needs:
        needs.package(homework.needs)
    return homework


def test_the_homework_is_what_it_should_be() -> None:
    assert len(HOMEWORK) >= 30 and sum(len(h.mistakes) for h in HOMEWORK.values()) >= 120


@pytest.mark.parametrize("name", HOMEWORK)
def test_right_homework_is_right_and_each_mistake_is_seen(name: str, tmp_path: Path) -> None:
    homework = prepared(name)
    right = marked(tmp_path, homework.text, homework.beside)
    assert isinstance(right, Report) and right.ok and right.verdicts, str(right)
    for old, new in homework.mistakes:
        wrong = marked(tmp_path, homework.text.replace(old, new), homework.beside)
        said = [] if isinstance(wrong, SymbackError) else [v.status for v in wrong.verdicts.values()]
        assert {"wrong", "shape"} & {*said} or (name in UNNAMED and "unread" in said), f"{old} -> {new}: {wrong}"


def test_the_reader_marks_few_of_it() -> None:
    assert sum(is_beyond_the_reader(h.text) for h in HOMEWORK.values()) >= 30


def is_beyond_the_reader(text: str) -> bool:
    try:
        report = check_text(text)
    except (SymbackError, RecursionError):
        return True
    return not report.ok or len(report.verdicts) < 2


# --- values that leave the log --------------------------------------------------------------------------------------------

LEFT = """\
import pickle

import numpy as np

rng = np.random.default_rng(1)
X, y, w = rng.normal(size=(5, 2)), rng.normal(size=5), rng.normal(size=2)
for _ in range(2):
    z = X @ w
    h = {forward}
    loss = np.mean((h - y) ** 2)
    dz = 2 * (h - y) / 5
    dw = {backward}
    w = w - 0.1 * dw
"""
WAYS = {
    "bytes": "np.frombuffer(({0}).tobytes())",
    "pickle": "pickle.loads(pickle.dumps({0}))",
    "text": "np.array([float(t) for t in ' '.join(map(repr, ({0}).tolist())).split()])",
    "a list of plain numbers": "np.array(eval(repr(({0}).tolist())))",
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("factor", ["", " / 5", " * -1"])
def test_a_gradient_that_left_the_log_gets_no_verdict(way: str, factor: str, tmp_path: Path) -> None:
    report = marked(tmp_path, LEFT.format(forward="z", backward=WAYS[way].format(f"X.T @ dz{factor}")))
    assert isinstance(report, Report) and report.verdicts["dw"].status == "unread", str(report)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("factor", ["", " * 2"])
def test_a_forward_pass_that_left_the_log_gives_no_verdict(way: str, factor: str, tmp_path: Path) -> None:
    # the loss depends on w by the square alone, as far as the log knows
    forward = "z * z + " + WAYS[way].format("z")
    report = marked(tmp_path, LEFT.format(forward=forward, backward=f"X.T @ (dz * 2 * z){factor}"))
    assert isinstance(report, SymbackError) or all(v.status == "unread" for v in report.verdicts.values()), str(report)


# --- what has no derivation ----------------------------------------------------------------------------------------------

ROWS = """\
import numpy as np

rng = np.random.RandomState(3)
x, y, W, b = rng.randn(4, 3), rng.randn(4, 1), rng.randn(3, 1), np.zeros(1)


def act(z):
    return np.apply_along_axis(lambda row: np.tanh(np.sort(row) ** 3), 1, z)


for epoch in range(2):
    z = x @ W + b
    loss = np.mean((act(z) - y) ** 2)
    dz = 2 * (act(z) - y) * (1 - act(z) ** 2) * 3 * z**2 / len(x)
    dW = x.T @ dz{after}
    db = dz.{sum}(axis=0)
    W = W - 0.1 * dW
    b = b - 0.1 * db
"""


@pytest.mark.parametrize(
    ("after", "total", "wrong"),
    [
        ("", "sum", {}),
        (" * 2", "sum", {"W": "missing_half"}),
        ("", "mean", {"b": "extra_mean"}),
        (" * 1.01", "sum", {"W": "constant_factor"}),
        (" + 1e-2", "sum", {"W": None}),
    ],
)
def test_a_loss_without_a_derivation_is_marked_by_differences(
    after: str, total: str, wrong: dict[str, str | None], tmp_path: Path
) -> None:
    report = marked(tmp_path, ROWS.format(after=after, sum=total))
    assert isinstance(report, Report), report
    assert {k: v.slip for k, v in report.verdicts.items() if not v.ok} == wrong, str(report)


def test_a_file_that_fails_says_where(tmp_path: Path) -> None:
    broken = HOMEWORK["einsum strings made while it runs"].text.replace("2 * (z - Y)", "2 * (z - Y).T")
    report = marked(tmp_path, broken)
    assert isinstance(report, SymbackError) or (not report.ok and report.remarks[0].line is not None)
    nothing = marked(tmp_path, "import numpy as np\nx = np.zeros(3)\nloss = x.sum()\nx[7] = 2\n")
    assert isinstance(nothing, SymbackError) and "IndexError" in str(nothing)


# --- the process ------------------------------------------------------------------------------------------------------------

PART = HOMEWORK["data read from a file beside it, with csv"]


def test_a_file_is_marked_in_a_process_of_its_own(tmp_path: Path) -> None:
    path = written(tmp_path, PART.text, PART.beside)
    before = sorted(p.name for p in tmp_path.iterdir())
    report = check_file(path, title="homework.py")
    assert report.ok and report.executed == "file" and "was executed" in str(report)
    assert all(v.executed for v in report.verdicts.values())
    path.write_text(PART.text.replace("X.T @ error / len(X)", "X.T @ error"), encoding="utf-8")
    wrong = check_file(path, language="ko")
    assert not wrong.ok and wrong.verdicts["w"].status == "wrong" and wrong.verdicts["b"].ok
    assert "틀렸다" in str(wrong)
    assert sorted(p.name for p in tmp_path.iterdir()) == before


HOSTILE = {
    "an endless loop": ("while True:\n    pass\n", "ended after"),
    "an endless loop that swallows its end": (
        "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass\n",
        "longer than 1 seconds",
    ),
    "an endless loop in C": ("x = 10**10**8\n", "longer than 1 seconds"),
    "a fork bomb": ("import os\nwhile True:\n    os.fork()\n", "not allowed"),
    "a fork bomb in C": (
        "import ctypes\nlibc = ctypes.CDLL(None)\nfor _ in range(10**5):\n    assert libc.fork() != 0\n    assert False\n",
        "AssertionError|ended",
    ),
    "another process": ("import subprocess\nsubprocess.Popen(['sleep', '1000'])\n", "not allowed"),
    "a memory bomb": ("a = []\nwhile True:\n    a.append(bytearray(10**8))\n", "MemoryError|ended after|megabytes"),
    "a huge array": ("import numpy as np\na = np.ones((10**6, 10**6))\n", "MemoryError"),
    "huge output": ("while True:\n    print('x' * 10**6)\n", "ended after"),
    "a huge file": ("with open('big', 'wb') as f:\n    while True:\n        f.write(b'x' * 10**7)\n", "too large"),
    "os._exit": ("import os\nos._exit(0)\n", "ended its process"),
    "sys.exit": ("import sys\nsys.exit(3)\n", "SystemExit: 3"),
    "infinite recursion": ("def f(n):\n    return f(n + 1)\n\n\nf(0)\n", "RecursionError"),
    "recursion without Python's limit": (
        "import sys\nsys.setrecursionlimit(10**9)\n\n\ndef f(n):\n    return f(n + 1)\n\n\nf(0)\n",
        "ended|longer|MemoryError",
    ),
    "threads": (
        "import threading\n\n\ndef run():\n    while True:\n        pass\n\n\n"
        "for _ in range(4):\n    threading.Thread(target=run).start()\n",
        "no|nothing|longer",
    ),
    "ignored signals": (
        "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True:\n    time.sleep(1)\n",
        "ended after|longer",
    ),
    "a signal to its parent": ("import os\nos.kill(os.getppid(), 9)\n", "not allowed"),
    "a forged result": (
        "import os\nfor n in range(3, 64):\n    try:\n        os.write(n, b'\\n{\"report\": 3}')\n    except OSError:\n        pass\nos._exit(0)\n",
        "cannot be read|ended its process",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_ends_with_one_message(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text, message = HOSTILE[name]
    path = written(tmp_path, text)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(ReadError, match=message) as error:
        check_file(path, seconds=1, megabytes=1500)
    assert "\n" not in str(error.value)
    assert _processes(tmp_path) == set()


@pytest.mark.parametrize(
    "text",
    [
        "import os\nos.remove({victim!r})\n",
        "import shutil\nshutil.rmtree({folder!r})\n",
        "open({victim!r}, 'w').write('gone')\n",
        "import os\nos.rename({victim!r}, 'mine')\n",
        "import os\nos.symlink({victim!r}, 'link')\nopen('link', 'w').write('gone')\n",
    ],
)
def test_files_outside_the_folder_stay(text: str, tmp_path: Path) -> None:
    victim = tmp_path / "victim" / "kept.txt"
    victim.parent.mkdir()
    victim.write_text("kept", encoding="utf-8")
    (tmp_path / "own").mkdir()
    path = written(tmp_path / "own", text.format(victim=str(victim), folder=str(victim.parent)))
    with pytest.raises(ReadError, match="outside the folder"):
        check_file(path, seconds=5)
    assert victim.read_text(encoding="utf-8") == "kept"


def test_its_own_folder_stays_as_it_is(tmp_path: Path) -> None:
    text = "import os\nfor name in os.listdir('.'):\n    os.remove(name)\n"
    path = written(tmp_path, text, (("data.csv", "1,2\n"),))
    with pytest.raises(ReadError):
        check_file(path, seconds=5)
    assert path.exists() and (tmp_path / "data.csv").read_text(encoding="utf-8") == "1,2\n"


def test_a_process_that_is_left_is_seen(tmp_path: Path) -> None:
    left = subprocess.Popen([sys.executable, "-c", "input()"], cwd=tmp_path, stdin=subprocess.PIPE)
    try:
        assert _processes(tmp_path) == ({str(left.pid)} if Path("/proc/self/cwd").exists() else set())
    finally:
        left.kill()
        left.communicate()
    assert _processes(tmp_path) == set()


def _processes(folder: Path) -> set[str]:
    """Return the processes of the machine that work in a folder or below it."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*/cwd"):
        with contextlib.suppress(OSError):
            if os.readlink(entry).startswith(str(folder)):
                found.add(entry.parent.name)
    return found
