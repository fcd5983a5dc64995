import numpy as np

rng = np.random.RandomState(1)


def sigmoid(z): return 1 / (1 + np.exp(-z))


def cost_function(W, b, X, y):
    p = sigmoid(X @ W + b)
    return -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean()


X = rng.randn(20, 3)
y = (X[:, 0] + X[:, 1] ** 2 > 0.5) * 1.0
X = np.c_[X, X ** 2]
W = rng.randn(6) * 0.1
b = rng.randn() * 0.1

print("cost before training:", cost_function(W, b, X, y))

for i in range(30):
    p = sigmoid(X @ W + b)
    dW = X.T @ (p - y) / len(y)
    db = np.mean(p - y)
    W = W - 0.5 * dW
    b = b - 0.5 * db
    # the loss is measured after the step
    cost = cost_function(W, b, X, y)
    if i % 10 == 0:
        print("iteration", i, "cost", cost)
