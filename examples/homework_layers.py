"""A backward pass in classes that are found by name, with one slip."""

import numpy as np


class Layer:
    kinds = {}  # noqa: RUF012

    def __init_subclass__(cls):
        Layer.kinds[cls.__name__] = cls


class Dense(Layer):
    def __init__(self, rng, rows, columns):
        self.W, self.b = rng.normal(size=(rows, columns)), np.zeros(columns)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, up):
        self.dW, self.db = self.x.T @ up, up.mean(axis=0)
        return up @ self.W.T


class Relu(Layer):
    def forward(self, x):
        self.on = x > 0
        return np.where(self.on, x, 0)

    def backward(self, up):
        up[~self.on] = 0
        return up


rng = np.random.default_rng(0)
x, y = rng.normal(size=(6, 3)), rng.normal(size=(6, 1))
net = [Layer.kinds[kind](*shape) for kind, *shape in (("Dense", rng, 3, 4), ("Relu",), ("Dense", rng, 4, 1))]
for _ in range(200):
    h = x
    for layer in net:
        h = layer.forward(h)
    loss = np.mean((h - y) ** 2)
    up = 2 * (h - y) / len(y)
    for layer in reversed(net):
        up = layer.backward(up)
    for layer in net[::2]:
        layer.W -= 0.1 * layer.dW
        layer.b -= 0.1 * layer.db
