"""Output formats: which there are, which one a name or the ending of a file means, and content written in one.

A format is a file of this folder that ends in ``FORMAT = Format(…)``; it is found by standing here. The declaration is
read as text and the file is loaded when something is written: a command lists its formats at once.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from inspect import Signature, signature
from pathlib import Path
from pkgutil import iter_modules
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

from symback.core.errors import PrintError, nearest
from symback.documents.format import KINDS, Format, Writer

if TYPE_CHECKING:  # a document is loaded with the pages that make one
    from symback.documents.document import Document

_NAME, _BEGIN = "\nFORMAT = ", "Format("

Contents: TypeAlias = Mapping[str, Callable[[], Any]]
"""What there is to write, by kind, made when it is asked for; the first kind that a format holds is written."""


@cache
def formats() -> Mapping[str, Format]:
    """Return all output formats by their names, in alphabetical order.

    >>> formats()["tex"].title
    'a LaTeX document'
    """
    found: dict[str, Format] = {}
    for module in iter_modules(__path__):
        declared = _declared(module.name)
        if declared is None:
            continue
        for other in found.values():
            if {declared.name, *declared.aliases} & {other.name, *other.aliases} or {*declared.endings} & {
                *other.endings
            }:
                raise PrintError(f"{module.name}.py: the format {declared.name} is spelled like {other.name}")
        found[declared.name] = declared
    return MappingProxyType(dict(sorted(found.items())))


def offered(*kinds: str) -> tuple[Format, ...]:
    """Return the formats that hold one of some kinds of content; all formats where no kind is named.

    >>> [f.name for f in offered("rows", "source")]
    ['csv', 'py']
    """
    return tuple(f for f in formats().values() if not kinds or any(kind in f.writers for kind in kinds))


def names(*kinds: str) -> tuple[str, ...]:
    """Return the names of the formats that hold one of some kinds of content."""
    return tuple(f.name for f in offered(*kinds))


def endings(*kinds: str) -> tuple[str, ...]:
    """Return the usual ending of files of each format that holds one of some kinds of content, with its dot."""
    return tuple(f".{f.endings[0]}" for f in offered(*kinds) if f.endings)


def format_called(name: str, *kinds: str) -> Format:
    """Return a format by its name or another name of it.

    >>> format_called("text", "document").name
    'txt'

    Raises PrintError for an unknown one, and for one that holds none of the kinds of content.
    """
    for found in formats().values():
        if name in (found.name, *found.aliases):
            return _holding(found, kinds, f"known: {', '.join(names(*kinds))}")
    known = names(*kinds)
    raise PrintError(f"the format {name!r} is unknown{nearest(name, known)}; known: {', '.join(known)}")


def format_of(path: str | os.PathLike[str], *kinds: str, option: str = "") -> Format:
    """Return the format that the ending of a file names.

    >>> format_of("page.TEX", "document").name
    'tex'

    Raises PrintError for an unknown ending and for a format that holds none of the kinds of content; the message names
    the ``option`` that chooses a format whatever the ending.
    """
    spelled, ending = os.fspath(path), Path(path).suffix.lower()
    known = endings(*kinds)
    remedy = f"use {option + ' or ' if option else ''}one of {', '.join(known)}"
    for found in formats().values():
        if ending.removeprefix(".") in found.endings:
            return _holding(found, kinds, remedy, f"{spelled}: ")
    wrong = f"the ending {ending!r} is unknown{nearest(ending, known)}" if ending else "the ending is missing"
    raise PrintError(f"{spelled}: {wrong}; {remedy}")


def render(document: Document, to: str, **options: Any) -> str | bytes:
    """Return a document in a format; ``options`` are those of the format.

    >>> from symback.documents.document import Document
    >>> render(Document(("A",), ()), "txt")
    'A\\n'
    """
    return format_called(to, "document").write("document", document, **options)


def written(
    contents: Contents, to: Format, options: Mapping[str, Any], defaults: Mapping[str, Any] = MappingProxyType({})
) -> str | bytes:
    """Return the first of the contents that a format holds, written in it.

    ``defaults`` are options for the formats that have them.
    """
    _holding(to, tuple(contents), f"known: {', '.join(names(*contents))}")
    kind = next(kind for kind in contents if kind in to.writers)
    taken = {name: value for name, value in defaults.items() if to.takes(kind, name)}
    return to.write(kind, contents[kind](), **{**taken, **options})


def _holding(found: Format, kinds: tuple[str, ...], remedy: str, where: str = "") -> Format:
    if kinds and not any(kind in found.writers for kind in kinds):
        raise PrintError(f"{where}{found.name} ({found.title}) does not hold {KINDS[kinds[-1]]}; {remedy}")
    return found


# --- declarations -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Later:
    """A function of a file of this folder, which is loaded when the function is first needed."""

    module: str
    name: str

    def _function(self) -> Writer:
        function: Writer = getattr(import_module(f"{__name__}.{self.module}"), self.name)
        return function

    @property
    def __signature__(self) -> Signature:
        return signature(self._function())

    def __call__(self, *args: Any, **options: Any) -> Any:
        return self._function()(*args, **options)


def _declared(module: str) -> Format | None:
    """Return the format that a module declares, its functions loaded later; None where it declares none."""
    name = f"{__name__}.{module}"
    spec = find_spec(name)
    assert spec is not None and spec.loader is not None
    source = spec.loader.get_source(name) if hasattr(spec.loader, "get_source") else None
    if source is None:  # a house of compiled files has nothing to read
        found: Format | None = getattr(import_module(f"{__name__}.{module}"), "FORMAT", None)
        return found
    _, mark, rest = source.rpartition(_NAME + _BEGIN)
    return _read(_BEGIN + rest, module) if mark else None


def _read(declaration: str, module: str) -> Format:
    """Return the format of ``FORMAT = Format(…)``: the functions named there are those of the module."""

    def value(node: ast.expr) -> Any:
        if isinstance(node, ast.Name):
            return Later(module, node.id)
        if isinstance(node, ast.Dict):
            return {value(k): value(v) for k, v in zip(node.keys, node.values, strict=True) if k is not None}
        return ast.literal_eval(node)

    try:
        call = ast.parse(declaration, mode="eval").body
        assert isinstance(call, ast.Call)
        return Format(*map(value, call.args), **{str(k.arg): value(k.value) for k in call.keywords})
    except (ValueError, SyntaxError, TypeError) as error:
        raise PrintError(
            f"{module}.py: FORMAT is written out at the end of the file, as texts and functions ({error})"
        ) from None
