import numpy as np
np.random.seed(8)

def leaky(z):
    z = z.copy()
    z[z < 0] *= 0.1
    return z

def leaky_prime(z):
    d = np.ones_like(z)
    d[z < 0] = 0.1
    return d

sizes = [3, 7, 5, 2]
weights = [np.random.randn(m, n) / np.sqrt(n) for n, m in zip(sizes[:-1], sizes[1:])]
biases = [0.1 * np.random.randn(m, 1) for m in sizes[1:]]

# columns are examples
X = np.random.randn(3, 20)
Y = np.vstack([X.sum(0), X[0] - X[2]])

eta = 0.05
for epoch in range(60):
    activations, zs = [X], []
    for w, b in zip(weights[:-1], biases[:-1]):
        z = w.dot(activations[-1]) + b
        zs.append(z)
        activations.append(leaky(z))
    output = weights[-1].dot(activations[-1]) + biases[-1]
    error = output - Y
    C = (error ** 2).sum() / (2 * X.shape[1])

    delta = error / X.shape[1]
    nabla_w, nabla_b = [None] * 3, [None] * 3
    for l in range(1, 4):
        nabla_w[-l] = delta @ activations[-l].T
        nabla_b[-l] = delta.sum(axis=1, keepdims=True)
        if l < 3:
            delta = weights[-l].T @ delta
            delta *= leaky_prime(zs[-l])

    for w, nw in zip(weights, nabla_w):
        w -= eta * nw
    for b, nb in zip(biases, nabla_b):
        b -= eta * nb
print('cost %.4f' % C)
