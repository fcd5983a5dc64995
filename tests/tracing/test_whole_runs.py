"""A file that is recorded to its end prints what it prints alone, and leaves random numbers where it leaves them alone."""

from __future__ import annotations

import contextlib
import io
import random
import shutil
from pathlib import Path

import numpy as np
import pytest

from symback.tracer.running import run_file
from tests.support import needs
from tests.tracing.differences import alone, text_of
from tests.tracing.files import FOLDER, SCRIPTS, Case

PYTHON = [c for c in SCRIPTS if c.path.endswith(".py")]


def printed_alone(path: Path) -> tuple[str, object]:
    """Return what a file prints when Python runs it, and its random state afterwards."""
    names = {"__name__": "__main__", "__file__": str(path)}
    with alone(path, path.parent), contextlib.redirect_stdout(io.StringIO()) as out:
        np.random.seed(0)
        random.seed(0)
        exec(compile(text_of(path), str(path), "exec"), names)
        return out.getvalue(), (random.random(), np.random.rand())


def printed_recorded(path: Path) -> tuple[str, object]:
    """Return what a file prints when it is recorded to its end, and its random state afterwards."""
    with alone(path, path.parent), contextlib.redirect_stdout(io.StringIO()) as out:
        np.random.seed(0)
        random.seed(0)
        run = run_file(str(path), to_end=True)
        if run.error is not None:
            raise run.error
        return out.getvalue(), (random.random(), np.random.rand())


@pytest.mark.parametrize("case", PYTHON, ids=lambda c: c.name)
def test_a_recorded_file_prints_what_it_prints_alone(case: Case, tmp_path: Path) -> None:
    for package in case.needs:
        needs.package(package)
    top = case.path.split("/")[0]
    copy = shutil.copytree if (FOLDER / top).is_dir() else shutil.copy
    copy(FOLDER / top, tmp_path / top)
    path = tmp_path / case.path
    assert printed_recorded(path) == printed_alone(path)
