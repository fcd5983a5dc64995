"""The programs to trace run, their cases name the right places, and the differences agree with the programs' own gradients."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.support import needs
from tests.tracing.differences import Program, Rough, alone, text_of, written, wrong
from tests.tracing.files import DEFINITIONS, FILES, FOLDER, SCRIPTS, Case


def program_of(case: Case) -> Program:
    """Return a case's program, if the machine has what it imports."""
    for package in case.needs:
        needs.package(package)
    return Program(case)


@pytest.fixture(params=FILES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    for package in found.needs:
        needs.package(package)
    return found


def test_every_program_has_one_case() -> None:
    paths = [c.path for c in FILES]
    assert len(set(paths)) == len(paths)
    alone_standing = {p.name for p in FOLDER.iterdir() if p.is_file()}
    assert alone_standing == {p for p in paths if "/" not in p}
    assert {p.name for p in FOLDER.iterdir() if p.is_dir()} - {"__pycache__"} == {
        p.split("/")[0] for p in paths if "/" in p
    }


def test_a_case_names_its_parameters() -> None:
    for case in FILES:
        assert set(case.expected_names) <= set(case.parameters), case.path
        assert set(case.gradients) in (set(), set(case.parameters)), case.path
        assert bool(case.call) == (case in DEFINITIONS), case.path


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda c: c.name)
def test_a_program_runs_to_its_end(script: Case, tmp_path: Path) -> None:
    for package in script.needs:
        needs.package(package)
    top = script.path.split("/")[0]
    copy = shutil.copytree if (FOLDER / top).is_dir() else shutil.copy
    copy(FOLDER / top, tmp_path / top)
    path = tmp_path / script.path
    names = {"__name__": "__main__", "__file__": str(path)}
    with alone(path, tmp_path):
        exec(compile(text_of(path), str(path), "exec"), names)
    assert len(names) > 2


def test_the_differences_agree_with_the_gradients_of_the_file(case: Case) -> None:
    program = Program(case)
    assert np.isfinite(program.loss)
    if case.gradients:
        assert wrong(program, written(case), case.close, directions=1, entries=1) == []
    else:
        assert all(program.differences(name, directions=1, entries=1) for name in case.parameters)


@pytest.mark.campaign
def test_all_differences_agree_with_the_gradients_of_the_file(case: Case) -> None:
    program = Program(case)
    gradients = written(case) if case.gradients else {}
    assert wrong(program, gradients, case.close) == [] or not gradients
    assert all(program.differences(name) for name in case.parameters)


# --- the oracle, on programs that are known -------------------------------------------------------------------------------


LINE = Case("line.py", {"w": "w"}, "loss", perturb="w = ", stop="loss = ")


def small(folder: Path, text: str, case: Case = LINE) -> Program:
    """Return the program of a few lines."""
    (folder / case.path).write_text(text, encoding="utf-8")
    return Program(case, folder)


def test_a_number_is_bound_anew(tmp_path: Path) -> None:
    program = small(tmp_path, "w = 3\nloss = w ** 3\nw -= 7\nloss += 1\n")
    (difference,) = program.differences("w")
    assert program.loss == 27.0
    assert abs(difference.value - 27.0) < 1e-8


def test_an_array_is_changed_where_it_is(tmp_path: Path) -> None:
    program = small(tmp_path, "import numpy as np\nw = v = np.array([1.0, -2.0])\nloss = np.sum(v ** 2)\n")
    assert wrong(program, {"w": [2.0, -4.0]}) == []
    assert len(wrong(program, {"w": [2.0, -4.1]})) >= 3
    assert wrong(program, {}) == ["w: there is no gradient"]
    assert wrong(program, {"w": [1.0]}) == ["w: shape (1,) for a parameter of shape (2,)"]


def test_a_local_number_is_bound_anew(tmp_path: Path) -> None:
    text = "class A:\n    def fit(self):\n        w = self.w = 0.5\n        for _ in range(2):\n            loss = w * w\n            w -= loss\nA().fit()\n"
    (difference,) = small(tmp_path, text, replace(LINE, perturb="w = self.w")).differences("w")
    assert abs(difference.value - 1.0) < 1e-8


@pytest.mark.parametrize("loss", ["abs(w)", "max(w, 0.0)", "w if w > 0 else -2 * w"])
def test_a_kink_is_no_derivative(tmp_path: Path, loss: str) -> None:
    program = small(tmp_path, f"w = 0.0\nloss = {loss}\n")
    with pytest.raises(Rough):
        program.differences("w")


def test_a_kink_nearby_is_none(tmp_path: Path) -> None:
    (difference,) = small(tmp_path, "w = 1e-5\nloss = abs(w) + w * w\n").differences("w")
    assert abs(difference.value - (1 + 2e-5)) < 1e-6


@pytest.mark.parametrize("mark", ["loss", "nowhere"])
def test_a_place_stands_once(tmp_path: Path, mark: str) -> None:
    with pytest.raises(LookupError, match="stands in"):
        small(tmp_path, "w = 1.0\nloss = w\nloss = w\n", replace(LINE, stop=mark))


def test_a_loss_that_is_not_reached_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="without the line of its loss"):
        small(tmp_path, "w = 1.0\nif w > 2:\n    loss = w\n")


def test_the_process_is_left_as_it_was() -> None:
    import os
    import sys

    before = (os.getcwd(), list(sys.path), sys.argv, sys.modules["__main__"], np.random.get_state()[1].tolist())
    program_of(next(c for c in FILES if c.path == "tinynn_spiral/run_spiral.py"))
    after = (os.getcwd(), list(sys.path), sys.argv, sys.modules["__main__"], np.random.get_state()[1].tolist())
    assert after == before
    assert not [m for m in sys.modules if m.partition(".")[0] in ("tinynn", "common")]
