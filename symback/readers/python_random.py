"""The random functions of Python's ``random``: every call is made by a generator of Python itself."""

from __future__ import annotations

import random
from typing import Any

from symback.core.errors import ReadError, nearest
from symback.core.forms import Form
from symback.library.limits import LARGEST_LIST
from symback.readers.asking import Reader
from symback.readers.drawn_values import attempt, check_alone, foreign, given_back, is_known, plain, used
from symback.readers.streams import PYTHON, Stream

NUMBERS = (
    "random",
    "uniform",
    "triangular",
    "randint",
    "randrange",
    "getrandbits",
    "gauss",
    "normalvariate",
    "lognormvariate",
    "expovariate",
    "betavariate",
    "gammavariate",
    "vonmisesvariate",
    "paretovariate",
    "weibullvariate",
    "binomialvariate",
)
"""Functions that draw one number."""

FROM_LISTS = ("choice", "choices", "sample", "shuffle")
"""Functions that take from a list, or change its order."""

_LONGEST = 4096
"""Most bits that are drawn at once."""


def call(reader: Reader, name: str, args: list[Any], keywords: dict[str, Any]) -> Any:
    """Return the result of a function of ``random``."""
    if name in ("Random", "SystemRandom"):
        made = reader.draws.new(PYTHON)
        if name == "Random":
            seed(reader, made, args, keywords)
        return made
    return method(reader, reader.draws.python, name, args, keywords)


def method(reader: Reader, stream: Stream, name: str, args: list[Any], keywords: dict[str, Any]) -> Any:
    """Return the result of a method of a generator of Python."""
    if name == "seed":
        seed(reader, stream, args, keywords)
        return None
    if name not in (*NUMBERS, *FROM_LISTS) or not hasattr(random.Random, name):
        raise ReadError(
            f"the random function random.{name} is not known{nearest(name, (*NUMBERS, *FROM_LISTS))}", reader.line
        )
    used(reader, stream)
    if name in FROM_LISTS:
        return _from_list(reader, stream, name, args, keywords)
    given, options = [plain(reader, a) for a in args], {k: plain(reader, v) for k, v in keywords.items()}
    if not all(map(is_known, (*given, *options.values()))):
        stream.lose(f"random.{name} draws by numbers that are not known on line {reader.line}")
        return given_back(reader, stream, None, ())
    if name == "getrandbits" and any(isinstance(v, int) and v > _LONGEST for v in (*given, *options.values())):
        raise ReadError(f"random.getrandbits of more than {_LONGEST} bits cannot be read", reader.line)
    holder = _holder(reader, stream)
    value = attempt(reader, f"random.{name}", lambda: getattr(holder or random.Random(0), name)(*given, **options))
    return given_back(reader, stream, None, ()) if holder is None else value


def seed(reader: Reader, stream: Stream, args: list[Any], keywords: dict[str, Any]) -> None:
    """Seed a generator of Python."""
    check_alone(reader)
    given, options = [plain(reader, a) for a in args], {k: plain(reader, v) for k, v in keywords.items()}
    first = given[0] if given else options.get("a", options.get("x"))
    if first is None:
        stream.seed(None)
    elif not isinstance(first, (int, float, str)) or not all(map(is_known, options.values())):
        stream.seed(None, f"the seed on line {reader.line} is not known")
    else:
        made = random.Random()
        attempt(reader, "random.seed", lambda: made.seed(*given, **options))
        stream.seed(made)


def _holder(reader: Reader, stream: Stream) -> random.Random | None:
    """Return what draws: the text's generator, or the caller's in its place; None where neither is known."""
    if stream.state is not None:
        found: random.Random = stream.state
        return found
    foreign(reader, stream)
    return reader.draws.spare_python


def _from_list(reader: Reader, stream: Stream, name: str, args: list[Any], keywords: dict[str, Any]) -> Any:
    """Return what choice, choices, sample and shuffle make of a list, by what they do to the positions in it."""
    label = {"choice": "seq", "shuffle": "x"}.get(name, "population")
    if not args and label not in keywords:
        raise ReadError(f"random.{name} needs {label}", reader.line)
    source = args[0] if args else keywords[label]
    rest, more = args[1:], {k: v for k, v in keywords.items() if args or k != label}
    if more.get("counts") is not None:
        raise ReadError("random.sample with counts= cannot be read", reader.line)
    given, options = [plain(reader, a) for a in rest], {k: plain(reader, v) for k, v in more.items()}
    holder = _holder(reader, stream)
    if holder is None or not all(map(is_known, (*given, *options.values()))):
        stream.lose(f"random.{name} draws by numbers that are not known on line {reader.line}")
        raise ReadError(
            f"what random.{name} takes is not known; seed it by random.seed(0) in the code, or give a seed", reader.line
        )
    items = source if isinstance(source, (str, range)) else _items(reader, source)
    if not isinstance(source, range) and len(items) > LARGEST_LIST:
        raise ReadError(f"a list of {len(items)} entries is too long", reader.line)
    count = options.get("k", given[-1] if given else 1)
    if isinstance(count, int) and not isinstance(count, bool) and count > LARGEST_LIST:
        raise ReadError(f"a list of {count} entries is too long", reader.line)
    places: Any = list(range(len(items))) if name == "shuffle" else range(len(items))
    order = attempt(reader, f"random.{name}", lambda: getattr(holder, name)(places, *given, **options))
    if name == "choice":
        return items[order]
    return [items[k] for k in (places if name == "shuffle" else order)]


def _items(reader: Reader, source: Any) -> Any:
    if isinstance(source, Form) and source.shape:
        return reader.items_of(source)
    return source if isinstance(source, (list, tuple)) else reader.items_of(source)
