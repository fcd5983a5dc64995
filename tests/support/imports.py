"""Who imports whom in a package, read from its text: at the top, inside functions, for types only, and by importlib."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PACKAGE = "symback"


@dataclass(frozen=True)
class Import:
    """``source`` imports ``target`` in ``line``; both are dotted names of files. ``text``: the target stands in a string."""

    source: str
    target: str
    line: int
    text: bool = False


def files_of(root: Path) -> dict[str, Path]:
    """Return the files of a package by their dotted names; a folder's ``__init__`` has the name of the folder."""
    found = {}
    for path in sorted(root.rglob("*.py")):
        if "__pycache__" not in path.parts:
            parts = path.relative_to(root.parent).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def _docstrings(tree: ast.Module) -> set[ast.AST]:
    """Return the strings that stand alone: docstrings, and what is said below a name."""
    return {n.value for n in ast.walk(tree) if isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant)}


def _nearest_file(name: str, files: Collection[str]) -> str | None:
    """Return the file that a dotted name stands in: ``symback.core.forms.Form`` in ``symback.core.forms``."""
    while name and name not in files:
        name = name.rpartition(".")[0]
    return name or None


def _dotted(node: ast.expr) -> str:
    """Return attributes of a name as a dotted name; nothing for attributes of anything else."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join(reversed([*parts, node.id])) if isinstance(node, ast.Name) else ""


def _targets(node: ast.AST, source: str, is_package: bool, files: Collection[str]) -> Iterator[tuple[str, bool]]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield alias.name, False
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            parents = source.split(".")[: len(source.split(".")) - node.level + is_package]
            base = ".".join([*parents, *([node.module] if node.module else [])])
        for alias in node.names:
            yield f"{base}.{alias.name}", False
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        named = node.value.partition(":")[0]
        if named.startswith(f"{PACKAGE}.") and all(part.isidentifier() for part in named.split(".")):
            yield named, True
    elif isinstance(node, ast.Attribute):
        # a module reached through the package that was imported: symback.page.views, sb.page.views
        dotted = _dotted(node)
        if dotted.startswith(f"{PACKAGE}.") and dotted in files:
            yield dotted, False


def imports_of(source: str, files: Mapping[str, Path]) -> tuple[Import, ...]:
    """Return every import of the package's own files in one of them."""
    path = files[source]
    return _imports(path.read_text(encoding="utf-8"), source, path.name == "__init__.py", frozenset(files))


@cache
def _imports(text: str, source: str, is_package: bool, files: frozenset[str]) -> tuple[Import, ...]:
    tree = ast.parse(text)
    silent = _docstrings(tree)
    found = []
    for node in ast.walk(tree):
        if node in silent:
            continue
        for name, named in _targets(node, source, is_package, files):
            if name.split(".")[0] != PACKAGE:
                continue
            target = _nearest_file(name, files)
            if target is not None and target != source and (not named or target != PACKAGE):
                found.append(Import(source, target, getattr(node, "lineno", 0), named))
    return tuple(found)


LOADERS = {
    "import_module",
    "__import__",
    "resolve_name",
    "run_module",
    "run_path",
    "exec_module",
    "load_module",
    "modules",
}
"""Names by which a module can be had whose name is computed; ``modules`` is that of ``sys``."""


def _is_own_file(call: ast.Call) -> bool:
    """Tell whether a call loads a file of the caller's own folder: ``import_module(f"{__name__}.{name}")``."""
    if len(call.args) != 1 or call.keywords or not isinstance(call.args[0], ast.JoinedStr):
        return False
    match call.args[0].values:
        case [ast.FormattedValue(value=ast.Name(id="__name__")), ast.Constant(value="."), ast.FormattedValue()]:
            return True
    return False


def loads_by_name(source: str, files: Mapping[str, Path]) -> tuple[int, ...]:
    """Return the lines in which a file can load a module whose name is computed, unless it is one of its own folder.

    A loader that is only mentioned, to be called under another name, counts as well.
    """
    return _loads(files[source].read_text(encoding="utf-8"))


@cache
def _loads(text: str) -> tuple[int, ...]:
    tree = ast.parse(text)
    allowed = {call.func for call in ast.walk(tree) if isinstance(call, ast.Call) and _is_own_file(call)}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            is_loader = node.attr in LOADERS and (node.attr != "modules" or ast.unparse(node.value) == "sys")
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            is_loader = any(
                alias.asname and alias.name.split(".")[-1] in {*LOADERS, "importlib", "sys"} for alias in node.names
            )
            is_loader |= isinstance(node, ast.ImportFrom) and node.module == "sys" and node.names[0].name == "modules"
        else:
            is_loader = isinstance(node, ast.Name) and node.id in LOADERS - {"modules"}
        if is_loader and node not in allowed:
            found.append(node.lineno)
    return tuple(found)


def circles(edges: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Return the groups of files that import each other in a circle, each sorted (strongly connected components)."""
    onward: dict[str, set[str]] = {}
    for a, b in edges:
        onward.setdefault(a, set()).add(b)
        onward.setdefault(b, set())

    def reached(start: str) -> set[str]:
        found: set[str] = set()
        waiting = [start]
        while waiting:
            for after in onward[waiting.pop()] - found:
                found.add(after)
                waiting.append(after)
        return found

    beyond = {name: reached(name) for name in onward}
    groups = {tuple(sorted(b for b in beyond[a] if a in beyond[b])) for a in onward if a in beyond[a]}
    return [list(group) for group in sorted(groups)]
