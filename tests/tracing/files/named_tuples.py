"""A straight line whose two numbers stand in a tuple with names."""

from typing import NamedTuple

import numpy as np


class Line(NamedTuple):
    slope: float
    offset: float


x = np.linspace(-1, 1, 9)
y = 0.7 * x + 0.1 + 0.05 * np.cos(9 * x)
line = Line(0.4, -0.2)

for _ in range(25):
    miss = np.tanh(line.slope * x + line.offset) - y
    loss = np.sum(miss**2) / 2
    miss = miss * (1 - (miss + y) ** 2)
    change = (np.sum(miss * x), np.sum(miss))
    line = line._replace(slope=line.slope - 0.1 * change[0], offset=line.offset - 0.1 * change[1])
print(line)
