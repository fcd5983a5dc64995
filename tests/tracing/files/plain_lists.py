"""A neuron and a linear unit without any library: weights in lists and in plain attributes, one example at a time."""

rows = [([2.0, 1.0], 1.5), ([-1.0, 0.5], 0.25), ([0.3, -1.2], -0.5)]
weights = [0.15, -0.35]


class Unit:
    def __init__(self, scale, offset):
        self.scale = scale
        self.offset = offset


unit = Unit(0.8, 0.25)
rate = 0.05

for epoch in range(3):
    for row, wanted in rows:
        total = unit.offset
        for j in range(len(row)):
            total += weights[j] * row[j]
        out = unit.scale * total
        error = out - wanted
        loss = error ** 2
        slope = 2 * error
        d_scale = slope * total
        d_offset = slope * unit.scale
        d_weights = [slope * unit.scale * v for v in row]
        for j in range(len(row)):
            weights[j] -= rate * d_weights[j]
        unit.scale -= rate * d_scale
        unit.offset = unit.offset - rate * d_offset
print(weights, unit.scale, unit.offset)
