"""A parabola without NumPy: a dataclass holds its numbers in a list, which every step replaces."""

from dataclasses import dataclass, field


@dataclass
class Parabola:
    w: list = field(default_factory=lambda: [0.3, -0.2])
    b: float = 0.1


points = [(0.5, 1.0), (1.5, 2.0), (-0.5, 0.3)]
model = Parabola()

for step in range(4):
    loss = 0.0
    grad_w, grad_b = [0.0, 0.0], 0.0
    for x, t in points:
        miss = model.w[0] * x + model.w[1] * x * x + model.b - t
        loss += miss ** 2
        grad_w[0] += 2 * miss * x
        grad_w[1] += 2 * miss * x * x
        grad_b += 2 * miss
    rate = 0.01
    model.w = [w - rate * g for w, g in zip(model.w, grad_w)]
    model.b -= rate * grad_b
print(model)
