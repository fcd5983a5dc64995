"""Imports inside a try: whether a module or a name of it is there decides which way is taken."""

from __future__ import annotations

import ast
import sys
from types import ModuleType

from symback.core.errors import ReadError
from symback.readers import outside
from symback.readers.asking import Reader
from symback.readers.syntax import stored_names

_PRESENT = frozenset(("numpy", "torch"))
"""Libraries that are there where a text of theirs is read."""


def check(reader: Reader, node: ast.Import | ast.ImportFrom) -> None:
    """Raise where a handler around an import decides what is read, and it is not known whether the import succeeds."""
    if not reader.trying:
        return
    if isinstance(node, ast.ImportFrom):
        known = not node.level and all(_is_there(node.module or "", a.name) for a in node.names)
    else:
        known = all(_is_there(a.name) for a in node.names)
    if not known:
        raise ReadError(
            f"whether '{ast.unparse(node)}' succeeds is not known, and an except depends on it", reader.line
        )


def _is_there(path: str, name: str = "") -> bool:
    """Return whether a module of Python, or of a library that is used, is there and has a name."""
    root = path.split(".")[0]
    module = sys.modules.get(path)
    if root not in sys.stdlib_module_names | _PRESENT:
        return False
    if module is None:
        return root in sys.stdlib_module_names and path == root and not name
    return not name or (isinstance(module, ModuleType) and (hasattr(module, name) or f"{path}.{name}" in sys.modules))


def may_be_there(path: str, name: str) -> bool:
    """Return whether a module of Python or NumPy may have a name; True where that cannot be looked up."""
    module = sys.modules.get(path)
    if path.split(".")[0] not in sys.stdlib_module_names | {"numpy"} - {"builtins"} or not isinstance(
        module, ModuleType
    ):
        return True
    return hasattr(module, name) or f"{path}.{name}" in sys.modules


def are_all(node: ast.Try) -> bool:
    """Return whether a try only imports and its handlers only give the same names other objects that do the same.

    ``try: from tqdm import tqdm``, ``except ImportError: tqdm = lambda x: x``: the import is then taken as it stands. A
    name that is a constant without the module is not the same: the text asks for it later.
    """
    if not all(isinstance(s, (ast.Import, ast.ImportFrom)) for s in node.body) or node.orelse:
        return False
    bound = {name for s in node.body for name in stored_names(s)}
    roots = [
        r.split(".")[0]
        for s in node.body
        if isinstance(s, (ast.Import, ast.ImportFrom))
        for r in ([s.module or ""] if isinstance(s, ast.ImportFrom) else [a.name for a in s.names])
    ]
    harmless = all(root in outside.HARMLESS for root in roots)
    for handler in node.handlers:
        if not set(stored_names(handler)) <= bound:
            return False
        for inner in ast.walk(handler):
            if isinstance(inner, ast.Assign) and isinstance(inner.value, ast.Constant) and not harmless:
                return False
            if isinstance(inner, (ast.Raise, ast.Return, ast.Continue, ast.Break)) and not harmless:
                continue
    return True
