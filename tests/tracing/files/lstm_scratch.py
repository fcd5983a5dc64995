# LSTM that adds up a sequence of numbers, with the gates in one matrix
import numpy as np

np.random.seed(42)


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


class LSTM:
    def __init__(self, n_x, n_h):
        z = n_x + n_h
        self.n_h = n_h
        self.Wf = np.random.uniform(-0.4, 0.4, (n_h, z))
        self.Wi = np.random.uniform(-0.4, 0.4, (n_h, z))
        self.Wc = np.random.uniform(-0.4, 0.4, (n_h, z))
        self.Wo = np.random.uniform(-0.4, 0.4, (n_h, z))
        self.bf = np.ones(n_h)
        self.bi = np.zeros(n_h)
        self.bc = np.zeros(n_h)
        self.bo = np.zeros(n_h)
        self.v = np.random.uniform(-0.4, 0.4, n_h)

    def forward(self, xs):
        h, c = np.zeros(self.n_h), np.zeros(self.n_h)
        self.cache = []
        for x in xs:
            z = np.hstack([h, x])
            f = sigmoid(self.Wf @ z + self.bf)
            i = sigmoid(self.Wi @ z + self.bi)
            g = np.tanh(self.Wc @ z + self.bc)
            o = sigmoid(self.Wo @ z + self.bo)
            c_prev = c
            c = f * c_prev + i * g
            h = o * np.tanh(c)
            self.cache.append((z, f, i, g, o, c_prev, c))
        self.h = h
        return self.v @ h

    def backward(self, dy):
        grads = {k: np.zeros_like(p) for k, p in vars(self).items() if k[0] in "Wb"}
        grads["v"] = dy * self.h
        dh, dc = dy * self.v, np.zeros(self.n_h)
        for z, f, i, g, o, c_prev, c in reversed(self.cache):
            tc = np.tanh(c)
            dc = dc + dh * o * (1 - tc ** 2)
            da = {
                "f": dc * c_prev * f * (1 - f),
                "i": dc * g * i * (1 - i),
                "c": dc * i * (1 - g ** 2),
                "o": dh * tc * o * (1 - o),
            }
            dz = 0
            for gate in "fico":
                grads["W" + gate] += np.outer(da[gate], z)
                grads["b" + gate] += da[gate]
                dz = dz + getattr(self, "W" + gate).T @ da[gate]
            dh = dz[:self.n_h]
            dc = dc * f
        return grads


seq = np.random.rand(5, 1)
target = seq.sum()
net = LSTM(1, 4)
for step in range(30):
    y = net.forward(seq)
    loss = 0.5 * (y - target) ** 2
    grads = net.backward(y - target)
    for name, g in grads.items():
        p = getattr(net, name)
        p -= 0.1 * g
    if step % 10 == 0:
        print(f"step {step:3d}  loss {loss:.5f}")
