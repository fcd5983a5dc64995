"""What the functions mean in plain NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def sigmoid(z: Any) -> Any:
    return np.exp(-np.logaddexp(0, -z))


def logistic(z: Any) -> Any:
    """The sigmoid as lectures write it; it takes complex numbers as well."""
    return 1 / (1 + np.exp(-z))


def relu(z: Any) -> Any:
    return np.maximum(z, 0)


def softplus(z: Any) -> Any:
    return np.logaddexp(0, z)


def softmax(z: Any, axis: int = -1) -> Any:
    grown = np.exp(z - np.max(z, axis=axis, keepdims=True))
    return grown / grown.sum(axis=axis, keepdims=True)


def put_into(value: Any, shape: tuple[int, ...], index: Any) -> Any:
    result = np.zeros(shape)
    result[index] += value
    return result


def one_hot_value(index: Any, classes: int) -> Any:
    return np.eye(classes)[np.asarray(index, dtype=int)]


def windows_value(value: Any, axis: int, size: int, stride: int, dilation: int) -> Any:
    count = (value.shape[axis] - dilation * (size - 1) - 1) // stride + 1
    at = stride * np.arange(count)[:, None] + dilation * np.arange(size)
    return np.take(value, at, axis=axis)


SPOKEN: dict[str, Callable[..., Any]] = {
    "sigmoid": sigmoid,
    "tanh": np.tanh,
    "relu": relu,
    "softplus": softplus,
    "softmax": softmax,
    "absolute": np.abs,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "clip": np.clip,
    "put": put_into,
    "one_hot": one_hot_value,
    "windows": windows_value,
}
"""NumPy meanings of the functions that a Form's text calls."""
