"""Arrays of NumPy: what a student writes."""

from __future__ import annotations

from symback.functions.matrix_values import VALUE_SOURCES
from symback.run.codegen.arrays import Library, array_target
from symback.run.codegen.target import ArrayModule

NUMPY = ArrayModule("np", "import numpy as np")

_ONE_HOT = '''\
def one_hot(index, classes, dtype=float):
    """Rows of the identity matrix: 1 at the class index, else 0."""
    return ({np}.asarray(index)[..., None] == {np}.arange(classes)).astype(dtype)
'''

_PUT = '''\
def put(values, shape, index):
    """Zeros of a shape, with values added at an index."""
    result = {np}.zeros(shape)
    result[index] += values
    return result
'''

_PADDED = '''\
def padded(values, shape, index, number):
    """An array of a shape that holds one number, with values at an index."""
    result = {np}.full(shape, number)
    result[index] = values
    return result
'''

_SCATTER = '''\
def scatter(values, index, axis, shape):
    """Zeros of a shape, with each row of values added at its index along an axis."""
    result = {np}.zeros(shape)
    {np}.add.at(result, (slice(None),) * axis + (index,), values)
    return result
'''

_WINDOWS = '''\
def windows(a, axis, size, stride, dilation):
    """Windows that slide along an axis, which becomes two: (position, offset). A view, not a copy."""
    found = {np}.lib.stride_tricks.sliding_window_view(a, dilation * (size - 1) + 1, axis)
    found = {np}.moveaxis(found, -1, axis + 1)
    return found[(slice(None),) * axis + (slice(None, None, stride), slice(None, None, dilation))]
'''

_OVERLAP = '''\
def overlap(values, axis, length, stride, dilation):
    """Windows added up where they overlap: their axes (position, offset) become one of a length."""
    before = (slice(None),) * axis
    count, size = values.shape[axis : axis + 2]
    result = {np}.zeros(values.shape[:axis] + (length,) + values.shape[axis + 2 :])
    for k in range(size):
        start = dilation * k
        result[before + (slice(start, start + stride * count, stride),)] += values[before + (slice(None), k)]
    return result
'''

HELPERS = {
    "one_hot": _ONE_HOT,
    "put": _PUT,
    "padded": _PADDED,
    "scatter": _SCATTER,
    "windows": _WINDOWS,
    "overlap": _OVERLAP,
    **VALUE_SOURCES,
}
"""Sources of the functions that NumPy does not have."""

TARGET = array_target(
    "numpy",
    "arrays of NumPy",
    Library(NUMPY, HELPERS, scipy=True),
    # Saturated exponentials overflow on purpose: 1 / (1 + inf) is 0, as it should be.
    decorator='@np.errstate(all="ignore")',
    in_place=True,
)
