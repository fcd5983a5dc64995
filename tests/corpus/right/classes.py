import numpy as np


class Linear:
    def __init__(self, n_in, n_out):
        self.W = np.random.randn(n_in, n_out) * 0.1
        self.b = np.zeros(n_out)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = np.sum(dout, axis=0)
        return dout @ self.W.T


class Relu:
    def forward(self, x):
        self.mask = x > 0
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask


X = np.random.randn(5, 3)
T = np.random.randn(5, 2)
first = Linear(3, 4)
relu = Relu()
second = Linear(4, 2)

out = second.forward(relu.forward(first.forward(X)))
loss = np.mean((out - T)**2)

dout = 2 * (out - T) / T.size
dX = first.backward(relu.backward(second.backward(dout)))
