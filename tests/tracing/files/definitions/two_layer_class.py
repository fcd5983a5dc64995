import numpy as np


class Net:
    """Two layers of weights with a softmax at the end."""

    def __init__(self, n_in, n_hidden, n_out, seed=0):
        rng = np.random.default_rng(seed)
        self.params = {
            'W1': rng.normal(0, 0.5, (n_in, n_hidden)),
            'b1': np.zeros(n_hidden),
            'W2': rng.normal(0, 0.5, (n_hidden, n_out)),
            'b2': np.zeros(n_out),
        }

    def predict(self, x):
        self.h = np.tanh(x @ self.params['W1'] + self.params['b1'])
        s = self.h @ self.params['W2'] + self.params['b2']
        e = np.exp(s - s.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def loss(self, x, t):
        self.y = self.predict(x)
        return -np.sum(t * np.log(self.y)) / len(x)

    def gradient(self, x, t):
        self.loss(x, t)
        d = (self.y - t) / len(x)
        dh = d @ self.params['W2'].T * (1 - self.h ** 2)
        return {'W2': self.h.T @ d, 'b2': d.sum(0), 'W1': x.T @ dh, 'b1': dh.sum(0)}
