"""Outer and inner products; ask for one with --loss e --wrt a."""

import numpy as np

a = np.array([1, 2])
b = np.array([10, 20, 30])
c = np.outer(a, b)
print(c.shape)

d = np.array([3, 4])
e = np.dot(a, d)
print(e)
