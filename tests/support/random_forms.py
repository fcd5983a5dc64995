"""Random Forms, each built side by side with its value in plain NumPy."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from symback.core.errors import ShapeError
from symback.core.forms import (
    Form,
    Get,
    Name,
    apply,
    broadcast_to,
    concatenate,
    einsum,
    gather,
    get,
    name,
    one_hot,
    outer,
    pad,
    put,
    reduce_over,
    reshape,
    size,
    transpose,
    where,
    windows,
)
from symback.functions import ROWS
from tests.support.plain import SPOKEN, one_hot_value, put_into, softmax, windows_value

N, M = size("n"), size("m")
SIZES = {N: 4, M: 7}
"""Two symbolic sizes, and what they stand for."""


def length(one: Any) -> int:
    return one if isinstance(one, int) else SIZES[one]


@dataclass
class Growth:
    """Forms with their values, grown by random operations from leaves; one seed gives the same ones every time."""

    seed: int
    smooth: bool = False
    pool: list[tuple[Form, Any]] = field(default_factory=list)
    environment: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.draw = random.Random(self.seed)
        self.numbers = np.random.default_rng(self.seed)
        for _ in range(4):
            self.leaf(
                tuple(self.draw.choice([1, 1, 2, 3, 3, 5, N, M]) for _ in range(self.draw.choice([0, 1, 2, 2, 3])))
            )
        square = self.draw.choice([2, 3, N])
        self.leaf((square, square))

    def leaf(self, shape: tuple[Any, ...]) -> tuple[Name, Any]:
        label = f"x{len(self.environment)}"
        value = self.numbers.uniform(0.2, 0.9, tuple(map(length, shape)))
        made = name(label, shape)
        self.environment[label] = value
        self.pool.append((made, value))
        return made, value

    def pick(self, fits: Callable[[Form], bool] = lambda form: True) -> tuple[Form, Any] | None:
        """Return one of the pool, later ones more often."""
        found = [pair for pair in self.pool if fits(pair[0])]
        return self.draw.choice(found[-4:] if self.draw.random() < 0.6 else found) if found else None

    def grow(self, count: int) -> tuple[Form, Any]:
        """Add ``count`` operations and return the last Form with its value."""
        made = 0
        while made < count:
            name_of_step = self.draw.choice(self.STEPS)
            found = getattr(self, "_" + name_of_step)()
            if found is None or np.size(found[1]) > 3000 or np.abs(found[1]).max(initial=0) > 1e4:
                continue
            assert np.isfinite(found[1]).all()
            self.pool.append(found)
            made += 1
        return self.pool[-1]

    STEPS = (
        "arithmetic",
        "arithmetic",
        "arithmetic",
        "quotient",
        "matmul",
        "matmul",
        "outer",
        "transpose",
        "reduce",
        "reduce",
        "get",
        "expand",
        "broadcast",
        "put",
        "one_hot",
        "einsum",
        "choice",
        "entrywise",
        "softmax",
        "scaled",
    )
    EVERY = (*STEPS, "reshape", "concatenate", "pad", "gather", "windows")
    """The steps above, and those that move entries about."""

    def _partner(self, form: Form) -> tuple[Form, Any] | None:
        def fits(other: Form) -> bool:
            pairs = zip(reversed(form.shape), reversed(other.shape), strict=False)
            return all(a == b or a == 1 or b == 1 for a, b in pairs)

        return self.pick(fits)

    def _arithmetic(self) -> tuple[Form, Any] | None:
        a = self.pick()
        b = self._partner(a[0])
        sign = self.draw.choice("+-*")
        if sign == "+":
            return a[0] + b[0], a[1] + b[1]
        if sign == "-":
            return a[0] - b[0], a[1] - b[1]
        return a[0] * b[0], a[1] * b[1]

    def _scaled(self) -> tuple[Form, Any] | None:
        a = self.pick()
        number = self.draw.choice([2, -1, 0.5, 0.1, 3])
        kind = self.draw.randrange(5)
        if kind == 0:
            return number * a[0], number * a[1]
        if kind == 1:
            return a[0] / number, a[1] / number
        if kind == 2:
            return number - a[0], number - a[1]
        if kind == 3:
            return a[0] ** 2, a[1] ** 2
        return -a[0], -a[1]

    def _quotient(self) -> tuple[Form, Any] | None:
        a = self.pick()
        b = self._partner(a[0])
        return a[0] / (1 + b[0] ** 2), a[1] / (1 + b[1] ** 2)

    def _matmul(self) -> tuple[Form, Any] | None:
        a = self.pick(lambda form: form.ndim >= 1)
        if a is None:
            return None
        inner = a[0].shape[-1]

        def fits(other: Form) -> bool:
            if not other.ndim or other.shape[-2 if other.ndim > 1 else 0] != inner:
                return False
            pairs = zip(reversed(a[0].shape[:-2]), reversed(other.shape[:-2]), strict=False)
            return all(x == y or x == 1 or y == 1 for x, y in pairs)

        b = self.pick(fits)
        return None if b is None else (a[0] @ b[0], a[1] @ b[1])

    def _outer(self) -> tuple[Form, Any] | None:
        a, b = self.pick(lambda form: form.ndim == 1), self.pick(lambda form: form.ndim == 1)
        return None if a is None else (outer(a[0], b[0]), np.outer(a[1], b[1]))

    def _transpose(self) -> tuple[Form, Any] | None:
        a = self.pick(lambda form: form.ndim >= 2)
        if a is None:
            return None
        axes = list(range(a[0].ndim))
        self.draw.shuffle(axes)
        return transpose(a[0], axes), np.transpose(a[1], axes)

    def _reduce(self) -> tuple[Form, Any] | None:
        a = self.pick(lambda form: form.ndim >= 1)
        if a is None:
            return None
        kind = self.draw.choice(["sum", "sum", "mean"] + ([] if self.smooth else ["max", "min"]))
        axes = tuple(sorted(self.draw.sample(range(a[0].ndim), self.draw.randint(1, a[0].ndim))))
        keepdims = self.draw.random() < 0.4
        return reduce_over(kind, a[0], axes, keepdims), getattr(np, kind)(a[1], axis=axes, keepdims=keepdims)

    def _index(self, shape: tuple[Any, ...]) -> tuple[Any, ...]:
        items: list[Any] = []
        for one in shape:
            if not isinstance(one, int) or self.draw.random() < 0.3:
                items.append(slice(None))
            elif self.draw.random() < 0.4:
                items.append(self.draw.randrange(-one, one))
            else:
                start = self.draw.randrange(one)
                step = self.draw.choice([1, 2, -1, -2])
                items.append(slice(start, None, step))
        return tuple(items)

    def _get(self) -> tuple[Form, Any] | None:
        a = self.pick(lambda form: form.ndim >= 1)
        if a is None:
            return None
        index = self._index(a[0].shape)
        return get(a[0], index), a[1][index]

    def _expand(self) -> tuple[Form, Any] | None:
        a = self.pick(lambda form: form.ndim <= 2)
        if a is None:
            return None
        items: list[Any] = [slice(None)] * a[0].ndim
        items.insert(self.draw.randint(0, a[0].ndim), None)
        return a[0][tuple(items)], a[1][tuple(items)]

    def _broadcast(self) -> tuple[Form, Any] | None:
        a = self.pick(lambda form: form.ndim <= 2)
        if a is None:
            return None
        shape = tuple(self.draw.choice([1, 2, N]) if one == 1 else one for one in a[0].shape)
        shape = (*[self.draw.choice([1, 3])] * self.draw.randint(0, 1), *shape)
        return broadcast_to(a[0], shape), np.broadcast_to(a[1], tuple(map(length, shape)))

    def _put(self) -> tuple[Form, Any] | None:
        shape = tuple(self.draw.choice([2, 3, 5]) for _ in range(self.draw.randint(1, 2)))
        index = self._index(shape)
        target = get(name("target", shape), index)
        if not isinstance(target, Get):
            return None
        a = self.pick(lambda form: form.shape == target.shape)
        return None if a is None else (put(a[0], target.index, shape), put_into(a[1], shape, index))

    def _one_hot(self) -> tuple[Form, Any] | None:
        label = f"i{len(self.environment)}"
        rows, classes = self.draw.choice([2, N]), self.draw.choice([2, 3])
        value = self.numbers.integers(0, classes, length(rows))
        self.environment[label] = value
        return one_hot(name(label, (rows,)), classes), one_hot_value(value, classes)

    def _einsum(self) -> tuple[Form, Any] | None:
        parts = [self.pick(lambda form: 1 <= form.ndim <= 2) for _ in range(self.draw.randint(1, 3))]
        if any(p is None for p in parts):
            return None
        known: dict[Any, list[int]] = {}
        count = 0
        labels = []
        for form, _ in parts:
            mine: list[int] = []
            for one in form.shape:
                used = [k for k in known.get(one, []) if k not in mine]
                if used and self.draw.random() < 0.7:
                    mine.append(self.draw.choice(used))
                else:
                    known.setdefault(one, []).append(count)
                    mine.append(count)
                    count += 1
            labels.append(tuple(mine))
        kept = [k for k in range(count) if self.draw.random() < 0.5]
        self.draw.shuffle(kept)
        if len(kept) > 3:
            return None
        operands: list[Any] = []
        for (_, value), mine in zip(parts, labels, strict=True):
            operands += [value, list(mine)]
        return einsum(labels, tuple(kept), [form for form, _ in parts]), np.einsum(*operands, kept)

    def _reshape(self) -> tuple[Form, Any] | None:
        a = self.pick(lambda form: 1 <= form.ndim <= 3)
        if a is None:
            return None
        sizes: list[Any] = []
        left = 1
        for one in a[0].shape:
            if isinstance(one, int):
                left *= one
            else:
                sizes += [left, one] if left > 1 else [one]
                left = 1
        for factor in (2, 3, 5):
            while left % factor == 0 and left > 1 and self.draw.random() < 0.7:
                sizes.append(factor)
                left //= factor
        sizes += [left] if left > 1 or not sizes else []
        try:
            return reshape(a[0], sizes), a[1].reshape(tuple(map(length, sizes)))
        except ShapeError:
            return None  # a symbolic size would be mixed with others

    def _concatenate(self) -> tuple[Form, Any] | None:
        a = self.pick(lambda form: any(isinstance(s, int) for s in form.shape))
        if a is None:
            return None
        axis = self.draw.choice([k for k, s in enumerate(a[0].shape) if isinstance(s, int)])

        def fits(other: Form) -> bool:
            return (
                other.ndim == a[0].ndim
                and isinstance(other.shape[axis], int)
                and all(k == axis or x == y for k, (x, y) in enumerate(zip(other.shape, a[0].shape, strict=True)))
            )

        parts = [a, *[self.pick(fits) for _ in range(self.draw.randint(1, 2))]]
        return concatenate([f for f, _ in parts], axis), np.concatenate([v for _, v in parts], axis)

    def _pad(self) -> tuple[Form, Any] | None:
        a = self.pick(lambda form: form.ndim >= 1)
        if a is None:
            return None
        widths = [
            (self.draw.randint(0, 2), self.draw.randint(0, 1)) if isinstance(s, int) else (0, 0) for s in a[0].shape
        ]
        return pad(a[0], widths), np.pad(a[1], widths)

    def _gather(self) -> tuple[Form, Any] | None:
        a = self.pick(lambda form: any(isinstance(s, int) for s in form.shape))
        if a is None:
            return None
        axis = self.draw.choice([k for k, s in enumerate(a[0].shape) if isinstance(s, int)])
        shape = tuple(self.draw.choice([2, 3, N]) for _ in range(self.draw.choice([1, 1, 2])))
        label = f"i{len(self.environment)}"
        value = self.numbers.integers(0, a[0].shape[axis], tuple(map(length, shape)))
        self.environment[label] = value
        return gather(a[0], name(label, shape), axis), np.take(a[1], value, axis)

    def _windows(self) -> tuple[Form, Any] | None:
        a = self.pick(lambda form: any(isinstance(s, int) and s >= 2 for s in form.shape))
        if a is None:
            return None
        axis = self.draw.choice([k for k, s in enumerate(a[0].shape) if isinstance(s, int) and s >= 2])
        size = self.draw.randint(1, min(3, a[0].shape[axis]))
        stride, dilation = self.draw.choice([1, 1, 2]), self.draw.choice([1, 1, 2])
        if dilation * (size - 1) + 1 > a[0].shape[axis]:
            return None
        return windows(a[0], axis, size, stride, dilation), windows_value(a[1], axis, size, stride, dilation)

    def _choice(self) -> tuple[Form, Any] | None:
        if self.smooth:
            return None
        a = self.pick()
        b = self._partner(a[0])
        bound = self.draw.choice([0.4, 0.6])
        return where(a[0] > bound, a[0], b[0] - 1), np.where(a[1] > bound, a[1], b[1] - 1)

    def _entrywise(self) -> tuple[Form, Any] | None:
        a = self.pick()
        if np.abs(a[1]).max(initial=0) > 8:
            return None
        label = self.draw.choice(
            ["sigmoid", "tanh", "softplus", "exp", "sin", "cos", "log", "sqrt"]
            + ([] if self.smooth else ["relu", "absolute", "maximum", "clip"])
        )
        if label in ("exp", "sin", "cos"):
            return apply(label, a[0]), getattr(np, label)(a[1])
        if label in ("log", "sqrt"):
            return apply(label, 2 + a[0] ** 2), getattr(np, label)(2 + a[1] ** 2)
        if label == "maximum":
            b = self._partner(a[0])
            return ROWS[label](a[0], b[0]), np.maximum(a[1], b[1])
        if label == "clip":
            return ROWS[label](a[0], 0.3, 0.7), np.clip(a[1], 0.3, 0.7)
        return ROWS[label](a[0]), SPOKEN[label](a[1])

    def _softmax(self) -> tuple[Form, Any] | None:
        a = self.pick(lambda form: form.ndim >= 1)
        if a is None:
            return None
        axis = self.draw.randrange(a[0].ndim)
        return ROWS["softmax"](a[0], axis=axis), softmax(a[1], axis)
