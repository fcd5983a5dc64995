"""Linear models with the interface fit / predict."""
import math

import numpy as np


class Penalty:
    """alpha (ratio |w|_1 + (1 - ratio) |w|^2 / 2)"""

    def __init__(self, alpha=0.1, ratio=0.0):
        self.alpha, self.ratio = alpha, ratio

    def __call__(self, w):
        return self.alpha * (self.ratio * np.abs(w).sum() + (1 - self.ratio) * 0.5 * w.T.dot(w))

    def slope(self, w):
        return self.alpha * (self.ratio * np.sign(w) + (1 - self.ratio) * w)


class LinearModel(object):
    penalty = Penalty(0)

    def __init__(self, max_iter=100, step=0.01):
        self.max_iter = max_iter
        self.step = step

    def _design(self, X):
        return np.insert(X, 0, 1, axis=1)     # a column of ones for the intercept

    def fit(self, X, y):
        A = self._design(X)
        bound = 1 / math.sqrt(A.shape[1])
        self.coef_ = np.random.uniform(-bound, bound, (A.shape[1],))
        self.errors_ = []
        for _ in range(self.max_iter):
            residual = A.dot(self.coef_) - y
            mse = np.mean(0.5 * residual ** 2 + self.penalty(self.coef_))
            self.errors_.append(mse)
            slope = residual.dot(A) / len(y) + self.penalty.slope(self.coef_)
            self.coef_ -= self.step * slope
        return self

    def predict(self, X):
        return self._design(X).dot(self.coef_)


class ElasticNet(LinearModel):
    def __init__(self, alpha, ratio=0.5, **options):
        self.penalty = Penalty(alpha, ratio)
        super(ElasticNet, self).__init__(**options)


def make_regression(n=12, d=3):
    np.random.seed(55)
    X = np.random.randn(n, d)
    return X, X @ np.arange(1, d + 1) + 0.1 * np.random.randn(n)
