import numpy as np


def sigmoid(a):
    return np.where(a >= 0, 1 / (1 + np.exp(-np.abs(a))), np.exp(-np.abs(a)) / (1 + np.exp(-np.abs(a))))


class GRU:
    gates = ("z", "r", "h")

    def __init__(self, input_dim, hidden_dim):
        gen = np.random.default_rng(6)
        self.hidden_dim = hidden_dim
        for gate in self.gates:
            setattr(self, "W" + gate, gen.uniform(-0.5, 0.5, (input_dim, hidden_dim)))
            setattr(self, "U" + gate, gen.uniform(-0.5, 0.5, (hidden_dim, hidden_dim)))
            setattr(self, "b" + gate, np.zeros(hidden_dim))
        self.V = gen.uniform(-0.5, 0.5, (hidden_dim, 1))

    def step(self, x, h):
        z = sigmoid(x @ self.Wz + h @ self.Uz + self.bz)
        r = sigmoid(x @ self.Wr + h @ self.Ur + self.br)
        candidate = np.tanh(x @ self.Wh + (r * h) @ self.Uh + self.bh)
        return (1 - z) * h + z * candidate

    def forward(self, sequence):
        h = np.zeros((sequence.shape[1], self.hidden_dim))
        for x in sequence:
            h = self.step(x, h)
        return h @ self.V

    def loss(self, sequence, target):
        prediction = self.forward(sequence)
        return np.mean((prediction - target) ** 2)


def sample_batch(steps=4, batch=5, input_dim=3, seed=1):
    gen = np.random.default_rng(seed)
    sequence = gen.normal(size=(steps, batch, input_dim))
    return sequence, sequence.sum(axis=(0, 2))[:, None]
