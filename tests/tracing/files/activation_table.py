import functools
from typing import Callable, NamedTuple

import numpy as np


class Activation(NamedTuple):
    f: Callable
    df: Callable


def leaky_relu(z, slope):
    return np.where(z > 0, z, slope * z)


def leaky_relu_derivative(z, slope):
    return np.where(z > 0, 1.0, slope)


ACTIVATIONS = {
    'identity': Activation(lambda z: z, lambda z: np.ones_like(z)),
    'sigmoid': Activation(lambda z: 1 / (1 + np.exp(-z)),
                          lambda z: (s := 1 / (1 + np.exp(-z))) * (1 - s)),
    'tanh': Activation(np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    'leaky': Activation(functools.partial(leaky_relu, slope=0.2),
                        functools.partial(leaky_relu_derivative, slope=0.2)),
    'softsign': Activation(lambda z: z / (1 + np.abs(z)), lambda z: 1 / (1 + np.abs(z)) ** 2),
}

LOSSES = {
    'mse': (lambda y, t: np.mean((y - t) ** 2), lambda y, t: 2 * (y - t) / y.size),
    'huber': (lambda y, t: np.mean(np.where(np.abs(y - t) < 1, (y - t) ** 2 / 2, np.abs(y - t) - 0.5)),
              lambda y, t: np.clip(y - t, -1, 1) / y.size),
}

architecture = [
    {'in': 2, 'out': 6, 'act': 'leaky'},
    {'in': 6, 'out': 5, 'act': 'softsign'},
    {'in': 5, 'out': 4, 'act': 'sigmoid'},
    {'in': 4, 'out': 1, 'act': 'identity'},
]


def init(arch, seed):
    rng = np.random.default_rng(seed)
    params = {}
    for idx, layer in enumerate(arch, start=1):
        params[f'W{idx}'] = rng.standard_normal((layer['out'], layer['in'])) * 0.8
        params[f'b{idx}'] = rng.standard_normal((layer['out'], 1)) * 0.1
    return params


def full_forward(X, params, arch):
    memory = {'A0': X}
    A = X
    for idx, layer in enumerate(arch, start=1):
        Z = params[f'W{idx}'] @ A + params[f'b{idx}']
        A = ACTIVATIONS[layer['act']].f(Z)
        memory[f'Z{idx}'], memory[f'A{idx}'] = Z, A
    return A, memory


def full_backward(dA, memory, params, arch):
    grads = {}
    for idx, layer in reversed(list(enumerate(arch, start=1))):
        dZ = dA * ACTIVATIONS[layer['act']].df(memory[f'Z{idx}'])
        grads[f'dW{idx}'] = dZ @ memory[f'A{idx - 1}'].T
        grads[f'db{idx}'] = dZ.sum(axis=1, keepdims=True)
        dA = params[f'W{idx}'].T @ dZ
    return grads


def train(X, Y, arch, epochs=30, lr=0.2, loss='huber'):
    params = init(arch, seed=4)
    loss_fn, loss_grad = LOSSES[loss]
    history = []
    for _ in range(epochs):
        Y_hat, memory = full_forward(X, params, arch)
        cost = loss_fn(Y_hat, Y)
        history.append(cost)
        grads = full_backward(loss_grad(Y_hat, Y), memory, params, arch)
        for idx in range(1, len(arch) + 1):
            params[f'W{idx}'] -= lr * grads[f'dW{idx}']
            params[f'b{idx}'] -= lr * grads[f'db{idx}']
    return params, history


rng = np.random.default_rng(0)
X = rng.uniform(-1, 1, (2, 18))
Y = 2 * X[:1] * X[1:] + 1.5
params, history = train(X, Y, architecture)
print(history[0], '->', history[-1])
