"""Texts read in processes of their own, with limits of processor time and memory: as strict on every machine."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass

from tests.support import needs
from tests.support.places import ROOT

SECONDS, MEMORY = 10, 1_000_000_000
"""What reading a text and deriving from it may take."""


@dataclass(frozen=True)
class Task:
    """A text, its parameters, and what is done with the derivation besides evaluating it."""

    text: str
    wrt: str = "W"
    then: str = "pass"


PARENT = """
import json, os, resource, sys
import symback as sb
from symback.core.errors import SymbackError
sb.derive(sb.parse("w = 2.0\\nloss = w**2\\n")).evaluate()

def answer(text, wrt, then):
    try:
        derivation = sb.derive(sb.parse(text, wrt=wrt or None, loss="loss"))
        loss = float(derivation.evaluate().loss)
        exec(then, {"sb": sb, "derivation": derivation})
        return f"read {loss!r}"
    except SymbackError as error:
        return f"refused {error}"
    except BaseException as error:
        return f"ended by {type(error).__name__}: {error}"

answers = []
for task in json.load(sys.stdin):
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
        os.write(writing, answer(**task).encode("utf-8", "replace")[:2000])
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8", errors="replace") as pipe:
        said = pipe.read()
    status = os.waitpid(child, 0)[1]
    answers.append(said or f"ended by the signal {os.WTERMSIG(status)}")
json.dump(answers, sys.stdout)
"""


def answers_within_limits(tasks: dict[str, Task]) -> dict[str, str]:
    """Return of each text ``read`` and its loss, ``refused`` and the message, or how the process that read it ended."""
    needs.posix()
    done = subprocess.run(
        [sys.executable, "-c", f"SECONDS, MEMORY = {SECONDS}, {MEMORY}\n{PARENT}"],
        input=json.dumps([asdict(task) for task in tasks.values()]),
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=ROOT,
        check=True,
    )
    return dict(zip(tasks, json.loads(done.stdout), strict=True))
