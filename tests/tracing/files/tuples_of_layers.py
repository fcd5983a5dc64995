"""A list of (weights, biases) in the functional style: every step builds a new one."""

import numpy as np

rng = np.random.default_rng(4)
X = rng.normal(size=(16, 2))
Y = np.sin(X[:, :1]) * X[:, 1:]


def layer(inputs, outputs):
    return rng.normal(size=(inputs, outputs)) / np.sqrt(inputs), 0.1 * rng.normal(size=outputs)


def predict(params, x):
    kept = []
    for W, b in params:
        kept.append(x)
        x = np.tanh(x @ W + b)
        kept.append(x)
    return x, kept


def backward(params, kept, miss):
    d = 2 * miss / miss.size
    grads = []
    for k in reversed(range(len(params))):
        d = d * (1 - kept[2 * k + 1] ** 2)
        grads.insert(0, (kept[2 * k].T @ d, d.sum(axis=0)))
        d = d @ params[k][0].T
    return grads


params = [layer(2, 5), layer(5, 1)]

for step in range(30):
    p, kept = predict(params, X)
    loss = np.mean((p - Y) ** 2)
    grads = backward(params, kept, p - Y)
    params = [(W - 0.3 * gW, b - 0.3 * gb) for (W, b), (gW, gb) in zip(params, grads)]
print(f"{loss:.4f}")
