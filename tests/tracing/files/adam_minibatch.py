import numpy as np


class Adam:
    def __init__(self, params, lr=1e-2, betas=(0.9, 0.999), eps=1e-8):
        self.params = params
        self.lr, self.eps = lr, eps
        self.beta1, self.beta2 = betas
        self.m = [np.zeros_like(p) for p in params]
        self.v = [np.zeros_like(p) for p in params]
        self.t = 0

    def step(self, grads):
        self.t += 1
        for i, (p, g) in enumerate(zip(self.params, grads)):
            self.m[i] = self.beta1 * self.m[i] + (1 - self.beta1) * g
            self.v[i] = self.beta2 * self.v[i] + (1 - self.beta2) * g ** 2
            m_hat = self.m[i] / (1 - self.beta1 ** self.t)
            v_hat = self.v[i] / (1 - self.beta2 ** self.t)
            p -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


def softplus(x):
    return np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0)


def sigmoid(x):
    return 0.5 * (1 + np.tanh(0.5 * x))


def swish(x):
    return x * sigmoid(x)


def swish_grad(x):
    s = sigmoid(x)
    return s + x * s * (1 - s)


rng = np.random.default_rng(seed=99)
n, batch_size, n_epochs = 64, 16, 6
X = rng.normal(size=(n, 3))
y = (np.linalg.norm(X, axis=1) < 1.6).astype(np.float64)

W1 = rng.normal(scale=0.6, size=(3, 10))
b1 = np.zeros(10)
w2 = rng.normal(scale=0.6, size=10)
b2 = np.zeros(())
opt = Adam([W1, b1, w2, b2], lr=0.02)

for epoch in range(n_epochs):
    order = rng.permutation(n)
    total = 0.0
    for start in range(0, n, batch_size):
        idx = order[start:start + batch_size]
        xb, yb = X[idx], y[idx]

        z1 = xb @ W1 + b1
        a1 = swish(z1)
        logit = a1 @ w2 + b2
        # binary cross-entropy on logits
        loss = np.mean(softplus(logit) - yb * logit)
        total += loss * len(idx)

        dlogit = (sigmoid(logit) - yb) / len(idx)
        dw2 = a1.T @ dlogit
        db2 = dlogit.sum()
        dz1 = np.outer(dlogit, w2) * swish_grad(z1)
        dW1 = xb.T @ dz1
        db1 = dz1.sum(axis=0)
        opt.step([dW1, db1, dw2, db2])
    print(f"epoch {epoch + 1}/{n_epochs} - loss: {total / n:.4f}")
