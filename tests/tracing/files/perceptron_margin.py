import numpy as np

# perceptron, batch version: sum of max(0, -y w.x)
rng = np.random.default_rng(0)
pos = rng.normal([2, 1.5], 1.0, (12, 2))
neg = rng.normal([-1, -2], 1.0, (12, 2))
X = np.vstack((pos, neg))
y = np.array([1] * 12 + [-1] * 12)


class Perceptron:
    def __init__(self, eta=0.01, n_iter=10):
        self.eta = eta
        self.n_iter = n_iter

    def fit(self, X, y):
        rgen = np.random.RandomState(1)
        self.w_ = rgen.normal(loc=0.0, scale=1.0, size=X.shape[1])
        self.b_ = np.float64(0.1)
        self.losses_ = []
        for _ in range(self.n_iter):
            margins = y * (np.dot(X, self.w_) + self.b_)
            loss = np.sum(np.maximum(0, -margins))
            wrong = margins < 0
            grad_w = -(X[wrong] * y[wrong][:, None]).sum(axis=0)
            grad_b = -y[wrong].sum()
            self.w_ -= self.eta * grad_w
            self.b_ -= self.eta * grad_b
            self.losses_.append(loss)
            if not wrong.any():
                break
        return self

    def predict(self, X):
        return np.where(X @ self.w_ + self.b_ >= 0, 1, -1)


ppn = Perceptron(eta=0.05, n_iter=30).fit(X, y)
print("misclassified:", (ppn.predict(X) != y).sum(), "losses:", np.round(ppn.losses_, 3)[:5])
