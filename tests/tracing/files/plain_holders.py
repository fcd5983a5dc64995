"""Numbers kept in whatever the standard library has: a deque, a namespace and a tuple."""

import math
from collections import deque
from types import SimpleNamespace

x = 0.6
poly = deque([0.5, -0.4])
made = SimpleNamespace(gain=1.5, label="amplifier")
pair = (0.3, 1.1)

for _ in range(12):
    inner = poly[0] + poly[1] * x
    out = pair[0] * made.gain * inner + math.tanh(pair[1])
    loss = (out - 0.2) ** 2
    slope = 2 * (out - 0.2)
    d = [slope * made.gain * pair[0], slope * made.gain * pair[0] * x, slope * pair[0] * inner, slope * made.gain * inner]
    d.append(slope * (1 - math.tanh(pair[1]) ** 2))
    poly[0] -= 0.05 * d[0]
    poly[1] = poly[1] - 0.05 * d[1]
    made.gain -= 0.05 * d[2]
    pair = (pair[0] - 0.05 * d[3], pair[1] - 0.05 * d[4])
print(poly, made, pair)
