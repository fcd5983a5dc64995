import numpy as np


def sigmoid(z):
    """
    z -- a number or an array

    Return: 1 / (1 + exp(-z))
    """
    s = 1 / (1 + np.exp(-z))
    return s


def propagate(w, b, X, Y):
    """
    w -- weights, shape (features, 1)
    b -- bias, a number
    X -- data, shape (features, examples)
    Y -- labels of 0 and 1, shape (1, examples)

    Return: the gradients and the cost
    """
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    logprobs = np.multiply(np.log(A), Y) + np.multiply(np.log(1 - A), 1 - Y)
    cost = np.squeeze(-1 / m * np.sum(logprobs))
    assert cost.shape == ()

    dw = np.dot(X, (A - Y).T) / m
    db = np.sum(A - Y) / m
    assert dw.shape == w.shape
    return {"dw": dw, "db": db}, cost


def descend(w, b, X, Y, steps=100, rate=0.01):
    costs = []
    for i in range(steps):
        grads, cost = propagate(w, b, X, Y)
        w, b = w - rate * grads["dw"], b - rate * grads["db"]
        if not i % 10:
            costs.append(cost)
    return {"w": w, "b": b}, costs


def toy():
    w, b = np.array([[0.4], [-0.9], [0.3]]), 0.25
    X = np.array([[0.7, -1.1, 0.2, 1.5], [1.2, 0.4, -0.8, 0.1], [-0.5, 0.6, 0.9, -1.3]])
    Y = np.array([[1, 0, 0, 1]])
    return w, b, X, Y
