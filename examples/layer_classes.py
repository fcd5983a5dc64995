"""A network of layer objects, with its own backward pass: read it by executing it, symback derive --execute."""

import numpy as np


class Dense:
    def __init__(self, rng, inputs, outputs):
        self.W = rng.normal(scale=0.5, size=(inputs, outputs))
        self.b = np.zeros(outputs)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, d, rate):
        back = d @ self.W.T
        self.W -= rate * self.x.T @ d
        self.b -= rate * d.sum(axis=0)
        return back


class LeakyReLU:
    def forward(self, z):
        self.z = z
        a = z.copy()
        a[z < 0] *= 0.1
        return a

    def backward(self, d, rate):
        return np.where(self.z < 0, 0.1 * d, d)


rng = np.random.default_rng(0)
X = rng.normal(size=(20, 2))
Y = (X[:, :1] * X[:, 1:] > 0).astype(float)
layers = [Dense(rng, 2, 6), LeakyReLU(), Dense(rng, 6, 1)]

for step in range(200):
    h = X
    for layer in layers:
        h = layer.forward(h)
    loss = np.mean((h - Y) ** 2)
    d = 2 * (h - Y) / Y.size
    for layer in reversed(layers):
        d = layer.backward(d, 0.1)
    if step % 50 == 0:
        print(step, f"{loss:.4f}")
