from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass
class Config:
    features: int = 3
    hidden: int = 5
    momentum: float = 0.9
    eps: float = 1e-5
    lr: float = 0.2
    seed: int = 0


@dataclass
class BatchNorm:
    gamma: np.ndarray
    beta: np.ndarray
    cfg: Config
    running_mean: np.ndarray = None
    running_var: np.ndarray = None
    cache: tuple = field(default=(), repr=False)

    def __call__(self, z: np.ndarray, training: bool = True) -> np.ndarray:
        if training:
            mu, var = z.mean(axis=0), z.var(axis=0)
            if self.running_mean is None:
                self.running_mean, self.running_var = mu.copy(), var.copy()
            m = self.cfg.momentum
            self.running_mean = m * self.running_mean + (1 - m) * mu
            self.running_var = m * self.running_var + (1 - m) * var
        else:
            mu, var = self.running_mean, self.running_var
        std = np.sqrt(var + self.cfg.eps)
        zhat = (z - mu) / std
        self.cache = (zhat, std)
        return self.gamma * zhat + self.beta

    def backward(self, dy: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        zhat, std = self.cache
        N = len(dy)
        dgamma = (dy * zhat).sum(axis=0)
        dbeta = dy.sum(axis=0)
        dz = self.gamma / (N * std) * (N * dy - dbeta - zhat * dgamma)
        return dz, dgamma, dbeta


cfg = Config()
rng = np.random.default_rng(cfg.seed)
X = rng.normal(2.0, 3.0, size=(12, cfg.features))
y = (X[:, :1] > 2).astype(float)

W1 = rng.normal(scale=0.5, size=(cfg.features, cfg.hidden))
bn = BatchNorm(np.ones(cfg.hidden), np.zeros(cfg.hidden), cfg)
W2 = rng.normal(scale=0.5, size=(cfg.hidden, 1))
b2 = np.zeros(1)

for epoch in range(25):
    z = X @ W1
    h = np.tanh(bn(z))
    p = 1 / (1 + np.exp(-(h @ W2 + b2)))
    loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

    delta = (p - y) / len(X)
    dW2 = h.T @ delta
    db2 = delta.sum(axis=0)
    dh = delta @ W2.T * (1 - h**2)
    dz, dgamma, dbeta = bn.backward(dh)
    dW1 = X.T @ dz

    W1 -= cfg.lr * dW1
    W2 -= cfg.lr * dW2
    b2 -= cfg.lr * db2
    bn.gamma -= cfg.lr * dgamma
    bn.beta -= cfg.lr * dbeta
    if epoch % 5 == 0:
        print(f"epoch={epoch} loss={loss:.4f}")
