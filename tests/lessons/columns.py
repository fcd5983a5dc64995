import numpy as np

m = 16
X = np.random.randn(5, m)
Y = np.random.randn(1, m)
W1 = np.random.randn(6, 5)
b1 = np.zeros((6, 1))
W2 = np.random.randn(4, 6)
b2 = np.zeros((4, 1))
W3 = np.random.randn(1, 4)
b3 = np.zeros((1, 1))
Z1 = W1 @ X + b1
A1 = np.maximum(0, Z1)
Z2 = W2 @ A1 + b2
A2 = np.maximum(0, Z2)
Z3 = W3 @ A2 + b3
A3 = 1 / (1 + np.exp(-Z3))
loss = -np.sum(Y * np.log(A3) + (1 - Y) * np.log(1 - A3)) / m
