import numpy as np

X = np.array([[0.5, -1.2], [1.0, 0.4], [-0.3, 0.8]])
y = np.array([[1.0], [0.3], [-0.2]])
W1 = np.array([[0.2, -0.1, 0.4], [0.7, 0.1, -0.3]])
b1 = np.zeros(3)
W2 = np.array([[0.3], [0.1], [-0.6]])
b2 = np.zeros(1)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))


# forward pass
z1 = X @ W1 + b1
a1 = sigmoid(z1)
z2 = a1 @ W2 + b2
loss = np.mean((z2 - y)**2)

# backward pass, by hand
dz2 = 2 * (z2 - y) / len(y)
dW2 = a1.T @ dz2
db2 = dz2.sum(axis=0)
da1 = dz2 @ W2.T
dz1 = da1 * sigmoid_prime(a1)
dW1 = X.T @ dz1
db1 = dz1.sum(axis=0)
