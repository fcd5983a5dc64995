"""JSON: the document model itself, with its version; it can be read back."""

from __future__ import annotations

import json
import types
import typing
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any

from symback.core import display
from symback.core.errors import ReadError, nearest
from symback.documents import document
from symback.documents.document import VERSION, Document
from symback.documents.format import Format
from symback.page import picture

_DEEPEST = 400
"""No document nests deeper; a text that does is no document."""


def render(found: Document) -> str:
    """Return a document as JSON: every record an object with its ``type``, every tuple a list.

    >>> print(render(Document(("A",), ())), end="")
    {
     "symback document": 1,
     "document": {
      "type": "Document",
      "title": [
       "A"
      ],
      "blocks": [],
      "language": "en",
      "subtitle": [],
      "labels": {},
      "program": [],
      "wide": false
     }
    }
    """
    data = {"symback document": VERSION, "document": _data(found)}
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def from_json(text: str) -> Document:
    """Return the document that ``render`` wrote; raises ReadError with the place for anything else.

    >>> from_json(render(Document(("A",), ()))).title
    ('A',)
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ReadError(f"this is not a document in JSON ({str(error)[:80]})") from None
    if not isinstance(data, dict) or set(data) != {"symback document", "document"}:
        raise ReadError('this JSON is not a document: it has no "symback document" with its version')
    if data["symback document"] != VERSION:
        raise ReadError(
            f"this document is of version {data['symback document']!r}; this symback reads version {VERSION}"
        )
    found = _record(data["document"], "document", 0)
    if not isinstance(found, Document):
        raise ReadError("this JSON is not a document: it is a part of one")
    return found


def _data(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {"type": type(value).__name__, **{f.name: _data(getattr(value, f.name)) for f in fields(value)}}
    if isinstance(value, tuple):
        return [_data(v) for v in value]
    if isinstance(value, dict):
        return {k: _data(v) for k, v in value.items()}
    return value


@lru_cache(maxsize=1)
def _types() -> dict[str, type]:
    """Return the records that a document is made of, by their names."""
    return {
        name: value
        for module in (display, picture, document)
        for name, value in vars(module).items()
        if isinstance(value, type) and is_dataclass(value) and value.__module__ == module.__name__
    }


@lru_cache(maxsize=64)
def _hints(kind: type) -> dict[str, Any]:
    spaces = {**vars(display), **vars(picture), **vars(document)}
    return typing.get_type_hints(kind, spaces, spaces)


def _record(data: Any, where: str, depth: int) -> Any:
    if not isinstance(data, dict) or not isinstance(data.get("type"), str):
        raise ReadError(f"{where}: a record with its type is expected")
    if depth > _DEEPEST:
        raise ReadError(f"{where}: the document is nested too deeply")
    known = _types()
    if data["type"] not in known:
        raise ReadError(f"{where}: there is no record {data['type']!r}{nearest(data['type'], known)}")
    kind = known[data["type"]]
    hints = _hints(kind)
    unknown = set(data) - {"type", *hints}
    if unknown:
        raise ReadError(f"{where}: {kind.__name__} has no {min(unknown)!r}{nearest(min(unknown), hints)}")
    values = {}
    for name, hint in hints.items():
        if name in data:
            values[name] = _value(data[name], hint, f"{where}.{name}", depth + 1)
    try:
        return kind(**values)
    except TypeError:
        missing = [f.name for f in fields(kind) if f.name not in values]
        raise ReadError(f"{where}: {kind.__name__} needs {', '.join(missing)}") from None


def _value(data: Any, hint: Any, where: str, depth: int) -> Any:
    """Return a value as its field wants it."""
    origin, items = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple:
        if not isinstance(data, list):
            raise ReadError(f"{where}: a list is expected")
        if items[-1] is Ellipsis:
            items = (items[0],) * len(data)
        if len(items) != len(data):
            raise ReadError(f"{where}: a list of {len(items)} is expected")
        return tuple(_value(v, h, f"{where}[{k}]", depth) for k, (v, h) in enumerate(zip(data, items, strict=True)))
    if origin is dict:
        if not isinstance(data, dict) or not all(isinstance(v, str) for v in data.values()):
            raise ReadError(f"{where}: an object of texts is expected")
        return dict(data)
    # what is left are records and plain values, one of several kinds
    kinds = items if origin in (typing.Union, types.UnionType) else (hint,)
    found = _record(data, where, depth) if isinstance(data, dict) else data
    if isinstance(found, int) and not isinstance(found, bool) and float in kinds:
        found = float(found)
    if type(found) not in kinds:
        expected = " or ".join(sorted(k.__name__ for k in kinds)) if len(kinds) < 4 else "something else"
        raise ReadError(f"{where}: {expected} is expected, not {type(found).__name__}")
    return found


def from_data(data: Any) -> str:
    """Return plain data as JSON."""
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


FORMAT = Format("json", "data for programs", {"data": from_data, "document": render}, ("json",))
