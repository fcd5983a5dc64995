import numpy as np

SEED = 31


def he(shape, rng):
    return rng.normal(size=shape) * np.sqrt(2 / shape[0])


class VAE:
    def __init__(self, x_dim, z_dim, h_dim=6):
        rng = np.random.default_rng(SEED)
        self.enc_W, self.enc_b = he((x_dim, h_dim), rng), np.zeros(h_dim)
        self.mu_W, self.mu_b = he((h_dim, z_dim), rng), np.zeros(z_dim)
        self.lv_W, self.lv_b = 0.1 * he((h_dim, z_dim), rng), np.zeros(z_dim)
        self.dec_W, self.dec_b = he((z_dim, h_dim), rng), np.zeros(h_dim)
        self.out_W, self.out_b = he((h_dim, x_dim), rng), np.zeros(x_dim)

    def encode(self, x):
        h = np.tanh(x @ self.enc_W + self.enc_b)
        return h @ self.mu_W + self.mu_b, h @ self.lv_W + self.lv_b

    def decode(self, z):
        h = np.tanh(z @ self.dec_W + self.dec_b)
        return h @ self.out_W + self.out_b

    def elbo(self, x, eps):
        mu, logvar = self.encode(x)
        z = mu + np.exp(0.5 * logvar) * eps
        logits = self.decode(z)
        # binary cross-entropy on logits
        rec = np.sum(np.maximum(logits, 0) - logits * x + np.log1p(np.exp(-np.abs(logits))), axis=1)
        kl = -0.5 * np.sum(1 + logvar - mu ** 2 - np.exp(logvar), axis=1)
        return np.mean(rec + kl)


def load(n=7, d=5):
    rng = np.random.default_rng(SEED + 1)
    return (rng.random((n, d)) < 0.4).astype(float)


def noise(n=7, z=2):
    return np.random.default_rng(SEED + 2).standard_normal((n, z))
