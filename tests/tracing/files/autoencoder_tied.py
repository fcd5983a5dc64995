import json

import numpy as np

rng = np.random.default_rng(12)
# bars: 4x4 pictures with one row or one column lit
images = []
for k in range(4):
    for axis in (0, 1):
        img = np.full((4, 4), 0.05)
        if axis == 0:
            img[k, :] = 0.95
        else:
            img[:, k] = 0.95
        images.append(img.ravel())
data = np.stack(images)


class Autoencoder:
    """Encoder and decoder share one matrix."""

    def __init__(self, visible, hidden):
        self.W = rng.uniform(-0.5, 0.5, (visible, hidden))
        self.b_enc = np.zeros(hidden)
        self.b_dec = np.zeros(visible)

    @staticmethod
    def sigma(v):
        return 1.0 / (1.0 + np.exp(-v))

    def encode(self, x):
        return self.sigma(x @ self.W + self.b_enc)

    def decode(self, code):
        return self.sigma(code @ self.W.T + self.b_dec)

    def train_step(self, x, lr=0.5, rho=0.1, beta=0.05):
        n = x.shape[0]
        code = self.encode(x)
        xr = self.decode(code)
        bce = -(x * np.log(xr) + (1.0 - x) * np.log(1.0 - xr)).sum() / n
        # sparsity: KL(rho || mean activation)
        rho_hat = code.mean(axis=0)
        kl = (rho * np.log(rho / rho_hat) + (1 - rho) * np.log((1 - rho) / (1 - rho_hat))).sum()
        self.loss = bce + beta * kl

        d_dec = (xr - x) / n
        d_code = d_dec @ self.W + beta * ((1 - rho) / (1 - rho_hat) - rho / rho_hat) / n
        d_enc = d_code * code * (1 - code)
        self.gW = x.T @ d_enc + d_dec.T @ code
        self.gb_enc, self.gb_dec = d_enc.sum(axis=0), d_dec.sum(axis=0)
        self.W -= lr * self.gW
        self.b_enc -= lr * self.gb_enc
        self.b_dec -= lr * self.gb_dec
        return self.loss


ae = Autoencoder(16, 5)
history = []
for epoch in range(40):
    history.append(float(ae.train_step(data)))
print(history[0], history[-1])

with open('history.json', 'w') as f:
    json.dump(history, f)
