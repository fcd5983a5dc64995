import numpy as np
from common.functions import *


class Relu:
    mask = None

    def forward(self, x):
        self.mask = (x <= 0)
        out = x.copy()
        out[self.mask] = 0
        return out

    def backward(self, dout):
        dout[self.mask] = 0
        return dout


class Affine:
    def __init__(self, W, b):
        self.W, self.b = W, b
        self.x = self.dW = self.db = None

    def forward(self, x):
        self.x = x.reshape(x.shape[0], -1)
        return np.dot(self.x, self.W) + self.b

    def backward(self, dout):
        self.dW = self.x.T.dot(dout)
        self.db = dout.sum(axis=0)
        return np.dot(dout, self.W.T)


class SoftmaxLoss:
    """Softmax and cross-entropy in one."""

    def __init__(self):
        self.y = self.t = self.loss = None

    def forward(self, x, t):
        self.y, self.t = softmax(x), t
        self.loss = cross_entropy(self.y, t)
        return self.loss

    def backward(self, dout=1):
        return dout * (self.y - self.t) / len(self.t)
