"""Room to recurse: the limit is raised while anybody needs it, and is as it was when the last one has left."""

from __future__ import annotations

import ast
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal, overload

_DEEPEST = 10_000

_lock = threading.Lock()
_inside = 0
_before = 0


@contextmanager
def room() -> Iterator[None]:
    """Let what runs inside recurse deeper than Python's default: a sum of 256 terms takes several calls a term.

    The limit is one for all threads: the first that enters raises it, the last that leaves sets it back.
    """
    global _inside, _before
    with _lock:
        if _inside == 0:
            _before = sys.getrecursionlimit()
            sys.setrecursionlimit(max(_before, _DEEPEST))
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0 and sys.getrecursionlimit() == max(_before, _DEEPEST):
                sys.setrecursionlimit(_before)


@overload
def parsed(text: str) -> ast.Module: ...
@overload
def parsed(text: str, mode: Literal["eval"]) -> ast.Expression: ...
def parsed(text: str, mode: str = "exec") -> ast.AST:
    """Return the syntax tree of a text of Python, as ``ast.parse`` does.

    Python 3.11 takes a limit that another thread changes meanwhile for an error of its own: it stays as it is till then.
    """
    with _lock:
        return ast.parse(text, mode=mode)


def compiled(text: str, file: str) -> Any:
    """Return the code object of a text of Python, the limit being left alone meanwhile."""
    with _lock:
        return compile(text, file, "exec")
