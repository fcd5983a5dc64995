"""A parabola fitted by hand: a dataclass holds its three numbers, a dictionary what momentum keeps."""

from dataclasses import dataclass

import numpy as np


@dataclass
class Parabola:
    a: float = 0.3
    b: float = -0.2
    c: float = 0.1

    def __call__(self, x):
        return self.a * x ** 2 + self.b * x + self.c


x = np.linspace(-1.0, 1.0, 9)
y = 0.7 * x ** 2 - 0.4 * x + 0.2
model = Parabola()
velocity = {"a": 0.0, "b": 0.0, "c": 0.0}
for step in range(4):
    residual = model(x) - y
    mse = np.mean(residual ** 2)
    grads = {
        "a": 2 * np.mean(residual * x ** 2),
        "b": 2 * np.mean(residual * x),
        "c": 2 * np.mean(residual),
    }
    for name, g in grads.items():
        velocity[name] = 0.9 * velocity[name] - 0.1 * g
        setattr(model, name, getattr(model, name) + velocity[name])
    print(step, mse)
