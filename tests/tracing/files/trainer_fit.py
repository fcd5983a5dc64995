import numpy as np


def batches(X, Y, size, rng):
    """Endless shuffled batches."""
    while True:
        order = rng.permutation(len(X))
        for i in range(0, len(X) - size + 1, size):
            yield X[order[i:i + size]], Y[order[i:i + size]]


class Model:
    def __init__(self, dims, rng):
        self.weights = [rng.normal(0, np.sqrt(2 / (a + b)), size=(a, b)) for a, b in zip(dims, dims[1:])]
        self.biases = [np.zeros(b) for b in dims[1:]]

    def forward(self, x):
        self.acts = [x]
        last = len(self.weights) - 1
        for i, (W, b) in enumerate(zip(self.weights, self.biases)):
            z = self.acts[-1] @ W + b
            self.acts.append(z if i == last else np.tanh(z))
        return self.acts[-1]

    def backward(self, d):
        dWs, dbs = [], []
        for i in range(len(self.weights) - 1, -1, -1):
            dWs.insert(0, self.acts[i].T @ d)
            dbs.insert(0, d.sum(axis=0))
            d = d @ self.weights[i].T * (1 - self.acts[i] ** 2)
        return dWs, dbs


class Trainer:
    def __init__(self, model, lr=0.1, steps=40, batch_size=8, l2=1e-3, log_every=10):
        self.model = model
        self.lr = lr
        self.steps = steps
        self.batch_size = batch_size
        self.l2 = l2
        self.log_every = log_every
        self.losses = []

    def _loss(self, pred, target):
        err = pred - target
        reg = sum(np.sum(W ** 2) for W in self.model.weights)
        return np.mean(err ** 2) / 2 + self.l2 / 2 * reg, err / err.size

    def fit(self, X, Y, seed=0):
        stream = batches(X, Y, self.batch_size, np.random.default_rng(seed))
        for step in range(self.steps):
            xb, yb = next(stream)
            pred = self.model.forward(xb)
            loss, d = self._loss(pred, yb)
            dWs, dbs = self.model.backward(d)
            for i in range(len(dWs)):
                self.model.weights[i] -= self.lr * (dWs[i] + self.l2 * self.model.weights[i])
                self.model.biases[i] -= self.lr * dbs[i]
            self.losses.append(loss)
            if step % self.log_every == 0:
                print(f'[{step:4d}] {loss:.5f}')
        return self


rng = np.random.default_rng(17)
X = rng.normal(size=(40, 3))
Y = np.column_stack([X.sum(axis=1), X.prod(axis=1)])
trainer = Trainer(Model([3, 8, 6, 2], rng)).fit(X, Y)
print('final', trainer.losses[-1])
