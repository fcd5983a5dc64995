"""argparse: a parser of the text, whose ``parse_args()`` gives the defaults that stand in the code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from symback.core.errors import ReadError, nearest
from symback.library.values import Poison
from symback.readers.asking import Reader
from symback.readers.plain_values import PythonError, is_plain, listed, resolved, truth
from symback.readers.slots import registered
from symback.readers.values import Applied, Instance, Method

_ACTIONS = {
    "store": None,
    "store_true": False,
    "store_false": True,
    "store_const": None,
    "append": None,
    "append_const": None,
    "count": None,
    "extend": None,
    "BooleanOptionalAction": None,
    "argparse.BooleanOptionalAction": None,
}
"""What an argument holds that is not given, by its action."""

_OPTIONS = {
    "action",
    "nargs",
    "const",
    "default",
    "type",
    "choices",
    "required",
    "help",
    "metavar",
    "dest",
}


class _Parser:
    """The arguments that a parser knows, in order: their defaults, and those that have to be given."""

    def __init__(self) -> None:
        self.defaults: dict[str, Any] = {}
        self.needed: dict[str, str] = {}
        self.types: dict[str, Any] = {}
        self.set_later: dict[str, Any] = {}
        self.problem: ReadError | None = None
        """What could not be followed: its arguments are not known from then on."""


def make_parser(reader: Reader, *args: Any, **options: Any) -> Instance:
    """Return the object of ``argparse.ArgumentParser(...)``."""
    if options.get("parents") or options.get("argument_default") is not None:
        raise ReadError("ArgumentParser with parents= or argument_default= is not followed", reader.line)
    return _object(reader, _Parser(), "ArgumentParser")


def _object(reader: Reader, parser: _Parser, kind: str) -> Instance:
    made = Instance(kind)
    for name, run in _METHODS.items():

        def method(inner: Reader, args: list[Any], keywords: dict[str, Any], run: Any = run) -> Any:
            try:
                return run(inner, parser, args, keywords)
            except ReadError as error:
                parser.problem = parser.problem or error
                raise

        made.attributes[name] = Method(Applied(method, name), "__call__")
    return registered(reader, made)


def _add_argument(reader: Reader, parser: _Parser, args: list[Any], keywords: Mapping[str, Any]) -> None:
    unknown = [k for k in keywords if k not in _OPTIONS]
    if unknown:
        raise ReadError(f"add_argument has no {unknown[0]}{nearest(unknown[0], _OPTIONS)}", reader.line)
    flags = [resolved(reader, a) for a in args]
    if not flags or not all(isinstance(f, str) for f in flags):
        raise ReadError("add_argument takes the names of the argument as texts", reader.line)
    label = _destination(reader, flags, keywords)
    given = keywords.get("action", "store")
    action = given if isinstance(given, str) else getattr(given, "path", "")
    if action in ("help", "version"):
        return
    if action not in _ACTIONS:
        raise ReadError(f"add_argument with action={action!r} is not followed", reader.line)
    default = keywords.get("default", _ACTIONS[action])
    optional = flags[0].startswith("-")
    if optional or keywords.get("nargs") in ("?", "*"):
        if truth(reader, keywords.get("required", False)):
            parser.needed[label] = flags[0]
        if keywords.get("nargs") == "*" and not optional and "default" not in keywords:
            default = []
        if label not in parser.defaults:  # the first of several arguments with one name decides
            parser.defaults[label] = default
            parser.types[label] = keywords.get("type")
    else:
        parser.needed[label] = flags[0]


def _destination(reader: Reader, flags: list[str], keywords: Mapping[str, Any]) -> str:
    if "dest" in keywords:
        return str(resolved(reader, keywords["dest"]))
    long = next((f for f in flags if f.startswith("--")), flags[0])
    return long.lstrip("-").replace("-", "_")


def _parse(reader: Reader, parser: _Parser, args: list[Any], keywords: Mapping[str, Any]) -> Instance:
    if parser.problem is not None:
        raise parser.problem
    given = args[0] if args else keywords.get("args")
    if given is not None and listed(reader, given):
        raise ReadError("parse_args of a list of arguments is not followed; the defaults are read", reader.line)
    if len(args) > 1 or keywords.get("namespace") is not None:
        raise ReadError("parse_args into a namespace is not followed", reader.line)
    values: dict[str, Any] = {}
    for label, default in {**parser.defaults, **parser.set_later}.items():
        kind = parser.types.get(label)
        text = resolved(reader, default) if is_plain(default) else default
        # Python passes a default through the type where it is a text
        values[label] = reader.call(kind, [text], {}) if isinstance(text, str) and kind is not None else default
    for label, flag in parser.needed.items():
        values[label] = Missing(label, flag)
    chosen = {k: v for k, v in values.items() if not isinstance(v, Missing)}
    made = registered(reader, Instance("Namespace", attributes=chosen))
    lacking = [v for v in values.values() if isinstance(v, Missing)]
    for one in lacking:
        made.attributes[one.label] = one.poison(reader.line)
    return made


class Missing:
    """An argument that has to be given on the command line, and is not in the code."""

    def __init__(self, label: str, flag: str) -> None:
        self.label, self.flag = label, flag

    def poison(self, line: int | None) -> Poison:
        """Return what its name holds: an error that says how to give it."""
        message = (
            f"{self.flag} has to be given on the command line: --set NAME.{self.label}=… where NAME holds parse_args()"
        )
        return Poison(ReadError(message, line))


def _parse_known(reader: Reader, parser: _Parser, args: list[Any], keywords: Mapping[str, Any]) -> tuple[Any, Any]:
    return _parse(reader, parser, args, keywords), []


def _set_defaults(reader: Reader, parser: _Parser, args: list[Any], keywords: Mapping[str, Any]) -> None:
    if args:
        raise PythonError(TypeError, "set_defaults() takes keywords only", reader.line)
    parser.set_later.update(keywords)


def _group(reader: Reader, parser: _Parser, args: list[Any], keywords: Mapping[str, Any]) -> Instance:
    return _object(reader, parser, "argument group")


def _nothing(reader: Reader, parser: _Parser, args: list[Any], keywords: Mapping[str, Any]) -> None:
    return None


def _subparsers(reader: Reader, parser: _Parser, args: list[Any], keywords: Mapping[str, Any]) -> None:
    raise ReadError("commands of a command line (add_subparsers) are not followed", reader.line)


_METHODS = {
    "add_argument": _add_argument,
    "parse_args": _parse,
    "parse_known_args": _parse_known,
    "set_defaults": _set_defaults,
    "add_argument_group": _group,
    "add_mutually_exclusive_group": _group,
    "print_help": _nothing,
    "print_usage": _nothing,
    "add_subparsers": _subparsers,
}


# --- values given from outside ----------------------------------------------------------------------------------------


def override_attributes(reader: Reader, name: str, holder: Any) -> None:
    """Give attributes of an object that a name now holds the values of ``--set name.attribute=…``.

    This is what the assignment ``name.attribute = …`` on the next line would do.
    """
    if not isinstance(holder, Instance) or holder.layer is not None:
        return
    if holder.definition is not None and holder.definition.is_module:
        return
    for key in [k for k in reader.values if k.startswith(f"{name}.")]:
        *path, last = key.split(".")[1:]
        target: Any = holder
        for step in path:
            target = target.attributes.get(step) if isinstance(target, Instance) else None
        if not isinstance(target, Instance):
            continue
        if last not in target.attributes:
            raise ReadError(f"{key}: there is no {last} in {name}{nearest(last, target.attributes)}", reader.line)
        target.attributes[last] = reader.values[key]
        reader.overridden.add(key)
