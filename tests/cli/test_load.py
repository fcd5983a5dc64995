"""Load: many files in one command, many commands at one time."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from pathlib import Path

from tests.support.campaigns import campaign
from tests.support.places import EXAMPLES, ROOT

HOMEWORK = (EXAMPLES / "homework.py").read_text(encoding="utf-8")
RIGHT = HOMEWORK.replace("dz1 = da1 * sigmoid_prime(a1)", "dz1 = da1 * sigmoid_prime(z1)")


def symback(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "symback", *arguments]


@campaign(6, 1_000)
def test_each_of_many_files_is_marked_for_itself(count: int, tmp_path: Path) -> None:
    """Every third file is right, each has numbers of its own; no verdict of one shows in another."""
    assert RIGHT != HOMEWORK
    names = []
    for k in range(count):
        path = tmp_path / f"hw{k:04}.py"
        path.write_text((HOMEWORK if k % 3 else RIGHT).replace("0.5", f"0.{k + 10:05}", 1), encoding="utf-8")
        names.append(path.name)
    paths = [str(tmp_path / name) for name in names]
    done = subprocess.run(symback("check", *paths, "--to", "csv"), cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 1 and done.stderr == b""
    rows = list(csv.DictReader(io.StringIO(done.stdout.decode("utf-8"))))
    assert list(dict.fromkeys(row["file"] for row in rows)) == names and len(rows) == 7 * count
    wrong = {row["file"] for row in rows if row["status"] != "agrees"}
    assert [name in wrong for name in names] == [k % 3 != 0 for k in range(count)]


@campaign(2, 48)
def test_commands_at_one_time_write_what_one_alone_writes(count: int, tmp_path: Path) -> None:
    """Processes that write into one folder, some of them onto one file, leave whole files and nothing else."""
    source = str(EXAMPLES / "two_layer_sigmoid.py")
    outs = [tmp_path / f"lesson{k // 2}.html" for k in range(count)]
    alone = subprocess.run(
        symback("handout", source, "-o", "-", "--to", "html"), cwd=ROOT, capture_output=True, check=True
    )
    running = [
        subprocess.Popen(symback("handout", source, "-o", str(out)), cwd=ROOT, stderr=subprocess.DEVNULL)
        for out in outs
    ]
    assert [process.wait() for process in running] == [0] * count
    assert sorted(tmp_path.iterdir()) == sorted(set(outs))
    assert {out.read_bytes().rstrip() for out in outs} == {alone.stdout.rstrip()}
