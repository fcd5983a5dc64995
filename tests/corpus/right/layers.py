import numpy as np


class Affine:
    def __init__(self, W, b):
        self.W = W
        self.b = b
        self.dW = None
        self.db = None

    def forward(self, x):
        self.x = x
        return np.dot(x, self.W) + self.b

    def backward(self, dout):
        dx = np.dot(dout, self.W.T)
        self.dW = np.dot(self.x.T, dout)
        self.db = np.sum(dout, axis=0)
        return dx


class Relu:
    def __init__(self):
        self.mask = None

    def forward(self, x):
        self.mask = x <= 0
        out = x.copy()
        out[self.mask] = 0
        return out

    def backward(self, dout):
        dout[self.mask] = 0
        return dout


class SoftmaxLoss:
    def forward(self, x, t):
        self.t = t
        e = np.exp(x - np.max(x, axis=-1, keepdims=True))
        self.y = e / np.sum(e, axis=-1, keepdims=True)
        return -np.sum(t * np.log(self.y + 1e-7)) / t.shape[0]

    def backward(self, dout=1):
        return (self.y - self.t) / self.t.shape[0]


class Network:
    def __init__(self, n_in, n_hidden, n_out):
        self.params = {}
        self.params["W1"] = 0.01 * np.random.randn(n_in, n_hidden)
        self.params["b1"] = np.zeros(n_hidden)
        self.params["W2"] = 0.01 * np.random.randn(n_hidden, n_out)
        self.params["b2"] = np.zeros(n_out)
        self.layers = {}
        self.layers["first"] = Affine(self.params["W1"], self.params["b1"])
        self.layers["relu"] = Relu()
        self.layers["second"] = Affine(self.params["W2"], self.params["b2"])
        self.last = SoftmaxLoss()

    def loss(self, x, t):
        for layer in self.layers.values():
            x = layer.forward(x)
        return self.last.forward(x, t)

    def gradient(self, x, t):
        self.loss(x, t)
        dout = self.last.backward(1)
        layers = list(self.layers.values())
        layers.reverse()
        for layer in layers:
            dout = layer.backward(dout)
        return {"W1": self.layers["first"].dW, "b1": self.layers["first"].db,
                "W2": self.layers["second"].dW, "b2": self.layers["second"].db}


x = np.random.randn(5, 4)
t = np.eye(3)[[0, 1, 2, 1, 0]]
network = Network(4, 6, 3)
loss = network.loss(x, t)
grads = network.gradient(x, t)
for key in ("W1", "b1", "W2", "b2"):
    network.params[key] -= 0.1 * grads[key]
