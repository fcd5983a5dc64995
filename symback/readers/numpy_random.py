"""NumPy's random functions: every call is made by NumPy itself, which also binds and refuses its arguments.

Where the state of the generator is not known, a generator that is thrown away tells the shape.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from symback.core.errors import ReadError, nearest
from symback.core.forms import Form, Shape, shape_text
from symback.library.making import sizes_of
from symback.library.plain_numbers import numbers
from symback.library.values import Library
from symback.readers.asking import Reader
from symback.readers.drawn_values import (
    Unknown,
    attempt,
    check_alone,
    foreign,
    given_back,
    is_known,
    number_of,
    plain,
    small,
    taken,
    used,
)
from symback.readers.streams import BITS, GENERATOR, LEGACY, Stream

BIT_GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64", "SeedSequence")

SIZE_AT = {
    **dict.fromkeys(("random", "random_sample", "ranf", "sample", "standard_normal", "standard_cauchy", "tomaxint"), 0),
    "standard_exponential": 0,
    **dict.fromkeys(("standard_gamma", "standard_t"), 1),
    **dict.fromkeys(("chisquare", "exponential", "geometric", "logseries", "pareto", "poisson", "power"), 1),
    **dict.fromkeys(("rayleigh", "weibull", "zipf", "dirichlet"), 1),
    **dict.fromkeys(("normal", "uniform", "randint", "integers", "random_integers", "beta", "binomial", "f"), 2),
    **dict.fromkeys(("gamma", "gumbel", "laplace", "logistic", "lognormal", "multinomial", "multivariate_normal"), 2),
    **dict.fromkeys(("negative_binomial", "noncentral_chisquare", "vonmises", "wald"), 2),
    **dict.fromkeys(("hypergeometric", "noncentral_f", "triangular"), 3),
    "multivariate_hypergeometric": 2,
}
"""The distributions, and where each takes the shape of what it draws."""

_SPARE_NAMES = {
    "rand": "random",
    "random_sample": "random",
    "ranf": "random",
    "sample": "random",
    "randn": "standard_normal",
    "randint": "integers",
}
"""What the generator that fills the text's numbers calls NumPy's functions of old."""

_REARRANGING = ("permutation", "shuffle", "permuted", "choice")


def names_of(kind: str) -> list[str]:
    """Return the functions that a kind of generator has."""
    holder = np.random.RandomState if kind == LEGACY else np.random.Generator
    found = [n for n in (*SIZE_AT, *_REARRANGING, "rand", "randn") if hasattr(holder, n)]
    return [*found, "ranf", "sample"] if kind == LEGACY else found


def call(reader: Reader, name: str, args: list[Any], keywords: dict[str, Any]) -> Any:
    """Return the result of a function of ``np.random``."""
    draws = reader.draws
    if name in ("default_rng", "RandomState", "Generator", *BIT_GENERATORS):
        return _made(reader, name, args, keywords)
    if name == "seed":
        seed(reader, draws.numpy, args, keywords)
        return None
    return drawn(reader, draws.numpy, name, args, keywords)


def method(reader: Reader, stream: Stream, name: str, args: list[Any], keywords: dict[str, Any]) -> Any:
    """Return the result of a method of a generator object."""
    if name == "seed" and stream.kind == LEGACY:
        seed(reader, stream, args, keywords)
        return None
    return drawn(reader, stream, name, args, keywords)


def seed(reader: Reader, stream: Stream, args: list[Any], keywords: dict[str, Any]) -> None:
    """Seed a generator of the old kind."""
    check_alone(reader)
    state, why = _state(reader, "np.random.seed", "RandomState", args, keywords)
    stream.seed(state, why)


def _made(reader: Reader, name: str, args: list[Any], keywords: dict[str, Any]) -> Stream:
    kind = LEGACY if name == "RandomState" else BITS if name in BIT_GENERATORS else GENERATOR
    first = args[0] if len(args) == 1 and not keywords else None
    if name == "default_rng" and isinstance(first, Stream) and first.kind == GENERATOR:
        return first
    return reader.draws.new(kind, *_state(reader, f"np.random.{name}", name, args, keywords))


def _state(reader: Reader, what: str, maker: str, args: list[Any], keywords: dict[str, Any]) -> tuple[Any, str]:
    """Return a generator of NumPy as the text makes it, or None and the reason."""
    given, options = [plain(reader, a) for a in args], {k: plain(reader, v) for k, v in keywords.items()}
    if all(v is None for v in (*given, *options.values())):
        return None, ""
    if not all(map(is_known, (*given, *options.values()))):
        return None, f"the seed on line {reader.line} is not known"
    for value in (*given, *options.values()):
        if isinstance(value, Stream) and value.state is None:
            return None, value.why
    states = [v.state if isinstance(v, Stream) else v for v in given]
    more = {k: v.state if isinstance(v, Stream) else v for k, v in options.items()}
    return attempt(reader, what, lambda: getattr(np.random, maker)(*states, **more)), ""


def drawn(reader: Reader, stream: Stream, name: str, args: list[Any], keywords: dict[str, Any]) -> Any:
    """Return what a generator draws: numbers where its state is known or the caller gave a seed, else a shape."""
    known = names_of(stream.kind) if stream.kind != BITS else []
    what = f"np.random.{name}" if stream is reader.draws.numpy else f"{name} of a random generator"
    if name not in known:
        raise ReadError(f"the random function {what} is not known{nearest(name, known)}", reader.line)
    if keywords.get("out") is not None:
        raise ReadError(f"{what} with out= cannot be read", reader.line)
    keywords = {k: v for k, v in keywords.items() if k != "out"}
    used(reader, stream)
    if name in _REARRANGING:
        return _rearranged(reader, stream, what, name, args, keywords)
    shape: Shape | None
    if name in ("rand", "randn"):
        shape = _shape(reader, args)
        given, options = list[Any](shape), dict(keywords)
    else:
        at = SIZE_AT[name]
        given, options = [plain(reader, a) for a in args], {k: plain(reader, v) for k, v in keywords.items()}
        size = args[at] if at < len(args) else keywords.get("size")
        shape = None if size is None else _shape(reader, [size])
        if shape is not None and at < len(args):
            given[at] = shape
        elif shape is not None:
            options["size"] = shape
    options = {k: _type(v) for k, v in options.items()}
    given = [_type(v) for v in given]
    small(reader, what, shape or (), (*given, *options.values()))
    if shape is not None and not all(isinstance(s, int) for s in shape):
        stream.lose(f"an array of symbolic size is drawn on line {reader.line}")
        return given_back(reader, stream, None, shape)
    if not all(map(is_known, (*given, *options.values()))):
        return _of_unknown(reader, stream, what, name, shape, given, options)
    return _numbers(reader, stream, what, name, given, options)


def _shape(reader: Reader, given: Sequence[Any]) -> Shape:
    """Return a shape from arguments, arrays of sizes among them."""
    first = plain(reader, given[0]) if len(given) == 1 and isinstance(given[0], Form) else None
    if isinstance(first, np.ndarray):
        return tuple(int(s) for s in first.ravel())
    return tuple(sizes_of(reader, list(given)))


def _type(value: Any) -> Any:
    """Return a type of NumPy or Python for its path."""
    if not isinstance(value, Library):
        return value
    name = value.path.rpartition(".")[2]
    return {"int": int, "float": float, "bool": bool}.get(name) or getattr(np, name, value)


def _numbers(
    reader: Reader, stream: Stream, what: str, name: str, given: Sequence[Any], options: Mapping[str, Any]
) -> Form:
    """Let NumPy draw: from the text's generator, the caller's, or one that tells the shape alone."""
    spare = reader.draws.spare
    if stream.state is not None:
        value = attempt(reader, what, lambda: _function(stream.state, name)(*given, **options))
    else:
        holder: Any = np.random.RandomState(0) if stream.kind == LEGACY else np.random.default_rng(0)
        value = attempt(reader, what, lambda: _function(holder, name)(*given, **options))
        if spare is None:
            return given_back(reader, stream, None, np.shape(value))
        if name in ("rand", "randn"):
            given = [tuple(given)]
        if hasattr(spare, _SPARE_NAMES.get(name, name)):
            value = attempt(reader, what, lambda: getattr(spare, _SPARE_NAMES.get(name, name))(*given, **options))
    if not isinstance(value, (int, float, np.ndarray, np.generic)) or np.asarray(value).dtype.kind not in "iufb":
        raise ReadError(f"what {what} draws is not an array of numbers", reader.line)
    return given_back(reader, stream, value, np.shape(value))


def _function(holder: Any, name: str) -> Callable[..., Any]:
    if name in ("ranf", "sample"):
        name = "random_sample"
    function: Callable[..., Any] = getattr(holder, name)
    return function


def _of_unknown(
    reader: Reader,
    stream: Stream,
    what: str,
    name: str,
    shape: Shape | None,
    given: Sequence[Any],
    options: Mapping[str, Any],
) -> Form:
    """Return a draw whose parameters have no values: its shape is theirs together, where the call names none."""
    stream.lose(f"{what} draws by numbers that are not known on line {reader.line}")
    if shape is None:
        arrays = [v for k, v in (*enumerate(given), *options.items()) if k not in ("dtype", "method")]
        found = [v.shape if isinstance(v, Unknown) else np.shape(v) for v in arrays if v is not None]
        if name in ("multivariate_normal", "dirichlet", "multinomial", "multivariate_hypergeometric"):
            raise ReadError(f"{what} needs numbers known from the code", reader.line)
        if any(not isinstance(s, int) for one in found for s in one):
            raise ReadError(f"{what} needs a size known from the code", reader.line)
        shape = attempt(reader, what, lambda: np.broadcast_shapes(*found))
    return given_back(reader, stream, None, shape)


# --- order --------------------------------------------------------------------------------------------------------------


def _rearranged(reader: Reader, stream: Stream, what: str, name: str, args: list[Any], keywords: dict[str, Any]) -> Any:
    """Return what permutation, shuffle, permuted and choice take from an array, a list, or the whole numbers below one."""
    label = "a" if name == "choice" else "x"
    if not args and label not in keywords:
        raise ReadError(f"{what} needs {label}", reader.line)
    source = args[0] if args else keywords[label]
    rest, more = list(args[1:]), {k: v for k, v in keywords.items() if args or k != label}
    given, options = [plain(reader, a) for a in rest], {k: plain(reader, v) for k, v in more.items()}
    sized = given[0] if given and name == "choice" else options.get("size") if name == "choice" else None
    small(reader, what, (sized if isinstance(sized, (tuple, list)) else [sized]) if sized is not None else ())
    if not all(map(is_known, (*given, *options.values()))):
        stream.lose(f"{what} draws by numbers that are not known on line {reader.line}")
        raise ReadError(f"{what} needs numbers known from the code", reader.line)
    if isinstance(source, range):
        source = reader.form(list(source))
    array = numbers(list(source)) if isinstance(source, (list, tuple)) and name != "shuffle" else None
    count = plain(reader, source)
    if array is not None:
        source = reader.literal(array)
    elif isinstance(source, (list, tuple)):
        return _of_list(reader, stream, what, name, list(source), given, options)
    if isinstance(count, (int, float)) or (isinstance(source, Form) and not source.shape):
        return _below(reader, stream, what, name, count, given, options)
    if not isinstance(source, Form) or any(not isinstance(s, int) for s in source.shape):
        raise ReadError(f"{what} needs an array whose shape is known", reader.line)
    return _of_array(reader, stream, what, name, source, given, options)


def _order(
    reader: Reader, stream: Stream, what: str, name: str, source: Any, given: Sequence[Any], options: Mapping[str, Any]
) -> tuple[Any, Shape]:
    """Return what a rearranging function makes of an array of positions, None where it is not known, and its shape."""

    def run(holder: Any) -> Any:
        if name != "shuffle":
            return getattr(holder, name)(source, *given, **options)
        changed = np.array(source) if isinstance(source, np.ndarray) else list(source)
        holder.shuffle(changed, *given, **options)
        return changed

    if stream.state is not None:
        value = attempt(reader, what, lambda: run(stream.state))
        return value, np.shape(value)
    foreign(reader, stream)
    holder: Any = np.random.RandomState(0) if stream.kind == LEGACY else np.random.default_rng(0)
    value = attempt(reader, what, lambda: run(holder))
    if reader.draws.spare is None:
        return None, np.shape(value)
    return attempt(reader, what, lambda: run(reader.draws.spare)), np.shape(value)


def _below(
    reader: Reader, stream: Stream, what: str, name: str, count: Any, given: Sequence[Any], options: Mapping[str, Any]
) -> Form:
    if isinstance(count, Unknown) or name in ("shuffle", "permuted"):
        raise ReadError(f"{what} needs an array, or a whole number known from the code", reader.line)
    small(reader, what, (count,) if isinstance(count, int) else ())
    value, shape = _order(reader, stream, what, name, count, given, options)
    return reader.literal(value if value is None else np.asarray(value), shape=shape, random=True)


def _of_list(
    reader: Reader,
    stream: Stream,
    what: str,
    name: str,
    items: list[Any],
    given: Sequence[Any],
    options: Mapping[str, Any],
) -> Any:
    """Return an entry of a list, or the list in another order."""
    places = list(range(len(items))) if name != "choice" else len(items)
    order, _ = _order(reader, stream, what, name, places, given, options)
    if order is None:
        raise ReadError(
            f"what {what} takes from the list is not known; seed it in the code, or give a seed", reader.line
        )
    return items[int(order)] if not np.ndim(order) else [items[int(k)] for k in np.ravel(order)]


def _of_array(
    reader: Reader, stream: Stream, what: str, name: str, source: Form, given: Sequence[Any], options: Mapping[str, Any]
) -> Form:
    """Return rows of an array, or its entries in another order, by what the function does to an array of positions."""
    shape = tuple(int(s) for s in source.shape)
    small(reader, what, shape)
    if name == "choice":
        axis = int(options.get("axis", given[3] if len(given) > 3 else 0)) % len(shape)
        few = {k: v for k, v in options.items() if k != "axis"}
        shown = [*given[:3], 0, *given[4:]] if len(given) > 3 else list(given)
        if stream.kind == LEGACY and len(shape) != 1:
            raise ReadError(f"{what}: a must be 1-dimensional", reader.line)
        order, found = _order(reader, stream, what, name, shape[axis], shown, few)
        return taken(reader, source, order, found, axis)
    places = np.arange(int(np.prod(shape))).reshape(shape)
    order, _ = _order(reader, stream, what, name, places, given, options)
    value = number_of(reader, source) if reader.is_literal(source) else None
    if value is not None and order is not None:
        return reader.literal(np.ravel(value)[order], torch=reader.is_torch(source), random=True)
    if reader.is_literal(source):
        return reader.literal(None, shape=shape, torch=reader.is_torch(source), random=True)
    if name == "permuted":
        raise ReadError(
            f"{what} moves single entries of an array of shape {shape_text(shape)}, which cannot be read", reader.line
        )
    axis = int(options.get("axis", given[0] if given else 0)) % len(shape)
    if order is None:
        return taken(reader, source, None, (shape[axis],), axis)
    first = np.moveaxis(order, axis, 0).reshape(shape[axis], -1)[:, 0]
    return taken(reader, source, np.unravel_index(first, shape)[axis], (shape[axis],), axis)
