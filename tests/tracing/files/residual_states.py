"""A state that is continued by small additions for six hundred moments, with one running total over all of them."""

import numpy as np

rng = np.random.default_rng(0)
A = rng.normal(size=(3, 3)) * 0.2
steps = 600
u = rng.normal(size=(steps, 3))
target = rng.normal(size=(steps, 3))

for epoch in range(2):
    h = np.zeros(3)
    states = [h]
    loss = 0.0
    for t in range(steps):
        h = h + 0.01 * np.tanh(A @ h + u[t])
        loss += np.sum((h - target[t]) ** 2)
        states.append(h)
    grad = np.zeros_like(A)
    dh = np.zeros(3)
    for t in reversed(range(steps)):
        dh = dh + 2 * (states[t + 1] - target[t])
        dz = 0.01 * dh * (1 - np.tanh(A @ states[t] + u[t]) ** 2)
        grad += np.outer(dz, states[t])
        dh = dh + A.T @ dz
    A -= 1e-4 * grad
    print(epoch, loss)
