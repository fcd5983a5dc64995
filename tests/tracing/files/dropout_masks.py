import numpy as np

np.random.seed(2024)
keep_prob = 0.8
lr = 0.05

# synthetic regression data
X = np.random.rand(3, 40) * 2 - 1
Y = (X[0] * X[1] + 0.5 * X[2]).reshape(1, -1)
m = X.shape[1]

W1 = np.random.randn(10, 3) * np.sqrt(2 / 3)
b1 = np.full((10, 1), 0.01)
W2 = np.random.randn(6, 10) * np.sqrt(2 / 10)
b2 = np.full((6, 1), 0.01)
W3 = np.random.randn(1, 6) * np.sqrt(2 / 6)
b3 = np.zeros((1, 1))

costs = []
for i in range(50):
    # forward with inverted dropout
    Z1 = np.dot(W1, X) + b1
    A1 = np.maximum(0, Z1)
    D1 = np.random.rand(A1.shape[0], A1.shape[1])
    D1 = D1 < keep_prob
    A1 = A1 * D1
    A1 = A1 / keep_prob
    Z2 = np.dot(W2, A1) + b2
    A2 = np.maximum(0, Z2)
    D2 = (np.random.rand(*A2.shape) < keep_prob).astype(int)
    A2 = np.multiply(A2, D2)
    A2 /= keep_prob
    A3 = np.dot(W3, A2) + b3

    cost = np.sum((A3 - Y) ** 2) / (2 * m)
    costs.append(cost)

    dA3 = (A3 - Y) / m
    dW3 = np.dot(dA3, A2.T)
    db3 = np.sum(dA3, axis=1, keepdims=True)
    dA2 = np.dot(W3.T, dA3)
    dA2 = dA2 * D2 / keep_prob
    dZ2 = np.multiply(dA2, np.int64(A2 > 0))
    dW2 = np.dot(dZ2, A1.T)
    db2 = np.sum(dZ2, axis=1, keepdims=True)
    dA1 = np.dot(W2.T, dZ2)
    dA1 = dA1 * D1 / keep_prob
    dZ1 = np.multiply(dA1, np.int64(A1 > 0))
    dW1 = np.dot(dZ1, X.T)
    db1 = np.sum(dZ1, axis=1, keepdims=True)

    W1 = W1 - lr * dW1
    b1 = b1 - lr * db1
    W2 = W2 - lr * dW2
    b2 = b2 - lr * db2
    W3 = W3 - lr * dW3
    b3 = b3 - lr * db3

print("first", costs[0], "last", costs[-1])
