import numpy as np

np.random.seed(1)
X = np.random.randn(3, 6)
Y = (np.random.rand(1, 6) > 0.5) * 1.0
W1 = np.random.randn(4, 3) * 0.1
b1 = np.zeros((4, 1))
W2 = np.random.randn(1, 4) * 0.1
b2 = np.zeros((1, 1))
m = X.shape[1]


def forward_propagation(X, W1, b1, W2, b2):
    Z1 = np.dot(W1, X) + b1
    A1 = np.tanh(Z1)
    Z2 = np.dot(W2, A1) + b2
    A2 = 1 / (1 + np.exp(-Z2))
    return Z1, A1, Z2, A2


Z1, A1, Z2, A2 = forward_propagation(X, W1, b1, W2, b2)
cost = -np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / m


def backward_propagation(X, Y, A1, A2, W2):
    m = X.shape[1]
    dZ2 = A2 - Y
    dW2 = np.dot(dZ2, A1.T) / m
    db2 = np.sum(dZ2, axis=1, keepdims=True) / m
    dZ1 = np.dot(W2.T, dZ2) * (1 - np.power(A1, 2))
    dW1 = np.dot(dZ1, X.T) / m
    db1 = np.sum(dZ1, axis=1, keepdims=True) / m
    grads = {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}
    return grads


grads = backward_propagation(X, Y, A1, A2, W2)
W1 -= 0.1 * grads["dW1"]
b1 -= 0.1 * grads["db1"]
W2 -= 0.1 * grads["dW2"]
b2 -= 0.1 * grads["db2"]
