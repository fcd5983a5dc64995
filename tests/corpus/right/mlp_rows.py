import numpy as np

X = np.array([[0.5, -1.2, 0.3], [1.0, 0.4, -0.7], [-0.3, 0.8, 1.5], [0.9, -0.2, 0.1]])
Y = np.array([[1.0, 0.0], [0.3, 0.7], [0.2, -0.4], [0.6, 0.1]])
W1 = np.array([[0.2, -0.1, 0.4, 0.3, 0.5], [0.7, 0.1, -0.3, 0.2, -0.6], [-0.5, 0.6, 0.2, -0.4, 0.1]])
b1 = np.zeros(5)
W2 = np.array([[0.3, -0.2], [0.1, 0.4], [-0.6, 0.2], [0.5, 0.5], [0.2, -0.3]])
b2 = np.zeros(2)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))


n = X.shape[0]
z1 = X @ W1 + b1
a1 = sigmoid(z1)
z2 = a1 @ W2 + b2
a2 = sigmoid(z2)
loss = np.sum((a2 - Y)**2) / n

da2 = 2 * (a2 - Y) / n
dz2 = da2 * sigmoid_prime(z2)
dW2 = a1.T @ dz2
db2 = dz2.sum(axis=0)
da1 = dz2 @ W2.T
dz1 = da1 * sigmoid_prime(z1)
dW1 = X.T @ dz1
db1 = dz1.sum(axis=0)
