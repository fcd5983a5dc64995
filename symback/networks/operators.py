"""The functions users write formulas with: on Forms they give Forms, on SymPy expressions SymPy functions.

Every row of the tables is here by its name (``sigmoid``, ``softmax``, ``mse``, …) and by PyTorch's (``logsigmoid``,
``mse_loss``); NumPy's names are here as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixElement

from symback.core import forms
from symback.core.errors import NetworkError, SymbackError, nearest
from symback.core.forms import Form, Function, apply, as_form, make_shape, shape_text
from symback.core.operations import ELEMENTARY
from symback.engine.elements import SYMPY_FUNCTIONS
from symback.functions import ALIASES, ROWS, edition, row_called
from symback.functions.losses import DOMAINS

_SHORT = {"abs": "absolute"}


def _is_sympy(values: tuple[Any, ...]) -> bool:
    return any(isinstance(v, sp.Basic) for v in values) and not any(isinstance(v, Form) for v in values)


@lru_cache(maxsize=256)
def sympy_function(name: str, options: tuple[tuple[str, Any], ...] = ()) -> Any:
    """Return the SymPy Function class of a row; ``sb.network`` reads it back as the row, with these ``options``."""
    return type(name, (sp.Function,), {"__doc__": f"The function {name} of symback's tables.", "options": options})


class MatrixFunction(sp.MatrixExpr):
    """A function of the tables that works on whole matrices, as softmax on a column; it has the shape of its result."""

    options: tuple[tuple[str, Any], ...] = ()

    def __new__(cls, *arguments: Any) -> Any:
        return sp.Basic.__new__(cls, *map(sp.sympify, arguments))

    @property
    def shape(self) -> tuple[Any, ...]:
        """The shape of its first argument."""
        return tuple(self.args[0].shape)

    def _entry(self, i: Any, j: Any, **_: Any) -> Any:
        return MatrixElement(self, i, j)


@lru_cache(maxsize=256)
def matrix_function(name: str, options: tuple[tuple[str, Any], ...] = ()) -> Any:
    """Return the class of a row that works on matrices of SymPy; ``sb.network`` reads it back as the row."""
    return type(name, (MatrixFunction,), {"__doc__": f"The function {name} of symback's tables.", "options": options})


def _of_symbols(name: str, arguments: tuple[Any, ...], parameters: dict[str, Any]) -> Any:
    """Return a call on SymPy expressions, its arguments and options checked as those of a call on Forms are."""
    row = ROWS.get(name)
    if row is None:
        return sympy_function(name)(*arguments)
    options = tuple(sorted(parameters.items()))
    try:
        hash(options)
    except TypeError:
        raise NetworkError(
            f"an option of {name} is an array, which a SymPy expression cannot hold; build with Forms"
        ) from None
    if row.inline:
        row(
            *[
                forms.name(f"_{k}", ("_m", "_n") if getattr(a, "is_Matrix", False) else ())
                for k, a in enumerate(arguments)
            ],
            **parameters,
        )
    whole = not row.entrywise and not row.inline and getattr(arguments[0], "is_Matrix", False)
    return (matrix_function if whole else sympy_function)(name, options)(*arguments)


def _entrywise(name: str) -> Callable[..., Any]:
    def function(*arguments: Any, **parameters: Any) -> Any:
        if _is_sympy(arguments):
            row = ROWS.get(name)
            if parameters or (row is not None and (row.inline or not row.entrywise)):
                return _of_symbols(name, arguments, parameters)
            made = SYMPY_FUNCTIONS.get(name) or sympy_function(name)
            if any(getattr(a, "is_Matrix", False) for a in arguments):
                variable = sp.Dummy("v")
                return arguments[0].applyfunc(sp.Lambda(variable, made(variable, *arguments[1:])))
            return made(*arguments)
        if name in ELEMENTARY:
            return apply(name, *[as_form(a) for a in arguments])
        return ROWS[name](*arguments, **parameters)

    row = ROWS.get(name)
    function.__name__ = function.__qualname__ = name
    function.__doc__ = _documentation(name, row)
    return function


def _documentation(name: str, row: Function | None) -> str:
    if row is None or row.definition is None:
        parts = [f"Return {name} of a Form, entry by entry, or of a SymPy expression.", _shapes_text(None)]
        return "\n\n".join([*parts, _call_text(name, (forms.name("x", make_shape(("n", 4))),), {}, "(n, 4)")])
    text = row.title or name
    found = _example(row)
    scalars = tuple(forms.name(a) for a in row.argument_names[: row.arguments])
    calls: list[tuple[tuple[Form, ...], dict[str, Any]]] = [] if found is None else [found[:2]]
    calls.insert(len(calls) if "reduction" in row.parameters else 0, (scalars, {}))
    for given, options in calls:
        try:
            text = f"{row.title or name}: {row.definition(*given, **options)}"
        except Exception:  # a definition along an axis has no scalar text
            continue
        break
    parts = [f"Return {text}.", _shapes_text(row)]
    if row.kinks:
        parts.append(f"Kinks: {row.kinks}.")
    if row.inline and row.parameters:
        parts.append(f"Options: {', '.join(f'{k}={v!r}' for k, v in row.parameters.items())}.")
    parts += [f"The {argument} is {DOMAINS[domain]}." for argument, domain in row.domains.items()]
    if found is not None:
        indices = [a for a in row.argument_names if a == "index" or row.domains.get(a) in ("classes", "labels")]
        parts.append(_call_text(name, *found, indices))
    if row.source:
        parts.append(f"Source: {row.source}")
    return "\n\n".join(parts)


def _shapes_text(row: Function | None) -> str:
    """Say what shapes go in and come out, and what is raised where they do not fit."""
    if row is None or (row.entrywise and not row.inline):
        return "Shapes: entry by entry; the arguments broadcast. Raises ShapeError where they do not."
    if "reduction" in row.parameters:
        return (
            "Shapes: one number, or with reduction='none' one loss per entry or row. "
            "Raises ShapeError where the arguments do not fit together."
        )
    if "axis" in row.parameters:
        return "Shapes: along one axis, by default the last. Raises ShapeError for an axis that is not there."
    return "Raises ShapeError where the shapes of the arguments do not fit together."


_SHAPES: tuple[tuple[tuple[int | str, ...], ...], ...] = (
    (("n", 4),) * 5,
    (("n", 4), ("n",)),
    (("n", 4), ("n", 4), ("n",)),
    (("n", 2, 8), (4, 2, 3)),
    (("n", 2, 8, 8), (4, 2, 3, 3)),
    (("n", 2, 8, 8, 8), (4, 2, 3, 3, 3)),
    ((3, 2, 8), (2, 4, 3)),
    ((3, 2, 8, 8), (2, 4, 3, 3)),
    ((3, 2, 8, 8, 8), (2, 4, 3, 3, 3)),
    (("n", 2), ("n", 3), (4, 2, 3)),
    ((3, 4),),
)
"""Shapes of the arguments of an example; the first that fit are taken."""
_OPTIONS = {"kernel_size": 2, "training": True}
"""Options without which an example says little."""


def _example(row: Function) -> tuple[tuple[Form, ...], dict[str, Any], str] | None:
    """Return arguments and options of a call on Forms, and the shape it gives; None where no usual shapes fit."""
    labels = row.argument_names[: row.arguments - len(row.defaults)]
    options = {k: v for k, v in _OPTIONS.items() if k in row.parameters}
    for shapes in _SHAPES:
        given = tuple(forms.name(label, make_shape(shape)) for label, shape in zip(labels, shapes, strict=False))
        if len(given) == len(labels):
            try:
                return given, options, shape_text(row(*given, **options).shape)
            except SymbackError:
                continue
    return None


def _call_text(
    name: str, given: tuple[Form, ...], options: Mapping[str, Any], shape: str, indices: Sequence[str] = ()
) -> str:
    """Return an example that shows the shape of a result."""
    inputs = []
    for argument in given:
        label = str(argument)
        sizes = ", ".join(f'"{s}"' if not isinstance(s, int) else str(s) for s in argument.shape)
        spelled = f"({sizes},)" if argument.ndim == 1 else f"({sizes})"
        inputs.append(
            f'net.input("{label}", {spelled}{", integer=True" if label in indices and argument.ndim < given[0].ndim else ""})'
        )
    called = ", ".join([*inputs, *(f"{k}={v}" for k, v in options.items())])
    return f">>> import symback as sb\n>>> net = sb.Network()\n>>> sb.{name}({called}).shape\n{shape}"


def public_names() -> dict[str, str]:
    """Return every name that ``operator`` knows, with the name of the function it stands for.

    >>> names = public_names()
    >>> names["relu"], names["mse_loss"], names["abs"]
    ('relu', 'mse', 'absolute')
    """
    short = {alias.rpartition(".")[2] for alias in ALIASES if alias.count(".") < 2}
    found = {name: row.name for name in sorted(short) if (row := row_called(name)) is not None}
    return {**found, **_SHORT, **{name: name for name in (*ROWS, *ELEMENTARY)}}


def operator(name: str) -> Callable[..., Any]:
    """Return the public function of that name; raises NetworkError for an unknown one."""
    return _operator(name, edition())


@lru_cache(maxsize=256)
def _operator(name: str, _edition: int) -> Callable[..., Any]:
    label = _SHORT.get(name, name)
    if label in ROWS or label in ELEMENTARY:
        return _entrywise(label)
    row = row_called(label)
    if row is not None:  # PyTorch's name of a row
        return _operator(row.name, _edition)
    raise NetworkError(f"there is no function {name}{nearest(name, [*ROWS, *ELEMENTARY])}")


def sum(a: Form | float, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Form:
    """Return the sum of ``a`` over ``axis`` (None: all axes).

    Shapes: the axes summed over go away, or with ``keepdims`` have length 1. Raises ShapeError for an axis that ``a``
    does not have.

    >>> a = forms.name("a", make_shape(("n", 3)))
    >>> sum(a, axis=0), sum(a, axis=0).shape, sum(a, axis=0, keepdims=True).shape
    (a.sum(axis=0), (3,), (1, 3))

    Source: https://numpy.org/doc/stable/reference/generated/numpy.sum.html
    """
    return forms.reduce_over("sum", a, axis, keepdims)


def mean(a: Form | float, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Form:
    """Return the mean of ``a`` over ``axis`` (None: all axes): the sum over their number of entries.

    Shapes and errors are those of ``sum``.

    >>> a = forms.name("a", make_shape(("n", 3)))
    >>> mean(a), mean(a).shape
    (a.mean(), ())

    Source: https://numpy.org/doc/stable/reference/generated/numpy.mean.html
    """
    return forms.reduce_over("mean", a, axis, keepdims)


def max(a: Form | float, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Form:
    """Return the maximum of ``a`` over ``axis`` (None: all axes); its derivative is shared evenly among ties.

    Shapes and errors are those of ``sum``.

    >>> a = forms.name("a", make_shape(("n", 3)))
    >>> max(a, axis=1, keepdims=True), max(a, axis=1).shape
    (a.max(axis=1, keepdims=True), (n,))

    Source: https://pytorch.org/docs/stable/generated/torch.amax.html (which shares among ties as well)
    """
    return forms.reduce_over("max", a, axis, keepdims)


def min(a: Form | float, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Form:
    """Return the minimum of ``a`` over ``axis`` (None: all axes); its derivative is shared evenly among ties.

    Shapes and errors are those of ``sum``.

    >>> a = forms.name("a", make_shape(("n", 3)))
    >>> min(a, axis=-1)
    a.min(axis=1)

    Source: https://pytorch.org/docs/stable/generated/torch.amin.html (which shares among ties as well)
    """
    return forms.reduce_over("min", a, axis, keepdims)
